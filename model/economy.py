"""The economy of Japan: :class:`JapanEconomy`, whose :meth:`~JapanEconomy.step` is the month on one page."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from itcho.agents.ablation import Ablation
from itcho.agents.behaviours import AS_MODELLED, Behaviours
from itcho.agents.decisions import Decision
from itcho.agents.errors import checked_callables
from itcho.agents.limits import LimitReading
from itcho.model import kept_world
from itcho.model import monthly_steps as steps
from itcho.model.ablation import ablate, streams_of
from itcho.model.added_agents import AgentFactory, settle_dollars
from itcho.model.chips.rewiring import EdgeLike, Rewiring, rewiring
from itcho.model.clock import Month
from itcho.model.collapse import require, require_all
from itcho.model.construction import (
    Request,
    build,
    carry_dollars_identity,
    follow_behaviours,
    open_expectations,
    open_minds,
)
from itcho.model.disturbances import Shock
from itcho.model.finance.currency_orders import currency_orders, settle_hedges
from itcho.model.finance.revaluation import revalue_positions
from itcho.model.finance.sessions import run_sessions
from itcho.model.living import LIVING
from itcho.model.measure import tables
from itcho.model.measure.decisions import month_decisions
from itcho.model.measure.limits import month_limits
from itcho.model.measure.national_wealth import household_equity_wealth, net_foreign_assets
from itcho.model.measure.outcomes import observe
from itcho.model.mesa_face import OutcomeCollector, PopulationModel
from itcho.model.month_records import ClosedMonth
from itcho.model.parameters import Parameters
from itcho.model.policies import Policy
from itcho.model.policies import policy as find_policy
from itcho.model.policies.binding import follow as follow_policy
from itcho.model.public.reserves import settle_intervention
from itcho.model.randomness import Seed, Streams
from itcho.model.rewire import rewire
from itcho.model.scenarios import Scenario
from itcho.model.scenarios import scenario as find_scenario
from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_POLICY,
    DEFAULT_SCENARIO,
    DEFAULT_START,
    DEFAULT_YEARS,
    checked_sizes,
)
from itcho.model.start_states import StartState, load
from itcho.model.whole_months import FailedMonth, refuse_after_failure, tell_of_failure, whole_month
from itcho.model.world import World

if TYPE_CHECKING:
    import networkx
    from pandas import DataFrame

    from itcho.model.mesa_space import EconomySpace

CHANNELS = frozenset({"carry", "credibility", "pass_through", "wealth"})
"""Channels that can be switched off to answer "why"."""

T = TypeVar("T")


class Part(Generic[T]):
    """A part of the economy's world, under a name of the economy's own."""

    def __init__(self, read: Callable[[World], T]) -> None:
        self._read = read

    @overload
    def __get__(self, economy: None, owner: type) -> Part[T]: ...
    @overload
    def __get__(self, economy: JapanEconomy, owner: type) -> T: ...
    def __get__(self, economy: JapanEconomy | None, owner: type) -> T | Part[T]:
        return self if economy is None else self._read(economy.world)

    def __set__(self, economy: JapanEconomy, value: object) -> None:
        raise AttributeError("a part of an economy is not replaced; follow() and branch() take other policies")


class JapanEconomy(PopulationModel):
    """Japan, with heterogeneous agents, one ledger, an emergent yen and a supply chain.

    Parameters
    ----------
    scenario, policy : names, paths of files or objects; see ``itcho.model.scenarios`` and ``itcho.model.policies``.
    start : name of a start state, the path of one, or one itself.
    rng : seed, an integer or its text.
    years : length that :meth:`run` takes by default.
    investors, importers, adopters : sizes of the populations.
    parameters : a :class:`Parameters`, or overrides by name; what is not chosen here is as the start state's constants
        have it, and as the registry has it for all others.
    without : channels to switch off, out of :data:`CHANNELS`; a scenario may switch off credibility too.
    noise : False makes one path without shocks; risk limits then use long-run volatility.
    shocks : disturbances of an experiment; see ``itcho.model.disturbances``.
    dated_events : False leaves out the start state's dated events (SoftBank's signed payments, steps of the consumption
            tax).

    member_edges : whether :meth:`edge_table` can name every chip importer.
    graph : a graph of the user's own in the place of the one that is drawn, made from a copy of :attr:`graph` of an
        economy of the same sizes; see ``docs/graph.md``.
    ablation : a kind of agent that is frozen, made alike or drawn anew; see ``itcho.agents.ablation``.
    keep_decisions : whether :attr:`decisions` are kept; a run is the same bits with and without.
    measure_every : months from one measurement of outcomes, limits and decisions to the next, counted from the start;
        with more than one the tables hold those months alone, and a world that leaves what is declared for outcomes is
        found then.  What agents of the user's own see of outcomes is as old.  The months are the same bits.
    behaviours : functions of the user's own in the place of the model's behaviours; see
        ``itcho.agents.behaviours``.
    added_agents : makers of agents of the user's own, called with the economy; see ``docs/adding_an_agent.md``.
    model_reporters, agent_reporters, agenttype_reporters : reporters of the user's own, as Mesa's ``DataCollector``
        takes them; collected in :attr:`datacollector` at the end of each month, beside the outcomes.

    Attributes
    ----------
    running : False from ``years`` on, which ends Mesa's ``run_model`` and ``batch_run``; :meth:`step` goes on.

    Attributes
    ----------
    world : what lasts from month to month.
    given_graph : a copy of the graph of the user's own, None if it was drawn.
    rewirings : changes of the graph by :meth:`rewire`, each with the number of months run before it.
    chosen_parameters : as they were given, before the start state's constants; :attr:`parameters` are those that hold.
    outcomes : of the last month (of the start before the first), by name.
    limits : what each limit did in the last month, by its name.

    Raises
    ------
    InputError : unknown names, values out of bounds, sizes below one, an inconsistent start state, a reporter under the
        name of an outcome.

    Notes
    -----
    ``pickle`` and ``copy.deepcopy`` give an economy that goes on by the same bits.
    """

    scenario: Scenario

    def __init__(
        self,
        scenario: str | Scenario = DEFAULT_SCENARIO,
        policy: str | Policy = DEFAULT_POLICY,
        start: str | Path | StartState = DEFAULT_START,
        rng: Seed = None,
        years: int = DEFAULT_YEARS,
        investors: int = DEFAULT_INVESTORS,
        importers: int = DEFAULT_IMPORTERS,
        adopters: int = DEFAULT_ADOPTERS,
        parameters: Parameters | Mapping[str, float] | None = None,
        without: Collection[str] = (),
        noise: bool = True,
        dated_events: bool = True,
        shocks: Sequence[Shock] = (),
        member_edges: bool = False,
        added_agents: Sequence[AgentFactory] = (),
        graph: networkx.MultiDiGraph | None = None,
        ablation: Ablation | None = None,
        keep_decisions: bool = True,
        measure_every: int = 1,
        behaviours: Behaviours | None = None,
        model_reporters: Mapping[str, object] | None = None,
        agent_reporters: Mapping[str, object] | None = None,
        agenttype_reporters: Mapping[type, Mapping[str, object]] | None = None,
    ) -> None:
        super().__init__(rng=rng)
        LIVING.join(self)
        sizes = checked_sizes(investors, importers, adopters, years, without, CHANNELS)
        start_state = load(start)
        begins = Month.of(start_state.date).plus(1)
        self.chosen_parameters = (
            parameters if isinstance(parameters, Parameters) else Parameters().replaced_by(parameters)
        )
        self.years, self.dated_events = years, dated_events
        self.shocks = checked_callables(
            "shocks", shocks, "[itcho.shock('policy-rate')]", "is no shock; see itcho.shock"
        )
        request = Request(
            start=start_state,
            scenario=find_scenario(scenario).on_calendar(begins),
            policy=find_policy(policy),
            parameters=start_state.parameters(self.chosen_parameters),
            without=frozenset(without),
            dated_events=dated_events,
            sizes=sizes,
            added_agents=checked_callables(
                "added_agents", added_agents, "[WealthFund]", "makes no agent: give a class, or a function"
            ),
            streams=streams_of(self.seed, not noise, ablation),
            member_edges=member_edges,
            graph=graph,
            ablation=ablation,
            behaviours=AS_MODELLED if behaviours is None else behaviours,
        )
        self.world = build(self, request)
        self.given_graph = None if graph is None else self.world.supply_graph.network.copy()
        self.rewirings: list[tuple[int, Rewiring]] = []
        open_expectations(self.world)
        open_minds(self.world)
        ablate(self.world, ablation)
        follow_behaviours(self.world)
        self.ablation = ablation
        self.limits: dict[str, LimitReading] = {}
        self.keep_decisions, self.measure_every = keep_decisions, measure_every
        self.scenario = self.world.scenario
        self._closed_month: ClosedMonth | None = None
        self._space: tuple[networkx.MultiDiGraph, EconomySpace] | None = None
        self.records = tables.Records()
        self.failed_month: FailedMonth | None = None
        self.outcomes = observe(self.world)
        self.datacollector = OutcomeCollector(self.outcomes, model_reporters, agent_reporters, agenttype_reporters)

    def __getstate__(self) -> dict[str, object]:
        # Makers of agents have done their work, and are often functions that no other process can find; a space is made
        # anew by whoever asks for it.
        return self.__dict__ | {"added_agent_factories": (), "_space": None}

    @whole_month
    def step(self) -> None:
        """Run one month.

        Raises
        ------
        FailedMonthError : a month failed before this one.
        WorldCollapsed : an outcome left its declared range, or is no number: the economy keeps the months before.
        """
        world, before = self.world, self._closed_month
        last_ai = None if before is None else before.ai
        disturbances = steps.begin_month(world, self.shocks)
        steps.meet_at_the_bank_of_japan(world, disturbances)
        steps.set_prices(world)
        support = steps.pay_programme(world, last_ai)
        bought = steps.buy_chips_under_a_deal(world)
        steps.build_data_centres(world)
        ai = steps.run_ai_industry(world, disturbances, support, bought, last_ai)
        output = steps.run_goods_and_labour(world, disturbances, ai)
        # What comes later in the month divides by output and by the rate, and takes their logarithms.
        require(world.clock.label, "real_gdp_trn_yen", 12.0 * world.state.real_gdp)
        require(world.clock.label, "nominal_gdp_trn_yen", 12.0 * world.state.nominal_gdp)
        incomes = steps.pay_incomes_and_taxes(world, disturbances, ai, output)
        steps.spend_public_money(world, output.public, incomes)
        portfolio = steps.plan_portfolios(world, incomes)
        softbank = steps.decide_softbank(world, support)
        added = steps.let_added_agents_act(world, self.outcomes)
        steps.judge_fiscal_policy(world, disturbances, support)
        bonds = steps.finance_the_government(world, disturbances)
        orders = currency_orders(world, disturbances, ai, output, incomes, portfolio, softbank, added, bonds)
        prices = run_sessions(world, orders, disturbances)
        require(world.clock.label, "usdjpy", prices.usdjpy.item(-1))
        settle_intervention(world.ledger, prices.currency)
        settle_hedges(world.ledger, prices.currency)
        settle_dollars(world.ledger, world.state.usdjpy, prices.usdjpy, added)
        revalue_positions(world, prices, disturbances)
        steps.close_the_books(world, ai)
        self._closed_month = ClosedMonth(disturbances, support, ai, output, incomes, portfolio, softbank, bonds, prices)
        if (world.month + 1) % self.measure_every == 0:
            self._measure(world, self._closed_month)
        if world.month + 1 >= 12 * self.years:
            self.running = False

    def _measure(self, world: World, month: ClosedMonth) -> None:
        """Measure the month just closed and keep what it was like."""
        self.limits = month_limits(world, month)
        self.outcomes = observe(world, month.ai.services, month.output, self.limits)
        decisions = month_decisions(world, month, self.limits) if self.keep_decisions else []
        require_all(world.clock.label, self.outcomes)
        parts = world.foreign_exchange.parts
        self.records.add(world.clock.date.isoformat(), self.outcomes, month.prices, parts, decisions)
        self.datacollector.collect(self)

    def _may_step(self) -> None:
        refuse_after_failure(self)

    def stand_failed(self, failed: FailedMonth, closed: int, outcomes: dict[str, float]) -> None:
        """Stand after ``closed`` months with their ``outcomes``, in a month that failed."""
        self.failed_month, self.outcomes = failed, outcomes
        measured = closed // self.measure_every
        self.records.forget_months_after(measured)
        self.datacollector.forget_months_after(measured)
        self.ledger.forget_months_after(closed)
        # Mesa has counted the month already.
        self.steps = closed

    def run(self, years: int | None = None, on_month: Callable[[int], None] | None = None) -> JapanEconomy:
        """Run ``years`` (default: those given at construction), calling ``on_month`` after each month."""
        refuse_after_failure(self)
        for _ in range(12 * (self.years if years is None else years)):
            self.step()
            if on_month is not None:
                on_month(self.clock.month)
        return self

    @property
    def closed_month(self) -> ClosedMonth:
        """What happened in the last month.

        Raises
        ------
        RuntimeError : no month has been run.
        """
        if self._closed_month is None:
            raise RuntimeError("no month has been run yet: call step() first")
        return self._closed_month

    def branch(self, policy: str | Policy | None = None, scenario: str | Scenario | None = None) -> JapanEconomy:
        """A copy of this economy as it stands, under another policy or scenario from next month on.

        The copy draws the same random numbers, so that it goes on bit for bit as this one where nothing differs.

        Parameters
        ----------
        policy, scenario : as in the constructor; None keeps them.

        Raises
        ------
        InputError : unknown names.
        """
        copied = copy.deepcopy(self)
        world = copied.world
        if scenario is not None:
            begins = Month.of(world.start_state.date).plus(1)
            world = replace(world, scenario=find_scenario(scenario).on_calendar(begins))
        if policy is not None:
            world = replace(world, policy=find_policy(policy))
            follow_policy(world.policy, world.clock, world.government, world.bank_of_japan)
        copied.world, copied.scenario = world, world.scenario
        return copied

    def follow(self, policy: str | Policy) -> None:
        """Put another policy in the place of the one that this economy has: its dated rules hold from next month on.

        Parameters
        ----------
        policy : as in the constructor; one of ``Policy.followed_by`` goes on as the old one until its month.
        """
        self.world = replace(self.world, policy=find_policy(policy))

    def rewire(
        self,
        add: Iterable[EdgeLike] = (),
        remove: Iterable[EdgeLike] = (),
        swap: Iterable[tuple[EdgeLike, EdgeLike]] = (),
        without: Iterable[str] = (),
    ) -> None:
        """Change the graph from next month on, and compile it again; an empty change is none.

        Edges are tuples ``(source, target, kind)``, with a share if they are added, or text such as
        ``"nvidia > kddi: chips = 0.5"``.  See :class:`itcho.model.chips.rewiring.GraphRewired` for changes at a date.

        Parameters
        ----------
        add : new edges; the target's other edges of that kind keep their proportions in what is left.
        remove : edges that go; the target's other edges of that kind take their part.
        swap : pairs of edges of a kind that exchange their targets, so that everybody keeps as many.
        without : names whose trade and support go.

        Raises
        ------
        InputError : what is wrong, all of it; nothing has changed then.
        """
        refuse_after_failure(self)
        change = rewiring(add, remove, swap, without)
        if change == Rewiring():
            return
        rewire(self.world, change)
        self.rewirings.append((len(self.ledger.history), change))

    def draw_from(self, streams: Streams) -> None:
        """Draw random numbers from other streams from now on."""
        self.world = replace(self.world, streams=streams)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision so far: of each single agent, and of groups in sums; see ``itcho.agents.decisions``."""
        return tuple(decision for month in self.records.decisions for decision in month)

    def decision_table(self) -> DataFrame:
        """The same as a table: ``month, agent, members, rule, saw`` (JSON), ``wanted, unit, bound_by, did``."""
        tell_of_failure(self)
        return self.records.decision_table()

    def monthly_table(self) -> DataFrame:
        """Outcomes by month, tidy."""
        tell_of_failure(self)
        return self.records.monthly_table()

    def daily_table(self) -> DataFrame:
        """Market prices by session."""
        tell_of_failure(self)
        return self.records.daily_table()

    def fx_attribution(self) -> DataFrame:
        """Who moved the yen: log points by month and client; each row adds to the month's change.

        Column ``added_agents`` is there only if the economy has any.
        """
        tell_of_failure(self)
        table = self.records.fx_attribution()
        return table if self.world.added_agents else table.drop(columns="added_agents")

    def flow_table(self) -> DataFrame:
        """The flow matrix by month and sector."""
        tell_of_failure(self)
        return tables.flow_table(self.records.dates, self.ledger)

    def edge_table(self, full: bool = False) -> DataFrame:
        """Who paid whom, by month; ``full`` adds edges of members."""
        tell_of_failure(self)
        return tables.edge_table(self.records.dates, self.ledger, full)

    @property
    def graph(self) -> networkx.MultiDiGraph:
        """A copy of the graph that carries the economy, with last month's flows (``flow_trn_yen``) on its edges."""
        tell_of_failure(self)
        return tables.graph_with_flows(self.world)

    @property
    def space(self) -> EconomySpace:
        """The graph as Mesa's ``Network``: agents stand in cells of their names; made when it is first asked for."""
        from itcho.model.mesa_space import EconomySpace

        network = self.world.supply_graph.network
        if self._space is None or self._space[0] is not network:
            self._space = network, EconomySpace(self)
        return self._space[1]

    def graph_with_members(self) -> networkx.MultiDiGraph:
        """The same with adopters, the edges among them and their contracts."""
        tell_of_failure(self)
        return tables.graph_with_members(self.world)

    def payments_off_edges(self) -> DataFrame:
        """Payments of the last month that lie on no edge of their kind: there are none."""
        return tables.payments_off_edges(self.world)

    def save(self, path: str | Path) -> None:
        """Keep this world by content, with a digest of this month; see :meth:`load` and ``itcho.model.kept_world``.

        Raises
        ------
        InputError : it holds what cannot be kept (added agents, code without a name); nothing is written then.
        """
        refuse_after_failure(self)
        kept_world.save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path, *, checked: bool = True) -> JapanEconomy:
        """Come back to a saved month, or to the end of a run's folder, by running again to it.

        The world is proved to be the same by its digest; ``checked=False`` runs the same inputs without proof.

        Raises
        ------
        InputError : no saved economy, one of another model version, or another world came out.
        """
        return kept_world.load(cls, Path(path), checked=checked)

    def net_foreign_assets(self) -> float:
        """Japan's claims on the rest of the world less its debts to it, trillion yen."""
        return net_foreign_assets(self.ledger)

    def household_equity_wealth(self) -> float:
        """Households' listed equity and fund units (of fund units the part in equity), trillion yen."""
        return household_equity_wealth(self.ledger, self.parameters)

    def carry_dollars_identity(self) -> tuple[float, float]:
        """Carry traders' dollars from their members and from the ledger, trillion yen: equal, or the ledger leaks."""
        return carry_dollars_identity(self.world)

    start_state = Part(lambda world: world.start_state)
    policy = Part(lambda world: world.policy)
    parameters = Part(lambda world: world.parameters)
    without = Part(lambda world: world.without)
    streams = Part(lambda world: world.streams)
    clock = Part(lambda world: world.clock)
    outside = Part(lambda world: world.outside)
    state = Part(lambda world: world.state)

    government = Part(lambda world: world.government)
    bank_of_japan = Part(lambda world: world.bank_of_japan)
    softbank_group = Part(lambda world: world.softbank_group)
    softbank_corp = Part(lambda world: world.softbank_corp)
    suppliers = Part(lambda world: world.suppliers)
    chip_importers = Part(lambda world: world.chip_importers)
    investors = Part(lambda world: world.investors)
    adopters = Part(lambda world: world.adopters)
    added_agents = Part(lambda world: world.added_agents)

    fiscal_doubt = Part(lambda world: world.fiscal_doubt)

    ledger = Part(lambda world: world.ledger)
    treasury = Part(lambda world: world.treasury)
    portfolios = Part(lambda world: world.portfolios)
    incomes = Part(lambda world: world.incomes)
    softbank_accounts = Part(lambda world: world.softbank_accounts)

    goods = Part(lambda world: world.goods)
    labour = Part(lambda world: world.labour)
    bonds = Part(lambda world: world.bonds)
    equities = Part(lambda world: world.equities)
    foreign_exchange = Part(lambda world: world.foreign_exchange)
    treasurers = Part(lambda world: world.treasurers)
    chip_market = Part(lambda world: world.chip_market)
    chip_tiers = Part(lambda world: world.chip_tiers)
    supply_graph = Part(lambda world: world.supply_graph)
    ai_services = Part(lambda world: world.ai_services)
    ai_firm_finance = Part(lambda world: world.ai_firm_finance)
