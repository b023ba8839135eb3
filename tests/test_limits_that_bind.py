"""Every limit on record binds in some world that ships, but for the one that the page of limits names."""

from __future__ import annotations

import pytest

from itcho.agents.limits_of_holders import EVERY_LIMIT
from itcho.model.economy import JapanEconomy
from tests.children import ROOT

BINDS_IN: dict[tuple[str, str, int], tuple[str, ...]] = {
    ("ai-bust", "actual", 1): ("pension_equity_band", "softbank_risk", "pension_bond_band"),
    ("ai-bust", "actual", 2): ("bank_superlongs", "softbank_fund_return"),
    ("ai-bust", "guarantee", 1): ("equity_sales", "softbank_sales", "softbank_data_centres", "softbank_ratio"),
    ("baseline", "actual", 2): ("softbank_collateral",),
    ("baseline", "adoption-first", 1): ("subsidy_budget",),
    ("baseline", "actual", 3): ("boj_lower_bound",),
    ("baseline", "actual-debt-brake", 1): ("insurer_loss_budget",),
    ("baseline", "actual-intervention", 1): ("carry_stop", "insurer_covered_losses", "insurer_superlongs"),
    ("baseline", "actual-yield-cap", 1): ("treasurer_wait", "carry_value_at_risk", "importer_budget"),
    ("baseline", "actual-price-level", 1): ("bond_arbitrage_capital",),
    ("baseline", "guarantee", 1): ("importer_credit",),
    ("breakthrough", "actual", 1): ("pension_foreign_band",),
    ("breakthrough", "actual", 2): ("carry_margin",),
    ("carry-unwind", "actual", 1): ("trader_size",),
    ("carry-unwind", "actual", 2): ("softbank_impairment", "softbank_margin_calls"),
    ("chip-supply-disruption", "actual", 1): ("importer_cash",),
    ("delayed-output", "actual", 2): ("distributor_money", "softbank_bond_market"),
    ("fiscal-doubt", "actual", 1): ("dealer_capacity",),
    ("fiscal-doubt", "actual-tenfold", 1): ("bank_rate_risk",),
}
"""Scenario, policy and seed of ten years in which a limit binds, and which do."""
NEVER = "trader_wealth"


def test_every_limit_is_asked_for() -> None:
    named = [limit for limits in BINDS_IN.values() for limit in limits]
    assert len(named) == len(set(named))
    assert {*named, NEVER} == {limit.name for limit in EVERY_LIMIT}
    said = " ".join((ROOT / "docs" / "limits.md").read_text(encoding="utf-8").split())
    assert f"Of {len(EVERY_LIMIT)} limits on record {len(named)} bind" in said


@pytest.mark.slow
@pytest.mark.parametrize(("world", "limits"), BINDS_IN.items(), ids=lambda one: "-".join(map(str, one)))
def test_limits_bind(world: tuple[str, str, int], limits: tuple[str, ...]) -> None:
    scenario, policy, seed = world
    months = JapanEconomy(scenario, policy, rng=seed, years=10).run().monthly_table()
    assert {limit for limit in limits if months[f"bound_share_{limit}_pct"].max() > 0.0} == set(limits)
    assert months[f"bound_share_{NEVER}_pct"].max() == 0.0
