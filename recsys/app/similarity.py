"""Similar tracks: what is most similar to tracks, albums, artists and files, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids
from recsys.app.minus_seeds import NotLike, with_minus_seeds, without_common
from recsys.app.performances import Copies
from recsys.app.queries import QueryVectors, SimilarityQuery, query_vectors
from recsys.app.validation import describe_filter, ensure_analysed, ensure_library_not_empty
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray
from recsys.domain.checks import check_min
from recsys.domain.explanations import Explanation
from recsys.domain.requests import TrackFilter, check_durations
from recsys.domain.results import Neighbours, Playlist, PlaylistWriter
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest, NotFound
from recsys.ingest.file_workers import FileWorkers
from recsys.metadata.names import track_artist_keys
from recsys.recommend.minus_seeds import MinusSeeds
from recsys.recommend.selection import Pick, id_array, picked_tracks

if TYPE_CHECKING:
    from recsys.nearest import NearestIndex
    from recsys.recommend.comparison import TraitSample
    from recsys.recommend.traits import ExplainedTrack

_CHUNK = 10_000  # tracks that are compared at once
_SAMPLE_SIZE = 300  # tracks of the library that define what is unusual: shares within 3 per cent


def similar(
    context: LibraryContext,
    references: Sequence[str],
    *,
    album: str | None,
    artist: str | None,
    n: int,
    filter: TrackFilter,
    max_per_artist: int,
    min_duration: float,
    max_duration: float,
    explain: bool,
    not_like: NotLike,
    writer: PlaylistWriter | None = None,
) -> Playlist:
    """The tracks most similar to all references together, most similar first; see :meth:`recsys.Library.similar`."""
    from recsys.recommend.similar import similar as find_similar

    check_min("n", n, 1)
    check_min("max_per_artist", max_per_artist, 0)
    check_durations(min_duration, max_duration)
    if not (references or album or artist):
        raise InvalidRequest(
            "nothing to compare with: give a track, a file, {album} or {artist}", others=["album", "artist"]
        )
    with context.open() as catalogue:
        with FileWorkers(file_timeout=context.settings.file_timeout) as workers:
            query = SimilarityQuery.resolve(catalogue, references, album=album, artist=artist, workers=workers)
            avoided = not_like.resolve(catalogue, workers)
        query, avoided = without_common(query, avoided)
        index = context.index(catalogue)
        vectors, densities = query_vectors(index, query)
        minus = [query_vectors(index, each) for each in avoided]
        seeds = (*query.tracks, *(track for each in avoided for track in each.tracks))
        missing_ids = catalogue.missing_ids()
        if min_duration or max_duration:
            missing_ids = np.union1d(missing_ids, catalogue.ids_outside_duration(min_duration, max_duration))
        allowed, copies = filter_ids(catalogue, filter), Copies(catalogue)
        excluded = copies.excluded(allowed, missing_ids, listed=id_array(seeds))
        find = partial(
            find_similar, index, seeds, vectors, n=n, densities=densities, max_per_artist=max_per_artist,
            allowed=allowed, missing_ids=excluded, tracks=catalogue.tracks_by_id,
        )  # fmt: skip
        picks = find(minus=MinusSeeds.find(index, minus) if minus else None)
        left_out = [pick for pick in find() if pick not in picks] if minus else []
        if not picks:
            ensure_library_not_empty(catalogue, filter)
            and_not = f" and not like {' or '.join(each.name for each in avoided)}" if avoided else ""
            raise NotFound(f"no track {describe_filter(filter)}is present besides {query.name!r}{and_not}")
        explanations = (
            explain_picks(catalogue, index, query, QueryVectors(vectors, densities), picks) if explain else []
        )
        if explanations and avoided:
            explanations = with_minus_seeds(explanations, index, picks, avoided, minus)
    return Playlist(
        name=f"Similar to {query.name}" + (f", not like {', '.join(each.name for each in avoided)}" if avoided else ""),
        tracks=picked_tracks(picks),
        explanations=tuple(explanations),
        writer=writer,
        left_out=tuple(track for track in picked_tracks(left_out)),
    )


def neighbours(context: LibraryContext, *, n: int, max_per_artist: int) -> Iterator[Neighbours]:
    """The ``n`` most similar tracks of every present track; see :meth:`recsys.Library.neighbours`."""
    with context.open() as catalogue:
        found = _neighbours(context, catalogue, n=n, max_per_artist=max_per_artist)
        tracks = catalogue.tracks_by_id(catalogue.ids().tolist())
        for track, nearest in found:
            yield Neighbours(tracks[track], tuple((tracks[i], similarity) for i, similarity in nearest))


def neighbour_lines(context: LibraryContext, *, n: int, max_per_artist: int) -> Iterator[str]:
    """The lines of :meth:`recsys.Library.write_neighbours`."""
    from recsys.export.neighbours import neighbour_lines as lines

    with context.open() as catalogue:
        yield from lines(_neighbours(context, catalogue, n=n, max_per_artist=max_per_artist), catalogue.paths())


def _neighbours(
    context: LibraryContext, catalogue: Catalogue, *, n: int, max_per_artist: int
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    from recsys.recommend.neighbours import neighbours as find_neighbours

    check_min("n", n, 1)
    check_min("max_per_artist", max_per_artist, 0)
    index = context.index(catalogue, complete=True)
    ids, copies = index.intersect(catalogue.ids()), Copies(catalogue)
    tracks = catalogue.tracks_by_id(ids.tolist()) if max_per_artist else {}
    return find_neighbours(
        index, ids, n=n, max_per_artist=max_per_artist,
        artists={track.id: track_artist_keys(track) for track in tracks.values()},
        spare=copies.spare(ids, np.empty(0, np.int64)), groups=copies.groups,
    )  # fmt: skip


def similarities(context: LibraryContext, reference: str, ids: Sequence[int]) -> list[float | None]:
    """How similar tracks are to one; see :meth:`recsys.Library.similarities`."""
    with context.open() as catalogue:
        track = catalogue.resolve(reference)
        index = context.index(catalogue)
        ensure_analysed(track, index)
        seed, known = id_array([track]), index.intersect(np.unique(np.array(ids, np.int64)))
        [found] = index.similarities(
            index.vectors(seed), index.vectors(known),
            densities=index.densities(seed), other_densities=index.densities(known),
        )  # fmt: skip
    by_id = dict(zip(known.tolist(), np.clip(found, 0, 1).tolist(), strict=True)) | {track.id: 1.0}
    return [by_id.get(i) for i in ids]


def farthest(context: LibraryContext, reference: str, *, n: int) -> list[Track]:
    """The ``n`` present tracks least similar to one, least similar first; see :meth:`recsys.Library.farthest`."""
    check_min("n", n, 1)
    with context.open() as catalogue:
        track = catalogue.resolve(reference)
        index = context.index(catalogue)
        query = query_vectors(index, SimilarityQuery("", (track,)))
        ids = np.setdiff1d(index.ids, np.append(catalogue.missing_ids(), track.id))
        similarities = np.empty(len(ids), np.float32)
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            similarities[start : start + _CHUNK] = index.similarities(
                query.vectors, index.vectors(chunk), densities=query.densities, other_densities=index.densities(chunk)
            )[0]
        order = similarities.argsort(kind="stable")[:n]
        tracks = catalogue.tracks_by_id(ids[order].tolist())
    return [
        replace(tracks[int(ids[i])], similarity=min(1.0, max(0.0, float(similarities[i]))))
        for i in order
        if int(ids[i]) in tracks
    ]


def explain_picks(
    catalogue: Catalogue, index: "NearestIndex", query: SimilarityQuery, vectors: QueryVectors, picks: Sequence[Pick]
) -> list[Explanation]:
    """Explain the similarity of each pick to the query, of which ``vectors`` has similarity vectors and densities."""
    from recsys.recommend.explain import explain

    seeds = explained_tracks(query.tracks, catalogue.vectors_by_id(query.ids.tolist())) if query.tracks else []
    if query.external_tracks:
        seeds += explained_tracks(query.external_tracks, np.stack(query.features))
    sample = catalogue.remembered("trait_sample", lambda: _trait_sample(catalogue, index), of=index)
    ids = id_array(pick.track for pick in picks)
    pairs = index.similarities(
        vectors.vectors, index.vectors(ids), densities=vectors.densities, other_densities=index.densities(ids)
    )
    results = explained_tracks([pick.track for pick in picks], catalogue.vectors_by_id(ids.tolist()))
    return explain(seeds, results, [pick.score for pick in picks], pairs=pairs, sample=sample)


def _trait_sample(catalogue: Catalogue, index: "NearestIndex") -> "TraitSample":
    """A sample of the library, the same for each question."""
    from recsys.recommend.comparison import TraitSample

    ids = index.ids
    if len(ids) > _SAMPLE_SIZE:
        ids = np.sort(np.random.default_rng(0).choice(ids, _SAMPLE_SIZE, replace=False))
    tracks = catalogue.tracks_by_id(ids.tolist())
    return TraitSample(explained_tracks(list(tracks.values()), catalogue.vectors_by_id(list(tracks))))


def explained_tracks(tracks: Sequence[Track], features: FloatArray) -> list["ExplainedTrack"]:
    """Tracks with their normalised features (n, D), probable tags and probabilities of voices."""
    from recsys.features.scaling import denormalise
    from recsys.features.schema import GROUPS
    from recsys.genre.tags import probable_tags, voices
    from recsys.recommend.traits import ExplainedTrack

    tags = np.clip(denormalise(features)[:, GROUPS["tags"]], 0, 1)
    voice_rows = [(female, male, voice, no_voice) for female, male, voice, no_voice in voices(tags).tolist()]
    return [ExplainedTrack(*each) for each in zip(tracks, features, probable_tags(tags), voice_rows, strict=True)]
