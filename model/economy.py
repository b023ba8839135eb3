"""The economy of Japan: :class:`JapanEconomy`, whose :meth:`~JapanEconomy.step` is the month on one page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from itcho.agents.compiled import total
from itcho.agents.investors import CARRY
from itcho.agents.vocabulary import (
    CARRY_TRADERS,
    FUND_UNITS,
    HOUSEHOLDS,
    JAPANESE_EQUITY,
    OFFSHORE_DOLLARS,
    SOFTBANK_EQUITY,
    Sector,
)
from itcho.model import monthly_steps as steps
from itcho.model import tables
from itcho.model.added_agents import AgentFactory
from itcho.model.clock import Clock, Month
from itcho.model.construction import build
from itcho.model.disturbances import Disturbances, Shock
from itcho.model.ledger_records import total_of_columns
from itcho.model.mesa_face import OutcomeCollector, PopulationModel
from itcho.model.outcomes import observe
from itcho.model.parameters import Parameters
from itcho.model.policies import Policy
from itcho.model.policies import policy as find_policy
from itcho.model.randomness import Streams
from itcho.model.scenarios import Scenario
from itcho.model.scenarios import scenario as find_scenario
from itcho.model.sizes import checked_sizes
from itcho.model.start_states import load

CHANNELS = frozenset({"carry", "credibility", "pass_through", "wealth"})
"""Channels that can be switched off to answer "why"."""


class JapanEconomy(PopulationModel):
    """Japan, with heterogeneous agents, one ledger, an emergent yen and a supply chain.

    Parameters
    ----------
    scenario, policy : names, paths of files or objects; see ``itcho.model.scenarios`` and ``itcho.model.policies``.
    start : name of a start state, or the path of one.
    rng : seed, an integer or its text.
    years : length that :meth:`run` takes by default.
    investors, importers, adopters : sizes of the populations.
    parameters : a :class:`Parameters`, or overrides by name.
    without : channels to switch off, out of :data:`CHANNELS`; credibility is on only in scenarios that ask for it.
    noise : False makes one path without shocks; risk limits then use long-run volatility.
    shocks : disturbances of an experiment; see ``itcho.model.disturbances``.
    dated_events : False leaves out the start state's dated events (SoftBank's signed payments).

    member_edges : whether :meth:`edge_table` can name every chip importer.
    added_agents : makers of agents of the user's own, called with the economy; see ``docs/adding_an_agent.md``.

    Raises
    ------
    InputError : unknown names, values out of bounds, sizes below one, an inconsistent start state.
    """

    def __init__(
        self,
        scenario: str | Scenario = "baseline",
        policy: str | Policy = "actual",
        start: str = "2026-03-31",
        rng: Any = None,
        years: int = 10,
        investors: int = 2000,
        importers: int = 300,
        adopters: int = 1000,
        parameters: Parameters | Mapping[str, float] | None = None,
        without: Collection[str] = (),
        noise: bool = True,
        dated_events: bool = True,
        shocks: Sequence[Shock] = (),
        member_edges: bool = False,
        added_agents: Sequence[AgentFactory] = (),
    ) -> None:
        super().__init__(rng=rng)
        sizes = checked_sizes(investors, importers, adopters, years, without, CHANNELS)
        self.start_state = load(start)
        begins = Month.of(self.start_state.date).plus(1)
        self.scenario, self.policy = find_scenario(scenario).on_calendar(begins), find_policy(policy)
        self.parameters = (
            parameters if isinstance(parameters, Parameters) else Parameters().replace(**(parameters or {}))
        )
        self.shocks = tuple(shocks)
        self.disturbances = Disturbances()
        self.years, self.without, self.dated_events = years, frozenset(without), dated_events
        self.streams = Streams(self.seed, noise_off=not noise)
        self.clock = Clock(self.start_state.date)
        self.added_agent_factories = tuple(added_agents)
        build(self, self.start_state, sizes)
        self.ledger.keep_member_edges = member_edges
        self.records = tables.Records()
        self.outcomes = observe(self)
        self.datacollector = OutcomeCollector(self.outcomes)

    def step(self) -> None:
        """Run one month."""
        steps.begin_month(self)
        steps.meet_at_the_bank_of_japan(self)
        steps.set_prices(self)
        steps.pay_programme(self)
        steps.run_ai_industry(self)
        steps.run_goods_and_labour(self)
        steps.pay_incomes_and_taxes(self)
        steps.spend_public_money(self)
        steps.plan_portfolios(self)
        steps.decide_softbank(self)
        steps.let_added_agents_act(self)
        steps.judge_fiscal_policy(self)
        steps.finance_the_government(self)
        steps.trade_sessions(self)
        steps.revalue_balance_sheets(self)
        steps.close_the_books(self)
        self.outcomes = observe(self)
        self.records.add(self)
        self.datacollector.collect(self)

    def run(self, years: int | None = None, on_month: Callable[[int], None] | None = None) -> JapanEconomy:
        """Run ``years`` (default: those given at construction), calling ``on_month`` after each month."""
        for _ in range(12 * (self.years if years is None else years)):
            self.step()
            if on_month is not None:
                on_month(self.clock.month)
        return self

    def monthly_table(self) -> Any:
        """Outcomes by month, tidy."""
        return self.records.monthly_table()

    def daily_table(self) -> Any:
        """Market prices by session."""
        return self.records.daily_table()

    def fx_attribution(self) -> Any:
        """Who moved the yen: log points by month and client; each row adds to the month's change.

        Column ``added_agents`` is there only if the economy has any.
        """
        table = self.records.fx_attribution()
        return table if self.added_agents else table.drop(columns="added_agents")

    def flow_table(self) -> Any:
        """The flow matrix by month and sector."""
        return tables.flow_table(self)

    def edge_table(self, full: bool = False) -> Any:
        """Who paid whom, by month; ``full`` adds edges of members."""
        return tables.edge_table(self, full)

    @property
    def graph(self) -> Any:
        """The supply chain as a networkx graph, with last month's flows on its edges."""
        return tables.graph_with_flows(self)

    def save(self, path: str | Path) -> None:
        """Write what is needed to come back to this month; see :meth:`load`."""
        tables.save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> JapanEconomy:
        """Come back to a saved month, by running again to it: the same bits, by construction."""
        return tables.load(cls, Path(path))

    def household_equity_wealth(self) -> float:
        """Households' listed equity and fund units, trillion yen (of fund units the part in equity)."""
        held = self.ledger.position
        return (
            held(JAPANESE_EQUITY, HOUSEHOLDS)
            + held(SOFTBANK_EQUITY, HOUSEHOLDS)
            + self.parameters.equity_share_of_fund_units * held(FUND_UNITS, HOUSEHOLDS)
        )

    def net_foreign_assets(self) -> float:
        """Japan's claims on the rest of the world less its debts to it, trillion yen."""
        return -total_of_columns(self.ledger.positions, self.ledger.of_sector(Sector.REST_OF_WORLD))

    def carry_dollars_identity(self) -> tuple[float, float]:
        """Carry traders' dollars from their members and from the ledger, trillion yen: equal, or the ledger leaks."""
        rows = self.portfolios.rows[CARRY]
        members = total(self.investors.columns["position_usd"][rows]) * self.state.usdjpy / 1000.0
        return members, self.ledger.position(OFFSHORE_DOLLARS, CARRY_TRADERS)

    def softbank_value(self, ai_log_return: Any, usdjpy: Any) -> Any:
        """SoftBank Group's live net asset value inside a month, trillion yen; one session or an array of them."""
        group, position = self.softbank_group, self.softbank_position
        own_log_return = ai_log_return + self.disturbances.softbank_holdings_log_return
        moved = np.exp(own_log_return) * usdjpy / self.state.usdjpy
        live = (group.listed + group.unlisted_true) * moved
        return live + (position.telecom - position.asset_backed - position.net_debt)

    intervention_bn_usd = 0.0
    world_equity_log = 0.0
    equity_value_followed = 0.0
    softbank_index = 1.0
    softbank_loss_trn_yen = 0.0
    bail_outs_before = 0
    exchanged_income_share = 0.0
    expected_issuance_trn_yen_year = 0.0
    foreign_bond_purchases_trn_yen = 0.0
    domestic_share_before_pct: float | None = None
    services: Any = None
    chips: Any = None
    ai_firms: Any = None
    programme_return_trn_yen = 0.0
    current_account_months = 0
    chip_import_months = 0
