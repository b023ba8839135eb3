"""Populations: thousands to millions of agents of one kind, held as a struct of arrays.

A :class:`Population` holds one array per attribute and no object per agent.  Its members are nevertheless Mesa agents:
``population[17]`` makes a small view whose attributes read and write row 17 of the arrays.  Views are made when asked
for and may die at once, so a plain Mesa ``AgentSet`` of them, which holds weak references, would come back empty; every
selection is therefore a :class:`MemberSet`, an ``AgentSet`` that holds row numbers instead.
"""

from __future__ import annotations

import copyreg
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Generic, NoReturn, Self, TypeAlias, TypeVar, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from itcho.agents.lazy_agent_set import (
    Arguments,
    Column,
    Key,
    LazyAgentSet,
    MemberGroups,
    Method,
    Reduction,
    Rows,
    Values,
)
from itcho.agents.mesa_typed import Agent, DataCollector, Model
from itcho.agents.places import Placed

if TYPE_CHECKING:
    import pandas as pd

    from itcho.agents.lazy_agent_set import Span, Which

ColumnsT = TypeVar("ColumnsT", bound=Mapping[str, object], covariant=True)
"""The columns of a kind of agents, as a ``TypedDict``."""

_OWN_FIELDS = frozenset({"population", "row", "model", "unique_id", "name", "pos", "scenario"})
_POPULATION_FIELDS = frozenset(
    {
        "model",
        "member_class",
        "kind",
        "columns",
        "arrays",
        "first_unique_id",
        "names",
        "positions",
        "label_of_row",
        "_size",
    }
)


class _Column:
    """Descriptor of a member class that reads one column of the population at the member's row."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, member: Member | None, owner: type | None = None) -> object:
        if member is None:
            return self
        population = member.population
        try:
            array = population._columns[self.name]
        except KeyError:
            # Kept short: reporters ask many members for what only some kinds have.
            raise AttributeError(f"{population.kind} has no attribute {self.name!r}") from None
        return array.item(member.row) if array.ndim == 1 else array[member.row]

    def __set__(self, member: Member, value: ArrayLike) -> None:
        # Members write through Member.__setattr__; having this as well makes reading skip the view's own dictionary.
        member.population.write(member.row, self.name, value)


class Member(Placed, Agent):
    """One row of a population, seen as a Mesa agent.

    Attributes are the population's columns: numbers of a one-dimensional column come out as Python scalars, rows of a
    wider one as array views.  Two views of the same row are equal and hash alike.  Views never register with the model.
    Subclass it to give the members of a kind methods of their own, and hand the subclass to :class:`Population`.
    """

    __slots__ = ("population", "row")
    population: AnyPopulation
    row: int
    pos = None

    def __init__(self, *_: object, **__: object) -> None:
        raise TypeError(f"a {type(self).__name__} is a row of a population: take it as population[row]")

    # Mesa's agents have attributes here; members have no room of their own, and their ids do not change.
    @property
    def model(self) -> Model:  # type: ignore[override]  # read-only, see above
        """The model the population lives in."""
        return self.population.model

    @property
    def unique_id(self) -> int:  # type: ignore[override]  # read-only, see above
        """The fixed Mesa id: the population's first id plus the row."""
        return self.population.first_unique_id + self.row

    @property
    def name(self) -> str:
        """The member's own name, or its kind and row."""
        return self.population.name_of_row(self.row)

    def remove(self) -> None:
        """Refuse: rows keep their place, so that random streams stay aligned.

        Raises
        ------
        TypeError : always.
        """
        raise TypeError(f"{self!r} is a row of a population and cannot be removed; reuse the row instead")

    def __setattr__(self, name: str, value: ArrayLike) -> None:
        population = self.population
        if name in population._columns:
            population.write(self.row, name, value)
        elif name in _OWN_FIELDS:
            raise AttributeError(f"{name} of {self!r} is fixed")
        elif hasattr(getattr(type(self), name, None), "__set__"):
            object.__setattr__(self, name, value)
        else:
            # A view may die at once, so an attribute of its own would be lost without a word.
            raise AttributeError(population.no_such_column(name))

    def __reduce__(self) -> tuple[object, ...]:
        return Population.member, (self.population, self.row)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Member):
            return NotImplemented
        return self.row == other.row and self.population is other.population

    def __hash__(self) -> int:
        return hash((id(self.population), self.row))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} row {self.row}: {self.name}, unique_id {self.unique_id}>"


_new_member = object.__new__
# Slots are written past Member.__setattr__, which guards users and would cost time here.
_put_population = Member.__dict__["population"].__set__
_put_row = Member.__dict__["row"].__set__


class _MadeClass(type(Member)):  # type: ignore[misc]  # Mesa chooses the metaclass of its agents
    """The type of classes made by :func:`member_class`, which no module holds under their name."""


_member_classes: dict[str, _MadeClass] = {}


def _find_made_class(made: _MadeClass) -> str | tuple[Callable[[str], _MadeClass], tuple[str]]:
    """How a class of members is found again by another process."""
    if _member_classes.get(made.__name__) is made:
        return cast(Callable[[str], _MadeClass], member_class), (made.__name__,)
    name: str = made.__qualname__
    return name


copyreg.pickle(_MadeClass, _find_made_class)


def member_class(kind: str) -> type[Member]:
    """The view class of a kind of member; the same class each time, so it can key reporters and ``agents_by_type``."""
    if not kind.isidentifier():
        raise ValueError(f"kind {kind!r} must be a class name such as 'ChipImporter'")
    if kind not in _member_classes:
        namespace = {"__slots__": (), "__doc__": f"A member of the {kind} population.", "__module__": __name__}
        _member_classes[kind] = _MadeClass(kind, (Member,), namespace)
    return _member_classes[kind]


class MemberSet(LazyAgentSet):
    """Rows of one population as a Mesa ``AgentSet``.

    Parameters
    ----------
    population : whose members.
    rows : row numbers in order; None for all.
    """

    def __init__(self, population: AnyPopulation, rows: Rows | None = None) -> None:
        self.population = population
        self._rows = None if rows is None else np.asarray(rows, dtype=np.int64)

    @property
    def rows(self) -> Rows:
        """The row numbers, in the order of this set."""
        return self._positions()

    @property
    def member_rows(self) -> MemberRows:
        """The same rows as a ledger wants them."""
        return MemberRows(self.population, slice(None) if self._rows is None else self._rows)

    @property
    def model(self) -> Model:
        """The model of the population."""
        return self.population.model

    def _positions(self) -> Rows:
        return np.arange(len(self.population)) if self._rows is None else self._rows

    def __len__(self) -> int:
        return len(self.population) if self._rows is None else self._rows.size

    def _agent(self, position: int) -> Member:
        return self.population.member(position)

    def _with(self, positions: Rows) -> Self:
        return type(self)(self.population, positions)

    def _put(self, positions: Rows) -> None:
        self._rows = positions

    def _of_type(self, agent_type: type) -> NDArray[np.bool_]:
        return np.full(len(self), issubclass(self.population.member_class, agent_type))

    def __contains__(self, agent: object) -> bool:
        if not isinstance(agent, Member) or agent.population is not self.population:
            return False
        return self._rows is None or bool(np.any(self._rows == agent.row))

    def map(self, method: Method[Arguments], *args: Arguments.args, **kwargs: Arguments.kwargs) -> list[object]:
        """What a method (by name) or a function returns for each member; Mesa's empty ``step`` is not called."""
        kind = self.population.member_class
        if (
            isinstance(method, str)
            and method in ("step", "advance")
            and getattr(kind, method) is getattr(Agent, method)
        ):
            return [None] * len(self)
        return super().map(method, *args, **kwargs)

    def _values(self, attribute: str, handle_missing: str = "error", default_value: object = None) -> Values:
        array = self.population.arrays.get(attribute)
        if array is not None:
            return array if self._rows is None else array[self._rows]
        if attribute == "unique_id":
            return self.population.first_unique_id + self._positions()
        return super()._values(attribute, handle_missing, default_value)

    def set(self, attr_name: str, value: ArrayLike) -> Self:  # type: ignore[override]  # columns hold numbers
        """Write a column for these members: one value for all, or an array with one per member."""
        if attr_name in self.population.arrays:
            self.population.write(slice(None) if self._rows is None else self._rows, attr_name, value)
            return self
        return super().set(attr_name, value)


@dataclass(frozen=True, eq=False)
class MemberRows:
    """Members on one side of vectorised postings.

    Attributes
    ----------
    population : whose rows.
    rows : row numbers, or a slice; all rows unless given.  Distinct ones, unless members are on both sides: a row named
        twice would be moved only once.
    """

    population: AnyPopulation
    rows: NDArray[np.int64] | Span = field(default_factory=lambda: slice(None))

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The row numbers, (members,), also of a slice; not to be changed."""
        if isinstance(self.rows, slice):
            return np.arange(len(self.population))[self.rows]
        return np.ascontiguousarray(self.rows, dtype=np.int64)

    def __len__(self) -> int:
        return self.numbers.size


class FixedColumns(dict[str, Column]):
    """Arrays by name, to which only their population adds; read as fast as any dictionary."""

    def _fixed(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a population's columns are added by add_column() and written in place")

    __setitem__ = __delitem__ = __ior__ = _fixed
    clear = pop = popitem = setdefault = update = _fixed

    def __reduce__(self) -> tuple[type[FixedColumns], tuple[dict[str, Column]]]:
        return FixedColumns, (dict(self),)


class Population(Generic[ColumnsT]):
    """Agents of one kind as a struct of arrays.

    ``population.cash`` is the array itself; assigning to it writes into the array in place.  ``population[17]`` is a
    member, ``population[mask]`` or a slice a :class:`MemberSet`.

    Parameters
    ----------
    model : the model the members belong to.
    kind : the members' class name, such as ``"ChipImporter"``, or a subclass of :class:`Member`.
    columns : arrays whose first dimension is the member.  They are kept, not copied.
    first_unique_id : Mesa id of row 0; row r has ``first_unique_id + r``.
    names : names of the first rows; later members are anonymous.
    label_of_row : for each row, the number of the party its payments are booked under; 0 for all unless given.
    positions : for each instrument the column that holds it and the sign of the column in a net position.

    Raises
    ------
    ValueError : columns of unequal length, a name that an agent or population uses itself, too many names, labels that
        do not fit.
    """

    columns: ColumnsT
    arrays: Mapping[str, Column]
    _columns: FixedColumns
    _size: int

    def __init__(
        self,
        model: Model,
        kind: str | type[Member],
        columns: ColumnsT,
        first_unique_id: int,
        names: Sequence[str] = (),
        label_of_row: NDArray[np.int64] | None = None,
        positions: Mapping[str, tuple[str, int]] | None = None,
    ) -> None:
        object.__setattr__(self, "_columns", FixedColumns())
        self.model = model
        self.member_class = member_class(kind) if isinstance(kind, str) else kind
        self.kind = self.member_class.__name__
        self.arrays = self._columns
        self.columns = cast(ColumnsT, self._columns)
        self.first_unique_id = int(first_unique_id)
        self.names = tuple(names)
        self.positions = dict(positions or {})
        if not columns:
            raise ValueError(f"the {self.kind} population has no columns")
        given = cast(Mapping[str, Column], columns)
        self._size = len(next(iter(given.values())))
        for name, values in given.items():
            self.add_column(name, values)
        if len(self.names) > self._size or len(set(self.names)) < len(self.names):
            raise ValueError(f"the {len(self.names)} names of {self.kind} must differ and fit {self._size} members")
        unknown = sorted({column for column, _ in self.positions.values()} - set(self._columns))
        if unknown:
            raise ValueError(f"positions of {self.kind} name columns that do not exist: {', '.join(unknown)}")
        self.label_of_row = self._checked_labels(label_of_row)

    def _checked_labels(self, label_of_row: NDArray[np.int64] | None) -> NDArray[np.int64]:
        if label_of_row is None:
            return np.broadcast_to(np.int64(0), self._size)
        labels = np.asarray(label_of_row)
        if labels.shape != (self._size,) or labels.dtype.kind not in "iu" or (labels.size and labels.min() < 0):
            raise ValueError(f"label_of_row of {self.kind} must hold {self._size} whole numbers from 0 up")
        return labels

    def add_column(self, name: str, values: ArrayLike) -> None:
        """Add an attribute to every member; ``values`` has one entry (or row) per member."""
        array = np.asarray(values)
        if array.ndim == 0 or array.shape[0] != self._size:
            raise ValueError(f"column {name} of {self.kind} has shape {array.shape}; expected {self._size} members")
        taken = getattr(self.member_class, name, None)
        own = name in _OWN_FIELDS or name in _POPULATION_FIELDS or hasattr(type(self), name)
        if own or not (taken is None or isinstance(taken, _Column)):
            raise ValueError(f"column {name} of {self.kind} has a name that agents or populations use themselves")
        if name in self._columns:
            raise ValueError(f"{self.kind} has a column {name} already; write into it instead")
        if taken is None:
            setattr(self.member_class, name, _Column(name))
        # The array stands in both dictionaries and is only ever written in place, so the two cannot part.
        dict.__setitem__(self._columns, name, array)
        self.__dict__[name] = array

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in self._columns}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        for name, array in self._columns.items():
            if not hasattr(self.member_class, name):
                setattr(self.member_class, name, _Column(name))
            self.__dict__[name] = array

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column of numbers of this name, for those who do not write the name out."""
        return cast(NDArray[np.float64], self._columns[name])

    def no_such_column(self, name: str) -> str:
        """What to tell somebody who asked for a column that does not exist."""
        near = difflib.get_close_matches(name, self._columns, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(self._columns)}"
        return f"{self.kind} has no attribute {name!r}; {hint}"

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        # Columns stand in the instance's own dictionary, so only a mistake gets here, or who makes a copy.
        if name.startswith("__") or "_columns" not in self.__dict__:
            raise AttributeError(name)
        raise AttributeError(self.no_such_column(name))

    def __setattr__(self, name: str, value: object) -> None:
        if name in self._columns:
            self.set(name, cast(ArrayLike, value))
        elif name in _POPULATION_FIELDS:
            object.__setattr__(self, name, value)
        else:
            raise AttributeError(self.no_such_column(name))

    def __len__(self) -> int:
        return self._size

    def member(self, row: int) -> Member:
        """The view of a row from 0 to ``len - 1``, unchecked; ``population[row]`` checks."""
        view = _new_member(self.member_class)
        _put_population(view, self)
        _put_row(view, row)
        return view

    @overload
    def __getitem__(self, item: int | np.int64) -> Member: ...
    @overload
    def __getitem__(self, item: Which) -> MemberSet: ...
    def __getitem__(self, item: int | np.int64 | Which) -> Member | MemberSet:
        """A member by row (negative from the end), or the set of members of a slice, mask or index array."""
        if not isinstance(item, (int, np.integer)):
            return self.members[item]
        row = int(item)
        if not -self._size <= row < self._size:
            raise IndexError(f"{self.kind} row {row} does not exist; there are {self._size} members")
        return self.member(row % self._size)

    def __iter__(self) -> Iterator[Member]:
        return map(self.member, range(self._size))

    def __contains__(self, agent: object) -> bool:
        return isinstance(agent, Member) and agent.population is self

    def __repr__(self) -> str:
        return f"<Population of {self._size} {self.kind}>"

    @property
    def members(self) -> MemberSet:
        """All members as a Mesa ``AgentSet``."""
        return MemberSet(self)

    def select(
        self, chosen: Callable[[Agent], object] | ArrayLike | None = None, at_most: float = float("inf")
    ) -> MemberSet:
        """The members that pass a mask, an index array or a function of the member (:meth:`LazyAgentSet.select`)."""
        return self.members.select(chosen, at_most)

    def agg(self, column: str, func: Reduction | Iterable[Reduction], weights: str | ArrayLike | None = None) -> object:
        """Reduce a column over all members (see :func:`aggregate`); ``weights`` is a column or an array."""
        return self.members.agg(column, func, weights)

    def get(self, column: str | Sequence[str]) -> list[object]:
        """The values of one or more columns as a list, as a Mesa ``AgentSet`` gives them."""
        return self.members.get(column)

    def groupby(self, by: Key, result_type: str = "agentset") -> MemberGroups:
        """Group the members by a column or a function (see :meth:`LazyAgentSet.groupby`)."""
        return self.members.groupby(by, result_type)

    def set(self, column: str, values: ArrayLike) -> None:
        """Write a whole column in place: one value for all, or one per member."""
        if values is not self._columns.get(column):
            self.write(slice(None), column, values)

    def write(self, rows: int | Span | Rows, column: str, values: ArrayLike) -> None:
        """Write ``values`` into the rows of a column, in place.

        Raises
        ------
        AttributeError : there is no such column; the message names the nearest.
        TypeError : the values do not fit the column's type without loss of kind (a fraction into whole numbers).
        """
        array = self._columns.get(column)
        if array is None:
            raise AttributeError(self.no_such_column(column))
        if array.dtype.kind != "f" and not np.can_cast(np.asarray(values).dtype, array.dtype, "same_kind"):
            raise TypeError(f"{self.kind}.{column} holds {array.dtype}; {values!r} does not fit")
        array[rows] = values

    def name_of_row(self, row: int) -> str:
        """The row's name; an anonymous member has its kind and row, such as ``chip_importer_17``."""
        if row < len(self.names):
            return self.names[row]
        return f"{re.sub(r'(?<!^)(?=[A-Z])', '_', self.kind).lower()}_{row}"

    def row_of_name(self, name: str) -> int:
        """The row of a named member.

        Raises
        ------
        KeyError : no member has the name.
        """
        if name not in self.names:
            raise KeyError(f"no {self.kind} is called {name!r}; named are {', '.join(self.names) or 'none'}")
        return self.names.index(name)

    def to_frame(self) -> pd.DataFrame:
        """A pandas ``DataFrame`` copy, indexed by ``unique_id``; a wide column becomes ``name_0``, ``name_1``, ..."""
        table: dict[str, Column] = {"unique_id": self.first_unique_id + np.arange(self._size)}
        for name, array in self._columns.items():
            if array.ndim == 1:
                table[name] = array.copy()
            else:
                wide = array.reshape(self._size, -1)
                table.update({f"{name}_{place}": wide[:, place].copy() for place in range(wide.shape[1])})
        collector = DataCollector(tables={self.kind: list(table)})
        collector.tables[self.kind].update(table)
        return collector.get_table_dataframe(self.kind).set_index("unique_id")


AnyPopulation: TypeAlias = Population[Mapping[str, object]]
"""A population of whatever kind."""
