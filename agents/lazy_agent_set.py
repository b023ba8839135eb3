"""Mesa agent sets that hold positions instead of agents, so that a million agents cost no objects.

A plain Mesa ``AgentSet`` holds weak references.  Agents that are made only when somebody looks at them die at once, and
the set would come back empty; :class:`LazyAgentSet` offers the same methods over whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, Self, TypeAlias, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from itcho.agents.mesa_typed import Agent, AgentSet, GroupBy, Model

Rows = NDArray[np.int64]
Column: TypeAlias = NDArray[np.float64 | np.float32 | np.int64 | np.int32 | np.int8 | np.bool_]
"""An attribute of all agents of a kind: numbers, codes or flags."""
Values = Sequence[object] | Column
"""One value per agent."""
if TYPE_CHECKING:
    Span: TypeAlias = slice[int | None, int | None, int | None]
    Which: TypeAlias = Span | Sequence[int] | NDArray[np.bool_] | Rows
Reduction = str | Callable[[Values], object]
"""A function of values, or the name of one of numpy's."""


class WeightedReduction(Protocol):
    """A function of values and their weights."""

    def __call__(self, values: Values, *, weights: NDArray[np.float64]) -> object:
        """Reduce the values."""


Arguments = ParamSpec("Arguments")
Method = str | Callable[Concatenate[Agent, Arguments], object]
"""A method of agents by name, or a function of an agent and more."""
Key = str | Callable[[Agent], object]
"""An attribute of agents by name, or a function of an agent."""

_FAST_REDUCTIONS: tuple[tuple[object, Callable[[Column], object]], ...] = (
    (sum, np.sum),
    (min, np.min),
    (max, np.max),
    (len, np.size),
)


def aggregate(
    values: Values, func: Reduction | Iterable[Reduction], weights: NDArray[np.float64] | None = None
) -> object:
    """Reduce values by a function, the name of a numpy function, or several of them (then a list comes back).

    With ``weights`` (one per value) ``sum`` is the weighted sum and ``mean`` the weighted mean; any other function is
    called as ``func(values, weights=weights)``.
    """
    if isinstance(func, str):
        func = cast(Callable[[Values], object], getattr(np, func))
    if not callable(func):
        return [aggregate(values, each, weights) for each in func]
    result: object
    if weights is None:
        reduction = next((fast for slow, fast in _FAST_REDUCTIONS if func is slow), func)
        result = cast(Callable[[Values], object], reduction)(values)
    elif func in (sum, np.sum):
        result = np.dot(cast(Column, values), weights)
    elif func in (np.mean, np.average):
        result = np.average(cast(Column, values), weights=weights)
    else:
        result = cast(WeightedReduction, func)(values, weights=weights)
    return result.item() if isinstance(result, np.generic) else result


def _places_by_key(keys: Values) -> dict[object, Rows]:
    """Where each distinct key stands, keys in order of first appearance."""
    if isinstance(keys, np.ndarray) and keys.ndim == 1:
        distinct, first, which = np.unique(keys, return_index=True, return_inverse=True)
        places = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1]) if keys.size else []
        labels = distinct.tolist()
        return {labels[place]: places[place] for place in np.argsort(first).tolist()}
    found: dict[object, list[int]] = {}
    for place, key in enumerate(keys):
        found.setdefault(key, []).append(place)
    return {key: np.array(places, dtype=np.int64) for key, places in found.items()}


class MemberGroups(GroupBy):
    """Groups of a lazy agent set; aggregates without making the agents where it can."""

    def agg(self, attr_name: str, func: Reduction | Iterable[Reduction]) -> dict[object, object]:
        """``func`` of the attribute within each group, by group."""
        return {
            key: group.agg(attr_name, func)
            if isinstance(group, LazyAgentSet)
            else aggregate([getattr(agent, attr_name) for agent in group], func)
            for key, group in self.groups.items()
        }


class LazyAgentSet(AgentSet):
    """A Mesa ``AgentSet`` over whole-number positions; agents are made when somebody looks.

    It never holds a weak reference, so it cannot come back empty, and what it selects, sorts or groups is again such a
    set.  Its membership is fixed: ``add``, ``discard`` and ``remove`` raise ``TypeError``.  Set algebra (``|``, ``&``,
    ``-``) gives a ``frozenset`` of agents.
    """

    # Subclasses say how positions become agents and values; everything else follows from these five.
    def _positions(self) -> Rows:
        raise NotImplementedError

    def _agent(self, position: int) -> Agent:
        raise NotImplementedError

    def _with(self, positions: Rows) -> Self:
        raise NotImplementedError

    def _put(self, positions: Rows) -> None:
        raise NotImplementedError

    def _of_type(self, agent_type: type) -> NDArray[np.bool_]:
        raise NotImplementedError

    @property
    def model(self) -> Model:
        """The model of the agents."""
        raise NotImplementedError

    @property
    def random(self) -> Random:
        """The model's generator of the standard library (Mesa's habit; :meth:`shuffle` uses ``model.rng``)."""
        return self.model.random

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)

    def __iter__(self) -> Iterator[Agent]:
        return map(self._agent, self._positions().tolist())

    @overload
    def __getitem__(self, item: int | np.int64) -> Agent: ...
    @overload
    def __getitem__(self, item: Which) -> Self: ...
    def __getitem__(self, item: int | np.int64 | Which) -> Agent | Self:
        """The agent at an index, or for a slice, mask or index array the set of those agents."""
        chosen = self._positions()[item]
        return self._with(chosen) if isinstance(chosen, np.ndarray) else self._agent(int(chosen))

    def __len__(self) -> int:
        return self._positions().size

    def __copy__(self) -> Self:
        return self._with(self._positions())

    copy = __copy__

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}>"

    def _result(self, positions: Rows, inplace: bool) -> Self:
        if not inplace:
            return self._with(positions)
        self._put(positions)
        return self

    def select(
        self,
        filter_func: Callable[[Agent], object] | ArrayLike | None = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> Self:
        """The agents that pass, as a lazy set.

        Parameters
        ----------
        filter_func : called with each agent; or a boolean mask (one per agent here), or indices into this set.
        at_most : the largest number to take, from the front; a float up to 1.0 is a share of this set.
        inplace : whether to narrow this set itself.
        agent_type : take only agents of this class or its subclasses.
        """
        positions = self._positions()
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(positions.size * at_most)
        if filter_func is not None and not callable(filter_func):
            index = np.asarray(filter_func)
            if index.dtype != bool and agent_type is not None:
                raise TypeError("select takes indices or an agent_type, not both")
            if index.dtype == bool and agent_type is not None:
                index = index & self._of_type(agent_type)
            positions = positions[index if index.size else index.astype(np.int64)]
        elif agent_type is not None:
            positions = positions[self._of_type(agent_type)]
        if callable(filter_func):
            passed = (bool(filter_func(self._agent(position))) for position in positions.tolist())
            positions = positions[np.fromiter(passed, dtype=bool, count=positions.size)]
        if at_most < positions.size:
            positions = positions[: int(at_most)]
        return self._result(positions, inplace)

    def sort(self, key: Key, ascending: bool = False, inplace: bool = False) -> Self:
        """The agents in the order of an attribute or of ``key(agent)``; equal ones keep their order, as in Mesa."""
        values = np.asarray(self._values(key) if isinstance(key, str) else self.map(key))
        if ascending:
            order = np.argsort(values, kind="stable")
        else:
            order = values.size - 1 - np.argsort(values[::-1], kind="stable")[::-1]
        return self._result(self._positions()[order], inplace)

    def shuffle(self, inplace: bool = False) -> Self:
        """The agents in random order, drawn from ``model.rng`` (the same order on every Mesa version)."""
        return self._result(self.model.rng.permutation(self._positions()), inplace)

    def do(self, method: Method[Arguments], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Self:
        """Call a method (by name) or a function on each agent; returns this set."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: Method[Arguments], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Self:
        """:meth:`do` in random order."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def map(self, method: Method[Arguments], *args: Arguments.args, **kwargs: Arguments.kwargs) -> list[object]:
        """What a method (by name) or a function returns for each agent."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    def _values(self, attribute: str, handle_missing: str = "error", default_value: object = None) -> Values:
        if handle_missing == "error":
            return [getattr(agent, attribute) for agent in self]
        if handle_missing == "default":
            return [getattr(agent, attribute, default_value) for agent in self]
        raise ValueError(f"handle_missing is {handle_missing!r}; it must be 'error' or 'default'")

    def get(
        self, attr_names: str | Iterable[str], handle_missing: str = "error", default_value: object = None
    ) -> list[object]:
        """The values of an attribute, one per agent; for a list of names, a list of values per agent.

        Raises
        ------
        AttributeError : an agent lacks the attribute and ``handle_missing`` is ``"error"``.
        """
        if not isinstance(attr_names, str):
            several = [self.get(name, handle_missing, default_value) for name in attr_names]
            return [list(values) for values in zip(*several, strict=True)]
        values = self._values(attr_names, handle_missing, default_value)
        return list(values.tolist() if isinstance(values, np.ndarray) else values)

    def set(self, attr_name: str, value: object) -> Self:
        """Give every agent's attribute a value; returns this set."""
        for agent in self:
            setattr(agent, attr_name, value)
        return self

    def agg(
        self, attribute: str, func: Reduction | Iterable[Reduction], weights: str | ArrayLike | None = None
    ) -> object:
        """Reduce an attribute over the agents (see :func:`aggregate`); ``weights`` is an attribute or an array.

        A function of a population's column is handed an array, not a list.
        """
        given = self._values(weights) if isinstance(weights, str) else weights
        weight_of = None if given is None else np.asarray(given, dtype=np.float64)
        return aggregate(self._values(attribute), func, weight_of)

    def groupby(self, by: Key, result_type: str = "agentset") -> MemberGroups:
        """Group by an attribute or by ``by(agent)``; groups are lazy sets, or lists with ``result_type="list"``."""
        positions = self._positions()
        groups = {key: self._with(positions[places]) for key, places in _places_by_key(self._keys(by)).items()}
        return MemberGroups(groups if result_type == "agentset" else {key: list(each) for key, each in groups.items()})

    def _keys(self, by: Key) -> Values:
        return self._values(by) if isinstance(by, str) else self.map(by)

    @classmethod
    def _from_iterable(cls, agents: Iterable[Agent]) -> frozenset[Agent]:
        return frozenset(agents)

    def add(self, agent: Agent) -> None:
        """Refuse: the membership is fixed."""
        raise TypeError(f"{self!r} is fixed; make a selection instead of adding or removing agents")

    discard = add
    remove = add
