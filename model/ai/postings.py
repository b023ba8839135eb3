"""Payments for AI services: from users in Japan to AI firms here and to suppliers abroad, and from users abroad."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import Importers
from itcho.agents.compiled import njit, total
from itcho.agents.population import MemberRows
from itcho.agents.vocabulary import FIRMS, FOREIGN_GOODS, HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY
from itcho.model.ai.records import AIServicesMonth
from itcho.model.ledger.ledger import Ledger

FloatArray = NDArray[np.float64]

PAYERS = (FIRMS, HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY)
"""Who buys AI services, in the order of the columns of ``spending_trn_yen``."""

AT_HOME, IMPORTS, EXPORTS = "ai_services", "ai_services_imports", "ai_services_exports"
"""Purposes in the ledger."""

_BUYERS = (*PAYERS, FOREIGN_GOODS)
_PURPOSES = (*[AT_HOME] * len(PAYERS), EXPORTS)


def ai_services_imports(month: AIServicesMonth) -> float:
    """AI services of the month bought from abroad, trillion yen."""
    return total(month.laboratory_revenue) + month.foreign_cloud + month.foreign_applications


def post_ai_services(
    ledger: Ledger, importers: Importers, laboratories: tuple[str, ...], month: AIServicesMonth
) -> None:
    """Book the month's sales of AI services.

    Each payer pays its part of each layer; foreign clouds and applications are paid to the trade partners abroad, and
    applications that other firms in Japan integrate are paid to them.
    """
    to_importers, to_suppliers = bills(
        month.spending_trn_yen,
        month.sales_trn_yen,
        month.model_sales_to_households,
        month.laboratory_revenue,
        month.laboratory_revenue_of_households,
        month.integrators,
        month.foreign_cloud,
        month.foreign_applications,
    )
    payers, suppliers, purposes = _pairs(laboratories)
    ledger.pay(payers, suppliers, to_suppliers.ravel(), purposes)
    ledger.pay(_BUYERS, MemberRows(importers, slice(None)), to_importers, _PURPOSES)


@cache
def _pairs(laboratories: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Payer, payee and purpose of what each payer pays each supplier that is no importer: supplier by supplier."""
    suppliers = (FIRMS, AT_HOME), *((name, IMPORTS) for name in (*laboratories, FOREIGN_GOODS))
    rows = [(payer, supplier, purpose) for supplier, purpose in suppliers for payer in PAYERS]
    payers, payees, purposes = zip(*rows, strict=True)
    return payers, payees, purposes


@njit(cache=True)
def bills(
    spending: FloatArray,
    sales: FloatArray,
    to_households: FloatArray,
    laboratory_revenue: FloatArray,
    laboratory_revenue_of_households: FloatArray,
    integrators: float,
    foreign_cloud: float,
    foreign_applications: float,
) -> tuple[FloatArray, FloatArray]:
    """What each supplier is paid by each payer.

    Households choose their models themselves; organisations, of which government is a part, buy a layer in the same
    proportions, and so do all payers clouds and applications.

    Parameters
    ----------
    spending : (layers, payers), trillion yen.
    sales : (layers and exports, importers), trillion yen.
    to_households : (importers,) the part of the model layer's that households buy.
    laboratory_revenue, laboratory_revenue_of_households : the same of laboratories.
    integrators, foreign_cloud, foreign_applications : what the other suppliers are paid.

    Returns
    -------
    Trillion yen paid to importers by the payers and, last, by users abroad, (payers + 1, importers); and paid by the
    payers to integrators, to each laboratory, and for clouds and applications abroad, (laboratories + 2, payers).
    """
    laboratories, importers = laboratory_revenue.size, sales.shape[1]
    to_importers = np.empty((4, importers))
    to_suppliers = np.empty((laboratories + 2, 3))
    for payer in range(3):
        # Of what organisations buy, or of what households do.
        organisations = 0.0 if payer == 1 else spending[0, payer] / (spending[0, 0] + spending[0, 2])
        people = 1.0 if payer == 1 else 0.0
        cloud = spending[1, payer] / (spending[1, 0] + spending[1, 1] + spending[1, 2])
        application = spending[2, payer] / (spending[2, 0] + spending[2, 1] + spending[2, 2])
        for i in range(importers):
            model = organisations * (sales[0, i] - to_households[i]) + people * to_households[i]
            to_importers[payer, i] = model + cloud * sales[1, i] + application * sales[2, i]
            to_importers[3, i] = sales[3, i]
        to_suppliers[0, payer] = application * integrators
        for k in range(laboratories):
            own = laboratory_revenue_of_households[k]
            to_suppliers[1 + k, payer] = organisations * (laboratory_revenue[k] - own) + people * own
        to_suppliers[1 + laboratories, payer] = cloud * foreign_cloud + application * foreign_applications
    return to_importers, to_suppliers
