"""When dated parts of a policy act: what is never in force gets a word, and what waits for a budget another."""

from __future__ import annotations

import pytest

from itcho.agents.rules.fiscal import NoFiscalRule
from itcho.agents.rules.subsidy import NoSubsidy
from itcho.model.clock import Month
from itcho.model.policies import policy
from itcho.model.policies.policy import DatedChange, Policy
from itcho.model.policies.timing import timing_notes
from itcho.model.scenarios import scenario
from itcho.model.scenarios.scenario import Episode, OutsidePath, Scenario

APRIL_2026 = Month(2026, 4)


def told(slot: str, first: str, last: str | None = None, years: int = 5) -> list[str]:
    rule = NoFiscalRule() if slot == "fiscal" else NoSubsidy()
    change = DatedChange(slot, rule, Month.of(first), None if last is None else Month.of(last))
    dated = Policy("mine", "mine", "", changes=(change,))
    return timing_notes(dated, scenario("baseline"), APRIL_2026, 12 * years)


@pytest.mark.parametrize(
    ("slot", "first", "last", "said"),
    [
        ("subsidy", "2027-04", None, ""),
        ("subsidy", "2031-03", None, ""),
        ("subsidy", "2031-04", None, "is never in force: the run goes from 2026-04 to 2031-03"),
        ("subsidy", "2020-01", "2026-03", "is never in force"),
        ("subsidy", "2020-01", "2026-04", ""),
        ("fiscal", "2027-04", None, ""),
        ("fiscal", "2027-05", None, "acts for the first time on the budget of fiscal year 2028, in 2028-04"),
        ("fiscal", "2026-04", None, "acts for the first time on the budget of fiscal year 2027, in 2027-04"),
        ("fiscal", "2027-05", "2028-03", "never acts"),
        ("fiscal", "2030-05", None, "never acts"),
    ],
)
def test_a_dated_block_says_when_it_acts(slot: str, first: str, last: str | None, said: str) -> None:
    notes = told(slot, first, last)
    assert len(notes) == bool(said)
    assert said in "".join(notes)


def test_an_episode_after_the_end_is_named() -> None:
    late = Scenario("late", "late", "", episodes=(Episode(60, 12, OutsidePath()),))
    assert timing_notes(policy("actual"), late, APRIL_2026, 72) == []
    (note,) = timing_notes(policy("actual"), late, APRIL_2026, 60)
    assert "from month 61 on begins after this run's 60 months" in note


def test_what_comes_with_the_package_needs_no_note_in_a_run_of_ten_years() -> None:
    from itcho.model.policies import POLICIES
    from itcho.model.scenarios import SCENARIOS

    for one in POLICIES.values():
        for world in SCENARIOS.values():
            assert timing_notes(one, world, APRIL_2026, 120) == []
