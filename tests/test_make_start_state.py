"""Start states made from a folder of history: closed, near what is published, and blind to what came later."""

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from itcho import JapanEconomy
from itcho.agents.errors import InputError
from itcho.experiments.data.origin_data import origin_data
from itcho.experiments.openings import make_start_state, own_tables, write_start_state
from itcho.experiments.openings.events import make_events
from itcho.experiments.openings.least_squares import Cells
from itcho.experiments.openings.output_gap import output_gap
from itcho.model.finance.jgb_ladder import JGBLadder
from itcho.model.parameters import Parameters
from itcho.model.start_states import available, check, load
from itcho.model.start_states.files import _HEADERS
from tests.history import DATE_COLUMNS, VALUES, before_ai, history
from tests.test_cli import in_process

FILES = tuple(_HEADERS)


@pytest.fixture(scope="module")
def without_ai(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    made = make_start_state(history(folder / "history", before_ai), date(2013, 3, 31))
    return write_start_state(made.state, made.stocks, folder)


def test_cells_move_in_proportion_to_the_square_of_what_they_may() -> None:
    cells = Cells()
    cells.add(("a",), 10.0, "read", scale=1.0)
    cells.add(("b",), 20.0, "judgement", scale=2.0)
    cells.add(("none",), 0.0, "judgement")
    cells.require("total", {("a",): 1.0, ("b",): 1.0, ("none",): 1.0}, 35.0)
    closed = cells.closed()
    # 5 to be shared as 1 to 4; what is known to be nothing stays nothing.
    assert closed == pytest.approx({("a",): 11.0, ("b",): 24.0, ("none",): 0.0})
    assert cells.distances(closed)[0] == (("b",), pytest.approx(2.0))


def test_a_cell_keeps_its_sign_and_the_rest_is_borne_by_others() -> None:
    cells = Cells()
    cells.add(("small",), 1.0, "judgement", scale=10.0)
    cells.add(("large",), 100.0, "judgement", scale=1.0)
    cells.require("total", {("small",): 1.0, ("large",): 1.0}, 95.0)
    assert cells.closed() == pytest.approx({("small",): 0.0, ("large",): 95.0})


def test_identities_that_signs_cannot_satisfy_are_named() -> None:
    cells = Cells()
    cells.add(("a",), 1.0, "read")
    cells.require("a debt of three", {("a",): 1.0}, -3.0)
    with pytest.raises(InputError, match="satisfy a debt of three: -3 trn yen are left over"):
        cells.closed()


def test_output_gap_by_filters_that_look_back() -> None:
    time = np.arange(80)
    steady = pd.Series(100.0 * np.exp(0.005 * time))
    gap = output_gap(steady)
    assert gap is not None
    assert gap.all_pct == pytest.approx((0.0, 0.0, 0.0), abs=1e-6)
    fallen = steady.copy()
    fallen.iloc[-1] *= math.exp(-0.05)
    low = output_gap(fallen)
    assert low is not None
    # A trend through n points follows what the last one does by (4 n - 2) / (n (n + 1)): 40 points.
    assert low.log_linear_pct == pytest.approx(-5.0 * (1.0 - 158.0 / 1640.0), abs=1e-6)
    # Nothing in the lags foretold it, and the regression has seen 69 quarters.
    assert -5.0 < low.hamilton_pct < -4.0
    assert -5.0 < low.hodrick_prescott_pct < -3.0
    assert low.median_pct == sorted(low.all_pct)[1]
    assert output_gap(steady.iloc[:40]) is None


@pytest.mark.parametrize("name", available())
def test_the_packaged_states_are_made_from_the_packages_own_tables(name: str, tmp_path: Path) -> None:
    made = make_start_state(own_tables(), date.fromisoformat(name))
    folder = write_start_state(made.state, made.stocks, tmp_path)
    kept = load(name)
    again = load(folder)
    assert np.abs(again.positions - kept.positions).max() < 2e-6
    assert [(row.flow, row.payer, row.payee) for row in again.flows] == [
        (row.flow, row.payer, row.payee) for row in kept.flows
    ]
    # Cells that the solver chooses may differ in their last digits between processors.
    assert [row.value_trn_yen for row in again.flows] == pytest.approx(
        [row.value_trn_yen for row in kept.flows], abs=1e-4
    )
    assert {key: fact.value for key, fact in again.facts.items()} == pytest.approx(
        {key: fact.value for key, fact in kept.facts.items()}, abs=1e-4
    )
    assert list(again.constants) == list(kept.constants)
    assert again.events == kept.events


@pytest.mark.parametrize("name", available())
def test_published_totals_of_flows_hold(name: str) -> None:
    state, rows = load(name), pd.read_csv(own_tables() / "annual_flows.csv")
    published = rows[rows["period_end"] == name].groupby("flow")["value"].sum()
    assert state.flow("wages") == pytest.approx(published["sna.compensation_of_employees"], abs=1e-3)
    assert state.gdp_by_expenditure() == pytest.approx(published["gdp.gdp"], abs=1e-3)
    received = published["primary_income_received_from_abroad"]
    assert state.flow("primary_income_received") == pytest.approx(received, abs=1e-3)
    central = ("income", "inheritance", "corporate", "consumption", "other")
    taxes = sum(state.flow(f"tax_{kind}_central") for kind in central)
    assert taxes == pytest.approx(published["mof.general_account_tax"], abs=1e-3)
    # Net lending is read: within a thousandth.
    assert state.net_lending("bank_of_japan") == pytest.approx(2.07, abs=0.02)


@pytest.mark.parametrize("name", available())
def test_bonds_mature_as_they_were_auctioned(name: str) -> None:
    state = load(name)
    ladder = JGBLadder.opening(state)
    years = float(ladder.face @ np.arange(ladder.face.size) / ladder.face.sum()) / 12.0
    assert years == pytest.approx(state.fact("jgb_average_maturity_years"), rel=0.05)


def test_nothing_after_the_origin_changes_a_bit(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)

    def scrambled(file: str, found: pd.DataFrame) -> pd.DataFrame:
        later = found[DATE_COLUMNS[file]] > "2024-03-31"
        numbers = later & (found[VALUES[file]] != "")
        noise = generator.normal(0.0, 100.0, int(numbers.sum()))
        found.loc[numbers, VALUES[file]] = [repr(float(value)) for value in noise]
        return found

    origin = date(2024, 3, 31)
    written = []
    for folder in (history(tmp_path / "as_is"), history(tmp_path / "noise", scrambled)):
        made = make_start_state(folder, origin)
        written.append(write_start_state(made.state, made.stocks, folder / "made"))
    assert (tmp_path / "as_is" / "annual_flows.csv").read_bytes() != (
        tmp_path / "noise" / "annual_flows.csv"
    ).read_bytes()
    for file in FILES:
        assert (written[0] / file).read_bytes() == (written[1] / file).read_bytes(), file


def test_a_world_without_ai_runs(without_ai: Path) -> None:
    state = load(without_ai)
    assert all(residual.closes for residual in check(state))
    assert not state.sells_ai
    assert all(state.net_worth(party) == 0.0 for party in ("ai_firms", "softbank_group", "softbank_corp"))
    economy = JapanEconomy(start=without_ai, policy="none", rng=3, adopters=300, investors=300).run(years=3)
    outcomes = economy.outcomes
    for name in ("adoption_pct", "domestic_ai_share_home_pct", "productivity_gain_pct", "softbank_ltv_pct"):
        assert outcomes[name] == 0.0, name
    # Firms still import chips, for other things than AI.
    assert outcomes["chip_imports_trn_yen"] > 1.0
    assert all(math.isfinite(value) for value in outcomes.values())


def test_constants_of_the_date_hold_unless_another_value_is_chosen(without_ai: Path) -> None:
    constants = load(without_ai).constants
    assert constants["inflation_target_pct"].value == 2.0
    # Half the target and half the mean of ten years of 1.09%.
    assert constants["opening_anchor_over_target_pp"].value == pytest.approx(-0.4552, abs=1e-4)
    assert constants["opening_output_gap_pct"].low < constants["opening_output_gap_pct"].value
    dated = JapanEconomy(start=without_ai, policy="none", rng=1, adopters=50, noise=False)
    assert dated.parameters.opening_output_gap_pct == constants["opening_output_gap_pct"].value
    assert dated.state.output_gap_pct == dated.parameters.opening_output_gap_pct
    assert dated.chosen_parameters == Parameters()
    # A value that is chosen stands, even if it is the registry's own.
    chosen = {"opening_output_gap_pct": 0.0, "us_neutral_rate_pct": 3.1}
    economy = JapanEconomy(start=without_ai, policy="none", rng=1, adopters=50, parameters=chosen)
    assert (economy.parameters.opening_output_gap_pct, economy.parameters.us_neutral_rate_pct) == (0.0, 3.1)
    assert economy.parameters.firm_borrowing_trn_yen_year == constants["firm_borrowing_trn_yen_year"].value


def test_a_kept_world_comes_back_with_its_constants_and_choices(without_ai: Path, tmp_path: Path) -> None:
    economy = JapanEconomy(
        start=without_ai, policy="none", rng=1, adopters=50, parameters={"opening_output_gap_pct": 0.0}
    )
    economy.step()
    economy.save(tmp_path / "world.json")
    again = JapanEconomy.load(tmp_path / "world.json")
    assert again.parameters == economy.parameters
    assert again.chosen_parameters.given == {"opening_output_gap_pct"}


def test_a_gap_closes_and_moves_unemployment_and_prices(without_ai: Path) -> None:
    paths = {}
    for gap in (-4.0, 0.0):
        chosen = {"opening_output_gap_pct": gap}
        economy = JapanEconomy(start=without_ai, policy="none", rng=1, adopters=50, noise=False, parameters=chosen)
        years = []
        for _ in range(4):
            economy.run(years=1)
            years.append((economy.state.output_gap_pct, economy.state.domestic_price, economy.state.unemployment_pct))
        paths[gap] = years
    gaps = [low[0] - usual[0] for low, usual in zip(paths[-4.0], paths[0.0], strict=True)]
    assert gaps[0] < -2.0
    assert gaps[0] < gaps[1] < gaps[2]
    assert abs(gaps[3]) < 1.5
    assert paths[-4.0][1][1] < paths[0.0][1][1]
    # The start's unemployment was the slack's: it falls as the slack goes.
    assert paths[-4.0][3][2] < paths[-4.0][0][2]


def test_a_step_put_off_stands_at_its_last_date_and_reaches_prices(tmp_path: Path) -> None:
    def law(file: str, found: pd.DataFrame) -> pd.DataFrame:
        found = before_ai(file, found)
        if file == "dated_constants.csv":
            found.loc[found["name"] == "consumption_tax_rate_pct", "value"] = "5"
        if file == "policy_events.csv":
            row = {"event": "tax.consumption_tax_rate", "unit": "pct", "source": "made up"}
            steps = (
                ("2012-08-10", "2014-04-01", "8"),
                ("2012-08-10", "2013-10-01", "10"),
                ("2013-02-01", "2014-10-01", "10"),
                ("2013-04-01", "2020-10-01", "10"),
            )
            return pd.DataFrame([row | {"announced": a, "effective": e, "value": v} for a, e, v in steps])
        return found

    folder, origin = history(tmp_path / "history", law), date(2013, 3, 31)
    events = make_events(origin_data(folder, origin))
    assert [(str(event.date), event.value) for event in events] == [("2014-04-01", 8.0), ("2014-10-01", 10.0)]
    made = make_start_state(folder, origin)
    assert made.state.constants["consumption_tax_national_rate_pct"].value == 4.0
    with_law, without = (
        JapanEconomy(start=made.state, policy="none", rng=1, noise=False, adopters=50, dated_events=dated)
        for dated in (True, False)
    )
    points = []
    for _ in range(19):
        with_law.step()
        without.step()
        points.append(with_law.state.consumption_tax_points)
    assert points == [0.0] * 12 + [3.0] * 6 + [5.0]
    # 71% of consumption is taxed: 5 points on 105 raise consumer prices by 3.4%.
    ratio = with_law.state.consumer_price / without.state.consumer_price
    assert ratio == pytest.approx(1.0 + 0.71 * 5.0 / 105.0, abs=0.01)


def test_the_command_makes_checks_and_refuses(tmp_path: Path) -> None:
    out = tmp_path / "states"
    done = in_process("start-state", "make", "2026-03-31", "--out", str(out), "--json")
    record = json.loads(done.out)
    assert (done.code, record["closes"]) == (0, True)
    assert Path(record["folder"]) == out / "2026-03-31"
    assert sorted(path.name for path in (out / "2026-03-31").iterdir()) == sorted(FILES)
    assert in_process("start-state", "check", str(out / "2026-03-31")).code == 0
    again = in_process("start-state", "make", "2026-03-31", "--out", str(out))
    assert again.code == 2
    assert "exists already" in again.err
    before = sorted(tmp_path.rglob("*"))
    for arguments, message in (
        (("31.3.2026",), "is not a date such as 2013-03-31"),
        (("2026-03-30",), "is not a 31 March"),
        (("2025-03-31",), "it has them for: 2024-03-31, 2026-03-31"),
        (("2026-03-31", "--data", str(tmp_path / "nowhere")), "no such folder of history"),
    ):
        refused = in_process("start-state", "make", *arguments, "--out", str(tmp_path / "other"))
        assert refused.code == 2
        assert message in refused.err.replace("\n", " ")
        assert "Traceback" not in refused.err
    assert sorted(tmp_path.rglob("*")) == before


def test_everything_that_a_folder_lacks_is_told_at_once(tmp_path: Path) -> None:
    def poor(file: str, found: pd.DataFrame) -> pd.DataFrame:
        column = {"annual_flows.csv": "flow", "dated_constants.csv": "name", "quarterly_long.csv": "series"}.get(file)
        if column is None:
            return found
        gone = ("mof.general_account_tax", "us_neutral_rate_pct", "usdjpy_eoq")
        return found[~found[column].isin(gone)]

    with pytest.raises(InputError) as caught:
        make_start_state(history(tmp_path / "history", poor), date(2026, 3, 31))
    text = str(caught.value)
    assert "flow 'mof.general_account_tax' is missing" in text
    assert "'us_neutral_rate_pct' is missing" in text
    assert "no 'usdjpy_eoq' for the quarter that ends on 2026-03-31" in text
