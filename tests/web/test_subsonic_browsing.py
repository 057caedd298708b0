"""How players browse artists, albums and songs: what a list has, another call finds."""

from pathlib import Path
from typing import Any

import pytest
from subsonic_calls import SubsonicCalls
from synthetic_library import make_library, make_song, open_catalogue

from recsys.web.subsonic.errors import SubsonicError
from recsys.web.subsonic.ids import read_album_id, read_id

SONGS: tuple[dict[str, Any], ...] = (
    {"title": "So What", "artist": "Miles Davis", "album": "Kind of Blue", "year": 1959, "genre": "Jazz"},
    {"title": "Blue in Green", "artist": "Miles Davis", "album": "Kind of Blue", "year": 1959, "genre": "Jazz"},
    {"title": "Tutu", "artist": "Miles Davis", "album": "Tutu", "year": 1986, "genre": "Fusion"},
    {"title": "The Ocean", "artist": "The Who & Co", "album": "The Album", "year": 1970, "genre": "Rock"},
    {"title": "Hit", "artist": "Éric", "album": "Hits", "album_artist": "Various Artists", "year": 1980},
    {"title": "Other Hit", "artist": "Miles Davis", "album": "Hits", "album_artist": "Various Artists", "year": 1980},
    {"title": "Loose", "artist": "Éric", "album": None},
    {"title": "Nothing", "artist": (), "album": None},
    {"title": "No artist", "artist": (), "album": "Nameless", "composers": ("Bach",)},
)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> SubsonicCalls:
    home = tmp_path_factory.mktemp("home")
    rows = [{"track_number": i, **row} for i, row in enumerate(SONGS, 1)]
    make_library(home, [make_song("jazz", i, **row) for i, row in enumerate(rows, 1)])
    return SubsonicCalls(home)


def artists(calls: SubsonicCalls) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for index in calls.get("getArtists")["artists"]["index"] for each in index["artist"]}


def test_artists_are_under_their_initials_without_articles(calls: SubsonicCalls) -> None:
    found = calls.get("getArtists")["artists"]
    assert found["ignoredArticles"] == "The"
    assert {each["name"]: [artist["name"] for artist in each["artist"]] for each in found["index"]} == {
        "E": ["Éric"], "M": ["Miles Davis"], "V": ["Various Artists"],
        "W": ["The Who & Co"], "#": ["[Unknown Artist]"],
    }  # fmt: skip
    assert [each["name"] for each in found["index"]] == ["E", "M", "V", "W", "#"]
    davis = artists(calls)["Miles Davis"]
    assert (davis["albumCount"], davis["roles"], davis["sortName"]) == (3, ["artist"], "Miles Davis")
    assert artists(calls)["The Who & Co"]["sortName"] == "Who & Co"


def test_artists_and_albums_alone_reach_every_track(calls: SubsonicCalls) -> None:
    seen = []
    for artist in artists(calls).values():
        whole = calls.get("getArtist", id=artist["id"])["artist"]
        assert len(whole["album"]) == whole["albumCount"] == artist["albumCount"]
        for album in whole["album"]:
            songs = calls.get("getAlbum", id=album["id"])["album"]
            assert len(songs["song"]) == songs["songCount"] == album["songCount"]
            assert all(song["albumId"] == song["parent"] == album["id"] for song in songs["song"])
            seen += [song["title"] for song in songs["song"]]
    assert set(seen) == {str(row["title"]) for row in SONGS}


def test_albums_of_lists_have_every_track_once(calls: SubsonicCalls) -> None:
    for kind in ("alphabeticalByName", "alphabeticalByArtist", "newest", "random"):
        albums = calls.get("getAlbumList2", type=kind, size=500)["albumList2"]["album"]
        songs = [song["id"] for each in albums for song in calls.get("getAlbum", id=each["id"])["album"]["song"]]
        assert sorted(songs) == [f"tr-{i}" for i in range(1, len(SONGS) + 1)], kind


def test_orders_of_albums(calls: SubsonicCalls) -> None:
    def names(kind: str, **parameters: Any) -> list[str]:
        return [each["name"] for each in calls.get("getAlbumList2", type=kind, **parameters)["albumList2"]["album"]]

    by_name = ["The Album", "Hits", "Kind of Blue", "Nameless", "Tutu", "[Unknown Album]", "[Unknown Album]"]
    assert names("alphabeticalByName") == by_name
    assert names("alphabeticalByName", size=2, offset=1) == ["Hits", "Kind of Blue"]
    assert names("alphabeticalByArtist", size=2, offset=1) == ["Kind of Blue", "Tutu"]
    assert names("byYear", fromYear=1950, toYear=1980) == ["Kind of Blue", "The Album", "Hits"]
    assert names("byYear", fromYear=1980, toYear=1950) == ["Hits", "The Album", "Kind of Blue"]
    assert sorted(names("byGenre", genre="JAZZ")) == ["Hits", "Kind of Blue", "Nameless", *by_name[-2:]]
    assert names("byGenre", genre="Rock") == ["The Album"]
    assert names("byGenre", genre="polka") == []
    assert sorted(names("random")) == sorted(by_name)
    assert calls.error("getAlbumList2") == calls.error("getAlbumList2", type="byGenre") == 10
    assert calls.error("getAlbumList2", type="byYear", fromYear=1970) == 10
    assert calls.error("getAlbumList2", type="best") == 0


def test_every_id_of_an_answer_is_found(calls: SubsonicCalls) -> None:
    for song in calls.get("search3", query="", songCount=500)["searchResult3"]["song"]:
        assert calls.get("getSong", id=song["id"])["song"]["id"] == song["id"]
        assert calls.get("getAlbum", id=song["albumId"])["album"]["name"] == song["album"]
        assert calls.get("getMusicDirectory", id=song["parent"])["directory"]["name"] == song["album"]
        credited = [*song["artists"], *song["albumArtists"], *(each["artist"] for each in song["contributors"])]
        for artist in [*credited, {"id": song["artistId"], "name": song["artist"]}]:
            assert calls.get("getArtist", id=artist["id"])["artist"]["name"] == artist["name"]


def test_directories_lead_from_artists_to_songs(calls: SubsonicCalls) -> None:
    indexes = calls.get("getIndexes")["indexes"]
    assert calls.get("getIndexes", ifModifiedSince=indexes["lastModified"] + 10**9)["indexes"]["index"] == []
    davis = next(each for index in indexes["index"] for each in index["artist"] if each["name"] == "Miles Davis")
    directory = calls.get("getMusicDirectory", id=davis["id"])["directory"]
    assert directory["name"] == "Miles Davis"
    assert [(each["title"], each["isDir"]) for each in directory["child"]] == [
        ("Kind of Blue", True), ("Tutu", True), ("Hits", True),
    ]  # fmt: skip
    album = calls.get("getMusicDirectory", id=directory["child"][0]["id"])["directory"]
    assert album["parent"] == davis["id"]
    assert [each["title"] for each in album["child"]] == ["So What", "Blue in Green"]
    albums = calls.get("getAlbumList", type="alphabeticalByName")["albumList"]["album"]
    assert all(each["isDir"] and each["parent"] for each in albums)


def test_genres_are_those_of_tags_and_else_predicted(calls: SubsonicCalls) -> None:
    found = {each["value"]: each for each in calls.get("getGenres")["genres"]["genre"]}
    assert found["Jazz"]["songCount"] == 7
    assert found["Rock"] == {"songCount": 1, "albumCount": 1, "value": "Rock"}
    songs = calls.get("getSongsByGenre", genre="jazz", count=3, offset=4)["songsByGenre"]["song"]
    assert [each["id"] for each in songs] == ["tr-7", "tr-8", "tr-9"]
    random = calls.get("getRandomSongs", genre="Jazz", toYear=1959, size=500)["randomSongs"]["song"]
    assert {each["title"] for each in random} >= {"So What", "Blue in Green"}
    random = calls.get("getRandomSongs", fromYear=1959, toYear=1970)["randomSongs"]["song"]
    assert {each["title"] for each in random} == {"So What", "Blue in Green", "The Ocean"}


def test_search_pages_through_everything_or_what_has_the_words(calls: SubsonicCalls) -> None:
    for query in ("", '""'):
        pages = [
            calls.get("search3", query=query, songCount=4, songOffset=offset, artistCount=0, albumCount=0)
            for offset in range(0, 16, 4)
        ]
        songs = [song["id"] for page in pages for song in page["searchResult3"]["song"]]
        assert sorted(songs) == [f"tr-{i}" for i in range(1, len(SONGS) + 1)]
        assert all(page["searchResult3"]["artist"] == page["searchResult3"]["album"] == [] for page in pages)
    found = calls.get("search3", query="mile* dav*")["searchResult3"]
    assert [each["name"] for each in found["artist"]] == ["Miles Davis"]
    assert [each["name"] for each in found["album"]] == ["Kind of Blue", "Tutu"]
    assert {each["title"] for each in found["song"]} == {"So What", "Blue in Green", "Tutu", "Other Hit"}
    best = calls.get("search3", query="hit")["searchResult3"]["song"]
    assert [each["title"] for each in best] == ["Hit", "Other Hit"]
    assert calls.get("search2", query="tutu")["searchResult2"]["album"][0]["isDir"] is True
    assert calls.get("search3", query="artist:x year:")["searchResult3"] == {"artist": [], "album": [], "song": []}


def test_info_has_similar_artists(calls: SubsonicCalls) -> None:
    davis = artists(calls)["Miles Davis"]["id"]
    for id in (davis, "tr-1", calls.get("getSong", id="tr-1")["song"]["albumId"]):
        similar = calls.get("getArtistInfo2", id=id, count=5)["artistInfo2"]["similarArtist"]
        assert {each["name"] for each in similar} >= {"The Who & Co"}
    assert calls.get("getArtistInfo", id="ar-various")["artistInfo"]["similarArtist"] == []
    as_xml = calls.xml("getArtistInfo2", id=davis).find("artistInfo2")
    assert as_xml is not None
    assert [each.tag for each in as_xml][:2] == ["biography", "musicBrainzId"]
    assert calls.get("getAlbumInfo2", id="tr-1")["albumInfo"] == {"notes": "", "musicBrainzId": ""}
    assert calls.error("getArtistInfo2", id="ar-999") == calls.error("getAlbumInfo", id="al-999") == 70


def test_folders(calls: SubsonicCalls) -> None:
    assert calls.get("getMusicFolders")["musicFolders"]["musicFolder"] == [{"id": 0, "name": "Music"}]
    assert calls.get("getArtists", musicFolderId=0)["artists"]["index"]
    assert calls.error("getArtists", musicFolderId=1) == 70


def test_unknown_ids(calls: SubsonicCalls) -> None:
    for call in ("getArtist", "getAlbum", "getMusicDirectory"):
        assert calls.error(call) == 10
        for id in ("ar-999", "al-999", "al-none-999", "al-none-x", "ar-none", "x", "0"):
            assert calls.error(call, id=id) == 70, (call, id)


@pytest.mark.parametrize("number", [2**31, 10**17])
def test_a_number_that_no_database_has_is_no_id(number: int) -> None:
    assert read_id(f"tr-{2**31 - 1}", "tr") == ("tr", 2**31 - 1)
    with pytest.raises(SubsonicError, match="there is no song"):
        read_id(f"tr-{number}", "tr")
    with pytest.raises(SubsonicError, match="there is no album"):
        read_album_id(f"al-none-{number}")


def test_what_is_liked_and_played(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", i, album=f"album {i}") for i in range(1, 5)])
    calls = SubsonicCalls(tmp_path, listener="Anna")
    anna = calls.library.for_listener("Anna")
    calls.library.like("title 1")
    anna.like("title 2")
    anna.ratings.albums.set(["album 3"], 1)
    anna.ratings.albums.set_stars(["album 3"], 3)
    anna.ratings.albums.set_stars(["album 4"], 5)
    anna.ratings.artists.set(["artist 1"], 1)
    for number, at in ((1, "2026-05-01"), (1, "2026-05-02"), (2, "2026-05-03")):
        anna.plays.add(f"title {number}", at=at)
    for call, key in (("getStarred", "starred"), ("getStarred2", "starred2")):
        found = calls.get(call)[key]
        assert [each["id"] for each in found["song"]] == ["tr-2"]
        assert found["artist"][0]["name"] == "artist 1"
        assert found["album"][0]["name"] == "album 3"
        assert {"starred"} < {*found["artist"][0]} & {*found["album"][0]}
        assert found["album"][0]["userRating"] == 3

    def names(kind: str) -> list[str]:
        return [each["name"] for each in calls.get("getAlbumList2", type=kind)["albumList2"]["album"]]

    assert (names("starred"), names("highest")) == (["album 3"], ["album 4", "album 3"])
    assert (names("frequent"), names("recent")) == (["album 1", "album 2"], ["album 2", "album 1"])
    album = calls.get("getAlbum", id=calls.get("getSong", id="tr-1")["song"]["albumId"])["album"]
    assert (album["playCount"], album["played"]) == (2, "2026-05-02T00:00:00.000Z")
    assert [each["id"] for each in calls.get("getTopSongs", artist="ARTIST 1")["topSongs"]["song"]] == ["tr-1"]
    assert calls.get("getTopSongs", artist="nobody")["topSongs"]["song"] == []


def test_lists_follow_changes_of_tracks(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1)])
    calls = SubsonicCalls(tmp_path)
    assert len(calls.get("search3", query="")["searchResult3"]["song"]) == 1
    make_library(tmp_path, [make_song("metal", 2)])
    assert len(calls.get("search3", query="")["searchResult3"]["song"]) == 2
    with open_catalogue(calls.library) as catalogue:
        catalogue.mark_missing(["/music/jazz/01.mp3"])
    calls.library.like(1)
    assert [each["id"] for each in calls.get("search3", query="")["searchResult3"]["song"]] == ["tr-2"]
    assert calls.get("getStarred2")["starred2"]["song"] == []
    assert "starred" in calls.get("getSong", id="tr-1")["song"]


def test_empty_library(tmp_path: Path) -> None:
    calls = SubsonicCalls(tmp_path)
    assert calls.get("getArtists")["artists"]["index"] == []
    assert calls.get("search3", query="")["searchResult3"] == {"artist": [], "album": [], "song": []}
    assert calls.get("search3", query="x")["searchResult3"]["song"] == []
    assert calls.get("getAlbumList2", type="random")["albumList2"]["album"] == []
    assert calls.get("getRandomSongs")["randomSongs"]["song"] == []
    assert calls.get("getGenres")["genres"]["genre"] == []
    assert calls.get("getScanStatus")["scanStatus"] == {"scanning": False, "count": 0, "folderCount": 0}
    assert calls.error("startScan") == 70


def test_scan_is_an_ingest_of_the_folders_of_the_library(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1)])
    calls = SubsonicCalls(tmp_path)
    with open_catalogue(calls.library) as catalogue:
        catalogue.add_roots(["/music"])
    assert calls.get("getScanStatus")["scanStatus"] == {"scanning": False, "count": 1, "folderCount": 1}
    for _ in range(2):  # the second scan is the first one, which waits
        assert calls.get("startScan")["scanStatus"]["scanning"] is True
    [job] = calls.client.state.jobs.list()
    assert (job["kind"], job["parameters"]) == ("ingest", {"folders": ["/music"]})
