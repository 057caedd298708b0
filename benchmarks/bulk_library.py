"""Synthetic libraries of any size for benchmarks: empty files, and the database rows of an ingest."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
from measure import ROOT

sys.path.insert(0, str(ROOT))

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import (
    Analysis,
    AnalysisResult,
    AudioInfo,
    FileStat,
    GenrePrediction,
    Identity,
    IngestRecord,
    Key,
    Mood,
    Tags,
    Tempo,
)
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.genre.model import GENRES

_ALBUM, _ARTIST = 12, 5  # tracks per album, albums per artist
_BATCH = 500


def path_of(number: int) -> str:
    """The relative path of track ``number``, as a tagger would name it."""
    album, artist = number // _ALBUM, number // _ALBUM // _ARTIST
    name = f"{number % _ALBUM + 1:02} - A title of usual length {number:08}.flac"
    return f"Artist {artist:06}/1999 - Album {album:06}/{name}"


def make_files(folder: Path, n: int) -> Iterator[FileStat]:
    """Create ``n`` empty files under ``folder``, and yield the stat of each."""
    last = ""
    for number in range(n):
        path = folder / path_of(number)
        if str(path.parent) != last:
            path.parent.mkdir(parents=True, exist_ok=True)
            last = str(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        stat = path.stat()
        yield FileStat(str(path), stat.st_size, stat.st_mtime_ns)


def make_rows(
    home: Path,
    files: Iterator[FileStat],
    *,
    vectors: bool = False,
    whole: frozenset[int] = frozenset(),
    tags: Callable[[FileStat], Tags] | None = None,
    centre: Callable[[FileStat], float] | None = None,
) -> None:
    """Create the database of a library in ``home`` with these files.

    With ``vectors``, all features have their real length. Else only those of the tracks ``whole`` have: neither a scan
    nor a query of an existing index reads features, only the ordering of a playlist does. ``tags`` are those of a file,
    by default made of its number. Features are Gaussian; of a file, around ``centre`` times a fixed random direction.
    """
    rng = np.random.default_rng(0)
    direction = np.random.default_rng(2).standard_normal(len(DIMENSIONS)).astype(np.float32)
    with Catalogue.open(f"sqlite:///{home / 'library.db'}", feature_version=FEATURE_VERSION) as catalogue:
        number = 0
        while chunk := list(islice(files, _BATCH)):
            entries = []
            for stat in chunk:
                size = len(DIMENSIONS) if vectors or number in whole else 4
                features = rng.standard_normal(size).astype(np.float32)
                if centre:
                    features += np.float32(centre(stat)) * direction[:size]
                entries.append(_entry(stat, number, features, tags(stat) if tags else None))
                number += 1
            catalogue.store(entries)
    with closing(sqlite3.connect(home / "library.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("ANALYZE")


def _entry(stat: FileStat, number: int, vector: np.ndarray, tags: Tags | None) -> IngestRecord:
    album, artist = number // _ALBUM, number // _ALBUM // _ARTIST
    tags = tags or Tags(
        title=f"A title of usual length {number}",
        artists=(f"Artist {artist}",),
        album=f"Album {album}",
        track_number=number % _ALBUM + 1,
        year=1999,
        genres=("Rock",),
    )
    analysis = Analysis(
        version=FEATURE_VERSION,
        vector=np.clip(np.abs(vector), 0, 1),  # raw tags are probabilities
        windows=np.tile(vector.astype(np.float16), (5, 1)),
        starts=(10.0, 60.0, 110.0, 160.0, 210.0),
        tempo=Tempo(120.0, confidence=0.8, pulse_clarity=0.6),
        key=Key(9, "minor", confidence=0.7),
        loudness=-14.0,
    )
    genres = dict.fromkeys(GENRES, 1 / len(GENRES))
    genre = GenrePrediction(GENRES[number % len(GENRES)], 0.8, genres, "default 2")
    result = AnalysisResult(analysis, vector, genre, Mood(0.5, 0.5))
    info = AudioInfo(240.0, 44100, 2, "flac")
    return IngestRecord(stat, Identity(f"{number:032x}", info, tags), result)
