"""Which world is shown first, and where a single world lies among many.

One run is one possible world, and worlds differ by more than most policies do.  So the world that is shown unless a
seed is given is the **typical** one of a stated set: the medoid, the run from which the others are least far away.  And
every single world of the default settings says at which percentile of that set it lies.

``python -m itcho.experiments.runs.typical_world`` runs the set and writes both tables: ``data/typical_world.csv`` (the
seed, the set and the model version) and ``data/typical_worlds.csv`` (the values of every world of the set, by month).
It has to run again when the model version changes: a table of another version says nothing, and a test refuses it.

Light imports only at the top: the command line asks for the seed before anything else.

Source: Kaufman and Rousseeuw, *Finding groups in data* (1990), for the medoid (``itcho.experiments.studies.medoids``).
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_POLICY,
    DEFAULT_SCENARIO,
    DEFAULT_START,
    DEFAULT_YEARS,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from itcho.experiments.languages import Words
    from itcho.model.economy import JapanEconomy

    FloatArray = NDArray[np.float64]

SEEDS = 100
YEARS = DEFAULT_YEARS
SCENARIO, POLICY, START = DEFAULT_SCENARIO, DEFAULT_POLICY, DEFAULT_START
SIZES = {"investors": DEFAULT_INVESTORS, "importers": DEFAULT_IMPORTERS, "adopters": DEFAULT_ADOPTERS}
OUTCOMES = (
    "usdjpy",
    "gov_debt_to_gdp_pct",
    "deficit_trn_yen_fy",
    "jgb_10y_pct",
    "domestic_ai_share_home_pct",
    "japan_share_global_ai_pct",
    "adoption_pct",
    "softbank_ltv_pct",
)
"""Of which a world's percentiles are known, at the end of each year of the run."""
TYPICAL_OF = ("usdjpy", "deficit_trn_yen_fy", "domestic_ai_share_home_pct")
"""What makes a world typical: the yen, the deficit and Japan's share of its AI market, which the model is about; at the
end of each year of the run, each in standard deviations over the set."""
SPOKEN = (60, 120)
"""Months whose percentiles are said in words, where the run reaches them; else its last whole year."""
DIGITS = 6
WORLD, WORLDS = "typical_world.csv", "typical_worlds.csv"
COMMAND = "python -m itcho.experiments.runs.typical_world"


@dataclass(frozen=True)
class WorldSet:
    """The worlds that a single one is held against.

    Attributes
    ----------
    model : version of the model that made them.
    seeds : of the worlds.
    months : from the start, at whose ends the values were taken.
    values : (worlds × months × :data:`OUTCOMES`), with :data:`DIGITS` significant digits.
    """

    model: int
    seeds: tuple[int, ...]
    months: tuple[int, ...]
    values: FloatArray

    def typical_seed(self) -> int:
        """The medoid's seed: :data:`TYPICAL_OF` in standard deviations over the worlds, Euclidean distances."""
        return medoid_seed(self.seeds, self.values[:, :, [OUTCOMES.index(name) for name in TYPICAL_OF]])


def medoid_seed(seeds: Sequence[int], values: FloatArray) -> int:
    """The seed of the world from which the others are least far away.

    Parameters
    ----------
    seeds : of the worlds.
    values : (worlds × times × outcomes); each time and outcome counts in standard deviations over the worlds.
    """
    import numpy as np

    from itcho.experiments.studies.medoids import medoids

    spread = values.std(axis=0, ddof=1)
    scaled = values / np.where(spread > 0.0, spread, 1.0)
    return seeds[medoids(scaled.reshape(len(seeds), -1), 1)[0]]


@dataclass(frozen=True)
class WhereItLies:
    """A world's place among those of a set.

    Attributes
    ----------
    worlds : how many there are.
    seeds : the first and the last.
    percentiles : by outcome and month: share of worlds below it in percent, those equal to it half.
    typical : whether it is the typical world of the set.
    """

    worlds: int
    seeds: tuple[int, int]
    percentiles: Mapping[str, Mapping[int, float]]
    typical: bool

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> WhereItLies:
        """What :meth:`record` gave."""
        percentiles = {
            name: {int(month): float(value) for month, value in by_month.items()}
            for name, by_month in record["percentiles"].items()
        }
        low, high = record["seeds"]
        return cls(int(record["worlds"]), (int(low), int(high)), percentiles, bool(record["typical"]))

    def months(self) -> tuple[int, ...]:
        """The months to speak of."""
        reached = tuple(next(iter(self.percentiles.values())))
        return tuple(month for month in SPOKEN if month in reached) or reached[-1:]

    def text(self, words: Words | None = None) -> str:
        """In a sentence or two."""
        from itcho.experiments.languages import Words

        tongue = Words() if words is None else words
        months = self.months()
        english = tongue.code == "en"
        both, spoken = (" and ", ordinal) if english else ("・", whole_percentile)
        parts = [
            f"{tongue.outcome(name)} {both.join(spoken(by_month[month]) for month in months)}"
            for name, by_month in self.percentiles.items()
        ]
        first = "This world, the typical one of" if self.typical else "This world among"
        at = f"month{'s' if len(months) > 1 else ''}"
        sentence = (
            f"{first} {{worlds}} with the same settings (seeds {{low}} to {{high}}), percentile at {at} {{when}}:"
        )
        fields = {"worlds": self.worlds, "low": self.seeds[0], "high": self.seeds[1]}
        return tongue(sentence, **fields, when=both.join(map(str, months))) + f" {'; '.join(parts)}."

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "worlds": self.worlds,
            "seeds": list(self.seeds),
            "typical": self.typical,
            "percentiles": {
                name: {str(month): value for month, value in by_month.items()}
                for name, by_month in self.percentiles.items()
            },
        }


def whole_percentile(percentile: float) -> str:
    """A percentile as a whole number; no world of a finite set is the hundredth."""
    return str(min(max(round(percentile), 1), 99))


def ordinal(percentile: float) -> str:
    """A percentile in words.

    Examples
    --------
    >>> [ordinal(value) for value in (0.0, 11.5, 22.0, 61.0, 100.0)]
    ['1st', '12th', '22nd', '61st', '99th']
    """
    whole = int(whole_percentile(percentile))
    ending = "th" if whole in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"


def _data() -> Any:
    return files("itcho.experiments") / "data"


@cache
def default_seed() -> int:
    """The seed of a single run where none is given: that of the typical world."""
    (row,) = csv.DictReader(io.StringIO((_data() / WORLD).read_text(encoding="utf-8")))
    return int(row["seed"])


@cache
def world_set() -> WorldSet:
    """The set that comes with the package."""
    import numpy as np

    rows = list(csv.DictReader(io.StringIO((_data() / WORLDS).read_text(encoding="utf-8"))))
    seeds = tuple(dict.fromkeys(int(row["seed"]) for row in rows))
    months = tuple(dict.fromkeys(int(row["month"]) for row in rows))
    values = np.array([[float(row[name]) for name in OUTCOMES] for row in rows])
    return WorldSet(int(rows[0]["model"]), seeds, months, values.reshape(len(seeds), len(months), len(OUTCOMES)))


def where_it_lies(economy: JapanEconomy) -> WhereItLies | None:
    """Where a world that has run lies among those of the set.

    Returns
    -------
    None if there is nothing to hold it against: its settings are not the default ones (another scenario, policy, start
    state, size, parameter or channel, shocks, added agents), it has not run for a year, or the set is of another
    version of the model.
    """
    from itcho.model.version import MODEL_VERSION

    known = world_set()
    reached = [place for place, month in enumerate(known.months) if month <= len(economy.records.outcomes)]
    if known.model != MODEL_VERSION or not reached or not _has_default_settings(economy):
        return None
    percentiles: dict[str, dict[int, float]] = {}
    for column, name in enumerate(OUTCOMES):
        percentiles[name] = {}
        for place in reached:
            month = known.months[place]
            own = _shortened(economy.records.outcomes[month - 1][name])
            others = known.values[:, place, column]
            below, equal = int((others < own).sum()), int((others == own).sum())
            percentiles[name][month] = 100.0 * (below + 0.5 * equal) / len(others)
    seeds = known.seeds[0], known.seeds[-1]
    return WhereItLies(len(known.seeds), seeds, percentiles, economy.seed == default_seed())


def _shortened(value: float) -> float:
    """A value as the table holds it, so that a world of the set meets itself."""
    return float(f"{float(value):.{DIGITS}g}")


def _has_default_settings(economy: JapanEconomy) -> bool:
    sizes = {"investors": economy.investors, "importers": economy.chip_importers, "adopters": economy.adopters}
    return (
        {name: len(population) for name, population in sizes.items()} == SIZES
        and not economy.chosen_parameters.differences()
        and not (economy.without or economy.shocks or economy.added_agents)
        and economy.dated_events
        and not economy.streams.noise_off
        and _content(economy.scenario, economy.policy, economy.start_state) == _default_content()
    )


def _content(scenario: Any, policy: Any, start: Any) -> str:
    """A key of contents: a file that only bears a packaged name has another."""
    from itcho.experiments.studies.design import without_labels
    from itcho.experiments.studies.store import canonical, content_key

    state = {name: value for name, value in canonical(start).items() if name != "name"}
    return content_key([without_labels(scenario), without_labels(policy), state])


@cache
def _default_content() -> str:
    from itcho.model.clock import Month
    from itcho.model.policies import POLICIES
    from itcho.model.scenarios import SCENARIOS
    from itcho.model.start_states import load

    start = load(START)
    return _content(SCENARIOS[SCENARIO].on_calendar(Month.of(start.date).plus(1)), POLICIES[POLICY], start)


def run_set(seeds: Sequence[int], workers: int, show: str = "") -> WorldSet:
    """Run the worlds of a set.

    Raises
    ------
    RuntimeError : a run failed.
    """
    import numpy as np

    from itcho.experiments.evidence.seed_runs import run_seeds
    from itcho.experiments.progress import progress
    from itcho.experiments.runs.run_spec import RunSpec
    from itcho.model.version import MODEL_VERSION

    tasks = [RunSpec(SCENARIO, POLICY, START, seed, YEARS) for seed in seeds]
    with progress(show or f"{len(tasks)} worlds", len(tasks)) as advance:
        runs = run_seeds(tasks, workers, advance)
    failed = [f"seed {run.seed}: {run.failure}" for run in runs if run.failure]
    if failed:
        raise RuntimeError("; ".join(failed))
    months = tuple(range(12, 12 * YEARS + 1, 12))
    values = np.array(
        [[[_shortened(run.outcomes[name][month - 1]) for name in OUTCOMES] for month in months] for run in runs]
    )
    return WorldSet(MODEL_VERSION, tuple(seeds), months, values)


def write_set(found: WorldSet, folder: Path) -> None:
    """Write both tables."""
    world: dict[str, Any] = {"model": found.model, "seed": found.typical_seed(), "first_seed": found.seeds[0]}
    world |= {"last_seed": found.seeds[-1], "years": YEARS, "scenario": SCENARIO, "policy": POLICY, "start": START}
    _write_table(folder / WORLD, list(world), [list(world.values())])
    rows = [
        [found.model, seed, month, *(f"{value:.{DIGITS}g}" for value in found.values[place, when].tolist())]
        for place, seed in enumerate(found.seeds)
        for when, month in enumerate(found.months)
    ]
    _write_table(folder / WORLDS, ["model", "seed", "month", *OUTCOMES], rows)


def _write_table(file: Path, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    part = file.with_name(f".{file.name}-{os.getpid()}.part")
    part.write_text(stream.getvalue(), encoding="utf-8")
    part.replace(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the set, write the tables and the pages that name the seed; returns the exit code."""
    from itcho.experiments.reference_docs import DOCS

    parser = argparse.ArgumentParser(prog=COMMAND, description="Find the typical world of the default settings.")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"worlds: seeds 1 to N (default: {SEEDS})")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    parser.add_argument("--out", type=Path, help="folder of the tables (default: those of the sources, and docs/ too)")
    chosen = parser.parse_args(arguments)
    if chosen.seeds < 3 or chosen.workers < 1:
        parser.error("at least 3 seeds and 1 worker")
    folder = Path(str(_data())) if chosen.out is None else chosen.out
    if not folder.is_dir():
        parser.error(f"there is no folder {folder}")
    found = run_set(range(1, chosen.seeds + 1), chosen.workers)
    write_set(found, folder)
    print(f"typical world of seeds 1 to {chosen.seeds}, model {found.model}: seed {found.typical_seed()}; {folder}")
    if chosen.out is None and DOCS.is_dir():
        # The command line's page names the default seed, which this process may have read before it changed.
        return subprocess.run([sys.executable, "-m", "itcho.experiments.reference_docs"], check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
