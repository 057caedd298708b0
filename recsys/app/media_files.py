"""The file of a track, resolved inside the folders that were ingested, at the time of asking.

A path in the database is not enough to read a file: since the ingest a link may have taken its place, or the folder may
have been removed from the library. What is behind links is read only if it is in such a folder too.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from recsys.app.context import LibraryContext
from recsys.audio.browsers import browser_media_type
from recsys.domain.media import MediaFile
from recsys.errors import NotFound


class MediaRoots:
    """The folders that were ingested, without links."""

    def __init__(self, roots: Sequence[str]) -> None:
        self._roots = [os.path.realpath(root) for root in roots]

    def resolve(self, path: str | os.PathLike[str]) -> str | None:
        """The path of a file without links; None if it is outside, or is no file."""
        try:
            real = os.path.realpath(path)
            inside = any(os.path.commonpath((root, real)) == root for root in self._roots if _same_drive(root, real))
            return real if inside and Path(real).is_file() else None
        except (OSError, ValueError):  # of a closed folder, or a text that is no path
            return None


class Located(NamedTuple):
    """The file of a track, and the roots that it is in."""

    file: MediaFile
    roots: MediaRoots


def locate(context: LibraryContext, track_id: int) -> Located:
    """The first copy of a recording that is in a folder that was ingested.

    Raises
    ------
    NotFound
        The id is unknown, or there is no such copy.
    """
    with context.open() as catalogue:
        stored = catalogue.stored_recording(track_id)
        roots = MediaRoots(catalogue.roots())
    for path in stored.paths:
        real = roots.resolve(path)
        if real is None:
            continue
        file = MediaFile(track_id, real, stored.audio_hash, stored.codec, stored.duration, None)
        try:
            with file.open() as opened:
                media_type = browser_media_type(opened, stored.codec)
        except (NotFound, OSError):
            continue
        return Located(MediaFile(track_id, real, stored.audio_hash, stored.codec, stored.duration, media_type), roots)
    linked = any(os.path.exists(path) for path in stored.paths)  # noqa: PTH110 - never raises
    where = "is not inside a folder that was ingested" if linked else "is missing"
    raise NotFound(f"the file of track {track_id} {where}")


def _same_drive(first: str, second: str) -> bool:
    return os.path.splitdrive(first)[0] == os.path.splitdrive(second)[0]
