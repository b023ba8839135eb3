"""The benchmarks' rivals do the same work as the model; how fast is never asserted."""

from __future__ import annotations

import pytest

from benchmarks import agent_rules
from benchmarks.__main__ import Goal


@pytest.mark.parametrize(
    "rule", [agent_rules.investor_sessions, agent_rules.adopter_months, agent_rules.importer_months]
)
def test_the_twins_agree_and_all_are_timed(rule, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    for name in ("least_seconds", "least_seconds_after"):
        monkeypatch.setattr(f"benchmarks.agent_rules.{name}", lambda *_: 1e-3)
    monkeypatch.setattr("benchmarks.agent_rules.floor_ns", lambda *_: 1.0)
    times = rule(500)
    assert times.mesa == times.model == times.numpy > 0.0


def test_twins_that_differ_are_an_error() -> None:
    with pytest.raises(AssertionError, match="differ"):
        agent_rules._same("orders", 1.0, 1.0 + 1e-6)


def test_a_goal_says_by_how_much_it_is_missed() -> None:
    assert Goal("path", "s", 0.04, 0.02).line == "met (2.0 times better)"
    assert Goal("path", "s", 0.04, 0.08).line == "missed (by 2.00 times)"
    assert Goal("speed-up", "times", 150.0, 300.0, at_least=True).line == "met (2.0 times better)"
    assert Goal("speed-up", "times", 150.0, 75.0, at_least=True).line == "missed (by 2.00 times)"
