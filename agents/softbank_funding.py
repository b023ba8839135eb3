"""How SoftBank Group pays a month's bills: needs met from one source after another, each with a limit and a price.

Cash above the floor comes first, then credit lines, loans on the assets bought, bonds, more loans on assets, sales of
unlisted holdings at a discount, and last an instalment put off for a fee.  Listed holdings are sold for what debt may
not pay because loan-to-value would pass the ratio that it plans with; their sale presses the price of what is left, and
with it the ratio.

Evidence: SoftBank Group, financial policy and financing of 2026 (bridge facility of 40 bn USD in March 2026, margin
loan on OpenAI shares, retail bonds); price pressure of block sales, Kyle and Obizhaeva 2016 in order of magnitude.
"""

from __future__ import annotations

from typing import NamedTuple

from itcho.agents.views import ParameterValues

_HALVINGS = 60


class Needs(NamedTuple):
    """What falls due in a month, trillion yen.

    Attributes
    ----------
    instalment : signed payment, deferred ones among it.
    investment : other purchases of AI holdings.
    redemptions : of bonds.
    line_due : credit line that ends.
    margin_call : loans on assets beyond what their collateral carries.
    floor_missing : cash below its floor.
    """

    instalment: float = 0.0
    investment: float = 0.0
    redemptions: float = 0.0
    line_due: float = 0.0
    margin_call: float = 0.0
    floor_missing: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)


class Sources(NamedTuple):
    """What each source can give in a month, trillion yen.

    Attributes
    ----------
    cash : above the floor.
    sale_planned : of holdings so that loan-to-value keeps its ratio, net of price pressure and discount.
    line : undrawn credit.
    on_purchase : loans on what an instalment buys.
    bonds : what the market takes.
    on_assets : more loans on assets within their haircuts.
    sale_more, unlisted : sale of listed and of unlisted holdings beyond what is planned, net.
    """

    cash: float = 0.0
    sale_planned: float = 0.0
    line: float = 0.0
    on_purchase: float = 0.0
    bonds: float = 0.0
    on_assets: float = 0.0
    sale_more: float = 0.0
    unlisted: float = 0.0


class Funding(NamedTuple):
    """What was raised from each source, trillion yen; see :class:`Sources`.

    Attributes
    ----------
    left_over : raised beyond needs, to repay debt with.
    deferred : part of the instalment that is put off.
    uncovered : paid out of the cash floor.
    """

    raised: Sources
    left_over: float
    deferred: float
    uncovered: float


def fund(needs: Needs, sources: Sources) -> Funding:
    """Meet the needs from the sources, in their order."""
    left = needs.total
    # What has to be sold to keep the ratio is sold even if the money then only repays debt.
    taken = {"sale_planned": sources.sale_planned}
    left -= sources.sale_planned
    for name in ("cash", "line", "on_purchase", "bonds", "on_assets", "sale_more", "unlisted"):
        amount = min(max(left, 0.0), getattr(sources, name))
        taken[name] = amount
        left -= amount
    deferred = min(max(left, 0.0), needs.instalment)
    return Funding(Sources(**taken), max(-left, 0.0), deferred, max(left, 0.0) - deferred)


def proceeds_trn_yen(sold: float, listed: float, pressure: float) -> float:
    """What a sale of listed holdings brings, at the mean of the prices before and after it, trillion yen."""
    return sold * (1.0 - 0.5 * pressure * sold / listed) if listed > 0.0 else 0.0


def sale_to_hold_ratio(net_debt: float, holdings: float, listed: float, ratio: float, pressure: float) -> float:
    """Holdings to sell, listed ones first, so that net debt is ``ratio`` of holdings; trillion yen at prices before.

    The sale presses the price of what is left by ``pressure`` times the part sold, which lowers holdings again: the
    fixed point of sale, price and ratio.

    Parameters
    ----------
    net_debt, holdings : after the month's payments, trillion yen.
    listed : of holdings.
    """

    def beyond(sold: float) -> float:
        pressed = pressure * sold / listed * (listed - sold)
        return net_debt - proceeds_trn_yen(sold, listed, pressure) - ratio * (holdings - sold - pressed)

    if listed <= 0.0 or beyond(0.0) <= 0.0:
        return 0.0
    low, high = 0.0, listed
    if beyond(high) > 0.0:
        # All that is listed is too little: what any holdings would have to bring, at their price.
        return max(listed, (net_debt - ratio * holdings) / (1.0 - ratio))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if beyond(middle) > 0.0 else (low, middle)
    return high


def bond_capacity_trn_yen(ltv_pct: float, rating_cut: bool, p: ParameterValues) -> float:
    """Bonds that the market takes in a month, retail tranches among them: none at the exceptional limit.

    Capacity falls evenly from the normal to the exceptional limit, and to a half with a downgrade.
    """
    normal, exceptional = p.softbank_ltv_normal_limit_pct, p.softbank_ltv_exceptional_limit_pct
    # Where both limits are one, the market closes at once.
    between = exceptional - normal
    open_part = min(1.0, max(0.0, (exceptional - ltv_pct) / between)) if between > 0.0 else float(ltv_pct < exceptional)
    usual = p.softbank_bond_capacity_trn_yen_year / 12.0
    return usual * open_part * (0.5 if rating_cut else 1.0)
