"""What markets make of what the government announces, pays and rescues, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.fiscal_doubt import FiscalDoubt
from itcho.agents.rules.subsidy import Payment, Support
from itcho.model import monthly_steps
from itcho.model.disturbances import Disturbances
from itcho.model.public import programme
from tests.hand_ledger import given

# A tight regime stops three projects of eight, so that one that is paid on is 8/5 as likely under a loose one.
WAIVED = math.log(1.6)
DOUBT = given(
    credibility_opening_belief=0.2,
    credibility_deficit_weight_per_pp=0.8,
    gate_stop_probability=0.3,
    credibility_bail_out_weight=1.5,
    credibility_kept_rule_weight=0.25,
    credibility_premium_pp=2.0,
    credibility_dollar_value_share=0.1,
    jgb_outlook_years=5.0,
    programme_target_gap_months=24.0,
)


def test_doubt_rises_with_news_and_falls_with_a_clean_fiscal_year() -> None:
    doubt = FiscalDoubt.at_start(DOUBT)
    assert doubt.log_odds == pytest.approx(math.log(0.25))
    assert (doubt.belief, doubt.moved) == pytest.approx((0.2, 0.0))
    doubt.hear(0.75, True, 1, False, DOUBT)
    assert doubt.log_odds == pytest.approx(math.log(0.25) + 0.6 + WAIVED + 1.5)
    doubt.hear(0.5, False, 1, True, DOUBT)
    # Nothing new, but the year was not clean; the next one is.
    assert doubt.log_odds == pytest.approx(math.log(0.25) + 2.1 + WAIVED)
    doubt.hear(1.0, False, 1, False, DOUBT)
    assert doubt.log_odds == pytest.approx(math.log(0.25) + 2.3 + WAIVED)
    doubt.hear(1.0, False, 1, True, DOUBT)
    doubt.hear(0.0, False, 1, True, DOUBT)
    assert doubt.log_odds == pytest.approx(math.log(0.25) + 2.05 + WAIVED)
    # What was lost comes back, and no more than that.
    calm = FiscalDoubt.at_start(DOUBT)
    calm.hear(0.25, False, 0, True, DOUBT)
    assert calm.log_odds == pytest.approx(math.log(0.25) + 0.2)
    for _ in range(3):
        calm.hear(0.25, False, 0, True, DOUBT)
    assert (calm.log_odds, calm.moved) == pytest.approx((math.log(0.25), 0.0))
    before = doubt.belief
    doubt.doubt_abroad = 0.7
    assert doubt.belief > before
    assert doubt.moved == pytest.approx(1.0 / (1.0 + math.exp(-(math.log(0.25) + 2.75 + WAIVED))) - 0.2)
    for news in ((0.0, True, 1), (0.0, False, 2)):
        doubt.hear(*news, False, DOUBT)
        at = doubt.log_odds
        doubt.hear(0.0, False, news[2], True, DOUBT)
        assert doubt.log_odds == at


def doubting_economy() -> Any:
    return given(
        fiscal_doubt=FiscalDoubt.at_start(DOUBT),
        parameters=DOUBT,
        government=given(
            announced_trn_yen=lambda: 12.0, memory=given(announced_extra_deficit_pct_gdp=0.1, bail_outs=0)
        ),
        outside=given(path=given(sovereign_doubt_logit=0.0)),
        state=given(nominal_gdp_four_quarters=600.0),
        clock=given(month=12, is_fiscal_year_start=True, is_fiscal_year_end=False),
        ai_services=given(capability=given(gaps=lambda: [-2.5])),
    )


def test_what_is_announced_is_a_yearly_share_of_output() -> None:
    economy = doubting_economy()
    economy.outside.path.sovereign_doubt_logit = 0.3
    monthly_steps.judge_fiscal_policy(economy, Disturbances(announced_deficit_pct_gdp=0.2), Support())
    # 12 over 5 years on 600 is 0.4%; with 0.1 and 0.2.
    assert economy.fiscal_doubt.announced_pct_gdp == pytest.approx(0.7)
    assert economy.fiscal_doubt.log_odds == pytest.approx(math.log(0.25) + 0.56)
    assert economy.fiscal_doubt.doubt_abroad == 0.3
    # A rescue and a gate that is waived come on top.
    economy.government.memory.bail_outs = 1
    paid = Support(payments=(Payment(np.array([0]), np.array([0.1])),))
    monthly_steps.judge_fiscal_policy(economy, Disturbances(announced_deficit_pct_gdp=0.2), paid)
    assert economy.fiscal_doubt.log_odds == pytest.approx(math.log(0.25) + 0.56 + 1.5 + WAIVED)


@pytest.mark.parametrize(
    ("month", "april", "rows", "gap_years", "waived"),
    [
        (12, True, 1, -2.5, True),  # Thirty months behind a target of 24.
        (12, True, 1, -1.9, False),
        (12, True, 2, -2.5, False),  # To many, not to the project.
        (13, False, 1, -2.5, False),
        (0, True, 1, -2.5, False),
    ],
)
def test_a_gate_is_waived_when_a_new_tranche_goes_to_a_project_behind_its_target(
    month: int, april: bool, rows: int, gap_years: float, waived: bool
) -> None:
    economy = doubting_economy()
    economy.clock = given(month=month, is_fiscal_year_start=april)
    economy.ai_services.capability.gaps = lambda: [gap_years]
    paid = Support(payments=(Payment(np.arange(rows), np.full(rows, 0.1)),))
    assert programme.gate_waived(economy, paid) is waived
    assert programme.gate_waived(economy, Support()) is False


def test_doubt_costs_a_premium_and_raises_the_dollar() -> None:
    economy = doubting_economy()
    doubt = economy.fiscal_doubt
    doubt.log_odds = 0.0
    # Belief 0.5 against 0.2.
    assert doubt.premium_pp(DOUBT) == pytest.approx(0.6)
    assert doubt.dollar_value_log(DOUBT) == pytest.approx(0.03)
    assert doubt.expected_loss_on_yen_pp(DOUBT) == pytest.approx(0.6 + 3.0)
    economy.fiscal_doubt = None
    monthly_steps.judge_fiscal_policy(economy, Disturbances(), Support())
