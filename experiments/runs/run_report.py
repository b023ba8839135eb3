"""What `itcho run` prints: the years, the programme's effect, who moved the yen, and where the files are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.table import Table

from itcho.experiments.languages import Words
from itcho.experiments.studies.fiscal_years import MONTHS, year_name
from itcho.model.measure.outcomes import OUTCOMES

if TYPE_CHECKING:
    from itcho.experiments.runs.ensemble import EffectRow, Ensemble

PUBLIC_FINANCE_AND_MARKETS = (
    "spending_trn_yen_fy",
    "deficit_trn_yen_fy",
    "bond_dependency_pct",
    "gov_debt_to_gdp_pct",
    "jgb_10y_pct",
    "policy_rate_pct",
    "usdjpy_average",
)
ECONOMY_AND_AI = (
    "cpi_yoy_pct",
    "real_gdp_growth_pct",
    "chip_imports_trn_yen",
    "domestic_ai_share_home_pct",
    "japan_share_global_ai_pct",
    "adoption_pct",
    "softbank_ltv_pct",
)
WIDTH_FOR_ONE_TABLE = 150
SAID_IN_WORDS = ("usdjpy", "deficit_trn_yen_fy", "domestic_ai_share_home_pct")
"""Outcomes of an ensemble that are told in a sentence each."""
ENGLISH = Words()

CLIENT_LABELS = {
    "ai_services": "AI services and licences",
    "softbank": "SoftBank",
    "dealers_reversal": "Dealers handing on stock",
    "all": "USD/JPY, all together",
}


def client_label(client: str, words: Words = ENGLISH) -> str:
    """How a client of the currency market is shown."""
    return words(CLIENT_LABELS.get(client, client.replace("_", " ").capitalize()))


def show_ensemble(console: Console, found: Ensemble, policy: str, words: Words = ENGLISH) -> None:
    """Print what the programme does over all pairs: a table for each year that is read, then plain words."""
    rows = found.rows()
    console.print(
        words(
            "{pairs} pairs of worlds: each with policy {policy} and, with the same luck, without the programme.",
            pairs=len(found.seeds),
            policy=policy,
        ),
        highlight=False,
    )
    if found.collapsed:
        console.print(
            words(
                "{count} more pairs are left out: a world of theirs collapsed (seeds {seeds}).",
                count=len(found.collapsed),
                seeds=", ".join(map(str, found.collapsed)),
            ),
            highlight=False,
        )
    for year in found.years_read:
        console.print()
        held = found.months[found.fiscal_years.index(year)]
        _show_effects(console, [row for row in rows if row.fiscal_year == year], year_name(year, held), words)
    note = (
        "Without, with, effect: means over the worlds.  90% band: nine effects of ten lie in it.  Worse: share of "
        "worlds that are worse with the programme (a weaker yen, more debt, fewer jobs)."
    )
    console.print(words(note), style="dim", highlight=False)
    for row in rows:
        if row.is_pulled:
            console.print(pulled_in_words(row, words), style="dim", highlight=False)
    console.print()
    last = found.years_read[-1]
    for row in rows:
        if row.fiscal_year == last and row.outcome in SAID_IN_WORDS:
            console.print(in_words(row, words), highlight=False)


def in_words(row: EffectRow, words: Words = ENGLISH) -> str:
    """An effect in a sentence or two."""
    decimals = OUTCOMES[row.outcome].decimals
    return words(
        "{outcome}, FY{year}: {without} without the programme, {with_it} with it ({unit}).  It changes by {effect} "
        "{difference_unit}, in nine worlds of ten by {low} to {high}; {share} of worlds are worse for it.",
        outcome=words.outcome(row.outcome),
        year=row.fiscal_year,
        without=_number(row.without, decimals),
        with_it=_number(row.with_policy, decimals),
        unit=words.unit(row.outcome),
        difference_unit=words.difference_unit(row.outcome),
        effect=_number(row.effect, decimals + 1, signed=True),
        low=_number(row.low_90, decimals + 1, signed=True),
        high=_number(row.high_90, decimals + 1, signed=True),
        share=_share(row.share_worse),
    )


def pulled_in_words(row: EffectRow, words: Words = ENGLISH) -> str:
    """Why a mean effect lies outside the band of nine worlds in ten."""
    digits = OUTCOMES[row.outcome].decimals + 1
    return words(
        "{outcome}, FY{year}: few worlds pull the mean out of the band (the farthest: {farthest}); the median is "
        "{median}.",
        outcome=words.outcome(row.outcome),
        year=row.fiscal_year,
        farthest=_number(row.farthest, digits, signed=True),
        median=_number(row.median, digits, signed=True),
    )


def show_typical(console: Console, found: Ensemble, words: Words = ENGLISH) -> None:
    """Say which world of a set is kept, and what it is."""
    console.print()
    text = words(
        "Kept to explore: seed {seed}, the typical world of these {pairs}: in yen, deficit and Japan's share of its AI "
        "market the others are least far from it.  It is one world and no forecast.",
        seed=found.typical_seed,
        pairs=len(found.seeds),
    )
    console.print(text, style="bold", highlight=False)


def show_one_of_many(console: Console, words: Words = ENGLISH) -> None:
    """Say that a single world is one of many, where nothing is known of the others."""
    text = "One world of many: `itcho run` without --seed shows how far worlds with these settings differ."
    console.print(words(text), highlight=False)


def _show_effects(console: Console, rows: Sequence[EffectRow], year: str, words: Words) -> None:
    table = _table(words("What the programme does in {year}", year=year))
    table.add_column(words("outcome"), overflow="fold")
    for column in ("without", "with", "effect", "90% band", "worse"):
        table.add_column(words(column), justify="right", no_wrap=True)
    for row in rows:
        decimals = OUTCOMES[row.outcome].decimals
        band = [_number(value, decimals + 1, signed=True) for value in (row.low_90, row.high_90)]
        cells = (_number(row.without, decimals), _number(row.with_policy, decimals))
        effect = _number(row.effect, decimals + 1, signed=True)
        table.add_row(_labelled(row.outcome, words), *cells, effect, f"{band[0]} .. {band[1]}", _share(row.share_worse))
    console.print(table)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100.0 * share:.0f}%"


def show_fiscal_years(console: Console, years: pd.DataFrame, words: Words = ENGLISH) -> None:
    """Print the table by fiscal year, in two parts where the screen is narrow.

    Parameters
    ----------
    years : a table of ``fiscal_years.by_fiscal_year``.
    """
    parts: tuple[tuple[str, ...], ...]
    if console.width >= WIDTH_FOR_ONE_TABLE:
        parts = (PUBLIC_FINANCE_AND_MARKETS + ECONOMY_AND_AI,)
    else:
        parts = (PUBLIC_FINANCE_AND_MARKETS, ECONOMY_AND_AI)
    for part in parts:
        table = _table()
        table.add_column(f"\n{words('FY')}", no_wrap=True)
        shown = [OUTCOMES[name] for name in part]
        for outcome in shown:
            table.add_column(f"{words.column(outcome.name)}\n{words(outcome.unit)}", justify="right", no_wrap=True)
        for year, row in years.iterrows():
            cells = (_number(row[outcome.name], outcome.decimals) for outcome in shown)
            table.add_row(f"{year}{'*' if row['months'] < MONTHS else ''}", *cells)
        console.print(table)
    note = words("Rates, prices and growth: mean of the year.  Amounts: the year's sum.  The rest: end of the year.")
    if (years["months"] < MONTHS).any():
        note += f"  * {words('part of a year')}"
    console.print(note, style="dim", highlight=False)


def show_programme_effect(
    console: Console, effect: pd.DataFrame, year: int, months: int, policy: str, words: Words = ENGLISH
) -> None:
    """Print what the programme changed in a year.

    Parameters
    ----------
    effect : a table of ``fiscal_years.programme_effect``.
    year, months : the year it was read in, and how many months of it were run.
    """
    console.print()
    title = "What the programme changed by {year}, in this one world (same seed without it)"
    table = _table(words(title, year=year_name(year, months)))
    table.add_column(words("outcome"), overflow="fold")
    for column in (policy, "none", words("difference")):
        table.add_column(column, justify="right", no_wrap=True)
    shown = PUBLIC_FINANCE_AND_MARKETS + ECONOMY_AND_AI
    for name in (*shown, "productivity_gain_pct", "programme_cost_trn_yen"):
        if name not in effect.index:
            continue
        decimals = OUTCOMES[name].decimals
        with_it, without, difference = effect.loc[[name], ["policy", "none", "difference"]].to_numpy()[0].tolist()
        cells = (_number(with_it, decimals), _number(without, decimals), _number(difference, decimals + 1, signed=True))
        table.add_row(_labelled(name, words), *cells)
    console.print(table)


def show_yen(console: Console, moved: pd.DataFrame, words: Words = ENGLISH) -> None:
    """Print who moved the yen.

    Parameters
    ----------
    moved : a table of ``fiscal_years.yen_by_client``.
    """
    console.print()
    table = _table(words("Who moved the yen: change of USD/JPY in log percent (+ weaker yen), by whose orders"))
    table.add_column(words("client"), overflow="fold")
    for column in moved.columns:
        table.add_column(words(str(column)), justify="right", no_wrap=True)
    for client, row in moved.iterrows():
        last = client == "all"
        if last:
            table.add_section()
        label = client_label(str(client), words)
        table.add_row(label, *(_number(value, 2, signed=True) for value in row), style="bold" if last else None)
    console.print(table)
    if any(str(column).endswith("*") for column in moved.columns):
        console.print(f"* {words('with part of a year')}", style="dim", highlight=False)


def show_where(
    console: Console, folder: Path, months: int, residual: float, picture: str = "summary.png", words: Words = ENGLISH
) -> None:
    """Print that the books closed and where the files are; ``picture`` is the one to begin with."""
    console.print()
    closed = "The books closed in all {months} months (largest relative residual {residual})."
    console.print(words(closed, months=months, residual=f"{residual:.1e}"), highlight=False)
    # A path must stay in one piece to be copied.
    where = words("Everything is in {folder}/ (start with {picture})", folder=folder, picture=picture)
    console.print(where, highlight=False, soft_wrap=True)
    report = words("To look around in it: itcho report {folder}", folder=folder)
    console.print(report, highlight=False, soft_wrap=True)
    again = words("The same again, from its own files: itcho run --again {folder}", folder=folder)
    console.print(again, highlight=False, soft_wrap=True)


def _table(title: str | None = None) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))


def _labelled(name: str, words: Words) -> str:
    return f"{words.outcome(name)} ({words.unit(name)})"


def _number(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number, or a dash where there is none.

    Examples
    --------
    >>> _number(1234.5678, 1), _number(0.25, 2, signed=True), _number(float("nan"), 1)
    ('1,234.6', '+0.25', '-')
    """
    if math.isnan(value):
        return "-"
    return f"{value:{'+' if signed else ''},.{decimals}f}"
