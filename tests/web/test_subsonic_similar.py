"""Instant mixes, sonic similarity and paths for players of Subsonic."""

from pathlib import Path

import pytest
from subsonic_calls import SubsonicCalls
from synthetic_library import KINDS, all_kinds, make_library, make_song

EACH = 6  # songs of a genre; each genre is one album, each song by its own artist


@pytest.fixture
def calls(tmp_path: Path) -> SubsonicCalls:
    make_library(tmp_path / "home", all_kinds(EACH))
    return SubsonicCalls(tmp_path / "home")


def ids(songs: list[dict[str, object]]) -> list[str]:
    return [str(song["id"]) for song in songs]


def test_a_mix_of_a_song_has_similar_songs_without_it(calls: SubsonicCalls) -> None:
    songs = calls.get("getSimilarSongs", id="tr-1", count=EACH - 1)["similarSongs"]["song"]
    assert sorted(ids(songs)) == [f"tr-{number}" for number in range(2, EACH + 1)]
    assert songs[0].keys() == calls.get("getSong", id=songs[0]["id"])["song"].keys()
    assert ids(calls.get("getSimilarSongs2", id="tr-1", count=5)["similarSongs2"]["song"]) == ids(songs)
    assert len(calls.get("getSimilarSongs", id="tr-1")["similarSongs"]["song"]) == len(KINDS) * EACH - 1
    assert calls.get("getSimilarSongs", id="tr-1", count=0)["similarSongs"]["song"] == []


def test_a_mix_of_an_album_and_of_an_artist(calls: SubsonicCalls) -> None:
    song = calls.get("getSong", id="tr-1")["song"]
    of_album = ids(calls.get("getSimilarSongs", id=song["albumId"], count=50)["similarSongs"]["song"])
    assert sorted(of_album) == sorted(f"tr-{number}" for number in range(EACH + 1, len(KINDS) * EACH + 1))
    of_artist = ids(calls.get("getSimilarSongs2", id=song["artistId"], count=EACH - 1)["similarSongs2"]["song"])
    assert sorted(of_artist) == [f"tr-{number}" for number in range(2, EACH + 1)]


def test_a_mix_has_two_songs_of_an_artist_and_sonic_similarity_all(tmp_path: Path) -> None:
    songs = [make_song("jazz", number, artist="one" if number > 1 else "other") for number in range(1, 7)]
    make_library(tmp_path / "home", songs)
    calls = SubsonicCalls(tmp_path / "home")
    assert len(calls.get("getSimilarSongs", id="tr-1")["similarSongs"]["song"]) == 2
    assert len(calls.get("getSonicSimilarTracks", id="tr-1")["sonicMatch"]) == 5


def test_sonic_similarity(calls: SubsonicCalls) -> None:
    matches = calls.get("getSonicSimilarTracks", id="tr-1")["sonicMatch"]
    assert len(matches) == 10
    near = [match["similarity"] for match in matches]
    assert near == sorted(near, reverse=True)
    assert all(0 <= value <= 1 for value in near)
    assert near[0] > near[-1]
    [first] = calls.xml("getSonicSimilarTracks", id="tr-1", count=1).findall("sonicMatch")
    assert first.get("similarity") == str(near[0])
    [entry] = first
    assert (entry.tag, entry.get("id")) == ("entry", matches[0]["entry"]["id"])
    extensions = calls.get("getOpenSubsonicExtensions")["openSubsonicExtensions"]
    assert {"name": "sonicSimilarity", "versions": [1]} in extensions


def test_a_path_has_both_ends_and_similarities_to_the_first(calls: SubsonicCalls) -> None:
    matches = calls.get("findSonicPath", startSongId="tr-1", endSongId="tr-20", count=6)["sonicMatch"]
    songs = [match["entry"]["id"] for match in matches]
    assert (songs[0], songs[-1], len(set(songs))) == ("tr-1", "tr-20", 6)
    assert matches[0]["similarity"] == 1
    assert matches[1]["similarity"] > matches[-1]["similarity"]
    assert len(calls.get("findSonicPath", startSongId="tr-1", endSongId="tr-20")["sonicMatch"]) > 6
    assert calls.error("findSonicPath", startSongId="tr-1") == 10
    assert calls.error("findSonicPath", startSongId="tr-1", endSongId="tr-99") == 70


def test_what_cannot_be_compared_has_no_mix(tmp_path: Path) -> None:
    make_library(tmp_path / "home", [make_song("jazz", 1, title="99 songs")])
    calls = SubsonicCalls(tmp_path / "home")
    assert calls.get("getSimilarSongs", id="tr-1")["similarSongs"]["song"] == []
    assert calls.get("getSonicSimilarTracks", id="tr-1")["sonicMatch"] == []
    for unknown in ("tr-99", "al-99", "ar-99", "pl-1", "x"):
        assert calls.error("getSimilarSongs", id=unknown) == 70, unknown
    assert calls.error("getSimilarSongs") == 10
    assert calls.error("star", id="tr-99") == calls.error("setRating", id="tr-99", rating=5) == 70
