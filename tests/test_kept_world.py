"""An economy by content: what comes back is the same world, and what cannot be kept or is another says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import _CATALOGUE, rules_of
from itcho.agents.rules.settings import number
from itcho.agents.rules.subsidy import SubsidyRule
from itcho.experiments.evidence.shocks import HeldYen, Intervention, RateGap
from itcho.experiments.runs.run_request import RunRequest
from itcho.model.disturbances import kept_shock
from itcho.model.economy import JapanEconomy
from itcho.model.kept_world import state_digests
from itcho.model.policies import POLICIES, Policy, policy
from itcho.model.policies.content import policy_content, policy_from
from itcho.model.scenarios import SCENARIOS, scenario
from itcho.model.scenarios.content import scenario_content, scenario_from
from itcho.model.start_states import available, content_of, load, state_from
from itcho.model.version import MODEL_VERSION
from itcho.model.world_file import PARTS, read_world

SMALL = {"investors": 70, "importers": 40, "adopters": 40}


def ran(months: int, **arguments: Any) -> JapanEconomy:
    economy = JapanEconomy(**SMALL, **arguments)
    for _ in range(months):
        economy.step()
    return economy


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("saved") / "economy.json"
    ran(2, rng=1).save(place)
    return place


def edited(saved: Path, place: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The saved economy with a change that its sums know nothing of."""
    world = json.loads(saved.read_text(encoding="utf-8"))
    change(world)
    place.write_text(json.dumps(world), encoding="utf-8")
    return place


def test_everything_that_determines_a_world_comes_back(tmp_path: Path) -> None:
    shocks = (RateGap(2.0, 3), HeldYen((150.0, 151.0) * 21), Intervention())
    switches = {"without": {"wealth"}, "dated_events": False, "member_edges": True, "years": 2}
    economy = ran(3, scenario="fiscal-doubt", policy="actual-yield-cap", start="2024-03-31", rng=5, shocks=shocks,
                  parameters={"okun_coefficient": 0.2}, **switches)  # fmt: skip
    economy.save(tmp_path / "one.json")
    again = JapanEconomy.load(tmp_path / "one.json")
    assert again.shocks == shocks
    assert (again.years, again.ledger.keep_member_edges, again.dated_events) == (2, True, False)
    for each in (economy, again):
        each.step()
    assert state_digests(again) == state_digests(economy)
    calm = ran(4, scenario="fiscal-doubt", policy="actual-yield-cap", start="2024-03-31", rng=5)
    assert state_digests(calm) != state_digests(economy)
    # The file holds nothing of the occasion: saved again it is the same, bit for bit.
    economy.save(tmp_path / "two.json")
    again.save(tmp_path / "three.json")
    assert (tmp_path / "two.json").read_bytes() == (tmp_path / "three.json").read_bytes()


def test_a_path_without_noise_comes_back_without_noise(tmp_path: Path) -> None:
    ran(2, rng=5, noise=False).save(tmp_path / "one.json")
    assert JapanEconomy.load(tmp_path / "one.json").streams.noise_off


def test_a_start_file_with_a_packaged_name_is_itself(tmp_path: Path) -> None:
    file = tmp_path / "2026-03-31.toml"
    file.write_text('base = "2026-03-31"\n[facts]\nusdjpy = 160\n', encoding="utf-8")
    economy = ran(1, rng=5, start=str(file))
    assert economy.start_state.name == "2026-03-31"
    economy.save(tmp_path / "one.json")
    file.unlink()
    again = JapanEconomy.load(tmp_path / "one.json")
    assert again.start_state.fact("usdjpy") == 160.0
    assert state_digests(again) == state_digests(economy)


def test_policies_scenarios_and_start_states_survive_as_content() -> None:
    for one in POLICIES.values():
        mistakes: list[str] = []
        assert policy_from(json.loads(json.dumps(policy_content(one, mistakes))), "") == one
        assert mistakes == []
    for other in SCENARIOS.values():
        assert scenario_from(json.loads(json.dumps(scenario_content(other))), "") == other
    for name in available():
        state, back = load(name), state_from(json.loads(json.dumps(content_of(load(name)))), "")
        assert back.positions.tobytes() == state.positions.tobytes()
        assert (back.flows, back.events, dict(back.facts)) == (state.flows, state.events, dict(state.facts))
        assert (back.name, back.date) == (state.name, state.date)


def test_a_saved_economy_gives_its_policy_scenario_and_start_to_others(saved: Path) -> None:
    assert policy(str(saved)) == POLICIES["actual"]
    assert scenario(str(saved)) == SCENARIOS["baseline"]
    assert content_of(load(str(saved))) == content_of(load("2026-03-31"))


@pytest.fixture
def own_rules(monkeypatch: pytest.MonkeyPatch) -> tuple[type[Any], type[Any]]:
    """Two named rules of a user's own: one is all settings, one holds code besides."""
    monkeypatch.setitem(_CATALOGUE, "subsidy", dict(rules_of("subsidy")))

    @dataclass(frozen=True)
    class MineByName(SubsidyRule):
        name = "mine-by-name"
        yearly_trn_yen: float = number(0.1, 0.0, 5.0, "trn yen")

    @dataclass(frozen=True)
    class MoreThanSettings(SubsidyRule):
        name = "more-than-settings"
        helper: Callable[[], float] = float

    return MineByName, MoreThanSettings


@kept_shock
@dataclass(frozen=True)
class Anything:
    payload: Any = 1.0
    name: str = "anything"

    def __call__(self, economy: Any) -> None:
        """Do nothing."""


def surprise(economy: Any) -> None:
    """A shock that is a bare function."""


def test_a_rule_of_a_users_own_is_kept_by_name_and_settings(own_rules: Any, tmp_path: Path) -> None:
    own = Policy("My Policy", "Mine", "", subsidy=own_rules[0](0.7))
    ran(0, rng=1, policy=own).save(tmp_path / "own.json")
    assert JapanEconomy.load(tmp_path / "own.json").policy == own
    kept = json.loads((tmp_path / "own.json").read_text())["policy"]["rules"]["subsidy"]
    assert kept == {"rule": "mine-by-name", "settings": {"yearly_trn_yen": 0.7}, "module": __name__}


def test_what_cannot_be_kept_is_told_at_once_before_anything_is_written(own_rules: Any, tmp_path: Path) -> None:
    own = Policy("x", "x", "", subsidy=own_rules[1](helper=lambda: 1.0))
    with pytest.raises(InputError) as told:
        ran(0, rng=1, policy=own, shocks=(surprise, Anything(payload=object()))).save(tmp_path / "x.json")
    rule, function, anything = told.value.messages
    assert "subsidy rule 'more-than-settings' holds more than its settings" in rule
    assert "code without a form that can be kept" in function
    assert "shock 'anything' holds more than numbers and texts" in anything
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="holds more than its settings"):
        RunRequest(policy=own).checked_parameters(check_folder=False)
    with pytest.raises(TypeError, match="frozen dataclass"):
        kept_shock(type("Loose", (), {}))


def test_a_world_that_comes_out_different_is_an_error_that_says_in_what(tmp_path: Path) -> None:
    economy = ran(1, rng=1)
    economy.chip_importers[3].cash_trn_yen += 1.0
    economy.step()
    economy.save(tmp_path / "touched.json")
    said = r"another world: .*ChipImporter.* differ after 2 months of model version"
    with pytest.raises(InputError, match=said) as told:
        JapanEconomy.load(tmp_path / "touched.json")
    assert "changed by hand" in str(told.value)
    again = JapanEconomy.load(tmp_path / "touched.json", checked=False)
    assert again.clock.month == 1


def test_other_versions_are_named(saved: Path, tmp_path: Path) -> None:
    other = edited(saved, tmp_path / "a.json", lambda world: world.update(model_version=MODEL_VERSION + 1))
    with pytest.raises(InputError, match=f"model version {MODEL_VERSION + 1} and this is {MODEL_VERSION}"):
        JapanEconomy.load(other)

    def another_numpy(world: dict[str, Any]) -> None:
        world["made_with"]["numpy"] = "1.0"
        world["state"]["digests"]["Investor"] = ""

    with pytest.raises(InputError, match=r"Investor differ .* other versions \(numpy 1\.0 → "):
        JapanEconomy.load(edited(saved, tmp_path / "b.json", another_numpy))


@pytest.mark.parametrize("part", PARTS)
def test_an_edited_part_is_refused_by_name(part: str, saved: Path, tmp_path: Path) -> None:
    def change(world: dict[str, Any]) -> None:
        world[part] = [*world[part], 1] if isinstance(world[part], list) else {**world[part], "more": 1}

    with pytest.raises(InputError, match=f": {part} changed since the economy was kept"):
        read_world(edited(saved, tmp_path / "x.json", change))


def test_what_this_version_does_not_have_is_told_at_once(saved: Path, tmp_path: Path) -> None:
    from itcho.model.kept_world import arguments_of

    world = json.loads(saved.read_text(encoding="utf-8"))
    world["policy"]["rules"]["subsidy"] = {"rule": "gone", "settings": {}, "module": "her_rules"}
    world["shocks"] = [{"shock": "Gone", "module": "her_shocks", "settings": {}}]
    del world["parameters"]["okun_coefficient"]
    world["start"]["stocks"][0][0] = "nobody"
    with pytest.raises(InputError) as told:
        arguments_of(world, "x.json")
    text = "\n".join(told.value.messages)
    for part in ("import her_rules first", "import her_shocks first", "new: okun_coefficient", "of 'nobody'"):
        assert part in text


def test_a_disk_that_refuses_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot write"):
        ran(0, rng=1).save(tmp_path / "file" / "x.json")
