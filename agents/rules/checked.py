"""What the rules of a policy may answer: every question that is put to a rule has its bounds here, and is checked here.

A rule may be anybody's file.  What it returns is looked at when it returns it, so that a mistake is told under the
rule's name and not by the ledger or a market that met its consequence.  An answer within its bounds is handed on as it
came, to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn, SupportsFloat, TypeGuard

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import DecisionError
from itcho.agents.mesa_typed import Agent
from itcho.agents.rules.fiscal import FiscalRule, FiscalView
from itcho.agents.rules.intervention import InterventionRule, InterventionView
from itcho.agents.rules.monetary import MonetaryRule, YieldCap
from itcho.agents.rules.rescue import DistressView, Rescue, RescueRule
from itcho.agents.rules.rule import Rule
from itcho.agents.rules.subsidy import FORMS, Guarantee, Payment, ProgrammeView, Rows, Royalty, SubsidyRule, Support
from itcho.agents.rules.trade import Deal, TradeRule, TradeView
from itcho.agents.views import ParameterValues


@dataclass(frozen=True)
class Bounds:
    """From where to where an answer may lie.

    Attributes
    ----------
    low, high : smallest and largest value.
    unit : of both.
    """

    low: float
    high: float
    unit: str

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g} ({self.unit})"


# Amounts and rates are bounded far outside what settings allow: the bounds tell a slip from a policy.
_MONEY = Bounds(0.0, 1e6, "trn yen")
_RATE = Bounds(-1000.0, 1000.0, "% a year")
_SHARE = Bounds(0.0, 1.0, "share")

ANSWERS: Mapping[str, Mapping[str, Bounds]] = {
    "subsidy": {
        "payments amounts_trn_yen": _MONEY,
        "guarantee share": _SHARE,
        "guarantee fee_pct": Bounds(0.0, 100.0, "% a year"),
        "royalty share_of_revenue": _SHARE,
        "royalty limit_trn_yen": _MONEY,
        "adoption_cost_share": _SHARE,
        "adoption_budget_trn_yen": _MONEY,
        "domestic_content_share": _SHARE,
        "announced_trn_yen()": _MONEY,
    },
    "fiscal": {
        "tax_effort_pct_gdp()": Bounds(-50.0, 50.0, "% of GDP"),
        "discretionary_factor()": Bounds(0.0, 2.0, "times"),
    },
    "monetary": {
        "wanted_rate_pct()": _RATE,
        "quarterly_inertia()": _SHARE,
        "next_shadow_pct()": _RATE,
        "decide_pct()": _RATE,
        "projected_rates_pct()": _RATE,
        "yield_cap() yield_pct": Bounds(-100.0, 100.0, "% a year"),
        "yield_cap() largest_share": _SHARE,
        "yield_cap() floor_pct": Bounds(-100.0, 100.0, "% a year"),
    },
    "intervention": {"order_bn_usd()": Bounds(-1000.0, 1000.0, "bn USD")},
    "rescue": {"decide() paid_trn_yen": _MONEY},
    "trade": {
        "chip_purchase_trn_yen": _MONEY,
        "subsidy_share": _SHARE,
        "tariff_relief_pp": Bounds(0.0, 100.0, "pp"),
        "offer_trn_yen": _MONEY,
    },
}
"""Bounds of every number in an answer, by slot."""


def support(agent: Agent, rule: SubsidyRule, view: ProgrammeView) -> Support:
    """The month's support.

    Parameters
    ----------
    agent : who asks; an agent of the economy whose month it is.

    Raises
    ------
    DecisionError : an answer of another type or outside its bounds, as in all functions of this file; it names rule,
        month, values and bounds, all mistakes at once.
    """
    answer = rule.support(view)
    if not isinstance(answer, Support):
        _refuse(agent, rule, [_not_a("support() returned", answer, "a Support")])
    if mistakes := list(_mistakes_of_support(answer, len(view.importers["size"]))):
        _refuse(agent, rule, [f"support() returned {mistake}" for mistake in mistakes])
    return answer


def _mistakes_of_support(answer: Support, importers: int) -> Iterator[str]:
    if isinstance(answer.payments, (tuple, list)):
        for place, payment in enumerate(answer.payments):
            yield from _mistakes_of_payment(f"payments[{place}]", payment, importers)
    else:
        yield _not_a("payments", answer.payments, "a tuple of Payment")
    for name, part, kind in (("guarantee", answer.guarantee, Guarantee), ("royalty", answer.royalty, Royalty)):
        if part is not None and not isinstance(part, kind):
            yield _not_a(name, part, f"None or a {kind.__name__}")
    if isinstance(answer.guarantee, Guarantee):
        yield from _outside("subsidy", "guarantee share", answer.guarantee.share)
        yield from _outside("subsidy", "guarantee fee_pct", answer.guarantee.fee_pct)
    if isinstance(answer.royalty, Royalty):
        yield from _mistakes_of_rows("royalty rows", answer.royalty.rows, importers)
        yield from _outside("subsidy", "royalty share_of_revenue", answer.royalty.share_of_revenue)
        yield from _outside("subsidy", "royalty limit_trn_yen", answer.royalty.limit_trn_yen)
    if answer.claw_back is not None:
        yield from _mistakes_of_rows("claw_back", answer.claw_back, importers)
    if not isinstance(answer.sell_stake, (bool, np.bool_)):
        yield _not_a("sell_stake", answer.sell_stake, "True or False")
    for name in ("adoption_cost_share", "adoption_budget_trn_yen", "domestic_content_share"):
        yield from _outside("subsidy", name, getattr(answer, name))
    if not isinstance(answer.remember, Mapping):
        yield _not_a("remember", answer.remember, "a mapping")


def _mistakes_of_payment(where: str, payment: Payment, importers: int) -> Iterator[str]:
    if not isinstance(payment, Payment):
        yield _not_a(where, payment, "a Payment")
        return
    if not isinstance(payment.form, str) or payment.form not in FORMS:
        yield _not_a(f"{where} form", payment.form, f"one of {', '.join(FORMS)}")
    wrong_rows = list(_mistakes_of_rows(f"{where} rows", payment.rows, importers))
    yield from wrong_rows
    amounts, bounds = payment.amounts_trn_yen, ANSWERS["subsidy"]["payments amounts_trn_yen"]
    if not (isinstance(amounts, np.ndarray) and amounts.ndim == 1 and amounts.dtype == np.float64):
        yield _not_a(f"{where} amounts_trn_yen", amounts, "a numpy array of float64 with one dimension")
    elif not wrong_rows and amounts.size != payment.rows.size:
        yield _not_a(f"{where} amounts_trn_yen", amounts, f"as many as rows: {payment.rows.size}")
    elif not (_within(amounts.item(0), bounds) if amounts.size == 1 else _all_within(amounts, bounds)):
        yield _not_a(f"{where} amounts_trn_yen", amounts, f"numbers from {bounds}")


def _mistakes_of_rows(where: str, rows: object, importers: int) -> Iterator[str]:
    """What is wrong with rows of the importers: whole numbers, each once."""
    if not (isinstance(rows, np.ndarray) and rows.ndim == 1 and rows.dtype.kind in "iu"):
        yield _not_a(where, rows, "a numpy array of whole numbers with one dimension")
    elif rows.size and not 0 <= (rows.item(0) if rows.size == 1 else _outermost(rows)) < importers:
        yield _not_a(where, rows, f"rows from 0 to {importers - 1}")
    elif rows.size > 1 and np.unique(rows).size != rows.size:
        yield _not_a(where, rows, "rows that stand there once each")


def announced_trn_yen(agent: Agent, rule: SubsidyRule) -> float:
    """What a subsidy rule announces in all, trillion yen."""
    return _number(agent, rule, "announced_trn_yen()", rule.announced_trn_yen())


def tax_effort_pct_gdp(agent: Agent, rule: FiscalRule, view: FiscalView, p: ParameterValues) -> float:
    """Households' taxes beyond the tax code of the start."""
    return _number(agent, rule, "tax_effort_pct_gdp()", rule.tax_effort_pct_gdp(view, p))


def discretionary_factor(agent: Agent, rule: FiscalRule, view: FiscalView) -> float:
    """The factor on next year's discretionary spending."""
    return _number(agent, rule, "discretionary_factor()", rule.discretionary_factor(view))


def order_bn_usd(agent: Agent, rule: InterventionRule, view: InterventionView) -> float:
    """Dollars to buy in a session; no more can be sold than the ministry has."""
    answer = _number(agent, rule, "order_bn_usd()", rule.order_bn_usd(view))
    if answer < 0.0 and -answer > max(0.0, view.reserves_bn_usd) * (1.0 + 1e-9):
        has = f"{view.reserves_bn_usd:.6g} bn USD are left to sell"
        _refuse(agent, rule, [_not_a("order_bn_usd() returned", answer, f"no less than minus the reserves; {has}")])
    return answer


def deal(agent: Agent, rule: TradeRule, view: TradeView) -> Deal:
    """The month's part of a trade deal."""
    answer = rule.deal(view)
    if not isinstance(answer, Deal):
        _refuse(agent, rule, [_not_a("deal() returned", answer, "a Deal")])
    if mistakes := [text for name in ANSWERS["trade"] for text in _outside("trade", name, getattr(answer, name))]:
        _refuse(agent, rule, [f"deal() returned {mistake}" for mistake in mistakes])
    return answer


def rescue(agent: Agent, rule: RescueRule, view: DistressView) -> Rescue | None:
    """What is done about a company in distress; None leaves it to its creditors."""
    answer = rule.decide(view)
    if answer is None:
        return None
    if not isinstance(answer, Rescue):
        _refuse(agent, rule, [_not_a("decide() returned", answer, "None or a Rescue")])
    if mistakes := list(_outside("rescue", "decide() paid_trn_yen", answer.paid_trn_yen)):
        _refuse(agent, rule, mistakes)
    return answer


def rate_pct(agent: Agent, rule: MonetaryRule, method: str, answer: object, lowest_pct: float | None = None) -> float:
    """What a monetary rule returned as a rate or a weight.

    Parameters
    ----------
    method : that was asked.
    lowest_pct : a floor that this answer has beside its bounds, percent.
    """
    checked = _number(agent, rule, f"{method}()", answer)
    if lowest_pct is not None and checked < lowest_pct:
        _refuse(agent, rule, [_not_a(f"{method}() returned", answer, f"no less than {lowest_pct:g} (% a year)")])
    return checked


def projected_rates_pct(agent: Agent, rule: MonetaryRule, answer: object, quarters: int) -> tuple[list[float], float]:
    """The path that a monetary rule projects, and where it ends."""
    bounds, made_of = ANSWERS["monetary"]["projected_rates_pct()"], "wanted_rate_pct() and quarterly_inertia()"
    said = f"projected_rates_pct(), which asks {made_of}, returned"
    if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[0], (list, tuple, np.ndarray))):
        _refuse(agent, rule, [_not_a(said, answer, "a list of rates and the rate where they end")])
    path, terminal = answer
    if len(path) != quarters:
        _refuse(agent, rule, [_not_a(said, path, f"rates of {quarters} quarters")])
    # Nearly every path is one of plain numbers; the sum is no number if one of them is none.
    plain = {*map(type, path), type(terminal)} == {float} and math.isfinite(sum(path) + terminal)
    if plain and bounds.low <= min(*path, terminal) and max(*path, terminal) <= bounds.high:
        return path, terminal
    if wrong := [rate for rate in (*path, terminal) if not _within(rate, bounds)]:
        _refuse(agent, rule, [_not_a(said, wrong[0], f"numbers from {bounds}")])
    return path, terminal


def yield_cap(agent: Agent, rule: MonetaryRule) -> YieldCap | None:
    """The cap on the 10-year yield; None if there is none."""
    answer = rule.yield_cap()
    if answer is None:
        return None
    if not isinstance(answer, YieldCap):
        _refuse(agent, rule, [_not_a("yield_cap() returned", answer, "None or a YieldCap")])
    parts = {f"yield_cap() {name}": value for name, value in answer._asdict().items()}
    if mistakes := [text for name, value in parts.items() for text in _outside("monetary", name, value)]:
        _refuse(agent, rule, mistakes)
    return answer


def _number(agent: Agent, rule: Rule, method: str, answer: object) -> float:
    bounds = ANSWERS[rule.slot][method]
    if not _within(answer, bounds):
        _refuse(agent, rule, [_not_a(f"{method} returned", answer, f"a number from {bounds}")])
    return answer if isinstance(answer, float) else float(answer)


def _outside(slot: str, name: str, value: object) -> Iterator[str]:
    bounds = ANSWERS[slot][name]
    if not _within(value, bounds):
        yield _not_a(name, value, f"a number from {bounds}")


def _within(value: object, bounds: Bounds) -> TypeGuard[SupportsFloat]:
    """Whether a value is one number within bounds; no number (NaN) is not."""
    if type(value) is not float and not isinstance(value, (float, int, np.floating, np.integer)):
        return False
    return bool(bounds.low <= value <= bounds.high) and not isinstance(value, bool)


def _all_within(amounts: NDArray[np.float64], bounds: Bounds) -> bool:
    return bool(((amounts >= bounds.low) & (amounts <= bounds.high)).all())


def _outermost(rows: Rows) -> int:
    """The lowest row if it is below 0, otherwise the highest."""
    lowest = int(rows.min())
    return lowest if lowest < 0 else int(rows.max())


def _not_a(what: str, value: object, right: str) -> str:
    said = repr(value)
    return f"{what} {said if len(said) <= 80 else f'{said[:77]}...'}; it has to be {right}"


def _refuse(agent: Agent, rule: Rule, mistakes: list[str]) -> NoReturn:
    decider = name_of_rule(rule)
    raise DecisionError([f"{decider}, month {running_month(agent)}: {mistake}" for mistake in mistakes], decider)


def name_of_rule(rule: Rule) -> str:
    """A rule in words, such as ``fiscal rule 'debt-brake'``."""
    return f"{rule.slot} rule '{rule.name or type(rule).__name__}'"


def running_month(agent: Agent) -> str:
    """The month that an agent's economy is in, such as 2026-07."""
    clock = getattr(agent.model, "clock", None)
    return "unknown" if clock is None else f"{clock.date:%Y-%m}"
