"""Plots of a library and of recordings."""

from pathlib import Path

import pytest
from signals import clicks, music, noise, silence, write_audio, write_tags
from synthetic_library import all_kinds, make_library, open_catalogue, unit

from recsys import Library, Settings
from recsys.app import plotting
from recsys.errors import Hint, InvalidRequest, LibraryNotFound, NotAnalysed, NotFound, UnusableAudio
from recsys.plots import library_map, recording


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setattr("recsys.recommend.layout_2d._has_umap", lambda: False)
    return Library(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[library_map.LibraryMap]:
    """The maps that are drawn."""
    found: list[library_map.LibraryMap] = []
    monkeypatch.setattr(library_map, "plot_library", lambda shown, path, dark: found.append(shown))
    return found


def test_map_shows_the_present_tracks(library: Library, drawn: list[library_map.LibraryMap], tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds())
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing([catalogue.tracks_by_id([1])[1].path])
    assert library.plot_library(tmp_path / "x.png") == "PCA"
    [shown] = drawn
    assert len(shown.points) == len(shown.genres) == len(shown.bpms) == 23
    assert [list(shown.genres).count(kind) for kind in ("jazz", "metal", "folk", "techno")] == [5, 6, 6, 6]
    assert sorted(bpm for bpm in shown.bpms if bpm is not None)[:2] == [102, 103]
    assert shown.axes[0].startswith("first principal component: ")
    middles = [shown.points[[g == kind for g in shown.genres]].mean(axis=0) for kind in ("jazz", "metal")]
    assert abs(middles[0] - middles[1]).max() > 0.5


def test_invalid_map_is_an_error_before_anything_is_written(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"\.png, \.svg or \.pdf"):
        library.plot_library(tmp_path / "x.jpg")
    with pytest.raises(InvalidRequest, match="umap"):
        library.plot_library(tmp_path / "x.png", projection="umap")
    with pytest.raises(LibraryNotFound, match="there is no library at"):
        library.plot_library(tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []
    songs = all_kinds()[:2]
    make_library(tmp_path, [])
    with pytest.raises(NotAnalysed, match="no track has been analysed yet"):
        library.plot_library(tmp_path / "x.png")
    make_library(tmp_path, songs)
    with open_catalogue(library) as catalogue:
        catalogue.mark_missing([song.stat.path for song in songs])
    with pytest.raises(NotFound, match="no track is present") as raised:
        library.plot_library(tmp_path / "x.png")
    assert raised.value.hint is Hint.INGEST


def test_map_of_one_track_is_drawn(library: Library, tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds()[:1])
    library.plot_library(tmp_path / "x.svg", dark=True)
    assert "</svg>" in (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_long_recording_is_drawn_from_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[recording.Recording] = []
    monkeypatch.setattr(recording, "plot_recording", lambda shown, path, dark: drawn.append(shown))
    monkeypatch.setattr(plotting, "MAX_DURATION", 60.0)
    import numpy as np

    path = write_audio(tmp_path / ("n" * 60 + ".flac"), np.concatenate([silence(5), music(70)]))
    plotting.plot(path, tmp_path / "x.png")
    [shown] = drawn
    assert (len(shown.y) / shown.sr, shown.start) == pytest.approx((60, 5), abs=0.1)
    assert shown.title.endswith("n, the first 1 minute")
    assert "…" in shown.title
    with pytest.raises(UnusableAudio, match="at least 1 s"):
        plotting.plot(write_audio(tmp_path / "short.wav", noise(0.5)), tmp_path / "x.png")


def test_plot_has_the_title_tempo_and_key_that_show_has(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[recording.Recording] = []
    monkeypatch.setattr(recording, "plot_recording", lambda shown, path, dark: drawn.append(shown))
    song = write_audio(tmp_path / "song.flac", clicks(120, 12))
    write_tags(song, artist="An Artist", title="A Title")
    library.plot(song, tmp_path / "x.png")  # before there is a library
    library.ingest(song)
    [track] = library.tracks()
    for reference in (str(song), "A Title", "1"):
        library.plot(reference, tmp_path / "x.png")
    assert {shown.title for shown in drawn} == {"An Artist - A Title"}
    assert {shown.key for shown in drawn} == {library.details("1")["key"]}
    assert [shown.bpm for shown in drawn] == pytest.approx([track.bpm] * 4)


def test_plot_is_named_after_the_file_by_default(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[str, Path]] = []
    monkeypatch.setattr(plotting, "plot", lambda file, output, track, dark, file_timeout: drawn.append((file, output)))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file.mp3").touch()
    make_library(tmp_path, all_kinds())
    assert library.plot("a file.mp3") == Path("a file.png")
    [track] = [track for track in library.tracks() if track.id == 1]
    assert library.plot("1") == Path(f"{Path(track.path).stem}.png")
    assert drawn[1][0] == track.path


def test_output_is_checked_before_the_file_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "broken.mp3").write_bytes(b"no music")
    with pytest.raises(InvalidRequest, match="there is no folder"):
        plotting.plot(tmp_path / "broken.mp3", tmp_path / "none" / "x.png")
