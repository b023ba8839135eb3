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
    domestic : the part of it that goes to suppliers controlled in Japan, of models those who made them, (3, 12).
    hosted : what clouds controlled in Japan got for running models that are free, trillion yen, (12,).
    exports : their sales abroad, trillion yen, (12,).
    world : AI spending of the world on its mean path, bn USD a month, (12,); the part of it abroad grows as the path,
        and what Japan spends comes on top.
    usdjpy : yen per dollar at the start, at which the opening year is turned into dollars.
    """

    def __init__(
        self,
        spending: FloatArray,
        domestic: FloatArray,
        hosted: FloatArray,
        exports: FloatArray,
        world: FloatArray,
        usdjpy: float,
    ) -> None:
        in_dollars = 1000.0 / usdjpy
        kinds = [*spending, *domestic, exports, world]
        kinds += [(domestic.sum(axis=0) + hosted + exports) * in_dollars, spending.sum(axis=0) * in_dollars]
        # By month: spending and domestic sales by layer, exports, world; Japanese sales and spending in dollars.
        self._months: FloatArray = np.array(kinds).T.copy()
        self._abroad_share = 1.0 - float(self._months[:, -1].sum() / world.sum())

    def book(
        self,
        month: int,
        spending: tuple[float, float, float],
        revenue: tuple[float, float, float],
        hosted: float,
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
        hosted : what clouds controlled in Japan get for running models that are free, trillion yen; sales, but no share
            of the models.
        exports : trillion yen.
        integrators : what is paid to integrators in Japan, trillion yen.
        world : AI spending of the world on its path, bn USD a year.
        usdjpy : yen per dollar.
        """
        model, cloud, by_developers = revenue
        application = by_developers + integrators
        in_dollars = 1000.0 / usdjpy
        spent = sum(spending) * in_dollars
        self._months[month % MONTHS_A_YEAR] = (
            *spending,
            model,
            cloud,
            application,
            exports,
            self._abroad_share * world / MONTHS_A_YEAR + spent,
            (model + hosted + cloud + application + exports) * in_dollars,
            spent,
        )

    def sums(self) -> list[float]:
        """Sums of the twelve months: spending by layer, the part of it that goes to suppliers controlled in Japan, and
        their exports, trillion yen; AI spending of the world, their sales anywhere and spending in Japan, bn USD.
        """
        sums: list[float] = self._months.sum(axis=0).tolist()
        return sums

    def outcomes(self) -> tuple[float, float, float, float, float, float]:
        """Japanese suppliers' shares of spending by layer, %; their sales and spending in Japan over AI spending of the
        world, %; and their exports, trillion yen.
        """
        model, cloud, application, own_model, own_cloud, own_application, exports, world, sold, spent = self.sums()
        return (
            100.0 * own_model / model,
            100.0 * own_cloud / cloud,
            100.0 * own_application / application,
            100.0 * sold / world,
            100.0 * spent / world,
            exports,
        )
