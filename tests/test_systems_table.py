"""The table of what each system of the debate shows, and the page that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from itcho.experiments.evidence import systems
from itcho.experiments.evidence.systems import FILE, PAGE, page, read, table

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_shows_the_table() -> None:
    rows = read(DOCS / FILE)
    assert (DOCS / PAGE).read_text(encoding="utf-8") == page(rows)
    assert all(row[name] for row in rows for name in ("system", "experiment", "before", "now", "evidence"))
    shown = {row["system"] for row in rows}
    assert len(shown) >= 10
    assert len({(row["system"], row["experiment"]) for row in rows}) == len(rows)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    line = systems.Line("The negotiator", "deals, %", "0", "50, 34", "one in ten")
    (tmp_path / FILE).write_text(table([line]), encoding="utf-8")
    (row,) = read(tmp_path / FILE)
    assert (row["system"], row["now"], row["evidence"]) == (line.system, line.now, line.evidence)
    assert "| The negotiator | deals, % | 0 | 50, 34 | one in ten |" in page([row])


def test_talks_fail_and_late_deals_are_lost_as_often_as_by_hand() -> None:
    (line,) = systems.deals()
    failed, lost = (float(part) for part in line.now.split(" and "))
    # The median negotiator takes what is usually asked for; four reviews at one in ten: 1 - 0.9^4 = 34%.
    assert failed == pytest.approx(50.0, abs=5.0)
    assert lost == pytest.approx(34.4, abs=5.0)


def test_a_deficit_announced_moves_yields_by_what_january_2026_showed() -> None:
    (line,) = systems.doubts()
    assert float(line.now) == pytest.approx(19.0, abs=3.0)
    assert float(line.before.split()[0]) < 12.0


def test_never_stopped_is_never_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systems, "SEEDS", 1)
    assert systems.months_until_the_end("never") == []
    ended = systems.months_until_the_end("obedient")
    assert all(months > 0 for months in ended)
