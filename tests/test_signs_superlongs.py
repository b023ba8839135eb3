"""Super-long bonds: who holds them, who may not, and what a bad auction makes authorities do, worked out by hand."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.bond_arbitrage import ArbitrageFunds, most_superlong_trn_yen
from itcho.agents.bond_demand import MemberDemand, unlimited
from itcho.agents.debt_office import DebtOffice
from itcho.agents.frozen import FrozenArbitrage, FrozenDebtOffice
from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION, TYPE_PARTIES
from itcho.agents.treasurers import EXPORTERS, IMPORTERS, Treasurers
from itcho.agents.vocabulary import JGB_BUCKETS
from itcho.model.ablation import FrozenSuperlongs
from itcho.model.economy import JapanEconomy
from itcho.model.finance.jgb_ladder import IssuanceProfile
from itcho.model.finance.superlongs import BondsToHold, SuperlongMarket
from itcho.model.public.treasury import SUPERLONG_BUCKETS
from tests.hand_ledger import HandLedger, given

NEVER = 1e9
P = given(
    bond_arbitrage_capital_trn_yen=0.4 / 3.0,
    bond_arbitrage_leverage_low=10.0,
    bond_arbitrage_leverage_high=10.0,
    bond_arbitrage_response_per_pp=2.0,
    superlong_duration_years=15.0,
    jgb_duration_years=8.0,
    mandate_half_life_years=NEVER,
    premium_loading_30y=1.5,
    limit_beyond_response_share=0.0,
    auction_tail_answered_bp=5.0,
    superlong_issuance_cut_share=0.12,
)
ROWS = {HOUSEHOLD: (0, 1), INSURER_PENSION: (1, 3), BANK: (3, 4), FUND: (4, 5), FOREIGN: (5, 6)}
HELD = np.array([4.0, 10.0, 10.0, 10.0, 4.0, 2.0])
"""Bonds of a household, a pension fund, an insurer, a bank, a fund and a holder abroad."""
MOVED = np.array([4.0, 10.0, 6.0, 14.0, 4.0, 2.0])
"""Four of the insurer's bonds are the bank's."""
STOCK = BondsToHold(superlong=12.0, in_all=40.0, income=1.0)


def market(**changed: float) -> SuperlongMarket:
    """A market in whose opening books insurers and pensions have 8 of 12 super-longs and banks one."""
    owned = {
        HOUSEHOLD: (1.0, 4.0),
        INSURER_PENSION: (8.0, 20.0),
        BANK: (1.0, 10.0),
        FUND: (1.0, 4.0),
        FOREIGN: (1.0, 2.0),
    }
    books = {}
    for kind, (long, bonds) in owned.items():
        books[JGB_BUCKETS[0], TYPE_PARTIES[kind]], books[JGB_BUCKETS[4], TYPE_PARTIES[kind]] = bonds - long, long
    columns = {
        "weight": np.array([1.0, 0.5, 0.5, 1.0, 1.0, 1.0]),
        "mandate": np.array([0, 1, 0, 0, 0, 0]),
        "strictness": np.full(6, 0.5),
    }
    portfolios: Any = given(investors=given(arrays=columns), rows={kind: slice(*rows) for kind, rows in ROWS.items()})
    return SuperlongMarket(portfolios, HandLedger(books), given(**vars(P) | changed))  # type: ignore[arg-type]


def wanting(most_of_bank: float = math.inf) -> MemberDemand:
    """Demand for bonds: the pension fund and the insurer want 2 more for a point, the bank 4."""
    free = unlimited(HELD, np.array([0.0, 2.0, 2.0, 4.0, 0.0, 0.0]))
    most = np.full(6, math.inf)
    most[3] = most_of_bank
    return free._replace(most=most)


def test_the_opening_books_say_whose_habitat_super_longs_are() -> None:
    # Three tenths of the market; insurers and pensions have four tenths, pension funds as the market.
    its = market()
    assert its.tilt == pytest.approx([2.5 / 3.0, 1.0, 5.0 / 3.0, 1.0 / 3.0, 2.5 / 3.0, 5.0 / 3.0])
    assert its.clear(wanting(), HELD, STOCK) == pytest.approx([1.0, 3.0, 5.0, 1.0, 1.0, 1.0])
    assert its.gap_pp == pytest.approx(0.0)


def test_bonds_that_move_from_an_insurer_to_a_bank_leave_super_longs_to_be_paid_for() -> None:
    its = market()
    its.clear(wanting(), HELD, STOCK)
    # The insurer wants 3 of 6 and the bank 1.4 of 14: 1.6 are left.  For a point on super-longs alone they want 0.5 x 2
    # and 0.1 x 4 and the pension fund 0.3 x 2 over 1.5, and the fund abroad 2 of its capital: 1.6 in all.
    found = its.clear(wanting(), MOVED, STOCK)
    assert its.gap_pp == pytest.approx(1.0)
    fund = 0.8 / 3.0
    assert found == pytest.approx([1.0, 3.4, 3.0 + 2.0 / 3.0, 1.4 + fund, 1.0, 1.0 + fund])
    assert float(found.sum()) == pytest.approx(12.0, rel=1e-12)
    # 15% of what it holds is gone, and nobody was limited.
    assert its.funds.lost == pytest.approx([0.15 * fund])
    assert its.tail_bp == pytest.approx(0.0, abs=1e-9)
    # Holders get used to who has the bonds: half of what made the gap is gone after the half-life of a month.
    its = market(mandate_half_life_years=1.0 / 12.0, bond_arbitrage_capital_trn_yen=0.0)
    its.clear(wanting(), HELD, STOCK)
    its.clear(wanting(), MOVED, STOCK)
    # The tilt is 104 / 120 and was 1; holders want 10.4 over their mean, and more for a gap by as much.
    usual = 0.5 * (1.0 + 104.0 / 120.0)
    assert its.gap_pp == pytest.approx((12.0 - 10.4 / usual) / (4.0 / 3.0 / usual))


def test_a_bank_at_its_limit_makes_the_auction_tail() -> None:
    its = market(bond_arbitrage_capital_trn_yen=0.0)
    its.clear(wanting(), HELD, STOCK)
    # With 14 bonds where 14 are the most a bank may hold a tenth of super-longs: 1.6 over 1.0667 is 1.5, 0.3 more.
    found = its.clear(wanting(most_of_bank=14.0), MOVED, STOCK)
    assert its.gap_pp == pytest.approx(1.5)
    assert its.tail_bp == pytest.approx(30.0)
    assert found[3] == pytest.approx(1.4)
    reading = next(one for one in its.readings() if one.limit == "bank_superlongs")
    assert (reading.bound_share, reading.withheld_trn_yen) == pytest.approx((1.0, 0.4))
    # The same again is no tail: the market stands there already.
    its.clear(wanting(most_of_bank=14.0), MOVED, STOCK)
    assert its.tail_bp == pytest.approx(0.0, abs=1e-9)


def test_an_auction_has_no_tail_where_limits_make_super_longs_dearer() -> None:
    its = market(bond_arbitrage_capital_trn_yen=0.0)
    least = np.zeros(6)
    # The insurer wants 3 of its 6 and may sell none of 5: the others hold 7 for what would be 1.6 over their 1.0667.
    least[2] = 10.0
    its.clear(wanting()._replace(least=least), HELD, STOCK)
    its.clear(wanting()._replace(least=least), MOVED, STOCK)
    free = 1.6 / (1.6 / 1.5)
    assert its.gap_pp < free
    assert its.tail_bp == 0.0
    # Less of the same is no tail either, however far the gap comes back.
    its.clear(wanting()._replace(least=0.9 * least), MOVED, STOCK)
    assert its.gap_pp < free
    assert its.tail_bp == 0.0


def test_who_cannot_sell_keeps_what_it_has_and_asks_for_no_more() -> None:
    its = market(bond_arbitrage_capital_trn_yen=0.0)
    least = np.zeros(6)
    least[2] = 10.0
    its.clear(wanting()._replace(least=least), HELD, STOCK)
    # Of 12 super-longs 6 are left, and of the insurer's 5 half: a market of half as many clears as it did.
    half = STOCK._replace(superlong=6.0)
    found = its.clear(wanting()._replace(least=least), HELD, half)
    assert found == pytest.approx([0.5, 1.5, 2.5, 0.5, 0.5, 0.5])
    # Where it is held to more than there is, it is held to what time has left of its own: 2.5 x 4 / 6.
    its.clear(wanting()._replace(least=5.0 * least), HELD, half._replace(superlong=4.0))
    assert its._cleared is not None
    assert its._cleared[0].least[2] == pytest.approx(2.5 * 4.0 / 6.0)


def test_super_longs_beyond_the_usual_mix_have_to_be_paid_for_and_fewer_are_a_relief() -> None:
    its = market(bond_arbitrage_capital_trn_yen=0.0)
    its.take_supply(1.2)
    # The mix that holders want is 10.8 of 40, by which demand is smaller as well: 1.2 over 0.9 of 4 / 3 x 10.8 / 12.
    its.clear(wanting(), HELD, STOCK)
    slope = 0.27 * (2.0 + 2.0 * 5.0 / 3.0 + 4.0 / 3.0) / 1.5
    assert its.gap_pp == pytest.approx(1.2 / slope)
    its.take_supply(-2.4)
    its.clear(wanting(), HELD, STOCK)
    assert its.gap_pp < -0.7


def test_nobody_holds_more_super_longs_than_bonds() -> None:
    its = market(bond_arbitrage_capital_trn_yen=0.0)
    # 0.6 of bonds are super-longs, of which the insurer's and the foreigner's tilt of 5/3 asks for all; 30 of 40 are.
    found = its.clear(wanting()._replace(most=np.full(6, 99.0)), HELD, STOCK._replace(superlong=30.0))
    assert float(found.sum()) == pytest.approx(30.0, rel=1e-12)
    assert (found <= HELD + 1e-12).all()
    assert found[2] == pytest.approx(10.0)


def test_a_funds_capital_is_what_it_has_not_lost_and_comes_back() -> None:
    changed = {"bond_arbitrage_capital_trn_yen": 2.0, "mandate_half_life_years": 1.0 / 12.0}
    leverage = {"bond_arbitrage_leverage_low": 5.0, "bond_arbitrage_leverage_high": 20.0}
    its = ArbitrageFunds(np.array([0.25, 0.75]), np.array([0.0, 1.0]), given(**vars(P) | changed | leverage))
    assert its.leverage == pytest.approx([20.0, 5.0])
    assert its.capital(1.1) == pytest.approx([0.55, 1.65])
    # A tenth of a point on 15 years is 1.5% of 10; who is short gains, and a gain is paid out.
    its.bear(np.array([10.0, -10.0]), 0.1)
    assert its.capital(1.0) == pytest.approx([0.5 - 0.15, 1.5])
    its.bear(np.zeros(2), 0.1)
    assert its.capital(1.0) == pytest.approx([0.5 - 0.075, 1.5])
    its.bear(np.array([100.0, 0.0]), 1.0)
    assert its.capital(1.0) == pytest.approx([0.0, 1.5])


def test_what_the_bank_takes_in_the_markets_mix_leaves_holders_of_super_longs_short_of_them() -> None:
    # Under a cap the central bank has taken all ten bonds of a bank, which had one super-long, and three super-longs.
    its = market(bond_arbitrage_capital_trn_yen=0.0)
    its.clear(wanting(), HELD, STOCK)
    left, sold = HELD.copy(), STOCK._replace(superlong=9.0, in_all=30.0)
    left[3] = 0.0
    its.clear(wanting(), left, sold)
    # The others want 11 as before and have 9; the pension fund gives up 0.4 for a point, the insurer 2/3.
    assert its.gap_pp == pytest.approx(-2.0 / (0.4 + 2.0 / 3.0))
    # When the bank is back, so is the gap.
    its.clear(wanting(), HELD, STOCK)
    assert its.gap_pp == pytest.approx(0.0, abs=1e-9)


def test_frozen_funds_between_maturities_leave_the_gap_to_the_others() -> None:
    its = market()
    its.funds.__class__ = FrozenArbitrage
    its.clear(wanting(), HELD, STOCK)
    its.clear(wanting(), MOVED, STOCK)
    # As above, without the 2 of capital for a point: 1.6 over 1.3333.
    assert its.gap_pp == pytest.approx(1.2)
    assert its.funds.lost.tolist() == [0.0]


def test_frozen_holders_do_not_get_used_to_who_has_bonds_and_alike_ones_have_no_habitat() -> None:
    its = market(mandate_half_life_years=1.0 / 12.0, bond_arbitrage_capital_trn_yen=0.0)
    its.__class__ = FrozenSuperlongs
    its.clear(wanting(), HELD, STOCK)
    for _ in range(2):
        its.clear(wanting(), MOVED, STOCK)
        # They want 10.4 of 12 for good, and 4/3 more for a point.
        assert its.gap_pp == pytest.approx(1.6 / (4.0 / 3.0))
    its = market()
    its.make_habitats_alike()
    its.clear(wanting(), HELD, STOCK)
    its.clear(wanting(), MOVED, STOCK)
    assert its.gap_pp == pytest.approx(0.0, abs=1e-12)


def test_funds_made_alike_reach_as_far_together() -> None:
    p = given(**vars(P) | {"bond_arbitrage_leverage_low": 4.0, "bond_arbitrage_leverage_high": 16.0})
    funds = ArbitrageFunds(np.array([0.75, 0.25]), np.array([1.0, 0.0]), p)
    assert funds.leverage == pytest.approx([4.0, 16.0])
    funds.make_alike()
    assert funds.leverage == pytest.approx([7.0, 7.0])


def test_a_frozen_debt_office_hears_of_a_tail_and_cuts_nothing() -> None:
    office = FrozenDebtOffice(P)
    office.hear(9.0)
    assert (office.tail_bp, office.cut_share, office.auction_failed) == (9.0, 0.0, True)


def test_who_has_room_in_its_limit_may_hold_longer_bonds() -> None:
    # Of the 20 allowed a tenth may be super-longs; 5 bonds fewer leave half as many super-longs more, 2 more take one.
    room = most_superlong_trn_yen(np.array([20.0, 15.0, 22.0, 99.0]), np.full(4, 20.0), np.full(4, 0.1), 0.5)
    assert room == pytest.approx([2.0, 4.5, 1.0, 0.0])


def test_the_debt_office_cuts_super_longs_after_a_tail_and_goes_back_over_a_year() -> None:
    office = DebtOffice(P)
    office.hear(4.9)
    assert (office.cut_share, office.auction_failed) == (0.0, False)
    office.hear(5.0)
    assert (office.cut_share, office.auction_failed) == (0.12, True)
    office.hear(0.0)
    assert (office.cut_share, office.auction_failed) == (pytest.approx(0.11), False)
    for _ in range(99):
        office.hear(9.0)
    assert office.cut_share == 1.0


def test_a_shortened_profile_issues_in_short_bonds_what_it_leaves_out_of_super_longs() -> None:
    usual = IssuanceProfile(np.array([24, 60, 120, 240, 360]), np.array([0.3, 0.1, 0.3, 0.2, 0.1]))
    assert usual.superlong_share == pytest.approx(0.3)
    cut = usual.shortened(0.4)
    assert cut.shares == pytest.approx([0.39, 0.13, 0.3, 0.12, 0.06])
    assert cut.superlong_share == pytest.approx(0.18)


def test_a_treasurer_waits_where_the_rate_is_worse_than_budgeted_by_its_threshold() -> None:
    p = given(
        treasurer_threshold_low=0.02,
        treasurer_threshold_high=0.06,
        exporter_budget_discount_pct=0.0,
        importer_budget_discount_pct=0.0,
        treasurer_hedged_share=0.5,
    )
    its = Treasurers(150.0, np.array([[0.0, 1.0], [0.0, 1.0]]), p)
    its.own_bn_usd[:] = 20.0
    its.book_bn_usd[:] = [[4.0, 4.0], [12.0, 4.0]]
    # Three percent under the budget rate: the exporter with a threshold of two waits and lacks 6 of its usual 10.
    slack, withheld = its.waiting(math.log(150.0) - 0.03)
    assert slack == pytest.approx(np.array([[-0.5, 0.5], [1.0, 1.0]]))
    assert withheld[EXPORTERS] == pytest.approx([6.0, 0.0])
    assert not withheld[IMPORTERS].any()
    reading = its.reading(math.log(150.0) - 0.03)
    assert (reading.bound_share, reading.slack) == pytest.approx((0.25, 0.5))
    assert reading.withheld_trn_yen == pytest.approx(6.0 * 0.15 * math.exp(-0.03))
    # Above it importers wait; the first has hedged more than usual.
    _, withheld = its.waiting(math.log(150.0) + 0.07)
    assert not withheld[EXPORTERS].any()
    assert withheld[IMPORTERS] == pytest.approx([0.0, 6.0])


def test_the_ledger_holds_what_cleared_and_a_run_off_taken_by_banks_widens_the_gap() -> None:
    economy = JapanEconomy(policy="none", rng=1, years=3, noise=False, investors=300)
    for _ in range(24):
        economy.step()
    its, ledger = economy.world.superlongs, economy.ledger
    assert economy.outcomes["superlong_gap_bp"] == 100.0 * its.gap_pp > 5.0
    banks = sum(ledger.position(bucket, "banks") for bucket in SUPERLONG_BUCKETS)
    insurers = sum(ledger.position(bucket, "insurers_and_pensions") for bucket in SUPERLONG_BUCKETS)
    of_banks = banks / sum(ledger.position(bucket, "banks") for bucket in JGB_BUCKETS)
    of_insurers = insurers / sum(ledger.position(bucket, "insurers_and_pensions") for bucket in JGB_BUCKETS)
    assert of_banks < 0.2 < 0.3 < of_insurers
    assert ledger.max_relative_residual < 1e-9


FIVE_YEARS = 60


def _share_of_superlongs(economy: JapanEconomy) -> float:
    """Part of bonds on the market that is super-long."""
    bonds, superlongs = economy.world.treasury.on_the_market_trn_yen(economy.ledger)
    return superlongs / bonds


def cost_bp(economy: JapanEconomy, share_of_gdp: float, *, alike: bool) -> float:
    """What a lasting deficit of a share of GDP takes from the price of a bond of the market's mix, in basis points of
    10-year yields; with the same limits in all, alike for all members.
    """
    world, p = economy.world, economy.parameters
    limits, found = world.holder_limits, []
    demand, premium = limits.cleared
    held = demand.at(premium)
    stock, mix = float(held.sum()), _share_of_superlongs(economy)
    if alike:
        most, least = demand.most.copy(), demand.least.copy()
        for rows in (limits._rows_of_banks, limits._insurers, limits._pensions):
            part = demand.wanted[rows] / demand.wanted[rows].sum()
            most[rows], least[rows] = part * demand.most[rows].sum(), part * demand.least[rows].sum()
        demand = demand._replace(most=most, least=least)
    lost, before = p.jgb_duration_years / 100.0 * stock, demand.premium_pp(stock)
    for bonds in (0.0, share_of_gdp * 3.5 * economy.state.nominal_gdp_four_quarters):
        market = copy.deepcopy(world.superlongs)
        if alike:
            capital = market.funds.capital(1.0)
            market.funds.leverage[:] = (market.funds.leverage * capital).sum() / capital.sum()
        premium = demand.premium_pp(stock + bonds + lost * before, lost)
        held = demand.at(premium)
        in_all = float(held.sum())
        market.clear(demand, held, BondsToHold(mix * in_all, in_all, 1.0))
        found.append(p.jgb_duration_years * premium + mix * p.superlong_duration_years * market.gap_pp)
    return 100.0 * (found[1] - found[0]) / p.jgb_duration_years


def test_a_flood_of_bonds_is_a_fifth_dearer_per_bond_with_unequal_limits_once_these_are_used() -> None:
    economy = JapanEconomy(policy="none", rng=1, years=6, noise=False, investors=2000)
    economy.step()
    # At the start limits are far away: a flood fills them all, and then their spread matters less.
    opening = cost_bp(economy, 0.1, alike=False) / cost_bp(economy, 0.1, alike=True)
    assert 1.05 < opening < 1.2
    assert 5.0 < cost_bp(economy, 0.01, alike=False) < 26.0
    for _ in range(FIVE_YEARS - 1):
        economy.step()
    assert 5.0 < cost_bp(economy, 0.01, alike=False) < 26.0
    assert cost_bp(economy, 0.1, alike=False) > 1.2 * cost_bp(economy, 0.1, alike=True)
