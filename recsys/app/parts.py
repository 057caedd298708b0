"""The parts of a library that have a name of their own, such as ``library.ratings``.

Each is imported when it is first used: most programs and commands use one of them.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.config import Settings

if TYPE_CHECKING:
    from recsys.app.access_keys import AccessKeys
    from recsys.app.browsing import Browsing
    from recsys.app.genre_models import GenreModels
    from recsys.app.links import Links
    from recsys.app.listeners import Listeners
    from recsys.app.media import Media
    from recsys.app.play_queues import PlayQueues
    from recsys.app.plays import Plays
    from recsys.app.ratings import Ratings
    from recsys.app.saved_playlists import SavedPlaylists
    from recsys.app.tag_writing import TagWriter


class Parts:
    """What a library has beside its own methods."""

    settings: Settings
    _context: LibraryContext

    @cached_property
    def ratings(self) -> "Ratings":
        """Likes, dislikes and stars, and their import from other programs: :class:`~recsys.app.ratings.Ratings`."""
        from recsys.app.ratings import Ratings

        return Ratings(self._context)

    @cached_property
    def plays(self) -> "Plays":
        """Plays and skips: :class:`~recsys.app.plays.Plays`."""
        from recsys.app.plays import Plays

        return Plays(self._context)

    @cached_property
    def play_queue(self) -> "PlayQueues":
        """What the listener was playing last: :class:`~recsys.app.play_queues.PlayQueues`."""
        from recsys.app.play_queues import PlayQueues

        return PlayQueues(self._context)

    @cached_property
    def listeners(self) -> "Listeners":
        """The listeners of the library: :class:`~recsys.app.listeners.Listeners`."""
        from recsys.app.listeners import Listeners

        return Listeners(self._context)

    @cached_property
    def links(self) -> "Links":
        """Links to servers of music: :class:`~recsys.app.links.Links`."""
        from recsys.app.links import Links

        return Links(self._context)

    @cached_property
    def keys(self) -> "AccessKeys":
        """The keys of the server: :class:`~recsys.app.access_keys.AccessKeys`."""
        from recsys.app.access_keys import AccessKeys

        return AccessKeys(self._context)

    @cached_property
    def playlists(self) -> "SavedPlaylists":
        """Saved playlists, and extended playlist files: :class:`~recsys.app.saved_playlists.SavedPlaylists`."""
        from recsys.app.saved_playlists import SavedPlaylists

        return SavedPlaylists(self._context)

    @cached_property
    def genre_models(self) -> "GenreModels":
        """Genre models: :class:`~recsys.app.genre_models.GenreModels`."""
        from recsys.app.genre_models import GenreModels

        return GenreModels(self._context)

    @cached_property
    def media(self) -> "Media":
        """Files, pictures and waveforms of tracks, for players: :class:`~recsys.app.media.Media`."""
        from recsys.app.media import Media

        return Media(self._context)

    @cached_property
    def browsing(self) -> "Browsing":
        """Records and lists for players that browse the library: :class:`~recsys.app.browsing.Browsing`."""
        from recsys.app.browsing import Browsing

        return Browsing(self._context)

    @cached_property
    def tags(self) -> "TagWriter":
        """Tags of the files: :class:`~recsys.app.tag_writing.TagWriter`."""
        from recsys.app.tag_writing import TagWriter

        return TagWriter(self._context)
