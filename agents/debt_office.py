"""The ministry's debt office: fewer super-longs after an auction that went badly.

Dealers' meetings ask for it and the ministry does it within months: in June 2025, after the 20-year auction of May, it
cut the year's super-longs by about a tenth and issued two-year bonds and bills instead.
"""

from __future__ import annotations

from itcho.agents.views import ParameterValues

MONTHS_OF_A_PLAN = 12.0
"""Over which the ministry goes back to its usual mix."""


class DebtOffice:
    """Who decides the maturities of new bonds.

    Attributes
    ----------
    cut_share : of the usual issuance of super-longs that is issued in short bonds instead, 0 to 1.
    tail_bp : of the last auctions of super-longs, as it has heard of it.
    """

    def __init__(self, parameters: ParameterValues) -> None:
        self.p = parameters
        self.cut_share = 0.0
        self.tail_bp = 0.0

    def hear(self, tail_bp: float) -> None:
        """Decide the mix of the coming month after the tail of the last auctions, basis points."""
        self.tail_bp = tail_bp
        kept = self.cut_share * (1.0 - 1.0 / MONTHS_OF_A_PLAN)
        self.cut_share = min(kept + self.p.superlong_issuance_cut_share * self.auction_failed, 1.0)

    @property
    def auction_failed(self) -> bool:
        """Whether the last auctions' tail was one that authorities answer."""
        return bool(self.tail_bp >= self.p.auction_tail_answered_bp)
