"""A sovereign wealth fund that buys dollars when the yen is strong: an agent in one file.

The general account puts in capital every month, for which it borrows.  The fund buys foreign bonds, at most so much a
month, in months that follow a yen stronger than its average of the past year; otherwise it waits with its cash.
"""

from __future__ import annotations

from collections import deque
from statistics import fmean
from typing import Any

from itcho.agents.added_agent import AddedAgent, AddedOrders, EconomyView, Purchase
from itcho.agents.vocabulary import DEPOSITS, GOVERNMENT, OTHER_CLAIMS, Party, Sector


class WealthFund(AddedAgent):
    """The fund.

    Parameters
    ----------
    economy : the economy it belongs to.
    capital_trn_yen : put in by the general account every month.
    pace_bn_usd : dollars bought at most in a month.
    """

    party: Party = Party("wealth_fund", Sector.GOVERNMENT, label="Sovereign wealth fund")

    def __init__(self, economy: Any, capital_trn_yen: float = 0.2, pace_bn_usd: float = 4.0) -> None:
        super().__init__(economy)
        self.capital_trn_yen = capital_trn_yen
        self.pace_bn_usd = pace_bn_usd
        self.past_year: deque[float] = deque(maxlen=12)

    def decide(self, view: EconomyView) -> AddedOrders:
        """Take the month's capital; buy dollars if the yen is strong and there is cash for it."""
        self.past_year.append(view.usdjpy)
        yen_is_strong = view.usdjpy < fmean(self.past_year)
        # A tenth of the cash is kept back: the dollars will cost what they cost in the month's sessions.
        affordable = 0.9 * 1000.0 * view.holdings[DEPOSITS] / view.usdjpy
        return AddedOrders(
            purchases=(Purchase(OTHER_CLAIMS, GOVERNMENT, -self.capital_trn_yen, "wealth_fund_capital"),),
            dollars_bn_usd=min(self.pace_bn_usd, affordable) if yen_is_strong else 0.0,
        )
