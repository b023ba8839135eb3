"""SoftBank: the Group that holds AI companies on borrowed money, and the Corp that runs telecoms and data centres.

The two are distinct legal persons with separate balance sheets; the Group owns about 40% of the Corp.  Financial
policy as published: loan-to-value below 25% in normal times and 35% at most, cash for two years of bond redemptions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from itcho.agents.limits import LimitReading
from itcho.agents.limits_of_holders import SOFTBANK_BONDS
from itcho.agents.mesa_typed import Agent, Model
from itcho.agents.places import Placed
from itcho.agents.softbank_assets import NamedAssets, OwnMoves, accepted_bid_bn_usd, bid_room_trn_yen
from itcho.agents.softbank_funding import (
    Funding,
    Needs,
    Sources,
    bond_capacity_trn_yen,
    fund,
    proceeds_trn_yen,
    sale_to_hold_ratio,
)
from itcho.agents.views import ParameterValues

_NOTHING_TRN_YEN = 1e-9
_LARGE_NEWS = 700.0
"""Log-odds beyond which the exponential leaves the range of floats."""


class GroupPosition(NamedTuple):
    """The Group's balance sheet at market value, trillion yen, as the company reports it.

    Attributes
    ----------
    listed, unlisted : foreign holdings; unlisted at the last mark.
    telecom : its stake in the Corp.
    cash : deposits.
    bonds, loans : debt without recourse-limited loans.
    asset_backed : margin loans and loans on shares, paid from the asset alone.
    """

    listed: float
    unlisted: float
    telecom: float
    cash: float
    bonds: float
    loans: float
    asset_backed: float

    @property
    def holdings(self) -> float:
        """Holdings net of asset-backed loans: the denominator of the company's loan-to-value."""
        return self.listed + self.unlisted + self.telecom - self.asset_backed

    @property
    def net_debt(self) -> float:
        """Debt less cash, asset-backed loans left out."""
        return self.bonds + self.loans - self.cash

    @property
    def ltv_pct(self) -> float:
        """Loan-to-value by the company's definition, percent."""
        return 100.0 * self.net_debt / max(self.holdings, 1e-9)

    @property
    def ltv_with_margin_loans_pct(self) -> float:
        """Loan-to-value with margin loans inside, percent."""
        gross = self.holdings + self.asset_backed
        return 100.0 * (self.net_debt + self.asset_backed) / max(gross, 1e-9)

    @property
    def net_asset_value(self) -> float:
        """Holdings less net debt."""
        return self.holdings - self.net_debt


def loan_to_value_after_fall(position: GroupPosition, fall: float) -> float:
    """Loan-to-value, percent, if holdings fall by the share ``fall`` before anything else happens."""
    return 100.0 * position.net_debt / (position.holdings * (1.0 - fall))


class GroupPlan(NamedTuple):
    """What the Group does in a month, trillion yen.

    Attributes
    ----------
    commitment : payment on a signed commitment (unlisted holding bought).
    investment : other purchases of AI holdings (listed).
    sale_listed, sale_unlisted : holdings sold, before discount.
    new_bonds, new_loans, new_asset_backed : net borrowing by kind; negative repays.
    dollar_funded : part of the purchases that dollar borrowing pays for, and that therefore buys no dollars for yen.
    distress : 0 calm, 1 above the normal limit, 2 above the exceptional limit or short of cash.
    deferral_fee : paid for an instalment that is put off.
    price_pressure : part of their price that listed holdings lose by the sale.
    """

    commitment: float = 0.0
    investment: float = 0.0
    sale_listed: float = 0.0
    sale_unlisted: float = 0.0
    new_bonds: float = 0.0
    new_loans: float = 0.0
    new_asset_backed: float = 0.0
    dollar_funded: float = 0.0
    distress: int = 0
    deferral_fee: float = 0.0
    price_pressure: float = 0.0


class GroupView(NamedTuple):
    """What the Group saw and wanted when it planned a month, trillion yen.

    Attributes
    ----------
    ltv_pct, target_pct : its loan-to-value, and the one it steers for.
    cash, cash_floor : deposits, and what they are to be at least.
    sale_wanted : of listed holdings.
    margin_wanted, margin_room : asset-backed borrowing wanted, and what collateral leaves room for.
    bonds_wanted, bond_capacity : bonds it would have sold, and what the market takes.
    deferred : instalments put off.
    """

    ltv_pct: float
    target_pct: float
    cash: float
    cash_floor: float
    sale_wanted: float
    margin_wanted: float
    margin_room: float
    bonds_wanted: float
    bond_capacity: float
    deferred: float


class SoftBankGroup(Placed, Agent):
    """The holding company.

    Attributes
    ----------
    marks_trn_yen, true_unlisted_trn_yen : what the books say the unlisted holdings are worth, and what they are worth.
    commitments_bn_usd : signed payments by month of the run.
    has_stake_in_openai : whether the graph has that edge; without it nothing of what it signed falls due.
    belief_in_backing : how sure it is of state backing, 0 to 1; moves with what the state does, see :meth:`hear`.
    clean_year : whether the running fiscal year gave no sign of backing.
    momentum : smoothed monthly log return of AI holdings.
    spread_pct : credit spread on new debt.
    rating_cut : whether a downgrade is in force.
    rescue_considered : whether the state has looked at this spell of distress.
    line_limit_bn_usd, line_end_month, line_drawn : of its credit line: limit, month of the run in which it ends, and
        what is drawn, trillion yen.
    deferred_bn_usd : instalments put off, which fall due next month.
    seen : what it saw and wanted when it last planned; None before.
    pressed : part of their price that listed holdings have lost by its own sales and not regained, log points.
    named : Arm and OpenAI among its holdings.
    bid_bn_usd : price of a company that it buys this month.
    bids_paid_bn_usd, bids_refused_bn_usd : of companies bought, and on offer and too dear, since the start.
    """

    def __init__(self, model: Model, commitments_bn_usd: dict[int, float], belief_in_backing: float) -> None:
        super().__init__(model)
        self.commitments_bn_usd = dict(commitments_bn_usd)
        self.has_stake_in_openai = True
        self.belief_in_backing = belief_in_backing
        self.clean_year = True
        self.momentum = 0.0
        self.spread_pct = 2.0
        self.rating_cut = False
        self.distress = 0
        self.rescue_considered = False
        self.listed = 0.0
        self.unlisted_mark = 0.0
        self.unlisted_true = 0.0
        self.asset_backed = 0.0
        self.line_limit_bn_usd, self.line_end_month, self.line_drawn = 0.0, 0, 0.0
        self.deferred_bn_usd = 0.0
        self.seen: GroupView | None = None
        self.pressed = 0.0
        self.named = NamedAssets()
        self.bid_bn_usd = self.bids_refused_bn_usd = self.bids_paid_bn_usd = 0.0
        self._signed_part = 1.0

    def open_line(self, limit_bn_usd: float, end_month: int) -> None:
        """Take a credit line that can be drawn until a month of the run."""
        self.line_limit_bn_usd, self.line_end_month = limit_bn_usd, end_month

    def open_books(
        self, listed: float, unlisted: float, asset_backed: float, arm: float = 0.0, openai: float = 0.0
    ) -> None:
        """Take these holdings and asset-backed loans, trillion yen; unlisted ones are worth what they are marked at.

        Arm is part of the listed ones, OpenAI of the others.
        """
        self.named = NamedAssets(min(arm, listed), min(openai, unlisted))
        self.listed = listed
        self.unlisted_mark = self.unlisted_true = unlisted
        self.asset_backed = asset_backed

    def book(self, plan: GroupPlan) -> None:
        """Change holdings and asset-backed loans by what was planned and carried out."""
        self.asset_backed += plan.new_asset_backed
        listed_left = self.listed - plan.sale_listed
        self.listed = (self.listed - plan.sale_listed) * (1.0 - plan.price_pressure) + plan.investment
        if plan.price_pressure > 0.0:
            self.pressed -= math.log1p(-plan.price_pressure)
        # A sale takes the same part of what holdings are worth as of what they are marked at.
        kept = 1.0 - plan.sale_unlisted / self.unlisted_mark if self.unlisted_mark > 0.0 else 1.0
        self.named.sell(listed_left, kept, self._signed_part * plan.commitment, plan.price_pressure)
        self.unlisted_mark = kept * self.unlisted_mark + plan.commitment
        self.unlisted_true = kept * self.unlisted_true + plan.commitment

    def lose_asset_backed(self, written_off_trn_yen: float) -> None:
        """Owe so much less on asset-backed loans."""
        self.asset_backed -= written_off_trn_yen

    def mark(
        self,
        ai_log_return: float,
        fx: float,
        own_news: float,
        quarter_end: bool,
        p: ParameterValues,
        own: OwnMoves = OwnMoves(),  # noqa: B008 - a tuple, which nobody can change
    ) -> None:
        """Move holdings with the month's prices; unlisted ones are marked at the quarter's end, part of the way.

        Parameters
        ----------
        ai_log_return : of the holdings in dollars; ``fx`` is yen per dollar over the month before.
        own_news : standardised news on what unlisted holdings are worth.
        own : what Arm and OpenAI gained beyond AI shares.
        """
        regained = self.pressed * (1.0 - 0.5 ** (1.0 / p.softbank_pressure_half_life_months))
        self.pressed -= regained
        listed, unlisted = math.exp(ai_log_return + regained) * fx, math.exp(ai_log_return) * fx
        wobble = p.softbank_unlisted_volatility_pct / 100.0 / math.sqrt(12.0) * own_news
        unlisted *= math.exp(wobble)
        arm, openai = self.named.move(listed, unlisted, own)
        self.listed = self.listed * listed + arm
        self.unlisted_true = self.unlisted_true * unlisted + openai
        self.unlisted_mark *= fx
        self.named.convert(fx)
        if quarter_end and self.unlisted_mark > 0.0:
            self.unlisted_mark += p.softbank_mark_lag_share * (self.unlisted_true - self.unlisted_mark)
        self.unlisted_mark += self.named.mark(p.softbank_mark_lag_share, quarter_end, own.openai_round)

    def hold_openai(self, has_stake: bool) -> None:
        """Have the graph's stake in OpenAI, or none."""
        self.has_stake_in_openai = has_stake

    def enter_distress(self, beyond_limit: bool, state_has_a_stake: bool) -> bool:
        """Whether the state is to look at this spell of distress now: once for each, and only if it has a stake."""
        if not beyond_limit:
            self.rescue_considered = False
            return False
        if self.rescue_considered or not state_has_a_stake:
            return False
        self.rescue_considered = True
        return True

    def learn(self, monthly_log_return: float, p: ParameterValues) -> None:
        """Update momentum from the month's return on AI equity abroad."""
        self.momentum += (monthly_log_return - self.momentum) / p.softbank_momentum_months

    def hear(
        self, support_trn_yen: float, gate_waived: bool, rescues: int, year_ends: bool, p: ParameterValues
    ) -> None:
        """Move the belief in state backing with what the state did in the month.

        Its log-odds rise with support paid, waived gates and rescues, and fall with every fiscal year that saw none of
        them.  Who is certain, at 0 or 1, stays so.

        Parameters
        ----------
        support_trn_yen : paid to, or guaranteed for, the national company and the Corp's data centres.
        gate_waived : whether the project was paid although it had missed its target.
        rescues : of the Group in the month.
        year_ends : whether the month is the last of its fiscal year.
        """
        news = (
            p.softbank_belief_support_weight_per_trn * support_trn_yen
            + p.softbank_belief_waived_gate_weight * gate_waived
            + p.softbank_belief_rescue_weight * rescues
        )
        self.clean_year = self.clean_year and news == 0.0
        if year_ends:
            news -= p.softbank_belief_clean_year_weight * self.clean_year
            self.clean_year = True
        if news != 0.0:
            # odds x e^news, written so that neither certainty nor large news overflows
            doubt = (1.0 - self.belief_in_backing) * math.exp(-max(news, -_LARGE_NEWS))
            self.belief_in_backing /= max(self.belief_in_backing + doubt, 1e-300)

    def consider_bids(
        self, offers_bn_usd: tuple[float, ...], month: int, position: GroupPosition, usdjpy: float, p: ParameterValues
    ) -> None:
        """Buy the dearest company on offer that leaves loan-to-value at its limit after a year's signed payments."""
        signed = sum(self.commitments_bn_usd.get(month + ahead, 0.0) for ahead in range(12))
        needs = (signed * self.has_stake_in_openai + self.deferred_bn_usd) * usdjpy / 1000.0
        room = bid_room_trn_yen(position.net_debt, position.holdings, needs, p)
        self.bid_bn_usd = accepted_bid_bn_usd(offers_bn_usd, room, usdjpy)
        self.bids_paid_bn_usd += self.bid_bn_usd
        self.bids_refused_bn_usd += sum(offers_bn_usd) - self.bid_bn_usd

    def target_ltv_pct(self, p: ParameterValues) -> float:
        """Loan-to-value it steers for: higher when prices, or its belief in backing since the start, have risen."""
        pro_cyclical = p.softbank_momentum_response * 12.0 * self.momentum
        hazard = 1.0 + p.softbank_moral_hazard_elasticity * (self.belief_in_backing - p.softbank_backing_belief)
        target = (p.softbank_target_ltv_pct + 100.0 * pro_cyclical) * hazard
        return max(5.0, min(p.softbank_ltv_normal_limit_pct, target))

    def credit_spread_pct(self, ltv_pct: float, p: ParameterValues) -> float:
        """Spread on new debt: base, slope and convexity in loan-to-value, a downgrade, less the belief in backing."""
        ratio = ltv_pct / 100.0
        spread = (
            p.softbank_spread_base_pct
            + p.softbank_spread_slope_pct * ratio
            + p.softbank_spread_convexity_pct * max(0.0, ratio - 0.25) ** 2
            + (p.softbank_downgrade_spread_pct if self.rating_cut else 0.0)
        )
        return spread * (1.0 - p.softbank_backing_to_group_share * self.belief_in_backing)

    def ask_spread(self, ltv_pct: float, p: ParameterValues) -> None:
        """Take the spread that lenders ask at this loan-to-value."""
        self.spread_pct = self.credit_spread_pct(ltv_pct, p)

    def plan(self, month: int, position: GroupPosition, usdjpy: float, p: ParameterValues) -> GroupPlan:
        """Decide the month's payments and how they are funded; see :mod:`itcho.agents.softbank_funding`."""
        ltv = position.ltv_pct
        self.rating_cut = ltv > p.softbank_downgrade_ltv_pct or (
            self.rating_cut and ltv > p.softbank_ltv_normal_limit_pct
        )
        self.ask_spread(ltv, p)
        cash_floor = p.softbank_cash_years_of_redemptions * position.bonds / p.softbank_bond_life_years
        self.distress = 0
        if ltv > p.softbank_ltv_exceptional_limit_pct or position.cash < 0.5 * cash_floor:
            self.distress = 2
        elif ltv > p.softbank_ltv_normal_limit_pct:
            self.distress = 1
        needs = self._needs(month, position, cash_floor, usdjpy, p)
        wanted = self._sale_wanted(needs, position, p)
        sale = min(wanted, 0.5 * position.listed, p.softbank_sale_limit_trn_yen_monthly)
        unlisted = 0.0
        if self.distress == 2:
            unlisted = min(wanted - sale, self._unlisted_depth(position, p))
        sources = self._sources(month, needs, position, cash_floor, sale, unlisted, usdjpy, p)
        funding = fund(needs, sources)
        before_bonds = funding.raised.sale_planned + funding.raised.cash + funding.raised.line
        self.seen = GroupView(
            ltv_pct=ltv,
            target_pct=self.target_ltv_pct(p),
            cash=position.cash,
            cash_floor=cash_floor,
            sale_wanted=wanted,
            margin_wanted=p.softbank_margin_share_of_commitments * needs.instalment,
            margin_room=self._collateral(position, p) - position.asset_backed,
            bonds_wanted=max(0.0, needs.total - before_bonds - funding.raised.on_purchase),
            bond_capacity=sources.bonds,
            deferred=funding.deferred,
        )
        return self._as_plan(needs, funding, sale, unlisted, position, usdjpy, p)

    def readings(self) -> tuple[LimitReading, ...]:
        """What the bond market's limit did in the last month that was planned."""
        seen = self.seen
        if seen is None:
            return ()
        short = max(0.0, seen.bonds_wanted - seen.bond_capacity)
        slack = 1.0 - seen.bonds_wanted / seen.bond_capacity if seen.bond_capacity > 0.0 else -1.0
        return (SOFTBANK_BONDS.reading(max(slack, -1.0), float(short > _NOTHING_TRN_YEN), short),)

    def _needs(
        self, month: int, position: GroupPosition, cash_floor: float, usdjpy: float, p: ParameterValues
    ) -> Needs:
        """What falls due in the month."""
        signed = self.commitments_bn_usd.get(month, 0.0) if self.has_stake_in_openai else 0.0
        due = signed + self.deferred_bn_usd
        instalment = (due + self.bid_bn_usd) * usdjpy / 1000.0
        self._signed_part = due / (due + self.bid_bn_usd) if self.bid_bn_usd > 0.0 else 1.0
        room = (self.target_ltv_pct(p) - position.ltv_pct) / 100.0
        return Needs(
            instalment=instalment,
            investment=0.0 if self.distress else self._investment(room, position.holdings, p),
            redemptions=position.bonds / (12.0 * p.softbank_bond_life_years),
            line_due=min(self.line_drawn, position.loans) if month >= self.line_end_month else 0.0,
            margin_call=max(0.0, position.asset_backed - self._collateral(position, p)),
            floor_missing=max(0.0, cash_floor - position.cash),
        )

    def _sale_wanted(self, needs: Needs, position: GroupPosition, p: ParameterValues) -> float:
        """Listed holdings to sell to keep loan-to-value: all that payments need, part of what is beyond already."""
        bought = needs.instalment + needs.investment
        before = (position.net_debt, position.holdings, position.listed)
        after = (position.net_debt + bought + needs.margin_call, position.holdings + bought + needs.margin_call)
        ratio, pressure = p.softbank_planning_ltv_pct / 100.0, p.softbank_sale_pressure
        beyond = 0.0
        if self.distress:
            target = min(self.target_ltv_pct(p) / 100.0, ratio)
            beyond = sale_to_hold_ratio(*before, target, pressure)
        speeds = (0.0, p.softbank_sale_speed_monthly, p.softbank_forced_sale_speed_monthly)
        wanted = speeds[self.distress] * beyond
        if bought + needs.margin_call > 0.0:
            already = sale_to_hold_ratio(*before, ratio, pressure)
            wanted += max(0.0, sale_to_hold_ratio(*after, position.listed, ratio, pressure) - already)
        return wanted

    def _sources(
        self,
        month: int,
        needs: Needs,
        position: GroupPosition,
        cash_floor: float,
        sale: float,
        sale_unlisted: float,
        usdjpy: float,
        p: ParameterValues,
    ) -> Sources:
        """What each source can give in the month."""
        pressure, listed = p.softbank_sale_pressure, position.listed
        on_assets = max(0.0, self._collateral(position, p) - position.asset_backed)
        on_purchase = min(p.softbank_margin_share_of_commitments * needs.instalment, on_assets)
        line = self.line_limit_bn_usd * usdjpy / 1000.0 - self.line_drawn if month < self.line_end_month else 0.0
        depth = p.softbank_sale_limit_trn_yen_monthly
        most = max(min(0.5 * listed, depth), sale)
        kept = 1.0 - p.softbank_unlisted_sale_discount
        return Sources(
            cash=max(0.0, position.cash - cash_floor),
            sale_planned=proceeds_trn_yen(sale, listed, pressure) + kept * sale_unlisted,
            line=0.0 if self.distress == 2 else max(0.0, line),
            on_purchase=on_purchase,
            bonds=bond_capacity_trn_yen(position.ltv_pct, self.rating_cut, p),
            on_assets=on_assets - on_purchase,
            sale_more=proceeds_trn_yen(most, listed, pressure) - proceeds_trn_yen(sale, listed, pressure),
            unlisted=kept * (self._unlisted_depth(position, p) - sale_unlisted),
        )

    def _as_plan(
        self,
        needs: Needs,
        funding: Funding,
        sale: float,
        sale_unlisted: float,
        position: GroupPosition,
        usdjpy: float,
        p: ParameterValues,
    ) -> GroupPlan:
        """The month's payments and borrowing, with what is left over repaying the line, loans and bonds."""
        raised, listed, pressure = funding.raised, position.listed, p.softbank_sale_pressure
        proceeds = proceeds_trn_yen(sale, listed, pressure) + raised.sale_more
        sold = sale if raised.sale_more == 0.0 else _sold_for(proceeds, listed, pressure)
        loans = position.loans - needs.line_due
        repaid_loans = min(loans, funding.left_over)
        repaid_bonds = min(max(0.0, position.bonds - needs.redemptions), funding.left_over - repaid_loans)
        self.deferred_bn_usd = funding.deferred * 1000.0 / usdjpy
        self.line_drawn += raised.line - needs.line_due
        self.line_drawn = max(0.0, self.line_drawn - repaid_loans)
        asset_backed = raised.on_purchase + raised.on_assets - needs.margin_call
        return GroupPlan(
            commitment=needs.instalment - funding.deferred,
            investment=needs.investment,
            sale_listed=sold,
            sale_unlisted=sale_unlisted + raised.unlisted / (1.0 - p.softbank_unlisted_sale_discount),
            new_bonds=raised.bonds - needs.redemptions - repaid_bonds,
            new_loans=raised.line - needs.line_due - repaid_loans,
            new_asset_backed=asset_backed,
            dollar_funded=asset_backed + raised.line + p.softbank_dollar_bond_share * raised.bonds,
            distress=self.distress,
            deferral_fee=p.softbank_deferral_fee * funding.deferred,
            price_pressure=pressure * sold / listed if listed > 0.0 else 0.0,
        )

    @staticmethod
    def _investment(room: float, holdings: float, p: ParameterValues) -> float:
        """Purchases of AI holdings with ``room`` below the loan-to-value it steers for."""
        wanted = p.softbank_releveraging_speed_monthly * room * holdings
        return max(0.0, min(wanted, p.softbank_investment_limit_trn_yen_year / 12.0))

    @staticmethod
    def _unlisted_depth(position: GroupPosition, p: ParameterValues) -> float:
        """Unlisted holdings that find a buyer in a month, before discount."""
        return min(0.1 * position.unlisted, 0.5 * p.softbank_sale_limit_trn_yen_monthly)

    @staticmethod
    def _collateral(position: GroupPosition, p: ParameterValues) -> float:
        """Loans that holdings carry within their haircuts."""
        listed = (1.0 - p.softbank_haircut_listed) * position.listed
        return listed + (1.0 - p.softbank_haircut_unlisted) * position.unlisted


def _sold_for(proceeds: float, listed: float, pressure: float) -> float:
    """Listed holdings whose sale brings ``proceeds``; the inverse of ``proceeds_trn_yen``."""
    if pressure * proceeds == 0.0:
        return proceeds
    return listed / pressure * (1.0 - math.sqrt(max(0.0, 1.0 - 2.0 * pressure * proceeds / listed)))


class SoftBankCorp(Placed, Agent):
    """The telecom company: leads the national AI company and builds data centres out of its cash flow.

    Attributes
    ----------
    data_centre_plan_trn_yen : what is left of the six-year plan.
    wanted_trn_yen, spent_trn_yen : on data centres in the last month.
    """

    def __init__(self, model: Model, data_centre_plan_trn_yen: float, plan_months: int) -> None:
        super().__init__(model)
        self.data_centre_plan_trn_yen = data_centre_plan_trn_yen
        self.monthly_plan_trn_yen = data_centre_plan_trn_yen / plan_months if plan_months else 0.0
        self.wanted_trn_yen = self.spent_trn_yen = 0.0

    def data_centre_spending(self, group_ltv_pct: float) -> float:
        """Data-centre spending of the month: the plan, cut as the Group's loan-to-value passes its normal limit."""
        room = max(0.0, 1.0 - 3.0 * max(0.0, group_ltv_pct / 100.0 - 0.25) / 0.10)
        self.wanted_trn_yen = min(self.data_centre_plan_trn_yen, self.monthly_plan_trn_yen)
        self.spent_trn_yen = spending = min(self.data_centre_plan_trn_yen, self.monthly_plan_trn_yen * room)
        self.data_centre_plan_trn_yen -= spending
        return spending
