"""Limits of investors that hold bonds and shares, by name; see :mod:`itcho.agents.limits`."""

from __future__ import annotations

from itcho.agents.limits import LIMITS, Limit

BANK_RATE_RISK = Limit(
    "bank_rate_risk",
    "banks",
    "Banks' rate risk",
    "銀行の金利リスク",
    "銀行利率風險",
    "Bonds whose loss at a rise of one point is the limit's part of a bank's capital; beyond them it hardly buys.",
)
INSURER_COVER = Limit(
    "insurer_covered_losses",
    "insurers",
    "Insurers' covered losses",
    "保険の含み損と含み益",
    "保險公司未實現損失",
    "Yield at which an insurer's losses on bonds equal its gains on shares; above it it all but stops buying.",
)
INSURER_LOSS_BUDGET = Limit(
    "insurer_loss_budget",
    "insurers",
    "Insurers' budget of losses",
    "保険の実現損予算",
    "保險公司實現損失預算",
    "Bonds that an insurer keeps because selling them would realise more losses than a month's budget.",
)
BAND_OF_BONDS = Limit(
    "pension_bond_band",
    "pension_funds",
    "Pension funds' band of bonds",
    "年金の国内債乖離幅",
    "退休基金債券偏離幅度",
    "Band around a pension fund's policy weight of yen bonds; at its edge it all but stops trading further out.",
)
BAND_ABROAD = Limit(
    "pension_foreign_band",
    "pension_funds",
    "Pension funds' band abroad",
    "年金の外貨建て乖離幅",
    "退休基金海外資產偏離幅度",
    "Band around a pension fund's policy weight of assets abroad; outside it it goes back within a quarter.",
)
BAND_OF_SHARES = Limit(
    "pension_equity_band",
    "pension_funds",
    "Pension funds' band of shares",
    "年金の国内株乖離幅",
    "退休基金日股偏離幅度",
    "Band around a pension fund's policy weight of Japanese shares; outside it it goes back to the edge in a quarter.",
)
BANK_SUPERLONGS = Limit(
    "bank_superlongs",
    "banks",
    "Banks' room for super-longs",
    "銀行の超長期債余地",
    "銀行超長債空間",
    "Super-longs beside which a bank's other bonds leave room in its rate risk; beyond them it hardly buys.",
)
INSURER_SUPERLONGS = Limit(
    "insurer_superlongs",
    "insurers",
    "Insurers' room for super-longs",
    "保険の超長期債余地",
    "保險公司超長債空間",
    "Super-longs beside which an insurer's covered losses leave room; its budget of losses keeps it from selling more.",
)
BOND_ARBITRAGE = Limit(
    "bond_arbitrage_capital",
    "foreign_investors",
    "Capital between maturities",
    "年限間裁定の資力",
    "跨年期套利資本",
    "Super-longs that funds hold against shorter bonds are no more than their leverage times their capital.",
)
SOFTBANK_MARGIN = Limit(
    "softbank_margin_calls",
    "households",
    "SoftBank bought on margin",
    "ソフトバンク株の信用買い",
    "融資買進軟銀股票",
    "Fall of SoftBank's price that leaves a household less than a fifth of what it bought on margin; it is sold out.",
)
SOFTBANK_IMPAIRMENT = Limit(
    "softbank_impairment",
    "insurers",
    "Insurers' write-down of SoftBank",
    "保険のソフトバンク株減損",
    "保險公司軟銀股票減損",
    "Part of their cost below which insurers write SoftBank's shares down and sell part of them.",
)
SOFTBANK_RETURN = Limit(
    "softbank_fund_return",
    "investors",
    "Return asked of the Vision Funds",
    "ビジョン・ファンドへの要求収益率",
    "對願景基金要求的報酬率",
    "Return of a year of SoftBank's unlisted holdings below which all its holders but insurers sell its shares.",
)
SOFTBANK_RISK = Limit(
    "softbank_risk",
    "foreign_investors",
    "Risk limit on SoftBank abroad",
    "海外投資家のソフトバンク株リスク枠",
    "外資軟銀股票風險上限",
    "Volatility of SoftBank's shares that an investor abroad bears; it sells as this is passed.",
)
SOFTBANK_BONDS = Limit(
    "softbank_bond_market",
    "softbank",
    "SoftBank's bond market",
    "ソフトバンク債の発行余地",
    "軟銀發債空間",
    "Bonds that the market takes in a month: fewer as loan-to-value rises, half after a downgrade, none at the limit.",
)

EVERY_LIMIT = (
    *LIMITS,
    BANK_RATE_RISK,
    INSURER_COVER,
    INSURER_LOSS_BUDGET,
    BANK_SUPERLONGS,
    INSURER_SUPERLONGS,
    BOND_ARBITRAGE,
    BAND_OF_BONDS,
    BAND_ABROAD,
    BAND_OF_SHARES,
    SOFTBANK_MARGIN,
    SOFTBANK_IMPAIRMENT,
    SOFTBANK_RISK,
    SOFTBANK_RETURN,
    SOFTBANK_BONDS,
)
"""Every limit of the model, in the order of the outcomes."""
