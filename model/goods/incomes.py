"""Incomes of a month: wages, taxes, transfers, interest, dividends and income from abroad.

Every flow of the published year is driven by what it depends on; interest and dividend rates are implied by the opening
stocks and the published flows, so that the first year's flows follow from stocks and rates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from itcho.agents.firms import extra_dividends_trn_yen
from itcho.agents.government import public_growth_over_potential
from itcho.agents.households import counted_income
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    DEPOSITS,
    FIRMS,
    FOREIGN_INVESTORS,
    FUND_UNITS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    JAPANESE_EQUITY,
    LOANS,
    LOCAL_AND_SOCIAL_SECURITY,
    OTHER_FOREIGN_ASSETS,
    PUBLIC_PENSION_CLAIM,
    SOFTBANK_CORP,
    SOFTBANK_GROUP,
    WORLD_EQUITY,
)
from itcho.model.ledger.ledger import Ledger
from itcho.model.opening import implied_rate, month_scale
from itcho.model.start_states.loader import StartState
from itcho.model.state import EconomyState

INVESTOR_PARTIES = (INSURERS_AND_PENSIONS, INVESTMENT_FUNDS)


@dataclass
class Taxes:
    """Central taxes of a month, trillion yen."""

    income: float
    inheritance: float
    corporate: float
    consumption: float
    other: float

    @property
    def total(self) -> float:
        """All central taxes of the general account."""
        return self.income + self.inheritance + self.corporate + self.consumption + self.other


class IncomeFlows:
    """Remembers the opening run-rates and rates.

    Attributes
    ----------
    disposable_income : of households in the last month, trillion yen.
    earned, benefits, contributions, household_taxes, consumption_tax, household_spending : of households in the last
        month, trillion yen; the tax on consumption is the central one, in the prices of what they buy.
    labour_tax_share : social contributions over wages, and income taxes over earned incomes, of the last month.
    foreign_income_net : primary income from abroad net of what is paid, last month.
    property_income, taxed_property : of households in the last month, trillion yen: what property yields less the
        interest they pay, and all of it.
    tax_yield_log : what taxes on incomes and profits yield beyond the start's code, log points.
    """

    def __init__(
        self,
        start: StartState,
        ledger: Ledger,
        policy_rate_pct: float,
        lending_rate_pct: float,
        parameters: ParameterValues,
    ) -> None:
        self.p = parameters
        self.start = start
        self.scale = month_scale(parameters)
        self.policy_rate_start_pct = policy_rate_pct
        self.lending_rate_start_pct = lending_rate_pct
        flow, k = start.flow, self.scale
        self.base = {
            "wages": k * flow("wages"),
            "mixed": k * flow("mixed_income_and_rents"),
            "own_depreciation": k * flow("government_own_depreciation"),
            "tax_income": k * flow("tax_income_central"),
            "tax_inheritance": k * flow("tax_inheritance_central"),
            "tax_corporate": k * flow("tax_corporate_central", "firms"),
            "tax_consumption": k * flow("tax_consumption_central"),
            "tax_other": k * flow("tax_other_central"),
            "tax_special": k * flow("tax_special_accounts"),
            "tax_local_households": k * flow("tax_local_households"),
            "tax_local_firms": k * flow("tax_local_firms"),
            "contributions": k * flow("social_contributions"),
            "benefits": k * flow("social_benefits_cash"),
            "margin": -k * flow("financial_margin"),
            "secondary_government": k * flow("secondary_income", "government"),
            "secondary_firms": k * flow("secondary_income", "firms"),
            "secondary_households": k * flow("secondary_income", "households"),
            "dividends": k * flow("dividends", "firms"),
            "consumption": k * flow("consumption"),
            "gdp": k * start.gdp_by_expenditure(),
            "potential": k * start.gdp_by_expenditure() / (1.0 + parameters.opening_output_gap_pct / 100.0),
        }
        self.profit_base = self.base["tax_corporate"] / parameters.corporate_tax_rate
        self.fixed_cost_base = self.base["gdp"] - self.base["wages"] - self.base["mixed"] - self.profit_base
        self.smoothed_profit = self.profit_base
        self._income_log_usdjpy = 0.0
        self.earned = self.benefits = self.contributions = self.household_taxes = self.household_spending = 0.0
        self.consumption_tax = 0.0
        self.labour_tax_share = 0.0
        self.tax_yield_log = 0.0
        self.disposable_income = 0.0
        self.property_income = 0.0
        self.taxed_property = self._taxed_property_start = 0.0
        self._attributed = -k * flow("attributed_income")
        self.attribution_start_gap = 0.0
        self._implied_rates(ledger)

    def _implied_rates(self, ledger: Ledger) -> None:
        """Yearly rates on opening stocks that give the published flows."""
        flow, held = self.start.flow, ledger.position
        foreign = {
            party: held(OTHER_FOREIGN_ASSETS, party) + held(WORLD_EQUITY, party)
            for party in (FIRMS, HOUSEHOLDS, BANKS, BANK_OF_JAPAN, GOVERNMENT, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS)
        }
        investors = foreign[INSURERS_AND_PENSIONS] + foreign[INVESTMENT_FUNDS]

        def received(party: str, stock: float) -> float:
            return implied_rate(flow("primary_income_received", "rest_of_world", party), stock)

        self.foreign_yield = {
            FIRMS: received("firms", foreign[FIRMS]),
            HOUSEHOLDS: received("households", foreign[HOUSEHOLDS]),
            BANKS: received("banks", foreign[BANKS]),
            BANK_OF_JAPAN: received("bank_of_japan", foreign[BANK_OF_JAPAN]),
            GOVERNMENT: received("government", foreign[GOVERNMENT]),
            INSURERS_AND_PENSIONS: received("investors", investors),
            INVESTMENT_FUNDS: received("investors", investors),
        }
        equity_abroad = held(JAPANESE_EQUITY, FOREIGN_INVESTORS)
        self.yield_paid_abroad = implied_rate(flow("primary_income_paid", "firms"), equity_abroad)
        self.bank_rate_abroad = implied_rate(flow("primary_income_paid", "banks"), foreign[BANKS])
        self.deposit_yield = {
            HOUSEHOLDS: flow("deposit_interest", "banks", "households") / held(DEPOSITS, HOUSEHOLDS),
            FIRMS: flow("deposit_interest", "banks", "firms") / held(DEPOSITS, FIRMS),
            LOCAL_AND_SOCIAL_SECURITY: flow("deposit_interest", "banks", "government")
            / held(DEPOSITS, LOCAL_AND_SOCIAL_SECURITY),
        }
        self.loan_yield = {
            HOUSEHOLDS: flow("loan_interest", "households") / -held(LOANS, HOUSEHOLDS),
            FIRMS: flow("loan_interest", "firms") / -held(LOANS, FIRMS),
        }
        self.local_interest = self.scale * (flow("loan_interest", "government"))
        self.local_bond_interest = self.scale * flow("bond_interest", "government")
        self.firm_bond_interest = self.scale * flow("bond_interest", "firms")
        self.fund_yield = implied_rate(flow("etf_distributions_to_boj"), held(FUND_UNITS, BANK_OF_JAPAN))
        self.boj_lending_yield = implied_rate(flow("boj_lending_interest"), held(LOANS, BANK_OF_JAPAN))
        self.pension_income = self.scale * flow("pension_fund_income_to_government")
        self._price_year_before_start = math.exp(-self.start.fact("cpi_inflation_yoy_pct") / 100.0)
        self._usual_deposits = held(DEPOSITS, FIRMS)
        self._usual_bank_funds = float(ledger.positions[:, ledger.party_index[BANKS]].sum())
        self.pension_claim_start = held(PUBLIC_PENSION_CLAIM, LOCAL_AND_SOCIAL_SECURITY)
        self.corp_interest = self.p.softbank_corp_interest_pct / 100.0 * -held(LOANS, SOFTBANK_CORP) / 12.0
        self.dividend_share = {
            HOUSEHOLDS: flow("dividends", "firms", "households"),
            "investors": flow("dividends", "firms", "investors"),
            BANKS: flow("dividends", "firms", "banks"),
            LOCAL_AND_SOCIAL_SECURITY: flow("dividends", "firms", "government"),
        }
        self.corp_dividend = self.scale * flow("dividends", "firms", "softbank_group")
        self.group_dividend = self.scale * flow("dividends", "softbank_group", "households")

    def open_attribution(self, investors_income: float) -> None:
        """Keep by how much the published income that is attributed to households exceeds what investors' own gives.

        ``investors_income`` is that of insurers, pension funds and investment funds at the opening, trillion yen a
        month, public pension funds' part included.
        """
        self.attribution_start_gap = self._attributed - (investors_income - self.pension_income)

    def household_income_start(self, coupons_to_households: float) -> float:
        """Households' disposable income at the opening run-rates, trillion yen a month."""
        flow, k, b = self.start.flow, self.scale, self.base
        received = b["wages"] + b["mixed"] + b["benefits"] + self._attributed + k * self._property_received()
        paid = (
            b["tax_income"]
            + b["tax_inheritance"]
            + b["tax_local_households"]
            + b["contributions"]
            + b["secondary_households"]
            + k * flow("loan_interest", "households")
        )
        return received + coupons_to_households - paid

    def open_property_income(self, coupons_to_households: float) -> float:
        """Keep, and return, what of :meth:`household_income_start` property yields, less the interest they pay."""
        received = self._attributed + self.scale * self._property_received() + coupons_to_households
        self.taxed_property = self._taxed_property_start = received
        self.property_income = received - self.scale * self.start.flow("loan_interest", "households")
        return self.property_income

    def _property_received(self) -> float:
        """Dividends, interest and income from abroad of households in the published year, trillion yen."""
        flow = self.start.flow
        return (
            flow("dividends", None, "households")
            + flow("deposit_interest", "banks", "households")
            + flow("primary_income_received", "rest_of_world", "households")
        )

    def count_spending(self, trn_yen: float) -> None:
        """Count what households spend in the month."""
        self.household_spending = trn_yen

    def post_labour_and_transfers(
        self, ledger: Ledger, state: EconomyState, wage_bill: float, ai_wages: float, month: int
    ) -> None:
        """Wages, mixed income, benefits, contributions, secondary income and the banks' costs."""
        p, b, pay = self.p, self.base, ledger.pay
        index = state.nominal_gdp / b["gdp"]
        smooth = state.nominal_gdp_index
        wage_index = wage_bill / b["wages"]
        mixed = b["mixed"] * index
        ageing = public_growth_over_potential(p.benefits_ageing_growth_pct, month, p)
        # Benefits follow the prices of the year before.
        prices = state.consumer_price_history[-13] / self._price_year_before_start
        benefits = b["benefits"] * ageing * state.potential_gdp / b["potential"] * prices
        contributions = b["contributions"] * wage_index
        abroad = b["secondary_households"] * smooth
        pay(FIRMS, HOUSEHOLDS, wage_bill - ai_wages, "wages")
        pay(FIRMS, HOUSEHOLDS, mixed, "mixed_income_and_rents")
        pay(FIRMS, LOCAL_AND_SOCIAL_SECURITY, b["own_depreciation"] * smooth, "government_own_depreciation")
        pay(LOCAL_AND_SOCIAL_SECURITY, HOUSEHOLDS, benefits, "social_benefits_cash")
        pay(HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY, contributions, "social_contributions")
        pay(HOUSEHOLDS, "foreign_goods_and_services", abroad, "secondary_income")
        pay(FIRMS, "foreign_goods_and_services", b["secondary_firms"] * smooth, "secondary_income")
        pay(BANKS, FIRMS, b["margin"] * smooth, "financial_margin")
        self.earned, self.benefits, self.contributions = wage_bill + mixed, benefits, contributions
        self.disposable_income = wage_bill + mixed + benefits - contributions - abroad

    def learn_tax_yield(self, news: float) -> None:
        """Take a month's news, a standard normal number, of what taxes on incomes and profits yield.

        Gains on shares and land, losses carried forward and bonuses move them beside the incomes that are on record.
        """
        p = self.p
        self.tax_yield_log = p.tax_yield_persistence_monthly * self.tax_yield_log + p.tax_yield_sd_monthly * news

    def added_consumption_tax(self, state: EconomyState, consumption: float) -> float:
        """Yield of what the rate of the consumption tax is above the start's, trillion yen a month."""
        usual = self.base["tax_consumption"] * consumption / self.base["consumption"]
        return usual * state.consumption_tax_points / self.p.consumption_tax_national_rate_pct

    def profits(self, state: EconomyState, wage_bill: float, consumption: float) -> float:
        """Firms' profits of the month before tax, trillion yen; a tax that is new with them is none of theirs."""
        b = self.base
        index = state.nominal_gdp / b["gdp"]
        potential = state.potential_gdp / b["potential"] * state.domestic_price
        added_tax = self.added_consumption_tax(state, consumption)
        return state.nominal_gdp - wage_bill - b["mixed"] * index - self.fixed_cost_base * potential - added_tax

    def post_taxes(
        self,
        ledger: Ledger,
        state: EconomyState,
        wage_bill: float,
        consumption: float,
        paid_by_ai_firms: float,
        income_tax_cut: float,
    ) -> Taxes:
        """Central and local taxes by kind; returns the general account's.

        ``paid_by_ai_firms`` is corporate tax that AI firms have paid already, out of the same profits;
        ``income_tax_cut`` is what households need not pay of their income tax.
        """
        p, b, pay = self.p, self.base, ledger.pay
        index = state.nominal_gdp / b["gdp"]
        smooth = state.nominal_gdp_index
        # The tax code keeps pace with the economy, so that only what departs from its trend meets other brackets.
        code = state.potential_gdp / b["potential"] * state.domestic_price
        # Interest that households pay on their homes is nothing that lowers taxed income in Japan.
        taxed = (wage_bill + b["mixed"] * index + self.taxed_property) / (
            b["wages"] + b["mixed"] + self._taxed_property_start
        )
        found = math.exp(self.tax_yield_log)
        profit = max(0.0, self.profits(state, wage_bill, consumption))
        self.smoothed_profit += p.tax_profit_smoothing_monthly * (profit - self.smoothed_profit)
        profit_index = self.smoothed_profit / self.profit_base
        taxes = Taxes(
            income=b["tax_income"] * found * code * (taxed / code) ** p.budget_tax_elasticity - income_tax_cut,
            inheritance=b["tax_inheritance"] * smooth,
            corporate=b["tax_corporate"] * found * profit_index,
            consumption=b["tax_consumption"] * consumption / b["consumption"]
            + self.added_consumption_tax(state, consumption),
            other=b["tax_other"] * smooth,
        )
        local_households = b["tax_local_households"] * found * taxed
        earned = wage_bill + b["mixed"] * index
        self.labour_tax_share = b["contributions"] / b["wages"] + (taxes.income + local_households) / (
            earned + self.taxed_property
        )
        pay(HOUSEHOLDS, GOVERNMENT, taxes.income, "tax_income_central")
        pay(HOUSEHOLDS, GOVERNMENT, taxes.inheritance, "tax_inheritance_central")
        pay(FIRMS, GOVERNMENT, taxes.corporate - paid_by_ai_firms, "tax_corporate_central")
        pay(FIRMS, GOVERNMENT, taxes.consumption, "tax_consumption_central")
        pay(FIRMS, GOVERNMENT, taxes.other, "tax_other_central")
        pay(FIRMS, LOCAL_AND_SOCIAL_SECURITY, b["tax_special"] * smooth, "tax_special_accounts")
        pay(HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY, local_households, "tax_local_households")
        pay(
            FIRMS,
            LOCAL_AND_SOCIAL_SECURITY,
            b["tax_local_firms"]
            * (p.local_tax_profit_share * found * profit_index + (1.0 - p.local_tax_profit_share) * smooth),
            "tax_local_firms",
        )
        self.household_taxes = taxes.income + taxes.inheritance + local_households
        self.consumption_tax = taxes.consumption
        self.disposable_income -= self.household_taxes
        return taxes

    def post_property_income(self, ledger: Ledger, state: EconomyState, coupons: dict[str, float]) -> dict[str, float]:
        """Interest, dividends and income from abroad; returns amounts the callers need by name."""
        p, pay, held = self.p, ledger.pay, ledger.position
        moved = state.policy_rate_pct - self.policy_rate_start_pct
        deposit_up = p.deposit_rate_pass_through * moved / 100.0
        loan_up = (state.lending_rate_pct - self.lending_rate_start_pct) / 100.0
        household, owed = coupons.get(HOUSEHOLDS, 0.0), 0.0
        for party, rate in self.deposit_yield.items():
            interest = max(0.0, rate + deposit_up) * held(DEPOSITS, party) / 12.0
            pay(BANKS, party, interest, "deposit_interest")
            household += interest if party == HOUSEHOLDS else 0.0
        for party, rate in self.loan_yield.items():
            interest = max(0.0, rate + loan_up) * -held(LOANS, party) / 12.0
            pay(party, BANKS, interest, "loan_interest")
            owed += interest if party == HOUSEHOLDS else 0.0
        pay(LOCAL_AND_SOCIAL_SECURITY, BANKS, self.local_interest + self.local_bond_interest, "loan_interest")
        pay(FIRMS, BANKS, self.firm_bond_interest, "bond_interest")
        household += self._post_dividends(ledger, state)
        foreign = self._post_foreign_income(ledger, math.log(state.usdjpy_index))
        household += foreign[HOUSEHOLDS]
        household += self._attribute_income(ledger, coupons, foreign)
        self.taxed_property, self.property_income = household, household - owed
        self.disposable_income += self.property_income
        counted = counted_income(self.disposable_income, self.property_income, p)
        state.take_incomes(self.disposable_income, counted)
        return foreign

    def _post_dividends(self, ledger: Ledger, state: EconomyState) -> float:
        """Dividends by holder, with their payers' part of excess funds; returns what households get."""
        p, k, pay, held = self.p, self.scale, ledger.pay, ledger.position
        index = self.smoothed_profit / self.profit_base
        usual = k * sum(self.dividend_share.values()) * index + self._to_shareholders_abroad(ledger)
        extra = extra_dividends_trn_yen(held(DEPOSITS, FIRMS), self._usual_deposits * state.nominal_gdp_index, p)
        self.payout = max(0.0, 1.0 + extra / usual)
        index *= self.payout
        funds, insurers = held(JAPANESE_EQUITY, INVESTMENT_FUNDS), held(JAPANESE_EQUITY, INSURERS_AND_PENSIONS)
        self.investor_dividends = k * self.dividend_share["investors"] * index
        to_households = k * self.dividend_share[HOUSEHOLDS] * index
        pay(FIRMS, HOUSEHOLDS, to_households, "dividends")
        share = funds / max(funds + insurers, 1e-9)
        pay(FIRMS, INVESTMENT_FUNDS, self.investor_dividends * share, "dividends")
        pay(FIRMS, INSURERS_AND_PENSIONS, self.investor_dividends * (1.0 - share), "dividends")
        pay(FIRMS, BANKS, k * self.dividend_share[BANKS] * index, "dividends")
        pay(FIRMS, LOCAL_AND_SOCIAL_SECURITY, k * self.dividend_share[LOCAL_AND_SOCIAL_SECURITY] * index, "dividends")
        pay(SOFTBANK_CORP, SOFTBANK_GROUP, self.corp_dividend, "dividends")
        pay(FIRMS, SOFTBANK_CORP, 3.0 * self.corp_dividend + self.corp_interest, "telecom_income")
        pay(SOFTBANK_CORP, BANKS, self.corp_interest, "loan_interest")
        pay(SOFTBANK_GROUP, HOUSEHOLDS, self.group_dividend, "dividends")
        own_funds = float(ledger.positions[:, ledger.party_index[BANKS]].sum())
        by_banks = max(0.0, extra_dividends_trn_yen(own_funds, self._usual_bank_funds * state.nominal_gdp_index, p))
        pay(BANKS, HOUSEHOLDS, by_banks, "dividends")
        return to_households + self.group_dividend + by_banks

    def _to_shareholders_abroad(self, ledger: Ledger) -> float:
        return self.yield_paid_abroad * ledger.position(JAPANESE_EQUITY, FOREIGN_INVESTORS) / 12.0

    payout: float = 1.0
    investor_dividends: float = 0.0

    def _post_foreign_income(self, ledger: Ledger, log_usdjpy: float) -> dict[str, float]:
        """Income from abroad: what affiliates earn comes down to a lasting yield; in yen it follows the rate late."""
        p, pay, held = self.p, ledger.pay, ledger.position
        received = {}
        self.foreign_yield[FIRMS] += p.affiliate_yield_speed_monthly * (
            p.affiliate_yield_pct / 100.0 - self.foreign_yield[FIRMS]
        )
        self._income_log_usdjpy += p.foreign_income_speed_monthly * (log_usdjpy - self._income_log_usdjpy)
        behind = self._income_log_usdjpy - log_usdjpy
        in_dollars, other = math.exp(behind), math.exp(p.fx_share_of_foreign_assets * behind)
        for party, rate in self.foreign_yield.items():
            stock = other * held(OTHER_FOREIGN_ASSETS, party) + in_dollars * held(WORLD_EQUITY, party)
            received[party] = rate * stock / 12.0
            pay(FOREIGN_INVESTORS, party, received[party], "primary_income_received")
        self.paid_by_firms = self.payout * self._to_shareholders_abroad(ledger)
        self.paid_by_banks = (
            self.bank_rate_abroad * (held(OTHER_FOREIGN_ASSETS, BANKS) + held(WORLD_EQUITY, BANKS)) / 12.0
        )
        pay(FIRMS, FOREIGN_INVESTORS, self.paid_by_firms, "primary_income_paid")
        pay(BANKS, FOREIGN_INVESTORS, self.paid_by_banks, "primary_income_paid")
        return received

    paid_by_firms: float = 0.0
    paid_by_banks: float = 0.0

    def _attribute_income(self, ledger: Ledger, coupons: dict[str, float], foreign: dict[str, float]) -> float:
        """Investors' income belongs to those who hold claims on them: public pensions and households."""
        pay = ledger.pay
        claims = (
            self.pension_income
            * ledger.position(PUBLIC_PENSION_CLAIM, LOCAL_AND_SOCIAL_SECURITY)
            / self.pension_claim_start
        )
        pay(INSURERS_AND_PENSIONS, LOCAL_AND_SOCIAL_SECURITY, claims, "pension_fund_income_to_government")
        income = {party: coupons.get(party, 0.0) + foreign[party] for party in INVESTOR_PARTIES}
        total = sum(income.values()) + self.investor_dividends - claims
        funds = income[INVESTMENT_FUNDS] + 0.5 * self.investor_dividends
        share = min(1.0, max(0.0, funds / max(total + claims, 1e-9)))
        fee = self.attribution_start_gap
        attributed = max(0.0, total + fee)
        pay(INVESTMENT_FUNDS, HOUSEHOLDS, share * attributed, "attributed_income")
        pay(INSURERS_AND_PENSIONS, HOUSEHOLDS, (1.0 - share) * attributed, "attributed_income")
        return attributed
