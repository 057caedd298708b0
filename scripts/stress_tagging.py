#!/usr/bin/env python3
"""Kill "recsys genre tag --write" and "recsys genre undo" at random moments: every file is complete, the journal right.

    python scripts/stress_tagging.py [--files 1000] [--kills 20] [--seed 0]

The script makes a library of synthetic files in several containers. It writes and restores their tags in turns with the
real command, which it kills (SIGKILL) at a random moment. After each kill every file must have its audio and either its
old or its new tags, and the folder no other files. After the next command the journal must list exactly the files with
new tags. At the end all edits are undone, and every file must have its original tags.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mutagen
import numpy as np
import soundfile
from mutagen.id3 import TALB, TIT2, TPE1

from recsys.audio.content_hash import hash_audio
from recsys.audio.identity import identify
from recsys.audio.tags import read_tags
from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import Analysis, AnalysisResult, FileStat, GenrePrediction, IngestRecord, Key, Tempo
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION

ROOT = Path(__file__).resolve().parents[1]
SR = 22050
KINDS = {
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "wav": ("WAV", "PCM_16"),
}
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
        tags = {path: read_tags(path) for path in files}
        start = time.monotonic()
        run_genre(home, "tag", "--write", "--key").communicate()
        duration = time.monotonic() - start
        check(home, music, files, hashes)
        print(f"without a kill: {len(files)} files in {duration:.1f} s", flush=True)
        run_genre(home, "undo").communicate()
        kills = partial = 0
        for round_ in range(4 * arguments.kills):
            if kills >= arguments.kills:
                break
            written = check(home, music, files, hashes)
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
                partial += 0 < len(check(home, music, files, hashes)) < len(files)
        while check(home, music, files, hashes):
            run_genre(home, "undo").communicate()
        if any(read_tags(path) != tags[path] for path in files):
            raise SystemExit("a file does not have its original tags")
    print(f"{kills} kills, {partial} of them between the first and the last file; files complete, journal right")
    return 0


def make_library(home: Path, music: Path, n: int) -> list[Path]:
    """Make files of one second in several containers, and a library in which they are analysed."""
    rng = np.random.default_rng(0)
    music.mkdir()
    entries = []
    for i in range(n):
        kind = list(KINDS)[i % len(KINDS)]
        path = music / f"{i:04}.{kind}"
        container, subtype = KINDS[kind]
        soundfile.write(path, 0.2 * rng.standard_normal(SR), SR, format=container, subtype=subtype)
        tags = mutagen.File(path)
        if tags.tags is None:
            tags.add_tags()
        for frame, name in ((TIT2, "title"), (TPE1, "artist"), (TALB, "album")):
            value = f"{name} {i}"
            if kind in ("mp3", "wav"):
                tags.tags.add(frame(encoding=3, text=[value]))
            else:
                tags[name] = value
        tags.save()
        entries.append(IngestRecord(_stat(path), identify(path), _analysis_result(rng)))
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(entries)
    return sorted(music.iterdir())


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


def check(home: Path, music: Path, files: list[Path], hashes: dict[Path, str]) -> list[Path]:
    """The files with new tags. Exits if a file is damaged, or if the journal lists other files."""
    present = [path for path in music.iterdir() if not path.name.startswith(".recsys-")]
    if sorted(present) != files:
        raise SystemExit("the folder has other files than before")
    new = [path for path in files if read_tags(path).genre == GENRE]
    for path in files:
        if hash_audio(path) != hashes[path]:
            raise SystemExit(f"the audio of {path} has changed")
        if read_tags(path).genre not in (GENRE, None):
            raise SystemExit(f"{path} has neither its old nor its new genre")
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
