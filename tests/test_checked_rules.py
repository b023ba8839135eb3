"""What a rule of the user's own returns is checked when it returns it, and told under the rule's name."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from itcho.agents.errors import DecisionError
from itcho.agents.rules import checked
from itcho.agents.rules.checked import ANSWERS
from itcho.agents.rules.fiscal import FiscalRule
from itcho.agents.rules.intervention import InterventionRule
from itcho.agents.rules.monetary import MonetaryRule, YieldCap
from itcho.agents.rules.rescue import DistressView, Rescue, RescueRule
from itcho.agents.rules.rule import Rule
from itcho.agents.rules.subsidy import Guarantee, Payment, Royalty, SubsidyRule, Support
from itcho.agents.rules.trade import Deal, TradeRule
from itcho.model.economy import JapanEconomy
from itcho.model.policies import POLICIES
from tests.children import ROOT

BASES: dict[str, type[Rule]] = {
    "subsidy": SubsidyRule,
    "fiscal": FiscalRule,
    "monetary": MonetaryRule,
    "intervention": InterventionRule,
    "rescue": RescueRule,
    "trade": TradeRule,
}
SMALL: dict[str, Any] = {"rng": 1, "investors": 40, "importers": 30, "adopters": 20}
ROWS = np.array([3, 5])


class Harmless:
    """What else the rule is asked, answered soundly."""

    def support(self, *_: object) -> Support:
        return Support()

    def wanted_rate_pct(self, *_: object) -> float:
        return 0.75


def answering(slot: str, method: str, answer: Any) -> JapanEconomy:
    """An economy with a rule that gives this answer to one question."""
    kind = type("Wrong", (Harmless, BASES[slot]), {method: lambda self, *_: answer})
    # Set afterwards, so that the rule does not enter the catalogue.
    kind.name = "wrong"  # type: ignore[attr-defined]
    policy = replace(POLICIES["actual"], name="trial", **{slot: kind()})
    return JapanEconomy(policy=policy, **SMALL)


def ask(economy: JapanEconomy, slot: str) -> None:
    """Run until the rule has been asked; a rescue rule is asked about a distress that is made up."""
    if slot != "rescue":
        economy.run(years=2)
        return
    economy.step()
    economy.government.decide_rescue(DistressView(9.0, 20.0, 35.0, 0.2, 0.5, 0.5))


def refused(slot: str, method: str, answer: Any) -> str:
    """The message with which it is refused, and no later than in the budget month."""
    with pytest.raises(DecisionError) as caught:
        ask(answering(slot, method, answer), slot)
    error = caught.value
    assert error.decider == f"{slot} rule 'wrong'"
    for message in error.messages:
        assert re.match(rf"{slot} rule 'wrong', month 202[67]-\d\d: {method}\(\)", message), message
        assert "; it has to be " in message
    return str(error)


def _payment(amounts: Any) -> Support:
    return Support((Payment(ROWS, amounts if isinstance(amounts, np.ndarray) else np.array([0.01, amounts])),))


PARTS: dict[tuple[str, str], tuple[str, Callable[[Any], Any]]] = {
    ("subsidy", "payments amounts_trn_yen"): ("support", _payment),
    ("subsidy", "guarantee share"): ("support", lambda x: Support(guarantee=Guarantee(x, 0.5))),
    ("subsidy", "guarantee fee_pct"): ("support", lambda x: Support(guarantee=Guarantee(0.5, x))),
    ("subsidy", "royalty share_of_revenue"): ("support", lambda x: Support(royalty=Royalty(ROWS, x, 1.0))),
    ("subsidy", "royalty limit_trn_yen"): ("support", lambda x: Support(royalty=Royalty(ROWS, 0.1, x))),
    ("subsidy", "adoption_cost_share"): ("support", lambda x: Support(adoption_cost_share=x)),
    ("subsidy", "adoption_budget_trn_yen"): ("support", lambda x: Support(adoption_budget_trn_yen=x)),
    ("subsidy", "domestic_content_share"): ("support", lambda x: Support(domestic_content_share=x)),
    ("monetary", "projected_rates_pct()"): ("projected_rates_pct", lambda x: ([*[0.5] * 39, x], 1.0)),
    ("monetary", "yield_cap() yield_pct"): ("yield_cap", lambda x: YieldCap(x, 0.5)),
    ("monetary", "yield_cap() largest_share"): ("yield_cap", lambda x: YieldCap(1.5, x)),
    ("monetary", "yield_cap() floor_pct"): ("yield_cap", lambda x: YieldCap(1.5, 0.5, x)),
    ("rescue", "decide() paid_trn_yen"): ("decide", lambda x: Rescue(x)),
    ("trade", "chip_purchase_trn_yen"): ("deal", lambda x: Deal(x, 0.5, 1.0)),
    ("trade", "subsidy_share"): ("deal", lambda x: Deal(0.1, x, 1.0)),
    ("trade", "tariff_relief_pp"): ("deal", lambda x: Deal(0.1, 0.5, x)),
    ("trade", "offer_trn_yen"): ("deal", lambda x: Deal(0.1, 0.5, 1.0, x)),
}
QUESTIONS = [(slot, name) for slot, answers in ANSWERS.items() for name in answers]
BAD = {
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
    "far below": -1e9,
    "far above": 1e9,
    "None": None,
    "text": "1.0",
    "complex": 1.0 + 0.5j,
    "yes": True,
    "several": np.ones(3),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(("slot", "name"), QUESTIONS)
def test_a_bad_number_is_told_at_the_call(slot: str, name: str, bad: str) -> None:
    value, bounds = BAD[bad], ANSWERS[slot][name]
    method, make = PARTS.get((slot, name), (name.removesuffix("()"), lambda x: x))
    if name == "payments amounts_trn_yen":
        if bad in ("text", "complex"):
            value = np.array([value, value])
        elif bad == "None":
            value = np.array([0.1, 0.1], dtype=object)
        elif bad == "yes":
            value = np.array([True, True])
    message = refused(slot, method, make(value))
    if name == "payments amounts_trn_yen":
        rights = f"numbers from {bounds}", "a numpy array of float64 with one dimension", "as many as rows: 2"
        assert message.endswith(rights)
    elif name == "projected_rates_pct()":
        assert f"numbers from {bounds}" in message
    else:
        assert f"{value!r}; it has to be a number from {bounds}" in message


@pytest.mark.parametrize(("slot", "name"), QUESTIONS)
def test_both_bounds_are_allowed_and_a_step_beyond_is_not(slot: str, name: str) -> None:
    """Asked of the checks themselves: an economy need not survive every allowed answer."""
    bounds = ANSWERS[slot][name]
    for allowed in (bounds.low, bounds.high, np.float32(bounds.high), int(bounds.high)):
        assert list(checked._outside(slot, name, allowed)) == []
    for beyond in (np.nextafter(bounds.low, -np.inf), np.nextafter(bounds.high, np.inf)):
        assert len(list(checked._outside(slot, name, float(beyond)))) == 1


WHOLE = [
    ("subsidy", "support", None, "a Support"),
    ("subsidy", "support", 0.05, "a Support"),
    ("subsidy", "support", {"payments": ()}, "a Support"),
    ("subsidy", "support", Support(payments=None), "a tuple of Payment"),  # type: ignore[arg-type]
    ("subsidy", "support", Support((0.05,)), "a Payment"),  # type: ignore[arg-type]
    ("subsidy", "support", Support((Payment(ROWS, np.ones(3)),)), "as many as rows: 2"),
    ("subsidy", "support", Support((Payment(ROWS, np.ones((2, 1))),)), "one dimension"),
    ("subsidy", "support", Support((Payment(ROWS, [0.1, 0.1]),)), "numpy array of float64"),  # type: ignore[arg-type]
    ("subsidy", "support", Support((Payment(ROWS + 0.5, np.ones(2)),)), "whole numbers"),  # type: ignore[arg-type]
    ("subsidy", "support", Support((Payment(np.array([3, 3]), np.ones(2)),)), "once each"),
    ("subsidy", "support", Support((Payment(np.array([3, 30]), np.ones(2)),)), "rows from 0 to 29"),
    ("subsidy", "support", Support((Payment(np.array([-1, 3]), np.ones(2)),)), "rows from 0 to 29"),
    ("subsidy", "support", Support((Payment(ROWS, np.ones(2), "gift"),)), "one of grant, equity, guaranteed-loan"),
    ("subsidy", "support", Support(guarantee=0.5), "None or a Guarantee"),  # type: ignore[arg-type]
    ("subsidy", "support", Support(royalty=0.5), "None or a Royalty"),  # type: ignore[arg-type]
    ("subsidy", "support", Support(royalty=Royalty(np.array([99]), 0.1, 1.0)), "rows from 0 to 29"),
    ("subsidy", "support", Support(claw_back=3), "whole numbers"),  # type: ignore[arg-type]
    ("subsidy", "support", Support(claw_back=np.array([True])), "whole numbers"),
    ("subsidy", "support", Support(sell_stake=None), "True or False"),  # type: ignore[arg-type]
    ("subsidy", "support", Support(remember=None), "a mapping"),  # type: ignore[arg-type]
    ("monetary", "projected_rates_pct", None, "a list of rates"),
    ("monetary", "projected_rates_pct", [0.5] * 40, "a list of rates"),
    ("monetary", "projected_rates_pct", ([0.5] * 3, 1.0), "rates of 40 quarters"),
    ("monetary", "projected_rates_pct", ([0.5] * 40, None), "numbers from -1000 to 1000 (% a year)"),
    ("monetary", "yield_cap", 1.5, "None or a YieldCap"),
    ("monetary", "decide_pct", -0.2, "no less than 0 (% a year)"),
    ("intervention", "order_bn_usd", -999.0, "no less than minus the reserves"),
    ("trade", "deal", None, "a Deal"),
    ("trade", "deal", 0.1, "a Deal"),
]


@pytest.mark.parametrize(("slot", "method", "answer", "right"), WHOLE)
def test_an_answer_of_the_wrong_kind_is_told_at_the_call(slot: str, method: str, answer: Any, right: str) -> None:
    assert right in refused(slot, method, answer)


def test_all_mistakes_of_an_answer_are_told_at_once() -> None:
    several = Support(adoption_cost_share=1.5, domestic_content_share=-0.5, claw_back=np.array([99]))
    message = refused("subsidy", "support", several)
    assert [part in message for part in ("adoption_cost_share 1.5", "content_share -0.5", "claw_back array([99])")] == [
        True,
        True,
        True,
    ]


def test_the_month_is_that_of_the_question() -> None:
    class Late(SubsidyRule):
        def support(self, view: Any) -> Support:
            return Support(adoption_cost_share=float("nan") if view.month == 9 else 0.0)

    economy = JapanEconomy(policy=replace(POLICIES["none"], name="trial", subsidy=Late()), **SMALL)
    with pytest.raises(DecisionError, match=r"subsidy rule 'Late', month 2027-01: support\(\) returned adoption_cost"):
        economy.run(years=1)
    assert len(economy.ledger.history) == 9


def test_the_error_keeps_who_decided_when_it_goes_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(DecisionError(["a", "b"], "fiscal rule 'x'")))
    assert (error.messages, error.decider) == (["a", "b"], "fiscal rule 'x'")


def test_the_page_on_rules_lists_the_bounds_of_every_answer() -> None:
    page = (ROOT / "docs" / "adding_a_rule.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\w+) \| `([^`]+)` \| ([^|]+) \|$", page, re.MULTILINE)
    assert listed == [
        (slot, name, str(bounds)) for slot, answers in ANSWERS.items() for name, bounds in answers.items()
    ]
