"""A layer of the market for AI services: its suppliers, its contracts, and shares as sums over contracts.

The decisions are those of :mod:`itcho.agents.contracts`.  Here a layer is opened, so that its contracts have ages and
its opening shares are those stated, and taken from month to month.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import plain
from itcho.agents.contracts import (
    CERTIFIED,
    FAILED,
    HOME,
    NEVER_SIGNED,
    NOBODY,
    SUPPLIER,
    Book,
    Buyers,
    Habits,
    Offers,
    clients_share,
    known_places,
    lock_by_tenure,
    month_of_contracts,
    payments,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Flags = NDArray[np.bool_]

_FRESH_ROUNDS, _BURN_IN_MONTHS, _AVERAGED_MONTHS, _MET_MONTHS, _HALVINGS = 8, 72, 36, 6, 10
_FRESH_STEP, _LASTING_STEP, _PASSING_STEP = 0.7, 0.3, 5.0
_FEW_CONTRACTS = 4.0
"""A supplier with fewer contracts than these at the start has the constant of all such suppliers of its nest."""


class Suppliers(NamedTuple):
    """Who sells in a layer.

    Attributes
    ----------
    codes : importer row, or below zero for suppliers without one; see :mod:`itcho.agents.supplier_codes`.
    names : unique; tastes are keyed by them.
    at_home : whether controlled in Japan.
    listed : whether every buyer considers it.
    known : how well the others are known, any unit, above zero for one at least unless all are listed.
    target : opening shares, sum 1.
    """

    codes: IntArray
    names: tuple[str, ...]
    at_home: Flags
    listed: Flags
    known: FloatArray
    target: FloatArray


class ContractFlows(NamedTuple):
    """What contracts did in a month, parts of the layer's demand.

    Attributes
    ----------
    began : demand of new workloads.
    asked : demand of contracts that were decided on with a supplier in place.
    switched : the part of it that changed its supplier.
    """

    began: float = 0.0
    asked: float = 0.0
    switched: float = 0.0


class ContractLayer:
    """The contracts of a layer.

    Parameters
    ----------
    book : its contracts, without suppliers.
    suppliers : who sells.
    buyer_identity, regulated, usage : of the buyers; ``usage`` is read anew every month.
    peers : trading partners of buyers in CSR form; None if buyers have none.
    habits : of decisions.
    pull : (buyers,) utility of suppliers at home beyond that of others; zero at first if left out.
    lock_cost, lock_months : utility of staying with a supplier, and how fast it grows with tenure.

    Attributes
    ----------
    paid : (suppliers,) demand at locked prices, in units of ``usage``.
    shares : (suppliers,) of ``paid``; sum 1.
    vouchers : (suppliers,) what of ``paid`` the state bears.
    constants : (suppliers,) utility that reproduces opening shares.
    flows : of the last month.
    month : that decides next.
    opening_paid : sum of ``paid`` at the start.
    """

    def __init__(
        self,
        book: Book,
        suppliers: Suppliers,
        buyer_identity: IntArray,
        regulated: Flags,
        usage: FloatArray,
        peers: tuple[IntArray, NDArray[np.uint32]] | None,
        habits: Habits,
        lock_cost: float,
        lock_months: float,
        pull: FloatArray | None = None,
    ) -> None:
        buyers, count = usage.size, suppliers.codes.size
        first, indices = peers or (np.zeros(buyers + 1, dtype=np.int64), np.zeros(0, dtype=np.uint32))
        self.book = book
        self.suppliers = suppliers
        self.buyers = Buyers(
            identity=buyer_identity,
            regulated=regulated,
            usage=usage,
            main=np.full(buyers, NOBODY, dtype=np.int32),
            pull=np.zeros(buyers) if pull is None else pull,
            home=np.full(buyers, -1.0, dtype=np.float32),
            peers_first=first,
            peers=indices,
        )
        offered = np.zeros(count, dtype=SUPPLIER)
        offered["identity"] = [crc32(name.encode()) for name in suppliers.names]
        offered["standing"] = np.where(suppliers.at_home, HOME | CERTIFIED, CERTIFIED)
        self.offers = Offers(
            offered,
            np.flatnonzero(suppliers.listed),
            known_places(np.cumsum(np.where(suppliers.listed, 0.0, suppliers.known))),
        )
        self.habits = habits
        self.lock = lock_by_tenure(lock_cost, lock_months)
        self.paid = np.zeros(count)
        self.vouchers = np.zeros(count)
        self.shares = suppliers.target.copy()
        self.constants = np.log(np.maximum(suppliers.target, 1e-6))
        unlisted = ~suppliers.listed
        if unlisted.any():
            # How well it is known already makes for an unlisted supplier's size.
            self.constants[unlisted] = np.log(max(float(suppliers.target[unlisted].sum()), 1e-6))
        self.flows = ContractFlows()
        self.home_share = float(suppliers.target[suppliers.at_home].sum())
        self.opening_paid = 1.0
        self._moved = np.zeros(buyers, dtype=bool)
        self._any_failed = False
        self._held = np.zeros(count)
        self._highest_best = 0.0
        self.month = 0
        self._plain_book, self._plain_buyers, self._plain_offers = plain(book), plain(self.buyers), plain(self.offers)

    def decide_by(self, habits: Habits) -> None:
        """Let contracts decide by these habits from now on."""
        self.habits = habits

    def decide(self, bound: float = 0.0) -> None:
        """Let the contracts whose turn it is decide, by :attr:`value` and :attr:`price`.

        Parameters
        ----------
        bound : part of regulated buyers that may take suppliers controlled in Japan only.
        """
        best = float(self.price.min())
        began, asked, switched, demand = month_of_contracts(
            self._plain_book,
            self._plain_buyers,
            self._plain_offers,
            self._plain_habits,
            self.lock,
            self.home_share,
            bound,
            self.month,
            self._may_break(best),
            self._moved,
            self._held,
        )
        self.month += 1
        self._highest_best = max(self._highest_best, best)
        if demand > 0.0:
            self.flows = ContractFlows(began / demand, asked / demand, switched / demand)
        self._any_failed = False

    def _may_break(self, best: float) -> bool:
        """Whether contracts may be broken at this lowest price, so that those whose turn it is not are looked at."""
        return self._any_failed or self._highest_best > best + self._habits.break_gap

    @property
    def value(self) -> FloatArray:
        """What suppliers are worth to all buyers alike, utility, (suppliers,): written before contracts decide."""
        # A view made anew: one that is kept would come apart from the records in a copy of the economy.
        return self.offers.suppliers["value"]

    @property
    def price(self) -> FloatArray:
        """Ln of suppliers' yen price over that of the start, (suppliers,): written before contracts decide."""
        return self.offers.suppliers["price"]

    def settle(self) -> float:
        """Sum contracts by supplier at present usage; returns the sum over all."""
        everything, self.home_share = payments(
            self.book.first,
            self.book.contracts,
            self.buyers.usage,
            self.offers.suppliers,
            self.paid,
            self.shares,
            self.vouchers,
            self.buyers.home,
        )
        return everything

    def judge(self, worth: FloatArray, factor: FloatArray) -> None:
        """Multiply each buyer's factor by what its suppliers are worth to it; ``worth`` is by supplier."""
        clients_share(self.book.first, self.book.contracts, worth, factor)

    def fail(self, places: IntArray) -> None:
        """Let suppliers fail: their clients decide in the next month, and nobody takes them until others enter."""
        self.offers.suppliers["standing"][places] |= FAILED
        self._any_failed = self._any_failed or bool(places.size)

    def enter(self, places: IntArray) -> None:
        """Let entrants take the places of suppliers that failed: nobody is used to them."""
        suppliers = self.offers.suppliers
        suppliers["identity"][places] = (suppliers["identity"][places] * 69069 + 1) & 0xFFFFFFFF
        suppliers["standing"][places] &= HOME | CERTIFIED

    @property
    def habits(self) -> Habits:
        """Constants of decisions; replaced as a whole."""
        return self._habits

    @habits.setter
    def habits(self, habits: Habits) -> None:
        self._habits, self._plain_habits = habits, plain(habits)

    def open_asleep(self) -> None:
        """Let all choose once: where nobody sells yet nothing is paid, and there is no past that shares come from."""
        self.value[:] = self.constants
        self.decide()
        self.opening_paid = self.settle()

    def open(self) -> None:
        """Find the constants that give the opening shares, and give contracts the ages they have by then.

        All choose anew a few times, then contracts are born, renewed and moved for some years, while the constants
        answer the gap to the target; they end at their mean over the last of these months, which is what has kept the
        shares where they are.  In some more months suppliers at home are shifted together so that their share is met
        within a contract's weight.
        """
        value = self.value
        contracts = self.book.contracts
        grouped = self._grouped()
        for _ in range(_FRESH_ROUNDS):
            contracts["supplier"].fill(NOBODY)
            contracts["due"].fill(NEVER_SIGNED)
            contracts["signings"].fill(0)
            self.buyers.main.fill(NOBODY)
            value[:] = self.constants
            self.decide()
            self.settle()
            self.constants += _FRESH_STEP * self._gap(*grouped)
        # As if all had been signed at different times in the past.
        signed = contracts["supplier"] != NOBODY
        term = np.maximum(contracts["due"] - self.month, 1)
        spread = self.month + np.arange(contracts.size, dtype=np.int64) * 7 % term
        contracts["due"][signed] = spread[signed]
        lasting, mean = self.constants.copy(), np.zeros(self.paid.size)
        for month in range(_BURN_IN_MONTHS):
            gap = self._gap(*grouped)
            lasting += _LASTING_STEP * gap
            value[:] = lasting + _PASSING_STEP * gap
            self.decide()
            self.settle()
            if month >= _BURN_IN_MONTHS - _AVERAGED_MONTHS:
                mean += value / _AVERAGED_MONTHS
        for _ in range(_MET_MONTHS):
            self._meet_home_share(mean)
        self.constants[:] = mean
        value[:] = mean
        self.opening_paid = self.settle()

    def _grouped(self) -> tuple[IntArray, FloatArray]:
        """Groups of suppliers whose shares are aimed at, by supplier, and their targets; few contracts: one group."""
        target, home = self.suppliers.target, self.suppliers.at_home
        few = target * self.book.contracts.size < _FEW_CONTRACTS
        group = np.where(few, np.where(home, target.size, target.size + 1), np.arange(target.size))
        return np.asarray(group), np.bincount(group, target, target.size + 2).astype(float)

    def _gap(self, group: IntArray, wanted: FloatArray) -> FloatArray:
        """Ln of target over share, by supplier; smaller for those whose share is a matter of few contracts."""
        found = np.bincount(group, self.shares, wanted.size)
        one = 1.0 / self.book.contracts.size
        gap = np.log((wanted + one) / (found + one)) * wanted / (wanted + 10.0 * one)
        return np.asarray(gap[group])

    def _meet_home_share(self, constants: FloatArray) -> None:
        """One more month, suppliers at home shifted so that their share is nearest to the target."""
        contracts, main, at_home = self.book.contracts, self.buyers.main, self.buyers.home
        # What a trial may change: contracts whose turn it is, and buyers' sums over them.
        may_break = self._may_break(float(self.price.min()))
        turn = np.flatnonzero((contracts["due"] <= self.month) | may_break)
        signed, mains, homes = contracts[turn], main.copy(), at_home.copy()
        before, home = self.home_share, self.suppliers.at_home
        target = float(self.suppliers.target[home].sum())
        low, high, best = -8.0, 8.0, (np.inf, 0.0)
        for trial in range(_HALVINGS + 1):
            middle = best[1] if trial == _HALVINGS else 0.5 * (low + high)
            self.value[:] = constants + np.where(home, middle, 0.0)
            self.decide()
            self.settle()
            gap = self.home_share - target
            best = min(best, (abs(gap), middle))
            low, high = (middle, high) if gap < 0.0 else (low, middle)
            if trial < _HALVINGS:
                contracts[turn], main[:], at_home[:] = signed, mains, homes
                self.home_share = before
                self.month -= 1

    def edges(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Contracts added up by buyer and supplier: rows of buyers, places of suppliers, demand at locked prices."""
        buyer = np.repeat(np.arange(self.buyers.usage.size), np.diff(self.book.first))
        amount = self.buyers.usage[buyer] * self.book.contracts["weight"] * self.book.contracts["volume"]
        served = (self.book.contracts["supplier"] != NOBODY) & (amount > 0.0)
        count = self.suppliers.codes.size
        pair: IntArray = buyer[served] * count + self.book.contracts["supplier"][served]
        pairs, place = np.unique(pair, return_inverse=True)
        return pairs // count, pairs % count, np.bincount(place, amount[served], pairs.size).astype(float)
