"""A list has one performance once, whatever its files; what is stated of a file holds for its copies."""

import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf
from synthetic_library import all_kinds, make_library, make_song, open_catalogue, unit

from recsys import Library, PlaylistRequest, TrackFilter, load_settings
from recsys.domain.arrays import DoubleArray
from recsys.errors import InvalidRequest

SR = 22050


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Songs 1 to 6 are jazz; 7 and 8 are copies of one metal song, 9 to 11 of another jazz one."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    copies = [make_song("metal", 40, f"/{i}", performance=40) for i in range(2)]
    copies += [make_song("jazz", 50, f"/{i}", performance=50) for i in range(3)]
    make_library(tmp_path, [*all_kinds(each=6)[:6], *copies])
    library = Library(tmp_path)
    assert len(library.duplicates()) == 2  # derives the groups, as an ingest does
    return library


def ids(tracks: object) -> list[int]:
    return [track.id for track in tracks]  # type: ignore[attr-defined]


def test_similar_tracks_have_one_copy(library: Library) -> None:
    found = ids(library.similar(1, n=20))
    assert sorted(found) == [2, 3, 4, 5, 6, 7, 9]
    assert 8 not in ids(library.similar(8, n=20)) + ids(library.similar(7, n=20))
    assert 7 not in ids(library.similar(8, n=20))


def test_a_copy_is_listed_where_a_better_one_does_not_pass_the_filter(library: Library) -> None:
    found = library.similar(1, n=20, filter=TrackFilter(folders=("/2",)))
    assert ids(found) == [11]


def test_a_missing_copy_is_not_listed(library: Library) -> None:
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing(["/0/jazz/50.mp3"])
    assert 10 in ids(library.similar(1, n=20))


def test_neighbours_are_one_copy_of_each_performance(library: Library) -> None:
    found = {each.track.id: [other.id for other, _ in each.neighbours] for each in library.neighbours(n=20)}
    assert sorted(found) == list(range(1, 12))
    for track_id, others in found.items():
        group = next((group for group in ([7, 8], [9, 10, 11]) if track_id in group), [track_id])
        assert sorted(others) == [i for i in (1, 2, 3, 4, 5, 6, 7, 9) if i not in group]


def test_a_playlist_has_no_copy_of_a_like_or_dislike(library: Library) -> None:
    library.like(1, 10)
    assert ids(library.ratings.tracks().likes) == [1, 9]
    found = ids(library.playlist(n=20))
    assert set(found) >= {2, 3, 4, 5, 6}
    assert not {1, 8, 9, 10, 11} & set(found)
    library.dislike(11)
    assert (ids(library.ratings.tracks().likes), ids(library.ratings.tracks().dislikes)) == ([1], [9])


def test_exclude_recent_leaves_out_the_copies(library: Library, tmp_path: Path) -> None:
    library.similar(1, n=3, filter=TrackFilter(folders=("/2",))).save(tmp_path / "a.m3u8")
    found = ids(library.playlist(PlaylistRequest(n=3, seeds=["2"], exclude_recent=True)))
    assert not {9, 10, 11} & set(found)


def test_a_path_has_no_copy_of_its_ends(library: Library) -> None:
    found = ids(library.path(1, 10, n=8))
    assert (found[0], found[-1]) == (1, 10)
    assert not {9, 11} & set(found)
    with pytest.raises(InvalidRequest, match="the same recording"):
        library.path(9, 11)


def test_a_path_from_a_missing_copy_begins_with_the_present_one(library: Library) -> None:
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing(["/0/jazz/50.mp3"])
    assert ids(library.path(9, 1, n=4))[0] == 10


def test_an_extended_playlist_has_no_copies_of_its_tracks(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "list.m3u8"
    file.write_text("#EXTM3U\n/1/jazz/50.mp3\n/music/jazz/01.mp3\n", encoding="utf-8")
    playlist, _ = library.playlists.extend(file, PlaylistRequest(n=9))
    assert ids(playlist)[:1] == [10]
    assert not {9, 11} & set(ids(playlist))


def test_duplicates_are_listed_with_the_rating(library: Library) -> None:
    assert [[file.id for file in group.files] for group in library.duplicates()] == [[9, 10, 11], [7, 8]]
    library.like(11)
    [group] = library.duplicates(n=1)
    assert (group.title, group.rating) == ("title 50", 1)
    assert [file.preferred for file in group.files] == [True, False, False]
    with pytest.raises(InvalidRequest):
        library.duplicates(n=0)


def test_an_imported_like_of_a_missing_copy_is_that_of_the_present_one(library: Library, tmp_path: Path) -> None:
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing(["/0/jazz/50.mp3"])
    file = tmp_path / "likes.m3u8"
    file.write_text("#EXTM3U\n/0/jazz/50.mp3\n", encoding="utf-8")
    preview = library.ratings.preview(file)
    assert [entry.track and entry.track.id for entry in preview.entries] == [10]
    library.ratings.apply(preview)
    assert ids(library.ratings.tracks().likes) == [10]


def song(seed: int, seconds: float, *, bpm: float = 120.0) -> DoubleArray:
    """Chords of changing notes over a beat; another piece for each seed."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * SR)) / SR
    beat = np.floor(t * bpm / 60).astype(int)
    y = np.zeros(len(t))
    for voice in range(4):
        notes = rng.integers(36 + 7 * voice, 48 + 7 * voice, beat.max() + 1)
        frequency = 440 * 2 ** ((notes[beat // 2 * 2 if voice < 3 else beat] - 57) / 12)
        phase = 2 * np.pi * np.cumsum(frequency) / SR
        y += sum(np.sin(k * phase) / k for k in range(1, 4))
    within = (t * bpm / 60) % 1
    y += 4 * np.exp(-within * 12) * rng.standard_normal(len(t))
    return np.asarray(0.5 * y / np.abs(y).max())


def write(path: Path, y: DoubleArray, rate: int = SR) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, y, rate)
    return path


def test_a_liked_file_is_replaced_by_another_encoding(tmp_path: Path) -> None:
    """The new file has the like; what is missing is removed once, and then everything is in order."""
    music, library = tmp_path / "music", Library(tmp_path / "home")
    liked = write(music / "song.ogg", song(1, 9.0))
    write(music / "other.ogg", song(2, 9.0))
    library.ingest(music)
    library.like(liked)
    write(liked, 0.9 * song(1, 9.0))
    library.ingest(music)
    [track] = library.ratings.tracks().likes
    assert (track.path, track.missing) == (str(liked), False)
    pruned = library.prune()
    assert (pruned.tracks, pruned.rated, pruned.reappeared) == (1, 0, 0)
    assert library.ingest(music).unchanged == 2
    again = library.prune()
    assert (again.tracks, again.reappeared) == (0, 0)
    assert ids(library.ratings.tracks().likes) == [track.id]
    assert {result.name: result.status for result in library.check()}["missing"] == "ok"

    flac = write(music / "song.flac", song(1, 9.0))
    library.ingest(music)
    assert [track.path for track in library.ratings.tracks().likes] == [str(flac)]
    liked.unlink()
    library.ingest(music)
    assert library.prune(force=True).rated == 0
    assert [track.path for track in library.ratings.tracks().likes] == [str(flac)]


def test_copies_with_more_silence_or_less_music_are_one_performance(tmp_path: Path) -> None:
    music, library = tmp_path / "music", Library(tmp_path / "home")
    silence = np.zeros(4 * SR)
    for seed, bpm in ((1, 100.0), (2, 126.0)):
        y = song(seed, 40.0, bpm=bpm)
        write(music / f"{seed} album.flac", y)
        write(music / f"{seed} sampler.ogg", np.concatenate([silence, y, silence]))
        write(music / f"{seed} single.mp3", y[3 * SR :])
        write(music / f"{seed} faster.flac", song(seed, 40.0, bpm=1.04 * bpm))
    library.ingest(music)
    groups = [[Path(file.path).name for file in group.files] for group in library.duplicates()]
    assert sorted(map(sorted, groups)) == [
        [f"{seed} album.flac", f"{seed} sampler.ogg", f"{seed} single.mp3"] for seed in (1, 2)
    ]
    assert all(group[0].endswith("flac") for group in groups)


def test_the_audio_of_short_music_is_compared(tmp_path: Path) -> None:
    """Windows alone do not distinguish its cuts from other tempi."""
    music, library = tmp_path / "music", Library(tmp_path / "home")
    y = song(3, 16.0)
    write(music / "whole.flac", y)
    write(music / "cut.ogg", y[2 * SR :])
    write(music / "faster.flac", song(3, 16.0, bpm=1.02 * 120)[SR:])
    library.ingest(music)
    [group] = library.duplicates()
    assert [Path(file.path).name for file in group.files] == ["whole.flac", "cut.ogg"]


def test_pairs_that_are_not_compared_in_time_are_left_to_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music, library = tmp_path / "music", Library(tmp_path / "home")
    for seed in (3, 5):
        y = song(seed, 16.0)
        write(music / f"{seed} whole.flac", y)
        write(music / f"{seed} cut.ogg", y[2 * SR :])
    clock = itertools.count(step=1000)
    with monkeypatch.context() as patch:
        patch.setattr("recsys.app.performances._PAIRS", 1)
        patch.setattr("recsys.app.performances.time", SimpleNamespace(monotonic=lambda: next(clock)))
        library.ingest(music)
    with open_catalogue(library) as catalogue:
        n_left = len(catalogue.audio_pairs())
        assert 0 < n_left < len(catalogue.audio_checks())
    assert len(library.duplicates()) == 2
    with open_catalogue(library) as catalogue:
        assert catalogue.audio_pairs() == []


def test_audio_on_a_drive_that_is_not_mounted_is_compared_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music, library = tmp_path / "music", Library(tmp_path / "home")
    y = song(3, 16.0)
    write(music / "whole.flac", y)
    write(music / "cut.ogg", y[2 * SR :])
    with monkeypatch.context() as patch:
        patch.setattr("recsys.app.ingestion.compare_audio", lambda *_, **__: None)
        library.ingest(music)
    music.rename(tmp_path / "elsewhere")
    assert library.duplicates() == []
    (tmp_path / "elsewhere").rename(music)
    assert [len(group.files) for group in library.duplicates()] == [2]


def test_audio_is_compared_within_the_time_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "music" / "song.flac", song(3, 9.0))
    given: list[float] = []
    monkeypatch.setattr("recsys.app.ingestion.compare_audio", lambda _, *, seconds: given.append(seconds))
    for home, budget in (("a", "50s"), ("b", None)):
        Library(load_settings({}, home=tmp_path / home, time_budget=budget)).ingest(tmp_path / "music")
    assert 0 <= given[0] < 50
    assert given[1] >= 60
