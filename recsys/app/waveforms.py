"""Waveforms of tracks, computed once for each recording."""

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.media_cache import MediaCache
from recsys.app.media_files import locate
from recsys.audio.peaks import STRETCHES, pool_peaks, read_peaks
from recsys.domain.media import Waveform

MAX_PEAKS = STRETCHES
_CACHE_BYTES = 128 << 20  # of 64,000 tracks
_VERSION = 1  # of the peaks in the cache


def read_waveform(context: LibraryContext, track_id: int, n: int) -> Waveform:
    """The waveform of a track; raises as :meth:`recsys.app.media.Media.waveform`."""
    file = locate(context, track_id).file
    cache = MediaCache(context.settings.home / "peaks", _CACHE_BYTES)
    data = cache.get(f"{_VERSION} {file.audio_hash}", lambda: read_peaks(file.path).tobytes()) or b"\0"
    peaks = pool_peaks(np.frombuffer(data, np.uint8), n)
    return Waveform(tuple(peaks.tolist()), file.duration)
