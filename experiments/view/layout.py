"""Where agents stand in the picture: fixed columns from public money to users, so that every month looks alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of the picture.

    Attributes
    ----------
    key : identifier.
    label : its heading.
    x : horizontal place, 0 (left) to 1 (right).
    """

    key: str
    label: str
    x: float


COLUMNS: tuple[Column, ...] = (
    Column("public", "Public sector", 0.045),
    Column("finance", "Finance, SoftBank", 0.185),
    Column("designer", "Chips abroad", 0.325),
    Column("distributor", "Distributors", 0.465),
    Column("cloud", "Clouds, data centres", 0.605),
    Column("developer", "AI developers", 0.745),
    Column("user", "Users", 0.865),
    Column("abroad", "Rest of the world", 0.965),
)
"""Chips and services move from ``designer`` to ``user``; money for the programme comes in from the left."""

_COLUMN_INDEX = {column.key: place for place, column in enumerate(COLUMNS)}

_FIXED: dict[str, str] = {
    "government": "public",
    "ai_special_account": "public",
    "local_and_social_security": "public",
    "bank_of_japan": "public",
    "banks": "finance",
    "insurers_and_pensions": "finance",
    "investment_funds": "finance",
    "softbank_group": "finance",
    "softbank_corp": "finance",
    "households": "user",
    "firms": "user",
    "foreign_goods_and_services": "abroad",
    "foreign_investors": "abroad",
    "dealers_abroad": "abroad",
    "carry_traders": "abroad",
    "speculative_traders": "abroad",
}

_COLUMN_OF_TIER = {
    "designer": "designer",
    "foundry": "designer",
    "memory": "designer",
    "distributor": "distributor",
    "cloud": "cloud",
    "developer": "developer",
    "laboratory": "developer",
}

_TOP, _BOTTOM = 0.02, 0.98


def column_of(party: str, tier: str) -> int:
    """Column of a party: institutions have theirs by name, firms by tier; anything new stands abroad."""
    return _COLUMN_INDEX[_FIXED.get(party) or _COLUMN_OF_TIER.get(tier, "abroad")]


def places(columns: Sequence[int]) -> list[tuple[float, float]]:
    """Place of each node, (x, y) from 0 to 1 with y down.

    Parameters
    ----------
    columns : column of each node; nodes of a column are spread over its height in the order given.
    """
    total = [columns.count(column) for column in range(len(COLUMNS))]
    seen = [0] * len(COLUMNS)
    found = []
    for column in columns:
        share = (seen[column] + 0.5) / total[column]
        seen[column] += 1
        found.append((COLUMNS[column].x, _TOP + (_BOTTOM - _TOP) * share))
    return found
