"""What `itcho run` prints: the years, the programme's effect, who moved the yen, and where the files are."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from itcho.model.outcomes import OUTCOMES

# outcome, heading, unit, decimals
PUBLIC_FINANCE_AND_MARKETS = (
    ("spending_trn_yen_fy", "Spending", "trn yen", 1),
    ("deficit_trn_yen_fy", "Deficit", "trn yen", 1),
    ("bond_dependency_pct", "Bond dep.", "%", 1),
    ("gov_debt_to_gdp_pct", "Debt/GDP", "%", 1),
    ("jgb_10y_pct", "10-year", "%", 2),
    ("policy_rate_pct", "BOJ rate", "%", 2),
    ("usdjpy_average", "USD/JPY", "yen", 1),
)
ECONOMY_AND_AI = (
    ("cpi_yoy_pct", "CPI", "%", 1),
    ("real_gdp_growth_pct", "Growth", "%", 1),
    ("chip_imports_trn_yen", "Chip imp.", "trn yen", 1),
    ("domestic_ai_share_home_pct", "AI home", "% dom.", 1),
    ("japan_share_global_ai_pct", "AI world", "% Japan", 2),
    ("adoption_pct", "Adoption", "% firms", 1),
    ("softbank_ltv_pct", "SB LTV", "%", 1),
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
    parts: tuple[tuple[tuple[str, str, str, int], ...], ...]
    if console.width >= WIDTH_FOR_ONE_TABLE:
        parts = (PUBLIC_FINANCE_AND_MARKETS + ECONOMY_AND_AI,)
    else:
        parts = (PUBLIC_FINANCE_AND_MARKETS, ECONOMY_AND_AI)
    for part in parts:
        table = _table()
        table.add_column("\nFY", no_wrap=True)
        for _, heading, unit, _ in part:
            table.add_column(f"{heading}\n{unit}", justify="right", no_wrap=True)
        for year, row in years.iterrows():
            cells = (_number(row[name], decimals) for name, _, _, decimals in part)
            table.add_row(f"{year}{'*' if row['months'] < 12 else ''}", *cells)
        console.print(table)
    note = "Rates, prices and growth: mean of the year.  Amounts: the year's sum.  The rest: end of the year."
    if (years["months"] < 12).any():
        note += "  * part of a year"
    console.print(note, style="dim", highlight=False)


def show_programme_effect(console: Console, effect: pd.DataFrame, year: int, policy: str) -> None:
    """Print what the programme changed in the last year.

    Parameters
    ----------
    effect : a table of ``fiscal_years.programme_effect``.
    """
    console.print()
    table = _table(f"What the programme changed by FY{year}, in this one world (same seed without it)")
    table.add_column("outcome", overflow="fold")
    for column in (policy, "none", "difference"):
        table.add_column(column, justify="right", no_wrap=True)
    shown = PUBLIC_FINANCE_AND_MARKETS + ECONOMY_AND_AI
    for name, _, _, decimals in (*shown, ("productivity_gain_pct", "", "", 2), ("programme_cost_trn_yen", "", "", 2)):
        if name not in effect.index:
            continue
        with_it, without, difference = effect.loc[[name], ["policy", "none", "difference"]].to_numpy()[0].tolist()
        cells = (_number(with_it, decimals), _number(without, decimals), _number(difference, decimals + 2, signed=True))
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


def show_where(console: Console, folder: Path, months: int, residual: float) -> None:
    """Print that the books closed and where the files are."""
    console.print()
    console.print(
        f"The books closed in all {months} months (largest relative residual {residual:.1e}).", highlight=False
    )
    # A path must stay in one piece to be copied.
    console.print(f"Everything is in {folder}/ (start with summary.png)", highlight=False, soft_wrap=True)


def _table(title: str | None = None) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))


def _labelled(name: str) -> str:
    outcome = OUTCOMES.get(name)
    return f"{outcome.label} ({outcome.unit})" if outcome else name


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
