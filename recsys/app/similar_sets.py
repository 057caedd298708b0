"""Similar artists and albums, and the tracks that make them similar."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from recsys.app.context import LibraryContext
from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.checks import check_min
from recsys.domain.credits import Album, SimilarAlbum, SimilarArtist, TrackPair
from recsys.errors import Hint, NotAnalysed, NotFound
from recsys.recommend.similar_sets import best_pairs, nearest_sets, set_directions

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.nearest import NearestIndex

SetKind = Literal["artist", "album"]
N_PAIRS = 3  # pairs of tracks that explain a similarity
MAX_ALBUMS_PER_ARTIST = 2
_REST = 5.0  # times as long as it takes to compute them, while an ingest stores tracks


class TrackSets(NamedTuple):
    """Artists or albums of the tracks of an index: their ids (s,), directions (s, d), and the ids of their tracks."""

    ids: IdArray
    directions: FloatArray
    tracks: Mapping[int, IdArray]


def similar_artists(context: LibraryContext, reference: str | int, *, n: int) -> list[SimilarArtist]:
    """The artists most similar to one; see :meth:`recsys.Library.similar_artists`."""
    check_min("n", n, 1)
    with context.open() as catalogue:
        artist, _ = catalogue.resolve_artist(reference)
        index = context.index(catalogue)
        sets = read_sets(catalogue, index, "artist")
        own = _own_tracks(sets, artist.id, artist.name)
        chosen = _similar(sets, artist.id, own, n)
        pairs = _pairs(catalogue, index, own, [np.setdiff1d(sets.tracks[number], own) for number, _ in chosen])
        known = {each.id: each for each in catalogue.artists([number for number, _ in chosen])}
    return [
        SimilarArtist(known[number], min(1.0, max(0.0, similarity)), found)
        for (number, similarity), found in zip(chosen, pairs, strict=True)
        if number in known
    ]


def similar_artist_ids(context: LibraryContext, artist_id: int, n: int) -> list[int]:
    """The artists most similar to one; see :meth:`recsys.app.browsing.Browsing.similar_artist_ids`."""
    check_min("n", n, 1)
    with context.open() as catalogue:
        sets = read_sets(catalogue, context.index(catalogue), "artist")
        own = _own_tracks(sets, artist_id, f"the artist {artist_id}")
        return [number for number, _ in _similar(sets, artist_id, own, n)]


def similar_albums(context: LibraryContext, reference: str | int, *, n: int, max_per_artist: int) -> list[SimilarAlbum]:
    """The albums most similar to one; see :meth:`recsys.Library.similar_albums`."""
    check_min("n", n, 1)
    check_min("max_per_artist", max_per_artist, 0)
    with context.open() as catalogue:
        album, _ = catalogue.resolve_album(reference)
        index = context.index(catalogue)
        sets = read_sets(catalogue, index, "album")
        own = _own_tracks(sets, album.id, f"the album {album.title}")
        ranked = [each for each in _ranked(sets, album.id) if not np.isin(sets.tracks[each[0]], own).all()]
        known = {each.id: each for each in catalogue.albums()}
        ranked = [each for each in ranked if each[0] in known]
        chosen = _limited(ranked, known, n, max_per_artist)
        pairs = _pairs(catalogue, index, own, [sets.tracks[number] for number, _ in chosen])
    return [
        SimilarAlbum(known[number], min(1.0, max(0.0, similarity)), found)
        for (number, similarity), found in zip(chosen, pairs, strict=True)
    ]


def read_sets(catalogue: "Catalogue", index: "NearestIndex", kind: SetKind) -> TrackSets:
    """The artists or albums that have tracks in the index."""
    return catalogue.remembered(f"{kind} sets", lambda: _compute_sets(catalogue, index, kind), rest=_REST, of=index)


def _compute_sets(catalogue: "Catalogue", index: "NearestIndex", kind: SetKind) -> TrackSets:
    links = np.array(catalogue.set_links(kind), np.int64).reshape(-1, 2)
    ids = index.ids
    links = links[np.isin(links[:, 0], ids)]
    numbers, sets = np.unique(links[:, 1], return_inverse=True)
    directions = set_directions(index.vectors(ids), np.searchsorted(ids, links[:, 0]), sets, len(numbers))
    order = np.argsort(sets, kind="stable")
    members = np.split(links[order, 0], np.cumsum(np.bincount(sets, minlength=len(numbers)))[:-1])
    return TrackSets(numbers, directions, dict(zip(numbers.tolist(), members, strict=False)))


def _own_tracks(sets: TrackSets, number: int, name: str) -> IdArray:
    if number not in sets.tracks:
        raise NotAnalysed(f"no track of {name} has been analysed by this version", hint=Hint.INGEST)
    if len(sets.ids) < 2:
        raise NotFound(f"there is nothing to compare {name} with", hint=Hint.INGEST)
    return sets.tracks[number]


def _similar(sets: TrackSets, number: int, own: IdArray, n: int) -> list[tuple[int, float]]:
    """The artists most similar to one and their similarities, without those who only take part in the tracks of it."""
    ranked = (each for each in _ranked(sets, number) if not np.isin(sets.tracks[each[0]], own).all())
    return list(islice(ranked, n))


def _ranked(sets: TrackSets, number: int) -> list[tuple[int, float]]:
    """The other sets and their similarities, most similar first."""
    is_own = sets.ids == number
    others = sets.ids[~is_own]
    rows, similarities = nearest_sets(sets.directions[is_own][0], sets.directions[~is_own])
    return list(zip(others[rows].tolist(), similarities.tolist(), strict=True))


def _limited(
    ranked: Sequence[tuple[int, float]], known: Mapping[int, Album], n: int, max_per_artist: int
) -> list[tuple[int, float]]:
    """The first ``n`` albums with at most ``max_per_artist`` of one artist; various artists are no artist."""
    counts: Counter[int] = Counter()
    chosen: list[tuple[int, float]] = []
    for number, similarity in ranked:
        if number not in known or len(chosen) == n:
            continue
        artists = known[number].artist_ids
        if max_per_artist and any(counts[artist] >= max_per_artist for artist in artists):
            continue
        counts.update(artists)
        chosen.append((number, similarity))
    return chosen


def _pairs(
    catalogue: "Catalogue", index: "NearestIndex", own: IdArray, others: Sequence[IdArray]
) -> list[tuple[TrackPair, ...]]:
    """The pairs of tracks of a set and of each other one that are most similar to each other."""
    one, density = index.vectors(own), index.densities(own)
    found: list[list[tuple[int, int, float]]] = []
    for ids in others:
        vectors = index.vectors(ids)
        similarities = index.similarities(one, vectors, densities=density, other_densities=index.densities(ids))
        pairs = best_pairs(one, vectors, N_PAIRS)
        found.append([(int(own[a]), int(ids[b]), min(1.0, max(0.0, float(similarities[a, b])))) for a, b in pairs])
    tracks = catalogue.tracks_by_id(dict.fromkeys(i for pairs in found for a, b, _ in pairs for i in (a, b)))
    return [tuple(TrackPair(tracks[a], tracks[b], value) for a, b, value in pairs) for pairs in found]
