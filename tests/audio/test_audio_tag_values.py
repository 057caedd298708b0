"""What the values of tags mean: lists, numbers, dates, gains and encodings, in every container."""

from collections.abc import Callable
from pathlib import Path

import mutagen
import pytest
from mutagen import apev2, asf, id3, mp4
from mutagen.flac import FLAC
from signals import tone, write_audio
from tag_bytes import ape, chunk, id3v1, id3v2, info, text, vorbis

from recsys.audio.tags import read_tags
from recsys.domain.audio import Tags

TONE = tone(440, 1, 48000)


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "x.mp3", tone(440, 1))


def tags_of_vorbis(tmp_path: Path, **values: list[str]) -> Tags:
    path = write_audio(tmp_path / "x.flac", tone(440, 1))
    file = FLAC(path)
    file.update(values)
    file.save()
    return read_tags(path)


LISTS = {"artist": ["Foo", "Cee"], "genre": ["Rock", "Pop"], "composer": ["Bach", "Liszt"], "albumartist": ["X", "Y"]}
NAMES: dict[type, tuple[str, str, str, str]] = {
    mp4.MP4Tags: ("\xa9ART", "\xa9gen", "\xa9wrt", "aART"),
    asf.ASFTags: ("Author", "WM/Genre", "WM/Composer", "WM/AlbumArtist"),
    apev2.APEv2: ("Artist", "Genre", "Composer", "Album Artist"),
}


@pytest.mark.parametrize("format", ["flac", "ogg", "opus", "m4a", "wma", "wv", "mp3", "wav", "aiff", "aac"])
def test_lists_in_every_container(tmp_path: Path, format: str) -> None:
    path = write_audio(tmp_path / f"x.{format}", TONE, 48000, format)
    file = apev2.APEv2File(path) if format == "aac" else mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    for i, (name, values) in enumerate(LISTS.items()):
        if isinstance(file.tags, id3.ID3):
            file.tags.add(getattr(id3, ("TPE1", "TCON", "TCOM", "TPE2")[i])(3, values))
        else:
            name = next((names[i] for kind, names in NAMES.items() if isinstance(file.tags, kind)), name)
            file.tags[name] = values
    file.save()
    assert read_tags(path) == Tags(
        artists=("Foo", "Cee"), genres=("Rock", "Pop"), composers=("Bach", "Liszt"), album_artists=("X", "Y")
    )


@pytest.mark.parametrize(
    "name", ["AC/DC", "Kairon; IRSE!", "Tyler, The Creator", "Earth, Wind & Fire", "Simon & Garfunkel"]
)
@pytest.mark.parametrize("version", [3, 4])
def test_a_name_with_a_separator_is_one_artist(mp3: Path, name: str, version: int) -> None:
    tags = id3.ID3()
    for frame in (id3.TPE1, id3.TPE2, id3.TCOM):
        tags.add(frame(3, [name]))
    tags.save(mp3, v2_version=version, v1=0)
    assert read_tags(mp3) == Tags(artists=(name,), album_artists=(name,), composers=(name,))


def test_lists_of_picard_count_before_the_credit(mp3: Path) -> None:
    ids = [f"{digit * 8}-1111-4111-8111-111111111111" for digit in "123"]
    tags = id3.ID3()
    tags.add(id3.TPE1(3, ["AC/DC feat. Cee & Dee"]))
    tags.add(id3.TXXX(3, "ARTISTS", ["AC/DC", "Cee", "Dee"]))
    tags.add(id3.TPE2(3, ["AC/DC & Cee"]))
    tags.add(id3.TXXX(3, "ALBUMARTISTS", ["AC/DC", "Cee"]))
    tags.add(id3.TXXX(3, "MusicBrainz Artist Id", ids))
    tags.save(mp3, v1=0)
    found = read_tags(mp3)
    assert found.artists == ("AC/DC", "Cee", "Dee")
    assert found.album_artists == ("AC/DC", "Cee")
    assert found.musicbrainz_artist == ids[0]


def test_credit_of_id3v23_is_split_by_the_number_of_identifiers(mp3: Path) -> None:
    ids = [f"{digit * 8}-1111-4111-8111-111111111111" for digit in "12"]
    tags = id3v2(text("TPE1", "Foo/Cee", 3), text("TXXX", f"MusicBrainz Artist Id\0{'/'.join(ids)}", 3), version=3)
    content = mp3.read_bytes()
    mp3.write_bytes(tags + content)
    assert read_tags(mp3).artists == ("Foo", "Cee")
    mp3.write_bytes(id3v2(text("TPE1", "Foo/Cee", 3), version=3) + content)
    assert read_tags(mp3).artists == ("Foo/Cee",)


def test_joined_genres(tmp_path: Path) -> None:
    assert tags_of_vorbis(tmp_path, genre=["Rock; Pop/Funk; (17)", "rock"]).genres == ("Rock", "Pop/Funk")


def test_numbers_and_totals(tmp_path: Path) -> None:
    together = tags_of_vorbis(tmp_path, tracknumber=["03/12"], discnumber=["1/2"])
    apart = tags_of_vorbis(tmp_path, tracknumber=["3"], totaltracks=["12"], discnumber=["1"], disctotal=["2"])
    assert together == apart == Tags(track_number=3, track_total=12, disc_number=1, disc_total=2)
    assert tags_of_vorbis(tmp_path, tracknumber=["A1"], tracktotal=["12"]) == Tags(track_total=12)
    assert tags_of_vorbis(tmp_path, tracknumber=["3/12"], tracktotal=["13"]).track_total == 12


def test_other_fields(tmp_path: Path) -> None:
    tags = tags_of_vorbis(
        tmp_path, date=["2011-05"], originaldate=["03/10/1995"], compilation=["1"], isrc=["us-rc1-76-07839"],
        replaygain_track_gain=["-7.30 dB"], replaygain_track_peak=["0.98"], replaygain_album_gain=["+1.5 dB"],
        replaygain_album_peak=["1.01"],
    )  # fmt: skip
    assert tags == Tags(
        year=2011, original_year=1995, compilation=True, isrc="USRC17607839", track_gain=-7.3, track_peak=0.98,
        album_gain=1.5, album_peak=1.01,
    )  # fmt: skip
    assert tags_of_vorbis(tmp_path, originalyear=["1995"]) == Tags(year=1995, original_year=1995)
    assert tags_of_vorbis(tmp_path, r128_track_gain=["-512"], r128_album_gain=["0"]) == Tags(track_gain=3, album_gain=5)
    both = tags_of_vorbis(tmp_path, r128_track_gain=["-512"], replaygain_track_gain=["-1 dB"])
    assert both == Tags(track_gain=-1)


def test_flags_and_dates_of_id3(mp3: Path) -> None:
    content = mp3.read_bytes()
    mp3.write_bytes(id3v2(text("TDAT", "0310", 3), text("TCMP", "1", 3), version=3) + content)
    assert read_tags(mp3) == Tags(compilation=True)  # TDAT is a day and a month
    mp3.write_bytes(
        id3v2(text("TYER", "1995", 3), text("TDAT", "0310", 3), text("TORY", "1971", 3), version=3) + content
    )
    assert read_tags(mp3) == Tags(year=1995, original_year=1971)
    mp3.write_bytes(id3v2(text("TDRC", "3.10.1995"), text("TDOR", "Oct 3, 1971"), text("TYER", "1900")) + content)
    assert read_tags(mp3) == Tags(year=1995, original_year=1971)


def test_relative_volumes_count_after_replaygain(mp3: Path) -> None:
    tags = id3.ID3()
    tags.add(id3.RVA2("track", channel=1, gain=-2.5, peak=0.5))
    tags.add(id3.RVA2("album", channel=1, gain=-3.5, peak=1.0))
    tags.save(mp3, v1=0)
    assert read_tags(mp3) == Tags(track_gain=-2.5, track_peak=0.5, album_gain=-3.5, album_peak=1.0)
    tags.add(id3.TXXX(3, "replaygain_track_gain", ["-7 dB"]))
    tags.save(mp3, v1=0)
    assert read_tags(mp3).track_gain == -7


ENCODINGS = [
    ("utf-8", "Żółć", "Łódź Kaliska"),
    ("shift_jis", "サンプル", "椎名林檎"),
    ("euc_jp", "上を向いて歩こう", "坂本九"),
    ("cp1251", "Группа крови", "Кино"),
    ("koi8-r", "Группа крови", "Кино"),
    ("gbk", "月亮代表我的心", "邓丽君"),
    ("big5", "月亮代表我的心", "鄧麗君"),
    ("euc_kr", "서른 즈음에", "김광석"),
    ("cp1253", "Όλα σε θυμίζουν", "Χάρις Αλεξίου"),
    ("cp1250", "Długość dźwięku samotności", "Myslovitz"),
    ("cp1252", "Café – “Été”", "Sigur Rós"),
    ("latin-1", "Ágætis byrjun", "Björk"),
]
WRITERS: dict[str, Callable[[bytes, bytes], tuple[bytes, bytes]]] = {  # what is in front of the audio, and behind it
    "id3v2.3": lambda title, artist: (id3v2(_latin1("TIT2", title, 3), _latin1("TPE1", artist, 3), version=3), b""),
    "id3v2.4": lambda title, artist: (id3v2(_latin1("TIT2", title), _latin1("TPE1", artist)), b""),
    "id3v1": lambda title, artist: (b"", id3v1(title, artist)),
    "ape": lambda title, artist: (b"", ape({"Title": title, "Artist": artist})),
}


def _latin1(name: str, value: bytes, version: int = 4) -> bytes:
    return text(name, value.decode("latin-1"), version, 0)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(("encoding", "title", "artist"), ENCODINGS)
def test_texts_in_local_encodings(mp3: Path, writer: str, encoding: str, title: str, artist: str) -> None:
    front, behind = WRITERS[writer](title.encode(encoding), artist.encode(encoding))
    mp3.write_bytes(front + mp3.read_bytes() + behind)
    assert read_tags(mp3) == Tags(title=title, artists=(artist,))


@pytest.mark.parametrize(("encoding", "title", "artist"), ENCODINGS)
def test_texts_of_chunks_and_vorbis_comments_in_local_encodings(
    tmp_path: Path, encoding: str, title: str, artist: str
) -> None:
    expected = Tags(title=title, artists=(artist,))
    wav = write_audio(tmp_path / "x.wav", TONE, 48000)
    wav.write_bytes(wav.read_bytes() + info({"INAM": title.encode(encoding), "IART": artist.encode(encoding)}))
    assert read_tags(wav) == expected
    aiff = write_audio(tmp_path / "x.aiff", TONE, 48000)
    texts = chunk(b"NAME", title.encode(encoding), ">") + chunk(b"AUTH", artist.encode(encoding), ">")
    aiff.write_bytes(aiff.read_bytes() + texts)
    assert read_tags(aiff) == expected
    comments = vorbis([("TITLE", title.encode(encoding)), ("ARTIST", artist.encode(encoding))])
    flac = tmp_path / "x.flac"
    flac.write_bytes(b"fLaC\x84" + len(comments).to_bytes(3, "big") + comments)
    assert read_tags(flac) == expected


def test_unicode_text_that_was_read_as_latin1_is_repaired(mp3: Path) -> None:
    mistaken = "Żółć".encode().decode("latin-1"), "サンプル".encode("shift_jis").decode("latin-1")
    mp3.write_bytes(id3v2(text("TIT2", mistaken[0]), text("TPE1", mistaken[1])) + mp3.read_bytes())
    assert read_tags(mp3) == Tags(title="Żółć", artists=("サンプル",))


def test_comment_helps_to_recognise_the_encoding(mp3: Path) -> None:
    title, comment = "Я".encode("cp1251"), "Записано на концерте".encode("cp1251")
    content = mp3.read_bytes()
    mp3.write_bytes(id3v2(_latin1("TIT2", title)) + content)
    assert read_tags(mp3).title == "ß"
    with_comment = text("COMM", "eng\0" + comment.decode("latin-1"), 4, 0)
    mp3.write_bytes(id3v2(_latin1("TIT2", title), with_comment) + content)
    assert read_tags(mp3).title == "Я"
