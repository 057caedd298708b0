"""Queries: what similar tracks are searched for. Tracks of the library, an album, an artist, or files outside it."""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

import numpy as np

from recsys.app.validation import audio_error, ensure_accessible, ensure_analysed, track_label
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.audio import AnalysisResult, Identity
from recsys.domain.paths import absolute_path, is_file
from recsys.domain.tracks import Track
from recsys.errors import AmbiguousTrack, Hint, NotAnalysed, NotFound
from recsys.ingest.file_workers import FileWorkers
from recsys.recommend.vectors import similarity_vectors

if TYPE_CHECKING:
    from recsys.ingest.worker import AnalysisFailure
    from recsys.nearest import NearestIndex

T = TypeVar("T", Identity, AnalysisResult)

_ID = re.compile(r"[1-9][0-9]{0,8}")
_N_NAMED = 2  # references in the name of a query before "and 3 more"


@dataclass(frozen=True, slots=True)
class SimilarityQuery:
    """Tracks of the library, and files outside it as tracks with their normalised features (m, D)."""

    name: str
    tracks: tuple[Track, ...]
    external_tracks: tuple[Track, ...] = ()
    features: tuple[FloatArray, ...] = field(default=(), repr=False)

    @property
    def ids(self) -> IdArray:
        """Ids (n,) of the tracks of the library."""
        return np.array([track.id for track in self.tracks], np.int64)

    @classmethod
    def resolve(
        cls,
        catalogue: Catalogue,
        references: Sequence[str],
        *,
        album: str | None = None,
        artist: str | None = None,
        workers: FileWorkers | None = None,
        present: Mapping[str, Track] | None = None,
    ) -> Self:
        """The query of some references, an album and an artist; a file that is not in the library is analysed.

        Files are analysed by ``workers``, by default a process of their own. ``present`` has what
        :func:`present_by_id` finds of the references, where it is known.

        Raises
        ------
        NotFound
            A reference is neither a track nor a file, or there is no such album or artist.
        AmbiguousTrack
            Several tracks match a reference, or several albums have the name.
        AudioError
            A file outside the library cannot be analysed.
        """
        tracks: dict[int, Track] = {}
        external: list[tuple[Track, FloatArray]] = []
        names: list[str] = []
        present = present_by_id(catalogue, references) if present is None else present
        with FileWorkers() if workers is None else nullcontext(workers) as pool:
            for reference in references:
                try:
                    track = present.get(reference) or catalogue.resolve(reference)
                except (NotFound, AmbiguousTrack):
                    ensure_accessible(reference)
                    if not is_file(reference):
                        raise
                    found = analyse_external(catalogue, reference, pool)
                    if isinstance(found, tuple):
                        external.append(found)
                        names.append(found[0].title)
                        continue
                    track = found
                tracks[track.id] = track
                names.append(track_label(track))
        for members, name in (
            *([_tracks_of_album(catalogue, album)] if album else []),
            *([_tracks_of_artist(catalogue, artist)] if artist else []),
        ):
            tracks |= {track.id: track for track in members}
            names.append(name)
        more = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
        return cls(
            ", ".join(names[:_N_NAMED]) + more,
            tuple(tracks.values()),
            tuple(track for track, _ in external),
            tuple(features for _, features in external),
        )


def present_by_id(catalogue: Catalogue, references: Sequence[str]) -> dict[str, Track]:
    """The present tracks of those references that are ids: one query for all tracks of an album or artist."""
    ids = [int(reference) for reference in references if _ID.fullmatch(reference)]
    if not ids:
        return {}
    return {str(i): track for i, track in catalogue.tracks_by_id(ids).items() if not track.missing}


class QueryVectors(NamedTuple):
    """Similarity vectors (n, d) of a query and their local densities (n,)."""

    vectors: FloatArray
    densities: FloatArray


def query_vectors(index: "NearestIndex", query: SimilarityQuery) -> QueryVectors:
    """The vectors of the tracks of a query; raises NotAnalysed where one has none."""
    for track in query.tracks:
        ensure_analysed(track, index)
    vectors, densities = index.vectors(query.ids), index.densities(query.ids)
    if query.external_tracks:
        external = similarity_vectors(np.stack(query.features))
        vectors = np.vstack([vectors, external])
        densities = np.append(densities, index.local_density(external))
    return QueryVectors(vectors, densities)


def analyse_external(catalogue: Catalogue, path: str, workers: FileWorkers) -> Track | tuple[Track, FloatArray]:
    """The track of the library with the same audio as a file; else a track made of the file, with its features (D,).

    Raises
    ------
    AudioError
        The file cannot be analysed.
    """
    from recsys.ingest.worker import analyse_file, identify_file

    identity = _ensure_analysed(path, workers.call(identify_file, path))
    known = catalogue.find_by_hash([identity.audio_hash]).get(identity.audio_hash)
    if known is not None and known.analysed:
        return catalogue.tracks_by_id([known.id])[known.id]
    result = _ensure_analysed(path, workers.call(analyse_file, path))
    tags, analysis = identity.tags, result.analysis
    track = Track(
        id=0,
        path=str(absolute_path(path)),
        artist=tags.artist,
        title=tags.title or Path(path).stem,
        album=tags.album,
        genre=result.prediction.genre,
        genre_probability=result.prediction.probability,
        tagged_genre=tags.genre,
        artists=tags.artists,
        album_artist=tags.album_artist,
        album_artists=tags.album_artists,
        tagged_genres=tags.genres,
        duration=identity.info.duration,
        bpm=analysis.tempo.bpm or None,
        key=str(analysis.key),
        bpm_alternative=analysis.tempo.alternative_bpm,
        bpm_alternative_probability=analysis.tempo.alternative_probability,
        track_number=tags.track_number,
        disc_number=tags.disc_number,
        year=tags.year,
        original_year=tags.original_year,
        compilation=tags.compilation,
        loudness=analysis.loudness,
        musicbrainz_recording=tags.musicbrainz_recording,
        valence=result.mood.valence if result.mood else None,
        arousal=result.mood.arousal if result.mood else None,
    )
    return track, result.normalised


def _ensure_analysed(path: str, result: "T | AnalysisFailure") -> T:
    """The result of a worker; raises AudioError if it is a failure."""
    if not isinstance(result, Identity | AnalysisResult):
        raise audio_error(result.stage, f"cannot analyse {path}: {result.reason}")
    return result


def _tracks_of_album(catalogue: Catalogue, reference: str) -> tuple[list[Track], str]:
    """The analysed tracks of the one album of this name, and the name of the query."""
    album, ids = catalogue.resolve_album(reference)
    return _analysed(catalogue, ids, f"the album {album.title}"), f"the album {album.title}"


def _tracks_of_artist(catalogue: Catalogue, reference: str) -> tuple[list[Track], str]:
    """The analysed tracks in which an artist takes part, and of albums by the artist, and the name of the query."""
    artist, ids = catalogue.resolve_artist(reference)
    return _analysed(catalogue, ids, artist.name), artist.name


def _analysed(catalogue: Catalogue, ids: Sequence[int], name: str) -> list[Track]:
    tracks = [track for track in catalogue.tracks_by_id(ids).values() if track.analysed]
    if not tracks:
        raise NotAnalysed(f"no track of {name} has been analysed by this version", hint=Hint.INGEST)
    return tracks
