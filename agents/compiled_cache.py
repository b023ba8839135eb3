"""Where compiled functions are kept on disk, so that what is kept was always made of the sources as they stand.

Numba keeps a function beside a stamp of its own file and does not see that a function it calls from another file has
changed.  Here the folder's name is a digest of all that compiled code depends on: the files with compiled functions and
everything of the package that they import, the versions of Numba, numpy, LLVM and Python, Numba's own settings, and the
processor with its features.  Other sources or another processor are another folder.

The folder lies under ``NUMBA_CACHE_DIR`` if that is set, otherwise in the user's cache (``XDG_CACHE_HOME``, or
``~/.cache``).  Where neither can be written, one temporary folder serves this process and those that it starts.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

__all__ = ["CompiledCache", "Decorator", "kernel_sources"]

_Function = TypeVar("_Function")


class Decorator(Protocol):
    """What makes a function compiled; it takes and gives the same."""

    def __call__(self, function: _Function) -> _Function:
        """Compile ``function``."""
        ...


class Compiler(Protocol):
    """Numba's decorator with options."""

    def __call__(self, **options: object) -> Decorator: ...


LAYERS = ("agents", "model")
"""Folders of the package, beside each other, that can hold compiled functions."""
KEPT_FOLDERS = 6
"""Folders of other sources that are kept, the last used ones."""

_PACKAGE = __name__.removesuffix("agents.compiled_cache")
_ROOT = Path(__file__).parents[1]
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]*(\((?:#[^\n]*|[^)#])*\)|(?:\\\n|[^\n])*)|import[ \t]+([^\n]+))",
    re.MULTILINE,
)
_COMPILES = b"njit"
_FOLDER, _REMOVED = "compiled-", "removed-"
_IN_USE = "in-use"
_TEMPORARY = "ITCHO_TEMPORARY_CACHE"
# Settings of Numba that do not change what it makes of a function.
_NOT_OF_CODE = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_CACHE_LOCATOR_CLASSES")


def kernel_sources(root: Path = _ROOT) -> dict[str, Path]:
    """Files with compiled functions, and all files of the package that they import, directly or not.

    Parameters
    ----------
    root : folder that holds those of :data:`LAYERS`.

    Returns
    -------
    Paths by name of the module, without the name of the package around the layers.
    """
    files = {_module(path, root): path for layer in LAYERS for path in (root / layer).rglob("*.py")}
    texts = {name: path.read_bytes() for name, path in files.items()}
    found: dict[str, Path] = {}
    waiting = [name for name, text in texts.items() if _COMPILES in text]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = files[name]
            waiting += [other for other in _imported(texts[name], name, files[name]) if other in files]
    return dict(sorted(found.items()))


def _module(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(text: bytes, module: str, path: Path) -> Iterator[str]:
    """Names that may be modules among what a file imports, and the packages around them."""
    for base, members, plain in _IMPORT.findall(text):
        if plain:
            names = [part.split()[0].decode() for part in plain.split(b",") if part.strip()]
        else:
            start = _absolute(base.decode(), module, path)
            names = [start, *(f"{start}.{member.decode()}" for member in re.findall(rb"\w+", members))]
        for name in names:
            parts = name.removeprefix(_PACKAGE).split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _absolute(base: str, module: str, path: Path) -> str:
    """The module that ``from base import`` means in ``module``."""
    rest = base.lstrip(".")
    up = len(base) - len(rest) - (path.name == "__init__.py")
    if rest == base:
        return base
    around = module.split(".")
    return ".".join([*around[: len(around) - up], *filter(None, [rest])])


def _machinery() -> list[str]:
    """What compiles, for what."""
    import llvmlite
    import numba
    from llvmlite import binding

    try:
        features = binding.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM knows no features of some processors
        features = ""
    settings = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("NUMBA_")]
    return [
        f"numba {numba.__version__} {getattr(numba.config, 'USING_SVML', False)}",
        f"numpy {np.__version__}",
        f"llvmlite {llvmlite.__version__}",
        f"python {sys.version} {sys.implementation.cache_tag}",
        f"machine {platform.system()} {platform.machine()} {binding.get_host_cpu_name()} {features}",
        *(setting for setting in settings if setting.partition("=")[0] not in _NOT_OF_CODE),
    ]


class CompiledCache:
    """The folder of this process.

    Attributes
    ----------
    folder : where compiled functions are kept; None if they are not.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._modules: set[str] = set()
        self._seen: set[str] = set()
        self._kept: list[object] = []
        try:
            sources = kernel_sources()
            digest = hashlib.sha256("\n".join(_machinery()).encode())
            for name, path in sources.items():
                self._stamps[path] = _stamp(path)
                digest.update(f"\n{name}\n".encode() + path.read_bytes())
        except OSError as error:
            _warn(f"sources cannot be read ({error}), so that nothing compiled is kept")
            return
        self._modules = {_PACKAGE + name for name in sources}
        self.folder = _open(f"{_FOLDER}{digest.hexdigest()[:16]}")

    def keeping(self, compiler: Compiler) -> Compiler:
        """``compiler``, Numba's decorator, with its option ``cache`` served from this folder."""

        def njit(**options: object) -> Decorator:
            cache = options.pop("cache", False)

            def decorate(function: _Function) -> _Function:
                if not (cache and self._keeps(function.__module__)):
                    return compiler(**options)(function)
                with self._in_force():
                    kernel = compiler(cache=True, **options)(function)
                self._kept.append(kernel)
                return kernel

            return decorate

        return njit

    def _keeps(self, module: str) -> bool:
        """Whether functions of a module can be kept: it is the package's own, and no source has changed since.

        Functions from elsewhere are not kept, because nobody knows what they call.  A source that changes while the
        package is being imported ends the keeping for the whole process.
        """
        if self.folder is None or module not in self._modules:
            return False
        if module not in self._seen and any(_stamp(path) != stamp for path, stamp in self._stamps.items()):
            self.folder = None
            for kernel in self._kept:
                if hasattr(kernel, "_cache"):  # plain functions have none (NUMBA_DISABLE_JIT)
                    kernel._cache.disable()
            return False
        self._seen.add(module)
        return True

    @contextlib.contextmanager
    def _in_force(self) -> Iterator[None]:
        """Numba keeps what is decorated meanwhile in this folder; functions of others stay where they were."""
        from numba.core import config

        ours = {"CACHE_DIR": str(self.folder), "CACHE_LOCATOR_CLASSES": ""}
        before = {name: getattr(config, name) for name in ours if hasattr(config, name)}
        for name in before:
            setattr(config, name, ours[name])
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(config, name, value)


def _warn(what: str) -> None:
    warnings.warn(f"itcho: {what}", stacklevel=4)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, -1
    return found.st_mtime_ns, found.st_size


def _open(name: str) -> Path | None:
    """The folder of this name where it can be written, or a temporary one with a warning."""
    from numba.core import config

    given = getattr(config, "CACHE_DIR", "")
    if given:
        root = Path(given) / "itcho"
    else:
        chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
        try:
            root = (chosen if chosen.is_absolute() else Path.home() / ".cache") / "itcho"
        except RuntimeError:  # a user without a home
            root = Path("~/.cache/itcho")
    try:
        return _claim(root.absolute() / name)
    except OSError as error:
        return _temporary(name, f"compiled functions cannot be kept in {root} ({error.strerror})")


def _temporary(name: str, why: str) -> Path | None:
    """A folder for this process and those that it starts, removed at its end; only the first of them warns."""
    given = os.environ.get(_TEMPORARY)
    if given:
        with contextlib.suppress(OSError):
            return _claim(Path(given) / name)
    remedy = "; to keep them, set NUMBA_CACHE_DIR to a folder that can be written"
    try:
        made = Path(tempfile.mkdtemp(prefix="itcho-compiled-"))
        folder = _claim(made / name)
    except OSError:
        _warn(f"{why} nor in a temporary folder: every process compiles the model for itself{remedy}")
        return None
    _warn(f"{why}: a temporary folder serves until this process ends{remedy}")
    os.environ[_TEMPORARY] = str(made)
    atexit.register(_remove, made, os.getpid())
    return folder


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _claim(folder: Path) -> Path:
    """Make a folder, see that it can be written, and mark it as in use for as long as this process lives.

    Raises
    ------
    OSError : it cannot be written.
    """
    new = not folder.exists()
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        # Never closed: the lock says that the process lives.
        lock = os.open(folder / _IN_USE, os.O_RDWR | os.O_CREAT, 0o666)
        os.utime(lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
        except OSError:  # a file system without locks: nothing is ever removed from it
            break
        with contextlib.suppress(FileNotFoundError):
            if (folder / _IN_USE).stat().st_ino == os.fstat(lock).st_ino:
                break
        os.close(lock)
    tempfile.TemporaryFile(dir=folder).close()
    if new:
        _prune(folder)
    return folder


def _prune(own: Path) -> None:
    """Remove folders of other sources that nobody uses, but for the last used ones.

    A folder is renamed under its lock before it is removed, so that whoever comes to use it makes it anew.
    """
    used = []
    for folder in own.parent.glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError):
            used.append(((folder / _IN_USE).stat().st_mtime_ns, folder))
    for _, folder in sorted(used, reverse=True)[KEPT_FOLDERS + 1 :]:
        with contextlib.suppress(OSError):
            lock = os.open(folder / _IN_USE, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                folder.rename(folder.with_name(f"{_REMOVED}{uuid.uuid4().hex}"))
            finally:
                os.close(lock)
    for folder in own.parent.glob(f"{_REMOVED}*"):
        shutil.rmtree(folder, ignore_errors=True)
