"""Systems of the debate: outages and queues (A), sites and power (E), talent (F), firms' readiness (N)."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest

from itcho.agents.ablation import FROZEN, Ablation
from itcho.experiments.evidence.shocks import SupplierOutage, SupplierStop
from itcho.model.disturbances import Disturbances, DisturbedMonth
from itcho.model.economy import JapanEconomy
from itcho.model.parameters import Parameters
from tests.children import ROOT

LEAD = 9
"""Months from order to delivery: what is not started in month 0 is missed in month 9."""


def run(months: int, *shocks: Any, **parameters: float) -> tuple[JapanEconomy, np.ndarray, np.ndarray]:
    """An economy after so many months without noise, chips delivered by month and row, and real GDP by month."""
    world = JapanEconomy(
        rng=3, policy="none", noise=False, shocks=shocks, investors=60, adopters=100, parameters=parameters
    )
    delivered, output = [], []
    for _ in range(months):
        world.step()
        delivered.append(world.closed_month.ai.chips.delivered_bn_usd)
        output.append(world.outcomes["real_gdp_trn_yen"])
    return world, np.array(delivered), np.array(output)


@pytest.fixture(scope="module")
def usual() -> tuple[JapanEconomy, np.ndarray, np.ndarray]:
    return run(36)


@pytest.fixture(scope="module")
def without_nvidia() -> tuple[JapanEconomy, np.ndarray, np.ndarray]:
    return run(36, SupplierStop(months=12))


def test_system_a_a_fire_leaves_half_on_day_42_and_most_on_day_73() -> None:
    """Renesas Naka 2021: restart on day 29, 50% on day 42, 88% on day 73."""
    fire = SupplierOutage()
    assert fire.capacity_on(28.9) == 0.0
    assert fire.capacity_on(29.0) == pytest.approx(0.1)
    assert fire.capacity_on(42.0) == pytest.approx(0.50, abs=0.01)
    assert fire.capacity_on(73.0) == pytest.approx(0.88, abs=0.01)
    days = (np.arange(30_000) + 0.5) * 365.0 / 12.0 / 10_000
    for month in range(3):
        mean = np.mean([fire.capacity_on(day) for day in days[10_000 * month : 10_000 * (month + 1) : 10]])
        assert fire.capacity_in(month) == pytest.approx(mean, abs=1e-3)
    assert fire.capacity_in(40) == pytest.approx(1.0)


@pytest.mark.parametrize("supplier", ["nvidia", "tsmc"])
def test_system_a_a_month_at_nothing_is_a_month_at_a_twentieth_three_months_later(
    usual: tuple[JapanEconomy, np.ndarray, np.ndarray], supplier: str
) -> None:
    # By quarter: distributors order whole gaps, which may fall into another month.
    found = [run(24, SupplierStop(supplier, left, months=1))[1].sum(axis=1) for left in (0.0, 0.05)]
    quarters = [months[LEAD:].reshape(5, 3).sum(axis=1) for months in (*found, usual[1].sum(axis=1)[:24])]
    apart = np.abs(quarters[0] - quarters[1]) / quarters[2]
    assert (apart[1:] < 0.02).all()
    assert quarters[0][0] < 0.95 * quarters[2][0]


def test_system_a_a_year_without_its_largest_designer_costs_japan_a_twentieth_of_a_percent(
    usual: tuple[JapanEconomy, np.ndarray, np.ndarray], without_nvidia: tuple[JapanEconomy, np.ndarray, np.ndarray]
) -> None:
    """Ten times 0.0035% of GDP at least, which is what the model once gave."""
    lost = 100.0 * (1.0 - without_nvidia[2] / usual[2])
    assert lost[12:24].mean() > 0.035
    assert lost[24:].mean() > 0.035


def test_system_a_buyers_who_can_use_other_chips_lose_less(
    usual: tuple[JapanEconomy, np.ndarray, np.ndarray], without_nvidia: tuple[JapanEconomy, np.ndarray, np.ndarray]
) -> None:
    market = usual[0].world.chip_market
    ready = market.second_sources.ready
    alone = market.single_source == 0
    assert 0.1 < ready[alone].mean() < 0.5
    hit = slice(LEAD + 3, LEAD + 11)
    kept = [without_nvidia[1][hit, rows].sum() / usual[1][hit, rows].sum() for rows in (alone & ready, alone & ~ready)]
    assert kept[0] > 0.1
    assert kept[1] < 0.5 * kept[0]
    graph = without_nvidia[0].graph
    row = int(np.flatnonzero(alone & ready)[0])
    name = usual[0].chip_importers.name_of_row(row)
    assert {source for source, _, kind in graph.in_edges(name, keys=True) if kind == "chips"} >= {"nvidia", "amd"}
    assert without_nvidia[0].payments_off_edges().empty


def test_system_a_rivals_who_turn_to_other_designers_leave_japan_less_of_them(
    without_nvidia: tuple[JapanEconomy, np.ndarray, np.ndarray],
) -> None:
    free = JapanEconomy(
        rng=3, policy="none", noise=False, shocks=(SupplierStop(months=12),), investors=60, adopters=100
    )
    graph = free.graph
    rivals = [target for _, target, kind in graph.out_edges("amd", keys=True) if kind == "chips_abroad"]
    free.rewire(remove=[f"nvidia > {name}: chips_abroad" for name in rivals])
    months = []
    for _ in range(21):
        free.step()
        months.append(free.closed_month.ai.chips.delivered_bn_usd.sum())
    tied = without_nvidia[1].sum(axis=1)
    assert sum(months[LEAD + 2 :]) > 1.3 * tied[LEAD + 2 : 21].sum()


def test_system_e_power_is_there_for_one_trillion_over_five_years_and_not_for_ten() -> None:
    """Bought at once, or ten times as many, they wait at one company's sites; with power for all they work sooner."""
    compute, waited = {}, {}
    for name, policy, ablation in (
        ("nobody", "none", None),
        ("spread", "actual", None),
        ("at once", "lump-sum", None),
        ("ten times", "actual-tenfold", None),
        ("ten times, power for all", "actual-tenfold", Ablation("data_centre_sites", FROZEN)),
    ):
        world = JapanEconomy(
            rng=1, policy=policy, noise=False, ablation=ablation, investors=40, importers=50, adopters=60
        )
        months = []
        for _ in range(24):
            world.step()
            months.append(world.outcomes["chips_without_power_pct"])
        compute[name] = float(world.chip_importers.columns["compute"][0])
        waited[name] = max(months)
        assert world.ledger.max_relative_residual < 1e-12
        assert world.world.chip_market.power.used.sum() == pytest.approx(
            world.chip_importers.columns["compute"].sum(), rel=1e-9
        )
    assert max(waited["nobody"], waited["spread"]) < 0.1
    assert waited["ten times, power for all"] == 0.0
    assert min(waited["at once"], waited["ten times"]) > 1.0
    assert compute["ten times"] < 0.95 * compute["ten times, power for all"]


def test_system_a_an_outage_is_a_shock_that_ends() -> None:
    months = []
    for month in range(30):
        at = DisturbedMonth(Disturbances(), type("Clock", (), {"month": month})(), None)  # type: ignore[arg-type]
        SupplierOutage("tsmc", first=2)(at)
        months.append(at.disturbances.supplier_capacity.get("tsmc", 1.0))
    assert months[:2] == [1.0, 1.0]
    assert months[2] < 0.02
    assert months[3] == pytest.approx(0.52, abs=0.05)
    assert months[-1] == pytest.approx(1.0, abs=1e-6)


def test_system_k_is_too_small_to_build_as_the_description_says() -> None:
    """What a public computer's users gain at most and what a lever on tenders moves, from published figures."""
    said = " ".join((ROOT / "docs" / "ODD.md").read_text(encoding="utf-8").split())
    gain_bn_yen = (366.0 - 275.0) * 0.30 * 960.0 * 8760.0 / 1e9
    assert f"gives its users {gain_bn_yen:.1f} bn yen a year" in said
    assert f"{gain_bn_yen / 200.0:.1%} of a year's programme" in said
    moved = (0.03 - 0.01) * Parameters().ai_government_share
    assert f"which for AI is {moved:.1%} of what organisations spend" in said


def test_system_n_support_for_ai_reaches_firms_with_a_policy_only() -> None:
    """Support for the price of deep use and for policies on AI are worth more together than one by one.

    Where every firm has a policy deep use comes sooner, support or not, and use hardly differs.
    """
    deep: dict[tuple[str, bool, float], float] = {}
    use: dict[tuple[str, bool, float], float] = {}
    for policy in ("none", "adoption-first"):
        for every_firm, growth in ((False, 0.07), (False, 0.03), (False, 0.10), (True, 0.07)):
            world = JapanEconomy(
                rng=3,
                policy=policy,
                noise=False,
                ablation=Ablation("readiness", FROZEN) if every_firm else None,
                investors=40,
                importers=40,
                adopters=200,
                parameters={"ai_policy_growth": growth},
            )
            for _ in range(30):
                world.step()
            deep[policy, every_firm, growth] = world.outcomes["deep_adoption_pct"]
            use[policy, every_firm, growth] = world.outcomes["adoption_pct"]
            readiness = world.ai_services.adoption.readiness
            assert every_firm == (readiness.share > 0.99)
    assert deep["none", True, 0.07] > 1.5 * deep["none", False, 0.07]
    assert use["none", True, 0.07] == pytest.approx(use["none", False, 0.07], abs=0.1)
    usual, price = deep["none", False, 0.07], deep["adoption-first", False, 0.07] - deep["none", False, 0.07]
    policies = deep["none", False, 0.10] - usual
    assert price > policies > 0.0
    assert deep["adoption-first", False, 0.10] - usual > price + policies
    slow = deep["adoption-first", False, 0.03] - deep["none", False, 0.03]
    assert slow < price < deep["adoption-first", False, 0.10] - deep["none", False, 0.10]


def test_system_e_the_description_has_the_figures_of_the_table() -> None:
    with (ROOT / "docs" / "systems.csv").open(newline="", encoding="utf-8") as file:
        (now,) = [row["now"] for row in csv.DictReader(file) if row["system"] == "Sites and power"]
    actual, lump, tenfold = ([round(float(one)) for one in pair.split(" and ")] for pair in now.split(", "))
    said = " ".join((ROOT / "docs" / "ODD.md").read_text(encoding="utf-8").split())
    assert max(actual) == 0
    assert f"Under `lump-sum` {lump[0]}% of all chips in Japan and {lump[1]}% of the national company's wait" in said
    assert f"under `actual-tenfold` {tenfold[0]} and {tenfold[1]}%" in said
