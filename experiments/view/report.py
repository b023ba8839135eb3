"""One HTML page for a run or a study: opens from disk, asks nothing of any network, and keeps its state in its address.

Whatever names agents, policies or scenarios reaches the page as data and is written there as text; it never becomes
part of the page's source.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itcho.agents.errors import InputError
from itcho.experiments.languages import LANGUAGES, code_of, page_words
from itcho.experiments.runs.places import page_of, study_folder
from itcho.experiments.version import itcho_version
from itcho.experiments.whole_files import write_files

PARTS = Path(__file__).parent
SCRIPTS = (
    "words.js",
    "network.js",
    "network_paint.js",
    "charts.js",
    "report_base.js",
    "report_run.js",
    "report_decisions.js",
    "report_yen.js",
    "report_lesson.js",
    "report_figures.js",
    "report_study.js",
    "report_compare.js",
)
MOST_BYTES = 6_000_000


def page(content: Mapping[str, Any], lang: str = "en") -> str:
    """The page that shows ``content``, which is a run's or a study's.

    Parameters
    ----------
    lang : the language it opens in; it holds all three.

    Raises
    ------
    InputError : no such language; or it would be six megabytes or more.
    """
    code = code_of(lang)
    script = "\n".join((PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    # The browser runs this script and no other, and may fetch nothing.
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline'; img-src data:"
    text = (PARTS / "report_page.html").read_text(encoding="utf-8")
    parts = {
        "SECURITY": html.escape(policy),
        "TITLE": html.escape(f"itcho: {content['title']}"),
        "STYLE": (PARTS / "report_page.css").read_text(encoding="utf-8"),
        "LANGUAGE": code,
        "DATA": embedded_json({"itcho": itcho_version(), "language": code, "languages": page_languages(), **content}),
        "SCRIPT": script,
    }
    pieces = text.split("%%")
    # Odd pieces are names: each is replaced once, so text inside the content is never taken for a name.
    whole = "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))
    size = len(whole.encode())
    if size >= MOST_BYTES:
        raise InputError(
            f"the page would be {size / 1e6:.1f} MB, more than {MOST_BYTES / 1e6:.0f}: report on a shorter run"
        )
    return whole


def page_languages() -> dict[str, Any]:
    """What a page can be read in: each language's own name, and its words by English text."""
    return {code: {"name": name, "words": page_words(code)} for code, name in LANGUAGES.items()}


def embedded_json(value: Any) -> str:
    r"""JSON that can stand inside a script element: nothing in it ends the element or begins markup.

    Examples
    --------
    >>> embedded_json({"name": "</script><b>"})
    '{"name":"\\u003c/script\\u003e\\u003cb\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def content_of(target: Path, store: Path | None = None) -> tuple[dict[str, Any], Path]:
    """What the page of ``target`` shows, and where it is written if nobody says.

    Parameters
    ----------
    target : the folder of a run, the folder of a study, or a study's TOML file.
    store : the folder of a study's runs, if it is not ``runs/studies/<name>``.

    Raises
    ------
    InputError : it is none of these, or holds no finished run.
    """
    if target.is_file() and target.suffix == ".toml":
        from itcho.experiments.studies.store import CellStore
        from itcho.experiments.studies.study_file import read_study
        from itcho.experiments.view.report_study import study_content

        study = read_study(target)
        folder = study_folder(study.name) if store is None else store
        return study_content(study, CellStore(folder), f"itcho study run {target}"), page_of(folder)
    if not target.is_dir():
        raise InputError(f"{target} is neither the folder of a run or study nor a study's file")
    if (target / "manifest.json").is_file():
        from itcho.experiments.view.report_run import run_content
        from itcho.experiments.view.run_data import read_run

        return run_content(read_run(target)), page_of(target)
    from itcho.experiments.view.report_study import read_study_folder, study_content

    return study_content(*read_study_folder(target)), page_of(target)


def write_page(text: str, place: Path) -> None:
    """Write the page whole or not at all.

    Raises
    ------
    InputError : the disk refuses.
    """
    write_files({place: text})
