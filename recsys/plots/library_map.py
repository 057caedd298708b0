"""A plot of a library: a map of its tracks, the number of tracks of each genre, and a histogram of tempi.

The bars of the genres have the colours of the map and are its legend. If there are more than :data:`MAX_GENRES` genres,
the smaller ones are drawn as one.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.errors import pluralise
from recsys.plots.style import printable_text, theme, write_figure

MAX_GENRES = 12  # genres with a colour of their own
UNKNOWN = "unknown"
COLOURS = (
    "#4579d4", "#ef8636", "#3fa35b", "#dc4d52", "#9466d0", "#22b3c6",
    "#d3a20b", "#e26fb5", "#8c6d52", "#86b02c", "#127a7a", "#a5366b",
)  # fmt: skip
_OTHER_COLOUR, _UNKNOWN_COLOUR = "#9098a3", ("#c5cad1", "#6a727d")  # the latter in the light, in the dark theme
_MAX_NAME_LENGTH = 24  # characters of a genre
_MAX_VECTOR_POINTS = 2000  # more points are rasterised in SVG and PDF
_MIN_LABEL_SHARE = 0.015  # of the tracks, for a genre to be labelled on the map
_TEMPO_BINS = np.arange(40, 225, 5)


class LibraryMap(NamedTuple):
    """The data of the plot.

    Parameters
    ----------
    points : (n, 2)
        Position of each track on the map.
    genres : sequence of str or None, n
        None or "unknown" if there is no genre.
    bpms : sequence of float or None, n
        0 or None if there is no pulse.
    projection : str
        Name of the method that computed the points.
    axes : (str, str)
        Labels of the axes.
    """

    points: FloatArray
    genres: Sequence[str | None]
    bpms: Sequence[float | None]
    projection: str
    axes: tuple[str, str]


class Group(NamedTuple):
    """Tracks of one colour: name, colour, rows, and whether the group is a single genre."""

    name: str
    colour: str
    rows: IdArray
    genre: bool


def plot_library(data: LibraryMap, path: Path, *, dark: bool = False) -> None:
    """Write the plot of a library to a PNG, SVG or PDF file, by its suffix.

    Raises
    ------
    InvalidRequest
        If the suffix is another, or the file cannot be written.
    """
    names = {genre for genre in data.genres if genre}
    write_figure(lambda: draw_library(data, dark=dark), path, dark=dark, texts=names)


def draw_library(data: LibraryMap, *, dark: bool = False) -> Any:
    """The matplotlib figure of a library."""
    from matplotlib.figure import Figure

    groups = group_genres(data.genres, dark=dark)
    figure: Any = Figure(figsize=(15, 9), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
    grid = figure.add_gridspec(2, 2, width_ratios=(2.3, 1), height_ratios=(1.45, 1))
    map_axes = figure.add_subplot(grid[:, 0])
    _draw_map(map_axes, data, groups)
    _draw_genres(figure.add_subplot(grid[0, 1]), groups, dark=dark)
    _draw_tempos(figure.add_subplot(grid[1, 1]), data.bpms, dark=dark)
    count = len({genre for genre in data.genres if genre and genre != UNKNOWN})
    figure.suptitle(f"{_pluralise(len(data.genres), 'track')} in {_pluralise(count, 'genre')}", fontsize=16)
    _label_genres(map_axes, data.points, groups, dark=dark)  # last: it needs the final layout
    return figure


def group_genres(genres: Sequence[str | None], *, dark: bool = False) -> list[Group]:
    """The genres with their colours, largest first; then the smaller genres as one group, then tracks without one."""
    names = np.array([genre or UNKNOWN for genre in genres], dtype=object)
    counts = Counter(names.tolist())
    ranked = sorted((g for g in counts if g != UNKNOWN), key=lambda g: (-counts[g], g))
    kept = ranked if len(ranked) <= MAX_GENRES else ranked[: MAX_GENRES - 1]
    groups = [Group(g, colour, _rows(names, {g}), True) for g, colour in zip(kept, COLOURS, strict=False)]
    if rest := set(ranked[len(kept) :]):
        groups.append(Group(pluralise(len(rest), "other genre"), _OTHER_COLOUR, _rows(names, rest), False))
    if counts[UNKNOWN]:
        groups.append(Group(UNKNOWN, _UNKNOWN_COLOUR[dark], _rows(names, {UNKNOWN}), False))
    return groups


def _rows(names: Any, included: set[str]) -> IdArray:
    return np.array([row for row, genre in enumerate(names) if genre in included], np.int64)


def _draw_map(axes: Any, data: LibraryMap, groups: Sequence[Group]) -> None:
    n = len(data.points)
    colours = np.empty(n, dtype=object)
    for group in groups:
        colours[group.rows] = group.colour
    order = np.random.default_rng(0).permutation(n)  # so that no genre covers all others
    axes.scatter(
        *data.points[order].T, c=colours[order].tolist(), s=np.clip(450 / np.sqrt(n), 2.0, 40), linewidths=0,
        alpha=float(np.clip(12 / n**0.35, 0.3, 0.9)), rasterized=n > _MAX_VECTOR_POINTS,
    )  # fmt: skip
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.04)
    axes.set(xlabel=data.axes[0], ylabel=data.axes[1], xticks=[], yticks=[])
    axes.set_title(f"Similar tracks are close together ({data.projection})")


def _label_genres(axes: Any, points: FloatArray, groups: Sequence[Group], *, dark: bool) -> None:
    """Label each genre, unless it has few tracks, near the median of its tracks, where the label covers least."""
    axes.figure.draw_without_rendering()  # computes the transform from data to pixels
    frame = axes.get_window_extent()
    chosen = np.random.default_rng(0).permutation(len(points))[:_MAX_VECTOR_POINTS]
    pixels = axes.transData.transform(points[chosen])
    placed: list[Any] = []
    for group in groups:
        if not group.genre or len(group.rows) < max(3, _MIN_LABEL_SHARE * len(points)):
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
        box = text.get_window_extent().padded(_LABEL_PADDING)
        costs = [_label_cost(box.translated(*shift), shift, pixels, placed, frame) for shift in _LABEL_OFFSETS]
        shift = _LABEL_OFFSETS[int(np.argmin(costs))]
        text.set_position(axes.transData.inverted().transform(middle + shift))
        placed.append(box.translated(*shift))


_LABEL_OFFSETS = [(12.0 * x, 12.0 * y) for x in range(-16, 17) for y in range(-16, 17)]  # pixels
_LABEL_PADDING = 7.0  # pixels


def _label_cost(box: Any, shift: tuple[float, float], pixels: Any, placed: Sequence[Any], frame: Any) -> float:
    """The cost of a label in this box: distance from the median, covered points, overlap with labels and the frame."""
    covered = np.mean(((pixels >= box.min) & (pixels <= box.max)).all(axis=1))
    outside = box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1
    return float(np.hypot(*shift) / 100 + 25 * covered + 100 * (outside + sum(map(box.overlaps, placed))))


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
    known = np.clip([bpm for bpm in bpms if bpm], _TEMPO_BINS[0], _TEMPO_BINS[-1])
    axes.hist(known, bins=_TEMPO_BINS, color=colours.accent, rwidth=0.9)
    axes.set(xlabel="BPM", ylabel="tracks", xlim=(_TEMPO_BINS[0], _TEMPO_BINS[-1]), xticks=range(40, 221, 20))
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.margins(y=0.14)
    no_pulse = len(bpms) - len(known)
    title = "Tempo" + (f"; {_pluralise(no_pulse, 'track')} without a pulse" if no_pulse else "")
    axes.set_title(title)
    if not len(known):
        axes.set_yticks([])
        return
    median = float(np.median(known))
    axes.axvline(median, color=colours.text, linewidth=1.2, linestyle="--")
    left = median > 130
    axes.text(
        median + (-2 if left else 2), 0.98, f"median {median:.0f}", transform=axes.get_xaxis_transform(),
        ha="right" if left else "left", va="top", color=colours.text, fontsize=10,
    )  # fmt: skip


def _pluralise(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
