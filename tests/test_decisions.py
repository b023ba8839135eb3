"""Decisions and limits on record: what they say, and that recording them changes nothing."""

from __future__ import annotations

import copy
import json
import math
import pickle

import numpy as np
import pytest

from itcho.agents.bank_of_japan import Meeting
from itcho.agents.decisions import DECISION_COLUMNS, Decision
from itcho.agents.errors import InputError
from itcho.agents.limits import SOFTBANK_SALES
from itcho.agents.limits_of_holders import EVERY_LIMIT as LIMITS
from itcho.experiments.evidence.shocks import SupplierStop
from itcho.experiments.runs.decision_sentences import LANGUAGES, _words, decision_sentences
from itcho.model.economy import JapanEconomy
from itcho.model.measure.decisions import _of_second_sources
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.rewire import take_second_sources

SMALL = {"investors": 100, "importers": 40, "adopters": 60}
MONTHS = 14


@pytest.fixture(scope="module")
def made() -> JapanEconomy:
    economy = JapanEconomy(rng=2, **SMALL)  # type: ignore[arg-type]
    for _ in range(MONTHS):
        economy.step()
    return economy


def last(economy: JapanEconomy, agent: str, what: str) -> Decision:
    found = [one for one in economy.decisions if (one.agent, one.what) == (agent, what)]
    return found[-1]


def test_recording_decisions_changes_no_bit(made: JapanEconomy) -> None:
    silent = JapanEconomy(rng=2, keep_decisions=False, **SMALL)  # type: ignore[arg-type]
    for _ in range(MONTHS):
        silent.step()
    assert silent.decisions == ()
    assert np.array_equal(silent.ledger.positions, made.ledger.positions)
    assert silent.outcomes == made.outcomes


def test_every_kind_of_agent_has_decided(made: JapanEconomy) -> None:
    agents = {one.agent for one in made.decisions}
    assert agents >= {supplier.name for supplier in made.suppliers}
    assert agents >= {
        *("government", "bank_of_japan", "softbank_group", "softbank_corp", "households", "firms", "banks"),
        *("insurers_and_pensions", "investment_funds", "foreign_investors", "carry_traders", "speculative_traders"),
        *("distributors", "clouds", "developers", "adopters", "individuals"),
    }


def test_the_bank_records_what_it_saw_wanted_and_did(made: JapanEconomy) -> None:
    rates = [one for one in made.decisions if one.what == "policy_rate"]
    assert len(rates) < MONTHS, "eight meetings a year"
    for one in rates:
        assert one.rule == "policy_rate:inertial-taylor"
        assert abs(one.saw["shadow_rate_pct"] - one.did) <= 0.125 + 1e-12
        assert ("inertia" in one.bound_by.split()) == (abs(one.wanted - one.saw["shadow_rate_pct"]) > 1e-9)
    p = made.parameters
    saw = rates[-1].saw
    neutral = saw["natural_real_rate_pct"] + p.inflation_target_pct
    wanted = neutral + 2.1 * (saw["inflation_pct"] - p.inflation_target_pct) + 0.465 * saw["gap_pct"]
    assert rates[-1].wanted == pytest.approx(wanted)


def test_a_meeting_belongs_to_its_month_alone(made: JapanEconomy) -> None:
    twin = copy.deepcopy(made)
    seen = []
    for _ in range(12):
        twin.step()
        seen.append(twin.bank_of_japan.meeting)
    assert sum(isinstance(one, Meeting) for one in seen) == 8


def test_who_looks_for_a_second_designer_is_on_record_with_what_holds_it_up(made: JapanEconomy) -> None:
    assert not [one for one in made.decisions if one.what == "second_designers"], "nobody looks while all are served"
    short = JapanEconomy(
        rng=3, policy="none", noise=False, shocks=(SupplierStop(months=12),), investors=60, adopters=60
    )
    market, edges = short.world.chip_market, []
    for _ in range(16):
        edges.append(short.graph.number_of_edges())
        short.step()
    edges.append(short.graph.number_of_edges())
    found = [one for one in short.decisions if one.what == "second_designers"]
    assert {one.agent for one in found} == {"clouds", "developers"}
    whole = market.parameters.supply_search_fill
    for one in found:
        assert one.wanted == one.members > 0
        assert 0.0 <= one.saw["expected_fill_share"] < whole
        assert (one.bound_by == "") == (one.did == one.wanted)
    # Each that found one has an edge more.
    assert sum(one.did for one in found) == edges[-1] - edges[0] > 3
    held = next(one for one in found if one.bound_by == "other_software")
    assert 0.0 <= held.did < held.wanted
    said = f"{held.wanted:.2f}; work on other chips' software held {held.wanted - held.did:.2f}."
    assert decision_sentences([held])[0].endswith(f"rule wants {said}")


def test_a_second_designer_that_cannot_deliver_is_none() -> None:
    world = JapanEconomy(rng=3, **SMALL).world  # type: ignore[arg-type]
    market, role = world.chip_market, world.chip_importers.columns["role"]
    sources, p = market.second_sources, world.parameters
    alone = np.flatnonzero((market.single_source >= 0) & (role == 1))[:2]
    others = np.ones(len(world.chip_importers))
    others[alone] = 0.5 * p.supply_search_fill
    world.chip_importers.columns["expected_fill"][:] = others
    sources.ready[:] = True
    world.chip_tiers._stocks.availability[:] = 0.0
    take_second_sources(world)
    (one,) = _of_second_sources(world)
    assert (one.agent, one.wanted, one.did, one.bound_by) == ("clouds", 2.0, 0.0, "no_other_designer")
    assert one.saw == {"expected_fill_share": 0.5 * p.supply_search_fill}


def test_sums_of_groups_are_those_of_the_accounts(made: JapanEconomy) -> None:
    month = made.closed_month
    assert last(made, "banks", "bonds").did == month.bonds.bought["banks"]
    assert last(made, "bank_of_japan", "bond_purchases").did == month.bonds.bought["bank_of_japan"]
    assert last(made, "households", "foreign_assets").did == month.portfolio.foreign[0]
    orders = sum(last(made, name, "chip_orders").did for name in ("distributors", "clouds", "developers"))
    assert orders == pytest.approx(float(month.ai.chips.own_orders_bn_usd.sum()))
    firms = sum(last(made, name, "chip_orders").members for name in ("distributors", "clouds", "developers"))
    assert firms == len(made.chip_importers)
    assert last(made, "carry_traders", "dollars").did == made.foreign_exchange.carry_bn_usd


def test_april_has_the_budget_as_the_fiscal_rule_left_it(made: JapanEconomy) -> None:
    budgets = [one for one in made.decisions if one.what == "discretionary_budget"]
    assert [one.month for one in budgets] == ["2027-04-30"]
    assert budgets[0].did == pytest.approx(made.government.budget.discretionary)
    assert budgets[0].rule == "discretionary_budget:none"


def test_the_table_has_the_columns_and_json_that_can_be_read(made: JapanEconomy) -> None:
    table = made.decision_table()
    assert tuple(table.columns) == DECISION_COLUMNS
    assert len(table) == len(made.decisions)
    assert set(table["month"]) == set(made.records.dates)
    for saw in table["saw"]:
        assert all(isinstance(value, float) for value in json.loads(saw).values())
    odd = Decision("2026-04-30", "banks", 3, "bonds", "", {"x_pct": math.nan, "y": 1 / 3}, 1.0, "%", "", 1.0)
    assert json.loads(str(odd.row()["saw"])) == {"x_pct": None, "y": 0.3333333}


def test_records_are_shared_by_copies_and_survive_pickling(made: JapanEconomy) -> None:
    one = made.decisions[0]
    assert copy.deepcopy(one) is one
    assert pickle.loads(pickle.dumps(one)) == one
    twin = copy.deepcopy(made)
    twin.step()
    assert len(made.decisions) < len(twin.decisions)


RATE = Decision(
    "2026-06-30", "bank_of_japan", 1, "policy_rate", "inertial-taylor",
    {"inflation_pct": 1.8, "gap_pct": -0.3, "before_pct": 1.0, "shadow_rate_pct": 1.05}, 1.25, "%", "inertia step", 1.0,
)  # fmt: skip
SALE = Decision(
    "2027-01-31", "softbank_group", 1, "asset_sales", "", {"ltv_pct": 27.5}, 1.5, "trn yen", "softbank_sales", 0.4
)


def test_a_decision_reads_as_plain_words() -> None:
    assert decision_sentences([RATE, SALE]) == [
        "Bank of Japan, June 2026: kept 1.00. Saw inflation 1.80 and a gap of -0.30; its rule wants 1.25; inertia held "
        "0.20.",
        "SoftBank Group, January 2027: sold holdings for 0.40 trn yen. Saw a loan-to-value (%) of 27.50; its rule "
        f"wants 1.50; {SOFTBANK_SALES.label} held 1.10.",
    ]
    assert decision_sentences([RATE], "ja") == [
        "日本銀行、2026年6月：1.00％に据え置いた。確認したのはインフレ率1.80、需給ギャップ-0.30。ルールが求めるのは1.25。"
        "慣性が0.20を抑えた。"
    ]
    assert decision_sentences([RATE], "zh-Hant") == [
        "日本央行，2026年6月：維持在1.00％。看到的是通膨率1.80、產出缺口-0.30。規則要求1.25。慣性壓住了0.20。"
    ]
    with pytest.raises(InputError, match="lang = xx is unknown"):
        decision_sentences([RATE], "xx")


def test_the_sign_of_a_deed_is_in_its_verb_and_nothing_withheld_is_said_where_nothing_was() -> None:
    sold = Decision("2026-04-30", "banks", 100, "bonds", "", {}, -7.0, "trn yen", "", -7.0)
    assert decision_sentences([sold]) == ["Banks (100), April 2026: sold JGBs for 7.00 trn yen."]
    cut = Decision("2026-04-30", "bank_of_japan", 1, "policy_rate", "", {"before_pct": 1.0}, 0.75, "%", "", 0.75)
    assert decision_sentences([cut])[0].startswith("Bank of Japan, April 2026: cut to 0.75.")


def test_every_word_that_records_use_stands_in_every_language(made: JapanEconomy) -> None:
    used = set()
    for one in made.decisions:
        used |= {("agent", one.agent), ("what", one.what), ("unit", one.unit)}
        used |= {("saw", name) for name in one.saw if name not in ("before_pct", "shadow_rate_pct")}
        used |= {("bound", name) for name in one.bound_by.split()}
    used |= {("what", "second_designers"), ("saw", "expected_fill_share"), ("unit", "buyers")}
    used |= {("bound", "other_software"), ("bound", "no_other_designer")}
    for word in used:
        assert all(_words()[word][code] for code in LANGUAGES), word


def test_limits_have_outcomes_with_labels_in_three_languages(made: JapanEconomy) -> None:
    assert len({limit.name for limit in LIMITS}) == len(LIMITS)
    for limit in LIMITS:
        bound, withheld = OUTCOMES[f"bound_share_{limit.name}_pct"], OUTCOMES[f"withheld_{limit.name}_trn_yen"]
        for outcome in (bound, withheld):
            assert all(outcome.label_in(code) for code in LANGUAGES)
        reading = made.limits.get(limit.name)
        if reading is not None:
            assert reading.agent_kind == limit.agent_kind
            assert made.outcomes[bound.name] == 100.0 * reading.bound_share
            assert made.outcomes[withheld.name] == reading.withheld_trn_yen
    assert set(made.limits) <= {limit.name for limit in LIMITS}


def test_softbank_records_what_it_wanted_to_sell(made: JapanEconomy) -> None:
    seen, plan = made.softbank_group.seen, made.closed_month.softbank.plan
    assert seen is not None
    assert made.limits["softbank_sales"].withheld_trn_yen == pytest.approx(
        max(0.0, seen.sale_wanted - plan.sale_listed)
    )
    sale = last(made, "softbank_group", "asset_sales")
    assert (sale.wanted, sale.did) == (seen.sale_wanted, plan.sale_listed)
