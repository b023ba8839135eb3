"""Lending and saving that follow the economy's size: credit to households and firms, pensions, the central bank's
run-off.
"""

from __future__ import annotations

from itcho.agents.asset_allocation import opening_pace_left
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    DEALERS_ABROAD,
    DEPOSITS,
    FIRMS,
    FOREIGN_INVESTORS,
    FUND_UNITS,
    HOUSEHOLDS,
    INSURANCE_PENSION_CLAIMS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    LOANS,
    LOCAL_AND_SOCIAL_SECURITY,
    PUBLIC_PENSION_CLAIM,
    RESERVES,
    Sector,
    Settlement,
)
from itcho.model.ledger.ledger import Ledger
from itcho.model.public.treasury import Treasury
from itcho.model.state import EconomyState


class StructuralFlows:
    """Remembers the dealers' opening cash, which they keep by lending to or borrowing from banks."""

    def __init__(self, ledger: Ledger, lending_rate_pct: float, parameters: ParameterValues) -> None:
        self.p = parameters
        self.dealer_cash = ledger.position(DEPOSITS, DEALERS_ABROAD)
        self.lending_rate_start_pct = lending_rate_pct
        self._may_overdraw = tuple(
            party.name
            for party in ledger.parties
            if party.settlement == Settlement.BANK_DEPOSIT and party.sector != Sector.AI_FIRMS
        )

    def post(self, ledger: Ledger, state: EconomyState, month: int) -> None:
        """Book the month's lending and contractual saving.

        Balances grow at the start's pace at first and with the economy in the end.
        """
        p, trade, held = self.p, ledger.trade, ledger.position
        left, index = opening_pace_left(month, p), state.nominal_gdp_index
        trend = (p.trend_potential_growth_pct + p.inflation_target_pct) / 100.0
        appetite = max(
            0.0, 1.0 - p.credit_rate_semi_elasticity * (state.lending_rate_pct - self.lending_rate_start_pct)
        )

        def growth(balance: float, opening_trn_yen_year: float) -> float:
            return (left * opening_trn_yen_year * index + (1.0 - left) * trend * balance) / 12.0

        for borrower, opening in (
            (HOUSEHOLDS, p.household_borrowing_trn_yen_year),
            (FIRMS, p.firm_borrowing_trn_yen_year),
        ):
            trade(BANKS, borrower, LOANS, appetite * growth(-held(LOANS, borrower), opening), 1.0, "lending")
        abroad = growth(-held(LOANS, FOREIGN_INVESTORS), p.foreign_borrowing_trn_yen_year)
        trade(BANKS, FOREIGN_INVESTORS, LOANS, abroad, 1.0, "lending_abroad")
        lent = max(0.0, held(LOANS, BANK_OF_JAPAN))
        trade(BANKS, BANK_OF_JAPAN, LOANS, lent * p.boj_lending_runoff_share_year / 12.0, 1.0, "boj_lending")
        trade(
            HOUSEHOLDS,
            INSURERS_AND_PENSIONS,
            INSURANCE_PENSION_CLAIMS,
            growth(held(INSURANCE_PENSION_CLAIMS, HOUSEHOLDS), p.household_insurance_saving_trn_yen_year),
            1.0,
            "insurance_saving",
        )
        # In the end the public pension fund pays out what it earns: its reserve is planned to be used up.
        pension = left * p.public_pension_saving_trn_yen_year * index / 12.0
        trade(
            LOCAL_AND_SOCIAL_SECURITY,
            INSURERS_AND_PENSIONS,
            PUBLIC_PENSION_CLAIM,
            pension,
            1.0,
            "public_pension_saving",
        )
        sold = min(p.boj_fund_sales_trn_yen_year / 12.0, max(0.0, held(FUND_UNITS, BANK_OF_JAPAN)))
        trade(BANKS, BANK_OF_JAPAN, FUND_UNITS, sold, 1.0, "boj_fund_sales")

    def cover_overdrafts(self, ledger: Ledger, treasury: Treasury) -> None:
        """Let parties short of deposits borrow from banks, and banks short of reserves from the Bank of Japan.

        Local governments' loans are public debt.
        """
        names = self._may_overdraw
        deposits = ledger.positions[ledger.instrument_index[DEPOSITS], ledger.columns_of(names)].tolist()
        for name, held in zip(names, deposits, strict=True):
            if held < 0.0:
                shortfall = 1.01 * -held
                ledger.trade(BANKS, name, LOANS, shortfall, 1.0, "overdraft")
                if name == LOCAL_AND_SOCIAL_SECURITY:
                    treasury.take_other_debt(shortfall)
        reserves = ledger.position(RESERVES, BANKS)
        if reserves < 0.0:
            ledger.trade(BANK_OF_JAPAN, BANKS, LOANS, -1.01 * reserves, 1.0, "boj_lending_facility")

    def square_dealers(self, ledger: Ledger) -> None:
        """Let dealers lend what yen they hold beyond their opening cash to banks, or borrow what they are short of."""
        excess = ledger.position(DEPOSITS, DEALERS_ABROAD) - self.dealer_cash
        ledger.trade(DEALERS_ABROAD, BANKS, LOANS, excess, 1.0, "interbank")

    @staticmethod
    def pass_fund_returns(ledger: Ledger, gain: float) -> None:
        """Revalue fund units by what the funds' own assets gained, so that funds keep no net worth of their own."""
        units = -ledger.position(FUND_UNITS, INVESTMENT_FUNDS)
        if units > 0.0:
            ledger.revalue(FUND_UNITS, gain / units)
