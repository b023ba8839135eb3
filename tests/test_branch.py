"""An economy that goes on under another policy or in another scenario: what differs, and from when on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from itcho.agents.errors import InputError
from itcho.model.economy import JapanEconomy


def small(policy: str = "none", seed: int = 3) -> JapanEconomy:
    return JapanEconomy(policy=policy, rng=seed, years=1, investors=200, importers=60, adopters=100)


def run(economy: JapanEconomy, months: int) -> JapanEconomy:
    for _ in range(months):
        economy.step()
    return economy


@pytest.fixture(scope="module")
def parent() -> JapanEconomy:
    """Two months under no programme."""
    return run(small(), 2)


@pytest.fixture(scope="module")
def gone_on(parent: JapanEconomy) -> Callable[..., JapanEconomy]:
    """The parent's branches, two months on."""

    def branch(**changed: str) -> JapanEconomy:
        return run(parent.branch(**changed), 2)

    return branch


@pytest.fixture(scope="module")
def never_branched() -> JapanEconomy:
    """The same four months without a branch."""
    return run(small(), 4)


def test_where_nothing_differs_a_branch_goes_on_by_the_same_bits(
    gone_on: Callable[..., JapanEconomy], never_branched: JapanEconomy
) -> None:
    for same in (gone_on(), gone_on(policy="none", scenario="baseline")):
        assert same.outcomes == never_branched.outcomes
        assert same.monthly_table().equals(never_branched.monthly_table())
        assert same.daily_table().equals(never_branched.daily_table())


def test_another_policy_is_in_force_from_next_month_on(
    parent: JapanEconomy, gone_on: Callable[..., JapanEconomy], never_branched: JapanEconomy
) -> None:
    fresh = parent.branch(policy="lump-sum")
    assert (fresh.policy.name, fresh.government.subsidy.name) == ("lump-sum", "lump-sum")
    assert fresh.outcomes == parent.outcomes
    assert fresh.monthly_table().equals(parent.monthly_table())
    other = gone_on(policy="lump-sum")
    told, usual = other.monthly_table(), never_branched.monthly_table()
    assert len(told) == 4
    assert told[:2].equals(usual[:2])
    assert not told[2:3].equals(usual[2:3])
    assert other.government.memory.programme_spent_trn_yen > 0.0
    # What was drawn is the same: the US policy rate owes nothing to Japan's programme.
    assert other.outside.us_policy_rate_pct == never_branched.outside.us_policy_rate_pct


def test_the_economy_that_was_branched_is_left_as_it_was(never_branched: JapanEconomy) -> None:
    economy = run(small(), 2)
    before = dict(economy.outcomes)
    run(economy.branch(policy="lump-sum", scenario="ai-bust"), 2)
    assert (economy.policy.name, economy.scenario.name, economy.government.subsidy.name) == ("none", "baseline", "none")
    assert economy.government.memory.programme_spent_trn_yen == 0.0
    assert (economy.clock.month, economy.outcomes) == (1, before)
    assert run(economy, 2).monthly_table().equals(never_branched.monthly_table())


def test_another_scenario_bends_the_world_outside_from_next_month_on(
    parent: JapanEconomy, gone_on: Callable[..., JapanEconomy], never_branched: JapanEconomy
) -> None:
    fresh = parent.branch(scenario="early-us-easing")
    assert fresh.scenario.name == fresh.world.scenario.name == "early-us-easing"
    assert fresh.policy == parent.policy
    assert fresh.outcomes == parent.outcomes
    eased = gone_on(scenario="early-us-easing")
    # A point and a half in half a year, two months on.
    assert eased.outside.us_rate_path_pct == pytest.approx(parent.outside.us_rate_path_pct - 0.5)
    assert eased.outside.us_policy_rate_pct < never_branched.outside.us_policy_rate_pct
    assert eased.outside.us_rate_shock_pp == never_branched.outside.us_rate_shock_pp


def test_branches_under_unknown_names_are_refused(parent: JapanEconomy) -> None:
    with pytest.raises(InputError, match="lump-summ"):
        parent.branch(policy="lump-summ")
    with pytest.raises(InputError, match="ai-busst"):
        parent.branch(scenario="ai-busst")
