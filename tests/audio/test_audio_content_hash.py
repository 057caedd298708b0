"""The audio hash depends on all audio data of a file and on nothing else."""

import shutil
import struct
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile as sf
from mutagen import id3
from signals import FORMATS, music, tone, write_audio, write_tags

from recsys.audio.content_hash import hash_audio
from recsys.errors import UnreadableAudio

CONTAINERS = [f for f in FORMATS if f not in ("wav8", "wav24", "wav32", "wavdouble", "aiff24", "flac24")]


def write(tmp_path: Path, format: str) -> Path:
    return write_audio(tmp_path / f"x.{format}", music(3, 48000), 48000, format)


@pytest.mark.parametrize("format", FORMATS)
def test_hash_is_independent_of_tags(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format)
    before = hash_audio(path)
    assert len(before) == 32
    assert set(before) <= set("0123456789abcdef")
    write_tags(path)
    assert hash_audio(path) == before
    write_tags(path, title="long " * 20_000)  # headers grow over many pages and atoms
    assert hash_audio(path) == before
    write_tags(path, title="short")
    assert hash_audio(path) == before
    if format != "aac":
        file = mutagen.File(path)
        file.delete()
        assert hash_audio(path) == before


@pytest.mark.parametrize("format", CONTAINERS)
@pytest.mark.parametrize("position", [0.4, 0.6, 0.95])
def test_hash_changes_with_any_byte_of_audio(tmp_path: Path, format: str, position: float) -> None:
    path = write(tmp_path, format)
    before = hash_audio(path)
    content = bytearray(path.read_bytes())
    content[int(position * len(content))] ^= 0x55
    path.write_bytes(content)
    assert hash_audio(path) != before


def test_hash_is_independent_of_file_name_and_time(tmp_path: Path) -> None:
    path = write(tmp_path, "ogg")
    other = Path(shutil.copyfile(path, tmp_path / "other name.flac"))
    assert hash_audio(path) == hash_audio(other)


def test_hash_differs_between_recordings_and_containers(tmp_path: Path) -> None:
    hashes = [hash_audio(write_audio(tmp_path / f"{i}.flac", tone(440 + i, 1))) for i in range(5)]
    hashes += [hash_audio(write(tmp_path, format)) for format in FORMATS]
    assert len(set(hashes)) == len(hashes)


def test_hash_includes_sample_rate_width_and_channels(tmp_path: Path) -> None:
    y = tone(440, 1)
    for name, sr in [("a.wav", 22050), ("b.wav", 44100), ("a.aiff", 22050), ("b.aiff", 44100)]:
        write_audio(tmp_path / name, y, sr)
    sf.write(tmp_path / "c.wav", np.zeros((1000, 2)), 22050, subtype="PCM_16")
    sf.write(tmp_path / "d.wav", np.zeros(1000), 22050, subtype="PCM_32")
    for a, b in [("a.wav", "b.wav"), ("a.aiff", "b.aiff"), ("c.wav", "d.wav")]:
        assert hash_audio(tmp_path / a) != hash_audio(tmp_path / b)


def test_hash_of_mp3_ignores_tags_before_and_after_the_frames(tmp_path: Path) -> None:
    path = write(tmp_path, "mp3")
    content, before = path.read_bytes(), hash_audio(path)
    id3v2 = b"ID3\x04\x00\x00\x00\x00\x00\x14" + bytes(20)
    with_footer = b"ID3\x04\x00\x10\x00\x00\x00\x14" + bytes(20) + b"3DI\x04\x00\x10\x00\x00\x00\x14"
    id3v1 = b"TAG" + b"title".ljust(125)
    item = struct.pack("<II", 1, 0) + b"Title\0x"
    ape = b"APETAGEX" + struct.pack("<IIII8x", 2000, len(item) + 32, 1, 0xA0000000) + item
    ape += b"APETAGEX" + struct.pack("<IIII8x", 2000, len(item) + 32, 1, 0x80000000)
    lyrics_text = b"LYRICSBEGININD0000200" + b"LYR00005hello"
    lyrics = lyrics_text + str(len(lyrics_text)).zfill(6).encode() + b"LYRICS200"
    surroundings = [(id3v2, b""), (id3v2 + with_footer, b""), (b"", id3v1), (b"", ape), (b"", ape + id3v1)]
    surroundings += [(b"", lyrics + id3v1), (id3v2, lyrics + ape + id3v1)]
    for head, tail in surroundings:
        path.write_bytes(head + content + tail)
        assert hash_audio(path) == before


def test_hash_of_mp3_ignores_a_cover_picture(tmp_path: Path) -> None:
    path = write(tmp_path, "mp3")
    before = hash_audio(path)
    tags = id3.ID3()
    tags.add(id3.APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=b"\xff\xfb" * 500_000))
    tags.save(path)
    assert hash_audio(path) == before


def test_hash_of_opus_ignores_the_gain_in_its_head(tmp_path: Path) -> None:
    path = write(tmp_path, "opus")
    before = hash_audio(path)
    content = bytearray(path.read_bytes())
    gain = content.index(b"OpusHead") + 16
    content[gain : gain + 2] = b"\x12\xfe"
    path.write_bytes(content)
    assert hash_audio(path) == before


def test_hash_of_ogg_ignores_comments_on_many_pages_and_in_chained_streams(tmp_path: Path) -> None:
    path = write(tmp_path, "ogg")
    first = path.read_bytes()
    write_tags(path, title="x" * 300_000)
    longer = path.read_bytes()
    assert longer.count(b"OggS") > first.count(b"OggS")
    path.write_bytes(first + longer)
    chained = hash_audio(path)
    path.write_bytes(longer + first)
    assert hash_audio(path) == chained


def test_hash_of_other_containers_is_of_their_samples(tmp_path: Path) -> None:
    y = music(2, 44100)
    sf.write(tmp_path / "a.caf", y, 44100, subtype="PCM_16", format="CAF")
    sf.write(tmp_path / "b.au", y, 44100, subtype="PCM_16", format="AU")
    sf.write(tmp_path / "c.au", y * 0.9, 44100, subtype="PCM_16", format="AU")
    assert hash_audio(tmp_path / "a.caf") == hash_audio(tmp_path / "b.au")
    assert hash_audio(tmp_path / "c.au") != hash_audio(tmp_path / "b.au")


@pytest.mark.parametrize("format", CONTAINERS)
def test_hash_of_invalid_structures_is_of_their_bytes(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format)
    content = path.read_bytes()
    hashes = set()
    for damaged in (content[:20], content[:100], content[: len(content) // 2], content[:50] + bytes(5000)):
        path.write_bytes(damaged)
        hashes.add(hash_audio(path))
    assert len(hashes) == 4


def test_hash_of_endless_empty_chunks_terminates(tmp_path: Path) -> None:
    for name, head in {
        "x.wav": b"RIFF\0\0\0\0WAVE",
        "x.mp4": b"\0\0\0\x08ftyp",
        "x.ogg": b"OggS" + bytes(23),
    }.items():
        (tmp_path / name).write_bytes(head + bytes(8_000_000))
        assert len(hash_audio(tmp_path / name)) == 32


def test_hash_of_a_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudio, match=r"^there is no file .*none\.mp3$"):
        hash_audio(tmp_path / "none.mp3")


def test_hash_of_a_text_file_is_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "text.mp3").write_text("no music")
    (tmp_path / "other.mp3").write_text("no audio")
    assert len(hash_audio(tmp_path / "text.mp3")) == 32
    assert hash_audio(tmp_path / "text.mp3") != hash_audio(tmp_path / "other.mp3")


def test_hash_of_rf64_with_absurd_lengths_terminates(tmp_path: Path) -> None:
    """RF64 has the length of its data in 64 bits: an absurd value points after the end of any file."""
    path = write_audio(tmp_path / "sound.wav", music(1.0), format="rf64")
    data = bytearray(path.read_bytes())
    assert data[12:16] == b"ds64"
    for huge in (2**63 - 1, 2**64 - 1, 2**62):
        data[28:36] = huge.to_bytes(8, "little")
        path.write_bytes(data)
        assert len(hash_audio(path)) == 32
