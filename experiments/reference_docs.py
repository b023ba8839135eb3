"""Reference pages of the documentation, written from the registries: parameters and what they were fitted to, outcomes,
scenarios, policies and the command line.

``python -m itcho.experiments.reference_docs`` writes them into ``docs/``; with ``--check`` it only says which are not
what the registries now give, and exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from itcho.agents.foreign_suppliers import SUPPLIERS
from itcho.agents.rules.rule import SLOTS, Rule, rules_of
from itcho.agents.rules.settings import settings_of
from itcho.experiments.cli.command_line_page import page as command_line_page
from itcho.experiments.evidence.calibration import page as calibration_page
from itcho.experiments.markdown import markdown_table
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import KNOWN, Parameter, read_tables, registry
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS, Episode, OutsidePath
from itcho.model.scenarios.scenario import LONGEST_MONTHS

DOCS = Path(__file__).resolve().parent.parent / "docs"
"""Where the pages of a source tree stand."""

_TOPICS = {
    "ai": "AI services: capability, choice, adoption",
    "bonds": "Government bonds",
    "chips": "Chips, compute and AI firms",
    "equities": "Equities",
    "foreign_exchange": "Foreign exchange",
    "goods_and_labour": "Goods, prices and labour",
    "investors": "Investors",
    "monetary": "Monetary policy and the world outside",
    "public_debt": "Public debt: issuance and the opening ladder",
    "public_finance": "Public finance",
    "rules": "Trade deals",
    "softbank": "SoftBank",
    "supply_chain": "Supply chain",
}
_KNOWN_MEANS = {
    "read": "read in the source named",
    "computed": "computed from the source named",
    "memory": "remembered from the source named, not looked up again",
    "judgement": "our judgement, with what it leans on",
    "calibrated": "fitted by us to what is named",
}
_NOTICE = "<!-- Written by `python -m itcho.experiments.reference_docs`; change the registry, not this page. -->"


def pages() -> dict[str, str]:
    """Every page by file name."""
    writers: dict[str, Callable[[], Iterator[str]]] = {
        "parameters.md": _parameters,
        "calibration.md": calibration_page,
        "outcomes.md": _outcomes,
        "scenarios.md": _scenarios,
        "policies.md": _policies,
        "command_line.md": command_line_page,
    }
    return {name: "\n".join([_NOTICE, "", *write()]).rstrip("\n") + "\n" for name, write in writers.items()}


def stale_pages(folder: Path = DOCS) -> list[str]:
    """Names of the pages in ``folder`` that are missing or not what the registries give."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check them; returns the exit code (0 done, 1 stale, 2 no such folder)."""
    parser = argparse.ArgumentParser(
        prog="python -m itcho.experiments.reference_docs", description="Write reference pages."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is stale")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the pages (default: docs/ of the sources)")
    chosen = parser.parse_args(arguments)
    if not chosen.out.is_dir():
        print(f"there is no folder {chosen.out}; name one with --out", file=sys.stderr)
        return 2
    stale = stale_pages(chosen.out)
    if chosen.check:
        for name in stale:
            print(f"{chosen.out / name} is stale; run python -m itcho.experiments.reference_docs", file=sys.stderr)
        return 1 if stale else 0
    for name, text in pages().items():
        if name in stale:
            (chosen.out / name).write_text(text, encoding="utf-8")
            print(f"wrote {chosen.out / name}")
    return 0


def _number(value: float) -> str:
    return f"{value:.6g}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _parameters_by_topic() -> dict[str, list[Parameter]]:
    """Parameters by table, in the order of the tables."""
    files = sorted(
        (file for file in resources.files("itcho.model.parameters").iterdir() if file.name.endswith(".csv")),
        key=lambda file: file.name,
    )
    return {
        file.name.removesuffix(".csv"): list(read_tables([(file.name, file.read_text(encoding="utf-8"))]).values())
        for file in files
    }


def _parameters() -> Iterator[str]:
    known = Counter(parameter.known for parameter in registry().values())
    yield "# Parameters"
    yield ""
    yield (
        f"The model has {len(registry())} parameters. Each has a default, a unit, bounds that a user may choose from, "
        "a source, and a word on how well it is known. Change one with `itcho run --set name=value`, or in Python with "
        '`JapanEconomy(parameters={"name": value})`; a value outside its bounds is refused. '
        "[ODD.md](ODD.md) says where each is used."
    )
    yield ""
    yield from markdown_table(
        ("known", "means", "parameters"), [(word, _KNOWN_MEANS[word], str(known[word])) for word in KNOWN]
    )
    for topic, parameters in _parameters_by_topic().items():
        yield f"## {_TOPICS.get(topic, topic.replace('_', ' ').capitalize())}"
        yield ""
        yield from markdown_table(
            ("name", "default", "unit", "bounds", "known", "source and note"),
            [
                (
                    f"`{one.name}`",
                    _number(one.value),
                    one.unit,
                    f"{_number(one.low)} to {_number(one.high)}",
                    one.known,
                    " ".join(_sentence(text) for text in (one.source, one.note) if text),
                )
                for one in parameters
            ],
        )


def _outcomes() -> Iterator[str]:
    yield "# Outcomes"
    yield ""
    yield (
        f"What is read off the economy at the end of each month: {len(OUTCOMES)} outcomes, in the order of "
        "`monthly.csv`. *Statistic* names the published figures that an outcome can be held against. USD/JPY is yen "
        "per dollar: up is a weaker yen. *Smallest effect* is the size, in the outcome's unit, below which an effect "
        "is too small to matter: comparisons call it `small` ([the four verdicts](statistics.md#four-verdicts)), and "
        "`[smallest_effects]` in a study or `--smallest-effect` on the command line set another. "
        "*Range*: a value outside is impossible by definition, or means a broken world."
    )
    yield ""
    yield from markdown_table(
        (
            "name",
            "label",
            "日本語",
            "繁體中文",
            "unit",
            "range",
            "definition",
            "statistic",
            "smallest effect",
            "because",
        ),
        [
            (
                f"`{one.name}`",
                one.label,
                one.label_ja,
                one.label_zh,
                one.unit,
                f"{_number(one.low)} to {_number(one.high)}",
                one.definition,
                one.source,
                f"{one.smallest_effect.size:g}",
                one.smallest_effect.why,
            )
            for one in OUTCOMES.values()
        ],
    )


def _bends(path: OutsidePath) -> str:
    """What an outside path changes, in words."""
    changed = [
        f"{field.name} {_number(getattr(path, field.name))}"
        for field in dataclasses.fields(path)
        if getattr(path, field.name) != field.default
    ]
    return ", ".join(f"`{name}` {value}" for name, value in (text.split(" ") for text in changed))


def _months(episode: Episode) -> str:
    """When an episode holds, and how it comes and goes."""
    if episode.first is not None:
        when = f"{episode.first} to {episode.last or 'the end'}"
    elif episode.first_month + episode.months >= LONGEST_MONTHS:
        when = f"{episode.first_month + 1} to the end"
    else:
        when = f"{episode.first_month + 1} to {episode.first_month + episode.months}"
    turns = (("rising", episode.ramp_months), ("fading", episode.fade_months))
    return ", ".join([when, *(f"{word} in {months} steps" for word, months in turns if months)])


def _scenarios() -> Iterator[str]:
    yield "# Scenarios"
    yield ""
    yield (
        "A scenario says what happens outside Japan, and nothing else: it bends the mean paths of what is exogenous "
        "and the capacity of foreign chip suppliers. Shocks come on top. Give its name to `itcho run`."
    )
    yield ""
    for one in SCENARIOS.values():
        yield f"## {one.label}"
        yield ""
        yield f"`{one.name}`. {_sentence(one.description)}"
        yield ""
        if one.evidence:
            yield f"Evidence: {_sentence(one.evidence)}"
            yield ""
        if one.credibility:
            link = "ODD.md#716-doubt-about-fiscal-policy-and-rescues"
            yield f"Fiscal doubt is on: holders of bonds and currency traders judge fiscal policy ([ODD]({link}))."
            yield ""
        if one.episodes:
            rows = [(_months(episode), _bends(episode.path)) for episode in one.episodes]
            yield from markdown_table(("months of the run", "bends"), rows)
    yield "## What a scenario can bend"
    yield ""
    yield "Where several episodes hold at once, factors multiply and shifts add."
    yield ""
    yield from markdown_table(
        ("name", "left alone"),
        [(f"`{field.name}`", _number(float(str(field.default)))) for field in dataclasses.fields(OutsidePath)],
    )
    capacity = [supplier.label for supplier in SUPPLIERS if supplier.tier != "laboratory"]
    yield (
        "Names that end in `_factor` multiply a mean path, those that end in `_pp` or `_pct` are added to it; "
        f"`chip_capacity` is the share of normal capacity of {', '.join(capacity[:-1])} and {capacity[-1]}."
    )


def _rules(slot: str) -> list[type[Rule]]:
    """The rules that come with the model and can fill a slot, in the order of their files."""
    return [kind for kind in rules_of(slot).values() if kind.__module__.startswith("itcho.agents.rules.")]


def _settings(rule: Any) -> list[tuple[str, str]]:
    """Names and values of a rule's parameters."""
    return [(field.name, _value(getattr(rule, field.name))) for field in dataclasses.fields(rule)]


def _value(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float, tuple)):
        return str(value)
    return ", ".join(map(_value, value)) if isinstance(value, tuple) else _number(float(value))


def _prose(documentation: str) -> str:
    """A docstring as paragraphs, without its list of attributes."""
    text = inspect.cleandoc(documentation).split("\nAttributes\n")[0]
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).replace("``", "`")


def _attributes(documentation: str) -> dict[str, str]:
    """What a docstring says of each attribute, by name; a line may name several."""
    parts = inspect.cleandoc(documentation).split("\nAttributes\n")
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in parts[1].splitlines()[1:] if len(parts) > 1 else []:
        found = re.match(r"(\w+(?:, \w+)*) : (.*)", line)
        if found:
            names = found[1].split(", ")
            meanings.update(dict.fromkeys(names, found[2]))
        elif line.strip():
            meanings.update({name: f"{meanings[name]} {line.strip()}" for name in names})
    return {name: text.replace("``", "`") for name, text in meanings.items()}


def _policies() -> Iterator[str]:
    yield "# Policies"
    yield ""
    yield (
        "A policy fills six slots, each with one rule. Rules hold parameters only; what they remember lives on the "
        "agent that follows them. Give a policy's name, or a TOML file of your own, to `itcho run --policy`; how to "
        "write such a file and how to add a rule is in [Adding a rule](adding_a_rule.md)."
    )
    yield ""
    for one in POLICIES.values():
        yield f"## {one.label}"
        yield ""
        yield f"`{one.name}`. {_sentence(one.description)}"
        yield ""
        rows = []
        for slot in SLOTS:
            rule = getattr(one, slot)
            settings = "; ".join(f"`{name}` {value}" for name, value in _settings(rule))
            rows.append((slot, f"`{rule.name}`", settings))
        for change in one.changes:
            settings = "; ".join(f"`{name}` {value}" for name, value in _settings(change.rule))
            rows.append((f"{change.slot}, {change.dates}", f"`{change.rule.name}`", settings))
        yield from markdown_table(("slot", "rule", "with"), rows)
    yield "## Rules"
    yield ""
    for slot in SLOTS:
        yield f"### {slot.capitalize()}"
        yield ""
        for rule in _rules(slot):
            documentation = rule.__doc__ or ""
            default = rule()
            yield f"**`{default.name}`**. {_prose(documentation)}"
            yield ""
            meanings, kinds = _attributes(documentation), settings_of(rule)
            described = [
                (f"`{name}`", value, kinds[name].bounds, kinds[name].unit, _sentence(meanings.get(name, "")))
                for name, value in _settings(default)
            ]
            if described:
                yield from markdown_table(("parameter", "default", "bounds", "unit", "meaning"), described)


if __name__ == "__main__":
    sys.exit(main())
