"""Households by wealth: what each tenth of the household investors owns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from itcho.agents.investors import HOUSEHOLD, Investors

DECILES = 10
RISKY = ("equity", "foreign")
ALL_ASSETS = ("deposits", "jgb", "equity", "foreign")


class HoldsRows(Protocol):
    """What knows the rows of each type of investor."""

    @property
    def rows(self) -> Sequence[slice[int, int, int]]:
        """Rows by type."""


def wealth_by_decile_trn_yen(
    investors: Investors, portfolios: HoldsRows, columns: tuple[str, ...] = ALL_ASSETS
) -> NDArray[np.float64]:
    """Assets of household investors by wealth decile, poorest tenth first, trillion yen, (10,).

    Every household member stands for the same number of households; they are ranked by all they own.

    Parameters
    ----------
    investors : the population.
    portfolios : knows the rows of each type.
    columns : assets counted, out of :data:`ALL_ASSETS`.
    """
    rows = portfolios.rows[HOUSEHOLD]
    owned, counted = _sum(investors, rows, ALL_ASSETS), _sum(investors, rows, columns)
    order = np.argsort(owned, kind="stable")
    decile = np.arange(order.size) * DECILES // order.size
    return np.asarray(np.bincount(decile, weights=counted[order], minlength=DECILES), dtype=np.float64)


def _sum(investors: Investors, rows: slice[int, int, int], columns: tuple[str, ...]) -> NDArray[np.float64]:
    return sum((investors.numbers(name)[rows] for name in columns), np.zeros(rows.stop - rows.start))


def risky_wealth_by_decile_trn_yen(investors: Investors, portfolios: HoldsRows) -> NDArray[np.float64]:
    """Equity, fund units and foreign assets of household investors by wealth decile, trillion yen, (10,)."""
    return wealth_by_decile_trn_yen(investors, portfolios, RISKY)
