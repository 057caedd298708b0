"""Radio: the tracks that follow what plays, similar to it, without what was played lately and without dislikes.

The search is that of similar tracks. Of what a player reports, tracks that were played are seeds, and tracks that were
skipped are seeds with a minus.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids
from recsys.app.performances import Copies
from recsys.app.playlists import analysed_only, ids_of_disliked_credits
from recsys.app.queries import SimilarityQuery, query_vectors
from recsys.app.validation import track_label
from recsys.database.catalogue import Catalogue
from recsys.domain.checks import check_min
from recsys.domain.requests import TrackFilter
from recsys.domain.results import Playlist, PlaylistWriter
from recsys.errors import Hint, NotAnalysed
from recsys.metadata.names import track_artist_keys
from recsys.recommend.minus_seeds import MinusSeeds
from recsys.recommend.selection import Pick, id_array, picked_tracks
from recsys.recommend.similar import similar

RECENT_PLAYS = 200
"""Plays and skips of the listener that are not repeated; of a small library at most half of the tracks."""
ARTIST_WINDOW = 20
"""Tracks before the new ones whose artists count for the limit."""
_WIDENING = 4


def radio(
    context: LibraryContext,
    seeds: Sequence[str],
    *,
    n: int,
    after: Sequence[str],
    skipped: Sequence[str],
    filter: TrackFilter,
    max_per_artist: int,
    writer: PlaylistWriter | None = None,
) -> Playlist:
    """The ``n`` tracks that follow; see :meth:`recsys.Library.radio`."""
    check_min("n", n, 1)
    check_min("max_per_artist", max_per_artist, 0)
    with context.open() as catalogue:
        index = context.index(catalogue)
        found = analysed_only(catalogue.resolve_all(dict.fromkeys(seeds)), index)
        if not found:
            raise NotAnalysed("none of the seeds has been analysed", hint=Hint.INGEST)
        query = SimilarityQuery("", tuple({track.id: track for track in found}.values()))
        vectors, densities = query_vectors(index, query)
        before = catalogue.resolve_all(after)
        rejected = analysed_only(catalogue.resolve_all(dict.fromkeys(skipped)), index)
        rejected = [track for track in rejected if track.id not in {seed.id for seed in found}]
        minus = [query_vectors(index, SimilarityQuery("", (track,))) for track in rejected]
        near = MinusSeeds.find(index, minus) if minus else None
        disliked = np.array([i for i, value in catalogue.rated_tracks().items() if value < 0], np.int64)
        disliked = np.concatenate([disliked, ids_of_disliked_credits(catalogue)])
        unavailable = np.union1d(catalogue.missing_ids(), Copies(catalogue).with_copies(disliked))
        allowed, copies = filter_ids(catalogue, filter), Copies(catalogue)
        artists = Counter(key for track in before[-ARTIST_WINDOW:] for key in track_artist_keys(track))
        picks: list[Pick] = []
        for recent in _recent(catalogue, len(index) if allowed is None else len(allowed)):
            listed = id_array((*found, *rejected, *before))
            excluded = copies.excluded(allowed, unavailable, listed=np.union1d(listed, recent))
            depth = _WIDENING * n if max_per_artist else n
            while True:
                nearest = similar(
                    index, (*found, *rejected), vectors, n=depth, densities=densities, allowed=allowed,
                    missing_ids=excluded, tracks=catalogue.tracks_by_id, max_per_artist=max_per_artist, minus=near,
                )  # fmt: skip
                picks = _limited(nearest, artists, max_per_artist)[:n]
                if len(picks) == n or len(nearest) < depth:
                    break
                depth *= _WIDENING
            if picks:
                break
    return Playlist(f"After {track_label(found[0])}", picked_tracks(picks), writer=writer)


def _recent(catalogue: Catalogue, n_tracks: int) -> list["np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """The ids that were played or skipped last; then fewer and fewer of them, which are tried if no track is left."""
    number, tried = min(RECENT_PLAYS, n_tracks // 2), []
    ids = list(dict.fromkeys(event.track_id for event in catalogue.recent_plays(RECENT_PLAYS)))
    number = min(number, len(ids))
    while number:
        tried.append(np.array(ids[:number], np.int64))
        number //= 2
    return [*tried, np.empty(0, np.int64)]


def _limited(picks: Sequence[Pick], before: Counter[str], most: int) -> list[Pick]:
    """The picks without those whose artist has ``most`` tracks among them and the tracks before; 0 is no limit."""
    counts, kept = before.copy(), []
    for pick in picks:
        keys = track_artist_keys(pick.track)
        if most and any(counts[key] >= most for key in keys):
            continue
        counts.update(keys)
        kept.append(pick)
    return kept
