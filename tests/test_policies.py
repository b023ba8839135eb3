"""Policies: what ships reads, files say all their mistakes at once, dates take effect, a user's rule needs one file."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import SLOTS, rules_of
from itcho.agents.rules.settings import settings_of
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.policies import POLICIES, DatedChange, Policy, policy
from tests.children import ROOT
from tests.soundness import SMALL, fingerprint

READY = {
    *("actual", "none", "lump-sum", "stop-loss", "vouchers", "adoption-first", "equity-stake", "guarantee"),
    *("content-rule", "chip-deal", "matching", "tax-credit"),
}


def written(tmp_path: Path, text: str, name: str = "mine.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def run(months: int, **arguments: object) -> JapanEconomy:
    economy = JapanEconomy(**{**SMALL, "rng": 5, **arguments})  # type: ignore[arg-type]
    for _ in range(months):
        economy.step()
    return economy


def test_the_ready_policies_are_there() -> None:
    assert set(POLICIES) >= READY
    assert list(POLICIES)[:2] == ["actual", "none"]
    for name, one in POLICIES.items():
        assert one.name == name
        assert one.label != name
        assert one.description.endswith(".")


def test_every_rule_is_used_or_known_and_described() -> None:
    for slot in SLOTS:
        for name, kind in rules_of(slot).items():
            if not kind.__module__.startswith("itcho.agents.rules."):
                continue
            assert kind().name == name
            assert kind.__doc__
            if name not in ("none", "status-quo"):
                assert "Evidence:" in kind.__doc__, kind
            for setting in settings_of(kind):
                assert re.search(rf"\b{setting}\b[^\n]* : ", kind.__doc__), (kind, setting)


def test_names_may_have_underscores() -> None:
    assert policy("stop_loss") is POLICIES["stop-loss"]
    with pytest.raises(InputError, match="stop-loss"):
        policy("stop_los")


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_written_out_reads_back_as_itself(name: str, tmp_path: Path) -> None:
    assert policy(written(tmp_path, POLICIES[name].to_toml(), f"{name}.toml")) == POLICIES[name]


def test_a_file_may_be_a_diff_against_another(tmp_path: Path) -> None:
    written(tmp_path, 'base = "actual"\nlabel = "Twice"\n[subsidy]\ndose = 2\n', "twice.toml")
    found = policy(str(written(tmp_path, 'base = "twice.toml"\nmonetary = "taylor"\n[fiscal]\nrule = "debt_brake"\n')))
    assert found.subsidy.dose == 2.0
    assert found.subsidy.amounts_trn_yen == POLICIES["actual"].subsidy.amounts_trn_yen
    assert (found.name, found.monetary.name, found.fiscal.name) == ("mine", "taylor", "debt-brake")


def test_all_mistakes_of_a_file_come_at_once(tmp_path: Path) -> None:
    text = """
base = "actul"
labell = "x"
name = "../Evil"
fiscal = "debt-break"
trade = 3
[subsidy]
rule = "stage-gated"
stop_gap_months = 900
gate_months = [24]
claw_back = "yes"
[monetary]
inertia = "much"
["2027-04..2026-04".monetary]
rule = "constant"
["2027-13..".subsidy]
rule = "none"
["2027-04..2028-03".monetary]
rule = "taylor"
["2027-10..".monetary]
rule = "constant"
["2027-04.2028-03".subsidy]
rule = "none"
["2030-04..".subsidies]
rule = "none"
"""
    with pytest.raises(InputError) as error:
        policy(written(tmp_path, text))
    said = "\n".join(error.value.messages)
    for part in (
        "nearest: actual",
        "'labell' has no place in a policy; nearest: label",
        "'../Evil'",
        "'debt-break' is unknown; nearest: debt-brake",
        "trade is 3",
        "stop_gap_months is 900 months of frontier progress, outside 0 to 120",
        "gate_months is no setting; nearest: gates_months",
        "claw_back is 'yes', not true or false",
        "inertia is 'much', not a number",
        "ends before it begins",
        "2027-13",
        "two monetary rules hold in 2027-10",
        "'2027-04.2028-03'",
        "'subsidies' is no slot; nearest: subsidy",
    ):
        assert part in said, part
    assert all("mine.toml" in message for message in error.value.messages)


@pytest.mark.parametrize("text", ["base = ", 'base = "mine.toml"', "\x00"])
def test_files_that_cannot_be_read_say_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"mine\.toml"):
        policy(written(tmp_path, text))
    with pytest.raises(InputError, match="no policy file"):
        policy(tmp_path / "absent.toml")


def test_dates_take_effect_at_the_start_of_their_month(tmp_path: Path) -> None:
    text = """
base = "actual"
["2026-07..2026-09".subsidy]
rule = "none"
["2026-12..".subsidy]
rule = "lump-sum"
amount_trn_yen = 2.0
["2026-06..".monetary]
rule = "constant"
"""
    economy = run(12, policy=str(written(tmp_path, text)))
    paid = economy.monthly_table()["programme_cost_trn_yen"].diff().round(9).tolist()[1:]
    tranche = round(0.3873 / 12.0, 9)
    assert paid == [tranche, tranche, 0.0, 0.0, 0.0, tranche, tranche, 2.0, 0.0, 0.0, 0.0]
    assert economy.bank_of_japan.rule.name == "constant"
    assert economy.monthly_table()["policy_rate_pct"][2:].nunique() == 1


def test_a_change_that_changes_nothing_gives_equal_bits(tmp_path: Path) -> None:
    text = 'base = "actual"\n["2026-06..".monetary]\ninertia = 0.82\n["2026-08..2026-10".subsidy]\ndose = 1.0\n'
    assert fingerprint(run(12, policy=written(tmp_path, text))) == fingerprint(run(12))


def test_without_a_slot_nothing_is_left_in_it() -> None:
    combined = POLICIES["stop-loss-adoption"].without("subsidy")
    assert combined.subsidy == POLICIES["none"].subsidy
    assert not combined.changes
    assert fingerprint(run(6, policy=POLICIES["actual"].without("subsidy"))) == fingerprint(run(6, policy="none"))


def code_of(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_worked_example_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule of docs/adding_a_rule.md, as a user would write it: a file of its own, used by a policy file."""
    (rule,) = [block for block in code_of(ROOT / "docs" / "adding_a_rule.md") if "class FrontierPrize" in block]
    # The page's own test may have made a class of this name already.
    known = {slot: {name: kind for name, kind in rules_of(slot).items() if name != "frontier-prize"} for slot in SLOTS}
    monkeypatch.setattr("itcho.agents.rules.rule._CATALOGUE", known)
    spec = importlib.util.spec_from_file_location("frontier_prize", written(tmp_path, rule, "frontier_prize.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "frontier_prize", module)
    spec.loader.exec_module(module)
    text = 'base = "none"\n[subsidy]\nrule = "frontier-prize"\nstep_months = 0.25\nprize_trn_yen = 0.1\n'
    economy = run(12, policy=written(tmp_path, text))
    paid = economy.monthly_table()["programme_cost_trn_yen"]
    assert paid.iloc[-1] > 0.0
    assert (paid * 10.0).round(9).isin(range(11)).all()
    with pytest.raises(InputError, match="step_months is 99"):
        module.FrontierPrize(step_months=99.0)


def test_policies_are_compared_by_what_they_do() -> None:
    assert Policy("a", "a", "") == Policy("a", "a", "")
    assert POLICIES["actual"] != POLICIES["none"]


def test_one_policy_followed_by_another_is_one_with_dates() -> None:
    """Worked out by hand: gaps are filled with the second's own rule, and only where it is another one."""
    first = POLICIES["actual"]
    dated = DatedChange("fiscal", POLICIES["actual-debt-brake"].fiscal, Month(2027, 4), Month(2028, 3))
    second = replace(POLICIES["vouchers"], fiscal=POLICIES["actual-primary-balance"].fiscal, changes=(dated,))
    both = first.followed_by(second, Month(2026, 10))
    assert both.label == "The programme as announced; from 2026-10: " + second.label
    assert {change.slot for change in both.changes} == {"subsidy", "fiscal"}
    assert [change.dates for change in both.changes if change.slot == "subsidy"] == ["2026-10.."]
    fiscal = {change.dates: change.rule for change in both.changes if change.slot == "fiscal"}
    assert fiscal == {"2026-10..2027-03": second.fiscal, "2027-04..2028-03": dated.rule, "2028-04..": second.fiscal}
    for slot in SLOTS:
        assert both.rule(slot, Month(2026, 9)) == first.rule(slot)
        for month in (Month(2026, 10), Month(2027, 3), Month(2027, 4), Month(2028, 3), Month(2028, 4), Month(2040, 1)):
            assert both.rule(slot, month) == second.rule(slot, month), (slot, month)
            assert sum(change.slot == slot and change.holds(month) for change in both.changes) <= 1


def test_a_third_policy_ends_the_seconds_dates() -> None:
    second, third = POLICIES["vouchers"], POLICIES["none"]
    whole = POLICIES["actual"].followed_by(second, Month(2026, 10)).followed_by(third, Month(2027, 1))
    assert whole.rule("subsidy", Month(2026, 12)) == second.subsidy
    assert whole.rule("subsidy", Month(2027, 1)) == third.subsidy
    replaced = POLICIES["actual"].followed_by(second, Month(2026, 10)).followed_by(third, Month(2026, 10))
    assert [change.dates for change in replaced.changes] == ["2026-10.."]
    assert POLICIES["none"].followed_by(POLICIES["none"], Month(2027, 1)).changes == ()


def test_a_policy_given_later_is_the_policy_given_at_the_start() -> None:
    """The bits of an economy that switches are those of one that was built with both."""
    whole = POLICIES["actual"].followed_by(POLICIES["adoption-first"], Month(2026, 10))
    planned, switched = JapanEconomy(policy=whole, rng=3, **SMALL), JapanEconomy(policy="actual", rng=3, **SMALL)
    for month in range(12):
        if month == 6:
            switched.follow(whole)
        planned.step()
        switched.step()
    assert fingerprint(planned) == fingerprint(switched)
    other = JapanEconomy(policy="actual", rng=3, **SMALL).run(1)
    assert fingerprint(other) != fingerprint(switched)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('base = "actual"\n["2028-04.."]\n', "'2028-04..' is empty"),
        ('base = "actual"\n["2028-04..".subsidy]\n', "'2028-04..'.subsidy is empty"),
        ("[subsidy]\n", "subsidy is empty"),
        ('base = "actual"\n[2028-04.monetary]\nrule = "constant"\n', "must be written as"),
        ('base = "actual"\nlabel = "\\u001b[31mred"\n', "signs that cannot be seen: '\\x1b'"),
        ('base = "actual"\nlabel = " "\n', "label is empty"),
        ('base = "actual\\n\\u202e"\n', "policy 'actual\\n\\u202e' is unknown"),
        (f'base = "actual"\nname = "{"n" * 81}"\n', "at most 80"),
    ],
)
def test_what_says_nothing_or_cannot_be_seen_is_told(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        policy(file)
    assert any(said in message for message in caught.value.messages), caught.value.messages
    assert all(message.isprintable() for message in caught.value.messages)
