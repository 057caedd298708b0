"""Frames of FFmpeg as arrays, and the layout of their channels.

PyAV has two defects here that end the process: ``AudioFrame.planes`` counts planes by reading pointers up to a null,
which does not exist where eight planes fill the array of pointers; and before version 19 each ``AudioLayout`` frees the
channel map of its codec, which is in use (only layouts in an order of their own have a map).
"""

from typing import Any

import numpy as np
from av.audio.plane import AudioPlane

from recsys.audio.downmix import default_layout, match_channels
from recsys.domain.arrays import FloatArray

_DTYPES = {"u8": "u1", "s16": "i2", "s32": "i4", "s64": "i8", "flt": "f4", "dbl": "f8"}
_SCALES = {"u1": (128.0, 1 / 128), "i2": (0.0, 1 / 2**15), "i4": (0.0, 1 / 2**31), "i8": (0.0, 1 / 2**63)}
_UNNAMED = {"NONE", "UNK", "UNSD"}


def take_layout(codec: Any) -> tuple[str, ...]:
    """Names of the channels of a codec that is not open yet; the default ones if they have none.

    It may be called once for each codec: a layout in an order of its own is replaced by one without an order.
    """
    layout = codec.layout
    names = tuple(channel.name for channel in layout.channels)
    if " channels (" in layout.name:
        codec.layout = f"{len(names)} channels"
    return names if _UNNAMED.isdisjoint(names) else default_layout(len(names))


def to_channels(frame: Any, count: int) -> FloatArray:
    """Samples (count, n) of a decoded frame, float32 in [-1, 1].

    The number of channels may change within a stream; a frame that does not have ``count`` channels is replaced by its
    mean in each of them.
    """
    samples = _samples(frame)
    if samples.dtype.kind != "f":
        centre, scale = _SCALES[samples.dtype.str[1:]]
        samples = (samples.astype(np.float32) - np.float32(centre)) * np.float32(scale)
    return match_channels(np.asarray(samples, dtype=np.float32), count)


def _samples(frame: Any) -> Any:
    """Samples (channels, n) of a frame in its own type.

    Each plane is read by its index: ``frame.planes`` and ``frame.to_ndarray`` count the planes by reading pointers up
    to a null, which does not exist where eight planes fill the array of pointers of a frame (they crash the process).
    """
    dtype, channels = _DTYPES[frame.format.packed.name], frame.layout.nb_channels
    if frame.format.is_planar:
        return np.stack([np.frombuffer(AudioPlane(frame, i), dtype, frame.samples) for i in range(channels)])
    return np.frombuffer(AudioPlane(frame, 0), dtype, frame.samples * channels).reshape(-1, channels).T
