"""Behaviours of a user's own: what they are asked, that they are heeded, and that their answers are checked."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.behaviours import AS_MODELLED, BEHAVIOURS, Behaviours, behaviour
from itcho.agents.carry_traders import carry_appetite
from itcho.agents.compiled import njit
from itcho.agents.errors import DecisionError, InputError
from itcho.agents.households import believed_inflation_pct
from itcho.agents.speculative_traders import DollarValue
from itcho.experiments.cli.commands import app
from itcho.model.economy import JapanEconomy
from itcho.model.parameters import Parameters

SIZES: dict[str, int] = {"investors": 100, "importers": 50, "adopters": 60}
P = Parameters()


def economy(behaviours: Behaviours | None = None, years: int = 1) -> JapanEconomy:
    return JapanEconomy(rng=4, years=years, behaviours=behaviours, **SIZES).run()


@pytest.fixture(scope="module")
def as_modelled() -> Any:
    return economy().monthly_table()


@njit(cache=False)
def compiled_expectations(seen_pct: float, anchor_pct: float) -> float:
    return 0.5 * seen_pct + 0.5 * anchor_pct


@pytest.mark.parametrize(
    "same",
    [
        Behaviours(expectations=lambda seen, anchor: believed_inflation_pct(seen, anchor, P)),
        Behaviours(carry=lambda gap, expected: carry_appetite(gap, expected, P)),
        Behaviours(supplier_choice=lambda utility, price, at_home: utility),
    ],
    ids=lambda one: next(iter(one.replaced)),
)
def test_the_models_own_text_as_a_function_gives_the_same_bits(same: Behaviours, as_modelled: Any) -> None:
    assert economy(same).monthly_table().equals(as_modelled)


def test_a_compiled_function_serves_as_a_plain_one_does() -> None:
    compiled = economy(Behaviours(expectations=compiled_expectations)).monthly_table()
    plain = economy(Behaviours(expectations=lambda seen, anchor: 0.5 * seen + 0.5 * anchor)).monthly_table()
    assert compiled.equals(plain)


def test_savers_who_want_less_consume_less(as_modelled: Any) -> None:
    thrifty = economy(Behaviours(saver=lambda income, wealth, gap: 0.9)).monthly_table()
    assert thrifty["unemployment_pct"].iloc[-1] > as_modelled["unemployment_pct"].iloc[-1]


def test_a_carry_book_of_nothing_is_closed_and_the_yen_rises(as_modelled: Any) -> None:
    closed = economy(Behaviours(carry=lambda gap, expected: 0.0))
    assert closed.monthly_table()["usdjpy"].iloc[2] < as_modelled["usdjpy"].iloc[2]
    of_members, of_the_ledger = closed.carry_dollars_identity()
    assert of_members == pytest.approx(of_the_ledger)


def test_buyers_who_find_suppliers_at_home_worth_more_buy_there(as_modelled: Any) -> None:
    loyal = Behaviours(supplier_choice=lambda utility, price, at_home: utility + np.where(at_home, 2.0, 0.0))
    share = economy(loyal).monthly_table()["domestic_ai_share_home_pct"].iloc[-1]
    assert share > as_modelled["domestic_ai_share_home_pct"].iloc[-1] + 1.0


def test_traders_believe_what_their_function_says() -> None:
    """Asked with the close, what was believed, relative prices and foreign assets; doubt comes on top."""
    asked: list[tuple[float, ...]] = []

    def always_140(*seen: float) -> float:
        asked.append(seen)
        return 140.0

    value = DollarValue(150.0, P)
    believed = math.exp(value.log_value)
    value.behaviours = Behaviours(currency_trader=always_140)
    value.learn(math.log(160.0), math.log(1.02), 0.12, 0.01)
    assert asked == [pytest.approx((160.0, believed, 1.02, 0.01))]
    assert value.log_value == pytest.approx(math.log(140.0) + 0.01)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Behaviours(expectations=lambda seen, target: float("nan")), "expectations"),
        (Behaviours(carry=lambda gap, expected: -1.0), "carry"),
        (Behaviours(saver=lambda income, wealth, gap: "all"), "saver"),  # type: ignore[arg-type, return-value]
        (Behaviours(currency_trader=lambda *seen: 0.0), "currency_trader"),
        (Behaviours(supplier_choice=lambda utility, price, at_home: utility[1:]), "supplier_choice"),
    ],
)
def test_an_answer_that_means_nothing_is_told_with_its_slot(wrong: Behaviours, said: str) -> None:
    with pytest.raises(DecisionError, match=f"behaviour {said}"):
        economy(wrong)


def test_slots_have_names_and_unknown_ones_are_refused() -> None:
    assert set(BEHAVIOURS) == {"currency_trader", "carry", "saver", "expectations", "supplier_choice"}
    assert AS_MODELLED.replaced == {}
    with pytest.raises(InputError, match="nearest: expectations"):
        behaviour("expectation")


def test_an_economy_with_behaviours_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="carry"):
        JapanEconomy(rng=1, behaviours=Behaviours(carry=lambda gap, expected: 1.0), **SIZES).save(tmp_path / "x.json")


def test_a_rules_file_brings_behaviours_into_runs_and_studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    (tmp_path / "adaptive_all.py").write_text(
        "from itcho.agents.behaviours import behaviour\n\n\n"
        '@behaviour("expectations")\ndef what_is_seen(seen_pct, anchor_pct):\n    return seen_pct\n'
    )
    small = [word for name, size in SIZES.items() for word in (f"--{name}", str(size))]
    line = ["run", "--years", "1", "--seed", "4", "--no-twin", "--json", *small]
    shown = CliRunner().invoke(app, [*line, "--rules", "adaptive_all.py", "--out", "mine"])
    assert shown.exit_code == 0, shown.output
    own = economy(Behaviours(expectations=lambda seen, target: seen)).outcomes["usdjpy"]
    assert json.loads(shown.stdout)["final"]["usdjpy"] == own
    manifest = json.loads((tmp_path / "mine" / "manifest.json").read_text())
    assert manifest["behaviours"] == {"expectations": "what_is_seen"}
    study = '[study]\npolicies = ["actual"]\nseeds = 1\nyears = 1\ninvestors = 100\nimporters = 50\nadopters = 60\n'
    (tmp_path / "plain.toml").write_text(study)
    (tmp_path / "adaptive.toml").write_text(study + 'rules = "adaptive_all.py"\n')
    from itcho.experiments.studies.study_file import read_study

    keys = [{cell.key for *_, cell in read_study(tmp_path / f"{name}.toml").cells()} for name in ("plain", "adaptive")]
    assert not keys[0] & keys[1]
    compared = ["compare", "actual", "--seeds", "2", "--years", "1", "--rules", "adaptive_all.py", "--out", "compared"]
    assert CliRunner().invoke(app, [*compared, "--engine", "local", "--workers", "1", "--quiet"]).exit_code == 0
