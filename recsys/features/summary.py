"""From frames to a vector: statistics over time of every frame-wise descriptor, each with a name and a group.

``FRAME_FEATURES`` lists what is computed frame by frame. A family's rows are summarised by their mean and standard
deviation over all frames; the MFCC also by their covariance, which is what lets one recognise a record by its sound
(Mandel & Ellis 2005; Musly), and their deltas by deviation alone, their mean being nil.

Covariances are stored as signed square roots: in the unit of the MFCC itself, they stay within float16, and are far
less heavy-tailed; square them to get the covariance back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.domain.audio import Key
from recsys.features import dynamics, harmony, timbre
from recsys.features.spectrum import Spectrum

Frames = dict[str, FloatArray]

_UPPER = np.triu_indices(timbre.N_MFCC, k=1)


@dataclass(frozen=True, slots=True)
class FrameFeature:
    """Frame-wise descriptors (rows) of one group, and which of mean and std summarise them."""

    name: str
    group: str
    rows: tuple[str, ...]
    statistics: tuple[str, ...] = ("mean", "std")

    @property
    def names(self) -> tuple[str, ...]:
        """One name for each number, statistics outermost: "mfcc_3_mean"."""
        stems = [f"{self.name}_{row}" if row else self.name for row in self.rows]
        return tuple(f"{stem}_{statistic}" for statistic in self.statistics for stem in stems)


def _count(n: int) -> tuple[str, ...]:
    return tuple(str(i) for i in range(n))


FRAME_FEATURES = (
    FrameFeature("mfcc", "timbre", _count(timbre.N_MFCC)),
    FrameFeature("mfcc_delta", "timbre", _count(timbre.N_MFCC), ("std",)),
    FrameFeature("contrast", "timbre", _count(timbre.CONTRAST_BANDS)),
    FrameFeature("centroid", "timbre", ("",)),
    FrameFeature("bandwidth", "timbre", ("",)),
    FrameFeature("rolloff", "timbre", ("",)),
    FrameFeature("flatness", "timbre", ("",)),
    FrameFeature("zero_crossing_rate", "timbre", ("",)),
    FrameFeature("chroma", "harmony", Key.NAMES),
    FrameFeature("tonnetz", "harmony", _count(6)),
    FrameFeature("rms", "dynamics", ("",)),
)
_STATISTICS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "mean": lambda frames: frames.mean(axis=1, dtype=np.float64),
    "std": lambda frames: frames.std(axis=1, dtype=np.float64),
}

COVARIANCE_NAMES = tuple(f"mfcc_cov_{i}_{j}" for i, j in zip(*_UPPER, strict=True))
DYNAMICS_NAMES = ("loudness_lufs", "crest_db", "rms_range_db")
KEY_NAMES = ("key_fifths_cos", "key_fifths_sin", "key_major", "key_confidence")


def frame_features(spectrum: Spectrum) -> Frames:
    """All frame-wise descriptors of one window, by family; each (rows, t)."""
    mfcc = timbre.mfcc(spectrum)
    centroid, bandwidth = timbre.centroid_and_bandwidth(spectrum)
    chroma = harmony.chroma(spectrum)
    return {
        "mfcc": mfcc,
        "mfcc_delta": timbre.delta(mfcc),
        "contrast": timbre.contrast(spectrum),
        "centroid": centroid,
        "bandwidth": bandwidth,
        "rolloff": timbre.rolloff(spectrum),
        "flatness": timbre.flatness(spectrum),
        "zero_crossing_rate": timbre.zero_crossing_rate(spectrum),
        "chroma": chroma,
        "tonnetz": harmony.tonnetz(chroma),
        "rms": dynamics.rms(spectrum),
    }


def concatenate(windows: Sequence[Frames]) -> Frames:
    """The frames of several windows as if they were one."""
    return {family.name: np.concatenate([w[family.name] for w in windows], axis=1) for family in FRAME_FEATURES}


def summarise(frames: Frames) -> dict[str, FloatArray]:
    """Statistics of all families, by group, in the order of their names."""
    groups: dict[str, list[FloatArray]] = {}
    for family in FRAME_FEATURES:
        numbers = [_STATISTICS[statistic](frames[family.name]) for statistic in family.statistics]
        groups.setdefault(family.group, []).extend(numbers)
    groups["timbre"].append(mfcc_covariance(frames["mfcc"]))
    return {group: np.concatenate(parts).astype(np.float32) for group, parts in groups.items()}


def mfcc_covariance(mfcc: FloatArray) -> FloatArray:
    """Signed square roots of the covariances above the diagonal, (190,), in dB; the diagonal is the squared std."""
    covariance = np.cov(mfcc, bias=True)[_UPPER]
    roots: FloatArray = (np.sign(covariance) * np.sqrt(np.abs(covariance))).astype(np.float32)
    return roots


def dynamics_features(frames: Frames, peak: float, loudness: float) -> FloatArray:
    """Loudness in LUFS, crest factor (peak over RMS) in dB, and the range between soft and loud frames in dB."""
    level = np.maximum(frames["rms"][0].astype(np.float64), 1e-5)
    soft, loud = np.percentile(level, [10, 95])
    crest = max(peak, 1e-5) / np.sqrt(np.mean(level**2))
    return np.array([loudness, 20 * np.log10(crest), 20 * np.log10(loud / soft)], dtype=np.float32)


def key_features(key: Key) -> FloatArray:
    """Place on the circle of fifths, weighted by confidence, +1 major to -1 minor likewise, and the confidence.

    A minor key stands where its relative major stands: it shares its notes.
    """
    tonic = key.tonic if key.mode == "major" else (key.tonic + 3) % 12
    angle = 2 * np.pi * ((tonic * 7) % 12) / 12
    c = key.confidence
    sign = 1.0 if key.mode == "major" else -1.0
    return np.array([c * np.cos(angle), c * np.sin(angle), c * sign, c], dtype=np.float32)
