"""Populations: rows as Mesa agents, sets that never come back empty, and Mesa's own tools on such a model."""

from __future__ import annotations

import gc
import inspect
import weakref
from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.population import Member, MemberRows, MemberSet, Population, member_class
from itcho.model.mesa_face import AllAgents, PopulationModel

ChipImporter = member_class("ChipImporter")


class Trader(Member):
    """A kind with a method and a property of its own."""

    cash: float

    def earn(self, amount: float) -> float:
        self.cash += amount
        return self.cash

    @property
    def rich(self) -> bool:
        return self.cash > 5.0


class Treasury(mesa.Agent):
    def __init__(self, model: Any, cash: float) -> None:
        super().__init__(model)
        self.cash = cash
        self.steps_taken = 0

    def step(self) -> None:
        self.steps_taken += 1


class Parliament(mesa.Agent):
    pass


class SmallEconomy(PopulationModel):
    """Two single agents, five importers and four traders; module level, so that batch_run can take it."""

    def __init__(self, rng: Any = None, growth: float = 1.0) -> None:
        super().__init__(rng=rng)
        self.treasury = Treasury(self, cash=100.0)
        self.parliament = Parliament(self)
        importers = {"cash": np.arange(5.0), "role": np.array([2, 0, 1, 0, 2])}
        self.importers = self.register_population(
            Population(
                self,
                "ChipImporter",
                importers,
                self.next_unique_id,
                names=("National AI", "Sakura"),
                label_of_row=np.array([0, 1, 2, 2, 2]),
                positions={"deposits": ("cash", 1)},
            )
        )
        traders = {"cash": self.rng.random(4), "weights": np.ones((4, 2))}
        self.traders = self.register_population(Population(self, Trader, traders, self.next_unique_id))
        self.growth = growth
        self.datacollector = mesa.DataCollector(
            model_reporters={"cash": lambda model: model.importers.agg("cash", sum), "agents": lambda m: len(m.agents)},
            agent_reporters={"cash": lambda agent: getattr(agent, "cash", None), "kind": lambda a: type(a).__name__},
            agenttype_reporters={ChipImporter: {"role": "role"}, Treasury: {"cash": "cash"}, Member: {"row": "row"}},
        )
        self.datacollector.collect(self)

    def step(self) -> None:
        self.importers.cash += self.growth
        self.datacollector.collect(self)


@pytest.fixture
def economy() -> SmallEconomy:
    return SmallEconomy(rng=1)


def test_member_reads_and_writes_its_row(economy: SmallEconomy) -> None:
    economy.importers[3].cash = 30.0
    assert economy.importers.cash[3] == 30.0
    economy.importers.cash[3] += 1.0
    member = economy.importers[3]
    assert member.cash == 31.0
    member.cash *= 2
    assert economy.importers.columns["cash"].tolist() == [0.0, 1.0, 2.0, 62.0, 4.0]
    assert isinstance(member.cash, float)
    assert isinstance(member.role, int)
    economy.traders[1].weights[0] = 7.0
    assert economy.traders.weights[1, 0] == 7.0


def test_assigning_a_column_writes_in_place(economy: SmallEconomy) -> None:
    array = economy.importers.cash
    economy.importers.cash = np.full(5, 2.5)
    economy.importers.cash += 1.0
    economy.importers.set("role", 1)
    assert economy.importers.cash is array
    assert array.tolist() == [3.5] * 5
    assert economy.importers.get(["cash", "role"])[0] == [3.5, 1]
    with pytest.raises(TypeError):
        economy.importers.columns["cash"] = np.zeros(5)  # type: ignore[index]


def test_mistakes_are_named(economy: SmallEconomy) -> None:
    member = economy.importers[0]
    with pytest.raises(AttributeError, match="did you mean cash"):
        member.cahs = 3.0
    with pytest.raises(AttributeError, match="cahs"):
        _ = member.cahs
    with pytest.raises(AttributeError, match="did you mean cash"):
        _ = economy.importers.cahs
    with pytest.raises(AttributeError, match="did you mean cash"):
        economy.importers.set("cahs", 1.0)
    with pytest.raises(AttributeError):
        economy.importers.cahs = 1.0
    with pytest.raises(AttributeError, match="fixed"):
        member.row = 4
    with pytest.raises(IndexError, match="5 members"):
        _ = economy.importers[5]
    for value in (0.5, np.array([0.5] * 5)):
        with pytest.raises(TypeError, match="holds int"):
            economy.importers.set("role", value)
    with pytest.raises(TypeError, match="holds int"):
        member.role = 1.5
    with pytest.raises(TypeError, match="cannot be removed"):
        member.remove()
    with pytest.raises(TypeError, match="as population"):
        ChipImporter(economy)


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"cash": np.zeros(3), "debt": np.zeros(2)}, {}, "expected 3 members"),
        ({"model": np.zeros(3)}, {}, "use themselves"),
        ({"select": np.zeros(3)}, {}, "use themselves"),
        ({"step": np.zeros(3)}, {}, "use themselves"),
        ({}, {}, "no columns"),
        ({"cash": np.zeros(1)}, {"names": ("a", "b")}, "fit 1 members"),
        ({"cash": np.zeros(2)}, {"names": ("a", "a")}, "must differ"),
        ({"cash": np.zeros(2)}, {"label_of_row": np.zeros(3, dtype=int)}, "whole numbers"),
        ({"cash": np.zeros(2)}, {"positions": {"loans": ("debt", -1)}}, "debt"),
    ],
)
def test_a_wrong_population_is_refused(columns: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Population(None, "Wrong", columns, 1, **options)


def test_two_models_of_one_kind_do_not_disturb_each_other() -> None:
    first = Population(None, "Household", {"cash": np.ones(2)}, 1)
    second = Population(None, "Household", {"debt": np.full(3, 2.0), "cash": np.full(3, 5.0)}, 1)
    assert type(first[0]) is type(second[0]) is member_class("Household")
    assert (first[0].cash, second[0].cash, second[0].debt) == (1.0, 5.0, 2.0)
    with pytest.raises(AttributeError):
        _ = first[0].debt


def test_equality_hash_and_identity(economy: SmallEconomy) -> None:
    assert economy.importers[2] == economy.importers[2]
    assert economy.importers[-1] == economy.importers[4]
    assert economy.importers[2] != economy.importers[3]
    assert economy.importers[2] != economy.traders[2]
    assert economy.importers[2] != SmallEconomy(rng=1).importers[2]
    assert len({economy.importers[2], economy.importers[2], economy.importers[3]}) == 2
    assert isinstance(economy.importers[2], mesa.Agent)
    assert type(economy.importers[2]).__name__ == "ChipImporter"
    assert economy.importers[2].model is economy
    assert economy.traders[0] not in economy.importers
    assert economy.traders[0] in economy.traders


def test_names(economy: SmallEconomy) -> None:
    assert economy.importers[1].name == "Sakura"
    assert economy.importers[4].name == economy.importers.name_of_row(4) == "chip_importer_4"
    assert economy.importers.row_of_name("National AI") == 0
    with pytest.raises(KeyError, match="National AI, Sakura"):
        economy.importers.row_of_name("Nobody")


def test_iteration_and_indexing(economy: SmallEconomy) -> None:
    assert [member.cash for member in economy.importers] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [member.row for member in economy.importers[1:3]] == [1, 2]
    assert economy.importers[economy.importers.role == 0].rows.tolist() == [1, 3]
    chosen = economy.importers[np.array([4, 0])]
    assert isinstance(chosen, MemberSet)
    assert chosen[0].row == 4
    assert list(chosen[:1]) == [economy.importers[4]]
    assert economy.importers[0] in chosen
    assert economy.importers[1] not in chosen


def test_a_selection_survives_garbage_collection(economy: SmallEconomy) -> None:
    sets = {
        "select": economy.importers.select(lambda member: member.cash >= 2.0),
        "mask": economy.importers.select(economy.importers.cash >= 2.0),
        "rows": economy.importers.select([2, 3, 4]),
        "all": economy.agents.select(lambda agent: getattr(agent, "cash", 0.0) >= 2.0, agent_type=ChipImporter),
        "type": economy.agents_by_type[ChipImporter].select(lambda member: member.cash >= 2.0),
        "shuffle": economy.importers.members.select(at_most=3).shuffle(),
        "sort": economy.importers.members.sort("cash").select(at_most=0.6),
        "group": economy.importers.groupby(lambda member: member.cash >= 2.0).groups[True],
    }
    gc.collect()
    for name, chosen in sets.items():
        assert isinstance(chosen, mesa.agent.AgentSet), name
        assert len(chosen) == len(list(chosen)) == len(chosen.get("cash")) == 3, name
        assert [agent.unique_id for agent in chosen] == chosen.get("unique_id"), name


def test_select_has_the_options_of_mesa(economy: SmallEconomy) -> None:
    agents = economy.agents
    assert agents.select(agent_type=Member).get("cash")[:5] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [type(agent) for agent in agents.select(agent_type=Treasury)] == [Treasury]
    assert agents.select(lambda agent: agent.rich if isinstance(agent, Trader) else True, at_most=4)[-1].row == 1
    assert len(agents.select()) == 11
    mask = np.zeros(11, dtype=bool)
    mask[[0, 3]] = True
    assert list(agents.select(mask, agent_type=Member)) == [economy.importers[1]]
    chosen = economy.importers.members
    assert chosen.select([0, 1], inplace=True) is chosen
    assert len(chosen) == 2
    assert len(economy.importers.members) == 5
    assert len(economy.importers.select(lambda member: False)) == 0
    assert len(economy.importers.select([])) == 0


def test_set_get_agg(economy: SmallEconomy) -> None:
    rich = economy.importers.select(economy.importers.cash > 2)
    rich.set("cash", 10.0)
    assert economy.importers.cash.tolist() == [0.0, 1.0, 2.0, 10.0, 10.0]
    rich.set("cash", np.array([3.0, 4.0]))
    assert economy.importers.cash.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert rich.agg("cash", [min, max, sum, len, "mean"]) == [3.0, 4.0, 7.0, 2, 3.5]
    assert economy.importers.agg("cash", np.mean, weights="role") == pytest.approx(10 / 5)
    assert economy.importers.agg("cash", "sum", weights=np.array([1, 1, 0, 0, 2])) == 9.0
    assert economy.importers.agg("cash", lambda values: sorted(values)[-1]) == 4.0
    assert economy.importers.members.get(["row", "name"])[1] == [1, "Sakura"]
    assert economy.importers.members.get("debt", handle_missing="default", default_value=-1) == [-1] * 5
    with pytest.raises(AttributeError):
        economy.importers.members.get("debt")


def test_sort_and_shuffle(economy: SmallEconomy) -> None:
    by_role = economy.importers.members.sort("role", ascending=True)
    assert by_role.rows.tolist() == [1, 3, 2, 0, 4]
    assert economy.importers.members.sort("role").rows.tolist() == [0, 4, 2, 1, 3]
    assert economy.importers.members.sort(lambda member: -member.cash, ascending=True).rows.tolist() == [4, 3, 2, 1, 0]
    shuffled = economy.agents.shuffle()
    assert sorted(shuffled.get("unique_id")) == list(range(1, 12))
    assert shuffled.get("unique_id") == SmallEconomy(rng=1).agents.shuffle().get("unique_id")
    assert shuffled.get("unique_id") != list(range(1, 12))
    richest = economy.agents.select(lambda agent: hasattr(agent, "cash")).sort("cash")[:3]
    assert [type(agent).__name__ for agent in richest] == ["Treasury", "ChipImporter", "ChipImporter"]


def test_do_and_map(economy: SmallEconomy) -> None:
    before = economy.traders.cash.copy()
    assert economy.traders.members.map("earn", 1.0) == (before + 1.0).tolist()
    economy.traders.select([0]).do("earn", 10.0).do(lambda member: member.earn(1.0))
    assert economy.traders.cash[0] == before[0] + 12.0
    assert [member.rich for member in economy.traders] == [True, False, False, False]
    economy.agents.do("step")
    economy.agents.shuffle_do("step")
    assert economy.treasury.steps_taken == 2
    economy.agents.select(agent_type=Member).set("cash", 1.0)
    assert economy.traders.cash.tolist() == [1.0] * 4


def test_groupby(economy: SmallEconomy) -> None:
    groups = economy.importers.groupby("role")
    assert list(groups.groups) == [2, 0, 1]
    assert groups.count() == {2: 2, 0: 2, 1: 1}
    assert groups.agg("cash", sum) == {2: 4.0, 0: 4.0, 1: 2.0}
    assert groups.groups[0].rows.tolist() == [1, 3]
    assert groups.map(len) == {2: 2, 0: 2, 1: 1}
    lists = economy.agents.groupby(lambda agent: type(agent).__name__, result_type="list")
    assert {kind: len(agents) for kind, agents in lists} == {
        "Treasury": 1,
        "Parliament": 1,
        "ChipImporter": 5,
        "Trader": 4,
    }
    assert economy.agents.groupby(type).agg("unique_id", min) == {
        Treasury: 1,
        Parliament: 2,
        ChipImporter: 3,
        Trader: 8,
    }


def test_membership_is_fixed_and_set_algebra_holds_its_agents(economy: SmallEconomy) -> None:
    with pytest.raises(TypeError, match="fixed"):
        economy.agents.add(economy.treasury)
    with pytest.raises(TypeError, match="fixed"):
        economy.importers.members.remove(economy.importers[0])
    both = economy.importers.select([0, 1]) | economy.importers.select([1, 2])
    gc.collect()
    assert both == {economy.importers[0], economy.importers[1], economy.importers[2]}


def test_unique_ids_run_through_singles_then_populations(economy: SmallEconomy) -> None:
    assert [agent.unique_id for agent in economy.agents] == list(range(1, 12))
    assert economy.treasury.unique_id == 1
    assert economy.importers[0].unique_id == 3
    assert economy.traders[3].unique_id == 11
    assert economy.next_unique_id == 12
    late = Parliament(economy)
    assert late.unique_id == 12
    assert late in economy.agents
    assert len(set(economy.agents.get("unique_id"))) == 12


def test_agents_by_type(economy: SmallEconomy) -> None:
    by_type = economy.agents_by_type
    assert list(by_type) == economy.agent_types == [Treasury, Parliament, ChipImporter, Trader]
    assert {kind.__name__: len(agents) for kind, agents in by_type.items()} == {
        "Treasury": 1,
        "Parliament": 1,
        "ChipImporter": 5,
        "Trader": 4,
    }
    assert list(economy.populations) == ["ChipImporter", "Trader"]
    assert isinstance(economy.agents, AllAgents)
    assert len(economy.agents) == 11
    economy.parliament.remove()
    assert len(economy.agents) == 10
    assert economy.traders[0] in economy.agents
    assert economy.parliament not in economy.agents
    assert economy.treasury not in economy.agents.select(agent_type=Member)
    economy.remove_all_agents()
    assert len(economy.agents) == 0


def test_overlapping_ids_and_repeated_kinds_are_refused(economy: SmallEconomy) -> None:
    with pytest.raises(ValueError, match="next_unique_id"):
        economy.register_population(Population(economy, "Late", {"cash": np.zeros(2)}, 4))
    with pytest.raises(ValueError, match="registered already"):
        economy.register_population(Population(economy, "ChipImporter", {"cash": np.zeros(2)}, 12))


def test_data_collector(economy: SmallEconomy) -> None:
    economy.step()
    economy.step()
    collector = economy.datacollector
    assert collector.get_model_vars_dataframe()["cash"].tolist() == [10.0, 15.0, 20.0]
    agents = collector.get_agent_vars_dataframe()
    assert len(agents) == 3 * 11
    last = agents.xs(2, level="Step")
    assert last.loc[4, "cash"] == 3.0
    assert last.loc[4, "kind"] == "ChipImporter"
    roles = collector.get_agenttype_vars_dataframe(ChipImporter)
    assert roles.xs(0, level="Step")["role"].tolist() == [2, 0, 1, 0, 2]
    assert len(collector.get_agenttype_vars_dataframe(Treasury)) == 3
    assert len(collector.get_agenttype_vars_dataframe(Member)) == 3 * 9


def test_to_frame(economy: SmallEconomy) -> None:
    frame = economy.traders.to_frame()
    assert list(frame.columns) == ["cash", "weights_0", "weights_1"]
    assert frame.index.tolist() == [8, 9, 10, 11]
    frame.loc[8, "cash"] = -1.0
    assert economy.traders.cash[0] != -1.0


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="this Mesa has no batch_run")
def test_batch_run_takes_rng_as_a_parameter() -> None:
    # From Mesa 3.4 on, seeds are an argument of batch_run and no parameter of the design.
    seeds = {"rng": [1, 2]}
    has_argument = "rng" in inspect.signature(mesa.batch_run).parameters
    design = {"growth": [1.0, 2.0]} if has_argument else {"growth": [1.0, 2.0], **seeds}
    options = seeds if has_argument else {}
    rows = mesa.batch_run(SmallEconomy, design, max_steps=3, display_progress=False, **options)
    traders_cash = {(row["growth"], row["cash"]) for row in rows if row.get("kind") == "Trader"}
    assert len(traders_cash) == 4 * 4
    assert len({cash for _, cash in traders_cash}) == 2 * 4


def test_rng_may_be_text() -> None:
    same = [SmallEconomy(rng=rng).traders.cash.tolist() for rng in (42, "42", np.int64(42))]
    assert same[0] == same[1] == same[2]
    assert SmallEconomy(rng="42").seed == 42
    assert SmallEconomy().seed != SmallEconomy().seed


def test_the_model_may_keep_a_scenario_of_its_own(economy: SmallEconomy) -> None:
    economy.scenario = "baseline"
    assert economy.scenario == economy.treasury.model.scenario == "baseline"


def test_a_dropped_model_is_freed() -> None:
    economy = SmallEconomy(rng=3)
    economy.step()
    gone = weakref.ref(economy)
    del economy
    gc.collect()
    assert gone() is None


def test_member_rows() -> None:
    population = Population(None, "Household", {"cash": np.zeros(10)}, 1)
    assert len(MemberRows(population)) == 10
    assert len(MemberRows(population, slice(2, None))) == 8
    assert len(MemberRows(population, np.array([1, 5]))) == 2
    population.columns["cash"][population.select([1, 5]).member_rows.rows] += 1.0
    assert population.cash.sum() == 2.0
    assert population.label_of_row[np.array([3, 9])].tolist() == [0, 0]


def test_a_million_members_cost_no_objects() -> None:
    size = 1_000_000
    columns = {name: np.zeros(size) for name in ("cash", "equity", "dollars")}
    model = PopulationModel(rng=1)
    gc.collect()
    objects = len(gc.get_objects())
    population = model.register_population(Population(model, "Household", columns, 1))
    agents = model.agents
    assert len(gc.get_objects()) - objects < 100
    assert len(agents) == len(population) == size
    assert agents[size - 1].unique_id == size
    population.select(population.cash == 0.0).set("cash", 1.0)
    assert population.agg("cash", sum) == size
