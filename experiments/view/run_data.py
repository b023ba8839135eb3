"""What a page needs of a run: its folder read back, and what an older folder lacks made again."""

from __future__ import annotations

import hashlib
import io
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.languages import words
from itcho.experiments.runs.run_again import kept_run
from itcho.experiments.runs.run_folder import read_manifest
from itcho.experiments.runs.run_request import WORLD_FILE, RunRequest, run_economy
from itcho.experiments.runs.run_tables import TwinTables
from itcho.experiments.runs.spreadsheet_cells import read_back
from itcho.experiments.runs.typical_world import WhereItLies
from itcho.experiments.view.balance_sheets import assets_by_month, balance_sheet_table
from itcho.experiments.view.depths import shown_label
from itcho.experiments.view.flows import Sankey, edge_differences, edges_by_fiscal_year, programme_sankey
from itcho.experiments.view.frames import HEADLINE, Frame, Scene, by_party, frames_of_edges, make_scene, party_table
from itcho.model.measure.tables import graph_table

# pandas reads floats exactly from version 3 on, and before it if asked to.
_EXACT: dict[str, Any] = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
_TWIN = ("without_programme_monthly", "without_programme_edges", "without_programme_usdjpy_attribution")
_TABLES = ("monthly", "edges", "usdjpy_attribution", "parameters")
_MADE_AGAIN = ("parties", "balance_sheets", "graph")


@dataclass(frozen=True)
class RunData:
    """A run, as tables.

    Attributes
    ----------
    manifest : of its folder.
    monthly, usdjpy_attribution, parameters, parties, balance_sheets, graph : as in its folder.
    edges : who paid whom, by party.
    twin_monthly, twin_edges, twin_attribution : of the twin without the programme; ``None`` if the run has none.
    notes : sentences on what could not be shown or was made again.
    ensemble, ensemble_worlds, ensemble_yen : of the pairs whose typical world it is; ``None`` for a single world.
    decisions, flows : what agents decided, and the flow matrix; ``None`` if the folder holds none.
    """

    manifest: dict[str, Any]
    monthly: pd.DataFrame
    edges: pd.DataFrame
    usdjpy_attribution: pd.DataFrame
    parameters: pd.DataFrame
    parties: pd.DataFrame
    balance_sheets: pd.DataFrame
    graph: pd.DataFrame
    twin_monthly: pd.DataFrame | None
    twin_edges: pd.DataFrame | None
    twin_attribution: pd.DataFrame | None
    notes: tuple[str, ...] = ()
    ensemble: pd.DataFrame | None = None
    ensemble_worlds: pd.DataFrame | None = None
    ensemble_yen: pd.DataFrame | None = None
    decisions: pd.DataFrame | None = None
    flows: pd.DataFrame | None = None

    def notes_in(self, code: str) -> list[str]:
        """What is to be known of the run, in a language: which world it is, then :attr:`notes`."""
        tongue, found = words(code), []
        ensemble, place = self.manifest.get("ensemble"), self.manifest.get("where_it_lies")
        if ensemble:
            found.append(tongue("The typical world of {pairs} pairs of worlds.", pairs=ensemble["finished"]))
        if place:
            found.append(WhereItLies.of_record(place).text(tongue))
        return found + [tongue(note) for note in self.notes]

    @cached_property
    def labels(self) -> dict[str, str]:
        """How parties are shown, by name."""
        return {
            name: shown_label(name, label)
            for name, label in zip(self.parties["name"], self.parties["label"], strict=True)
        }

    @cached_property
    def scene(self) -> Scene:
        """What stays from month to month."""
        return make_scene(self.parties, self.graph)

    @cached_property
    def frames(self) -> list[Frame]:
        """The opening balance sheets and every month."""
        assets = assets_by_month(self.balance_sheets)
        columns = assets.reindex(columns=[node.key for node in self.scene.nodes], fill_value=0.0)
        sizes = dict(zip(columns.index, columns.to_numpy(), strict=True))
        shown = [name for name in HEADLINE if name in self.monthly]
        headlines = {
            row["month"]: {str(name): float(row[name]) for name in shown if np.isfinite(row[name])}
            for row in self.monthly[["month", *shown]].to_dict("records")
        }
        return frames_of_edges(self.scene, self.edges, sizes, headlines)

    @cached_property
    def differences(self) -> pd.DataFrame | None:
        """Payments by fiscal year with the programme less without it; ``None`` without a twin."""
        if self.twin_edges is None:
            return None
        return edge_differences(edges_by_fiscal_year(self.edges), self.twin_edges)

    @cached_property
    def sankey(self) -> Sankey | None:
        """Where the programme's money went; ``None`` without a twin or a payment."""
        return None if self.differences is None else programme_sankey(self.differences, self.labels)


def read_run(folder: Path) -> RunData:
    """Read the folder of a run; tables that an older folder lacks are made again from its manifest.

    Raises
    ------
    InputError : it is no run's folder, or a table is missing and the run cannot be made again.
    """
    manifest = read_manifest(folder)
    if "scenario" not in manifest or "policy" not in manifest:
        raise InputError(f"{folder} is not the folder of a run: its manifest names no scenario and policy")
    sums = manifest.get("sha256")
    sums = sums if isinstance(sums, dict) else {}
    tables: dict[str, pd.DataFrame | None] = {
        name: _table(folder, name, sums) for name in (*_TABLES, *_MADE_AGAIN, *_TWIN)
    }
    missing = [f"{name}.csv" for name in _TABLES if tables[name] is None]
    if missing:
        raise InputError(
            f"{folder} is no whole run: {', '.join(missing)} missing; run it again: itcho run --again {folder}"
        )
    notes: list[str] = []
    has_programme = manifest["policy"] != "none"
    wanted = [*_MADE_AGAIN, *(_TWIN if has_programme else ())]
    if any(tables[name] is None for name in wanted) or manifest.get("edges") == "full":
        _make_again(folder, manifest, tables, has_programme, notes)
    if not has_programme:
        notes.append("This run has no programme: there is no twin to compare it with.")
    found = {name: table for name, table in tables.items() if table is not None}
    return RunData(
        manifest=manifest,
        monthly=found["monthly"],
        edges=found["edges"],
        usdjpy_attribution=found["usdjpy_attribution"],
        parameters=found["parameters"],
        parties=found["parties"],
        balance_sheets=found["balance_sheets"],
        graph=found["graph"],
        twin_monthly=found.get("without_programme_monthly"),
        twin_edges=found.get("without_programme_edges"),
        twin_attribution=found.get("without_programme_usdjpy_attribution"),
        notes=tuple(notes),
        ensemble=_table(folder, "ensemble", sums),
        ensemble_worlds=_table(folder, "ensemble_worlds", sums),
        ensemble_yen=_table(folder, "ensemble_yen", sums),
        decisions=_table(folder, "decisions", sums),
        flows=_table(folder, "flows", sums),
    )


def _table(folder: Path, name: str, sums: Mapping[str, object]) -> pd.DataFrame | None:
    """A table of the run, None if the folder has none.

    Raises
    ------
    InputError : it cannot be read, or is not what the run wrote by the sum in the run's manifest.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        return None
    try:
        content = path.read_bytes()
        if sums.get(path.name) not in (None, hashlib.sha256(content).hexdigest()):
            raise InputError(f"{path} is not what the run wrote; make it again: itcho run --again {folder}")
        text = io.BytesIO(content)
        return read_back(pd.read_csv(text, keep_default_na=name not in ("parties", "parameters"), **_EXACT))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read: {error}") from None


def _make_again(
    folder: Path,
    manifest: dict[str, Any],
    tables: dict[str, pd.DataFrame | None],
    has_programme: bool,
    notes: list[str],
) -> None:
    """Fill the gaps of ``tables`` by running the same world again, if this version still gives the same world."""
    request = kept_run(folder).request if (folder / WORLD_FILE).is_file() else _request(manifest)
    parameters = request.checked_parameters(check_folder=False)
    if any(tables[name] is None for name in _MADE_AGAIN) or manifest.get("edges") == "full":
        economy = run_economy(request, request.policy, parameters)
        kept = tables["monthly"]
        assert kept is not None
        again = economy.monthly_table()
        if not np.allclose(kept["usdjpy"], again["usdjpy"], rtol=1e-9, atol=0.0):
            raise InputError(
                f"the run was made with another state of itcho ({manifest.get('itcho')}), which gives another world: "
                f"run it again: {manifest.get('asked', manifest.get('command'))}"
            )
        tables["parties"], tables["balance_sheets"] = party_table(economy), balance_sheet_table(economy)
        tables["graph"] = graph_table(economy.world)
        if manifest.get("edges") == "full":
            members = {
                economy.chip_importers.name_of_row(row): economy.ledger.parties[int(place)].name
                for row, place in enumerate(economy.ledger.parties_of_members(economy.chip_importers))
            }
            edges = tables["edges"]
            assert edges is not None
            tables["edges"] = by_party(edges, members)
            notes.append(
                "Edges of single members are summed by the party they are booked under; edges.csv has them all."
            )
    if has_programme and any(tables[name] is None for name in _TWIN):
        twin = TwinTables.of(run_economy(request, "none", parameters))
        tables.update(vars(twin))
        notes.append("The twin without the programme was not in the folder and was run again.")


def _request(manifest: dict[str, Any]) -> RunRequest:
    """The request of a folder that keeps no inputs, from its manifest."""
    words = shlex.split(str(manifest.get("asked", manifest.get("command", ""))))
    given = {word: words[place + 1] for place, word in enumerate(words[:-1]) if word.startswith("--")}
    # The manifest names the policy and the start; the command says where they were read from.
    policy = given.get("--policy", manifest["policy"])
    changed = manifest.get("parameters_changed", {})
    return RunRequest(
        scenario=manifest["scenario"],
        policy=policy,
        start=given.get("--start", manifest["start"]),
        overrides=tuple(f"{name}={change['value']!r}" for name, change in changed.items()),
        full_edges=False,
        seed=int(manifest["seed"]),
        years=int(manifest["years"]),
        investors=int(manifest["investors"]),
        importers=int(manifest["importers"]),
        adopters=int(manifest["adopters"]),
    )
