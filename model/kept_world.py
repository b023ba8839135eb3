"""An economy by content: everything that determines a world, as data, and the world built from it again.

What is kept is the policy, the scenario and the start state themselves and not their names, all parameters, shocks,
sizes, seed and switches, with sums of each, and a digest of the state in the month in which it was kept.  Coming back
is running again to that month; the digest proves that it is the same world.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import networkx as nx
import numpy as np

from itcho.agents.errors import InputError
from itcho.agents.lazy_agent_set import Column
from itcho.model.chips.rewiring import rewiring_from
from itcho.model.disturbances import Shock, kept_shock_kinds
from itcho.model.parameters import Parameters
from itcho.model.parameters.registry import registry
from itcho.model.policies import Policy
from itcho.model.policies.content import policy_content, policy_from
from itcho.model.scenarios import Scenario
from itcho.model.scenarios.content import scenario_content, scenario_from
from itcho.model.start_states.content import content_of, state_from
from itcho.model.start_states.start_state import StartState
from itcho.model.version import MODEL_VERSION
from itcho.model.world_file import FORMAT, plain, plain_values, read_world, sum_of, sums_of, write_world
from itcho.model.world_layout import Json, KeptChoices, KeptGraph, KeptParts, KeptSettings, KeptShock, KeptWorld

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy

_MOST_TOLD = 3

Found = TypeVar("Found")
EconomyT = TypeVar("EconomyT", bound="JapanEconomy")


class Arguments(KeptChoices):
    """Arguments of ``JapanEconomy`` that build a kept world."""

    rng: int
    policy: Policy
    scenario: Scenario
    start: StartState
    parameters: Parameters
    shocks: tuple[Shock, ...]
    graph: nx.MultiDiGraph | None


def world_of(economy: JapanEconomy) -> KeptWorld:
    """Everything that determines the world of ``economy``, and a digest of the month in which it stands.

    Returns
    -------
    ``format``, ``model_version``, ``made_with`` (versions of what computes), ``months``, the parts of
    :data:`itcho.model.world_file.PARTS`, their sums under ``sha256``, and ``state``: :func:`state_digests` and
    outcomes.

    Raises
    ------
    InputError : listing everything that has no content that could be kept.
    """
    mistakes: list[str] = []
    parts: KeptParts = {
        "settings": _settings(economy),
        "policy": policy_content(economy.policy, mistakes),
        "scenario": scenario_content(economy.scenario),
        "start": content_of(economy.start_state),
        "parameters": dict(economy.chosen_parameters),
        "shocks": [_shock_content(shock, mistakes) for shock in economy.shocks],
        "graph": _graph_content(economy),
    }
    if {name: economy.parameters.definition(name) for name in economy.parameters} != registry():
        mistakes.append("parameters with definitions of your own cannot be kept: change values by name")
    if economy.added_agents:
        mistakes.append(
            "an economy with added agents cannot be saved (their decisions are code): run it again to the month you "
            "want"
        )
    if mistakes:
        raise InputError(mistakes)
    return {
        "format": FORMAT,
        "model_version": MODEL_VERSION,
        "made_with": _made_with(),
        "months": len(economy.ledger.history),
        **parts,
        "sha256": sums_of(parts),
        "state": {"digests": state_digests(economy), "outcomes": _outcomes(economy)},
    }


def save(economy: JapanEconomy, path: Path) -> None:
    """Write :func:`world_of` an economy as JSON, whole or not at all.

    Raises
    ------
    InputError : something of it cannot be kept (nothing is written then), or the disk refuses.
    """
    write_world(world_of(economy), path)


def load(kind: type[EconomyT], path: Path, *, checked: bool = True) -> EconomyT:
    """Build the economy of a file again and run it to the month in which it was kept.

    Parameters
    ----------
    kind : :class:`~itcho.model.economy.JapanEconomy` or a class derived from it.
    path : as :func:`save` wrote it; also ``world.json`` in a run's folder, or that folder.
    checked : prove that it is the same world.  Without it the same inputs run in this version, whatever comes of them.

    Raises
    ------
    InputError : the file is no saved economy, or what it keeps does not exist here; the world is another one.
    """
    file = path / "world.json" if path.is_dir() else path
    world = read_world(file)
    if checked:
        require_same_model(world, file)
    economy = kind(**arguments_of(world, str(file)))
    changes = [(month, rewiring_from(change)) for month, change in world["graph"]["rewirings"]]
    for month in range(int(world["months"]) + 1):
        for change in [change for at, change in changes if at == month]:
            economy.rewire(change.add, change.remove, change.swap, change.without)
        if month < int(world["months"]):
            economy.step()
    if checked:
        require_same_state(world, economy, str(file))
    return economy


def arguments_of(world: KeptWorld, where: str) -> Arguments:
    """The arguments of ``JapanEconomy`` that build the world of a file.

    Raises
    ------
    InputError : a rule, a shock, a parameter or a party does not exist in this version; all of them at once.
    """
    mistakes: list[str] = []

    def found(build: Callable[[], Found]) -> Found | None:
        try:
            return build()
        except InputError as error:
            mistakes.extend(error.messages)
            return None

    policy = found(lambda: policy_from(world["policy"], where))
    scenario = found(lambda: scenario_from(world["scenario"], where))
    start = found(lambda: state_from(world["start"], where))
    parameters = found(lambda: _parameters_from(world, where))
    shocks = found(lambda: tuple(_shock_from(one, where) for one in world["shocks"]))
    if policy is None or scenario is None or start is None or parameters is None or shocks is None:
        raise InputError(mistakes)
    settings = world["settings"]
    return {
        "rng": settings["seed"],
        "years": settings["years"],
        "investors": settings["investors"],
        "importers": settings["importers"],
        "adopters": settings["adopters"],
        "without": settings["without"],
        "noise": settings["noise"],
        "dated_events": settings["dated_events"],
        "member_edges": settings["member_edges"],
        "policy": policy,
        "scenario": scenario,
        "start": start,
        "parameters": parameters,
        "shocks": shocks,
        "graph": _graph_from(world["graph"]),
    }


def require_same_model(world: KeptWorld, where: object) -> None:
    """Refuse a file of another model version.  Raises InputError."""
    if world["model_version"] != MODEL_VERSION:
        raise InputError(
            f"{where} was kept by model version {world['model_version']} and this is {MODEL_VERSION}, whose results "
            "are others: install the version of itcho that made it, or run its inputs in this one with "
            "JapanEconomy.load(..., checked=False)"
        )


def require_same_state(world: KeptWorld, economy: JapanEconomy, where: object) -> None:
    """Hold the state of an economy that was run again against the digest that was kept.

    Raises
    ------
    InputError : they differ; says in what, by how much, and what it was made with.
    """
    kept, found = world["state"]["digests"], state_digests(economy)
    differing = [name for name in kept if kept[name] != found.get(name)]
    if not differing:
        return
    was, now = world["state"]["outcomes"], _outcomes(economy)
    gaps = {name: _relative_gap(was[name], now.get(name)) for name in was}
    largest = sorted((name for name, gap in gaps.items() if gap > 0.0), key=lambda name: -gaps[name])[:_MOST_TOLD]
    told = "; ".join(f"{name} was {was[name]!r}, is {now.get(name)!r}" for name in largest) or "outcomes are equal"
    before, here = world["made_with"], _made_with()
    other = [f"{name} {before.get(name)} → {here[name]}" for name in here if before.get(name) != here[name]]
    cause = (
        f"it was made with other versions ({', '.join(other)})"
        if other
        else "sources, a rule or a shock changed, or the economy was changed by hand between months"
    )
    raise InputError(
        f"{where}: the same inputs give another world: {', '.join(differing)} differ after {world['months']} months of "
        f"model version {MODEL_VERSION}; {told}; {cause}"
    )


def state_digests(economy: JapanEconomy) -> dict[str, str]:
    """SHA-256 of the ledger's positions, the public state, the outcomes, and of each population's columns."""
    digests = {
        "ledger": _digest_of_array(economy.ledger.positions),
        "public state": sum_of(plain(vars(economy.state))),
        "outcomes": sum_of(_outcomes(economy)),
    }
    for kind, population in economy.populations.items():
        found = hashlib.sha256()
        for name in sorted(population.arrays):
            found.update(f"{name}:{_digest_of_array(population.arrays[name])}\n".encode())
        digests[kind] = found.hexdigest()
    return digests


def _digest_of_array(array: Column) -> str:
    whole = np.ascontiguousarray(array)
    return hashlib.sha256(f"{whole.dtype.str}{whole.shape}".encode() + whole.tobytes()).hexdigest()


def _outcomes(economy: JapanEconomy) -> dict[str, Json]:
    return plain_values(economy.outcomes)


def _relative_gap(was: Json, now: Json) -> float:
    if not isinstance(was, float | int) or not isinstance(now, float | int):
        return 0.0 if was == now else math.inf
    return abs(now - was) / max(abs(was), abs(now)) if now != was else 0.0


def _made_with() -> dict[str, str]:
    """What decides on the last bits besides the inputs."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": version("numba"),
        "machine": platform.machine(),
    }


def _settings(economy: JapanEconomy) -> KeptSettings:
    return {
        "seed": economy.seed,
        "given": sorted(economy.chosen_parameters.given),
        "years": economy.years,
        "investors": len(economy.investors),
        "importers": len(economy.chip_importers),
        "adopters": len(economy.adopters),
        "without": sorted(economy.without),
        "noise": not economy.streams.noise_off,
        "dated_events": economy.dated_events,
        "member_edges": economy.ledger.keep_member_edges,
    }


def _graph_content(economy: JapanEconomy) -> KeptGraph:
    changes = [(month, change.to_json()) for month, change in economy.rewirings]
    given = economy.given_graph
    if given is None:
        return {"nodes": None, "edges": None, "rewirings": changes}
    return {
        "nodes": [
            (name, str(data["label"]), str(data["tier"]), bool(data["domestic"]), float(data.get("size", 0.0)))
            for name, data in given.nodes(data=True)
        ],
        "edges": [(*ends, float(share)) for *ends, share in given.edges(keys=True, data="share")],
        "rewirings": changes,
    }


def _graph_from(content: KeptGraph) -> nx.MultiDiGraph | None:
    if content["nodes"] is None or content["edges"] is None:
        return None
    graph = nx.MultiDiGraph()
    for name, label, tier, domestic, size in content["nodes"]:
        graph.add_node(name, name=name, label=label, tier=tier, domestic=domestic, **({"size": size} if size else {}))
    for source, target, kind, share in content["edges"]:
        graph.add_edge(source, target, kind, share=share)
    return graph


def _parameters_from(world: KeptParts, where: str) -> Parameters:
    content = world["parameters"]
    known = set(Parameters())
    gone, new = sorted(set(content) - known), sorted(known - set(content))
    if gone or new:
        parts = ([f"no longer there: {', '.join(gone)}"] if gone else []) + ([f"new: {', '.join(new)}"] if new else [])
        raise InputError(f"{where}: this version has other parameters ({'; '.join(parts)})")
    # The start state's own constants hold for all that nobody chose.
    return Parameters().replace(**content).with_given(world["settings"]["given"])


def _shock_content(shock: Shock, mistakes: list[str]) -> KeptShock:
    kind: type = type(shock)
    content: KeptShock = {"shock": kind.__qualname__, "module": kind.__module__, "settings": {}}
    called = getattr(shock, "name", kind.__qualname__)
    if kept_shock_kinds().get(kind.__qualname__) is not kind:
        mistakes.append(
            f"shock '{called}' ({kind.__module__}.{kind.__qualname__}) is code without a form that can be kept: make "
            "it a frozen dataclass of numbers and texts under itcho.model.disturbances.kept_shock"
        )
        return content
    try:
        content["settings"] = plain_values({one.name: getattr(shock, one.name) for one in dataclasses.fields(kind)})
        same = _shock_from(content, "") == shock
    except (InputError, TypeError, ValueError):
        same = False
    if not same:
        mistakes.append(f"shock '{called}' holds more than numbers and texts, so it cannot be kept")
    return content


def _shock_from(content: KeptShock, where: str) -> Shock:
    kind = kept_shock_kinds().get(content["shock"])
    if kind is None:
        raise InputError(
            f"{where}: shock '{content['shock']}' is not known in this process: import {content['module']} first"
        )
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in content["settings"].items()}
    try:
        made: Shock = kind(**values)
    except TypeError as error:
        raise InputError(f"{where}: shock '{content['shock']}' has other settings in this version: {error}") from None
    return made
