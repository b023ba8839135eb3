"""Bounds of what rules and behaviours may answer, and what a decision says of itself, case by case."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from itcho.agents.behaviours import Behaviours
from itcho.agents.decisions import Decision
from itcho.agents.errors import DecisionError
from itcho.agents.rules import checked
from itcho.agents.rules.gate import OBEDIENT, POLITICAL, GateView, no_cabinet, stops
from itcho.agents.rules.intervention import NoIntervention
from itcho.agents.rules.monetary import InertialTaylor, YieldCap
from itcho.agents.rules.rescue import NoRescue, Rescue
from itcho.agents.rules.subsidy import (
    GUARANTEED_LOAN,
    Guarantee,
    NoSubsidy,
    Payment,
    Royalty,
    ScheduledRule,
    SubsidyRule,
    Support,
)
from itcho.agents.rules.subsidy_demand import DomesticContent
from itcho.agents.rules.trade import Deal, StatusQuo
from tests.hand_ledger import given

AGENT: Any = given(model=given(clock=given(date=date(2026, 7, 31))))
VIEW: Any = given(importers={"size": np.ones(4)})
INF, NAN = math.inf, math.nan


def answering(base: type, method: str, answer: Any) -> Any:
    """A rule that gives this answer to one question."""
    return type("Answering", (base,), {method: lambda *_: answer})()


def said(question: Any) -> list[str]:
    """What is wrong with an answer, without who gave it when; nothing if it is handed on."""
    try:
        question()
    except DecisionError as wrong:
        told = [message.partition(" rule ")[2].partition(", month 2026-07: ")[2] for message in wrong.messages]
        return told if all(told) else wrong.messages
    return []


def of_support(**answer: Any) -> list[str]:
    return said(lambda: checked.support(AGENT, answering(NoSubsidy, "support", Support(**answer)), VIEW))


def paid(rows: Any, amounts: Any, form: Any = "grant") -> list[str]:
    return of_support(payments=(Payment(rows, amounts, form),))


@pytest.mark.parametrize(
    ("rows", "amounts"),
    [([0], [0.0]), ([3], [1e6]), ([0, 3], [0.0, 1e6]), ([2, 1], [1.0, 1.0]), ([], [])],
)
def test_sound_payments_are_handed_on(rows: list[int], amounts: list[float]) -> None:
    assert paid(np.array(rows, dtype=np.int64), np.array(amounts)) == []
    assert paid(np.array(rows, dtype=np.uint8), np.array(amounts), GUARANTEED_LOAN) == []


@pytest.mark.parametrize(
    ("rows", "amounts", "wrong"),
    [
        ([4], [1.0], "rows array([4]); it has to be rows from 0 to 3"),
        ([-1], [1.0], "rows array([-1]); it has to be rows from 0 to 3"),
        ([0, 4], [1.0, 1.0], "rows array([0, 4]); it has to be rows from 0 to 3"),
        ([-1, 3], [1.0, 1.0], "rows array([-1,  3]); it has to be rows from 0 to 3"),
        ([2, 2], [1.0, 1.0], "rows array([2, 2]); it has to be rows that stand there once each"),
        ([2], [1.0, 1.0], "amounts_trn_yen array([1., 1.]); it has to be as many as rows: 1"),
        ([2], [-0.1], "amounts_trn_yen array([-0.1]); it has to be numbers from 0 to 1e+06 (trn yen)"),
        ([2], [1.1e6], "amounts_trn_yen array([1100000.]); it has to be numbers from 0 to 1e+06 (trn yen)"),
        ([2], [NAN], "amounts_trn_yen array([nan]); it has to be numbers from 0 to 1e+06 (trn yen)"),
        ([1, 2], [1.0, -0.1], "amounts_trn_yen array([ 1. , -0.1]); it has to be numbers from 0 to 1e+06 (trn yen)"),
        ([1, 2], [1.1e6, 1.0], "numbers from 0 to 1e+06 (trn yen)"),
    ],
)
def test_payments_to_nobody_and_of_no_sum_are_refused(rows: list[int], amounts: list[float], wrong: str) -> None:
    (message,) = paid(np.array(rows), np.array(amounts))
    assert message.startswith("support() returned payments[0] ")
    assert message.endswith(wrong)


def test_rows_and_amounts_are_arrays_of_one_dimension() -> None:
    one, whole = "a numpy array of float64 with one dimension", "a numpy array of whole numbers with one dimension"
    for amounts in (1.0, np.ones((1, 1)), np.ones(1, np.float32)):
        assert [message.endswith(one) for message in paid(np.array([1]), amounts)] == [True]
    for rows in (1, np.ones((1, 1), int), np.ones(1)):
        assert [message.endswith(whole) for message in paid(rows, np.ones(1))] == [True]
    assert paid(np.array([1]), np.ones(1), "gift")[0].endswith("it has to be one of grant, equity, guaranteed-loan")
    # Who is wrong about rows is not told about how many amounts there are as well.
    assert len(paid(np.array([9]), np.ones(2))) == 1
    assert of_support(payments="all")[0].endswith("it has to be a tuple of Payment")
    assert of_support(payments=(1.0,))[0].endswith("it has to be a Payment")
    assert of_support(payments=[]) == []


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ({"guarantee": Guarantee(1.0, 100.0)}, 0),
        ({"guarantee": Guarantee(1.1, 101.0)}, 2),
        ({"guarantee": 0.5}, 1),
        ({"royalty": Royalty(np.array([1]), 1.0, 1e6)}, 0),
        ({"royalty": Royalty(np.array([9]), 1.1, -1.0)}, 3),
        ({"royalty": 0.5}, 1),
        ({"claw_back": np.array([0])}, 0),
        ({"claw_back": np.array([0, 0])}, 1),
        ({"sell_stake": True}, 0),
        ({"sell_stake": np.True_}, 0),
        ({"sell_stake": 1}, 1),
        ({"adoption_cost_share": 1.0, "adoption_budget_trn_yen": 2.0, "domestic_content_share": 0.0}, 0),
        ({"adoption_cost_share": 1.1, "adoption_budget_trn_yen": -1.0, "domestic_content_share": NAN}, 3),
        ({"adoption_cost_share": True}, 1),
        ({"adoption_cost_share": 1}, 0),
        ({"adoption_cost_share": np.float32(0.5)}, 0),
        ({"adoption_cost_share": "half"}, 1),
        ({"remember": {"a": 1}}, 0),
        ({"remember": 1}, 1),
    ],
)
def test_every_part_of_support_has_its_bounds(answer: dict[str, Any], wrong: int) -> None:
    assert len(of_support(**answer)) == wrong


def test_support_is_support() -> None:
    assert said(lambda: checked.support(AGENT, answering(NoSubsidy, "support", 1.0), VIEW)) == [
        "support() returned 1.0; it has to be a Support"
    ]


def test_more_dollars_than_there_are_cannot_be_sold() -> None:
    def order(answer: float, reserves: float) -> list[str]:
        view: Any = given(reserves_bn_usd=reserves)
        return said(lambda: checked.order_bn_usd(AGENT, answering(NoIntervention, "order_bn_usd", answer), view))

    assert order(-10.0, 10.0) == order(-10.0, 10.0 * (1.0 - 1e-10)) == order(500.0, 0.0) == order(0.0, -5.0) == []
    assert order(-10.0, 9.9)[0].endswith("no less than minus the reserves; 9.9 bn USD are left to sell")
    assert order(-1.0, -5.0)[0].endswith("-5 bn USD are left to sell")
    assert order(1001.0, 0.0)[0].endswith("a number from -1000 to 1000 (bn USD)")


def test_deals_and_rescues_have_their_bounds() -> None:
    def deal(answer: Any) -> list[str]:
        return said(lambda: checked.deal(AGENT, answering(StatusQuo, "deal", answer), given()))  # type: ignore[arg-type]

    def rescue(answer: Any) -> list[str]:
        return said(lambda: checked.rescue(AGENT, answering(NoRescue, "decide", answer), given()))  # type: ignore[arg-type]

    assert deal(Deal(1.0, 0.5, 10.0, 5.0)) == []
    assert len(deal(Deal(-1.0, 1.5, 101.0, -5.0))) == 4
    assert deal(None) == ["deal() returned None; it has to be a Deal"]
    assert rescue(None) == []
    assert rescue(1.0) == ["decide() returned 1.0; it has to be None or a Rescue"]
    assert rescue(Rescue(2.0)) == []
    assert rescue(Rescue(-2.0)) == ["decide() paid_trn_yen -2.0; it has to be a number from 0 to 1e+06 (trn yen)"]


def test_rates_may_have_a_floor_beside_their_bounds() -> None:
    def rate(answer: Any, lowest: float | None = None) -> list[str]:
        return said(lambda: checked.rate_pct(AGENT, InertialTaylor(), "decide_pct", answer, lowest))

    assert rate(-1000.0) == rate(1) == rate(-0.1, -0.1) == []
    assert rate(-0.2, -0.1) == ["decide_pct() returned -0.2; it has to be no less than -0.1 (% a year)"]
    assert len(rate(1000.1)) == len(rate(NAN)) == len(rate("one")) == 1
    kept = checked.rate_pct(AGENT, InertialTaylor(), "decide_pct", 1)
    assert (kept, type(kept)) == (1.0, float)


def test_projected_paths_are_as_long_as_asked_and_numbers() -> None:
    def path(answer: Any) -> list[str]:
        return said(lambda: checked.projected_rates_pct(AGENT, InertialTaylor(), answer, 2))

    for sound in (([1.0, 2.0], 3.0), ((1, 2), 3), (np.array([1.0, 2.0]), np.float64(3.0)), ([-1000.0, 1000.0], 0.0)):
        assert path(sound) == []
    assert path([1.0, 2.0])[0].endswith("a list of rates and the rate where they end")
    assert path(([1.0, 2.0], 3.0, 4.0))[0].endswith("a list of rates and the rate where they end")
    assert path(("12", 3.0))[0].endswith("a list of rates and the rate where they end")
    assert path(([1.0], 3.0))[0].endswith("rates of 2 quarters")
    for wrong in (
        ([1.0, 1001.0], 3.0),
        ([-1001.0, 2.0], 3.0),
        ([1.0, 2.0], 1001.0),
        ([NAN, 2.0], 3.0),
        ([1.0, 2.0], INF),
    ):
        assert path(wrong)[0].endswith("numbers from -1000 to 1000 (% a year)")


def test_caps_have_a_yield_and_a_share() -> None:
    def cap(answer: Any) -> list[str]:
        return said(lambda: checked.yield_cap(AGENT, answering(InertialTaylor, "yield_cap", answer)))

    assert cap(None) == cap(YieldCap(0.25, 1.0)) == []
    assert cap(0.25) == ["yield_cap() returned 0.25; it has to be None or a YieldCap"]
    assert len(cap(YieldCap(101.0, 1.1))) == 2


def test_a_long_answer_is_cut_and_a_month_that_nobody_knows_is_unknown() -> None:
    (message,) = of_support(payments="x" * 200)
    assert message == f"support() returned payments '{'x' * 76}...; it has to be a tuple of Payment"
    assert len(of_support(payments="x" * 78)[0]) == len(message)
    assert "..." not in of_support(payments="x" * 78)[0]
    assert checked.running_month(given(model=given())) == "unknown"  # type: ignore[arg-type]
    assert checked.name_of_rule(NoSubsidy()) == "subsidy rule 'none'"
    assert checked.name_of_rule(answering(SubsidyRule, "support", None)) == "subsidy rule 'Answering'"


# Behaviours.


def test_an_answer_of_one_number_lies_within_its_bounds() -> None:
    def carry_book(gap: float, expected: float) -> float:
        return 1.0

    its = Behaviours(carry=carry_book)
    assert its.replaced == {"carry": "carry_book"}
    assert its.number("carry", 0.0, 0.0, 4.0) == 0.0
    assert its.number("carry", 4, 0.0, 4.0) == 4.0
    for wrong in (-0.1, 4.1, NAN, None, "much"):
        with pytest.raises(DecisionError, match=r"behaviour carry \('carry_book'\) returned .* from 0 to 4"):
            its.number("carry", wrong, 0.0, 4.0)  # type: ignore[arg-type]


def test_what_suppliers_are_worth_is_as_many_finite_numbers() -> None:
    def worth(answer: Any) -> Any:
        its = Behaviours(supplier_choice=lambda utility, price, at_home: answer)
        return its.utilities(np.zeros(2), np.zeros(2), np.array([True, False]))

    assert worth([1, 2]).tolist() == [1, 2]
    for wrong in ([1.0], [1.0, NAN], [1.0, INF], ["a", "b"], np.ones((2, 1))):
        with pytest.raises(DecisionError, match="must return 2 finite numbers"):
            worth(wrong)

    def spoils(utility: Any, price: Any, at_home: Any) -> Any:
        utility[:] = price[:] = 9.0
        at_home[:] = False
        return utility

    mine = np.zeros(2), np.ones(2), np.array([True, False])
    Behaviours(supplier_choice=spoils).utilities(*mine)
    assert [one.tolist() for one in mine] == [[0.0, 0.0], [1.0, 1.0], [True, False]]


def test_a_decision_is_a_line_of_its_table() -> None:
    saw = {"x": 1.0 / 3.0, "y": NAN}
    its = Decision("2026-04-30", "banks", 3, "bonds", "plan", saw, 1.0, "%", "cap", 0.5)
    assert its.rule == "bonds:plan"
    assert Decision("2026-04-30", "banks", 3, "bonds", "", saw, 1.0, "%", "", 0.5).rule == "bonds"
    row = its.row()
    assert json.loads(str(row.pop("saw"))) == {"x": 0.3333333, "y": None}
    assert list(row.values()) == ["2026-04-30", "banks", 3, "bonds:plan", 1.0, "%", "cap", 0.5]


# Gates and calendars.


def test_a_political_cabinet_stops_what_its_lot_says_and_an_obedient_one_what_it_is_told() -> None:
    assert stops(POLITICAL, GateView(0.3, 0.2))
    assert not stops(POLITICAL, GateView(0.3, 0.3))
    assert not stops(OBEDIENT, GateView(0.3, 0.2))
    assert no_cabinet() == GateView(0.0, 0.5)


def test_rules_are_due_when_their_calendar_says() -> None:
    class Paid(ScheduledRule):
        """Pays in fiscal years 2026 and 2028."""

        first_fiscal_year = 2026
        amounts_trn_yen = (1.0, 0.0, 0.5)
        dose = 1.0

        def __init__(self, dose: float = 1.0) -> None:
            object.__setattr__(self, "dose", dose)

    assert [Paid().is_due(0, year) for year in (2025, 2026, 2027, 2028, 2029)] == [False, True, False, True, False]
    assert not Paid(0.0).is_due(0, 2026)
    assert not NoSubsidy().is_due(0, 2026)
    content = DomesticContent(required_share=0.5, first_month=6)
    assert [content.is_due(month, 2026) for month in (5, 6, 7)] == [False, True, True]
    assert not DomesticContent(required_share=0.0).is_due(9, 2026)
    bought = DomesticContent(required_share=0.5, first_month=6, amounts_trn_yen=(0.0, 1.0), first_fiscal_year=2026)
    assert [bought.is_due(0, year) for year in (2026, 2027)] == [False, True]
