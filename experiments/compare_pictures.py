"""Pictures of a comparison: fan charts of levels and of paired differences."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.store import CellStore
from experiments.study import OutcomePick, Study
from experiments.study_design import Replicate
from experiments.study_run import collect

FloatArray = NDArray[np.float64]

BANDS = ((5, 95), (10, 90), (25, 75))
MOST_PICTURES = 12


def fan_charts(study: Study, store: CellStore, chosen: Sequence[Replicate] | None = None) -> dict[str, bytes]:
    """A picture for each outcome in the first scenario: levels above, paired differences below.

    Bands are pointwise quantiles over seeds (5-95, 10-90, 25-75); the line is the pointwise median, which is no path
    that any run took.

    Returns
    -------
    PNG files by name.
    """
    first = dataclasses.replace(study, scenarios=study.scenarios[:1])
    names = list(dict.fromkeys(pick.name for pick in study.outcomes))[:MOST_PICTURES]
    years = _years(study, store, chosen)
    if not years:
        return {}
    picks = [OutcomePick("", name, str(year), "neither") for name in names for year in years]
    panel = collect(first, store, chosen, picks)
    if panel is None:
        return {}
    values = panel.values[:, 0].reshape(len(panel.replicates), len(study.all_policies), len(names), len(years))
    policies = [one.name for one in study.all_policies]
    return {
        f"{name}.png": _picture(values[:, :, place], years, policies, name, study.scenarios[0].label)
        for place, name in enumerate(names)
    }


def _years(study: Study, store: CellStore, chosen: Sequence[Replicate] | None) -> list[int]:
    """Fiscal years that the stored runs hold."""
    for *_, cell in study.cells(chosen):
        if cell.key in store:
            return [int(year) for year in store.read(cell.key).fiscal_years]
    return []


def _picture(values: FloatArray, years: Sequence[int], policies: Sequence[str], name: str, scenario: str) -> bytes:
    """One outcome; ``values`` is (replicates × policies × years), the first policy being the baseline."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from model.outcomes import OUTCOMES

    outcome = OUTCOMES[name]
    columns = len(policies)
    figure = Figure(figsize=(3.0 * max(2, columns), 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, columns, sharex=True, sharey="row", squeeze=False)
    for column, policy in enumerate(policies):
        _fan(axes[0][column], years, values[:, column], "tab:blue")
        axes[0][column].set_title(policy, fontsize=9)
        _fan(axes[1][column], years, values[:, column] - values[:, 0], "tab:orange")
        axes[1][column].axhline(0.0, color="0.4", linewidth=0.8)
    axes[0][0].set_ylabel(f"{outcome.label}, {outcome.unit}", fontsize=8)
    axes[1][0].set_ylabel(f"difference from {policies[0]}", fontsize=8)
    figure.suptitle(f"{outcome.label} in scenario {scenario}, {len(values)} seeds", fontsize=10)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _fan(axis: Any, years: Sequence[int], paths: FloatArray, colour: str) -> None:
    for shade, (low, high) in zip((0.15, 0.2, 0.3), BANDS, strict=True):
        ends = np.percentile(paths, [low, high], axis=0)
        axis.fill_between(years, ends[0], ends[1], color=colour, alpha=shade, linewidth=0)
    axis.plot(years, np.median(paths, axis=0), color=colour, linewidth=1.5)
    axis.tick_params(labelsize=7)
    axis.locator_params(axis="x", integer=True, nbins=5)
