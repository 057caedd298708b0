"""A plot of one recording: waveform, mel spectrogram, chromagram, MFCC, and tempogram with beats and key.

Features are computed for frames with a hop of 512 samples, whatever the duration; adjacent frames are averaged down to
the number of columns that a picture can show.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.keys import key_with_code
from recsys.plots.style import printable_text, theme, write_figure

HOP, N_FFT = 512, 2048
_COLUMNS = 1200
_BLOCK = 4096  # frames per Fourier transform: limits the memory
_PATCH = 384  # frames (9 s) of the autocorrelation in a column of the tempogram
_LAGS_PER_FRAME = 4  # at 120 BPM a lag of one frame is 5 BPM
TEMPO_RANGE = np.geomspace(30, 300, 240)  # BPM, the rows of the tempogram
_TUNING_SECONDS = 60  # from which the tuning of the chromagram is estimated
_MAX_BEATS = 400  # more cannot be distinguished: of a long recording every 2nd, 4th … is drawn
_MAX_TITLE_LENGTH = 75  # characters
_TICK_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)  # seconds between ticks of the time axis


class Recording(NamedTuple):
    """The data of the plot.

    Parameters
    ----------
    y : (n,)
        Mono samples.
    sr : int
        Sample rate in Hz.
    bpm : float
        Tempo; 0 if there is no pulse.
    key : str
        Such as "A minor".
    title : str
    start : float
        Seconds in the file at which ``y`` begins.
    """

    y: FloatArray
    sr: int
    bpm: float
    key: str
    title: str
    start: float = 0.0


class RecordingFeatures(NamedTuple):
    """The features in the plot, averaged to c columns, and the onset strength of every frame.

    Parameters
    ----------
    mel : (128, c)
        dB below the maximum.
    chroma : (12, c)
        From 0 to 1.
    mfcc : (19, c)
        Standard deviations from the mean.
    tempogram : (240, c)
        Autocorrelation at each tempo of :data:`TEMPO_RANGE`.
    onset : (t,)
    """

    mel: FloatArray
    chroma: FloatArray
    mfcc: FloatArray
    tempogram: DoubleArray
    onset: FloatArray


def plot_recording(recording: Recording, path: Path, *, dark: bool = False) -> None:
    """Write the plot of a recording to a PNG, SVG or PDF file, by its suffix.

    Raises
    ------
    InvalidRequest
        If the suffix is another, or the file cannot be written.
    """
    write_figure(lambda: draw_recording(recording, dark=dark), path, dark=dark, texts=[recording.title])


def compute_features(recording: Recording) -> RecordingFeatures:
    """Compute the features of the plot."""
    librosa = _librosa()
    y, sr = recording.y, recording.sr
    tuning = librosa.estimate_tuning(y=y[: _TUNING_SECONDS * sr], sr=sr)
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
    """Autocorrelation of the onset strength in windows of nine seconds, at each tempo of :data:`TEMPO_RANGE`.

    Interpolated between the lags on both sides of the period of a tempo.

    Parameters
    ----------
    onset : (t,)
        Onset strength.
    rate : float
        Frames per second.

    Returns
    -------
    (240, c)
    """
    centres = np.linspace(0, len(onset) - 1, min(len(onset), _COLUMNS)).astype(int)
    patches = np.lib.stride_tricks.sliding_window_view(np.pad(onset.astype(float), _PATCH // 2), _PATCH)[centres]
    window = np.hanning(_PATCH)
    means = patches @ window / window.sum()  # not subtracted, it would raise the autocorrelation at every tempo
    spectrum = np.fft.rfft((patches - means[:, None]) * window, 2 * _PATCH)
    lags = np.fft.irfft(np.abs(spectrum) ** 2, 2 * _PATCH * _LAGS_PER_FRAME)[:, : _PATCH * _LAGS_PER_FRAME]
    lags /= np.maximum(lags[:, :1], 1e-9)
    periods = 60 * rate / TEMPO_RANGE * _LAGS_PER_FRAME
    return np.stack([np.interp(periods, np.arange(lags.shape[1]), row) for row in lags], axis=1)


def _columns(rows: FloatArray) -> FloatArray:
    """The means (d, c) of adjacent frames (d, t), c at most :data:`_COLUMNS`."""
    count = rows.shape[1]
    starts = np.linspace(0, count, min(count, _COLUMNS), endpoint=False).astype(int)
    means: FloatArray = (np.add.reduceat(rows, starts, axis=1) / np.diff([*starts, count])).astype(np.float32)
    return means


def draw_recording(recording: Recording, *, dark: bool = False) -> Any:
    """The matplotlib figure of a recording."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    features, colours = compute_features(recording), theme(dark)
    seconds = (recording.start, recording.start + len(recording.y) / recording.sr)
    ends = ("#5aa9ff", "#ff7a5c") if dark else ("#2a6fbb", "#c8442e")
    diverging = LinearSegmentedColormap.from_list("diverging", [ends[0], colours.background, ends[1]])
    figure: Any = Figure(figsize=(13, 15), layout="constrained")
    axes = figure.subplots(5, 1, sharex=True, height_ratios=(1, 1.6, 1.2, 1.2, 1.6))

    def show(
        row: int, values: Any, label: str, low: float, high: float, colourmap: Any, unit: str, **scale: Any
    ) -> None:
        extent = (*seconds, low, high)
        image = axes[row].imshow(
            values, origin="lower", aspect="auto", interpolation="nearest", extent=extent, cmap=colourmap, **scale
        )
        figure.colorbar(image, ax=axes[row], pad=0.01, aspect=25, label=unit)
        axes[row].set_ylabel(label)

    _draw_waveform(axes[0], recording, colours.accent)
    show(1, features.mel, "Hz", -0.5, 127.5, "magma", "dB")
    axes[1].set_title("Mel spectrogram, 128 bands, dB below the maximum")
    hertz = [256, 512, 1024, 2048, 4096, 8192]
    bands = _librosa().mel_frequencies(130, fmax=recording.sr / 2)[1:-1]
    axes[1].set_yticks(np.interp(hertz, bands, np.arange(128)), map(str, hertz))
    show(2, features.chroma, "pitch class", -0.5, 11.5, "viridis", "strength", vmin=0, vmax=1)
    axes[2].set_yticks([0, 2, 4, 5, 7, 9, 11], list("CDEFGAB"))
    axes[2].set_title(f"Chromagram; key: {key_with_code(recording.key)}")
    show(3, features.mfcc, "coefficient", 0.5, 19.5, diverging, "deviations", vmin=-3, vmax=3)
    axes[3].set_yticks([1, 5, 10, 15, 19])
    axes[3].set_title("MFCC 1 to 19, in standard deviations from their means (MFCC 0, the loudness, is left out)")
    low, high = (float(octave) for octave in np.log2(TEMPO_RANGE[[0, -1]]))
    show(
        4,
        features.tempogram,
        "BPM",
        low,
        high,
        "magma",
        "autocorrelation",
        vmin=0,
        vmax=max(features.tempogram.max(), 0.1),
    )
    tempi = [30, 40, 60, 80, 100, 120, 160, 200, 240]
    axes[4].set_yticks(np.log2(tempi), map(str, tempi))
    _draw_beats(axes[4], recording, features.onset)
    _set_time_ticks(axes[4], *seconds)
    for each in axes:
        each.label_outer()
    figure.suptitle(printable_text(recording.title, _MAX_TITLE_LENGTH), fontsize=16)
    return figure


def _draw_waveform(axes: Any, recording: Recording, colour: str) -> None:
    """Fill between the lowest and the highest sample of each column."""
    starts = np.linspace(0, len(recording.y), min(len(recording.y), 2 * _COLUMNS), endpoint=False).astype(int)
    low, high = np.minimum.reduceat(recording.y, starts), np.maximum.reduceat(recording.y, starts)
    axes.fill_between(recording.start + starts / recording.sr, low, high, color=colour, linewidth=0.5, rasterized=True)
    axes.set(ylabel="amplitude", title="Waveform")


def _draw_beats(axes: Any, recording: Recording, onset: FloatArray) -> None:
    """Draw the tempo as a line and the beats as ticks, if there is a pulse."""
    if not recording.bpm:
        axes.set_title("Tempogram; no pulse found")
        return
    librosa = _librosa()
    _, beats = librosa.beat.beat_track(onset_envelope=onset, sr=recording.sr, hop_length=HOP, bpm=recording.bpm)
    times = recording.start + librosa.frames_to_time(beats, sr=recording.sr, hop_length=HOP)
    axes.axhline(
        np.log2(recording.bpm), color="#5ad1ff", linestyle="--", linewidth=1.5, label=f"{recording.bpm:.1f} BPM"
    )
    step = 1
    while len(times) > step * _MAX_BEATS:
        step *= 2
    label = "beats" if step == 1 else f"every {step}{'nd' if step == 2 else 'th'} beat"
    axes.vlines(times[::step], 0, 0.06, transform=axes.get_xaxis_transform(), color="#7dff9b", linewidth=1, label=label)
    axes.legend(loc="upper right", facecolor="black", framealpha=0.7, labelcolor="white")
    axes.set_title(f"Tempogram; tempo: {recording.bpm:.1f} BPM; key: {key_with_code(recording.key)}")


def _set_time_ticks(axes: Any, first: float, last: float) -> None:
    """Set ticks at round times, as minutes and seconds."""
    step = next((step for step in _TICK_STEPS if (last - first) / step <= 12), _TICK_STEPS[-1])
    marks = np.arange(np.ceil(first / step - 0.05), np.floor(last / step + 0.05) + 1) * step
    minutes = [f"{int(mark + 1e-6) // 60}:{mark % 60:02.0f}" for mark in np.round(marks, 3)]
    axes.set_xticks(np.clip(marks, first, last), minutes if step >= 1 else [f"{mark:.1f}" for mark in marks])
    axes.set(xlim=(first, last), xlabel="time" if step >= 1 else "seconds")


def _librosa() -> Any:
    """librosa, which is slow to import and has no types that mypy can use."""
    from importlib import import_module

    return import_module("librosa")
