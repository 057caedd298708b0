"""From the channels of a file to the one signal that is analysed.

The downmix is the mean of the channels. Where they cancel each other (a side inverted by a wrong plug, a wide stereo
effect) the mean is silent though the file is not, and the louder channel takes its place. One choice holds for a
whole file: a downmix that changed from window to window would be heard as a change of the music.
"""

from collections.abc import Iterable

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray

CANCELLED = 1 / 3
"""Energy of the sum of the channels, as a share of the sum of their energies, below which they cancel: 1 for
independent channels, their number for equal ones, 0 for inverted ones. Two equally loud channels that correlate by
less than -2/3 are below it. The lowest of 2125 windows of 425 stereo songs (game music) is 0.65, the lowest of a whole
song 0.77, so half the lowest is a wide stereo image with an inverted middle rather than music as it is mixed."""

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


def usual_layout(channels: int) -> tuple[str, ...]:
    """Names of the channels of a file that does not name them, in the order of WAV and FLAC; FFmpeg's abbreviations."""
    return _LAYOUTS.get(channels, ("FC",) * channels)


def downmix(channels: FloatArray, only: int | None = None) -> FloatArray:
    """The mean (n,) of channels (c, n), or one of them."""
    if only is not None or len(channels) == 1:
        return np.asarray(channels[only or 0])
    if len(channels) == 2:
        return np.asarray((channels[0] + channels[1]) * np.float32(0.5))
    return np.asarray(channels.mean(axis=0), dtype=np.float32)


def choose_channel(windows: Iterable[FloatArray]) -> int | None:
    """The loudest channel of a file, given windows (c, n) of it, if their mean cancels in any; else None.

    A window in which no channel is louder than -80 dB does not count.
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
    return (
        int(np.argmax(total > _LOUDNESS_TOLERANCE * np.max(total))) if cancelled else None
    )  # the first of equally loud ones


_FLOOR = 10 ** (-80 / 10)
_LOUDNESS_TOLERANCE = 0.99  # of the energy: less is rounding of decoders
