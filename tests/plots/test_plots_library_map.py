"""Plots of synthetic libraries: contents, colours, legibility."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.plots.library_map import COLOURS, MAX_GENRES, LibraryMap, draw_library, group_genres, plot_library
from recsys.plots.style import DARK, LIGHT, Theme

UNUSUAL_NAMES = [
    "Ñandú & <Söhne>",
    "$x_1$",
    "シンセポップ",
    "موسيقى",
    "two\nlines",
    "a name without end " * 5,
    "unknown",
    "",
]


def library(genres: Sequence[str | None], bpms: Sequence[float | None] | None = None) -> LibraryMap:
    rng = np.random.default_rng(0)
    kinds = sorted({genre or "" for genre in genres})
    centres = rng.uniform(-1, 1, (len(kinds), 2))
    points = [centres[kinds.index(genre or "")] + 0.1 * rng.standard_normal(2) for genre in genres]
    tempi = bpms or [float(bpm) for bpm in rng.uniform(60, 180, len(genres))]
    return LibraryMap(np.array(points, np.float32), genres, tempi, "PCA", ("first", "second"))


def axes_of(figure: Any) -> tuple[Any, Any, Any]:
    map_axes, bars, tempi = figure.axes
    return map_axes, bars, tempi


@pytest.mark.parametrize("dark", [False, True])
def test_plot_has_counts_labels_and_titles(dark: bool) -> None:
    figure = draw_library(library(["jazz"] * 30 + ["metal"] * 20 + ["folk"], [120.0] * 40 + [None] * 11), dark=dark)
    map_axes, bars, tempi = axes_of(figure)
    assert figure.get_suptitle() == "51 tracks in 3 genres"
    assert "PCA" in map_axes.get_title()
    assert (map_axes.get_xlabel(), map_axes.get_ylabel()) == ("first", "second")
    assert [label.get_text() for label in bars.get_yticklabels()] == ["jazz", "metal", "folk"]
    assert [text.get_text() for text in bars.texts] == ["30", "20", "1"]
    assert tempi.get_title() == "Tempo; 11 tracks without a pulse"
    assert [text.get_text() for text in tempi.texts] == ["median 120"]
    assert [text.get_text() for text in map_axes.texts] == ["jazz", "metal"]  # one track is too few for a label


def test_points_and_bars_have_the_same_colours() -> None:
    from matplotlib.colors import to_hex

    genres = ["jazz"] * 30 + ["metal"] * 20
    map_axes, bars, _ = axes_of(draw_library(library(genres)))
    colours = [to_hex(colour) for colour in map_axes.collections[0].get_facecolors()]
    assert sorted(map(colours.count, set(colours))) == [20, 30]
    assert {to_hex(patch.get_facecolor()) for patch in bars.patches} == set(colours) == set(COLOURS[:2])


def test_smaller_genres_are_one_group() -> None:
    genres: list[str | None] = [f"genre {i:02}" for i in range(20) for _ in range(25 - i)]
    genres += ["unknown", None]
    groups = group_genres(genres)
    names = [group.name for group in groups]
    assert names == [*(f"genre {i:02}" for i in range(MAX_GENRES - 1)), "9 other genres", "unknown"]
    assert len({group.colour for group in groups}) == len(groups)
    assert sorted(row for group in groups for row in group.rows) == list(range(len(genres)))
    assert len(group_genres(genres[: sum(25 - i for i in range(MAX_GENRES))])) == MAX_GENRES  # one for each colour


def test_labels_do_not_overlap_or_leave_the_map() -> None:
    rng = np.random.default_rng(1)
    genres = [f"a genre called {i}" for i in range(MAX_GENRES)] * 20
    data = library(genres)._replace(points=(0.01 * rng.standard_normal((len(genres), 2))).astype(np.float32))
    map_axes = draw_library(data).axes[0]
    boxes = [text.get_window_extent() for text in map_axes.texts]
    assert len(boxes) == MAX_GENRES
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    frame = map_axes.get_window_extent()
    assert all(frame.x0 < box.x0 and box.x1 < frame.x1 and frame.y0 < box.y0 and box.y1 < frame.y1 for box in boxes)


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
@pytest.mark.parametrize("dark", [False, True])
def test_unusual_libraries_are_drawn(format: str, dark: bool, tmp_path: Path) -> None:
    libraries: list[list[str | None]] = [["jazz"], [None, None], [*UNUSUAL_NAMES] * 5]
    for genres in libraries:
        tempi: list[float | None] = [None, 30.0, 999.0]
        for bpms in ([tempo] * len(genres) for tempo in tempi):
            plot_library(library(genres, bpms), tmp_path / f"x.{format}", dark=dark)
    assert (tmp_path / f"x.{format}").stat().st_size > 5000


def test_same_library_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    data = library(["jazz"] * 30 + ["metal"] * 20)
    for format in ("png", "svg", "pdf"):
        for name in ("one", "two"):
            plot_library(data, tmp_path / f"{name}.{format}")
        assert (tmp_path / f"one.{format}").read_bytes() == (tmp_path / f"two.{format}").read_bytes()


def test_many_points_are_rasterised_in_svg(tmp_path: Path) -> None:
    plot_library(library(["jazz", "metal"] * 10_000), tmp_path / "many.svg")
    text = (tmp_path / "many.svg").read_text(encoding="utf-8")
    assert text.count("<image") == 1
    assert len(text) < 3e6
    plot_library(library(["jazz", "metal"] * 20), tmp_path / "few.svg")
    assert "<image" not in (tmp_path / "few.svg").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    from matplotlib.colors import to_rgb

    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colours_contrast_with_both_backgrounds(theme: Theme) -> None:
    for colour, least in (*((c, 2.2) for c in COLOURS), (theme.text, 12.0), (theme.muted, 4.5)):
        lighter, darker = sorted((luminance(colour), luminance(theme.background)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) > least, colour
