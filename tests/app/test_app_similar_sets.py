"""Similar artists and albums of a library with a compilation, a guest and a track without artist."""

import gc
import json
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys import Library
from recsys.app.context import LibraryContext
from recsys.app.shared_state import SharedState
from recsys.app.similar_sets import TrackSets, read_sets
from recsys.cli.main import main
from recsys.errors import InvalidRequest, NotFound

KINDS = ("jazz", "metal", "folk", "techno")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Two artists of each kind, four tracks each on an album of their own; and a compilation with one track of each.

    A guest takes part in one track of jazz 0; one track has no artist.
    """
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    songs = []
    for k, kind in enumerate(KINDS):
        for number in range(8):
            artist = f"{kind} {number // 4}"
            artists = (artist, "guest") if (kind, number) == ("jazz", 0) else (artist,)
            songs.append(make_song(kind, 10 * k + number, artists=artists, album=f"album of {artist}"))
        songs.append(
            make_song(kind, 10 * k + 8, "/music/various", artist=f"{kind} 0", album="Hits",
                      album_artist="Various Artists", compilation=True)
        )  # fmt: skip
    songs.append(make_song("jazz", 50, "/music/nobody", artist="<Unknown>", album=None))
    make_library(tmp_path, songs)
    return Library(tmp_path)


def test_the_artist_of_the_same_kind_is_the_most_similar(library: Library) -> None:
    for kind in KINDS:
        found = library.similar_artists(f"{kind} 0")
        assert found[0].artist.name == f"{kind} 1"
        names = {each.artist.name for each in found} - {"guest"}
        assert names == {f"{k} {i}" for k in KINDS for i in (0, 1)} - {f"{kind} 0"}
        assert [each.similarity for each in found] == sorted((each.similarity for each in found), reverse=True)
        assert all(0 <= each.similarity <= 1 for each in found)


def test_a_guest_alone_is_not_similar_and_no_artist_is_none(library: Library) -> None:
    names = {each.artist.name for each in library.similar_artists("jazz 0", n=100)}
    assert not names & {"guest", "<Unknown>", "Various Artists", "jazz 0"}
    assert library.similar_artists("guest")[0].artist.name in ("jazz 0", "jazz 1")
    with pytest.raises(NotFound):
        library.similar_artists("Various Artists")


def test_pairs_are_tracks_of_both_that_resemble_each_other(library: Library) -> None:
    [found] = library.similar_artists("metal 0", n=1)
    assert len(found.pairs) == 3
    assert {str(pair.track.artist) for pair in found.pairs} == {"metal 0"}
    assert {str(pair.other.artist) for pair in found.pairs} == {"metal 1"}
    assert len({pair.other.id for pair in found.pairs}) == 3
    for pair in found.pairs:
        [track] = [track for track in library.similar(pair.track, n=30, max_per_artist=0) if track.id == pair.other.id]
        assert track.similarity == pytest.approx(pair.similarity, abs=1e-5)


def test_albums_and_a_compilation(library: Library) -> None:
    found = library.similar_albums("album of folk 0")
    assert found[0].album.title == "album of folk 1"
    assert "Hits" in [each.album.title for each in found]  # an album as any other, by no artist
    [hits] = [each.album for each in found if each.album.title == "Hits"]
    assert (hits.artist, hits.artist_ids) == ("Various Artists", ())
    assert library.similar_albums("Hits", n=3)[0].album.title.startswith("album of")


def test_albums_of_one_artist_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    songs = [make_song("jazz", i, artist="one", album=f"album {i}") for i in range(6)]
    make_library(tmp_path, [*songs, make_song("metal", 20, artist="other", album="far")])
    library = Library(tmp_path)
    assert [each.album.artist for each in library.similar_albums("album 0")] == ["one", "one", "other"]
    assert len(library.similar_albums("album 0", max_per_artist=0)) == 6
    assert len(library.similar_albums("album 0", n=1)) == 1
    with pytest.raises(InvalidRequest):
        library.similar_albums("album 0", n=0)


def test_missing_tracks_do_not_count(library: Library) -> None:
    with open_catalogue(library) as catalogue:
        links = catalogue.set_links("artist")
        tracks = {track.id: track.artists for track in library.tracks()}
        assert len(links) == len(set(links)) == sum(map(len, tracks.values()))
        assert {track for track, _ in catalogue.set_links("album")} == {
            track.id for track in library.tracks() if track.album_id is not None
        }


def test_a_library_of_one_artist_has_no_similar_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, [make_song("jazz", i, artist="one", album="only") for i in range(3)])
    with pytest.raises(NotFound, match="nothing to compare one with"):
        Library(tmp_path).similar_artists("one")


def test_commands(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["--home", str(library.settings.home), *words])
        return int(end.value.code or 0), *capsys.readouterr()

    code, out, _ = run("artists", "--like", "jazz 0", "-n", "2", "--json")
    found = json.loads(out)
    assert (code, found[0]["name"], len(found)) == (0, "jazz 1", 2)
    assert found == [each.to_dict() for each in library.similar_artists("jazz 0", n=2)]
    code, out, _ = run("albums", "--like", "album of folk 0", "-n", "1")
    assert (code, "album of folk 1" in out, " ~ " in out) == (0, True, True)
    code, _, err = run("artists", "jazz", "--like", "jazz 0")
    assert (code, "--like cannot be combined" in err) == (2, True)


def test_libraries_without_artists_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, all_kinds(2))
    assert len(Library(tmp_path).similar_artists("artist 1")) == 7


def test_an_open_library_keeps_the_sets_of_its_last_index_alone(library: Library) -> None:
    context = LibraryContext(library.settings, SharedState(keep_open=True))
    with context.open() as catalogue:
        for _ in range(4):
            index = context.index(catalogue, complete=True)
            assert read_sets(catalogue, index, "artist") is read_sets(catalogue, index, "artist")
            read_sets(catalogue, index, "album")
    gc.collect()
    assert sum(isinstance(each, TrackSets) for each in gc.get_objects()) == 2
    context.close()
