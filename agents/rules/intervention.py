"""Rules for intervention in the currency market, paid out of the foreign exchange reserves."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log
from typing import ClassVar, NamedTuple

from itcho.agents.rules.rule import Rule
from itcho.agents.rules.settings import choice, flag, number, whole


class InterventionView(NamedTuple):
    """What the ministry looks at before a session.

    Attributes
    ----------
    log_price : natural logarithm of USD/JPY at the last close.
    log_average : slow average of it, about a year's.
    log_price_20_sessions_ago : as it says; the earliest known before that.
    sessions_running : consecutive sessions, up to the last, in which the ministry traded.
    last_order_bn_usd : of the last session.
    sessions_since : sessions without a trade; infinite if there never was one.
    bought_this_year_bn_usd, sold_this_year_bn_usd : in the running fiscal year.
    reserves_bn_usd : dollars the ministry has left.
    reserves_start_bn_usd : at the start of the run.
    """

    log_price: float
    log_average: float
    log_price_20_sessions_ago: float
    sessions_running: int
    last_order_bn_usd: float
    sessions_since: float
    bought_this_year_bn_usd: float
    sold_this_year_bn_usd: float
    reserves_bn_usd: float
    reserves_start_bn_usd: float


class InterventionRule(Rule):
    """The slot: dollars bought in a session."""

    slot: ClassVar[str] = "intervention"

    def order_bn_usd(self, view: InterventionView) -> float:
        """Dollars to buy (negative: to sell) in this session, billion."""
        raise NotImplementedError


@dataclass(frozen=True)
class NoIntervention(InterventionRule):
    """The ministry stays out of the market."""

    name: ClassVar[str] = "none"

    def order_bn_usd(self, view: InterventionView) -> float:
        """Nothing."""
        return 0.0


@dataclass(frozen=True)
class ItoYabuThresholds(InterventionRule):
    """Large and infrequent: a few sessions of trading when the yen has moved too far or too fast, then a pause.

    Dollars are sold when USD/JPY stands so far above its slow average or has risen so much in 20 sessions, and bought
    in the mirror image if ``both_sides``.

    Evidence: Ito and Yabu (2007) on Japan's thresholds; 9.2 trillion yen in 2022, 15.3 in 2024, 11.7 in April-May 2026
    (Ministry of Finance); sporadic intervention works, frequent does not (Fatum and Hutchison 2010).  Thresholds are
    judgement.

    Attributes
    ----------
    level_pct : deviation from the slow average.
    speed_pct : change in 20 sessions.
    size_bn_usd : a session.
    sessions : length of an intervention.
    pause_sessions : after it.
    yearly_share_of_reserves : at most so much of the reserves in a fiscal year, on either side.
    both_sides : whether a strong yen is fought too.
    """

    name: ClassVar[str] = "ito-yabu-thresholds"
    level_pct: float = number(8.0, 0.0, 100.0, "%")
    speed_pct: float = number(5.0, 0.0, 100.0, "%")
    size_bn_usd: float = number(20.0, 0.0, 200.0, "bn USD")
    sessions: int = whole(3, 1, 21, "sessions")
    pause_sessions: int = whole(42, 0, 1000, "sessions")
    yearly_share_of_reserves: float = number(0.1, 0.0, 1.0, "share")
    both_sides: bool = flag(True)

    def order_bn_usd(self, view: InterventionView) -> float:
        """Go on with an intervention that has begun, or begin one."""
        if 0 < view.sessions_running < self.sessions:
            side = 1.0 if view.last_order_bn_usd > 0.0 else -1.0
        elif view.sessions_running or view.sessions_since < self.pause_sessions:
            return 0.0
        else:
            side = self._side(view)
        return _within_reserves(side * self.size_bn_usd, self.yearly_share_of_reserves, view)

    def _side(self, view: InterventionView) -> float:
        away = 100.0 * (view.log_price - view.log_average)
        change = 100.0 * (view.log_price - view.log_price_20_sessions_ago)
        if away > self.level_pct or change > self.speed_pct:
            return -1.0
        return 1.0 if self.both_sides and (away < -self.level_pct or change < -self.speed_pct) else 0.0


@dataclass(frozen=True)
class DefendLevel(InterventionRule):
    """The ministry trades whenever the rate is beyond a level, the more the further, until its reserves run low.

    Evidence: the levels of 152, 160 and 162 yen near which Japan sold dollars in 2022-26 (Ministry of Finance);
    frequent intervention loses its effect (Fatum and Hutchison 2010).

    Attributes
    ----------
    level_usdjpy : yen per dollar.
    side : a ceiling for USD/JPY (dollars are sold above it) or a floor (dollars are bought below it).
    strength_bn_usd_per_pct : traded in a session for each percent beyond the level.
    largest_bn_usd : in a session.
    reserves_floor_share : no dollars are sold once so little of the opening reserves is left.
    """

    name: ClassVar[str] = "defend-level"
    level_usdjpy: float = number(160.0, 50.0, 400.0, "yen per dollar")
    side: str = choice("ceiling", ("ceiling", "floor"))
    strength_bn_usd_per_pct: float = number(5.0, 0.0, 100.0, "bn USD per %")
    largest_bn_usd: float = number(20.0, 0.0, 200.0, "bn USD")
    reserves_floor_share: float = number(0.5, 0.0, 1.0, "share")

    def order_bn_usd(self, view: InterventionView) -> float:
        """Trade against the part that is beyond the level."""
        beyond = 100.0 * (view.log_price - log(self.level_usdjpy))
        if self.side == "floor":
            return min(self.largest_bn_usd, self.strength_bn_usd_per_pct * max(0.0, -beyond))
        left = max(0.0, view.reserves_bn_usd - self.reserves_floor_share * view.reserves_start_bn_usd)
        return -min(self.largest_bn_usd, self.strength_bn_usd_per_pct * max(0.0, beyond), left)


def _within_reserves(order_bn_usd: float, yearly_share: float, view: InterventionView) -> float:
    """The order cut to what the year's budget and the reserves leave."""
    budget = yearly_share * view.reserves_start_bn_usd
    if order_bn_usd < 0.0:
        return -min(-order_bn_usd, max(0.0, budget - view.sold_this_year_bn_usd), max(0.0, view.reserves_bn_usd))
    return min(order_bn_usd, max(0.0, budget - view.bought_this_year_bn_usd))


NEVER = inf
"""``sessions_since`` of a ministry that has not traded yet."""
