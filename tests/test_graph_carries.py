"""The economy runs on its graph: every change of it changes the run, in a direction that each test states."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from mesa.discrete_space import Cell, Network

from itcho.agents.chip_importers import ChipImporter
from itcho.agents.errors import InputError
from itcho.agents.vocabulary import BANKS, INSURERS_AND_PENSIONS, LOANS, SOFTBANK_GROUP
from itcho.experiments.evidence.shocks import SupplierStop
from itcho.model.chips import links
from itcho.model.chips.edge_kinds import KINDS, kind_of
from itcho.model.chips.graph_checks import MOST_ALIKE
from itcho.model.chips.rewiring import Edge, GraphRewired, edge, rewired, rewiring
from itcho.model.economy import JapanEconomy

DESIGNERS = {"nvidia", "amd", "broadcom"}
SMALL: dict[str, Any] = {"rng": 3, "adopters": 100, "investors": 100}


def economy(**changes: Any) -> JapanEconomy:
    return JapanEconomy(**SMALL | changes)


def delivered(world: JapanEconomy, months: int) -> np.ndarray:
    """Chips delivered by month and importer, bn USD."""
    found = []
    for _ in range(months):
        world.step()
        found.append(world.closed_month.ai.chips.delivered_bn_usd)
    return np.array(found)


def sources(graph: nx.MultiDiGraph, name: str) -> set[str]:
    return {source for source, _, kind in graph.in_edges(name, keys=True) if kind == "chips"}


def rows_of(world: JapanEconomy, names: Sequence[str]) -> list[int]:
    known = {world.chip_importers.name_of_row(row): row for row in range(len(world.chip_importers))}
    return [known[name] for name in names]


def buyers_of(world: JapanEconomy, *designers: str) -> list[str]:
    """Users that buy of just these designers."""
    graph = world.graph
    return [
        name
        for name, data in graph.nodes(data=True)
        if data["tier"] in ("cloud", "developer") and sources(graph, name) == set(designers)
    ]


def lost(usual: np.ndarray, found: np.ndarray, rows: Sequence[int]) -> float:
    """Share of usual deliveries that rows do not get."""
    return float(1.0 - found[:, rows].sum() / usual[:, rows].sum())


@pytest.fixture(scope="module")
def usual() -> np.ndarray:
    return delivered(economy(), 24)


@pytest.fixture(scope="module")
def without_nvidia_for_a_year() -> np.ndarray:
    return delivered(economy(shocks=(SupplierStop(),)), 24)


# It is the graph that is run


class Raises:
    """In the place of networkx."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("networkx is not there")


def test_without_networkx_no_economy_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "nx", Raises())
    with pytest.raises(RuntimeError, match="networkx is not there"):
        economy()


def test_a_rewiring_that_changes_nothing_is_the_same_to_the_bit() -> None:
    one, two = economy(), economy()
    for world in (one, two):
        delivered(world, 3)
    two.rewire()
    back = ("nvidia", "kddi", "chips", 1.0)
    two.rewire(remove=[back], add=[back])
    swap = (("nvidia", "kddi", "chips"), ("nvidia", "iij", "chips"))
    with pytest.raises(InputError, match="is there already"):
        two.rewire(swap=[swap])
    for _ in range(12):
        one.step()
        two.step()
        assert one.outcomes == two.outcomes
    assert np.array_equal(one.ledger.positions, two.ledger.positions)


def test_taking_a_buyer_from_a_short_designer_gives_the_others_more(usual: np.ndarray) -> None:
    # Half of NVIDIA: whoever changes to AMD gets all; those who stay get more than they would have got.
    # Rivals abroad, who would turn to AMD as well, have it taken away.
    stays, moved = (economy(shocks=(SupplierStop(capacity=0.4, months=24),)) for _ in range(2))
    rivals = [target for _, target, kind in moved.graph.out_edges("amd", keys=True) if kind == "chips_abroad"]
    for world in (stays, moved):
        world.rewire(remove=[f"amd > {name}: chips_abroad" for name in rivals])
    half = delivered(stays, 18)
    moved.rewire(remove=["nvidia > aws_japan: chips"], add=["amd > aws_japan: chips"])
    # As they are before some of them look for a second designer.
    aws, others = rows_of(moved, ["aws_japan"]), rows_of(moved, buyers_of(moved, "nvidia"))
    fewer = delivered(moved, 18)
    assert lost(usual[:18], half, aws) > 0.05
    assert fewer[9:, aws].sum() > half[9:, aws].sum()
    assert fewer[9:, others].sum() > half[9:, others].sum()


def test_a_supplier_taken_out_is_missed_by_its_buyers_alone_and_after_the_lead_time(usual: np.ndarray) -> None:
    world = economy()
    alone, other = (rows_of(world, buyers_of(world, *names)) for names in (("nvidia",), ("nvidia", "amd")))
    world.rewire(without=["nvidia"])
    found = delivered(world, 24)
    np.testing.assert_allclose(found[:9], usual[:9], rtol=1e-9, atol=1e-12)
    assert lost(usual[10:], found[10:], alone) == 1.0
    assert lost(usual[10:], found[10:], other) < 0.3
    assert world.payments_off_edges().empty


def test_goods_under_way_come_and_are_paid_although_their_edge_is_gone() -> None:
    world = economy()
    world.rewire(without=["nvidia"])
    world.step()
    edges = world.edge_table()
    paid = edges[(edges["payee"] == "nvidia") & (edges["purpose"] == "imports_chips_servers_by_ai_firms")]
    assert paid["amount_trn_yen"].sum() > 0.0
    assert world.payments_off_edges().empty


def test_single_source_buyers_of_a_stopped_designer_lose_more_than_multi_source_buyers(
    usual: np.ndarray, without_nvidia_for_a_year: np.ndarray
) -> None:
    world = economy()
    alone = rows_of(world, buyers_of(world, "nvidia"))
    several = rows_of(world, buyers_of(world, "nvidia", "amd"))
    found = without_nvidia_for_a_year
    # Those who have another designer share it with rivals abroad who turn to it.
    assert lost(usual[9:], found[9:], alone) > lost(usual[9:], found[9:], several) + 0.15
    assert lost(usual[9:], found[9:], alone) > 0.5


def test_rewired_at_random_with_degrees_kept_the_loss_goes_with_the_edges(usual: np.ndarray) -> None:
    # Buyers behind distributors of NVIDIA alone and behind others exchange them: the loss changes sides.
    world = economy(shocks=(SupplierStop(),))
    graph = world.graph
    behind = {
        name: min(sources(graph, name))
        for name, data in graph.nodes(data=True)
        if data["tier"] in ("cloud", "developer")
        and len(sources(graph, name)) == 1
        and not sources(graph, name) & DESIGNERS
    }
    exposed = [name for name, seller in behind.items() if sources(graph, seller) == {"nvidia"}]
    safe = [
        name
        for name, seller in behind.items()
        if "nvidia" not in sources(graph, seller) or len(sources(graph, seller)) > 1
    ]
    count = min(len(exposed), len(safe), 20)
    rng = np.random.default_rng(1)
    ones, others = rng.permutation(exposed)[:count].tolist(), rng.permutation(safe)[:count].tolist()
    world.rewire(swap=[((behind[a], a, "chips"), (behind[b], b, "chips")) for a, b in zip(ones, others, strict=True)])
    after = world.graph
    assert dict(after.in_degree()) == dict(graph.in_degree())
    assert dict(after.out_degree()) == dict(graph.out_degree())
    found, before = delivered(world, 24), delivered(economy(shocks=(SupplierStop(),)), 24)
    rows = rows_of(world, ones), rows_of(world, others)
    loss = {when: [lost(usual[9:], table[9:], side) for side in rows] for when, table in (("b", before), ("a", found))}
    assert loss["b"][0] > loss["b"][1] + 0.1
    assert loss["a"][1] > loss["a"][0] + 0.1
    assert loss["a"][0] < loss["b"][0] - 0.1
    assert loss["a"][1] > loss["b"][1] + 0.1


def test_a_graph_in_which_everybody_has_two_designers_loses_less_to_a_stop(
    usual: np.ndarray, without_nvidia_for_a_year: np.ndarray
) -> None:
    graph = economy().graph
    for name, tier in list(graph.nodes(data="tier")):
        if tier in ("distributor", "cloud", "developer") and sources(graph, name) == {"nvidia"}:
            graph.edges["nvidia", name, "chips"]["share"] = 0.5
            graph.add_edge("amd", name, "chips", share=0.5)
    found = delivered(economy(graph=graph, shocks=(SupplierStop(),)), 24)
    same = delivered(economy(graph=economy().graph), 3)
    np.testing.assert_array_equal(same, usual[:3])
    assert found[9:].sum() > 1.1 * without_nvidia_for_a_year[9:].sum()


def test_rivals_who_leave_the_queue_leave_chips_for_japan() -> None:
    short = (SupplierStop(capacity=0.4, months=24),)
    rivals, free = economy(shocks=short), economy(shocks=short)
    abroad = [name for name, tier in free.graph.nodes(data="tier") if tier == "cloud_abroad"]
    free.rewire(
        remove=[
            f"nvidia > {name}: chips_abroad" for name in abroad if free.graph.has_edge("nvidia", name, "chips_abroad")
        ]
    )
    with_rivals, without = delivered(rivals, 18), delivered(free, 18)
    assert without[9:].sum() > 1.2 * with_rivals[9:].sum()


def test_a_foundry_taken_out_stops_its_designers_and_those_left_are_no_larger_for_it(usual: np.ndarray) -> None:
    world = economy()
    world.rewire(without=["tsmc"])
    found = delivered(world, 24).sum(axis=1)
    np.testing.assert_allclose(found[:9], usual[:9].sum(axis=1), rtol=1e-9)
    # The other foundry had 0.009 of 0.866, and has a tenth of room.
    assert found[20] < 0.05 * usual[20].sum()


def test_foundries_lose_a_tenth_of_their_room_with_all_their_makers_and_short_ones_make_less() -> None:
    world = economy()
    graph, makers = (
        world.world.supply_graph,
        [name for name, tier in world.graph.nodes(data="tier") if tier == "domestic_maker"],
    )
    assert graph.equipped("tsmc", {}) == 1.0
    assert graph.equipped("tsmc", dict.fromkeys(makers, 0.0)) == pytest.approx(0.9)
    weight = {maker: data["weight"] for maker, _, data in world.graph.in_edges("tsmc", data=True) if maker in makers}
    part = weight["tokyo_electron"] / sum(weight.values())
    assert graph.equipped("tsmc", {"tokyo_electron": 0.5}) == pytest.approx(1.0 - 0.1 * 0.5 * part)
    assert graph.equipped("nvidia", dict.fromkeys(makers, 0.0)) == 1.0
    world.rewire(remove=[("tokyo_electron", "tsmc", "equipment")])
    assert graph.equipped("tsmc", {}) == pytest.approx(1.0 - 0.1 * part)
    assert graph.equipped("samsung_foundry", {}) == 1.0
    short = SupplierStop("tsmc", 0.7, months=24)
    kept, other = economy(shocks=(short,)), economy(shocks=(short,))
    other.rewire(without=makers)
    assert delivered(other, 16)[10:].sum() < 0.97 * delivered(kept, 16)[10:].sum()


# Compute, credit, ownership, support


def test_a_clouds_lost_compute_hurts_its_own_developers_at_least_ten_times_as_much() -> None:
    hit, spared = economy(), economy()
    graph = hit.graph
    clients = [target for _, target, kind in graph.out_edges("aws_japan", keys=True) if kind == "compute"]
    assert len(clients) >= 3
    row = hit.chip_importers.row_of_name("aws_japan")
    hit.chip_importers.columns["compute"][row] = 1e-9
    lost_share = np.zeros(len(hit.chip_importers))
    for _ in range(3):
        hit.step()
        spared.step()
        usual, found = (world.closed_month.ai.chips.served_share for world in (spared, hit))
        lost_share += 1.0 - found / usual
    own = rows_of(hit, clients)
    developers = np.flatnonzero(hit.chip_importers.columns["role"] == 2)
    others = np.setdiff1d(developers, own)
    assert lost_share[own].mean() > 0.5
    assert lost_share[own].mean() > 10.0 * np.abs(lost_share[others]).mean()
    # Rented elsewhere, they lose nothing.
    moved = economy()
    moved.rewire(
        remove=[("aws_japan", name, "compute") for name in clients],
        add=[("ntt_data", name, "compute") for name in clients],
    )
    moved.chip_importers.columns["compute"][row] = 1e-9
    moved.step()
    served = moved.closed_month.ai.chips.served_share[own]
    assert served.min() > 0.9


def test_who_has_no_cloud_left_loses_what_it_rents_as_with_a_cloud_that_has_stopped() -> None:
    usual, hit, out, back = economy(), economy(), economy(), economy()
    clients = [target for _, target, kind in usual.graph.out_edges("aws_japan", keys=True) if kind == "compute"]
    alone = {
        target
        for target in clients
        if len([1 for *_, kind in usual.graph.in_edges(target, keys=True) if kind == "compute"]) == 1
    }
    hit.chip_importers.columns["compute"][hit.chip_importers.row_of_name("aws_japan")] = 1e-9
    out.rewire(without=["aws_japan"])
    back.rewire(without=["aws_japan"])
    back.rewire(add=[f"iij > {name}: compute" for name in clients])
    for world in (usual, hit, out, back):
        world.step()
    served = [world.closed_month.ai.chips.served_share for world in (usual, hit, out, back)]
    own = rows_of(usual, sorted(alone))
    others = np.setdiff1d(np.flatnonzero(usual.chip_importers.columns["role"] == 2), own)
    assert len(own) >= 3
    np.testing.assert_allclose(served[2][own], 0.5 * served[0][own], atol=0.03)
    np.testing.assert_allclose(served[2][own], served[1][own], atol=0.1)
    assert np.abs(1.0 - served[2][others] / served[0][others]).mean() < 0.05
    assert served[3][own].min() > 0.9
    # Training is as much smaller.
    training = [world.chip_importers.columns["training_share"][own] for world in (usual, out)]
    np.testing.assert_allclose(training[1], 0.5 * training[0], rtol=0.05)


def failed_loss(world: JapanEconomy, name: str) -> dict[str, float]:
    """What each lender writes off of loans in the month in which a firm fails."""
    row = world.chip_importers.row_of_name(name)
    world.ai_firm_finance.failure_law._round_due[:] = -3
    columns = world.chip_importers.columns
    columns["debt_trn_yen"][row] += 0.5
    place = world.ledger.instrument_index[LOANS]
    borrower = world.ledger.party_index[name]
    world.ledger.positions[place, borrower] -= 0.5
    world.ledger.positions[place, world.ledger.party_index[BANKS]] += 0.5
    world.ledger._opening[:] = world.ledger.positions
    world.step()
    written = world.ledger.history[-1].revaluation[place]
    return {party: -float(written[world.ledger.party_index[party]]) for party in (BANKS, INSURERS_AND_PENSIONS)}


def test_a_lender_bears_its_borrowers_failure() -> None:
    by_banks = failed_loss(economy(), "stockmark")
    assert by_banks[BANKS] > 0.3
    assert by_banks[INSURERS_AND_PENSIONS] == pytest.approx(0.0, abs=1e-3)
    other = economy()
    other.rewire(
        remove=["banks > stockmark: loans"],
        add=["banks > stockmark: loans = 0.25", "insurers_and_pensions > stockmark: loans = 0.75"],
    )
    split = failed_loss(other, "stockmark")
    assert split[BANKS] + split[INSURERS_AND_PENSIONS] == pytest.approx(sum(by_banks.values()))
    assert split[INSURERS_AND_PENSIONS] == pytest.approx(0.75 * by_banks[BANKS], rel=1e-3)
    assert other.ledger.max_relative_residual < 1e-12


def test_owners_pay_in_and_are_paid_along_their_edges() -> None:
    world = economy()
    world.rewire(
        remove=[f"{owner} > sakura_internet: ownership" for owner in ("firms", "households", "foreign_investors")],
        add=["investment_funds > sakura_internet: ownership"],
    )
    for _ in range(6):
        world.step()
    table = world.edge_table()
    with_it = table[(table["payer"] == "sakura_internet") | (table["payee"] == "sakura_internet")]
    owned = with_it[with_it["purpose"].isin(["new_equity", "dividends"])]
    assert len(owned)
    assert set(owned["payer"]) | set(owned["payee"]) == {"sakura_internet", "investment_funds"}


def test_support_is_paid_along_its_edges_only() -> None:
    policy = "lump-sum"
    paid, unpaid = (economy(policy=policy) for _ in range(2))
    supported = []
    for _ in range(3):
        paid.step()
    table = paid.edge_table()
    got = table[
        (table["payer"] == "ai_special_account") & (table["purpose"].isin(["ai_programme", "programme_equity"]))
    ]
    supported = sorted(set(got["payee"]))
    assert supported
    unpaid.rewire(remove=[("ai_special_account", name, "support") for name in supported])
    for _ in range(3):
        unpaid.step()
    table = unpaid.edge_table()
    assert not (
        (table["payer"] == "ai_special_account") & (table["purpose"].isin(["ai_programme", "programme_equity"]))
    ).any()
    assert unpaid.ledger.max_relative_residual < 1e-12


def test_softbank_pays_openai_only_while_it_holds_a_stake() -> None:
    def committed(world: JapanEconomy) -> float:
        """What it pays beside companies that it buys."""
        paid = 0.0
        for _ in range(8):
            usdjpy = world.state.usdjpy
            world.step()
            paid += world.closed_month.softbank.plan.commitment - world.softbank_group.bid_bn_usd * usdjpy / 1000.0
        return paid

    holder, other = economy(), economy()
    other.rewire(remove=[(SOFTBANK_GROUP, "openai", "stakes")])
    assert committed(holder) > 1.0
    assert committed(other) == pytest.approx(0.0, abs=1e-9)


# Payments lie on edges


@pytest.mark.parametrize(
    ("policy", "scenario", "member_edges"),
    [
        ("actual", "baseline", True),
        ("actual", "ai-bust", False),
        ("guarantee", "ai-bust", True),
        ("vouchers", "baseline", False),
        ("adoption-first", "baseline", False),
        ("chip-deal", "baseline", True),
        ("equity-stake", "chip-supply-disruption", False),
        ("actual-yield-cap", "carry-unwind", False),
    ],
)
def test_every_payment_lies_on_an_edge_of_its_kind(policy: str, scenario: str, member_edges: bool) -> None:
    world = economy(policy=policy, scenario=scenario, member_edges=member_edges)
    for _ in range(30):
        world.step()
        off = world.payments_off_edges()
        assert off.empty, off.to_string()
    assert world.ledger.max_relative_residual < 1e-12


def test_wages_lie_on_labour_and_not_on_equity() -> None:
    world = economy()
    world.step()
    graph = world.graph
    wages = world.edge_table()
    wages = wages[wages["purpose"] == "wages"]
    for payer, payee, amount in zip(wages["payer"], wages["payee"], wages["amount_trn_yen"], strict=True):
        assert graph.edges[payee, payer, "labour"]["flow_trn_yen"] == pytest.approx(amount)
        assert graph.edges[payee, payer, "labour"]["layer"] == "labour"
    assert kind_of("deposits", "wages") == "labour"
    assert kind_of("deposits", "something_new") == ""


def test_a_payment_off_the_graph_is_found() -> None:
    world = economy()
    world.step()
    world.ledger.pay("softbank_corp", "insurers_and_pensions", 0.01, "consumption")
    world.ledger.pay("insurers_and_pensions", "softbank_corp", 0.01, "consumption")
    world.step()
    off = world.payments_off_edges()
    assert set(off["payer"]) == {"softbank_corp", "insurers_and_pensions"}


# Changes at a date, copies, files


def test_a_dated_change_is_the_change_made_by_hand_in_that_month() -> None:
    dated = economy(shocks=(GraphRewired(4, remove=("nvidia > kddi: chips",), add=("amd > kddi: chips",)),))
    by_hand = economy()
    for month in range(10):
        if month == 4:
            by_hand.rewire(remove=["nvidia > kddi: chips"], add=["amd > kddi: chips"])
        dated.step()
        by_hand.step()
        assert dated.outcomes == by_hand.outcomes
    assert sources(dated.graph, "kddi") == {"amd"}


def test_a_rewired_economy_is_copied_pickled_and_branches(tmp_path: Path) -> None:
    graph = economy().graph
    graph.remove_edge("nvidia", "kddi", "chips")
    graph.add_edge("amd", "kddi", "chips", share=1.0)
    world = economy(graph=graph)
    world.step()
    world.rewire(without=["macnica"])
    world.step()
    copies = [copy.deepcopy(world), pickle.loads(pickle.dumps(world)), world.branch()]
    world.save(tmp_path / "world.json")
    copies.append(JapanEconomy.load(tmp_path / "world.json"))
    for other in copies:
        assert sources(other.graph, "kddi") == {"amd"}
        other.rewire(remove=["amd > kddi: chips"], add=["nvidia > kddi: chips"])
    for _ in range(3):
        world.step()
        for other in copies:
            other.step()
    assert sources(world.graph, "kddi") == {"amd"}
    assert all(sources(other.graph, "kddi") == {"nvidia"} for other in copies)
    assert len({other.outcomes["usdjpy"] for other in copies}) == 1
    copies[-1].save(tmp_path / "again.json")
    assert JapanEconomy.load(tmp_path / "again.json").outcomes == copies[-1].outcomes


# Mistakes


def test_all_mistakes_of_a_rewiring_are_told_at_once_and_nothing_changes() -> None:
    world = economy()
    before = list(world.graph.edges(keys=True, data="share"))
    with pytest.raises(InputError) as caught:
        world.rewire(
            add=["nvidia > kddi: chips", "nvidia > kddy: chips", "kddi > nvidia: chipz", ("amd", "kddi", "chips", 2.0)],
            remove=["amd > kddi: chips", "households > firms: labour", "banks > firms: loans"],
            without=["households", "nvidiia"],
        )
    text = str(caught.value)
    for part in (
        "nvidia > kddi: chips is there already",
        "nobody is called 'kddy'; nearest: kddi",
        "no such kind; nearest: chips",
        "share = 2.0 must be a number above 0 and at most 1",
        "amd > kddi: chips: no such edge; chips of kddi come from nvidia",
        "labour belong to the accounts and stay",
        "edges between institutions belong to the accounts",
        "'households' is an institution",
        "nobody is called 'nvidiia'; nearest: nvidia",
    ):
        assert part in text
    with pytest.raises(InputError, match=r"'nvidia kddi' is no edge: write 'source > target: kind'"):
        world.rewire(remove=["nvidia kddi"])
    with pytest.raises(InputError, match="somebody has to lend to it"):
        world.rewire(remove=["banks > kddi: loans"])
    with pytest.raises(InputError, match="swap holds pairs"):
        GraphRewired(swap=("nvidia > kddi: chips",))
    assert list(world.graph.edges(keys=True, data="share")) == before
    world.step()


def test_all_mistakes_of_a_graph_are_told_at_once() -> None:
    with pytest.raises(InputError, match=r"has to be a networkx.MultiDiGraph"):
        economy(graph=nx.Graph())
    graph = economy().graph
    graph.add_node("tsmc2", tier="foundry")
    graph.nodes["kddi"]["tier"] = "developer"
    graph.remove_node("amd")
    with pytest.raises(InputError) as caught:
        economy(graph=graph)
    assert "node 'tsmc2' is nobody in this economy; nearest: tsmc" in str(caught.value)
    assert "node 'kddi' has tier 'developer'; it is a cloud" in str(caught.value)
    assert "node 'amd' is missing" in str(caught.value)
    graph = economy().graph
    graph.add_edge("tsmc", "kddi", "chips", share=0.5)
    graph.add_edge("nvidia", "iij", "chip", share=0.5)
    graph.add_edge("macnica", "ryosan_ryoyo", "chips", share=0.5)
    graph.edges["nvidia", "ntt_data", "chips"]["share"] = "all"
    with pytest.raises(InputError) as caught:
        economy(graph=graph)
    for part in (
        "edge tsmc > kddi: chips: runs from a foundry to a cloud; chips run from designer or distributor",
        "edge nvidia > iij: chip: no such kind; nearest: chips",
        "distributors buy from designers",
        "share = 'all' must be a number above 0 and at most 1",
    ):
        assert part in str(caught.value)
    graph = economy().graph
    graph.edges["nvidia", "kddi", "chips"]["share"] = 0.5
    graph.edges["nvidia", "meta", "chips_abroad"]["share"] = 1.0
    with pytest.raises(InputError) as caught:
        economy(graph=graph)
    assert "shares of chips to 'kddi' add to 0.5; they must add to 1" in str(caught.value)
    assert "shares of chips_abroad from 'nvidia' add to" in str(caught.value)


def test_a_graph_keeps_the_edges_on_which_the_accounts_are_paid() -> None:
    given = economy().graph
    for kind in (kind for kind, rule in KINDS.items() if not rule.movable):
        graph = given.copy()
        gone = [edge for edge in graph.edges(keys=True) if edge[2] == kind]
        graph.remove_edges_from(gone)
        with pytest.raises(InputError) as caught:
            economy(graph=graph)
        source, target, _ = sorted(gone)[0]
        told = f"graph: edge {source} > {target}: {kind} is missing: {kind} belong to the accounts and stay"
        assert caught.value.messages[0] == told
        assert len(caught.value.messages) <= MOST_ALIKE + 1
    graph = given.copy()
    graph.remove_edge("households", "firms", "ownership")
    graph.add_edge("kddi", "nvidia", "services", share=1.0)
    with pytest.raises(InputError) as caught:
        economy(graph=graph)
    assert caught.value.messages == [
        "graph: edge kddi > nvidia: services: belongs to no account of this economy; services stay as they are",
        "graph: edge households > firms: ownership is missing: ownership belong to the accounts and stay",
    ]


def test_mistakes_of_nodes_edges_and_shares_come_together_and_alike_ones_are_counted() -> None:
    graph = economy().graph
    graph.add_node("x" * 10_000, tier="cloud")
    graph.nodes["kddi"]["tier"] = np.array(["cloud", "developer"])
    graph.edges["nvidia", "kddi", "chips"]["share"] = 10**400
    graph.add_edge("nvidia", "amd", 7, share=1.0)
    graph.add_edge("nvidia", "amd", float("nan"), share=1.0)
    graph.edges["nvidia", "ntt_data", "chips"]["share"] = 0.25
    graph.remove_edge("banks", "stockmark", "loans")
    graph.add_edges_from(("nvidia", "amd", f"kind {number}") for number in range(1000))
    with pytest.raises(InputError) as caught:
        economy(graph=graph)
    messages = caught.value.messages
    for part in (
        "is nobody in this economy",
        "node 'kddi' has tier array(['cloud', 'developer']",
        "edge nvidia > kddi: chips: share = 0x",
        "edge nvidia > amd: 7: no such kind",
        "edge nvidia > amd: nan: no such kind",
        "shares of chips to 'ntt_data' add to 0.25",
        "'stockmark' has no edge of loans",
        "962 more mistakes are like the one above",
    ):
        assert len([message for message in messages if part in message]) == 1, part
    assert len(messages) == MOST_ALIKE + 6
    assert max(map(len, messages)) < 400


def test_a_graph_of_tiers_and_shares_alone_is_the_same_to_the_bit_and_can_be_kept(tmp_path: Path) -> None:
    # Maker's weights and what nodes are called are not a user's to give: they are as at the start.
    usual, own = economy(), nx.MultiDiGraph()
    for name, tier in usual.graph.nodes(data="tier"):
        own.add_node(name, tier=tier, label=object(), size="large")
    for *ends, share in usual.graph.edges(keys=True, data="share"):
        own.add_edge(*ends, share=Fraction(share), weight=float("nan"))
    bare = economy(graph=own)
    half = {"tokyo_electron": 0.5}
    assert bare.supply_graph.equipped("tsmc", half) == usual.supply_graph.equipped("tsmc", half)
    for _ in range(3):
        usual.step()
        bare.step()
    assert usual.outcomes == bare.outcomes
    bare.save(tmp_path / "world.json")
    assert JapanEconomy.load(tmp_path / "world.json").outcomes == usual.outcomes


def test_makers_weigh_by_their_sales_wherever_their_edges_are() -> None:
    world = economy()
    graph = world.supply_graph
    weight = {maker: data["weight"] for maker, _, data in world.graph.in_edges("tsmc", data=True) if "weight" in data}
    share = world.graph.edges["screen", "tsmc", "equipment"]["share"]
    world.rewire(remove=["screen > tsmc: equipment"])
    world.rewire(add=[f"screen > tsmc: equipment = {share / 2}"])
    left = 1.0 - 0.5 * weight["screen"] / sum(weight.values())
    assert graph.equipped("tsmc", {}) == pytest.approx(1.0 - 0.1 * (1.0 - left))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"add": None}, "add must be a list, such as ['nvidia > kddi: chips = 0.5'], not None"),
        ({"remove": 5}, "remove must be a list"),
        ({"swap": "nvidia > kddi: chips"}, "swap must be a list"),
        ({"swap": [5]}, "swap: 5 is no pair of edges"),
        ({"without": 5}, "without must be a list"),
        ({"without": [["nvidia"]]}, "without: ['nvidia'] is no name"),
        ({"add": ["amd > kddi: chips = 0.5"] * 2}, "add: amd > kddi: chips stands there 2 times"),
        ({"remove": ["nvidia > kddi: chips"] * 2}, "remove or swap: nvidia > kddi: chips stands there 2 times"),
        (
            {"swap": [("nvidia > kddi: chips", "macnica > chip_importer_30: chips")], "without": ["nvidia"]},
            "swap: nvidia > kddi: chips: 'nvidia' is taken out",
        ),
        ({"add": [("amd", "kddi", "chips", True)]}, "share = True must be a number above 0 and at most 1"),
        ({"add": [("amd", "kddi", "chips", 10**400)]}, "share = 0x"),
        ({"add": ["amd > kddi: chips"]}, "amd > kddi: chips: shares of 1 leave nothing to nvidia: give less"),
        ({"add": ["kddi > kddi: chips = 0.5"]}, "kddi > kddi: chips: nobody supplies, owns or owes itself"),
        ({"add": ["foreign_investors > firms: loans"]}, "edges between institutions belong to the accounts and stay"),
        ({"add": ["a" * 300_000, " " * 300_000, "a >" * 100_000]}, "… is no edge"),
    ],
)  # fmt: skip
def test_each_mistake_of_a_rewiring_is_told_and_nothing_changes(change: dict[str, Any], told: str) -> None:
    world = of_which_graphs_are_taken()
    before = list(world.supply_graph.network.edges(keys=True, data="share"))
    with pytest.raises(InputError) as caught:
        world.rewire(**change)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 1000
    assert list(world.supply_graph.network.edges(keys=True, data="share")) == before


@cache
def of_which_graphs_are_taken() -> JapanEconomy:
    return economy()


def test_an_edge_alone_is_a_change_as_a_name_alone_is() -> None:
    alone = rewiring(add=("amd", "kddi", "chips", 0.5), remove=Edge("nvidia", "kddi", "chips"), without="tsmc")
    assert alone == rewiring(add=[("amd", "kddi", "chips", 0.5)], remove=["nvidia > kddi: chips"], without=["tsmc"])
    assert len(rewiring(remove=("a > b: chips", "c > d: chips", "e > f: chips")).remove) == 3


# Rewiring by hand


def small_graph() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for name, tier in (("a", "designer"), ("b", "designer"), ("c", "designer"), ("x", "cloud"), ("y", "cloud")):
        graph.add_node(name, tier=tier)
    for source, target, share in (("a", "x", 0.6), ("b", "x", 0.4), ("c", "y", 1.0)):
        graph.add_edge(source, target, "chips", share=share)
    return graph


def shares(graph: nx.MultiDiGraph, target: str) -> dict[str, float]:
    return {source: data["share"] for source, _, data in graph.in_edges(target, data=True)}


def test_shares_follow_edges() -> None:
    graph = small_graph()
    assert shares(rewired(graph, rewiring(remove=["a > x: chips"])), "x") == {"b": 1.0}
    added = shares(rewired(graph, rewiring(add=["c > x: chips = 0.5"])), "x")
    assert added == pytest.approx({"a": 0.3, "b": 0.2, "c": 0.5})
    swapped = rewired(graph, rewiring(swap=[("a > x: chips", "c > y: chips")]))
    assert shares(swapped, "x") == {"b": 0.4, "c": 0.6}
    assert shares(swapped, "y") == {"a": 1.0}
    assert shares(rewired(graph, rewiring(without=["a"])), "x") == {"b": 1.0}
    assert shares(graph, "x") == {"a": 0.6, "b": 0.4}
    with pytest.raises(InputError, match="is no edge"):
        edge("a > x")
    assert edge(("a", "x", "chips")) == Edge("a", "x", "chips", 1.0)
    assert set(KINDS) >= {"chips", "compute", "loans", "ownership", "support", "labour"}


# Mesa


def test_mesa_finds_the_graph_in_its_own_way() -> None:
    world = economy()
    assert world._space is None
    space = world.space
    assert isinstance(space, Network)
    nvidia = next(agent for agent in world.suppliers if agent.name == "nvidia")
    cell: Any = nvidia.cell
    assert isinstance(cell, Cell)
    assert cell.coordinate == "nvidia"
    assert cell.agents == [nvidia]
    kddi = world.chip_importers.member(world.chip_importers.row_of_name("kddi"))
    assert kddi in nvidia.neighbours
    assert nvidia in kddi.neighbours
    assert isinstance(kddi, ChipImporter)
    assert {neighbour.coordinate for neighbour in cell.connections.values()} == set(nx.Graph(world.graph).adj["nvidia"])
    assert space is world.space
    world.rewire(remove=["nvidia > kddi: chips"], add=["amd > kddi: chips"])
    assert nvidia not in kddi.neighbours
    with pytest.raises(InputError, match="graph_with_members"):
        space.cell_of(world.adopters.member(0))
    assert pickle.loads(pickle.dumps(world))._space is None


def test_members_are_edges_on_demand() -> None:
    world = economy()
    world.step()
    graph = world.graph_with_members()
    assert graph.number_of_nodes() == world.graph.number_of_nodes() + 100
    contracts = [(source, target) for source, target, kind in graph.edges(keys=True) if kind == "contracts"]
    assert contracts
    assert all(target.startswith("adopter_") for _, target in contracts)
    assert graph.edges["nvidia", "kddi", "chips"]["flow_trn_yen"] > 0.0


def test_the_page_of_the_graph_lists_all_kinds() -> None:
    page = (Path(__file__).parent.parent / "docs" / "graph.md").read_text()
    for kind, rule in KINDS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{kind}` |"))
        *_, shared, movable, meaning, _ = [cell.strip() for cell in row.split("|")]
        assert meaning == rule.meaning
        assert movable == ("yes" if rule.movable else "no")
        assert shared == (f"at the {rule.shared_by}" if rule.shared_by else "no")
