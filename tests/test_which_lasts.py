"""The study of what lasts: kept shares by hand, a small run, and a page whose numbers are its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from itcho.experiments.studies import which_lasts
from itcho.experiments.studies.which_lasts import ARMS, MONTHS, SUPPORT_MONTHS, Cell, Outcome, explore, page


def outcome(at_end: float, later: float, seeds: int = 4, spread: float = 0.0) -> Outcome:
    """Gains of one point times `at_end` when support ends and `later` afterwards, in every supported arm."""
    luck = spread * np.linspace(-1.0, 1.0, seeds)[:, np.newaxis]
    none = np.full((seeds, MONTHS), 12.5)
    gain = np.where(np.arange(MONTHS) < SUPPORT_MONTHS, at_end, later) + luck
    shares = {arm: none if arm == "none" else none + gain for arm in ARMS}
    return Outcome(shares, 11.2, dict.fromkeys(ARMS, 0.1))


def test_what_is_kept_is_a_ratio_of_means_with_its_interval() -> None:
    its = outcome(4.0, 1.0)
    assert its.gain("new contracts", SUPPORT_MONTHS).tolist() == [4.0] * 4
    assert its.kept("new contracts", 5) == pytest.approx((0.25, 0.25, 0.25))
    wide = outcome(4.0, 1.0, spread=1.5).kept("new contracts", 5)
    assert wide[1] < 0.25 < wide[2]
    # G at a share of an eighth: 1.5 x 0.1 x 0.875.
    assert its.loop_gain(1.5, 0.1) == pytest.approx(0.13125)


@pytest.mark.parametrize(("later", "verdict"), [(1.0, "some of it lasts"), (5.0, "it lasts"), (-1.0, "it turns round")])
def test_the_page_says_what_was_found(later: float, verdict: str) -> None:
    central = Cell(0.5, 0.2, 0.1)
    found = {Cell(lock, 0.2, learning): outcome(4.0, later) for lock in (0.0, 0.5) for learning in (0.0, 0.1)}
    text = page(found, central, found[central], 1.5)
    assert f"| new contracts | +4.0 | {later:+.1f} | {later:+.1f} |" in text
    assert f"| {verdict} | 0.10 |" in text
    assert "| 0.1 | 0.13 |" in text
    assert "11% of demand" in " ".join(text.split())
    assert "not ended" in text


def test_a_verdict_needs_an_interval_that_leaves_zero() -> None:
    assert which_lasts._verdict((0.1, -0.2, 0.4)) == "cannot tell"


def test_learning_keeps_what_support_has_won() -> None:
    found = explore((0.5,), (0.2,), (0.0, 0.6), (1,), ("new contracts",))
    none, learnt = (found[Cell(0.5, 0.2, learning)] for learning in (0.0, 0.6))
    assert none.shares["none"].shape == (1, MONTHS)
    assert none.gain("new contracts", SUPPORT_MONTHS)[0] > 1.0
    assert learnt.kept("new contracts", 5)[0] > none.kept("new contracts", 5)[0] + 0.2
    assert none.cost_trn_yen["none"] == 0.0 < none.cost_trn_yen["new contracts"]
    assert 5.0 < none.switching < 20.0


def test_a_surcharge_is_as_large_as_the_voucher() -> None:
    voucher, surcharge = (ARMS[arm][0].voucher_share for arm in ("new contracts", "surcharge"))
    assert math.log1p(-voucher) == pytest.approx(-math.log1p(-surcharge))
