"""Ogg files whose logical streams follow one another, or run beside one another."""

from pathlib import Path

import numpy as np
import pytest
from signals import Samples, music, tone, write_audio, write_with_av

from recsys.audio.chain import ogg_links
from recsys.audio.decode import open_source, probe
from recsys.domain.arrays import FloatArray
from recsys.errors import UnreadableAudio


def chained(tmp_path: Path, *parts: tuple[Samples, int, str]) -> Path:
    """Samples, sample rate and format of each link."""
    files = [write_audio(tmp_path / f"{i}", *part).read_bytes() for i, part in enumerate(parts)]
    path = tmp_path / "chain.ogg"
    path.write_bytes(b"".join(files))
    return path


def whole(path: Path) -> FloatArray:
    with open_source(path) as source:
        assert source.info.duration == source.n_samples / source.info.sample_rate
        return source.read(0, source.n_samples)


def frequencies(y: FloatArray, sr: int) -> list[int]:
    """The frequency in Hz of each second."""
    return [round(float(np.abs(np.fft.rfft(y[at : at + sr])).argmax())) for at in range(0, y.size - sr + 1, sr)]


def test_all_links_are_decoded(tmp_path: Path) -> None:
    path = chained(tmp_path, (tone(300, 3, 44100), 44100, "ogg"), (tone(500, 2, 44100), 44100, "ogg"))
    info = probe(path)
    assert (info.codec, info.sample_rate, info.channels) == ("vorbis", 44100, 1)
    assert info.duration == pytest.approx(5, abs=0.01)
    assert frequencies(whole(path)[0], 44100) == [300, 300, 300, 500, 500]


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_links_have_the_rate_and_channels_of_the_first(tmp_path: Path, first: int) -> None:
    stereo = np.stack([tone(400, 2, 44100), 0 * tone(400, 2, 44100)], axis=1)
    parts: list[tuple[Samples, int, str]] = [
        (stereo, 44100, "ogg"),
        (tone(700, 3, 22050), 22050, "ogg"),
        (tone(600, 2, 48000), 48000, "opus"),
        (tone(500, 2, 8000), 8000, "oggflac"),
    ]
    parts = parts[first:] + parts[:first]
    path = chained(tmp_path, *parts)
    rate = parts[0][1]
    y = whole(path)
    assert y.shape[0] == (2 if first == 0 else 1)
    assert y.shape[1] == pytest.approx(9 * rate, rel=0.005)
    hertz = {44100: 400, 22050: 700, 48000: 600, 8000: 500}
    at = 0.0
    for samples, sr, _ in parts:
        seconds = len(samples) / sr
        part = y[:, round((at + 0.5) * rate) : round((at + 1.5) * rate)]
        assert frequencies(part[0], rate) == [hertz[sr]]
        amplitude = np.sqrt(2) * part.std(axis=1)
        # The mean of the two channels where the first link is not stereo.
        expected = [0.5, 0.0] if sr == 44100 and first == 0 else [0.25 if sr == 44100 else 0.5] * len(y)
        np.testing.assert_allclose(amplitude, expected, atol=0.03)
        at += seconds


def test_blocks_join_without_a_jump(tmp_path: Path) -> None:
    path = chained(tmp_path, (tone(300, 2, 44100), 44100, "oggflac"), (tone(300, 3, 48000), 48000, "oggflac"))
    y = whole(path)
    for size in (4410, 12345):
        with open_source(path) as source:
            parts = [source.read(at, size) for at in range(0, source.n_samples, size)]
            assert source.read(source.n_samples, 100).shape == (1, 0)
        np.testing.assert_allclose(np.concatenate(parts, axis=1), y, atol=1e-3)


def test_links_with_the_same_serial_number_are_separate(tmp_path: Path) -> None:
    """As written by programs that give every stream the same number."""
    one = write_audio(tmp_path / "one", tone(300, 3, 44100), 44100, "ogg")
    path = tmp_path / "twice.ogg"
    path.write_bytes(one.read_bytes() * 3)
    assert probe(path).duration == pytest.approx(9, abs=0.01)
    assert frequencies(whole(path)[0], 44100) == [300] * 9


def test_many_links_are_open_a_few_at_a_time(tmp_path: Path) -> None:
    parts: list[tuple[Samples, int, str]] = [(tone(100 * (i + 2), 1, 8000), 8000, "oggflac") for i in range(12)]
    path = chained(tmp_path, *parts)
    with open_source(path) as source:
        for number in (11, 0, 5, 6, 1, 10):
            y = source.read(number * 8000, 8000)
            assert frequencies(y[0], 8000) == [100 * (number + 2)]


def test_link_that_cannot_be_decoded_is_left_out(tmp_path: Path) -> None:
    good = write_audio(tmp_path / "good", tone(300, 2, 44100), 44100, "ogg").read_bytes()
    path = tmp_path / "x.ogg"
    headers = good[: good.index(b"OggS", good.index(b"OggS", 1) + 1)]
    path.write_bytes(good + headers + good)
    assert probe(path).duration == pytest.approx(4, abs=0.01)
    path.write_bytes(headers + headers)
    with pytest.raises(UnreadableAudio):
        probe(path)


def test_first_pages_beside_one_another_are_one_link(tmp_path: Path) -> None:
    one = write_audio(tmp_path / "one", tone(300, 2, 44100), 44100, "ogg").read_bytes()
    other = write_audio(tmp_path / "other", tone(500, 2, 48000), 48000, "opus").read_bytes()
    first, second = one.index(b"OggS", 1), other.index(b"OggS", 1)
    beside = one[:first] + other[:second] + one[first:] + other[second:]
    path = tmp_path / "x.ogg"
    path.write_bytes(beside + one)
    with path.open("rb") as file:
        assert ogg_links(file, 0, len(beside + one)) == [(0, len(beside)), (len(beside), len(beside + one))]


def test_letters_of_a_page_inside_the_audio_start_no_link(tmp_path: Path) -> None:
    path = write_with_av(tmp_path / "x.ogg", music(2, 48000), 48000, "ogg", "flac", "s16")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 6] = b"OggS\0\x02"
    path.write_bytes(data)
    with path.open("rb") as file:
        assert ogg_links(file, 0, len(data)) == [(0, len(data))]
