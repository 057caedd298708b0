"""The audio hash depends on all audio data of a file and on nothing else."""

import shutil
import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import mutagen
import numpy as np
import pytest
import soundfile as sf
from mutagen import apev2, id3, oggflac
from signals import FORMATS, music, tone, write_audio, write_tags

from recsys.audio.content_hash import hash_audio
from recsys.errors import UnreadableAudio

RARE = ("mka", "webm", "mkaflac", "mkapcm", "caf", "cafalac", "au", "w64", "ac3", "eac3", "oggflac", "voc", "tta")
CONTAINERS = [f for f in FORMATS if f not in ("wav8", "wav24", "wav32", "wavdouble", "aiff24", "flac24")]
CONTAINERS += RARE


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
    hashes += [hash_audio(write(tmp_path, format)) for format in (*FORMATS, *RARE)]
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
    padded = ape.replace(b"Title\0x", b"Title\0".ljust(131 - 64 - 8, b"x")).replace(
        struct.pack("<I", len(item) + 32), struct.pack("<I", 131 - 32)
    )
    assert len(padded) == 131  # "TAG" of "APETAGEX" is where that of ID3v1 would be
    surroundings += [(b"", padded), (b"", padded + id3v1)]
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


def test_hash_decodes_nothing() -> None:
    """Decoders differ by version and by machine."""
    code = "import sys, recsys.audio.content_hash; assert not {'av', 'soundfile'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def remuxed(path: Path, target: Path, container: str, *, options: dict[str, str] | None = None, **tags: str) -> Path:
    """The same packets in another file with other tags."""
    with av.open(str(path)) as source, av.open(str(target), "w", format=container, options=options or {}) as output:
        stream = source.streams.audio[0]
        copy = output.add_stream_from_template(stream)
        output.metadata.update(tags)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                output.mux(packet)
    return target


@pytest.mark.parametrize("format", ["mka", "webm", "mkaflac", "mkapcm"])
def test_hash_of_matroska_is_independent_of_tags_and_clusters(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format)
    before = hash_audio(path)
    container = "webm" if format == "webm" else "matroska"
    tagged = remuxed(path, tmp_path / "tagged", container, title="a title " * 500, artist="an artist")
    assert tagged.read_bytes() != path.read_bytes()
    assert hash_audio(tagged) == before
    live = remuxed(path, tmp_path / "live", container, options={"live": "1", "cluster_time_limit": "100"})
    assert hash_audio(live) == before


def element(name: str, data: bytes, *, size_bytes: int = 0) -> bytes:
    """An element of Matroska, with a size of the given width."""
    width = size_bytes or next(n for n in range(1, 9) if len(data) < (1 << 7 * n) - 1)
    return bytes.fromhex(name) + (len(data) | 1 << 7 * width).to_bytes(width, "big") + data


def matroska(blocks: list[bytes], *, rate: float = 8000.0, wide: bool = False, video: bytes = b"") -> bytes:
    """Track 1 is PCM, track 2 is video."""
    sampling = struct.pack(">d" if wide else ">f", rate)
    audio = element("B5", sampling) + element("9F", b"\x01") + element("6264", b"\x10")
    track = element("D7", b"\x01") + element("83", b"\x02") + element("86", b"A_PCM/INT/LIT") + element("E1", audio)
    other = element("D7", b"\x02") + element("83", b"\x01") + element("86", b"V_VP8")
    tracks = element("1654AE6B", element("AE", track) + (element("AE", other) if video else b""))
    group = element("A0", element("A1", blocks[0])) + b"".join(element("A3", block) for block in blocks[1:])
    if video:
        group += element("A3", b"\x82\0\0\x80" + video)
    cluster = element("1F43B675", element("E7", b"\0") + group)
    head = element("1A45DFA3", element("4282", b"matroska"))
    return head + element("18538067", element("EC", bytes(50)) + tracks + cluster, size_bytes=8)


def laced(frames: list[bytes], kind: str) -> bytes:
    """A block of track 1 with several frames."""
    count = bytes([len(frames) - 1])
    sizes = [len(frame) for frame in frames]
    if kind == "xiph":
        header = b"".join(b"\xff" * (size // 255) + bytes([size % 255]) for size in sizes[:-1])
    elif kind == "ebml":
        deltas = [sizes[0], *(b - a + (1 << 13) - 1 for a, b in pairwise(sizes[:-1]))]
        header = b"".join((delta | 1 << 14).to_bytes(2, "big") for delta in deltas)
    else:
        header = b""
    flag = {"xiph": 2, "fixed": 4, "ebml": 6}[kind]
    return b"\x81\0\0" + bytes([0x80 | flag]) + count + header + b"".join(frames)


def test_hash_of_matroska_is_of_the_frames_of_audio_tracks(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frames = [rng.bytes(600) for _ in range(9)]
    single = [b"\x81\0\0\x80" + frame for frame in frames]

    def hashed(data: bytes) -> str:
        (tmp_path / "x.mka").write_bytes(data)
        return hash_audio(tmp_path / "x.mka")

    plain = hashed(matroska(single))
    for kind in ("xiph", "ebml", "fixed"):
        assert hashed(matroska([laced(frames[:4], kind), *single[4:]])) == plain
    assert hashed(matroska([laced([frames[0], frames[1] + frames[2], *frames[3:]], "ebml")])) == plain
    assert hashed(matroska(single, wide=True)) == plain
    assert hashed(matroska(single, video=b"picture")) == hashed(matroska(single, video=b"other")) == plain
    assert hashed(b"ID3\x04\0\0\0\0\0\x05title" + matroska(single)) == plain
    assert hashed(matroska(single, rate=44100)) != plain
    assert hashed(matroska([*single[:-1], single[-1] + b"x"])) != plain
    assert hashed(matroska([single[1], single[0], *single[2:]])) != plain


def test_hash_of_damaged_matroska_terminates(tmp_path: Path) -> None:
    data = matroska([b"\x81\0\0\x80" + bytes(600)] * 5)
    rng = np.random.default_rng(2)
    path = tmp_path / "x.mka"
    for _ in range(300):
        damaged = bytearray(data)
        for at in rng.integers(0, len(data), 8):
            damaged[at] = rng.integers(256)
        path.write_bytes(damaged)
        assert len(hash_audio(path)) == 32


def chunk(order: str, name: bytes, data: bytes) -> bytes:
    return name + struct.pack(order, len(data)) + data


def test_hash_of_caf_au_and_w64_ignores_what_is_not_audio(tmp_path: Path) -> None:
    caf, au, w64 = (write(tmp_path, format) for format in ("caf", "au", "w64"))
    content, before = caf.read_bytes(), hash_audio(caf)
    information = chunk(">q", b"info", struct.pack(">I", 1) + b"title\0a title\0")
    at = content.index(b"data")
    caf.write_bytes(content[:at] + information + content[at:])
    assert hash_audio(caf) == before
    caf.write_bytes(content + information)
    assert hash_audio(caf) == before

    content, before = au.read_bytes(), hash_audio(au)
    offset = int.from_bytes(content[4:8], "big")
    note = b"a title".ljust(32, b"\0")
    au.write_bytes(content[:4] + (offset + 32).to_bytes(4, "big") + content[8:offset] + note + content[offset:])
    assert hash_audio(au) == before

    content, before = w64.read_bytes(), hash_audio(w64)
    listed = b"LIST" + content[44:56] + struct.pack("<Q", 24 + 16) + b"a title".ljust(16, b"\0")
    w64.write_bytes(content + listed)
    assert hash_audio(w64) == before


def test_hash_of_dsd_ignores_tags(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    data, fmt = rng.bytes(8192), struct.pack("<IIIIIIQII", 1, 0, 1, 1, 2_822_400, 1, 65536, 4096, 0)
    body = b"fmt " + struct.pack("<Q", 12 + len(fmt)) + fmt + b"data" + struct.pack("<Q", 12 + len(data)) + data
    path = tmp_path / "x.dsf"
    path.write_bytes(b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body)
    properties = chunk(">Q", b"FS  ", struct.pack(">I", 2_822_400)) + chunk(">Q", b"CHNL", b"\0\x01C   ")
    properties += chunk(">Q", b"CMPR", b"DSD \x0enot compressed\0")
    other = tmp_path / "x.dff"
    inner = b"DSD " + chunk(">Q", b"FVER", b"\x01\x05\0\0") + chunk(">Q", b"PROP", b"SND " + properties)
    other.write_bytes(chunk(">Q", b"FRM8", inner + chunk(">Q", b"DSD ", data)))
    for file in (path, other):
        before = hash_audio(file)
        tagged = mutagen.File(file)
        tagged.add_tags()
        tagged.tags.add(id3.TIT2(encoding=3, text=["title " * 1000]))
        tagged.save()
        assert hash_audio(file) == before
        content = bytearray(file.read_bytes())
        content[content.index(data[:20]) + 4000] ^= 1
        file.write_bytes(content)
        assert hash_audio(file) != before


def test_hash_of_frames_without_a_container_ignores_tags_around_them(tmp_path: Path) -> None:
    for format in ("ac3", "eac3"):
        path = write(tmp_path, format)
        before = hash_audio(path)
        tags = apev2.APEv2()
        tags["Title"] = "title"
        tags.save(path)
        content = path.read_bytes()
        path.write_bytes(b"ID3\x04\0\0\0\0\0\x05title" + content + b"TAG" + bytes(125))
        assert hash_audio(path) == before


def test_hash_of_flac_in_ogg_ignores_comments_and_pictures(tmp_path: Path) -> None:
    path = write(tmp_path, "oggflac")
    before = hash_audio(path)
    tagged = mutagen.File(path)
    assert isinstance(tagged, oggflac.OggFLAC)
    tagged["title"] = ["title " * 30_000]
    tagged.save()
    assert hash_audio(path) == before


@pytest.mark.parametrize("format", [*FORMATS, *RARE])
def test_hash_is_independent_of_a_tag_in_front(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format)
    content, before = path.read_bytes(), hash_audio(path)
    tag = b"ID3\x04\0\0\0\0\x0f\x50" + bytes(2000)
    for head in (tag, tag + tag):
        path.write_bytes(head + content)
        assert hash_audio(path) == before
