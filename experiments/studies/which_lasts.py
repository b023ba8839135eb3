"""The worked study `which-lasts`: what is left of a market share that support has won, years after its end.

It runs the market for AI services alone, without the rest of the economy: firms with their contracts, developers and
laboratories whose quality has its usual shocks, compute that grows as usual.  Arms differ in support only and share all
draws and tastes.  ``python -m itcho.experiments.studies.which_lasts`` runs it and writes ``docs/which_lasts.md``.
"""

from __future__ import annotations

import argparse
import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from itcho.agents.rules.subsidy import USUAL_TERMS, ContractTerms
from itcho.experiments.arguments import existing_folder
from itcho.experiments.markdown import markdown_table
from itcho.model.ai.learning import Experience, loop_gain
from itcho.model.ai.records import AIDrivers
from itcho.model.ai.services import AIServicesMarket
from itcho.model.economy import JapanEconomy
from itcho.model.randomness import Streams

FloatArray = NDArray[np.float64]

PAGE = "which_lasts.md"

SUPPORT_MONTHS, MONTHS = 36, 120
YEARS_AFTER = (5, 7)
SHARE_OF_PRICE = 0.3
LEARNING = (0.0, 0.05, 0.1, 0.2, 0.3, 0.6)
LOCKS = (0.0, 1.5)
GROWTH = (0.05, 0.2)

ARMS: Mapping[str, tuple[ContractTerms, int]] = {
    "none": (USUAL_TERMS, 0),
    "new contracts": (ContractTerms(voucher_share=SHARE_OF_PRICE), SUPPORT_MONTHS),
    "all contracts": (ContractTerms(voucher_share=SHARE_OF_PRICE, voucher_on_all=True), SUPPORT_MONTHS),
    "for good": (ContractTerms(voucher_share=SHARE_OF_PRICE), MONTHS),
    "surcharge": (ContractTerms(voucher_share=-SHARE_OF_PRICE / (1.0 - SHARE_OF_PRICE)), SUPPORT_MONTHS),
}
"""Terms by arm, and for how many months they hold.  The surcharge is as large in ln price as the voucher."""


@dataclass(frozen=True)
class Cell:
    """A place in the phase diagram.

    Attributes
    ----------
    lock : utility of staying with a supplier of models in the long run.
    growth : of demand by new workloads, a year.
    learning : s.d. of quality per ln use.
    """

    lock: float
    growth: float
    learning: float


@dataclass(frozen=True)
class Outcome:
    """What a cell came to.

    Attributes
    ----------
    shares : by arm, (seeds, months) domestic share of organisations' spending on models, percent.
    switching : demand that changed its supplier without being new, percent a year, without support.
    cost_trn_yen : what the state owed for vouchers in all, by arm, mean over seeds.
    """

    shares: Mapping[str, FloatArray]
    switching: float
    cost_trn_yen: Mapping[str, float]

    def gain(self, arm: str, month: int) -> FloatArray:
        """Share won by ``month`` (months since the start) against no support, points, (seeds,)."""
        return np.asarray(self.shares[arm][:, month - 1] - self.shares["none"][:, month - 1])

    def kept(self, arm: str, years: int) -> tuple[float, float, float]:
        """Share kept so many years after support ended, of what there was when it ended, with its 90% interval.

        The interval is that of a bootstrap over seeds of the ratio of means.
        """
        first, later = self.gain(arm, SUPPORT_MONTHS), self.gain(arm, SUPPORT_MONTHS + 12 * years)
        draws = np.random.default_rng(0).integers(0, first.size, (2000, first.size))
        ratios = later[draws].mean(axis=1) / first[draws].mean(axis=1)
        low, high = np.quantile(ratios, [0.05, 0.95]).tolist()
        return float(later.mean() / first.mean()), low, high

    def loop_gain(self, quality_weight: float, learning: float) -> float:
        """The loop gain at the share without support in the month in which support ends."""
        return loop_gain(quality_weight, learning, 0.01 * float(self.shares["none"][:, SUPPORT_MONTHS - 1].mean()))


def _economy(seed: int, lock: float, growth: float) -> JapanEconomy:
    changed = {"ai_contract_lock_in_models": lock, "ai_contract_new_workloads": growth}
    return JapanEconomy(rng=seed, policy="none", parameters=changed)


def _run(market: AIServicesMarket, seed: int, terms: ContractTerms, held: int) -> tuple[FloatArray, float, float]:
    """Domestic shares by month, percent; demand switched a year, percent; vouchers owed in all, trillion yen."""
    streams, compute = Streams(seed), market.importers.columns["compute"]
    growth = math.exp(market.parameters.ai_developer_compute_growth / 12.0)
    shares, switched, owed = np.empty(MONTHS), 0.0, 0.0
    for month in range(MONTHS):
        compute *= growth
        drivers = AIDrivers(
            market.opening.usdjpy,
            nominal_gdp_index=1.03 ** ((month + 1) / 12.0),
            contract_terms=terms if month < held else USUAL_TERMS,
        )
        owed += market.step(month, drivers, streams).contract_vouchers_due
        shares[month] = 100.0 * market.domestic_share
        switched += market.contracts.layers[0].flows.switched
    return shares, 100.0 * switched * 12.0 / MONTHS, owed


def explore(
    locks: Sequence[float] = LOCKS,
    growths: Sequence[float] = GROWTH,
    learnings: Sequence[float] = LEARNING,
    seeds: Iterable[int] = range(1, 13),
    arms: Sequence[str] = tuple(ARMS),
) -> dict[Cell, Outcome]:
    """Run all arms in every cell of the diagram, with the same seeds.

    Parameters
    ----------
    locks, growths, learnings : values along the three axes.
    seeds : of tastes, sizes and shocks.
    arms : out of :data:`ARMS`; ``none`` is always run.
    """
    wanted = dict.fromkeys(("none", *arms))
    found: dict[Cell, list[dict[str, tuple[FloatArray, float, float]]]] = {}
    for seed in seeds:
        for lock in locks:
            for growth in growths:
                economy = _economy(seed, lock, growth)
                opened = economy.world.ai_services
                for learning in learnings:
                    runs = {}
                    for arm in wanted:
                        market = copy.deepcopy(opened)
                        terms, held = ARMS[arm]
                        parameters = economy.parameters.replace(ai_learning_from_users=learning)
                        market.experience = Experience(market.experience.stock, parameters)
                        runs[arm] = _run(market, seed, terms, held)
                    found.setdefault(Cell(lock, growth, learning), []).append(runs)
    return {
        cell: Outcome(
            {arm: np.array([run[arm][0] for run in runs]) for arm in wanted},
            float(np.mean([run["none"][1] for run in runs])),
            {arm: float(np.mean([run[arm][2] for run in runs])) for arm in wanted},
        )
        for cell, runs in found.items()
    }


def _interval(values: tuple[float, float, float]) -> str:
    middle, low, high = values
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _verdict(values: tuple[float, float, float]) -> str:
    _, low, high = values
    if low > 0.0:
        return "some of it lasts" if high < 1.0 else "it lasts"
    return "cannot tell" if high > 0.0 else "it turns round"


def _diagram(found: Mapping[Cell, Outcome], quality_weight: float) -> Iterable[str]:
    """One table for each pace of growth: kept share five years later, by learning and switching."""
    for growth in sorted({cell.growth for cell in found}):
        locks = sorted({cell.lock for cell in found})
        learnings = sorted({cell.learning for cell in found})
        switching = {lock: found[Cell(lock, growth, learnings[0])].switching for lock in locks}
        yield f"Demand grows by {100.0 * growth:.0f}% a year in new workloads:"
        yield ""
        header = ["learning, s.d. per ln", "loop gain G", *(f"{switching[lock]:.0f}% switch a year" for lock in locks)]
        rows = []
        for learning in learnings:
            cells = [found[Cell(lock, growth, learning)] for lock in locks]
            gain = sum(cell.loop_gain(quality_weight, learning) for cell in cells) / len(cells)
            rows.append([f"{learning:g}", f"{gain:.2f}", *(_interval(cell.kept("new contracts", 5)) for cell in cells)])
        yield from markdown_table(header, rows)


def page(found: Mapping[Cell, Outcome], central: Cell, middle: Outcome, quality_weight: float) -> str:
    """The page of the study.

    Parameters
    ----------
    found : outcomes by cell of the diagram, with support for new contracts at least.
    central, middle : the cell of the parameters in force, and its outcome with all arms.
    quality_weight : utility per s.d. of quality.
    """
    seeds, switching = middle.shares["none"].shape[0], middle.switching
    gain = middle.loop_gain(quality_weight, central.learning)
    header = ["support", "at its end", "5 years on", "7 years on", "kept after 5", "kept after 7", "verdict", "trn yen"]
    rows = []
    for arm in ARMS:
        if arm == "none":
            continue
        kept = middle.kept(arm, 5)
        row = [arm, f"{middle.gain(arm, SUPPORT_MONTHS).mean():+.1f}"]
        row += [f"{middle.gain(arm, SUPPORT_MONTHS + 12 * years).mean():+.1f}" for years in YEARS_AFTER]
        if arm == "for good":
            row += ["", "", "not ended", f"{middle.cost_trn_yen[arm]:.2f}"]
        else:
            row += [_interval(kept), _interval(middle.kept(arm, 7)), _verdict(kept), f"{middle.cost_trn_yen[arm]:.2f}"]
        rows.append(row)
    return _TEXT.format(
        seeds=seeds,
        percent=f"{100.0 * SHARE_OF_PRICE:.0f}",
        months=SUPPORT_MONTHS,
        learning=f"{central.learning:g}",
        growth=f"{100.0 * central.growth:.0f}",
        switching=f"{switching:.0f}",
        gain=f"{gain:.2f}",
        arms="\n".join(markdown_table(header, rows)),
        diagram="\n".join(_diagram(found, quality_weight)),
    )


_TEXT = """<!-- Written by `python -m itcho.experiments.studies.which_lasts`; change that file, not this page. -->

# Which lasts?

Support wins a share of the market for AI models. What is left of it five and seven years after it has ended? The study
runs the market for AI services alone: firms with their contracts, developers and laboratories with their usual shocks,
compute that grows as usual. Arms share all draws and tastes; {seeds} seeds each. In the supported arms the state bears
{percent}% of what firms pay developers controlled in Japan for models, for {months} months.

```sh
python -m itcho.experiments.studies.which_lasts
```

Two things can keep a share. Firms stay with whom they have: that delays a loss and does not stop it, for contracts end
and new workloads come. And developers learn from those who use their models, which makes them better and wins them more
users. Whether the second feeds on itself is one number, the loop gain

```text
G = utility per s.d. of quality x s.d. of quality per ln of use x (1 - share)
```

Below one, what was won dies away once support ends, the more slowly the nearer G is to one; from one on the market
tips.

## With the parameters in force

Learning is {learning} s.d. per ln of use, demand grows by {growth}% a year in new workloads, and {switching}% of demand
changes its supplier in a year: G = {gain}. Points of the domestic share of what organisations spend on models, against
no support, and the part of the gain at the end of support that is kept, with its 90% interval over seeds:

{arms}
The money is what the state owed for vouchers in ten years; a surcharge earns it. `surcharge` is as large in ln price as
the voucher: were the way down the way up, it would lose as much and keep the same part.

## The phase diagram

Part of the gain of support for new contracts that is kept five years after its end, by learning, switching and growth;
above one it has grown since:

{diagram}
## What the data cannot decide

Learning from users has no estimate: nobody has measured how much a developer gains from more use. Its range here is a
judgement, and the diagram is the result, not one of its cells. Switching of models is known to be near 11% a year (5 to
20%, second hand) and growth of spending on clouds near 30%; lengths of contracts are a judgement. Left out is what else
a larger share would bring developers: money for compute, people, capital. Trading partners' example is in the model,
and keeps a share as learning does.
"""


def main(path: Path, seeds: int = 8) -> None:
    """Run the study with so many seeds and write its page."""
    parameters = JapanEconomy(rng=1).parameters
    central = Cell(
        parameters.ai_contract_lock_in_models, parameters.ai_contract_new_workloads, parameters.ai_learning_from_users
    )
    locks = sorted({*LOCKS, central.lock})
    found = explore(locks, seeds=range(1, seeds + 1), arms=("new contracts",))
    middle = explore((central.lock,), (central.growth,), (central.learning,), range(1, seeds + 1))[central]
    path.write_text(page(found, central, middle, parameters.ai_choice_quality_weight), encoding="utf-8")


def command(arguments: Sequence[str] | None = None) -> None:
    """Run the study and write the page into a folder."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.studies.which_lasts", description=__doc__)
    parser.add_argument("--out", type=existing_folder, default="docs", help="folder that takes the page")
    main(parser.parse_args(arguments).out / PAGE)


if __name__ == "__main__":
    command()
