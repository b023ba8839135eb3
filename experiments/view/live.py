"""The page of `itcho view`: Mesa's SolaraViz with the dashboard in it.  ``itcho.experiments.view.server`` serves it.

Each browser tab has a world of its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
from mesa.visualization import SolaraViz
from mesa.visualization.utils import update_counter

from itcho.agents.rules.rule import SLOTS
from itcho.experiments.view.live_components import dashboard
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.settings import VARIABLE, ViewSettings, rule_names

PLAY_INTERVAL_MILLISECONDS = 400
_SCRATCH = tempfile.TemporaryDirectory(prefix="itcho-view-")
"""Removed when the process ends."""


def _template() -> str:
    """The dashboard with its scripts inlined, as a file: a component can load none of its own."""
    here = Path(__file__).parent
    scripts = "\n".join((here / name).read_text(encoding="utf-8") for name in ("charts.js", "network.js"))
    if "</script" in scripts:
        raise RuntimeError("a script that is inlined must not hold a closing script tag")
    text = (here / "dashboard.vue").read_text(encoding="utf-8").replace("/* SCRIPTS */", scripts)
    file = Path(_SCRATCH.name) / "dashboard.vue"
    file.write_text(text, encoding="utf-8")
    return str(file)


@solara.component_vue(_template())
def DashboardView(scene: dict[str, Any], state: dict[str, Any], event_select: Callable[[int], None]) -> None:  # noqa: N802
    """The dashboard; the scene stays, the state changes with the month and the choice."""


@solara.component
def Dashboard(world: LiveWorld) -> None:  # noqa: N802
    """The dashboard of a world, drawn again after each month and each choice."""
    month = update_counter.get()
    chosen, choose = solara.use_state(-1)
    state = solara.use_memo(
        lambda: dashboard(world, None if chosen < 0 else chosen), [id(world), world.months, month, chosen]
    )
    scene = solara.use_memo(world.scene.to_json, [id(world)])
    DashboardView(scene=scene, state=state, event_select=choose).key(f"dashboard-{id(world)}")


def model_parameters(settings: ViewSettings) -> dict[str, Any]:
    """The fields beside the picture, as SolaraViz takes them."""
    from itcho.model.policies import POLICIES
    from itcho.model.scenarios import SCENARIOS

    policies = list(dict.fromkeys([settings.policy, *POLICIES]))
    fields: dict[str, Any] = {
        "settings": settings,
        "outside": _select("Scenario", settings.scenario, list(SCENARIOS)),
        "policy": _select("Policy", settings.policy, policies),
    }
    names = rule_names()
    for slot in SLOTS:
        fields[slot] = _select(f"{slot.capitalize()} rule", settings.rules.get(slot, names[slot][0]), names[slot])
    for name, label, value in (
        ("rng", "Seed", settings.seed),
        ("investors", "Investors", settings.investors),
        ("importers", "Chip importers", settings.importers),
        ("adopters", "Adopting firms", settings.adopters),
    ):
        fields[name] = {"type": "InputText", "value": str(value), "label": label}
    return fields


def _select(label: str, value: str, values: list[str]) -> dict[str, Any]:
    return {"type": "Select", "value": value, "values": values, "label": label}


@solara.component
def Page() -> None:  # noqa: N802
    """What a browser tab shows."""
    settings = solara.use_memo(lambda: ViewSettings.from_text(os.environ.get(VARIABLE, "")), [])
    world = solara.use_memo(lambda: LiveWorld(settings), [])
    solara.Title("itcho")
    SolaraViz(
        world,
        components=[(Dashboard, 0)],
        model_params=solara.use_memo(lambda: model_parameters(settings), []),
        play_interval=PLAY_INTERVAL_MILLISECONDS,
        name="itcho: Japan's one-trillion-yen AI programme",
    )
