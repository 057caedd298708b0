"""What a question is about: tracks of the library, all of an album or artist, or files that are in no library."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from recsys.errors import AmbiguousTrack, NothingFound, RecsysError
from recsys.library.catalogue import Catalogue
from recsys.library.text import fold
from recsys.reasons import name_of
from recsys.types import FloatArray, IdArray, Track

_NAMED = 2  # seeds in a title before "and 3 more"


@dataclass(frozen=True, slots=True)
class Seeds:
    """Tracks of the library and, beside them, files that were listened to just now, with their features (m, D)."""

    name: str
    tracks: tuple[Track, ...]
    outside: tuple[Track, ...] = ()
    features: tuple[FloatArray, ...] = field(default=(), repr=False)

    @property
    def ids(self) -> IdArray:
        """Ids (n,) of the library's tracks."""
        return np.array([track.id for track in self.tracks], np.int64)

    @classmethod
    def find(
        cls, catalogue: Catalogue, references: Sequence[str], *, album: str | None = None, artist: str | None = None
    ) -> Self:
        """All that is named; a reference to a file that the library does not know is listened to.

        Raises
        ------
        NothingFound, AmbiguousTrack
        RecsysError
            A file cannot be listened to.
        """
        tracks: dict[int, Track] = {}
        outside: list[tuple[Track, FloatArray]] = []
        names: list[str] = []
        for reference in references:
            try:
                track = catalogue.resolve(reference)
            except NothingFound:
                if not Path(reference).is_file():
                    raise
                found = _listen(catalogue, reference)
                if isinstance(found, tuple):
                    outside.append(found)
                    names.append(found[0].title)
                    continue
                track = found
            tracks[track.id] = track
            names.append(name_of(track))
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


def _listen(catalogue: Catalogue, path: str) -> Track | tuple[Track, FloatArray]:
    """The track of the library that this file is a copy of, or what it is and its features."""
    from recsys.ingest.worker import Refusal, analyse_file, identify_file

    identity = identify_file(path)
    outcome = identity if isinstance(identity, Refusal) else None
    if not isinstance(identity, Refusal):
        known = catalogue.find([identity.payload]).get(identity.payload)
        if known is not None and known.analysed:
            return catalogue.get([known.id])[known.id]
        heard = analyse_file(path)
        if not isinstance(heard, Refusal):
            tags, analysis = identity.tags, heard.analysis
            track = Track(
                id=0,
                path=os.path.abspath(path),  # noqa: PTH100 - links stay as named
                artist=tags.artist,
                title=tags.title or Path(path).stem,
                album=tags.album,
                genre=heard.prediction.genre,
                genre_probability=heard.prediction.probability,
                tagged_genre=tags.genre,
                duration=identity.info.duration,
                bpm=analysis.tempo.bpm or None,
                key=str(analysis.key),
            )
            return track, heard.normalised
        outcome = heard
    assert outcome is not None
    raise RecsysError(f"cannot listen to {path}: {outcome.reason}")


def _album(catalogue: Catalogue, album: str) -> tuple[list[Track], str]:
    """All tracks of the one album of this name: those in one folder, or by one album artist, belong together."""
    wanted = fold(album)
    found = [track for track in _holding(catalogue, album) if track.album and fold(track.album) == wanted]
    albums: list[list[Track]] = []
    for track in found:
        together = [group for group in albums if any(_one_album(track, other) for other in group)]
        albums = [group for group in albums if group not in together]
        albums.append([*(other for group in together for other in group), track])
    if not albums:
        raise NothingFound(f"no album is called {album!r}; look for it with: recsys tracks WORD…")
    if len(albums) > 1:
        lines = [f"{len(tracks)} tracks, {tracks[0].album_artist or _folder(tracks[0])}" for tracks in albums]
        raise AmbiguousTrack(f"{len(albums)} albums are called {album!r}; name their tracks instead", lines)
    return albums[0], f"the album {albums[0][0].album}"


def _one_album(one: Track, other: Track) -> bool:
    if _folder(one) == _folder(other):
        return True
    return bool(one.album_artist and other.album_artist) and fold(one.album_artist) == fold(other.album_artist)  # type: ignore[arg-type]


def _folder(track: Track) -> str:
    return os.path.dirname(track.path)  # noqa: PTH120 - a path as text


def _artist(catalogue: Catalogue, artist: str) -> tuple[list[Track], str]:
    wanted = fold(artist)
    tracks = [
        track
        for track in _holding(catalogue, artist)
        if wanted in {fold(name) for name in (track.artist, track.album_artist) if name}
    ]
    if not tracks:
        raise NothingFound(f"no artist is called {artist!r}; look for it with: recsys tracks WORD…")
    return tracks, tracks[0].artist or artist


def _holding(catalogue: Catalogue, words: str) -> list[Track]:
    """Present tracks that have been listened to and somewhere hold all these words."""
    return [track for track in catalogue.tracks(words) if track.analysed] if words.strip() else []
