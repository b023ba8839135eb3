"""What a study is: policies, scenarios, seeds and outcomes, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from itcho.agents.errors import InputError, nearest_names
from itcho.experiments.studies.design import (
    Cell,
    Design,
    Replicate,
    UncertainParameter,
    cells_of,
    design_points,
    keys_of,
    replicates,
    without_labels,
)
from itcho.experiments.studies.store import CellResult, content_key

if TYPE_CHECKING:
    from itcho.experiments.studies.variants import Variant
    from itcho.model.policies import Policy
    from itcho.model.scenarios import Scenario

Better = Literal["higher", "lower", "neither"]

DEFAULT_OUTCOMES = (
    "domestic_ai_share_home_pct",
    "japan_share_global_ai_pct",
    "adoption_pct",
    "productivity_gain_pct",
    "deficit_trn_yen_fy",
    "gov_debt_to_gdp_pct",
    "usdjpy",
)
_HIGHER = (
    "domestic_ai_share", "japan_share_global_ai_pct", "adoption_", "deep_adoption_", "genai_", "productivity_",
    "real_gdp", "primary_balance", "tax_revenue", "ai_service_exports", "ai_tax", "programme_return", "gain_",
    "public_receipts", "softbank_equity",
    "japan_equity", "approval", "current_account", "net_foreign_assets",
)  # fmt: skip
_LOWER = ("deficit", "gov_debt", "bond_dependency", "initial_bond_dependency", "worry_", "burden_",
          "unemployment", "interest_trn", "jgb_", "programme_cost",
          "softbank_ltv", "usdjpy")  # fmt: skip


@dataclass(frozen=True)
class OutcomePick:
    """An outcome at a time: one number of each run.

    Attributes
    ----------
    text : as written, such as ``usdjpy@2030``.
    name : of the outcome.
    when : ``last`` (complete fiscal year, the default), ``final`` (month), ``all`` (mean of the complete fiscal years),
        or a complete fiscal year.
    better : which way is better; a weaker yen (a higher USD/JPY) counts as worse unless the study says otherwise.
    smallest_effect : smallest effect of interest, in the outcome's unit: the registry's unless the study says
        otherwise.
    """

    text: str
    name: str
    when: str
    better: Better
    smallest_effect: float = 0.0

    def of(self, result: CellResult) -> float:
        """The number of a run.

        Raises
        ------
        InputError : the stored run does not hold it.
        """
        if self.name not in result.outcomes:
            raise InputError(
                f"the store's runs hold no outcome '{self.name}'{nearest_names(self.name, result.outcomes)}"
            )
        column = result.outcomes.index(self.name)
        if self.when == "final":
            return float(result.final[column])
        values = result.by_year[:, column]
        if not len(values):
            raise InputError("the store's runs hold no complete fiscal year (April to March)")
        if self.when == "all":
            return float(values.mean())
        if self.when == "last":
            return float(values[-1])
        years = result.fiscal_years.tolist()
        if int(self.when) not in years:
            raise InputError(
                f"'{self.text or self.name}': the store's runs hold the complete fiscal years {years[0]} to {years[-1]}"
            )
        return float(values[years.index(int(self.when))])

    @property
    def sign(self) -> int:
        """1 if higher is better, -1 if lower is, 0 if neither."""
        return {"higher": 1, "lower": -1, "neither": 0}[self.better]


def default_better(outcome: str) -> Better:
    """Which way an outcome is commonly thought better; ``neither`` where that is not for a model to say."""
    if outcome.startswith(_HIGHER):
        return "higher"
    return "lower" if outcome.startswith(_LOWER) else "neither"


@dataclass(frozen=True)
class StopRule:
    """When there are enough replicates.

    Attributes
    ----------
    outcome : one of the study's.
    half_width : of the 95% interval of the paired difference, for every policy in every scenario.
    minimum, block : replicates before the first look, and between looks.
    """

    outcome: OutcomePick
    half_width: float
    minimum: int = 30
    block: int = 10


@dataclass(frozen=True)
class Study:
    """A checked study.

    Attributes
    ----------
    name : of the study; also of its folder.
    scenarios : in the order given.
    policies : those compared; may hold the baseline.
    baseline : what they are compared with.
    template : a cell with all that the cells have in common.
    seeds : see ``study_design.replicates``.
    outcomes : what is looked at; runs keep all outcomes whatever stands here.
    uncertain, design : parameters not known for sure.
    stop : optional.
    thresholds : levels by outcome's text, for Starr's criterion.
    level : of intervals.
    variants : in which the whole study is run once more each, see ``itcho.experiments.studies.variants``.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    policies: tuple[Policy, ...]
    baseline: Policy
    template: Cell
    seeds: tuple[int, ...]
    outcomes: tuple[OutcomePick, ...]
    uncertain: tuple[UncertainParameter, ...] = ()
    design: Design = field(default_factory=Design)
    stop: StopRule | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    level: float = 0.95
    variants: tuple[Variant, ...] = ()

    @property
    def all_policies(self) -> tuple[Policy, ...]:
        """The baseline, then the others."""
        return (self.baseline, *(one for one in self.policies if one.name != self.baseline.name))

    def points(self) -> list[dict[str, float]]:
        """Points of the design."""
        return design_points(self.design, self.uncertain)

    def replicates(self) -> list[Replicate]:
        """Replicates in the order of the runs."""
        count = len(self.uncertain)
        return replicates(self.design.size(count), self.seeds, self.design.row_length(count))

    def independent(self, chosen: Sequence[Replicate] | None = None) -> list[Replicate]:
        """Those of the chosen replicates (all if left out) that share no seed: one point of each row of the design."""
        every = self.replicates() if chosen is None else list(chosen)
        length = self.design.row_length(len(self.uncertain))
        return [replicate for replicate in every if replicate.point % length == 0]

    def cells(self, chosen: Sequence[Replicate] | None = None) -> list[tuple[Replicate, int, int, Cell]]:
        """Cells of the chosen replicates (all if left out): replicate, scenario's place, policy's place, cell."""
        wanted = self.replicates() if chosen is None else chosen
        return list(cells_of(self.template, self.scenarios, self.all_policies, self.points(), wanted))

    def cell_keys(self, chosen: Sequence[Replicate] | None = None) -> Iterator[tuple[Replicate, int, int, str]]:
        """As :meth:`cells`, with the cells' keys alone."""
        wanted = self.replicates() if chosen is None else chosen
        return keys_of(self.template, self.scenarios, self.all_policies, self.points(), wanted)

    def plan(self) -> dict[str, Any]:
        """What is asked for, resolved: what a store keeps beside its cells."""
        return {
            "name": self.name,
            "scenarios": {one.name: without_labels(one) for one in self.scenarios},
            "policies": {one.name: without_labels(one) for one in self.all_policies},
            "compared": [one.name for one in self.policies],
            "baseline": self.baseline.name,
            "seeds": self.seeds,
            "common": {
                name: getattr(self.template, name) for name in ("years", "start", "investors", "importers", "adopters")
            },
            "parameters": dict(self.template.overrides),
            "outcomes": self.outcomes,
            "uncertain": self.uncertain,
            "design": self.design,
            "stop": self.stop,
            "thresholds": self.thresholds,
            "level": self.level,
            **({"without": self.template.without} if self.template.without else {}),
            **({"variants": [one.name for one in self.variants]} if self.variants else {}),
        }

    def digest(self) -> str:
        """Hash of the plan."""
        return content_key(self.plan())


def picked(
    text: str, template: Cell | None, better: Mapping[str, Any], smallest: Mapping[str, float] | None = None
) -> OutcomePick:
    """Read an outcome such as ``usdjpy@2030``.

    Parameters
    ----------
    better, smallest : the study's directions and smallest effects of interest, by outcome.

    Raises
    ------
    InputError : no such outcome, or a fiscal year of which the runs do not hold all twelve months.
    """
    from itcho.model.measure.outcomes import OUTCOMES

    name, at, when = text.partition("@")
    if name not in OUTCOMES:
        raise InputError(f"study.outcomes: '{name}' is unknown{nearest_names(name, OUTCOMES)}")
    when = when if at else "last"
    if when not in ("last", "final", "all") and not when.isdecimal():
        raise InputError(f"study.outcomes: '{text}': after @ stands a fiscal year, 'last', 'final' or 'all'")
    if template is not None:
        _check_time(text, name, when, template)
    direction = better.get(name, default_better(name))
    size = (smallest or {}).get(name, OUTCOMES[name].smallest_effect.size)
    return OutcomePick(text, name, when, direction if direction in ("higher", "lower") else "neither", size)


def _check_time(text: str, name: str, when: str, template: Cell) -> None:
    """Refuse what would read a part of a year as a year."""
    from itcho.experiments.studies.fiscal_years import complete_fiscal_years, to_date
    from itcho.model.start_states import load

    try:
        opened = load(template.start).date
    except InputError:
        return  # the start state's own mistakes are listed already
    if when == "final" and to_date(name) and opened.month != 3:
        raise InputError(
            f"study.outcomes: '{text}' runs up over the fiscal year (April to March), and the runs, from {opened}, do "
            f"not end with one: write {name}@last"
        )
    held = complete_fiscal_years(opened, template.years)
    if when.isdecimal() and held and int(when) not in held:
        raise InputError(
            f"study.outcomes: '{text}': the runs, from {opened}, hold the complete fiscal years {held[0]} to {held[-1]}"
        )
