"""The world outside Japan: exogenous by design, each path a mean set by the scenario and a law of shocks.

Shocks are persistent, so that bands go on widening with the horizon, and come from streams of their own, so that no
policy can shift them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from itcho.agents.views import ParameterValues
from itcho.model.randomness import Streams
from itcho.model.scenarios import OutsidePath, Scenario

SESSIONS_A_MONTH = 21

Array = NDArray[np.float64]


@dataclass
class OutsideWorld:
    """State of the world outside Japan at the end of a month.

    Attributes
    ----------
    us_policy_rate_pct, us_10y_pct, us_inflation_pct : percent a year.
    goods_price_log : dollar prices of Japan's imports other than fuel, chips and AI services over prices abroad.
    fuel_price_log : dollar price of imported fuel over prices abroad, logarithm, 0 at the start.
    foreign_price_level : price level abroad, start = 1.
    demand_trend : trend of real demand for Japan's exports, start = 1.
    demand_over_trend_log : real demand for Japan's exports over it, logarithm.
    ai_demand : world demand for AI relative to its expected path, start = 1.
    makers_factor : exports over what they were if Japan's chip makers sold what is usual.
    path : the scenario's bends in force this month.
    equity_log : world equity, logarithm, 0 at the start.
    ai_log_return : of AI-related equity abroad in the last month.
    ai_usual_log : the part of that return that was known before the month's sessions.
    natural_drift_pp : what the world's natural rate has drifted since the start.
    us_premium_pp : what the term premium of US bonds stands above the start's.
    shift_pp : an experiment's shift of the US policy rate that stands in it.
    """

    us_policy_rate_pct: float
    us_10y_pct: float
    us_inflation_pct: float
    goods_price_log: float = 0.0
    fuel_price_log: float = 0.0
    foreign_price_level: float = 1.0
    demand_over_trend_log: float = 0.0
    ai_demand: float = 1.0
    us_rate_shock_pp: float = 0.0
    us_rate_path_pct: float = 0.0
    us_rate_start_pct: float = 0.0
    fuel_shock: float = 0.0
    demand_trend: float = 1.0
    demand_shock: float = 0.0
    ai_shock: float = 0.0
    world_log_volatility: float = 0.0
    equity_log: float = 0.0
    ai_log_return: float = 0.0
    ai_usual_log: float = 0.0
    natural_drift_pp: float = 0.0
    us_premium_pp: float = 0.0
    shift_pp: float = 0.0
    makers_factor: float = 1.0
    path: OutsidePath = field(default_factory=OutsidePath)

    def close_month(self, world_log_return: float, ai_log_return: float) -> None:
        """Take over the month's returns on world equity and on AI-related equity abroad."""
        self.equity_log += world_log_return
        self.ai_log_return = ai_log_return

    def open_volatility(self, log_volatility: float) -> None:
        """Take the volatility of world equity of the start over its usual, logarithm."""
        self.world_log_volatility = log_volatility

    def buy_of_makers(self, over_usual: float) -> None:
        """Buy this much more of Japan's chip makers than is usual, as a part of all exports."""
        self.makers_factor = 1.0 + over_usual

    def take_out_shift(self) -> float:
        """Take an experiment's shift out of the US policy rate again; returns it."""
        before, self.shift_pp = self.shift_pp, 0.0
        self.us_policy_rate_pct -= before
        return before

    def shift_us_rate(self, points: float, before: float, parameters: ParameterValues) -> None:
        """Put an experiment's shift on the US policy rate; the long rate follows what is new against ``before``."""
        self.shift_pp = points
        self.us_policy_rate_pct += points
        self.us_10y_pct += parameters.us_10y_pass_through * (points - before)

    @property
    def fuel_price_usd(self) -> float:
        """Dollar price of imported fuel, 1 at the start."""
        return self.foreign_price_level * exp(self.fuel_price_log)

    @property
    def demand(self) -> float:
        """Real demand for Japan's exports, 1 at the start."""
        return self.demand_trend * exp(self.demand_over_trend_log)

    def bear(self, fuel_price_factor: float, demand_factor: float) -> None:
        """Put an experiment's factors on the month's fuel price and demand."""
        self.fuel_price_log += log(fuel_price_factor)
        self.demand_over_trend_log += log(demand_factor)

    def advance(self, month: int, scenario: Scenario, parameters: ParameterValues, streams: Streams) -> None:
        """Move to the end of ``month`` (0 is the first month of the run)."""
        p = parameters
        shock = streams.normals("outside world", month, 6).tolist()
        path = self.path = scenario.outside(month)
        anchor = p.us_neutral_rate_pct + path.us_rate_shift_pp
        pace = abs(self.us_rate_start_pct - p.us_neutral_rate_pct) / (12.0 * p.us_rate_years_to_neutral)
        pace = max(pace, abs(path.us_rate_shift_pp) / 6.0)
        self.us_rate_path_pct += max(-pace, min(pace, anchor - self.us_rate_path_pct))
        self.us_rate_shock_pp = (
            p.us_rate_shock_persistence * self.us_rate_shock_pp + p.us_rate_shock_sd_pp_monthly * shock[0]
        )
        drifted, premium_news = streams.normals("long rates of the world", month, 2).tolist()
        drifted *= p.natural_rate_drift_sd_pp_yearly / sqrt(12.0)
        self.natural_drift_pp += drifted
        before = self.us_policy_rate_pct
        self.us_policy_rate_pct = max(0.0, self.us_rate_path_pct + self.natural_drift_pp + self.us_rate_shock_pp)
        # The long rate held the expected path from the start: only what departs from it is news.
        expected = self.expected_us_rate_pct(month, p) - self.expected_us_rate_pct(month - 1, p)
        self.us_10y_pct += p.us_10y_pass_through * (self.us_policy_rate_pct - before - expected)
        # What drifts stays: long rates move by all of it.
        self.us_10y_pct += (1.0 - p.us_10y_pass_through) * drifted
        premium = p.us_premium_persistence * self.us_premium_pp + p.us_premium_sd_pp_monthly * premium_news
        self.us_10y_pct += premium - self.us_premium_pp
        self.us_premium_pp = premium
        self.us_inflation_pct = p.us_inflation_pct
        self.foreign_price_level *= 1.0 + self.us_inflation_pct / 1200.0
        self.fuel_shock = p.fuel_price_persistence * self.fuel_shock + p.fuel_price_sd_monthly * shock[1]
        self.goods_price_log = log(path.import_price_factor)
        self.fuel_price_log = self.fuel_shock + self.goods_price_log
        faded = self.excess_left(month, p)
        growth_pct = p.trend_potential_growth_pct + faded * (p.world_demand_growth_pct - p.trend_potential_growth_pct)
        self.demand_trend *= 1.0 + growth_pct / 1200.0
        self.demand_shock = p.world_demand_persistence * self.demand_shock + p.world_demand_sd_monthly * shock[2]
        self.demand_over_trend_log = self.demand_shock + log(path.demand_factor)
        self.ai_shock = p.ai_demand_persistence * self.ai_shock + p.ai_demand_sd_monthly * shock[3]
        self.ai_demand = exp(self.ai_shock) * path.ai_demand_factor
        self.world_log_volatility = (
            p.world_volatility_persistence_monthly * self.world_log_volatility
            + p.world_volatility_of_volatility_monthly * shock[4]
        )

    @staticmethod
    def excess_left(month: int, parameters: ParameterValues) -> float:
        """What is left of the start's growth abroad beyond the long run's: the world grows less as it ages."""
        return float(0.5 ** ((month + 1) / (12.0 * parameters.world_growth_half_life_years)))

    def expected_us_rate_pct(self, month: int, parameters: ParameterValues) -> float:
        """The US policy rate that was expected at the start for the end of ``month``, percent."""
        p = parameters
        done = min(1.0, (month + 1) / (12.0 * p.us_rate_years_to_neutral))
        return float(self.us_rate_start_pct + done * (p.us_neutral_rate_pct - self.us_rate_start_pct))

    def equity_returns(
        self, month: int, parameters: ParameterValues, streams: Streams, boom_log: float = 0.0
    ) -> tuple[Array, Array, Array]:
        """Daily log returns of world equity and of AI-related equity abroad, and the standardised world news, (21,)
        each.

        A scenario's shift of world equity is part of the news, so that it reaches all that is traded on the news. So is
        what the boom's members (``boom_log``, over the month) move it by: AI shares are a part of it.
        """
        p, path = parameters, self.path
        draws = streams.student_t("world equity", month, (2, SESSIONS_A_MONTH), p.return_tail_degrees_of_freedom)
        sessions = 12 * SESSIONS_A_MONTH
        # In the long run prices of shares grow with what is made abroad.
        lasting_pct = p.us_inflation_pct + p.trend_potential_growth_pct
        drift_pct = lasting_pct + self.excess_left(month, p) * (p.world_equity_drift_pct - lasting_pct)
        drift = drift_pct / (100.0 * sessions)
        scale = p.world_equity_volatility_pct / 100.0 / sqrt(sessions)
        shift = path.world_equity_drift_shift_pct / (100.0 * sessions)
        draws *= exp(self.world_log_volatility) * path.world_volatility_factor
        news, own_news = draws
        news += shift / scale
        own = p.ai_equity_own_volatility_pct / 100.0 / sqrt(sessions)
        ai = p.ai_equity_beta * scale * news
        boom_log /= SESSIONS_A_MONTH
        news += p.boom_world_equity_share * boom_log / scale
        ai += own * own_news
        ai += drift + boom_log
        self.ai_usual_log = SESSIONS_A_MONTH * (drift + boom_log)
        ai += path.ai_equity_drift_shift_pct / (100.0 * sessions)
        return drift + scale * news, ai, news
