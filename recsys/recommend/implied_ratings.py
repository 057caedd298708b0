"""Ratings of tracks that likes and dislikes of their albums and artists imply.

A track with a rating of its own keeps it; the rating of its album outranks that of its artists. A liked album or artist
weighs as much as one liked track, whatever its size: its tracks share the strength, of an artist at most
:data:`MAX_TRACKS` of them, spread evenly. The tracks of a disliked album or artist are excluded; tracks that are
similar to them are not, which a dislike of a track does.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from recsys.domain.tracks import Rating

MAX_TRACKS = 20
"""Tracks of a liked artist or album that are likes; the others are as good candidates of a playlist as these."""


class ImpliedRatings(NamedTuple):
    """Likes by track id, weaker than those of tracks, and the ids of tracks that are excluded."""

    likes: Mapping[int, Rating]
    excluded: frozenset[int]


def implied_ratings(
    own: Collection[int],
    albums: Mapping[int, Rating],
    artists: Mapping[int, Rating],
    album_tracks: Mapping[int, Sequence[int]],
    artist_tracks: Mapping[int, Sequence[int]],
) -> ImpliedRatings:
    """The ratings that those of albums and artists imply.

    Parameters
    ----------
    own : collection of int
        Ids of the tracks with a rating of their own.
    albums, artists : mapping of int to Rating
        By the id of the album or artist.
    album_tracks, artist_tracks : mapping of int to sequence of int
        The tracks of each of them.

    Returns
    -------
    ImpliedRatings
        A track by both a liked and a disliked artist is excluded; one by two liked artists has the sum of their shares.

    Examples
    --------
    >>> liked, disliked = Rating(1), Rating(-1)
    >>> found = implied_ratings({1}, {7: liked}, {8: disliked}, {7: [1, 2, 3]}, {8: [3, 4]})
    >>> {i: rating.strength for i, rating in found.likes.items()}, sorted(found.excluded)
    ({2: 0.5, 3: 0.5}, [4])
    """
    likes: dict[int, Rating] = {}
    excluded: set[int] = set()
    taken = set(own)
    for ratings, tracks_of in ((albums, album_tracks), (artists, artist_tracks)):
        free = {key: [i for i in tracks_of.get(key, ()) if i not in taken] for key in ratings}
        disliked = {i for key, ids in free.items() if ratings[key].value < 0 for i in ids}
        excluded |= disliked
        for key, ids in free.items():
            _share(likes, ratings[key], _spread([i for i in ids if i not in disliked]))  # none of a disliked one
        taken.update(i for ids in free.values() for i in ids)
    return ImpliedRatings(likes, frozenset(excluded))


def _share(likes: dict[int, Rating], rating: Rating, ids: Sequence[int]) -> None:
    """Add an equal share of a rating to the likes of some tracks."""
    for i in ids:
        before = likes.get(i)
        strength = rating.strength / len(ids) + (before.strength if before else 0)
        rated_at = max(rating.rated_at, before.rated_at if before else "")
        likes[i] = Rating(1, min(1.0, strength), 0, rated_at, rating.source)


def _spread(ids: Sequence[int]) -> Sequence[int]:
    """At most :data:`MAX_TRACKS` of some ids, evenly spread."""
    n = min(len(ids), MAX_TRACKS)
    return [ids[k * len(ids) // n] for k in range(n)]
