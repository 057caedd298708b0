"""``recsys stats``: how much of what a library has."""

from collections.abc import Mapping
from typing import Annotated

import typer

from recsys.cli.options import Bpm, CompatibleKey, Folders, Genres, Json, TaggedGenres, Years, track_filter
from recsys.cli.output import escape, pluralise, print_json, terminal_width
from recsys.cli.session import session

_WIDTH = 80  # where stdout is no terminal
_MAX_BAR = 30
_GIGABYTE = 1e9


def stats(
    context: typer.Context,
    genre: Genres = [],
    tagged_genre: TaggedGenres = [],
    year: Years = None,
    bpm: Bpm = None,
    key: CompatibleKey = None,
    folder: Folders = [],
    n: Annotated[int, typer.Option("-n", metavar="N", help="At most N genres, and so on.")] = 12,
    json: Json = False,
) -> None:
    """Count tracks, hours, genres, decades, keys, tempi and plays."""
    from recsys import camelot

    found = (
        session(context)
        .library()
        .statistics(filter=track_filter(genre, year, bpm, tagged_genre=tagged_genre, key=key, folder=folder))
    )
    if json:
        print_json(found.to_dict())
        return
    parts = [pluralise(found.tracks, "track"), pluralise(found.artists, "artist"), pluralise(found.albums, "album")]
    print(", ".join([*parts, f"{found.duration / 3600:.1f} hours", f"{found.size / _GIGABYTE:.2f} GB"]))
    _print_bars("genre", found.genres, n)
    _print_bars("genre of the tags", found.tagged_genres, n)
    _print_bars("decade", found.decades)
    _print_bars("key", {f"{name} ({camelot(name)})": count for name, count in found.keys.items()})
    _print_bars("tempo, from BPM", found.tempi)
    _print_bars("codec", found.codecs, n)
    _print_bars("bit rate, from kbit/s", found.bit_rates)
    _print_bars("added", dict(list(found.added.items())[-n:]))
    print("\nwithout tag")
    print("  " + ", ".join(f"{name} {share:.0%}" for name, share in found.missing_tags.items()))
    print("\nlistener")
    for each in found.listeners:
        likes = f"{pluralise(each.likes, 'like')}, {pluralise(each.dislikes, 'dislike')}"
        print(escape(f"  {each.name}: {likes}, {pluralise(each.plays, 'play')}"))
    _print_bars("most played", {f"{each.artist or '–'} - {each.title}": each.plays for each in found.most_played}, n)


def _print_bars(heading: str, counts: Mapping[str, int], n: int | None = None) -> None:
    """Each name with its count and a bar; the longest bar fits the terminal."""
    from rich.cells import cell_len, set_cell_size

    rows = [(escape(name), count) for name, count in list(counts.items())[:n]]
    if not rows:
        return
    width, most = terminal_width() or _WIDTH, max(count for _, count in rows)
    digits = len(str(most))
    names = min(max(cell_len(name) for name, _ in rows), max(8, width - digits - 14))
    room = max(1, min(_MAX_BAR, width - names - digits - 6))
    print(f"\n{heading}")
    for name, count in rows:
        bar = "█" * round(room * count / most) if most else ""
        print(f"  {set_cell_size(name, names)}  {count:>{digits}}  {bar}".rstrip())
    if len(counts) > len(rows):
        print(f"  and {len(counts) - len(rows)} more")
