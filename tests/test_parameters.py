"""Parameters: tables are checked as a whole, and a user's mistakes come back together with what would be right."""

import copy
import csv
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import itcho.model.parameters
from itcho.agents.errors import InputError
from itcho.model.economy import JapanEconomy
from itcho.model.parameters import (
    KNOWN,
    OutOfBounds,
    Parameter,
    Parameters,
    UnknownName,
    read_tables,
    registry,
    seeded_draws,
)
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS

HEADER = "name,value,unit,low,high,known,source,note\n"
DEFINITIONS = {
    "tax_elasticity": Parameter("tax_elasticity", 1.1, "elasticity", 1.0, 1.3, "read", "RIETI"),
    "beta_share": Parameter("beta_share", 0.5, "share", 0.0, 1.0, "judgement", "judgement"),
}


@pytest.fixture
def small() -> Parameters:
    return Parameters(DEFINITIONS)


def test_every_shipped_parameter_is_complete_and_within_its_bounds() -> None:
    assert len(registry()) > 10
    for parameter in registry().values():
        assert parameter.low <= parameter.value <= parameter.high
        assert parameter.known in KNOWN
        assert parameter.unit
        assert parameter.source


def test_every_table_of_the_package_is_read() -> None:
    tables = Path(itcho.model.parameters.__file__).parent.glob("*.csv")
    rows = sum(len(list(csv.reader(table.read_text().splitlines()))) - 1 for table in tables)
    assert len(registry()) == rows


def test_mistakes_of_all_tables_are_listed_at_once() -> None:
    first = HEADER + "a_pct,5,pct,0,4,read,MOF,\nb,1,,0,2,guess,,\n"
    rows = ("a_pct,1,pct,0,4", "Replace,1,x,0,1", "replace,1,x,0,1", "c,one,x,0,1")
    second = HEADER + "".join(f"{row},read,MOF,\n" for row in rows)
    with pytest.raises(InputError) as caught:
        read_tables([("first.csv", first), ("second.csv", second), ("third.csv", "name,value\nx,1\n")])
    text = "\n".join(caught.value.messages)
    for expected in (
        "first.csv line 2: a_pct: value 5 is outside [0, 4] pct",
        "b: known 'guess' is not one of",
        "b: unit is missing",
        "b: source is missing",
        "second.csv line 2: a_pct is already given in first.csv line 2",
        "'Replace' is not snake_case",
        "'replace' is a method",
        "c: value 'one' is not a finite number",
        "third.csv: columns are",
    ):
        assert expected in text
    assert len(caught.value.messages) == 9


def test_a_cell_too_many_is_a_mistake_and_not_a_shift() -> None:
    with pytest.raises(InputError, match="quote a cell"):
        read_tables([("t.csv", HEADER + "a,1,x,0,2,read,MOF, Tokyo,note\n")])


def test_values_are_read_by_attribute_and_cannot_be_changed(small: Parameters) -> None:
    assert small.tax_elasticity == small["tax_elasticity"] == 1.1
    with pytest.raises(AttributeError, match=re.escape("replace(tax_elasticity=...)")):
        small.tax_elasticity = 2.0  # type: ignore[misc]
    with pytest.raises(AttributeError, match="nearest: tax_elasticity"):
        _ = small.tax_elasticty
    assert dict(small) == {"tax_elasticity": 1.1, "beta_share": 0.5}


def test_replace_makes_a_copy_and_tells_what_differs(small: Parameters) -> None:
    changed = small.replace(tax_elasticity=1.25)
    assert small.tax_elasticity == 1.1
    assert dict(changed) == {"tax_elasticity": 1.25, "beta_share": 0.5}
    assert changed.differences() == {"tax_elasticity": (1.1, 1.25)}
    assert small.differences() == {}
    assert changed != small
    assert hash(changed.replace(tax_elasticity=1.1)) == hash(small)


def test_one_mistake_has_its_own_type(small: Parameters) -> None:
    with pytest.raises(UnknownName, match="'beta_shre'; nearest: beta_share"):
        small.replace(beta_shre=0.1)
    with pytest.raises(OutOfBounds, match=re.escape("tax_elasticity = 3 is outside [1, 1.3] elasticity")):
        small.replace(tax_elasticity=3)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "much", None])
def test_what_is_no_number_is_out_of_bounds(small: Parameters, value: float) -> None:
    with pytest.raises(OutOfBounds):
        small.replace(beta_share=value)


def test_several_mistakes_come_together(small: Parameters) -> None:
    with pytest.raises(InputError) as caught:
        small.replace(beta_shre=0.1, tax_elasticity=3, gamma=1, beta_share=0.2)
    assert len(caught.value.messages) == 3
    assert not isinstance(caught.value, UnknownName | OutOfBounds)


def test_draws_stay_within_bounds_and_follow_the_seed(small: Parameters) -> None:
    draws = seeded_draws(200, rng=np.random.default_rng(5), base=small)
    assert draws == seeded_draws(200, rng=np.random.default_rng(5), base=small)
    values = np.array([list(draw.values()) for draw in draws])
    assert (values >= [1.0, 0.0]).all()
    assert (values <= [1.3, 1.0]).all()
    assert np.ptp(values[:, 0]) > 0.25
    only = seeded_draws(3, ["beta_share"], rng=np.random.default_rng(5), base=small)
    assert all(draw.tax_elasticity == 1.1 for draw in only)
    with pytest.raises(UnknownName):
        seeded_draws(1, ["gamma"], rng=np.random.default_rng(5), base=small)


def test_a_copy_from_another_process_is_equal(small: Parameters) -> None:
    for parameters in (small.replace(beta_share=0.25), Parameters()):
        assert pickle.loads(pickle.dumps(parameters)) == parameters
        assert copy.deepcopy(parameters) == parameters


def test_frame_shows_value_beside_default(small: Parameters) -> None:
    frame = small.replace(beta_share=0.25).to_frame()
    assert frame.loc["beta_share", "value"] == 0.25
    assert frame.loc["beta_share", "default"] == 0.5
    assert frame.loc["tax_elasticity", "source"] == "RIETI"


class NotingParameters(Parameters):
    """Parameters that note which of them are read."""

    def __getattribute__(self, name: str) -> object:
        if not name.startswith("_"):
            NOTED.add(name)
        return super().__getattribute__(name)

    def __getitem__(self, name: str) -> float:
        NOTED.add(name)
        return super().__getitem__(name)


NOTED: set[str] = set()


def test_every_parameter_is_read() -> None:
    """A number that nothing reads would be offered, documented and sampled, and do nothing."""
    parameters = NotingParameters()
    few = {"investors": 60, "importers": 50, "adopters": 60}
    for name in POLICIES:
        JapanEconomy(policy=name, rng=2, parameters=parameters, **few).run(years=2)
    for name in SCENARIOS:
        JapanEconomy(scenario=name, rng=2, parameters=parameters, **few).run(years=2)
    # What only a failure, a rescue or a margin call reads is looked for in the text.
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("agents", "model")
        for path in (Path(itcho.model.parameters.__file__).parents[2] / folder).rglob("*.py")
    )
    named = set(re.findall(r"\b(?:p|parameters)\.([a-z]\w+)", text))
    assert not set(parameters) - NOTED - named


def test_the_size_of_the_carry_book_reaches_traders_and_ledger() -> None:
    usual, large = JapanEconomy(rng=3), JapanEconomy(rng=3, parameters={"carry_book_ratio": 1.5})
    for economy in (usual, large):
        economy.run(years=1)
    opening = [economy.world.opening.carry_book_bn_usd for economy in (usual, large)]
    assert opening[1] == pytest.approx(1.5 * opening[0], rel=1e-12)
    assert 200.0 < opening[0] < 300.0
    members, booked = large.carry_dollars_identity()
    assert members == pytest.approx(booked, rel=1e-9)
    assert large.state.usdjpy != usual.state.usdjpy


@pytest.mark.parametrize("name", ["self", "definitions", "_definitions", "overrides"])
def test_a_name_of_the_code_is_an_unknown_parameter_like_any_other(name: str) -> None:
    with pytest.raises(UnknownName, match=f"no parameter '{name}'"):
        Parameters().replace(**{name: 1.0})


def test_a_number_that_no_float_holds_is_out_of_bounds() -> None:
    with pytest.raises(OutOfBounds, match="carry_book_ratio"):
        Parameters().replace(carry_book_ratio=10**400)
