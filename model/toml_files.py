"""What files of policies and of scenarios have in common: a name or a path, texts, and all mistakes at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TypeVar

from itcho.agents.errors import InputError, nearest_names
from itcho.model.input_files import read_toml

Found = TypeVar("Found")

DATES = re.compile(r"(\d{4}-\d{2})\.\.(\d{4}-\d{2})?")
"""First and last month of what is dated; without a last one it has no end."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_NAME = 80
"""Signs of a name, which becomes part of names of files."""
_JOINERS = "\u200c\u200d"
"""Signs that cannot be seen and that words of some languages are written with."""


def is_path(name: str | Path) -> bool:
    """Whether this is the path of a file and no name: it ends in ``.toml`` or ``.json`` or holds a slash.

    Raises
    ------
    InputError : it is neither a text nor a path.
    """
    if not isinstance(name, (str, Path)):
        raise InputError(f"a name or the path of a file is needed, not {name!r}")
    return isinstance(name, Path) or name.endswith((".toml", ".json")) or "/" in name or "\\" in name


def find_by_name(kind: str, name: str, known: Mapping[str, Found]) -> Found:
    """What is called ``name``; its hyphens and underscores are the same.

    Raises
    ------
    InputError : there is no such ``kind``; names what is near, or all there is.
    """
    wanted = name.replace("_", "-")
    if wanted in known:
        return known[wanted]
    near = nearest_names(wanted, known) or f"; known: {', '.join(known)}"
    raise InputError([f"{kind} '{name}' is unknown{near}"])


def toml_content(kind: str, path: Path) -> dict[str, object]:
    """The content of a TOML file.

    Raises
    ------
    InputError : no such file, or it cannot be read.
    """
    return read_toml(path, f"{kind} file")


def name_of_file(kind: str, path: Path) -> str:
    """The name of what a file holds if it gives none."""
    return re.sub(r"[^a-z0-9]+", "-", path.stem.lower())[:_LONGEST_NAME].strip("-") or kind


def shipped_contents(package: str, first: tuple[str, ...]) -> dict[str, dict[str, object]]:
    """The contents of a package's TOML files by name: those called ``first`` in this order, then the others."""
    files = {
        file.name.removesuffix(".toml"): file
        for file in resources.files(package).iterdir()
        if file.name.endswith(".toml")
    }
    ordered = (*first, *sorted(set(files) - set(first)))
    return {name: tomllib.loads(files[name].read_text(encoding="utf-8")) for name in ordered}


class FileReader:
    """Reads the content of one file and gathers its mistakes.

    Parameters
    ----------
    where : the file, as mistakes name it.
    stem : name of what it holds if it gives none.
    """

    def __init__(self, where: str, stem: str) -> None:
        self.where, self.stem = where, stem
        self.mistakes: list[str] = []

    def wrong(self, text: str) -> None:
        """Note a mistake."""
        self.mistakes.append(f"{self.where}: {text}")

    def raise_mistakes(self) -> None:
        """Raise InputError with all mistakes, if there are any."""
        if self.mistakes:
            raise InputError(self.mistakes)

    def texts(self, content: Mapping[str, object], defaults: Mapping[str, str]) -> dict[str, str]:
        """The texts of a file, on one line each: its name, its label, and those ``defaults`` has besides."""
        texts = {"name": self.stem, "label": self.stem, **defaults}
        for key, default in texts.items():
            value = content.get(key, default)
            if isinstance(value, str):
                texts[key] = " ".join(value.split())
                hidden = sorted({sign for sign in texts[key] if not sign.isprintable()} - set(_JOINERS))
                if hidden and key != "name":
                    self.wrong(
                        f"{key} holds signs that cannot be seen: {', '.join(map(ascii, hidden))}; leave them out"
                    )
            else:
                self.wrong(f"{key} is {value!r}, not a text")
        if not texts["label"]:
            self.wrong("label is empty; leave it out, or write what tables and pictures shall say")
        if not _NAME.fullmatch(texts["name"]) or len(texts["name"]) > _LONGEST_NAME:
            self.wrong(
                f"name is '{texts['name']}'; a name has small letters, digits and hyphens only, at most {_LONGEST_NAME}"
            )
        return texts
