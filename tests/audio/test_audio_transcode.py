"""Transcoding: of every container, from any position, with the right length, pitch and channels."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from mutagen.mp4 import MP4, MP4FreeForm
from signals import AV_FORMATS, FORMATS, RARE_FORMATS, Samples, dff, dsf, noise, tone, write_audio

from recsys.audio.downmix import to_stereo
from recsys.audio.transcode import transcode
from recsys.errors import InvalidRequest, UnreadableAudio

SR = 48000


def decoded(data: bytes) -> tuple[Samples, int]:
    """Samples (channels, n) of an encoded file, and their rate."""
    with av.open(io.BytesIO(data)) as container:
        stream: Any = container.streams.audio[0]
        frames = [frame.to_ndarray() for frame in container.decode(stream)]
        y = np.concatenate(frames, axis=1)
        return (y / 32768 if y.dtype == np.int16 else y).astype(np.float32), stream.rate


def pitch(y: Samples, rate: int) -> float:
    """The frequency in Hz that is strongest in the middle of a signal (n,)."""
    middle = y[y.size // 4 : -y.size // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    return float(np.argmax(spectrum)) * rate / middle.size


def lag(y: Samples, found: Samples) -> int:
    """Samples by which the middle of a signal is late in what was decoded."""
    middle, reach = y[SR : SR + 10_000], 2000
    return int(np.argmax(np.correlate(found[SR - reach : SR + 10_000 + reach], middle, "valid"))) - reach


@pytest.mark.parametrize("encoding", ["opus", "mp3", "flac"])
@pytest.mark.parametrize("format", [*FORMATS, *RARE_FORMATS])
def test_every_container_becomes_what_a_browser_plays(tmp_path: Path, format: str, encoding: str) -> None:
    try:
        path = write_audio(tmp_path / "a", tone(1000, 2.0, SR), SR, format)
    except (av.error.FFmpegError, ValueError) as error:
        pytest.skip(f"no encoder: {AV_FORMATS.get(format)}: {error}")
    y, rate = decoded(b"".join(transcode(path, encoding)))
    assert y.shape[0] == 1
    assert y.shape[1] / rate == pytest.approx(2.0, abs=0.1)
    assert pitch(y[0], rate) == pytest.approx(1000, abs=3)
    middle = y[0, y.size // 4 : -y.size // 4]
    assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("make", [dsf, dff], ids=["dsf", "dff"])
def test_dsd_is_transcoded(tmp_path: Path, make: Any) -> None:
    (tmp_path / "a").write_bytes(make(tone(1000, 2.0, 44100)))
    y, rate = decoded(b"".join(transcode(tmp_path / "a", "opus")))
    assert pitch(y[0], rate) == pytest.approx(1000, abs=3)


@pytest.mark.parametrize(("sr", "expected"), [(8000, 48000), (22050, 44100), (44100, 44100), (96000, 48000)])
def test_mp3_has_the_rate_of_the_simplest_ratio(tmp_path: Path, sr: int, expected: int) -> None:
    y, rate = decoded(b"".join(transcode(write_audio(tmp_path / "a.wav", tone(1000, 2.0, sr), sr), "mp3")))
    assert rate == expected
    assert pitch(y[0], rate) == pytest.approx(1000, abs=3)


@pytest.mark.parametrize("format", ["flac", "mp3", "m4a", "wv"])
def test_it_begins_at_any_position(tmp_path: Path, format: str) -> None:
    y = np.concatenate([tone(500, 3.0, SR), tone(2000, 3.0, SR)])
    path = write_audio(tmp_path / f"a.{format}", y, SR)
    found, rate = decoded(b"".join(transcode(path, "opus", start=3.5)))
    assert found.shape[1] / rate == pytest.approx(2.5, abs=0.1)
    assert pitch(found[0], rate) == pytest.approx(2000, abs=3)


@pytest.mark.parametrize("start", [2.1, -1.0, 1e9])
def test_a_position_outside_the_track_is_refused(tmp_path: Path, start: float) -> None:
    path = write_audio(tmp_path / "a.wav", tone(500, 2.0))
    with pytest.raises(InvalidRequest, match=r"start must be before the end of the track, at 2\.000 s"):
        next(transcode(path, "opus", start=start))


@pytest.mark.parametrize("format", ["wav", "flac", "mp3", "ogg", "opus"])
def test_flac_has_exactly_the_samples_that_were_encoded(tmp_path: Path, format: str) -> None:
    y = noise(3.0, SR)[: 2 * SR + 123]
    found, rate = decoded(b"".join(transcode(write_audio(tmp_path / f"a.{format}", y, SR, format), "flac")))
    assert rate == SR
    assert found.shape == (1, y.size)
    assert lag(y, found[0]) == 0


def test_what_itunes_added_to_aac_is_left_out(tmp_path: Path) -> None:
    y = noise(3.0, SR)[: 2 * SR + 123]
    path = write_audio(tmp_path / "a.m4a", y, SR)
    file = MP4(path)
    file["----:com.apple.iTunes:iTunSMPB"] = MP4FreeForm(f" 00000000 00000000 00000000 {y.size - 500:016X}".encode())
    file.save()
    found, _ = decoded(b"".join(transcode(path, "flac")))
    assert found.shape == (1, y.size - 500)


@pytest.mark.parametrize("value", ["", "text", " 0 0 0 0", " 0 0 0 FFFFFFFFFFFF", " 0 0 0 -1", " 0 0 0 x"])
def test_a_wrong_statement_of_itunes_is_ignored(tmp_path: Path, value: str) -> None:
    path = write_audio(tmp_path / "a.m4a", noise(2.0, SR), SR)
    before, _ = decoded(b"".join(transcode(path, "flac")))
    file = MP4(path)
    file["----:com.apple.iTunes:iTunSMPB"] = MP4FreeForm(value.encode())
    file.save()
    assert decoded(b"".join(transcode(path, "flac")))[0].shape == before.shape


@pytest.mark.parametrize("format", ["wav", "flac", "mp3", "ogg"])
def test_flac_goes_on_exactly_where_it_was_left(tmp_path: Path, format: str) -> None:
    path = write_audio(tmp_path / f"a.{format}", noise(3.0, SR), SR, format)
    whole, _ = decoded(b"".join(transcode(path, "flac")))
    rest, _ = decoded(b"".join(transcode(path, "flac", start=1.25)))
    assert np.array_equal(rest, whole[:, round(1.25 * SR) :])


def test_webm_has_the_duration_in_its_header(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", tone(500, 20.0))
    first = next(transcode(path, "opus", start=4.0))
    with av.open(io.BytesIO(first)) as container:
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(16.0, abs=0.01)


def test_stereo_stays_stereo(tmp_path: Path) -> None:
    y = np.stack([tone(500, 2.0, SR), tone(2000, 2.0, SR)], axis=1)
    found, rate = decoded(b"".join(transcode(write_audio(tmp_path / "a.flac", y, SR), "opus")))
    assert [round(pitch(channel, rate), -1) for channel in found] == [500, 2000]


@pytest.mark.parametrize("channels", [3, 4, 5, 6, 8])
def test_surround_becomes_stereo(tmp_path: Path, channels: int) -> None:
    y = np.stack([tone(500 * (i + 1), 1.0, SR, 0.9) for i in range(channels)], axis=1)
    found, _ = decoded(b"".join(transcode(write_audio(tmp_path / "a.flac", y, SR), "opus")))
    assert found.shape[0] == 2
    assert np.abs(found).max() < 1.0


def test_sides_stay_apart_and_the_subwoofer_is_left_out() -> None:
    y = to_stereo(np.eye(6, dtype=np.float32), ("FL", "FR", "FC", "LFE", "BL", "BR"))
    assert y[0, 0] == y[1, 1] > y[0, 2] == y[1, 2] == y[0, 4] == y[1, 5] > 0
    assert y[0, 1] == y[1, 0] == y[0, 3] == y[1, 3] == y[0, 5] == y[1, 4] == 0


def test_unknown_channels_are_mixed() -> None:
    assert to_stereo(np.ones((3, 4), np.float32), ("BL", "SL", "WL")).tolist() == np.ones((2, 4)).tolist()


def test_the_file_is_closed_with_the_generator(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.flac", tone(500, 30.0))
    opened = Path("/proc/self/fd")
    if not opened.is_dir():
        pytest.skip("the system does not list open files")

    def uses() -> int:
        return sum(1 for each in opened.iterdir() if each.exists() and each.resolve() == path)

    pieces = transcode(path, "opus")
    next(pieces)
    assert uses() == 1
    pieces.close()
    assert uses() == 0


def test_a_piece_is_small(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.flac", tone(500, 60.0))
    sizes = [len(piece) for piece in transcode(path, "mp3")]
    assert len(sizes) > 10
    assert max(sizes) < 100_000


@pytest.mark.parametrize("content", [b"", b"text", b"fLaC" + bytes(100)])
def test_what_is_no_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.flac").write_bytes(content)
    with pytest.raises(UnreadableAudio):
        next(transcode(tmp_path / "a.flac", "opus"))
