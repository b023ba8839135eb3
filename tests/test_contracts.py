"""Contracts: who decides when and for whom, by hand and against a plain reference."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from itcho.agents.contracts import (
    CERTIFIED,
    FAILED,
    HOME,
    KNOWN,
    NEVER_SIGNED,
    NOBODY,
    SUPPLIER,
    Buyers,
    Habits,
    Offers,
    clients_share,
    hosting,
    introductory_discounts,
    known_places,
    lock_by_tenure,
    month_of_contracts,
    new_book,
    payments,
)
from itcho.model.ai.learning import Experience, loop_gain
from tests.hand_ledger import given

PLAIN = Habits(
    key=7,
    lasting=0.6,
    dissimilarity=0.7,
    home_preference=0.0,
    attachment=0.0,
    peers=0.0,
    tender=1.0,
    short=1.0,
    long=0.0,
    new_workloads=0.0,
    break_gap=math.inf,
    response=-0.11,
    drawn=0,
    voucher_on_all=False,
)
NO_TASTES = PLAIN._replace(dissimilarity=0.0)
"""All suppliers of a nest are the same to a buyer but for what is written in them."""
NEVER = np.zeros(1)


@dataclass
class Layer:
    """Buyers of one contract each, unless weights say otherwise, and suppliers that all consider."""

    value: Any
    home: Any
    buyers: int = 1
    contracts_each: int = 1
    habits: Habits = PLAIN
    lock: np.ndarray = field(default_factory=lambda: NEVER)
    partners: dict[int, list[int]] = field(default_factory=dict)
    month: int = 100
    home_mean: float = 0.0
    bound: float = 0.0

    def __post_init__(self) -> None:
        count = self.buyers * self.contracts_each
        size = np.full(self.buyers, 1.0 / self.buyers)
        regulated = np.zeros(self.buyers, dtype=bool)
        self.book = new_book(size, 0, self.habits.key, 0.0, regulated, 1.0 / count)
        assert self.book.contracts.size == count
        lists = [self.partners.get(row, []) for row in range(self.buyers)]
        first = np.concatenate([[0], np.cumsum([len(each) for each in lists])]).astype(np.int64)
        self.people = Buyers(
            np.arange(self.buyers, dtype=np.int64),
            regulated,
            size,
            np.full(self.buyers, NOBODY, dtype=np.int32),
            np.zeros(self.buyers),
            np.full(self.buyers, -1.0, dtype=np.float32),
            first,
            np.array([row for each in lists for row in each], dtype=np.int32).view(np.uint32),
        )
        suppliers = np.zeros(len(self.value), dtype=SUPPLIER)
        suppliers["identity"] = 1000 + 17 * np.arange(suppliers.size)
        suppliers["value"] = self.value
        suppliers["standing"] = np.where(self.home, HOME | CERTIFIED, CERTIFIED)
        self.offers = Offers(suppliers, np.arange(suppliers.size), np.zeros(KNOWN, dtype=np.int32))

    @property
    def contracts(self) -> np.ndarray:
        return self.book.contracts

    def with_supplier(self, supplier: Any, since: int = 0, due: Any = 100, ends: int = 10**6) -> Layer:
        """All contracts signed before, their terms ending in `due`."""
        contracts = self.contracts
        contracts["supplier"], contracts["since"], contracts["due"] = supplier, since, due
        contracts["ends"], contracts["signings"] = ends, 1
        self.people.main[:] = contracts["supplier"][self.book.first[:-1]]
        return self

    def decide(self, watched: bool = True) -> tuple[float, float, float, float]:
        count = self.offers.suppliers.size
        return month_of_contracts(
            tuple(self.book), tuple(self.people), tuple(self.offers), tuple(self.habits), self.lock, self.home_mean,
            self.bound, self.month, watched, np.zeros(self.buyers, dtype=bool), np.zeros(count),
        )  # fmt: skip


# When the incumbent keeps its client.


@pytest.mark.parametrize(("lead", "keeps"), [(-0.01, True), (0.01, False)])
def test_the_dearer_incumbent_is_kept_as_long_as_the_lock_is_worth_more(lead: float, keeps: bool) -> None:
    # Elasticity 1.11, a price a fifth higher, tenure of a year at a speed of a year: 1 - 1/e of the lock.
    gap = 1.11 * math.log(1.2)
    cost = (gap - lead) / (1.0 - math.exp(-1.0))
    layer = Layer([-gap, 0.0], [False, False], habits=NO_TASTES, lock=lock_by_tenure(cost, 12.0))
    layer.with_supplier(0, since=88).decide()
    assert (layer.contracts["supplier"][0] == 0) == keeps
    assert layer.contracts["since"][0] == (88 if keeps else 100)
    assert (layer.contracts["due"][0], layer.contracts["signings"][0]) == (112, 2)


def test_the_lock_grows_with_tenure_and_ends_somewhere() -> None:
    lock = lock_by_tenure(2.0, 12.0)
    assert lock[0] == 0.0
    assert lock[12] == pytest.approx(2.0 * (1.0 - math.exp(-1.0)))
    assert lock[-1] == pytest.approx(2.0, rel=1e-4)
    assert (np.diff(lock) > 0.0).all()


def test_a_new_workload_is_not_locked_in_but_still_likes_the_main_supplier() -> None:
    lock = lock_by_tenure(5.0, 12.0)
    for attachment, chosen in ((0.0, 1), (0.5, 0)):
        habits = NO_TASTES._replace(attachment=attachment)
        layer = Layer([0.0, 0.3], [False, False], habits=habits, lock=lock).with_supplier(0, ends=100)
        began, asked, *_ = layer.decide()
        assert layer.contracts["supplier"][0] == chosen
        assert (began, asked) == (1.0, 0.0)


# Whose turn it is.


def test_a_price_cut_moves_only_those_whose_year_is_over() -> None:
    layer = Layer([0.0, -1.0], [False, False], buyers=120, habits=NO_TASTES)
    layer.with_supplier(0, due=100 + np.arange(120) % 12)
    layer.offers.suppliers["value"][1] = 1.0
    for month in range(12):
        layer.month = 100 + month
        _, asked, switched, demand = layer.decide(watched=False)
        assert (layer.contracts["supplier"] == 1).sum() == 10 * (month + 1)
        assert (asked, switched) == pytest.approx((10.0 / 120.0, 10.0 / 120.0))
        assert demand == pytest.approx(1.0)


def test_clients_of_a_supplier_that_failed_all_choose_at_once_and_none_chooses_it() -> None:
    layer = Layer([5.0, 0.0, 0.0], [True, True, False], buyers=50).with_supplier(np.arange(50) % 2, due=10**6)
    layer.offers.suppliers["standing"][0] |= FAILED
    _, asked, switched, _ = layer.decide()
    chosen = layer.contracts["supplier"]
    assert not (chosen == 0).any()
    assert (chosen[1::2] == 1).all()
    assert (asked, switched) == pytest.approx((0.5, 0.5))


def test_a_contract_is_broken_once_when_the_best_offer_has_fallen_far() -> None:
    habits = NO_TASTES._replace(break_gap=0.2)
    layer = Layer([1.0, 0.0], [False, False], buyers=2, habits=habits).with_supplier(0, due=200)
    layer.offers.suppliers["price"] = [0.1, 0.05]
    layer.contracts["best"] = [0.24, 0.26]
    layer.contracts["locked"] = 0.3
    layer.decide()
    assert layer.contracts["signings"].tolist() == [1, 2]
    assert layer.contracts["locked"].tolist() == [0.3, 0.1]
    # It stays with the dearer one, and is content until the best offer falls again.
    assert layer.contracts["best"][1] == pytest.approx(0.05)
    layer.month = 101
    layer.decide()
    assert layer.contracts["signings"].tolist() == [1, 2]


def test_a_price_is_locked_at_signing_and_makes_demand() -> None:
    layer = Layer([0.0], [False])
    layer.offers.suppliers["price"] = 0.2
    layer.decide()
    layer.offers.suppliers["price"] = 0.3
    layer.month = int(layer.contracts["due"][0]) - 1
    layer.decide()
    assert layer.contracts["locked"][0] == pytest.approx(0.2)
    assert layer.contracts["volume"][0] == pytest.approx(math.exp(-0.11 * 0.2))
    layer.month += 1
    layer.decide()
    assert layer.contracts["locked"][0] == pytest.approx(0.3)


def test_terms_are_of_one_to_three_years_in_their_parts() -> None:
    layer = Layer([0.0], [False], buyers=4000, habits=PLAIN._replace(short=0.5, long=0.3))
    layer.decide()
    terms, counts = np.unique(layer.contracts["due"] - 100, return_counts=True)
    assert terms.tolist() == [12, 24, 36]
    assert counts / 4000 == pytest.approx([0.5, 0.2, 0.3], abs=0.025)


def test_workloads_give_way_to_new_ones_at_the_rate_of_growth() -> None:
    monthly = 1.0 - 1.2 ** (-1.0 / 12.0)
    layer = Layer([0.0], [False], buyers=4000, habits=PLAIN._replace(new_workloads=monthly))
    layer.decide()
    ends = layer.contracts["ends"] - 100
    assert (ends <= 12).mean() == pytest.approx(1.0 - 1.0 / 1.2, abs=0.02)
    assert ends.min() == 1
    assert (layer.contracts["due"] - 100 == np.minimum(ends, 12)).all()


def test_public_contracts_renew_unless_there_is_a_tender() -> None:
    layer = Layer([0.0, 1.0], [False, False], buyers=4000, habits=NO_TASTES._replace(tender=0.26)).with_supplier(0)
    layer.contracts["public"] = True
    layer.people.regulated[:] = True
    _, asked, switched, _ = layer.decide()
    assert asked == pytest.approx(1.0)
    assert switched == pytest.approx(0.26, abs=0.025)
    assert (layer.contracts["due"] == 112).all()


@pytest.mark.parametrize(("on_all", "expected"), [(False, [0.0, 0.3, 0.3]), (True, [0.3, 0.3, 0.3])])
def test_a_voucher_holds_as_it_was_signed_for_new_contracts_or_for_all(on_all: bool, expected: list[float]) -> None:
    layer = Layer([9.0, 0.0], [True, False], buyers=3, habits=NO_TASTES._replace(voucher_on_all=on_all))
    layer.with_supplier(np.array([0, 1, NOBODY]))
    layer.offers.suppliers["voucher"][0] = 0.3
    layer.decide()
    assert layer.contracts["supplier"].tolist() == [0, 0, 0]
    assert layer.contracts["voucher"].tolist() == pytest.approx(expected)
    layer.offers.suppliers["voucher"][0] = 0.0
    layer.month = 105
    layer.decide()
    assert layer.contracts["voucher"].tolist() == pytest.approx(expected)


# Whom they may take, and whom they like.


def test_regulated_buyers_take_certified_suppliers_and_bound_ones_those_at_home() -> None:
    layer = Layer([3.0, 0.0, 0.0], [True, True, False], buyers=2, habits=NO_TASTES)
    layer.people.regulated[:] = [False, True]
    layer.offers.suppliers["standing"][0] = HOME
    layer.offers.suppliers["value"][2] = 50.0
    layer.decide()
    assert layer.contracts["supplier"].tolist() == [2, 2]
    layer.with_supplier(2).bound = 1.0
    layer.decide()
    assert layer.contracts["supplier"].tolist() == [2, 1]
    # A rule that leaves nobody is not followed.
    layer.with_supplier(2).offers.suppliers["standing"][1] = HOME
    layer.decide()
    assert layer.contracts["supplier"].tolist() == [2, 2]


def test_a_public_contract_that_may_not_stay_is_put_out() -> None:
    layer = Layer([0.0, 0.0], [True, False], buyers=20, habits=NO_TASTES._replace(tender=0.0)).with_supplier(1)
    layer.contracts["public"] = True
    layer.people.regulated[:] = True
    layer.bound = 1.0
    layer.decide()
    assert (layer.contracts["supplier"] == 0).all()


def flips_at(layer: Layer, supplier: int = 0) -> float:
    """The value of a supplier at which the first contract comes to it."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        layer.contracts["supplier"], layer.contracts["due"] = NOBODY, NEVER_SIGNED
        layer.contracts["signings"] = 0
        layer.offers.suppliers["value"][supplier] = middle
        kept = layer.people.main[0]
        layer.decide()
        low, high = (low, middle) if layer.contracts["supplier"][0] == supplier else (middle, high)
        layer.people.main[0] = kept
    return 0.5 * (low + high)


def test_whom_a_partner_has_is_liked_more_a_month_later() -> None:
    habits = PLAIN._replace(peers=0.8)
    layer = Layer([0.0, 0.0], [True, False], buyers=2, habits=habits, partners={0: [1]})
    layer.people.home[1] = 0.0
    without = flips_at(layer)
    layer.people.home[1] = 1.0
    # Home gains the weight, abroad loses it.
    assert without - flips_at(layer) == pytest.approx(2.0 * 0.8)
    layer.people.home[1] = 0.5
    assert without - flips_at(layer) == pytest.approx(0.8)
    # A partner without contracts says nothing; the whole market then does.
    layer.people.home[1] = -1.0
    layer.home_mean = 0.25
    assert without - flips_at(layer) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("change", "gain"),
    [
        (lambda its: its.people.pull.__setitem__(0, 0.7), 0.7),
        (lambda its: its.people.regulated.__setitem__(0, True), 1.5),
        (lambda its: its.people.main.__setitem__(0, 0), 0.4),
        (lambda its: its.people.main.__setitem__(0, 1), -0.4),
        (lambda its: its.offers.suppliers["for_new"].__setitem__(0, 0.3), 0.3),
        (lambda its: its.offers.suppliers["for_kept"].__setitem__(0, 0.3), 0.0),
        (lambda its: its.offers.suppliers["value"].__setitem__(1, 0.3), -0.3),
    ],
)
def test_what_wins_a_contract_has_its_sign_and_size(change: Any, gain: float) -> None:
    habits = PLAIN._replace(home_preference=1.5, attachment=0.4)
    before, after = (Layer([0.0, 0.0], [True, False], habits=habits) for _ in range(2))
    change(after)
    assert flips_at(before) - flips_at(after) == pytest.approx(gain, abs=1e-9)


def test_tastes_are_extreme_values_closer_within_a_nest_and_partly_lasting() -> None:
    count = 3000
    first, second = (
        [flips_at(Layer([0.0, 0.0], home, habits=PLAIN._replace(key=key)), 0) for key in range(400)]
        for home in ([True, False], [True, True])
    )
    # The difference of two extreme values is logistic: s.d. pi / sqrt(3), times 0.7 within a nest.
    assert np.std(first) == pytest.approx(math.pi / math.sqrt(3.0), rel=0.12)
    assert np.std(second) == pytest.approx(0.7 * math.pi / math.sqrt(3.0), rel=0.12)
    for lasting, same in ((0.999, 1.0), (0.001, 0.5)):
        layer = Layer([0.0, 0.0], [True, True], buyers=count, habits=PLAIN._replace(lasting=lasting))
        layer.decide()
        chosen = layer.contracts["supplier"].copy()
        layer.contracts["due"] = layer.contracts["ends"] = layer.month = 101
        layer.decide()
        assert (layer.contracts["supplier"] == chosen).mean() == pytest.approx(same, abs=0.04)


def test_a_supplier_that_improves_can_only_gain_and_takes_from_others() -> None:
    def chosen(better: float) -> np.ndarray:
        layer = Layer(
            np.zeros(6), [True, True, True, False, False, False], buyers=400, habits=PLAIN._replace(attachment=0.5)
        )
        layer.with_supplier(np.arange(400) % 6)
        layer.offers.suppliers["value"][2] += better
        layer.decide()
        return layer.contracts["supplier"].copy()

    before, after = chosen(0.0), chosen(0.4)
    assert (chosen(0.0) == before).all()
    moved = before != after
    assert moved.sum() > 10
    assert (after[moved] == 2).all()


def test_the_main_supplier_has_most_of_a_buyer_and_is_kept_among_equals() -> None:
    layer = Layer([0.0, 9.0, 0.0], [True, True, True], contracts_each=4, habits=NO_TASTES)
    layer.with_supplier(np.array([0, 0, 1, 2]), due=np.array([200, 200, 200, 100]))
    layer.decide()
    assert layer.contracts["supplier"].tolist() == [0, 0, 1, 1]
    assert layer.people.main.tolist() == [0]
    layer.contracts["due"][0] = layer.month = 101
    layer.decide()
    assert layer.people.main.tolist() == [1]


def test_those_who_are_known_are_found_as_often() -> None:
    places = known_places(np.cumsum([0.0, 3.0, 0.0, 1.0]))
    assert np.bincount(places, minlength=4) / KNOWN == pytest.approx([0.0, 0.75, 0.0, 0.25])


# Sums over contracts.


def test_payments_are_sums_over_contracts_and_clients_bear_their_suppliers() -> None:
    layer = Layer([0.0, 0.0, 0.0], [True, False, True], buyers=3, contracts_each=2).with_supplier(
        np.array([0, 1, 1, 1, NOBODY, NOBODY])
    )
    layer.contracts["volume"] = [1.0, 2.0, 1.0, 1.0, 1.0, 1.0]
    layer.contracts["voucher"] = [0.5, 0.0, 0.2, 0.0, 0.0, 0.0]
    usage = np.array([0.4, 0.2, 0.0])
    paid, shares, vouchers = np.empty((3, 3))
    home = np.empty(3, dtype=np.float32)
    total, at_home = payments(
        layer.book.first, layer.contracts, usage, layer.offers.suppliers, paid, shares, vouchers, home
    )
    assert paid.tolist() == pytest.approx([0.2, 0.6, 0.0])
    assert (total, at_home) == pytest.approx((0.8, 0.25))
    assert shares.tolist() == pytest.approx([0.25, 0.75, 0.0])
    assert vouchers.tolist() == pytest.approx([0.1, 0.02, 0.0])
    assert home.tolist() == pytest.approx([0.5, 0.0, -1.0])
    factor = np.array([1.0, 0.5, 0.7])
    clients_share(layer.book.first, layer.contracts, np.array([1.0, 0.2, 0.1]), factor)
    assert factor.tolist() == pytest.approx([0.6, 0.1, 0.7])


def test_what_is_free_is_paid_to_the_host_that_each_buyer_is_with() -> None:
    """Supplier 2 is hosted: 0.4 / 2 * 1.5 = 0.3 at host 1 and 0.2 / 2 = 0.1 at host 0."""
    layer = Layer([0.0, 0.0, 0.0], [True, False, False], buyers=4, contracts_each=2).with_supplier(
        np.array([0, 2, 2, 1, 2, 2, 2, NOBODY])
    )
    layer.contracts["volume"] = [1.0, 1.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    usage, shares = np.array([0.4, 0.2, 0.0, 0.5]), np.array([0.2, 0.2, 0.6])
    host_of = np.array([1, 0, 2, NOBODY], dtype=np.int32)
    hosting(layer.book.first, layer.contracts, usage, 2, host_of, shares)
    assert shares.tolist() == pytest.approx([0.25, 0.75, 0.0])
    hosting(layer.book.first, layer.contracts, np.zeros(4), 2, host_of, shares)
    assert shares.tolist() == pytest.approx([0.25, 0.75, 0.0])


def test_workloads_split_large_buyers_and_public_ones_are_among_the_regulated() -> None:
    size = np.array([0.5, 0.3, 0.2])
    regulated = np.array([True, False, True])
    book = new_book(size, 1, 3, 0.5, regulated, 0.001)
    assert np.diff(book.first).tolist() == [500, 300, 200]
    assert np.bincount(np.repeat(np.arange(3), np.diff(book.first)), book.contracts["weight"]) == pytest.approx(
        np.ones(3)
    )
    public = np.split(book.contracts["public"], book.first[1:-1])
    assert [part.mean() for part in public] == pytest.approx([0.5, 0.0, 0.5], abs=0.08)
    assert np.unique(book.contracts["identity"]).size == 1000
    other = new_book(size, 2, 3, 0.5, regulated, 0.001).contracts["identity"]
    assert not np.isin(other, book.contracts["identity"]).any()


# Learning.


def test_a_lead_dies_away_if_and_only_if_the_loop_gain_is_below_one() -> None:
    # Two suppliers: log-odds = c + beta * learned, learned = lambda * ln(share / opening share).
    weight, share = 1.5, 0.2
    for learning in (0.1, 0.5, 0.8, 0.9, 1.2):
        moved = [share * 1.02]
        for _ in range(300):
            odds = math.log(share / (1.0 - share)) + weight * learning * math.log(moved[-1] / share)
            moved.append(1.0 / (1.0 + math.exp(-odds)))
        gain = loop_gain(weight, learning, share)
        assert gain == pytest.approx(weight * learning * 0.8)
        assert (abs(moved[-1] - share) < 1e-3) == (gain < 1.0)
        # To first order what is left of a deviation is the gain.
        first = (moved[1] - share) / (moved[0] - share)
        assert first == pytest.approx(gain, rel=0.02)


def test_experience_fades_and_a_part_of_what_is_learned_is_everybodys() -> None:
    p = given(ai_learning_from_users=0.2, ai_learning_spillover=0.25, ai_experience_half_life_months=1.0)
    its, learned = Experience(np.array([0.1, 0.05]), p), np.zeros(2)
    its.add(np.array([0.1, 0.05]), learned)
    assert learned.tolist() == [0.0, 0.0]
    its.add(np.array([0.3, 0.05]), learned)
    # Half of the way: 0.2, of which 0.003 each has from elsewhere.
    own, together = math.log(0.203 / 0.103), math.log(0.253 / 0.153)
    assert learned == pytest.approx([0.2 * (0.75 * own + 0.25 * together), 0.2 * 0.25 * together])
    its.restart(0)
    its.add(np.array([0.1, 0.05]), learned)
    assert learned == pytest.approx([0.0, 0.0])


# The same decisions, written down once more.


def scrambled(word: int) -> int:
    for shift, factor in ((16, 0x21F0AAAD), (15, 0x735A2D97)):
        word = (word ^ word >> shift) * factor % 2**32
    return word ^ word >> 15


def taste_stem(key: int, kind: int, who: int, occasion: int) -> int:
    word = scrambled((key + kind * 0x9E3779B1) % 2**32)
    return scrambled(scrambled(word ^ who) ^ occasion)


def taste(stem: int, whom: int) -> float:
    step = scrambled(stem ^ whom) >> 21
    return float(np.float32(-math.log(-math.log((step + 0.5) / 2048))))


def reference_choice(layer: Layer, firm: int, at: int, incumbent: int, needed: int) -> int:
    """The best of those considered, by comparing a dictionary of utilities."""
    habits, contract, suppliers = layer.habits, layer.contracts[at], layer.offers.suppliers
    who, what, times = int(layer.people.identity[firm]), int(contract["identity"]), int(contract["signings"])
    lasting, passing = taste_stem(habits.key, 1, who, 0), taste_stem(habits.key, 2, what, times)
    aware = taste_stem(habits.key, 3, what, times)
    considered = [int(place) for place in layer.offers.listed]
    for k in range(len(considered), len(considered) + habits.drawn):
        considered.append(int(layer.offers.known[scrambled(aware ^ k) >> 22]))
    considered += [incumbent, int(layer.people.main[firm])]
    partners = layer.partners.get(firm, [])
    known = [float(layer.people.home[row]) for row in partners if layer.people.home[row] >= 0.0]
    around = sum(known) / len(known) if known else layer.home_mean
    utilities: dict[int, float] = {}
    for j in considered:
        if j < 0 or suppliers[j]["standing"] & FAILED or (suppliers[j]["standing"] & needed) != needed:
            continue
        at_home = bool(suppliers[j]["standing"] & HOME)
        nest = 0x1B873593 if at_home else 0x5BD1E995
        own = int(suppliers[j]["identity"])
        total = float(suppliers[j]["value"])
        for share, stem in ((habits.lasting, lasting), (1.0 - habits.lasting, passing)):
            mixed = math.sqrt(1.0 - habits.dissimilarity**2) * taste(stem, nest) + habits.dissimilarity * taste(
                stem, own
            )
            total += math.sqrt(share) * mixed
        if at_home:
            total += layer.people.pull[firm] + habits.peers * (2.0 * around - 1.0)
            total += habits.home_preference * bool(layer.people.regulated[firm])
        total += habits.attachment * (j == layer.people.main[firm])
        if j == incumbent:
            tenure = layer.month - int(contract["since"])
            total += float(layer.lock[min(tenure, layer.lock.size - 1)]) + float(suppliers[j]["for_kept"])
        else:
            total += float(suppliers[j]["for_new"])
        utilities[j] = total
    return max(utilities, key=lambda j: utilities[j]) if utilities else NOBODY


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_decides_as_a_plain_reference_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    firms, each, count = 40, 3, 30
    habits = PLAIN._replace(
        key=int(rng.integers(2**32)), lasting=0.4, peers=0.7, attachment=0.5, home_preference=1.2, drawn=4,
        tender=0.4, break_gap=0.3, short=0.5, long=0.3, new_workloads=0.02,
    )  # fmt: skip
    layer = Layer(
        rng.normal(size=count), rng.random(count) < 0.6, buyers=firms, contracts_each=each, habits=habits,
        lock=lock_by_tenure(1.0, 12.0), home_mean=0.3, bound=0.5,
        partners={row: rng.integers(0, firms, rng.integers(0, 5)).tolist() for row in range(firms)},
    )  # fmt: skip
    suppliers = layer.offers.suppliers
    suppliers["standing"] &= np.where(rng.random(count) < 0.8, 255, 255 - CERTIFIED).astype(np.uint8)
    suppliers["standing"] |= np.where(rng.random(count) < 0.1, FAILED, 0).astype(np.uint8)
    for name in ("for_new", "for_kept", "price"):
        suppliers[name] = 0.2 * rng.normal(size=count)
    layer.offers = Offers(suppliers, np.arange(5), known_places(np.cumsum(rng.random(count))))
    layer.people.regulated[:] = rng.random(firms) < 0.5
    layer.people.pull[:] = rng.random(firms)
    layer.people.home[:] = np.where(rng.random(firms) < 0.8, rng.random(firms), -1.0)
    layer.with_supplier(rng.integers(-1, count, firms * each), since=80, due=0)
    contracts = layer.contracts
    contracts["since"] = rng.integers(50, 101, contracts.size)
    contracts["ends"] = rng.integers(98, 140, contracts.size)
    contracts["due"] = np.minimum(contracts["ends"], rng.integers(98, 120, contracts.size))
    contracts["due"][contracts["supplier"] < 0] = NEVER_SIGNED
    contracts["public"] = rng.random(contracts.size) < 0.3
    contracts["best"] = 0.3 * rng.normal(size=contracts.size)
    contracts["signings"] = rng.integers(0, 9, contracts.size)
    layer.people.main[:] = np.where(rng.random(firms) < 0.8, rng.integers(0, count, firms), NOBODY)
    layer.people.usage[::7] = 0.0

    expected, signed = contracts["supplier"].copy(), np.zeros(contracts.size, dtype=bool)
    alive = (suppliers["standing"] & FAILED) == 0
    cheapest = suppliers["price"][alive].min()
    for at in range(contracts.size):
        firm, contract = at // each, contracts[at]
        if layer.people.usage[firm] == 0.0:
            continue
        before = int(contract["supplier"])
        new = before < 0 or contract["ends"] <= 100
        over = contract["due"] <= 100
        lost = before >= 0 and not alive[before]
        if not (new or over or lost or contract["best"] > cheapest + 0.3):
            continue
        draw = (scrambled(taste_stem(habits.key, 7, firm, 0)) + 0.5) / 2**32
        needed = 0
        if layer.people.regulated[firm]:
            needed = CERTIFIED + (HOME if draw < layer.bound else 0)
        incumbent = NOBODY if new or lost else before
        if incumbent >= 0 and over and contract["public"] and (suppliers[before]["standing"] & needed) == needed:
            lot = taste_stem(habits.key, 6, int(contract["identity"]), int(contract["signings"]))
            if (scrambled(lot) + 0.5) / 2**32 >= 0.4:
                signed[at] = True
                continue
        choice = reference_choice(layer, firm, at, incumbent, needed)
        if choice < 0:
            choice = reference_choice(layer, firm, at, incumbent, 0)
        expected[at], signed[at] = (choice, True) if choice >= 0 else (before, before >= 0)

    signings = contracts["signings"].copy()
    layer.decide()
    assert (contracts["supplier"] == expected).all()
    assert (contracts["signings"] - signings == signed).all()
    assert signed.sum() > 40


# Introductory and renewal prices.


def test_a_discount_is_worth_what_the_lock_holds_and_none_is_given_without_runway() -> None:
    """A lock of ln 2 halves the odds of leaving: half of 20%; one of 4 leaves 2% of the odds."""
    runway = np.array([np.inf, 9.0, 8.0])
    assert introductory_discounts(0.2, math.log(2.0), runway, 9.0) == pytest.approx([0.1, 0.1, 0.0])
    assert introductory_discounts(0.2, 4.0, runway[:1], 9.0) == pytest.approx([0.2 * (1.0 - math.exp(-4.0))])
    assert introductory_discounts(0.2, 0.0, runway[:1], 9.0) == pytest.approx([0.0])


def test_a_new_client_pays_the_introductory_price_until_its_term_ends_and_list_after_that() -> None:
    """List price 0.3, introductory 0.1 less: 0.2 for a year, then 0.3 with the same supplier."""
    layer = Layer([0.0, 1.0], [True, True], habits=NO_TASTES).with_supplier(np.array([0]), due=np.array([0]))
    layer.offers.suppliers["price"] = 0.3
    layer.offers.suppliers["introductory"] = 0.1
    layer.decide()
    assert layer.contracts["supplier"].tolist() == [1]
    assert layer.contracts["locked"] == pytest.approx([0.2])
    assert layer.contracts["volume"] == pytest.approx([math.exp(-0.11 * 0.2)])
    layer.month = int(layer.contracts["due"][0])
    layer.decide()
    assert layer.contracts["supplier"].tolist() == [1]
    assert layer.contracts["locked"] == pytest.approx([0.3])
    assert layer.contracts["volume"] == pytest.approx([math.exp(-0.11 * 0.3)])
