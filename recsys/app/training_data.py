"""What genre models are taught with and asked about: tracks of a library with their labels, and whose they are."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.domain.tracks import Track, TrackCredits
from recsys.errors import NotFound
from recsys.metadata.albums import album_numbers
from recsys.metadata.names import genre_key, track_artist_key

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.genre.training_set import TrainingSet


def load_training_set(catalogue: "Catalogue", labels: str) -> "TrainingSet":
    """The tracks that have a label: "tags" of the files, "folders" they lie in, or those that a csv names.

    A tag or a cell may have several genres ("Rock; Pop"): the track is an example of each.

    Raises
    ------
    NotFound, InvalidRequest
    """
    from recsys.genre.several import split_genres
    from recsys.genre.training_set import TrainingSet
    from recsys.metadata.labels import NO_GENRE, labels_from_folders, labels_from_table, labels_from_tags

    ids = np.intersect1d(catalogue.ids(), catalogue.vector_ids())
    tracks = list(catalogue.tracks_by_id(ids.tolist()).values())
    if not tracks:
        raise NotFound("nothing has been listened to yet; run: recsys ingest FOLDER")
    if labels == "tags":
        known = labels_from_tags(tracks, catalogue.tag_edits.genres())
    elif labels == "folders":
        known = labels_from_folders(tracks, catalogue.roots())
    else:
        labels = str(Path(labels).absolute())
        known = labels_from_table(tracks, Path(labels))
    several = [(g,) if g else () for g in known.genres] if labels == "folders" else split_genres(known.genres)
    said = [tuple(genre for genre in genres if genre.casefold() not in NO_GENRE) for genres in several]
    rows = [i for i, genres in enumerate(said) for _ in genres]  # a track stands once for each of its genres
    if not rows:
        raise NotFound(f"no track of the library has a genre by the {known.source}; see recsys genre train --help")
    named = list(_group_ids(known.artists, known.albums))
    kinds = [named[i][0] for i in rows]
    return TrainingSet(
        catalogue.vectors_by_id([tracks[i].id for i in rows]),
        tuple(genre for genres in said for genre in genres),
        tuple(named[i][1] for i in rows),
        tuple(tracks[i].path for i in rows),
        tuple(tracks[i].id for i in rows),
        known.source,
        max(("artist", "album", "track"), key=kinds.count),
        labels,
    )


def with_same_artist_tracks(catalogue: "Catalogue", ids: IdArray) -> tuple[IdArray, IdArray]:
    """All tracks of the artists (else albums) of some tracks ``ids``, and the number of its group for each."""
    heard = set(catalogue.vector_ids().tolist())
    credits = [each for each in catalogue.track_credits() if each.id in heard]
    groups = [group for _, group in _group_ids(list(map(track_artist_key, credits)), _albums(credits))]
    asked = set(ids.tolist())
    touched = {group for each, group in zip(credits, groups, strict=True) if each.id in asked}
    numbers = {group: number for number, group in enumerate(sorted(touched))}
    rows = [(each.id, numbers[group]) for each, group in zip(credits, groups, strict=True) if group in touched]
    found = np.array(rows, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def default_model_probabilities(catalogue: "Catalogue", training_set: "TrainingSet") -> DoubleArray:
    """What the default model says (n, c) of the genres of some examples; of those that it does not know, nothing."""
    from recsys.features.schema import GROUPS
    from recsys.genre.model import default_model

    model = default_model()
    said = model.probabilities(catalogue.vectors_by_id(list(training_set.ids), "raw")[:, GROUPS["tags"]])
    known = {
        genre_key(name): column for column, genre in enumerate(model.genres) for name in (*genre.split("/"), genre)
    }  # "soul" is "R&B/soul"
    columns = [known.get(genre_key(genre)) for genre in training_set.classes]
    chosen = np.column_stack([np.zeros(len(said)) if column is None else said[:, column] for column in columns]) + 1e-9
    shares: DoubleArray = chosen / chosen.sum(axis=1, keepdims=True)
    return shares


def _albums(tracks: Sequence[Track | TrackCredits]) -> list[str | None]:
    return [None if number is None else str(number) for number in album_numbers(tracks)]


def _group_ids(artists: Sequence[str | None], albums: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """What is heard and judged together: the artist's tracks, else the album's, else the track; kind and name."""
    for i, (artist, album) in enumerate(zip(artists, albums, strict=True)):
        if artist:
            yield "artist", f"artist {artist}"
        elif album:
            yield "album", f"album {album}"
        else:
            yield "track", f"track {i}"
