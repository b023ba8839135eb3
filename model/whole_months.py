"""A month is run as a whole or the economy stops there: what became of an exception in mid-month.

Half of its payments are booked by then and nothing takes them back, so an economy whose month failed goes no further.
It keeps the months that were closed before.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from types import CodeType
from typing import TYPE_CHECKING, Protocol, TypeVar

from itcho.agents.added_agent import AddedAgent
from itcho.agents.errors import DecisionError, FailedMonthError
from itcho.agents.mesa_typed import DataCollector
from itcho.agents.rules.checked import name_of_rule
from itcho.agents.rules.rule import Rule
from itcho.model.added_agents import name_of_agent
from itcho.model.clock import Clock

if TYPE_CHECKING:
    from itcho.model.ledger.ledger import Ledger
    from itcho.model.measure.tables import Records


@dataclass(frozen=True)
class FailedMonth:
    """The month that failed.

    Attributes
    ----------
    month : such as 2026-07.
    where : the rule or agent of a user's own, otherwise the step.
    why : the exception in a line.
    """

    month: str
    where: str
    why: str

    def __str__(self) -> str:
        return f"month {self.month} failed in {self.where} ({self.why}); build it again"


class Economy(Protocol):
    """What is touched of an economy whose month failed."""

    failed_month: FailedMonth | None
    outcomes: dict[str, float]
    ledger: Ledger
    records: Records

    @property
    def clock(self) -> Clock:
        """Its calendar."""
        ...

    def stand_failed(self, failed: FailedMonth, closed: int, outcomes: dict[str, float]) -> None:
        """Stand after ``closed`` months with their ``outcomes``, in a month that failed."""
        ...


_FIGURES = "the month's figures"

EconomyT = TypeVar("EconomyT", bound=Economy)


def whole_month(step: Callable[[EconomyT], None]) -> Callable[[EconomyT], None]:
    """Make of a model's ``step`` one that runs a whole month or marks it as failed, and never runs after one that was.

    Raises
    ------
    FailedMonthError : a month has failed before.
    """

    @wraps(step)
    def whole(economy: EconomyT) -> None:
        refuse_after_failure(economy)
        closed, outcomes = len(economy.ledger.history), economy.outcomes
        try:
            step(economy)
        except BaseException as error:
            failed = _failed(economy, error, step.__code__)
            economy.stand_failed(failed, closed, outcomes)
            error.add_note(str(failed))
            raise

    return whole


def refuse_after_failure(economy: Economy) -> None:
    """Let nothing go on from the middle of a month.

    Raises
    ------
    FailedMonthError : a month has failed.
    """
    if economy.failed_month is not None:
        raise FailedMonthError(str(economy.failed_month))


def tell_of_failure(economy: Economy) -> None:
    """Say of what is taken from an economy that it ends before the month that failed."""
    if economy.failed_month is not None:
        closed = len(economy.ledger.history)
        warnings.warn(f"{economy.failed_month}. The {closed} months before are complete", stacklevel=3)


def _failed(economy: Economy, error: BaseException, step: CodeType) -> FailedMonth:
    month, where = f"{economy.clock.date:%Y-%m}", _where(error, step)
    kind, why = type(error).__name__, (str(error).splitlines() or [""])[0]
    if isinstance(error, DecisionError):
        why = why.removeprefix(f"{where}, month {month}: ")
    else:
        why = f"{kind}: {why}" if why else kind
    return FailedMonth(month, where, why)


def _where(error: BaseException, month: CodeType) -> str:
    """Who failed: a user's rule or agent if it raised or what it decided was refused, otherwise the step."""
    if isinstance(error, DecisionError) and error.decider:
        return error.decider
    step, trace, in_month = "", error.__traceback__, False
    while trace is not None:
        frame = trace.tb_frame
        asked = frame.f_locals.get("self")
        if isinstance(asked, Rule):
            return name_of_rule(asked)
        if isinstance(asked, AddedAgent):
            return name_of_agent(asked)
        if isinstance(asked, DataCollector):
            return _FIGURES
        if in_month:
            step = f"step '{frame.f_code.co_name}'"
        in_month = frame.f_code is month
        trace = trace.tb_next
    return step or _FIGURES
