"""AI services: shares, adoption, productivity and what they must not depend on."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.adopters import _BLOCK, NO_SUPPLIER, Adopters, add_adopter_columns
from itcho.agents.foreign_suppliers import (
    SUPPLIERS,
    AllocationRule,
    SupplierTier,
    common_rule,
    designers_markup,
    foreign_suppliers,
    frontier_growth,
)
from itcho.agents.population import Population
from itcho.agents.rules.subsidy import ContractTerms
from itcho.model.ai.capability import CLOUD, DEVELOPER, NATIONAL_COMPANY_ROW, add_service_columns, draw_shocks
from itcho.model.ai.contract_rows import contracted_sales, serve, value_offers
from itcho.model.ai.postings import PAYERS, ai_services_imports, bills
from itcho.model.ai.service_rows import month_of_sales
from itcho.model.ai.services import AIDrivers, AIServicesMarket, AIServicesMonth, ai_opening
from itcho.model.economy import JapanEconomy
from itcho.model.parameters.registry import Parameters
from itcho.model.randomness import Streams

USDJPY = 155.0
PARAMETERS = Parameters()


def importers_like_japan(count: int = 60) -> dict[str, np.ndarray]:
    """A national company, clouds (a few controlled abroad), developers and distributors."""
    row = np.arange(count)
    role = np.where(row < count // 4, CLOUD, np.where(row < count // 2, DEVELOPER, 0)).astype(np.int8)
    role[NATIONAL_COMPANY_ROW] = DEVELOPER
    control = ~((row > 0) & (row < 4))
    size = 1.0 / (1.0 + row)
    compute = np.where(role == 0, 0.0, size)
    compute *= 26.0 / compute.sum()
    compute[NATIONAL_COMPANY_ROW] = 0.05
    return {
        "role": role,
        "domestic_control": control,
        "size": size / size.sum(),
        "compute": compute,
        "training_share": np.where(role == DEVELOPER, 0.6, 0.0),
    }


def build(
    firms: int = 300, seed: int = 1, years: float = 0.0, parameters: Parameters = PARAMETERS, tastes: int = 0
) -> AIServicesMarket:
    streams = Streams(seed)
    importers = Population(None, "ServiceTestImporter", importers_like_japan(), first_unique_id=1)
    add_service_columns(importers, parameters, streams.setup("importer services"))
    opening = ai_opening(parameters, USDJPY, years)
    rng = streams.setup("adopters")
    columns: dict[str, Any] = {"size": rng.pareto(1.3, firms) + 1.0}
    add_adopter_columns(columns, parameters, rng, opening.use_share, opening.deep_share, opening.policy_share)
    adopters = Population(None, "ServiceTestAdopter", columns, first_unique_id=1000)
    peers = 4
    indices = rng.integers(0, firms, firms * peers)
    suppliers = foreign_suppliers(mesa.Model(), parameters)
    laboratories = [supplier for supplier in suppliers if supplier.tier is SupplierTier.LABORATORY]
    indptr = np.arange(firms + 1) * peers
    return AIServicesMarket(parameters, importers, adopters, indptr, indices, laboratories, opening, tastes)


def run(
    market: AIServicesMarket, months: int, streams: Streams | None = None, national_compute: float = 0.0, **drivers: Any
) -> list[AIServicesMonth]:
    """Run with the noise off; every importer's compute grows as usual, the national company's by more if asked."""
    streams = streams or Streams(1, noise_off=True)
    compute = market.importers.columns["compute"]
    growth = math.exp(market.parameters.ai_developer_compute_growth / 12.0)
    record = []
    for month in range(months):
        compute *= growth
        compute[NATIONAL_COMPANY_ROW] += national_compute
        values = {"usdjpy": USDJPY, "nominal_gdp_index": 1.03 ** ((month + 1) / 12.0), **drivers}
        record.append(market.step(month, AIDrivers(**values), streams))
    return record


def paid_to_suppliers(month: AIServicesMonth) -> float:
    """What all suppliers together receive from users in Japan."""
    by_row = month.model_revenue + month.cloud_revenue + month.application_revenue
    abroad = month.laboratory_revenue.sum() + month.foreign_cloud + month.foreign_applications
    return float(by_row.sum() + abroad + month.integrators)


@pytest.fixture(scope="module")
def path() -> list[AIServicesMonth]:
    return run(build(1000), 120)


def test_supplier_shares_of_each_tier_sum_to_one() -> None:
    for tier in SupplierTier:
        assert sum(line.opening_share for line in SUPPLIERS if line.tier is tier) == pytest.approx(1.0)


def test_designers_ask_more_only_where_chips_are_short() -> None:
    nvidia, amd, *_ = foreign_suppliers(mesa.Model(), PARAMETERS)
    elasticity = PARAMETERS.ai_chip_price_tightness_elasticity
    assert nvidia.decide_price(0.5, PARAMETERS) == nvidia.price_markup == 1.0
    assert nvidia.decide_price(2.0, PARAMETERS) == pytest.approx(2.0**elasticity)
    assert nvidia.decide_price(1e9, PARAMETERS) == nvidia.decide_price(4.0, PARAMETERS)
    assert designers_markup([nvidia, amd], [0.75, 0.25], [1.0, 1.0], PARAMETERS) == 1.0
    mean = designers_markup([nvidia, amd], [0.75, 0.25], [0.5, 1.0], PARAMETERS)
    assert mean == pytest.approx(1.0 + 0.75 * (2.0**elasticity - 1.0))
    assert designers_markup([nvidia, amd], [0.75, 0.25], [0.0, 0.0], PARAMETERS) == pytest.approx(4.0**elasticity)


def test_designers_share_by_one_rule() -> None:
    nvidia, amd, *_ = foreign_suppliers(mesa.Model(), PARAMETERS)
    assert common_rule([nvidia, amd]) == "proportional"
    amd.allocation_rule = AllocationRule.PRIORITY
    with pytest.raises(ValueError, match="different rules"):
        common_rule([nvidia, amd])


def test_one_standard_deviation_is_a_year_of_the_frontier() -> None:
    market = build()
    assert market.capability.standard_deviation == pytest.approx(0.1 * (1.504 + math.log(2) * 1.5), rel=1e-6)
    assert market.capability.gaps()[0] == pytest.approx(-2.0)
    assert frontier_growth(20.0, PARAMETERS) < frontier_growth(0.0, PARAMETERS)


@pytest.mark.parametrize("years", [0.0, -2.0])
def test_opening_stands_where_stated(years: float) -> None:
    market = build(years=years)
    first = run(market, 1)[0]
    assert first.domestic_ai_share_home_pct == pytest.approx(10.0, abs=0.3)
    assert first.domestic_ai_share_home_cloud_pct == pytest.approx(30.0, abs=0.1)
    assert first.domestic_ai_share_home_applications_pct == pytest.approx(75.0, abs=0.1)
    assert sum(market._year.sums()[:3]) == pytest.approx(sum(market.opening.spending_trn_yen), rel=0.05)
    assert first.adoption_pct == pytest.approx(100 * market.opening.use_share, abs=1.0)
    assert first.deep_adoption_pct == pytest.approx(100 * market.opening.deep_share, abs=0.25)


def test_opening_of_2026_is_the_published_one() -> None:
    opening = ai_opening(PARAMETERS, USDJPY)
    assert opening.use_share == pytest.approx(0.552)
    assert opening.individual_use_share == pytest.approx(0.33)
    assert ai_opening(PARAMETERS, USDJPY, -2.0).individual_use_share == pytest.approx(0.091)


def test_history_before_the_start_adds_up_to_the_stated_year() -> None:
    market = build()
    year = market._year.sums()
    assert year[:3] == pytest.approx(market.opening.spending_trn_yen)
    assert year[6] == pytest.approx(market.opening.exports_trn_yen)
    assert year[3] / year[0] == pytest.approx(0.10, abs=0.001)


def test_shares_sum_to_one_and_every_yen_has_a_supplier(path: list[AIServicesMonth]) -> None:
    market = build()
    record = run(market, 24)
    for layer in market.contracts.layers:
        assert layer.shares.sum() == pytest.approx(1.0, rel=1e-12)
    for month in record:
        assert paid_to_suppliers(month) == pytest.approx(month.spending_trn_yen.sum(), rel=1e-12)
        assert (month.spending_trn_yen >= 0.0).all()


def test_every_yen_has_a_supplier_in_a_shortage_too() -> None:
    market = build()
    served = np.full(60, 0.7)
    month = run(market, 1, served_share=served)[-1]
    full = run(build(), 1)[-1]
    assert paid_to_suppliers(month) == pytest.approx(month.spending_trn_yen.sum(), rel=1e-12)
    assert month.spending_trn_yen.sum() < full.spending_trn_yen.sum()
    assert month.laboratory_revenue.sum() > full.laboratory_revenue.sum()
    # A few contracts were to be decided on, and left.
    assert 0.65 * full.model_revenue.sum() < month.model_revenue.sum() < 0.7 * full.model_revenue.sum()


def test_what_laboratories_cannot_serve_is_lost_or_goes_to_other_laboratories() -> None:
    full = run(build(), 1)[-1]
    cut = run(build(), 1, served_by_laboratories=np.array([0.0, 1.0, 1.0]))[-1]
    assert cut.laboratory_revenue[0] == 0.0
    assert (cut.laboratory_revenue[1:] > 1.3 * full.laboratory_revenue[1:]).all()
    assert paid_to_suppliers(cut) == pytest.approx(cut.spending_trn_yen.sum(), rel=1e-12)
    assert cut.spending_trn_yen[0].sum() < 0.9 * full.spending_trn_yen[0].sum()
    none = run(build(), 1, served_by_laboratories=np.zeros(3))[-1]
    assert none.laboratory_revenue.tolist() == [0.0, 0.0, 0.0]
    assert paid_to_suppliers(none) == pytest.approx(none.spending_trn_yen.sum(), rel=1e-12)


def test_open_weights_are_a_supplier_that_pays_its_hosts_and_nobody_for_a_licence() -> None:
    """Organisations pay 10 and 20 for models and clouds, individuals 4: models 0.5, 0.3, 0.2 of it for what is free."""
    sellers = np.array([0]), np.array([1, 2]), np.array([3])
    shares = np.array([0.5, 0.3, 0.2]), np.array([0.5, 0.25, 0.25]), np.array([1.0]), np.array([0.4, 0.5, 0.1])
    sales, people, laboratories, laboratories_people = np.zeros((4, 4)), np.zeros(4), np.zeros(1), np.zeros(1)
    abroad, *_ = contracted_sales(
        sellers, shares, (10.0, 20.0, 0.0), (4.0, 0.0, 0.0), np.array([0.0, 0.75, 0.25]), 0, 0.4, sales, people,
        laboratories, laboratories_people,
    )  # fmt: skip
    # Individuals' 0.4 goes to clouds as they sell; nothing that is hosted is billed from abroad.
    assert people.tolist() == pytest.approx([1.6, 0.2, 0.1, 0.1])
    assert sales[0].tolist() == pytest.approx([5.0 + 1.6, 0.0 + 0.2, 1.5 + 0.1, 0.5 + 0.1])
    assert sales[1].tolist() == pytest.approx([0.0, 10.0, 5.0, 5.0 * 0.6])
    assert abroad == pytest.approx(5.0 * 0.4)
    assert (laboratories[0], laboratories_people[0]) == pytest.approx((3.0 + 2.0, 2.0))
    assert sales[:3].sum() + abroad + laboratories.sum() == pytest.approx(10.0 + 20.0 + 4.0)


def test_open_weights_open_with_their_share_and_take_over_where_laboratories_stop() -> None:
    market, stopped, weak = build(2_000), build(2_000), build(2_000)
    free = market.contracts.layers[0].shares[-1]
    assert free == pytest.approx(PARAMETERS.ai_open_weights_share, abs=0.005)
    usual = run(market, 36)
    without = run(stopped, 36, served_by_laboratories=np.zeros(3))
    run(weak, 36, usdjpy=1.5 * USDJPY)
    # A cloud's costs are imported in part only, a laboratory's price in full.
    ends = [each.contracts.layers[0].shares[-1] for each in (market, weak, stopped)]
    assert ends[0] < ends[1] - 0.002 < ends[2] - 0.1
    # Where no laboratory serves, firms gain by them what nobody at home could have given.
    alone = PARAMETERS.replace(ai_open_weights_share=0.005)
    worse = run(build(2_000, parameters=alone), 36, served_by_laboratories=np.zeros(3))
    assert worse[-1].productivity_gain_pct < without[-1].productivity_gain_pct < usual[-1].productivity_gain_pct
    assert worse[-1].domestic_ai_share_home_pct > without[-1].domestic_ai_share_home_pct + 5.0


def test_open_weights_are_on_no_list_of_suppliers_at_home() -> None:
    models = build().contracts.layers[0]
    assert models.suppliers.names[-1] == "open_weights"
    assert models.suppliers.listed[-1]
    assert not models.suppliers.at_home[-1]
    assert models.offers.suppliers["introductory"][-1] == 0.0


def test_share_rises_with_quality_and_compute_reaches_it_through_quality() -> None:
    usual, funded = build(), build()
    without, with_programme = run(usual, 60), run(funded, 60, national_compute=0.08)
    assert with_programme[-1].frontier_gap_months < without[-1].frontier_gap_months - 2.0
    assert with_programme[-1].domestic_ai_share_home_pct > without[-1].domestic_ai_share_home_pct + 0.5
    assert 5.0 < with_programme[-1].domestic_ai_share_home_pct < 35.0


def test_share_falls_with_the_domestic_price_and_a_weak_yen_helps_home_suppliers() -> None:
    base = run(build(), 24)[-1]
    dear = run(build(), 24, cpi_index=1.3)[-1]
    weak = run(build(), 24, usdjpy=1.3 * USDJPY)[-1]
    assert dear.domestic_ai_share_home_pct < base.domestic_ai_share_home_pct < weak.domestic_ai_share_home_pct
    assert dear.exports_bn_usd < base.exports_bn_usd < weak.exports_bn_usd
    assert weak.laboratory_revenue.sum() / (1.3 * USDJPY) < base.laboratory_revenue.sum() / USDJPY


def test_exports_follow_world_demand() -> None:
    base, boom = run(build(), 12)[-1], run(build(), 12, global_ai_demand_index=1.5)[-1]
    assert boom.exports_bn_usd == pytest.approx(1.5 * base.exports_bn_usd)
    assert boom.world_spending_bn_usd == pytest.approx(1.5 * base.world_spending_bn_usd)


def test_productivity_depends_on_whose_model_is_used_by_as_much_as_it_is_behind() -> None:
    blind = PARAMETERS.replace(ai_supplier_quality_in_gain=0.0)
    few, many = (run(build(1000, parameters=blind.replace(ai_domestic_model_share=share)), 24) for share in (0.1, 0.2))
    assert many[-1].domestic_ai_share_home_pct > few[-1].domestic_ai_share_home_pct + 5.0
    assert [month.productivity_gain_pct for month in few] == [month.productivity_gain_pct for month in many]
    market = build(4000)
    run(market, 3)
    models, columns = market.contracts.layers[0], market.adoption.columns
    standing = market.capability.standing
    firm = int(np.flatnonzero((columns["supplier"] >= 0) & (np.diff(models.book.first) == 1))[0])
    place = int(models.buyers.main[firm])
    assert standing[place] < -1.0
    market.contracts.judge(market._view(AIDrivers(usdjpy=USDJPY)))
    assert columns["supplier_worth"][firm] == pytest.approx(math.exp(0.1 * standing[place]))


def test_a_content_rule_buys_share_and_costs_adoption() -> None:
    free, bound = run(build(), 60)[-1], run(build(), 60, domestic_content_share_required=0.9)[-1]
    assert bound.domestic_ai_share_home_pct > free.domestic_ai_share_home_pct + 3.0
    assert bound.deep_adoption_pct < free.deep_adoption_pct


def test_subsidy_raises_adoption_monotonically_and_from_the_first_months() -> None:
    paths = [run(build(), 60, adoption_subsidy_share_of_cost=share) for share in (0.0, 0.2, 0.4, 0.8)]
    for less, more in pairwise(paths):
        for month in range(60):
            assert more[month].deep_adoption_pct >= less[month].deep_adoption_pct
            assert more[month].adoption_pct >= less[month].adoption_pct
        assert more[-1].deep_adoption_pct > less[-1].deep_adoption_pct + 0.5
        assert more[-1].adoption_subsidy_due > less[-1].adoption_subsidy_due
    assert sum(month.adoption_subsidy_due for month in paths[0]) == 0.0


def test_no_firm_adopts_later_because_of_a_subsidy() -> None:
    free, paid = build(), build()
    run(free, 36)
    run(paid, 36, adoption_subsidy_share_of_cost=0.3)
    assert (paid.adoption.columns["deep"] >= free.adoption.columns["deep"] - 1e-12).all()
    assert (paid.adoption.columns["use_share"] >= free.adoption.columns["use_share"] - 1e-12).all()


def test_size_of_the_population_does_not_change_the_answer() -> None:
    ends = {firms: run(build(firms, seed=firms), 120) for firms in (300, 3_000, 30_000)}
    for name in ("adoption_pct", "deep_adoption_pct", "productivity_gain_pct"):
        for month, tolerance in ((11, 0.04), (59, 0.06), (119, 0.04)):
            values = [getattr(record[month], name) for record in ends.values()]
            assert max(values) / min(values) - 1.0 < tolerance, (name, month, values)


@pytest.mark.slow
def test_size_of_the_population_does_not_change_whose_ai_is_bought() -> None:
    shares = {
        firms: np.array(
            [run(build(firms, seed, tastes=seed), 120)[-1].domestic_ai_share_home_pct for seed in range(1, seeds)]
        )
        for firms, seeds in ((300, 17), (3_000, 17), (30_000, 5))
    }
    means = [share.mean() for share in shares.values()]
    # Ten years take the share from 10 to about 19; what differs between sizes is luck, and no more of it in small ones.
    assert max(means) - min(means) < 1.5, means
    assert max(share.std() for share in shares.values()) < 2.5


@pytest.mark.slow
def test_three_hundred_and_a_hundred_thousand_firms_buy_alike_in_every_layer() -> None:
    found = {}
    for firms, seeds in ((300, 24), (3_000, 24), (100_000, 8)):
        markets = [build(firms, seed, tastes=seed) for seed in range(1, seeds + 1)]
        for market in markets:
            run(market, 120)
        found[firms] = np.array([[layer.home_share for layer in market.contracts.layers] for market in markets])
    for one, other in ((300, 3_000), (3_000, 100_000), (300, 100_000)):
        apart = np.abs(found[one].mean(axis=0) - found[other].mean(axis=0))
        error = np.sqrt(sum(found[firms].var(axis=0, ddof=1) / len(found[firms]) for firms in (one, other)))
        assert (apart < np.maximum(3.0 * error, 0.01)).all(), (one, other, apart, error)


@pytest.mark.slow
def test_a_hundred_thousand_firms_are_in_three_hundred_thousand_contracts_for_a_year() -> None:
    market = build(100_000)
    assert sum(layer.book.contracts.size for layer in market.contracts.layers[:3]) > 300_000
    assert all(5.0 < month.domestic_ai_share_home_pct < 15.0 for month in run(market, 12))


def test_all_firms_together_reproduce_the_bass_path(path: list[AIServicesMonth]) -> None:
    # Of all firms, a year; those with a policy on AI have hazards of their own, which give this path.
    p, q, ceiling = 0.01, 0.45, PARAMETERS.ai_deep_ceiling
    share = PARAMETERS.ai_deep_share_start / ceiling
    for month in range(120):
        share += (p + q * share) * (1.0 - share) / 12.0
        assert path[month].deep_adoption_pct == pytest.approx(100.0 * ceiling * share, rel=0.08)


def test_ten_year_outcomes_are_where_the_evidence_puts_them(path: list[AIServicesMonth]) -> None:
    end = path[-1]
    assert end.adoption_pct > 90.0
    assert 60.0 < end.genai_individual_use_pct < 90.0
    assert 2.0 < end.productivity_gain_pct < 6.5
    calendar_2028 = sum(month.spending_trn_yen.sum() for month in path[21:33])
    assert calendar_2028 == pytest.approx(2.54, rel=0.2)
    assert path[32].world_spending_bn_usd == pytest.approx(815.9, rel=0.2)
    growth = [path[m + 12].spending_trn_yen.sum() / path[m].spending_trn_yen.sum() - 1 for m in range(0, 108, 24)]
    assert growth == sorted(growth, reverse=True)
    assert 1.0 < end.japan_share_global_ai_spending_pct < 4.0


def test_noise_off_starts_quietly(path: list[AIServicesMonth]) -> None:
    names = (
        "domestic_ai_share_home_pct",
        "adoption_pct",
        "deep_adoption_pct",
        "genai_individual_use_pct",
        "japan_share_global_ai_pct",
        "japan_share_global_ai_spending_pct",
        "productivity_gain_pct",
        "ai_service_exports_trn_yen",
    )
    for name in names:
        change = np.diff([getattr(month, name) for month in path[:13]])
        if name == "domestic_ai_share_home_pct":
            # Contracts move one by one: no month of the first year is rougher than the years that follow.
            later = np.diff([getattr(month, name) for month in path[12:61]])
            assert np.abs(change[:3]).max() < 0.08
            assert np.abs(change).max() < np.abs(later).max()
            continue
        assert np.abs(change[:3]).max() < 1.6 * np.abs(change).max() + 1e-12, name
        assert np.abs(np.diff(change)).max() < 0.6 * np.abs(change).max(), name
    spending = np.diff(np.log([month.spending_trn_yen.sum() for month in path[:13]]))
    assert spending.max() - spending.min() < 0.012


def test_opening_sales_of_importers_lead_into_the_first_month(path: list[AIServicesMonth]) -> None:
    market = build()
    columns = market.importers.columns
    home, abroad = columns["revenue_trn_yen"].copy(), columns["foreign_revenue_trn_yen"].sum()
    assert (home[columns["role"] == 0] == 0.0).all()
    first = run(market, 1)[0]
    now = first.model_revenue + first.cloud_revenue + first.application_revenue
    selling = home > 0.0
    # Small suppliers win or lose a contract.
    np.testing.assert_allclose(now[selling].sum() / home[selling].sum(), 1.03, atol=0.03)
    assert np.abs(now[selling] - 1.03 * home[selling]).sum() < 0.03 * home.sum()
    growth = np.diff(np.log([abroad, *(month.export_revenue.sum() for month in path[:8])]))
    np.testing.assert_allclose(growth, growth.mean(), rtol=0.25)


def test_a_burst_of_deep_adoption_first_costs_productivity() -> None:
    base, burst = build(), build()
    slow, fast = run(base, 60), run(burst, 60, adoption_subsidy_share_of_cost=1.0)
    assert fast[6].productivity_gain_pct < slow[6].productivity_gain_pct
    assert fast[59].productivity_gain_pct > slow[59].productivity_gain_pct


def test_every_firm_that_uses_ai_has_a_supplier_and_shares_are_sums_over_contracts() -> None:
    market = build(2_000)
    month = run(market, 6)[-1]
    columns, government = market.adoption.columns, PARAMETERS.ai_government_share
    assert ((columns["supplier"] == NO_SUPPLIER) == (columns["use_share"] == 0.0)).all()
    firm, code, layer, amount = market.contract_edges()
    assert (amount > 0.0).all()
    assert np.unique(np.stack([firm, code, layer]), axis=1).shape[1] == firm.size
    organisations = month.spending_trn_yen[:, 0] / (1.0 - government)
    assert np.bincount(layer, amount) == pytest.approx(organisations, rel=1e-9)
    for row in market.capability.rows.tolist():
        own = amount[(code == row) & (layer == 0)].sum()
        assert own == pytest.approx(month.model_revenue[row] - month.model_sales_to_households[row], abs=1e-12)
    clouds = np.array([amount[(code == row) & (layer == 1)].sum() for row in market.contracts.rows[1]])
    households = month.spending_trn_yen[1].sum() / organisations[1]
    assert clouds * households == pytest.approx(month.cloud_revenue[market.contracts.rows[1]], abs=1e-12)
    home = np.isin(code, market.capability.rows)
    share = 100.0 * amount[home & (layer == 0)].sum() / amount[layer == 0].sum()
    # Open weights are run by the clouds that the firms are with.
    rows = market.contracts.layers[1].suppliers.codes
    hosted = np.array([amount[(code == row) & (layer == 0)].sum() for row in rows])
    assert hosted.sum() / amount[layer == 0].sum() == pytest.approx(market.contracts.layers[0].shares[-1])
    assert hosted / hosted.sum() == pytest.approx(market.contracts.hosting)
    assert share == pytest.approx(100.0 * market.domestic_share)


def test_terms_without_effect_change_no_bit() -> None:
    usual = run(build(), 36)
    for terms in (
        ContractTerms(voucher_share=0.0, voucher_on_all=True),
        ContractTerms(tender_probability=PARAMETERS.ai_public_tender_probability),
        ContractTerms(regulated_share=0.5 * PARAMETERS.ai_regulated_demand_share),
    ):
        for one, other in zip(usual, run(build(), 36, contract_terms=terms), strict=True):
            assert one.domestic_ai_share_home_pct == other.domestic_ai_share_home_pct
            assert one.productivity_gain_pct == other.productivity_gain_pct
            assert (one.sales_trn_yen == other.sales_trn_yen).all()


def test_vouchers_win_contracts_and_the_state_owes_its_part_of_those_signed_under_them() -> None:
    usual, new, everyone = build(2_000), build(2_000), build(2_000)
    without = run(usual, 36)
    for_new = run(new, 36, contract_terms=ContractTerms(voucher_share=0.3))
    for_all = run(everyone, 36, contract_terms=ContractTerms(voucher_share=0.3, voucher_on_all=True))
    shares = [months[-1].domestic_ai_share_home_pct for months in (without, for_new, for_all)]
    assert shares[0] + 1.0 < shares[1] < shares[2]
    assert without[-1].contract_vouchers_due == 0.0
    # Nearly all who have a supplier at home signed with it, or signed again, in three years.
    rows = everyone.capability.rows
    organisations = (for_all[-1].model_revenue - for_all[-1].model_sales_to_households)[rows].sum()
    assert 0.27 * organisations < for_all[-1].contract_vouchers_due <= 0.3001 * organisations
    assert 0.0 < for_new[-1].contract_vouchers_due < for_all[-1].contract_vouchers_due
    assert (new.contracts.layers[0].book.contracts["voucher"] > 0.0).sum() > 20


def test_a_list_of_suppliers_at_home_binds_regulated_buyers_when_they_sign() -> None:
    usual, bound = build(2_000), build(2_000)
    without, with_list = run(usual, 36), run(bound, 36, contract_terms=ContractTerms(certified_at_home_only=True))
    models, columns = bound.contracts.layers[0], bound.adoption.columns
    owner = np.repeat(np.arange(2_000), np.diff(models.book.first))
    regulated = columns["regulated"][owner] & (models.book.contracts["supplier"] >= 0)
    assert models.suppliers.at_home[models.book.contracts["supplier"][regulated]].all()
    assert with_list[-1].domestic_ai_share_home_pct > without[-1].domestic_ai_share_home_pct + 5.0
    slower = columns["deep"] < usual.adoption.columns["deep"]
    assert (columns["hindrance"] > 1.0)[columns["regulated"]].all()
    assert (columns["hindrance"] == 1.0)[~columns["regulated"]].all()
    assert slower[columns["regulated"]].sum() > 10
    # The list taken away, all may buy of all again, and contracts run on.
    run(bound, 1)
    assert (columns["hindrance"] == 1.0).all()


def test_more_are_regulated_and_more_tenders_move_public_contracts() -> None:
    market = build(2_000)
    run(market, 1, contract_terms=ContractTerms(regulated_share=0.6))
    assert market.adoption.columns["regulated"].mean() == pytest.approx(0.6, abs=0.01)
    assert market.contracts.layers[0].buyers.regulated is market.adoption.columns["regulated"]
    run(market, 1)
    assert market.adoption.columns["regulated"].mean() == pytest.approx(0.2, abs=0.01)
    moved = []
    for tender in (0.0, 1.0):
        market = build(2_000)
        layer = market.contracts.layers[0]
        public, before = layer.book.contracts["public"], layer.book.contracts["supplier"].copy()
        run(market, 24, contract_terms=ContractTerms(tender_probability=tender))
        moved.append((layer.book.contracts["supplier"] != before)[public & (before >= 0)].mean())
    assert moved[1] > moved[0] + 0.02


def test_a_supplier_out_of_service_hurts_its_own_clients() -> None:
    usual, cut = build(2_000), build(2_000)
    run(usual, 3)
    row = int(usual.contracts.rows[2][0])
    served = np.ones(60)
    served[row] = 0.0
    clients = np.zeros(2_000)
    cloud = cut.contracts.layers[1]
    firm, place, amount = cloud.edges()
    mine = cloud.suppliers.codes[place] == row
    clients[firm[mine]] = amount[mine]
    run(cut, 3, served_share=served)
    before, after = usual.adoption.columns, cut.adoption.columns
    # Half of a foreign cloud's sales is billed from abroad and goes on; workloads of a firm split among clouds.
    using = (before["use_share"] > 0.0) & (before["log_productivity"] > 0.0)
    loss = 1.0 - after["log_productivity"][using] / before["log_productivity"][using]
    own, others = clients[using] > 0.0, clients[using] == 0.0
    assert own.sum() > 50 < others.sum()
    assert loss[own].mean() > 10.0 * abs(loss[others].mean())
    single = own & (np.diff(cloud.book.first)[using] == 1)
    assert np.median(loss[single]) == pytest.approx(0.5, abs=0.01)


def test_a_cloud_without_compute_hurts_its_own_clients_in_the_economy() -> None:
    usual, without = (JapanEconomy(rng=2, policy="none") for _ in range(2))
    usual.step()
    without.step()
    row = without.chip_importers.row_of_name("aws_japan")
    firms, codes, layers, _ = without.world.ai_services.contract_edges()
    client = np.zeros(len(without.adopters), dtype=bool)
    client[firms[(codes == row) & (layers == 1)]] = True
    without.chip_importers.columns["compute"][row] = 0.0
    for _ in range(3):
        usual.step()
        without.step()
    before, after = (each.adopters.columns["log_productivity"] for each in (usual, without))
    gaining = before > 1e-6
    loss = 1.0 - after[gaining] / before[gaining]
    assert client[gaining].sum() > 50
    assert loss[client[gaining]].mean() > 0.1
    assert loss[client[gaining]].mean() > 10.0 * abs(loss[~client[gaining]].mean())


def test_clients_of_a_failed_developer_leave_it_and_an_entrant_begins_with_its_row() -> None:
    market = build(2_000)
    run(market, 3)
    models = market.contracts.layers[0]
    place = int(np.argmax(models.shares[: market.capability.rows.size]))
    before, identity = models.shares[place], models.offers.suppliers["identity"][place]
    market.close(int(market.capability.rows[place]))
    run(market, 1)
    assert before > 0.005
    assert models.shares[place] == 0.0
    run(market, 6)
    assert models.shares[place] == 0.0, "nobody signs with a failed firm until another takes its place"
    market.restart(int(market.capability.rows[place]))
    assert models.offers.suppliers["identity"][place] != identity
    run(market, 24)
    assert models.shares[place] > 0.0


def test_same_seed_same_bits_and_policy_does_not_shift_the_draws() -> None:
    first = run(build(), 24, Streams(7))
    again = run(build(), 24, Streams(7))
    assert first[-1].domestic_ai_share_home_pct == again[-1].domestic_ai_share_home_pct
    # Without learning, which users bring, all that is left to move capability is what is drawn.
    unlearned = PARAMETERS.replace(ai_learning_from_users=0.0)
    plain = run(build(parameters=unlearned), 24, Streams(7))
    helped = run(build(parameters=unlearned), 24, Streams(7), adoption_subsidy_share_of_cost=0.5)
    assert helped[-1].frontier_gap_months == plain[-1].frontier_gap_months
    assert helped[-1].domestic_ai_share_home_pct == pytest.approx(plain[-1].domestic_ai_share_home_pct, rel=5e-2)


def test_faster_frontier_hurts_home_share_and_helps_adoption() -> None:
    base, fast = run(build(), 60)[-1], run(build(), 60, frontier_progress_multiplier=1.5)[-1]
    assert fast.domestic_ai_share_home_pct < base.domestic_ai_share_home_pct
    assert fast.deep_adoption_pct > base.deep_adoption_pct
    assert fast.productivity_gain_pct > base.productivity_gain_pct


def test_an_entrant_starts_behind_the_frontier() -> None:
    market = build()
    run(market, 12)
    row = int(market.capability.rows[3])
    market.importers.columns["compute"][row] *= 5.0
    market.capability.restart(row)
    assert market.capability.gaps()[3] == pytest.approx(-PARAMETERS.ai_developer_gap_months / 12.0)
    run(market, 12)
    assert np.isfinite(market.importers.columns["quality"]).all()


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="every size must be positive"):
        add_adopter_columns({"size": np.array([1.0, 0.0])}, PARAMETERS, np.random.default_rng(1), 0.5, 0.03, 0.497)
    with pytest.raises(ValueError, match="ceiling"):
        add_adopter_columns({"size": np.ones(5)}, PARAMETERS, np.random.default_rng(1), 0.99, 0.03, 0.497)
    columns: dict[str, Any] = {"size": np.ones(5)}
    add_adopter_columns(columns, PARAMETERS, np.random.default_rng(1), 0.5, 0.03, 0.497)
    with pytest.raises(ValueError, match="peers_indptr"):
        Adopters(columns, np.arange(5), np.zeros(0, dtype=int), PARAMETERS)


def test_a_firm_without_partners_follows_the_whole_economy() -> None:
    columns: dict[str, Any] = {"size": np.ones(200)}
    add_adopter_columns(columns, PARAMETERS, np.random.default_rng(1), 0.5, 0.03, 0.497)
    adoption = Adopters(columns, np.zeros(201, dtype=int), np.zeros(0, dtype=int), PARAMETERS)
    before = adoption.use
    assert adoption.step(0.0, 1.0).use_share > before


def test_levels_taken_block_by_block_agree_with_a_plain_reference() -> None:
    market = build(2 * _BLOCK + 100)
    columns = market.adoption.columns
    columns["supplier_worth"][:] = np.linspace(0.5, 1.0, columns["size"].size)
    month = market.adoption.step(0.1, 1.0, 0.2)
    changing = columns["reorganising"] + columns["adjusting"]
    effect = columns["deep"] - changing - columns["learning"] - PARAMETERS.ai_dip_depth * changing
    effect += PARAMETERS.ai_learning_effect * columns["learning"]
    depth = effect + (columns["use_share"] - columns["deep"]) * PARAMETERS.ai_light_use_depth
    depth *= np.where(depth > 0.0, columns["supplier_worth"], 1.0)
    np.testing.assert_allclose(columns["log_productivity"], columns["gain"] * depth, rtol=1e-12)
    assert month.productivity_level == pytest.approx(columns["size"] @ np.exp(columns["gain"] * depth), rel=1e-12)
    assert month.use_share == pytest.approx(columns["size"] @ columns["use_share"], rel=1e-12)
    assert month.deep_share == pytest.approx(columns["size"] @ columns["deep"], rel=1e-12)


def test_a_month_of_development_agrees_with_a_plain_reference() -> None:
    market = build()
    capability, columns, p = market.capability, market.importers.columns, PARAMETERS
    rows, sd = capability.rows, capability.standard_deviation
    columns["market_utility_shift"][:] = np.linspace(-0.2, 0.2, columns["role"].size)
    quality, appeal = columns["quality"][rows].copy(), columns["market_utility_shift"][rows].copy()
    floor, inputs, opening = capability._floor.copy(), capability._inputs.copy(), capability._opening_trained.copy()
    capability.arrival_rate[rows] = np.where(np.arange(rows.size) % 2, 0.9, 0.0)
    shocks = draw_shocks(Streams(5), 3, capability)
    capability.step(shocks, 0.8, 1.1, 0.9, 1.2)

    lent = capability._lent * math.exp(p.ai_developer_compute_growth / 12.0)
    compute = np.log(columns["compute"][rows] * columns["training_share"][rows] + lent)
    trained = opening + (compute - opening) / p.ai_training_time_months
    pull, opening_pull = np.exp(p.ai_people_mobility * trained), np.exp(p.ai_people_mobility * opening)
    people = np.log(pull / opening_pull) - math.log(pull.sum() / opening_pull.sum()) + p.ai_people_growth / 12.0
    level = p.ai_capability_compute_elasticity * trained + p.ai_capability_people_elasticity * people
    level += p.ai_capability_data_elasticity * math.log(0.8)
    usual = p.ai_capability_compute_elasticity * p.ai_developer_compute_growth / 12.0
    usual += p.ai_capability_people_elasticity * p.ai_people_growth / 12.0
    above = capability._luck * (level - inputs - usual)  # the opening level is also that of the month before
    algorithms = 0.9 * p.ai_capability_compute_elasticity * math.log(2.0) / p.ai_algorithmic_doubling_months
    catch_up = 1.0 - 0.5 ** (1.2 / p.ai_catch_up_half_life_months)
    pulled = catch_up * (-quality - floor + p.ai_compute_advantage_lasting_share * above)
    mean, tail = p.ai_innovation_mean_sd * sd, p.ai_innovation_tail_exponent
    arrival, size = shocks.improvement[:, rows]
    unusual = -capability.arrival_rate[rows] * mean
    lomax = (1.0 - size) ** (-1.0 / tail) - 1.0
    unusual += np.where(arrival < capability.arrival_rate[rows], mean * (tail - 1.0) * lomax, 0.0)
    expected = quality + usual + above + algorithms + pulled + unusual
    np.testing.assert_allclose(columns["quality"][rows], expected, rtol=1e-12)
    np.testing.assert_allclose(capability.gaps(), (expected - capability.frontier) / sd, rtol=1e-11)
    laboratories = (capability.laboratory_quality - capability.frontier) / sd
    np.testing.assert_allclose(capability.standing[rows.size : -1], laboratories, atol=1e-12)
    # An s.d. is a year of progress.
    assert capability.standing[-1] == pytest.approx(-p.ai_open_weights_gap_months / 12.0)
    memory = 0.5 ** (1.0 / p.ai_appeal_half_life_months)
    expected = memory * appeal + p.ai_appeal_shock_sd * shocks.appeal[rows]
    np.testing.assert_allclose(columns["market_utility_shift"][rows], expected, rtol=1e-12)


def test_a_month_of_sales_agrees_with_a_plain_reference() -> None:
    rng = np.random.default_rng(1)
    importers, developers, clouds, foreign = 20, np.arange(8), np.arange(8, 13), np.arange(13, 15)
    before = np.zeros((4, importers))
    before[0, developers], before[2, developers] = rng.random((2, 8))
    before[1, clouds], before[1, foreign] = rng.random(5), rng.random(2)
    before[0, clouds], before[0, foreign] = 0.1 * rng.random(5), 0.1 * rng.random(2)
    people = 0.3 * before[0]
    abroad = rng.random(3)
    abroad_people = 0.2 * abroad
    wanted = rng.random((3, 3)) + 6.0
    wanted[0, 1] = people.sum() + abroad_people.sum()
    export_shares, odds, standing, opening = rng.random((4, 8)) * 0.1
    appeal, served = rng.normal(size=importers), rng.random(importers) * 1.2
    served_abroad = np.array([1.0, 0.4, 1.3])
    weight, utility, speed, accessible = laws = 1.5, -0.1, 0.1, 3.0
    sales, spending, exported = before.copy(), wanted.copy(), export_shares.copy()
    to_people, laboratories, laboratories_people = people.copy(), abroad.copy(), abroad_people.copy()
    at_home, sold_abroad, model_share, price = rng.random((4, importers))
    model_share[:] = 0.0
    bought, domestic, hosted, diverted, exports = month_of_sales(
        sales, to_people, laboratories, laboratories_people, spending, (developers, clouds, foreign), (1.1, 1.2, 1.3),
        exported, odds, standing, opening, appeal, laws, served, served_abroad, 0.6, at_home, sold_abroad, model_share,
        price,
    )  # fmt: skip

    now = odds * np.exp(weight * (standing - opening) + utility + appeal[developers])
    export_shares += speed * (now / (1.0 + now.sum()) - export_shares)
    before[3, developers] = export_shares * accessible
    part, part_abroad = np.clip(served, 0.0, 1.0), np.clip(served_abroad, 0.0, 1.0)
    after, after_abroad = before * part, abroad * part_abroad
    lost = (before - after).sum(axis=1)[:3]
    lost[0] += (abroad - after_abroad).sum()
    lost_people = (people * (1.0 - part)).sum() + (abroad_people * (1.0 - part_abroad)).sum()
    after_abroad_people = abroad_people * part_abroad + 0.6 * lost_people * after_abroad / after_abroad.sum()
    after_abroad = after_abroad * (1.0 + 0.6 * lost[0] / after_abroad.sum())
    of_people = lost * wanted[:, 1] / wanted.sum(axis=1)
    of_people[0] = lost_people
    left = wanted.copy()
    left[:, 1] -= 0.4 * of_people
    rest = 1.0 - 0.4 * (lost - of_people) / (wanted[:, 0] + wanted[:, 2])
    left[:, 0] *= rest
    left[:, 2] *= rest
    own = after.sum(axis=1)
    own[1] -= after[1, foreign].sum()
    own[0] = after[0, developers].sum()
    for found, expected in (
        (sales, after),
        (to_people, people * part),
        (laboratories, after_abroad),
        (laboratories_people, after_abroad_people),
        (exported, export_shares),
        (spending, left),
        (bought, left.sum(axis=1)),
        (domestic, own[:3]),
        (hosted, after[0, clouds].sum()),
        (diverted, 0.6 * lost[1:]),
        (exports, own[3]),
        (at_home, after[:3].sum(axis=0)),
        (sold_abroad, after[3]),
        (model_share[developers], after[0, developers] / left[0].sum()),
        (price[:15], np.repeat([1.1, 1.2, 1.3], [8, 5, 2])),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_bills_agree_with_a_plain_reference() -> None:
    rng = np.random.default_rng(2)
    spending, sales, laboratories = rng.random((3, 3)), rng.random((4, 30)), rng.random(4)
    people, laboratories_people = 0.3 * sales[0], 0.2 * laboratories
    to_importers, to_suppliers = bills(spending, sales, people, laboratories, laboratories_people, 0.3, 0.4, 0.5)
    parts = spending / spending.sum(axis=1, keepdims=True)
    organisations = spending[0] * [1.0, 0.0, 1.0] / (spending[0, 0] + spending[0, 2])
    expected = np.outer(organisations, sales[0] - people) + np.outer([0.0, 1.0, 0.0], people)
    np.testing.assert_allclose(to_importers[:3], expected + parts[1:].T @ sales[1:3], rtol=1e-12)
    np.testing.assert_array_equal(to_importers[3], sales[3])
    others = np.zeros((6, 3))
    others[0] = 0.3 * parts[2]
    others[1:5] = np.outer(laboratories - laboratories_people, organisations)
    others[1:5, 1] = laboratories_people
    others[5] = 0.4 * parts[1] + 0.5 * parts[2]
    np.testing.assert_allclose(to_suppliers, others, rtol=1e-12)


def test_what_suppliers_serve_and_are_worth_agrees_with_a_plain_reference() -> None:
    rng = np.random.default_rng(3)
    developers, rows, at_home, applications = np.arange(5), np.arange(5, 12), 4, 9
    served, abroad, standing, opening = rng.random(14) * 1.3, rng.random(3) * 1.3, rng.normal(size=9), np.zeros(9)
    opening += 0.3
    hosting = np.array([0.1, 0.0, 0.2, 0.3, 0.4, 0.0, 0.0])
    quality, of_models, of_clouds, of_applications, capacity = 1.5, 1.1, 1.0, 0.5, 0.3
    laws = (quality, of_models, of_clouds, of_applications, capacity, 0.4, 0.1)
    by_layer = tuple(np.empty(count) for count in (9, 7, 12))
    worth = np.empty(9)
    assert serve(developers, rows, at_home, hosting, served, abroad, standing, laws, by_layer, worth)
    hosted = hosting @ np.clip(served[5:12], 0.0, 1.0)
    models = np.clip(np.concatenate([served[:5], abroad, [hosted]]), 0.0, 1.0)
    clouds = np.clip(served[5:12], 0.0, 1.0)
    clouds[4:] = 0.4 + 0.6 * clouds[4:]
    np.testing.assert_allclose(by_layer[0], models)
    np.testing.assert_allclose(by_layer[1], clouds)
    np.testing.assert_allclose(by_layer[2][:5], models[:5])
    np.testing.assert_allclose(worth, np.exp(0.1 * standing) * models)
    assert not serve(developers, rows, at_home, hosting, np.ones(14), 0.5 * abroad, standing, laws, by_layer, worth)

    serve(developers, rows, at_home, hosting, served, abroad, standing, laws, by_layer, worth)
    by_layer[2][5:] = 1.0
    appeal, compute, compute_opening, shares = rng.random((4, 14)) + 0.5
    prices = (0.1, 0.2, -0.1, 0.3)
    constants = tuple(rng.normal(size=count) for count in (9, 7, 12, 9))
    values, asked = (tuple(np.empty(count) for count in (9, 7, 12, 9)) for _ in range(2))
    value_offers(
        developers, rows, at_home, applications, (standing, opening), appeal, (compute, compute_opening[:7]),
        shares[:7], prices, laws, by_layer, constants, values, asked,
    )  # fmt: skip
    # Developers, laboratories, and what a cloud in Japan runs.
    price = np.repeat([0.1, 0.3, 0.2], [5, 3, 1])
    utility = quality * (standing - opening) + of_models * (np.log(np.maximum(models, 1e-3)) - price)
    utility[:5] += appeal[:5]
    np.testing.assert_allclose(values[0], constants[0] + utility)
    np.testing.assert_allclose(values[3], constants[3] + utility)
    np.testing.assert_allclose(asked[0], price)
    np.testing.assert_allclose(asked[3], price)
    least = 1e-4 * compute[5:12].sum()
    growth = np.log((compute[5:12] + least) / (compute_opening[:7] + least))
    price = np.repeat([0.2, 0.3], [4, 3])
    expected = capacity * (growth - shares[:7] @ growth) + of_clouds * (np.log(clouds) - price)
    np.testing.assert_allclose(values[1], constants[1] + expected)
    np.testing.assert_allclose(asked[1], price)
    price = np.repeat([-0.1, 0.3], [9, 3])
    expected = of_applications * (np.log(np.maximum(by_layer[2], 1e-3)) - price)
    np.testing.assert_allclose(values[2], constants[2] + expected)
    np.testing.assert_allclose(asked[2], price)


def test_every_payer_pays_its_part_to_every_kind_of_supplier() -> None:
    economy = JapanEconomy(rng=4)
    for _ in range(2):
        economy.step()
    services, flows = economy.closed_month.ai.services, economy.edge_table()
    flows = flows[flows["month"] == flows["month"].max()]
    parts = services.spending_trn_yen / services.spending_trn_yen.sum(axis=1, keepdims=True)
    by_layer = services.sales_trn_yen[:3].sum(axis=1)
    people = services.model_sales_to_households.sum()
    organisations = parts[0] * [1.0, 0.0, 1.0] / (parts[0, 0] + parts[0, 2])
    at_home = parts[1:].T @ (by_layer[1:] + np.array([0.0, services.integrators]))
    at_home += organisations * (by_layer[0] - people) + np.array([0.0, people, 0.0])
    at_home[0] -= parts[2, 0] * services.integrators  # firms do not pay themselves
    paid = flows[flows["purpose"] == "ai_services"].groupby("payer")["amount_trn_yen"].sum()
    np.testing.assert_allclose(paid[list(PAYERS)], at_home, rtol=1e-12)
    abroad = flows[flows["purpose"] == "ai_services_imports"].pivot_table("amount_trn_yen", "payee", "payer", "sum")
    laboratories = [laboratory.name for laboratory in economy.world.laboratories]
    own = services.laboratory_revenue_of_households
    expected = np.outer(services.laboratory_revenue - own, organisations)
    expected[:, 1] = own
    np.testing.assert_allclose(abroad.loc[laboratories, list(PAYERS)], expected, rtol=1e-12)
    assert abroad.to_numpy().sum() == pytest.approx(ai_services_imports(services), rel=1e-12)
    sold = flows.loc[flows["purpose"] == "ai_services_exports", "amount_trn_yen"].sum()
    assert sold == pytest.approx(services.export_revenue.sum(), rel=1e-12)
