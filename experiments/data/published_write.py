"""The table of quarters made of published files, with where each figure comes from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from itcho.experiments.data.published import Actuals
from itcho.experiments.whole_files import write_files
from itcho.model.input_files import user_path
from itcho.model.world_layout import Json


def provenance(found: Actuals) -> dict[str, Json]:
    """What was understood and what was passed over, as JSON can hold it."""
    return {
        "series": [asdict(one) for one in found.understood],
        "passed_over": list(found.passed_over),
        "quarters": len({quarter for column in found.quarters.values() for quarter in column}),
    }


def write_actuals(found: Actuals, out: Path) -> None:
    """Write the table and ``<out>.provenance.json`` beside it: both whole, or neither; nothing is overwritten.

    Raises
    ------
    InputError : one of them stands there already, or the disk refuses.
    """
    text = json.dumps(provenance(found), indent=2, ensure_ascii=False) + "\n"
    out = user_path(out).absolute()
    beside = out.with_name(f"{out.name}.provenance.json")
    write_files({beside: text, out: found.table()}, replace=False)
