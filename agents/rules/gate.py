"""Gates: what a cabinet does when a project in stages has missed its target.

``obedient`` does what the rule of the stages says.  ``political`` stops the project for good with a chance that rises
with worry about prices and low approval and falls with what is sunk; otherwise it waives the gate and pays.  ``never``
always pays.

Evidence: 12 of 3,638 public works were stopped at review (Jiji, FY2008); a dam stopped after a change of government in
2009 was taken up again in 2011.
"""

from __future__ import annotations

from dataclasses import dataclass

OBEDIENT, POLITICAL, NEVER = "obedient", "political", "never"
CABINETS = (OBEDIENT, POLITICAL, NEVER)


@dataclass(frozen=True)
class GateView:
    """What decides at a missed gate.

    Attributes
    ----------
    stop_probability : of this cabinet, given worry, approval and what is sunk.
    lot : drawn between 0 and 1; ½ without noise.
    """

    stop_probability: float
    lot: float


def stops(cabinet: str, view: GateView) -> bool:
    """Whether a cabinet that is not obedient stops a project that has missed its target; else it waives the gate."""
    return cabinet == POLITICAL and view.lot < view.stop_probability


def no_cabinet() -> GateView:
    """What a rule sees that is asked outside an economy: a cabinet that stops nothing."""
    return GateView(0.0, 0.5)
