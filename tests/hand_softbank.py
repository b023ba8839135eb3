"""SoftBank Group to work with by hand: its parameters, its position, its accounts."""

from __future__ import annotations

from typing import Any

import mesa

from itcho.agents.softbank import GroupPosition, SoftBankGroup
from itcho.agents.vocabulary import (
    BANKS,
    FOREIGN_INVESTORS,
    HOUSEHOLDS,
    LOANS,
    OTHER_DEBT_SECURITIES,
    SOFTBANK_GROUP,
)
from itcho.model.chips.compiled_graph import GroupLinks
from itcho.model.finance.softbank_accounts import SoftBankAccounts
from tests.hand_ledger import HandLedger, given

P = given(
    softbank_momentum_months=6.0,
    softbank_momentum_response=0.25,
    softbank_moral_hazard_elasticity=0.5,
    softbank_backing_belief=0.3,
    softbank_target_ltv_pct=20.0,
    softbank_ltv_normal_limit_pct=25.0,
    softbank_ltv_exceptional_limit_pct=35.0,
    softbank_planning_ltv_pct=24.0,
    softbank_downgrade_ltv_pct=30.0,
    softbank_spread_base_pct=1.0,
    softbank_spread_slope_pct=4.0,
    softbank_spread_convexity_pct=50.0,
    softbank_downgrade_spread_pct=0.75,
    softbank_backing_to_group_share=0.4,
    softbank_cash_years_of_redemptions=2.0,
    softbank_bond_life_years=5.0,
    softbank_unlisted_sale_discount=0.2,
    softbank_sale_limit_trn_yen_monthly=1.2,
    softbank_forced_sale_speed_monthly=0.5,
    softbank_sale_speed_monthly=0.25,
    softbank_releveraging_speed_monthly=0.1,
    softbank_investment_limit_trn_yen_year=2.4,
    softbank_haircut_listed=0.5,
    softbank_haircut_unlisted=0.8,
    softbank_margin_share_of_commitments=0.6,
    softbank_dollar_bond_share=0.3,
    softbank_running_cost_trn_yen_year=0.6,
    softbank_insolvency_ltv_pct=100.0,
    softbank_restructured_ltv_pct=80.0,
    softbank_mark_lag_share=0.5,
    softbank_small_bid_bn_usd=5.0,
    softbank_small_bids_year=2.0,
    softbank_large_bid_bn_usd=60.0,
    softbank_large_bid_years=3.0,
    softbank_unlisted_volatility_pct=40.0,
    softbank_own_volatility_pct_daily=1.5,
    softbank_market_loading=0.6,
    softbank_price_pull_daily=0.1,
    softbank_belief_support_weight_per_trn=2.0,
    softbank_belief_waived_gate_weight=0.5,
    softbank_belief_rescue_weight=1.5,
    softbank_belief_clean_year_weight=0.25,
    programme_target_gap_months=24.0,
    softbank_sale_pressure=0.0,
    softbank_pressure_half_life_months=3.0,
    softbank_bond_capacity_trn_yen_year=12.0,
    softbank_deferral_fee=0.1,
    softbank_usual_volatility_pct_daily=3.0,
    softbank_volatility_months=1.0,
    softbank_debt_duration_years=3.0,
)


def group(belief: float = 0.3, commitments: dict[int, float] | None = None) -> SoftBankGroup:
    return SoftBankGroup(mesa.Model(), commitments or {}, belief)


def position(**values: float) -> GroupPosition:
    usual = {
        "listed": 10.0,
        "unlisted": 8.0,
        "telecom": 4.0,
        "cash": 3.0,
        "bonds": 5.0,
        "loans": 2.0,
        "asset_backed": 2.0,
    }
    return GroupPosition(**usual | values)


DEBTS = {(LOANS, SOFTBANK_GROUP): -6.0, (OTHER_DEBT_SECURITIES, SOFTBANK_GROUP): -8.0}


def accounts(ledger: HandLedger, its: SoftBankGroup | None = None) -> SoftBankAccounts:
    flows = {"loan_interest": 0.18, "bond_interest": 0.32}
    start: Any = given(flow=lambda name, party: flows[name])
    return SoftBankAccounts(its or group(), start, ledger, P, LINKS)  # type: ignore[arg-type]


LINKS = GroupLinks(
    lenders=((BANKS, 1.0),),
    bondholders=((BANKS, 0.25), (FOREIGN_INVESTORS, 0.25), (HOUSEHOLDS, 0.5)),
    margin_lenders=((FOREIGN_INVESTORS, 1.0),),
    may_be_rescued=True,
    has_stake_in_openai=True,
    owns_data_centres=True,
)
