"""The page of a run or a study: its numbers are the ledger's, and whatever it names stays text."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.experiments.cli.run import write_run
from itcho.experiments.runs.run_folder import RunFolder, read_manifest
from itcho.experiments.runs.run_request import RunRequest, run_economy
from itcho.experiments.runs.run_tables import RunTables, TwinTables
from itcho.experiments.studies.verdicts import VERDICTS
from itcho.experiments.view.balance_sheets import balance_sheet_table
from itcho.experiments.view.flows import edge_differences, edges_by_fiscal_year, programme_sankey
from itcho.experiments.view.frames import frame_of, scene_of
from itcho.experiments.view.kinds import LAYERS, layer_of
from itcho.experiments.view.report import MOST_BYTES, content_of, page, write_page
from itcho.experiments.view.report_run import run_content
from itcho.experiments.view.run_data import read_run
from itcho.model.chips.edge_kinds import KINDS
from itcho.model.economy import JapanEconomy
from itcho.model.measure.tables import graph_table

KEYS = ["payer", "payee", "instrument", "purpose"]
EVIL = "</script><img src=x onerror=alert(1)>%%DATA%%"


def economy(policy: str = "actual", **more: Any) -> JapanEconomy:
    return JapanEconomy(rng=7, policy=policy, investors=60, importers=50, adopters=60, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two years with its twin."""
    request = RunRequest(seed=7, years=2, investors=60, importers=50, adopters=60, overrides=("okun_coefficient=0.25",))
    place: Path = tmp_path_factory.mktemp("runs") / "run"
    parameters = request.checked_parameters(check_folder=False)
    ran = run_economy(request, "actual", parameters)
    twin = TwinTables.of(run_economy(request, "none", parameters))
    with RunFolder(place) as writing:
        write_run(writing, request, ran, RunTables.of(ran, full_edges=False), twin)
        writing.commit()
    return place


@pytest.fixture(scope="module")
def content(folder: Path) -> dict[str, Any]:
    return run_content(read_run(folder))


def unpacked(content: dict[str, Any]) -> pd.DataFrame:
    """The page's edges, read as the browser reads them."""
    edges, nodes = content["edges"], content["scene"]["nodes"]
    width = {2: "<u2", 4: "<u4"}[edges["bytes"]]
    key = np.frombuffer(base64.b64decode(edges["key"]), dtype=width)
    amount = np.frombuffer(base64.b64decode(edges["amount"]), dtype="<f8")
    source, target, flow = np.array(edges["keys"])[key].T
    month = np.repeat(content["months"], np.diff(edges["start"]))
    return pd.DataFrame(
        {
            "month": month,
            "payer": [nodes[at]["key"] for at in source],
            "payee": [nodes[at]["key"] for at in target],
            "instrument": [edges["flows"][at][0] for at in flow],
            "purpose": [edges["flows"][at][1] for at in flow],
            "amount_trn_yen": amount,
        }
    )


def test_a_frame_holds_exactly_the_ledgers_edges_of_the_month() -> None:
    ran = economy()
    scene = scene_of(ran)
    assert not len(frame_of(ran, scene).amount)
    for _ in range(2):
        ran.step()
    frame = frame_of(ran, scene)
    edges = ran.edge_table()
    last = edges[edges["month"] == frame.month].set_index(KEYS)["amount_trn_yen"].sort_index()
    drawn = frame.to_table(scene).set_index(KEYS)["amount_trn_yen"].sort_index()
    pd.testing.assert_series_equal(drawn, last, check_exact=True)
    assert frame.left_out == 0


def test_a_frame_of_an_economy_that_keeps_members_edges_is_the_same() -> None:
    plain, kept = economy(), economy(member_edges=True)
    plain.step()
    kept.step()
    frames = [frame_of(one, scene_of(one)).to_table(scene_of(one)) for one in (plain, kept)]
    series = [frame.set_index(KEYS)["amount_trn_yen"].sort_index() for frame in frames]
    pd.testing.assert_series_equal(series[0], series[1], rtol=1e-12)


def test_sizes_are_the_financial_assets_of_the_ledger() -> None:
    ran = economy()
    ran.step()
    scene, frame = scene_of(ran), frame_of(ran, scene_of(ran))
    for name in ("households", "government", "softbank_group"):
        party = ran.ledger.party_index[name]
        assets = sum(value for value in ran.ledger.positions[:, party] if value > 0.0)
        assert frame.size[scene.id_of[name]] == pytest.approx(assets, rel=1e-12)


def test_every_member_is_drawn_or_counted() -> None:
    ran = economy()
    nodes = scene_of(ran).nodes
    count: dict[str, int] = {}
    for node in nodes:
        count[node.member_kind] = count.get(node.member_kind, 0) + node.members
    named = sum(node.sector == "ai_firms" and not node.members for node in nodes)
    assert count["investors"] == len(ran.investors)
    assert count["adopting firms"] == len(ran.adopters)
    assert count["chip importers"] + named == len(ran.chip_importers)
    parties = {party.name for party in ran.ledger.parties}
    assert parties == {node.key for node in nodes}


def test_the_picture_is_that_of_the_graph_that_carries_the_economy() -> None:
    ran = economy()
    scene, graph = scene_of(ran), ran.graph
    named = {node.key for node in scene.nodes if not node.members}
    drawn = {(scene.nodes[link.source].key, scene.nodes[link.target].key, link.kind) for link in scene.links}
    movable = {edge for edge in graph.edges(keys=True) if KINDS[edge[2]].movable}
    assert {edge for edge in drawn if {*edge[:2]} <= named} == {edge for edge in movable if {*edge[:2]} <= named}
    left = {
        name for edge in movable for name in edge[:2] if graph.nodes[name]["tier"] in ("domestic_maker", "cloud_abroad")
    }
    assert f"{len(left)} makers in Japan and rivals abroad" in " ".join(scene.not_drawn)
    tier = dict(graph.nodes(data="tier"))
    of_members = sum(link.edges for link in scene.links)
    assert of_members == sum(
        not {tier[one], tier[other]} & {"domestic_maker", "cloud_abroad"} for one, other, _ in movable
    )
    ran.rewire(remove=["nvidia > kddi: chips"], add=["amd > kddi: chips"])
    ids = scene.id_of["nvidia"], scene.id_of["kddi"]
    assert any((link.source, link.target) == ids for link in scene.links)
    assert not any((link.source, link.target) == ids for link in scene_of(ran).links)
    assert ["amd", "kddi", "chips"] in graph_table(ran.world)[["source", "target", "kind"]].values.tolist()


def test_nodes_have_ids_in_order_and_places_of_their_own() -> None:
    nodes = scene_of(economy()).nodes
    assert [node.id for node in nodes] == list(range(len(nodes)))
    assert len({(node.x, node.y) for node in nodes}) == len(nodes)
    assert all(0.0 <= node.x <= 1.0 and 0.0 <= node.y <= 1.0 for node in nodes)


def test_every_posting_of_every_policy_has_a_layer() -> None:
    from itcho.model.policies import POLICIES

    known = {layer.key for layer in LAYERS}
    for name in POLICIES:
        ran = economy(name)
        ran.run(1)
        for _, purpose, instrument in {
            tuple(row) for row in ran.edge_table()[["month", "purpose", "instrument"]].to_numpy()
        }:
            assert layer_of(instrument, purpose) in known - {"other"}, (name, instrument, purpose)


def test_balance_sheets_end_where_the_ledger_stands_and_begin_where_it_opened() -> None:
    ran, opened = economy(), economy()
    ran.run(1)
    table = balance_sheet_table(ran)
    for month, ledger in ((table["month"].iloc[0], opened.ledger), (ran.records.dates[-1], ran.ledger)):
        wide = table[table["month"] == month].pivot_table(index="instrument", columns="party", values="amount_trn_yen")
        expected = pd.DataFrame(
            ledger.positions, index=list(ledger.instruments), columns=[party.name for party in ledger.parties]
        )
        given = wide.reindex(index=expected.index, columns=expected.columns).fillna(0.0)
        np.testing.assert_allclose(given.to_numpy(), expected.to_numpy(), atol=1e-9)
    sums = table.groupby(["month", "instrument"])["amount_trn_yen"].sum()
    assert sums.abs().max() < 1e-8, "what somebody holds somebody owes"


def test_the_pages_edges_are_those_of_the_run_bit_for_bit(folder: Path, content: dict[str, Any]) -> None:
    columns = ["month", *KEYS]
    edges = pd.read_csv(folder / "edges.csv", converters={"amount_trn_yen": float})
    edges = edges.sort_values(columns, ignore_index=True)
    drawn = unpacked(content).sort_values(columns, ignore_index=True)
    assert content["left_out"] == 0
    pd.testing.assert_frame_equal(drawn, edges[[*columns, "amount_trn_yen"]], check_exact=True, check_dtype=False)


def test_the_difference_is_programme_less_twin(folder: Path) -> None:
    data = read_run(folder)
    assert data.differences is not None
    paid = data.differences.query("payer == 'ai_special_account' and purpose == 'ai_programme'")["amount_trn_yen"].sum()
    cost = data.monthly["programme_cost_trn_yen"].iloc[-1]
    assert paid == pytest.approx(cost, rel=1e-9)
    again = economy("none", parameters={"okun_coefficient": 0.25}).run(2)
    expected = edge_differences(edges_by_fiscal_year(data.edges), edges_by_fiscal_year(again.edge_table()))
    pd.testing.assert_frame_equal(data.differences, expected, rtol=1e-12)


def test_the_sankey_balances_at_the_account_and_at_each_supported_firm(folder: Path) -> None:
    data = read_run(folder)
    assert data.sankey is not None
    assert data.sankey.programme_trn_yen == pytest.approx(data.monthly["programme_cost_trn_yen"].iloc[-1], rel=1e-9)
    for number, node in enumerate(data.sankey.nodes):
        into = sum(link.amount_trn_yen for link in data.sankey.links if link.target == number)
        out = sum(link.amount_trn_yen for link in data.sankey.links if link.source == number)
        if into and out:
            assert into == pytest.approx(out, rel=0.01), node
    assert all(link.amount_trn_yen > 0.0 for link in data.sankey.links)


def test_without_a_programme_there_is_nothing_to_draw() -> None:
    edges = edges_by_fiscal_year(economy("none").run(1).edge_table())
    assert programme_sankey(edge_differences(edges, edges), {}) is None


def test_an_older_folder_is_made_whole_again(folder: Path, tmp_path: Path, content: dict[str, Any]) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name in ("monthly", "edges", "usdjpy_attribution", "parameters"):
        (old / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
    (old / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    again = run_content(read_run(old))
    for part in ("edges", "sheets", "outcomes", "attribution"):
        assert again[part] == content[part], part
    assert "run again" in " ".join(again["notes"]["en"])


def test_another_world_is_not_passed_off_as_the_old_one(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name in ("monthly", "edges", "usdjpy_attribution", "parameters"):
        (old / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
    manifest = read_manifest(folder) | {"seed": 8}
    (old / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="another state of itcho"):
        read_run(old)


class Elements(HTMLParser):
    """Counts elements and keeps the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script":
            self.scripts.append(data)


def test_names_never_become_markup(content: dict[str, Any]) -> None:
    evil = json.loads(json.dumps(content))
    evil["title"] = EVIL
    for node in evil["scene"]["nodes"]:
        node["label"] = EVIL
    seen = {}
    for kind, what in (("plain", content), ("evil", evil)):
        seen[kind] = Elements()
        seen[kind].feed(page(what))
    assert seen["evil"].tags == seen["plain"].tags
    assert json.loads(seen["evil"].scripts[0])["title"] == EVIL


def test_the_page_asks_for_nothing_and_is_small(content: dict[str, Any]) -> None:
    text = page(content)
    seen = Elements()
    seen.feed(text)
    assert seen.addresses == []
    assert re.search(r"Content-Security-Policy\" content=\"default-src &#x27;none&#x27;", text)
    assert "innerHTML" not in text
    assert len(text.encode()) < MOST_BYTES


def test_a_page_that_grows_too_large_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="MB"):
        page({**content, "title": "x" * MOST_BYTES})


def test_content_of_says_what_it_wants(tmp_path: Path) -> None:
    for target in (tmp_path / "missing", tmp_path):
        with pytest.raises(InputError, match="neither"):
            content_of(target)


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "page.html"
    write_page("one", place)
    write_page("two", place)
    assert place.read_text() == "two"
    assert [file.name for file in place.parent.iterdir()] == ["page.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        write_page("three", tmp_path / "file" / "page.html")


def test_parameters_that_differ_are_marked(content: dict[str, Any]) -> None:
    changed = [one for one in content["parameters"] if one["changed"]]
    assert [(one["name"], one["value"]) for one in changed] == [("okun_coefficient", 0.25)]


def run_small_study(folder: Path) -> Path:
    """Run three policies with three seeds for a year into ``folder``, and return it."""
    from itcho.experiments.studies.engine import engine_named
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study_file import checked_study
    from itcho.experiments.studies.study_run import run_study

    names = {"name": "small", "policies": ["actual", "vouchers"], "baseline": "none", "scenarios": ["baseline"]}
    sizes = {"seeds": 3, "years": 1, "investors": 30, "importers": 40, "adopters": 30}
    study = checked_study({"study": names | sizes})
    run_study(
        study, CellStore(folder), engine_named("serial"), show_progress=False, command="itcho study run small.toml"
    )
    return folder


@pytest.fixture(scope="module")
def study_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study that has run."""
    return run_small_study(tmp_path_factory.mktemp("studies") / "small")


def test_a_study_is_read_back_from_its_folder(study_folder: Path) -> None:
    content, place = content_of(study_folder)
    assert place == Path("runs") / "small.html"
    assert [one["name"] for one in content["policies"]] == ["none", "actual", "vouchers"]
    used = {row["verdict"] for row in content["comparison"]["rows"]}
    assert {text.partition(": ")[0] for text in content["vocabulary"]} == used <= set(VERDICTS)
    assert len(page(content).encode()) < MOST_BYTES


def test_fans_hold_the_percentiles_of_the_stored_runs(study_folder: Path) -> None:
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.view.report_study import PERCENTILES, read_study_folder

    content, _ = content_of(study_folder)
    study, _, _ = read_study_folder(study_folder)
    store = CellStore(study_folder)
    column = next(at for at, one in enumerate(content["fans"]["outcomes"]) if one["name"] == "deficit_trn_yen_fy")
    paths: dict[int, list[Any]] = {}
    for _, _, slot, cell in study.cells():
        result = store.read(cell.key)
        paths.setdefault(slot, []).append(result.by_year[:, result.outcomes.index("deficit_trn_yen_fy")])
    for slot in range(3):
        found = content["fans"]["values"][0][slot][column]
        level = np.percentile(paths[slot], PERCENTILES, axis=0)
        gap = np.percentile(np.array(paths[slot]) - np.array(paths[0]), PERCENTILES, axis=0)
        np.testing.assert_allclose(found["level"], level, rtol=1e-4)
        np.testing.assert_allclose(found["difference"], gap, rtol=1e-4, atol=1e-12)


def test_claimed_changes_are_of_the_run_s_own_policy() -> None:
    """What is claimed of the announced programme under the baseline is drawn beside no other run."""
    from itcho.experiments.view.report_ranges import claimed_changes

    found = claimed_changes("baseline", "actual", "2026-04")
    assert [(one["low"], one["high"], one["from"], one["to"], one["percent"]) for one in found["usdjpy"]] == [
        (5.0, 8.0, 2027.25, 2028.25, True)
    ]
    share = found["japan_share_global_ai_pct"]
    assert [(one["low"], one["from"], one["to"], one["percent"]) for one in share] == [(5.0, 2027.0, 2028.0, False)]
    rate = found["policy_rate_pct"]
    assert [(one["low"], one["high"], one["from"], one["to"]) for one in rate] == [(0.05, 1.0, 2026.25, 2028.25)]
    assert [one["low"] for one in found["bond_dependency_pct"]] == [0.625], "its level is claimed as well: 24.2%"
    assert claimed_changes("baseline", "none", "2026-04") == {}
    assert claimed_changes("ai-bust", "actual", "2026-04") == {}


def test_claimed_ranges_are_levels_of_their_outcome() -> None:
    """A claim filed as an effect holds a change, which is no level: five yen less is not a rate of minus five."""
    from itcho.experiments.view.report_ranges import claimed_ranges

    found = claimed_ranges()
    assert [(one["low"], one["high"], one["from"], one["to"]) for one in found["usdjpy"]] == [
        (160.0, 160.0, 2026, 2027)
    ]
    assert [one["low"] for one in found["japan_share_global_ai_pct"]] == [3.0]
    assert "domestic_ai_share_home_pct" not in found
    debt = next(one for one in found["gov_debt_to_gdp_pct"] if one["who"] == "IMF")
    assert (debt["low"], debt["to"]) == (222.2, 2031.25)
    assert all(one["to"] > one["from"] and one["high"] >= one["low"] for kind in found.values() for one in kind)
