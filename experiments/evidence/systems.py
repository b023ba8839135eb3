"""What each system of the debate shows: one small experiment each, beside its evidence and what came of it without it.

``python -m itcho.experiments.evidence.systems --out docs`` writes ``systems.csv`` and the page ``systems.md`` in a few
minutes on one processor: worlds are small and mostly without noise, chance is averaged over few seeds.  The figure
before is what the model gave while the system was missing or decorative.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from io import StringIO
from pathlib import Path

import numpy as np

from itcho.agents.ablation import FROZEN, Ablation
from itcho.agents.negotiator import Negotiator
from itcho.agents.rules.gate import CABINETS
from itcho.agents.rules.trade import Deal
from itcho.experiments.arguments import existing_folder
from itcho.experiments.evidence import boom
from itcho.experiments.evidence.shocks import SupplierStop
from itcho.experiments.markdown import markdown_table
from itcho.model.disturbances import DisturbedMonth
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import Parameters
from itcho.model.policies import policy
from itcho.model.version import MODEL_VERSION

FILE, PAGE = "systems.csv", "systems.md"
SIZES = {"investors": 60, "importers": 50, "adopters": 60}
SEEDS = 8
PATHS, PATH_YEARS = 400, 15
NOTHING = "nothing moved"


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes
    ----------
    system : as in ODD, in words.
    experiment : what is done and measured, with its unit.
    before : without the system.
    now : with it.
    evidence : published figure, with its source.
    """

    system: str
    experiment: str
    before: str
    now: str
    evidence: str


def world(**settings: object) -> JapanEconomy:
    """A small world without noise, unless settings say otherwise."""
    return JapanEconomy(**{"rng": 1, "noise": False, **SIZES, **settings})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Once:
    """A disturbance of one month.

    Attributes
    ----------
    field_name, value : see :class:`itcho.model.disturbances.Disturbances`.
    month : from 0.
    """

    field_name: str
    value: float
    month: int
    name: str = "once"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write it in its month."""
        if month.clock.month == self.month:
            setattr(month.disturbances, self.field_name, self.value)


def outages() -> Iterator[Line]:
    """A month without NVIDIA's chips: what Japan got in the year after."""
    delivered = []
    for shocks in ((), (SupplierStop(months=1),)):
        economy, total = world(policy="none", shocks=shocks), 0.0
        for _ in range(24):
            economy.step()
            total += float(economy.closed_month.ai.chips.delivered_bn_usd.sum()) * (economy.clock.month >= LEAD_MONTHS)
        delivered.append(total)
    yield Line(
        "Outages and queues",
        "NVIDIA makes nothing for a month: chips delivered from the month in which that is felt to the end of the "
        "second year, % of usual",
        "60 to 76",
        f"{100.0 * delivered[1] / delivered[0]:.1f}",
        "Renesas Naka 2021: 88% after 73 days, backlog made up",
    )


LEAD_MONTHS = 9
"""Months from an order of chips to their delivery."""


def use_at_the_start() -> Iterator[Line]:
    """Generative AI in the hands of individuals, and what brings it to three quarters."""
    opening = 100.0 * world().ai_services.individuals.use_share
    yield Line(
        "Use of AI by households", "individuals who use generative AI at the start, %", "56", f"{opening:.1f}",
        "28 to 34 (surveys of October and November 2025)",
    )  # fmt: skip
    use = [
        world(policy=name, years=10).run().monthly_table()["genai_individual_use_pct"].tolist()
        for name in ("none", "adoption-first")
    ]
    for share_pct in (75.0, 80.0):
        months = [first_month_at(share_pct, one) for one in use]
        yield Line(
            "Use of AI by households",
            f"month in which {share_pct:.0f}% use it, without a programme and with the same money spent on firms' "
            "adoption",
            "the same whatever was done",
            " and ".join("not in ten years" if month is None else str(month) for month in months),
            "80% is the government's aim",
        )


def first_month_at(share_pct: float, use_pct: Sequence[float]) -> int | None:
    """The first month, from 1, in which so many use generative AI; None if there is none.

    Examples
    --------
    >>> first_month_at(75.0, [70.0, 76.0, 80.0]), first_month_at(81.0, [70.0, 80.0])
    (2, None)
    """
    return next((month for month, use in enumerate(use_pct, start=1) if use >= share_pct), None)


def readiness() -> Iterator[Line]:
    """What a firm's policy on AI decides about support."""
    told = []
    for ablation in (Ablation("readiness", FROZEN), None):
        deep = [
            world(policy=name, ablation=ablation, years=3).run().outcomes["deep_adoption_pct"]
            for name in ("adoption-first", "none")
        ]
        told.append(f"{deep[1]:.1f} and {deep[0] - deep[1]:+.1f}")
    yield Line(
        "Firms' readiness",
        "activity run on AI after three years, %, and what the programme's money adds if spent on firms' adoption",
        f"{told[0]} (every firm ready)",
        told[1],
        "49.7% of firms have a policy on AI (MIC White Paper 2025, FY2024)",
    )


def failures() -> Iterator[Line]:
    """What a guarantee loses when firms fail."""
    paid = {}
    for name, ablation in (("without", Ablation("venture_funders", FROZEN)), ("with", None)):
        lost = []
        for seed in range(1, SEEDS // 2 + 1):
            settings = {"scenario": "ai-bust", "policy": "guarantee", "rng": seed, "noise": True, "years": 6}
            outcomes = world(**settings, ablation=ablation).run().outcomes
            lost.append(1000.0 * outcomes["programme_cost_trn_yen"])
        paid[name] = float(np.mean(lost))
    yield Line(
        "Failures", f"what the state pays on guarantees in six years of ai-bust, bn yen, mean of {SEEDS // 2} seeds",
        f"{paid['without']:.1f}", f"{paid['with']:.1f}",
        "3% of US ventures close in a calm year, 2.8 times as many in a drought (Carta)",
    )  # fmt: skip


def own_finance_of_the_boom() -> Iterator[Line]:
    """Crash odds and bust sizes of the members alone."""
    paths = [boom.run_path(Parameters(), seed, PATH_YEARS) for seed in range(PATHS)]
    evidence = {0.5: "20", 1.0: "53", 1.5: "80"}
    odds = [f"{100.0 * boom.crash_odds([path.price for path in paths], up)[1]:.0f}" for up in evidence]
    yield Line(
        "The boom's own finance", "run-ups of AI shares by 50, 100 and 150% in two years that lose 40% in two more, %",
        "none but by scenario", ", ".join(odds), ", ".join(evidence.values()) + " (Greenwood, Shleifer and You)",
    )  # fmt: skip
    busts = np.array([boom.worst_bust(path) for path in paths])
    for place, (what, published) in enumerate(
        (
            ("AI shares in their worst 31 months, %", "-75 (Nasdaq 2000-02)"),
            ("AI capex in the same bust, %", "-24 (telecom equipment 2000-02)"),
            ("funding climate in the same bust, %", "-62 (venture money 2001, NVCA)"),
        )
    ):
        middle, low, high = 100.0 * np.percentile(busts[:, place], (50, 10, 90))
        now = f"{middle:.0f} ({low:.0f} to {high:.0f})"
        yield Line("The boom's own finance", what, "none but by scenario", now, published)


def softbank_and_its_holders() -> Iterator[Line]:
    """SoftBank's holdings lose sixty percent: its share, and other Japanese shares."""
    found = []
    for shocks in ((), (Once("softbank_holdings_log_return", float(np.log(0.4)), 6),)):
        economy, prices = world(shocks=shocks), []
        for _ in range(18):
            economy.step()
            prices.append([economy.outcomes[name] for name in ("softbank_equity_index", "japan_equity_index")])
        found.append(np.array(prices))
    moved = 100.0 * (found[1] / found[0] - 1.0)
    yield Line(
        "SoftBank and its holders", "SoftBank's holdings lose 60%: its share and Japanese shares at their lowest, %",
        "-0.02 on other shares", f"{moved[:, 0].min():.0f} and {moved[:, 1].min():.2f}", "no figure found",
    )  # fmt: skip


def approval_and_gates() -> Iterator[Line]:
    """Approval forced to 5%, and when missed targets end a programme."""
    ends = []
    for forced in (False, True):
        economy = world(parameters={"election_first_month": 6.0}, noise=True)
        for _ in range(24):
            if forced:
                economy.government.politics.force_approval(5.0)
            economy.step()
        stops = 100.0 * economy.government.politics.stop_probability(0.4)
        ends.append((economy.outcomes["supplementary_budget_trn_yen"], economy.outcomes["jgb_10y_pct"], stops))
    (budget, rate, stop), (more, higher, sooner) = ends
    yield Line(
        "Politics",
        "approval forced to 5% through an election: supplementary budget (trn yen), 10-year yield (basis points) and "
        "chance that a missed gate ends the project (%) after two years",
        NOTHING,
        f"{more - budget:+.2f}, {100.0 * (higher - rate):+.1f}, {stop:.1f} to {sooner:.1f}",
        "FY2024, lower house lost: +0.7 trn yen",
    )
    for cabinet in CABINETS:
        told = months_until_the_end(cabinet)
        yield Line(
            "Politics",
            f"`{cabinet}` cabinet, stages with gates, delayed-output, {2 * SEEDS} seeds: programmes ended in ten "
            "years, and months of missed targets until then (median)",
            "12 of 16 ended" if cabinet == "obedient" else "no such cabinet",
            f"{len(told)} of {2 * SEEDS}" + (f", {np.median(told):.0f} months" if told else ""),
            "12 of 3,638 public works stopped at review (Jiji, FY2008)",
        )


def months_until_the_end(cabinet: str) -> list[int]:
    """Months of missed targets before the programme was given up, for each world in which it was."""
    # Rules are known in the order of their folder; imported above, this one would come first.
    from itcho.agents.rules.subsidy_stages import StageGated

    gated, found = policy("stop-loss"), []
    rule = gated.subsidy
    assert isinstance(rule, StageGated)
    for seed in range(1, 2 * SEEDS + 1):
        asked = replace(gated, subsidy=replace(rule, cabinet=cabinet))
        economy = world(scenario="delayed-output", policy=asked, rng=seed, noise=True)
        memory = economy.government.memory
        for _ in range(120):
            economy.step()
            if memory.project_given_up:
                found.append(memory.months_behind)
                break
    return found


def budgets() -> Iterator[Line]:
    """The first budget that is an outcome."""
    economy = world(years=2).run()
    outcome = economy.outcomes
    yield Line(
        "Politics",
        "initial budget (trn yen), its bonds (%) and supplementary budget (trn yen) of the second year, outcomes",
        "no outcome",
        f"{outcome['initial_budget_trn_yen']:.1f}, {outcome['initial_bond_dependency_pct']:.1f}, "
        f"{outcome['supplementary_budget_trn_yen']:.1f}",
        "122.3, 24.2 (FY2026), 18.3 (FY2025)",
    )


def households() -> Iterator[Line]:
    """Who gains from the programme, by group: means over pairs of worlds with the same luck."""
    gains: dict[str, list[float]] = {}
    for seed in range(1, PAIRS + 1):
        ends = [world(policy=name, rng=seed, noise=True, years=5).run().outcomes for name in ("actual", "none")]
        for name in ends[0]:
            if name.startswith("gain_"):
                gains.setdefault(name, []).append(1000.0 * (ends[0][name] - ends[1][name]))
    for name, found in gains.items():
        mean, half = float(np.mean(found)), _T_95 * float(np.std(found, ddof=1)) / math.sqrt(PAIRS)
        yield Line(
            "Who gains, who pays",
            f"{OUTCOMES[name].label}: what the programme adds in five years, bn yen, mean of {PAIRS} pairs (95%)",
            "deciles after the run",
            f"{mean:+.1f} ({mean - half:+.1f} to {mean + half:+.1f})",
            "no figure found",
        )


PAIRS = 24
_T_95 = 2.0687
"""Student's t with 23 degrees of freedom, two-sided 95%."""


def programme_return() -> Iterator[Line]:
    """Receipts against the twin for a yen spent."""
    found = []
    for seed in range(1, SEEDS + 1):
        ends = [world(policy=name, rng=seed, noise=True, years=5).run().outcomes for name in ("actual", "none")]
        gain = ends[0]["public_receipts_trn_yen"] - ends[1]["public_receipts_trn_yen"]
        found.append(gain / ends[0]["programme_cost_trn_yen"])
    yield Line(
        "Programme's return",
        f"receipts of the state over the twin's in five years, yen for a yen spent: mean and s.d. of {SEEDS} pairs",
        "a constant",
        f"{np.mean(found):+.2f}, {np.std(found, ddof=1):.2f}",
        "1.33 in ten years for two chip plants (the ministry's own forecast)",
    )


def doubts() -> Iterator[Line]:
    """A lasting deficit of 0.73% of GDP is announced."""
    found = {}
    for name, ablation in (("now", None), ("before", Ablation("fiscal_doubt", FROZEN))):
        pair = [
            world(policy="none", shocks=shocks, ablation=ablation)
            for shocks in ((), (Once("announced_deficit_pct_gdp", 0.73, 0),))
        ]
        for economy in pair:
            economy.step()
        found[name] = 100.0 * (pair[1].outcomes["jgb_10y_pct"] - pair[0].outcomes["jgb_10y_pct"])
    yield Line(
        "Doubt about JGBs", "a lasting deficit of 0.73% of GDP is announced: 10-year yield in the month, basis points",
        f"{found['before']:.0f} (in scenario fiscal-doubt alone more)", f"{found['now']:.0f}", "19 (January 2026)",
    )  # fmt: skip


def deals() -> Iterator[Line]:
    """How often talks fail, and how often a deal that is late is taken back."""
    p, rng = Parameters(), np.random.default_rng(1)
    asked = 2.0 * p.us_chips_asked_trn_yen_per_pp
    deal, failed, lost = Deal(tariff_relief_pp=2.0, offer_trn_yen=asked), 0, 0
    for _ in range(1000):
        talks = Negotiator(float(np.exp(p.us_reservation_sd * rng.standard_normal())))
        failed += not [talks.answer(deal, asked, month, rng.random, p) for month in range(1, 13)][-1]
        late = Negotiator(1.0, struck=True, kept=True)
        lost += not all(late.answer(deal, 1e-4, month, rng.random, p) for month in range(1, 13))
    yield Line(
        "The negotiator",
        "offers of what is usually asked for that are refused, and deals a year late that lose their relief, %",
        "0 and 0: relief came in step",
        f"{failed / 10.0:.0f} and {lost / 10.0:.0f}",
        "one threat in about ten partner-quarters (2025-26)",
    )


def sites_and_power() -> Iterator[Line]:
    """What waits for a grid connection when the programme's chips come, over years, at once, or ten times as many."""
    found = []
    for name in ("actual", "lump-sum", "actual-tenfold"):
        economy, share = world(policy=name), []
        market = economy.world.chip_market
        for _ in range(60):
            economy.step()
            waiting, compute = market.waiting_for_power[0], economy.chip_importers.columns["compute"]
            # The national company is the first row.
            share.append((market.without_power_pct, 100.0 * waiting[0] / (waiting[0] + compute[0])))
        found.append(np.max(share, axis=0))
    yield Line(
        "Sites and power",
        "most chips that wait for power within five years, % of all and of the national company's, `actual`, "
        "`lump-sum` and `actual-tenfold`",
        "0.0 and 0, 4.5 and 10: all shared one place",
        ", ".join(f"{whole:.1f} and {national:.0f}" for whole, national in found),
        "a trillion yen buys 0.17 GW, where the grid is to connect 0.6 a year (OCCTO)",
    )


def makers_at_home() -> Iterator[Line]:
    """What an AI bust takes from makers at home, and what they take from output."""
    ends = []
    for settings in (
        {"scenario": "baseline"},
        {"scenario": "ai-bust"},
        {"scenario": "ai-bust", "ablation": HELD_MAKERS},
    ):
        economy, rows = world(**settings), []
        for _ in range(36):
            economy.step()
            rows.append([economy.outcomes[name] for name in ("chip_makers_sales_trn_yen", "real_gdp_trn_yen")])
        ends.append(np.mean(rows[24:], axis=0))
    usual, bust, held = ends
    yield Line(
        "Chip makers at home", "third year of ai-bust: makers' sales, and GDP against sales held, trn yen a year",
        "0 and 0: outside the books", f"{bust[0] - usual[0]:+.1f} and {bust[1] - held[1]:+.1f}",
        "-1.2 of equipment for world capex -24% (SEAJ sales of 4.9)",
    )  # fmt: skip


HELD_MAKERS = Ablation("chip_makers", FROZEN)

EXPERIMENTS: tuple[Callable[[], Iterator[Line]], ...] = (
    outages,
    use_at_the_start,
    readiness,
    programme_return,
    failures,
    own_finance_of_the_boom,
    softbank_and_its_holders,
    approval_and_gates,
    budgets,
    households,
    doubts,
    deals,
    makers_at_home,
    sites_and_power,
)
"""In the order of the table."""

TEXT = """# Systems of the debate

*Written by `python -m itcho.experiments.evidence.systems`; do not edit.*

What each system that the debate speaks of shows in one small experiment: the figure while it was missing or
decorative, the figure of model version {version}, and what is published. Worlds are small and mostly without noise;
effects of the programme with their intervals stand in [claims](claims.md), what each kind of agent is worth in
[which agents matter](ablation.md), and what was taken out because it moved nothing in [ODD](ODD.md).

"""


def table(lines: Sequence[Line]) -> str:
    """The lines as CSV, with the model version."""
    out = StringIO()
    names = [field.name for field in fields(Line)]
    writer = csv.DictWriter(out, [*names, "model_version"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) | {"model_version": MODEL_VERSION} for one in lines)
    return out.getvalue()


def page(rows: Sequence[Mapping[str, str]]) -> str:
    """The page that shows a table as read."""
    version = rows[0]["model_version"] if rows else str(MODEL_VERSION)
    headings = ("system", "experiment", "before", "now", "evidence")
    cells = [tuple(row[name] for name in headings) for row in rows]
    return TEXT.format(version=version) + "\n".join(markdown_table(headings, cells)).rstrip("\n") + "\n"


def read(path: Path) -> list[dict[str, str]]:
    """The lines of a table as written."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table and its page; 0."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.evidence.systems", description=__doc__)
    parser.add_argument("--out", type=existing_folder, default=Path("docs"), help="folder that takes the table")
    given = parser.parse_args(arguments)
    lines: list[Line] = []
    for experiment in EXPERIMENTS:
        for line in experiment():
            lines.append(line)
            print(f"{line.system} | {line.experiment} | {line.before} | {line.now} | {line.evidence}", flush=True)
    (given.out / FILE).write_text(table(lines), encoding="utf-8")
    (given.out / PAGE).write_text(page(read(given.out / FILE)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
