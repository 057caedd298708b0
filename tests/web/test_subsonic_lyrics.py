"""Lyrics for players of Subsonic."""

from pathlib import Path

import mutagen
import pytest
from media_library import store_files
from signals import tone, write_audio
from subsonic_calls import SubsonicCalls

LRC = "[offset:-100]\n[la:deu]\n[00:01.00]eins\n[00:02.50]zwei"


@pytest.fixture
def calls(tmp_path: Path) -> SubsonicCalls:
    music = tmp_path / "music"
    music.mkdir()
    for name in ("a.flac", "b.flac"):
        write_audio(music / name, tone(440 if name == "a.flac" else 500, 1.0))
        tags = mutagen.File(music / name)
        tags.update({"title": f"Song: {name[0]}", "artist": ["Foo", "Bar"], "lyrics": "one\ntwo"})
        tags.save()
    (music / "a.lrc").write_text(LRC)
    store_files(tmp_path / "home", music, [music / "a.flac", music / "b.flac"])
    return SubsonicCalls(tmp_path / "home")


def test_all_lyrics_of_a_song(calls: SubsonicCalls) -> None:
    timed, plain = calls.get("getLyricsBySongId", id="tr-1")["lyricsList"]["structuredLyrics"]
    assert timed == {
        "displayArtist": "Foo, Bar", "displayTitle": "Song: a", "lang": "deu", "offset": -100, "synced": True,
        "line": [{"start": 1000, "value": "eins"}, {"start": 2500, "value": "zwei"}],
    }  # fmt: skip
    assert (plain["synced"], plain["lang"], plain["line"]) == (False, "und", [{"value": "one"}, {"value": "two"}])
    first = calls.xml("getLyricsBySongId", id="tr-1").find("lyricsList/structuredLyrics/line")
    assert first is not None
    assert (first.get("start"), first.text) == ("1000", "eins")
    extensions = calls.get("getOpenSubsonicExtensions")["openSubsonicExtensions"]
    assert {"name": "songLyrics", "versions": [1]} in extensions


def test_a_song_without_lyrics(calls: SubsonicCalls, tmp_path: Path) -> None:
    (tmp_path / "music" / "b.flac").unlink()
    assert calls.get("getLyricsBySongId", id="tr-2")["lyricsList"]["structuredLyrics"] == []
    assert calls.error("getLyricsBySongId", id="tr-99") == 70
    assert calls.error("getLyricsBySongId") == 10


def test_lyrics_by_artist_and_title(calls: SubsonicCalls) -> None:
    found = calls.get("getLyrics", artist="Foo; Bar", title="song: B")["lyrics"]
    assert found == {"artist": "Foo, Bar", "title": "Song: b", "value": "one\ntwo"}
    assert calls.get("getLyrics", title="Song: a")["lyrics"]["value"] == "one\ntwo"
    for artist, title in (("Foo", "Song"), ("", ""), ("x", "-:"), ("Foo", 'year:"x')):
        assert calls.get("getLyrics", artist=artist, title=title)["lyrics"] == {"value": ""}


def test_a_link_to_a_file_outside_the_library_is_not_read(calls: SubsonicCalls, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "music" / "b.lrc").symlink_to(tmp_path / "secret.txt")
    [found] = calls.get("getLyricsBySongId", id="tr-2")["lyricsList"]["structuredLyrics"]
    assert found["line"][0]["value"] == "one"
