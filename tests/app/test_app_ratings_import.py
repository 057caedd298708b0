"""What a file says becomes likes and dislikes, once and only as far as it says it."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from make_entries import make_entry
from synthetic_library import make_library

from recsys.app.library import Library
from recsys.app.ratings_import import ImportOptions
from recsys.config import Settings
from recsys.domain.audio import Tags
from recsys.domain.tracks import Rating
from recsys.errors import InvalidRequest, NotFound

YEAR = "2020-01-02T03:04:05.000000+00:00"
Put = Callable[..., Path]


@pytest.fixture
def service(tmp_path: Path) -> Library:
    """Tracks 1 to 9, "Song aaaaa" to "Song iiiii"."""
    home = tmp_path / "home"
    home.mkdir()
    service = Library(Settings(home=home, database=f"sqlite:///{(home / 'library.db').as_posix()}"))
    make_library(
        home,
        [
            make_entry(f"/music/{i}.mp3", tags=Tags(title=f"Song {letter * 5}", artist="Artist"), analysed=False)
            for i, letter in enumerate("abcdefghi", 1)
        ],
    )
    return service


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a file of lines."""
    counter = itertools.count()

    def put(*lines: str, suffix: str = "csv") -> Path:
        path = tmp_path / f"{next(counter)}.{suffix}"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return put


def take(service: Library, *files: Path, **terms: object) -> list[str]:
    """Import, and what came of each entry."""
    intake = service.ratings_import.preview(files, ImportOptions(**terms))  # type: ignore[arg-type]
    service.ratings_import.apply(intake)
    return [step.action for step in intake.entries]


def thought(service: Library) -> dict[int, Rating]:
    return service.ratings_import.ratings()


def test_stars_are_likes_and_dislikes_of_some_strength(service: Library, put: Put) -> None:
    file = put("path,rating", *(f"/music/{i}.mp3,{stars}" for i, stars in enumerate((5, 4.5, 4, 3, 2, 1, 0.5), 1)))
    intake = service.ratings_import.preview([file])
    assert [step.action for step in intake.entries] == ["like"] * 3 + ["dislike"] * 3
    assert intake.without_rating == 1
    service.ratings_import.apply(intake)
    assert {i: (o.value, o.strength) for i, o in thought(service).items()} == {
        1: (1, 1.0), 2: (1, 0.75), 3: (1, 0.5), 5: (-1, 0.5), 6: (-1, 1.0), 7: (-1, 1.0),
    }  # fmt: skip
    assert service.ratings().likes[0].id == 1


def test_what_is_a_like_can_be_said(service: Library, put: Put) -> None:
    file = put("path,rating", *(f"/music/{i}.mp3,{i}" for i in range(1, 6)))
    assert take(service, file, like_threshold=5, dislike_threshold=1) == ["dislike", "like"]
    assert {o.strength for o in thought(service).values()} == {1.0}
    assert take(service, file, like_threshold=3, dislike_threshold=0) == ["like", "like", "same"]
    for wrong in ({"like_threshold": 6.0}, {"dislike_threshold": 4.0}, {"min_plays": 0}):
        with pytest.raises(InvalidRequest, match="--"):
            service.ratings_import.preview([file], ImportOptions(**wrong))  # type: ignore[arg-type]


def test_plays_are_a_like_where_they_are_many_and_nobody_has_said_more(service: Library, put: Put) -> None:
    file = put("path,rating,plays,last played",
               f"/music/1.mp3,,3,{YEAR}", "/music/2.mp3,,2,", "/music/3.mp3,3,99,", "/music/4.mp3,5,99,")  # fmt: skip
    assert take(service, file) == ["like", "like"]
    assert thought(service)[1] == Rating(1, 0.5, 3, YEAR, "csv")
    assert thought(service)[4][:3] == (1, 1.0, 99)
    assert take(service, file, min_plays=2) == ["same", "like", "same"]


def test_a_history_is_counted_over_albums_and_files(service: Library, put: Put) -> None:
    head = "artist,album,title,timestamp"
    one = put(head, f"Artist,X,Song aaaaa,{YEAR}", "Artist,Y,song AAAAA,2019-01-01", "Artist,X,Song aaaaa,2018-01-01")
    other = put(
        head, "Artist,X,Song aaaaa,2021-01-01", "Artist,X,Song aaaaa,2021-01-02", "Artist,,Song bbbbb,2019-01-01"
    )
    take(service, one, other, one)
    assert thought(service) == {1: Rating(1, 0.5, 5, "2021-01-02T00:00:00.000000+00:00", "csv")}


def test_two_programs_have_counted_the_same_plays(service: Library, put: Put) -> None:
    lastfm = put("uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid",
                 *["1577934245,x,Artist,,X,,Song aaaaa,"] * 7)  # fmt: skip
    table = put("path,plays", "/music/1.mp3,9")
    take(service, lastfm, table)
    assert thought(service)[1].plays == 9
    take(service, lastfm)
    assert thought(service)[1].plays == 9


def test_a_list_is_of_likes_or_of_dislikes(service: Library, put: Put) -> None:
    file = put("#EXTM3U", "/music/1.mp3", "/music/2.mp3", "/nowhere.mp3", suffix="m3u")
    assert take(service, file) == ["like", "like", "not found"]
    assert {o[:2] for o in thought(service).values()} == {(1, 1.0)}
    assert take(service, file, as_dislikes=True) == ["dislike", "dislike", "not found"]
    assert {o[:2] for o in thought(service).values()} == {(-1, 1.0)}
    with pytest.raises(InvalidRequest, match="--dislike is for lists"):
        take(service, put("path,rating", "/music/1.mp3,5"), as_dislikes=True)


def test_the_same_again_changes_nothing(service: Library, put: Put) -> None:
    files = [
        put("#EXTM3U", "/music/1.mp3", suffix="m3u"),
        put("path,rating,plays", "/music/2.mp3,5,7", "/music/3.mp3,1,", "/music/4.mp3,,5"),
    ]
    take(service, *files)
    before = thought(service)
    assert take(service, *files) == ["same"] * 4
    for file in files:
        assert set(take(service, file)) == {"same"}
    assert thought(service) == before


def test_what_is_said_by_hand_stays(service: Library, put: Put) -> None:
    service.rate(["1", "2"], 1)
    service.rate(["3"], -1)
    before = thought(service)
    file = put("path,rating,plays", "/music/1.mp3,1,9", "/music/2.mp3,4,4", "/music/3.mp3,1,")
    assert take(service, file) == ["kept", "plays", "same"]
    after = thought(service)
    assert after == {1: before[1]._replace(plays=9), 2: before[2]._replace(plays=4), 3: before[3]}
    assert take(service, file) == ["kept", "same", "same"]
    assert take(service, file, overwrite=True) == ["dislike", "like", "dislike"]
    assert {i: (o.value, o.strength, o.plays, o.source) for i, o in thought(service).items()} == {
        1: (-1, 1.0, 9, "csv"), 2: (1, 0.5, 4, "csv"), 3: (-1, 1.0, 0, "csv"),
    }  # fmt: skip
    assert take(service, file, overwrite=True) == ["same"] * 3


def test_what_was_said_goes_before_what_was_counted_whichever_comes_first(service: Library, put: Put) -> None:
    stars, plays = (
        put("path,rating", "/music/1.mp3,5", "/music/2.mp3,1"),
        put("path,plays", "/music/1.mp3,9", "/music/2.mp3,9"),
    )
    take(service, plays)
    take(service, stars)
    first = {i: (o.value, o.strength, o.plays) for i, o in thought(service).items()}
    service.rate(["1", "2"], 0)
    take(service, stars)
    assert take(service, plays) == ["plays", "kept"]
    assert {i: (o.value, o.strength, o.plays) for i, o in thought(service).items()} == first
    assert first == {1: (1, 1.0, 9), 2: (-1, 1.0, 9)}


def test_the_last_word_counts(service: Library, put: Put) -> None:
    first = put("path,rating,at", "/music/1.mp3,5,2019-01-01", "/music/2.mp3,1,2021-01-01")
    other = put("path,loved,at", "/music/1.mp3,-1,2020-01-01", "/music/2.mp3,1,2020-01-01")
    for files in ((first, other), (other, first)):
        take(service, *files)
        assert {i: o[:1] + o[3:4] for i, o in thought(service).items()} == {
            1: (-1, "2020-01-01T00:00:00.000000+00:00"), 2: (-1, "2021-01-01T00:00:00.000000+00:00"),
        }  # fmt: skip


def test_one_file_of_several_is_wrong_and_none_is_taken(service: Library, put: Put) -> None:
    good, bad = put("path,rating", "/music/1.mp3,5"), put("{", suffix="json")
    with pytest.raises(InvalidRequest, match="nothing was imported"):
        take(service, good, bad)
    assert thought(service) == {}


def test_a_file_that_says_nothing_says_what_would(service: Library, put: Put) -> None:
    with pytest.raises(NotFound, match=r"none of 1 entries is liked .* --min-plays"):
        take(service, put("path,rating", "/music/1.mp3,3"))
    library = """<DJ_PLAYLISTS><COLLECTION><TRACK TrackID="1" Name="Song aaaaa" Artist="Artist"/></COLLECTION>
    <PLAYLISTS><NODE Type="0"><NODE Type="1" Name="Best"><TRACK Key="1"/></NODE></NODE></PLAYLISTS></DJ_PLAYLISTS>"""
    file = put(library, suffix="xml")
    with pytest.raises(NotFound, match="--playlist: Best"):
        take(service, file)
    assert take(service, file, playlist="Best") == ["like"]


def test_how_entries_were_found_is_counted(service: Library, put: Put) -> None:
    file = put("path,artist,title", "/music/1.mp3,,", ",Artist,SONG BBBBB", "/other/3.mp3,Nobody,Nothing")
    intake = service.ratings_import.preview([file])
    assert (dict(intake.matches_by_method()), dict(intake.tracks_by_action())) == ({"path": 1, "name": 1}, {"like": 2})
    assert [step.track and step.track.id for step in intake.entries] == [1, 2, None]
    assert thought(service) == {}  # reading stores nothing


def test_a_path_that_lies_elsewhere_is_mapped(service: Library, put: Put) -> None:
    file = put("E:\\Songs\\1.mp3", suffix="m3u")
    assert take(service, file) == ["not found"]
    assert take(service, file, path_map=[("E:\\Songs", "/music")]) == ["like"]


def test_without_a_library_nothing_is_read(tmp_path: Path, put: Put) -> None:
    empty = Library(Settings(home=tmp_path / "no", database=f"sqlite:///{tmp_path / 'no' / 'library.db'}"))
    with pytest.raises(NotFound, match="recsys ingest FOLDER"):
        empty.ratings_import.preview([put("nonsense")])
    assert not (tmp_path / "no").exists()
