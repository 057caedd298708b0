"""Synthetic tracks and libraries with known similarities: each genre is a direction in the vector space."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from make_entries import make_entry

from recsys import Library
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.audio import IngestRecord, Tags, Tempo
from recsys.domain.catalogue import StoredFile
from recsys.domain.tracks import Track
from recsys.features import schema
from recsys.features.scaling import reference
from recsys.features.version import FEATURE_VERSION
from recsys.ingest.presence import Disk, Presence
from recsys.nearest import NearestIndex

KINDS = ("jazz", "metal", "folk", "techno")
DIMENSIONS = 12
_MUSIC = range(schema.GROUPS["harmony"].start, schema.GROUPS["rhythm"].stop)  # what tells performances apart


def genre_vector(genre: str, number: int, noise: float = 0.1) -> FloatArray:
    """A unit vector (12,) near the direction of a genre."""
    vector = np.random.default_rng(number).standard_normal(DIMENSIONS) * noise
    vector[KINDS.index(genre)] += 1
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def unit(vectors: FloatArray | DoubleArray) -> FloatArray:
    """Rows of length one: the similarity vectors of these tests are the normalised features."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / lengths).astype(np.float32)


def make_track(number: int, genre: str = "jazz", **fields: Any) -> Track:
    """A track by its own artist; equal titles are one album."""
    track = Track(
        id=number,
        path=f"/music/{number}.mp3",
        artist=f"artist {number}",
        title=f"title {number}",
        album=None,
        genre=genre,
        genre_probability=0.9,
        tagged_genre=None,
        duration=200.0,
        bpm=120.0,
        key="C major",
        album_id=crc32(fields["album"].encode("utf-8", "surrogateescape")) if fields.get("album") else None,
    )
    return replace(track, **fields)


class SyntheticTracks:
    """Tracks with their index, and the lookup that recommendation needs."""

    def __init__(self, tracks: dict[int, Track], vectors: FloatArray) -> None:
        self.tracks = tracks
        self.ids = np.array(list(tracks), np.int64)
        self.index = NearestIndex.build(self.ids, vectors)

    def lookup(self, ids: Iterable[int]) -> dict[int, Track]:
        return {i: self.tracks[i] for i in ids}

    def genres(self, ids: Iterable[int]) -> list[str]:
        return [str(self.tracks[i].genre) for i in ids]


def make_synthetic_tracks(each: int = 20) -> SyntheticTracks:
    """``each`` tracks of each genre, with ids from 1: jazz first, then metal, folk and techno."""
    tracks, vectors = {}, []
    for number in range(1, each * len(KINDS) + 1):
        genre = KINDS[(number - 1) // each]
        tracks[number] = make_track(number, genre, duration=120.0 + 7 * (number % 31))
        vectors.append(genre_vector(genre, number))
    return SyntheticTracks(tracks, np.stack(vectors))


def make_song(
    kind: str, number: int, folder: str = "/music", *, performance: int | None = None, **tags: object
) -> IngestRecord:
    """An analysed file of a library, by its own artist; songs of one kind, number and ``performance`` are copies."""
    own_tags = Tags(title=f"title {number}", artists=(f"artist {number}",), album=f"album of {kind}")
    path = f"{folder}/{kind}/{number:02}.mp3"
    single = {"artist": "artists", "album_artist": "album_artists", "genre": "genres"}
    given = {single.get(name, name): (value,) if name in single and value else value for name, value in tags.items()}
    entry = make_entry(path, tags=replace(own_tags, **given), genre=kind, duration=120.0 + 7 * (number % 31))  # type: ignore[arg-type]
    assert entry.result is not None
    raw, normalised = np.zeros((2, len(schema.DIMENSIONS)), np.float32)
    normalised[:DIMENSIONS] = genre_vector(kind, number)
    raw[schema.index_of("msd_tag_jazz" if kind == "jazz" else "msd_tag_rock")] = 0.8
    tempo = Tempo(100.0 + number, confidence=0.8, pulse_clarity=0.5)
    analysis = replace(entry.result.analysis, version=FEATURE_VERSION, vector=raw, tempo=tempo)
    windows = np.tile(raw, (len(analysis.starts), 1))
    rng, music = np.random.default_rng(crc32(os.fsencode(path)) if performance is None else performance), list(_MUSIC)
    windows[:, music] += rng.standard_normal((len(windows), len(music))) * reference().std[music]
    analysis = replace(analysis, windows=windows.astype(np.float16))
    outcome = replace(entry.result, analysis=analysis, normalised=normalised)
    return replace(entry, result=outcome)


def make_library(home: Path, songs: list[IngestRecord], *, version: int = FEATURE_VERSION) -> None:
    """A library in ``home`` with these songs, analysed with a feature version."""
    if version != FEATURE_VERSION:
        songs = [_of_version(song, version) for song in songs]
    with open_catalogue(home, version=version) as catalogue:
        catalogue.store(songs)


def open_catalogue(library: Library | Path, *, version: int = FEATURE_VERSION) -> Catalogue:
    """The database of a library, or of that in a folder, to change what no method of Library changes."""
    url = f"sqlite:///{library / 'library.db'}" if isinstance(library, Path) else library.settings.database
    return Catalogue.open(url, feature_version=version)


def _of_version(song: IngestRecord, version: int) -> IngestRecord:
    assert song.result is not None
    return replace(song, result=replace(song.result, analysis=replace(song.result.analysis, version=version)))


def all_kinds(each: int = 6, folder: str = "/music") -> list[IngestRecord]:
    """``each`` songs of each genre; their ids in a new library are 1, 2 … in this order."""
    return [make_song(genre, KINDS.index(genre) * each + i + 1, folder) for genre in KINDS for i in range(each)]


def find_synthetic(disk: Disk, file: StoredFile, *, or_folder: bool = False) -> tuple[Presence, str]:
    """In place of :meth:`Disk.find`: files that are marked as missing are gone; no disk has the others."""
    return (Presence.GONE if file.missing else Presence.PRESENT), "/music"
