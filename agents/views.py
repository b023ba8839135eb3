"""What agents may see of the world: protocols, so that agents never import the model."""

from __future__ import annotations

from typing import Protocol


class WorldView(Protocol):
    """The public state at the start of a decision; see ``itcho.model.state.EconomyState`` for units."""

    @property
    def domestic_price(self) -> float:
        """Prices of domestic goods, 1 at the start."""
        ...

    @property
    def nominal_gdp_four_quarters(self) -> float:
        """Nominal GDP of the last twelve months, trillion yen."""
        ...

    @property
    def underlying_inflation_pct(self) -> float:
        """Inflation of domestic prices over twelve months."""
        ...

    @property
    def consumer_inflation_pct(self) -> float:
        """Inflation of consumer prices over twelve months."""
        ...

    @property
    def expected_inflation_pct(self) -> float:
        """Inflation that households and firms expect on average."""
        ...

    @property
    def smoothed_gap_pct(self) -> float:
        """Output against potential, smoothed."""
        ...

    @property
    def potential_growth_pct(self) -> float:
        """Growth of potential output over the last twelve months."""
        ...

    @property
    def potential_growth_trend_pct(self) -> float:
        """Growth of potential output, averaged over years."""
        ...

    @property
    def natural_rate_drift_pp(self) -> float:
        """What the natural real rate has drifted since the start, at home as abroad."""
        ...

    @property
    def unemployment_pct(self) -> float:
        """Unemployed in percent of the labour force."""
        ...

    @property
    def usdjpy(self) -> float:
        """Yen per dollar at the end of last month."""
        ...


class ParameterValues(Protocol):
    """Parameters by name; see ``itcho.model.parameters.Parameters`` for names and units."""

    def __getattr__(self, name: str) -> float: ...
