"""Closing a table of accounts: the cells nearest to what is known of each that satisfy every identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from itcho.agents.errors import InputError

FloatArray = NDArray[np.float64]

TOLERANCES = {"read": 0.001, "computed": 0.05, "judgement": 0.5}
"""How far a cell may be from what is known of it, as a share of it; a cell's weight is one over the square."""
SMALLEST_SCALE_TRN_YEN = 1e-4
"""Published figures are rounded to the fourth decimal."""
_IDENTITY_WEIGHT = 1e5
_FREE_OF_BOUND = 1e-9


@dataclass
class Cells:
    """The cells of a table, what is known of each, and the identities that hold between them.

    Attributes
    ----------
    names : of the cells, in order.
    known : what is known of each, trillion yen.
    scale : how far each may be from that, trillion yen.
    low, high : bounds of each.
    """

    names: list[tuple[str, ...]] = field(default_factory=list)
    known: list[float] = field(default_factory=list)
    scale: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    _place: dict[tuple[str, ...], int] = field(default_factory=dict)
    _identities: list[tuple[str, dict[int, float], float]] = field(default_factory=list)

    def add(
        self, name: tuple[str, ...], known: float, basis: str, *, scale: float | None = None, any_sign: bool = False
    ) -> None:
        """Add a cell.

        Parameters
        ----------
        name : of the cell.
        known : what is known of it, trillion yen; a cell that is known to be zero stays zero unless ``scale`` is given.
        basis : how it is known, one of :data:`TOLERANCES`.
        scale : how far it may be from that, trillion yen; the basis' share of it if left out.
        any_sign : whether it may change its sign.
        """
        fixed = known == 0.0 and scale is None
        self._place[name] = len(self.names)
        self.names.append(name)
        self.known.append(known)
        self.scale.append(max(TOLERANCES[basis] * abs(known), SMALLEST_SCALE_TRN_YEN) if scale is None else scale)
        free = any_sign and not fixed
        self.low.append(-np.inf if free or known < 0.0 else 0.0)
        self.high.append(np.inf if free or known > 0.0 else 0.0)
        if known == 0.0 and not fixed and not any_sign:
            self.high[-1] = np.inf

    def __contains__(self, name: tuple[str, ...]) -> bool:
        return name in self._place

    def require(self, label: str, coefficients: Mapping[tuple[str, ...], float], total: float = 0.0) -> None:
        """Add an identity: the cells times their coefficients add to ``total``, trillion yen."""
        row = {self._place[name]: value for name, value in coefficients.items()}
        if row or total != 0.0:
            self._identities.append((label, row, total))

    def closed(self, decimals: int = 6) -> dict[tuple[str, ...], float]:
        """The cells nearest to what is known of them, in their scales, that satisfy every identity and bound.

        Parameters
        ----------
        decimals : to which the cells are rounded.

        Raises
        ------
        InputError : identities that no cells within their bounds satisfy; each with what is left over.
        """
        known, scale = np.array(self.known), np.array(self.scale)
        low, high = np.array(self.low), np.array(self.high)
        matrix = np.zeros((len(self._identities), len(known)))
        for line, (_, row, _) in enumerate(self._identities):
            matrix[line, list(row)] = list(row.values())
        totals = np.array([total for _, _, total in self._identities])
        fixed = low == high
        # In units of its scale a cell's distance from what is known is of the order of one.
        free = ~fixed
        scaled = matrix[:, free] * scale[free]
        size = np.maximum(np.abs(scaled).max(axis=1, initial=0.0), SMALLEST_SCALE_TRN_YEN)
        left = totals - matrix @ known
        system = np.vstack([np.eye(int(free.sum())), _IDENTITY_WEIGHT * scaled / size[:, None]])
        wanted = np.concatenate([np.zeros(int(free.sum())), _IDENTITY_WEIGHT * left / size])
        bounds = ((low - known)[free] / scale[free], (high - known)[free] / scale[free])
        found = lsq_linear(system, wanted, bounds, tol=1e-12, lsq_solver="exact", max_iter=500).x
        moved = np.zeros(len(known))
        moved[free] = found * scale[free]
        cells = np.clip(known + moved, low, high)
        cells = _exactly(cells, matrix, totals, scale, low, high)
        residuals = totals - matrix @ cells
        wrong = [
            f"no figures within their signs satisfy {label}: {residual:.4g} trn yen are left over"
            for (label, _, _), residual in zip(self._identities, residuals, strict=True)
            if abs(residual) > SMALLEST_SCALE_TRN_YEN
        ]
        if wrong:
            raise InputError(wrong)
        # Adding zero takes the sign from a negative zero.
        rounded = np.round(cells, decimals) + 0.0
        return dict(zip(self.names, rounded.tolist(), strict=True))

    def distances(self, cells: Mapping[tuple[str, ...], float]) -> Sequence[tuple[tuple[str, ...], float]]:
        """How far each cell is from what is known of it, in its scales; the farthest first."""
        far = [
            (name, (cells[name] - known) / scale)
            for name, known, scale in zip(self.names, self.known, self.scale, strict=True)
        ]
        return sorted(far, key=lambda one: -abs(one[1]))


def _exactly(
    cells: FloatArray, matrix: FloatArray, totals: FloatArray, scale: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Take out what the solver leaves over of the identities, by the cells that are not at a bound, in their scales."""
    for _ in range(20):
        left = totals - matrix @ cells
        if np.abs(left).max(initial=0.0) < 1e-12:
            break
        free = (cells > low + _FREE_OF_BOUND) & (cells < high - _FREE_OF_BOUND)
        scaled = matrix[:, free] * scale[free]
        step = np.linalg.lstsq(scaled, left, rcond=1e-12)[0] * scale[free]
        cells = cells.copy()
        cells[free] += step
        cells = np.clip(cells, low, high)
    return cells
