"""JSON schemas of the answers of ``/rest``, written from the documents of OpenSubsonic.

A field that the documents do not have is an error, so that a misspelled one is found; fields that they require are
required. Numbers have the ranges that they state. Artists and albums of folders may have the fields of ID3 as well, as
in the examples of the documents.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
STARS: Schema = {"type": "integer", "minimum": 1, "maximum": 5}
STARS_OR_NONE: Schema = {"type": "integer", "minimum": 0, "maximum": 5}  # of albums and artists
AVERAGE: Schema = {"type": "number", "minimum": 1, "maximum": 5}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def record(required: str = "", /, **fields: Schema) -> Schema:
    """An object that has these fields alone; ``required`` has the names of those that must be there."""
    return {"type": "object", "properties": fields, "required": required.split(), "additionalProperties": False}


def many(name: str) -> Schema:
    """A list of records of the definitions."""
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def fields_of(schema: Schema) -> dict[str, Schema]:
    """The fields of a record, to make one that has more."""
    fields: dict[str, Schema] = schema["properties"]
    return fields


NAMED = record("name", name=TEXT)
DATE = record(year=WHOLE, month=WHOLE, day=WHOLE)
GAIN = record(
    trackGain=NUMBER, albumGain=NUMBER, trackPeak=NUMBER, albumPeak=NUMBER, baseGain=NUMBER, fallbackGain=NUMBER
)
CHILD = record(
    "id isDir title", id=TEXT, parent=TEXT, isDir=TRUTH, title=TEXT, album=TEXT, artist=TEXT, track=WHOLE, year=WHOLE,
    genre=TEXT, coverArt=TEXT, size=WHOLE, contentType=TEXT, suffix=TEXT, transcodedContentType=TEXT,
    transcodedSuffix=TEXT, duration=WHOLE, bitRate=WHOLE, bitDepth=WHOLE, samplingRate=WHOLE, channelCount=WHOLE,
    path=TEXT, isVideo=TRUTH, userRating=STARS, averageRating=AVERAGE, playCount=WHOLE, discNumber=WHOLE, created=TIME,
    starred=TIME, albumId=TEXT, artistId=TEXT, type={"enum": ["music", "podcast", "audiobook", "video"]},
    mediaType={"enum": ["song", "album", "artist"]}, bookmarkPosition=WHOLE, originalWidth=WHOLE, originalHeight=WHOLE,
    played=TIME, bpm=WHOLE, comment=TEXT, sortName=TEXT, musicBrainzId=TEXT, isrc=TEXTS, genres=many("named"),
    artists=many("artist"), displayArtist=TEXT, albumArtists=many("artist"), displayAlbumArtist=TEXT,
    contributors=many("contributor"), displayComposer=TEXT, moods=TEXTS, groupings=TEXTS,
    explicitStatus={"enum": ["explicit", "clean", ""]}, works=many("named"), movements=many("named"),
    replayGain={"$ref": "#/$defs/gain"},
)  # fmt: skip
ALBUM = record(
    "id name songCount duration created", id=TEXT, version=TEXT, name=TEXT, artist=TEXT, artistId=TEXT, coverArt=TEXT,
    songCount=WHOLE, duration=WHOLE, playCount=WHOLE, created=TIME, starred=TIME, year=WHOLE, genre=TEXT, played=TIME,
    userRating=STARS_OR_NONE, averageRating=AVERAGE, recordLabels=many("named"), musicBrainzId=TEXT,
    genres=many("named"), artists=many("artist"), displayArtist=TEXT, releaseTypes=TEXTS, moods=TEXTS, sortName=TEXT,
    originalReleaseDate={"$ref": "#/$defs/date"}, releaseDate={"$ref": "#/$defs/date"}, isCompilation=TRUTH,
    explicitStatus={"enum": ["explicit", "clean", ""]}, discTitles=many("disc"),
)  # fmt: skip
ARTIST = record(
    "id name", id=TEXT, name=TEXT, coverArt=TEXT, artistImageUrl=TEXT, albumCount=WHOLE, starred=TIME,
    userRating=STARS_OR_NONE, averageRating=AVERAGE, musicBrainzId=TEXT, sortName=TEXT, roles=TEXTS,
)  # fmt: skip
PLAYLIST = record(
    "id name songCount duration created changed", id=TEXT, name=TEXT, comment=TEXT, owner=TEXT, public=TRUTH,
    songCount=WHOLE, duration=WHOLE, created=TIME, changed=TIME, coverArt=TEXT, allowedUser=TEXTS, readonly=TRUTH,
    validUntil=TIME,
)  # fmt: skip
PLAYING = record(
    "id isDir title username minutesAgo playerId", **fields_of(CHILD), username=TEXT, minutesAgo=WHOLE, playerId=WHOLE,
    playerName=TEXT, state=TEXT, positionMs=WHOLE, playbackRate=NUMBER,
)  # fmt: skip
FOLDER_ALBUM = record("id isDir title", **{**fields_of(CHILD), **fields_of(ALBUM)})
LYRICS = record(
    "lang synced line", displayArtist=TEXT, displayTitle=TEXT, lang=TEXT, offset={"type": "integer"}, synced=TRUTH,
    line=many("line"), kind=TEXT,
)  # fmt: skip
_IMAGES = dict.fromkeys(("smallImageUrl", "mediumImageUrl", "largeImageUrl"), TEXT)
_ABOUT_ARTIST = {"biography": TEXT, "musicBrainzId": TEXT, "lastFmUrl": TEXT, **_IMAGES}
_ROLES = (
    "scrobblingEnabled adminRole settingsRole downloadRole uploadRole playlistRole coverArtRole commentRole "
    "podcastRole streamRole jukeboxRole shareRole videoConversionRole"
)
DEFINITIONS: dict[str, Schema] = {
    "child": CHILD, "album": ALBUM, "artist": ARTIST, "named": NAMED, "date": DATE, "gain": GAIN,
    "playlist": PLAYLIST, "playing": PLAYING, "lyrics": LYRICS,     "folder_album": FOLDER_ALBUM,
    "contributor": record("role artist", role=TEXT, subRole=TEXT, artist={"$ref": "#/$defs/artist"}),
    "disc": record("disc title", disc=WHOLE, title=TEXT, coverArt=TEXT),
    "line": record("value", start=WHOLE, value=TEXT),
    "index": record("name artist", name=TEXT, artist=many("artist")),
    "genre": record("value songCount albumCount", value=TEXT, songCount=WHOLE, albumCount=WHOLE),
    "match": record("entry similarity", entry={"$ref": "#/$defs/child"},
                    similarity={"type": "number", "minimum": -1, "maximum": 1}),
    "music_folder": record("id", id={"type": ["integer", "string"]}, name=TEXT),
    "extension": record("name versions", name=TEXT, versions={"type": "array", "items": WHOLE, "minItems": 1}),
}  # fmt: skip
_SONGS = record(song=many("child"))
_QUEUE = {"position": WHOLE, "username": TEXT, "changed": TIME, "changedBy": TEXT, "entry": many("child")}
_ALBUM_INFO = record(notes=TEXT, musicBrainzId=TEXT, lastFmUrl=TEXT, **_IMAGES)
_PLAYLIST = record("id name songCount duration created changed", **fields_of(PLAYLIST), entry=many("child"))
_SCAN = record("scanning", scanning=TRUTH, count=WHOLE, folderCount=WHOLE, lastScan=TIME)

PAYLOADS: dict[str, dict[str, Schema]] = {
    "getLicense": {"license": record("valid", valid=TRUTH, email=TEXT, licenseExpires=TIME, trialExpires=TIME)},
    "getOpenSubsonicExtensions": {"openSubsonicExtensions": many("extension")},
    "tokenInfo": {"tokenInfo": record("username", username=TEXT)},
    "getUser": {
        "user": record(
            f"username {_ROLES}", username=TEXT, email=TEXT, folder={"type": "array", "items": WHOLE},
            maxBitRate=WHOLE, avatarLastChanged=TIME, **dict.fromkeys(_ROLES.split(), TRUTH),
        )
    },
    "getMusicFolders": {"musicFolders": record("musicFolder", musicFolder=many("music_folder"))},
    "getScanStatus": {"scanStatus": _SCAN},
    "startScan": {"scanStatus": _SCAN},
    "getArtists": {
        "artists": record("ignoredArticles index", ignoredArticles=TEXT, lastModified=WHOLE, index=many("index"))
    },
    "getIndexes": {
        "indexes": record(
            "ignoredArticles lastModified", ignoredArticles=TEXT, lastModified=WHOLE, shortcut=many("artist"),
            index=many("index"), child=many("child"),
        )
    },
    "getMusicDirectory": {
        "directory": record(
            "id name", id=TEXT, parent=TEXT, name=TEXT, starred=TIME, userRating=STARS, averageRating=AVERAGE,
            playCount=WHOLE, coverArt=TEXT, songCount=WHOLE, albumCount=WHOLE, duration=WHOLE,
            child=many("folder_album"),
        )
    },
    "getArtist": {"artist": record("id name", **fields_of(ARTIST), album=many("album"))},
    "getArtistInfo": {"artistInfo": record(**_ABOUT_ARTIST, similarArtist=many("artist"))},
    "getArtistInfo2": {"artistInfo2": record(**_ABOUT_ARTIST, similarArtist=many("artist"))},
    "getAlbum": {"album": record("id name songCount duration created", **fields_of(ALBUM), song=many("child"))},
    "getAlbumInfo": {"albumInfo": _ALBUM_INFO},
    "getAlbumInfo2": {"albumInfo": _ALBUM_INFO},
    "getSong": {"song": CHILD},
    "getGenres": {"genres": record("genre", genre=many("genre"))},
    "getAlbumList": {"albumList": record("album", album=many("folder_album"))},
    "getAlbumList2": {"albumList2": record("album", album=many("album"))},
    "getRandomSongs": {"randomSongs": _SONGS},
    "getSongsByGenre": {"songsByGenre": _SONGS},
    "getStarred": {"starred": record(artist=many("artist"), album=many("folder_album"), song=many("child"))},
    "getStarred2": {"starred2": record(artist=many("artist"), album=many("album"), song=many("child"))},
    "getTopSongs": {"topSongs": _SONGS},
    "search2": {"searchResult2": record(artist=many("artist"), album=many("folder_album"), song=many("child"))},
    "search3": {"searchResult3": record(artist=many("artist"), album=many("album"), song=many("child"))},
    "getSimilarSongs": {"similarSongs": _SONGS},
    "getSimilarSongs2": {"similarSongs2": _SONGS},
    "getSonicSimilarTracks": {"sonicMatch": many("match")},
    "findSonicPath": {"sonicMatch": many("match")},
    "getPlaylists": {"playlists": record("playlist", playlist=many("playlist"))},
    "getPlaylist": {"playlist": _PLAYLIST},
    "createPlaylist": {"playlist": _PLAYLIST},
    "getPlayQueue": {"playQueue": record("username changed changedBy", **_QUEUE, current=TEXT)},
    "getPlayQueueByIndex": {"playQueueByIndex": record("username changed changedBy", **_QUEUE, currentIndex=WHOLE)},
    "getLyrics": {"lyrics": record("", artist=TEXT, title=TEXT, value=TEXT)},
    "getLyricsBySongId": {"lyricsList": record("structuredLyrics", structuredLyrics=many("lyrics"))},
    "getNowPlaying": {"nowPlaying": record("entry", entry=many("playing"))},
    **{
        name: {outer: record(inner, **{inner: {"type": "array", "maxItems": 0}})}
        for name, outer, inner in (
            ("getPodcasts", "podcasts", "channel"), ("getNewestPodcasts", "newestPodcasts", "episode"),
            ("getInternetRadioStations", "internetRadioStations", "internetRadioStation"),
            ("getShares", "shares", "share"), ("getBookmarks", "bookmarks", "bookmark"),
            ("getChatMessages", "chatMessages", "chatMessage"), ("getVideos", "videos", "video"),
        )
    },
}  # fmt: skip
"""The fields of an answer besides those that every answer has, by the name of the call; others have none."""


def schema_of(call: str) -> Schema:
    """The schema of the answer to a call that succeeds."""
    payload = PAYLOADS.get(call, {})
    about = {"status": {"const": "ok"}, "version": {"const": "1.16.1"}, "type": {"const": "recsys"},
             "serverVersion": TEXT, "openSubsonic": {"const": True}}  # fmt: skip
    answer = record(" ".join([*about, *payload]), **about, **payload)
    return {"$defs": DEFINITIONS, **record("subsonic-response", **{"subsonic-response": answer})}
