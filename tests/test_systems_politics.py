"""The systems of the debate around politics and households, each beside its evidence."""

from __future__ import annotations

import numpy as np

from itcho.agents.contracts import CONTRACT
from itcho.agents.individuals import Individuals
from itcho.model.ai.records import ai_opening
from itcho.model.parameters.registry import Parameters

P = Parameters()


def test_system_a_opening_use() -> None:
    """Surveys of October and November 2025: 28 and 33.6%; of early 2024: 9.1%."""
    opening = ai_opening(P, 150.0)
    assert 0.28 <= opening.individual_use_share <= 0.336
    assert 0.07 <= ai_opening(P, 150.0, -2.0).individual_use_share <= 0.12

    def months_to(share: float, employers: float) -> int:
        its, contracts, months = Individuals(P, opening.individual_use_share, 20), np.zeros(20, dtype=CONTRACT), 0
        while its.use_share < share and months < 400:
            its.step(contracts, np.zeros(2), 0.0, 0.0, employers)
            months += 1
        return months

    # By hand, all groups alike: (0.07 + 0.72 x 0.33 / 0.8) (0.8 - 0.33) / 12 = 1.437 points in the first month.
    even = Individuals(P.replace(ai_individual_age_gap=0.0, ai_individual_wealth_gap=0.0), 0.33, 20)
    assert abs(100.0 * even.flow() - 1.437) < 0.02
    # What draws employers brings use to three quarters earlier: through speed and ceiling.
    assert 0 < months_to(0.75, 0.2) < months_to(0.75, 0.0) - 6
    assert months_to(0.8, 0.0) == 400 > months_to(0.8, 0.2)
