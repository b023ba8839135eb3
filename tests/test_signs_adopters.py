"""Signs, dates and limits of firms that adopt AI, worked out by hand for two firms."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest

from itcho.agents.adopters import NO_SUPPLIER, Adopters, add_adopter_columns
from tests.hand_ledger import given

P = {
    "ai_use_innovation": 0.12,
    "ai_use_imitation": 0.6,
    "ai_use_ceiling": 0.8,
    "ai_deep_innovation": 0.06,
    "ai_deep_imitation": 0.36,
    "ai_deep_ceiling": 0.5,
    "ai_peer_weight": 0.5,
    "ai_light_use_depth": 0.2,
    "ai_depth_stage_months": 10.0,
    "ai_dip_depth": 0.3,
    "ai_learning_effect": 0.4,
    "ai_benefit_legacy_weight": 2.0,
    "ai_benefit_gain_weight": 1.5,
    "ai_ceiling_response": 0.5,
    "ai_task_gain_low": 0.1,
    "ai_task_gain_high": 0.3,
    "ai_exposure_low": 0.2,
    "ai_exposure_high": 0.6,
    "ai_regulated_demand_share": 0.3,
    "ai_policy_size_gap": 0.9,
    "ai_policy_large_part": 0.7136,
    "ai_policy_growth": 0.07,
}


def firms(**changed: float) -> Adopters:
    """A large firm whose one partner is the small one, which has no partners; both have a policy on AI."""
    columns = {
        "size": np.array([0.6, 0.4]),
        "gain": np.array([0.2, 0.1]),
        "legacy_cost": np.array([0.5, 0.25]),
        "latent_position": np.array([0.0, 0.1]),
        "latent_width": np.array([1.0, 0.5]),
        "policy_position": np.zeros(2),
        "policy_survival": np.zeros(2),
        "policy": np.ones(2),
        "use_survival": np.array([0.7, 0.6]),
        "deep_survival": np.array([0.9, 0.8]),
        "use_share": np.array([0.2, 0.4]),
        "deep": np.array([0.04, 0.0]),
        "reorganising": np.array([0.02, 0.0]),
        "adjusting": np.array([0.01, 0.0]),
        "learning": np.array([0.005, 0.0]),
        "adopted": np.array([False, False]),
        "depth_age_months": np.array([8.0, 0.0]),
        "supplier_worth": np.ones(2),
        "hindrance": np.ones(2),
        "log_productivity": np.zeros(2),
        "regulated": np.array([False, True]),
        "supplier": np.array([7, 7], dtype=np.int64),
        "benefit": np.array([0.0, math.log(3.0)]),
    }
    return Adopters(columns, np.array([0, 1, 1]), np.array([1]), given(**P | changed))


SCALE = 0.86 / (0.54 * 0.5 + 0.32 * 0.75)
"""What makes the mean hazard of those yet to be deep, 0.54 and 0.32, the Bass hazard: their odds are 1 and 3."""


def fade(hazard: float) -> float:
    return 1.0 + hazard + 0.5 * hazard**2


def test_a_month_of_adoption_and_of_its_stages() -> None:
    its = firms()
    columns = its.columns
    assert (its.use, its.deep) == pytest.approx((0.28, 0.024))
    month = its.step(0.0, 1.1)
    # Half of what the large firm sees is its partner, half the mean; the small firm sees the mean.
    use = [0.01 + 0.0625 * seen for seen in (0.5 * 0.28 + 0.5 * 0.4, 0.28)]
    deep = [0.005 + 0.06 * seen for seen in (0.5 * 0.024, 0.024)]
    odds = [0.5 * SCALE, 0.75 * SCALE]
    survived = [left / fade(each * part) for left, each, part in zip((0.7, 0.6), use, odds, strict=True)]
    shallow = [left / fade(each * part) for left, each, part in zip((0.9, 0.8), deep, odds, strict=True)]
    assert columns["use_survival"] == pytest.approx(survived)
    assert columns["deep_survival"] == pytest.approx(shallow)
    share = [0.8 * (1.0 - survived[0]), (0.8 * (1.0 - survived[1]) - 0.1) / 0.5]
    assert columns["use_share"] == pytest.approx(share)
    assert columns["adopted"].tolist() == [False, False]
    depth = [0.5 * (1.0 - shallow[0]), (0.5 * (1.0 - shallow[1]) - 0.1) / 0.5]
    assert columns["deep"] == pytest.approx(depth)
    # A tenth of each stage passes on to the next.
    learning, adjusting = 0.005 + 0.1 * (0.01 - 0.005), 0.01 + 0.1 * (0.02 - 0.01)
    reorganising = 0.02 + depth[0] - 0.04 - 0.1 * 0.02
    assert columns["learning"] == pytest.approx([learning, 0.0])
    assert columns["adjusting"] == pytest.approx([adjusting, 0.0])
    assert columns["reorganising"] == pytest.approx([reorganising, depth[1]])
    assert columns["depth_age_months"] == pytest.approx([9.0 * 0.04 / depth[0], 0.0])
    changing = [reorganising + adjusting, depth[1]]
    effect = [
        depth[0] - changing[0] - learning - 0.3 * changing[0] + 0.4 * learning,
        depth[1] - changing[1] - 0.3 * changing[1],
    ]
    light = [0.2 * (used - deep) for used, deep in zip(share, depth, strict=True)]
    level = 0.6 * math.exp(0.22 * (effect[0] + light[0])) + 0.4 * math.exp(0.11 * (effect[1] + light[1]))
    assert month.productivity_level == pytest.approx(level)
    assert (month.use_share, month.deep_share) == pytest.approx(
        (0.6 * share[0] + 0.4 * share[1], 0.6 * depth[0] + 0.4 * depth[1])
    )
    effort = 0.6 * (depth[0] - 0.04) * 1.0 + 0.4 * depth[1] * 0.75
    assert month.integration_effort == pytest.approx(effort)
    assert (its.use, its.deep) == (month.use_share, month.deep_share)


def test_many_pairs_of_firms_do_what_one_pair_does() -> None:
    pair, copies = firms(), 600
    columns: Any = {name: np.tile(values, copies) for name, values in firms().columns.items()}
    columns["size"] /= copies
    partners = np.cumsum([0, *[1, 0] * copies])
    many = Adopters(columns, partners, 2 * np.arange(copies) + 1, given(**P))
    for _ in range(3):
        assert astuple(many.step(0.1, 1.2)) == pytest.approx(astuple(pair.step(0.1, 1.2)), rel=1e-12)
    assert many.columns["log_productivity"] == pytest.approx(np.tile(pair.columns["log_productivity"], copies))


def test_the_opening_level_counts_depth_by_stage_and_light_use() -> None:
    effect = 0.04 - 0.03 - 0.005 - 0.3 * 0.03 + 0.4 * 0.005
    level = 0.6 * math.exp(0.2 * (effect + 0.2 * 0.16)) + 0.4 * math.exp(0.1 * 0.2 * 0.4)
    assert firms().opening_level == pytest.approx(level)


def test_a_common_benefit_raises_hazards_and_ceilings() -> None:
    its = firms()
    its.step(math.log(2.0), 1.0)
    # Odds of adopting double; ceilings' odds rise by the square root of two.
    ceiling = 4.0 * math.sqrt(2.0) / (1.0 + 4.0 * math.sqrt(2.0))
    survived = 0.7 / fade((0.01 + 0.0625 * 0.34) * SCALE / 1.5)
    assert its.columns["use_survival"][0] == pytest.approx(survived)
    assert its.columns["use_share"][0] == pytest.approx(ceiling * (1.0 - survived))
    deep = 0.9 / fade((0.005 + 0.06 * 0.012) * SCALE / 1.5)
    lifted = math.sqrt(2.0) / (1.0 + math.sqrt(2.0))
    assert its.columns["deep"][0] == pytest.approx(lifted * (1.0 - deep))


def test_a_subsidy_relieves_by_legacy_cost_and_raises_the_ceiling() -> None:
    its = firms()
    its.step(0.0, 1.0, 0.5)
    # Half of a weight of two times a legacy cost of a half.
    resistance = math.exp(-0.5)
    survived = 0.7 / fade((0.01 + 0.0625 * 0.34) * SCALE / (1.0 + resistance))
    odds = 4.0 * math.exp(0.5 * 0.5 * 2.0 * 0.5)
    assert its.columns["use_survival"][0] == pytest.approx(survived)
    assert its.columns["use_share"][0] == pytest.approx(odds / (1.0 + odds) * (1.0 - survived))
    all_of_it, more = firms(), firms()
    all_of_it.step(0.0, 1.0, 1.0)
    more.step(0.0, 1.0, 5.0)
    assert more.columns["use_share"].tolist() == all_of_it.columns["use_share"].tolist()
    none, less = firms(), firms()
    none.step(0.0, 1.0, 0.0)
    less.step(0.0, 1.0, -5.0)
    assert less.columns["use_share"].tolist() == none.columns["use_share"].tolist()


def test_nobody_gives_ai_up_and_depth_stays_within_use() -> None:
    its = firms()
    its.columns["use_share"][:] = [0.9, 0.05]
    its.columns["deep_survival"][1] = 0.01
    its.columns["use_survival"][1] = 0.85
    its.step(0.0, 1.0)
    assert its.columns["use_share"][0] == 0.9
    assert its.columns["adopted"].tolist() == [True, False]
    assert its.columns["deep"][1] == its.columns["use_share"][1] < 0.2
    its.columns["use_survival"][1] = 0.0
    its.step(0.0, 1.0)
    assert its.columns["use_share"][1] == 1.0


def test_a_trial_leaves_everything_as_it_was() -> None:
    its, same = firms(), firms()
    before = {name: values.copy() for name, values in its.columns.items()}
    growth = its.trial_growth(lambda: its.use, months=2)
    for name, values in before.items():
        assert its.columns[name].tolist() == values.tolist(), name
    assert (its.use, its.deep) == (same.use, same.deep)
    for _ in range(2):
        same.step(0.0, 1.0)
    assert growth == pytest.approx(math.log(same.use / 0.28) / 2.0)


def opened(count: int = 40, use: float = 0.2, deep: float = 0.05, policy: float = 1.0) -> dict[str, Any]:
    columns: dict[str, Any] = {"size": np.arange(1.0, count + 1.0)}
    add_adopter_columns(columns, given(**P), np.random.default_rng(3), use, deep, policy)
    return columns


def test_the_opening_is_on_the_path_with_the_shares_given() -> None:
    columns = opened()
    size = columns["size"]
    assert size.sum() == pytest.approx(1.0)
    assert size[-1] / size[0] == pytest.approx(40.0)
    assert (size @ columns["use_share"], size @ columns["deep"]) == pytest.approx((0.2, 0.05), rel=1e-6)
    # Gains are 0.2 x 0.4 on average, 0.02 to 0.18 at most, and rescaled together.
    assert size @ columns["gain"] == pytest.approx(0.08)
    assert size @ columns["legacy_cost"] == pytest.approx(0.5, abs=0.02)
    assert columns["benefit"] == pytest.approx(
        1.5 * (columns["gain"] / 0.08 - 1.0) - 2.0 * (columns["legacy_cost"] - 0.5)
    )
    # Large firms spread over all positions.
    assert columns["latent_width"].tolist() == [1.0] * 40
    assert columns["latent_position"].tolist() == [0.0] * 40
    assert columns["use_share"] == pytest.approx(0.8 * (1.0 - columns["use_survival"]))
    hazard = -np.log(columns["use_survival"])
    odds = 2.0 / (1.0 + np.exp(-columns["benefit"]))
    assert hazard / odds == pytest.approx(np.full(40, hazard[0] / odds[0]))
    assert (columns["adopted"] == (columns["use_share"] >= 0.5)).all()
    assert 0.2 <= columns["regulated"].mean() <= 0.4
    assert set(columns["supplier"]) == {NO_SUPPLIER}


def test_gains_are_tasks_times_exposure_spread_evenly_in_a_drawn_order() -> None:
    columns, rng = opened(), np.random.default_rng(3)
    place = np.empty(40)
    place[rng.permutation(40)] = np.arange(40)
    first, second, third, _ = rng.random(4)
    # From 10% to 30% of tasks' time and from 20% to 60% of tasks, by the golden and by the silver ratio.
    golden, silver = (math.sqrt(5.0) - 1.0) / 2.0, math.sqrt(2.0) - 1.0
    gain = (0.1 + 0.2 * ((place * golden + first) % 1.0)) * (0.2 + 0.4 * ((place * silver + second) % 1.0))
    assert columns["gain"] == pytest.approx(gain * 0.08 / (columns["size"] @ gain))
    legacy = (place * (golden + silver) + third) % 1.0
    assert columns["legacy_cost"] == pytest.approx(np.clip(legacy + 0.5 - columns["size"] @ legacy, 0.0, 1.0))
    # The regulated are every so many by size, the largest first.
    rank = (np.arange(39.0, -1.0, -1.0) * math.sqrt(5.0) + first) % 1.0
    assert columns["regulated_rank"] == pytest.approx(rank)
    assert columns["regulated"].tolist() == (rank < 0.3).tolist()


def test_opening_stages_are_those_of_a_share_that_has_long_grown() -> None:
    columns = opened()
    # A tenth of the ceiling of a half: hazard (0.06 + 0.036) / 12, growth nine times that, a tenth passes on.
    growth = 0.096 / 12.0 * 0.9 / 0.1
    first = growth / (growth + 0.1)
    part = 0.1 / (growth + 0.1)
    deep = columns["deep"]
    assert columns["reorganising"] == pytest.approx(deep * first)
    assert columns["adjusting"] == pytest.approx(deep * first * part)
    assert columns["learning"] == pytest.approx(deep * first * part**2)
    assert columns["depth_age_months"][deep > 0.0] == pytest.approx(np.full((deep > 0.0).sum(), 1.0 / growth))


def test_small_firms_tile_the_positions() -> None:
    columns: dict[str, Any] = {"size": np.array([1.0] * 4000 + [400.0])}
    add_adopter_columns(columns, given(**P), np.random.default_rng(3), 0.2, 0.05, 0.5)
    width, position = columns["latent_width"][:-1], columns["latent_position"][:-1]
    assert (columns["latent_width"][-1], columns["latent_position"][-1]) == (1.0, 0.0)
    assert width == pytest.approx(np.full(4000, 1.0 / 4000))
    assert np.sort(position) == pytest.approx(np.arange(4000) / 4000, abs=1e-9)
    # Traits are spread evenly over the positions.
    early = columns["gain"][:-1][position < 0.1]
    assert early.mean() == pytest.approx(columns["gain"].mean(), rel=0.05)


def test_openings_that_cannot_be_are_refused() -> None:
    for use, deep, what in ((0.8, 0.05, "use share 0.8"), (0.2, 0.5, "deep share 0.5"), (0.0, 0.05, "use share 0.0")):
        with pytest.raises(ValueError, match=f"{what} must lie between 0 and its ceiling"):
            opened(use=use, deep=deep)
    with pytest.raises(ValueError, match="every size must be positive"):
        add_adopter_columns({"size": np.array([1.0, 0.0])}, given(**P), np.random.default_rng(3), 0.2, 0.05, 0.5)


def test_firms_beyond_the_first_block_adopt_as_those_in_it() -> None:
    two, pairs, nobody = firms().columns, 600, np.zeros(0, int)
    few = {name: values.copy() for name, values in two.items()}
    many = {name: np.tile(values, pairs) for name, values in two.items()}
    many["size"] /= pairs
    alone = Adopters(few, np.zeros(3, int), nobody, given(**P))  # type: ignore[arg-type]
    its = Adopters(many, np.zeros(2 * pairs + 1, int), nobody, given(**P))  # type: ignore[arg-type]
    for _ in range(2):
        assert dataclasses.astuple(its.step(0.1, 1.1)) == pytest.approx(dataclasses.astuple(alone.step(0.1, 1.1)))
    for name in ("use_share", "deep", "log_productivity", "learning", "depth_age_months"):
        assert many[name] == pytest.approx(np.tile(few[name], pairs)), name


@pytest.mark.parametrize(("share", "counted"), [(0.2, 0.2), (1.5, 1.0), (-0.5, 0.0)])
def test_support_for_integration_lifts_ceilings_by_half_its_weight(share: float, counted: float) -> None:
    its = firms(ai_benefit_legacy_weight=3.0)
    its.step(0.1, 1.0, share)
    assert its.ceiling_shift == pytest.approx(0.5 * (0.1 + 0.5 * 3.0 * counted))
