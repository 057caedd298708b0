"""Covers of tracks: embedded in their files, or beside them."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from recsys.app.context import LibraryContext
from recsys.app.media_cache import MediaCache
from recsys.app.media_files import Located, locate
from recsys.artwork.folder_art import folder_art
from recsys.artwork.formats import picture_type
from recsys.artwork.generated import generated_cover
from recsys.artwork.thumbnails import is_picture, thumbnail
from recsys.audio.pictures import MAX_BYTES, embedded_pictures
from recsys.domain.media import MediaFile, Picture
from recsys.errors import NoCover, NotFound

SIZES = (64, 160, 300, 600, 1200)
"""Of thumbnails, in pixels."""
_GENERATED = 600
_CACHE_BYTES = 512 << 20
_MAX_ASKED = 4  # tracks of an album, artist or playlist
_MAX_READ = 200  # tracks of an artist
_VERSION = 1  # of the thumbnails in the cache


def find_cover(context: LibraryContext, track_id: int, size: int | None) -> Picture:
    """The cover of a track; raises as :meth:`recsys.app.media.Media.cover`."""
    found = _cover(context, locate(context, track_id), _thumbnail_size(size))
    if found is None:
        raise NoCover(f"track {track_id} has no cover")
    return found


def find_album_cover(context: LibraryContext, album_id: int, size: int | None) -> Picture:
    """The cover of an album; raises as :meth:`recsys.app.media.Media.album_cover`."""
    with context.open() as catalogue:
        _, ids = catalogue.resolve_album(album_id)
    return _first_cover(context, ids, size, f"album {album_id}")


def find_artist_cover(context: LibraryContext, artist_id: int, size: int | None) -> Picture:
    """The cover of an artist; raises as :meth:`recsys.app.media.Media.artist_cover`."""
    with context.open() as catalogue:
        _, ids = catalogue.resolve_artist(artist_id)
        tracks = catalogue.tracks_by_id(ids[:_MAX_READ])
    by_album: dict[int, int] = {}
    for track in tracks.values():
        by_album.setdefault(track.album_id or -track.id, track.id)
    return _first_cover(context, list(by_album.values()), size, f"artist {artist_id}")


def find_playlist_cover(context: LibraryContext, playlist_id: int, size: int | None) -> Picture:
    """The cover of a saved playlist; raises as :meth:`recsys.app.media.Media.playlist_cover`."""
    with context.open() as catalogue:
        ids = catalogue.saved_playlists.track_ids(playlist_id)
        known = any(each.id == playlist_id for each in catalogue.saved_playlists.list_saved())
    if not known:
        raise NotFound(f"no saved playlist has the id {playlist_id}")
    return _first_cover(context, ids, size, f"playlist {playlist_id}")


def make_cover(text: str, size: int | None) -> Picture:
    """A picture for what has no cover; as :meth:`recsys.app.media.Media.generated_cover`."""
    data = generated_cover(text, _thumbnail_size(size) or _GENERATED)
    return Picture(data, "image/jpeg", hashlib.sha256(data).hexdigest())


def _first_cover(context: LibraryContext, ids: Sequence[int], size: int | None, what: str) -> Picture:
    """The cover of the first of some tracks that has one, of which only some are asked."""
    for track_id in ids[:_MAX_ASKED]:
        try:
            located = locate(context, track_id)
        except NotFound:
            continue
        if found := _cover(context, located, _thumbnail_size(size)):
            return found
    raise NoCover(f"{what} has no cover")


def _thumbnail_size(size: int | None) -> int | None:
    """The smallest size of thumbnails that is enough; None for the picture itself."""
    return None if size is None else next((each for each in SIZES if each >= size), None)


def _cover(context: LibraryContext, located: Located, size: int | None) -> Picture | None:
    cache = MediaCache(context.settings.home / "covers", _CACHE_BYTES)
    for file, pictures in _sources(located):
        picture = _first_of(cache, file, pictures, size)
        if picture is not None:
            return picture
    return None


def _sources(located: Located) -> Iterator[tuple[MediaFile, Callable[[], Iterable[bytes]]]]:
    """The files that may have the cover, best first, and how their pictures are read."""
    track = located.file
    yield track, lambda: embedded_pictures(track.path)
    for path in folder_art(Path(track.path).parent):
        real = located.roots.resolve(path)
        if real is not None:
            art = MediaFile(track.track_id, real, "", "", 0.0, None)
            yield art, partial(_content, art)


def _content(file: MediaFile) -> Iterator[bytes]:
    try:
        with file.open() as opened:
            data = opened.read(MAX_BYTES + 1)
    except (NotFound, OSError):
        return
    if len(data) <= MAX_BYTES:
        yield data


def _first_of(
    cache: MediaCache, file: MediaFile, pictures: Callable[[], Iterable[bytes]], size: int | None
) -> Picture | None:
    """The first valid picture of a file, or its thumbnail from the cache."""
    try:
        status = os.stat(file.path)  # noqa: PTH116 - the path is a text
    except OSError:
        return None
    key = f"{_VERSION} {status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns} {size} {file.path}"
    if size is None:
        data = next((each for each in pictures() if is_picture(each)), None)
    else:
        data = cache.get(key, lambda: next(filter(None, (thumbnail(each, size) for each in pictures())), None))
    if data is None:
        return None
    return Picture(data, picture_type(data) or "image/jpeg", hashlib.blake2b(data, digest_size=12).hexdigest())
