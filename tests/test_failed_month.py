"""After an exception in mid-month an economy goes no further, says so, and hands out whole months only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from itcho.agents.added_agent import AddedAgent, AddedOrders, EconomyView
from itcho.agents.errors import DecisionError, FailedMonthError
from itcho.agents.rules.intervention import InterventionRule
from itcho.agents.rules.monetary_targets import ConstantRate
from itcho.agents.rules.subsidy import SubsidyRule, Support
from itcho.agents.vocabulary import Party, Sector
from itcho.model import monthly_steps
from itcho.model.economy import JapanEconomy
from itcho.model.policies import POLICIES

SMALL: dict[str, Any] = {"rng": 1, "investors": 40, "importers": 30, "adopters": 20}
JULY = 3
"""The month of the run that is July 2026."""


class Breaking(SubsidyRule):
    def support(self, view: Any) -> Support:
        return Support(adoption_cost_share=1.0 / (JULY - view.month) - 1.0 / (JULY - view.month))


class Refused(SubsidyRule):
    def support(self, view: Any) -> Support:
        return Support(adoption_cost_share=2.0 if view.month == JULY else 0.0)


class LateInTheMonth(InterventionRule):
    def order_bn_usd(self, view: Any) -> float:
        raise LookupError("no such level")


class BreakingAgent(AddedAgent):
    party: Party = Party("breaking_agent", Sector.INVESTORS)

    def decide(self, view: EconomyView) -> AddedOrders:
        if view.month == JULY:
            raise OSError("no data\nof today")
        return AddedOrders()


def economy_under(**rules: Any) -> JapanEconomy:
    return JapanEconomy(policy=replace(POLICIES["none"], name="trial", **rules), **SMALL)


def stopped(economy: JapanEconomy, expected: type[BaseException]) -> BaseException:
    with pytest.raises(expected) as caught:
        economy.run(years=1)
    return caught.value


CASES: dict[str, tuple[Callable[[], JapanEconomy], type[BaseException], str, int]] = {
    "rule raises": (
        lambda: economy_under(subsidy=Breaking()),
        ZeroDivisionError,
        "month 2026-07 failed in subsidy rule 'Breaking' (ZeroDivisionError: float division by zero); build it again",
        JULY,
    ),
    "rule is refused": (
        lambda: economy_under(subsidy=Refused()),
        DecisionError,
        "month 2026-07 failed in subsidy rule 'Refused' (support() returned adoption_cost_share 2.0; it has to be a "
        "number from 0 to 1 (share)); build it again",
        JULY,
    ),
    "rule of the sessions raises": (
        lambda: economy_under(intervention=LateInTheMonth()),
        LookupError,
        "month 2026-04 failed in intervention rule 'LateInTheMonth' (LookupError: no such level); build it again",
        0,
    ),
    "agent raises": (
        lambda: JapanEconomy(policy="none", **SMALL, added_agents=[BreakingAgent]),
        OSError,
        "month 2026-07 failed in added agent BreakingAgent (OSError: no data); build it again",
        JULY,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_goes_on_from_a_month_that_failed(case: str, tmp_path: Path) -> None:
    make, kind, message, closed = CASES[case]
    economy = make()
    first = stopped(economy, kind)
    assert type(first) is kind, "the first error is the one that happened"
    assert message in first.__notes__
    for go_on in (economy.step, economy.run, economy.run_model, lambda: economy.save(tmp_path / "saved.json")):
        with pytest.raises(FailedMonthError) as refused:
            go_on()
        assert str(refused.value) == message
    assert list(tmp_path.iterdir()) == []
    assert economy.steps == len(economy.ledger.history) == closed


def test_tables_hold_the_months_before_and_say_so() -> None:
    economy, sound = economy_under(subsidy=Breaking()), economy_under()
    stopped(economy, ZeroDivisionError)
    for _ in range(JULY):
        sound.step()
    for name in ("monthly_table", "daily_table", "fx_attribution", "flow_table", "edge_table"):
        with pytest.warns(UserWarning, match=r"month 2026-07 failed in .*The 3 months before are complete"):
            table = getattr(economy, name)()
        assert table.equals(getattr(sound, name)()), name
    with pytest.warns(UserWarning, match="month 2026-07 failed"):
        assert economy.graph.number_of_nodes() > 0
    assert economy.datacollector.get_model_vars_dataframe().equals(sound.datacollector.get_model_vars_dataframe())
    assert economy.outcomes == sound.outcomes


@pytest.mark.parametrize("step", ["run_goods_and_labour", "plan_portfolios", "close_the_books"])
@pytest.mark.parametrize("kind", [ArithmeticError, KeyboardInterrupt])
def test_a_step_that_fails_is_named(step: str, kind: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that the user interrupted: half of the month is booked by then."""
    economy = JapanEconomy(**SMALL)
    economy.step()

    def fails(*_: object) -> None:
        raise kind

    if step == "close_the_books":
        monkeypatch.setattr(economy.ledger, "close_month", fails)
    else:
        inside = {"run_goods_and_labour": "_post_demand", "plan_portfolios": "ReturnOutlook"}[step]
        monkeypatch.setattr(monthly_steps, inside, fails)
    with pytest.raises(kind):
        economy.step()
    monkeypatch.undo()
    with pytest.raises(FailedMonthError, match=rf"month 2026-05 failed in step '{step}' \({kind.__name__}\); build"):
        economy.step()


def test_a_reporter_that_fails_leaves_no_uneven_columns() -> None:
    economy = JapanEconomy(**SMALL)
    economy.datacollector._new_model_reporter("inverse", lambda model: 1.0 / (model.clock.month - JULY))
    stopped(economy, ZeroDivisionError)
    frame = economy.datacollector.get_model_vars_dataframe()
    assert len(frame) == JULY
    assert frame["inverse"].tolist() == [-1.0 / 3.0, -0.5, -1.0]
    with pytest.raises(FailedMonthError, match="month 2026-07 failed in the month's figures"):
        economy.step()


def test_an_economy_that_did_not_fail_says_nothing(recwarn: pytest.WarningsRecorder) -> None:
    economy = economy_under(monetary=ConstantRate())
    economy.run(years=1)
    assert len(economy.monthly_table()) == 12
    assert economy.failed_month is None
    assert not recwarn.list
