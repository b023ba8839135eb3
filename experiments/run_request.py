"""A run as it was asked for: checked, and carried out."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from itcho.agents.errors import InputError
from itcho.experiments.cli_errors import Mistakes
from itcho.experiments.run_folder import check_output_folder, numbered_folders, occupied

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy
    from itcho.model.parameters import Parameters

NO_PROGRAMME = "none"
"""The policy of the twin: the same world without the programme."""


@dataclass(frozen=True)
class RunRequest:
    """What a user asked for, before anything is checked.

    Attributes
    ----------
    scenario, policy, start : names, or files where a file can be given.
    seed, years, investors, importers, adopters : as in ``JapanEconomy``.
    overrides : ``name=value`` texts.
    full_edges : whether ``edges.csv`` names anonymous members.
    out : the run's folder; ``None`` for the first free one under ``runs/``.
    """

    scenario: str = "baseline"
    policy: str = "actual"
    start: str = "2026-03-31"
    seed: int = 1
    years: int = 10
    investors: int = 2000
    importers: int = 300
    adopters: int = 1000
    overrides: tuple[str, ...] = ()
    full_edges: bool = False
    out: Path | None = None

    def checked_parameters(self, *, check_folder: bool = True) -> Parameters:
        """Check everything (the output folder only with ``check_folder``) and return the parameters to run with.

        Raises
        ------
        InputError : listing all mistakes at once.
        """
        from itcho.model.parameters import Parameters
        from itcho.model.policies import policy
        from itcho.model.scenarios import scenario
        from itcho.model.sizes import LONGEST_YEARS
        from itcho.model.start_states import load

        mistakes = Mistakes()
        for check, given in ((scenario, self.scenario), (policy, self.policy), (load, self.start)):
            with mistakes.caught():
                check(given)
        for option in ("years", "investors", "importers", "adopters"):
            if getattr(self, option) < 1:
                mistakes.add(f"--{option} = {getattr(self, option)} must be at least 1")
        if self.years > LONGEST_YEARS:
            mistakes.add(f"--years = {self.years} is beyond what the model is made for: at most {LONGEST_YEARS}")
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

    def default_folder(self, policy: str) -> Path:
        """The first free folder under ``runs/``."""
        stem = Path("runs") / f"{self.scenario}-{Path(policy).stem}-seed{self.seed}"
        return next(folder for folder in numbered_folders(stem) if not occupied(folder))

    def command(self) -> str:
        """The command that makes the same run again, every option spelled out."""
        words = ["itcho", "run", self.scenario]
        for option in ("policy", "start", "seed", "years", "investors", "importers", "adopters"):
            words += [f"--{option}", str(getattr(self, option))]
        for override in self.overrides:
            words += ["--set", override]
        return shlex.join([*words, *(["--edges", "full"] if self.full_edges else [])])


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
    request: RunRequest, policy: str, parameters: Parameters, advance: Callable[[], None] = lambda: None
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
