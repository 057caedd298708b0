"""``recsys path``: a playlist from one track to another."""

from typing import Annotated

import typer

from recsys.cli.options import (
    Absolute,
    Arousal,
    Bpm,
    ExcludedFolders,
    Folders,
    FormatName,
    Genres,
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
from recsys.cli.output import print_status
from recsys.cli.playlist_output import parse_destination, write_and_show
from recsys.cli.session import session
from recsys.cli.syntax import parse_time
from recsys.errors import InvalidRequest


def path(
    context: typer.Context,
    start: Annotated[
        str, typer.Argument(metavar="START", show_default=False, help="The first track, or a file outside the library.")
    ],
    end: Annotated[
        str, typer.Argument(metavar="END", show_default=False, help="The last track, or a file outside the library.")
    ],
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many tracks, including both ends.")] = 12,
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
    save: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False, help="Save it as a playlist, for players and the page."),
    ] = None,
    output: Output = None,
    format: FormatName = None,
    relative_to: RelativeTo = None,
    absolute: Absolute = False,
    path_map: PathMap = [],
    json: Json = False,
) -> None:
    """Go from one track to another in even steps of similarity; the filters apply to the tracks between them."""
    library = session(context).library()
    destination = parse_destination(
        output, format=format, relative_to=relative_to, absolute=absolute, path_map=path_map, json=json
    )
    made = library.path(
        start,
        end,
        n=n,
        filter=track_filter(
            genre,
            year,
            bpm,
            tagged_genre=tagged_genre,
            mood=mood,
            valence=valence,
            arousal=arousal,
            folder=folder,
            not_folder=not_folder,
        ),
        max_per_artist=per_artist,
        min_duration=parse_time("min_duration", shortest),
        max_duration=parse_time("max_duration", longest),
    )
    if save is not None:
        if outside := [track.path for track in made if not track.id]:
            raise InvalidRequest(
                "needs tracks of the library, since players get its ids", field="save", value=outside[0]
            )
        library.playlists.add(save, [track.id for track in made])
    write_and_show(library, made, destination, json=json, quiet=session(context).quiet)
    if save is not None:
        print_status(f"saved as {save}", quiet=session(context).quiet)
