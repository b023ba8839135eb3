"""What happened in a month: records that one step returns and later ones take.

Amounts are trillion yen of the month unless said.  Nothing here lasts: what lasts is in :mod:`itcho.model.world`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.government import CentralSpending
from itcho.agents.rules.subsidy import Support
from itcho.agents.softbank import GroupPlan
from itcho.agents.softbank_holders import SoftBankOrders
from itcho.agents.vocabulary import FOREIGN_INVESTORS
from itcho.model.ai.firm_finance import AiFirmMonth
from itcho.model.ai.records import AIServicesMonth
from itcho.model.chips.market import ChipsMonth
from itcho.model.disturbances import Disturbances
from itcho.model.finance.foreign_exchange import CurrencyMonth
from itcho.model.finance.portfolios import PortfolioMonth
from itcho.model.goods.market import Demand

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AIMonth:
    """What the AI industry did.

    Attributes
    ----------
    chips, services, firms : orders and deliveries of chips, sales of AI services, and the AI firms' accounts.
    services_imports : AI services and licences bought from abroad.
    service_exports : AI services sold abroad.
    """

    chips: ChipsMonth
    services: AIServicesMonth
    firms: AiFirmMonth
    services_imports: float
    service_exports: float


@dataclass(frozen=True, slots=True)
class PublicDemand:
    """What the state and local governments buy and hand on.

    Attributes
    ----------
    central : of the general account, by kind.
    consumption, investment : of all governments.
    local_transfers : of local governments and social security.
    """

    central: CentralSpending
    consumption: float
    investment: float
    local_transfers: float


@dataclass(frozen=True, slots=True)
class OutputMonth:
    """Demand and output.

    Attributes
    ----------
    demand : of households, firms and trade.
    public : of governments.
    wage_bill : of the whole economy.
    """

    demand: Demand
    public: PublicDemand
    wage_bill: float


@dataclass(frozen=True, slots=True)
class IncomeMonth:
    """Incomes that later steps need.

    Attributes
    ----------
    from_abroad : primary income received from abroad by party.
    boj_remittance : of the Bank of Japan's profit to the ministry.
    """

    from_abroad: Mapping[str, float]
    boj_remittance: float


@dataclass(frozen=True, slots=True)
class SoftBankMonth:
    """What SoftBank Group did.

    Attributes
    ----------
    plan : its payments, sales and borrowing.
    dollars_bought : for yen, on balance.
    holders : what holders of its shares bought by type, and the discount at which buyers took them.
    equity_pressed_pct : of their price that other Japanese shares lose to what margin calls made holders sell.
    """

    plan: GroupPlan
    dollars_bought: float
    holders: SoftBankOrders
    equity_pressed_pct: float = 0.0


@dataclass(frozen=True, slots=True)
class BondMonth:
    """What the bond market did.

    Attributes
    ----------
    bought : of JGBs by party, net.
    net_issuance : of bonds and bills, at market value, less what was redeemed at face.
    boj_planned, boj_wanted : purchases of the Bank of Japan: the announced plan, and with what keeps reserves at their
        floor.
    superlongs_issued, superlongs_usual : super-longs that the ministry issued, and would have in its usual mix.
    boj_superlongs : bought by the Bank of Japan.
    """

    bought: Mapping[str, float]
    net_issuance: float
    boj_planned: float
    boj_wanted: float
    superlongs_issued: float = 0.0
    superlongs_usual: float = 0.0
    boj_superlongs: float = 0.0

    @property
    def foreign_purchases(self) -> float:
        """Of JGBs by foreign investors."""
        return self.bought[FOREIGN_INVESTORS]


@dataclass(frozen=True, slots=True)
class SessionPrices:
    """Prices of the month's sessions, (21,) each, and the flows they came from.

    Attributes
    ----------
    usdjpy : yen per dollar; ``equity``, ``softbank``, ``world`` : start = 1; ``jgb_10y`` : percent.
    world_log_return, ai_log_return : of world equity and of AI-related equity abroad over the month.
    currency : the currency market's month.
    """

    usdjpy: Array
    equity: Array
    softbank: Array
    world: Array
    jgb_10y: Array
    world_log_return: float
    ai_log_return: float
    currency: CurrencyMonth


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month as it was closed.

    Attributes
    ----------
    disturbances : of an experiment.
    support : what the programme decided.
    """

    disturbances: Disturbances
    support: Support
    ai: AIMonth
    output: OutputMonth
    incomes: IncomeMonth
    portfolio: PortfolioMonth
    softbank: SoftBankMonth
    bonds: BondMonth
    prices: SessionPrices
