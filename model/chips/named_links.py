"""Links between named firms and institutions that the graph draws whatever the seed.

They say who can pay or own whom; amounts come from the ledger.  Public announcements up to 2026, from memory where no
other source is given.
"""

from __future__ import annotations

from itcho.agents.vocabulary import (
    AI_SPECIAL_ACCOUNT,
    BANK_OF_JAPAN,
    BANKS,
    FIRMS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    LOCAL_AND_SOCIAL_SECURITY,
    SOFTBANK_CORP,
    SOFTBANK_GROUP,
)

DOMESTIC_MAKERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("tokyo_electron", "Tokyo Electron", ("foundry", "memory")),
    ("screen", "SCREEN", ("foundry", "memory")),
    ("shin_etsu_chemical", "Shin-Etsu Chemical", ("foundry", "memory")),
    ("sumco", "SUMCO", ("foundry", "memory")),
    ("advantest", "Advantest", ("foundry", "memory")),
    ("renesas", "Renesas", (FIRMS,)),
    ("kioxia", "Kioxia", (FIRMS,)),
    ("rapidus", "Rapidus", (FIRMS,)),
)
"""Name, label and customers (tiers of suppliers abroad, or firms at home) of the domestic hardware makers."""

CLOUDS_ABROAD: tuple[tuple[str, str], ...] = (("microsoft_azure", "Microsoft Azure"), ("oracle_cloud", "Oracle Cloud"))
"""Name and label of the clouds abroad that laboratories rent from."""

EQUITY_LINKS: tuple[tuple[str, str], ...] = (
    (SOFTBANK_GROUP, SOFTBANK_CORP),
    (SOFTBANK_GROUP, "openai"),
    (SOFTBANK_CORP, "national_ai_company"),
    ("nec", "national_ai_company"),
    (FOREIGN_INVESTORS, SOFTBANK_GROUP),
    (INVESTMENT_FUNDS, SOFTBANK_GROUP),
    (HOUSEHOLDS, SOFTBANK_GROUP),
    (INSURERS_AND_PENSIONS, SOFTBANK_CORP),
    (HOUSEHOLDS, FIRMS),
    (FOREIGN_INVESTORS, FIRMS),
    (INVESTMENT_FUNDS, FIRMS),
    (GOVERNMENT, "rapidus"),
    # Circular finance: stakes and supply commitments announced in 2025.
    ("nvidia", "openai"),
    ("nvidia", "anthropic"),
    ("amd", "openai"),
    ("microsoft_azure", "openai"),
    ("microsoft_azure", "anthropic"),
    ("openai", "oracle_cloud"),
    ("openai", "microsoft_azure"),
    ("anthropic", "microsoft_azure"),
    ("oracle_cloud", "nvidia"),
    ("oracle_cloud", "amd"),
    ("microsoft_azure", "nvidia"),
)
"""Who puts money into whom: owners into firms; laboratories into clouds and clouds into designers by commitments."""

CREDIT_LINKS: tuple[tuple[str, str], ...] = (
    (BANKS, SOFTBANK_GROUP),
    (BANKS, SOFTBANK_CORP),
    (BANKS, FIRMS),
    (BANKS, HOUSEHOLDS),
    (BANKS, GOVERNMENT),
    (HOUSEHOLDS, BANKS),
    (BANK_OF_JAPAN, GOVERNMENT),
    (INSURERS_AND_PENSIONS, GOVERNMENT),
    (INVESTMENT_FUNDS, GOVERNMENT),
    (FOREIGN_INVESTORS, GOVERNMENT),
    (BANKS, AI_SPECIAL_ACCOUNT),
    (INSURERS_AND_PENSIONS, AI_SPECIAL_ACCOUNT),
    (INSURERS_AND_PENSIONS, SOFTBANK_GROUP),
)
"""Who lends to whom; households lend to banks through deposits."""

PUBLIC_MONEY_LINKS: tuple[tuple[str, str], ...] = (
    (GOVERNMENT, AI_SPECIAL_ACCOUNT),
    (GOVERNMENT, HOUSEHOLDS),
    (GOVERNMENT, FIRMS),
    (GOVERNMENT, LOCAL_AND_SOCIAL_SECURITY),
    (AI_SPECIAL_ACCOUNT, "rapidus"),
    (AI_SPECIAL_ACCOUNT, SOFTBANK_CORP),
)
"""Public money by payer and recipient."""

TO_EVERY_IMPORTER: dict[str, tuple[str, ...]] = {
    "credit": (BANKS,),
    "public_money": (AI_SPECIAL_ACCOUNT,),
    "equity": (INVESTMENT_FUNDS,),
}
"""Institutions linked to every importer, by layer."""
