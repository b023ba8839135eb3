"""A kept run as a request: its inputs by content, read from its own folder and from nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from itcho.agents.behaviours import behaviours_of
from itcho.agents.errors import InputError
from itcho.experiments.runs.rules_file import RulesFile
from itcho.experiments.runs.run_folder import MANIFEST, read_manifest
from itcho.experiments.runs.run_request import WORLD_FILE, RunRequest
from itcho.model.world_layout import KeptWorld


@dataclass(frozen=True)
class KeptRun:
    """What the folder of a run says of how it was made.

    Attributes
    ----------
    request : the run, with the kept policy, scenario, start state and parameters.
    world : as ``itcho.model.world_file`` reads it.
    with_twin : whether the folder holds the twin without the programme.
    """

    request: RunRequest
    world: KeptWorld
    with_twin: bool


def kept_run(folder: Path, out: Path | None = None, rules: tuple[RulesFile, ...] = ()) -> KeptRun:
    """Read how the run of a folder was made.

    Parameters
    ----------
    folder : of a finished run.
    out : where the run goes if it is made again; ``None`` for the first free folder under ``runs/``.
    rules : files with rules of the user's own that were imported for it.

    Raises
    ------
    InputError : it is no run's folder, its kept inputs changed, or they are not what a run can hold.
    """
    from itcho.model.kept_world import arguments_of
    from itcho.model.world_file import read_world

    manifest = read_manifest(folder)
    _require_same_rules(folder, manifest.get("rules", []), rules)
    file = folder / WORLD_FILE
    if not file.is_file():
        raise InputError(f"{folder} keeps no inputs: {WORLD_FILE} is missing beside its {MANIFEST}")
    world = read_world(file)
    given = arguments_of(world, str(file))
    switches = {
        "without": given["without"] != [],
        "noise": not given["noise"],
        "dated_events": not given["dated_events"],
        "shocks": given["shocks"] != (),
    }
    switched = [name for name, other in switches.items() if other]
    if switched:
        raise InputError(f"{file} was kept with {', '.join(switched)} changed: come back to it by JapanEconomy.load")
    request = RunRequest(
        scenario=given["scenario"],
        policy=given["policy"],
        start=given["start"],
        seed=given["rng"],
        years=int(world["months"]) // 12,
        investors=given["investors"],
        importers=given["importers"],
        adopters=given["adopters"],
        overrides=tuple(
            f"{name}={value!r}" for name, value in given["parameters"].items() if name in given["parameters"].given
        ),
        full_edges=given["member_edges"],
        out=out,
        asked=str(manifest.get("asked", "")),
        rules=rules,
        behaviours=behaviours_of([file.module for file in rules]),
        pairs=int((manifest.get("ensemble") or {"pairs": 0})["pairs"]),
    )
    return KeptRun(request, world, bool(manifest.get("twin", False)))


def _require_same_rules(folder: Path, kept: list[dict[str, str]], given: tuple[RulesFile, ...]) -> None:
    """Refuse to go on without the rules of a run, or with others: code that is kept is only run where it is named."""
    sums = {file.sha256 for file in given}
    missing = [one for one in kept if one["sha256"] not in sums]
    if missing:
        names = " ".join(f"--rules {folder / one['file']}" for one in missing)
        raise InputError(f"{folder} was made with rules of its own, whose code is run only if you name it: add {names}")
    extra = sums - {one["sha256"] for one in kept}
    if extra:
        names = ", ".join(str(file.path) for file in given if file.sha256 in extra)
        raise InputError(f"{folder} was made without {names}, or with another text of it")
