"""The names that every part of the model agrees on: sectors, parties, instruments and purposes.

A *sector* is a column of the published accounts.  A *party* is who is named in a posting: a single agent, or a group of
anonymous members that the ledger books together; every party belongs to one sector.  An *instrument* is a kind of
claim; a *purpose* says what a payment was for and is a row of the flow matrix.

Units everywhere: trillion yen for money, billion US dollars for dollar amounts, percent a year for rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sector(StrEnum):
    """The columns of the balance sheet and of the flow matrix (Bank of Japan Flow of Funds, with two carve-outs)."""

    HOUSEHOLDS = "households"
    FIRMS = "firms"
    AI_FIRMS = "ai_firms"
    SOFTBANK = "softbank"
    GOVERNMENT = "government"
    BANK_OF_JAPAN = "bank_of_japan"
    BANKS = "banks"
    INVESTORS = "investors"
    REST_OF_WORLD = "rest_of_world"


class Settlement(StrEnum):
    """How a party settles a payment."""

    BANK_DEPOSIT = "bank_deposit"
    """Through a deposit at a Japanese bank."""
    BANK = "bank"
    """The banking sector itself: its customers' deposits and its reserves move."""
    TREASURY_ACCOUNT = "treasury_account"
    """Through the government's account at the Bank of Japan."""
    CENTRAL_BANK = "central_bank"
    """By issuing or withdrawing reserves."""
    DOLLAR_ACCOUNT = "dollar_account"
    """Through a dollar account with the dealers abroad, who take or give the yen on the other side."""


@dataclass(frozen=True)
class Party:
    """Who pays and is paid.

    Attributes
    ----------
    name : snake_case identifier, unique.
    sector : the column of the accounts it belongs to.
    settlement : how its payments settle, where no keeper is named.
    label : how it is shown to people.
    keeper : the party that keeps the account through which it pays, in a ledger of several banks or currencies; one
        that keeps accounts and names no keeper itself settles with others by claims between them.
    account : the instrument of that account, such as deposits of a currency.
    """

    name: str
    sector: Sector
    settlement: Settlement = Settlement.BANK_DEPOSIT
    label: str = ""
    keeper: str = ""
    account: str = ""


DEPOSITS = "deposits"
CURRENCY = "currency"
RESERVES = "reserves"
INTERBANK_CLAIMS = "interbank_claims"
"""Between those who keep accounts and have nobody who keeps one for both; Japan's books have none."""
GOVERNMENT_DEPOSITS = "government_deposits"
TREASURY_BILLS = "treasury_bills"
JGB_BUCKETS = ("jgb_up_to_1y", "jgb_1_to_5y", "jgb_5_to_10y", "jgb_10_to_20y", "jgb_over_20y")
LOANS = "loans"
OTHER_DEBT_SECURITIES = "other_debt_securities"
SOFTBANK_EQUITY = "softbank_equity"
AI_FIRM_EQUITY = "ai_firm_equity"
JAPANESE_EQUITY = "japanese_equity"
UNLISTED_EQUITY = "unlisted_equity"
FUND_UNITS = "fund_units"
INSURANCE_PENSION_CLAIMS = "insurance_pension_claims"
PUBLIC_PENSION_CLAIM = "public_pension_claim"
WORLD_EQUITY = "world_equity"
FOREIGN_AI_EQUITY = "foreign_ai_equity"
OTHER_FOREIGN_ASSETS = "other_foreign_assets"
OTHER_CLAIMS = "other_claims"
OFFSHORE_DOLLARS = "offshore_dollars"
OFFSHORE_YEN = "offshore_yen"

INSTRUMENTS: tuple[str, ...] = (
    DEPOSITS,
    CURRENCY,
    RESERVES,
    GOVERNMENT_DEPOSITS,
    TREASURY_BILLS,
    *JGB_BUCKETS,
    LOANS,
    OTHER_DEBT_SECURITIES,
    SOFTBANK_EQUITY,
    AI_FIRM_EQUITY,
    JAPANESE_EQUITY,
    UNLISTED_EQUITY,
    FUND_UNITS,
    INSURANCE_PENSION_CLAIMS,
    PUBLIC_PENSION_CLAIM,
    WORLD_EQUITY,
    FOREIGN_AI_EQUITY,
    OTHER_FOREIGN_ASSETS,
    OTHER_CLAIMS,
    OFFSHORE_DOLLARS,
    OFFSHORE_YEN,
)
"""All instruments, in the order of the ledger's rows.  A position is net: an asset is positive, a liability
negative.
"""

HOUSEHOLDS = "households"
FIRMS = "firms"
GOVERNMENT = "government"
AI_SPECIAL_ACCOUNT = "ai_special_account"
LOCAL_AND_SOCIAL_SECURITY = "local_and_social_security"
BANK_OF_JAPAN = "bank_of_japan"
BANKS = "banks"
INSURERS_AND_PENSIONS = "insurers_and_pensions"
INVESTMENT_FUNDS = "investment_funds"
SOFTBANK_GROUP = "softbank_group"
SOFTBANK_CORP = "softbank_corp"
DEALERS_ABROAD = "dealers_abroad"
FOREIGN_INVESTORS = "foreign_investors"
FOREIGN_GOODS = "foreign_goods_and_services"
CARRY_TRADERS = "carry_traders"
SPECULATIVE_TRADERS = "speculative_traders"

CORE_PARTIES: tuple[Party, ...] = (
    Party(HOUSEHOLDS, Sector.HOUSEHOLDS, label="Households"),
    Party(FIRMS, Sector.FIRMS, label="Other firms"),
    Party(GOVERNMENT, Sector.GOVERNMENT, Settlement.TREASURY_ACCOUNT, "General account (MOF)"),
    Party(AI_SPECIAL_ACCOUNT, Sector.GOVERNMENT, Settlement.TREASURY_ACCOUNT, "AI special account (METI)"),
    Party(LOCAL_AND_SOCIAL_SECURITY, Sector.GOVERNMENT, label="Local governments and social security"),
    Party(BANK_OF_JAPAN, Sector.BANK_OF_JAPAN, Settlement.CENTRAL_BANK, "Bank of Japan"),
    Party(BANKS, Sector.BANKS, Settlement.BANK, "Banks"),
    Party(INSURERS_AND_PENSIONS, Sector.INVESTORS, label="Insurers and pensions"),
    Party(INVESTMENT_FUNDS, Sector.INVESTORS, label="Investment funds"),
    Party(SOFTBANK_GROUP, Sector.SOFTBANK, label="SoftBank Group"),
    Party(SOFTBANK_CORP, Sector.SOFTBANK, label="SoftBank Corp"),
    Party(DEALERS_ABROAD, Sector.REST_OF_WORLD, label="Dealers abroad"),
    Party(FOREIGN_INVESTORS, Sector.REST_OF_WORLD, Settlement.DOLLAR_ACCOUNT, "Foreign investors"),
    Party(FOREIGN_GOODS, Sector.REST_OF_WORLD, Settlement.DOLLAR_ACCOUNT, "Foreign trade partners"),
    Party(CARRY_TRADERS, Sector.REST_OF_WORLD, Settlement.DOLLAR_ACCOUNT, "Carry traders"),
    Party(SPECULATIVE_TRADERS, Sector.REST_OF_WORLD, Settlement.DOLLAR_ACCOUNT, "Speculative traders"),
)
"""Parties that exist in every economy.  Chip importers and foreign suppliers add theirs by name (see their files)."""
