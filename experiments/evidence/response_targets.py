"""Response targets: what published models of Japan answer to seven shocks in years 1 to 5, and what this model does.

Each row of ``data/response_targets.csv`` is a band for one shock, outcome and year, judged from the published figures
named beside it: the short-run model of the Economic and Social Research Institute (ESRI, Cabinet Office), whose tables
end with year 3, and the Bank of Japan's Q-JEM, which is the only source for years 4 and 5.  A row is met if the mean
over seeds lies in its band; nothing in the model is fitted to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from itcho.experiments.evidence.respond import Estimate, Pair, Pairs, mean_with_interval, year_responses
from itcho.experiments.evidence.stylised_facts import read_table

TABLE = "response_targets.csv"
YEARS = 5


@dataclass(frozen=True)
class Target:
    """A band for a response.

    Attributes
    ----------
    id, shock, outcome, year : which response; the year is 1 for the first twelve months.
    unit, decimals : how it is shown; percent of the twin, or a difference.
    low, central, high : the band, and the figure that is likeliest in it.
    source : published figures it was judged from.
    """

    id: str
    shock: str
    outcome: str
    year: int
    unit: str
    low: float
    central: float
    high: float
    decimals: int
    source: str

    def estimate(self, pairs: Sequence[Pair]) -> Estimate:
        """The model's response: mean over seeds and its interval."""
        return mean_with_interval(np.array([year_responses(pair, self.outcome)[self.year - 1] for pair in pairs]))


def targets() -> list[Target]:
    """All targets, in the order of the table."""
    return [
        Target(
            line["id"],
            line["shock"],
            line["outcome"],
            int(line["year"]),
            line["unit"],
            float(line["low"]),
            float(line["central"]),
            float(line["high"]),
            int(line["decimals"]),
            line["source"],
        )
        for line in read_table(TABLE)
    ]


def target_months() -> dict[str, int]:
    """Length of the shocked run by shock."""
    return {target.shock: 12 * YEARS for target in targets()}


def target_estimates(
    pairs: Sequence[Pairs], without_noise: Sequence[Pairs] = ()
) -> list[tuple[Target, Estimate, Estimate]]:
    """Every target with the model's response, and with the one on the path without noise (no seeds: not a number)."""
    return [
        (
            target,
            target.estimate([one.by_shock[target.shock] for one in pairs]),
            target.estimate([one.by_shock[target.shock] for one in without_noise]),
        )
        for target in targets()
    ]
