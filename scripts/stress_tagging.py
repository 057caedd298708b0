#!/usr/bin/env python3
"""Kill "recsys genre tag --write" and "recsys genre undo" at random moments: every file is complete, the journal right.

    python scripts/stress_tagging.py [--files 1000] [--kills 20] [--seed 0]

The script makes a library of synthetic files in several containers and with several tag blocks. It writes and restores
their tags in turns with the real command, which it kills (SIGKILL) at a random moment. After each kill every file must
have its audio, and be byte for byte what it was or have its new tags, and the folder no other files. After the next
command the journal must list exactly the files with new tags. At the end all edits are undone, and every file must be
byte for byte what it was.
"""

import argparse
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from signals import write_audio, write_tags

from recsys.audio.content_hash import hash_audio
from recsys.audio.identity import identify
from recsys.audio.tags import read_tags
from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import Analysis, AnalysisResult, FileStat, GenrePrediction, IngestRecord, Key, Tempo
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.tagging.rewrite import file_digest

SR = 22050
KINDS = (
    "mp3", "flac", "ogg", "wav", "m4a", "opus", "aiff", "wma", "wv", "aac", "tta", "mp3 with APE", "flac with ID3",
    "wav with LIST INFO",
)  # fmt: skip
GENRE = "Jazz"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as scratch:
        home, music = Path(scratch) / "home", Path(scratch) / "music"
        files = make_library(home, music, arguments.files)
        hashes = {path: hash_audio(path) for path in files}
        digests = {path: file_digest(path) for path in files}
        start = time.monotonic()
        run_genre(home, "tag", "--write", "--key").communicate()
        duration = time.monotonic() - start
        check(home, files, hashes, digests)
        print(f"without a kill: {len(files)} files in {duration:.1f} s", flush=True)
        run_genre(home, "undo").communicate()
        kills = partial = 0
        for round_ in range(4 * arguments.kills):
            if kills >= arguments.kills:
                break
            written = check(home, files, hashes, digests)
            undo = round_ % 2 == 1 and written
            process = run_genre(home, *(("undo",) if undo else ("tag", "--write", "--key")))
            start = time.monotonic()
            try:
                process.communicate(timeout=rng.uniform(0.2, 0.9) * duration)
                duration = min(duration, time.monotonic() - start)  # the command is faster now: kill it earlier
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
                kills += 1
                partial += 0 < len(check(home, files, hashes, digests)) < len(files)
        while check(home, files, hashes, digests):
            run_genre(home, "undo").communicate()
    print(f"{kills} kills, {partial} of them between the first and the last file; files exact, journal right")
    return 0


def make_library(home: Path, music: Path, n: int) -> list[Path]:
    """Make files of one second in several containers, and a library in which they are analysed."""
    rng = np.random.default_rng(0)
    music.mkdir()
    entries = []
    for i in range(n):
        kind = KINDS[i % len(KINDS)]
        suffix = kind.partition(" ")[0]
        sr = 48000 if suffix == "opus" else SR
        y = (0.2 * rng.standard_normal(sr)).astype(np.float32)
        path = write_audio(music / f"{i:04}.{suffix}", y, sr)
        if "with" in kind:
            _add_blocks(path, kind, i)
        else:
            write_tags(path, title=f"title {i}", artist=f"artist {i}", album=f"album {i}")
        entries.append(IngestRecord(_stat(path), identify(path), _analysis_result(rng)))
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(entries)
    return sorted(music.iterdir())


def _add_blocks(path: Path, kind: str, i: int) -> None:
    """Tags of a foreign kind, and blocks behind them that a program could lose."""
    data = path.read_bytes()
    if kind == "mp3 with APE":
        items = b"".join(struct.pack("<II", len(v), 0) + k + b"\0" + v for k, v in ((b"Title", b"title %d" % i),))
        footer = b"APETAGEX" + struct.pack("<IIII8x", 2000, len(items) + 32, 1, 0)
        lyrics = b"LYRICSBEGININD0000200LYR00002la000030LYRICS200"
        path.write_bytes(data + items + footer + lyrics + b"TAG" + b"title".ljust(124, b"\0") + b"\xff")
    elif kind == "flac with ID3":
        title = b"TIT2\0\0\0\x08\0\0\0title %d" % (i % 10)
        path.write_bytes(b"ID3\3\0\0\0\0\0" + bytes([len(title) + 50]) + title + bytes(50) + data)
    else:
        name = b"title %03d" % (i % 1000) + b"\0"
        info = b"INFOINAM" + struct.pack("<I", len(name)) + name + b"\0" * (len(name) % 2)
        chunks = data[12:] + b"LIST" + struct.pack("<I", len(info)) + info + b"odd \3\0\0\0odd\0"
        path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)


def _stat(path: Path) -> FileStat:
    stat = path.stat()
    return FileStat(str(path), stat.st_size, stat.st_mtime_ns)


def _analysis_result(rng: np.random.Generator) -> AnalysisResult:
    vector = rng.random(len(DIMENSIONS)).astype(np.float32)
    windows = vector[None].astype(np.float16)
    analysis = Analysis(FEATURE_VERSION, vector, windows, (0.0,), Tempo(120, 1, 1), Key(9, "minor", 1), -14.0)
    return AnalysisResult(
        analysis, vector, GenrePrediction(GENRE.lower(), 0.9, {GENRE.lower(): 0.9, "folk": 0.1}, "synthetic")
    )


def run_genre(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start ``recsys genre`` on this library."""
    command = [sys.executable, "-m", "recsys", "--home", str(home), "-q", "genre", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)


def check(home: Path, files: list[Path], hashes: dict[Path, str], digests: dict[Path, str]) -> list[Path]:
    """The files with new tags. Exits if a file is damaged, or if the journal lists other files."""
    music = files[0].parent
    present = [path for path in music.iterdir() if not path.name.startswith(".recsys-")]
    if sorted(present) != files:
        raise SystemExit("the folder has other files than before")
    new = [path for path in files if read_tags(path).genres == (GENRE,)]
    for path in files:
        if hash_audio(path) != hashes[path]:
            raise SystemExit(f"the audio of {path} has changed")
        if path not in new and file_digest(path) != digests[path]:
            raise SystemExit(f"{path} has neither its old content nor its new genre")
    process = run_genre(home, "undo", "--list")
    error = process.communicate()[1]
    if process.returncode:
        raise SystemExit(error)
    with Catalogue.open(load_settings({}, home=home).database, feature_version=FEATURE_VERSION) as catalogue:
        applied = sorted(Path(entry.path) for entry in catalogue.tag_edits.applied())
    if applied != new:
        raise SystemExit(f"the journal lists {len(applied)} files, but {len(new)} have new tags")
    if copies := list(music.glob(".recsys-*")):
        raise SystemExit(f"{copies[0]} is left over")
    return new


if __name__ == "__main__":
    sys.exit(main())
