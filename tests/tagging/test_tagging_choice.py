"""Which blocks get a value, and what a new block repeats; the files are read with mutagen."""

import io

import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from mutagen.wave import WAVE
from pieces import Kept, Pieces, ape, change, chunk, comments, flac, id3, id3_frame, id3v1, join, riff

from recsys.tagging.ape import new_ape
from recsys.tagging.blocks import Names, TagsNotWritable

FRAMES = Kept(b"\xff\xfb\x90\x00" + bytes(range(250)) * 8)
GENRE = {"genre": "Blues"}
TITLE = Kept(id3_frame("TIT2", b"\0ID3 title"))
NAMES = ("Title", "APE title")
MORE = [*chunk(b"ICRD", [Kept(b"1999-05-01 03:28 UTC\0\0")]), *chunk(b"ISFT", [Kept(b"a program\0")])]
INFO = [Kept(b"INFO"), *chunk(b"INAM", [Kept(b"Info title\0")]), *chunk(b"IART", [Kept(b"Info \xc4rtist\0")])]
FORMAT = Kept(b"\1\0\1\0" + (8000).to_bytes(4, "little") * 2 + b"\1\0\x08\0")
AUDIO = [chunk(b"fmt ", [FORMAT]), chunk(b"data", [Kept(bytes(100))])]
STREAMINFO = bytes(10) + (8000 << 12).to_bytes(4, "big") + bytes(20)


def of_id3(data: bytes) -> dict[str, list[str]]:
    tags = ID3(io.BytesIO(data), translate=False, load_v1=False)
    return {key: [str(text) for text in frame.text] for key, frame in tags.items()}


def of_ape(data: bytes) -> dict[str, str]:
    return {key: str(value) for key, value in APEv2(io.BytesIO(data)).items()}


def test_value_goes_into_id3_and_into_an_ape_tag_that_has_the_field() -> None:
    new = change([*id3([TITLE]), FRAMES, *ape([NAMES, ("Genre", "Jazz")]), id3v1()], GENRE)
    assert of_id3(new) == {"TIT2": ["ID3 title"], "TCON": ["Blues"]}
    assert of_ape(new) == {"Title": "APE title", "Genre": "Blues"}


def test_value_goes_into_id3_alone_if_the_ape_tag_has_no_genre() -> None:
    new = change([*id3([TITLE]), FRAMES, *ape([NAMES])], GENRE)
    assert of_id3(new)["TCON"] == ["Blues"]
    assert of_ape(new) == {"Title": "APE title"}


def test_mp3_with_only_an_ape_tag_gets_no_id3() -> None:
    new = change([FRAMES, *ape([NAMES]), id3v1()], GENRE)
    assert of_ape(new) == {"Title": "APE title", "Genre": "Blues"}
    assert new.startswith(FRAMES)


def test_ape_tag_with_nothing_but_replaygain_is_not_the_tag_of_an_mp3() -> None:
    new = change([FRAMES, *ape([("REPLAYGAIN_TRACK_GAIN", "-3 dB")])], GENRE)
    assert of_id3(new) == {"TCON": ["Blues"]}
    assert of_ape(new) == {"REPLAYGAIN_TRACK_GAIN": "-3 dB"}


@pytest.mark.parametrize("track", [None, 7])
def test_new_id3_tag_repeats_id3v1(track: int | None) -> None:
    new = change([FRAMES, id3v1("Tïtle", track=track)], GENRE)
    assert of_id3(new) == {
        "TIT2": ["Tïtle"], "TPE1": ["Old artist"], "TALB": ["Old album"], "TDRC": ["1999"], "COMM::eng": ["a comment"],
        "TCON": ["Blues"],
    } | ({"TRCK": ["7"]} if track else {})  # fmt: skip


def test_new_ape_tag_repeats_id3v1_and_stands_before_it() -> None:
    old = id3v1("Tïtle")
    new = change([Kept(b"MAC \x96\x0f" + bytes(200)), old], {"bpm": "120"})
    assert of_ape(new) == {
        "Title": "Tïtle", "Artist": "Old artist", "Album": "Old album", "Year": "1999", "Comment": "a comment",
        "Genre": "Rock", "BPM": "120",
    }  # fmt: skip
    assert new.endswith(old)


def test_id3v1_keeps_its_genre() -> None:
    old = id3v1(genre=8)
    assert change([*id3([TITLE]), FRAMES, old], GENRE).endswith(old)


def test_flac_gets_the_value_in_its_comments_and_in_an_id3_tag_that_has_the_field() -> None:
    blocks: list[tuple[int, Pieces]] = [(0, [Kept(STREAMINFO)]), (4, comments(["TITLE=x"]))]
    for frames in ([TITLE], [TITLE, id3_frame("TCON", b"\0(17)")]):
        new = change([*id3(frames), *flac(blocks)], GENRE)
        assert FLAC(io.BytesIO(new)).tags["genre"] == ["Blues"]
        assert of_id3(new).get("TCON") == (["Blues"] if len(frames) == 2 else None)


def test_wav_with_only_list_info_gets_its_genre_there() -> None:
    new = change(riff([*AUDIO, chunk(b"LIST", INFO)]), GENRE)
    assert WAVE(io.BytesIO(new)).tags is None
    assert b"IGNR\6\0\0\0Blues\0" in new


def test_new_id3_chunk_of_a_wav_repeats_list_info() -> None:
    new = change(riff([*AUDIO, chunk(b"LIST", [*INFO, *MORE])]), GENRE | {"key": "Am"})
    assert b"IGNR\6\0\0\0Blues\0" in new
    tags = WAVE(io.BytesIO(new)).tags
    assert {key: [str(text) for text in frame.text] for key, frame in tags.items()} == {
        "TIT2": ["Info title"], "TPE1": ["Info Ärtist"], "TDRC": ["1999-05-01"],
        "TSSE": ["a program"], "TCON": ["Blues"], "TKEY": ["Am"],
    }  # fmt: skip


def test_wav_whose_list_info_has_no_names_gets_an_id3_chunk_too() -> None:
    info = [Kept(b"INFO"), *chunk(b"ISFT", [Kept(b"a program\0")])]
    new = change(riff([*AUDIO, chunk(b"LIST", info)]), GENRE)
    tags = WAVE(io.BytesIO(new)).tags
    assert {key: frame.text for key, frame in tags.items()} == {"TSSE": ["a program"], "TCON": ["Blues"]}
    assert b"IGNR\6\0\0\0Blues\0" in new  # FFmpeg and Windows read no ID3 beside LIST INFO


@pytest.mark.parametrize("genre", [[], chunk(b"IGNR", [b"Jazz\0\0"])], ids=["no genre", "genre"])
def test_wav_with_both_gets_the_value_in_both(genre: Pieces) -> None:
    new = change(riff([*AUDIO, chunk(b"id3 ", id3([TITLE])), chunk(b"LIST", [*INFO, *genre])]), GENRE)
    assert WAVE(io.BytesIO(new)).tags["TCON"].text == ["Blues"]
    assert b"IGNR\6\0\0\0Blues\0" in new
    assert b"Jazz" not in new


def test_new_id3_chunk_of_an_aiff_repeats_its_texts() -> None:
    texts = [chunk(b"NAME", [Kept(b"A name")], big=True), chunk(b"AUTH", [Kept(b"An author")], big=True)]
    new = change(riff([*texts, chunk(b"SSND", [Kept(bytes(9))], big=True)], b"FORM", b"AIFF"), GENRE)
    assert of_id3(new[new.index(b"ID3\4") :]) == {"TIT2": ["A name"], "TPE1": ["An author"], "TCON": ["Blues"]}


def test_chunks_without_padding_stay_without() -> None:
    odd = chunk(b"note", [Kept(b"odd")], padded=False)
    pieces = riff([*AUDIO, odd, chunk(b"id3 ", id3([TITLE], padding=1), padded=False), odd])
    change(pieces, GENRE)


@pytest.mark.parametrize(("size", "form"), [(0, 0), (0, 36), (50, 0), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_wav_whose_audio_has_no_certain_end_is_refused(size: int, form: int) -> None:
    pieces = riff(AUDIO)
    pieces[1] = form.to_bytes(4, "little")
    pieces[pieces.index(b"data") + 1] = size.to_bytes(4, "little")
    with pytest.raises(TagsNotWritable, match="its last chunk has no certain end, so that no tags can follow it"):
        change(pieces, GENRE)


def test_new_tag_of_raw_aac_stands_behind_it() -> None:
    frames = Kept(b"\xff\xf1\x50\x80" + bytes(200))
    new = change([frames, id3v1()], GENRE)
    assert new.startswith(frames)
    assert of_ape(new)["Genre"] == "Blues"
    assert of_id3(change([*id3([TITLE]), frames], GENRE))["TCON"] == ["Blues"]


def test_texts_of_id3v1_are_decoded_for_a_tag_in_unicode() -> None:
    russian = bytearray(id3v1())
    russian[3:33] = "Группа крови".encode("cp1251").ljust(30, b"\0")
    russian[33:63] = "Виктор Цой и Кино".encode("cp1251").ljust(30, b"\0")
    new = change([Kept(b"MAC \x96\x0f" + bytes(200)), Kept(bytes(russian))], GENRE)
    assert (of_ape(new)["Title"], of_ape(new)["Artist"]) == ("Группа крови", "Виктор Цой и Кино")


def test_form_of_unknown_size_keeps_it() -> None:
    pieces = riff([*AUDIO, chunk(b"note", [Kept(b"even")])])
    pieces[1] = Kept(b"\xff\xff\xff\xff")
    new = change(pieces, GENRE)
    assert new[: len(join(pieces))] == join(pieces)
    assert of_id3(new[new.index(b"ID3\4") :]) == {"TCON": ["Blues"]}


def test_new_ape_tag_states_that_it_has_a_header_and_nothing_else() -> None:
    """Bit 31: the tag has a header; bit 29: this is the header; bit 0: the tag must not be changed."""
    tag = new_ape(Names(title=b"A title"), GENRE)
    assert of_ape(tag) == {"Title": "A title", "Genre": "Blues"}
    ends = [int.from_bytes(tag[at + 20 : at + 24], "little") for at in (0, len(tag) - 32)]
    assert ends == [1 << 31 | 1 << 29, 1 << 31]
