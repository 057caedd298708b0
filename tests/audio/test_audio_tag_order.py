"""Which tag block and which name of a file count first, in each container."""

import struct
from pathlib import Path

import pytest
from mutagen import id3, mp4, wave
from signals import tone, write_audio
from tag_bytes import ape, atom, chunk, ebml, frame, id3v1, id3v2, info, text, vorbis

from recsys.audio.tags import read_tags
from recsys.domain.audio import Tags

TONE = tone(440, 1, 48000)
ID3 = id3v2(text("TIT2", "Id3 Title"), text("TALB", "Id3 Album"), text("TPE2", "Id3 Band"))
APE = ape({"Title": "Ape Title", "Artist": "Ape Artist", "Disc": "2"})
ID3V1 = id3v1(b"Old Title", b"Old Artist", b"Old Album", b"1987", 7, 17)
OLD = Tags(title="Old Title", artists=("Old Artist",), album="Old Album", track_number=7, year=1987, genres=("Rock",))
WAVPACK, MONKEY, MUSEPACK = b"wvpk" + bytes(100), b"MAC " + bytes(100), b"MPCK" + bytes(100)


def write(path: Path, *parts: bytes) -> Path:
    path.write_bytes(b"".join(parts))
    return path


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "x.mp3", tone(440, 1))


def test_mp3_has_id3v2_before_ape_before_id3v1_field_by_field(mp3: Path) -> None:
    audio = mp3.read_bytes()
    assert read_tags(write(mp3, ID3, audio, APE, ID3V1)) == Tags(
        title="Id3 Title", artists=("Ape Artist",), album_artists=("Id3 Band",), album="Id3 Album", track_number=7,
        disc_number=2, year=1987, genres=("Rock",),
    )  # fmt: skip
    assert read_tags(write(mp3, audio, APE, ID3V1)).title == "Ape Title"
    assert read_tags(write(mp3, audio, ID3V1)) == OLD


def test_a_total_belongs_to_its_number(mp3: Path) -> None:
    audio = mp3.read_bytes()

    def numbers(first: str, second: str) -> tuple[int | None, int | None]:
        found = read_tags(write(mp3, id3v2(text("TRCK", first)), audio, ape({"Track": second})))
        return found.track_number, found.track_total

    assert numbers("3", "3/12") == (3, 12)
    assert numbers("4", "1/5") == (4, None)
    assert numbers("A1", "1/5") == (1, 5)
    assert numbers("3", "0/12") == (3, 12)


def test_ape_is_not_cut_as_id3v1_is(mp3: Path) -> None:
    title, artist = "A Title of more than thirty letters", "An Artist of more than thirty letters"
    tags = ape({"Title": title, "Artist": artist}) + id3v1(title.encode(), artist.encode())
    found = read_tags(write(mp3, mp3.read_bytes(), tags))
    assert (found.title, found.artist) == (title, artist)


def test_standard_frames_count_before_free_ones(mp3: Path) -> None:
    standard = {
        "TIT2": "Real Title", "TPE1": "Real Artist", "TALB": "Real Album", "TRCK": "102", "TCON": "Party",
        "TDRC": "2008", "TPE2": "Real Band", "TSRC": "USRC17607839",
    }  # fmt: skip
    free = {
        "tracknumber": "2", "Author": "A Writer", "Artist": "A Writer", "Album": "Other Album", "Genre": "Other Genre",
        "Year": "1900", "Date": "1900", "Title": "Other Title", "ALBUMARTIST": "Other Band", "ISRC": "GBAYE0000351",
    }  # fmt: skip
    tags = id3.ID3()
    for name, value in standard.items():
        tags.add(getattr(id3, name)(3, [value]))
    for name, value in free.items():
        tags.add(id3.TXXX(3, name, [value]))
    tags.save(mp3, v1=0)
    assert read_tags(mp3) == Tags(
        title="Real Title", artists=("Real Artist",), album_artists=("Real Band",), album="Real Album",
        track_number=102, year=2008, genres=("Party",), isrc="USRC17607839",
    )  # fmt: skip


def test_free_frames_count_where_there_is_no_standard_frame(mp3: Path) -> None:
    free = {
        "ALBUMARTIST": "A Band", "originalyear": "1971", "replaygain_track_gain": "-7.3 dB", "COMPILATION": "1",
        "REPLAYGAIN_TRACK_PEAK": "0.98", "MusicBrainz Album Id": "22222222-2222-4222-8222-222222222222",
    }  # fmt: skip
    tags = id3.ID3()
    for name, value in free.items():
        tags.add(id3.TXXX(3, name, [value]))
    tags.save(mp3, v1=0)
    found = read_tags(mp3)
    assert (found.album_artist, found.original_year, found.compilation) == ("A Band", 1971, True)
    assert (found.track_gain, found.track_peak) == (-7.3, 0.98)
    assert found.musicbrainz_album == "22222222-2222-4222-8222-222222222222"


def test_standard_atoms_count_before_free_ones(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.m4a", TONE, 48000)
    file = mp4.MP4(path)
    file["\xa9nam"], file["\xa9ART"], file["trkn"], file["\xa9gen"] = "Real Title", "Real Artist", [(3, 6)], "Jazz"
    for name in ("author", "artist", "title", "TRACK", "tracknumber", "genre"):
        file[f"----:com.apple.iTunes:{name}"] = b"99"
    file.save()
    assert read_tags(path) == Tags(
        title="Real Title", artists=("Real Artist",), track_number=3, track_total=6, genres=("Jazz",)
    )


def test_first_of_several_id3v2_tags_counts(mp3: Path) -> None:
    second = id3v2(text("TIT2", "Second", 3), text("TPE1", "Only in the second", 3), version=3)
    found = read_tags(write(mp3, ID3, second, mp3.read_bytes()))
    assert (found.title, found.artist) == ("Id3 Title", "Only in the second")


def test_id3v2_at_the_end_is_read(mp3: Path) -> None:
    behind = id3v2(text("TIT2", "Behind"), text("TPE1", "Foo"), footer=True)
    assert read_tags(write(mp3, mp3.read_bytes(), behind)).title == "Behind"
    assert read_tags(write(mp3, mp3.read_bytes(), ID3V1)).title == "Behind"


def test_flac_has_vorbis_comments_before_id3(tmp_path: Path) -> None:
    comments = vorbis([("TITLE", "Vorbis Title"), ("DATE", "1995")])
    flac = b"fLaC\x84" + struct.pack(">I", len(comments))[1:] + comments
    assert read_tags(write(tmp_path / "x.flac", ID3, flac, ID3V1)) == Tags(
        title="Vorbis Title", artists=("Old Artist",), album_artists=("Id3 Band",), album="Id3 Album", track_number=7,
        year=1995, genres=("Rock",),
    )  # fmt: skip


@pytest.mark.parametrize("audio", [WAVPACK, MONKEY, MUSEPACK, b"tBaK" + bytes(100), b"OFR " + bytes(100)])
def test_ape_counts_before_id3_in_containers_of_ape_tags(tmp_path: Path, audio: bytes) -> None:
    found = read_tags(write(tmp_path / "x", ID3, audio, APE, ID3V1))
    assert (found.title, found.artist, found.album, found.year) == ("Ape Title", "Ape Artist", "Id3 Album", 1987)


def test_id3_counts_before_ape_in_tta_and_aac(tmp_path: Path) -> None:
    for audio in (b"TTA1" + bytes(100), b"\xff\xf1" + bytes(100)):
        assert read_tags(write(tmp_path / "x", ID3, audio, APE, ID3V1)).title == "Id3 Title"


@pytest.mark.parametrize(
    "format", ["wv", "wma", "caf", "mka", "tta", "flac", "ogg", "opus", "m4a", "wav", "aiff", "au"]
)
def test_id3v2_in_front_of_any_container_is_read(tmp_path: Path, format: str) -> None:
    path = write_audio(tmp_path / "x", TONE, 48000, format)
    assert read_tags(write(path, ID3, path.read_bytes())) == Tags(
        title="Id3 Title", album_artists=("Id3 Band",), album="Id3 Album"
    )


def test_wav_has_id3_before_info_before_bext(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wav", TONE, 48000)
    fields = {"INAM": b"Info Title", "IART": b"Info Artist", "IPRD": b"Info Album", "ICRD": b"1988", "IGNR": b"Jazz",
              "ITRK": b"5"}  # fmt: skip
    path.write_bytes(path.read_bytes() + info(fields) + chunk(b"bext", bytes(320) + b"2001-02-03" + bytes(300)))
    assert read_tags(path) == Tags(
        title="Info Title", artists=("Info Artist",), album="Info Album", track_number=5, year=1988, genres=("Jazz",)
    )
    path.write_bytes(path.read_bytes() + chunk(b"id3 ", id3v2(text("TALB", "Id3 Album"))))
    found = read_tags(path)
    assert (found.title, found.artist, found.album, found.track_number) == ("Info Title", "Info Artist", "Id3 Album", 5)
    path = write_audio(tmp_path / "y.wav", TONE, 48000)
    path.write_bytes(path.read_bytes() + chunk(b"bext", bytes(320) + b"2001-02-03" + bytes(300)))
    assert read_tags(path) == Tags(year=2001)


def test_tags_that_recsys_writes_do_not_hide_info(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wav", TONE, 48000)
    path.write_bytes(path.read_bytes() + info({"INAM": b"Info Title", "IART": b"Info Artist"}))
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", len(content) - 8)
    path.write_bytes(content)
    file = wave.WAVE(path)
    file.add_tags()
    file.tags.add(id3.TCON(3, ["Jazz"]))
    file.save()
    assert read_tags(path) == Tags(title="Info Title", artists=("Info Artist",), genres=("Jazz",))


def test_aiff_has_id3_before_its_own_texts(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.aiff", TONE, 48000)
    texts = chunk(b"NAME", b"Own Title", ">") + chunk(b"AUTH", b"Own Artist", ">")
    found = read_tags(write(path, path.read_bytes(), texts, chunk(b"ID3 ", ID3, ">")))
    assert (found.title, found.artist, found.album) == ("Id3 Title", "Own Artist", "Id3 Album")


def test_matroska_has_the_track_before_the_file_before_the_album(tmp_path: Path) -> None:
    def tag(level: int | None, *pairs: tuple[str, str]) -> bytes:
        target = ebml(0x63C0, ebml(0x68CA, bytes([level])) if level else b"")
        return ebml(0x7373, target + b"".join(
            ebml(0x67C8, ebml(0x45A3, name.encode()) + ebml(0x4487, value.encode())) for name, value in pairs
        ))  # fmt: skip

    album = tag(50, ("TITLE", "An Album"), ("ARTIST", "A Band"), ("PART_NUMBER", "1"), ("TOTAL_PARTS", "12"),
                ("DATE_RELEASED", "1995-10"))  # fmt: skip
    track = tag(30, ("TITLE", "A Title"), ("ARTIST", "Foo"), ("ARTIST", "Cee"), ("PART_NUMBER", "3"), ("GENRE", "Jazz"))
    head = ebml(0x1A45DFA3, b"")

    def file(*tags: bytes, title: str = "Of the segment") -> Path:
        info = ebml(0x1549A966, ebml(0x7BA9, title.encode()))
        return write(tmp_path / "x.mka", head, ebml(0x18538067, info + ebml(0x1254C367, b"".join(tags))))

    assert read_tags(file(album, track)) == Tags(
        title="A Title", artists=("Foo", "Cee"), album_artists=("A Band",), album="An Album", track_number=3,
        track_total=12, disc_number=1, year=1995, genres=("Jazz",),
    )  # fmt: skip
    assert read_tags(file(album)).title == "Of the segment"
    assert read_tags(file(album)).artist == "A Band"
    flat = tag(
        None, ("ARTIST", "Foo"), ("ALBUM", "An Album"), ("PART_NUMBER", "4"), ("DATE", "1999"), ("GENRE", "Jazz")
    )
    assert read_tags(file(flat, title="A Title")) == Tags(
        title="A Title", artists=("Foo",), album="An Album", track_number=4, year=1999, genres=("Jazz",)
    )


def test_3gp_user_data_counts_after_itunes_items(tmp_path: Path) -> None:
    def text_3gp(name: bytes, value: str) -> bytes:
        return atom(name, bytes(6) + value.encode() + b"\0")

    item = atom(b"\xa9nam", atom(b"data", struct.pack(">II", 1, 0) + b"An Item"))
    meta = atom(b"meta", bytes(4) + atom(b"hdlr", bytes(25)) + atom(b"ilst", item))
    user = text_3gp(b"titl", "A Text") + text_3gp(b"perf", "Foo")
    path = write(tmp_path / "x.3gp", atom(b"ftyp", b"3gp4"), atom(b"moov", atom(b"udta", user + meta)))
    assert read_tags(path) == Tags(title="An Item", artists=("Foo",))
    path = write(tmp_path / "x.3gp", atom(b"ftyp", b"3gp4"), atom(b"moov", atom(b"udta", user)))
    assert read_tags(path) == Tags(title="A Text", artists=("Foo",))


def test_a_field_is_taken_from_the_first_block_with_a_valid_value(mp3: Path) -> None:
    tags = id3v2(text("TDRC", "0000"), text("TRCK", "A1"), text("TIT2", " "), frame("TCON", b"\x03"))
    assert read_tags(write(mp3, tags, mp3.read_bytes(), ID3V1)) == OLD
