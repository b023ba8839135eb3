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
    withheld_trn_yen : orders wanted less orders sent because of it, in the month, without sign; of traders, who decide
        in every session, what it keeps them from at the month's end.
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
        # In most months a limit stops nobody, and there are many limits: sums without numpy's layers above them.
        add, stopped = np.add.reduce, np.count_nonzero(bound)
        total = add(weight)
        return self.reading(
            float(add(weight * slack) / total),
            float(add(weight[bound]) / total) if stopped else 0.0,
            float(add(withheld_trn_yen)),
        )


CARRY_STOP = Limit(
    "carry_stop",
    "carry_traders",
    "carry traders' stop",
    "キャリー取引の損切り",
    "利差交易停損",
    "A loss of more than a carry trader bears in five sessions makes it sell half of its dollars and stay out.",
)
CARRY_RISK = Limit(
    "carry_value_at_risk",
    "carry_traders",
    "carry traders' value at risk",
    "キャリー取引のリスク量上限",
    "利差交易風險值上限",
    "Wealth, leverage and the yen's volatility cap the dollars that a carry trader may hold.",
)
CARRY_MARGIN = Limit(
    "carry_margin",
    "carry_traders",
    "loss-cut of retail currency accounts",
    "外為証拠金取引のロスカット",
    "外匯保證金強制平倉",
    "Brokers close whom a loss has left less than half of the margin, and let nobody buy without all of it.",
)
TRADER_WEALTH = Limit(
    "trader_wealth",
    "speculative_traders",
    "speculative traders' wealth",
    "投機筋の資力",
    "投機交易者資力",
    "A speculative trader holds no more than some times its wealth, and nothing when it is ruined.",
)
TRADER_SIZE = Limit(
    "trader_size",
    "speculative_traders",
    "speculative traders' largest position",
    "投機筋の持高上限",
    "投機交易者部位上限",
    "A speculative trader wants no more than its part of the largest position of all.",
)
DEALER_CAPACITY = Limit(
    "dealer_capacity",
    "dealers",
    "dealers' capacity",
    "ディーラーの在庫枠",
    "自營商庫存上限",
    "Beyond their capacity dealers ask no more for what they hold; up to it their price of risk doubles.",
)
TREASURER_WAIT = Limit(
    "treasurer_wait",
    "treasurers",
    "treasurers who wait",
    "為替予約の見送り",
    "暫緩遠期避險",
    "Where the rate is worse than the budget rate by a treasurer's threshold it lets hedges run off and books no more.",
)
IMPORTER_BUDGET = Limit(
    "importer_budget",
    "chip_importers",
    "importers' budgets in yen",
    "半導体輸入企業の円建て予算",
    "晶片進口商日圓預算",
    "The part of a budget that is fixed in yen buys fewer chips as the yen is weaker than when it was drawn up.",
)
IMPORTER_CREDIT = Limit(
    "importer_credit",
    "chip_importers",
    "importers' credit",
    "半導体輸入企業の与信枠",
    "晶片進口商信用額度",
    "Lenders let a firm order less and less as its leverage goes from the soft to the hard limit.",
)
IMPORTER_CASH = Limit(
    "importer_cash",
    "chip_importers",
    "importers' working capital",
    "半導体輸入企業の運転資金",
    "晶片進口商營運資金",
    "Cash, credit left and the margin over the lead time have to pay for all that is on order.",
)
DISTRIBUTOR_MONEY = Limit(
    "distributor_money",
    "distributors",
    "distributors' money for stocks",
    "半導体商社の在庫資金",
    "晶片通路商庫存資金",
    "Cash and what may still be borrowed cap the stock of chips; slack is what is held of the stock wanted, less one.",
)
SOFTBANK_RATIO = Limit(
    "softbank_ratio",
    "softbank",
    "SoftBank's ratio policy",
    "ソフトバンクのLTV方針",
    "軟銀LTV政策",
    "As its loan-to-value nears its limit for normal times the Group sells holdings where it would borrow.",
)
SOFTBANK_SALES = Limit(
    "softbank_sales",
    "softbank",
    "SoftBank's sales in a month",
    "ソフトバンクの月間売却枠",
    "軟銀單月出售上限",
    "The Group sells no more listed holdings in a month than the market takes, nor more than half of them.",
)
SOFTBANK_COLLATERAL = Limit(
    "softbank_collateral",
    "softbank",
    "SoftBank's collateral",
    "ソフトバンクの担保余力",
    "軟銀擔保餘力",
    "Asset-backed loans stay within the haircut of the holdings; what exceeds it is called back.",
)
SOFTBANK_DATA_CENTRES = Limit(
    "softbank_data_centres",
    "softbank",
    "SoftBank's data-centre money",
    "ソフトバンクのデータセンター投資枠",
    "軟銀資料中心投資額度",
    "The Corp cuts its data-centre plan as the Group's loan-to-value passes its limit for normal times.",
)
BOJ_LOWER_BOUND = Limit(
    "boj_lower_bound",
    "bank_of_japan",
    "lower bound of the policy rate",
    "政策金利の下限",
    "政策利率下限",
    "The policy rate does not go below its effective lower bound; slack is in percentage points, no yen are withheld.",
)
EQUITY_SALES = Limit(
    "equity_sales",
    "investors",
    "investors' equity sales in a month",
    "投資家の月間株式売却枠",
    "投資人單月售股上限",
    "Households, insurers and funds sell no more of their Japanese equity in a month than a part of it.",
)
SUBSIDY_BUDGET = Limit(
    "subsidy_budget",
    "government",
    "budget of vouchers and adoption support",
    "導入支援・バウチャーの予算",
    "導入補助與代金券預算",
    "What firms may claim of the state for integration and contracts is paid up to the month's budget.",
)

LIMITS: tuple[Limit, ...] = (
    CARRY_STOP,
    CARRY_RISK,
    CARRY_MARGIN,
    TRADER_WEALTH,
    TRADER_SIZE,
    DEALER_CAPACITY,
    TREASURER_WAIT,
    IMPORTER_BUDGET,
    IMPORTER_CREDIT,
    IMPORTER_CASH,
    DISTRIBUTOR_MONEY,
    SOFTBANK_RATIO,
    SOFTBANK_SALES,
    SOFTBANK_COLLATERAL,
    SOFTBANK_DATA_CENTRES,
    BOJ_LOWER_BOUND,
    EQUITY_SALES,
    SUBSIDY_BUDGET,
)
"""Limits of traders, firms, SoftBank, the state and the Bank; holders' stand in ``itcho.agents.limits_of_holders``."""
