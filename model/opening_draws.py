"""What nobody knows of the start and a noisy run draws: from a low to a high, with even chances beside the centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.model.parameters import Parameters
from itcho.model.randomness import Streams
from itcho.model.start_states.start_state import StartState

Array = NDArray[np.float64]

OPENING_GAP = "opening_output_gap_pct"


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


def draw_opening_gap(start: StartState, parameters: Parameters, streams: Streams) -> Parameters:
    """Parameters whose output gap of the start is drawn out of the range that the start state gives for it.

    The centre stays in the quiet path, where the start state gives no range, and where another gap was chosen.
    """
    known = start.constants.get(OPENING_GAP)
    if streams.noise_off or known is None or known.low is None or known.high is None:
        return parameters
    uniform = streams.setup("output gap of the start").random(1)
    return parameters.at_date({OPENING_GAP: float(out_of_range(known.low, known.value, known.high, uniform)[0])})
