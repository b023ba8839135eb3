"""Networks with heavy-tailed degrees: draw them, wire them, and estimate their exponents.

A *cumulative* exponent mu means P(degree >= k) falls like k**-mu; the probability of k itself then falls like
k**-(mu + 1).  Firms in Japan have about 1.35 for suppliers and 1.26 for customers (Fujiwara and Aoyama 2010).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import zeta

from itcho.agents.compiled import njit

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LONGEST_TABLE = 2_000_000
_REWIRING_ROUNDS = 80


class ExponentEstimate(NamedTuple):
    """A cumulative exponent with its 95% interval.

    Attributes
    ----------
    exponent, low, high : estimate and bounds.
    used : number of observations.
    """

    exponent: float
    low: float
    high: float
    used: int


def estimate_cumulative_exponent(degrees: ArrayLike, minimum: int = 1) -> ExponentEstimate:
    """Maximum-likelihood exponent of a discrete power law (Clauset, Shalizi and Newman 2009), for degrees >= minimum.

    The interval is normal, from the curvature of the likelihood.

    Raises
    ------
    ValueError : fewer than ten degrees reach the minimum.
    """
    used = np.asarray(degrees, dtype=float)
    used = used[used >= minimum]
    if used.size < 10:
        raise ValueError(f"only {used.size} degrees reach {minimum}; need ten")
    mean_log = float(np.log(used).mean())

    def loss(exponent: float) -> float:
        return float((exponent + 1.0) * mean_log + np.log(zeta(exponent + 1.0, minimum)))

    best = float(minimize_scalar(loss, bounds=(0.05, 8.0), method="bounded", options={"xatol": 1e-9}).x)
    step = 1e-4
    curvature = (loss(best + step) - 2.0 * loss(best) + loss(best - step)) / step**2
    margin = 1.96 / np.sqrt(used.size * curvature)
    return ExponentEstimate(best, best - float(margin), best + float(margin), int(used.size))


def power_law_degrees(uniforms: Array, cumulative_exponent: float, largest: int, minimum: int = 1) -> IntArray:
    """Degrees minimum..largest with P(k) in proportion to k**-(exponent + 1), by inversion of uniforms in (0, 1)."""
    top = max(minimum, min(largest, minimum + _LONGEST_TABLE))
    reached = np.cumsum(np.arange(minimum, top + 1, dtype=float) ** -(cumulative_exponent + 1.0))
    return np.searchsorted(reached / reached[-1], uniforms, side="left").clip(max=reached.size - 1) + minimum


def degrees_with_sum(total: int, jitter: Array, cumulative_exponent: float, largest: int) -> IntArray:
    """Power-law degrees, in falling order, that add up to ``total``.

    If the law has too large a mean, the last nodes get no edge and the others follow it; if too small a mean, the law
    starts at a higher degree.  What is then missing goes to the top tenth of the nodes, in proportion.

    Parameters
    ----------
    jitter : (count,) numbers in (0, 1), where in its stratum each node's draw lies.
    largest : largest degree of the law.
    """
    count = jitter.size
    degrees = np.zeros(count, dtype=np.int64)
    if count == 0 or total <= 0:
        return degrees

    def drawn(active: int, minimum: int) -> IntArray:
        # Stratum 0 is the top one, with the same draw however many nodes there are: sums then vary smoothly.
        uniforms = 1.0 - (np.arange(active) + jitter[:active]) / active
        return power_law_degrees(uniforms, cumulative_exponent, largest, minimum)

    minimum, active = 1, count
    if int(drawn(count, 1).sum()) > total:
        low, high = 0, count
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if int(drawn(middle, 1).sum()) <= total else (low, middle - 1)
        active = max(low, 1)
    else:
        low, high = 1, max(1, total // count)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if int(drawn(count, middle).sum()) <= total else (low, middle - 1)
        minimum = low
    degrees[:active] = drawn(active, minimum)
    degrees[0] += min(total - int(degrees.sum()), 0)
    missing = total - int(degrees.sum())
    ones = min(missing, count - active)
    degrees[active : active + ones] = 1
    top = max(1, active // 10)
    degrees[:top] += integer_shares(missing - ones, degrees[:top].astype(float))
    return degrees


def paired_degrees(
    count: int, exponent_in: float, exponent_out: float, rank_correlation: float, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """In- and out-degrees of ``count`` nodes with equal sums.

    Every node has a supplier; as many nodes have customers as makes the sums equal, and those follow the law.  Large
    in-degrees go with large out-degrees through a Gaussian copula of the ranks.

    Draws are stratified, so that the degrees follow their laws closely whatever the seed and the size.
    """
    if count < 2:
        return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    jitter_in, jitter_out = 0.25 + 0.5 * rng.random((2, count))
    largest = max(1, (count - 1) // 2)
    incoming = power_law_degrees(1.0 - (np.arange(count) + jitter_in) / count, exponent_in, largest)
    sold = degrees_with_sum(int(incoming.sum()), jitter_out, exponent_out, largest)
    # Both are in falling order; give them to nodes by two correlated orders.
    common, noise = rng.standard_normal((2, count))
    other = rank_correlation * common + np.sqrt(1.0 - rank_correlation**2) * noise
    in_degree, out_degree = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    in_degree[np.argsort(-common)] = incoming
    out_degree[np.argsort(-other)] = sold
    return in_degree, out_degree


def wire(in_degree: IntArray, out_degree: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Wire given degrees into a simple directed graph: no loops, no edge twice (configuration model with rewiring).

    Returns source and target of each edge, sorted by target.  Edges that cannot be placed after many rounds are
    dropped; with heavy tails they are a few in ten thousand at most.

    Raises
    ------
    ValueError : the sums of in- and out-degrees differ.
    """
    if int(in_degree.sum()) != int(out_degree.sum()):
        raise ValueError(f"degrees do not match: {int(in_degree.sum())} in and {int(out_degree.sum())} out")
    nodes = in_degree.size
    target = np.repeat(np.arange(nodes), in_degree)
    source = rng.permutation(np.repeat(np.arange(nodes), out_degree))
    bad = _not_simple(source, target, nodes)
    for _ in range(_REWIRING_ROUNDS):
        if bad.size == 0:
            break
        moved = np.union1d(bad, rng.integers(0, source.size, 2 * bad.size))
        source[moved] = source[rng.permutation(moved)]
        bad = _not_simple(source, target, nodes)
    return np.delete(source, bad), np.delete(target, bad)


def _not_simple(source: IntArray, target: IntArray, nodes: int) -> IntArray:
    """Edges that are loops or repeat an earlier edge; edges must be sorted by target."""
    found = np.empty(source.size, dtype=np.int64)
    return found[: _find_not_simple(source, target, np.full(nodes, -1, dtype=np.int64), found)]


@njit(cache=True)
def _find_not_simple(source: IntArray, target: IntArray, last_customer: IntArray, found: IntArray) -> int:
    """Write the edges and return their number; ``last_customer`` is −1 for every node."""
    count = 0
    for e in range(source.size):
        if source[e] == target[e] or last_customer[source[e]] == target[e]:
            found[count] = e
            count += 1
        last_customer[source[e]] = target[e]
    return count


def integer_shares(total: int, weights: Array) -> IntArray:
    """Split ``total`` into whole numbers in proportion to weights (largest remainders)."""
    exact = total * np.asarray(weights, dtype=float) / np.sum(weights)
    whole = np.floor(exact).astype(np.int64)
    short = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    return whole


def capped_shares(weights: Array, largest_share: float) -> Array:
    """Shares in proportion to weights, summing to 1, none above ``largest_share`` (or twice the mean if higher)."""
    share = np.asarray(weights, dtype=float) / np.sum(weights)
    cap = max(largest_share, 2.0 / share.size)
    for _ in range(50):
        above = share >= cap
        if not np.any(share > cap * (1.0 + 1e-12)):
            break
        share = np.where(above, cap, share * ((1.0 - cap * above.sum()) / share[~above].sum()))
    return np.asarray(share / share.sum())
