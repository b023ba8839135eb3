"""Ablations: a kind of agent that is frozen, made alike or drawn anew, to see what its deciding is worth.

Frozen, a kind goes on as it did in the opening months: each of its decisions is a constant or a trend.  Made alike, its
members keep their number and what they have in all, and differ in nothing.  Drawn anew is the placebo: the same rules,
other luck.
"""

from __future__ import annotations

from dataclasses import dataclass

from itcho.agents.errors import InputError, nearest_names
from itcho.agents.views import ParameterValues

FROZEN, ALIKE, REDRAWN = "frozen", "alike", "redrawn"
WAYS = (FROZEN, ALIKE, REDRAWN)
"""What can be done to a kind."""
BOND_FLOOD = "bond-flood"
"""Stands where a scenario stands, for a flood of bonds in the baseline; no scenario names anything inside Japan."""


@dataclass(frozen=True)
class Kind:
    """A kind of agent that can be ablated.

    Attributes
    ----------
    name : snake_case, unique.
    label : how it is shown to people.
    frozen : what it goes on doing when frozen.
    alike : what its members no longer differ in; empty if it has no members that differ.
    luck : random streams that the placebo draws anew; empty if it has no luck of its own.
    scenario : the shipped scenario, beside the baseline, in which it ought to matter, or :data:`BOND_FLOOD`.
    policy : the shipped policy under which it has something to decide.
    own : outcomes, beside the headlines, that are what it decides about.
    """

    name: str
    label: str
    frozen: str
    alike: str
    luck: tuple[str, ...]
    scenario: str
    policy: str = "actual"
    own: tuple[str, ...] = ()


_PORTFOLIO = "buys abroad at its opening pace and wants JGBs on trend, whatever pays more"
_HOLDERS = "weight, exposure to returns, room below limits, what they hold of SoftBank and ask of it"
_MEMBERS = ("investors",)
_LONG_BONDS = ("superlong_gap_bp", "jgb_30y_pct")

KINDS: tuple[Kind, ...] = (
    Kind(
        "government",
        "Government",
        "lets every line of the budget grow at trend, asks no fiscal rule, repeats the first month's support until the "
        "announced sum is spent, neither intervenes nor rescues",
        "",
        (),
        "fiscal-doubt",
    ),
    Kind(
        "politics",
        "Public and cabinet",
        "worry about prices, approval and the majority stay as at the start",
        "food and energy in baskets, taxes a head",
        ("gate",),
        "tariff-deadlock",
    ),
    Kind(
        "negotiator",
        "Negotiator of the United States",
        "grants the relief that is asked for from the first purchase on",
        "",
        ("negotiator", "tariff review"),
        "baseline",
        "chip-deal",
        ("programme_cost_trn_yen",),
    ),
    Kind(
        "fiscal_doubt",
        "Doubt about fiscal policy",
        "the belief of holders of JGBs and of traders of the yen stays as at the start",
        "",
        (),
        "fiscal-doubt",
    ),
    Kind(
        "bank_of_japan",
        "Bank of Japan",
        "goes along the path of rates that was expected of it at the start, and buys what its plan says",
        "",
        (),
        "early-us-easing",
    ),
    Kind(
        "softbank",
        "SoftBank",
        "pays what it signed, borrows what it needs, sells nothing, buys nothing else, believes in backing as at the "
        "start",
        "",
        ("unlisted marks", "softbank shares"),
        "ai-bust",
    ),
    Kind(
        "chip_importers",
        "Chip importers",
        "order the chips of the first month, on the trend that was expected at the start",
        "size within each role, leverage, gap to the frontier, research luck",
        ("importers", "services", "AI firm failures", "importer entrants", "ai_capability"),
        "chip-supply-disruption",
        own=("chip_imports_trn_yen",),
    ),
    Kind(
        "distributors",
        "Distributors",
        "hand on what is ordered of them at the opening list price, and leave their stocks as they are",
        "size, leverage",
        ("importers", "AI firm failures", "importer entrants"),
        "chip-supply-disruption",
        own=("chip_imports_trn_yen",),
    ),
    Kind(
        "clouds",
        "Clouds",
        "order the chips of the first month, on the trend that was expected at the start",
        "size, leverage",
        ("importers", "AI firm failures", "importer entrants"),
        "data-centre-cost",
        own=("chip_imports_trn_yen",),
    ),
    Kind(
        "developers",
        "Developers",
        "order chips on trend and train with what grows as usual, whatever compute they have",
        "size, leverage, gap to the frontier, research luck; the national company stays itself",
        ("importers", "services", "AI firm failures", "importer entrants", "ai_capability"),
        "delayed-output",
        own=("chip_imports_trn_yen",),
    ),
    Kind(
        "chip_designers",
        "Chip designers",
        "ask list prices, whatever is short",
        "opening shares in chips and packaging",
        (),
        "chip-supply-disruption",
        own=("chip_imports_trn_yen",),
    ),
    Kind(
        "foundries",
        "Foundries and memory makers",
        "let capacity grow on the trend that was expected at the start, whatever is ordered",
        "opening shares in what they make",
        (),
        "chip-supply-disruption",
        own=("chip_imports_trn_yen",),
    ),
    Kind(
        "data_centre_sites",
        "Owners of data-centre sites",
        "have power for whatever is to stand at their sites",
        "",
        (),
        "data-centre-cost",
        "actual-tenfold",
        ("chips_without_power_pct",),
    ),
    Kind(
        "laboratories",
        "Laboratories abroad",
        "move the frontier along its expected path, and keep their distances",
        "opening shares and distance to the frontier",
        ("ai_capability",),
        "breakthrough",
    ),
    Kind(
        "ai_share_buyers",
        "Buyers of AI shares abroad",
        "pay for what AI firms abroad earn, whatever their shares did before",
        "",
        (),
        "ai-bust",
        own=("ai_capex_abroad_bn_usd", "ai_shares_multiple"),
    ),
    Kind(
        "ai_lenders",
        "Lenders to clouds abroad",
        "lend what clouds abroad ask for",
        "",
        (),
        "ai-bust",
        own=("ai_capex_abroad_bn_usd", "ai_shares_multiple"),
    ),
    Kind(
        "venture_funders",
        "Funders of AI firms at home",
        "pay for every round of a venture, and let no anonymous firm run out of money",
        "",
        (),
        "ai-bust",
        "guarantee",
        ("programme_cost_trn_yen",),
    ),
    Kind(
        "chip_makers",
        "Chip makers at home",
        "sell what they sold at the start on the usual path, whatever the world builds",
        "",
        (),
        "ai-bust",
        own=("chip_makers_sales_trn_yen", "current_account_trn_yen"),
    ),
    Kind(
        "adopters",
        "Firms that use AI",
        "spread as diffusion has it, whatever AI costs and can do, and choose suppliers as these stood at the start",
        "size, gain, legacy cost, place in the order of adoption",
        ("adopters", "graph", "tastes"),
        "breakthrough",
    ),
    Kind(
        "readiness",
        "Firms' policies on AI",
        "every firm has a policy on AI from the start",
        "",
        (),
        "breakthrough",
        "adoption-first",
        ("deep_adoption_pct",),
    ),
    Kind(
        "individuals",
        "Individuals",
        "spread as diffusion has it, and choose tools as these stood at the start",
        "age, wealth, work",
        ("tastes",),
        "breakthrough",
    ),
    Kind(
        "households",
        "Households",
        "consume on trend; their savings: " + _PORTFOLIO,
        _HOLDERS,
        _MEMBERS,
        "tariff-deadlock",
    ),
    Kind(
        "firms",
        "Other firms",
        "invest on trend, raise prices and wages as in the first month",
        "",
        (),
        "tariff-deadlock",
    ),
    Kind(
        "insurers_and_pensions",
        "Insurers and pensions",
        _PORTFOLIO,
        _HOLDERS,
        _MEMBERS,
        "fiscal-doubt",
        own=_LONG_BONDS,
    ),
    Kind(
        "pension_funds",
        "Pension funds",
        "keep pace in bonds, abroad and in shares, wherever the weights go",
        "where in their bands they stand",
        (),
        "carry-unwind",
        own=("japan_equity_index",),
    ),
    Kind("banks", "Banks", _PORTFOLIO, _HOLDERS, _MEMBERS, "fiscal-doubt", own=_LONG_BONDS),
    Kind("investment_funds", "Investment funds", _PORTFOLIO, _HOLDERS, _MEMBERS, "early-us-easing", own=_LONG_BONDS),
    Kind(
        "foreign_investors",
        "Foreign investors",
        "want JGBs on trend, whatever they yield",
        _HOLDERS,
        _MEMBERS,
        "fiscal-doubt",
        own=_LONG_BONDS,
    ),
    Kind(
        "debt_office",
        "Debt office",
        "issues bonds in its usual mix, whatever auctions bring",
        "",
        (),
        BOND_FLOOD,
        own=_LONG_BONDS,
    ),
    Kind(
        "superlong_holders",
        "Holders of super-longs",
        "want super-longs in the mix of the start, and do not get used to who has bonds",
        "habitat: all want the market's part of super-longs",
        (),
        "fiscal-doubt",
        own=_LONG_BONDS,
    ),
    Kind(
        "bond_arbitrage",
        "Funds between maturities",
        "hold no super-longs against shorter bonds, as at the start",
        "leverage (what they may hold in all as before)",
        (),
        BOND_FLOOD,
        own=_LONG_BONDS,
    ),
    Kind(
        "softbank_holders",
        "Holders of SoftBank",
        "trade no share of it",
        "what they hold of it and put up, when they write it down, risk they bear, return and discount they ask for",
        (),
        "ai-bust",
        own=("softbank_equity_index", "japan_equity_index"),
    ),
    Kind(
        "carry_traders",
        "Carry traders",
        "keep their opening dollars, whatever these earn or lose",
        "weight, exposure, stop, headroom, leverage (capital in all as before)",
        _MEMBERS,
        "carry-unwind",
    ),
    Kind(
        "retail_traders",
        "Retail currency accounts",
        "keep their opening dollars, whatever these earn or lose, until a broker closes them",
        "stop, headroom, exposure, leverage (capital in all as before)",
        (),
        "carry-unwind",
    ),
    Kind(
        "treasurers",
        "Corporate treasurers",
        "keep their usual part hedged, whatever the rate",
        "distance from the budget rate at which they act",
        ("treasurers",),
        "carry-unwind",
    ),
    Kind(
        "speculative_traders",
        "Speculative traders",
        "hold no dollars, and read news as fundamentalists and chartists in their opening shares",
        "weight, exposure, predisposition, leverage (capital in all as before)",
        _MEMBERS,
        "carry-unwind",
    ),
)
"""Every kind of agent, in the order of the table of ablations."""

KIND_BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True)
class Ablation:
    """One ablation of one kind of agent.

    Attributes
    ----------
    kind : out of :data:`KINDS`, by name.
    way : out of :data:`WAYS`.

    Raises
    ------
    InputError : an unknown kind or way, or a kind whose members cannot be made alike because it has none that differ.
    """

    kind: str
    way: str

    def __post_init__(self) -> None:
        wrong = []
        if self.kind not in KIND_BY_NAME:
            known = nearest_names(self.kind, KIND_BY_NAME) or "; known: " + ", ".join(KIND_BY_NAME)
            wrong.append(f"kind of agent '{self.kind}' is unknown{known}")
        if self.way not in WAYS:
            wrong.append(f"ablation '{self.way}' is unknown; known: {', '.join(WAYS)}")
        if not wrong and self.way == ALIKE and not KIND_BY_NAME[self.kind].alike:
            wrong.append(f"{self.kind} have no members that differ, so they cannot be made alike")
        if wrong:
            raise InputError(wrong)

    @property
    def redrawn_streams(self) -> tuple[str, ...]:
        """Random streams that are drawn anew."""
        return KIND_BY_NAME[self.kind].luck if self.way == REDRAWN else ()


def does(ablation: Ablation | None, way: str, kind: str) -> bool:
    """Whether this is done to this kind."""
    return ablation is not None and ablation.way == way and ablation.kind == kind


class ChangedParameters:
    """Parameters of which some have other values, whatever their bounds; read by attribute."""

    def __init__(self, parameters: ParameterValues, **values: float) -> None:
        self._parameters = parameters
        self._values = values

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):
            raise AttributeError(name)
        values = self._values
        return values[name] if name in values else float(getattr(self._parameters, name))
