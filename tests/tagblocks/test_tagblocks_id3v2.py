"""ID3v2 tags of all versions, whole and damaged."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tag_bytes import compressed, frame, id3v2, syncsafe, text

from recsys.tagblocks.block import Fields
from recsys.tagblocks.id3v2 import read_id3v2, tag_size


def read(tag: bytes) -> Fields:
    return read_id3v2(io.BytesIO(tag), 0)


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize(("encoding", "value"), [(0, b"A Title"), (1, "A Title"), (2, "A Title"), (3, "A Title")])
def test_text_in_each_encoding(version: int, encoding: int, value: str | bytes) -> None:
    assert read(id3v2(text("TIT2", "A Title", version, encoding), version=version)) == {"TIT2": [value]}


def test_frames_of_version_22_have_the_names_of_version_23() -> None:
    frames = [text(name, name, 2, 0) for name in ("TT2", "TP1", "TP2", "TAL", "TRK", "TPA", "TYE", "TCO", "TCM", "TCP")]
    assert list(read(id3v2(*frames, version=2))) == [
        "TIT2", "TPE1", "TPE2", "TALB", "TRCK", "TPOS", "TYER", "TCON", "TCOM", "TCMP",
    ]  # fmt: skip
    assert read(id3v2(text("TT2\0", "A Title", 3), version=3)) == {"TIT2": ["A Title"]}  # written by iTunes


@pytest.mark.parametrize("encoding", [0, 1, 2, 3])
def test_several_values_and_several_frames(encoding: int) -> None:
    fields = read(id3v2(text("TPE1", "Foo\0Cee\0", 4, encoding), text("TPE1", "Dee", 4, encoding)))
    assert [value.decode() if isinstance(value, bytes) else value for value in fields["TPE1"]] == ["Foo", "Cee", "Dee"]


def test_each_value_can_have_a_byte_order_mark() -> None:
    content = b"\x01" + "Foo".encode("utf-16") + b"\0\0" + b"\xfe\xff" + "Cee".encode("utf-16-be") + b"\0\0"
    assert read(id3v2(frame("TPE1", content))) == {"TPE1": ["Foo", "Cee"]}


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_without_a_byte_order_mark(order: str) -> None:
    assert read(id3v2(frame("TIT2", b"\x01" + "A Title".encode(f"utf-16-{order}")))) == {"TIT2": ["A Title"]}


def test_invalid_utf8_and_texts_without_an_encoding_are_bytes() -> None:
    assert read(id3v2(frame("TIT2", b"\x03Caf\xe9"), frame("TPE1", b"Caf\xe9"))) == {
        "TIT2": [b"Caf\xe9"],
        "TPE1": [b"Caf\xe9"],
    }


def test_free_frames_by_their_descriptions() -> None:
    tag = id3v2(
        frame("TXXX", b"\x03ARTISTS\0Foo\0Cee"),
        frame("TXXX", b"\x01" + "Mood\0Calm".encode("utf-16")),
        frame("UFID", b"http://musicbrainz.org\0" + b"1" * 36),
        frame("UFID", b"http://example.com\0" + b"2" * 36),
        frame("COMM", b"\x00eng\0A Comment"),
    )
    assert read(tag) == {
        "TXXX:artists": ["Foo", "Cee"],
        "TXXX:mood": ["Calm"],
        "UFID:musicbrainz": [b"1" * 36],
        "COMM": [b"A Comment"],
    }


def test_relative_volume() -> None:
    # channel 1 (master), gain in 1/512 dB, 16 bits of peak
    gain, peak = (-1280).to_bytes(2, "big", signed=True), (16384).to_bytes(2, "big")
    tag = id3v2(*(frame("RVA2", name + b"\0\x01" + gain + b"\x10" + peak) for name in (b"track", b"album")))
    assert read(tag) == {
        "RVA2:track_gain": ["-2.5000"], "RVA2:track_peak": ["0.500000"],
        "RVA2:album_gain": ["-2.5000"], "RVA2:album_peak": ["0.500000"],
    }  # fmt: skip


def test_unsynchronised_tags() -> None:
    content = b"\x01\xff\xfe" + "Aÿ".encode("utf-16-le")
    protected = content.replace(b"\xff", b"\xff\x00")
    whole = frame("TIT2", content, 3).replace(b"\xff", b"\xff\x00")
    assert read(id3v2(whole, text("TALB", "B", 3), version=3, flags=0x80)) == {"TIT2": ["Aÿ"], "TALB": ["B"]}
    each = frame("TIT2", protected, 4, 0x02)
    assert read(id3v2(each, text("TALB", "B"))) == {"TIT2": ["Aÿ"], "TALB": ["B"]}
    assert read(id3v2(frame("TIT2", protected), flags=0x80)) == {"TIT2": ["Aÿ"]}


def test_extended_headers() -> None:
    after = text("TIT2", "A Title", 3)
    assert read(id3v2((6).to_bytes(4, "big") + bytes(6), after, version=3, flags=0x40)) == {"TIT2": ["A Title"]}
    assert read(id3v2(after, version=3, flags=0x40)) == {"TIT2": ["A Title"]}  # the flag alone
    assert read(id3v2(syncsafe(6) + b"\x01\0", text("TIT2", "A Title"), flags=0x40)) == {"TIT2": ["A Title"]}


def test_compressed_grouped_and_encrypted_frames() -> None:
    content = b"\x03A Title"
    packed = compressed(content)
    assert read(id3v2(frame("TIT2", packed, 3, 0x80), version=3)) == {"TIT2": ["A Title"]}
    assert read(id3v2(frame("TIT2", packed, 4, 0x09))) == {"TIT2": ["A Title"]}
    assert read(id3v2(frame("TIT2", b"\x07" + content, 3, 0x20), version=3)) == {"TIT2": ["A Title"]}
    assert read(id3v2(frame("TIT2", b"\x07" + content, 4, 0x40))) == {"TIT2": ["A Title"]}
    assert read(id3v2(frame("TIT2", b"\x80" + content, 4, 0x04), text("TALB", "B"))) == {"TALB": ["B"]}
    assert read(id3v2(frame("TIT2", packed[:-4] + b"junk", 4, 0x09), text("TALB", "B")))["TALB"] == ["B"]


def test_sizes_of_itunes_that_are_not_synchsafe() -> None:
    long = "x" * 300
    tag = id3v2(frame("TIT2", b"\x03" + long.encode(), plain_size=True), text("TALB", "B"), padding=20)
    assert read(tag) == {"TIT2": [long], "TALB": ["B"]}
    assert read(id3v2(text("TIT2", long), text("TALB", "B"), padding=20)) == {"TIT2": [long], "TALB": ["B"]}


def test_covers_are_skipped_without_being_read() -> None:
    class CountingFile(io.BytesIO):
        n_read = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.n_read += len(data)
            return data

    file = CountingFile(id3v2(frame("APIC", bytes(1_000_000)), text("TIT2", "A Title")))
    assert read_id3v2(file, 0) == {"TIT2": ["A Title"]}
    assert file.n_read < 1000


def test_what_is_before_damage_is_read() -> None:
    tag = id3v2(text("TIT2", "A Title"), text("TALB", "An Album"), text("TPE1", "An Artist"))
    assert read(tag[:50]) == {"TIT2": ["A Title"], "TALB": ["An Album"]}
    assert read(id3v2(text("TIT2", "A Title"), b"\xff junk", text("TALB", "B"))) == {"TIT2": ["A Title"]}
    assert read(id3v2(text("TIT2", "A Title"), frame("TALB", b"\x03B")[:-1] + bytes(50))) == {"TIT2": ["A Title"]}


def test_size_of_a_tag() -> None:
    tag = id3v2(text("TIT2", "A Title"), padding=100, footer=True)
    assert tag_size(io.BytesIO(tag), 0) == len(tag)
    assert tag_size(io.BytesIO(b"ID3\x09" + tag[4:]), 0) == 0
    assert tag_size(io.BytesIO(b""), 0) == 0


@given(st.binary(max_size=200), st.sampled_from([2, 3, 4]), st.integers(0, 255))
def test_any_content_is_read(content: bytes, version: int, flags: int) -> None:
    read(id3v2(content, version=version, flags=flags))
    read(id3v2(frame("TXXX", content, 4, flags), frame("RVA2", content), version=4))
