"""`itcho run`: check what was asked for, run it (and its twin without the programme), keep it and show it."""

from __future__ import annotations

import importlib.metadata
import json
import math
import platform
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itcho.experiments.compile_ahead import ensure_compiled
from itcho.experiments.languages import ENGLISH, Words, words
from itcho.experiments.progress import progress
from itcho.experiments.runs.run_folder import RunFolder
from itcho.experiments.runs.run_request import NO_PROGRAMME, WORLD_FILE, RunRequest, run_economy
from itcho.experiments.runs.run_tables import RunTables, TwinTables
from itcho.experiments.runs.typical_world import where_it_lies
from itcho.experiments.side_process import beside
from itcho.experiments.version import itcho_version
from itcho.model.kept_world import require_same_model, require_same_state, world_of
from itcho.model.version import MODEL_VERSION
from itcho.model.world_file import world_text
from itcho.model.world_layout import KeptWorld

if TYPE_CHECKING:
    import pandas as pd

    from itcho.experiments.runs.ensemble import Ensemble
    from itcho.model.economy import JapanEconomy
    from itcho.model.parameters import Parameters

AGAIN = "itcho run --again ."
"""The command that makes a run again from inside its folder."""
LIBRARIES = ("mesa", "numpy", "scipy", "networkx", "pandas", "numba", "matplotlib")


def run_and_show(
    request: RunRequest,
    *,
    with_twin: bool = True,
    as_json: bool = False,
    figures: Path | None = None,
    lang: str = "en",
    again: KeptWorld | None = None,
    dry_run: bool = False,
) -> Path:
    """Run, write the folder, print the report; returns the folder.

    With ``request.pairs`` it is the typical world of so many pairs, and what the programme does in them is shown first.
    With ``as_json`` and without ``figures`` the twin of a single world is left out, because the JSON holds nothing of
    it.

    Parameters
    ----------
    again : the kept world of the run that ``request`` makes again: its twin is made or not as it was, whatever
        ``as_json`` is, and what comes out is held against its digest before anything is kept.
    dry_run : do all that can be refused, up to the built world and the open folder; say what would be run, and leave.

    Raises
    ------
    InputError : listing all mistakes of the request, or another world than ``again`` came out; nothing has been written
        then.
    """
    from itcho.experiments.figures.language import language

    parameters, tongue = request.checked_parameters(), words(lang)
    if figures is not None:
        language(lang)
    for note in request.notes():
        print(f"itcho: note: {note}", file=sys.stderr)
    if again is not None:
        require_same_model(again, "the run")
    # It imports the model before the fork below, so that both processes share it.
    ensure_compiled(lambda: _run_a_year(request, parameters))
    with RunFolder(request.out, request.default_folder(request.policy)) as folder, ExitStack() as twin_runs:
        if dry_run:
            plan = dry_record(request, parameters, folder, with_twin=with_twin)
            print(json.dumps(plan, indent=2) if as_json else plan_line(plan, tongue))
            return folder.target or folder.default
        ensemble = _pairs(request, parameters)
        if ensemble is not None:
            if again is not None:
                from itcho.experiments.runs.ensemble import require_same_typical

                require_same_typical(ensemble, request.seed)
            request = replace(request, seed=ensemble.typical_seed)
            folder.default = request.default_folder(request.policy).absolute()
        twin = None
        shown = not as_json or figures is not None or again is not None or ensemble is not None
        if with_twin and shown and _name(request.policy) != NO_PROGRAMME:
            twin = twin_runs.enter_context(
                beside(lambda: TwinTables.of(run_economy(request, NO_PROGRAMME, parameters)))
            )
        with progress(f"{request.years} years of {_name(request.scenario)}", 12 * request.years) as advance:
            economy = run_economy(request, request.policy, parameters, advance, keep_decisions=True)
            twin_tables = twin() if twin is not None else None
        if again is not None:
            require_same_state(again, economy, "the run")
        tables = RunTables.of(economy, full_edges=request.full_edges)
        write_run(folder, request, economy, tables, twin_tables, ensemble=ensemble, lang=tongue.code)
        place = folder.commit()
    if figures is not None:
        from itcho.experiments.figures.write import write_run_figures
        from itcho.experiments.view.run_data import read_run

        write_run_figures(read_run(place), figures, language(lang))
    if as_json:
        record = json_record(economy, tables.monthly, place)
        if ensemble is not None:
            record["ensemble"] = ensemble.record()
        print(json.dumps(record, indent=2, allow_nan=False))
    else:
        _show(economy, tables, twin_tables, place, ensemble, tongue)
    return place


def dry_record(request: RunRequest, parameters: Parameters, folder: RunFolder, *, with_twin: bool) -> dict[str, Any]:
    """What a run would do, with the world built as it builds it and its first year timed."""
    built = request.economy(request.policy, parameters, keep_decisions=True)
    began = time.perf_counter()
    built.run(years=1)
    each = (time.perf_counter() - began) * request.years
    twin = with_twin and _name(request.policy) != NO_PROGRAMME
    worlds = 2 * request.pairs + 1 + twin
    return {
        "scenario": built.scenario.name,
        "policy": built.policy.name,
        "start": built.start_state.name,
        "seed": None if request.pairs else request.seed,
        "pairs": request.pairs,
        "years": request.years,
        "worlds": worlds,
        "parameters_changed": {name: value for name, (_, value) in built.chosen_parameters.differences().items()},
        "core_seconds": round(each * worlds, 1),
        "out": str(shortest(folder.target or folder.default)),
    }


def plan_line(plan: dict[str, Any], say: Words = ENGLISH) -> str:
    """The plan of a run in one line."""
    return say(
        "{scenario}, {policy}, start {start}, {what}: {worlds} worlds of {years} years, about {seconds} core-seconds, "
        "into {out}/; nothing was run",
        what=say("{count} pairs", count=plan["pairs"]) if plan["pairs"] else say("seed {seed}", seed=plan["seed"]),
        seconds=f"{plan['core_seconds']:.0f}",
        **{name: plan[name] for name in ("scenario", "policy", "start", "worlds", "years", "out")},
    )


def _pairs(request: RunRequest, parameters: Parameters) -> Ensemble | None:
    """The pairs that were asked for; None for a single world."""
    if not request.pairs:
        return None
    from itcho.experiments.runs.ensemble import run_ensemble

    with progress(f"{request.pairs} pairs of worlds, {request.years} years", request.pairs) as advance:
        return run_ensemble(request, parameters, request.resolved_policy(), advance)


def _name(given: Any) -> str:
    return str(getattr(given, "name", given))


def _run_a_year(request: RunRequest, parameters: Parameters) -> None:
    """The first year of what was asked for with small populations: what is compiled is the same for any."""
    run_economy(replace(request, years=1, investors=300, importers=300, adopters=300), request.policy, parameters)


def write_run(
    folder: RunFolder,
    request: RunRequest,
    economy: JapanEconomy,
    tables: RunTables,
    twin: TwinTables | None,
    *,
    ensemble: Ensemble | None = None,
    lang: str = "en",
) -> None:
    """Write all files of a run into an open folder.

    Parameters
    ----------
    ensemble : the pairs of which it is the typical world.
    lang : language of the pictures, English where the platform has no font for it.

    Raises
    ------
    InputError : the disk refuses.
    """
    from itcho.experiments.studies.fiscal_years import by_fiscal_year, last_year, programme_effect

    def draw() -> dict[str, bytes]:
        from itcho.experiments.figures.language import language_or_english
        from itcho.experiments.runs.summary_picture import summary_picture

        tongue = language_or_english(lang)
        twin_monthly = None if twin is None else twin.without_programme_monthly
        title = f"{tongue(economy.scenario.label)}, {tongue('policy')} {economy.policy.name}"
        own = f"{title}, {tongue('seed')} {request.seed}"
        drawn = {"summary.png": summary_picture(tables.monthly, tables.daily, own, twin_monthly, tongue)}
        if ensemble is not None:
            from itcho.experiments.runs.ensemble_picture import ensemble_picture

            drawn["fan.png"] = ensemble_picture(ensemble, title, tongue)
        return drawn

    with beside(draw) as pictures:
        if ensemble is not None:
            import pandas as pd

            folder.write_table(pd.DataFrame([row.record() for row in ensemble.rows()]), "ensemble.csv")
            folder.write_table(ensemble.worlds(), "ensemble_worlds.csv")
            folder.write_table(pd.DataFrame(ensemble.yen_rows()), "ensemble_yen.csv")
        for name, table in (vars(tables) | ({} if twin is None else vars(twin))).items():
            folder.write_table(table, f"{name}.csv")
        if twin is not None:
            years = by_fiscal_year(tables.monthly)
            year, months = last_year(years)
            effect = programme_effect(years, by_fiscal_year(twin.without_programme_monthly))
            folder.write_table(effect.reset_index().assign(fiscal_year=year, months=months), "programme_effect.csv")
        for name, picture in pictures().items():
            folder.write_bytes(picture, name)
    for file in request.rules:
        folder.write_bytes(file.path.read_bytes(), file.path.name)
    folder.write_bytes(world_text(world_of(economy)).encode(), WORLD_FILE)
    folder.write_manifest(manifest(request, economy, with_twin=twin is not None, ensemble=ensemble))


def manifest(
    request: RunRequest, economy: JapanEconomy, *, with_twin: bool, ensemble: Ensemble | None = None
) -> dict[str, Any]:
    """How to make the run again from its own folder, how it was asked for, and what it was made with."""
    changed = economy.chosen_parameters.differences()
    return {
        "itcho": itcho_version(),
        "model": MODEL_VERSION,
        "command": " ".join([AGAIN, *(f"--rules {file.path.name}" for file in request.rules)]),
        "command_runs_in": "the folder of this file",
        "asked": request.command(),
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
        "twin": with_twin,
        "edges": "full" if request.full_edges else "named",
        "parameters_changed": {name: {"default": was, "value": now} for name, (was, now) in changed.items()},
        "rules": [file.record() for file in request.rules],
        "behaviours": request.behaviours.replaced,
        "ledger": ledger_record(economy),
        "where_it_lies": _place_record(economy),
        "ensemble": None if ensemble is None else ensemble.manifest_record(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def ledger_record(economy: JapanEconomy) -> dict[str, float]:
    """How many months the ledger closed, and its largest relative residual."""
    return {"months": economy.ledger.months, "max_relative_residual": float(economy.ledger.max_relative_residual)}


def _place_record(economy: JapanEconomy) -> dict[str, Any] | None:
    """Where the world lies among those of the default settings, in numbers and words; null for other settings."""
    place = where_it_lies(economy)
    return None if place is None else place.record() | {"text": place.text()}


def json_record(economy: JapanEconomy, monthly: pd.DataFrame, place: Path) -> dict[str, Any]:
    """What `itcho run --json` prints; a value that does not exist is null."""
    from itcho.experiments.studies.fiscal_years import by_fiscal_year

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
        "where_it_lies": _place_record(economy),
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


def _show(
    economy: JapanEconomy,
    tables: RunTables,
    twin: TwinTables | None,
    place: Path,
    ensemble: Ensemble | None,
    tongue: Words,
) -> None:
    from rich.console import Console

    from itcho.experiments.runs import run_report
    from itcho.experiments.studies.fiscal_years import by_fiscal_year, last_year, programme_effect, yen_by_client

    console = Console()
    start = tongue("start {date}", date=economy.start_state.name)
    title = f"{tongue(economy.scenario.label)}: {tongue(economy.policy.label)}; {start}"
    if ensemble is None:
        title += f", {tongue('seed')} {economy.seed}"
    console.print(title, style="bold", highlight=False)
    if ensemble is not None:
        run_report.show_ensemble(console, ensemble, economy.policy.name, tongue)
        run_report.show_typical(console, ensemble, tongue)
    place_among = where_it_lies(economy)
    if place_among is not None:
        console.print(place_among.text(tongue), highlight=False)
    elif ensemble is None:
        run_report.show_one_of_many(console, tongue)
    years = by_fiscal_year(tables.monthly)
    run_report.show_fiscal_years(console, years, tongue)
    if twin is not None and ensemble is None:
        effect = programme_effect(years, by_fiscal_year(twin.without_programme_monthly))
        run_report.show_programme_effect(console, effect, *last_year(years), economy.policy.name, tongue)
    run_report.show_yen(console, yen_by_client(tables.usdjpy_attribution), tongue)
    picture = "summary.png" if ensemble is None else "fan.png"
    residual = economy.ledger.max_relative_residual
    run_report.show_where(console, shortest(place), economy.ledger.months, residual, picture, tongue)
