"""The play queue of a listener, with which one player continues what another one has begun."""

from collections.abc import Sequence
from dataclasses import dataclass

from recsys.app.context import LibraryContext
from recsys.domain.checks import check_range
from recsys.domain.play_queues import PlayQueue

_MOST_MS = 1 << 53  # milliseconds


@dataclass(frozen=True, slots=True)
class PlayQueues:
    """Saves and loads the play queue of a listener; :attr:`recsys.Library.play_queue`."""

    context: LibraryContext

    def save(self, ids: Sequence[int], *, current: int | None = None, position_ms: int = 0, player: str = "") -> None:
        """Replace the queue by tracks, given by their ids; ``current`` is the place of the one that is playing.

        Raises
        ------
        NotFound
            A track is unknown; then the queue stays.
        InvalidRequest
            ``current`` is no place in the queue, or the position is negative.

        Examples
        --------
        >>> track = lib.track("So What")
        >>> lib.play_queue.save([track.id], current=0, position_ms=60_000, player="phone")
        >>> queue = lib.play_queue.load()
        >>> queue.track_ids == (track.id,), queue.current, queue.position_ms, queue.changed_by
        (True, 0, 60000, 'phone')
        """
        if current is not None:
            check_range("current", current, 0, max(0, len(ids) - 1))
        check_range("position_ms", position_ms, 0, _MOST_MS)
        with self.context.open() as catalogue:
            catalogue.save_play_queue(ids, current if ids else None, position_ms, player)

    def load(self) -> PlayQueue:
        """The queue as it was saved last, without tracks that were removed since; empty if none was saved."""
        with self.context.open() as catalogue:
            return catalogue.play_queue()
