"""The names that the shell completes: of scenarios, policies, start states, parameters, outcomes, claims and shocks.

A shell waits for these at every press of Tab, so they are read off the package's data files where the registry behind
them takes long to import.  Each function takes the beginning of a word and returns pairs of a name and what it means.
"""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files

Completions = list[tuple[str, str]]


def scenarios(incomplete: str) -> Completions:
    """Scenarios of the package, then TOML files of the working directory."""
    return _starting(incomplete, _labels("scenarios")) or _toml_files(incomplete)


def policies(incomplete: str) -> Completions:
    """Policies of the package, then TOML files of the working directory."""
    return _starting(incomplete, _labels("policies")) or _toml_files(incomplete)


def start_states(incomplete: str) -> Completions:
    """Start states of the package, then TOML files of the working directory."""
    folders = (entry for entry in (files("itcho.model") / "start_states").iterdir() if (entry / "stocks.csv").is_file())
    names = sorted((entry.name for entry in folders), reverse=True)
    return _starting(incomplete, ((name, "Japan's books on that day") for name in names)) or _toml_files(incomplete)


def parameters(incomplete: str) -> Completions:
    """Every parameter as ``name=value`` with the value it has, so that what is completed can be run as it stands."""
    return _starting(incomplete, _parameters())


def outcomes(incomplete: str) -> Completions:
    """Every outcome."""
    from itcho.model.measure.outcomes import OUTCOMES

    return _starting(incomplete, ((one.name, f"{one.label}, {one.unit}") for one in OUTCOMES.values()))


def claims(incomplete: str) -> Completions:
    """Every claim of the public debate."""
    from itcho.experiments.claims.registry import entries

    return _starting(incomplete, ((name, entry.claims[0].claim) for name, entry in entries().items()))


def kinds(incomplete: str) -> Completions:
    """Every kind of agent that `itcho ablate` knows."""
    from itcho.agents.ablation import KINDS

    return _starting(incomplete, ((kind.name, kind.label) for kind in KINDS))


def displacements(incomplete: str) -> Completions:
    """What `itcho rest` can displace."""
    from itcho.experiments.evidence.rest import DISPLACEMENTS

    return _starting(incomplete, ((name, one.what) for name, one in DISPLACEMENTS.items()))


def shocks(incomplete: str) -> Completions:
    """Every shock of `itcho respond`."""
    from itcho.experiments.evidence.shocks import SHOCKS
    from itcho.experiments.evidence.validation_show import ARITHMETIC

    return _starting(incomplete, [*((one.name, one.what) for one in SHOCKS.values()), *((x, "") for x in ARITHMETIC)])


def variants(incomplete: str) -> Completions:
    """Variants of mechanisms."""
    from itcho.experiments.studies.variants import VARIANTS

    return _starting(incomplete, ((one.name, one.label) for one in VARIANTS.values()))


def studies(incomplete: str) -> Completions:
    """Worked studies that come with the package, and TOML files of the working directory."""
    return [*_starting(incomplete, worked_studies()), *_toml_files(incomplete)]


def worked_studies() -> Iterator[tuple[str, str]]:
    """Name of each worked study, and the question that its first line asks."""
    for entry in sorted((files("itcho.experiments") / "studies").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            first = entry.read_text(encoding="utf-8").splitlines()[0]
            yield entry.name.removesuffix(".toml"), first.lstrip("# ") if first.startswith("#") else ""


def toml_files(incomplete: str) -> Completions:
    """TOML files, where a folder can be given too."""
    return _toml_files(incomplete)


def python_files(incomplete: str) -> Completions:
    """Python files of the working directory."""
    return _files(incomplete, ".py")


def languages(incomplete: str) -> Completions:
    """Languages of tables, pages and pictures."""
    from itcho.experiments.languages import LANGUAGES

    return _starting(incomplete, LANGUAGES.items())


def _starting(incomplete: str, names: Iterable[tuple[str, str]]) -> Completions:
    return [(name, meaning) for name, meaning in names if name.startswith(incomplete)]


def _labels(package: str) -> Iterator[tuple[str, str]]:
    """Name and label of the TOML files of a package of the model, without importing the package."""
    for entry in sorted((files("itcho.model") / package).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            content = tomllib.loads(entry.read_text(encoding="utf-8"))
            yield content.get("name", entry.name.removesuffix(".toml")), content.get("label", "")


def _parameters() -> Iterator[tuple[str, str]]:
    for entry in sorted((files("itcho.model") / "parameters").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".csv"):
            for row in csv.DictReader(entry.read_text(encoding="utf-8").splitlines()):
                yield f"{row['name']}={row['value']}", f"{row['unit']}, {row['low']} to {row['high']}"


def _toml_files(incomplete: str) -> Completions:
    return _files(incomplete, ".toml")


def _files(incomplete: str, ending: str) -> Completions:
    """Files of an ending, and folders on the way to them, whose path begins so."""
    folder, stem = os.path.split(incomplete)
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return []
    found = [entry for entry in entries if entry.name.startswith(stem) and not entry.name.startswith(".")]
    return [
        (os.path.join(folder, entry.name) + ("/" if entry.is_dir() else ""), "")  # noqa: PTH118  keeps what was typed
        for entry in found
        if entry.name.endswith(ending) or entry.is_dir()
    ]
