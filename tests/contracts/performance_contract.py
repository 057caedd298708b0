"""Groups of copies of one performance, whatever the database: what is stored, and what follows a copy."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from catalogue_fixtures import CatalogueFixtures
from make_entries import DIMENSIONS, make_entry

from recsys.database.catalogue import Catalogue
from recsys.database.saved_playlists import SavedPlaylist
from recsys.domain.audio import AudioInfo, IngestRecord
from recsys.domain.catalogue import RemovedCounts, StoredPerformances
from recsys.domain.listeners import PlayCount, PlayEvent, Stars
from recsys.domain.requests import PathOptions, PlaylistRequest
from recsys.domain.tracks import Rating
from recsys.errors import AmbiguousTrack

AT = 1_700_000_000_000  # milliseconds


def group(catalogue: Catalogue, groups: Sequence[Sequence[int]]) -> None:
    """Store groups of these tracks, as if they had been derived."""
    ids = np.array([i for members in groups for i in members], np.int64)
    of = np.array([members[0] for members in groups for _ in members], np.int64)
    keys = np.arange(3 * len(ids), dtype=np.float32).reshape(len(ids), 3)
    rows = StoredPerformances(ids, of, np.full(len(ids), 61.5), keys)
    catalogue.store_performances(rows, {}, revision=catalogue.vector_revision(), rule=9)


def encoded(
    path: str, codec: str, rate: int = 44100, *, bit_rate: int | None = None, depth: int | None = None
) -> IngestRecord:
    """A file of a codec."""
    entry = make_entry(path)
    info = AudioInfo(180.5, rate, 2, codec, bit_rate, depth)
    return replace(entry, identity=replace(entry.identity, info=info))


class PerformanceContract(CatalogueFixtures):
    """See recsys.database.performances and copies."""

    @pytest.fixture
    def five(self, catalogue: Catalogue) -> Catalogue:
        """Tracks 1 to 5, of which 1 and 2, and 3, 4 and 5 are copies."""
        catalogue.store([make_entry(f"/{i}") for i in range(1, 6)])
        group(catalogue, [[1, 2], [3, 4, 5]])
        return catalogue

    def test_rows_are_stored_with_what_they_were_derived_from(self, five: Catalogue) -> None:
        assert five.performance_state() == (five.vector_revision(), 9)
        stored = five.stored_performances()
        assert (stored.ids.tolist(), stored.groups.tolist()) == ([1, 2, 3, 4, 5], [1, 1, 3, 3, 3])
        assert stored.seconds.tolist() == [61.5] * 5
        assert stored.keys.tolist() == np.arange(15).reshape(5, 3).tolist()
        other = StoredPerformances(
            np.array([5, 77]), np.array([5, 77]), np.array([1.0, 2.0]), np.zeros((2, 3), np.float32)
        )
        five.store_performances(other, {(1, 5): None, (2, 77): True}, revision=3, rule=10)  # 77 was removed meanwhile
        assert five.stored_performances().groups.tolist() == [1, 1, 3, 3, 5]
        five.store_performances(other, {}, revision=4, rule=10, replace=True)
        assert (five.performance_state(), five.stored_performances().ids.tolist()) == ((4, 10), [5])

    def test_audio_checks_are_stored_until_a_recording_is_removed(self, five: Catalogue) -> None:
        assert (dict(five.audio_checks()), five.audio_pairs()) == ({}, [])
        group(five, [[1, 2]])
        rows = five.stored_performances()
        five.store_performances(rows, {(1, 2): None, (2, 3): None, (3, 77): True}, revision=1, rule=9)
        assert dict(five.audio_checks()) == {(1, 2): None, (2, 3): None}
        assert five.audio_pairs() == [((1, 2), ("/1", "/2")), ((2, 3), ("/2", "/3"))]
        five.store_performances(rows, {(1, 2): False}, revision=1, rule=9)
        five.mark_missing(["/3"])
        assert five.audio_pairs() == []
        five.delete_audio_check((2, 3))
        five.store_performances(rows, {(4, 5): None}, revision=1, rule=9)
        five.store_performances(rows, {}, revision=1, rule=10, replace=True)  # answers hold for every rule
        assert dict(five.audio_checks()) == {(1, 2): False}

    def test_a_name_of_copies_is_that_of_the_best(self, five: Catalogue) -> None:
        for path in ("/1", "/2", "/3"):
            entry = make_entry(path)
            tags = replace(entry.identity.tags, title="Foo")
            five.store([replace(entry, identity=replace(entry.identity, tags=tags))])
        group(five, [[1, 2, 3]])
        assert five.resolve("foo").id == five.representatives([3])[3]
        group(five, [[1, 2], [3]])
        with pytest.raises(AmbiguousTrack, match="matches 3 tracks"):
            five.resolve("foo")

    def test_a_catalogue_without_groups_has_no_state(self, catalogue: Catalogue) -> None:
        assert (catalogue.performance_state(), catalogue.performance_groups()) == ((0, 0), [])
        assert catalogue.stored_performances().ids.tolist() == []

    def test_vectors_and_windows_are_those_that_are_stored(self, five: Catalogue) -> None:
        [(ids, vectors, starts, durations)] = five.vectors_with_starts()
        assert (sorted(ids.tolist()), vectors.shape) == ([1, 2, 3, 4, 5], (5, DIMENSIONS))
        assert durations.tolist() == [180.5] * 5
        assert set(starts) == {(1.5, 60.0, 118.25)}
        assert list(five.vectors_with_starts(since=five.vector_revision())) == []
        found = five.window_features([4, 99])
        assert list(found) == [4]
        assert (found[4].windows.shape, found[4].duration, found[4].bpm) == ((3, DIMENSIONS), 180.5, 120.0)

    def test_the_best_copy_is_lossless_and_present(self, catalogue: Catalogue) -> None:
        catalogue.store(
            [
                encoded("/a.mp3", "mp3", bit_rate=128_000),
                encoded("/b.opus", "opus", 48000, bit_rate=160_000),
                encoded("/c.flac", "flac", depth=16),
                encoded("/d.flac", "flac", depth=24),
                encoded("/e.mp3", "mp3", bit_rate=320_000),
                encoded("/f.flac", "flac", 96000, depth=24),
            ]
        )
        group(catalogue, [[1, 2, 3, 4, 5, 6]])
        assert catalogue.performance_groups() == [[6, 4, 3, 5, 2, 1]]
        catalogue.mark_missing(["/f.flac", "/e.mp3"])
        assert catalogue.performance_groups([2]) == [[4, 3, 2, 1, 6, 5]]
        assert catalogue.representatives([1, 6, 4, 99]) == {1: 4, 6: 4, 4: 4, 99: 99}
        [files] = catalogue.duplicate_files()
        assert [(file.path, file.preferred) for file in files] == [
            ("/d.flac", True), ("/c.flac", False), ("/b.opus", False), ("/a.mp3", False)
        ]  # fmt: skip
        assert [(file.codec, file.lossless, file.bit_rate) for file in files][2:] == [
            ("opus", False, 160_000), ("mp3", False, 128_000)
        ]  # fmt: skip

    def test_two_files_of_one_recording_are_duplicates(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/1", "one"), make_entry("/copy", "one"), make_entry("/2")])
        assert [[file.path for file in files] for files in catalogue.duplicate_files()] == [["/1", "/copy"]]

    def test_a_rating_of_one_copy_is_that_of_all(self, five: Catalogue) -> None:
        five.set_rating([4], 1)
        assert five.rated_tracks() == {3: 1}
        five.set_rating([5], -1)
        assert five.rated_tracks() == {3: -1}
        assert [five.track_taste(i).rating for i in (2, 3, 4, 5)] == [0, -1, -1, -1]
        five.set_stars([4], 4)
        assert {i: given.stars for i, given in five.stars().items()} == {3: 4}
        assert five.track_taste(5).stars == 4
        five.clear_ratings([5])
        assert (five.ratings(), five.stars()) == ({}, {})

    def test_ratings_of_copies_that_are_recognised_later_are_one(self, catalogue: Catalogue) -> None:
        """What was entered by hand outranks what was imported, and the latest counts."""
        catalogue.store([make_entry(f"/{i}") for i in range(1, 5)])
        late, early = "2026-02-02T00:00:00", "2026-01-01T00:00:00"
        catalogue.import_ratings(
            {
                1: Rating(1, 1.0, 2, early, "manual"),
                2: Rating(-1, 1.0, 3, late, "lastfm"),
                3: Rating(1, 0.5, 0, early, "lastfm"),
                4: Rating(-1, 0.5, 0, late, "lastfm"),
            },
            {},
        )
        group(catalogue, [[1, 2], [3, 4]])
        ratings = catalogue.ratings()
        assert {i: (rating.value, rating.plays) for i, rating in ratings.items()} == {1: (1, 5), 3: (-1, 0)}
        assert list(ratings) == [1, 3]

    def test_plays_of_copies_add_up(self, five: Catalogue) -> None:
        five.add_plays([PlayEvent(3, AT), PlayEvent(4, AT + 1), PlayEvent(5, AT + 2, skipped=True), PlayEvent(1, AT)])
        counts = five.play_counts()
        assert {i: (count.plays, count.skips) for i, count in counts.items()} == {1: (1, 0), 3: (2, 1)}
        assert five.play_counts([4, 2]) == {4: counts[3], 2: counts[1]}
        assert [event.track_id for event in five.recent_plays(9, track_id=5)] == [3, 3, 3]
        assert five.track_taste(4).counts == counts[3]
        assert five.track_taste(2).counts == PlayCount(1, 0, counts[1].last_played_at)

    def test_an_import_replaces_the_ratings_of_all_copies(self, five: Catalogue) -> None:
        five.set_rating([3], 1)
        five.set_stars([3], 5)
        five.import_ratings({5: Rating(-1, 1.0, 0, "2020-01-01", "lastfm")}, {5: Stars(1, "2020-01-01", "lastfm")})
        assert five.rated_tracks() == {3: -1}
        assert {i: given.stars for i, given in five.stars().items()} == {3: 1}

    def test_prune_moves_what_is_stored_of_a_copy_to_the_best_one(self, five: Catalogue) -> None:
        store = five.saved_playlists
        five.mark_missing(["/3", "/1", "/2"])
        five.set_rating([1], 1)
        five.import_ratings({3: Rating(1, 1.0, 0, "2026-01-01", "manual")}, {3: Stars(5, "2026-01-01")})
        five.add_plays([PlayEvent(3, AT), PlayEvent(5, AT + 5)])
        store.add_to_history("a", [3, 5])
        store.add_to_history("b", [3])
        request = PlaylistRequest(seeds=["3", "4", "/x"], n=3).to_dict()
        store.save(SavedPlaylist("mine", request, "/mine.m3u8", "m3u8", PathOptions().to_dict()))
        assert five.delete(["/3", "/1", "/2"], dry_run=True) == RemovedCounts(tracks=3, locations=3, rated=1)
        assert five.delete(["/3", "/1", "/2"]) == RemovedCounts(tracks=3, locations=3, rated=1)
        assert five.rated_tracks() == {4: 1}
        assert {i: given.stars for i, given in five.stars().items()} == {4: 5}
        assert {i: count.plays for i, count in five.play_counts().items()} == {4: 2}
        assert [ids.tolist() for ids in store.recent(9)] == [[4], [4, 5]]
        assert [each.request for each in store.list_saved()] == [request | {"seeds": ["4", "/x"]}]
        assert five.performance_groups() == [[4, 5]]

    def test_the_valid_one_of_two_ratings_is_kept(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/1"), make_entry("/2")])
        catalogue.import_ratings(
            {1: Rating(1, 1.0, 0, "2026-01-01", "manual"), 2: Rating(-1, 1.0, 0, "2026-05-05", "manual")}
        )
        group(catalogue, [[1, 2]])
        catalogue.mark_missing(["/1"])
        catalogue.delete(["/1"])
        assert catalogue.rated_tracks() == {2: -1}

    def test_groups_are_those_of_recordings_that_exist(self, five: Catalogue) -> None:
        five.mark_missing(["/4"])
        five.delete(["/4"])
        assert five.performance_groups() == [[1, 2], [3, 5]]
        assert [found.status for found in five.check(DIMENSIONS) if found.status == "error"] == []
