"""A picture of one recording: waveform, mel spectrogram, chromagram, MFCC, and tempogram with beats and key.

Frames of 512 samples are described one by one however long the recording is, and neighbours are averaged until there
are no more columns than a picture can show.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.plots.style import printable_text, theme, write_figure

HOP, N_FFT = 512, 2048
_COLUMNS = 1200
_BLOCK = 4096  # frames transformed at a time: bounds the memory
_PATCH = 384  # frames, 9 s, whose autocorrelation is a column of the tempogram
_FINER = 4  # lags a frame: at 120 BPM a whole frame is 5 BPM
TEMPO_RANGE = np.geomspace(30, 300, 240)  # BPM, the rows of the tempogram
_TUNED_BY = 60  # seconds by which the tuning of the chromagram is found
_MAX_BEATS = 400  # that can be told apart
_MAX_TITLE_LENGTH = 75  # letters of a title
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)  # seconds between marks of time


class Recording(NamedTuple):
    """What is drawn: mono samples (n,) at ``sr`` Hz, tempo in BPM (0: none), key ("A minor"), a title, and where in its
    file it starts."""

    y: FloatArray
    sr: int
    bpm: float
    key: str
    title: str
    start: float = 0.0


class RecordingFeatures(NamedTuple):
    """Pictures of a sound, a column for some frames each, and its onset strength frame by frame (t,).

    ``mel`` (128, c) in dB below the loudest, ``chroma`` (12, c) from 0 to 1, ``mfcc`` (19, c) in deviations from the
    mean, ``tempogram`` (240, c) autocorrelations.
    """

    mel: FloatArray
    chroma: FloatArray
    mfcc: FloatArray
    tempogram: DoubleArray
    onset: FloatArray


def plot_recording(recording: Recording, path: Path, *, dark: bool = False) -> None:
    """Draw a recording into a PNG, SVG or PDF file, as the suffix says.

    Raises
    ------
    InvalidRequest
        The suffix names another format, or the file cannot be written.
    """
    write_figure(lambda: draw_recording(recording, dark=dark), path, dark=dark, texts=[recording.title])


def compute_features(recording: Recording) -> RecordingFeatures:
    """The pictures."""
    librosa = _librosa()
    y, sr = recording.y, recording.sr
    tuning = librosa.estimate_tuning(y=y[: _TUNED_BY * sr], sr=sr)
    banks = [
        librosa.filters.mel(sr=sr, n_fft=N_FFT, n_mels=128),
        librosa.filters.chroma(sr=sr, n_fft=N_FFT, tuning=tuning),
    ]
    padded, count = np.pad(y, N_FFT // 2), 1 + len(y) // HOP
    parts = []
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        piece = padded[first * HOP : (last - 1) * HOP + N_FFT]
        power = np.abs(librosa.stft(piece, n_fft=N_FFT, hop_length=HOP, center=False)) ** 2
        parts.append([bank @ power for bank in banks])
    mel, chroma = (np.concatenate(rows, axis=1) for rows in zip(*parts, strict=True))
    level = librosa.power_to_db(mel)
    onset = librosa.onset.onset_strength(S=level, sr=sr)
    mfcc = librosa.feature.mfcc(S=level, n_mfcc=20)[1:]
    chroma, mfcc = _columns(chroma / np.maximum(chroma.max(axis=0), 1e-9)), _columns(mfcc)
    return RecordingFeatures(
        librosa.power_to_db(_columns(mel), ref=np.max),
        chroma,
        (mfcc - mfcc.mean(axis=1, keepdims=True)) / np.maximum(mfcc.std(axis=1, keepdims=True), 1e-6),
        tempogram(onset, sr / HOP),
        onset,
    )


def tempogram(onset: FloatArray, rate: float) -> DoubleArray:
    """How well the onsets (t,), ``rate`` a second, of nine seconds repeat at each of 240 tempi, (240, c).

    The row of a tempo is read between the lags on both sides of its period.
    """
    centres = np.linspace(0, len(onset) - 1, min(len(onset), _COLUMNS)).astype(int)
    patches = np.lib.stride_tricks.sliding_window_view(np.pad(onset.astype(float), _PATCH // 2), _PATCH)[centres]
    window = np.hanning(_PATCH)
    means = patches @ window / window.sum()  # without it what never rests is bright at every tempo
    spectrum = np.fft.rfft((patches - means[:, None]) * window, 2 * _PATCH)
    lags = np.fft.irfft(np.abs(spectrum) ** 2, 2 * _PATCH * _FINER)[:, : _PATCH * _FINER]
    lags /= np.maximum(lags[:, :1], 1e-9)
    periods = 60 * rate / TEMPO_RANGE * _FINER
    return np.stack([np.interp(periods, np.arange(lags.shape[1]), row) for row in lags], axis=1)


def _columns(rows: FloatArray) -> FloatArray:
    """The mean (d, c) of neighbouring frames (d, t): at most as many as a picture shows."""
    count = rows.shape[1]
    starts = np.linspace(0, count, min(count, _COLUMNS), endpoint=False).astype(int)
    means: FloatArray = (np.add.reduceat(rows, starts, axis=1) / np.diff([*starts, count])).astype(np.float32)
    return means


def draw_recording(recording: Recording, *, dark: bool = False) -> Any:
    """The figure, which belongs to no window."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    seen, colours = compute_features(recording), theme(dark)
    seconds = (recording.start, recording.start + len(recording.y) / recording.sr)
    ends = ("#5aa9ff", "#ff7a5c") if dark else ("#2a6fbb", "#c8442e")
    around = LinearSegmentedColormap.from_list("around", [ends[0], colours.background, ends[1]])
    figure: Any = Figure(figsize=(13, 15), layout="constrained")
    axes = figure.subplots(5, 1, sharex=True, height_ratios=(1, 1.6, 1.2, 1.2, 1.6))

    def show(
        place: int, rows: Any, label: str, low: float, high: float, colourmap: Any, bar: str, **scale: Any
    ) -> None:
        extent = (*seconds, low, high)
        image = axes[place].imshow(
            rows, origin="lower", aspect="auto", interpolation="nearest", extent=extent, cmap=colourmap, **scale
        )
        figure.colorbar(image, ax=axes[place], pad=0.01, aspect=25, label=bar)
        axes[place].set_ylabel(label)

    _draw_wave(axes[0], recording, colours.accent)
    show(1, seen.mel, "Hz", -0.5, 127.5, "magma", "dB")
    axes[1].set_title("Mel spectrogram, 128 bands, dB below the loudest")
    hertz = [256, 512, 1024, 2048, 4096, 8192]
    bands = _librosa().mel_frequencies(130, fmax=recording.sr / 2)[1:-1]
    axes[1].set_yticks(np.interp(hertz, bands, np.arange(128)), map(str, hertz))
    show(2, seen.chroma, "pitch class", -0.5, 11.5, "viridis", "strength", vmin=0, vmax=1)
    axes[2].set_yticks([0, 2, 4, 5, 7, 9, 11], list("CDEFGAB"))
    axes[2].set_title(f"Chromagram; key: {recording.key}")
    show(3, seen.mfcc, "coefficient", 0.5, 19.5, around, "deviations", vmin=-3, vmax=3)
    axes[3].set_yticks([1, 5, 10, 15, 19])
    axes[3].set_title("MFCC 1 to 19, each in standard deviations from its mean (0, the loudness, is left out)")
    low, high = (float(octave) for octave in np.log2(TEMPO_RANGE[[0, -1]]))
    show(4, seen.tempogram, "BPM", low, high, "magma", "autocorrelation", vmin=0, vmax=max(seen.tempogram.max(), 0.1))
    tempi = [30, 40, 60, 80, 100, 120, 160, 200, 240]
    axes[4].set_yticks(np.log2(tempi), map(str, tempi))
    _draw_beats(axes[4], recording, seen.onset)
    _mark_time(axes[4], *seconds)
    for one in axes:
        one.label_outer()
    figure.suptitle(printable_text(recording.title, _MAX_TITLE_LENGTH), fontsize=16)
    return figure


def _draw_wave(axes: Any, recording: Recording, colour: str) -> None:
    """The lowest and the highest sample of each column."""
    starts = np.linspace(0, len(recording.y), min(len(recording.y), 2 * _COLUMNS), endpoint=False).astype(int)
    low, high = np.minimum.reduceat(recording.y, starts), np.maximum.reduceat(recording.y, starts)
    axes.fill_between(recording.start + starts / recording.sr, low, high, color=colour, linewidth=0.5, rasterized=True)
    axes.set(ylabel="amplitude", title="Waveform")


def _draw_beats(axes: Any, recording: Recording, onset: FloatArray) -> None:
    """The tempo as a line and the beats as ticks, where there is a pulse."""
    if not recording.bpm:
        axes.set_title("Tempogram; no pulse found")
        return
    librosa = _librosa()
    _, beats = librosa.beat.beat_track(onset_envelope=onset, sr=recording.sr, hop_length=HOP, bpm=recording.bpm)
    times = recording.start + librosa.frames_to_time(beats, sr=recording.sr, hop_length=HOP)
    axes.axhline(
        np.log2(recording.bpm), color="#5ad1ff", linestyle="--", linewidth=1.5, label=f"{recording.bpm:.1f} BPM"
    )
    if len(times) <= _MAX_BEATS:
        axes.vlines(times, 0, 0.06, transform=axes.get_xaxis_transform(), color="#7dff9b", linewidth=1, label="beats")
    axes.legend(loc="upper right", facecolor="black", framealpha=0.7, labelcolor="white")
    axes.set_title(f"Tempogram; tempo: {recording.bpm:.1f} BPM; key: {recording.key}")


def _mark_time(axes: Any, first: float, last: float) -> None:
    """Some marks at round times, as a player shows them."""
    step = next((step for step in _STEPS if (last - first) / step <= 12), _STEPS[-1])
    marks = np.arange(np.ceil(first / step - 0.05), np.floor(last / step + 0.05) + 1) * step
    minutes = [f"{int(mark + 1e-6) // 60}:{mark % 60:02.0f}" for mark in np.round(marks, 3)]
    axes.set_xticks(np.clip(marks, first, last), minutes if step >= 1 else [f"{mark:.1f}" for mark in marks])
    axes.set(xlim=(first, last), xlabel="time" if step >= 1 else "seconds")


def _librosa() -> Any:
    """librosa, which is slow to import and has no types that mypy can use."""
    from importlib import import_module

    return import_module("librosa")
