"""A run as it was asked for: checked, and carried out."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from itcho.agents.errors import InputError
from itcho.experiments.cli_errors import Mistakes
from itcho.experiments.run_folder import check_output_folder, numbered_folders, occupied
from itcho.experiments.typical_world import default_seed

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy
    from itcho.model.parameters import Parameters
    from itcho.model.policies import Policy
    from itcho.model.scenarios import Scenario
    from itcho.model.start_states import StartState

WORLD_FILE = "world.json"
"""The file of a run's folder that holds its inputs by content; see ``itcho.model.kept_world``."""
NO_PROGRAMME = "none"
"""The policy of the twin: the same world without the programme."""


@dataclass(frozen=True)
class RunRequest:
    """What a user asked for, before anything is checked.

    Attributes
    ----------
    scenario, policy, start : names, files, or the things themselves.
    seed, years, investors, importers, adopters : as in ``JapanEconomy``.
    overrides : ``name=value`` texts.
    full_edges : whether ``edges.csv`` names anonymous members.
    out : the run's folder; ``None`` for the first free one under ``runs/``.
    asked : the command that asked for it, if it is not the one that the other fields spell out.
    """

    scenario: str | Scenario = "baseline"
    policy: str | Policy = "actual"
    start: str | StartState = "2026-03-31"
    seed: int = field(default_factory=default_seed)
    years: int = 10
    investors: int = 2000
    importers: int = 300
    adopters: int = 1000
    overrides: tuple[str, ...] = ()
    full_edges: bool = False
    out: Path | None = None
    asked: str = ""

    def checked_parameters(self, *, check_folder: bool = True) -> Parameters:
        """Check everything (the output folder only with ``check_folder``) and return the parameters to run with.

        Raises
        ------
        InputError : listing all mistakes at once.
        """
        from itcho.model.parameters import Parameters
        from itcho.model.policies import policy
        from itcho.model.policies.content import require_kept
        from itcho.model.scenarios import scenario
        from itcho.model.sizes import LARGEST, LONGEST_YEARS
        from itcho.model.start_states import load

        mistakes = Mistakes()
        checks: tuple[Callable[[], object], ...] = (
            lambda: scenario(self.scenario),
            lambda: require_kept(policy(self.policy)),
            lambda: load(self.start),
        )
        for check in checks:
            with mistakes.caught():
                check()
        for option in ("years", "investors", "importers", "adopters"):
            if getattr(self, option) < 1:
                mistakes.add(f"--{option} = {getattr(self, option)} must be at least 1")
        for option, most in ({"years": LONGEST_YEARS} | LARGEST).items():
            if getattr(self, option) > most:
                mistakes.add(
                    f"--{option} = {getattr(self, option)} is beyond what the model is made for: at most {most}"
                )
        if self.seed < 0:
            mistakes.add(f"--seed = {self.seed} must not be negative")
        parameters = Parameters()
        overrides: dict[str, float] = {}
        for text in self.overrides:
            with mistakes.caught():
                name, value = parse_override(text)
                overrides[name] = value
        with mistakes.caught():
            parameters = parameters.replace(**overrides)
        with mistakes.caught():
            if check_folder:
                check_output_folder(self.out if self.out is not None else self.default_folder(self.policy))
        mistakes.raise_if_any()
        return parameters

    def default_folder(self, policy: str | Policy) -> Path:
        """The first free folder under ``runs/``, wherever scenario and policy were read from."""
        stem = Path("runs") / f"{_short_name(self.scenario)}-{_short_name(policy)}-seed{self.seed}"
        return next(folder for folder in numbered_folders(stem) if not occupied(folder))

    def command(self) -> str:
        """The command that asks for this run, every option spelled out; what its files hold is not part of it."""
        if self.asked:
            return self.asked
        words = ["itcho", "run", _told(self.scenario)]
        for option in ("policy", "start", "seed", "years", "investors", "importers", "adopters"):
            words += [f"--{option}", _told(getattr(self, option))]
        for override in self.overrides:
            words += ["--set", override]
        return shlex.join([*words, *(["--edges", "full"] if self.full_edges else [])])


def _told(given: object) -> str:
    """How a command names what was given."""
    return str(getattr(given, "name", given))


def _short_name(given: str | Scenario | Policy) -> str:
    """The name of a scenario or policy as part of a folder's name: of a file, its stem."""
    if not isinstance(given, str):
        return given.name
    # The kept file of a run has the same name in every run: what tells runs apart is their folder.
    path = Path(given)
    return path.absolute().parent.name if path.name == WORLD_FILE else path.stem


def parse_override(text: str) -> tuple[str, float]:
    """Read ``name=value``.

    Raises
    ------
    InputError : no equals sign, or the value is not a finite number.

    Examples
    --------
    >>> parse_override("okun_coefficient = 0.2")
    ('okun_coefficient', 0.2)
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not equals or not name or not math.isfinite(number):
        raise InputError(f"--set {text}: write NAME=VALUE with a number, such as --set okun_coefficient=0.2")
    return name, number


def run_economy(
    request: RunRequest, policy: str | Policy, parameters: Parameters, advance: Callable[[], None] = lambda: None
) -> JapanEconomy:
    """Build and run one economy; ``advance`` is called after each month."""
    from itcho.model.economy import JapanEconomy

    economy = JapanEconomy(
        scenario=request.scenario,
        policy=policy,
        start=request.start,
        rng=request.seed,
        investors=request.investors,
        importers=request.importers,
        adopters=request.adopters,
        parameters=parameters,
        member_edges=request.full_edges,
    )
    economy.run(years=request.years, on_month=lambda *_: advance())
    return economy
