"""What contracts of the whole model come to, beside what has been published of such markets."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from itcho.agents.contracts import NOBODY
from itcho.model.ai.contract_layer import ContractLayer
from itcho.model.ai.contract_market import APPLICATION, CLOUD, MODEL, PEOPLE
from itcho.model.economy import JapanEconomy

GIANTS, YEARS = 60, 10
SEEDS = (1, 2)


def suppliers_held(layer: ContractLayer) -> np.ndarray:
    """How many suppliers each buyer has."""
    contracts, buyers = layer.book.contracts, layer.buyers.usage.size
    buyer = np.repeat(np.arange(buyers), np.diff(layer.book.first))
    held = (contracts["supplier"] != NOBODY) & (layer.buyers.usage[buyer] > 0.0)
    pairs = np.unique(np.stack([buyer[held], contracts["supplier"][held]]), axis=1)
    return np.bincount(pairs[0], minlength=buyers)


def several(layer: ContractLayer) -> float:
    """Part of the buyers of a layer that have more than one supplier."""
    held = suppliers_held(layer)
    return float((held[held > 0] > 1).mean())


def economies() -> list[JapanEconomy]:
    return [JapanEconomy(rng=seed, policy="none", investors=60, importers=60, years=YEARS) for seed in SEEDS]


@pytest.fixture(scope="module")
def opened() -> list[JapanEconomy]:
    return economies()


@pytest.fixture(scope="module")
def ten_years() -> tuple[np.ndarray, float]:
    """Demand that switches in a year by layer, and users with several clouds at the end; means over seeds."""
    switched, users = np.zeros(4), 0.0
    for world in economies():
        layers = world.world.ai_services.contracts.layers
        for _ in range(12 * YEARS):
            world.step()
            switched += np.array([layer.flows.switched for layer in layers]) / (YEARS * len(SEEDS))
        users += several(layers[CLOUD]) / len(SEEDS)
    return switched, users


def test_opening_shares_are_those_of_the_parameters(opened: list[JapanEconomy]) -> None:
    for world in opened:
        p, layers = world.parameters, world.world.ai_services.contracts.layers
        stated = p.ai_domestic_model_share, p.ai_domestic_cloud_share, p.ai_domestic_application_share
        for layer, share in zip(layers[:PEOPLE], stated, strict=True):
            assert layer.home_share == pytest.approx(share, abs=layer.book.contracts["weight"].max() * 0.015)


def test_a_ninth_of_models_and_hardly_any_cloud_changes_its_supplier_in_a_year(
    ten_years: tuple[np.ndarray, float],
) -> None:
    """Menlo Ventures 2025: 11% of teams (5 to 20); Competition and Markets Authority 2025: fewer than 1% of clouds."""
    switched, _ = ten_years
    assert switched[MODEL] == pytest.approx(0.11, abs=0.015)
    assert switched[CLOUD] < 0.01
    assert switched[APPLICATION] < 0.01
    assert switched[PEOPLE] == pytest.approx(0.15, abs=0.02)


def test_one_user_of_clouds_in_ten_to_one_in_five_has_several(
    opened: list[JapanEconomy], ten_years: tuple[np.ndarray, float]
) -> None:
    """Japan Fair Trade Commission 2022: 10 to 20% of users."""
    at_start = np.mean([several(world.world.ai_services.contracts.layers[CLOUD]) for world in opened])
    assert 0.10 < at_start < 0.20
    assert 0.09 < ten_years[1] < 0.20


def test_large_firms_take_models_of_several(opened: list[JapanEconomy]) -> None:
    """Andreessen Horowitz 2025: 29 to 37% of large enterprises have five models or more, 81% three families or more.

    Suppliers are counted here, of which each has several models, so that the first is an upper bound.
    """
    held = []
    for world in opened:
        layer = world.world.ai_services.contracts.layers[MODEL]
        held.append(suppliers_held(layer)[np.argsort(-layer.buyers.usage)[:GIANTS]])
    five, three = np.mean(np.array(held) >= 5), np.mean(np.array(held) >= 3)
    assert 0.15 < five < 0.37
    assert 0.5 < three < 0.81


def after_three_years(layer: ContractLayer, place: int | None, dearer: float, eta: float) -> tuple[float, float]:
    """Units of one supplier, or of all, and of everybody, after one, or all, became dearer by so much in ln price."""
    changed = copy.deepcopy(layer)
    value, price = changed.value, changed.price
    rows = slice(None) if place is None else slice(place, place + 1)
    value[rows] -= eta * dearer
    price[rows] += dearer
    for _ in range(36):
        changed.decide()
    changed.settle()
    return float(changed.paid[rows].sum()) / math.exp(dearer), float(changed.paid.sum())


def test_demand_answers_its_price_by_the_published_elasticity(opened: list[JapanEconomy]) -> None:
    """Demirer et al.: -1.11, -0.8 to -2.  All of the market by just that, one laboratory's by what it loses as well."""
    own = []
    for world in opened:
        layer, eta = world.world.ai_services.contracts.layers[MODEL], abs(world.parameters.ai_own_price_elasticity)
        before, after = (after_three_years(layer, None, dearer, eta)[0] for dearer in (0.0, 0.1))
        assert math.log(after / before) / 0.1 == pytest.approx(-1.11, abs=0.005)
        for place in np.flatnonzero(~layer.suppliers.at_home & (layer.shares > 0.1)).tolist():
            before, after = (after_three_years(layer, place, dearer, eta)[0] for dearer in (0.0, 0.1))
            own.append(math.log(after / before) / 0.1)
    assert -2.0 < np.mean(own) < -1.11
