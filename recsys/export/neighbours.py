"""Write neighbour lists as JSON Lines: ``{"id", "path", "neighbours": [{"id", "path", "similarity"}]}``.

One line for each track.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from recsys.atomic import atomic_write
from recsys.domain.paths import absolute_path
from recsys.errors import RecsysError


def neighbour_lines(
    neighbours: Iterable[tuple[int, Sequence[tuple[int, float]]]], paths: Mapping[int, str]
) -> Iterator[str]:
    """The lines of tracks and their neighbours, both by id.

    They are those of :meth:`recsys.domain.results.Neighbours.to_dict`; what a million records have in common is made
    once for each track.

    Examples
    --------
    >>> [*neighbour_lines([(1, [(2, 0.51234)])], {1: "a.mp3", 2: "b.mp3"})]
    ['{"id": 1, "path": "a.mp3", "neighbours": [{"id": 2, "path": "b.mp3", "similarity": 0.5123}]}']
    """
    starts = {i: json.dumps({"id": i, "path": path})[:-1] for i, path in paths.items()}
    for track, nearest in neighbours:
        records = [f'{starts[i]}, "similarity": {round(similarity, 4)}}}' for i, similarity in nearest]
        yield f'{starts[track]}, "neighbours": [{", ".join(records)}]}}'


def write_neighbours(lines: Iterable[str], path: Path) -> int:
    """Write one line for each track to ``path``, replacing the file at once. Returns the number of tracks.

    Raises
    ------
    RecsysError
        The file cannot be written.
    """
    path, written = absolute_path(path), 0
    try:
        with atomic_write(path) as file:
            for line in lines:
                file.write(line.encode("ascii") + b"\n")
                written += 1
    except OSError as error:
        raise RecsysError(f"cannot write the neighbours to {path}: {error.strerror}") from error
    return written
