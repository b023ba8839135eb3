"""One period of a production network: order, produce, ration, receive; compiled.

:mod:`itcho.model.chips.production_network` says what the rules are and where they come from.  The AI chip tiers
call the same text.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_designers import expect_demand, order_inputs
from itcho.agents.compiled import njit

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]


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
    demand, expected_demand : (N,) units newly ordered in the last period, and what firms expect of them.
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
    order_rule : see :class:`itcho.agents.chip_designers.OrderRule`.
    rationing : see :class:`itcho.model.chips.production_network.Rationing`.
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
    input_stock, fullness : (G,) units, and the same over their target.
    wanted : (N,) units that are asked for: what is newly ordered, and what customers outside still wait for.
    activity : (N,) output, or what it is expected to be, over base output.
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
    fullness: Array
    wanted: Array
    activity: Array
    claim: Array
    weight: Array
    granted: Array


@njit(cache=True, no_cpython_wrapper=True)
def ration_by_priority(
    claim: Array, weight: Array, count: int, exponent: float, available: float, granted: Array
) -> None:
    """Share ``available`` among the first ``count`` claims with weights claim**exponent; see :func:`ration_by_weight`.

    Writes to ``granted``; ``weight`` is scratch.
    """
    for k in range(count):
        weight[k] = claim[k] ** exponent if claim[k] > 0.0 else 0.0
    ration_by_weight(claim, weight, count, available, granted)


@njit(cache=True, no_cpython_wrapper=True)
def ration_by_weight(claim: Array, weight: Array, count: int, available: float, granted: Array) -> None:
    """Share ``available`` among the first ``count`` claims by weight, none above its claim.

    Whoever is served in full leaves, and the rest share what remains.
    """
    total = 0.0
    for k in range(count):
        granted[k] = -1.0
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


# The parts of a period are written into it by Numba (``inline``): passing so many arrays on costs more than the rules.
@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _order(
    fixed: NetworkArrays,
    state: NetworkState,
    rules: NetworkRules,
    flows: NetworkFlows,
    final_demand: Array,
    new_final_orders: Array,
) -> None:
    """Orders on every edge, the demand that each node receives, and all that is wanted of it."""
    aim = state.output if rules.order_rule == 0 else state.expected_demand
    for i in range(fixed.base_output.size):
        flows.activity[i] = aim[i] / fixed.base_output[i]
        state.demand[i] = 0.0
    order_inputs(
        rules.order_rule,
        fixed.customer,
        fixed.base_flow,
        fixed.inventory_target,
        flows.activity,
        state.inventory,
        state.position_gap,
        rules.adjustment_periods,
        flows.ordered,
    )
    for e in range(fixed.supplier.size):
        state.demand[fixed.supplier[e]] += flows.ordered[e]
    for i in range(final_demand.size):
        flows.wanted[i] = state.demand[i] + final_demand[i]
        state.demand[i] += new_final_orders[i]


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _produce(fixed: NetworkArrays, state: NetworkState, flows: NetworkFlows, capacity: Array) -> None:
    """Production: the least of capacity, scarcest input and demand; the use of inputs within each input."""
    for i in range(fixed.base_output.size):
        flows.limit[i] = fixed.base_output[i] * capacity[i]
    for g in range(fixed.input_flow.size):
        flows.input_stock[g] = 0.0
    for e in range(fixed.supplier.size):
        flows.input_stock[fixed.input_of_edge[e]] += state.inventory[e]
    for g in range(fixed.input_flow.size):
        c = fixed.input_customer[g]
        flows.limit[c] = min(flows.limit[c], fixed.base_output[c] * (flows.input_stock[g] / fixed.input_flow[g]))
        flows.fullness[g] = flows.input_stock[g] / fixed.input_target[g]
    for i in range(fixed.base_output.size):
        flows.production[i] = min(flows.limit[i], flows.wanted[i])
        state.output[i] = flows.production[i]
        flows.activity[i] = flows.production[i] / fixed.base_output[i]
    # Substitutes are used in proportion to their stocks; written so that it is exact when stocks are at their targets.
    for e in range(fixed.supplier.size):
        fullness = flows.fullness[fixed.input_of_edge[e]]
        part = state.inventory[e] / fixed.inventory_target[e] / fullness if fullness > 0.0 else 0.0
        flows.used[e] = fixed.base_flow[e] * flows.activity[fixed.customer[e]] * part


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _ration(fixed: NetworkArrays, rules: NetworkRules, flows: NetworkFlows, final_demand: Array) -> None:
    """Share each node's production among its customers and final demand."""
    for i in range(fixed.base_output.size):
        start, stop = fixed.supplier_start[i], fixed.supplier_start[i + 1]
        if flows.production[i] >= flows.wanted[i]:
            for k in range(start, stop):
                e = fixed.edges_of_supplier[k]
                flows.shipped[e] = flows.ordered[e]
            flows.final_delivered[i] = final_demand[i]
        elif rules.rationing == 0:
            part = flows.production[i] / flows.wanted[i]
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


@njit(cache=True, no_cpython_wrapper=True, inline="always")
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
    expect_demand(
        fixed.customer,
        fixed.position_target,
        fixed.base_output,
        state.demand,
        rules.expectation_weight,
        state.expected_demand,
        state.position_gap,
    )


# Called from compiled code alone, as are its parts: entrances from Python would take Numba as long as the rest.
@njit(cache=True, no_cpython_wrapper=True, inline="always")
def network_period(
    fixed: NetworkArrays,
    state: NetworkState,
    rules: NetworkRules,
    flows: NetworkFlows,
    capacity: Array,
    final_demand: Array,
    new_final_orders: Array,
) -> None:
    """One period of the network: order, produce, ration, receive.  Changes ``state`` and ``flows``.

    Parameters
    ----------
    capacity : (N,) capacity over base output.
    final_demand : (N,) units that customers outside wait for.
    new_final_orders : (N,) units of them that were not yet wanted in the period before: only these tell of demand to
        come, for an order that waits is counted once however long it waits.
    """
    _order(fixed, state, rules, flows, final_demand, new_final_orders)
    _produce(fixed, state, flows, capacity)
    _ration(fixed, rules, flows, final_demand)
    _receive(fixed, state, rules, flows)
