"""Seeds with a minus: what one list must not resemble. They are never stored as dislikes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recsys.app.queries import QueryVectors, SimilarityQuery, present_by_id
from recsys.app.validation import track_label
from recsys.database.catalogue import Catalogue
from recsys.domain.explanations import Explanation, MinusSimilarity
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest
from recsys.ingest.file_workers import FileWorkers
from recsys.nearest import NearestIndex
from recsys.recommend.selection import Pick, id_array


@dataclass(frozen=True, slots=True)
class NotLike:
    """References of tracks or files, and of albums and artists, each of which is one seed with a minus."""

    references: Sequence[str] = ()
    albums: Sequence[str] = ()
    artists: Sequence[str] = ()

    def resolve(self, catalogue: Catalogue, workers: FileWorkers) -> list[SimilarityQuery]:
        """The tracks of each of them; raises as :meth:`SimilarityQuery.resolve`."""
        present = present_by_id(catalogue, self.references)
        return [
            *(SimilarityQuery.resolve(catalogue, [each], workers=workers, present=present) for each in self.references),
            *(SimilarityQuery.resolve(catalogue, [], album=each, workers=workers) for each in self.albums),
            *(SimilarityQuery.resolve(catalogue, [], artist=each, workers=workers) for each in self.artists),
        ]


def without_common(
    query: SimilarityQuery, avoided: Sequence[SimilarityQuery]
) -> tuple[SimilarityQuery, list[SimilarityQuery]]:
    """A query and its minus seeds without common tracks.

    A track of an artist may be a minus seed of the artist, and the artist one of the track: the smaller of two sets
    keeps their common tracks.

    Raises
    ------
    InvalidRequest
        A minus seed has the tracks of the query.
    """
    kept = []
    for each in avoided:
        common = {track.id for track in query.tracks} & {track.id for track in each.tracks}
        if common and len(each.tracks) + len(each.external_tracks) > len(common):
            each = _without(each, common)
        elif common and len(query.tracks) + len(query.external_tracks) > len(common):
            query = _without(query, common)
        elif common:
            raise _both_error(each.name)
        kept.append(each)
    return query, kept


def _without(query: SimilarityQuery, ids: set[int]) -> SimilarityQuery:
    return replace(query, tracks=tuple(track for track in query.tracks if track.id not in ids))


def resolve_minus_tracks(catalogue: Catalogue, references: Sequence[str], seeds: Sequence[Track]) -> list[Track]:
    """The tracks of a playlist's minus seeds, each once.

    Raises
    ------
    NotFound, AmbiguousTrack
        A reference matches no track, or several.
    InvalidRequest
        A track is one of ``seeds``.
    """
    found = {track.id: track for track in catalogue.resolve_all(references)}
    for seed in seeds:
        if seed.id in found:
            raise _both_error(track_label(seed))
    return list(found.values())


def _both_error(name: str) -> InvalidRequest:
    return InvalidRequest("is a seed of the same list", field="not_like", value=name)


def with_minus_seeds(
    explanations: Sequence[Explanation],
    index: NearestIndex,
    picks: Sequence[Pick],
    avoided: Sequence[SimilarityQuery],
    minus: Sequence[QueryVectors],
) -> list[Explanation]:
    """Explanations that also have the similarity of each pick with each minus seed."""
    ids = id_array(pick.track for pick in picks)
    rows = [
        index.similarities(
            each.vectors, index.vectors(ids), densities=each.densities, other_densities=index.densities(ids)
        ).mean(axis=0)
        for each in minus
    ]
    found = []
    for i, explanation in enumerate(explanations):
        values = [
            MinusSimilarity(each.name, min(1.0, max(0.0, float(row[i]))))
            for each, row in zip(avoided, rows, strict=True)
        ]
        text = ", ".join(f"{value.similarity:.2f} with {value.name}" for value in values)
        found.append(replace(explanation, not_like=tuple(values), text=f"{explanation.text}; similarity {text}"))
    return found
