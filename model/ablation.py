"""Ablations applied: where a kind of agent is frozen, made alike or drawn anew.

What is frozen keeps all its state and takes the behaviour of a class in :mod:`itcho.agents.frozen` (or of one below,
where the model holds what an agent does).  That happens in :func:`ablate`, once, when an economy stands.  Members are
made alike while they are made; :mod:`itcho.model.construction` asks here whose.  Without an ablation nothing here does
anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import exp, inf, log
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents import frozen
from itcho.agents.ablation import ALIKE, FROZEN, Ablation, ChangedParameters
from itcho.agents.fiscal_doubt import FrozenDoubt
from itcho.agents.foreign_suppliers import SUPPLIERS, SupplierFacts, SupplierTier
from itcho.agents.investors import (
    BANK,
    CARRY,
    FOREIGN,
    FUND,
    HOUSEHOLD,
    INSURER_PENSION,
    TYPE_PARTIES,
    retail_accounts,
)
from itcho.agents.named_importers import CLOUD, DEVELOPER, DISTRIBUTOR
from itcho.agents.negotiator import FrozenNegotiator
from itcho.agents.politics import FrozenPolitics
from itcho.agents.views import ParameterValues
from itcho.model.ai.boom import AIBoom
from itcho.model.ai.capability import Capability
from itcho.model.ai.contract_market import APPLICATION, MODEL, PEOPLE
from itcho.model.ai.contract_market import CLOUD as CLOUD_LAYER
from itcho.model.chips.tiers import SESSIONS_A_MONTH, ChipMonth, ChipTiers
from itcho.model.finance.superlongs import SuperlongMarket
from itcho.model.parameters import Parameters
from itcho.model.parameters.registry import registry
from itcho.model.randomness import RedrawnStreams, Streams
from itcho.model.world import World

Array = NDArray[np.float64]

_ROLES = {
    "chip_importers": (DISTRIBUTOR, CLOUD, DEVELOPER),
    "distributors": (DISTRIBUTOR,),
    "clouds": (CLOUD,),
    "developers": (DEVELOPER,),
}
_TIERS = {
    "chip_designers": (SupplierTier.DESIGNER,),
    "foundries": (SupplierTier.FOUNDRY, SupplierTier.MEMORY),
    "laboratories": (SupplierTier.LABORATORY,),
}
_BOOM: dict[str, Callable[[AIBoom], None]] = {
    "ai_share_buyers": AIBoom.without_sentiment,
    "ai_lenders": AIBoom.without_limit,
}
_PLANNERS = (HOUSEHOLD, INSURER_PENSION, BANK, FUND, FOREIGN)
_NEVER = 1e30

Behaviour = TypeVar("Behaviour")


def streams_of(seed: int, noise_off: bool, ablation: Ablation | None) -> Streams:
    """The streams of a run, those that the ablation draws anew among them."""
    if ablation is None or not ablation.redrawn_streams:
        return Streams(seed, noise_off=noise_off)
    return RedrawnStreams(seed, noise_off, ablation.redrawn_streams)


def alike_roles(ablation: Ablation | None) -> Collection[int]:
    """Roles of chip importers whose firms are made alike."""
    return _ROLES.get(ablation.kind, ()) if ablation is not None and ablation.way == ALIKE else ()


def _alike_tiers(ablation: Ablation | None) -> Collection[SupplierTier]:
    return _TIERS.get(ablation.kind, ()) if ablation is not None and ablation.way == ALIKE else ()


def alike_facts(facts: Sequence[SupplierFacts], ablation: Ablation | None) -> tuple[SupplierFacts, ...]:
    """What the table says of suppliers abroad, those of a tier that is made alike with the mean of it."""
    tiers, found = _alike_tiers(ablation), []
    for line in facts:
        same = [other for other in facts if other.tier == line.tier]
        mean_lag = sum(other.opening_lag_months for other in same) / len(same)
        equal = replace(line, opening_share=1.0 / len(same), opening_lag_months=mean_lag)
        found.append(equal if line.tier in tiers else line)
    return tuple(found)


def alike_parameters(parameters: Parameters, ablation: Ablation | None) -> Parameters:
    """The parameters, with equal shares for suppliers abroad that are made alike, whatever the bounds say of these."""
    tiers = _alike_tiers(ablation)
    if not tiers:
        return parameters
    equal: dict[str, float] = {}
    for tier in tiers:
        names = [line.name for line in SUPPLIERS if line.tier == tier]
        for prefix in ("supply_share_", "supply_packaging_share_"):
            equal |= {f"{prefix}{name}": 1.0 / len(names) for name in names if f"{prefix}{name}" in registry()}
    definitions = dict(registry())
    for name in equal:
        definitions[name] = replace(definitions[name], low=0.0, high=1.0)
    return Parameters(definitions).replace(**{**dict(parameters), **equal})


class FrozenCapability(Capability):
    """Developers that train with what grows as usual."""

    _opening: tuple[Array, Array] | None = None

    def _training(self) -> tuple[Array, Array]:
        if self._opening is None:
            compute, share = super()._training()
            self._opening = compute * exp(-self._usual_log * self.months), share.copy()
        compute, share = self._opening
        return compute * exp(self._usual_log * self.months), share


class FrozenFoundries(ChipTiers):
    """Chip tiers whose capacity grows on trend, whatever is ordered."""

    _trend: frozen.Trend | None = None
    _opening_orders: Array | None = None

    def grow(self, growth_monthly: float, parameters: ParameterValues) -> None:
        """Take the trend of capacity, natural logarithm a month at first."""
        self._trend = frozen.Trend(growth_monthly, parameters)
        self._opening_orders = self._stocks.normal_orders.copy()

    def run_month(
        self,
        orders_bn_usd: Array,
        capacity: Array,
        sessions: int = SESSIONS_A_MONTH,
        cancel_bn_usd: Array | None = None,
        distributor_cover_months: Array | None = None,
    ) -> ChipMonth:
        """As :meth:`itcho.model.chips.tiers.ChipTiers.run_month`."""
        if self._trend is not None and self._opening_orders is not None:
            self._stocks.normal_orders[:] = self._trend.level * self._opening_orders
            self._trend.advance()
        return super().run_month(orders_bn_usd, capacity, sessions, cancel_bn_usd, distributor_cover_months)


class FrozenDistributors(ChipTiers):
    """Chip tiers whose distributors hand on what is ordered of them and nothing else."""

    def hand_on(self) -> None:
        """Expect what was sold at the start, and order no gap."""
        self._rules = self._rules._replace(distributor_reorder_share=_NEVER, distributor_expectation_months=_NEVER)
        self._prepare()


class FrozenSuperlongs(SuperlongMarket):
    """Super-longs whose holders do not get used to who has bonds."""

    def _get_used(self, tilt: float) -> float:
        if self._usual_tilt is None:
            self._usual_tilt = tilt
        return self._usual_tilt


def _become(thing: object, behaviour: type[Behaviour]) -> Behaviour:
    """Let a thing keep its state and go by the behaviour of a class that derives from its own; returns the thing."""
    if not issubclass(behaviour, type(thing)):
        raise TypeError(f"{behaviour.__name__} does not derive from {type(thing).__name__}")
    thing.__class__ = behaviour
    return cast(Behaviour, thing)


def ablate(world: World, ablation: Ablation | None) -> None:
    """Freeze a kind of agent in an economy that stands and has run no month; see ``itcho.agents.ablation``.

    Members that are not made from a draw of their own are made alike here as well.
    """
    if ablation is not None and ablation.way == FROZEN:
        _freeze(world, ablation)
    elif ablation is not None and ablation.way == ALIKE and ablation.kind in _ALIKE:
        _ALIKE[ablation.kind](world)


def _freeze(world: World, ablation: Ablation) -> None:
    kind, goods, services, market = ablation.kind, world.goods, world.ai_services, world.chip_market
    if kind == "government":
        _become(world.government, frozen.FrozenGovernment)
    elif kind == "politics":
        _become(world.government.politics, FrozenPolitics)
    elif kind == "negotiator":
        _become(world.negotiator, FrozenNegotiator)
    elif kind == "fiscal_doubt":
        if world.fiscal_doubt is not None:
            _become(world.fiscal_doubt, FrozenDoubt)
    elif kind == "bank_of_japan":
        path = world.bank_of_japan.expected_path_pct(world.state, world.parameters)
        _become(world.bank_of_japan, frozen.FrozenBankOfJapan).plan_ahead(*path)
    elif kind == "softbank":
        _become(world.softbank_group, frozen.FrozenSoftBankGroup)
        _become(world.softbank_corp, frozen.FrozenSoftBankCorp)
    elif kind in _ROLES and kind != "distributors":
        held = np.isin(world.chip_importers.columns["role"], _ROLES[kind])
        market.order_by(frozen.HeldOrders(market.plan_orders, held))
        _become(market.second_sources, frozen.HeldSources).hold(held)
        if kind == "developers":
            _become(services.capability, FrozenCapability)
    elif kind == "distributors":
        market.keep_list_prices()
        _become(world.chip_tiers, FrozenDistributors).hand_on()
    elif kind == "foundries":
        _become(world.chip_tiers, FrozenFoundries).grow(market.expected_growth_monthly, world.parameters)
    elif kind == "chip_designers":
        for designer in world.chip_designers:
            _become(designer, frozen.FrozenDesigner)
    elif kind == "laboratories":
        for laboratory in world.laboratories:
            _become(laboratory, frozen.FrozenLaboratory)
    elif kind == "venture_funders":
        world.ai_firm_finance.failure_law.fund_all()
    elif kind == "treasurers":
        world.treasurers.threshold_log[:] = inf
    elif kind == "data_centre_sites":
        market.power.connect_everybody()
    elif kind in _HOLDERS:
        _HOLDERS[kind](world)
    elif kind == "chip_makers":
        world.chip_makers.hold_orders()
    elif kind in _BOOM:
        if world.ai_boom is not None:
            _BOOM[kind](world.ai_boom)
    elif kind == "adopters":
        _become(services.adoption, frozen.FrozenAdopters)
        services.contracts.keep_contracts((MODEL, CLOUD_LAYER, APPLICATION))
    elif kind == "readiness":
        services.adoption.readiness.open_all()
    elif kind == "individuals":
        _become(services.individuals, frozen.FrozenIndividuals)
        services.contracts.keep_contracts((PEOPLE,))
    elif kind == "firms":
        _become(goods.firms, frozen.FrozenFirms)
        world.labour.raise_wages_by(frozen.HeldWages(world.labour.wage_growth_pct))
    else:
        _freeze_investors(world, kind)


def _freeze_investors(world: World, kind: str) -> None:
    p, portfolios = world.parameters, world.portfolios
    type_number = TYPE_PARTIES.index(kind)
    if kind == "households":
        _become(world.goods.households, frozen.FrozenHouseholds)
    if type_number in _PLANNERS:
        _become(portfolios.allocation, frozen.FrozenAllocation).freeze(type_number)
        _become(portfolios.mandates, frozen.FrozenMandates).freeze(type_number)
    elif type_number == CARRY:
        portfolios.columns_of(CARRY, ("stop_loss",))[0][:] = inf
        held = ChangedParameters(p, carry_adjustment_daily=0.0, carry_margin_share=1.0 / _NEVER)
        world.foreign_exchange.take_parameters(held)
    else:
        attitudes: dict[str, float] = {}
        for name, share in (("fx", world.foreign_exchange), ("equity", world.equities)):
            opening = share.fundamentalist_share
            attitudes |= {f"{name}_herding": 0.0, f"{name}_misalignment_weight": 0.0}
            attitudes[f"{name}_predisposition"] = log(opening / (1.0 - opening))
        held = ChangedParameters(p, trader_value_slope_pct_gdp=0.0, **attitudes)
        world.foreign_exchange.take_parameters(held)
        world.equities.take_parameters(held)


def _freeze_pension_funds(world: World) -> None:
    its = world.portfolios.pensions
    for bands in (its.bonds, its.foreign, its.equity):
        _become(bands, frozen.FrozenBands)


def _freeze_retail_accounts(world: World) -> None:
    stop_loss, exposure, headroom = world.portfolios.columns_of(CARRY, ("stop_loss", "exposure", "headroom"))
    accounts = retail_accounts(stop_loss, world.parameters)
    stop_loss[accounts], exposure[accounts], headroom[accounts] = inf, 0.0, _NEVER


_HOLDERS: dict[str, Callable[[World], object]] = {
    "debt_office": lambda world: _become(world.debt_office, frozen.FrozenDebtOffice),
    "pension_funds": _freeze_pension_funds,
    "superlong_holders": lambda world: _become(world.superlongs, FrozenSuperlongs),
    "bond_arbitrage": lambda world: _become(world.superlongs.funds, frozen.FrozenArbitrage),
    "softbank_holders": lambda world: _become(world.softbank_holders, frozen.FrozenSoftBankHolders),
    "retail_traders": _freeze_retail_accounts,
}


def _retail_accounts_alike(world: World) -> None:
    names = ("stop_loss", "exposure", "headroom", "wealth", "leverage")
    columns = world.portfolios.columns_of(CARRY, names)
    accounts = retail_accounts(columns[0], world.parameters)
    # Capital goes with one over leverage, and stays what it is in all.
    leverage = 1.0 / (1.0 / columns[-1][accounts]).mean() if accounts.any() else 1.0
    for column in columns[:-1]:
        column[accounts] = column[accounts].sum() / max(int(accounts.sum()), 1)
    columns[-1][accounts] = leverage


_ALIKE: dict[str, Callable[[World], None]] = {
    "pension_funds": lambda world: world.portfolios.make_pensions_alike(),
    "superlong_holders": lambda world: world.superlongs.make_habitats_alike(),
    "bond_arbitrage": lambda world: world.superlongs.funds.make_alike(),
    "softbank_holders": lambda world: world.softbank_holders.make_alike(),
    "retail_traders": _retail_accounts_alike,
}
