"""What agents may see of the world: protocols, so that agents never import the model."""

from __future__ import annotations

from typing import Any, Protocol


class WorldView(Protocol):
    """The public state at the start of a decision; see ``itcho.model.state.EconomyState`` for units."""

    month: int
    consumer_price: float
    domestic_price: float
    nominal_gdp_four_quarters: float
    underlying_inflation_pct: float
    consumer_inflation_pct: float
    expected_inflation_pct: float
    output_gap_pct: float
    smoothed_gap_pct: float
    unemployment_pct: float
    policy_rate_pct: float
    lending_rate_pct: float
    yields_pct: dict[float, float]
    usdjpy: float


class CalendarView(Protocol):
    """The calendar: see ``itcho.model.clock.Clock``."""

    fiscal_year: int
    month_of_fiscal_year: int


class ParameterView(Protocol):
    """Parameters by name."""

    def __getattr__(self, name: str) -> Any: ...
