"""The options that say what a playlist shall be, for every command that makes one."""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from recsys.cli.options import (
    Arousal,
    Bpm,
    Genres,
    InKey,
    Longest,
    Moods,
    NotGenres,
    PerArtist,
    Shortest,
    Valence,
    Within,
    Without,
    WithTags,
    Years,
    parse_quota,
    seconds,
    track_filter,
)

if TYPE_CHECKING:
    from recsys import PlaylistRequest


def _options(
    n: Annotated[int | None, typer.Option("-n", metavar="N", help="How many tracks (default: 25).")] = None,
    minutes: Annotated[
        float | None, typer.Option(metavar="M", help="How long, within half a minute; instead of -n.")
    ] = None,
    start: Annotated[
        list[str], typer.Option("--from", metavar="TRACK", help="Sounding like this track; may be repeated.")
    ] = [],
    include_seeds: Annotated[
        bool, typer.Option("--include-seeds", help="The tracks of --from are in the list too, and count.")
    ] = False,
    genre: Genres = [],
    not_genre: NotGenres = [],
    tag: WithTags = [],
    year: Years = None,
    mood: Moods = [],
    valence: Valence = None,
    arousal: Arousal = None,
    bpm: Bpm = None,
    key: InKey = None,
    within: Within = [],
    without: Without = [],
    shortest: Shortest = "0:30",
    longest: Longest = "30:00",
    quota: Annotated[
        list[str],
        typer.Option(metavar="GENRE=SHARE", help="So much of a genre: jazz=30%, or jazz=5 tracks; may be repeated."),
    ] = [],
    variety: Annotated[float, typer.Option(metavar="0..10", help="How unlike each other the tracks are.")] = 2.0,
    adventure: Annotated[
        float, typer.Option(metavar="0..10", help="From what is nearest to your likes to the edge of your taste.")
    ] = 0.0,
    energy: Annotated[
        str | None, typer.Option(metavar="CURVE", help="How it shall go on: rising, falling, arc or flat.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Nothing of the last ten lists that were written.")] = False,
    per_artist: PerArtist = 2,
    per_album: Annotated[int, typer.Option(metavar="N", help="At most N tracks of one album; 0 for any number.")] = 0,
    artist_gap: Annotated[
        int, typer.Option(metavar="N", help="At least N tracks between two of one artist; 0: as many as can be.")
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number, another playlist.")] = 0,
) -> "PlaylistRequest":
    from recsys import PlaylistRequest

    return PlaylistRequest(
        n=n, minutes=minutes, seeds=tuple(start), include_seeds=include_seeds,
        filter=track_filter(
            genre, year, bpm, not_genres=not_genre, key=key, tags=tag, within=within, without=without,
            moods=mood, valence=valence, arousal=arousal,
        ),
        min_duration=seconds("--shortest", shortest), max_duration=seconds("--longest", longest),
        quotas=tuple(map(parse_quota, quota)), diversity=variety, exploration=adventure, energy_curve=cast(Any, energy),
        exclude_recent=fresh,
        max_per_artist=per_artist, max_per_album=per_album, min_artist_gap=artist_gap, seed=seed,
    )  # fmt: skip


def playlist_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options of a playlist in the place of its parameter ``recipe``."""
    wished = inspect.signature(_options).parameters

    @functools.wraps(command)
    def wrapped(**values: Any) -> None:
        recipe = _options(**{name: values.pop(name) for name in wished})
        command(recipe=recipe, **values)

    own = [p for name, p in inspect.signature(command).parameters.items() if name != "recipe"]
    first = [p for p in own if p.default is inspect.Parameter.empty]
    rest = [p for p in own if p.default is not inspect.Parameter.empty]
    parameters = [*first, *wished.values(), *rest]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapped
