"""What a policy is: the rule in each slot, and the rules that replace them for a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, overload

from itcho.agents.rules.fiscal import FiscalRule, NoFiscalRule
from itcho.agents.rules.intervention import InterventionRule, NoIntervention
from itcho.agents.rules.monetary import InertialTaylor, MonetaryRule
from itcho.agents.rules.rescue import NoRescue, RescueAsBelieved, RescueRule
from itcho.agents.rules.rule import SLOTS, Rule
from itcho.agents.rules.settings import settings_of
from itcho.agents.rules.subsidy import NoSubsidy, SubsidyRule
from itcho.agents.rules.trade import StatusQuo, TradeRule
from itcho.model.clock import Month

__all__ = ["SLOTS", "DatedChange", "Policy"]

EMPTY: Mapping[str, type[Rule]] = {
    "subsidy": NoSubsidy,
    "fiscal": NoFiscalRule,
    "monetary": InertialTaylor,
    "intervention": NoIntervention,
    "trade": StatusQuo,
    "rescue": NoRescue,
}
"""The rule that stands for "no rule" in each slot: what the effect of a slot is measured against."""


@dataclass(frozen=True)
class DatedChange:
    """A rule that holds in a slot from one month to another.

    Attributes
    ----------
    slot : one of :data:`SLOTS`.
    rule : in force in these months.
    first, last : calendar months, both included; no last month means to the end of the run.
    """

    slot: str
    rule: Rule
    first: Month
    last: Month | None = None

    def holds(self, now: Month) -> bool:
        """Whether it is in force in this month."""
        return self.first <= now and (self.last is None or now <= self.last)

    @property
    def dates(self) -> str:
        """As in a policy file, such as ``2027-04..2029-03``."""
        return f"{self.first}..{self.last or ''}"


@dataclass(frozen=True)
class Policy:
    """A policy: what the government and the Bank of Japan do.

    Attributes
    ----------
    name, label, description : what it is.
    subsidy, fiscal, monetary, intervention, trade, rescue : the rule in each slot.
    changes : rules that replace them for a time; no two of a slot hold in one month.
    """

    name: str
    label: str
    description: str
    subsidy: SubsidyRule = field(default_factory=NoSubsidy)
    fiscal: FiscalRule = field(default_factory=NoFiscalRule)
    monetary: MonetaryRule = field(default_factory=InertialTaylor)
    intervention: InterventionRule = field(default_factory=NoIntervention)
    trade: TradeRule = field(default_factory=StatusQuo)
    rescue: RescueRule = field(default_factory=RescueAsBelieved)
    changes: tuple[DatedChange, ...] = ()

    @overload
    def rule(self, slot: Literal["subsidy"], now: Month | None = None) -> SubsidyRule: ...
    @overload
    def rule(self, slot: Literal["fiscal"], now: Month | None = None) -> FiscalRule: ...
    @overload
    def rule(self, slot: Literal["monetary"], now: Month | None = None) -> MonetaryRule: ...
    @overload
    def rule(self, slot: Literal["intervention"], now: Month | None = None) -> InterventionRule: ...
    @overload
    def rule(self, slot: Literal["trade"], now: Month | None = None) -> TradeRule: ...
    @overload
    def rule(self, slot: Literal["rescue"], now: Month | None = None) -> RescueRule: ...
    @overload
    def rule(self, slot: str, now: Month | None = None) -> Rule: ...
    def rule(self, slot: str, now: Month | None = None) -> Rule:
        """The rule in ``slot``: the undated one, or the one in force in month ``now``."""
        if now is not None:
            for change in self.changes:
                if change.slot == slot and change.holds(now):
                    return change.rule
        undated: Rule = getattr(self, slot)
        return undated

    def without(self, slot: str) -> Policy:
        """The same policy with nothing in ``slot``, at any date: what the effect of the slot is measured against."""
        undated = self.with_rules({slot: EMPTY[slot]()})
        return replace(
            undated,
            name=f"{self.name}-without-{slot}",
            label=f"{self.label}, without the {slot} rule",
            changes=tuple(change for change in self.changes if change.slot != slot),
        )

    def with_rules(self, rules: Mapping[str, Rule]) -> Policy:
        """The same policy with these rules in their slots; what they replace for a time stays."""
        given = {slot: rules.get(slot, getattr(self, slot)) for slot in SLOTS}
        return replace(self, **given)

    def followed_by(self, other: Policy, first: Month) -> Policy:
        """The policy until a month and another one from then on, as dated changes of one policy.

        An economy that is given it before that month goes on as one that had it from the start.

        Parameters
        ----------
        other : in force from ``first`` on; it keeps its dates.
        first : its first month.
        """
        changes = [part for change in self.changes if (part := _within(change, None, first.plus(-1)))]
        for slot in SLOTS:
            own = [part for change in other.changes if change.slot == slot and (part := _within(change, first, None))]
            changes += own
            if other.rule(slot) != self.rule(slot):
                changes += [DatedChange(slot, other.rule(slot), *gap) for gap in _gaps(own, first)]
        named = f"{self.name}-then-{other.name}", f"{self.label}; from {first}: {other.label}"
        return replace(self, name=named[0], label=named[1], changes=tuple(changes))

    def to_toml(self) -> str:
        """The policy as a whole file, which reads back as the same policy."""
        lines = [f"{key} = {_toml(getattr(self, key))}" for key in ("name", "label", "description")]
        tables = [(slot, getattr(self, slot)) for slot in SLOTS]
        tables += [(f'"{change.dates}".{change.slot}', change.rule) for change in self.changes]
        for header, rule in tables:
            lines += ["", f"[{header}]", f"rule = {_toml(rule.name)}"]
            lines += [f"{name} = {_toml(getattr(rule, name))}" for name in settings_of(type(rule))]
        return "\n".join(lines) + "\n"


def _within(change: DatedChange, first: Month | None, last: Month | None) -> DatedChange | None:
    """What of a change lies between two months, both included; ``None`` for nothing."""
    starts = change.first if first is None else max(change.first, first)
    ends = change.last if last is None else last if change.last is None else min(change.last, last)
    return replace(change, first=starts, last=ends) if ends is None or starts <= ends else None


def _gaps(changes: Sequence[DatedChange], first: Month) -> list[tuple[Month, Month | None]]:
    """The months from ``first`` on in which none of the changes holds: first and last of each stretch."""
    found: list[tuple[Month, Month | None]] = []
    free: Month | None = first
    for change in sorted(changes, key=lambda one: one.first):
        if free is not None and free < change.first:
            found.append((free, change.first.plus(-1)))
        free = None if change.last is None else change.last.plus(1)
    return found if free is None else [*found, (free, None)]


def _toml(value: object) -> str:
    """A value as TOML writes it; its strings are those of JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
