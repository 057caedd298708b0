"""How the terminal writes a playlist: as a table, as JSON, as a file for players, or as a stream on stdout."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.cli.messages import hint
from recsys.cli.output import format_duration, pluralise, print_json, print_status, print_tracks
from recsys.cli.syntax import parse_path_maps
from recsys.errors import Hint, InvalidRequest

if TYPE_CHECKING:
    from recsys import Library, PathOptions, Playlist

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a playlist is written (stdout where ``file`` is None), its format, and how it names tracks."""

    file: Path | None
    format: str
    path_options: "PathOptions"


def parse_destination(
    output: str | None,
    *,
    format: str | None = None,
    relative_to: str | None = None,
    absolute: bool = False,
    path_map: list[str] | None = None,
    json: bool = False,
) -> Destination | None:
    """The destination of these options; None where nothing is written.

    Commands call it before they compute or store anything.

    Raises
    ------
    InvalidRequest
        Options exclude each other, the format is unknown, or a value has the wrong form.
    """
    from recsys import PathOptions, playlist_format

    if output is None:
        if format or relative_to is not None or absolute or path_map:
            raise InvalidRequest("--format, --relative-to, --absolute and --path-map need --output FILE")
        return None
    if json and output == STDOUT:
        raise InvalidRequest(
            "--json and --output - both write to stdout; for JSON in the stream use --output - --format json"
        )
    file = None if output == STDOUT else Path(output)
    path_options = PathOptions(relative_to, absolute, parse_path_maps("path_map", path_map or []))
    return Destination(file, playlist_format(file, format), path_options)


def write_and_show(
    library: "Library", made: "Playlist", destination: Destination | None, *, json: bool = False, quiet: bool = False
) -> None:
    """Write a playlist, and print it unless it is written to stdout; report unmet constraints and the file.

    Raises
    ------
    RecsysError
        The file cannot be written.
    """
    from recsys import describe_unmet_constraint

    not_mapped = 0
    if destination is not None:
        not_mapped = library.write_playlist(
            made, destination.file or sys.stdout.buffer, format=destination.format,
            path_options=destination.path_options,
        )  # fmt: skip
    if json:
        print_json(made.to_dict())
    else:
        print_status(
            f"{made.name}: {pluralise(len(made), 'track')}, {format_duration(sum(track.duration for track in made))}",
            quiet=quiet,
        )
        if destination is None or destination.file is not None:
            print_tracks(made)
        for unmet in made.unmet_constraints:
            print_status(f"not met: {describe_unmet_constraint(unmet)}", quiet=quiet)
    if not_mapped:
        print_status(
            f"warning: {not_mapped} of {pluralise(len(made), 'track')} not in a folder of --path-map; "
            "their paths are not changed",
            quiet=quiet,
        )
    if destination is not None and (absent := len(made.absent)):
        n = f"{absent} of {pluralise(len(made), 'track is', 'tracks are')}"
        print_status(f"warning: {n} not on the disk now; {hint(Hint.PRUNE)}", quiet=quiet)
    if destination is not None and destination.file is not None:
        print_status(f"written to {destination.file}", quiet=quiet)
