"""Entries of imported files become likes and dislikes; a second import of the same file changes nothing."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from make_entries import make_entry
from synthetic_library import make_library

from recsys import ImportOptions, Library, Rating
from recsys.config import Settings
from recsys.domain.audio import Tags
from recsys.errors import Hint, InvalidRequest, LibraryNotFound, NotFound

YEAR = "2020-01-02T03:04:05.000000+00:00"
WriteFile = Callable[..., Path]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Tracks 1 to 9, "Song aaaaa" to "Song iiiii"."""
    home = tmp_path / "home"
    home.mkdir()
    library = Library(Settings(home=home, database=f"sqlite:///{(home / 'library.db').as_posix()}"))
    make_library(
        home,
        [
            make_entry(f"/music/{i}.mp3", tags=Tags(title=f"Song {letter * 5}", artists=("Artist",)), analysed=False)
            for i, letter in enumerate("abcdefghi", 1)
        ],
    )
    return library


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write the lines of a file."""
    counter = itertools.count()

    def write(*lines: str, suffix: str = "csv") -> Path:
        path = tmp_path / f"{next(counter)}.{suffix}"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def import_files(library: Library, *files: Path, **options: Any) -> list[str]:
    """Import files, and return the action of each entry."""
    preview = library.ratings.preview(files, ImportOptions(**options))
    library.ratings.apply(preview)
    return [entry.action for entry in preview.entries]


def ratings(library: Library) -> dict[int, Rating]:
    return library.ratings.values()


def test_stars_become_likes_and_dislikes_with_a_strength(library: Library, write_file: WriteFile) -> None:
    file = write_file(
        "path,rating", *(f"/music/{i}.mp3,{stars}" for i, stars in enumerate((5, 4.5, 4, 3, 2, 1, 0.5), 1))
    )
    preview = library.ratings.preview([file])
    assert [entry.action for entry in preview.entries] == ["like"] * 3 + ["dislike"] * 3
    assert preview.without_rating == 1
    library.ratings.apply(preview)
    assert {i: (r.value, r.strength) for i, r in ratings(library).items()} == {
        1: (1, 1.0), 2: (1, 0.75), 3: (1, 0.5), 5: (-1, 0.5), 6: (-1, 1.0), 7: (-1, 1.0),
    }  # fmt: skip
    assert library.ratings.tracks().likes[0].id == 1


def test_thresholds_decide_what_is_a_like_or_dislike(library: Library, write_file: WriteFile) -> None:
    file = write_file("path,rating", *(f"/music/{i}.mp3,{i}" for i in range(1, 6)))
    assert import_files(library, file, like_threshold=5, dislike_threshold=1) == ["dislike", "like"]
    assert {r.strength for r in ratings(library).values()} == {1.0}
    assert import_files(library, file, like_threshold=3, dislike_threshold=0) == ["like", "like", "unchanged"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"like_threshold": 6.0}, "like_threshold must be from 0.5 to 5, got 6"),
        ({"dislike_threshold": -1.0}, "dislike_threshold must be from 0 to 5, got -1"),
        ({"dislike_threshold": 4.0}, "dislike_threshold must be less than like_threshold, got 4"),
        ({"min_plays": 0}, "min_plays must be at least 1, got 0"),
    ],
)
def test_import_options_out_of_range_name_the_field(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        ImportOptions(**options)
    assert (str(raised.value), raised.value.field) == (message, message.split()[0])


def test_many_plays_without_stars_are_a_like(library: Library, write_file: WriteFile) -> None:
    file = write_file("path,rating,plays,last played",
               f"/music/1.mp3,,3,{YEAR}", "/music/2.mp3,,2,", "/music/3.mp3,3,99,", "/music/4.mp3,5,99,")  # fmt: skip
    assert import_files(library, file) == ["like", "like"]
    assert ratings(library)[1] == Rating(1, 0.5, 3, YEAR, "csv")
    assert ratings(library)[4][:3] == (1, 1.0, 99)
    assert import_files(library, file, min_plays=2) == ["unchanged", "like", "unchanged"]


def test_plays_of_a_history_are_summed_over_albums_and_files(library: Library, write_file: WriteFile) -> None:
    head = "artist,album,title,timestamp"
    one = write_file(
        head, f"Artist,X,Song aaaaa,{YEAR}", "Artist,Y,song AAAAA,2019-01-01", "Artist,X,Song aaaaa,2018-01-01"
    )
    other = write_file(
        head, "Artist,X,Song aaaaa,2021-01-01", "Artist,X,Song aaaaa,2021-01-02", "Artist,,Song bbbbb,2019-01-01"
    )
    import_files(library, one, other, one)
    assert ratings(library) == {1: Rating(1, 0.5, 5, "2021-01-02T00:00:00.000000+00:00", "csv")}


def test_plays_of_two_programs_are_not_summed(library: Library, write_file: WriteFile) -> None:
    lastfm = write_file("uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid",
                 *["1577934245,x,Artist,,X,,Song aaaaa,"] * 7)  # fmt: skip
    table = write_file("path,plays", "/music/1.mp3,9")
    import_files(library, lastfm, table)
    assert ratings(library)[1].plays == 9
    import_files(library, lastfm)
    assert ratings(library)[1].plays == 9


def test_playlist_is_of_likes_or_of_dislikes(library: Library, write_file: WriteFile) -> None:
    file = write_file("#EXTM3U", "/music/1.mp3", "/music/2.mp3", "/nowhere.mp3", suffix="m3u")
    assert import_files(library, file) == ["like", "like", "not_found"]
    assert {r[:2] for r in ratings(library).values()} == {(1, 1.0)}
    assert import_files(library, file, as_dislikes=True) == ["dislike", "dislike", "not_found"]
    assert {r[:2] for r in ratings(library).values()} == {(-1, 1.0)}
    with pytest.raises(
        InvalidRequest, match=r"^as_dislikes is for playlists; .*\.csv is not one \(format csv\)$"
    ) as raised:
        import_files(library, write_file("path,rating", "/music/1.mp3,5"), as_dislikes=True)
    assert (raised.value.field, raised.value.hint) == ("as_dislikes", Hint.CHOOSE_PLAYLIST)


def test_second_import_changes_nothing(library: Library, write_file: WriteFile) -> None:
    files = [
        write_file("#EXTM3U", "/music/1.mp3", suffix="m3u"),
        write_file("path,rating,plays", "/music/2.mp3,5,7", "/music/3.mp3,1,", "/music/4.mp3,,5"),
    ]
    import_files(library, *files)
    before = ratings(library)
    assert import_files(library, *files) == ["unchanged"] * 4
    for file in files:
        assert set(import_files(library, file)) == {"unchanged"}
    assert ratings(library) == before


def test_manual_rating_is_kept_unless_overwritten(library: Library, write_file: WriteFile) -> None:
    library.like(1, 2)
    library.dislike(3)
    before = ratings(library)
    file = write_file("path,rating,plays", "/music/1.mp3,1,9", "/music/2.mp3,4,4", "/music/3.mp3,1,")
    assert import_files(library, file) == ["kept_manual", "update_plays", "unchanged"]
    after = ratings(library)
    assert after == {
        1: before[1]._replace(plays=9, stars=1), 2: before[2]._replace(plays=4, stars=4),
        3: before[3]._replace(stars=1),
    }  # fmt: skip
    assert import_files(library, file) == ["kept_manual", "unchanged", "unchanged"]
    assert import_files(library, file, overwrite=True) == ["dislike", "like", "dislike"]
    assert {i: (r.value, r.strength, r.plays, r.source) for i, r in ratings(library).items()} == {
        1: (-1, 1.0, 9, "csv"), 2: (1, 0.5, 4, "csv"), 3: (-1, 1.0, 0, "csv"),
    }  # fmt: skip
    assert import_files(library, file, overwrite=True) == ["unchanged"] * 3


def test_stars_take_precedence_over_plays_in_any_order(library: Library, write_file: WriteFile) -> None:
    stars, plays = (
        write_file("path,rating", "/music/1.mp3,5", "/music/2.mp3,1"),
        write_file("path,plays", "/music/1.mp3,9", "/music/2.mp3,9"),
    )
    import_files(library, plays)
    import_files(library, stars)
    first = {i: (r.value, r.strength, r.plays) for i, r in ratings(library).items()}
    library.unrate(1, 2)
    import_files(library, stars)
    assert import_files(library, plays) == ["unchanged", "kept_manual"]
    assert {i: (r.value, r.strength, r.plays) for i, r in ratings(library).items()} == first
    assert first == {1: (1, 1.0, 9), 2: (-1, 1.0, 9)}


def test_latest_rating_counts(library: Library, write_file: WriteFile) -> None:
    first = write_file("path,rating,at", "/music/1.mp3,5,2019-01-01", "/music/2.mp3,1,2021-01-01")
    other = write_file("path,loved,at", "/music/1.mp3,-1,2020-01-01", "/music/2.mp3,1,2020-01-01")
    for files in ((first, other), (other, first)):
        import_files(library, *files)
        assert {i: r[:1] + r[3:4] for i, r in ratings(library).items()} == {
            1: (-1, "2020-01-01T00:00:00.000000+00:00"), 2: (-1, "2021-01-01T00:00:00.000000+00:00"),
        }  # fmt: skip


def test_nothing_is_imported_if_one_file_is_damaged(library: Library, write_file: WriteFile) -> None:
    good, bad = write_file("path,rating", "/music/1.mp3,5"), write_file("{", suffix="json")
    with pytest.raises(InvalidRequest, match="nothing was imported"):
        import_files(library, good, bad)
    assert ratings(library) == {}


def test_file_without_ratings_is_an_error_with_the_thresholds_or_playlists(
    library: Library, write_file: WriteFile
) -> None:
    with pytest.raises(
        NotFound, match=r"^none of 1 entry is liked or disliked: no heart, .*, and nothing played 3 times$"
    ):
        import_files(library, write_file("path,plays", "/music/1.mp3,2"))
    collection = """<DJ_PLAYLISTS><COLLECTION><TRACK TrackID="1" Name="Song aaaaa" Artist="Artist"/></COLLECTION>
    <PLAYLISTS><NODE Type="0"><NODE Type="1" Name="Best"><TRACK Key="1"/></NODE></NODE></PLAYLISTS></DJ_PLAYLISTS>"""
    file = write_file(collection, suffix="xml")
    with pytest.raises(NotFound, match=r"playlists in it are: Best$") as raised:
        import_files(library, file)
    assert raised.value.hint is Hint.CHOOSE_PLAYLIST
    assert import_files(library, file, playlist="Best") == ["like"]


def test_stars_are_stored_beside_ratings(library: Library, write_file: WriteFile) -> None:
    file = write_file("path,rating", *(f"/music/{i}.mp3,{stars}" for i, stars in enumerate((5, 4.5, 3, 0.5), 1)))
    preview = library.ratings.preview([file])
    assert (preview.without_rating, preview.plays.n_tracks, len(preview.plays.stars)) == (1, 1, 4)
    library.ratings.apply(preview)
    assert {i: given[::2] for i, given in library.ratings.stars().items()} == {
        1: (5, "csv"), 2: (5, "csv"), 3: (3, "csv"), 4: (1, "csv"),
    }  # fmt: skip
    assert {i: (r.strength, r.stars, r.from_stars) for i, r in ratings(library).items()} == {
        1: (1.0, 5, True), 2: (0.75, 5, False), 4: (1.0, 1, True),
    }  # fmt: skip
    again = library.ratings.preview([file])
    assert (again.ratings, again.plays.stars) == ({}, {})


def test_manual_stars_are_kept_unless_overwritten(library: Library, write_file: WriteFile) -> None:
    library.ratings.set_stars([1, 2], 5)
    file = write_file("path,rating,plays", "/music/1.mp3,1,7", "/music/2.mp3,5,2")
    assert import_files(library, file) == ["kept_manual", "update_plays"]
    assert {i: (r.value, r.plays, r.from_stars, r.source) for i, r in ratings(library).items()} == {
        1: (1, 7, True, "manual"), 2: (1, 2, True, "manual"),
    }  # fmt: skip
    assert import_files(library, file, overwrite=True) == ["dislike", "like"]
    assert [(given.stars, given.source) for given in library.ratings.stars().values()] == [(5, "manual"), (1, "csv")]


def test_only_stars_of_the_usual_thresholds_are_stored(library: Library, write_file: WriteFile) -> None:
    file = write_file("path,rating", "/music/1.mp3,3", "/music/2.mp3,4")
    assert import_files(library, file, like_threshold=3) == ["like", "like"]
    assert library.ratings.stars() == {}
    assert [rating.value for rating in ratings(library).values()] == [1, 1]


def test_plays_of_a_history_are_stored_with_their_times_once(library: Library, write_file: WriteFile) -> None:
    head = "artist,album,title,timestamp"
    file = write_file(
        head, f"Artist,X,Song aaaaa,{YEAR}", "Artist,Y,song AAAAA,2019-01-01", "Artist,X,Song aaaaa,2018-01-01",
        "Artist,X,Song bbbbb,2021-01-01", "Nobody,X,Nothing,2021-01-01",
    )  # fmt: skip
    preview = library.ratings.preview([file])
    assert [entry.action for entry in preview.entries] == ["like", "like"]  # of two albums
    assert (preview.without_rating, preview.plays.n_tracks, len(preview.plays.history)) == (2, 1, 4)
    assert preview.to_dict()["plays"] == 4
    library.ratings.apply(preview)
    assert [(play.track.id, play.played_at[:10], play.source) for play in library.plays.recent()] == [
        (2, "2021-01-01", "csv"), (1, "2020-01-02", "csv"), (1, "2019-01-01", "csv"), (1, "2018-01-01", "csv"),
    ]  # fmt: skip
    assert {i: count.plays for i, count in library.plays.counts().items()} == {1: 3, 2: 1}
    again = library.ratings.preview([file])
    assert (again.plays.history, again.plays.counts, again.ratings) == ((), {}, {})
    library.plays.add(1)
    library.ratings.apply(library.ratings.preview([file]))
    assert library.plays.counts()[1].plays == 4


def test_history_of_tracks_played_once_is_stored(library: Library, write_file: WriteFile) -> None:
    file = write_file("uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid",
                      "1577934245,x,Artist,,X,,Song aaaaa,", "1577934999,x,Nobody,,X,,Nothing,")  # fmt: skip
    assert import_files(library, file) == []
    assert [(play.track.id, play.source) for play in library.plays.recent()] == [(1, "lastfm")]
    assert ratings(library) == {}


def test_imports_belong_to_a_listener_who_is_added(library: Library, write_file: WriteFile) -> None:
    anna = library.for_listener("anna")
    file = write_file("path,rating,plays", "/music/1.mp3,5,9")
    preview = anna.ratings.preview([file])
    assert [listener.name for listener in library.listeners.list()] == ["default"]
    anna.ratings.apply(preview)
    assert (ratings(library), anna.ratings.values()[1].plays) == ({}, 9)
    assert anna.ratings.preview([file]).ratings == {}


def test_preview_counts_methods_and_actions(library: Library, write_file: WriteFile) -> None:
    file = write_file("path,artist,title", "/music/1.mp3,,", ",Artist,SONG BBBBB", "/other/3.mp3,Nobody,Nothing")
    preview = library.ratings.preview([file])
    assert (dict(preview.matches_by_method()), dict(preview.tracks_by_action())) == (
        {"path": 1, "name": 1},
        {"like": 2},
    )
    assert [entry.track and entry.track.id for entry in preview.entries] == [1, 2, None]
    assert ratings(library) == {}  # a preview stores nothing


def test_path_map_translates_paths_of_another_machine(library: Library, write_file: WriteFile) -> None:
    file = write_file("E:\\Songs\\1.mp3", suffix="m3u")
    assert import_files(library, file) == ["not_found"]
    assert import_files(library, file, path_map={"E:\\Songs": "/music"}) == ["like"]


def test_missing_library_is_reported_before_files_are_read(tmp_path: Path, write_file: WriteFile) -> None:
    empty = Library(Settings(home=tmp_path / "no", database=f"sqlite:///{tmp_path / 'no' / 'library.db'}"))
    with pytest.raises(LibraryNotFound, match="there is no library at"):
        empty.ratings.preview([write_file("nonsense")])
    assert not (tmp_path / "no").exists()


@pytest.fixture
def albums(tmp_path: Path) -> Library:
    """Albums 1 to 4: two by Björk, and two of one name by Weezer."""
    home = tmp_path / "albums"
    home.mkdir()
    library = Library(Settings(home=home, database=f"sqlite:///{(home / 'library.db').as_posix()}"))
    named = [("Björk", "Homogenic", 1997), ("Björk", "Post (Remastered)", 1995), ("Weezer", "Weezer", 1994),
             ("Weezer", "Weezer", 2001)]  # fmt: skip
    entries = [
        make_entry(f"/music/{i}/1.mp3", tags=Tags(title=f"Song {i}", artists=(artist,), album=album, year=year),
                   analysed=False)
        for i, (artist, album, year) in enumerate(named, 1)
    ]  # fmt: skip
    make_library(home, entries)
    return library


def spotify(*, albums: str = "", artists: str = "", banned: str = "") -> str:
    return f'{{"tracks": [], "albums": [{albums}], "shows": [], "artists": [{artists}], "bannedArtists": [{banned}]}}'


ALBUM = '{"artist": "%s", "album": "%s"}'


def test_albums_and_artists_are_liked_and_disliked(albums: Library, write_file: WriteFile) -> None:
    liked = ", ".join(ALBUM % pair for pair in (("Bjork", "HOMOGENIC"), ("Björk", "Post"), ("Weezer", "Weezer")))
    file = write_file(spotify(albums=liked, banned='{"name": "weezer"}, {"name": "nobody"}'), suffix="json")
    preview = albums.ratings.preview([file])
    assert [(each.kind, each.action) for each in preview.groups] == [
        ("album", "like"), ("album", "like"), ("album", "not_found"), ("artist", "dislike"), ("artist", "not_found"),
    ]  # fmt: skip
    albums.ratings.apply(preview)
    assert sorted(album.title for album in albums.ratings.albums.list().likes) == ["Homogenic", "Post (Remastered)"]
    assert [artist.name for artist in albums.ratings.artists.list().dislikes] == ["Weezer"]
    assert {rating.source for rating in albums.ratings.albums.values().values()} == {"spotify"}
    again = albums.ratings.preview([file]).groups
    assert {each.action for each in again if each.found} == {"unchanged"}


def test_album_that_is_rated_by_hand_keeps_its_rating(albums: Library, write_file: WriteFile) -> None:
    albums.ratings.albums.set(["Homogenic"], -1)
    file = write_file(spotify(albums=ALBUM % ("Björk", "Homogenic")), suffix="json")
    [kept] = albums.ratings.preview([file]).groups
    assert (kept.action, kept.rating) == ("kept_manual", None)
    preview = albums.ratings.preview([file], ImportOptions(overwrite=True))
    albums.ratings.apply(preview)
    assert [rating.value for rating in albums.ratings.albums.values().values()] == [1]
