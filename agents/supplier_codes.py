"""Codes of suppliers of AI services: importer rows from 0 up, and numbers below zero for suppliers without a row."""

from __future__ import annotations

NO_SUPPLIER = -999
"""Of a firm that uses no AI."""
FIRST_LABORATORY = -1
"""Laboratory k is -1 - k."""
FIRST_INTEGRATOR = -100
"""Integrator k, one of the other firms in Japan, is -100 - k; it is paid as `FIRMS`."""
INTEGRATORS = 12
FIRST_VENDOR_ABROAD = -200
"""Vendor k of applications abroad is -200 - k; it is paid as `FOREIGN_GOODS`."""
VENDORS_ABROAD = 4
OPEN_WEIGHTS = -300
"""Models whose weights are free: whoever runs one pays the cloud that hosts it."""
