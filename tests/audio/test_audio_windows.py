"""Windows lie inside the music, in order, apart from one another, and near both ends."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.audio.windows import EDGE_MARGIN, place_between, place_windows, tile_windows
from recsys.errors import InvalidRequest

times = st.floats(0, 1e5, allow_nan=False)


@given(start=times, length=st.floats(0.01, 1e5), count=st.integers(1, 30), seconds=st.floats(1.0, 60.0))
def test_invariants(start: float, length: float, count: int, seconds: float) -> None:
    end = start + length
    windows = place_windows(start, end, count=count, seconds=seconds)
    assert 1 <= len(windows) <= count
    tolerance = 1e-9 * end
    for begin, finish in windows:
        assert start - tolerance <= begin < finish <= end + tolerance
        assert finish - begin <= seconds + tolerance
    for (_, finish), (begin, _) in pairwise(windows):
        assert finish <= begin + tolerance
    if length >= count * seconds:
        assert len(windows) == count
        assert all(finish - begin == pytest.approx(seconds, abs=1e-6) for begin, finish in windows)
        if count > 1:
            spared = windows[0][0] - start
            assert spared == pytest.approx(end - windows[-1][1], abs=1e-6)
            assert -tolerance <= spared <= EDGE_MARGIN * length + tolerance
    else:  # all is covered but a rest too short for a window
        assert windows[0][0] == start
        assert end - windows[-1][1] < 1.0 + tolerance


def test_spread_evenly_over_long_music() -> None:
    assert place_windows(10, 110, count=5, seconds=20) == ((10, 30), (30, 50), (50, 70), (70, 90), (90, 110))
    assert place_windows(0, 100, count=3, seconds=10) == ((5, 15), (45, 55), (85, 95))
    assert place_windows(0, 100, count=1, seconds=10) == ((45, 55),)


def test_short_music_is_covered_from_the_beginning() -> None:
    assert place_windows(2, 15, count=5, seconds=6) == ((2, 8), (8, 14), (14, 15))
    assert place_windows(2, 14.9, count=5, seconds=6) == ((2, 8), (8, 14))
    assert place_windows(0, 0.5, count=5, seconds=6) == ((0, 0.5),)


@pytest.mark.parametrize(("end", "count", "seconds"), [(0, 5, 6), (10, 0, 6), (10, 5, 0)])
def test_senseless_wishes_are_refused(end: float, count: int, seconds: float) -> None:
    with pytest.raises(InvalidRequest, match="cannot place"):
        place_windows(0, end, count=count, seconds=seconds)


@given(start=times, length=st.floats(0.5, 1e5), most=st.integers(1, 50), seconds=st.floats(1.0, 60.0))
def test_covering_leaves_nothing_out(start: float, length: float, most: int, seconds: float) -> None:
    places = tile_windows(start, start + length, seconds=seconds, max_windows=most)
    tolerance = 1e-9 * (start + length)
    assert 1 <= len(places) <= most
    assert (places[0].begin, places[0].segment_start, places[-1].segment_end) == (start, start, start + length)
    assert places[-1].end == pytest.approx(start + length)
    for place in places:
        assert place.end - place.begin == pytest.approx(min(seconds, length))
    for one, other in pairwise(places):
        assert one.segment_end == other.segment_start
        assert one.begin < other.begin
        assert one.segment_end == pytest.approx((one.end + other.begin) / 2)
    if len(places) < most:  # then every moment is heard
        assert all(other.begin <= one.end + 0.02 * seconds + tolerance for one, other in pairwise(places))


def test_long_music_is_covered_with_pauses() -> None:
    places = tile_windows(0, 60, seconds=6, max_windows=4)
    assert [(p.begin, p.end) for p in places] == [(0, 6), (18, 24), (36, 42), (54, 60)]
    assert [(p.segment_start, p.segment_end) for p in places] == [(0, 12), (12, 30), (30, 48), (48, 60)]


@given(
    start=times,
    length=st.floats(0.1, 1e4),
    count=st.integers(1, 9),
    between=st.integers(1, 4),
    seconds=st.floats(0.5, 9),
)
def test_patches_lie_in_the_gaps(start: float, length: float, count: int, between: int, seconds: float) -> None:
    windows = place_windows(start, start + length, count=count, seconds=6.0)
    patches = place_between(windows, count=between, seconds=seconds)
    gaps = [(end, begin) for (_, end), (begin, _) in pairwise(windows)]
    tolerance = 1e-9 * (start + length)
    roomy = all(begin - end >= between * seconds for end, begin in gaps)
    assert len(patches) == (between * len(gaps) if roomy else 0)
    for i, (begin, finish) in enumerate(patches):
        assert finish - begin == pytest.approx(seconds, abs=1e-6)
        assert gaps[i // between][0] - tolerance <= begin < finish <= gaps[i // between][1] + tolerance
    assert list(patches) == sorted(patches)
