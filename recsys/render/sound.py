"""A picture of one recording: waveform, mel spectrogram, chromagram, MFCC, and tempogram with beats and key."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recsys.errors import UsageError
from recsys.render.files import replacing
from recsys.types import FloatArray

FORMATS = ("png", "svg", "pdf")
HOP = 512  # samples; longer for long recordings, so that a picture has no more columns than it can show
_COLUMNS = 6000  # frames at most
_DPI = 110


class Sound(NamedTuple):
    """What is drawn: mono samples (n,) at ``sr`` Hz, tempo in BPM (0: none), key ("A minor"), and a title."""

    y: FloatArray
    sr: int
    bpm: float
    key: str
    title: str


def plot_sound(sound: Sound, path: Path, *, dark: bool = False) -> None:
    """Draw a recording into a PNG, SVG or PDF file, as the suffix says.

    Raises
    ------
    UsageError
        The suffix names another format, or the file cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    check_format(path)
    from matplotlib.style import context

    with context("dark_background" if dark else "default"):
        figure = draw_sound(sound, dark=dark)
        try:
            with replacing(path) as file:
                figure.savefig(file, format=kind, dpi=_DPI)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}; choose another place") from error


def check_format(path: Path) -> None:
    """Raises UsageError where the suffix is of no format of :data:`FORMATS`."""
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise UsageError(f"a picture is a .png, .svg or .pdf file, not {path.name!r}")


def draw_sound(sound: Sound, *, dark: bool = False) -> Any:
    """The figure, which belongs to no window."""
    from matplotlib.figure import Figure

    librosa, display = _librosa()
    y, sr = sound.y, sound.sr
    hop = HOP * -(-len(y) // (HOP * _COLUMNS))
    power = np.abs(librosa.stft(y, n_fft=2048, hop_length=hop)) ** 2
    mel = librosa.feature.melspectrogram(S=power, sr=sr, n_mels=128)
    mel_db = librosa.power_to_db(mel, ref=np.max)
    chroma = librosa.feature.chroma_stft(S=power, sr=sr)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20)
    onset = librosa.onset.onset_strength(S=librosa.power_to_db(mel), sr=sr)
    tempogram = librosa.feature.tempogram(onset_envelope=onset, sr=sr, hop_length=hop)
    figure: Any = Figure(figsize=(13, 15), layout="constrained")
    axes = figure.subplots(5, 1, sharex=True, height_ratios=(1, 1.6, 1.2, 1.2, 1.6))
    place: dict[str, Any] = {"sr": sr, "hop_length": hop, "x_axis": "time"}
    line = "#7fb2ff" if dark else "#2f5f9e"
    display.waveshow(y, sr=sr, ax=axes[0], color=line, axis="time")
    axes[0].set(ylabel="amplitude", title="Waveform")
    bar: dict[str, Any] = {"pad": 0.01, "aspect": 25}
    image = display.specshow(mel_db, y_axis="mel", ax=axes[1], cmap="magma", **place)
    figure.colorbar(image, ax=axes[1], format="%+.0f dB", **bar)
    axes[1].set(title="Mel spectrogram, 128 bands, dB below the loudest", ylabel="Hz")
    image = display.specshow(chroma, y_axis="chroma", ax=axes[2], cmap="viridis", vmin=0, vmax=1, **place)
    figure.colorbar(image, ax=axes[2], **bar)
    axes[2].set(title=f"Chromagram; key: {sound.key}", ylabel="pitch class")
    deviations = (mfcc - mfcc.mean(axis=1, keepdims=True)) / np.maximum(mfcc.std(axis=1, keepdims=True), 1e-6)
    image = display.specshow(deviations[1:], ax=axes[3], cmap="RdBu_r", vmin=-3, vmax=3, **place)
    figure.colorbar(image, ax=axes[3], **bar)
    axes[3].set(
        title="MFCC 1 to 19, each in standard deviations from its mean (0, the loudness, is left out)",
        ylabel="coefficient",
    )
    axes[3].set_yticks([0.0, 4.0, 9.0, 14.0, 18.0], ["1", "5", "10", "15", "19"])
    image = display.specshow(tempogram, y_axis="tempo", ax=axes[4], cmap="magma", **place)
    figure.colorbar(image, ax=axes[4], **bar)
    _draw_beats(axes[4], sound, onset, hop)
    axes[4].set(ylabel="BPM", xlabel="time")
    for one in axes[:4]:
        one.set_xlabel("")
        one.label_outer()
    figure.suptitle(sound.title, fontsize=15)
    return figure


def _draw_beats(axes: Any, sound: Sound, onset: FloatArray, hop: int) -> None:
    """The tempo as a line and the beats as ticks, where there is a pulse."""
    if not sound.bpm:
        axes.set_title("Tempogram; no pulse found")
        return
    librosa, _ = _librosa()
    _, beats = librosa.beat.beat_track(onset_envelope=onset, sr=sound.sr, hop_length=hop, bpm=sound.bpm)
    times = librosa.frames_to_time(beats, sr=sound.sr, hop_length=hop)
    axes.axhline(sound.bpm, color="#5ad1ff", linestyle="--", linewidth=1.5, label=f"{sound.bpm:.1f} BPM")
    axes.vlines(times, 0, 0.06, transform=axes.get_xaxis_transform(), color="#7dff9b", linewidth=1, label="beats")
    axes.legend(loc="upper right", facecolor="black", framealpha=0.7, labelcolor="white")
    axes.set_title(f"Tempogram; tempo: {sound.bpm:.1f} BPM; key: {sound.key}")


def _librosa() -> tuple[Any, Any]:
    """librosa and its display, which are slow to import and have no types that mypy can use."""
    from importlib import import_module

    return import_module("librosa"), import_module("librosa.display")
