"""``itcho forecast run``: the model's draws from past origins, in a folder with hashes of all they were made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.data.origin_data import OriginData, origin_data
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.forecasts.draws import (
    FILE_OF,
    MANIFEST,
    draws_text,
    manifest_text,
    sha256_of,
    sha256_of_values,
)
from itcho.experiments.forecasts.history import OIL, US_RATE, origins_in, whole_series
from itcho.experiments.forecasts.laws import laws_at
from itcho.experiments.forecasts.paths import (
    MONTHS,
    VARIANTS,
    Origin,
    PathAnswer,
    model_paths,
    path_tasks,
)
from itcho.experiments.forecasts.protocol import CONDITIONAL, MODEL, PATHS
from itcho.experiments.forecasts.uncertainty import MODES, PLAUSIBLE, UNCERTAIN, ParameterMode
from itcho.experiments.openings.make import make_start_state
from itcho.experiments.processes import in_processes
from itcho.experiments.progress import progress
from itcho.experiments.runs.run_folder import RunFolder, check_output_folder
from itcho.experiments.runs.run_spec import OPTION
from itcho.model.clock import Month
from itcho.model.parameters import Parameters
from itcho.model.sizes import number_mistakes
from itcho.model.start_states import StartState, load
from itcho.model.start_states.content import content_of


@dataclass(frozen=True)
class ForecastRequest:
    """A forecast as it was asked for.

    Attributes
    ----------
    data : folder of history; None makes forecasts from ``starts`` under the registry's laws.
    origins : dates; none for all that the folder has (or the dates of ``starts``).
    starts : start states of one's own, for the origins of their dates.
    paths, seed, workers : numbers.
    parameters : whether parameters and rule settings are drawn.
    variants : which of the model's variants are run.
    out : folder to be written.
    """

    data: Path | None
    out: Path
    origins: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    paths: int = PATHS
    seed: int = 1
    workers: int = 2
    parameters: str = PLAUSIBLE
    variants: tuple[str, ...] = (MODEL,)


@dataclass(frozen=True)
class _Asked:
    """What a request means, checked."""

    origins: list[Origin]
    data: Mapping[str, OriginData]
    mode: ParameterMode
    variants: list[str] = field(default_factory=list)


def run_forecast(request: ForecastRequest) -> tuple[Path, tuple[str, ...]]:
    """Make the draws; returns the folder and what ended worlds that collapsed.

    Raises
    ------
    InputError : all mistakes at once, before anything is run or written.
    """
    asked = _checked(request)
    tasks = path_tasks(asked.origins, asked.variants, asked.mode, request.seed, request.paths)
    told = f"{len(asked.origins)} origins, {request.paths} paths, {', '.join(asked.variants)}"
    with progress(f"Forecast, {told}", len(tasks)) as advance:
        answers = model_paths(tasks, request.workers, advance)
    collapsed = tuple(text for answer in answers.values() for text in answer.collapsed)
    with RunFolder(request.out) as folder:
        files = {FILE_OF[variant]: _text_of(answers, variant) for variant in asked.variants}
        for name, text in files.items():
            folder.write_bytes(text.encode(), name)
        manifest = manifest_text(
            seed=request.seed,
            paths=request.paths,
            parameters=asked.mode,
            parameters_sha256=parameters_sha256(),
            origins={origin.name: _origin_record(origin, asked.data.get(origin.name)) for origin in asked.origins},
            files={name: sha256_of(text) for name, text in files.items()},
            collapsed=collapsed,
        )
        folder.write_bytes(manifest.encode(), MANIFEST)
        return folder.commit(), collapsed


def _text_of(answers: Mapping[tuple[str, str], PathAnswer], variant: str) -> str:
    return draws_text({name: answer.values for (kind, name), answer in answers.items() if kind == variant})


def parameters_sha256() -> str:
    """Of the registry with its bounds, of what is drawn, and of what freezes a channel."""
    parameters = Parameters()
    rows = [
        (one.name, one.value, one.low, one.high, one.known) for one in map(parameters.definition, sorted(parameters))
    ]
    tables = [read_table(name) for name in ("forecast_rule_settings.csv", "frozen_channels.csv")]
    return sha256_of_values(rows, list(UNCERTAIN), tables)


def _origin_record(origin: Origin, data: OriginData | None) -> dict[str, object]:
    return {
        "data_sha256": {} if data is None else dict(data.hashes),
        "start_sha256": sha256_of_values(content_of(origin.start)),
        "estimated": {name: float(f"{value:.9g}") for name, value in origin.estimated.items()},
    }


def origins_of(request: ForecastRequest) -> list[Origin]:
    """Where the paths of a request begin; nothing is written, and ``out`` is not looked at.

    Raises
    ------
    InputError : all mistakes at once.
    """
    return _checked(request, writes=False).origins


def _checked(request: ForecastRequest, writes: bool = True) -> _Asked:
    """What is asked for, or all that is wrong with it; the folder only if it is to be written."""
    mistakes = Mistakes()
    for message in number_mistakes(OPTION, paths=request.paths, workers=request.workers):
        mistakes.add(message)
    if request.parameters not in MODES:
        mistakes.add(f"--parameters = {request.parameters} is not one of {', '.join(MODES)}")
    for variant in request.variants:
        if variant not in VARIANTS:
            mistakes.add(f"--variant = {variant} is not one of {', '.join(VARIANTS)}")
    if writes:
        with mistakes.caught():
            check_output_folder(request.out)
    states: dict[date, StartState] = {}
    for name in request.starts:
        with mistakes.caught():
            state = load(name)
            states[state.date] = state
    known: tuple[date, ...] = ()
    if request.data is None and not request.starts:
        mistakes.add("--data is missing: give a folder of history, or a start state with --start")
    elif request.data is not None:
        with mistakes.caught():
            known = origins_in(request.data)
    wanted = _dates(request.origins, mistakes) or list(states) or list(known)
    if CONDITIONAL in request.variants and request.data is None:
        mistakes.add(f"--variant {CONDITIONAL} needs --data: what it is given is read there")
    for day in wanted:
        if day not in known and day not in states:
            mistakes.add(f"--origin {day}: the folder has {', '.join(map(str, known)) or 'no origin'}")
    mistakes.raise_if_any()
    found, data = [], {}
    to_make = [(request.data, day) for day in sorted(set(wanted) - states.keys())]
    for (_, day), (made, messages) in zip(to_make, in_processes(_made, to_make, request.workers), strict=True):
        mistakes.messages.extend(messages)
        if made is not None:
            states[day] = made
    mistakes.raise_if_any()
    for day in sorted(set(wanted)):
        with mistakes.caught():
            here = origin_data(request.data, day) if request.data is not None and day in known else None
            if here is not None:
                data[day.isoformat()] = here
            state = states[day]
            given: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
            if request.data is not None and CONDITIONAL in request.variants:
                given = _by_month(request.data, US_RATE, state), _oil_log(request.data, state)
            estimated = {} if here is None else laws_at(here)
            found.append(Origin(day.isoformat(), state, estimated, *given))
    mistakes.raise_if_any()
    mode: ParameterMode = "plausible" if request.parameters == PLAUSIBLE else "central"
    return _Asked(found, data, mode, [one for one in VARIANTS if one in request.variants])


def _dates(texts: Sequence[str], mistakes: Mistakes) -> list[date]:
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(date.fromisoformat(text))
            continue
        mistakes.add(f"--origin {text} is not a date such as 2013-03-31")
    return found


def _made(task: tuple[Path | None, date]) -> tuple[StartState | None, list[str]]:
    """The start state that the folder's figures up to a date make, or what is wrong with them."""
    folder, day = task
    assert folder is not None
    try:
        return make_start_state(folder, day).state, []
    except InputError as error:
        return None, error.messages


def _by_month(folder: Path, name: str, state: StartState) -> tuple[float, ...]:
    """A series by month of the run as the folder has it, NaN where it does not."""
    known, opening = whole_series(folder, name), Month.of(state.date).plus(1)
    quarters = (pd.Period(f"{opening.plus(month)}", freq="M").asfreq("Q") for month in range(MONTHS))
    return tuple(known.get(quarter, math.nan) for quarter in quarters)


def _oil_log(folder: Path, state: StartState) -> tuple[float, ...]:
    """The dollar price of oil over that of the origin's quarter, logarithm, by month of the run."""
    base = whole_series(folder, OIL).get(pd.Period(state.date, freq="Q"), math.nan)
    return tuple(
        math.log(value / base) if value > 0.0 and base > 0.0 else math.nan for value in _by_month(folder, OIL, state)
    )
