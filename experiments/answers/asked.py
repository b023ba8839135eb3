"""What `itcho explain` is asked for, checked: all mistakes at once, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from itcho.agents.errors import nearest_names
from itcho.experiments.answers.channels import CHANNELS
from itcho.experiments.answers.explain import Question
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.runs.run_spec import OPTION, RunSpec
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.study import picked
from itcho.model.sizes import number_mistakes


def checked_question(
    policy: str,
    baseline: str,
    scenario: str,
    start: str,
    outcome: str,
    seeds: int,
    pairs: int,
    channels: Sequence[str],
    sizes: Mapping[str, int],
) -> Question:
    """The question, or all that is wrong with it.

    Parameters
    ----------
    channels : empty for all.
    sizes : ``years``, ``investors``, ``importers`` and ``adopters``.

    Raises
    ------
    InputError : unknown names, numbers out of range, a fiscal year of which the runs hold no twelve months.
    """
    from itcho.model.policies import policy as find_policy
    from itcho.model.scenarios import scenario as find_scenario

    mistakes = Mistakes()
    years, investors, importers, adopters = (sizes[name] for name in ("years", "investors", "importers", "adopters"))
    spec = RunSpec(scenario, policy, start, 1, years, investors, importers, adopters)
    for message in spec.mistakes(OPTION):
        mistakes.add(message)
    with mistakes.caught():
        find_policy(baseline)
    for message in number_mistakes(OPTION, seeds=seeds, pairs=pairs):
        mistakes.add(message)
    for name in channels:
        if name not in CHANNELS:
            mistakes.add(f"{OPTION}channel {name} is unknown{nearest_names(name, CHANNELS)}")
    with mistakes.caught():
        picked(outcome, None, {})
    mistakes.raise_if_any()
    template = Cell(find_scenario(scenario), find_policy(policy), 1, years, start, investors, importers, adopters)
    pick = picked(outcome, template, {})
    chosen = tuple(name for name in CHANNELS if not channels or name in channels)
    return Question(template, find_policy(baseline), pick, tuple(range(1, seeds + 1)), pairs, chosen)
