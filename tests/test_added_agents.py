"""Agents that a user adds: booked in the ledger, heard in the currency market, and nothing to anybody else."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import mesa
import numpy as np
import pytest

from examples.wealth_fund import WealthFund
from itcho.agents.added_agent import AddedAgent, AddedOrders, EconomyView, Opening, Payment, Purchase
from itcho.agents.errors import InputError
from itcho.agents.vocabulary import OTHER_FOREIGN_ASSETS, WORLD_EQUITY, Party, Sector, Settlement
from itcho.model.economy import JapanEconomy

SMALL: dict[str, Any] = {"policy": "none", "rng": 3, "investors": 70, "importers": 40, "adopters": 40}


class Scripted(AddedAgent):
    """Gives the orders it was made with, month after month, then none."""

    party: Party = Party("scripted", Sector.INVESTORS)

    def __init__(self, economy: Any, *orders: AddedOrders) -> None:
        super().__init__(economy)
        self.orders = iter(orders)
        self.seen: list[EconomyView] = []
        self.drawn: list[float] = []

    def decide(self, view: EconomyView) -> AddedOrders:
        self.seen.append(view)
        self.drawn.append(float(view.random.random()))
        return next(self.orders, AddedOrders())


def economy_with(*orders: AddedOrders, months: int = 1, **options: Any) -> JapanEconomy:
    economy = JapanEconomy(**(SMALL | options), added_agents=[lambda economy: Scripted(economy, *orders)])
    for _ in range(months):
        economy.step()
    return economy


def held(economy: JapanEconomy, instrument: str, party: str = "scripted") -> float:
    return economy.ledger.position(instrument, party)


def numbers(economy: JapanEconomy) -> np.ndarray[Any, Any]:
    return economy.monthly_table().drop(columns="month").to_numpy()


@pytest.fixture(scope="module")
def plain() -> JapanEconomy:
    return JapanEconomy(**SMALL).run(years=1)


@pytest.fixture(scope="module")
def funded() -> JapanEconomy:
    return JapanEconomy(**SMALL, added_agents=[WealthFund]).run(years=1)


# Nothing to anybody else.


def test_an_agent_that_does_nothing_changes_nothing(plain: JapanEconomy) -> None:
    """To rounding: one more party changes the order in which the ledger adds."""
    np.testing.assert_allclose(numbers(economy_with(months=12)), numbers(plain), rtol=1e-11, atol=1e-11)


def test_without_added_agents_the_yen_is_divided_among_the_same_clients(plain: JapanEconomy) -> None:
    assert "added_agents" not in plain.fx_attribution()
    assert plain.foreign_exchange.parts["added_agents"] == 0.0


def test_an_agents_draws_are_its_own() -> None:
    """The same in another world of the same seed, others with another seed, different every month."""
    one, other_policy, other_seed = (
        economy_with(months=3, **options).added_agents[0].drawn for options in ({}, {"policy": "actual"}, {"rng": 4})
    )
    assert one == other_policy
    assert len({*one, *other_seed}) == 6


# Booked.


def test_it_is_an_agent_of_the_economy(funded: JapanEconomy) -> None:
    (fund,) = funded.agents_by_type[WealthFund]
    assert isinstance(fund, mesa.Agent)
    assert fund in funded.agents
    assert funded.agents.select(agent_type=WealthFund)[0] is fund
    ids = [agent.unique_id for agent in funded.agents]
    assert ids == list(range(1, len(ids) + 1))


def test_its_payments_are_edges_and_flows(funded: JapanEconomy) -> None:
    edges = funded.edge_table()
    capital = edges[edges["purpose"] == "wealth_fund_capital"]
    assert set(capital["payer"]) == {"government"}
    assert set(capital["payee"]) == {"wealth_fund"}
    assert capital["amount_trn_yen"].sum() == pytest.approx(12 * 0.2)
    assert funded.ledger.max_relative_residual < 1e-9
    dollars = edges[edges["purpose"] == "added_agents_foreign_investment"]
    assert set(dollars["payer"]) == {"wealth_fund"}
    flows = funded.flow_table()
    assert "deposit_interest" in set(flows.loc[flows["sector"] == "government", "row"])


def test_what_it_gets_is_what_it_has(funded: JapanEconomy) -> None:
    """Its net worth is its income and its price gains, nothing else: capital is a claim of the government's."""
    place = funded.ledger.party_index["wealth_fund"]
    history = funded.ledger.history
    income = sum(float(month.current[:, place].sum()) for month in history)
    gains = sum(float(month.revaluation[:, place].sum()) for month in history)
    assert income > 0.0
    assert float(funded.ledger.positions[:, place].sum()) == pytest.approx(income + gains, abs=1e-12)
    assert held(funded, "other_claims", "wealth_fund") == pytest.approx(-2.4)


def test_openings_are_taken_from_others() -> None:
    class Heir(Scripted):
        opening = (Opening("deposits", 2.0, "households"), Opening("world_equity", 1.0, "investment_funds"))

    with_heir = JapanEconomy(**SMALL, added_agents=[Heir])
    without = JapanEconomy(**SMALL)
    assert held(with_heir, "deposits") == 2.0
    assert held(with_heir, "world_equity") == 1.0
    assert held(with_heir, "deposits", "households") == pytest.approx(held(without, "deposits", "households") - 2.0)
    np.testing.assert_allclose(
        with_heir.ledger.positions.sum(axis=1), without.ledger.positions.sum(axis=1), rtol=0.0, atol=1e-10
    )
    with_heir.step()
    rates = with_heir.incomes
    change = with_heir.parameters.deposit_rate_pass_through * (with_heir.state.policy_rate_pct - 0.75) / 100.0
    interest = 2.0 * (rates.deposit_yield["households"] + change) / 12.0
    abroad = 1.0 * rates.foreign_yield["investment_funds"] / 12.0
    edges = with_heir.edge_table().query("payee == 'scripted'").set_index("purpose")["amount_trn_yen"]
    assert edges["deposit_interest"] == pytest.approx(interest, rel=1e-9)
    assert edges["primary_income_received"] == pytest.approx(abroad, rel=1e-9)
    # Income abroad stays abroad.
    assert held(with_heir, "deposits") == pytest.approx(2.0 + interest, rel=1e-12)


# What its money does.


def test_gifts_to_households_are_income_and_to_the_treasury_revenue(plain: JapanEconomy) -> None:
    gift = AddedOrders(payments=(Payment("households", 3.0, "fund_gift"), Payment("government", 1.0, "fund_levy")))
    economy = economy_with(gift, months=2)
    month, plain_month = economy.monthly_table(), plain.monthly_table()
    cut = plain_month["deficit_trn_yen_fy"] - month["deficit_trn_yen_fy"]
    assert cut[0] == pytest.approx(1.0, abs=1e-9)
    assert month["nominal_gdp_trn_yen"][1] > plain_month["nominal_gdp_trn_yen"][1] + 0.01


def test_money_from_the_general_account_is_spending(plain: JapanEconomy) -> None:
    economy = economy_with(AddedOrders(payments=(Payment("government", -1.0, "fund_grant"),)))
    rise = economy.outcomes["deficit_trn_yen_fy"] - plain.monthly_table()["deficit_trn_yen_fy"][0]
    assert rise == pytest.approx(1.0, abs=1e-9)
    assert held(economy, "deposits") == pytest.approx(1.0)


def test_who_spends_more_than_it_has_borrows_and_pays_interest() -> None:
    economy = economy_with(AddedOrders(payments=(Payment("firms", 1.0, "fund_grants"),)), months=2)
    assert held(economy, "loans") == pytest.approx(-1.01, rel=0.01)
    paid = economy.edge_table().query("payer == 'scripted' and purpose == 'loan_interest'")["amount_trn_yen"]
    assert 0.0 < paid.sum() < 1.01 * 0.1 / 12


def test_agents_pay_each_other() -> None:
    class Sister(Scripted):
        party = Party("sister", Sector.HOUSEHOLDS)

    giver = partial(_scripted, Scripted, AddedOrders(payments=(Payment("sister", 0.5, "family_money"),)))
    economy = JapanEconomy(**SMALL, added_agents=[giver, Sister])
    economy.step()
    assert held(economy, "deposits", "sister") == pytest.approx(0.5)


def _scripted(kind: type[Scripted], orders: AddedOrders, economy: Any) -> Scripted:
    return kind(economy, orders)


# Heard in the currency market.


def test_its_dollars_move_the_yen_by_the_impact_of_their_size(plain: JapanEconomy) -> None:
    economy = economy_with(AddedOrders(dollars_bn_usd=21.0))
    p, parts = economy.parameters, economy.fx_attribution()
    market = economy.world.foreign_exchange
    # Output in dollars is taken at the rate that traders hold to be fair, of which a noisy world opens with a draw.
    fair = np.exp(market.value.log_value)
    impact = p.dealer_impact_pct_per_pct_gdp * fair / 1000.0 / economy.state.nominal_gdp_four_quarters
    # Dealers ask a little more or less as their inventory and their wealth move.
    assert parts["added_agents"][0] == pytest.approx(21.0 * impact, rel=0.03)
    assert market.client_bn_usd > plain.world.foreign_exchange.client_bn_usd
    change = np.log(economy.state.usdjpy / economy.state.usdjpy_start)
    assert parts.drop(columns="month").sum(axis=1)[0] == pytest.approx(change, abs=1e-12)
    assert economy.state.usdjpy > plain.monthly_table()["usdjpy"][0]


@pytest.mark.parametrize(("asset", "share"), [(WORLD_EQUITY, 1.0), (OTHER_FOREIGN_ASSETS, None)])
def test_dollars_are_paid_at_the_sessions_rates_and_stand_at_the_close(asset: str, share: float | None) -> None:
    economy = economy_with(AddedOrders(dollars_bn_usd=10.0, dollar_asset=asset))
    closes = np.concatenate([[economy.state.usdjpy_start], economy.daily_table()["usdjpy"]])
    paid = 10.0 * np.mean([(a + b) / 2.0 for a, b in itertools.pairwise(closes)]) / 1000.0
    edges = economy.edge_table().query("purpose == 'added_agents_foreign_investment'")
    assert edges["amount_trn_yen"].sum() == pytest.approx(paid, rel=1e-12)
    change = closes[-1] / closes[0]
    if share is None:
        change = 1.0 + economy.parameters.fx_share_of_foreign_assets * (change - 1.0)
    else:
        change *= economy.daily_table()["world_equity_index"].iloc[-1]
    assert held(economy, asset) == pytest.approx(10.0 * closes[0] / 1000.0 * change, rel=1e-12)


def test_what_was_bought_can_be_sold_to_the_last_dollar() -> None:
    class Turncoat(Scripted):
        def decide(self, view: EconomyView) -> AddedOrders:
            return AddedOrders(dollars_bn_usd=5.0 if view.month == 0 else -view.dollars_bn_usd)

    economy = JapanEconomy(**SMALL, added_agents=[Turncoat])
    economy.step()
    assert held(economy, OTHER_FOREIGN_ASSETS) > 0.5
    economy.step()
    assert held(economy, OTHER_FOREIGN_ASSETS) == pytest.approx(0.0, abs=1e-12)


# Mistakes.


def test_all_mistakes_of_a_party_are_named() -> None:
    class Wrong(Scripted):
        party = Party("House holds", Sector.BANKS, Settlement.CENTRAL_BANK)
        opening = (Opening("jgb_1_to_5y", -1.0, "nobody"),)

    with pytest.raises(InputError) as caught:
        JapanEconomy(**SMALL, added_agents=[Wrong, Scripted, Scripted, lambda economy: mesa.Agent(economy)])  # type: ignore[list-item,return-value]
    text = str(caught.value)
    for expected in (
        "snake_case",
        "sector 'banks'",
        "settlement",
        "jgb_1_to_5y",
        "'nobody'",
        "-1.0",
        "'scripted' is taken",
        "AddedAgent",
    ):
        assert expected in text
    assert len(caught.value.messages) == 8


@pytest.mark.parametrize("name", ["households", "national_ai_company", "nvidia"])
def test_a_name_that_stands_in_the_accounts_is_refused(name: str) -> None:
    class Double(Scripted):
        party = Party(name, Sector.INVESTORS)

    assert name in {party.name for party in JapanEconomy(**SMALL).ledger.parties}
    with pytest.raises(InputError, match=f"'{name}' is taken"):
        JapanEconomy(**SMALL, added_agents=[Double])


def test_nobody_gives_what_it_has_not() -> None:
    class Greedy(Scripted):
        opening = (Opening("deposits", 5000.0, "households"),)

    with pytest.raises(InputError, match=r"households holds .* of deposits, less than the opening's 5000"):
        JapanEconomy(**SMALL, added_agents=[Greedy])


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        (AddedOrders(payments=(Payment("housholds", 1.0, "gift"),)), "nearest: households"),
        (AddedOrders(payments=(Payment("households", float("nan"), "gift"),)), "finite"),
        (AddedOrders(payments=(Payment("households", 1.0, "A gift"),)), "snake_case"),
        (AddedOrders(payments=(Payment("dealers_abroad", 1.0, "gift"),)), "payee 'dealers_abroad'"),
        (AddedOrders(purchases=(Purchase("jgb_1_to_5y", "banks", 1.0, "bonds"),)), "instrument 'jgb_1_to_5y'"),
        (AddedOrders(purchases=(Purchase("loans", "households", 1.0, "lending"),)), "seller 'households'"),
        (AddedOrders(dollars_bn_usd=-1.0), "sells 1 bn USD and has 0"),
        (AddedOrders(dollars_bn_usd=float("inf")), "finite"),
        (AddedOrders(dollar_asset="gold"), "dollar_asset 'gold'"),
        (AddedOrders(dollars_bn_usd=None), "dollars_bn_usd None has to be a finite number from -10000 to 10000"),
        (AddedOrders(dollars_bn_usd="1"), "finite"),
        (AddedOrders(dollars_bn_usd=np.ones(2)), "finite"),
        (AddedOrders(dollars_bn_usd=1e9), "finite"),
        (AddedOrders(dollar_asset=None), "dollar_asset None"),
        (AddedOrders(payments=None), "payments None has to be a tuple of Payment"),
        (AddedOrders(payments=(Purchase("loans", "banks", 1.0, "lending"),)), "has to be a Payment"),
        (AddedOrders(purchases=("loans",)), "purchases[0] 'loans' has to be a Purchase"),
        (AddedOrders(payments=(Payment("households", None, "gift"),)), "amount_trn_yen None has to be a finite number"),
        (AddedOrders(payments=(Payment("households", np.ones(2), "gift"),)), "finite"),
        (AddedOrders(payments=(Payment(None, 1.0, "gift"),)), "payee None"),
        (AddedOrders(payments=(Payment("households", 1.0, None),)), "snake_case"),
        (AddedOrders(purchases=(Purchase("loans", "banks", float("-inf"), "lending"),)), "from -1e+06 to 1e+06"),
        (AddedOrders(purchases=(Purchase(None, "banks", 1.0, "lending"),)), "instrument None"),
        (None, "has to return AddedOrders"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(orders: Any, said: str) -> None:
    with pytest.raises(InputError, match="added agent Scripted, month 2026-04") as caught:
        economy_with(orders)
    assert said in str(caught.value)


def test_it_cannot_be_saved(funded: JapanEconomy, tmp_path: Any) -> None:
    with pytest.raises(InputError, match="added agents cannot be saved"):
        funded.save(tmp_path / "run.json")
