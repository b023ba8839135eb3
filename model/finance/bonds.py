"""Government bonds: the 10-year yield is the expected policy path plus the term premium that clears the market.

Nothing is added for debt or deficits.  Holders' mandates are shares of balance sheets; the premium is what makes them
hold what the ministry has issued and the Bank of Japan has let go, now and, discounted, over the coming years.

Demand slope: 0.01-0.15 of a balance sheet per percentage point (inelastic markets).  Slope and mandates together put
the response to a deficit of 1% of GDP in the range of Laubach (2009) and of the January 2026 episode.
"""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from itcho.agents.bond_demand import MemberDemand
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

MATURITIES = (2.0, 5.0, 10.0, 20.0, 30.0, 40.0)

WAY_TO_30Y = math.log(2.0) / math.log(3.0)
"""Part of what moves 30-year yields beyond 10-year ones that moves 20-year yields: even steps in log maturity."""


_QUARTERS = tuple((years, round(4 * years)) for years in MATURITIES)


def path_averages_pct(path_pct: list[float], terminal_pct: float) -> dict[float, float]:
    """Averages of an expected quarterly path over each of :data:`MATURITIES`.

    After its end the path stays on the way to ``terminal_pct``.
    """
    known, tail = len(path_pct), 0.5 * (path_pct[-1] + terminal_pct)
    sums = list(accumulate(path_pct))
    return {
        years: (sums[quarters - 1] if quarters <= known else sums[-1] + (quarters - known) * tail) / quarters
        for years, quarters in _QUARTERS
    }


class BondMarket:
    """State of the JGB market.

    Attributes
    ----------
    yields_pct : by maturity in years.
    term_premium_pct : 10-year term premium.
    outlook_start : the supply outlook that the opening premium holds, trillion yen.
    demanded_premium_pp : beyond the opening premium and what is required on what holders have anyway, points.
    slope_trn_per_pp : how much more holders want for each point where the market last cleared, limits counted.
    superlong_gap_pp : of 30-year yields over what the 10-year yield usually makes of them, percentage points.
    """

    def __init__(
        self, opening_yields_pct: dict[float, float], path: list[float], terminal: float, parameters: ParameterValues
    ) -> None:
        self.p = parameters
        self.path_now = path_averages_pct(path, terminal)
        self.premium_start = {years: opening_yields_pct[years] - self.path_now[years] for years in MATURITIES}
        p, loadings = parameters, dict.fromkeys(MATURITIES, parameters.premium_loading_30y)
        loadings |= {2.0: p.premium_loading_2y, 5.0: p.premium_loading_5y, 10.0: 1.0}
        loadings[20.0] = 1.0 + WAY_TO_30Y * (p.premium_loading_30y - 1.0)
        of_gap = {20.0: WAY_TO_30Y, 30.0: 1.0, 40.0: 1.0}
        self._opening_and_loadings = [
            (years, self.premium_start[years], loadings[years], of_gap.get(years, 0.0)) for years in MATURITIES
        ]
        self._sentiment_kept = 0.5 ** (1.0 / p.jgb_sentiment_half_life_days)
        self.term_premium_pct = self.premium_start[10.0]
        self.yields_pct = dict(opening_yields_pct)
        self.sentiment_pct = 0.0
        self.outlook_start = 0.0
        self._slope_start: float | None = None
        self.demanded_premium_pp = 0.0
        self.slope_trn_per_pp = self.superlong_gap_pp = 0.0
        self.last_close_pct = opening_yields_pct[10.0]

    def open_outlook(self, outlook_trn_yen: float) -> None:
        """Take this supply outlook for the one that the opening premium holds."""
        self.outlook_start = outlook_trn_yen

    def take_superlong_gap(self, gap_pp: float) -> None:
        """Take what 30-year yields stand over what the 10-year yield usually makes of them, percentage points."""
        self.superlong_gap_pp = gap_pp

    def take_back_clearing(self, term_premium_pct: float) -> None:
        """Stand again at the premium before the market was cleared."""
        self.term_premium_pct = term_premium_pct

    def clear(
        self,
        private_stock: float,
        demand: MemberDemand,
        outlook: float,
        path: list[float],
        terminal: float,
        required_premium_pp: float = 0.0,
    ) -> float:
        """Find the 10-year premium at which holders want what is there; return the 10-year yield, percent.

        Parameters
        ----------
        private_stock : JGBs that the holders with mandates must hold, trillion yen at market value.
        demand : what they want at the opening premium, how much more for each point, and where their limits lie.
        outlook : expected growth of stock over mandates across the horizon, trillion yen.
        required_premium_pp : premium beyond the opening one that holders ask for on what they hold anyway.
        """
        p, start = self.p, self.premium_start[10.0]
        # The stock is worth less at a higher yield, so price and value are found together.
        valuation = p.jgb_duration_years / 100.0 * private_stock
        # What holders can take at the opening premium grows with their balance sheets, as the slope does.
        if self._slope_start is None:
            self._slope_start = demand.total_slope
        usual_outlook = self.outlook_start * demand.total_slope / self._slope_start
        # What is to come counts against limits as what is there: its holders will have to bear it.
        to_hold = private_stock + p.jgb_outlook_weight * (outlook - usual_outlook)
        to_hold += valuation * (self.term_premium_pct - start - required_premium_pp)
        self.demanded_premium_pp = demand.premium_pp(to_hold, valuation)
        self.slope_trn_per_pp = demand.slope_at(self.demanded_premium_pp)
        self.term_premium_pct = start + required_premium_pp + self.demanded_premium_pp
        self.path_now = path_averages_pct(path, terminal)
        return self.curve()[10.0]

    def curve(self) -> dict[float, float]:
        """Yields by maturity from today's path, premium, gap and sentiment, floored at the effective lower bound."""
        moved = self.term_premium_pct - self.premium_start[10.0] + self.sentiment_pct
        lowest, path, gap = self.p.effective_lower_bound_pct, self.path_now, self.superlong_gap_pp
        found = {
            years: path[years] + opening + loading * moved + of_gap * gap
            for years, opening, loading, of_gap in self._opening_and_loadings
        }
        # Not max(): it would let a premium that is no number pass for the lower bound.
        self.yields_pct = {years: lowest if value < lowest else value for years, value in found.items()}
        return self.yields_pct

    @property
    def yields_without_sentiment_pct(self) -> float:
        """The 10-year yield that path and cleared premium give, percent."""
        return self.path_now[10.0] + self.term_premium_pct

    def close_month(self, month_gone: Array, sentiment: Array) -> Array:
        """The 10-year yield in each session, percent: from last month's close to this one's, with sentiment.

        Parameters
        ----------
        month_gone : part of the month that is over after each session, (sessions,).
        sentiment : percentage points in each session, (sessions,).
        """
        target = self.yields_without_sentiment_pct
        path = month_gone * (target - self.last_close_pct)
        path += self.last_close_pct
        path += sentiment
        self.last_close_pct = target
        return path

    def daily_sentiment(self, news: Array) -> Array:
        """Sentiment of the month's sessions, percentage points of premium: holders' common, fading change of mind."""
        keep, level, path = self._sentiment_kept, self.sentiment_pct, []
        for moved in (self.p.jgb_sentiment_sd_pct_daily * news).tolist():
            level = keep * level + moved
            path.append(level)
        self.sentiment_pct = level
        return np.array(path)
