"""How players browse a library: whole records of its tracks, for one listener."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recsys.app.context import LibraryContext
from recsys.domain.entries import TrackEntry


@dataclass(frozen=True, slots=True)
class Browsing:
    """What players show; :attr:`recsys.Library.browsing`.

    Every file is listed, also where several are one performance. Tastes are those of the listener.
    """

    context: LibraryContext

    def tracks(self, ids: Sequence[int], *, moods: bool = False) -> list[TrackEntry]:
        """Tracks with the properties of their files, ratings and plays, in the order of ``ids``, also missing ones.

        Parameters
        ----------
        ids : sequence of int
            Unknown ones are left out; one that is repeated is in the list again.
        moods : bool
            Also the moods, for which the features are read.

        Examples
        --------
        >>> [found] = lib.browsing.tracks([lib.track("So What").id])
        >>> found.track.title, found.codec, found.liked_at is not None
        ('So What', 'mp3', True)
        """
        with self.context.open() as catalogue:
            found = catalogue.track_entries(list(dict.fromkeys(ids)))
            if moods:
                from recsys.app.descriptions import describe_tracks

                described = describe_tracks(catalogue, found)
                words = {i: tuple(described[i].moods) if i in described else () for i in found}
                found = {i: replace(entry, moods=words[i]) for i, entry in found.items()}
        return [found[i] for i in ids if i in found]
