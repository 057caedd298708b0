"""Answers from a library: what sounds alike, what to play, how good that is; and where there is none, why.

What a user got wrong is said before the library is opened.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids
from recsys.app.queries import SimilarityQuery
from recsys.app.validation import (
    check_durations,
    check_filter,
    check_min,
    describe_filter,
    ensure_analysed,
    ensure_library_not_empty,
)
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray
from recsys.domain.requests import TrackFilter
from recsys.domain.results import Explanation, Playlist
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest, NotFound
from recsys.recommend.selection import Pick, id_array
from recsys.recommend.vectors import similarity_vectors

if TYPE_CHECKING:
    from recsys.nearest import NearestIndex
    from recsys.recommend.neighbours import Neighbours
    from recsys.recommend.traits import ExplainedTrack

_SAMPLE_SIZE = 300  # tracks of the library against which is measured what is unusual: shares within 3 per cent


class QueryVectors(NamedTuple):
    """Similarity vectors (n, d) and their densities (n,)."""

    vectors: FloatArray
    densities: FloatArray


def similar(
    context: LibraryContext,
    references: Sequence[str],
    *,
    album: str | None,
    artist: str | None,
    n: int,
    filter: TrackFilter,
    max_per_artist: int,
    min_duration: float = 0,
    max_duration: float = 0,
    explain: bool,
) -> Playlist:
    """What sounds most like all of some tracks, albums, artists and files together, most similar first.

    Raises
    ------
    NotFound, AmbiguousTrack, InvalidRequest
    """
    from recsys.recommend.similar import similar as find

    check_min("-n", n, 1)
    check_min("--per-artist", max_per_artist, 0)
    check_filter(filter)
    check_durations(min_duration, max_duration)
    if not (references or album or artist):
        raise InvalidRequest("say what to compare with: a track, a file, --album or --artist")
    with context.open() as catalogue:
        seeds = SimilarityQuery.resolve(catalogue, references, album=album, artist=artist)
        index = context.index(catalogue)
        for track in seeds.tracks:
            ensure_analysed(track, index)
        queries, densities = index.vectors(seeds.ids), index.densities(seeds.ids)
        if seeds.external_tracks:
            heard = similarity_vectors(np.stack(seeds.features))
            queries, densities = np.vstack([queries, heard]), np.append(densities, index.local_density(heard))
        absent = catalogue.missing_ids()
        if min_duration or max_duration:
            absent = np.union1d(absent, catalogue.ids_outside_duration(min_duration, max_duration))
        picks = find(
            index, seeds.tracks, queries, n=n, densities=densities, max_per_artist=max_per_artist,
            allowed=filter_ids(catalogue, filter), missing_ids=absent, tracks=catalogue.tracks_by_id,
        )  # fmt: skip
        if not picks:
            ensure_library_not_empty(catalogue, filter.genres)
            raise NotFound(
                f"nothing to compare with {seeds.name!r}: no other track {describe_filter(filter)}is present"
            )
        reasons = explain_picks(catalogue, index, seeds, QueryVectors(queries, densities), picks) if explain else []
    return Playlist(
        name=f"Similar to {seeds.name}",
        tracks=tuple(pick.track for pick in picks),
        similarities=tuple(pick.similarity for pick in picks),
        explanations=tuple(reasons),
    )


def neighbours(context: LibraryContext, *, n: int, max_per_artist: int) -> Iterator["Neighbours"]:
    """The ``n`` most similar of every present track, one track after the other.

    Raises
    ------
    NotFound, InvalidRequest
    """
    from recsys.recommend.neighbours import neighbours as find

    check_min("-n", n, 1)
    check_min("--per-artist", max_per_artist, 0)
    with context.open() as catalogue:
        index = context.index(catalogue, complete=True)
        ids = index.intersect(catalogue.ids())
        yield from find(index, ids, catalogue.tracks_by_id(ids.tolist()), n=n, max_per_artist=max_per_artist)


def explain_picks(
    catalogue: Catalogue, index: "NearestIndex", seeds: SimilarityQuery, queries: QueryVectors, picks: Sequence[Pick]
) -> list[Explanation]:
    """Why each of these was picked; ``queries`` are the seeds' similarity vectors and densities."""
    from recsys.recommend.comparison import TraitSample
    from recsys.recommend.explain import explain

    found, ids = [pick.track for pick in picks], id_array(pick.track for pick in picks)
    asked = explained_tracks(seeds.tracks, catalogue.vectors_by_id(seeds.ids.tolist())) if seeds.tracks else []
    if seeds.external_tracks:
        asked += explained_tracks(seeds.external_tracks, np.stack(seeds.features))
    some = index.ids
    if len(some) > _SAMPLE_SIZE:
        some = np.sort(np.random.default_rng(0).choice(some, _SAMPLE_SIZE, replace=False))
    there = catalogue.tracks_by_id(some.tolist())
    sample = TraitSample(explained_tracks(list(there.values()), catalogue.vectors_by_id(list(there))))
    pairs = index.similarities(
        queries.vectors, index.vectors(ids), densities=queries.densities, other_densities=index.densities(ids)
    )
    given = explained_tracks(found, catalogue.vectors_by_id(ids.tolist()))
    return explain(asked, given, [pick.score for pick in picks], pairs=pairs, sample=sample)


def explained_tracks(tracks: Sequence[Track], features: FloatArray) -> list["ExplainedTrack"]:
    """Tracks with their normalised features (n, D) and what tags say of them."""
    from recsys.features.scaling import denormalise
    from recsys.features.schema import GROUPS
    from recsys.genre.tags import probable_tags, voices
    from recsys.recommend.traits import ExplainedTrack

    tags = np.clip(denormalise(features)[:, GROUPS["tags"]], 0, 1)
    voiced = [(one, two, three, four) for one, two, three, four in voices(tags).tolist()]
    return [ExplainedTrack(*each) for each in zip(tracks, features, probable_tags(tags), voiced, strict=True)]
