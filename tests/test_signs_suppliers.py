"""Signs, dates and limits of foreign suppliers and of a month of chips on their way, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.foreign_suppliers import (
    AllocationRule,
    ForeignSupplier,
    SupplierFacts,
    SupplierTier,
    common_rule,
    designers_markup,
    foreign_suppliers,
    frontier_growth,
)
from itcho.model.chips.production_period import NetworkArrays, NetworkFlows, NetworkRules, NetworkState
from itcho.model.chips.sessions import move_goods, place_orders, produce_upstream, put_under_way
from itcho.model.chips.stocks import TierFlows, TierLinks, TierRules, TierStocks, WorldMarket
from tests.hand_ledger import given

P = given(
    ai_capability_compute_elasticity=0.5,
    ai_frontier_compute_growth=1.5,
    ai_frontier_maturation_half_life_years=4.0,
    ai_algorithmic_doubling_months=8.0,
    chip_price_halving_years=2.0,
    ai_chip_price_tightness_elasticity=0.5,
    ai_chip_price_tightness_limit=4.0,
    ai_world_spending_long_run_growth=0.1,
    ai_lab_shock_half_life_months=6.0,
)


def supplier(name: str = "nvidia", tier: SupplierTier = SupplierTier.DESIGNER, **more: Any) -> ForeignSupplier:
    return ForeignSupplier(mesa.Model(), name, tier, **more)


def test_the_frontier_grows_with_compute_and_algorithms_and_slows_down() -> None:
    long_run, algorithms = math.log(2.0) / 2.0 + 0.1, math.log(2.0) * 12.0 / 8.0
    assert frontier_growth(0.0, P) == pytest.approx(0.5 * (1.5 + algorithms))
    assert frontier_growth(4.0, P) == pytest.approx(0.5 * (long_run + 0.5 * (1.5 - long_run) + algorithms))


def test_designers_ask_more_when_more_is_ordered_than_they_can_start() -> None:
    its = supplier()
    assert its.decide_price(2.25, P) == its.price_markup == pytest.approx(1.5)
    assert its.decide_price(0.5, P) == 1.0
    assert its.decide_price(math.inf, P) == pytest.approx(2.0)


def test_what_is_paid_over_list_prices_is_weighted_by_shipments() -> None:
    designers = [supplier("nvidia"), supplier("amd"), supplier("broadcom")]
    # Markups of 1, 1.5 and 2 on shipments of 5, 3 and 2.
    assert designers_markup(designers, [5.0, 3.0, 2.0], [1.0, 1.0 / 2.25, 0.0], P) == pytest.approx(
        1.0 + (1.5 + 2.0) / 10.0
    )
    assert designers_markup(designers, [0.0, 0.0, 0.0], [0.1, 0.1, 0.1], P) == 1.0


def test_a_laboratory_keeps_common_progress_and_loses_its_own_lead() -> None:
    its = supplier("openai", SupplierTier.LABORATORY, quality=-0.2)
    assert its.advance_quality(0.1, 0.02, 0.06, P) == pytest.approx(-0.2 + 0.12 + 0.06)
    its.advance_quality(0.1, 0.0, 0.0, P)
    for _ in range(5):
        its.advance_quality(0.0, 0.0, 0.0, P)
    assert its.quality == pytest.approx(-0.2 + 0.12 + 0.1 + 0.03)


def test_suppliers_start_behind_the_frontier_by_their_lag() -> None:
    facts = (
        SupplierFacts("openai", "OpenAI", SupplierTier.LABORATORY, "USA", 0.6, 0.0, ""),
        SupplierFacts("late", "Late", SupplierTier.LABORATORY, "USA", 0.4, 3.0, ""),
    )
    first, late = foreign_suppliers(mesa.Model(), P, facts)
    a_month = 0.5 * (1.5 + math.log(2.0) * 1.5) / 12.0
    assert (first.quality, late.quality) == pytest.approx((0.0, -3.0 * a_month))
    assert (late.label, late.country, late.opening_share) == ("Late", "USA", 0.4)
    assert supplier("x").label == "x"


def test_designers_share_what_is_short_by_one_rule() -> None:
    assert common_rule([supplier(), supplier("amd")]) is AllocationRule.PROPORTIONAL
    with pytest.raises(ValueError, match="different rules"):
        common_rule([supplier(), supplier("amd", allocation_rule=AllocationRule.PRIORITY)])


# A month of chips: two designers; a cloud buys from both, a developer from a distributor that buys from both.

DESIGNER, NOBODY = np.int32, -1


def links() -> TierLinks:
    return TierLinks(
        seller=np.array([0, 0, 1, 1, 2], dtype=np.int32),
        buyer=np.array([0, 1, 0, 1, 2], dtype=np.int32),
        share=np.array([0.75, 0.6, 0.25, 0.4, 1.0]),
        seller_start=np.array([0, 2, 4, 5], dtype=np.int64),
        designer_row=np.array([1, 0], dtype=np.int32),
        distributor_row=np.array([1], dtype=np.int32),
        distributor_of=np.array([-1, 0, -1], dtype=np.int32),
        distributor_of_edge=np.array([-1, 0, -1, 0], dtype=np.int32),
        supplier_of_node=np.array([1, 2], dtype=np.int64),
        built=np.array([1.0, 0.5]),
        packaging_share=np.array([0.5, 0.9]),
        content=np.array([[0.5, 0.0], [0.0, 0.5], [0.2, 0.3]]),
        bought_abroad=np.array([[0.2, 0.0], [0.1, 0.3]]),
    )


def stocks() -> TierStocks:
    under_way, profile = np.zeros((3, 5)), np.zeros((3, 2, 2))
    under_way[1] = [1.0, 2.0, 0.4, 0.6, 0.8]
    profile[1] = [[3.0, 1.0], [1.0, 1.0]]
    return TierStocks(
        under_way=under_way,
        profile=profile,
        unmet=np.array([0.1, 0.2, 0.3, 0.4, 0.5]),
        history=np.array([4.0, 1.0, 1.0, 3.0, 2.0]),
        open_japan=np.array([0.0, 0.5]),
        queue_abroad=np.zeros(2),
        orders_abroad=np.ones(2),
        availability=np.array([1.0, 0.25]),
        lasting_availability=np.array([1.0, 0.5]),
        filled=np.ones(1),
        lasting_filled=np.ones(1),
        normal_orders=np.array([9.0, 0.1]),
        expected_sales=np.array([3.0]),
        cover_months=np.array([2.0]),
        position_gap=np.array([1.0]),
        stock=np.array([0.3]),
        arrears=np.array([0.5]),
        backlog=np.array([5.0, 0.0, 2.0]),
    )


def rules(**changed: float) -> TierRules:
    usual = {
        "rationing": 0,
        "priority_exponent": 2.0,
        "whole_months": 1,
        "later_share": 0.25,
        "substitution": 1.0,
        "lasting_substitution": 2.0,
        "substitution_months": 10.0,
        "capacity_headroom": 1.2,
        "capacity_adjustment_months": 4.0,
        "history_share": 0.0,
        "history_months": 10.0,
        "distributor_reorder_share": 0.2,
        "distributor_expectation_months": 4.0,
        "distributor_cover_months": 2.0,
    }
    return TierRules(**usual | changed)  # type: ignore[arg-type]


def written() -> TierFlows:
    return TierFlows(
        delivered=np.zeros(3),
        imported=np.zeros(3),
        by_session=np.zeros(2),
        by_supplier=np.zeros((3, 3)),
        on_edges=np.zeros(5),
        waiting=np.zeros(3),
        filled=np.zeros(3),
    )


def placed(
    held: TierStocks,
    orders: list[float],
    capacity: list[float] | None = None,
    cancel: list[float] | None = None,
    allowed: float = 2.0,
) -> tuple[Any, ...]:
    on_edges, by_designer, normal, room = np.empty(5), np.empty(2), np.empty(2), np.empty(2)
    taken, cancelled = np.empty(3), np.zeros(3)
    fine = place_orders(
        tuple(links()),
        tuple(held),
        tuple(rules()),
        np.array(orders),
        np.array(cancel or [0.0, 0.0, 0.0]),
        np.array([allowed]),
        np.array(capacity or [1.0, 0.5, 0.8]),
        on_edges,
        by_designer,
        normal,
        room,
        taken,
        cancelled,
    )
    return fine, on_edges, by_designer, normal, room, taken, cancelled


def test_orders_are_split_by_share_and_by_who_can_deliver() -> None:
    held = stocks()
    fine, on_edges, by_designer, normal, room, taken, _ = placed(held, [10.0, 0.0, 4.0])
    assert fine
    # The second designer's availability of a quarter, and lasting one of a half: a tilt of 1/16.
    tilted = 0.75 + 0.25 / 16.0
    # The distributor wants 2 x 3.25: its gap of 1 grows to 1.5, more than a fifth, and it orders that and the 4 of the
    # developer.
    expected = [7.5 / tilted, 5.5 * 0.6 / 0.625, 0.15625 / tilted, 5.5 * 0.025 / 0.625, 4.0]
    assert on_edges == pytest.approx(expected)
    assert by_designer == pytest.approx([expected[0] + expected[1], expected[2] + expected[3]])
    assert held.open_japan == pytest.approx([0.3, 0.7])
    assert held.expected_sales == pytest.approx([3.25])
    assert held.position_gap == pytest.approx([0.0])
    assert taken.tolist() == [10.0, 0.0, 4.0]
    # A designer that sells nearly nothing keeps a tenth of its place.
    assert normal == pytest.approx([9.0, 0.1 * 9.1 * 0.9])
    assert room == pytest.approx([0.6, 0.48])


def test_what_waits_can_be_taken_back_and_what_a_distributor_owed_is_in_its_position() -> None:
    held = stocks()
    # The cloud has 0.1 and 0.3 waiting at two designers, of which half goes; the developer all of its 0.5.
    cancelled = placed(held, [10.0, 0.0, 4.0], cancel=[0.2, 0.0, 9.0])[-1]
    assert cancelled == pytest.approx([0.2, 0.0, 0.5])
    assert held.unmet == pytest.approx([0.05, 0.2, 0.15, 0.4, 0.0])
    assert held.backlog == pytest.approx([4.8, 0.0, 1.5])
    assert held.arrears == pytest.approx([0.0])
    # A gap of 1 is 0.5 once it owes half a unit less, and 1 with the larger stock wanted: less than a fifth of 6.5.
    assert held.position_gap == pytest.approx([1.0])


def test_a_buyer_without_a_source_places_no_order() -> None:
    held, no_sources = stocks(), links()._replace(share=np.array([0.75, 0.6, 0.25, 0.4, 0.0]))
    on_edges, taken = np.empty(5), np.empty(3)
    arrays = np.array([10.0, 0.0, 4.0]), np.zeros(3), np.array([2.0]), np.ones(3), on_edges
    place_orders(
        tuple(no_sources),
        tuple(held),
        tuple(rules()),
        *arrays,
        np.empty(2),
        np.empty(2),
        np.empty(2),
        taken,
        np.zeros(3),
    )
    assert taken.tolist() == [10.0, 0.0, 0.0]
    assert on_edges[4] == 0.0


def test_a_distributor_with_far_too_much_orders_nothing() -> None:
    held = stocks()
    held.position_gap[0] = -20.0
    on_edges = placed(held, [10.0, 0.0, 4.0])[1]
    assert on_edges[[1, 3]] == pytest.approx([0.0, 0.0])
    assert held.position_gap == pytest.approx([-20.0 + 0.5 + 4.0])


def test_what_is_no_order_is_refused() -> None:
    assert not placed(stocks(), [-1.0, 0.0, 4.0])[0]
    assert not placed(stocks(), [math.nan, 0.0, 4.0])[0]
    assert not placed(stocks(), [1.0, 0.0, 4.0], [1.0, -0.5, 0.8])[0]
    assert placed(stocks(), [0.0, 0.0, 0.0], [0.0, 0.0, 0.0])[0]


def moved(held: TierStocks, kind: TierRules | None = None, month: int = 4) -> tuple[TierFlows, Any]:
    flows = written()
    started = np.array([[3.0, 1.0], [0.5, 0.5]])
    on_edges = np.array([2.0, 1.7, 0.5, 0.3, 0.6])
    move_goods(
        tuple(links()),
        tuple(held),
        tuple(kind or rules()),
        month,
        np.array([10.0, 0.0, 4.0]),
        on_edges,
        np.array([5.0, 2.1]),
        started,
        tuple(flows),
    )
    return flows, on_edges


def test_what_was_started_goes_under_way_and_what_is_due_arrives() -> None:
    held = stocks()
    flows, _ = moved(held)
    # The first designer met its claims of 2.1 and 1.9; the second has one unit for claims of 0.8 and 0.7.
    shipped = np.array([2.1, 1.9, 0.8 / 1.5, 0.7 / 1.5, 0.6])
    assert held.unmet == pytest.approx([0.0, 0.0, 0.8 - shipped[2], 0.7 - shipped[3], 0.0])
    # Due a month later, a quarter of it two months later.
    assert held.under_way[2] == pytest.approx(0.75 * shipped)
    assert held.under_way[0] == pytest.approx(0.25 * shipped)
    assert held.profile[2] == pytest.approx(np.array([[2.25, 0.75], [0.375, 0.375]]))
    assert held.profile[0] == pytest.approx(np.array([[0.75, 0.25], [0.125, 0.125]]))
    assert not held.under_way[1].any()
    assert not held.profile[1].any()
    assert held.lasting_availability == pytest.approx([1.0, 0.475])
    assert held.normal_orders == pytest.approx([8.0, 0.6])
    # Delivered: to the cloud, and by the distributor to the developer what was overdue and due.
    assert flows.delivered == pytest.approx([1.4, 0.0, 1.3])
    # The cloud got 2.1 and 0.8 / 1.5 of claims of 2.1 and 0.8, the developer all of what was overdue and due.
    assert flows.filled[[0, 2]] == pytest.approx([(2.1 + 0.8 / 1.5) / 2.9, 1.0])
    assert flows.waiting[[0, 2]] == pytest.approx([0.8 - 0.8 / 1.5, 0.0])
    assert flows.imported == pytest.approx([1.4, 2.6, 0.0])
    assert flows.on_edges == pytest.approx([1.0, 2.0, 0.4, 0.6, 1.3])
    # Users get three quarters of the first designer's goods in the first session; the distributor 1.8 and 0.8.
    assert flows.by_session == pytest.approx([0.75 + 0.2 + 0.9, 0.25 + 0.2 + 0.4])
    assert (held.stock, held.arrears) == (pytest.approx([1.6]), pytest.approx([0.0]))
    assert held.backlog == pytest.approx([5.0 + 8.6, 0.0, 2.0 + 2.7])
    # Designers stand in rows 1 and 0 of the suppliers: shipped 3 and 1, started 4 and 1.
    assert flows.by_supplier[0] == pytest.approx([1.0, 3.0, 0.0])
    assert flows.by_supplier[1] == pytest.approx([1.5, 0.5, 0.9])
    assert flows.by_supplier[2] == pytest.approx([1.0, 4.0, 0.0])


def test_a_distributor_sells_as_far_as_its_stock_reaches() -> None:
    held = stocks()
    held.stock[0] = 0.0
    held.under_way[1] = [1.0, 0.2, 0.4, 0.0, 0.8]
    flows, _ = moved(held)
    assert flows.delivered[2] == pytest.approx(0.2)
    assert flows.by_session == pytest.approx([0.95 + 0.15, 0.45 + 0.05])
    assert (held.stock.item(), held.arrears.item(), held.unmet[4]) == pytest.approx((0.0, 1.1, 1.1))


def test_large_customers_come_first_under_priority() -> None:
    held = stocks()
    moved(held, rules(rationing=1))
    # One unit for claims of 0.8 and 0.7, by their squares.
    assert held.unmet[2:4] == pytest.approx([0.8 - 0.64 / 1.13, 0.7 - 0.49 / 1.13])
    assert held.unmet[:2] == pytest.approx([0.0, 0.0])


def test_half_of_what_is_short_goes_by_what_was_bought_before() -> None:
    held = stocks()
    moved(held, rules(history_share=0.5))
    # One unit for claims of 0.8 and 0.7, who got 1 and 3 a month before: half by claims, half by that.
    first = 0.5 * 0.8 / 1.5 + 0.5 * 0.25
    assert held.unmet[2:4] == pytest.approx([0.8 - first, 0.7 - (1.0 - first)])
    # What they get moves what they are known for by a tenth.
    assert held.history[2:4] == pytest.approx([1.0 + (first - 1.0) / 10.0, 3.0 + (1.0 - first - 3.0) / 10.0])


def test_what_fell_due_before_the_start_is_left_out() -> None:
    under_way, profile = np.zeros((3, 1)), np.zeros((3, 1, 1))
    put_under_way(np.array([2.0]), np.array([[4.0]]), -2, 1, 0.25, under_way, profile)
    assert under_way[:, 0].tolist() == [0.5, 0.0, 0.0]
    assert profile[:, 0, 0].tolist() == [1.0, 0.0, 0.0]
    put_under_way(np.array([2.0]), np.array([[4.0]]), 3, 2, 0.0, under_way, profile)
    assert under_way[:, 0].tolist() == [0.5, 0.0, 2.0]


# Upstream: one designer that needs nobody, with an output of 10 in normal times; a fifth of it goes to Japan.


def upstream(capacity: float, **changed: float) -> tuple[Any, ...]:
    """Units started in two sessions, open orders, the queue abroad and availability of a designer."""
    usual = {"normal": 2.0, "orders": 3.0, "open": 0.4, "queue": 1.0, "queue_sessions": 4.0, "weight_abroad": 2.0}
    usual |= {"history": 0.0, "abroad": 0.8, "ordered_abroad": 1.0}
    terms = usual | changed
    nobody, no_input = np.empty(0, dtype=np.int32), np.empty(0)
    fixed = NetworkArrays(
        supplier=nobody,
        customer=nobody,
        base_flow=no_input,
        inventory_target=no_input,
        position_target=no_input,
        input_of_edge=nobody,
        input_customer=nobody,
        input_flow=no_input,
        input_target=no_input,
        edges_of_supplier=nobody,
        supplier_start=np.zeros(2, dtype=np.int32),
        base_output=np.array([10.0]),
        base_final_demand=np.array([10.0]),
    )
    state = NetworkState(no_input, np.empty((0, 1)), no_input, np.array([10.0]), np.array([10.0]), np.array([10.0]))
    by_edge = dict.fromkeys(("ordered", "shipped", "arrived", "used"), no_input)
    flows = NetworkFlows(**by_edge | {name: np.zeros(1) for name in NetworkFlows._fields if name not in by_edge})
    abroad = np.array([terms["abroad"]])
    market = WorldMarket(0.2, abroad, terms["queue_sessions"], terms["weight_abroad"], terms["history"])
    network = tuple(fixed), tuple(state), tuple(NetworkRules(0, 0, 5.0, 0.5, 2.0, 0.1)), tuple(flows)
    held = [np.array([terms[name]]) for name in ("normal", "orders", "open", "queue", "ordered_abroad")]
    started, availability = np.zeros((1, 2)), np.zeros(1)
    produce_upstream(network, tuple(market), np.array([capacity]), *held, started, availability)
    return started[0], held[2].item(), held[3].item(), availability.item()


def test_a_designer_with_room_starts_all_that_was_ordered_and_clears_the_queue() -> None:
    started, left, queue, availability = upstream(5.0)
    # Half of 3 a session, the open orders first.
    assert started == pytest.approx([1.9, 1.5])
    assert (left, queue, availability) == (0.0, 0.0, 1.0)


def test_a_short_designer_shares_by_claims_and_buyers_abroad_queue() -> None:
    started, left, queue, availability = upstream(0.9)
    # Japan claims 0.2 x 1.9 of a day's output; abroad, new orders of 1 - 1/4 on a queue of 1 claim 0.8 x 1.75, and a
    # unit ordered abroad counts twice.  Nine tenths of a day are made.
    claim, abroad = 0.2 * 1.9, 0.8 * 1.75
    home = 0.9 * claim / (claim + 2.0 * abroad)
    first = 1.9 * home / claim
    opened = 1.9 - first + 1.5
    waiting = 1.75 - (0.9 - home) / 0.8
    new = 1.0 - waiting / 4.0
    claim, abroad = 0.2 * opened, 0.8 * (waiting + new)
    home = 0.9 * claim / (claim + 2.0 * abroad)
    second = opened * home / claim
    assert started == pytest.approx([first, second])
    assert left == pytest.approx(opened - second)
    assert queue == pytest.approx(waiting + new - (0.9 - home) / 0.8)
    # Of what was newly wanted, half as much again from Japan and less from abroad.
    wanted = (1.0 + 0.2 * 0.5 - 0.8 * 0.25) + (1.0 + 0.2 * 0.5 - 0.8 * (1.0 - new))
    assert availability == pytest.approx(1.8 / wanted)


def test_what_buyers_abroad_do_not_claim_is_left_for_japan() -> None:
    # Nobody abroad orders behind a queue of 0.75 sessions, which claims 0.6: 0.3 of 0.9 are left for a claim of 0.38.
    started, *_ = upstream(0.9, queue=0.75, queue_sessions=0.5, weight_abroad=99.0)
    assert started[0] == pytest.approx(1.9 * 0.3 / 0.38)
    none = upstream(0.9, normal=0.0, orders=0.0, open=0.0)
    assert none[0].tolist() == [0.0, 0.0]
    stopped = upstream(0.0)
    assert (stopped[0].tolist(), stopped[3]) == ([0.0, 0.0], 0.0)
    assert stopped[1] == pytest.approx(3.4)


def test_a_short_designer_remembers_whose_part_was_what_and_without_rivals_serves_japan_alone() -> None:
    # By orders Japan has 0.38 of 0.38 + 2 x 1.4; by history 0.2 of 0.2 + 2 x 0.8.  Nine tenths of a day are made.
    home = 0.9 * 0.5 * (0.38 / (0.38 + 2.8) + 0.2 / 1.8)
    assert upstream(0.9, history=0.5)[0][0] == pytest.approx(1.9 * home / 0.38)
    # Nobody else orders: 0.2 of the day's output are enough for what Japan usually buys, and 0.38 for all it claims.
    started, left, queue, _ = upstream(0.3, abroad=0.0, queue=0.0)
    assert started[0] == pytest.approx(1.9 * 0.3 / 0.38)
    assert (queue, left > 0.0) == (0.0, True)
