"""Tags are read identically from every container, and invalid tags are never an error."""

import struct
from pathlib import Path

import mutagen
import numpy as np
import pytest
from mutagen import id3
from mutagen.flac import FLAC
from signals import FORMATS, tone, write_audio, write_tags

from recsys.audio.tags import clean, read_tags
from recsys.domain.audio import Tags
from recsys.errors import UnreadableAudio

FULL = Tags(
    title="A Title",
    artists=("An Artist",),
    album_artists=("Various",),
    album="An Album",
    track_number=3,
    track_total=12,
    year=1999,
    genres=("Jazz",),
    musicbrainz_recording="11111111-1111-4111-8111-111111111111",
    musicbrainz_album="22222222-2222-4222-8222-222222222222",
    musicbrainz_artist="33333333-3333-4333-8333-333333333333",
)


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "x.mp3", tone(440, 1))


def tags_from_vorbis(tmp_path: Path, **values: list[str]) -> Tags:
    path = write_audio(tmp_path / "x.flac", tone(440, 1))
    file = FLAC(path)
    file.update(values)
    file.save()
    return read_tags(path)


@pytest.mark.parametrize("format", FORMATS)
def test_read_tags_of_every_container(tmp_path: Path, format: str) -> None:
    path = write_audio(tmp_path / f"x.{format}", tone(440, 1, 48000), 48000, format)
    write_tags(path)
    assert read_tags(path) == FULL


@pytest.mark.parametrize("format", FORMATS)
def test_read_tags_of_files_without_tags(tmp_path: Path, format: str) -> None:
    path = write_audio(tmp_path / f"x.{format}", tone(440, 1, 48000), 48000, format)
    assert read_tags(path) == Tags()


def test_read_text_chunks_of_wav(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wav", tone(440, 1))
    fields = b"".join(
        name + struct.pack("<I", len(text)) + text
        for name, text in [(b"INAM", b"A Title\0"), (b"IART", b"An Artist\0")]
    )
    chunk = b"LIST" + struct.pack("<I", 4 + len(fields)) + b"INFO" + fields
    content = bytearray(path.read_bytes() + chunk)
    content[4:8] = struct.pack("<I", len(content) - 8)
    path.write_bytes(content)
    assert read_tags(path) == Tags(title="A Title", artists=("An Artist",))


def test_read_id3v1(mp3: Path) -> None:
    fields = b"TAG" + b"Caf\xe9".ljust(30, b"\0") + b"Someone".ljust(30) + b"Old".ljust(30, b"\0") + b"1987"
    mp3.write_bytes(mp3.read_bytes() + fields + bytes(28) + b"\0\x07" + bytes([17]))
    assert read_tags(mp3) == Tags(
        title="Café", artists=("Someone",), album="Old", track_number=7, year=1987, genres=("Rock",)
    )


# ID3v2.3 has no list of values.
@pytest.mark.parametrize(("version", "artist"), [(3, "One/Two"), (4, "One; Two")])
def test_read_id3v23_and_id3v24(mp3: Path, version: int, artist: str) -> None:
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=1, text=["Ünï"]))
    tags.add(id3.TPE1(encoding=3, text=["One", "Two"]))
    tags.add(id3.TDRC(encoding=3, text=["2004-02"]))
    tags.add(id3.TXXX(encoding=3, desc="MUSICBRAINZ ALBUM ID", text=[str(FULL.musicbrainz_album).upper()]))
    tags.update_to_v23() if version == 3 else tags.update_to_v24()
    tags.save(mp3, v2_version=version)
    found = read_tags(mp3)
    assert (found.title, found.artist, found.year) == ("Ünï", artist, 2004)
    assert found.musicbrainz_album == FULL.musicbrainz_album


def test_read_id3v22(mp3: Path) -> None:
    frames = b"".join(
        name + struct.pack(">I", len(text) + 1)[1:] + b"\0" + text
        for name, text in [
            (b"TT2", b"Title"),
            (b"TP1", b"Artist"),
            (b"TCO", b"(9)"),
            (b"TRK", b"4/9"),
            (b"TYE", b"1971"),
        ]
    )
    mp3.write_bytes(b"ID3\x02\x00\x00\x00\x00" + struct.pack(">H", len(frames)) + frames + mp3.read_bytes())
    assert read_tags(mp3) == Tags(
        title="Title", artists=("Artist",), track_number=4, track_total=9, year=1971, genres=("Metal",)
    )


@pytest.mark.parametrize(
    ("text", "genre"),
    [
        ("(17)", "Rock"),
        ("17", "Rock"),
        ("(4)Eurodisco", "Disco; Eurodisco"),
        ("Trip-Hop", "Trip-Hop"),
        ("(999)", "Unknown"),
    ],
)
def test_numeric_genres_become_names(tmp_path: Path, text: str, genre: str) -> None:
    assert tags_from_vorbis(tmp_path, genre=[text]).genre == genre


def test_distinct_values_are_joined(tmp_path: Path) -> None:
    tags = tags_from_vorbis(tmp_path, artist=["A", " A ", "", "B"], genre=["Folk", "Rock"])
    assert (tags.artist, tags.genre) == ("A; B", "Folk; Rock")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3/12", 3),
        ("007", 7),
        (" 5 ", 5),
        ("0", None),
        ("A1", None),
        ("", None),
        ("99999999", None),
        ("-1", None),
    ],
)
def test_parse_track_number(tmp_path: Path, text: str, number: int | None) -> None:
    assert tags_from_vorbis(tmp_path, tracknumber=[text]).track_number == number


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1999", 1999),
        ("1999-05-01", 1999),
        ("19990501", 1999),
        ("(c) 2003", 2003),
        ("0000", None),
        ("May 5", None),
    ],
)
def test_parse_year(tmp_path: Path, text: str, year: int | None) -> None:
    assert tags_from_vorbis(tmp_path, date=[text]).year == year


def test_text_is_one_short_printable_line(tmp_path: Path) -> None:
    tags = tags_from_vorbis(
        tmp_path, title=["\x1b[31m two\r\nlines\u2028\ttab\x00 "], album=["x" * 10_000], artist=["\x00\n "]
    )
    assert tags.title == "[31m two lines tab"
    assert tags.artist is None
    assert tags.album == "x" * 500
    assert clean("\x93two\x94 \x81 Łódź") == "“two” \ufffd Łódź"
    assert clean("lone \udce9 surrogate") == "lone ? surrogate"


def test_invalid_musicbrainz_ids_are_dropped(tmp_path: Path) -> None:
    tags = tags_from_vorbis(
        tmp_path, musicbrainz_trackid=["unknown"], musicbrainz_albumid=[f" {FULL.musicbrainz_album} "]
    )
    assert (tags.musicbrainz_recording, tags.musicbrainz_album) == (None, FULL.musicbrainz_album)


def test_valid_tags_of_a_damaged_stream_are_read(mp3: Path) -> None:
    write_tags(mp3)
    with mp3.open("rb") as file:
        size = id3.ID3(file).size
    mp3.write_bytes(mp3.read_bytes()[:size] + bytes(1000))
    assert read_tags(mp3) == FULL


@pytest.mark.parametrize("format", [f for f in FORMATS if not f.startswith(("wav2", "wav3", "wavd"))])
def test_read_tags_of_damaged_files_never_raises(tmp_path: Path, format: str) -> None:
    path = write_audio(tmp_path / f"x.{format}", tone(440, 0.5, 48000), 48000, format)
    write_tags(path)
    content = path.read_bytes()
    rng = np.random.default_rng(4)
    for _ in range(60):
        damaged = bytearray(content[: rng.integers(1, len(content))] if rng.random() < 0.3 else content)
        for position in rng.integers(0, min(len(damaged), 3000), size=rng.integers(1, 30)):
            damaged[position] = rng.integers(256)
        path.write_bytes(damaged)
        assert isinstance(read_tags(path), Tags)


def test_text_file_has_no_tags(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_text("title=A Title\n" * 100)
    assert read_tags(tmp_path / "x.mp3") == Tags()
    with pytest.raises(UnreadableAudio, match="there is no file"):
        read_tags(tmp_path / "none.mp3")


def test_cover_art_is_not_read_as_text(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wv", tone(440, 1), format="wv")
    file = mutagen.File(path)
    file["Cover Art (Front)"] = mutagen.apev2.APEValue(b"cover.jpg\0\xff\xd8", mutagen.apev2.BINARY)
    file["Title"] = "A Title"
    file.save()
    assert read_tags(path) == Tags(title="A Title")
