"""The market of super-long bonds: the gap between their yields and what the 10-year yield usually makes of them.

Every type of holder has its habitat: life insurers hold super-longs, banks few, as in the opening books.  When bonds
move from those to these, or more super-longs come than the usual mix brings, somebody has to take them in place of
shorter bonds: holders as far as their risk limits go, for as much as they ask for risk anywhere, and funds of limited
capital.  The gap is what makes them take all there is.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.bond_arbitrage import ArbitrageFunds, most_superlong_trn_yen
from itcho.agents.bond_demand import MemberDemand
from itcho.agents.investors import BANK, FOREIGN, INSURER, INSURER_PENSION, TYPE_PARTIES
from itcho.agents.limits import LimitReading
from itcho.agents.limits_of_holders import BANK_SUPERLONGS, BOND_ARBITRAGE, INSURER_SUPERLONGS
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import JGB_BUCKETS
from itcho.model.finance.jgb_ladder import FIRST_SUPERLONG_BUCKET
from itcho.model.finance.portfolios import JGB_TYPES, Portfolios
from itcho.model.ledger.ledger import Ledger

Array = NDArray[np.float64]


class BondsToHold(NamedTuple):
    """What holders with mandates have to hold, trillion yen at market value.

    Attributes
    ----------
    superlong, in_all : of more than ten years, and of all maturities.
    income : nominal, 1 at the start.
    """

    superlong: float
    in_all: float
    income: float


def _bonds_of(ledger: Ledger, party: str) -> tuple[float, float]:
    """Super-longs and bonds of all maturities that a party holds, trillion yen."""
    held = [max(ledger.position(bucket, party), 0.0) for bucket in JGB_BUCKETS]
    return sum(held[FIRST_SUPERLONG_BUCKET:]), sum(held)


class SuperlongMarket:
    """State of the market of super-longs.

    Attributes
    ----------
    funds : who hold super-longs against shorter bonds, among holders abroad.
    gap_pp : of their yields over what the 10-year yield usually makes of them, percentage points.
    tilt : super-longs in each member's bonds over those in the market's mix, (members,).
    beyond_usual_trn_yen : super-longs that came to the market beyond the usual mix, as far as holders are not used to
        them.
    tail_bp : by which the month's auctions cleared above where they would without limits, beyond what they did so the
        month before, basis points.
    """

    def __init__(self, portfolios: Portfolios, ledger: Ledger, parameters: ParameterValues) -> None:
        self.p = parameters
        columns, both = portfolios.investors.arrays, portfolios.rows[INSURER_PENSION]
        self._weight = weight = cast(Array, columns["weight"])
        first = both.start + int((columns["mandate"][both] != INSURER).sum())
        self._banks, self._insurers = portfolios.rows[BANK], slice(first, both.stop, 1)
        self._funds = abroad = portfolios.rows[FOREIGN]
        self.funds = ArbitrageFunds(weight[abroad], cast(Array, columns["strictness"])[abroad], parameters)
        self.tilt = np.ones(abroad.stop)
        held = {kind: _bonds_of(ledger, TYPE_PARTIES[kind]) for kind in JGB_TYPES}
        market = sum(long for long, _ in held.values()) / sum(bonds for _, bonds in held.values())
        for kind, (long, bonds) in held.items():
            self.tilt[portfolios.rows[kind]] = long / bonds / market if bonds > 0.0 else 1.0
        # Pension funds hold the market; the rest of what they and insurers hold is the insurers'.
        funds = float(weight[both.start : first].sum())
        self.tilt[both.start : first] = 1.0
        self.tilt[self._insurers] = max((float(self.tilt[first]) - funds) / (1.0 - funds), 0.0)
        self._usual_tilt: float | None = None
        self.gap_pp = self.beyond_usual_trn_yen = self.tail_bp = 0.0
        self._concession_pp: float | None = None
        self._cleared: tuple[MemberDemand, float] | None = None
        self._held: Array | None = None

    def take_supply(self, beyond_usual_trn_yen: float) -> None:
        """Add super-longs that came beyond the usual mix, trillion yen; holders get used to part of the older ones."""
        kept = 0.5 ** (1.0 / (12.0 * self.p.mandate_half_life_years))
        self.beyond_usual_trn_yen = kept * self.beyond_usual_trn_yen + beyond_usual_trn_yen

    def _get_used(self, tilt: float) -> float:
        """The tilt of all bonds towards holders of super-longs that they have got used to, with this month's."""
        speed = 1.0 - 0.5 ** (1.0 / (12.0 * self.p.mandate_half_life_years))
        before = tilt if self._usual_tilt is None else self._usual_tilt
        self._usual_tilt = before + speed * (tilt - before)
        return self._usual_tilt

    def make_habitats_alike(self) -> None:
        """Let every holder have the market's part of super-longs in its bonds for its habitat."""
        self.tilt[:] = 1.0

    def _demand(self, bonds: MemberDemand, held: Array, stock: BondsToHold) -> MemberDemand:
        """What members want of super-longs at no gap, and how much more for each point, with their limits."""
        p, funds, bank = self.p, self._funds, self._banks
        mix = (stock.superlong - self.beyond_usual_trn_yen) / max(stock.in_all, 1e-12)
        share: Array = mix / self._get_used(float((self.tilt * held).sum() / max(held.sum(), 1e-12))) * self.tilt
        wanted = share * held
        # For a point on super-longs alone a member wants as much of them as for the rise that a point brings with it.
        slope: Array = share / p.premium_loading_30y * bonds.slope
        least, most = np.zeros(held.size), np.full(held.size, np.inf)
        duration = (p.jgb_duration_years - mix * p.superlong_duration_years) / max(1.0 - mix, 1e-12)
        risk = max(duration, 0.0) / max(p.superlong_duration_years - duration, 1e-12)
        for rows in (bank, self._insurers):
            most[rows] = most_superlong_trn_yen(held[rows], bonds.most[rows], share[rows], risk)
        insurer = self._insurers
        least[insurer] = np.minimum(share[insurer] * bonds.least[insurer], most[insurer])
        if self._held is not None:
            # Who cannot sell keeps what it has, of which time makes shorter bonds as of all.
            kept = stock.superlong / max(float(self._held.sum()), 1e-12)
            least[insurer] = np.minimum(least[insurer], kept * self._held[insurer])
        capital = self.funds.capital(stock.income)
        slope[funds] += p.bond_arbitrage_response_per_pp * capital
        reach = self.funds.leverage * capital
        least[funds], most[funds] = np.maximum(wanted[funds] - reach, 0.0), wanted[funds] + reach
        total = np.add.reduce
        return MemberDemand(
            wanted, slope, least, most, p.limit_beyond_response_share, float(total(wanted)), float(total(slope))
        )

    def clear(self, bonds: MemberDemand, held: Array, stock: BondsToHold) -> Array:
        """Find the gap at which holders want what is there; returns super-longs held, trillion yen, (members,).

        Parameters
        ----------
        bonds : demand for bonds of all maturities, with its limits.
        held : bonds of all maturities, trillion yen, (members,).
        """
        demand = self._demand(bonds, held, stock)
        gap = demand.premium_pp(stock.superlong)
        unwanted = stock.superlong - demand.total_wanted
        free = unwanted / demand.total_slope if demand.total_slope > 0.0 else 0.0
        # Where limits make them dearer an auction has no tail, however much dearer they were the month before.
        concession = max(gap - free, 0.0)
        before = concession if self._concession_pp is None else self._concession_pp
        self.tail_bp, self._concession_pp = 100.0 * max(0.0, concession - before), concession
        found = np.minimum(demand.held_at(stock.superlong), held)
        # Nobody holds more super-longs than bonds: what some would is taken by those who have shorter ones.
        if (missing := stock.superlong - float(found.sum())) > 0.0:
            found += missing * (held - found) / max(float((held - found).sum()), missing)
        self.funds.bear(found[self._funds] - demand.wanted[self._funds], gap - self.gap_pp)
        self.gap_pp, self._cleared, self._held = gap, (demand, gap), found
        return found

    def readings(self) -> tuple[LimitReading, ...]:
        """What limits withheld of super-longs when the market last cleared."""
        if self._cleared is None:
            return ()
        demand, gap = self._cleared
        free, found = demand.without_limits(gap), []
        withheld = np.abs(free - demand.at(gap))
        for limit, rows in (
            (BANK_SUPERLONGS, self._banks),
            (INSURER_SUPERLONGS, self._insurers),
            (BOND_ARBITRAGE, self._funds),
        ):
            wanted = free[rows]
            if not wanted.size:
                continue
            beyond = np.maximum(wanted - demand.most[rows], demand.least[rows] - wanted)
            slack = np.minimum(np.maximum(-beyond / np.maximum(wanted, 1e-12), -1.0), 1.0)
            bound = beyond > 0.0
            found.append(limit.of_members(self._weight[rows], slack, bound, np.where(bound, withheld[rows], 0.0)))
        return tuple(found)
