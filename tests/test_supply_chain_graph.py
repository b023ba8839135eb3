"""The graph: heavy tails, shares, layers, and the measures of concentration and systemic risk."""

from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from itcho.agents.foreign_suppliers import SUPPLIERS
from itcho.model.chips.edge_kinds import KINDS, TIERS
from itcho.model.chips.graph import CONTRACTS, PEERS, SupplyChainGraph
from itcho.model.chips.heavy_tails import (
    capped_shares,
    degrees_with_sum,
    estimate_cumulative_exponent,
    paired_degrees,
    wire,
)
from itcho.model.chips.links import build_graph
from itcho.model.chips.measures import debt_rank
from itcho.model.parameters.registry import Parameters

PARAMETERS = Parameters()


def importers(n: int = 300, seed: int = 1) -> SimpleNamespace:
    rng = np.random.default_rng(seed)
    role = rng.choice(3, n, p=[0.1, 0.35, 0.55])
    role[:2] = (2, 0)
    size = (1.0 - rng.random(n)) ** (-1.0 / 1.26)
    return SimpleNamespace(
        role=role, size=size, name_of_row=lambda row: "national_ai_company" if row == 0 else f"importer_{row}"
    )


def graph(n: int = 300, adopters: int = 2000, seed: int = 5) -> SupplyChainGraph:
    return build_graph(importers(n), SUPPLIERS, adopters, PARAMETERS, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def large() -> SupplyChainGraph:
    return graph(adopters=20_000)


# Degrees and sizes


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("minimum", [1, 2, 5])
def test_peer_degrees_have_the_cited_exponents(seed: int, minimum: int) -> None:
    peers = graph(adopters=20_000, seed=seed).numbered().blocks[PEERS]
    n, first = 20_000, peers.target.min()
    incoming = estimate_cumulative_exponent(np.bincount(peers.target - first, minlength=n), minimum)
    outgoing = estimate_cumulative_exponent(np.bincount(peers.source - first, minlength=n), minimum)
    assert incoming.low < 1.35 < incoming.high
    assert outgoing.low < 1.26 < outgoing.high


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("adopters", [2_700, 20_000])
def test_developers_have_heavy_tailed_numbers_of_customers(seed: int, adopters: int) -> None:
    made = graph(adopters=adopters, seed=seed)
    supplier = made.adoption.first_supplier
    customers = np.bincount(supplier[supplier >= 0])
    customers = customers[customers > 0]
    estimate = estimate_cumulative_exponent(customers, int(customers.min()))
    assert estimate.low < 1.26 < estimate.high


def test_the_estimator_finds_the_exponent_of_a_known_law() -> None:
    draws = np.random.default_rng(1).zipf(2.3, 50_000)
    estimate = estimate_cumulative_exponent(draws)
    assert estimate.low < 1.3 < estimate.high
    assert estimate.high - estimate.low < 0.05
    with pytest.raises(ValueError, match="need ten"):
        estimate_cumulative_exponent(draws[:3])


def test_sales_grow_with_degree_to_the_power_of_one_point_three(large: SupplyChainGraph) -> None:
    numbered = large.numbered()
    peers, first = numbered.blocks[PEERS], len(numbered.names)
    degree = np.bincount(peers.target - first, minlength=20_000)
    degree += np.bincount(peers.source - first, minlength=20_000)
    size = large.adopter_size
    assert size.sum() == pytest.approx(1.0)
    assert size.max() <= PARAMETERS.supply_largest_sales_share * 1.001
    inside = size < 0.99 * size.max()
    slope = np.polyfit(np.log(degree[inside]), np.log(size[inside]), 1)[0]
    assert slope == pytest.approx(1.3, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(count=st.integers(2, 400), seed=st.integers(0, 10**6))
def test_wired_graphs_are_simple_and_keep_degrees(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    incoming, outgoing = paired_degrees(count, 1.35, 1.26, 0.6, rng)
    assert incoming.sum() == outgoing.sum()
    source, target = wire(incoming, outgoing, rng)
    assert np.all(source != target)
    assert np.unique(target * count + source).size == source.size
    assert np.all(np.bincount(target, minlength=count) <= incoming)
    if count >= 50:
        assert source.size >= 0.97 * incoming.sum()


@settings(max_examples=30, deadline=None)
@given(total=st.integers(0, 3000), count=st.integers(1, 200), seed=st.integers(0, 10**6))
def test_degrees_add_up(total: int, count: int, seed: int) -> None:
    jitter = 0.25 + 0.5 * np.random.default_rng(seed).random(count)
    degrees = degrees_with_sum(total, jitter, 1.26, max(1, total // 2))
    assert degrees.sum() == total
    assert degrees.min() >= 0


def test_capped_shares() -> None:
    shares = capped_shares(np.array([100.0, 10.0, *np.ones(98)]), 0.1)
    assert shares.sum() == pytest.approx(1.0)
    assert shares.max() == pytest.approx(0.1)
    assert np.ptp(shares[2:]) == 0.0


def test_disassortative_as_measured_in_japan(large: SupplyChainGraph) -> None:
    """Neighbours of hubs have few links (Fujiwara and Aoyama 2010): degrees across edges correlate negatively."""
    peers = large.numbered().blocks[PEERS]
    degree = np.bincount(np.concatenate([peers.source, peers.target]))
    assert np.corrcoef(np.log(degree[peers.source]), np.log(degree[peers.target]))[0, 1] < 0.0


# Layers and names


def test_the_graph_names_everybody_and_keys_edges_by_kind() -> None:
    made = graph()
    network = made.network
    assert isinstance(network, nx.MultiDiGraph)
    assert {kind for _, _, kind in network.edges(keys=True)} == set(KINDS)
    assert {tier for _, tier in network.nodes(data="tier")} == set(TIERS) - {"adopter"}
    assert all(name == data["name"] for name, data in network.nodes(data=True))
    assert network.nodes["nvidia"]["label"] == "NVIDIA"
    assert not network.nodes["tsmc"]["domestic"]
    assert network.nodes["tokyo_electron"]["domestic"]
    for source, target, kind in network.edges(keys=True):
        tier = network.nodes[source]["tier"], network.nodes[target]["tier"]
        assert tier[0] in KINDS[kind].sources
        assert tier[1] in KINDS[kind].targets
    with pytest.raises(KeyError, match="no node"):
        made.numbered().node("nvidiia")


def test_members_are_edges_on_demand() -> None:
    made = graph(adopters=500)
    everybody = made.with_members([("nvidia", "adopter_7", 0.25)])
    assert everybody.number_of_nodes() == made.network.number_of_nodes() + 500
    indptr, indices = made.adopter_peers
    mine = {f"adopter_{row}" for row in indices[indptr[7] : indptr[8]]}
    assert {source for source, _, kind in everybody.in_edges("adopter_7", keys=True) if kind == PEERS} == mine
    assert everybody.edges["nvidia", "adopter_7", CONTRACTS]["share"] == 0.25
    assert "adopter_7" not in made.network


def test_goods_run_down_the_tiers_from_foundry_to_adopter() -> None:
    made = graph(adopters=500)
    supplier = made.supplier_names(made.adoption.first_supplier)
    picture = made.with_members([(name, f"adopter_{row}", 1.0) for row, name in enumerate(supplier)])
    tier = nx.get_node_attributes(picture, "tier")
    goods = {kind for kind, rule in KINDS.items() if rule.layer in ("goods", "services")} | {PEERS, CONTRACTS}
    pairs = {(tier[a], tier[b]) for a, b, kind in picture.edges(keys=True) if kind in goods}
    expected = {
        ("foundry", "designer"),
        ("memory", "designer"),
        ("designer", "distributor"),
        ("designer", "cloud"),
        ("designer", "cloud_abroad"),
        ("distributor", "cloud"),
        ("distributor", "developer"),
        ("cloud", "developer"),
        ("developer", "adopter"),
        ("laboratory", "adopter"),
        ("adopter", "adopter"),
        ("domestic_maker", "foundry"),
        ("domestic_maker", "institution"),
    }
    assert expected <= pairs


def test_the_chip_trade_is_compiled_from_the_graph() -> None:
    made = graph()
    edges, network = made.compiled.chips, made.network
    designers = [SUPPLIERS[row].name for row in edges.designer_row]
    sellers = designers + [made.importer_names[row] for row in edges.distributor_row]
    own = 0
    for seller, buyer, share in zip(edges.seller, edges.buyer, edges.share, strict=True):
        names = sellers[seller], made.importer_names[buyer]
        if names[0] == names[1]:
            own += 1
        else:
            assert network.edges[*names, "chips"]["share"] == share
    assert edges.n_edges - own == sum(kind == "chips" for _, _, kind in network.edges(keys=True))
    bought = np.bincount(edges.buyer, edges.share) - np.isin(np.arange(300), edges.distributor_row)
    np.testing.assert_allclose(bought, 1.0, rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_most_buyers_have_one_source_and_designers_their_share_of_all(seed: int) -> None:
    made = graph(seed=seed)
    network = made.network
    sources = np.array(
        [sum(kind == "chips" for _, _, kind in network.in_edges(name, keys=True)) for name in made.importer_names]
    )
    assert sources.min() == 1
    assert sources.max() == 2
    assert 0.10 < np.mean(sources == 2) < 0.2
    chips = made.numbered()
    block = chips.blocks["chips"]
    sold = np.bincount(block.source, block.weight, len(chips.names))
    by_designer = {name: sold[chips.node(name)] for name in ("nvidia", "amd", "broadcom")}
    # Whoever buys of one designer alone cannot be split: the shares are met but for one such buyer.
    bought = block.weight / sum(by_designer.values())
    largest = max(bought[block.target == chips.node(name)].sum() for name in made.importer_names)
    assert by_designer["nvidia"] / sum(by_designer.values()) == pytest.approx(0.92, abs=0.5 * largest)
    direct = [set(network.predecessors(name)) & {"nvidia", "amd", "broadcom"} for name in made.importer_names]
    assert len({frozenset(each) for each in direct if each}) >= 3


def test_domestic_developers_serve_their_share_of_adopters_by_weight(large: SupplyChainGraph) -> None:
    first = large.adoption.first_supplier
    at_home = first >= 0
    assert at_home.mean() == pytest.approx(0.10, abs=1e-3)
    assert large.adopter_size[at_home].sum() == pytest.approx(0.10, abs=0.01)
    laboratories = sum(str(supplier.tier) == "laboratory" for supplier in SUPPLIERS)
    assert first.min() == -laboratories
    assert large.supplier_names([-1, 0, -1 - laboratories]) == ["openai", "national_ai_company", ""]


def test_peers_are_rows_of_suppliers(large: SupplyChainGraph) -> None:
    indptr, indices = large.adopter_peers
    assert indptr.dtype == indices.dtype == np.int32
    assert indptr[0] == 0
    assert indptr[-1] == indices.size
    assert np.all(np.diff(indptr) >= 0)
    assert indices.min() >= 0
    assert indices.max() < 20_000
    numbered = large.numbered()
    peers, first = numbered.blocks[PEERS], len(numbered.names)
    row = 17
    mine = peers.source[peers.target == first + row] - first
    assert np.array_equal(indices[indptr[row] : indptr[row + 1]], mine)


def test_equal_generators_give_equal_graphs_and_others_differ() -> None:
    one, two, other = graph(), graph(), graph(seed=6)
    assert list(one.network.edges(keys=True, data=True)) == list(two.network.edges(keys=True, data=True))
    assert np.array_equal(one.adoption.first_supplier, two.adoption.first_supplier)
    assert not np.array_equal(one.adopter_peers[1][:100], other.adopter_peers[1][:100])
    assert list(one.network.edges(keys=True, data="share")) != list(other.network.edges(keys=True, data="share"))


@pytest.mark.parametrize(("n", "adopters"), [(1, 0), (1, 1), (3, 2), (40, 10), (2000, 50)])
def test_any_size_can_be_built(n: int, adopters: int) -> None:
    one = SimpleNamespace(role=np.arange(n) % 3, size=np.ones(n), name_of_row=lambda row: f"importer_{row}")
    made = build_graph(one, SUPPLIERS, adopters, PARAMETERS, np.random.default_rng(2))
    assert made.adopter_size.size == adopters
    assert made.numbered().tier.size == made.network.number_of_nodes() + adopters


@pytest.mark.slow
def test_a_million_adopters() -> None:
    made = graph(adopters=1_000_000)
    assert made.adopter_peers[1].size > 2_000_000


# Measures


def test_loss_given_failure_spreads_downstream() -> None:
    made = graph()
    nvidia, amd = made.loss_given_failure("nvidia"), made.loss_given_failure("amd")
    assert nvidia.total_share > nvidia.first_round_share > amd.first_round_share
    assert nvidia.total_share <= 1.0
    numbered = made.numbered()
    users = numbered.tier == TIERS.index("cloud")
    assert nvidia.output_loss[users].mean() > 0.5
    foundries = numbered.tier == TIERS.index("foundry")
    assert np.all(nvidia.output_loss[foundries] == 0.0)
    tsmc = made.loss_given_failure("tsmc")
    share = 0.857 / (0.857 + 0.009)
    np.testing.assert_allclose(tsmc.output_loss[[numbered.node("nvidia"), numbered.node("amd")]], share, rtol=1e-9)
    assert tsmc.total_share > nvidia.total_share


def test_debt_rank_by_hand() -> None:
    # 0 lends 5 to 1 (equity 10), 1 lends 8 to 2 (equity 4): a default of 2 wipes 1 out and halves 0.
    exposures = np.zeros((3, 3))
    exposures[0, 1], exposures[1, 2] = 5.0, 8.0
    equity = np.array([10.0, 4.0, 1.0])
    expected = (0.5 * 5.0 + 1.0 * 8.0) / 13.0
    assert debt_rank(exposures, equity, 2) == pytest.approx(expected)
    assert debt_rank(csr_array(exposures), equity, [2]) == pytest.approx(expected)
    assert debt_rank(exposures, equity, {2: 0.25}) == pytest.approx((0.125 * 5.0 + 0.25 * 8.0) / 13.0)
    assert debt_rank(exposures, equity, 0) == 0.0


def test_debt_rank_counts_a_cycle_once() -> None:
    exposures = np.array([[0.0, 1.0], [1.0, 0.0]])
    # Half a loss at 0 costs 1 a quarter, which costs 0 an eighth more; then both have passed on.
    assert debt_rank(exposures, np.array([2.0, 2.0]), {0: 0.5}) == pytest.approx((0.125 + 0.25) / 2.0)


def test_debt_rank_of_the_graph() -> None:
    made = graph(adopters=50)
    numbered = made.numbered()
    claims = made.claims({"loans": np.full(numbered.blocks["loans"].source.size, 2.0)})
    equity = np.full(numbered.tier.size, 10.0)
    national = numbered.node("national_ai_company")
    assert 0.0 < made.debt_rank(claims, equity, national) < 1.0
    with pytest.raises(ValueError, match="hold no claims"):
        made.claims({"chips": numbered.blocks["chips"].weight})
    with pytest.raises(ValueError, match="do not fit"):
        debt_rank(np.zeros((2, 2)), np.ones(3), 0)
