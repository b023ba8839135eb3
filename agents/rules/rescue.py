"""Rescue rules: what the state does when the company behind the national project is in distress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from itcho.agents.rules.rule import Rule


@dataclass(frozen=True)
class DistressView:
    """What the government knows of a company that has passed its limit of exceptional times.

    Attributes
    ----------
    net_debt_trn_yen, holdings_trn_yen : of the company.
    limit_pct : loan-to-value of exceptional times, percent.
    belief_in_backing : how sure the company is of state backing, 0 to 1.
    reaches_share : how far backing of the project reaches this company, 0 to 1.
    lot : drawn between 0 and 1, for rules that leave it to chance; ½ without noise.
    """

    net_debt_trn_yen: float
    holdings_trn_yen: float
    limit_pct: float
    belief_in_backing: float
    reaches_share: float
    lot: float

    @property
    def back_to_the_limit_trn_yen(self) -> float:
        """What new shares have to bring in for loan-to-value to be back at its limit."""
        return self.net_debt_trn_yen - self.limit_pct / 100.0 * self.holdings_trn_yen


@dataclass(frozen=True)
class Rescue:
    """New shares that the state buys; trillion yen."""

    paid_trn_yen: float


class RescueRule(Rule):
    """The slot: asked once for each spell of distress while the state has a stake in the project."""

    slot: ClassVar[str] = "rescue"

    def decide(self, view: DistressView) -> Rescue | None:
        """What the state does; None leaves the company to its creditors."""
        raise NotImplementedError


@dataclass(frozen=True)
class NoRescue(RescueRule):
    """The state never rescues."""

    name: ClassVar[str] = "none"

    def decide(self, view: DistressView) -> Rescue | None:
        """Nothing."""
        return None


@dataclass(frozen=True)
class RescueAsBelieved(RescueRule):
    """The state rescues with the chance in which the company believes, as far as backing reaches the company.

    It pays what brings loan-to-value back to the limit.  Without noise it does what is more likely.

    Evidence: none of a rescue of this company; backing is said to reach the national project first.  Judgement.
    """

    name: ClassVar[str] = "as-believed"

    def decide(self, view: DistressView) -> Rescue | None:
        """A rescue, if the lot falls below the chance."""
        if view.lot >= view.belief_in_backing * view.reaches_share:
            return None
        return Rescue(view.back_to_the_limit_trn_yen)
