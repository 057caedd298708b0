"""Pictures: of single recordings, in no library or in one, and of a library."""

import os
from pathlib import Path

import numpy as np

from recsys.app.context import LibraryContext
from recsys.errors import Hint, NotFound

MAX_DURATION = 600.0  # seconds of a recording that are drawn
_MAX_NAME_LENGTH = 50  # letters of a file's name


def plot(file: str | os.PathLike[str], output: Path, *, dark: bool = False) -> None:
    """Draw a recording into a file; of a long one the first :data:`MAX_DURATION` seconds.

    Silence before and after the music is left out.

    Raises
    ------
    AudioError
        It cannot be listened to.
    InvalidRequest
        ``output`` is no picture, or cannot be written.
    """
    from recsys.audio.excerpts import read_whole
    from recsys.features.embedding import embed
    from recsys.features.key import estimate_key
    from recsys.features.pace import pace
    from recsys.features.spectrum import Spectrum
    from recsys.features.tempo import estimate_tempo
    from recsys.plots.recording import Recording, plot_recording
    from recsys.plots.style import check_output_path, printable_text

    check_output_path(output)  # before minutes are decoded
    heard = read_whole(file, max_duration=MAX_DURATION)
    y = heard.windows[0].y
    spectra = [Spectrum(y, heard.sr)]
    key = estimate_key(spectra)
    title = printable_text(Path(file).name, _MAX_NAME_LENGTH)
    if heard.music_end - heard.music_start > MAX_DURATION:
        title += f", the first {MAX_DURATION / 60:.0f} minutes"
    tempo = estimate_tempo(spectra, pace(embed([y], heard.sr).tags.mean(axis=0)))
    sound = Recording(y, heard.sr, tempo.bpm, str(key), title, heard.music_start)
    plot_recording(sound, output, dark=dark)


def plot_reference(context: LibraryContext, reference: str, output: Path | None, *, dark: bool = False) -> Path:
    """Draw a file, else the track of the library that is called so; where, by default NAME.png in this folder.

    Raises
    ------
    NotFound, AmbiguousTrack
        It is neither, or several tracks.
    AudioError, InvalidRequest
    """
    file = reference
    if not Path(reference).exists():
        try:
            with context.open() as catalogue:
                file = catalogue.resolve(reference).path
        except NotFound:
            raise NotFound(f"there is no file {reference}, and no track of the library is called so") from None
    output = output or Path(f"{Path(file).stem}.png")
    plot(file, output, dark=dark)
    return output


def plot_library(context: LibraryContext, output: Path, *, projection: str | None = None, dark: bool = False) -> str:
    """Draw a library into a file: a map of its present tracks, their genres and tempi; how they were laid out.

    Raises
    ------
    NotFound
        There is no track that has been listened to.
    InvalidRequest
        There is no such projection, or it is not installed; ``output`` is no picture, or cannot be written.
    """
    from recsys.plots.library_map import LibraryMap, plot_library
    from recsys.plots.style import check_output_path
    from recsys.recommend.layout_2d import project_2d, resolve_projection

    check_output_path(output)
    wish = resolve_projection(projection)
    with context.open() as catalogue:
        index = context.index(catalogue, complete=True)
        sounds = {track_id: (genre, bpm) for track_id, genre, bpm in catalogue.genre_and_bpm()}
        ids = index.intersect(np.fromiter(sounds, np.int64))
        if not len(ids):
            raise NotFound("no track is present", hint=Hint.INGEST)
        plane = project_2d(index.vectors(ids), wish)
    genres, bpms = zip(*(sounds[track_id] for track_id in ids.tolist()), strict=True)
    said, axes = "UMAP", ("", "")
    if plane.shares is not None:
        first, second = (f"{share:.0%} of the variance" for share in plane.shares)
        said, axes = "PCA", (f"first principal component: {first}", f"second: {second}")
    plot_library(LibraryMap(plane.points, genres, bpms, said, axes), output, dark=dark)
    return said
