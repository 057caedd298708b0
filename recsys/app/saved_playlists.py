"""Playlists that are kept: made from a recipe, written where players look, renewed when one asks."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from recsys.app.context import LibraryContext
from recsys.domain.requests import PathOptions, PlaylistRequest, TrackFilter
from recsys.domain.results import Playlist
from recsys.errors import InvalidRequest, NotFound, RecsysError

if TYPE_CHECKING:
    from recsys.app.playlist_files import PlaylistFile
    from recsys.database.saved_playlists import SavedPlaylist

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MAX_NAME_LENGTH = 100  # letters of a name


class RefreshResult(NamedTuple):
    """A saved playlist that was renewed, or why it was not; ``output`` is its file."""

    name: str
    output: str
    playlist: Playlist | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class SavedPlaylists:
    """The kept playlists of a library."""

    context: LibraryContext

    def save(
        self, name: str, request: PlaylistRequest, output: Path, *, format: str, path_options: PathOptions
    ) -> Playlist:
        """Make a playlist, write it to ``output``, and keep its recipe as ``name``.

        Raises
        ------
        NotFound, AmbiguousTrack, InvalidRequest, RecsysError
        """
        if not name.strip() or len(name) > _MAX_NAME_LENGTH or not name.isprintable():
            raise InvalidRequest(
                f"the name of a playlist has 1 to {_MAX_NAME_LENGTH} letters that can be printed, not {name!r}"
            )
        from recsys.database.saved_playlists import SavedPlaylist

        with self.context.open() as catalogue:  # names change, and cron starts elsewhere: seeds are kept as ids
            request = replace(request, seeds=tuple(str(catalogue.resolve(seed).id) for seed in request.seeds))
            saved = SavedPlaylist(
                name, asdict(request), str(output.expanduser().absolute()), format, asdict(path_options)
            )
            for other in catalogue.saved_playlists.list_saved():
                if other.output == saved.output and other.name != name:
                    raise InvalidRequest(
                        f"the playlist {other.name!r} is written to {other.output}; choose another file"
                    )
        made = self._refresh_one(saved)
        with self.context.open() as catalogue:
            catalogue.saved_playlists.save(saved)
        return made

    def list(self) -> "list[SavedPlaylist]":
        """All recipes, by name."""
        with self.context.open() as catalogue:
            return catalogue.saved_playlists.list_saved()

    def refresh(self, names: Sequence[str] = ()) -> Iterator[RefreshResult]:
        """Make and write saved playlists anew, all or those named; one that fails leaves its file and the others alone.

        Raises
        ------
        NotFound
            There is none, or none of a name.
        """
        kept = {saved.name: saved for saved in self.list()}
        if missing := [name for name in names if name not in kept]:
            there = ", ".join(kept) or "none"
            raise NotFound(f"no playlist {missing[0]!r} is saved; there are: {there}")
        if not kept:
            raise NotFound("no playlist is saved; save one: recsys playlist save NAME -o FILE.m3u8")
        for saved in [kept[name] for name in names] or list(kept.values()):
            try:
                yield RefreshResult(saved.name, saved.output, self._refresh_one(saved))
            except RecsysError as error:
                yield RefreshResult(saved.name, saved.output, None, str(error))

    def delete(self, name: str) -> None:
        """Do not renew it any more; its file stays.

        Raises
        ------
        NotFound
        """
        with self.context.open() as catalogue:
            if not catalogue.saved_playlists.delete(name):
                there = ", ".join(saved.name for saved in catalogue.saved_playlists.list_saved()) or "none"
                raise NotFound(f"no playlist {name!r} is saved; there are: {there}")

    def extend(
        self, file: Path, request: PlaylistRequest, *, path_map: Sequence[tuple[str, str]] = ()
    ) -> "tuple[Playlist, PlaylistFile]":
        """A playlist file and how it may go on; see :func:`recsys.app.playlist_files.extend`."""
        from recsys.app.playlist_files import extend

        return self.context.with_index_retry(lambda: extend(self.context, file, request, path_map=path_map))

    def insert(self, file: Path, **options: Any) -> "tuple[Playlist, PlaylistFile]":
        """A playlist file with tracks inserted into its widest gaps (:func:`recsys.app.playlist_files.insert`)."""
        from recsys.app.playlist_files import insert

        return self.context.with_index_retry(lambda: insert(self.context, file, **options))

    def record_history(self, playlist: Playlist) -> None:
        """Remember what stands in a list that was written; where the library cannot be written, that is passed over."""
        try:
            with self.context.open() as catalogue:
                catalogue.saved_playlists.add_to_history(playlist.name, [track.id for track in playlist.tracks])
        except RecsysError as error:
            _log.info("%s", error)

    def _refresh_one(self, saved: "SavedPlaylist") -> Playlist:
        from recsys.app.playlists import make_playlist
        from recsys.export.playlist_formats import write_playlist

        request, places = request_from(saved), _path_options_from(saved)
        made = replace(self.context.with_index_retry(lambda: make_playlist(self.context, request)), name=saved.name)
        write_playlist(made, Path(saved.output), format=saved.format, path_options=places)
        self.record_history(made)
        return made


def request_from(saved: "SavedPlaylist") -> PlaylistRequest:
    """The recipe that was saved.

    Raises
    ------
    InvalidRequest
        A newer recsys has saved it.
    """
    wishes = dict(saved.wishes)
    only = wishes.pop("filter", {})
    return _build(PlaylistRequest, saved, wishes | {"filter": _build(TrackFilter, saved, only)})


def _path_options_from(saved: "SavedPlaylist") -> PathOptions:
    return _build(
        PathOptions, saved, saved.places | {"path_map": [tuple(pair) for pair in saved.places.get("path_map", ())]}
    )


def _build(kind: type[T], saved: "SavedPlaylist", values: dict[str, Any]) -> T:
    """A value of a frozen class, whose tuples JSON has made lists."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(values) - known:
        raise InvalidRequest(
            f"the playlist {saved.name!r} was saved by a newer recsys ({unknown.pop()}); save it again"
        )
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
