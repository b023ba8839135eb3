"""Contracts: whose service a buyer takes for each of its workloads, and when it asks again.

The unit that decides is a contract, one workload of one buyer.  It chooses a supplier when it begins, when its term
ends, when its supplier fails, and when the best offer has fallen far below that of the day it was signed.  Of the
suppliers it considers (those that everybody knows, some that it has heard of, the incumbent and the buyer's main
supplier) it takes the one of largest

V_j = value_j + home pull 1[j at home] + peers' taste for j's nest + lock(tenure) 1[j incumbent]
      + attachment 1[j main supplier of the buyer] + voucher_j + e_j

Tastes e_j are no draws but hashes of who chooses, what is chosen and the occasion: a part that a buyer keeps for a
supplier (weight sqrt(theta)) and a part renewed at each signing.  Equal utilities therefore give equal choices, and a
supplier that improves while all else stays can only gain.  Each part has a component of its own for the nest (suppliers
controlled in Japan, suppliers abroad), so that alternatives within a nest are closer substitutes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Places = NDArray[np.int32]
Flags = NDArray[np.bool_]
Records = NDArray[np.void]

NOBODY = -1
"""`supplier` of a workload that has none, `main` of a buyer that has none."""
NEVER_SIGNED = -(2**30)
"""`due` of a workload that has no supplier yet: it is always its turn."""
HOME, CERTIFIED, FAILED = 1, 2, 4
"""Bits of how a supplier stands."""

_WORD = 0xFFFFFFFF
_FIXED, _RENEWED, _AWARE, _LENGTH, _LIFE, _TENDER, BOUND, _PUBLIC, QUALIFIED = 1, 2, 3, 4, 5, 6, 7, 8, 9
_ABROAD, _AT_HOME = 0x5BD1E995, 0x1B873593
"""What tastes for the two nests are keyed by."""
_KNOWN_BITS = 10
KNOWN = 1 << _KNOWN_BITS
_STEPS = 2048
_TASTES = -np.log(-np.log((np.arange(_STEPS) + 0.5) / _STEPS)).astype(np.float32)
"""Quantiles of the extreme-value law; looking one up costs a sixth of two logarithms."""


CONTRACT = np.dtype(
    [
        ("identity", np.int64),
        ("weight", np.float64),
        ("locked", np.float64),
        ("volume", np.float64),
        ("best", np.float32),
        ("voucher", np.float32),
        ("supplier", np.int32),
        ("due", np.int32),
        ("ends", np.int32),
        ("since", np.int32),
        ("signings", np.int32),
        ("public", np.bool_),
    ],
    align=True,
)
"""A contract, all of it side by side in memory, as a decision reads it.

identity : what tastes are keyed by.
weight : part of the buyer's demand; a buyer's sum to one.
locked : ln of the yen price it was signed at, over the list price at the start.
best : ln of the lowest price on offer when it was signed.
volume : factor on its demand that the locked price makes.
supplier : place among the layer's suppliers, or NOBODY.
due : month in which its term ends, or a new workload takes its place if that is sooner.
ends : month in which a new workload takes its place.
since : month in which it came to its supplier.
signings : how often it has been signed.
public : whether it is a public body's, which renews without asking unless there is a tender.
voucher : part of its price that the state bears, as it was signed.
"""

SUPPLIER = np.dtype(
    [
        ("identity", np.int64),
        ("value", np.float64),
        ("for_new", np.float64),
        ("for_kept", np.float64),
        ("price", np.float64),
        ("introductory", np.float64),
        ("voucher", np.float64),
        ("standing", np.uint8),
    ],
    align=True,
)
"""A supplier as it stands this month.

identity : what tastes are keyed by.
value : quality, price and all else that is common to buyers, utility.
for_new, for_kept : what contracts new to it, and those that stay with it, value on top, utility.
price : ln of its yen price over that of the start, which renewals pay.
introductory : ln that contracts new to it pay less, until their term ends.
standing : sum of :data:`HOME` if controlled in Japan, :data:`CERTIFIED` if regulated buyers may take it and
    :data:`FAILED` if its clients must look for another and nobody may take it.
voucher : part of the price of contracts signed with it that the state bears.
"""


class Book(NamedTuple):
    """The contracts of a layer, those of a buyer side by side.

    Attributes
    ----------
    first : (buyers + 1,) where each buyer's contracts begin.
    contracts : of type :data:`CONTRACT`.
    """

    first: IntArray
    contracts: Records


class Buyers(NamedTuple):
    """Who holds the contracts.

    Attributes
    ----------
    identity : what their lasting tastes are keyed by.
    regulated : whether they may buy of certified suppliers only and prefer those at home.
    usage : demand, any unit; a buyer without demand holds no contracts yet.
    main : place of their main supplier in this layer, or NOBODY.
    pull : utility of suppliers controlled in Japan beyond that of others.
    home : part of their demand that goes to suppliers controlled in Japan, last month; negative if they have none.
    peers_first, peers : trading partners, as rows of a sparse matrix.
    """

    identity: IntArray
    regulated: Flags
    usage: FloatArray
    main: Places
    pull: FloatArray
    home: NDArray[np.float32]
    peers_first: IntArray
    peers: NDArray[np.uint32]


class Offers(NamedTuple):
    """The suppliers of a layer, and which of them a decision looks at.

    Attributes
    ----------
    suppliers : of type :data:`SUPPLIER`.
    listed : places of those that everybody considers.
    known : (:data:`KNOWN`,) places of the others, each as often as it is known; those considered are found by it.
    """

    suppliers: Records
    listed: IntArray
    known: Places


class Habits(NamedTuple):
    """Constants of the decisions of a layer.

    Attributes
    ----------
    key : of the run's tastes.
    lasting : part theta of the variance of tastes that a buyer keeps for a supplier.
    dissimilarity : of suppliers within a nest, 1 if as different as across nests.
    home_preference : of regulated buyers, utility.
    attachment : to the buyer's main supplier, utility.
    peers : utility of a nest that all trading partners take.
    tender : chance that a public contract is put out to tender when its term ends.
    short, long : parts of signings for one year and for three; the others are for two.
    new_workloads : chance a month that a workload gives way to a new one.
    break_gap : fall of the best offer, ln, beyond which a contract is broken.
    response : of ln spending to ln price.
    drawn : suppliers considered beyond those that everybody knows.
    voucher_on_all : whether a voucher is for renewals too; else for contracts new to their supplier.
    """

    key: int
    lasting: float
    dissimilarity: float
    home_preference: float
    attachment: float
    peers: float
    tender: float
    short: float
    long: float
    new_workloads: float
    break_gap: float
    response: float
    drawn: int
    voucher_on_all: bool


@njit(cache=True, no_cpython_wrapper=True)
def _mix(word: int) -> int:
    """Scramble a 32-bit word (a bijection whose output bits each depend on all input bits)."""
    word = ((word ^ (word >> 16)) * 0x21F0AAAD) & _WORD
    word = ((word ^ (word >> 15)) * 0x735A2D97) & _WORD
    return word ^ (word >> 15)


@njit(cache=True, no_cpython_wrapper=True)
def _stem(key: int, kind: int, who: int, occasion: int) -> int:
    """Hash of who chooses and when, to be taken further by what is chosen."""
    return _mix(_mix(_mix((key + kind * 0x9E3779B1) & _WORD) ^ who) ^ occasion)


@njit(cache=True, no_cpython_wrapper=True)
def _uniform(stem: int, whom: int) -> float:
    """Uniform number in (0, 1) of a stem and what is chosen."""
    return float((_mix(stem ^ whom) + 0.5) / 4294967296.0)


@njit(cache=True, no_cpython_wrapper=True)
def _gumbel(stem: int, whom: int) -> float:
    """Extreme-value taste of a stem for what is chosen."""
    return float(_TASTES[_mix(stem ^ whom) >> 21])


@njit(cache=True)
def uniforms(key: int, kind: int, identity: IntArray, found: FloatArray) -> None:
    """Write a uniform number in (0, 1) for each identity, the same for the same key and kind."""
    for i in range(identity.size):
        found[i] = _uniform(_stem(key, kind, int(identity[i]), 0), 0)


@njit(cache=True, no_cpython_wrapper=True)
def _peers_home(buyers: Buyers, f: int, mean: float) -> float:
    """Part of trading partners' demand that went to suppliers at home last month, partner by partner."""
    total, count = 0.0, 0
    for k in range(buyers.peers_first[f], buyers.peers_first[f + 1]):
        home = float(buyers.home[buyers.peers[k]])
        if home >= 0.0:
            total += home
            count += 1
    return total / count if count > 0 else mean


@njit(cache=True, no_cpython_wrapper=True)
def _is_bound(habits: Habits, buyers: Buyers, f: int, bound: float) -> bool:
    """Whether a regulated buyer is among the part of them that may take suppliers at home only."""
    return bound > 0.0 and _uniform(_stem(habits.key, BOUND, int(buyers.identity[f]), 0), 0) < bound


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _best(
    book: Book,
    buyers: Buyers,
    offers: Offers,
    habits: Habits,
    lock: FloatArray,
    home_mean: float,
    needed: int,
    month: int,
    c: int,
    f: int,
    incumbent: int,
) -> int:
    """The supplier that contract `c` of buyer `f` takes; NOBODY if none that it considers stands as needed.

    `incumbent` is NOBODY where no habit holds: a new workload, a failed supplier.
    """
    contracts, suppliers = book.contracts, offers.suppliers
    fixed = _stem(habits.key, _FIXED, int(buyers.identity[f]), 0)
    renewed = _stem(habits.key, _RENEWED, int(contracts["identity"][c]), int(contracts["signings"][c]))
    aware = _stem(habits.key, _AWARE, int(contracts["identity"][c]), int(contracts["signings"][c]))
    keeps, changes = np.sqrt(habits.lasting), np.sqrt(1.0 - habits.lasting)
    scale = habits.dissimilarity
    spread = np.sqrt(1.0 - scale * scale)
    at_home = buyers.pull[f] + (habits.home_preference if buyers.regulated[f] else 0.0)
    if habits.peers != 0.0:
        at_home += habits.peers * (2.0 * _peers_home(buyers, f, home_mean) - 1.0)
    at_home += spread * (keeps * _gumbel(fixed, _AT_HOME) + changes * _gumbel(renewed, _AT_HOME))
    abroad = spread * (keeps * _gumbel(fixed, _ABROAD) + changes * _gumbel(renewed, _ABROAD))
    keeps *= scale
    changes *= scale
    main = int(buyers.main[f])
    listed = offers.listed.size
    found, top = NOBODY, -np.inf
    for k in range(listed + habits.drawn + 2):
        if k < listed:
            j = int(offers.listed[k])
        elif k < listed + habits.drawn:
            j = int(offers.known[_mix(aware ^ k) >> (32 - _KNOWN_BITS)])
        else:
            j = incumbent if k == listed + habits.drawn else main
            if j < 0:
                continue
        standing = int(suppliers["standing"][j])
        if standing & (needed | FAILED) != needed:
            continue
        utility = suppliers["value"][j] + (at_home if standing & HOME else abroad)
        if j == main:
            utility += habits.attachment
        if j == incumbent:
            utility += lock[min(month - int(contracts["since"][c]), lock.size - 1)] + suppliers["for_kept"][j]
        else:
            utility += suppliers["for_new"][j]
        own = int(suppliers["identity"][j])
        utility += keeps * _gumbel(fixed, own) + changes * _gumbel(renewed, own)
        if utility > top:
            found, top = j, utility
    return found


@njit(cache=True, no_cpython_wrapper=True)
def _sign(
    book: Book, offers: Offers, habits: Habits, cheapest: float, month: int, c: int, j: int, before: int, fresh: bool
) -> None:
    """Put contract `c` with supplier `j`: term, price, and, for a new workload, how long it will be wanted."""
    contracts, suppliers = book.contracts, offers.suppliers
    occasion = int(contracts["signings"][c])
    part = _uniform(_stem(habits.key, _LENGTH, int(contracts["identity"][c]), occasion), 0)
    term = 12 if part < habits.short else (36 if part > 1.0 - habits.long else 24)
    moved = fresh or j != before
    contracts["locked"][c] = suppliers["price"][j] - (suppliers["introductory"][j] if moved else 0.0)
    contracts["best"][c] = cheapest
    contracts["volume"][c] = np.exp(habits.response * contracts["locked"][c])
    contracts["voucher"][c] = suppliers["voucher"][j] if habits.voucher_on_all or moved else 0.0
    if moved:
        contracts["since"][c] = month
    if fresh:
        left = 1e6
        if habits.new_workloads > 0.0:
            chance = _uniform(_stem(habits.key, _LIFE, int(contracts["identity"][c]), occasion), 0)
            left = np.ceil(np.log(chance) / np.log(1.0 - habits.new_workloads))
        contracts["ends"][c] = month + int(min(left, 1e6))
    contracts["due"][c] = min(month + term, contracts["ends"][c])
    contracts["supplier"][c] = j
    contracts["signings"][c] += 1


@njit(cache=True, no_cpython_wrapper=True)
def _follow_main(book: Book, buyers: Buyers, f: int, held: FloatArray) -> None:
    """Let the buyer's main supplier be the one with most of its demand; of equals, the one it has been, or the first.

    `held` is scratch by supplier, zeros before and after.
    """
    contracts = book.contracts
    first, last = book.first[f], book.first[f + 1]
    for c in range(first, last):
        if contracts["supplier"][c] >= 0:
            held[contracts["supplier"][c]] += contracts["weight"][c]
    before = int(buyers.main[f])
    found, most = before, held[before] if before >= 0 else 0.0
    for c in range(first, last):
        j = int(contracts["supplier"][c])
        if j >= 0 and held[j] > most:
            found, most = j, held[j]
    for c in range(first, last):
        if contracts["supplier"][c] >= 0:
            held[contracts["supplier"][c]] = 0.0
    buyers.main[f] = found


@njit(cache=True, no_cpython_wrapper=True)
def _lowest_price(suppliers: Records) -> float:
    """Ln of the lowest price on offer; infinite if nobody may be taken."""
    cheapest = np.inf
    for j in range(suppliers.size):
        if not suppliers["standing"][j] & FAILED:
            cheapest = min(cheapest, suppliers["price"][j])
    return cheapest


@njit(cache=True, no_cpython_wrapper=True)
def _renews_unasked(contracts: Records, habits: Habits, c: int) -> bool:
    """Whether a public body's contract whose term is over is not put out to tender."""
    if not contracts["public"][c]:
        return False
    stem = _stem(habits.key, _TENDER, int(contracts["identity"][c]), int(contracts["signings"][c]))
    return _uniform(stem, 0) >= habits.tender


@njit(cache=True)
def month_of_contracts(
    book: Book,
    buyers: Buyers,
    offers: Offers,
    habits: Habits,
    lock: FloatArray,
    home_mean: float,
    bound: float,
    month: int,
    watched: bool,
    moved_of: Flags,
    held: FloatArray,
) -> tuple[float, float, float, float]:
    """Let the contracts whose turn it is decide.

    Parameters
    ----------
    book, buyers, offers, habits : the fields of the types named, as plain tuples; contracts and main suppliers change.
    lock : utility of staying with the incumbent by months of tenure; the last holds beyond.
    home_mean : part of all demand that goes to suppliers at home, for buyers without partners.
    bound : part of regulated buyers that may take suppliers at home only.
    month : number of the month, which terms are counted in.
    watched : whether a supplier has failed or the best offer may have fallen far, so that contracts whose turn it is
        not must be looked at too.
    moved_of : (buyers,), scratch: whose main supplier is to be found anew.
    held : (suppliers,), scratch, zeros.

    Returns
    -------
    Demand whose contracts began, demand whose contracts were decided on with an incumbent, what of it changed its
    supplier, and demand in all.
    """
    book, buyers = Book(*book), Buyers(*buyers)
    offers, habits = Offers(*offers), Habits(*habits)
    contracts, suppliers = book.contracts, offers.suppliers
    began, asked, switched, demand = 0.0, 0.0, 0.0, 0.0
    cheapest = _lowest_price(suppliers)
    for f in range(buyers.usage.size):
        moved_of[f] = False
        usage = buyers.usage[f]
        if usage <= 0.0:
            continue
        demand += usage
        for c in range(book.first[f], book.first[f + 1]):
            if contracts["due"][c] > month and not watched:
                continue
            before = int(contracts["supplier"][c])
            fresh = before < 0
            incumbent = before
            needed, over = 0, False
            if not fresh:
                fresh = contracts["ends"][c] <= month
                failed = (suppliers["standing"][before] & FAILED) != 0
                over = contracts["due"][c] <= month
                if not (over or failed or contracts["best"][c] > cheapest + habits.break_gap):
                    continue
                if fresh or failed:
                    incumbent = NOBODY
            if buyers.regulated[f]:
                needed = CERTIFIED | (HOME if _is_bound(habits, buyers, f, bound) else 0)
            size = usage * contracts["weight"][c]
            j = NOBODY
            may_stay = over and incumbent >= 0 and (suppliers["standing"][before] & needed) == needed
            if may_stay and _renews_unasked(contracts, habits, c):
                j = before
            for attempt in range(2):  # One that finds no supplier that it may take, takes one that it may not.
                if j < 0:
                    wanted = needed if attempt == 0 else 0
                    j = _best(book, buyers, offers, habits, lock, home_mean, wanted, month, c, f, incumbent)
            if j < 0:
                j = before  # Nobody is left to serve it: the contract waits where it is.
            if j < 0:
                continue
            if fresh:
                began += size
            else:
                asked += size
                if j != before:
                    switched += size
            _sign(book, offers, habits, cheapest, month, c, j, before, fresh)
            moved_of[f] = True
    # Main suppliers move once all have chosen, so that the order of contracts does not matter.
    for f in range(buyers.usage.size):
        if moved_of[f]:
            _follow_main(book, buyers, f, held)
    return began, asked, switched, demand


@njit(cache=True)
def payments(
    first: IntArray,
    contracts: Records,
    usage: FloatArray,
    suppliers: Records,
    paid: FloatArray,
    shares: FloatArray,
    vouchers: FloatArray,
    home: NDArray[np.float32],
) -> tuple[float, float]:
    """Sum contracts by supplier.

    Parameters
    ----------
    first, contracts : see :class:`Book`.
    usage : demand of each buyer.
    suppliers : see :class:`Offers`.
    paid, shares, vouchers : (suppliers,) written: demand at locked prices, part of all of it, and what of it the state
        bears.
    home : (buyers,) written: part that goes to suppliers at home; -1 without contracts.

    Returns
    -------
    The sum of ``paid``, and the part of it that goes to suppliers at home.
    """
    for j in range(paid.size):
        paid[j] = 0.0
        vouchers[j] = 0.0
    for f in range(usage.size):
        home[f] = -1.0
        if usage[f] <= 0.0:
            continue
        held, own = 0.0, 0.0
        for c in range(first[f], first[f + 1]):
            j = contracts["supplier"][c]
            if j < 0:
                continue
            weight = contracts["weight"][c]
            amount = usage[f] * weight * contracts["volume"][c]
            paid[j] += amount
            vouchers[j] += amount * contracts["voucher"][c]
            held += weight
            if suppliers["standing"][j] & HOME:
                own += weight
        if held > 0.0:
            home[f] = own / held
    everything, at_home = 0.0, 0.0
    for j in range(paid.size):
        everything += paid[j]
        if suppliers["standing"][j] & HOME:
            at_home += paid[j]
    least = max(everything, 1e-300)
    for j in range(paid.size):
        shares[j] = paid[j] / least
    return everything, at_home / least


@njit(cache=True)
def hosting(
    first: IntArray, contracts: Records, usage: FloatArray, place: int, host_of: Places, shares: FloatArray
) -> None:
    """Write what each host gets of the contracts with a supplier that is paid for hosting alone.

    Parameters
    ----------
    first, contracts : see :class:`Book`.
    usage : demand of each buyer.
    place : of the supplier.
    host_of : (buyers,) place of the host that runs a buyer's workloads, or NOBODY.
    shares : (hosts,) written, sum 1; left as they are while nobody has such a contract and a host.
    """
    everything = 0.0
    paid = np.zeros(shares.size)
    for f in range(usage.size):
        if usage[f] <= 0.0 or host_of[f] < 0:
            continue
        for c in range(first[f], first[f + 1]):
            if contracts["supplier"][c] == place:
                amount = usage[f] * contracts["weight"][c] * contracts["volume"][c]
                paid[host_of[f]] += amount
                everything += amount
    if everything > 0.0:
        for k in range(shares.size):
            shares[k] = paid[k] / everything


@njit(cache=True)
def clients_share(first: IntArray, contracts: Records, worth: FloatArray, factor: FloatArray) -> None:
    """Multiply each buyer's factor by what its suppliers are worth to it, contract by contract.

    Parameters
    ----------
    first, contracts : see :class:`Book`.
    worth : of each supplier, 1 for one as good as can be.
    factor : (buyers,) changed; that of a buyer without contracts stays.
    """
    for f in range(factor.size):
        held, got = 0.0, 0.0
        for c in range(first[f], first[f + 1]):
            j = contracts["supplier"][c]
            if j >= 0:
                held += contracts["weight"][c]
                got += contracts["weight"][c] * worth[j]
        if held > 0.0:
            factor[f] *= got / held


def new_book(
    size: FloatArray, layer: int, key: int, public_share: float, regulated: Flags, largest_part: float
) -> Book:
    """Workloads of buyers, none of them with a supplier.

    Parameters
    ----------
    size : (buyers,) parts of demand, sum 1.
    layer : number of the layer, so that tastes differ between layers.
    key : of the run's tastes.
    public_share : part of regulated buyers' contracts that are public bodies'.
    regulated : (buyers,)
    largest_part : of all demand that a workload may have; a larger buyer has several equal ones.
    """
    slots = np.maximum(np.ceil(size / largest_part * (1.0 - 1e-12)), 1.0).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(slots)])
    count = int(first[-1])
    buyer = np.repeat(np.arange(size.size), slots)
    place = np.arange(count) - first[buyer]
    # Distinct for up to four thousand workloads of a buyer and a million buyers.
    identity = (buyer * 4096 + place + (layer + 1) * 0x9E3779B1) & _WORD
    draw = np.empty(count)
    uniforms(key, _PUBLIC, identity, draw)
    contracts = np.zeros(count, dtype=CONTRACT)
    contracts["identity"] = identity
    contracts["weight"] = 1.0 / slots[buyer]
    contracts["public"] = regulated[buyer] & (draw < public_share)
    contracts["supplier"] = NOBODY
    contracts["due"] = contracts["ends"] = NEVER_SIGNED
    contracts["volume"] = 1.0
    return Book(first, contracts)


def lock_by_tenure(cost: float, months: float) -> FloatArray:
    """Utility of staying with the incumbent by months of tenure: cost * (1 - exp(-tenure / months))."""
    return np.asarray(cost * -np.expm1(-np.arange(math.ceil(12.0 * months) + 1) / months))


def introductory_discounts(most: float, lock: float, runway_months: FloatArray, least_months: float) -> FloatArray:
    """What suppliers give up of their price for contracts new to them, ln, by supplier.

    A client that stays is worth a discount: the lock takes a part 1 - exp(-lock) off the odds that it leaves, and a
    supplier gives up as much of what it gives up at most.  One whose money runs out sooner than it could be earned back
    gives nothing.

    Parameters
    ----------
    most : ln discount where a lock holds for good.
    lock : utility of staying, in the long run.
    runway_months : until each supplier needs new money; infinite if its money lasts.
    least_months : runway below which nothing is given.
    """
    return np.asarray(np.where(runway_months < least_months, 0.0, most * -math.expm1(-lock)))


def known_places(reach: FloatArray) -> Places:
    """Places of suppliers, each as often as it is known, given the running sum of how well each is."""
    grid = (np.arange(KNOWN) + 0.5) * (reach[-1] / KNOWN)
    places = np.searchsorted(reach, grid, side="right").clip(max=reach.size - 1)
    return np.asarray(places, dtype=np.int32)
