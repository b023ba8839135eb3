"""Arguments that several of the commands `python -m itcho.experiments...` take."""

from __future__ import annotations

import argparse
from pathlib import Path


def existing_folder(text: str) -> Path:
    """A folder that takes what a command writes; refused before anything is computed if there is none.

    Raises
    ------
    argparse.ArgumentTypeError : there is no such folder.

    Examples
    --------
    >>> existing_folder(".")
    PosixPath('.')
    """
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder: make it first")
    return path


def existing_file(text: str) -> Path:
    """A file that a command reads or rewrites.

    Raises
    ------
    argparse.ArgumentTypeError : there is no such file.
    """
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is no file")
    return path
