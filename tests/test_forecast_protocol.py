"""The protocol's page and the protocol's code say the same, and results carry the page's hash."""

from __future__ import annotations

import hashlib
import math
import re

import itcho.experiments.forecasts.protocol as protocol
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.model.parameters import registry
from tests.children import ROOT

PAGE = ROOT / "docs" / "forecast_protocol.md"


def test_results_carry_the_hash_of_the_page() -> None:
    assert hashlib.sha256(PAGE.read_bytes()).hexdigest() == protocol.PROTOCOL_SHA256


def test_series_and_rivals_of_the_page_are_those_of_the_code() -> None:
    tables = re.findall(r"^\| (`[^|]+`) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    names = [name for cell in tables for name in re.findall(r"`(\w+)`", cell)]
    rivals = [
        "no_change_quarter", "no_change_last_month", "mean_history", "mean_40_quarters", "ar_1", "ar_4", "var_1",
        "bvar_4", "composite", "cabinet_office_outlook",
    ]  # fmt: skip
    assert names == [*protocol.SERIES, *rivals, protocol.FROZEN]


def test_weights_are_those_of_the_five_horizons() -> None:
    assert math.fsum(protocol.HORIZON_WEIGHTS) == 1.0
    assert len(protocol.HORIZON_WEIGHTS) == len(protocol.HORIZONS)
    assert protocol.TARGET_OF["usdjpy"].horizons == (1, 2, 4, 8, 12)
    assert protocol.TARGET_OF["current_account_trn_yen_fy"].horizons == (4, 8, 12)


def test_frozen_channels_name_parameters_that_exist() -> None:
    frozen = [row["parameter"] for row in read_table("frozen_channels.csv")]
    assert len(set(frozen)) == len(frozen)
    assert set(frozen) <= set(registry())
