"""What a question is about: tracks of the library, all of an album or artist, or files that are in no library."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from recsys.app.validation import track_label
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.audio import AnalysisResult, Identity
from recsys.domain.tracks import Track
from recsys.errors import AmbiguousTrack, NotFound, RecsysError
from recsys.metadata.albums import album_numbers
from recsys.metadata.names import artist_key
from recsys.metadata.text import fold

if TYPE_CHECKING:
    from recsys.ingest.worker import AnalysisFailure

T = TypeVar("T", Identity, AnalysisResult)

_NAMED = 2  # seeds in a title before "and 3 more"


@dataclass(frozen=True, slots=True)
class SimilarityQuery:
    """Tracks of the library and, beside them, files that were listened to just now, with their features (m, D)."""

    name: str
    tracks: tuple[Track, ...]
    external_tracks: tuple[Track, ...] = ()
    features: tuple[FloatArray, ...] = field(default=(), repr=False)

    @property
    def ids(self) -> IdArray:
        """Ids (n,) of the library's tracks."""
        return np.array([track.id for track in self.tracks], np.int64)

    @classmethod
    def resolve(
        cls, catalogue: Catalogue, references: Sequence[str], *, album: str | None = None, artist: str | None = None
    ) -> Self:
        """All that is named; a reference to a file that the library does not know is listened to.

        Raises
        ------
        NotFound, AmbiguousTrack
        RecsysError
            A file cannot be listened to.
        """
        tracks: dict[int, Track] = {}
        outside: list[tuple[Track, FloatArray]] = []
        names: list[str] = []
        for reference in references:
            try:
                track = catalogue.resolve(reference)
            except (NotFound, AmbiguousTrack):
                if not Path(reference).is_file():
                    raise
                found = _analyse_file(catalogue, reference)
                if isinstance(found, tuple):
                    outside.append(found)
                    names.append(found[0].title)
                    continue
                track = found
            tracks[track.id] = track
            names.append(track_label(track))
        for members, name in (
            *([_album(catalogue, album)] if album else []),
            *([_artist(catalogue, artist)] if artist else []),
        ):
            tracks |= {track.id: track for track in members}
            names.append(name)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return cls(
            ", ".join(names[:_NAMED]) + more,
            tuple(tracks.values()),
            tuple(track for track, _ in outside),
            tuple(features for _, features in outside),
        )


def _analyse_file(catalogue: Catalogue, path: str) -> Track | tuple[Track, FloatArray]:
    """The track of the library that this file is a copy of, or what it is and its features."""
    from recsys.ingest.worker import analyse_file, identify_file

    identity = _check_analysis(path, identify_file(path))
    known = catalogue.find_by_hash([identity.audio_hash]).get(identity.audio_hash)
    if known is not None and known.analysed:
        return catalogue.tracks_by_id([known.id])[known.id]
    heard = _check_analysis(path, analyse_file(path))
    tags, analysis = identity.tags, heard.analysis
    track = Track(
        id=0,
        path=str(Path(path).absolute()),
        artist=tags.artist,
        title=tags.title or Path(path).stem,
        album=tags.album,
        genre=heard.prediction.genre,
        genre_probability=heard.prediction.probability,
        tagged_genre=tags.genre,
        duration=identity.info.duration,
        bpm=analysis.tempo.bpm or None,
        key=str(analysis.key),
        bpm_alternative=analysis.tempo.alternative_bpm,
        bpm_alternative_probability=analysis.tempo.alternative_probability,
        valence=heard.mood.valence if heard.mood else None,
        arousal=heard.mood.arousal if heard.mood else None,
    )
    return track, heard.normalised


def _check_analysis(path: str, answer: "T | AnalysisFailure") -> T:
    """What a worker says of a file, unless it refuses it."""
    if not isinstance(answer, Identity | AnalysisResult):
        raise RecsysError(f"cannot listen to {path}: {answer.reason}")
    return answer


def _album(catalogue: Catalogue, album: str) -> tuple[list[Track], str]:
    """All tracks of the one album of this name."""
    wanted = fold(album)
    found = [track for track in _tracks_matching(catalogue, album) if track.album and fold(track.album) == wanted]
    albums: dict[int | None, list[Track]] = {}
    for track, number in zip(found, album_numbers(found), strict=True):
        albums.setdefault(number, []).append(track)
    if not albums:
        raise NotFound(f"no album is called {album!r}; look for it with: recsys tracks WORD…")
    if len(albums) > 1:
        lines = [f"{len(t)} tracks, {t[0].album_artist or Path(t[0].path).parent}" for t in albums.values()]
        raise AmbiguousTrack(f"{len(albums)} albums are called {album!r}; name their tracks instead", lines)
    [tracks] = albums.values()
    return tracks, f"the album {tracks[0].album}"


def _artist(catalogue: Catalogue, artist: str) -> tuple[list[Track], str]:
    wanted = artist_key(artist)
    tracks = [
        track
        for track in _tracks_matching(catalogue, artist)
        if wanted in {artist_key(name) for name in (track.artist, track.album_artist) if name}
    ]
    if not tracks:
        raise NotFound(f"no artist is called {artist!r}; look for it with: recsys tracks WORD…")
    return tracks, tracks[0].artist or artist


def _tracks_matching(catalogue: Catalogue, words: str) -> list[Track]:
    """Present tracks that have been listened to and somewhere hold all these words."""
    return [track for track in catalogue.tracks(words) if track.analysed] if words.strip() else []
