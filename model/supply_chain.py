"""The AI chip tiers in business days: foundry and memory, designers, what is under way, distributors, final users.

One call moves a month.  Importers' orders go to designers, or to the distributor that serves them.  Designers start as
much as components and capacity allow, shared between Japan and the rest of the world; what they start arrives after the
lead time.  A distributor hands on to designers what its customers order, keeps its stock at its target, and delivers
when an order falls due; so a loss of supply reaches users only after the lead time, and after the stocks on their path.

Units are conserved exactly: orders = deliveries + backlog, starts = receipts + change under way (see the tests).
Volumes are billion US dollars at base prices.  The upstream tiers run on the network of Inoue and Todo (2019), in
multiples of normal sales, because Japan is a small part of their market.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.chip_edges import ChipEdges, NamedSupplier, tier_rows, tier_shares
from model.chip_sessions import WorldMarket, deliver, grant, produce_upstream, split_orders
from model.production_network import (
    RATIONING_RULES,
    ProductionNetwork,
    Rationing,
)

Array = NDArray[np.float64]

SESSIONS_A_MONTH = 21
_SMALLEST_NORMAL_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class ChipMonth:
    """What the chip tiers did in a month; bn USD at base prices.

    Attributes
    ----------
    delivered_bn_usd : (importers,) units received by final users; a distributor's row holds what it delivered to itself
        and to customers outside the population.
    delivered_by_session : (sessions,) the same, all importers together.
    imported_bn_usd : (importers,) units that crossed the border, by importer of record; distributors' are for stock.
    shipped_by_supplier_bn_usd : (suppliers,) the same by the designer that is paid for them; foundries and memory
        makers are paid by designers abroad, so theirs are zero.
    upstream_value_bn_usd : (suppliers,) what foundries and memory makers earn on those units, for information.
    started_by_supplier_bn_usd : (suppliers,) units for Japan put into work by each designer.
    edge_flow_bn_usd : (edges,) units delivered on each edge of the chip trade.
    backlog_bn_usd : (importers,) units ordered and not yet delivered, under way included.
    distributor_stock_bn_usd : (distributors,) stock at the end of the month.
    availability : (designers,) what designers could start over what was newly ordered of them, at most 1.
    """

    delivered_bn_usd: Array
    delivered_by_session: Array
    imported_bn_usd: Array
    shipped_by_supplier_bn_usd: Array
    upstream_value_bn_usd: Array
    started_by_supplier_bn_usd: Array
    edge_flow_bn_usd: Array
    backlog_bn_usd: Array
    distributor_stock_bn_usd: Array
    availability: Array


def _sums(rows: NDArray[Any], weights: Array, minlength: int) -> Array:
    """Sums of ``weights`` by row."""
    return np.asarray(np.bincount(rows, weights=weights, minlength=minlength), dtype=float)


class ChipTiers:
    """The chip tiers and all that is stored or under way in them; starts in a steady state.

    Parameters
    ----------
    edges : the chip trade, from :func:`model.chip_edges.make_chip_edges`.
    suppliers : the named foreign suppliers; ``capacity`` and results by supplier follow their order.
    monthly_orders_bn_usd : (importers,) orders of the month before the start, which were the same (or grew at
        ``growth_monthly``) in all months before.
    parameters : attribute access (``supply_...`` and ``chip_lead_time_months``).
    rationing : ``proportional`` or ``priority``.
    growth_monthly : growth of past orders a month (log).

    Attributes
    ----------
    lead_time_months : from order to delivery when nothing is short, the same for all importers.

    Raises
    ------
    ValueError : unknown rationing, orders of the wrong length or below zero.
    """

    def __init__(
        self,
        edges: ChipEdges,
        suppliers: Sequence[NamedSupplier],
        monthly_orders_bn_usd: Array,
        parameters: Any,
        *,
        rationing: str = "proportional",
        growth_monthly: float = 0.0,
    ) -> None:
        if rationing not in RATIONING_RULES:
            raise ValueError(f"rationing must be one of {list(RATIONING_RULES)}, not {rationing!r}")
        self.edges = edges
        self.rationing: Rationing = RATIONING_RULES[rationing]
        self.lead_time_months = float(parameters.chip_lead_time_months)
        self._parameters = parameters
        self._n_suppliers = len(suppliers)
        self._month = 0
        orders = self._checked_orders(monthly_orders_bn_usd, np.asarray(monthly_orders_bn_usd).size)
        self._n_importers = orders.size
        self._split_edges()
        self._open_upstream(suppliers)
        self._open_stocks(orders, growth_monthly)

    def _split_edges(self) -> None:
        """Index edges by what they carry: from designers (to users or to distributors) and from distributors."""
        edges, first = self.edges, self.edges.n_from_designers
        self._n_designers = edges.designer_row.size
        distributor_of = np.full(self._n_importers, -1, dtype=np.int32)
        distributor_of[edges.distributor_row] = np.arange(edges.distributor_row.size)
        to_stock = distributor_of[edges.buyer[:first]] >= 0
        self._user_edges = np.flatnonzero(~to_stock)
        self._distributor_of_edge = distributor_of[edges.buyer[:first]]
        self._served_buyer = edges.buyer[first:]
        self._served_by = edges.seller[first:] - self._n_designers

    def _open_upstream(self, suppliers: Sequence[NamedSupplier]) -> None:
        """Build the network of designers, foundries and memory makers in its equilibrium."""
        p, designers = self._parameters, self._n_designers
        packaging = tier_shares(suppliers, "designer", p, prefix="supply_packaging_share_")
        rows: list[int] = self.edges.designer_row.tolist()
        source: list[int] = []
        target: list[int] = []
        flow: list[float] = []
        product: list[int] = []
        for kind, (tier, cost) in enumerate(
            (("foundry", p.supply_foundry_cost_share), ("memory", p.supply_memory_cost_share))
        ):
            members = tier_rows(suppliers, tier)
            for share, row in zip(tier_shares(suppliers, tier, p), members, strict=True) if members else ():
                if share <= 0.0:
                    continue
                source += [len(rows)] * designers
                target += range(designers)
                flow += list(cost * share * packaging)
                product += [kind] * designers
                rows.append(row)
        self._supplier_of_node = np.array(rows, dtype=np.int64)
        self.upstream = ProductionNetwork(
            np.array(source, dtype=np.int32),
            np.array(target, dtype=np.int32),
            np.array(flow),
            np.concatenate([packaging, np.zeros(len(rows) - designers)]),
            product=np.array(product, dtype=np.int64),
            inventory_periods=p.supply_component_inventory_days,
            adjustment_periods=p.supply_inventory_adjustment_days,
            rationing=self.rationing.name.lower(),
            priority_exponent=p.supply_priority_exponent,
        )
        # Value that a dollar of chips leaves with each supplier upstream.
        fixed = self.upstream.fixed
        content = np.zeros((self._n_suppliers, designers))
        np.add.at(
            content,
            (self._supplier_of_node[fixed.supplier], fixed.customer),
            fixed.base_flow / fixed.base_final_demand[fixed.customer],
        )
        self._upstream_content = content
        self._packaging_share = packaging
        buyers_abroad = p.supply_world_buyer_size_ratio ** (p.supply_priority_exponent - 1.0)
        self._world = WorldMarket(
            p.supply_japan_share_of_world_orders,
            p.supply_world_order_response_months * SESSIONS_A_MONTH,
            buyers_abroad if self.rationing is Rationing.PRIORITY else 1.0,
        )

    def _open_stocks(self, orders: Array, growth: float) -> None:
        """Fill pipelines, commitments and stocks as a past of steady orders leaves them."""
        p, edges = self._parameters, self.edges
        designers, distributors = self._n_designers, edges.distributor_row.size
        self._whole_months = math.floor(self.lead_time_months)
        self._later_share = self.lead_time_months - self._whole_months
        self._slots = self._whole_months + 2
        self._under_way = np.zeros((edges.n_edges, self._slots))
        self._profile = np.zeros((designers, self._slots, SESSIONS_A_MONTH))
        self._unmet = np.zeros(edges.n_edges)
        self._open_japan = np.zeros(designers)
        self._queue_abroad = np.zeros(designers)
        self._availability = np.ones(designers)
        self._lasting_availability = np.ones(designers)
        served = _sums(self._served_by, weights=orders[self._served_buyer], minlength=distributors)
        self._expected_sales = served.copy()
        self._position_gap = np.zeros(distributors)
        self._cover_months = p.supply_distributor_inventory_days / SESSIONS_A_MONTH
        self._stock = self._cover_months * served
        self._arrears = np.zeros(distributors)
        on_edges = self._orders_on_edges(orders, served)
        even = np.full((designers, SESSIONS_A_MONTH), 1.0 / SESSIONS_A_MONTH)
        first = edges.n_from_designers
        by_designer = np.add.reduceat(on_edges[:first], edges.seller_start[:designers])
        by_designer[np.diff(edges.seller_start[: designers + 1]) == 0] = 0.0
        self._normal_orders = by_designer.copy()
        self._backlog = np.zeros(self._n_importers)
        for age in range(self._whole_months + 1, 0, -1):
            past = math.exp(-growth * (age - 1))
            self._send(on_edges * past, even * by_designer[:, None] * past, -age)
        self._backlog = self.open_units_by_importer()

    def _checked_orders(self, orders: Array, size: int) -> Array:
        values = np.asarray(orders, dtype=float)
        if values.shape != (size,) or not np.all(values >= 0.0):
            raise ValueError(f"orders must be {size} numbers not below zero, not of shape {values.shape}")
        return values

    def _orders_on_edges(self, orders: Array, replenishment: Array) -> Array:
        """Split users' and distributors' orders over their sellers; availability tilts the shares among designers."""
        p, edges = self._parameters, self.edges
        short, long = p.supply_substitution_short_run, p.supply_substitution_long_run
        tilt = self._availability**short * self._lasting_availability ** (long - short)
        on_edges = np.empty(edges.n_edges)
        split_orders(
            edges.seller,
            edges.buyer,
            edges.share,
            edges.n_from_designers,
            edges.distributor_row,
            np.maximum(tilt, 1e-9),
            orders,
            replenishment,
            orders.copy(),
            on_edges,
        )
        return on_edges

    def _send(self, units: Array, by_session: Array, month: int) -> None:
        """Put units, started (designers) or committed (distributors) in ``month``, under way; late ones a month later.

        ``month`` counts from 0 at the start; what fell due before the start has been delivered and is left out.
        """
        due = month + self._whole_months
        late = units * self._later_share
        for slot, amount, part in ((due, units - late, 1.0 - self._later_share), (due + 1, late, self._later_share)):
            if slot >= 0 and part > 0.0:
                self._under_way[:, slot % self._slots] += amount
                self._profile[:, slot % self._slots] += by_session * part

    def _replenish(self, demanded: Array) -> Array:
        """Distributors' orders: what was ordered of them, and part of the gap between target and actual position.

        The position is stock plus units on order less commitments; it changes by orders placed less orders received.
        """
        p = self._parameters
        orders = np.maximum(demanded + self._position_gap / p.supply_distributor_adjustment_months, 0.0)
        change = (demanded - self._expected_sales) / p.supply_distributor_expectation_months
        self._expected_sales = self._expected_sales + change
        self._position_gap = self._position_gap + self._cover_months * change - (orders - demanded)
        return orders

    def run_month(self, orders_bn_usd: Array, capacity: Array, sessions: int = SESSIONS_A_MONTH) -> ChipMonth:
        """Move the tiers by one month.

        Parameters
        ----------
        orders_bn_usd : (importers,) real orders of final users, bn USD at base prices; a distributor's row holds what
            it uses itself and what customers outside the population order of it.
        capacity : (suppliers,) 1 = normal.
        sessions : business days, 21.

        Raises
        ------
        ValueError : arrays of the wrong length, values below zero, a number of sessions other than 21.
        """
        capacity = np.asarray(capacity, dtype=float)
        if capacity.shape != (self._n_suppliers,) or not np.all(capacity >= 0.0) or sessions != SESSIONS_A_MONTH:
            raise ValueError(
                f"capacity must be {self._n_suppliers} numbers not below zero and sessions "
                f"{SESSIONS_A_MONTH}; they are {capacity} and {sessions}"
            )
        orders = self._checked_orders(orders_bn_usd, self._n_importers)
        edges, first, designers = self.edges, self.edges.n_from_designers, self._n_designers
        demanded = _sums(self._served_by, orders[self._served_buyer], edges.distributor_row.size)
        on_edges = self._orders_on_edges(orders, self._replenish(demanded))
        started = self._start_production(on_edges, capacity)

        claims = self._unmet + on_edges
        moved = on_edges.copy()
        exponent = self._parameters.supply_priority_exponent
        grant(
            edges.seller_start,
            0,
            designers,
            started.sum(axis=1),
            self._open_japan == 0.0,
            claims,
            int(self.rationing),
            exponent,
            moved,
        )
        self._unmet[:first] = claims[:first] - moved[:first]
        self._send(moved, started, self._month)
        month = self._deliver(orders, started)
        self._month += 1
        return month

    def _start_production(self, on_edges: Array, capacity: Array) -> Array:
        """Run the upstream tiers; returns units started for Japan, (designers, sessions)."""
        p, edges, designers = self._parameters, self.edges, self._n_designers
        first = edges.n_from_designers
        ordered = _sums(edges.seller[:first], weights=on_edges[:first], minlength=designers)
        floor = _SMALLEST_NORMAL_SHARE * self._packaging_share * self._normal_orders.sum()
        normal = np.maximum(self._normal_orders, floor)
        self._open_japan = _sums(edges.seller[:first], weights=self._unmet[:first], minlength=designers)
        started = np.zeros((designers, SESSIONS_A_MONTH))
        network = self.upstream
        room = p.supply_capacity_headroom * capacity[self._supplier_of_node]
        produce_upstream(
            network.fixed,
            network.state,
            network.rules,
            network.flows,
            room,
            self._world,
            normal,
            ordered,
            self._open_japan,
            self._queue_abroad,
            network.fixed.base_final_demand.copy(),
            started,
            self._availability,
        )
        self._lasting_availability += (self._availability - self._lasting_availability) / p.supply_substitution_months
        self._normal_orders += (ordered - self._normal_orders) / p.supply_capacity_adjustment_months
        return started

    def _deliver(self, orders: Array, started: Array) -> ChipMonth:
        """Take what is due out of the pipelines, run the distributors, and write the month."""
        edges, designers = self.edges, self._n_designers
        flow, delivered = np.empty(edges.n_edges), np.zeros(self._n_importers)
        imported, by_designer = np.zeros(self._n_importers), np.zeros(designers)
        by_session = np.zeros(SESSIONS_A_MONTH)
        deliver(
            edges.seller,
            edges.buyer,
            edges.n_from_designers,
            edges.seller_start,
            self._distributor_of_edge,
            self._month % self._slots,
            self._under_way,
            self._profile,
            self._unmet,
            self._arrears,
            self._stock,
            self._unmet.copy(),
            int(self.rationing),
            self._parameters.supply_priority_exponent,
            flow,
            delivered,
            imported,
            by_designer,
            by_session,
        )
        self._backlog = self._backlog + orders - delivered
        shipped = np.zeros(self._n_suppliers)
        shipped[edges.designer_row] = by_designer
        put_in_work = np.zeros(self._n_suppliers)
        put_in_work[edges.designer_row] = started.sum(axis=1)
        upstream = self._upstream_content @ by_designer
        return ChipMonth(
            delivered,
            by_session,
            imported,
            shipped,
            upstream,
            put_in_work,
            flow,
            self._backlog.copy(),
            self._stock.copy(),
            self._availability.copy(),
        )

    @property
    def backlog_bn_usd(self) -> Array:
        """Units ordered by each importer and not delivered, (importers,); at the start: what steady orders leave."""
        return self._backlog.copy()

    def open_units_by_importer(self) -> Array:
        """The backlog counted edge by edge, (importers,): not started, under way, committed and overdue."""
        open_units = self._under_way.sum(axis=1) + self._unmet
        edges, users = self.edges, self._user_edges
        counted = _sums(edges.buyer[users], weights=open_units[users], minlength=self._n_importers)
        return counted + _sums(
            self._served_buyer, weights=open_units[edges.n_from_designers :], minlength=self._n_importers
        )

    def under_way_bn_usd(self) -> float:
        """Units started by designers that have not arrived."""
        return float(self._under_way[: self.edges.n_from_designers].sum())

    def cover_months(self) -> tuple[float, float]:
        """Months until users feel a full stop of designers: those who buy directly, and those behind a distributor."""
        return self.lead_time_months, self.lead_time_months + self._cover_months

    def state(self) -> dict[str, Array]:
        """All that changes, as copies of arrays, for saving a run."""
        own = {name: np.array(value, dtype=float) for name, value in vars(self).items() if name in _STATE}
        network = self.upstream.state._asdict().items()
        return own | {f"upstream_{name}": values.copy() for name, values in network}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take over a saved state of tiers built from the same arguments."""
        for name in _STATE:
            value = state[name]
            setattr(self, name, int(value) if name == "_month" else np.array(value, dtype=float))
        for name, values in self.upstream.state._asdict().items():
            values[...] = state[f"upstream_{name}"]


_STATE = frozenset(
    {
        "_month",
        "_under_way",
        "_profile",
        "_unmet",
        "_open_japan",
        "_queue_abroad",
        "_availability",
        "_lasting_availability",
        "_expected_sales",
        "_position_gap",
        "_stock",
        "_arrears",
        "_normal_orders",
        "_backlog",
    }
)
