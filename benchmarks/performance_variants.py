#!/usr/bin/env python3
"""Variants of recordings, analysed: what is the same performance in another file, and what is another performance.

    benchmarks/performance_variants.py songs FOLDER CACHE [--tracks 60] [--variants 8] [--seed 0]
    benchmarks/performance_variants.py midi FOLDER CACHE --soundfonts A.sf2 B.sf2 [--tracks 60] [--piano]

``songs`` takes songs from a folder and makes variants with the ffmpeg program. The same performance: other codecs, bit
rates, sample rates, channels, gain, silence around the music, music cut off at the ends, fades, and combinations. Other
performances: tempo and pitch changed, together or alone, reverberation, the centre removed, a part repeated. ``midi``
renders MIDI files with fluidsynth: other pieces on the same instrument, and the same piece on other instruments or at
another tempo; with ``--piano`` every part is played by the piano. The features of each file go to CACHE, a folder of
.npz files, one for each song, which benchmarks/performances.py scores. An interrupted run continues where it stopped.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

for thread_variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[thread_variable] = "1"

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.audio.coherence import align
from recsys.audio.excerpts import read_excerpts
from recsys.audio.identity import identify
from recsys.domain.audio import FileStat
from recsys.errors import AudioError
from recsys.features.analysis import analyse
from recsys.ingest.scan import scan

SHORTEST, LONGEST = 7.0, 480.0  # seconds of a song
CODECS: dict[str, tuple[str, tuple[str, ...]]] = {  # suffix and options
    "mp3 64": ("mp3", ("-c:a", "libmp3lame", "-b:a", "64k")),
    "mp3 128": ("mp3", ("-c:a", "libmp3lame", "-b:a", "128k")),
    "mp3 V2": ("mp3", ("-c:a", "libmp3lame", "-q:a", "2")),
    "mp3 320": ("mp3", ("-c:a", "libmp3lame", "-b:a", "320k")),
    "ogg q0": ("ogg", ("-c:a", "libvorbis", "-q:a", "0")),
    "ogg q4": ("ogg", ("-c:a", "libvorbis", "-q:a", "4")),
    "ogg q8": ("ogg", ("-c:a", "libvorbis", "-q:a", "8")),
    "opus 48": ("opus", ("-c:a", "libopus", "-b:a", "48k")),
    "opus 96": ("opus", ("-c:a", "libopus", "-b:a", "96k")),
    "opus 128": ("opus", ("-c:a", "libopus", "-b:a", "128k")),
    "aac 64": ("m4a", ("-c:a", "aac", "-b:a", "64k")),
    "aac 160": ("m4a", ("-c:a", "aac", "-b:a", "160k")),
    "flac": ("flac", ("-c:a", "flac")),
    "16 kHz": ("flac", ("-c:a", "flac", "-ar", "16000")),
    "22 kHz": ("flac", ("-c:a", "flac", "-ar", "22050")),
    "32 kHz": ("wav", ("-c:a", "pcm_s16le", "-ar", "32000")),
    "44 kHz": ("wav", ("-c:a", "pcm_f32le", "-ar", "44100")),
    "48 kHz": ("wav", ("-c:a", "pcm_s24le", "-ar", "48000")),
    "mono": ("flac", ("-c:a", "flac", "-ac", "1")),
    "stereo": ("mp3", ("-c:a", "libmp3lame", "-b:a", "192k", "-ac", "2")),
}
FLOAT = "44 kHz"  # a louder signal is not clipped
SAME = ("codec", "trim", "trim 3", "trim 10", "silence", "gain", "fade", "mixed", "mixed")
OTHER = (
    *(f"tempo {percent:+d}%" for percent in (-5, -3, -2, -1, 1, 2, 3, 5)),
    *(f"pitch {semitones:+g}" for semitones in (-2, -1, -0.5, 0.5, 1, 2)),
    *(f"speed {percent:+d}%" for percent in (-4, -2, -1, 1, 2, 4)),
    "reverb", "hall", "karaoke", "loop", "tempo +2% mp3", "pitch +1 mp3", "tempo -1% trim", "pitch +0.5 trim",
    "karaoke trim", "reverb trim",
)  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """One file: its kind, whether it is the same performance, the filters of ffmpeg, and the codec."""

    kind: str
    same: bool
    filters: str
    codec: str
    detail: str = ""


def same_variant(kind: str, rng: random.Random, duration: float) -> Variant:
    """A variant that is the same performance; details are chosen at random."""
    filters: list[str] = []
    codec = rng.choice(list(CODECS)) if kind in ("codec", "mixed") else rng.choice(["flac", "mp3 V2", "ogg q4"])
    mixed = kind == "mixed"
    if kind.startswith("trim") or (mixed and rng.random() < 0.6):
        most = {"trim 3": 3.0, "trim 10": 10.0}.get(kind, rng.choice([0.5, 1.0, 2.0, 3.0, 5.0]))
        most = min(most, 0.15 * duration)
        start, end = rng.choice([(most, 0.0), (0.0, most), (most, most), (most, most / 2), (most / 2, most)])
        filters.append(f"atrim=start={start:.3f}:end={duration - end:.3f},asetpts=PTS-STARTPTS")
    if kind == "fade" or (mixed and rng.random() < 0.2):
        length = min(rng.choice([3.0, 5.0, 8.0]), 0.15 * duration)
        filters.append(f"areverse,afade=t=in:d={length:.3f},areverse")
    if kind == "gain" or (mixed and rng.random() < 0.5):
        decibels = rng.choice([-6, -3, 3, 6])
        codec = FLOAT if decibels > 0 else codec
        filters.append(f"volume={decibels}dB")
    if kind == "silence" or (mixed and rng.random() < 0.5):
        before, after = rng.choice([(0.5, 0), (0, 3), (4, 4), (10, 0), (0, 10), (2, 7)])
        filters.append(f"adelay={int(before * 1000)}:all=1,apad=pad_dur={after}")
    return Variant(kind, True, ",".join(filters), codec)


def cut_variant(rng: random.Random, duration: float) -> Variant:
    """Music cut off by up to 10 s at each end, and not encoded again, which is fast."""
    most = min(10.0, 0.15 * duration)
    start, end = (rng.choice([0.0, rng.uniform(0.2, 3.0), rng.uniform(0.2, most)]) for _ in range(2))
    filters = f"atrim=start={start:.3f}:end={duration - end:.3f},asetpts=PTS-STARTPTS"
    return Variant("cut", True, filters, FLOAT)


def other_variant(kind: str, rng: random.Random, duration: float, rate: int) -> Variant:
    """A variant that is another performance."""
    name, _, amount = kind.partition(" ")
    codec = "mp3 128" if kind.endswith("mp3") else rng.choice(["flac", "mp3 V2", "ogg q4"])
    amount = amount.split(" ")[0]
    if name == "tempo":
        factor = 1 + float(amount.rstrip("%")) / 100
        filters = rng.choice([f"atempo={factor}", f"rubberband=tempo={factor}"])
    elif name == "pitch":
        filters = f"rubberband=pitch={2 ** (float(amount) / 12):.6f}"
    elif name == "speed":
        factor = 1 + float(amount.rstrip("%")) / 100
        filters = f"asetrate={round(rate * factor)},aresample={rate}"
    elif name == "reverb":
        filters = "aecho=0.8:0.7:23|37|61|97:0.35|0.3|0.25|0.2"
    elif name == "hall":
        filters = "apad=pad_dur=4,aecho=0.8:0.8:61|131|277|531|1013:0.5|0.45|0.4|0.35|0.3"
    elif name == "karaoke":
        filters = "pan=stereo|c0=c0-0.9*c1|c1=c1-0.9*c0"
    else:
        at, length = 0.4 * duration, max(2.0, 0.1 * duration)
        start, stop = round(at * rate), round((at + length) * rate)
        filters = f"aloop=loop=1:size={stop - start}:start={start}"
    if kind.endswith("trim"):
        filters += f",atrim=start={min(2.0, 0.1 * duration):.3f},asetpts=PTS-STARTPTS"
    return Variant(kind, False, filters, codec)


def make(source: Path, target: Path, variant: Variant) -> Path:
    """The file of a variant."""
    suffix, options = CODECS[variant.codec]
    path = target / f"variant.{suffix}"
    filters = ("-af", variant.filters) if variant.filters else ()
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(source), "-vn", "-map_metadata", "-1"]
    subprocess.run([*command, *filters, *options, str(path)], check=True)
    return path


class Analyses:
    """Arrays of the analyses of one song and its variants, for one .npz file."""

    def __init__(self) -> None:
        self._original: Path | None = None
        self.rows: list[dict[str, object]] = []
        self.raw: list[np.ndarray] = []
        self.windows: list[np.ndarray] = []
        self.starts: list[np.ndarray] = []

    def add(self, path: Path, variant: Variant | None) -> None:
        """Analyse a file as an ingest does; the first is the original, with which the audio of others is compared."""
        excerpts = read_excerpts(path)
        found = analyse(excerpts)
        row = (
            asdict(variant) if variant else {"kind": "original", "same": True, "filters": "", "codec": "", "detail": ""}
        )
        row |= {
            "duration": excerpts.info.duration, "bpm": found.tempo.bpm, "key": str(found.key),
            "music_start": excerpts.music_start, "music_end": excerpts.music_end,
            "window_seconds": [w.y.size / excerpts.sr for w in excerpts.windows],
            "coherence": align(self._original, path).coherence if self._original else 1.0,
        }  # fmt: skip
        self._original = self._original or path
        self.rows.append(row)
        self.raw.append(found.vector)
        self.windows.append(found.windows)
        self.starts.append(np.array(found.starts))

    def save(self, path: Path, names: dict[str, str | None]) -> None:
        """Write the arrays; windows of all variants follow one another, ``counts`` has the number of each."""
        partial = path.with_suffix(".part.npz")
        np.savez_compressed(
            partial, rows=np.array([repr(self.rows)]), names=np.array([repr(names)]), raw=np.stack(self.raw),
            windows=np.concatenate(self.windows), starts=np.concatenate(self.starts),
            counts=np.array([len(s) for s in self.starts]),
        )  # fmt: skip
        partial.replace(path)


def songs(arguments: argparse.Namespace) -> None:
    """Variants of songs of a folder."""
    rng = random.Random(arguments.seed)
    files = sorted(found.path for found in scan(arguments.folder, ()) if isinstance(found, FileStat))
    rng.shuffle(files)
    done = 0
    for number, file in enumerate(files):
        target = arguments.cache / f"{number:04d}.npz"
        if done >= arguments.tracks:
            break
        if target.exists():
            done += 1
            continue
        try:
            found = identify(file)
        except AudioError:
            continue
        duration, rate = found.info.duration, found.info.sample_rate
        name = file
        if not SHORTEST <= duration <= LONGEST:
            continue
        own = random.Random(f"{arguments.seed} {number}")
        length = min(duration, arguments.seconds)
        same = [same_variant(kind, own, length) for kind in own.sample(SAME, min(len(SAME), arguments.variants))]
        same += [cut_variant(own, length) for _ in range(arguments.cuts)]
        kinds = [k for k in OTHER if not k.startswith("karaoke") or found.info.channels == 2]
        kinds = own.sample(kinds, min(len(kinds), arguments.variants))
        other = [other_variant(kind, own, length, rate) for kind in kinds]
        analyses = Analyses()
        with tempfile.TemporaryDirectory() as folder:
            try:
                source = Path(folder) / "source.wav"
                command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", file, "-vn", "-c:a", "pcm_s16le"]
                subprocess.run([*command, "-t", str(arguments.seconds), str(source)], check=True)
                if duration > arguments.seconds:
                    file = str(source)
                analyses.add(Path(file), None)
                for variant in (*same, *other):
                    analyses.add(make(source, Path(folder), variant), variant)
            except (AudioError, subprocess.CalledProcessError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
        tags = found.tags
        names = {"path": name, "title": tags.title, "artist": tags.artist, "album": tags.album}
        analyses.save(target, names)
        done += 1
        print(f"{done}: {Path(name).name}, {len(analyses.rows)} files", flush=True)


def piano_only(path: Path, target: Path) -> None:
    """A copy of a MIDI file in which every part is played by the piano; drums are left out."""
    import mido

    score = mido.MidiFile(path, clip=True)
    for track in score.tracks:
        kept, time = [], 0
        for message in track:
            time += message.time
            if not message.is_meta and getattr(message, "channel", None) == 9:
                continue
            program = message.copy(program=0) if message.type == "program_change" else message
            kept.append(program.copy(time=time))
            time = 0
        track[:] = kept
    score.save(target)


def midi(arguments: argparse.Namespace) -> None:
    """Renders of MIDI files: the first soundfont is the original, others and other tempi are other performances."""
    files = sorted(p for p in arguments.folder.rglob("*") if p.suffix.lower() in (".mid", ".midi"))
    random.Random(arguments.seed).shuffle(files)
    for number, file in enumerate(files[: arguments.tracks]):
        target = arguments.cache / f"{number:04d}.npz"
        if target.exists():
            continue
        analyses = Analyses()
        try:
            with tempfile.TemporaryDirectory() as folder:
                score = Path(folder) / "score.mid"
                if arguments.piano:
                    piano_only(file, score)
                else:
                    score.write_bytes(file.read_bytes())
                for i, soundfont in enumerate(arguments.soundfonts):
                    wav, short = Path(folder) / "render.wav", Path(folder) / "short.flac"
                    command = ["fluidsynth", "-ni", "-q", "-g", "0.5", "-r", "44100", "-F", str(wav)]
                    subprocess.run([*command, str(soundfont), str(score)], check=True, timeout=120)
                    cut = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(wav), "-t", str(arguments.seconds)]
                    subprocess.run([*cut, str(short)], check=True)
                    analyses.add(short, None if i == 0 else Variant(f"soundfont {i}", False, "", "flac"))
                    if i == 0:
                        for variant in (
                            Variant("codec", True, "", "mp3 128"),
                            Variant("tempo +2%", False, "rubberband=tempo=1.02", "flac"),
                        ):
                            analyses.add(make(short, Path(folder), variant), variant)
        except (AudioError, subprocess.SubprocessError, OSError, EOFError, ValueError, KeyError) as error:
            print(f"{file}: {type(error).__name__} {error}", file=sys.stderr)
            continue
        analyses.save(target, {"path": str(file), "title": file.stem, "artist": "Pianist", "album": file.parent.name})
        print(f"{number}: {file.name}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["songs", "midi"])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("cache", type=Path, metavar="CACHE")
    parser.add_argument("--tracks", type=int, default=60, metavar="N")
    parser.add_argument("--variants", type=int, default=8, metavar="N", help="of each kind, for each song")
    parser.add_argument("--cuts", type=int, default=0, metavar="N", help="further variants of each song, cut off")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--soundfonts", type=Path, nargs="+", default=[])
    parser.add_argument("--piano", action="store_true", help="every part is played by the piano")
    parser.add_argument("--seconds", type=float, default=300.0, help="longer music is cut")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    (songs if arguments.what == "songs" else midi)(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
