"""The part of a library that programs that play music use: what follows what plays, and files by their paths."""

from collections.abc import Sequence

from recsys.app.inputs import StrPath, TrackLike, reference_of
from recsys.app.music_folder import MusicFolder
from recsys.app.parts import Parts
from recsys.domain.requests import TrackFilter
from recsys.domain.results import Playlist

NO_FILTER = TrackFilter()


class Players(Parts):
    """Radio, and the tracks of another program's music folder."""

    def radio(
        self,
        *seeds: TrackLike,
        n: int = 10,
        after: Sequence[TrackLike] = (),
        skipped: Sequence[TrackLike] = (),
        filter: TrackFilter = NO_FILTER,
        max_per_artist: int = 1,
    ) -> Playlist:
        """The tracks that follow what plays, most similar first; fewer than ``n`` if no more are left.

        Disliked tracks are left out, as are the last 200 that were played or skipped, or half of a smaller library.

        Parameters
        ----------
        seeds : Track, int, str or path-like
            What plays, and what was played before. Those that have not been analysed are left out.
        n : int
            Number of tracks.
        after : sequence
            The queue: its tracks are not repeated, and the last 20 of them count for ``max_per_artist``.
        skipped : sequence
            Tracks near one of them are left out.
        filter : TrackFilter
            Which tracks may be returned.
        max_per_artist : int
            Tracks of one artist; 0 is no limit.

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several.
        NotAnalysed
            No seed has been analysed.
        InvalidRequest
            A number is out of range.

        Examples
        --------
        >>> [track.title for track in lib.radio("So What", max_per_artist=0)]
        ['Blue in Green', 'Smoke on the Water']
        """
        self._context.ensure_exists()
        from recsys.app.radio import radio

        return self._context.with_index_retry(
            lambda: radio(
                self._context, list(map(reference_of, seeds)), n=n, after=list(map(reference_of, after)),
                skipped=list(map(reference_of, skipped)), filter=filter, max_per_artist=max_per_artist,
                writer=self.playlists.write,
            )
        )  # fmt: skip

    def music_folder(self, folder: StrPath | None = None) -> MusicFolder:
        """The tracks by the paths that another program has for their files, relative to its music folder.

        Parameters
        ----------
        folder : path-like or None
            The music folder of the other program; None, or one that has another name here: it is found by the ends of
            the paths.

        Examples
        --------
        >>> lib.music_folder("/music").tracks(["jazz/01.mp3"])["jazz/01.mp3"].title
        'So What'
        """
        return MusicFolder(self._context, folder)
