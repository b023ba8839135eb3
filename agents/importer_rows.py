"""Chip importers' rules row by row, in compiled code: orders, projects, the use and price of compute, and credit.

:mod:`itcho.agents.chip_importers` says what the rules are for and calls them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]

ORDINARY, LARGE = -1, -2
"""Firms that live on no rounds of funding: those that fail at the rate of companies, and those too large for it."""

FULL_USE = 0.98
"""Highest share of compute in use: the rest is maintenance and failures."""


@njit(cache=True)
def order_chips(
    compute: tuple[Array, Array, Array],
    outstanding: tuple[Array, Array],
    plant: Array,
    cash: tuple[Array, Array],
    debt: tuple[Array, Array],
    expected_revenue: Array,
    queue: tuple[Array, Array],
    desired: Array,
    price: float,
    usdjpy: float,
    yen_per_unit: float,
    order_law: tuple[float, float, float, float, float],
    credit_law: tuple[float, float, float],
    orders: Array,
    cancelled: Array,
) -> None:
    """Write each firm's chip orders, and what it takes back, bn USD; see ``chip_importers.plan_orders``.

    Parameters
    ----------
    compute : units that work, of which for the programme, and units of the firm's own that wait for power.
    outstanding : orders on their way, bn USD, of all kinds, and of which for the programme.
    cash, debt : cash and its earmarked part; loans and bonds.
    queue : orders that nobody has started, bn USD, and the part of them that each firm expects to get in a month.
    order_law : desired compute and its pipeline over desired compute, orders over it in a steady state, months to close
        gaps, what budgets buy of the plan, and the least part that anybody counts on.
    credit_law : leverage at which credit begins to run short, the most leverage, and months of sales as margin.
    """
    for i in range(orders.size):
        _, _, _, orders[i], cancelled[i], _, _ = _order_of(
            i, compute, outstanding, plant, cash, debt, expected_revenue, queue, desired, price, usdjpy, yen_per_unit,
            order_law, credit_law,
        )  # fmt: skip


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _order_of(
    i: int,
    compute: tuple[Array, Array, Array],
    outstanding: tuple[Array, Array],
    plant: Array,
    cash: tuple[Array, Array],
    debt: tuple[Array, Array],
    expected_revenue: Array,
    queue: tuple[Array, Array],
    desired: Array,
    price: float,
    usdjpy: float,
    yen_per_unit: float,
    order_law: tuple[float, float, float, float, float],
    credit_law: tuple[float, float, float],
) -> tuple[float, float, float, float, float, float, float]:
    """One firm's order without limits, within its budget, within its credit too and within its cash too, bn USD; what
    it takes back; and the room of credit and of cash, as shares of these limits.
    """
    pipeline_and_stock, steady, months, budget, least_fill = order_law
    soft, hard, margin_months = credit_law
    owned = (compute[0][i] - compute[1][i] + compute[2][i]) * price
    pipeline = outstanding[0][i] - outstanding[1][i]
    waiting, fill = queue[0][i], max(queue[1][i], least_fill)
    gap = desired[i] * pipeline_and_stock - owned - (pipeline - waiting)
    wanted = max(desired[i] * steady + gap / months, 0.0)
    assets = compute[0][i] * yen_per_unit + plant[i] + cash[0][i]
    owed = debt[0][i] + debt[1][i]
    leverage = owed / max(assets, 1e-12)
    allowed = min(max((hard - leverage) / max(hard - soft, 1e-9), 0.0), 1.0)
    # What cash, credit up to the limit and the margin over the lead time can pay for.
    free = cash[0][i] - cash[1][i] + max(hard * assets - owed, 0.0) + expected_revenue[i] * margin_months
    committed = outstanding[0][i] * (usdjpy / 1000.0)
    affordable = max(free - committed, 0.0) * (1000.0 / usdjpy)
    # It keeps so many orders in the queue that it expects to get what it wants, and takes back the others.
    claims = wanted * (budget * allowed) / fill
    unbound = max(wanted / fill - waiting, 0.0)
    within_budget = min(max(wanted * budget / fill - waiting, 0.0), unbound)
    within_credit = max(claims - waiting, 0.0)
    order = min(within_credit, affordable)
    cash_room = 1.0 - committed / free if free > 0.0 else 0.0
    return unbound, within_budget, within_credit, order, max(waiting - claims, 0.0), soft - leverage, cash_room


@njit(cache=True)
def limits_of_orders(
    compute: tuple[Array, Array, Array],
    outstanding: tuple[Array, Array],
    plant: Array,
    cash: tuple[Array, Array],
    debt: tuple[Array, Array],
    expected_revenue: Array,
    queue: tuple[Array, Array],
    desired: Array,
    price: float,
    usdjpy: float,
    yen_per_unit: float,
    order_law: tuple[float, float, float, float, float],
    credit_law: tuple[float, float, float],
    found: Array,
    wanted: Array,
) -> None:
    """Write what budget, credit and cash did to the orders of :func:`order_chips`, which takes the same.

    ``found`` is (3 limits × slack, part of desired compute that is bound, bn USD withheld) and ``wanted`` (n,) what
    each firm would have ordered without limits, bn USD; both written.
    """
    least = 1e-9
    for k in range(found.size):
        found[k] = 0.0
    total = 0.0
    for i in range(desired.size):
        unbound, within_budget, within_credit, order, _, credit_room, cash_room = _order_of(
            i, compute, outstanding, plant, cash, debt, expected_revenue, queue, desired, price, usdjpy, yen_per_unit,
            order_law, credit_law,
        )  # fmt: skip
        weight = desired[i]
        total += weight
        within_credit = min(within_credit, within_budget)
        withheld = unbound - within_budget, within_budget - within_credit, max(within_credit - order, 0.0)
        room = order_law[3] - 1.0, credit_room / credit_law[0], cash_room
        for k in range(3):
            found[3 * k] += weight * room[k]
            found[3 * k + 1] += weight if withheld[k] > least * unbound else 0.0
            found[3 * k + 2] += withheld[k]
        wanted[i] = unbound
    for k in range(3):
        found[3 * k] /= max(total, 1e-300)
        found[3 * k + 1] /= max(total, 1e-300)


@njit(cache=True)
def orders_by_role(role: NDArray[np.int8], wanted: Array, ordered: Array, sums: Array) -> None:
    """Write how many firms of each role there are, what they wanted to order and what they ordered, (3, roles)."""
    sums[:] = 0.0
    for i in range(role.size):
        sums[0, role[i]] += 1.0
        sums[1, role[i]] += wanted[i]
        sums[2, role[i]] += ordered[i]


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def prefer_available(
    availability: Array, lasting_availability: Array, substitution: float, lasting_substitution: float, tilt: Array
) -> None:
    """Write by how much buyers tilt their usual shares towards designers that could serve them.

    Parameters
    ----------
    availability, lasting_availability : (designers,) what each could start over what was ordered of it, last month and
        on average, 0 to 1.
    substitution, lasting_substitution : elasticities to each.
    tilt : (designers,) factor on shares; written.
    """
    for d in range(tilt.size):
        lately, lasting = availability[d], lasting_availability[d]
        tilt[d] = max(lately**substitution * lasting**lasting_substitution, 1e-9)


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def order_abroad(purchases: Array, tilt: Array, level: Array) -> None:
    """Write what each designer is ordered by rivals abroad, over what they usually order of it.

    A rival tilts what it buys towards designers that could serve it, as buyers in Japan do; one with a single designer
    cannot.  It keeps its place in the queue of the one that is short: what it orders of others comes on top.

    Parameters
    ----------
    purchases : (rivals, designers) what each usually buys of each, any unit.
    tilt : (designers,) see :func:`prefer_available`.
    level : (designers,) written, at least 1.
    """
    for d in range(tilt.size):
        level[d] = 0.0
    for r in range(purchases.shape[0]):
        usual, tilted = 0.0, 0.0
        for d in range(tilt.size):
            usual += purchases[r, d]
            tilted += purchases[r, d] * tilt[d]
        for d in range(tilt.size):
            if tilted > 0.0:
                level[d] += purchases[r, d] * tilt[d] * (usual / tilted)
    for d in range(tilt.size):
        usual = 0.0
        for r in range(purchases.shape[0]):
            usual += purchases[r, d]
        level[d] = max(level[d] / usual, 1.0) if usual > 0.0 else 1.0


@njit(cache=True)
def plan_projects(
    own_orders: Array,
    plant_plan: Array,
    earmarked: Array,
    programme_orders: Array,
    plant_per_dollar: float,
    building_months: float,
    spending_months: float,
    chips_per_yen: float,
    spending: Array,
    orders: Array,
) -> None:
    """Move the plans of plant, commit programme money, and write all orders; see ``chip_importers.plan_projects``.

    Parameters
    ----------
    own_orders : chips ordered for the firm's own business, bn USD.
    plant_plan, earmarked, programme_orders : trillion yen, trillion yen and bn USD; changed.
    plant_per_dollar : plant wanted, trillion yen for a bn USD of own orders.
    chips_per_yen : chips ordered, bn USD for a trillion yen of programme money.
    spending, orders : programme money committed, trillion yen, and all chip orders, bn USD; written.
    """
    for i in range(orders.size):
        plant_plan[i] += (own_orders[i] * plant_per_dollar - plant_plan[i]) / building_months
        spending[i] = earmarked[i] / spending_months
        earmarked[i] -= spending[i]
        programme = spending[i] * chips_per_yen
        programme_orders[i] += programme
        orders[i] = own_orders[i] + programme


@njit(cache=True)
def use_compute(
    compute: tuple[Array, Array],
    desired: Array,
    price: float,
    target: float,
    training_law: tuple[float, float, float],
    congestion: float,
    utilisation: Array,
    training_share: Array,
    served: Array,
) -> None:
    """Write utilisation, training share and the part of demand served, by firm.

    Parameters
    ----------
    compute : units, and of which for the programme.
    target : utilisation when compute is as desired.
    training_law : training share at the target, its response to tightness, and the programme's own training share.
    """
    training, response, programme_share = training_law
    for i in range(desired.size):
        owned = (compute[0][i] - compute[1][i]) * price
        use = target * desired[i] / max(owned, 1e-12)
        utilisation[i] = min(max(use, 0.05), FULL_USE)
        tightness = utilisation[i] / target
        # Tight serving capacity draws compute away from training; the programme's keeps its own share.
        own = training * (1.0 - response * (tightness - 1.0))
        programme = compute[1][i] / max(compute[0][i], 1e-12)
        training_share[i] = min(max(own + programme * (programme_share - own), 0.0), 1.0)
        served[i] = _served(owned / max(desired[i], 1e-12), congestion, target)


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def _served(cover: float, congestion: float, target: float) -> float:
    """Part of demand that compute serves which is ``cover`` of what is desired.

    Short compute turns away demand at peak hours before it is in use around the clock.
    """
    at_peaks = cover**congestion if cover < 1.0 else 1.0
    return min(at_peaks, cover * (FULL_USE / target))


@njit(cache=True)
def trade_idle_compute(
    links: tuple[NDArray[np.int32], NDArray[np.int32], Array],
    compute: tuple[Array, Array],
    desired: Array,
    price: float,
    target: float,
    congestion: float,
    yen_per_dollar: float,
    cash: Array,
    utilisation: Array,
    served: Array,
    paid: Array,
) -> float:
    """Let developers that are short rent for the month what stands idle at their clouds; a cloud serves all alike.

    Parameters
    ----------
    links : developer, cloud and share of each edge of rented compute.
    compute : units, and of which for the programme.
    desired, price : compute that firms want, bn USD, and the price of a unit.
    yen_per_dollar : rent of a month for compute of a bn USD, trillion yen.
    cash : trillion yen; nobody rents for more than it has.
    utilisation, served : of firms; changed for clouds and for developers.
    paid : (edges,) rent, trillion yen; written.

    Returns
    -------
    All rent, trillion yen.
    """
    developer, cloud, share = links
    bids, sold, got = np.zeros(served.size), np.zeros(served.size), np.zeros(served.size)
    for r in range(paid.size):
        i = developer[r]
        short = max(desired[i] - (compute[0][i] - compute[1][i]) * price, 0.0)
        paid[r] = share[r] * min(short, max(cash[i], 0.0) / yen_per_dollar)
        bids[cloud[r]] += paid[r]
    rent = 0.0
    for r in range(paid.size):
        i, k = developer[r], cloud[r]
        if paid[r] <= 0.0:
            continue
        idle = max((compute[0][k] - compute[1][k]) * price - desired[k], 0.0)
        rented = paid[r] * min(idle / bids[k], 1.0)
        got[i] += rented
        sold[k] += rented
        paid[r] = rented * yen_per_dollar
        rent += paid[r]
    for r in range(paid.size):
        i, k = developer[r], cloud[r]
        if got[i] > 0.0:
            cover = ((compute[0][i] - compute[1][i]) * price + got[i]) / max(desired[i], 1e-12)
            served[i] = _served(cover, congestion, target)
        if sold[k] > 0.0:
            owned = (compute[0][k] - compute[1][k]) * price
            utilisation[k] = min(target * (desired[k] + sold[k]) / owned, FULL_USE)
    return rent


@njit(cache=True)
def rent_compute(
    developer: NDArray[np.int32],
    cloud: NDArray[np.int32],
    share: Array,
    without: NDArray[np.int32],
    rented: float,
    served: Array,
    training_share: Array,
) -> None:
    """Let developers serve and train, with the part of compute that they rent, only as far as their clouds can serve.

    Parameters
    ----------
    developer, cloud, share : (R,) who rents of whom, and what part of what it rents; the rest is rented abroad.
    without : rows of developers of whom no cloud is left.
    rented : part of its compute that a developer rents.
    served, training_share : (n,) changed for developers.
    """
    for i in without:
        served[i] *= 1.0 - rented
        training_share[i] *= 1.0 - rented
    lost = np.zeros(served.size)
    for r in range(developer.size):
        lost[developer[r]] += share[r] * (1.0 - min(served[cloud[r]], 1.0))
    for r in range(developer.size):
        i = developer[r]
        if lost[i] > 0.0:
            served[i] -= rented * max(served[i] - (1.0 - lost[i]), 0.0)
            training_share[i] *= 1.0 - rented * lost[i]
            lost[i] = 0.0


@njit(cache=True)
def rate_firms(
    assets: tuple[Array, Array, Array, Array],
    debts: tuple[Array, Array],
    yen_per_unit: float,
    least_worth: float,
    spread_law: tuple[float, float, float, float],
    failed: NDArray[np.bool_],
    spread_pct: Array,
) -> tuple[int, float, float]:
    """Write credit spreads, and who fails by owing too much; see ``chip_importers.rate_firms``.

    Parameters
    ----------
    assets : units of compute, plant, cash and other claims.
    debts : loans and bonds.
    least_worth : net worth over capital below which a firm that owes anything fails.
    spread_law : base, slope, threshold and convexity of the spread in leverage.
    failed : rows that could not pay; those that owe too much are added.

    Returns
    -------
    Number of failed rows, debts, and assets without other claims, sums.
    """
    compute, plant, cash, other_claims = assets
    base, slope, threshold, convexity = spread_law
    failures, all_debt, all_assets = 0, 0.0, 0.0
    for i in range(failed.size):
        capital, debt = compute[i] * yen_per_unit + plant[i], debts[0][i] + debts[1][i]
        worth = capital + cash[i] + other_claims[i] - debt
        if debt > 1e-12 and worth < least_worth * max(capital, 1e-12):
            failed[i] = True
        failures += failed[i]
        leverage = min(debt / max(capital + cash[i], 1e-12), 2.0)
        above = max(leverage - threshold, 0.0)
        spread_pct[i] = base + slope * leverage + convexity * above * above
        all_debt += debt
        all_assets += capital + cash[i]
    return failures, all_debt, all_assets


@njit(cache=True)
def close_firms(
    round_due: NDArray[np.int64],
    due_now: int,
    of_round: float,
    of_ordinary: float,
    draws: Array,
    failed: NDArray[np.bool_],
) -> None:
    """Add who fails for want of money from outside to ``failed``; see ``chip_importers.FailureLaw``.

    Parameters
    ----------
    round_due : month of the interval in which each venture has its round; :data:`ORDINARY` and :data:`LARGE` firms.
    due_now : which month of the interval it is.
    of_round, of_ordinary : chances that a round fails, and that an ordinary firm fails in the month.
    """
    for i in range(failed.size):
        due = round_due[i]
        if (due == due_now and draws[i] < of_round) or (due == ORDINARY and draws[i] < of_ordinary):
            failed[i] = True


@njit(cache=True)
def move_capital(
    columns: tuple[Array, ...], sellers: NDArray[np.int64], part: Array, buyers: NDArray[np.int64], weight: Array
) -> None:
    """Move a ``part`` of what each seller has in every column to the buyers, by ``weight``."""
    for column in columns:
        moved = 0.0
        for k in range(sellers.size):
            units = column[sellers[k]] * part[k]
            column[sellers[k]] -= units
            moved += units
        for k in range(buyers.size):
            column[buyers[k]] += weight[k] * moved
