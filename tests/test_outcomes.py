"""The registry of outcomes: every face reads its labels, unit, decimals and declared range."""

from __future__ import annotations

import math

import pytest

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.scenarios import SCENARIOS


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_every_outcome_has_a_label_of_its_own_in_every_language(language: str) -> None:
    labels = [outcome.label_in(language) for outcome in OUTCOMES.values()]
    assert all(label == label.strip() and label for label in labels)
    assert len(set(labels)) == len(OUTCOMES)
    if language != "en":
        # No outcome is left in English: each has a character of Chinese or Japanese writing.
        assert all(any("\u3040" <= sign <= "\u9fff" for sign in label) for label in labels)
    if language == "zh":
        assert not any("\u3040" <= sign <= "\u30ff" for label in labels for sign in label), "kana in Chinese"


def test_every_outcome_says_how_it_is_shown() -> None:
    for outcome in OUTCOMES.values():
        assert outcome.unit
        assert 0 <= outcome.decimals <= 3
        assert outcome.low < outcome.high
        assert len(outcome.column) <= len(outcome.label)


def test_a_declared_range_refuses_what_cannot_be() -> None:
    share, rate = OUTCOMES["adoption_pct"], OUTCOMES["usdjpy"]
    assert [share.allows(value) for value in (-0.1, 0.0, 100.0, 100.1, math.nan)] == [False, True, True, False, True]
    assert [rate.allows(value) for value in (0.0, 158.0, 1e6, math.inf)] == [False, True, False, False]


@pytest.mark.parametrize("scenario", ["baseline", "ai-bust", "chip-supply-disruption"])
def test_values_of_short_runs_lie_in_the_declared_ranges(scenario: str) -> None:
    assert scenario in SCENARIOS
    economy = JapanEconomy(scenario=scenario, rng=3, investors=60, importers=50, adopters=60)
    rows = [dict(economy.outcomes)]
    for _ in range(24):
        economy.step()
        rows.append(dict(economy.outcomes))
    outside = [(month, name, row[name]) for month, row in enumerate(rows) for name in OUTCOMES
               if not OUTCOMES[name].allows(row[name])]  # fmt: skip
    assert outside == []


def test_figures_take_the_labels_of_the_registry() -> None:
    assert ENGLISH.outcome("gov_debt_to_gdp_pct") == "Debt/GDP"
    assert Language("ja").outcome("bond_dependency_pct") == "公債依存度"
