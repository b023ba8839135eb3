"""How the file of a saved economy is laid out: its parts and what stands in each."""

from __future__ import annotations

from typing import NotRequired, TypeAlias, TypedDict

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold."""


class KeptChoices(TypedDict):
    """Sizes and switches."""

    years: int
    investors: int
    importers: int
    adopters: int
    without: list[str]
    noise: bool
    dated_events: bool
    member_edges: bool


class KeptSettings(KeptChoices):
    """Sizes, switches, seed, and the parameters that were chosen whatever the start state says."""

    seed: int
    given: list[str]


class KeptRule(TypedDict):
    """A rule by its name and settings; ``module`` is where its code is, if that is not this package."""

    rule: str
    settings: dict[str, Json]
    module: NotRequired[str]


class KeptChange(TypedDict):
    """A rule that holds in a slot for a time; months as text."""

    slot: str
    first: str
    last: str | None
    rule: KeptRule


class KeptPolicy(TypedDict):
    """A policy; rules by slot."""

    name: str
    label: str
    description: str
    rules: dict[str, KeptRule]
    changes: list[KeptChange]


class KeptEpisode(TypedDict):
    """An episode of a scenario; calendar months as text."""

    first_month: int
    months: int
    path: dict[str, float]
    ramp_months: int
    fade_months: int
    first: str | None
    last: str | None


class KeptScenario(TypedDict):
    """A scenario."""

    name: str
    label: str
    description: str
    evidence: str
    episodes: list[KeptEpisode]
    credibility: bool


class KeptStart(TypedDict):
    """The tables of a start state, a tuple a row (JSON makes it a list).

    ``stocks`` are party, instrument and trillion yen, without cells of zero; ``flows`` are flow, payer, payee, trillion
    yen, basis and publisher; ``facts`` name, value, unit and publisher; ``events`` date, event, value, unit and
    publisher; ``constants`` name, value, low, high (null where nobody has said), unit, basis and publisher.
    """

    name: str
    date: str
    stocks: list[tuple[str, str, float]]
    flows: list[tuple[str, str, str, float, str, str]]
    facts: list[tuple[str, float, str, str]]
    events: list[tuple[str, str, float, str, str]]
    constants: list[tuple[str, float, float | None, float | None, str, str, str]]


class KeptShock(TypedDict):
    """A shock by its class and settings."""

    shock: str
    module: str
    settings: dict[str, Json]


class KeptGraph(TypedDict):
    """What a user did to the graph.

    ``nodes`` (name, label, tier, whether domestic, size) and ``edges`` (source, target, kind, share) of a graph of the
    user's own, None for the one that is drawn; ``rewirings`` by the number of months run before each.
    """

    nodes: list[tuple[str, str, str, bool, float]] | None
    edges: list[tuple[str, str, str, float]] | None
    rewirings: list[tuple[int, dict[str, Json]]]


class KeptState(TypedDict):
    """What an economy had come to in the month in which it was kept."""

    digests: dict[str, str]
    outcomes: dict[str, Json]


class KeptParts(TypedDict):
    """What determines a world."""

    settings: KeptSettings
    policy: KeptPolicy
    scenario: KeptScenario
    start: KeptStart
    parameters: dict[str, float]
    shocks: list[KeptShock]
    graph: KeptGraph


class KeptWorld(KeptParts):
    """A saved economy: what determines its world, with a sum of each part, and what it had come to.

    ``made_with`` are versions of what computes.
    """

    format: int
    model_version: int
    made_with: dict[str, str]
    months: int
    sha256: dict[str, str]
    state: KeptState
