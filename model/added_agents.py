"""Agents that users add: their place in the accounts, and what becomes of their orders.

A user hands :class:`~itcho.model.economy.JapanEconomy` one factory for each agent.  The agents decide before the
government raises its money, so that what it pays them is financed in the same month; their dollars are traded in the
month's sessions.  Without added agents nothing here posts, draws or rounds anything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from itcho.agents.added_agent import AddedAgent, AddedOrders, EconomyView, Payment, Purchase
from itcho.agents.errors import DecisionError, InputError, nearest_names
from itcho.agents.foreign_suppliers import SUPPLIERS
from itcho.agents.mesa_typed import Model
from itcho.agents.named_importers import IMPORTER_PARTIES
from itcho.agents.rules.checked import running_month
from itcho.agents.vocabulary import (
    AI_SPECIAL_ACCOUNT,
    BANKS,
    CARRY_TRADERS,
    CORE_PARTIES,
    DEALERS_ABROAD,
    DEPOSITS,
    FIRMS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSTRUMENTS,
    INVESTMENT_FUNDS,
    LOANS,
    OTHER_CLAIMS,
    OTHER_FOREIGN_ASSETS,
    SPECULATIVE_TRADERS,
    WORLD_EQUITY,
    Party,
    Sector,
    Settlement,
)
from itcho.model.ledger.ledger import Ledger
from itcho.model.world import World

Array = NDArray[np.float64]

AgentFactory = Callable[[Model], AddedAgent]
"""Makes an agent of the economy it is given; an agent's class is one."""

OrdersByParty = Mapping[str, AddedOrders]
"""Orders of the month by the agents' parties; empty without added agents."""

SECTORS = (Sector.HOUSEHOLDS, Sector.FIRMS, Sector.GOVERNMENT, Sector.INVESTORS)
"""Sectors that an added agent can belong to: the others keep books of their own (banks, AI firms, SoftBank, abroad)."""
DOLLAR_ASSETS = (OTHER_FOREIGN_ASSETS, WORLD_EQUITY)
TRADED = (LOANS, OTHER_CLAIMS)
PURPOSE = "added_agents_foreign_investment"
LARGEST_TRN_YEN, LARGEST_BN_USD = 1e6, 1e4
"""Amounts that an order can have: far outside what anybody has, so that the bounds tell a slip from a plan."""
_OWN_BOOKS = (AI_SPECIAL_ACCOUNT, DEALERS_ABROAD, CARRY_TRADERS, SPECULATIVE_TRADERS)
_COUNTERPARTIES = tuple(party.name for party in CORE_PARTIES if party.name not in _OWN_BOOKS)
_OPENING = (DEPOSITS, *DOLLAR_ASSETS, *TRADED)
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def make_agents(model: Model, factories: Sequence[AgentFactory]) -> tuple[AddedAgent, ...]:
    """The added agents, in the order of their factories.

    Raises
    ------
    InputError : a factory that makes no added agent, or a party that cannot be booked; all mistakes at once.
    """
    agents = [factory(model) for factory in factories]
    mistakes: list[str] = []
    taken = {party.name for party in (*CORE_PARTIES, *IMPORTER_PARTIES)} | {facts.name for facts in SUPPLIERS}
    for agent in agents:
        if not isinstance(agent, AddedAgent):
            mistakes.append(f"added agent {agent!r}: it has to derive from itcho.agents.added_agent.AddedAgent")
            continue
        mistakes += _mistakes_of_party(agent, taken)
        if isinstance(getattr(agent, "party", None), Party):
            taken.add(agent.party.name)
    if mistakes:
        raise InputError(mistakes)
    return tuple(agents)


def _mistakes_of_party(agent: AddedAgent, taken: set[str]) -> list[str]:
    kind, party = type(agent).__name__, getattr(agent, "party", None)
    if not isinstance(party, Party):
        return [f"added agent {kind}: party has to be an itcho.agents.vocabulary.Party, not {party!r}"]
    mistakes = []
    if not _SNAKE_CASE.fullmatch(party.name):
        mistakes.append(f"added agent {kind}: party name '{party.name}' has to be snake_case, such as wealth_fund")
    if party.name in taken:
        mistakes.append(f"added agent {kind}: party name '{party.name}' is taken; choose another")
    if party.sector not in SECTORS:
        mistakes.append(f"added agent {kind}: sector '{party.sector}' is not one of {', '.join(SECTORS)}")
    if party.settlement != Settlement.BANK_DEPOSIT:
        mistakes.append(f"added agent {kind}: settlement '{party.settlement}' has to be bank_deposit")
    for own in agent.opening:
        where = f"added agent {kind}, opening {own.instrument}"
        mistakes += _unknown(where, "instrument", own.instrument, _OPENING)
        mistakes += _unknown(where, "taken_from", own.taken_from, _COUNTERPARTIES)
        if not (math.isfinite(own.amount_trn_yen) and own.amount_trn_yen >= 0.0):
            mistakes.append(f"{where}: amount_trn_yen {own.amount_trn_yen} has to be a number from 0 up")
    return mistakes


def _unknown(where: str, field: str, name: object, known: Sequence[str]) -> list[str]:
    if isinstance(name, str) and name in known:
        return []
    if not isinstance(name, str):
        return [f"{where}: {field} {name!r} is not one of {', '.join(known)}"]
    return [f"{where}: {field} '{name}' is not one of {', '.join(known)}{nearest_names(name, known)}"]


def take_over_openings(agents: Sequence[AddedAgent], parties: Sequence[str], positions: NDArray[np.float64]) -> None:
    """Move what agents own at the start from the parties that have it, in ``positions`` (instruments × parties).

    Raises
    ------
    InputError : a party has less than is taken from it.
    """
    place = {name: column for column, name in enumerate(parties)}
    mistakes = []
    for agent in agents:
        for own in agent.opening:
            row, source = INSTRUMENTS.index(own.instrument), place[own.taken_from]
            if positions[row, source] < own.amount_trn_yen:
                mistakes.append(
                    f"added agent {type(agent).__name__}: {own.taken_from} holds {positions[row, source]:.4g} trn yen "
                    f"of {own.instrument}, less than the opening's {own.amount_trn_yen:g}"
                )
            positions[row, source] -= own.amount_trn_yen
            positions[row, place[agent.party.name]] += own.amount_trn_yen
    if mistakes:
        raise InputError(mistakes)


def act(world: World, outcomes: Mapping[str, float]) -> OrdersByParty:
    """Pay what added agents earn on their holdings, ask for their orders, and book payments and purchases.

    Parameters
    ----------
    outcomes : of the month before, which the agents see.

    Raises
    ------
    DecisionError : an order that cannot be carried out, naming agent, month and value.
    """
    done: dict[str, AddedOrders] = {}
    for agent in world.added_agents:
        _pay_property_income(world, agent.party.name)
    for agent in world.added_agents:
        view = _view(world, agent.party.name, outcomes)
        orders = agent.decide(view)
        _check_orders(world, agent, orders, view)
        done[agent.party.name] = orders
        for payment in orders.payments:
            world.ledger.pay(agent.party.name, payment.payee, payment.amount_trn_yen, payment.purpose)
            _book_transfer(world, payment.payee, payment.amount_trn_yen)
        for bought in orders.purchases:
            world.ledger.trade(
                agent.party.name, bought.seller, bought.instrument, bought.amount_trn_yen, 1.0, bought.purpose
            )
    return done


def _view(world: World, party: str, outcomes: Mapping[str, float]) -> EconomyView:
    month, streams = world.clock.month, world.streams
    holdings = {name: world.ledger.position(name, party) for name in _OPENING}
    return EconomyView(
        month=month,
        calendar_month=world.clock.date.month,
        outcomes=dict(outcomes),
        holdings=holdings,
        make_random=lambda: streams.generator(f"added agent {party}", month),
    )


def _pay_property_income(world: World, party: str) -> None:
    """Interest on deposits and loans as households and firms have it; income abroad as funds have it, left abroad."""
    ledger, incomes, state, p = world.ledger, world.incomes, world.state, world.parameters
    deposit_up = p.deposit_rate_pass_through * (state.policy_rate_pct - incomes.policy_rate_start_pct) / 100.0
    loan_up = (state.lending_rate_pct - incomes.lending_rate_start_pct) / 100.0
    on_deposits = max(0.0, incomes.deposit_yield[HOUSEHOLDS] + deposit_up) / 12.0
    on_loans = max(0.0, incomes.loan_yield[FIRMS] + loan_up) / 12.0
    ledger.pay(BANKS, party, on_deposits * max(0.0, ledger.position(DEPOSITS, party)), "deposit_interest")
    ledger.pay(BANKS, party, on_loans * ledger.position(LOANS, party), "loan_interest")
    for asset in DOLLAR_ASSETS:
        income = incomes.foreign_yield[INVESTMENT_FUNDS] * max(0.0, ledger.position(asset, party)) / 12.0
        ledger.pay(FOREIGN_INVESTORS, party, income, "primary_income_received")
        ledger.trade(party, FOREIGN_INVESTORS, asset, income, 1.0, PURPOSE)


def _book_transfer(world: World, payee: str, amount_trn_yen: float) -> None:
    """What a transfer changes beside balance sheets: the general account's year and households' income."""
    year = world.government.year
    if payee == GOVERNMENT:
        year.book_other_revenue(max(0.0, amount_trn_yen))
        year.book_spending(max(0.0, -amount_trn_yen))
    elif payee == HOUSEHOLDS:
        world.state.transfer_to_households(amount_trn_yen)


def _check_orders(world: World, agent: AddedAgent, orders: AddedOrders, view: EconomyView) -> None:
    decider = name_of_agent(agent)
    where = f"{decider}, month {running_month(agent)}"
    if not isinstance(orders, AddedOrders):
        raise DecisionError(f"{where}: decide() returned {orders!r}; it has to return AddedOrders", decider)
    mistakes = _others(where, "payments", orders.payments, Payment)
    mistakes += _others(where, "purchases", orders.purchases, Purchase)
    if mistakes:
        raise DecisionError(mistakes, decider)
    known = [*_COUNTERPARTIES, *(other.party.name for other in world.added_agents if other is not agent)]
    for payment in orders.payments:
        mistakes += _unknown(f"{where}, payment", "payee", payment.payee, known)
        mistakes += _amount(f"{where}, payment '{payment.purpose}'", payment.amount_trn_yen, payment.purpose)
    for bought in orders.purchases:
        mistakes += _unknown(f"{where}, purchase", "instrument", bought.instrument, TRADED)
        sellers = [BANKS] if bought.instrument == LOANS else known
        mistakes += _unknown(f"{where}, purchase", "seller", bought.seller, sellers)
        mistakes += _amount(f"{where}, purchase '{bought.purpose}'", bought.amount_trn_yen, bought.purpose)
    mistakes += _unknown(where, "dollar_asset", orders.dollar_asset, DOLLAR_ASSETS)
    held = 1000.0 * view.holdings.get(orders.dollar_asset, 0.0) / view.usdjpy if not mistakes else 0.0
    if wrong := _no_number(f"{where}: dollars_bn_usd", orders.dollars_bn_usd, LARGEST_BN_USD):
        mistakes += wrong
    elif not mistakes and orders.dollars_bn_usd < -held * (1.0 + 1e-9):
        mistakes.append(
            f"{where}: it sells {-orders.dollars_bn_usd:.6g} bn USD and has {held:.6g} of {orders.dollar_asset}"
        )
    if mistakes:
        raise DecisionError(mistakes, decider)


def name_of_agent(agent: AddedAgent) -> str:
    """An added agent in words, such as ``added agent WealthFund``."""
    return f"added agent {type(agent).__name__}"


def _others(where: str, field: str, orders: object, kind: type) -> list[str]:
    """Orders of another type than they have to be."""
    if not isinstance(orders, (tuple, list)):
        return [f"{where}: {field} {orders!r} has to be a tuple of {kind.__name__}"]
    return [
        f"{where}: {field}[{place}] {order!r} has to be a {kind.__name__}"
        for place, order in enumerate(orders)
        if not isinstance(order, kind)
    ]


def _amount(where: str, amount: object, purpose: object) -> list[str]:
    mistakes = _no_number(f"{where}: amount_trn_yen", amount, LARGEST_TRN_YEN)
    if not (isinstance(purpose, str) and _SNAKE_CASE.fullmatch(purpose)):
        mistakes.append(f"{where}: a purpose has to be snake_case, such as fund_capital")
    return mistakes


def _no_number(what: str, value: object, largest: float) -> list[str]:
    """What is wrong with an amount, which can be negative; empty if nothing is."""
    if (
        isinstance(value, (float, int, np.floating, np.integer))
        and not isinstance(value, bool)
        and -largest <= value <= largest
    ):
        return []
    return [f"{what} {value!r} has to be a finite number from {-largest:g} to {largest:g}"]


def dollars_ordered_bn_usd(orders_by_party: OrdersByParty) -> float:
    """Dollars that added agents together buy this month, billions."""
    return sum(orders.dollars_bn_usd for orders in orders_by_party.values())


def settle_dollars(ledger: Ledger, before: float, closes: Array, orders_by_party: OrdersByParty) -> None:
    """Post the dollars traded in the month's sessions, at the average rate at which they were traded.

    What was bought is marked to the rate of the month before, because the month's revaluation takes all foreign assets
    from there to the close.

    Parameters
    ----------
    before : yen per dollar at the close of the month before; ``closes`` after each session.
    """
    for party, orders in orders_by_party.items():
        if orders.dollars_bn_usd == 0.0:
            continue
        average = float(np.mean(0.5 * (np.concatenate([[before], closes[:-1]]) + closes)))
        asset, dollars = orders.dollar_asset, orders.dollars_bn_usd
        ledger.trade(party, FOREIGN_INVESTORS, asset, dollars * average / 1000.0, 1.0, PURPOSE)
        ledger.revalue_claim(asset, party, FOREIGN_INVESTORS, dollars * (before - average) / 1000.0)
