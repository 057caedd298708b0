"""Play queues: what a listener was playing last."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlayQueue:
    """The tracks that a player was playing, so that another one can continue.

    Attributes
    ----------
    track_ids : tuple of int
        In their order; a track may be in it several times.
    current : int or None
        The place of the track that was playing, from 0 on.
    position_ms : int
        How much of that track was over, in milliseconds.
    changed_at : str
        UTC in ISO 8601; empty before anything was saved.
    changed_by : str
        The name of the player.
    """

    track_ids: tuple[int, ...] = ()
    current: int | None = None
    position_ms: int = 0
    changed_at: str = ""
    changed_by: str = ""
