"""Subsidy rules and what is paid for them: amounts, dates, shares and limits, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from itcho.agents.government import Memory
from itcho.agents.named_importers import CLOUD, DEVELOPER, DISTRIBUTOR
from itcho.agents.rules.subsidy import (
    EQUITY,
    GRANT,
    GUARANTEED_LOAN,
    ContractTerms,
    FiveYearSchedule,
    Guarantee,
    LumpSum,
    NoSubsidy,
    Payment,
    ProgrammeView,
    Royalty,
    Support,
)
from itcho.agents.rules.subsidy_contracts import ContractVouchers, PublicProcurement
from itcho.agents.rules.subsidy_demand import AdoptionSubsidy, DomesticContent
from itcho.agents.rules.subsidy_guarantee import LoanGuarantee
from itcho.agents.rules.subsidy_private_money import IncrementalTaxCredit, MatchingGrant
from itcho.agents.rules.subsidy_returns import EquityStake
from itcho.agents.rules.subsidy_stages import StageGated
from itcho.agents.rules.subsidy_vouchers import ComputeVouchers, capped_shares
from itcho.agents.vocabulary import AI_FIRM_EQUITY, AI_SPECIAL_ACCOUNT, BANKS, FIRMS, LOANS
from itcho.model.ai.firm_finance import ProgrammeActivity
from itcho.model.public import programme
from tests.hand_ledger import HandLedger, given, graph_of

IMPORTERS = {
    "role": np.array([DEVELOPER, DISTRIBUTOR, CLOUD, DEVELOPER, CLOUD]),
    "domestic_control": np.array([True, True, True, True, False]),
    "size": np.array([0.1, 0.2, 0.3, 0.3, 0.1]),
    "losses_carried_trn_yen": np.array([0.5, 0.0, 0.0, 0.0, 0.0]),
    "debt_trn_yen": np.array([0.1, 0.0, 0.3, 0.2, 0.0]),
    "bonds": np.array([0.0, 0.0, 0.1, 0.0, 0.0]),
    "compute_book_trn_yen": np.array([0.2, 0.0, 0.3, 0.2, 0.0]),
    "plant": np.array([0.1, 0.0, 0.2, 0.0, 0.0]),
    "cash_trn_yen": np.array([0.1, 0.0, 0.1, 0.0, 0.0]),
}


def view(**changed: Any) -> ProgrammeView:
    usual: dict[str, Any] = {
        "month": 3,
        "fiscal_year": 2027,
        "month_of_fiscal_year": 9,
        "frontier_gap_months": 20.0,
        "spent_trn_yen": 0.0,
        "received_trn_yen": 0.0,
        "spent_this_year_trn_yen": 0.0,
        "adoption_cost_trn_yen": 0.1,
        "ai_corporate_tax_trn_yen": 0.08,
        "nominal_gdp_trn_yen": 600.0,
        "domestic_ai_share_pct": 10.0,
        "usdjpy": 150.0,
        "own_investment": lambda: np.array([0.2, 0.3, 0.4, 0.6, 0.1]),
        "importers": IMPORTERS,
        "row_of": {"national_ai_company": 0, "nec": 3}.__getitem__,
        "remembered": {},
    }
    return ProgrammeView(**usual | changed)


def paid(support: Support) -> list[tuple[list[int], list[float], str]]:
    return [(each.rows.tolist(), pytest.approx(each.amounts_trn_yen.tolist()), each.form) for each in support.payments]


def test_a_schedule_pays_a_twelfth_of_its_year() -> None:
    rule = FiveYearSchedule((1.2, 0.6), 2026, 0.5, "nec")
    assert paid(rule.support(view(fiscal_year=2026))) == [([3], [0.05], GRANT)]
    assert paid(rule.support(view(fiscal_year=2027))) == [([3], [0.025], GRANT)]
    assert paid(rule.support(view(fiscal_year=2025))) == paid(rule.support(view(fiscal_year=2028))) == []
    assert rule.announced_trn_yen() == pytest.approx(0.9)
    left = [rule.left_trn_yen(view(fiscal_year=year, spent_trn_yen=0.2)) for year in (2024, 2025, 2026, 2027, 2030)]
    assert left == pytest.approx([0.0, 0.0, 0.4, 0.7, 0.7])
    assert rule.left_trn_yen(view(spent_trn_yen=1.0)) == 0.0
    assert NoSubsidy().support(view()) == Support()
    assert NoSubsidy().announced_trn_yen() == 0.0


def test_a_lump_sum_is_paid_once_from_its_month_on() -> None:
    rule = LumpSum(0.8, 2027, 3)
    assert paid(rule.support(view(fiscal_year=2027, month_of_fiscal_year=2))) == []
    assert paid(rule.support(view(fiscal_year=2026, month_of_fiscal_year=9))) == []
    assert paid(rule.support(view(fiscal_year=2028, month_of_fiscal_year=0))) == [([0], [0.8], GRANT)]
    first = rule.support(view(fiscal_year=2027, month_of_fiscal_year=3))
    assert paid(first) == [([0], [0.8], GRANT)]
    assert paid(rule.support(view(fiscal_year=2027, month_of_fiscal_year=4, remembered=first.remember))) == []
    assert rule.announced_trn_yen() == 0.8


def test_groups_are_firms_controlled_in_japan_and_money_is_shared_by_weight() -> None:
    seen = view()
    rows = {
        group: seen.rows(group).tolist()
        for group in ("national_ai_company", "developers", "clouds", "developers_and_clouds")
    }
    assert rows == {
        "national_ai_company": [0],
        "developers": [0, 3],
        "clouds": [2],
        "developers_and_clouds": [0, 2, 3],
    }
    (shared,) = seen.to_many(np.array([0, 3]), np.array([1.0, 3.0]), 0.8)
    assert shared.amounts_trn_yen == pytest.approx([0.2, 0.6])
    assert seen.to_many(np.array([0, 3]), np.array([1.0, 3.0]), -0.8) == ()
    assert seen.to_many(np.array([0, 3]), np.zeros(2), 0.8) == ()
    assert seen.to_one("nec", 0.0) == ()


def test_matching_money_follows_own_investment_within_the_rest_of_the_year() -> None:
    rule = MatchingGrant((1.2,), 2027, 1.0, 0.5)
    # Claims of 0.1 and 0.3; in January three months are left for 1.2.
    assert paid(rule.support(view(spent_trn_yen=0.0))) == [([0, 3], [0.1, 0.3], GRANT)]
    assert paid(rule.support(view(spent_trn_yen=0.9))) == [([0, 3], [0.025, 0.075], GRANT)]
    assert paid(rule.support(view(spent_trn_yen=0.9, month_of_fiscal_year=11))) == [([0, 3], [0.075, 0.225], GRANT)]
    assert (rule.announced_trn_yen(), MatchingGrant((1.2,), match_share=0.0).announced_trn_yen()) == (1.2, 0.0)


def test_a_tax_credit_is_a_share_of_what_exceeds_the_base() -> None:
    rule = IncrementalTaxCredit((1.2,), 2027, 1.0, 0.25, 10.0, recipients="developers_and_clouds")
    base = np.array([0.1, 0.1, 0.2, 0.7, 0.1])
    support = rule.support(view(remembered={"base": base}))
    # Row 0 has losses carried forward, row 3 invests less than its base: a quarter of 0.2, capped at 0.25 x 0.08.
    assert paid(support) == [([0, 2, 3], [0.0, 0.02, 0.0], GRANT)]
    assert support.remember["base"] == pytest.approx([0.11, 0.12, 0.22, 0.69, 0.1])
    refundable = IncrementalTaxCredit((1.2,), 2027, 1.0, 0.25, 10.0, refundable=True)
    assert paid(refundable.support(view(remembered={"base": base}))) == [([0, 2, 3], [0.025, 0.05, 0.0], GRANT)]
    assert paid(refundable.support(view(remembered={"base": base}, spent_trn_yen=1.11))) == [
        ([0, 2, 3], [0.01, 0.02, 0.0], GRANT)
    ]
    for early in (view(), view(remembered={"base": base}, month=1), view(remembered={"base": base[:2]})):
        support = rule.support(early)
        assert support.payments == ()
        assert support.remember["base"].tolist() == [0.2, 0.3, 0.4, 0.6, 0.1]
    assert paid(rule.support(view(remembered={"base": base}, month=2))) != []
    assert (rule.announced_trn_yen(), IncrementalTaxCredit((1.2,), credit_share=0.0).announced_trn_yen()) == (1.2, 0.0)


def test_an_equity_stake_buys_shares_takes_a_royalty_and_is_sold() -> None:
    rule = EquityStake((1.2,), 2027, 1.0, 0.25, 0.05, 24, 1.5, 108)
    first = rule.support(view(month=3))
    assert paid(first) == [([0], [0.025], EQUITY), ([0], [0.075], GRANT)]
    assert (first.royalty, first.sell_stake, dict(first.remember)) == (None, False, {"first_month": 3})
    due = rule.support(view(month=24, spent_trn_yen=0.4, received_trn_yen=0.1, remembered={"first_month": 3}))
    assert due.royalty is not None
    assert (due.royalty.rows.tolist(), due.royalty.share_of_revenue) == ([0], 0.05)
    assert due.royalty.limit_trn_yen == pytest.approx(0.5)
    assert rule.support(view(month=23, spent_trn_yen=0.4)).royalty is None
    assert rule.support(view(month=24, spent_trn_yen=0.5, received_trn_yen=0.75)).royalty is None
    assert EquityStake(royalty_share=0.0).support(view(month=24, spent_trn_yen=0.4)).royalty is None
    sold = [rule.support(view(month=month, remembered={"first_month": 3})).sell_stake for month in (110, 111, 112)]
    assert sold == [False, True, False]
    never = rule.support(view(fiscal_year=2030, month=108))
    assert (never.sell_stake, dict(never.remember)) == (False, {})


def test_stages_wait_at_gates_and_stop_at_the_loss_or_the_cap() -> None:
    rule = StageGated((0.6, 0.3, 0.3), (24.0, 21.0), 30.0, 1.0, 2, 3, True, 2026, 1.0, "nec")
    seen: dict[str, Any] = {}

    def month(gap: float, spent: float = 0.0) -> Support:
        nonlocal seen
        support = rule.support(view(frontier_gap_months=gap, spent_trn_yen=spent, remembered=seen))
        seen = dict(support.remember)
        return support

    assert paid(month(50.0)) == [([3], [0.3], GRANT)]
    assert paid(month(50.0)) == [([3], [0.3], GRANT)]
    # The gate of 24 is missed at 25: three months of waiting, the third looks again.
    assert [paid(month(gap)) for gap in (25.0, 20.0, 20.0)] == [[], [], []]
    assert paid(month(24.0)) == [([3], [0.15], GRANT)]
    assert seen["stage"] == 1
    assert paid(month(99.0)) == [([3], [0.15], GRANT)]
    assert paid(month(22.0)) == []  # The last gate, 21, holds from here on.
    assert [paid(month(20.0)) for _ in range(2)] == [[], []]
    assert paid(month(21.0)) == [([3], [0.15], GRANT)]
    assert paid(month(21.0)) == [([3], [0.15], GRANT)]
    assert paid(month(0.0)) == []
    assert seen["given_up"] is False


def test_a_project_is_given_up_for_good_and_pays_back() -> None:
    rule = StageGated((0.6, 0.3), (24.0,), 30.0, 1.0, 2, 3, True, 2026, 1.0, "nec")
    done = {"stage": 0, "paid_months": 2, "wait": 0, "given_up": False}
    failed = rule.support(view(frontier_gap_months=30.5, remembered=done))
    assert failed.claw_back is not None
    assert failed.claw_back.tolist() == [3]
    assert failed.remember["given_up"] is True
    assert rule.support(view(frontier_gap_months=0.0, remembered=failed.remember)) == Support()
    dear = rule.support(view(spent_trn_yen=0.71))
    assert (dear.payments, dear.remember["given_up"]) == ((), True)
    assert rule.support(view(spent_trn_yen=0.7)).payments != ()
    assert rule.support(view(fiscal_year=2025)) == Support()
    kept = StageGated((0.6, 0.3), (24.0,), 30.0, 1.0, 2, 3, False, 2026)
    assert kept.support(view(frontier_gap_months=30.5, remembered=done)).claw_back is None
    assert (rule.announced_trn_yen(), StageGated((0.6, 0.3), dose=2.0).announced_trn_yen()) == pytest.approx((0.9, 1.8))
    assert StageGated(()).support(view()) == Support()
    # Without gates every stage begins.
    assert paid(StageGated((0.6, 0.3), (), 60.0, 1.0, 2).support(view(frontier_gap_months=59.0, remembered=done))) == [
        ([0], [0.15], GRANT)
    ]


def test_guaranteed_loans_go_to_firms_that_owe_little() -> None:
    rule = LoanGuarantee((1.2,), 2027, 1.0, 0.8, 0.6, 0.7)
    support = rule.support(view())
    # Debt over assets: 0.1 of 0.4, 0.4 of 0.6, 0.2 of 0.2; the last is above 0.7.
    assert paid(support) == [([0, 2, 3], [0.025, 0.075, 0.0], GUARANTEED_LOAN)]
    assert support.guarantee == Guarantee(0.8, 0.6)
    assert rule.announced_trn_yen() == 0.0


def test_adoption_is_subsidised_by_what_the_money_allows() -> None:
    rule = AdoptionSubsidy(0.5, (0.2, 0.2), 2026)
    full = rule.support(view())
    assert (full.adoption_cost_share, full.adoption_budget_trn_yen) == pytest.approx((0.5, 0.4))
    short = rule.support(view(spent_trn_yen=0.37))
    # 0.03 for an expected 0.05.
    assert (short.adoption_cost_share, short.adoption_budget_trn_yen) == pytest.approx((0.3, 0.03))
    assert rule.support(view(spent_trn_yen=0.9)).adoption_cost_share == 0.0
    unknown = rule.support(view(adoption_cost_trn_yen=0.0))
    assert unknown.adoption_cost_share == 0.5
    assert rule.support(view(adoption_cost_trn_yen=0.0, spent_trn_yen=0.9)).adoption_cost_share == 0.0
    assert rule.support(view(fiscal_year=2026)).adoption_budget_trn_yen == pytest.approx(0.2)
    assert rule.support(view(fiscal_year=2025)).adoption_budget_trn_yen == 0.0
    assert rule.support(view(fiscal_year=2020)).adoption_budget_trn_yen == 0.0
    assert (rule.announced_trn_yen(), AdoptionSubsidy(0.0).announced_trn_yen()) == (0.4, 0.0)
    assert AdoptionSubsidy(0.5, (0.2,), dose=3.0).announced_trn_yen() == pytest.approx(0.6)
    assert AdoptionSubsidy(0.5, (0.2,), dose=3.0).support(view()).adoption_budget_trn_yen == pytest.approx(0.6)


def test_vouchers_for_contracts_are_given_while_the_programme_runs_and_has_money() -> None:
    rule = ContractVouchers((0.2, 0.1), 2027, 1.0, price_share=0.4, contracts="all")
    given_now = rule.support(view())
    assert given_now.contract_terms == ContractTerms(voucher_share=0.4, voucher_on_all=True)
    assert given_now.contract_budget_trn_yen == pytest.approx(0.2 - view().spent_trn_yen)
    assert rule.support(view(spent_trn_yen=0.3)).contract_terms.voucher_share == 0.0
    # What is left pays for contracts that run on; no new ones are supported.
    later = rule.support(view(fiscal_year=2029, spent_trn_yen=0.1))
    assert (later.contract_terms.voucher_share, later.contract_budget_trn_yen) == pytest.approx((0.0, 0.2))
    assert rule.support(view(fiscal_year=2026)).contract_terms.voucher_share == 0.0
    assert not ContractVouchers(contracts="new").support(view(fiscal_year=2026)).contract_terms.voucher_on_all
    assert (rule.announced_trn_yen(), ContractVouchers((0.2,), price_share=0.0).announced_trn_yen()) == (
        pytest.approx(0.3),
        0.0,
    )


def test_procurement_holds_in_its_months_and_leaves_terms_as_they_are_outside() -> None:
    rule = PublicProcurement("controlled-in-japan", 0.4, 0.5, first_month=2, last_month=5)
    terms = [rule.support(view(month=month)).contract_terms for month in (1, 2, 5, 6)]
    assert terms[0] == terms[3] == ContractTerms()
    assert terms[1] == terms[2] == ContractTerms(0.0, False, True, 0.4, 0.5)
    assert not PublicProcurement("all").support(view()).contract_terms.certified_at_home_only


def test_the_state_pays_its_part_of_contracts_as_far_as_the_budget_goes() -> None:
    for budget, paid_out in ((1.0, 0.03), (0.01, 0.01), (0.0, 0.0)):
        its = economy(Support())
        services: Any = given(adoption_subsidy_due=0.0, contract_vouchers_due=0.03)
        programme.pay_adopters(its, services, Support(contract_budget_trn_yen=budget))
        booked = [(pytest.approx(paid_out), 0.0)] if paid_out else []
        assert its.government.booked == booked
        if paid_out:
            assert its.ledger.paid(AI_SPECIAL_ACCOUNT, FIRMS, programme.VOUCHERS) == pytest.approx(paid_out)


def test_a_content_rule_is_phased_in_from_its_month_on() -> None:
    rule = DomesticContent((1.2,), 2027, 1.0, required_share=0.6, first_month=2, phase_in_months=4)
    shares = [rule.support(view(month=month)).domestic_content_share for month in (0, 1, 2, 3, 5, 6, 99)]
    assert shares == pytest.approx([0.0, 0.0, 0.15, 0.3, 0.6, 0.6, 0.6])
    assert paid(rule.support(view())) == [([0], [0.1], GRANT)]


def test_vouchers_are_shared_by_size_with_a_ceiling() -> None:
    rule = ComputeVouchers((1.2,), 2027, 1.0, largest_share=1.0, size_weight=1.0)
    assert paid(rule.support(view())) == [([3], [0.1], GRANT)]
    both = ComputeVouchers((1.2,), 2027, 1.0, largest_share=0.7, size_weight=1.0, national_company="included")
    assert paid(both.support(view())) == [([0, 3], [0.03, 0.07], GRANT)]
    squared = ComputeVouchers((1.2,), 2027, 1.0, 1.0, 0.0, "included")
    assert paid(squared.support(view())) == [([0, 3], [0.05, 0.05], GRANT)]
    assert capped_shares(np.array([6.0, 3.0, 1.0]), 0.5) == pytest.approx([0.5, 0.375, 0.125])
    # What the first may not have lifts the second over the ceiling too.
    assert capped_shares(np.array([8.0, 3.0, 1.0, 1.0]), 0.4) == pytest.approx([0.4, 0.36, 0.12, 0.12])
    assert capped_shares(np.array([8.0, 4.0, 1.0, 1.0]), 0.35) == pytest.approx([0.35, 0.35, 0.15, 0.15])
    assert capped_shares(np.array([8.0, 3.0]), 0.4) == pytest.approx([0.5, 0.5])
    assert capped_shares(np.array([]), 0.4).size == 0


# The programme's money.


class Importers:
    """Three importers' columns."""

    def __init__(self) -> None:
        self.columns = {
            "subsidy_trn_yen": np.array([9.0, 9.0, 9.0]),
            "earmarked_trn_yen": np.array([0.3, 0.0, 0.1]),
            "cash_trn_yen": np.array([0.5, 0.2, 0.05]),
            "debt_trn_yen": np.array([0.4, 0.3, 0.0]),
            "bonds": np.array([0.1, 0.0, 0.0]),
            "revenue_trn_yen": np.array([0.5, 0.2, 0.3]),
            "foreign_revenue_trn_yen": np.array([0.3, 0.0, 0.1]),
            "other_revenue_trn_yen": np.array([0.2, 0.0, 0.0]),
            "plant_plan_trn_yen": np.array([0.01, 0.02, 0.03]),
            "failed_times": np.array([0, 0, 0]),
        }

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return self.columns

    def __len__(self) -> int:
        return 3

    def row_of_name(self, name: str) -> int:
        return 0


def economy(support: Support | None = None, **holdings: float) -> Any:
    memory = Memory(
        guarantee=Guarantee(0.8, 0.6),
        programme_spent_trn_yen=0.4,
        programme_received_trn_yen=0.1,
    )
    booked: list[tuple[float, float]] = []
    government = given(
        memory=memory,
        decide_support=lambda view: support,
        book_programme=lambda spent_trn_yen=0.0, received_trn_yen=0.0: booked.append((spent_trn_yen, received_trn_yen)),
        booked=booked,
        subsidy=None,
        programme_left_trn_yen=holdings.get("left", 1.0),
        year=given(programme=0.3),
        remembered_by=lambda rule: {},
    )
    return given(
        government=government,
        chip_importers=Importers(),
        supply_graph=graph_of(3),
        ledger=HandLedger({(AI_FIRM_EQUITY, AI_SPECIAL_ACCOUNT): holdings.get("stake", 0.0)}),
        parameters=given(ai_value_added_tax_share=0.3, programme_target_gap_months=17.0),
        clock=given(month=5, fiscal_year=2026, month_of_fiscal_year=5),
        state=given(nominal_gdp_four_quarters=600.0, usdjpy=150.0, consumer_price=1.1),
        ai_services=given(capability=given(gaps=lambda: [-1.5]), domestic_share=0.11),
        outside=given(path=given(data_centre_cost_factor=1.0)),
    )


def test_grants_shares_and_guaranteed_loans_take_different_ways() -> None:
    payments = (
        Payment(np.array([0]), np.array([0.05])),
        Payment(np.array([0, 2]), np.array([0.02, 0.01]), EQUITY),
        Payment(np.array([1]), np.array([0.04]), GUARANTEED_LOAN),
    )
    its = economy(Support(payments, guarantee=Guarantee(0.5, 1.0)))
    assert programme.pay_support(its, None).payments is payments
    grant, shares, loan = its.ledger.posted
    assert (grant[:2], grant[3], grant[4].tolist()) == (("pay", AI_SPECIAL_ACCOUNT), programme.GRANTS, [0.05])
    assert grant[2].numbers.tolist() == [0]
    assert (shares[:2], shares[3], shares[4].tolist(), shares[5]) == (
        ("trade", AI_SPECIAL_ACCOUNT),
        AI_FIRM_EQUITY,
        [0.02, 0.01],
        1.0,
    )
    assert (loan[:2], loan[3], loan[4].tolist(), loan[5]) == (("trade", BANKS), LOANS, [0.04], 1.0)
    memory = its.government.memory
    assert memory.guaranteed_trn_yen.tolist() == [0.0, 0.04, 0.0]
    assert memory.guarantee == Guarantee(0.5, 1.0)
    # Guaranteed loans are banks' money.
    assert its.government.booked == [(pytest.approx(0.05), 0.0), (pytest.approx(0.03), 0.0), (0.0, 0.0)]
    assert its.chip_importers.columns["subsidy_trn_yen"] == pytest.approx([0.07, 0.04, 0.01])


def test_money_called_back_comes_out_of_cash_and_counts_as_a_return() -> None:
    its = economy(Support(claw_back=np.array([0, 2])))
    programme.pay_support(its, None)
    ((_, members, payee, purpose, amounts),) = its.ledger.posted
    assert (members.numbers.tolist(), payee, purpose) == ([0, 2], AI_SPECIAL_ACCOUNT, programme.REPAYMENT)
    assert amounts == pytest.approx([0.3, 0.05])
    assert its.chip_importers.columns["earmarked_trn_yen"] == pytest.approx([0.0, 0.0, 0.05])
    assert its.government.booked == [(0.0, pytest.approx(0.35))]
    assert its.government.memory.programme_return_trn_yen == pytest.approx(0.35)


def test_the_project_is_watched_from_its_first_payment_until_it_is_given_up_or_paid() -> None:
    paid = Support((Payment(np.array([0]), np.array([0.05])),))
    its = economy(paid)
    # The gap is 18 months, the target 17.
    programme.pay_support(its, None)
    memory = its.government.memory
    assert (memory.project_open, memory.project_behind, memory.months_behind) == (True, True, 1)
    its.parameters.programme_target_gap_months = 19.0
    programme.pay_support(its, None)
    assert (memory.project_open, memory.project_behind, memory.months_behind) == (True, False, 1)
    its.government.decide_support = lambda view: Support(given_up=True)
    programme.pay_support(its, None)
    assert (memory.project_open, memory.project_given_up) == (False, True)
    # Money to many has no target, and money that is all spent no longer one.
    for other in (economy(Support((Payment(np.array([0, 1]), np.array([0.1, 0.1])),))), economy(paid, left=0.0)):
        programme.pay_support(other, None)
        assert not other.government.memory.project_open


def test_a_stake_is_sold_to_firms_at_its_price() -> None:
    its = economy(Support(sell_stake=True), stake=0.7)
    programme.pay_support(its, None)
    assert its.ledger.traded(FIRMS, AI_SPECIAL_ACCOUNT, AI_FIRM_EQUITY) == pytest.approx(0.7)
    assert its.government.memory.programme_return_trn_yen == pytest.approx(0.7)
    nothing = economy(Support(sell_stake=True))
    programme.pay_support(nothing, None)
    assert (nothing.ledger.posted, nothing.government.booked) == ([], [])


def test_a_royalty_is_a_share_of_all_revenue_within_its_limit_and_free_cash() -> None:
    its = economy()
    programme.collect_royalty(its, Support(royalty=Royalty(np.array([0, 1]), 0.05, 1.0)))
    # Revenue 1.0 and 0.2; free cash is what is not earmarked: 0.2 each.
    assert its.ledger.posted[0][4] == pytest.approx([0.05, 0.01])
    assert its.government.booked == [(0.0, pytest.approx(0.06))]
    assert its.chip_importers.columns["earmarked_trn_yen"].tolist() == [0.3, 0.0, 0.1]
    limited = economy()
    programme.collect_royalty(limited, Support(royalty=Royalty(np.array([0, 1]), 0.05, 0.03)))
    assert limited.ledger.posted[0][4] == pytest.approx([0.025, 0.005])
    poor = economy()
    programme.collect_royalty(poor, Support(royalty=Royalty(np.array([0, 2]), 0.5, 1.0)))
    assert poor.ledger.posted[0][4] == pytest.approx([0.2, 0.0])
    free = economy()
    programme.collect_royalty(free, Support())
    assert free.ledger.posted == []


def test_the_states_part_of_adoption_costs_is_paid_within_the_budget() -> None:
    its, support = economy(), Support(adoption_budget_trn_yen=0.03)
    due: Any = given(adoption_subsidy_due=0.05, contract_vouchers_due=0.0)
    programme.pay_adopters(its, due, support)
    assert its.ledger.paid(AI_SPECIAL_ACCOUNT, FIRMS, programme.ADOPTION) == pytest.approx(0.03)
    assert its.government.booked == [(pytest.approx(0.03), 0.0)]
    due.adoption_subsidy_due = 0.0
    programme.pay_adopters(its, due, support)
    assert len(its.government.booked) == 1


def test_the_guaranteed_share_is_of_all_debt() -> None:
    its = economy()
    assert programme.guaranteed_share(its) == 0.0
    assert programme.watch_defaults(its) is None
    programme.settle_guarantees(its, None)
    its.government.memory.guaranteed_trn_yen = np.array([0.1, 0.6, 0.0])
    # 0.1 of 0.5, at most all of 0.3, none of none.
    assert programme.guaranteed_share(its) == pytest.approx([0.16, 0.8, 0.0])


def test_the_state_bears_its_share_of_banks_losses_and_collects_fees() -> None:
    its = economy()
    its.government.memory.guaranteed_trn_yen = np.array([0.2, 0.3, 0.0])
    its.chip_importers.columns["debt_trn_yen"] = np.array([0.15, 0.0, 0.0])
    lost = np.array([0.0, 0.25, 0.0])
    defaults: Any = given(losses=lambda: (np.array([False, True, False]), lost), debt=np.array([0.5, 0.3, 0.0]))
    programme.settle_guarantees(its, defaults)
    assert its.ledger.paid(AI_SPECIAL_ACCOUNT, BANKS, programme.LOSS) == pytest.approx(0.8 * 0.25)
    # The first has repaid half of its debt, and the guaranteed part with it; the fee is 0.6% a year.
    assert its.government.memory.guaranteed_trn_yen == pytest.approx([0.1, 0.0, 0.0])
    fee = its.ledger.posted[-1]
    assert (fee[3], fee[4].tolist()) == (programme.FEE, pytest.approx([0.1 * 0.006 / 12.0]))
    assert its.government.booked[0] == (pytest.approx(0.2), 0.0)


def test_losses_of_a_month_are_shared_by_the_debt_of_those_who_failed() -> None:
    its = economy()
    its.ledger.instrument_index = {LOANS: 0, "other_debt_securities": 1}
    its.ledger.month_revaluation = np.array([[0.1, 0.0], [0.0, 0.0]])
    its.ledger.parties_of_members = lambda importers: np.array([0, 0, 1])
    defaults = programme.Defaults(its)
    assert defaults.debt.tolist() == pytest.approx([0.5, 0.3, 0.0])
    its.chip_importers.columns["failed_times"] = np.array([1, 1, 0])
    its.ledger.month_revaluation = np.array([[0.5, 0.0], [0.1, 0.0]])
    failed, lost = defaults.losses()
    assert failed.tolist() == [True, True, False]
    # Half a trillion more than before, by debts of 0.5 and 0.3.
    assert lost == pytest.approx([0.5 * 5.0 / 8.0, 0.5 * 3.0 / 8.0, 0.0])


def test_the_ministry_sees_the_gap_in_months_and_shares_in_percent() -> None:
    its = economy()
    seen = programme.programme_view(its, None)
    assert (seen.frontier_gap_months, seen.domestic_ai_share_pct) == pytest.approx((18.0, 11.0))
    assert (seen.month, seen.fiscal_year, seen.month_of_fiscal_year) == (5, 2026, 5)
    assert (seen.adoption_cost_trn_yen, seen.ai_corporate_tax_trn_yen) == (0.0, 0.0)
    assert (seen.spent_trn_yen, seen.received_trn_yen, seen.spent_this_year_trn_yen) == (0.4, 0.1, 0.3)
    assert seen.own_investment_trn_yen.tolist() == [0.01, 0.02, 0.03]
    last: Any = given(
        services=given(domestic_ai_share_home_pct=12.0, integration_cost=0.07), firms=given(corporate_tax=0.02)
    )
    later = programme.programme_view(its, last)
    assert (later.domestic_ai_share_pct, later.adoption_cost_trn_yen, later.ai_corporate_tax_trn_yen) == (
        12.0,
        0.07,
        0.02,
    )
    assert its.chip_importers.columns["cash_trn_yen"].flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        later.importers["cash_trn_yen"][0] = 1.0


def test_own_investment_leaves_out_what_the_programme_bought() -> None:
    its = economy()
    its.parameters = given(
        programme_import_share=0.5, programme_wage_share=0.2, programme_plant_share=0.1, ai_value_added_tax_share=0.3
    )
    chips = given(
        orders_bn_usd=np.array([2.0, 0.1, 0.0]),
        chip_price_markup=1.2,
        programme_spending_trn_yen=np.array([0.1, 0.2, 0.0]),
        plant_volume_trn_yen=np.array([0.05, 0.0, 0.01]),
    )
    last: Any = given(
        chips=chips,
        services=given(domestic_ai_share_home_pct=12.0, integration_cost=0.0),
        firms=given(corporate_tax=0.0),
    )
    # At 150 yen and a markup of 1.2: 0.36 and 0.018 trillion, less half of programme money, not below zero.
    found = programme.programme_view(its, last).own_investment_trn_yen
    assert found == pytest.approx([0.31 + 0.055, 0.0, 0.011])
    # Data centres that cost half as much again.
    its.outside.path.data_centre_cost_factor = 1.5
    dearer = programme.programme_view(its, last).own_investment_trn_yen
    assert dearer == pytest.approx([0.31 + 0.0825, 0.0, 0.0165])


def test_taxes_on_what_the_programme_funded_come_back_by_their_own_shares() -> None:
    activity = ProgrammeActivity(wages=0.2, supplies=0.5, corporate_tax=0.03)
    assert programme.taxes_on_activity_trn_yen(activity, 0.4, 0.3) == pytest.approx(0.08 + 0.15 + 0.03)
    its = economy()
    its.incomes = given(labour_tax_share=0.4)
    its.government.memory.programme_return_trn_yen = 1.0
    programme.count_taxes(its, given(programme=activity))  # type: ignore[arg-type]
    assert its.government.memory.programme_return_trn_yen == pytest.approx(1.26)
    # Taxes have gone to the general account: nothing is booked a second time.
    assert (its.government.booked, its.ledger.posted) == ([], [])
