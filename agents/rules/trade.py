"""Trade rules: deals that the government can make with the United States."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from itcho.agents.rules.rule import Rule
from itcho.agents.rules.settings import number, whole


@dataclass(frozen=True)
class TradeView:
    """What the negotiators know.

    Attributes
    ----------
    month : of the run, 0 first.
    bought_trn_yen : US chips bought under the deal so far.
    months_unanswered : months in a row, the last one included, in which something had been bought and the United States
        granted nothing.
    """

    month: int
    bought_trn_yen: float
    months_unanswered: int = 0


@dataclass(frozen=True)
class Deal:
    """What Japan does under a deal in a month, and asks for in return.

    Attributes
    ----------
    chip_purchase_trn_yen : US chips that firms controlled in Japan order this month on top of their own plans.
    subsidy_share : part of it that the government pays.
    tariff_relief_pp : cut in US tariffs on Japan's exports that Japan asks for, percentage points; what it gets is the
        answer of the United States.
    offer_trn_yen : chips that Japan offers to buy in all; what is bought counts where nothing is said.
    """

    chip_purchase_trn_yen: float = 0.0
    subsidy_share: float = 0.0
    tariff_relief_pp: float = 0.0
    offer_trn_yen: float = 0.0


_NO_DEAL = Deal()


class TradeRule(Rule):
    """The slot: the month's part of a deal."""

    slot: ClassVar[str] = "trade"

    def deal(self, view: TradeView) -> Deal:
        """What to buy this month, and the tariff relief it is for."""
        raise NotImplementedError


@dataclass(frozen=True)
class StatusQuo(TradeRule):
    """No deal beyond those in force."""

    name: ClassVar[str] = "status-quo"

    def deal(self, view: TradeView) -> Deal:
        """Nothing."""
        return _NO_DEAL


@dataclass(frozen=True)
class ChipDeal(TradeRule):
    """Up to one trillion yen of US chips for tariff relief; the state pays part of what firms buy.

    The United States grant all of the relief or nothing: after talks, if the offer is worth their reservation, and
    until a review that finds delivery behind; a scenario may have them grant nothing at all.  Japan buys no more once
    an answer has been missing for long.  Firms whose compute is ample afterwards cut their own orders.  Japan has
    no tariff on chips to give away (WTO Information Technology Agreement).

    Evidence: offer of May 2025 to buy up to one trillion yen of US chips, with subsidies to firms in Japan (Asahi).
    Relief, patience and the state's part are judgement.

    Attributes
    ----------
    purchase_trn_yen : in all.
    months : over which the orders are placed, evenly.
    first_month : of the run.
    subsidy_share : part that the state pays.
    tariff_relief_pp : asked for, on all of Japan's exports to the United States.
    patience_months : without relief after which Japan stops buying.
    """

    name: ClassVar[str] = "chip-deal"
    purchase_trn_yen: float = number(1.0, 0.0, 1.0, "trn yen")
    months: int = whole(36, 1, 120, "months")
    first_month: int = whole(3, 0, 600, "months")
    subsidy_share: float = number(0.5, 0.0, 1.0, "share")
    tariff_relief_pp: float = number(2.0, 0.0, 25.0, "pp")
    patience_months: int = whole(6, 1, 120, "months")

    def deal(self, view: TradeView) -> Deal:
        """An even part of the purchase, until it is done or the answer has been missing for too long."""
        if self.purchase_trn_yen <= 0.0:
            return _NO_DEAL
        left = max(0.0, self.purchase_trn_yen - view.bought_trn_yen)
        due = self.first_month <= view.month < self.first_month + self.months
        hopeful = self.tariff_relief_pp == 0.0 or view.months_unanswered < self.patience_months
        return Deal(
            chip_purchase_trn_yen=min(left, self.purchase_trn_yen / self.months) if due and hopeful else 0.0,
            subsidy_share=self.subsidy_share,
            tariff_relief_pp=self.tariff_relief_pp,
            offer_trn_yen=self.purchase_trn_yen,
        )
