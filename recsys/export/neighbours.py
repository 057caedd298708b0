"""Neighbour lists as JSON Lines: ``{"id", "path", "neighbours": [{"id", "path", "similarity"}]}`` for each track."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from recsys.atomic import atomic_write
from recsys.domain.tracks import Track
from recsys.errors import RecsysError
from recsys.export.records import neighbours_record

Listed = Iterable[tuple[Track, Sequence[tuple[Track, float]]]]


def write_neighbours(listed: Listed, path: Path) -> int:
    """Write them to ``path``, replacing it as a whole; how many tracks.

    Raises
    ------
    RecsysError
        The file cannot be written.
    """
    path, written = path.expanduser().absolute(), 0
    try:
        with atomic_write(path) as file:
            for track, others in listed:
                file.write(json.dumps(neighbours_record(track, others)).encode("ascii") + b"\n")
                written += 1
    except OSError as error:
        raise RecsysError(f"cannot write the neighbours {path}: {error.strerror}") from error
    return written
