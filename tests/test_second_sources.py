"""Who looks for a second designer, and what rivals abroad order when one is short, worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from itcho.agents.compiled import njit
from itcho.agents.importer_rows import order_abroad
from itcho.agents.second_sources import SecondSources, best_other
from itcho.model.chips.edges import chip_edges, single_sources

order_once = njit()(lambda purchases, tilt, level: order_abroad(purchases, tilt, level))


def buyers(*draws: float) -> SecondSources:
    terms = SimpleNamespace(supply_qualified_share=0.3, supply_qualifying_months=2, supply_search_fill=0.5)
    return SecondSources(np.array(draws), terms)  # type: ignore[arg-type]


def test_who_is_ready_takes_another_designer_at_once_and_the_others_after_their_months_of_work() -> None:
    its, single = buyers(0.29, 0.31, 0.9, 0.1), np.array([True, True, True, False])
    short, served = np.full(4, 0.49), np.full(4, 0.5)
    assert its.look(single, served).tolist() == []
    assert its.look(single, short).tolist() == [0]
    # Two months of work; a month of good service in between undoes nothing.
    assert its.look(np.array([False, True, True, False]), served).tolist() == []
    assert its.look(np.array([False, True, True, False]), short).tolist() == []
    assert its.worked.tolist() == [0, 2, 2, 0]
    assert its.look(np.array([False, True, False, False]), short).tolist() == [1]
    assert its.ready.tolist() == [True, True, False, True]


def test_it_is_the_designer_that_could_deliver_most() -> None:
    share = np.array([0.9, 0.06, 0.04])
    assert best_other(0, np.array([0.0, 1.0, 1.0]), share) == 1
    assert best_other(0, np.array([1.0, 0.5, 1.0]), share) == 2
    assert best_other(1, np.array([0.1, 1.0, 1.0]), share) == 0
    assert best_other(0, np.array([1.0, 0.0, 0.0]), share) == -1


def test_users_of_one_designer_are_told_from_others_and_from_distributors() -> None:
    # Designers 0 and 1, distributor 2 in row 3: rows 0 and 3 buy of one, row 1 of two, row 2 of one and a distributor.
    links = [(0, 0, 1.0), (0, 1, 0.5), (1, 1, 0.5), (1, 2, 0.5), (2, 2, 0.5), (1, 3, 1.0), (2, 3, 1.0)]
    edges = chip_edges(links, np.array([0, 1], dtype=np.int32), np.array([3], dtype=np.int32))
    assert single_sources(edges, 5).tolist() == [0, -1, -1, -1, -1]


def test_rivals_turn_to_others_and_keep_their_place_where_they_queue() -> None:
    # Rival 0 buys 3 of the first and 1 of the second, rival 1 buys 2 of the first alone.  The first tilts to a third:
    # of rival 0's four, 1 to 1 are ordered, two of each; rival 1 cannot turn.
    purchases, level = np.array([[3.0, 1.0, 0.0], [2.0, 0.0, 0.0]]), np.empty(3)
    order_once(purchases, np.array([1.0 / 3.0, 1.0, 1.0]), level)
    assert level == pytest.approx([1.0, 2.0, 1.0])
    order_once(purchases, np.ones(3), level)
    assert level.tolist() == [1.0, 1.0, 1.0]
