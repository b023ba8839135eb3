"""The same rules in plain numpy, without compiled kernels: what vectorising alone buys."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.mesa_twin import SessionSignals
from itcho.agents.carry_traders import LOSS_CUT

Array = NDArray[np.float64]


def trader_session(columns: dict[str, Array], signals: SessionSignals) -> float:
    """Orders of speculative traders in one session, added to their positions; returns the net order."""
    weight, position = columns["weight"], columns["position_usd"]
    load, limit = weight * columns["exposure"], weight * signals.most
    # What each way of reading the day weighs in the group's opinion.
    np.where(signals.attitude > columns["tilt"], load, 0.0).sum()
    backed = columns["wealth"] * signals.dollars_per_wealth
    solvent = columns["leverage"] * backed > signals.ruin * limit
    most = np.where(solvent, signals.most_of_wealth * backed, 0.0)
    wanted = np.clip(load * signals.wanted, -limit, limit)
    order = np.clip(position + signals.speed * (wanted - position), -most, most) - position
    position += order
    return float(order.sum())


def carry_session(columns: dict[str, Array], signals: SessionSignals) -> float:
    """Orders of carry traders in one session, added to their positions; returns the net order."""
    cooldown, position = columns["cooldown"], columns["position_usd"]
    np.maximum(cooldown - 1.0, 0.0, out=cooldown)
    own = signals.book * columns["weight"]
    backed = np.maximum(0.0, columns["wealth"]) * signals.dollars_per_wealth
    response = np.maximum(0.0, 1.0 + columns["exposure"] * (signals.appetite - 1.0))
    wanted = np.minimum(own * response, backed * columns["leverage"] * columns["headroom"] * signals.limit)
    wanted = np.minimum(wanted, backed / signals.margin)
    free = cooldown == 0.0
    closed = backed < LOSS_CUT * signals.margin * position
    stopped = (signals.loss > columns["stop_loss"]) & free & (position > 0.0) & ~closed
    moving = ~stopped & ~closed & (free | (wanted < position))
    order = np.where(stopped, -0.5 * position, np.where(moving, signals.speed * (wanted - position), 0.0))
    order[closed] = -position[closed]
    cooldown[stopped | closed] = signals.pause
    position += order
    return float(order.sum())


def adoption_month(c: dict[str, Array], indptr: Any, indices: Any, laws: dict[str, float]) -> tuple[float, float]:
    """One month of adoption; returns the weighted shares of users and of deep users."""
    degree = np.diff(indptr)
    has_peers = degree > 0
    starts = indptr[:-1][has_peers]
    weight = laws["peer_weight"]

    def seen(share: Array, mean: float) -> Array:
        found = np.full(share.size, mean)
        peers = np.add.reduceat(share[indices], starts) / degree[has_peers]
        found[has_peers] = (1.0 - weight) * mean + weight * peers
        return found

    others_use, others_deep = seen(c["use_share"], laws["mean_use"]), seen(c["deep"], laws["mean_deep"])
    relative = laws["scale"] / (1.0 + c["resistance"] * laws["common_resistance"])
    hazard = (laws["use_innovation"] + laws["use_imitation"] * others_use) * relative
    c["use_survival"] /= 1.0 + hazard + 0.5 * hazard * hazard
    hazard = (laws["deep_innovation"] + laws["deep_imitation"] * others_deep) * relative
    c["deep_survival"] /= 1.0 + hazard + 0.5 * hazard * hazard
    reached = (laws["use_ceiling"] * (1.0 - c["use_survival"]) - c["latent_position"]) * c["per_width"]
    np.maximum(c["use_share"], np.minimum(reached, 1.0), out=c["use_share"])
    before = c["deep"]
    reached = (laws["deep_ceiling"] * (1.0 - c["deep_survival"]) - c["latent_position"]) * c["per_width"]
    depth = np.maximum(before, np.minimum(reached, c["use_share"]))
    passing = laws["passing"]
    c["depth_age_months"] = np.where(
        depth > 0.0, (c["depth_age_months"] + 1.0) * before / np.maximum(depth, 1e-300), c["depth_age_months"]
    )
    c["learning"] += passing * (c["adjusting"] - c["learning"])
    c["adjusting"] += passing * (c["reorganising"] - c["adjusting"])
    c["reorganising"] += depth - before - passing * c["reorganising"]
    changing = c["reorganising"] + c["adjusting"]
    effect = depth - changing - c["learning"] - laws["dip"] * changing + laws["learned"] * c["learning"]
    c["deep"] = depth
    c["level"] = np.exp(c["gain"] * laws["widening"] * (effect + (c["use_share"] - depth) * laws["light_depth"]))
    return float(c["size"] @ c["use_share"]), float(c["size"] @ depth)
