"""The economy as a whole: same bits, closed books, exact attribution, policies that touch only what they pay for."""

from __future__ import annotations

import inspect
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.agents.named_importers import IMPORTER_PARTIES
from itcho.agents.rules.subsidy import FiveYearSchedule, ProgrammeView, SubsidyRule, Support
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT
from itcho.model import monthly_steps
from itcho.model.economy import JapanEconomy
from itcho.model.ledger.ledger import LedgerLeak
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.policies import POLICIES, Policy
from itcho.model.scenarios import SCENARIOS
from itcho.model.world import World
from tests.children import itcho_environment
from tests.soundness import SMALL, fingerprint, run_soundly

STARTS = ("2026-03-31", "2024-03-31")


def run(months: int, **arguments: object) -> JapanEconomy:
    economy = JapanEconomy(**{**SMALL, **arguments})  # type: ignore[arg-type]
    for _ in range(months):
        economy.step()
    return economy


@pytest.fixture(scope="module")
def baseline() -> JapanEconomy:
    """Eighteen months with policy `actual` and seed 5."""
    return run(18, rng=5)


@pytest.fixture(scope="module")
def without_programme() -> JapanEconomy:
    return run(18, rng=5, policy="none")


# Same bits.


def test_equal_seeds_give_equal_bits_here_and_in_another_process(baseline: JapanEconomy) -> None:
    here = fingerprint(baseline)
    assert fingerprint(run(18, rng="5")) == here
    code = "from tests.test_economy import run, fingerprint; print(fingerprint(run(18, rng=5)))"
    there = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent.parent,
        env=itcho_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


def test_another_seed_gives_another_run(baseline: JapanEconomy) -> None:
    assert not run(3, rng=6).daily_table()["usdjpy"].equals(baseline.daily_table()["usdjpy"][:63])


def test_two_economies_that_take_turns_do_not_disturb_each_other() -> None:
    alone = fingerprint(run(4, rng=7))
    first, second = run(0, rng=7), run(0, rng=8)
    for _ in range(4):
        first.step()
        second.step()
    assert fingerprint(first) == alone


def test_without_noise_only_construction_depends_on_the_seed() -> None:
    first, again = run(6, rng=1, noise=False), run(6, rng=1, noise=False)
    assert fingerprint(first) == fingerprint(again)
    other = run(6, rng=2, noise=False)
    outside = ["us_policy_rate_pct"]
    assert other.monthly_table()[outside].equals(first.monthly_table()[outside])
    # A path without shocks has no daily turbulence.
    assert np.diff(np.log(first.daily_table()["usdjpy"])).std() < 0.001


# Policies.


@dataclass(frozen=True)
class SamePayments(SubsidyRule):
    """Another rule, of another name and other parameters, that announces and pays what the five-year schedule does."""

    schedule: FiveYearSchedule = field(default_factory=FiveYearSchedule)

    def announced_trn_yen(self) -> float:
        return self.schedule.announced_trn_yen()

    def support(self, view: ProgrammeView) -> Support:
        return Support(self.schedule.support(view).payments)


def test_a_rule_that_pays_the_same_under_another_name_gives_equal_bits(baseline: JapanEconomy) -> None:
    policy = Policy("instalments", "Instalments", "Pays what the programme pays.", subsidy=SamePayments())
    assert fingerprint(run(18, rng=5, policy=policy)) == fingerprint(baseline)


def test_the_programme_pays_its_schedule(baseline: JapanEconomy) -> None:
    paid = baseline.monthly_table()["programme_cost_trn_yen"]
    assert paid[11] == pytest.approx(0.3873, abs=1e-12)
    assert paid[17] == pytest.approx(0.3873 + 0.153175 / 2, abs=1e-12)
    edges = baseline.edge_table()
    grants = edges[edges["purpose"] == "ai_programme"]
    assert set(grants["payer"]) == {AI_SPECIAL_ACCOUNT}
    assert grants["amount_trn_yen"].sum() == pytest.approx(paid[17], abs=1e-12)


def test_policy_none_spends_and_raises_nothing(without_programme: JapanEconomy) -> None:
    edges = without_programme.edge_table()
    assert AI_SPECIAL_ACCOUNT not in {*edges["payer"], *edges["payee"]}
    ledger = without_programme.ledger
    assert not ledger.positions[:, ledger.party_index[AI_SPECIAL_ACCOUNT]].any()
    assert without_programme.outcomes["programme_cost_trn_yen"] == 0.0
    assert without_programme.outcomes["programme_return_trn_yen"] == 0.0


def test_the_programme_is_paid_for_with_its_own_bonds(baseline: JapanEconomy) -> None:
    ledger = baseline.ledger
    account = ledger.positions[:, ledger.party_index[AI_SPECIAL_ACCOUNT]]
    # What it owes is what it has paid and the interest on it, at market value.
    assert -account.sum() == pytest.approx(baseline.outcomes["programme_cost_trn_yen"], rel=0.1)


def test_policies_leave_the_outside_world_alone(baseline: JapanEconomy, without_programme: JapanEconomy) -> None:
    large = Policy("large", "Fifty programmes", "", subsidy=FiveYearSchedule(dose=50.0))
    flood = run(18, rng=5, policy=large)
    for other in (without_programme, flood):
        assert other.monthly_table()["us_policy_rate_pct"].equals(baseline.monthly_table()["us_policy_rate_pct"])
        assert other.daily_table()["world_equity_index"].equals(baseline.daily_table()["world_equity_index"])
    assert flood.outcomes["usdjpy"] != baseline.outcomes["usdjpy"] != without_programme.outcomes["usdjpy"]


# Books.


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("start", STARTS)
def test_every_month_is_sound(start: str, scenario: str) -> None:
    run_soundly(24, rng=3, start=start, scenario=scenario)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("policy", POLICIES)
def test_every_month_of_ten_years_is_sound(start: str, scenario: str, policy: str) -> None:
    run_soundly(120, rng=4, start=start, scenario=scenario, policy=policy, investors=2000, importers=300, adopters=1000)


@pytest.mark.parametrize("investors", [10, 3000])
def test_few_and_many_investors_are_sound(investors: int) -> None:
    run_soundly(12, rng=2, investors=investors)


@pytest.mark.slow
def test_a_hundred_thousand_investors_are_sound() -> None:
    run_soundly(120, rng=2, investors=100_000, importers=300, adopters=1000)


def test_a_changed_leg_is_caught_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of posting of a month, one leg off by a millionth of its row's gross flow."""
    economy = run(2, rng=9)
    seen: dict[tuple[str, str], bool] = {}

    def close_with_a_leak(world: World, *_: object) -> None:
        world.structural.square_dealers(world.ledger)
        journal, ledger = world.ledger.journal, world.ledger
        amounts = np.array(journal.received)
        purposes, instruments = np.array(journal.purpose), np.array(journal.instrument)
        for place in range(len(journal)):
            purpose, instrument = journal.purpose[place], journal.instrument[place]
            row = ledger.purposes[purpose] if instrument < 0 else ledger.instruments[instrument]
            alike = (instruments == instrument) & ((instrument >= 0) | (purposes == purpose))
            key = (row, ledger.purposes[purpose])
            if key in seen:
                continue
            true = journal.received[place]
            journal.received[place] += 2e-6 * amounts[alike].sum()  # gross counts both legs
            with pytest.raises(LedgerLeak, match=f"month 3: .*'{row}'.*sector") as leak:
                ledger.close_month()
            seen[key] = ledger.parties[journal.payee[place]].sector.value in str(leak.value)
            journal.received[place] = true
        ledger.close_month()

    monkeypatch.setattr(monthly_steps, "close_the_books", close_with_a_leak)
    economy.step()
    assert len(seen) > 60
    unnamed = [key for key, named in seen.items() if not named]
    assert not unnamed, f"the sector is not named for {unnamed}"


def test_attribution_adds_up(baseline: JapanEconomy) -> None:
    parts = baseline.fx_attribution().drop(columns="month").sum(axis="columns").to_numpy()
    path = np.concatenate([[baseline.start_state.fact("usdjpy")], baseline.monthly_table()["usdjpy"]])
    assert np.abs(parts - np.diff(np.log(path))).max() < 1e-12


# Size.


@pytest.mark.slow
def test_size_does_not_change_the_answer() -> None:
    volatility, ends = [], []
    for investors in (300, 3000, 100_000):
        economy = run(24, rng=1, investors=investors, importers=investors * 3 // 20, adopters=investors // 2)
        volatility.append(np.diff(np.log(economy.daily_table()["usdjpy"])).std())
        ends.append(economy.outcomes)
    assert max(volatility) < 1.1 * min(volatility)
    for name in ("usdjpy", "gov_debt_to_gdp_pct", "jgb_10y_pct", "softbank_ltv_pct", "chip_imports_trn_yen"):
        assert [end[name] for end in ends] == pytest.approx([ends[-1][name]] * 3, rel=0.05), name


# Channels.


def test_without_carry_the_rate_gap_moves_no_carry_trader() -> None:
    # Without noise nobody is stopped out and limits stand still, so that the rate gap is all carry traders answer to.
    quiet = {"rng": 5, "noise": False}
    answered = run(18, **quiet).fx_attribution()["carry_traders"]
    off = run(18, **quiet, without={"carry"}).fx_attribution()["carry_traders"]
    assert answered.abs().max() > 1e-4
    assert off.abs().max() < 1e-12


def test_without_pass_through_the_yen_does_not_reach_import_prices(baseline: JapanEconomy) -> None:
    off = run(18, rng=7, without={"pass_through"})
    # The yen's path is another by now, but over home prices imports follow dollar prices of fuel alone.
    assert abs(np.log(off.state.usdjpy_index)) > 0.02
    buyers = off.goods.import_buyers
    assert buyers.goods_price_log == 0.0 != baseline.goods.import_buyers.goods_price_log
    fuel = off.parameters.import_fuel_share * buyers.fuel_price_log
    assert off.state.import_price == pytest.approx(off.state.domestic_price * np.exp(fuel))
    assert off.state.export_price == pytest.approx(off.state.domestic_price)


def test_without_wealth_prices_of_assets_do_not_reach_consumption(baseline: JapanEconomy) -> None:
    off = run(18, rng=5, without={"wealth"})
    # Wealth is that of the start as long as potential output is: the gap of the start is no part of it.
    at_start = off.goods.base.gdp / (1.0 + off.parameters.opening_output_gap_pct / 100.0)
    assert off.state.wealth_real == pytest.approx(off.state.potential_gdp / at_start)
    assert off.state.wealth_real != baseline.state.wealth_real
    assert not off.monthly_table()["real_gdp_trn_yen"].equals(baseline.monthly_table()["real_gdp_trn_yen"])


def test_an_unknown_channel_is_refused() -> None:
    with pytest.raises(InputError, match="carry"):
        JapanEconomy(without={"cary"})


# Mesa habits.


def test_members_read_and_write() -> None:
    economy = run(1, rng=1)
    member = economy.chip_importers[17]
    member.cash_trn_yen = 0.25
    assert economy.chip_importers.cash_trn_yen[17] == economy.chip_importers[17].cash_trn_yen == 0.25
    economy.chip_importers.cash_trn_yen[17] = 0.5
    assert member.cash_trn_yen == 0.5


def test_agents_by_type_and_frames(baseline: JapanEconomy) -> None:
    sets = {kind.__name__: len(agents) for kind, agents in baseline.agents_by_type.items()}
    assert sets["ChipImporter"] == 60
    assert sets["Investor"] == 200
    assert sets["Adopter"] == 100
    assert sets["Government"] == sets["BankOfJapan"] == sets["SoftBankGroup"] == sets["SoftBankCorp"] == 1
    assert sum(sets.values()) == len(baseline.agents)
    assert len({agent.unique_id for agent in baseline.agents}) == len(baseline.agents)
    frame = baseline.chip_importers.to_frame()
    assert len(frame) == 60
    assert frame["cash_trn_yen"].iloc[17] == baseline.chip_importers[17].cash_trn_yen


def test_the_data_collector_holds_the_outcomes(baseline: JapanEconomy) -> None:
    frame = baseline.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == list(OUTCOMES)
    pd.testing.assert_frame_equal(
        frame.reset_index(drop=True), baseline.monthly_table().drop(columns="month"), check_exact=True
    )


def test_mesa_batch_run() -> None:
    """Seeds are a design parameter in Mesa 3.3.1 and an argument of their own later; each run is the economy itself."""
    seeds = [1, 2]
    options = {"number_processes": 1, "max_steps": 2, "display_progress": False}
    has_seeds = "rng" in inspect.signature(mesa.batch_run).parameters
    if has_seeds:
        rows = mesa.batch_run(JapanEconomy, dict(SMALL), rng=seeds, **options)
    else:
        rows = mesa.batch_run(JapanEconomy, {"rng": seeds, **SMALL}, iterations=1, **options)
    table = pd.DataFrame(rows)
    last = int(table["Step"].max())
    reported = sorted(table.loc[table["Step"] == last, "usdjpy"])
    # Mesa 3.3.1 takes one step more than it is asked for, and reports the step before.
    months = last if has_seeds else last + 1
    assert reported == sorted(run(months, rng=seed).outcomes["usdjpy"] for seed in seeds)


def test_a_saved_economy_comes_back(tmp_path: Path) -> None:
    arguments = {"rng": 11, "policy": "none", "start": "2024-03-31", "scenario": "chip-supply-disruption"}
    economy = run(4, **arguments, parameters={"okun_coefficient": 0.2}, without={"wealth"})
    economy.save(tmp_path / "saved.json")
    again = JapanEconomy.load(tmp_path / "saved.json")
    assert fingerprint(again) == fingerprint(economy)
    for each in (economy, again):
        each.step()
    assert fingerprint(again) == fingerprint(economy)


def test_what_cannot_be_saved_or_loaded_says_so(tmp_path: Path) -> None:
    own = Policy("instalments", "Instalments", "", subsidy=SamePayments())
    with pytest.raises(InputError, match=r"subsidy rule 'SamePayments' .* cannot be kept"):
        run(0, rng=1, policy=own).save(tmp_path / "own.json")
    assert not list(tmp_path.iterdir())
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(InputError, match="no saved economy"):
        JapanEconomy.load(tmp_path / "other.json")


def test_the_graph_shows_last_months_payments(baseline: JapanEconomy) -> None:
    graph = baseline.graph
    flows = [data["flow_trn_yen"] for _, _, data in graph.edges(data=True) if "flow_trn_yen" in data]
    assert flows
    assert min(flows) >= 0.0
    named = {data["name"] for _, data in graph.nodes(data=True)}
    # Anonymous importers stand in the graph one by one and in the ledger by role.
    assert {party.name for party in IMPORTER_PARTIES if not party.name.startswith("other_")} <= named


def test_member_edges_add_up_to_the_named_ones() -> None:
    """Naming every importer changes who is named, not what was paid."""
    tables = {}
    for full in (False, True):
        economy = JapanEconomy(rng=3, member_edges=full)
        for _ in range(3):
            economy.step()
        tables[full] = economy.edge_table(full=full)
    assert len(tables[True]) > len(tables[False])
    total = {full: table.groupby(["month", "purpose"])["amount_trn_yen"].sum() for full, table in tables.items()}
    gap = (total[True] - total[False]).abs() / total[False]
    # Sales of collateral among importers of one label are nobody's payment when labels pay.
    assert gap[gap.index.get_level_values("purpose") != "collateral_sale"].max() < 1e-9
