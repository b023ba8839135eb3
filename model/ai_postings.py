"""Payments for AI services: from users in Japan to AI firms here and to suppliers abroad, and from users abroad."""

from __future__ import annotations

from typing import Any

import numpy as np

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
    home = shares.T @ np.stack([month.model_revenue, month.cloud_revenue, month.application_revenue])
    ledger.pay(PAYERS, everyone, home, "ai_services")
    abroad = (*(laboratory.name for laboratory in laboratories), FOREIGN_GOODS)
    for payer, (model, cloud, application) in zip(PAYERS, shares.T.tolist(), strict=True):
        others = cloud * month.foreign_cloud + application * month.foreign_applications
        ledger.pay(payer, abroad, np.append(model * month.laboratory_revenue, others), "ai_services_imports")
        if payer != FIRMS:
            ledger.pay(payer, FIRMS, application * month.integrators, "ai_services")
    ledger.pay(FOREIGN_GOODS, everyone, month.export_revenue, "ai_services_exports")
