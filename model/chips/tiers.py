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
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import plain
from itcho.agents.views import ParameterValues
from itcho.model.chips.edges import ChipEdges, NamedSupplier, tier_rows, tier_shares
from itcho.model.chips.production_network import (
    RATIONING_RULES,
    ProductionNetwork,
    Rationing,
)
from itcho.model.chips.sessions import move_goods, place_orders, produce_upstream, put_under_way, split_orders
from itcho.model.chips.stocks import TierFlows, TierLinks, TierRules, TierStocks, WorldMarket

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

SESSIONS_A_MONTH = 21


class ChipMonth(NamedTuple):
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


def _sums(rows: IntArray, weights: Array, minlength: int) -> Array:
    """Sums of ``weights`` by row."""
    return np.asarray(np.bincount(rows, weights=weights, minlength=minlength), dtype=float)


class ChipTiers:
    """The chip tiers and all that is stored or under way in them; starts in a steady state.

    Parameters
    ----------
    edges : the chip trade, from :func:`itcho.model.chips.edges.make_chip_edges`.
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
        parameters: ParameterValues,
        *,
        rationing: str = "proportional",
        growth_monthly: float = 0.0,
    ) -> None:
        if rationing not in RATIONING_RULES:
            raise ValueError(f"rationing must be one of {list(RATIONING_RULES)}, not {rationing!r}")
        self.edges = edges
        self.rationing: Rationing = RATIONING_RULES[rationing]
        self.lead_time_months = float(parameters.chip_lead_time_months)
        self._n_suppliers, self._n_designers = len(suppliers), edges.designer_row.size
        self._month = 0
        orders = np.asarray(monthly_orders_bn_usd, dtype=float)
        self._n_importers = orders.size
        self._check(orders, np.ones(self._n_suppliers))
        self._open_upstream(suppliers, parameters)
        self._rules = self._rules_of(parameters)
        self._stocks = self._empty_stocks()
        self._fill_stocks(orders, growth_monthly)
        # Compiled code takes in plain tuples fastest; their arrays are those of the named ones.
        upstream = self.upstream
        network = plain(upstream.fixed), plain(upstream.state), plain(upstream.rules), plain(upstream.flows)
        self._of_upstream = network, plain(self._world)
        self._of_tiers = plain(self._links), plain(self._stocks), plain(self._rules)

    def _open_upstream(self, suppliers: Sequence[NamedSupplier], p: ParameterValues) -> None:
        """Build the network of designers, foundries and memory makers in its equilibrium, and link edges to it."""
        designers = self._n_designers
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
        supplier_of_node = np.array(rows, dtype=np.int64)
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
            (supplier_of_node[fixed.supplier], fixed.customer),
            fixed.base_flow / fixed.base_final_demand[fixed.customer],
        )
        buyers_abroad = p.supply_world_buyer_size_ratio ** (p.supply_priority_exponent - 1.0)
        self._world = WorldMarket(
            p.supply_japan_share_of_world_orders,
            p.supply_world_order_response_months * SESSIONS_A_MONTH,
            buyers_abroad if self.rationing is Rationing.PRIORITY else 1.0,
        )
        edges = self.edges
        distributor_of = np.full(self._n_importers, -1, dtype=np.int32)
        distributor_of[edges.distributor_row] = np.arange(edges.distributor_row.size)
        self._links = TierLinks(
            edges.seller,
            edges.buyer,
            edges.share,
            edges.seller_start,
            edges.designer_row,
            edges.distributor_row,
            distributor_of[edges.buyer[: edges.n_from_designers]],
            supplier_of_node,
            packaging,
            content,
        )

    def _rules_of(self, p: ParameterValues) -> TierRules:
        whole_months = math.floor(self.lead_time_months)
        return TierRules(
            rationing=int(self.rationing),
            priority_exponent=p.supply_priority_exponent,
            whole_months=whole_months,
            later_share=self.lead_time_months - whole_months,
            substitution=p.supply_substitution_short_run,
            lasting_substitution=p.supply_substitution_long_run - p.supply_substitution_short_run,
            substitution_months=p.supply_substitution_months,
            capacity_headroom=p.supply_capacity_headroom,
            capacity_adjustment_months=p.supply_capacity_adjustment_months,
            distributor_adjustment_months=p.supply_distributor_adjustment_months,
            distributor_expectation_months=p.supply_distributor_expectation_months,
            distributor_cover_months=p.supply_distributor_inventory_days / SESSIONS_A_MONTH,
        )

    def _empty_stocks(self) -> TierStocks:
        designers, distributors = self._n_designers, self.edges.distributor_row.size
        slots = self._rules.whole_months + 2
        return TierStocks(
            under_way=np.zeros((slots, self.edges.n_edges)),
            profile=np.zeros((slots, designers, SESSIONS_A_MONTH)),
            unmet=np.zeros(self.edges.n_edges),
            open_japan=np.zeros(designers),
            queue_abroad=np.zeros(designers),
            availability=np.ones(designers),
            lasting_availability=np.ones(designers),
            normal_orders=np.zeros(designers),
            expected_sales=np.zeros(distributors),
            position_gap=np.zeros(distributors),
            stock=np.zeros(distributors),
            arrears=np.zeros(distributors),
            backlog=np.zeros(self._n_importers),
        )

    def _fill_stocks(self, orders: Array, growth: float) -> None:
        """Fill pipelines, commitments and stocks as a past of steady orders leaves them."""
        edges, stocks, rules, first = self.edges, self._stocks, self._rules, self.edges.n_from_designers
        designers = self._n_designers
        served = _sums(edges.seller[first:] - designers, orders[edges.buyer[first:]], edges.distributor_row.size)
        stocks.expected_sales[:] = served
        stocks.stock[:] = rules.distributor_cover_months * served
        on_edges = np.empty(edges.n_edges)
        split_orders(
            edges.seller,
            edges.buyer,
            edges.share,
            first,
            edges.distributor_row,
            np.ones(designers),
            orders,
            served,
            on_edges,
        )
        even = np.full((designers, SESSIONS_A_MONTH), 1.0 / SESSIONS_A_MONTH)
        stocks.normal_orders[:] = _sums(edges.seller[:first], on_edges[:first], designers)
        for age in range(rules.whole_months + 1, 0, -1):
            past = math.exp(-growth * (age - 1))
            started = even * stocks.normal_orders[:, None] * past
            put_under_way(
                on_edges * past, started, -age, rules.whole_months, rules.later_share, stocks.under_way, stocks.profile
            )
        stocks.backlog[:] = self.open_units_by_importer()

    def _check(self, orders: Array, capacity: Array) -> None:
        if capacity.shape != (self._n_suppliers,) or not np.all(capacity >= 0.0):
            raise ValueError(f"capacity must be {self._n_suppliers} numbers not below zero; they are {capacity}")
        if orders.shape != (self._n_importers,) or not np.all(orders >= 0.0):
            raise ValueError(f"orders must be {self._n_importers} numbers not below zero, not of shape {orders.shape}")

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
        orders, capacity = np.asarray(orders_bn_usd, dtype=float), np.asarray(capacity, dtype=float)
        if sessions != SESSIONS_A_MONTH:
            raise ValueError(f"sessions must be {SESSIONS_A_MONTH}, not {sessions}")
        if orders.shape != (self._n_importers,) or capacity.shape != (self._n_suppliers,):
            self._check(orders, capacity)
        stocks, importers, edges = self._stocks, self._n_importers, self.edges.n_edges
        on_edges, by_designer, normal = np.empty(edges), np.empty(self._n_designers), np.empty(self._n_designers)
        room, started = np.empty(self.upstream.n_nodes), np.zeros((self._n_designers, SESSIONS_A_MONTH))
        if not place_orders(*self._of_tiers, orders, capacity, on_edges, by_designer, normal, room):
            self._check(orders, capacity)
        produce_upstream(
            *self._of_upstream,
            room,
            normal,
            by_designer,
            stocks.open_japan,
            stocks.queue_abroad,
            started,
            stocks.availability,
        )
        delivered, imported, by_session = np.zeros(importers), np.zeros(importers), np.zeros(SESSIONS_A_MONTH)
        by_supplier, edge_flow = np.zeros((3, self._n_suppliers)), np.empty(edges)
        flows = plain(TierFlows(delivered, imported, by_session, by_supplier, edge_flow))
        move_goods(*self._of_tiers, self._month, orders, on_edges, by_designer, started, flows)
        self._month += 1
        return ChipMonth(
            delivered,
            by_session,
            imported,
            by_supplier[0],
            by_supplier[1],
            by_supplier[2],
            edge_flow,
            stocks.backlog.copy(),
            stocks.stock.copy(),
            stocks.availability.copy(),
        )

    @property
    def availability(self) -> list[float]:
        """What designers could start last month over what was ordered of them, at most 1; at the start 1."""
        found: list[float] = self._stocks.availability.tolist()
        return found

    @property
    def backlog_bn_usd(self) -> Array:
        """Units ordered by each importer and not delivered, (importers,); at the start: what steady orders leave."""
        return self._stocks.backlog.copy()

    def open_units_by_importer(self) -> Array:
        """The backlog counted edge by edge, (importers,): not started, under way, committed and overdue."""
        edges, first = self.edges, self.edges.n_from_designers
        open_units = self._stocks.under_way.sum(axis=0) + self._stocks.unmet
        open_units[:first][self._links.distributor_of_edge >= 0] = 0.0
        return _sums(edges.buyer, open_units, self._n_importers)

    def under_way_bn_usd(self) -> float:
        """Units started by designers that have not arrived."""
        return float(self._stocks.under_way[:, : self.edges.n_from_designers].sum())

    def cover_months(self) -> tuple[float, float]:
        """Months until users feel a full stop of designers: those who buy directly, and those behind a distributor."""
        return self.lead_time_months, self.lead_time_months + self._rules.distributor_cover_months
