"""The chip importers that are modelled by name, their roles and the ledger parties of all importers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.vocabulary import Party, Sector

DISTRIBUTOR, CLOUD, DEVELOPER = 0, 1, 2
ROLES = ("distributor", "cloud", "developer")

NATIONAL_AI_COMPANY = "national_ai_company"


@dataclass(frozen=True)
class NamedImporter:
    """A firm that is modelled by name.

    Attributes
    ----------
    name : ledger party.
    label : how it is shown.
    role : DISTRIBUTOR, CLOUD or DEVELOPER.
    domestic_control : whether it is controlled in Japan.
    venture : whether it lives on rounds of venture funding.
    """

    name: str
    label: str
    role: int
    domestic_control: bool = True
    venture: bool = False


NAMED_IMPORTERS: tuple[NamedImporter, ...] = (
    NamedImporter(NATIONAL_AI_COMPANY, "National AI company", DEVELOPER),
    NamedImporter("macnica", "Macnica", DISTRIBUTOR),
    NamedImporter("tokyo_electron_device", "Tokyo Electron Device", DISTRIBUTOR),
    NamedImporter("ryosan_ryoyo", "Ryosan Ryoyo", DISTRIBUTOR),
    NamedImporter("softbank_corp_data_centres", "SoftBank Corp data centres", CLOUD),
    NamedImporter("sakura_internet", "Sakura Internet", CLOUD),
    NamedImporter("ntt_data", "NTT Data", CLOUD),
    NamedImporter("kddi", "KDDI", CLOUD),
    NamedImporter("iij", "IIJ", CLOUD),
    NamedImporter("gmo_internet", "GMO Internet", CLOUD),
    NamedImporter("highreso", "Highreso", CLOUD),
    NamedImporter("aws_japan", "AWS Japan", CLOUD, False),
    NamedImporter("microsoft_japan", "Microsoft Japan", CLOUD, False),
    NamedImporter("google_cloud_japan", "Google Cloud Japan", CLOUD, False),
    NamedImporter("oracle_japan", "Oracle Japan", CLOUD, False),
    NamedImporter("ntt", "NTT", DEVELOPER),
    NamedImporter("nec", "NEC", DEVELOPER),
    NamedImporter("fujitsu", "Fujitsu", DEVELOPER),
    NamedImporter("preferred_networks", "Preferred Networks", DEVELOPER, venture=True),
    NamedImporter("sakana_ai", "Sakana AI", DEVELOPER, venture=True),
    NamedImporter("elyza", "Elyza", DEVELOPER),
    NamedImporter("stockmark", "Stockmark", DEVELOPER, venture=True),
    NamedImporter("ly_corp", "LY Corp", DEVELOPER),
)
"""Row 0 is the national AI company, a developer led by SoftBank Corp, NEC, Honda, Sony and banks."""

SOFTBANK_CORP_SITES = [firm.name for firm in NAMED_IMPORTERS].index("softbank_corp_data_centres")
"""Row of SoftBank Corp's data centres, at which the national company's chips stand too."""

IMPORTER_LABELS: tuple[str, ...] = (
    *(firm.name for firm in NAMED_IMPORTERS),
    "other_distributors",
    "other_clouds",
    "other_developers",
)
"""Ledger party of each label: the named firms, then the anonymous ones by role."""

IMPORTER_PARTIES: tuple[Party, ...] = tuple(
    Party(name, Sector.AI_FIRMS, label=label)
    for name, label in zip(
        IMPORTER_LABELS,
        (*(firm.label for firm in NAMED_IMPORTERS), "Other distributors", "Other clouds", "Other developers"),
        strict=True,
    )
)
"""The same as ledger parties, all of the AI-firm sector."""


def importer_names(n: int) -> tuple[str, ...]:
    """Names of the named firms among the first ``n`` rows; the rows after them are anonymous."""
    return tuple(firm.name for firm in NAMED_IMPORTERS[:n])


def label_of_row(role: NDArray[np.int8]) -> NDArray[np.int64]:
    """Index into :data:`IMPORTER_LABELS` of each row, given the ``role`` column."""
    rows = np.arange(role.size)
    return np.where(rows < len(NAMED_IMPORTERS), rows, len(NAMED_IMPORTERS) + role.astype(np.int64))
