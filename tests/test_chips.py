"""Chip importers, the chip market and the accounts of AI firms, against a real ledger and simple chip tiers."""

from __future__ import annotations

import csv
from importlib import resources
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from itcho.agents import chip_importers as importers
from itcho.agents.ai_boom import BoomRules, funding_open
from itcho.agents.chip_importers import IMPORTER_POSITIONS, make_importer_columns, spin_outs
from itcho.agents.foreign_suppliers import SUPPLIERS as FACTS
from itcho.agents.named_importers import (
    DEVELOPER,
    IMPORTER_LABELS,
    IMPORTER_PARTIES,
    NAMED_IMPORTERS,
    importer_names,
    label_of_row,
)
from itcho.agents.population import Population
from itcho.agents.vocabulary import CORE_PARTIES, INSTRUMENTS, Party, Sector, Settlement
from itcho.model.ai.firm_finance import AiFirmFinance
from itcho.model.ai.records import IndustryDrivers
from itcho.model.chips.edges import chip_edges
from itcho.model.chips.links import build_graph
from itcho.model.chips.market import ChipMarket, data_centre_cost_index, world_ai_spending_bn_usd
from itcho.model.ledger.ledger import Ledger
from itcho.model.parameters import Parameters, registry
from tests.hand_ledger import given

RATE = 156.81
OPENING = {
    "deposits": 0.8, "loans": 2.2, "bonds": 0.2, "equity": 2.8, "other_claims": -0.1, "capital": 4.0,
    "sales_to_households": 0.15, "sales_to_government": 0.15, "sales_to_firms": 2.0, "ai_services": 0.5,
    "inputs": 0.75, "wages": 0.55, "domestic_investment": 0.7, "chip_imports": 1.0, "licences": 0.3, "usdjpy": RATE,
}  # fmt: skip
SUPPLIERS = ("nvidia", "amd")


class Tiers:
    """Chip tiers with a fixed lead time and a capacity factor; what is not shipped waits."""

    def __init__(self, outstanding: np.ndarray, lead: int, growth: float) -> None:
        n, nobody = outstanding.size, np.zeros(0, dtype=np.int32)
        links = [(seller, row, share) for seller, share in enumerate((0.9, 0.1)) for row in range(n)]
        self.edges = chip_edges(links, np.arange(2, dtype=np.int32), nobody)
        self.distributor_stock_bn_usd = self.distributor_sales_bn_usd = np.zeros(0)
        weights = np.exp(growth * np.arange(lead))
        self.queue = [outstanding * weight for weight in weights / weights.sum()]

    def run_month(self, orders: np.ndarray, capacity: np.ndarray, sessions: int, *_: Any) -> Any:
        self.queue.append(orders.copy())
        due = self.queue.pop(0)
        out = due * min(float(np.min(capacity)), 1.0)
        self.queue[0] = self.queue[0] + (due - out)
        shipped = np.array([0.9, 0.1]) * out.sum()
        by_session = np.full(sessions, out.sum() / sessions)
        return SimpleNamespace(
            delivered_bn_usd=out, delivered_by_session=by_session, shipped_by_supplier_bn_usd=shipped,
            backlog_bn_usd=np.sum(self.queue, axis=0), edge_flow_bn_usd=np.concatenate([0.9 * out, 0.1 * out]),
            waiting_bn_usd=np.zeros(out.size), filled_share=np.ones(out.size),
        )  # fmt: skip


class Shocks:
    def normals(self, name: str, month: int, shape: int) -> np.ndarray:
        return np.random.default_rng([len(name), month]).standard_normal(shape)

    def uniforms(self, name: str, month: int, shape: tuple[int, int]) -> np.ndarray:
        return np.full(shape, 0.5)


def drivers(month: int, usdjpy: float = RATE, **changes: Any) -> IndustryDrivers:
    years = (month + 1) / 12.0
    values: dict[str, Any] = {
        "usdjpy": usdjpy, "usdjpy_start": RATE, "usdjpy_average_3m": usdjpy, "cpi_index": 1.018**years,
        "nominal_gdp_index": 1.03**years, "real_gdp_index": 1.009**years, "wage_index": 1.028**years,
        "lending_rate_pct": 1.4, "chip_capacity": np.ones(2), "global_ai_demand_index": 1.0,
        "import_fuel_price_index": 1.018**years, "corporate_tax_rate": 0.2974,
    }  # fmt: skip
    return IndustryDrivers(**(values | changes))


class World:
    """Importers, a ledger and both markets, with sales of AI services that grow a quarter a year."""

    def __init__(self, parameters: Any = None, n: int = 300, seed: int = 0) -> None:
        self.parameters = parameters or Parameters()
        columns = make_importer_columns(n, OPENING, self.parameters, np.random.default_rng(seed))
        growth = importers.opening_growth_monthly(OPENING, self.parameters)
        sales = importers.opening_month(OPENING["ai_services"], growth)
        columns["revenue_trn_yen"] = importers.split_exactly(sales, columns["expected_revenue_trn_yen"])
        columns["foreign_revenue_trn_yen"] = np.zeros(n)
        self.opening_sales = columns["revenue_trn_yen"].copy()
        labels = label_of_row(columns["role"])
        self.population = Population(None, "ChipImporter", columns, 0, importer_names(n), labels, IMPORTER_POSITIONS)
        self.columns = self.population.columns
        abroad = tuple(Party(name, Sector.REST_OF_WORLD, Settlement.DOLLAR_ACCOUNT) for name in SUPPLIERS)
        parties = CORE_PARTIES + IMPORTER_PARTIES + abroad
        self.ledger = Ledger(parties, np.zeros((len(INSTRUMENTS), len(parties))))
        self.ledger.register_population(self.population, IMPORTER_LABELS)
        graph = build_graph(self.population, FACTS, 0, self.parameters, np.random.default_rng(1))
        self.market = ChipMarket(self.population, SUPPLIERS, OPENING, self.parameters, graph.compiled)
        self.finance = AiFirmFinance(self.population, OPENING, self.parameters, graph.compiled)
        lead = max(round(self.parameters.chip_lead_time_months), 1)
        self.tiers = Tiers(self.columns["orders_outstanding_bn_usd"], lead, growth)

    def month(self, month: int, subsidy: float = 0.0, sales_factor: float = 1.0, **changes: Any) -> tuple[Any, Any]:
        columns, everyone = self.columns, self.population.members.member_rows
        columns["revenue_trn_yen"][:] = self.opening_sales * (1.25 ** ((month + 1) / 12.0) * sales_factor)
        self.ledger.pay("firms", everyone, columns["revenue_trn_yen"], "ai_services_to_firms")
        columns["subsidy_trn_yen"][:] = 0.0
        columns["subsidy_trn_yen"][0] = subsidy
        self.ledger.pay("government", everyone, columns["subsidy_trn_yen"], "ai_support")
        known = drivers(month, **changes)
        chips = self.market.step(month, known, self.ledger, self.tiers)
        accounts = self.finance.step(month, known, self.ledger, chips, Shocks())
        self.ledger.close_month()
        return chips, accounts


def chips_parameters() -> list[str]:
    with (resources.files("itcho.model.parameters") / "chips.csv").open(encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("n", [1, 5, 23, 24, 300, 2000])
def test_opening_sums_are_exact(n: int) -> None:
    columns = make_importer_columns(n, OPENING, Parameters(), np.random.default_rng(1))
    held = {"cash_trn_yen": "deposits", "debt_trn_yen": "loans", "bonds": "bonds", "equity_issued": "equity"}
    for column, key in (held | {"other_claims": "other_claims"}).items():
        assert columns[column].sum() == pytest.approx(OPENING[key], rel=1e-14)
    compute = columns["compute"].sum() * RATE / 1000.0
    assert compute + columns["plant"].sum() == pytest.approx(OPENING["capital"], rel=1e-13)
    assert all(len(values) == n for values in columns.values())
    assert (columns["size"] > 0.0).all()
    assert columns["role"][0] == DEVELOPER


def test_names_labels_and_unknown_opening() -> None:
    columns = make_importer_columns(300, OPENING, Parameters(), np.random.default_rng(1))
    labels = label_of_row(columns["role"])
    assert IMPORTER_LABELS[labels[0]] == "national_ai_company"
    assert {IMPORTER_LABELS[label] for label in labels[23:]} == {
        "other_distributors", "other_clouds", "other_developers"
    }  # fmt: skip
    with pytest.raises(ValueError, match="capital"):
        make_importer_columns(3, {"deposits": 1.0}, Parameters(), np.random.default_rng(1))


def test_quiet_start_and_first_year_near_the_published_flows() -> None:
    world = World()
    months = [world.month(month) for month in range(12)]
    for series in (
        [chips.orders_bn_usd.sum() for chips, _ in months],
        [chips.chip_imports_trn_yen for chips, _ in months],
        [accounts.wages for _, accounts in months],
        [accounts.domestic_investment for _, accounts in months],
    ):
        assert np.abs(np.diff(np.log(series))).max() < 0.02
    grown = {"wages": "wages", "inputs": "inputs", "licences": "licences", "domestic_investment": "domestic_investment"}
    for name, key in grown.items():
        assert 1.05 < sum(getattr(accounts, name) for _, accounts in months) / OPENING[key] < 1.17
    assert 1.05 < sum(chips.ai_firm_imports_trn_yen for chips, _ in months) < 1.17
    assert 8.0 < sum(chips.chip_imports_trn_yen for chips, _ in months) < 13.0
    assert 0.04 < sum(accounts.interest for _, accounts in months) < 0.08


def test_ten_years_grow_smoothly_without_failures() -> None:
    world = World()
    imports, failures = np.zeros(10), 0
    for month in range(120):
        chips, accounts = world.month(month)
        imports[month // 12] += chips.chip_imports_trn_yen
        failures += accounts.failures
        assert world.columns["cash_trn_yen"].min() >= 0.0
        paid = chips.dollar_payments_bn_usd_by_session.sum() * RATE / 1000.0
        assert paid == pytest.approx(chips.chip_imports_trn_yen)
    growth = np.diff(np.log(imports))
    assert (growth > 0.01).all()
    assert (growth < 0.12).all()
    assert growth[-1] < growth[0]
    assert failures <= 5
    assert 0.3 < accounts.leverage < 0.75


def test_money_is_conserved_and_members_agree_with_the_ledger() -> None:
    world = World()
    cash = world.columns["cash_trn_yen"].sum()
    debt = world.columns["debt_trn_yen"].sum()
    for month in range(6):
        world.month(month, subsidy=0.03)
    names = [party.name for party in IMPORTER_PARTIES]
    held = sum(world.ledger.position("deposits", name) for name in names)
    owed = sum(world.ledger.position("loans", name) for name in names)
    assert world.columns["cash_trn_yen"].sum() - cash == pytest.approx(held, abs=1e-12)
    assert world.columns["debt_trn_yen"].sum() - debt == pytest.approx(-owed, abs=1e-12)


def conditions(usdjpy: float, budget: float = RATE) -> importers.PlanningConditions:
    return importers.PlanningConditions(usdjpy, budget, RATE, 1.0, 1.0, 1.0, 1.0, 0.0094, 9.0)


def test_weaker_yen_cuts_units_less_than_one_for_one() -> None:
    columns, parameters = World().columns, Parameters()
    before = importers.plan_orders(columns, conditions(RATE), parameters).sum()
    weaker = importers.plan_orders(columns, conditions(RATE * 1.1), parameters).sum()
    assert 1.0 / 1.1 < weaker / before < 1.0
    assert weaker / before == pytest.approx(0.5 + 0.5 / 1.1, rel=0.01)
    fixed_in_yen = parameters.replace(chip_budget_capacity_fixed_share=0.0)
    assert importers.budget_factor(conditions(RATE * 1.1), fixed_in_yen) == pytest.approx(1.0 / 1.1)
    fixed_capacity = parameters.replace(chip_budget_capacity_fixed_share=1.0)
    assert importers.budget_factor(conditions(RATE * 1.1), fixed_capacity) == 1.0
    # Once budgets are drawn up again the price elasticity rules: units by -0.8.
    units = [importers.desired_compute_bn_usd(columns, conditions(r, r), parameters).sum() for r in (RATE, RATE * 1.1)]
    assert units[1] / units[0] == pytest.approx(1.1**-0.8)


def test_decisions_of_one_firm_do_not_depend_on_how_many_there_are() -> None:
    columns, parameters = World().columns, Parameters()
    all_orders = importers.plan_orders(columns, conditions(RATE), parameters)
    one = {name: values[7:8].copy() for name, values in columns.items()}
    assert importers.plan_orders(one, conditions(RATE), parameters)[0] == all_orders[7]


def test_subsidy_raises_compute_after_the_lead_time() -> None:
    base, supported = World(), World()
    gap, bought = [], 0.0
    for month in range(36):
        base.month(month)
        _, accounts = supported.month(month, subsidy=0.02 if month < 12 else 0.0)
        gap.append(supported.columns["compute"][0] - base.columns["compute"][0])
        bought += accounts.programme_activity
    lead = int(base.parameters.chip_lead_time_months)
    assert abs(gap[lead - 1]) < 1e-9
    assert gap[lead] > 0.0
    assert gap[lead + 12] > 5.0 * gap[lead]
    assert bought == pytest.approx(0.24 * 0.5, rel=0.05)
    assert supported.columns["training_share"][0] > base.columns["training_share"][0]
    assert supported.columns["programme_compute"][1:].sum() == 0.0


def test_while_its_chips_are_under_way_programme_money_funds_wages_and_supplies() -> None:
    world = World()
    chips, accounts = world.month(0, subsidy=0.06)
    money = chips.programme_spending_trn_yen.sum()
    assert money == pytest.approx(0.06 / 6.0)
    # Half goes to chips from abroad, a fifth to wages; of inputs 0.35 x 0.5 is imported fuel, of plant a fifth.
    # A thousandth more is earned already with what is counted as the programme's in the first delivery.
    assert accounts.programme.wages == pytest.approx(0.2 * money, rel=2e-3)
    assert accounts.programme.supplies == pytest.approx(money * (0.15 * (1.0 - 0.175) + 0.15 * 0.8), rel=2e-3)
    assert accounts.programme.corporate_tax < 1e-5 * money
    assert world.month(1)[1].programme.wages > 0.0
    assert World().month(0)[1].programme == (0.0, 0.0, 0.0)


def test_what_is_imported_returns_nothing_and_a_loss_pays_no_tax() -> None:
    def activity(sales: float, **changes: float) -> Any:
        world = World(Parameters().replace(**changes))
        for month in range(24):
            _, accounts = world.month(month, subsidy=0.0005 if month < 12 else 0.0, sales_factor=sales)
        columns = world.columns
        ai_sales = columns["revenue_trn_yen"][0] / importers.total_revenue(columns)[0]
        return accounts, ai_sales * columns["programme_compute"][0] / columns["compute"][0]

    earning, part = activity(3.0)
    assert 0.1 < part < 0.2
    assert 0.0 < earning.programme.corporate_tax < part * earning.corporate_tax
    losing, _ = activity(1.0)
    assert losing.programme.corporate_tax == 0.0
    assert losing.programme.wages > 0.0
    imported, _ = activity(3.0, programme_import_share=0.7, programme_wage_share=0.05, programme_plant_share=0.05)
    assert imported.programme_activity < earning.programme_activity


def test_chips_wear_out_and_become_cheaper() -> None:
    world = World()
    world.tiers = Tiers(np.zeros(300), 9, 0.0)
    before, price = world.columns["compute"].sum(), world.market.chip_price_index
    world.month(0)
    assert world.columns["compute"].sum() == pytest.approx(before * (1.0 - 1.0 / 60.0))
    for month in range(1, 28):
        world.month(month)
    assert world.market.chip_price_index / price == pytest.approx(0.5 ** (28.0 / (12.0 * 2.3)))


def test_supply_cut_rations_service_only_after_the_pipeline_is_empty() -> None:
    base, cut = World(), World()
    served = []
    for month in range(14):
        normal, _ = base.month(month)
        short, _ = cut.month(month, chip_capacity=np.full(2, 0.0 if month >= 3 else 1.0))
        served.append(float(np.average(short.served_share / normal.served_share, weights=base.columns["size"])))
    assert served[2] == pytest.approx(1.0)
    assert served[-1] < 0.9
    assert cut.columns["utilisation"].mean() > base.columns["utilisation"].mean()


def test_a_markup_is_paid_on_what_arrives_and_buys_no_more_compute() -> None:
    usual, dear = World(), World()
    for month in range(3):
        usual.month(month)
        dear.month(month)
    at_list, _ = usual.month(3)
    marked_up, _ = dear.month(3, chip_price_markup=1.2)
    assert np.array_equal(marked_up.delivered_bn_usd, at_list.delivered_bn_usd), "ordered before"
    np.testing.assert_allclose(marked_up.payments_trn_yen, 1.2 * at_list.payments_trn_yen, rtol=1e-12)
    assert np.array_equal(dear.columns["compute"], usual.columns["compute"])
    ratio = marked_up.ai_dollar_payments_bn_usd_by_session.sum() / at_list.ai_dollar_payments_bn_usd_by_session.sum()
    assert ratio == pytest.approx(1.2, rel=1e-12)
    assert marked_up.orders_bn_usd.sum() < at_list.orders_bn_usd.sum()
    assert marked_up.yen_per_unit == at_list.yen_per_unit
    assert np.array_equal(marked_up.served_share, at_list.served_share), "what is wanted of compute is as it was"


def test_a_firm_that_cannot_pay_is_written_off_and_replaced() -> None:
    world = World()
    columns = world.columns
    world.month(0)
    compute, plant = columns["compute"].sum(), columns["plant"].sum()
    everyone = world.population.members.member_rows
    burden = np.zeros(300)
    burden[30] = 3.0 * (columns["plant"][30] + columns["compute"][30] * RATE / 1000.0) + 1.0
    world.ledger.trade("banks", everyone, "loans", burden, 1.0, "new_loans")
    world.ledger.pay(everyone, "firms", burden, "loss")
    chips, accounts = world.month(1)
    assert accounts.failures == 1
    assert accounts.written_off > 0.9
    assert columns["failed_times"][30] == 1
    assert columns["failed_times"].sum() == 1
    assets = columns["plant"][30] + columns["compute"][30] * chips.yen_per_unit + columns["cash_trn_yen"][30]
    assert columns["debt_trn_yen"][30] + columns["bonds"][30] <= 0.36 * assets
    # Capital changes hands; none is lost.
    worn = 1.0 - 1.0 / 60.0
    arrived = chips.delivered_bn_usd.sum() / chips.chip_price_index
    assert columns["compute"].sum() == pytest.approx(compute * worn + arrived)
    expected = plant * (1.0 - 1.0 / 168.0) + accounts.domestic_investment
    assert columns["plant"].sum() == pytest.approx(expected)
    assert columns["cash_trn_yen"].min() >= 0.0


def law(n: int = 300) -> importers.FailureLaw:
    return importers.FailureLaw(World(n=n).columns["role"], Parameters())


def test_ventures_are_a_quarter_of_anonymous_developers_and_the_named_ones() -> None:
    one = law()
    role = World().columns["role"]
    anonymous = int((role[23:] == DEVELOPER).sum())
    assert one.ventures[23:].sum() == anonymous // 4
    named = [firm.name for firm, venture in zip(NAMED_IMPORTERS, one.ventures[:23], strict=True) if venture]
    assert named == ["preferred_networks", "sakana_ai", "stockmark"]
    assert not one.ordinary[:23].any()
    assert one.ordinary[23:].sum() == 277 - anonymous // 4


@pytest.mark.slow
def test_failures_in_calm_years_are_as_many_as_the_evidence_says() -> None:
    counts = []
    for seed in range(200):
        one, count, rng = law(), 0, np.random.default_rng(seed)
        for month in range(120):
            failed = np.zeros(300, dtype=np.bool_)
            one.close(month, rng.random(300), failed)
            count += int(failed.sum())
        counts.append(count)
    # Five rounds of 6% for each venture, ten years of half a percent for the others.
    expected = one.ventures.sum() * 5 * 0.06 + one.ordinary.sum() * 10 * 0.005
    assert 20.0 < expected < 26.0
    assert np.mean(counts) == pytest.approx(expected, abs=3.0 * np.sqrt(expected / 200.0))


def test_a_drought_of_funding_multiplies_failures() -> None:
    one, rules = law(), BoomRules.of(Parameters())
    assert one.climate == 1.0
    # Half of a year's return is in sentiment at its end: losses of 15, 27.5 and 40 log points in a year.
    assert funding_open(-0.0749, rules) == 1.0, "an ordinary year's loss leaves funding as it is"
    assert funding_open(-0.1375, rules) == pytest.approx(0.5)
    assert funding_open(-0.2, rules) == pytest.approx(0.0, abs=1e-12)
    one.climate = funding_open(-0.6, rules)
    assert one.climate == 0.0
    # 8.5% of ventures a year instead of 3%, and 1.7 times the rate of ordinary firms.
    assert one.chances() == pytest.approx((0.17, 0.0085 / 12.0))


def test_every_venture_has_one_round_in_an_interval() -> None:
    one, rounds = law(), np.zeros(300, dtype=int)
    for month in range(24):
        failed = np.zeros(300, dtype=np.bool_)
        one.close(month, np.where(one.ventures, 0.0, 1.0), failed)
        rounds += failed
    np.testing.assert_array_equal(rounds, one.ventures.astype(int))


def test_spin_outs_come_where_a_trade_earns_something_and_as_it_is_busy() -> None:
    """One in 12 months at usual use; half as often at half of it; never amid losses; a trade without firms is tried."""
    vacant = np.array([True, False, False, True, False, True])
    columns: Any = {
        "role": np.array([1, 1, 1, 2, 2, 0], dtype=np.int8),
        "utilisation": np.array([0.98, 0.65, 0.325, 0.65, 0.65, 0.65]),
        "compute": np.array([9.0, 3.0, 1.0, 1.0, 1.0, 1.0]),
    }
    sales = np.array([5.0, 2.0, 2.0, 1.0, 1.0, 1.0])
    law: Any = given(entry_months=12.0, importer_target_utilisation=0.65)

    def entered(profit_of_developers: float, *draws: float) -> list[int]:
        profit = np.array([-9.0, 0.2, -0.1, 9.0, profit_of_developers, 0.0])
        drawn = np.array([draws[0], 0.0, 0.0, draws[1], 0.0, draws[2]])
        return spin_outs(vacant, columns, (profit, sales), drawn, law).tolist()

    # Clouds are busy at (3 + 0.5) / 4 of the usual.
    assert entered(0.1, 0.875 / 12.0 - 1e-9, 1.0 / 12.0 - 1e-9, 1.0 / 12.0 - 1e-9) == [0, 3, 5]
    assert entered(0.1, 0.875 / 12.0, 1.0 / 12.0, 1.0 / 12.0) == []
    assert entered(-0.1, 0.0, 0.0, 0.0) == [0, 5]


def test_a_failed_firm_leaves_its_place_empty_until_a_spin_out_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.month(0)
    row = int(np.flatnonzero(world.finance.failure_law.ventures)[0])
    with monkeypatch.context() as patch:
        patch.setattr(world.finance.failure_law, "close", lambda month, draws, failed: failed.__setitem__(row, True))
        assert world.month(1)[1].failed_rows.tolist() == [row]
        assert np.flatnonzero(world.finance.vacant).tolist() == [row]
        patch.setattr("itcho.model.ai.firm_finance.spin_outs", lambda *_: np.zeros(0, dtype=np.int64))
        assert world.month(2)[1].failures == 0, "a trustee looks for no money"
    with monkeypatch.context() as patch:
        patch.setattr("itcho.model.ai.firm_finance.spin_outs", lambda vacant, *_: np.flatnonzero(vacant))
        accounts = world.month(3)[1]
    assert accounts.entered_rows.tolist() == [row]
    assert not world.finance.vacant[row]


def test_lenders_of_a_firm_without_a_round_lose_more_than_half(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.month(0)
    columns, row = world.columns, int(np.flatnonzero(world.finance.failure_law.ventures)[0])
    owed = columns["debt_trn_yen"].sum() + columns["bonds"].sum()
    compute = columns["compute"].sum()
    with monkeypatch.context() as patch:
        patch.setattr(world.finance.failure_law, "close", lambda month, draws, failed: failed.__setitem__(row, True))
        chips, accounts = world.month(1)
    assert accounts.failed_rows.tolist() == [row]
    before = accounts.written_off + columns["debt_trn_yen"][row] + columns["bonds"][row]
    assert accounts.written_off >= 0.57 * before * (1.0 - 1e-9)
    drawn = accounts.loans_drawn + accounts.bonds_issued + accounts.overdrafts + chips.trade_credit_trn_yen
    left = columns["debt_trn_yen"].sum() + columns["bonds"].sum()
    assert left == pytest.approx(owed + drawn - accounts.loans_repaid - accounts.written_off, rel=1e-9)
    arrived = chips.delivered_bn_usd.sum() / chips.chip_price_index
    assert columns["compute"].sum() == pytest.approx(compute * (1.0 - 1.0 / 60.0) + arrived)
    for month in range(2, 30):
        _, accounts = world.month(month)
        assert accounts.failures == 0, "the entrant lives on"
    assert columns["cash_trn_yen"].min() >= 0.0


@pytest.mark.parametrize("seed", range(12))
def test_cash_stays_positive_under_any_parameters_and_stress(seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = registry()
    values = {name: float(rng.uniform(known[name].low, known[name].high)) for name in chips_parameters()}
    values["chip_lead_time_months"] = float(rng.integers(1, 13))
    # The opening stock of capital bounds how dear opening compute may be.
    values["ai_firm_opening_growth_share"] = float(rng.uniform(0.0, 0.2))
    world = World(Parameters().replace(**values), n=60, seed=seed)
    for month in range(30):
        stress = 1.0 if month < 6 else float(rng.uniform(0.1, 1.0))
        _, accounts = world.month(
            month, subsidy=0.02, sales_factor=stress, usdjpy=RATE * float(rng.uniform(0.7, 1.4)),
            chip_capacity=rng.uniform(0.3, 1.0, 2), global_ai_demand_index=stress,
        )  # fmt: skip
        assert accounts.written_off >= 0.0
        columns = world.columns
        for name in ("cash_trn_yen", "debt_trn_yen", "bonds", "compute", "plant", "orders_outstanding_bn_usd"):
            assert columns[name].min() >= -1e-15, name
        assert columns["cash_trn_yen"].min() >= 0.0
        assert all(np.isfinite(values).all() for values in columns.values())


def test_cost_indices_and_world_path() -> None:
    parameters = Parameters()
    assert data_centre_cost_index(1.0, 1.0, 1.0, parameters) == pytest.approx(1.0)
    weaker = data_centre_cost_index(1.0, 1.1, 1.1, parameters)
    assert 1.05 < weaker < 1.1
    assert world_ai_spending_bn_usd(2028.5, parameters) == pytest.approx(parameters.ai_world_spending_2028_bn_usd)
    growth = [np.log(world_ai_spending_bn_usd(y + 1, parameters) / world_ai_spending_bn_usd(y, parameters))
              for y in (2025, 2029, 2035)]  # fmt: skip
    assert growth[0] > growth[1] > growth[2] > parameters.ai_world_spending_long_run_growth


def test_opening_orders_fill_the_pipeline() -> None:
    columns, parameters = World().columns, Parameters()
    growth = importers.opening_growth_monthly(OPENING, parameters)
    last = importers.opening_orders_bn_usd(columns, OPENING, parameters)
    past = sum(last * np.exp(-growth * age) for age in range(int(parameters.chip_lead_time_months)))
    np.testing.assert_allclose(past, columns["orders_outstanding_bn_usd"], rtol=1e-9)


def test_population_size_does_not_change_the_answer() -> None:
    totals = []
    for n in (100, 300, 3000):
        world = World(n=n)
        months = [world.month(month) for month in range(24)]
        totals.append([sum(c.orders_bn_usd.sum() for c, _ in months), sum(a.loans_drawn for _, a in months)])
    for other in (totals[0], totals[2]):
        assert other[0] == pytest.approx(totals[1][0], rel=0.01)
        assert other[1] == pytest.approx(totals[1][1], rel=0.06)


def test_expectations_can_be_aligned_with_opening_sales() -> None:
    world = World()
    world.columns["revenue_trn_yen"][1:4] *= 2.0
    importers.align_expectations(world.columns, 1.0, 0.01, world.parameters)
    lag = 1.0 + 0.01 * (world.parameters.importer_expectation_months - 1.0)
    np.testing.assert_allclose(world.columns["expected_revenue_trn_yen"] * lag, importers.total_revenue(world.columns))
    desired = importers.desired_compute_bn_usd(world.columns, conditions(RATE), world.parameters)
    np.testing.assert_allclose(desired, world.columns["compute"])


def test_a_subsidy_of_zero_changes_no_bit() -> None:
    one, other = World(), World()
    for month in range(12):
        first, _ = one.month(month)
        second, _ = other.month(month, subsidy=0.0)
    assert first.orders_bn_usd.tobytes() == second.orders_bn_usd.tobytes()
    assert one.columns["cash_trn_yen"].tobytes() == other.columns["cash_trn_yen"].tobytes()
