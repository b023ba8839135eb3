"""A production network in which firms hold inventories of what they buy, order, produce, ration and ship.

The rules are those of Hallegatte (2008) as put on a network of firms by Inoue and Todo (2019): a firm produces the
least of its capacity, of what its scarcest input allows and of what is ordered; when it falls short it rations its
customers; a loss of supply is felt downstream only once inventories have run out.

Nodes and edges are plain arrays.  The period itself is :func:`itcho.model.chips.production_period.network_period`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from itcho.agents.chip_designers import OrderRule
from itcho.agents.compiled import njit
from itcho.model.chips.production_period import NetworkArrays, NetworkFlows, NetworkRules, NetworkState, network_period

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]


class Rationing(IntEnum):
    """How a supplier shares what is short among its customers."""

    PROPORTIONAL = 0
    """In proportion to orders."""
    PRIORITY = 1
    """In proportion to orders to a power above one, never more than ordered: the largest are served best."""


ORDER_RULES = {rule.name.lower(): rule for rule in OrderRule}
RATIONING_RULES = {rule.name.lower(): rule for rule in Rationing}


@njit(cache=True)
def _one_period(
    fixed: NetworkArrays,
    state: NetworkState,
    rules: NetworkRules,
    flows: NetworkFlows,
    capacity: Array,
    final_demand: Array,
    new_final_orders: Array,
) -> None:
    """:func:`network_period` for callers in Python."""
    network_period(fixed, state, rules, flows, capacity, final_demand, new_final_orders)


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
    order_rule : ``base_stock`` or ``inoue_todo``, under which a full stop of one period lasts.
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
        order_rule: str = "base_stock",
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
        self.fixed = _sorted_arrays(
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
        self.product = _sorted_products(supplier, customer, product)
        fixed, edges, nodes = self.fixed, self.fixed.supplier.size, self.fixed.base_output.size
        self.state = NetworkState(
            fixed.inventory_target.copy(),
            np.repeat(fixed.base_flow[:, None], stages, axis=1),
            np.zeros(edges),
            *[fixed.base_output.copy() for _ in range(3)],
        )
        longest = int(np.diff(fixed.supplier_start).max(initial=0)) + 1
        inputs = fixed.input_flow.size
        sizes = (*(edges,) * 4, *(nodes,) * 3, inputs, inputs, nodes, nodes, *(longest,) * 3)
        self.flows = NetworkFlows._make(np.zeros(size) for size in sizes)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.fixed.base_output.size)

    def under_way(self) -> Array:
        """Units in the pipeline of each edge, (E,) in the internal order."""
        return np.asarray(self.state.pipeline_rate.sum(axis=1) / self.rules.stage_hazard)

    def step(
        self,
        capacity: Array | None = None,
        final_demand: Array | None = None,
        new_final_orders: Array | None = None,
    ) -> tuple[float, float, float]:
        """Run one period; returns total production, final consumption and value added.

        Parameters
        ----------
        capacity : (N,) capacity over base output (1 - damage); all 1 if left out.
        final_demand : (N,) units that customers outside wait for; the base if left out.
        new_final_orders : (N,) units of them that are ordered in this period; all of them if left out.
        """
        full = np.ones(self.n_nodes) if capacity is None else np.asarray(capacity, dtype=float)
        wanted = self.fixed.base_final_demand if final_demand is None else np.asarray(final_demand, dtype=float)
        new = wanted if new_final_orders is None else np.asarray(new_final_orders, dtype=float)
        _one_period(self.fixed, self.state, self.rules, self.flows, full, wanted, new)
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
        path = np.ones(self.n_nodes) if capacity is None else np.asarray(capacity, dtype=float)
        rows += [self.step(path if path.ndim == 1 else path[t]) for t in range(periods)]
        return ProductionRecord(*np.array(rows).T)


def _sorted_products(supplier: ArrayLike, customer: ArrayLike, product: ArrayLike | None) -> NDArray[np.int64]:
    """What each edge carries, (E,), in the internal order."""
    goods = np.asarray(supplier if product is None else product, dtype=np.int64)
    return goods[np.lexsort((goods, np.asarray(customer)))]


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
) -> NetworkArrays:
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
    return NetworkArrays(
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
