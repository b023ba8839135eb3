"""Fans and the runs that stand for all, against what is known of an autoregression and of groups."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from itcho.experiments.figures.fan_charts import BANDS, _fan
from itcho.experiments.studies.medoids import medoids


def test_medoids_are_one_run_of_each_group() -> None:
    draw = np.random.default_rng(1)
    centres = np.repeat(np.array([0.0, 10.0, 25.0]), [30, 20, 10])
    paths = centres[:, None] + draw.normal(size=(60, 12))
    found = medoids(paths)
    assert [centres[row] for row in found] == [0.0, 10.0, 25.0]  # the largest group first
    for group, row in zip((0.0, 10.0, 25.0), found, strict=True):
        inside = np.flatnonzero(centres == group)
        apart = np.linalg.norm(paths[inside, None] - paths[None, inside], axis=-1).sum(axis=1)
        assert row == inside[np.argmin(apart)]


def test_medoids_are_the_best_choice_there_is() -> None:
    for seed in range(5):
        paths = np.random.default_rng(seed).normal(size=(12, 3))
        apart = np.linalg.norm(paths[:, None] - paths[None], axis=-1)
        least = min(apart[:, list(rows)].min(axis=1).sum() for rows in itertools.combinations(range(12), 2))
        assert apart[:, medoids(paths, 2)].min(axis=1).sum() <= 1.05 * least


def test_few_paths_give_few_medoids() -> None:
    assert medoids(np.ones((5, 4))) == [0]
    assert len(medoids(np.arange(2.0)[:, None])) == 2
    with pytest.raises(ValueError, match="row 1"):
        medoids(np.array([[0.0], [math.nan]]))


def test_the_fan_of_an_autoregression_is_as_wide_as_its_variance() -> None:
    """Var_t = s² (1 − ρ^2t) / (1 − ρ²), so each band reaches its normal quantile times the standard deviation."""
    draw, rho, count = np.random.default_rng(2), 0.8, 4000
    paths = np.zeros((count, 8))
    level = np.zeros(count)
    for time in range(8):
        level = rho * level + draw.normal(size=count)
        paths[:, time] = level
    axis = Figure().subplots()
    _fan(axis, range(2026, 2034), paths, "tab:blue")
    sd = np.sqrt((1.0 - rho ** (2.0 * np.arange(1, 9))) / (1.0 - rho**2))
    for drawn, (low, high), reach in zip(axis.collections, BANDS, (1.6449, 1.2816, 0.6745), strict=True):
        assert low + high == 100
        corners = np.asarray(drawn.get_paths()[0].vertices)
        for place, year in enumerate(range(2026, 2034)):
            values = corners[corners[:, 0] == year, 1]
            assert (values.min(), values.max()) == pytest.approx((-reach * sd[place], reach * sd[place]), rel=0.08)
    *taken, middle = (line.get_ydata() for line in axis.lines)
    assert len(taken) == 3
    assert all((paths == path).all(axis=1).any() for path in taken)  # paths that were taken
    assert np.abs(np.asarray(middle)).max() < 0.1
