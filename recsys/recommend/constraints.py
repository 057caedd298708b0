"""What a playlist shall be: how long, how varied, of what it shall hold how much."""

from dataclasses import dataclass
from typing import get_args

from recsys.domain.requests import PlaylistRequest
from recsys.recommend.energy import EnergyCurve

ENERGY_CURVE_NAMES: tuple[EnergyCurve, ...] = get_args(EnergyCurve)
_DEFAULTS = PlaylistRequest()


@dataclass(frozen=True, slots=True)
class Quota:
    """So much of one genre: a ``share`` (0..1) of the tracks, or a ``count`` of them."""

    genre: str
    share: float | None = None
    count: int | None = None

    def __str__(self) -> str:
        return f"{self.genre}={self.count}" if self.share is None else f"{self.genre}={100 * self.share:g}%"


@dataclass(frozen=True, slots=True)
class PlaylistConstraints:
    """How long a playlist shall be (``n`` tracks, or ``seconds``), and of what kind.

    ``max_per_artist`` and ``max_per_album`` are how many tracks one may have (0: any number), ``min_artist_gap`` how
    many tracks lie at least between two of one artist (0: as many as can be). ``diversity`` (0..10) is how unlike each
    other tracks shall be, ``exploration`` (0..10) how far from what is liked. ``energy_curve`` is one of
    :data:`ENERGY_CURVE_NAMES` or nothing. With ``include_seeds`` the likes are in the list themselves, and count for
    its length and its caps.
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
