"""What lasts from month to month: agents, accounts, markets and the outside world, each under one name."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from itcho.agents.added_agent import AddedAgent
from itcho.agents.adopters import AdopterColumns
from itcho.agents.bank_of_japan import BankOfJapan
from itcho.agents.behaviours import Behaviours
from itcho.agents.bond_holders import IssuanceExpectations
from itcho.agents.carry_traders import ExpectedRateGap
from itcho.agents.chip_importers import ImporterColumns
from itcho.agents.chip_makers import ChipMakers
from itcho.agents.debt_office import DebtOffice
from itcho.agents.fiscal_doubt import FiscalDoubt
from itcho.agents.foreign_suppliers import ForeignSupplier
from itcho.agents.government import Government
from itcho.agents.investors import InvestorColumns
from itcho.agents.negotiator import Negotiator
from itcho.agents.population import Population
from itcho.agents.softbank import SoftBankCorp, SoftBankGroup
from itcho.agents.softbank_holders import SoftBankHolders
from itcho.agents.treasurers import Treasurers
from itcho.model.ai.boom import AIBoom
from itcho.model.ai.firm_finance import AiFirmFinance
from itcho.model.ai.records import AIOpening
from itcho.model.ai.services import AIServicesMarket
from itcho.model.chips.graph import SupplyChainGraph
from itcho.model.chips.market import ChipMarket
from itcho.model.chips.tiers import ChipTiers
from itcho.model.clock import Clock
from itcho.model.finance.bonds import BondMarket
from itcho.model.finance.equities import EquityMarket, SoftBankShares
from itcho.model.finance.foreign_exchange import ForeignExchangeMarket
from itcho.model.finance.holder_limits import HolderLimits
from itcho.model.finance.portfolios import Portfolios
from itcho.model.finance.softbank_accounts import SoftBankAccounts
from itcho.model.finance.structural_flows import StructuralFlows
from itcho.model.finance.superlongs import SuperlongMarket
from itcho.model.goods.incomes import IncomeFlows
from itcho.model.goods.labour import LabourMarket
from itcho.model.goods.market import BaseFlows, GoodsMarket
from itcho.model.ledger.ledger import Ledger
from itcho.model.measure.household_groups import HouseholdGroups
from itcho.model.outside_world import OutsideWorld
from itcho.model.parameters import Parameters
from itcho.model.policies.policy import Policy
from itcho.model.public.treasury import Treasury
from itcho.model.randomness import Streams
from itcho.model.scenarios import Scenario
from itcho.model.start_states.loader import StartState
from itcho.model.state import EconomyState


@dataclass(frozen=True)
class LocalDemand:
    """Demand and transfers of local governments and social security at the start, trillion yen a month."""

    consumption: float
    investment: float
    transfers: float


@dataclass(frozen=True)
class Opening:
    """Figures of the start that later months are held against.

    Attributes
    ----------
    flows : monthly run-rates of demand.
    local : demand of local governments.
    ai, ai_imports_trn_yen : where the market for AI services stands, and what was paid abroad for them in a year.
    fees_from_firms_trn_yen : other revenue of the general account that firms pay, a month.
    treasury_cash_trn_yen : which the ministry holds again.
    boj_amortisation_share, boj_remittance_share : of its coupons, and of its profit.
    expected_rate_gap : between US and Japanese policy rates.
    carry_book_bn_usd : of carry traders.
    designer_shares : of chip designers in what is shipped.
    wealth_trn_yen : of households, net.
    yield_gap_pp, real_yield_pct : 10-year yields abroad less at home, and at home less expected inflation.
    foreign_assets_to_gdp : net, over yearly GDP.
    consumption_tax_steps : first month (of the run) and rate over that of the start, percentage points, of every step
        that the law had in it.
    """

    flows: BaseFlows
    local: LocalDemand
    ai: AIOpening
    ai_imports_trn_yen: float
    fees_from_firms_trn_yen: float
    treasury_cash_trn_yen: float
    boj_amortisation_share: float
    boj_remittance_share: float
    expected_rate_gap: ExpectedRateGap
    carry_book_bn_usd: float
    designer_shares: tuple[float, ...]
    wealth_trn_yen: float
    yield_gap_pp: float
    real_yield_pct: float
    foreign_assets_to_gdp: float
    consumption_tax_steps: tuple[tuple[int, float], ...] = ()

    def consumption_tax_points(self, month: int) -> float:
        """Rate of the consumption tax by law over that of the start, percentage points."""
        return next((points for first, points in reversed(self.consumption_tax_steps) if first <= month), 0.0)


@dataclass
class TwelveMonths:
    """Monthly figures whose sum over a year is an outcome, oldest first, trillion yen."""

    current_account: deque[float] = field(default_factory=deque)
    chip_imports: deque[float] = field(default_factory=deque)
    fiscal_balance: deque[float] = field(default_factory=deque)

    def add(self, current_account: float, chip_imports: float, fiscal_balance: float) -> None:
        """Add the month just closed; the oldest goes."""
        self.current_account.append(current_account)
        self.chip_imports.append(chip_imports)
        self.fiscal_balance.append(fiscal_balance)


@dataclass(frozen=True)
class World:
    """What lasts from month to month.

    The parts move; which parts there are does not.  What happened in a month alone is passed from step to step as
    records (:mod:`itcho.model.month_records`).
    """

    start_state: StartState
    scenario: Scenario
    policy: Policy
    parameters: Parameters
    without: frozenset[str]
    behaviours: Behaviours
    streams: Streams
    clock: Clock
    outside: OutsideWorld
    state: EconomyState
    opening: Opening

    government: Government
    bank_of_japan: BankOfJapan
    softbank_group: SoftBankGroup
    softbank_corp: SoftBankCorp
    suppliers: tuple[ForeignSupplier, ...]
    laboratories: tuple[ForeignSupplier, ...]
    chip_designers: tuple[ForeignSupplier, ...]
    chip_importers: Population[ImporterColumns]
    investors: Population[InvestorColumns]
    adopters: Population[AdopterColumns]
    added_agents: tuple[AddedAgent, ...]
    negotiator: Negotiator
    issuance_expectations: IssuanceExpectations
    fiscal_doubt: FiscalDoubt | None

    ledger: Ledger
    treasury: Treasury
    portfolios: Portfolios
    holder_limits: HolderLimits
    superlongs: SuperlongMarket
    debt_office: DebtOffice
    incomes: IncomeFlows
    structural: StructuralFlows
    softbank_accounts: SoftBankAccounts
    softbank_holders: SoftBankHolders
    twelve_months: TwelveMonths
    household_groups: HouseholdGroups

    goods: GoodsMarket
    labour: LabourMarket
    bonds: BondMarket
    equities: EquityMarket
    softbank_shares: SoftBankShares
    foreign_exchange: ForeignExchangeMarket
    treasurers: Treasurers
    chip_market: ChipMarket
    chip_tiers: ChipTiers
    supply_graph: SupplyChainGraph
    ai_services: AIServicesMarket
    ai_firm_finance: AiFirmFinance
    ai_boom: AIBoom | None
    chip_makers: ChipMakers

    @property
    def month(self) -> int:
        """Index of the current month; 0 is the first of the run."""
        return self.clock.month
