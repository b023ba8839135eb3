"""Kinds of flow: which layer of the picture a posting belongs to, and how layers and purposes are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from itcho.agents.vocabulary import (
    AI_FIRM_EQUITY,
    DEPOSITS,
    FOREIGN_AI_EQUITY,
    FUND_UNITS,
    INSURANCE_PENSION_CLAIMS,
    JAPANESE_EQUITY,
    JGB_BUCKETS,
    LOANS,
    OFFSHORE_DOLLARS,
    OFFSHORE_YEN,
    OTHER_DEBT_SECURITIES,
    OTHER_FOREIGN_ASSETS,
    PUBLIC_PENSION_CLAIM,
    SOFTBANK_EQUITY,
    TREASURY_BILLS,
    UNLISTED_EQUITY,
    WORLD_EQUITY,
)


@dataclass(frozen=True)
class Layer:
    """One kind of flow.

    Attributes
    ----------
    key : identifier.
    label : how it is shown.
    colour : sRGB hex; the colour-blind can tell the first six apart (Okabe and Ito).
    shown : whether it is drawn before anybody chooses.
    """

    key: str
    label: str
    colour: str
    shown: bool


LAYERS: tuple[Layer, ...] = (
    Layer("chips", "Chips", "#0072B2", True),
    Layer("compute", "Compute", "#56B4E9", True),
    Layer("ai_services", "AI services", "#009E73", True),
    Layer("public_money", "Public money (programme)", "#E69F00", True),
    Layer("equity", "Equity", "#CC79A7", False),
    Layer("credit", "Credit", "#D55E00", False),
    Layer("government_bonds", "Government bonds", "#8F7A00", False),
    Layer("public_spending", "Other public spending", "#A0673A", False),
    Layer("taxes", "Taxes and contributions", "#5B4A8A", False),
    Layer("incomes", "Wages and other incomes", "#4C6A78", False),
    Layer("goods", "Goods and services", "#7C8B6F", False),
    Layer("abroad", "Currency and foreign assets", "#882255", False),
    Layer("saving", "Insurance and pension saving", "#9A8AA0", False),
    Layer("other", "Other payments", "#8C8C8C", False),
)

CONTRACTS: Mapping[str, str] = {
    "chips": "Chip supply",
    "chips_abroad": "Chip supply abroad",
    "manufacturing": "Wafer supply",
    "memory": "Memory supply",
    "equipment": "Equipment supply",
    "compute": "Rented compute",
    "loans": "Bank loans",
    "margin_loans": "Margin loans",
    "support": "Programme support",
}
"""Kinds of the graph's edges that are contracts, with how they are shown; stakes and holdings are none."""

_BY_PURPOSE: dict[str, str] = {
    **dict.fromkeys(
        (
            "imports_chips_servers_by_ai_firms",
            "imports_chips_computers_by_other_firms",
            "chips_from_distributors",
            "chip_purchase_deal",
        ),
        "chips",
    ),
    **dict.fromkeys(
        ("ai_services_to_firms", "imports_cloud_licences_by_ai_firms", "data_centre_plan", "rent_of_idle_compute"),
        "compute",
    ),
    **dict.fromkeys(("ai_services", "ai_services_exports", "ai_services_imports"), "ai_services"),
    **dict.fromkeys(
        (
            "ai_programme",
            "programme_equity",
            "programme_royalty",
            "programme_repayment",
            "programme_stake_sale",
            "guaranteed_loans",
            "guarantee_fee",
            "guarantee_payment",
            "adoption_subsidy",
            "contract_vouchers",
        ),
        "public_money",
    ),
    **dict.fromkeys(
        ("dividends", "etf_distributions_to_boj", "boj_fund_sales", "new_equity", "equity_trading"), "equity"
    ),
    **dict.fromkeys(
        (
            "loan_interest",
            "bond_interest",
            "deposit_interest",
            "financial_margin",
            "boj_interest_on_reserves",
            "boj_lending_interest",
            "interbank",
        ),
        "credit",
    ),
    **dict.fromkeys(("jgb_coupons", "treasury_bill_discount", "jgb_redemption"), "government_bonds"),
    **dict.fromkeys(
        (
            "government_consumption",
            "public_investment",
            "social_benefits_cash",
            "local_allocation_and_social_security",
            "other_government_transfers",
            "government_own_depreciation",
            "boj_remittance",
            "non_tax_revenue",
            "fiscal_loan_fund_interest",
            "pension_fund_income_to_government",
        ),
        "public_spending",
    ),
    **dict.fromkeys(("wages", "mixed_income_and_rents", "attributed_income", "telecom_income"), "incomes"),
    **dict.fromkeys(
        (
            "consumption",
            "business_investment",
            "housing_investment",
            "exports",
            "imports",
            "ai_firms_domestic_inputs",
            "softbank_running_costs",
        ),
        "goods",
    ),
    **dict.fromkeys(
        (
            "primary_income_paid",
            "primary_income_received",
            "secondary_income",
            "currency_trading",
            "currency_hedges",
            "currency_intervention",
            "direct_investment",
            "official_reserves",
        ),
        "abroad",
    ),
    "social_contributions": "taxes",
}

_BY_INSTRUMENT: dict[str, str] = {
    **dict.fromkeys(
        (
            SOFTBANK_EQUITY,
            AI_FIRM_EQUITY,
            JAPANESE_EQUITY,
            UNLISTED_EQUITY,
            FUND_UNITS,
            FOREIGN_AI_EQUITY,
        ),
        "equity",
    ),
    **dict.fromkeys((LOANS, OTHER_DEBT_SECURITIES), "credit"),
    **dict.fromkeys((TREASURY_BILLS, *JGB_BUCKETS), "government_bonds"),
    **dict.fromkeys((WORLD_EQUITY, OTHER_FOREIGN_ASSETS, OFFSHORE_DOLLARS, OFFSHORE_YEN), "abroad"),
    **dict.fromkeys((INSURANCE_PENSION_CLAIMS, PUBLIC_PENSION_CLAIM), "saving"),
}

_WORDS = {
    "ai": "AI",
    "jgb": "JGB",
    "boj": "BOJ",
    "etf": "ETF",
    "softbank": "SoftBank",
    "japanese": "Japanese",
    "japan": "Japan",
    "1y": "1 year",
    "5y": "5 years",
    "10y": "10 years",
    "20y": "20 years",
}


def layer_of(instrument: str, purpose: str) -> str:
    """Key of the layer that a posting belongs to.

    Parameters
    ----------
    instrument : what changed hands; ``deposits`` for a payment.
    purpose : a row of the flow matrix.

    Examples
    --------
    >>> layer_of("deposits", "ai_programme"), layer_of("jgb_1_to_5y", "jgb_auction"), layer_of("deposits", "tax_new")
    ('public_money', 'government_bonds', 'taxes')
    """
    if purpose in _BY_PURPOSE:
        return _BY_PURPOSE[purpose]
    if instrument in _BY_INSTRUMENT:
        return _BY_INSTRUMENT[instrument]
    if purpose.startswith("tax_"):
        return "taxes"
    return "other" if instrument == DEPOSITS else "abroad"


def words(name: str) -> str:
    """A snake_case name as people read it.

    Examples
    --------
    >>> words("ai_services_exports"), words("jgb_1_to_5y")
    ('AI services exports', 'JGB 1 to 5 years')
    """
    parts = [_WORDS.get(part, part) for part in name.split("_")]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]
