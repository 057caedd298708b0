"""``recsys similar``: the most similar tracks, and explanations."""

from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import (
    Arousal,
    Bpm,
    ExcludedFolders,
    Folders,
    Genres,
    Json,
    MaxDuration,
    MaxPerArtist,
    MinDuration,
    Moods,
    TaggedGenres,
    Valence,
    Years,
    track_filter,
)
from recsys.cli.output import Column, escape, print_json, print_status, print_table, print_tracks, track_label
from recsys.cli.session import session
from recsys.cli.syntax import parse_time

if TYPE_CHECKING:
    from recsys import Playlist


def similar(
    context: typer.Context,
    tracks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TRACK...", show_default=False, help="Tracks, or audio files that need not be in the library."
        ),
    ] = None,
    album: Annotated[str | None, typer.Option(metavar="ALBUM", help="Similar to the tracks of an album.")] = None,
    artist: Annotated[str | None, typer.Option(metavar="ARTIST", help="Similar to the tracks of an artist.")] = None,
    not_like: Annotated[
        list[str],
        typer.Option(
            "--not-like", metavar="TRACK", help="Nothing near this track or file, in this list alone; may be repeated."
        ),
    ] = [],
    not_like_album: Annotated[
        list[str], typer.Option("--not-like-album", metavar="ALBUM", help="Nothing near the tracks of this album.")
    ] = [],
    not_like_artist: Annotated[
        list[str], typer.Option("--not-like-artist", metavar="ARTIST", help="Nothing near the tracks of this artist.")
    ] = [],
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many.")] = 10,
    genre: Genres = [],
    tagged_genre: TaggedGenres = [],
    year: Years = None,
    bpm: Bpm = None,
    mood: Moods = [],
    valence: Valence = None,
    arousal: Arousal = None,
    folder: Folders = [],
    not_folder: ExcludedFolders = [],
    shortest: MinDuration = "0",
    longest: MaxDuration = "0",
    per_artist: MaxPerArtist = 2,
    explain: Annotated[bool, typer.Option("--explain", help="Explain each similarity.")] = False,
    json: Json = False,
) -> None:
    """Find the tracks most similar to a track, or to several tracks, an album or an artist together.

    Similarity is from 0 to 1, where 1 is the same sound, in all commands.
    Here it is the mean over the given tracks; in playlists, the similarity with the nearest like.
    In paths and for inserted tracks, it is the similarity with the track before.
    Tracks that are similar to very many others are ranked lower, so that A to B may differ from B to A.
    """
    found = session(context).library().similar(
        *(tracks or ()), album=album, artist=artist, n=n,
        filter=track_filter(
            genre, year, bpm, tagged_genre=tagged_genre, mood=mood, valence=valence, arousal=arousal, folder=folder,
            not_folder=not_folder,
        ),
        max_per_artist=per_artist, explain=explain,
        min_duration=parse_time("min_duration", shortest), max_duration=parse_time("max_duration", longest),
        not_like=not_like, not_like_albums=not_like_album, not_like_artists=not_like_artist,
    )  # fmt: skip
    if json:
        print_json(found.to_dicts())
        return
    print_status(found.name, quiet=session(context).quiet)
    print_tracks(found)
    if found.left_out:
        labels = ", ".join(map(track_label, found.left_out))
        print_status(f"left out, as it is near what the list must not be like: {labels}", quiet=session(context).quiet)
    if found.explanations:
        print()
        _print_explanations(found)


def _print_explanations(found: "Playlist") -> None:
    """A sentence for each track, and the contribution of each feature group; they sum up to the similarity."""
    for track, explanation in zip(found, found.explanations, strict=True):
        print(escape(f"{track.id}: {explanation.text}"))
    print()
    groups = list(found.explanations[0].groups)
    rows = [
        [
            track.id,
            *(f"{explanation.groups[group]:+.2f}" for group in groups),
            f"{explanation.hubness_penalty:+.2f}",
            f"{track.similarity or 0:.2f}",
        ]
        for track, explanation in zip(found, found.explanations, strict=True)
    ]
    print_table([Column(heading, right=True) for heading in ("id", *groups, "hubness", "similarity")], rows)
