"""The programs that benchmarks/ingest.py compares recsys with, one per process: python ingest_contenders.py NAME FILE…

Run by the interpreter that has the packages of requirements-peers.txt, so it does not import recsys.
"""

import sys
from collections.abc import Callable

Analyse = Callable[[str], object]


def decode() -> Analyse:
    """Only the samples: the whole file, mono at 22,050 Hz, by soundfile and soxr."""
    import soundfile
    import soxr

    def analyse(path: str) -> object:
        y, sr = soundfile.read(path, dtype="float32", always_2d=True)
        return soxr.resample(y.mean(axis=1), sr, 22050)

    return analyse


def librosa() -> Analyse:
    """A simple script with librosa: one call for each descriptor on the whole file, no network."""
    import librosa
    import numpy as np

    def analyse(path: str) -> object:
        y, sr = librosa.load(path, sr=22050)
        mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=20)
        found = [
            mfcc,
            librosa.feature.delta(mfcc),
            librosa.feature.chroma_stft(y=y, sr=sr),
            librosa.feature.tonnetz(y=y, sr=sr),
            librosa.feature.spectral_contrast(y=y, sr=sr),
            librosa.feature.spectral_centroid(y=y, sr=sr),
            librosa.feature.spectral_bandwidth(y=y, sr=sr),
            librosa.feature.spectral_rolloff(y=y, sr=sr),
            librosa.feature.spectral_flatness(y=y),
            librosa.feature.zero_crossing_rate(y),
            librosa.feature.rms(y=y),
        ]
        onset = librosa.onset.onset_strength(y=y, sr=sr)
        found.append(librosa.feature.tempogram(onset_envelope=onset, sr=sr))
        tempo = librosa.feature.tempo(onset_envelope=onset, sr=sr)
        return tempo, np.cov(mfcc), [(frames.mean(axis=1), frames.std(axis=1)) for frames in found]

    return analyse


def sonara_embedding() -> Analyse:
    """The similarity embedding of sonara."""
    import sonara

    return lambda path: sonara.analyze_file(path, features=["embedding"])


def sonara_full() -> Analyse:
    """All features of sonara."""
    import sonara

    return lambda path: sonara.analyze_file(path, mode="full")


def musly() -> Analyse:
    """Timbre of 30 s from the middle, decoded by soundfile and soxr (faster than Musly's own decoder, ffmpeg)."""
    import pymusly
    import soundfile
    import soxr

    jukebox = pymusly.MuslyJukebox(method="timbre")

    def analyse(path: str) -> object:
        with soundfile.SoundFile(path) as file:
            length = min(file.frames, 30 * file.samplerate)
            file.seek((file.frames - length) // 2)
            y = file.read(length, dtype="float32", always_2d=True).mean(axis=1)
            y = soxr.resample(y, file.samplerate, 22050)
        return jukebox.track_from_audiodata(y.tolist())

    return analyse


def essentia() -> Analyse:
    """MusicExtractor with its defaults."""
    import essentia
    from essentia import standard

    essentia.log.infoActive = essentia.log.warningActive = False
    extract = standard.MusicExtractor()
    return lambda path: extract(path)


CONTENDERS = {make.__name__: make for make in (decode, librosa, sonara_embedding, sonara_full, musly, essentia)}

if __name__ == "__main__":
    if sys.argv[1:2] in ([], ["-h"], ["--help"]):
        print(f"{__doc__}\nNAME is one of {', '.join(CONTENDERS)}")
        sys.exit()
    try:
        work = CONTENDERS[sys.argv[1]]()
    except ImportError as error:
        sys.exit(f"{error}")
    for path in sys.argv[2:]:
        work(path)
