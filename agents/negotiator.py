"""The other side of a trade deal: whether the United States take an offer, and whether they stand by it.

Talks last some months.  At their end there is a deal if what is offered is worth the negotiator's reservation, which
nobody in Japan knows; otherwise the rate stays as it is, until a larger offer is looked at.  Then every review looks at
what was delivered: while that is behind half of what is due, the relief may be taken back at each.

Evidence: eight rounds in 97 days before the deal of July 2025 (New York Times); a review each quarter, with the rate
back if the President is unhappy (Yomiuri), and Korea threatened after six months without delivery.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from itcho.agents.rules.trade import Deal
from itcho.agents.views import ParameterValues

_ROUNDING = 1.0 - 1e-9
"""Sums that differ by rounding are equal."""


@dataclass
class Negotiator:
    """The negotiator of the United States.

    Attributes
    ----------
    reservation_factor : the least that is taken, over what is usually asked for.
    struck : whether there is a deal.
    kept : whether its relief is in force.
    """

    reservation_factor: float
    struck: bool = False
    kept: bool = False

    def answer(
        self, deal: Deal, bought_trn_yen: float, months: int, lot: Callable[[], float], p: ParameterValues
    ) -> float:
        """Relief in force in a month, percentage points.

        Parameters
        ----------
        deal : what Japan offers and asks for.
        bought_trn_yen : so far.
        months : since the first purchase, the first being 1.
        lot : drawn between 0 and 1 where delivery is behind.
        """
        asked: float = p.us_chips_asked_trn_yen_per_pp * deal.tariff_relief_pp
        review = months % round(p.us_deal_review_months) == 0
        talked = months >= round(p.us_talk_months)
        if not self.struck:
            ends = months == round(p.us_talk_months) or (talked and review)
            offer = max(deal.offer_trn_yen, bought_trn_yen)
            self.struck = self.kept = ends and offer >= asked * self.reservation_factor * _ROUNDING
        elif review:
            due = asked * min(1.0, months / p.us_chips_asked_months)
            if bought_trn_yen >= p.us_delivery_floor_share * due * _ROUNDING:
                self.kept = True
            elif lot() < p.us_reversal_probability:
                self.kept = False
        return deal.tariff_relief_pp if self.kept else 0.0


class FrozenNegotiator(Negotiator):
    """A negotiator who grants what is asked for from the first purchase on."""

    def answer(
        self, deal: Deal, bought_trn_yen: float, months: int, lot: Callable[[], float], p: ParameterValues
    ) -> float:
        """All of the relief."""
        self.struck = self.kept = True
        return deal.tariff_relief_pp
