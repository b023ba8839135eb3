"""Two runs compared: who pays whom more, less, for the first time and no longer, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.languages import LANGUAGES
from itcho.experiments.runs.yen_parts import yen_way
from itcho.experiments.studies.fiscal_years import by_fiscal_year, fiscal_year_of_months
from itcho.experiments.view.flows import KEYS
from itcho.experiments.view.frames import HEADLINE
from itcho.experiments.view.kinds import words
from itcho.experiments.view.report_run import outcome_record, packed, rounded
from itcho.experiments.view.report_yen import groups, yen_between
from itcho.experiments.view.run_data import RunData, read_run
from itcho.model.measure.outcomes import OUTCOMES

CURRENT = "current"


def compare_folders(first: Path, second: Path) -> dict[str, Any]:
    """The page's content for the folders of two runs, the second less the first.

    Raises
    ------
    InputError : one of them is no run's folder, with the reason; or no month is in both.
    """
    mistakes, found = [], []
    for folder in (first, second):
        try:
            if not folder.is_dir():
                raise InputError(f"{folder} is not the folder of a run")
            found.append(read_run(folder))
        except InputError as error:
            mistakes.extend(error.messages)
    if mistakes:
        raise InputError(list(dict.fromkeys(mistakes)))
    names = [first.resolve().name, second.resolve().name]
    if names[0] == names[1]:
        names = [str(first), str(second)] if str(first) != str(second) else [f"{names[0]} (A)", f"{names[1]} (B)"]
    return comparison_content(found[0], found[1], names)


def comparison_content(first: RunData, second: RunData, names: list[str]) -> dict[str, Any]:
    """All that the page of two runs shows; amounts are the ledgers' own floats.

    Parameters
    ----------
    names : how the runs are called on the page.

    Raises
    ------
    InputError : no month is in both.
    """
    runs = (first, second)
    months = shared_months(first, second)
    within = [run.monthly[run.monthly["month"].isin(months)].reset_index(drop=True) for run in runs]
    wide = compared_edges(first, second, months).unstack("month").fillna(0.0)
    keys: list[tuple[str, ...]] = wide.index.tolist()
    labels = first.labels | second.labels
    named = {name for key in keys for name in key[2:]}
    return {
        "kind": "comparison",
        "title": f"{names[0]} → {names[1]}",
        "notes": {code: [] for code in LANGUAGES},
        "names": names,
        "months": months,
        "years": sorted(set(fiscal_year_of_months(pd.Series(months)).tolist())),
        "labels": labels,
        "words": {name: words(name) for name in sorted(named)},
        "edges": {
            "keys": [list(key) for key in keys],
            "amounts": [packed(wide[side][months].to_numpy()) for side in ("first", "second")],
        },
        "largest_gap_trn_yen": flow_gap(first, second, months),
        "outcomes": _outcomes(within),
        "headline": [name for name in HEADLINE if all(name in one for one in within)],
        "attribution": {
            "groups": groups(),
            "yen": yen_between(
                *(
                    yen_way(_of(run.usdjpy_attribution, months), one["usdjpy"])
                    for run, one in zip(runs, within, strict=True)
                )
            ),
        },
        "manifests": [run.manifest for run in runs],
    }


def shared_months(first: RunData, second: RunData) -> list[str]:
    """Months that both runs have.

    Raises
    ------
    InputError : there is none.
    """
    months = [list(run.monthly["month"]) for run in (first, second)]
    shared = [month for month in months[0] if month in set(months[1])]
    if not shared:
        told = " and ".join(f"{one[0]} to {one[-1]}" for one in months)
        raise InputError(f"the two runs have no month in common ({told}): compare runs that start alike")
    return shared


def compared_edges(first: RunData, second: RunData, months: list[str]) -> pd.DataFrame:
    """What each party paid each other in both runs.

    Parameters
    ----------
    months : ISO dates of those that count.

    Returns
    -------
    Index ``month, payer, payee, instrument, purpose``; columns ``first`` and ``second`` in trillion yen, zero where a
    run does not know the payment.
    """
    sides = [_of(run.edges, months).groupby(["month", *KEYS])["amount_trn_yen"].sum() for run in (first, second)]
    return pd.DataFrame({"first": sides[0], "second": sides[1]}).fillna(0.0)


def flow_gap(first: RunData, second: RunData, months: list[str]) -> float | None:
    """How far the differences of edges are from those of the flow matrix, at most, trillion yen.

    Of each month, current flow and sector, receipts less payments, the second run less the first: once from edges,
    once from ``flows.csv``.  ``None`` if a folder holds no ``flows.csv``.
    """
    if first.flows is None or second.flows is None:
        return None
    found = []
    for run in (second, first):
        assert run.flows is not None
        flows = _of(run.flows, months)
        current = flows[flows["kind"] == CURRENT].groupby(["month", "row", "sector"])["amount_trn_yen"].sum()
        rows = set(current.index.get_level_values("row"))
        edges = _of(run.edges, months)
        edges = edges[edges["purpose"].isin(rows)]
        sector = dict(zip(run.parties["name"], run.parties["sector"], strict=True))
        received, paid = (
            edges.groupby([edges["month"], edges["purpose"], edges[side].map(sector)])["amount_trn_yen"]
            .sum()
            .rename_axis(["month", "row", "sector"])
            for side in ("payee", "payer")
        )
        found.append((received.sub(paid, fill_value=0.0), current))
    by_edges, by_flows = (found[0][at].sub(found[1][at], fill_value=0.0) for at in (0, 1))
    return float(by_edges.sub(by_flows, fill_value=0.0).abs().max())


def _of(table: pd.DataFrame, months: list[str]) -> pd.DataFrame:
    return table[table["month"].isin(months)].reset_index(drop=True)


def _outcomes(within: list[pd.DataFrame]) -> list[dict[str, Any]]:
    years = [by_fiscal_year(one) for one in within]
    return [
        outcome_record(name)
        | {
            "runs": [[rounded(value) for value in np.asarray(one[name], dtype=float)] for one in within],
            "years": years[0].index.tolist(),
            "by_year": [[rounded(value) for value in one[name]] for one in years],
        }
        for name in within[0].columns
        if name in OUTCOMES and name in within[1].columns
    ]
