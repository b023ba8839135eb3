"""SoftBank Group's named assets, and the bids it makes for companies.

Arm is the larger part of what is listed and is sold last; OpenAI is the larger part of what is not.  Both move with AI
shares and beyond them with their own kind: Arm with designers of chips, OpenAI with its own shares, whose mark is set
anew at every round.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from itcho.agents.views import ParameterValues


class OwnMoves(NamedTuple):
    """What single holdings gained in a month beyond AI shares.

    Attributes
    ----------
    arm_log, openai_log : log returns.
    openai_round : whether OpenAI sold shares, so that their price is known.
    """

    arm_log: float = 0.0
    openai_log: float = 0.0
    openai_round: bool = False


class NamedAssets:
    """How much of the Group's holdings is Arm and OpenAI, trillion yen.

    Attributes
    ----------
    arm : at its price.
    openai_true, openai_mark : what it is worth, and what it is marked at.
    """

    def __init__(self, arm: float = 0.0, openai: float = 0.0) -> None:
        self.arm = arm
        self.openai_true = self.openai_mark = openai

    def sell(self, listed_left: float, unlisted_kept: float, bought_of_openai: float, pressed: float) -> None:
        """Keep Arm as long as other listed holdings last; unlisted ones are sold in proportion, then OpenAI bought.

        Parameters
        ----------
        listed_left : listed holdings after the month's sale, at prices before it.
        unlisted_kept : part of unlisted holdings kept.
        bought_of_openai : trillion yen.
        pressed : part of its price that a sale took.
        """
        self.arm = min(self.arm, listed_left) * (1.0 - pressed)
        self.openai_true = unlisted_kept * self.openai_true + bought_of_openai
        self.openai_mark = unlisted_kept * self.openai_mark + bought_of_openai

    def convert(self, fx: float) -> None:
        """Mark what is marked in dollars at another rate, ``fx`` times the one before."""
        self.openai_mark *= fx

    def move(self, listed: float, unlisted: float, own: OwnMoves) -> tuple[float, float]:
        """Let Arm and OpenAI move with AI shares (factors, the yen in them) and beyond.

        Returns what listed and unlisted holdings gain by what is beyond.
        """
        self.arm *= listed
        self.openai_true *= unlisted
        arm, openai = self.arm * math.expm1(own.arm_log), self.openai_true * math.expm1(own.openai_log)
        self.arm += arm
        self.openai_true += openai
        return arm, openai

    def mark(self, lag_share: float, quarter_end: bool, round_now: bool) -> float:
        """Mark OpenAI: part of the way at a quarter's end, all of it at a round; returns what a round adds to marks."""
        if quarter_end:
            self.openai_mark += lag_share * (self.openai_true - self.openai_mark)
        if not round_now:
            return 0.0
        jump = self.openai_true - self.openai_mark
        self.openai_mark = self.openai_true
        return jump


def bid_room_trn_yen(net_debt: float, holdings: float, needs: float, p: ParameterValues) -> float:
    """What a purchase on debt may cost so that loan-to-value stays at its normal limit, trillion yen.

    (limit x (H + x) = D + needs + x, solved for x; what ``needs`` pay for is held as well.)
    """
    limit = p.softbank_ltv_normal_limit_pct / 100.0
    return max(0.0, (limit * (holdings + needs) - net_debt - needs) / (1.0 - limit))


def accepted_bid_bn_usd(offers_bn_usd: tuple[float, ...], room_trn_yen: float, usdjpy: float) -> float:
    """Price of the companies it buys, of those on offer in a month, the dearest that it can pay; 0 without."""
    affordable = [price for price in offers_bn_usd if price * usdjpy / 1000.0 <= room_trn_yen]
    return max(affordable, default=0.0)
