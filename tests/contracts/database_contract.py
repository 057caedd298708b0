"""What every database under the catalogue must do. A test class inherits it and names a new database."""

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from catalogue_fixtures import BJORK, CatalogueFixtures, failed
from file_states import FileState, file_states
from hypothesis import given, settings
from hypothesis import strategies as st
from make_entries import VERSION, make_entry, make_outcome, make_prediction
from sqlalchemy import func, select

from recsys.database.catalogue import Catalogue
from recsys.database.engine import reading
from recsys.database.tables import file
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AnalysisResult, IngestRecord, Mood, Tags, Tempo
from recsys.domain.catalogue import Counts, LibraryFile
from recsys.domain.requests import TrackFilter
from recsys.domain.tracks import MIN_ALTERNATIVE_PROBABILITY, Rating
from recsys.errors import FeatureMismatch, InvalidRequest, NotFound

# Names as a Unix file system may hold them: any code point, and bytes that are no UTF-8.
NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1) | st.binary(
    min_size=1
).map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_").decode("utf-8", "surrogateescape"))
WORDS = st.none() | st.text(st.characters(), max_size=20)


def result_of(entry: IngestRecord) -> AnalysisResult:
    assert entry.result is not None
    return entry.result


class DatabaseContract(CatalogueFixtures):
    """Files, recordings, analyses, failures, ratings."""

    # Storing and reading back

    def test_new_catalogue_is_empty(self, catalogue: Catalogue) -> None:
        assert catalogue.count() == Counts(tracks=0, files=0, missing=0, failures=0, analysed=0)
        assert catalogue.tracks() == []
        assert catalogue.failures() == []
        assert catalogue.rated_tracks() == {}
        assert catalogue.genres() == {}
        assert catalogue.tracks_by_id([1]) == {}
        assert file_states(catalogue, ["/"]) == {}
        ids, vectors = catalogue.vectors()
        assert (ids.shape, vectors.shape) == ((0,), (0, 0))
        assert catalogue.ids().dtype == np.int64

    def test_a_transaction_reads_one_state(self, reopen: Callable[[], Catalogue]) -> None:
        catalogue, other = reopen(), reopen()
        with reading(catalogue._engine) as connection:
            seen = [connection.execute(select(func.count()).select_from(file)).scalar()]
            other.store([make_entry("/music/joga.mp3", "p1", tags=BJORK)])
            seen.append(connection.execute(select(func.count()).select_from(file)).scalar())
        assert seen == [0, 0]
        assert catalogue.count().files == 1

    def test_stored_track_is_read_unchanged(self, reopen: Callable[[], Catalogue]) -> None:
        entry = make_entry("/music/joga.mp3", "p1", tags=BJORK, genre="electronic")
        reopen().store([entry])
        (track,) = reopen().tracks()
        assert track.path == "/music/joga.mp3"
        assert track.paths == ("/music/joga.mp3",)
        assert (track.title, track.artist, track.album) == ("Jóga", "Björk", "Homogenic")
        assert (track.track_number, track.year, track.tagged_genre) == (2, 1997, "Electronic")
        assert (track.genre, track.genre_probability) == ("electronic", 0.75)
        assert (track.duration, track.bpm, track.key, track.loudness) == (180.5, 120.0, "A minor", -14.5)
        assert track.analysed
        assert not track.missing

    def test_stored_arrays_are_read_unchanged(self, catalogue: Catalogue) -> None:
        entries = [make_entry(f"/{i}.mp3") for i in range(5)]
        catalogue.store(entries)
        results = [result_of(entry) for entry in entries]
        expected_vectors: tuple[tuple[Literal["raw", "normalised"], list[FloatArray]], ...] = (
            ("raw", [result.analysis.vector for result in results]),
            ("normalised", [result.normalised for result in results]),
        )
        for kind, expected in expected_vectors:
            ids, vectors = catalogue.vectors(kind=kind)
            assert list(ids) == sorted(ids)
            assert vectors.dtype == np.float32
            paths = [catalogue.tracks_by_id([i])[i].path for i in ids]
            assert paths == [e.stat.path for e in entries]
            np.testing.assert_array_equal(vectors, np.stack(expected))
        starts, windows = catalogue.windows(int(ids[3]))
        analysis = results[3].analysis
        assert starts == analysis.starts
        assert windows.dtype == np.float16
        np.testing.assert_array_equal(windows, analysis.windows)
        some = [int(ids[i]) for i in (3, 0, 4)]
        first, last, whole = catalogue.track_edges(some)
        for row, i in enumerate(some):
            _, windows = catalogue.windows(i)
            np.testing.assert_array_equal(first[row], windows[0])
            np.testing.assert_array_equal(last[row], windows[-1])
        np.testing.assert_array_equal(whole, catalogue.vectors_by_id(some))
        assert [len(part) for part in catalogue.track_edges([])] == [0, 0, 0]

    def test_details(self, catalogue: Catalogue) -> None:
        entry = make_entry("/a.mp3", "p1", tags=Tags(musicbrainz_album="release"))
        catalogue.store([entry])
        details = catalogue.track_details(int(catalogue.ids()[0]))
        assert details["audio_hash"] == "p1"
        assert (details["codec"], details["sample_rate"], details["channels"]) == ("mp3", 44100, 2)
        assert details["feature_version"] == VERSION
        assert details["genres"] == {"rock": 0.75, "other": 0.25}
        assert list(details["genres"]) == ["rock", "other"]  # most probable first
        assert details["genre_model"] == "test-model"
        assert details["starts"] == result_of(entry).analysis.starts
        assert details["musicbrainz_album"] == "release"
        np.testing.assert_array_equal(details["vector"], result_of(entry).analysis.vector)
        np.testing.assert_array_equal(details["normalised"], result_of(entry).normalised)
        assert catalogue.track_details(catalogue.ids()[0])["audio_hash"] == "p1"  # numpy's integers are ids too
        with pytest.raises(NotFound, match="id 999"):
            catalogue.track_details(999)

    def test_track_without_analysis(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", analysed=False)])
        (track,) = catalogue.tracks()
        assert not track.analysed
        assert (track.bpm, track.key, track.genre) == (None, None, None)
        assert list(catalogue.ids()) == []
        assert list(catalogue.ids(analysed=False)) == [track.id]
        details = catalogue.track_details(track.id)
        assert details["vector"] is None
        assert details["starts"] == ()
        with pytest.raises(NotFound, match="not been analysed"):
            catalogue.windows(track.id)

    @given(name=NAMES, title=WORDS, artist=WORDS)
    def test_every_path_and_tag_is_read_unchanged(
        self, catalogue: Catalogue, name: str, title: str | None, artist: str | None
    ) -> None:
        path = f"/any/{name}"
        catalogue.store([make_entry(path, tags=Tags(title=title, artists=(artist,) if artist else ()))])
        found = catalogue.resolve(path)
        assert found.path == path
        assert found.artist == (artist or None)
        if title:
            assert found.title == title
        assert file_states(catalogue, [path])[path].done
        catalogue.store(failures=[failed(path)])
        assert [f.path for f in catalogue.failures()] == [path]
        catalogue.clear_failures()

    def test_storing_again_changes_nothing(self, catalogue: Catalogue) -> None:
        batch = [make_entry(f"/{i}.mp3", f"p{i % 3}", tags=BJORK) for i in range(6)]
        catalogue.store(batch)
        before = (catalogue.tracks(), file_states(catalogue, ["/"]), catalogue.count())
        catalogue.store(batch)
        assert (catalogue.tracks(), file_states(catalogue, ["/"]), catalogue.count()) == before

    def test_batch_is_stored_completely_or_not_at_all(self, catalogue: Catalogue) -> None:
        good, bad = make_entry("/good.mp3"), make_entry("/bad.mp3", version=VERSION + 1)
        with pytest.raises(FeatureMismatch, match=f"version {VERSION + 1}"):
            catalogue.store([good, bad])
        assert catalogue.count().files == 0

    def test_large_batches(self, catalogue: Catalogue) -> None:
        paths = [f"/{i:04}.mp3" for i in range(1300)]
        catalogue.store([make_entry(path, analysed=False) for path in paths])
        ids = catalogue.ids(analysed=False)
        assert len(ids) == len(catalogue.tracks_by_id(ids)) == 1300
        assert len(catalogue.find_by_hash(paths)) == 1300
        catalogue.set_rating(ids, 1)
        catalogue.mark_missing(paths)
        assert catalogue.count() == Counts(tracks=0, files=0, missing=1300, failures=0, analysed=0)
        assert len(catalogue.rated_tracks()) == 1300

    # Files come and go, recordings stay

    def test_two_files_of_one_recording_are_one_track(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", "p"), make_entry("/copy/a.mp3", "p", analysed=False)])
        (track,) = catalogue.tracks()
        assert set(track.paths) == {"/a.mp3", "/copy/a.mp3"}
        assert catalogue.count() == Counts(tracks=1, files=2, missing=0, failures=0, analysed=1)
        known = catalogue.find_by_hash(["p", "q"])
        assert known.keys() == {"p"}
        assert (known["p"].id, known["p"].analysed, {place.path for place in known["p"].paths}) == (
            track.id,
            True,
            set(track.paths),
        )

    def test_file_with_most_tags_is_primary(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", "p"), make_entry("/b.mp3", "p", tags=BJORK)])
        (track,) = catalogue.tracks()
        assert (track.path, track.title) == ("/b.mp3", "Jóga")
        catalogue.mark_missing(["/b.mp3"])
        (track,) = catalogue.tracks()
        assert (track.path, track.title, track.paths) == ("/a.mp3", "a", ("/a.mp3",))

    @pytest.mark.parametrize("found_first", [True, False])
    def test_moved_file_keeps_id_rating_and_analysis(self, catalogue: Catalogue, found_first: bool) -> None:
        catalogue.store([make_entry("/old.mp3", "p")])
        before = catalogue.resolve("/old.mp3")
        catalogue.set_rating([before.id], 1)
        moved = make_entry("/new.mp3", "p", analysed=False)
        if found_first:
            catalogue.store([moved])
        catalogue.mark_missing(["/old.mp3"])
        if not found_first:
            catalogue.store([moved])
        after = catalogue.resolve("/new.mp3")
        assert after.id == before.id
        assert after.analysed
        assert after.paths == ("/new.mp3",)
        assert catalogue.rated_tracks() == {before.id: 1}
        assert file_states(catalogue, ["/"]).keys() == {"/new.mp3"}

    def test_retagged_file_keeps_its_track(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", "p")])
        before = catalogue.resolve("/a.mp3")
        generation = catalogue.vector_revision()
        catalogue.store([make_entry("/a.mp3", "p", tags=BJORK, analysed=False, size=2000)])
        after = catalogue.resolve("joga")
        assert (after.id, after.artist, after.analysed) == (before.id, "Björk", True)
        assert file_states(catalogue, ["/a.mp3"])["/a.mp3"].size == 2000
        assert catalogue.vector_revision() == generation

    def test_missing_track_is_hidden_until_it_reappears(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", tags=BJORK)])
        track = catalogue.resolve("/a.mp3")
        catalogue.set_rating([track.id], 1)
        catalogue.mark_missing(["/a.mp3"])
        assert catalogue.tracks() == []
        assert list(catalogue.ids()) == []
        assert catalogue.genres() == {}
        assert catalogue.count() == Counts(tracks=0, files=0, missing=1, failures=0, analysed=0)
        assert catalogue.tracks_by_id([track.id])[track.id].missing
        assert catalogue.resolve("joga").missing
        assert list(catalogue.vectors()[0]) == [track.id]
        assert file_states(catalogue, ["/a.mp3"])["/a.mp3"].missing
        catalogue.store([make_entry("/a.mp3", tags=BJORK, analysed=False)])
        assert catalogue.tracks_by_id([track.id])[track.id] == track
        assert catalogue.rated_tracks() == {track.id: 1}

    def test_other_audio_at_the_same_path_is_another_track(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", "first", tags=BJORK)])
        first = catalogue.resolve("/a.mp3")
        catalogue.set_rating([first.id], -1)
        catalogue.store([make_entry("/a.mp3", "second")])
        second = catalogue.resolve("/a.mp3")
        assert second.id != first.id
        assert [t.id for t in catalogue.tracks()] == [second.id]
        assert catalogue.tracks_by_id([first.id])[first.id].missing
        assert catalogue.rated_tracks() == {first.id: -1}
        state = file_states(catalogue, ["/"])["/a.mp3"]
        assert (state.audio_hash, state.missing) == ("second", False)
        catalogue.store([make_entry("/elsewhere.mp3", "first", analysed=False)])
        assert catalogue.resolve("/elsewhere.mp3").id == first.id

    @settings(max_examples=25)
    @given(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("123x")).map(lambda pair: (f"/{pair[0]}", pair[1])),
            max_size=10,
        )
    )
    def test_any_sequence_of_events_keeps_ids_and_one_primary_file(
        self, catalogue: Catalogue, events: list[tuple[str, str]]
    ) -> None:
        """Each event puts a sound at a path, or ("x") removes what is there; a dict is the model."""
        catalogue.mark_missing(["/a", "/b", "/c"])
        ids = {audio_hash: known.id for audio_hash, known in catalogue.find_by_hash("123").items()}
        disk: dict[str, str] = {}
        for path, audio_hash in events:
            if audio_hash == "x":
                disk.pop(path, None)
                catalogue.mark_missing([path])
            else:
                disk[path] = audio_hash
                catalogue.store([make_entry(path, audio_hash)])
            known = catalogue.find_by_hash("123")
            for stored, entry in known.items():
                assert ids.setdefault(stored, entry.id) == entry.id
            assert {p for p, s in file_states(catalogue, ["/"]).items() if not s.missing} == disk.keys()
            shown = catalogue.tracks()
            assert sorted(track.id for track in shown) == sorted({ids[p] for p in disk.values()})
            for track in catalogue.tracks_by_id(ids.values()).values():
                expected = {path for path, p in disk.items() if ids[p] == track.id}
                assert track.missing == (not expected)
                assert not expected or set(track.paths) == expected
            assert len(catalogue.tracks_by_id(ids.values())) == len(ids)

    # What ingest asks

    def test_file_states(self, reopen: Callable[[int], Catalogue]) -> None:
        catalogue = reopen(VERSION)
        catalogue.store(
            [make_entry("/m/a.mp3", "p", size=7, mtime_ns=2**62), make_entry("/m/b.mp3", analysed=False)],
            [failed("/m/c.mp3")],
        )
        assert file_states(catalogue, ["/m"]) == {
            "/m/a.mp3": FileState(7, 2**62, done=True, failed=False, missing=False, audio_hash="p"),
            "/m/b.mp3": FileState(
                1000, 1_700_000_000_123_456_789, done=False, failed=False, missing=False, audio_hash="/m/b.mp3"
            ),
            "/m/c.mp3": FileState(5, 99, done=False, failed=True, missing=False, audio_hash=None),
        }
        newer = reopen(VERSION + 1)
        assert not file_states(newer, ["/m"])["/m/a.mp3"].done

    @pytest.mark.parametrize(
        ("roots", "found"),
        [
            (["/m"], "/m/a /m/b/c /m/é"),
            (["/m/"], "/m/a /m/b/c /m/é"),
            (["/m/a"], "/m/a"),
            (["/m/b", "/m2"], "/m/b/c /m2/d"),
            (["/"], "/m/a /m/b/c /m/é /m2/d /m%/e"),
            (["/m%"], "/m%/e"),
            (["/M"], ""),
            ([], ""),
        ],
    )
    def test_roots_are_folders_or_files_not_prefixes(self, catalogue: Catalogue, roots: list[str], found: str) -> None:
        catalogue.store([make_entry(p) for p in ("/m/a", "/m/b/c", "/m/é", "/m2/d", "/m%/e")])
        assert file_states(catalogue, roots).keys() == set(found.split())

    def test_failures_count_attempts_until_a_success(self, catalogue: Catalogue) -> None:
        catalogue.store(failures=[failed("/b.mp3"), failed("/a.mp3")])
        catalogue.store(failures=[failed("/a.mp3", stage="open", reason="gone", size=6)])
        first, second = catalogue.failures()
        assert (first.path, first.stage, first.reason, first.attempts) == ("/a.mp3", "open", "gone", 2)
        assert (second.path, second.attempts) == ("/b.mp3", 1)
        assert first.at.endswith("+00:00")
        assert file_states(catalogue, ["/a.mp3"])["/a.mp3"].size == 6
        catalogue.store([make_entry("/a.mp3")])
        assert [f.path for f in catalogue.failures()] == ["/b.mp3"]
        assert not file_states(catalogue, ["/a.mp3"])["/a.mp3"].failed

    def test_failures_are_cleared_by_path_or_all(self, catalogue: Catalogue) -> None:
        catalogue.store(failures=[failed("/a"), failed("/b"), failed("/c")])
        catalogue.clear_failures(["/a", "/unknown"])
        assert [f.path for f in catalogue.failures()] == ["/b", "/c"]
        catalogue.mark_missing(["/b"])
        assert [f.path for f in catalogue.failures()] == ["/c"]
        catalogue.clear_failures()
        assert catalogue.failures() == []

    def test_failure_does_not_change_its_track(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3")])
        before = catalogue.tracks()
        catalogue.store(failures=[failed("/a.mp3")])
        assert catalogue.tracks() == before
        state = file_states(catalogue, ["/a.mp3"])["/a.mp3"]
        assert (state.failed, state.done, state.size) == (True, False, 5)

    # Vectors and their versions

    def test_vector_revision_selects_changed_vectors(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3")])
        first = catalogue.vector_revision()
        catalogue.store([make_entry("/b.mp3"), make_entry("/c.mp3", analysed=False)])
        assert catalogue.vector_revision() > first
        ids, vectors = catalogue.vectors(since=first)
        assert [catalogue.tracks_by_id([i])[i].path for i in ids] == ["/b.mp3"]
        assert vectors.shape == (1, 12)
        assert len(catalogue.vectors(since=catalogue.vector_revision())[0]) == 0

    def test_feature_versions_are_stored_side_by_side(self, reopen: Callable[[int], Catalogue]) -> None:
        old, new = reopen(VERSION), reopen(VERSION + 1)
        old.store([make_entry("/a.mp3", "p"), make_entry("/b.mp3")])
        assert len(new.ids()) == 0
        new.store([make_entry("/a.mp3", "p", version=VERSION + 1, dimensions=20)])
        assert new.vectors()[1].shape == (1, 20)
        assert old.vectors()[1].shape == (2, 12)
        assert [t.analysed for t in new.tracks()] == [True, False]
        assert [t.analysed for t in old.tracks()] == [True, True]

    def test_vectors_of_different_length_raise_feature_mismatch(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3"), make_entry("/b.mp3", dimensions=13)])
        with pytest.raises(FeatureMismatch, match="13 features, others have 12"):
            catalogue.vectors()

    def test_loudness_of_silence_is_none(self, catalogue: Catalogue) -> None:
        entry = make_entry("/a.mp3")
        quiet = dataclasses.replace(result_of(entry).analysis, loudness=float("-inf"))
        catalogue.store([dataclasses.replace(entry, result=dataclasses.replace(result_of(entry), analysis=quiet))])
        assert catalogue.tracks()[0].loudness is None

    # Genres and ratings

    def test_missing_ids_are_tracks_without_file(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a"), make_entry("/b"), make_entry("/c", "sound"), make_entry("/d", "sound")])
        assert len(catalogue.missing_ids()) == 0
        catalogue.mark_missing(["/a", "/c"])  # the sound of /c expected in /d too
        everything = {t.path: t.id for t in catalogue.tracks_by_id([1, 2, 3]).values()}
        assert catalogue.missing_ids().tolist() == [everything["/a"]]
        assert sorted([*catalogue.missing_ids().tolist(), *catalogue.ids().tolist()]) == [1, 2, 3]

    def test_years_and_tempi(self, catalogue: Catalogue) -> None:
        songs = [make_entry(f"/{year}", tags=Tags(year=year)) for year in (1989, 1990, 1999, 2000)]
        catalogue.store([*songs, make_entry("/undated")])  # all of 120 BPM
        nineties = catalogue.filter_ids(TrackFilter(year_range=(1990, 1999)))
        assert [t.path for t in catalogue.tracks_by_id(nineties.tolist()).values()] == ["/1990", "/1999"]
        assert len(catalogue.filter_ids(TrackFilter(bpm_range=(119.5, 120.0)))) == 5
        assert len(catalogue.filter_ids(TrackFilter(bpm_range=(121.0, 200.0)))) == 0
        assert (
            len(catalogue.filter_ids(TrackFilter(genres=("rock",), year_range=(0, 1990), bpm_range=(100.0, 140.0))))
            == 2
        )

    def test_bpm_range_matches_a_probable_alternative(self, catalogue: Catalogue) -> None:
        def entry(path: str, bpm: float, other: float | None, probability: float | None) -> IngestRecord:
            made = make_entry(path)
            assert made.result is not None
            analysis = dataclasses.replace(made.result.analysis, tempo=Tempo(bpm, 0.5, 0.6, other, probability))
            return dataclasses.replace(made, result=dataclasses.replace(made.result, analysis=analysis))

        catalogue.store(
            [
                entry("/first", 174.0, 87.0, 0.4),
                entry("/probable", 87.0, 174.0, MIN_ALTERNATIVE_PROBABILITY),
                entry("/improbable", 87.0, 174.0, MIN_ALTERNATIVE_PROBABILITY - 0.01),
                entry("/alone", 87.0, None, None),
            ]
        )

        def matching(low: float, high: float) -> list[str]:
            return sorted(
                t.path
                for t in catalogue.tracks_by_id(
                    catalogue.filter_ids(TrackFilter(bpm_range=(low, high))).tolist()
                ).values()
            )

        assert matching(170, 178) == ["/first", "/probable"]
        assert matching(86, 88) == ["/alone", "/first", "/improbable", "/probable"]
        assert matching(100, 120) == []
        track = next(t for t in catalogue.tracks() if t.path == "/first")
        assert (track.bpm, track.bpm_alternative, track.bpm_alternative_probability) == (174.0, 87.0, 0.4)

    def test_valence_and_arousal(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a"), make_entry("/b"), make_entry("/c"), make_entry("/unheard", analysed=False)])
        ids = {track.path: track.id for track in catalogue.tracks()}
        assert {(track.valence, track.arousal) for track in catalogue.tracks()} == {(None, None)}
        assert catalogue.ids_without_mood().tolist() == sorted(ids[path] for path in ("/a", "/b", "/c"))
        catalogue.set_moods({ids["/a"]: Mood(0.25, 0.75), ids["/b"]: Mood(0.5, 0.125), ids["/unheard"]: Mood(1, 1)})
        assert catalogue.ids_without_mood().tolist() == [ids["/c"]]
        found = catalogue.tracks_by_id([ids["/a"], ids["/unheard"]])
        assert [(track.valence, track.arousal) for track in found.values()] == [(0.25, 0.75), (None, None)]
        excited = catalogue.filter_ids(TrackFilter(arousal_range=(0.5, 1.0))).tolist()
        assert excited == sorted([ids["/a"], ids["/c"]])  # what is not stored yet may match
        assert catalogue.filter_ids(TrackFilter(arousal_range=(0.5, 1.0), valence_range=(0.5, 1.0))).tolist() == [
            ids["/c"]
        ]

    def test_mood_of_a_result_is_stored(self, catalogue: Catalogue) -> None:
        entry = make_entry("/a")
        assert entry.result is not None
        outcome = dataclasses.replace(entry.result, mood=Mood(0.25, 0.75))
        catalogue.store([dataclasses.replace(entry, result=outcome)])
        [track] = catalogue.tracks()
        assert (track.valence, track.arousal) == (0.25, 0.75)

    def test_genres(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a", genre="rock"), make_entry("/b", genre="hip hop"), make_entry("/c")])
        assert catalogue.genres() == {"rock": 2, "hip hop": 1}
        assert [t.path for t in catalogue.tracks(genre="Hip Hop")] == ["/b"]
        by_path = {t.path: t.id for t in catalogue.tracks()}
        assert list(catalogue.filter_ids(TrackFilter(genres=("ROCK",)))) == [by_path["/a"], by_path["/c"]]
        assert len(catalogue.filter_ids(TrackFilter(genres=("rock", "hip hop")))) == 3
        assert len(catalogue.filter_ids(TrackFilter(genres=("polka",)))) == 0
        assert len(catalogue.filter_ids(TrackFilter())) == 3
        generation = catalogue.vector_revision()
        catalogue.set_genres([by_path["/a"]], [make_prediction("jazz")])
        assert catalogue.genres() == {"hip hop": 1, "jazz": 1, "rock": 1}
        assert catalogue.vector_revision() == generation

    def test_summaries(self, catalogue: Catalogue) -> None:
        still = make_entry("/still", genre="ambient")
        assert still.result is not None
        analysis = dataclasses.replace(still.result.analysis, tempo=Tempo(0.0, 0.0, 0.0))
        still = dataclasses.replace(still, result=dataclasses.replace(still.result, analysis=analysis))
        catalogue.store([make_entry("/a"), still, make_entry("/gone"), make_entry("/unheard", analysed=False)])
        catalogue.mark_missing(["/gone"])
        a, b = catalogue.ids().tolist()
        found = [(track.id, track.genre, track.bpm) for track in catalogue.summaries()]
        assert found == [(a, "rock", 120.0), (b, "ambient", None)]
        [first, _], stored = catalogue.summaries(), catalogue.tracks_by_id([a])[a]
        assert (first.year, first.loudness) == (stored.year, stored.loudness)

    def test_ratings(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/{i}") for i in range(3)])
        a, b, c = (int(i) for i in catalogue.ids())
        catalogue.set_rating([c, a], 1)
        catalogue.set_rating([b], -1)
        catalogue.set_rating([a], -1)
        assert list(catalogue.rated_tracks().items()) == [(c, 1), (b, -1), (a, -1)]
        catalogue.set_rating([b, c], 0)
        assert catalogue.rated_tracks() == {a: -1}
        with pytest.raises(NotFound, match="id 12345"):
            catalogue.set_rating([b, 12345], 1)
        assert catalogue.rated_tracks() == {a: -1}
        with pytest.raises(InvalidRequest, match="5"):
            catalogue.set_rating([a], 5)

    def test_imported_ratings(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/{i}") for i in range(3)])
        a, b, c = (int(i) for i in catalogue.ids())
        catalogue.set_rating([a], 1)
        assert catalogue.ratings()[a] == Rating(1, 1.0, 0, catalogue.ratings()[a].rated_at, "manual")
        taken = {
            b: Rating(-1, 0.25, 3, "2020-01-02T03:04:05+00:00", "itunes"),
            c: Rating(1, 0.5, 7, "2019", "\ud800"),
        }
        catalogue.import_ratings(taken)
        assert list(catalogue.ratings().items())[:2] == [(c, taken[c]), (b, taken[b])]
        assert list(catalogue.rated_tracks().items()) == [(c, 1), (b, -1), (a, 1)]
        catalogue.import_ratings({b: taken[b]._replace(plays=9)})
        assert catalogue.ratings()[b].plays == 9

    def test_manual_rating_keeps_the_plays(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a")])
        catalogue.import_ratings({1: Rating(-1, 0.25, 3, "2020-01-02T03:04:05+00:00", "itunes")})
        catalogue.set_rating([1], 1)
        rating = catalogue.ratings()[1]
        assert rating._replace(rated_at="") == Rating(1, 1.0, 3)
        assert rating.rated_at > "2020-01-03"
        catalogue.set_rating([1], 0)
        assert catalogue.ratings() == {}
        catalogue.set_rating([1], -1)
        assert catalogue.ratings()[1].plays == 3

    def test_imported_ratings_are_stored_all_or_none(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a"), make_entry("/b")])
        with pytest.raises(NotFound, match="id 77"):
            catalogue.import_ratings({1: Rating(1), 77: Rating(1)})
        for wrong in (Rating(0), Rating(1, 0.0), Rating(1, 1.5), Rating(1, float("nan")), Rating(1, 1.0, -1)):
            with pytest.raises(InvalidRequest, match="track 2"):
                catalogue.import_ratings({1: Rating(1), 2: wrong})
        assert catalogue.ratings() == {}
        catalogue.import_ratings({})

    def test_iter_files_yields_every_file(self, catalogue: Catalogue) -> None:
        tags = Tags(title="Jóga", artists=("Björk",), album="Homogenic", musicbrainz_recording="m")
        catalogue.store([make_entry("/a", tags=tags), make_entry("/copy", "/a"), make_entry("/gone")])
        catalogue.mark_missing(["/gone"])
        assert sorted(catalogue.iter_files()) == [
            LibraryFile(1, "/a", "Jóga", "Björk", None, "Homogenic", 180.5, "m", False, ("Björk",)),
            LibraryFile(1, "/copy", None, None, None, None, 180.5, None, False),
            LibraryFile(2, "/gone", None, None, None, None, 180.5, None, True),
        ]
        assert sorted(catalogue.files_at(["/gone", "/nowhere", "/a"])) == sorted(catalogue.iter_files())[::2]

    def test_new_result_replaces_the_old_one(self, catalogue: Catalogue) -> None:
        entry = make_entry("/a.mp3")
        catalogue.store([entry])
        catalogue.store([dataclasses.replace(entry, result=make_outcome(99, genre="jazz"))])
        assert catalogue.tracks()[0].genre == "jazz"
        np.testing.assert_array_equal(catalogue.vectors(kind="raw")[1][0], make_outcome(99).analysis.vector)
