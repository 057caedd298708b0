"""Lyrics in tags of every container, and in files beside the audio."""

from pathlib import Path

import mutagen
import pytest
from mutagen import apev2, asf, id3, mp4
from signals import tone, write_audio
from tag_bytes import frame, id3v2

from recsys.audio.lyrics import lyrics_files, lyrics_in_tags, lyrics_in_text
from recsys.domain.lyrics import LyricLine, Lyrics

TEXT = "Größe\nzwei"
LINES = (LyricLine("Größe"), LyricLine("zwei"))


def write(path: Path) -> Path:
    return write_audio(path, tone(440, 0.5, 48_000), 48_000)


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a.aiff", "a.flac", "a.ogg", "a.opus", "a.m4a", "a.wma", "a.wv"])
def test_lyrics_without_times(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name)
    tags = mutagen.File(file)
    if tags.tags is None:
        tags.add_tags()
    if isinstance(tags.tags, id3.ID3):
        tags.tags.add(id3.USLT(encoding=1, lang="deu", desc="", text=TEXT))
    else:
        kinds = {mp4.MP4Tags: "\xa9lyr", asf.ASFTags: "WM/Lyrics", apev2.APEv2: "Lyrics"}
        tags[kinds.get(type(tags.tags), "UNSYNCEDLYRICS")] = TEXT
    tags.save()
    [found] = lyrics_in_tags(file)
    assert found == Lyrics(LINES, "deu" if isinstance(tags.tags, id3.ID3) else None)


def test_the_text_of_a_tag_may_be_lrc(tmp_path: Path) -> None:
    file = write(tmp_path / "a.flac")
    tags = mutagen.File(file)
    tags["LYRICS"] = "[00:01.00]one\n[00:02.00]two"
    tags.save()
    assert lyrics_in_tags(file) == [Lyrics((LyricLine("one", 1000), LyricLine("two", 2000)))]


@pytest.mark.parametrize("encoding", [0, 1, 2, 3])
def test_lyrics_with_times_come_before_those_without(tmp_path: Path, encoding: int) -> None:
    file = write(tmp_path / "a.mp3")
    tags = id3.ID3()
    tags.add(id3.USLT(encoding=encoding, lang="XXX", desc="", text=TEXT))
    lines = [("Größe", 1500), ("zwei", 62_250)]
    tags.add(id3.SYLT(encoding=encoding, lang="deu", format=2, type=1, desc="x", text=lines))
    tags.save(file)
    timed = tuple(LyricLine(text, ms) for text, ms in lines)
    assert lyrics_in_tags(file) == [Lyrics(timed, "deu"), Lyrics(LINES)]


def test_syllables_are_joined_to_lines(tmp_path: Path) -> None:
    file = write(tmp_path / "a.mp3")
    tags = id3.ID3()
    lines = [("So ", 0), ("what", 500), ("\nO", 1000), ("ne", 1200)]
    tags.add(id3.SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=lines))
    tags.save(file)
    assert lyrics_in_tags(file) == [Lyrics((LyricLine("So what", 0), LyricLine("One", 1000)), "eng")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x03",
        b"\x03eng\x02\x01",
        b"\x03eng\x01\x01\0text\0\0\0\0\1",  # times in frames of MPEG
        b"\x03eng\x02\x01\0text without a time",
        b"\x01eng\x02\x01\xff",
    ],
)
def test_damaged_lyrics_are_none(tmp_path: Path, content: bytes) -> None:
    audio = write(tmp_path / "a.mp3").read_bytes()
    (tmp_path / "b.mp3").write_bytes(id3v2(frame("SYLT", content), frame("USLT", content[:3])) + audio)
    assert lyrics_in_tags(tmp_path / "b.mp3") == []
    assert lyrics_in_tags(tmp_path / "absent.mp3") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_of_lyrics_have_any_encoding(encoding: str) -> None:
    assert lyrics_in_text("[00:01.00]Größe für alle Straßen".encode(encoding)).lines == (
        LyricLine("Größe für alle Straßen", 1000),
    )


def test_the_encoding_of_other_scripts_is_found() -> None:
    line = "Группа крови на рукаве, мой порядковый номер"
    assert lyrics_in_text(f"[00:01.00]{line}".encode("cp1251")).lines == (LyricLine(line, 1000),)


def test_files_beside_the_audio(tmp_path: Path) -> None:
    for name in ("Song.txt", "song.LRC", "Song.mp3.lrc", "Song.de.lrc", "Song.remix.lrc", "Other.lrc", "Song.jpg"):
        (tmp_path / name).touch()
    found = lyrics_files(tmp_path / "Song.mp3")
    assert [(each.path.name, each.language) for each in found] == [
        ("Song.mp3.lrc", None),
        ("song.LRC", None),
        ("Song.de.lrc", "de"),
        ("Song.txt", None),
    ]
    assert lyrics_files(tmp_path / "absent" / "Song.mp3") == []
