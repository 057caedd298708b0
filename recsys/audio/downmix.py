"""Downmix: from the channels of a file to the mono signal that is analysed.

The downmix is the mean of the channels. Where they cancel each other (one channel inverted by wrong wiring, a wide
stereo effect), the mean is silent although the file is not; then the loudest channel is used instead. The choice is
made once for a file: a downmix that changed from window to window would be analysed as a change of the music.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray

CANCELLED = 1 / 3
"""Energy of the sum of the channels, as a share of the sum of their energies, below which they cancel. The share is 1
for independent channels, the number of channels for equal ones, and 0 for inverted ones. It is below this threshold for
two equally loud channels whose correlation is below -2/3. The lowest of 2125 windows of 425 stereo tracks (game music)
is 0.65, and the lowest of a whole track 0.77; half of that is reached by a wide stereo image with an inverted centre,
not by a normal mix."""

_FLOOR = 10 ** (-80 / 10)
_LOUDNESS_TOLERANCE = 0.99  # share of the energy; smaller differences are rounding of decoders

_LAYOUTS = {
    1: ("FC",),
    2: ("FL", "FR"),
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
_MINUS_3_DB = 0.5**0.5
_STEREO = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
    "LFE": (0.0, 0.0),
    "LFE2": (0.0, 0.0),
}


def default_layout(channels: int) -> tuple[str, ...]:
    """Default channel names, in the order of WAV and FLAC and in the abbreviations of FFmpeg.

    >>> default_layout(6)
    ('FL', 'FR', 'FC', 'LFE', 'BL', 'BR')
    """
    return _LAYOUTS.get(channels, ("FC",) * channels)


def downmix(channels: FloatArray, channel: int | None = None) -> FloatArray:
    """Mean (n,) of channels (c, n), or the channel with index ``channel``."""
    if channel is not None or len(channels) == 1:
        return np.asarray(channels[channel or 0])
    if len(channels) == 2:
        mean: FloatArray = channels[0] + channels[1]
        mean *= np.float32(0.5)
        return mean
    return np.asarray(channels.mean(axis=0), dtype=np.float32)


def to_stereo(channels: FloatArray, layout: Sequence[str]) -> FloatArray:
    """Two channels (2, n) for headphones, of channels (c, n) with the names of a layout.

    What is in the middle or behind is 3 dB weaker and the subwoofer is left out (ITU-R BS.775); the whole is as loud as
    it can be without clipping.

    >>> to_stereo(np.eye(3, dtype=np.float32), ("FL", "FR", "FC")).round(2)
    array([[0.59, 0.  , 0.41],
           [0.  , 0.59, 0.41]], dtype=float32)
    """
    if len(channels) <= 2:
        return match_channels(channels, 2)
    weights = np.array([_STEREO.get(name, _weights_of(name)) for name in layout], np.float32)
    if len(weights) != len(channels) or not weights.any(axis=0).all():
        return match_channels(downmix(channels)[None], 2)
    return np.asarray(weights.T / weights.sum(axis=0).max() @ channels, dtype=np.float32)


def _weights_of(name: str) -> tuple[float, float]:
    """Of a channel other than the front ones: left, right or in the middle, by the last letter of its name."""
    return {"L": (_MINUS_3_DB, 0.0), "R": (0.0, _MINUS_3_DB)}.get(name[-1:], (_MINUS_3_DB, _MINUS_3_DB))


def match_channels(channels: FloatArray, count: int) -> FloatArray:
    """Channels (c, n) as ``count`` channels: unchanged, or the mean in each of them."""
    return channels if len(channels) == count else np.broadcast_to(downmix(channels), (count, channels.shape[1]))


def choose_channel(windows: Iterable[FloatArray]) -> int | None:
    """Index of the loudest channel, if the channels cancel in any of the windows (c, n) of a file; None otherwise.

    Windows in which no channel is louder than -80 dB are ignored.
    """
    total: DoubleArray | float = 0.0
    cancelled = False
    for channels in windows:
        if len(channels) < 2 or not channels.size:
            continue
        energies = np.array([float(np.dot(y, y)) for y in channels])
        mean = downmix(channels)
        together = len(channels) ** 2 * float(np.dot(mean, mean))
        cancelled |= bool(energies.max() > _FLOOR * channels.shape[1]) and together < CANCELLED * energies.sum()
        total = total + energies
    if not cancelled:
        return None
    return int(np.argmax(total > _LOUDNESS_TOLERANCE * np.max(total)))  # the first of equally loud channels
