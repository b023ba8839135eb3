"""What developers learn from those who use their models, and whether a lead feeds on itself.

Use served leaves experience that fades.  A developer's quality gains lambda times the logarithm of its experience over
that which its opening share would have left; a part of the gain spills over to all developers in Japan through open
weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

FloatArray = NDArray[np.float64]

_LEAST_EXPERIENCE = 0.003
"""Part of all use whose experience every developer has from elsewhere; a first client is no leap from nothing."""


class Experience:
    """Experience of developers.

    Parameters
    ----------
    shares : of developers in the use of models at the start.
    parameters : attribute access (``ai_learning_...``, ``ai_experience_half_life_months``).

    Attributes
    ----------
    stock : mean of past shares in use, younger ones weighing more.
    """

    def __init__(self, shares: FloatArray, parameters: ParameterValues) -> None:
        self.stock = shares.copy()
        self._opening = shares.copy()
        self._gain = parameters.ai_learning_from_users
        self._spill = parameters.ai_learning_spillover
        self._speed = 1.0 - float(0.5 ** (1.0 / parameters.ai_experience_half_life_months))

    def add(self, shares: FloatArray, learned: FloatArray) -> None:
        """Add a month of use, and write what each developer has learned, s.d. of quality.

        Parameters
        ----------
        shares : of developers in the use of models that was served.
        """
        _learn(self.stock, self._opening, shares, self._speed, self._gain, self._spill, learned)

    def restart(self, place: int) -> None:
        """Let a developer begin with the experience that its place had at the start."""
        self.stock[place] = self._opening[place]


@njit(cache=True)
def _learn(
    stock: FloatArray,
    opening: FloatArray,
    shares: FloatArray,
    speed: float,
    gain: float,
    spill: float,
    learned: FloatArray,
) -> None:
    """A month of experience of all developers; see `Experience.add`."""
    now, before = _LEAST_EXPERIENCE, _LEAST_EXPERIENCE
    for j in range(stock.size):
        stock[j] += speed * (shares[j] - stock[j])
        now += stock[j]
        before += opening[j]
    together = np.log(now / before)
    for j in range(stock.size):
        own = np.log((stock[j] + _LEAST_EXPERIENCE) / (opening[j] + _LEAST_EXPERIENCE))
        learned[j] = gain * ((1.0 - spill) * own + spill * together)


def loop_gain(quality_weight: float, learning: float, share: float) -> float:
    """How much of a share won comes again through learning: utility per s.d. * s.d. per ln use * (1 - share).

    Below one, what was won by other means dies away once they end; from one on it feeds on itself.
    """
    return quality_weight * learning * (1.0 - share)
