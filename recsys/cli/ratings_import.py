"""``recsys likes import``: likes and dislikes that other programs know of."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys.cli.options import Json, parse_path_map
from recsys.cli.output import Column, print_json, print_status, print_table
from recsys.cli.session import session
from recsys.errors import NotFound

if TYPE_CHECKING:
    from recsys import ImportPreview

_NAMED = 20  # entries that are named before "... more"
_BY = {
    "path": "path",
    "path ending": "the end of the path",
    "musicbrainz": "MusicBrainz id",
    "name": "name",
    "similar name": "a similar name",
}
_DONE = {
    "like": "liked",
    "dislike": "disliked",
    "plays": "played more often than was known",
    "same": "known already",
    "kept": "left as they were said",
    "nothing": "played too rarely",
}


def import_likes(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False, help="What was exported.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what each entry would do, and store nothing.")
    ] = False,
    dislike: Annotated[bool, typer.Option("--dislike", help="These are lists of what is disliked.")] = False,
    format: Annotated[
        str | None, typer.Option(metavar="NAME", help="Read it as this format; a wrong name lists them.")
    ] = None,
    playlist: Annotated[str | None, typer.Option(metavar="NAME", help="Only this playlist of a library.")] = None,
    map_path: Annotated[
        list[str],
        typer.Option("--map-path", metavar="FROM=TO", help="How paths begin there, and here; may be repeated."),
    ] = [],
    min_plays: Annotated[int, typer.Option(metavar="N", help="Played so often, a track without stars is liked.")] = 3,
    like_from: Annotated[float, typer.Option(metavar="STARS", help="So many of five stars are a like.")] = 4,
    dislike_to: Annotated[float, typer.Option(metavar="STARS", help="So few are a dislike.")] = 2,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Go before what was liked or disliked by hand, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Take likes and dislikes from playlists, players, servers and listening histories."""
    from recsys import ImportOptions

    given = session(context)
    likes = given.service().ratings
    path_map = dict(parse_path_map("input_path_map", text, allow_home=True) for text in map_path)
    terms = ImportOptions(format, playlist, path_map, min_plays, like_from, dislike_to, dislike, overwrite)
    intake = likes.preview(files, terms)
    if not dry_run:
        likes.apply(intake)
    if json:
        print_json(_record(intake, stored=not dry_run))
    elif dry_run:
        _show(intake)
    for line in _summary(intake, stored=not dry_run):
        print_status(line, quiet=given.quiet)
    if not any(step.track for step in intake.entries):
        raise NotFound(
            f"none of {len(intake.entries)} entries is in the library; if paths begin otherwise there, try --map-path"
        )


def _record(intake: "ImportPreview", *, stored: bool) -> dict[str, Any]:
    entries = []
    for file, mention, track, by, does in intake.entries:
        named = {"artist": mention.artist, "title": mention.title, "album": mention.album, "path": mention.path,
                 "musicbrainz_recording": mention.recording, "duration": mention.duration}  # fmt: skip
        becomes = intake.ratings.get(track.id) if track else None
        entries.append(
            {"file": file, "entry": named, "track": track and track.to_dict(), "by": by or None, "does": does}
            | {"opinion": becomes and becomes.to_dict()}
        )
    told, tracks = intake.matches_by_method(), intake.tracks_by_action()
    counts = {"matched": {by: told[by] for by in _BY}, "tracks": {does: tracks[does] for does in _DONE}}
    lost = len(intake.entries) - sum(told.values())
    return {
        "stored": stored,
        "not_found": lost,
        **counts,
        "silent": intake.without_rating,
        "nameless": intake.unidentified,
        "entries": entries,
    }


def _show(intake: "ImportPreview") -> None:
    columns = [Column("does"), Column("entry", shrinkable=True), Column("track", shrinkable=True), Column("by")]
    columns += [Column("strength", right=True), Column("plays", right=True)]
    rows = []
    for _, mention, track, by, does in intake.entries:
        becomes = intake.ratings.get(track.id) if track else None
        name = "–" if track is None else f"{track.id}  {track.artist or 'unknown'} - {track.title}"
        numbers = (f"{becomes.strength:.2f}", becomes.plays or "") if becomes else ("", "")
        rows.append((does, mention, name, by, *numbers))
    print_table(columns, rows)


def _summary(intake: "ImportPreview", *, stored: bool) -> list[str]:
    told, tracks = intake.matches_by_method(), intake.tracks_by_action()
    lost = [step for step in intake.entries if step.track is None]
    ways = ", ".join(f"{told[by]} by {name}" for by, name in _BY.items() if told[by])
    first = f"{sum(told.values())} of {len(intake.entries)} matched" + (f": {ways}" if ways else "")
    lines = [first + (f"; {len(lost)} not found" if lost else "")]
    lines += [f"  not found: {step.entry}" for step in lost[:_NAMED]]
    lines += [f"  ... {len(lost) - _NAMED} more; --json lists all"] if len(lost) > _NAMED else []
    done = ", ".join(f"{tracks[does]} {name}" for does, name in _DONE.items() if tracks[does])
    lines += [f"tracks: {done}" + ("" if stored else "; nothing is stored (--dry-run)")] if done else []
    lines += [f"{intake.without_rating} other entries say nothing"] if intake.without_rating else []
    lines += [f"{intake.unidentified} entries name no track"] if intake.unidentified else []
    return lines
