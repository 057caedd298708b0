"""The files of a folder that may be the cover of the album in it, best first."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

_STEMS = ("cover", "folder", "front", "album", "albumart")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_DISC = re.compile(r"(?:cd|dis[ck]|disque|dvd|side|vinyl)[\s_.-]*(?:\d{1,2}|[a-z])\b.*", re.IGNORECASE)
_MAX_ENTRIES = 20_000  # of one folder


def folder_art(folder: Path) -> Iterator[Path]:
    """The covers in a folder; in that above it, if it is a disc of an album ("CD 2").

    Names are compared without case. Whether a file is a picture, its bytes show.
    """
    yield from _covers(folder)
    if _DISC.fullmatch(folder.name):
        yield from _covers(folder.parent)


def _covers(folder: Path) -> list[Path]:
    found: list[tuple[int, int, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False):
                stem, suffix = os.path.splitext(entry.name.lower())  # noqa: PTH122 - called for every file
                if stem in _STEMS and suffix in _SUFFIXES:
                    found.append((_STEMS.index(stem), _SUFFIXES.index(suffix), entry.name))
    except OSError:
        return []
    return [folder / name for _, _, name in sorted(found)]
