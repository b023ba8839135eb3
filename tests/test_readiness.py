"""Firms' policies on AI: signs, dates and limits by hand, and that the number of members does not matter."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from itcho.agents.adopters import Adopters, add_adopter_columns
from itcho.model.economy import JapanEconomy
from itcho.model.parameters import Parameters
from tests.hand_ledger import given
from tests.test_signs_adopters import P, fade, opened

PARAMETERS = Parameters()
SPEED = 0.24 / 12.0 / (0.36 * (0.24 * 0.5 + 0.4 * 0.75))
"""What makes the share of 0.36 grow by 0.24 a year: 0.24 and 0.4 are without, their odds of deciding are 1 and 3."""


def pair(**changed: list[float]) -> Adopters:
    """A large firm of which three in five have a policy, and a small one that has none; each is the other's partner."""
    columns: Any = {
        "size": [0.6, 0.4],
        "gain": [0.2, 0.1],
        "legacy_cost": [0.5, 0.25],
        "latent_position": [0.0, 0.1],
        "latent_width": [1.0, 0.5],
        "policy_position": [0.0, 0.3],
        "policy_survival": [0.4, 0.75],
        "policy": [0.6, 0.0],
        "use_survival": [0.7, 0.6],
        "deep_survival": [0.9, 1.0],
        "use_share": [0.24, 0.44],
        "deep": [0.05, 0.0],
        "reorganising": [0.0, 0.0],
        "adjusting": [0.0, 0.0],
        "learning": [0.0, 0.0],
        "adopted": [False, False],
        "depth_age_months": [8.0, 0.0],
        "supplier_worth": [1.0, 1.0],
        "hindrance": [1.0, 1.0],
        "log_productivity": [0.0, 0.0],
        "benefit": [0.0, math.log(3.0)],
    } | changed
    columns = {name: np.array(values) for name, values in columns.items()}
    return Adopters(columns, np.array([0, 1, 2]), np.array([1, 0]), given(**P | {"ai_policy_growth": 0.24}))


def test_without_a_policy_the_hazard_of_deep_use_is_zero_and_use_spreads_all_the_same() -> None:
    its = pair(policy_position=[0.0, 0.9])
    for _ in range(6):
        its.step(2.0, 1.0, 0.5)
        assert its.columns["policy"][1] == 0.0
        assert its.columns["deep_survival"][1] == 1.0
        assert its.columns["deep"][1] == 0.0
    assert its.columns["use_share"][1] > 0.5
    assert its.columns["deep"][0] > 0.05


def test_a_month_of_policies() -> None:
    its = pair()
    assert its.readiness.share == pytest.approx(0.36)
    its.step(0.0, 1.0)
    # Half of what a firm sees is its partner, half the mean: 0.18 of the large firm's, 0.48 of the small one's.
    left = [0.4 / fade(SPEED * 0.18 * 0.5), 0.75 / fade(SPEED * 0.48 * 0.75)]
    assert its.columns["policy_survival"] == pytest.approx(left)
    # A quarter of potential units of the small firm have passed; its own begin at three tenths and reach over a half.
    assert its.columns["policy"] == pytest.approx([1.0 - left[0], 0.0])
    assert its.readiness.share == pytest.approx(0.6 * (1.0 - left[0]))
    while its.columns["policy"][1] == 0.0:
        left[1] = its.columns["policy_survival"][1]
        its.step(0.0, 1.0)
    assert 0.7 > its.columns["policy_survival"][1] > 0.66
    assert left[1] >= 0.7
    assert its.columns["policy"][1] == pytest.approx((1.0 - its.columns["policy_survival"][1] - 0.3) / 0.5)


def test_units_with_a_new_policy_have_waited_until_now() -> None:
    its = pair()
    # The ready share one hazard: their survival is 5/6, and 3/5 x 5/6 + 2/5 is 0.9; the mean hazard is of these alone.
    scale = 1.0 / 0.5
    its.step(0.0, 1.0)
    policy = its.columns["policy"][0]
    hazard = (0.06 + 0.36 / 0.5 * 0.5 * 0.03) / 12.0 * scale * 0.5
    survived = (1.0 - policy) + (0.5 + policy - 0.6) / fade(hazard)
    assert its.columns["deep_survival"][0] == pytest.approx(survived)
    assert its.columns["deep"][0] == pytest.approx(0.5 * (1.0 - survived))


def test_who_uses_ai_stays_a_user_without_a_policy() -> None:
    its = pair(deep=[0.05, 0.2], deep_survival=[0.9, 0.6])
    its.step(-5.0, 1.0)
    assert its.columns["deep"][1] == 0.2
    assert its.columns["use_share"][1] >= 0.44


def test_benefit_and_support_bring_policies_forward_and_hindrance_puts_them_off() -> None:
    usual, better, helped, bound = pair(), pair(), pair(), pair(hindrance=[2.0, 2.0])
    usual.step(0.0, 1.0)
    better.step(math.log(3.0), 1.0)
    helped.step(0.0, 1.0, 0.5)
    bound.step(0.0, 1.0)
    # exp(-b) of a third; of exp(-2 x 0.5 x 0.5); of two.
    for its, resistance in ((usual, 1.0), (better, 1.0 / 3.0), (helped, math.exp(-0.5)), (bound, 2.0)):
        left = 0.4 / fade(SPEED * 0.18 / (1.0 + resistance))
        assert its.columns["policy_survival"][0] == pytest.approx(left)


def columns_of(count: int, seed: int = 3, sizes: str = "even", share: float = 0.497) -> dict[str, Any]:
    size = np.ones(count) if sizes == "even" else 1.0 / np.arange(1.0, count + 1.0)
    columns: dict[str, Any] = {"size": size}
    add_adopter_columns(columns, PARAMETERS, np.random.default_rng(seed), 0.552, 0.03, share)
    return columns


@pytest.mark.parametrize("count", [300, 1000, 30_000])
def test_the_opening_has_the_shares_of_the_survey_and_deep_users_have_a_policy(count: int) -> None:
    columns = columns_of(count, sizes="unlike")
    size, policy = columns["size"], columns["policy"]
    assert (size @ policy, size @ columns["deep"]) == pytest.approx((0.497, 0.03), abs=2e-4)
    first = np.cumsum(size) < 0.70
    assert np.average(policy[first], weights=size[first]) == pytest.approx(0.56, abs=0.015)
    rest = np.cumsum(size) > 0.74
    assert np.average(policy[rest], weights=size[rest]) == pytest.approx(0.34, abs=0.015)
    assert (columns["deep"][policy == 0.0] == 0.0).all()
    assert (policy == 0.0).any() == (count > 300)
    assert (columns["use_share"][policy == 0.0] > 0.0).any() == (count > 300)
    # Units with a policy share one survival, the others have all of theirs.
    assert (columns["deep_survival"] >= 1.0 - policy).all()


def test_policies_follow_neither_places_nor_gains() -> None:
    columns = columns_of(30_000)
    for name in ("latent_position", "gain", "legacy_cost", "regulated_rank"):
        assert abs(np.corrcoef(columns[name], columns["policy_position"])[0, 1]) < 0.03, name


def test_an_opening_that_firms_with_a_policy_cannot_reach_is_refused() -> None:
    with pytest.raises(ValueError, match=r"deep share 0.2 must lie between 0 and its ceiling 0.15"):
        opened(use=0.3, deep=0.2, policy=0.3)


def alone(columns: dict[str, Any], **changed: float) -> Adopters:
    """Adopters without partners."""
    nobody = np.zeros(0, dtype=int)
    return Adopters(columns, np.zeros(columns["size"].size + 1, dtype=int), nobody, PARAMETERS.replace(**changed))  # type: ignore[arg-type]


def test_the_share_grows_at_first_by_what_surveys_found() -> None:
    its = alone(columns_of(1000))
    its.step(0.0, 1.0)
    assert 12.0 * (its.readiness.share - 0.497) == pytest.approx(0.07, rel=0.01)
    slow = alone(columns_of(1000), ai_policy_growth=0.03)
    slow.step(0.0, 1.0)
    assert 12.0 * (slow.readiness.share - 0.497) == pytest.approx(0.03, rel=0.01)


def test_three_hundred_firms_and_thirty_thousand_give_the_same_policies_and_deep_use() -> None:
    paths = []
    for count, seed in ((300, 1), (300, 2), (30_000, 1), (30_000, 2)):
        its = alone(columns_of(count, seed))
        months = []
        for _ in range(120):
            month = its.step(0.0, 1.0)
            months.append((its.readiness.share, month.deep_share))
        paths.append(months)
    for path in paths[1:]:
        assert np.abs(np.array(path) - np.array(paths[0])).max() < 0.01


def test_all_units_of_firms_behave_as_one_firm_of_each_unit_would() -> None:
    """What a firm that spreads over all places keeps in three numbers is the mean over units, each with a gate."""
    its, months = alone(columns_of(1)), 60
    places = (np.arange(200_000) + 0.5) / 200_000
    p, survival, deep, ready = PARAMETERS, np.ones(places.size), [], []
    open_share, mean_deep = its.readiness.share, its.deep
    speed = 0.07 / 12.0 / (open_share * (1.0 - open_share))
    has = places < open_share
    survival[has] = 1.0 - its.deep / p.ai_deep_ceiling / open_share
    left = 1.0 - open_share
    for _ in range(months):
        left /= fade(speed * open_share)
        open_share = 1.0 - left
        has = places < open_share
        survival[has] /= fade((p.ai_deep_innovation + p.ai_deep_imitation * mean_deep / p.ai_deep_ceiling) / 12.0)
        mean_deep = p.ai_deep_ceiling * (1.0 - survival.mean())
        deep.append(mean_deep)
        ready.append(open_share)
        its.step(0.0, 1.0)
        assert (its.readiness.share, its.deep) == pytest.approx((open_share, mean_deep), rel=1e-3)


def test_support_can_only_bring_policies_forward() -> None:
    paths = []
    for share in (0.0, 0.3, 0.6):
        its, found = alone(columns_of(6000)), []
        for _ in range(48):
            its.step(0.0, 1.0, share)
            found.append(its.columns["policy"].copy())
        assert all((after >= before).all() for before, after in pairwise(found))
        paths.append(np.array(found))
    for less, more in pairwise(paths):
        assert (more >= less).all()
        assert more[-1].mean() > less[-1].mean()


def test_all_firms_together_go_the_way_the_evidence_gave_before_policies_were_told_apart() -> None:
    """p 0.01 and q 0.45 a year of all firms; those with a policy have the hazards that give this path."""
    its, share = alone(columns_of(1000)), 0.03 / PARAMETERS.ai_deep_ceiling
    for _ in range(120):
        share += (0.01 + 0.45 * share) * (1.0 - share) / 12.0
        assert its.step(0.0, 1.0).deep_share == pytest.approx(PARAMETERS.ai_deep_ceiling * share, rel=0.06)


def test_a_trial_leaves_policies_as_they_were() -> None:
    its = alone(columns_of(1000))
    before = {name: its.columns[name].copy() for name in ("policy", "policy_survival")}  # type: ignore[literal-required]
    its.trial_growth(lambda: its.use)
    assert its.readiness.share == pytest.approx(0.497, abs=1e-4)
    for name, values in before.items():
        assert np.array_equal(its.columns[name], values)  # type: ignore[literal-required]


def test_earlier_starts_have_fewer_policies() -> None:
    now, earlier = (
        JapanEconomy(rng=1, start=start, investors=40, importers=40, adopters=100).ai_services.adoption.readiness.share
        for start in ("2026-03-31", "2024-03-31")
    )
    assert (now, earlier) == pytest.approx((0.497, 0.427), abs=1e-3)
