"""Seeds with a minus: tracks near them leave one list, and nothing is stored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_library, make_song, open_catalogue, unit

from recsys import Library, Playlist, PlaylistRequest, describe_unmet_constraint
from recsys.domain.audio import IngestRecord
from recsys.errors import InvalidRequest, NotFound
from recsys.features import schema


def between(number: int, position: float, **tags: Any) -> IngestRecord:
    """A song at a position from 0 (jazz) to 1 (folk) of an arc."""
    song = make_song("jazz", number, **tags)
    assert song.result is not None
    normalised = np.zeros(len(schema.DIMENSIONS), np.float32)
    normalised[:12] = np.random.default_rng(number).standard_normal(12) * 0.03
    angle = position * np.pi / 2
    normalised[[0, 2]] += np.cos(angle), np.sin(angle)
    object.__setattr__(song.result, "normalised", normalised)
    return song


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Tracks 1 to 40 along an arc, by their own artists; the albums A and B have its first and its last ten."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    songs = []
    for i in range(40):
        album, artist = ("A", "first") if i < 10 else ("B", "last") if i >= 30 else (None, f"artist {i}")
        songs.append(between(i + 1, i / 39, album=album, artist=artist))
    make_library(tmp_path, songs)
    return Library(tmp_path)


def ids(playlist: Playlist) -> list[int]:
    return [track.id for track in playlist]


def test_tracks_near_a_minus_seed_leave_the_list(library: Library) -> None:
    plain = library.similar(20, n=10, max_per_artist=0)
    found = library.similar(20, n=10, max_per_artist=0, not_like=[24])
    assert set(ids(plain)) & {23, 25}
    assert max(ids(found)) < 22  # nearer to 24 than to 20, or not much farther
    assert len(found) == 10
    assert found.name == "Similar to artist 19 - title 20, not like artist 23 - title 24"
    left_out = {track.id for track in found.left_out}
    assert left_out >= {i for i in ids(plain) if i not in ids(found)} - {24}
    assert not left_out & {*ids(found), 20, 24}
    kept = [i for i in ids(plain) if i in ids(found)]
    assert [i for i in ids(found) if i in ids(plain)] == kept  # all others keep their order and similarity
    assert {track.id: track.similarity for track in found if track.id in kept} == {
        track.id: track.similarity for track in plain if track.id in kept
    }


def test_a_minus_seed_far_away_changes_nothing(library: Library) -> None:
    assert ids(library.similar(3, n=8, not_like=[40], max_per_artist=0)) == ids(
        library.similar(3, n=8, max_per_artist=0)
    )


def test_nothing_is_stored(library: Library) -> None:
    library.similar(20, not_like=[24])
    library.playlist(seeds=["20"], not_like=["24"], n=5)
    assert library.ratings.tracks().dislikes == ()
    with open_catalogue(library) as catalogue:
        assert catalogue.ratings() == {}


def test_albums_and_artists_with_a_minus(library: Library) -> None:
    by_album = library.similar(15, n=10, not_like_albums=["A"], max_per_artist=0)
    by_artist = library.similar(15, n=10, not_like_artists=["first"], max_per_artist=0)
    assert ids(by_album) == ids(by_artist)
    assert min(ids(by_album)) > 10  # none of its own tracks
    assert by_album.name.endswith(", not like the album A")


def test_a_set_and_one_of_its_tracks(library: Library) -> None:
    without = library.similar(artist="first", n=5, not_like=[1], max_per_artist=0)
    assert without.name == "Similar to first, not like first - title 1"
    assert min(ids(without)) > 10  # no track of the artist, with a plus or a minus
    with pytest.raises(NotFound, match="no track is present besides 'first - title 5' and not like first"):
        library.similar(5, not_like_artists=["first"])  # all are nearer to the artist's other tracks


def test_the_same_seed_with_plus_and_minus_is_refused(library: Library) -> None:
    for make in (library.similar(5, not_like=[6]), library.playlist(seeds=["5"], not_like=["6"], n=3)):
        assert len(make)
    with pytest.raises(InvalidRequest, match="is a seed of the same list, got 'first - title 5'") as raised:
        library.similar(5, not_like=[5])
    assert raised.value.field == "not_like"
    with pytest.raises(InvalidRequest, match="is a seed of the same list"):
        library.playlist(seeds=["5", "7"], not_like=["7"])
    with pytest.raises(InvalidRequest, match="is a seed of the same list"):
        library.similar(artist="first", not_like_albums=["A"])


def test_explanation_has_the_similarity_with_the_minus_seed(library: Library) -> None:
    found = library.similar(20, n=3, not_like=[30], explain=True, max_per_artist=0)
    for track, explanation in zip(found, found.explanations, strict=True):
        [minus] = explanation.not_like
        assert minus.name == "artist 29 - title 30"
        assert track.similarity is not None
        assert minus.similarity < track.similarity
        assert explanation.text.endswith(f"; similarity {minus.similarity:.2f} with artist 29 - title 30")
        assert explanation.to_dict()["not_like"] == [{"name": minus.name, "similarity": round(minus.similarity, 4)}]
    assert library.similar(20, n=3, explain=True).explanations[0].to_dict()["not_like"] == []


def test_playlists_leave_them_out_and_saved_ones_keep_them(library: Library, tmp_path: Path) -> None:
    plain = library.playlist(seeds=["20"], n=8)
    request = PlaylistRequest(seeds=["20"], n=8, not_like=["24"])
    found = library.playlist(request)
    assert set(ids(plain)) & {23, 25}
    assert not set(ids(found)) & set(range(23, 26))
    assert found.name == "Like artist 19 - title 20, not like artist 23 - title 24"
    library.playlists.save("P", PlaylistRequest(seeds=["title 20"], n=8, not_like=["title 24"]), tmp_path / "p.m3u8")
    [saved] = library.playlists.list()
    assert saved.request is not None
    assert (saved.request["seeds"], saved.request["not_like"]) == (["20"], ["24"])
    [refreshed] = library.playlists.refresh()
    assert refreshed.playlist is not None
    assert ids(refreshed.playlist) == ids(found)


def test_a_like_with_a_minus_does_not_count_in_this_playlist(library: Library) -> None:
    library.like(5, 35)
    assert max(ids(library.playlist(n=6, max_per_artist=0))) > 25
    assert max(ids(library.playlist(n=6, max_per_artist=0, not_like=[35]))) < 25
    with pytest.raises(NotFound):
        library.playlist(n=6, not_like=[5, 35])


def test_the_reason_of_a_short_playlist(library: Library) -> None:
    made = library.playlist(seeds=["20"], n=30, not_like=["24"], max_per_artist=0)
    [unmet] = [each for each in made.unmet_constraints if each.constraint == "n"]
    number = unmet.details["near_minus_seeds"]
    assert f"{number} are similar to a track that this list must not resemble" in describe_unmet_constraint(unmet)


def test_extend_leaves_them_out(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "list.m3u8"
    library.similar(20, n=2, max_per_artist=0).save(file)
    made, read = library.playlists.extend(file, PlaylistRequest(n=5, not_like=["24"]))
    assert not set(ids(made)[len(read.tracks) :]) & {23, 24, 25}
