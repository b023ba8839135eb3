"""Rules: each does what it says to who gets money and when, with closed books, and has the sign it should."""

from __future__ import annotations

from dataclasses import replace
from math import inf, log
from typing import Any

import numpy as np
import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.agents.government import Memory
from itcho.agents.negotiator import Negotiator
from itcho.agents.rules.fiscal import FiscalView
from itcho.agents.rules.intervention import DefendLevel, InterventionView, ItoYabuThresholds
from itcho.agents.rules.rule import SLOTS, find_rule, rules_of
from itcho.agents.rules.subsidy_stages import StageGated
from itcho.agents.rules.subsidy_vouchers import capped_shares
from itcho.agents.rules.trade import ChipDeal, Deal, TradeView
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT, BANKS, FIRMS, JGB_BUCKETS
from itcho.model.ai.firm_finance import ProgrammeActivity
from itcho.model.economy import JapanEconomy
from itcho.model.parameters import Parameters
from itcho.model.policies import POLICIES, Policy
from itcho.model.public.programme import taxes_on_activity_trn_yen
from itcho.model.public.trade_deal import relief_granted_pp
from tests.soundness import SMALL, fingerprint, run_soundly

ALL_RULES = [
    (slot, name)
    for slot in SLOTS
    for name, kind in rules_of(slot).items()
    if kind.__module__.startswith("itcho.agents.")
]


def with_rule(slot: str, rule: str, base: str = "none", **settings: Any) -> Policy:
    return replace(POLICIES[base], name="trial", **{slot: find_rule(slot, rule)(**settings)})


def quiet(months: int, policy: str | Policy, **arguments: Any) -> JapanEconomy:
    """A sound path without shocks."""
    return run_soundly(months, rng=1, noise=False, policy=policy, **arguments)


def flows(economy: JapanEconomy, purpose: str) -> pd.DataFrame:
    edges = economy.edge_table()
    return edges[edges["purpose"] == purpose]


@pytest.fixture(scope="module")
def nothing() -> JapanEconomy:
    """Five years without a programme and without shocks."""
    return quiet(60, "none")


@pytest.fixture(scope="module")
def actual() -> JapanEconomy:
    return quiet(60, "actual")


# Books.


@pytest.mark.parametrize(("slot", "name"), ALL_RULES)
def test_books_close_over_five_years(slot: str, name: str) -> None:
    economy = run_soundly(60, rng=3, policy=with_rule(slot, name, "actual" if slot != "subsidy" else "none"))
    year = economy.government.history
    spent = sum(each.programme for each in year) + economy.government.year.programme
    received = sum(each.programme_revenue for each in year) + economy.government.year.programme_revenue
    assert spent == pytest.approx(economy.outcomes["programme_cost_trn_yen"], abs=1e-12)
    assert received <= economy.outcomes["programme_return_trn_yen"] + 1e-12
    # What the special account paid and got in the ledger is what was booked.
    edges = economy.edge_table()
    current = edges[~edges["purpose"].str.startswith("jgb_")]
    paid = current.loc[current["payer"] == AI_SPECIAL_ACCOUNT, "amount_trn_yen"].sum()
    got = current.loc[(current["payee"] == AI_SPECIAL_ACCOUNT) & (current["payer"] != BANKS), "amount_trn_yen"].sum()
    assert (paid, got) == (pytest.approx(spent, abs=1e-9), pytest.approx(received, abs=1e-9))


@pytest.mark.parametrize(
    ("slot", "name", "settings"),
    [
        ("subsidy", "five-year-schedule", {"dose": 0.0}),
        ("subsidy", "lump-sum", {"amount_trn_yen": 0.0}),
        ("subsidy", "stage-gated", {"dose": 0.0}),
        ("subsidy", "matching-grant", {"match_share": 0.0}),
        ("subsidy", "incremental-tax-credit", {"credit_share": 0.0}),
        ("subsidy", "equity-stake", {"dose": 0.0}),
        ("subsidy", "loan-guarantee", {"dose": 0.0}),
        ("subsidy", "compute-vouchers", {"dose": 0.0}),
        ("subsidy", "domestic-content", {"required_share": 0.0}),
        ("subsidy", "adoption-subsidy", {"cost_share": 0.0}),
        ("fiscal", "issuance-cap", {"cap_trn_yen": 500.0}),
        ("fiscal", "debt-brake", {"limit_pct_gdp": 10.0, "largest_change_share": 0.0}),
        ("fiscal", "primary-balance", {"speed_pct_gdp": 0.0}),
        ("fiscal", "golden-rule", {"speed_pct_gdp": 0.0}),
        ("fiscal", "debt-feedback", {"largest_change_share": 0.0}),
        ("monetary", "yen-augmented", {"yen_response": 0.0}),
        ("monetary", "early-normalisation", {"neutral_rate_pct": 0.0}),
        ("intervention", "ito-yabu-thresholds", {"size_bn_usd": 0.0}),
        ("intervention", "defend-level", {"level_usdjpy": 400.0}),
        ("trade", "chip-deal", {"purchase_trn_yen": 0.0}),
    ],
)
def test_a_rule_without_effect_gives_equal_bits(slot: str, name: str, settings: dict[str, Any]) -> None:
    def run(policy: str | Policy) -> JapanEconomy:
        return JapanEconomy(**SMALL, rng=8, policy=policy).run(2)

    # With debt feedback taxes do not answer to debt: spending would.
    usual = with_rule("fiscal", "fixed-taxes") if name == "debt-feedback" else "none"
    assert fingerprint(run(with_rule(slot, name, **settings))) == fingerprint(run(usual))


def test_taxes_that_answer_to_debt_are_another_policy_than_fixed_ones() -> None:
    fixed, usual = (JapanEconomy(**SMALL, rng=8, policy=one) for one in (with_rule("fiscal", "fixed-taxes"), "none"))
    for each in (fixed, usual):
        each.government.memory.debt_to_gdp_opening_pct -= 50.0
        each.run(2)
    effort = usual.government.tax_effort_pct_gdp
    assert fixed.government.tax_effort_pct_gdp == 0.0 < effort
    # Fifty points more of debt than at the start: households pay that much of output more, and spend less.
    asked = effort / 100.0 * usual.state.nominal_gdp_four_quarters
    assert 0.8 * asked < usual.government.year.tax - fixed.government.year.tax < asked
    assert usual.outcomes["real_consumption_trn_yen"] < fixed.outcomes["real_consumption_trn_yen"]


def test_bounds_are_checked_when_a_rule_is_built() -> None:
    with pytest.raises(InputError, match=r"'stage-gated': stop_gap_months is 200 .*outside 0 to 120") as error:
        StageGated(stop_gap_months=200.0, dose="x", recipient="nobody")  # type: ignore[arg-type]
    assert len(error.value.messages) == 3


# Subsidy.


def test_taxes_on_funded_activity_by_hand() -> None:
    activity = ProgrammeActivity(wages=10.0, supplies=8.0, corporate_tax=2.25)
    assert taxes_on_activity_trn_yen(activity, 0.33, 0.30) == pytest.approx(3.3 + 2.4 + 2.25)


def test_what_a_yen_returns_depends_on_the_rule_and_on_who_gets_it(actual: JapanEconomy) -> None:
    def a_yen(economy: JapanEconomy) -> float:
        return economy.outcomes["programme_return_trn_yen"] / economy.outcomes["programme_cost_trn_yen"]

    vouchers, chips = quiet(60, "vouchers"), quiet(60, "chip-deal")
    assert a_yen(chips) == 0.0, "chips from abroad return nothing"
    assert min(a_yen(actual), a_yen(vouchers)) > 0.0
    assert len({round(a_yen(each), 3) for each in (actual, vouchers, quiet(60, "lump-sum"))}) == 3
    # It goes on after the money is spent, while what was bought earns.
    returned = actual.monthly_table()["programme_return_trn_yen"]
    assert (np.diff(returned) > 0.0).all()


def test_wages_are_taxed_as_posted() -> None:
    economy = JapanEconomy(**SMALL, rng=1, noise=False)
    economy.step()
    edges = economy.edge_table()

    def sent(*purposes: str) -> float:
        return float(edges.loc[edges["purpose"].isin(purposes), "amount_trn_yen"].sum())

    wages, mixed = sent("wages"), sent("mixed_income_and_rents")
    taxes = sent("tax_income_central", "tax_local_households")
    # Income from property, last month's, is taxed with what is earned.
    taxed = wages + mixed + economy.incomes._taxed_property_start
    expected = sent("social_contributions") / wages + taxes / taxed
    assert economy.incomes.labour_tax_share == pytest.approx(expected, rel=1e-9)
    assert 0.25 < expected < 0.45


def test_a_lump_sum_comes_at_once_and_works_sooner(actual: JapanEconomy) -> None:
    economy = quiet(60, "lump-sum")
    paid = economy.monthly_table()["programme_cost_trn_yen"]
    assert (paid == 1.0).all()
    share = "domestic_ai_share_home_pct"
    assert economy.monthly_table()[share][35] > actual.monthly_table()[share][35]
    assert economy.monthly_table()["jgb_10y_pct"][0] > actual.monthly_table()["jgb_10y_pct"][0]


def test_stages_that_are_passed_pay_as_the_schedule(actual: JapanEconomy) -> None:
    economy = quiet(60, with_rule("subsidy", "stage-gated", gates_months=[60.0], stop_gap_months=60.0))
    pd.testing.assert_frame_equal(economy.monthly_table(), actual.monthly_table(), rtol=1e-9)


def test_a_missed_gate_holds_the_money_back_and_a_later_review_releases_it(actual: JapanEconomy) -> None:
    gaps = []
    economy = JapanEconomy(**SMALL, rng=1, noise=False, policy=with_rule("subsidy", "stage-gated", gates_months=[22.5]))
    for _ in range(30):
        economy.step()
        gaps.append(economy.closed_month.ai.services.frontier_gap_months)
    paid = economy.monthly_table()["programme_cost_trn_yen"].to_numpy()
    assert paid[11] == pytest.approx(0.3873)
    resumed = int(np.flatnonzero(paid > paid[11] + 1e-9)[0])
    assert resumed > 12
    assert gaps[11] > 22.5 >= gaps[resumed - 1]
    assert (resumed - 12) % 3 == 0
    assert paid[11] < actual.monthly_table()["programme_cost_trn_yen"][resumed - 1]


def test_the_stop_loss_ends_the_project_and_takes_money_back(actual: JapanEconomy, nothing: JapanEconomy) -> None:
    economy = quiet(60, with_rule("subsidy", "stage-gated", stop_gap_months=20.0))
    assert economy.government.memory.of_rule["stage-gated"]["given_up"]
    assert economy.outcomes["programme_cost_trn_yen"] == pytest.approx(0.3873)
    back = flows(economy, "programme_repayment")
    assert set(back["payer"]) == {"national_ai_company"}
    assert set(back["payee"]) == {AI_SPECIAL_ACCOUNT}
    assert 0.0 < back["amount_trn_yen"].sum() == pytest.approx(economy.government.memory.programme_received_trn_yen)
    share = "domestic_ai_share_home_pct"
    assert nothing.outcomes[share] < economy.outcomes[share] < actual.outcomes[share]


def test_the_cost_cap_ends_the_project() -> None:
    economy = quiet(24, with_rule("subsidy", "stage-gated", cost_cap_trn_yen=0.2))
    assert 0.2 - 0.3873 / 12.0 < economy.outcomes["programme_cost_trn_yen"] <= 0.2


def test_matching_money_follows_what_firms_invest() -> None:
    economy = quiet(24, "matching")
    grants = flows(economy, "ai_programme").groupby("payee")["amount_trn_yen"].sum()
    assert len(grants) > 5
    assert grants.sum() <= 0.3873 + 0.153175 + 1e-9
    assert (
        0.0
        < quiet(24, with_rule("subsidy", "matching-grant", match_share=0.05)).outcomes["programme_cost_trn_yen"]
        < grants.sum()
    )


def test_a_refundable_credit_costs_more() -> None:
    capped = quiet(36, with_rule("subsidy", "incremental-tax-credit", credit_share=0.5))
    refunded = quiet(36, with_rule("subsidy", "incremental-tax-credit", credit_share=0.5, refundable=True))
    cost = "programme_cost_trn_yen"
    assert 0.0 < capped.outcomes[cost] < refunded.outcomes[cost]


def test_a_royalty_brings_money_back_up_to_its_multiple_and_leaves_less_to_invest() -> None:
    terms = {"amounts_trn_yen": [0.05], "royalty_share": 0.5, "royalty_from_month": 0, "equity_share": 0.0}
    economy = quiet(48, with_rule("subsidy", "equity-stake", **terms))
    back = flows(economy, "programme_royalty")["amount_trn_yen"].sum()
    assert back == pytest.approx(1.5 * 0.05, rel=1e-6)
    free = quiet(48, with_rule("subsidy", "equity-stake", **(terms | {"royalty_share": 0.0})))
    # The company keeps less, and its owners have to put in more.
    row = economy.chip_importers.row_of_name("national_ai_company")
    worth = [
        float(each.chip_importers.columns["cash_trn_yen"][row] - each.chip_importers.columns["equity_issued"][row])
        for each in (economy, free)
    ]
    assert worth[0] < worth[1]


def test_shares_are_bought_held_and_sold() -> None:
    economy = quiet(30, with_rule("subsidy", "equity-stake", equity_share=1.0, holding_months=24))
    bought = flows(economy, "programme_equity")["amount_trn_yen"].sum()
    sold = flows(economy, "programme_stake_sale")
    assert bought == pytest.approx(economy.outcomes["programme_cost_trn_yen"])
    assert set(sold["payer"]) == {FIRMS}
    assert sold["amount_trn_yen"].sum() > 0.0


def test_a_guarantee_costs_nothing_until_a_firm_fails() -> None:
    cautious = quiet(36, "guarantee")
    assert cautious.outcomes["programme_cost_trn_yen"] == 0.0
    assert flows(cautious, "guaranteed_loans")["payer"].unique().tolist() == [BANKS]
    assert flows(cautious, "guarantee_fee")["amount_trn_yen"].sum() > 0.0
    reckless = run_soundly(48, rng=7, policy=with_rule("subsidy", "loan-guarantee", dose=10.0, recipients="developers"))
    losses = flows(reckless, "guarantee_payment")
    assert losses["amount_trn_yen"].sum() == pytest.approx(reckless.outcomes["programme_cost_trn_yen"])
    assert losses["amount_trn_yen"].sum() > 0.1
    assert losses["payee"].unique().tolist() == [BANKS]


def test_ventures_fail_in_the_same_months_under_every_policy_and_the_guarantee_pays_for_them() -> None:
    guaranteed, without = (
        JapanEconomy(**SMALL | {"importers": 300}, rng=2, policy=name) for name in ("guarantee", "none")
    )
    failed, written_off, ventures = 0, 0.0, guaranteed.ai_firm_finance.failure_law.ventures
    for _ in range(60):
        guaranteed.step()
        without.step()
        rows = guaranteed.closed_month.ai.firms.failed_rows
        # Others fail by what their clients do, too.
        others = without.closed_month.ai.firms.failed_rows
        assert rows[ventures[rows]].tolist() == others[ventures[others]].tolist()
        failed += int(ventures[rows].sum())
        written_off += guaranteed.closed_month.ai.firms.written_off
    # 1.2 ventures a year make six, of which 99 in 100 draws keep between one and thirteen.
    assert 1 <= failed <= 13
    paid = flows(guaranteed, "guarantee_payment")["amount_trn_yen"].sum()
    assert 0.0 < paid < 0.8 * written_off
    assert paid == pytest.approx(guaranteed.outcomes["programme_cost_trn_yen"])
    assert guaranteed.ledger.max_relative_residual < 1e-9
    assert guaranteed.ai_services.contracts.layers[0].shares.sum() == pytest.approx(1.0)


def test_clients_of_a_failed_developer_find_an_entrant_behind_the_frontier(monkeypatch: pytest.MonkeyPatch) -> None:
    economy = JapanEconomy(**SMALL, rng=2, policy="none", noise=False)
    economy.step()
    law = economy.ai_firm_finance.failure_law
    capability = economy.ai_services.capability
    row = int(np.flatnonzero(law.ventures)[0])
    place = int(np.flatnonzero(capability.rows == row)[0])
    shares = economy.ai_services.contracts.layers[0].shares
    before = float(shares[place])
    assert before > 0.0
    with monkeypatch.context() as patch:
        patch.setattr(law, "close", lambda month, draws, failed: failed.__setitem__(row, True))
        economy.step()
    with monkeypatch.context() as patch:
        patch.setattr("itcho.model.ai.firm_finance.spin_outs", lambda *_: np.zeros(0, dtype=np.int64))
        for _ in range(3):
            economy.step()
            assert shares[place] == 0.0, "its clients have left, and nobody signs with what is left of it"
        patch.setattr("itcho.model.ai.firm_finance.spin_outs", lambda vacant, *_: np.flatnonzero(vacant))
        economy.step()
    gap = economy.parameters.ai_developer_gap_months / 12.0
    assert capability.gaps()[place] == pytest.approx(-gap, rel=1e-6)
    for _ in range(13):
        economy.step()
    assert shares[place] < 2.0 * before
    assert shares.sum() == pytest.approx(1.0)
    assert economy.ledger.max_relative_residual < 1e-9


def test_guaranteed_loans_are_cheaper(nothing: JapanEconomy) -> None:
    with_fee = {"fee_pct": 0.0, "guaranteed_share": 1.0}
    guaranteed = quiet(36, with_rule("subsidy", "loan-guarantee", **with_fee))
    plain = quiet(36, with_rule("subsidy", "loan-guarantee", fee_pct=0.0, guaranteed_share=0.0))
    interest = [
        flows(each, "loan_interest").query("payee == 'banks'")["amount_trn_yen"].sum() for each in (guaranteed, plain)
    ]
    assert interest[0] < interest[1]
    share = "domestic_ai_share_home_pct"
    assert guaranteed.outcomes[share] > nothing.monthly_table()[share][35]


def test_vouchers_go_to_many(nothing: JapanEconomy) -> None:
    economy = quiet(60, "vouchers")
    grants = flows(economy, "ai_programme").groupby("payee")["amount_trn_yen"].sum()
    assert "national_ai_company" not in grants
    named = grants.drop("other_developers")
    assert named.max() <= 0.1 * grants.sum() + 1e-9
    assert len(named) >= 8
    share = "domestic_ai_share_home_pct"
    assert economy.outcomes[share] > nothing.outcomes[share]


def test_capped_shares() -> None:
    shares = capped_shares(np.array([8.0, 1.0, 1.0, 0.0]), 0.4)
    assert shares == pytest.approx([0.4, 0.3, 0.3, 0.0])
    assert capped_shares(np.ones(3), 0.1) == pytest.approx([1.0 / 3.0] * 3)


def test_a_content_rule_wins_share_and_loses_productivity(nothing: JapanEconomy) -> None:
    economy = quiet(60, "content-rule")
    assert economy.outcomes["programme_cost_trn_yen"] == 0.0
    assert economy.outcomes["domestic_ai_share_home_pct"] > nothing.outcomes["domestic_ai_share_home_pct"] + 1.0
    assert economy.outcomes["productivity_gain_pct"] < nothing.outcomes["productivity_gain_pct"]
    paid_abroad = [flows(each, "ai_services_imports")["amount_trn_yen"].sum() for each in (economy, nothing)]
    assert paid_abroad[0] < paid_abroad[1]


def test_an_adoption_subsidy_raises_adoption_and_productivity(nothing: JapanEconomy, actual: JapanEconomy) -> None:
    economy = quiet(60, "adoption-first")
    for name in ("deep_adoption_pct", "productivity_gain_pct"):
        assert economy.outcomes[name] > max(nothing.outcomes[name], actual.outcomes[name])
    paid = flows(economy, "adoption_subsidy")
    assert set(paid["payee"]) == {FIRMS}
    assert 0.0 < paid["amount_trn_yen"].sum() <= 1.0 + 1e-9


# Fiscal.


DRAFT = FiscalView(30.0, 0.4, 50.0, 8.0, 13.0, 18.0, 700.0, 0.0, 215.0, 215.0, 215.0, -2.5, 0.0)


@pytest.mark.parametrize(
    ("name", "settings", "factor"),
    [
        ("none", {}, 1.0),
        ("issuance-cap", {"cap_trn_yen": 46.0}, 1.0 - 2.0 / 50.0),
        ("issuance-cap", {"cap_trn_yen": 50.0}, 1.0),
        ("debt-brake", {"limit_pct_gdp": 4.0}, 1.0 - (30.4 - 28.0) / 50.0),
        ("debt-brake", {}, 0.9),
        ("primary-balance", {"speed_pct_gdp": 0.2}, 1.0 - 1.4 / 50.0),
        ("golden-rule", {"relabelled_share": 0.5, "speed_pct_gdp": 5.0, "largest_change_share": 1.0}, 1.0 - 18.0 / 50),
        ("debt-feedback", {}, 1.0 + (0.025 * 700.0 - 17.4) / 50.0),
    ],
)
def test_fiscal_rules_save_what_they_say(name: str, settings: dict[str, Any], factor: float) -> None:
    assert find_rule("fiscal", name)(**settings).discretionary_factor(DRAFT) == pytest.approx(factor)  # type: ignore[attr-defined]


def test_a_slump_loosens_the_brake_and_debt_tightens_the_feedback() -> None:
    brake, feedback = find_rule("fiscal", "debt-brake")(limit_pct_gdp=4.0), find_rule("fiscal", "debt-feedback")()
    assert brake.discretionary_factor(replace(DRAFT, output_gap_pct=-2.0)) == 1.0  # type: ignore[attr-defined]
    indebted = replace(DRAFT, debt_to_gdp_pct=240.0)
    assert feedback.discretionary_factor(indebted) < feedback.discretionary_factor(DRAFT)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["issuance-cap", "debt-brake", "primary-balance", "golden-rule"])
def test_fiscal_rules_lower_debt_and_output(name: str, nothing: JapanEconomy) -> None:
    economy = quiet(60, with_rule("fiscal", name, **({"cap_trn_yen": 30.0} if name == "issuance-cap" else {})))
    assert economy.outcomes["gov_debt_trn_yen"] < nothing.outcomes["gov_debt_trn_yen"] - 1.0
    assert economy.outcomes["jgb_10y_pct"] < nothing.outcomes["jgb_10y_pct"]
    assert economy.monthly_table()["real_gdp_trn_yen"].mean() < nothing.monthly_table()["real_gdp_trn_yen"].mean()


# Monetary.


def path(economy: JapanEconomy, name: str) -> pd.Series:
    return economy.monthly_table()[name]


def test_the_opening_curve_does_not_depend_on_the_rule() -> None:
    held = JapanEconomy(**SMALL, rng=1, policy=with_rule("monetary", "constant"))
    assert held.bonds.premium_start == JapanEconomy(**SMALL, rng=1).bonds.premium_start


def test_a_constant_rate_is_constant_and_loose(nothing: JapanEconomy) -> None:
    economy = quiet(60, with_rule("monetary", "constant"))
    assert path(economy, "policy_rate_pct").nunique() == 1
    assert path(economy, "jgb_10y_pct")[0] < path(nothing, "jgb_10y_pct")[0] - 0.2
    assert economy.outcomes["usdjpy"] > nothing.outcomes["usdjpy"]
    assert path(economy, "real_gdp_trn_yen").mean() > path(nothing, "real_gdp_trn_yen").mean()


def test_early_normalisation_steps_at_every_meeting(nothing: JapanEconomy) -> None:
    economy = quiet(24, with_rule("monetary", "early-normalisation"))
    rate = path(economy, "policy_rate_pct")
    start = economy.start_state.fact("policy_rate_pct")
    meetings = np.cumsum([m in {1, 3, 4, 6, 7, 9, 10, 12} for m in (4, 5, 6, 7, 8, 9)])
    assert rate[:6].tolist() == pytest.approx(np.minimum(start + 0.25 * meetings, 1.75).tolist())
    # It rests at the neutral rate in October and December; from there Taylor's rule takes its single steps.
    assert rate[6:9].tolist() == pytest.approx([1.75] * 3)
    assert (rate[6:] - 1.75).abs().max() <= 0.25
    assert path(economy, "usdjpy")[11] < path(nothing, "usdjpy")[11]
    assert path(economy, "real_gdp_trn_yen")[:24].mean() < path(nothing, "real_gdp_trn_yen")[:24].mean()


def test_taylor_jumps_where_the_inertial_rule_creeps(nothing: JapanEconomy) -> None:
    economy = quiet(12, with_rule("monetary", "taylor"))
    steps = path(economy, "policy_rate_pct").diff().abs().max()
    assert steps >= path(nothing, "policy_rate_pct").diff().abs().max()
    assert (path(economy, "policy_rate_pct") / 0.25 % 1.0).abs().max() < 1e-9


def test_a_weak_yen_and_a_high_price_level_raise_the_rate() -> None:
    economy = JapanEconomy(**SMALL, rng=1)
    bank = economy.bank_of_japan
    view = bank._view()
    p = economy.parameters
    yen, prices = find_rule("monetary", "yen-augmented")(), find_rule("monetary", "price-level-target")()
    for rule, changed in ((yen, view._replace(yen_gap_pct=10.0)), (prices, view._replace(price_gap_pct=1.0))):
        assert rule.wanted_rate_pct(changed, p) > rule.wanted_rate_pct(view, p)  # type: ignore[attr-defined]


def test_a_yield_cap_is_held_by_buying(nothing: JapanEconomy) -> None:
    economy = quiet(60, with_rule("monetary", "yield-curve-control", cap_pct=1.25))
    assert path(economy, "jgb_10y_pct").max() <= 1.25 + 1e-6
    assert path(nothing, "jgb_10y_pct").min() > 1.6

    def owned(each: JapanEconomy) -> float:
        return sum(each.ledger.position(bucket, "bank_of_japan") for bucket in JGB_BUCKETS)

    assert owned(economy) > owned(nothing) + 20.0
    # It is paid in reserves.
    assert economy.ledger.position("reserves", BANKS) > nothing.ledger.position("reserves", BANKS) + 20.0


def test_a_yield_cap_against_the_short_rate_gives_way_when_no_market_is_left() -> None:
    economy = quiet(
        12, with_rule("monetary", "yield-curve-control", cap_pct=0.5, largest_share=0.7, short_rate="taylor")
    )
    assert path(economy, "jgb_10y_pct").iloc[-1] > 0.6
    held = economy.ledger.positions[[economy.ledger.instrument_index[bucket] for bucket in JGB_BUCKETS]].sum(axis=0)
    parties = economy.ledger.party_index
    share = held[parties["bank_of_japan"]] / (np.maximum(held, 0.0).sum() - held[parties["firms"]])
    assert share == pytest.approx(0.7, abs=0.05)


# Intervention.


def seen(**changes: Any) -> InterventionView:
    calm = InterventionView(log(150.0), log(150.0), log(150.0), 0, 0.0, inf, 0.0, 0.0, 1200.0, 1200.0)
    return calm._replace(**changes)


def test_ito_yabu_waits_strikes_and_pauses() -> None:
    rule = ItoYabuThresholds()
    assert rule.order_bn_usd(seen()) == 0.0
    weak = {"log_price": log(165.0)}
    assert rule.order_bn_usd(seen(**weak)) == -20.0
    assert rule.order_bn_usd(seen(log_price_20_sessions_ago=log(142.0))) == -20.0
    assert rule.order_bn_usd(seen(log_price=log(135.0))) == 20.0
    assert ItoYabuThresholds(both_sides=False).order_bn_usd(seen(log_price=log(135.0))) == 0.0
    assert rule.order_bn_usd(seen(sessions_running=2, last_order_bn_usd=-20.0, sessions_since=0.0)) == -20.0
    assert rule.order_bn_usd(seen(sessions_running=3, last_order_bn_usd=-20.0, sessions_since=0.0, **weak)) == 0.0
    assert rule.order_bn_usd(seen(sessions_since=41.0, **weak)) == 0.0
    assert rule.order_bn_usd(seen(sold_this_year_bn_usd=115.0, **weak)) == -5.0


def test_a_defended_level_stops_at_the_floor_of_reserves() -> None:
    rule = DefendLevel(level_usdjpy=150.0)
    assert rule.order_bn_usd(seen()) == 0.0
    assert -20.0 <= rule.order_bn_usd(seen(log_price=log(155.0))) < -10.0
    assert rule.order_bn_usd(seen(log_price=log(155.0), reserves_bn_usd=600.0)) == 0.0
    assert DefendLevel(level_usdjpy=150.0, side="floor").order_bn_usd(seen(log_price=log(140.0))) > 0.0


@pytest.mark.parametrize(("side", "level", "sign"), [("ceiling", 152.0, -1.0), ("floor", 160.0, 1.0)])
def test_intervention_moves_yen_reserves_and_debt(side: str, level: float, sign: float, nothing: JapanEconomy) -> None:
    terms = {"side": side, "level_usdjpy": level, "strength_bn_usd_per_pct": 0.5}
    economy = quiet(6, with_rule("intervention", "defend-level", **terms))
    posted = flows(economy, "currency_intervention")
    assert set(posted["instrument"]) == {"other_foreign_assets"}
    assert set(posted["payer" if sign > 0.0 else "payee"]) == {"government"}
    assert set(posted["payee" if sign > 0.0 else "payer"]) == {"foreign_investors"}
    yen = posted["amount_trn_yen"].sum()
    bought = economy.government.market.bought_bn_usd - economy.government.market.sold_bn_usd
    assert bought * sign > 0.0
    assert yen == pytest.approx(abs(bought) * economy.monthly_table()["usdjpy"].mean() / 1000.0, rel=0.05)
    assert sign * (economy.outcomes["usdjpy"] - path(nothing, "usdjpy")[5]) > 0.0
    assert sign * (economy.outcomes["gov_debt_trn_yen"] - path(nothing, "gov_debt_trn_yen")[5]) > 0.5 * yen


# Trade.


def test_the_chip_deal_buys_chips_and_opens_markets(nothing: JapanEconomy) -> None:
    economy = quiet(60, "chip-deal")
    assert economy.outcomes["programme_cost_trn_yen"] == pytest.approx(0.5)
    assert flows(economy, "chip_purchase_deal")["amount_trn_yen"].sum() == pytest.approx(0.5)
    imports = [flows(each, "imports_chips_servers_by_ai_firms")["amount_trn_yen"].sum() for each in (economy, nothing)]
    assert imports[0] > imports[1] + 0.2
    assert economy.goods.export_access > 1.0 < economy.goods.export_margin
    exports = [flows(each, "exports")["amount_trn_yen"].sum() for each in (economy, nothing)]
    assert exports[0] > exports[1]
    refused = quiet(24, with_rule("trade", "chip-deal", tariff_relief_pp=0.0))
    assert refused.goods.export_access == refused.goods.export_margin == 1.0


def relief_path(
    months: int, bought_monthly: float, granted: float = 1.0, asked_pp: float = 2.0, bought_months: int = 36
) -> list[float]:
    """Relief by month, when 36 times so much is offered, of 0.5 trn yen asked for each point; every lot is 0.05."""
    memory, its, parameters, found = Memory(), Negotiator(1.0), Parameters(), []
    deal = Deal(tariff_relief_pp=asked_pp, offer_trn_yen=36.0 * bought_monthly)
    for month in range(months):
        memory.deal_bought_trn_yen += bought_monthly if month < bought_months else 0.0
        found.append(relief_granted_pp(memory, its, deal, granted, lambda: 0.05, parameters))
    return found


def test_relief_answers_what_was_offered_and_not_the_rules_own_target() -> None:
    # Two points for 1 trn yen in 36 months: from the end of talks in the fourth month, and for good.
    assert relief_path(60, 1.0 / 36.0) == [0.0] * 3 + [2.0] * 57
    # Half of it, or a thousandth, is no deal, whatever the rule calls its target.
    assert relief_path(60, 0.5 / 36.0) == relief_path(60, 0.001 / 36.0) == [0.0] * 60
    # Half of it is asked for half of the relief; twice as much buys no more than was asked for.
    assert relief_path(6, 0.5 / 36.0, asked_pp=1.0) == [0.0] * 3 + [1.0] * 3
    assert relief_path(6, 2.0 / 36.0) == [0.0] * 3 + [2.0] * 3
    assert relief_path(6, 1.0 / 36.0, granted=0.0) == [0.0] * 6


def test_relief_may_be_withdrawn_when_purchases_stop_half_way() -> None:
    # Twelve months are bought; half of what is due in the 24th month is as much, in the 27th it is more.
    assert relief_path(30, 1.0 / 36.0, bought_months=12) == [0.0] * 3 + [2.0] * 23 + [0.0] * 4


def test_the_deal_stops_buying_when_no_answer_comes() -> None:
    rule = ChipDeal(first_month=3, months=36, patience_months=6)
    assert rule.deal(TradeView(8, 5.0 / 36.0, 5)).chip_purchase_trn_yen == pytest.approx(1.0 / 36.0)
    assert rule.deal(TradeView(9, 6.0 / 36.0, 6)).chip_purchase_trn_yen == 0.0
    answered, deadlock = quiet(48, "chip-deal"), quiet(48, "chip-deal", scenario="tariff-deadlock")
    assert answered.government.memory.deal_bought_trn_yen == pytest.approx(1.0)
    assert deadlock.government.memory.deal_bought_trn_yen == pytest.approx(6.0 / 36.0)
    assert deadlock.outcomes["programme_cost_trn_yen"] == pytest.approx(3.0 / 36.0)
    assert quiet(48, "none", scenario="tariff-deadlock").goods.export_access == deadlock.goods.export_access


def test_a_thousandth_of_the_chips_buys_nothing() -> None:
    little = quiet(60, with_rule("trade", "chip-deal", purchase_trn_yen=0.001))
    assert little.goods.export_access == little.goods.export_margin == 1.0
