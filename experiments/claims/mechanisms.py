"""Claims on mechanisms, tails, trading rules and decompositions: which experiment answers which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.distribution_claims import private_gain, three_layers
from itcho.experiments.claims.softbank_claims import (
    leverage_week,
    openai_commitment,
    softbank_failure,
    state_backing,
    vision_fund_losses,
)
from itcho.experiments.claims.softbank_share_claims import risk_mix, vision_fund_rule
from itcho.experiments.claims.supply_chain_claims import circular_finance, concentration, data_centre_cost
from itcho.experiments.claims.yen_claims import fall_then_verify, haven_to_risk

KINDS = ("mechanism", "tail", "rule", "decomposition")
FEWEST_SEEDS = 3
"""Intervals and bootstraps need as many."""

MECHANISMS: dict[str, Callable[[Claim, Effort], Answer]] = {
    "haven-to-risk": haven_to_risk,
    "fall-then-verify": fall_then_verify,
    "softbank-vf-threshold": vision_fund_rule,
    "softbank-risk-mix": risk_mix,
    "state-backing": state_backing,
    "softbank-failure-index": softbank_failure,
    "private-gain-public-risk": private_gain,
    "three-layers": three_layers,
    "leverage-week": leverage_week,
    "vf-losses": vision_fund_losses,
    "openai-commitment": openai_commitment,
    "dc-cost": data_centre_cost,
    "nvidia-concentration": concentration,
    "circular-finance": circular_finance,
}
"""Experiments by the id of the claim that they answer."""


def answer(claim: Claim, effort: Effort) -> Answer:
    """Answer a claim by the experiment that could have refuted it.

    Parameters
    ----------
    claim : of one of :data:`KINDS`.
    effort : seeds per arm (at least three are run) and processes; runs are shared with claims answered before.

    Raises
    ------
    KeyError : no experiment for the claim.
    RuntimeError : a run failed.
    """
    if claim.id not in MECHANISMS:
        raise KeyError(f"no experiment for claim '{claim.id}'; there are {', '.join(MECHANISMS)}")
    return MECHANISMS[claim.id](claim, replace(effort, seeds=max(effort.seeds, FEWEST_SEEDS)))
