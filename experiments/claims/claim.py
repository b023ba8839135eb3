"""A claim and its answer: the two records that all ways of answering share."""

from __future__ import annotations

from dataclasses import dataclass, field

FACT_VERDICTS = ("true", "dated", "false", "depends on definition")
"""Verdicts of claims that figures answer."""

MODEL_VERDICTS = ("holds", "partly", "fails", "cannot-tell")
"""Verdicts of claims that runs answer."""


@dataclass(frozen=True)
class Claim:
    """One claim of the public debate.

    Attributes
    ----------
    id, topic, claim : name, subject and what is claimed, in our words.
    quantity, unit, period : what it is measured in and when.
    low, high : the claimed range; ``None`` where only a sign or a shape is claimed.
    kind : one kind of answer (``start-value``, ``arithmetic``, ``level``, ``policy-effect``, ``scenario-effect``,
        ``mechanism``, ``tail``, ``rule``, ``decomposition``); a claim filed under two kinds appears once for each.
    known : what is known to be fact, with its publisher.
    source_title : title of the article that makes the claim.
    """

    id: str
    topic: str
    claim: str
    quantity: str
    unit: str
    period: str
    kind: str
    low: float | None = None
    high: float | None = None
    known: str = ""
    source_title: str = ""


@dataclass(frozen=True)
class Effort:
    """How much is run for an answer.

    Attributes
    ----------
    seeds : paired runs for each arm.
    workers : processes.
    quick : whether the reader asked for a first look.
    """

    seeds: int
    workers: int = 1
    quick: bool = False


@dataclass(frozen=True)
class Answer:
    """What figures or runs say of a claim.

    Attributes
    ----------
    claim : the claim.
    verdict : one of :data:`FACT_VERDICTS` or :data:`MODEL_VERDICTS`, computed, never written by hand.
    model, low, high : the answer's figure with its 95% interval, in ``unit``; ``None`` where there is none.
    unit : of the figure.
    probability : of the claimed range or event, where the answer is one.
    why : one sentence.
    runs : model runs behind the answer.
    table : rows of the full explanation (label, figure, low, high, unit); figures may be ``None``.
    notes : further sentences of the full explanation: experiment, seeds, publishers, limits.
    paths : lines for the answer's picture by name: (x, y) each; empty where a bar of ``table`` says it.
    """

    claim: Claim
    verdict: str
    why: str
    unit: str = ""
    model: float | None = None
    low: float | None = None
    high: float | None = None
    probability: float | None = None
    runs: int = 0
    table: tuple[tuple[str, float | None, float | None, float | None, str], ...] = ()
    notes: tuple[str, ...] = ()
    paths: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)
