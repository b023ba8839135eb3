"""Requests that are wrong: numbers, names, parameters, conditions, calls in Python."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import itcho
from itcho.experiments.studies.expressions import condition
from itcho.experiments.studies.study_file import checked_study
from tests.doors.tries import EITHER, REFUSED, Try

NUMBERS = (
    "-1", "0", "1e3", "1.5", "nan", "inf", "-inf", "ten", "", " ", "1" + "0" * 400, "9" * 30, "0x10", "1_0", "１０",
    "--",
)  # fmt: skip
WHOLE: dict[str, tuple[str, ...]] = {
    "run --dry-run": ("--seed", "--pairs", "--years", "--investors", "--importers", "--adopters"),
    "compare actual --dry-run": ("--seeds", "--years", "--workers"),
    "explain actual": ("--seeds", "--years", "--pairs", "--workers", "--investors", "--importers", "--adopters"),
    "corridor": ("--seeds", "--years", "--workers"),
    "ablate": ("--seeds", "--years", "--workers"),
    "respond yen": ("--seeds", "--years", "--workers"),
    "quiet-start": ("--seed",),
    "rest": ("--years",),
    "claims yen-fall": ("--workers",),
    "validate": ("--workers",),
    "validate --hindcast --actuals x.csv": ("--seeds", "--workers"),
    "forecast run --start 2026-03-31 --out kept": ("--paths", "--workers", "--seed"),
    "view --no-browser": ("--seed", "--months", "--investors", "--importers", "--adopters", "--port"),
    "actuals x.csv": ("--gdp-base",),
    "study run study.toml --dry-run": ("--workers",),
    "study discover study.toml --where usdjpy>1": ("--box", "--least-hits", "--permutations"),
}
REAL: dict[str, tuple[str, ...]] = {
    "respond yen": ("--size",),
    "rest": ("--foreign-assets",),
    "compare actual": ("--time-limit",),
    "study discover study.toml --where usdjpy>1": ("--peel", "--least-mass"),
}
NAMES = (
    "acutal", "", " ", "../actual", "/", "a" * 5000, "a\0b", "名前", "actual\n", "None", "*", "-", "actual.toml",
    "\udcff",
)  # fmt: skip
NAMED: dict[str, tuple[str, ...]] = {
    "run --dry-run": ("--policy", "--start", "--lang", "--edges", "--rules", "--again"),
    "run {} --dry-run": ("",),
    "compare {} --dry-run": ("",),
    "compare actual --dry-run": (
        "--baseline",
        "--scenario",
        "--outcome",
        "--variant",
        "--start",
        "--lang",
        "--engine",
        "--rules",
        "--smallest-effect",
    ),
    "explain {}": ("",),
    "explain actual": ("--outcome", "--baseline", "--scenario", "--channel", "--start", "--lang"),
    "brief {}": ("",),
    "brief which-support": ("--lang", "--store"),
    "explorer {}": ("",),
    "study status {}": ("",),
    "study run {} --dry-run": ("",),
    "study report {}": ("",),
    "study compact {}": ("",),
    "respond {}": ("",),
    "claims {}": ("",),
    "claims yen-fall": ("--variant",),
    "ablate": ("--kind", "--scenario"),
    "corridor": ("--policy", "--start"),
    "rest": ("--start", "--displace"),
    "start-state check {}": ("",),
    "start-state make {} --out made": ("",),
    "start-state make 2026-03-31 --out made": ("--data",),
    "list {}": ("",),
    "list policies": ("--lang", "--rules"),
    "report {}": ("",),
    "export {}": ("",),
    "crate {}": ("",),
    "new rule {}": ("",),
    "new rule mine": ("--slot",),
    "view --no-browser": ("--policy", "--scenario", "--lang", "--host", "--rules"),
    "forecast run --out kept": ("--start", "--data", "--variant", "--parameters"),
    "forecast run --start 2026-03-31 --out kept": ("--origin",),
    "forecast score draws": ("--data",),
    "actuals x.csv": ("--column",),
    "validate": ("--start",),
    "validate --hindcast": ("--actuals", "--history"),
}
SETS = (
    "self=1", "cls=1", "x", "=1", "a=", "=", "", " ", "okun_coefficient", "okun_coefficient=", "okun_coefficient=ten",
    "okun_coefficient=nan", "okun_coefficient=inf", "okun_coefficient=1e400", "okun_coefficient=-1e9",
    "okun_coefficient==1",
    "okun_coefficient=1;2", "okun_coefficient=0x1", "okun_coefficient=1 2", "Okun_coefficient=1", "okun=1",
    "__class__=1",
    "values=1", "name=1", "okun_coefficient=１e9", "a" * 5000 + "=1", "円=1", "\0=1", "okun_coefficient=" + "9" * 5000,
    "policy=1", "seed=1", "years=1", "okun_coefficient\n=99", "*=1", "okun_coefficient=True", "_=0", "replace=1",
)  # fmt: skip
CONDITIONS = (
    "", " ", "usdjpy", "usdjpy >", "> 1", "usdjpy > ten", "usdjpy = 1", "usdjpy > 1 and", "not", "(", ")", "(" * 500,
    "usdjpy > 1 > 2", "usdjpi > 1", "usdjpy@1900 > 1", "usdjpy@ > 1", "__import__('os') > 1", "usdjpy > 1; usdjpy > 2",
    "usdjpy > 1e999", "usdjpy > " + "9" * 5000, "abs() > 1", "abs(usdjpy, usdjpy) > 1",
    "difference(difference(usdjpy)) > 1",
    "usdjpy > 1 " + "and usdjpy > 1 " * 5000, "not " * 5000 + "usdjpy > 1", "-" * 5000 + "usdjpy > 1", "円 > 1",
    "usdjpy " + "+ 1 " * 20000 + "> 1", "usdjpy > 1\0", "1 > 2", "usdjpy / 0 > 1",
)  # fmt: skip


def numbers() -> Iterator[Try]:
    """Every number in every whole-number option; real-number options too."""
    for table in (WHOLE, REAL):
        for command, options in table.items():
            for option in options:
                for value in NUMBERS:
                    line = (*command.split(), f"{option}={value}")
                    yield Try("numbers asked for", f"{command} {option}={value[:12]!r}", line, codes=EITHER)


def names() -> Iterator[Try]:
    """Every name at every door that takes one."""
    for command, options in NAMED.items():
        for option in options:
            for value in NAMES:
                words = tuple(value if word == "{}" else word for word in command.split())
                line = (*words, f"{option}={value}") if option else words
                yield Try("names asked for", f"{command} {option}={value[:12]!r}", line, codes=EITHER)


def parameters() -> Iterator[Try]:
    """What may stand after ``--set`` and may not."""
    for text in SETS:
        yield Try("--set", repr(text[:30]), ("run", "--dry-run", f"--set={text}"), codes=REFUSED)
    twice = ("run", "--dry-run", "--set", "okun_coefficient=0.2", "--set", "okun_coefficient=0.3")
    yield Try("--set", "twice", twice, says="twice")
    yield Try("--set", "2,000 of them", ("run", "--dry-run", *["--set=x=1"] * 2000))


def conditions() -> Iterator[Try]:
    """Conditions that are none, or longer than anybody means."""
    for text in CONDITIONS:
        yield Try("conditions", repr(text[:30]), ask=lambda text=text: condition(text), codes=EITHER)  # type: ignore[misc]


PLACES = (
    "file", "file/deep", "full", ".", "/dev/null", "/dev/null/x", "/proc/x", "", "\0", "n" * 300, "~nobody-here/x",
)  # fmt: skip
WRONG: dict[str, Any] = {
    "None": None,
    "a list": [],
    "an empty dictionary": {},
    "a float": 2.5,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "a text": "ten",
    "a truth": True,
    "bytes": b"actual",
    "an object": object(),
    "a date": datetime.date(2026, 3, 31),
    "an array": np.arange(3),
    "a large number": 10**400,
    "a function": len,
    "an empty text": "",
    "a zero byte": "\0",
    "a long text": "a" * 10_000,
}
SMALL: dict[str, Any] = {"years": 1, "investors": 60, "importers": 50, "adopters": 60}


def calls() -> Iterator[Try]:
    """Each argument of each public function in each wrong kind."""

    def run(**given: Any) -> object:
        return itcho.run(**(SMALL | {"seed": 1} | given))

    def economy(**given: Any) -> object:
        return itcho.JapanEconomy(**(SMALL | {"rng": 1} | given))

    def compare(policies: Any = ("actual",), **given: Any) -> object:
        return itcho.compare(policies, **({"seeds": 0} | given))

    doors: dict[str, tuple[Any, tuple[str, ...]]] = {
        "run": (
            run,
            ("scenario", "policy", "start", "seed", "years", "investors", "importers", "adopters", "parameters"),
        ),
        "JapanEconomy": (
            economy,
            (
                "scenario",
                "policy",
                "start",
                "rng",
                "years",
                "investors",
                "parameters",
                "without",
                "shocks",
                "added_agents",
                "graph",
            ),
        ),
        "compare": (compare, ("policies", "baseline", "scenarios", "seeds", "years", "outcomes", "workers", "store")),
    }
    for name, (call, arguments) in doors.items():
        for argument in arguments:
            for what, value in WRONG.items():
                ask = lambda call=call, argument=argument, value=value: call(**{argument: value})  # noqa: E731
                yield Try("calls in Python", f"{name}({argument}={what})", ask=ask, codes=EITHER)
    for what, value in WRONG.items():
        for label, one in (
            ("policy", lambda value=value: itcho.policy(value)),
            ("scenario", lambda value=value: itcho.scenario(value)),
            ("shock", lambda value=value: itcho.shock(value)),
            ("shock size", lambda value=value: itcho.shock("public-investment", pct_gdp=value)),
            ("shock setting", lambda value=value: itcho.shock("public-investment", nothing=value)),
            ("Parameters", lambda value=value: itcho.Parameters().replace(okun_coefficient=value)),
            ("study", lambda value=value: checked_study(value)),
            ("study table", lambda value=value: checked_study({"study": value})),
            ("condition", lambda value=value: condition(value)),
        ):
            yield Try("calls in Python", f"{label}({what})", ask=one, codes=EITHER)


def outputs(folder: Path) -> Iterator[Try]:
    """Places that cannot be written to, at every command that writes."""
    (folder / "file").write_text("mine")
    (folder / "full").mkdir()
    (folder / "full" / "mine").write_text("mine")
    lines: dict[str, tuple[str, ...]] = {
        "run": (
            "run",
            "--seed=1",
            "--years=1",
            "--investors=60",
            "--importers=50",
            "--adopters=60",
            "--no-twin",
            "--out",
        ),
        "dry run": ("run", "--dry-run", "--out"),
        "actuals": ("actuals", str(Path(__file__).parent.parent / "inputs" / "DEXJPUS.csv"), "--out"),
        "report": ("report", "run-folder", "--out"),
        "export": ("export", "run-folder", "--csv", "--out"),
        "brief": ("brief", "store-folder", "--out"),
        "explorer": ("explorer", "store-folder", "--out"),
        "explain": ("explain", "actual", "--seeds=0", "--out"),
        "study": ("study", "run", "study.toml", "--dry-run", "--out"),
        "figures": ("study", "report", "study.toml", "--out", "store-folder", "--figures"),
        "validate": ("validate", "--workers=0", "--out"),
        "ablate": ("ablate", "--seeds=0", "--out"),
        "claims": ("claims", "yen-fall", "--workers=0", "--out"),
        "respond": ("respond", "yen", "--seeds=0", "--out"),
        "forecast": ("forecast", "run", "--start=2026-03-31", "--paths=0", "--out"),
        "new rule": ("new", "rule", "mine", "--out"),
        "make": ("start-state", "make", "2026-03-31", "--out"),
    }
    for name, line in lines.items():
        for place in PLACES:
            yield Try("places to write", f"{name} to {place[:20]!r}", (*line, place), codes=EITHER)
