"""What is exchanged with a linked server: playlists there, likes and plays here."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from recsys.app.context import LibraryContext
from recsys.app.import_decisions import ImportOptions
from recsys.app.link_reading import as_imported, match_tracks, read_tracks, store_tracks
from recsys.app.playlist_contents import PlaylistContents
from recsys.app.ratings_import import ImportPreview, preview_of
from recsys.domain.links import Link, PushResult
from recsys.errors import Hint, InvalidRequest, NotFound, ServerError

if TYPE_CHECKING:
    from recsys.servers.server import MusicServer


def push(
    context: LibraryContext,
    link: Link,
    server: "MusicServer",
    names: Sequence[str],
    *,
    replace: bool,
    dry_run: bool,
) -> list[PushResult]:
    """Write saved playlists to a server: some of them, or by default those that were written before.

    Raises
    ------
    NotFound
        There is no such playlist, or the server has no track of one.
    InvalidRequest
        The server has another playlist of this name, and ``replace`` is not set.
    ServerError
        The server fails.
    """
    from recsys.servers.connection import NotOnServer

    with context.open() as catalogue:
        number, _ = catalogue.links.find(link.name)
        saved = {each.name: each.id for each in catalogue.saved_playlists.list_saved()}
        pushed = catalogue.links.playlists(number, context.settings.listener)
    chosen = list(dict.fromkeys(names)) or sorted(pushed)
    for name in chosen:
        if name not in saved:
            raise NotFound(f"there is no saved playlist {name!r}", hint=Hint.SAVE_PLAYLIST)
    if not chosen:
        return []
    there = dict(server.playlists())
    results = []
    for name in chosen:
        tracks = PlaylistContents(context).tracks(saved[name]).tracks
        with context.open() as catalogue:
            ids = catalogue.links.foreign_ids(number, [track.id for track in tracks])
        foreign = [ids[track.id] for track in tracks if track.id in ids]
        if not foreign:
            raise NotFound(
                f"{link.name} has no track of the playlist {name!r}",
                hint=Hint.REFRESH_LINK,
                hint_values={"name": link.name},
            )
        existing = pushed.get(name) if pushed.get(name) in there else None
        if existing is None and (same := [each for each, its_name in there.items() if its_name == name]):
            if not replace:
                raise InvalidRequest(
                    f"is needed: {link.name} has a playlist {name!r} of its own", field="replace",
                    hint=Hint.REPLACE_PLAYLIST,
                )  # fmt: skip
            existing = same[0]
        if not dry_run:
            try:
                written = server.create_playlist(name, foreign[0]) if existing is None else existing
                with context.open() as catalogue:  # first, so that the next push finds one that this does not complete
                    catalogue.links.set_playlist(number, saved[name], written)
                server.replace_playlist(written, name, foreign)
            except NotOnServer as error:
                raise ServerError(
                    f"{link.name} no longer has a track of the playlist {name!r} under its id",
                    hint=Hint.REFRESH_LINK, hint_values={"name": link.name},
                ) from error  # fmt: skip
        missing = tuple(track for track in tracks if track.id not in ids)
        results.append(PushResult(name, link.name, existing is not None, len(foreign), missing))
    return results


def pull(
    context: LibraryContext,
    link: Link,
    server: "MusicServer",
    *,
    dry_run: bool,
    on_progress: Callable[[int], None] | None = None,
) -> ImportPreview:
    """Read the stars, ratings and plays of a server, and store its ids again.

    Raises
    ------
    ServerError
        The server fails.
    """
    tracks = read_tracks(server, on_progress)
    imported = as_imported(link.kind, tracks, server.read_groups())
    with context.open() as catalogue:
        found = match_tracks(catalogue, link, tracks)
        if not dry_run:
            store_tracks(catalogue, link, tracks, found)
        match_of = {id(track.entry): match for track, match in zip(tracks, found, strict=True)}
        return preview_of(
            catalogue, [link.url], [imported], ImportOptions(), may_be_empty=True,
            match=lambda files: [[match_of[id(entry)] for entry in file.tracks] for file in files],
        )  # fmt: skip
