"""The map of a library, and the file beside the index that keeps its points."""

import logging
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recsys.app.context import LibraryContext
from recsys.atomic import atomic_write
from recsys.domain.arrays import FloatArray
from recsys.domain.maps import NO_GENRE, LibraryMap
from recsys.domain.tracks import UNKNOWN
from recsys.errors import Hint, NotFound
from recsys.recommend.map_labels import label_regions
from recsys.recommend.map_layout import LAYOUT_VERSION, MapLayout, make_layout

_log = logging.getLogger(__name__)


def library_map(context: LibraryContext, *, anew: bool, on_progress: Callable[[float], None]) -> LibraryMap:
    """The map of the present analysed tracks; see :meth:`recsys.Library.map`."""
    with context.open() as catalogue:
        index = context.index(catalogue)
        tracks = catalogue.summaries()
    former = read_layout(context.settings.map_path)
    layout = make_layout(index, former, anew=anew, on_progress=on_progress)
    if layout is not former:
        _write_layout(context.settings.map_path, layout)
    _, rows, columns = np.intersect1d(
        layout.ids, np.array([track.id for track in tracks], np.int64), assume_unique=True, return_indices=True
    )
    if not len(rows):
        raise NotFound("no track is present", hint=Hint.INGEST)
    shown = [tracks[column] for column in columns.tolist()]
    genres = tuple(sorted({track.genre for track in shown if track.genre not in (None, UNKNOWN)}))
    number = {genre: i for i, genre in enumerate(genres)}
    genre_numbers = np.array([number.get(track.genre or "", NO_GENRE) for track in shown], np.uint16)
    points = layout.points[rows]
    return LibraryMap(
        ids=layout.ids[rows],
        points=points,
        years=np.array([track.year or 0 for track in shown], np.uint16),
        bpms=_with_nan([track.bpm for track in shown]),
        loudnesses=_with_nan([track.loudness for track in shown]),
        genre_numbers=genre_numbers,
        genres=genres,
        labels=label_regions(points, genre_numbers, genres),
    )


def _with_nan(values: list[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], np.float32)


def read_layout(path: Path) -> MapLayout | None:
    """The layout in a file; None without a usable one."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            if int(file["version"]) != LAYOUT_VERSION:
                return None
            layout = MapLayout(file["ids"], file["points"], file["fingerprints"], file["arranged"], float(file["unit"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        _log.warning("cannot read the map %s (%s); it is made again", path, error)
        return None
    return layout


def _write_layout(path: Path, layout: MapLayout) -> None:
    try:
        with atomic_write(path) as file:
            np.savez(
                file, version=LAYOUT_VERSION, ids=layout.ids, points=layout.points,
                fingerprints=layout.fingerprints, arranged=layout.arranged, unit=layout.unit,
            )  # fmt: skip
    except OSError as error:  # a full disk or a read-only folder costs time, not the result
        _log.warning("cannot write the map %s: %s", path, error.strerror or error)
