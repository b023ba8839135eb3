"""Make the tries and write ``docs/doors.md``; exit code 1 if one was not handled."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pytest

from tests.doors.all_tries import ALL, SLOW, STUDY, leave_long_work_out, made, quick, sampled
from tests.doors.page import PAGE, counts, page
from tests.doors.whole import whole_run, whole_store


def main() -> int:
    """Read the call, make the tries, write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.doors", description=__doc__)
    parser.add_argument("--most", type=int, default=ALL, help="tries of each maker, evenly spread (default all)")
    parser.add_argument("--most-slow", type=int, default=ALL, help="the same of those in processes of their own")
    given = parser.parse_args()
    answers, there = [], {}
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as monkeypatch:
        root = Path(name)
        run, store = whole_run(root), whole_store(root)
        leave_long_work_out(monkeypatch)
        for makers, most in ((quick(run, store), given.most), (SLOW, given.most_slow)):
            for maker, tries_of in makers.items():
                folder, work = root / maker.replace(" ", "-"), root / f"{maker.replace(' ', '-')}-work"
                folder.mkdir()
                work.mkdir()
                (work / "study.toml").write_text(STUDY)
                tries = list(tries_of(work if maker == "outputs" or makers is SLOW else folder))
                there |= counts(tries)
                for one in made(sampled(tries, most), work):
                    answers.append(one)
                    if one.fault:
                        print(f"{one.tried.kind}, {one.tried.name}: {one.fault}", file=sys.stderr, flush=True)
                print(f"{maker}: {len(tries)} tries", flush=True)
                PAGE.write_text(page(there, answers), encoding="utf-8")
    return 1 if any(one.fault for one in answers) else 0


if __name__ == "__main__":
    raise SystemExit(main())
