"""Constraints of a playlist: its length, its variety, and shares of genres."""

from dataclasses import dataclass

from recsys.domain.requests import EnergyCurve, PlaylistRequest, Quota

_DEFAULTS = PlaylistRequest()


@dataclass(frozen=True, slots=True)
class PlaylistConstraints:
    """The constraints that a playlist should satisfy.

    Attributes
    ----------
    n, seconds : int or None, float or None
        The length: a number of tracks, or a duration.
    max_per_artist, max_per_album : int
        The most tracks by one artist and of one album; 0 is no limit.
    min_artist_gap : int
        The least number of tracks between two tracks by one artist; 0 is as many as there is room for.
    diversity : float
        How dissimilar to each other the tracks should be, in [0, 10].
    exploration : float
        How far from the likes the tracks should be, in [0, 10].
    quotas : tuple of Quota
    energy_curve : str or None
        One of :data:`~recsys.domain.requests.ENERGY_CURVES`.
    include_seeds : bool
        Whether the likes themselves are in the playlist; they then count for its length and its limits.
    seed : int
        Of the random choices.
    """

    n: int | None = None
    seconds: float | None = None
    max_per_artist: int = _DEFAULTS.max_per_artist
    max_per_album: int = _DEFAULTS.max_per_album
    min_artist_gap: int = _DEFAULTS.min_artist_gap
    diversity: float = _DEFAULTS.diversity
    exploration: float = _DEFAULTS.exploration
    quotas: tuple[Quota, ...] = ()
    energy_curve: EnergyCurve | None = None
    include_seeds: bool = False
    seed: int = 0
