"""Entries match the track they name, by the most reliable method, and no other track."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.catalogue import LibraryFile
from recsys.errors import InvalidRequest
from recsys.importers.entries import ExternalTrack, ImportedFile
from recsys.importers.text_playlists import named_track
from recsys.matching.match import Match, match
from recsys.matching.paths import normalise_path
from recsys.metadata.names import artist_key, title_key

MBID = "70b4a1f2-4a30-4e47-bc62-4f5bb3f5a0c1"


def stored(id: int, path: str, title: str | None = None, artist: str | None = None, **fields: Any) -> LibraryFile:
    blank = LibraryFile(id, path, title, artist, None, None, 200.0, None, False)
    return blank._replace(**fields)


LIBRARY = [
    stored(1, "/music/Björk/Homogenic/02 Jóga.flac", "Jóga", "Björk", album="Homogenic", duration=305.0,
            musicbrainz_recording=MBID.upper()),
    stored(2, "/music/Björk/Live Box/03 Jóga.flac", "Jóga", "Björk", album="Homogenic Live (Live)", duration=310.0),
    stored(3, "/music/Beatles/Abbey Road/01 Come Together.mp3", "Come Together - Remastered 2009", "The Beatles",
            album="Abbey Road", duration=259.0),
    stored(4, "/music/ABBA/Greatest Hits/01 Intro.mp3", "Intro", "ABBA"),
    stored(5, "/music/Queen/Hot Space/11 Under Pressure.mp3", "Under Pressure", "Queen & David Bowie", duration=248.0),
    stored(6, "/music/loose/01 Nobody - Untagged Song.mp3"),
    stored(7, "/music/Sampler/05 Hurt.mp3", "Hurt", "Johnny Cash", album_artist="Various Artists", duration=218.0),
    stored(8, "/music/NIN/Hurt (Live).mp3", "Hurt (Live)", "Nine Inch Nails", duration=300.0),
    stored(9, "/old/gone.mp3", "Gone", "Somebody", missing=True),
    stored(10, "C:\\Users\\me\\Music\\AC-DC\\Back in Black\\06 Back in Black.mp3", "Back in Black", "AC/DC"),
    stored(1, "/music/Björk/copies/Joga again.mp3"),
]  # fmt: skip


def match_all(*tracks: ExternalTrack, path_map: Mapping[str, str] | None = None) -> list[Match | None]:
    """The matches of the entries of match_one file in /music/lists."""
    [found] = match([ImportedFile("m3u", tracks, Path("/music/lists"))], lambda: LIBRARY, path_map=path_map)
    assert len(found) == len(tracks)
    return found


def match_one(track: ExternalTrack, *, path_map: Mapping[str, str] | None = None) -> Match | None:
    [found] = match_all(track, path_map=path_map)
    return found


@pytest.mark.parametrize(
    ("path", "id", "method"),
    [
        ("/music/Björk/Homogenic/02 Jóga.flac", 1, "path"),
        ("/music/Bjo\u0308rk/Homogenic/02 Jo\u0301ga.flac", 1, "path"),
        ("../Björk/Homogenic/02 Jóga.flac", 1, "path"),
        ("/music/Björk/./x/../Homogenic//02 Jóga.flac", 1, "path"),
        ("/music/Bj%C3%B6rk/Homogenic/02%20J%C3%B3ga.flac", 1, "path"),
        ("/music/Björk/copies/Joga again.mp3", 1, "path"),
        ("c:/Users/me/Music/AC-DC/Back in Black/06 Back in Black.mp3", 10, "path"),
        ("/mnt/usb/Björk/Homogenic/02 Jóga.flac", 1, "path ending"),
        ("/mnt/usb/björk/homogenic/02 jóga.m4a", 1, "path ending"),
        ("D:\\Musik\\Björk\\Homogenic\\02 Jóga.mp3", 1, "path ending"),
        ("Abbey Road/01 Come Together.ogg", 3, "path ending"),
        ("/Volumes/x/AC-DC/Back in Black/06 Back in Black.mp3", 10, "path ending"),
    ],
)
def test_path_matches_the_same_path_or_a_common_ending(path: str, id: int, method: str) -> None:
    assert match_one(ExternalTrack(path)) == (id, method)


def test_path_map_translates_whole_folders_in_any_order() -> None:
    assert match_one(ExternalTrack("E:\\Tunes\\gone.mp3")) is None
    assert match_one(ExternalTrack("E:\\Tunes\\gone.mp3"), path_map={"E:\\Tunes": "/old"}) == (9, "path")
    several = {"/a": "/nowhere", "/a/b/": "/old/"}
    assert match_one(ExternalTrack("/a/b/gone.mp3"), path_map=several) == (9, "path")
    assert match_one(ExternalTrack("/a/bc/gone.mp3"), path_map={"/a/b": "/old"}) is None


def test_path_map_may_start_at_the_root_or_end_at_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert match_one(ExternalTrack("/gone.mp3"), path_map={"/": "/old"}) == (9, "path")
    monkeypatch.setenv("HOME", "/old")
    monkeypatch.setenv("USERPROFILE", "/old")
    assert match_one(ExternalTrack("/a/gone.mp3"), path_map={"/a": "~"}) == (9, "path")


@pytest.mark.parametrize("path_map", [{"": "/music"}, {"/music": ""}])
def test_path_map_with_an_empty_folder_is_refused(path_map: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match="path_map must not map an empty folder, or to one, got") as refused:
        match_one(ExternalTrack("/music/a.mp3"), path_map=path_map)
    assert (refused.value.field, refused.value.value) == ("path_map", path_map)


def test_common_path_ending_does_not_match_a_contradicting_artist_title_or_duration() -> None:
    elsewhere = ExternalTrack("/x/Soul/Hits/04 Another.mp3")
    foreign = ExternalTrack("/x/Queen/Greatest Hits/01 Intro.mp3")
    assert match_all(foreign, elsewhere) == [None, None]  # of another artist, though two names agree
    assert match_all(replace(foreign, title="Intro", artist="Queen"), elsewhere) == [None, None]
    assert match_all(replace(foreign, title="Intro", artist="ABBA"), elsewhere)[0] == Match(4, "path ending")
    assert match_all(replace(foreign, title="Outro of it all", artist="ABBA"), elsewhere) == [None, None]
    assert match_all(replace(foreign, title="Intro (Live)", artist="ABBA"), elsewhere) == [None, None]
    assert match_all(replace(foreign, duration=999.0), elsewhere) == [None, None]
    flat = ExternalTrack("/x/Greatest Hits/01 Intro.mp3"), ExternalTrack("/x/Other/02 Song.mp3")
    assert match_all(*flat)[0] == Match(4, "path ending")  # the albums are at the root of this file


def test_artist_in_a_file_name_does_not_contradict_a_common_ending() -> None:
    files = [stored(1, "/m/Box/Side A - Gowns Remix.ogg", "Gowns", "Somebody")]
    imported = ImportedFile(
        "m3u", (ExternalTrack("/x/Box/Side A - Gowns Remix.ogg"), ExternalTrack("/x/y.ogg")), Path("/")
    )
    assert match([imported], lambda: files) == [[Match(1, "path ending"), None]]


def test_file_name_alone_does_not_match() -> None:
    assert match_one(ExternalTrack("/elsewhere/02 Jóga.flac")) is None
    assert match_one(ExternalTrack("02 Jóga.flac")) is None


def test_musicbrainz_id_matches_its_recording() -> None:
    assert match_one(ExternalTrack(recording=MBID)) == (1, "musicbrainz")
    assert match_one(ExternalTrack("/nowhere.mp3", recording=MBID, title="ヨーガ")) == (1, "musicbrainz")


@pytest.mark.parametrize(
    ("artist", "title", "fields", "expected"),
    [
        ("bjork", "joga", {}, (1, "name")),
        ("Björk", "Jóga", {"duration": 306.0}, (1, "name")),
        ("Björk", "Jóga", {"duration": 309.0, "album": "Homogenic Live (Live)"}, (2, "name")),
        ("Björk", "Jóga", {"duration": 309.0, "album": "Homogenic"}, (1, "name")),
        ("Björk", "Jóga", {"duration": 305.0, "album": "Live in Paris"}, None),
        ("Björk", "Jóga", {"duration": 250.0}, None),
        ("Björk", "Jóga (Live)", {}, None),
        ("Beatles", "Come together", {"duration": 260.0}, (3, "name")),
        ("Queen", "Under Pressure", {}, (5, "name")),
        ("Queen & David Bowie", "Under Pressure (feat. X)", {}, (5, "name")),
        ("David Bowie", "Under Pressure", {}, None),
        ("Nobody", "Untagged Song", {}, (6, "name")),
        ("Johnny Cash", "Hurt", {}, (7, "name")),
        ("Various Artists", "Hurt", {}, None),
        ("Nine Inch Nails", "Hurt", {}, None),
        ("Nine Inch Nails", "Hurt - Live", {}, (8, "name")),
        ("Jonny Cash", "Hurt", {}, (7, "similar name")),
        ("The Beatles", "Come Togehter", {}, (3, "similar name")),
        ("The Beatles", "Come Togethers", {}, None),
        ("The Beatles", "Come Togethers", {"duration": 259.0}, (3, "similar name")),
        ("The Beatles", "Come Togehter", {"duration": 100.0}, None),
        ("Unheard Of", "Hurt", {}, None),
        (None, "Hurt", {}, None),
    ],
)
def test_name_matches_spellings_and_typing_errors_of_one_recording(
    artist: str | None, title: str, fields: dict[str, Any], expected: tuple[int, str] | None
) -> None:
    assert match_one(ExternalTrack(artist=artist, title=title, **fields)) == expected


def test_artist_and_title_are_read_from_a_file_name() -> None:
    assert match_one(ExternalTrack("/x/y/z/07 - Johnny Cash - Hurt.ogg")) == (7, "name")
    assert match_one(ExternalTrack("/x/y/z/Johnny_Cash_-_Hurt.ogg")) == (7, "name")


@pytest.mark.parametrize(
    ("label", "id"),
    [
        ("Björk - Jóga", 1),
        ("Jóga - Björk", 1),
        ("Come Together - Remastered 2009 - The Beatles", 3),
        ("The Beatles - Come Together - Remastered 2009", 3),
        ("Joga - Bjork", 1),
        ("Under Presure - Queen & David Bowie", 5),
        ("Nobody - Untagged Song", 6),
        ("Untagged Song - Nobody", 6),
        ("Hurt - Someone Else", None),
        ("Jóga - Homogenic", None),
    ],
)
def test_label_is_read_in_the_order_that_the_library_confirms(label: str, id: int | None) -> None:
    track = replace(named_track(label), path="/gone/1.mp3")
    [found] = match_all(track)
    assert (found and found.id) == id


def test_label_in_either_order_does_not_contradict_a_common_ending() -> None:
    path = "/elsewhere/Björk/Homogenic/02 Jóga.mp3"
    for label in ("Jóga - Björk", "Björk - Jóga"):
        [found] = match_all(replace(named_track(label), path=path))
        assert found == Match(1, "path ending")
    [found] = match_all(replace(named_track("Venus as a Boy - Björk"), path=path))
    assert found is None


def test_path_of_an_old_mac_is_matched_by_its_ending() -> None:
    [found] = match_all(ExternalTrack("Macintosh HD:Users:me:Music:Björk:Homogenic:02 Jóga.mp3"))
    assert found == Match(1, "path ending")


def test_matches_have_the_order_of_files_and_entries() -> None:
    files = [
        ImportedFile("m3u", (ExternalTrack(title="x"), ExternalTrack("Björk/Homogenic/02 Jóga.flac")), Path("/music")),
        ImportedFile("csv", (), Path("/")),
        ImportedFile(
            "csv", (ExternalTrack(artist="Jonny Cash", title="Hurt"), ExternalTrack(recording=MBID)), Path("/")
        ),
    ]
    found = match(files, lambda: LIBRARY)
    assert [[m and m.id for m in each] for each in found] == [[None, 1], [], [7, 1]]


def test_present_file_matches_before_missing_files_of_the_same_path() -> None:
    files = [
        stored(1, "/a.mp3", missing=True),
        stored(2, "/a.mp3"),
        stored(3, "/a.mp3", missing=True),
    ]
    imported = ImportedFile("m3u", (ExternalTrack("/a.mp3"),), Path("/"))
    assert match([imported], lambda: files) == [[Match(2, "path")]]
    assert match([imported], lambda: files[::-1]) == [[Match(2, "path")]]
    assert match([imported], list, files_at=lambda _: files) == [[Match(2, "path")]]


def test_the_library_is_read_only_for_entries_whose_paths_it_does_not_have() -> None:
    files, passes = [stored(1, "/a.mp3"), stored(2, "/b.mp3", "Title", "Artist")], []

    def read_files() -> list[LibraryFile]:
        passes.append(1)
        return files

    def files_at(paths: Iterable[str]) -> list[LibraryFile]:
        return [file for file in files if file.path in set(paths)]

    known, other = ExternalTrack("/a.mp3"), ExternalTrack("/c.mp3", title="Title", artist="Artist")
    assert match([ImportedFile("m3u", (known,), Path("/"))], read_files, files_at=files_at) == [[Match(1, "path")]]
    assert not passes
    [found] = match([ImportedFile("m3u", (known, other), Path("/"))], read_files, files_at=files_at)
    assert found == [Match(1, "path"), Match(2, "name")]
    assert len(passes) == 1


TITLES = st.lists(
    st.lists(st.text("abcdeghilmnorstu", min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join),
    min_size=1, max_size=12, unique_by=lambda title: title_key(title).replace(" ", ""),
)  # fmt: skip
SPELLINGS = st.sampled_from(["{}", "{} (Remastered 2011)", "{} - 2009 Remaster", "{} (feat. Somebody)", "{}!"])
RECORDINGS = st.sampled_from(["{} (Live)", "{} - Live in Rome", "{} (Acoustic)", "{} (X Remix)", "{} Pt. 2", "{} 2"])


def files_with_titles(titles: Sequence[str]) -> list[LibraryFile]:
    return [stored(i, f"/m/{i}.mp3", title, f"artist {'abc'[i % 3] * 6}") for i, title in enumerate(titles, 1)]


@given(TITLES, SPELLINGS, st.booleans())
def test_every_track_matches_its_name(titles: list[str], spelling: str, timed: bool) -> None:
    files = files_with_titles(titles)
    tracks = tuple(
        ExternalTrack(artist=f"The {(file.artist or '').upper()} & Friends" if file.id % 2 else file.artist,
                title=spelling.format(file.title), duration=201.5 if timed else None)
        for file in files
    )  # fmt: skip
    [found] = match([ImportedFile("csv", tracks, Path("/"))], lambda: files)
    assert [m and m.id for m in found] == [file.id for file in files]


@given(TITLES, RECORDINGS, st.booleans())
def test_no_track_matches_the_name_of_another_recording(titles: list[str], spelling: str, timed: bool) -> None:
    files = files_with_titles(titles)
    other = [(artist_key(f.artist or ""), title_key(spelling.format(f.title))) for f in files]
    present = {(artist_key(f.artist or ""), title_key(f.title or "")) for f in files}
    tracks = tuple(
        ExternalTrack(artist=f.artist, title=spelling.format(f.title), duration=200.0 if timed else None)
        for f, key in zip(files, other, strict=True) if key not in present
    )  # fmt: skip
    [found] = match([ImportedFile("csv", tracks, Path("/"))], lambda: files)
    assert found == [None] * len(tracks)


@given(st.lists(st.builds(ExternalTrack, path=st.none() | st.text(max_size=20), artist=st.none() | st.text(max_size=8),
                          title=st.none() | st.text(max_size=8), album=st.none() | st.text(max_size=8),
                          duration=st.none() | st.floats(0.1, 1e5)), max_size=5),
       st.lists(st.builds(stored, st.integers(1, 9), st.text(min_size=1, max_size=20),
                          st.none() | st.text(max_size=8), st.none() | st.text(max_size=8)), max_size=5))  # fmt: skip
def test_match_of_any_text_is_a_track_of_the_library(tracks: list[ExternalTrack], files: list[LibraryFile]) -> None:
    [found] = match([ImportedFile("csv", tuple(tracks), Path("/lists"))], lambda: files)
    assert len(found) == len(tracks)
    assert all(m is None or m.id in {file.id for file in files} for m in found)


@given(st.text(max_size=30))
def test_normalise_path_is_idempotent(path: str) -> None:
    assert normalise_path(normalise_path(path)) == normalise_path(path)


def test_each_of_several_artists_is_matched() -> None:
    files = [
        stored(1, "/a.flac", "Song", "Foo; Cee", artists=("Foo", "Cee")),
        stored(2, "/b.flac", "Song", "<Unknown>"),
    ]
    names = ("Foo", "CEE", "Foo; Cee", "Unknown")
    entries = tuple(ExternalTrack(artist=name, title="Song") for name in names)
    [found] = match([ImportedFile("csv", entries, Path("/lists"))], lambda: files)
    assert found == [Match(1, "name")] * 3 + [None]
