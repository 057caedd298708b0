"""What a playlist shall be: how long, how varied, of what it shall hold how much."""

from dataclasses import dataclass
from typing import get_args

from recsys.domain.requests import Recipe
from recsys.recommend.energy import Shape

ENERGIES: tuple[Shape, ...] = get_args(Shape)
_USUAL = Recipe()


@dataclass(frozen=True, slots=True)
class Quota:
    """So much of one genre: a ``share`` (0..1) of the tracks, or a ``count`` of them."""

    genre: str
    share: float | None = None
    count: int | None = None

    def __str__(self) -> str:
        return f"{self.genre}={self.count}" if self.share is None else f"{self.genre}={100 * self.share:g}%"


@dataclass(frozen=True, slots=True)
class Wish:
    """How long a playlist shall be (``n`` tracks, or ``seconds``), and of what kind.

    ``per_artist`` and ``per_album`` are how many tracks one may have (0: any number), ``artist_gap`` how many tracks
    lie at least between two of one artist (0: as many as can be). ``variety`` (0..10) is how unlike each other tracks
    shall be, ``adventure`` (0..10) how far from what is liked. ``energy`` is one of :data:`ENERGIES` or nothing. With
    ``include_seeds`` the likes are in the list themselves, and count for its length and its caps.
    """

    n: int | None = None
    seconds: float | None = None
    per_artist: int = _USUAL.per_artist
    per_album: int = _USUAL.per_album
    artist_gap: int = _USUAL.artist_gap
    variety: float = _USUAL.variety
    adventure: float = _USUAL.adventure
    quotas: tuple[Quota, ...] = ()
    energy: Shape | None = None
    include_seeds: bool = False
    seed: int = 0
