"""Worlds that nobody holds any more, cleared away in time.

An economy and its agents know one another: such a circle goes only when Python looks for circles, which it does so
seldom that a loop of two hundred runs would hold dozens of finished worlds.
"""

from __future__ import annotations

import gc
from weakref import WeakSet

MOST_UNSEEN = 4
"""Worlds that may stand before anybody looks, which takes some hundredths of a second; a loop holds a few at most."""


class Living:
    """The worlds of this process that are not cleared away.

    Attributes
    ----------
    limit : how many may stand before the next look: twice those that somebody holds, so that looking stays rare.
    """

    def __init__(self) -> None:
        self._worlds: WeakSet[object] = WeakSet()
        self.limit = MOST_UNSEEN

    def __len__(self) -> int:
        return len(self._worlds)

    def join(self, world: object) -> None:
        """Take a new world in, and clear finished ones away if there are many."""
        if len(self._worlds) >= self.limit:
            gc.collect()
            self.limit = max(MOST_UNSEEN, 2 * len(self._worlds))
        self._worlds.add(world)


LIVING = Living()
