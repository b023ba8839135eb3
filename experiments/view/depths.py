"""How deep the picture goes: follow the trillion, then sectors, then named firms.

A depth joins nodes of the scene to groups with places of their own; the last depth is the scene itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from itcho.agents.vocabulary import (
    AI_SPECIAL_ACCOUNT,
    BANK_OF_JAPAN,
    BANKS,
    CARRY_TRADERS,
    DEALERS_ABROAD,
    FIRMS,
    FOREIGN_GOODS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    LOCAL_AND_SOCIAL_SECURITY,
    SOFTBANK_CORP,
    SOFTBANK_GROUP,
    SPECULATIVE_TRADERS,
    Sector,
)

NATIONAL_AI_COMPANY = "national_ai_company"
ISSUERS_ABROAD = "Foreign investors, issuers of world assets"
"""The ledger books issuers of world equity and of other foreign assets with investors abroad; the picture says so."""


@dataclass(frozen=True)
class Group:
    """One node of a depth.

    Attributes
    ----------
    key : identifier.
    label : how it is shown.
    wide, narrow : its place (x, y) from 0 to 1 with y down, on a screen and on a telephone.
    parties : ledger names that belong to it.
    tiers : tiers of the supply chain that belong to it.
    """

    key: str
    label: str
    wide: tuple[float, float]
    narrow: tuple[float, float]
    parties: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Depth:
    """One depth of the picture.

    Attributes
    ----------
    key : identifier.
    label : how it is shown.
    groups : its nodes; none for the scene itself.
    """

    key: str
    label: str
    groups: tuple[Group, ...] = ()

    def group_of(self, party: str, tier: str, sector: str) -> int:
        """Place in :attr:`groups` of a party: by its name, then by its tier, then by its sector's home."""
        for place, group in enumerate(self.groups):
            if party in group.parties:
                return place
        for place, group in enumerate(self.groups):
            if tier in group.tiers:
                return place
        home = _HOME_OF_SECTOR.get(sector, FOREIGN_GOODS)
        return next(place for place, group in enumerate(self.groups) if home in group.parties)


_HOME_OF_SECTOR = {
    Sector.HOUSEHOLDS.value: HOUSEHOLDS,
    Sector.FIRMS.value: FIRMS,
    Sector.AI_FIRMS.value: FIRMS,
    Sector.SOFTBANK.value: SOFTBANK_GROUP,
    Sector.GOVERNMENT.value: GOVERNMENT,
    Sector.BANK_OF_JAPAN.value: BANK_OF_JAPAN,
    Sector.BANKS.value: BANKS,
    Sector.INVESTORS.value: INVESTMENT_FUNDS,
}
_TRADERS = (DEALERS_ABROAD, CARRY_TRADERS, SPECULATIVE_TRADERS)

TRILLION = Depth(
    "trillion",
    "Follow the trillion",
    (
        Group("government", "Government", (0.08, 0.12), (0.18, 0.05), (GOVERNMENT, LOCAL_AND_SOCIAL_SECURITY)),
        Group("account", "AI special account (METI)", (0.29, 0.12), (0.5, 0.05), (AI_SPECIAL_ACCOUNT,)),
        Group("national", "National AI company", (0.5, 0.12), (0.5, 0.24), (NATIONAL_AI_COMPANY,)),
        Group("developers", "Other AI developers", (0.72, 0.12), (0.82, 0.13), (), ("developer",)),
        Group("households", "Households", (0.92, 0.1), (0.82, 0.3), (HOUSEHOLDS,)),
        Group("bank_of_japan", "Bank of Japan", (0.08, 0.47), (0.18, 0.24), (BANK_OF_JAPAN,)),
        Group("distributors", "Chip distributors", (0.36, 0.5), (0.5, 0.63), (), ("distributor",)),
        Group("clouds", "Clouds, data centres", (0.58, 0.45), (0.5, 0.44), (), ("cloud",)),
        Group("firms", "Other firms", (0.92, 0.44), (0.82, 0.5), (FIRMS,)),
        Group("finance", "Banks, insurers, funds", (0.08, 0.82), (0.18, 0.5),
              (BANKS, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS)),
        Group("softbank", "SoftBank", (0.27, 0.84), (0.18, 0.74), (SOFTBANK_GROUP, SOFTBANK_CORP)),
        Group("chip_makers", "Chip makers abroad", (0.48, 0.86), (0.5, 0.84), (), ("designer", "foundry", "memory")),
        Group("laboratories", "AI laboratories abroad", (0.7, 0.84), (0.18, 0.93), (), ("laboratory",)),
        Group("world", "Rest of the world", (0.92, 0.8), (0.82, 0.74),
              (FOREIGN_GOODS, FOREIGN_INVESTORS, *_TRADERS)),
    ),
)  # fmt: skip
"""Whose money the programme is, whom it supports, and whom these pay."""

SECTORS = Depth(
    "sectors",
    "Sectors",
    (
        Group("government", "General account (MOF)", (0.07, 0.1), (0.15, 0.04), (GOVERNMENT,)),
        Group("account", "AI special account (METI)", (0.25, 0.08), (0.5, 0.04), (AI_SPECIAL_ACCOUNT,)),
        Group("local", "Local governments and social security", (0.07, 0.36), (0.15, 0.19),
              (LOCAL_AND_SOCIAL_SECURITY,)),
        Group("bank_of_japan", "Bank of Japan", (0.07, 0.62), (0.15, 0.34), (BANK_OF_JAPAN,)),
        Group("banks", "Banks", (0.07, 0.86), (0.15, 0.48), (BANKS,)),
        Group("insurers", "Insurers and pensions", (0.24, 0.88), (0.15, 0.62), (INSURERS_AND_PENSIONS,)),
        Group("funds", "Investment funds", (0.25, 0.6), (0.15, 0.78), (INVESTMENT_FUNDS,)),
        Group("softbank", "SoftBank", (0.25, 0.34), (0.5, 0.75), (SOFTBANK_GROUP, SOFTBANK_CORP)),
        Group("developers", "AI developers", (0.6, 0.1), (0.83, 0.04), (), ("developer",)),
        Group("clouds", "Clouds, data centres", (0.6, 0.36), (0.5, 0.2), (), ("cloud",)),
        Group("distributors", "Chip distributors", (0.43, 0.5), (0.5, 0.4), (), ("distributor",)),
        Group("designers", "Chip designers abroad", (0.43, 0.74), (0.5, 0.57), (), ("designer",)),
        Group("makers", "Foundries and memory makers abroad", (0.43, 0.93), (0.5, 0.93), (), ("foundry", "memory")),
        Group("laboratories", "AI laboratories abroad", (0.64, 0.9), (0.15, 0.94), (), ("laboratory",)),
        Group("households", "Households", (0.92, 0.08), (0.83, 0.2), (HOUSEHOLDS,)),
        Group("firms", "Other firms", (0.92, 0.32), (0.83, 0.4), (FIRMS,)),
        Group("trade", "Foreign trade partners", (0.92, 0.58), (0.83, 0.58), (FOREIGN_GOODS,)),
        Group("investors_abroad", ISSUERS_ABROAD, (0.9, 0.84), (0.83, 0.78), (FOREIGN_INVESTORS,)),
        Group("traders", "Dealers and traders of currency", (0.72, 0.66), (0.83, 0.94), _TRADERS),
    ),
)  # fmt: skip

FIRMS_NAMED = Depth("firms", "Named firms")
DEPTHS = (TRILLION, SECTORS, FIRMS_NAMED)
"""From the outline to the last detail; the picture opens at the first."""


def shown_label(party: str, label: str) -> str:
    """How a party of the ledger is shown: who is two things at once is named as both."""
    return ISSUERS_ABROAD if party == FOREIGN_INVESTORS else label


def depths_content(nodes: Sequence[Any]) -> list[dict[str, Any]]:
    """The depths as a page reads them.

    Parameters
    ----------
    nodes : of the scene.

    Returns
    -------
    For each depth ``key``, ``label``, ``nodes`` (``key``, ``label``, ``wide``, ``narrow``) and ``of``, the place of
    each node of the scene among them; both empty for the scene itself.
    """
    found = []
    for depth in DEPTHS:
        groups = [
            {"key": group.key, "label": group.label, "wide": list(group.wide), "narrow": list(group.narrow)}
            for group in depth.groups
        ]
        of = [depth.group_of(node.key, node.tier, node.sector) for node in nodes] if groups else []
        found.append({"key": depth.key, "label": depth.label, "nodes": groups, "of": of})
    return found
