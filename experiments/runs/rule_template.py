"""The file that `itcho new rule` writes: a rule that runs as it stands, with a place for each thing to change."""

from __future__ import annotations

import os
import re
from pathlib import Path

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import rules_of
from itcho.experiments.whole_files import write_files

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_HEAD = '''"""A {slot} rule of my own.  Run it with: itcho run --policy {policy} --rules {file}

The settings below can be changed in the policy's file; their bounds are checked there.  What the rule may look at is
listed in the view's class, what it may answer in docs/adding_a_rule.md.
"""

{imports}from dataclasses import dataclass
from typing import ClassVar

'''

_BODIES = {
    "subsidy": '''from itcho.agents.rules.settings import number
from itcho.agents.rules.subsidy import ProgrammeView, SubsidyRule, Support


@dataclass(frozen=True)
class {kind}(SubsidyRule):
    """So much a month to the national AI company, until the purse is empty."""

    name: ClassVar[str] = "{name}"
    monthly_trn_yen: float = number(0.02, 0.0, 10.0, "trn yen a month")
    purse_trn_yen: float = number(1.0, 0.0, 100.0, "trn yen")

    def announced_trn_yen(self) -> float:
        """What is announced in all."""
        return self.purse_trn_yen

    def support(self, view: ProgrammeView) -> Support:
        """What is paid this month."""
        left = self.purse_trn_yen - view.spent_trn_yen
        if left <= 0.0:
            return Support()
        return Support(view.to_one("national_ai_company", min(self.monthly_trn_yen, left)))
''',
    "fiscal": '''from itcho.agents.rules.fiscal import FiscalRule, FiscalView
from itcho.agents.rules.settings import number


@dataclass(frozen=True)
class {kind}(FiscalRule):
    """Discretionary spending grows by the same share every year, whatever happens."""

    name: ClassVar[str] = "{name}"
    growth_share: float = number(0.01, -0.1, 0.1, "share a year")

    def discretionary_factor(self, view: FiscalView) -> float:
        """The factor on next year's discretionary spending."""
        return 1.0 + self.growth_share
''',
    "monetary": '''from itcho.agents.rules.monetary import MonetaryRule, MonetaryView
from itcho.agents.rules.settings import number
from itcho.agents.views import ParameterValues


@dataclass(frozen=True)
class {kind}(MonetaryRule):
    """So many points for each point of inflation, whatever the output gap is."""

    name: ClassVar[str] = "{name}"
    per_point: float = number(1.5, 0.0, 5.0, "pp per pp of inflation")

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """The rate that is wanted, percent a year."""
        return self.per_point * view.inflation_pct
''',
    "intervention": '''from itcho.agents.rules.intervention import InterventionRule, InterventionView
from itcho.agents.rules.settings import number


@dataclass(frozen=True)
class {kind}(InterventionRule):
    """Sells dollars in every session in which the dollar costs more than a ceiling."""

    name: ClassVar[str] = "{name}"
    ceiling: float = number(180.0, 50.0, 500.0, "yen per USD")
    size_bn_usd: float = number(1.0, 0.0, 100.0, "bn USD a session")

    def order_bn_usd(self, view: InterventionView) -> float:
        """Dollars to buy; negative to sell."""
        return -min(self.size_bn_usd, view.reserves_bn_usd) if math.exp(view.log_price) > self.ceiling else 0.0
''',
}

_POLICY = """base = "actual"
label = "{label}"
{slot} = "{name}"
"""


def write_rule(name: str, slot: str, out: Path | None = None) -> tuple[Path, Path]:
    """Write a rule's file, and beside it a policy's file that uses it.

    Parameters
    ----------
    name : of the rule, such as ``my-prize``.
    slot : one of subsidy, fiscal, monetary, intervention.
    out : the rule's file; the policy stands beside it under the same name.

    Raises
    ------
    InputError : the name is none or taken, or a file is there already: nothing is written then.
    """
    mistakes = []
    if not _NAME.fullmatch(name):
        mistakes.append(
            f"'{name}' is no name of a rule: lower-case words and digits joined by hyphens, such as my-prize"
        )
    elif name in rules_of(slot):
        mistakes.append(f"there is a {slot} rule '{name}' already: choose another name")
    code = out if out is not None else Path(f"{name.replace('-', '_')}.py")
    if code.suffix != ".py":
        mistakes.append(f"--out {code}: a rules file is a Python file, NAME.py")
    policy = code.with_suffix(".toml") if code.name else code
    files = () if code.suffix != ".py" else (code, policy)
    mistakes += [f"{file} exists already: nothing is overwritten" for file in files if os.path.lexists(file)]
    if mistakes:
        raise InputError(mistakes)
    kind = "".join(part.capitalize() for part in name.split("-"))
    imports = "import math\n" if "math." in _BODIES[slot] else ""
    text = (_HEAD + _BODIES[slot]).format(
        imports=imports, slot=slot, name=name, kind=kind, file=code.name, policy=policy.name
    )
    label = name.replace("-", " ").capitalize()
    write_files({code: text, policy: _POLICY.format(label=label, slot=slot, name=name)}, replace=False)
    return code, policy
