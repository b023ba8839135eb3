"""Do simultaneous intervals hold as often as they say?  Simulated studies whose true effects are known.

``python -m itcho.experiments.studies.coverage_study`` writes the table of the page on statistics anew (minutes).
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

from itcho.experiments.markdown import markdown_table
from itcho.experiments.studies.simultaneous import simultaneous_intervals

FloatArray = NDArray[np.float64]

SEED = 20260401
STUDIES = 2000
COLUMNS = 12
RESAMPLES = 4000
REPLICATES = (8, 40, 100)
SHARED = 0.5
"""Share of the variance that all columns of a replicate have in common, as under common random numbers."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"
BEGIN, END = "<!-- coverage: python -m itcho.experiments.studies.coverage_study -->", "<!-- end of coverage -->"


def _normal(z: FloatArray) -> FloatArray:
    return z


def _exponential(z: FloatArray) -> FloatArray:
    return -np.log(ndtr(-z)) - 1.0


def _log_normal(z: FloatArray) -> FloatArray:
    return np.exp(0.75 * z) - math.exp(0.75**2 / 2.0)


def _zeros(share: float) -> Callable[[FloatArray], FloatArray]:
    """Zero in this share of replicates, and a standard exponential in the others."""

    def shape(z: FloatArray) -> FloatArray:
        rest = np.clip((ndtr(z) - share) / (1.0 - share), 0.0, 1.0 - 1e-15)
        return -np.log1p(-rest)

    return shape


@dataclass(frozen=True)
class Columns:
    """What the columns of a simulated study are like.

    Attributes
    ----------
    label : for people.
    shapes : of a standard normal, taken in turns by the columns.
    means : the true mean of each shape.
    """

    label: str
    shapes: tuple[Callable[[FloatArray], FloatArray], ...]
    means: tuple[float, ...]


KINDS: Mapping[str, Columns] = {
    "normal": Columns("normal", (_normal,), (0.0,)),
    "skewed": Columns("skewed: exponential", (_exponential,), (0.0,)),
    "zero-inflated": Columns("zero-inflated: half zero, half exponential", (_zeros(0.5),), (0.5,)),
    "mixed": Columns("mixed: the three in turns", (_normal, _exponential, _zeros(0.5)), (0.0, 0.0, 0.5)),
    "more zeros": Columns("harder: 70% zero", (_zeros(0.7),), (0.3,)),
    "heavy": Columns("harder: log-normal, skewness 3.3", (_log_normal,), (0.0,)),
}


@dataclass(frozen=True)
class Coverage:
    """What came of the simulated studies of a kind.

    Attributes
    ----------
    joint : share of studies in which every interval holds its true mean.
    bonferroni : the same of Student's intervals with Bonferroni's correction.
    width : mean width over Bonferroni's.
    no_wider : share of columns with an interval no wider than Bonferroni's.
    """

    joint: float
    bonferroni: float
    width: float
    no_wider: float


def coverage(
    kind: Columns, replicates: int, studies: int = STUDIES, columns: int = COLUMNS, resamples: int = RESAMPLES
) -> Coverage:
    """Simulate studies of a kind and count how often all intervals of one hold at once."""
    rng = np.random.default_rng([SEED, replicates])
    means = np.resize(kind.means, columns)
    student = float(stdtrit(replicates - 1, 1.0 - 0.05 / (2.0 * columns)))
    held, by_bonferroni, widths = [], [], []
    for _ in range(studies):
        values = simulated(kind, replicates, columns, rng)
        ends = simultaneous_intervals(values, rng, resamples=resamples)
        half = student * values.std(axis=0, ddof=1) / math.sqrt(replicates)
        held.append(bool(((ends.low <= means) & (means <= ends.high)).all()))
        by_bonferroni.append(bool((np.abs(values.mean(axis=0) - means) <= half).all()))
        varies = half > 0.0
        widths.append((ends.high - ends.low)[varies] / (2.0 * half[varies]))
    width = np.concatenate(widths)
    return Coverage(
        float(np.mean(held)), float(np.mean(by_bonferroni)), float(width.mean()), float(np.mean(width <= 1.0 + 1e-9))
    )


def simulated(kind: Columns, replicates: int, columns: int, rng: np.random.Generator) -> FloatArray:
    """Paired differences of one study, (replicates × columns)."""
    luck = math.sqrt(SHARED) * rng.normal(size=(replicates, 1))
    normal = luck + math.sqrt(1.0 - SHARED) * rng.normal(size=(replicates, columns))
    # Where a normal is too far out to have a distinct probability, it counts as the farthest that has one.
    normal = np.clip(normal, float(ndtri(1e-15)), float(ndtri(1.0 - 1e-15)))
    found = np.empty_like(normal)
    for column in range(columns):
        found[:, column] = kind.shapes[column % len(kind.shapes)](normal[:, column])
    return found


def table(studies: int = STUDIES) -> Iterator[str]:
    """The table of the page, line by line."""
    lines = []
    for kind in KINDS.values():
        for replicates in REPLICATES:
            found = coverage(kind, replicates, studies)
            shares = f"{100.0 * found.joint:.1f}%", f"{100.0 * found.bonferroni:.1f}%"
            lines.append((kind.label, str(replicates), *shares, f"{found.width:.2f}", f"{100.0 * found.no_wider:.0f}%"))
            print("; ".join(lines[-1]), file=sys.stderr, flush=True)
    yield from markdown_table(
        ("columns", "n", "all intervals hold", "Bonferroni's hold", "width over Bonferroni's", "no wider"), lines
    )


def main() -> None:
    """Write the table into the page."""
    argparse.ArgumentParser(prog="python -m itcho.experiments.studies.coverage_study", description=__doc__).parse_args()
    lines = "\n".join(table()).strip()
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{lines}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
