"""Exports in the structure of each program, of made-up songs: the counts agree with a count of other means.

The other means are the format's own parser where Python has one (plistlib, configparser, sqlite3, json, csv), else
minidom. The structures are those of the programs' documentation and of public files.
"""

import configparser
import csv
import json
import plistlib
import random
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.dom import minidom
from xml.sax.saxutils import quoteattr

import pytest

from recsys.importers.entries import ImportedFile
from recsys.importers.formats import read_file


class Song(NamedTuple):
    artist: str
    title: str
    album: str
    seconds: int
    stars: int
    plays: int
    loved: bool
    banned: bool

    @property
    def path(self) -> str:
        return f"/Music/{self.artist.replace('/', '_')}/{self.album}/{self.title.replace('/', '_')}.mp3"


class Counts(NamedTuple):
    """Of a file: tracks, those with stars, loved and banned ones, and plays."""

    tracks: int
    starred: int = 0
    loved: int = 0
    banned: int = 0
    plays: int = 0


_ARTISTS = ("Björk", "AC/DC", "Sigur Rós", "Above & Beyond", "Мумий Тролль", "坂本龍一", 'Dr. "Q" <Quote>', "100%")


def make_songs(n: int = 250) -> list[Song]:
    """Songs with different titles, by few artists with awkward names."""
    draw = random.Random(7)
    return [
        Song(
            draw.choice(_ARTISTS), f"Söng {number} & 'x' #{number % 7}", f"Album {number % 9}", draw.randint(60, 600),
            draw.choice((0, 0, 1, 2, 3, 4, 5)), draw.choice((0, 0, 1, 3, 12)), number % 5 == 0, number % 5 == 1,
        )
        for number in range(n)
    ]  # fmt: skip


SONGS = make_songs()
LISTENS = [
    (song, 1_600_000_000 + 400 * number + play) for number, song in enumerate(SONGS) for play in range(song.plays)
]
PLAYED = [song for song in SONGS if song.plays]


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# iTunes and Apple Music


def write_itunes(path: Path) -> None:
    tracks: dict[str, dict[str, Any]] = {}
    for number, song in enumerate(SONGS, 1000):
        tracks[f"{number}"] = {
            "Track ID": number, "Name": song.title, "Artist": song.artist, "Album": song.album,
            "Total Time": song.seconds * 1000, "Location": f"file://localhost{quote(song.path)}", "Track Type": "File",
            **({"Rating": song.stars * 20} if song.stars else {"Rating": 60, "Rating Computed": True}),
            **({"Play Count": song.plays, "Play Date UTC": datetime(2024, 5, 1)} if song.plays else {}),
            **({"Loved": True} if song.loved else {}), **({"Disliked": True} if song.banned else {}),
            "Album Rating": 60, "Album Rating Computed": True,
        }  # fmt: skip
    tracks["1"] = {"Track ID": 1, "Name": "An episode", "Podcast": True, "Play Count": 3}
    items = [{"Track ID": int(number)} for number in tracks]
    playlists = [{"Name": "Library", "Master": True, "Playlist ID": 1, "Playlist Items": items}]
    path.write_bytes(plistlib.dumps({"Major Version": 1, "Tracks": tracks, "Playlists": playlists}, sort_keys=False))


def count_itunes(path: Path) -> Counts:
    rows = [row for row in plistlib.loads(path.read_bytes())["Tracks"].values() if not row.get("Podcast")]
    return Counts(
        len(rows), sum("Rating" in row and "Rating Computed" not in row for row in rows),
        sum(row.get("Loved", False) for row in rows), sum(row.get("Disliked", False) for row in rows),
        sum(row.get("Play Count", 0) for row in rows),
    )  # fmt: skip


# Rhythmbox, Rekordbox, Traktor


def write_rhythmbox(path: Path) -> None:
    entries = "".join(
        f'<entry type="song"><title>{_text(s.title)}</title><genre>x</genre><artist>{_text(s.artist)}</artist>'
        f"<album>{_text(s.album)}</album><duration>{s.seconds}</duration><location>file://{quote(s.path)}</location>"
        + (f"<rating>{s.stars}</rating>" if s.stars else "")
        + (f"<play-count>{s.plays}</play-count><last-played>1714552200</last-played>" if s.plays else "")
        + "</entry>\n"
        for s in SONGS
    )
    radio = '<entry type="iradio"><title>Radio</title><location>http://example.org</location></entry>'
    path.write_text(f'<?xml version="1.0" standalone="yes"?>\n<rhythmdb version="2.0">{entries}{radio}</rhythmdb>')


def count_rhythmbox(path: Path) -> Counts:
    songs = [e for e in minidom.parse(str(path)).getElementsByTagName("entry") if e.getAttribute("type") == "song"]
    plays = [node.toxml() for e in songs for node in e.getElementsByTagName("play-count")]
    total = sum(int(re.sub(r"\D", "", xml)) for xml in plays)
    return Counts(len(songs), sum(len(e.getElementsByTagName("rating")) for e in songs), plays=total)


def write_rekordbox(path: Path) -> None:
    tracks = "".join(
        f"<TRACK TrackID={quoteattr(str(number))} Name={quoteattr(s.title)} Artist={quoteattr(s.artist)} "
        f'Album={quoteattr(s.album)} TotalTime="{s.seconds}" Rating="{s.stars * 51}" PlayCount="{s.plays}" '
        f'Location={quoteattr(f"file://localhost{quote(s.path)}")}><TEMPO Inizio="0.02" Bpm="120.00"/></TRACK>\n'
        for number, s in enumerate(SONGS, 1)
    )
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<DJ_PLAYLISTS Version="1.0.0"><COLLECTION Entries="'
                    f'{len(SONGS)}">{tracks}</COLLECTION><PLAYLISTS><NODE Type="0" Name="ROOT" Count="0"/></PLAYLISTS>'
                    "</DJ_PLAYLISTS>")  # fmt: skip


def count_rekordbox(path: Path) -> Counts:
    tracks = minidom.parse(str(path)).getElementsByTagName("TRACK")
    starred = sum(track.getAttribute("Rating") != "0" for track in tracks)
    return Counts(len(tracks), starred, plays=sum(int(track.getAttribute("PlayCount")) for track in tracks))


def write_traktor(path: Path) -> None:
    entries = "".join(
        f"<ENTRY TITLE={quoteattr(s.title)} ARTIST={quoteattr(s.artist)}>"
        f'<LOCATION DIR="{_traktor_folder(s)}" FILE={quoteattr(s.path.rpartition("/")[2])} VOLUME="Macintosh HD" '
        f'VOLUMEID="Macintosh HD"></LOCATION>\n<ALBUM TITLE={quoteattr(s.album)}></ALBUM>\n'
        f'<INFO PLAYTIME="{s.seconds}" RANKING="{s.stars * 51}" PLAYCOUNT="{s.plays}" LAST_PLAYED="2024/5/1"></INFO>\n'
        "</ENTRY>\n"
        for s in SONGS
    )
    path.write_text(f'<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n<NML VERSION="19"><HEAD></HEAD>\n'
                    f'<COLLECTION ENTRIES="{len(SONGS)}">{entries}</COLLECTION></NML>')  # fmt: skip


def count_traktor(path: Path) -> Counts:
    infos = minidom.parse(str(path)).getElementsByTagName("INFO")
    starred = sum(info.getAttribute("RANKING") != "0" for info in infos)
    return Counts(len(infos), starred, plays=sum(int(info.getAttribute("PLAYCOUNT")) for info in infos))


def _traktor_folder(song: Song) -> str:
    return quoteattr("/:".join(["", *song.path.split("/")[1:-1], ""]))[1:-1].replace('"', "&quot;")


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# beets, Navidrome


def write_beets(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE items (id INTEGER PRIMARY KEY, path BLOB, title TEXT, artist TEXT, album TEXT, "
            "mb_trackid TEXT, length REAL, lyrics TEXT)"
        )
        connection.execute(
            "CREATE TABLE item_attributes (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT)"
        )
        for number, s in enumerate(SONGS, 1):
            row = (number, s.path.encode(), s.title, s.artist, s.album, "", s.seconds, "la la")
            connection.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            for key, value in (("itunes_rating", s.stars * 20), ("play_count", s.plays)):
                if value:
                    insert = "INSERT INTO item_attributes (entity_id, key, value) VALUES (?, ?, ?)"
                    connection.execute(insert, (number, key, f"{value}"))
        connection.commit()


def count_beets(path: Path) -> Counts:
    with closing(sqlite3.connect(path)) as connection:
        [[tracks]] = connection.execute("SELECT count(*) FROM items")
        [[starred]] = connection.execute("SELECT count(*) FROM item_attributes WHERE key = 'itunes_rating'")
        [[plays]] = connection.execute("SELECT sum(value) FROM item_attributes WHERE key = 'play_count'")
    return Counts(tracks, starred, plays=int(plays))


def write_navidrome(path: Path) -> None:
    rows = [
        {"id": f"{n}", "libraryId": 1, "path": s.path[1:], "title": s.title, "artist": s.artist, "album": s.album,
         "duration": s.seconds + 0.25, "createdAt": "2021-03-04T05:06:07Z",
         **({"rating": s.stars} if s.stars else {}), **({"playCount": s.plays} if s.plays else {}),
         **({"starred": True, "starredAt": "2023-08-22T13:58:56Z"} if s.loved else {})}
        for n, s in enumerate(SONGS)
    ]  # fmt: skip
    path.write_text(json.dumps(rows))


def count_navidrome(path: Path) -> Counts:
    rows = json.loads(path.read_text())
    loved = sum(row.get("starred", False) for row in rows)
    return Counts(
        len(rows), sum("rating" in row for row in rows), loved, plays=sum(row.get("playCount", 0) for row in rows)
    )


# Last.fm, ListenBrainz, Spotify


def write_lastfm(path: Path) -> None:
    tracks = [
        {"artist": {"mbid": "", "#text": s.artist}, "album": {"mbid": "", "#text": s.album}, "name": s.title,
         "mbid": "", "streamable": "0", "date": {"uts": f"{at}", "#text": "13 Sep 2020, 12:26"}}
        for s, at in LISTENS
    ]  # fmt: skip
    now = {"artist": {"#text": "x"}, "album": {"#text": ""}, "name": "now", "mbid": "", "@attr": {"nowplaying": "true"}}
    pages = [[*([now] if start == 0 else []), *tracks[start : start + 200]] for start in range(0, len(tracks), 200)]
    path.write_text(json.dumps([{"track": page, "@attr": {"page": f"{n}"}} for n, page in enumerate(pages)]))


def count_lastfm(path: Path) -> Counts:
    rows = [row for page in json.loads(path.read_text()) for row in page["track"] if "date" in row]
    return _history([(row["artist"]["#text"], row["name"], row["album"]["#text"]) for row in rows])


def write_listenbrainz(path: Path) -> None:
    lines = [
        json.dumps({"listened_at": at, "track_metadata": {"artist_name": s.artist, "track_name": s.title,
                    "release_name": s.album, "additional_info": {"duration_ms": s.seconds * 1000}}})
        for s, at in LISTENS
    ]  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user.json", "{}")
        for month in range(12):
            archive.writestr(f"listens/2020/{month + 1}.jsonl", "\n".join(lines[month::12]) + "\n")


def count_listenbrainz(path: Path) -> Counts:
    with zipfile.ZipFile(path) as archive:
        texts = [archive.read(name) for name in archive.namelist() if name.startswith("listens/")]
    rows = [json.loads(line)["track_metadata"] for text in texts for line in text.splitlines()]
    return _history([(row["artist_name"], row["track_name"], row["release_name"]) for row in rows])


def write_spotify(path: Path) -> None:
    def uri(song: Song) -> str:
        return f"spotify:track:{SONGS.index(song):022d}"

    library = {
        "tracks": [{"artist": s.artist, "album": s.album, "track": s.title, "uri": uri(s)} for s in SONGS if s.loved],
        "albums": [{"artist": s.artist, "album": s.album, "uri": "spotify:album:x"} for s in SONGS[:5]],
        "shows": [], "episodes": [],
        "bannedTracks": [{"artist": s.artist, "album": s.album, "track": s.title} for s in SONGS if s.banned],
        "artists": [{"name": s.artist, "uri": "spotify:artist:x"} for s in SONGS[:3]], "bannedArtists": [], "other": [],
    }  # fmt: skip
    listens = [
        {"ts": iso(at), "ms_played": played, "master_metadata_track_name": s.title, "spotify_track_uri": uri(s),
         "master_metadata_album_artist_name": s.artist, "master_metadata_album_album_name": s.album,
         "episode_name": None, "reason_start": "trackdone", "reason_end": "fwdbtn", "skipped": played < 30_000}
        for s, at in LISTENS for played in (s.seconds * 1000, 4_000)
    ]  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Spotify Account Data/YourLibrary.json", json.dumps(library, indent=2))
        for part, start in enumerate(range(0, len(listens), 300)):
            name = f"Spotify Extended Streaming History/Streaming_History_Audio_2020_{part}.json"
            archive.writestr(name, json.dumps(listens[start : start + 300], indent=2))
        archive.writestr("Spotify Extended Streaming History/ReadMeFirst_ExtendedStreamingHistory.pdf", "%PDF")


def count_spotify(path: Path) -> Counts:
    with zipfile.ZipFile(path) as archive:
        data = {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}
    [library] = [value for name, value in data.items() if name.endswith("YourLibrary.json")]
    rows = [row for name, value in data.items() if "Audio" in name for row in value if row["ms_played"] >= 30_000]
    history = _history([tuple(row[key] for key in row if key.startswith("master")) for row in rows])
    loved, banned = len(library["tracks"]), len(library["bannedTracks"])
    return history._replace(tracks=history.tracks + loved + banned, loved=loved, banned=banned)


def _history(names: list[tuple[str, ...]]) -> Counts:
    plays = Counter(tuple(name.casefold() for name in each) for each in names)
    return Counts(len(plays), plays=plays.total())


# Playlists


def write_apple(path: Path) -> None:
    lines = [line for s in SONGS for line in (f"#EXTINF:{s.seconds},{s.title} - {s.artist}", s.path)]
    path.write_bytes("\r".join(["#EXTM3U", *lines, ""]).encode())


def count_apple(path: Path) -> Counts:
    return Counts(path.read_bytes().count(b"#EXTINF:"))


def write_pls(path: Path) -> None:
    order = list(enumerate(SONGS, 1))
    random.Random(1).shuffle(order)
    lines = [f"File{n}={s.path}\nTitle{n}={s.artist} - {s.title}\nLength{n}={s.seconds}" for n, s in order]
    path.write_text("\n".join(["[playlist]", *lines, "NumberOfEntries=3", "Version=2"]), encoding="utf-8")


def count_pls(path: Path) -> Counts:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path, encoding="utf-8")
    return Counts(sum(key.startswith("file") for key in parser["playlist"]))


def write_exportify(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["Track URI", "Track Name", "Album Name", "Artist Name(s)", "Duration (ms)", "Added At"])
        writer.writerows(
            ["spotify:track:x", s.title, s.album, s.artist, s.seconds * 1000, "2021-03-04T05:06:07Z"] for s in SONGS
        )


def count_exportify(path: Path) -> Counts:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return Counts(len(list(csv.DictReader(file))))


Step = tuple[str, Callable[[Path], None], Callable[[Path], Counts]]
EXPORTS: dict[str, Step] = {
    "itunes": ("Library.xml", write_itunes, count_itunes),
    "rhythmbox": ("rhythmdb.xml", write_rhythmbox, count_rhythmbox),
    "rekordbox": ("rekordbox.xml", write_rekordbox, count_rekordbox),
    "traktor": ("collection.nml", write_traktor, count_traktor),
    "beets": ("library.db", write_beets, count_beets),
    "navidrome": ("songs.json", write_navidrome, count_navidrome),
    "lastfm": ("recenttracks.json", write_lastfm, count_lastfm),
    "listenbrainz": ("listenbrainz_rob.zip", write_listenbrainz, count_listenbrainz),
    "spotify": ("my_spotify_data.zip", write_spotify, count_spotify),
    "m3u": ("apple.m3u", write_apple, count_apple),
    "pls": ("list.pls", write_pls, count_pls),
    "csv": ("exportify.csv", write_exportify, count_exportify),
}


def counts_of(read: ImportedFile) -> Counts:
    tracks = read.tracks
    return Counts(
        len(tracks), sum(t.stars is not None for t in tracks), sum(t.loved is True for t in tracks),
        sum(t.loved is False for t in tracks), sum(t.plays for t in tracks),
    )  # fmt: skip


@pytest.mark.parametrize("format", EXPORTS)
def test_counts_agree_with_a_count_of_other_means(tmp_path: Path, format: str) -> None:
    name, write, count = EXPORTS[format]
    write(tmp_path / name)
    read = read_file(tmp_path / name)
    assert (read.format, read.unidentified) == (format, 0)
    assert counts_of(read) == count(tmp_path / name)
    assert len(read.tracks) >= len(PLAYED) > 100


@pytest.mark.parametrize("format", ["itunes", "rhythmbox", "rekordbox", "beets", "m3u", "pls"])
def test_names_and_paths_of_an_export_are_read_as_they_are(tmp_path: Path, format: str) -> None:
    name, write, _ = EXPORTS[format]
    write(tmp_path / name)
    read = sorted((t.artist, t.title, t.path) for t in read_file(tmp_path / name).tracks)
    assert read == sorted((s.artist, s.title, s.path) for s in SONGS)
