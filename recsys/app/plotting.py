"""Plots: of a recording, which may be outside the library, and of a whole library."""

import os
from functools import partial
from pathlib import Path

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.validation import audio_error, ensure_accessible, failure_reason
from recsys.config import FILE_TIMEOUT
from recsys.domain.paths import absolute_path, exists
from recsys.domain.tracks import Track
from recsys.errors import AmbiguousTrack, Hint, LibraryError, NotFound, pluralise

MAX_DURATION = 600.0  # seconds of a recording that are drawn
_MAX_NAME_LENGTH = 50  # characters of a name in a title


def plot(
    file: str | os.PathLike[str],
    output: Path,
    *,
    track: Track | None = None,
    dark: bool = False,
    file_timeout: float = FILE_TIMEOUT,
) -> None:
    """Draw a recording to a file; of a long one the first :data:`MAX_DURATION` seconds.

    Silence before and after the music is left out. Tempo and key are those of ``track``, if the file is one of the
    library; else they are estimated as an ingest does.

    Raises
    ------
    NotFound
        The file does not exist.
    AudioError
        The file cannot be analysed.
    InvalidRequest
        ``output`` is not a picture, or cannot be written.
    """
    from recsys.ingest.file_workers import WHOLE_FILE_FACTOR, FileWorkers
    from recsys.ingest.whole_files import analyse_recording
    from recsys.ingest.worker import AnalysisFailure
    from recsys.plots.style import check_output_path, printable_text

    check_output_path(output)  # decoding a long file takes minutes
    if not exists(os.fspath(file)):
        raise NotFound(f"there is no file {file}")
    with FileWorkers(file_timeout=WHOLE_FILE_FACTOR * file_timeout) as workers:
        known = track if track is not None and track.key else None  # a track that is not analysed has no key
        read = partial(analyse_recording, max_duration=MAX_DURATION, estimate=known is None)
        data = workers.call(read, os.fspath(file))
    if isinstance(data, AnalysisFailure):
        raise audio_error(data.stage, failure_reason(file, data))
    from recsys.plots.recording import Recording, plot_recording

    title = printable_text(track.label if track else data.label, _MAX_NAME_LENGTH)
    bpm, key = (known.bpm, known.key) if known else (data.bpm, data.key)
    if data.end - data.start > MAX_DURATION:
        title += f", the first {pluralise(round(MAX_DURATION / 60), 'minute')}"
    plot_recording(Recording(data.y, data.sr, bpm or 0.0, key or "", title, data.start), output, dark=dark)


def plot_reference(context: LibraryContext, reference: str, output: Path | None, *, dark: bool = False) -> Path:
    """Draw a file, else a track of the library; see :meth:`recsys.Library.plot`."""
    file = reference
    if exists(reference):
        track = _track_of_file(context, reference)
    else:
        try:
            with context.open() as catalogue:
                track = catalogue.resolve(reference)
        except NotFound:
            ensure_accessible(reference)
            raise NotFound(
                f"{reference} is neither a file nor a track of the library", hint=Hint.SEARCH_TRACKS
            ) from None
        file = track.path
    output = output or Path(f"{Path(file).stem}.png")
    plot(file, output, track=track, dark=dark, file_timeout=context.settings.file_timeout)
    return output


def _track_of_file(context: LibraryContext, file: str) -> Track | None:
    """The track of the library that this file is; None if there is none, or no library that can be read."""
    path = str(absolute_path(file))
    try:
        with context.open() as catalogue:
            track = catalogue.resolve(path)
    except (NotFound, AmbiguousTrack, LibraryError):
        return None
    return track if path in (track.path, *track.paths) else None


def plot_library(context: LibraryContext, output: Path, *, projection: str | None = None, dark: bool = False) -> str:
    """Draw the present tracks of a library: a map, the genres and the tempi; see :meth:`recsys.Library.plot_library`.

    Returns
    -------
    str
        The projection: "PCA" or "UMAP".

    Raises
    ------
    NotAnalysed
        No track has been analysed.
    NotFound
        No analysed track is present.
    InvalidRequest
        The projection is unknown or not installed, or ``output`` is not a picture or cannot be written.
    """
    from recsys.plots.library_map import LibraryMap, plot_library
    from recsys.plots.style import check_output_path
    from recsys.recommend.layout_2d import project_2d, resolve_projection

    check_output_path(output)
    method = resolve_projection(projection)
    with context.open() as catalogue:
        index = context.index(catalogue, complete=True)
        tracks = {track.id: (track.genre, track.bpm) for track in catalogue.summaries()}
        ids = index.intersect(np.fromiter(tracks, np.int64))
        if not len(ids):
            raise NotFound("no track is present", hint=Hint.INGEST)
        layout = project_2d(index.vectors(ids), method)
    genres, bpms = zip(*(tracks[track_id] for track_id in ids.tolist()), strict=True)
    name, axes = "UMAP", ("", "")
    if layout.shares is not None:
        first, second = (f"{share:.0%} of the variance" for share in layout.shares)
        name, axes = "PCA", (f"first principal component: {first}", f"second: {second}")
    plot_library(LibraryMap(layout.points, genres, bpms, name, axes), output, dark=dark)
    return name
