"""Weak likes of tracks that are played often, but have no rating.

Plays are implicit feedback: a track that is played again and again is probably liked, with less certainty than one with
a like, since a player goes through albums and lists on its own (Hu, Koren & Volinsky, "Collaborative filtering for
implicit feedback datasets", ICDM 2008). So few plays are no like, and each skip takes a play away. The strength grows
with the logarithm of the plays, as :func:`recsys.recommend.weights.weights` does, to half a like: as much as four
stars. A listener's ratings count at least as much as all plays together, however many there are.
"""

import math
from collections.abc import Mapping

from recsys.domain.listeners import PlayCount
from recsys.domain.tracks import Rating

MIN_PLAYS = 5
"""Plays, less the skips, from which on a track is a weak like.

Playlists of 20 for 40 simulated listeners of two artists each, who play all other tracks now and then, had 8.1
(Debian's music) and 9.5 (Emotify) other tracks by these artists; from 3 plays on it was 5.3 and 7.7, from one play on
0.6 and 1.2. From 3 plays on without regard to skips, it was 3.0 and 5.7. Strengths from 0.1 to 0.5 made no difference.
"""
MAX_PLAYED = 50
"""Tracks that are weak likes, those with the most plays."""
PLAY_STRENGTH = 0.25
"""Of nine plays, relative to a like."""
MAX_STRENGTH = 0.5
PLAYS = "plays"
"""The source of these likes."""


def played_likes(counts: Mapping[int, PlayCount], rated_strength: float) -> dict[int, Rating]:
    """The weak likes that plays imply.

    Parameters
    ----------
    counts : mapping of int to PlayCount
        Plays and skips of tracks without a rating, by track id.
    rated_strength : float
        Sum of the strengths of all likes. If it is not 0, the sum of those of the weak likes is not larger.

    Returns
    -------
    dict of int to Rating
        The time is that of the last play.

    Examples
    --------
    >>> counts = {1: PlayCount(plays=9), 2: PlayCount(plays=99, skips=90), 3: PlayCount(plays=9, skips=5)}
    >>> {i: rating.strength for i, rating in played_likes(counts, 0).items()}
    {1: 0.25, 2: 0.25}
    >>> {i: rating.strength for i, rating in played_likes(counts, 0.25).items()}
    {1: 0.125, 2: 0.125}
    """
    net = {i: count.plays - count.skips for i, count in counts.items()}
    strengths = {i: min(MAX_STRENGTH, PLAY_STRENGTH * math.log10(1 + n)) for i, n in net.items() if n >= MIN_PLAYS}
    total = sum(strengths.values())
    factor = min(1.0, rated_strength / total) if total and rated_strength else 1.0
    return {i: Rating(1, factor * each, 0, counts[i].last_played_at or "", PLAYS) for i, each in strengths.items()}
