"""Firms that use AI: whether each adopts, how deeply, and from whom it buys.

A member stands for a firm with a weight.  The firm's units adopt in a fixed order: the unit at latent position x (0
to 1 over the whole economy) adopts once its firm's cumulative hazard has passed -ln(1 - x / ceiling).  Small firms tile
the positions in a random order, each taking an interval as long as its weight; a firm above 0.03% of the economy
spreads its units over all positions.  So

* a policy that raises hazards can only bring adoption forward (same thresholds, no draws in the step);
* 300 and 300,000 members give the same diffusion: a large firm adopts unit by unit instead of with a jump;
* deep users are always among users, because both margins use the same positions.

The hazard of a firm is Bass (p + q * share of others) times a logistic in its net benefit.  Of deep use it is zero for
units without a policy on AI (:mod:`itcho.agents.readiness`).  Whether a unit has one does not depend on its latent
position, so that a firm's survival is the mean of 1, of units without, and of what one hazard left of the others since
they have theirs.  Newly deep units pass through stages (reorganising, adjusting, learning) before their gain is full:
the productivity J-curve.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypedDict, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from itcho.agents.compiled import njit
from itcho.agents.population import Population
from itcho.agents.readiness import Readiness, opening_policies
from itcho.agents.supplier_codes import NO_SUPPLIER
from itcho.agents.views import ParameterValues

FloatArray = NDArray[np.float64]

MONTHS_A_YEAR = 12.0
_GOLDEN = 0.6180339887498949
_SILVER = 0.41421356237309515
_SPREAD_WEIGHT = 0.0003
"""Weight above which a firm's units spread over all latent positions."""
_BLOCK = 512
"""Firms whose intermediate results stay in the processor's fastest memory."""


class AdopterColumns(TypedDict, total=False):
    """The adopters' columns, one entry per firm; :func:`add_adopter_columns` says what they hold."""

    size: FloatArray
    gain: FloatArray
    legacy_cost: FloatArray
    latent_position: FloatArray
    latent_width: FloatArray
    policy_position: FloatArray
    policy_survival: FloatArray
    policy: FloatArray
    regulated: NDArray[np.bool_]
    regulated_rank: FloatArray
    benefit: FloatArray
    use_survival: FloatArray
    deep_survival: FloatArray
    use_share: FloatArray
    deep: FloatArray
    reorganising: FloatArray
    adjusting: FloatArray
    learning: FloatArray
    adopted: NDArray[np.bool_]
    depth_age_months: FloatArray
    supplier: NDArray[np.int64]
    supplier_worth: FloatArray
    hindrance: FloatArray
    log_productivity: FloatArray


AdopterPopulation: TypeAlias = Population[AdopterColumns]
"""The population of firms that use AI."""


@dataclass(slots=True)
class AdoptionMonth:
    """What a month of adoption came to; shares are weighted by size.

    Attributes
    ----------
    use_share : share of firms that use AI (fraction).
    deep_share : share that use it deeply (fraction).
    productivity_level : weighted mean of exp(gain * depth), 1 without AI.
    integration_effort : rise of the deep share this month, weighted by 0.5 + legacy cost: the base of the cost of
        integration (fraction).
    """

    use_share: float
    deep_share: float
    productivity_level: float
    integration_effort: float


def add_adopter_columns(
    columns: AdopterColumns,
    parameters: ParameterValues,
    rng: np.random.Generator,
    use_share: float,
    deep_share: float,
    policy_share: float,
    alike: bool = False,
) -> None:
    """Create the adopters' columns, on the diffusion path at the start.

    Columns made (one value per member): `gain` (ln, at full depth), `legacy_cost` (0..1), `regulated` (bool),
    `regulated_rank` (0..1, the lowest are regulated), `latent_position` and `latent_width` (0..1), `policy_position`
    (0..1), `policy_survival` (share of potential units yet to have a policy on AI), `policy` (0..1 of the firm's
    units), `use_survival` and `deep_survival` (share of potential units yet to adopt), `use_share` and `deep` (0..1
    of the firm's units), `reorganising`, `adjusting`, `learning` (the part of `deep` in each stage), `adopted` (bool,
    at least half its units), `depth_age_months` (mean of its deep units), `supplier` (main one of models, by its
    code), `benefit` (utility, at no subsidy), `supplier_worth` (factor on `gain` of the suppliers it has, 1 for the
    best on offer that serves in full), `hindrance` (factor on what holds it back from AI, 1 if it may buy of all),
    `log_productivity` (ln, through AI).

    Parameters
    ----------
    columns : the population's columns; `size` (positive weights) must be there and is scaled to sum to 1.
    parameters : attribute access to the parameter table (`ai_...`).
    rng : generator for construction draws.
    use_share, deep_share : opening weighted shares (fractions), met exactly.
    policy_share : opening weighted share of units with a policy on AI (fraction), met as members' sizes allow.
    alike : whether all firms have the same size, gain, legacy cost and units at all latent positions.

    Raises
    ------
    ValueError : if sizes are not positive, or an opening share is not below its ceiling or not below what firms with a
        policy can reach.
    """
    size = np.asarray(columns["size"], dtype=float)
    if size.size == 0 or not np.all(size > 0.0):
        raise ValueError("adopters: every size must be positive")
    count = size.size
    size = np.full(count, 1.0 / count) if alike else size / size.sum()
    order = rng.permutation(count)
    offsets = rng.random(4)
    position, width = _latent_places(size, order, alike)
    gain, legacy = _draw_traits(size, order, offsets, alike, parameters)
    columns["size"] = size
    columns["gain"] = gain
    columns["legacy_cost"] = legacy
    columns["latent_position"] = position
    columns["latent_width"] = width
    columns["regulated_rank"] = _ranks_within_sizes(size, offsets[0])
    columns["regulated"] = columns["regulated_rank"] < parameters.ai_regulated_demand_share
    columns["benefit"] = parameters.ai_benefit_gain_weight * (
        gain / _mean_gain(parameters) - 1.0
    ) - parameters.ai_benefit_legacy_weight * (legacy - 0.5)
    columns["policy_position"], columns["policy_survival"], columns["policy"] = opening_policies(
        size, position, width, offsets[3], policy_share, parameters
    )
    _open_adoption(columns, parameters, use_share, deep_share)
    columns["supplier"] = np.full(count, NO_SUPPLIER, dtype=np.int64)
    columns["supplier_worth"] = np.ones(count)
    columns["hindrance"] = np.ones(count)
    columns["log_productivity"] = np.zeros(count)


def _latent_places(size: FloatArray, order: NDArray[np.int64], alike: bool) -> tuple[FloatArray, FloatArray]:
    """Where each firm's units begin among latent positions, and how far they reach: small firms side by side."""
    small = np.zeros(size.size, dtype=bool) if alike else size < _SPREAD_WEIGHT
    width = np.where(small, size / max(float(size[small].sum()), _SPREAD_WEIGHT), 1.0)
    tiles = np.where(small, width, 0.0)[order]
    position = np.empty(size.size)
    position[order] = np.cumsum(tiles) - tiles
    position[~small] = 0.0
    return position, width


def _mean_gain(parameters: ParameterValues) -> float:
    """Gain at full depth in the mean of firms by size, ln."""
    return (
        (parameters.ai_task_gain_low + parameters.ai_task_gain_high)
        * (parameters.ai_exposure_low + parameters.ai_exposure_high)
        / 4.0
    )


def _draw_traits(
    size: FloatArray, order: NDArray[np.int64], offsets: FloatArray, alike: bool, parameters: ParameterValues
) -> tuple[FloatArray, FloatArray]:
    """Gain and legacy cost of each firm; their means by size do not depend on the draws."""
    mean_gain = _mean_gain(parameters)
    if alike:
        return np.full(size.size, mean_gain), np.full(size.size, 0.5)
    rank = np.empty(size.size)
    rank[order] = np.arange(size.size)
    # Low-discrepancy traits along the order: spread evenly over positions, so that small populations are not lucky.
    task = parameters.ai_task_gain_low + (parameters.ai_task_gain_high - parameters.ai_task_gain_low) * np.mod(
        rank * _GOLDEN + offsets[0], 1.0
    )
    exposure = parameters.ai_exposure_low + (parameters.ai_exposure_high - parameters.ai_exposure_low) * np.mod(
        rank * _SILVER + offsets[1], 1.0
    )
    gain = task * exposure
    gain *= mean_gain / float(size @ gain)
    legacy = np.mod(rank * (_GOLDEN + _SILVER) + offsets[2], 1.0)
    return gain, np.clip(legacy + 0.5 - float(size @ legacy), 0.0, 1.0)


def _ranks_within_sizes(size: FloatArray, offset: float) -> FloatArray:
    """Places between 0 and 1 of which every class of size has its part, or a few giants would decide."""
    by_size = np.empty(size.size)
    by_size[np.argsort(-size, kind="stable")] = np.arange(size.size)
    return np.asarray(np.mod(by_size * np.sqrt(5.0) + offset, 1.0))


def _open_adoption(columns: AdopterColumns, parameters: ParameterValues, use_share: float, deep_share: float) -> None:
    """Put every firm where the opening shares say it stands: what it uses, how deeply, and in which stage."""
    size, position, width = columns["size"], columns["latent_position"], columns["latent_width"]
    relative_hazard = 2.0 / (1.0 + np.exp(-columns["benefit"]))
    for name, share, ceiling, ready in (
        ("use", use_share, parameters.ai_use_ceiling, np.ones(size.size)),
        ("deep", deep_share, parameters.ai_deep_ceiling, columns["policy"]),
    ):
        reach = ceiling * min(float(size @ ready), 1.0)
        if not 0.0 < share < reach:
            raise ValueError(f"adopters: opening {name} share {share} must lie between 0 and its ceiling {reach}")
        survival = _opening_survival(size, position, width, relative_hazard, share, ceiling, ready)
        cast(dict[str, FloatArray], columns)[f"{name}_survival"] = survival
    columns["use_share"] = _passed(columns["use_survival"], position, width, parameters.ai_use_ceiling)
    deep = _passed(columns["deep_survival"], position, width, parameters.ai_deep_ceiling)
    columns["deep"] = np.minimum(deep, columns["use_share"])
    columns["adopted"] = columns["use_share"] >= 0.5
    _add_stages(columns, parameters, deep_share)


def _passed(survival: FloatArray, position: FloatArray, width: FloatArray, ceiling: float) -> FloatArray:
    """Share of each firm's units whose latent position lies below ceiling * (1 - survival)."""
    return np.clip((ceiling * (1.0 - survival) - position) / width, 0.0, 1.0)


def _opening_survival(
    size: FloatArray,
    position: FloatArray,
    width: FloatArray,
    relative_hazard: FloatArray,
    share: float,
    ceiling: float,
    ready: FloatArray,
) -> FloatArray:
    """Survivals exp(-c * relative hazard) of the units that are ready, (n,) parts, and 1 of the others.

    c is such that the weighted share adopted is the opening share.
    """
    low, high = 0.0, 50.0
    for _ in range(48):
        middle = 0.5 * (low + high)
        adopted = _passed(1.0 - ready + ready * np.exp(-middle * relative_hazard), position, width, ceiling)
        low, high = (middle, high) if float(size @ adopted) < share else (low, middle)
    return np.asarray(1.0 - ready + ready * np.exp(-0.5 * (low + high) * relative_hazard))


def _add_stages(columns: AdopterColumns, parameters: ParameterValues, deep_share: float) -> None:
    """Stages and age of units that are deep at the start, as if the deep share had long grown at its opening rate."""
    reached = deep_share / parameters.ai_deep_ceiling
    hazard = (parameters.ai_deep_innovation + parameters.ai_deep_imitation * reached) / MONTHS_A_YEAR
    growth = hazard * (float(columns["size"] @ columns["policy"]) - reached) / reached
    passing = 1.0 / parameters.ai_depth_stage_months
    part = growth / (growth + passing)
    stages = cast(dict[str, FloatArray], columns)
    for name in ("reorganising", "adjusting", "learning"):
        stages[name] = columns["deep"] * part
        part *= passing / (growth + passing)
    columns["depth_age_months"] = np.where(columns["deep"] > 0.0, 1.0 / growth, 0.0)


@njit(cache=True)
def _month_of_adoption(
    indptr: NDArray[np.int64],
    indices: NDArray[np.uint32],
    size: FloatArray,
    position: FloatArray,
    per_width: FloatArray,
    resistance: FloatArray,
    hindrance: FloatArray,
    gain: FloatArray,
    worth: FloatArray,
    log_productivity: FloatArray,
    legacy: FloatArray,
    policy: FloatArray,
    snapshot: NDArray[np.float32],
    use_survival: FloatArray,
    deep_survival: FloatArray,
    use_share: FloatArray,
    deep: FloatArray,
    stages: tuple[FloatArray, FloatArray, FloatArray],
    adopted: NDArray[np.bool_],
    age: FloatArray,
    constants: tuple[float, ...],
    ceilings: tuple[float, float],
    means: tuple[float, float],
    common_resistance: float,
    widening: float,
) -> tuple[float, float, float, float]:
    """One month for all firms; see `Adopters.step`.

    `ceilings` and `means` are of use and of deep use; `constants` are the run's scalars, in the order used below.
    """
    p_use, q_use, p_deep, q_deep, peer_weight, scale, light_depth, passing, dip, learned = constants
    ceiling_use, ceiling_deep = ceilings
    mean_use, mean_deep = means
    reorganising, adjusting, learning = stages
    total_use, total_deep, level, effort = 0.0, 0.0, 0.0, 0.0
    for i in range(size.size):
        # Peers are read as they were last month; both values side by side, because memory is what a million firms cost.
        snapshot[i, 0] = use_share[i]
        snapshot[i, 1] = deep[i]
    # Exponentials are taken block by block: a call amid the rest would make every firm cost a quarter more.
    log_level = np.empty(min(size.size, _BLOCK))
    for first in range(0, size.size, _BLOCK):
        last = min(first + _BLOCK, size.size)
        for i in range(first, last):
            start, stop = indptr[i], indptr[i + 1]
            others_use, others_deep = mean_use, mean_deep
            if stop > start:
                peers_use, peers_deep = 0.0, 0.0
                for k in range(start, stop):
                    peers_use += float(snapshot[indices[k], 0])
                    peers_deep += float(snapshot[indices[k], 1])
                weight = peer_weight / (stop - start)
                others_use = (1.0 - peer_weight) * mean_use + weight * peers_use
                others_deep = (1.0 - peer_weight) * mean_deep + weight * peers_deep
            relative = scale / (1.0 + resistance[i] * common_resistance * hindrance[i])
            # 1 / (1 + h + h^2/2) is exp(-h) to the third order: hazards are below 0.1 a month.
            hazard = (p_use + q_use * others_use) * relative
            use_survival[i] /= 1.0 + hazard + 0.5 * hazard * hazard
            hazard = (p_deep + q_deep * others_deep) * relative
            # Units without a policy wait; those that just got one have waited until now.
            waiting = 1.0 - policy[i]
            deep_survival[i] = waiting + (deep_survival[i] - waiting) / (1.0 + hazard + 0.5 * hazard * hazard)
            share = max(use_share[i], min((ceiling_use * (1.0 - use_survival[i]) - position[i]) * per_width[i], 1.0))
            use_share[i] = share
            adopted[i] = share >= 0.5
            before = deep[i]
            depth = max(before, min((ceiling_deep * (1.0 - deep_survival[i]) - position[i]) * per_width[i], share))
            effect = 0.0
            if depth > 0.0:
                age[i] = (age[i] + 1.0) * before / depth
                learning[i] += passing * (adjusting[i] - learning[i])
                adjusting[i] += passing * (reorganising[i] - adjusting[i])
                reorganising[i] += depth - before - passing * reorganising[i]
                changing = reorganising[i] + adjusting[i]
                effect = depth - changing - learning[i] - dip * changing + learned * learning[i]
            deep[i] = depth
            total_use += size[i] * share
            total_deep += size[i] * depth
            effort += size[i] * (depth - before) * (0.5 + legacy[i])
            # A loss while work is reorganised is the firm's own, whoever its suppliers are.
            depth_now = effect + (share - depth) * light_depth
            log_level[i - first] = gain[i] * widening * (worth[i] * depth_now if depth_now > 0.0 else depth_now)
            log_productivity[i] = log_level[i - first]
        for i in range(first, last):
            level += size[i] * np.exp(log_level[i - first])
    return total_use, total_deep, level, effort


class Adopters:
    """The adoption decisions of a population of firms, on its columns.

    Parameters
    ----------
    columns : columns made by `add_adopter_columns`; changed in place every month.
    peers_indptr, peers_indices : trading partners in CSR form; member i's are indices[indptr[i]:indptr[i+1]].
    parameters : attribute access to the parameter table.

    Attributes
    ----------
    use, deep : weighted shares of last month (fractions).
    ceilings : of use and of deep use last month (fractions).
    ceiling_shift : by how much the log-odds of the ceilings stood above those of the start last month.
    opening_level : weighted mean of exp(gain * worth * depth) at the start.
    readiness : which firms have a policy on AI.
    """

    def __init__(
        self,
        columns: AdopterColumns,
        peers_indptr: ArrayLike,
        peers_indices: ArrayLike,
        parameters: ParameterValues,
    ) -> None:
        self.columns = columns
        self._indptr = np.ascontiguousarray(peers_indptr, dtype=np.int64)
        # Read as unsigned, they need no check for places counted from the end.
        self._indices = np.ascontiguousarray(peers_indices, dtype=np.int32).view(np.uint32)
        if self._indptr.size != columns["size"].size + 1:
            raise ValueError("adopters: peers_indptr must have one entry more than there are members")
        self._parameters = parameters
        self._per_width = 1.0 / columns["latent_width"]
        self._snapshot = np.zeros((columns["size"].size, 2), dtype=np.float32)
        self._subsidy = -1.0
        self._resistance = np.empty(columns["size"].size)
        self._set_subsidy(0.0)
        self.readiness = Readiness(
            columns["size"],
            self._per_width,
            columns["policy_position"],
            columns["policy_survival"],
            columns["policy"],
            self._indptr,
            self._indices,
            self._resistance,
            parameters,
        )
        self._scale = self._hazard_scale()
        self._constants = (
            parameters.ai_use_innovation / MONTHS_A_YEAR,
            parameters.ai_use_imitation / MONTHS_A_YEAR / parameters.ai_use_ceiling,
            parameters.ai_deep_innovation / MONTHS_A_YEAR,
            parameters.ai_deep_imitation / MONTHS_A_YEAR / parameters.ai_deep_ceiling,
            parameters.ai_peer_weight,
            self._scale,
            parameters.ai_light_use_depth,
            1.0 / parameters.ai_depth_stage_months,
            parameters.ai_dip_depth,
            parameters.ai_learning_effect,
        )
        self.use = float(columns["size"] @ columns["use_share"])
        self.deep = float(columns["size"] @ columns["deep"])
        self.ceiling_shift = 0.0
        self.ceilings = parameters.ai_use_ceiling, parameters.ai_deep_ceiling
        self.opening_level = 1.0
        self.measure_opening()

    @property
    def peers(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Trading partners in CSR form."""
        return self._indptr, self._indices

    def _set_subsidy(self, share_of_cost: float) -> None:
        """Recompute exp(-benefit) when the subsidised share of legacy cost changes."""
        if share_of_cost != self._subsidy:
            self._subsidy = share_of_cost
            relief = self._parameters.ai_benefit_legacy_weight * share_of_cost
            np.exp(-self.columns["benefit"] - relief * self.columns["legacy_cost"], out=self._resistance)

    def _hazard_scale(self) -> float:
        """Scale that makes the mean hazard of those ready but yet to adopt deeply the Bass hazard at the start."""
        columns = self.columns
        yet = columns["size"] * (columns["deep_survival"] - (1.0 - columns["policy"]))
        return float(yet.sum() / (yet @ (1.0 / (1.0 + self._resistance))))

    def measure_opening(self) -> None:
        """Take the weighted mean of exp(gain * worth * depth) as it stands for that of the start."""
        columns, parameters = self.columns, self._parameters
        changing = columns["reorganising"] + columns["adjusting"]
        effect = (
            columns["deep"]
            - changing
            - columns["learning"]
            - parameters.ai_dip_depth * changing
            + parameters.ai_learning_effect * columns["learning"]
        )
        depth = effect + (columns["use_share"] - columns["deep"]) * parameters.ai_light_use_depth
        depth *= np.where(depth > 0.0, columns["supplier_worth"], 1.0)
        self.opening_level = float(columns["size"] @ np.exp(columns["gain"] * depth))

    def step(self, common_benefit: float, widening: float, subsidy_share_of_cost: float = 0.0) -> AdoptionMonth:
        """Let every firm decide for one month.

        Parameters
        ----------
        common_benefit : utility common to all firms: price, quality, wages against their paths (0 on the path).
        widening : ratio of exposed tasks to those at the start (frontier quality).
        subsidy_share_of_cost : part of legacy cost that the state bears (0..1).
        """
        parameters, columns = self._parameters, self.columns
        self._set_subsidy(min(max(subsidy_share_of_cost, 0.0), 1.0))
        shift = parameters.ai_ceiling_response * (
            common_benefit + 0.5 * parameters.ai_benefit_legacy_weight * self._subsidy
        )
        self.ceiling_shift = shift
        ceilings = _shifted_share(parameters.ai_use_ceiling, shift), _shifted_share(parameters.ai_deep_ceiling, shift)
        self.ceilings = ceilings
        common_resistance = math.exp(-common_benefit)
        self.readiness.step(self._resistance, columns["hindrance"], common_resistance)
        self.use, self.deep, level, effort = _month_of_adoption(
            self._indptr,
            self._indices,
            columns["size"],
            columns["latent_position"],
            self._per_width,
            self._resistance,
            columns["hindrance"],
            columns["gain"],
            columns["supplier_worth"],
            columns["log_productivity"],
            columns["legacy_cost"],
            columns["policy"],
            self._snapshot,
            columns["use_survival"],
            columns["deep_survival"],
            columns["use_share"],
            columns["deep"],
            (columns["reorganising"], columns["adjusting"], columns["learning"]),
            columns["adopted"],
            columns["depth_age_months"],
            self._constants,
            ceilings,
            (self.use, self.deep),
            common_resistance,
            widening,
        )
        return AdoptionMonth(self.use, self.deep, level, effort)

    def use_nothing(self) -> None:
        """Stand where nobody has used AI and no firm has a policy."""
        columns = cast(dict[str, FloatArray], self.columns)
        for name in ("policy", "use_share", "deep", "reorganising", "adjusting", "learning", "depth_age_months"):
            columns[name][:] = 0.0
        self.columns["adopted"][:] = False
        self.use = self.deep = 0.0
        self.readiness.stand_at(0.0)

    def trial_growth(self, usage: Callable[[], float], months: int = 3) -> float:
        """Log growth a month of a measure of these adopters' use, from a trial of months that is undone.

        Parameters
        ----------
        usage : the measure, above zero, as the adopters stand.
        months : length of the trial, in which benefit and subsidy stay as they are.
        """
        before = usage()
        changing = (
            "policy_survival",
            "policy",
            "use_survival",
            "deep_survival",
            "use_share",
            "deep",
            "reorganising",
            "adjusting",
            "learning",
            "adopted",
            "depth_age_months",
            "log_productivity",
        )
        columns = cast(dict[str, FloatArray], self.columns)
        kept = {name: columns[name].copy() for name in changing}
        totals, ready = (self.use, self.deep), self.readiness.share
        for _ in range(months):
            self.step(0.0, 1.0)
        growth = math.log(usage() / before) / months
        for name, values in kept.items():
            columns[name][:] = values
        self.use, self.deep = totals
        self.readiness.stand_at(ready)
        return growth


def _shifted_share(share: float, shift: float) -> float:
    """A share whose log-odds move by shift."""
    if shift == 0.0:
        return share
    odds = share / (1.0 - share) * math.exp(shift)
    return odds / (1.0 + odds)
