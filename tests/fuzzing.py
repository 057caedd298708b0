"""Broken files: valid ones of every container, cut, flipped, spliced and inflated at random, and what reading does.

Everything follows from two numbers: ``broken(seeds, seed, number)`` is the same file on every machine whose encoders
write the same bytes.
"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
from signals import FORMATS, RARE_FORMATS, music, write_audio, write_tags

from recsys.ingest.worker import AnalysisFailure, capture_failure, identify_file

SUFFIX = {name: name for name in (*FORMATS, *RARE_FORMATS)} | {
    **dict.fromkeys(("wav8", "wav24", "wav32", "wavfloat", "wavdouble", "rf64", "wavmp3", "wavlaw", "adpcm"), "wav"),
    "aiff24": "aiff",
    "flac24": "flac",
    "alac": "m4a",
}
_HUGE = (0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0x00FFFFFF, 0)


def make_seeds(folder: Path, *, seconds: float = 3.0) -> dict[str, bytes]:
    """A valid tagged file of every format, and an untagged one, by "format" and "format bare"."""
    seeds: dict[str, bytes] = {}
    for format in (*FORMATS, *RARE_FORMATS):
        sr = 48000 if format == "opus" else 22050
        y = music(seconds, sr)
        path = folder / f"seed.{SUFFIX[format]}"
        write_audio(path, np.stack([y, 0.5 * y], axis=1), sr, format)
        seeds[f"{format} bare"] = path.read_bytes()
        if format != "rf64" and mutagen.File(path) is not None:  # which stumbles over RF64
            write_tags(path)
            seeds[format] = path.read_bytes()
        path.unlink()
    return seeds


@dataclass(frozen=True)
class Broken:
    """A mutated file: of which format, by which mutations, and its bytes."""

    format: str
    kinds: tuple[str, ...]
    data: bytes

    @property
    def suffix(self) -> str:
        """Of the container that it was."""
        return SUFFIX[self.format.removesuffix(" bare")]


def broken(seeds: Mapping[str, bytes], seed: int, number: int) -> Broken:
    """The file ``number`` of a series: one to three mutations of one of the seeds."""
    rng = np.random.default_rng([seed, number])
    names = sorted(seeds)
    name = names[number % len(names)]
    data = bytearray(seeds[name])
    kinds = []
    for _ in range(rng.integers(1, 4)):
        kind = str(rng.choice(sorted(_MUTATIONS)))
        kinds.append(kind)
        data = _MUTATIONS[kind](data, rng, seeds[names[rng.integers(len(names))]])
    return Broken(name, tuple(kinds), bytes(data))


def _place(data: bytearray, rng: Any) -> int:
    """Anywhere, but every other time in the first kilobyte: there the headers are."""
    end = min(len(data), 1024) if rng.random() < 0.5 else len(data)
    return int(rng.integers(0, max(end, 1)))


def _flip(data: bytearray, rng: Any, _seed: bytes) -> bytearray:
    for _ in range(int(rng.integers(1, 64))):
        if data:
            data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _overwrite(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start, n = _place(data, rng), int(rng.integers(1, 512))
    run = bytes([int(rng.choice([0, 255, 127]))]) * n if rng.random() < 0.5 else rng.bytes(n)
    data[start : start + n] = run[: max(0, len(data) - start)]
    return data


def _truncate(data: bytearray, rng: Any, _: bytes) -> bytearray:
    return data[: _place(data, rng)]


def _behead(data: bytearray, rng: Any, _: bytes) -> bytearray:
    return data[_place(data, rng) :]


def _delete(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start = _place(data, rng)
    del data[start : start + int(rng.integers(1, 4096))]
    return data


def _insert(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start = _place(data, rng)
    data[start:start] = rng.bytes(int(rng.integers(1, 4096)))
    return data


def _repeat(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start, n = _place(data, rng), int(rng.integers(1, 8192))
    data[start:start] = data[start : start + n] * int(rng.integers(1, 8))
    return data


def _inflate(data: bytearray, rng: Any, _: bytes) -> bytearray:
    """A length field that promises too much, in either order of bytes."""
    start = _place(data, rng) & ~int(rng.choice([0, 3]))
    huge = int(rng.choice(_HUGE)).to_bytes(4, "big" if rng.random() < 0.5 else "little")
    data[start : start + 4] = huge[: max(0, len(data) - start)]
    return data


def _splice(data: bytearray, rng: Any, other: bytes) -> bytearray:
    """The head of another file on the body of this one."""
    n = int(rng.integers(1, 4096))
    return bytearray(other[:n]) + data[n if rng.random() < 0.5 else 0 :]


def _graft(data: bytearray, rng: Any, other: bytes) -> bytearray:
    """A piece of another file in the middle of this one."""
    start, begin = _place(data, rng), int(rng.integers(0, max(1, len(other))))
    data[start:start] = other[begin : begin + int(rng.integers(1, 8192))]
    return data


_MUTATIONS = {
    "behead": _behead, "delete": _delete, "flip": _flip, "graft": _graft, "inflate": _inflate, "insert": _insert,
    "overwrite": _overwrite, "repeat": _repeat, "splice": _splice, "truncate": _truncate,
}  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What reading a file came to: "read", or the stage at which it was refused and why; seconds and peak MB."""

    stage: str
    reason: str
    seconds: float
    peak_mb: float


def listen(path: str) -> Heard:
    """Do with a file what ingest does before it computes: tags, payload hash, windows of samples."""
    start = time.perf_counter()
    identity = identify_file(path)
    refused = identity if isinstance(identity, AnalysisFailure) else _read(path)
    stage, reason = (refused.stage, refused.reason) if refused else ("read", "")
    return Heard(stage, reason, time.perf_counter() - start, _peak_mb())


@capture_failure
def _read(path: str) -> None:
    from recsys.audio.excerpts import read_excerpts

    excerpts = read_excerpts(path)
    for window in excerpts.windows:
        assert np.isfinite(window.y).all(), "a sample is not finite"
        assert window.y.dtype == np.float32
        assert window.y.ndim == 1


def _peak_mb() -> float:
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # Windows
        return 0.0
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def complaint(heard: Heard) -> str | None:
    """What is wrong with an outcome; None if the file was read, or refused in one clear line."""
    if heard.stage == "worker":
        return heard.reason
    if heard.stage != "read" and (not heard.reason or "\n" in heard.reason or len(heard.reason) > 500):
        return f"the reason is no clear line: {heard.reason!r}"
    return None


def keep(data: Broken, folder: Path, name: str, path: Path) -> Path:
    """A copy of a file that made trouble."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(path, folder / f"{name}.{data.suffix}"))
