"""Own statistics against those of other packages, where these are installed; none of them is needed at run time."""

from __future__ import annotations

import numpy as np
import pytest

from itcho.experiments.studies.statistics import benjamini_hochberg, holm, rank_policies


def test_adjusted_p_values_agree_with_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest", reason="statsmodels is only an oracle")
    draw = np.random.default_rng(1)
    for size in (1, 5, 40):
        p_values = draw.random(size) ** 3
        assert holm(p_values) == pytest.approx(multitest.multipletests(p_values, method="holm")[1])
        assert benjamini_hochberg(p_values) == pytest.approx(multitest.multipletests(p_values, method="fdr_bh")[1])


def test_the_false_discovery_rate_agrees_with_scipy() -> None:
    from scipy.stats import false_discovery_control

    p_values = np.random.default_rng(2).random(30) ** 2
    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values))


def test_the_set_of_the_best_agrees_with_arch() -> None:
    arch = pytest.importorskip("arch.bootstrap", reason="arch is only an oracle")
    draw = np.random.default_rng(3)
    for gaps, best in (((0.0, 0.1, 0.2, 0.3, 1.0), [4]), ((0.0, 0.0, 0.0, 1.0, 1.0), [3, 4])):
        levels = draw.normal(size=(200, 1)) + np.array(gaps) + 0.3 * draw.normal(size=(200, 5))
        theirs = arch.MCS(-levels, size=0.05, reps=500, block_size=1, seed=4)
        theirs.compute()
        assert sorted(theirs.included) == best
        assert np.flatnonzero(rank_policies(levels, draw).not_worse).tolist() == best
