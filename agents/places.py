"""Agents that stand in the graph: their cell in Mesa's space, and who is next to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itcho.agents.mesa_typed import Agent


class Space(Protocol):
    """What is asked of a space."""

    def cell_of(self, agent: object) -> object:
        """The cell in which an agent is."""

    def neighbours_of(self, agent: object) -> Sequence[Agent]:
        """The agents next to it."""


class WithSpace(Protocol):
    """A model with a space."""

    space: Space


class Placed:
    """An agent with a name that is a node of its model's graph."""

    __slots__ = ()

    @property
    def cell(self) -> object:
        """Its cell in the model's space, a ``mesa.discrete_space.Cell``."""
        return self._space.cell_of(self)

    @property
    def neighbours(self) -> Sequence[Agent]:
        """The agents that its edges lead to."""
        return self._space.neighbours_of(self)

    @property
    def _space(self) -> Space:
        return cast(WithSpace, self.model).space  # type: ignore[attr-defined]  # of the agent it is mixed into
