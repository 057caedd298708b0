"""How a playlist leaves: as a table or JSON for people and programs, as a file or a stream for players."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.cli.options import mapping
from recsys.cli.output import clock, counted, print_json, print_tracks, say
from recsys.errors import UsageError

if TYPE_CHECKING:
    from recsys.app.library import Service
    from recsys.domain.requests import Places
    from recsys.domain.results import Playlist

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Destination:
    """What the options of writing ask for: a file, or stdout where ``file`` is None, its format and its paths."""

    file: Path | None
    format: str
    places: "Places"


def destination(
    service: "Service",
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
    UsageError
    """
    from recsys.app.library import Places

    if output is None:
        if format or relative_to is not None or absolute or map_path:
            raise UsageError("--format, --relative-to, --absolute and --map-path say how to write; add --output FILE")
        return None
    if absolute and relative_to is not None:
        raise UsageError("--absolute and --relative-to exclude each other; give one of them")
    if json and output == STDOUT:
        raise UsageError("--json and --output - both write to stdout; take --output - --format json")
    file = None if output == STDOUT else Path(output)
    places = Places(relative_to, absolute, tuple(map(mapping, map_path or ())))
    return Destination(file, service.playlist_format(file, format), places)


def deliver(
    service: "Service", made: "Playlist", to: Destination | None, *, json: bool = False, quiet: bool = False
) -> None:
    """Write a playlist, show it, and say what gave way and what was written; one on stdout is not shown as well.

    Raises
    ------
    RecsysError
    """
    lost = 0
    if to is not None:
        lost = service.write_playlist(made, to.file or sys.stdout.buffer, format=to.format, places=to.places)
    if json:
        from recsys.app.library import playlist_record

        print_json(playlist_record(made))
    else:
        say(
            f"{made.name}: {counted(len(made.tracks), 'track')}, {clock(sum(t.duration for t in made.tracks))}",
            quiet=quiet,
        )
        if to is None or to.file is not None:
            print_tracks(made.tracks, made.similarities)
        for line in made.gave_way:
            say(f"gave way: {line}", quiet=quiet)
    if lost:
        say(f"{lost} of {len(made.tracks)} tracks lie in no folder of --map-path and keep their paths", quiet=quiet)
    if to is not None and to.file is not None:
        say(f"written to {to.file}", quiet=quiet)
