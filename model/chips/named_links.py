"""Links between named firms and institutions that a new graph has whatever the seed.

They say who can pay, own, owe or supply whom; amounts come from the ledger.  Public announcements up to 2026, from
memory where no other source is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from itcho.agents.vocabulary import (
    AI_SPECIAL_ACCOUNT,
    BANK_OF_JAPAN,
    BANKS,
    CARRY_TRADERS,
    DEALERS_ABROAD,
    FIRMS,
    FOREIGN_GOODS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    LOCAL_AND_SOCIAL_SECURITY,
    SOFTBANK_CORP,
    SOFTBANK_GROUP,
    SPECULATIVE_TRADERS,
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

RIVALS_ABROAD: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("microsoft_azure", "Microsoft Azure", ("nvidia", "amd")),
    ("oracle_cloud", "Oracle Cloud", ("nvidia", "amd")),
    ("amazon_web_services", "Amazon Web Services", ("nvidia",)),
    ("google_cloud", "Google Cloud", ("nvidia", "broadcom")),
    ("meta", "Meta", ("nvidia", "amd", "broadcom")),
    ("other_buyers_abroad", "Other buyers abroad", ("nvidia", "amd", "broadcom")),
)
"""Name, label and designers of those abroad who queue for the same chips; each buys an equal part of what its designers
sell abroad, and the others take twice that part."""

CHIP_SOURCES: dict[str, tuple[str, ...]] = {
    "macnica": ("nvidia", "broadcom"),
    "tokyo_electron_device": ("nvidia", "amd"),
    "ryosan_ryoyo": ("nvidia",),
    "softbank_corp_data_centres": ("nvidia",),
    "sakura_internet": ("nvidia",),
    "ntt_data": ("nvidia",),
    "kddi": ("nvidia",),
    "iij": ("nvidia",),
    "gmo_internet": ("nvidia",),
    "highreso": ("nvidia",),
    "aws_japan": ("nvidia",),
    "microsoft_japan": ("nvidia", "amd"),
    "google_cloud_japan": ("nvidia", "broadcom"),
    "oracle_japan": ("nvidia", "amd"),
    "national_ai_company": ("nvidia",),
    "ntt": ("nvidia",),
    "nec": ("nvidia",),
    "fujitsu": ("nvidia", "amd"),
    "preferred_networks": ("nvidia",),
    "ly_corp": ("nvidia",),
}
"""Designers of named importers that buy from designers, from announcements of what their data centres run on."""

CLOUD_OF_DEVELOPER: dict[str, str] = {
    "national_ai_company": "softbank_corp_data_centres",
    "ntt": "ntt_data",
    "fujitsu": "oracle_japan",
    "preferred_networks": "iij",
    "sakana_ai": "google_cloud_japan",
    "elyza": "kddi",
    "stockmark": "aws_japan",
    "ly_corp": "softbank_corp_data_centres",
}
"""Clouds of named developers: parents, partners and announced programmes."""

STAKES: tuple[tuple[str, str], ...] = (
    (SOFTBANK_GROUP, "openai"),
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
"""Who holds stakes in whom, or has committed to buy of whom, outside the ledger's accounts."""

_HOME = (
    *(HOUSEHOLDS, FIRMS, GOVERNMENT, AI_SPECIAL_ACCOUNT, LOCAL_AND_SOCIAL_SECURITY, BANK_OF_JAPAN, BANKS),
    *(INSURERS_AND_PENSIONS, INVESTMENT_FUNDS, SOFTBANK_GROUP, SOFTBANK_CORP),
)
_STATE = (GOVERNMENT, AI_SPECIAL_ACCOUNT, LOCAL_AND_SOCIAL_SECURITY)
_ABROAD = (FOREIGN_INVESTORS, FOREIGN_GOODS, DEALERS_ABROAD)
_HOLDERS = (*_HOME, FOREIGN_INVESTORS)
_TRADERS = (CARRY_TRADERS, SPECULATIVE_TRADERS)


def _pairs(*groups: tuple[Iterable[str], Iterable[str]]) -> tuple[tuple[str, str], ...]:
    """All pairs of each two groups, each once, nobody with itself."""
    found = [pair for one, other in groups for pair in product(one, other) if pair[0] != pair[1]]
    return tuple(dict.fromkeys(found))


BETWEEN_INSTITUTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "ownership": _pairs(
        ((HOUSEHOLDS, BANKS, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS, LOCAL_AND_SOCIAL_SECURITY), (FIRMS,)),
        ((FOREIGN_INVESTORS,), (FIRMS, SOFTBANK_GROUP)),
        ((SOFTBANK_GROUP, INSURERS_AND_PENSIONS), (SOFTBANK_CORP,)),
        ((HOUSEHOLDS, INVESTMENT_FUNDS), (SOFTBANK_GROUP,)),
        ((HOUSEHOLDS,), (BANKS,)),
    ),
    "loans": _pairs(((BANKS,), (FIRMS, HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY, SOFTBANK_CORP))),
    "bonds": ((BANKS, FIRMS),),
    "support": (
        (GOVERNMENT, SOFTBANK_GROUP),
        (AI_SPECIAL_ACCOUNT, FIRMS),
        # Lenders are paid what the state has guaranteed.
        *(
            (AI_SPECIAL_ACCOUNT, lender)
            for lender in (BANKS, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS, FOREIGN_INVESTORS)
        ),
        (AI_SPECIAL_ACCOUNT, "rapidus"),
    ),
    "services": _pairs(((FIRMS, FOREIGN_GOODS), (HOUSEHOLDS, FIRMS, LOCAL_AND_SOCIAL_SECURITY))),
    "labour": ((HOUSEHOLDS, FIRMS),),
    "goods": _pairs(
        ((FIRMS,), (HOUSEHOLDS, GOVERNMENT, LOCAL_AND_SOCIAL_SECURITY, FOREIGN_GOODS, SOFTBANK_GROUP)),
        ((FOREIGN_GOODS, SOFTBANK_CORP), (FIRMS,)),
    ),
    "taxes": _pairs(((HOUSEHOLDS, FIRMS), _STATE)),
    "deposits": _pairs(((BANKS,), (*_HOME, DEALERS_ABROAD))),
    "credit": _pairs(
        ((BANKS,), (BANK_OF_JAPAN, FIRMS, HOUSEHOLDS, FOREIGN_INVESTORS, DEALERS_ABROAD)), ((BANK_OF_JAPAN,), (BANKS,))
    ),
    "equity": _pairs(
        ((*_HOLDERS, INVESTMENT_FUNDS), (DEALERS_ABROAD,)),
        ((BANK_OF_JAPAN,), (FIRMS, BANKS)),
        ((HOUSEHOLDS, BANK_OF_JAPAN), (INVESTMENT_FUNDS,)),
    ),
    "government_bonds": _pairs(
        ((*_HOLDERS,), (GOVERNMENT, AI_SPECIAL_ACCOUNT)),
        ((BANKS,), _HOLDERS),
    ),
    "public_spending": _pairs(
        (_STATE, (HOUSEHOLDS, FIRMS, *_STATE)),
        ((BANK_OF_JAPAN, BANKS, FIRMS), (GOVERNMENT,)),
        ((INSURERS_AND_PENSIONS, FIRMS), (LOCAL_AND_SOCIAL_SECURITY,)),
    ),
    "incomes": _pairs(((FIRMS, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS), (HOUSEHOLDS,))),
    "abroad": _pairs((_HOME, _ABROAD), (_TRADERS, _ABROAD), ((FOREIGN_INVESTORS,), (DEALERS_ABROAD,))),
    "saving": _pairs(((HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY), (INSURERS_AND_PENSIONS,))),
}
"""Edges between institutions, by kind: the accounts of the whole economy, which no rewiring touches."""

OF_EVERY_IMPORTER: dict[str, tuple[tuple[str, str], ...]] = {
    "support": ((AI_SPECIAL_ACCOUNT, ""),),
    "services": (
        ("", FIRMS),
        ("", HOUSEHOLDS),
        ("", LOCAL_AND_SOCIAL_SECURITY),
        ("", FOREIGN_GOODS),
        (FOREIGN_GOODS, ""),
    ),
    "labour": ((HOUSEHOLDS, ""),),
    "goods": ((FIRMS, ""), ("", HOUSEHOLDS), ("", LOCAL_AND_SOCIAL_SECURITY)),
    "taxes": (("", GOVERNMENT),),
    "deposits": ((BANKS, ""),),
}
"""Edges that every chip importer has, by kind; the empty name is the importer."""

OF_EVERY_LABORATORY: tuple[str, ...] = (FIRMS, HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY)
"""Who buys of laboratories abroad."""
