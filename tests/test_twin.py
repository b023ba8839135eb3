"""A world that opens as another one did, under another policy: the same bits as one that was built under it."""

from __future__ import annotations

import pytest

from itcho.agents.errors import InputError
from itcho.model.economy import JapanEconomy
from itcho.model.kept_world import state_digests
from itcho.model.policies import POLICIES
from itcho.model.twin import opened_under


def small(policy: str, start: str = "2026-03-31") -> JapanEconomy:
    return JapanEconomy(policy=policy, start=start, rng=5, years=1, investors=100, importers=60, adopters=60)


@pytest.fixture(scope="module")
def without() -> JapanEconomy:
    return small("none")


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_a_world_opened_under_a_policy_is_the_one_that_was_built_under_it(policy: str, without: JapanEconomy) -> None:
    opened, built = opened_under(without, policy), small(policy)
    for months in (0, 3):
        for _ in range(months):
            opened.step()
            built.step()
        assert state_digests(opened) == state_digests(built)
        assert opened.decision_table().equals(built.decision_table())
    assert opened.monthly_table().equals(built.monthly_table())
    assert (without.policy.name, len(without.ledger.history)) == ("none", 0)


def test_what_the_bank_had_promised_binds_the_usual_rule_again() -> None:
    capped, usual = small("actual-yield-cap", "2024-03-31"), small("none", "2024-03-31")
    opened = opened_under(capped, "none")
    assert opened.bank_of_japan.kept_until_inflation_pct == usual.bank_of_japan.kept_until_inflation_pct
    assert state_digests(opened) == state_digests(usual)
    assert state_digests(opened.run(1)) == state_digests(usual.run(1))


def test_only_an_opening_can_be_taken(without: JapanEconomy) -> None:
    begun = small("none")
    begun.step()
    with pytest.raises(ValueError, match="before its first month"):
        opened_under(begun, "actual")
    with pytest.raises(InputError, match="lump-summ"):
        opened_under(without, "lump-summ")
