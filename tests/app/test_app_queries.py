"""References to tracks, albums, artists, and files outside the library."""

from dataclasses import replace
from pathlib import Path

import pytest
from signals import music, silence, write_audio, write_tags
from synthetic_library import make_song

from recsys.app.queries import SimilarityQuery
from recsys.database.catalogue import Catalogue
from recsys.errors import AmbiguousTrack, NotAnalysed, NotFound, RecsysError
from recsys.features.version import FEATURE_VERSION


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    songs = [
        make_song("jazz", 1, album="Blue", artist="Ann"),
        make_song("jazz", 2, album="BLUE", artist="Bob"),  # a compilation: one folder
        make_song("metal", 3, album="Blue", artist="Ann", album_artist="Ann"),  # another album in another folder
        make_song("metal", 4, "/disc 1", album="Loud", artist="Cleo", album_artist="Cleo"),
        make_song("metal", 5, "/disc 2", album="loud", artist="Cléo feat. Dan", album_artist="cleo"),
    ]
    not_analysed = make_song("folk", 6, album="Quiet", artist="Dora")
    opened = Catalogue.open(f"sqlite:///{tmp_path / 'library.db'}", feature_version=FEATURE_VERSION)
    opened.store([*songs, replace(not_analysed, result=None)])
    return opened


def test_track_that_is_named_twice_is_used_once(catalogue: Catalogue) -> None:
    query = SimilarityQuery.resolve(catalogue, ["1", "title 1", "2", "3"])
    assert query.ids.tolist() == [1, 2, 3]
    assert query.name == "Ann - title 1, Ann - title 1 and 2 more"


def test_album_is_of_one_folder_or_album_artist(catalogue: Catalogue) -> None:
    loud = SimilarityQuery.resolve(catalogue, [], album="LOUD")
    assert sorted(loud.ids.tolist()) == [4, 5]
    assert loud.name == "the album Loud"
    with pytest.raises(AmbiguousTrack, match="2 albums have the name 'Blue'") as raised:
        SimilarityQuery.resolve(catalogue, [], album="Blue")
    assert [line.partition("  ")[2] for line in raised.value.candidates] == [
        "Ann - Blue, 1 track",
        "Various Artists - Blue, 2 tracks",
    ]
    assert SimilarityQuery.resolve(catalogue, [], album="Ann - Blue").ids.tolist() == [3]
    with pytest.raises(NotFound, match="no album has the name 'Lou'"):
        SimilarityQuery.resolve(catalogue, [], album="Lou")
    with pytest.raises(NotAnalysed, match="no track of the album Quiet has been analysed"):
        SimilarityQuery.resolve(catalogue, [], album="Quiet")


def test_artist_includes_tracks_of_albums_and_guests(catalogue: Catalogue) -> None:
    assert sorted(SimilarityQuery.resolve(catalogue, [], artist="ann").ids.tolist()) == [1, 3]
    assert sorted(SimilarityQuery.resolve(catalogue, ["2"], artist="Cleo").ids.tolist()) == [2, 4, 5]
    assert sorted(SimilarityQuery.resolve(catalogue, [], artist="CLEO").ids.tolist()) == [
        4,
        5,
    ]  # with guests, without accents
    for unknown in ("An", " "):
        with pytest.raises(NotFound, match="no artist has the name"):
            SimilarityQuery.resolve(catalogue, [], artist=unknown)


def test_file_outside_the_library_is_analysed(catalogue: Catalogue, tmp_path: Path) -> None:
    file = write_audio(tmp_path / "new song.flac", music(8), 22050)
    query = SimilarityQuery.resolve(catalogue, [str(file), "1"])
    assert query.ids.tolist() == [1]
    assert [track.title for track in query.external_tracks] == ["new song"]
    assert len(query.features) == 1
    assert query.external_tracks[0].key
    assert query.name == "new song, Ann - title 1"


def test_file_outside_the_library_has_its_tags(catalogue: Catalogue, tmp_path: Path) -> None:
    file = write_audio(tmp_path / "x.flac", music(8), 22050)
    write_tags(file)
    [track] = SimilarityQuery.resolve(catalogue, [str(file)]).external_tracks
    assert (track.title, track.artists, track.album, track.album_artists) == (
        "A Title",
        ("An Artist",),
        "An Album",
        ("Various",),
    )
    assert (track.track_number, track.year, track.tagged_genres) == (3, 1999, ("Jazz",))
    assert track.loudness is not None


def test_file_without_music_is_an_error(catalogue: Catalogue, tmp_path: Path) -> None:
    quiet = write_audio(tmp_path / "quiet.flac", silence(8), 22050)
    (tmp_path / "text.mp3").write_text("no music")
    for path in (quiet, tmp_path / "text.mp3"):
        with pytest.raises(RecsysError, match=r"^cannot analyse "):
            SimilarityQuery.resolve(catalogue, [str(path)])
    with pytest.raises(NotFound, match="no track matches"):
        SimilarityQuery.resolve(catalogue, [str(tmp_path / "gone.mp3")])
