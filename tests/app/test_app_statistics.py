"""Statistics against counts of the listed tracks, made another way."""

import json
from collections import Counter
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library, make_song, unit

from recsys import Library, TrackFilter, camelot
from recsys.cli.main import main
from recsys.cli.output import terminal_width


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """24 songs, and three with more tags; a few are liked."""
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    tagged = [
        make_song("jazz", 30 + i, "/music/tagged", year=1958 + i, genres=("Jazz", "Cool"), artists=("A", "B"))
        for i in range(3)
    ]
    make_library(tmp_path, [*all_kinds(), *tagged])
    library = Library(tmp_path)
    library.like(1, 2)
    library.dislike(3)
    library.for_listener("Anna").like(7)
    return library


@pytest.mark.parametrize(
    "filter", [TrackFilter(), TrackFilter(genres="jazz"), TrackFilter(folders=["/music/tagged"]), TrackFilter("none")]
)
def test_counts_are_those_of_the_tracks(library: Library, filter: TrackFilter) -> None:
    tracks = [
        track
        for track in library.tracks()
        if (not filter.genres or track.genre in filter.genres)
        and (not filter.folders or track.path.startswith(filter.folders[0]))
    ]
    found = library.statistics(filter=filter)
    assert (found.tracks, sum(found.genres.values())) == (len(tracks), len(tracks))
    assert found.duration == pytest.approx(sum(track.duration for track in tracks))
    assert found.artists == len({number for track in tracks for number in track.artist_ids})
    assert found.albums == len({track.album_id for track in tracks} - {None})
    assert found.keys == dict(Counter(track.key for track in tracks))
    assert found.tempi == {
        str(low): n for low, n in sorted(Counter(int((track.bpm or 0) // 10) * 10 for track in tracks).items())
    }
    assert found.tagged_genres == dict(Counter(name for track in tracks for name in track.tagged_genres))
    assert found.decades == {
        str(decade): n for decade, n in sorted(Counter(t.year // 10 * 10 for t in tracks if t.year).items())
    }
    assert found.missing_tags["year"] == pytest.approx(
        sum(not track.year for track in tracks) / len(tracks) if tracks else 0
    )
    assert sum(found.added.values()) == sum(found.codecs.values()) == len(tracks)


def test_listeners_have_their_own_counts(library: Library) -> None:
    counts = [(each.likes, each.dislikes) for each in library.statistics().listeners]
    assert sorted(counts) == [(1, 0), (2, 1)]


def test_command_prints_bars_that_fit(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert terminal_width() == 40

    def run(*words: str) -> str:
        with pytest.raises(SystemExit, match="0"):
            main(["--home", str(library.settings.home), "stats", *words])
        return capsys.readouterr().out

    text = run()
    assert text.startswith("27 tracks, ")
    bars = [line for line in text.splitlines() if "█" in line]
    assert bars
    assert max(map(len, bars)) <= 40
    jazz, metal = (next(line for line in bars if line.split()[0] == kind) for kind in ("jazz", "metal"))
    assert jazz.count("█") / metal.count("█") == pytest.approx(9 / 6, rel=0.05)
    assert all(f"  {name} ({camelot(name)})" in text for name in library.statistics().keys)
    assert json.loads(run("--json", "--genre", "jazz")) == library.statistics(filter=TrackFilter("jazz")).to_dict()
