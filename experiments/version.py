"""Which itcho this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def itcho_version() -> str:
    """The installed version, or ``not installed`` when the source tree is run as it stands."""
    try:
        return version("itcho")
    except PackageNotFoundError:
        return "not installed"
