"""Limits on record: for every limit that can stop an agent, how far it is, whom it stopped and what it withheld.

Whoever applies a limit knows what was wanted and what was sent; it hands on one :class:`LimitReading` a month.  Which
limits there are stands in :data:`LIMITS`; outcomes ``bound_share_…`` and ``withheld_…`` are made from that list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LimitReading:
    """One limit in one month.

    Attributes
    ----------
    agent_kind : whose limit it is, as the kinds of agents are named (``carry_traders``, ``softbank``).
    limit : its name in :data:`LIMITS`.
    slack : what is left before it stops its agent, as a share of the limit; 0 at the limit, below 0 beyond it.  Of a
        population the mean over members by weight.
    bound_share : share of members, by weight, whom it stopped in some session of the month, 0 to 1; of a single agent
        0 or 1.
    withheld_trn_yen : orders wanted less orders sent because of it, in the month, without sign.
    """

    agent_kind: str
    limit: str
    slack: float
    bound_share: float
    withheld_trn_yen: float


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that the model has.

    Attributes
    ----------
    name : snake_case, unique over all kinds of agents.
    agent_kind : whose it is.
    label, label_ja, label_zh : its short name in English, in Japanese and in Traditional Chinese.
    definition : what it limits and what happens at it.
    """

    name: str
    agent_kind: str
    label: str
    label_ja: str
    label_zh: str
    definition: str

    def reading(self, slack: float, bound_share: float, withheld_trn_yen: float) -> LimitReading:
        """What stands on record of this limit in a month; see :class:`LimitReading` for the figures."""
        return LimitReading(self.agent_kind, self.name, slack, bound_share, withheld_trn_yen)

    def of_members(
        self, weight: Array, slack: Array, bound: NDArray[np.bool_], withheld_trn_yen: Array
    ) -> LimitReading:
        """The same from a population's columns, (members,) each; weights need not add to one."""
        total = float(weight.sum())
        return self.reading(
            float((weight * slack).sum() / total),
            float(weight[bound].sum() / total),
            float(withheld_trn_yen.sum()),
        )


LIMITS: tuple[Limit, ...] = ()
"""Every limit of the model, in the order of the outcomes."""
