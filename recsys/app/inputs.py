"""What methods of the API accept in the place of a path or a track."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from recsys.domain.paths import expand_home
from recsys.domain.tracks import Track

StrPath: TypeAlias = str | os.PathLike[str]
TrackLike: TypeAlias = Track | int | str | os.PathLike[str]
"""A track, its id, a path, a title, "artist - title", or the beginning of one of these."""


def paths_of(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    """One path or several, with "~" for the home folder, as a list."""
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    return [expand_home(path) for path in several]


def reference_of(track: TrackLike) -> str:
    """The text that :meth:`recsys.Library.track` resolves.

    >>> reference_of(7), reference_of("So What")
    ('7', 'So What')
    """
    if isinstance(track, Track):
        return str(track.id) if track.id else track.path
    return os.fspath(track) if isinstance(track, os.PathLike) else str(track)
