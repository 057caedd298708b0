"""Summary statistics: from frame-wise features to a vector.

``FRAME_FEATURES`` lists the features of each frame. They are summarised by mean and standard deviation over all frames;
MFCC also by their covariance, which identifies the timbre of an album (Mandel & Ellis 2005; Musly), and MFCC deltas by
their deviation alone, because their mean is close to 0.

Covariances are stored as signed square roots: these have the unit of the MFCC, are in the range of float16, and have
much lighter tails. Their signed square is the covariance.
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
    """A frame-wise feature with one or more rows, its group, and the statistics that summarise it."""

    name: str
    group: str
    rows: tuple[str, ...]
    statistics: tuple[str, ...] = ("mean", "std")

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each dimension, such as "mfcc_3_mean": all rows for the first statistic, then for the second."""
        stems = [f"{self.name}_{row}" if row else self.name for row in self.rows]
        return tuple(f"{stem}_{statistic}" for statistic in self.statistics for stem in stems)


def _numbered(n: int) -> tuple[str, ...]:
    return tuple(str(i) for i in range(n))


FRAME_FEATURES = (
    FrameFeature("mfcc", "timbre", _numbered(timbre.N_MFCC)),
    FrameFeature("mfcc_delta", "timbre", _numbered(timbre.N_MFCC), ("std",)),
    FrameFeature("contrast", "timbre", _numbered(timbre.CONTRAST_BANDS)),
    FrameFeature("centroid", "timbre", ("",)),
    FrameFeature("bandwidth", "timbre", ("",)),
    FrameFeature("rolloff", "timbre", ("",)),
    FrameFeature("flatness", "timbre", ("",)),
    FrameFeature("zero_crossing_rate", "timbre", ("",)),
    FrameFeature("chroma", "harmony", Key.NAMES),
    FrameFeature("tonnetz", "harmony", _numbered(6)),
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
    """Compute all frame-wise features of one window.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    dict of str to ndarray of shape (rows, t)
        By name of the feature in ``FRAME_FEATURES``.

    Examples
    --------
    >>> frame_features(Spectrum(np.zeros(22050)))["mfcc"].shape
    (20, 44)
    """
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
    """Concatenate the frames of several windows.

    Parameters
    ----------
    windows : sequence of dict
        As returned by :func:`frame_features`.

    Returns
    -------
    dict of str to ndarray of shape (rows, t)

    Examples
    --------
    >>> window = frame_features(Spectrum(np.zeros(22050)))
    >>> concatenate([window, window])["mfcc"].shape
    (20, 88)
    """
    return {feature.name: np.concatenate([w[feature.name] for w in windows], axis=1) for feature in FRAME_FEATURES}


def summarise(frames: Frames) -> dict[str, FloatArray]:
    """Summarise frames by statistics over time.

    Parameters
    ----------
    frames : dict of str to ndarray of shape (rows, t)
        As returned by :func:`frame_features` or :func:`concatenate`.

    Returns
    -------
    dict of str to ndarray
        Statistics by group, in the order of the names of ``FRAME_FEATURES``; those of timbre are followed by the
        covariances of the MFCC.

    Examples
    --------
    >>> {group: len(values) for group, values in summarise(frame_features(Spectrum(np.zeros(22050)))).items()}
    {'timbre': 274, 'harmony': 36, 'dynamics': 2}
    """
    groups: dict[str, list[FloatArray]] = {}
    for feature in FRAME_FEATURES:
        values = [_STATISTICS[statistic](frames[feature.name]) for statistic in feature.statistics]
        groups.setdefault(feature.group, []).extend(values)
    groups["timbre"].append(mfcc_covariance(frames["mfcc"]))
    return {group: np.concatenate(parts).astype(np.float32) for group, parts in groups.items()}


def mfcc_covariance(mfcc: FloatArray) -> FloatArray:
    """Signed square roots of the covariances of the MFCC.

    Parameters
    ----------
    mfcc : ndarray of shape (20, t)

    Returns
    -------
    ndarray of shape (190,)
        Elements above the diagonal, in dB; the diagonal is the square of the standard deviations.

    Examples
    --------
    >>> mfcc_covariance(np.zeros((20, 10), np.float32)).shape
    (190,)
    """
    covariance = np.cov(mfcc, bias=True)[_UPPER]
    roots: FloatArray = (np.sign(covariance) * np.sqrt(np.abs(covariance))).astype(np.float32)
    return roots


def dynamics_features(frames: Frames, peak: float, loudness: float) -> FloatArray:
    """Dynamics descriptors, in the order of ``DYNAMICS_NAMES``.

    Parameters
    ----------
    frames : dict of str to ndarray of shape (rows, t)
        With the feature "rms".
    peak : float
        Largest absolute sample.
    loudness : float
        Integrated loudness in LUFS.

    Returns
    -------
    ndarray of shape (3,)
        Loudness in LUFS, crest factor (peak over RMS) in dB, and the ratio of the 95th to the 10th percentile of the
        level in dB.

    Examples
    --------
    >>> dynamics_features({"rms": np.full((1, 9), 0.5)}, peak=1.0, loudness=-9.0).round(2)
    array([-9.  ,  6.02,  0.  ], dtype=float32)
    """
    level = np.sort(np.maximum(frames["rms"][0].astype(np.float64), 1e-5))
    # np.percentile, which imports numpy.ma
    soft, loud = np.interp(np.array([0.10, 0.95]) * (len(level) - 1), np.arange(len(level)), level)
    crest = max(peak, 1e-5) / np.sqrt(np.mean(level**2))
    return np.array([loudness, 20 * np.log10(crest), 20 * np.log10(loud / soft)], dtype=np.float32)


def key_features(key: Key) -> FloatArray:
    """Key descriptors, in the order of ``KEY_NAMES``.

    Parameters
    ----------
    key : Key

    Returns
    -------
    ndarray of shape (4,)
        Cosine and sine of the position on the circle of fifths, mode (+1 major, -1 minor), all multiplied by the
        confidence, and the confidence. A minor key has the position of its relative major, which has the same notes.

    Examples
    --------
    >>> key_features(Key(9, "minor", 1.0)) + 0.0
    array([ 1.,  0., -1.,  1.], dtype=float32)
    """
    tonic = key.tonic if key.mode == "major" else (key.tonic + 3) % 12
    angle = 2 * np.pi * ((tonic * 7) % 12) / 12
    c = key.confidence
    sign = 1.0 if key.mode == "major" else -1.0
    return np.array([c * np.cos(angle), c * np.sin(angle), c * sign, c], dtype=np.float32)
