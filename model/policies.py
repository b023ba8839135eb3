"""Policies: five slots, each filled with one rule, bound before the first month."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from agents.errors import InputError
from agents.rules.fiscal import FiscalRule, NoFiscalRule
from agents.rules.intervention import InterventionRule, NoIntervention
from agents.rules.monetary import InertialTaylor, MonetaryRule
from agents.rules.subsidy import FiveYearSchedule, NoSubsidy, SubsidyRule
from agents.rules.trade import StatusQuo, TradeRule


@dataclass(frozen=True)
class Policy:
    """A policy: what the government and the Bank of Japan do.

    Attributes
    ----------
    name, label, description : what it is.
    subsidy, fiscal, monetary, intervention, trade : the rule in each slot.
    """

    name: str
    label: str
    description: str
    subsidy: SubsidyRule = field(default_factory=NoSubsidy)
    fiscal: FiscalRule = field(default_factory=NoFiscalRule)
    monetary: MonetaryRule = field(default_factory=InertialTaylor)
    intervention: InterventionRule = field(default_factory=NoIntervention)
    trade: TradeRule = field(default_factory=StatusQuo)


POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(
            "actual",
            "The programme as announced",
            "Five-year schedule of one trillion yen; the budget as it is; inertial Taylor rule in 25 bp steps; no "
            "intervention; status quo in trade.",
            subsidy=FiveYearSchedule(),
        ),
        Policy(
            "none",
            "No programme",
            "As the actual policy, but the programme's money is neither raised nor spent.",
        ),
    )
}
"""The policies that come with the model, by name."""


def policy(name: str | Policy) -> Policy:
    """The policy called ``name``.

    Raises
    ------
    InputError : no such policy; the message lists the nearest names.
    """
    if isinstance(name, Policy):
        return name
    if name in POLICIES:
        return POLICIES[name]
    near = difflib.get_close_matches(str(name), POLICIES, 3, 0.3) or sorted(POLICIES)
    raise InputError([f"policy '{name}' is unknown; nearest: {', '.join(near)}"])
