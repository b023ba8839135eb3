"""All figures of a run or of a study, written into one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from itcho.experiments.figures.attribution import attribution_figure
from itcho.experiments.figures.fan_charts import fan_figures, fans
from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.network import network_figure
from itcho.experiments.figures.outcome_paths import outcome_figure
from itcho.experiments.figures.style import keep, paper
from itcho.experiments.figures.trade_offs import trade_off_figures
from itcho.experiments.figures.trillion import trillion_figure
from itcho.experiments.studies.fiscal_years import MONTHS, fiscal_year_of_months, months_by_year, year_name
from itcho.experiments.version import itcho_version
from itcho.experiments.view.kinds import layer_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from itcho.experiments.studies.compare import Comparison
    from itcho.experiments.studies.design import Replicate
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study import Study
    from itcho.experiments.view.run_data import RunData


def write_run_figures(run: RunData, folder: Path, language: Language = ENGLISH) -> list[Path]:
    """Paths of the headline outcomes, attribution of the yen, the network and (with a twin) where the money went.

    Parameters
    ----------
    run : a finished run as ``view.run_data.read_run`` gives it.

    Returns the files.  Raises InputError if the disk refuses.
    """
    said = [f"itcho {run.manifest.get('itcho', '')} {language('simulation')}"]
    said += [f"{language(name)} {run.manifest[name]}" for name in ("scenario", "policy", "seed", "start")]
    source = f"{language('Source')}: {', '.join(said)}."
    written: list[Path] = []
    with paper(language):
        figure = outcome_figure(run.monthly, source, run.twin_monthly, language)
        written += keep(figure, folder, "outcomes")
        figure = attribution_figure(run.usdjpy_attribution, source, run.twin_attribution, language)
        written += keep(figure, folder, "yen-attribution")
        written += keep(_network(run, source, language), folder, "network")
        if run.sankey is not None:
            figure = trillion_figure(run.sankey, source, language)
            written += keep(figure, folder, "where-the-trillion-went")
    return written


def _network(run: RunData, source: str, language: Language) -> Figure:
    """The network in the fiscal year in which most programme money is paid, or the last one."""
    edges = run.edges
    years = fiscal_year_of_months(edges["month"])
    kinds = [layer_of(*pair) for pair in zip(edges["instrument"], edges["purpose"], strict=True)]
    public = pd.Series(kinds, index=edges.index) == "public_money"
    paid = edges["amount_trn_yen"][public].groupby(years[public]).sum()
    year = int(paid.index[int(paid.to_numpy().argmax())]) if len(paid) else int(years.max())
    last = edges["month"][years == year].max()
    sizes = next(frame.size for frame in run.frames if frame.month == last)
    months = months_by_year(run.monthly["month"])[year]
    named = f"{language('fiscal year')} {year}" if months == MONTHS else year_name(year, months)
    title = f"{language('Who paid whom')}, {named}"
    return network_figure(run.scene, edges[years == year], sizes, title, source, None, language)


def write_study_figures(
    study: Study,
    store: CellStore,
    comparison: Comparison,
    folder: Path,
    chosen: Sequence[Replicate] | None = None,
    language: Language = ENGLISH,
) -> list[Path]:
    """Fan charts of every outcome, and trade-offs in every scenario.

    Returns the files.  Raises InputError if the disk refuses.
    """
    from itcho.model.measure.outcomes import OUTCOMES

    seeds = f"{comparison.replicates} {language('seeds')}"
    made = f"{language('Source')}: itcho {itcho_version()} {language('simulation')}, {seeds}, "
    made += f"{language('start')} {study.template.start}"
    written: list[Path] = []
    with paper(language):
        for fan in fans(study, store, chosen):
            source = f"{made}; {language('statistic')}: {OUTCOMES[fan.outcome].source}."
            for suffix, figure in fan_figures(fan, source, language):
                written += keep(figure, folder, f"fan-{fan.outcome}{suffix}")
        for scenario, figure in trade_off_figures(comparison, f"{made}.", language):
            written += keep(figure, folder, f"trade-offs-{scenario}")
    return written
