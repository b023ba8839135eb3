"""Runs behind the claims on mechanisms: made once, kept, and shared by all claims that ask for them.

Two trials with one seed draw the same numbers from every named stream, so that their difference is the effect of what
they differ in and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.household_groups import NAMES as GROUP_NAMES
from itcho.experiments.compile_ahead import ensure_compiled
from itcho.experiments.evidence.seed_runs import how_they_ended
from itcho.experiments.processes import WorkerPool, one_thread_each
from itcho.model.disturbances import Shock
from itcho.model.policies import Policy
from itcho.model.randomness import Shape, Streams
from itcho.model.scenarios import Scenario

FloatArray = NDArray[np.float64]

DESIGNERS = ("nvidia", "amd", "broadcom")
TECHNOLOGY, MARKET, OWN_NEWS = "technology", "market", "own news"
"""Sources of noise that a trial can silence: AI's cycle, world and Japanese markets, news of SoftBank alone."""

DAILY = ("usdjpy", "japan_equity_index", "softbank_equity_index", "world_equity_index")
OUTCOMES = (
    "usdjpy",
    "usdjpy_average",
    "ai_service_exports_trn_yen",
    "softbank_ltv_pct",
    "softbank_equity_index",
    "japan_equity_index",
    "programme_cost_trn_yen",
    "policy_rate_pct",
)


@dataclass(frozen=True)
class Trial:
    """One run of an experiment.

    Attributes
    ----------
    seed, years, policy, scenario, shocks, dated_events : as for ``JapanEconomy``.
    parameters : overrides by name.
    belief_in_backing : SoftBank's belief in state backing, if not the parameter's.
    equal_designers : chip designers share orders and packaging equally, which lies outside the published shares.
    silent : sources of noise that are off.
    measure_graph : whether what is lost when each designer fails is read off the supply chain.
    """

    seed: int
    years: int = 10
    policy: str | Policy = "actual"
    scenario: str | Scenario = "baseline"
    parameters: tuple[tuple[str, float], ...] = ()
    shocks: tuple[Shock, ...] = ()
    dated_events: bool = True
    belief_in_backing: float | None = None
    equal_designers: bool = False
    silent: tuple[str, ...] = ()
    measure_graph: bool = False


@dataclass(frozen=True)
class TrialRun:
    """What the claims read of a run.

    Attributes
    ----------
    monthly : values by name, (months,) each.
    daily : prices by session, (sessions,) each.
    group_gains, group_burdens : of each group of households at the end, trillion yen at prices of the start.
    support_by_firm : programme money paid over the run by chip importer, trillion yen.
    designer_loss : share of all flows from the designers down that is lost when one fails, by designer, if asked for.
    failure : empty, or the error that ended the run.
    """

    monthly: dict[str, FloatArray] = field(default_factory=dict)
    daily: dict[str, FloatArray] = field(default_factory=dict)
    group_gains: FloatArray = field(default_factory=lambda: np.zeros(len(GROUP_NAMES)))
    group_burdens: FloatArray = field(default_factory=lambda: np.zeros(len(GROUP_NAMES)))
    support_by_firm: FloatArray = field(default_factory=lambda: np.zeros(0))
    designer_loss: dict[str, float] = field(default_factory=dict)
    failure: str = ""


class SilencedStreams(Streams):
    """The streams of a run with some sources of noise at zero; all other draws are what they were.

    Parameters
    ----------
    seed : as for :class:`Streams`.
    silent : out of :data:`TECHNOLOGY`, :data:`MARKET`, :data:`OWN_NEWS`.
    """

    def __init__(self, seed: int, silent: Sequence[str]) -> None:
        super().__init__(seed)
        self.silent = frozenset(silent)

    def student_t(self, name: str, month: int, shape: Shape, degrees_of_freedom: float) -> FloatArray:
        """As :meth:`Streams.student_t`; world equity's first row is the world's news, its second AI's own."""
        draws = super().student_t(name, month, shape, degrees_of_freedom)
        if name == "world equity":
            if MARKET in self.silent:
                draws[0] = 0.0
            if TECHNOLOGY in self.silent:
                draws[1] = 0.0
        if (name == "softbank shares" and OWN_NEWS in self.silent) or (
            name in ("currency traders", "equity traders") and MARKET in self.silent
        ):
            draws[...] = 0.0
        return draws

    def normals(self, name: str, month: int, shape: Shape) -> FloatArray:
        """As :meth:`Streams.normals`; the fourth shock of the outside world is world AI demand."""
        draws = super().normals(name, month, shape)
        if TECHNOLOGY in self.silent:
            if name == "outside world":
                draws[3] = 0.0
            if name == "unlisted marks":
                draws[...] = 0.0
        return draws


def equal_designer_parameters() -> Any:
    """Parameters under which every chip designer has the same share of orders and of packaging.

    Bounds are those of the world as it is; a world without concentration lies outside, so they are widened here.
    """
    from itcho.model.parameters import Parameters
    from itcho.model.parameters.registry import registry

    definitions = dict(registry())
    names = [f"supply_{kind}share_{designer}" for kind in ("", "packaging_") for designer in DESIGNERS]
    for name in names:
        definitions[name] = replace(definitions[name], low=0.0, high=1.0)
    return Parameters(definitions).replace(**dict.fromkeys(names, 1.0 / len(DESIGNERS)))


def build_trial(trial: Trial) -> Any:
    """The economy of a trial, before its first month."""
    from itcho.model.economy import JapanEconomy
    from itcho.model.parameters import Parameters

    base = equal_designer_parameters() if trial.equal_designers else Parameters()
    economy = JapanEconomy(
        scenario=trial.scenario,
        policy=trial.policy,
        rng=trial.seed,
        years=trial.years,
        parameters=base.replace(**dict(trial.parameters)),
        shocks=trial.shocks,
        dated_events=trial.dated_events,
    )
    if trial.belief_in_backing is not None:
        economy.softbank_group.belief_in_backing = trial.belief_in_backing
    if trial.silent:
        economy.draw_from(SilencedStreams(economy.seed, trial.silent))
    return economy


def run_trial(trial: Trial) -> TrialRun:
    """Make one run; an error of the model is part of the answer, so that one bad seed does not lose the others."""
    try:
        economy = build_trial(trial)
        support = np.zeros(len(economy.chip_importers))
        probes: list[dict[str, float]] = []

        def on_month(_: int) -> None:
            probes.append(read_month(economy))
            support[:] += economy.chip_importers.columns["subsidy_trn_yen"]

        economy.run(on_month=on_month)
    except Exception as error:
        return TrialRun(failure=f"seed {trial.seed}: {type(error).__name__}: {error}")
    prices = economy.records.prices
    columns = ("usdjpy", "equity", "softbank", "world")
    return TrialRun(
        monthly={name: np.array([month[name] for month in probes]) for name in probes[0]},
        daily={
            name: np.concatenate([getattr(month, column) for month in prices])
            for name, column in zip(DAILY, columns, strict=True)
        },
        group_gains=np.array([economy.outcomes[f"gain_{name}_trn_yen"] for name in GROUP_NAMES]),
        group_burdens=np.array([economy.outcomes[f"burden_{name}_trn_yen"] for name in GROUP_NAMES]),
        support_by_firm=support,
        designer_loss={name: float(economy.supply_graph.loss_given_failure(name).total_share) for name in DESIGNERS}
        if trial.measure_graph
        else {},
    )


def read_month(economy: Any) -> dict[str, float]:
    """What is kept of a month: some outcomes, SoftBank's books, sales by layer, chips and compute; trillion yen."""
    month = economy.closed_month
    group, plan, services, firms = (
        economy.softbank_group,
        month.softbank.plan,
        month.ai.services,
        month.ai.firms,
    )
    columns = economy.chip_importers.columns
    home = np.asarray(columns["domestic_control"], dtype=bool)
    distributors = home & (columns["role"] == 0)
    position = economy.softbank_accounts.position
    return {name: economy.outcomes[name] for name in OUTCOMES} | {
        "holdings": group.listed + group.unlisted_mark,
        "distress": float(group.distress),
        "spread_pct": group.spread_pct,
        "net_debt": position.net_debt,
        "creditors_loss": economy.softbank_accounts.written_off_trn_yen,
        "commitment": plan.commitment,
        "investment": plan.investment,
        "sales": plan.sale_listed + plan.sale_unlisted * (1.0 - economy.parameters.softbank_unlisted_sale_discount),
        "marked_sales": plan.sale_listed + plan.sale_unlisted,
        "loans_and_bonds": plan.new_bonds + plan.new_loans,
        "margin_loans": plan.new_asset_backed,
        "hardware_sales": float(columns["other_revenue_trn_yen"][distributors].sum()) + firms.domestic_investment,
        "infrastructure_sales": float(services.cloud_revenue[home].sum())
        + float(columns["other_revenue_trn_yen"][home & (columns["role"] == 1)].sum()),
        "application_sales": float(
            (services.model_revenue + services.application_revenue + services.export_revenue)[home].sum()
        )
        + services.integrators,
        "chips_delivered_bn_usd": float(month.ai.chips.delivered_bn_usd.sum()),
        "compute_bn_usd": month.ai.chips.installed_compute_bn_usd,
        "ai_services_at_home": float(
            (services.model_revenue + services.cloud_revenue + services.application_revenue).sum()
        ),
        "data_centre_cost_index": month.ai.chips.data_centre_cost_index,
        "compute_cost_index": month.ai.chips.compute_cost_index,
    }


_made: dict[Trial, TrialRun] = {}
_pools: dict[int, WorkerPool] = {}


def run_trials(trials: Sequence[Trial], workers: int = 1, on_run: Callable[[], None] = lambda: None) -> list[TrialRun]:
    """The runs of ``trials``, in their order; those made before in this process are not made again.

    Parameters
    ----------
    trials : runs to make.
    workers : processes, each with one thread, that stay for later calls; 1 makes the runs in this process.
    on_run : called after each run.

    Raises
    ------
    RuntimeError : a run failed; the message has seed and error.
    """
    missing = [trial for trial in dict.fromkeys(trials) if trial not in _made]
    ensure_compiled()
    if min(workers, len(missing)) <= 1:
        for trial in missing:
            _made[trial] = run_trial(trial)
            on_run()
    else:
        _run_in_pool(missing, workers, on_run)
    runs = [_made[trial] for trial in trials]
    failures = [run.failure for run in runs if run.failure]
    if failures:
        raise RuntimeError(f"{how_they_ended(failures, len(runs))}; the first: {failures[0]}")
    return runs


def _run_in_pool(missing: Sequence[Trial], workers: int, on_run: Callable[[], None]) -> None:
    with one_thread_each():
        pool = _pools[workers] if workers in _pools else _pools.setdefault(workers, WorkerPool(workers))
        try:
            for trial, run in zip(missing, pool.map(run_trial, missing), strict=True):
                _made[trial] = run
                on_run()
        except BaseException:
            _pools.pop(workers).end()
            raise
