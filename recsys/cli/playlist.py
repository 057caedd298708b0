"""``recsys playlist``: a list to listen to, from likes or from given tracks; saved, it can be renewed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import (
    Absolute,
    Arousal,
    Bpm,
    FormatName,
    Genres,
    Json,
    Longest,
    MapPath,
    Moods,
    Output,
    PerArtist,
    RelativeTo,
    Shortest,
    Valence,
    Years,
    parse_path_map,
    seconds,
    track_filter,
)
from recsys.cli.output import Column, print_error, print_json, print_status, print_table
from recsys.cli.playlist_options import playlist_options
from recsys.cli.playlist_output import parse_destination, write_and_show
from recsys.cli.session import session
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import PlaylistRequest
    from recsys.cli.playlist_output import Destination

app = typer.Typer()

ListFile = Annotated[
    Path, typer.Argument(metavar="FILE", show_default=False, help="M3U, M3U8, XSPF, JSPF, or what likes import reads.")
]
ReadMap = Annotated[
    list[str],
    typer.Option("--read-map", metavar="FROM=TO", show_default=False, help="How paths begin in FILE, and how here."),
]
ListName = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="What it is called.")]


@app.callback(invoke_without_command=True)
@playlist_options
def playlist(
    context: typer.Context,
    recipe: "PlaylistRequest",
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    map_path: MapPath = [],
    json: Json = False,
) -> None:
    """Make a playlist from what you like, or from given tracks; these are in it with --include-seeds."""
    if context.invoked_subcommand is not None:
        return
    service = session(context).service()
    to = parse_destination(
        service, output, format=format, relative_to=relative_to, absolute=absolute, map_path=map_path, json=json
    )
    write_and_show(service, service.playlist(recipe), to, json=json, quiet=session(context).quiet)


@app.command()
@playlist_options
def save(
    context: typer.Context,
    name: ListName,
    recipe: "PlaylistRequest",
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    map_path: MapPath = [],
    json: Json = False,
) -> None:
    """Make a playlist, write it to --output (a file, or a folder for NAME.m3u8), and keep how it is made."""
    given = session(context)
    service = given.service()
    if output in (None, "-"):
        raise InvalidRequest("say where it is written, each time it is renewed: --output FILE or --output FOLDER")
    if Path(str(output)).expanduser().is_dir():
        output = str(Path(str(output)) / f"{name.replace('/', '-')}.{format or 'm3u8'}")
    to = parse_destination(
        service, output, format=format, relative_to=relative_to, absolute=absolute, map_path=map_path, json=json
    )
    assert to is not None
    assert to.file is not None
    made = service.playlists.save(name, recipe, to.file, format=to.format, path_options=to.path_options)
    write_and_show(service, made, None, json=json, quiet=given.quiet)
    print_status(f"written to {to.file}; renew it with: recsys playlist refresh", quiet=given.quiet)


@app.command()
def refresh(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", show_default=False, help="Which; else all.")
    ] = None,
) -> None:
    """Make saved playlists anew and write them in their places; for cron. What fails leaves its file alone."""
    from recsys import describe_unmet_constraint

    given = session(context)
    done = failed = 0
    for renewed in given.service().playlists.refresh(names or ()):
        if renewed.playlist is None:
            failed += 1
            print_error(f"{renewed.name}: {renewed.error}")
            continue
        done += 1
        print_status(
            f"{renewed.name}: {len(renewed.playlist.tracks)} tracks, written to {renewed.output}", quiet=given.quiet
        )
        for unmet in renewed.playlist.unmet_constraints:
            print_status(f"{renewed.name}: not met: {describe_unmet_constraint(unmet)}", quiet=given.quiet)
    if failed:
        raise typer.Exit(4 if done else 1)


@app.command()
@playlist_options
def extend(
    context: typer.Context,
    file: ListFile,
    recipe: "PlaylistRequest",
    read_map: ReadMap = [],
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    map_path: MapPath = [],
    json: Json = False,
) -> None:
    """Continue a playlist file: with as many tracks more as you say, like those in it."""
    service = session(context).service()
    to = parse_destination(
        service, output, format=format, relative_to=relative_to, absolute=absolute, map_path=map_path, json=json
    )
    made, read = service.playlists.extend(file, recipe, path_map=_input_path_map(read_map))
    _spare(file, to, read.unmatched)
    write_and_show(service, made, to, json=json, quiet=session(context).quiet)


@app.command()
def insert(
    context: typer.Context,
    file: ListFile,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many tracks more at most.")] = 5,
    genre: Genres = [],
    year: Years = None,
    bpm: Bpm = None,
    mood: Moods = [],
    valence: Valence = None,
    arousal: Arousal = None,
    shortest: Shortest = "0:30",
    longest: Longest = "30:00",
    per_artist: PerArtist = 2,
    read_map: ReadMap = [],
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    map_path: MapPath = [],
    json: Json = False,
) -> None:
    """Put tracks into a playlist file where two that follow each other lie furthest apart."""
    service = session(context).service()
    to = parse_destination(
        service, output, format=format, relative_to=relative_to, absolute=absolute, map_path=map_path, json=json
    )
    made, read = service.playlists.insert(
        file, n=n, filter=track_filter(genre, year, bpm, moods=mood, valence=valence, arousal=arousal),
        max_per_artist=per_artist, path_map=_input_path_map(read_map),
        min_duration=seconds("--shortest", shortest), max_duration=seconds("--longest", longest),
    )  # fmt: skip
    _spare(file, to, read.unmatched)
    write_and_show(service, made, to, json=json, quiet=session(context).quiet)


def _input_path_map(texts: list[str]) -> dict[str, str]:
    return dict(parse_path_map("input_path_map", text, allow_home=True) for text in texts)


def _spare(file: Path, to: "Destination | None", lost: tuple[str, ...]) -> None:
    """InvalidRequest where writing would lose what the file names and the library does not know."""
    if to is not None and to.file is not None and lost and to.file.resolve() == file.resolve():
        raise InvalidRequest(
            f"{len(lost)} entries of {file} are not in the library ({lost[0]}) and would be lost; write to another file"
        )


@app.command()
def saved(context: typer.Context, json: Json = False) -> None:
    """List the playlists that are saved."""
    kept = session(context).service().playlists.list()
    if json:
        print_json([row._asdict() for row in kept])
        return
    if not kept:
        print_status(
            "no playlist is saved; save one: recsys playlist save NAME -o FILE.m3u8", quiet=session(context).quiet
        )
        return
    columns = [Column("name"), Column("saved"), Column("format"), Column("file", shrinkable=True)]
    print_table(columns, [[row.name, row.saved_at[:10], row.format, row.output] for row in kept])


@app.command()
def forget(context: typer.Context, name: ListName) -> None:
    """Do not renew a saved playlist any more; its file stays."""
    given = session(context)
    given.service().playlists.delete(name)
    print_status(f"{name} is not renewed any more; its file stays", quiet=given.quiet)
