"""What Mesa's users expect of a model: it ends, it can be copied and sent, it takes reporters, and no seed is lost."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.added_agent import AddedAgent, AddedOrders, EconomyView
from itcho.agents.chip_importers import ChipImporter
from itcho.agents.errors import InputError
from itcho.agents.government import Government
from itcho.agents.rules.rule import find_rule
from itcho.agents.vocabulary import Party, Sector
from itcho.experiments.evidence.shocks import PolicyRate
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.policies import POLICIES, DatedChange
from itcho.model.scenarios import SCENARIOS
from tests.children import itcho_environment
from tests.soundness import fingerprint

SMALL: dict[str, Any] = {"rng": 5, "investors": 60, "importers": 35, "adopters": 30}


class Collector(AddedAgent):
    """Buys a dollar a month and keeps what it saw."""

    party: Party = Party("collector", Sector.INVESTORS)

    def __init__(self, economy: Any) -> None:
        super().__init__(economy)
        self.seen: list[float] = []

    def decide(self, view: EconomyView) -> AddedOrders:
        self.seen.append(float(view.random.random()))
        return AddedOrders(dollars_bn_usd=0.1)


def whole(economy: JapanEconomy) -> str:
    """Fingerprint of outcomes, accounts and members."""
    parts = [fingerprint(economy), economy.ledger.positions.tobytes().hex()]
    for population in economy.populations.values():
        parts += [array.tobytes().hex() for array in population.columns.values()]
    return "".join(parts)


def busy() -> JapanEconomy:
    """With all that can be held: dated rules that remember, doubt, guarantees, shocks, agents, edges and reporters."""
    credit = find_rule("subsidy", "incremental-tax-credit")()
    policy = replace(
        POLICIES["guarantee"],
        name="busy",
        intervention=find_rule("intervention", "ito-yabu-thresholds")(),
        monetary=find_rule("monetary", "yield-curve-control")(),
        changes=(DatedChange("subsidy", credit, Month(2026, 10)),),
    )
    return JapanEconomy(
        scenario=next(name for name, scenario in SCENARIOS.items() if scenario.credibility),
        policy=policy,
        **SMALL,
        shocks=[PolicyRate()],
        member_edges=True,
        # A function without a name, which no other process finds.
        added_agents=[lambda economy: Collector(economy)],
        model_reporters={"month_of_run": "steps", "reserves": _reserves},
        agenttype_reporters={ChipImporter: {"cash": "cash_trn_yen"}},
    )


def _reserves(model: JapanEconomy) -> float:
    return model.ledger.position("reserves", "banks")


@pytest.mark.parametrize("again", [copy.deepcopy, lambda economy: pickle.loads(pickle.dumps(economy))])
@pytest.mark.parametrize("months", [0, 8])
def test_a_copy_goes_on_by_the_same_bits_and_leaves_the_original_alone(again: Any, months: int) -> None:
    economy, undisturbed = busy(), busy()
    for each in (economy, undisturbed):
        for _ in range(months):
            each.step()
    other = again(economy)
    assert type(other) is JapanEconomy
    assert whole(other) == whole(economy)
    for _ in range(10):
        other.step()
    assert whole(economy) == whole(undisturbed), "the copy shares nothing with the original"
    for each in (economy, undisturbed):
        for _ in range(10):
            each.step()
    assert whole(other) == whole(economy) == whole(undisturbed)
    assert other.edge_table(full=True).equals(economy.edge_table(full=True))
    assert other.added_agents[0].seen == economy.added_agents[0].seen
    assert len(other.added_agents[0].seen) == months + 10
    for frame in ("get_model_vars_dataframe", "get_agenttype_vars_dataframe"):
        arguments = (ChipImporter,) if "agenttype" in frame else ()
        there, here = (getattr(each.datacollector, frame)(*arguments) for each in (other, economy))
        assert there.equals(here)
        assert len(here)
    assert other.agents_by_type[Government][0] is other.government
    assert other.government.model is other
    assert len(other.agents) == len(economy.agents)


def test_arrays_that_are_one_stay_one_in_a_copy() -> None:
    economy = JapanEconomy(**SMALL)
    economy.step()
    for other in (copy.deepcopy(economy), pickle.loads(pickle.dumps(economy))):
        assert np.shares_memory(other.ledger.positions, other.ledger._books)
        assert np.shares_memory(other.investors.weight, other.investors.columns["weight"])
        assert not np.shares_memory(other.investors.weight, economy.investors.weight)
        assert not np.shares_memory(other.ledger.positions, economy.ledger.positions)
        other.investors[3].weight = 0.5
        assert other.investors.columns["weight"][3] == 0.5
        assert not other.start_state.positions.flags.writeable


def test_an_economy_can_be_sent_to_another_process(tmp_path: Path) -> None:
    economy = JapanEconomy(**SMALL)
    for _ in range(3):
        economy.step()
    with (tmp_path / "economy.pickle").open("wb") as file:
        pickle.dump(economy, file)
    program = (
        "import pickle, sys\n"
        "economy = pickle.load(open(sys.argv[1], 'rb'))\n"
        "for _ in range(3):\n    economy.step()\n"
        "print(economy.investors[4].exposure, economy.outcomes['usdjpy'].hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "economy.pickle")],
        env=itcho_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    for _ in range(3):
        economy.step()
    assert done.stdout.split() == [repr(economy.investors[4].exposure), economy.outcomes["usdjpy"].hex()]


def test_members_and_sets_of_them_can_be_copied_with_their_economy() -> None:
    economy = JapanEconomy(**SMALL)
    kept = [economy, economy.investors[7], economy.chip_importers.select([1, 4]), type(economy.investors[7])]
    for other, member, some, kind in (copy.deepcopy(kept), pickle.loads(pickle.dumps(kept))):
        assert member == other.investors[7]
        assert member.model is other
        assert some.get("cash_trn_yen") == kept[2].get("cash_trn_yen")
        assert some[0] in other.chip_importers
        assert kind is kept[3]
    member = pickle.loads(pickle.dumps(economy.investors[7]))
    assert (member.row, member.weight, member.model.seed) == (7, economy.investors[7].weight, 5)


def test_columns_are_read_only_by_name() -> None:
    columns = JapanEconomy(**SMALL).investors.columns
    for change in (
        lambda: columns.update(weight=np.zeros(60)),
        lambda: columns.__setitem__("weight", np.zeros(60)),
        lambda: columns.pop("weight"),
        lambda: columns.clear(),
    ):
        with pytest.raises(TypeError, match="written in place"):
            change()
    assert columns["weight"].sum() > 0.0


def test_a_run_ends_at_its_years_and_steps_go_on() -> None:
    economy = JapanEconomy(**SMALL, years=1)
    assert economy.running
    economy.run_model()
    assert economy.steps == len(economy.monthly_table()) == 12
    assert not economy.running
    economy.step()
    assert len(economy.monthly_table()) == 13
    assert not economy.running


def test_who_stops_an_economy_finds_it_stopped() -> None:
    economy = JapanEconomy(**SMALL, years=2)
    economy.step()
    economy.running = False
    economy.step()
    assert not economy.running


def test_batch_run_ends_at_the_years() -> None:
    seeds = {"rng": [1]} if "rng" in inspect.signature(mesa.batch_run).parameters else {}
    options = {"max_steps": 50, "data_collection_period": 1, "display_progress": False}
    rows = mesa.batch_run(JapanEconomy, {**SMALL, "years": 1}, **options, **seeds)
    assert len(rows) == 12


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_seed_that_batch_run_loses_is_told() -> None:
    """From Mesa 3.4 on a seed among the parameters is lost; before, only who gave none lost it."""
    options = {"max_steps": 1, "display_progress": False}
    has_seeds = "rng" in inspect.signature(mesa.batch_run).parameters
    lost = dict(SMALL) if has_seeds else {name: value for name, value in SMALL.items() if name != "rng"}
    with pytest.warns(UserWarning, match="without a seed .* cannot be made again; give seeds as") as said:
        mesa.batch_run(JapanEconomy, lost, **options)
    assert ("batch_run(..., rng=" in str(said[0].message)) == has_seeds
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        if has_seeds:
            unseeded = {name: value for name, value in SMALL.items() if name != "rng"}
            rows = mesa.batch_run(JapanEconomy, unseeded, rng=[1, 2], **options)
        else:
            rows = mesa.batch_run(JapanEconomy, SMALL | {"rng": [1, 2]}, **options)
        JapanEconomy(**SMALL | {"rng": None})
    assert [row["rng"] for row in rows] == [1, 2]


def test_reporters_of_ones_own_stand_beside_the_outcomes() -> None:
    economy = JapanEconomy(
        **SMALL,
        model_reporters={"reserves": _reserves, "steps": "steps", "sum": [lambda *parts: sum(parts), [1, 2]]},
        agent_reporters={"cash": "cash_trn_yen"},
        agenttype_reporters={
            Government: {"approval": "approval_pct"},
            ChipImporter: {"twice": lambda a: 2 * a.compute},
        },
    )
    plain = JapanEconomy(**SMALL)
    for each in (economy, plain):
        for _ in range(2):
            each.step()
    assert fingerprint(economy) == fingerprint(plain)
    frame = economy.datacollector.get_model_vars_dataframe()
    assert frame["steps"].tolist() == [1, 2]
    assert frame["sum"].tolist() == [3, 3]
    assert frame["reserves"].iloc[-1] == economy.ledger.position("reserves", "banks")
    assert frame["usdjpy"].tolist() == economy.monthly_table()["usdjpy"].tolist()
    agents = economy.datacollector.get_agent_vars_dataframe()
    assert len(agents) == 2 * len(economy.agents)
    first = economy.chip_importers[0]
    assert agents.loc[(2, first.unique_id), "cash"] == first.cash_trn_yen
    twice = economy.datacollector.get_agenttype_vars_dataframe(ChipImporter)
    assert twice.xs(2, level="Step")["twice"].tolist() == (2.0 * economy.chip_importers.compute).tolist()


def test_a_reporter_cannot_take_the_name_of_an_outcome_and_has_to_be_named() -> None:
    with pytest.raises(InputError) as caught:
        JapanEconomy(**SMALL, model_reporters={"usdjpy": _reserves}, agent_reporters=["cash_trn_yen"])
    assert caught.value.messages == [
        'agent_reporters = [\'cash_trn_yen\'] has to be a mapping such as {"cash": "cash_trn_yen"}',
        "model_reporters: 'usdjpy' is an outcome, which is collected already",
    ]
