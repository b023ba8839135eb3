"""The world of the live view: what is in force, and what a choice changes when."""

from __future__ import annotations

from typing import Any

import pytest

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import SLOTS
from itcho.experiments.view.choices import fields, new_world, pending, texts
from itcho.experiments.view.live_components import Look, dashboard
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.settings import AS_IN_POLICY, ViewSettings
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.policies import POLICIES
from tests.soundness import fingerprint

SMALL = {"investors": 60, "importers": 50, "adopters": 60}
AS_IT_IS = dict.fromkeys(SLOTS, AS_IN_POLICY)


def world(policy: str, months: int = 0) -> LiveWorld:
    return LiveWorld(ViewSettings(policy=policy, months=months, seed=3, **SMALL))


def test_a_switch_takes_effect_with_the_next_month_and_not_before() -> None:
    shown = world("actual", 6)
    shown.switch_next_month("adoption-first", AS_IT_IS)
    assert shown.policy_in_force == (POLICIES["actual"], None)
    assert shown.policy_to_come == (POLICIES["adoption-first"], Month(2026, 10))
    assert shown.economy.government.subsidy == POLICIES["actual"].subsidy
    title = dashboard(shown)["title"]
    assert title["policy"] == "The programme as announced"
    assert title["to_come"] == {"policy": "Adoption first", "month": "2026-10"}
    shown.step()
    assert shown.policy_in_force == (POLICIES["adoption-first"], Month(2026, 10))
    assert shown.policy_to_come is None
    assert shown.economy.government.subsidy == POLICIES["adoption-first"].subsidy
    title = dashboard(shown)["title"]
    assert (title["policy"], title["since"], title["to_come"]) == ("Adoption first", "2026-10", None)


def test_a_switched_world_has_the_bits_of_one_with_a_dated_policy() -> None:
    shown = world("actual", 6)
    shown.switch_next_month("adoption-first", AS_IT_IS)
    for _ in range(6):
        shown.step()
    both = POLICIES["actual"].followed_by(POLICIES["adoption-first"], Month(2026, 10))
    planned = JapanEconomy(policy=both, rng=3, **SMALL).run(1)
    assert fingerprint(planned) == fingerprint(shown.economy)
    assert shown.twin is not None
    assert fingerprint(JapanEconomy(policy=both.without("subsidy"), rng=3, **SMALL).run(1)) == fingerprint(shown.twin)


def test_a_world_without_a_programme_gets_its_twin_when_one_comes() -> None:
    shown = world("none", 3)
    assert shown.twin is None
    shown.switch_next_month("actual", AS_IT_IS)
    assert shown.twin is not None
    assert fingerprint(shown.twin) == fingerprint(shown.economy)
    for _ in range(12):
        shown.step()
    assert shown.twin.clock.now == shown.economy.clock.now
    assert shown.sankey() is not None
    planned = JapanEconomy(policy="none", rng=3, **SMALL)
    for _ in range(15):
        planned.step()
    assert fingerprint(shown.twin) == fingerprint(planned)


def test_the_last_choice_of_a_month_counts_and_can_be_taken_back() -> None:
    shown = world("actual", 2)
    shown.switch_next_month("vouchers", AS_IT_IS)
    shown.switch_next_month("adoption-first", AS_IT_IS)
    assert shown.policy_to_come == (POLICIES["adoption-first"], Month(2026, 6))
    assert shown.economy.policy == POLICIES["actual"].followed_by(POLICIES["adoption-first"], Month(2026, 6))
    shown.switch_next_month("actual", AS_IT_IS)
    assert shown.policy_to_come is None
    assert shown.economy.policy == POLICIES["actual"]


def test_a_rule_can_be_switched_alone() -> None:
    shown = world("actual", 1)
    shown.switch_next_month("actual", AS_IT_IS | {"monetary": "constant"})
    shown.step()
    assert shown.economy.bank_of_japan.rule.name == "constant"
    assert shown.economy.government.subsidy == POLICIES["actual"].subsidy
    assert shown.policy_in_force[0].label == "The programme as announced; monetary constant"


def test_an_unknown_policy_changes_nothing() -> None:
    shown = world("actual", 1)
    with pytest.raises(InputError, match="acutal"):
        shown.switch_next_month("acutal", AS_IT_IS)
    assert shown.policy_to_come is None
    assert shown.settings.policy == "actual"


def test_what_is_chosen_and_not_in_force_is_named_until_it_is() -> None:
    shown = world("actual", 2)
    offers, chosen = fields(shown.settings), texts(shown.settings)
    assert pending(shown, chosen, offers) is None
    assert pending(shown, chosen | {"investors": " 6_0 "}, offers) is None
    chosen |= {"policy": "vouchers", "rng": "9"}
    waiting = pending(shown, chosen, offers)
    assert waiting is not None
    assert waiting["changes"] == [
        {"label": "Policy of A", "now": "actual", "chosen": "vouchers"},
        {"label": "Seed", "now": "3", "chosen": "9"},
    ]
    assert (waiting["can_switch"], waiting["rest"], waiting["month"]) == (True, ["Seed"], "2026-06")
    shown.switch_next_month("vouchers", AS_IT_IS)
    waiting = pending(shown, chosen, offers)
    assert waiting is not None
    assert ([one["label"] for one in waiting["changes"]], waiting["can_switch"]) == (["Seed"], False)
    again = new_world(shown.settings, chosen)
    assert pending(again, chosen, offers) is None
    assert (again.months, again.settings.seed, again.policy_in_force[0]) == (2, 9, POLICIES["vouchers"])


def two_policies(months: int) -> LiveWorld:
    return LiveWorld(ViewSettings(policy="actual", beside="vouchers", months=months, seed=3, **SMALL))


def test_two_policies_run_beside_each_other_as_each_would_alone() -> None:
    shown = two_policies(6)
    assert shown.twin is not None
    assert shown.beside == (POLICIES["vouchers"].label, None)
    for economy, policy in ((shown.economy, "actual"), (shown.twin, "vouchers")):
        alone = JapanEconomy(policy=policy, rng=3, **SMALL)
        for _ in range(6):
            alone.step()
        assert fingerprint(alone) == fingerprint(economy)


def test_the_other_world_can_be_switched_too() -> None:
    shown = two_policies(3)
    shown.switch_next_month("actual", AS_IT_IS, "adoption-first")
    for _ in range(3):
        shown.step()
    both = POLICIES["vouchers"].followed_by(POLICIES["adoption-first"], Month(2026, 7))
    planned = JapanEconomy(policy=both, rng=3, **SMALL)
    for _ in range(6):
        planned.step()
    assert shown.twin is not None
    assert fingerprint(planned) == fingerprint(shown.twin)
    assert shown.beside == (POLICIES["adoption-first"].label, Month(2026, 7))
    assert shown.sankey() is None, "B has a programme: what A paid more is not what the programme did"


def test_a_month_that_was_played_is_shown_as_it_was() -> None:
    shown = two_policies(4)
    then = dashboard(shown, Look(nodes=(0, 3), span="year"))
    for _ in range(5):
        shown.step()
    again = dashboard(shown, Look(place=4, nodes=(0, 3), span="year"))
    assert again["title"]["month"] == "2026-07-31"
    for name in ("frames", "limits", "tiles", "sheets", "decisions", "agent"):
        assert again[name] == then[name], name


def test_the_picture_is_the_ledgers_sums_and_the_difference_is_theirs() -> None:
    shown = two_policies(14)
    assert shown.twin is not None
    scene = shown.scene

    def sums(frame: dict[str, Any]) -> dict[tuple[str, ...], float]:
        return {
            (scene.nodes[payer].key, scene.nodes[payee].key, *frame["flows"][flow][:2]): amount
            for payer, payee, flow, amount in frame["edges"]
        }

    tables = [one.edge_table() for one in (shown.economy, shown.twin)]
    keys = ["payer", "payee", "instrument", "purpose"]
    whole = [table.groupby(keys)["amount_trn_yen"].sum() for table in tables]
    drawn = sums(shown.picture("a", 14, "all"))
    for key, amount in drawn.items():
        assert amount == pytest.approx(whole[0][key], rel=1e-6)
    assert sum(drawn.values()) == pytest.approx(whole[0].sum(), rel=1e-6)
    month = tables[1][tables[1]["month"] == "2027-05-31"].groupby(keys)["amount_trn_yen"].sum()
    assert sums(shown.picture("b", 14, "month")) == pytest.approx(
        {key: amount for key, amount in month.items() if amount > 1e-13}, rel=1e-6
    )
    year = [table[table["month"] > "2027-03-31"].groupby(keys)["amount_trn_yen"].sum() for table in tables]
    less = year[0].sub(year[1], fill_value=0.0)
    for key, amount in sums(shown.picture("difference", 14, "year")).items():
        assert amount == pytest.approx(less[key], rel=1e-6, abs=1e-9)


def test_what_a_browser_asks_for_is_bounded() -> None:
    shown = world("actual", 2)
    wild: list[Any] = [None, 7, {"place": 10**9}, {"place": True}, {"nodes": ["x", -1, 10**6, 2]}, {"span": "<b>"}]
    wild += [{"show": []}, {"lane": "constructor"}, {"nodes": "abc"}]
    for asked in wild:
        look = Look.of(asked, shown)
        assert look.place is None
        assert look.nodes in ((), (2,))
        assert (look.span, look.show, look.lane) == ("all", "difference", "")
        dashboard(shown, look)


def test_a_mark_of_a_lane_leads_to_decisions_and_flows() -> None:
    shown = world("actual", 12)
    marks = {lane["name"]: lane["a"] for lane in dashboard(shown)["lanes"]}
    place, met = marks["rate"][0]
    assert met == 1
    event = dashboard(shown, Look(place=place, lane="rate"))["event"]
    assert event["said"][0]["en"].startswith("Bank of Japan")
    assert event["flows"]
    assert "Bank of Japan" in {flow["own"] for flow in event["flows"]}
