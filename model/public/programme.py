"""The AI programme in the ledger: what a subsidy rule decides is paid, owed and returned here, and nowhere else.

All of it goes through the AI special account.  Money paid and money that comes back are booked in the fiscal year's
figures; what comes back also counts as the programme's return, and so do taxes on the activity that it funded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import ImporterColumns, programme_shares
from itcho.agents.compiled import total
from itcho.agents.lazy_agent_set import Column
from itcho.agents.population import MemberRows, Population
from itcho.agents.rules.gate import GateView
from itcho.agents.rules.subsidy import EQUITY, GRANT, GUARANTEED_LOAN, Payment, ProgrammeView, Support
from itcho.agents.vocabulary import AI_FIRM_EQUITY, AI_SPECIAL_ACCOUNT, FIRMS, LOANS, OTHER_DEBT_SECURITIES
from itcho.model.ai.firm_finance import AiFirmMonth, ProgrammeActivity
from itcho.model.ai.records import AIServicesMonth
from itcho.model.chips.compiled_graph import GiverShares
from itcho.model.month_records import AIMonth
from itcho.model.world import World

Array = NDArray[np.float64]

GRANTS, EQUITY_PURCHASE, LOAN = "ai_programme", "programme_equity", "guaranteed_loans"
ROYALTY, REPAYMENT, STAKE_SALE = "programme_royalty", "programme_repayment", "programme_stake_sale"
FEE, LOSS, ADOPTION, VOUCHERS = "guarantee_fee", "guarantee_payment", "adoption_subsidy", "contract_vouchers"
"""Purposes in the ledger."""

_MONTHS_A_YEAR = 12.0
_ROUNDING_TRN_YEN = 1e-9


class ReadOnlyColumns(Mapping[str, Column]):
    """The columns of a population as arrays that cannot be written."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns

    def __getitem__(self, name: str) -> Column:
        view = self._columns[name].view()
        view.setflags(write=False)
        return view

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def programme_view(world: World, last: AIMonth | None) -> ProgrammeView:
    """What the ministry knows at the start of the month; ``last`` is the AI industry's month before."""
    clock, state, government = world.clock, world.state, world.government
    memory = government.memory
    gap = -12.0 * float(world.ai_services.capability.gaps()[0])
    home_share = world.ai_services.domestic_share * 100.0 if last is None else last.services.domestic_ai_share_home_pct
    return ProgrammeView(
        month=clock.month,
        fiscal_year=clock.fiscal_year,
        month_of_fiscal_year=clock.month_of_fiscal_year,
        frontier_gap_months=gap,
        spent_trn_yen=memory.programme_spent_trn_yen,
        received_trn_yen=memory.programme_received_trn_yen,
        spent_this_year_trn_yen=government.year.programme,
        adoption_cost_trn_yen=0.0 if last is None else last.services.integration_cost,
        ai_corporate_tax_trn_yen=0.0 if last is None else last.firms.corporate_tax,
        nominal_gdp_trn_yen=state.nominal_gdp_four_quarters,
        domestic_ai_share_pct=home_share,
        usdjpy=state.usdjpy,
        own_investment=partial(_own_investment, world, last),
        # Its keys and arrays are those of the columns: it differs in that nothing can be written.
        importers=cast(ImporterColumns, ReadOnlyColumns(world.chip_importers.arrays)),
        row_of=world.chip_importers.row_of_name,
        remembered=government.remembered_by(government.subsidy),
        gate=partial(_gate, world),
    )


def _gate(world: World) -> GateView:
    """What the cabinet is like at a missed gate, with the month's lot."""
    government, streams = world.government, world.streams
    lot = 0.5 if streams.noise_off else float(streams.generator("gate", world.month).random())
    return GateView(government.politics.stop_probability(government.sunk_share), lot)


def _own_investment(world: World, last: AIMonth | None) -> Array:
    """Importers' own orders of chips and own plant last month, trillion yen; before the first month the plans."""
    columns, state = world.chip_importers.columns, world.state
    if last is None:
        return np.asarray(columns["plant_plan_trn_yen"].copy())
    chips = last.chips
    own = chips.orders_bn_usd * (state.usdjpy * chips.chip_price_markup / 1000.0)
    own -= programme_shares(world.parameters)[0] * chips.programme_spending_trn_yen
    np.maximum(own, 0.0, out=own)
    own += chips.plant_volume_trn_yen * (state.consumer_price * world.outside.path.data_centre_cost_factor)
    return np.asarray(own)


def pay_support(world: World, last: AIMonth | None) -> Support:
    """Ask the subsidy rule, pay what it decides, and collect what it calls back; returns what it decided.

    ``last`` is the AI industry's month before.
    """
    government, importers = world.government, world.chip_importers
    support = government.decide_support(programme_view(world, last))
    importers.columns["subsidy_trn_yen"].fill(0.0)
    if support.guarantee is not None:
        government.memory.take_guarantee(support.guarantee)
    for payment in support.payments:
        _pay(world, payment)
    if support.claw_back is not None:
        _collect(world, support.claw_back, importers.columns["earmarked_trn_yen"][support.claw_back], REPAYMENT)
    if support.sell_stake:
        _sell_stake(world)
    finished = government.programme_left_trn_yen <= _ROUNDING_TRN_YEN
    government.memory.watch_project(_to_the_project(support), support.given_up, finished, _behind_target(world))
    return support


def members_in(importers: Population[ImporterColumns], rows: NDArray[np.int64]) -> MemberRows:
    """These rows for the ledger; a single one as a slice, whose columns it need not copy."""
    if rows.size != 1:
        return MemberRows(importers, rows)
    row = rows.item(0)
    return MemberRows(importers, slice(row, row + 1))


def _pay(world: World, payment: Payment) -> None:
    """Pay along the edges of support: who has none gets nothing, and what it would have got is not spent."""
    ledger, importers, government = world.ledger, world.chip_importers, world.government
    links = world.supply_graph.compiled
    members, amounts = members_in(importers, payment.rows), payment.amounts_trn_yen
    supported = links.supported[payment.rows]
    if not supported.all():
        amounts = np.where(supported, amounts, 0.0)
    spent = total(amounts)
    if payment.form == GRANT:
        ledger.pay(AI_SPECIAL_ACCOUNT, members, amounts, GRANTS)
    elif payment.form == EQUITY:
        ledger.trade(AI_SPECIAL_ACCOUNT, members, AI_FIRM_EQUITY, amounts, 1.0, EQUITY_PURCHASE)
    elif payment.form == GUARANTEED_LOAN:
        lenders = GiverShares(links.lenders.parties, links.lenders.share[:, payment.rows])
        ledger.trade(lenders.side, members, LOANS, lenders.split(amounts), 1.0, LOAN)
        _guaranteed(world)[payment.rows] += amounts
        spent = 0.0
    else:
        raise ValueError(f"payment of an unknown form '{payment.form}'")
    importers.columns["subsidy_trn_yen"][payment.rows] += amounts
    government.book_programme(spent_trn_yen=spent)


def _collect(world: World, rows: NDArray[np.int64], owed: Array, purpose: str) -> float:
    """Take what rows owe, as far as their cash goes; programme money they give back is no longer earmarked."""
    columns = world.chip_importers.columns
    earmarked = columns["earmarked_trn_yen"]
    free = columns["cash_trn_yen"][rows] - (0.0 if purpose == REPAYMENT else earmarked[rows])
    amounts = np.minimum(owed, np.maximum(free, 0.0))
    if not amounts.any():
        return 0.0
    world.ledger.pay(members_in(world.chip_importers, rows), AI_SPECIAL_ACCOUNT, amounts, purpose)
    if purpose == REPAYMENT:
        earmarked[rows] -= amounts
    return _book_return(world, float(amounts.sum()))


def _book_return(world: World, amount_trn_yen: float) -> float:
    world.government.book_programme(received_trn_yen=amount_trn_yen)
    world.government.memory.count_return(amount_trn_yen)
    return amount_trn_yen


def taxes_on_activity_trn_yen(activity: ProgrammeActivity, labour_tax_share: float, supplies_tax_share: float) -> float:
    """Taxes and contributions of a month on what the programme funded, trillion yen.

    Parameters
    ----------
    labour_tax_share : taxes and social contributions over wages, as posted in the month.
    supplies_tax_share : all taxes and contributions on a yen of value added.
    """
    return labour_tax_share * activity.wages + supplies_tax_share * activity.supplies + activity.corporate_tax


def _sell_stake(world: World) -> None:
    """Sell the state's shares to other firms at their price of the day."""
    value = world.ledger.position(AI_FIRM_EQUITY, AI_SPECIAL_ACCOUNT)
    if value <= 0.0:
        return
    world.ledger.trade(FIRMS, AI_SPECIAL_ACCOUNT, AI_FIRM_EQUITY, value, 1.0, STAKE_SALE)
    _book_return(world, value)


def pay_adopters(world: World, services: AIServicesMonth, support: Support) -> None:
    """Pay the state's part of firms' cost of making AI part of their work, and of contracts under vouchers."""
    for owed, budget, purpose in (
        (services.adoption_subsidy_due, support.adoption_budget_trn_yen, ADOPTION),
        (services.contract_vouchers_due, support.contract_budget_trn_yen, VOUCHERS),
    ):
        due = min(owed, budget)
        if due > 0.0 and world.supply_graph.compiled.firms_supported:
            world.ledger.pay(AI_SPECIAL_ACCOUNT, FIRMS, due, purpose)
            world.government.book_programme(spent_trn_yen=due)


def _guaranteed(world: World) -> Array:
    """Balance of guaranteed loans by row, kept by the government."""
    return world.government.memory.guaranteed_loans(len(world.chip_importers))


def guaranteed_share(world: World) -> Array | float:
    """Part of each importer's debt that the state guarantees, (n,); 0 if there is no guarantee."""
    memory = world.government.memory
    if memory.guaranteed_trn_yen is None:
        return 0.0
    columns = world.chip_importers.columns
    debt = columns["debt_trn_yen"] + columns["bonds"]
    return np.asarray(memory.guarantee.share * np.minimum(memory.guaranteed_trn_yen / np.maximum(debt, 1e-12), 1.0))


class Defaults:
    """What lenders write off in the accounts of a month, by importer: made before they are settled, read after.

    Parameters
    ----------
    world : before the AI firms' accounts of the month.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        columns = world.chip_importers.columns
        self.debt = columns["debt_trn_yen"] + columns["bonds"]
        self._failed_times = columns["failed_times"].copy()
        self._written_off = self._by_party()

    def _by_party(self) -> Array:
        ledger = self._world.ledger
        rows = [ledger.instrument_index[name] for name in (LOANS, OTHER_DEBT_SECURITIES)]
        return np.asarray(ledger.month_revaluation[rows].sum(axis=0))

    def losses(self) -> tuple[NDArray[np.bool_], Array]:
        """Who failed, and what lenders lost on each, trillion yen; parties' losses are split by debt."""
        importers = self._world.chip_importers
        failed = importers.columns["failed_times"] > self._failed_times
        owed = np.where(failed, self.debt, 0.0)
        party = self._world.ledger.parties_of_members(importers)
        total = np.bincount(party, owed, self._written_off.size)
        lost = np.maximum(self._by_party() - self._written_off, 0.0)
        return failed, owed * (lost / np.maximum(total, 1e-15))[party]


def settle_guarantees(world: World, defaults: Defaults | None) -> None:
    """Bear the state's part of lenders' losses, let guaranteed balances follow repayment, and collect fees."""
    if defaults is None:
        return
    memory, columns = world.government.memory, world.chip_importers.columns
    balance, terms = _guaranteed(world), memory.guarantee
    failed, lost = defaults.losses()
    part = np.minimum(balance / np.maximum(defaults.debt, 1e-15), 1.0)
    borne = terms.share * (lost * part)
    loss = float(borne.sum())
    if loss > 0.0:
        lenders = world.supply_graph.compiled.lenders
        for party, share in zip(lenders.parties, lenders.share, strict=True):
            world.ledger.pay(AI_SPECIAL_ACCOUNT, party, total(share * borne), LOSS)
        world.government.book_programme(spent_trn_yen=loss)
    debt = columns["debt_trn_yen"] + columns["bonds"]
    balance *= np.where(failed, 0.0, np.minimum(debt / np.maximum(defaults.debt, 1e-15), 1.0))
    rows = np.flatnonzero(balance)
    _collect(world, rows, balance[rows] * (terms.fee_pct / 100.0 / _MONTHS_A_YEAR), FEE)


def watch_defaults(world: World) -> Defaults | None:
    """Begin to watch for defaults, if there are guaranteed loans."""
    return None if world.government.memory.guaranteed_trn_yen is None else Defaults(world)


def collect_royalty(world: World, support: Support) -> None:
    """Take the royalty on this month's revenue, within its limit."""
    royalty = support.royalty
    if royalty is None:
        return
    columns = world.chip_importers.columns
    revenue = columns["revenue_trn_yen"] + columns["foreign_revenue_trn_yen"] + columns["other_revenue_trn_yen"]
    owed = royalty.share_of_revenue * revenue[royalty.rows]
    owed *= min(1.0, royalty.limit_trn_yen / max(float(owed.sum()), 1e-15))
    _collect(world, royalty.rows, owed, ROYALTY)


def count_taxes(world: World, firms: AiFirmMonth) -> None:
    """Count the taxes of the month on programme-funded activity as the programme's return."""
    taxes = taxes_on_activity_trn_yen(
        firms.programme, world.incomes.labour_tax_share, world.parameters.ai_value_added_tax_share
    )
    world.government.memory.count_return(taxes)


def gate_waived(world: World, support: Support) -> bool:
    """Whether the cabinet waived a gate, or a new fiscal year's tranche was paid to a project that is too far behind.

    Its published target says how far is too far.
    """
    if support.gate_waived:
        return True
    clock = world.clock
    if clock.month == 0 or not clock.is_fiscal_year_start or not _to_the_project(support):
        return False
    return _behind_target(world)


def _to_the_project(support: Support) -> bool:
    """Whether money goes to one company: the national project."""
    return any(payment.rows.size == 1 for payment in support.payments)


def _behind_target(world: World) -> bool:
    """Whether the national company is farther behind the frontier than its published target."""
    gap_months = -12.0 * float(world.ai_services.capability.gaps()[0])
    return gap_months > world.parameters.programme_target_gap_months
