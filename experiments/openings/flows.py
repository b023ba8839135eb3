"""Flows of the fiscal year before the start, from published totals and judged parts, closed by least squares.

Published are GDP by expenditure, wages, income from abroad, taxes, contributions, benefits, depreciation, coupons, net
lending and the flow of funds; judged are their parts by payer and payee, and what no account names (closing items).
Nothing is solved as a remainder: every cell has what is known of it and how far it may be from that, and the cells
nearest to that satisfy every row and every sector's account at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from itcho.agents.errors import InputError
from itcho.experiments.data.origin_data import OriginData
from itcho.experiments.openings.judged import APART, JudgedTables
from itcho.experiments.openings.least_squares import Cells
from itcho.experiments.openings.stocks import PublishedStocks
from itcho.model.start_states.start_state import FLOW_SECTORS, MARKET, FlowRow

Name = tuple[str, ...]

FINANCIAL_SECTORS = {
    "households": ("households", "nonprofits"),
    "firms": ("firms",),
    "government": ("general_government_incl_public_pensions",),
    "bank_of_japan": ("bank_of_japan",),
    "banks": ("financial_institutions_other_than_boj",),
    "rest_of_world": ("rest_of_world",),
}
"""Published sectors of the flow of funds; firms include AI firms and SoftBank, banks include investors."""
CENTRAL_TAXES = (
    "current.tax_income_central",
    "current.tax_inheritance_central",
    "current.tax_corporate_central",
    "current.tax_consumption_central",
    "current.tax_other_central",
)
OTHER_TAXES = ("current.tax_special_accounts", "current.tax_local_households", "current.tax_local_firms")
CLOSING = (
    "current.errors_and_omissions",
    "current.softbank_running_costs",
    "current.boj_other",
    "current.other_government_transfers",
    "current.mixed_income_and_rents",
    "current.attributed_income",
    "current.financial_margin",
)
"""Flows that no account names; they may have either sign."""
CLOSING_SCALE_PCT_GDP = 0.5
"""How far a closing item that is known to be near zero may be from it."""
GDP_PARTS = (
    "gdp.private_consumption",
    "gdp.government_consumption",
    "gdp.public_investment",
    "gdp.private_housing",
    "gdp.private_investment",
    "gdp.exports",
    "gdp.imports",
)
NEEDED = (
    "gdp.gdp",
    *GDP_PARTS,
    "balance.net_lending",
    "primary_income_received_from_abroad",
    "primary_income_paid_abroad",
    "sna.compensation_of_employees",
    "mof.general_account_tax",
    "mof.interest_on_ordinary_jgbs",
)
_RATE_FLOWS = {
    ("current.deposit_interest", "households"): "payee",
    ("current.deposit_interest", "firms"): "payee",
    ("current.deposit_interest", "government"): "payee",
    ("current.loan_interest", "households"): "payer",
    ("current.loan_interest", "firms"): "payer",
}


class PublishedFlows:
    """The flows of the fiscal year that ends at the origin, by flow and sector."""

    def __init__(self, data: OriginData) -> None:
        rows = data.flows[data.flows["period_end"] == data.origin.isoformat()]
        self.where = f"annual_flows.csv, period_end {data.origin}"
        columns = ["flow", "sector", "value", "basis", "source"]
        self.rows = {
            (str(flow), str(sector)): (float(value), str(basis), str(source))
            for flow, sector, value, basis, source in rows[columns].itertuples(index=False)
        }
        self._by_flow: dict[str, float] = {}
        for (flow, _), (value, _, _) in self.rows.items():
            self._by_flow[flow] = self._by_flow.get(flow, 0.0) + value

    def get(self, flow: str) -> float | None:
        """A flow summed over sectors, trillion yen; None if the table has none."""
        return self._by_flow.get(flow)

    def total(self, flow: str) -> float:
        """The same; InputError if the table has none."""
        value = self.get(flow)
        if value is None:
            raise InputError(f"{self.where}: flow {flow!r} is missing")
        return value

    def of(self, flow: str, sectors: Sequence[str]) -> float:
        """A flow of some sectors; an empty cell is zero."""
        return math.fsum(self.rows[(flow, sector)][0] for sector in sectors if (flow, sector) in self.rows)

    def source(self, flow: str) -> str:
        """Who published a flow."""
        return next(source for (name, _), (_, _, source) in self.rows.items() if name == flow)

    def mistakes(self) -> list[str]:
        """What is missing that a start state cannot do without."""
        found = [f"{self.where}: flow {name!r} is missing" for name in NEEDED if name not in self._by_flow]
        sectors = {sector for flow, sector in self.rows if flow == "balance.net_lending"}
        wanted = {name for names in FINANCIAL_SECTORS.values() for name in names}
        if sectors and (missing := sorted(wanted - sectors)):
            found.append(f"{self.where}: balance.net_lending lacks {', '.join(missing)}")
        return found


@dataclass(frozen=True)
class Flows:
    """Flows of the year before the start.

    Attributes
    ----------
    rows : as a start state keeps them.
    farthest : the cells that had to move farthest from what is known of them, in tolerances.
    """

    rows: tuple[FlowRow, ...]
    farthest: tuple[tuple[str, float], ...]

    def value(self, flow: str) -> float:
        """Sum of the rows of a flow, trillion yen."""
        return math.fsum(row.value_trn_yen for row in self.rows if row.flow == flow)


@dataclass
class _Known:
    """What is known of one cell."""

    value: float
    basis: str
    publisher: str
    scale: float | None = None
    any_sign: bool = False


def make_flows(
    published: PublishedFlows,
    stocks: PublishedStocks,
    holders_of_jgb: Mapping[str, float],
    judged: JudgedTables,
    policy_rate_pct: float,
) -> Flows:
    """Flows that close in every row and for every sector.

    Parameters
    ----------
    published, stocks : published flows of the year, and the balance sheets at its end.
    holders_of_jgb : what each sector of the accounts holds of the coupon bonds of central government, trillion yen.
    judged : parts by payer and payee.
    policy_rate_pct : on the origin; deposit and loan rates between the judged dates' follow it.

    Raises
    ------
    InputError : a published figure is missing, or no figures satisfy the accounts.
    """
    known: dict[Name, _Known] = {row.name: _Known(row.value, "judgement", row.publisher) for row in judged.flows}
    gdp = published.total("gdp.gdp")
    _expenditure(known, published)
    _incomes(known, published, judged)
    _coupons(known, published, stocks, holders_of_jgb)
    _rates(known, judged, policy_rate_pct)
    _central_bank(known, stocks)
    _financial(known, published, judged)
    _lending(known, published, judged)
    for (flow, *_), one in known.items():
        if flow in CLOSING:
            one.any_sign, one.scale = True, max(0.5 * abs(one.value), CLOSING_SCALE_PCT_GDP / 100.0 * gdp)
    if not judged.has_ai:
        # A sector that does not stand apart has no flows of its own.
        for name, one in known.items():
            if set(name) & set(APART):
                one.value, one.scale, one.any_sign = 0.0, None, False
    cells = Cells()
    for name, one in known.items():
        cells.add(name, one.value, one.basis, scale=one.scale, any_sign=one.any_sign)
    _identities(cells, known, published)
    solved = cells.closed()
    rows = tuple(
        FlowRow(name[0], name[1], name[2], solved[name], one.basis, one.publisher) for name, one in known.items()
    )
    far = tuple((" ".join(name), far) for name, far in cells.distances(solved)[:8])
    return Flows(rows, far)


def _read(known: dict[Name, _Known], flow: str, value: float, publisher: str, basis: str = "read") -> None:
    """Scale the rows of a flow to a published total."""
    names = [name for name in known if name[0] == flow]
    total = math.fsum(known[name].value for name in names)
    for name in names:
        share = known[name].value / total if total != 0.0 else 1.0 / len(names)
        known[name] = _Known(share * value, basis, publisher)


def _expenditure(known: dict[Name, _Known], published: PublishedFlows) -> None:
    """GDP by expenditure; what AI firms buy and sell is carved out of it."""
    get = published.get
    publisher = published.source("gdp.gdp")
    chips = known[("current.imports_chips_servers_by_ai_firms", "ai_firms", "rest_of_world")].value
    licences = known[("current.imports_cloud_licences_by_ai_firms", "ai_firms", "rest_of_world")].value
    by_ai = known[("current.business_investment", "ai_firms", "firms")].value
    to_households = known[("current.consumption", "households", "ai_firms")].value
    to_government = known[("current.government_consumption", "government", "ai_firms")].value
    total = published.total
    business = total("gdp.private_investment") + (get("gdp.private_inventories") or 0.0)
    public = total("gdp.public_investment") + (get("gdp.public_inventories") or 0.0)
    for name, value in (
        (("current.consumption", "households", "firms"), total("gdp.private_consumption") - to_households),
        (
            ("current.government_consumption", "government", "firms"),
            total("gdp.government_consumption") - to_government,
        ),
        (("current.public_investment", "government", "firms"), public),
        (("current.housing_investment", "households", "firms"), total("gdp.private_housing")),
        # Chips and servers are investment and imports at once; AI firms pay for them abroad.
        (("current.business_investment", "firms", "firms"), business - by_ai - chips),
        (("current.exports", "rest_of_world", "firms"), total("gdp.exports")),
        (("current.imports", "firms", "rest_of_world"), total("gdp.imports") - chips - licences),
    ):
        known[name] = _Known(value, "read", publisher)


def _incomes(known: dict[Name, _Known], published: PublishedFlows, judged: JudgedTables) -> None:
    """Wages, taxes, contributions, benefits, depreciation and income from abroad, scaled to published totals."""
    get, source = published.get, published.source
    for flow, item, basis in (
        ("current.wages", "sna.compensation_of_employees", "read"),
        ("current.government_own_depreciation", "sna.government_depreciation", "read"),
        ("current.social_contributions", "sna.social_contributions", "read"),
        ("current.social_benefits_cash", "sna.social_benefits_to_households", "computed"),
        ("current.primary_income_received", "primary_income_received_from_abroad", "computed"),
    ):
        if (value := get(item)) is not None:
            _read(known, flow, value, source(item), basis)
    if (value := get("bop.secondary_income")) is not None:
        _read(known, "current.secondary_income", -value, source("bop.secondary_income"), "computed")
    central = published.total("mof.general_account_tax")
    # Taxes by kind are rounded to a decimal: they are used as shares of the total.
    by_kind = {
        "current.tax_income_central": get("mof.general_account_tax_income"),
        "current.tax_corporate_central": get("mof.general_account_tax_corporate"),
        "current.tax_consumption_central": get("mof.general_account_tax_consumption"),
    }
    for flow, value in by_kind.items():
        if value is not None:
            _read(known, flow, value, source("mof.general_account_tax"), "computed")
    rest = central - math.fsum(one.value for name, one in known.items() if name[0] in by_kind)
    left = [name for name in known if name[0] in CENTRAL_TAXES and name[0] not in by_kind]
    judged_rest = math.fsum(known[name].value for name in left)
    for name in left:
        known[name] = _Known(known[name].value * rest / judged_rest, "computed", source("mof.general_account_tax"))
    if (total := get("sna.tax_total")) is not None:
        names = [name for name in known if name[0] in OTHER_TAXES]
        others = math.fsum(known[name].value for name in names)
        for name in names:
            known[name].value *= (total - central) / others
            known[name].publisher = f"{source('sna.tax_total')} for all taxes; parts judged"


def _coupons(
    known: dict[Name, _Known], published: PublishedFlows, stocks: PublishedStocks, holders: Mapping[str, float]
) -> None:
    """Coupons on ordinary bonds and on those of the fiscal loan fund, by who holds them."""
    ordinary = stocks.memo("general_government", "jgb_liability_market")
    loan_fund = stocks.memo("fiscal_loan_fund", "jgb_liability_market")
    paid = published.total("mof.interest_on_ordinary_jgbs") * (1.0 + loan_fund / ordinary)
    all_held = math.fsum(holders.values())
    publisher = published.source("mof.interest_on_ordinary_jgbs") + "; split by holdings"
    for sector, held in holders.items():
        known[("current.jgb_coupons", "government", sector)] = _Known(paid * held / all_held, "computed", publisher)


def _rates(known: dict[Name, _Known], judged: JudgedTables, policy_rate_pct: float) -> None:
    """Deposit and loan interest: rates of the judged dates, on a line through both in the policy rate."""
    for name in list(known):
        flow, payer, payee = name
        by = _RATE_FLOWS.get((flow, payee if flow == "current.deposit_interest" else payer))
        if by is not None:
            known[name].value *= judged.interest_ratio(name, policy_rate_pct)


def _central_bank(known: dict[Name, _Known], stocks: PublishedStocks) -> None:
    """What the Bank of Japan earns on funds it holds: nothing before it held any."""
    if stocks.total("bank_of_japan", "fund_units") <= 0.0:
        known[("current.etf_distributions_to_boj", "firms", "bank_of_japan")].value = 0.0


def _financial(known: dict[Name, _Known], published: PublishedFlows, judged: JudgedTables) -> None:
    """The flow of funds: AI firms and SoftBank are carved out of firms, investors out of financial institutions."""
    instruments = sorted({name[0] for name in known if name[0].startswith("financial.")})
    for flow in instruments:
        rows = {name[1]: known[name] for name in known if name[0] == flow}
        publisher = "Bank of Japan, Flow of Funds"
        of_investors = rows["investors"].value if "investors" in rows else 0.0
        of_apart = math.fsum(rows[sector].value for sector in APART if sector in rows)
        of_pensions = judged.public_pension_part(flow) if of_investors else 0.0
        if flow == "financial.public_pension_claim":
            continue
        for sector, parts in FINANCIAL_SECTORS.items():
            total = published.of(flow, parts)
            if sector == "banks":
                total -= of_investors - of_pensions
            elif sector == "government":
                total -= of_pensions
            elif sector == "firms":
                total -= of_apart
            if sector in rows or total != 0.0:
                basis = "judgement" if sector in ("banks", "government") and of_investors else "computed"
                known[(flow, sector, MARKET)] = _Known(total, basis, publisher, any_sign=True)
        for sector in ("investors", *APART):
            if sector in rows:
                known[(flow, sector, MARKET)].any_sign = True


def _lending(known: dict[Name, _Known], published: PublishedFlows, judged: JudgedTables) -> None:
    """Net lending as published; what AI firms and SoftBank lend is carved out of firms."""
    flow, publisher = "balance.net_lending", "Bank of Japan, Flow of Funds"
    of_apart = math.fsum(
        one.value for name, one in known.items() if name[0] == flow and name[1] in APART and judged.has_ai
    )
    for sector, parts in FINANCIAL_SECTORS.items():
        total = published.of(flow, parts) - (of_apart if sector == "firms" else 0.0)
        known[(flow, sector, "")] = _Known(total, "read", publisher, any_sign=True)


def _identities(cells: Cells, known: Mapping[Name, _Known], published: PublishedFlows) -> None:
    """Every row and every sector's account, and the published totals."""
    total = published.total
    financial = {name[0] for name in known if name[0].startswith("financial.")}
    for flow in sorted(financial | {"balance.net_lending"}):
        cells.require(f"row {flow}", {name: 1.0 for name in known if name[0] == flow})
    for sector in FLOW_SECTORS:
        account: dict[Name, float] = {("balance.net_lending", sector, ""): -1.0}
        for name in known:
            if name[0].startswith("current."):
                # What a sector pays itself changes nothing.
                sign = float(name[2] == sector) - float(name[1] == sector)
                if sign != 0.0:
                    account[name] = sign
        cells.require(f"receipts less payments of {sector}", account)
        bought: dict[Name, float] = {("balance.net_lending", sector, ""): -1.0}
        bought |= {name: 1.0 for name in known if name[2] == MARKET and name[1] == sector}
        cells.require(f"claims acquired by {sector}", bought)
    for flow in sorted(financial - {"financial.public_pension_claim"}):
        # The accounts do not part banks from investors, nor AI firms and SoftBank from firms.
        for sectors, parts in (
            (("firms", *APART), FINANCIAL_SECTORS["firms"]),
            (("households",), FINANCIAL_SECTORS["households"]),
            (("bank_of_japan",), FINANCIAL_SECTORS["bank_of_japan"]),
            (("rest_of_world",), FINANCIAL_SECTORS["rest_of_world"]),
        ):
            members: dict[Name, float] = {(flow, one, MARKET): 1.0 for one in sectors if (flow, one, MARKET) in cells}
            if members:
                cells.require(f"{flow} of {sectors[0]}", members, published.of(flow, parts))
    spent = ("consumption", "government_consumption", "public_investment", "housing_investment", "business_investment")
    by_expenditure = {name: 1.0 for name in known if name[0] in {f"current.{kind}" for kind in (*spent, "exports")}}
    by_expenditure |= {
        name: -1.0 for name in known if name[0] in ("current.imports", "current.imports_cloud_licences_by_ai_firms")
    }
    cells.require("GDP by expenditure", by_expenditure, total("gdp.gdp"))
    received = {name: 1.0 for name in known if name[0] == "current.primary_income_received"}
    cells.require("income received from abroad", received, total("primary_income_received_from_abroad"))
    paid = {
        name: 1.0
        for name in known
        if name[0] in ("current.primary_income_paid", "current.jgb_coupons", "current.bond_interest")
        and name[2] == "rest_of_world"
    }
    cells.require("income paid abroad", paid, total("primary_income_paid_abroad"))
    central = {name: 1.0 for name in known if name[0] in CENTRAL_TAXES}
    cells.require("taxes of the general account", central, total("mof.general_account_tax"))
    if (all_taxes := published.get("sna.tax_total")) is not None:
        taxes = {name: 1.0 for name in known if name[0] in (*CENTRAL_TAXES, *OTHER_TAXES)}
        cells.require("all taxes", taxes, all_taxes)
    wages: dict[Name, float] = {name: 1.0 for name in known if name[0] == "current.wages"}
    cells.require("wages", wages, total("sna.compensation_of_employees"))
