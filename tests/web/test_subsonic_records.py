"""Records of songs as players get them."""

from pathlib import Path
from typing import Any

from subsonic_calls import SubsonicCalls
from synthetic_library import make_library, make_song, open_catalogue


def test_song_has_everything_that_is_stored(tmp_path: Path) -> None:
    tags: dict[str, Any] = {
        "title": "The Köln Concert", "artist": "Keith Jarrett", "album": "Köln", "album_artist": "K. J.", "year": 1975,
        "genre": "Jazz", "track_number": 1, "disc_number": 2, "isrc": "DEB330700001", "track_gain": -3.5,
        "track_peak": 0.5, "composers": ("Keith Jarrett", "Other"),
        "musicbrainz_recording": "0e6b0b32-52e1-4a1a-9fd3-ba1be2cd6e2c",
    }  # fmt: skip
    make_library(tmp_path, [make_song("jazz", 1, **tags)])
    calls = SubsonicCalls(tmp_path)
    with open_catalogue(calls.library) as catalogue:
        catalogue.add_roots(["/music"])
    calls.library.like("The Köln Concert")
    calls.library.ratings.set_stars(["The Köln Concert"], 5)
    calls.library.plays.add("The Köln Concert", at="2026-05-01T20:15")
    song = calls.get("getSong", id="tr-1")["song"]
    assert song.pop("created")
    assert song.pop("starred").endswith("Z")
    assert song.pop("moods")
    artist = {"id": song["artistId"], "name": "Keith Jarrett"}
    other = calls.library.browsing.tracks([1])[0].composer_ids[1]
    album_artist = {"id": f"ar-{calls.library.artist('K. J.').id}", "name": "K. J."}
    assert song == {
        "id": "tr-1", "parent": "al-1", "isDir": False, "title": "The Köln Concert", "album": "Köln",
        "artist": "Keith Jarrett", "track": 1, "year": 1975, "genre": "Jazz", "coverArt": "al-1", "size": 1000,
        "contentType": "audio/mpeg", "suffix": "mp3", "duration": 127, "bitRate": 0, "path": "jazz/01.mp3",
        "isVideo": False, "userRating": 5, "playCount": 1, "discNumber": 2, "albumId": "al-1",
        "artistId": artist["id"], "type": "music", "mediaType": "song", "bitDepth": 0, "samplingRate": 44100,
        "channelCount": 2, "played": "2026-05-01T20:15:00.000Z", "bpm": 101, "sortName": "Köln Concert",
        "musicBrainzId": "0e6b0b32-52e1-4a1a-9fd3-ba1be2cd6e2c", "isrc": ["DEB330700001"],
        "genres": [{"name": "Jazz"}], "artists": [artist], "displayArtist": "Keith Jarrett",
        "albumArtists": [album_artist], "displayAlbumArtist": "K. J.",
        "contributors": [
            {"role": "composer", "artist": artist},
            {"role": "composer", "artist": {"id": f"ar-{other}", "name": "Other"}},
        ],
        "displayComposer": "Keith Jarrett, Other", "replayGain": {"trackGain": -3.5, "trackPeak": 0.5},
    }  # fmt: skip
    as_xml = calls.xml("getSong", id="tr-1").find("song")
    assert as_xml is not None
    assert as_xml.get("isDir") == "false"
    assert as_xml.get("title") == "The Köln Concert"
    assert [each.get("name") for each in as_xml.findall("genres")] == ["Jazz"]
    assert [each.text for each in as_xml.findall("isrc")] == ["DEB330700001"]


def test_tracks_without_tags_are_on_the_unknown_album(tmp_path: Path) -> None:
    songs = [make_song("jazz", 1, title=None, artist=(), album=None), make_song("metal", 2, album=None)]
    make_library(tmp_path, songs)
    calls = SubsonicCalls(tmp_path)
    bare, loose = (calls.get("getSong", id=id)["song"] for id in ("tr-1", "tr-2"))
    assert bare["title"] == "01"
    assert bare["genres"] == [{"name": "jazz"}]
    assert (bare["album"], bare["albumId"], bare["artist"]) == ("[Unknown Album]", "al-none-0", "[Unknown Artist]")
    assert loose["albumId"] == loose["artistId"].replace("ar-", "al-none-")
    assert loose["artist"] == "artist 2"
    assert loose["coverArt"] == "tr-2"


def test_ratings_and_plays_are_those_of_the_listener_of_the_key(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1)])
    calls = SubsonicCalls(tmp_path, listener="Anna")
    calls.library.like("title 1")
    assert "starred" not in calls.get("getSong", id="tr-1")["song"]
    calls.library.for_listener("Anna").like("title 1")
    assert "starred" in calls.get("getSong", id="tr-1")["song"]


def test_unknown_songs_are_not_found(tmp_path: Path) -> None:
    calls = SubsonicCalls(tmp_path)
    assert calls.error("getSong") == 10
    for id in ("tr-1", "al-1", "1", "tr-0", "tr--1", "tr-x"):
        assert calls.error("getSong", id=id) == 70, id
