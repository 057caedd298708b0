"""Arguments and options that several commands share."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import Quota, TrackFilter

_PARTS = 3  # of a time: hours, minutes, seconds
_QUOTA = re.compile(r"(.+)=\s*(\d+(?:\.\d+)?)\s*(%?)", re.DOTALL)
_NO_END = 9999.0  # beyond any year and any tempo
_PATH_MAP = re.compile(r"(?P<old>.+?)=(?P<new>(?:/|[A-Za-z]:[\\/]|\\\\|(?P<home>~)).*)", re.DOTALL)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Genres = Annotated[
    list[str], typer.Option("--genre", metavar="GENRE", help="Only tracks of this genre; may be repeated.")
]
PerArtist = Annotated[
    int, typer.Option("--per-artist", metavar="N", help="At most N tracks of one artist; 0 for any number.")
]
Reference = Annotated[str, typer.Argument(metavar="TRACK", show_default=False, help="Which track.")]
References = Annotated[list[str], typer.Argument(metavar="TRACK...", show_default=False, help="Which tracks.")]
Years = Annotated[
    str | None, typer.Option("--year", metavar="FROM-TO", help="Only tracks of these years: 1990-1999, or one year.")
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", show_default=False,
        help="Write it for players; the suffix says how: .m3u8, .m3u, .xspf, .jspf, .txt (paths), .json; - is stdout.",
    ),
]  # fmt: skip
FormatName = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="m3u8, xspf, jspf, paths or json, whatever the suffix of FILE."),
]
RelativeTo = Annotated[
    str | None,
    typer.Option("--relative-to", metavar="DIR", help="Paths relative to DIR, as the player sees it, not to FILE."),
]
Absolute = Annotated[bool, typer.Option("--absolute", help="Absolute paths in the file, not relative to its folder.")]
MapPath = Annotated[
    list[str],
    typer.Option(
        "--map-path", metavar="OLD=NEW", show_default=False,
        help="The player sees the folder OLD as NEW; may be repeated. Paths are absolute, unless --relative-to.",
    ),
]  # fmt: skip
NotGenres = Annotated[
    list[str], typer.Option("--not-genre", metavar="GENRE", help="No track of this genre; may be repeated.")
]
WithTags = Annotated[
    list[str],
    typer.Option("--tag", metavar="TAG", help="Only what sounds so: mellow, sad, piano …; may be repeated."),
]
InKey = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="Only tracks whose key goes with this one: Am, 'C major', 8A."),
]
Within = Annotated[
    list[str], typer.Option("--in", metavar="FOLDER", help="Only what lies beneath this folder; may be repeated.")
]
Without = Annotated[
    list[str], typer.Option("--not-in", metavar="FOLDER", help="Nothing beneath this folder; may be repeated.")
]
Bpm = Annotated[str | None, typer.Option("--bpm", metavar="FROM-TO", help="Only tracks of this tempo: 120-128.")]

Moods = Annotated[
    list[str],
    typer.Option(
        "--mood", metavar="MOOD",
        help="Only this mood: calm, energetic, happy, sad, tense, tender, nostalgic, sensual; may be repeated.",
    ),
]  # fmt: skip
Valence = Annotated[
    str | None,
    typer.Option("--valence", metavar="FROM-TO", help="Only tracks as sad or angry (0) to happy or calm (1): 0.6-1."),
]
Arousal = Annotated[
    str | None,
    typer.Option("--arousal", metavar="FROM-TO", help="Only tracks as calm or sad (0) to excited or angry (1): 0.6-1."),
]
Shortest = Annotated[
    str, typer.Option("--shortest", metavar="TIME", help="No track shorter than this: seconds, or 1:30; 0 for any.")
]
Longest = Annotated[
    str, typer.Option("--longest", metavar="TIME", help="No track longer than this: seconds, or 7:00; 0 for any.")
]


def seconds(option: str, text: str) -> float:
    """The seconds of "90", "1:30" or "1:02:03".

    Raises
    ------
    InvalidRequest
    """
    parts = text.strip().split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= _PARTS or any(number < 0 for number in numbers):
        raise InvalidRequest(f"{option} must be seconds, or minutes and seconds like 1:30, but is {text!r}")
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


def span(option: str, text: str | None) -> tuple[float, float] | None:
    """The two ends of "1990-1999", of "1990", of "1990-" and "-1999".

    Raises
    ------
    InvalidRequest
    """
    if text is None:
        return None
    first, dash, last = text.strip().partition("-")
    try:
        low = float(first or 0)
        return low, float(last or _NO_END) if dash else low
    except ValueError:
        raise InvalidRequest(f"{option} must be a number, or two with a dash between, but is {text!r}") from None


def share(option: str, text: str | None) -> tuple[float, float] | None:
    """The two ends of "0.6-1", of "0.6-" and "-0.4": numbers from 0 to 1.

    Raises
    ------
    InvalidRequest
    """
    ends = span(option, text)
    if ends is None or text is None:
        return None
    if "-" not in text:
        raise InvalidRequest(f"{option} must be two numbers with a dash between, like 0.6-1, but is {text!r}")
    return ends[0], 1.0 if ends[1] == _NO_END else ends[1]


def track_filter(
    genres: list[str],
    years: str | None,
    bpm: str | None,
    *,
    not_genres: list[str] | None = None,
    key: str | None = None,
    tags: list[str] | None = None,
    within: list[str] | None = None,
    without: list[str] | None = None,
    moods: list[str] | None = None,
    valence: str | None = None,
    arousal: str | None = None,
) -> "TrackFilter":
    """What the options ask for."""
    from recsys import TrackFilter, compatible_keys

    span_of_years = span("--year", years)
    return TrackFilter(
        tuple(genres),
        (int(span_of_years[0]), int(span_of_years[1])) if span_of_years else None,
        span("--bpm", bpm),
        tuple(not_genres or ()),
        tuple(compatible_keys(key)) if key is not None else (),
        tuple(tag.strip().lower() for tag in tags or ()),
        folders=_folders(within),
        excluded_folders=_folders(without),
        moods=tuple(mood.strip().lower() for mood in moods or ()),
        valence_range=share("--valence", valence),
        arousal_range=share("--arousal", arousal),
    )


def _folders(named: list[str] | None) -> tuple[str, ...]:
    return tuple(str(Path(folder).expanduser().absolute()) for folder in named or ())


def parse_path_map(field: str, text: str, *, allow_home: bool = False) -> tuple[str, str]:
    r"""The two folders of "OLD=NEW". They are separated by the first "=" that an absolute path follows.

    With ``allow_home``, for a NEW on this machine, NEW may begin with "~".

    Raises
    ------
    InvalidRequest
        OLD is empty, or NEW is not an absolute path (of Unix, a Windows drive or a network share).

    Examples
    --------
    >>> parse_path_map("path_map", "/music/a=b=D:\\Music")
    ('/music/a=b', 'D:\\Music')
    """
    found = _PATH_MAP.fullmatch(text)
    if found is None or (found["home"] and not allow_home):
        raise InvalidRequest(
            "must be OLD=NEW, where NEW is an absolute path such as /data or D:\\Music", field=field, value=text
        )
    return found["old"], found["new"]


def parse_quota(text: str) -> "Quota":
    """ "jazz=30%" or "jazz=5".

    Raises
    ------
    InvalidRequest
        It has another form, or more than 100 %.
    """
    from recsys import Quota

    found = _QUOTA.fullmatch(text.strip())
    if not found or (not found[3] and "." in found[2]) or (found[3] and float(found[2]) > 100):
        raise InvalidRequest("must be like jazz=30% or jazz=5", field="quotas", value=text)
    genre = found[1].strip()
    return Quota(genre, share=float(found[2]) / 100) if found[3] else Quota(genre, count=int(found[2]))
