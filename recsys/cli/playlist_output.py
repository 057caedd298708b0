"""How a playlist leaves: as a table or JSON for people and programs, as a file or a stream for players."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.cli.options import parse_path_map
from recsys.cli.output import format_duration, pluralise, print_json, print_status, print_tracks
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import Library, PathOptions, Playlist

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Destination:
    """What the options of writing ask for: a file, or stdout where ``file`` is None, its format and its paths."""

    file: Path | None
    format: str
    path_options: "PathOptions"


def parse_destination(
    service: "Library",
    output: str | None,
    *,
    format: str | None = None,
    relative_to: str | None = None,
    absolute: bool = False,
    map_path: list[str] | None = None,
    json: bool = False,
) -> Destination | None:
    """Where to write, None for nowhere. To be asked before anything is made or stored: it finds what makes no sense.

    Raises
    ------
    InvalidRequest
    """
    from recsys import PathOptions, playlist_format

    if output is None:
        if format or relative_to is not None or absolute or map_path:
            raise InvalidRequest(
                "--format, --relative-to, --absolute and --map-path say how to write; add --output FILE"
            )
        return None
    if absolute and relative_to is not None:
        raise InvalidRequest("--absolute and --relative-to exclude each other; give one of them")
    if json and output == STDOUT:
        raise InvalidRequest("--json and --output - both write to stdout; take --output - --format json")
    file = None if output == STDOUT else Path(output)
    path_map = dict(parse_path_map("path_map", text) for text in map_path or ())
    places = PathOptions(relative_to, absolute, path_map)
    return Destination(file, playlist_format(file, format), places)


def write_and_show(
    service: "Library", made: "Playlist", to: Destination | None, *, json: bool = False, quiet: bool = False
) -> None:
    """Write a playlist, show it, and say what gave way and what was written; one on stdout is not shown as well.

    Raises
    ------
    RecsysError
    """
    from recsys import describe_unmet_constraint

    lost = 0
    if to is not None:
        lost = service.write_playlist(
            made, to.file or sys.stdout.buffer, format=to.format, path_options=to.path_options
        )
    if json:
        print_json(made.to_dict())
    else:
        print_status(
            f"{made.name}: {pluralise(len(made.tracks), 'track')}, "
            f"{format_duration(sum(t.duration for t in made.tracks))}",
            quiet=quiet,
        )
        if to is None or to.file is not None:
            print_tracks(made.tracks, made.similarities)
        for unmet in made.unmet_constraints:
            print_status(f"not met: {describe_unmet_constraint(unmet)}", quiet=quiet)
    if lost:
        print_status(
            f"{lost} of {len(made.tracks)} tracks lie in no folder of --map-path and keep their paths", quiet=quiet
        )
    if to is not None and to.file is not None:
        print_status(f"written to {to.file}", quiet=quiet)
