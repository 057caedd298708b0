"""Saved playlists as a page and players have them: by id, with their tracks, with or without a request or a file."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.app.inputs import TrackLike, reference_of
from recsys.domain.requests import PathOptions, PlaylistRequest
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.database.saved_playlists import SavedPlaylist

_MAX_NAME_LENGTH = 100  # characters


@dataclass(frozen=True, slots=True)
class PlaylistContents:
    """Saved playlists and their tracks."""

    context: LibraryContext

    def add(self, name: str, tracks: Sequence[TrackLike], *, request: PlaylistRequest | None = None) -> "SavedPlaylist":
        """Save tracks as a playlist of a new name, without a file; with a ``request`` it can be refreshed.

        Raises
        ------
        NotFound, AmbiguousTrack
            A track does not exist, or several match.
        InvalidRequest
            The name is invalid, or another playlist has it.

        Examples
        --------
        >>> blue = lib.playlists.add("blue", ["So What", "Blue in Green"])
        >>> [track.title for track in lib.playlists.tracks(blue.id)]
        ['So What', 'Blue in Green']
        >>> lib.playlists.remove(blue.id)
        """
        from recsys.database.saved_playlists import SavedPlaylist

        check_playlist_name(name)
        with self.context.open() as catalogue:
            ids = _ids(catalogue, tracks)
            record = None if request is None else with_ids(catalogue, request).to_dict()
            saved = SavedPlaylist(name, record, None, None, PathOptions().to_dict())
            number = catalogue.saved_playlists.save(saved, ids, replace=False)
        return self.find(number)

    def find(self, number: int) -> "SavedPlaylist":
        """The saved playlist with an id.

        Raises
        ------
        NotFound
            The listener has none with this id.
        """
        with self.context.open() as catalogue:
            return _find(catalogue, number)

    def lengths(self) -> dict[int, tuple[int, float]]:
        """The number of tracks and the seconds of each saved playlist that has tracks, by its id."""
        with self.context.open() as catalogue:
            return catalogue.saved_playlists.lengths()

    def tracks(self, number: int) -> Playlist:
        """The tracks of the saved playlist with an id, as they were last made or changed; raises as :meth:`find`."""
        with self.context.open() as catalogue:
            saved = _find(catalogue, number)
            ids = catalogue.saved_playlists.track_ids(number)
            found = catalogue.tracks_by_id(dict.fromkeys(ids))
        return Playlist(saved.name, tuple(found[i] for i in ids if i in found))

    def all_tracks(self) -> dict[str, Playlist]:
        """All saved playlists with their tracks, by name.

        >>> lib.playlists.all_tracks()
        {}
        """
        with self.context.open() as catalogue:
            saved = catalogue.saved_playlists.list_saved()
            ids = catalogue.saved_playlists.all_track_ids()
            found = catalogue.tracks_by_id(dict.fromkeys(i for listed in ids.values() for i in listed))
        tracks = {number: tuple(found[i] for i in listed if i in found) for number, listed in ids.items()}
        return {each.name: Playlist(each.name, tracks.get(each.id, ())) for each in saved}

    def change(
        self,
        number: int,
        *,
        name: str | None = None,
        request: PlaylistRequest | None = None,
        tracks: Sequence[TrackLike] | Callable[[list[int]], Iterable[int]] | None = None,
    ) -> "SavedPlaylist":
        """Change the name, the request or the tracks of the saved playlist with an id.

        ``tracks`` may be a function that makes the new ids of those before. No other thread or process changes the
        playlist between the two, so that what several add at once is all kept.

        Raises
        ------
        NotFound, AmbiguousTrack
            There is no such playlist, or a track does not exist or is ambiguous.
        InvalidRequest
            The name is invalid, or another playlist has it.

        Examples
        --------
        >>> blue = lib.playlists.add("blue", ["So What"])
        >>> lib.playlists.change(blue.id, name="kind of blue", tracks=["Blue in Green"]).name
        'kind of blue'
        >>> changed = lib.playlists.change(blue.id, tracks=lambda before: [*before, *before])
        >>> [track.title for track in lib.playlists.tracks(blue.id)]
        ['Blue in Green', 'Blue in Green']
        >>> lib.playlists.remove(blue.id)
        """
        with self.context.open() as catalogue:
            if name is not None:
                check_playlist_name(name)
            ids = tracks if tracks is None or callable(tracks) else _ids(catalogue, tracks)
            record = None if request is None else with_ids(catalogue, request).to_dict()
            if not catalogue.saved_playlists.change(number, name=name, request=record, tracks=ids):
                raise _unknown(number)
            return _find(catalogue, number)

    def remove(self, number: int) -> None:
        """Remove the saved playlist with an id; its file, if it has one, is kept. Raises as :meth:`find`."""
        with self.context.open() as catalogue:
            catalogue.saved_playlists.delete(_find(catalogue, number).name)


def check_playlist_name(name: str) -> None:
    """Raise InvalidRequest unless a playlist can have this name."""
    if not name.strip() or len(name) > _MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidRequest(f"must have 1 to {_MAX_NAME_LENGTH} printable characters", field="name", value=name)


def with_ids(catalogue: "Catalogue", request: PlaylistRequest) -> PlaylistRequest:
    """A request whose references are ids: names change, and a scheduled job has another folder."""
    seeds, not_like = (
        tuple(str(track.id) for track in catalogue.resolve_all(references))
        for references in (request.seeds, request.not_like)
    )
    return replace(request, seeds=seeds, not_like=not_like)


def _ids(catalogue: "Catalogue", tracks: Sequence[TrackLike]) -> list[int]:
    """The ids of tracks, at once: a player changes a long list by sending all of it."""
    given = [each.id or each if isinstance(each, Track) else each for each in tracks]
    catalogue.ensure_known(each for each in given if isinstance(each, int))
    others = iter(catalogue.resolve_all(reference_of(each) for each in given if not isinstance(each, int)))
    return [each if isinstance(each, int) else next(others).id for each in given]


def _find(catalogue: "Catalogue", number: int) -> "SavedPlaylist":
    for saved in catalogue.saved_playlists.list_saved():
        if saved.id == number:
            return saved
    raise _unknown(number)


def _unknown(number: int) -> NotFound:
    return NotFound(f"no playlist has the id {number}")
