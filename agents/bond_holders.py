"""Holders of government bonds: how much they want to hold, and what they expect to have to absorb.

Mandates are shares of balance sheets that grow; those of holders abroad, of what the world earns. Banks swap reserves
that the central bank lets go for bonds once these pay enough more. Around their mandates holders answer to the premium,
to yields abroad and to the hedged pick-up, and in time they get used to what they have ended up with: slow-moving
capital (Duffie 2010) is why Japan's debt trebled while its yields fell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION
from itcho.agents.views import ParameterValues


class BalanceSheets(NamedTuple):
    """What mandates are shares of, trillion yen.

    Attributes
    ----------
    reserves : of banks at the Bank of Japan.
    deposits : owed by banks.
    claims : of households and the state on insurers and pension funds.
    fund_units : issued by investment funds.
    """

    reserves: float
    deposits: float
    claims: float
    fund_units: float


class RatesAbroad(NamedTuple):
    """What holders compare JGBs with, percent.

    Attributes
    ----------
    us_10y_pct : without what the natural rate of the world has drifted since the start, which is at home as well.
    us_policy_rate_pct : what a dollar earns overnight.
    policy_path_10y_pct : average of the policy rate that is expected at home over ten years.
    income : nominal income abroad in yen, 1 at the start.
    """

    us_10y_pct: float
    us_policy_rate_pct: float
    policy_path_10y_pct: float
    income: float

    def hedged_pick_up_pp(self, policy_rate_pct: float) -> float:
        """What the expected path pays a holder abroad who hedges the yen, over a US 10-year bond.

        A dollar that is lent for yen over and over earns the gap between policy rates; the term premium comes on top.
        """
        earned = self.us_policy_rate_pct - policy_rate_pct
        return self.policy_path_10y_pct + earned - self.us_10y_pct


class Mandates(NamedTuple):
    """JGBs wanted by type of investor, trillion yen, and how much more per point of premium."""

    wanted: tuple[float, ...]
    slopes: tuple[float, ...]


class BondMandates:
    """Holders' mandates for JGBs, by type.

    Parameters
    ----------
    held : JGBs that each type holds at the start, trillion yen.
    sheets : balance sheets at the start.

    Attributes
    ----------
    opening_us_10y_pct, opening_pick_up_pp : of the start, which its mandates hold.
    """

    def __init__(self, held: dict[int, float], sheets: BalanceSheets, parameters: ParameterValues) -> None:
        self.p = parameters
        self.opening_us_10y_pct = self.opening_pick_up_pp = 0.0
        self.held_at_start = held
        self._opening = sheets
        self._willingness: float | None = None
        self._usual = {kind: held[kind] / base for kind, base in self._bases(sheets, 1.0).items()}

    def open_with(self, abroad: RatesAbroad, policy_rate_pct: float) -> None:
        """Take rates at home and abroad for those that the opening mandates hold."""
        self.opening_us_10y_pct = abroad.us_10y_pct
        self.opening_pick_up_pp = abroad.hedged_pick_up_pp(policy_rate_pct)

    @staticmethod
    def _bases(sheets: BalanceSheets, income_abroad: float) -> dict[int, float]:
        """What each type's mandate is a share of, trillion yen; of holders abroad, a multiple of the world's income."""
        return {
            INSURER_PENSION: sheets.claims,
            BANK: sheets.deposits,
            FUND: sheets.fund_units,
            FOREIGN: income_abroad,
        }

    def _get_used(self, held: dict[int, float], beside: dict[int, float], bases: dict[int, float]) -> dict[int, float]:
        """Mandates, trillion yen, that move part of the way to what their holders have ended up with.

        What they hold ``beside`` their mandates, for its own reason and as long as that lasts, is left out.
        """
        speed = 1.0 - 0.5 ** (1.0 / (12.0 * self.p.mandate_half_life_years))
        wanted = {}
        for kind, base in bases.items():
            own = held[kind] - beside.get(kind, 0.0)
            self._usual[kind] += speed * (own / base - self._usual[kind])
            wanted[kind] = self._usual[kind] * base
        return wanted

    def decide(
        self,
        sheets: BalanceSheets,
        holdings: dict[int, float],
        years: float,
        yield_10y_pct: float,
        policy_rate_pct: float,
        abroad: RatesAbroad,
    ) -> Mandates:
        """What each type wants to hold at the opening premium, and how much more per point of it.

        Insurers and banks want less of JGBs when bonds abroad yield more than at the start, by a part of what they
        would want more if JGBs yielded as much more.  Holders abroad answer to the hedged pick-up as investors at home
        answer to what is earned abroad.

        Parameters
        ----------
        holdings : JGBs that each type holds, trillion yen.
        years : since the start.
        yield_10y_pct, policy_rate_pct : percent; what they are apart by makes banks swap reserves for bonds.
        abroad : what JGBs are compared with.
        """
        p, held, opening = self.p, self.held_at_start, self._opening
        released = opening.reserves - sheets.reserves
        spread = (yield_10y_pct - policy_rate_pct - p.bank_hurdle_pp) / p.bank_hurdle_width_pp
        willing = min(max(spread, 0.0), 1.0)
        if self._willingness is None:
            self._willingness = willing
        self._willingness += p.bank_swap_adjustment_monthly * (willing - self._willingness)
        swapped = p.bank_reserve_swap_share * released * self._willingness
        bases = self._bases(sheets, abroad.income)
        by_foreigners = p.foreign_share_response_per_pp * self._usual[FOREIGN] * bases[FOREIGN]
        attracted = by_foreigners * (abroad.hedged_pick_up_pp(policy_rate_pct) - self.opening_pick_up_pp)
        mandates = self._get_used(holdings, {BANK: swapped, FOREIGN: attracted}, bases)
        slope = p.jgb_demand_slope_share_per_pp
        by_insurers, by_banks = slope * sheets.claims, slope * sheets.deposits
        rivals = p.jgb_foreign_yield_weight * (abroad.us_10y_pct - self.opening_us_10y_pct)
        wanted = (
            held[HOUSEHOLD] + p.household_jgb_purchases_trn_yen_year * years,
            mandates[INSURER_PENSION] - by_insurers * rivals,
            mandates[BANK] + swapped - by_banks * rivals,
            mandates[FUND],
            max(0.0, mandates[FOREIGN] + attracted),
        )
        slopes = (0.0, by_insurers, by_banks, 0.0, by_foreigners)
        return Mandates(wanted, slopes)


class IssuanceExpectations:
    """What bond holders expect the ministry to issue.

    Parameters
    ----------
    budgeted_trn_yen : net issuance of a year as the budget at the start has it.

    Attributes
    ----------
    expected_trn_yen_year : net issuance of a year, without what the programme has announced.
    """

    def __init__(self, budgeted_trn_yen: float) -> None:
        self.expected_trn_yen_year = budgeted_trn_yen
        self._announced_before = 0.0

    def hear(self, announced_trn_yen: float) -> None:
        """Take what the programme has announced at the start and not yet spent, trillion yen."""
        self._announced_before = announced_trn_yen

    def learn(self, issued_trn_yen: float, announced_trn_yen: float) -> None:
        """Judge yearly issuance by the last year's months, without what the programme had announced: that is expected
        anyway.

        Parameters
        ----------
        issued_trn_yen : net issuance of the month.
        announced_trn_yen : what the programme has announced and not yet spent.
        """
        paid = self._announced_before - announced_trn_yen
        self._announced_before = announced_trn_yen
        smooth, month = self.expected_trn_yen_year, issued_trn_yen - max(0.0, paid)
        self.expected_trn_yen_year = smooth + (12.0 * month - smooth) / 12.0


@dataclass(frozen=True)
class SupplyView:
    """What holders know of the bonds to come, trillion yen.

    Attributes
    ----------
    announced_deficit_trn_yen_year : of a lasting deficit that was announced.
    boj_holdings_trn_yen, boj_purchases_trn_yen_month : of the Bank of Japan, and what its plan buys.
    programme_left_trn_yen : what the programme has announced and not yet spent.
    """

    announced_deficit_trn_yen_year: float
    boj_holdings_trn_yen: float
    boj_purchases_trn_yen_month: float
    programme_left_trn_yen: float


def supply_outlook_trn_yen(expected_issuance_trn_yen_year: float, view: SupplyView, p: ParameterValues) -> float:
    """What private holders expect to absorb beyond their mandates across their horizon, trillion yen."""
    run_off = view.boj_holdings_trn_yen / p.boj_redemption_years - 12.0 * view.boj_purchases_trn_yen_month
    absorbed = (1.0 - p.bank_reserve_swap_share) * run_off
    yearly = expected_issuance_trn_yen_year + view.announced_deficit_trn_yen_year + absorbed
    return p.jgb_outlook_years * yearly + view.programme_left_trn_yen
