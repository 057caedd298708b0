from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track, unit

from recsys.domain.arrays import FloatArray, IdArray
from recsys.metadata.names import track_artist_key
from recsys.nearest import NearestIndex
from recsys.recommend.selection import Pick, Selection, id_array, picked_tracks, same_recording


def index_of(*vectors: list[float]) -> NearestIndex:
    return NearestIndex.build(np.arange(1, len(vectors) + 1), unit(np.array(vectors, np.float32)))


SAME = index_of([1, 0], [1, 0.001], [1, 0.001])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Björk", "bjork"),
        ("Beyoncé feat. Jay-Z", "BEYONCÉ"),
        ("Santana (ft. Rob Thomas)", "Santana"),
        ("Sigur  Rós", "Sigur Rós"),
        ("A.R. Rahman", "A R Rahman"),
        ("P!nk featuring Nate Ruess", "p nk"),
    ],
)
def test_spellings_of_one_artist_have_one_key(one: str, other: str) -> None:
    assert track_artist_key(make_track(1, artist=one)) == track_artist_key(make_track(2, artist=other)) is not None


@pytest.mark.parametrize(("one", "other"), [("Prince", "Princess"), ("Feather", "Fea"), ("!!!", "???")])
def test_different_artists_have_different_keys(one: str, other: str) -> None:
    assert track_artist_key(make_track(1, artist=one)) != track_artist_key(make_track(2, artist=other))


@pytest.mark.parametrize("artist", [None, "", "Unknown Artist", "Various Artists", "  "])
def test_placeholder_artists_have_no_key(artist: str | None) -> None:
    assert track_artist_key(make_track(1, artist=artist)) is None
    assert track_artist_key(make_track(1, artist=artist, album_artist="Nina Simone")) == "nina simone"


def test_artist_limit_rejects_further_tracks() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0], [0, -1]), max_per_artist=2)
    tracks = [make_track(i, artist="Abba") for i in (1, 2, 3)]
    assert [selection.try_add(Pick(track, 0.5)) for track in tracks] == [True, True, False]
    assert selection.try_add(Pick(make_track(4, artist="Blondie"), 0.4))


def test_unknown_artists_have_no_limit() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0]), max_per_artist=1)
    assert all(selection.try_add(Pick(make_track(i, artist=None), 0.5)) for i in (1, 2, 3))


def test_limit_zero_accepts_any_number() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0]), max_per_artist=0)
    assert all(selection.try_add(Pick(make_track(i, artist="Abba"), 0.5)) for i in (1, 2, 3))


def test_other_encoding_of_a_recording_is_rejected() -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    other = make_track(2, artist="ABBA", title="waterloo!", duration=169.5)
    assert not Selection(SAME, picks=[Pick(one, 0.5)]).accepts(other)
    assert not Selection(SAME, seeds=(one,)).accepts(other)
    assert not Selection(SAME, seeds=(one,)).accepts(one)


@pytest.mark.parametrize(
    "fields",
    [{"title": "Waterloo (live)"}, {"artist": "Cher"}, {"duration": 171.0}],
    ids=["other title", "other artist", "other length"],
)
def test_different_recordings_are_accepted(fields: dict[str, Any]) -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    same = {"artist": "Abba", "title": "Waterloo", "duration": 168.0}
    similar_vectors = index_of([1, 0], [1, 0.2])  # a cosine of 0.98
    assert Selection(similar_vectors, seeds=(one,)).accepts(make_track(2, **{**same, **fields}))


def test_identical_vector_without_a_name_is_rejected() -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=168.0)
    untagged = make_track(2, artist=None, title="track 1", duration=168.0)
    assert not Selection(SAME, seeds=(one,)).accepts(untagged)
    assert Selection(SAME, seeds=(one,)).accepts(replace(untagged, duration=171.0))


def test_same_name_with_another_vector_is_accepted() -> None:
    one, other = (make_track(i, artist="Abba", title="Waterloo") for i in (1, 2))
    assert Selection(index_of([1, 0], [1, 0.5]), seeds=(one,)).accepts(other)


@pytest.mark.parametrize(("cosine", "similarity"), [(1.0, 1.0), (1.0000001, 1.0), (0.25, 0.25), (-0.5, 0.0)])
def test_similarity_is_clipped_to_0_and_1(cosine: float, similarity: float) -> None:
    assert Pick(make_track(1), cosine).similarity == similarity


def test_track_by_two_artists_counts_for_both() -> None:
    selection = Selection(index_of([1, 0], [0, 1], [-1, 0], [0, -1]), max_per_artist=1)
    both, foo, cee, dee = (
        make_track(i, artist="; ".join(names), artists=names)
        for i, names in enumerate([("Foo", "Cee"), ("Foo",), ("cee",), ("Dee", "Various Artists")], 1)
    )
    assert [selection.try_add(Pick(track, 0.5)) for track in (both, foo, cee, dee)] == [True, False, False, True]
    other_order = Selection(selection.index, max_per_artist=1)
    assert [other_order.try_add(Pick(track, 0.5)) for track in (foo, cee, both)] == [True, True, False]


@pytest.mark.parametrize(
    ("seconds", "cosine", "same_name", "same"),
    [
        (2.0, 0.951, True, True), (2.001, 1.0, True, False), (-2.0, 0.951, True, True), (-2.001, 1.0, True, False),
        (0.0, 0.95, True, False), (0.0, 0.951, False, False), (0.0, 0.995, False, False), (0.0, 0.9951, False, True),
        (2.0, 0.9951, False, True),
    ],
)  # fmt: skip
def test_limits_of_one_recording(seconds: float, cosine: float, same_name: bool, same: bool) -> None:
    one = make_track(1, artist="Abba", title="Waterloo", duration=100.0)
    other = make_track(2, artist="ABBA" if same_name else "Cher", title="waterloo", duration=100.0 + seconds)
    assert same_recording(one, other, cosine) == same
    assert same_recording(other, one, cosine) == same


def angled(*degrees: float) -> NearestIndex:
    return index_of(*([np.cos(np.radians(angle)), np.sin(np.radians(angle))] for angle in degrees))


def test_copies_are_found_however_their_vectors_are_loaded() -> None:
    """Tracks 1, 2 and 4 are within 18 degrees, a cosine of 0.951; 3 is far, 5 is near 4 only."""
    index = angled(0, 10, 90, 17, 30)
    names = {"artist": "Abba", "title": "Waterloo"}
    tracks = {i: make_track(i, **names) for i in range(1, 6)}
    for loads in ([], [[1, 2, 3, 4, 5]], [[1], [2, 3], [4, 5]], [[5], [4], [3], [2], [1]], [[3], [], [3, 1]]):
        selection = Selection(index, max_per_artist=0)
        for ids in loads:
            selection.load_vectors(np.array(ids, np.int64))
        assert [selection.try_add(Pick(tracks[i], 0.5)) for i in (1, 2, 3, 4, 5)] == [True, False, True, False, True]
        assert [pick.track.id for pick in selection.picks] == [1, 3, 5]
        assert not selection.accepts(tracks[1])
        seeded = Selection(index, seeds=(tracks[4],), picks=[Pick(tracks[3], 0.1)], max_per_artist=0)
        for ids in loads:
            seeded.load_vectors(np.array(ids, np.int64))
        assert [seeded.accepts(tracks[i]) for i in (1, 2, 3, 4, 5)] == [False, False, False, False, False]


def test_vectors_are_read_once() -> None:
    selection, read = Selection(angled(0, 40, 80, 120)), []
    vectors = selection.index.vectors

    def counted(ids: IdArray) -> FloatArray:
        read.append(ids.tolist())
        found: FloatArray = vectors(ids)
        return found

    selection.index.vectors = counted  # type: ignore[method-assign]  # counts what is read
    for ids in ([2, 1, 2], [1, 2], [4, 1]):
        selection.load_vectors(np.array(ids))
    assert selection.accepts(make_track(4))
    assert selection.try_add(Pick(make_track(3), 0.5))
    assert read == [[2, 1], [4], [3]]


def test_default_limit_is_two_tracks_by_an_artist_and_picks_given_count() -> None:
    index = angled(0, 40, 80, 120)
    tracks = [make_track(i, artist="Abba") for i in (1, 2, 3)]
    selection = Selection(index, picks=[Pick(tracks[0], 0.5)])
    assert [selection.try_add(Pick(track, 0.4)) for track in tracks[1:]] == [True, False]
    assert Selection(index, seeds=tuple(tracks[:2])).accepts(tracks[2])  # the seeds do not count


def test_picked_tracks_have_their_similarities() -> None:
    tracks = [make_track(i, missing=i == 2) for i in (1, 2, 3)]
    found = picked_tracks([Pick(track, score) for track, score in zip(tracks, (0.5, 1.5, -1.0), strict=True)])
    assert found == tuple(
        replace(track, similarity=similarity) for track, similarity in zip(tracks, (0.5, 1.0, 0.0), strict=True)
    )
    assert id_array(found).tolist() == [1, 2, 3]
    assert id_array([]).dtype == np.int64


def test_repr_has_what_a_caller_has_given() -> None:
    shown = repr(Selection(SAME, max_per_artist=7))
    assert shown == f"Selection(index={SAME!r}, seeds=(), max_per_artist=7, picks=[])"
