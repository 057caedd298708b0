"""Labels of tracks to evaluate and train with: genre, artist and album, from tags, folders or a CSV file."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from recsys.domain.tracks import Track
from recsys.errors import NotFound, pluralise
from recsys.metadata.label_table import read_table
from recsys.metadata.names import track_artist_key

NO_GENRE = frozenset({"", "unknown", "other", "genre", "none", "misc"})
_MAX_SHOWN_ROOTS = 3


@dataclass(frozen=True, slots=True)
class LabelledTracks:
    """Tracks with their labels.

    Parameters
    ----------
    tracks : tuple of Track, n
    genres : tuple of str or None, n
        Of several genres the first. Spellings that differ only in case are one genre, in the most frequent spelling.
    artists, albums : tuple of str or None, n
        Keys to compare, not to show.
    source : str
        Where the genres are from, for messages.
    texts : tuple of str or None, n
        All genres of each track as one text, "Rock; Pop"; see :func:`recsys.genre.several.split_genres`.
    """

    tracks: tuple[Track, ...]
    genres: tuple[str | None, ...]
    artists: tuple[str | None, ...]
    albums: tuple[str | None, ...]
    source: str
    texts: tuple[str | None, ...]


def labels_from_tags(
    tracks: Sequence[Track], predicted: Mapping[str, tuple[str, str]] = MappingProxyType({})
) -> LabelledTracks:
    """Labels from the tags of the files.

    Parameters
    ----------
    tracks
    predicted
        Genre tags that recsys has written: by path, the old and the new one. The old one is used, so that a model is
        not trained on its own predictions.
    """

    def own_genre(track: Track) -> str | None:
        old, new = predicted.get(track.path, (None, None))
        return old if track.tagged_genre == new else track.tagged_genre

    texts = tuple(map(own_genre, tracks))
    artists, albums = _artists_and_albums(tracks)
    return LabelledTracks(tuple(tracks), _first_genres(texts), artists, albums, "genre tags of the files", texts)


def _first_genres(texts: Iterable[str | None]) -> tuple[str | None, ...]:
    """The first genre of each text: "Rock; Pop" and "Pop; Rock" are not classes of their own."""
    several = ((text or "").split(";") for text in texts)
    return _most_frequent_spellings(
        next((genre for genre in genres if genre.strip().casefold() not in NO_GENRE), None) for genres in several
    )


def labels_from_folders(tracks: Sequence[Track], roots: Sequence[str]) -> LabelledTracks:
    """Labels from the first folder below an ingested folder (root): ROOT/jazz/…/song.mp3 is jazz.

    If at least half of a root's tracks are directly in it, the root is the folder of a genre, whose name all its tracks
    have. In any other root, tracks directly in it have no genre. If one root is inside another, the inner one is used.

    Parameters
    ----------
    tracks
    roots
        Paths of the ingested folders.
    """
    located = [_relative_to_root(Path(track.path), roots) for track in tracks]
    depths: defaultdict[Path, Counter[bool]] = defaultdict(Counter)
    for root, parts in located:
        depths[root][len(parts) > 1] += 1
    folders = [
        root.name if depths[root][False] >= depths[root][True] else parts[0] if len(parts) > 1 else None
        for root, parts in located
    ]
    shown, more = sorted(roots)[:_MAX_SHOWN_ROOTS], len(roots) - _MAX_SHOWN_ROOTS
    names = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    source = f"names of folders in {names or 'no folder'}"
    genres = _most_frequent_spellings(folders)
    return LabelledTracks(tuple(tracks), genres, *_artists_and_albums(tracks), source, genres)


def _relative_to_root(path: Path, roots: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """The innermost root that contains a file, and the parts of the path below it; empty if there is none."""
    inside = [Path(root) for root in roots if root != str(path) and path.is_relative_to(root)]
    root = max(inside, key=lambda each: len(each.parts), default=None)
    return (Path(), ()) if root is None else (root, path.relative_to(root).parts)


def labels_from_table(tracks: Sequence[Track], path: Path) -> LabelledTracks:
    """Labels from a CSV file, see :mod:`recsys.metadata.label_table`.

    The columns artist and album, if present, take precedence over tags. Tracks that are not in the file have no genre:
    in an evaluation they are ranked, but are not queries.

    Raises
    ------
    InvalidRequest
        If the file cannot be read, is not CSV, lacks a column, or has two genres for a file.
    NotFound
        If it has no track of the library.
    """
    rows = read_table(path)
    found = [next((rows[file] for file in _resolved_paths(track) if file in rows), None) for track in tracks]
    if not any(found):
        raise NotFound(
            f"none of the {pluralise(len(rows), 'file')} in {path} is in the library; relative paths are relative to "
            f"{path.absolute().parent}, and files must be ingested first"
        )
    artists, albums = (list(keys) for keys in _artists_and_albums(tracks))
    for i, row in enumerate(found):
        if row and "artist" in row:
            artists[i] = track_artist_key(
                replace(tracks[i], artist=row["artist"], artists=(), album_artist=None, album_artists=())
            )
        if row and "album" in row:
            albums[i] = f"{row.get('artist')}\n{row['album']}" if row["album"] else None
    texts = tuple(row["genre"] if row else None for row in found)
    genres = _first_genres(texts)
    labelled = sum(map(bool, _first_genres(row["genre"] for row in rows.values())))
    source = f"{path.name}, {sum(map(bool, genres))} of its {pluralise(labelled, 'file')}"
    return LabelledTracks(tuple(tracks), genres, tuple(artists), tuple(albums), source, texts)


def _resolved_paths(track: Track) -> list[str]:
    return [os.path.realpath(path) for path in (track.path, *track.paths)]


def _artists_and_albums(tracks: Sequence[Track]) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
    albums = tuple(None if track.album_id is None else f"{track.album_id}" for track in tracks)
    return tuple(map(track_artist_key, tracks)), albums


def _most_frequent_spellings(texts: Iterable[str | None]) -> tuple[str | None, ...]:
    """Genres (n,), each in the most frequent of the spellings that differ only in case; None for no genre."""
    stripped = [(text or "").strip() for text in texts]
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in stripped:
        spellings[text.casefold()][text] += 1
    best = {genre: max(sorted(counts), key=counts.__getitem__) for genre, counts in spellings.items()}
    return tuple(None if text.casefold() in NO_GENRE else best[text.casefold()] for text in stripped)
