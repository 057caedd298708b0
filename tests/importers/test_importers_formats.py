"""Sample files as each program writes them; the modules of recsys.importers cite the descriptions of the formats."""

import sqlite3
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recsys.errors import InvalidRequest, NotFound
from recsys.importers.entries import ExternalGroup, ExternalTrack
from recsys.importers.formats import FORMATS, read_file

DATA = Path(__file__).parents[1] / "data" / "importers"
JOGA, BLACK = "70b4a1f2-4a30-4e47-bc62-4f5bb3f5a0c1", "0bf9e1a1-4b1c-4f2c-9b2a-5a3a3a0a5b11"
SVEFN = "8a2ba61f-4a56-4bf1-a1b9-0b8c0d3a7f12"


def joga(**values: Any) -> ExternalTrack:
    return ExternalTrack(artist="Björk", title="Jóga", **values)


def black(**values: Any) -> ExternalTrack:
    return ExternalTrack(artist="AC/DC", title="Back in Black", **values)


MAY = "2024-05-01T{}:00.000000+00:00"
EXPECTED: dict[str, tuple[str, bool, list[ExternalTrack]]] = {
    "favourites.m3u8": (
        "m3u",
        True,
        [
            joga(path="../Björk/Homogenic/02 Jóga.flac", duration=305, label="Björk - Jóga"),
            ExternalTrack(
                "/music/The Beatles/Abbey Road/01 Come Together.mp3",
                artist="The Beatles",
                title="Come Together - Remastered 2009",
                album="Abbey Road",
                duration=259,
                label="The Beatles - Come Together - Remastered 2009",
            ),
            ExternalTrack(title="Radio Paradise"),
            ExternalTrack(
                "/music/Sigur Rós/Ágætis byrjun/02 Svefn-g-englar.ogg",
                artist="Sigur Rós",
                title="Svefn-g-englar",
                duration=622,
                label="Sigur Rós - Svefn-g-englar",
            ),
        ],
    ),
    "winamp.m3u": (
        "m3u",
        True,
        [
            joga(path="D:\\Musik\\Björk\\Homogenic\\02 Jóga.mp3", duration=305, label="Björk - Jóga"),
            black(path="ACDC\\Back in Black\\06 Back in Black.mp3", duration=255, label="AC/DC - Back in Black"),
        ],
    ),
    "vlc.xspf": (
        "xspf",
        True,
        [
            joga(path="/music/Björk/Homogenic/02 Jóga.flac", album="Homogenic", duration=305.093),
            black(path="ACDC/Back in Black/06 Back in Black.mp3", recording=BLACK, duration=255.493),
        ],
    ),
    "listenbrainz.jspf": (
        "jspf",
        True,
        [
            joga(recording=JOGA, album="Homogenic", duration=305.093),
            ExternalTrack(recording=SVEFN, artist="Sigur Rós", title="Svefn-g-englar"),
        ],
    ),
    "itunes.xml": (
        "itunes",
        False,
        [
            joga(
                path="D:/Music/iTunes/iTunes Media/Music/Björk/Homogenic/02 Jóga.m4a",
                album="Homogenic",
                duration=305.093,
                stars=1.0,
                plays=42,
                last_played="2019-08-24T03:10:33.000000+00:00",
            ),
            ExternalTrack(
                artist="The Beatles", title="Come Together", album="Abbey Road & More", duration=259.946, loved=True
            ),
            black(path="/Users/me/Music/ACDC/06 Back in Black.mp3", stars=0.4, loved=False),
        ],
    ),
    "rhythmdb.xml": (
        "rhythmbox",
        False,
        [
            joga(
                path="/music/Björk/Homogenic/02 Jóga.flac",
                recording=JOGA,
                album="Homogenic",
                duration=305,
                stars=1.0,
                plays=12,
                last_played="2018-08-23T08:23:59.000000+00:00",
            ),
            black(path="/music/ACDC/Back in Black/06 Back in Black.mp3", album="Back in Black", duration=255),
        ],
    ),
    "rekordbox.xml": (
        "rekordbox",
        False,
        [
            ExternalTrack(
                "C:/Users/dj/Music/Les Nuits.mp3",
                artist="Nightmares On Wax",
                title="Les Nuits",
                album="Carboot Soul",
                duration=380,
                stars=0.8,
                plays=12,
            ),
            ExternalTrack("/Users/dj/Music/Glue.aiff", artist="Bicep", title="Glue", album="Bicep", duration=331),
            ExternalTrack(
                "/Users/dj/Music/Sun & Moon.mp3",
                artist="Above & Beyond",
                title="Sun & Moon",
                duration=240,
                stars=0.2,
                plays=1,
            ),
        ],
    ),
    "starred2.json": (
        "subsonic",
        False,
        [
            joga(
                path="Björk/Homogenic/02 - Jóga.flac",
                recording=JOGA,
                album="Homogenic",
                duration=305,
                stars=1.0,
                plays=12,
                loved=True,
                last_played="2023-08-22T13:58:56.123456+00:00",
            ),
        ],
    ),
    "starred2.xml": (
        "subsonic",
        False,
        [
            black(
                path="ACDC/Back in Black/06 Back in Black.mp3",
                album="Back in Black",
                duration=255,
                stars=0.8,
                plays=3,
                loved=True,
                last_played="2020-05-06T07:08:09.000000+00:00",
            ),
        ],
    ),
    "navidrome.json": (
        "navidrome",
        False,
        [
            joga(
                path="Björk/Homogenic/02 Jóga.flac",
                recording=JOGA,
                album="Homogenic",
                duration=305.09,
                stars=0.2,
                plays=12,
                last_played="2024-02-01T08:00:00.000000+00:00",
            ),
            black(
                path="ACDC/06 Back in Black.mp3",
                album="Back in Black",
                duration=255.5,
                loved=True,
                last_played="2023-08-22T13:58:56.000000+00:00",
            ),
        ],
    ),
    "listens.jsonl": (
        "listenbrainz",
        False,
        [
            joga(recording=JOGA, album="Homogenic", duration=305.093, plays=2, last_played=MAY.format("09:50")),
            ExternalTrack(
                artist="AC/DC",
                title="Back In Black",
                duration=255,
                plays=1,
                last_played="2024-05-01T08:43:20.000000+00:00",
            ),
        ],
    ),
    "feedback.jsonl": (
        "listenbrainz",
        False,
        [
            ExternalTrack(recording=JOGA, loved=True, last_played="2024-04-30T18:00:00.000000+00:00"),
        ],
    ),
    "listens-api.json": (
        "listenbrainz",
        False,
        [
            joga(recording=JOGA, album="Homogenic", plays=1, last_played=MAY.format("09:50")),
        ],
    ),
    "feedback-api.json": (
        "listenbrainz",
        False,
        [
            joga(recording=JOGA, album="Homogenic", loved=True, last_played="2024-04-30T18:00:00.000000+00:00"),
        ],
    ),
    "recenttracks.json": (
        "lastfm",
        False,
        [
            joga(recording=JOGA, album="Homogenic", plays=2, last_played=MAY.format("09:50")),
            black(album="Back in Black", plays=1, loved=True, last_played="2024-05-01T08:43:20.000000+00:00"),
        ],
    ),
    "lovedtracks.json": ("lastfm", False, [joga(loved=True, last_played="2023-12-30T15:50:36.000000+00:00")]),
    "toptracks.json": ("lastfm", False, [joga(plays=77)]),
    "ghan.csv": (
        "lastfm",
        False,
        [
            joga(recording=JOGA, album="Homogenic", plays=1, last_played=MAY.format("09:50")),
            black(album="Back in Black", plays=1, last_played="2024-05-01T08:43:20.000000+00:00"),
        ],
    ),
    "ghan-loved.csv": ("lastfm", False, [joga(loved=True, last_played="2023-12-30T15:50:36.000000+00:00")]),
    "lastfmstats.csv": (
        "lastfm",
        False,
        [
            joga(album="Homogenic", plays=2, last_played=MAY.format("09:50")),
            ExternalTrack(
                artist="Sigur Rós; Hilmar", title="Odin", plays=1, last_played="2024-05-01T08:43:20.000000+00:00"
            ),
        ],
    ),
    "lastfmstats.json": ("lastfm", False, [joga(album="Homogenic", plays=2, last_played=MAY.format("09:50"))]),
    "lastfm-to-csv.csv": (
        "lastfm",
        False,
        [
            joga(album="Homogenic", plays=1, last_played=MAY.format("09:50")),
            black(album="Back in Black", plays=1, last_played=MAY.format("08:43")),
        ],
    ),
    "beets.json": (
        "beets",
        False,
        [
            joga(
                path="/music/Björk/Homogenic/02 Jóga.flac",
                recording=JOGA,
                album="Homogenic",
                duration=305,
                plays=12,
                last_played=MAY.format("09:50"),
            ),
            black(
                path="/music/ACDC/Back in Black/06 Back in Black.mp3", album="Back in Black", duration=255, stars=0.8
            ),
        ],
    ),
    "beets.csv": (
        "beets",
        False,
        [
            joga(
                path="/music/Björk/Homogenic/02 Jóga.flac",
                recording=JOGA,
                album="Homogenic",
                duration=305.093,
                plays=12,
            ),
            black(
                path="/music/ACDC/Back in Black/06 Back in Black.mp3", album="Back in Black", duration=255.5, stars=0.8
            ),
        ],
    ),
    "exportify.csv": (
        "csv",
        True,
        [
            joga(album="Homogenic", duration=305.093, last_played="2021-03-04T05:06:07.000000+00:00"),
            ExternalTrack(
                artist="AC/DC",
                title="Back In Black",
                album="Back In Black",
                duration=255.493,
                last_played="2021-03-05T05:06:07.000000+00:00",
            ),
        ],
    ),
    "apple.m3u": (
        "m3u",
        True,
        [
            joga(path="Macintosh HD:Users:me:Music:Jóga.m4a", duration=305, label="Jóga - Björk"),
            ExternalTrack(
                "/Users/me/Music/Come Together.m4a",
                artist="The Beatles",
                title="Come Together - Remastered 2009",
                duration=259,
                label="Come Together - Remastered 2009 - The Beatles",
            ),
        ],
    ),
    "rhythmbox.pls": (
        "pls",
        True,
        [
            ExternalTrack("/music/Björk/Homogenic/02 Jóga.flac", title="Jóga", duration=305),
            black(path="D:\\Musik\\ACDC\\06 Back in Black.mp3", duration=255, label="AC/DC - Back in Black"),
            ExternalTrack(title="Radio Example"),
        ],
    ),
    "mediaplayer.wpl": (
        "wpl",
        True,
        [
            ExternalTrack("..\\Björk\\Homogenic\\02 Jóga.mp3"),
            ExternalTrack("\\\\nas\\music\\AC-DC\\Black & Back.mp3"),
        ],
    ),
    "groove.zpl": (
        "wpl",
        True,
        [joga(path="C:\\Users\\me\\Music\\Joga.mp3", album="Homogenic", duration=305.093)],
    ),
    "old.asx": ("asx", True, [joga(path="D:/Musik/Joga.wma", duration=305)]),
    "collection.nml": (
        "traktor",
        False,
        [
            joga(
                path="/Users/me/Music/Björk/Homogenic/02 Jóga.mp3",
                album="Homogenic",
                duration=305.093079,
                stars=1.0,
                plays=12,
                last_played=MAY.format("00:00"),
            ),
            black(path="D:/Music/ACDC/06 Back in Black.mp3", album="Back in Black", duration=256, stars=0.2),
            ExternalTrack("/Volumes/USB STICK/Sets/Glue.aiff", artist="Bicep", title="Glue", duration=331, plays=3),
        ],
    ),
    "history.nml": (
        "traktor",
        False,
        [
            joga(path="/Users/me/Music/Joga.mp3", duration=306, stars=1.0, plays=2, last_played=MAY.format("09:50")),
            black(
                path="/Users/me/Music/Black.mp3", duration=256, plays=1, last_played="2024-05-01T08:43:20.000000+00:00"
            ),
        ],
    ),
    "YourLibrary.json": (
        "spotify",
        False,
        [
            joga(album="Homogenic", loved=True),
            ExternalTrack(artist="AC/DC", title="Back In Black", album="Back In Black", loved=False),
        ],
    ),
    "Playlist1.json": (
        "spotify",
        True,
        [
            joga(album="Homogenic", last_played=MAY.format("00:00")),
            black(album="Back in Black", duration=255, last_played=MAY.format("00:00")),
        ],
    ),
    "Streaming_History_Audio_2024_0.json": (
        "spotify",
        False,
        [joga(album="Homogenic", plays=2, last_played=MAY.format("09:50"))],
    ),
    "StreamingHistory_music_0.json": ("spotify", False, [joga(plays=1, last_played=MAY.format("09:50"))]),
    "rekordbox.txt": (
        "csv",
        False,
        [joga(album="Homogenic", duration=305, stars=1.0), black(duration=255)],
    ),
    "itunes.txt": (
        "csv",
        False,
        [
            joga(path="Macintosh HD:Users:me:Music:Joga.m4a", album="Homogenic", duration=305, stars=1.0, plays=42),
            black(duration=255, stars=0.4),
        ],
    ),
    "tunemymusic.csv": (
        "csv",
        True,
        [
            joga(album="Homogenic"),
            ExternalTrack(artist="AC/DC", title="Back In Black", album="Back In Black"),
        ],
    ),
    "googleplay.csv": (
        "csv",
        False,
        [
            joga(album="Homogenic", duration=305.093, stars=1.0, plays=12),
            ExternalTrack(artist="AC/DC", title="Back In Black", duration=255, stars=0.2),
        ],
    ),
    "music-library-songs.csv": ("csv", True, [joga(album="Homogenic")]),
    "ratings.csv": (
        "csv",
        False,
        [
            joga(path="music\\Björk\\Jóga.mp3", stars=1.0, plays=12, last_played=MAY.format("09:50")),
            black(path="music\\ACDC\\Black.mp3", stars=0.2),
        ],
    ),
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


NINE, EIGHT, SEVEN = "2024-05-01T09:50", "2024-05-01T08:43", "2024-05-01T07:53"
PLAYED_AT: dict[str, list[tuple[str, ...]]] = {
    "listens.jsonl": [(SEVEN, NINE), (EIGHT,)],
    "listens-api.json": [(NINE,)],
    "recenttracks.json": [(NINE, SEVEN), (EIGHT,)],
    "ghan.csv": [(NINE,), (EIGHT,)],
    "lastfmstats.csv": [(NINE, SEVEN), (EIGHT,)],
    "lastfmstats.json": [(NINE, SEVEN)],
    "lastfm-to-csv.csv": [(NINE,), (EIGHT,)],
    "history.nml": [(NINE, EIGHT), (EIGHT,)],
    "Streaming_History_Audio_2024_0.json": [("2024-05-01T08:00", NINE)],
    "StreamingHistory_music_0.json": [(NINE,)],
}

Write = Callable[[str, str | bytes], Path]


def without_times(tracks: Iterable[ExternalTrack]) -> list[ExternalTrack]:
    return [replace(track, played_at=()) for track in tracks]


@pytest.mark.parametrize("name", EXPECTED)
def test_read_file_returns_format_and_tracks(name: str) -> None:
    read = read_file(DATA / name)
    assert (read.format, read.is_playlist, without_times(read.tracks)) == EXPECTED[name]
    assert read.folder == DATA


# In ghan-loved.csv, part of the file name marks the tracks as loved.
@pytest.mark.parametrize("name", [name for name in EXPECTED if name != "ghan-loved.csv"])
def test_format_is_detected_by_content(name: str, write: Write) -> None:
    read = read_file(write("download", (DATA / name).read_bytes()))
    assert (read.format, read.is_playlist, without_times(read.tracks)) == EXPECTED[name]


@pytest.mark.parametrize(("name", "expected"), PLAYED_AT.items())
def test_histories_have_the_time_of_every_play(name: str, expected: list[tuple[str, ...]]) -> None:
    assert [tuple(at[:16] for at in track.played_at) for track in read_file(DATA / name).tracks] == expected


@pytest.mark.parametrize("name", sorted(EXPECTED.keys() - PLAYED_AT))
def test_other_files_have_no_times_of_plays(name: str) -> None:
    """The time of a rating, or of the last of several plays, is not the time of a single play."""
    assert not any(track.played_at for track in read_file(DATA / name).tracks)


def test_every_format_has_a_sample_file() -> None:
    assert {format for format, _, _ in EXPECTED.values()} | {"json"} == set(FORMATS)
    assert {path.name for path in DATA.iterdir()} == EXPECTED.keys() | {"beets.sql", "rhythmbox-playlists.xml"}


def test_beets_database_is_read(tmp_path: Path) -> None:
    file = tmp_path / "music library?#.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((DATA / "beets.sql").read_text(encoding="utf-8"))
    read = read_file(file)
    assert (read.format, read.is_playlist) == ("beets", False)
    assert read.tracks == (
        joga(path="/music/Björk/Homogenic/02 Jóga.flac", recording=JOGA, album="Homogenic", duration=305.093, plays=12,
             last_played=MAY.format("09:50")),
        black(path="ACDC/Black.mp3", album="Back in Black", duration=255.5, stars=0.8, plays=31),
    )  # fmt: skip


def test_listenbrainz_archive_names_feedback_by_its_listens(tmp_path: Path) -> None:
    file = tmp_path / "listenbrainz_rob_1714560000.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user.json", '{"user_id": 1, "username": "rob"}\n')
        archive.write(DATA / "listens.jsonl", "listens/2024/5.jsonl")
        archive.write(DATA / "feedback.jsonl", "feedback.jsonl")
        archive.writestr("pinned_recording.jsonl", '{"blurb_content": "so good"}\n')
    read = read_file(file)
    assert (read.format, read.unidentified) == ("listenbrainz", 1)
    hated = ExternalTrack(artist="AC/DC", title="Back In Black", duration=255, loved=False)
    assert [m for m in read.tracks if m.loved is not None] == [
        ExternalTrack(recording=JOGA, loved=True, last_played="2024-04-30T18:00:00.000000+00:00"),
        ExternalTrack(
            artist=hated.artist,
            title=hated.title,
            duration=255,
            loved=False,
            last_played="2024-04-30T18:00:01.000000+00:00",
        ),
    ]
    assert [m.plays for m in read.tracks] == [0, 0, 2, 1]


def test_one_playlist_of_a_library_is_read() -> None:
    assert [m.title for m in read_file(DATA / "itunes.xml", playlist="Evening").tracks] == [
        "Back in Black",
        "Jóga",
    ]
    assert [m.title for m in read_file(DATA / "rekordbox.xml", playlist="Warmup").tracks] == ["Glue", "Les Nuits"]
    inner = read_file(DATA / "rekordbox.xml", playlist="Gigs/2024")
    assert ([m.title for m in inner.tracks], inner.is_playlist) == (["Sun & Moon"], True)
    assert read_file(DATA / "rekordbox.xml", playlist="2024").tracks == inner.tracks
    static = read_file(DATA / "rhythmbox-playlists.xml", playlist="Evening")
    assert static.tracks[1] == ExternalTrack("/music/Björk/Homogenic/02 Jóga.flac")
    assert read_file(DATA / "itunes.xml").playlists == ("Library", "Evening", "Empty")


def test_unknown_or_empty_playlist_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"has no playlist named 'Nope'; choose one of: Warmup, Gigs/2024"):
        read_file(DATA / "rekordbox.xml", playlist="Nope")
    with pytest.raises(NotFound, match=r"itunes\.xml names no track \(read as itunes\)"):
        read_file(DATA / "itunes.xml", playlist="Empty")


def test_ambiguous_playlist_is_not_found(write: Write) -> None:
    playlists = "".join(
        f'<NODE Type="0" Name="{folder}"><NODE Type="1" Name="Mix"/></NODE>' for folder in ("Home", "Club")
    )
    file = write("x.xml", f'<DJ_PLAYLISTS><PLAYLISTS><NODE Type="0">{playlists}</NODE></PLAYLISTS></DJ_PLAYLISTS>')
    with pytest.raises(NotFound, match="has several playlists named 'Mix'; choose one of: Home/Mix, Club/Mix"):
        read_file(file, playlist="Mix")


def test_file_of_playlists_is_read_as_all_of_them_or_as_one() -> None:
    every = read_file(DATA / "rhythmbox-playlists.xml")
    assert (every.is_playlist, every.playlists) == (True, ("Recently Added", "Evening"))
    assert len(every.tracks) == 2
    spotify = read_file(DATA / "Playlist1.json")
    assert spotify.playlists == ("Evening", "Loud")
    assert read_file(DATA / "Playlist1.json", playlist="Loud").tracks == spotify.tracks[1:]


def test_playlists_of_one_name_stay_apart(write: Write) -> None:
    """Spotify does not require that names are unique."""
    item = '{"track": {"trackName": "%s", "artistName": "a"}}'
    lists = ", ".join(f'{{"name": "Mix", "items": [{item % title}]}}' for title in ("One", "Two", "Three"))
    file = write("Playlist1.json", f'{{"playlists": [{lists}]}}')
    assert read_file(file).playlists == ("Mix", "Mix (2)", "Mix (3)")
    assert [track.title for track in read_file(file, playlist="Mix (2)").tracks] == ["Two"]


def test_playlist_of_a_table_is_read(write: Write) -> None:
    assert [track.title for track in read_file(DATA / "tunemymusic.csv", playlist="Evening").tracks] == ["Jóga"]
    with pytest.raises(NotFound, match=r"no playlist named 'Nope'; choose one of: Evening, Favorite Songs"):
        read_file(DATA / "tunemymusic.csv", playlist="Nope")


def test_liked_albums_and_artists_are_no_tracks() -> None:
    assert read_file(DATA / "YourLibrary.json").groups == (
        ExternalGroup("Sigur Rós", "Ágætis byrjun"),
        ExternalGroup("Bicep"),
        ExternalGroup("Above & Beyond", loved=False),
    )
    assert read_file(DATA / "starred2.json").groups == (
        ExternalGroup("Björk", rated_at="2023-08-22T13:58:56.000000+00:00"),
    )
    assert read_file(DATA / "itunes.xml").groups == ()
    assert read_file(DATA / "tunemymusic.csv").groups == (
        ExternalGroup("Bicep"),
        ExternalGroup("Sigur Rós", "Ágætis byrjun"),
    )


@pytest.mark.parametrize("album", ['name="Homogenic"', 'title="Homogenic"', 'title="x" name="Homogenic"'])
def test_starred_albums_of_subsonic(write: Write, album: str) -> None:
    body = f'<starred><album id="1" isDir="true" artist="Björk" {album} starred="2020-05-06T07:08:09.000Z"/></starred>'
    read = read_file(write("x.xml", f"<subsonic-response>{body}</subsonic-response>"))
    assert read.groups == (ExternalGroup("Björk", "Homogenic", rated_at="2020-05-06T07:08:09.000000+00:00"),)
    assert read.tracks == ()


def test_loved_albums_of_itunes(write: Write) -> None:
    song = "<key>%d</key><dict><key>Track ID</key><integer>%d</integer><key>Name</key><string>%d</string>%s</dict>"
    album = "<key>Artist</key><string>A</string><key>Album</key><string>B</string><key>Album Loved</key><true/>"
    tracks = song % (1, 1, 1, album) + song % (2, 2, 2, album) + song % (3, 3, 3, "")
    file = write("x.xml", f"<plist><dict><key>Tracks</key><dict>{tracks}</dict></dict></plist>")
    assert read_file(file).groups == (ExternalGroup("A", "B"),)


def test_playlists_of_traktor_are_read() -> None:
    assert read_file(DATA / "collection.nml").playlists == ("Warmup", "Gigs/2024")
    assert [m.title for m in read_file(DATA / "collection.nml", playlist="Warmup").tracks] == ["Glue", "Jóga"]
    assert [m.title for m in read_file(DATA / "collection.nml", playlist="2024").tracks] == ["Back in Black"]
    session = read_file(DATA / "history.nml", playlist="HISTORY")
    assert (session.is_playlist, len(session.tracks)) == (True, 4)


SPOTIFY = ["YourLibrary.json", "Playlist1.json", "StreamingHistory_music_0.json"]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("extended", [True, False])
def test_export_of_spotify_is_read_as_a_whole(tmp_path: Path, packed: bool, extended: bool) -> None:
    """The extended history contains what the history of the last year has, which is not counted again."""
    names = [*SPOTIFY, *(["Streaming_History_Audio_2024_0.json"] if extended else [])]
    path = tmp_path / "my_spotify_data"
    if packed:
        path = path.with_suffix(".zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(DATA / name, f"Spotify Account Data/{name}")
            archive.writestr("Spotify Account Data/Userdata.json", "{")
    else:
        for name in names:
            (path / "MyData").mkdir(parents=True, exist_ok=True)
            (path / "MyData" / name).write_bytes((DATA / name).read_bytes())
    read = read_file(path)
    assert (read.format, read.is_playlist, read.playlists) == ("spotify", False, ("Evening", "Loud"))
    assert len(read.groups) == 3
    assert [(m.title, m.loved, m.plays) for m in read.tracks] == [
        ("Jóga", True, 0), ("Back In Black", False, 0), ("Jóga", None, 2 if extended else 1),
    ]  # fmt: skip
    assert [m.title for m in read_file(path, playlist="Loud").tracks] == ["Back in Black"]


def test_spotify_before_2020(write: Write) -> None:
    """Playlists had "tracks", and the library only tracks, albums and shows."""
    playlists = write(
        "Playlist1.json",
        """{"playlists": [{"name": "x", "lastModifiedDate": "2019-01-01",
        "tracks": [{"trackName": "Jóga", "artistName": "Björk"}], "numberOfFollowers": 0}]}""",
    )
    assert read_file(playlists).tracks == (joga(),)
    library = write(
        "YourLibrary.json",
        """{"tracks": [{"artist": "Björk", "album": "Homogenic", "track": "Jóga"}],
        "albums": [], "shows": []}""",
    )
    assert read_file(library).tracks == (joga(album="Homogenic", loved=True),)


def test_short_track_that_was_finished_is_a_play(write: Write) -> None:
    rows = [("Intro", 20_000, "trackdone"), ("Long", 20_000, "fwdbtn"), ("Most", 30_000, "fwdbtn")]
    listens = ",".join(
        f'{{"ts": "2024-05-01T08:00:00Z", "ms_played": {played}, "reason_end": "{end}",'
        f' "master_metadata_track_name": "{title}", "master_metadata_album_artist_name": "a"}}'
        for title, played, end in rows
    )
    assert [m.title for m in read_file(write("endsong_0.json", f"[{listens}]")).tracks] == ["Intro", "Most"]


def test_playlist_is_refused_for_a_format_without_playlists() -> None:
    with pytest.raises(InvalidRequest, match=r"cannot be used with .*, a csv file without named playlists") as refused:
        read_file(DATA / "ratings.csv", playlist="Evening")
    assert refused.value.field == "playlist"


def test_json_of_recsys_is_read_back(write: Write) -> None:
    file = write("likes.json", """[
        {"id": 1, "path": "/music/a.mp3", "artist": "A", "title": "One", "album": null, "duration": 200.5, "rating": 1},
        {"id": 2, "path": "/music/b.mp3", "artist": "B", "title": "Two", "duration": 100, "rating": -1, "plays": 4,
         "at": "2024-05-01T09:50:00.000000+00:00"}]""")  # fmt: skip
    read = read_file(file)
    assert (read.format, read.is_playlist) == ("json", False)
    assert [(m.path, m.loved, m.plays, m.last_played) for m in read.tracks] == [
        ("/music/a.mp3", True, 0, None),
        ("/music/b.mp3", False, 4, MAY.format("09:50")),
    ]
    made = write("playlist.json", '{"name": "x", "tracks": [{"id": 1, "path": "/music/a.mp3", "title": "One"}]}')
    assert read_file(made).is_playlist


@pytest.mark.parametrize(("largest", "stars"), [("5", 0.8), ("4.5", 0.8), ("10", 0.4), ("100", 0.04), ("255", 4 / 255)])
def test_rating_scale_is_derived_from_the_largest_rating(write: Write, largest: str, stars: float) -> None:
    read = read_file(write("x.csv", f"artist,title,rating\na,b,4\nc,d,{largest}\ne,f,0\n"))
    assert [m.stars for m in read.tracks][::2] == [stars, None]


def test_fractions_are_ratings_and_signs_are_likes_and_dislikes(write: Write) -> None:
    parts = read_file(write("x.csv", "artist,title,rating\na,b,0.4\nc,d,1\n"))
    assert [(m.stars, m.loved) for m in parts.tracks] == [(0.4, None), (1.0, None)]
    also = read_file(write("y.csv", "artist,title,rating,play count\na,b,0.4,1\nc,d,1,9\n"))
    assert [m.stars for m in also.tracks] == [0.4, 1.0]
    signs = read_file(write("x.csv", "artist,title,rating\na,b,1\nc,d,-1\ne,f,0\n"))
    assert [(m.stars, m.loved) for m in signs.tracks] == [(None, True), (None, False), (None, None)]


def test_table_with_times_is_a_history_if_a_track_occurs_twice(write: Write) -> None:
    heading = "artist,title,timestamp\n"
    once = read_file(write("x.csv", f"{heading}a,b,2024-05-01\nc,d,2024-05-02\n"))
    assert (once.is_playlist, [m.plays for m in once.tracks]) == (True, [0, 0])
    twice = read_file(write("x.csv", f"{heading}a,b,2024-05-01\nc,d,2024-05-02\nA,B,2024-05-03\n"))
    assert (twice.is_playlist, [m.plays for m in twice.tracks]) == (False, [2, 1])
    assert twice.tracks[0].last_played == "2024-05-03T00:00:00.000000+00:00"


def test_lastfm_pages_are_read_in_any_nesting(write: Write) -> None:
    page = (DATA / "recenttracks.json").read_text(encoding="utf-8")
    inner = page.removeprefix('{"recenttracks":').strip().removesuffix("}")
    for name, content in {
        "responses": f"[{page},{page}]",
        "pages": f"[{inner},{inner}]",
        "nested": f"[[{inner}],[{inner}]]",
    }.items():
        read = read_file(write(name, content))
        assert (read.format, [m.plays for m in read.tracks]) == ("lastfm", [4, 2])


def test_utf_16_byte_order_marks_and_windows_1252_are_read(write: Write) -> None:
    m3u = (DATA / "favourites.m3u8").read_text(encoding="utf-8")
    csv = (DATA / "ratings.csv").read_text(encoding="utf-8")
    xml = (DATA / "itunes.xml").read_text(encoding="utf-8").replace("UTF-8", "UTF-16", 1)
    for name, text in {"favourites.m3u8": m3u, "ratings.csv": csv, "itunes.xml": xml}.items():
        for encoding in ("utf-16", "utf-8-sig"):
            if name != "itunes.xml" or encoding == "utf-16":
                assert list(read_file(write(name, text.encode(encoding))).tracks) == EXPECTED[name][2]
    assert read_file(write("old.csv", csv.encode("cp1252"))).tracks == read_file(DATA / "ratings.csv").tracks


def test_list_of_bare_paths_is_an_m3u_playlist(write: Write) -> None:
    assert [m.path for m in read_file(write("list.txt", "/a/b.mp3\n/a/c.flac\n")).tracks] == [
        "/a/b.mp3",
        "/a/c.flac",
    ]


@pytest.mark.parametrize("name", ["itunes.xml", "rhythmdb.xml", "rekordbox.xml", "vlc.xspf", "collection.nml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_blank_lines_before_xml_are_skipped(write: Write, name: str, encoding: str) -> None:
    text = (DATA / name).read_text(encoding="utf-8")
    text = text.replace("UTF-8", "UTF-16", 1) if encoding == "utf-16" else text
    read = read_file(write(name, f"\r\n \n{text}".encode(encoding)))
    assert (read.format, list(read.tracks)) == (EXPECTED[name][0], EXPECTED[name][2])


M3U_LINES = ["#EXTM3U", "#EXTINF:305,Björk - Jóga", "Björk/Jóga.mp3", "#EXTINF:255,AC/DC - Back in Black", "b.mp3", ""]


UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]


@pytest.mark.parametrize(
    ("end", "encoding"),
    [
        *((end, encoding) for end in ("\n", "\r\n", "\r") for encoding in UNICODE),
        ("\n", "cp1252"),
        ("\r\n", "cp1252"),
        ("\r", "mac-roman"),
    ],
)
def test_m3u_of_any_system_is_read(write: Write, end: str, encoding: str) -> None:
    """With bare carriage returns a single-byte encoding is that of Macs, otherwise that of Windows."""
    read = read_file(write("x.m3u", end.join(M3U_LINES).encode(encoding)))
    assert [m.path for m in read.tracks] == ["Björk/Jóga.mp3", "b.mp3"]
    one, other = read.tracks
    assert (one.artist, one.title) == (("Jóga", "Björk") if end == "\r" else ("Björk", "Jóga"))
    assert (other.label, other.duration) == ("AC/DC - Back in Black", 255)


def test_lines_of_several_programs_in_one_m3u_are_decoded_on_their_own(write: Write) -> None:
    content = "Jóga.mp3\n".encode() + "Möbius.mp3\n".encode("cp1252")
    assert [m.path for m in read_file(write("x.m3u", content)).tracks] == ["Jóga.mp3", "Möbius.mp3"]


def test_names_of_an_m3u(write: Write) -> None:
    lines = ["#EXTM3U", "#EXTALB:A Night", "#EXTART: Queen", "#EXTINF:354 logo=\"a,b\",Bohemian Rhapsody", "1.mp3",
             "#EXTINF:10,Queen - Intro", "2.mp3", "#EXTINF:10,Outro - Queen", "3.mp3", "4.mp3"]  # fmt: skip
    read = read_file(write("x.m3u", "\n".join(lines)))
    assert [(m.artist, m.title, m.album) for m in read.tracks] == [
        ("Queen", title, "A Night") for title in ("Bohemian Rhapsody", "Intro", "Outro", None)
    ]
    lines = ["#EXTM3U", "#EXTALB:One", "#EXTART:A", "#EXTINF:1,x", "1.mp3", "#EXTALB:Two", "#EXTART:B", "#EXTINF:1,y",
             "2.mp3", "#EXTINF:1,z", "3.mp3"]  # fmt: skip
    read = read_file(write("x.m3u", "\n".join(lines)))
    assert [(m.artist, m.album) for m in read.tracks] == [("A", "One"), ("B", "Two"), (None, None)]


def test_pls_with_other_spelling(write: Write) -> None:
    read = read_file(write("x.pls", "\r\n [Playlist] \r\nnumberofentries=9\r\nFILE2 = b.mp3\r\nfile1=a.mp3\r\n"))
    assert (read.format, [m.path for m in read.tracks]) == ("pls", ["a.mp3", "b.mp3"])


def test_several_artists_of_a_column_are_separated(write: Write) -> None:
    heading = "Track Name,Artist Name(s),Album Name"
    for names in ('"Daft Punk,Pharrell Williams"', "Daft Punk;Pharrell Williams", "Daft Punk; Pharrell Williams"):
        [track] = read_file(write("x.csv", f"{heading}\nGet Lucky,{names},x\n")).tracks
        assert track.artist == "Daft Punk; Pharrell Williams"
    [track] = read_file(write("x.csv", f'{heading}\nEarfquake,"Tyler, The Creator",x\n')).tracks
    assert track.artist == "Tyler, The Creator"


def test_delimiter_that_excel_names_is_used(write: Write) -> None:
    [track] = read_file(write("x.csv", "sep=;\r\nTITLE;artist\r\nJóga;Björk\r\n")).tracks
    assert track == joga()


def test_time_of_a_track_is_no_time_of_a_listen(write: Write) -> None:
    read = read_file(write("x.csv", "artist,title,time\na,b,3:20\na,b,3:20\n"))
    assert (read.is_playlist, [(m.duration, m.plays) for m in read.tracks]) == (True, [(200, 0)] * 2)
