"""Stakes and commitments that close circles of finance among AI companies, and how shocks run through them.

Amounts are announcements and market values, rounded, billion dollars; most are from the press or from memory, so every
experiment draws each anew between half and twice of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.model.chips.measures import debt_rank

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Tie:
    """What one company has staked on another.

    Attributes
    ----------
    holder, on : who loses if whom fails.
    bn_usd : amount.
    closes_loop : whether supplier money flows back to the supplier through it; these are cut in the comparison.
    source : publisher.
    contract : whether it is sales agreed and not a stake: then :data:`CONTRACT_MARGIN` of it is the seller's to lose.
    """

    holder: str
    on: str
    bn_usd: float
    closes_loop: bool
    source: str
    contract: bool = False


EQUITY_BN_USD: dict[str, float] = {
    "nvidia": 4500.0,
    "amd": 350.0,
    "microsoft_azure": 3700.0,
    "oracle_cloud": 500.0,
    "openai": 730.0,
    "anthropic": 380.0,
    "softbank_group": 200.0,
}
"""Value of the companies' own funds: market values and prices of rounds of early 2026, press, rounded, from memory."""

TIES: tuple[Tie, ...] = (
    Tie("softbank_group", "openai", 64.6, False, "SoftBank Group: 34.6 invested by December 2025 and 30 committed"),
    Tie("microsoft_azure", "openai", 135.0, False, "Microsoft, October 2025: a stake of about 27%"),
    Tie("nvidia", "openai", 30.0, True, "press: equity paid in early 2026 in place of a letter on up to 100"),
    Tie("nvidia", "anthropic", 10.0, True, "companies, November 2025: up to 10"),
    Tie("microsoft_azure", "anthropic", 5.0, True, "companies, November 2025: up to 5"),
    Tie("openai", "amd", 33.0, True, "AMD, October 2025: warrants for up to 10% of its shares"),
    Tie("amd", "openai", 90.0, True, "AMD, October 2025: chips of 6 GW, sales of tens of bn USD a year", True),
    Tie("oracle_cloud", "openai", 300.0, True, "press, September 2025: contract over about five years", True),
    Tie("microsoft_azure", "openai", 250.0, True, "Microsoft, October 2025: cloud services committed", True),
    Tie("microsoft_azure", "anthropic", 30.0, True, "companies, November 2025: cloud services committed", True),
    Tie("nvidia", "oracle_cloud", 40.0, True, "Financial Times, May 2025: chips for Abilene", True),
)
"""Stakes at value, contracts at the whole amount committed."""

CONTRACT_MARGIN = 0.3
"""Part of a contract's amount that its seller loses with it, judgement: margins after costs that fall away."""

SHOCKED = {"openai": 0.5}
"""First shock: the laboratory in the middle of the loops loses half of its value."""


def exposures(weights: FloatArray, loops: bool) -> FloatArray:
    """What each company has at stake in each other, billion dollars, in the order of :data:`EQUITY_BN_USD`.

    Parameters
    ----------
    weights : factor on each tie, in their order.
    loops : whether the ties that close loops are there.
    """
    place = {name: row for row, name in enumerate(EQUITY_BN_USD)}
    matrix = np.zeros((len(place), len(place)))
    for tie, weight in zip(TIES, weights.tolist(), strict=True):
        if tie.closes_loop and not loops:
            continue
        margin = CONTRACT_MARGIN if tie.contract else 1.0
        matrix[place[tie.holder], place[tie.on]] += margin * weight * tie.bn_usd
    return matrix


def draw_weights(rng: np.random.Generator) -> FloatArray:
    """Factors on the ties, log-uniform from a half to two."""
    return np.asarray(np.exp(rng.uniform(-np.log(2.0), np.log(2.0), size=len(TIES))))


def loss_of_shock(matrix: FloatArray) -> float:
    """DebtRank of the first shock: value lost beyond it over the value of all companies."""
    equity = np.array(list(EQUITY_BN_USD.values()))
    place = {name: row for row, name in enumerate(EQUITY_BN_USD)}
    return debt_rank(matrix, equity, {place[name]: loss for name, loss in SHOCKED.items()}, value=equity)


def comovement(matrix: FloatArray, common: float = 0.6) -> float:
    """Mean correlation of the companies' returns when each is hit by news of its own and by news of the sector.

    A company's return is its news and the returns of those it depends on, in proportion to what is at stake; all
    rounds are added up (a Leontief inverse, as in Elliott, Golub and Jackson, American Economic Review 2014).

    Parameters
    ----------
    matrix : what is at stake, (n, n).
    common : loading on the sector's news; with no ties, returns correlate at its square.

    Raises
    ------
    ValueError : dependence so strong that the rounds do not add up to a finite sum.
    """
    equity = np.array(list(EQUITY_BN_USD.values()))
    dependence = np.minimum(matrix / equity[:, None], 1.0)
    largest = float(np.abs(np.linalg.eigvals(dependence)).max())
    if largest >= 1.0:
        raise ValueError(f"dependence of the companies on each other does not die out: {largest:.2f}")
    spread = np.linalg.inv(np.eye(len(equity)) - dependence)
    news = np.full((len(equity), len(equity)), common**2)
    np.fill_diagonal(news, 1.0)
    covariance = spread @ news @ spread.T
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    return float(correlation[~np.eye(len(equity), dtype=bool)].mean())
