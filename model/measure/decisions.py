"""Decisions of a month, read off the agents and the month's records when the month is over.

Single agents each have their own, groups theirs in sums.  This is the one place where decisions are observed; nothing
here changes anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from itcho.agents.decisions import Decision
from itcho.agents.foreign_suppliers import SupplierTier
from itcho.agents.importer_rows import orders_by_role
from itcho.agents.investors import BANK, CARRY, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION, TRADER, TYPE_PARTIES
from itcho.agents.limits import LimitReading
from itcho.agents.named_importers import ROLES
from itcho.agents.treasurers import EXPORTERS, IMPORTERS
from itcho.agents.vocabulary import BANK_OF_JAPAN
from itcho.model.ai.contract_market import APPLICATION, CLOUD, MODEL, PEOPLE
from itcho.model.finance.currency_orders import carry_appetite_now
from itcho.model.month_records import ClosedMonth
from itcho.model.world import World

Limits = Mapping[str, LimitReading]

_TRN, _BN_USD, _PCT, _PCT_YEAR, _TIMES, _SHARE = "trn yen", "bn USD", "%", "% a year", "times list price", "share"
_BUYERS = "buyers"
_ROUNDING = 1e-9
_GROUP_OF_ROLE = ("distributors", "clouds", "developers")


def month_decisions(world: World, month: ClosedMonth, limits: Limits) -> list[Decision]:
    """Every decision of the month just closed; ``limits`` are what its limits did."""
    return [
        *_of_the_bank_of_japan(world, month, limits),
        *_of_the_government(world, month, limits),
        *_of_softbank(world, month, limits),
        *_of_suppliers(world),
        *_of_importers(world, month, limits),
        *_of_second_sources(world),
        *_of_users(world, month),
        *_of_households_and_firms(world, month),
        *_of_investors(world, month, limits),
        *_of_traders(world, limits),
        *_of_treasurers(world),
    ]


def _bound(limits: Limits, *names: str) -> str:
    """Names of those limits that bound somebody."""
    return " ".join(name for name in names if name in limits and limits[name].bound_share > 0.0)


def _month(world: World) -> str:
    return world.clock.date.isoformat()


def _of_the_bank_of_japan(world: World, month: ClosedMonth, limits: Limits) -> Iterator[Decision]:
    bank, bonds, when = world.bank_of_japan, month.bonds, _month(world)
    meeting = bank.meeting
    if meeting is not None:
        held = [
            name
            for name, there in (
                ("announcement", meeting.announced),
                ("inertia", abs(meeting.wanted_pct - meeting.shadow_pct) > _ROUNDING),
                ("step", abs(meeting.shadow_pct - meeting.decided_pct) > _ROUNDING),
                ("boj_lower_bound", bool(_bound(limits, "boj_lower_bound"))),
            )
            if there
        ]
        saw = {
            "inflation_pct": meeting.inflation_pct,
            "gap_pct": meeting.gap_pct,
            "natural_real_rate_pct": meeting.natural_real_rate_pct,
            "before_pct": meeting.before_pct,
            "shadow_rate_pct": meeting.shadow_pct,
        }
        yield Decision(
            when, BANK_OF_JAPAN, 1, "policy_rate", bank.rule.name, saw, meeting.wanted_pct, _PCT, " ".join(held),
            meeting.decided_pct,
        )  # fmt: skip
    bought = bonds.bought.get(BANK_OF_JAPAN, 0.0)
    held = ["reserve_floor"] if bonds.boj_wanted > bonds.boj_planned + _ROUNDING else []
    held += ["yield_cap"] if bought > bonds.boj_wanted + _ROUNDING else []
    held += ["yield_floor"] if bought < bonds.boj_wanted - _ROUNDING else []
    yield Decision(
        when, BANK_OF_JAPAN, 1, "bond_purchases", "", {"jgb_10y_pct": world.state.yields_pct[10.0]},
        bonds.boj_planned, _TRN, " ".join(held), bought,
    )  # fmt: skip
    office = world.debt_office
    yield Decision(
        when, BANK_OF_JAPAN, 1, "superlong_purchases", "", {"last_auction_tail_bp": office.tail_bp},
        bonds.boj_superlongs, _TRN, "auction_tail" if office.auction_failed else "", bonds.boj_superlongs,
    )  # fmt: skip


def _of_the_government(world: World, month: ClosedMonth, limits: Limits) -> Iterator[Decision]:
    government, support, services, when = world.government, month.support, month.ai.services, _month(world)
    paid = sum(float(payment.amounts_trn_yen.sum()) for payment in support.payments)
    claims = (
        (services.adoption_subsidy_due, support.adoption_budget_trn_yen),
        (services.contract_vouchers_due, support.contract_budget_trn_yen),
    )
    yield Decision(
        when,
        "government",
        1,
        "programme",
        government.subsidy.name,
        {
            "frontier_gap_months": services.frontier_gap_months,
            "spent_trn_yen": government.memory.programme_spent_trn_yen,
            "announced_left_trn_yen": government.programme_left_trn_yen,
        },
        paid + sum(claim for claim, _ in claims),
        _TRN,
        _bound(limits, "subsidy_budget"),
        paid + sum(min(claim, budget) for claim, budget in claims),
    )
    budget = government.budget_decision
    if budget is not None and world.clock.is_fiscal_year_start and world.month > 0:
        view = budget.view
        yield Decision(
            when,
            "government",
            1,
            "discretionary_budget",
            government.fiscal.name,
            {
                "planned_deficit_trn_yen": view.planned_deficit_trn_yen,
                "debt_to_gdp_pct": view.debt_to_gdp_pct,
                "gap_pct": view.output_gap_pct,
                "tax_effort_pct_gdp": budget.tax_effort_pct_gdp,
            },
            view.discretionary_trn_yen,
            _TRN,
            "fiscal_rule" if budget.factor != 1.0 else "",
            budget.factor * view.discretionary_trn_yen,
        )
    dollars = month.prices.currency.intervention_bn_usd
    if dollars != 0.0 or not government.stays_out:
        yield Decision(
            when, "government", 1, "intervention", government.intervention.name, {"usdjpy": world.state.usdjpy},
            dollars, _BN_USD, "", dollars,
        )  # fmt: skip
    office, bonds = world.debt_office, month.bonds
    yield Decision(
        when, "government", 1, "superlong_issuance", "", {"last_auction_tail_bp": office.tail_bp},
        bonds.superlongs_usual, _TRN, "auction_tail" if office.cut_share > 0.0 else "", bonds.superlongs_issued,
    )  # fmt: skip
    deal = government.deal_decided
    if deal.chip_purchase_trn_yen > 0.0:
        yield Decision(
            when, "government", 1, "chip_deal", government.trade.name, {"tariff_relief_pp": deal.tariff_relief_pp},
            deal.chip_purchase_trn_yen, _TRN, "", deal.chip_purchase_trn_yen,
        )  # fmt: skip


def _of_softbank(world: World, month: ClosedMonth, limits: Limits) -> Iterator[Decision]:
    group, corp, plan, when = world.softbank_group, world.softbank_corp, month.softbank.plan, _month(world)
    seen = group.seen
    if seen is None:
        return
    saw = {
        "ltv_pct": seen.ltv_pct,
        "target_ltv_pct": seen.target_pct,
        "cash_trn_yen": seen.cash,
        "cash_floor_trn_yen": seen.cash_floor,
        "belief_in_backing": group.belief_in_backing,
    }
    signed = plan.commitment
    investing = signed + plan.investment
    borrowed = plan.new_bonds + plan.new_loans + plan.new_asset_backed
    wanted = borrowed + (seen.sale_wanted if limits["softbank_ratio"].bound_share > 0.0 else 0.0)
    for what, asked, bound_by, did in (
        ("investment", investing, "softbank_ratio" if plan.distress else "", investing),
        ("asset_sales", seen.sale_wanted, _bound(limits, "softbank_sales"), plan.sale_listed),
        ("borrowing", wanted, _bound(limits, "softbank_ratio", "softbank_collateral"), borrowed),
    ):
        yield Decision(when, "softbank_group", 1, what, "", saw, asked, _TRN, bound_by, did)
    yield Decision(
        when, "softbank_corp", 1, "data_centres", "", {"ltv_pct": seen.ltv_pct}, corp.wanted_trn_yen, _TRN,
        _bound(limits, "softbank_data_centres"), corp.spent_trn_yen,
    )  # fmt: skip


def _of_suppliers(world: World) -> Iterator[Decision]:
    when, capability = _month(world), world.ai_services.capability
    availability = world.chip_tiers.availability
    for place, designer in enumerate(world.chip_designers):
        yield Decision(
            when, designer.name, 1, "price", "", {"availability": availability[place]}, designer.price_markup, _TIMES,
            "", designer.price_markup,
        )  # fmt: skip
    for supplier in world.suppliers:
        if supplier.tier in (SupplierTier.FOUNDRY, SupplierTier.MEMORY):
            yield Decision(
                when, supplier.name, 1, "capacity", "", {"capacity": supplier.capacity}, 1.0, _SHARE,
                "capacity" if supplier.capacity < 1.0 else "", supplier.capacity,
            )  # fmt: skip
    for laboratory in world.laboratories:
        behind = 12.0 * (capability.frontier - laboratory.quality) / capability.standard_deviation
        served = min(laboratory.capacity, 1.0)
        yield Decision(
            when, laboratory.name, 1, "service", "", {"behind_frontier_months": behind}, 1.0, _SHARE,
            "capacity" if served < 1.0 else "", served,
        )  # fmt: skip


def _of_importers(world: World, month: ClosedMonth, limits: Limits) -> Iterator[Decision]:
    chips, columns, when = month.ai.chips, world.chip_importers.columns, _month(world)
    sums = np.empty((3, len(ROLES)))
    orders_by_role(columns["role"], chips.orders_wanted_bn_usd, chips.own_orders_bn_usd, sums)
    members, wanted, ordered = sums.tolist()
    saw = {
        "usdjpy": world.state.usdjpy_average_3m,
        "chip_price_markup": chips.chip_price_markup,
        "desired_compute_bn_usd": chips.desired_compute_bn_usd,
        "installed_compute_bn_usd": chips.installed_compute_bn_usd,
    }
    bound_by = _bound(limits, "importer_budget", "importer_credit", "importer_cash")
    for place, name in enumerate(_GROUP_OF_ROLE):
        if members[place]:
            held = bound_by if wanted[place] > ordered[place] * (1.0 + _ROUNDING) else ""
            yield Decision(
                when, name, int(members[place]), "chip_orders", "", saw, wanted[place], _BN_USD, held, ordered[place]
            )
    stock, sales = world.chip_tiers.distributor_stock_bn_usd, world.chip_tiers.distributor_sales_bn_usd
    if sales.size:
        full = world.chip_market.full_stock_months * float(sales.sum())
        yield Decision(
            when, "distributors", sales.size, "chip_stock", "", {"sales_bn_usd": float(sales.sum())}, full, _BN_USD,
            _bound(limits, "distributor_money"), float(stock.sum()),
        )  # fmt: skip


def _of_second_sources(world: World) -> Iterator[Decision]:
    """Who looked for a second designer, and who took one; nothing in months in which nobody looks."""
    sources, columns, when = world.chip_market.second_sources, world.chip_importers.columns, _month(world)
    looking, taken = sources.looking, sources.taken
    for place, name in enumerate(_GROUP_OF_ROLE):
        here = looking[columns["role"][looking] == place]
        if not here.size:
            continue
        did = float((columns["role"][taken] == place).sum())
        working = not sources.ready[here].all()
        unserved = bool((sources.ready[here] & ~np.isin(here, taken)).any())
        held = [name for name, there in (("other_software", working), ("no_other_designer", unserved)) if there]
        saw = {"expected_fill_share": float(columns["expected_fill"][here].mean())}
        yield Decision(
            when, name, here.size, "second_designers", "", saw, float(here.size), _BUYERS, " ".join(held), did
        )


def _of_users(world: World, month: ClosedMonth) -> Iterator[Decision]:
    services, when, market = month.ai.services, _month(world), world.ai_services
    firms = len(world.adopters)
    relative = {"usdjpy": world.state.usdjpy, "domestic_ai_share_pct": services.domestic_ai_share_home_pct}
    for what, used, wanted in (
        ("use_of_ai", services.adoption_pct, 100.0 * market.adoption.ceilings[0]),
        ("deep_use_of_ai", services.deep_adoption_pct, 100.0 * market.adoption.ceilings[1]),
    ):
        yield Decision(when, "adopters", firms, what, "", relative, wanted, _PCT, "diffusion", used)
    for place, what in ((MODEL, "models"), (CLOUD, "clouds"), (APPLICATION, "applications"), (PEOPLE, "tools")):
        layer = market.contracts.layers[place]
        flows = layer.flows
        saw = {"asked_share": flows.asked, "began_share": flows.began, "home_share": layer.home_share}
        who, many = ("individuals", layer.buyers.usage.size) if place == PEOPLE else ("adopters", firms)
        yield Decision(
            when, who, many, f"suppliers_of_{what}", "", saw, flows.asked, _SHARE,
            "lock_in" if flows.switched < flows.asked else "", flows.switched,
        )  # fmt: skip
    used = services.genai_individual_use_pct
    yield Decision(when, "individuals", market.individuals.usage.size, "use_of_ai", "", {}, used, _PCT, "", used)


def _of_households_and_firms(world: World, month: ClosedMonth) -> Iterator[Decision]:
    goods, labour, when = world.goods, world.labour, _month(world)
    households, firms, p = goods.households, goods.firms, world.parameters
    members = world.portfolios.rows[HOUSEHOLD].stop - world.portfolios.rows[HOUSEHOLD].start
    outlook = households.outlook
    saw: dict[str, float] = {}
    if outlook is not None:
        saw = {
            "real_income_trn_yen": outlook.real_income_trn_yen,
            "real_wealth_index": outlook.real_wealth,
            "real_rate_gap_pp": outlook.real_rate_gap_pp,
        }
    yield Decision(
        when, "households", members, "consumption", "", saw, households.wanted, _TRN, "habit", households.consumption
    )
    seen = firms.outlook
    saw = {} if seen is None else {"gap_pct": 100.0 * seen.gap_log, "real_rate_gap_pp": seen.real_rate_gap_pp}
    yield Decision(
        when, "firms", 1, "investment", "", saw, firms.wanted_investment, _TRN, "adjustment", firms.investment
    )
    saw = {"expected_inflation_pct": world.state.expected_inflation_pct, "gap_pct": world.state.smoothed_gap_pct}
    yield Decision(
        when, "firms", 1, "prices", "", saw, firms.wanted_inflation_pct, _PCT_YEAR, "stickiness", firms.inflation_pct
    )
    if labour.seen is not None:
        saw = {
            "expected_inflation_pct": labour.seen.expected_inflation_pct,
            "unemployment_pct": labour.seen.unemployment_pct,
        }
        yield Decision(when, "firms", 1, "wages", "", saw, labour.decided_pct, _PCT_YEAR, "", labour.decided_pct)
    abroad = month.portfolio.direct_investment
    yield Decision(
        when, "firms", 1, "direct_investment", "",
        {"wanted_to_capital_share": p.direct_investment_to_capital}, abroad, _TRN, "", abroad,
    )  # fmt: skip


def _of_investors(world: World, month: ClosedMonth, limits: Limits) -> Iterator[Decision]:
    plan, when, portfolios = month.portfolio, _month(world), world.portfolios
    state, wanted_equity = world.state, portfolios.allocation.equity_wanted
    gap = {"yield_gap_pp": world.outside.us_10y_pct - state.yields_pct[10.0]}
    yields = {"jgb_10y_pct": state.yields_pct[10.0], "term_premium_pct": world.bonds.term_premium_pct}
    held = _bound(limits, "equity_sales")
    for kind in (HOUSEHOLD, INSURER_PENSION, BANK, FUND, FOREIGN):
        name, rows = TYPE_PARTIES[kind], portfolios.rows[kind]
        members = rows.stop - rows.start
        if kind in plan.foreign:
            bought = plan.foreign[kind]
            yield Decision(when, name, members, "foreign_assets", "", gap, bought, _TRN, "", bought)
        bought = month.bonds.bought.get(name, 0.0)
        yield Decision(when, name, members, "bonds", "", yields, bought, _TRN, "", bought)
        if kind in plan.equity:
            did = plan.equity[kind]
            wanted = did if kind == FOREIGN else wanted_equity.get(kind, did)
            bound_by = held if did > wanted + _ROUNDING else ""
            yield Decision(
                when, name, members, "japanese_equity", "", {"equity_index": state.equity_index}, wanted, _TRN,
                bound_by, did,
            )  # fmt: skip


def _of_traders(world: World, limits: Limits) -> Iterator[Decision]:
    market, when, in_yen = world.foreign_exchange, _month(world), world.state.usdjpy / 1000.0
    for kind, bought, saw in (
        (
            CARRY,
            market.carry_bn_usd,
            {
                "rate_gap_pp": world.outside.us_policy_rate_pct - world.state.policy_rate_pct,
                "appetite": carry_appetite_now(world),
                "daily_volatility_pct": 100.0 * market.volatility,
            },
        ),
        (
            TRADER,
            market.trader_bn_usd,
            {
                "quote_over_value_pct": 100.0 * (market.log_price - market.value.log_value),
                "fundamentalist_share": market.fundamentalist_share,
            },
        ),
    ):
        rows, name = world.portfolios.rows[kind], TYPE_PARTIES[kind]
        own = [reading for reading in limits.values() if reading.agent_kind == name]
        withheld = sum(reading.withheld_trn_yen for reading in own) / in_yen
        bound_by = " ".join(reading.limit for reading in own if reading.bound_share > 0.0)
        yield Decision(
            when, name, rows.stop - rows.start, "dollars", "", saw, bought + withheld, _BN_USD, bound_by, bought
        )


def _of_treasurers(world: World) -> Iterator[Decision]:
    its, when = world.treasurers, _month(world)
    _, withheld = its.waiting(world.foreign_exchange.log_price)
    for side, what in ((EXPORTERS, "hedges_of_exports"), (IMPORTERS, "hedges_of_imports")):
        hedged, waiting = float(its.book_bn_usd[side].sum()), float(withheld[side].sum())
        saw = {"usdjpy": world.state.usdjpy, "budget_usdjpy": math.exp(its.budget_log[side])}
        bound_by = "treasurer_wait" if waiting > _ROUNDING else ""
        members = its.book_bn_usd.shape[1]
        yield Decision(when, "treasurers", members, what, "", saw, hedged + waiting, _BN_USD, bound_by, hedged)
