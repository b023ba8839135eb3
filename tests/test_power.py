"""The power queue by hand: what owners of sites apply for, what is connected and when, and chips without power."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from itcho.agents.ablation import Ablation
from itcho.agents.data_centre_sites import apply_for_power, margins, site_of
from itcho.model.ai.capability import NATIONAL_COMPANY_ROW
from itcho.model.chips.power import PowerQueue, install
from itcho.model.economy import JapanEconomy
from tests.children import ROOT
from tests.hand_ledger import given

LAW = {
    "power_connections_gw_year": 1.2,
    "power_ai_share": 0.5,
    "power_chips_bn_usd_per_gw": 20.0,
    "power_connection_years": 0.25,
    "power_connection_least_years": 1.0 / 6.0,
    "power_spare_share": 0.0,
    "power_growth_memory_months": 2.0,
    "power_withdrawal_share": 6.0,
    "chip_power_efficiency_growth": 0.24,
    "data_centre_building_months": 4.0,
}


def asked_and_kept(needed: float, seen: float, connected: float, queued: float) -> tuple[float, float, float]:
    """New application, part kept of old ones and growth of one owner: a tenth to spare, ten months, half a year."""
    growth, asked, kept = np.array([1.0]), np.empty(1), np.empty(1)
    one = [np.array([value]) for value in (needed, seen)]
    has = [np.array([value]) for value in (0.1, connected, queued)]
    apply_for_power(*one, growth, *has, 10.0, 4.0, 0.5, asked, kept)
    assert one[1][0] == needed
    return float(asked[0]), float(kept[0]), float(growth[0])


def test_owners_apply_for_what_they_expect_to_miss_and_withdraw_what_is_too_much() -> None:
    """100 after 95: a quarter of 5 is believed, ten months of that growth and a tenth to spare are wanted."""
    growth = 0.75 + 0.25 * 5.0
    expected = (100.0 + 10.0 * growth) * 1.1
    assert asked_and_kept(100.0, 95.0, 90.0, 20.0) == pytest.approx((expected - 110.0, 1.0, growth))
    # Of 40 in the queue, half of what is more than expected is taken back, and no more than is there.
    kept = 1.0 - 0.5 * (150.0 - expected) / 40.0
    assert asked_and_kept(100.0, 95.0, 110.0, 40.0) == pytest.approx((0.0, kept, growth))
    assert asked_and_kept(100.0, 95.0, 500.0, 40.0)[1] == pytest.approx(0.5)
    # Who needs nothing any more expects nothing, and keeps nothing for long.
    assert asked_and_kept(0.0, 95.0, 0.0, 4.0) == pytest.approx((0.0, 0.5, 0.75 - 23.75))


def test_margins_are_spread_about_their_mean_and_chips_stand_where_their_owners_rent_most() -> None:
    spread = margins(1000, 0.05)
    assert spread.mean() == pytest.approx(0.05, rel=1e-2)
    assert 0.0 <= spread.min() < 0.001 < 0.099 < spread.max() <= 0.1
    developers, clouds = np.array([0, 0, 3]), np.array([1, 2, 1])
    assert site_of(4, developers, clouds, np.array([0.6, 0.4, 1.0])).tolist() == [1, 1, 2, 1]


def queue_of_two(*announced_gw: float, month: int = -1) -> PowerQueue:
    """75 and 25 units of compute, at chip prices of a half, grow by 3% a month, and come to need 2% less power."""
    units, gw = np.array([75.0, 25.0]), np.array(announced_gw or (0.0, 0.0))
    return PowerQueue(units, given(**LAW), 0.5, 0.03, gw, month)  # type: ignore[arg-type]


def test_the_grid_connects_so_much_a_month_first_come_first_served() -> None:
    """Half of 0.1 GW a month runs chips of 1 bn USD, two units at a price of a half."""
    queue = queue_of_two()
    assert queue.connections_a_month == pytest.approx(2.0)
    assert queue.queued == pytest.approx([4.5, 1.5])
    assert queue.wait_months == pytest.approx(3.0)
    powered = queue.advance()
    assert powered == pytest.approx(np.array([76.5, 25.5]) * math.exp(0.02))
    # The second owner's need jumps to 40; the first needs 2% less.
    queue.used[:] = 75.0, 25.0
    queue.apply(np.array([0.0, 15.0]))
    assert queue.queue[-1][0] == 1
    less = math.exp(-0.02)
    # Half of the new growth is believed, for as long as the queue of 4 lasts, or at least two months.
    growth = 0.25 + 0.5 * (40.0 * less - 25.0 - 0.25)
    needed = 40.0 * less + 2.0 * growth
    assert queue.queued[1] == pytest.approx(needed - 25.5)
    # The first expects 75 less 2%, and half of that fall less the 0.75 a month that it grew by; it has power for more.
    excess = 76.5 + 3.0 - (75.0 * less + 2.0 * (0.75 + 0.5 * (75.0 * less - 75.0 - 0.75)))
    assert queue.queued[0] == pytest.approx(3.0 * (1.0 - 0.5 * min(excess / 3.0, 1.0)))
    before = queue.connected.copy()
    for month in range(1, 7):
        queue.advance()
        got = queue.connected - before
        before = queue.connected.copy()
        # Nobody is connected within two months; then those who came first, and the grid does what it can.
        assert got.sum() <= 2.0 * (1.0 + 1e-12)
        if month >= 3:
            assert got == pytest.approx([0.0, 2.0])
    queue.connect_everybody()
    assert np.isinf(queue.advance()).all()


def test_what_is_announced_is_connected_on_its_date_beside_the_queue_and_is_not_given_back() -> None:
    """Half a GW of the first owner's runs 20 units, from the third month on."""
    usual, told = queue_of_two(), queue_of_two(0.5, 0.0, month=2)
    assert told.queued - usual.queued == pytest.approx([20.0, 0.0])
    # Nobody waits longer for it, and its owner takes back none of it though it needs nothing.
    assert told.wait_months == usual.wait_months
    told.used[:] = 0.0
    for _ in range(2):
        told.advance()
        told.apply(np.zeros(2))
        usual.advance()
    assert told.queued[0] >= 20.0
    before = told.connected[0]
    told.advance()
    assert told.connected[0] - before >= 20.0
    assert told.connected.sum() <= usual.advance().sum() * math.exp(-0.06) + 20.0 + 1e-9


def test_chips_without_power_wait_and_are_no_compute() -> None:
    """10 and 20 units wear to 9 and 18; 4 and 8 arrive, a quarter of the first for the programme; power for 33."""
    compute = np.array([10.0, 20.0]), np.array([2.0, 0.0])
    waiting, own = (np.zeros(2), np.zeros(2)), np.empty(2)
    outstanding, programme = np.zeros(2), np.array([2.0, 0.0])
    delivered, backlog = np.array([8.0, 16.0]), np.array([0.0, 1.0])
    # Both stand at the first one's site.
    site, used, left = np.zeros(2, dtype=np.int64), np.array([30.0, 0.0]), np.empty(2)

    def month(delivered: np.ndarray, backlog: np.ndarray, kept: float, power: float) -> tuple[float, float]:
        powered = np.array([power, 0.0])
        return install(
            compute, waiting, own, outstanding, programme, delivered, backlog, kept, 2.0,
            site, used, powered, 0.25, left,
        )  # fmt: skip

    # Six of twelve units are connected.
    assert month(delivered, backlog, 0.9, 33.0) == pytest.approx((33.0, 6.0))
    assert compute[0] == pytest.approx([11.0, 22.0])
    assert compute[1] == pytest.approx([2.3, 0.0])
    assert waiting[0] == pytest.approx([2.0, 4.0])
    assert waiting[1] == pytest.approx([0.5, 0.0])
    assert used == pytest.approx([33.0, 0.0])
    assert left == pytest.approx([6.0, 0.0])
    # They are no orders any more; what is not the programme's their owners count as their own.
    assert outstanding == pytest.approx([0.0, 1.0])
    assert own == pytest.approx([1.5, 4.0])
    nothing = np.zeros(2)
    assert month(nothing, nothing, 1.0, 1000.0) == pytest.approx((39.0, 0.0))
    assert compute[1] == pytest.approx([2.8, 0.0])
    # Where wear and power leave no room, nothing is connected and nothing is taken away.
    assert month(delivered, nothing, 1.0, 20.0) == pytest.approx((39.0, 12.0))


def test_chips_without_power_at_home_move_where_there_is_room() -> None:
    """8 arrive at a full site and 2 where there is room for 10: a quarter of the 8 moves within the month."""
    compute, waiting = (np.array([10.0, 10.0]), np.zeros(2)), (np.zeros(2), np.zeros(2))
    used, left, nothing = np.array([10.0, 10.0]), np.empty(2), np.zeros(2)
    found = install(
        compute, waiting, np.zeros(2), np.zeros(2), np.zeros(2), np.array([8.0, 2.0]), nothing, 1.0, 1.0,
        np.arange(2), used, np.array([10.0, 20.0]), 0.25, left,
    )  # fmt: skip
    assert found == pytest.approx((24.0, 6.0))
    assert compute[0] == pytest.approx([12.0, 12.0])
    # The guests' two units stand at the second site.
    assert used == pytest.approx([10.0, 14.0])
    assert left == pytest.approx([6.0, 0.0])
    # Never more moves than there is room for.
    install(
        compute, waiting, np.zeros(2), np.zeros(2), np.zeros(2), nothing, nothing, 1.0, 1.0,
        np.arange(2), used, np.array([10.0, 15.0]), 1.0, left,
    )  # fmt: skip
    assert used == pytest.approx([10.0, 15.0])
    assert waiting[0] == pytest.approx([5.0, 0.0])


def test_a_queue_that_does_not_bind_changes_nothing_and_one_that_binds_leaves_chips_without_power() -> None:
    small = {"rng": 1, "investors": 40, "importers": 60, "adopters": 60, "noise": False, "years": 3, "policy": "none"}

    def after(ablation: Ablation | None = None, **changed: float) -> JapanEconomy:
        return JapanEconomy(parameters=changed, ablation=ablation, **small).run()  # type: ignore[arg-type]

    room = {"power_spare_share": 0.3, "power_connections_gw_year": 0.9}
    ample, unbounded = after(**room), after(Ablation("data_centre_sites", "frozen"), **room)
    assert ample.outcomes == unbounded.outcomes
    assert ample.outcomes["chips_without_power_pct"] == 0.0
    scarce = {"power_connections_gw_year": 0.44, "power_ai_share": 0.3, "power_softbank_sites_gw": 0.05}
    short = after(power_spare_share=0.0, chip_power_efficiency_growth=0.2, **scarce)
    assert short.outcomes["chips_without_power_pct"] > 1.0
    assert short.chip_importers.columns["compute"].sum() < ample.chip_importers.columns["compute"].sum()


def test_chips_of_the_programme_that_wait_for_power_do_not_keep_the_company_from_ordering_its_own() -> None:
    """It serves with its own chips and trains with the programme's: the first are ordered whatever the second do."""
    ends = {}
    for name, changed in (("ample", 0.55), ("short", 0.05)):
        economy = JapanEconomy(
            rng=1, policy="actual-tenfold", noise=False, importers=60, adopters=60, investors=40,
            parameters={"power_softbank_sites_gw": changed},
        )  # fmt: skip
        for _ in range(30):
            economy.step()
        columns, market = economy.chip_importers.columns, economy.world.chip_market
        waiting = market.waiting_for_power[1][NATIONAL_COMPANY_ROW]
        own = columns["compute"] - columns["programme_compute"] + columns["own_compute_without_power"]
        ends[name] = float(waiting), float(own[NATIONAL_COMPANY_ROW])
    assert ends["short"][0] > 1.0 > ends["ample"][0]
    assert ends["short"][1] == pytest.approx(ends["ample"][1], rel=0.25)


@pytest.mark.slow
def test_power_hardly_touches_the_programme_and_holds_back_ten_of_it_as_the_page_of_limits_says() -> None:
    """Shares at the end of the fifth year without noise, for four draws of tastes."""
    said = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    found = re.search(
        r"([\d.]+) points\s+above that without any.*?costs it ([\d.]+) points of ([\d.]+)\.", said, re.DOTALL
    )
    assert found is not None
    gains, losses, of = [], [], []
    for seed in range(1, 5):
        actual = share_of_fifth_year("actual", seed, True)
        assert actual == pytest.approx(share_of_fifth_year("actual", seed, False), abs=0.02)
        gains.append(actual - share_of_fifth_year("none", seed, True))
        powered = share_of_fifth_year("actual-tenfold", seed, False)
        losses.append(powered - share_of_fifth_year("actual-tenfold", seed, True))
        of.append(powered - share_of_fifth_year("none", seed, True))
    assert min(gains) > 0.0 < min(losses)
    assert [np.mean(gains), np.mean(losses), np.mean(of)] == pytest.approx(
        [float(one) for one in found.groups()], abs=0.051
    )


def share_of_fifth_year(policy: str, seed: int, bounded: bool) -> float:
    """Domestic share."""
    economy = JapanEconomy(policy=policy, rng=seed, noise=False, keep_decisions=False, measure_every=12)
    economy.world.chip_market.power.bounded = bounded
    for _ in range(60):
        economy.step()
    return float(economy.monthly_table()["domestic_ai_share_home_pct"].iloc[4])
