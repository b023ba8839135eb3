"""What each mechanism of the economy does to its answers and to its rest: one weakened at a time.

``python -m itcho.experiments.evidence.mechanisms --out docs`` writes ``mechanisms.csv`` and the page ``resting.md``.
Every line is a run without noise with one parameter at the end of its registered range at which its mechanism does
nothing or least.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path

from itcho.experiments.arguments import existing_folder
from itcho.experiments.evidence.response_targets import targets
from itcho.experiments.evidence.rest import come_to_rest
from itcho.experiments.evidence.rows import rest_checks, target_checks
from itcho.model.sizes import DEFAULT_START

FILE, PAGE = "mechanisms.csv", "resting.md"

RESTS = 13
"""Criteria of rest on the quiet path."""

WEAKENED: dict[str, dict[str, float]] = {
    "as it is": {},
    "production stays where it is": {"place_of_production_elasticity": 0.0},
    "wealth hardly counts in consumption": {"consumption_wealth_elasticity": 0.02},
    "most property income counts as income": {"property_income_counted_share": 0.8},
    "capital is hardly tied to output": {"investment_capital_response": 0.10},
    "taxes do not answer to debt": {"debt_feedback_response": 0.0},
    "the bank's natural rate does not learn": {"natural_rate_learning_monthly": 0.0},
    "holders hardly get used to bonds": {"mandate_half_life_years": 15.0},
    "companies hardly pay out excess funds": {"excess_funds_payout_share_year": 0.05},
    "affiliates' yields stay high": {"affiliate_yield_pct": 8.0},
    "the fair yen hardly knows foreign assets": {"nfa_fundamental_response_pct": 0.08},
    "portfolios abroad move slowest": {"foreign_share_speed_monthly": 0.005},
    "public spending outgrows potential for long": {"public_growth_half_life_years": 15.0},
}
"""What is set, by what it means in words."""


@dataclass(frozen=True)
class Line:
    """An economy with one mechanism weakened.

    Attributes
    ----------
    mechanism : in words; ``setting`` the parameter and its value.
    targets_met, rest_met : response targets and criteria of rest that are met.
    yen_gdp_1 to yen_gdp_5 : real GDP after a yen 10% weaker, percent, by year.
    largest_gap_pct, fastest_yen_pct : years 10 to 60.
    real_yen_30_pct, real_yen_60_pct : real yen per dollar since the start.
    foreign_assets_60_pct_gdp, debt_60_pct_gdp : in year 60.
    """

    mechanism: str
    setting: str
    targets_met: int
    rest_met: int
    yen_gdp_1: float
    yen_gdp_2: float
    yen_gdp_3: float
    yen_gdp_4: float
    yen_gdp_5: float
    largest_gap_pct: float
    fastest_yen_pct: float
    real_yen_30_pct: float
    real_yen_60_pct: float
    foreign_assets_60_pct_gdp: float
    debt_60_pct_gdp: float


def line(mechanism: str, overrides: Mapping[str, float], start: str = DEFAULT_START) -> Line:
    """The answers and the rest of an economy with ``overrides``.

    Raises
    ------
    RuntimeError : a run failed.
    """
    of_targets, gdp = target_checks(start, overrides)
    rest = come_to_rest(start, overrides=overrides)
    criteria = {one.id: one for one in rest_checks({"": rest})}
    yen = 100.0 * rest.path.by_year("real_yen")
    moved = [float(yen[year - 1] - 100.0 * rest.path.monthly["real_yen"][0]) for year in (30, 60)]
    yen_gdp = [round(float(value), 2) for value in gdp["yen"]]
    return Line(
        mechanism=mechanism,
        setting=", ".join(f"{name}={value:g}" for name, value in overrides.items()),
        targets_met=sum(one.met for one in of_targets),
        rest_met=sum(one.met for one in criteria.values()),
        yen_gdp_1=yen_gdp[0],
        yen_gdp_2=yen_gdp[1],
        yen_gdp_3=yen_gdp[2],
        yen_gdp_4=yen_gdp[3],
        yen_gdp_5=yen_gdp[4],
        largest_gap_pct=round(criteria["gap-years-10-60"].value, 2),
        fastest_yen_pct=round(criteria["real-yen-years-10-60"].value, 2),
        real_yen_30_pct=round(moved[0], 1),
        real_yen_60_pct=round(moved[1], 1),
        foreign_assets_60_pct_gdp=round(float(rest.path.at_year_ends("foreign_assets_pct_gdp")[-1]), 1),
        debt_60_pct_gdp=round(float(rest.path.at_year_ends("debt_pct_gdp")[-1]), 1),
    )


def table(lines: Sequence[Line]) -> str:
    """The lines as CSV."""
    out = StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(Line)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) for one in lines)
    return out.getvalue()


ANCHORS = (
    (
        "foreign assets",
        "shares of wealth that households, insurers, banks and funds want abroad; direct investment in proportion to "
        "capital at home, reinvested earnings inside",
        "`agents/asset_allocation.py`",
    ),
    (
        "real yen",
        "where firms produce: with the price elasticities of the targets alone a weaker yen does not raise the trade "
        "balance",
        "`agents/exporters.py`, `agents/import_buyers.py`",
    ),
    (
        "yen within years",
        "traders' stocks, bounded by their wealth, around a fair rate that knows net foreign assets",
        "`agents/speculative_traders.py`, `agents/carry_traders.py`",
    ),
    (
        "output",
        "investment that ties capital to output, and the bank's rule around a natural rate that follows potential "
        "growth and learns from gaps that its own rate does not explain",
        "`agents/firms.py`, `agents/bank_of_japan.py`",
    ),
    ("prices", "expectations that return to the target", "`agents/households.py`"),
    (
        "public debt",
        "spending that comes back to potential output, holders who get used to what they hold, and taxes that answer "
        "to debt over years",
        "`agents/government.py`, `agents/bond_holders.py`, `agents/rules/fiscal.py`",
    ),
    ("companies' funds", "what is held beyond the usual is paid out", "`agents/firms.py`"),
)
"""What comes to rest, what holds it there, and where it is decided."""

TEXT = """# An economy that rests and answers

*Written by `python -m itcho.experiments.evidence.mechanisms`; do not edit.*

How far the economy comes to rest when it is left alone, without noise, programme and dated events, stands in the first
row of the table below.  What it is drawn to: output at potential, prices at the
target, the policy rate at the natural rate, the yen and foreign assets where nobody trades them away.  Disturbed,
it answers as published models of Japan do.  `itcho rest` shows the first and `itcho validate` the second, with every
target's band and source.

What holds it there:

{anchors}

One mechanism weakened at a time: targets met of {targets}, criteria of rest met of {rest}, real GDP in the five years
after a yen held 10% weaker (%), largest output gap and fastest real yen of years 10 to 60 (%, % a year), real yen per
dollar since the start in years 30 and 60 (%), foreign assets and public debt in year 60 (% of GDP).

"""


def page(rows: Sequence[Mapping[str, str]], targets_total: int, rest_total: int) -> str:
    """The page that shows a table as read."""
    heads = ("mechanism", "targets", "rest", "GDP y1", "y2", "y3", "y4", "y5", "gap", "yen a year", "yen y30", "y60")
    lines = [f"| {' | '.join((*heads, 'assets', 'debt'))} |", "|---" * (len(heads) + 2) + "|"]
    for row in rows:
        named = row["mechanism"] + (f" (`{row['setting'].replace(', ', '`, `')}`)" if row["setting"] else "")
        lines.append(f"| {' | '.join((named, *list(row.values())[2:]))} |")
    anchors = "\n".join(
        f"| {' | '.join(each)} |" for each in (("what", "anchored by", "agents"), ("---",) * 3, *ANCHORS)
    )
    return TEXT.format(anchors=anchors, targets=targets_total, rest=rest_total) + "\n".join(lines) + "\n"


def read(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a table as written."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table; 0."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.evidence.mechanisms", description=__doc__)
    parser.add_argument("--out", type=existing_folder, default=Path("docs"), help="folder that takes the table")
    given = parser.parse_args(arguments)
    lines = []
    for name, overrides in WEAKENED.items():
        lines.append(line(name, overrides))
        print(lines[-1], flush=True)
    (given.out / FILE).write_text(table(lines), encoding="utf-8")
    (given.out / PAGE).write_text(page(list(read(given.out / FILE)), len(targets()), RESTS), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
