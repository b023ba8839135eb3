"""Where the trillion went: payments with the programme less payments without it, in the same world.

Both sides are sums of ledger edges.  Money is fungible, so nothing is traced: a bar is how much more (or less) one
party paid another, for one kind of purpose, than in the twin that has no programme.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT, CORE_PARTIES, JGB_BUCKETS, TREASURY_BILLS
from itcho.experiments.studies.fiscal_years import fiscal_year_of_months
from itcho.experiments.view.kinds import layer_of

KEYS = ["payer", "payee", "instrument", "purpose"]
_FINANCING = frozenset((TREASURY_BILLS, *JGB_BUCKETS))
_SUPPORT = "public_money"
_SMALLEST_SHARE = 0.006
"""Bars below this share of the programme are gathered: thinner ones cannot be seen."""
_MOST_SUPPORTED, _OTHER_SUPPORTED = 8, "Other supported firms"
_INSTITUTIONS = frozenset(party.name for party in CORE_PARTIES)
_LENDERS, _ACCOUNT, _SUPPORTED, _ONWARD = range(4)


@dataclass(frozen=True)
class SankeyNode:
    """One end of bars.

    Attributes
    ----------
    label : how it is shown.
    stage : 0 who pays the special account, 1 the account and what else supported firms receive, 2 whom the programme
        supports, 3 whom these pay.
    """

    label: str
    stage: int


@dataclass(frozen=True)
class SankeyLink:
    """One bar.

    Attributes
    ----------
    source, target : places in ``Sankey.nodes``.
    layer : kind of flow.
    amount_trn_yen : difference, above zero; what is paid less is drawn as what is left to its payer.
    """

    source: int
    target: int
    layer: str
    amount_trn_yen: float


@dataclass(frozen=True)
class Sankey:
    """The picture of the difference.

    Attributes
    ----------
    nodes, links : what is drawn; of the account and of each supported firm, bars in and out add to the same.
    programme_trn_yen : what the programme paid or guaranteed.
    """

    nodes: tuple[SankeyNode, ...]
    links: tuple[SankeyLink, ...]
    programme_trn_yen: float

    def to_json(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "nodes": [vars(node) for node in self.nodes],
            "links": [vars(link) for link in self.links],
            "programme_trn_yen": self.programme_trn_yen,
        }


def edges_by_fiscal_year(edges: pd.DataFrame) -> pd.DataFrame:
    """Edges summed by fiscal year: ``fiscal_year, payer, payee, instrument, purpose, amount_trn_yen``."""
    years = fiscal_year_of_months(edges["month"])
    table = edges.assign(fiscal_year=years).groupby(["fiscal_year", *KEYS])["amount_trn_yen"].sum().reset_index()
    return table[["fiscal_year", *KEYS, "amount_trn_yen"]]


def edge_differences(with_programme: pd.DataFrame, without: pd.DataFrame) -> pd.DataFrame:
    """How much more each party paid each other with the programme than without it, by fiscal year.

    Parameters
    ----------
    with_programme, without : tables of :func:`edges_by_fiscal_year` of two runs with the same seed.

    Returns
    -------
    The same columns; a payment that only one run knows counts as zero in the other.
    """
    keys = ["fiscal_year", *KEYS]
    sides = [table.set_index(keys)["amount_trn_yen"] for table in (with_programme, without)]
    return sides[0].sub(sides[1], fill_value=0.0).reset_index()


def programme_sankey(differences: pd.DataFrame, labels: Mapping[str, str]) -> Sankey | None:
    """From lenders through the special account to those it supports, and on to whom these paid more.

    Guaranteed loans come from banks instead.  Supported firms beyond the eight largest are one.

    Parameters
    ----------
    differences : a table of :func:`edge_differences`; fiscal years are summed.
    labels : how parties are shown.

    Returns
    -------
    ``None`` if the programme paid and guaranteed nothing.
    """
    total = differences.groupby(KEYS)["amount_trn_yen"].sum().reset_index()
    layer = [layer_of(*pair) for pair in zip(total["instrument"], total["purpose"], strict=True)]
    total = total.assign(layer=layer)
    given = (total["layer"] == _SUPPORT) & (total["payee"] != AI_SPECIAL_ACCOUNT) & (total["amount_trn_yen"] > 0.0)
    supported = total[given].groupby("payee")["amount_trn_yen"].sum().sort_values(ascending=False, kind="stable")
    programme = float(supported.sum())
    if programme <= 0.0:
        return None
    firms = [str(name) for name in supported.index if name not in _INSTITUTIONS]
    if len(firms) > _MOST_SUPPORTED:
        rest = dict.fromkeys(firms[_MOST_SUPPORTED:], _OTHER_SUPPORTED)
        total = total.assign(**{side: total[side].replace(rest) for side in ("payer", "payee")})
        total = total[total["payer"] != total["payee"]]
        firms = [*firms[:_MOST_SUPPORTED], _OTHER_SUPPORTED]
    picture = _Picture(labels, _SMALLEST_SHARE * programme)
    _draw_account(picture, total)
    for name in firms:
        _draw_supported(picture, total, name)
    return picture.finish(programme)


def _draw_account(picture: _Picture, total: pd.DataFrame) -> None:
    """Lenders and other payers on the left of the special account; holders' interest and support on its right."""
    here = (AI_SPECIAL_ACCOUNT, "", _ACCOUNT)
    lent = kept = 0.0
    for side, other, sign in (("payee", "payer", 1.0), ("payer", "payee", -1.0)):
        rows = total[total[side] == AI_SPECIAL_ACCOUNT]
        for party, layer, instrument, amount in _rows(rows, other, "layer", "instrument", "amount_trn_yen"):
            kept += sign * amount
            if instrument in _FINANCING:
                # Who buys at auction is seldom who is redeemed, as bonds change hands: only the net is shown.
                lent += sign * amount
            elif sign > 0.0:
                picture.add((party, "", _LENDERS), here, layer, amount)
            elif layer == _SUPPORT:
                picture.add(here, (party, "", _SUPPORTED), layer, amount)
            else:
                picture.add(here, ("", "Interest to bondholders", _SUPPORTED), layer, amount)
    picture.add(("", "Buyers of its bonds, net of redemption", _LENDERS), here, "government_bonds", lent)
    picture.add(here, ("", "Still on its account", _SUPPORTED), "other", kept)


def _draw_supported(picture: _Picture, total: pd.DataFrame, name: str) -> None:
    """What a supported firm received more besides, and what it paid more; what it paid less counts as received."""
    place = (name, "", _SUPPORTED)
    kept = 0.0
    for side, other, sign in (("payee", "payer", 1.0), ("payer", "payee", -1.0)):
        sums: dict[tuple[str, str], float] = {}
        for party, layer, amount in _rows(total[total[side] == name], other, "layer", "amount_trn_yen"):
            kept += sign * amount
            if (party, layer) != (AI_SPECIAL_ACCOUNT, _SUPPORT):
                sums[party, layer] = sums.get((party, layer), 0.0) + amount
        for (party, layer), change in sums.items():
            if sign * change > 0.0:
                picture.add((party, "" if sign > 0.0 else ", less paid", _ACCOUNT), place, layer, abs(change))
            else:
                picture.add(place, (party, "" if sign < 0.0 else ", pays less", _ONWARD), layer, abs(change))
    if kept > 0.0:
        picture.add(place, ("", "Kept on deposit", _ONWARD), "other", kept)
    else:
        picture.add(("", "Drawn from deposits", _ACCOUNT), place, "other", -kept)


def _rows(table: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].tolist() for name in columns), strict=True)


_Place = tuple[str, str, int]


class _Picture:
    """Gathers bars; those too thin to see are joined under one name."""

    def __init__(self, labels: Mapping[str, str], smallest: float) -> None:
        self.labels, self.smallest = labels, smallest
        self._bars: dict[tuple[_Place, _Place, str], float] = {}

    def add(self, source: _Place, target: _Place, layer: str, amount_trn_yen: float) -> None:
        """Add to the bar between two places."""
        key = (source, target, layer)
        self._bars[key] = self._bars.get(key, 0.0) + amount_trn_yen

    def finish(self, programme_trn_yen: float) -> Sankey:
        """Nodes and links, the widest first."""
        joined: dict[tuple[_Place, _Place, str], float] = {}
        for (source, target, layer), amount in self._bars.items():
            key = (source, target, layer)
            if amount < self.smallest:
                # The account and the supported stay; who is at a thin bar's other end becomes one of the others.
                stays = source[0] == AI_SPECIAL_ACCOUNT or source[2] == _SUPPORTED
                ends = (source, _others(target)) if stays else (_others(source), target)
                key = (*ends, "other")
            joined[key] = joined.get(key, 0.0) + amount
        seen = {key: amount for key, amount in joined.items() if amount > self.smallest / 6.0}
        ordered = sorted(seen.items(), key=lambda bar: (bar[0][0][2], -bar[1]))
        number: dict[_Place, int] = {}
        links = []
        for (source, target, layer), amount in ordered:
            first, second = (number.setdefault(place, len(number)) for place in (source, target))
            links.append(SankeyLink(first, second, layer, amount))
        nodes = tuple(SankeyNode(self.labels.get(name, name) + text, stage) for name, text, stage in number)
        return Sankey(nodes, tuple(links), programme_trn_yen)


def _others(place: _Place) -> _Place:
    return "", "Others", place[2]
