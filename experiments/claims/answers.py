"""Answers to all claims: which way of answering each kind takes, and the runs they share."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from itcho.experiments.claims import effects, facts, levels, mechanisms
from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.ensembles import Ensembles, Request, make_ensembles, tasks_of
from itcho.experiments.claims.registry import EFFECTS, FACTS, LEVELS, MECHANISMS
from itcho.experiments.studies.variants import Variant

Nothing = Callable[[], None]


@dataclass(frozen=True)
class Plan:
    """How much is run.

    Attributes
    ----------
    paired : for levels and effects.
    mechanisms : for mechanisms, tails, rules and decompositions, which run ten years and more arms.
    """

    paired: Effort
    mechanisms: Effort

    def in_processes(self, workers: int) -> Plan:
        """The same in so many processes."""
        return Plan(replace(self.paired, workers=workers), replace(self.mechanisms, workers=workers))


FULL = Plan(Effort(seeds=130), Effort(seeds=36))
QUICK = Plan(Effort(seeds=6, quick=True), Effort(seeds=3, quick=True))


def has_answer(claim: Claim) -> bool:
    """Whether there is a way of answering a claim."""
    known: dict[str, Container[str]] = {
        **dict.fromkeys(FACTS, facts.facts()),
        **dict.fromkeys(LEVELS, levels.LEVELS),
        **dict.fromkeys(EFFECTS, effects.EFFECTS),
        **dict.fromkeys(MECHANISMS, mechanisms.MECHANISMS),
    }
    return claim.id in known[claim.kind]


def requests_of(claims: Sequence[Claim], plan: Plan) -> list[Request]:
    """The shared runs that claims need."""
    wanted: list[Request] = []
    for claim in claims:
        if claim.kind in LEVELS:
            wanted += levels.requests(claim, plan.paired)
        elif claim.kind in EFFECTS:
            wanted += effects.requests(claim, plan.paired)
    return wanted


def steps_of(claims: Sequence[Claim], plan: Plan) -> tuple[int, int]:
    """How many shared runs there are to make, and how many experiments on mechanisms after them."""
    return len(tasks_of(requests_of(claims, plan))), sum(claim.kind in MECHANISMS for claim in claims)


def make_runs(
    claims: Sequence[Claim], plan: Plan, on_run: Nothing = lambda: None, variant: Variant | None = None
) -> Ensembles:
    """Make the shared runs of levels and effects, calling ``on_run`` after each; in a variant if one is given."""
    return make_ensembles(requests_of(claims, plan), plan.paired.workers, on_run, variant)


def in_variants(claims: Sequence[Claim]) -> list[Claim]:
    """Claims on levels and effects: a variant changes their runs; mechanisms make worlds of their own."""
    return [claim for claim in claims if claim.kind in LEVELS or claim.kind in EFFECTS]


def answer_all(
    claims: Sequence[Claim], plan: Plan, ensembles: Ensembles, on_experiment: Nothing = lambda: None
) -> list[Answer]:
    """Answer claims in their order, calling ``on_experiment`` after each mechanism; those make their own runs."""
    found = []
    for claim in claims:
        found.append(_answer(claim, plan, ensembles))
        if claim.kind in MECHANISMS:
            on_experiment()
    return found


def _answer(claim: Claim, plan: Plan, ensembles: Ensembles) -> Answer:
    if claim.kind in FACTS:
        return facts.answer(claim)
    if claim.kind in LEVELS:
        return levels.answer(claim, plan.paired, ensembles)
    if claim.kind in EFFECTS:
        return effects.answer(claim, plan.paired, ensembles)
    return mechanisms.answer(claim, plan.mechanisms)
