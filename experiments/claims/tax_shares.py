"""Who pays Japan's taxes: shares by tenth of households, poorest first, as far as they are published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class DecileShares:
    """Shares of the ten tenths of households in one total.

    Attributes
    ----------
    what : the total.
    percent : by tenth, poorest first; they add to 100.
    source : publisher, and how well the row is known.
    """

    what: str
    percent: tuple[float, ...]
    source: str


PAY = DecileShares(
    "pay",
    (2.0, 3.5, 5.0, 6.5, 8.0, 9.0, 10.5, 12.5, 16.0, 27.0),
    "National Tax Agency, survey of private-sector pay, 2023 distribution of year-round employees; tenths interpolated "
    "by judgement",
)
INCOME_TAX = DecileShares(
    "income tax",
    (0.2, 0.8, 1.5, 2.5, 3.5, 5.0, 6.5, 8.6, 12.5, 58.9),
    "National Tax Agency, survey of private-sector pay, 2011: the 3.66 million above 8 million yen paid 58.9% of tax "
    "on pay (about the top tenth of taxed employees); lower tenths by judgement",
)
CONSUMPTION_TAX = DecileShares(
    "consumption tax",
    (6.0, 6.9, 7.6, 8.2, 9.0, 9.6, 10.5, 11.6, 13.1, 17.5),
    "Statistics Bureau, Family Income and Expenditure Survey: spending by tenth of yearly income, from memory",
)
TABLE = (PAY, INCOME_TAX, CONSUMPTION_TAX)


def central_tax_mix(start: Any) -> dict[str, float]:
    """Shares of kinds of central taxes at a start state: income (with inheritance), corporate, consumption and other.

    Parameters
    ----------
    start : a start state with the flows of the year.
    """
    amounts = {
        "income": start.flow("tax_income_central") + start.flow("tax_inheritance_central"),
        "corporate": start.flow("tax_corporate_central"),
        "consumption": start.flow("tax_consumption_central") + start.flow("tax_other_central"),
    }
    total = sum(amounts.values())
    return {name: amount / total for name, amount in amounts.items()}


def tax_shares_pct(mix: dict[str, float], corporate_percent: FloatArray) -> FloatArray:
    """Shares of all central taxes by tenth of households, percent, (10,).

    Parameters
    ----------
    mix : shares of kinds, from :func:`central_tax_mix`.
    corporate_percent : who bears the corporate tax: owners, by their shares of equity, (10,).
    """
    return (
        mix["income"] * np.array(INCOME_TAX.percent)
        + mix["consumption"] * np.array(CONSUMPTION_TAX.percent)
        + mix["corporate"] * np.asarray(corporate_percent)
    )
