"""The last twelve months of the market for AI services, and Japanese suppliers' shares in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MONTHS_A_YEAR = 12


class ServiceYear:
    """Spending and sales of the last twelve months.

    Parameters
    ----------
    spending : trillion yen by layer (model, cloud, application) and month before the start, (3, 12).
    domestic : the part of it that goes to suppliers controlled in Japan, (3, 12).
    exports : their sales abroad, trillion yen, (12,).
    world : AI spending of the world, bn USD a month, (12,).
    usdjpy : yen per dollar at the start, at which the opening year is turned into dollars.
    """

    def __init__(
        self, spending: FloatArray, domestic: FloatArray, exports: FloatArray, world: FloatArray, usdjpy: float
    ) -> None:
        in_dollars = 1000.0 / usdjpy
        self._months = np.vstack(
            [
                spending,
                domestic,
                exports,
                world,
                (domestic.sum(axis=0) + exports) * in_dollars,
                spending.sum(axis=0) * in_dollars,
            ]
        )

    def book(
        self,
        month: int,
        spending: list[float],
        revenue: tuple[float, float, float],
        exports: float,
        integrators: float,
        world: float,
        usdjpy: float,
    ) -> None:
        """Put a month in the place of the same month a year before.

        Parameters
        ----------
        month : month of the run, 0 first.
        spending : trillion yen by layer.
        revenue : that of suppliers controlled in Japan by layer, trillion yen; ``integrators`` come on top of the last.
        exports : trillion yen.
        integrators : what is paid to integrators in Japan, trillion yen.
        world : AI spending of the world, bn USD a year.
        usdjpy : yen per dollar.
        """
        model, cloud, by_developers = revenue
        application = by_developers + integrators
        in_dollars = 1000.0 / usdjpy
        self._months[:, month % MONTHS_A_YEAR] = (
            *spending,
            model,
            cloud,
            application,
            exports,
            world / MONTHS_A_YEAR,
            (model + cloud + application + exports) * in_dollars,
            sum(spending) * in_dollars,
        )

    def outcomes(self) -> dict[str, float]:
        """Shares of the year's spending at home and in the world, %, and its exports, trillion yen, by outcome."""
        year = self._months.sum(axis=1).tolist()
        return {
            "domestic_ai_share_home_pct": 100.0 * year[3] / year[0],
            "domestic_ai_share_home_cloud_pct": 100.0 * year[4] / year[1],
            "domestic_ai_share_home_applications_pct": 100.0 * year[5] / year[2],
            "japan_share_global_ai_pct": 100.0 * year[8] / year[7],
            "japan_share_global_ai_spending_pct": 100.0 * year[9] / year[7],
            "ai_service_exports_trn_yen": year[6],
        }
