"""A finished run's or study's folder described as a Research Object Crate, for archives that read one.

The description is one file more in the folder, ``ro-crate-metadata.json``; nothing that stands there is changed.  What
a file is and what made it are taken from the manifest.  See Soiland-Reyes et al., Data Science 5 (2022).
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itcho.agents.errors import InputError
from itcho.experiments.runs.run_folder import MANIFEST, read_manifest
from itcho.experiments.version import itcho_version
from itcho.model.input_files import printable, user_path
from itcho.model.version import MODEL_VERSION

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

METADATA = "ro-crate-metadata.json"
LICENCE = "https://spdx.org/licenses/Apache-2.0"
_WHAT = {
    "monthly": "Outcomes by month",
    "daily": "The yen and shares by session",
    "flows": "Payments by purpose and party",
    "edges": "Payments between parties by month",
    "graph": "Who supplies, owns, lends to and supports whom",
    "parties": "Who pays and is paid",
    "parameters": "Parameters of the run",
    "balance_sheets": "Who owns and owes what, by month",
    "usdjpy_attribution": "Who moved the yen",
    "programme_effect": "The run less the same world without the programme",
    "decisions": "What agents saw, wanted and did",
    "ensemble": "What the programme does, over pairs of worlds",
    "ensemble_worlds": "Every pair of worlds by fiscal year",
    "ensemble_yen": "Who moved the yen, and what the programme changed of that, over pairs of worlds",
}
_TWIN = "without_programme_"


def write_crate(folder: Path) -> Path:
    """Describe the folder of a run or of a study; returns the file written.

    Raises
    ------
    InputError : the folder is neither, is described already, cannot be written, or the extra is not installed.
    """
    try:
        from rocrate.rocrate import ROCrate
    except ImportError:
        raise InputError("describing a folder as a crate needs the extra: pip install 'itcho[data]'") from None
    folder = user_path(folder).absolute()
    file = folder / METADATA
    if os.path.lexists(file):
        raise InputError(f"{printable(folder)} is described already: {METADATA} stands there")
    described = _manifest(folder)
    try:
        crate = ROCrate(folder, init=True, gen_preview=False)
        _describe(crate, folder, described)
        crate.metadata.write(folder)
    except OSError as error:
        raise InputError(f"cannot write {printable(file)}: {error.strerror}") from None
    return file


def _manifest(folder: Path) -> dict[str, Any]:
    """What is known of the folder: a run's manifest, or a study's last session."""
    from itcho.experiments.studies.store import CellStore

    if (folder / MANIFEST).is_file():
        return read_manifest(folder)
    sessions = CellStore(folder).sessions() if folder.is_dir() else []
    if not sessions:
        raise InputError(f"{printable(folder)} is the folder of no run and of no study")
    last = sessions[-1]
    return {"written": last.get("ended", ""), "asked": last.get("command", "itcho study run"), "study": True} | last


def _describe(crate: ROCrate, folder: Path, described: dict[str, Any]) -> None:
    from rocrate.model.contextentity import ContextEntity

    run = not described.get("study")
    names = f"{described.get('scenario_label', '')}, {described.get('policy_label', '')}"
    crate.name = f"itcho: {names}" if run else f"itcho study {folder.name}"
    seed, years, start = (described.get(name) for name in ("seed", "years", "start"))
    crate.description = (
        f"One simulated world, seed {seed}, {years} years from {start}."
        if run
        else "Cells of a study, one simulated world each, with its plans and sessions."
    )
    crate.license = LICENCE
    crate.root_dataset["datePublished"] = str(described.get("written", ""))
    properties = {
        "@type": "SoftwareApplication",
        "name": "itcho",
        "softwareVersion": str(described.get("itcho", itcho_version())),
        "description": f"Agent-based model, model version {described.get('model', MODEL_VERSION)}",
        "license": LICENCE,
    }
    software = crate.add(ContextEntity(crate, "#itcho", properties=properties))
    action = {"@type": "CreateAction", "name": str(described.get("asked", "")), "instrument": {"@id": software.id}}
    if described.get("written"):
        action["endTime"] = str(described["written"])
    crate.add(ContextEntity(crate, "#run", properties=action))
    for entity in crate.get_entities():
        path = folder / entity.id
        if entity.type == "File" and path.is_file():
            _describe_file(entity, path)


def _describe_file(entity: Any, path: Path) -> None:
    twin = path.stem.startswith(_TWIN)
    what = _WHAT.get(path.stem.removeprefix(_TWIN))
    if what:
        entity["description"] = what + (", in the same world without the programme" if twin else "")
    kind, _ = mimetypes.guess_type(path.name)
    if kind:
        entity["encodingFormat"] = kind
    content = path.read_bytes()
    entity["contentSize"] = str(len(content))
    entity["sha256"] = hashlib.sha256(content).hexdigest()
