"""Mentions find the track they mean, by what is surest, and no other."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.catalogue import LibraryFile
from recsys.errors import InvalidRequest
from recsys.importers.entries import ExternalTrack, ImportedFile
from recsys.matching.match import Match, match
from recsys.matching.paths import normalise_path, parse_path_map
from recsys.metadata.names import artist_key, title_key

MBID = "70b4a1f2-4a30-4e47-bc62-4f5bb3f5a0c1"


def shelved(id: int, path: str, title: str | None = None, artist: str | None = None, **more: object) -> LibraryFile:
    blank = LibraryFile(id, path, title, artist, None, None, 200.0, None, False)
    return blank._replace(**more)  # type: ignore[arg-type]


LIBRARY = [
    shelved(1, "/music/Björk/Homogenic/02 Jóga.flac", "Jóga", "Björk", album="Homogenic", duration=305.0,
            musicbrainz_recording=MBID.upper()),
    shelved(2, "/music/Björk/Live Box/03 Jóga.flac", "Jóga", "Björk", album="Homogenic Live (Live)", duration=310.0),
    shelved(3, "/music/Beatles/Abbey Road/01 Come Together.mp3", "Come Together - Remastered 2009", "The Beatles",
            album="Abbey Road", duration=259.0),
    shelved(4, "/music/ABBA/Greatest Hits/01 Intro.mp3", "Intro", "ABBA"),
    shelved(5, "/music/Queen/Hot Space/11 Under Pressure.mp3", "Under Pressure", "Queen & David Bowie", duration=248.0),
    shelved(6, "/music/loose/01 Nobody - Untagged Song.mp3"),
    shelved(7, "/music/Sampler/05 Hurt.mp3", "Hurt", "Johnny Cash", album_artist="Various Artists", duration=218.0),
    shelved(8, "/music/NIN/Hurt (Live).mp3", "Hurt (Live)", "Nine Inch Nails", duration=300.0),
    shelved(9, "/old/gone.mp3", "Gone", "Somebody", missing=True),
    shelved(10, "C:\\Users\\me\\Music\\AC-DC\\Back in Black\\06 Back in Black.mp3", "Back in Black", "AC/DC"),
    shelved(1, "/music/Björk/copies/Joga again.mp3"),
]  # fmt: skip


def find(*mentions: ExternalTrack, maps: Sequence[str] = (), folder: str = "/music/lists") -> list[Match | None]:
    listing = ImportedFile("m3u", mentions, Path(folder))
    [found] = match([listing], lambda: LIBRARY, path_map=parse_path_map(maps))
    assert len(found) == len(mentions)
    return found


def one(mention: ExternalTrack, **options: object) -> tuple[int, str] | None:
    [found] = find(mention, **options)  # type: ignore[arg-type]
    return found and (found.id, found.method)


@pytest.mark.parametrize(
    ("path", "id", "by"),
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
def test_by_path(path: str, id: int, by: str) -> None:
    assert one(ExternalTrack(path)) == (id, by)


def test_paths_may_begin_otherwise_there() -> None:
    assert one(ExternalTrack("E:\\Tunes\\gone.mp3")) is None
    assert one(ExternalTrack("E:\\Tunes\\gone.mp3"), maps=["E:\\Tunes=/old"]) == (9, "path")
    assert one(ExternalTrack("/a/b/gone.mp3"), maps=["/a=/nowhere", "/a/b/=/old/"]) == (9, "path")
    assert one(ExternalTrack("/a/bc/gone.mp3"), maps=["/a/b=/old"]) is None
    for wrong in ("/a", "=/a", "/a="):
        with pytest.raises(InvalidRequest, match="FROM=TO"):
            parse_path_map([wrong])


def test_a_path_that_ends_alike_may_be_of_another_album() -> None:
    elsewhere = ExternalTrack("/x/Soul/Hits/04 Another.mp3")
    foreign = ExternalTrack("/x/Queen/Greatest Hits/01 Intro.mp3")
    assert find(foreign, elsewhere) == [None, None]  # another artist's, though two names agree
    assert find(replace(foreign, title="Intro", artist="Queen"), elsewhere) == [None, None]
    assert find(replace(foreign, title="Intro", artist="ABBA"), elsewhere)[0] == Match(4, "path ending")
    assert find(replace(foreign, title="Outro of it all", artist="ABBA"), elsewhere) == [None, None]
    assert find(replace(foreign, title="Intro (Live)", artist="ABBA"), elsewhere) == [None, None]
    assert find(replace(foreign, duration=999.0), elsewhere) == [None, None]
    flat = ExternalTrack("/x/Greatest Hits/01 Intro.mp3"), ExternalTrack("/x/Other/02 Song.mp3")
    assert find(*flat)[0] == Match(4, "path ending")  # albums lie at the root of this list


def test_a_file_name_that_looks_like_an_artist_contradicts_nothing() -> None:
    files = [shelved(1, "/m/Box/Side A - Gowns Remix.ogg", "Gowns", "Somebody")]
    listing = ImportedFile(
        "m3u", (ExternalTrack("/x/Box/Side A - Gowns Remix.ogg"), ExternalTrack("/x/y.ogg")), Path("/")
    )
    assert match([listing], lambda: files) == [[Match(1, "path ending"), None]]


def test_one_name_of_a_path_is_not_enough() -> None:
    assert one(ExternalTrack("/elsewhere/02 Jóga.flac")) is None
    assert one(ExternalTrack("02 Jóga.flac")) is None


def test_by_musicbrainz_id() -> None:
    assert one(ExternalTrack(recording=MBID)) == (1, "musicbrainz")
    assert one(ExternalTrack("/nowhere.mp3", recording=MBID, title="ヨーガ")) == (1, "musicbrainz")


@pytest.mark.parametrize(
    ("artist", "title", "more", "expected"),
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
def test_by_name(artist: str | None, title: str, more: dict[str, object], expected: tuple[int, str] | None) -> None:
    assert one(ExternalTrack(artist=artist, title=title, **more)) == expected  # type: ignore[arg-type]


def test_a_bare_file_name_may_hold_artist_and_title() -> None:
    assert one(ExternalTrack("/x/y/z/07 - Johnny Cash - Hurt.ogg")) == (7, "name")
    assert one(ExternalTrack("/x/y/z/Johnny_Cash_-_Hurt.ogg")) == (7, "name")


def test_several_files_at_once_keep_their_order() -> None:
    listings = [
        ImportedFile("m3u", (ExternalTrack(title="x"), ExternalTrack("Björk/Homogenic/02 Jóga.flac")), Path("/music")),
        ImportedFile("csv", (), Path("/")),
        ImportedFile(
            "csv", (ExternalTrack(artist="Jonny Cash", title="Hurt"), ExternalTrack(recording=MBID)), Path("/")
        ),
    ]
    found = match(listings, lambda: LIBRARY)
    assert [[m and m.id for m in each] for each in found] == [[None, 1], [], [7, 1]]


def test_a_place_that_holds_something_goes_before_one_that_held_it() -> None:
    files = [shelved(1, "/a.mp3", missing=True), shelved(2, "/a.mp3"), shelved(3, "/a.mp3", missing=True)]
    listing = ImportedFile("m3u", (ExternalTrack("/a.mp3"),), Path("/"))
    for order in (files, files[::-1]):
        assert match([listing], lambda order=order: order) == [[Match(2, "path")]]  # type: ignore[misc]


TITLES = st.lists(
    st.lists(st.text("abcdeghilmnorstu", min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join),
    min_size=1, max_size=12, unique_by=lambda title: title_key(title).replace(" ", ""),
)  # fmt: skip
SPELLINGS = st.sampled_from(["{}", "{} (Remastered 2011)", "{} - 2009 Remaster", "{} (feat. Somebody)", "{}!"])
TELLING = st.sampled_from(["{} (Live)", "{} - Live in Rome", "{} (Acoustic)", "{} (X Remix)", "{} Pt. 2", "{} 2"])


def shelf_of(titles: Sequence[str]) -> list[LibraryFile]:
    return [shelved(i, f"/m/{i}.mp3", title, f"artist {'abc'[i % 3] * 6}") for i, title in enumerate(titles, 1)]


@given(TITLES, SPELLINGS, st.booleans())
def test_every_track_is_found_under_its_name(titles: list[str], spelling: str, timed: bool) -> None:
    files = shelf_of(titles)
    mentions = tuple(
        ExternalTrack(artist=f"The {(file.artist or '').upper()} & Friends" if file.id % 2 else file.artist,
                title=spelling.format(file.title), duration=201.5 if timed else None)
        for file in files
    )  # fmt: skip
    [found] = match([ImportedFile("csv", mentions, Path("/"))], lambda: files)
    assert [m and m.id for m in found] == [file.id for file in files]


@given(TITLES, TELLING, st.booleans())
def test_no_track_is_found_under_the_name_of_another_recording(titles: list[str], telling: str, timed: bool) -> None:
    files = shelf_of(titles)
    other = [(artist_key(f.artist or ""), title_key(telling.format(f.title))) for f in files]
    there = {(artist_key(f.artist or ""), title_key(f.title or "")) for f in files}
    mentions = tuple(
        ExternalTrack(artist=f.artist, title=telling.format(f.title), duration=200.0 if timed else None)
        for f, key in zip(files, other, strict=True) if key not in there
    )  # fmt: skip
    [found] = match([ImportedFile("csv", mentions, Path("/"))], lambda: files)
    assert found == [None] * len(mentions)


@given(st.lists(st.builds(ExternalTrack, path=st.none() | st.text(max_size=20), artist=st.none() | st.text(max_size=8),
                          title=st.none() | st.text(max_size=8), album=st.none() | st.text(max_size=8),
                          duration=st.none() | st.floats(0.1, 1e5)), max_size=5),
       st.lists(st.builds(shelved, st.integers(1, 9), st.text(min_size=1, max_size=20),
                          st.none() | st.text(max_size=8), st.none() | st.text(max_size=8)), max_size=5))  # fmt: skip
def test_nothing_fails_and_what_is_found_is_there(mentions: list[ExternalTrack], files: list[LibraryFile]) -> None:
    [found] = match([ImportedFile("csv", tuple(mentions), Path("/lists"))], lambda: files)
    assert len(found) == len(mentions)
    assert all(m is None or m.id in {file.id for file in files} for m in found)


@given(st.text(max_size=30))
def test_a_canonical_path_stays_as_it_is(path: str) -> None:
    assert normalise_path(normalise_path(path)) == normalise_path(path)
