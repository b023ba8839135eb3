"""The ledger: payments against a plain reference, bank settlement, leaks that must be caught, price changes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itcho.agents.population import MemberRows, Population
from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    CARRY_TRADERS,
    CORE_PARTIES,
    DEALERS_ABROAD,
    DEPOSITS,
    FIRMS,
    FOREIGN_GOODS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    GOVERNMENT_DEPOSITS,
    HOUSEHOLDS,
    INSTRUMENTS,
    INSURERS_AND_PENSIONS,
    JAPANESE_EQUITY,
    JGB_BUCKETS,
    LOANS,
    OFFSHORE_DOLLARS,
    RESERVES,
    SOFTBANK_GROUP,
    TREASURY_BILLS,
    Party,
    Sector,
)
from itcho.model.ledger.checks import flows_of_month
from itcho.model.ledger.ledger import PARTIES as EVERYBODY
from itcho.model.ledger.ledger import RELATIVE_TOLERANCE, Ledger, LedgerLeak
from itcho.model.ledger.records import total_of_columns
from itcho.model.ledger.residuals import CHECKS, worst_of_month

LONG_JGB = JGB_BUCKETS[2]
SHORTER_JGB = JGB_BUCKETS[1]
YOUNG, OLD = "young_companies", "old_companies"
PARTIES = (*CORE_PARTIES, Party(YOUNG, Sector.AI_FIRMS), Party(OLD, Sector.AI_FIRMS))
INDEX = {party.name: place for place, party in enumerate(PARTIES)}
SECTOR = {party.name: party.sector.value for party in PARTIES}
CLAIMS = (
    (DEPOSITS, HOUSEHOLDS, BANKS, 900.0),
    (DEPOSITS, FIRMS, BANKS, 300.0),
    (DEPOSITS, DEALERS_ABROAD, BANKS, 20.0),
    (DEPOSITS, YOUNG, BANKS, 12.0),
    (DEPOSITS, OLD, BANKS, 18.0),
    (RESERVES, BANKS, BANK_OF_JAPAN, 450.0),
    (GOVERNMENT_DEPOSITS, GOVERNMENT, BANK_OF_JAPAN, 20.0),
    (LONG_JGB, BANK_OF_JAPAN, GOVERNMENT, 400.0),
    (LONG_JGB, BANKS, GOVERNMENT, 100.0),
    (LONG_JGB, HOUSEHOLDS, GOVERNMENT, 13.0),
    (LOANS, BANKS, FIRMS, 500.0),
    (LOANS, BANKS, YOUNG, 6.0),
    (LOANS, BANKS, OLD, 9.0),
    (JAPANESE_EQUITY, HOUSEHOLDS, FIRMS, 700.0),
    (OFFSHORE_DOLLARS, FOREIGN_INVESTORS, DEALERS_ABROAD, 30.0),
)
"""Opening claims: instrument, holder, issuer, trillion yen."""


def opening() -> np.ndarray:
    positions = np.zeros((len(INSTRUMENTS), len(PARTIES)))
    for instrument, holder, issuer, amount in CLAIMS:
        positions[INSTRUMENTS.index(instrument), INDEX[holder]] += amount
        positions[INSTRUMENTS.index(instrument), INDEX[issuer]] -= amount
    return positions


def companies() -> Population:
    """Six companies, young and old in turn, whose deposits and loans add up to the opening claims."""
    columns = {"cash": np.array([2.0, 3.0, 4.0, 6.0, 6.0, 9.0]), "debt": np.array([1.0, 2.0, 2.0, 3.0, 3.0, 4.0])}
    positions = {DEPOSITS: ("cash", 1), LOANS: ("debt", -1)}
    return Population(None, "TestCompany", columns, 0, label_of_row=np.arange(6) % 2, positions=positions)


def world() -> tuple[Ledger, Population]:
    ledger, population = Ledger(PARTIES, opening()), companies()
    ledger.register_population(population, [YOUNG, OLD])
    return ledger, population


def changes(before: np.ndarray, after: np.ndarray) -> dict[tuple[str, str], float]:
    """Every position that moved, by instrument and party."""
    moved = np.argwhere(np.abs(after - before) > 1e-9)
    return {(INSTRUMENTS[row], PARTIES[place].name): float((after - before)[row, place]) for row, place in moved}


# Settlement: each payment moves exactly these positions.
DEPOSIT_FROM_TREASURY = {
    (DEPOSITS, HOUSEHOLDS): 3.0,
    (DEPOSITS, BANKS): -3.0,
    (RESERVES, BANKS): 3.0,
    (RESERVES, BANK_OF_JAPAN): -3.0,
    (GOVERNMENT_DEPOSITS, GOVERNMENT): -3.0,
    (GOVERNMENT_DEPOSITS, BANK_OF_JAPAN): 3.0,
}
TO_ABROAD = {
    (DEPOSITS, FIRMS): -3.0,
    (DEPOSITS, DEALERS_ABROAD): 3.0,
    (OFFSHORE_DOLLARS, FOREIGN_GOODS): 3.0,
    (OFFSHORE_DOLLARS, DEALERS_ABROAD): -3.0,
}
SETTLEMENT = [
    (GOVERNMENT, HOUSEHOLDS, DEPOSIT_FROM_TREASURY),
    (HOUSEHOLDS, GOVERNMENT, {key: -value for key, value in DEPOSIT_FROM_TREASURY.items()}),
    (HOUSEHOLDS, FIRMS, {(DEPOSITS, HOUSEHOLDS): -3.0, (DEPOSITS, FIRMS): 3.0}),
    (BANK_OF_JAPAN, BANKS, {(RESERVES, BANKS): 3.0, (RESERVES, BANK_OF_JAPAN): -3.0}),
    (BANK_OF_JAPAN, GOVERNMENT, {(GOVERNMENT_DEPOSITS, GOVERNMENT): 3.0, (GOVERNMENT_DEPOSITS, BANK_OF_JAPAN): -3.0}),
    (
        BANK_OF_JAPAN,
        INSURERS_AND_PENSIONS,
        {
            (DEPOSITS, INSURERS_AND_PENSIONS): 3.0,
            (DEPOSITS, BANKS): -3.0,
            (RESERVES, BANKS): 3.0,
            (RESERVES, BANK_OF_JAPAN): -3.0,
        },
    ),
    (BANKS, HOUSEHOLDS, {(DEPOSITS, HOUSEHOLDS): 3.0, (DEPOSITS, BANKS): -3.0}),
    (
        BANKS,
        GOVERNMENT,
        {
            (RESERVES, BANKS): -3.0,
            (RESERVES, BANK_OF_JAPAN): 3.0,
            (GOVERNMENT_DEPOSITS, GOVERNMENT): 3.0,
            (GOVERNMENT_DEPOSITS, BANK_OF_JAPAN): -3.0,
        },
    ),
    (FIRMS, FOREIGN_GOODS, TO_ABROAD),
    (FOREIGN_GOODS, FIRMS, {key: -value for key, value in TO_ABROAD.items()}),
    (
        FOREIGN_GOODS,
        FOREIGN_INVESTORS,
        {(OFFSHORE_DOLLARS, FOREIGN_GOODS): -3.0, (OFFSHORE_DOLLARS, FOREIGN_INVESTORS): 3.0},
    ),
]


@pytest.mark.parametrize(("payer", "payee", "expected"), SETTLEMENT, ids=[f"{a}-{b}" for a, b, _ in SETTLEMENT])
def test_a_payment_moves_the_means_of_payment(payer: str, payee: str, expected: dict[tuple[str, str], float]) -> None:
    ledger, _ = world()
    ledger.pay(payer, payee, 3.0, "gift")
    month = ledger.close_month()
    assert changes(opening(), ledger.positions) == pytest.approx(expected)
    assert month.current.sum(axis=0) == pytest.approx(month.financial.sum(axis=0))
    assert (month.current[0, INDEX[payer]], month.current[0, INDEX[payee]]) == (-3.0, 3.0)
    assert not month.revaluation.any()


def test_a_purchase_by_the_central_bank_creates_reserves_and_deposits() -> None:
    ledger, _ = world()
    ledger.trade(BANK_OF_JAPAN, HOUSEHOLDS, LONG_JGB, 4.0, 0.5, "bond_purchases")
    month = ledger.close_month()
    assert changes(opening(), ledger.positions) == pytest.approx({
        (LONG_JGB, BANK_OF_JAPAN): 2.0, (LONG_JGB, HOUSEHOLDS): -2.0, (DEPOSITS, HOUSEHOLDS): 2.0,
        (DEPOSITS, BANKS): -2.0, (RESERVES, BANKS): 2.0, (RESERVES, BANK_OF_JAPAN): -2.0,
    })  # fmt: skip
    assert not month.current.any()


def test_an_issue_raises_the_issuers_liability_and_a_negative_trade_redeems_it() -> None:
    ledger, _ = world()
    ledger.trade(BANKS, GOVERNMENT, TREASURY_BILLS, 5.0, 1.0, "issue")
    assert ledger.position(TREASURY_BILLS, GOVERNMENT) == -5.0
    assert ledger.position(GOVERNMENT_DEPOSITS, GOVERNMENT) == 25.0
    assert ledger.position(RESERVES, BANKS) == 445.0
    ledger.trade(BANKS, GOVERNMENT, TREASURY_BILLS, -5.0, 1.0, "issue")
    ledger.close_month()
    assert changes(opening(), ledger.positions) == {}


def test_a_negative_payment_is_a_payment_the_other_way() -> None:
    ledger, _ = world()
    ledger.pay(FIRMS, HOUSEHOLDS, -2.0, "wages")
    ledger.pay(FIRMS, HOUSEHOLDS, 0.0, "wages")
    source, target, purpose, instrument, amount = ledger.close_month().edges
    assert (source.tolist(), target.tolist()) == ([INDEX[HOUSEHOLDS]], [INDEX[FIRMS]])
    assert (purpose.tolist(), instrument.tolist(), amount.tolist()) == ([0], [-1], [2.0])


def test_unknown_names_are_refused() -> None:
    ledger, _ = world()
    with pytest.raises(KeyError, match="nobody"):
        ledger.pay("nobody", FIRMS, 1.0, "wages")
    with pytest.raises(KeyError, match="tulips"):
        ledger.trade(FIRMS, HOUSEHOLDS, "tulips", 1.0, 1.0, "sale")


class PlainBooks:
    """The reference: dictionaries, one company and one posting at a time."""

    def __init__(self, population: Population) -> None:
        self.cash: dict[int, float] = dict(enumerate(population.columns["cash"].tolist()))
        self.debt: dict[int, float] = dict(enumerate(population.columns["debt"].tolist()))
        self.flows: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.net: defaultdict[tuple[str, str], float] = defaultdict(float)

    def name(self, side: str | int) -> str:
        return side if isinstance(side, str) else (YOUNG, OLD)[side % 2]

    def pay(self, payer: str | int, payee: str | int, amount: float, purpose: str, instrument: str = "") -> None:
        """One payment, or one trade in an instrument in which a company's position is minus its debt."""
        for side, sign in ((payer, -1.0), (payee, 1.0)):
            if isinstance(side, int):
                self.cash[side] += sign * amount
                self.debt[side] += sign * amount if instrument == LOANS else 0.0
            self.flows[instrument or purpose, self.name(side)] += sign * amount
            self.net[DEPOSITS, self.name(side)] += sign * amount
            if instrument:
                self.net[instrument, self.name(side)] -= sign * amount


def sides(population: Population) -> list[tuple[str | MemberRows, list[str | int]]]:
    """Ways to name who pays, each with what a plain reference calls each of them."""
    some = np.array([5, 0, 2])
    return [
        (HOUSEHOLDS, [HOUSEHOLDS] * 3),
        (MemberRows(population, some), some.tolist()),
        (MemberRows(population, slice(1, 4)), [1, 2, 3]),
        (population.select(np.array([True, False, False, True, True, False])).member_rows, [0, 3, 4]),
    ]


@pytest.mark.parametrize("what", ["pay", "trade"])
@pytest.mark.parametrize(("left", "right"), [(0, 1), (1, 0), (2, 0), (0, 3), (1, 2), (3, 1), (0, 0)])
def test_members_agree_with_a_plain_reference(what: str, left: int, right: int) -> None:
    ledger, population = world()
    plain = PlainBooks(population)
    (payer, payers), (payee, payees) = sides(population)[left], sides(population)[right]
    amounts = np.array([0.7, -0.3, 1.1])
    if left == right == 0:
        payees = [FIRMS] * 3
    for source, target, amount in zip(payers, payees, amounts.tolist(), strict=True):
        plain.pay(source, target, amount * 0.5, "rent", LOANS if what == "trade" else "")
    if left == right == 0:
        calls: list[tuple[Any, Any, Any]] = [(HOUSEHOLDS, FIRMS, amount) for amount in amounts.tolist()]
    else:
        calls = [(payer, payee, amounts)]
    for source, target, amount in calls:
        if what == "pay":
            ledger.pay(source, target, amount * 0.5, "rent")
        else:
            ledger.trade(source, target, LOANS, amount, 0.5, "rent")
    assert_agrees(ledger, population, plain, what)


def assert_agrees(ledger: Ledger, population: Population, plain: PlainBooks, what: str) -> None:
    """Members, parties' positions and the flow matrix are those of the plain books."""
    assert population.columns["cash"] == pytest.approx(list(plain.cash.values()))
    assert population.columns["debt"] == pytest.approx(list(plain.debt.values()))
    for (instrument, name), change in plain.net.items():
        before = opening()[INSTRUMENTS.index(instrument), INDEX[name]]
        assert ledger.position(instrument, name) - before == pytest.approx(change), (instrument, name)
    month = ledger.close_month()
    for (row, name), amount in plain.flows.items():
        flow = month.current[ledger.purpose_index[row]] if what == "pay" else -month.financial[INSTRUMENTS.index(row)]
        assert flow[INDEX[name]] == pytest.approx(amount), (row, name)
    assert_parties_are_their_members(ledger, population)


def assert_parties_are_their_members(ledger: Ledger, population: Population) -> None:
    for label, name in enumerate((YOUNG, OLD)):
        mine = population.label_of_row == label
        assert ledger.position(DEPOSITS, name) == pytest.approx(population.columns["cash"][mine].sum(), abs=1e-9)
        assert ledger.position(LOANS, name) == pytest.approx(-population.columns["debt"][mine].sum(), abs=1e-9)


def test_a_vectorised_posting_is_the_sum_of_scalar_postings() -> None:
    amounts = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    together, population = world()
    one_by_one, _ = world()
    together.pay(population.members.member_rows, GOVERNMENT, amounts, "taxes")
    together.trade(BANKS, population.members.member_rows, LOANS, amounts, 2.0, "new_loans")
    for row, amount in enumerate(amounts.tolist()):
        one_by_one.pay((YOUNG, OLD)[row % 2], GOVERNMENT, amount, "taxes")
        one_by_one.trade(BANKS, (YOUNG, OLD)[row % 2], LOANS, amount, 2.0, "new_loans")
    left, right = together.close_month(), one_by_one.close_month()
    for name in ("current", "financial"):
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), atol=1e-14)
    np.testing.assert_allclose(together.positions, one_by_one.positions, rtol=1e-14)
    np.testing.assert_allclose(left.edges[4], right.edges[4], rtol=1e-14)


def test_postings_of_several_parties_and_instruments_are_those_of_each() -> None:
    rng = np.random.default_rng(5)
    together, crowd = world()
    one_by_one, members = world()
    to_all, sold, paid = rng.random(len(PARTIES)), rng.random(2), rng.normal(size=(2, 6))
    others, purposes = (HOUSEHOLDS, YOUNG), ("wages", "rent")
    bonds = (LONG_JGB, SHORTER_JGB)
    for _ in range(2):  # the second time along routes that are known
        together.pay(GOVERNMENT, EVERYBODY, to_all, "gifts")
        together.pay(others, FIRMS, sold, purposes)
        together.trade(BANK_OF_JAPAN, BANKS, bonds, sold, 0.5, "bond_purchases")
        together.pay(crowd.members.member_rows, others, paid, purposes)
        for party, amount in zip(PARTIES, to_all.tolist(), strict=True):
            if party.name != GOVERNMENT:
                one_by_one.pay(GOVERNMENT, party.name, amount, "gifts")
        for other, amount, purpose in zip(others, sold.tolist(), purposes, strict=True):
            one_by_one.pay(other, FIRMS, amount, purpose)
        for bond, quantity in zip(bonds, sold.tolist(), strict=True):
            one_by_one.trade(BANK_OF_JAPAN, BANKS, bond, quantity, 0.5, "bond_purchases")
        for other, amounts, purpose in zip(others, paid, purposes, strict=True):
            one_by_one.pay(members.members.member_rows, other, amounts, purpose)
    left, right = together.close_month(), one_by_one.close_month()
    for name in ("current", "financial"):
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(together.positions, one_by_one.positions, rtol=1e-12, atol=1e-12)
    for name in ("cash", "debt"):
        np.testing.assert_allclose(crowd.columns[name], members.columns[name], rtol=1e-12)


def test_amounts_and_rows_that_do_not_fit_are_refused() -> None:
    ledger, population = world()
    with pytest.raises(ValueError, match="taxes: amounts have shape"):
        ledger.pay(population.members.member_rows, GOVERNMENT, np.ones(5), "taxes")
    with pytest.raises(ValueError, match="gifts: amounts have shape"):
        ledger.pay(GOVERNMENT, (HOUSEHOLDS, FIRMS), np.ones(3), "gifts")
    with pytest.raises(IndexError):
        ledger.pay(MemberRows(population, np.array([1, 6])), GOVERNMENT, np.ones(2), "taxes")


def test_positions_can_be_read_between_postings() -> None:
    """Settling at any time gives the same month as settling once."""
    often, once = world()[0], world()[0]
    for ledger in (often, once):
        for day in range(1, 6):
            ledger.pay(FIRMS, HOUSEHOLDS, 0.1 * day, "wages")
            ledger.trade(HOUSEHOLDS, FIRMS, JAPANESE_EQUITY, 0.3, 0.1 * day, "shares")
            if ledger is often:
                assert ledger.position(JAPANESE_EQUITY, HOUSEHOLDS) > 700.0
    left, right = often.close_month(), once.close_month()
    np.testing.assert_allclose(left.financial, right.financial, atol=1e-14)
    np.testing.assert_array_equal(left.current, right.current)


def test_flows_from_legs_agree_with_a_plain_reference() -> None:
    ledger = busy_month()
    flows = flows_of_month(ledger)
    plain = {name: np.zeros_like(found) for name, found in flows._asdict().items()}
    for payer, payee, amount, purpose in PAYMENTS:
        row = ledger.purpose_index[purpose]
        plain["current"][row, [INDEX[payer], INDEX[payee]]] += [-amount, amount]
        plain["gross_purpose"][row] += 2.0 * amount
    for buyer, seller, instrument, amount, _ in TRADES:
        row = INSTRUMENTS.index(instrument)
        plain["traded"][row, [INDEX[buyer], INDEX[seller]]] += [amount, -amount]
        plain["gross_traded"][row] += 2.0 * amount
    for posting in (*PAYMENTS, *TRADES):
        amount = next(value for value in posting if isinstance(value, float))
        plain["gross_party"][[INDEX[posting[0]], INDEX[posting[1]]]] += amount
    own = {party.name: float(plain["gross_party"][INDEX[party.name]]) for party in PARTIES}
    plain["gross_instrument"] += plain["gross_traded"]
    through_the_treasury = own[GOVERNMENT]
    dollars = own[FOREIGN_INVESTORS] + own[FOREIGN_GOODS]
    deposits = own[HOUSEHOLDS] + own[FIRMS] + own[SOFTBANK_GROUP] + dollars
    for instrument, keeper, amount in (
        (DEPOSITS, BANKS, deposits),
        (OFFSHORE_DOLLARS, DEALERS_ABROAD, dollars),
        (GOVERNMENT_DEPOSITS, BANK_OF_JAPAN, through_the_treasury),
        (RESERVES, BANK_OF_JAPAN, through_the_treasury + own[BANK_OF_JAPAN]),
    ):
        plain["gross_instrument"][INSTRUMENTS.index(instrument)] += amount
        plain["gross_party"][INDEX[keeper]] += amount
    for name, expected in plain.items():
        np.testing.assert_allclose(getattr(flows, name), expected, rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("seed", range(3))
def test_the_worst_residuals_of_a_month_agree_with_a_plain_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    purposes, instruments, parties = 7, 5, 4
    current, traded = rng.normal(size=(purposes, parties)), rng.normal(size=(instruments, parties))
    moved, positions, opening, revaluation = rng.normal(size=(4, instruments, parties))
    of_purpose, of_traded, of_instrument = rng.random(purposes), rng.random(instruments), rng.random(instruments)
    of_party, peak, settled = rng.random(parties), 2.0 * rng.random(instruments), np.array([0, 3])
    raised = np.maximum(peak, of_instrument + np.abs(opening).sum(axis=1) + np.abs(revaluation).sum(axis=1))
    stock = np.maximum(np.abs(positions).sum(axis=1), 0.3 * raised)
    legs = np.abs(traded - moved)
    legs /= np.maximum(of_traded, legs.max(axis=1))[:, None]
    legs[settled] = 0.0
    gaps = np.abs(positions - (opening + moved + revaluation))
    gaps /= np.maximum(stock, gaps.max(axis=1))[:, None]
    plain = {
        "purposes": np.abs(current.sum(axis=1)) / of_purpose,
        "trades": np.abs(traded.sum(axis=1)) / of_traded,
        "moves": np.abs(moved.sum(axis=1)) / of_instrument,
        "legs": legs,
        "columns": np.abs(current.sum(axis=0) - moved.sum(axis=0))[None] / of_party,
        "stocks": gaps,
        "claims": np.abs(positions.sum(axis=1)) / stock,
        "savings": np.abs(current.sum())[None] / of_purpose.sum(),
    }
    gross = of_purpose, of_traded, of_instrument, of_party
    everything = np.ones(len(positions), dtype=bool)
    worst = worst_of_month(
        current, traded, *gross, moved, positions, opening, revaluation, settled, peak, 0.3, everything
    )
    np.testing.assert_allclose(peak, raised, rtol=1e-12)
    for check, (row, column, size) in zip(CHECKS, worst, strict=True):
        shares = plain[check].reshape(len(plain[check]), -1)
        assert size == pytest.approx(shares.max(), rel=1e-12), check
        # Several gaps may be all of what a row has; the first of them is named.
        assert shares[int(row), int(column)] == pytest.approx(shares.max(), rel=1e-12), check


def test_figures_of_columns_are_added_up() -> None:
    matrix, columns = np.random.default_rng(2).normal(size=(9, 6)), np.array([4, 0])
    assert total_of_columns(matrix, columns) == pytest.approx(matrix[:, columns].sum(), rel=1e-12)


# Leaks.
PAYMENTS = [
    (FIRMS, HOUSEHOLDS, 25.0, "wages"),
    (HOUSEHOLDS, FIRMS, 22.0, "consumption"),
    (HOUSEHOLDS, GOVERNMENT, 6.0, "taxes"),
    (GOVERNMENT, HOUSEHOLDS, 5.0, "benefits"),
    (GOVERNMENT, BANKS, 0.7, "interest"),
    (BANK_OF_JAPAN, BANKS, 0.2, "interest"),
    (SOFTBANK_GROUP, FOREIGN_INVESTORS, 0.05, "interest"),
    (FIRMS, FOREIGN_GOODS, 9.0, "imports"),
    (FOREIGN_GOODS, FIRMS, 8.0, "exports"),
    (HOUSEHOLDS, SOFTBANK_GROUP, 1e-4, "small_fees"),
    (BANKS, GOVERNMENT, 2e-6, "tiny_fines"),
]
TRADES = [
    (BANKS, GOVERNMENT, LONG_JGB, 12.0, "bond_issue"),
    (BANK_OF_JAPAN, BANKS, LONG_JGB, 4.0, "bond_purchases"),
    (FOREIGN_INVESTORS, HOUSEHOLDS, JAPANESE_EQUITY, 1.5, "shares"),
    (FIRMS, GOVERNMENT, TREASURY_BILLS, 3e-5, "small_issue"),
]


def busy_month(closed_before: int = 0) -> Ledger:
    """A ledger with everything of a month posted and settled, after some months of the same."""
    ledger, _ = world()
    for month in range(closed_before + 1):
        for payer, payee, amount, purpose in PAYMENTS:
            ledger.pay(payer, payee, amount, purpose)
        for buyer, seller, instrument, amount, purpose in TRADES:
            ledger.trade(buyer, seller, instrument, amount, 1.0, purpose)
        if month < closed_before:
            ledger.close_month()
    return ledger


def row_of(posting: tuple[Any, ...]) -> str:
    return str(posting[2] if len(posting) == 5 else posting[3])


GROSS: defaultdict[str, float] = defaultdict(float)
for posting in (*PAYMENTS, *TRADES):
    GROSS[row_of(posting)] += next(value for value in posting if isinstance(value, float))
POSTINGS = [
    pytest.param(place, posting, id=f"{posting[-1]}-{posting[0]}") for place, posting in enumerate((*PAYMENTS, *TRADES))
]


def test_a_busy_month_closes() -> None:
    ledger = busy_month(closed_before=2)
    ledger.close_month()
    assert ledger.months == 3
    assert ledger.max_relative_residual <= 1e-12


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("leg", "sectors"), [("received", "softbank"), ("paid", "(households|softbank)")])
def test_a_leak_below_the_rounding_of_large_parties_is_named(leg: str, sectors: str, seed: int) -> None:
    """A thousand yen is paid beside a thousand payments that leave larger rounding in other columns.

    Where the payer's own rounding hides which of the two legs was changed, one of the two is named and nobody else.
    """
    ledger, _ = world()
    for amount in np.random.default_rng(seed).random(1000).tolist():
        ledger.pay(FIRMS, HOUSEHOLDS, amount, "wages")
        ledger.pay(HOUSEHOLDS, FIRMS, 0.9 * amount, "consumption")
    ledger.pay(HOUSEHOLDS, SOFTBANK_GROUP, 1e-9, "fees")
    getattr(ledger.journal, leg)[-1] *= 1.0 + 1e-6
    with pytest.raises(LedgerLeak, match=rf"^month 1: flow row 'fees', sector '{sectors}'"):
        ledger.close_month()


@pytest.mark.parametrize("leg", ["paid", "received"])
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("place", "posting"), POSTINGS)
def test_a_changed_leg_is_caught_and_named(place: int, posting: tuple[Any, ...], leg: str, sign: float) -> None:
    ledger = busy_month(closed_before=1)
    row = row_of(posting)
    getattr(ledger.journal, leg)[place] += sign * 1e-6 * GROSS[row]
    sector = SECTOR[posting[0] if leg == "paid" else posting[1]]
    with pytest.raises(LedgerLeak, match=rf"^month 2: flow row '{row}', sector '{sector}'") as leak:
        ledger.close_month()
    residual = re.search(r"residual (\S+) trn yen", str(leak.value))
    assert residual is not None
    assert abs(float(residual[1])) == pytest.approx(1e-6 * GROSS[row], rel=1e-3)
    assert ledger.months == 1


@pytest.mark.parametrize(("place", "posting"), POSTINGS)
def test_a_tolerance_is_neither_wider_nor_narrower(place: int, posting: tuple[Any, ...]) -> None:
    """Both legs make a row's gross flow, so that a leg may be out by 2e-9 of what was paid and no more."""
    for share, leaks in ((1.5e-9, False), (2.5e-9, True)):
        ledger = busy_month()
        ledger.journal.received[place] += share * GROSS[row_of(posting)]
        if leaks:
            with pytest.raises(LedgerLeak, match="month 1: flow row"):
                ledger.close_month()
        else:
            ledger.close_month()


@pytest.mark.parametrize("place", [0, 2, 5, 7, len(PAYMENTS) + 1, len(PAYMENTS) + 3])
def test_a_posting_changed_on_both_legs_is_caught(place: int) -> None:
    """The row still adds to zero; the columns, or the traded flows, no longer do."""
    ledger = busy_month()
    for leg in (ledger.journal.paid, ledger.journal.received):
        leg[place] *= 1.0 + 1e-5
    posting: tuple[Any, ...] = (*PAYMENTS, *TRADES)[place]
    sectors = f"({SECTOR[posting[0]]}|{SECTOR[posting[1]]})"
    with pytest.raises(LedgerLeak, match=rf"^month 1: .*sector '{sectors}'"):
        ledger.close_month()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_caught(value: float) -> None:
    ledger = busy_month()
    ledger.pay(FIRMS, HOUSEHOLDS, value, "bonus")
    with np.errstate(invalid="ignore"), pytest.raises(LedgerLeak, match="month 1: flow row 'bonus'"):
        ledger.close_month()


HELD = [(instrument, party) for instrument, holder, issuer, _ in CLAIMS for party in (holder, issuer)]


@pytest.mark.parametrize(("instrument", "party"), sorted(set(HELD)))
def test_a_changed_position_is_caught_and_named(instrument: str, party: str) -> None:
    ledger = busy_month(closed_before=1)
    row = INSTRUMENTS.index(instrument)
    ledger.positions[row, INDEX[party]] += 1e-6 * np.abs(ledger.positions[row]).sum()
    with pytest.raises(
        LedgerLeak, match=rf"^month 2: balance sheet row '{instrument}', sector '{SECTOR[party]}' \(party {party}\)"
    ):
        ledger.close_month()


def test_a_position_moved_between_holders_is_caught() -> None:
    """The row still adds to zero, but no flow explains it."""
    ledger = busy_month()
    row = INSTRUMENTS.index(JAPANESE_EQUITY)
    ledger.positions[row, [INDEX[HOUSEHOLDS], INDEX[FIRMS]]] += [0.01, -0.01]
    with pytest.raises(LedgerLeak, match=r"balance sheet row 'japanese_equity', sector '(households|firms)'"):
        ledger.close_month()


def test_a_lost_posting_is_caught() -> None:
    ledger = busy_month()
    journal = ledger.journal
    for table in (journal.codes, journal.legs):
        table[: len(journal) - 1] = table[1 : len(journal)].copy()
    journal.count -= 1
    with pytest.raises(LedgerLeak, match=r"month 1: column of sector '(firms|households)'"):
        ledger.close_month()


def test_an_opening_that_does_not_balance_is_refused() -> None:
    positions = opening()
    positions[INSTRUMENTS.index(LOANS), INDEX[BANKS]] *= 1.0 + 1e-6
    with pytest.raises(LedgerLeak, match=r"opening balance sheet: instrument 'loans'.*sector 'banks'"):
        Ledger(PARTIES, positions)


def test_an_identity_that_disagrees_is_caught_and_named() -> None:
    ledger = busy_month(closed_before=1)
    bonds = {"issued": 100.0}
    ledger.identities["bonds issued = bonds held"] = lambda: (bonds["issued"], 100.0)
    ledger.close_month()
    bonds["issued"] *= 1.0 + 1e-6
    with pytest.raises(LedgerLeak, match=r"month 3: bonds issued = bonds held: 100\.0001 against 100 trn yen"):
        ledger.close_month()


# Rounding is no leak.
def in_rounds(ledger: Ledger, first: str = HOUSEHOLDS, second: str = FIRMS, third: str = SOFTBANK_GROUP) -> None:
    for amount in (0.1, 0.2):
        ledger.pay(first, second, amount, "rounds")
    ledger.pay(second, third, 0.3, "rounds")
    for amount in (0.7, 0.1, -0.5):
        ledger.pay(third, first, amount, "rounds")


def in_rounds_abroad(ledger: Ledger) -> None:
    in_rounds(ledger, FOREIGN_GOODS, FOREIGN_INVESTORS, CARRY_TRADERS)


def there_and_back(ledger: Ledger) -> None:
    ledger.trade(HOUSEHOLDS, FIRMS, TREASURY_BILLS, 0.1, 1.0, "bills")
    ledger.trade(HOUSEHOLDS, FIRMS, TREASURY_BILLS, 0.2, 1.0, "bills")
    ledger.trade(FIRMS, HOUSEHOLDS, TREASURY_BILLS, 0.3, 1.0, "bills")


def run_down(ledger: Ledger) -> None:
    ledger.trade(HOUSEHOLDS, FIRMS, TREASURY_BILLS, 0.3, 1.0, "bills")
    for amount in (0.1, 0.2):
        ledger.trade(HOUSEHOLDS, FIRMS, TREASURY_BILLS, -amount, 1.0, "bills")


def run_down_by_many(ledger: Ledger) -> None:
    """What is left of each position is rounding, and the rounding does not add to zero."""
    everyone = (HOUSEHOLDS, FIRMS, BANKS, SOFTBANK_GROUP, INSURERS_AND_PENSIONS)
    sizes = np.random.default_rng(3).random((40, len(everyone)))
    for day in (*sizes, *-sizes[::-1]):
        for holder, amount in zip(everyone, day.tolist(), strict=True):
            ledger.trade(holder, GOVERNMENT, TREASURY_BILLS, amount, 1.0, "bills")


@pytest.mark.parametrize("flows", [in_rounds, in_rounds_abroad, there_and_back, run_down, run_down_by_many])
def test_flows_that_cancel_leave_rounding_and_no_leak(flows: Callable[[Ledger], None]) -> None:
    ledger, _ = world()
    flows(ledger)
    ledger.close_month()
    ledger.close_month()
    assert ledger.max_relative_residual <= RELATIVE_TOLERANCE


def test_the_measure_of_a_payment_month_without_trades_is_not_cut_to_whole_numbers() -> None:
    """Small payments alone: the gross flow of the deposits is a fraction of a trillion."""
    ledger, _ = world()
    ledger.pay(FIRMS, HOUSEHOLDS, 0.25, "wages")
    month = ledger.close_month()
    assert {month.current.dtype, month.financial.dtype, month.edges[4].dtype} == {np.dtype(np.float64)}
    empty = ledger.close_month()
    assert {empty.current.dtype, empty.edges[4].dtype} == {np.dtype(np.float64)}
    assert not empty.current.any()


# Changes that no money moves.
def test_a_price_change_reaches_holders_and_issuer() -> None:
    ledger, _ = world()
    ledger.revalue(LONG_JGB, -0.02)
    month = ledger.close_month()
    expected = {BANK_OF_JAPAN: -8.0, BANKS: -2.0, HOUSEHOLDS: -0.26, GOVERNMENT: 10.26}
    assert changes(opening(), ledger.positions) == pytest.approx({(LONG_JGB, who): x for who, x in expected.items()})
    np.testing.assert_allclose(month.revaluation, ledger.positions - opening(), atol=1e-12)
    assert not month.financial.any()
    assert month.max_relative_residual <= 1e-12


def test_a_price_change_meets_what_was_bought_before_it() -> None:
    ledger, _ = world()
    ledger.trade(FIRMS, HOUSEHOLDS, LONG_JGB, 3.0, 1.0, "bonds")
    ledger.revalue(LONG_JGB, 0.1)
    ledger.trade(FIRMS, HOUSEHOLDS, LONG_JGB, 1.0, 1.0, "bonds")
    month = ledger.close_month()
    assert ledger.position(LONG_JGB, FIRMS) == pytest.approx(4.3)
    assert month.revaluation[INSTRUMENTS.index(LONG_JGB), INDEX[FIRMS]] == pytest.approx(0.3)
    assert month.financial[INSTRUMENTS.index(LONG_JGB), INDEX[FIRMS]] == pytest.approx(4.0)


def test_a_write_off_costs_the_lender_what_the_borrower_gains() -> None:
    ledger, _ = world()
    ledger.write_off(BANKS, FIRMS, LOANS, 7.0)
    month = ledger.close_month()
    assert changes(opening(), ledger.positions) == pytest.approx({(LOANS, BANKS): -7.0, (LOANS, FIRMS): 7.0})
    assert month.revaluation.sum(axis=1) == pytest.approx(np.zeros(len(INSTRUMENTS)))
    assert not month.current.any()


def test_a_write_off_of_members_reaches_their_debts() -> None:
    ledger, population = world()
    rows = MemberRows(population, np.array([4, 1, 2]))
    ledger.write_off(BANKS, rows, LOANS, np.array([1.0, 0.5, 0.25]))
    ledger.close_month()
    assert population.columns["debt"] == pytest.approx([1.0, 1.5, 1.75, 3.0, 2.0, 4.0])
    assert changes(opening(), ledger.positions) == pytest.approx(
        {(LOANS, BANKS): -1.75, (LOANS, YOUNG): 1.25, (LOANS, OLD): 0.5}
    )
    assert_parties_are_their_members(ledger, population)


def test_a_claim_between_two_is_revalued_for_both() -> None:
    ledger, _ = world()
    ledger.revalue_claim(OFFSHORE_DOLLARS, FOREIGN_INVESTORS, DEALERS_ABROAD, 1.5)
    ledger.close_month()
    assert changes(opening(), ledger.positions) == pytest.approx(
        {(OFFSHORE_DOLLARS, FOREIGN_INVESTORS): 1.5, (OFFSHORE_DOLLARS, DEALERS_ABROAD): -1.5}
    )


def test_a_reclassified_bond_changes_rows_and_nobodys_worth() -> None:
    ledger, _ = world()
    ledger.reclassify(LONG_JGB, SHORTER_JGB, 0.25)
    month = ledger.close_month()
    assert ledger.position(SHORTER_JGB, BANK_OF_JAPAN) == pytest.approx(100.0)
    assert ledger.position(LONG_JGB, GOVERNMENT) == pytest.approx(-513.0 * 0.75)
    assert month.revaluation.sum(axis=0) == pytest.approx(np.zeros(len(PARTIES)))
    assert month.revaluation.sum(axis=1) == pytest.approx(np.zeros(len(INSTRUMENTS)))


# Any sequence of postings.
amounts_trn_yen = st.one_of(
    st.floats(-100.0, 100.0), st.floats(-1e-6, 1e-6), st.sampled_from([0.1, 0.2, 0.3, -0.1, -0.2, -0.3])
)
names = st.sampled_from([party.name for party in PARTIES if party.name not in (YOUNG, OLD)])
member_rows = st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True)
traded_instruments = st.sampled_from([TREASURY_BILLS, LONG_JGB, JAPANESE_EQUITY, LOANS])
operations = st.one_of(
    st.tuples(st.just("pay"), names, names, amounts_trn_yen, st.sampled_from(["wages", "rent", "fees"])),
    st.tuples(st.just("trade"), names, names, traded_instruments, amounts_trn_yen, st.floats(0.01, 3.0)),
    st.tuples(st.just("member_pay"), member_rows, names, st.lists(amounts_trn_yen, min_size=6, max_size=6)),
    st.tuples(st.just("member_trade"), member_rows, names, st.lists(amounts_trn_yen, min_size=6, max_size=6)),
    st.tuples(st.just("revalue"), traded_instruments.filter(lambda name: name != LOANS), st.floats(-0.9, 2.0)),
    st.tuples(st.just("write_off"), names, names, amounts_trn_yen),
    st.tuples(st.just("claim"), traded_instruments, names, names, amounts_trn_yen),
    st.tuples(st.just("reclassify"), st.floats(0.0, 1.0)),
)


class Twin:
    """A ledger beside a plain account of what each party saved and gained, from the operations alone."""

    def __init__(self) -> None:
        self.ledger, self.population = world()
        self.saved = np.zeros(len(PARTIES))
        self.gained = np.zeros(len(PARTIES))
        self.size = float(np.abs(opening()).sum())

    def transfer(self, account: np.ndarray, source: str, target: str, amount: float) -> None:
        account[INDEX[source]] -= amount
        account[INDEX[target]] += amount
        self.size += abs(amount)

    def pay(self, payer: str, payee: str, amount: float, purpose: str) -> None:
        self.ledger.pay(payer, payee, amount, purpose)
        self.transfer(self.saved, payer, payee, amount)

    def trade(self, buyer: str, seller: str, instrument: str, quantity: float, price: float) -> None:
        self.ledger.trade(buyer, seller, instrument, quantity, price, "portfolio")
        self.size += abs(quantity) * price

    def member_pay(self, rows: list[int], payee: str, amounts: list[float]) -> None:
        self.ledger.pay(MemberRows(self.population, np.array(rows)), payee, amounts[: len(rows)], "fees")
        for row, amount in zip(rows, amounts, strict=False):
            self.transfer(self.saved, (YOUNG, OLD)[row % 2], payee, amount)

    def member_trade(self, rows: list[int], lender: str, amounts: list[float]) -> None:
        borrowers = MemberRows(self.population, np.array(rows))
        self.ledger.trade(lender, borrowers, LOANS, amounts[: len(rows)], 1.0, "lending")
        self.size += float(np.abs(amounts).sum())

    def revalue(self, instrument: str, rate: float) -> None:
        self.gained += rate * np.array([self.ledger.position(instrument, party.name) for party in PARTIES])
        self.ledger.revalue(instrument, rate)
        self.size += float(np.abs(self.ledger.positions).sum())

    def write_off(self, lender: str, borrower: str, amount: float) -> None:
        self.ledger.write_off(lender, borrower, LOANS, amount)
        self.transfer(self.gained, lender, borrower, amount)

    def claim(self, instrument: str, holder: str, issuer: str, amount: float) -> None:
        self.ledger.revalue_claim(instrument, holder, issuer, amount)
        self.transfer(self.gained, issuer, holder, amount)

    def reclassify(self, share: float) -> None:
        self.ledger.reclassify(LONG_JGB, SHORTER_JGB, share)


@settings(max_examples=60)
@given(st.lists(st.lists(operations, max_size=14), min_size=1, max_size=3))
def test_any_postings_close(months: list[list[tuple[Any, ...]]]) -> None:
    """Every month closes, and each party's worth changes by what it saved and what prices gave it."""
    twin = Twin()
    for month in months:
        worth, twin.saved[:], twin.gained[:] = twin.ledger.positions.sum(axis=0), 0.0, 0.0
        for name, *arguments in month:
            getattr(twin, name)(*arguments)
        closed = twin.ledger.close_month()
        assert closed.max_relative_residual <= RELATIVE_TOLERANCE
        near = pytest.approx(np.zeros(len(PARTIES)), abs=1e-12 * twin.size)
        assert closed.current.sum(axis=0) - twin.saved == near
        assert closed.revaluation.sum(axis=0) - twin.gained == near
        assert twin.ledger.positions.sum(axis=0) - worth - twin.saved - twin.gained == near
        assert np.abs(twin.ledger.positions.sum(axis=1)).max() <= 1e-9 * twin.size
        assert_parties_are_their_members(twin.ledger, twin.population)
