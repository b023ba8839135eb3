"""A production network in which firms hold inventories of what they buy, order, produce, ration and ship.

The rules are those of Hallegatte (2008) as put on a network of firms by Inoue and Todo (2019): a firm produces the
least of its capacity, of what its scarcest input allows and of what is ordered; when it falls short it rations its
customers; a loss of supply is felt downstream only once inventories have run out (see :func:`cover_periods`).

Nodes and edges are plain arrays.  The kernel :func:`network_period` is shared with the AI chip tiers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.compiled import njit

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]


class OrderRule(IntEnum):
    """How a firm orders its inputs."""

    INOUE_TODO = 0
    """What last period's output needs, and a part of the gap in inventory; the target moves with that output."""
    BASE_STOCK = 1
    """What expected demand needs, and a part of the gap in inventory plus what is under way."""


class Rationing(IntEnum):
    """How a supplier shares what is short among its customers."""

    PROPORTIONAL = 0
    """In proportion to orders."""
    PRIORITY = 1
    """In proportion to orders to a power above one, never more than ordered: the largest are served best."""


ORDER_RULES = {rule.name.lower(): rule for rule in OrderRule}
RATIONING_RULES = {rule.name.lower(): rule for rule in Rationing}


class NetworkArrays(NamedTuple):
    """What does not change.  N nodes, E edges sorted by customer and product, G inputs (a product of a customer).

    Attributes
    ----------
    supplier, customer : (E,) node numbers.
    base_flow : (E,) units a period in equilibrium.
    inventory_target : (E,) units.
    position_target : (E,) units: inventory and what is under way in equilibrium.
    input_of_edge : (E,) which input an edge feeds; edges of one input are substitutes, inputs are not.
    input_customer, input_flow, input_target : (G,) whose input it is, its base flow and its inventory target.
    edges_of_supplier, supplier_start : (E,) edge numbers by supplier, and (N + 1,) where each supplier's begin.
    base_output, base_final_demand : (N,) units a period.
    """

    supplier: IntArray
    customer: IntArray
    base_flow: Array
    inventory_target: Array
    position_target: Array
    input_of_edge: IntArray
    input_customer: IntArray
    input_flow: Array
    input_target: Array
    edges_of_supplier: IntArray
    supplier_start: IntArray
    base_output: Array
    base_final_demand: Array


class NetworkState(NamedTuple):
    """What changes from period to period.

    Attributes
    ----------
    inventory : (E,) units held by the customer.
    pipeline_rate : (E, K) outflow of each stage under way, units a period; a stage holds rate / hazard.
    position_gap : (E,) target less actual position (order rule ``base_stock``).
    output : (N,) units produced in the last period.
    demand, expected_demand : (N,) units ordered in the last period, and what firms expect.
    """

    inventory: Array
    pipeline_rate: Array
    position_gap: Array
    output: Array
    demand: Array
    expected_demand: Array


class NetworkRules(NamedTuple):
    """Options of the kernel: rules by number, times in periods.

    Attributes
    ----------
    order_rule, rationing : see :class:`OrderRule` and :class:`Rationing`.
    adjustment_periods : time over which a gap is ordered.
    stage_hazard : part of a pipeline stage that moves on each period.
    priority_exponent : power of an order in its weight.
    expectation_weight : weight of the last period in expected demand.
    """

    order_rule: int
    rationing: int
    adjustment_periods: float
    stage_hazard: float
    priority_exponent: float
    expectation_weight: float


class NetworkFlows(NamedTuple):
    """Work space, and what happened in the last period.

    Attributes
    ----------
    ordered, shipped, arrived, used : (E,) units.
    production, final_delivered, limit : (N,) units; ``limit`` is what capacity and inputs allow.
    input_stock : (G,) units.
    claim, weight, granted : (longest supplier's edges + 1,) scratch of the rationing.
    """

    ordered: Array
    shipped: Array
    arrived: Array
    used: Array
    production: Array
    final_delivered: Array
    limit: Array
    input_stock: Array
    claim: Array
    weight: Array
    granted: Array


@njit(cache=True)
def ration_by_priority(
    claim: Array, weight: Array, count: int, exponent: float, available: float, granted: Array
) -> None:
    """Share ``available`` among the first ``count`` claims with weights claim**exponent, none above its claim.

    Writes to ``granted``; ``weight`` is scratch.  Whoever is served in full leaves, and the rest share what remains.
    """
    total = 0.0
    for k in range(count):
        granted[k] = -1.0
        weight[k] = claim[k] ** exponent if claim[k] > 0.0 else 0.0
        total += claim[k]
    if total <= available:
        for k in range(count):
            granted[k] = claim[k]
        return
    remaining = max(available, 0.0)
    while True:
        weights = 0.0
        for k in range(count):
            if granted[k] < 0.0:
                weights += weight[k]
        scale = remaining / weights if weights > 0.0 else 0.0
        served = 0
        for k in range(count):
            if granted[k] < 0.0 and scale * weight[k] >= claim[k]:
                granted[k] = claim[k]
                remaining -= claim[k]
                served += 1
        remaining = max(remaining, 0.0)
        if served == 0:
            break
    for k in range(count):
        if granted[k] < 0.0:
            granted[k] = scale * weight[k]


@njit(cache=True, no_cpython_wrapper=True)
def _order(
    fixed: NetworkArrays, state: NetworkState, rules: NetworkRules, flows: NetworkFlows, final_demand: Array
) -> None:
    """Orders on every edge, and the demand that each node receives."""
    for e in range(fixed.supplier.size):
        c = fixed.customer[e]
        if rules.order_rule == 0:
            activity = state.output[c] / fixed.base_output[c]
            gap = fixed.inventory_target[e] * activity - state.inventory[e]
        else:
            activity = state.expected_demand[c] / fixed.base_output[c]
            gap = state.position_gap[e]
        flows.ordered[e] = max(fixed.base_flow[e] * activity + gap / rules.adjustment_periods, 0.0)
    state.demand[:] = 0.0
    for e in range(fixed.supplier.size):
        state.demand[fixed.supplier[e]] += flows.ordered[e]
    for i in range(final_demand.size):
        state.demand[i] += final_demand[i]


@njit(cache=True, no_cpython_wrapper=True)
def _produce(fixed: NetworkArrays, state: NetworkState, flows: NetworkFlows, capacity: Array) -> None:
    """Production: the least of capacity, scarcest input and demand; the use of inputs within each input."""
    for i in range(fixed.base_output.size):
        flows.limit[i] = fixed.base_output[i] * capacity[i]
    flows.input_stock[:] = 0.0
    for e in range(fixed.supplier.size):
        flows.input_stock[fixed.input_of_edge[e]] += state.inventory[e]
    for g in range(fixed.input_flow.size):
        c = fixed.input_customer[g]
        flows.limit[c] = min(flows.limit[c], fixed.base_output[c] * (flows.input_stock[g] / fixed.input_flow[g]))
    for i in range(fixed.base_output.size):
        flows.production[i] = min(flows.limit[i], state.demand[i])
        state.output[i] = flows.production[i]
    # Substitutes are used in proportion to their stocks; written so that it is exact when stocks are at their targets.
    for e in range(fixed.supplier.size):
        c, g = fixed.customer[e], fixed.input_of_edge[e]
        fullness = flows.input_stock[g] / fixed.input_target[g]
        part = state.inventory[e] / fixed.inventory_target[e] / fullness if fullness > 0.0 else 0.0
        flows.used[e] = fixed.base_flow[e] * (flows.production[c] / fixed.base_output[c]) * part


@njit(cache=True, no_cpython_wrapper=True)
def _ration(
    fixed: NetworkArrays, state: NetworkState, rules: NetworkRules, flows: NetworkFlows, final_demand: Array
) -> None:
    """Share each node's production among its customers and final demand."""
    for i in range(fixed.base_output.size):
        start, stop = fixed.supplier_start[i], fixed.supplier_start[i + 1]
        if flows.production[i] >= state.demand[i]:
            for k in range(start, stop):
                e = fixed.edges_of_supplier[k]
                flows.shipped[e] = flows.ordered[e]
            flows.final_delivered[i] = final_demand[i]
        elif rules.rationing == 0:
            part = flows.production[i] / state.demand[i]
            for k in range(start, stop):
                e = fixed.edges_of_supplier[k]
                flows.shipped[e] = flows.ordered[e] * part
            flows.final_delivered[i] = final_demand[i] * part
        else:
            count = stop - start
            for k in range(count):
                flows.claim[k] = flows.ordered[fixed.edges_of_supplier[start + k]]
            flows.claim[count] = final_demand[i]
            ration_by_priority(
                flows.claim, flows.weight, count + 1, rules.priority_exponent, flows.production[i], flows.granted
            )
            for k in range(count):
                flows.shipped[fixed.edges_of_supplier[start + k]] = flows.granted[k]
            flows.final_delivered[i] = flows.granted[count]


@njit(cache=True, no_cpython_wrapper=True)
def _receive(fixed: NetworkArrays, state: NetworkState, rules: NetworkRules, flows: NetworkFlows) -> None:
    """Move goods along the pipelines into inventories, and bring expectations and positions up to date."""
    stages = state.pipeline_rate.shape[1]
    for e in range(fixed.supplier.size):
        inflow = flows.shipped[e]
        for k in range(stages):
            outflow = state.pipeline_rate[e, k]
            state.pipeline_rate[e, k] = outflow + rules.stage_hazard * (inflow - outflow)
            inflow = outflow
        flows.arrived[e] = inflow
        state.inventory[e] = max(state.inventory[e] - flows.used[e] + inflow, 0.0)
        state.position_gap[e] -= flows.shipped[e] - flows.used[e]
    if rules.order_rule == 0:
        return
    for e in range(fixed.supplier.size):
        c = fixed.customer[e]
        change = rules.expectation_weight * (state.demand[c] - state.expected_demand[c])
        state.position_gap[e] += fixed.position_target[e] * (change / fixed.base_output[c])
    for i in range(fixed.base_output.size):
        state.expected_demand[i] += rules.expectation_weight * (state.demand[i] - state.expected_demand[i])


# Called from compiled code alone, as are its parts: entrances from Python would take Numba as long as the rest.
@njit(cache=True, no_cpython_wrapper=True)
def network_period(
    fixed: NetworkArrays,
    state: NetworkState,
    rules: NetworkRules,
    flows: NetworkFlows,
    capacity: Array,
    final_demand: Array,
) -> None:
    """One period of the network: order, produce, ration, receive.  Changes ``state`` and ``flows``.

    Parameters
    ----------
    capacity : (N,) capacity over base output.
    final_demand : (N,) units.
    """
    _order(fixed, state, rules, flows, final_demand)
    _produce(fixed, state, flows, capacity)
    _ration(fixed, state, rules, flows, final_demand)
    _receive(fixed, state, rules, flows)


@njit(cache=True)
def _one_period(
    fixed: NetworkArrays,
    state: NetworkState,
    rules: NetworkRules,
    flows: NetworkFlows,
    capacity: Array,
    final_demand: Array,
) -> None:
    """:func:`network_period` for callers in Python."""
    network_period(fixed, state, rules, flows, capacity, final_demand)


class ProductionRecord(NamedTuple):
    """Totals by period; the first entry is the equilibrium before the first period.

    Attributes
    ----------
    total_production, final_consumption, value_added : (periods + 1,) units.
    """

    total_production: Array
    final_consumption: Array
    value_added: Array


class ProductionNetwork:
    """A network of firms, in its equilibrium until capacity or final demand changes.

    Parameters
    ----------
    supplier, customer : (E,) node numbers of each edge.
    base_flow : (E,) units a period, above zero.
    final_demand : (N,) units a period sold outside the network.
    product : (E,) what an edge carries; edges of one product into one customer are substitutes.  Left out: every
        supplier's product is its own (Leontief).
    inventory_periods : inventory target in periods of use, at least 1: a number, or one per edge and equal within an
        input.
    adjustment_periods : time over which an inventory gap is ordered.
    order_rule : ``inoue_todo`` or ``base_stock``.
    rationing : ``proportional`` or ``priority``.
    lead_time_periods : mean time under way, 0 (arrives within the period) or at least 1.
    pipeline_stages : stages of the Erlang distribution of that time; at most as many as the lead time has periods.
    priority_exponent : power of an order in its weight under ``priority``.
    expectation_periods : memory of expected demand under ``base_stock``.

    Raises
    ------
    ValueError : arrays of different lengths, node numbers out of range, flows not above zero, unknown rules, a node
        that sells nothing.
    """

    def __init__(
        self,
        supplier: ArrayLike,
        customer: ArrayLike,
        base_flow: ArrayLike,
        final_demand: ArrayLike,
        *,
        product: ArrayLike | None = None,
        inventory_periods: ArrayLike = 15.0,
        adjustment_periods: float = 6.0,
        order_rule: str = "inoue_todo",
        rationing: str = "proportional",
        lead_time_periods: float = 0.0,
        pipeline_stages: int = 4,
        priority_exponent: float = 1.2,
        expectation_periods: float = 10.0,
    ) -> None:
        if order_rule not in ORDER_RULES or rationing not in RATIONING_RULES:
            raise ValueError(
                f"order_rule must be one of {list(ORDER_RULES)} and rationing one of "
                f"{list(RATIONING_RULES)}, not {order_rule!r} and {rationing!r}"
            )
        if lead_time_periods != 0.0 and lead_time_periods < 1.0:
            raise ValueError(f"lead_time_periods must be 0 or at least 1, not {lead_time_periods}")
        if adjustment_periods <= 0.0:
            raise ValueError(f"adjustment_periods must be above 0, not {adjustment_periods}")
        stages = 0 if lead_time_periods == 0.0 else max(1, min(pipeline_stages, int(lead_time_periods)))
        hazard = stages / lead_time_periods if stages else 1.0
        self.edge_order, self.fixed = _sorted_arrays(
            supplier, customer, base_flow, final_demand, product, inventory_periods, lead_time_periods
        )
        self.rules = NetworkRules(
            int(ORDER_RULES[order_rule]),
            int(RATIONING_RULES[rationing]),
            float(adjustment_periods),
            hazard,
            float(priority_exponent),
            1.0 / max(expectation_periods, 1.0),
        )
        fixed, edges, nodes = self.fixed, self.fixed.supplier.size, self.fixed.base_output.size
        self.state = NetworkState(
            fixed.inventory_target.copy(),
            np.repeat(fixed.base_flow[:, None], stages, axis=1),
            np.zeros(edges),
            *[fixed.base_output.copy() for _ in range(3)],
        )
        longest = int(np.diff(fixed.supplier_start).max(initial=0)) + 1
        sizes = (edges, edges, edges, edges, nodes, nodes, nodes, fixed.input_flow.size, longest, longest, longest)
        self.flows = NetworkFlows._make(np.zeros(size) for size in sizes)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.fixed.base_output.size)

    def by_edge(self, values: Array) -> Array:
        """Bring values from the internal order of edges into the order in which the edges were given."""
        given = np.empty_like(values)
        given[self.edge_order] = values
        return given

    def under_way(self) -> Array:
        """Units in the pipeline of each edge, (E,) in the internal order."""
        return np.asarray(self.state.pipeline_rate.sum(axis=1) / self.rules.stage_hazard)

    def step(self, capacity: Array | None = None, final_demand: Array | None = None) -> tuple[float, float, float]:
        """Run one period; returns total production, final consumption and value added.

        Parameters
        ----------
        capacity : (N,) capacity over base output (1 - damage); all 1 if left out.
        final_demand : (N,) units; the base if left out.
        """
        full = np.ones(self.n_nodes) if capacity is None else np.asarray(capacity, dtype=float)
        wanted = self.fixed.base_final_demand if final_demand is None else np.asarray(final_demand, dtype=float)
        _one_period(self.fixed, self.state, self.rules, self.flows, full, wanted)
        production = float(self.flows.production.sum())
        return production, float(self.flows.final_delivered.sum()), production - float(self.flows.used.sum())

    def run(self, periods: int, capacity: Sequence[Array] | Array | None = None) -> ProductionRecord:
        """Run ``periods`` periods and record totals, the equilibrium first.

        Parameters
        ----------
        capacity : (N,) held throughout, or (periods, N).
        """
        output = float(self.fixed.base_output.sum())
        rows: list[tuple[float, float, float]] = [
            (output, float(self.fixed.base_final_demand.sum()), output - float(self.fixed.base_flow.sum()))
        ]
        path: Any = np.ones(self.n_nodes) if capacity is None else np.asarray(capacity, dtype=float)
        rows += [self.step(path if path.ndim == 1 else path[t]) for t in range(periods)]
        return ProductionRecord(*np.array(rows).T)


def cover_periods(inventory_periods: float, loss_share: float) -> int:
    """Periods from a supplier's loss to the first in which its customer makes less.

    Inventory falls by the loss each period, and must cover one period's use: the first whole number above
    (n - 1) / loss.  With a loss of one half this is n / loss - 1, 29 periods for an inventory of 15.
    """
    return math.floor((inventory_periods - 1.0) / loss_share + 1e-9) + 1


def _totals(rows: IntArray, values: Array, count: int) -> Array:
    return np.asarray(np.bincount(rows, weights=values, minlength=count), dtype=float)


def _sorted_arrays(
    supplier: ArrayLike,
    customer: ArrayLike,
    base_flow: ArrayLike,
    final_demand: ArrayLike,
    product: ArrayLike | None,
    inventory_periods: ArrayLike,
    lead_time: float,
) -> tuple[NDArray[np.intp], NetworkArrays]:
    """Check the network and sort its edges by customer and product."""
    source, target = np.asarray(supplier, dtype=np.int32), np.asarray(customer, dtype=np.int32)
    flow, final = np.asarray(base_flow, dtype=float), np.asarray(final_demand, dtype=float)
    goods = source if product is None else np.asarray(product, dtype=np.int64)
    nodes = final.size
    if not source.size == target.size == flow.size == goods.size:
        raise ValueError(
            f"edges differ in length: {source.size} suppliers, {target.size} customers, "
            f"{flow.size} flows, {goods.size} products"
        )
    if source.size and (min(source.min(), target.min()) < 0 or max(source.max(), target.max()) >= nodes):
        raise ValueError(f"edges name nodes outside 0..{nodes - 1}")
    if np.any(flow <= 0.0) or np.any(final < 0.0):
        raise ValueError("base flows must be above zero and final demand not below")
    order = np.lexsort((goods, target))
    source, target, flow, goods = source[order], target[order], flow[order], goods[order]
    periods = np.broadcast_to(np.asarray(inventory_periods, dtype=float), flow.shape)[order]
    new_input = np.ones(flow.size, dtype=bool)
    new_input[1:] = (np.diff(target) != 0) | (np.diff(goods) != 0)
    input_of_edge = (np.cumsum(new_input) - 1).astype(np.int32)
    if np.any(periods < 1.0) or np.any((np.diff(periods) != 0.0) & ~new_input[1:]):
        raise ValueError("inventory_periods must be at least 1, and equal for the edges of one input")
    inventory = flow * periods
    output = np.zeros(nodes)
    np.add.at(output, source, flow)  # the same order of summing as in the step, so that equilibrium is exact
    output += final
    if np.any(output <= 0.0):
        raise ValueError(f"nodes {np.flatnonzero(output <= 0.0).tolist()} sell nothing")
    start = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=nodes))]).astype(np.int32)
    return order, NetworkArrays(
        source,
        target,
        flow,
        inventory,
        inventory + lead_time * flow,
        input_of_edge,
        target[new_input],
        _totals(input_of_edge, flow, int(new_input.sum())),
        _totals(input_of_edge, inventory, int(new_input.sum())),
        np.argsort(source, kind="stable").astype(np.int32),
        start,
        output,
        final,
    )
