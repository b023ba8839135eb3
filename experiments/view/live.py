"""The page of `itcho view`: controls, choices and the dashboard.  ``itcho.experiments.view.server`` serves it.

Each browser tab has a world of its own, a Mesa model.
"""

from __future__ import annotations

import gc
import json
import os
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import solara

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import SLOTS
from itcho.experiments.languages import LANGUAGES, words
from itcho.experiments.view.choices import Field, fields, new_world, offered, pending, texts
from itcho.experiments.view.live_components import Look, dashboard
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.report import page_languages
from itcho.experiments.view.settings import AS_IN_POLICY, VARIABLE, ViewSettings
from itcho.model.collapse import WorldCollapsed

MOST_MONTHS_A_STEP = 12
"""Months that a browser may ask for at once."""
SCRIPTS = ("words.js", "charts.js", "network.js", "network_paint.js", "live_draw.js")
_HEAVY = ("frames", "limits", "lanes", "lines", "yen", "sankey", "positions")
"""What the page draws and does not watch: it is handed over as text, which costs the browser nothing to hold."""
_COLLECT_AFTER_SECONDS = 2.0
_SCRATCH = tempfile.TemporaryDirectory(prefix="itcho-view-")
"""Removed when the process ends."""


def _template() -> str:
    """The dashboard with its scripts inlined, as a file: a component can load none of its own."""
    here = Path(__file__).parent
    scripts = "\n".join((here / name).read_text(encoding="utf-8") for name in SCRIPTS)
    if "</script" in scripts:
        raise RuntimeError("a script that is inlined must not hold a closing script tag")
    text = (here / "dashboard.vue").read_text(encoding="utf-8").replace("/* SCRIPTS */", scripts)
    file = Path(_SCRATCH.name) / "dashboard.vue"
    file.write_text(text, encoding="utf-8")
    return str(file)


@solara.component_vue(_template())
def DashboardView(  # noqa: N802
    scene: dict[str, Any],
    state: dict[str, Any],
    drawn: str,
    languages: dict[str, Any],
    opening: str,
    event_look: Callable[[Any], None],
    event_step: Callable[[Any], None],
    event_restart: Callable[[Any], None],
    event_switch: Callable[[Any], None],
    event_spoken: Callable[[Any], None],
) -> None:
    """The dashboard; the scene stays, state and what is drawn change with the month and the choice."""


@dataclass
class Shown:
    """The world that is shown, and its number: the first of a tab is 0.

    A place of its own, because what reactive variables and memos of the page are given first they keep.
    """

    world: LiveWorld
    number: int = 0

    def put(self, world: LiveWorld) -> None:
        """Show another world, and free the old one's memory soon: it holds itself by cycles of references."""
        self.world, self.number = world, self.number + 1
        collector = threading.Timer(_COLLECT_AFTER_SECONDS, gc.collect)
        collector.daemon = True
        collector.start()


@dataclass(frozen=True)
class Watched:
    """What the parts of the page share.

    Attributes
    ----------
    opening : what the view was started with.
    fields : beside the picture.
    shown : the world, with its number.
    chosen : texts of the fields.
    problem : why a choice was not taken over, or what stopped a month.
    drawn : counts what has to be drawn again.
    language : that was chosen on the page.
    """

    opening: ViewSettings
    fields: tuple[Field, ...]
    shown: Shown
    chosen: solara.Reactive[dict[str, str]]
    problem: solara.Reactive[str]
    drawn: solara.Reactive[int]
    language: solara.Reactive[str]

    def speak(self, code: object) -> None:
        """Use another language beside the picture as well."""
        if code in LANGUAGES:
            self.language.value = str(code)

    def choose(self, name: str, value: object) -> None:
        """Take a value of a field; the world goes on as it is."""
        if offered(self.fields, name, value):
            self.chosen.value = self.chosen.value | {name: str(value)}

    def start_again(self, *_: object) -> None:
        """Put a new world of the choices in the old one's place."""
        with self._said():
            self.shown.put(new_world(self.opening, self.chosen.value))

    def switch_next_month(self, *_: object) -> None:
        """Let the world go on with the chosen policy and rules."""
        chosen = self.chosen.value
        with self._said():
            rules = {slot: chosen[slot] for slot in SLOTS}
            self.shown.world.switch_next_month(chosen["policy"], rules, chosen["beside"])

    def step(self, months: object) -> None:
        """Run months, as many as a browser asks for and may."""
        count = months if isinstance(months, int) and not isinstance(months, bool) else 1
        with self._said():
            for _ in range(min(max(count, 1), MOST_MONTHS_A_STEP)):
                self.shown.world.step()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Tell the page what went wrong, and have it drawn again."""
        try:
            yield
            self.problem.value = ""
        except InputError as error:
            self.problem.value = f"Not changed: {'; '.join(error.messages)}"
        except WorldCollapsed as error:
            self.problem.value = f"{error}. Start again."
        except Exception as error:
            traceback.print_exc()
            self.problem.value = f"This month could not be run: {error}. Start again."
        self.drawn.value += 1


@solara.component
def Dashboard(watched: Watched) -> None:  # noqa: N802
    """The dashboard of a world, drawn again after each month and each choice."""
    world, number, drawn = watched.shown.world, watched.shown.number, watched.drawn.value
    asked, look = solara.use_state(cast(Any, {}))
    whole = solara.use_memo(lambda: dashboard(world, Look.of(asked, world)), [number, world.months, drawn, asked])
    heavy = {name: whole[name] for name in _HEAVY}
    light = {name: value for name, value in whole.items() if name not in _HEAVY}
    waiting = pending(world, watched.chosen.value, watched.fields)
    scene = solara.use_memo(lambda: world.scene.to_json(), [number])
    DashboardView(
        scene=scene,
        state=light | {"charts": _headings(whole), "problem": watched.problem.value, "pending": waiting},
        drawn=json.dumps(heavy),
        languages=page_languages(),
        opening=watched.language.peek(),
        event_look=look,
        event_step=watched.step,
        event_restart=watched.start_again,
        event_switch=watched.switch_next_month,
        event_spoken=watched.speak,
    ).key(f"dashboard-{number}")


def _headings(whole: dict[str, Any]) -> dict[str, Any]:
    """What stands over and under the charts."""
    return {
        "lines": [{name: one[name] for name in ("title", "unit", "yearly")} for one in whole["lines"]],
        "positions": [
            {
                "title": one["title"],
                "unit": one["unit"],
                "members": one["members"],
                "series": [{"label": part["label"], "colour": part["colour"]} for part in one["series"]],
            }
            for one in whole["positions"]
        ],
        "yen": [
            {"label": one["label"], "colour": one["colour"]} for one in whole["yen"]["series"] if any(one["values"])
        ],
        "parts": whole["yen"]["parts"],
        "difference": whole["yen"]["difference"] is not None,
        "sankey": whole["sankey"] is not None,
    }


@solara.component
def Waiting(watched: Watched) -> None:  # noqa: N802
    """What the dashboard says of choices that are not in force, for screens where the drawer covers it."""
    watched.drawn.get()
    waiting = pending(watched.shown.world, watched.chosen.value, watched.fields)
    with solara.Div(classes=["itcho-aside"] if waiting else []):
        if waiting is None:
            return
        said = words(watched.language.value)
        labels = ", ".join(f"{said(one['label'])} {said(one['chosen'])}" for one in waiting["changes"])
        solara.Text(f"{said('Chosen, not in force:')} {labels}.")
        solara.Button(label=said("Start again with it"), color="primary", on_click=watched.start_again)
        if waiting["can_switch"]:
            label = said("Switch next month ({month})", month=waiting["month"])
            solara.Button(label=label, color="primary", on_click=watched.switch_next_month)


@solara.component
def Choices(watched: Watched) -> None:  # noqa: N802
    """The fields beside the picture."""
    said = words(watched.language.value)
    for field in watched.fields:
        value, chosen = watched.chosen.value[field.name], partial(watched.choose, field.name)
        if field.values:
            shown = {said(AS_IN_POLICY) if one == AS_IN_POLICY else one: one for one in field.values}
            solara.Select(
                label=said(field.label),
                value=said(AS_IN_POLICY) if value == AS_IN_POLICY else value,
                values=list(shown),
                on_value=partial(_choose_shown, shown, chosen),
            )
        else:
            solara.InputText(label=said(field.label), value=value, on_value=chosen)


def _choose_shown(shown: Mapping[str, str], choose: Callable[[object], None], text: str) -> None:
    """Take a value by what it is shown as."""
    choose(shown.get(text, text))


@solara.component
def Page() -> None:  # noqa: N802
    """What a browser tab shows."""
    opening = solara.use_memo(lambda: ViewSettings.from_text(os.environ.get(VARIABLE, "")), [])
    offers = solara.use_memo(lambda: fields(opening), [])
    shown = solara.use_memo(lambda: Shown(LiveWorld(opening)), [])
    watched = Watched(
        opening,
        offers,
        shown,
        chosen=solara.use_reactive(texts(opening)),
        problem=solara.use_reactive(""),
        drawn=solara.use_reactive(0),
        language=solara.use_reactive(opening.lang),
    )
    solara.Title("itcho")
    with solara.AppBar():
        said = words(watched.language.value)
        solara.AppBarTitle(f"itcho: {said('Japan’s one-trillion-yen AI programme')}")
    with solara.Sidebar(), solara.Column():
        Waiting(watched)
        with solara.Card(said("World and rules")):
            Choices(watched)
    Dashboard(watched)
