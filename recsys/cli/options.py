"""Arguments and options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.syntax import expand_home, parse_interval, parse_share_interval

if TYPE_CHECKING:
    from recsys import TrackFilter

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reference = Annotated[str, typer.Argument(metavar="TRACK", show_default=False, help="The track.")]
References = Annotated[list[str], typer.Argument(metavar="TRACK...", show_default=False, help="The tracks.")]

# Which tracks

Genres = Annotated[
    list[str], typer.Option("--genre", metavar="GENRE", help="Only tracks of this genre; may be repeated.")
]
ExcludedGenres = Annotated[
    list[str], typer.Option("--not-genre", metavar="GENRE", help="No tracks of this genre; may be repeated.")
]
TaggedGenres = Annotated[
    list[str],
    typer.Option("--tagged-genre", metavar="GENRE-TAG", help="Only files tagged with this genre; may be repeated."),
]
ExcludedTaggedGenres = Annotated[
    list[str], typer.Option("--not-tagged-genre", metavar="GENRE-TAG", help="No files tagged so; may be repeated.")
]
Years = Annotated[
    str | None, typer.Option("--year", metavar="FROM-TO", help="Only tracks of these years: 1990-1999, or one year.")
]
Bpm = Annotated[str | None, typer.Option("--bpm", metavar="FROM-TO", help="Only tracks of this tempo: 120-128.")]
CompatibleKey = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="Only tracks in a key compatible with this one: Am, 'C major', 8A, 1m."),
]
WithTags = Annotated[
    list[str],
    typer.Option("--tag", metavar="TAG", help="Only tracks with this tag: mellow, sad, piano …; may be repeated."),
]
Moods = Annotated[
    list[str],
    typer.Option(
        "--mood", metavar="MOOD",
        help="Only tracks of this mood: calm, energetic, happy, sad, tense, tender, nostalgic, sensual; "
        "may be repeated.",
    ),
]  # fmt: skip
Valence = Annotated[
    str | None,
    typer.Option("--valence", metavar="FROM-TO", help="Only tracks from sad or angry (0) to happy or calm (1): 0.6-1."),
]
Arousal = Annotated[
    str | None,
    typer.Option(
        "--arousal", metavar="FROM-TO", help="Only tracks from calm or sad (0) to excited or angry (1): 0.6-1."
    ),
]
Folders = Annotated[
    list[str], typer.Option("--in", metavar="FOLDER", help="Only tracks below this folder; may be repeated.")
]
ExcludedFolders = Annotated[
    list[str], typer.Option("--not-in", metavar="FOLDER", help="No tracks below this folder; may be repeated.")
]
MinDuration = Annotated[
    str,
    typer.Option("--shortest", metavar="TIME", help="No tracks shorter than this: seconds, or 1:30; 0 is no limit."),
]
MaxDuration = Annotated[
    str,
    typer.Option("--longest", metavar="TIME", help="No tracks longer than this: seconds, or 7:00; 0 is no limit."),
]
MaxPerArtist = Annotated[
    int, typer.Option("--per-artist", metavar="N", help="At most N tracks of one artist; 0 is no limit.")
]

# How a playlist is written

Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", show_default=False,
        help="Write a playlist file; its suffix is the format: .m3u8, .m3u, .xspf, .jspf, .txt (paths), .json; "
        "- is stdout.",
    ),
]  # fmt: skip
FormatName = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="m3u8, xspf, jspf, paths or json; overrides the suffix of FILE."),
]
RelativeTo = Annotated[
    str | None,
    typer.Option("--relative-to", metavar="DIR", help="Write paths relative to DIR, a folder as the player sees it."),
]
Absolute = Annotated[
    bool, typer.Option("--absolute", help="Write absolute paths, not paths relative to the folder of FILE.")
]
PathMap = Annotated[
    list[str],
    typer.Option(
        "--path-map", metavar="OLD=NEW", show_default=False,
        help="The player sees the folder OLD as NEW; may be repeated. Paths are absolute, unless --relative-to is "
        "given.",
    ),
]  # fmt: skip

# How a file of another program is read

InputPlaylist = Annotated[
    str | None, typer.Option("--playlist", metavar="NAME", help="Only this playlist of a file with several.")
]
InputPathMap = Annotated[
    list[str],
    typer.Option(
        "--input-path-map", metavar="OLD=NEW", show_default=False,
        help="Paths in FILE begin with OLD, and with NEW on this machine; may be repeated.",
    ),
]  # fmt: skip


def track_filter(
    genre: list[str],
    year: str | None,
    bpm: str | None,
    *,
    tagged_genre: list[str] | None = None,
    not_genre: list[str] | None = None,
    not_tagged_genre: list[str] | None = None,
    key: str | None = None,
    tag: list[str] | None = None,
    folder: list[str] | None = None,
    not_folder: list[str] | None = None,
    mood: list[str] | None = None,
    valence: str | None = None,
    arousal: str | None = None,
) -> "TrackFilter":
    """The filter of the values of these options.

    Raises
    ------
    InvalidRequest
        A value has the wrong form.
    """
    from recsys import TrackFilter, compatible_keys

    years = parse_interval("year_range", year)
    return TrackFilter(
        genres=genre,
        excluded_genres=not_genre or (),
        tagged_genres=tagged_genre or (),
        excluded_tagged_genres=not_tagged_genre or (),
        year_range=(int(years[0]), int(years[1])) if years else None,
        bpm_range=parse_interval("bpm_range", bpm),
        keys=compatible_keys(key) if key is not None else (),
        tags=_lower(tag),
        moods=_lower(mood),
        valence_range=parse_share_interval("valence_range", valence),
        arousal_range=parse_share_interval("arousal_range", arousal),
        folders=absolute_folders(folder),
        excluded_folders=absolute_folders(not_folder),
    )


def _lower(names: list[str] | None) -> list[str]:
    return [name.strip().lower() for name in names or ()]


def absolute_folders(folders: list[str] | None) -> list[str]:
    """Folders as they were typed, absolute and with "~" expanded."""
    return [str(expand_home(folder).absolute()) for folder in folders or ()]
