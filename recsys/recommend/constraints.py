"""What a playlist shall be: how long, how varied, of what it shall hold how much."""

from dataclasses import dataclass

from recsys.domain.requests import EnergyCurve, PlaylistRequest, Quota

_DEFAULTS = PlaylistRequest()


@dataclass(frozen=True, slots=True)
class PlaylistConstraints:
    """How long a playlist shall be (``n`` tracks, or ``seconds``), and of what kind.

    ``max_per_artist`` and ``max_per_album`` are how many tracks one may have (0: any number), ``min_artist_gap`` how
    many tracks lie at least between two of one artist (0: as many as can be). ``diversity`` (0..10) is how unlike each
    other tracks shall be, ``exploration`` (0..10) how far from what is liked. ``energy_curve`` is one of
    :data:`~recsys.domain.requests.ENERGY_CURVES` or None. With ``include_seeds`` the likes are in
    the playlist themselves, and count for its length and limits.
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
