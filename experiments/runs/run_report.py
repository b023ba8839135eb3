"""What `itcho run` prints: the years, the programme's effect, who moved the yen, and where the files are."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from itcho.experiments.studies.fiscal_years import MONTHS, year_name
from itcho.model.measure.outcomes import OUTCOMES

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

CLIENT_LABELS = {
    "ai_services": "AI services and licences",
    "softbank": "SoftBank",
    "dealers_reversal": "Dealers handing on stock",
    "all": "USD/JPY, all together",
}


def show_fiscal_years(console: Console, years: pd.DataFrame) -> None:
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
        table.add_column("\nFY", no_wrap=True)
        shown = [OUTCOMES[name] for name in part]
        for outcome in shown:
            table.add_column(f"{outcome.column}\n{outcome.unit}", justify="right", no_wrap=True)
        for year, row in years.iterrows():
            cells = (_number(row[outcome.name], outcome.decimals) for outcome in shown)
            table.add_row(f"{year}{'*' if row['months'] < MONTHS else ''}", *cells)
        console.print(table)
    note = "Rates, prices and growth: mean of the year.  Amounts: the year's sum.  The rest: end of the year."
    if (years["months"] < MONTHS).any():
        note += "  * part of a year"
    console.print(note, style="dim", highlight=False)


def show_programme_effect(console: Console, effect: pd.DataFrame, year: int, months: int, policy: str) -> None:
    """Print what the programme changed in a year.

    Parameters
    ----------
    effect : a table of ``fiscal_years.programme_effect``.
    year, months : the year it was read in, and how many months of it were run.
    """
    console.print()
    table = _table(f"What the programme changed by {year_name(year, months)}, in this one world (same seed without it)")
    table.add_column("outcome", overflow="fold")
    for column in (policy, "none", "difference"):
        table.add_column(column, justify="right", no_wrap=True)
    shown = PUBLIC_FINANCE_AND_MARKETS + ECONOMY_AND_AI
    for name in (*shown, "productivity_gain_pct", "programme_cost_trn_yen"):
        if name not in effect.index:
            continue
        decimals = OUTCOMES[name].decimals
        with_it, without, difference = effect.loc[[name], ["policy", "none", "difference"]].to_numpy()[0].tolist()
        cells = (_number(with_it, decimals), _number(without, decimals), _number(difference, decimals + 1, signed=True))
        table.add_row(_labelled(name), *cells)
    console.print(table)


def show_yen(console: Console, moved: pd.DataFrame) -> None:
    """Print who moved the yen.

    Parameters
    ----------
    moved : a table of ``fiscal_years.yen_by_client``.
    """
    console.print()
    table = _table("Who moved the yen: change of USD/JPY in log percent (+ weaker yen), by whose orders")
    table.add_column("client", overflow="fold")
    for column in moved.columns:
        table.add_column(str(column), justify="right", no_wrap=True)
    for client, row in moved.iterrows():
        last = client == "all"
        if last:
            table.add_section()
        label = CLIENT_LABELS.get(str(client), str(client).replace("_", " ").capitalize())
        table.add_row(label, *(_number(value, 2, signed=True) for value in row), style="bold" if last else None)
    console.print(table)
    if any(str(column).endswith("*") for column in moved.columns):
        console.print("* with part of a year", style="dim", highlight=False)


def show_where(console: Console, folder: Path, months: int, residual: float) -> None:
    """Print that the books closed and where the files are."""
    console.print()
    console.print(
        f"The books closed in all {months} months (largest relative residual {residual:.1e}).", highlight=False
    )
    # A path must stay in one piece to be copied.
    console.print(f"Everything is in {folder}/ (start with summary.png)", highlight=False, soft_wrap=True)
    console.print(f"The same again, from its own files: itcho run --again {folder}", highlight=False, soft_wrap=True)


def _table(title: str | None = None) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))


def _labelled(name: str) -> str:
    return f"{OUTCOMES[name].label} ({OUTCOMES[name].unit})"


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
