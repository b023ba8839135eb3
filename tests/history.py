"""A folder of history for tests: the package's own tables, and the same figures made to be those of another date."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from itcho.experiments.data.origin_data import TABLES
from itcho.experiments.openings import own_tables

DATE_COLUMNS = {
    "quarterly_long.csv": "date",
    "annual_march_stocks.csv": "date",
    "annual_flows.csv": "period_end",
    "dated_constants.csv": "origin",
    "policy_events.csv": "announced",
}
VALUES = {name: "value_trn_yen" if name == "annual_march_stocks.csv" else "value" for name in DATE_COLUMNS}


def table(folder: Path, file: str) -> pd.DataFrame:
    return pd.read_csv(folder / file, dtype=str, keep_default_na=False)


def history(folder: Path, change: Callable[[str, pd.DataFrame], pd.DataFrame] | None = None) -> Path:
    """The package's own tables in a folder, each as ``change`` returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in TABLES.values():
        if (own_tables() / one.file).is_file():
            found = table(own_tables(), one.file)
            (change(one.file, found) if change else found).to_csv(folder / one.file, index=False)
    return folder


def before_ai(file: str, found: pd.DataFrame) -> pd.DataFrame:
    """Figures of March 2024 as if they were those of March 2013, made up for tests."""
    if file == "policy_events.csv":
        return found
    column = DATE_COLUMNS[file]
    found = found[found[column].str.startswith("2024")]
    return found.assign(**{column: found[column].str.replace("2024", "2013")})
