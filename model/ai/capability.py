"""The capability of AI developers: compute, people, data, catch-up to the frontier and unusual improvements.

Capability is an index in logs.  One standard deviation (s.d.) is twelve months of frontier progress at the start.  The
frontier of the start is 0; a developer 24 months behind stands at -2 s.d.

A developer's quality moves with its own inputs, a_C ln(training compute) + a_H ln(people) + a_D ln(data), with
algorithms that are known worldwide, and with catch-up to the frontier less its own floor.  The floor is set so that the
opening gap is on the path of a developer that grows as usual; inputs beyond the usual lower the floor by a lasting part
of their effect.  What developers learn from their users comes on top (:mod:`itcho.model.ai.learning`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import Importers
from itcho.agents.compiled import njit
from itcho.agents.foreign_suppliers import ForeignSupplier, frontier_growth
from itcho.agents.views import ParameterValues
from itcho.model.randomness import Streams

FloatArray = NDArray[np.float64]

DISTRIBUTOR, CLOUD, DEVELOPER = 0, 1, 2
NATIONAL_COMPANY_ROW = 0
MONTHS_A_YEAR = 12.0


def quality_standard_deviation(parameters: ParameterValues) -> float:
    """One s.d. of quality in index points: twelve months of frontier progress at the start."""
    return frontier_growth(0.0, parameters)


def add_service_columns(
    importers: Importers, parameters: ParameterValues, rng: np.random.Generator, alike: bool = False
) -> None:
    """Create the importer columns of AI services.

    Columns (float, one value per importer): `quality` (index; 0 for those that develop nothing), `price_index` (yen
    price, quality-adjusted, 1 at the start), `model_share` (of model-layer spending in Japan, fraction),
    `revenue_trn_yen` and `foreign_revenue_trn_yen` (this month, at home and abroad), `market_utility_shift` (utility),
    `research_luck` (standard normal draw: how well it turns inputs into quality; not used with noise off).

    Parameters
    ----------
    importers : population with `columns` and `add_column`; `role` must be there.
    rng : generator for construction draws (the spread of the opening gaps).
    alike : whether all developers but the national company stand at the mean gap and have the mean of luck.
    """
    columns = importers.columns
    role = columns["role"]
    count = role.size
    growth_a_month = quality_standard_deviation(parameters) / MONTHS_A_YEAR
    low = parameters.ai_developer_gap_months - 0.5 * parameters.ai_developer_gap_range_months
    # Stratified, so that the mean gap does not depend on how many developers there are.
    strata = (rng.permutation(count) + 0.5) / count
    luck = rng.standard_normal(count)
    if alike:
        strata = np.full(count, 0.5)
        # Where the multiplier of inputs is one.
        luck[NATIONAL_COMPANY_ROW + 1 :] = 0.5 * parameters.ai_research_luck_sd
    gap_months = low + parameters.ai_developer_gap_range_months * strata
    developers = np.flatnonzero(role == DEVELOPER)
    if developers.size and developers[0] == NATIONAL_COMPANY_ROW:
        gap_months[NATIONAL_COMPANY_ROW] = parameters.ai_national_company_gap_months
    quality = np.zeros(count)
    quality[developers] = -gap_months[developers] * growth_a_month
    new = {"quality": quality, "price_index": np.ones(count), "research_luck": luck}
    for name in ("model_share", "revenue_trn_yen", "foreign_revenue_trn_yen", "market_utility_shift"):
        new[name] = np.zeros(count)
    for name, values in new.items():
        importers.add_column(name, values)


@dataclass(slots=True)
class CapabilityShocks:
    """A month's draws.

    Attributes
    ----------
    common : permanent shock to the frontier, index points.
    own : temporary shock to each laboratory, index points.
    improvement : uniform draws of each importer, (2, importers): whether an unusual improvement arrives, and its size.
    appeal : standard normal draw of each importer: the shock to its appeal.
    lucky : whether draws and research luck of developers count (False with noise off).
    """

    common: float
    own: list[float]
    improvement: FloatArray
    appeal: FloatArray
    lucky: bool


class Capability:
    """Quality of laboratories and of domestic developers, month by month.

    Parameters
    ----------
    importers : population with the columns of `add_service_columns` and `compute`, `training_share`.
    laboratories : frontier AI laboratories.
    parameters : attribute access to the parameter table.

    Attributes
    ----------
    rows : rows of the developers controlled in Japan.
    standard_deviation : index points in one s.d. of quality.
    standing : quality less the frontier, s.d., of developers, of laboratories and, last, of the best open-weight model,
        which follows the frontier; every month writes it anew.
    learned : what each developer has learned from its users beyond what it would have with its opening share, s.d.
    arrival_rate : unusual improvements a month by importer.
    frontier : best quality of any laboratory, index points.
    expected_frontier : the same on the path without shocks.
    """

    def __init__(self, importers: Importers, laboratories: list[ForeignSupplier], parameters: ParameterValues) -> None:
        columns = importers.columns
        self.importers = importers
        self.laboratories = laboratories
        self.parameters = parameters
        self.rows = np.flatnonzero((columns["role"] == DEVELOPER) & columns["domestic_control"])
        self.standard_deviation = quality_standard_deviation(parameters)
        self.frontier = max(laboratory.quality for laboratory in laboratories)
        self.opening_frontier = self.frontier
        self.expected_frontier = self.frontier
        self.laboratory_quality = np.array([laboratory.quality for laboratory in laboratories])
        self.months = 0
        self._luck = self._luck_multipliers(columns["research_luck"][self.rows])
        self._even_luck = np.ones(self.rows.size)
        self._usual_log = parameters.ai_developer_compute_growth / MONTHS_A_YEAR
        self._lent = np.full(self.rows.size, parameters.ai_rented_training_compute_bn_usd)
        self._lent[self.rows == NATIONAL_COMPANY_ROW] = parameters.ai_partner_training_compute_bn_usd
        # A developer in steady growth works with models trained some months ago: start with that lag in place.
        self._opening_trained = self._log_training_compute() - self._usual_log * (
            parameters.ai_training_time_months - 1.0
        )
        self._trained = self._opening_trained.copy()
        self._opening_pull = float(np.exp(parameters.ai_people_mobility * self._trained).sum())
        self._inputs = self._input_level()
        self._opening_inputs = self._inputs.copy()
        self._catch_up = float(1.0 - 0.5 ** (1.0 / parameters.ai_catch_up_half_life_months))
        self.arrival_rate = self._arrival_rates(columns["size"])
        self.learned = np.zeros(self.rows.size)
        self._no_arrivals = np.zeros(self.arrival_rate.size)
        # Monthly growth that is the same for all developers, index points: of inputs as usual, of known algorithms.
        self._usual_inputs_a_month = self._input_growth()
        self._algorithms_a_month = (
            parameters.ai_capability_compute_elasticity * math.log(2.0) / parameters.ai_algorithmic_doubling_months
        )
        self._gap = self.frontier - columns["quality"][self.rows]
        open_weights = parameters.ai_open_weights_gap_months * self.standard_deviation / MONTHS_A_YEAR
        behind = np.concatenate([self._gap, self.frontier - self.laboratory_quality, [open_weights]])
        self.standing = behind / -self.standard_deviation
        # A gap below its floor is not caught up; at this floor the opening gap is on the path of usual growth.
        self._floor = self._gap - self._steady_excess(0.0)
        self._constants = (
            1.0 / parameters.ai_training_time_months,
            parameters.ai_capability_compute_elasticity,
            parameters.ai_capability_people_elasticity,
            parameters.ai_people_mobility,
            self._opening_pull,
            self._usual_inputs_a_month,
            parameters.ai_compute_advantage_lasting_share,
            float(0.5 ** (1.0 / parameters.ai_appeal_half_life_months)),
            parameters.ai_innovation_mean_sd * self.standard_deviation,
            parameters.ai_innovation_tail_exponent,
            self.standard_deviation,
        )

    def _arrival_rates(self, size: FloatArray) -> FloatArray:
        """Unusual improvements a month by importer: small developers have fewer, or their number would matter."""
        parameters = self.parameters
        weight = size[self.rows] / size[self.rows].sum()
        weight[self.rows == NATIONAL_COMPANY_ROW] = 1.0
        rates = np.zeros(size.size)
        rates[self.rows] = np.minimum(weight / parameters.ai_innovation_full_rate_share, 1.0)
        return rates * (parameters.ai_innovation_rate / MONTHS_A_YEAR)

    def _steady_excess(self, years: float) -> float:
        """Gap over its floor of a developer that has long grown as usual behind a slowing frontier, index points.

        With catch-up c and a frontier whose excess growth e decays at rate k, the gap over its floor is the growth
        lead's lasting part / c + e / (c - k).
        """
        now, later = frontier_growth(years, self.parameters), frontier_growth(math.inf, self.parameters)
        lasting = later / MONTHS_A_YEAR - self._algorithms_a_month - self._usual_inputs_a_month
        passing = (now - later) / MONTHS_A_YEAR / self._net_catch_up
        return lasting / self._catch_up + passing

    @property
    def _net_catch_up(self) -> float:
        """Catch-up a month less the decay of the frontier's excess growth (at least a tenth of catch-up)."""
        decay = math.log(2.0) / (self.parameters.ai_frontier_maturation_half_life_years * MONTHS_A_YEAR)
        return max(self._catch_up - decay, 0.1 * self._catch_up)

    def opening_drift(self) -> float:
        """How fast the gaps of developers that grow as usual close at the start, s.d. a month."""
        decay = math.log(2.0) / (self.parameters.ai_frontier_maturation_half_life_years * MONTHS_A_YEAR)
        excess = frontier_growth(0.0, self.parameters) - frontier_growth(math.inf, self.parameters)
        return decay * excess / MONTHS_A_YEAR / self._net_catch_up / self.standard_deviation

    def _input_growth(self) -> float:
        """Monthly growth of the input level of a developer that grows as usual, index points."""
        parameters = self.parameters
        return (
            parameters.ai_capability_compute_elasticity * self._usual_log
            + parameters.ai_capability_people_elasticity * parameters.ai_people_growth / MONTHS_A_YEAR
        )

    def _luck_multipliers(self, luck: FloatArray) -> FloatArray:
        """Effect of inputs by developer, mean 1: two outcomes for the national company, lognormal for others."""
        parameters = self.parameters
        spread = parameters.ai_research_luck_sd
        multipliers = np.exp(spread * luck - 0.5 * spread * spread)
        if self.rows.size and self.rows[0] == NATIONAL_COMPANY_ROW:
            chance = parameters.ai_flagship_success_probability
            success = min(parameters.ai_flagship_success_multiplier, 1.0 / chance)
            failure = (1.0 - chance * success) / (1.0 - chance)
            below = 0.5 * (1.0 + math.erf(float(luck[0]) / math.sqrt(2.0)))
            multipliers[0] = success if below < chance else failure
        return multipliers

    def _log_training_compute(self) -> FloatArray:
        """Log of training compute, own and lent; what is lent grows with the usual growth."""
        compute, training_share = self._training()
        lent = self._lent * math.exp(self._usual_log * self.months)
        return np.asarray(np.log(compute[self.rows] * training_share[self.rows] + lent))

    def _training(self) -> tuple[FloatArray, FloatArray]:
        """Compute of each importer, and the part of it that it trains with."""
        return self.importers.columns["compute"], self.importers.columns["training_share"]

    def _input_level(self) -> FloatArray:
        """a_C ln(training compute) + a_H ln(people) at the present, with ordinary data, index points."""
        parameters = self.parameters
        mobility = parameters.ai_people_mobility
        pull = float(np.exp(mobility * self._trained).sum())
        people = mobility * (self._trained - self._opening_trained) - math.log(pull / self._opening_pull)
        people += parameters.ai_people_growth / MONTHS_A_YEAR * self.months
        return np.asarray(
            parameters.ai_capability_compute_elasticity * self._trained
            + parameters.ai_capability_people_elasticity * people
        )

    def step(
        self,
        shocks: CapabilityShocks,
        data_index: float,
        progress_multiplier: float,
        algorithms_multiplier: float = 1.0,
        catch_up_multiplier: float = 1.0,
    ) -> None:
        """Move laboratories and developers by one month.

        Parameters
        ----------
        data_index : data that domestic developers may train on, 1 at the start.
        progress_multiplier : the scenario's multiplier on the mean growth of the frontier (1 = as expected).
        algorithms_multiplier, catch_up_multiplier : the scenario's multipliers on the speed of algorithms that
            everybody can use and on the speed at which developers close their gap.
        """
        parameters = self.parameters
        expected = frontier_growth(self.months / MONTHS_A_YEAR, parameters) / MONTHS_A_YEAR
        self.months += 1
        self.expected_frontier += expected
        growth, common = expected * progress_multiplier, shocks.common
        qualities = [
            laboratory.advance_quality(growth, common, own, parameters)
            for laboratory, own in zip(self.laboratories, shocks.own, strict=True)
        ]
        self.laboratory_quality[:] = qualities
        self.frontier = max(qualities)
        self._step_developers(shocks, data_index, algorithms_multiplier, catch_up_multiplier)

    def _step_developers(
        self, shocks: CapabilityShocks, data_index: float, algorithms_multiplier: float, catch_up_multiplier: float
    ) -> None:
        parameters, columns, months = self.parameters, self.importers.columns, self.months
        catch_up = 1.0 - 0.5 ** (catch_up_multiplier / parameters.ai_catch_up_half_life_months)
        now = (
            self.frontier,
            math.exp(self._usual_log * months),
            parameters.ai_people_growth / MONTHS_A_YEAR * months,
            parameters.ai_capability_data_elasticity * math.log(max(data_index, 1e-3)),
            self._usual_inputs_a_month * months,
            catch_up,
            algorithms_multiplier * self._algorithms_a_month,
            parameters.ai_appeal_shock_sd if shocks.lucky else 0.0,
        )
        _month_of_development(
            self.rows,
            *self._training(),
            columns["quality"],
            columns["market_utility_shift"],
            shocks.improvement,
            shocks.appeal,
            self.arrival_rate if shocks.lucky else self._no_arrivals,
            self._lent,
            # Luck is in what is done beyond the usual; usual growth is common ground.
            self._luck if shocks.lucky else self._even_luck,
            self._floor,
            self._opening_inputs,
            self._opening_trained,
            self._trained,
            self._inputs,
            self._gap,
            self.laboratory_quality,
            self.learned,
            self.standing,
            now,
            self._constants,
        )

    def gaps(self) -> FloatArray:
        """Quality of each developer less the frontier, s.d. (negative behind it); a view of :attr:`standing`."""
        return self.standing[: self.rows.size]

    def surprise(self) -> float:
        """Frontier above its expected path, s.d."""
        return (self.frontier - self.expected_frontier) / self.standard_deviation

    def advance(self) -> float:
        """Progress of the frontier since the start, s.d."""
        return (self.frontier - self.opening_frontier) / self.standard_deviation

    def restart(self, importer_row: int) -> None:
        """Begin anew with a developer that entered in the row of one that failed: mean gap, usual growth."""
        position = np.flatnonzero(self.rows == importer_row)
        if not position.size:
            return
        at = position[0]
        columns = self.importers.columns
        gap = self.parameters.ai_developer_gap_months * self.standard_deviation / MONTHS_A_YEAR
        columns["quality"][importer_row] = self.frontier - gap
        columns["market_utility_shift"][importer_row] = 0.0
        self._gap[at] = gap
        self.standing[at] = gap / -self.standard_deviation
        lag = self._usual_log * (self.parameters.ai_training_time_months - 1.0)
        self._trained[at] = self._log_training_compute()[at] - lag
        self._inputs[at] = self._input_level()[at]
        self._opening_inputs[at] = self._inputs[at] - self._usual_inputs_a_month * self.months
        self._floor[at] = gap - self._steady_excess(self.months / MONTHS_A_YEAR)


@njit(cache=True, no_cpython_wrapper=True)
def _unusual_improvement(rate: float, arrival: float, size: float, mean: float, tail: float) -> float:
    """An improvement of Lomax size (a fat tail) with probability `rate`, less its mean, index points.

    `arrival` and `size` are uniform draws, `mean` the mean size of those that arrive.
    """
    expected = rate * mean
    if arrival < rate:
        return float(mean * (tail - 1.0) * ((1.0 - size) ** (-1.0 / tail) - 1.0) - expected)
    return -expected


@njit(cache=True)
def _month_of_development(
    rows: NDArray[np.int64],
    compute: FloatArray,
    training_share: FloatArray,
    quality: FloatArray,
    appeal: FloatArray,
    improvement: FloatArray,
    appeal_draw: FloatArray,
    arrival_rate: FloatArray,
    lent: FloatArray,
    luck: FloatArray,
    floor: FloatArray,
    opening_inputs: FloatArray,
    opening_trained: FloatArray,
    trained: FloatArray,
    inputs: FloatArray,
    gap: FloatArray,
    laboratory_quality: FloatArray,
    learned: FloatArray,
    standing: FloatArray,
    now: tuple[float, ...],
    constants: tuple[float, ...],
) -> None:
    """One month for all developers: training, people, quality, appeal, standing; see `Capability`.

    `now` and `constants` are the month's and the run's scalars, in the order used.
    """
    frontier, lent_growth, people_supply, data_effect, usual_so_far, catch_up, algorithms, appeal_sd = now
    training_speed, compute_elasticity, people_elasticity, mobility, opening_pull = constants[:5]
    usual, lasting, memory, mean_improvement, tail, standard_deviation = constants[5:]
    pull = 0.0
    for j in range(rows.size):
        own = compute[rows[j]] * training_share[rows[j]]
        trained[j] += training_speed * (np.log(own + lent[j] * lent_growth) - trained[j])
        pull += np.exp(mobility * trained[j])
    # People follow compute to those who have more of it; the supply is shared.
    common = people_supply - np.log(pull / opening_pull)
    for j in range(rows.size):
        i = rows[j]
        people = mobility * (trained[j] - opening_trained[j]) + common
        level = compute_elasticity * trained[j] + people_elasticity * people + data_effect
        change = usual + luck[j] * (level - inputs[j] - usual)
        advantage = luck[j] * (level - opening_inputs[j] - usual_so_far)
        inputs[j] = level
        pulled = catch_up * (gap[j] - floor[j] + lasting * advantage)
        unusual = _unusual_improvement(arrival_rate[i], improvement[0, i], improvement[1, i], mean_improvement, tail)
        quality[i] += change + algorithms + pulled + unusual
        gap[j] = frontier - quality[i]
        standing[j] = gap[j] / -standard_deviation + learned[j]
        appeal[i] = memory * appeal[i] + appeal_sd * appeal_draw[i]
    for k in range(laboratory_quality.size):
        standing[rows.size + k] = (laboratory_quality[k] - frontier) / standard_deviation


def draw_shocks(streams: Streams, month: int, capability: Capability) -> CapabilityShocks:
    """Draw the month's shocks from the stream `ai_capability`.

    The same numbers are drawn every month whether they are used or not, laboratories first, so that no policy shifts
    the stream and the world's frontier does not depend on how many importers there are.
    """
    importers, laboratories = capability.arrival_rate.size, len(capability.laboratories)
    if streams.noise_off:
        return CapabilityShocks(0.0, [0.0] * laboratories, np.zeros((2, importers)), np.zeros(importers), lucky=False)
    parameters = capability.parameters
    generator = streams.generator("ai_capability", month)
    common, *own = generator.standard_normal(1 + laboratories).tolist()
    point = 0.01 * capability.standard_deviation
    own_point = parameters.ai_lab_shock_pct_of_sd * point
    return CapabilityShocks(
        common=common * parameters.ai_frontier_shock_pct_of_sd * point,
        own=[draw * own_point for draw in own],
        improvement=generator.random((2, importers)),
        appeal=generator.standard_normal(importers),
        lucky=True,
    )
