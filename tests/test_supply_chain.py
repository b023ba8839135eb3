"""The production network against published answers, and the chip tiers: conservation, rest, delay, rationing."""

import csv
import math
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itcho.agents.foreign_suppliers import SUPPLIERS
from itcho.model.chips.compiled_graph import CompiledGraph, UpstreamEdges, compile_graph
from itcho.model.chips.edges import draw_chip_trade
from itcho.model.chips.links import draw_network
from itcho.model.chips.production_network import ORDER_RULES, ProductionNetwork
from itcho.model.chips.sessions import put_under_way, split_orders, split_restocking
from itcho.model.chips.tiers import SESSIONS_A_MONTH, ChipTiers
from itcho.model.parameters.registry import Parameters

KNOWN = Path(__file__).parent / "known_answers"
PARAMETERS = Parameters()
FULL = np.ones(len(SUPPLIERS))
NAMES = [supplier.name for supplier in SUPPLIERS]
TIER = np.array([str(supplier.tier) for supplier in SUPPLIERS])


def table(file: str) -> list[dict[str, str]]:
    lines = [line for line in (KNOWN / file).read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def known_answers(network: str) -> dict[str, np.ndarray]:
    rows = [row for row in table("inoue_todo.csv") if row["network"] == network]
    length = [int(row["last_entry"]) - int(row["first_entry"]) + 1 for row in rows]
    columns = ("total_production", "final_consumption", "value_added")
    return {name: np.repeat([float(row[name]) for row in rows], length) for name in columns}


def chain(**options: object) -> ProductionNetwork:
    return ProductionNetwork([0, 1, 2], [1, 2, 3], [50, 60, 70], [0, 0, 0, 100], **options)


def random_network(seed: int, **options: object) -> ProductionNetwork:
    rng = np.random.default_rng(seed)
    supplier, customer = rng.integers(0, 15, (2, 80))
    kept = supplier != customer
    return ProductionNetwork(
        supplier[kept],
        customer[kept],
        rng.random(kept.sum()) + 0.1,
        rng.random(15) + 0.1,
        product=supplier[kept] % 4,
        **options,
    )


def tiers(
    n: int = 300, seed: int = 1, rationing: str = "proportional", growth: float = 0.0, **changes: float
) -> tuple[ChipTiers, np.ndarray, np.ndarray]:
    # Distributors with full stocks, which they fill up at once: their (s, S) rule has tests of its own.
    parameters = PARAMETERS.replace(**{"supply_distributor_reorder_share": 0.0} | changes)
    rng = np.random.default_rng(seed)
    role = rng.choice(3, n, p=[0.07, 0.4, 0.53])
    role[:2] = (2, 0)
    size = (1.0 - rng.random(n)) ** (-1.0 / 1.26)
    links = compiled(role, size, parameters, rng)
    orders = 0.6 * size / size.sum()
    return ChipTiers(links, SUPPLIERS, orders, parameters, rationing=rationing, growth_monthly=growth), orders, role


def compiled(role: np.ndarray, size: np.ndarray, parameters: Parameters, rng: np.random.Generator) -> CompiledGraph:
    names = [f"importer_{row}" for row in range(role.size)]
    members = SimpleNamespace(role=role, size=size)
    return compile_graph(draw_network(members, names, SUPPLIERS, parameters, rng), names, role, SUPPLIERS)


def capacity(**changed: float) -> np.ndarray:
    """Full capacity, but for the named suppliers or tiers."""
    values = FULL.copy()
    for name, value in changed.items():
        values[np.isin(TIER, name) | np.isin(NAMES, name)] = value
    return values


# The generic network


def test_toy_network_without_shock_holds_the_known_answers() -> None:
    network = ProductionNetwork([0, 1], [1, 0], [100, 100], [100, 100], order_rule="inoue_todo")
    record, known = network.run(10), known_answers("toy")
    for name, values in known.items():
        np.testing.assert_allclose(getattr(record, name), values, rtol=0, atol=1e-9, err_msg=name)


def test_chain_holds_the_known_answers_at_every_entry() -> None:
    record, known = chain(order_rule="inoue_todo").run(100, np.array([0.5, 1.0, 1.0, 1.0])), known_answers("chain")
    for name, values in known.items():
        assert values.size == 101
        np.testing.assert_allclose(getattr(record, name), values, rtol=0, atol=1e-9, err_msg=name)


def test_a_loss_that_runs_round_a_circle_holds_the_published_codes_answers() -> None:
    network = ProductionNetwork([0, 1], [1, 0], [100, 100], [100, 100], order_rule="inoue_todo")
    record, known = network.run(60, np.array([0.9, 1.0])), table("inoue_todo_feedback.csv")
    for name in ("total_production", "final_consumption", "value_added"):
        values = [float(row[name]) for row in known]
        np.testing.assert_allclose(getattr(record, name), values, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(("inventory", "loss"), [(15.0, 0.5), (15.0, 0.3), (15.0, 0.7), (9.0, 0.5), (10.0, 1.0)])
def test_each_tier_feels_a_cut_after_its_cover(inventory: float, loss: float) -> None:
    network = chain(inventory_periods=inventory)
    made = []
    for _ in range(90):
        network.step(np.array([1.0 - loss, 1.0, 1.0, 1.0]))
        made.append(network.flows.production.copy())
    first_fall = int(np.argmax(np.array(made)[:, 1] < 60.0 - 1e-6))
    # Inventory falls by the loss each period and must cover one period's use.
    assert first_fall == math.floor((inventory - 1.0) / loss + 1e-9) + 1


@pytest.mark.parametrize("order_rule", list(ORDER_RULES))
@pytest.mark.parametrize("lead", [0.0, 1.0, 7.5, 30.0])
def test_equilibrium_rests_to_the_last_bit(order_rule: str, lead: float) -> None:
    record = random_network(3, order_rule=order_rule, lead_time_periods=lead).run(60)
    for values in record:
        assert np.unique(values).size == 1


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    lead=st.sampled_from([0.0, 3.0, 12.5]),
    order_rule=st.sampled_from(list(ORDER_RULES)),
    rationing=st.sampled_from(["proportional", "priority"]),
    damage=st.floats(0.0, 1.0),
)
def test_goods_are_conserved_in_any_network(
    seed: int, lead: float, order_rule: str, rationing: str, damage: float
) -> None:
    network = random_network(seed, lead_time_periods=lead, order_rule=order_rule, rationing=rationing)
    hurt = np.ones(15)
    hurt[seed % 15] = 1.0 - damage
    for _ in range(60):
        before = network.state.inventory + network.under_way()
        network.step(hurt)
        after, flows = network.state.inventory + network.under_way(), network.flows
        np.testing.assert_allclose(after - before, flows.shipped - flows.used, atol=1e-11)
        sold = np.bincount(network.fixed.supplier, weights=flows.shipped, minlength=15) + flows.final_delivered
        np.testing.assert_allclose(sold, flows.production, atol=1e-11)
        assert network.state.inventory.min() >= 0.0
        assert np.all(flows.production <= hurt * network.fixed.base_output + 1e-12)


def test_lead_time_delays_the_cut_and_its_mean_is_kept() -> None:
    lead, cut = 30.0, np.array([0.0, 1.0, 1.0, 1.0])
    network = chain(lead_time_periods=lead, pipeline_stages=10)
    arrived = 0.0
    for _ in range(400):
        network.step(cut)
        arrived += float(network.flows.arrived[0])
    assert arrived == pytest.approx(lead * 50.0, rel=1e-6)
    record = chain(lead_time_periods=lead, pipeline_stages=10).run(200, cut)
    without = chain().run(200, cut)
    assert np.argmax(record.final_consumption < 99.0) > np.argmax(without.final_consumption < 99.0) + 25


def test_base_stock_returns_to_rest_after_a_passing_cut() -> None:
    network = chain(order_rule="base_stock", lead_time_periods=5.0)
    network.run(10, np.array([0.5, 1.0, 1.0, 1.0]))
    record = network.run(600, np.array([1.2, 1.2, 1.2, 1.2]))
    assert record.final_consumption[-1] == pytest.approx(100.0)
    np.testing.assert_allclose(network.state.inventory, network.fixed.inventory_target, rtol=1e-3)


@pytest.mark.parametrize(("order_rule", "afterwards"), [("inoue_todo", 0.0), ("base_stock", 100.0)])
def test_a_stop_beyond_all_stocks_lasts_only_if_who_makes_nothing_orders_nothing(
    order_rule: str, afterwards: float
) -> None:
    network = chain(order_rule=order_rule)
    assert network.run(120, np.array([0.0, 1.0, 1.0, 1.0])).final_consumption[-1] == 0.0
    record = network.run(1200, np.full(4, 1.2))
    assert record.final_consumption[-1] == pytest.approx(afterwards, abs=1e-3)


def test_an_order_that_waits_is_demand_once() -> None:
    # Node 1 sells 20 a period and needs 10 parts, of which it wants 15 periods' stock.  Stopped, it uses none and still
    # orders what 20 new orders need, 10, and a sixth of its gap: it stops at a surplus of six periods' parts.
    network = ProductionNetwork([0], [1], [10.0], [0.0, 20.0])
    new = np.array([0.0, 20.0])
    for waited in range(1, 251):
        network.step(np.array([10.0, 0.0]), waited * new, new)
    assert network.state.inventory[0] == pytest.approx(150.0 + 60.0)
    assert network.state.expected_demand[1] == 20.0
    # If all that waits were new each period, it would hoard; and it makes all that waits once it can.
    hoarder = ProductionNetwork([0], [1], [10.0], [0.0, 20.0])
    for waited in range(1, 251):
        hoarder.step(np.array([10.0, 0.0]), waited * new)
    assert hoarder.state.inventory[0] > 10.0 * network.state.inventory[0]
    _, delivered, _ = network.step(np.array([10.0, 2.0]), 251 * new, new)
    assert delivered == 40.0


def test_a_stopped_designer_leaves_parts_to_the_others() -> None:
    chips, orders, _ = tiers(
        chip_lead_time_months=1.0, supply_direct_purchase_share=1.0, supply_distributor_inventory_days=15.0
    )
    nvidia, others = FULL.copy(), chips.upstream.fixed.customer != NAMES.index("nvidia")
    nvidia[NAMES.index("nvidia")] = 0.0
    for _ in range(12):
        chips.run_month(orders, nvidia)
    filled = chips.upstream.state.inventory / chips.upstream.fixed.inventory_target
    # It holds at most what six sessions of orders without use add to its fifteen; the others work near their target.
    assert filled[~others].max() < 1.4
    assert filled[others].min() > 0.7


def test_base_stock_is_the_rule_unless_another_is_asked_for() -> None:
    cut = np.array([0.5, 1.0, 1.0, 1.0])
    for values, same in zip(chain().run(60, cut), chain(order_rule="base_stock").run(60, cut), strict=True):
        np.testing.assert_array_equal(values, same)


def test_priority_rationing_serves_large_customers_better() -> None:
    network = ProductionNetwork([0, 0, 0], [1, 2, 3], [10.0, 40.0, 50.0], [0.0, 20.0, 60.0, 70.0], rationing="priority")
    network.step(np.array([0.5, 1.0, 1.0, 1.0]))
    filled = network.flows.shipped / network.flows.ordered
    assert np.all(np.diff(filled) > 0.0)
    assert network.flows.shipped.sum() == pytest.approx(50.0)


def test_mistakes_in_a_network_are_named() -> None:
    with pytest.raises(ValueError, match="order_rule"):
        chain(order_rule="guess")
    with pytest.raises(ValueError, match=r"outside 0\.\.1"):
        ProductionNetwork([0], [2], [1.0], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"nodes \[1\] sell nothing"):
        ProductionNetwork([0], [1], [1.0], [1.0, 0.0])


# The chip tiers


@pytest.mark.parametrize("rationing", ["proportional", "priority"])
@pytest.mark.parametrize("lead", [3.0, 9.0, 12.4])
def test_steady_orders_are_delivered_at_once_and_nothing_moves(rationing: str, lead: float) -> None:
    chips, orders, _ = tiers(rationing=rationing, chip_lead_time_months=lead)
    np.testing.assert_allclose(chips.backlog_bn_usd, lead * orders, rtol=1e-12)
    first = chips.run_month(orders, FULL)
    np.testing.assert_allclose(first.delivered_bn_usd, orders, rtol=1e-14)
    np.testing.assert_allclose(first.delivered_by_session, orders.sum() / SESSIONS_A_MONTH, rtol=1e-12)
    for _ in range(30):
        month = chips.run_month(orders, FULL)
        assert np.array_equal(month.delivered_bn_usd, first.delivered_bn_usd)
        assert np.array_equal(month.imported_bn_usd, first.imported_bn_usd)
        assert np.array_equal(month.edge_flow_bn_usd, first.edge_flow_bn_usd)
    np.testing.assert_allclose(month.distributor_stock_bn_usd, first.distributor_stock_bn_usd, rtol=1e-12)
    np.testing.assert_allclose(month.backlog_bn_usd, lead * orders, rtol=1e-12)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rationing=st.sampled_from(["proportional", "priority"]),
    lead=st.sampled_from([1.0, 3.5, 9.0]),
)
def test_units_are_conserved_whatever_is_ordered_and_cut(seed: int, rationing: str, lead: float) -> None:
    chips, usual, _ = tiers(60, seed, rationing, chip_lead_time_months=lead)
    rng = np.random.default_rng(seed)
    stock = chips._stocks.stock.sum()
    for _ in range(30):
        orders = usual * rng.gamma(1.0, 1.0, usual.size) * (rng.random() > 0.1)
        backlog, under_way = chips.backlog_bn_usd, chips.under_way_bn_usd()
        month = chips.run_month(orders, rng.choice([0.0, 0.3, 1.0, 1.4], FULL.size))
        np.testing.assert_allclose(backlog + orders, month.delivered_bn_usd + month.backlog_bn_usd, atol=1e-12)
        np.testing.assert_allclose(chips.open_units_by_importer(), month.backlog_bn_usd, atol=1e-12)
        change = chips.under_way_bn_usd() - under_way
        shipped = month.shipped_by_supplier_bn_usd.sum()
        assert month.started_by_supplier_bn_usd.sum() == pytest.approx(shipped + change, abs=1e-12)
        assert month.imported_bn_usd.sum() == pytest.approx(shipped, abs=1e-12)
        assert month.delivered_by_session.sum() == pytest.approx(month.delivered_bn_usd.sum(), abs=1e-12)
        now = month.distributor_stock_bn_usd.sum()
        assert stock + month.imported_bn_usd.sum() == pytest.approx(month.delivered_bn_usd.sum() + now, abs=1e-12)
        for values in (month.delivered_bn_usd, month.backlog_bn_usd, month.distributor_stock_bn_usd):
            assert values.min() > -1e-12
        stock = now


def deliveries_after_cut(
    chips: ChipTiers, orders: np.ndarray, cut: np.ndarray, months: int, who: np.ndarray
) -> np.ndarray:
    months_of = [chips.run_month(orders, cut).delivered_bn_usd[who].sum() for _ in range(months)]
    return np.array(months_of) / orders[who].sum()


def behind_distributors(chips: ChipTiers, role: np.ndarray) -> np.ndarray:
    """Rows that buy from a distributor (the distributors' own rows left out)."""
    served = np.zeros(role.size, dtype=bool)
    served[chips.edges.buyer[chips.edges.n_from_designers :]] = True
    return served & (role != 0)


def test_a_stop_of_designers_reaches_users_after_the_lead_time_and_the_stocks() -> None:
    chips, orders, role = tiers()
    served = behind_distributors(chips, role)
    assert served.any()
    direct_cover, served_cover = chips.cover_months()
    assert direct_cover == 9.0
    assert served_cover == pytest.approx(9.0 + 45 / 21)
    direct = deliveries_after_cut(chips, orders, capacity(designer=0.0), 14, ~served & (role != 0))
    np.testing.assert_allclose(direct[:9], 1.0, rtol=1e-12)
    np.testing.assert_allclose(direct[9:], 0.0, atol=1e-12)
    chips, orders, role = tiers()
    late = deliveries_after_cut(chips, orders, capacity(designer=0.0), 14, served)
    np.testing.assert_allclose(late[:11], 1.0, rtol=1e-12)
    assert late[11] == pytest.approx(45 / 21 - 2.0, rel=1e-9)
    np.testing.assert_allclose(late[12:], 0.0, atol=1e-12)


def test_a_cut_of_foundries_comes_later_by_the_designers_components() -> None:
    chips, orders, _ = tiers()
    cut = capacity(foundry=0.0)
    by_session = np.concatenate([chips.run_month(orders, cut).delivered_by_session for _ in range(11)])
    usual = orders.sum() / SESSIONS_A_MONTH
    fall = int(np.argmax(by_session < 0.99 * usual))
    # Components last so many sessions; what cannot be started then is missed nine months later.
    assert fall == 9 * SESSIONS_A_MONTH + 15


@pytest.mark.parametrize("lead", [3.0, 6.0, 13.0])
def test_the_delay_is_the_lead_time(lead: float) -> None:
    chips, orders, role = tiers(chip_lead_time_months=lead)
    who = ~behind_distributors(chips, role) & (role != 0)
    share = deliveries_after_cut(chips, orders, capacity(designer=0.3), int(lead) + 2, who)
    assert np.argmax(share < 0.99) == lead


def test_a_longer_stock_at_distributors_protects_longer() -> None:
    lost = []
    for days in (15.0, 45.0, 90.0):
        chips, orders, role = tiers(supply_distributor_inventory_days=days)
        share = deliveries_after_cut(chips, orders, capacity(designer=0.4), 18, behind_distributors(chips, role))
        lost.append(float(np.sum(1.0 - share)))
    assert lost[0] > lost[1] > lost[2]


def test_after_a_passing_cut_the_backlog_is_worked_off() -> None:
    chips, orders, _ = tiers()
    for _ in range(6):
        chips.run_month(orders, capacity(foundry=0.5))
    for _ in range(90):
        month = chips.run_month(orders, FULL)
    np.testing.assert_allclose(month.backlog_bn_usd, 9.0 * orders, rtol=1e-6)
    np.testing.assert_allclose(month.delivered_bn_usd, orders, rtol=1e-6)


def test_priority_rationing_favours_large_buyers() -> None:
    started = {}
    for rationing in ("proportional", "priority"):
        chips, orders, role = tiers(rationing=rationing, supply_world_buyer_size_ratio=1.0)
        served = deliveries_by_row(chips, orders, capacity(designer=0.5), 10) / orders
        multi = np.flatnonzero((role != 0) & ~behind_distributors(chips, role))
        order = multi[np.argsort(orders[multi])]
        started[rationing] = (served[order[-5:]].mean(), served[order[:20]].mean())
    assert started["priority"][0] > started["priority"][1] + 0.05
    assert started["proportional"][0] == pytest.approx(started["proportional"][1], rel=1e-9)
    assert started["priority"][0] > started["proportional"][0]


def deliveries_by_row(chips: ChipTiers, orders: np.ndarray, cut: np.ndarray, months: int) -> np.ndarray:
    for _ in range(months):
        month = chips.run_month(orders, cut)
    return month.delivered_bn_usd


def test_large_buyers_abroad_crowd_japan_out_under_priority() -> None:
    started = []
    for ratio in (1.0, 30.0):
        chips, orders, _ = tiers(rationing="priority", supply_world_buyer_size_ratio=ratio)
        started.append(
            sum(chips.run_month(orders, capacity(foundry=0.4)).started_by_supplier_bn_usd.sum() for _ in range(6))
        )
    assert started[1] < 0.9 * started[0]


def test_buyers_turn_to_designers_that_can_deliver() -> None:
    shares = {}
    for short, long in ((0.0, 1.5), (1.5, 4.0)):
        for tied in (True, False):
            chips, orders, _ = tiers(supply_substitution_short_run=short, supply_substitution_long_run=max(long, 1.5))
            if tied:
                # Rivals abroad have one designer each and cannot turn.
                alone = np.diag(chips._abroad.sum(axis=0))
                chips.rewire(SimpleNamespace(chips=chips.edges, upstream=chips._upstream_edges, abroad=alone))
            for _ in range(12):
                month = chips.run_month(orders, capacity(nvidia=0.4))
            started = month.started_by_supplier_bn_usd
            shares[short, tied] = started[NAMES.index("amd")] / started.sum()
    assert shares[1.5, True] > shares[0.0, True]
    assert shares[1.5, False] < shares[1.5, True], "rivals who turn as well take of what the other designer makes"


def test_more_orders_raise_deliveries_a_lead_time_later() -> None:
    chips, orders, _ = tiers()
    share = deliveries_after_cut(chips, 1.1 * orders, FULL, 30, np.ones(orders.size, dtype=bool))
    np.testing.assert_allclose(share[:9], 1.0 / 1.1, rtol=1e-9)
    np.testing.assert_allclose(share[9:], 1.0, rtol=1e-9)


def test_a_growing_past_leaves_a_smaller_pipeline_and_growing_deliveries() -> None:
    growth = 0.01
    chips, orders, _ = tiers(growth=growth)
    past = np.exp(-growth * np.arange(9)).sum()
    np.testing.assert_allclose(chips.backlog_bn_usd, past * orders, rtol=1e-12)
    months = [chips.run_month(orders * np.exp(growth * t), FULL).delivered_bn_usd.sum() for t in range(1, 15)]
    np.testing.assert_allclose(np.diff(np.log(months)), growth, rtol=1e-9)


def test_who_is_paid() -> None:
    chips, orders, _ = tiers()
    month = chips.run_month(orders, FULL)
    paid = month.shipped_by_supplier_bn_usd
    assert paid.sum() == pytest.approx(orders.sum())
    assert np.all(paid[TIER != "designer"] == 0.0)
    assert 0.8 < paid[NAMES.index("nvidia")] / paid.sum() < 0.97
    upstream = month.upstream_value_bn_usd
    assert upstream[TIER == "foundry"].sum() == pytest.approx(0.12 * paid.sum())
    assert upstream[TIER == "memory"].sum() == pytest.approx(0.13 * paid.sum())


def test_equal_generators_give_equal_months_and_a_saved_state_goes_on() -> None:
    (one, orders, _), (two, _, _) = tiers(seed=7), tiers(seed=7)
    rng = np.random.default_rng(5)
    for month in range(24):
        placed, cut = orders * rng.gamma(2.0, 0.5, orders.size), rng.choice([0.4, 1.0], FULL.size)
        if month == 12:
            two = pickle.loads(pickle.dumps(two))
        first, second = one.run_month(placed, cut), two.run_month(placed, cut)
        assert np.array_equal(first.delivered_bn_usd, second.delivered_bn_usd)
        assert np.array_equal(first.backlog_bn_usd, second.backlog_bn_usd)
        assert np.array_equal(first.availability, second.availability)


def test_memory_an_importer_stays_small() -> None:
    chips, _, _ = tiers(20_000, chip_lead_time_months=13.0)
    arrays = [*vars(chips.edges).values(), *chips._links, *chips._stocks, *chips.upstream.fixed, *chips.upstream.state]
    assert sum(value.nbytes for value in arrays if isinstance(value, np.ndarray)) < 250 * 20_000


def test_mistakes_are_named() -> None:
    (chips, orders, role), rng = tiers(40), np.random.default_rng(1)
    with pytest.raises(ValueError, match="capacity must be 11 numbers"):
        chips.run_month(orders, np.ones(3))
    with pytest.raises(ValueError, match="orders must be 40 numbers"):
        chips.run_month(orders[:-1], FULL)
    with pytest.raises(ValueError, match="rationing must be one of"):
        ChipTiers(compiled(role, orders, PARAMETERS, rng), SUPPLIERS, orders, PARAMETERS, rationing="lottery")
    with pytest.raises(ValueError, match="sizes above zero"):
        draw_chip_trade(np.ones(3), np.array([1.0, 0.0, 2.0]), ["a", "b", "c"], SUPPLIERS, PARAMETERS, rng)


def test_orders_on_edges_and_pipelines_agree_with_a_plain_reference() -> None:
    chips, orders, _ = tiers()
    edges, rng, first = chips.edges, np.random.default_rng(3), chips.edges.n_from_designers
    designers, distributors = edges.designer_row.size, edges.distributor_row.size
    on_edges, placed = np.empty(edges.n_edges), np.empty(orders.size)
    tilt, restocking = rng.random(designers + distributors) + 0.1, rng.random(distributors)
    trade, distributor_of = (edges.seller, edges.buyer, edges.share), chips._links.distributor_of
    split_orders(*trade, distributor_of, tilt, orders, on_edges, placed)
    split_restocking(*trade, first, distributor_of, tilt, restocking, on_edges)
    np.testing.assert_array_equal(placed, orders)
    need = orders.copy()
    need[edges.distributor_row] = restocking
    own = np.zeros(edges.n_edges, dtype=bool)
    own[first:] = edges.distributor_row[edges.seller[first:] - designers] == edges.buyer[first:]
    weight = np.where(own, 0.0, edges.share * tilt[edges.seller])
    part = weight / np.bincount(edges.buyer, weight, orders.size)[edges.buyer]
    np.testing.assert_allclose(on_edges[~own], (need[edges.buyer] * part)[~own], rtol=1e-12)
    np.testing.assert_allclose(on_edges[own], orders[edges.buyer[own]], rtol=1e-12)

    started, under_way, profile = (
        rng.random((designers, 21)),
        rng.random((5, edges.n_edges)),
        rng.random((5, designers, 21)),
    )
    expected, shape = under_way.copy(), profile.copy()
    put_under_way(on_edges, started, 4, 3, 0.25, under_way, profile)
    for slot, share in ((7 % 5, 0.75), (8 % 5, 0.25)):
        expected[slot] += share * on_edges
        shape[slot] += share * started
    np.testing.assert_allclose(under_way, expected, rtol=1e-12)
    np.testing.assert_allclose(profile, shape, rtol=1e-12)


@pytest.mark.parametrize("rationing", ["proportional", "priority"])
def test_a_month_of_distributors_and_buyers_agrees_with_a_plain_reference(rationing: str) -> None:
    chips, usual, _ = tiers(rationing=rationing)
    edges, rng, stocks = chips.edges, np.random.default_rng(4), chips._stocks
    for _ in range(14):
        orders = usual * rng.gamma(2.0, 0.5, usual.size)
        stock, arrears, slot = stocks.stock.copy(), stocks.arrears.copy(), chips._month % stocks.under_way.shape[0]
        units, profile = stocks.under_way[slot].copy(), stocks.profile[slot].copy()
        month = chips.run_month(orders, rng.choice([0.3, 1.0], FULL.size))
        first = edges.n_from_designers
        timing = profile / np.maximum(profile.sum(axis=1, keepdims=True), 1e-300)
        arriving = units[:first, None] * timing[edges.seller[:first]]
        to_stock = chips._links.distributor_of_edge
        by_session = arriving[to_stock < 0].sum(axis=0)
        due = np.bincount(edges.seller[first:] - edges.designer_row.size, units[first:], stock.size)
        receipts = np.array([arriving[to_stock == k].sum(axis=0) for k in range(stock.size)])
        for s in range(SESSIONS_A_MONTH):
            sold = np.minimum(stock + receipts[:, s], arrears + due / SESSIONS_A_MONTH)
            stock, arrears = stock + receipts[:, s] - sold, arrears + due / SESSIONS_A_MONTH - sold
            by_session[s] += sold.sum()
        np.testing.assert_allclose(month.delivered_by_session, by_session, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(stocks.stock, stock, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(stocks.arrears, arrears, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("stopped", ["foundry", "designer", "memory"])
def test_a_month_at_nothing_is_a_month_at_almost_nothing(stopped: str) -> None:
    shipped = []
    for left in (0.0, 0.05):
        chips, orders, _ = tiers(chip_lead_time_months=1.0, supply_direct_purchase_share=1.0)
        months = [chips.run_month(orders, capacity(**{stopped: left if m == 2 else 1.0})) for m in range(18)]
        shipped.append([month.imported_bn_usd.sum() / orders.sum() for month in months])
    nothing, almost = np.array(shipped)
    # Worked out by hand: a twentieth of a month at the capacity of 1.1 is 0.055 months of orders, late by at most that.
    assert np.abs(np.cumsum(nothing) - np.cumsum(almost)).max() <= 0.055 + 0.01
    np.testing.assert_allclose(nothing[12:], 1.0, atol=1e-9)
    assert nothing.sum() == pytest.approx(18.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_units_are_conserved_when_every_edge_is_drawn_anew(seed: int) -> None:
    rng = np.random.default_rng(seed)
    role, size = rng.choice(3, 60, p=[0.1, 0.4, 0.5]), (1.0 - rng.random(60)) ** (-1.0 / 1.26)
    role[:2] = (2, 0)
    parameters = PARAMETERS.replace(chip_lead_time_months=3.5)
    orders = 0.6 * size / size.sum()
    chips = ChipTiers(compiled(role, size, parameters, rng), SUPPLIERS, orders, parameters)
    for month in range(40):
        if month % 5 == 4:
            void, under_way = chips.backlog_bn_usd, chips.under_way_bn_usd()
            stock, parts = chips._stocks.stock.copy(), chips.upstream.state.inventory.sum()
            chips.rewire(compiled(role, size, parameters, rng))
            np.testing.assert_allclose(chips.open_units_by_importer(), chips.backlog_bn_usd, atol=1e-12)
            assert np.all(chips.backlog_bn_usd <= void + 1e-12)
            assert chips.under_way_bn_usd() == pytest.approx(under_way, abs=1e-12)
            assert np.array_equal(chips._stocks.stock, stock)
            assert chips.upstream.state.inventory.sum() == pytest.approx(parts, rel=1e-12)
        placed = orders * rng.gamma(1.0, 1.0, orders.size)
        cancel = rng.random(orders.size) * orders
        backlog, under_way, stock = chips.backlog_bn_usd, chips.under_way_bn_usd(), chips._stocks.stock.sum()
        found = chips.run_month(placed, rng.choice([0.0, 0.3, 1.0, 1.4], FULL.size), cancel_bn_usd=cancel)
        taken_back = backlog + placed - found.delivered_bn_usd - found.backlog_bn_usd
        assert taken_back.min() > -1e-12
        assert np.all(taken_back <= cancel + 1e-12)
        np.testing.assert_allclose(chips.open_units_by_importer(), found.backlog_bn_usd, atol=1e-12)
        shipped = found.shipped_by_supplier_bn_usd.sum()
        change = chips.under_way_bn_usd() - under_way
        assert found.started_by_supplier_bn_usd.sum() == pytest.approx(shipped + change, abs=1e-12)
        now = found.distributor_stock_bn_usd.sum()
        assert stock + found.imported_bn_usd.sum() == pytest.approx(found.delivered_bn_usd.sum() + now, abs=1e-12)


def test_designers_keep_their_components_when_they_change_their_foundry() -> None:
    chips, orders, _ = tiers()
    for _ in range(3):
        chips.run_month(orders, capacity(foundry=0.5))
    links = chips.edges, chips._upstream_edges
    keep = links[1].supplier != NAMES.index("tsmc")
    only = UpstreamEdges(*(array[keep] for array in links[1]))
    alone = only._replace(share=np.where(only.product == 0, 1.0, only.share))
    before = chips.upstream
    held = np.bincount(before.fixed.customer, before.state.inventory * (before.product == 0))
    chips.rewire(SimpleNamespace(chips=links[0], upstream=alone, abroad=chips._abroad))
    after = chips.upstream
    assert np.bincount(after.fixed.customer, after.state.inventory * (after.product == 0)) == pytest.approx(held)
    # The foundry that is left made 0.009 of 0.866, and cannot make more.
    foundry = np.flatnonzero(chips._supplier_of_node == NAMES.index("samsung_foundry")).item()
    assert chips._links.built[foundry] == pytest.approx(0.009 / 0.866)
    assert np.all(chips._links.built[: chips._n_designers] == 1.0)
    # With memory alone nobody makes anything.
    none = UpstreamEdges(*(array[alone.product == 1] for array in alone))
    chips.rewire(SimpleNamespace(chips=links[0], upstream=none, abroad=np.zeros((1, 3))))
    assert np.all(chips._links.built[: chips._n_designers] == 0.0)
    assert chips.run_month(orders, FULL).started_by_supplier_bn_usd.sum() == 0.0
