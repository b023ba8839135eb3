"""What the chip tiers consist of, for compiled code: links and rules that stay, stocks that move, flows of a month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]


class WorldMarket(NamedTuple):
    """Constants of Japan's place among the designers' customers.

    Attributes
    ----------
    japan_share : Japan's part of normal orders.
    abroad_share : (D,) the rivals' part of each designer's.
    queue_sessions : queue, in sessions of normal orders, at which buyers abroad stop ordering.
    weight_abroad : weight of a unit ordered abroad over one ordered in Japan (1 under proportional rationing).
    history_share : part of what is short that goes by what was bought before, and not by what is ordered.
    """

    japan_share: float
    abroad_share: Array
    queue_sessions: float
    weight_abroad: float
    history_share: float


class TierLinks(NamedTuple):
    """Who buys from whom, until the graph is rewired: E edges, D designers, K distributors, N nodes upstream.

    Attributes
    ----------
    seller, buyer, share, seller_start, designer_row, distributor_row : see :class:`itcho.model.chips.edges.ChipEdges`.
    distributor_of : (importers,) which distributor a row is, −1 for a final user.
    distributor_of_edge : for each edge from a designer the distributor whose stock it feeds, −1 for a final user.
    supplier_of_node : (N,) positions of the nodes upstream in the list of suppliers.
    built : (N,) capacity over base output that there is to begin with: 1, less where a supplier would have to make what
        another one made, 0 for designers who have nobody to make an input.
    packaging_share : (D,) of the designers' output.
    content : (suppliers, D) value that a dollar of chips leaves with each supplier upstream.
    bought_abroad : (rivals, D) what each rival abroad usually buys of each designer, in parts of all packaging.
    """

    seller: IntArray
    buyer: IntArray
    share: Array
    seller_start: NDArray[np.int64]
    designer_row: IntArray
    distributor_row: IntArray
    distributor_of: IntArray
    distributor_of_edge: IntArray
    supplier_of_node: NDArray[np.int64]
    built: Array
    packaging_share: Array
    content: Array
    bought_abroad: Array


class TierStocks(NamedTuple):
    """What the tiers carry from month to month, bn USD where nothing else is said.

    Attributes
    ----------
    under_way : (slots, E) units by the month in which they fall due.
    profile : (slots, D, sessions) when in its month each designer started what falls due.
    unmet : (E,) from designers units not started, from distributors units overdue.
    open_japan : (D,) units ordered from Japan and not started.
    queue_abroad : (D,) the same abroad, in sessions of normal orders.
    orders_abroad : (D,) what rivals abroad would order in the month without a queue, over what they usually do.
    history : (E,) units that each buyer got of each seller a month, on average.
    availability, lasting_availability : (D,) what designers could start over new orders, of this month and on average.
    filled, lasting_filled : (K,) the same of distributors: what they sold over what was due.
    normal_orders : (D,) orders from Japan that capacity is built for.
    expected_sales, cover_months, position_gap : (K,) distributors' expectation, the stock they want in months of it,
        and target less actual position.
    stock, arrears : (K,) units held, and units due and not delivered.
    backlog : (importers,) units ordered and not delivered.
    """

    under_way: Array
    profile: Array
    unmet: Array
    history: Array
    open_japan: Array
    queue_abroad: Array
    orders_abroad: Array
    availability: Array
    lasting_availability: Array
    filled: Array
    lasting_filled: Array
    normal_orders: Array
    expected_sales: Array
    cover_months: Array
    position_gap: Array
    stock: Array
    arrears: Array
    backlog: Array


class TierRules(NamedTuple):
    """Constants of the tiers; the parameters ``supply_...`` unless said.

    Attributes
    ----------
    rationing : number of the rule.
    whole_months, later_share : of the lead time: whole months, and the part of units that takes one more.
    substitution, lasting_substitution : elasticity of orders to a designer's availability of the last month, and to its
        average over ``substitution_months``.
    history_share, history_months : part of what is short that goes by what was bought before, and the memory of it.
    distributor_cover_months : target stock over expected sales.
    """

    rationing: int
    priority_exponent: float
    whole_months: int
    later_share: float
    substitution: float
    lasting_substitution: float
    substitution_months: float
    capacity_headroom: float
    capacity_adjustment_months: float
    history_share: float
    history_months: float
    distributor_reorder_share: float
    distributor_expectation_months: float
    distributor_cover_months: float


class TierFlows(NamedTuple):
    """What happened in a month; see :class:`itcho.model.chips.tiers.ChipMonth`.

    Attributes
    ----------
    delivered, imported : (importers,).
    by_session : (sessions,).
    by_supplier : (3, suppliers) shipped, value upstream, and started.
    on_edges : (E,).
    waiting, filled : (importers,).
    """

    delivered: Array
    imported: Array
    by_session: Array
    by_supplier: Array
    on_edges: Array
    waiting: Array
    filled: Array
