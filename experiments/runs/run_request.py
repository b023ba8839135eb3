"""A run as it was asked for: checked, and carried out."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.runs.run_folder import check_output_folder, numbered_folders, occupied
from itcho.experiments.runs.run_spec import OPTION, RunSpec
from itcho.model.sizes import Limits

if TYPE_CHECKING:
    from itcho.experiments.runs.rules_file import RulesFile
    from itcho.model.economy import JapanEconomy
    from itcho.model.parameters import Parameters
    from itcho.model.policies import Policy
    from itcho.model.scenarios import Scenario

WORLD_FILE = "world.json"
"""The file of a run's folder that holds its inputs by content; see ``itcho.model.kept_world``."""
NO_PROGRAMME = "none"
"""The policy of the twin: the same world without the programme."""
LEAST_PAIRS, MOST_PAIRS = 2, 10_000
"""Fewer pairs have no band; more are the work of a study, which keeps them and can be stopped and taken up again."""
PAIRS_LIMITS = Limits(LEAST_PAIRS, MOST_PAIRS, "a first look is made for")


@dataclass(frozen=True)
class RunRequest(RunSpec):
    """What `itcho run` was asked for, before anything is checked.

    Attributes
    ----------
    overrides : ``name=value`` texts, over ``parameters``.
    out : the run's folder; ``None`` for the first free one under ``runs/``.
    asked : the command that asked for it, if it is not the one that the other fields spell out.
    pairs : worlds with and without the programme that are run first, under seeds 1 to that, to find the typical one;
        zero for none: the seed says which world.
    rules : files with rules of the user's own, which are imported already.
    """

    overrides: tuple[str, ...] = ()
    out: Path | None = None
    asked: str = ""
    pairs: int = 0
    rules: tuple[RulesFile, ...] = ()

    def resolved_policy(self) -> Policy:
        """The policy itself, which a run's folder can keep.

        Raises
        ------
        InputError : it is unknown, its file has mistakes, or it cannot be kept.
        """
        from itcho.model.policies.content import require_kept

        found = super().resolved_policy()
        require_kept(found)
        return found

    def resolved_parameters(self) -> Parameters:
        """The registry with the values that differ.

        Raises
        ------
        InputError : texts that are no ``name=value``, unknown names, values out of bounds.
        """
        from itcho.model.parameters import Parameters

        mistakes, given = Mistakes(), dict[str, float]()
        for text in self.overrides:
            with mistakes.caught():
                name, value = parse_override(text)
                if name in given:
                    raise InputError(f"--set {name} is given twice: {given[name]:g} and {value:g}")
                given[name] = value
        parameters = Parameters()
        with mistakes.caught():
            parameters = parameters.replaced_by({**self.parameters, **given})
        mistakes.raise_if_any()
        return parameters

    def checked_parameters(self, *, check_folder: bool = True) -> Parameters:
        """Check everything (the output folder only with ``check_folder``) and return the parameters to run with.

        Raises
        ------
        InputError : listing all mistakes at once.
        """
        mistakes = Mistakes()
        for message in self.mistakes(OPTION):
            mistakes.add(message)
        if self.pairs and (wrong := PAIRS_LIMITS.mistake(f"{OPTION}pairs", self.pairs)):
            mistakes.add(wrong)
        with mistakes.caught():
            if check_folder:
                check_output_folder(self.out if self.out is not None else self.default_folder(self.policy))
        mistakes.raise_if_any()
        return self.resolved_parameters()

    def default_folder(self, policy: str | Policy) -> Path:
        """The first free folder under ``runs/``, wherever scenario and policy were read from."""
        stem = Path("runs") / f"{_short_name(self.scenario)}-{_short_name(policy)}-seed{self.seed}"
        return next(folder for folder in numbered_folders(stem) if not occupied(folder))

    def command(self) -> str:
        """The command that asks for this run, every option spelled out; what its files hold is not part of it."""
        if self.asked:
            return self.asked
        words = ["itcho", "run", _told(self.scenario)]
        which = "pairs" if self.pairs else "seed"
        for option in ("policy", "start", which, "years", "investors", "importers", "adopters"):
            words += [f"--{option}", _told(getattr(self, option))]
        for override in self.overrides:
            words += ["--set", override]
        for file in self.rules:
            words += ["--rules", file.path.name]
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
    spec: RunSpec,
    policy: str | Policy,
    parameters: Parameters,
    advance: Callable[[], None] = lambda: None,
    keep_decisions: bool = False,
) -> JapanEconomy:
    """Build and run one economy; ``advance`` is called after each month."""
    economy = spec.economy(policy, parameters, keep_decisions=keep_decisions)
    economy.run(years=spec.years, on_month=lambda *_: advance())
    return economy
