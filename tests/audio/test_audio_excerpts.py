"""The windows that are analysed: in the music, without the silence, in bounded time and memory."""

import struct
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from signals import FORMATS, music, noise, silence, tone, write_audio

from recsys.audio.excerpts import iter_windows, read_excerpts, read_whole
from recsys.errors import UnreadableAudio, UnusableAudio


@pytest.mark.parametrize("format", FORMATS)
def test_read_excerpts_of_every_container(tmp_path: Path, format: str) -> None:
    sr = 48000 if format == "opus" else 44100
    path = write_audio(tmp_path / "x", music(20, sr), sr, format)
    excerpts = read_excerpts(path, count=3, seconds=4)
    assert excerpts.sr == 22050
    assert [window.start for window in excerpts.windows] == pytest.approx([1, 8, 15], abs=0.2)
    assert all(window.y.dtype == np.float32 and abs(window.y.size - 4 * 22050) < 3000 for window in excerpts.windows)
    assert (excerpts.music_start, excerpts.music_end) == pytest.approx((0, 20), abs=0.2)


def test_window_contains_the_audio_at_its_start(tmp_path: Path) -> None:
    notes = [220, 440, 880, 1760]
    path = write_audio(tmp_path / "x.ogg", np.concatenate([tone(f, 10, 44100) for f in notes]), 44100)
    windows = read_excerpts(path, sr=16000, count=4, seconds=2).windows
    for window in windows:
        expected = notes[int((window.start + 1) // 10)]
        spectrum = np.abs(np.fft.rfft(window.y))
        assert spectrum.argmax() * 16000 / window.y.size == pytest.approx(expected, abs=2)
    assert [int(window.start // 10) for window in windows] == [0, 1, 2, 3]


def test_read_excerpts_excludes_silence_at_the_ends(tmp_path: Path) -> None:
    y = np.concatenate([silence(12), music(31), silence(40)])
    excerpts = read_excerpts(write_audio(tmp_path / "x.flac", y), count=5, seconds=6)
    assert (excerpts.music_start, excerpts.music_end) == pytest.approx((12, 43), abs=0.06)
    assert [window.start for window in excerpts.windows] == pytest.approx([12, 18.25, 24.5, 30.75, 37], abs=0.1)
    assert all(np.abs(window.y[:4000]).max() > 0.1 for window in excerpts.windows)


def test_long_music_has_patches_between_the_windows(tmp_path: Path) -> None:
    excerpts = read_excerpts(write_audio(tmp_path / "x.flac", music(60)))
    starts = [window.start for window in excerpts.windows]
    assert [patch.start for patch in excerpts.embedding_windows] == pytest.approx(
        [(a + 6 + b - 3.2) / 2 for a, b in pairwise(starts)], abs=0.01
    )
    assert {patch.y.size for patch in excerpts.embedding_windows} == {round(3.2 * 22050)}
    whole = read_whole(tmp_path / "x.flac").windows[0]
    patch = excerpts.embedding_windows[2]
    first = round((patch.start - whole.start) * 22050)
    np.testing.assert_allclose(patch.y[500:-500], whole.y[first : first + patch.y.size][500:-500], atol=0.01)


def test_music_without_gaps_has_no_patches(tmp_path: Path) -> None:
    assert read_excerpts(write_audio(tmp_path / "x.flac", music(40))).embedding_windows == ()


def test_silent_patches_are_left_out(tmp_path: Path) -> None:
    y = np.concatenate([music(40), silence(60), music(40)])
    patches = read_excerpts(write_audio(tmp_path / "x.flac", y)).embedding_windows
    assert [0 < patch.start < 40 or 97 < patch.start < 140 for patch in patches] == [True, True]


def test_silent_windows_are_left_out(tmp_path: Path) -> None:
    y = np.concatenate([music(10), silence(60), music(10)])
    excerpts = read_excerpts(write_audio(tmp_path / "x.flac", y), count=5, seconds=4)
    assert [window.start for window in excerpts.windows] == pytest.approx([4, 72], abs=0.1)


def test_iter_windows_leaves_out_silent_windows(tmp_path: Path) -> None:
    y = np.concatenate([silence(3), music(18), silence(14), tone(440, 10)])
    found = list(iter_windows(write_audio(tmp_path / "x.flac", y), seconds=6, max_windows=100))
    assert [tile.begin for tile, _ in found] == pytest.approx([3, 9, 15, 33, 39], abs=0.1)
    assert [excerpts.windows[0].start for _, excerpts in found] == [tile.begin for tile, _ in found]
    assert all(len(e.windows) == 1 and e.windows[0].y.size == pytest.approx(6 * 22050, abs=2) for _, e in found)
    assert [tile.begin for tile, _ in iter_windows(tmp_path / "x.flac", seconds=6, max_windows=2)] == pytest.approx(
        [3, 39]
    )
    assert [
        tile[:2] for tile, _ in iter_windows(write_audio(tmp_path / "y.wav", music(2.5)), seconds=6, max_windows=9)
    ] == [pytest.approx((0, 2.5), abs=0.06)]


def test_iter_windows_memory_is_bounded(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.flac", np.tile(music(20), 15))
    tracemalloc.start()
    try:
        assert sum(1 for _ in iter_windows(path, seconds=6, max_windows=1000)) == 50
        assert tracemalloc.get_traced_memory()[1] < 8e6  # the samples of the file are 26 MB
    finally:
        tracemalloc.stop()


def test_read_excerpts_is_deterministic(tmp_path: Path) -> None:
    for format in ("mp3", "m4a", "opus"):
        path = write_audio(tmp_path / format, music(15, 48000), 48000, format)
        first, second = read_excerpts(path), read_excerpts(path)
        for a, b in zip(first.windows, second.windows, strict=True):
            np.testing.assert_array_equal(a.y, b.y)


def test_short_music_has_fewer_windows(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wav", noise(14.5))
    assert [window.y.size / 22050 for window in read_excerpts(path).windows] == pytest.approx([6, 6, 2.5])


def test_read_whole_is_one_window(tmp_path: Path) -> None:
    y = music(8)
    excerpts = read_whole(write_audio(tmp_path / "x.wav", y))
    assert len(excerpts.windows) == 1
    np.testing.assert_allclose(excerpts.windows[0].y, y, atol=1e-4)


def test_silent_short_and_out_of_bounds_files_are_refused(tmp_path: Path) -> None:
    write_audio(tmp_path / "silent.flac", silence(20))
    write_audio(tmp_path / "short.wav", tone(440, 0.2))
    write_audio(tmp_path / "blip.wav", np.concatenate([silence(5), tone(440, 0.3), silence(5)]))
    write_audio(tmp_path / "song.wav", music(10))
    for name, limits, message in [
        ("silent.flac", {}, "^silent.flac is silent$"),
        ("short.wav", {}, "^short.wav has 0.20 s of music, and at least 1 s is needed for an analysis$"),
        ("blip.wav", {}, r"^blip.wav has 0\.3\d s of music, and"),
        ("song.wav", {"min_duration": 30}, "^song.wav lasts 10.0 s, shorter than the minimum duration of 30 s$"),
        ("song.wav", {"max_duration": 5}, "^song.wav lasts 10 s, longer than the maximum duration of 5 s$"),
    ]:
        with pytest.raises(UnusableAudio, match=message) as caught:
            read_excerpts(tmp_path / name, **limits)
        assert caught.value.stage == "trim"


def test_file_without_decodable_audio_is_refused(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.flac", music(4))
    content = path.read_bytes()
    frames = content.index(b"\xff\xf8")
    path.write_bytes(content[:frames] + bytes(len(content) - frames))
    with pytest.raises(UnreadableAudio, match=r"^x\.flac is damaged: no part of it can be decoded$"):
        read_excerpts(path)


def sparse_wav(path: Path, seconds: int, sr: int, audio: dict[int, bytes]) -> Path:
    """A long WAV (16 bit, mono) as a sparse file with audio at some seconds."""
    size = 2 * seconds * sr
    header = struct.pack("<IHHIIHH", 16, 1, 1, sr, 2 * sr, 2, 16)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + header)
        file.write(b"data" + struct.pack("<I", size))
        for second, block in audio.items():
            file.seek(44 + 2 * second * sr)
            file.write(block)
        file.truncate(44 + size)
    return path


def test_read_excerpts_memory_is_bounded(tmp_path: Path) -> None:
    sr = 22050
    block = (tone(440, 60, sr) * 32767).astype("<i2").tobytes()
    path = sparse_wav(tmp_path / "x.wav", 36_000, sr, {7200: block * 30, 35_000: block})
    tracemalloc.start()
    try:
        excerpts = read_excerpts(path, count=5, seconds=6)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert excerpts.music_start == pytest.approx(7200, abs=0.06)
    assert excerpts.music_end > 9000 - 0.06
    assert peak < 20_000_000
    with pytest.raises(UnusableAudio, match="longer than the maximum duration of 3600 s"):
        read_whole(path)
