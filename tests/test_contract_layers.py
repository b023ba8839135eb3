"""Layers of contracts: how they open, that they rest, and what they say of a history that nothing was fitted to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from itcho.agents.chip_importers import runway_months, venture_rows
from itcho.agents.contracts import NEVER_SIGNED, NOBODY, Habits, new_book
from itcho.model.ai.contract_layer import ContractLayer, Suppliers
from itcho.model.ai.records import AIDrivers
from itcho.model.economy import JapanEconomy
from itcho.model.parameters.registry import Parameters
from itcho.model.randomness import Streams

P = Parameters()
HOME_CLOUDS, CLOUDS_ABROAD = 12, 3


def clouds(
    seed: int, home_share: float, firms: int = 3000, new_workloads: float = 0.2, **habits: float
) -> ContractLayer:
    """Clouds at home and abroad as the market for AI services has them, for firms with four partners each."""
    rng = np.random.default_rng(seed)
    size = np.minimum((1.0 - rng.random(firms)) ** (-1.0 / 1.2), 0.015 * firms)
    size /= size.sum()
    weight = 1.0 / np.arange(1, HOME_CLOUDS + 1)
    target = np.concatenate([home_share * weight / weight.sum(), (1.0 - home_share) * np.array([0.6, 0.25, 0.15])])
    at_home = np.arange(target.size) < HOME_CLOUDS
    suppliers = Suppliers(
        np.arange(target.size), tuple(f"cloud_{k}" for k in range(target.size)), at_home, ~at_home, target, target
    )
    regulated = np.zeros(firms, dtype=bool)
    laws = Habits(
        key=seed,
        lasting=P.ai_contract_lasting_tastes,
        dissimilarity=P.ai_choice_nest_dissimilarity,
        home_preference=0.0,
        attachment=P.ai_contract_attachment,
        peers=P.ai_contract_peer_weight,
        tender=P.ai_public_tender_probability,
        short=P.ai_contract_one_year_share,
        long=P.ai_contract_three_year_share,
        new_workloads=1.0 - (1.0 + new_workloads) ** (-1.0 / 12.0),
        break_gap=P.ai_contract_break_gap,
        response=1.0 + P.ai_own_price_elasticity,
        drawn=4,
        voucher_on_all=False,
    )
    peers = rng.integers(0, firms, 4 * firms).astype(np.int32).view(np.uint32)
    return ContractLayer(
        new_book(size, 1, seed, 0.0, regulated, 0.001),
        suppliers,
        np.arange(firms, dtype=np.int64),
        regulated,
        size,
        (4 * np.arange(firms + 1, dtype=np.int64), peers),
        laws,
        P.ai_contract_lock_in_systems,
        P.ai_contract_lock_in_months,
    )


def run(layer: ContractLayer, months: int) -> float:
    """Let months pass; returns the demand that switched, a year."""
    switched = 0.0
    for _ in range(months):
        layer.decide()
        layer.settle()
        switched += layer.flows.switched
    return 12.0 * switched / months


@pytest.mark.parametrize("firms", [300, 3000, 10_000])
def test_the_opening_share_is_met_within_a_contract_and_rests_there(firms: int) -> None:
    layer = clouds(1, 0.3, firms)
    layer.open()
    assert layer.home_share == pytest.approx(0.3, abs=0.0011)
    assert layer.shares.sum() == pytest.approx(1.0)
    abroad = layer.shares[HOME_CLOUDS:]
    assert abroad == pytest.approx([0.42, 0.175, 0.105], abs=0.04)
    contracts = layer.book.contracts
    assert (contracts["supplier"] != NOBODY).all()
    # Ages, not a cohort: about as many terms end in each half of the year to come.
    due = contracts["due"] - layer.month
    assert due.min() >= 0
    assert 0.3 < (due < 6).sum() / (due < 12).sum() < 0.7
    assert 0.15 < np.average(contracts["since"] < layer.month - 36, weights=contracts["weight"]) < 0.8
    assert run(layer, 120) < 0.01
    assert layer.home_share == pytest.approx(0.3, abs=0.05)


def test_trials_of_the_opening_touch_only_contracts_whose_turn_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, kept_whole = clouds(3, 0.4, 300), clouds(3, 0.4, 300)
    opened.open()
    # Where contracts may be broken all of them are looked at, and put back after each trial.
    monkeypatch.setattr(kept_whole, "_may_break", lambda best: True)
    kept_whole.open()
    assert (opened.book.contracts == kept_whole.book.contracts).all()
    assert (opened.buyers.main == kept_whole.buyers.main).all()
    assert (opened.constants == kept_whole.constants).all()


def test_a_layer_without_demand_has_no_shares_and_one_that_opens_later_chooses_then() -> None:
    layer = clouds(2, 0.3, 300)
    layer.open()
    layer.buyers.usage[:] = 0.0
    layer.settle()
    assert layer.paid.sum() == 0.0
    layer.book.contracts["supplier"], layer.book.contracts["due"] = NOBODY, NEVER_SIGNED
    layer.buyers.usage[5] = 0.2
    layer.decide()
    layer.settle()
    assert layer.flows.began == pytest.approx(1.0)
    assert layer.shares.sum() == pytest.approx(1.0)


def test_clouds_of_the_past_came_to_two_thirds_though_almost_nobody_switched() -> None:
    """Three US clouds held 5-10% of Japanese demand in FY2011 and 60-70% in FY2020 (Japan Fair Trade Commission).

    Taken from elsewhere: the share of 2026, the growth of demand (30%), firms with clouds (22% in 2011, 69% in 2020).
    """
    ends, switching = [], []
    for seed in range(1, 6):
        now = clouds(seed, 0.3, new_workloads=0.3)
        now.open()
        past = clouds(seed, 0.925, new_workloads=0.3)
        full, entered = past.buyers.usage.copy(), np.random.default_rng(seed).random(past.buyers.usage.size)
        past.buyers.usage[:] = np.where(entered < 0.22 / 0.69, full, 0.0)
        past.open()
        assert 1.0 - past.home_share == pytest.approx(0.075, abs=0.01)
        past.value[:] = now.constants
        for year in range(9):
            for month in range(12):
                reached = 0.22 + (0.69 - 0.22) * (12 * year + month + 1) / 108.0
                past.buyers.usage[:] = np.where(entered < reached / 0.69, full, 0.0)
                past.decide()
                past.settle()
                switching.append(12.0 * past.flows.switched)
        ends.append(1.0 - past.home_share)
    assert 0.6 < np.mean(ends) < 0.7
    assert np.mean(switching) < 0.01


def test_suppliers_give_introductory_prices_while_their_money_lasts() -> None:
    """A lock of 0.5 is worth 1 - exp(-0.5) of the most; ventures within nine months of their round give nothing."""
    market = JapanEconomy(rng=1, policy="none", investors=40, importers=60, adopters=60).world.ai_services
    p, contracts = market.parameters, market.contracts
    columns, rows = market.importers.columns, market.capability.rows
    ventures = venture_rows(columns["role"], p)
    most = p.ai_introductory_discount * (1.0 - math.exp(-p.ai_contract_lock_in_models))
    streams = Streams(1, noise_off=True)
    seen = np.zeros(rows.size, dtype=int)
    for month in range(24):
        market.step(month, AIDrivers(market.opening.usdjpy), streams)
        given = contracts.layers[0].offers.suppliers["introductory"]
        left = runway_months(columns["role"], month, p)[rows]
        assert given[: rows.size] == pytest.approx(np.where(left < 9.0, 0.0, most))
        assert given[rows.size : -1] == pytest.approx(most)
        assert given[-1] == 0.0
        seen += given[: rows.size] > 0.0
    # In an interval of 24 months a venture has 9 without.
    assert seen.tolist() == np.where(ventures[rows], 15, 24).tolist()
    assert (contracts.layers[1].offers.suppliers["introductory"] > most).all(), "clients of clouds are locked in more"
    assert not contracts.layers[2].offers.suppliers["introductory"].any()
