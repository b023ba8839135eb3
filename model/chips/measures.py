"""Measures of a network: concentration of supply, loss when a node fails, and systemic risk (DebtRank)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_LONGEST_PROPAGATION = 200
_SETTLED = 1e-10


class FailureLoss(NamedTuple):
    """What is lost when a node fails.

    Attributes
    ----------
    first_round_share : flows out of the node over all flows of its tier and the tiers below it.
    total_share : the same with what its customers can then no longer deliver, and so on.
    output_loss : (nodes,) share of output that each node loses, 1 at the failed node.
    """

    first_round_share: float
    total_share: float
    output_loss: Array


class SparseClaims(Protocol):
    """What is read of a sparse matrix of scipy, which says nothing about its types."""

    shape: tuple[int, ...]
    data: Array
    indptr: NDArray[np.int32]

    def tocsr(self) -> SparseClaims:
        """The same by rows."""

    def copy(self) -> SparseClaims:
        """A copy."""

    def astype(self, dtype: type[float]) -> SparseClaims:
        """The same in numbers of another type."""

    def eliminate_zeros(self) -> None:
        """Drop the zeros that are stored."""

    def min(self) -> float:
        """The smallest entry."""

    def sum(self, axis: int) -> ArrayLike:
        """Sums along an axis."""

    def __matmul__(self, vector: Array) -> Array:
        """Product with a vector."""


class InputLayer(NamedTuple):
    """Edges that carry one kind of input: substitutes for one another, not for other inputs.

    Attributes
    ----------
    source, target : (E,) node numbers.
    flow : (E,) value.
    dependence : share of the customer's output that is lost when all of this input fails.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    flow: Array
    dependence: float


def failure_loss(failed: int, level: NDArray[np.int64], layers: Sequence[InputLayer]) -> FailureLoss:
    """Loss when a node stops: first-round, and propagated in proportion to input shares.

    A node's output falls by the worst of its inputs' losses (Leontief between inputs, substitution within), times how
    far it depends on that input; a quick reading of the network without inventories, after Diem et al. (2022).

    Parameters
    ----------
    failed : node number.
    level : (nodes,) tier number, rising downstream; only flows that start at the failed node's level or below it count.
    layers : the inputs.
    """
    nodes = level.size
    bought = [np.bincount(layer.target, weights=layer.flow, minlength=nodes) for layer in layers]
    loss = np.zeros(nodes)
    loss[failed] = 1.0
    for _ in range(_LONGEST_PROPAGATION):
        worst = np.zeros(nodes)
        for layer, total in zip(layers, bought, strict=True):
            lost = np.bincount(layer.target, weights=layer.flow * loss[layer.source], minlength=nodes)
            share = np.divide(lost, total, out=np.zeros(nodes), where=total > 0.0)
            np.maximum(worst, layer.dependence * share, out=worst)
        worst[failed] = 1.0
        settled = float(np.max(np.abs(worst - loss))) < _SETTLED
        loss = np.minimum(worst, 1.0)
        if settled:
            break
    first = total_lost = everything = 0.0
    for layer in layers:
        counted = layer.flow * (level[layer.source] >= level[failed])
        everything += float(counted.sum())
        first += float(counted[layer.source == failed].sum())
        total_lost += float(counted @ loss[layer.source])
    if everything <= 0.0:
        return FailureLoss(0.0, 0.0, loss)
    return FailureLoss(first / everything, total_lost / everything, loss)


def debt_rank(
    exposures: ArrayLike | SparseClaims,
    equity: ArrayLike,
    shocked: Mapping[int, float] | Sequence[int] | int,
    value: ArrayLike | None = None,
) -> float:
    """DebtRank: share of economic value lost to distress beyond the first shock (Battiston et al. 2012).

    The relative loss h of a creditor rises by min(1, claim / equity) times the loss of its debtor; each node passes its
    distress on once, so that cycles are not counted again and again.

    Parameters
    ----------
    exposures : (n, n) array or scipy sparse matrix; row i, column j is what i has lent to or invested in j.
    equity : (n,) own funds; a creditor without equity loses all of its value with any loss.
    shocked : nodes in default, or initial losses (0 to 1) by node.
    value : (n,) economic value of the nodes; their exposures if left out.

    Returns
    -------
    Loss after the first shock over total value, 0 to 1.

    Raises
    ------
    ValueError : shapes do not fit, claims below zero, a loss outside 0..1.
    """
    own = np.asarray(equity, dtype=float)
    matrix: SparseClaims | Array
    if hasattr(exposures, "tocsr"):
        matrix = cast(SparseClaims, exposures).tocsr()
    else:
        matrix = np.asarray(exposures, dtype=float)
    if matrix.shape != (own.size, own.size):
        raise ValueError(f"exposures of shape {matrix.shape} do not fit {own.size} equities")
    if matrix.min() < 0.0:
        raise ValueError("exposures must not be below zero")
    worth = np.asarray(matrix.sum(axis=1)).ravel() if value is None else np.asarray(value, dtype=float)
    if isinstance(shocked, Mapping):
        initial = dict(shocked)
    else:
        initial = dict.fromkeys([shocked] if isinstance(shocked, int) else shocked, 1.0)
    loss = np.zeros(own.size)
    for node, part in initial.items():
        if not 0.0 <= part <= 1.0:
            raise ValueError(f"initial loss of node {node} is {part}, outside 0..1")
        loss[node] = part
    impact = _impact(matrix, own)
    at_first = loss.copy()
    passed_on = np.zeros(own.size, dtype=bool)
    distressed = loss > 0.0
    while distressed.any():
        arriving = impact @ np.where(distressed, loss, 0.0)
        passed_on |= distressed
        grown = np.minimum(1.0, loss + arriving)
        distressed = (grown > 0.0) & ~passed_on
        loss = grown
    total = float(worth.sum())
    return float((loss - at_first) @ worth) / total if total > 0.0 else 0.0


def _impact(matrix: SparseClaims | Array, equity: Array) -> SparseClaims | Array:
    """min(1, claim / equity) by creditor (row) and debtor (column), in the form the claims came in."""
    scale = np.where(equity > 0.0, 1.0 / np.where(equity > 0.0, equity, 1.0), np.inf)
    if isinstance(matrix, np.ndarray):
        with np.errstate(invalid="ignore"):
            return np.where(matrix > 0.0, np.minimum(1.0, matrix * scale[:, None]), 0.0)
    impact = matrix.copy().astype(float)
    impact.eliminate_zeros()
    impact.data = np.minimum(1.0, impact.data * np.repeat(scale, np.diff(impact.indptr)))
    return impact
