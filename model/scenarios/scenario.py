"""What a scenario is: episodes that bend the mean paths of the world outside Japan."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, replace

from itcho.agents.errors import InputError
from itcho.agents.rules.settings import check_rule, number
from itcho.model.clock import Month

LONGEST_MONTHS = 1200
"""No episode can begin later, or go on for longer, than this many months."""


@dataclass(frozen=True)
class OutsidePath:
    """How far the mean paths of the outside world are bent in one month; the defaults bend nothing.

    Attributes
    ----------
    us_rate_shift_pp : on the rate to which the US policy rate goes; it gets there within half a year.
    import_price_factor : on dollar prices of Japan's imports other than chips and AI services.
    demand_factor : on real demand for Japan's exports.
    ai_demand_factor : on world spending on AI.
    world_equity_drift_shift_pct : on the yearly growth of world equity prices; it reaches markets as world news does.
    ai_equity_drift_shift_pct : on that of AI equity abroad, beyond its loading on world equity.
    world_volatility_factor : on the volatility of world equity, and on the risk that carry traders reckon with.
    chip_capacity : on the capacity of foreign suppliers of AI chips.
    chip_price_factor : on dollar prices of AI chips.
    data_centre_cost_factor : on the cost of building and running a data centre in Japan at given prices and wages.
    frontier_progress_factor : on the speed of the best AI abroad.
    algorithmic_progress_factor : on the speed at which algorithms improve that everybody can use, Japan among them.
    catch_up_factor : on the speed at which followers close their gap: how open the frontier is.
    data_availability : on the data that followers can train on.
    usefulness_shift_sd : worth in use of the AI on offer anywhere against its expected path; 1 is a year of progress.
    tariff_relief_share : on the tariff relief that the United States grant of what a trade deal asks for.
    us_tariff_pp : on US tariffs on Japan's exports, over those in force at the start.
    sovereign_doubt_logit : on how readily bond holders anywhere doubt a government (log-odds); only with the
        credibility channel on.
    """

    us_rate_shift_pp: float = number(0.0, -10.0, 10.0, "pp")
    import_price_factor: float = number(1.0, 0.1, 10.0, "times")
    demand_factor: float = number(1.0, 0.1, 3.0, "times")
    ai_demand_factor: float = number(1.0, 0.0, 10.0, "times")
    world_equity_drift_shift_pct: float = number(0.0, -300.0, 100.0, "% a year")
    ai_equity_drift_shift_pct: float = number(0.0, -300.0, 100.0, "% a year")
    world_volatility_factor: float = number(1.0, 0.2, 10.0, "times")
    chip_capacity: float = number(1.0, 0.0, 3.0, "times")
    chip_price_factor: float = number(1.0, 0.1, 10.0, "times")
    data_centre_cost_factor: float = number(1.0, 0.2, 10.0, "times")
    frontier_progress_factor: float = number(1.0, 0.0, 5.0, "times")
    algorithmic_progress_factor: float = number(1.0, 0.0, 5.0, "times")
    catch_up_factor: float = number(1.0, 0.0, 5.0, "times")
    data_availability: float = number(1.0, 0.1, 10.0, "times")
    usefulness_shift_sd: float = number(0.0, -5.0, 5.0, "s.d. of quality")
    tariff_relief_share: float = number(1.0, 0.0, 1.0, "share")
    us_tariff_pp: float = number(0.0, -25.0, 100.0, "pp")
    sovereign_doubt_logit: float = number(0.0, -5.0, 5.0, "log-odds")

    def __post_init__(self) -> None:
        check_rule(self, "the outside path")


_UNCHANGED = OutsidePath()
_NEUTRAL = {one.name: float(str(one.default)) for one in dataclasses.fields(OutsidePath)}


@dataclass(frozen=True)
class Episode:
    """A bend of the outside path from ``first_month`` on, for ``months`` months (0 is the first month of the run).

    Attributes
    ----------
    first_month, months : when; of a dated episode they are found when the start is known.
    path : the bend at its full size.
    ramp_months : months in which it grows in equal steps to its full size.
    fade_months : months at its end in which it shrinks again in equal steps.
    first, last : calendar months of a dated episode, both included; no last month means to the end of the run.
    """

    first_month: int
    months: int
    path: OutsidePath
    ramp_months: int = 0
    fade_months: int = 0
    first: Month | None = None
    last: Month | None = None

    def __post_init__(self) -> None:
        wrong = []
        if self.first is None and not 0 <= self.first_month < LONGEST_MONTHS:
            wrong.append(f"first_month is {self.first_month}, outside 0 to {LONGEST_MONTHS - 1}")
        if not 1 <= self.months <= LONGEST_MONTHS:
            wrong.append(f"months is {self.months}, outside 1 to {LONGEST_MONTHS}")
        if min(self.ramp_months, self.fade_months) < 0 or self.ramp_months + self.fade_months > self.months:
            wrong.append(
                f"ramp_months {self.ramp_months} and fade_months {self.fade_months} do not fit into its "
                f"{self.months} months"
            )
        if wrong:
            raise InputError([f"an episode's {text}" for text in wrong])

    def share(self, month: int) -> float:
        """How much of the bend is in force in a month of the run, 0 to 1."""
        done, left = month - self.first_month + 1, self.first_month + self.months - month
        if done < 1 or left < 1:
            return 0.0
        return min(1.0, done / (self.ramp_months + 1), left / (self.fade_months + 1))


@dataclass(frozen=True)
class Scenario:
    """A named state of the world.

    Attributes
    ----------
    name, label, description, evidence : what it is and what it rests on.
    episodes : bends of the outside path; where several hold at once, factors multiply and shifts add.
    credibility : whether bond holders and currency traders form a belief about how loose fiscal policy is.
    """

    name: str
    label: str
    description: str
    evidence: str = ""
    episodes: tuple[Episode, ...] = field(default=())
    credibility: bool = True

    def outside(self, month: int) -> OutsidePath:
        """The outside path's bend in ``month`` (0 is the first month of the run)."""
        bends = [(share, one.path) for one in self.episodes if (share := one.share(month)) > 0.0]
        if not bends:
            return _UNCHANGED
        if len(bends) == 1 and bends[0][0] == 1.0:
            return bends[0][1]
        values = dict(_NEUTRAL)
        for share, path in bends:
            for name, neutral in _NEUTRAL.items():
                bend = neutral + share * (getattr(path, name) - neutral)
                values[name] = values[name] * bend if neutral else values[name] + bend
        return _clipped(values)

    def on_calendar(self, first_month: Month) -> Scenario:
        """The same scenario with its dated episodes placed in a run whose first month is ``first_month``.

        Raises
        ------
        InputError : an episode that is over before the run begins, or begins after the longest run.
        """
        if all(one.first is None for one in self.episodes):
            return self
        placed, wrong = [], []
        for one in self.episodes:
            if one.first is None:
                placed.append(one)
                continue
            begins = one.first - first_month
            months = LONGEST_MONTHS if one.last is None else one.last - one.first + 1
            if begins + months <= 0 or begins >= LONGEST_MONTHS:
                wrong.append(
                    f"scenario '{self.name}': the episode {one.first}..{one.last or ''} lies outside a run that "
                    f"begins in {first_month}"
                )
                continue
            # Month numbers may be negative: an episode that is under way when the run begins.
            placed.append(replace(one, first_month=begins, months=months))
        if wrong:
            raise InputError(wrong)
        return replace(self, episodes=tuple(placed))


def _clipped(values: dict[str, float]) -> OutsidePath:
    """A path from bends that add up, each value kept within its bounds."""
    bounds = {one.name: one.metadata["setting"] for one in dataclasses.fields(OutsidePath)}
    return OutsidePath(**{name: min(max(value, bounds[name].low), bounds[name].high) for name, value in values.items()})
