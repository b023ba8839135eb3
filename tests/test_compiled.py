"""Compiled inner loops against plain references: array formulas, session loops, and the same model without Numba."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from itcho.agents.bond_demand import unlimited
from itcho.agents.importer_rows import (
    FULL_USE,
    order_chips,
    plan_projects,
    rate_firms,
    rent_compute,
    trade_idle_compute,
    use_compute,
)
from itcho.agents.treasurers import treasurer_orders
from itcho.model.ai.firm_rows import (
    Accounts,
    CostLaws,
    CostLevels,
    FinanceLaws,
    FirmColumns,
    receive_sales,
    settle_accounts,
    split_interest,
    use_surplus,
)
from itcho.model.chips.market import _bill
from itcho.model.economy import JapanEconomy
from itcho.model.finance.equities import EquityMarket
from itcho.model.finance.foreign_exchange import CLIENTS, CurrencyTerms, ForeignExchangeMarket
from itcho.model.ledger.residuals import worst_gap, worst_residual
from itcho.model.parameters import Parameters

ROOT = Path(__file__).parents[1]
N = 400
CLOSE = {"rel": 1e-12, "abs": 1e-15}

SIZES = {"investors": 200, "importers": 60, "adopters": 60}
WITHOUT_NUMBA = f"""
import json, sys
sys.modules["numba"] = None
from itcho.agents.compiled import COMPILED
from itcho.model.economy import JapanEconomy
economy = JapanEconomy(rng=3, noise=sys.argv[1] == "noise", **{SIZES}).run(years=1)
print(json.dumps({{"compiled": COMPILED, "months": economy.records.outcomes}}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["noise", "no noise"])
def test_a_run_without_numba_gives_the_same_figures_and_says_what_to_install(noise: str) -> None:
    plain = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA, noise], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    printed = json.loads(plain.stdout)
    assert printed["compiled"] is False
    assert "pip install --force-reinstall numba" in plain.stderr
    compiled = JapanEconomy(rng=3, noise=noise == "noise", **SIZES).run(years=1).records.outcomes
    for there, here in zip(printed["months"], compiled, strict=True):
        assert there == pytest.approx(here, rel=1e-9, abs=1e-12)


def firms(rng: np.random.Generator) -> FirmColumns:
    """Firms of all kinds: rich, short of cash, without debts, deep in debt."""
    columns = {name: rng.random(N) for name in FirmColumns._fields}
    columns["role"] = rng.integers(0, 3, N).astype(np.int8)
    columns["debt_trn_yen"] *= (rng.random(N) < 0.7) * 2.0
    columns["cash_trn_yen"] *= rng.random(N) < 0.8
    columns["plant"] *= rng.random(N) < 0.9
    return FirmColumns(**columns)


LAWS = FinanceLaws(0.6, 0.3, 0.5, 0.7, 0.7, 0.8, 0.05, 0.5, 0.4)
COSTS = CostLaws(0.3, 0.2, 0.1, 0.05, 66.0, 180.0)
LEVELS = CostLevels(0.9, 1.2, 1.1, 0.8, 1.5, 1.1, 0.3)


def test_sales_and_expectations_are_those_of_the_array_formulas() -> None:
    rng = np.random.default_rng(3)
    home, abroad, other, expected = rng.random((4, N))
    was, believed, share = other.copy(), expected.copy(), np.array([0.5, 0.3, 0.2])
    by_payer, revenue = np.empty((3, N)), np.empty(N)
    sums = receive_sales((home, abroad), other, expected, 1.1, share, 6.0, by_payer, revenue)
    assert other == pytest.approx(1.1 * was, **CLOSE)
    assert revenue == pytest.approx(home + abroad + other, **CLOSE)
    assert expected == pytest.approx(believed + (revenue - believed) / 6.0, **CLOSE)
    assert by_payer == pytest.approx(np.outer(share, other), **CLOSE)
    assert sums == pytest.approx((revenue.sum(), other.sum(), expected.sum()), **CLOSE)


@pytest.mark.parametrize("seed", range(3))
def test_firms_accounts_and_finance_are_those_of_the_array_formulas(seed: int) -> None:
    rng = np.random.default_rng(seed)
    firm = firms(rng)
    revenue, money, plant, paid, guaranteed = rng.random((5, N))
    shares = rng.random((3, 3))
    book, stock, losses = firm.compute_book_trn_yen.copy(), firm.plant.copy(), firm.losses_carried_trn_yen.copy()
    equity_share, bond_share = np.array([0.0, 0.3, 0.6]), rng.random(N)
    loans, bonds, equity, unpaid = np.empty(N), np.empty(N), np.empty(N), np.empty(N, np.bool_)
    table, totals = np.empty((8, N)), np.empty(8)
    sums = settle_accounts(
        tuple(firm), revenue, money, plant, paid, guaranteed, shares, (equity_share, bond_share),
        (tuple(COSTS), tuple(LAWS)), tuple(LEVELS), 150.0, 0.4, table, totals, loans, bonds, equity, unpaid,
    )  # fmt: skip
    accounts = Accounts(*table)
    base = 0.9 * firm.expected_revenue_trn_yen
    wages = shares[0][firm.role] * 1.2 * base + money * 0.3
    inputs = shares[1][firm.role] * 1.1 * base + money * 0.1
    licences = shares[2][firm.role] * 0.8 * base
    rate = np.maximum(1.5 + firm.spread_pct * (1.0 - guaranteed), 0.0)
    interest = (firm.debt_trn_yen + firm.bonds) * rate / 1200.0
    own = plant * 1.1 + money * 0.05
    investment = own + money * 0.2
    wear = book / 66.0 + stock / 180.0
    profit = revenue - (wages + inputs - money * 0.4) - licences - interest - wear
    tax = np.maximum(profit - losses, 0.0) * 0.3
    expected = {"wages": wages, "inputs": inputs, "licences": licences, "interest": interest, "tax": tax}
    for name, wanted in (expected | {"profit": profit}).items():
        assert getattr(accounts, name) == pytest.approx(wanted, **CLOSE)
    assert totals == pytest.approx(table.sum(axis=1), rel=1e-11)
    assert firm.compute_book_trn_yen == pytest.approx(book + paid - book / 66.0, **CLOSE)
    assert firm.plant == pytest.approx(stock - stock / 180.0, **CLOSE)
    assert firm.losses_carried_trn_yen == pytest.approx(np.maximum(losses - profit, 0.0), **CLOSE)

    cash = firm.cash_trn_yen
    due = wages + inputs + licences + interest + tax
    buffer = 0.6 * firm.expected_revenue_trn_yen + firm.earmarked_trn_yen + firm.programme_orders_bn_usd * 0.15
    need = np.maximum(due + investment + buffer - cash, 0.0)
    assets = firm.compute * 0.4 + firm.plant
    debt = firm.debt_trn_yen + firm.bonds
    above = np.maximum(debt / np.maximum(assets + cash, 1e-12) - 0.3, 0.0)
    confidence = np.clip(1.0 - 0.8 * (1.0 - firm.utilisation / 0.7), 0.0, 1.0)
    purse = np.where(firm.role > 0, 0.05 * assets * confidence, 0.0)
    first = np.minimum(need * np.minimum(equity_share[firm.role] + 0.5 * above, 1.0), purse)
    borrowed = np.minimum(need - first, np.maximum(0.7 * (assets + cash) - debt, 0.0))
    raised = np.minimum(need - borrowed, purse)
    missing = np.maximum(due + investment - cash - raised - borrowed, 0.0)
    cut = np.minimum(missing, own)
    overdraft = np.where(missing > 0.0, np.maximum(missing - cut, 0.0) + 1e-9 * due + 1e-15, 0.0)
    assert min(missing.max(), raised.max(), overdraft.max()) > 1e-6
    assert bonds == pytest.approx(bond_share * borrowed, **CLOSE)
    assert loans == pytest.approx(borrowed - bond_share * borrowed + overdraft, rel=1e-12, abs=1e-14)
    assert equity == pytest.approx(raised, **CLOSE)
    assert accounts.investment == pytest.approx(investment - cut, **CLOSE)
    assert accounts.own_investment == pytest.approx(own - cut, **CLOSE)
    assert (unpaid == (missing > cut + 1e-12)).all()
    wanted = (borrowed - bonds, bonds, raised, overdraft)
    assert sums == pytest.approx(tuple(float(part.sum()) for part in wanted), **CLOSE)


def test_surplus_repays_loans_first_and_is_paid_out_once_they_are_gone() -> None:
    firm = firms(np.random.default_rng(4))
    firm.cash_trn_yen[:] *= 8.0
    repaid, dividends = np.empty(N), np.empty(N)
    sums = use_surplus(tuple(firm), tuple(LAWS), 150.0, repaid, dividends)
    buffer = 0.6 * firm.expected_revenue_trn_yen + firm.earmarked_trn_yen + firm.programme_orders_bn_usd * 0.15
    surplus = np.maximum(firm.cash_trn_yen - buffer, 0.0)
    wanted = np.minimum(0.5 * surplus, firm.debt_trn_yen)
    payout = np.where(firm.debt_trn_yen - wanted <= 1e-12, (surplus - wanted) * 0.4, 0.0)
    assert ((wanted > 0.0) & (payout > 0.0)).any()
    assert repaid == pytest.approx(wanted, **CLOSE)
    assert dividends == pytest.approx(payout, **CLOSE)
    assert sums == pytest.approx((float(wanted.sum()), float(payout.sum())), **CLOSE)


def test_chip_orders_are_those_of_the_array_formulas() -> None:
    rng = np.random.default_rng(5)
    compute, programme, outstanding, for_programme, plant, cash, earmarked, debt, bonds, sales, desired = rng.random(
        (11, N)
    )
    orders, cancelled = np.empty(N), np.empty(N)
    queue, fill = 0.2 * rng.random(N), rng.random(N)
    waiting = 0.1 * rng.random(N)
    order_chips(
        (compute, programme * compute, waiting),
        (outstanding, for_programme * outstanding),
        plant,
        (cash, earmarked),
        (debt, bonds),
        sales,
        (queue, fill),
        desired,
        1.2,
        150.0,
        0.3,
        (1.4, 0.1, 12.0, 0.9, 0.25),
        (0.4, 0.8, 1.5),
        orders,
        cancelled,
    )
    owned, pipeline = (compute * (1.0 - programme) + waiting) * 1.2, outstanding * (1.0 - for_programme)
    wanted = np.maximum(desired * 0.1 + (desired * 1.4 - owned - (pipeline - queue)) / 12.0, 0.0)
    assets = compute * 0.3 + plant + cash
    leverage = (debt + bonds) / assets
    credit = np.maximum(0.8 * assets - debt - bonds, 0.0)
    affordable = np.maximum(cash - earmarked + credit + sales * 1.5 - outstanding * 0.15, 0.0) / 0.15
    claims = wanted * 0.9 * np.clip((0.8 - leverage) / 0.4, 0.0, 1.0) / np.maximum(fill, 0.25)
    limited = np.minimum(np.maximum(claims - queue, 0.0), affordable)
    assert limited.max() > limited.min() == 0.0
    assert orders == pytest.approx(limited, rel=1e-11, abs=1e-15)
    assert cancelled == pytest.approx(np.maximum(queue - claims, 0.0), rel=1e-11, abs=1e-15)


def test_projects_are_those_of_the_array_formulas() -> None:
    own, plan, earmarked, programme = np.random.default_rng(10).random((4, N))
    before = plan.copy(), earmarked.copy(), programme.copy()
    spending, orders = np.empty(N), np.empty(N)
    plan_projects(own, plan, earmarked, programme, 0.02, 18.0, 24.0, 5.0, spending, orders)
    assert plan == pytest.approx(before[0] + (0.02 * own - before[0]) / 18.0, **CLOSE)
    assert spending == pytest.approx(before[1] / 24.0, **CLOSE)
    assert earmarked == pytest.approx(before[1] - spending, **CLOSE)
    assert programme == pytest.approx(before[2] + 5.0 * spending, **CLOSE)
    assert orders == pytest.approx(own + 5.0 * spending, **CLOSE)


def test_bills_along_edges_and_credit_are_those_of_the_array_formulas() -> None:
    rng = np.random.default_rng(12)
    cash, distributor_row = rng.random(N), np.array([3, 8], dtype=np.int32)
    users = np.setdiff1d(np.arange(N), distributor_row)
    # Everybody buys of designer 0, the first half of designer 1 too; users also of one distributor, who keep some.
    buyer = np.concatenate([np.arange(N), np.arange(N // 2), users, distributor_row]).astype(np.int32)
    first = N + N // 2
    seller = np.concatenate([np.zeros(N), np.ones(N // 2), 2 + users % 2, [2, 3]]).astype(np.int32)
    arrived, price = rng.random(buyer.size), np.array([0.14, 0.16])
    payments, bills, drawn, sold = np.empty(N), np.zeros((2, N)), np.empty(N), np.empty(buyer.size - first)
    sums = _bill((seller, buyer), first, distributor_row, arrived, 0.15, price, cash, payments, bills, sold, drawn)
    assert bills[0] == pytest.approx(0.15 * arrived[:N], **CLOSE)
    assert bills[1, : N // 2] == pytest.approx(0.15 * arrived[N:first], **CLOSE)
    resold = price[users % 2] * arrived[first:-2]
    assert sold == pytest.approx(np.append(resold, [0.0, 0.0]), **CLOSE)
    due = bills.sum(axis=0)
    own_cost = due.copy()
    own_cost[distributor_row] = 0.15 * arrived[-2:]
    due[users] += resold
    own_cost[users] += resold
    due[distributor_row] -= np.bincount(users % 2, resold, 2)
    assert payments == pytest.approx(own_cost, **CLOSE)
    assert drawn == pytest.approx(np.maximum(due * (1.0 + 1e-9) - cash, 0.0), **CLOSE)
    assert sums == pytest.approx((bills.sum(), drawn.sum()), **CLOSE)


def test_interest_goes_to_creditors_by_what_they_hold() -> None:
    loans, bonds, interest = np.array([3.0, 0.0, 0.0]), np.array([1.0, 2.0, 0.0]), np.array([0.4, 0.2, 0.0])
    by_loans, by_bonds = np.array([[1.0, 0.5, 1.0], [0.0, 0.5, 0.0]]), np.array([[0.6, 0.0, 1.0], [0.4, 1.0, 0.0]])
    found = np.empty((2, 3))
    split_interest(interest, loans, bonds, by_loans, by_bonds, found)
    # A tenth of all debt is paid: of the first, 3 of loans and 0.6 of bonds to one, 0.4 of bonds to the other.
    assert found == pytest.approx(np.array([[0.36, 0.0, 0.0], [0.04, 0.2, 0.0]]), **CLOSE)


def test_rented_compute_is_as_good_as_its_cloud() -> None:
    served, training = np.array([1.0, 0.2, 1.0, 0.5, 0.8]), np.full(5, 0.4)
    # Developer 2 rents half of its compute, three quarters of that from cloud 1, which serves a fifth; developer 3
    # rents from cloud 0, which serves all, so that it keeps its own half; developer 4
    # has no cloud left, and half of what it served.
    links = np.array([2, 2, 3], np.int32), np.array([0, 1, 0], np.int32), np.array([0.25, 0.75, 1.0])
    rent_compute(*links, np.array([4], np.int32), 0.5, served, training)
    assert served == pytest.approx([1.0, 0.2, 1.0 - 0.5 * 0.75 * 0.8, 0.5, 0.4], **CLOSE)
    assert training == pytest.approx([0.4, 0.4, 0.4 * (1.0 - 0.5 * 0.75 * 0.8), 0.4, 0.2], **CLOSE)


def test_idle_compute_goes_to_the_developers_of_its_cloud_that_are_short_and_can_pay() -> None:
    """Cloud 0 wants 18 of 20; developer 1 lacks 1 of 10, 2 lacks 3 of 20 and has money for 2; 3 lacks nothing.

    Two are idle for the three that are bid for: two thirds of each bid are rented.
    """
    links = np.array([1, 2, 3], np.int32), np.array([0, 0, 0], np.int32), np.ones(3)
    compute = np.array([10.0, 4.5, 9.0, 6.0]), np.array([0.0, 0.0, 0.5, 0.0])
    wanted, cash = np.array([18.0, 10.0, 20.0, 12.0]), np.array([0.0, 5.0, 0.1, 5.0])
    utilisation, served, paid = np.full(4, 0.6), np.array([1.0, 0.81, 0.7, 1.0]), np.empty(3)
    rent = trade_idle_compute(links, compute, wanted, 2.0, 0.6, 2.0, 0.05, cash, utilisation, served, paid)
    assert paid == pytest.approx([0.05 * 2.0 / 3.0, 0.05 * 4.0 / 3.0, 0.0], **CLOSE)
    assert rent == pytest.approx(0.1, **CLOSE)
    covers = (9.0 + 2.0 / 3.0) / 10.0, (17.0 + 4.0 / 3.0) / 20.0
    assert served == pytest.approx([1.0, covers[0] ** 2, covers[1] ** 2, 1.0], **CLOSE)
    # What was idle is in use: 20 of 20.
    assert utilisation == pytest.approx([0.6, 0.6, 0.6, 0.6], **CLOSE)
    # A cloud that is short itself has nothing to rent out.
    before = served.copy()
    wanted[0] = 21.0
    assert trade_idle_compute(links, compute, wanted, 2.0, 0.6, 2.0, 0.05, cash, utilisation, served, paid) == 0.0
    assert (served == before).all()


def test_spreads_and_failures_are_those_of_the_array_formulas() -> None:
    rng = np.random.default_rng(11)
    compute, plant, cash, claims, loans, bonds = rng.random((6, N))
    loans *= (rng.random(N) < 0.8) * 2.0
    bonds *= loans > 0.0
    unpaid, spread = rng.random(N) < 0.1, np.empty(N)
    failed = unpaid.copy()
    found = rate_firms((compute, plant, cash, claims), (loans, bonds), 0.4, -0.05, (0.5, 1.0, 0.6, 2.0), failed, spread)
    capital, debt = compute * 0.4 + plant, loans + bonds
    leverage = np.minimum(debt / (capital + cash), 2.0)
    insolvent = (capital + cash + claims - debt < -0.05 * capital) & (debt > 0.0)
    assert (failed == (unpaid | insolvent)).all()
    assert insolvent.sum() > 5
    assert spread == pytest.approx(0.5 + leverage + 2.0 * np.maximum(leverage - 0.6, 0.0) ** 2, **CLOSE)
    assert found == pytest.approx((failed.sum(), debt.sum(), (capital + cash).sum()), **CLOSE)


def test_the_use_of_compute_is_that_of_the_array_formulas() -> None:
    rng = np.random.default_rng(6)
    desired, compute = rng.random(N), 3.0 * rng.random(N)
    programme = 0.5 * compute * rng.random(N)
    use, training, served = np.empty((3, N))
    use_compute((compute, programme), desired, 0.8, 0.7, (0.6, 0.5, 0.9), 0.3, use, training, served)
    cover = (compute - programme) * 0.8 / desired
    expected = np.clip(0.7 / cover, 0.05, FULL_USE)
    tight = expected / 0.7
    own = 0.6 * (1.0 - 0.5 * (tight - 1.0))
    assert use == pytest.approx(expected, rel=1e-11)
    assert training == pytest.approx(np.clip(own + programme / compute * (0.9 - own), 0.0, 1.0), rel=1e-11, abs=1e-15)
    assert served == pytest.approx(np.minimum(np.minimum(cover, 1.0) ** 0.3, cover * (FULL_USE / 0.7)), rel=1e-11)


def test_members_clear_the_stock_and_nobody_sells_short() -> None:
    rng = np.random.default_rng(7)
    wanted, slope = rng.random(N), rng.random(N) * (rng.random(N) < 0.5)
    for stock in (0.2 * wanted.sum(), wanted.sum(), 3.0 * wanted.sum()):
        held = unlimited(wanted, slope).held_at(float(stock))
        assert held.min() >= 0.0
        assert held.sum() == pytest.approx(stock, rel=1e-12)
    # Who does hold something has moved along its slope by the same change of yield as all others.
    after = unlimited(wanted, slope).held_at(float(1.2 * wanted.sum()))
    change = (after - wanted)[slope > 0.0] / slope[slope > 0.0]
    assert change == pytest.approx(np.full(change.size, change[0]), rel=1e-9)


def traders(rng: np.random.Generator) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Some of them at their limits, some ruined."""
    weight = rng.random((2, 60))
    weight /= weight.sum(axis=1, keepdims=True)
    wealth = weight[0] * 50.0 * rng.choice([0.05, 0.2, 1.0], size=60)
    speculative = (weight[0], rng.normal(size=60), 0.5 + rng.random(60), np.ones(60), wealth, 300.0 * weight[0])
    leverage, stops = 2.0 + 6.0 * rng.random(60), 0.002 + 0.02 * rng.random(60)
    carry = (
        weight[1],
        0.5 + rng.random(60),
        1.0 + 0.5 * rng.random(60),
        stops,
        leverage,
        np.zeros(60),
        15.0 * weight[1] / leverage,
        100.0 * weight[1],
    )
    return speculative, carry


class PlainMarket:
    """The currency market as its equations say it, a session at a time and group by group."""

    def __init__(self, p: Parameters, members: tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]) -> None:
        self.p, (self.speculative, self.carry) = p, members
        self.price, self.inventory, self.change = np.log(150.0), 0.0, 0.0
        self.fair = self.price + p.initial_misalignment_pct / 100.0
        self.opinion, self.capital = self.price - self.fair, p.dealer_capital_pct_gdp / 100.0 * 600.0
        self.dealers, self.gdp = self.capital, 600e3 / np.exp(self.fair)
        self.norm = self.volatility = p.fx_long_run_daily_volatility_pct / 100.0
        self.recent, self.interest = [self.price] * 6, np.zeros(2)

    def speculators(self, share: float, distance: float, speed: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Their orders, and who is a fundamentalist with what load."""
        p, (weight, tilt, exposure, leverage, wealth, held) = self.p, self.speculative
        gap = self.price - self.fair
        attitude = p.fx_predisposition + p.fx_herding * (2.0 * share - 1.0) + p.fx_misalignment_weight * gap**2
        limit = weight * p.trader_limit_pct_gdp / 100.0 * self.gdp
        backed = wealth * 1000.0 / np.exp(self.price)
        most = np.where(leverage * backed > p.trader_ruin_share * limit, p.trader_leverage_limit * backed, 0.0)
        wanted = np.clip(weight * exposure * p.trader_value_slope_pct_gdp * self.gdp * distance, -limit, limit)
        after = np.clip(held + speed * (wanted - held), -most, most)
        return after - held, attitude > tilt, weight * exposure

    def carriers(self, appetite: float) -> np.ndarray:
        """Their orders; who is stopped begins to pause."""
        p, (weight, exposure, headroom, stop, leverage, cooldown, wealth, held) = self.p, self.carry
        cooldown[:] = np.maximum(cooldown - 1.0, 0.0)
        risk = self.volatility / self.norm
        backed = np.maximum(wealth, 0.0) * 1000.0 / np.exp(self.price)
        wanted = np.minimum(
            100.0 * weight * np.maximum(0.0, 1.0 + exposure * (appetite - 1.0)),
            backed * leverage * headroom * min(p.carry_limit_ceiling, 1.0 / risk),
        )
        wanted = np.minimum(wanted, backed / p.carry_margin_share)
        closed = backed < 0.5 * p.carry_margin_share * held
        stopped = (self.recent[0] - self.price > stop) & (cooldown == 0.0) & (held > 0.0) & ~closed
        moving = ~stopped & ~closed & ((cooldown == 0.0) | (wanted < held))
        order = np.where(stopped, -0.5 * held, np.where(moving, p.carry_adjustment_daily * (wanted - held), 0.0))
        order[closed] = -held[closed]
        cooldown[stopped | closed] = p.carry_pause_days
        return order

    def session(self, flow: float, news: np.ndarray, share: float, appetite: float, gap_pct: float) -> float:
        """Trade; returns fundamentalists' share."""
        p, distance = self.p, self.fair + self.opinion - self.price
        required = p.dealer_impact_pct_per_pct_gdp / self.gdp
        required *= 1.0 + min(1.0, abs(self.inventory) / (p.dealer_capacity_pct_gdp / 100.0 * self.gdp)) ** 2
        risk = required / max(0.5, self.dealers / self.capital)
        # Speculators go no faster than the quote can follow to what they believe, after what dealers lean.
        leaned = min(1.0, risk / required * p.trader_adjustment_daily)
        deep = (1.0 - leaned) / (risk * p.trader_value_slope_pct_gdp * self.gdp)
        ordered, fundamental, load = self.speculators(share, distance, min(p.trader_adjustment_daily, deep))
        carried = self.carriers(appetite)
        # Brokers let no more be traded than moves the quote by the margin.
        wanted, room = ordered.sum() + carried.sum(), 1.0 / (p.trader_leverage_limit * risk)
        if abs(wanted) > room:
            ordered, carried = ordered * room / abs(wanted), carried * room / abs(wanted)
        surprise = p.fx_trader_impact * (
            load[fundamental].sum() * (p.fx_fundamentalist_noise * news[0] - p.fx_fundamentalist_pull * self.opinion)
            + load[~fundamental].sum() * (p.fx_chartist_noise * news[1] + p.fx_chartist_extrapolation * self.change)
        )
        lean = p.trader_adjustment_daily * (distance / required - self.inventory)
        bought = flow + ordered.sum() + carried.sum()
        now = self.price + surprise + risk * (bought + lean)
        self.opinion += surprise
        self.inventory -= bought
        old, new = np.exp(self.price), np.exp(now)
        interest = gap_pct / 100.0 / 252.0 * old
        for place, (columns, order) in enumerate(((self.speculative, ordered), (self.carry, carried))):
            columns[-1][:] += order
            columns[-2][:] += (columns[-1] * (new - old + interest) - 0.5 * order * (new - old)) / 1000.0
            self.interest[place] += columns[-1].sum() * interest / 1000.0
        self.dealers += self.inventory * (new - old + interest) / 1000.0
        self.change, self.price = now - self.price, now
        keep = 0.5 ** (1.0 / p.fx_volatility_half_life_days)
        self.volatility = np.sqrt(keep * self.volatility**2 + (1.0 - keep) * self.change**2)
        self.recent = [*self.recent[1:], now]
        return float(self.speculative[0][fundamental].sum())


@pytest.mark.parametrize("orders", [{}, {0: -20.0}, {3: -20.0, 4: -20.0, 5: 10.0, 20: 5.0}])
def test_a_month_of_currency_is_its_sessions_one_by_one(orders: dict[int, float]) -> None:
    """With the ministry's orders known only when their session begins."""
    p, rng = Parameters(), np.random.default_rng(8)
    yen, dollars, news = (
        0.02 * rng.normal(size=len(CLIENTS)),
        rng.normal(size=(len(CLIENTS), 21)),
        rng.normal(size=(21, 2)),
    )
    ministry = CLIENTS.index("intervention")
    yen[ministry] = 0.0
    market = ForeignExchangeMarket(150.0, 100.0, 600.0, p, noise_off=False)
    plain, share = PlainMarket(p, traders(np.random.default_rng(9))), market.fundamentalist_share
    seen, prices, clients, paid = [], [], np.zeros(len(CLIENTS)), 0.0
    for session in range(21):
        before = np.exp(plain.price)
        flows = yen * 1000.0 / before + dollars[:, session]
        flows[ministry] += orders.get(session, 0.0)
        clients += flows
        share = plain.session(flows.sum(), news[session], share, 1.1, 3.0)
        paid += flows[ministry] * 0.5 * (before + np.exp(plain.price)) / 1000.0
        prices.append(plain.price)

    def intervene(log_price: float, bought: float) -> float:
        seen.append((log_price, bought))
        return orders.get(len(seen) - 1, 0.0)

    speculators, carry_traders = traders(np.random.default_rng(9))
    terms = CurrencyTerms(1.1, 3.0, 600.0)
    month = market.trade_month(yen, dollars, speculators, carry_traders, terms, news, intervene)
    assert np.log(month.usdjpy) == pytest.approx(prices, rel=1e-12)
    assert [log_price for log_price, _ in seen] == pytest.approx([np.log(150.0), *prices[:-1]], rel=1e-12)
    assert month.intervention_bn_usd == pytest.approx(clients[ministry], rel=1e-12)
    assert month.intervention_yen_trn == pytest.approx(paid, rel=1e-11)
    for mine, its in zip((*speculators, *carry_traders), (*plain.speculative, *plain.carry), strict=True):
        assert mine == pytest.approx(its, rel=1e-10, abs=1e-12)
    assert (market.inventory_bn_usd, market.opinion) == pytest.approx((plain.inventory, plain.opinion), rel=1e-10)
    assert market.dealer_wealth_trn_yen == pytest.approx(plain.dealers, rel=1e-12)
    assert (month.trader_interest_trn, month.carry_interest_trn) == pytest.approx(tuple(plain.interest), rel=1e-10)
    assert (market.volatility, market.recent) == (pytest.approx(plain.volatility), pytest.approx(plain.recent))
    assert market.client_bn_usd == pytest.approx(clients.sum(), rel=1e-12)
    assert sum(market.parts.values()) == pytest.approx(plain.price - np.log(150.0), rel=1e-9)


def test_traders_wealth_bounds_their_positions_for_sixty_years() -> None:
    """With a client who buys and sells a tenth of output in turn, over ten years each, and news of usual size."""
    p, (speculative, carry), rng = Parameters(), traders(np.random.default_rng(9)), np.random.default_rng(4)
    speculative[4][:], speculative[5][:] = 48.0 * speculative[0], 0.0
    market = ForeignExchangeMarket(150.0, 100.0, 600.0, p, noise_off=False)
    yen, dollars, terms = np.zeros(len(CLIENTS)), np.zeros((len(CLIENTS), 1)), CurrencyTerms(1.0, 2.0, 600.0)
    positions, rates = [], []
    for session in range(720 * 21):
        most = p.trader_leverage_limit * np.maximum(0.0, speculative[4]) * 1000.0 / market.usdjpy
        dollars[0] = 400.0 / 2520.0 if session // 2520 % 2 == 0 else -400.0 / 2520.0
        market.trade_month(yen, dollars, speculative, carry, terms, rng.normal(size=(1, 2)), None)
        assert np.all(np.abs(speculative[5]) <= most * (1.0 + 1e-12))
        if session % 21 == 20:
            committed = [(columns[0], columns[place], columns[-2]) for columns, place in ((speculative, 3), (carry, 4))]
            market.renew_capital(*committed, 600.0)
            positions.append(speculative[5].sum())
            rates.append(market.usdjpy)
    assert -320.0 < min(positions) < -100.0
    assert 60.0 < min(rates) < max(rates) < 400.0


def test_the_worst_residual_is_found_and_no_number_is_worse_than_any() -> None:
    gross = np.array([1.0, 2.0, 4.0])
    assert worst_residual(np.array([1e-9, -8e-9, 8e-9]), gross) == (1, pytest.approx(4e-9))
    assert worst_residual(np.zeros(3), np.zeros(3)) == (0, 0.0)
    place, size = worst_residual(np.array([1.0, np.nan, 5.0]), gross)
    assert place == 1
    assert np.isnan(size)
    left, right = np.zeros((3, 2)), np.zeros((3, 2))
    right[2, 1], right[0, 0] = 4e-9, 1.0
    assert worst_gap(left, right, np.array([0]), gross) == (2, 1, pytest.approx(1e-9))


def test_months_before_the_start_are_months_of_the_equity_market_one_after_the_other() -> None:
    rng, p = np.random.default_rng(3), Parameters()
    speculators = (rng.random(20), rng.normal(size=20), rng.random(20))
    world, news = rng.normal(size=(4, 21)), rng.normal(size=(2, 4, 21))
    together, apart = EquityMarket(p), EquityMarket(p)
    returns, states = together.trade_the_past(speculators, world, news)
    for month in range(4):
        own = np.column_stack((news[0, month], news[1, month]))
        assert np.array_equal(returns[month], apart.trade_month(speculators, world[month], own, 0.0)[1])
        gap = apart.log_price - apart.fundamental
        assert states[month].tolist() == [gap, apart.last_change, apart.fundamentalist_share]
    assert together.log_price == apart.log_price


def plain_hedging(
    threshold: np.ndarray, budget: np.ndarray, own: np.ndarray, book: np.ndarray, rates: tuple[float, ...], risk: float
) -> tuple[np.ndarray, np.ndarray]:
    """Books after a session and dollars hedged, as the text says it: the rate at which limit orders clear by bisection.

    ``rates`` are the log price before, the quote, the usual part and the part that is delivered.
    """
    price, quote, usual, delivered = rates
    sign, rest = np.array([[1.0], [-1.0]]), (1.0 - delivered) * book
    waits = sign * (price - budget[:, None]) <= -threshold
    new = np.where(waits, 0.0, np.maximum(0.0, usual * own[:, None] - rest))
    after = rest + new
    quote += risk * float((sign * (book - after)).sum())
    room = np.maximum(0.0, own[:, None] - after)
    trigger = budget[:, None] + sign * threshold

    def clears(rate: float) -> float:
        return quote - risk * float((sign * room * (sign * (rate - trigger) > 0.0)).sum()) - rate

    low, high = quote - risk * room.sum() - 1.0, quote + risk * room.sum() + 1.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if clears(middle) > 0.0 else (low, middle)
    filled = room * (sign * (low - trigger) > 1e-9)
    marginal = np.abs(low - trigger) <= 1e-9
    left = (quote - low) / risk - float((sign * filled).sum())
    filled[marginal] = np.abs(left)
    return after + filled, (new + filled).sum(axis=1)


@pytest.mark.parametrize("quote", [-0.6, -0.2, 0.0, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("price", [-0.25, 0.0, 0.15])
def test_limit_orders_of_treasurers_fill_up_to_the_rate_that_clears_them(price: float, quote: float) -> None:
    rng = np.random.default_rng(12)
    threshold, budget = np.sort(0.05 + 0.25 * rng.random((2, 40)), axis=1), np.array([-0.04, -0.02])
    own, book = np.array([5.0, 7.0]), 6.0 * rng.random((2, 40))
    expected, dollars = plain_hedging(threshold, budget, own, book, (price, quote, 0.5, 0.01), 0.001)
    moved, hedged = book.copy(), np.empty(2)
    flow = treasurer_orders(threshold, budget, own, moved, price, quote, 0.001, 0.5, 0.01, hedged)
    assert moved == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert hedged == pytest.approx(dollars, rel=1e-9, abs=1e-9)
    assert flow == pytest.approx((moved - book)[1].sum() - (moved - book)[0].sum(), rel=1e-9, abs=1e-12)
