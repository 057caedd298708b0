"""Answers from a library: what sounds alike, what to play, how good that is; and where there is none, why.

What a user got wrong is said before the library is opened.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.errors import NothingFound, UsageError
from recsys.library.catalogue import Catalogue
from recsys.opened import Library
from recsys.reasons import at_least, check_only, how_to_begin, matching, name_of, refuse_empty, refuse_unheard
from recsys.recommend.selection import Pick
from recsys.recommend.vectors import similarity_vectors
from recsys.seeds import Seeds, allowed_ids
from recsys.types import Explanation, FloatArray, Only, Playlist, Ratings, Track

if TYPE_CHECKING:
    from recsys.recommend.neighbours import Neighbours

_TELLING = 12  # unusual tags of either track among which shared ones are looked for
PLAYLIST_LENGTH = 25


def similar(
    library: Library,
    references: Sequence[str],
    *,
    album: str | None,
    artist: str | None,
    n: int,
    only: Only,
    per_artist: int,
    explain: bool,
) -> Playlist:
    """What sounds most like all of some tracks, albums, artists and files together, most similar first.

    Raises
    ------
    NothingFound, AmbiguousTrack, UsageError
    """
    from recsys.recommend.similar import similar as find

    at_least("-n", n, 1)
    at_least("--per-artist", per_artist, 0)
    check_only(only)
    if not (references or album or artist):
        raise UsageError("say what to compare with: a track, a file, --album or --artist")
    with library.open() as catalogue:
        seeds = Seeds.find(catalogue, references, album=album, artist=artist)
        index = library.index(catalogue)
        for track in seeds.tracks:
            refuse_unheard(track, index)
        queries, densities = index.vectors(seeds.ids), index.densities(seeds.ids)
        if seeds.outside:
            heard = similarity_vectors(np.stack(seeds.features))
            queries, densities = np.vstack([queries, heard]), np.append(densities, index.measure(heard))
        picks = find(
            index, seeds.tracks, queries, n=n, densities=densities, per_artist=per_artist,
            allowed=allowed_ids(catalogue, only), absent=catalogue.absent(), tracks=catalogue.get,
        )  # fmt: skip
        if not picks:
            refuse_empty(catalogue, only.genres)
            raise NothingFound(f"nothing to compare with {seeds.name!r}: no other track {matching(only)}is present")
        reasons = explain_picks(catalogue, seeds, picks) if explain else []
    return Playlist(
        name=f"Similar to {seeds.name}",
        tracks=tuple(pick.track for pick in picks),
        similarities=tuple(pick.similarity for pick in picks),
        explanations=tuple(reasons),
    )


def neighbours(library: Library, *, n: int, per_artist: int) -> Iterator["Neighbours"]:
    """The ``n`` most similar of every present track, one track after the other.

    Raises
    ------
    NothingFound, UsageError
    """
    from recsys.recommend.neighbours import neighbours as find

    at_least("-n", n, 1)
    at_least("--per-artist", per_artist, 0)
    with library.open() as catalogue:
        index = library.index(catalogue, whole=True)
        ids = index.among(catalogue.ids())
        yield from find(index, ids, catalogue.get(ids.tolist()), n=n, per_artist=per_artist)


def explain_picks(catalogue: Catalogue, seeds: Seeds, picks: Sequence[Pick]) -> list[Explanation]:
    """Why each of these was picked."""
    from recsys.features.layout import GROUPS
    from recsys.features.scaling import raw
    from recsys.genre.tags import telling
    from recsys.recommend.explain import Heard, explain

    def heard(tracks: Sequence[Track], features: Sequence[FloatArray]) -> list[Heard]:
        tags = [raw(each)[GROUPS["tags"]] for each in features]
        words = [tuple(name for name, _ in telling(np.clip(row, 0, 1), _TELLING)) for row in tags]
        return [Heard(*each) for each in zip(tracks, features, words, strict=True)]

    found = [pick.track for pick in picks]
    asked = heard(seeds.tracks, list(catalogue.vectors_of(seeds.ids.tolist())))
    asked += heard(seeds.outside, seeds.features)
    given = heard(found, list(catalogue.vectors_of([track.id for track in found])))
    return explain(asked, given, [pick.alike for pick in picks])


def playlist(
    library: Library,
    *,
    n: int | None,
    minutes: float | None,
    only: Only,
    seeds: Sequence[str],
    per_artist: int,
    seed: int,
) -> Playlist:
    """A playlist from ``seeds``, without them from the likes; 25 tracks where no length is given.

    Raises
    ------
    NothingFound, AmbiguousTrack, UsageError
    """
    from recsys.recommend.playlist import Wish, make_playlist

    if n is not None and minutes is not None:
        raise UsageError("-n and --minutes exclude each other; give one of them")
    at_least("-n", n, 1)
    at_least("--minutes", minutes, 1)
    at_least("--per-artist", per_artist, 0)
    at_least("--seed", seed, 0)
    check_only(only)
    if minutes is None:
        n = n or PLAYLIST_LENGTH
    wish = Wish(n=n, seconds=minutes and minutes * 60, per_artist=per_artist, seed=seed)
    with library.open() as catalogue:
        rated = ratings(catalogue)
        index = library.index(catalogue)
        if seeds:
            wanted = list({track.id: track for track in map(catalogue.resolve, seeds)}.values())
            for track in wanted:
                refuse_unheard(track, index)
        else:
            wanted = [track for track in rated.likes if track.id in index]
        if not wanted:
            raise NothingFound(how_to_begin(rated.likes))
        dislikes = [t for t in rated.dislikes if t.id in index and t not in wanted]
        answer = make_playlist(
            index, wanted, dislikes, wish,
            allowed=allowed_ids(catalogue, only), absent=catalogue.absent(), tracks=catalogue.get,
            edges=catalogue.edges,
        )  # fmt: skip
        if not answer.picks:
            refuse_empty(catalogue, only.genres)
            raise NothingFound(f"no track {matching(only)}is left besides what is liked, disliked or named")
    return Playlist(
        name=f"Like {', '.join(map(name_of, wanted[:3]))}" if seeds else "From your likes",
        tracks=tuple(pick.track for pick in answer.picks),
        similarities=tuple(pick.similarity for pick in answer.picks),
        gave_way=answer.gave_way,
    )


def evaluate(
    library: Library, *, labels: Path | None, compare: Path | None, progress: Callable[[str], None]
) -> dict[str, Any]:
    """The scorecard of the library, beside an earlier one where ``compare`` names it.

    Raises
    ------
    NothingFound, UsageError
    """
    from recsys.evaluate.compare import compared, read_scorecard
    from recsys.evaluate.labels import labels_from_table, labels_from_tags
    from recsys.evaluate.scorecard import scorecard
    from recsys.recommend.projection import projection

    old = read_scorecard(compare) if compare else None  # before minutes are spent
    with library.open() as catalogue:
        index = library.index(catalogue, whole=True)
        ids = index.among(catalogue.ids())
        tracks = list(catalogue.get(ids.tolist()).values())
        ours = catalogue.journal.genres()
        labelled = labels_from_table(tracks, labels) if labels else labels_from_tags(tracks, ours)
        learned = len(catalogue.find(projection().labelled))
        vectors = catalogue.vectors_of(ids.tolist())
        card = scorecard(
            vectors, labelled, index, ids, edges=catalogue.edges, learned_from=learned, tell=progress
        )  # fmt: skip
    return {**card, "compared": compared(card, old)} if old else card


def ratings(catalogue: Catalogue) -> Ratings:
    """What is liked and disliked."""
    values = catalogue.ratings()
    tracks = catalogue.get(values)
    return Ratings(
        likes=tuple(track for i, track in tracks.items() if values[i] > 0),
        dislikes=tuple(track for i, track in tracks.items() if values[i] < 0),
    )
