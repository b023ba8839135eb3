"""What the economy looks like at a moment: the public state that agents see and that outcomes are read from."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


def growing_history(annual_sum: float, growth_pct: float, months: int = 12) -> deque[float]:
    """Monthly flows of the last ``months`` months that grow at ``growth_pct`` a year; the last 12 add to
    ``annual_sum``.
    """
    steps = np.exp(growth_pct / 1200.0 * np.arange(1 - months, 1))
    return deque((steps * annual_sum / steps[-12:].sum()).tolist(), maxlen=months)


def remembered_prices(recent: Sequence[float], earlier_pct: Sequence[float], experienced_pct: float) -> deque[float]:
    """Monthly price levels of years past, oldest first: of known recent months, and of full years before them.

    Parameters
    ----------
    recent : levels of the last months.
    earlier_pct : inflation of each year before them, the last one first, percent; all alike by as much more or less as
        is needed so that all years have the mean that was experienced.
    experienced_pct : mean inflation over all of it, percent a year.

    Examples
    --------
    Prices that rose 2% last year, and 0 and 1% in the two years before, of which 1.5% a year is remembered on average:
    the two must add to 2.5, so that each was 0.75 points higher.
    """
    steps = np.repeat(np.array(earlier_pct[::-1], dtype=np.float64) / 1200.0, 12)
    first = math.log(recent[-1]) - experienced_pct / 1200.0 * (len(recent) - 1 + steps.size)
    steps += (math.log(recent[0]) - first - steps.sum()) / steps.size
    levels = np.exp(first + np.concatenate([[0.0], steps.cumsum()[:-1]]))
    return deque([*levels.tolist(), *recent], maxlen=levels.size + len(recent))


@dataclass
class EconomyState:
    """Aggregates that everyone can see.

    All indices are 1 at the start of the run.  Flows are those of the last closed month, trillion yen.

    Attributes
    ----------
    month : months closed since the start.
    consumer_price, domestic_price, import_price, export_price : price indices.
    nominal_gdp, real_gdp : last month's gross domestic product; real at start prices.
    potential_gdp : real, a month.
    nominal_gdp_history, real_gdp_history : the last months, oldest first.
    potential_gdp_history : the last 13 months, oldest first.
    potential_growth_trend_pct : growth of potential output, averaged over five years.
    consumer_price_history : the last 25 months, oldest first.
    domestic_price_history : the last ten years and a month, oldest first.
    underlying_inflation_pct : inflation of domestic prices over 12 months.
    expected_inflation_pct : average expectation of households and firms.
    output_gap_pct, unemployment_pct, employment, wage : labour market; employment and wage as indices.
    policy_rate_pct, lending_rate_pct : percent a year.
    yields_pct : JGB yields by maturity in years.
    usdjpy : yen per dollar at the end of the month; usdjpy_average over the month's sessions, usdjpy_average_3m over
        three months, whose averages are usdjpy_averages.
    equity_index : Japanese equity, start = 1.
    wealth_real : households' net wealth at consumer prices, start = 1.
    disposable_income : households' nominal disposable income of the month; counted_income what they count as income.
    profits : firms' profits before tax of the month.
    consumption_tax_points : rate of the consumption tax over that of the start, percentage points.
    """

    month: int = 0
    consumer_price: float = 1.0
    domestic_price: float = 1.0
    import_price: float = 1.0
    export_price: float = 1.0
    nominal_gdp: float = 0.0
    real_gdp: float = 0.0
    potential_gdp: float = 0.0
    trend_potential: float = 1.0
    natural_rate_drift_pp: float = 0.0
    nominal_gdp_history: deque[float] = field(default_factory=deque)
    real_gdp_history: deque[float] = field(default_factory=deque)
    potential_gdp_history: deque[float] = field(default_factory=deque)
    potential_growth_trend_pct: float = 0.0
    consumer_price_history: deque[float] = field(default_factory=deque)
    domestic_price_history: deque[float] = field(default_factory=deque)
    underlying_inflation_pct: float = 2.0
    expected_inflation_pct: float = 2.0
    output_gap_pct: float = 0.0
    smoothed_gap_pct: float = 0.0
    unemployment_pct: float = 2.5
    employment: float = 1.0
    wage: float = 1.0
    policy_rate_pct: float = 0.0
    lending_rate_pct: float = 0.0
    yields_pct: dict[float, float] = field(default_factory=dict)
    usdjpy: float = 150.0
    usdjpy_start: float = 150.0
    usdjpy_average: float = 150.0
    usdjpy_average_3m: float = 150.0
    usdjpy_averages: deque[float] = field(default_factory=lambda: deque(maxlen=3))
    equity_index: float = 1.0
    wealth_real: float = 1.0
    disposable_income: float = 0.0
    counted_income: float = 0.0
    profits: float = 0.0
    consumption_tax_points: float = 0.0
    productivity_gain_pct: float = 0.0
    productivity_felt_pct: float = 0.0

    def begin_month(self, natural_rate_drift_pp: float, consumption_tax_points: float) -> None:
        """Take what the month is given: the world's natural rate and the law on the consumption tax."""
        self.natural_rate_drift_pp, self.consumption_tax_points = natural_rate_drift_pp, consumption_tax_points

    def take_interest_rates(self, policy_rate_pct: float, lending_rate_pct: float) -> None:
        """Take the month's policy rate, with an experiment's shift in it, and the banks' rate on loans."""
        self.policy_rate_pct, self.lending_rate_pct = policy_rate_pct, lending_rate_pct

    def raise_domestic_price(self, growth_pct: float) -> None:
        """Let prices at home rise for a month at this pace, percent a year."""
        self.domestic_price *= 1.0 + growth_pct / 1200.0
        self.domestic_price_history.append(self.domestic_price)
        self.underlying_inflation_pct = 100.0 * (self.domestic_price / self.domestic_price_history[-13] - 1.0)

    def take_prices(self, export_price: float, import_price: float, consumer_price: float) -> None:
        """Take the month's other price indices."""
        self.export_price, self.import_price, self.consumer_price = export_price, import_price, consumer_price
        self.consumer_price_history.append(consumer_price)

    def expect_inflation(self, believed_pct: float, speed: float) -> None:
        """Let the average expectation move by this part of the way to what is believed now."""
        self.expected_inflation_pct += speed * (believed_pct - self.expected_inflation_pct)

    def take_potential(self, trend: float, potential_gdp: float) -> None:
        """Take the trend of potential output, start = 1, and the month's potential output."""
        self.trend_potential, self.potential_gdp = trend, potential_gdp
        self.potential_gdp_history.append(potential_gdp)
        self.potential_growth_trend_pct += (self.potential_growth_pct - self.potential_growth_trend_pct) / 60.0

    def take_output(self, nominal_gdp: float, real_gdp: float) -> None:
        """Take the month's gross domestic product, and what it leaves of a gap."""
        self.nominal_gdp, self.real_gdp = nominal_gdp, real_gdp
        self.nominal_gdp_history.append(nominal_gdp)
        self.real_gdp_history.append(real_gdp)
        self.output_gap_pct = 100.0 * (real_gdp / self.potential_gdp - 1.0)
        self.smoothed_gap_pct += (self.output_gap_pct - self.smoothed_gap_pct) / 3.0

    def take_productivity_gain(self, gain_pct: float) -> None:
        """Take what AI has added to productivity so far, percent."""
        self.productivity_gain_pct = gain_pct

    def take_labour(
        self, unemployment_pct: float, employment: float, wage: float, productivity_felt_pct: float
    ) -> None:
        """Take the month's labour market, and what pay has taken in of the gain in productivity."""
        self.unemployment_pct, self.employment = unemployment_pct, employment
        self.wage, self.productivity_felt_pct = wage, productivity_felt_pct

    def take_incomes(self, disposable_income: float, counted_income: float) -> None:
        """Take households' disposable income of the month, and what of it they count."""
        self.disposable_income, self.counted_income = disposable_income, counted_income

    def take_profits(self, profits: float) -> None:
        """Take firms' profits before tax of the month."""
        self.profits = profits

    def take_wealth(self, wealth_real: float) -> None:
        """Take households' net wealth at consumer prices, start = 1."""
        self.wealth_real = wealth_real

    def transfer_to_households(self, amount_trn_yen: float) -> None:
        """Add a payment that households get, and count, beside their incomes."""
        self.take_incomes(self.disposable_income + amount_trn_yen, self.counted_income + amount_trn_yen)

    def take_asset_prices(self, equity_growth: float, yields_pct: dict[float, float]) -> None:
        """Take what the month made of each yen of equity, and the yields at its end."""
        self.equity_index *= equity_growth
        self.yields_pct = dict(yields_pct)

    def take_rates(self, usdjpy: float, average: float) -> None:
        """Take yen per dollar at the close of the month and on average over it."""
        self.usdjpy, self.usdjpy_average = usdjpy, average
        self.usdjpy_averages.append(average)
        self.usdjpy_average_3m = sum(self.usdjpy_averages) / len(self.usdjpy_averages)

    @property
    def nominal_gdp_index(self) -> float:
        """Monthly nominal GDP relative to the start's run-rate, smoothed over three months."""
        gdp = self.nominal_gdp_history
        return (gdp[-3] + gdp[-2] + gdp[-1]) / 3.0 / self.nominal_gdp_start

    nominal_gdp_start: float = 1.0

    @property
    def nominal_gdp_four_quarters(self) -> float:
        """Nominal GDP of the last twelve months, trillion yen."""
        return sum(list(self.nominal_gdp_history)[-12:])

    @property
    def consumer_inflation_pct(self) -> float:
        """Consumer prices against twelve months before, percent."""
        return 100.0 * (self.consumer_price_history[-1] / self.consumer_price_history[-13] - 1.0)

    @property
    def experienced_inflation_pct(self) -> float:
        """Mean growth of domestic prices over all months that are remembered, percent a year.

        Fuel, fresh food and steps of the consumption tax are left out: people know that those do not go on.
        """
        remembered = self.domestic_price_history
        return 1200.0 / (len(remembered) - 1) * math.log(remembered[-1] / remembered[0])

    @property
    def potential_growth_pct(self) -> float:
        """Potential output against twelve months before, percent."""
        return 100.0 * (self.potential_gdp_history[-1] / self.potential_gdp_history[0] - 1.0)

    @property
    def usdjpy_index(self) -> float:
        """USD/JPY relative to the start."""
        return self.usdjpy / self.usdjpy_start
