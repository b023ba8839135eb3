"""`itcho run`: check what was asked for, run it (and its twin without the programme), keep it and show it."""

from __future__ import annotations

import importlib.metadata
import json
import math
import platform
import shlex
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.errors import InputError
from experiments.cli_errors import Mistakes
from experiments.compile_ahead import ensure_compiled
from experiments.progress import progress
from experiments.run_folder import RunFolder, check_output_folder, numbered_folders, occupied
from experiments.side_process import beside
from experiments.version import itcho_version
from model.version import MODEL_VERSION

if TYPE_CHECKING:
    import pandas as pd

    from model.economy import JapanEconomy
    from model.parameters import Parameters

NO_PROGRAMME = "none"
LIBRARIES = ("mesa", "numpy", "scipy", "networkx", "pandas", "numba", "matplotlib")


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
        from model.parameters import Parameters
        from model.policies import policy
        from model.scenarios import scenario
        from model.sizes import LONGEST_YEARS
        from model.start_states import load

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


@dataclass(frozen=True)
class RunTables:
    """The tables of a finished run, under the names of their files."""

    monthly: pd.DataFrame
    daily: pd.DataFrame
    flows: pd.DataFrame
    edges: pd.DataFrame
    usdjpy_attribution: pd.DataFrame
    parameters: pd.DataFrame
    parties: pd.DataFrame
    balance_sheets: pd.DataFrame

    @classmethod
    def of(cls, economy: JapanEconomy, *, full_edges: bool) -> RunTables:
        """Read the tables off an economy."""
        from experiments.view.balance_sheets import balance_sheet_table
        from experiments.view.frames import party_table

        return cls(
            monthly=economy.monthly_table(),
            daily=economy.daily_table(),
            flows=economy.flow_table(),
            edges=economy.edge_table(full=full_edges),
            usdjpy_attribution=economy.fx_attribution(),
            parameters=economy.parameters.to_frame().reset_index(),
            parties=party_table(economy),
            balance_sheets=balance_sheet_table(economy),
        )


@dataclass(frozen=True)
class TwinTables:
    """What is kept of the twin without the programme, under the names of its files.

    Attributes
    ----------
    without_programme_monthly : its outcomes.
    without_programme_edges : who paid whom by fiscal year, as ``experiments.view.flows`` sums it.
    without_programme_usdjpy_attribution : who moved its yen.
    """

    without_programme_monthly: pd.DataFrame
    without_programme_edges: pd.DataFrame
    without_programme_usdjpy_attribution: pd.DataFrame

    @classmethod
    def of(cls, economy: JapanEconomy) -> TwinTables:
        """Read the tables off an economy that has run."""
        from experiments.view.flows import edges_by_fiscal_year

        return cls(economy.monthly_table(), edges_by_fiscal_year(economy.edge_table()), economy.fx_attribution())


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


def run_and_show(
    request: RunRequest,
    *,
    with_twin: bool = True,
    as_json: bool = False,
    figures: Path | None = None,
    lang: str = "en",
) -> Path:
    """Run, write the folder, print the report; returns the folder.

    With ``as_json`` and without ``figures`` the twin is left out, because the JSON holds nothing of it.

    Raises
    ------
    InputError : listing all mistakes of the request; nothing has been written then.
    """
    from experiments.figures.language import language

    parameters, tongue = request.checked_parameters(), language(lang)
    # It imports the model before the fork below, so that both processes share it.
    ensure_compiled(lambda: _run_a_year(request, parameters))
    with RunFolder(request.out, request.default_folder(request.policy)) as folder, ExitStack() as twin_runs:
        twin = None
        if with_twin and (not as_json or figures is not None) and request.policy != NO_PROGRAMME:
            twin = twin_runs.enter_context(
                beside(lambda: TwinTables.of(run_economy(request, NO_PROGRAMME, parameters)))
            )
        with progress(f"{request.years} years of {request.scenario}", 12 * request.years) as advance:
            economy = run_economy(request, request.policy, parameters, advance)
            twin_tables = twin() if twin is not None else None
        tables = RunTables.of(economy, full_edges=request.full_edges)
        write_run(folder, request, economy, tables, twin_tables)
        place = folder.commit()
    if figures is not None:
        from experiments.figures.write import write_run_figures
        from experiments.view.run_data import read_run

        write_run_figures(read_run(place), figures, tongue)
    if as_json:
        print(json.dumps(json_record(economy, tables.monthly, place), indent=2, allow_nan=False))
    else:
        _show(economy, tables, twin_tables, place)
    return place


def _run_a_year(request: RunRequest, parameters: Parameters) -> None:
    """The first year of what was asked for with small populations: what is compiled is the same for any."""
    run_economy(replace(request, years=1, investors=300, importers=300, adopters=300), request.policy, parameters)


def run_economy(
    request: RunRequest, policy: str, parameters: Parameters, advance: Callable[[], None] = lambda: None
) -> JapanEconomy:
    """Build and run one economy; ``advance`` is called after each month."""
    from model.economy import JapanEconomy

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


def write_run(
    folder: RunFolder,
    request: RunRequest,
    economy: JapanEconomy,
    tables: RunTables,
    twin: TwinTables | None,
) -> None:
    """Write all files of a run into an open folder.  Raises InputError if the disk refuses."""
    from experiments.fiscal_years import by_fiscal_year, programme_effect

    def draw() -> bytes:
        from experiments.summary_picture import summary_picture

        title = f"{economy.scenario.label}, policy {economy.policy.name}, seed {request.seed}"
        twin_monthly = None if twin is None else twin.without_programme_monthly
        return summary_picture(tables.monthly, tables.daily, title, twin_monthly)

    with beside(draw) as picture:
        for name, table in (vars(tables) | ({} if twin is None else vars(twin))).items():
            folder.write_table(table, f"{name}.csv")
        if twin is not None:
            effect = programme_effect(by_fiscal_year(tables.monthly), by_fiscal_year(twin.without_programme_monthly))
            folder.write_table(effect.reset_index(), "programme_effect.csv")
        folder.write_bytes(picture(), "summary.png")
    folder.write_manifest(manifest(request, economy))


def manifest(request: RunRequest, economy: JapanEconomy) -> dict[str, Any]:
    """What is needed to make the run again, and what it was made with."""
    changed = economy.parameters.differences()
    return {
        "itcho": itcho_version(),
        "model": MODEL_VERSION,
        "command": request.command(),
        "scenario": economy.scenario.name,
        "policy": economy.policy.name,
        "scenario_label": economy.scenario.label,
        "policy_label": economy.policy.label,
        "start": economy.start_state.name,
        "seed": request.seed,
        "years": request.years,
        "investors": request.investors,
        "importers": request.importers,
        "adopters": request.adopters,
        "edges": "full" if request.full_edges else "named",
        "parameters_changed": {name: {"default": was, "value": now} for name, (was, now) in changed.items()},
        "ledger": ledger_record(economy),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def ledger_record(economy: JapanEconomy) -> dict[str, float]:
    """How many months the ledger closed, and its largest relative residual."""
    return {"months": economy.ledger.months, "max_relative_residual": float(economy.ledger.max_relative_residual)}


def json_record(economy: JapanEconomy, monthly: pd.DataFrame, place: Path) -> dict[str, Any]:
    """What `itcho run --json` prints; a value that does not exist is null."""
    from experiments.fiscal_years import by_fiscal_year

    years = by_fiscal_year(monthly)
    return {
        "scenario": economy.scenario.name,
        "policy": economy.policy.name,
        "seed": economy.seed,
        "start": economy.start_state.name,
        "years": len(monthly) // 12,
        "out": str(shortest(place)),
        "final": {name: _plain(value) for name, value in monthly.iloc[-1].items() if name != "month"},
        "ledger": ledger_record(economy),
        "fiscal_years": [
            {"fiscal_year": int(year)} | {str(name): _plain(value) for name, value in row.items()}
            for year, row in zip(years.index, years.to_dict("records"), strict=True)
        ],
    }


def shortest(place: Path) -> Path:
    """A path as seen from the working directory if it lies inside, else the whole path."""
    return place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place


def _plain(value: Any) -> Any:
    """A number as JSON can hold it."""
    if isinstance(value, int):
        return value
    return float(value) if math.isfinite(value) else None


def _show(economy: JapanEconomy, tables: RunTables, twin: TwinTables | None, place: Path) -> None:
    from rich.console import Console

    from experiments import run_report
    from experiments.fiscal_years import by_fiscal_year, programme_effect, yen_by_client

    console = Console()
    title = f"{economy.scenario.label}: {economy.policy.label}; start {economy.start_state.name}, seed {economy.seed}"
    console.print(title, style="bold", highlight=False)
    years = by_fiscal_year(tables.monthly)
    run_report.show_fiscal_years(console, years)
    if twin is not None:
        effect = programme_effect(years, by_fiscal_year(twin.without_programme_monthly))
        run_report.show_programme_effect(console, effect, int(years.index[-1]), economy.policy.name)
    run_report.show_yen(console, yen_by_client(tables.usdjpy_attribution))
    run_report.show_where(console, shortest(place), economy.ledger.months, economy.ledger.max_relative_residual)
