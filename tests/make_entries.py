"""Synthetic records for the catalogue, for tests that need tracks but no audio."""

import numpy as np

from recsys.domain.audio import (
    Analysis,
    AnalysisResult,
    AudioInfo,
    FileStat,
    GenrePrediction,
    Identity,
    IngestRecord,
    Key,
    Tags,
    Tempo,
)

VERSION = 7
DIMENSIONS = 12


def make_analysis(seed: int = 0, *, version: int = VERSION, dimensions: int = DIMENSIONS) -> Analysis:
    rng = np.random.default_rng(seed)
    return Analysis(
        version=version,
        vector=rng.standard_normal(dimensions).astype(np.float32),
        windows=rng.standard_normal((3, dimensions)).astype(np.float16),
        starts=(1.5, 60.0, 118.25),
        tempo=Tempo(bpm=120.0, confidence=0.8, pulse_clarity=0.6),
        key=Key(tonic=9, mode="minor", confidence=0.7),
        loudness=-14.5,
    )


def make_prediction(genre: str = "rock") -> GenrePrediction:
    return GenrePrediction(genre, 0.75, {genre: 0.75, "other": 0.25}, "test-model")


def make_outcome(
    seed: int = 0, *, genre: str = "rock", version: int = VERSION, dimensions: int = DIMENSIONS
) -> AnalysisResult:
    analysis = make_analysis(seed, version=version, dimensions=dimensions)
    return AnalysisResult(analysis, (analysis.vector * 2).astype(np.float32), make_prediction(genre))


def make_entry(
    path: str,
    audio_hash: str | None = None,
    *,
    tags: Tags | None = None,
    analysed: bool = True,
    genre: str = "rock",
    version: int = VERSION,
    dimensions: int = DIMENSIONS,
    size: int = 1000,
    mtime_ns: int = 1_700_000_000_123_456_789,
    duration: float = 180.5,
) -> IngestRecord:
    """A file whose audio hash is ``audio_hash``, by default its path."""
    audio_hash = audio_hash or path
    seed = sum(audio_hash.encode("utf-8", "surrogatepass"))
    return IngestRecord(
        FileStat(path, size, mtime_ns),
        Identity(audio_hash, AudioInfo(duration, 44100, 2, "mp3"), tags or Tags()),
        make_outcome(seed, genre=genre, version=version, dimensions=dimensions) if analysed else None,
    )
