"""What several tests share."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator

import hypothesis
import numpy as np
import pandas as pd
import pytest

from itcho.agents.behaviours import forget
from itcho.agents.rules import rule
from itcho.experiments.compile_ahead import ensure_compiled
from tests.children import Finished, forked, started

# Property tests draw the same cases everywhere, and a slow machine is no failure.
hypothesis.settings.register_profile("itcho", deadline=None, derandomize=True)
hypothesis.settings.load_profile("itcho")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Share a run of the whole suite between processes; a file that is named runs in this one."""
    whole = config.args == config.getini("testpaths") and not config.option.collectonly and not config.option.usepdb
    already_shared = hasattr(config, "workerinput")
    if whole and not already_shared and getattr(config.option, "numprocesses", 0) is None:
        config.option.numprocesses = min(4, os.cpu_count() or 1)
        config.option.dist = "worksteal"
        # Processes that begin together would each compile the model.
        ensure_compiled()


def pytest_configure() -> None:
    """Let Ctrl-C be tested where a shell started the tests in the background and told them to ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def itcho() -> Callable[..., Finished]:
    """Call `itcho` in a process of its own that has all imported already: ``itcho("run", "--years", 2, cwd=folder)``.

    For what a command does; how it starts, and that its bits hang on nothing of one process, is for ``fresh_itcho``.
    """
    return forked if sys.platform.startswith("linux") else started


@pytest.fixture(scope="session")
def fresh_itcho() -> Callable[..., Finished]:
    """Call `itcho` as a shell does: a new interpreter, with its own imports and order of sets."""
    return started


def loaded_rules_files() -> dict[str, object]:
    """Rules files that this process has imported, by module; tests of rules alone never load what imports them."""
    module = sys.modules.get("itcho.experiments.runs.rules_file")
    return {} if module is None else module._LOADED


@pytest.fixture(autouse=True)
def no_rules_of_other_tests() -> Iterator[None]:
    """Forget what rules files brought along: the next test may call its own rules by the same names."""
    before = set(loaded_rules_files())
    yield
    for module in set(loaded_rules_files()) - before:
        del loaded_rules_files()[module]
        sys.modules.pop(module, None)
        forget(module)
        for rules in rule._CATALOGUE.values():
            for name in [name for name, known in rules.items() if known.__module__ == module]:
                del rules[name]


@pytest.fixture
def months() -> pd.DataFrame:
    """A made-up monthly table of two fiscal years, April 2026 to March 2028."""
    when = pd.period_range("2026-04", periods=24, freq="M")
    count = np.arange(24.0)
    return pd.DataFrame(
        {
            "month": when.to_timestamp(how="end").strftime("%Y-%m-%d"),
            "usdjpy": 150.0 + count,
            "deficit_trn_yen_fy": count % 12 + 1.0,
            "softbank_ltv_pct": 20.0 + count,
        }
    )
