"""What the dashboard of a live view shows, as plain data: tiles, charts, balance sheets, the agent that was clicked.

Everything is read from ledger, outcome registry and populations; nothing is computed but sums and differences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.decisions import Decision
from itcho.agents.investors import TYPE_PARTIES
from itcho.agents.vocabulary import Sector
from itcho.experiments.figures.attribution import CLIENT_GROUPS
from itcho.experiments.languages import LANGUAGES, difference_unit
from itcho.experiments.languages import words as language_words
from itcho.experiments.runs.decision_sentences import decision_sentences
from itcho.experiments.studies.fiscal_years import MONTHS, to_date, year_name
from itcho.experiments.view.frames import HEADLINE
from itcho.experiments.view.kinds import LAYERS, words
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.months_played import SPANS
from itcho.experiments.view.report_decisions import LANES, PARTY_OF_GROUP, TIER_OF_GROUP, nodes_of_agent
from itcho.model.clock import Month
from itcho.model.finance.foreign_exchange import ATTRIBUTION
from itcho.model.measure.outcomes import OUTCOMES

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy

CHARTED = (
    "usdjpy",
    "domestic_ai_share_home_pct",
    "deficit_trn_yen_fy",
    "gov_debt_to_gdp_pct",
    "jgb_10y_pct",
    "softbank_ltv_pct",
)
BLUE, ORANGE = "#0072B2", "#D55E00"
SHOWN = ("both", "a", "b", "difference")
SAID_FIRST = ("bank_of_japan", "government", "softbank_group")
"""Whose decisions are told while nobody is chosen."""
MOST_FLOWS = 12
SEEN = 0.005
"""What a sentence, with its two decimals, can show of a deed."""
_PLACES_OF_GROUPS = [[ATTRIBUTION.index(part) for part in group.parts] for group in CLIENT_GROUPS]
SHEETS = (("Government", Sector.GOVERNMENT), ("SoftBank", Sector.SOFTBANK))
_BINS = 24
_TYPE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#5B4A8A", "#8F7A00", "#4C6A78")


@dataclass(frozen=True)
class Look:
    """What a browser tab looks at.

    Attributes
    ----------
    place : the month, counted from the opening, 0; ``None`` for the last one.
    span : one of :data:`itcho.experiments.view.months_played.SPANS`.
    show : ``both``, ``a``, ``b`` or ``difference``.
    nodes : the chosen agent, or the agents of a chosen group, as ids of the scene.
    lane : the chosen lane of events, or nothing.
    """

    place: int | None = None
    span: str = "all"
    show: str = "difference"
    nodes: tuple[int, ...] = ()
    lane: str = ""

    @classmethod
    def of(cls, asked: Any, world: LiveWorld) -> Look:
        """From what a browser says, which may be anything."""
        given = asked if isinstance(asked, dict) else {}
        place, nodes, lane = given.get("place"), given.get("nodes"), given.get("lane")
        known = isinstance(place, int) and not isinstance(place, bool) and 0 <= place < world.months
        ids = nodes if isinstance(nodes, list) else []
        scene = range(len(world.scene.nodes))
        return cls(
            place if known else None,
            given["span"] if given.get("span") in SPANS else "all",
            given["show"] if given.get("show") in SHOWN else "difference",
            tuple(one for one in ids[: len(scene)] if isinstance(one, int) and one in scene),
            lane if lane in LANES else "",
        )


def dashboard(world: LiveWorld, look: Look | None = None) -> dict[str, Any]:
    """All that changes from month to month, as JSON can hold it."""
    look = look or Look()
    place = world.months if look.place is None else min(look.place, world.months)
    return {
        "title": _title(world, place),
        "frames": _frames(world, look, place),
        "limits": [[node, said] for node, said in world.played.limits(place)],
        "lanes": _lanes(world),
        "tiles": tiles(world, place),
        "lines": outcome_lines(world),
        "yen": yen_bars(world),
        "sankey": None if (sankey := world.sankey()) is None else sankey.to_json(),
        "sheets": [sector_sheet(world, title, sector, place) for title, sector in SHEETS],
        "positions": investor_positions(world),
        "decisions": decisions(world, look, place),
        "event": event(world, look.lane, place) if look.lane else None,
        "agent": agent(world, look, place) if look.nodes else None,
    }


def _frames(world: LiveWorld, look: Look, place: int) -> list[dict[str, Any]]:
    """One picture, or two side by side."""
    if world.twin is None:
        return [world.picture("a", place, look.span)]
    shown = ("a", "b") if look.show == "both" else (look.show,)
    return [world.picture(which, place, look.span) for which in shown]


def _lanes(world: LiveWorld) -> list[dict[str, Any]]:
    """Lanes of A and B; of an event the month's place and how many it met."""
    found, other = world.played.lanes(), world.twin_played.lanes() if world.twin is not None else {}
    return [
        {
            "name": name,
            "a": [[place, len(who)] for place, who in found.get(name, [])],
            "b": [[place, len(who)] for place, who in other.get(name, [])],
        }
        for name in LANES
    ]


def _said(records: Sequence[Decision]) -> list[dict[str, str]]:
    """Decisions in words, in each language."""
    by_code = {code: decision_sentences(records, code) for code in LANGUAGES}
    return [{code: said[at] for code, said in by_code.items()} for at in range(len(records))]


def _agents_of(world: LiveWorld, nodes: Sequence[int]) -> set[str]:
    """Who decides at these nodes."""
    keys = {world.scene.nodes[node].key for node in nodes}
    tiers = {world.scene.nodes[node].tier for node in nodes}
    named = {group for group, tier in TIER_OF_GROUP.items() if tier in tiers}
    named |= {group for group, party in PARTY_OF_GROUP.items() if party in keys}
    return keys | named


def decisions(world: LiveWorld, look: Look, place: int) -> list[dict[str, Any]]:
    """Decisions of the month, of the chosen agents or of those who matter most; B's beside A's where they differ."""
    if not place:
        return []
    wanted = _agents_of(world, look.nodes) if look.nodes else set(SAID_FIRST)
    sides = [
        [
            one
            for one in economy.records.decisions[place - 1]
            if one.agent in wanted and (look.nodes or one.what == "policy_rate" or abs(one.did) >= SEEN)
        ]
        for economy in (world.economy, world.twin)
        if economy is not None
    ]
    first = _said(sides[0])
    found: list[dict[str, Any]] = [
        {"agent": one.agent, "a": said, "b": None} for one, said in zip(sides[0], first, strict=True)
    ]
    if len(sides) > 1:
        other = {(one.agent, one.what): (one, said) for one, said in zip(sides[1], _said(sides[1]), strict=True)}
        for record, line in zip(sides[0], found, strict=True):
            theirs = other.get((record.agent, record.what))
            if theirs is not None and abs(theirs[0].did - record.did) >= SEEN:
                line["b"] = theirs[1]
    return found


def event(world: LiveWorld, lane: str, place: int) -> dict[str, Any] | None:
    """What stands behind a mark of a lane: decisions in words, and the largest flows of whom it met."""
    events = world.played.events(place, lane) if place else []
    if not events:
        return None
    records = world.economy.records.decisions[place - 1]
    said = _said([records[at] for one in events for at in one[2]])
    lost = [float(one[3]) for one in events if len(one) > 3]
    agents = {str(one[1]) for one in events}
    nodes = [node for name in sorted(agents) for node in nodes_of_agent(world.scene, name)]
    return {
        "lane": lane, "month": world.date(place), "said": said, "lost_trn_yen": lost,
        "flows": _flows_of(world, nodes, place)[:MOST_FLOWS],
    }  # fmt: skip


def _flows_of(world: LiveWorld, nodes: Sequence[int], place: int) -> list[dict[str, Any]]:
    """A month's flows between these nodes and all others, the largest first; negative is paid."""
    held, labels = set(nodes), {layer.key: layer.label for layer in LAYERS}
    frame = world.picture("a", place, "month")
    flows = []
    for source, target, flow, amount in frame["edges"]:
        if (source in held) == (target in held):
            continue
        instrument, purpose, layer = frame["flows"][flow]
        what = [words(purpose)] if instrument == "deposits" else [words(purpose), words(instrument)]
        own, other = (source, target) if source in held else (target, source)
        signed = -amount if source in held else amount
        flows.append(
            {
                "own": world.scene.nodes[own].label, "other": world.scene.nodes[other].label, "what": what,
                "layer": labels[layer], "amount": signed,
            }
        )  # fmt: skip
    flows.sort(key=lambda row: -abs(row["amount"]))
    return flows


def _title(world: LiveWorld, place: int) -> dict[str, Any]:
    economy = world.economy
    (policy, since), coming = world.policy_in_force, world.policy_to_come
    beside, beside_since = world.beside
    return {
        "month": world.date(place),
        "place": place,
        "months": world.months,
        "opening": world.date(0),
        "running": world.running,
        "scenario": economy.scenario.label,
        "policy": policy.label,
        "since": None if since is None else since.label,
        "to_come": None if coming is None else {"policy": coming[0].label, "month": coming[1].label},
        "beside": beside,
        "beside_since": None if beside_since is None else beside_since.label,
        "seed": economy.seed,
        "twin": world.twin is not None,
        "is_twin": world.is_twin,
        "investors": len(economy.investors),
        "importers": len(economy.chip_importers),
        "adopters": len(economy.adopters),
        "where": {}
        if (place_among := world.where()) is None
        else {code: place_among.text(language_words(code)) for code in LANGUAGES},
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def tiles(world: LiveWorld, place: int) -> list[dict[str, Any]]:
    """Headline outcomes of a month, of B, and A less B."""
    shown = []
    for name in HEADLINE:
        outcome, value = OUTCOMES[name], _outcome(world.economy, name, place)
        other = math.nan if world.twin is None else _outcome(world.twin, name, place)
        shown.append(
            {
                "name": name,
                "label": outcome.label,
                "unit": outcome.unit,
                "difference_unit": difference_unit(outcome.unit),
                "definition": f"{outcome.definition} Source of the statistic: {outcome.source}.",
                "decimals": outcome.decimals,
                "value": _number(value),
                "other": _number(other),
                "difference": _number(value - other),
            }
        )
    return shown


def _outcome(economy: JapanEconomy, name: str, place: int) -> float:
    months = economy.records.outcomes
    return float(months[place - 1][name] if 0 < place < len(months) else economy.outcomes[name])


def outcome_lines(world: LiveWorld) -> list[dict[str, Any]]:
    """Paths of outcomes with the twin's: ``x`` in calendar years."""
    if not world.months:
        return []
    dates = [str(date) for date in world.economy.records.dates]
    when = [int(date[:4]) + int(date[5:7]) / 12.0 for date in dates]
    charts = []
    for name in CHARTED:
        outcome, yearly = OUTCOMES[name], to_date(name)
        # What runs up over the year says nothing before March: of it there is one point a year.
        kept = [place for place, date in enumerate(dates) if place >= MONTHS - 1 and date[5:7] == "03"]
        places = kept if yearly else list(range(len(dates)))

        def values(economy: JapanEconomy, name: str = name, places: list[int] = places) -> list[float | None]:
            return [_number(economy.records.outcomes[place][name]) for place in places]

        series: list[dict[str, Any]] = [
            {
                "label": "A",
                "colour": BLUE,
                "width": 2.2,
                "dots": yearly,
                "values": values(world.economy),
            }
        ]
        if world.twin is not None:
            series.append(
                {
                    "label": "B",
                    "colour": ORANGE,
                    "width": 1.3,
                    "dash": "4 3",
                    "dots": yearly,
                    "values": values(world.twin),
                }
            )
        charts.append(
            {
                "name": name,
                "title": outcome.label,
                "unit": outcome.unit,
                "yearly": yearly,
                "decimals": max(2, outcome.decimals),
                "dates": [dates[place] for place in places],
                "places": [place + 1 for place in places],
                "x": [when[place] for place in places],
                "series": series,
            }
        )
    return charts


def yen_bars(world: LiveWorld) -> dict[str, Any]:
    """Who moved the yen, log percent by fiscal year: A, and A less B."""
    if not world.months:
        return {"x": [], "series": [], "total": [], "difference": None, "parts": ""}
    months = [Month.of(date).fiscal_year for date in world.economy.records.dates]
    years = list(range(months[0], months[-1] + 1))
    held = np.array([[month == year for month in months] for year in years], dtype=float)

    def stacked(values: NDArray[np.float64]) -> dict[str, Any]:
        return {
            "x": years,
            "series": [
                {"label": group.label, "colour": group.colour, "values": values[:, place].tolist()}
                for place, group in enumerate(CLIENT_GROUPS)
            ],
            "total": values.sum(axis=1).tolist(),
        }

    table = held @ _by_group(world.economy)
    less = None if world.twin is None else stacked(table - held @ _by_group(world.twin))
    whole = held.sum(axis=1).astype(int).tolist()
    parts = ", ".join(year_name(year, count) for year, count in zip(years, whole, strict=True) if count < MONTHS)
    return stacked(table) | {"difference": less, "parts": parts}


def _by_group(economy: JapanEconomy) -> NDArray[np.float64]:
    """(months, groups) log percent."""
    parts = 100.0 * np.array(economy.records.attribution)
    return np.column_stack([parts[:, list(group)].sum(axis=1) for group in _PLACES_OF_GROUPS])


def sector_sheet(world: LiveWorld, title: str, sector: Sector, place: int) -> dict[str, Any]:
    """Balance sheet of a sector in a month, without what its parties owe each other, beside B's."""
    parties = [at for at, party in enumerate(world.economy.ledger.parties) if party.sector == sector]
    rows = _positions(world.economy, world.played.positions[place], parties)
    other = {} if world.twin is None else _positions(world.economy, world.twin_played.positions[place], parties)
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


def _positions(economy: JapanEconomy, positions: NDArray[np.float64], parties: Sequence[int]) -> dict[str, float]:
    sums = positions[:, list(parties)].sum(axis=1)
    return dict(zip(economy.ledger.instruments, sums.tolist(), strict=True))


def agent(world: LiveWorld, look: Look, place: int) -> dict[str, Any]:
    """The agent of a node, or the agents of a group: balance sheet, and flows of the month, the largest first."""
    shown = [world.scene.nodes[node] for node in look.nodes]
    economy = world.economy
    parties = [economy.ledger.party_index[one.key] for one in shown]
    sheet = _positions(economy, world.played.positions[place], parties)
    members = sum(one.members for one in shown)
    kinds = {one.member_kind for one in shown if one.members}
    return {
        "ids": list(look.nodes),
        "label": shown[0].label if len(shown) == 1 else "",
        "names": [one.label for one in shown],
        "kind": [words(shown[0].tier), words(shown[0].sector)] if len(shown) == 1 else [],
        "members": members if len(kinds) == 1 else 0,
        "member_kind": next(iter(kinds)) if len(kinds) == 1 else "",
        "sheet": [
            {"label": words(name), "amount": amount}
            for name, amount in sorted(sheet.items(), key=lambda pair: -pair[1])
            if abs(amount) >= 5e-7
        ],
        "net": sum(sheet.values()),
        "flows": _flows_of(world, look.nodes, place) if place else [],
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
