"""A picture of a library: a map of its sounds, how many tracks each genre has, and how fast they are.

The bars of the genres are the legend of the map: they have its colours. Genres beyond the largest :data:`MAX_GENRES`
are drawn together as one.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.plots.style import printable_text, theme, write_figure

MAX_GENRES = 12  # genres with a colour of their own
UNKNOWN = "unknown"
COLOURS = (
    "#4579d4", "#ef8636", "#3fa35b", "#dc4d52", "#9466d0", "#22b3c6",
    "#d3a20b", "#e26fb5", "#8c6d52", "#86b02c", "#127a7a", "#a5366b",
)  # fmt: skip
_OTHER_COLOUR, _UNKNOWN_COLOUR = "#9098a3", ("#c5cad1", "#6a727d")  # nameless on light, on dark ground
_MAX_NAME_LENGTH = 24  # letters of a genre
_MIN_TRACKS = 2000  # points that stay vectors in SVG and PDF
_SHARE = 0.015  # of the tracks that a genre must have to be named on the map
_TEMPO_RANGE = np.arange(40, 225, 5)


class LibraryMap(NamedTuple):
    """What is drawn of n tracks: points (n, 2), genres, BPM (0: no pulse), how they were laid out, and the axes' names.

    A genre that is not known is None or "unknown".
    """

    points: FloatArray
    genres: Sequence[str | None]
    bpms: Sequence[float | None]
    projection: str
    axes: tuple[str, str]


class Group(NamedTuple):
    """Tracks of one colour: their name, colour, rows, and whether they are a genre of the library."""

    name: str
    colour: str
    rows: IdArray
    genre: bool


def plot_library(shown: LibraryMap, path: Path, *, dark: bool = False) -> None:
    """Draw a library into a PNG, SVG or PDF file, as the suffix says.

    Raises
    ------
    InvalidRequest
        The suffix names another format, or the file cannot be written.
    """
    names = {genre for genre in shown.genres if genre}
    write_figure(lambda: draw_library(shown, dark=dark), path, dark=dark, texts=names)


def draw_library(shown: LibraryMap, *, dark: bool = False) -> Any:
    """The figure, which belongs to no window."""
    from matplotlib.figure import Figure

    groups = group_genres(shown.genres, dark=dark)
    figure: Any = Figure(figsize=(15, 9), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
    grid = figure.add_gridspec(2, 2, width_ratios=(2.3, 1), height_ratios=(1.45, 1))
    plane = figure.add_subplot(grid[:, 0])
    _draw_map(plane, shown, groups)
    _draw_genres(figure.add_subplot(grid[0, 1]), groups, dark=dark)
    _draw_tempos(figure.add_subplot(grid[1, 1]), shown.bpms, dark=dark)
    count = len({genre for genre in shown.genres if genre and genre != UNKNOWN})
    figure.suptitle(f"{_many(len(shown.genres), 'track')} in {_many(count, 'genre')}", fontsize=16)
    _name_genres(plane, shown.points, groups, dark=dark)  # when all else has its place
    return figure


def group_genres(genres: Sequence[str | None], *, dark: bool = False) -> list[Group]:
    """The genres, largest first, with their colours; then the small ones together, then what has none."""
    named = np.array([genre or UNKNOWN for genre in genres], dtype=object)
    counts = Counter(named.tolist())
    ranked = sorted((g for g in counts if g != UNKNOWN), key=lambda g: (-counts[g], g))
    kept = ranked if len(ranked) <= MAX_GENRES else ranked[: MAX_GENRES - 1]
    groups = [Group(g, colour, _rows(named, {g}), True) for g, colour in zip(kept, COLOURS, strict=False)]
    if rest := set(ranked[len(kept) :]):
        groups.append(Group(f"{len(rest)} other genres", _OTHER_COLOUR, _rows(named, rest), False))
    if counts[UNKNOWN]:
        groups.append(Group(UNKNOWN, _UNKNOWN_COLOUR[dark], _rows(named, {UNKNOWN}), False))
    return groups


def _rows(named: Any, included: set[str]) -> IdArray:
    return np.array([row for row, genre in enumerate(named) if genre in included], np.int64)


def _draw_map(axes: Any, shown: LibraryMap, groups: Sequence[Group]) -> None:
    n = len(shown.points)
    colours = np.empty(n, dtype=object)
    for group in groups:
        colours[group.rows] = group.colour
    order = np.random.default_rng(0).permutation(n)  # no genre lies on top of all others
    axes.scatter(
        *shown.points[order].T, c=colours[order].tolist(), s=np.clip(450 / np.sqrt(n), 2.0, 40), linewidths=0,
        alpha=float(np.clip(12 / n**0.35, 0.3, 0.9)), rasterized=n > _MIN_TRACKS,
    )  # fmt: skip
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.04)
    axes.set(xlabel=shown.axes[0], ylabel=shown.axes[1], xticks=[], yticks=[])
    axes.set_title(f"What lies close together sounds alike ({shown.projection})")


def _name_genres(axes: Any, points: FloatArray, groups: Sequence[Group], *, dark: bool) -> None:
    """The name of each genre near the middle of its tracks, unless it has few; where it hides least."""
    axes.figure.draw_without_rendering()  # only now is it known where a point of the data is
    frame = axes.get_window_extent()
    chosen = np.random.default_rng(0).permutation(len(points))[:_MIN_TRACKS]
    seen = axes.transData.transform(points[chosen])
    taken: list[Any] = []
    for group in groups:
        if not group.genre or len(group.rows) < max(3, _SHARE * len(points)):
            continue
        middle = axes.transData.transform(np.median(points[group.rows], axis=0))
        text = axes.text(
            *axes.transData.inverted().transform(middle),
            printable_text(group.name, _MAX_NAME_LENGTH),
            ha="center",
            va="center",
            fontsize=10.5,
            color=theme(dark).text,
            zorder=5,
            bbox={
                "boxstyle": "round,pad=0.3",
                "fc": theme(dark).background,
                "ec": group.colour,
                "lw": 1.6,
                "alpha": 0.85,
            },
        )
        box = text.get_window_extent().padded(_ROUND)
        costs = [_cost(box.translated(*shift), shift, seen, taken, frame) for shift in _LABEL_OFFSETS]
        shift = _LABEL_OFFSETS[int(np.argmin(costs))]
        text.set_position(axes.transData.inverted().transform(middle + shift))
        taken.append(box.translated(*shift))


_LABEL_OFFSETS = [(12.0 * x, 12.0 * y) for x in range(-16, 17) for y in range(-16, 17)]  # pixels
_ROUND = 7.0  # pixels of its frame around a name


def _cost(box: Any, shift: tuple[float, float], seen: Any, taken: Sequence[Any], frame: Any) -> float:
    """What speaks against a name in this box: it is far from its middle, hides points, lies on others or outside."""
    hidden = np.mean(((seen >= box.min) & (seen <= box.max)).all(axis=1))
    outside = box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1
    return float(np.hypot(*shift) / 100 + 25 * hidden + 100 * (outside + sum(map(box.overlaps, taken))))


def _draw_genres(axes: Any, groups: Sequence[Group], *, dark: bool) -> None:
    counts = [len(group.rows) for group in groups]
    bars = axes.barh(range(len(groups)), counts, color=[group.colour for group in groups], height=0.72)
    axes.bar_label(bars, [f"{count:,}" for count in counts], padding=4, color=theme(dark).text, fontsize=10)
    axes.set_yticks(range(len(groups)), [printable_text(group.name, _MAX_NAME_LENGTH) for group in groups])
    axes.tick_params(axis="y", length=0, labelsize=10.5)
    axes.set_ylim(max(len(groups), 6) - 0.4, -0.6)
    axes.set_xlim(0, 1.16 * max(counts))
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_title("Genres, in the colours of the map")


def _draw_tempos(axes: Any, bpms: Sequence[float | None], *, dark: bool) -> None:
    colours = theme(dark)
    known = np.clip([bpm for bpm in bpms if bpm], _TEMPO_RANGE[0], _TEMPO_RANGE[-1])
    axes.hist(known, bins=_TEMPO_RANGE, color=colours.accent, rwidth=0.9)
    axes.set(xlabel="BPM", ylabel="tracks", xlim=(_TEMPO_RANGE[0], _TEMPO_RANGE[-1]), xticks=range(40, 221, 20))
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.margins(y=0.14)
    still = len(bpms) - len(known)
    title = "Tempo" + (f"; {_many(still, 'track')} without a pulse" if still else "")
    axes.set_title(title)
    if not len(known):
        axes.set_yticks([])
        return
    middle = float(np.median(known))
    axes.axvline(middle, color=colours.text, linewidth=1.2, linestyle="--")
    left = middle > 130
    axes.text(
        middle + (-2 if left else 2), 0.98, f"median {middle:.0f}", transform=axes.get_xaxis_transform(),
        ha="right" if left else "left", va="top", color=colours.text, fontsize=10,
    )  # fmt: skip


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
