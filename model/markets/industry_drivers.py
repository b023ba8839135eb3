"""What the rest of the economy and the programme tell the AI industry this month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IndustryDrivers:
    """Drivers of chips and of AI firms' accounts.

    Attributes
    ----------
    usdjpy, usdjpy_start, usdjpy_average_3m : yen per dollar.
    cpi_index, nominal_gdp_index, real_gdp_index, wage_index : 1 at the start.
    lending_rate_pct : percent.
    chip_capacity : of each foreign supplier, 1 = normal, (suppliers,).
    global_ai_demand_index : world AI spending over its mean path.
    import_fuel_price_index : in yen, 1 at the start.
    corporate_tax_rate : share of profits.
    loan_guarantee_share : part of each importer's debt that the state guarantees, (importers,), or 0.
    chip_purchases_trn_yen : chips that importers order under a trade deal, (importers,), or None.
    chip_dollar_price_factor, data_centre_cost_factor : a scenario's factors.
    chip_price_markup : designers' prices over list prices.
    """

    usdjpy: float
    usdjpy_start: float
    usdjpy_average_3m: float
    cpi_index: float
    nominal_gdp_index: float
    real_gdp_index: float
    wage_index: float
    lending_rate_pct: float
    chip_capacity: Array
    global_ai_demand_index: float
    import_fuel_price_index: float
    corporate_tax_rate: float
    loan_guarantee_share: Array | float
    chip_purchases_trn_yen: Array | None
    chip_dollar_price_factor: float
    chip_price_markup: float
    data_centre_cost_factor: float
