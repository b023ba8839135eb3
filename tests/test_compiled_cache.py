"""What is kept of compiled functions is of the sources as they stand; where nothing is kept, the model still runs."""

from __future__ import annotations

import ast
import fcntl
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import itcho.agents.compiled
from itcho.agents import compiled_cache
from itcho.agents.carry_traders import carry_orders
from itcho.agents.compiled import COMPILED, njit
from itcho.agents.compiled_cache import KEPT_FOLDERS, CompiledCache, kernel_sources
from itcho.experiments.compile_ahead import kernels

pytestmark = pytest.mark.skipif(not COMPILED, reason="nothing is compiled without Numba")

PACKAGE = Path(itcho.agents.compiled.__file__).parents[1]
INSIDE = Path(*itcho.agents.compiled.__name__.split(".")[:-2])
"""Where the layers lie below a folder from which they are imported."""

A_MONTH_OF_CURRENCY = """
import numpy as np
from itcho.model.finance.foreign_exchange import CLIENTS, CurrencyTerms, ForeignExchangeMarket
from itcho.model.parameters import Parameters
market = ForeignExchangeMarket(150.0, 100.0, 600.0, Parameters(), noise_off=False)
ones = np.ones(20)
traders = ones / 20.0, 0.0 * ones, ones, ones, 2.4 * ones, 0.0 * ones
carry = ones / 20.0, ones, 1.5 * ones, 0.02 * ones, 3.0 * ones, 0.0 * ones, 0.25 * ones, 5.0 * ones
terms = CurrencyTerms(2.0, 3.0, 600.0)
month = market.trade_month(
    np.zeros(len(CLIENTS)), np.zeros((len(CLIENTS), 21)), traders, carry, terms, np.zeros((21, 2)), None
)
print(float(month.usdjpy[-1]).hex())
"""
ADD_UP = "import numpy as np; from itcho.agents.compiled import total; print(total(np.ones(3)))"


def run(program: str, folder: Path, *prefix: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program on the sources in ``folder``, in an environment with nothing in it but what is given."""
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", program],
        cwd=folder,
        env=known | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder from which a copy of the package can be imported."""
    inside = tmp_path / "copy" / INSIDE
    inside.mkdir(parents=True)
    for path in (inside, *inside.parents):
        if path == tmp_path / "copy":
            break
        (path / "__init__.py").touch()
    for layer in ("agents", "model"):
        shutil.copytree(PACKAGE / layer, inside / layer, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


@pytest.mark.slow
def test_an_edit_of_a_called_function_gives_other_bits_and_taking_it_back_the_old_ones(
    copy: Path, tmp_path: Path
) -> None:
    def bits() -> str:
        return run(A_MONTH_OF_CURRENCY, copy, XDG_CACHE_HOME=str(tmp_path / "cache")).stdout

    source = copy / INSIDE / "agents" / "carry_traders.py"
    text, first = source.read_text(encoding="utf-8"), bits()
    kept = list((tmp_path / "cache" / "itcho").iterdir())
    assert len(kept) == 1
    head, _, body = text.partition("def carry_orders(")
    assert "return total\n" in body
    source.write_text(head + "def carry_orders(" + body.replace("return total\n", "return 0.5 * total\n", 1))
    edited = bits()
    assert edited != first
    assert len(list((tmp_path / "cache" / "itcho").iterdir())) == 2
    source.write_text(text, encoding="utf-8")
    assert bits() == first
    assert len(list((tmp_path / "cache" / "itcho").iterdir())) == 2


def test_the_sources_of_the_folder_are_all_that_compiled_files_import() -> None:
    """Held against Python's own reading of every import."""
    found = kernel_sources(PACKAGE)
    for kernel in kernels():
        assert kernel.py_func.__module__.removeprefix(compiled_cache._PACKAGE) in found
    assert "agents.carry_traders" in found
    assert "model.finance.portfolio_rows" in found
    assert "model.measure.outcomes" not in found, "an edit of what no compiled file imports compiles nothing anew"
    for name, path in found.items():
        for module in _imports(path):
            file = PACKAGE / module.replace(".", "/")
            if file.with_suffix(".py").exists() or (file / "__init__.py").exists():
                assert module in found, f"{name} imports {module}"


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name.removeprefix(compiled_cache._PACKAGE) for name in names)


def test_imports_are_found_however_they_are_written(tmp_path: Path) -> None:
    modules = {
        "agents/__init__.py": "",
        "agents/kernel.py": (
            "from itcho.agents.compiled import njit\n"
            "from agents import (  # (all of them)\n    first,\n    second as other,\n)\n"
            "from . import third\nfrom .deep import fourth\nimport agents.fifth as five, agents.sixth\n"
            "from agents import nothing, \\\n    seventh\n"
            "try:\n    from agents import eighth\nexcept ImportError:\n    pass\n"
        ),
        "agents/deep/__init__.py": "from ..ninth import x\nfrom .tenth import y\n",
        "agents/unused.py": "",
    } | {
        f"agents/{name}.py": "" for name in ("first", "second", "third", "fifth", "sixth", "seventh", "eighth", "ninth")
    }
    modules |= {f"agents/deep/{name}.py": "" for name in ("fourth", "tenth")}
    for name, text in modules.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "model").mkdir()
    found = {str(path.relative_to(tmp_path)) for path in kernel_sources(tmp_path).values()}
    assert found == set(modules) - {"agents/unused.py"}


@pytest.mark.parametrize("what", ["NUMBA_OPT", "numba", "numpy", "processor"])
def test_what_compiles_for_whom_is_part_of_the_folders_name(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from llvmlite import binding

    before = compiled_cache._machinery()
    if what == "processor":
        monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "another")
    elif what == "NUMBA_OPT":
        monkeypatch.setenv(what, "1")
    else:
        monkeypatch.setattr(f"{what}.__version__", "0")
    assert compiled_cache._machinery() != before
    monkeypatch.undo()
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert compiled_cache._machinery() == before


def test_a_chosen_folder_is_respected(tmp_path: Path) -> None:
    run(ADD_UP, PACKAGE.parent if INSIDE.parts else PACKAGE, NUMBA_CACHE_DIR=str(tmp_path / "mine"), HOME=str(tmp_path))
    assert list((tmp_path / "mine" / "itcho").glob("compiled-*/agents_*/compiled.total-*.nbi"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_an_unwritable_place_is_replaced_once_with_one_warning(copy: Path, tmp_path: Path) -> None:
    """A file stands where the folder would be, and there is no home; a process started from there says nothing."""
    blocked, temporary = tmp_path / "blocked", tmp_path / "temporary"
    blocked.touch()
    temporary.mkdir()
    program = f"""
import os, subprocess, sys
{ADD_UP}
from itcho.agents.compiled import total
print(total.stats.cache_path.startswith(os.environ["TMPDIR"]))
child = subprocess.run([sys.executable, "-c", {ADD_UP!r}], capture_output=True, text=True)
print(child.stdout.strip(), repr(child.stderr))
"""
    done = run(program, copy, XDG_CACHE_HOME=str(blocked), TMPDIR=str(temporary))
    assert done.stdout.split("\n")[:3] == ["3.0", "True", "3.0 ''"]
    assert done.stderr.count("UserWarning") == 1
    assert f"cannot be kept in {blocked}/itcho" in done.stderr
    assert "NUMBA_CACHE_DIR" in done.stderr
    assert list(temporary.iterdir()) == [], "the temporary folder goes with the process"


AS_ROOT_WITHOUT_ITS_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.mark.parametrize(
    "prefix", [(), AS_ROOT_WITHOUT_ITS_RIGHTS, AS_NOBODY], ids=["as it is", "held to modes", "nobody"]
)
def test_a_read_only_tree_and_home_still_run(prefix: tuple[str, ...], copy: Path) -> None:
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in (copy.parent, copy.parent.parent, copy.parent.parent.parent):
        path.chmod(0o755)
    probe = f"import numpy; from pathlib import Path; Path({str(copy / 'probe')!r}).touch()"
    try:
        tried = subprocess.run([*prefix, sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no setpriv here")
    if "PermissionError" not in tried.stderr:
        pytest.skip("this user can write everywhere, or cannot read Python and its packages")
    nowhere = {} if prefix == AS_NOBODY else {"HOME": str(copy)}
    done = run(ADD_UP, copy, *prefix, **nowhere)
    assert done.stdout.strip() == "3.0"
    assert done.stderr.count("UserWarning") == 1
    for path in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
        path.chmod(0o755)


def test_without_any_writable_folder_nothing_is_kept_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(**_: object) -> str:
        raise FileNotFoundError("no usable temporary folder")

    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(compiled_cache.tempfile, "mkdtemp", nowhere)
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr("numba.core.config.CACHE_DIR", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "~").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.warns(UserWarning, match="every process compiles the model for itself") as said:
        cache = CompiledCache()
    assert len(said) == 1
    assert cache.folder is None
    assert not cache._keeps(carry_orders.py_func.__module__)


def test_a_source_that_changes_under_a_running_process_ends_the_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kernel:
        def __init__(self) -> None:
            self._cache, self.kept = self, True

        def disable(self) -> None:
            self.kept = False

    made: list[dict[str, object]] = []

    def compiler(**options: object) -> object:
        made.append(options)
        return lambda function: Kernel()

    decorate = (cache := CompiledCache()).keeping(compiler)(cache=True)
    first = decorate(carry_orders.py_func)
    assert made == [{"cache": True}]
    assert first.kept
    path = next(path for path in cache._stamps if path.name == "journal.py")
    monkeypatch.setitem(cache._stamps, path, (0, 0))
    later = decorate(itcho.agents.compiled.total.py_func)
    assert made[1:] == [{}]
    assert not first.kept
    assert later.kept
    assert cache.folder is None


def test_functions_from_elsewhere_are_not_kept() -> None:
    @njit(cache=True)
    def twice(x):  # type: ignore[no-untyped-def]
        return 2.0 * x

    assert twice(1.5) == 3.0
    assert twice.stats.cache_path is None


def test_folders_of_other_sources_go_unless_they_are_in_use_or_were_lately(tmp_path: Path) -> None:
    names = [f"compiled-{number:016x}" for number in range(KEPT_FOLDERS + 4)]
    for age, name in enumerate(names):
        (tmp_path / name).mkdir()
        (tmp_path / name / "in-use").touch()
        os.utime(tmp_path / name / "in-use", (1e9 - age, 1e9 - age))
    (tmp_path / "not-ours").mkdir()
    (tmp_path / "removed-before").mkdir()
    with (tmp_path / names[-1] / "in-use").open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        own = compiled_cache._claim(tmp_path / "compiled-own")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {own.name, *names[:KEPT_FOLDERS], names[-1], "not-ours"}


def test_claiming_a_folder_again_removes_nothing(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = compiled_cache._claim(tmp_path / "compiled-1")
        (first / "kept").touch()
        assert compiled_cache._claim(tmp_path / "compiled-1") == first
    assert (first / "kept").exists()
