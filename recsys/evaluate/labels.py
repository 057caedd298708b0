"""What is known of each track, to judge by: genre, artist and album, from the files' tags or from a table."""

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from recsys.errors import NothingFound, UsageError
from recsys.recommend.albums import album_numbers
from recsys.recommend.selection import artist_key
from recsys.types import Track

_NO_GENRE = frozenset({"", "unknown", "other", "genre", "none", "misc"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """Tracks (n) with their labels, n values each; None where unknown. ``source`` says where the genres are from."""

    tracks: tuple[Track, ...]
    genres: tuple[str | None, ...]
    artists: tuple[str | None, ...]
    albums: tuple[str | None, ...]
    source: str


def labels_from_tags(tracks: Sequence[Track], ours: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> Labelled:
    """Genre, artist and album as the files' own tags have them.

    ``ours`` are genres that recsys itself has written, by path what the file said before and says since: what it said
    before counts, or a model would learn from itself.
    """

    def said(track: Track) -> str | None:
        before, since = ours.get(track.path, (None, None))
        return before if track.tagged_genre == since else track.tagged_genre

    genres = tuple(_genre(said(track)) for track in tracks)
    return Labelled(tuple(tracks), genres, *_names(tracks), "genre tags of the files")


def labels_from_folders(tracks: Sequence[Track], roots: Sequence[str]) -> Labelled:
    """The genre of a track is the folder that it lies in beneath what was ingested: ROOT/jazz/…/song.mp3 is jazz."""
    genres: list[str | None] = []
    for track in tracks:
        inside = [Path(track.path).relative_to(root).parts for root in roots if Path(track.path).is_relative_to(root)]
        parts = min(inside, key=len, default=())
        genres.append(_genre(parts[0]) if len(parts) > 1 else None)
    return Labelled(tuple(tracks), tuple(genres), *_names(tracks), "names of folders")


def labels_from_table(tracks: Sequence[Track], path: Path) -> Labelled:
    """Genres from a csv with the columns path (relative to it, or absolute) and genre.

    Columns artist and album, if it has them, go before the tags. Tracks that it does not name have no genre: they are
    found, but are no queries.

    Raises
    ------
    UsageError
        It cannot be read, or lacks a column.
    NothingFound
        It names no track of the library.
    """
    rows = _read(path)
    found = [next((rows[place] for place in _places(track) if place in rows), None) for track in tracks]
    if not any(found):
        raise NothingFound(f"none of the {len(rows)} files that {path} names is in the library; ingest them first")
    artists, albums = (list(names) for names in _names(tracks))
    for i, row in enumerate(found):
        if row and "artist" in row:
            artists[i] = artist_key(replace(tracks[i], artist=row["artist"], album_artist=None))
        if row and "album" in row:
            albums[i] = f"{row.get('artist')}\n{row['album']}" if row["album"] else None
    genres = tuple(_genre(row["genre"]) if row else None for row in found)
    source = f"{path.name}, {sum(map(bool, found))} of its {len(rows)} files"
    return Labelled(tuple(tracks), genres, tuple(artists), tuple(albums), source)


def _read(path: Path) -> dict[str, Mapping[str, str]]:
    """Rows by real absolute path."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"path", "genre"} - set(reader.fieldnames or ())
            if missing:
                raise UsageError(f"{path} has no column {' and '.join(sorted(missing))}; it needs path and genre")
            rows = list(reader)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is no csv in UTF-8: {error}") from error
    return {os.path.realpath(path.parent / row["path"]): row for row in rows if row["path"]}


def _places(track: Track) -> list[str]:
    return [os.path.realpath(place) for place in (track.path, *track.paths)]


def _names(tracks: Sequence[Track]) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
    """Artists and albums."""
    albums = tuple(None if number is None else f"{number}" for number in album_numbers(tracks))
    return tuple(map(artist_key, tracks)), albums


def _genre(text: str | None) -> str | None:
    genre = (text or "").strip().casefold()
    return None if genre in _NO_GENRE else genre
