"""The handful of foreign suppliers: chip designers, foundries, memory makers and frontier AI laboratories.

Designers decide what they ask over list prices and by which rule they share what is short, laboratories the path of
their quality.  Orders and all money are the business of the markets that call them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from itcho.agents.mesa_typed import Agent, Model
from itcho.agents.places import Placed
from itcho.agents.views import ParameterValues

MONTHS_A_YEAR = 12.0


class SupplierTier(StrEnum):
    """What a foreign supplier makes."""

    DESIGNER = "designer"
    FOUNDRY = "foundry"
    MEMORY = "memory"
    LABORATORY = "laboratory"


class AllocationRule(StrEnum):
    """How a supplier shares what is short among its customers."""

    PROPORTIONAL = "proportional"
    """In proportion to orders."""
    PRIORITY = "priority"
    """In proportion to orders to a power above one: large customers first."""


@dataclass(frozen=True)
class SupplierFacts:
    """One line of the opening table.

    Attributes
    ----------
    name : snake_case identifier, unique; the party's name in postings.
    label : how it is shown to people.
    tier : what it makes.
    country : ISO 3166 alpha-3 code of its seat.
    opening_share : share of its tier at the start (fraction); laboratories: of foreign model-layer sales in Japan.
    opening_lag_months : laboratories only: months behind the frontier at the start.
    source : publisher of the share, and how well it is known.
    """

    name: str
    label: str
    tier: SupplierTier
    country: str
    opening_share: float
    opening_lag_months: float
    source: str


_ACCELERATORS = "Press reports put NVIDIA at 92% of data-centre GPUs; custom chips added by own judgement"
_FOUNDRY = "Own judgement: leading-edge accelerators; press reports put NVIDIA alone at 60% of TSMC's packaging"
_MEMORY = "TrendForce on high-bandwidth memory, from memory"
_LABORATORIES = "Own judgement; no published share for Japan"

SUPPLIERS: tuple[SupplierFacts, ...] = (
    SupplierFacts("nvidia", "NVIDIA", SupplierTier.DESIGNER, "USA", 0.80, 0.0, _ACCELERATORS),
    SupplierFacts("amd", "AMD", SupplierTier.DESIGNER, "USA", 0.06, 0.0, _ACCELERATORS),
    SupplierFacts("broadcom", "Broadcom", SupplierTier.DESIGNER, "USA", 0.14, 0.0, _ACCELERATORS),
    SupplierFacts("tsmc", "TSMC", SupplierTier.FOUNDRY, "TWN", 0.92, 0.0, _FOUNDRY),
    SupplierFacts("samsung_foundry", "Samsung Foundry", SupplierTier.FOUNDRY, "KOR", 0.08, 0.0, _FOUNDRY),
    SupplierFacts("sk_hynix", "SK hynix", SupplierTier.MEMORY, "KOR", 0.55, 0.0, _MEMORY),
    SupplierFacts("micron", "Micron", SupplierTier.MEMORY, "USA", 0.22, 0.0, _MEMORY),
    SupplierFacts("samsung_memory", "Samsung Memory", SupplierTier.MEMORY, "KOR", 0.23, 0.0, _MEMORY),
    SupplierFacts("openai", "OpenAI", SupplierTier.LABORATORY, "USA", 0.50, 0.0, _LABORATORIES),
    SupplierFacts("anthropic", "Anthropic", SupplierTier.LABORATORY, "USA", 0.20, 0.0, _LABORATORIES),
    SupplierFacts("google_deepmind", "Google DeepMind", SupplierTier.LABORATORY, "USA", 0.30, 1.0, _LABORATORIES),
)
"""Names, tiers and opening shares; the shares of a tier sum to one."""


def frontier_growth(years: float, parameters: ParameterValues) -> float:
    """Mean growth of the capability frontier, index points a year.

    Compute grows fast at first and slows towards what cheaper chips and growing world spending allow; algorithms keep
    their pace: a_C * (ln growth of compute + ln 2 * 12 / doubling time).

    Parameters
    ----------
    years : years since the start of the run.
    """
    long_run = math.log(2.0) / parameters.chip_price_halving_years + parameters.ai_world_spending_long_run_growth
    excess = parameters.ai_frontier_compute_growth - long_run
    compute = long_run + excess * 0.5 ** (years / parameters.ai_frontier_maturation_half_life_years)
    algorithms = math.log(2.0) * MONTHS_A_YEAR / parameters.ai_algorithmic_doubling_months
    return float(parameters.ai_capability_compute_elasticity * (compute + algorithms))


class ForeignSupplier(Placed, Agent):
    """A foreign supplier of chips or of frontier AI.

    Attributes
    ----------
    name, label, tier, country, opening_share : see `SupplierFacts`.
    capacity : output it can deliver, 1 = normal.
    price_markup : designers: dollar price over the list price, 1 when nothing is short; others 1.
    allocation_rule : how it shares what is short.
    quality : laboratories: capability index, 0 at the frontier of the start; others 0.
    """

    def __init__(
        self,
        model: Model,
        name: str,
        tier: SupplierTier,
        *,
        label: str = "",
        country: str = "",
        opening_share: float = 0.0,
        capacity: float = 1.0,
        quality: float = 0.0,
        allocation_rule: AllocationRule = AllocationRule.PROPORTIONAL,
    ) -> None:
        super().__init__(model)
        self.name = name
        self.tier = SupplierTier(tier)
        self.label = label or name
        self.country = country
        self.opening_share = opening_share
        self.capacity = capacity
        self.price_markup = 1.0
        self.allocation_rule = allocation_rule
        self.quality = quality
        self._common_quality = quality
        self._lead = 0.0

    def produce_with(self, capacity: float) -> float:
        """Have this capacity from now on, 1 = normal; returns it."""
        self.capacity = capacity
        return capacity

    def decide_price(self, demand_over_capacity: float, parameters: ParameterValues) -> float:
        """Set what it asks over list prices this month, and return it.

        List prices follow technology; a designer asks more by a constant elasticity where more is ordered of it than it
        can start, and nothing less where it is not.
        """
        tightness = min(max(demand_over_capacity, 1.0), parameters.ai_chip_price_tightness_limit)
        self.price_markup = tightness**parameters.ai_chip_price_tightness_elasticity
        return self.price_markup

    def advance_quality(
        self, growth: float, common_shock: float, own_shock: float, parameters: ParameterValues
    ) -> float:
        """Move a laboratory's quality by one month and return it.

        Parameters
        ----------
        growth : mean growth of the frontier this month, index points.
        common_shock : permanent shock to all laboratories, index points (0 with noise off).
        own_shock : shock to its own lead, which decays, index points (0 with noise off).
        """
        self._common_quality += growth + common_shock
        self._lead = self._lead * 0.5 ** (1.0 / parameters.ai_lab_shock_half_life_months) + own_shock
        self.quality = self._common_quality + self._lead
        return self.quality


def foreign_suppliers(
    model: Model, parameters: ParameterValues, facts: Sequence[SupplierFacts] = SUPPLIERS
) -> list[ForeignSupplier]:
    """Build the suppliers of the table, in its order; laboratories start behind the frontier by their lag."""
    growth_a_month = frontier_growth(0.0, parameters) / MONTHS_A_YEAR
    return [
        ForeignSupplier(
            model,
            line.name,
            line.tier,
            label=line.label,
            country=line.country,
            opening_share=line.opening_share,
            quality=-line.opening_lag_months * growth_a_month,
        )
        for line in facts
    ]


def common_rule(designers: Sequence[ForeignSupplier]) -> AllocationRule:
    """The rule by which designers share what is short.

    Raises
    ------
    ValueError : they have different rules, which the chip tiers cannot follow.
    """
    rules = {designer.allocation_rule for designer in designers}
    if len(rules) != 1:
        raise ValueError(f"designers share what is short by different rules: {sorted(rules)}")
    return rules.pop()


def designers_markup(
    designers: Sequence[ForeignSupplier],
    shipped: Sequence[float],
    availability: Sequence[float],
    parameters: ParameterValues,
) -> float:
    """Let designers decide their prices; returns what is paid over list prices for what they ship.

    Parameters
    ----------
    designers, shipped : who they are, and what each ships to Japan, in any unit.
    availability : what each could start last month over what was ordered of it, at most 1.
    """
    asked = [
        designer.decide_price(1.0 / part if part > 0.0 else math.inf, parameters)
        for designer, part in zip(designers, availability, strict=True)
    ]
    over_list = sum(units * (markup - 1.0) for units, markup in zip(shipped, asked, strict=True))
    return 1.0 + over_list / max(sum(shipped), 1e-300)
