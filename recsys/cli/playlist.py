"""``recsys playlist``: playlists from likes or from given tracks; saved playlists; playlist files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import (
    Absolute,
    Arousal,
    Bpm,
    ExcludedFolders,
    Folders,
    FormatName,
    Genres,
    InputPathMap,
    InputPlaylist,
    Json,
    MaxDuration,
    MaxPerArtist,
    MinDuration,
    Moods,
    Output,
    PathMap,
    RelativeTo,
    TaggedGenres,
    Valence,
    Years,
    track_filter,
)
from recsys.cli.output import Column, pluralise, print_error, print_json, print_status, print_table
from recsys.cli.playlist_options import playlist_options
from recsys.cli.playlist_output import STDOUT, parse_destination, write_and_show
from recsys.cli.session import session
from recsys.cli.syntax import expand_home, parse_path_maps, parse_time
from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import Playlist, PlaylistRequest
    from recsys.cli.playlist_output import Destination

app = typer.Typer()

PlaylistPath = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", show_default=False, help="M3U, M3U8, XSPF, JSPF, or another format of: recsys likes import."
    ),
]
SavedName = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="The name of a saved playlist.")]


@app.callback(invoke_without_command=True)
@playlist_options
def playlist(
    context: typer.Context,
    request: "PlaylistRequest",
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    path_map: PathMap = [],
    json: Json = False,
) -> None:
    """Make a playlist from your likes, or from the tracks of --from."""
    if context.invoked_subcommand is not None:
        return
    library = session(context).library()
    destination = parse_destination(
        output, format=format, relative_to=relative_to, absolute=absolute, path_map=path_map, json=json
    )
    made = library.playlist(request)
    write_and_show(library, made, destination, json=json, quiet=session(context).quiet)
    _print_drawn_seed(request, made, quiet=session(context).quiet)


@app.command()
@playlist_options
def save(
    context: typer.Context,
    name: SavedName,
    request: "PlaylistRequest",
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    path_map: PathMap = [],
    json: Json = False,
) -> None:
    """Make a playlist and save its options; --output is a file, or a folder for NAME.m3u8, that a refresh replaces."""
    given = session(context)
    library = given.library()
    if output == STDOUT:
        raise InvalidRequest("must be a file or a folder, which each refresh writes to", field="output")
    if output is not None and expand_home(output).is_dir():
        output = str(Path(output) / f"{name.replace('/', '-')}.{format or 'm3u8'}")
    destination = parse_destination(
        output, format=format, relative_to=relative_to, absolute=absolute, path_map=path_map, json=json
    )
    if destination is None:
        made = library.playlists.save(name, request)
    else:
        made = library.playlists.save(
            name, request, destination.file, format=destination.format, path_options=destination.path_options
        )
    write_and_show(library, made, None, json=json, quiet=given.quiet)
    _print_drawn_seed(request, made, quiet=given.quiet)
    done = "saved" if destination is None else f"written to {destination.file}"
    print_status(f"{done}; refresh it with: recsys playlist refresh", quiet=given.quiet)


@app.command()
def refresh(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", show_default=False, help="By default all.")
    ] = None,
) -> None:
    """Make saved playlists again and replace their files, for example from cron; a failure leaves a file unchanged."""
    from recsys import describe_unmet_constraint

    given = session(context)
    done = failed = 0
    for refreshed in given.library().playlists.refresh(names or ()):
        if refreshed.playlist is None:
            failed += 1
            print_error(f"{refreshed.name}: {refreshed.error}")
            continue
        done += 1
        seed = f", seed {refreshed.playlist.seed}" if refreshed.playlist.seed else ""
        length = pluralise(len(refreshed.playlist), "track")
        where = "" if refreshed.output is None else f", written to {refreshed.output}"
        print_status(f"{refreshed.name}: {length}{seed}{where}", quiet=given.quiet)
        for unmet in refreshed.playlist.unmet_constraints:
            print_status(f"{refreshed.name}: not met: {describe_unmet_constraint(unmet)}", quiet=given.quiet)
    if failed:
        raise typer.Exit(4 if done else 1)


@app.command()
@playlist_options
def extend(
    context: typer.Context,
    file: PlaylistPath,
    request: "PlaylistRequest",
    playlist: InputPlaylist = None,
    input_path_map: InputPathMap = [],
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    path_map: PathMap = [],
    json: Json = False,
) -> None:
    """Append -n tracks to a playlist file that are similar to those in it."""
    library = session(context).library()
    destination = parse_destination(
        output, format=format, relative_to=relative_to, absolute=absolute, path_map=path_map, json=json
    )
    made, read = library.playlists.extend(file, request, path_map=_input_path_map(input_path_map), playlist=playlist)
    _check_nothing_is_lost(file, destination, read.unmatched)
    write_and_show(library, made, destination, json=json, quiet=session(context).quiet)
    _show_added(len(made) - len(read.tracks), destination, quiet=session(context).quiet)
    _print_drawn_seed(request, made, quiet=session(context).quiet)


@app.command()
def insert(
    context: typer.Context,
    file: PlaylistPath,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many tracks are inserted at most.")] = 5,
    genre: Genres = [],
    tagged_genre: TaggedGenres = [],
    year: Years = None,
    bpm: Bpm = None,
    mood: Moods = [],
    valence: Valence = None,
    arousal: Arousal = None,
    folder: Folders = [],
    not_folder: ExcludedFolders = [],
    shortest: MinDuration = "0:30",
    longest: MaxDuration = "30:00",
    per_artist: MaxPerArtist = 2,
    playlist: InputPlaylist = None,
    input_path_map: InputPathMap = [],
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    path_map: PathMap = [],
    json: Json = False,
) -> None:
    """Insert tracks into a playlist file where neighbouring tracks are least similar."""
    library = session(context).library()
    destination = parse_destination(
        output, format=format, relative_to=relative_to, absolute=absolute, path_map=path_map, json=json
    )
    made, read = library.playlists.insert(
        file, n=n, filter=track_filter(
            genre, year, bpm, tagged_genre=tagged_genre, mood=mood, valence=valence, arousal=arousal, folder=folder,
            not_folder=not_folder,
        ),
        max_per_artist=per_artist, path_map=_input_path_map(input_path_map), playlist=playlist,
        min_duration=parse_time("min_duration", shortest), max_duration=parse_time("max_duration", longest),
    )  # fmt: skip
    _check_nothing_is_lost(file, destination, read.unmatched)
    write_and_show(library, made, destination, json=json, quiet=session(context).quiet)
    _show_added(len(made) - len(read.tracks), destination, quiet=session(context).quiet)


def _print_drawn_seed(request: "PlaylistRequest", made: "Playlist", *, quiet: bool) -> None:
    """Print the seed of a random playlist, so that it can be made again."""
    if request.random:
        print_status(f"drawn at random; the same playlist again with: --seed {made.seed}", quiet=quiet)


def _input_path_map(texts: list[str]) -> dict[str, str]:
    return parse_path_maps("input_path_map", texts, allow_home=True)


def _check_nothing_is_lost(file: Path, destination: "Destination | None", unmatched: tuple[str, ...]) -> None:
    """Raise InvalidRequest where a file would be replaced that has entries without a track of the library."""
    if destination is None or destination.file is None or not unmatched:
        return
    if destination.file.resolve() == file.resolve():
        raise InvalidRequest(
            f"must be another file: {pluralise(len(unmatched), 'entry', 'entries')} of {file} "
            f"{'is' if len(unmatched) == 1 else 'are'} not in the library and would be lost, such as {unmatched[0]}",
            field="output",
        )


def _show_added(n: int, destination: "Destination | None", *, quiet: bool) -> None:
    """How many tracks are new, and that no file has them where none was written."""
    added = pluralise(n, "track") if n else "no track"
    kept = "" if destination else "; no file was written, write one with: --output FILE"
    print_status(f"{added} added{kept}", quiet=quiet)


@app.command()
def saved(context: typer.Context, json: Json = False) -> None:
    """List the saved playlists."""
    found = session(context).library().playlists.list()
    if json:
        print_json([saved_playlist.to_dict() for saved_playlist in found])
        return
    if not found:
        print_status("no playlist is saved; save one with: recsys playlist save NAME", quiet=session(context).quiet)
        return
    columns = [Column("name"), Column("saved"), Column("format"), Column("file", shrinkable=True)]
    print_table(columns, [[each.name, each.saved_at[:10], each.format or "", each.output or ""] for each in found])


@app.command()
def forget(context: typer.Context, name: SavedName) -> None:
    """Delete a saved playlist; its file, if it has one, is kept."""
    given = session(context)
    library = given.library()
    has_file = any(each.name == name and each.output for each in library.playlists.list())
    library.playlists.delete(name)
    kept = "no longer refreshed; its file is kept" if has_file else "deleted"
    print_status(f"{name} is {kept}", quiet=given.quiet)
