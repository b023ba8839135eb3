"""What a policy is: the rule in each slot, and the rules that replace them for a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from itcho.agents.rules.fiscal import FiscalRule, NoFiscalRule
from itcho.agents.rules.intervention import InterventionRule, NoIntervention
from itcho.agents.rules.monetary import InertialTaylor, MonetaryRule
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
    subsidy, fiscal, monetary, intervention, trade : the rule in each slot.
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
    changes: tuple[DatedChange, ...] = ()

    def rule(self, slot: str, now: Month | None = None) -> Any:
        """The rule in ``slot``: the undated one, or the one in force in month ``now``."""
        if now is not None:
            for change in self.changes:
                if change.slot == slot and change.holds(now):
                    return change.rule
        return getattr(self, slot)

    def without(self, slot: str) -> Policy:
        """The same policy with nothing in ``slot``, at any date: what the effect of the slot is measured against."""
        empty: dict[str, Any] = {
            "name": f"{self.name}-without-{slot}",
            "label": f"{self.label}, without the {slot} rule",
            "changes": tuple(change for change in self.changes if change.slot != slot),
            slot: EMPTY[slot](),
        }
        return replace(self, **empty)

    def to_toml(self) -> str:
        """The policy as a whole file, which reads back as the same policy."""
        lines = [f"{key} = {_toml(getattr(self, key))}" for key in ("name", "label", "description")]
        tables = [(slot, getattr(self, slot)) for slot in SLOTS]
        tables += [(f'"{change.dates}".{change.slot}', change.rule) for change in self.changes]
        for header, rule in tables:
            lines += ["", f"[{header}]", f"rule = {_toml(rule.name)}"]
            lines += [f"{name} = {_toml(getattr(rule, name))}" for name in settings_of(type(rule))]
        return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML writes it; its strings are those of JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
