"""Decoding of every container, sample rate, width and number of channels, and the errors of files without audio."""

import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from signals import FORMATS, RARE_FORMATS, music, tone, write_audio, write_tags

from recsys.audio.decode import open_source, probe
from recsys.audio.downmix import downmix
from recsys.audio.files import printable_name
from recsys.audio.formats import SUFFIXES
from recsys.audio.source import read_finite
from recsys.domain.arrays import FloatArray
from recsys.errors import UnreadableAudio

LOSSLESS = {
    "wav",
    "wav24",
    "wav32",
    "wavfloat",
    "wavdouble",
    "aiff",
    "aiff24",
    "flac",
    "flac24",
    "alac",
    "wv",
    "caf",
    "au",
    "tta",
    "cafalac",
    "w64",
    "oggflac",
    "voc",
}
CODECS = {"mp3": "mp3", "ogg": "vorbis", "opus": "opus", "m4a": "aac", "aac": "aac", "alac": "alac",
          "wma": "wmav2", "wv": "wavpack", "mka": "aac", "mp2": "mp2", "tta": "tta", "wavmp3": "mpeg_layer_iii",
          "wavlaw": "ulaw", "adpcm": "ima_adpcm",
          "flac": "flac", "flac24": "flac", "webm": "opus", "mkaflac": "flac", "cafalac": "alac", "ac3": "ac3",
          "eac3": "eac3", "oggflac": "flac", "fragmented": "aac", "3gp": "aac"}  # fmt: skip

NOT_SUPPORTED = "is not a supported audio file, or is damaged"
NO_MPEG_FRAMES = "contains no MPEG audio frames: it may not be an MP3 file"
NOTHING_DECODED = "is damaged: no part of it can be decoded"


def frequency(y: FloatArray, sr: int) -> float:
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size)))
    return float(spectrum.argmax() * sr / y.size)


def read(path: Path, start: int, count: int) -> FloatArray:
    with open_source(path) as source:
        return downmix(source.read(start, count))


@pytest.mark.parametrize("format", [*FORMATS, *RARE_FORMATS])
def test_decode_every_container(tmp_path: Path, format: str) -> None:
    sr = 48000 if format in ("opus", "webm") else 44100
    stereo = np.stack([tone(440, 3, sr), tone(440, 3, sr, 0.25)], axis=1)
    path = write_audio(tmp_path / "sound.bin", stereo, sr, format)  # content decides, not the suffix
    info = probe(path)
    assert (info.sample_rate, info.channels, info.codec) == (sr, 2, CODECS.get(format, "pcm"))
    assert info.duration == pytest.approx(3, abs=0.12)
    y = read(path, sr, sr)
    assert y.dtype == np.float32
    assert y.shape == (sr,)
    assert frequency(y, sr) == pytest.approx(440, abs=1)
    assert np.abs(y).max() == pytest.approx(0.375, rel=0.15)  # the mean of the channels
    if format in LOSSLESS:
        np.testing.assert_allclose(y, stereo[sr : 2 * sr].mean(axis=1), atol=1e-4)


@pytest.mark.parametrize("format", FORMATS)
def test_read_after_a_seek_equals_sequential_read(tmp_path: Path, format: str) -> None:
    sr = 48000 if format == "opus" else 44100
    path = write_audio(tmp_path / "x", np.stack([music(5, sr)] * 2, axis=1), sr, format)
    whole = read(path, 0, 5 * sr)
    for start in (0, sr // 3, 2 * sr + 17, 3 * sr):
        part = read(path, start, sr)
        # Packets of WMA carry times in milliseconds; a lossy decoder needs a while to settle after a seek.
        shifts = range(-50, 51) if format == "wma" else (0,)
        errors = [np.abs(part[100:-100] - whole[start + 100 + s : start + sr - 100 + s]).max() for s in shifts]
        assert min(errors) < 0.04  # AAC of FFmpeg 7: 0.035 just after a seek; one sample beside it is 0.055 at least


@pytest.mark.parametrize("sr", [8000, 11025, 22050, 32000, 48000, 96000, 192000])
def test_decode_sample_rates(tmp_path: Path, sr: int) -> None:
    path = write_audio(tmp_path / "x.flac", tone(440, 1, sr), sr)
    assert probe(path).sample_rate == sr
    assert frequency(read(path, 0, sr), sr) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("sr", [8000, 11025, 16000, 22050, 24000, 32000, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_decode_mp3_of_every_mpeg_version(tmp_path: Path, sr: int, channels: int) -> None:
    path = write_audio(tmp_path / "x.mp3", np.stack([tone(440, 2, sr)] * channels, axis=1), sr)
    info = probe(path)
    assert (info.sample_rate, info.channels) == (sr, channels)
    assert info.duration == pytest.approx(2, abs=0.2)
    assert frequency(read(path, sr // 2, sr), sr) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    ("channels", "format"),
    [(c, f) for c in (1, 2, 6, 8) for f in ("wav", "flac", "wv")],
)
def test_decode_channels(tmp_path: Path, channels: int, format: str) -> None:
    y = np.stack([tone(440, 1, 44100, 0.1 * (c + 1)) for c in range(channels)], axis=1)
    path = write_audio(tmp_path / "x", y, 44100, format)
    assert probe(path).channels == channels
    np.testing.assert_allclose(read(path, 0, 44100), y.mean(axis=1), atol=2e-4)


def test_read_past_the_end_returns_the_remaining_samples(tmp_path: Path) -> None:
    for format in FORMATS:
        path = write_audio(tmp_path / format, tone(440, 2, 48000), 48000, format)
        with open_source(path) as source:
            assert 0 < source.read(source.n_samples - 4800, 48000).shape[1] <= 4800 + 2048
            assert source.read(source.n_samples + 480000, 100).shape == (1, 0)


def test_read_finite_replaces_nan_infinity_and_absurd_levels(tmp_path: Path) -> None:
    y = np.stack([tone(440, 1), tone(440, 1)], axis=1)
    y[100, 0], y[200], y[300, 1], y[400] = np.nan, np.inf, -np.inf, 1e30
    y[500] = np.inf, -np.inf
    sf.write(tmp_path / "x.wav", y, 22050, subtype="FLOAT")
    with open_source(tmp_path / "x.wav") as source:
        clean = read_finite(source, 0, 22050)
    assert np.isfinite(clean).all()
    assert clean.max() <= 32
    assert clean[0, [100, 200, 500]].tolist() == clean[1, [200, 300, 500]].tolist() == [0, 0, 0]
    np.testing.assert_allclose(clean[:, 501:], y[501:].T, atol=1e-6)


@pytest.mark.parametrize("format", ["mp3", "flac", "ogg", "wav", "aiff", "wv", "aac"])
def test_truncated_file_has_the_duration_of_its_remaining_audio(tmp_path: Path, format: str) -> None:
    path = write_audio(tmp_path / "x", music(10, 44100), 44100, format)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    info = probe(path)
    assert info.duration == pytest.approx(5, abs=1)
    with open_source(path) as source:
        end = source.n_samples
        assert source.read(end - 4410, 4410).shape[1] > 2000


@pytest.mark.parametrize("format", ["mp3", "flac", "ogg", "wav", "m4a", "wma", "wv", "aac"])
def test_damage_in_the_middle_affects_only_the_middle(
    tmp_path: Path, format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_audio(tmp_path / "x", tone(440, 20, 44100), 44100, format)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = np.random.default_rng(1).bytes(4000)
    path.write_bytes(content)
    assert probe(path).duration == pytest.approx(20, abs=1)
    for second in (2, 17):
        assert frequency(read(path, second * 44100, 44100), 44100) == pytest.approx(440, abs=2)
    assert read(path, 0, 20 * 44100).size > 18 * 44100
    assert capfd.readouterr() == ("", "")  # decoders print nothing


def test_decode_files_with_latin1_newline_and_emoji_names(tmp_path: Path) -> None:
    for name in (
        b"caf\xe9.wav",
        b"two\nlines.mp3",
        "\N{MUSICAL NOTE}\U0001f3b5.m4a".encode(),
        b"-dash.ogg",
        b"a:b.wma",
    ):
        try:
            path = tmp_path / os.fsdecode(name)
            write_audio(path, tone(440, 1, 44100), 44100)
        except (OSError, UnicodeError):
            pytest.skip("the file system refuses such names")
        assert probe(path).duration == pytest.approx(1, abs=0.12)


def test_printable_name_is_one_line() -> None:
    assert printable_name("/a/two\nlines\udce9 \U0001f3b5.mp3") == "two\\nlines\\udce9 \U0001f3b5.mp3"


def error_message(path: Path) -> str:
    with pytest.raises(UnreadableAudio) as caught:
        probe(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_without_audio_are_refused_with_a_reason(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    contents = {
        "text.mp3": b"This is not music.\n" * 500,
        "list.m4a": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.mp3\n",
        "random.mp3": rng.bytes(200_000),
        "random.flac": rng.bytes(200_000),
        "zeros.wav": bytes(10_000),
        "utf16.mp3": "not music".encode("utf-16") * 100,
        "picture.ogg": b"\x89PNG\r\n\x1a\n" + rng.bytes(1000),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        reason = NO_MPEG_FRAMES if name == "utf16.mp3" else NOT_SUPPORTED
        assert error_message(tmp_path / name) == f"{name} {reason}"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("format", "reason"),
    [
        *((format, NOTHING_DECODED) for format in ("wav", "aiff", "flac", "wv")),
        *((format, NOT_SUPPORTED) for format in ("ogg", "opus", "m4a", "wma")),
        ("mp3", NO_MPEG_FRAMES),
        ("aac", "is damaged: its header has a sample rate of 0 Hz and a channel count of 1"),
    ],
)
def test_header_without_data_is_refused(tmp_path: Path, format: str, reason: str) -> None:
    path = write_audio(tmp_path / "x", tone(440, 2, 48000), 48000, format)
    path.write_bytes(path.read_bytes()[:44])
    assert error_message(path) == f"x {reason}"


def test_files_that_cannot_be_opened_are_refused_with_a_reason(tmp_path: Path) -> None:
    assert error_message(tmp_path / "none.mp3") == f"there is no file {tmp_path / 'none.mp3'}"  # the path as given
    assert error_message(tmp_path) == f"{tmp_path.name} is a folder, not a file"
    (tmp_path / "empty.mp3").touch()
    assert error_message(tmp_path / "empty.mp3") == "empty.mp3 is empty (0 bytes)"
    assert "cannot be opened" in error_message(tmp_path / "null\0.mp3")
    (tmp_path / "loop.mp3").symlink_to(tmp_path / "loop.mp3")
    assert "cannot be opened" in error_message(tmp_path / "loop.mp3")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
def test_pipe_is_refused_without_blocking(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    assert error_message(tmp_path / "pipe.mp3") == "pipe.mp3 is a pipe or a device, not a file"


def test_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_audio(tmp_path / "x.wav", tone(440, 1))
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read every file: simulate the error that other users get

        def deny(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", deny)
    assert error_message(path) == "no permission to read x.wav: make the file readable"


def test_absurd_sample_rate_is_refused(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wav", tone(440, 1))
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", 10_000_000)
    path.write_bytes(content)
    assert error_message(path) == (
        "x.wav is damaged: its header has a sample rate of 10000000 Hz and a channel count of 1"
    )


def test_suffixes_are_lower_case_and_include_all_containers() -> None:
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)
    assert {".wav", ".aiff", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".wma", ".ape", ".wv"} <= SUFFIXES


def test_decode_flac_after_an_id3_tag(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.flac", tone(440, 1))
    path.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + path.read_bytes())
    assert probe(path).codec == "flac"
    assert probe(path).duration == pytest.approx(1)


def test_decoding_is_independent_of_tags(tmp_path: Path) -> None:
    for format in FORMATS:
        path = write_audio(tmp_path / f"x.{format}", tone(440, 2, 48000), 48000, format)
        before = read(path, 0, 96000)
        write_tags(path)
        np.testing.assert_array_equal(read(path, 0, 96000), before)


@pytest.mark.parametrize("channels", [1, 2])
def test_decode_pcm_of_64_bits(tmp_path: Path, channels: int) -> None:
    """Rare, but one flipped bit turns a file of doubles into it; PyAV has no array for it."""
    y = tone(440, 2, 22050)
    frames = np.repeat((y.astype(np.float64) * 2**62).astype("<i8"), channels)
    data = frames.tobytes()
    fmt = struct.pack("<HHIIHH", 1, channels, 22050, 22050 * 8 * channels, 8 * channels, 64)
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    path = tmp_path / "wide.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    np.testing.assert_allclose(read(path, 1000, 22050), y[1000:23050] / 2, atol=1e-4)


def test_raw_aac_followed_by_other_data_has_the_duration_of_the_aac(tmp_path: Path) -> None:
    y = np.stack([tone(440, 3)] * 2, axis=1)
    aac = write_audio(tmp_path / "whole.aac", y).read_bytes()
    other = write_audio(tmp_path / "other.mp3", y)
    write_tags(other)
    path = tmp_path / "spliced.aac"
    path.write_bytes(aac[: len(aac) * 2 // 3] + other.read_bytes())
    assert probe(path).duration == pytest.approx(2, abs=0.3)
    assert read(path, 0, 22050).size == 22050


def test_mp3_in_wav_is_read_after_libsndfile_loses_its_position(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libsndfile is then after the end that it announced, and soundfile requests a negative number of samples."""
    path = write_audio(tmp_path / "sound.wav", tone(440, 2), format="wavmp3")
    real = sf.SoundFile.read
    fail_first = iter([True])

    def read(self: sf.SoundFile, *arguments: object, **options: object) -> object:
        if next(fail_first, False):
            raise ValueError("negative dimensions are not allowed")
        return real(self, *arguments, **options)

    monkeypatch.setattr(sf.SoundFile, "read", read)
    with open_source(path) as source:
        assert source.read(5000, 22050).shape == (1, 22050)
