"""The table of quarters made of published files, with where each figure comes from."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from itcho.agents.errors import InputError
from itcho.experiments.data.published import Actuals
from itcho.model.input_files import printable, user_path
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
    out = user_path(out)
    beside = out.with_name(f"{out.name}.provenance.json")
    taken = [f"{printable(path)} is there already; name a new file" for path in (out, beside) if os.path.lexists(path)]
    if taken:
        raise InputError(taken)
    text = json.dumps(provenance(found), indent=2, ensure_ascii=False) + "\n"
    written: list[Path] = []
    try:
        for path, content in ((beside, text), (out, found.table())):
            part = path.with_name(f".{path.name}-{os.getpid()}.part")
            written.append(part)
            part.write_text(content, encoding="utf-8")
            part.rename(path)
            written.append(path)
    except OSError as error:
        for path in written:
            with suppress(OSError):
                path.unlink()
        raise InputError(f"cannot write {printable(out)}: {error.strerror}") from None
