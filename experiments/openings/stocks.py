"""Balance sheets of a 31 March: the published matrix, divided over the parties of a start state.

What a sector holds of an instrument is published; the parties' parts are published too for households, nonprofits,
firms, insurers, funds and public pensions.  Judged are SoftBank's and AI firms' parts of the private sector (none
before 2024), shares in world equity of what is held abroad, and the carry book.  Every sector keeps its
published total.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from itcho.agents.errors import InputError
from itcho.experiments.data.origin_data import OriginData
from itcho.experiments.openings.judged import JudgedTables
from itcho.experiments.openings.least_squares import Cells
from itcho.model.finance.jgb_ladder import FIRST_SUPERLONG_BUCKET, market_value_shares, yields_by_slot_pct
from itcho.model.parameters import Parameters

MATRIX = {
    "currency": ("currency",),
    "deposits": ("deposits",),
    "reserves": ("reserves",),
    "government_deposits": ("government_deposits",),
    "treasury_bills": ("treasury_bills",),
    "jgb": ("jgb",),
    "loans": ("loans",),
    "other_debt_securities": ("other_debt_securities",),
    "listed_equity": ("japanese_equity", "softbank_equity"),
    "other_equity": ("unlisted_equity", "ai_firm_equity"),
    "fund_units": ("fund_units",),
    "insurance_pension_claims": ("insurance_pension_claims",),
    "public_pension_claim": ("public_pension_claim",),
    "foreign_assets": ("world_equity", "other_foreign_assets", "foreign_ai_equity"),
    "other_claims": ("other_claims",),
}
"""Instruments of the start state in each row of the published matrix; bonds are divided by maturity afterwards."""
SECTORS = {
    "private": ("households", "firms", "softbank_group", "softbank_corp", "ai_firms"),
    "government": ("government", "local_and_social_security"),
    "bank_of_japan": ("bank_of_japan",),
    "banks": ("banks",),
    "investors": ("insurers_and_pensions", "investment_funds"),
    "rest_of_world": ("foreign_investors", "dealers_abroad"),
}
"""Parties of the start state in each sector of the published matrix."""
PARTS = {
    "households": ("households",),
    "firms": ("firms", "nonprofits"),
    "insurers_and_pensions": ("insurers_and_pension_funds", "public_pensions"),
    "investment_funds": ("investment_trusts",),
}
"""Published parts of sectors that a party of the start state takes."""
BUCKETS = {
    "jgb_up_to_1y": "jgb_maturity_share_up_to_1y_pct",
    "jgb_1_to_5y": "jgb_maturity_share_1_to_5y_pct",
    "jgb_5_to_10y": "jgb_maturity_share_5_to_10y_pct",
    "jgb_10_to_20y": "jgb_maturity_share_10_to_20y_pct",
    "jgb_over_20y": "jgb_maturity_share_over_20y_pct",
}
CARRY_BOOK = {
    ("dealers_abroad", "offshore_dollars"): -1.0,
    ("carry_traders", "offshore_dollars"): 1.0,
    ("dealers_abroad", "offshore_yen"): 1.0,
    ("carry_traders", "offshore_yen"): -1.0,
}
_OF_CENTRAL_GOVERNMENT = ("treasury_bills", "other_foreign_assets", "government_deposits")
_MAIN = {
    "listed_equity": "japanese_equity",
    "other_equity": "unlisted_equity",
    "foreign_assets": "other_foreign_assets",
}
_ROUNDING = 6


@dataclass(frozen=True)
class Stocks:
    """Opening positions.

    Attributes
    ----------
    cells : net positions by (party, instrument), trillion yen.
    basis : how each is known.
    farthest : the cells that had to move farthest from what is known of them, in tolerances.
    """

    cells: Mapping[tuple[str, str], float]
    basis: Mapping[tuple[str, str], str]
    farthest: tuple[tuple[str, float], ...]


class PublishedStocks:
    """The balance sheets of the origin by level, sector and instrument."""

    def __init__(self, data: OriginData) -> None:
        rows = data.stocks[data.stocks["date"] == data.origin.isoformat()]
        self.where = f"annual_march_stocks.csv, {data.origin}"
        self.values = {
            (str(level), str(sector), str(instrument)): float(value)
            for level, sector, instrument, value in rows[["level", "sector", "instrument", "value_trn_yen"]].itertuples(
                index=False
            )
        }

    def get(self, level: str, sector: str, instrument: str) -> float | None:
        """A figure, None if the table has none."""
        return self.values.get((level, sector, instrument))

    def total(self, sector: str, row: str) -> float:
        """What a sector holds of a row of the matrix; an empty cell is zero."""
        return self.values.get(("matrix", sector, row), 0.0)

    def part(self, sector: str, row: str) -> float:
        """What a published part of a sector holds; an empty cell is zero."""
        return self.values.get(("of_which", sector, row), 0.0)

    def memo(self, sector: str, item: str) -> float:
        """A memorandum item.  Raises InputError if it is not there."""
        value = self.get("memo", sector, item)
        if value is None:
            raise InputError(f"{self.where}: memo item {item!r} of {sector!r} is missing")
        return value

    def mistakes(self) -> list[str]:
        """What is missing that a start state cannot do without."""
        found = []
        sectors = {sector for level, sector, _ in self.values if level == "matrix"}
        rows = {row for level, _, row in self.values if level == "matrix"}
        parts = {sector for level, sector, _ in self.values if level == "of_which"}
        wanted_parts = {name for names in PARTS.values() for name in names}
        for what, known, wanted in (
            ("sectors of the matrix", sectors, set(SECTORS)),
            ("instruments of the matrix", rows, set(MATRIX)),
            ("parts of sectors (of_which)", parts, wanted_parts),
        ):
            if missing := sorted(wanted - known):
                found.append(f"{self.where}: {what} are missing: {', '.join(missing)}")
        for row in sorted(rows & set(MATRIX)):
            left = math.fsum(self.total(sector, row) for sector in SECTORS)
            if abs(left) > 0.01:
                found.append(f"{self.where}: {row} of all sectors adds to {left:.4g} trn yen, not to zero")
        for item in BUCKETS.values():
            if self.get("memo", "central_government", item) is None:
                found.append(f"{self.where}: memo item {item!r} of 'central_government' is missing")
        return found


def maturity_shares(published: PublishedStocks, knot_yields_pct: Sequence[float]) -> list[float]:
    """Shares of the buckets in the market value of coupon bonds, from those of face at auctions and the curve.

    Parameters
    ----------
    knot_yields_pct : yields of the day at the knots of the curve.
    """
    shares = [published.memo("central_government", item) for item in BUCKETS.values()]
    coupon = published.memo("central_government", "jgb_average_coupon_pct")
    found = market_value_shares(shares, coupon, yields_by_slot_pct(knot_yields_pct), Parameters())
    return [float(share) for share in found]


def make_stocks(published: PublishedStocks, judged: JudgedTables, bucket_shares: Sequence[float]) -> Stocks:
    """Divide the published matrix over the parties of a start state.

    ``bucket_shares`` are those of coupon bonds by maturity, the same for every holder but banks, who hold fewer
    super-longs, and insurers and pensions, who hold them instead.

    Raises
    ------
    InputError : the matrix cannot be divided.
    """
    table = _table(published, judged)
    cells = Cells()
    for (party, instrument), (known, basis) in table.items():
        cells.add((party, instrument), known, basis, any_sign=basis != "judgement")
    for row, instruments in MATRIX.items():
        for sector, parties in SECTORS.items():
            members = [(party, name) for party in parties for name in instruments if (party, name) in cells]
            cells.require(f"{row} of {sector}", dict.fromkeys(members, 1.0), published.total(sector, row))
    for instrument in ("softbank_equity", "ai_firm_equity", "world_equity", "foreign_ai_equity"):
        holders = [name for name in table if name[1] == instrument]
        cells.require(f"{instrument} held and owed", dict.fromkeys(holders, 1.0))
    of_funds = [name for name in table if name[0] == "investment_funds"]
    cells.require("what funds owe their holders", dict.fromkeys(of_funds, 1.0))
    solved = cells.closed(_ROUNDING)
    positions = {(party, instrument): value for (party, instrument), value in solved.items() if value != 0.0}
    known_by = {name: table[name][1] for name in positions}
    for (party, instrument), value in list(positions.items()):
        if instrument == "jgb":
            del positions[(party, instrument)]
            parts = _divided(value, bucket_shares)
            for bucket, part in zip(BUCKETS, parts, strict=True):
                positions[(party, bucket)], known_by[(party, bucket)] = part, "computed"
    _swap_superlongs(positions, known_by, judged.superlongs_of_banks_trn_yen)
    book = judged.carry_book_trn_yen
    for name, sign in CARRY_BOOK.items():
        positions[name], known_by[name] = sign * round(book, _ROUNDING), "judgement"
    _take_last_bits(positions)
    far = tuple((f"{party} {instrument}", far) for (party, instrument), far in cells.distances(solved)[:5])
    return Stocks(positions, known_by, far)


def _swap_superlongs(
    positions: dict[tuple[str, str], float], known_by: dict[tuple[str, str], str], kept_trn_yen: float
) -> None:
    """Give insurers and pensions the super-longs that banks hold beyond some, for shorter bonds, in place."""
    longer, shorter = tuple(BUCKETS)[FIRST_SUPERLONG_BUCKET:], tuple(BUCKETS)[:FIRST_SUPERLONG_BUCKET]
    moved = max(0.0, math.fsum(positions["banks", bucket] for bucket in longer) - kept_trn_yen)
    for buckets, seller, buyer in (
        (longer, "banks", "insurers_and_pensions"),
        (shorter, "insurers_and_pensions", "banks"),
    ):
        held = [positions[seller, bucket] for bucket in buckets]
        for bucket, part in zip(buckets, _divided(round(moved, _ROUNDING), held), strict=True):
            for holder, amount in ((seller, -part), (buyer, part)):
                positions[holder, bucket] = round(positions[holder, bucket] + amount, _ROUNDING)
                known_by[holder, bucket] = "judgement"


def _table(published: PublishedStocks, judged: JudgedTables) -> dict[tuple[str, str], tuple[float, str]]:
    """What is known of every position, and how."""
    table: dict[tuple[str, str], tuple[float, str]] = {}
    carved = judged.stocks
    for row, instruments in MATRIX.items():
        main = _MAIN.get(row, instruments[0])
        for party, parts in PARTS.items():
            held = math.fsum(published.part(part, row) for part in parts)
            table[(party, main)] = (held, "read")
        for sector in ("bank_of_japan", "banks"):
            table[(sector, main)] = (published.total(sector, row), "read")
        table |= _of_government(published, row, main)
        abroad = "dealers_abroad" if row == "deposits" else "foreign_investors"
        table[(abroad, main)] = (published.total("rest_of_world", row), "read")
    for name, value in carved.items():
        table[name] = (value, "judgement")
    # What is carved out of a party's published holdings leaves the rest.
    for (party, instrument), value in carved.items():
        main = next((_MAIN.get(row, kinds[0]) for row, kinds in MATRIX.items() if instrument in kinds), instrument)
        holder = "firms" if party in ("softbank_group", "softbank_corp", "ai_firms") else party
        if (holder, main) != (party, instrument):
            known, basis = table.get((holder, main), (0.0, "computed"))
            table[(holder, main)] = (known - value, "computed" if basis == "read" else basis)
    for party in ("households", "firms", "banks", "insurers_and_pensions", "investment_funds"):
        share = judged.world_equity_share(party)
        known, _ = table[(party, "other_foreign_assets")]
        table[(party, "world_equity")] = (share * known, "judgement")
        table[(party, "other_foreign_assets")] = ((1.0 - share) * known, "computed")
    owed = math.fsum(value for (_, name), (value, _) in table.items() if name == "world_equity")
    known, _ = table[("foreign_investors", "other_foreign_assets")]
    table[("foreign_investors", "world_equity")] = (-owed, "computed")
    table[("foreign_investors", "other_foreign_assets")] = (known + owed, "computed")
    # Funds owe their holders what they hold; the net worth that the accounts give them goes to insurers.
    of_funds = math.fsum(
        value for (party, name), (value, _) in table.items() if party == "investment_funds" and name != "fund_units"
    )
    table[("investment_funds", "fund_units")] = (-of_funds, "computed")
    of_investors = published.total("investors", "fund_units")
    table[("insurers_and_pensions", "fund_units")] = (of_investors + of_funds, "computed")
    return {name: (value, basis) for name, (value, basis) in table.items() if value != 0.0}


def _of_government(published: PublishedStocks, row: str, main: str) -> dict[tuple[str, str], tuple[float, str]]:
    """Central government owes bonds and bills, holds assets abroad and lends to the fiscal loan fund; the rest is local
    governments' and social security's.
    """
    total = published.total("government", row)
    central = 0.0
    if row == "jgb":
        central = -published.memo("all", "jgb_total_incl_filp_market")
    elif row == "treasury_bills":
        central = -published.memo("central_government", "treasury_bills_liability")
    elif row == "loans":
        central = published.memo("fiscal_loan_fund", "jgb_liability_market")
    elif main in _OF_CENTRAL_GOVERNMENT:
        central = total
    return {("government", main): (central, "read"), ("local_and_social_security", main): (total - central, "read")}


def _divided(value: float, shares: Sequence[float]) -> list[float]:
    """A value by maturity; the largest part takes what rounding leaves."""
    whole = math.fsum(shares)
    parts = [round(value * share / whole, _ROUNDING) for share in shares]
    largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
    parts[largest] = round(parts[largest] + value - math.fsum(parts), _ROUNDING)
    return parts


def _take_last_bits(positions: dict[tuple[str, str], float]) -> None:
    """Let the largest cell of every row take what rounding leaves, so that the row adds to zero."""
    for instrument in {name for _, name in positions}:
        row = {name: value for name, value in positions.items() if name[1] == instrument}
        left = math.fsum(row.values())
        largest = max(row, key=lambda name: abs(row[name]))
        positions[largest] = round(positions[largest] - left, _ROUNDING)
