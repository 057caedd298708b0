"""The frame index of MP3: true durations independent of headers, and resynchronisation after other data."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from signals import music, noise, tone, write_audio

from recsys.audio.decode import open_source, probe
from recsys.errors import UnreadableAudio

SR = 44100


def variable_bit_rate(path: Path) -> bytes:
    """20 s, half a soft tone and half noise, so that the first bit rate is not that of the file."""
    y = np.concatenate([tone(440, 10, SR, 0.1), noise(10, SR)])
    with sf.SoundFile(path, "w", SR, 1, "MPEG_LAYER_III", format="MP3", bitrate_mode="VARIABLE") as file:
        file.write(y)
    return path.read_bytes()


def first_frame(content: bytes) -> int:
    """Length of the Xing frame: up to the second header, which differs from the first only in the bit rate."""
    return next(i for i in range(24, len(content)) if content[i] == 0xFF and content[i + 1] == content[1])


def test_duration_of_variable_bit_rate_without_a_xing_header(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    content = variable_bit_rate(path)
    assert b"Xing" in content[:64]
    exact = probe(path).duration
    assert exact == pytest.approx(20, abs=0.1)
    path.write_bytes(content[first_frame(content) :])
    assert probe(path).duration == pytest.approx(exact, abs=0.03)


def test_duration_of_a_truncated_file_with_a_xing_header(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    content = variable_bit_rate(path)
    path.write_bytes(content[: len(content) // 2])
    with open_source(path) as source:
        assert 10 < source.info.duration < 19
        assert source.read(source.n_samples - 1000, 1000).shape[1] == 1000


@pytest.mark.parametrize("junk", [b"\0" * 5000, b"\xff" * 5000, np.random.default_rng(2).bytes(50_000)])
def test_junk_before_between_and_after_frames_is_skipped(tmp_path: Path, junk: bytes) -> None:
    path = write_audio(tmp_path / "x.mp3", tone(440, 3, SR), SR)
    content = path.read_bytes()
    path.write_bytes(junk + content + junk + content + junk)
    assert probe(path).duration == pytest.approx(6, abs=0.4)


def test_large_and_repeated_id3_tags_are_skipped(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.mp3", tone(440, 3, SR), SR)
    exact = probe(path).duration
    tag = b"ID3\x03\x00\x00" + bytes([1, 0, 0, 0]) + b"\xff\xfb\x90\x64" * (1 << 19)  # 2 MiB that look like headers
    path.write_bytes(tag + tag + path.read_bytes())
    assert probe(path).duration == exact


def test_second_stream_of_another_rate_is_ignored(tmp_path: Path) -> None:
    first = write_audio(tmp_path / "a.mp3", music(4, SR), SR).read_bytes()
    second = write_audio(tmp_path / "b.mp3", music(4, 22050), 22050).read_bytes()
    (tmp_path / "x.mp3").write_bytes(first + second)
    info = probe(tmp_path / "x.mp3")
    assert info.sample_rate == SR  # of the first stream
    assert info.duration == pytest.approx(4, abs=0.2)


def test_index_includes_frames_across_blocks(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.mp3", noise(2, SR), SR)
    content, exact = path.read_bytes(), probe(path)
    copies = 3_000_000 // len(content)
    path.write_bytes(content * copies)
    per_copy = exact.duration + 1152 / SR  # all Xing frames except the first count as audio
    assert probe(path).duration == pytest.approx(copies * per_copy, rel=0.01)


REFUSED = r"^x\.mp3 contains (no|only \d) MPEG audio frames?(, fewer than 8)?: it may not be an MP3 file$"


def test_few_frames_are_refused_with_their_number(tmp_path: Path) -> None:
    content = variable_bit_rate(tmp_path / "x.mp3")
    frames = [i for i in range(len(content)) if content[i : i + 2] == content[:2]]
    (tmp_path / "x.mp3").write_bytes(content[frames[2] : frames[6]])
    with pytest.raises(UnreadableAudio, match=r"^x\.mp3 contains only 4 MPEG audio frames, fewer than 8: "):
        probe(tmp_path / "x.mp3")


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    for seed in range(5):
        (tmp_path / "x.mp3").write_bytes(b"\xff\xfb" + np.random.default_rng(seed).bytes(300_000))
        with pytest.raises(UnreadableAudio, match=REFUSED):
            probe(tmp_path / "x.mp3")


@pytest.mark.parametrize("damage", [b"", b"\xff" * 40, np.random.default_rng(3).bytes(3000)])
def test_only_damaged_frames_are_silent(tmp_path: Path, damage: bytes) -> None:
    path = write_audio(tmp_path / "x.mp3", noise(8, SR), SR)
    content = path.read_bytes()
    with open_source(path) as source:
        whole = source.read(0, source.n_samples)
    middle = len(content) // 2
    path.write_bytes(content[:middle] + damage + content[middle + max(len(damage), 20) :])
    with open_source(path) as source:
        found = source.read(0, source.n_samples)
    near = 2 * SR
    assert np.array_equal(found[:, :near], whole[:, :near])
    assert np.array_equal(found[:, -near:], whole[:, -near:])
    frames = found[0, : found.shape[1] // 1152 * 1152].reshape(-1, 1152)
    assert np.count_nonzero(np.abs(frames).max(axis=1) < 1e-6) < 15


def test_a_file_that_was_changed_is_indexed_again(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.mp3", tone(440, 3, SR), SR)
    content = path.read_bytes()
    assert probe(path) == probe(path)
    assert probe(path).duration == pytest.approx(3, abs=0.1)
    path.write_bytes(content + content)
    assert probe(path).duration == pytest.approx(6, abs=0.2)
