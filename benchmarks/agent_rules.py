"""Nanoseconds that one agent's decision costs: the model's kernels, plain Mesa agents, plain numpy, and the floor.

All four do the same work on the same opening columns; before anything is timed the three programs have to give the
same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np

from benchmarks import numpy_twin
from benchmarks.machine import floor_ns
from benchmarks.mesa_twin import Economy, Market, Planning, SessionSignals
from benchmarks.timing import least_seconds, least_seconds_after
from itcho.agents import carry_traders, investors, speculative_traders
from itcho.agents.adopters import Adopters
from itcho.agents.chip_importers import PlanningConditions, plan_orders
from itcho.model.economy import JapanEconomy

Columns = dict[str, Any]
SESSION_BYTES = 8 * 9
"""Streamed by a session for each trader or carry trader: six to eight columns read, two or three written."""
ADOPTION_BYTES = 8 * 21 + 8
"""Streamed by a month for each adopter: eleven columns read, nine of them written, and the snapshot of last month."""
ORDER_BYTES = 8 * 12
"""Streamed by a month for each importer: eleven columns read, one written."""


@dataclass(frozen=True)
class RuleTimes:
    """Nanoseconds an agent and decision.

    Attributes
    ----------
    rule : which rule.
    agents : that decide.
    model, mesa, numpy, floor : the model's own, the Mesa twin (``None`` where it was left out), plain numpy, and what
        the machine's memory takes at least.
    """

    rule: str
    agents: int
    model: float
    mesa: float | None
    numpy: float
    floor: float


def _released(model: mesa.Model) -> None:
    """Let a Mesa model go: 3.3.1 keeps every model in a table of its own."""
    ids = getattr(mesa.Agent, "_ids", None)
    if ids is not None:
        ids.pop(model, None)


def _times(
    rule: str, agents: int, runs: tuple[Callable[[], object], Callable[[], object] | None, Callable[[], object]],
    floor: float,
) -> RuleTimes:  # fmt: skip
    each = [None if run is None else least_seconds(run, 3) / agents * 1e9 for run in runs]
    return RuleTimes(rule, agents, each[0] or 0.0, each[1], each[2] or 0.0, floor)


def _copy(columns: Columns, rows: slice = slice(None)) -> Columns:
    return {name: np.array(values[rows]) for name, values in columns.items()}


def _same(name: str, one: float, other: float) -> None:
    if abs(one - other) > 1e-9 * max(abs(one), abs(other), 1e-12):
        raise AssertionError(f"{name}: the twins differ: {one!r} and {other!r}")


def investor_sessions(agents: int, with_mesa: bool = True) -> RuleTimes:
    """Sessions of about ``agents`` speculative and carry traders."""
    size = round(agents / (investors.TYPE_SHARES[investors.TRADER] + investors.TYPE_SHARES[investors.CARRY]))
    economy = JapanEconomy(rng=1, investors=max(size, 7))
    spans = investors.type_slices(len(economy.investors))
    opening = [_copy(economy.investors.columns, spans[kind]) for kind in (investors.TRADER, investors.CARRY)]
    signals, acting = SessionSignals(), opening[0]["weight"].size + opening[1]["weight"].size
    traders, carry = _copy(opening[0]), _copy(opening[1])
    ordered = [np.empty(columns["weight"].size) for columns in opening]

    def model_session() -> float:
        s = signals
        t, c = traders, carry
        *_, order = speculative_traders.currency_trader_orders(
            t["weight"], t["tilt"], t["exposure"], t["leverage"], t["wealth"], t["position_usd"], ordered[0],
            s.attitude, s.wanted, s.most, s.speed, s.dollars_per_wealth, s.most_of_wealth, s.ruin,
        )  # fmt: skip
        order += carry_traders.carry_orders(
            c["weight"], c["exposure"], c["headroom"], c["stop_loss"], c["leverage"], c["cooldown"], c["wealth"],
            c["position_usd"], ordered[1], s.book, s.appetite, s.limit, s.margin, s.speed, s.loss, s.pause,
            s.dollars_per_wealth,
        )  # fmt: skip
        return float(order)

    plain_traders, plain_carry = _copy(opening[0]), _copy(opening[1])

    def numpy_session() -> float:
        return numpy_twin.trader_session(plain_traders, signals) + numpy_twin.carry_session(plain_carry, signals)

    market = Market(*opening) if with_mesa else None
    for _ in range(3):
        mine = model_session()
        _same("investors, numpy", mine, numpy_session())
        if market is not None:
            market.step()
            _same("investors, Mesa", mine, market.net_order)
    _released(economy)
    times = _times(
        "investors, one session", acting, (model_session, market and market.step, numpy_session),
        floor_ns(acting, SESSION_BYTES),
    )  # fmt: skip
    if market is not None:
        _released(market)
    return times


def adopter_months(agents: int, with_mesa: bool = True) -> RuleTimes:
    """Months of adoption by ``agents`` firms that look at their trading partners."""
    economy = JapanEconomy(rng=1, adopters=agents)
    p, opening = economy.parameters, _copy(economy.adopters.columns)
    indptr, indices = economy.supply_graph.adopter_peers
    mine = _copy(opening)
    rule = Adopters(mine, indptr, indices, p)
    # The twins know no policies on AI: in the model's months, too, every firm has one.
    rule.readiness.open_all()
    laws = {
        "use_innovation": p.ai_use_innovation / 12.0,
        "use_imitation": p.ai_use_imitation / 12.0 / p.ai_use_ceiling,
        "use_ceiling": p.ai_use_ceiling,
        "deep_innovation": p.ai_deep_innovation / 12.0,
        "deep_imitation": p.ai_deep_imitation / 12.0 / p.ai_deep_ceiling,
        "deep_ceiling": p.ai_deep_ceiling,
        "peer_weight": p.ai_peer_weight,
        "mean_use": rule.use,
        "mean_deep": rule.deep,
        "common_resistance": 1.0,
        "scale": rule._scale,
        "light_depth": p.ai_light_use_depth,
        "widening": 1.0,
        "passing": 1.0 / p.ai_depth_stage_months,
        "dip": p.ai_dip_depth,
        "learned": p.ai_learning_effect,
    }
    opening["resistance"], opening["per_width"] = np.exp(-opening["benefit"]), 1.0 / opening["latent_width"]
    plain, plain_laws = _copy(opening), dict(laws)

    def model_month() -> float:
        return rule.step(0.0, 1.0).deep_share

    def numpy_month() -> float:
        shares = numpy_twin.adoption_month(plain, indptr, indices, plain_laws)
        plain_laws["mean_use"], plain_laws["mean_deep"] = shares
        return shares[1]

    twin = None
    if with_mesa:
        bounds = np.asarray(indptr)
        peers = [np.asarray(indices[bounds[row] : bounds[row + 1]]).tolist() for row in range(agents)]
        twin = Economy(opening, peers, dict(laws))
    for _ in range(3):
        deep = model_month()
        # The kernel keeps last month's shares in single precision.
        if abs(numpy_month() - deep) > 1e-6:
            raise AssertionError("adopters: numpy and the kernel differ")
        if twin is not None:
            twin.step()
            if abs(twin.total_deep - deep) > 1e-6:
                raise AssertionError("adopters: Mesa and the kernel differ")
    degree = float(np.asarray(indices).size / agents)
    kept, plain_kept = _copy(mine), _copy(plain)

    def reset() -> None:
        for columns, values in ((mine, kept), (plain, plain_kept)):
            for name, column in values.items():
                columns[name][:] = column

    model_ns, numpy_ns = (least_seconds_after(reset, work) / agents * 1e9 for work in (model_month, numpy_month))
    mesa_ns = None if twin is None else least_seconds_after(lambda: None, twin.step, 2, 3) / agents * 1e9
    _released(economy)
    if twin is not None:
        _released(twin)
    return RuleTimes(
        "adopters, one month", agents, model_ns, mesa_ns, numpy_ns, floor_ns(agents, ADOPTION_BYTES, degree)
    )


def importer_months(agents: int, with_mesa: bool = True) -> RuleTimes:
    """A month's chip orders of ``agents`` importers; the model's own rule is plain numpy."""
    economy = JapanEconomy(rng=1, importers=agents)
    p, columns = economy.parameters, _copy(economy.chip_importers.columns)
    conditions = PlanningConditions(160.0, 158.0, 159.0, 0.9, 1.0, 1.02, 1.4, 0.01, p.chip_lead_time_months)

    def model_month() -> float:
        return float(plan_orders(columns, conditions, p).sum())

    twin = Planning(columns, conditions, p) if with_mesa else None
    if twin is not None:
        twin.step()
        _same("importers, Mesa", model_month(), twin.total)
    _released(economy)
    times = _times(
        "importers, one month", agents, (model_month, twin and twin.step, model_month), floor_ns(agents, ORDER_BYTES)
    )
    if twin is not None:
        _released(twin)
    return times
