"""All finished runs of a study as one Parquet table, for SQL, pandas, R and the like.

The table is a copy for reading, made from the cells and never read back: delete it whenever you like.  It is written by
DuckDB (the extra `data`), which needs no pyarrow and takes less than half of its room.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from itcho.agents.errors import InputError
from itcho.experiments.studies.store import CellStore, StoreError
from itcho.experiments.studies.study import Study

if TYPE_CHECKING:
    import pandas as pd

CELLS_AT_ONCE = 1000
_LABELS = ("key", "scenario", "policy", "replicate", "point", "seed")


@dataclass(frozen=True)
class Compacted:
    """A table that was written.

    Attributes
    ----------
    path : of the Parquet file.
    cells, rows : in it.
    missing : cells of the study that are not finished and not in it.
    """

    path: Path
    cells: int
    rows: int
    missing: int


def compact(study: Study, store: CellStore) -> Compacted:
    """Write ``derived/<study>.parquet`` in the store's folder, whole or not at all; an older one is replaced.

    One row for each run and fiscal year, and one with an empty ``fiscal_year`` for the run's last month.  Columns: the
    cell's key, scenario, policy, number of the replicate, point of the design, seed; ``parameter_<name>`` for each
    uncertain parameter; the fiscal year; then the outcomes under their own names.  The same cells give the same bytes.

    Raises
    ------
    InputError : DuckDB is not installed, no run is finished, or runs hold different outcomes.
    StoreError : a cell is damaged or the disk refuses.
    """
    duckdb = _duckdb()
    there = store.keys()
    cells = study.cells()
    finished = [one for one in cells if one[-1].key in there]
    if not finished:
        raise InputError(f"there is nothing to compact: no run of study '{study.name}' is finished")
    path = store.folder / "derived" / f"{study.name}.parquet"
    part = path.with_name(f".{path.name}-{os.getpid()}.part")
    scratch = part.with_suffix(".duckdb")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.unlink(missing_ok=True)
        connection = duckdb.connect(str(scratch))
        try:
            connection.execute("SET threads = 1")  # rows keep their order
            for number, frame in enumerate(_frames(study, store, finished)):
                connection.register("portion", frame)
                verb = "INSERT INTO runs BY NAME" if number else "CREATE TABLE runs AS"
                connection.execute(f"{verb} SELECT * FROM portion")
                connection.unregister("portion")
            (rows,) = connection.execute("SELECT count(*) FROM runs").fetchone()
            quoted = str(part).replace("'", "''")
            connection.execute(f"COPY runs TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
        finally:
            connection.close()
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; the store is intact") from None
    except duckdb.Error as error:
        raise StoreError(f"cannot write {path}: {str(error).splitlines()[0]}; the store is intact") from None
    finally:
        for left in (part, scratch, scratch.with_name(f"{scratch.name}.wal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return Compacted(path, len(finished), int(rows), len(cells) - len(finished))


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise InputError("itcho study compact needs DuckDB: pip install 'itcho[data]'") from None
    return duckdb


def _frames(study: Study, store: CellStore, finished: list[Any]) -> Iterator[pd.DataFrame]:
    """The rows, some cells at a time, so that a large study fits into memory."""
    import pandas as pd

    names: tuple[str, ...] | None = None
    uncertain = [one.name for one in study.uncertain]
    for first in range(0, len(finished), CELLS_AT_ONCE):
        labels: dict[str, list[Any]] = {name: [] for name in (*_LABELS, *(f"parameter_{one}" for one in uncertain))}
        years: list[int | None] = []
        values = []
        for replicate, place, slot, cell in finished[first : first + CELLS_AT_ONCE]:
            result = store.read(cell.key)
            if names is not None and result.outcomes != names:
                raise InputError(
                    f"cell {cell.key} holds other outcomes than the cells before it: no one table holds both"
                )
            names = result.outcomes
            count = len(result.fiscal_years) + 1
            overrides = dict(cell.overrides)
            row = (
                cell.key, study.scenarios[place].name, study.all_policies[slot].name, replicate.number,
                replicate.point, replicate.seed, *(overrides[one] for one in uncertain),
            )  # fmt: skip
            for name, value in zip(labels, row, strict=True):
                labels[name] += [value] * count
            years += [*map(int, result.fiscal_years), None]
            values.append(np.vstack([result.by_year, result.final]))
        frame = pd.DataFrame(labels | {"fiscal_year": pd.array(years, dtype="Int64")})
        yield pd.concat([frame, pd.DataFrame(np.vstack(values), columns=list(names or ()))], axis=1)
