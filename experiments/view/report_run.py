"""The content of a run's page: everything it shows, as data."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from itcho.experiments.languages import LANGUAGES, difference_unit
from itcho.experiments.runs.run_report import CLIENT_LABELS
from itcho.experiments.runs.yen_parts import yen_way
from itcho.experiments.studies.fiscal_years import MONTHS, by_fiscal_year, reading, to_date
from itcho.experiments.view.frames import HEADLINE
from itcho.experiments.view.kinds import layer_of, words
from itcho.experiments.view.report_decisions import decisions_content, limits_content
from itcho.experiments.view.report_ranges import claimed_changes, claimed_ranges
from itcho.experiments.view.report_yen import band_record, groups, yen_bars
from itcho.experiments.view.run_data import RunData
from itcho.model.measure.outcomes import OUTCOMES

PICTURE = (
    "usdjpy", "deficit_trn_yen_fy", "gov_debt_to_gdp_pct", "domestic_ai_share_home_pct", "productivity_gain_pct",
    "softbank_ltv_pct",
)  # fmt: skip
"""Outcomes of an ensemble whose fans are drawn."""
MOST_DIFFERENCES = 400
GOVERNMENT_PARTIES = ("government", "ai_special_account")


def run_content(data: RunData) -> dict[str, Any]:
    """All that the page of a run shows.

    Amounts of edges and balance sheets are the ledger's own floats; what is only drawn is rounded to six digits.
    """
    frames = data.frames
    return {
        "kind": "run",
        "title": _title(data),
        "notes": {code: list(data.notes_in(code)) for code in LANGUAGES},
        "manifest": data.manifest,
        "scene": data.scene.to_json(),
        "months": [frame.month for frame in frames],
        "sizes": [[rounded(value) for value in frame.size.tolist()] for frame in frames],
        "edges": _edges(data),
        "left_out": int(sum(frame.left_out for frame in frames)),
        "labels": data.labels,
        "words": _words(data),
        "outcomes": _outcomes(data),
        "ranges": claimed_ranges(),
        "changes": claimed_changes(str(data.manifest["scenario"]), str(data.manifest["policy"]), frames[1].month[:7]),
        "headline": [name for name in HEADLINE if name in data.monthly],
        "attribution": _attribution(data),
        "sankey": None if data.sankey is None else data.sankey.to_json(),
        "differences": _differences(data),
        "sheets": _sheets(data.balance_sheets, [frame.month for frame in frames]),
        "parameters": _parameters(data.parameters, data.manifest.get("parameters_changed", {})),
        "ensemble": _ensemble(data),
        "decisions": decisions_content(data.decisions, data.edges, data.flows),
        "limits": limits_content(data.decisions, data.scene),
        "twin_edges": _twin_edges(data),
    }


def _ensemble(data: RunData) -> dict[str, Any] | None:
    """The pairs of which the run is the typical world: the table of effects, and percentiles by fiscal year."""
    if data.ensemble is None or data.ensemble_worlds is None:
        return None
    worlds = data.ensemble_worlds
    whole = worlds[worlds["months"] == MONTHS] if (worlds["months"] == MONTHS).any() else worlds
    years = sorted(whole["fiscal_year"].unique().tolist())
    own = whole[whole["seed"] == data.manifest["seed"]]
    fans = []
    for name in [name for name in OUTCOMES if name in whole.columns]:
        level = whole.pivot(index="seed", columns="fiscal_year", values=name).to_numpy()
        without = whole.pivot(index="seed", columns="fiscal_year", values=f"without_{name}").to_numpy()
        fans.append(
            outcome_record(name)
            | {
                "level": _percentiles(level),
                "effect": _percentiles(level - without),
                "without": [rounded(value) for value in np.median(without, axis=0)],
                "typical": [rounded(value) for value in own[name]],
            }
        )
    rows = [{str(key): _cell(value) for key, value in row.items()} for row in data.ensemble.to_dict("records")]
    pairs = int(data.ensemble_worlds["seed"].nunique())
    return {"pairs": pairs, "years": years, "rows": rows, "fans": fans, "picture": list(PICTURE)}


def _percentiles(paths: NDArray[np.float64]) -> list[list[float | None]]:
    return [[rounded(value) for value in line] for line in np.percentile(paths, (5, 25, 50, 75, 95), axis=0)]


def rounded(value: float, digits: int = 6) -> float | None:
    """A number to ``digits`` significant digits, for drawing; ``None`` for one that does not exist."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def packed(values: NDArray[Any]) -> str:
    """An array as base64 of its little-endian bytes: the same bits in the browser."""
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode("ascii")


def _title(data: RunData) -> str:
    manifest = data.manifest
    scenario = manifest.get("scenario_label", manifest["scenario"])
    policy = manifest.get("policy_label", manifest["policy"])
    return f"{scenario}: {policy}"


def _edges(data: RunData) -> dict[str, Any]:
    """Edges of all months: for each its key (payer, payee, flow), a 16-bit number, and its amount."""
    frames = data.frames
    flows = next((frame.flows for frame in frames if len(frame.amount)), ())
    nodes = len(data.scene.nodes)
    codes = np.concatenate([(frame.flow * nodes + frame.source) * nodes + frame.target for frame in frames])
    keys, key = np.unique(codes, return_inverse=True)
    rest, target = np.divmod(keys, nodes)
    flow, source = np.divmod(rest, nodes)
    width = np.uint16 if len(keys) < 2**16 else np.uint32
    return {
        "flows": [list(one) for one in flows],
        "keys": np.column_stack([source, target, flow]).tolist(),
        "start": np.concatenate([[0], np.cumsum([len(frame.amount) for frame in frames])]).tolist(),
        "bytes": int(np.dtype(width).itemsize),
        "key": packed(key.astype(width)),
        "amount": packed(np.concatenate([frame.amount for frame in frames]).astype(np.float64)),
    }


def _twin_edges(data: RunData) -> dict[str, Any] | None:
    """Edges of the twin, by fiscal year: ``years``, ``flows``, and of each row its year, nodes, flow and amount."""
    if data.twin_edges is None:
        return None
    ids, table = data.scene.id_of, data.twin_edges
    rows = table[table["payer"].isin(ids) & table["payee"].isin(ids)]
    names = list(dict.fromkeys(zip(rows["instrument"], rows["purpose"], strict=True)))
    place = {name: at for at, name in enumerate(names)}
    years = sorted(rows["fiscal_year"].unique().tolist())
    flow = [place[pair] for pair in zip(rows["instrument"], rows["purpose"], strict=True)]
    at_year = {year: at for at, year in enumerate(years)}
    columns = [
        [at_year[year] for year in rows["fiscal_year"]],
        [ids[name] for name in rows["payer"]],
        [ids[name] for name in rows["payee"]],
        flow,
    ]
    return {
        "years": years,
        "flows": [[*pair, layer_of(*pair)] for pair in names],
        "rows": packed(np.array(columns, dtype=np.uint16).T),
        "amount": packed(rows["amount_trn_yen"].to_numpy(dtype=np.float64)),
    }


def _words(data: RunData) -> dict[str, str]:
    names = {*data.edges["purpose"], *data.edges["instrument"], *data.balance_sheets["instrument"]}
    names |= {*data.parties["sector"], *data.parties["tier"]}
    return {name: words(name) for name in sorted(names)}


def outcome_record(name: str) -> dict[str, Any]:
    """What the registry says of an outcome, for a page."""
    one = OUTCOMES[name]
    return {
        "name": name,
        "label": one.label,
        "unit": one.unit,
        "definition": one.definition,
        "source": one.source,
        "difference_unit": difference_unit(one.unit),
        "decimals": one.decimals,
        "reading": reading(name),
        "to_date": to_date(name),
    }


def _outcomes(data: RunData) -> list[dict[str, Any]]:
    twin = data.twin_monthly
    years = by_fiscal_year(data.monthly)
    twin_years = None if twin is None else by_fiscal_year(twin)
    found = []
    for name in data.monthly.columns:
        if name not in OUTCOMES:
            continue
        found.append(
            outcome_record(name)
            | {
                "run": [rounded(value) for value in data.monthly[name]],
                "twin": None if twin is None else [rounded(value) for value in twin[name]],
                "years": years.index.tolist(),
                "by_year": [rounded(value) for value in years[name]],
                "twin_by_year": None if twin_years is None else [rounded(value) for value in twin_years[name]],
            }
        )
    return found


def _attribution(data: RunData) -> dict[str, Any]:
    clients = [name for name in data.usdjpy_attribution.columns if name != "month"]

    def values(table: pd.DataFrame) -> list[list[float | None]]:
        return [[rounded(100.0 * value) for value in table[name]] for name in clients]

    return {
        "clients": clients,
        "labels": [CLIENT_LABELS.get(name, words(name)) for name in clients],
        "run": values(data.usdjpy_attribution),
        "twin": None if data.twin_attribution is None else values(data.twin_attribution),
        "groups": groups(),
        "yen": yen_bars(
            yen_way(data.usdjpy_attribution, data.monthly["usdjpy"]),
            None
            if data.twin_attribution is None or data.twin_monthly is None
            else yen_way(data.twin_attribution, data.twin_monthly["usdjpy"]),
        ),
        "bands": band_record(data.ensemble_yen),
    }


def _differences(data: RunData) -> dict[str, Any] | None:
    """Payments with the programme less without it, summed over the run, the largest first."""
    if data.differences is None:
        return None
    keys = ["payer", "payee", "instrument", "purpose"]
    total = data.differences.groupby(keys)["amount_trn_yen"].sum().reset_index()
    largest = np.argsort(-np.abs(total["amount_trn_yen"].to_numpy()), kind="stable")
    shown = total.iloc[largest[:MOST_DIFFERENCES]]
    layer = [layer_of(*pair) for pair in zip(shown["instrument"], shown["purpose"], strict=True)]
    return {
        "rows": [[*row, one] for row, one in zip(shown.to_numpy(dtype=object).tolist(), layer, strict=True)],
        "of": len(total),
    }


def _sheets(table: pd.DataFrame, months: list[str]) -> dict[str, Any]:
    amounts = table.set_index(["party", "instrument", "month"])["amount_trn_yen"]
    wide = amounts.unstack("month", sort=False).reindex(columns=months).fillna(0.0)
    return {
        "rows": [list(key) for key in wide.index],
        "amount": packed(wide.to_numpy(dtype=np.float64)),
        "government": list(GOVERNMENT_PARTIES),
    }


def _parameters(table: pd.DataFrame, changed: Mapping[str, Any]) -> list[dict[str, Any]]:
    kept = ["name", "value", "default", "unit", "low", "high", "known", "source", "note"]
    return [
        {name: _cell(row.get(name)) for name in kept} | {"changed": row["name"] in changed}
        for row in table.to_dict("records")
    ]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if value is None or value == "" else value
