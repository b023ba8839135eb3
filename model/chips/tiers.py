"""The AI chip tiers in business days: foundry and memory, designers, what is under way, distributors, final users.

One call moves a month.  Importers' orders go to designers, or to the distributor that serves them.  Designers start as
much as components and capacity allow, shared between Japan and the rest of the world; what they start arrives after the
lead time.  A distributor hands on to designers what its customers order, keeps a stock, and delivers
when an order falls due; so a loss of supply reaches users only after the lead time, and after the stocks on their path.

Units are conserved exactly: orders = deliveries + backlog, starts = receipts + change under way (see the tests).
Volumes are billion US dollars at base prices.  The upstream tiers run on the network of Inoue and Todo (2019), in
multiples of normal sales, because Japan is a small part of their market.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import plain
from itcho.agents.views import ParameterValues
from itcho.model.chips.compiled_graph import INPUT_KINDS, UpstreamEdges
from itcho.model.chips.edges import ChipEdges, NamedSupplier, tier_shares
from itcho.model.chips.production_network import (
    RATIONING_RULES,
    ProductionNetwork,
    Rationing,
)
from itcho.model.chips.sessions import (
    move_goods,
    place_orders,
    produce_upstream,
    put_under_way,
    split_orders,
    split_restocking,
)
from itcho.model.chips.stocks import TierFlows, TierLinks, TierRules, TierStocks, WorldMarket

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

SESSIONS_A_MONTH = 21
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
"""Its multiples fill the unit interval evenly, however many there are."""


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
    edge_flow_bn_usd : (edges,) units that arrived on each edge of the chip trade.
    waiting_bn_usd : (importers,) of the backlog, what nobody has started; what a distributor owes.
    filled_share : (importers,) what was started for each of what it waited for or had newly ordered; for those who buy
        of distributors, what they got of what was due.
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
    waiting_bn_usd: Array
    filled_share: Array
    backlog_bn_usd: Array
    distributor_stock_bn_usd: Array
    availability: Array


class ChipLinks(Protocol):
    """What is read of a compiled graph; see :class:`itcho.model.chips.compiled_graph.CompiledGraph`."""

    @property
    def chips(self) -> ChipEdges:
        """The chip trade in Japan."""

    @property
    def upstream(self) -> UpstreamEdges:
        """The trade above the designers."""

    @property
    def abroad(self) -> Array:
        """(rivals, D) part of each designer's normal output that each rival abroad orders."""


def _sums(rows: IntArray, weights: Array, minlength: int) -> Array:
    """Sums of ``weights`` by row."""
    return np.asarray(np.bincount(rows, weights=weights, minlength=minlength), dtype=float)


def _outputs(links: UpstreamEdges, packaging: Array, suppliers: int) -> Array:
    """What each supplier upstream makes of its product when all is as usual, (suppliers,)."""
    return _sums(links.supplier, links.share * packaging[links.designer], suppliers)


def _links(edges: ChipEdges) -> list[tuple[int, int, float]]:
    return list(zip(edges.seller.tolist(), edges.buyer.tolist(), edges.share.tolist(), strict=True))


def _products(network: ProductionNetwork) -> NDArray[np.int64]:
    """Product on each edge of a network, in its order."""
    found: NDArray[np.int64] = network.product
    return found


class ChipTiers:
    """The chip tiers and all that is stored or under way in them; starts in a steady state.

    Parameters
    ----------
    links : the compiled graph.
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
        links: ChipLinks,
        suppliers: Sequence[NamedSupplier],
        monthly_orders_bn_usd: Array,
        parameters: ParameterValues,
        *,
        rationing: str = "proportional",
        growth_monthly: float = 0.0,
    ) -> None:
        if rationing not in RATIONING_RULES:
            raise ValueError(f"rationing must be one of {list(RATIONING_RULES)}, not {rationing!r}")
        self.edges = edges = links.chips
        self.rationing: Rationing = RATIONING_RULES[rationing]
        self.lead_time_months = float(parameters.chip_lead_time_months)
        self._n_suppliers, self._n_designers = len(suppliers), edges.designer_row.size
        self._month = 0
        orders = np.asarray(monthly_orders_bn_usd, dtype=float)
        self._n_importers = orders.size
        self._check(orders, np.ones(self._n_suppliers))
        self._suppliers, self._parameters = tuple(suppliers), parameters
        self._upstream_edges, self._abroad = links.upstream, links.abroad
        # What designers cannot do without, if anybody makes it at the start.
        self._inputs = np.unique(links.upstream.product).tolist()
        self._normal_output = _outputs(links.upstream, self._packaging, len(suppliers))
        self.upstream = self._network(links.upstream)
        self._rules = self._rules_of(parameters)
        self._link()
        self._stocks = self._empty_stocks()
        self._fill_stocks(orders, growth_monthly)
        self._nothing = np.zeros(self._n_importers)
        self._full_cover = np.full(edges.distributor_row.size, self._rules.distributor_cover_months)
        self._prepare()

    def _prepare(self) -> None:
        """Hand the arrays to compiled code."""
        # Compiled code takes in plain tuples fastest; their arrays are those of the named ones.
        upstream = self.upstream
        network = plain(upstream.fixed), plain(upstream.state), plain(upstream.rules), plain(upstream.flows)
        self._of_upstream = network, plain(self._world)
        self._of_tiers = plain(self._links), plain(self._stocks), plain(self._rules)

    @property
    def _packaging(self) -> Array:
        return tier_shares(self._suppliers, "designer", self._parameters, prefix="supply_packaging_share_")

    def _network(self, links: UpstreamEdges) -> ProductionNetwork:
        """The network of designers, foundries and memory makers in its equilibrium: designers are its first nodes."""
        p, packaging, designers = self._parameters, self._packaging, self._n_designers
        cost = np.array([p.supply_foundry_cost_share, p.supply_memory_cost_share])
        rows = np.unique(links.supplier)
        self._supplier_of_node = np.concatenate([self.edges.designer_row, rows]).astype(np.int64)
        return ProductionNetwork(
            (designers + np.searchsorted(rows, links.supplier)).astype(np.int32),
            links.designer,
            cost[links.product] * links.share * packaging[links.designer],
            np.concatenate([packaging, np.zeros(rows.size)]),
            product=links.product.astype(np.int64),
            inventory_periods=p.supply_component_inventory_days,
            adjustment_periods=p.supply_inventory_adjustment_days,
            rationing=self.rationing.name.lower(),
            priority_exponent=p.supply_priority_exponent,
        )

    def _link(self) -> None:
        """Link edges of the chip trade and nodes upstream."""
        p, edges, fixed = self._parameters, self.edges, self.upstream.fixed
        # Value that a dollar of chips leaves with each supplier upstream.
        content = np.zeros((self._n_suppliers, self._n_designers))
        np.add.at(
            content,
            (self._supplier_of_node[fixed.supplier], fixed.customer),
            fixed.base_flow / fixed.base_final_demand[fixed.customer],
        )
        buyers_abroad = p.supply_world_buyer_size_ratio ** (p.supply_priority_exponent - 1.0)
        self._world = WorldMarket(
            p.supply_japan_share_of_world_orders,
            self._abroad.sum(axis=0),
            p.supply_world_order_response_months * SESSIONS_A_MONTH,
            buyers_abroad if self.rationing is Rationing.PRIORITY else 1.0,
            p.supply_allocation_history_share,
        )
        distributor_of = np.full(self._n_importers, -1, dtype=np.int32)
        distributor_of[edges.distributor_row] = np.arange(edges.distributor_row.size)
        self._links = TierLinks(
            edges.seller,
            edges.buyer,
            edges.share,
            edges.seller_start,
            edges.designer_row,
            edges.distributor_row,
            distributor_of,
            distributor_of[edges.buyer[: edges.n_from_designers]],
            self._supplier_of_node,
            self._built(),
            self._packaging,
            content,
            self._abroad * self._packaging,
        )

    def _built(self) -> Array:
        """Capacity over base output that nodes upstream have to begin with."""
        links, nodes = self._upstream_edges, self._supplier_of_node
        built = np.ones(nodes.size)
        output = _outputs(links, self._packaging, self._n_suppliers)[nodes[self._n_designers :]]
        normal = self._normal_output[nodes[self._n_designers :]]
        # A line that has to make what another one made is no larger for it; rounding is no change.
        built[self._n_designers :] = np.where(np.isclose(output, normal, rtol=1e-12), 1.0, normal / output)
        for product in self._inputs:
            fed = np.zeros(self._n_designers, dtype=bool)
            fed[links.designer[links.product == product]] = True
            built[: self._n_designers][~fed] = 0.0
        return built

    def rewire(self, links: ChipLinks) -> None:
        """Go on with other edges: what is under way arrives, what is stored stays, what was not started is void.

        An edge that is gone stays, without a share in orders, for what is still to come on it.  A designer's components
        stay with it; suppliers upstream have the capacity they had.
        """
        self._rewire_upstream(links.upstream)
        self._abroad = links.abroad
        old, stocks = self.edges, self._stocks
        coming = stocks.under_way.sum(axis=0)
        coming[old.n_from_designers :] += stocks.unmet[old.n_from_designers :]
        new = {(seller, buyer): share for seller, buyer, share in _links(links.chips)}
        for edge, (seller, buyer, _) in enumerate(_links(old)):
            if coming[edge] > 0.0:
                new.setdefault((seller, buyer), 0.0)
        edges = links.chips.with_edges((seller, buyer, share) for (seller, buyer), share in new.items())
        place, kept = np.searchsorted(edges.keys(), old.keys()), np.isin(old.keys(), edges.keys())
        place = place[kept]
        void = stocks.unmet.copy()
        void[kept] = 0.0
        first = kept[: old.n_from_designers]
        alive = edges.share[place] > 0.0
        fields = {
            name: np.zeros((*getattr(stocks, name).shape[:-1], edges.n_edges))
            for name in ("under_way", "unmet", "history")
        }
        for name, array in fields.items():
            array[..., place] = getattr(stocks, name)[..., kept]
        from_designers = np.zeros(kept.sum(), dtype=bool)
        from_designers[: int(first.sum())] = True
        gone = from_designers & ~alive
        void[np.flatnonzero(kept)[gone]] = fields["unmet"][place[gone]]
        fields["unmet"][place[gone]] = 0.0
        self.edges = edges
        self._stocks = stocks._replace(**fields)
        self._link()
        users = np.ones(old.n_edges, dtype=bool)
        users[: old.n_from_designers] = self._links.distributor_of[old.buyer[: old.n_from_designers]] < 0
        stocks.backlog[:] -= _sums(old.buyer[users], void[users], self._n_importers)
        # What a distributor had ordered and nobody had started is missing in its position again.
        for row, units in zip(old.buyer[~users].tolist(), void[~users].tolist(), strict=True):
            stocks.position_gap[self._links.distributor_of[row]] += units
        self._prepare()

    def _rewire_upstream(self, links: UpstreamEdges) -> None:
        """Let designers buy of others; each goes on with the components it has."""
        present = self._upstream_edges
        if all(np.array_equal(getattr(links, name), getattr(present, name)) for name in links._fields):
            return
        before = self.upstream
        self._upstream_edges = links
        self.upstream = network = self._network(links)
        old, new, state = before.fixed, network.fixed, network.state
        held = np.zeros((len(INPUT_KINDS), self._n_designers))
        normal = np.zeros_like(held)
        np.add.at(held, (_products(before), old.customer), before.state.inventory)
        np.add.at(normal, (_products(before), old.customer), old.inventory_target)
        where = _products(network), new.customer
        filled = np.divide(held, normal, out=np.zeros_like(held), where=normal > 0.0)[where]
        state.inventory[:] = new.inventory_target * filled
        designers = slice(0, self._n_designers)
        state.expected_demand[designers] = before.state.expected_demand[designers]
        state.demand[designers] = before.state.demand[designers]
        expected = state.expected_demand[new.customer] / new.base_output[new.customer]
        state.position_gap[:] = new.position_target * expected - state.inventory

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
            history_share=p.supply_allocation_history_share,
            history_months=p.supply_allocation_history_months,
            distributor_reorder_share=p.supply_distributor_reorder_share,
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
            history=np.zeros(self.edges.n_edges),
            open_japan=np.zeros(designers),
            queue_abroad=np.zeros(designers),
            orders_abroad=np.ones(designers),
            availability=np.ones(designers),
            lasting_availability=np.ones(designers),
            filled=np.ones(distributors),
            lasting_filled=np.ones(distributors),
            normal_orders=np.zeros(designers),
            expected_sales=np.zeros(distributors),
            cover_months=np.full(distributors, self._rules.distributor_cover_months),
            position_gap=np.zeros(distributors),
            stock=np.zeros(distributors),
            arrears=np.zeros(distributors),
            backlog=np.zeros(self._n_importers),
        )

    def _fill_stocks(self, orders: Array, growth: float) -> None:
        """Fill pipelines, commitments and stocks as a past of steady orders leaves them."""
        edges, stocks, rules, first = self.edges, self._stocks, self._rules, self.edges.n_from_designers
        designers = self._n_designers
        on_edges, placed = np.empty(edges.n_edges), np.empty(self._n_importers)
        trade, distributor_of = (edges.seller, edges.buyer, edges.share), self._links.distributor_of
        even_tilt = np.ones(designers + edges.distributor_row.size)
        split_orders(*trade, distributor_of, even_tilt, orders, on_edges, placed)
        served = _sums(edges.seller[first:] - designers, on_edges[first:], edges.distributor_row.size)
        stocks.expected_sales[:] = served
        # Distributors stand at even distances between their points of ordering and their full stocks.
        short = self._rules.distributor_reorder_share * (np.arange(served.size) * _GOLDEN % 1.0)
        full = rules.distributor_cover_months * served
        stocks.position_gap[:] = short * full
        stocks.stock[:] = full - stocks.position_gap
        split_restocking(*trade, first, distributor_of, even_tilt, served, on_edges)
        stocks.history[:] = on_edges
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

    def run_month(
        self,
        orders_bn_usd: Array,
        capacity: Array,
        sessions: int = SESSIONS_A_MONTH,
        cancel_bn_usd: Array | None = None,
        distributor_cover_months: Array | None = None,
    ) -> ChipMonth:
        """Move the tiers by one month.

        Parameters
        ----------
        orders_bn_usd : (importers,) real orders of final users, bn USD at base prices; a distributor's row holds what
            it uses itself and what customers outside the population order of it.
        capacity : (suppliers,) 1 = normal.
        sessions : business days, 21.
        cancel_bn_usd : (importers,) what final users want to take back of what they ordered and nobody started.
        distributor_cover_months : (distributors,) stock that each may hold, in months of expected sales.

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
        delivered, imported, by_session = np.zeros(importers), np.zeros(importers), np.zeros(SESSIONS_A_MONTH)
        by_supplier, edge_flow = np.zeros((3, self._n_suppliers)), np.empty(edges)
        placed, cancelled = np.empty(importers), np.zeros(importers)
        waiting, filled = np.empty(importers), np.empty(importers)
        flows = plain(TierFlows(delivered, imported, by_session, by_supplier, edge_flow, waiting, filled))
        cancel = self._nothing if cancel_bn_usd is None else cancel_bn_usd
        cover = self._full_cover if distributor_cover_months is None else distributor_cover_months
        written = on_edges, by_designer, normal, room, placed, cancelled
        if not place_orders(*self._of_tiers, orders, cancel, cover, capacity, *written):
            self._check(orders, capacity)
        produce_upstream(
            *self._of_upstream,
            room,
            normal,
            by_designer,
            stocks.open_japan,
            stocks.queue_abroad,
            stocks.orders_abroad,
            started,
            stocks.availability,
        )
        move_goods(*self._of_tiers, self._month, placed, on_edges, by_designer, started, flows)
        self._month += 1
        return ChipMonth(
            delivered,
            by_session,
            imported,
            by_supplier[0],
            by_supplier[1],
            by_supplier[2],
            edge_flow,
            waiting,
            filled,
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
    def distributor_stock_bn_usd(self) -> Array:
        """What distributors hold, (distributors,); not to be changed."""
        return self._stocks.stock

    @property
    def distributor_sales_bn_usd(self) -> Array:
        """What distributors expect to sell a month, (distributors,); not to be changed."""
        return self._stocks.expected_sales

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
