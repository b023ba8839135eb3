"""The same rules as plain Mesa agents: one object an agent, one call an agent and step.

A faithful twin, not a straw man: scalars are Python floats, what the group shares is computed once for all, and agents
are called with ``AgentSet.do``, the fastest way Mesa has.
"""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np

from itcho.agents.carry_traders import LOSS_CUT
from itcho.agents.chip_importers import PlanningConditions, budget_factor, pipeline_months, replacement_rate


class SessionSignals:
    """What the group sees in a session; the defaults are a session like any other."""

    attitude, wanted, most, most_of_wealth, ruin = 0.2, 150.0, 340.0, 5.0, 0.1
    book, appetite, limit, margin, speed, loss, pause = 200.0, 1.1, 0.95, 0.05, 0.1, 0.01, 40.0
    dollars_per_wealth = 6.25


class SpeculativeTrader(mesa.Agent):
    """A trader that reads the day as a fundamentalist or a chartist and holds dollars within its wealth."""

    def __init__(
        self,
        model: Market,
        weight: float,
        tilt: float,
        exposure: float,
        leverage: float,
        wealth: float,
        position: float,
    ) -> None:
        super().__init__(model)
        self.weight, self.tilt, self.exposure, self.leverage = weight, tilt, exposure, leverage
        self.wealth, self.position = wealth, position

    def step(self) -> None:
        """Order for one session."""
        market = self.model
        signals = market.signals
        load, limit = self.weight * self.exposure, self.weight * signals.most
        if signals.attitude > self.tilt:
            market.as_fundamentalists += load
        else:
            market.as_chartists += load
        backed = self.wealth * signals.dollars_per_wealth
        most = signals.most_of_wealth * backed if self.leverage * backed > signals.ruin * limit else 0.0
        wanted = min(max(load * signals.wanted, -limit), limit)
        after = min(max(self.position + signals.speed * (wanted - self.position), -most), most)
        market.net_order += after - self.position
        self.position = after


class CarryTrader(mesa.Agent):
    """A carry trader with a leverage limit and a stop-loss."""

    def __init__(
        self,
        model: Market,
        weight: float,
        exposure: float,
        headroom: float,
        stop_loss: float,
        leverage: float,
        wealth: float,
        position: float,
    ) -> None:
        super().__init__(model)
        self.weight, self.exposure, self.headroom, self.stop_loss = weight, exposure, headroom, stop_loss
        self.leverage, self.wealth, self.position, self.cooldown = leverage, wealth, position, 0.0

    def step(self) -> None:
        """Order for one session."""
        market = self.model
        signals = market.signals
        if self.cooldown > 0.0:
            self.cooldown -= 1.0
        own, backed = signals.book * self.weight, max(0.0, self.wealth) * signals.dollars_per_wealth
        wanted = min(
            own * max(0.0, 1.0 + self.exposure * (signals.appetite - 1.0)),
            backed * self.leverage * self.headroom * signals.limit,
            backed / signals.margin,
        )
        order = 0.0
        if backed < LOSS_CUT * signals.margin * self.position:
            order = -self.position
            self.cooldown = signals.pause
        elif signals.loss > self.stop_loss and self.cooldown == 0.0 and self.position > 0.0:
            order = -0.5 * self.position
            self.cooldown = signals.pause
        elif self.cooldown == 0.0 or wanted < self.position:
            order = signals.speed * (wanted - self.position)
        market.net_order += order
        self.position += order


class Market(mesa.Model):
    """Speculative and carry traders of one currency, session by session."""

    def __init__(self, traders: dict[str, Any], carry: dict[str, Any]) -> None:
        super().__init__(rng=1)
        self.signals = SessionSignals()
        self.net_order = self.as_fundamentalists = self.as_chartists = 0.0
        names: tuple[str, ...] = ("weight", "tilt", "exposure", "leverage", "wealth", "position_usd")
        for row in range(traders["weight"].size):
            SpeculativeTrader(self, *(float(traders[name][row]) for name in names))
        names = ("weight", "exposure", "headroom", "stop_loss", "leverage", "wealth", "position_usd")
        for row in range(carry["weight"].size):
            CarryTrader(self, *(float(carry[name][row]) for name in names))

    def step(self) -> None:
        """One session."""
        self.net_order = self.as_fundamentalists = self.as_chartists = 0.0
        self.agents.do("step")


class Adopter(mesa.Agent):
    """A firm that may adopt AI; see ``itcho.agents.adopters`` for what the attributes are."""

    def __init__(self, model: Economy, row: dict[str, float], peers: list[int]) -> None:
        super().__init__(model)
        self.__dict__.update(row)
        self.peers = peers

    def step(self) -> None:
        """One month of adoption."""
        economy = self.model
        laws = economy.laws
        others_use, others_deep = laws["mean_use"], laws["mean_deep"]
        if self.peers:
            use = deep = 0.0
            before_use, before_deep = economy.before_use, economy.before_deep
            for peer in self.peers:
                use += before_use[peer]
                deep += before_deep[peer]
            weight = laws["peer_weight"]
            others_use = (1.0 - weight) * others_use + weight * use / len(self.peers)
            others_deep = (1.0 - weight) * others_deep + weight * deep / len(self.peers)
        relative = laws["scale"] / (1.0 + self.resistance * laws["common_resistance"])
        hazard = (laws["use_innovation"] + laws["use_imitation"] * others_use) * relative
        self.use_survival /= 1.0 + hazard + 0.5 * hazard * hazard
        hazard = (laws["deep_innovation"] + laws["deep_imitation"] * others_deep) * relative
        self.deep_survival /= 1.0 + hazard + 0.5 * hazard * hazard
        reached = (laws["use_ceiling"] * (1.0 - self.use_survival) - self.position) * self.per_width
        self.use_share = max(self.use_share, min(reached, 1.0))
        before = self.deep
        reached = (laws["deep_ceiling"] * (1.0 - self.deep_survival) - self.position) * self.per_width
        depth = max(before, min(reached, self.use_share))
        effect = 0.0
        if depth > 0.0:
            passing = laws["passing"]
            self.age = (self.age + 1.0) * before / depth
            self.learning += passing * (self.adjusting - self.learning)
            self.adjusting += passing * (self.reorganising - self.adjusting)
            self.reorganising += depth - before - passing * self.reorganising
            changing = self.reorganising + self.adjusting
            effect = depth - changing - self.learning - laws["dip"] * changing + laws["learned"] * self.learning
        self.deep = depth
        economy.total_use += self.size * self.use_share
        economy.total_deep += self.size * depth
        gain = self.gain * laws["widening"] * (effect + (self.use_share - depth) * laws["light_depth"])
        economy.level += self.size * math.exp(gain)


class Economy(mesa.Model):
    """Firms that adopt AI and look at their trading partners."""

    def __init__(self, columns: dict[str, Any], peers: list[list[int]], laws: dict[str, float]) -> None:
        super().__init__(rng=1)
        self.laws = laws
        self.total_use = self.total_deep = self.level = 0.0
        self.before_use: list[float] = []
        self.before_deep: list[float] = []
        names = {
            "size": "size",
            "resistance": "resistance",
            "latent_position": "position",
            "per_width": "per_width",
            "gain": "gain",
            "use_survival": "use_survival",
            "deep_survival": "deep_survival",
            "use_share": "use_share",
            "deep": "deep",
            "reorganising": "reorganising",
            "adjusting": "adjusting",
            "learning": "learning",
            "depth_age_months": "age",
        }
        for row, partners in enumerate(peers):
            Adopter(self, {short: float(columns[name][row]) for name, short in names.items()}, partners)

    def step(self) -> None:
        """One month."""
        self.total_use = self.total_deep = self.level = 0.0
        self.before_use = [firm.use_share for firm in self.agents]
        self.before_deep = [firm.deep for firm in self.agents]
        self.agents.do("step")
        self.laws["mean_use"], self.laws["mean_deep"] = self.total_use, self.total_deep


class Importer(mesa.Agent):
    """A chip importer that plans its orders; see ``itcho.agents.chip_importers.plan_orders``."""

    def __init__(self, model: Planning, row: dict[str, float]) -> None:
        super().__init__(model)
        self.__dict__.update(row)

    def step(self) -> None:
        """Plan one month's orders."""
        plan = self.model
        p, known = plan.parameters, plan.conditions
        desired = self.compute_intensity * self.expected_revenue_trn_yen * plan.scale
        owned = (self.compute - self.programme_compute) * known.chip_price_index
        pipeline = self.orders_outstanding_bn_usd - self.programme_orders_bn_usd
        gap = desired * plan.stock_factor - owned - pipeline
        wanted = desired * plan.flow_factor + gap / p.chip_order_adjustment_months
        value = self.compute * plan.yen_per_unit + self.plant
        assets = value + self.cash_trn_yen
        debt = self.debt_trn_yen + self.bonds
        soft, hard = p.ai_firm_leverage_soft_limit, p.ai_firm_leverage_limit
        access = min(max((hard - debt / max(assets, 1e-12)) / max(hard - soft, 1e-9), 0.0), 1.0)
        orders = max(wanted, 0.0) * plan.budget * access
        credit = max(hard * assets - debt, 0.0)
        margin = self.expected_revenue_trn_yen * known.lead_time_months * p.ai_firm_expected_margin_share
        committed = self.orders_outstanding_bn_usd * known.usdjpy / 1000.0
        free = self.cash_trn_yen - self.earmarked_trn_yen
        affordable = max(free + credit + margin - committed, 0.0) * 1000.0 / known.usdjpy
        self.order = min(orders, affordable)
        plan.total += self.order


class Planning(mesa.Model):
    """Chip importers that plan a month's orders."""

    def __init__(self, columns: dict[str, Any], conditions: PlanningConditions, parameters: Any) -> None:
        super().__init__(rng=1)
        self.parameters, self.conditions, self.total = parameters, conditions, 0.0
        growth, lead = conditions.expected_growth_monthly, conditions.lead_time_months
        rate = replacement_rate(growth, parameters)
        price = (
            conditions.chip_price_index
            / conditions.chip_price_index_start
            * conditions.budget_usdjpy
            / (conditions.usdjpy_start * conditions.cpi_index)
        )
        self.scale = (
            conditions.world_ai_demand_index**parameters.importer_world_demand_elasticity
            * price**parameters.chip_price_elasticity
            * conditions.chip_price_index
            / (conditions.chip_price_index_start * conditions.cpi_index)
        )
        self.stock_factor = 1.0 + rate * pipeline_months(lead, growth)
        self.flow_factor = rate * float(np.exp(growth * lead))
        self.budget = budget_factor(conditions, parameters)
        self.yen_per_unit = conditions.chip_price_index * conditions.budget_usdjpy / 1000.0
        names = (
            "compute",
            "programme_compute",
            "orders_outstanding_bn_usd",
            "programme_orders_bn_usd",
            "plant",
            "cash_trn_yen",
            "earmarked_trn_yen",
            "debt_trn_yen",
            "bonds",
            "compute_intensity",
            "expected_revenue_trn_yen",
        )
        for row in range(columns["compute"].size):
            Importer(self, {name: float(columns[name][row]) for name in names})

    def step(self) -> None:
        """One month."""
        self.total = 0.0
        self.agents.do("step")
