"""``recsys likes import``: likes and dislikes from the files of other programs."""

from collections import Counter
from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import InputPathMap, InputPlaylist, Json
from recsys.cli.output import Column, pluralise, print_json, print_status, print_table, track_label
from recsys.cli.session import session
from recsys.cli.syntax import parse_path_maps
from recsys.errors import Hint, NotFound

if TYPE_CHECKING:
    from recsys import ImportPreview

_MAX_SHOWN = 20  # entries without a track that are listed
_METHODS = {
    "path": "path",
    "path ending": "end of the path",
    "musicbrainz": "MusicBrainz id",
    "name": "name",
    "similar name": "similar name",
}
_ACTIONS = {
    "like": "liked",
    "dislike": "disliked",
    "update_plays": "with more plays than before",
    "unchanged": "unchanged",
    "kept_manual": "with a manual rating that is kept",
    "ignored": "with too few plays",
}


def import_ratings(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", show_default=False, help="Files that other programs export.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what each entry would change, and store nothing.")
    ] = False,
    dislike: Annotated[bool, typer.Option("--dislike", help="The playlists are lists of dislikes.")] = False,
    format: Annotated[
        str | None, typer.Option(metavar="NAME", help="The format of the files; a wrong name lists all formats.")
    ] = None,
    playlist: InputPlaylist = None,
    input_path_map: InputPathMap = [],
    min_plays: Annotated[int, typer.Option(metavar="N", help="Tracks without stars are liked from N plays on.")] = 3,
    like_threshold: Annotated[
        float, typer.Option(metavar="STARS", help="Tracks are liked from this many stars of five on.")
    ] = 4,
    dislike_threshold: Annotated[
        float, typer.Option(metavar="STARS", help="Tracks are disliked up to this many stars of five.")
    ] = 2,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace manual likes and dislikes, too.")] = False,
    json: Json = False,
) -> None:
    """Import likes and dislikes from playlists, players, servers and listening histories."""
    from recsys import ImportOptions

    given = session(context)
    ratings = given.library().ratings
    path_map = parse_path_maps("input_path_map", input_path_map, allow_home=True)
    options = ImportOptions(
        format, playlist, path_map, min_plays, like_threshold, dislike_threshold, dislike, overwrite
    )
    preview = ratings.preview(files, options)
    if not dry_run:
        ratings.apply(preview)
    if json:
        print_json({"stored": not dry_run, **preview.to_dict()})
    elif dry_run:
        show_entries(preview)
    for line in summary_lines(preview, stored=not dry_run):
        print_status(line, quiet=given.quiet)
    found_credits = any(group.found for group in preview.groups)
    if not found_credits and not preview.plays.n_tracks and not any(entry.track for entry in preview.entries):
        if not preview.entries:
            raise NotFound("the library has none of these albums and artists")
        raise NotFound(f"the library has no track of {_entries(len(preview.entries))}", hint=Hint.MAP_INPUT_PATHS)


def show_entries(preview: "ImportPreview") -> None:
    """Print a table of what each entry would change."""
    columns = [Column("action"), Column("entry", shrinkable=True), Column("track", shrinkable=True)]
    columns += [Column("matched by"), Column("strength", right=True), Column("plays", right=True)]
    rows = []
    for entry in preview.entries:
        rating = preview.ratings.get(entry.track.id) if entry.track else None
        track = "–" if entry.track is None else f"{entry.track.id}  {track_label(entry.track)}"
        numbers = (f"{rating.strength:.2f}", rating.plays or "") if rating else ("", "")
        rows.append((entry.action, entry.entry, track, entry.match_method, *numbers))
    print_table(columns, rows)


def summary_lines(preview: "ImportPreview", *, stored: bool) -> list[str]:
    """What was matched and what changes, in lines."""
    methods, actions = preview.matches_by_method(), preview.tracks_by_action()
    unmatched = [entry for entry in preview.entries if entry.track is None]
    counts = ", ".join(f"{methods[method]} by {name}" for method, name in _METHODS.items() if methods[method])
    line = f"{methods.total()} of {_entries(len(preview.entries))} matched" + (f": {counts}" if counts else "")
    lines = [line + (f"; {len(unmatched)} not found" if unmatched else "")] if preview.entries else []
    lines += [f"  not found: {entry.entry}" for entry in unmatched[:_MAX_SHOWN]]
    lines += [f"  … {len(unmatched) - _MAX_SHOWN} more; --json lists all"] if len(unmatched) > _MAX_SHOWN else []
    if len(preview.playlists) > 1:
        names = ", ".join(preview.playlists[:_MAX_SHOWN]) + " …" * (len(preview.playlists) > _MAX_SHOWN)
        lines += [f"{pluralise(len(preview.playlists), 'playlist')} read, choose one with --playlist: {names}"]
    done = ", ".join(f"{actions[action]} {name}" for action, name in _ACTIONS.items() if actions[action])
    lines += [f"tracks: {done}" + ("" if stored else "; nothing is stored (--dry-run)")] if done else []
    plays = preview.plays
    if plays.stars or plays.counts or plays.history:
        what = (
            f"stars of {pluralise(len(plays.stars), 'track')}, play counts of {pluralise(len(plays.counts), 'track')}"
        )
        lines += [f"new: {what}, {pluralise(len(plays.history), 'play')} with times"]
    lines += [f"{_entries(preview.without_rating)} without a rating"] if preview.without_rating else []
    lines += [f"{_entries(preview.unidentified)} without a name or path"] if preview.unidentified else []
    return lines + _credit_lines(preview, stored=stored)


def _credit_lines(preview: "ImportPreview", *, stored: bool) -> list[str]:
    """What happens to albums and artists."""
    lines = []
    for kind in ("album", "artist"):
        groups = [each for each in preview.groups if each.kind == kind]
        actions = Counter(each.action for each in groups)
        done = [f"{actions[action]} {name}" for action, name in _ACTIONS.items() if actions[action]]
        done += [f"{actions['not_found']} not found"] if actions["not_found"] else []
        lines += [f"{kind}s: {', '.join(done)}" + ("" if stored else "; nothing is stored (--dry-run)")] if done else []
    return lines


def _entries(n: int) -> str:
    return pluralise(n, "entry", "entries")


def _tracks(ids: Sized) -> str:
    return pluralise(len(ids), "track")
