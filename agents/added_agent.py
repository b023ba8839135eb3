"""What a user's own agent is made of: what it sees, what it may order, and the class it derives from.

An added agent is one file outside the package.  It derives from :class:`AddedAgent`, names the party under which its
money is booked, and returns :class:`AddedOrders` once a month; ``model/added_agents.py`` checks and posts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import mesa
from numpy.random import Generator

from itcho.agents.vocabulary import OTHER_FOREIGN_ASSETS, WORLD_EQUITY, Party


@dataclass(frozen=True)
class Opening:
    """Part of a position at the start that belongs to the added agent and not to another party.

    Attributes
    ----------
    instrument : of the balance sheet.
    amount_trn_yen : taken over; the economy's total stays what was published.
    taken_from : name of the party that has so much less.
    """

    instrument: str
    amount_trn_yen: float
    taken_from: str


@dataclass(frozen=True)
class Payment:
    """Money paid for good: a transfer.

    Attributes
    ----------
    payee : name of a party.
    amount_trn_yen : of this month; a negative amount is paid by ``payee`` to the agent.
    purpose : row of the flow matrix, snake_case.
    """

    payee: str
    amount_trn_yen: float
    purpose: str


@dataclass(frozen=True)
class Purchase:
    """A claim bought, or issued if the agent is the seller: its balance sheet grows or changes, its saving does not.

    Attributes
    ----------
    instrument : ``loans`` (with ``banks``) or ``other_claims`` (capital and the like).
    seller : name of the party on the other side.
    amount_trn_yen : at market value; a negative amount is sold to, or issued to, ``seller``.
    purpose : row of the edge table, snake_case.
    """

    instrument: str
    seller: str
    amount_trn_yen: float
    purpose: str


@dataclass(frozen=True)
class AddedOrders:
    """What an added agent does in a month.

    Attributes
    ----------
    payments, purchases : booked at once.
    dollars_bn_usd : dollars bought in equal parts over the month's sessions, sold if negative; they move the yen.
    dollar_asset : what the dollars are held in: ``other_foreign_assets`` (bonds and the like) or ``world_equity``.
    """

    payments: tuple[Payment, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    dollars_bn_usd: float = 0.0
    dollar_asset: str = OTHER_FOREIGN_ASSETS


@dataclass(frozen=True)
class EconomyView:
    """What an added agent sees when it decides.

    Attributes
    ----------
    month : of the run, 0 first.
    calendar_month : 1 to 12.
    outcomes : all outcomes of the month before by name (of the start in month 0), as the registry defines them.
    holdings : the agent's own net positions by instrument, trillion yen at last month's prices.
    make_random : makes the agent's own random numbers of the month.
    """

    month: int
    calendar_month: int
    outcomes: Mapping[str, float]
    holdings: Mapping[str, float] = field(default_factory=dict)
    make_random: Callable[[], Generator] | None = None

    @property
    def usdjpy(self) -> float:
        """Yen per dollar at the end of the month before; up is a weaker yen."""
        return self.outcomes["usdjpy"]

    @property
    def dollars_bn_usd(self) -> float:
        """The agent's foreign assets in dollars, billions."""
        held = self.holdings.get(OTHER_FOREIGN_ASSETS, 0.0) + self.holdings.get(WORLD_EQUITY, 0.0)
        return 1000.0 * held / self.usdjpy

    @cached_property
    def random(self) -> Generator:
        """The agent's own stream of this month: its draws shift nobody else's, and are the same in every arm.

        Raises
        ------
        RuntimeError : the view was made without one.
        """
        if self.make_random is None:
            raise RuntimeError("this view was made without random numbers")
        return self.make_random()


class AddedAgent(mesa.Agent):
    """Base class of agents that users add; see ``docs/adding_an_agent.md``.

    Attributes
    ----------
    party : under which its money is booked: a resident of Japan that settles by bank deposit.
    opening : what it owns at the start, taken from other parties; nothing unless given.
    """

    party: Party
    opening: tuple[Opening, ...] = ()

    def __init__(self, economy: Any) -> None:
        super().__init__(economy)

    def decide(self, view: EconomyView) -> AddedOrders:
        """Orders of the month.

        Parameters
        ----------
        view : what is known before the month's financial markets open.
        """
        raise NotImplementedError(f"{type(self).__name__} has no decide(view)")
