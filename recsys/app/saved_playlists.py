"""Saved playlists: a request, a file and its format, which are made anew on demand; and existing playlist files."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from recsys.app.inputs import StrPath
from recsys.app.playlist_contents import PlaylistContents, check_playlist_name, with_ids
from recsys.domain.paths import absolute_path, expand_home
from recsys.domain.requests import (
    MAX_DURATION,
    MAX_PER_ARTIST,
    MIN_DURATION,
    PathOptions,
    PlaylistRequest,
    TrackFilter,
)
from recsys.domain.results import Playlist
from recsys.errors import Hint, InvalidRequest, NotFound, RecsysError, pluralise

if TYPE_CHECKING:
    from recsys.app.playlist_files import PlaylistFile
    from recsys.database.saved_playlists import SavedPlaylist

_log = logging.getLogger(__name__)

_NO_MAP: Mapping[str, str] = {}
DEFAULT_PATHS = PathOptions()


class RefreshResult(NamedTuple):
    """A refreshed playlist and its file, if it has one; ``playlist`` is None where ``error`` has the reason."""

    name: str
    output: str | None
    playlist: Playlist | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class SavedPlaylists(PlaylistContents):
    """The saved playlists of a library; :attr:`recsys.Library.playlists`."""

    def save(
        self,
        name: str,
        request: PlaylistRequest,
        output: StrPath | None = None,
        *,
        format: str | None = None,
        path_options: PathOptions = DEFAULT_PATHS,
    ) -> Playlist:
        """Make a playlist, and save its request as ``name``; without ``output`` the library alone has it.

        ``format`` is that of the suffix by default.

        Raises
        ------
        NotFound, AmbiguousTrack, InvalidRequest
            As for :meth:`recsys.Library.playlist`; or the name is invalid, or the file belongs to another playlist.
        RecsysError
            The file cannot be written.
        """
        from recsys.database.saved_playlists import SavedPlaylist
        from recsys.export.playlist_formats import playlist_format

        file = None if output is None else str(absolute_path(output))
        format = None if file is None else playlist_format(Path(file), format)

        check_playlist_name(name)
        with self.context.open() as catalogue:
            request = with_ids(catalogue, request)
            saved = SavedPlaylist(name, request.to_dict(), file, format, path_options.to_dict())
            if file is not None and (other := catalogue.saved_playlists.find_by_output(file, besides=name)):
                of_listener = f" of {other[1]}" if other[1] else ""
                raise InvalidRequest(
                    f"is the file of the playlist {other[0]!r}{of_listener}; choose another one", field="output",
                    value=saved.output,
                )  # fmt: skip
        made = self._make(saved)
        with self.context.open() as catalogue:
            catalogue.saved_playlists.save(saved, [track.id for track in made])
        return made

    def list(self) -> "list[SavedPlaylist]":
        """All saved playlists, by name."""
        with self.context.open() as catalogue:
            return catalogue.saved_playlists.list_saved()

    def refresh(self, names: Sequence[str] = ()) -> Iterator[RefreshResult]:
        """Make all saved playlists that have a request anew, or those of ``names``, and write those that have a file.

        A failure leaves the tracks and the file of a playlist, and the other playlists, as they are.

        Raises
        ------
        NotFound
            There is no saved playlist, or none of a name.
        InvalidRequest
            A playlist of ``names`` has no request.
        """
        saved = {each.name: each for each in self.list()}
        if unknown := [name for name in names if name not in saved]:
            raise _no_such_playlist(unknown[0], list(saved))
        if fixed := [name for name in names if saved[name].request is None]:
            raise InvalidRequest("has fixed tracks, which are not made anew", field="name", value=fixed[0])
        saved = {name: each for name, each in saved.items() if each.request is not None}
        if not saved:
            raise NotFound("no playlist is saved", hint=Hint.SAVE_PLAYLIST)
        for each in [saved[name] for name in names] or list(saved.values()):
            try:
                made = self._make(each)
                with self.context.open() as catalogue:
                    catalogue.saved_playlists.change(each.id, tracks=[track.id for track in made], of=each.request)
                yield RefreshResult(each.name, each.output, made)
            except RecsysError as error:
                yield RefreshResult(each.name, each.output, None, str(error))

    def refresh_older(self, number: int, *, than: timedelta) -> bool:
        """Make the saved playlist with an id anew if it has a request and was made longer ago; whether it was made.

        If it cannot be made, it stays as it is, which is logged.

        Raises
        ------
        NotFound
            The listener has none with this id.
        """
        saved = self.find(number)
        if saved.request is None or datetime.now(UTC) - datetime.fromisoformat(saved.changed_at) < than:
            return False
        [result] = self.refresh([saved.name])
        if result.playlist is None:
            _log.info("%s stays as it is: %s", saved.name, result.error)
        return result.playlist is not None

    def delete(self, name: str) -> None:
        """Delete a playlist; its file, if it has one, is kept.

        Raises
        ------
        NotFound
            There is no saved playlist of this name.
        """
        with self.context.open() as catalogue:
            if not catalogue.saved_playlists.delete(name):
                raise _no_such_playlist(name, [each.name for each in catalogue.saved_playlists.list_saved()])

    def extend(
        self,
        file: StrPath,
        request: PlaylistRequest,
        *,
        path_map: Mapping[str, str] = _NO_MAP,
        playlist: str | None = None,
    ) -> "tuple[Playlist, PlaylistFile]":
        """A playlist file continued by the tracks of a request; see :func:`recsys.app.playlist_files.extend`."""
        from recsys.app.playlist_files import extend

        return self.context.with_index_retry(
            lambda: extend(
                self.context, expand_home(file), request, path_map=path_map, playlist=playlist, writer=self.write
            )
        )

    def insert(
        self,
        file: StrPath,
        *,
        n: int = 5,
        filter: TrackFilter | None = None,
        max_per_artist: int = MAX_PER_ARTIST,
        min_duration: float = MIN_DURATION,
        max_duration: float = MAX_DURATION,
        path_map: Mapping[str, str] = _NO_MAP,
        playlist: str | None = None,
    ) -> "tuple[Playlist, PlaylistFile]":
        """A playlist file with tracks in its largest gaps; see :func:`recsys.app.playlist_files.insert`."""
        from recsys.app.playlist_files import insert

        path = expand_home(file)
        return self.context.with_index_retry(
            lambda: insert(
                self.context, path, n=n, filter=filter or TrackFilter(), max_per_artist=max_per_artist,
                min_duration=min_duration, max_duration=max_duration, path_map=path_map, playlist=playlist,
                writer=self.write,
            )
        )  # fmt: skip

    def write(self, playlist: Playlist, output: Path | BinaryIO, format: str | None, path_options: PathOptions) -> int:
        """Write a playlist, and add it to the history; how many tracks its path map does not cover."""
        from recsys.export.playlist_formats import write_playlist

        written = _with_existing_paths(playlist)
        not_mapped = write_playlist(written, output, format=format, path_options=path_options)
        self.record_history(playlist)
        return not_mapped

    def render(self, playlist: Playlist, format: str, *, path_options: PathOptions = DEFAULT_PATHS) -> bytes:
        """The bytes of the file that :meth:`write` writes; nothing is stored.

        Raises
        ------
        InvalidRequest
            The format is unknown.

        Examples
        --------
        >>> lib.playlists.render(lib.similar("So What", n=1), "m3u8").splitlines()[0]
        b'#EXTM3U'
        """
        from recsys.export.playlist_formats import write_playlist

        output = BytesIO()
        write_playlist(_with_existing_paths(playlist), output, format=format, path_options=path_options)
        return output.getvalue()

    def record_history(self, playlist: Playlist) -> None:
        """Store the tracks of a playlist that was written; a library that cannot be written is no error."""
        try:
            with self.context.open() as catalogue:
                catalogue.saved_playlists.add_to_history(playlist.name, [track.id for track in playlist.tracks])
        except RecsysError as error:
            _log.info("%s", error)

    def _make(self, saved: "SavedPlaylist") -> Playlist:
        """The playlist of a saved request, written to its file if it has one."""
        from recsys.app.playlists import make_playlist
        from recsys.export.playlist_formats import write_playlist

        request, path_options = request_from(saved), path_options_from(saved)
        made = replace(self.context.with_index_retry(lambda: make_playlist(self.context, request)), name=saved.name)
        if saved.output is not None:
            written = _with_existing_paths(made)
            write_playlist(written, Path(saved.output), format=saved.format, path_options=path_options)
            if absent := len(made.absent):
                _log.warning("%s: %s not on the disk now", saved.name, pluralise(absent, "track is", "tracks are"))
        self.record_history(made)
        return made


def _with_existing_paths(playlist: Playlist) -> Playlist:
    """The playlist with another file of each track whose file is gone, where there is one."""
    tracks = [
        track
        if os.path.lexists(track.path)
        else replace(track, path=next((path for path in track.paths if os.path.lexists(path)), track.path))
        for track in playlist.tracks
    ]
    return replace(playlist, tracks=tuple(tracks))


def request_from(saved: "SavedPlaylist") -> PlaylistRequest:
    """The request of a saved playlist.

    Raises
    ------
    InvalidRequest
        A newer version of recsys has saved it.
    """
    try:
        return PlaylistRequest.from_dict(saved.request or {})
    except InvalidRequest as error:
        raise _saved_by_newer(saved, error) from error


def path_options_from(saved: "SavedPlaylist") -> PathOptions:
    """The path options of a saved playlist.

    Raises
    ------
    InvalidRequest
        A newer version of recsys has saved it.
    """
    try:
        return PathOptions.from_dict(saved.path_options)
    except InvalidRequest as error:
        raise _saved_by_newer(saved, error) from error


def _saved_by_newer(saved: "SavedPlaylist", error: InvalidRequest) -> InvalidRequest:
    return InvalidRequest(f"the playlist {saved.name!r} was saved by a newer recsys ({error}); save it again")


def _no_such_playlist(name: str, saved: Sequence[str]) -> NotFound:
    return NotFound(f"no playlist {name!r} is saved; there are: {', '.join(saved) or 'none'}")
