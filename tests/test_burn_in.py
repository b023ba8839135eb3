"""How speculators stand at the opening: drawn pasts, by hand and on the shipped starts."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from itcho.agents.investors import TRADER
from itcho.agents.speculative_traders import read_the_day, read_the_day_again, readings_to_keep
from itcho.model.construction import EQUITY_VOLATILITY, USDJPY_VOLATILITY, observed_volatility_pct
from itcho.model.economy import JapanEconomy
from itcho.model.finance.burn_in import (
    PASTS,
    QUARTER_SESSIONS,
    burn_in_currency,
    burn_in_equities,
    draw_past,
    quarterly_volatility_pct,
)
from itcho.model.finance.equities import EquityMarket
from itcho.model.opening_draws import draw_opening_gap, out_of_range
from itcho.model.parameters import Parameters, registry
from itcho.model.randomness import Streams
from itcho.model.start_states import load
from itcho.model.start_states.start_state import StartState

STARTS = ("2026-03-31", "2024-03-31")


def test_pasts_are_drawn_in_proportion_to_how_near_their_volatility_is() -> None:
    # Distances of 0 and 1 standard deviation: weights of 1 and 0.6065, so the first is drawn below 0.6225.
    volatility = np.array([1.0, math.exp(0.5)])
    drawn = [draw_past(volatility, 1.0, 0.5, uniform) for uniform in (0.0, 0.622, 0.623, 0.9999)]
    assert [past.number for past in drawn] == [0, 0, 1, 1]
    assert drawn[2].volatility_pct == pytest.approx(math.exp(0.5))
    # At e to 2 they are 4 and 3 away: 0.0293 against 1, however far both are.
    far = [draw_past(volatility, math.exp(2.0), 0.5, uniform).number for uniform in (0.029, 0.03)]
    assert far == [0, 1]
    assert draw_past(volatility, math.exp(90.0), 0.5, 0.001).number == 1


def test_the_last_quarter_of_a_past_counts() -> None:
    returns = np.zeros((2, QUARTER_SESSIONS + 5))
    returns[0, :5], returns[1, 5:] = 0.9, 0.01
    returns[1, 5::2] = -0.01
    assert quarterly_volatility_pct(returns) == pytest.approx([0.0, 1.0])


def test_draws_out_of_a_range_have_the_centre_as_their_median() -> None:
    drawn = out_of_range(-30.0, -5.0, 5.0, np.array([0.0, 0.25, 0.5, 0.75, 1.0]))
    assert drawn == pytest.approx([-30.0, -17.5, -5.0, 0.0, 5.0])


def test_the_gap_of_the_start_is_drawn_out_of_its_range_unless_there_is_none_or_another_was_chosen() -> None:
    state, noisy = load("2024-03-31"), Streams(5)
    dated = state.parameters(Parameters())
    known = state.constants["opening_output_gap_pct"]
    assert known.low is not None
    assert known.high is not None

    def gap(parameters: Parameters, streams: Streams = noisy, start: StartState = state) -> float:
        return draw_opening_gap(start, parameters, streams).opening_output_gap_pct

    drawn = [gap(dated, Streams(seed)) for seed in range(60)]
    assert known.low <= min(drawn) < max(drawn) <= known.high
    # Half of the draws lie on either side of the centre: fewer than 18 of 60 is one chance in two thousand.
    assert 18 < sum(one < known.value for one in drawn) < 42
    assert gap(dated, Streams(5, noise_off=True)) == known.value
    # Who chooses the centre gets the centre.
    for chosen in (known.value, 0.0):
        given = state.parameters(Parameters().replace(opening_output_gap_pct=chosen))
        assert gap(given) == chosen
    pointed = replace(known, low=None, high=None)
    bare = replace(state, constants=MappingProxyType({**state.constants, "opening_output_gap_pct": pointed}))
    assert gap(dated, start=bare) == known.value


def test_a_day_is_read_by_weight_and_exposure() -> None:
    weight, tilt, exposure = np.array([0.5, 0.3, 0.2]), np.array([-1.0, 0.5, 2.0]), np.array([2.0, 1.0, 0.5])
    # Above the tilt of the first two: fundamentalists of 0.8; loads of 1.0 and 0.3 against 0.1.
    assert read_the_day(weight, tilt, weight * exposure, 1.0) == pytest.approx((0.8, 1.3, 0.1))


def test_a_day_between_the_same_tilts_is_read_once() -> None:
    weight, tilt, load = np.array([0.5, 0.3, 0.2]), np.array([0.5, -1.0, 0.5]), np.array([1.0, 0.3, 0.1])
    ranked, known = readings_to_keep(tilt)
    assert ranked.tolist() == [-1.0, 0.5, 0.5]
    # At a tilt a member is a chartist still; two have the same, so that no attitude lies between them.
    for attitude, share in ((-1.0, 0.0), (-0.9, 0.3), (0.5, 0.3), (0.6, 1.0), (9.0, 1.0)):
        found = read_the_day_again(weight, tilt, load, attitude, ranked, known)
        assert found == read_the_day(weight, tilt, load, attitude)
        assert found[0] == share
    assert (known[:, 0] < 0.0).tolist() == [False, False, True, False]
    # What is known is not worked out again.
    known[1] = 0.25, 7.0, 8.0
    assert read_the_day_again(weight, tilt, load, 0.0, ranked, known) == (0.25, 7.0, 8.0)


def test_in_the_quiet_path_nothing_is_drawn() -> None:
    quiet, p = JapanEconomy(rng=1, noise=False), Parameters()
    assert quiet.state.output_gap_pct == load("2026-03-31").constants["opening_output_gap_pct"].value
    yen, shares = quiet.foreign_exchange, quiet.equities
    assert yen.value.log_value - yen.log_price == pytest.approx(p.initial_misalignment_pct / 100.0)
    assert (yen.last_change, shares.last_change, shares.fundamental) == (0.0, 0.0, 0.0)
    assert quiet.outside.world_log_volatility == 0.0
    assert yen.volatility == pytest.approx(p.fx_long_run_daily_volatility_pct / 100.0)


@pytest.fixture(scope="module")
def openings() -> list[JapanEconomy]:
    return [JapanEconomy(rng=seed) for seed in (1, 1, 2, 3)]


def test_a_seed_opens_with_a_misalignment_and_states_of_mind_of_its_own(openings: list[JapanEconomy]) -> None:
    def mind(economy: JapanEconomy) -> tuple[float, ...]:
        yen, shares = economy.foreign_exchange, economy.equities
        outside = economy.outside.world_log_volatility
        return yen.opinion, yen.last_change, yen.volatility, shares.fundamental, shares.last_change, outside

    first, same, *others = map(mind, openings)
    assert first == same
    assert len({economy.state.output_gap_pct for economy in openings}) == len(openings) - 1
    for one in others:
        assert all(mine != its for mine, its in zip(first, one, strict=True))
    prior = registry()["initial_misalignment_pct"]
    for economy in openings:
        yen, start = economy.foreign_exchange, economy.start_state.fact("usdjpy")
        assert yen.usdjpy == pytest.approx(start)
        assert yen.opinion == pytest.approx(yen.log_price - yen.value.log_value)
        assert yen.opinion == pytest.approx(yen.value.opening_misvalued_log)
        assert prior.low <= -100.0 * yen.opinion <= prior.high
        # Prices are those of the day: what is drawn is the value that traders believe in.
        assert economy.equities.log_price == 0.0


def test_a_quarter_that_was_volatile_is_followed_by_a_volatile_month(openings: list[JapanEconomy]) -> None:
    traders = openings[0].portfolios.columns_of(TRADER, ("weight", "tilt", "exposure"))
    p = Parameters()
    shares: dict[float, list[float]] = {0.8: [], 2.4: []}
    risks: dict[float, list[float]] = {0.8: [], 2.4: []}
    for observed in shares:
        for seed in range(30):
            market = EquityMarket(p)
            risks[observed].append(burn_in_equities(market, traders, observed, p, Streams(seed)))
            shares[observed].append(market.fundamentalist_share)
    # Chartists are more when prices have moved more, and the world's market moves more as well.
    assert np.mean(shares[0.8]) > np.mean(shares[2.4]) + 0.2
    assert np.mean(risks[0.8]) < np.mean(risks[2.4]) - 0.05


def test_a_calm_quarter_says_that_the_yen_is_far_from_its_value_and_not_on_which_side(
    openings: list[JapanEconomy],
) -> None:
    economy, prior, opened = openings[0], registry()["initial_misalignment_pct"], []
    traders = economy.portfolios.columns_of(TRADER, ("weight", "tilt", "exposure"))
    market = JapanEconomy(rng=1, noise=False).foreign_exchange
    for seed in range(160):
        streams = Streams(seed)
        uniform = streams.setup("misalignment of the yen").random(PASTS)
        drawn = out_of_range(prior.low, prior.value, prior.high, uniform)
        burn_in_currency(market, traders, 0.54, Parameters(), streams, drawn)
        opened.append(-100.0 * market.opinion)
    found = np.array(opened)
    # Three standard errors of a spread of 16 over 160 worlds; few stand where traders follow charts.
    assert found.mean() == pytest.approx(prior.value, abs=4.0)
    assert np.mean(np.abs(found) < 5.0) < 0.15 < np.mean(np.abs(drawn) < 5.0)


def test_a_start_state_without_observed_volatility_opens_with_what_is_usual() -> None:
    state = load("2026-03-31")
    assert observed_volatility_pct(state, USDJPY_VOLATILITY, 9.0) == state.fact(USDJPY_VOLATILITY)
    kept = {name: fact for name, fact in state.facts.items() if name not in (USDJPY_VOLATILITY, EQUITY_VOLATILITY)}
    bare = replace(state, facts=MappingProxyType(kept))
    assert observed_volatility_pct(bare, EQUITY_VOLATILITY, 9.0) == 9.0
    assert JapanEconomy(start=bare, rng=1).foreign_exchange.opinion != 0.0


@pytest.mark.slow
@pytest.mark.parametrize("start", STARTS)
def test_the_first_month_is_as_volatile_as_the_second_year(start: str) -> None:
    yen, shares = [], []
    for seed in range(1, 41):
        economy = JapanEconomy(policy="none", start=start, rng=seed, years=2, dated_events=False).run()
        daily = economy.daily_table()
        for found, name in ((yen, "usdjpy"), (shares, "japan_equity_index")):
            found.append(np.diff(np.log(daily[name].to_numpy())).tolist())
    for found in (yen, shares):
        returns = np.array(found)
        month, year = returns[:, :20], returns[:, 251:]
        assert math.sqrt((month**2).mean() / (year**2).mean()) == pytest.approx(1.0, abs=0.15)
