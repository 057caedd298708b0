"""What players need of tracks: their files, as they are or transcoded, pictures and waveforms."""

from dataclasses import dataclass

from recsys.app.context import LibraryContext
from recsys.domain.media import MediaFile


@dataclass(frozen=True, slots=True)
class Media:
    """Files, pictures and waveforms of tracks by their ids; :attr:`recsys.Library.media`.

    Only files inside folders that were ingested are read, also where a path has links.
    """

    context: LibraryContext

    def file(self, track_id: int) -> MediaFile:
        """The file of a track; of several copies the first that is there.

        Raises
        ------
        NotFound
            There is no such track, or no file of it inside a folder that was ingested.

        Examples
        --------
        >>> lib.media.file(99)
        Traceback (most recent call last):
        recsys.errors.NotFound: no track has the id 99
        """
        from recsys.app.media_files import locate

        return locate(self.context, track_id).file
