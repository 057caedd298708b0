"""The options of a playlist request, for every command that makes one."""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from recsys.cli.options import (
    Arousal,
    Bpm,
    CompatibleKey,
    ExcludedFolders,
    ExcludedGenres,
    ExcludedTaggedGenres,
    Folders,
    Genres,
    MaxDuration,
    MaxPerArtist,
    MinDuration,
    Moods,
    TaggedGenres,
    Valence,
    WithTags,
    Years,
    track_filter,
)
from recsys.cli.syntax import parse_quota, parse_time

if TYPE_CHECKING:
    from recsys import PlaylistRequest


def _request(
    n: Annotated[int | None, typer.Option("-n", metavar="N", help="How many tracks (default: 25).")] = None,
    minutes: Annotated[
        float | None, typer.Option(metavar="M", help="How many minutes, within half a minute; instead of -n.")
    ] = None,
    seed_tracks: Annotated[
        list[str], typer.Option("--from", metavar="TRACK", help="Similar to this track; may be repeated.")
    ] = [],
    not_like: Annotated[
        list[str],
        typer.Option(
            "--not-like", metavar="TRACK", help="Nothing near this track, in this list alone; may be repeated."
        ),
    ] = [],
    include_seeds: Annotated[
        bool, typer.Option("--include-seeds", help="The tracks of --from are in the playlist and count.")
    ] = False,
    genre: Genres = [],
    not_genre: ExcludedGenres = [],
    tagged_genre: TaggedGenres = [],
    not_tagged_genre: ExcludedTaggedGenres = [],
    tag: WithTags = [],
    year: Years = None,
    mood: Moods = [],
    valence: Valence = None,
    arousal: Arousal = None,
    bpm: Bpm = None,
    key: CompatibleKey = None,
    folder: Folders = [],
    not_folder: ExcludedFolders = [],
    shortest: MinDuration = "0:30",
    longest: MaxDuration = "30:00",
    quota: Annotated[
        list[str],
        typer.Option(metavar="GENRE=SHARE", help="The part of a genre: jazz=30%, or jazz=5 tracks; may be repeated."),
    ] = [],
    diversity: Annotated[
        float, typer.Option(metavar="0..10", help="How much the tracks differ from each other.")
    ] = 2.0,
    exploration: Annotated[
        float,
        typer.Option(metavar="0..10", help="From the nearest neighbours of your likes to the edge of your taste."),
    ] = 0.0,
    energy: Annotated[
        str | None, typer.Option(metavar="CURVE", help="The course of the energy: rising, falling, arc or flat.")
    ] = None,
    exclude_recent: Annotated[
        bool, typer.Option("--exclude-recent", help="No tracks of the last ten playlists that were written.")
    ] = False,
    per_artist: MaxPerArtist = 2,
    per_album: Annotated[int, typer.Option(metavar="N", help="At most N tracks of one album; 0 is no limit.")] = 0,
    artist_gap: Annotated[
        int,
        typer.Option(metavar="N", help="At least N tracks between two of one artist; 0 is as many as possible."),
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number, another playlist.")] = 0,
    random: Annotated[
        bool, typer.Option("--random", help="Another playlist each time; --seed with the printed number repeats it.")
    ] = False,
) -> "PlaylistRequest":
    from recsys import PlaylistRequest

    return PlaylistRequest(
        n=n, minutes=minutes, seeds=seed_tracks, include_seeds=include_seeds,
        filter=track_filter(
            genre, year, bpm, tagged_genre=tagged_genre, not_genre=not_genre, not_tagged_genre=not_tagged_genre,
            key=key, tag=tag, folder=folder, not_folder=not_folder, mood=mood, valence=valence, arousal=arousal,
        ),
        min_duration=parse_time("min_duration", shortest), max_duration=parse_time("max_duration", longest),
        quotas=tuple(map(parse_quota, quota)), diversity=diversity, exploration=exploration,
        energy_curve=cast(Any, energy), exclude_recent=exclude_recent,
        max_per_artist=per_artist, max_per_album=per_album, min_artist_gap=artist_gap, seed=seed,
        random=random, not_like=not_like,
    )  # fmt: skip


def playlist_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options of a playlist in the place of its parameter ``request``."""
    options = inspect.signature(_request).parameters

    @functools.wraps(command)
    def wrapped(**values: Any) -> None:
        request = _request(**{name: values.pop(name) for name in options})
        command(request=request, **values)

    own = [p for name, p in inspect.signature(command).parameters.items() if name != "request"]
    required = [p for p in own if p.default is inspect.Parameter.empty]
    optional = [p for p in own if p.default is not inspect.Parameter.empty]
    parameters = [*required, *options.values(), *optional]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapped
