"""Kinds of edges in the graph of the economy: who may stand at their ends, and which payments lie on them.

An edge runs from who gives to who gets: from supplier to customer, from owner to firm, from lender to borrower, from
those who work to those who employ them, from those who pay taxes to those who collect them.  Payments on it go either
way: a customer pays its supplier, an owner puts money in and gets dividends.
"""

from __future__ import annotations

from typing import NamedTuple

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

TIERS = (
    "domestic_maker",
    "foundry",
    "memory",
    "designer",
    "distributor",
    "cloud_abroad",
    "cloud",
    "developer",
    "laboratory",
    "adopter",
    "institution",
)
"""Tiers in the order in which goods and services move down; the number of a tier is its place here."""

IMPORTER_TIERS = ("distributor", "cloud", "developer")
"""Tiers of chip importers, in the order of their roles."""

GOODS, SERVICES, EQUITY, CREDIT, PUBLIC_MONEY = "goods", "services", "equity", "credit", "public_money"
LABOUR, ACCOUNTS = "labour", "accounts"
LAYERS = (GOODS, SERVICES, EQUITY, CREDIT, PUBLIC_MONEY, LABOUR, ACCOUNTS)
"""Groups of kinds, as pictures draw them; ``accounts`` are flows of the whole economy between its institutions."""

_UPSTREAM = ("foundry", "memory")
_ANYBODY = TIERS


class EdgeKind(NamedTuple):
    """One kind of edge.

    Attributes
    ----------
    layer : one of :data:`LAYERS`.
    sources, targets : tiers that may stand at its ends.
    shared_by : who has shares that add to one: the ``target`` (of what it needs, over those who give it), the
        ``source`` (of what it makes, at most one), or nobody (an edge is there or not, and its share says nothing).
    movable : whether it can be added, removed and swapped; the others are part of the accounts and stay.
    meaning : what moves along it.
    """

    layer: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    shared_by: str
    movable: bool
    meaning: str


KINDS: dict[str, EdgeKind] = {
    "manufacturing": EdgeKind(GOODS, ("foundry",), ("designer",), "target", True, "wafers, packaged"),
    "memory": EdgeKind(GOODS, ("memory",), ("designer",), "target", True, "high-bandwidth memory"),
    "equipment": EdgeKind(
        GOODS, ("domestic_maker",), (*_UPSTREAM, "institution"), "", True, "equipment, materials and chips of old kinds"
    ),
    "chips": EdgeKind(GOODS, ("designer", "distributor"), IMPORTER_TIERS, "target", True, "AI chips for Japan"),
    "chips_abroad": EdgeKind(GOODS, ("designer",), ("cloud_abroad",), "source", True, "AI chips for rivals abroad"),
    "compute": EdgeKind(
        SERVICES, ("cloud", "cloud_abroad"), ("developer", "laboratory"), "target", True, "rented compute"
    ),
    "ownership": EdgeKind(
        EQUITY, ("institution",), (*IMPORTER_TIERS, "institution"), "target", True, "equity, dividends"
    ),
    "stakes": EdgeKind(EQUITY, _ANYBODY, _ANYBODY, "", True, "stakes and supply commitments of 2025, abroad"),
    "loans": EdgeKind(CREDIT, ("institution",), (*IMPORTER_TIERS, "institution"), "target", True, "loans, interest"),
    "bonds": EdgeKind(CREDIT, ("institution",), (*IMPORTER_TIERS, "institution"), "target", True, "bonds, interest"),
    "margin_loans": EdgeKind(CREDIT, ("institution",), ("institution",), "target", True, "loans on shares"),
    "support": EdgeKind(
        PUBLIC_MONEY, ("institution",), (*IMPORTER_TIERS, "institution", "domestic_maker"), "", True, "programme money"
    ),
    "services": EdgeKind(SERVICES, _ANYBODY, _ANYBODY, "", False, "AI, cloud and data-centre services"),
    "labour": EdgeKind(LABOUR, ("institution",), _ANYBODY, "", False, "work, wages"),
    "goods": EdgeKind(ACCOUNTS, _ANYBODY, _ANYBODY, "", False, "other goods and services"),
    "taxes": EdgeKind(ACCOUNTS, _ANYBODY, ("institution",), "", False, "taxes and contributions"),
    "deposits": EdgeKind(ACCOUNTS, ("institution",), _ANYBODY, "", False, "keeping of accounts, sales by trustees"),
    "credit": EdgeKind(ACCOUNTS, ("institution",), ("institution",), "", False, "credit between institutions"),
    "equity": EdgeKind(ACCOUNTS, ("institution",), ("institution",), "", False, "listed equity and funds"),
    "government_bonds": EdgeKind(ACCOUNTS, ("institution",), ("institution",), "", False, "public debt, coupons"),
    "public_spending": EdgeKind(ACCOUNTS, ("institution",), ("institution",), "", False, "transfers of the state"),
    "incomes": EdgeKind(ACCOUNTS, ("institution",), ("institution",), "", False, "rents and other incomes"),
    "abroad": EdgeKind(ACCOUNTS, ("institution",), ("institution",), "", False, "currency, assets, incomes abroad"),
    "saving": EdgeKind(ACCOUNTS, ("institution",), ("institution",), "", False, "insurance and pensions"),
}
"""The kinds by name."""

_BY_PURPOSE: dict[str, str] = {
    **dict.fromkeys(("imports_chips_servers_by_ai_firms", "chips_from_distributors"), "chips"),
    "rent_of_idle_compute": "compute",
    "chip_purchase_deal": "support",
    **dict.fromkeys(
        (
            "ai_services",
            "ai_services_exports",
            "ai_services_imports",
            "ai_services_to_firms",
            "imports_cloud_licences_by_ai_firms",
        ),
        "services",
    ),
    **dict.fromkeys(
        (
            "ai_programme",
            "programme_equity",
            "programme_royalty",
            "programme_repayment",
            "programme_stake_sale",
            "guarantee_fee",
            "guarantee_payment",
            "adoption_subsidy",
            "contract_vouchers",
        ),
        "support",
    ),
    **dict.fromkeys(("dividends", "new_equity", "data_centre_plan"), "ownership"),
    "softbank_margin_loans": "margin_loans",
    "loan_interest": "loans",
    "bond_interest": "bonds",
    **dict.fromkeys(("deposit_interest", "financial_margin", "collateral_sale", "overdraft"), "deposits"),
    **dict.fromkeys(
        (
            *("boj_interest_on_reserves", "boj_lending_interest", "interbank", "boj_lending", "boj_lending_facility"),
            *("lending", "lending_abroad"),
        ),
        "credit",
    ),
    **dict.fromkeys(("etf_distributions_to_boj", "boj_fund_sales", "equity_trading", "fund_purchases"), "equity"),
    "bail_out": "support",
    **dict.fromkeys(("jgb_coupons", "treasury_bill_discount"), "government_bonds"),
    **dict.fromkeys(
        (
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
    "wages": "labour",
    **dict.fromkeys(("mixed_income_and_rents", "attributed_income"), "incomes"),
    **dict.fromkeys(
        (
            "consumption",
            "business_investment",
            "housing_investment",
            "government_consumption",
            "public_investment",
            "exports",
            "imports",
            "imports_chips_computers_by_other_firms",
            "ai_firms_domestic_inputs",
            "softbank_running_costs",
            "telecom_income",
        ),
        "goods",
    ),
    **dict.fromkeys(
        ("primary_income_paid", "primary_income_received", "secondary_income", "currency_hedges"), "abroad"
    ),
    "social_contributions": "taxes",
}

_BY_INSTRUMENT: dict[str, str] = {
    LOANS: "loans",
    OTHER_DEBT_SECURITIES: "bonds",
    AI_FIRM_EQUITY: "ownership",
    **dict.fromkeys((JAPANESE_EQUITY, SOFTBANK_EQUITY, UNLISTED_EQUITY, FUND_UNITS), "equity"),
    **dict.fromkeys((TREASURY_BILLS, *JGB_BUCKETS), "government_bonds"),
    **dict.fromkeys((WORLD_EQUITY, FOREIGN_AI_EQUITY, OTHER_FOREIGN_ASSETS, OFFSHORE_DOLLARS, OFFSHORE_YEN), "abroad"),
    **dict.fromkeys((INSURANCE_PENSION_CLAIMS, PUBLIC_PENSION_CLAIM), "saving"),
}


def kind_of(instrument: str, purpose: str) -> str:
    """The kind of edge that a posting lies on; empty if no kind is made for it.

    Parameters
    ----------
    instrument : what changed hands; ``deposits`` for a payment.
    purpose : a row of the flow matrix.

    Examples
    --------
    >>> kind_of("deposits", "wages"), kind_of("loans", "new_loans"), kind_of("deposits", "tax_corporate_central")
    ('labour', 'loans', 'taxes')
    """
    if purpose in _BY_PURPOSE:
        return _BY_PURPOSE[purpose]
    if instrument in _BY_INSTRUMENT:
        return _BY_INSTRUMENT[instrument]
    return "taxes" if instrument == DEPOSITS and purpose.startswith("tax_") else ""
