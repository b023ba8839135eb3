"""Named random streams: what one stream draws never shifts another, and no month depends on the months before.

The stream ``name`` of month ``m`` is the generator that numpy makes from
``SeedSequence(seed, spawn_key=(crc32(name), m))``, the same bits in every process.  A run asks for some thousand of
them, and making a ``SeedSequence`` costs more than drawing a month from it; :class:`Streams` therefore works out the
starting states of many months of a stream at once, by the same published hash, and hands numpy the ready words.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from math import inf, sqrt
from zlib import crc32

import numpy as np
from numpy.random import SFC64, Generator, SeedSequence
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import DTypeLike, NDArray

from itcho.agents.compiled import njit
from itcho.agents.errors import InputError

Array = NDArray[np.float64]
Shape = int | tuple[int, ...]

SETUP_MONTH = 2**32 - 1
"""The month number under which construction draws are made."""

_REDRAWN = 2**40
"""What is added to the seed of streams that are drawn anew."""
_MONTHS_AT_ONCE = 128
_STATE_WORDS = 3  # 64-bit words that SFC64 starts from
_POOL_WORDS = 4
# Constants of the seed-sequence hash (M. E. O'Neill, randutils, 2015; numpy.random.SeedSequence).
_ENTROPY_INIT, _ENTROPY_FACTOR = 0x43B0D7E5, 0x931E8875
_OUTPUT_INIT, _OUTPUT_FACTOR = 0x8B51F9DD, 0x58F38DED
_MIX_LEFT, _MIX_RIGHT = 0xCA01F9DD, 0x4973F715
_WORD = 2**32

Seed = int | str | np.int64 | np.random.SeedSequence | np.random.Generator | None
"""What a user may give as a seed; see :func:`coerce_seed`."""


def coerce_seed(rng: object = None) -> int:
    """The whole-number seed meant by what a user gave as ``rng``.

    Parameters
    ----------
    rng : a whole number, also as text (``"42"``, as browser fields give it) or numpy scalar; None or empty text for a
        fresh seed; a ``SeedSequence`` or ``Generator`` (one number is drawn from it).

    Raises
    ------
    InputError : it is not a whole number from 0 up.
    """
    if rng is None or (isinstance(rng, str) and not rng.strip()):
        return secrets.randbelow(2**53)  # survives JSON and spreadsheets
    if isinstance(rng, SeedSequence):
        return int(rng.generate_state(1, np.uint64)[0])
    if isinstance(rng, Generator):
        return int(rng.integers(2**53))
    if isinstance(rng, (bool, np.bool_)) or not isinstance(rng, (str, int, float, np.integer, np.floating)):
        raise InputError(f"rng must be a whole number such as 42, not {rng!r}")
    try:
        seed = int(rng)
    except (ValueError, OverflowError):
        raise InputError(f"rng must be a whole number such as 42, not {rng!r}") from None
    if seed < 0 or (not isinstance(rng, str) and seed != rng):
        raise InputError(f"rng must be a whole number from 0 up, not {rng!r}")
    return seed


class _ReadyState(ISeedSequence):
    """A seed sequence whose words are already known."""

    def __init__(self, words: NDArray[np.uint64]) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: DTypeLike = np.uint32) -> NDArray[np.uint64]:
        """The ready words; only the number and type that SFC64 asks for."""
        if n_words != _STATE_WORDS or not (dtype is np.uint64 or np.dtype(dtype) == np.uint64):
            raise ValueError("these words start an SFC64 generator and nothing else")
        return self.words


def _started(words: NDArray[np.uint64]) -> Generator:
    """A generator that starts from these words."""
    return Generator(SFC64(_ReadyState(words)))  # type: ignore[arg-type]  # any ISeedSequence will do


def _starting_states(seed: int, stream_key: int, first_month: int, months: int) -> NDArray[np.uint64]:
    """What ``SeedSequence(seed, spawn_key=(stream_key, m)).generate_state(3, uint64)`` gives for consecutive months.

    The month is the last word that the hash takes in, so numpy's own pool of (seed, stream) is carried one word further
    for each month.  Returns an array (months × 3).
    """
    seed_words = max(_POOL_WORDS, -(-seed.bit_length() // 32))
    # One hash step per word of the pool, one per ordered pair of them, four for each further word (with the stream).
    steps = _POOL_WORDS * _POOL_WORDS + _POOL_WORDS * (seed_words - _POOL_WORDS + 1)
    constant = _ENTROPY_INIT * pow(_ENTROPY_FACTOR, steps, _WORD) % _WORD
    pool = SeedSequence(seed, spawn_key=(stream_key,)).pool.astype(np.int64)
    state = np.empty((months, 2 * _STATE_WORDS), dtype=np.uint32)
    _hash_months(pool, constant, first_month, state)
    return state.astype("<u4", copy=False).view("<u8").astype(np.uint64, copy=False)


@njit(cache=True)
def _hash_months(pool: NDArray[np.int64], constant: int, first_month: int, state: NDArray[np.uint32]) -> None:
    """Write the words of each month's starting state from ``first_month`` on, (months × words).

    ``constant`` is where the hash of entropy stands after the seed and the stream.  Words are 32 bits of wider whole
    numbers, so that compiled and plain Python agree.
    """
    low = _WORD - 1
    mixed = np.empty(pool.size, np.int64)
    for k in range(len(state)):
        factor = constant
        for place in range(pool.size):
            hashed = (first_month + k) ^ factor
            factor = factor * _ENTROPY_FACTOR & low
            hashed = hashed * factor & low
            hashed ^= hashed >> 16
            word = int(pool[place]) * _MIX_LEFT - hashed * _MIX_RIGHT & low
            mixed[place] = word ^ (word >> 16)
        factor = _OUTPUT_INIT
        for place in range(state.shape[1]):
            word = int(mixed[place % pool.size]) ^ factor
            factor = factor * _OUTPUT_FACTOR & low
            word = word * factor & low
            state[k, place] = word ^ (word >> 16)


class Streams:
    """The random streams of one run.

    Parameters
    ----------
    seed : the run's seed, a whole number from 0 up.
    noise_off : whether shocks are switched off: :meth:`normals` and :meth:`student_t` then give zeros and
        :meth:`uniforms` one half.  Construction draws and :meth:`generator` are not touched.

    Raises
    ------
    ValueError : a negative seed.
    """

    def __init__(self, seed: int, noise_off: bool = False) -> None:
        self.seed = coerce_seed(int(seed))
        self.noise_off = noise_off
        self._states: dict[str, NDArray[np.uint64]] = {}
        self._ahead: dict[str, tuple[tuple[Shape, float], dict[int, Array]]] = {}
        self._name_of_key: dict[int, str] = {}

    def _key(self, name: str) -> int:
        key = crc32(name.encode())
        if self._name_of_key.setdefault(key, name) != name:
            raise ValueError(f"streams {name!r} and {self._name_of_key[key]!r} would draw the same numbers; rename one")
        return key

    def generator(self, name: str, month: int) -> Generator:
        """A fresh generator of stream ``name`` for month ``month`` (0 is the first month of the run).

        The same call gives the same draws again.  A month's sessions are drawn as one block from it.

        Raises
        ------
        ValueError : a month below 0, or two names with the same key.
        """
        if month < 0:
            raise ValueError(f"month {month} lies before the run; the first month is 0, construction draws use setup()")
        states = self._states.get(name)
        if states is None or month >= len(states):
            if month >= SETUP_MONTH:
                raise ValueError(f"month {month} is out of range")
            months = -(-(month + 1) // _MONTHS_AT_ONCE) * _MONTHS_AT_ONCE
            states = self._states[name] = _starting_states(self.seed, self._key(name), 0, months)
        return _started(states[month])

    def setup(self, name: str) -> Generator:
        """The construction stream ``name``: graph, opening endowments and the like; never switched off."""
        return Generator(SFC64(SeedSequence(self.seed, spawn_key=(self._key(name), SETUP_MONTH))))

    def normals(self, name: str, month: int, shape: Shape) -> Array:
        """Standard normal draws of the month, as one block; zeros with the noise off."""
        return np.zeros(shape) if self.noise_off else self._draws(name, month, shape, inf)

    def student_t(self, name: str, month: int, shape: Shape, degrees_of_freedom: float) -> Array:
        """Student t draws of the month scaled to unit variance; zeros with the noise off.

        Raises
        ------
        ValueError : two degrees of freedom or fewer, for which there is no variance.
        """
        if degrees_of_freedom <= 2:
            raise ValueError(f"{degrees_of_freedom} degrees of freedom have no variance; more than 2 are needed")
        if self.noise_off:
            return np.zeros(shape)
        return self._draws(name, month, shape, degrees_of_freedom)

    def _draws(self, name: str, month: int, shape: Shape, degrees_of_freedom: float) -> Array:
        """Student t draws of unit variance; normal ones for infinitely many degrees of freedom.

        A stream that is asked for the same month by month is drawn to the end of the year at once, at half the cost.
        """
        wanted = shape, degrees_of_freedom
        before, ready = self._ahead.get(name, (None, {}))
        if before == wanted and month in ready:
            return ready.pop(month)
        last = month // 12 * 12 + 11 if before == wanted else month
        ready = {}
        for later in range(month, last + 1):
            generator = self.generator(name, later)
            if degrees_of_freedom == inf:
                ready[later] = generator.standard_normal(shape)
            else:
                ready[later] = generator.standard_t(degrees_of_freedom, shape)
                ready[later] *= sqrt((degrees_of_freedom - 2.0) / degrees_of_freedom)
        self._ahead[name] = wanted, ready
        return ready.pop(month)

    def uniforms(self, name: str, month: int, shape: Shape) -> Array:
        """Uniform draws on [0, 1) of the month, as one block; one half with the noise off."""
        return np.full(shape, 0.5) if self.noise_off else self.generator(name, month).random(shape)


class RedrawnStreams(Streams):
    """The streams of a run, some of them drawn anew; all others give the same bits.

    Parameters
    ----------
    seed, noise_off : as for :class:`Streams`.
    redrawn : names of the streams that draw other numbers.
    """

    def __init__(self, seed: int, noise_off: bool = False, redrawn: Collection[str] = ()) -> None:
        super().__init__(seed, noise_off)
        self.redrawn = frozenset(redrawn)
        self._others = Streams(self.seed + _REDRAWN, noise_off)

    def generator(self, name: str, month: int) -> Generator:
        """As :meth:`Streams.generator`."""
        return self._others.generator(name, month) if name in self.redrawn else super().generator(name, month)

    def setup(self, name: str) -> Generator:
        """As :meth:`Streams.setup`."""
        return self._others.setup(name) if name in self.redrawn else super().setup(name)
