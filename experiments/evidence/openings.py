"""What the two start states that come with the model open with: ``docs/openings.md``.

``python -m itcho.experiments.evidence.openings --out docs`` writes the page in a minute: cells that published data
contradicted, how volatile the first month is beside later ones, whether the two-year yield is the path that the bank
projects, and what moves in the first quarter of a quiet start more than it does later, each with its cause.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from itcho.agents.rules.monetary import InertialTaylor
from itcho.experiments.arguments import existing_folder
from itcho.experiments.evidence.quiet_start import QuietRow, run_quiet_start
from itcho.experiments.markdown import markdown_table
from itcho.experiments.processes import in_processes
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.start_states import available, load
from itcho.model.start_states.start_state import StartState
from itcho.model.version import MODEL_VERSION

PAGE = "openings.md"
EARLIER, LATER = "2024-03-31", "2026-03-31"
STARTS = (LATER, EARLIER)
SEEDS = 40
SESSIONS_OF_A_MONTH, SESSIONS_OF_A_YEAR = 20, 251
TWO_YEARS_QUARTERS = 8

Reader = Callable[[StartState], float]


def _position(instrument: str, *parties: str) -> Reader:
    return lambda state: sum(state.position(instrument, party) for party in parties)


def _share_up_to_a_year(state: StartState) -> float:
    spans = ("jgb_up_to_1y", "jgb_1_to_5y", "jgb_5_to_10y", "jgb_10_to_20y", "jgb_over_20y")
    owed = [state.position(span, "government") for span in spans]
    return 100.0 * owed[0] / sum(owed)


@dataclass(frozen=True)
class Cell:
    """A figure of a start state that published data contradicted.

    Attributes
    ----------
    label : in words, with its unit.
    start : the date.
    former : before it was made from published tables.
    published : by the Bank of Japan (flow of funds, accounts), the Cabinet Office or the Ministry of Finance.
    now : reads it off a start state.
    """

    label: str
    start: str
    former: float
    published: float
    now: Reader


_INVESTORS = ("insurers_and_pensions", "investment_funds")
CELLS: tuple[Cell, ...] = tuple(
    Cell(label, start, former, published, now)
    for label, now, figures in (
        (
            "shares held by insurers and pensions, trn yen",
            _position("japanese_equity", "insurers_and_pensions"),
            ((EARLIER, 119.6, 140.2), (LATER, 125.0, 151.9)),
        ),
        (
            "shares issued by banks, trn yen",
            _position("japanese_equity", "banks"),
            ((EARLIER, -32.7, -54.1), (LATER, -89.8, -117.8)),
        ),
        (
            "other claims of insurers, pensions and funds, trn yen",
            _position("other_claims", *_INVESTORS),
            ((EARLIER, 72.6, 50.0), (LATER, 94.5, 66.4)),
        ),
        (
            "deposits of local governments and social security, trn yen",
            _position("deposits", "local_and_social_security"),
            ((EARLIER, 86.5, 93.7), (LATER, 80.6, 90.9)),
        ),
        (
            "net lending of the Bank of Japan, trn yen a year",
            lambda state: state.net_lending("bank_of_japan"),
            ((EARLIER, 0.79, 2.06), (LATER, 1.41, 2.08)),
        ),
        (
            "wages, trn yen a year",
            lambda state: state.flow("current.wages"),
            ((EARLIER, 301.2, 302.0), (LATER, 327.4, 325.7)),
        ),
        ("JGBs due within a year, % of all", _share_up_to_a_year, ((EARLIER, 14.0, 10.0),)),
        (
            "USD/JPY, yen per dollar",
            lambda state: state.fact("usdjpy"),
            ((EARLIER, 148.58, 151.22), (LATER, 156.81, 159.84)),
        ),
        (
            "10-year yield, %",
            lambda state: state.fact("jgb_10y_pct"),
            ((EARLIER, 0.711, 0.75), (LATER, 2.215, 2.366)),
        ),
    )
    for start, former, published in figures
)
"""Figures that were repaired; the former prices were means of the quarter, and the published ones are of the day."""

_NO_OPENING = "no figure before the first month: opens at 0"
_GROWTH = "nominal GDP goes on growing as in the year before the start, and slows down later"
_POLL = "the cabinet opens with the last poll, far from what its record gives, and returns"
CAUSES: dict[tuple[str, str], str] = {
    (LATER, "jgb_2y_pct"): "two years reach into a path on which the bank raises; later its rate stands near neutral",
    (LATER, "jgb_5y_pct"): "the same path",
    (LATER, "cpi_yoy_pct"): "the published year stands below what wages and expectations give, and prices catch up",
    (LATER, "worry_about_prices_pct"): "opens with the poll after years of inflation above 2%, of which people forget",
    (LATER, "current_account_pct_gdp"): "the account falls a little and nominal GDP grows faster than later",
    (LATER, "net_foreign_assets_trn_yen"): "income and gains abroad run on as in the year before the start",
    (EARLIER, "net_foreign_assets_trn_yen"): "the yen weakens a little, and income and gains abroad run on",
    (EARLIER, "nominal_gdp_trn_yen"): _GROWTH,
    (EARLIER, "softbank_ltv_pct"): "it borrows and invests towards its target ratio, out of one that was unusually low",
    (EARLIER, "softbank_ltv_with_margin_loans_pct"): "the same investments",
    (EARLIER, "bound_share_pension_bond_band_pct"): "the first members come to their band: one per cent of the type",
    **{
        (start, name): cause
        for start in STARTS
        for name, cause in (
            ("ai_capex_abroad_bn_usd", _NO_OPENING),
            ("ai_capex_over_cash_flow_pct", _NO_OPENING),
            ("grid_wait_years", "the queue of the start is worked off down to its least, where it stays"),
            ("gov_debt_to_gdp_pct", _GROWTH),
            ("approval_pct", _POLL),
            ("bound_share_importer_budget_pct", _NO_OPENING),
            ("withheld_importer_budget_trn_yen", _NO_OPENING),
            ("withheld_importer_credit_trn_yen", _NO_OPENING),
        )
    },
}
"""Why an outcome moves more in the first quarter of a quiet start than it does later, by start state and outcome."""


def jolts(start: str) -> list[QuietRow]:
    """Outcomes that move more in the first quarter than later, in a run without noise, programme and dated events."""
    return [row for row in run_quiet_start(start) if not row.quiet]


def two_years_pct(start: str) -> tuple[float, float]:
    """The two-year yield of the day, and what the bank's projected path makes of it, percent."""
    economy = JapanEconomy(policy="none", start=start, rng=1, noise=False)
    path, _ = economy.bank_of_japan.expected_path_pct(
        economy.state, economy.parameters, TWO_YEARS_QUARTERS, InertialTaylor()
    )
    return economy.start_state.fact("jgb_2y_pct"), sum(path) / TWO_YEARS_QUARTERS


def _log_returns(task: tuple[str, int]) -> tuple[list[float], list[float]]:
    start, seed = task
    economy = JapanEconomy(policy="none", start=start, rng=seed, years=2, dated_events=False).run()
    daily = economy.daily_table()
    yen, shares = (np.diff(np.log(daily[name].to_numpy())).tolist() for name in ("usdjpy", "japan_equity_index"))
    return yen, shares


def volatilities_pct(start: str, seeds: int = SEEDS, workers: int = 1) -> tuple[tuple[float, float], ...]:
    """Daily standard deviation in month 1 and in year 2, percent: of the yen, and of Japanese shares."""
    found = in_processes(_log_returns, [(start, seed) for seed in range(1, seeds + 1)], workers, lambda: None)
    told = []
    for place in range(2):
        returns = 100.0 * np.array([one[place] for one in found])
        spans = returns[:, :SESSIONS_OF_A_MONTH], returns[:, SESSIONS_OF_A_YEAR:]
        month, year = (math.sqrt(float((span**2).mean())) for span in spans)
        told.append((month, year))
    return tuple(told)


def cells_table() -> list[str]:
    """Cells that were repaired: former, published, now."""
    states = {start: load(start) for start in available()}
    rows = [
        (cell.label, cell.start, _shown(cell.former), _shown(cell.published), _shown(cell.now(states[cell.start])))
        for cell in CELLS
    ]
    return list(markdown_table(("figure", "start", "former", "published", "now"), rows))


def quiet_table(start: str) -> list[str]:
    """What moves more in the first quarter than later, and why."""
    rows = [
        (
            OUTCOMES[row.outcome].label,
            _shown(row.before),
            _shown(row.after),
            _shown(row.usual),
            CAUSES.get((start, row.outcome), "no cause found yet"),
        )
        for row in jolts(start)
    ]
    return list(markdown_table(("outcome", "opening", "month 3", "usual change in a quarter", "why"), rows))


def _shown(value: float) -> str:
    return f"{value:.4g}" if value else "0"


def page(workers: int = 1) -> str:
    """The page, Markdown."""
    return "\n".join(_page(workers)).rstrip("\n") + "\n"


def _page(workers: int) -> Iterator[str]:
    yield "<!-- Written by `python -m itcho.experiments.evidence.openings`; change that file, not this page. -->"
    yield ""
    yield "# What the start states open with"
    yield ""
    yield (
        f"Model version {MODEL_VERSION}. The two [start states](start_states.md) that come with the model, held "
        "against what was published and against what the model does later."
    )
    yield ""
    yield "## Figures that published data contradicted"
    yield ""
    yield (
        "Both states were entered by hand once, and are made from published tables now (Bank of Japan, flow of funds; "
        "Cabinet Office, annual accounts; Ministry of Finance). Signs: what is owed is negative. A read figure may "
        "move by 0.1%, a computed one by 5%, for the books to close; prices are of the day and not means of the "
        "quarter."
    )
    yield ""
    yield from cells_table()
    yield "## The first month and the second year"
    yield ""
    yield f"Daily standard deviation, %, over {SEEDS} seeds without programme and dated events."
    yield ""
    rows = []
    for start in STARTS:
        for label, (month, year) in zip(
            ("USD/JPY", "Japanese shares"), volatilities_pct(start, workers=workers), strict=True
        ):
            rows.append((start, label, f"{month:.3f}", f"{year:.3f}", f"{month / year:.2f}"))
    yield from markdown_table(("start", "price", "month 1", "year 2", "ratio"), rows)
    yield "## The two-year yield"
    yield ""
    yield (
        "The path that the Bank of Japan projects at the start, over two years, against the yield of that day, %. The "
        "bank's view of the day is found so that they agree; a difference would mean that it could not be."
    )
    yield ""
    told = [(start, *two_years_pct(start)) for start in STARTS]
    yield from markdown_table(
        ("start", "yield", "projected path", "difference, bp"),
        [(start, f"{y:.3f}", f"{path:.3f}", f"{100.0 * (path - y):+.0f}") for start, y, path in told],
    )
    yield "## A quiet start"
    yield ""
    yield (
        "Without noise, programme and dated events (`itcho quiet-start`), an outcome starts with a jolt if it moves in "
        "the first three months by more than 1.5 times the 95th percentile of its changes over three months in years "
        "2 to 5, and by more than 0.1% of itself. But for those without an opening figure none leaps "
        "in one month; all go on as they went before the start, or return from where it found them, in a world that "
        "later comes to rest."
    )
    for start in STARTS:
        yield ""
        yield f"### {start}"
        yield ""
        yield from quiet_table(start)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; 0."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.evidence.openings", description=__doc__)
    parser.add_argument("--out", type=existing_folder, default=Path("docs"), help="folder that takes the page")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    (given.out / PAGE).write_text(page(given.workers), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
