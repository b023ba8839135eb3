"""A Dask cluster started as the documentation says gives the same store as this process."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from itcho.experiments.studies.store import CellStore
from tests.children import ROOT, itcho_environment

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def documented(start: str) -> list[str]:
    """The words of the documented command that begins with ``start``."""
    page = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(start)}.*$", page, re.MULTILINE)
    assert found, start
    return found[0].split()


def test_a_cluster_gives_the_same_results(tmp_path: Path) -> None:
    port, environment = free_port(), itcho_environment()
    place = {"10.0.0.1": "127.0.0.1", "8786": str(port), "tcp://10.0.0.1:8786": f"tcp://127.0.0.1:{port}", "16": "2"}

    def start(command: str, *more: str) -> subprocess.Popen[bytes]:
        words = [place.get(word, word) for word in documented(command)]
        program = [sys.executable, "-m", "distributed.cli.dask_" + words[1], *words[2:], *more]
        return subprocess.Popen(
            program, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    compare = ["compare", "actual", "--seeds", "4", "--years", "1", "--outcome", "usdjpy"]
    cluster = ["--engine", "dask", "--scheduler", f"tcp://127.0.0.1:{port}"]
    with start("dask scheduler", "--no-dashboard") as scheduler, start("dask worker", "--no-dashboard") as workers:
        try:
            for engine, folder in ((cluster, "cluster"), (["--engine", "serial"], "here")):
                done = subprocess.run(
                    [sys.executable, "-m", "itcho.experiments.cli.main", *compare, *engine, "--out", folder],
                    cwd=tmp_path,
                    env=environment,
                    capture_output=True,
                    text=True,
                    timeout=240,
                    check=False,
                )
                assert done.returncode == 0, done.stderr
        finally:
            workers.terminate()
            scheduler.terminate()
    one, other = CellStore(tmp_path / "cluster"), CellStore(tmp_path / "here")
    assert len(one.keys()) == 8
    assert one.hash() == other.hash()
