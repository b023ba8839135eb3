"""A user's own rules in a Python file: imported because somebody asked for it by name, and known by its digest.

A rules file is code, and reading it runs it.  So no command reads one that was not named on its line (`--rules`) or in
a study's file (`study.rules`).  Its digest stands in the manifest of a run and in the keys of a study's cells: what was
made with other code is never taken for this.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import keyword
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TextIO

from itcho.agents.behaviours import forget
from itcho.agents.errors import InputError, readable
from itcho.agents.rules.rule import Rule, forget_rules, mistakes_of_class, rules_of_module
from itcho.experiments.stopping import exit_code_asked
from itcho.model.input_files import input_bytes, is_file, user_path


@dataclass(frozen=True)
class RulesFile:
    """A rules file that was imported.

    Attributes
    ----------
    path : where it lies.
    module : under what name it was imported.
    sha256 : of its text.
    """

    path: Path
    module: str
    sha256: str

    def record(self) -> dict[str, str]:
        """As a manifest holds it."""
        return {"file": self.path.name, "sha256": self.sha256}


def load_rules(files: Sequence[Path], asked: str = "--rules") -> tuple[RulesFile, ...]:
    """Import rules files; the rules in them can then be named like any other.

    Each is imported under its own name from its own folder, so that worker processes find it, too.

    Parameters
    ----------
    asked : what named the files, as mistakes say it.

    Raises
    ------
    InputError : all mistakes: a file is missing, is no Python module's, fails when it is run, or holds a rule that
        cannot be named, built or asked.
    """
    mistakes: list[str] = []
    found = []
    for file in files:
        try:
            found.append(_load(file))
        except InputError as error:
            mistakes += [message.replace(_ASKED, asked, 1) for message in error.messages]
    if mistakes:
        raise InputError(mistakes)
    return tuple(found)


def digest_of(module: str) -> str | None:
    """The digest of the rules file that was imported under a name; None for a module that is none."""
    loaded = _LOADED.get(module)
    return None if loaded is None else loaded.sha256


def fault_of_rules(error: BaseException) -> str:
    """What a rules file did wrong if an exception came out of its code, in one line; empty if it did not.

    Of an exception in another process only the text of its traceback has come here, or no more than its month.
    """
    files = {str(loaded.path): loaded for loaded in _LOADED.values()}
    if not files:
        return ""
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    places += [(path, int(line)) for path, line in _FRAME.findall(str(error.__cause__ or ""))]
    own = [(files[path], f"line {line}: ") for path, line in places if path in files]
    months = [match for note in getattr(error, "__notes__", ()) if (match := _FAILED_MONTH.match(note))]
    if not own:
        named = {(kind.slot, kind.name): kind.__module__ for file in files.values() for kind in _rules_in(file)}
        modules = [named.get((match["slot"], match["name"])) for match in months]
        own = [(_LOADED[module], "") for module in modules if module is not None]
    if not own:
        return ""
    file, line = own[-1]
    month = f" (month {months[0]['month']} failed in {months[0]['where']})" if months else ""
    return readable(f"--rules {file.path.name}: {line}{_told(error)}{month}")


_LOADED: dict[str, RulesFile] = {}
_ASKED = "--rules"
_FRAME = re.compile(r'File "([^"\n]+)", line (\d+)')
_FAILED_MONTH = re.compile(r"month (?P<month>\S+) failed in (?P<where>(?P<slot>\w+) rule '(?P<name>[^']*)'|[^(]*[^( ])")


def _rules_in(file: RulesFile) -> list[type[Rule]]:
    return rules_of_module(file.module)


def _told(error: BaseException) -> str:
    """An exception in words, also one that has none."""
    try:
        said = str(error)
    except Exception:
        said = "it has no text of its own"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _load(file: Path) -> RulesFile:
    path = user_path(file).absolute()
    if path.suffix != ".py" or not is_file(path):
        what = "there is no such file" if path.suffix == ".py" else "a rules file is a Python file, NAME.py"
        raise InputError(f"--rules {file}: {what}; `itcho new rule NAME` writes one to begin with")
    name = path.stem
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(f"--rules {file}: call the file by letters, digits and underscores, such as my_rule.py")
    sha256 = hashlib.sha256(input_bytes(path, "rules file")).hexdigest()
    known = _LOADED.get(name)
    if known is not None and known.path == path and known.sha256 == sha256:
        return known
    if known is None and (name in sys.modules or _elsewhere(name, path)):
        raise InputError(f"--rules {file}: another module is called '{name}': give the file another name")
    folder = str(path.parent)
    if folder not in sys.path:
        # At the end: a file beside the rules must not stand before a library of its name.
        sys.path.append(folder)
    importlib.invalidate_caches()
    _run(name, path, file)
    _LOADED[name] = RulesFile(path, name, sha256)
    return _LOADED[name]


def _elsewhere(name: str, path: Path) -> bool:
    """Whether a module of that name is found that is not the file."""
    spec = importlib.util.find_spec(name)
    return spec is not None and (spec.origin is None or Path(spec.origin) != path)


class _FromSource(SourceFileLoader):
    """Reads a module from its source alone: bytecode is kept by size and second, in which a file may change twice."""

    def get_code(self, fullname: str) -> CodeType:
        """The code of the file as it is."""
        return self.source_to_code(self.get_data(self.path), self.path)


def _run(name: str, path: Path, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, loader=_FromSource(name, str(path)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    forget(name)
    try:
        # What it prints is no answer of the command, which may be asked for JSON alone.
        vars(module)["print"] = _print_aside
        with redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except InputError:
        _put_back(name, before)
        raise
    except KeyboardInterrupt:
        _put_back(name, before)
        raise
    except BaseException as error:
        _put_back(name, before)
        if exit_code_asked() is not None:
            raise
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = own[-1].lineno if own else getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        raise InputError(f"--rules {file}: {where}{_told(error)}") from None
    if wrong := [text for kind in rules_of_module(name) for text in mistakes_of_class(kind)]:
        _put_back(name, before)
        raise InputError([f"--rules {file}: {text}" for text in wrong])
    return module


def _print_aside(*values: object, file: TextIO | None = None, **options: Any) -> None:
    """Print on standard error, unless told where."""
    print(*values, file=sys.stderr if file is None else file, **options)


def _put_back(name: str, before: ModuleType | None) -> None:
    forget_rules(name)
    if before is None:
        del sys.modules[name]
    else:
        sys.modules[name] = before
