"""Streams: the published recipe bit for bit, apart from each other, the same in any process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from numpy.random import SFC64, Generator, SeedSequence

from itcho.agents.errors import InputError
from itcho.model.randomness import SETUP_MONTH, Streams, coerce_seed

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("seed", [0, 1, 42, 2**32 - 1, 2**32, 2**53 + 1, 2**64, 2**127, 2**128 + 5, 2**200 + 7])
@pytest.mark.parametrize("name", ["foreign_exchange", "us_rate", "", "日本"])
def test_a_stream_is_numpys_own_seed_sequence(seed: int, name: str) -> None:
    streams = Streams(seed)
    for month in (0, 1, 119, 127, 128, 1000):
        key = (crc32(name.encode()), month)
        expected = Generator(SFC64(SeedSequence(seed, spawn_key=key))).integers(2**63, size=4)
        assert np.array_equal(streams.generator(name, month).integers(2**63, size=4), expected)
    key = (crc32(name.encode()), SETUP_MONTH)
    expected = Generator(SFC64(SeedSequence(seed, spawn_key=key))).random(3)
    assert np.array_equal(streams.setup(name).random(3), expected)


def test_the_same_call_gives_the_same_draws_whatever_was_drawn_before() -> None:
    quiet, busy = Streams(7), Streams(7)
    for month in range(5):
        busy.generator("policy", month).random(1000)
        busy.generator("news", month).random(month)
    assert np.array_equal(quiet.normals("news", 4, (21, 3)), busy.normals("news", 4, (21, 3)))
    assert np.array_equal(quiet.normals("news", 4, 5), quiet.normals("news", 4, 5))


def test_streams_months_seeds_and_setup_differ() -> None:
    streams = Streams(7)
    draws = [
        streams.normals("news", 0, 4),
        streams.normals("news", 1, 4),
        streams.normals("rate", 0, 4),
        Streams(8).normals("news", 0, 4),
        streams.setup("news").standard_normal(4),
    ]
    assert len({tuple(draw) for draw in draws}) == len(draws)


def test_distributions() -> None:
    streams = Streams(11)
    normals = streams.normals("a", 0, 200_000)
    heavy = streams.student_t("b", 0, (1000, 400), 5.0)
    uniforms = streams.uniforms("c", 0, 200_000)
    assert heavy.shape == (1000, 400)
    assert normals.mean() == pytest.approx(0.0, abs=0.01)
    assert normals.std() == pytest.approx(1.0, abs=0.01)
    assert heavy.std() == pytest.approx(1.0, abs=0.02)
    assert (np.abs(heavy) > 4).mean() > 10 * (np.abs(normals) > 4).mean()
    assert (uniforms.min() >= 0, uniforms.max() < 1) == (True, True)
    assert uniforms.mean() == pytest.approx(0.5, abs=0.005)
    with pytest.raises(ValueError, match="no variance"):
        streams.student_t("b", 0, 3, 2.0)


def test_noise_off_switches_shocks_off_and_leaves_construction_alone() -> None:
    loud, still = Streams(5), Streams(5, noise_off=True)
    assert not still.normals("a", 0, (2, 3)).any()
    assert not still.student_t("a", 0, 4, 3.0).any()
    assert still.uniforms("a", 0, 2).tolist() == [0.5, 0.5]
    assert np.array_equal(loud.setup("graph").random(5), still.setup("graph").random(5))
    assert np.array_equal(loud.generator("graph", 2).random(5), still.generator("graph", 2).random(5))


def test_names_that_would_share_draws_are_refused() -> None:
    # Two words with the same crc32.
    assert crc32(b"plumless") == crc32(b"buckeroo")
    streams = Streams(1)
    streams.generator("plumless", 0)
    with pytest.raises(ValueError, match="rename one"):
        streams.generator("buckeroo", 0)
    with pytest.raises(ValueError, match="rename one"):
        streams.setup("buckeroo")


@pytest.mark.parametrize("month", [-1, SETUP_MONTH])
def test_a_month_out_of_range_is_refused(month: int) -> None:
    with pytest.raises(ValueError, match="month"):
        Streams(1).generator("news", month)


def test_another_process_draws_the_same_bits() -> None:
    program = (
        "from itcho.model.randomness import Streams; s = Streams(42);"
        "print(s.normals('news', 3, 3).tobytes().hex(), s.setup('graph').random(2).tobytes().hex())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    streams = Streams(42)
    assert printed == [
        streams.normals("news", 3, 3).tobytes().hex(),
        streams.setup("graph").random(2).tobytes().hex(),
    ]


@pytest.mark.parametrize(
    ("given", "seed"), [(42, 42), ("42", 42), (" 42 ", 42), (42.0, 42), (np.int64(42), 42), (0, 0), (2**70, 2**70)]
)
def test_seeds_are_coerced(given: object, seed: int) -> None:
    assert coerce_seed(given) == seed
    assert type(coerce_seed(given)) is int


def test_fresh_and_derived_seeds() -> None:
    assert coerce_seed(None) != coerce_seed("")
    assert coerce_seed(SeedSequence(3)) == coerce_seed(SeedSequence(3))
    assert coerce_seed(np.random.default_rng(3)) == coerce_seed(np.random.default_rng(3))


@pytest.mark.parametrize("wrong", ["forty-two", "4.5", 4.5, -1, "-1", float("nan"), float("inf")])
def test_wrong_seeds_are_named(wrong: object) -> None:
    with pytest.raises(InputError, match="rng must be a whole number"):
        coerce_seed(wrong)


@pytest.mark.parametrize("wrong", [True, [1], {}])
def test_seeds_of_wrong_type_are_named(wrong: object) -> None:
    with pytest.raises(InputError, match="rng must be a whole number"):
        coerce_seed(wrong)


def test_draws_made_ahead_are_those_of_their_month() -> None:
    streams = Streams(9)
    for month in range(15):
        generator = Streams(9).generator("news", month)
        assert np.array_equal(streams.normals("news", month, 3), generator.standard_normal(3))
        heavy = Streams(9).generator("shocks", month).standard_t(5.0, (2, 3)) * np.sqrt(3.0 / 5.0)
        assert np.array_equal(streams.student_t("shocks", month, (2, 3), 5.0), heavy)
        assert np.array_equal(streams.normals("size", month, month % 3), Streams(9).normals("size", month, month % 3))
    assert np.array_equal(streams.normals("news", 14, 3), Streams(9).normals("news", 14, 3))
    assert np.array_equal(streams.normals("news", 2, 5), Streams(9).normals("news", 2, 5))
