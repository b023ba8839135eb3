"""What a program or a notebook calls: a run, a comparison and a shock in one line each.

``import itcho`` shows them as ``itcho.run``, ``itcho.compare`` and ``itcho.shock``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from itcho.agents.errors import InputError, nearest_names, require_list
from itcho.experiments.evidence import shocks
from itcho.experiments.runs.run_spec import RunSpec
from itcho.experiments.studies.compare import Comparison, compare_study
from itcho.experiments.studies.engine import engine_named
from itcho.experiments.studies.kept_share import long_enough
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.model.disturbances import Shock
from itcho.model.economy import JapanEconomy
from itcho.model.randomness import coerce_seed
from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_POLICY,
    DEFAULT_SCENARIO,
    DEFAULT_START,
    DEFAULT_YEARS,
)


def run(
    scenario: str = DEFAULT_SCENARIO,
    policy: str = DEFAULT_POLICY,
    *,
    start: str = DEFAULT_START,
    seed: int | None = None,
    years: int = DEFAULT_YEARS,
    investors: int = DEFAULT_INVESTORS,
    importers: int = DEFAULT_IMPORTERS,
    adopters: int = DEFAULT_ADOPTERS,
    parameters: Mapping[str, float] | None = None,
) -> JapanEconomy:
    """Run an economy, and return it as it then stands.

    Parameters
    ----------
    scenario, policy, start : names, or files where a file can be given.
    seed : of all random streams; None draws one.
    years, investors, importers, adopters : length, and sizes of the populations.
    parameters : values by name that differ from the registry.

    Raises
    ------
    InputError : unknown names, values out of bounds; all mistakes at once.
    """
    spec = RunSpec(
        scenario=scenario,
        policy=policy,
        start=start,
        seed=coerce_seed(None) if seed is None else seed,
        years=years,
        investors=investors,
        importers=importers,
        adopters=adopters,
        parameters={} if parameters is None else parameters,
    )
    if mistakes := spec.mistakes():
        raise InputError(mistakes)
    return spec.economy(keep_decisions=True).run()


def compare(
    policies: Sequence[str],
    *,
    baseline: str = "none",
    scenarios: Sequence[str] = (DEFAULT_SCENARIO,),
    seeds: int = 40,
    years: int | None = None,
    outcomes: Sequence[str] | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
) -> Comparison:
    """Compare policies in the same worlds, with intervals.

    Parameters
    ----------
    policies, baseline : names or files; what the policies are compared with.
    scenarios : names.
    seeds, years : how many worlds, and how long; ten years, or what five years after the last support take, if left
        out.
    outcomes : such as ``usdjpy@2030``; the usual ones if left out.
    store : folder in which runs are kept and found again; None keeps nothing.
    workers : processes; one for each core if left out.

    Raises
    ------
    InputError : unknown names, values out of bounds, no complete replicate.
    """
    require_list("policies", policies, "['actual', 'vouchers']")
    require_list("scenarios", scenarios, "['baseline']")
    if outcomes is not None:
        require_list("outcomes", outcomes, "['usdjpy@2030']")
    content: dict[str, object] = {
        "name": "compare",
        "policies": list(policies),
        "baseline": baseline,
        "scenarios": list(scenarios),
        "seeds": seeds,
        "years": DEFAULT_YEARS if years is None else years,
    }
    if outcomes is not None:
        content["outcomes"] = list(outcomes)
    study = checked_study({"study": content}, prefix="")
    if years is None:
        study = long_enough(study)
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory())) if store is None else Path(store)
        cells = CellStore(folder)
        run_study(study, cells, engine_named("local", workers), show_progress=False)
        return compare_study(study, cells)


def shock(name: str, **settings: float | str | tuple[str, ...]) -> Shock:
    """A shock by its name, such as ``shock("public-investment", pct_gdp=0.5)``, for ``JapanEconomy(shocks=[…])``.

    Raises
    ------
    InputError : an unknown name, or a setting that the shock does not have.
    """
    kinds = shocks.KINDS
    if not isinstance(name, str) or name not in kinds:
        near = nearest_names(str(name), kinds) or f"; known: {', '.join(kinds)}"
        raise InputError(f"shock '{name}' is unknown{near}")
    try:
        return kinds[name](**settings)
    except TypeError as error:
        raise InputError(f"shock '{name}': {error}") from None
