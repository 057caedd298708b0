"""What is known of each track, to judge by: genre, artist and album, from the files' tags or from a table."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from recsys.domain.tracks import Track
from recsys.errors import NotFound
from recsys.metadata.albums import album_numbers
from recsys.metadata.label_table import read_table
from recsys.metadata.names import track_artist_key

NO_GENRE = frozenset({"", "unknown", "other", "genre", "none", "misc"})
_SHOWN_ROOTS = 3


@dataclass(frozen=True, slots=True)
class LabelledTracks:
    """Tracks (n) with their labels, n values each; None where unknown. ``source`` says where the genres are from.

    Spellings of a genre that differ in case alone are one genre, in the spelling that most tracks have.
    """

    tracks: tuple[Track, ...]
    genres: tuple[str | None, ...]
    artists: tuple[str | None, ...]
    albums: tuple[str | None, ...]
    source: str


def labels_from_tags(
    tracks: Sequence[Track], predicted: Mapping[str, tuple[str, str]] = MappingProxyType({})
) -> LabelledTracks:
    """Genre, artist and album as the files' own tags have them.

    ``predicted`` are genres that recsys itself has written, by path what the file said before and says since: what it
    said before counts, or a model would learn from itself.
    """

    def said(track: Track) -> str | None:
        before, since = predicted.get(track.path, (None, None))
        return before if track.tagged_genre == since else track.tagged_genre

    return LabelledTracks(tuple(tracks), _spelled(map(said, tracks)), *_names(tracks), "genre tags of the files")


def labels_from_folders(tracks: Sequence[Track], roots: Sequence[str]) -> LabelledTracks:
    """The genre of a track is the folder that it lies in beneath what was ingested: ROOT/jazz/…/song.mp3 is jazz.

    A root that has at least as many tracks directly in it as deeper is the folder of a genre itself: its tracks have
    its name. In any other, what lies directly in it has no genre. Of roots in roots the nearest counts.
    """
    places = [_beneath(Path(track.path), roots) for track in tracks]
    depths: defaultdict[Path, Counter[bool]] = defaultdict(Counter)
    for root, parts in places:
        depths[root][len(parts) > 1] += 1
    folders = [
        root.name if depths[root][False] >= depths[root][True] else parts[0] if len(parts) > 1 else None
        for root, parts in places
    ]
    shown, more = sorted(roots)[:_SHOWN_ROOTS], len(roots) - _SHOWN_ROOTS
    listed = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    return LabelledTracks(
        tuple(tracks), _spelled(folders), *_names(tracks), f"names of folders in {listed or 'no folder'}"
    )


def _beneath(path: Path, roots: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """The nearest of the roots that a file lies in, and the way from there; nothing where it lies in none."""
    inside = [Path(root) for root in roots if root != str(path) and path.is_relative_to(root)]
    root = max(inside, key=lambda each: len(each.parts), default=None)
    return (Path(), ()) if root is None else (root, path.relative_to(root).parts)


def labels_from_table(tracks: Sequence[Track], path: Path) -> LabelledTracks:
    """Genres from a csv with the columns path (relative to it, or absolute) and genre, as :mod:`~.table` reads it.

    Columns artist and album, if it has them, go before the tags. Tracks that it does not name have no genre: they are
    found, but are no queries.

    Raises
    ------
    InvalidRequest
        It cannot be read, lacks a column, or gives a file two genres.
    NotFound
        It names no track of the library.
    """
    rows = read_table(path)
    found = [next((rows[place] for place in _path_candidates(track) if place in rows), None) for track in tracks]
    if not any(found):
        raise NotFound(
            f"no file that {path} names ({len(rows)}) is in the library; relative paths count from "
            f"{path.absolute().parent}, and files are ingested first"
        )
    artists, albums = (list(names) for names in _names(tracks))
    for i, row in enumerate(found):
        if row and "artist" in row:
            artists[i] = track_artist_key(replace(tracks[i], artist=row["artist"], album_artist=None))
        if row and "album" in row:
            albums[i] = f"{row.get('artist')}\n{row['album']}" if row["album"] else None
    genres = _spelled(row["genre"] if row else None for row in found)
    labelled = sum(map(bool, _spelled(row["genre"] for row in rows.values())))
    source = f"{path.name}, {sum(map(bool, genres))} of its {labelled} files"
    return LabelledTracks(tuple(tracks), genres, tuple(artists), tuple(albums), source)


def _path_candidates(track: Track) -> list[str]:
    return [os.path.realpath(place) for place in (track.path, *track.paths)]


def _names(tracks: Sequence[Track]) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
    """Artists and albums."""
    albums = tuple(None if number is None else f"{number}" for number in album_numbers(tracks))
    return tuple(map(track_artist_key, tracks)), albums


def _spelled(texts: Iterable[str | None]) -> tuple[str | None, ...]:
    """Genres (n,), each spelled as most of those are that differ from it in case alone."""
    said = [(text or "").strip() for text in texts]
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in said:
        spellings[text.casefold()][text] += 1
    best = {genre: max(sorted(counts), key=counts.__getitem__) for genre, counts in spellings.items()}
    return tuple(None if text.casefold() in NO_GENRE else best[text.casefold()] for text in said)
