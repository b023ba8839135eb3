"""Exports: what other programs read back is what the ledger holds."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.experiments.runs.exports import ExportFormat, export_run, flow_graph, graph_bytes, outcomes_table
from itcho.experiments.view.run_data import RunData, read_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a year."""
    from itcho.experiments.cli.run import run_and_show
    from itcho.experiments.runs.run_request import RunRequest

    place = tmp_path_factory.mktemp("exports") / "run"
    request = RunRequest(years=1, investors=200, importers=60, adopters=100, out=place)
    return run_and_show(request, as_json=True)


@pytest.fixture(scope="module")
def run(folder: Path) -> RunData:
    return read_run(folder)


@pytest.mark.parametrize(("kind", "read"), [(ExportFormat.GRAPHML, nx.read_graphml), (ExportFormat.GEXF, nx.read_gexf)])
def test_a_graph_comes_back_with_the_flows_of_the_ledger(
    run: RunData, kind: ExportFormat, read: Callable[..., nx.MultiDiGraph]
) -> None:
    back = read(io.BytesIO(graph_bytes(flow_graph(run), kind)))
    assert set(back.nodes) == set(run.parties["name"])
    assert back.nodes["nvidia"]["label"] == "NVIDIA"
    keys = ["payer", "payee", "instrument", "purpose"]
    ledger = run.edges.groupby(keys)["amount_trn_yen"].sum()
    edges = {
        (payer, payee, data["instrument"], data["purpose"]): data["amount_trn_yen"]
        for payer, payee, data in back.edges(data=True)
    }
    assert len(edges) == back.number_of_edges()
    assert edges == pytest.approx(ledger.to_dict())
    years = sum(data["amount_trn_yen_fy2026"] for *_, data in back.edges(data=True))
    assert years == pytest.approx(float(run.edges["amount_trn_yen"].sum()))


def test_the_supply_chain_can_be_written_too(run: RunData) -> None:
    from itcho.model.economy import JapanEconomy

    del run
    economy = JapanEconomy(rng=1, investors=100, importers=60, adopters=80)
    economy.step()
    graph = economy.graph
    for kind, read in ((ExportFormat.GRAPHML, nx.read_graphml), (ExportFormat.GEXF, nx.read_gexf)):
        back = read(io.BytesIO(graph_bytes(graph, kind)))
        assert back.number_of_edges() == graph.number_of_edges()
        flows = [data.get("flow_trn_yen", 0.0) for *_, data in back.edges(data=True)]
        assert sum(flows) == pytest.approx(sum(d.get("flow_trn_yen", 0.0) for *_, d in graph.edges(data=True)))
    with pytest.raises(ValueError, match="holds no graphs"):
        graph_bytes(graph, ExportFormat.CSV)


def test_names_with_markup_stay_names() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("a", label='<b>"A" & co</b>')
    for kind, read in ((ExportFormat.GRAPHML, nx.read_graphml), (ExportFormat.GEXF, nx.read_gexf)):
        assert read(io.BytesIO(graph_bytes(graph, kind))).nodes["a"]["label"] == '<b>"A" & co</b>'


def test_csv_holds_the_ledger_and_the_outcomes_exactly(run: RunData, tmp_path: Path) -> None:
    place = export_run(run, {ExportFormat.CSV}, tmp_path / "out", tmp_path / "default")
    edges = pd.read_csv(place / "edges.csv")
    pd.testing.assert_frame_equal(edges.drop(columns="layer"), run.edges)
    outcomes = pd.read_csv(place / "outcomes.csv")
    usdjpy = outcomes[outcomes["outcome"] == "usdjpy"]
    assert usdjpy["value"].tolist() == run.monthly["usdjpy"].tolist()
    assert set(usdjpy["unit"]) == {"yen per USD"}
    assert not list(place.glob("*.graphml"))


def test_what_has_no_value_has_no_row() -> None:
    table = outcomes_table(pd.DataFrame({"month": ["a", "b"], "usdjpy": [1.0, float("nan")]}))
    assert table.to_dict("records") == [{"month": "a", "outcome": "usdjpy", "unit": "yen per USD", "value": 1.0}]


def test_parquet_holds_the_same_as_csv(run: RunData, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs the extra data: pip install 'itcho[data]'")
    place = export_run(run, {ExportFormat.PARQUET}, None, tmp_path / "default")
    assert place == tmp_path / "default"
    back = duckdb.read_parquet(str(place / "edges.parquet")).df()
    assert back["amount_trn_yen"].tolist() == run.edges["amount_trn_yen"].tolist()
    assert back["payer"].tolist() == run.edges["payer"].tolist()
    assert (place / "outcomes.parquet").is_file()


def test_parquet_without_the_extra_is_refused_before_anything_is_written(
    run: RunData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"itcho\[data\]"):
        export_run(run, {ExportFormat.PARQUET}, tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


def test_the_command_exports_and_refuses_a_taken_folder(
    itcho: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    done = itcho("export", folder, "--gexf", "--out", "out", cwd=tmp_path)
    assert done.code == 0, done.err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"payments.gexf", "manifest.json"}
    again = itcho("export", folder, "--out", "out", cwd=tmp_path)
    assert again.code == 2
    assert "already holds something" in again.err


def test_the_view_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    from itcho.experiments.view import server

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "solara" else object())
    with pytest.raises(InputError, match=r"needs solara: pip install 'itcho\[view\]'"):
        server.check_extra()


def test_the_view_names_all_mistakes(tmp_path: Path) -> None:
    from itcho.experiments.view.settings import ViewSettings

    with pytest.raises(InputError) as found:
        ViewSettings.of(None, {"scenario": "nowhere", "policy": "acutal", "investors": 0})
    assert len(found.value.messages) == 3
    with pytest.raises(InputError, match="is not the folder of a run"):
        ViewSettings.of(tmp_path, {})


def test_a_view_of_a_run_is_the_same_world(folder: Path, run: RunData) -> None:
    from itcho.experiments.view.live_world import LiveWorld
    from itcho.experiments.view.settings import ViewSettings

    world = LiveWorld(ViewSettings.of(folder, {"months": 2}))
    assert world.problem == ""
    assert world.economy.monthly_table()["usdjpy"].tolist() == run.monthly["usdjpy"].tolist()[:2]
    assert world.twin is not None


def test_a_run_of_files_is_looked_at_as_it_was(tmp_path: Path) -> None:
    """View and report take policy, scenario and start state from the run's folder, whatever became of the files."""
    from itcho.experiments.cli.run import run_and_show
    from itcho.experiments.runs.run_request import RunRequest
    from itcho.experiments.view.live_world import LiveWorld
    from itcho.experiments.view.settings import ViewSettings

    files = {
        "mine": 'base = "actual"\nfiscal = "debt-brake"\n',
        "start": 'base = "2026-03-31"\n[facts]\nusdjpy = 160\n',
        "dear": "[[episodes]]\nwhen = '1..'\nchip_price_factor = 2.0\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    scenario, policy, start = (str(tmp_path / f"{name}.toml") for name in ("dear", "mine", "start"))
    request = RunRequest(
        scenario, policy, start, years=1, investors=70, importers=40, adopters=40, out=tmp_path / "run"
    )
    place = run_and_show(request, as_json=True)
    before = read_run(place)
    for name in files:
        (tmp_path / f"{name}.toml").unlink()
    (place / "balance_sheets.csv").unlink()
    pd.testing.assert_frame_equal(read_run(place).balance_sheets, before.balance_sheets)
    settings = ViewSettings.of(place, {"months": 2})
    assert {settings.scenario, settings.policy, settings.start} == {str(place / "world.json")}
    world = LiveWorld(settings)
    assert world.economy.monthly_table()["usdjpy"].tolist() == before.monthly["usdjpy"].tolist()[:2]


def test_rules_of_a_slot_replace_the_policys_own() -> None:
    from itcho.agents.rules.rule import find_rule
    from itcho.experiments.view.settings import AS_IN_POLICY, ViewSettings

    settings = ViewSettings(rules={"monetary": "constant", "fiscal": AS_IN_POLICY})
    policy = settings.resolved_policy()
    assert policy.monetary == find_rule("monetary", "constant")()
    assert policy.subsidy == ViewSettings().resolved_policy().subsidy


def test_the_live_sankey_is_that_of_the_run(folder: Path, run: RunData) -> None:
    from itcho.experiments.view.live_world import LiveWorld
    from itcho.experiments.view.settings import ViewSettings

    live = LiveWorld(ViewSettings.of(folder, {"months": 12})).sankey()
    assert live is not None
    assert run.sankey is not None
    assert live.programme_trn_yen == pytest.approx(run.sankey.programme_trn_yen)
    assert sorted(link.amount_trn_yen for link in live.links) == pytest.approx(
        sorted(link.amount_trn_yen for link in run.sankey.links)
    )


def test_a_reset_lets_the_old_world_go() -> None:
    import gc
    import weakref

    import mesa

    from itcho.experiments.view.live_world import LiveWorld

    # Other tests' models may still be registered: only this world must be gone.
    registered = len(getattr(mesa.Agent, "_ids", {}))
    world = LiveWorld(investors=100, importers=60, adopters=50)
    world.step()
    gone = weakref.ref(world.economy), weakref.ref(world)
    del world
    gc.collect()
    assert [one() for one in gone] == [None, None]
    assert len(getattr(mesa.Agent, "_ids", {})) <= registered
