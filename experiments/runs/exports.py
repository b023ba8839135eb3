"""A run for other programs: the graph of payments as GraphML and GEXF, edge ledger and outcomes as CSV and Parquet."""

from __future__ import annotations

import io
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itcho.agents.errors import InputError
from itcho.experiments.runs.run_folder import RunFolder
from itcho.experiments.studies.fiscal_years import MONTHS, fiscal_year_of_months, months_by_year
from itcho.experiments.view.kinds import layer_of

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from itcho.experiments.view.run_data import RunData


class ExportFormat(StrEnum):
    """What a run can be exported to."""

    GRAPHML = "graphml"
    GEXF = "gexf"
    CSV = "csv"
    PARQUET = "parquet"


GRAPHS = (ExportFormat.GRAPHML, ExportFormat.GEXF)


def export_run(run: RunData, formats: Collection[ExportFormat], out: Path | None, default: Path) -> Path:
    """Write a run into a folder, whole or not at all, and return the folder.

    Parameters
    ----------
    run : a finished run as ``view.run_data.read_run`` gives it.
    out, default : a new or empty folder; ``None`` for the first free one of the default's name.

    Raises
    ------
    InputError : the folder is taken or cannot be written, or Parquet is asked for and DuckDB is not installed.
    """
    if ExportFormat.PARQUET in formats:
        duckdb()
    with RunFolder(out, default) as folder:
        if any(kind in formats for kind in GRAPHS):
            graph = flow_graph(run)
            for kind in GRAPHS:
                if kind in formats:
                    folder.write_bytes(graph_bytes(graph, kind), f"payments.{kind}")
        for name, table in tables(run).items():
            if ExportFormat.CSV in formats:
                folder.write_table(table, f"{name}.csv")
            if ExportFormat.PARQUET in formats:
                _write_parquet(table, folder.path / f"{name}.parquet")
        folder.write_manifest({"exported_from": run.manifest, "formats": sorted(formats)})
        return folder.commit()


def tables(run: RunData) -> dict[str, pd.DataFrame]:
    """What is exported as tables, by name of the file.

    ``edges`` is the edge ledger with the layer of each payment; ``outcomes`` is long: month, outcome, unit, value.
    """
    kinds = [layer_of(*pair) for pair in zip(run.edges["instrument"], run.edges["purpose"], strict=True)]
    return {
        "edges": run.edges.assign(layer=kinds),
        "outcomes": outcomes_table(run.monthly),
        "parties": run.parties,
        "balance_sheets": run.balance_sheets,
        "usdjpy_attribution": run.usdjpy_attribution,
    }


def outcomes_table(monthly: pd.DataFrame) -> pd.DataFrame:
    """The monthly table in rows: ``month, outcome, unit, value``; what has no value has no row."""
    from itcho.model.measure.outcomes import OUTCOMES

    rows = monthly.melt("month", var_name="outcome", value_name="value").dropna(subset="value")
    rows.insert(2, "unit", [OUTCOMES[name].unit if name in OUTCOMES else "" for name in rows["outcome"]])
    return rows.reset_index(drop=True)


def flow_graph(run: RunData) -> nx.MultiDiGraph:
    """Who paid whom over the whole run: a node for each party, an edge for each payer, payee, instrument and purpose.

    Edges carry ``amount_trn_yen`` (all months), ``weight`` (the same, for programs that look for it) and
    ``amount_trn_yen_fy2026`` and so on (``amount_trn_yen_fy2026_9_months`` for a part of a year); nodes carry label,
    sector, tier, members and financial assets at the end.
    """
    import networkx as nx

    graph = nx.MultiDiGraph(name=f"itcho {run.manifest['scenario']} {run.manifest['policy']} {run.manifest['seed']}")
    last = run.balance_sheets["month"].iloc[-1]
    held = run.balance_sheets[(run.balance_sheets["month"] == last) & (run.balance_sheets["amount_trn_yen"] > 0.0)]
    assets = held.groupby("party")["amount_trn_yen"].sum()
    for party in run.parties.fillna("").to_dict("records"):
        name = str(party.pop("name"))
        graph.add_node(name, **{str(key): value for key, value in party.items()}, assets_trn_yen=assets.get(name, 0.0))
    years = fiscal_year_of_months(run.edges["month"]).rename("fiscal_year")
    keys = ["payer", "payee", "instrument", "purpose"]
    sums = run.edges.assign(fiscal_year=years).groupby([*keys, "fiscal_year"])["amount_trn_yen"].sum().unstack()
    months = months_by_year(run.monthly["month"])
    parts = {year: "" if count == MONTHS else f"_{count}_months" for year, count in months.items()}
    columns = [f"amount_trn_yen_fy{year}{parts[int(year)]}" for year in sums.columns]
    for ends, amounts in zip(sums.index, sums.fillna(0.0).to_numpy().tolist(), strict=True):
        payer, payee, instrument, purpose = ends
        total = sum(amounts)
        graph.add_edge(
            payer, payee, key=f"{instrument}/{purpose}", instrument=instrument, purpose=purpose,
            layer=layer_of(instrument, purpose), amount_trn_yen=total, weight=total,
            **dict(zip(columns, amounts, strict=True)),
        )  # fmt: skip
    return graph


def graph_bytes(graph: nx.Graph, kind: ExportFormat) -> bytes:
    """A graph as a file; also ``economy.graph``, the supply chain with the last month's flows.

    Raises
    ------
    ValueError : the format holds no graphs.
    """
    import networkx as nx

    plain = graph.__class__()
    plain.graph.update(graph.graph)
    plain.add_nodes_from((node, _plain(data)) for node, data in graph.nodes(data=True))
    if graph.is_multigraph():
        plain.add_edges_from((*ends, _plain(data)) for *ends, data in graph.edges(keys=True, data=True))
    else:
        plain.add_edges_from((*ends, _plain(data)) for *ends, data in graph.edges(data=True))
    stream = io.BytesIO()
    if kind == ExportFormat.GRAPHML:
        nx.write_graphml(plain, stream)
    elif kind == ExportFormat.GEXF:
        nx.write_gexf(plain, stream)
    else:
        raise ValueError(f"{kind} holds no graphs")
    return stream.getvalue()


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Attributes as Python's own types, which are the only ones that the writers know."""
    return {name: value.item() if hasattr(value, "item") else value for name, value in data.items()}


def duckdb() -> Any:
    """DuckDB, which writes Parquet.  Raises InputError if it is not installed."""
    try:
        import duckdb as found
    except ImportError:
        raise InputError("Parquet needs DuckDB: pip install 'itcho[data]', or export --csv") from None
    return found


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    engine = duckdb()
    connection = engine.connect()
    try:
        connection.execute("SET threads = 1")  # rows keep their order
        connection.register("portion", table)
        quoted = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT * FROM portion) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
    except (OSError, engine.Error) as error:
        raise InputError(f"cannot write {path}: {str(error).splitlines()[0]}") from None
    finally:
        connection.close()
