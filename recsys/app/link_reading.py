"""Read all tracks of a server, and match them with those of the library."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.domain.links import Link, LinkReport, ServerTrack
from recsys.errors import Hint, ServerError, pluralise

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.importers.entries import ExternalGroup, ImportedFile
    from recsys.matching.match import Match
    from recsys.servers.server import MusicServer, ReadTrack

_MOST = 0.5  # share of the ids that were stored
_STEP = 500  # tracks between two reports of progress


def read_tracks(server: "MusicServer", on_progress: Callable[[int], None] | None = None) -> "list[ReadTrack]":
    """All tracks of a server; progress is their number so far.

    Raises
    ------
    ServerError
        The server fails.
    """
    found = []
    for track in server.read_tracks():
        found.append(track)
        if on_progress and len(found) % _STEP == 0:
            on_progress(len(found))
    if on_progress:
        on_progress(len(found))
    return found


def as_imported(kind: str, tracks: "Iterable[ReadTrack]", groups: "Iterable[ExternalGroup]" = ()) -> "ImportedFile":
    """The tracks of a server, and the albums and artists that are liked there, as a file of another program."""
    from recsys.importers.entries import ImportedFile

    format = "subsonic" if kind == "navidrome" else kind
    return ImportedFile(format, tuple(track.entry for track in tracks), Path("/"), groups=tuple(groups))


def match_tracks(catalogue: "Catalogue", link: Link, tracks: "Sequence[ReadTrack]") -> "list[Match | None]":
    """The tracks of the library that those of a server are."""
    from recsys.matching.match import match

    [found] = match([as_imported(link.kind, tracks)], catalogue.iter_files, files_at=catalogue.files_at)
    return found


def store_tracks(
    catalogue: "Catalogue", link: Link, tracks: "Sequence[ReadTrack]", found: "Sequence[Match | None]"
) -> LinkReport:
    """Store the ids of a server and what was found for them, instead of those before.

    Raises
    ------
    ServerError
        The server has no tracks, and had some; the ids of before stay.
    """
    number, stored = catalogue.links.find(link.name)
    if stored.tracks and not tracks:
        raise ServerError(
            f"{link.url} has no tracks now; the ids of {pluralise(stored.tracks, 'track')} are kept",
            hint=Hint.CHECK_SERVER,
        )
    matched = [
        ServerTrack(
            read.id, read.entry.artist, read.entry.title, read.entry.album, read.entry.path, read.entry.duration,
            one and one.id, one and one.method,
        )
        for read, one in zip(tracks, found, strict=True)
    ]  # fmt: skip
    before, now = catalogue.links.tracks(number), {track.id for track in matched}
    gone = [track for track in before if track.id not in now]
    catalogue.links.replace_ids(link.name, matched, _artists(catalogue, tracks))
    return LinkReport(
        catalogue.links.find(link.name)[1],
        Counter(track.match_method for track in matched if track.match_method),
        added=len(now) - (len(before) - len(gone)),
        removed=len(gone),
        ids_changed=_have_changed(len(before), gone, matched),
    )


def _have_changed(n_before: int, gone: Sequence[ServerTrack], now: Sequence[ServerTrack]) -> bool:
    """Whether most ids are gone, and most of their songs are there under others."""
    songs = {_song(track) for track in now}
    return len(gone) > _MOST * n_before and sum(_song(track) in songs for track in gone) > _MOST * len(gone)


def _song(track: ServerTrack) -> tuple[object, ...]:
    return (track.artist, track.title, track.album) if track.title else (track.path,)


def _artists(catalogue: "Catalogue", tracks: "Iterable[ReadTrack]") -> Mapping[str, int]:
    """The artists of the library by the ids of those of the server that have the same name."""
    from recsys.metadata.names import artist_key

    by_key: dict[str, int] = {}
    for artist in catalogue.artists():
        by_key.setdefault(artist_key(artist.name), artist.id)
    names = {foreign_id: name for track in tracks for foreign_id, name in track.artists}
    keys = {foreign_id: artist_key(name) for foreign_id, name in names.items()}
    return {foreign_id: by_key[key] for foreign_id, key in keys.items() if key in by_key}
