"""Short runs whose figures are stored, so that no change of the model's results goes unnoticed.

``python -m tests.golden_runs`` writes them anew; it refuses to overwrite figures that changed while
``itcho.model.version.MODEL_VERSION`` did not.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from itcho.model.economy import JapanEconomy
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS
from itcho.model.version import MODEL_VERSION

STORED = Path(__file__).parent / "known_answers" / "golden_runs.csv"
DIGITS = 10
TOLERANCE = 1e-8
"""Relative: sums in another order, other libraries and other machines differ by 1e-12 after two years."""

YEARS = 2
Key = tuple[str, str, str, int]
"""Scenario, policy, start state and seed."""
Figures = dict[str, float]


def keys() -> Iterator[Key]:
    """Every policy and every scenario once, and the other start state."""
    for policy in POLICIES:
        yield "baseline", policy, "2026-03-31", 7
    for scenario in SCENARIOS:
        if scenario != "baseline":
            yield scenario, "actual", "2026-03-31", 8
    yield "baseline", "actual", "2024-03-31", 9


def run(key: Key) -> Figures:
    """Outcomes of the last month, rounded."""
    scenario, policy, start, seed = key
    economy = JapanEconomy(
        scenario=scenario, policy=policy, start=start, rng=seed, investors=200, importers=60, adopters=100
    )
    economy.run(years=YEARS)
    return {name: float(f"{value:.{DIGITS}g}") for name, value in economy.outcomes.items()}


def stored() -> tuple[int, dict[Key, Figures]]:
    """Model version of the stored figures, and the figures."""
    with STORED.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    named = ("model_version", "scenario", "policy", "start", "seed")
    figures = {
        (row["scenario"], row["policy"], row["start"], int(row["seed"])): {
            name: float(value) for name, value in row.items() if name not in named and value != ""
        }
        for row in rows
    }
    return int(rows[0]["model_version"]), figures


def differences(before: dict[Key, Figures], now: dict[Key, Figures]) -> list[str]:
    """What changed beyond rounding, the largest change first; runs or outcomes that came or went are no change."""
    found: list[tuple[float, str]] = []
    for key in before.keys() & now.keys():
        for name in before[key].keys() & now[key].keys():
            was, is_ = before[key][name], now[key][name]
            apart = abs(is_ - was)
            # A figure near zero is a small difference of large ones, which is where rounding goes.
            if not apart <= TOLERANCE * max(abs(was), 1e-3):
                found.append((apart / max(abs(was), 1e-3), f"{name} in {' '.join(map(str, key))}: {was} became {is_}"))
    return [text for _, text in sorted(found, key=lambda pair: -pair[0])]


def main() -> int:
    """Write the figures; returns the exit code."""
    now = {key: run(key) for key in keys()}
    if STORED.exists():
        version, before = stored()
        changed = differences(before, now)
        if changed and version == MODEL_VERSION:
            print(f"{len(changed)} figures changed, first {changed[0]}", file=sys.stderr)
            print("raise MODEL_VERSION in model/version.py and say why in CHANGELOG.md first", file=sys.stderr)
            return 1
    names = list(next(iter(now.values())))
    with STORED.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["model_version", "scenario", "policy", "start", "seed", *names])
        table.writerows([MODEL_VERSION, *key, *(figures[name] for name in names)] for key, figures in now.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
