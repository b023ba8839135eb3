"""What nobody knows of the start and a noisy run draws: from a low to a high, with even chances beside the centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def out_of_range(low: float, centre: float, high: float, uniform: Array) -> Array:
    """Draws that lie below the centre as often as above it, evenly on either side.

    Parameters
    ----------
    low, centre, high : what is drawn lies from ``low`` to ``high``; ``centre`` is its median.
    uniform : draws from 0 to 1; one half gives the centre.
    """
    below = low + (centre - low) * 2.0 * uniform
    above = centre + (high - centre) * (2.0 * uniform - 1.0)
    return np.where(uniform < 0.5, below, above)
