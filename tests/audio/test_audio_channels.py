"""Every number of channels in every sample format, in one process: a crash ends all tests."""

import struct
from pathlib import Path

import numpy as np
import pytest
from signals import LAYOUTS, tone, write_with_av

from recsys.audio.decode import open_source
from recsys.audio.ffmpeg import FfmpegSource
from recsys.audio.files import open_file
from recsys.domain.arrays import FloatArray

SR = 48000
AMPLITUDES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)

PACKED = {
    "u8": "pcm_u8", "s16": "pcm_s16le", "s24": "pcm_s24le", "s32": "pcm_s32le", "flt": "pcm_f32le", "dbl": "pcm_f64le",
}  # fmt: skip
PLANAR = {  # container, codec, format and channels of the encoder
    "aac": ("ipod", "aac", "fltp", (1, 2, 3, 4, 5, 6, 7, 8)),
    "opus": ("ogg", "libopus", "flt", (1, 2, 3, 4, 5, 6, 7, 8, 16)),
    "wavpack": ("wv", "wavpack", "s32p", (1, 2, 3, 4, 5, 6, 7, 8)),
    "wavpack float": ("wv", "wavpack", "fltp", (1, 2, 3, 4, 5, 6, 7, 8)),
    "alac": ("ipod", "alac", "s32p", (1, 2, 3, 6)),
    "eac3": ("eac3", "eac3", "fltp", (1, 2, 3, 4, 5, 6)),
}


def tones(channels: int) -> FloatArray:
    """A tone in each channel, each of another amplitude, (n, channels)."""
    return np.stack([tone(400, 1.0, SR, amplitude) for amplitude in AMPLITUDES[:channels]], axis=1)


def amplitudes(path: Path) -> FloatArray:
    """The amplitude of the tone in each channel."""
    with open_source(path) as source:
        assert source.info.channels == len(source.layout)
        y = source.read(SR // 4, SR // 2)
    t = np.arange(y.shape[1]) / SR
    return np.asarray(2 * np.abs(y @ np.exp(-2j * np.pi * 400 * t)) / y.shape[1], np.float32)


@pytest.mark.parametrize("channels", LAYOUTS)
@pytest.mark.parametrize("format", PACKED)
def test_packed_samples(tmp_path: Path, format: str, channels: int) -> None:
    kind = {"u8": "u8", "s16": "s16", "s24": "s32"}.get(format, format)
    path = write_with_av(tmp_path / "x.mka", tones(channels), SR, "matroska", PACKED[format], kind)
    np.testing.assert_allclose(amplitudes(path), AMPLITUDES[:channels], atol=0.01)


@pytest.mark.parametrize(("codec", "channels"), [(codec, n) for codec, row in PLANAR.items() for n in row[3]])
def test_planar_samples(tmp_path: Path, codec: str, channels: int) -> None:
    container, name, kind, _ = PLANAR[codec]
    family = {"mapping_family": "255"} if channels > 8 else None  # channels without positions
    path = write_with_av(tmp_path / "x", tones(channels), SR, container, name, kind, codec_options=family)
    found = amplitudes(path)
    assert len(found) == channels
    # The order is that of the codec, and lossy ones leave no tone of 400 Hz in the channel of low frequencies.
    kept = [any(abs(a - b) < 0.03 for b in found) for a in AMPLITUDES[:channels]]
    assert sum(kept) >= channels - (channels > 5)


@pytest.mark.parametrize("labels", [(2, 1), (3, 1, 2, 9), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10), (2, 1, 200, 201, 400, 401)])
def test_channels_in_an_order_of_their_own(tmp_path: Path, labels: tuple[int, ...]) -> None:
    """A CAF file with a description of each channel; PyAV before 19 crashes on an unusual order."""
    channels = len(labels)
    data = (tones(channels) * 32767).astype(">i2").tobytes()
    chunks = {
        b"desc": struct.pack(">d4sIIIII", SR, b"lpcm", 0, 2 * channels, 1, channels, 16),
        b"chan": struct.pack(">III", 0, 0, channels) + b"".join(struct.pack(">II3f", n, 0, 0, 0, 0) for n in labels),
        b"data": bytes(4) + data,
    }
    body = b"".join(name + struct.pack(">q", len(chunk)) + chunk for name, chunk in chunks.items())
    path = tmp_path / "x.caf"
    path.write_bytes(b"caff" + struct.pack(">HH", 1, 0) + body)
    np.testing.assert_allclose(amplitudes(path), AMPLITUDES[:channels], atol=0.01)
    source = FfmpegSource(open_file(path), "x")  # libsndfile goes first
    source.n_samples *= 2  # so that the container is opened again
    source.measure()
    assert source.n_samples == SR
    assert source.info.channels == len(source.layout) == channels
    np.testing.assert_allclose(np.abs(source.read(0, SR)).max(axis=1), AMPLITUDES[:channels], atol=0.01)
    source.close()
