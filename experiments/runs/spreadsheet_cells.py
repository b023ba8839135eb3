"""Text that a spreadsheet cannot take for a formula.

A spreadsheet that opens a CSV file computes a cell which begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break,
also where it stands in quotation marks; where Japanese is set, the wide forms of the four signs count too.  Names of
policies, scenarios and agents are written by users, and a run's folder may come from anybody.  An apostrophe in front
makes such a cell text.  What carries apostrophes and then such a sign gets one more, so that reading takes away exactly
what writing added.  Numbers are no text and stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FIRST = frozenset("'=+-@\t\r\n＝＋－＠")
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def as_cell(value: Any) -> Any:
    """What stands for a value in a CSV file: text that would be a formula gets an apostrophe in front.

    Examples
    --------
    >>> as_cell("=1+1"), as_cell("actual"), as_cell(-1.5)
    ("'=1+1", 'actual', -1.5)
    """
    if isinstance(value, str) and value[:1] in _FIRST and _FORMULA.match(value):
        return f"'{value}"
    return value


def from_cell(value: Any) -> Any:
    """What a cell of :func:`as_cell` stands for.

    Examples
    --------
    >>> from_cell("'=1+1"), from_cell("'quoted'"), from_cell(as_cell("'=1"))
    ('=1+1', "'quoted'", "'=1")
    """
    return value[1:] if isinstance(value, str) and value.startswith("'") and _FORMULA.match(value) else value


def read_back(table: pd.DataFrame) -> pd.DataFrame:
    """A table as it was before its cells and headings went through :func:`as_cell`."""
    import pandas as pd

    marked = {
        str(name): column.map(from_cell)
        for name, column in table.items()
        if pd.api.types.is_string_dtype(column.dtype) and column.str.startswith("'").any()
    }
    return table.assign(**marked).rename(columns=from_cell)
