"""What had been announced and what was known of prices at a date enters the start, and binds what is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from itcho import JapanEconomy
from itcho.agents.rules.monetary import YieldCap
from itcho.experiments.openings.events import monetary_commitment
from itcho.experiments.openings.past_prices import past_consumer_prices_pct
from itcho.model.start_states import load
from itcho.model.start_states.start_state import Event, Fact
from tests.hand_ledger import given

SMALL: dict[str, Any] = {"investors": 30, "importers": 60, "adopters": 30}

# Days made up, statements as the Bank of Japan has made them.
STATEMENTS = [
    ("2001-03-19", "boj.quantitative_easing_start", float("nan")),
    ("2006-03-09", "boj.quantitative_easing_end", float("nan")),
    ("2006-03-10", "boj.understanding_of_price_stability", 1.0),
    ("2006-07-14", "boj.policy_rate", 0.25),
    ("2008-12-19", "boj.policy_rate", 0.1),
    ("2010-10-05", "boj.comprehensive_easing", 0.05),
    ("2013-01-22", "boj.inflation_target", 2.0),
    ("2016-01-29", "boj.policy_rate", -0.1),
    ("2016-09-21", "boj.yield_curve_control_10y", 0.0),
    ("2018-07-31", "boj.yield_curve_control_range", 0.2),
    ("2024-03-19", "boj.policy_rate", 0.1),
]

UNTIL_TWO = {"boj_rate_kept_until_inflation": 2.0}


@pytest.mark.parametrize(
    ("origin", "promised"),
    [
        ("2005-03-31", {"boj_rate_kept_until_inflation": 0.0}),
        ("2006-03-31", {}),
        ("2009-03-31", {}),
        ("2011-03-31", {"boj_rate_kept_until_inflation": 1.0}),
        ("2013-03-31", {"boj_rate_kept_until_inflation": 2.0}),
        # A cut ends no promise; a rise does.
        ("2016-03-31", {"boj_rate_kept_until_inflation": 2.0}),
        ("2017-03-31", {**UNTIL_TWO, "boj_cap_on_10y_yield": 0.1, "boj_floor_on_10y_yield": -0.1}),
        ("2019-03-31", {**UNTIL_TWO, "boj_cap_on_10y_yield": 0.2, "boj_floor_on_10y_yield": -0.2}),
        ("2024-03-31", {}),
    ],
)
def test_a_promise_stands_from_its_statement_to_the_next_rise(origin: str, promised: dict[str, float]) -> None:
    rows = [(day, day, event, value, "Bank of Japan") for day, event, value in STATEMENTS if day <= origin]
    events = pd.DataFrame(rows, columns=["announced", "effective", "event", "value", "source"])
    found = monetary_commitment(given(origin=date.fromisoformat(origin), events=events))
    assert {event.event: event.value for event in found} == promised


def test_the_bank_opens_with_what_it_had_promised_under_its_own_rule_only() -> None:
    state = load("2024-03-31")
    day = date(2024, 3, 31)
    promised = replace(
        state,
        events=(
            *state.events,
            Event(day, "boj_rate_kept_until_inflation", 2.5, "pct", "made up"),
            Event(day, "boj_cap_on_10y_yield", 0.3, "pct", "made up"),
            Event(day, "boj_floor_on_10y_yield", -0.2, "pct", "made up"),
        ),
    )
    bank = JapanEconomy(start=promised, policy="none", rng=1, **SMALL).bank_of_japan
    assert (bank.kept_until_inflation_pct, bank.yield_cap()) == (2.5, YieldCap(0.3, 0.8, -0.2))
    for other in ({"start": state}, {"start": promised, "dated_events": False}):
        bank = JapanEconomy(**{"policy": "none", "rng": 1, **SMALL, **other}).bank_of_japan
        assert (bank.kept_until_inflation_pct, bank.yield_cap()) == (None, None)


@pytest.mark.parametrize(
    ("cap_pct", "floor_pct", "held"), [(0.3, -0.2, "yield_cap"), (9.0, 8.0, "yield_floor"), (9.0, -9.0, "")]
)
def test_a_range_of_the_yield_moves_it_and_is_on_record(cap_pct: float, floor_pct: float, held: str) -> None:
    """It stood at 0.73: under a cap of 0.3 the bank buys more than planned, over a floor of 8 nothing at all."""
    state, day = load("2024-03-31"), date(2024, 3, 31)
    told = {"boj_rate_kept_until_inflation": 9.0, "boj_cap_on_10y_yield": cap_pct, "boj_floor_on_10y_yield": floor_pct}
    events = [Event(day, name, value, "pct", "made up") for name, value in told.items()]
    promised = replace(state, events=(*state.events, *events))
    range_held, free = (
        JapanEconomy(start=one, policy="none", rng=1, noise=False, **SMALL) for one in (promised, state)
    )
    for economy in (range_held, free):
        economy.step()
    (bought,) = [one for one in range_held.decisions if one.what == "bond_purchases"]
    assert bought.bound_by == held
    change_pp = range_held.state.yields_pct[10.0] - free.state.yields_pct[10.0]
    if held == "yield_cap":
        assert bought.did > bought.wanted
        assert change_pp < -0.3
    elif held == "yield_floor":
        assert bought.did == pytest.approx(0.0, abs=1e-9)
        assert change_pp > 0.0
    else:
        assert bought.did == pytest.approx(bought.wanted)
    assert range_held.ledger.max_relative_residual < 1e-12


def test_past_prices_are_those_of_the_quarters_without_what_is_usual_of_the_season() -> None:
    quarters = pd.period_range("2003Q1", "2013Q1", freq="Q")
    # Every second quarter is 1% up and comes down again; prices stand still but for 2% in the third quarter of 2012.
    level = [
        100.0 * (1.01 if one.quarter == 2 else 1.0) * (1.02 if one >= pd.Period("2012Q3") else 1.0) for one in quarters
    ]
    series = pd.Series(level, index=quarters)
    data = given(
        origin=date(2013, 3, 31), quarterly=pd.DataFrame({"series": ["cpi_all_items"]}), series=lambda name: series
    )
    assert past_consumer_prices_pct(data) == pytest.approx([0.0, 0.0, 100.0 * (1.0 / 1.02 - 1.0)])
    lacking = given(origin=date(2013, 3, 31), quarterly=pd.DataFrame({"series": ["gdp_real"]}))
    assert past_consumer_prices_pct(lacking) == []


def test_a_step_of_a_year_ago_drops_out_of_inflation_when_it_did() -> None:
    state = load("2024-03-31")
    inflation = state.fact("cpi_inflation_yoy_pct")
    steps = {1: 0.0, 2: 0.0, 3: 0.0}
    known = {
        name: Fact(name, value, "pct", "made up")
        for quarters, value in steps.items()
        for name in [f"consumer_prices_{quarters}_quarters_before_pct"]
    }
    stepped = replace(state, facts=MappingProxyType({**state.facts, **known}))
    even, at_once = (JapanEconomy(start=one, rng=1, noise=False, **SMALL) for one in (state, stepped))
    assert even.state.consumer_inflation_pct == pytest.approx(at_once.state.consumer_inflation_pct, abs=0.05)
    even.step()
    at_once.step()
    # Prices rose once, a year ago: they stand in the base by now, where the other has eleven twelfths still to drop.
    assert at_once.state.consumer_inflation_pct == pytest.approx(
        even.state.consumer_inflation_pct - inflation * 11.0 / 12.0, abs=0.1
    )


def test_measured_by_quarter_the_months_are_the_same() -> None:
    monthly, quarterly = (JapanEconomy(rng=5, years=1, measure_every=months, **SMALL).run() for months in (1, 3))
    assert [record["real_gdp_trn_yen"] for record in quarterly.records.outcomes] == [
        record["real_gdp_trn_yen"] for record in monthly.records.outcomes[2::3]
    ]
    assert quarterly.outcomes == monthly.outcomes
    assert (quarterly.running, len(quarterly.records.dates)) == (False, 4)
