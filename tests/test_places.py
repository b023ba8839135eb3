"""What commands make lands under ``runs/`` of the working directory, wherever their inputs lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from itcho.experiments.runs.typical_world import default_seed
from tests.command_lines import called

STUDY = """[study]
policies = ["actual"]
seeds = 2
years = 1
investors = 70
importers = 40
adopters = 40
outcomes = ["usdjpy"]
"""
SIZES = "--years 1 --investors 70 --importers 40 --adopters 40"


def everything_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_command_writes_beside_its_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, work = tmp_path / "inputs", tmp_path / "work"
    inputs.mkdir()
    work.mkdir()
    (inputs / "mine.toml").write_text('base = "actual"\n', encoding="utf-8")
    (inputs / "dear.toml").write_text("[[episodes]]\nwhen = '1..'\nchip_price_factor = 2.0\n", encoding="utf-8")
    (inputs / "start.toml").write_text('base = "2026-03-31"\n[facts]\nusdjpy = 150\n', encoding="utf-8")
    (inputs / "small.toml").write_text(STUDY, encoding="utf-8")
    monkeypatch.chdir(work)
    given = f"{inputs}/dear.toml --policy {inputs}/mine.toml --start {inputs}/start.toml"
    seed = default_seed()
    assert called(f"itcho run {given} {SIZES} --seed {seed} --out {inputs}/first --quiet") == 0
    before = everything_in(inputs)
    for line, made in (
        (f"run {given} {SIZES} --no-twin --quiet", f"dear-mine-seed{seed}/world.json"),
        (f"run --again {inputs}/first --quiet", f"dear-mine-seed{seed}-2/world.json"),
        (f"report {inputs}/first", "first.html"),
        (f"export {inputs}/first --csv", "first-export/edges.csv"),
        (f"start-state check {inputs}/start.toml", ""),
        (f"study run {inputs}/small.toml --engine serial --quiet", "studies/small/sessions.jsonl"),
        (f"study report {inputs}/small.toml", "studies/small/report.md"),
        (f"report {inputs}/small.toml", "small.html"),
        ("report runs/studies/small", "small.html"),
    ):
        assert called(f"itcho {line}") == 0, line
        assert (work / "runs" / made).exists(), line
        assert everything_in(inputs) == before, line
        assert {path.name for path in work.iterdir()} <= {"runs"}, line
