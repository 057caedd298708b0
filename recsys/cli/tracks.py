"""``recsys tracks`` and ``recsys show``: what is in the library."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys.cli.options import Json, Reference
from recsys.cli.output import (
    Column,
    escape,
    format_duration,
    format_top,
    genre_cell,
    pluralise,
    print_json,
    print_status,
    print_table,
    print_tracks,
)
from recsys.cli.session import session
from recsys.cli.syntax import join_terms

if TYPE_CHECKING:
    from recsys import Description

_MIN_SHOWN_PROBABILITY = 0.05  # of an alternative tempo; a less probable one would only confuse


def tracks(
    context: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY]...",
            show_default=False,
            help="Words in artist, title, album or path, and conditions: artist:bowie, year:1970-1979, -genre:rock …",
        ),
    ] = None,
    genre: Annotated[str | None, typer.Option(metavar="GENRE", help="Only tracks of this genre.")] = None,
    tagged_genre: Annotated[
        str | None, typer.Option(metavar="GENRE-TAG", help="Only files tagged with this genre.")
    ] = None,
    artist: Annotated[str | None, typer.Option(metavar="ARTIST", help="Only tracks of this artist.")] = None,
    album: Annotated[str | None, typer.Option(metavar="ALBUM", help="Only tracks of this album.")] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="FIELD[:desc]", help="Sort by title, artist, album, year, added, bpm …")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", metavar="N", help="At most N tracks.")] = None,
    describe: Annotated[bool, typer.Option("--describe", help="Show moods and distinctive tags.")] = False,
    json: Json = False,
) -> None:
    """List tracks, or search for them."""
    library = session(context).library()
    found = library.tracks(
        join_terms(query or ()), genre=genre, tagged_genre=tagged_genre, artist=artist, album=album, sort=sort,
        limit=limit,
    )  # fmt: skip
    descriptions = library.describe(found) if describe else []
    if json:
        records = found.to_dicts()
        for record, description in zip(records, descriptions, strict=describe):
            words = description.to_dict() if description else {"moods": [], "distinctive_tags": {}}
            record["moods"], record["distinctive_tags"] = words["moods"], words["distinctive_tags"]
        print_json(records)
    elif describe:
        columns = [
            Column("id", right=True),
            Column("title", shrinkable=True),
            Column("genre", shrinkable=True),
            Column("mood", shrinkable=True, spare=1),
        ]
        rows = [
            (track.id, track.title, genre_cell(track), *_description_cells(description))
            for track, description in zip(found, descriptions, strict=True)
        ]
        print_table([*columns, Column("distinctive tags", shrinkable=True, spare=2)], rows)
    else:
        print_tracks(found)
    if not json:
        print_status(pluralise(len(found), "track"), quiet=session(context).quiet)


def show(context: typer.Context, track: Reference, json: Json = False) -> None:
    """Show everything that is stored of a track."""
    record = session(context).library().details(track)
    if json:
        print_json(record)
        return
    for name, text in _lines(record):
        if text:
            print(f"{name:<12} {escape(text)}")


def _lines(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and texts of the lines of ``show``; the JSON has more."""
    year = f" ({record['year']})" if record["year"] else ""
    stars = pluralise(record["stars"], "star") if record["stars"] else ""
    rating = ", ".join(filter(None, ({1: "liked", -1: "disliked"}.get(record["rating"]), stars)))
    lines = [
        ("id", str(record["id"])),
        ("title", record["title"]),
        ("artist", record["artist"] or ""),
        ("album", f"{record['album']}{year}" if record["album"] else year.strip(" ()")),
        ("album artist", record["album_artist"] or ""),
        ("position", _position(record)),
        ("composer", "; ".join(record["composers"])),
        ("first in", str(record["original_year"] or "")),
        ("isrc", record["isrc"] or ""),
        ("genre", format_top(record["genres"], 3)),
        ("tagged", record["tagged_genre"] or ""),
        ("tags", format_top(record["distinctive_tags"], 5)),
        ("mood", _mood(record)),
        ("tempo", _with_confidence(record["bpm"], "{:.0f} BPM", record["bpm_confidence"]) + _alternative(record)),
        ("key", _key(record)),
        ("loudness", _with_confidence(record["loudness"], "{:.1f} LUFS", None)),
        ("replaygain", _gains(record)),
        ("length", format_duration(record["duration"])),
        ("audio", _audio(record)),
        ("added", record["added_at"][:10]),
        ("rating", rating),
        ("played", _plays(record)),
        ("missing", "yes: the last ingest did not find the file" if record["missing"] else ""),
    ]
    return lines + [("path", path) for path in record["paths"]]


def _position(record: Mapping[str, Any]) -> str:
    """ "track 3 of 12, disc 1 of 2, compilation"."""

    def of(name: str, number: int | None, total: int | None) -> list[str]:
        if number is None and total is None:
            return []
        return [f"{name} {'?' if number is None else number}" + (f" of {total}" if total else "")]

    parts = of("track", record["track_number"], record["track_total"])
    parts += of("disc", record["disc_number"], record["disc_total"])
    return ", ".join([*parts, *(["compilation"] if record["compilation"] else [])])


def _gains(record: Mapping[str, Any]) -> str:
    """ "track -6.50 dB (peak 0.98), album -7.00 dB"."""
    parts = []
    for name in ("track", "album"):
        gain, peak = record[f"{name}_gain"], record[f"{name}_peak"]
        if gain is not None:
            parts.append(f"{name} {gain:+.2f} dB" + (f" (peak {peak:.2f})" if peak is not None else ""))
    return ", ".join(parts)


def _audio(record: Mapping[str, Any]) -> str:
    """ "flac, 44100 Hz, stereo, 16 bits, 850 kbit/s"."""
    parts = [record["codec"], f"{record['sample_rate']} Hz", _channels(record["channels"])]
    parts += [f"{record['bit_depth']} bits"] if record["bit_depth"] else []
    parts += [f"{record['bit_rate'] / 1000:.0f} kbit/s"] if record["bit_rate"] else []
    return ", ".join(parts)


def _description_cells(description: "Description | None") -> tuple[str, str]:
    if description is None:
        return "–", "–"
    return ", ".join(description.moods) or "–", ", ".join(description.distinctive_tags) or "–"


def _mood(record: Mapping[str, Any]) -> str:
    """Moods with numbers: "calm, tender (valence 0.71, arousal 0.20)"."""
    words = ", ".join(record["moods"])
    if record["arousal"] is None:
        return words
    numbers = f"valence {record['valence']:.2f}, arousal {record['arousal']:.2f}"
    return f"{words} ({numbers})" if words else numbers


def _with_confidence(value: Any, form: str, confidence: float | None) -> str:
    """A value with its confidence: "107 BPM (confidence 80%)"."""
    if value is None:
        return ""
    return form.format(value) + (f" (confidence {confidence:.0%})" if confidence is not None else "")


def _key(record: Mapping[str, Any]) -> str:
    """The key with its Camelot code: "A minor (8A, confidence 80%)"."""
    if record["key"] is None:
        return ""
    confidence = record["key_confidence"]
    notes = [record["camelot"], *([f"confidence {confidence:.0%}"] if confidence is not None else [])]
    return f"{record['key']} ({', '.join(notes)})"


def _alternative(record: Mapping[str, Any]) -> str:
    """The alternative tempo, where it is probable enough: ", or 54 (31%)"."""
    probability = record["bpm_alternative_probability"] or 0.0
    return f", or {record['bpm_alternative']:.0f} ({probability:.0%})" if probability >= _MIN_SHOWN_PROBABILITY else ""


def _plays(record: Mapping[str, Any]) -> str:
    """How often: "12 times, last on 2026-05-01; skipped 2 times"."""
    last = f", last on {record['last_played_at'][:10]}" if record["last_played_at"] else ""
    played = f"{pluralise(record['plays'], 'time')}{last}" if record["plays"] else ""
    skipped = f"skipped {pluralise(record['skips'], 'time')}" if record["skips"] else ""
    return "; ".join(filter(None, (played, skipped)))


def _channels(n: int) -> str:
    return {1: "mono", 2: "stereo"}.get(n, f"{n} channels")
