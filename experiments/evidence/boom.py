"""How the AI boom abroad ends by itself: many paths of its members without scenario, held against historic busts.

    python -m itcho.experiments.evidence.boom [--paths 400] [--years 15]

Users' demand follows the law of the outside world, and AI shares have the news that they have there; nothing else is
disturbed.  What is left out in an ablation says what that part does.  In the economy the members are the same
(:mod:`itcho.model.ai.boom`).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.model.ai.boom import AIBoom
from itcho.model.parameters import Parameters

Array = NDArray[np.float64]

YEAR, TWO_YEARS, BUST_MONTHS = 12, 24, 31
CRASH = 0.4
"""Fall that makes a crash of a run-up (Greenwood, Shleifer and You)."""
RUN_UPS = (0.5, 1.0, 1.5)
EVIDENCE = {
    "crash after +50%": "20%",
    "crash after +100%": "53% (to be within 10)",
    "crash after +150%": "80%",
    "shares": "-75% in 31 months (Nasdaq 2000-02)",
    "capex": "-24% in two years (telecom equipment 2000-02)",
    "venture money": "-62% in a year (NVCA 2001)",
}
"""What the figures stand beside."""


class Path(NamedTuple):
    """One path by month: log price of AI shares, capex (bn USD) and funding climate."""

    price: Array
    capex: Array
    climate: Array


def as_modelled(boom: AIBoom) -> None:
    """Leave all as it is."""


ABLATIONS: dict[str, Callable[[AIBoom], None]] = {
    "as modelled": as_modelled,
    "buyers pay for earnings alone": AIBoom.without_sentiment,
    "clouds need no lenders": AIBoom.without_limit,
}
"""What can be left out."""


def run_path(parameters: Parameters, seed: int, years: int, ablate: Callable[[AIBoom], None] = as_modelled) -> Path:
    """One path of the members under their own chance; ablations of a seed have the same chance."""
    p, chance, boom = parameters, np.random.default_rng(seed), AIBoom.at_start(parameters)
    ablate(boom)
    volatility = math.hypot(p.ai_equity_beta * p.world_equity_volatility_pct, p.ai_equity_own_volatility_pct) / 100.0
    demand, price, rows = 0.0, 0.0, []
    for month in range(YEAR * years):
        shock, news = chance.standard_normal(2)
        demand = p.ai_demand_persistence * demand + p.ai_demand_sd_monthly * shock
        boom.advance(month, math.exp(demand))
        news *= volatility / math.sqrt(YEAR)
        boom.close_month(news)
        price += boom.log_return + news + p.world_equity_drift_pct / 100.0 / YEAR
        rows.append((price, boom.capex, boom.funding_climate))
    return Path(*np.array(rows).T)


def crash_odds(prices: Sequence[Array], run_up: float) -> tuple[int, float]:
    """Run-ups of at least so much in two years, and the share of them that lose 40% within the next two.

    A path's next run-up is looked for two years after the last.
    """
    found = crashed = 0
    for price in prices:
        month = TWO_YEARS
        while month + TWO_YEARS < price.size:
            if price[month] - price[month - TWO_YEARS] >= math.log1p(run_up):
                after = price[month : month + TWO_YEARS + 1]
                found += 1
                crashed += bool((after - np.maximum.accumulate(after)).min() <= math.log(1.0 - CRASH))
                month += TWO_YEARS
            else:
                month += 1
    return found, crashed / found if found else math.nan


class Bust(NamedTuple):
    """The worst fall of a path's shares within 31 months, and what came with it, as shares of what was before."""

    shares: float
    capex: float
    venture_money: float


def worst_bust(path: Path) -> Bust:
    """The worst 31 months of a path; capex is the lowest year against the best before it.

    Venture money is the lowest year of the funding climate against the usual one: money of history has a trend as well.
    """
    price = path.price
    falls = np.array([price[m : m + BUST_MONTHS + 1].min() - price[m] for m in range(price.size - BUST_MONTHS)])
    top = int(falls.argmin())
    capex, climate = (
        np.convolve(flow, np.ones(YEAR) / YEAR, "valid")[max(0, top - YEAR) : top + BUST_MONTHS]
        for flow in (path.capex, path.climate)
    )
    lowest = float((capex / np.maximum.accumulate(capex)).min())
    return Bust(math.expm1(falls[top]), lowest - 1.0, float(climate.min()) - 1.0)


def table(parameters: Parameters, paths: int, years: int) -> list[str]:
    """The table by line: crash odds and worst busts of every ablation, medians with the tenth and ninetieth path."""
    lines = [f"{paths} paths of {years} years, no scenario", f"evidence: {EVIDENCE}"]
    for name, ablate in ABLATIONS.items():
        found = [run_path(parameters, seed, years, ablate) for seed in range(paths)]
        odds = [(run_up, *crash_odds([path.price for path in found], run_up)) for run_up in RUN_UPS]
        deep = [bust for path in found if (bust := worst_bust(path)).shares <= -CRASH]
        sizes = [np.percentile([bust[k] for bust in deep], (50, 10, 90)) for k in range(3)]
        text = "; ".join(f"after +{up:.0%}: {share:.0%} of {n}" for up, n, share in odds)
        told = "; ".join(
            f"{label} {middle:+.0%} ({low:+.0%} to {high:+.0%})"
            for label, (middle, low, high) in zip(Bust._fields, sizes, strict=True)
        )
        volatility = np.mean([np.diff(path.price).std() for path in found]) * math.sqrt(YEAR)
        lines.append(
            f"{name}: crash {text}; worst busts ({len(deep)} paths): {told}; volatility {volatility:.0%} a year"
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--paths", type=int, default=400)
    parser.add_argument("--years", type=int, default=15)
    given = parser.parse_args(arguments)
    for line in table(Parameters(), given.paths, given.years):
        print(line)


if __name__ == "__main__":
    main()
