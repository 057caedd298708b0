"""Windows are in the music, in order and without overlap, and near both ends."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.audio.windows import EDGE_MARGIN, place_in_gaps, place_windows, tile_windows
from recsys.errors import InvalidRequest

times = st.floats(0, 1e5, allow_nan=False)


@given(start=times, length=st.floats(0.01, 1e5), count=st.integers(1, 30), seconds=st.floats(1.0, 60.0))
def test_place_windows_invariants(start: float, length: float, count: int, seconds: float) -> None:
    end = start + length
    windows = place_windows(start, end, count=count, seconds=seconds)
    assert 1 <= len(windows) <= count
    tolerance = 1e-9 * end
    for begin, stop in windows:
        assert start - tolerance <= begin < stop <= end + tolerance
        assert stop - begin <= seconds + tolerance
    for (_, stop), (begin, _) in pairwise(windows):
        assert stop <= begin + tolerance
    if length >= count * seconds:
        assert len(windows) == count
        assert all(stop - begin == pytest.approx(seconds, abs=1e-6) for begin, stop in windows)
        if count > 1:
            margin = windows[0][0] - start
            assert margin == pytest.approx(end - windows[-1][1], abs=1e-6)
            assert -tolerance <= margin <= EDGE_MARGIN * length + tolerance
    else:  # all is covered except a remainder too short for a window
        assert windows[0][0] == start
        assert end - windows[-1][1] < 1.0 + tolerance


def test_windows_are_spread_evenly_over_long_music() -> None:
    assert place_windows(10, 110, count=5, seconds=20) == ((10, 30), (30, 50), (50, 70), (70, 90), (90, 110))
    assert place_windows(0, 100, count=3, seconds=10) == ((5, 15), (45, 55), (85, 95))
    assert place_windows(0, 100, count=1, seconds=10) == ((45, 55),)


def test_short_music_is_covered_from_the_beginning() -> None:
    assert place_windows(2, 15, count=5, seconds=6) == ((2, 8), (8, 14), (14, 15))
    assert place_windows(2, 14.9, count=5, seconds=6) == ((2, 8), (8, 14))
    assert place_windows(0, 0.5, count=5, seconds=6) == ((0, 0.5),)


@pytest.mark.parametrize(("end", "count", "seconds"), [(0, 5, 6), (10, 0, 6), (10, 5, 0)])
def test_invalid_parameters_are_refused(end: float, count: int, seconds: float) -> None:
    with pytest.raises(InvalidRequest, match=r"^cannot place \d+ windows of \d s between 0 and \d+ s$"):
        place_windows(0, end, count=count, seconds=seconds)


@given(start=times, length=st.floats(0.5, 1e5), max_windows=st.integers(1, 50), seconds=st.floats(1.0, 60.0))
def test_tiles_cover_the_music(start: float, length: float, max_windows: int, seconds: float) -> None:
    tiles = tile_windows(start, start + length, seconds=seconds, max_windows=max_windows)
    tolerance = 1e-9 * (start + length)
    assert 1 <= len(tiles) <= max_windows
    assert (tiles[0].begin, tiles[0].segment_start, tiles[-1].segment_end) == (start, start, start + length)
    assert tiles[-1].end == pytest.approx(start + length)
    for tile in tiles:
        assert tile.end - tile.begin == pytest.approx(min(seconds, length))
    for a, b in pairwise(tiles):
        assert a.segment_end == b.segment_start
        assert a.begin < b.begin
        assert a.segment_end == pytest.approx((a.end + b.begin) / 2)
    if len(tiles) < max_windows:  # then there are no gaps
        assert all(b.begin <= a.end + 0.02 * seconds + tolerance for a, b in pairwise(tiles))


def test_tiles_of_long_music_have_gaps() -> None:
    tiles = tile_windows(0, 60, seconds=6, max_windows=4)
    assert [(p.begin, p.end) for p in tiles] == [(0, 6), (18, 24), (36, 42), (54, 60)]
    assert [(p.segment_start, p.segment_end) for p in tiles] == [(0, 12), (12, 30), (30, 48), (48, 60)]


@given(
    start=times,
    length=st.floats(0.1, 1e4),
    count=st.integers(1, 9),
    per_gap=st.integers(1, 4),
    seconds=st.floats(0.5, 9),
)
def test_patches_are_in_the_gaps(start: float, length: float, count: int, per_gap: int, seconds: float) -> None:
    windows = place_windows(start, start + length, count=count, seconds=6.0)
    patches = place_in_gaps(windows, count=per_gap, seconds=seconds)
    gaps = [(end, begin) for (_, end), (begin, _) in pairwise(windows)]
    tolerance = 1e-9 * (start + length)
    fits = all(begin - end >= per_gap * seconds for end, begin in gaps)
    assert len(patches) == (per_gap * len(gaps) if fits else 0)
    for i, (begin, stop) in enumerate(patches):
        assert stop - begin == pytest.approx(seconds, abs=1e-6)
        assert gaps[i // per_gap][0] - tolerance <= begin < stop <= gaps[i // per_gap][1] + tolerance
    assert list(patches) == sorted(patches)
