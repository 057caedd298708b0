#!/usr/bin/env python3
"""Kill "recsys genre tag --write" and "undo" at random moments, again and again: no file is half, the journal is true.

    python scripts/stress_tagging.py [--files 1000] [--kills 20] [--seed 0]

A library of made-up files in several containers is tagged, and in turns restored, by the real command, which is sent
SIGKILL at a random moment. Then every file must hold its sound and either what it said before or what it should say,
and nothing else may lie beside it; and once recsys has been asked for its runs, the journal must name exactly the
files that say something new. At the end all is taken back, and every file must say what it said in the beginning.
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
        files = make_up(home, music, arguments.files)
        sounds = {path: hash_audio(path) for path in files}
        texts = {path: read_tags(path) for path in files}
        began = time.monotonic()
        command(home, "tag", "--write", "--key").communicate()
        length = time.monotonic() - began
        judge(home, music, files, sounds)
        print(f"undisturbed: {len(files)} files in {length:.1f} s", flush=True)
        command(home, "undo").communicate()
        killed = half = 0
        for round_ in range(4 * arguments.kills):
            if killed >= arguments.kills:
                break
            written = judge(home, music, files, sounds)
            undo = round_ % 2 == 1 and written
            process = command(home, *(("undo",) if undo else ("tag", "--write", "--key")))
            began = time.monotonic()
            try:
                process.communicate(timeout=rng.uniform(0.2, 0.9) * length)
                length = min(length, time.monotonic() - began)  # the machine has become faster: strike sooner
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
                killed += 1
                half += 0 < len(judge(home, music, files, sounds)) < len(files)
        while judge(home, music, files, sounds):
            command(home, "undo").communicate()
        if any(read_tags(path) != texts[path] for path in files):
            raise SystemExit("a file does not say what it said in the beginning")
    print(f"{killed} kills, {half} of them between the first file and the last; every file whole, the journal true")
    return 0


def make_up(home: Path, music: Path, n: int) -> list[Path]:
    """Files of a second in several containers, and a library that has heard them."""
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
        entries.append(IngestRecord(_stat(path), identify(path), _outcome(rng)))
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(entries)
    return sorted(music.iterdir())


def _stat(path: Path) -> FileStat:
    stat = path.stat()
    return FileStat(str(path), stat.st_size, stat.st_mtime_ns)


def _outcome(rng: np.random.Generator) -> AnalysisResult:
    vector = rng.random(len(DIMENSIONS)).astype(np.float32)
    windows = vector[None].astype(np.float16)
    heard = Analysis(FEATURE_VERSION, vector, windows, (0.0,), Tempo(120, 1, 1), Key(9, "minor", 1), -14.0)
    return AnalysisResult(
        heard, vector, GenrePrediction(GENRE.lower(), 0.9, {GENRE.lower(): 0.9, "folk": 0.1}, "made up")
    )


def command(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    """``recsys genre`` on this library."""
    line = [sys.executable, "-m", "recsys", "--home", str(home), "-q", "genre", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)


def judge(home: Path, music: Path, files: list[Path], sounds: dict[Path, str]) -> list[Path]:
    """The files that say something new; the end, if one is damaged or the journal has it otherwise."""
    beside = [path for path in music.iterdir() if not path.name.startswith(".recsys-")]
    if sorted(beside) != files:
        raise SystemExit("files have come or gone")
    new = [path for path in files if read_tags(path).genre == GENRE]
    for path in files:
        if hash_audio(path) != sounds[path]:
            raise SystemExit(f"the sound of {path} has changed")
        if read_tags(path).genre not in (GENRE, None):
            raise SystemExit(f"{path} says neither what it said nor what it should say")
    asked = command(home, "undo", "--list")
    said = asked.communicate()[1]
    if asked.returncode:
        raise SystemExit(said)
    with Catalogue.open(load_settings({}, home=home).database, feature_version=FEATURE_VERSION) as catalogue:
        standing = sorted(Path(entry.path) for entry in catalogue.tag_edits.applied())
    if standing != new:
        raise SystemExit(f"the journal names {len(standing)} files, {len(new)} say something new")
    if left := list(music.glob(".recsys-*")):
        raise SystemExit(f"{left[0]} was left behind")
    return new


if __name__ == "__main__":
    sys.exit(main())
