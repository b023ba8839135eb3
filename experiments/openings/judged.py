"""What no publisher gives: cells judged for 31 March 2024 and 2026, carried to another date.

Other dates take the cells of the last of the two that is not later (the first, if both are), in proportion to nominal
gross domestic product.  Before 2024 the positions of AI firms and of SoftBank are inside those of other firms: nobody
has published them apart, and nobody used AI.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from itcho.agents.errors import InputError
from itcho.model.public.treasury import SUPERLONG_BUCKETS

OWN_TABLES = Path(__file__).resolve().parents[1] / "data" / "openings"
FIRST_JUDGED, LAST_JUDGED = "2024-03-31", "2026-03-31"
FIRST_WITH_AI = date.fromisoformat(FIRST_JUDGED)
APART = ("ai_firms", "softbank_group", "softbank_corp")
"""Parties and sectors that have no positions before :data:`FIRST_WITH_AI`."""
_APART_INSTRUMENTS = ("softbank_equity", "ai_firm_equity", "foreign_ai_equity")


@dataclass(frozen=True)
class JudgedFlow:
    """A flow of the last judged date.

    Attributes
    ----------
    flow, payer, payee : its name.
    value : carried to the origin in proportion to gross domestic product, trillion yen.
    basis, publisher : as judged.
    """

    flow: str
    payer: str
    payee: str
    value: float
    basis: str
    publisher: str

    @property
    def name(self) -> tuple[str, str, str]:
        """The cell."""
        return self.flow, self.payer, self.payee


class JudgedTables:
    """Judged cells for an origin.

    Parameters
    ----------
    origin : the date of the start state.
    nominal_gdp_trn_yen : of the fiscal year that ends there.

    Attributes
    ----------
    of : the judged date that is used.
    ratio : nominal gross domestic product at the origin over that of the judged date.
    has_ai : whether AI firms and SoftBank stand apart.
    """

    def __init__(self, origin: date, nominal_gdp_trn_yen: float) -> None:
        dates = sorted({row["date"] for row in _rows("judged_stocks.csv")})
        self.of = max((day for day in dates if day <= origin.isoformat()), default=dates[0])
        self.has_ai = origin >= FIRST_WITH_AI
        self.ratio = nominal_gdp_trn_yen / _gdp(self.of)

    @cached_property
    def _stocks(self) -> Mapping[tuple[str, str], float]:
        return {
            (row["party"], row["instrument"]): float(row["value_trn_yen"])
            for row in _rows("judged_stocks.csv")
            if row["date"] == self.of
        }

    @property
    def stocks(self) -> Mapping[tuple[str, str], float]:
        """Positions of AI firms and SoftBank and of those who hold their shares, trillion yen; none before 2024."""
        if not self.has_ai:
            return {}
        return {
            name: value * self.ratio
            for name, value in self._stocks.items()
            if name[0] in APART or name[1] in _APART_INSTRUMENTS
        }

    @property
    def carry_book_trn_yen(self) -> float:
        """The carry trade's dollars."""
        return self._stocks[("carry_traders", "offshore_dollars")] * self.ratio

    @property
    def superlongs_of_banks_trn_yen(self) -> float:
        """Coupon bonds of more than ten years that banks hold."""
        return self.ratio * sum(self._stocks[("banks", bucket)] for bucket in SUPERLONG_BUCKETS)

    def world_equity_share(self, party: str) -> float:
        """World equity over what a party holds abroad."""
        equity = self._stocks.get((party, "world_equity"), 0.0)
        other = self._stocks.get((party, "other_foreign_assets"), 0.0)
        return equity / (equity + other) if equity + other > 0.0 else 0.0

    @cached_property
    def flows(self) -> tuple[JudgedFlow, ...]:
        """All flows, carried to the origin; those of AI firms and SoftBank are zero before 2024."""
        found = []
        for row in _rows("judged_flows.csv"):
            if row["date"] != self.of:
                continue
            apart = row["payer"] in APART or row["payee"] in APART
            value = 0.0 if apart and not self.has_ai else float(row["value_trn_yen"]) * self.ratio
            found.append(JudgedFlow(row["flow"], row["payer"], row["payee"], value, row["basis"], row["publisher"]))
        return tuple(found)

    def interest_ratio(self, name: tuple[str, ...], policy_rate_pct: float) -> float:
        """Interest at a policy rate over that of the judged date, on a line through the two judged dates.

        A line in the policy rate through interest over gross domestic product of both dates; never below a tenth.
        """
        points = []
        for day in (FIRST_JUDGED, LAST_JUDGED):
            flow = next(
                float(row["value_trn_yen"])
                for row in _rows("judged_flows.csv")
                if row["date"] == day and (row["flow"], row["payer"], row["payee"]) == name
            )
            rate = next(
                float(row["value"])
                for row in _rows("judged_facts.csv")
                if row["date"] == day and row["name"] == "policy_rate_pct"
            )
            points.append((rate, flow / _gdp(day)))
        (rate_0, flow_0), (rate_1, flow_1) = points
        at_rate = flow_0 + (flow_1 - flow_0) * (policy_rate_pct - rate_0) / (rate_1 - rate_0)
        here = flow_0 if self.of == FIRST_JUDGED else flow_1
        return max(at_rate / here, 0.1)

    @property
    def newest_gdp_trn_yen(self) -> float:
        """Nominal gross domestic product of the fiscal year to the last judged date."""
        return _gdp(LAST_JUDGED)

    def public_pension_part(self, flow: str) -> float:
        """What public pension funds bought of an instrument, carried to the origin, trillion yen.

        Published flows of government hold those of the funds; the start state has them with investors.
        """
        published = math.fsum(
            float(row["value"])
            for row in _rows("annual_flows.csv")
            if row["period_end"] == self.of and row["flow"] == flow and row["sector"].startswith("general_government")
        )
        own = math.fsum(
            float(row["value_trn_yen"])
            for row in _rows("judged_flows.csv")
            if row["date"] == self.of and row["flow"] == flow and row["payer"] == "government"
        )
        return (published - own) * self.ratio

    @cached_property
    def facts(self) -> Mapping[str, tuple[float, str, str]]:
        """Facts of the judged date by name: value, unit, publisher; not carried."""
        return {
            row["name"]: (float(row["value"]), row["unit"], row["publisher"])
            for row in _rows("judged_facts.csv")
            if row["date"] == self.of
        }


def _rows(file: str) -> list[dict[str, str]]:
    with (OWN_TABLES / file).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _gdp(day: str) -> float:
    """Nominal gross domestic product of the fiscal year that ends on a judged date, trillion yen."""
    rows = _rows("annual_flows.csv")
    return next(float(row["value"]) for row in rows if row["period_end"] == day and row["flow"] == "gdp.gdp")


def last_poll(origin: date, name: str) -> tuple[float, str] | None:
    """The last poll that was published by a date, percent, and whose it is; None before the first."""
    known = [row for row in _rows("polls.csv") if row["name"] == name and row["published"] <= origin.isoformat()]
    if not known:
        return None
    last = max(known, key=lambda row: row["published"])
    return float(last["value_pct"]), last["publisher"]


def first_poll(name: str) -> float:
    """The first poll that there is, percent."""
    polls = [row for row in _rows("polls.csv") if row["name"] == name]
    return float(min(polls, key=lambda row: row["published"])["value_pct"])


def initial_budget(origin: date) -> tuple[dict[str, float], str]:
    """Lines of the initial budget of the fiscal year after a date, trillion yen, and who published it.

    Raises
    ------
    InputError : no line for the date.
    """
    rows = {row["date"]: row for row in _rows("initial_budgets.csv")}
    row = rows.get(origin.isoformat())
    if row is None:
        raise InputError(f"no initial budget for {origin} in {OWN_TABLES / 'initial_budgets.csv'}")
    unit = "_trn_yen"
    return {name.removesuffix(unit): float(row[name]) for name in row if name.endswith(unit)}, row["publisher"]
