"""Which files are one album, by their tags and paths."""

from itertools import permutations
from typing import Any

import pytest

from recsys.metadata.albums import AlbumFile, album_title_key, disc_of, group_albums, place_of, split_disc

QUEEN, ABBA = ("queen",), ("abba",)


def albums(*files: AlbumFile) -> list[list[int]]:
    """The ids of the files of each album; the order of the files makes no difference."""
    numbered = [file._replace(id=number) for number, file in enumerate(files)]
    found = {
        tuple(sorted((album.key, tuple(sorted(file.id for file in album.files))) for album in group_albums(some)))
        for some in list(permutations(numbered))[:24]
    }
    assert len(found) == 1
    assert len({key for key, _ in next(iter(found))}) == len(next(iter(found)))
    return sorted(list(ids) for _, ids in next(iter(found)))


def file(path: str, title: str = "Loud", **fields: Any) -> AlbumFile:
    return AlbumFile(0, path, title)._replace(**fields)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("19 (Disc 2)", ("19", 2)),
        ("19 [CD1]", ("19", 1)),
        ("19 - CD 02", ("19", 2)),
        ("19, Disk II", ("19", 2)),
        ("19 Disc One", ("19", 1)),
        ("19 (disc 1: The Hits)", ("19", 1)),
        ("19 (CD 1 of 2)", ("19", 1)),
        ("19 (Bonus Disc 2)", ("19", 2)),
        ("Disc 1", ("Disc 1", None)),
        ("Disco 2000", ("Disco 2000", None)),
        ("Live at the Disco 2", ("Live at the Disco 2", None)),
        ("ABCD 2", ("ABCD 2", None)),
        ("Now 50", ("Now 50", None)),
    ],
)
def test_disc_of_a_title(title: str, expected: tuple[str, int | None]) -> None:
    assert split_disc(title) == expected


@pytest.mark.parametrize(
    "folder",
    ["CD1", "cd 01", "CD-1", "Disc 1", "disk1", "Disc One", "CD 01 - Name", "[CD1]", "Disc 1 (Live)", "Vol. 1", "LP1"],
)
def test_folder_of_a_disc_counts_as_its_parent(folder: str) -> None:
    assert place_of(f"/music/19/{folder}/01.mp3") == "/music/19"
    assert disc_of(f"/music/19/{folder}/01.mp3", "19") == 1


@pytest.mark.parametrize("folder", ["19", "1", "CD", "CDs", "Discography", "Vol", "1999"])
def test_other_folders_stay(folder: str) -> None:
    assert place_of(f"/music/{folder}/01.mp3") == f"/music/{folder}"
    assert disc_of(f"/music/{folder}/01.mp3", "19") is None


def test_folder_with_the_disc_in_its_name() -> None:
    assert place_of("/music/19 (CD2)/01.mp3") == place_of("/music/19 CD1/01.mp3") == "/music/19"


def test_titles_that_name_no_album() -> None:
    assert album_title_key("Loud (Disc 1)") == album_title_key("LOUD [cd2]") == "loud"
    for title in (None, "", " ", "Unknown Album", "<unknown>", "?", "Unbekanntes Album"):
        assert album_title_key(title) is None


def test_discs_in_folders_are_one_album() -> None:
    assert albums(
        file("/Adela/19/CD1/1.mp3", "19", artists=("adela",)),
        file("/Adela/19/CD2/1.mp3", "19", artists=("adela",)),
        file("/Adela/19 (disc 3)/1.mp3", "19 (Disc 3)", artists=("adela",)),
        file("/Adela/Other/1.mp3", "19", artists=("adela",)),
    ) == [[0, 1, 2], [3]]


def test_album_artist_unites_folders_and_divides_one() -> None:
    assert albums(
        file("/a/1.mp3", album_artists=QUEEN),
        file("/b/1.mp3", album_artists=QUEEN),
        file("/b/2.mp3", artists=QUEEN),  # no album artist, but in the folder of the second
        file("/c/1.mp3", album_artists=ABBA),
        file("/a/2.mp3", album_artists=ABBA),
    ) == [[0, 1, 2], [3, 4]]


def test_files_without_album_artist_join_the_album_of_their_artist() -> None:
    assert albums(
        file("/a/1.mp3", album_artists=QUEEN, artists=QUEEN),
        file("/a/2.mp3", artists=("queen", "david bowie")),
        file("/a/3.mp3", album_artists=ABBA, artists=ABBA),
        file("/a/4.mp3", artists=ABBA),
    ) == [[0, 1], [2, 3]]


def test_release_decides() -> None:
    one, other = "one", "other"
    assert albums(
        file("/a/1.mp3", release=one, album_artists=QUEEN),
        file("/b/1.mp3", "Loud (Bonus)", release=one),  # another title and folder
        file("/a/2.mp3", release=other, album_artists=QUEEN),  # another edition in the same folder
    ) == [[0, 1], [2]]


def test_partly_tagged_album_is_one() -> None:
    """A tagger that is interrupted has written releases and album artists to some of the files."""
    assert albums(
        file("/a/1.mp3", release="one", album_artists=QUEEN, artists=QUEEN),
        file("/a/2.mp3", album_artists=QUEEN, artists=QUEEN),
        file("/a/3.mp3", artists=QUEEN),
        file("/a/4.mp3"),
    ) == [[0, 1, 2, 3]]


def test_compilation_without_album_artist_is_one_album_in_its_folder() -> None:
    files = [file(f"/a/{n}.mp3", "Now 50", artists=(f"artist {n}",), number=n) for n in range(1, 5)]
    assert albums(*files) == [[0, 1, 2, 3]]
    two_discs = [file(f"/a/{n}.mp3", "Now 50", artists=(f"artist {n}",), number=1 + n // 2) for n in range(4)]
    assert albums(*two_discs) == [[0, 1, 2, 3]]  # without numbers of discs: every number occurs twice


def test_two_albums_of_one_title_in_a_folder() -> None:
    files = [
        file(f"/a/{artist} {n}.mp3", "Debut", artists=(artist,), number=n) for artist in ("a", "b") for n in (1, 2)
    ]
    assert albums(*files) == [[0, 1], [2, 3]]
    assert albums(*(each._replace(compilation=True) for each in files)) == [[0, 1, 2, 3]]
    assert albums(*(each._replace(number=None) for each in files)) == [[0, 1, 2, 3]]  # nothing shows two
    assert albums(*(each._replace(number=None, title="Greatest Hits") for each in files)) == [[0, 1], [2, 3]]


def test_various_artists_are_one_album_across_folders() -> None:
    assert albums(
        file("/a/1.mp3", various=True, artists=QUEEN, year=1975),
        file("/b/1.mp3", various=True, artists=ABBA, year=1980),  # a folder for each artist
        file("/c/1.mp3", artists=ABBA),
    ) == [[0, 1], [2]]


def test_known_years_keep_albums_of_one_name_apart() -> None:
    weezer = ("weezer",)
    assert albums(
        file("/blue/1.mp3", "Weezer", album_artists=weezer, year=1994),
        file("/green/1.mp3", "Weezer", album_artists=weezer, year=2001),
        file("/blue, again/1.ogg", "Weezer", album_artists=weezer, year=1994),
    ) == [[0, 2], [1]]
    assert albums(
        file("/blue/1.mp3", "Weezer", album_artists=weezer, year=1994),
        file("/other/1.mp3", "Weezer", album_artists=weezer),
    ) == [[0, 1]]
    assert albums(
        file("/blue/1.mp3", "Weezer", album_artists=weezer, year=1994),
        file("/green/1.mp3", "Weezer", album_artists=weezer, year=2001),
        file("/other/1.mp3", "Weezer", album_artists=weezer),  # it may be either
        file("/both/1.mp3", "Weezer", album_artists=weezer, year=2001),
        file("/both/2.mp3", "Weezer", album_artists=weezer, year=1994),
    ) == [[0, 3, 4], [1], [2]]
    assert albums(  # in one folder, years do not matter: compilations have those of their tracks
        file("/best/1.mp3", "Hits", album_artists=weezer, year=1994),
        file("/best/2.mp3", "Hits", album_artists=weezer, year=2001),
    ) == [[0, 1]]


def test_long_keys_are_cut() -> None:
    [album] = group_albums([file(f"/{'x' * 4000}/1.mp3", "t" * 500)])
    assert len(album.key) <= 200
    [other] = group_albums([file(f"/{'x' * 4000}y/1.mp3", "t" * 500)])
    assert album.key != other.key
