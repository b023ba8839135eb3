"""Scenarios: the world's part of an experiment, and nothing else.

A scenario bends the mean paths of what is exogenous: rates, prices, demand, equity, progress and tariffs abroad, and
foreign chip suppliers.  It holds no path of anything that Japan's agents decide.  The scenarios that come with the
model are the ``*.toml`` files of this package, each with its evidence; a user's own is a file of the same form or a
:class:`Scenario` built in Python.
"""

from __future__ import annotations

from itcho.model.scenarios.files import SCENARIOS, read_scenario, scenario
from itcho.model.scenarios.scenario import Episode, OutsidePath, Scenario

__all__ = ["SCENARIOS", "Episode", "OutsidePath", "Scenario", "read_scenario", "scenario"]
