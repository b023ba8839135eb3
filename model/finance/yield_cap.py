"""A cap on the 10-year yield, and a floor: how much more or less than its plan the Bank of Japan buys, and of whom."""

from __future__ import annotations

from collections.abc import Callable

from itcho.agents.vocabulary import BANK_OF_JAPAN, JGB_BUCKETS
from itcho.model.ledger.ledger import Ledger
from itcho.model.public.treasury import trade_bonds
from itcho.model.world import World

_ROUNDS = 20
_NOTHING_TRN_YEN = 1e-9


def purchases_beyond_plan(world: World, private: float, planned: float, clear: Callable[[float], float]) -> float:
    """Clear the bond market, with what the bank buys beyond its plan to hold its cap, and return that, trillion yen.

    Below zero where it buys less than planned, so that the yield does not stand under the floor.

    Parameters
    ----------
    world : whose bank may follow a rule with a cap.
    private : JGBs left to private holders by the plan, trillion yen.
    planned : the bank's purchases under the plan.
    clear : clears the market for a private stock and returns the 10-year yield.
    """
    bank, market = world.bank_of_japan, world.bonds
    opening = market.term_premium_pct
    found = clear(private)
    if bank.yield_cap() is None:
        return 0.0
    own = sum(world.ledger.position(bucket, BANK_OF_JAPAN) for bucket in JGB_BUCKETS) + planned
    extra = 0.0
    for _ in range(_ROUNDS):
        # Bonds gain value as the yield falls, so the market is a little steeper than demand.
        steep = market.slope_trn_per_pp + world.parameters.jgb_duration_years / 100.0 * private
        more = bank.extra_purchases(found, steep, private - extra, own + extra, planned + extra)
        if abs(more) <= _NOTHING_TRN_YEN:
            break
        extra += more
        market.take_back_clearing(opening)
        found = clear(private - extra)
    return extra


def trade_with_the_bank(ledger: Ledger, net: dict[str, float], buckets: tuple[str, ...] = JGB_BUCKETS) -> None:
    """Trade bonds of a month of large purchases: these can exceed what dealers hold, so holders sell to them first."""
    trade_bonds(ledger, {party: amount for party, amount in net.items() if amount < 0.0}, buckets)
    trade_bonds(ledger, {party: amount for party, amount in net.items() if amount > 0.0}, buckets)
