"""Figures for papers: they show what the tables hold, in both languages, and their bytes repeat."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.experiments.figures import language as languages
from itcho.experiments.figures.attribution import attribution_figure, yen_by_group
from itcho.experiments.figures.fan_charts import Fan, fan_figures
from itcho.experiments.figures.language import ENGLISH, language
from itcho.experiments.figures.network import network_figure
from itcho.experiments.figures.outcome_paths import outcome_figure
from itcho.experiments.figures.style import as_bytes, keep, paper
from itcho.experiments.figures.trade_offs import trade_off_figures
from itcho.experiments.figures.trillion import trillion_figure
from itcho.experiments.figures.write import write_run_figures
from itcho.experiments.view.flows import Sankey, SankeyLink, SankeyNode
from itcho.experiments.view.kinds import LAYERS
from itcho.experiments.view.run_data import RunData, read_run
from itcho.model.finance.foreign_exchange import ATTRIBUTION


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    """A year with its twin, as a folder read back."""
    from itcho.experiments.cli.run import run_and_show
    from itcho.experiments.runs.run_request import RunRequest

    place = tmp_path_factory.mktemp("figures") / "run"
    request = RunRequest(years=1, investors=200, importers=60, adopters=100, out=place)
    run_and_show(request)
    return read_run(place)


def texts(figure: Any) -> list[str]:
    """Every text of a figure."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_groups_of_clients_add_up_to_the_change() -> None:
    rng = np.random.default_rng(5)
    months = pd.period_range("2026-04", periods=24, freq="M").to_timestamp(how="end").strftime("%Y-%m-%d")
    table = pd.DataFrame(rng.normal(size=(24, len(ATTRIBUTION))) / 100.0, columns=list(ATTRIBUTION))
    grouped = yen_by_group(table.assign(month=months))
    assert list(grouped.index) == [2026, 2027]
    whole = 100.0 * table.sum(axis=1).to_numpy().reshape(2, 12).sum(axis=1)
    assert grouped.sum(axis=1).to_numpy() == pytest.approx(whole)


def test_bars_of_the_attribution_reach_what_the_table_says(run: RunData) -> None:
    with paper():
        figure = attribution_figure(run.usdjpy_attribution, "made by a test", run.twin_attribution)
    table = yen_by_group(run.usdjpy_attribution)
    upper, lower = figure.axes[:2]
    drawn = sum(bar.get_height() for bar in upper.patches)
    assert drawn == pytest.approx(100.0 * float(run.usdjpy_attribution.drop(columns="month").sum().sum()))
    assert upper.lines[0].get_ydata()[0] == pytest.approx(float(table.iloc[0].sum()))
    assert run.twin_attribution is not None
    less = float((table - yen_by_group(run.twin_attribution)).sum().sum())
    assert sum(bar.get_height() for bar in lower.patches) == pytest.approx(less)
    assert "USD/JPY" in upper.get_ylabel()
    assert "made by a test" in texts(figure)


def test_a_fan_shows_levels_and_paired_differences() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(150.0, 10.0, (40, 1, 3))
    values = np.concatenate([base, base + 2.0], axis=1)
    fan = Fan("usdjpy", (2026, 2027, 2028), ("none", "actual"), values, "Baseline")
    with paper():
        (suffix, figure), *more = fan_figures(fan, "made by a test")
    assert (suffix, more) == ("", [])
    lower = figure.axes[3]
    # The pairs differ by exactly two in every seed, so that the difference has no width although the levels have.
    assert lower.lines[-2].get_ydata() == pytest.approx([2.0, 2.0, 2.0])
    widths = [np.ptp(band.get_paths()[0].vertices[:, 1]) for band in lower.collections]
    assert widths == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    assert np.ptp(figure.axes[1].collections[0].get_paths()[0].vertices[:, 1]) > 5.0
    assert "yen per USD" in figure.axes[0].get_ylabel()


def test_many_policies_go_on_in_another_figure() -> None:
    values = np.zeros((3, 8, 2)) + np.arange(2)
    fan = Fan("usdjpy", (2026, 2027), tuple(f"policy-{number}" for number in range(8)), values, "Baseline")
    with paper():
        drawn = [(suffix, texts(figure)) for suffix, figure in fan_figures(fan, "")]
    assert [suffix for suffix, _ in drawn] == ["", "-2"]
    assert all("policy-0" in found for _, found in drawn)
    assert all(any(f"policy-{number}" in found for _, found in drawn) for number in range(8))


def test_ribbons_are_as_wide_as_what_is_paid() -> None:
    nodes = tuple(SankeyNode(*one) for one in (("A", 0), ("B", 1), ("C", 2), ("D", 3), ("E", 3)))
    links = tuple(
        SankeyLink(*one)
        for one in ((0, 1, "credit", 1.0), (1, 2, "public_money", 1.0), (2, 3, "chips", 0.75), (2, 4, "goods", 0.25))
    )
    with paper():
        figure = trillion_figure(Sankey(nodes, links, 1.0), "")
    colours = {layer.key: layer.colour for layer in LAYERS}
    from matplotlib.colors import to_hex

    heights = {to_hex(ribbon.get_facecolor()[0]).upper(): ribbon for ribbon in figure.axes[0].collections}

    def width(layer: str) -> float:
        vertices = heights[colours[layer].upper()].get_paths()[0].vertices
        first = vertices[np.isclose(vertices[:, 0], vertices[:, 0].min())]
        return float(np.ptp(first[:, 1]))

    assert width("chips") == pytest.approx(3.0 * width("goods"))
    assert width("public_money") == pytest.approx(width("chips") + width("goods"))


def test_the_network_draws_every_party_and_says_what_it_leaves_out(run: RunData) -> None:
    with paper():
        figure = network_figure(run.scene, run.edges, run.frames[-1].size, "title", "made by a test")
    words = " ".join(" ".join(texts(figure)).split())
    assert all(node.label in words for node in run.scene.nodes)
    assert "are not drawn" in words
    assert "other kinds are left out" in words


def test_outcomes_show_the_twin_and_the_difference(run: RunData) -> None:
    with paper():
        figure = outcome_figure(run.monthly, "", run.twin_monthly, outcomes=("usdjpy", "domestic_ai_share_home_pct"))
    level, difference = figure.axes[:2]
    assert run.twin_monthly is not None
    assert level.lines[1].get_ydata() == pytest.approx(run.monthly["usdjpy"].to_numpy())
    wanted = (run.monthly["usdjpy"] - run.twin_monthly["usdjpy"]).to_numpy()
    assert difference.lines[1].get_ydata() == pytest.approx(wanted)


@pytest.mark.slow
def test_a_run_gives_svg_and_png_that_repeat(run: RunData, tmp_path: Path) -> None:
    written = write_run_figures(run, tmp_path)
    names = {"outcomes", "yen-attribution", "network", "where-the-trillion-went"}
    assert {path.name for path in written} == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    for path in written:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
        else:
            assert path.read_bytes().startswith(b"\x89PNG")
    with paper():
        twice = [as_bytes(attribution_figure(run.usdjpy_attribution, "s"), "svg") for _ in range(2)]
    assert twice[0] == twice[1]


def test_a_refusing_disk_is_said(run: RunData, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with paper(), pytest.raises(InputError, match="cannot write"):
        keep(attribution_figure(run.usdjpy_attribution, ""), tmp_path / "file" / "inside", "yen")


def test_without_a_japanese_font_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "JAPANESE_FONTS", ("No Such Font",))
    with pytest.raises(InputError, match="fonts-noto-cjk"):
        language("ja")
    monkeypatch.setattr(languages, "CHINESE_FONTS", ("No Such Font",))
    with pytest.raises(InputError, match="Traditional Chinese"):
        language("zh-Hant")
    with pytest.raises(InputError, match="--lang = de is unknown"):
        language("de")
    assert language("en") is ENGLISH


def test_japanese_figures_use_glyphs_that_the_font_has(run: RunData, recwarn: pytest.WarningsRecorder) -> None:
    if languages.japanese_font() is None:
        pytest.skip("no font with Japanese characters is installed: apt install fonts-ipaexfont")
    japanese = language("ja")
    with paper(japanese):
        figure = outcome_figure(run.monthly, "出所", run.twin_monthly, japanese)
        as_bytes(figure, "png", 60)
    assert "ドル円相場" in texts(figure)
    assert not [warning for warning in recwarn if "missing from" in str(warning.message)]


def test_figures_in_an_unknown_language_stop_before_anything_is_run(itcho: Callable[..., Any], tmp_path: Path) -> None:
    done = itcho("run", "--years", 1, "--figures", tmp_path / "f", "--lang", "de", cwd=tmp_path)
    assert done.code == 2
    assert "--lang = de" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_comparison_writes_fans_and_trade_offs(itcho: Callable[..., Any], tmp_path: Path) -> None:
    done = itcho(
        "compare", "actual", "adoption-first", "--seeds", 3, "--years", 1, "--engine", "serial", "--out", "study",
        "--outcome", "adoption_pct", "--outcome", "deficit_trn_yen_fy", "--figures", "figures", cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.err
    made = {path.name for path in (tmp_path / "figures").iterdir()}
    names = {"fan-adoption_pct", "fan-deficit_trn_yen_fy", "trade-offs-baseline"}
    assert made == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}


def test_trade_offs_stand_where_the_comparison_says(tmp_path: Path) -> None:
    from itcho.experiments.studies.compare import compare_study
    from itcho.experiments.studies.engine import engine_named
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study_file import checked_study
    from itcho.experiments.studies.study_run import run_study

    content = {"name": "t", "policies": ["adoption-first"], "seeds": 3, "years": 1, "baseline": "none"}
    study = checked_study({"study": content | {"outcomes": ["adoption_pct", "deficit_trn_yen_fy"]}})
    store = CellStore(tmp_path)
    run_study(study, store, engine_named("serial", 1, None), show_progress=False)
    comparison = compare_study(study, store)
    with paper():
        ((scenario, figure),) = trade_off_figures(comparison, "")
    assert scenario == "baseline"
    rows = {row.outcome: row.summary.mean for row in comparison.rows}
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert points == [pytest.approx((rows["deficit_trn_yen_fy"], rows["adoption_pct"]))]
