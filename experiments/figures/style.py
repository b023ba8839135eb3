"""How figures look: colours, sizes, fonts, the line that says where numbers come from, and how they are kept."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.whole_files import write_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which the colour-blind can tell apart.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, INK, RULE = "#8C8C8C", "#1D2733", "#E5E5E5"

PAGE_WIDTH_INCHES = 7.0
"""Width of a figure over both columns of a journal page."""
PRINT_DOTS_PER_INCH = 300
FORMATS = ("svg", "png")
_LETTERS_PER_INCH = 20


@contextmanager
def paper(language: Language = ENGLISH) -> Iterator[None]:
    """Set type and lines for print while figures are drawn and kept."""
    import matplotlib

    fonts = [*language.fonts, "DejaVu Sans"]
    settings: dict[str, Any] = {
        "font.family": fonts,
        "font.size": 8.0,
        "axes.titlesize": 8.5,
        "axes.labelsize": 8.0,
        "xtick.labelsize": 7.5,
        "ytick.labelsize": 7.5,
        "legend.fontsize": 7.5,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#555555",
        "axes.linewidth": 0.7,
        "xtick.major.width": 0.7,
        "ytick.major.width": 0.7,
        "axes.axisbelow": True,
        "grid.color": RULE,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        # Few Japanese and Chinese fonts come in bold.
        "figure.titleweight": "normal" if language.fonts else "bold",
        # Outlines: the figure looks the same where the font is missing.  A fixed salt: equal figures are equal bytes.
        "svg.fonttype": "path",
        "svg.hashsalt": "itcho",
    }
    with matplotlib.rc_context(cast(Any, settings)):
        yield


@contextmanager
def lettered(language: Language) -> Iterator[None]:
    """Set the fonts that a language needs while a figure is drawn, and nothing where it needs none."""
    import matplotlib

    fonts: dict[str, Any] = {"font.family": [*language.fonts, "DejaVu Sans"]} if language.fonts else {}
    with matplotlib.rc_context(cast(Any, fonts)):
        yield


def new_figure(width: float = PAGE_WIDTH_INCHES, height: float = 4.0) -> Figure:
    """An empty figure, inches; it belongs to no window and no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def headline(figure: Figure, title: str, source: str) -> None:
    """Title above, at the left, and the source below, folded to the figure's width."""
    figure.suptitle(title, x=0.008, ha="left", fontsize=9.5)
    letters = int(figure.get_figwidth() * _LETTERS_PER_INCH)
    lines = [line for part in source.split("\n") for line in textwrap.wrap(part, letters)]
    figure.supxlabel("\n".join(lines), x=0.008, ha="left", fontsize=6.5, color="#555555", linespacing=1.25)


def panels(figure: Figure, rows: int, columns: int, legend_inches: float, **shared: Any) -> tuple[list[Any], Any]:
    """Axes row by row, and below them a strip of the given height for one legend."""
    height = figure.get_figheight() / rows
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[*[height] * rows, legend_inches])
    axes: list[Any] = []
    for place in range(rows * columns):
        share = {f"share{side}": axes[0] for side, wanted in shared.items() if wanted and axes}
        axes.append(figure.add_subplot(grid[place // columns, place % columns], **share))
    strip = figure.add_subplot(grid[rows, :])
    strip.axis("off")
    return axes, strip


def halo() -> list[Any]:
    """White around letters, so that they can be read on lines."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.8, foreground="white")]


def folded(text: str, most: int = 22) -> str:
    """A name longer than ``most`` letters in two lines."""
    if len(text) <= most or " " not in text:
        return text
    words, middle = text.split(" "), len(text) / 2.0
    cut = min(range(1, len(words)), key=lambda place: abs(len(" ".join(words[:place])) - middle))
    return " ".join(words[:cut]) + "\n" + " ".join(words[cut:])


def whole_years(axis: Any, years: Sequence[int], most: int = 6) -> None:
    """Ticks at whole fiscal years."""
    step = max(1, -(-len(years) // most))
    axis.set_xticks(list(years)[::step])


def as_bytes(figure: Figure, kind: str, dots_per_inch: int = PRINT_DOTS_PER_INCH) -> bytes:
    """The figure as a file of one of :data:`FORMATS`, without the date."""
    stream = io.BytesIO()
    undated: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(stream, format=kind, dpi=dots_per_inch, metadata=undated)
    return stream.getvalue()


def keep(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as SVG and PNG and return the files; older ones are replaced.

    Raises
    ------
    InputError : the disk refuses.
    """
    return write_files({folder / f"{name}.{kind}": as_bytes(figure, kind) for kind in FORMATS})
