"""itcho: an agent-based, stock-flow-consistent model of Japan's one-trillion-yen AI programme.

What stands here is the public face; it is loaded when it is asked for.  Three parts stand behind it: ``itcho.agents``
(who decides), ``itcho.model`` (the world they act in) and ``itcho.experiments`` (what people do with it).

Examples
--------
>>> import itcho
>>> economy = itcho.run(policy="none", seed=1, years=1, investors=200, importers=60, adopters=100)
>>> sorted(economy.outcomes)[:2]
['adoption_pct', 'ai_capex_abroad_bn_usd']
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

for _part in ("agents", "model", "experiments"):
    if Path(__file__).with_name(_part).is_file():
        raise ImportError(
            f"{Path(__file__).with_name(_part)} is a text file and should be a link to the folder ../{_part}: these "
            "sources were unpacked without symbolic links; install the wheel, or unpack them where links are kept"
        )

if TYPE_CHECKING:
    from itcho.agents.added_agent import AddedAgent as AddedAgent
    from itcho.agents.errors import InputError as InputError
    from itcho.agents.rules.fiscal import FiscalRule as FiscalRule
    from itcho.agents.rules.intervention import InterventionRule as InterventionRule
    from itcho.agents.rules.monetary import MonetaryRule as MonetaryRule
    from itcho.agents.rules.rescue import RescueRule as RescueRule
    from itcho.agents.rules.subsidy import SubsidyRule as SubsidyRule
    from itcho.agents.rules.trade import TradeRule as TradeRule
    from itcho.experiments.python_face import compare as compare
    from itcho.experiments.python_face import run as run
    from itcho.experiments.python_face import shock as shock
    from itcho.experiments.studies.study import Study as Study
    from itcho.model.collapse import WorldCollapsed as WorldCollapsed
    from itcho.model.economy import JapanEconomy as JapanEconomy
    from itcho.model.measure.outcomes import OUTCOMES as outcomes  # noqa: N811  a mapping under the name that people look for
    from itcho.model.parameters import Parameters as Parameters
    from itcho.model.policies.files import policy as policy
    from itcho.model.scenarios import scenario as scenario
    from itcho.model.version import MODEL_VERSION as MODEL_VERSION

    __version__: str

_HOMES = {
    "AddedAgent": ("agents.added_agent", "AddedAgent"),
    "FiscalRule": ("agents.rules.fiscal", "FiscalRule"),
    "InputError": ("agents.errors", "InputError"),
    "InterventionRule": ("agents.rules.intervention", "InterventionRule"),
    "JapanEconomy": ("model.economy", "JapanEconomy"),
    "MODEL_VERSION": ("model.version", "MODEL_VERSION"),
    "MonetaryRule": ("agents.rules.monetary", "MonetaryRule"),
    "Parameters": ("model.parameters", "Parameters"),
    "RescueRule": ("agents.rules.rescue", "RescueRule"),
    "Study": ("experiments.studies.study", "Study"),
    "SubsidyRule": ("agents.rules.subsidy", "SubsidyRule"),
    "TradeRule": ("agents.rules.trade", "TradeRule"),
    "WorldCollapsed": ("model.collapse", "WorldCollapsed"),
    "compare": ("experiments.python_face", "compare"),
    "outcomes": ("model.measure.outcomes", "OUTCOMES"),
    "policy": ("model.policies", "policy"),
    "run": ("experiments.python_face", "run"),
    "scenario": ("model.scenarios", "scenario"),
    "shock": ("experiments.python_face", "shock"),
}

__all__ = [
    "MODEL_VERSION",
    "AddedAgent",
    "FiscalRule",
    "InputError",
    "InterventionRule",
    "JapanEconomy",
    "MonetaryRule",
    "Parameters",
    "RescueRule",
    "Study",
    "SubsidyRule",
    "TradeRule",
    "WorldCollapsed",
    "__version__",
    "compare",
    "outcomes",
    "policy",
    "run",
    "scenario",
    "shock",
]


def __getattr__(name: str) -> object:
    """Load a name of the public face when it is asked for."""
    if name == "__version__":
        from itcho.experiments.version import itcho_version

        return itcho_version()
    if name not in _HOMES:
        raise AttributeError(f"module 'itcho' has no attribute '{name}'")
    module, attribute = _HOMES[name]
    found: object = getattr(import_module(f"itcho.{module}"), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
