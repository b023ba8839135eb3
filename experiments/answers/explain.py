"""Why a policy does what it does: its effect split over channels and over its rules.

The effect of a pair of runs, policy less baseline in the same world, is taken with every coalition of channels on that
a walk passes, the others off **in both arms**; all pairs of a world share their seed.  Each channel's part is its
Shapley share over the walks of :mod:`itcho.experiments.answers.shapley`; what is left with all channels off is a part
of its own, so the parts of every world add up to its effect.  The rules are split in the same way: a policy takes over
the baseline's rules slot by slot, with all channels on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from itcho.agents.errors import InputError
from itcho.agents.rules.monetary_targets import ConstantRate
from itcho.agents.rules.rule import SLOTS
from itcho.experiments.answers.channels import CHANNELS, DIRECT, Channel, at_work
from itcho.experiments.answers.shapley import Coalition, Order, coalitions, orders, shapley_parts
from itcho.experiments.answers.words import Words, figure
from itcho.experiments.progress import progress
from itcho.experiments.studies.compare import plain
from itcho.experiments.studies.design import Cell, run_cell
from itcho.experiments.studies.engine import Crew, Engine, Failure
from itcho.experiments.studies.statistics import t_interval
from itcho.experiments.studies.store import CellResult, CellStore, Collapse
from itcho.experiments.studies.study import OutcomePick
from itcho.model.policies import Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_ORDERS_SEED = 20260331
"""Of the walks: the same question is always answered by the same runs."""


@dataclass(frozen=True)
class Question:
    """What is to be explained.

    Attributes
    ----------
    template : a cell with scenario, policy, years, sizes and start.
    baseline : what the policy is held against.
    pick : the outcome.
    seeds : of the worlds.
    pairs : of a walk and its reverse in each world.
    channels : names out of ``CHANNELS``; those that do nothing in the scenario are left out.
    """

    template: Cell
    baseline: Policy
    pick: OutcomePick
    seeds: tuple[int, ...]
    pairs: int = 1
    channels: tuple[str, ...] = tuple(CHANNELS)

    @property
    def players(self) -> tuple[str, ...]:
        """The channels that are switched: a rule of the policy's own on the rate is no channel but a rule."""
        same_rate = _slot_content(self.template.policy, "monetary") == _slot_content(self.baseline, "monetary")
        working = at_work(self.template.scenario)
        return tuple(
            name for name in self.channels if name in working and (same_rate or not CHANNELS[name].rate_stands_still)
        )

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots in which policy and baseline differ."""
        policy = self.template.policy
        return tuple(slot for slot in SLOTS if _slot_content(policy, slot) != _slot_content(self.baseline, slot))


@dataclass(frozen=True)
class Part:
    """A channel's or a rule's part of an effect.

    Attributes
    ----------
    channel : its name; ``direct`` is what is left with all channels off.
    share : mean over worlds, in the outcome's unit.
    low, high : Student's interval over worlds; NaN with one world.
    """

    channel: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Explanation:
    """An effect and its parts.

    Attributes
    ----------
    effect : mean over worlds, in the outcome's unit; ``low`` and ``high`` its Student's interval.
    parts : channels in their order, then what is left without them; they add up to the effect.
    slots : the same effect over the rules in which policy and baseline differ; empty where none does.
    residual : effect less the sum of the parts: rounding.
    dropped : worlds left out because a run of theirs collapsed.
    """

    question: Question
    effect: float
    low: float
    high: float
    parts: tuple[Part, ...]
    slots: tuple[Part, ...]
    residual: float
    dropped: int

    @property
    def worlds(self) -> int:
        """Worlds that are explained."""
        return len(self.question.seeds) - self.dropped


def _slot_content(policy: Policy, slot: str) -> tuple[object, ...]:
    return (policy.rule(slot), *(change for change in policy.changes if change.slot == slot))


def with_slots_of(baseline: Policy, policy: Policy, slots: Iterable[str]) -> Policy:
    """The baseline with the policy's rules, dated ones too, in some slots."""
    taken = set(slots)
    changes = [change for change in baseline.changes if change.slot not in taken]
    changes += [change for change in policy.changes if change.slot in taken]
    mixed = baseline.with_rules({slot: policy.rule(slot) for slot in taken})
    return dataclasses.replace(mixed, changes=tuple(changes))


def switched_off(cell: Cell, channels: Iterable[Channel]) -> Cell:
    """The same run with channels off."""
    overrides, without, policy = dict(cell.overrides), set(cell.without), cell.policy
    for channel in channels:
        overrides |= channel.parameters
        without |= {channel.without} if channel.without else set()
        if channel.rate_stands_still:
            changes = tuple(change for change in policy.changes if change.slot != "monetary")
            policy = dataclasses.replace(policy.with_rules({"monetary": ConstantRate()}), changes=changes)
    return dataclasses.replace(
        cell, policy=policy, overrides=tuple(sorted(overrides.items())), without=tuple(sorted(without))
    )


class _World:
    """One seed: its walks, the cells they need, and what the runs give."""

    def __init__(self, question: Question, seed: int) -> None:
        self.question, self.seed = question, seed
        rng = np.random.default_rng([_ORDERS_SEED, seed])
        self.walks = orders(question.players, question.pairs, rng)
        self.slot_walks = orders(question.slots, question.pairs, rng) if question.slots else []

    def arms(self, on: Coalition) -> tuple[Cell, Cell]:
        """Policy and baseline with some channels on."""
        question = self.question
        off = [CHANNELS[name] for name in question.players if name not in on]
        cell = dataclasses.replace(question.template, seed=self.seed)
        return switched_off(cell, off), switched_off(dataclasses.replace(cell, policy=question.baseline), off)

    def mixed(self, slots: Coalition) -> tuple[Cell, Cell]:
        """The baseline with some of the policy's rules, and the baseline."""
        question = self.question
        cell = dataclasses.replace(question.template, seed=self.seed)
        policy = with_slots_of(question.baseline, question.template.policy, slots)
        return dataclasses.replace(cell, policy=policy), dataclasses.replace(cell, policy=question.baseline)

    def cells(self) -> list[Cell]:
        """All runs of the world."""
        found = [cell for walk in self.walks for on in coalitions(walk) for cell in self.arms(on)]
        return found + [cell for walk in self.slot_walks for on in coalitions(walk) for cell in self.mixed(on)]

    def parts(self, level: Callable[[Cell], float]) -> tuple[float, dict[str, float], dict[str, float]]:
        """Effect, parts of the channels with the direct one, parts of the rules."""

        def difference(pair: tuple[Cell, Cell]) -> float:
            return level(pair[0]) - level(pair[1])

        everybody = difference(self.arms(frozenset(self.question.players)))
        nobody = difference(self.arms(frozenset()))
        over_channels = _parts(self.walks, lambda on: difference(self.arms(on)))
        over_rules = _parts(self.slot_walks, lambda on: difference(self.mixed(on)))
        return everybody, over_channels | {DIRECT: nobody}, over_rules


def _parts(walks: Sequence[Order], worth: Callable[[Coalition], float]) -> dict[str, float]:
    known: dict[Coalition, float] = {}

    def once(on: Coalition) -> float:
        if on not in known:
            known[on] = worth(on)
        return known[on]

    return shapley_parts(walks, once) if walks else {}


def explain(
    question: Question,
    store: CellStore,
    engine: Engine,
    work: Callable[[Cell], CellResult | Collapse] = run_cell,
) -> Explanation:
    """Split the effect; runs that the store holds are not made again.

    Raises
    ------
    InputError : a run failed, or in every world one collapsed.
    StoreError : the store cannot be written or another process runs cells into it.
    """
    worlds = [_World(question, seed) for seed in question.seeds]
    _run_missing([cell for world in worlds for cell in world.cells()], store, engine, work)
    collapsed = store.collapses().keys()
    whole = [world for world in worlds if not any(cell.key in collapsed for cell in world.cells())]
    if not whole:
        raise InputError("there is nothing to explain: in every world a run collapsed with some channels off")
    read: dict[str, float] = {}

    def level(cell: Cell) -> float:
        if cell.key not in read:
            read[cell.key] = question.pick.of(store.read(cell.key))
        return read[cell.key]

    found = [world.parts(level) for world in whole]
    effects = np.array([effect for effect, _, _ in found])
    parts = _summed((*question.players, DIRECT), [parts for _, parts, _ in found])
    slots = _summed(question.slots, [parts for _, _, parts in found])
    effect = float(effects.mean())
    low, high = t_interval(effects)
    residual = effect - sum(part.share for part in parts)
    return Explanation(question, effect, low, high, parts, slots, residual, len(worlds) - len(whole))


def _summed(names: Sequence[str], worlds: Sequence[dict[str, float]]) -> tuple[Part, ...]:
    return tuple(
        Part(name, float(values.mean()), *t_interval(values))
        for name in names
        for values in [np.array([world[name] for world in worlds])]
    )


def _run_missing(
    cells: Sequence[Cell], store: CellStore, engine: Engine, work: Callable[[Cell], CellResult | Collapse]
) -> None:
    settled = store.keys() | store.collapses().keys()
    missing = {cell.key: cell for cell in cells if cell.key not in settled}
    if not missing:
        return
    failed: list[str] = []
    with (
        store.locked(),
        progress(f"{len(missing)} runs", len(missing)) as advance,
        Crew(engine, work) as crew,
    ):

        def keep(cell: Cell, outcome: CellResult | Collapse | Failure) -> None:
            if isinstance(outcome, Failure):
                off = ", ".join([*cell.without, *(name for name, _ in cell.overrides)])
                failed.append(f"seed {cell.seed} without {off or 'anything'}: {outcome.error}")
            elif isinstance(outcome, Collapse):
                store.write_collapse(cell.key, outcome)
            else:
                store.write(cell.key, outcome)
            advance()

        crew.run(missing.values(), keep)
    if failed:
        raise InputError(failed)


def explanation_record(found: Explanation) -> dict[str, Any]:
    """The explanation as JSON can hold it."""
    question = found.question
    return {
        "outcome": question.pick.text,
        "effect": found.effect,
        "low": plain(found.low),
        "high": plain(found.high),
        "parts": [_part_record(part) for part in found.parts],
        "residual": found.residual,
        "slots": [_part_record(part) for part in found.slots],
        "policy": question.template.policy.name,
        "baseline": question.baseline.name,
        "scenario": question.template.scenario.name,
        "years": question.template.years,
        "seeds": list(question.seeds),
        "dropped": found.dropped,
    }


def _part_record(part: Part) -> dict[str, Any]:
    return {name: plain(value) for name, value in asdict(part).items()}


def in_words(found: Explanation, say: Words) -> list[str]:
    """The explanation in sentences: the effect, what carries it, what works against it, what cannot be told."""
    question = found.question
    policy = say.named("policy", question.template.policy.name, question.template.policy.label)
    outcome, unit = say.outcome(question.pick.name), say.unit(question.pick.name)
    if not any(part.share for part in found.parts):
        return [say("explain_nothing", policy=policy, outcome=outcome, worlds=found.worlds)]
    lines = [
        say(
            "explain_effect",
            policy=policy,
            outcome=outcome,
            effect=_signed(found.effect),
            ends=_ends(found.low, found.high, say),
            unit=unit,
            worlds=found.worlds,
        )
    ]
    known = [part for part in found.parts if part.low > 0.0 or part.high < 0.0]
    for key, sign in (("explain_carried", 1.0), ("explain_against", -1.0)):
        chosen = [part for part in known if sign * part.share * (1.0 if found.effect >= 0.0 else -1.0) > 0.0]
        ranked = sorted(chosen, key=lambda part: -abs(part.share))
        if ranked:
            items = [_item("channel", part, say) for part in ranked]
            lines.append(say(key, items=say.listed(items)))
    unknown = [say(f"channel:{part.channel}") for part in found.parts if part not in known and part.share != 0.0]
    if unknown:
        lines.append(say("explain_unknown", items=say.listed(unknown)))
    if len(found.slots) > 1:
        items = [_item("slot", part, say) for part in found.slots]
        lines.append(say("explain_rules", items=say.listed(items)))
    return lines


def _item(kind: str, part: Part, say: Words) -> str:
    return say("explain_item", channel=say(f"{kind}:{part.channel}"), part=_signed(part.share))


def _signed(value: float) -> str:
    return figure(value, signed=True, digits=2)


def _ends(low: float, high: float, say: Words) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return say("no_interval")
    return say("interval", low=_signed(low), high=_signed(high))
