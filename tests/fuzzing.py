"""Fuzzing: valid files of every container with random mutations, and the outcome of reading them.

``mutated(seeds, seed, number)`` is deterministic: the same file on every machine whose encoders write the same bytes.
"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
from signals import FORMATS, RARE_FORMATS, dff, dsf, music, write_audio, write_tags, write_with_av
from tag_bytes import ape, id3v1, id3v2, info, lyrics3, text

from recsys.ingest.worker import AnalysisFailure, capture_failure, identify_file

SUFFIX = {name: name for name in (*FORMATS, *RARE_FORMATS, "dsf", "dff")} | {
    **dict.fromkeys(("wav8", "wav24", "wav32", "wavfloat", "wavdouble", "rf64", "wavmp3", "wavlaw", "adpcm"), "wav"),
    "aiff24": "aiff",
    "flac24": "flac",
    "alac": "m4a",
    "mkaflac": "mka",
    "mkapcm": "mka",
    "cafalac": "caf",
    "oggflac": "oga",
    "fragmented": "mp4",
}
_TAGGED_IN_FRONT = ("flac", "wv", "mka", "wma", "caf", "m4a", "ogg", "wav", "ac3")
_TAGGED_AROUND = ("mp3", "aac", "tta", "wv", "flac")
_FRONT = id3v2(text("TIT2", "Caf\xe9", 3, 0), text("TPE1", "Foo", 3, 1), version=3, padding=50)
_BEHIND = ape({"Title": "A Title", "Year": b"19\xff"}) + lyrics3() + id3v1(b"A Title", b"\x83T\x83\x93", genre=17)
_SURROUND = ("m4a", "opus", "wv", "flac", "wav")
_RATES = dict.fromkeys(("opus", "webm", "ac3", "eac3"), 48000)
_LENGTHS = (0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0x00FFFFFF, 0)


def make_seeds(folder: Path, *, seconds: float = 3.0) -> dict[str, bytes]:
    """Valid files of every format, with tags under the key "format" and without under "format bare".

    Others: "format tags" with ID3v2, APE and ID3v1 tags around the container, "wav info" with LIST INFO, "format id3"
    with an ID3v2 tag before the container, "format 7.1" with eight channels, "ogg chain" with two links, "mka live"
    without a declared length, and 1-bit audio.
    """
    seeds: dict[str, bytes] = {}
    for format in (*FORMATS, *RARE_FORMATS):
        sr = _RATES.get(format, 22050)
        y = music(seconds, sr)
        path = folder / f"seed.{SUFFIX[format]}"
        write_audio(path, np.stack([y, 0.5 * y], axis=1), sr, format)
        seeds[f"{format} bare"] = path.read_bytes()
        if format not in ("rf64", "fragmented") and mutagen.File(path) is not None:  # mutagen cannot tag them
            write_tags(path)
            seeds[format] = path.read_bytes()
        path.unlink()
    tag = b"ID3\x04\0\0\0\0\x07\x68" + bytes(1000)
    seeds |= {f"{format} tags": _FRONT + seeds[f"{format} bare"] + _BEHIND for format in _TAGGED_AROUND}
    seeds["wav info"] = seeds["wav bare"] + info(
        {"INAM": b"A Title", "IART": b"\xcf\xf0\xe8\xec\xe5\xf0", "ITRK": b"3/12"}
    )
    seeds |= {f"{format} id3": tag + seeds[f"{format} bare"] for format in _TAGGED_IN_FRONT}
    for format in _SURROUND:
        sr = _RATES.get(format, 22050)
        wide = np.stack([music(seconds, sr, seed) for seed in range(8)], axis=1)
        seeds[f"{format} 7.1"] = write_audio(folder / "seed", wide, sr, format).read_bytes()
    seeds["ogg chain"] = seeds["ogg bare"] + seeds["ogg"]
    live = write_with_av(
        folder / "seed", music(seconds), 22050, "matroska", "flac", "s16", options={"live": "1"}, to_pipe=True
    )
    seeds["mka live"] = live.read_bytes()
    seeds["dsf bare"], seeds["dff bare"] = dsf(music(0.5 * seconds, 44100)), dff(music(0.5 * seconds, 44100))
    return seeds


@dataclass(frozen=True)
class MutatedFile:
    """Format, mutations and content of a mutated file."""

    format: str
    kinds: tuple[str, ...]
    data: bytes

    @property
    def suffix(self) -> str:
        """Suffix of the original container."""
        return SUFFIX[self.format.partition(" ")[0]]


def mutated(seeds: Mapping[str, bytes], seed: int, number: int) -> MutatedFile:
    """File ``number`` of the series ``seed``: a valid file with one to three mutations."""
    rng = np.random.default_rng([seed, number])
    names = sorted(seeds)
    name = names[number % len(names)]
    data = bytearray(seeds[name])
    kinds = []
    for _ in range(rng.integers(1, 4)):
        kind = str(rng.choice(sorted(_MUTATIONS)))
        kinds.append(kind)
        data = _MUTATIONS[kind](data, rng, seeds[names[rng.integers(len(names))]])
    return MutatedFile(name, tuple(kinds), bytes(data))


def _random_offset(data: bytearray, rng: Any) -> int:
    """A random offset, with probability 1/2 in the first kilobyte, which has the headers."""
    end = min(len(data), 1024) if rng.random() < 0.5 else len(data)
    return int(rng.integers(0, max(end, 1)))


def _flip(data: bytearray, rng: Any, _seed: bytes) -> bytearray:
    for _ in range(int(rng.integers(1, 64))):
        if data:
            data[_random_offset(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _overwrite(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start, n = _random_offset(data, rng), int(rng.integers(1, 512))
    run = bytes([int(rng.choice([0, 255, 127]))]) * n if rng.random() < 0.5 else rng.bytes(n)
    data[start : start + n] = run[: max(0, len(data) - start)]
    return data


def _truncate(data: bytearray, rng: Any, _: bytes) -> bytearray:
    return data[: _random_offset(data, rng)]


def _behead(data: bytearray, rng: Any, _: bytes) -> bytearray:
    return data[_random_offset(data, rng) :]


def _delete(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start = _random_offset(data, rng)
    del data[start : start + int(rng.integers(1, 4096))]
    return data


def _insert(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start = _random_offset(data, rng)
    data[start:start] = rng.bytes(int(rng.integers(1, 4096)))
    return data


def _repeat(data: bytearray, rng: Any, _: bytes) -> bytearray:
    start, n = _random_offset(data, rng), int(rng.integers(1, 8192))
    data[start:start] = data[start : start + n] * int(rng.integers(1, 8))
    return data


def _inflate(data: bytearray, rng: Any, _: bytes) -> bytearray:
    """Write an extreme value, big or little endian, as if into a length field."""
    start = _random_offset(data, rng) & ~int(rng.choice([0, 3]))
    length = int(rng.choice(_LENGTHS)).to_bytes(4, "big" if rng.random() < 0.5 else "little")
    data[start : start + 4] = length[: max(0, len(data) - start)]
    return data


def _splice(data: bytearray, rng: Any, other: bytes) -> bytearray:
    """Replace the start of the file by, or prepend, that of another file."""
    n = int(rng.integers(1, 4096))
    return bytearray(other[:n]) + data[n if rng.random() < 0.5 else 0 :]


def _graft(data: bytearray, rng: Any, other: bytes) -> bytearray:
    """Insert a part of another file."""
    start, begin = _random_offset(data, rng), int(rng.integers(0, max(1, len(other))))
    data[start:start] = other[begin : begin + int(rng.integers(1, 8192))]
    return data


_MUTATIONS = {
    "behead": _behead, "delete": _delete, "flip": _flip, "graft": _graft, "inflate": _inflate, "insert": _insert,
    "overwrite": _overwrite, "repeat": _repeat, "splice": _splice, "truncate": _truncate,
}  # fmt: skip


@dataclass(frozen=True)
class ReadOutcome:
    """Outcome of reading a file: stage "read", or the stage and reason of the failure; time and peak memory."""

    stage: str
    reason: str
    seconds: float
    peak_mb: float


def read_file(path: str) -> ReadOutcome:
    """Read tags, audio hash and windows of a file, as ingest does before it computes features."""
    start = time.perf_counter()
    identity = identify_file(path)
    failure = identity if isinstance(identity, AnalysisFailure) else _read_windows(path)
    stage, reason = (failure.stage, failure.reason) if failure else ("read", "")
    return ReadOutcome(stage, reason, time.perf_counter() - start, _peak_mb())


@capture_failure
def _read_windows(path: str) -> None:
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


def finding(outcome: ReadOutcome) -> str | None:
    """The defect that an outcome shows; None if the file was read, or refused with a reason of one line."""
    if outcome.stage == "worker":
        return outcome.reason
    if outcome.stage != "read" and (not outcome.reason or "\n" in outcome.reason or len(outcome.reason) > 500):
        return f"the reason is not one line of text: {outcome.reason!r}"
    return None


def keep(file: MutatedFile, folder: Path, name: str, path: Path) -> Path:
    """Copy a file with a finding to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(path, folder / f"{name}.{file.suffix}"))
