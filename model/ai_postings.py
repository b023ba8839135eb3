"""Payments for AI services: from users in Japan to AI firms here and to suppliers abroad, and from users abroad."""

from __future__ import annotations

from typing import Any

from agents.population import MemberRows
from agents.vocabulary import FIRMS, FOREIGN_GOODS, HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY
from model.ledger import Ledger

PAYERS = (FIRMS, HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY)
"""Who buys AI services, in the order of the columns of ``spending_trn_yen``."""


def ai_services_imports(month: Any) -> float:
    """AI services of the month bought from abroad, trillion yen."""
    return float(month.laboratory_revenue.sum()) + month.foreign_cloud + month.foreign_applications


def post_ai_services(ledger: Ledger, importers: Any, laboratories: list[Any], month: Any) -> None:
    """Book the month's sales of AI services.

    Each payer pays its part of each layer; foreign clouds and applications are paid to the trade partners abroad, and
    applications that other firms in Japan integrate are paid to them.
    """
    spending = month.spending_trn_yen
    shares = spending / spending.sum(axis=1, keepdims=True)
    everyone = MemberRows(importers)
    for column, payer in enumerate(PAYERS):
        model, cloud, application = shares[:, column]
        home = model * month.model_revenue + cloud * month.cloud_revenue + application * month.application_revenue
        ledger.pay(payer, everyone, home, "ai_services")
        for laboratory, sales in zip(laboratories, month.laboratory_revenue.tolist(), strict=True):
            ledger.pay(payer, laboratory.name, model * sales, "ai_services_imports")
        abroad = cloud * month.foreign_cloud + application * month.foreign_applications
        ledger.pay(payer, FOREIGN_GOODS, float(abroad), "ai_services_imports")
        if payer != FIRMS:
            ledger.pay(payer, FIRMS, float(application * month.integrators), "ai_services")
    ledger.pay(FOREIGN_GOODS, everyone, month.export_revenue, "ai_services_exports")
