"""What the dashboard of a live view shows, as plain data: tiles, charts, balance sheets, the agent that was clicked.

Everything is read from ledger, outcome registry and populations; nothing is computed but sums and differences.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.investors import TYPE_PARTIES
from itcho.agents.vocabulary import Sector
from itcho.experiments.figures.attribution import CLIENT_GROUPS, yen_by_group
from itcho.experiments.languages import LANGUAGES, difference_unit
from itcho.experiments.languages import words as language_words
from itcho.experiments.runs.summary_picture import calendar_years
from itcho.experiments.runs.typical_world import where_it_lies
from itcho.experiments.studies.fiscal_years import MONTHS, parts_of_years, to_date
from itcho.experiments.view.frames import HEADLINE
from itcho.experiments.view.kinds import LAYERS, words
from itcho.experiments.view.live_world import LiveWorld
from itcho.model.measure.outcomes import OUTCOMES

CHARTED = (
    "usdjpy",
    "domestic_ai_share_home_pct",
    "deficit_trn_yen_fy",
    "gov_debt_to_gdp_pct",
    "jgb_10y_pct",
    "softbank_ltv_pct",
)
BLUE, INK = "#0072B2", "#1D2733"
SHEETS = (("Government", Sector.GOVERNMENT), ("SoftBank", Sector.SOFTBANK))
_BINS = 24
_TYPE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#5B4A8A", "#8F7A00", "#4C6A78")


def dashboard(world: LiveWorld, selected: int | None) -> dict[str, Any]:
    """All that changes from month to month, as JSON can hold it."""
    return {
        "title": _title(world),
        "frame": world.frame().to_json(),
        "tiles": tiles(world),
        "lines": outcome_lines(world),
        "yen": yen_bars(world),
        "sankey": None if (sankey := world.sankey()) is None else sankey.to_json(),
        "sheets": [sector_sheet(world, title, sector) for title, sector in SHEETS],
        "positions": investor_positions(world),
        "agent": None if selected is None else agent(world, selected),
    }


def _title(world: LiveWorld) -> dict[str, Any]:
    economy = world.economy
    (policy, since), coming = world.policy_in_force, world.policy_to_come
    return {
        "month": economy.clock.date.isoformat(),
        "months": world.months,
        "scenario": economy.scenario.label,
        "policy": policy.label,
        "since": None if since is None else since.label,
        "to_come": None if coming is None else {"policy": coming[0].label, "month": coming[1].label},
        "seed": economy.seed,
        "twin": world.twin is not None,
        "investors": len(economy.investors),
        "importers": len(economy.chip_importers),
        "adopters": len(economy.adopters),
        "where": {}
        if (place := where_it_lies(economy)) is None
        else {code: place.text(language_words(code)) for code in LANGUAGES},
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def tiles(world: LiveWorld) -> list[dict[str, Any]]:
    """Headline outcomes now, and less those of the twin."""
    shown = []
    for name in HEADLINE:
        outcome, value = OUTCOMES[name], float(world.economy.outcomes[name])
        other = float(world.twin.outcomes[name]) if world.twin is not None else math.nan
        shown.append(
            {
                "name": name,
                "label": outcome.label,
                "unit": outcome.unit,
                "difference_unit": difference_unit(outcome.unit),
                "definition": f"{outcome.definition} Source of the statistic: {outcome.source}.",
                "decimals": outcome.decimals,
                "value": _number(value),
                "difference": _number(value - other),
            }
        )
    return shown


def outcome_lines(world: LiveWorld) -> list[dict[str, Any]]:
    """Paths of outcomes with the twin's: ``x`` in calendar years."""
    if not world.months:
        return []
    import pandas as pd

    dates = [str(date) for date in world.economy.records.dates]
    when = calendar_years(pd.Series(dates)).tolist()
    charts = []
    for name in CHARTED:
        outcome, yearly = OUTCOMES[name], to_date(name)
        # What runs up over the year says nothing before March: of it there is one point a year.
        kept = [place for place, date in enumerate(dates) if place >= MONTHS - 1 and date[5:7] == "03"]
        places = kept if yearly else list(range(len(dates)))

        def values(economy: Any, name: str = name, places: list[int] = places) -> list[float | None]:
            return [_number(economy.records.outcomes[place][name]) for place in places]

        series: list[dict[str, Any]] = [
            {
                "label": "with the programme",
                "colour": BLUE,
                "width": 2.2,
                "dots": yearly,
                "values": values(world.economy),
            }
        ]
        if world.twin is not None:
            series.append(
                {"label": "no programme", "colour": INK, "width": 1.1, "dash": "3 3", "values": values(world.twin)}
            )
        charts.append(
            {
                "title": outcome.label,
                "unit": outcome.unit,
                "yearly": yearly,
                "decimals": max(2, outcome.decimals),
                "dates": [dates[place] for place in places],
                "x": [when[place] for place in places],
                "series": series,
            }
        )
    return charts


def yen_bars(world: LiveWorld) -> dict[str, Any]:
    """Who moved the yen, log percent by fiscal year: the run, and the run less its twin."""
    if not world.months:
        return {"x": [], "series": [], "total": [], "difference": None, "parts": ""}
    table = yen_by_group(world.economy.fx_attribution())

    def stacked(values: Any) -> dict[str, Any]:
        return {
            "x": [int(year) for year in values.index],
            "series": [
                {"label": group.label, "colour": group.colour, "values": values[group.label].tolist()}
                for group in CLIENT_GROUPS
            ],
            "total": values.sum(axis=1).tolist(),
        }

    less = None if world.twin is None else stacked(table - yen_by_group(world.twin.fx_attribution()))
    parts = parts_of_years(world.economy.fx_attribution()["month"])
    return stacked(table) | {"difference": less, "parts": parts}


def sector_sheet(world: LiveWorld, title: str, sector: Sector) -> dict[str, Any]:
    """Balance sheet of a sector, without what its parties owe each other, beside the twin's."""
    rows = _positions(world.economy, [party.sector == sector for party in world.economy.ledger.parties])
    if world.twin is not None:
        other = _positions(world.twin, [party.sector == sector for party in world.twin.ledger.parties])
    else:
        other = {}
    found: list[dict[str, Any]] = []
    for name in world.economy.ledger.instruments:
        amount = rows.get(name, 0.0)
        if abs(amount) >= 5e-4 or abs(other.get(name, 0.0)) >= 5e-4:
            difference = amount - other.get(name, 0.0) if world.twin is not None else None
            found.append({"label": words(name), "amount": amount, "difference": difference})
    found.sort(key=lambda row: -row["amount"])
    net = sum(rows.values())
    less = net - sum(other.values()) if world.twin is not None else None
    return {"title": title, "rows": found, "net": net, "net_difference": less}


def _positions(economy: Any, wanted: list[bool]) -> dict[str, float]:
    sums = economy.ledger.positions[:, np.array(wanted)].sum(axis=1)
    return dict(zip(economy.ledger.instruments, sums.tolist(), strict=True))


def agent(world: LiveWorld, node: int) -> dict[str, Any]:
    """The agent of a node: its balance sheet, and its flows of the month, the largest first."""
    shown = world.scene.nodes[node]
    economy = world.economy
    index = economy.ledger.party_index[shown.key]
    sheet = _positions(economy, [place == index for place in range(len(economy.ledger.parties))])
    frame = world.frame()
    labels = {layer.key: layer.label for layer in LAYERS}
    flows = []
    for source, target, flow, amount in zip(
        frame.source.tolist(), frame.target.tolist(), frame.flow.tolist(), frame.amount.tolist(), strict=True
    ):
        if node in (source, target):
            instrument, purpose, layer = frame.flows[flow]
            what = [words(purpose)] if instrument == "deposits" else [words(purpose), words(instrument)]
            other = world.scene.nodes[target if source == node else source]
            sign = -1.0 if source == node else 1.0
            flows.append({"other": other.label, "what": what, "layer": labels[layer], "amount": sign * amount})
    flows.sort(key=lambda row: -abs(row["amount"]))
    return {
        "id": node,
        "label": shown.label,
        "kind": [words(shown.tier), words(shown.sector)],
        "members": shown.members,
        "member_kind": shown.member_kind,
        "sheet": [
            {"label": words(name), "amount": amount}
            for name, amount in sorted(sheet.items(), key=lambda pair: -pair[1])
            if abs(amount) >= 5e-7
        ],
        "net": sum(sheet.values()),
        "flows": flows,
    }


def investor_positions(world: LiveWorld) -> list[dict[str, Any]]:
    """Histograms of investors: foreign assets as a share of the portfolio, and traders' dollar positions."""
    columns = world.economy.investors.columns
    kind = columns["type"]
    held: NDArray[np.float64] = sum(
        (np.maximum(columns[name], 0.0) for name in ("deposits", "jgb", "equity", "foreign")), np.zeros(len(kind))
    )
    share = 100.0 * np.maximum(columns["foreign"], 0.0) / np.where(held > 0.0, held, 1.0)
    charts = [_histogram(share, held > 0.0, kind, "Foreign assets in the portfolio", "% of the portfolio")]
    millions = 1000.0 * columns["position_usd"]
    charts.append(
        _histogram(millions, millions != 0.0, kind, "Carry and speculative positions",
                   "million USD a member, + is long dollars")
    )  # fmt: skip
    return charts


def _histogram(
    values: NDArray[np.float64], used: NDArray[np.bool_], kind: NDArray[Any], title: str, unit: str
) -> dict[str, Any]:
    """Members by value, stacked by type of investor."""
    seen = values[used]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    if high - low <= 1e-3 * max(abs(low), abs(high)):
        # All stand at one place: a tenth to each side, so that the axis reads.
        room = 0.1 * max(abs(low), abs(high)) or 0.5
        low, high = low - room, high + room
    edges = np.linspace(low, high, _BINS + 1)
    series = []
    for number, party in enumerate(TYPE_PARTIES):
        counts = np.histogram(values[used & (kind == number)], edges)[0]
        if counts.any():
            colour = _TYPE_COLOURS[number % len(_TYPE_COLOURS)]
            series.append({"label": words(party), "colour": colour, "values": counts.tolist()})
    middle = ((edges[:-1] + edges[1:]) / 2.0).tolist()
    return {"title": title, "unit": unit, "x": middle, "series": series, "members": int(seen.size)}
