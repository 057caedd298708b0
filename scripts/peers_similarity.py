"""Similarities of Musly and sonara, for scripts/score_peers.py: python peers_similarity.py OUT.npz < PATHS

PATHS are separated by NUL. Needs an interpreter with both packages (benchmarks/requirements-peers.txt) and imports
nothing of recsys. Writes Musly's distances (n, n), mutual proximity included, and sonara's embeddings (n, 48).
"""

import sys
import tempfile
from typing import Any

import numpy as np
import pymusly
import sonara
import soundfile
import soxr

SR = 22050
SECONDS = 30  # from the middle, the length that Musly is designed for


def embed(path: str, y: np.ndarray, sr: int) -> Any:
    """Sonara's analysis of a file; formats that it cannot decode, such as Opus, are converted to WAV."""
    try:
        return sonara.analyze_file(path, features=["embedding"])
    except (NotImplementedError, RuntimeError, OSError, ValueError):
        with tempfile.TemporaryDirectory() as folder:
            soundfile.write(f"{folder}/x.wav", y, sr)
            return sonara.analyze_file(f"{folder}/x.wav", features=["embedding"])


def main() -> None:
    paths = sys.stdin.read().split("\0")
    jukebox = pymusly.MuslyJukebox(method="timbre")
    tracks, embeddings = [], []
    for path in paths:
        try:
            y, sr = soundfile.read(path, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:  # replaced by faint noise, which is similar to no track
            print(f"{path}: {error}", file=sys.stderr)
            y, sr = 1e-4 * np.random.default_rng(0).standard_normal((SECONDS * SR, 1)).astype(np.float32), SR
        y = soxr.resample(y.mean(axis=1), sr, SR)
        start = max(0, (len(y) - SECONDS * SR) // 2)
        tracks.append(jukebox.track_from_audiodata(y[start : start + SECONDS * SR].astype(np.float32)))
        found = embed(path, y, SR)
        embeddings.append(found["embedding"] if isinstance(found, dict) else found.embedding)
    jukebox.set_style(tracks)
    pairs = list(zip(jukebox.add_tracks(tracks), tracks, strict=True))
    distances = [jukebox.compute_similarity(pair, pairs) for pair in pairs]
    np.savez(sys.argv[1], musly=np.array(distances, np.float32), sonara=np.array(embeddings, np.float32))


if __name__ == "__main__":
    main()
