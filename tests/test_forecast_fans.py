"""Pictures of forecasts: one panel for each origin, what happened where it is known, labels in three languages."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.figures.language import Language
from itcho.experiments.figures.style import paper
from itcho.experiments.forecasts.draws import FILE_OF, MANIFEST, draws_text
from itcho.experiments.forecasts.fans import fan_figure
from itcho.experiments.forecasts.protocol import HORIZONS, MODEL, PROTOCOL_SHA256, SERIES
from itcho.experiments.forecasts.show import made_by
from itcho.experiments.languages import translations

FIRST, SECOND = date(2013, 3, 31), date(2026, 3, 31)


def ensemble() -> np.ndarray:
    spread = np.linspace(-1.0, 1.0, 21)[:, None, None]
    return spread + np.zeros((21, len(SERIES), len(HORIZONS)))


def happened() -> pd.Series:
    quarters = pd.period_range("2011Q1", "2014Q4", freq="Q")
    return pd.Series(np.arange(len(quarters), dtype=float), index=quarters)


def test_a_fan_holds_its_paths_and_the_line_what_happened() -> None:
    with paper():
        panels = fan_figure("usdjpy", {FIRST: ensemble(), SECOND: ensemble()}, happened()).axes
    first, second = panels[0], panels[1]
    assert [panel.get_title(loc="left") for panel in (first, second)] == ["2013-03", "2026-03"]
    outer, inner = (part.get_paths()[0].vertices[:, 1] for part in first.collections)
    # 21 paths evenly from -1 to 1: 90% of them lie within 0.9, half of them within 0.5.
    assert (outer.min(), outer.max()) == pytest.approx((-0.9, 0.9))
    assert (inner.min(), inner.max()) == pytest.approx((-0.5, 0.5))
    median, actual = first.lines[0], first.lines[1]
    assert list(median.get_ydata()) == pytest.approx([0.0] * 5)
    # The quarter that ends at the origin is the ninth of the series; 2014Q4 is seven quarters ahead.
    assert dict(zip(actual.get_xdata().tolist(), actual.get_ydata().tolist(), strict=True))[0] == 8.0
    assert actual.get_xdata()[-1] == 7
    assert second.lines[1].get_xdata().size == 0


@pytest.mark.parametrize("code", ["ja", "zh-Hant"])
def test_labels_are_translated(code: str) -> None:
    with paper():
        figure = fan_figure("cpi_yoy_pct", {FIRST: ensemble()}, happened(), Language(code, translations(code)))
    written = [text.get_text() for text in figure.legends or figure.axes[-1].get_legend().get_texts()]
    written += [figure.get_suptitle(), figure.get_supxlabel()]
    assert not any(english in text for text in written for english in ("happened", "forecasts", "median", "Bands"))


def test_the_command_writes_pictures_or_tells_all_mistakes(tmp_path: Path) -> None:
    draws, data = tmp_path / "draws", tmp_path / "history"
    draws.mkdir()
    data.mkdir()
    (draws / FILE_OF[MODEL]).write_text(draws_text({"2013-03-31": ensemble()}), encoding="utf-8")
    header = "year,period_end,flow,sector,value,unit,basis,source,note\n"
    (data / "annual_flows.csv").write_text(header, encoding="utf-8")
    header = "series,date,value,unit,source,vintage,base,first_published\n"
    (data / "quarterly_long.csv").write_text(f"{header}usdjpy_avg,2013-01-01,92.4,u,s,,,\n", encoding="utf-8")
    out = tmp_path / "pictures"
    asked = ["forecast", "draw", str(draws), "--data", str(data), "--out", str(out), "--series"]
    done = CliRunner().invoke(app, [*asked, "usdjpy", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"pictures": [str(out / "forecast_fans_usdjpy.png")]}
    assert (out / "forecast_fans_usdjpy.png").read_bytes().startswith(b"\x89PNG")
    wrong = CliRunner().invoke(
        app, ["forecast", "draw", str(data), "--data", str(out), "--out", str(out), "--series", "x"]
    )
    assert wrong.exit_code == 2
    for said in ("--series = x is not one of", "no draws.csv", "no such file"):
        assert said in wrong.stderr


def test_who_made_draws_is_told_and_another_protocol(tmp_path: Path) -> None:
    assert made_by(tmp_path) == ""
    for protocol, told in ((PROTOCOL_SHA256, ""), ("abc", ", made under protocol abc")):
        (tmp_path / MANIFEST).write_text(
            json.dumps({"model_version": 4, "protocol_sha256": protocol}), encoding="utf-8"
        )
        assert made_by(tmp_path) == f"Draws of model version 4{told}."
