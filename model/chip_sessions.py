"""The chip tiers' sessions in compiled code: production upstream, the split of orders, rationing and deliveries.

:mod:`model.supply_chain` says what moves and calls these functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit
from model.production_period import (
    NetworkArrays,
    NetworkFlows,
    NetworkRules,
    NetworkState,
    network_period,
    ration_by_priority,
)

Array = NDArray[np.float64]


class WorldMarket(NamedTuple):
    """Constants of Japan's place among the designers' customers.

    Attributes
    ----------
    japan_share : Japan's part of normal orders.
    queue_sessions : queue, in sessions of normal orders, at which buyers abroad stop ordering.
    weight_abroad : weight of a unit ordered abroad over one ordered in Japan (1 under proportional rationing).
    """

    japan_share: float
    queue_sessions: float
    weight_abroad: float


@njit(cache=True)
def produce_upstream(
    fixed: NetworkArrays,
    state: NetworkState,
    rules: NetworkRules,
    flows: NetworkFlows,
    capacity: Array,
    world: WorldMarket,
    normal: Array,
    orders: Array,
    open_japan: Array,
    queue_abroad: Array,
    final_demand: Array,
    started: Array,
    availability: Array,
) -> None:
    """Run the sessions of designers, foundries and memory makers.  Nodes 0..D-1 of the network are the designers.

    Parameters
    ----------
    normal, orders : (D,) normal and actual orders from Japan this month.
    open_japan : (D,) units ordered from Japan and not started; changed.
    queue_abroad : (D,) the same abroad, in sessions of normal orders; changed.
    final_demand : (N,) scratch.
    started : (D, sessions) units started for Japan; written.
    availability : (D,) output over new orders; written.
    """
    designers, sessions = started.shape
    produced = np.zeros(designers)
    wanted = np.zeros(designers)
    part = np.ones(designers)
    abroad = np.zeros(designers)
    share = world.japan_share
    for s in range(sessions):
        for d in range(designers):
            a_day = normal[d] / sessions
            new = orders[d] / sessions
            open_japan[d] += new
            part[d] = open_japan[d] / a_day if a_day > 0.0 else 1.0
            fresh = new / a_day if a_day > 0.0 else 1.0
            new_abroad = max(1.0 - queue_abroad[d] / world.queue_sessions, 0.0)
            abroad[d] = queue_abroad[d] + new_abroad
            level = 1.0 + share * (part[d] - 1.0) + (1.0 - share) * (abroad[d] - 1.0)
            wanted[d] += 1.0 + share * (fresh - 1.0) + (1.0 - share) * (new_abroad - 1.0)
            final_demand[d] = fixed.base_final_demand[d] * level
        network_period(fixed, state, rules, flows, capacity, final_demand)
        for d in range(designers):
            level = final_demand[d] / fixed.base_final_demand[d]
            produced[d] += flows.final_delivered[d] / fixed.base_final_demand[d]
            if flows.final_delivered[d] >= final_demand[d]:
                started[d, s] = open_japan[d]
                open_japan[d] = 0.0
                queue_abroad[d] = 0.0
                continue
            output = flows.final_delivered[d] / fixed.base_final_demand[d]
            claim = share * part[d]
            claim_abroad = (1.0 - share) * abroad[d]
            weight = claim + claim_abroad * world.weight_abroad
            home = min(output * claim / weight, claim)
            home = min(max(home, output - claim_abroad), claim)
            started[d, s] = open_japan[d] * (home / claim) if claim > 0.0 else 0.0
            open_japan[d] -= started[d, s]
            queue_abroad[d] = max(abroad[d] - (output - home) / (1.0 - share), 0.0)
    for d in range(designers):
        availability[d] = min(produced[d] / wanted[d], 1.0) if wanted[d] > 0.0 else 1.0


@njit(cache=True)
def grant(
    seller_start: NDArray[np.int64],
    first: int,
    last: int,
    available: Array,
    in_full: NDArray[np.bool_],
    claims: Array,
    rationing: int,
    exponent: float,
    granted: Array,
) -> None:
    """Share each seller's units among its customers' claims; ``available`` and ``in_full`` start at ``first``."""
    for seller in range(first, last):
        start, stop = seller_start[seller], seller_start[seller + 1]
        units = available[seller - first]
        total = 0.0
        for e in range(start, stop):
            total += claims[e]
        if in_full[seller - first] or total <= 0.0:
            for e in range(start, stop):
                granted[e] = claims[e]
        elif rationing == 0:
            part = min(units / total, 1.0)
            for e in range(start, stop):
                granted[e] = claims[e] * part
        else:
            scratch = np.empty(stop - start)
            ration_by_priority(claims[start:stop], scratch, stop - start, exponent, units, granted[start:stop])


@njit(cache=True, no_cpython_wrapper=True)
def _distributor_sessions(receipts: Array, due: Array, arrears: Array, stock: Array, sold: Array) -> None:
    """Run the distributors' sessions: goods come in, what is due goes out as far as the stock reaches.

    Parameters
    ----------
    receipts : (K, sessions) units.
    due : (K,) units that fall due this month, evenly.
    arrears : (K,) units due and not delivered; changed.
    stock : (K,) units; changed.
    sold : (K, sessions) units; written.
    """
    distributors, sessions = receipts.shape
    for k in range(distributors):
        for s in range(sessions):
            stock[k] += receipts[k, s]
            owed = arrears[k] + due[k] / sessions
            sold[k, s] = min(stock[k], owed)
            stock[k] -= sold[k, s]
            arrears[k] = owed - sold[k, s]


@njit(cache=True)
def split_orders(
    seller: NDArray[np.int32],
    buyer: NDArray[np.int32],
    share: Array,
    first: int,
    distributor_row: NDArray[np.int32],
    tilt: Array,
    orders: Array,
    replenishment: Array,
    need: Array,
    on_edges: Array,
) -> None:
    """Split what each buyer orders over its edges: those from designers (before ``first``) by tilted share.

    ``need`` is a copy of ``orders`` to work on.
    """
    for k in range(distributor_row.size):
        need[distributor_row[k]] = replenishment[k]
    total = np.zeros(orders.size)
    for e in range(first):
        on_edges[e] = share[e] * tilt[seller[e]]
        total[buyer[e]] += on_edges[e]
    for e in range(first):
        on_edges[e] = need[buyer[e]] * (on_edges[e] / total[buyer[e]])
    for e in range(first, buyer.size):
        on_edges[e] = orders[buyer[e]]


@njit(cache=True)
def deliver(
    seller: NDArray[np.int32],
    buyer: NDArray[np.int32],
    first: int,
    seller_start: NDArray[np.int64],
    distributor_of_edge: NDArray[np.int32],
    slot: int,
    under_way: Array,
    profile: Array,
    unmet: Array,
    arrears: Array,
    stock: Array,
    claims: Array,
    rationing: int,
    exponent: float,
    flow: Array,
    delivered: Array,
    imported: Array,
    by_designer: Array,
    by_session: Array,
) -> None:
    """Take what is due out of the pipelines and run the distributors.

    Parameters
    ----------
    first : edges before it come from designers, the others from distributors.
    distributor_of_edge : (first,) the distributor whose stock the edge feeds, −1 for a final user.
    slot : of the pipelines, (edges, slots) and (designers, slots, sessions), that falls due; emptied.
    unmet, arrears, stock : changed; ``claims`` is a copy of ``unmet`` to work on.
    flow : (edges,) units; written.
    delivered, imported : (importers,) units received by final users and by importers of record; added to.
    by_designer, by_session : (designers,) and (sessions,) units; added to.
    """
    designers, sessions = by_designer.size, by_session.size
    timing = np.empty((designers, sessions))
    for d in range(designers):
        total = 0.0
        for s in range(sessions):
            total += profile[d, slot, s]
        for s in range(sessions):
            timing[d, s] = profile[d, slot, s] / max(total, 1e-300)
            profile[d, slot, s] = 0.0
    receipts = np.zeros((stock.size, sessions))
    due = np.zeros(stock.size)
    for e in range(seller.size):
        units = under_way[e, slot]
        under_way[e, slot] = 0.0
        flow[e] = units
        if e >= first:
            due[seller[e] - designers] += units
            claims[e] += units
            continue
        imported[buyer[e]] += units
        by_designer[seller[e]] += units
        k = distributor_of_edge[e]
        if k < 0:
            delivered[buyer[e]] += units
        for s in range(sessions):
            if k < 0:
                by_session[s] += units * timing[seller[e], s]
            else:
                receipts[k, s] += units * timing[seller[e], s]
    sold = np.empty((stock.size, sessions))
    current = np.empty(stock.size, dtype=np.bool_)
    available = np.zeros(stock.size)
    _distributor_sessions(receipts, due, arrears, stock, sold)
    for k in range(stock.size):
        current[k] = arrears[k] == 0.0
        for s in range(sessions):
            available[k] += sold[k, s]
            by_session[s] += sold[k, s]
    grant(seller_start, designers, designers + stock.size, available, current, claims, rationing, exponent, flow)
    for e in range(first, seller.size):
        unmet[e] = claims[e] - flow[e]
        delivered[buyer[e]] += flow[e]
