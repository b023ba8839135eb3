"""The content of a study's page: policies compared, fan charts of level and difference, and what each yen bought."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.view.report_run import outcome_record, rounded
from itcho.model.input_files import printable, read_json

if TYPE_CHECKING:
    from itcho.experiments.studies.compare import Comparison
    from itcho.experiments.studies.design import Replicate
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study import Study

PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
MOST_DISCOVERED, PERMUTATIONS = 2, 200
"""Outcomes for which a page looks for the futures in which a policy does otherwise, and permutations for each."""
MOST_SEARCHED = 5_000
"""Runs above which a page does not search for them."""
MOST_NUMBERS = 400_000
"""Above it a page shows only the study's own outcomes, so that it stays under six megabytes."""


def study_content(
    study: Study,
    store: CellStore,
    command: str,
    comparison: Comparison | None = None,
    chosen: Sequence[Replicate] | None = None,
    most_numbers: int = MOST_NUMBERS,
) -> dict[str, Any]:
    """All that the page of a study shows.

    Parameters
    ----------
    comparison : of the study, if it was made already.
    chosen : replicates that count; all that are complete if left out.
    most_numbers : of fans; above it only those of the study's own outcomes are there.

    Raises
    ------
    InputError : no replicate is complete.
    """
    from itcho.experiments.studies.compare import compare_study, comparison_record
    from itcho.experiments.studies.compare_report import findings, vocabulary

    comparison = compare_study(study, store, chosen) if comparison is None else comparison
    sessions = store.sessions()
    return {
        "kind": "study",
        "title": f"Study {study.name}: {', '.join(one.name for one in study.policies)}",
        "notes": [],
        "findings": findings(comparison),
        "vocabulary": vocabulary(comparison),
        "comparison": comparison_record(comparison, 0, 0.0),
        "policies": [{"name": one.name, "label": one.label} for one in study.all_policies],
        "scenarios": [{"name": one.name, "label": one.label} for one in study.scenarios],
        "chosen": list(dict.fromkeys(pick.name for pick in study.outcomes)),
        "fans": _fans(study, store, chosen, most_numbers),
        "sensitivity": _sensitivity(study, store),
        "discovery": _discovery(study, store),
        "measures": {one.name: one.label for card in comparison.robustness.values() for one in card},
        "uncertain": [{"name": one.name, "low": one.low, "high": one.high} for one in study.uncertain],
        "parameters": [{"name": name, "value": value} for name, value in study.template.overrides],
        "manifest": {
            "command": command,
            "study": study.name,
            "store": store.hash(),
            "plan": study.digest(),
            "start": study.template.start,
            "years": study.template.years,
            "investors": study.template.investors,
            "importers": study.template.importers,
            "adopters": study.template.adopters,
            "sessions": sessions[-20:],
        },
    }


def read_study_folder(folder: Path) -> tuple[Study, CellStore, str]:
    """The study whose runs a folder holds, from the plan of its last session.

    A session of the same study in another setting, with other expectations or in a structural variant, is passed over.

    Raises
    ------
    InputError : the folder is no study's, or its policies come from files, so that the study's file is needed.
    """
    from itcho.experiments.studies.store import CellStore

    store = CellStore(folder)
    sessions = [session for session in store.sessions() if session.get("plan")]
    if not sessions:
        raise InputError(f"{folder} is neither the folder of a run nor that of a study")
    last = {str(session["plan"]): session for session in sessions}
    mistakes: list[str] = []
    for plan in dict.fromkeys(str(session["plan"]) for session in reversed(sessions)):
        try:
            study = _planned(folder, plan)
        except InputError as error:
            mistakes = mistakes or error.messages
            continue
        if study.digest() == plan:
            return study, store, str(last[plan].get("command", ""))
    raise InputError([*mistakes, _GIVE_FILE] if mistakes else f"{folder}: {_GIVE_FILE}")


def _planned(folder: Path, name: str) -> Study:
    """The study that this version makes of the names in a plan."""
    from itcho.experiments.studies.study_file import checked_study

    file = folder / "plans" / f"{name}.json"
    plan: Any = read_json(file, "plan of a study")
    try:
        content = _content_of(plan)
    except (KeyError, TypeError, AttributeError):
        raise InputError(f"{printable(file)} is no plan of a study, or is damaged") from None
    return checked_study({"study": content})


def _content_of(plan: Any) -> dict[str, Any]:
    """The first table of the study's file, of its plan."""
    from itcho.model.scenarios import SCENARIOS

    return {
        "name": plan["name"],
        "policies": plan["compared"],
        "baseline": plan["baseline"],
        # JSON keeps no order of names; the registry's is the one people know.
        "scenarios": [name for name in SCENARIOS if name in plan["scenarios"]] or list(plan["scenarios"]),
        "seeds": plan["seeds"],
        "outcomes": [pick["text"] for pick in plan["outcomes"]],
        **({"variants": plan["variants"]} if plan.get("variants") else {}),
        **plan["common"],
    }


_GIVE_FILE = (
    "the plan in the folder is not what this version of itcho makes of its names: if policies, scenarios or parameters "
    "come from a file, name the study's FILE.toml with --store; if itcho has changed since, run the study again"
)


def study_page(
    study: Study, store: CellStore, command: str, comparison: Comparison, chosen: Sequence[Replicate] | None, lang: str
) -> str:
    """The page of a study that was compared; one that would be too large shows the study's own outcomes alone."""
    from itcho.experiments.view.report import page

    try:
        return page(study_content(study, store, command, comparison, chosen), lang)
    except InputError:
        return page(study_content(study, store, command, comparison, chosen, most_numbers=0), lang)


def _sensitivity(study: Study, store: CellStore) -> dict[str, Any] | None:
    """What drives the differences, of a study whose design can tell; else ``None``."""
    from itcho.experiments.studies.design import SENSITIVITY_DESIGNS
    from itcho.experiments.studies.sensitivity_study import sensitivity_record, study_sensitivity

    if study.design.kind not in SENSITIVITY_DESIGNS:
        return None
    try:
        return sensitivity_record(study_sensitivity(study, store))
    except InputError:
        # Its rows are not complete: the page says what there is.
        return None


def _discovery(study: Study, store: CellStore) -> list[dict[str, Any]] | None:
    """Where each policy's difference in the study's first outcomes goes the less usual way, if anything varies.

    ``None`` if there are more runs than a page looks through; `itcho study discover` does.
    """
    from itcho.experiments.studies.discovery_study import discover, discovery_record
    from itcho.experiments.studies.expressions import condition

    found: list[dict[str, Any]] = []
    if len(store.keys()) > MOST_SEARCHED:
        return None
    if not study.uncertain and len(study.scenarios) < 2:
        return found
    for policy in study.policies:
        if policy.name == study.baseline.name:
            continue
        for pick in study.outcomes[:MOST_DISCOVERED]:
            records = []
            for sign in "<>":
                with suppress(InputError):
                    where = condition(f"difference({pick.text}) {sign} 0")
                    records.append(
                        discovery_record(discover(study, store, where, policy.name, permutations=PERMUTATIONS))
                    )
            if records:
                found.append(min(records, key=lambda record: int(record["of_interest"])) | {"outcome": pick.text})
    return found


def _fans(study: Study, store: CellStore, chosen: Sequence[Replicate] | None, most_numbers: int) -> dict[str, Any]:
    """Pointwise percentiles over replicates, by scenario, policy and outcome: levels and paired differences."""
    from itcho.experiments.studies.study_run import collect

    panel = collect(study, store, chosen)
    if panel is None:
        raise InputError("no replicate of the study is complete")
    results: dict[tuple[int, int], list[NDArray[np.float64]]] = {}
    names: tuple[str, ...] = ()
    years: list[int] = []
    for _, place, slot, cell in study.cells(panel.replicates):
        result = store.read(cell.key)
        names, years = result.outcomes, [int(year) for year in result.fiscal_years]
        results.setdefault((place, slot), []).append(result.by_year)
    values = {key: np.array(found) for key, found in results.items()}
    finite = np.all([np.isfinite(found).all(axis=(0, 1)) for found in values.values()], axis=0)
    kept = [column for column, good in enumerate(finite) if good]
    if len(kept) * len(values) * len(years) * 2 * len(PERCENTILES) > most_numbers:
        own = {pick.name for pick in study.outcomes}
        kept = [column for column in kept if names[column] in own]

    def percentiles(paths: NDArray[np.float64]) -> list[list[float | None]]:
        return [[rounded(value, 5) for value in line] for line in np.percentile(paths, PERCENTILES, axis=0).tolist()]

    return {
        "years": years,
        "percentiles": list(PERCENTILES),
        "replicates": len(panel.replicates),
        "outcomes": [outcome_record(names[column]) for column in kept],
        # [scenario][policy][outcome] = {level, difference}: percentiles × years
        "values": [
            [
                [
                    {
                        "level": percentiles(values[place, slot][:, :, column]),
                        "difference": percentiles(values[place, slot][:, :, column] - values[place, 0][:, :, column]),
                    }
                    for column in kept
                ]
                for slot in range(len(study.all_policies))
            ]
            for place in range(len(study.scenarios))
        ],
    }
