"""Labelled tracks of a library for the training of genre models, and the groups that their tracks form.

A group is what is split into folds and combined as a whole: the tracks of an artist, else of an album, else one track.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.domain.paths import absolute_path
from recsys.domain.tracks import Track, TrackCredits
from recsys.errors import Hint, NotAnalysed, NotFound
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.metadata.names import genre_key, track_artist_key

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.genre.training_set import TrainingSet

_BLOCK = 1024  # tracks whose vectors are read at once
_TRACKS = 5000  # read at once


def load_training_set(catalogue: "Catalogue", labels: str, dimensions: IdArray | None = None) -> "TrainingSet":
    """The analysed tracks that have a label.

    A genre tag or a cell may have several genres ("Rock; Pop"): the track has one row for each.

    Parameters
    ----------
    catalogue : Catalogue
    labels : str
        "tags" for the genre tags of the files, "folders" for the names of their folders, or the path of a CSV file.
    dimensions : (d,) or None
        Numbers of the dimensions of the vectors that are kept, ascending; None is all.

    Raises
    ------
    NotAnalysed
        No track has been analysed.
    NotFound
        No track has a label.
    InvalidRequest
        The CSV file cannot be read, or has no columns path and genre.
    """
    from recsys.genre.dimensions import SomeDimensions
    from recsys.genre.several import split_genres
    from recsys.genre.training_set import TrainingSet, row_digest
    from recsys.metadata.labels import NO_GENRE, labels_from_folders, labels_from_table, labels_from_tags

    ids = np.intersect1d(catalogue.ids(), catalogue.vector_ids())
    tracks = [
        _without_the_rest(track)
        for start in range(0, len(ids), _TRACKS)
        for track in catalogue.tracks_by_id(ids[start : start + _TRACKS].tolist()).values()
    ]
    if not tracks:
        raise NotAnalysed("no track has been analysed yet", hint=Hint.INGEST)
    if labels == "tags":
        labelled = labels_from_tags(tracks, catalogue.tag_edits.genres())
    elif labels == "folders":
        labelled = labels_from_folders(tracks, catalogue.roots())
    else:
        labels = str(absolute_path(labels))
        labelled = labels_from_table(tracks, Path(labels))
    of_tracks = [(g,) if g else () for g in labelled.genres] if labels == "folders" else split_genres(labelled.texts)
    genres = [tuple(genre for genre in several if genre.casefold() not in NO_GENRE) for several in of_tracks]
    rows = [i for i, several in enumerate(genres) for _ in several]  # one for each genre of a track
    if not rows:
        raise NotFound(f"no track of the library has a genre by the {labelled.source}", hint=Hint.GIVE_LABELS)
    groups = list(_group_names(labelled.artists, labelled.albums))
    kinds = [groups[i][0] for i in rows]
    labels_of_rows = tuple(genre for several in genres for genre in several)
    names, paths = tuple(groups[i][1] for i in rows), tuple(tracks[i].path for i in rows)
    row_ids, source = tuple(tracks[i].id for i in rows), labelled.source
    del tracks, labelled, groups, genres, of_tracks  # before the vectors are read
    numbers = np.arange(len(DIMENSIONS)) if dimensions is None else dimensions
    values = np.empty((len(rows), len(numbers)), np.float32)
    digests: list[bytes] = []
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        vectors = catalogue.vectors_by_id(row_ids[block])
        values[block] = vectors[:, numbers]
        digests += map(row_digest, vectors, labels_of_rows[block])
    return TrainingSet(
        values if dimensions is None else SomeDimensions(values, numbers),
        labels_of_rows, names, paths, row_ids, source, max(("artist", "album", "track"), key=kinds.count), labels,
        tuple(digests),
    )  # fmt: skip


def _without_the_rest(track: Track) -> Track:
    """The track with what labels and groups are made of: a quarter of its 2 KB."""
    return Track(
        track.id, track.path, track.artist, "", None, None, None, track.tagged_genre, 0.0, None, None,
        album_artist=track.album_artist, paths=track.paths, artists=track.artists, album_artists=track.album_artists,
        album_id=track.album_id,
    )  # fmt: skip


def with_same_artist_tracks(catalogue: "Catalogue", ids: IdArray) -> tuple[IdArray, IdArray]:
    """Ids (m,) of all analysed tracks in the groups of some tracks, and the number (m,) of the group of each."""
    analysed = set(catalogue.vector_ids().tolist())
    credits = [each for each in catalogue.track_credits() if each.id in analysed]
    groups = [name for _, name in _group_names(list(map(track_artist_key, credits)), _album_names(credits))]
    requested = set(ids.tolist())
    touched = {group for each, group in zip(credits, groups, strict=True) if each.id in requested}
    numbers = {group: number for number, group in enumerate(sorted(touched))}
    rows = [(each.id, numbers[group]) for each, group in zip(credits, groups, strict=True) if group in touched]
    found = np.array(rows, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def default_model_probabilities(catalogue: "Catalogue", training_set: "TrainingSet") -> DoubleArray:
    """Probabilities (n, c) of the genres of a training set by the default model; about 0 for genres it does not have.

    Each row sums to 1.
    """
    from recsys.genre.model import default_model

    model = default_model()
    ids = list(training_set.ids)
    blocks = [
        model.probabilities(catalogue.vectors_by_id(ids[start : start + _BLOCK], "raw", GROUPS["tags"]))
        for start in range(0, len(ids), _BLOCK)
    ]
    probabilities = np.concatenate(blocks)
    known = {
        genre_key(name): column for column, genre in enumerate(model.genres) for name in (*genre.split("/"), genre)
    }  # "soul" is "R&B/soul"
    columns = [known.get(genre_key(genre)) for genre in training_set.classes]
    none = np.zeros(len(probabilities))
    chosen = np.column_stack([none if column is None else probabilities[:, column] for column in columns]) + 1e-9
    shares: DoubleArray = chosen / chosen.sum(axis=1, keepdims=True)
    return shares


def _album_names(tracks: Sequence[Track | TrackCredits]) -> list[str | None]:
    return [None if track.album_id is None else str(track.album_id) for track in tracks]


def _group_names(artists: Sequence[str | None], albums: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """The kind ("artist", "album" or "track") and the name of the group of each track."""
    for i, (artist, album) in enumerate(zip(artists, albums, strict=True)):
        if artist:
            yield "artist", f"artist {artist}"
        elif album:
            yield "album", f"album {album}"
        else:
            yield "track", f"track {i}"
