"""SoftBank Group's creditors: what they write off when its holdings no longer cover its debt."""

from __future__ import annotations

from typing import NamedTuple

from itcho.agents.softbank import GroupPosition, SoftBankGroup
from itcho.agents.views import ParameterValues


class WriteOff(NamedTuple):
    """What bondholders and banks write off, trillion yen."""

    bonds: float
    loans: float


def uncovered_by_assets_trn_yen(position: GroupPosition, group: SoftBankGroup) -> float:
    """What asset-backed lenders, who have the asset alone, lose because it no longer covers their loan."""
    return max(0.0, group.asset_backed - group.listed - group.unlisted_mark - position.telecom)


def write_off_unsecured(position: GroupPosition, p: ParameterValues) -> WriteOff:
    """What banks and bondholders write off, in proportion to what they are owed.

    Nothing while loan-to-value is below that of insolvency; then what exceeds the share of holdings that they keep as
    debt, and cash.
    """
    if position.ltv_pct < p.softbank_insolvency_ltv_pct:
        return WriteOff(0.0, 0.0)
    kept = p.softbank_restructured_ltv_pct / 100.0 * max(position.holdings, 0.0) + position.cash
    debt = position.bonds + position.loans
    loss = max(0.0, debt - kept)
    bonds = loss * position.bonds / debt
    return WriteOff(bonds, loss - bonds)
