"""Answers from a library: what sounds alike, what to play; and where there is none, why.

What a user got wrong is said before the library is opened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recsys.errors import NothingFound, UsageError
from recsys.library.catalogue import Catalogue
from recsys.nearest import NearestIndex
from recsys.reasons import at_least, how_to_begin, name_of, refuse_empty, refuse_unheard
from recsys.types import Playlist, Ratings

PLAYLIST_LENGTH = 25


@dataclass(frozen=True, slots=True)
class Library:
    """How to open the catalogue, and how to find its index."""

    open: Callable[[], Catalogue]
    index: Callable[[Catalogue], NearestIndex]


def similar(
    library: Library,
    reference: str,
    *,
    n: int,
    genres: Sequence[str],
    per_artist: int,
) -> Playlist:
    """What sounds most like one track, most similar first.

    Raises
    ------
    NothingFound, AmbiguousTrack, UsageError
    """
    from recsys.recommend.similar import similar as find

    at_least("-n", n, 1)
    at_least("--per-artist", per_artist, 0)
    with library.open() as catalogue:
        seed = catalogue.resolve(reference)
        index = library.index(catalogue)
        refuse_unheard(seed, index)
        allowed = catalogue.ids(genre=genres)
        picks = find(index, seed, n=n, allowed=allowed, tracks=catalogue.get, per_artist=per_artist)
        if not picks:
            refuse_empty(catalogue, genres)
            raise NothingFound(f"nothing to compare with {seed.title!r}: no other track is present")
    return Playlist(
        name=f"Similar to {name_of(seed)}",
        tracks=tuple(pick.track for pick in picks),
        similarities=tuple(pick.similarity for pick in picks),
    )


def playlist(
    library: Library,
    *,
    n: int | None,
    minutes: float | None,
    genres: Sequence[str],
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
    if minutes is None:
        n = n or PLAYLIST_LENGTH
    wish = Wish(n=n, seconds=minutes and minutes * 60, per_artist=per_artist, seed=seed)
    with library.open() as catalogue:
        rated = ratings(catalogue)
        index = library.index(catalogue)
        heard = set(index.ids.tolist())
        if seeds:
            wanted = list({track.id: track for track in map(catalogue.resolve, seeds)}.values())
            for track in wanted:
                refuse_unheard(track, index)
        else:
            wanted = [track for track in rated.likes if track.id in heard]
        if not wanted:
            raise NothingFound(how_to_begin(rated.likes))
        dislikes = [t for t in rated.dislikes if t.id in heard and t not in wanted]
        allowed = catalogue.ids(genre=genres)
        answer = make_playlist(index, wanted, dislikes, wish, allowed=allowed, tracks=catalogue.get)
        if not answer.picks:
            refuse_empty(catalogue, genres)
            kind = f" of the genre {' or '.join(genres)}" if genres else ""
            raise NothingFound(f"no track{kind} is left besides what is liked, disliked or named")
    return Playlist(
        name=f"Like {', '.join(map(name_of, wanted[:3]))}" if seeds else "From your likes",
        tracks=tuple(pick.track for pick in answer.picks),
        similarities=tuple(pick.similarity for pick in answer.picks),
        gave_way=answer.gave_way,
    )


def ratings(catalogue: Catalogue) -> Ratings:
    """What is liked and disliked."""
    values = catalogue.ratings()
    tracks = catalogue.get(values)
    return Ratings(
        likes=tuple(track for i, track in tracks.items() if values[i] > 0),
        dislikes=tuple(track for i, track in tracks.items() if values[i] < 0),
    )
