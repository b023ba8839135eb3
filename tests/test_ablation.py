"""Ablations: what is frozen goes on as it did, members that are made alike differ in nothing, and what counts."""

from __future__ import annotations

import copy
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.ablation import ALIKE, BOND_FLOOD, FROZEN, KINDS, REDRAWN, Ablation
from itcho.agents.bond_holders import RatesAbroad
from itcho.agents.errors import InputError
from itcho.agents.investors import CARRY, TRADER, retail_accounts
from itcho.experiments.cli.commands import app
from itcho.experiments.evidence import ablation as table
from itcho.experiments.evidence.ablation import (
    HEADLINES,
    MEASURES,
    Arm,
    ArmRun,
    Row,
    Shift,
    arms,
    counts,
    make_rows,
    placebo_of,
    run_arm,
    shift,
)
from itcho.experiments.evidence.ablation_report import by_what_they_count, page, put_in, representative
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES
from tests.children import ROOT

SMALL = {"investors": 100, "importers": 40, "adopters": 60}


def economy(ablation: Ablation | None = None, seed: int = 1, **settings: object) -> JapanEconomy:
    return JapanEconomy(rng=seed, ablation=ablation, **SMALL | settings)  # type: ignore[arg-type]


def same(one: JapanEconomy, other: JapanEconomy) -> bool:
    return np.array_equal(one.ledger.positions, other.ledger.positions)


def frozen(kind: str, months: int = 15, **settings: object) -> JapanEconomy:
    made = economy(Ablation(kind, FROZEN), **settings)
    for _ in range(months):
        made.step()
    return made


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_ablation_runs_with_closed_books_and_changes_something(kind: str) -> None:
    usual = economy()
    ways = [FROZEN] + [ALIKE] * bool(next(one for one in KINDS if one.name == kind).alike)
    made = [economy(Ablation(kind, way)) for way in ways]
    for one in (usual, *made):
        # The budget is passed in April.
        for _ in range(13 if kind in ("government", "politics") else 3):
            one.step()
        assert one.ledger.max_relative_residual < 1e-9
    # Within three months the rate stays near budget, and what is lent or made may be as on trend; no deal is asked for
    # under the usual policy.
    quiet = {
        *("chip_designers", "foundries", "distributors", "negotiator"),
        *("ai_lenders", "chip_makers", "venture_funders"),
        *("treasurers", "data_centre_sites", "debt_office", "softbank_holders"),
    }
    assert not all(same(usual, one) for one in made) or kind in quiet


def test_an_ablation_goes_on_by_the_same_bits_in_a_copy() -> None:
    for kind in ("bank_of_japan", "clouds", "speculative_traders"):
        made = frozen(kind, 2)
        twin = copy.deepcopy(made)
        made.step()
        twin.step()
        assert same(made, twin)


def test_an_ablated_economy_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ablation cannot be saved"):
        frozen("banks", 1).save(tmp_path / "kept.json")
    assert not list(tmp_path.iterdir())


def test_unknown_kinds_and_ways_are_told_with_what_is_near() -> None:
    with pytest.raises(InputError, match=r"'bank' is unknown; nearest: banks"):
        Ablation("bank", FROZEN)
    with pytest.raises(InputError, match="'cold' is unknown; known: frozen, alike, redrawn"):
        Ablation("banks", "cold")
    with pytest.raises(InputError, match="have no members that differ"):
        Ablation("bank_of_japan", ALIKE)


def test_the_frozen_bank_goes_along_the_path_expected_at_the_start() -> None:
    opening = economy()
    rates, _ = opening.bank_of_japan.expected_path_pct(opening.state, opening.parameters)
    made = frozen("bank_of_japan", 15)
    # Month 15 is the third of the fifth quarter; steps of a quarter of a point come as near as they can.
    assert abs(made.bank_of_japan.policy_rate_pct - rates[4]) <= 0.125 + 1e-9
    assert made.bank_of_japan.expected_path_pct(made.state, made.parameters)[0][0] == rates[5]


def test_the_frozen_government_lets_every_line_grow_at_trend_and_repeats_its_support() -> None:
    opening = economy().government.budget
    made = frozen("government", 14)
    p = made.parameters
    trend = 1.0 + (p.trend_potential_growth_pct + p.inflation_target_pct) / 100.0
    assert made.government.budget.social_security == pytest.approx(trend * opening.social_security)
    # What the second year brings is luck, and comes to a frozen government too.
    unforeseen = made.government.unforeseen_trn_yen  # type: ignore[attr-defined]
    assert unforeseen != 0.0
    assert made.government.budget.supplementary == pytest.approx(trend * opening.supplementary + unforeseen)
    assert made.government.tax_effort_pct_gdp == 0.0
    first = economy(Ablation("government", FROZEN))
    first.step()
    assert made.closed_month.support is made.government.opening_support  # type: ignore[attr-defined]
    assert [float(one.amounts_trn_yen.sum()) for one in made.closed_month.support.payments] == [
        float(one.amounts_trn_yen.sum()) for one in first.closed_month.support.payments
    ]


def test_frozen_softbank_sells_nothing_and_buys_what_it_signed() -> None:
    made = economy(Ablation("softbank", FROZEN))
    for _ in range(12):
        made.step()
        plan = made.closed_month.softbank.plan
        assert (plan.investment, plan.sale_listed, plan.sale_unlisted, plan.new_loans) == (0.0, 0.0, 0.0, 0.0)
    assert made.softbank_group.momentum == 0.0
    assert made.softbank_group.belief_in_backing == made.parameters.softbank_backing_belief


def test_frozen_traders_keep_what_they_have() -> None:
    usual = economy()
    rows = usual.portfolios.rows
    before = usual.investors.columns["position_usd"].copy()
    carry = frozen("carry_traders", 6).investors.columns["position_usd"]
    assert np.array_equal(carry[rows[CARRY]], before[rows[CARRY]])
    traders = frozen("speculative_traders", 6)
    assert not traders.investors.columns["position_usd"][rows[TRADER]].any()
    share = usual.foreign_exchange.fundamentalist_share
    assert traders.foreign_exchange.fundamentalist_share == pytest.approx(share, abs=0.05)


def test_frozen_orders_follow_the_expected_trend_and_others_plan_on() -> None:
    made = economy(Ablation("clouds", FROZEN))
    clouds = made.chip_importers.columns["role"] == 1
    made.step()
    first = made.closed_month.ai.chips.own_orders_bn_usd
    growth = made.chip_market.expected_growth_monthly
    made.step()
    second = made.closed_month.ai.chips.own_orders_bn_usd
    some = clouds & (first > 0.0)
    ratio = second[some] / first[some]
    assert ratio == pytest.approx(np.full(ratio.size, math.exp(growth)), rel=1e-3)
    others = ~clouds & (first > 0.0)
    assert np.ptp(second[others] / first[others]) > 1e-6


def test_frozen_households_and_firms_grow_at_trend() -> None:
    made = frozen("households", 12)
    p = made.parameters
    opening = economy().goods
    growth = math.exp(p.trend_potential_growth_pct / 100.0)
    assert made.goods.households.consumption == pytest.approx(opening.households.consumption * growth)
    firms = frozen("firms", 12).goods.firms
    assert firms.investment == pytest.approx(opening.firms.investment * growth)
    assert firms.inflation_pct == opening.firms.inflation_pct


@pytest.mark.parametrize("kind", ["insurers_and_pensions", "banks", "foreign_investors"])
def test_frozen_holders_want_bonds_on_trend_and_answer_to_nothing(kind: str) -> None:
    made = economy(Ablation(kind, FROZEN))
    rows = made.portfolios.rows[made.portfolios.mandates.frozen_kind]  # type: ignore[attr-defined]
    made.portfolios.reconcile_bonds(made.ledger)
    first = made.portfolios.jgb_mandates(made.ledger, 2.0, 0.75, RatesAbroad(4.0, 3.5, 1.5, 1.0))
    later = made.portfolios.jgb_mandates(made.ledger, 9.0, 0.0, RatesAbroad(1.0, 0.5, 0.5, 1.4))
    p = made.parameters
    month = (1.0 + (p.trend_potential_growth_pct + p.inflation_target_pct) / 100.0) ** (1.0 / 12.0)
    assert not first.slope[rows].any()
    assert later.wanted[rows] == pytest.approx(month * first.wanted[rows])
    assert first.total_slope > 0.0


def test_frozen_users_choose_as_at_the_start_and_laboratories_stay_on_their_path() -> None:
    made = frozen("adopters", 3)
    for layer in made.ai_services.contracts.layers[:3]:
        assert np.array_equal(layer.value, layer.constants)
    assert made.ai_services.adoption.ceiling_shift == 0.0
    frontier = frozen("laboratories", 24).ai_services.capability
    assert frontier.surprise() == pytest.approx(0.0, abs=1e-12)


def test_members_made_alike_differ_in_nothing_and_have_in_all_what_they_had() -> None:
    usual = economy()
    for kind in (CARRY, TRADER):
        rows = usual.portfolios.rows[kind]
        name = ("carry_traders", "speculative_traders")[kind == TRADER]
        before, made = usual.investors.columns, economy(Ablation(name, ALIKE)).investors.columns
        for column in ("weight", "exposure", "tilt", "stop_loss", "leverage", "wealth", "position_usd"):
            assert np.ptp(made[column][rows]) == 0.0, column  # type: ignore[literal-required]
        for column in ("weight", "wealth", "position_usd"):
            assert made[column][rows].sum() == pytest.approx(before[column][rows].sum())  # type: ignore[literal-required]
        assert made["exposure"][rows][0] == pytest.approx(1.0)
    clouds = economy(Ablation("clouds", ALIKE)).chip_importers.columns
    own, before_clouds = clouds["role"] == 1, usual.chip_importers.columns
    assert np.ptp(clouds["size"][own]) == 0.0
    assert clouds["size"].sum() == pytest.approx(before_clouds["size"].sum())
    assert np.array_equal(clouds["size"][~own], before_clouds["size"][~own])
    firms = economy(Ablation("adopters", ALIKE)).adopters.columns
    assert np.ptp(firms["size"]) == np.ptp(firms["gain"]) == np.ptp(firms["legacy_cost"]) == 0.0
    designers = economy(Ablation("chip_designers", ALIKE)).parameters
    assert designers["supply_share_nvidia"] == designers["supply_share_amd"] == pytest.approx(1.0 / 3.0)


def test_retail_accounts_alike_and_frozen_leave_funds_as_they_are() -> None:
    usual = economy()
    rows = usual.portfolios.rows[CARRY]
    before = {name: usual.investors.arrays[name][rows].copy() for name in ("leverage", "wealth", "stop_loss", "weight")}
    accounts = retail_accounts(before["stop_loss"], usual.parameters)
    share = usual.parameters.retail_fx_share_of_carry
    assert accounts.sum() == pytest.approx(share * accounts.size, abs=1.0)
    alike = economy(Ablation("retail_traders", ALIKE)).investors.arrays
    for name in ("leverage", "wealth", "stop_loss", "exposure", "headroom"):
        assert np.ptp(alike[name][rows][accounts]) == 0.0, name
    assert alike["wealth"][rows].sum() == pytest.approx(before["wealth"].sum())
    book = before["wealth"] * before["leverage"]
    assert alike["wealth"][rows] * alike["leverage"][rows] == pytest.approx(book)
    assert np.array_equal(alike["leverage"][rows][~accounts], before["leverage"][~accounts])
    made = frozen("retail_traders", 6).investors.columns["position_usd"][rows]
    opening = usual.investors.columns["position_usd"][rows]
    assert set(made[accounts]) <= {0.0, *opening[accounts]}
    assert not np.array_equal(made[~accounts], opening[~accounts])


def test_pension_funds_made_alike_stand_in_the_middle_of_their_bands() -> None:
    made, usual = economy(Ablation("pension_funds", ALIKE)), economy()
    its, before = made.portfolios.pensions, usual.portfolios.pensions
    held = made.investors.arrays["jgb"][its.rows]
    share = held / (made.investors.arrays["weight"][its.rows] * made.portfolios.pension_assets_trn_yen)
    assert 0.5 * (its.bonds.lower + its.bonds.upper) == pytest.approx(share)
    assert its.bonds.upper - its.bonds.lower == pytest.approx(before.bonds.upper - before.bonds.lower)
    assert not np.allclose(its.bonds.upper, before.bonds.upper)


def test_a_flood_of_bonds_stands_where_a_scenario_does() -> None:
    kind = next(kind for kind in KINDS if kind.name == "debt_office")
    assert table.scenarios_of(kind.name, ()) == ("baseline", BOND_FLOOD)
    assert table.mistakes((BOND_FLOOD,), (), 3, 1, 1) == []
    usual, flood = (run_arm(Arm(name, "", "", 1, 1)) for name in ("baseline", BOND_FLOOD))
    yields = table.KEPT.index(("jgb_10y_pct", "mean"))
    assert flood.values[yields] > usual.values[yields] + 0.1


def test_the_placebo_redraws_one_population_and_nothing_else() -> None:
    usual, drawn = economy(), economy(Ablation("carry_traders", REDRAWN))
    rows = usual.portfolios.rows
    before, now = usual.investors.columns["leverage"], drawn.investors.columns["leverage"]
    assert not np.array_equal(before[rows[CARRY]], now[rows[CARRY]])
    assert sorted(now[rows[CARRY]]) == pytest.approx(sorted(before[rows[CARRY]]))
    assert np.array_equal(before[rows[TRADER]], now[rows[TRADER]])
    assert np.array_equal(usual.adopters.columns["gain"], drawn.adopters.columns["gain"])
    assert drawn.streams.normals("demand", 3, 3).tolist() == usual.streams.normals("demand", 3, 3).tolist()


def test_a_kind_without_luck_has_a_placebo_that_changes_no_bit() -> None:
    usual, drawn = economy(), economy(Ablation("government", REDRAWN))
    for one in (usual, drawn):
        one.step()
    assert same(usual, drawn)


def test_a_shift_of_pairs_is_in_standard_deviations_and_a_spread_is_a_ratio() -> None:
    usual = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    scale = float(usual.std(ddof=1))
    moved = shift(usual, usual + 2.0 * scale, scale, np.random.default_rng(0))
    assert (moved.mean, moved.rms, moved.low, moved.high) == pytest.approx((2.0, 2.0, 2.0, 2.0))
    assert (moved.ratio, moved.ratio_low, moved.ratio_high) == pytest.approx((1.0, 1.0, 1.0))
    wide = shift(usual, 3.0 + 2.0 * (usual - 3.0), scale, np.random.default_rng(0))
    assert wide.mean == pytest.approx(0.0)
    assert wide.rms == pytest.approx(math.sqrt(2.0) / scale)
    assert (wide.ratio, wide.ratio_low, wide.ratio_high) == pytest.approx((2.0, 2.0, 2.0))
    assert math.isnan(shift(usual[:2], usual[:2], scale, np.random.default_rng(0)).rms)


@pytest.mark.parametrize(
    ("found", "placebo", "expected"),
    [
        (Shift(0.4, 0.4, 0.2, 0.6, 1.0, 0.9, 1.1), Shift(0.1, 0.0, -0.1, 0.1, 1.0, 0.9, 1.1), True),
        (Shift(0.4, -0.4, -0.6, -0.2, 1.0, 0.9, 1.1), Shift(0.1, 0.0, -0.1, 0.1, 1.0, 0.9, 1.1), True),
        (Shift(0.4, 0.4, 0.05, 0.75, 1.0, 0.9, 1.1), Shift(0.1, 0.0, -0.1, 0.1, 1.0, 0.9, 1.1), False),
        (Shift(0.29, 0.29, 0.25, 0.3, 1.0, 0.9, 1.1), Shift(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0), False),
        (Shift(0.2, 0.0, -0.1, 0.1, 1.3, 1.21, 1.4), Shift(0.1, 0.0, -0.1, 0.1, 1.1, 1.0, 1.2), True),
        (Shift(0.2, 0.0, -0.1, 0.1, 1.3, 1.15, 1.4), Shift(0.1, 0.0, -0.1, 0.1, 1.1, 1.0, 1.2), False),
        (Shift(0.2, 0.0, -0.1, 0.1, 0.7, 0.6, 0.85), Shift(0.1, 0.0, -0.1, 0.1, 1.0, 0.9, 1.1), True),
        (Shift(0.2, 0.0, -0.1, 0.1, 1.24, 1.22, 1.26), Shift(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0), False),
        (Shift(*[math.nan] * 7), Shift(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0), False),
    ],
)
def test_a_row_counts_if_it_is_large_and_clear_of_the_placebo(found: Shift, placebo: Shift, expected: bool) -> None:
    assert counts(found, placebo) is expected


def test_pairs_that_did_not_finish_are_left_out_and_told() -> None:
    runs: dict[Arm, ArmRun] = {}
    for seed in range(1, 5):
        usual = (float(seed),) * len(MEASURES)
        runs[Arm("baseline", "", "", seed, 2)] = ArmRun(usual)
        moved = tuple(value + 5.0 for value in usual)
        runs[Arm("baseline", "government", FROZEN, seed, 2)] = ArmRun(moved) if seed > 1 else ArmRun((), "collapsed")
    rows = make_rows(runs, ["government"], ["baseline"], 4, 2)
    assert [(row.outcome, row.statistic) for row in rows] == list(MEASURES)
    scale = np.std([1.0, 2.0, 3.0, 4.0], ddof=1)
    assert (rows[0].pairs, rows[0].collapsed) == (3, 1)
    assert rows[0].mean_shift_sd == pytest.approx(5.0 / scale)
    assert rows[0].counts


def test_a_kind_is_compared_under_its_own_policy_and_in_what_it_decides_about() -> None:
    wanted = table.arms(["negotiator"], [], 3, 2)
    assert {(arm.scenario, arm.policy) for arm in wanted} == {("baseline", "chip-deal")}
    assert len(wanted) == 3 * 3
    runs = {}
    for arm in wanted:
        values = np.full(len(table.KEPT), float(arm.seed))
        # Frozen, every deal is struck and costs the same; the placebo strikes others.
        cost = table.KEPT.index(("programme_cost_trn_yen", table.MEAN))
        values[cost] = 0.5 if arm.way == FROZEN else 0.5 * ((arm.seed + (arm.way == REDRAWN)) % 2)
        runs[arm] = ArmRun(tuple(values.tolist()))
    rows = make_rows(runs, ["negotiator"], [], 3, 2)
    own = [("programme_cost_trn_yen", table.MEAN), ("programme_cost_trn_yen", table.VOLATILITY)]
    assert [(row.outcome, row.statistic) for row in rows] == [*MEASURES, *own]
    assert {row.policy for row in rows} == {"chip-deal"}
    # Costs of 0.5, 0 and 0.5: a mean shift of 0.5 / 3 over a standard deviation of 0.289, and no spread left.
    assert rows[-2].mean_shift_sd == pytest.approx(0.5 / 3.0 / np.std([0.5, 0.0, 0.5], ddof=1))
    assert rows[-2].sd_ratio == 0.0


def test_headlines_are_outcomes_and_kinds_are_explained() -> None:
    assert set(HEADLINES) <= set(OUTCOMES)
    assert {name for kind in KINDS for name in kind.own} <= set(OUTCOMES)
    assert all(kind.frozen and kind.label for kind in KINDS)


def test_the_command_keeps_its_runs_goes_on_with_them_and_writes_the_table(tmp_path: Path) -> None:
    out = tmp_path / "kept"
    asked = ["ablate", "--kind", "banks", "--scenario", "baseline", "--seeds", "3", "--years", "1", "--workers", "1"]
    first = CliRunner().invoke(app, [*asked, "--out", str(out), "--json", "--quiet"])
    assert first.exit_code == 0, first.output
    record = json.loads(first.stdout)
    assert len(record["rows"]) == 2 * (len(MEASURES) + len(table.own_measures("banks")))
    needed = {"kind", "ablation", "scenario", "outcome", "rms_sd", "mean_shift_sd", "low", "high", "sd_ratio",
              "placebo_rms_sd", "counts"}  # fmt: skip
    assert needed <= set(record["rows"][0])
    assert {row["pairs"] for row in record["rows"]} == {3}
    kept = (out / "runs.csv").read_bytes()
    again = CliRunner().invoke(app, [*asked, "--out", str(out), "--json", "--quiet"])
    assert json.loads(again.stdout) == record
    assert (out / "runs.csv").read_bytes() == kept
    rows = table.read_table(out / "ablation.csv")
    assert [table.plain_row(row) for row in rows] == record["rows"]
    assert (out / "ablation.md").read_text(encoding="utf-8") == page(rows)


def test_bad_input_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "none"
    asked = ["ablate", "--kind", "nobody", "--scenario", "nowhere", "--seeds", "2", "--years", "0", "--out", str(out)]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 2
    for text in ("nobody", "nowhere", "--seeds = 2", "--years = 0"):
        assert text in answer.output + answer.stderr
    assert not out.exists()


def test_the_page_of_ablations_is_that_of_its_table() -> None:
    docs = Path(__file__).parents[1] / "docs"
    rows: list[Row] = table.read_table(docs / "ablation.csv")
    assert (docs / "ablation.md").read_text(encoding="utf-8") == page(rows)
    assert {row.kind for row in rows} == {kind.name for kind in KINDS}
    odd = (docs / "ODD.md").read_text(encoding="utf-8")
    assert put_in(odd, rows) == odd


def test_kinds_whose_luck_is_the_same_share_a_placebo_and_no_run_is_made_twice() -> None:
    assert (placebo_of("clouds"), placebo_of("developers")) == ("distributors", "chip_importers")
    assert placebo_of("banks") == "banks"
    asked = arms(["distributors", "clouds"], ["baseline"], 3, 1)
    # Each seed: without, twice frozen, twice alike, and one placebo.
    assert len(asked) == len(set(asked)) == 3 * 6
    # Redrawn for one is redrawn for the other, bit for bit.
    one, other = (economy(Ablation(kind, REDRAWN)) for kind in ("distributors", "clouds"))
    for made in (one, other):
        made.step()
    assert same(one, other)


def test_a_run_gives_means_of_its_second_half_and_volatilities_of_all_of_it() -> None:
    values = dict(zip(table.KEPT, run_arm(Arm("baseline", "", "", 1, 1)).values, strict=True))
    months = JapanEconomy(rng=1, years=1).run().monthly_table()
    assert values["usdjpy", "mean"] == pytest.approx(months["usdjpy"].iloc[6:].mean())
    changes = np.diff(months["usdjpy"].to_numpy())
    assert values["usdjpy", "volatility"] == pytest.approx(changes.std(ddof=1))


def test_who_has_no_row_that_counts_is_said_to_be_representative_with_its_figures() -> None:
    rows = table.read_table(Path(__file__).parents[1] / "docs" / "ablation.csv")
    banks = [replace(row, counts=False, mean_shift_sd=0.1, sd_ratio=1.0) for row in rows if row.kind == "banks"]
    banks[1] = replace(banks[1], mean_shift_sd=-0.25, low=-0.3, high=-0.2, statistic="volatility")
    told = representative([replace(row, ablation=FROZEN) for row in banks[:8]])
    assert "| Banks | frozen | -0.25 (-0.30 to -0.20): " in told
    assert "(volatility), " in told
    assert "Banks" not in representative([replace(banks[0], counts=True), *banks[1:8]])
    with pytest.raises(ValueError, match="has no lines"):
        put_in("nothing", rows)


def test_a_page_names_the_version_that_made_its_rows() -> None:
    rows = table.read_table(Path(__file__).parents[1] / "docs" / "ablation.csv")[:2]
    assert f"Model version 3 and 7, {rows[0].pairs} pairs" in page(
        [replace(rows[0], model_version=7), replace(rows[1], model_version=3)]
    )


def test_a_kind_that_counts_only_in_what_it_decides_about_is_told_apart() -> None:
    row = table.read_table(Path(__file__).parents[1] / "docs" / "ablation.csv")[0]
    plain = replace(row, ablation=FROZEN, statistic=table.MEAN, outcome="usdjpy", counts=False)
    rows = [
        replace(plain, kind="banks", counts=True),
        replace(plain, kind="banks", outcome="jgb_30y_pct", counts=True),
        replace(plain, kind="treasurers", statistic=table.VOLATILITY, counts=True),
        replace(plain, kind="debt_office", outcome="jgb_30y_pct", counts=True),
        replace(plain, kind="foundries"),
        replace(plain, kind="households", ablation=ALIKE, counts=True),
    ]
    assert list(by_what_they_count(rows, FROZEN).values()) == [
        ["banks"],
        ["treasurers"],
        ["debt_office"],
        ["foundries"],
    ]
    assert list(by_what_they_count(rows, ALIKE).values()) == [["households"], [], [], []]


def test_the_page_of_limits_says_how_many_kinds_count() -> None:
    said = " ".join((ROOT / "docs" / "limits.md").read_text(encoding="utf-8").split())
    found = re.search(
        r"of (\d+) kinds that are frozen (\d+) have a row that counts, of (\d+) .*? made alike (\d+)", said
    )
    assert found is not None
    counts: dict[str, dict[str, bool]] = {FROZEN: {}, ALIKE: {}}
    for row in table.read_table(ROOT / "docs" / "ablation.csv"):
        kinds = counts[row.ablation]
        kinds[row.kind] = kinds.get(row.kind, False) or row.counts
    told = [len(counts[FROZEN]), sum(counts[FROZEN].values()), len(counts[ALIKE]), sum(counts[ALIKE].values())]
    assert told == [int(one) for one in found.groups()]
