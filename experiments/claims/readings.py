"""What claims read off a run: one figure each, at the dates that the claim names."""

from __future__ import annotations

import numpy as np

from itcho.experiments.claims.ensembles import YEAR, Run

FORMER_BASE = 1.0 / (1.0 - 0.045)
"""Ratios to GDP on the former base over those on the 2020 base: GDP is about 4.5% lower on the former one."""
FIVE_YEARS, TEN_YEARS = 60, 120


def debt_ratio(run: Run, year: int) -> float:
    """Gross debt over GDP at the end of a calendar year, 2020 base, percent."""
    return run.end("gov_debt_to_gdp_pct", year)


def debt_ratio_former_base(run: Run, year: int) -> float:
    """The same over GDP on the former base."""
    return FORMER_BASE * debt_ratio(run, year)


def chip_imports_2026_27(run: Run) -> float:
    """Chip imports of 2026 and 2027 together, trillion yen."""
    return run.end("chip_imports_trn_yen", 2026) + run.end("chip_imports_trn_yen", 2027)


def chip_imports_five_years(run: Run) -> float:
    """Chip imports of FY2026 to FY2030, trillion yen."""
    return float(run.monthly["chip_imports_trn_yen"][YEAR - 1 : FIVE_YEARS : YEAR].sum())


def import_share_of_ai_investment(run: Run) -> float:
    """Imported part of what AI firms invest, April 2026 to December 2027, percent."""
    imports, investment = (run.monthly[name][:21].sum() for name in ("ai_imports_trn_yen", "ai_investment_trn_yen"))
    return float(100.0 * imports / investment)


def short_run_usdjpy(run: Run) -> float:
    """USD/JPY, mean of months 12 to 24."""
    return float(run.monthly["usdjpy_average"][YEAR - 1 : 2 * YEAR].mean())


def policy_rate(run: Run) -> float:
    """Policy rate, mean of FY2026 and FY2027, percent."""
    return float(run.monthly["policy_rate_pct"][: 2 * YEAR].mean())


def daily_yen_volatility(run: Run) -> float:
    """Standard deviation of daily changes of USD/JPY in FY2026 and FY2027, percent."""
    return float(100.0 * np.diff(np.log(run.daily_usdjpy[: 1 + 21 * 2 * YEAR])).std())


def monthly_yield_volatility(run: Run) -> float:
    """Standard deviation of monthly changes of the 10-year yield in FY2026 and FY2027, points."""
    return float(np.diff(run.monthly["jgb_10y_pct"][: 2 * YEAR], prepend=run.opening["jgb_10y_pct"]).std())


def fiscal_present_value(run: Run) -> float:
    """Present value of ten years of primary balances at the opening 10-year yield, trillion yen."""
    balances = run.monthly["primary_balance_trn_yen_fy"][YEAR - 1 : TEN_YEARS : YEAR]
    growth = 1.0 + run.opening["jgb_10y_pct"] / 100.0
    return float((balances / growth ** (np.arange(balances.size) + 0.5)).sum())


def net_programme_value(run: Run) -> float:
    """What the programme returned in ten years less what it cost, trillion yen."""
    value = run.monthly["programme_return_trn_yen"] - run.monthly["programme_cost_trn_yen"]
    return float(value[TEN_YEARS - 1])


def consumer_prices(run: Run) -> float:
    """Rise of consumer prices over ten years, percent."""
    yearly = run.monthly["cpi_yoy_pct"][YEAR - 1 : TEN_YEARS : YEAR]
    return float(100.0 * (np.prod(1.0 + yearly / 100.0) - 1.0))


def own_investment(run: Run) -> float:
    """Investment of AI firms controlled in Japan without programme money, FY2026 to FY2030, trillion yen."""
    return float(run.monthly["own_investment_trn_yen"][:FIVE_YEARS].sum())


def yearly_exports(run: Run) -> float:
    """Export receipts, mean of the second and third year, trillion yen a year."""
    return float(12.0 * run.monthly["exports_trn_yen"][YEAR : 3 * YEAR].mean())


def general_purpose_chip_sales(run: Run) -> float:
    """Purchases of general-purpose chips by other firms in years 2 to 5, volume, trillion yen a month."""
    return float(run.monthly["other_chip_purchases_trn_yen"][YEAR:FIVE_YEARS].mean())


def designer_revenue(run: Run) -> float:
    """What AI firms in Japan pay foreign designers in five years, billion dollars."""
    return float(run.monthly["designer_revenue_bn_usd"][:FIVE_YEARS].sum())


def domestic_share(run: Run) -> float:
    """Domestic share of models at home, mean of 2027 to 2030, percent."""
    return float(np.mean([run.mean("domestic_ai_share_home_pct", year) for year in range(2027, 2031)]))


def at_ten_years(name: str, run: Run) -> float:
    """An outcome after ten years, mean of the last twelve months."""
    return float(run.monthly[name][TEN_YEARS - YEAR : TEN_YEARS].mean())


def second_year_of_bust(name: str, run: Run) -> float:
    """An outcome's mean over the second year of the AI bust, which begins in the seventh month."""
    return float(run.monthly[name][6 + YEAR : 6 + 2 * YEAR].mean())
