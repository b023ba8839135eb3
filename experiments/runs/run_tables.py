"""The tables that are kept of a run, and of its twin without the programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from itcho.model.economy import JapanEconomy


@dataclass(frozen=True)
class RunTables:
    """The tables of a finished run, under the names of their files."""

    monthly: pd.DataFrame
    daily: pd.DataFrame
    flows: pd.DataFrame
    edges: pd.DataFrame
    usdjpy_attribution: pd.DataFrame
    parameters: pd.DataFrame
    parties: pd.DataFrame
    balance_sheets: pd.DataFrame
    graph: pd.DataFrame
    decisions: pd.DataFrame

    @classmethod
    def of(cls, economy: JapanEconomy, *, full_edges: bool) -> RunTables:
        """Read the tables off an economy."""
        from itcho.experiments.view.balance_sheets import balance_sheet_table
        from itcho.experiments.view.frames import party_table
        from itcho.model.measure.tables import graph_table

        return cls(
            monthly=economy.monthly_table(),
            daily=economy.daily_table(),
            flows=economy.flow_table(),
            edges=economy.edge_table(full=full_edges),
            usdjpy_attribution=economy.fx_attribution(),
            parameters=economy.parameters.to_frame().reset_index(),
            parties=party_table(economy),
            balance_sheets=balance_sheet_table(economy),
            graph=graph_table(economy.world),
            decisions=economy.decision_table(),
        )


@dataclass(frozen=True)
class TwinTables:
    """What is kept of the twin without the programme, under the names of its files.

    Attributes
    ----------
    without_programme_monthly : its outcomes.
    without_programme_edges : who paid whom by fiscal year, as ``itcho.experiments.view.flows`` sums it.
    without_programme_usdjpy_attribution : who moved its yen.
    """

    without_programme_monthly: pd.DataFrame
    without_programme_edges: pd.DataFrame
    without_programme_usdjpy_attribution: pd.DataFrame

    @classmethod
    def of(cls, economy: JapanEconomy) -> TwinTables:
        """Read the tables off an economy that has run."""
        from itcho.experiments.view.flows import edges_by_fiscal_year

        return cls(economy.monthly_table(), edges_by_fiscal_year(economy.edge_table()), economy.fx_attribution())
