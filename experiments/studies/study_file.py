"""Studies: which policies are compared, in which scenarios, on what, with how many seeds.

A study is a TOML file, or flags of `itcho compare`; both are read here, and all mistakes are reported at once before
anything runs.  TOML holds data only; the one thing of a study that can execute code is the Python file that it names as
``rules``, of which the digest stands in the keys of its cells.

::

    [study]
    name = "which-support"
    policies = ["actual"]
    baseline = "none"                        # default
    scenarios = ["baseline", "chip-supply-disruption"]
    seeds = 200                              # 1, 2, 3, ...; or a list of seeds
    years = 10
    start = "2026-03-31"
    outcomes = ["domestic_ai_share_home_pct", "usdjpy@2030"]
    investors = 2000                         # and importers, adopters
    variants = ["no-carry", "no-learning"]   # optional: run once more in each, see itcho list variants
    rules = ["my_rule.py"]                   # optional: rules of your own, beside this file; they are run

    [parameters]                             # changed in every run
    okun_coefficient = 0.2

    [uncertain.trader_value_slope_pct_gdp]
    low = 0.2                                # default: the parameter's own bounds
    high = 0.6
    distribution = "uniform"                 # or "log-uniform"

    [design]
    kind = "latin-hypercube"                 # or "lhs" for short, "grid", "sobol", "saltelli", "morris"
    points = 64                              # of a grid: levels of each parameter; saltelli, morris: rows
    seed = 1
    levels = 4                               # of a Morris design only

    [stop]                                   # optional: stop before all seeds are run
    outcome = "usdjpy@2030"
    half_width = 0.1                         # of the 95% interval of the paired difference, in the outcome's unit
    minimum = 30                             # replicates

    [better]                                 # optional: "higher", "lower" or "neither"
    usdjpy = "neither"

    [smallest_effects]                       # optional: effects smaller than this do not matter, in the outcome's unit
    usdjpy = 2.0                             # default: the outcome's own, see docs/outcomes.md

    [thresholds]                             # optional: for Starr's criterion, levels to be reached
    domestic_ai_share_home_pct = 15.0
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from itcho.agents.behaviours import AS_MODELLED
from itcho.agents.errors import InputError, nearest_names, require_mapping
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.runs.run_spec import RunSpec
from itcho.experiments.studies.design import (
    DESIGNS,
    DISTRIBUTIONS,
    SENSITIVITY_DESIGNS,
    Cell,
    Design,
    UncertainParameter,
)
from itcho.experiments.studies.study import DEFAULT_OUTCOMES, OutcomePick, StopRule, Study, picked
from itcho.model.input_files import read_toml, user_path
from itcho.model.sizes import COUNT_LIMITS, DEFAULT_SCENARIO, DEFAULT_START, RUN_LIMITS, shortened

if TYPE_CHECKING:
    from itcho.experiments.studies.variants import Variant

MOST_CELLS = COUNT_LIMITS.most
_NUMBERS = ("years", "investors", "importers", "adopters")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}\Z")


def packaged_studies() -> dict[str, Path]:
    """Files of the worked studies that come with the package, by name."""
    folder = Path(__file__).parent
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def read_study(file: Path, smallest_effects: Mapping[str, float] | None = None) -> Study:
    """Read a study file.

    Parameters
    ----------
    file : its path, or the name of a study that comes with the package.
    smallest_effects : by outcome, in its unit, instead of those of the file and of the outcomes.

    Raises
    ------
    InputError : it cannot be read, is no TOML, or has mistakes; all of them are listed.
    """
    packaged = packaged_studies()
    if str(file) in packaged and not file.exists():
        file = packaged[str(file)]
    elif not file.exists() and file.suffix != ".toml":
        known = f"; studies that come with the package: {', '.join(packaged)}"
        raise InputError(f"there is no study file {file}{nearest_names(str(file), packaged) or known}")
    content = read_toml(file, "study file")
    own_sizes = content.setdefault("smallest_effects", {})
    if smallest_effects and isinstance(own_sizes, dict):
        own_sizes.update(smallest_effects)
    try:
        return checked_study(content, folder=file.parent, default_name=file.stem)
    except InputError as error:
        raise InputError([f"{file.name}: {message}" for message in error.messages]) from None


def smallest_effects_of(given: Sequence[str]) -> dict[str, float]:
    """Smallest effects of interest as the command line gives them, such as ``usdjpy=2``.

    Raises
    ------
    InputError : listing all that are no name and number.
    """
    mistakes, found = Mistakes(), {}
    for text in given:
        name, _, size = (part.strip() for part in text.partition("="))
        try:
            found[name] = float(size)
        except ValueError:
            mistakes.add(f"--smallest-effect {text}: write OUTCOME=SIZE in the outcome's unit, such as usdjpy=2")
    mistakes.raise_if_any()
    return found


_TABLES: dict[str, tuple[str, ...] | None] = {
    "study": ("name", "scenarios", "policies", "baseline", "seeds", "years", "start", "outcomes", "investors",
              "importers", "adopters", "level", "variants", "rules"),
    "parameters": None,
    "uncertain": None,
    "design": ("kind", "points", "seed", "levels"),
    "stop": ("outcome", "half_width", "minimum", "block"),
    "better": None,
    "smallest_effects": None,
    "thresholds": None,
}  # fmt: skip


_NEEDED = {"design": "points and a kind", "stop": "an outcome and a half_width"}
"""What a table that is there cannot do without; otherwise it would be passed over in silence."""


def checked_study(
    content: Mapping[str, Any], folder: Path | None = None, default_name: str = "study", prefix: str = "study."
) -> Study:
    """Check a study given as the tables of its file.

    Parameters
    ----------
    content : as TOML gives it.
    folder : what relative paths of policy files start from; the working directory if left out.
    prefix : what the names of numbers begin with in messages: ``--`` where they were options.

    Raises
    ------
    InputError : listing all mistakes.
    """
    require_mapping("a study", content)
    return _Reader(content, folder, default_name, prefix).study()


class _Reader:
    """Reads the tables of a study one by one and gathers what is wrong with them."""

    def __init__(self, content: Mapping[str, Any], folder: Path | None, default_name: str, prefix: str) -> None:
        self.mistakes, self.folder, self.default_name, self.prefix = Mistakes(), folder, default_name, prefix
        self.content = content
        self.behaviours = AS_MODELLED
        for table, value in content.items():
            if table not in _TABLES:
                self.mistakes.add(f"[{table}] is unknown{nearest_names(table, _TABLES)}")
            elif not isinstance(value, dict):
                self.mistakes.add(f"{table} must be a table: write [{table}]")
            elif not value and table in _NEEDED:
                self.mistakes.add(f"[{table}] is empty: give it {_NEEDED[table]}, or leave it out")
            else:
                for key in value:
                    if (known := _TABLES[table]) is not None and key not in known:
                        self.mistakes.add(f"{table}.{key} is unknown{nearest_names(key, known)}")

    def table(self, name: str) -> dict[str, Any]:
        """A table, empty if it is missing or no table."""
        value = self.content.get(name, {})
        return value if isinstance(value, dict) else {}

    def study(self) -> Study:
        """The study, or all that is wrong with it."""
        from itcho.model.policies import policy
        from itcho.model.scenarios import scenario

        common = self.table("study")
        name = common.get("name", self.default_name)
        if not isinstance(name, str) or not _NAME.match(name):
            self.mistakes.add(f"study.name = {name!r} must be letters, digits, dots, dashes and underscores: no path")
        self._load_rules(common.get("rules", []))
        scenarios = self._found("scenarios", common.get("scenarios", [DEFAULT_SCENARIO]), scenario)
        policies = self._found("policies", common.get("policies", []), policy)
        given = common.get("baseline", "none")
        if isinstance(given, str):
            baseline = self._found("baseline", [given], policy)
        else:
            self.mistakes.add(f"study.baseline must be the name of a policy or its TOML file, not {given!r}")
            baseline = []
        by_name = {one.name: one for one in policies}
        if baseline and by_name.get(baseline[0].name, baseline[0]) != baseline[0]:
            self.mistakes.add(f"the baseline and a policy are both called '{baseline[0].name}' but differ")
        template = self._template(common, scenarios, baseline)
        uncertain, design = self._uncertain(), self._design()
        seeds = self._seeds(common.get("seeds", 100), design.size(len(uncertain)))
        outcomes = self._outcomes(common, template)
        stop = self._stop(outcomes, design.size(len(uncertain)) * len(seeds))
        level = common.get("level", 0.95)
        if not _is_number(level) or not 0.5 <= level < 1.0:
            self.mistakes.add(f"study.level = {level!r} must be a share from 0.5 to below 1, such as 0.95")
        thresholds = self._thresholds(outcomes)
        variants = self._variants(common.get("variants", []))
        cells = design.size(len(uncertain)) * len(seeds) * max(1, len(scenarios)) * (len(policies) + 1)
        cells *= 1 + len(variants)
        if cells > MOST_CELLS:
            self.mistakes.add(f"the study has {cells:,} cells; at most {MOST_CELLS:,} are run")
        self.mistakes.raise_if_any()
        assert template is not None
        return Study(name, tuple(scenarios), tuple(policies), baseline[0], template, seeds, outcomes, uncertain, design,
                     stop, thresholds, level, variants)  # fmt: skip

    def _variants(self, given: Any) -> tuple[Variant, ...]:
        """Variants by name, none of which changes what the study sets or draws itself."""
        from itcho.experiments.studies.variants import clashes, variant

        if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
            self.mistakes.add(f"{self.prefix}variants must be a list of names, not {given!r}")
            return ()
        found: dict[str, Variant] = {}
        for text in given:
            with self.mistakes.caught():
                if text in found:
                    raise InputError(f"{self.prefix}variants: '{text}' is listed twice")
                found[text] = variant(text)
                for message in clashes(found[text], {**self.table("parameters"), **self.table("uncertain")}):
                    self.mistakes.add(message)
        return tuple(found.values())

    def _load_rules(self, given: Any) -> None:
        """Import the rules files that the study names, beside its own file."""
        from itcho.agents.behaviours import behaviours_of
        from itcho.experiments.runs.rules_file import load_rules

        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.mistakes.add(f"study.rules must be the name of a Python file or a list of them, not {given!r}")
            return
        with self.mistakes.caught():
            loaded = load_rules([(self.folder or Path()) / name for name in names], asked="study.rules =")
            self.behaviours = behaviours_of([file.module for file in loaded])

    def _found(self, key: str, given: Any, find: Callable[[str], Any]) -> list[Any]:
        """Scenarios or policies by name."""
        where = f"study.{key}"
        if not isinstance(given, list) or not given:
            self.mistakes.add(f"{where} must be a list of names with at least one, not {given!r}")
            return []
        found: dict[str, Any] = {}
        for text in given:
            if not isinstance(text, str):
                self.mistakes.add(f"{where} must be a list of names, which {text!r} is not: put names in quotes")
                continue
            with self.mistakes.caught():
                one = find(self._name_or_file(text, where, files=key != "scenarios"))
                if one.name in found:
                    self.mistakes.add(f"{where}: '{one.name}' is listed twice")
                found[one.name] = one
        return list(found.values())

    def _name_or_file(self, text: str, where: str, files: bool) -> str:
        if files and text.endswith(".toml"):
            return str((self.folder or Path()) / text)
        if not _NAME.match(text):
            raise InputError(f"{where}: '{text}' is no name: letters, digits, dots, dashes and underscores, no path")
        return text

    def _template(self, common: dict[str, Any], scenarios: list[Any], policies: list[Any]) -> Cell | None:
        """What all cells have in common; None if it cannot be said."""
        from itcho.experiments.studies.fiscal_years import complete_fiscal_years
        from itcho.model.parameters import Parameters
        from itcho.model.start_states import load

        start = common.get("start", DEFAULT_START)
        if not isinstance(start, str):
            self.mistakes.add(f"{self.prefix}start = {start!r} must be a text: put it in quotes")
            start = DEFAULT_START
        elif Path(start).suffix == ".toml" or "/" in start:
            start = str(((self.folder or Path()) / user_path(start)).absolute())
        spec = RunSpec(
            start=start,
            parameters=self.table("parameters"),
            **{name: common[name] for name in _NUMBERS if name in common},
        )
        if wrong := spec.mistakes(self.prefix):
            for message in wrong:
                self.mistakes.add(message)
            return None
        opened = load(start).date
        if not complete_fiscal_years(opened, spec.years):
            self.mistakes.add(
                f"{self.prefix}years = {spec.years}: runs from {opened} hold no complete fiscal year (April to March), "
                f"and parts of years are not compared: at least {spec.years + 1}"
            )
        if not scenarios or not policies:
            return None
        parameters = Parameters().replace(**spec.parameters)
        overrides = tuple(sorted((name, parameters[name]) for name in spec.parameters))
        sizes = {name: getattr(spec, name) for name in _NUMBERS}
        return Cell(scenarios[0], policies[0], 1, start=start, overrides=overrides, behaviours=self.behaviours, **sizes)

    def _seeds(self, given: Any, points: int) -> tuple[int, ...]:
        if _is_whole(given) and given >= 1:
            return tuple(range(1, min(given, MOST_CELLS) + 1))
        if isinstance(given, list) and given:
            wrong = [RUN_LIMITS["seed"].mistake(f"{self.prefix}seeds: seed", seed) for seed in given]
            if any(wrong):
                for message in filter(None, wrong):
                    self.mistakes.add(message)
                return (1,)
            if len(set(given)) != len(given):
                self.mistakes.add("study.seeds: a seed is listed twice; runs with the same seed are the same run")
            if points > 1:
                self.mistakes.add("study.seeds: with a design give their number: every point gets seeds of its own")
            return tuple(given)
        self.mistakes.add(
            f"{COUNT_LIMITS.too_small(self.prefix + 'seeds', shortened(given))}, or a list of whole numbers"
        )
        return (1,)

    def _outcomes(self, common: dict[str, Any], template: Cell | None) -> tuple[OutcomePick, ...]:
        given = common.get("outcomes", list(DEFAULT_OUTCOMES))
        if not isinstance(given, list) or not given or not all(isinstance(text, str) for text in given):
            self.mistakes.add(f"study.outcomes must be a list of names with at least one, not {given!r}")
            return ()
        better, smallest = self.table("better"), self._smallest_effects()
        found: dict[str, OutcomePick] = {}
        for text in given:
            with self.mistakes.caught():
                if text in found:
                    raise InputError(f"study.outcomes: '{text}' is listed twice")
                found[text] = picked(text, template, better, smallest)
        names = {pick.name for pick in found.values()}
        for name, value in better.items():
            if value not in ("higher", "lower", "neither"):
                self.mistakes.add(f"better.{name} = {value!r} must be 'higher', 'lower' or 'neither'")
            if found and name not in names:
                self.mistakes.add(f"better.{name} is no outcome of the study{nearest_names(name, names)}")
        for name in smallest:
            if found and name not in names:
                self.mistakes.add(f"smallest_effects.{name} is no outcome of the study{nearest_names(name, names)}")
        return tuple(found.values())

    def _smallest_effects(self) -> dict[str, float]:
        found = {}
        for name, value in self.table("smallest_effects").items():
            if not _is_number(value) or value < 0.0:
                self.mistakes.add(
                    f"smallest_effects.{name} = {value!r} must be a number of zero or more, in the outcome's unit"
                )
            found[name] = float(value) if _is_number(value) else 0.0
        return found

    def _uncertain(self) -> tuple[UncertainParameter, ...]:
        found = []
        for name, given in self.table("uncertain").items():
            with self.mistakes.caught():
                found.append(_uncertain_parameter(name, given))
            if name in self.table("parameters"):
                self.mistakes.add(f"{name} is both in [parameters] and in [uncertain]")
        if self.table("uncertain") and "design" not in self.content:
            self.mistakes.add(
                f"[design] is missing: uncertain parameters need a kind ({', '.join(DESIGNS)}) and points"
            )
        return tuple(sorted(found, key=lambda one: one.name))

    def _design(self) -> Design:
        given = self.table("design")
        if not given:
            return Design()
        kind: Any = given.get("kind", "latin-hypercube")
        points, seed = given.get("points"), given.get("seed", 1)
        levels, right = given.get("levels", 4), True
        if kind == "lhs":
            kind = "latin-hypercube"
        if kind not in DESIGNS:
            self.mistakes.add(f"design.kind = {kind!r} is unknown; there are: {', '.join(DESIGNS)}")
            right = False
        if not _is_whole(points) or not 1 <= points <= MOST_CELLS:
            self.mistakes.add(f"design.points = {points!r} must be a whole number from 1 to {MOST_CELLS:,}")
            right = False
        elif kind in ("sobol", "saltelli") and points & (points - 1):
            self.mistakes.add(f"design.points = {points} must be a power of two for {kind}, such as "
                              f"{2 ** round(math.log2(points))}")  # fmt: skip
        if not _is_whole(seed) or seed < 0:
            self.mistakes.add(f"design.seed = {seed!r} must be a whole number that is not negative")
            right = False
        if not _is_whole(levels) or levels < 2 or levels % 2:
            self.mistakes.add(f"design.levels = {levels!r} must be an even whole number of at least 2")
            right = False
        if kind in SENSITIVITY_DESIGNS and self.table("stop"):
            self.mistakes.add(f"[stop] does not go with a {kind} design, which is of use as a whole: leave one out")
        if not self.table("uncertain"):
            self.mistakes.add("[design] has nothing to vary: name parameters in [uncertain.<name>]")
        return Design(kind, points, seed, levels) if right and _is_whole(points) else Design()

    def _stop(self, outcomes: tuple[OutcomePick, ...], replicates: int) -> StopRule | None:
        given = self.table("stop")
        if not given:
            return None
        by_text = {pick.text: pick for pick in outcomes}
        outcome, width = given.get("outcome"), given.get("half_width")
        if not isinstance(outcome, str) or outcome not in by_text:
            near = nearest_names(str(outcome), by_text)
            self.mistakes.add(f"stop.outcome = {outcome!r} is not among the study's outcomes{near}")
        if not _is_number(width) or not width > 0.0:
            self.mistakes.add(f"stop.half_width = {width!r} must be a number above zero")
        counts = {"minimum": given.get("minimum", 30), "block": given.get("block", 10)}
        for key, least in (("minimum", 2), ("block", 1)):
            if not _is_whole(counts[key]) or counts[key] < least:
                self.mistakes.add(f"stop.{key} = {counts[key]!r} must be a whole number of at least {least}")
            elif key in given and counts[key] > replicates:
                self.mistakes.add(f"stop.{key} = {counts[key]} is more than the {replicates} replicates of the study")
        return None if self.mistakes.messages else StopRule(by_text[str(outcome)], float(width or 0.0), **counts)

    def _thresholds(self, outcomes: tuple[OutcomePick, ...]) -> dict[str, float]:
        texts = [pick.text for pick in outcomes]
        found = {}
        for text, value in self.table("thresholds").items():
            if texts and text not in texts:
                self.mistakes.add(f"thresholds.{text} is no outcome of the study{nearest_names(text, texts)}")
            if not _is_number(value):
                self.mistakes.add(f"thresholds.{text} = {value!r} must be a number")
            else:
                found[text] = float(value)
        return found


def _uncertain_parameter(name: str, given: Any) -> UncertainParameter:
    from itcho.model.parameters import registry

    known = registry()
    if name not in known:
        raise InputError(f"uncertain.{name} is no parameter{nearest_names(name, known)}")
    if not isinstance(given, dict):
        raise InputError(f"uncertain.{name} must be a table with low and high: write [uncertain.{name}]")
    parameter = known[name]
    keys = ("low", "high", "distribution")
    wrong = [f"uncertain.{name}.{key} is unknown{nearest_names(key, keys)}" for key in given if key not in keys]
    low, high = given.get("low", parameter.low), given.get("high", parameter.high)
    law = given.get("distribution", "uniform")
    if not (_is_number(low) and _is_number(high) and parameter.low <= low < high <= parameter.high):
        wrong.append(
            f"uncertain.{name}: low = {low!r} and high = {high!r} must be numbers with low below high, within "
            f"[{parameter.low:g}, {parameter.high:g}] {parameter.unit}"
        )
    if law not in DISTRIBUTIONS:
        wrong.append(f"uncertain.{name}.distribution = {law!r} is unknown; there are: {', '.join(DISTRIBUTIONS)}")
    elif law == "log-uniform" and _is_number(low) and low <= 0.0:
        wrong.append(f"uncertain.{name}: log-uniform needs low above zero")
    if wrong:
        raise InputError(wrong)
    return UncertainParameter(name, float(low), float(high), law)


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
