"""``recsys similar``: what sounds alike, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import (
    Arousal,
    Bpm,
    Genres,
    Json,
    Longest,
    Moods,
    PerArtist,
    Shortest,
    Valence,
    Years,
    seconds,
    track_filter,
)
from recsys.cli.output import Column, escape, print_json, print_status, print_table, print_tracks
from recsys.cli.session import session

if TYPE_CHECKING:
    from recsys import Playlist


def similar(
    context: typer.Context,
    tracks: Annotated[
        list[str] | None,
        typer.Argument(metavar="TRACK...", show_default=False, help="Which tracks; files need not be in the library."),
    ] = None,
    album: Annotated[str | None, typer.Option(metavar="NAME", help="Like all of an album.")] = None,
    artist: Annotated[str | None, typer.Option(metavar="NAME", help="Like all of an artist.")] = None,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many.")] = 10,
    genre: Genres = [],
    year: Years = None,
    bpm: Bpm = None,
    mood: Moods = [],
    valence: Valence = None,
    arousal: Arousal = None,
    shortest: Shortest = "0",
    longest: Longest = "0",
    per_artist: PerArtist = 2,
    explain: Annotated[bool, typer.Option("--explain", help="Say why.")] = False,
    json: Json = False,
) -> None:
    """Find what sounds most like a track; with several, or an album or an artist, most like all of them together.

    Similarity is from 0 to 1, where 1 is the same sound; all commands mean the same.
    With several tracks: the mean over them. Playlists: with the most similar like.
    Paths, inserted tracks: with the track before.
    What resembles very much else is put lower; so A to B may differ from B to A.
    """
    found = session(context).service().similar(
        *(tracks or ()), album=album, artist=artist, n=n,
        filter=track_filter(genre, year, bpm, moods=mood, valence=valence, arousal=arousal),
        max_per_artist=per_artist, explain=explain,
        min_duration=seconds("--shortest", shortest), max_duration=seconds("--longest", longest),
    )  # fmt: skip
    if json:
        print_json(found.to_dicts())
        return
    print_status(found.name, quiet=session(context).quiet)
    print_tracks(found.tracks, found.similarities)
    if found.explanations:
        print()
        _print_explanations(found)


def _print_explanations(found: "Playlist") -> None:
    """A sentence for each track, and what each group gives, which sums to the similarity."""
    for track, why in zip(found.tracks, found.explanations, strict=True):
        print(escape(f"{track.id}: {why.text}"))
    print()
    groups = list(found.explanations[0].groups)
    rows = [
        [
            track.id,
            *(f"{why.groups[group]:+.2f}" for group in groups),
            f"{why.hubness_penalty:+.2f}",
            f"{alike or 0:.2f}",
        ]
        for track, why, alike in zip(found.tracks, found.explanations, found.similarities, strict=True)
    ]
    print_table([Column(heading, right=True) for heading in ("id", *groups, "hubs", "similarity")], rows)
