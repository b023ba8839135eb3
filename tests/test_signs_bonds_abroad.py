"""JGBs and bonds abroad in the whole economy: how far the 10-year yield answers the US one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from itcho.model.disturbances import DisturbedMonth
from itcho.model.economy import JapanEconomy


@dataclass(frozen=True)
class DearerAbroad:
    """A US term premium that stands some points higher from the first month on."""

    points: float

    @property
    def name(self) -> str:
        return "US premium"

    def __call__(self, month: DisturbedMonth) -> None:
        if month.clock.month == 0:
            month.outside.us_10y_pct += self.points


@pytest.mark.parametrize("start", ["2026-03-31", "2024-03-31"])
def test_the_ten_year_yield_answers_the_us_one_by_a_quarter(start: str) -> None:
    def yields(points: float) -> list[float]:
        shocks = (DearerAbroad(points),)
        economy = JapanEconomy(policy="none", start=start, rng=1, noise=False, dated_events=False, shocks=shocks)
        found = []
        for _ in range(12):
            economy.step()
            found.append(economy.state.yields_pct[10.0])
        return found

    calm, dearer = yields(0.0), yields(1.0)
    moved = [after - before for before, after in zip(calm, dearer, strict=True)]
    # 0.27 of it for insurers' and banks' slopes, less for the few who have none.
    assert all(0.2 <= one <= 0.35 for one in moved)


def test_a_natural_rate_that_drifts_moves_yields_at_home_with_those_abroad_and_the_yen_little() -> None:
    def after_years(drift: float) -> tuple[float, float, float]:
        economy = JapanEconomy(policy="none", rng=1, noise=False, dated_events=False)
        economy.outside.natural_drift_pp = drift
        economy.outside.us_10y_pct += drift
        economy.run(3)
        return economy.state.yields_pct[10.0], economy.state.policy_rate_pct, economy.state.usdjpy

    calm, up = after_years(0.0), after_years(0.5)
    assert 0.35 <= up[0] - calm[0] <= 0.65
    assert up[1] > calm[1]
    assert up[2] == pytest.approx(calm[2], rel=0.02)
