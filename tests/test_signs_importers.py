"""Chip importers' signs, dates and limits: opening, orders, projects, the use of compute and credit, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents import chip_importers as importers
from itcho.agents import importer_rows
from itcho.agents.chip_importers import PlanningConditions
from itcho.agents.named_importers import CLOUD, DEVELOPER, NAMED_IMPORTERS
from tests.hand_ledger import given

DECAY = math.log(2.0) / 24.0


def one(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


# Growth, wear and pipelines.


def test_wear_and_falling_prices_are_replaced() -> None:
    p = given(chip_life_years=5.0, chip_price_halving_years=2.0)
    assert importers.decay_per_month(p) == pytest.approx((1.0 / 60.0, DECAY))
    assert importers.replacement_rate(0.02, p) == pytest.approx(math.exp(0.02) - (59.0 / 60.0) * math.exp(-DECAY))
    assert importers.replacement_rate(-0.5, p) == 0.0


def test_a_pipeline_is_a_sum_of_growing_orders() -> None:
    # Orders of 1, 1.1 and 1.21 for deliveries of 1.
    assert importers.pipeline_months(3.0, math.log(1.1)) == pytest.approx(3.31)
    assert importers.pipeline_months(3.0, 0.0) == 3.0


def test_the_last_month_of_a_growing_year() -> None:
    growth = math.log(1.01)
    months = [1.01 ** (month - 11) for month in range(12)]
    # The sum of a continuous path that ends where the last month does.
    yearly = 2.0 * (1.0 - 1.01**-12) / growth
    assert importers.opening_month(yearly, growth) == pytest.approx(2.0)
    assert sum(months) == pytest.approx(yearly / 2.0, rel=0.01)
    assert importers.opening_month(24.0, 0.0) == 2.0
    p = given(ai_firm_opening_growth_share=0.3, chip_price_halving_years=2.0)
    assert importers.opening_growth_monthly({"growth_share": 0.2}, p) == pytest.approx(math.log(1.2) / 12.0)
    assert importers.opening_growth_monthly({}, p) == pytest.approx(math.log(1.3) / 12.0)
    # Two years earlier chips cost twice as much.
    assert importers.opening_chip_price({"years_from_2026": -2.0}, p) == pytest.approx(2.0)
    assert importers.opening_chip_price({}, p) == 1.0


def test_opening_orders_lead_deliveries_by_the_lead_time() -> None:
    p = opening_parameters()
    growth = math.log(1.2) / 12.0
    opening = {"growth_share": 0.2, "years_from_2026": -2.0}
    rate = math.exp(growth) - (59.0 / 60.0) * math.exp(-DECAY)
    found = importers.opening_orders_bn_usd({"compute": one(3.0)}, opening, p)
    assert found == pytest.approx([3.0 * 2.0 * rate * math.exp(3.0 * growth)])


def test_parts_add_up_to_the_total() -> None:
    assert importers.split_exactly(0.6, one(1.0, 2.0, 3.0)) == pytest.approx([0.1, 0.2, 0.3])
    parts = importers.split_exactly(0.1, np.full(7, 1.0 / 3.0))
    assert float(parts.sum()) == 0.1
    assert importers.split_exactly(-0.6, one(1.0, 2.0)) == pytest.approx([-0.2, -0.4])


# The opening columns.


def opening_parameters(**changed: float) -> Any:
    usual = {
        "chip_life_years": 5.0,
        "chip_price_halving_years": 2.0,
        "chip_lead_time_months": 4.0,
        "ai_firm_opening_growth_share": 0.3,
        "importer_leverage_dispersion": 0.0,
        "importer_expectation_months": 6.0,
        "importer_target_utilisation": 0.7,
        "anonymous_importer_share": 0.25,
        "importer_size_exponent": 1.0,
        "ai_firm_failure_net_worth_share": 0.0,
        "ai_firm_spread_base_pct": 0.5,
        "ai_firm_spread_slope_pct": 1.0,
        "ai_firm_spread_threshold": 0.5,
        "ai_firm_spread_convexity_pct": 4.0,
    }
    for role, weight in (("distributor", 0.5), ("cloud", 1.0), ("developer", 2.0)):
        usual |= {f"importer_revenue_weight_{role}": weight, f"importer_compute_weight_{role}": 3.0 - weight}
    usual["training_share_developer"] = 0.5
    usual |= {f"relative_size_{firm.name}": 1.0 for firm in NAMED_IMPORTERS}
    return given(**usual | changed)


OPENING = {
    "deposits": 2.0,
    "loans": 1.5,
    "bonds": 0.4,
    "equity": 3.0,
    "other_claims": -0.2,
    "capital": 5.0,
    "sales_to_households": 0.6,
    "sales_to_government": 0.4,
    "sales_to_firms": 3.0,
    "ai_services": 1.0,
    "inputs": 1.0,
    "wages": 0.5,
    "domestic_investment": 0.6,
    "chip_imports": 1.2,
    "licences": 0.2,
    "usdjpy": 150.0,
    "growth_share": 0.2,
    "years_from_2026": -1.0,
}


def test_opening_columns_add_to_the_sector_and_grow_with_it() -> None:
    n = len(NAMED_IMPORTERS) + 4
    columns = importers.make_importer_columns(n, OPENING, opening_parameters(), np.random.default_rng(1))
    growth = math.log(1.2) / 12.0
    factor = growth / (1.0 - math.exp(-12.0 * growth))
    rate = math.exp(growth) - (59.0 / 60.0) * math.exp(-DECAY)
    deliveries = 1.2 * factor * math.exp(growth)
    value, price = deliveries / rate, 2.0**0.5
    sums = {name: float(columns[name].sum()) for name in columns}
    assert sums["cash_trn_yen"] == pytest.approx(2.0)
    assert (sums["debt_trn_yen"], sums["bonds"]) == pytest.approx((1.5, 0.4))
    assert (sums["equity_issued"], sums["other_claims"]) == pytest.approx((3.0, -0.2))
    assert sums["compute_book_trn_yen"] == pytest.approx(value)
    assert sums["plant"] == pytest.approx(5.0 - value)
    assert sums["compute"] == pytest.approx(value * 1000.0 / (150.0 * price))
    pipeline = sum(math.exp(growth * month) for month in range(4))
    assert sums["orders_outstanding_bn_usd"] == pytest.approx(deliveries * 1000.0 / 150.0 * pipeline)
    assert sums["plant_plan_trn_yen"] == pytest.approx(0.6 * factor)
    sales = 4.0 * factor
    assert sums["expected_revenue_trn_yen"] == pytest.approx(sales / (1.0 + 5.0 * growth))
    # Three quarters of sales are no AI services.
    assert sums["other_revenue_trn_yen"] == pytest.approx(0.75 * sales)
    assert columns["compute_intensity"] == pytest.approx(
        columns["compute"] * price / columns["expected_revenue_trn_yen"]
    )
    assert columns["utilisation"].tolist() == [0.7] * n
    # Bonds are of named firms controlled in Japan, without the national company.
    issuers = [row for row in range(n) if columns["bonds"][row] > 0.0]
    assert issuers == [row for row, firm in enumerate(NAMED_IMPORTERS) if firm.domestic_control and row > 0]
    # By weights of roles: developers have half the compute for their size of clouds.
    per_size = columns["compute"] / columns["size"]
    cloud, developer = (int(np.flatnonzero(columns["role"] == role)[0]) for role in (CLOUD, DEVELOPER))
    assert per_size[cloud] / per_size[developer] == pytest.approx(2.0)
    assert columns["training_share"][developer] == 0.5
    yen_per_unit = price * 0.15
    debt = columns["debt_trn_yen"] + columns["bonds"]
    assets = columns["compute"] * yen_per_unit + columns["plant"] + columns["cash_trn_yen"]
    leverage = debt / assets
    spread = 0.5 + leverage + 4.0 * np.maximum(leverage - 0.5, 0.0) ** 2
    assert columns["spread_pct"] == pytest.approx(spread)
    for name in (
        "subsidy_trn_yen",
        "earmarked_trn_yen",
        "programme_compute",
        "programme_orders_bn_usd",
        "losses_carried_trn_yen",
    ):
        assert not columns[name].any()
    assert columns["failed_times"].sum() == 0


def test_sizes_follow_a_power_law_beside_the_named_firms() -> None:
    n = len(NAMED_IMPORTERS) + 8
    columns = importers.make_importer_columns(n, OPENING, opening_parameters(), np.random.default_rng(1))
    named = columns["size"][: len(NAMED_IMPORTERS)]
    assert named == pytest.approx(np.full(len(NAMED_IMPORTERS), 0.75 / len(NAMED_IMPORTERS)))
    # Sizes go as one over the quantile.
    law = 1.0 / (np.arange(8) + 0.5)
    assert columns["size"][len(NAMED_IMPORTERS) :] == pytest.approx(0.25 * law / law.sum())
    roles = np.bincount(columns["role"][len(NAMED_IMPORTERS) :], minlength=3)
    assert roles.sum() == 8
    assert roles.min() >= 1
    few = importers.make_importer_columns(3, OPENING, opening_parameters(), np.random.default_rng(1))
    assert few["size"] == pytest.approx([1.0 / 3.0] * 3)
    assert few["domestic_control"].all()


def test_an_opening_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"n is 0, at least 1 needed"):
        importers.make_importer_columns(0, OPENING, opening_parameters(), np.random.default_rng(1))
    with pytest.raises(ValueError, match="is not above compute"):
        importers.make_importer_columns(9, OPENING | {"capital": 1.0}, opening_parameters(), np.random.default_rng(1))


def test_leverage_is_spread_and_cut_at_two_standard_deviations() -> None:
    p = opening_parameters(importer_leverage_dispersion=0.5)
    columns = importers.make_importer_columns(400, OPENING, p, np.random.default_rng(2))
    by_capital = columns["debt_trn_yen"] / columns["equity_issued"]
    assert by_capital.max() / by_capital.min() == pytest.approx(math.exp(2.0), rel=1e-6)


def test_expected_revenue_stands_behind_sales_that_grow() -> None:
    columns = {
        "revenue_trn_yen": one(0.1, 0.0),
        "foreign_revenue_trn_yen": one(0.05, 0.0),
        "other_revenue_trn_yen": one(0.25, 0.0),
        "expected_revenue_trn_yen": one(9.0, 9.0),
        "compute_intensity": one(9.0, 9.0),
        "compute": one(2.0, 0.0),
    }
    importers.align_expectations(columns, 1.5, 0.05, given(importer_expectation_months=5.0))
    assert columns["expected_revenue_trn_yen"] == pytest.approx([0.4 / 1.2, 1e-12])
    assert columns["compute_intensity"] == pytest.approx([2.0 * 1.5 / (0.4 / 1.2), 0.0])


# Plans.

CONDITIONS = PlanningConditions(
    usdjpy=180.0,
    budget_usdjpy=165.0,
    usdjpy_start=150.0,
    chip_price_index=0.8,
    chip_price_index_start=1.0,
    cpi_index=1.1,
    world_ai_demand_index=1.21,
    expected_growth_monthly=0.0,
    lead_time_months=3.0,
)


def test_desired_compute_rises_with_sales_and_world_demand_and_falls_with_its_price() -> None:
    columns = {"compute_intensity": one(10.0), "expected_revenue_trn_yen": one(0.3)}
    p = given(importer_world_demand_elasticity=0.5, chip_price_elasticity=-0.5)
    # Its relative price is 0.8 x 1.1 / 1.1.
    wanted = 10.0 * 0.3 * 1.1 * 0.8**-0.5 * 0.8 / 1.1
    assert importers.desired_compute_bn_usd(columns, CONDITIONS, p) == pytest.approx([wanted])
    # The part of budgets fixed in units stays; the rest buys less of dearer dollars.
    assert importers.budget_factor(CONDITIONS, given(chip_budget_capacity_fixed_share=0.4)) == pytest.approx(
        0.4 + 0.6 * 165.0 / 180.0
    )


LAW = {"pipeline_and_stock": 1.4, "steady": 0.1, "months": 5.0, "budget": 0.9, "least_fill": 0.25}
CREDIT = {"soft": 0.4, "hard": 0.8, "margin_months": 2.0}


def ordered(**changed: Any) -> float:
    """What is ordered; see :func:`ordered_and_cancelled`."""
    return ordered_and_cancelled(**changed)[0]


def ordered_and_cancelled(**changed: Any) -> tuple[float, float]:
    """Orders of one firm that wants 10 x 0.1 in a steady state and has all the money it needs."""
    firm: dict[str, Any] = {
        "compute": (12.0, 2.0, 0.0),
        "outstanding": (4.0, 1.0),
        "plant": 1.0,
        "cash": (5.0, 0.5),
        "debt": (0.5, 0.25),
        "revenue": 0.1,
        "queue": (0.0, 1.0),
        "desired": 10.0,
        "price": 0.9,
        "usdjpy": 200.0,
        "yen_per_unit": 0.15,
    } | changed
    law, credit = LAW | changed.get("law", {}), CREDIT | changed.get("credit", {})
    pair = lambda name: tuple(one(value) for value in firm[name])  # noqa: E731
    found, cancelled = np.empty(1), np.empty(1)
    importer_rows.order_chips(
        pair("compute"),
        pair("outstanding"),
        one(firm["plant"]),
        pair("cash"),
        pair("debt"),
        one(firm["revenue"]),
        pair("queue"),
        one(firm["desired"]),
        firm["price"],
        firm["usdjpy"],
        firm["yen_per_unit"],
        tuple(law.values()),
        tuple(credit.values()),
        found,
        cancelled,
    )
    return found.item(), cancelled.item()


def test_orders_replace_and_close_gaps_of_stock_and_pipeline() -> None:
    # Wanted 14 in all, owned 10 x 0.9 for own business and 3 on the way: a gap of 2, closed in five months.
    assert ordered() == pytest.approx((1.0 + 0.4) * 0.9)
    assert ordered(compute=(32.0, 2.0, 0.0)) == 0.0
    # One of its own that waits for power is owned already: the gap is 1.1.
    assert ordered(compute=(12.0, 2.0, 1.0)) == pytest.approx((1.0 + 0.22) * 0.9)
    assert ordered(law={"budget": 0.5}) == pytest.approx(0.7)


def test_who_gets_half_keeps_twice_its_need_in_the_queue_and_takes_half_back_when_all_is_served_again() -> None:
    plenty = {"cash": (99.0, 0.5), "outstanding": (4.0, 1.0)}
    need = ordered(**plenty)
    assert need == pytest.approx(1.26)
    # It gets half of what it claims: it orders twice its need.
    assert ordered(**plenty, queue=(0.0, 0.5)) == pytest.approx(2.0 * need)
    # Half of it was started and is under way; the other half waits, and counts towards next month's twice the need.
    waiting = {"cash": (99.0, 0.5), "outstanding": (4.0 + need, 1.0)}
    again = ordered_and_cancelled(**waiting, queue=(need, 0.5))
    assert again == pytest.approx((need, 0.0))
    # Twice the need waits, and all is served again: half of it is taken back.
    waiting = {"cash": (99.0, 0.5), "outstanding": (4.0 + 2.0 * need, 1.0)}
    assert ordered_and_cancelled(**waiting, queue=(2.0 * need, 1.0)) == pytest.approx((0.0, need))
    # Nobody counts on less than a quarter.
    assert ordered(**plenty, queue=(0.0, 0.01)) == pytest.approx(4.0 * need)


def test_orders_shrink_between_two_limits_of_leverage() -> None:
    # Assets 12 x 0.15 + 1 + 5 = 7.8; at 0.6 of them, half way between 0.4 and 0.8, half is ordered.
    assert ordered(debt=(4.0, 0.68)) == pytest.approx(0.63)
    assert ordered(debt=(4.0, 2.5)) == 0.0
    assert ordered(debt=(1.0, 1.0)) == pytest.approx(1.26)


def test_orders_stop_at_what_can_be_paid() -> None:
    poor = {"cash": (0.7, 0.5), "credit": {"hard": 0.0001, "soft": 0.0001}, "debt": (0.0, 0.0), "revenue": 0.4}
    # Free cash 0.2 and a margin of 0.8, credit of next to nothing; 4 bn dollars on the way cost 0.8: 0.2 are left.
    free = 0.2 + 0.0001 * (1.8 + 1.0 + 0.7) + 0.8 - 0.8
    assert ordered(**poor) == pytest.approx(free * 5.0)
    # Credit up to the limit: 0.8 x 3.5 - 2.8 is none; nothing is left after what is on the way.
    assert ordered(**poor | {"outstanding": (5.5, 1.0), "revenue": 0.4}) == 0.0
    rich = {"cash": (0.5, 0.5), "revenue": 0.0, "debt": (0.8, 0.3), "credit": {"hard": 0.6, "soft": 0.5}}
    # 0.6 of 3.3 less 1.1 is 0.88, of which 0.8 are spoken for.
    assert ordered(**rich) == pytest.approx(0.08 * 5.0)


def test_a_plan_takes_growth_lead_time_and_budgets_from_the_planners() -> None:
    p = given(
        chip_life_years=5.0,
        chip_price_halving_years=2.0,
        chip_order_adjustment_months=5.0,
        chip_budget_capacity_fixed_share=0.4,
        ai_firm_leverage_soft_limit=0.4,
        ai_firm_leverage_limit=0.8,
        ai_firm_expected_margin_share=0.1,
        importer_world_demand_elasticity=0.0,
        chip_price_elasticity=0.0,
        supply_order_inflation_limit=4.0,
    )
    columns = {
        "orders_waiting_bn_usd": one(0.0),
        "expected_fill": one(1.0),
        "compute": one(12.0),
        "programme_compute": one(2.0),
        "orders_outstanding_bn_usd": one(4.0),
        "programme_orders_bn_usd": one(1.0),
        "own_compute_without_power": one(0.0),
        "plant": one(1.0),
        "cash_trn_yen": one(50.0),
        "earmarked_trn_yen": one(0.5),
        "debt_trn_yen": one(0.5),
        "bonds": one(0.25),
        "expected_revenue_trn_yen": one(0.1),
        "compute_intensity": one(100.0),
    }
    growing = CONDITIONS._replace(expected_growth_monthly=0.02)
    rate = math.exp(0.02) - (59.0 / 60.0) * math.exp(-DECAY)
    pipeline = 1.0 + math.exp(0.02) + math.exp(0.04)
    gap = 10.0 * (1.0 + rate * pipeline) - 10.0 * 0.8 - 3.0
    wanted = 10.0 * rate * math.exp(0.06) + gap / 5.0
    found = importers.plan_orders(columns, growing, p, one(10.0))
    assert found == pytest.approx([wanted * (0.4 + 0.6 * 165.0 / 180.0)])
    # What planners would desire themselves: 100 x 0.1 x 0.8 / 1.1.
    smaller = importers.plan_orders(columns, growing, p)
    desired = 8.0 / 1.1
    gap = desired * (1.0 + rate * pipeline) - 11.0
    assert smaller == pytest.approx([(desired * rate * math.exp(0.06) + gap / 5.0) * 0.95])
    # A tenth of three months' sales and cash pay for it, less 4 bn dollars at 180 yen.
    columns["cash_trn_yen"], columns["debt_trn_yen"] = one(0.9), one(0.0)
    p.ai_firm_leverage_limit, p.ai_firm_leverage_soft_limit = 0.3, 0.1
    columns["bonds"] = one(0.25)
    assets = 12.0 * 0.8 * 0.165 + 1.9
    free = 0.4 + (0.3 * assets - 0.25) + 0.1 * 0.3 - 0.72
    assert importers.plan_orders(columns, growing, p, one(99.0)) == pytest.approx([free * 1000.0 / 180.0])


def test_programme_money_is_committed_over_its_months_and_buys_chips() -> None:
    p = given(
        programme_import_share=0.5,
        programme_wage_share=0.2,
        programme_plant_share=0.2,
        programme_additionality=0.1,
        data_centre_import_share=0.4,
        data_centre_building_months=10.0,
        programme_spending_months=4.0,
    )
    assert importers.programme_shares(p) == pytest.approx((0.5, 0.2, 0.2, 0.1))
    columns = {"plant_plan_trn_yen": one(0.1), "earmarked_trn_yen": one(0.8), "programme_orders_bn_usd": one(1.0)}
    spending, orders = importers.plan_projects(one(2.0), columns, 0.15, 200.0, p)
    # A quarter of 0.8; 0.54 of it in dollars at 200 yen.
    assert spending == pytest.approx([0.2])
    assert orders == pytest.approx([2.0 + 0.2 * 0.54 * 5.0])
    assert columns["earmarked_trn_yen"] == pytest.approx([0.6])
    assert columns["programme_orders_bn_usd"] == pytest.approx([1.54])
    assert columns["plant_plan_trn_yen"] == pytest.approx([0.1 + (0.3 - 0.1) / 10.0])
    p.programme_additionality = -9.0
    assert importers.plan_projects(one(2.0), columns, 0.15, 200.0, p)[1] == pytest.approx([2.0])
    p.programme_import_share = 1.6
    assert importers.programme_shares(p) == pytest.approx((0.8, 0.1, 0.1, 0.0))


# The use of compute and credit.


def used(compute: float = 12.0, programme: float = 2.0, desired: float = 9.0) -> tuple[float, ...]:
    """Utilisation, training share and part served of a developer with 10 units of its own at a price of 0.9."""
    p = given(
        importer_target_utilisation=0.6,
        training_utilisation_response=0.5,
        training_share_developer=0.4,
        training_share_programme=0.9,
        compute_congestion_elasticity=0.25,
    )
    columns = {
        "compute": one(compute),
        "programme_compute": one(programme),
        "utilisation": np.empty(1),
        "training_share": np.empty(1),
    }
    served = importers.run_compute(columns, one(desired), 0.9, p)
    names = ("utilisation", "training_share")
    return *(columns[name].item() for name in names), served.item()


def test_compute_as_desired_is_used_at_the_target() -> None:
    # The programme's sixth trains with its own share.
    assert used() == pytest.approx((0.6, 0.4 + (0.9 - 0.4) / 6.0, 1.0))


def test_short_compute_is_used_more_trains_less_and_turns_demand_away() -> None:
    # Desired 10.8 for 9: a fifth more of use.
    own = 0.4 * (1.0 - 0.5 * 0.2)
    assert used(desired=10.8) == pytest.approx((0.72, own + (0.9 - own) / 6.0, (1.0 / 1.2) ** 0.25))
    # Desired 36: the clock has no more hours.
    use, training, served = used(desired=36.0)
    own = 0.4 * (1.0 - 0.5 * (0.98 / 0.6 - 1.0))
    assert use == pytest.approx(0.98)
    assert training == pytest.approx(own + (0.9 - own) / 6.0)
    assert served == pytest.approx(0.25 * 0.98 / 0.6)


def test_ample_compute_is_used_little_and_serves_everybody() -> None:
    assert used(desired=4.5)[::2] == pytest.approx((0.3, 1.0))
    assert used(desired=0.1)[0] == 0.05
    assert used(compute=2.0, programme=2.0, desired=1.0)[1] == pytest.approx(0.9)
    assert used(compute=0.0, programme=0.0, desired=0.0)[2] == pytest.approx(0.0)


def rated(**changed: float) -> tuple[float, bool, tuple[int, float, float]]:
    firm = {"compute": 4.0, "plant": 1.0, "cash": 0.5, "other": 0.1, "debt": 0.8, "bonds": 0.2} | changed
    p = given(
        ai_firm_failure_net_worth_share=0.1,
        ai_firm_spread_base_pct=0.5,
        ai_firm_spread_slope_pct=2.0,
        ai_firm_spread_threshold=0.4,
        ai_firm_spread_convexity_pct=10.0,
    )
    columns = {
        "compute": one(firm["compute"]),
        "plant": one(firm["plant"]),
        "cash_trn_yen": one(firm["cash"]),
        "other_claims": one(firm["other"]),
        "debt_trn_yen": one(firm["debt"]),
        "bonds": one(firm["bonds"]),
        "spread_pct": np.empty(1),
    }
    failed = np.array([bool(changed.get("unpaid", 0.0))])
    sums = importers.rate_firms(columns, 0.25, p, failed)
    return columns["spread_pct"].item(), bool(failed[0]), sums


def test_spreads_rise_with_leverage_and_steeply_above_the_threshold() -> None:
    # Assets 1 + 1 + 0.5.
    assert rated() == (pytest.approx(0.5 + 2.0 * 0.4), False, (0, 1.0, 2.5))
    assert rated(debt=1.3)[0] == pytest.approx(0.5 + 2.0 * 0.6 + 10.0 * 0.04)
    assert rated(debt=50.0)[0] == pytest.approx(0.5 + 4.0 + 10.0 * 1.6**2)


def test_firms_fail_when_net_worth_is_below_a_tenth_of_capital() -> None:
    # Net worth 2 + 0.5 + 0.1 less debt, against 0.2.
    assert rated(debt=2.19)[1] is False
    assert rated(debt=2.21)[1:] == (True, (1, pytest.approx(2.41), 2.5))
    assert rated(other=0.12, debt=2.21)[1] is False
    assert rated(unpaid=1.0)[1:] == (True, (1, 1.0, 2.5))
    assert rated(other=-9.0, debt=0.0, bonds=0.0)[1] is False
