"""Trade deals: what is bought, what the United States grant, what exports make of it, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from itcho.agents.government import (
    Memory,
)
from itcho.agents.named_importers import CLOUD, DEVELOPER, DISTRIBUTOR
from itcho.agents.negotiator import Negotiator
from itcho.agents.rules.trade import ChipDeal, Deal, StatusQuo, TradeView
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT
from itcho.model.goods.market import BaseFlows, GoodsMarket
from itcho.model.public.trade_deal import carry_out_deal, relief_granted_pp
from tests.hand_ledger import HandLedger, given, graph_of


def test_chips_are_bought_evenly_between_two_dates() -> None:
    rule = ChipDeal(purchase_trn_yen=0.9, months=3, first_month=2, subsidy_share=0.4, tariff_relief_pp=2.0)
    assert [rule.deal(TradeView(month, 0.0)).chip_purchase_trn_yen for month in range(6)] == pytest.approx(
        [0.0, 0.0, 0.3, 0.3, 0.3, 0.0]
    )
    last = rule.deal(TradeView(4, 0.8))
    assert (last.chip_purchase_trn_yen, last.subsidy_share) == pytest.approx((0.1, 0.4))
    assert rule.deal(TradeView(4, 1.0)).chip_purchase_trn_yen == 0.0
    assert ChipDeal(purchase_trn_yen=0.0).deal(TradeView(4, 0.0)) == Deal()
    assert StatusQuo().deal(TradeView(4, 0.0)) == Deal(0.0, 0.0, 0.0)


def test_japan_asks_for_the_same_relief_in_every_month_and_stops_when_no_answer_comes() -> None:
    rule = ChipDeal(purchase_trn_yen=0.9, months=3, first_month=0, tariff_relief_pp=2.0, patience_months=6)
    assert [rule.deal(TradeView(month, 0.0)).tariff_relief_pp for month in (0, 2, 9)] == [2.0, 2.0, 2.0]
    assert rule.deal(TradeView(1, 0.3, 5)).chip_purchase_trn_yen == pytest.approx(0.3)
    assert rule.deal(TradeView(1, 0.3, 6)).chip_purchase_trn_yen == 0.0
    # Who asks for nothing waits for no answer.
    unasked = ChipDeal(purchase_trn_yen=0.9, months=3, first_month=0, tariff_relief_pp=0.0)
    assert unasked.deal(TradeView(1, 0.3, 99)).chip_purchase_trn_yen == pytest.approx(0.3)


ASKED = {
    "us_chips_asked_trn_yen_per_pp": 0.4,
    "us_chips_asked_months": 36.0,
    "us_deal_review_months": 6.0,
    "us_talk_months": 4.0,
    "us_delivery_floor_share": 0.5,
    "us_reversal_probability": 0.1,
}


def test_talks_end_in_a_deal_if_the_offer_is_worth_the_reservation_and_a_late_one_may_be_taken_back() -> None:
    # Two points cost 0.8, and this negotiator takes no less than 0.96.
    its, p, lots = Negotiator(1.2), given(**ASKED), [0.2, 0.05]

    def answers(months: range, bought: float, offer: float) -> list[float]:
        deal = Deal(tariff_relief_pp=2.0, offer_trn_yen=offer)
        return [its.answer(deal, bought, month, lots.pop, p) for month in months]

    assert answers(range(1, 6), 0.1, 0.9) == [0.0] * 5
    # A larger offer is looked at in the sixth month.
    assert answers(range(6, 8), 0.1, 0.96) == [2.0, 2.0]
    # By the twelfth 0.267 are due, of which 0.134 is half: 0.14 is enough, 0.1 meets the first lot, below a tenth.
    assert answers(range(12, 13), 0.14, 0.96) == [2.0]
    assert len(lots) == 2
    assert answers(range(12, 14), 0.1, 0.96) == [0.0, 0.0]
    # Still late half a year on: nothing comes back; a delivery that has caught up brings it back.
    assert answers(range(18, 19), 0.1, 0.96) == [0.0]
    assert answers(range(24, 25), 0.3, 0.96) == [2.0]
    assert answers(range(30, 31), 0.34, 0.96) == [2.0]


def test_no_clock_runs_before_something_is_bought_and_the_scenario_says_what_is_granted() -> None:
    memory, its, deal = Memory(), Negotiator(1.0), Deal(0.0, 0.0, 2.0, 0.8)

    def relief(months: int = 1, share: float = 1.0) -> list[float]:
        return [relief_granted_pp(memory, its, deal, share, lambda: 0.5, given(**ASKED)) for _ in range(months)]

    assert relief(2) == [0.0, 0.0]
    assert (memory.deal_months, memory.deal_months_unanswered) == (0, 0)
    memory.deal_bought_trn_yen = 0.2
    assert relief(3) == [0.0] * 3
    assert memory.deal_months_unanswered == 3
    assert relief(2) == [2.0] * 2
    assert memory.deal_months_unanswered == 0
    assert relief(1, 0.25) == [0.5]
    assert relief(1, 0.0) == [0.0]
    assert memory.deal_months_unanswered == 1


def deal_economy(deal: Deal, tariff_pp: float = 0.0) -> Any:
    columns = {
        "role": np.array([DEVELOPER, DISTRIBUTOR, CLOUD, CLOUD]),
        "domestic_control": np.array([True, True, True, False]),
        "size": np.array([0.1, 0.4, 0.3, 0.2]),
    }
    importers = type("Importers", (), {"__len__": lambda self: 4, "columns": columns})()
    booked: list[float] = []
    return given(
        parameters=given(
            us_share_of_exports=0.2,
            tariff_export_elasticity=0.8,
            tariff_price_pass_through=0.25,
            **ASKED,
        ),
        government=given(
            decide_deal=lambda month: deal,
            book_programme=lambda spent_trn_yen: booked.append(spent_trn_yen),
            memory=Memory(deal_bought_trn_yen=0.5),
            booked=booked,
        ),
        chip_importers=importers,
        supply_graph=graph_of(len(importers)),
        clock=given(month=3),
        month=3,
        negotiator=Negotiator(1.0),
        streams=given(noise_off=True),
        ledger=HandLedger(),
        outside=given(path=given(tariff_relief_share=0.5, us_tariff_pp=tariff_pp)),
        goods=open_to_trade(),
    )


def open_to_trade() -> GoodsMarket:
    flows = BaseFlows(25.0, 9.0, 2.0, 2.0, 8.0, 9.0, 10.0, 50.0, 30.0)
    p = given(
        export_access_speed_monthly=0.1,
        capital_to_output_ratio=2.5,
        trend_potential_growth_pct=0.5,
        inflation_target_pct=2.0,
        investment_accelerator=0.85,
        investment_capital_response=0.37,
    )
    return GoodsMarket(flows, 28.0, p)


def test_firms_controlled_in_japan_buy_and_the_state_pays_its_share() -> None:
    economy = deal_economy(Deal(0.8, 0.25, 0.0))
    # Developers and clouds at home, by size: a quarter and three quarters.
    assert carry_out_deal(economy) == pytest.approx([0.2, 0.0, 0.6, 0.0])
    ((kind, payer, members, purpose, paid),) = economy.ledger.posted
    assert (kind, payer, purpose) == ("pay", AI_SPECIAL_ACCOUNT, "chip_purchase_deal")
    assert members.numbers.tolist() == [0, 2]
    assert paid == pytest.approx([0.05, 0.15])
    assert economy.government.booked == pytest.approx([0.2])
    assert economy.government.memory.deal_bought_trn_yen == pytest.approx(1.3)
    private = deal_economy(Deal(0.8, 0.0, 0.0))
    assert carry_out_deal(private) == pytest.approx([0.2, 0.0, 0.6, 0.0])
    assert (private.ledger.posted, private.government.booked) == ([], [])
    assert private.government.memory.deal_bought_trn_yen == pytest.approx(1.3)
    nothing = deal_economy(Deal())
    assert carry_out_deal(nothing) is None
    assert nothing.government.memory.deal_bought_trn_yen == 0.5


def test_a_tariff_costs_volume_for_what_is_passed_on_and_receipts_for_the_rest() -> None:
    economy = deal_economy(Deal(), tariff_pp=10.0)
    carry_out_deal(economy)
    # Two percent of exports: a quarter moves volumes with an elasticity of 0.8, three quarters come off receipts.
    assert economy.goods.export_access == pytest.approx(1.0 - 0.1 * 0.8 * 0.25 * 0.02)
    assert economy.goods.export_margin == pytest.approx(1.0 - 0.1 * 0.75 * 0.02)
    carry_out_deal(economy)
    assert economy.goods.export_margin == pytest.approx(1.0 - 0.19 * 0.75 * 0.02)


def test_relief_that_the_united_states_grant_in_part_raises_both() -> None:
    economy = deal_economy(Deal(0.0, 0.0, 4.0))
    economy.negotiator.struck = economy.negotiator.kept = True
    carry_out_deal(economy)
    # Half of four points on a fifth of exports.
    assert economy.goods.export_access == pytest.approx(1.0 + 0.1 * 0.8 * 0.25 * 0.004)
    assert economy.goods.export_margin == pytest.approx(1.0 + 0.1 * 0.75 * 0.004)
