"""Whether two files have the same recorded sound, by their samples.

Codecs, resampling and gain keep the phase of low frequencies. Of one recording, stretches of one file therefore
correlate with the other file at one and the same offset, however much is cut off or added at the ends. A performance
that is played faster, transposed or mixed differently does not.
"""

import os
from typing import NamedTuple

import numpy as np
import soxr
from scipy.fft import irfft, next_fast_len, rfft

from recsys.audio.decode import open_source
from recsys.audio.downmix import choose_channel, downmix
from recsys.audio.excerpts import find_music
from recsys.audio.files import printable_name
from recsys.audio.source import Source, read_finite
from recsys.domain.arrays import DoubleArray

SR = 4000  # Hz: codecs of a low bit rate keep what is below 2 kHz
STRETCHES, SECONDS = 7, 6.0
"""Number of stretches that are compared, and the length of each; less in music shorter than three of them."""
MAX_OFFSET = 22.0
"""The largest offset in seconds between the starts of the music."""
MIN_COHERENCE = 0.9
"""Coherence from which two files have the same recording (benchmarks/performances.py)."""

_ATTEMPTS = (0.5, 0.3, 0.7)  # where in the shorter music the offset is looked for, as shares of its length
_MAX_OFFSETS, _APART = 8, 0.05  # offsets of one stretch that are tried: music repeats; seconds between two
_TOLERANCE = 0.1  # seconds by which offsets of stretches may differ: seeking in Ogg Vorbis is that exact
_UPSAMPLING = 4  # of the correlation: encoders delay by fractions of a sample
_FAINT = 10 ** (-40 / 20)  # amplitude, relative to the loudest stretch, below which a stretch is left out
_LEAST = 1e-9


class Alignment(NamedTuple):
    """``coherence`` from 0 to 1 of the stretches at the offset of the best one, but for the worst; the offset in s."""

    coherence: float
    offset: float


class _Music(NamedTuple):
    """An open file, and the bounds of its music in seconds."""

    source: Source
    begin: float
    end: float

    def read(self, begin: float, seconds: float) -> DoubleArray:
        """Samples at ``SR``, differentiated, since low notes would outweigh the rest; silence outside of the file."""
        rate, duration = self.source.info.sample_rate, self.source.info.duration
        inside = max(0.0, begin), min(duration, begin + seconds)
        count = max(0, round((inside[1] - inside[0]) * rate))
        channels = read_finite(self.source, round(inside[0] * rate), count)
        y = downmix(channels, choose_channel([channels]))
        y = soxr.resample(y, rate, SR, quality="HQ") if y.size else y
        samples = np.zeros(round(seconds * SR))
        first = round((inside[0] - begin) * SR)
        y = y[: max(0, len(samples) - first)]
        samples[first : first + len(y)] = y
        return np.diff(samples)


def align(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> Alignment:
    """How well two files agree at the best offset, which is the time in the longer minus that in the shorter.

    Parameters
    ----------
    one, other : path-like
        Audio files of any supported format.

    Raises
    ------
    UnreadableAudio
        A file cannot be opened or decoded.
    UnusableAudio
        A file is silent, or has less than a second of music.
    """
    with open_source(one) as first, open_source(other) as second:
        musics = [
            _Music(source, *find_music(source, printable_name(path)))
            for source, path in ((first, one), (second, other))
        ]
        short, long = sorted(musics, key=lambda music: music.end - music.begin)
        seconds = min(SECONDS, (short.end - short.begin) / 3)
        best = Alignment(0.0, 0.0)
        for share in _ATTEMPTS:
            for found in _find(short, long, short.begin + share * (short.end - short.begin - seconds), seconds):
                coherence = min(found.coherence, _coherence_at(short, long, found.offset, seconds))
                best = max(best, Alignment(coherence, found.offset))
                if best.coherence >= MIN_COHERENCE:
                    return best
    return best


def _find(short: _Music, long: _Music, begin: float, seconds: float) -> list[Alignment]:
    """The offsets at which one stretch agrees, the best first; only the best if none is coherent."""
    first = begin + long.begin - short.begin - MAX_OFFSET
    coherence = _coherences(short.read(begin, seconds), long.read(first, seconds + 2 * MAX_OFFSET))
    rate, found = _UPSAMPLING * SR, list[Alignment]()
    while len(found) < _MAX_OFFSETS:
        at = int(coherence.argmax())
        if found and coherence[at] < MIN_COHERENCE:
            break
        found.append(Alignment(float(coherence[at]), first + at / rate - begin))
        coherence[max(0, at - round(_APART * rate)) : at + round(_APART * rate) + 1] = 0
    return found


def _coherence_at(short: _Music, long: _Music, offset: float, seconds: float) -> float:
    """The second lowest coherence of the stretches of what both have: one may be damaged, or muted."""
    begin, end = max(short.begin, long.begin - offset), min(short.end, long.end - offset)
    found, energies = [], []
    for start in np.linspace(begin, max(begin, end - seconds), STRETCHES).tolist():
        stretch = short.read(start, seconds)
        region = long.read(start + offset - _TOLERANCE, seconds + 2 * _TOLERANCE)
        found.append(float(_coherences(stretch, region).max()))
        energies.append(min(float(stretch @ stretch), float(region @ region)))
    loud = np.array(energies) >= _FAINT**2 * max(energies)
    values = np.sort(np.array(found)[loud])
    return float(values[min(1, len(values) - 1)])


def _coherences(stretch: DoubleArray, region: DoubleArray) -> DoubleArray:
    """The normalised correlation of a stretch with each part of a longer region, at ``_UPSAMPLING * SR`` Hz."""
    n, size = len(stretch), next_fast_len(len(region), real=True)
    spectrum = rfft(region, size) * np.conj(rfft(stretch, size))
    n_lags = len(region) - n + 1
    correlation = irfft(spectrum, _UPSAMPLING * size)[: _UPSAMPLING * (n_lags - 1) + 1] * _UPSAMPLING
    sums = np.concatenate([[0.0], np.cumsum(region**2)])
    energies = np.repeat(sums[n:] - sums[:-n], _UPSAMPLING)[: len(correlation)]
    floor = _LEAST + 1e-3 * float(energies.max(initial=0.0))  # of silence, nothing agrees
    norm = np.sqrt(np.maximum(energies, floor) * (float(stretch @ stretch) + _LEAST))
    coherence: DoubleArray = np.minimum(1.0, np.abs(correlation) / norm)
    return coherence
