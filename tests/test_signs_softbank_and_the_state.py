"""SoftBank's rescue, its creditors, and what it believes of the state, with numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.creditors import WriteOff, uncovered_by_assets_trn_yen, write_off_unsecured
from itcho.agents.government import Budget, Government
from itcho.agents.investors import FUND, HOUSEHOLD
from itcho.agents.named_importers import NAMED_IMPORTERS
from itcho.agents.rules.fiscal import NoFiscalRule
from itcho.agents.rules.intervention import NoIntervention
from itcho.agents.rules.rescue import RescueAsBelieved
from itcho.agents.rules.subsidy import EQUITY, NoSubsidy, Payment, Support
from itcho.agents.rules.trade import StatusQuo
from itcho.agents.softbank import GroupPosition, SoftBankGroup
from itcho.agents.softbank_holders import SoftBankOrders
from itcho.agents.vocabulary import (
    DEPOSITS,
    GOVERNMENT,
    HOUSEHOLDS,
    INVESTMENT_FUNDS,
    JAPANESE_EQUITY,
    SOFTBANK_EQUITY,
    SOFTBANK_GROUP,
)
from itcho.model import monthly_steps
from itcho.model.public.rescue import SUPPORTED_ROWS, consider_rescue, judge_backing
from tests.hand_ledger import HandLedger, given
from tests.hand_softbank import DEBTS, LINKS, P, accounts, group, position


class Draws:
    """Streams that draw one number."""

    def __init__(self, drawn: float, noise_off: bool = False) -> None:
        self.drawn, self.noise_off, self.asked = drawn, noise_off, []

    def generator(self, name: str, month: int) -> Any:
        self.asked.append((name, month))
        return given(random=lambda: self.drawn)


def distressed(
    belief: float = 0.5,
    drawn: float = 0.1,
    spent: float = 0.2,
    noise_off: bool = False,
    its: GroupPosition | None = None,
) -> Any:
    issued: list[tuple[float, float]] = []
    rules = NoSubsidy(), NoFiscalRule(), NoIntervention(), StatusQuo(), RescueAsBelieved()
    government = Government(mesa.Model(), *rules, Budget(38.0, 20.0, 8.0, 28.0, 6.0, 17.0, 9.0), 50.0)
    government.memory.programme_spent_trn_yen = spent
    return given(
        parameters=P,
        softbank_group=group(belief),
        softbank_accounts=given(position=its or DEEP, links=LINKS),
        government=government,
        streams=Draws(drawn, noise_off),
        month=9,
        ledger=HandLedger(),
        softbank_shares=given(issue=lambda raised, value: issued.append((raised, value)), issued=issued),
    )


DEEP = position(bonds=10.0, loans=3.0)  # Net debt 10 on holdings of 20: 50%.


def test_the_state_buys_shares_for_what_brings_loan_to_value_back_to_the_limit() -> None:
    economy = distressed()
    # 10 less 35% of 20.
    assert consider_rescue(economy) == pytest.approx(3.0)
    assert economy.ledger.traded(GOVERNMENT, SOFTBANK_GROUP, SOFTBANK_EQUITY) == pytest.approx(3.0)
    assert economy.softbank_shares.issued == [(pytest.approx(3.0), pytest.approx(10.0))]
    assert economy.government.memory.bail_outs == 1
    assert economy.streams.asked == [("bail-out", 9)]
    # Once for each spell.
    assert consider_rescue(economy) == 0.0
    economy.softbank_accounts.position = position()
    assert consider_rescue(economy) == 0.0
    economy.softbank_accounts.position = DEEP
    assert consider_rescue(economy) == pytest.approx(3.0)
    assert economy.government.memory.bail_outs == 2


@pytest.mark.parametrize(
    ("belief", "drawn", "spent", "rescued"),
    [
        (0.5, 0.19, 0.2, True),  # A chance of 0.5 x 0.4.
        (0.5, 0.21, 0.2, False),
        (1.0, 0.39, 0.2, True),
        (1.0, 0.41, 0.2, False),
        (0.5, 0.2, 0.2, False),  # Below the chance, not at it.
        (1.0, 0.0, 0.0, False),  # No stake in it.
    ],
)
def test_the_chance_of_rescue_is_belief_times_what_reaches_the_group(
    belief: float, drawn: float, spent: float, rescued: bool
) -> None:
    assert (consider_rescue(distressed(belief, drawn, spent)) > 0.0) is rescued


def test_without_shocks_the_state_does_what_is_more_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    assert consider_rescue(distressed(1.0, noise_off=True)) == 0.0
    monkeypatch.setattr(P, "softbank_backing_to_group_share", 0.6)
    assert consider_rescue(distressed(1.0, noise_off=True)) == pytest.approx(3.0)


def test_a_group_at_the_limit_needs_no_rescue() -> None:
    at_limit = position(bonds=7.0, loans=3.0)
    assert at_limit.ltv_pct == 35.0
    assert consider_rescue(distressed(1.0, its=at_limit)) == 0.0


def test_the_month_of_the_group_pays_restructures_plans_and_counts_its_dollars() -> None:
    ledger = HandLedger(DEBTS | {(DEPOSITS, SOFTBANK_GROUP): 1.0, (JAPANESE_EQUITY, SOFTBANK_GROUP): 4.0})
    economy = distressed(0.0)
    its = economy.softbank_group
    its.listed, its.unlisted_mark, its.unlisted_true, its.asset_backed = 20.0, 15.0, 15.0, 1.5
    rates = []
    books = accounts(ledger, its)
    real = books.pay_interest
    books.pay_interest = lambda ledger, group, moved: rates.append(moved) or real(ledger, group, moved)  # type: ignore[method-assign]
    economy.ledger, economy.softbank_accounts = ledger, books
    economy.state = given(policy_rate_pct=1.25, usdjpy=150.0)
    economy.incomes = given(policy_rate_start_pct=0.75)
    economy.clock = given(month=9, is_fiscal_year_start=False, is_fiscal_year_end=False)
    its.commitments_bn_usd = {9: 4.0}
    # No company is on offer this month.
    economy.streams.uniforms = lambda name, month, shape: np.ones(shape)
    economy.softbank_shares = given(index=0.7, risk_ratio=1.5, discount_pct=20.0)
    traded = SoftBankOrders({HOUSEHOLD: 0.3, FUND: -0.3}, 4.0)
    economy.softbank_holders = given(decide=lambda *seen: traded if seen == (0.7, 1.5, 20.0) else None)
    month = monthly_steps.decide_softbank(economy, Support())
    assert month.holders is traded
    # Who sells comes first.
    shares = [each[1:5:3] for each in ledger.posted if each[3] == SOFTBANK_EQUITY]
    assert shares == [(INVESTMENT_FUNDS, -0.3), (HOUSEHOLDS, 0.3)]
    assert rates == [0.5]
    abroad = (0.25 * 0.035 * 6.0 + 0.25 * 0.045 * 8.0) / 12.0
    plan = month.plan
    assert plan.commitment == pytest.approx(0.6)
    bought = plan.commitment + plan.investment - plan.dollar_funded - plan.sale_listed - 0.8 * plan.sale_unlisted
    assert month.dollars_bought == pytest.approx(abroad + bought)
    # Short of cash, it sells more than the market takes of listed holdings, and so 0.6 of the others.
    assert books.position.unlisted == pytest.approx(15.0)
    assert books.written_off_trn_yen == 0.0
    its.listed, its.unlisted_mark, its.asset_backed = 0.5, 0.0, 0.0
    monthly_steps.decide_softbank(economy, Support())
    # Debts 14 on holdings of 4.5; kept are 80% of them and the cash of 1.
    assert books.written_off_trn_yen == pytest.approx(14.0 - 3.6 - 1.0)


# Its creditors.


def test_unsecured_creditors_lose_nothing_below_insolvency_and_then_all_they_do_not_keep() -> None:
    # Holdings 20; debt 23 less cash of 3 and 22.9 less 3 are 100% and 99.5% of them.
    below = position(bonds=15.0, loans=7.9)
    assert below.ltv_pct == pytest.approx(99.5)
    assert write_off_unsecured(below, P) == WriteOff(0.0, 0.0)
    # 80% of 20 and the cash of 3 are kept of 23: four are lost, by what each is owed.
    at = position(bonds=15.0, loans=8.0)
    assert write_off_unsecured(at, P) == pytest.approx((4.0 * 15.0 / 23.0, 4.0 * 8.0 / 23.0))
    # Holdings of less than nothing leave the cash.
    empty = position(listed=0.0, unlisted=0.0, telecom=1.0, asset_backed=2.0, bonds=15.0, loans=5.0)
    assert write_off_unsecured(empty, P) == pytest.approx((17.0 * 0.75, 17.0 * 0.25))
    rich = P.__class__(**vars(P) | {"softbank_restructured_ltv_pct": 150.0})
    assert write_off_unsecured(at, rich) == (0.0, 0.0)


def test_lenders_on_assets_lose_what_all_assets_together_do_not_cover() -> None:
    its = group()
    its.listed, its.unlisted_mark, its.asset_backed = 1.0, 0.5, 4.0
    assert uncovered_by_assets_trn_yen(position(telecom=0.75), its) == pytest.approx(1.75)
    assert uncovered_by_assets_trn_yen(position(telecom=3.0), its) == 0.0


# What it believes of the state.


def odds(its: SoftBankGroup) -> float:
    return its.belief_in_backing / (1.0 - its.belief_in_backing)


def test_support_waived_gates_and_rescues_raise_the_belief_in_backing() -> None:
    its = group(0.2)
    its.hear(0.0, False, 0, False, P)
    assert its.belief_in_backing == 0.2
    its.hear(0.1, False, 0, False, P)
    assert odds(its) == pytest.approx(0.25 * math.exp(0.2))
    its.hear(0.0, True, 0, False, P)
    assert odds(its) == pytest.approx(0.25 * math.exp(0.7))
    its.hear(0.0, False, 2, False, P)
    assert odds(its) == pytest.approx(0.25 * math.exp(3.7))


def test_only_a_fiscal_year_without_a_sign_lowers_it() -> None:
    its = group(0.5)
    its.hear(0.1, False, 0, False, P)
    assert not its.clean_year
    its.hear(0.0, False, 0, True, P)
    assert odds(its) == pytest.approx(math.exp(0.2))
    assert its.clean_year
    its.hear(0.0, False, 0, False, P)
    its.hear(0.0, False, 0, True, P)
    assert odds(its) == pytest.approx(math.exp(0.2 - 0.25))
    # A sign in the last month counts in that year.
    its.hear(0.0, True, 0, True, P)
    assert odds(its) == pytest.approx(math.exp(-0.05 + 0.5))


@pytest.mark.parametrize("belief", [0.0, 1.0])
def test_who_is_certain_stays_so(belief: float) -> None:
    its = group(belief)
    its.hear(999.0, True, 3, False, P)
    its.hear(0.0, False, 0, True, P)
    its.hear(0.0, False, 0, True, P)
    assert its.belief_in_backing == belief


def backing_world(month: int = 12, gap_years: float = -2.5) -> Any:
    paid = np.zeros(6)
    paid[list(SUPPORTED_ROWS)] = 0.05, 0.2
    paid[[row for row in range(6) if row not in SUPPORTED_ROWS]] = 7.0
    world = distressed(0.5)
    world.chip_importers = given(columns={"subsidy_trn_yen": paid})
    world.clock = given(month=month, is_fiscal_year_start=True, is_fiscal_year_end=False)
    world.ai_services = given(capability=given(gaps=lambda: [gap_years]))
    return world


def test_the_group_hears_of_what_its_own_importers_got_and_of_rescues_not_yet_judged() -> None:
    assert [NAMED_IMPORTERS[row].name for row in SUPPORTED_ROWS] == [
        "national_ai_company",
        "softbank_corp_data_centres",
    ]
    support = Support(payments=(Payment(np.array([0]), np.array([0.3]), EQUITY),))
    world = backing_world()
    judge_backing(world, support)
    # A quarter of a trillion at two a trillion, and a gate thirty months behind one of 24.
    assert odds(world.softbank_group) == pytest.approx(math.exp(0.5 + 0.5))
    kept = backing_world(gap_years=-1.0)
    kept.government.memory.bail_outs, kept.government.memory.bail_outs_judged = 3, 2
    judge_backing(kept, support)
    assert odds(kept.softbank_group) == pytest.approx(math.exp(0.5 + 1.5))
    # The column is last month's where nothing is paid.
    silent = backing_world()
    judge_backing(silent, Support())
    assert silent.softbank_group.belief_in_backing == 0.5
    silent.clock.is_fiscal_year_end = True
    judge_backing(silent, Support())
    assert odds(silent.softbank_group) == pytest.approx(math.exp(-0.25))
