"""Decisions, the yen in yen, and two runs compared, as a page's data: hand-made records and figures."""

from __future__ import annotations

import base64
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from itcho.agents.decisions import Decision
from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.cli.run import write_run
from itcho.experiments.figures.attribution import CLIENT_GROUPS
from itcho.experiments.languages import LANGUAGES
from itcho.experiments.runs.decision_sentences import decision_sentences
from itcho.experiments.runs.run_folder import RunFolder
from itcho.experiments.runs.run_request import RunRequest, run_economy
from itcho.experiments.runs.run_tables import RunTables, TwinTables
from itcho.experiments.runs.yen_parts import accounting_yen, effect_yen, yen_way
from itcho.experiments.view.report_compare import compare_folders, compared_edges, comparison_content, flow_gap
from itcho.experiments.view.report_decisions import MONTH, NUMBER, decisions_content, lanes, read_decisions
from itcho.experiments.view.report_yen import yen_bars, yen_between
from itcho.experiments.view.run_data import RunData, read_run
from itcho.model.policies import POLICIES

NO_EDGES = pd.DataFrame({"month": [], "payer": [], "purpose": []}, dtype=str)
JUNE, JULY = "2026-06-30", "2026-07-31"


def rate(month: str, before: float, did: float) -> Decision:
    saw = {"inflation_pct": 1.8, "gap_pct": -0.3, "before_pct": before, "shadow_rate_pct": 1.05}
    return Decision(month, "bank_of_japan", 1, "policy_rate", "inertial-taylor", saw, 1.25, "%", "inertia step", did)


def plain(agent: str, what: str, did: float, bound_by: str = "", month: str = JUNE) -> Decision:
    return Decision(month, agent, 1, what, "", {}, did, "trn yen", bound_by, did)


def write(place: Path, policy: str, years: int = 1) -> Path:
    """A small run's folder."""
    request = RunRequest(seed=7, policy=policy, years=years, investors=60, importers=50, adopters=60)
    parameters = request.checked_parameters(check_folder=False)
    twin = TwinTables.of(run_economy(request, "none", parameters))
    ran = run_economy(request, policy, parameters, keep_decisions=True)
    with RunFolder(place) as writing:
        write_run(writing, request, ran, RunTables.of(ran, full_edges=False), twin)
        writing.commit()
    return place


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same world with two policies."""
    place = tmp_path_factory.mktemp("runs")
    assert "vouchers" in POLICIES
    return write(place / "first", "actual"), write(place / "second", "vouchers")


@pytest.fixture(scope="module")
def data(folders: tuple[Path, Path]) -> tuple[RunData, RunData]:
    return read_run(folders[0]), read_run(folders[1])


def told(content: dict[str, Any], code: str) -> list[str]:
    """Sentences put together as the page does it."""
    found = []
    for at, line in enumerate(content["said"][code]["lines"]):
        numbers = iter((line if len(line) > 1 else content["said"]["en"]["lines"][at])[1].split())
        pattern = content["said"][code]["patterns"][line[0]]
        found.append("".join(next(numbers) if sign == NUMBER else sign for sign in pattern))
    return found


def named_month(month: str, code: str) -> str:
    name = pd.Timestamp(month).strftime("%B %Y")
    return name if code == "en" else f"{int(month[:4])}年{int(month[5:7])}月"


def test_records_come_back_from_their_file(data: tuple[RunData, RunData]) -> None:
    table = data[0].decisions
    assert table is not None
    records = read_decisions(table)
    assert [record.row() for record in records] == [
        {**row, "bound_by": "" if not isinstance(row["bound_by"], str) else row["bound_by"]}
        for row in table.to_dict("records")
    ]
    missing = table.head(1).assign(saw='{"gap_pct": null}')
    assert math.isnan(read_decisions(missing)[0].saw["gap_pct"])


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_of_the_page_is_the_one_that_decisions_are_told_in(
    data: tuple[RunData, RunData], code: str
) -> None:
    table = data[0].decisions
    assert table is not None
    content = decisions_content(table, data[0].edges, data[0].flows)
    assert content is not None
    records = read_decisions(table)
    said = [
        one.replace(MONTH, named_month(record.month, code))
        for one, record in zip(told(content, code), records, strict=True)
    ]
    assert said == decision_sentences(records, code)
    assert len(content["said"][code]["patterns"]) < 0.25 * len(records), "each way of saying it is kept once"


def test_lanes_hold_what_moved_and_what_bound() -> None:
    records = [
        rate(JUNE, before=1.0, did=1.0),
        rate(JULY, before=1.0, did=1.25),
        plain("softbank_group", "investment", 1.0),
        plain("softbank_group", "asset_sales", 0.0),
        plain("softbank_group", "asset_sales", 0.4, month=JULY),
        plain("carry_traders", "dollars", 3.0, "carry_stop"),
        plain("clouds", "chip_orders", 3.0, "importer_budget importer_credit"),
        plain("households", "consumption", 3.0, "habit"),
        plain("government", "intervention", -9.0),
        plain("government", "programme", 0.1, month=JULY),
        plain("banks", "bonds", 0.1),
    ]
    edges = pd.DataFrame(
        {
            "month": [JUNE, JULY],
            "payer": ["softbank_group", "government"],
            "purpose": ["softbank_commitment", "bail_out"],
        }
    )
    flows = pd.DataFrame(
        {
            "month": [JUNE, JULY, JULY],
            "kind": ["revaluation", "financial", "revaluation"],
            "row": ["loans", "loans", "jgb_1_to_5y"],
            "sector": ["banks", "banks", "banks"],
            "amount_trn_yen": [-0.01, -1.0, -1.0],
        }
    )
    assert {lane["name"]: lane["events"] for lane in lanes(records, edges, flows)} == {
        "tranche": [[JUNE, "softbank_group", [2]]],
        "rate": [[JULY, "bank_of_japan", [1]]],
        "sale": [[JULY, "softbank_group", [4]]],
        "loss_cut": [[JUNE, "carry_traders", [5]]],
        "failure": [[JUNE, "banks", [10], 0.01]],
        "intervention": [[JUNE, "government", [8]]],
        "rescue": [[JULY, "government", [9]]],
        "limit": [[JUNE, "clouds", [6]]],
    }


def test_a_folder_without_decisions_has_none_on_its_page() -> None:
    assert decisions_content(None, NO_EDGES) is None


def test_parts_in_yen_are_in_proportion_to_logs_whenever_they_came() -> None:
    """From 100 to 110 to 121: a tenth weighs 10.5 yen in either month, and what went both ways weighs nothing."""
    log = np.log(1.1)
    table = pd.DataFrame(
        {
            "month": [JUNE, JULY],
            "banks": [log, 0.0],
            "softbank": [0.0, log],
            "news": [log, -log],
            "chartists": [-log, log],
        }
    )
    way = yen_way(table, pd.Series([110.0, 121.0]))
    assert way.opening == pytest.approx(100.0)
    found = dict(zip([group.label for group in CLIENT_GROUPS], accounting_yen(way), strict=True))
    moved = {label: yen for label, yen in found.items() if abs(yen) > 1e-9}
    assert moved == pytest.approx({"Investors": 10.5, "SoftBank": 10.5})
    still = yen_way(table.assign(banks=0.0, softbank=0.0, news=0.0, chartists=0.0), pd.Series([100.0, 100.0]))
    assert accounting_yen(still) == [0.0] * len(CLIENT_GROUPS)


def test_a_higher_rate_is_nobodys_deed() -> None:
    """Goods trade did the same in both worlds: all of what the programme changed belongs to SoftBank."""
    log = np.log(2.0)
    table = pd.DataFrame({"month": [JUNE], "goods_trade": [-log], "banks": [log], "softbank": [log]})
    one = yen_way(table, pd.Series([200.0]))
    other = yen_way(table.assign(softbank=0.0), pd.Series([100.0]))
    found = dict(zip([group.label for group in CLIENT_GROUPS], effect_yen(one, other), strict=True))
    assert {label: yen for label, yen in found.items() if yen} == pytest.approx({"SoftBank": 100.0})


def test_bars_lead_from_the_opening_to_the_end_in_both_worlds(data: tuple[RunData, RunData]) -> None:
    one = data[0]
    assert one.twin_attribution is not None
    assert one.twin_monthly is not None
    bars = yen_bars(
        yen_way(one.usdjpy_attribution, one.monthly["usdjpy"]),
        yen_way(one.twin_attribution, one.twin_monthly["usdjpy"]),
    )
    assert len(bars["yen"]) == len(bars["twin"]["effect"]) == len(CLIENT_GROUPS) == 7
    end, twin_end = one.monthly["usdjpy"].iloc[-1], one.twin_monthly["usdjpy"].iloc[-1]
    assert bars["opening"] + sum(bars["yen"]) == pytest.approx(end, abs=1e-9)
    assert sum(bars["twin"]["effect"]) == pytest.approx(end - twin_end, abs=1e-9)
    assert CLIENT_GROUPS[-1].parts == ("news",), "common shocks stand apart, last"


def test_bars_lead_from_one_run_to_another_that_opened_elsewhere() -> None:
    log = np.log(2.0)
    first = yen_way(pd.DataFrame({"month": [JUNE], "banks": [log]}), pd.Series([200.0]))
    second = yen_way(pd.DataFrame({"month": [JUNE], "banks": [2 * log]}), pd.Series([200.0]))
    found = yen_between(first, second)
    assert found["openings"] == pytest.approx([100.0, 50.0])
    assert found["opening"] == pytest.approx(-200.0 * log)
    assert found["opening"] + sum(found["yen"]) == pytest.approx(0.0, abs=1e-9)


def test_differences_of_edges_are_those_of_the_flow_matrix(data: tuple[RunData, RunData]) -> None:
    months = list(data[0].monthly["month"])
    gap = flow_gap(*data, months)
    assert gap is not None
    assert gap < 1e-9
    paid = data[1].edges["purpose"] == "consumption"
    moved = data[1].edges.assign(amount_trn_yen=data[1].edges["amount_trn_yen"] * np.where(paid, 1.01, 1.0))
    wrong = flow_gap(data[0], replace(data[1], edges=moved), months)
    assert wrong is not None
    assert wrong > 0.1, "a gap is found where there is one"
    later = data[1].edges.assign(amount_trn_yen=data[1].edges["amount_trn_yen"].to_numpy())
    first = paid & (later["month"] == months[0])
    assert first.sum() == (paid & (later["month"] == months[1])).sum() > 0
    swapped = later["month"].mask(first, months[1]).mask(paid & (later["month"] == months[1]), months[0])
    exchanged = flow_gap(data[0], replace(data[1], edges=later.assign(month=swapped)), months)
    assert exchanged is not None
    assert exchanged > 1e-3, "nor may what is paid in one month stand for what is paid in another"
    assert flow_gap(data[0], replace(data[1], flows=None), months) is None


def test_edges_of_two_runs_stand_side_by_side(data: tuple[RunData, RunData]) -> None:
    months = list(data[0].monthly["month"])
    table = compared_edges(*data, months)
    for side, run in (("first", data[0]), ("second", data[1])):
        assert table[side].sum() == pytest.approx(run.edges["amount_trn_yen"].sum(), rel=1e-12)
    paid = table.xs(("ai_special_account", "national_ai_company"), level=("payer", "payee")).sum()
    assert paid["first"] > 0.0
    assert paid["second"] == 0.0, "vouchers do not pay the National AI company"
    content = comparison_content(*data, ["A", "B"])
    assert content["years"] == [2026]
    assert len(content["edges"]["keys"]) == len(table.groupby(level=["payer", "payee", "instrument", "purpose"]))
    sent = [np.frombuffer(base64.b64decode(text), dtype="<f8") for text in content["edges"]["amounts"]]
    for side, amounts in zip(("first", "second"), sent, strict=True):
        by_month = amounts.reshape(-1, len(months)).sum(axis=0)
        np.testing.assert_allclose(by_month, table[side].groupby("month").sum().loc[months], rtol=1e-12)


def test_runs_that_share_no_month_are_refused(data: tuple[RunData, RunData]) -> None:
    later = data[1].monthly.assign(month=[f"2099-{month:02d}-28" for month in range(1, 13)])
    with pytest.raises(InputError, match="no month in common"):
        comparison_content(data[0], replace(data[1], monthly=later), ["A", "B"])


def test_bad_folders_get_a_sentence_each(folders: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        compare_folders(tmp_path / "nowhere", tmp_path)
    assert len(refused.value.messages) == 2
    out = tmp_path / "page.html"
    ran = CliRunner().invoke(app, ["report", str(folders[0]), str(tmp_path / "nowhere"), "--out", str(out)])
    assert ran.exit_code == 2
    assert "nowhere is not the folder of a run" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not out.exists()
    ran = CliRunner().invoke(app, ["report", *map(str, folders), "--out", str(out)])
    assert ran.exit_code == 0
    assert 100_000 < out.stat().st_size < 1_000_000
