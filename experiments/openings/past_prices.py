"""Consumer prices of the quarters before a date, without what is usual of the season."""

from __future__ import annotations

import numpy as np
import pandas as pd

from itcho.experiments.data.origin_data import OriginData

_QUARTERS = 4
_YEARS_OF_SEASONS = 10


def past_consumer_prices_pct(data: OriginData) -> list[float]:
    """Consumer prices one, two and three quarters before the last, over those of the last, percent.

    What is usual of a season, the median of ten years' changes over that of all of them, is taken out.  Empty if the
    folder lacks the prices of these years.
    """
    rows = data.quarterly[data.quarterly["series"] == "cpi_all_items"]
    if rows.empty:
        return []
    last = pd.Period(data.origin, freq="Q")
    quarters = pd.period_range(end=last, periods=_QUARTERS * _YEARS_OF_SEASONS + 1, freq="Q")
    change = np.diff(np.log(data.series("cpi_all_items").reindex(quarters).to_numpy(dtype=np.float64)))
    if np.isnan(change).any():
        return []
    by_season = change.reshape(_YEARS_OF_SEASONS, _QUARTERS)
    change[-_QUARTERS:] -= np.median(by_season, axis=0) - np.median(by_season, axis=0).mean()
    back = np.cumsum(change[:-_QUARTERS:-1])
    return (100.0 * np.expm1(-back)).tolist()
