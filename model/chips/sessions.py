"""A month of the chip tiers in compiled code: orders, production upstream, rationing, pipelines and deliveries.

:mod:`itcho.model.chips.tiers` says what moves; it calls :func:`place_orders`, :func:`produce_upstream` and
:func:`move_goods` in turn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.distributors import RestockingLaws, restock
from itcho.agents.importer_rows import order_abroad, prefer_available
from itcho.model.chips.production_period import (
    NetworkArrays,
    NetworkFlows,
    NetworkRules,
    NetworkState,
    network_period,
    ration_by_priority,
    ration_by_weight,
)
from itcho.model.chips.stocks import TierFlows, TierLinks, TierRules, TierStocks, WorldMarket

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

_SMALLEST_NORMAL_SHARE = 0.1


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _for_japan(
    output: float, claim: float, claim_abroad: float, by_history: float, history_share: float, weight_abroad: float
) -> float:
    """What Japan gets of a designer's output of a session that falls short of all claims on it.

    Parameters
    ----------
    output, claim, claim_abroad : over base output; no side gets more than it claims.
    by_history : Japan's part by what it has bought before; a part ``history_share`` goes by it, the rest by claims.
    weight_abroad : of a claim abroad against one of Japan.
    """
    weight = claim + claim_abroad * weight_abroad
    by_order = claim / weight if weight > 0.0 else 0.0
    home = min(output * ((1.0 - history_share) * by_order + history_share * by_history), claim)
    return min(max(home, output - claim_abroad), claim)


@njit(cache=True, error_model="numpy")
def produce_upstream(
    network: tuple[NetworkArrays, NetworkState, NetworkRules, NetworkFlows],
    market: WorldMarket,
    capacity: Array,
    normal: Array,
    orders: Array,
    open_japan: Array,
    queue_abroad: Array,
    orders_abroad: Array,
    started: Array,
    availability: Array,
) -> None:
    """Run the sessions of designers, foundries and memory makers.  Nodes 0..D-1 of the network are the designers.

    Parameters
    ----------
    network, market : the fields of the types named, as plain tuples, which Numba takes in fastest.
    capacity : (N,) capacity over base output.
    normal, orders : (D,) normal and actual orders from Japan this month.
    open_japan : (D,) units ordered from Japan and not started; changed.
    queue_abroad : (D,) the same abroad, in sessions of normal orders; changed.
    orders_abroad : (D,) what rivals order of each over what they usually do, before they mind the queue.
    started : (D, sessions) units started for Japan; written.
    availability : (D,) output over new orders; written.
    """
    fixed, state, world = NetworkArrays(*network[0]), NetworkState(*network[1]), WorldMarket(*market)
    rules, flows = NetworkRules(*network[2]), NetworkFlows(*network[3])
    designers, sessions = started.shape
    produced = np.zeros(designers)
    wanted = np.zeros(designers)
    part = np.ones(designers)
    abroad = np.zeros(designers)
    share, history = world.japan_share, world.history_share
    final_demand, new_orders = np.empty(capacity.size), np.empty(capacity.size)
    for i in range(capacity.size):
        final_demand[i] = new_orders[i] = fixed.base_final_demand[i]
    for s in range(sessions):
        for d in range(designers):
            a_day = normal[d] / sessions
            new = orders[d] / sessions
            open_japan[d] += new
            part[d] = open_japan[d] / a_day if a_day > 0.0 else 1.0
            fresh = new / a_day if a_day > 0.0 else 1.0
            new_abroad = orders_abroad[d] * max(1.0 - queue_abroad[d] / world.queue_sessions, 0.0)
            abroad[d] = queue_abroad[d] + new_abroad
            rivals = world.abroad_share[d]
            usual = share + rivals
            level = usual + share * (part[d] - 1.0) + rivals * (abroad[d] - 1.0)
            ordered = usual + share * (fresh - 1.0) + rivals * (new_abroad - 1.0)
            wanted[d] += ordered
            final_demand[d] = fixed.base_final_demand[d] * level
            new_orders[d] = fixed.base_final_demand[d] * ordered
        network_period(fixed, state, rules, flows, capacity, final_demand, new_orders)
        for d in range(designers):
            produced[d] += flows.final_delivered[d] / fixed.base_final_demand[d]
            if flows.final_delivered[d] >= final_demand[d]:
                started[d, s] = open_japan[d]
                open_japan[d] = 0.0
                queue_abroad[d] = 0.0
                continue
            output = flows.final_delivered[d] / fixed.base_final_demand[d]
            rivals = world.abroad_share[d]
            claim = share * part[d]
            by_history = share / (share + rivals * world.weight_abroad)
            home = _for_japan(output, claim, rivals * abroad[d], by_history, history, world.weight_abroad)
            started[d, s] = open_japan[d] * (home / claim) if claim > 0.0 else 0.0
            open_japan[d] -= started[d, s]
            queue_abroad[d] = max(abroad[d] - (output - home) / rivals, 0.0) if rivals > 0.0 else 0.0
    for d in range(designers):
        availability[d] = min(produced[d] / wanted[d], 1.0) if wanted[d] > 0.0 else 1.0


@njit(cache=True, no_cpython_wrapper=True)
def _grant(
    edges_start: NDArray[np.int64],
    available: Array,
    missing: Array,
    claims: Array,
    history: Array,
    rationing: int,
    exponent: float,
    history_share: float,
    granted: Array,
) -> None:
    """Share each seller's units among its customers' claims, which are met in full where nothing is ``missing``.

    Under the proportional rule a part ``history_share`` goes by what customers got before, the rest by claims.

    ``edges_start`` says where each seller's edges begin, and where the last one's end.
    """
    for seller in range(available.size):
        start, stop = edges_start[seller], edges_start[seller + 1]
        units = available[seller]
        total = 0.0
        for e in range(start, stop):
            total += claims[e]
        if missing[seller] == 0.0 or total <= 0.0:
            for e in range(start, stop):
                granted[e] = claims[e]
        elif rationing == 0:
            before = 0.0
            for e in range(start, stop):
                before += history[e]
            weight = np.empty(stop - start)
            for e in range(start, stop):
                known = history[e] / before if before > 0.0 else claims[e] / total
                weight[e - start] = (1.0 - history_share) * (claims[e] / total) + history_share * known
            ration_by_weight(claims[start:stop], weight, stop - start, units, granted[start:stop])
        else:
            scratch = np.empty(stop - start)
            ration_by_priority(claims[start:stop], scratch, stop - start, exponent, units, granted[start:stop])


@njit(cache=True)
def split_orders(
    seller: IntArray,
    buyer: IntArray,
    share: Array,
    distributor_of: IntArray,
    tilt: Array,
    orders: Array,
    on_edges: Array,
    placed: Array,
) -> None:
    """Split what users order over their edges, by tilted share; what distributors order for themselves stays open.

    Parameters
    ----------
    distributor_of : (importers,) which distributor a row is, −1 for a user.
    tilt : (sellers,) factor on shares.
    orders : (importers,) of final users; a distributor's stands for its own row and goes to its own stock.
    on_edges : (edges,) written; zero on edges from designers to distributors.
    placed : (importers,) orders that somebody takes; written.
    """
    total = np.zeros(orders.size)
    designers = tilt.size
    for k in range(distributor_of.size):
        designers -= distributor_of[k] >= 0
    for e in range(seller.size):
        own = distributor_of[buyer[e]]
        if own >= 0:
            on_edges[e] = 1.0 if seller[e] == designers + own else 0.0
        else:
            on_edges[e] = share[e] * tilt[seller[e]]
        total[buyer[e]] += on_edges[e]
    for i in range(orders.size):
        placed[i] = orders[i] if total[i] > 0.0 else 0.0
    for e in range(seller.size):
        if total[buyer[e]] > 0.0:
            on_edges[e] = orders[buyer[e]] * (on_edges[e] / total[buyer[e]])


@njit(cache=True)
def split_restocking(
    seller: IntArray,
    buyer: IntArray,
    share: Array,
    first: int,
    distributor_of: IntArray,
    tilt: Array,
    restocking: Array,
    on_edges: Array,
) -> None:
    """Split what distributors order over the designers they buy from, by tilted share.

    Parameters
    ----------
    restocking : (distributors,) bn USD.
    on_edges : (edges,) those from designers to distributors are written.
    """
    total = np.zeros(restocking.size)
    for e in range(first):
        k = distributor_of[buyer[e]]
        if k >= 0:
            on_edges[e] = share[e] * tilt[seller[e]]
            total[k] += on_edges[e]
    for e in range(first):
        k = distributor_of[buyer[e]]
        if k >= 0:
            on_edges[e] = restocking[k] * (on_edges[e] / total[k]) if total[k] > 0.0 else 0.0


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _cancel(links: TierLinks, stocks: TierStocks, cancel: Array, cancelled: Array) -> None:
    """Take back what users no longer want of what nobody has started for them, as far as there is any.

    Parameters
    ----------
    cancel : (importers,) wanted; users alone.
    cancelled : (importers,) written.
    """
    designers = stocks.open_japan.size
    waiting = np.zeros(cancel.size)
    for e in range(links.seller.size):
        if links.distributor_of[links.buyer[e]] < 0:
            waiting[links.buyer[e]] += stocks.unmet[e]
    for e in range(links.seller.size):
        i = links.buyer[e]
        if cancel[i] <= 0.0 or waiting[i] <= 0.0:
            continue
        gone = stocks.unmet[e] * min(cancel[i] / waiting[i], 1.0)
        stocks.unmet[e] -= gone
        cancelled[i] += gone
        stocks.backlog[i] -= gone
        if links.seller[e] >= designers:
            # A distributor that owes less has a larger position.
            k = links.seller[e] - designers
            stocks.arrears[k] = max(stocks.arrears[k] - gone, 0.0)
            stocks.position_gap[k] -= gone


@njit(cache=True)
def put_under_way(
    units: Array,
    by_session: Array,
    month: int,
    whole_months: int,
    later_share: float,
    under_way: Array,
    profile: Array,
) -> None:
    """Put units, started (designers) or committed (distributors) in ``month``, under way; late ones a month later.

    What fell due before the start (month 0) has been delivered and is left out.

    Parameters
    ----------
    units : (edges,).
    by_session : (designers, sessions) when they were started.
    under_way, profile : see :class:`TierStocks`; added to.
    """
    slots = under_way.shape[0]
    for wait in range(2):
        due, part = month + whole_months + wait, later_share if wait else 1.0 - later_share
        if due < 0 or part <= 0.0:
            continue
        slot = due % slots
        for e in range(units.size):
            late = units[e] * later_share
            under_way[slot, e] += late if wait else units[e] - late
        for d in range(by_session.shape[0]):
            for s in range(by_session.shape[1]):
                profile[slot, d, s] += by_session[d, s] * part


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _distributor_sessions(
    to_stock: Array, timing: Array, due: Array, arrears: Array, stock: Array, available: Array, by_session: Array
) -> None:
    """Run the distributors' sessions: goods come in, what is due goes out as far as the stock reaches.

    Parameters
    ----------
    to_stock : (D, K) units that arrive this month, at the times ``timing``, (D, sessions), of their designer.
    due : (K,) units that fall due this month, evenly.
    arrears : (K,) units due and not delivered; changed.
    stock : (K,) units; changed.
    available, by_session : (K,) and (sessions,) units sold; added to.
    """
    designers, sessions = timing.shape
    sold = np.empty(stock.size)
    for s in range(sessions):
        for k in range(stock.size):
            received = 0.0
            for d in range(designers):
                received += to_stock[d, k] * timing[d, s]
            held = stock[k] + received
            owed = arrears[k] + due[k] / sessions
            sold[k] = min(held, owed)
            stock[k] = held - sold[k]
            arrears[k] = owed - sold[k]
            available[k] += sold[k]
        for k in range(stock.size):
            by_session[s] += sold[k]


# Numba writes what is called once into its caller (``inline``): passing so many arrays on is slow to compile.
@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _deliver(
    links: TierLinks, stocks: TierStocks, rules: TierRules, slot: int, month: TierFlows, claimed: Array, served: Array
) -> None:
    """Take what is due out of the pipelines and run the distributors.

    Parameters
    ----------
    slot : of the pipelines that falls due; emptied.
    month : by supplier, shipped units are written; other flows are written or added to.
    claimed, served : (importers,) units due from distributors, and what came of them; added to.
    """
    designers, sessions = stocks.open_japan.size, month.by_session.size
    first, distributors = links.distributor_of_edge.size, stocks.stock.size
    timing = np.empty((designers, sessions))
    for d in range(designers):
        total = 0.0
        for s in range(sessions):
            total += stocks.profile[slot, d, s]
        for s in range(sessions):
            timing[d, s] = stocks.profile[slot, d, s] / max(total, 1e-300)
            stocks.profile[slot, d, s] = 0.0
    to_users, to_stock = np.zeros(designers), np.zeros((designers, distributors))
    for e in range(first):
        units, seller, buyer = stocks.under_way[slot, e], links.seller[e], links.buyer[e]
        month.on_edges[e] = units
        month.imported[buyer] += units
        month.by_supplier[0, links.designer_row[seller]] += units
        k = links.distributor_of_edge[e]
        if k < 0:
            month.delivered[buyer] += units
            to_users[seller] += units
        else:
            to_stock[seller, k] += units
    for d in range(designers):
        for s in range(sessions):
            month.by_session[s] += to_users[d] * timing[d, s]
    due, claims = np.zeros(distributors), np.empty(links.seller.size)
    for e in range(first, links.seller.size):
        due[links.seller[e] - designers] += stocks.under_way[slot, e]
        claims[e] = stocks.unmet[e] + stocks.under_way[slot, e]
    for e in range(links.seller.size):
        stocks.under_way[slot, e] = 0.0
    available = np.zeros(distributors)
    _distributor_sessions(to_stock, timing, due, stocks.arrears, stocks.stock, available, month.by_session)
    _grant(
        links.seller_start[designers:],
        available,
        stocks.arrears,
        claims,
        stocks.history,
        rules.rationing,
        rules.priority_exponent,
        rules.history_share,
        month.on_edges,
    )
    for e in range(first, links.seller.size):
        stocks.unmet[e] = claims[e] - month.on_edges[e]
        month.delivered[links.buyer[e]] += month.on_edges[e]
        claimed[links.buyer[e]] += claims[e]
        served[links.buyer[e]] += month.on_edges[e]
        stocks.history[e] += (month.on_edges[e] - stocks.history[e]) / rules.history_months
    for k in range(distributors):
        owed = available[k] + stocks.arrears[k]
        stocks.filled[k] = available[k] / owed if owed > 0.0 else 1.0
        stocks.lasting_filled[k] += (stocks.filled[k] - stocks.lasting_filled[k]) / rules.substitution_months


@njit(cache=True)
def place_orders(
    of_links: TierLinks,
    of_stocks: TierStocks,
    of_rules: TierRules,
    orders: Array,
    cancel: Array,
    allowed_months: Array,
    capacity: Array,
    on_edges: Array,
    by_designer: Array,
    normal: Array,
    room: Array,
    placed: Array,
    cancelled: Array,
) -> bool:
    """Split a month's orders over the edges; False, and nothing moves, if something given is below zero or no number.

    Parameters
    ----------
    of_links, of_stocks, of_rules : the fields of the types named, as plain tuples.
    orders, cancel : (importers,) orders of final users, and what they want to take back of those that wait, bn USD.
    allowed_months : (K,) stock that distributors may hold, in months of expected sales.
    capacity : (suppliers,) 1 = normal.
    on_edges, by_designer : (E,) and (D,) orders; written.
    normal : (D,) orders that each designer's capacity is built for; written.
    room : (N,) capacity upstream over base output; written.
    placed, cancelled : (importers,) orders that somebody takes, written; and what is taken back, added to zeros.
    """
    for i in range(orders.size):
        if not (orders[i] >= 0.0 and cancel[i] >= 0.0):
            return False
    for i in range(capacity.size):
        if not capacity[i] >= 0.0:
            return False
    links, stocks, rules = TierLinks(*of_links), TierStocks(*of_stocks), TierRules(*of_rules)
    designers, distributors, first = normal.size, stocks.stock.size, links.distributor_of_edge.size
    _cancel(links, stocks, cancel, cancelled)
    tilt = np.empty(designers + distributors)
    prefer_available(
        stocks.availability,
        stocks.lasting_availability,
        rules.substitution,
        rules.lasting_substitution,
        tilt[:designers],
    )
    order_abroad(links.bought_abroad, tilt[:designers], stocks.orders_abroad)
    prefer_available(
        stocks.filled, stocks.lasting_filled, rules.substitution, rules.lasting_substitution, tilt[designers:]
    )
    normal_sum = 0.0
    for d in range(designers):
        normal_sum += stocks.normal_orders[d]
        by_designer[d] = stocks.open_japan[d] = 0.0
    split_orders(links.seller, links.buyer, links.share, links.distributor_of, tilt, orders, on_edges, placed)
    demanded, restocking = np.zeros(distributors), np.empty(distributors)
    for e in range(first, links.seller.size):
        demanded[links.seller[e] - designers] += on_edges[e]
    laws = RestockingLaws(rules.distributor_reorder_share, rules.distributor_expectation_months)
    restock(demanded, allowed_months, laws, stocks.expected_sales, stocks.cover_months, stocks.position_gap, restocking)
    split_restocking(links.seller, links.buyer, links.share, first, links.distributor_of, tilt, restocking, on_edges)
    for e in range(first):
        by_designer[links.seller[e]] += on_edges[e]
        stocks.open_japan[links.seller[e]] += stocks.unmet[e]
    for d in range(designers):
        normal[d] = max(stocks.normal_orders[d], _SMALLEST_NORMAL_SHARE * normal_sum * links.packaging_share[d])
    for i in range(room.size):
        room[i] = rules.capacity_headroom * capacity[links.supplier_of_node[i]] * links.built[i]
    return True


@njit(cache=True)
def move_goods(
    of_links: TierLinks,
    of_stocks: TierStocks,
    of_rules: TierRules,
    month: int,
    placed: Array,
    on_edges: Array,
    by_designer: Array,
    started: Array,
    of_flows: TierFlows,
) -> None:
    """Put what designers started under way, deliver what is due, and keep what is left.

    Parameters
    ----------
    of_links, of_stocks, of_rules, of_flows : the fields of the types named, as plain tuples; flows are written, and
        zeros in what is added to.
    month : from 0.
    placed, on_edges, by_designer : see :func:`place_orders`.
    started : (D, sessions) units started for Japan.
    """
    links, stocks, rules, flows = (
        TierLinks(*of_links),
        TierStocks(*of_stocks),
        TierRules(*of_rules),
        TierFlows(*of_flows),
    )
    designers, first = started.shape[0], links.distributor_of_edge.size
    available, claims, moved = np.zeros(designers), np.empty(on_edges.size), np.empty(on_edges.size)
    claimed, served = np.zeros(placed.size), np.zeros(placed.size)
    for e in range(on_edges.size):
        claims[e], moved[e] = stocks.unmet[e] + on_edges[e], on_edges[e]
    for d in range(designers):
        change = stocks.availability[d] - stocks.lasting_availability[d]
        stocks.lasting_availability[d] += change / rules.substitution_months
        stocks.normal_orders[d] += (by_designer[d] - stocks.normal_orders[d]) / rules.capacity_adjustment_months
        for s in range(started.shape[1]):
            available[d] += started[d, s]
        flows.by_supplier[2, links.designer_row[d]] = available[d]
    missing, exponent = stocks.open_japan, rules.priority_exponent
    _grant(
        links.seller_start[: designers + 1],
        available,
        missing,
        claims,
        stocks.history,
        rules.rationing,
        exponent,
        rules.history_share,
        moved,
    )
    for e in range(first):
        stocks.unmet[e] = claims[e] - moved[e]
        stocks.history[e] += (moved[e] - stocks.history[e]) / rules.history_months
        claimed[links.buyer[e]] += claims[e]
        served[links.buyer[e]] += moved[e]
    put_under_way(moved, started, month, rules.whole_months, rules.later_share, stocks.under_way, stocks.profile)
    _deliver(links, stocks, rules, month % stocks.under_way.shape[0], flows, claimed, served)
    for i in range(placed.size):
        stocks.backlog[i] += placed[i] - flows.delivered[i]
        flows.waiting[i] = claimed[i] - served[i]
        flows.filled[i] = served[i] / claimed[i] if claimed[i] > 0.0 else 1.0
    for k in range(links.content.shape[0]):
        for d in range(designers):
            flows.by_supplier[1, k] += links.content[k, d] * flows.by_supplier[0, links.designer_row[d]]
