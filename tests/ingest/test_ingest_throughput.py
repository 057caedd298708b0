"""The time left, on catalogues where what is left costs more than what is done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.ingest import throughput as module
from recsys.ingest.throughput import ThroughputEstimator


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


Files = list[tuple[str, int, float]]


def run(clock: Clock, files: Files, workers: float = 2.0) -> tuple[list[tuple[float, float]], ThroughputEstimator]:
    """What was foretold at each time, with what then was true; each file has a path, a size and its seconds."""
    pace = ThroughputEstimator()
    for path, size, _ in files:
        pace.add_pending(path, size)
    pace.start()
    left = sum(seconds for *_, seconds in files) / workers
    estimates = []
    for path, size, seconds in files:
        clock.now += seconds / workers
        left -= seconds / workers
        pace.record(path, size, seconds, analysed=seconds > 0.1)
        eta = pace.eta()
        if eta is not None:
            estimates.append((eta, left))
    return estimates, pace


def test_eta_of_equal_files(clock: Clock) -> None:
    estimates, pace = run(clock, [("a.mp3", 5_000_000, 0.5)] * 400)
    assert all(eta == pytest.approx(left, rel=0.01, abs=0.3) for eta, left in estimates)
    assert pace.speed == pytest.approx(4.0, rel=0.05)


def test_eta_depends_on_the_kind_of_file(clock: Clock) -> None:
    """One folder of jingles, then symphonies, of which a few have been met."""
    jingles, symphonies = [("j.ogg", 90_000, 0.05)] * 2000, [("s.flac", 60_000_000, 1.0)] * 1000
    estimates, _ = run(clock, symphonies[:20] + jingles + symphonies[20:])
    errors = [abs(eta - left) / left for eta, left in estimates[100:-20]]
    assert max(errors) < 0.2


def test_eta_is_none_before_files_are_finished(clock: Clock) -> None:
    pace = ThroughputEstimator()
    pace.add_pending("a.mp3", 5)
    pace.start()
    assert pace.eta() is None
    assert pace.speed == 0


def test_eta_follows_the_speed_within_a_minute(clock: Clock) -> None:
    files = [("a.mp3", 5_000_000, 0.5)] * 2000
    pace = ThroughputEstimator()
    for path, size, _ in files:
        pace.add_pending(path, size)
    pace.start()
    for i, (path, size, seconds) in enumerate(files[:1000]):
        clock.now += seconds / (2.0 if i < 600 else 1.0)  # half the workers are gone
        pace.record(path, size, seconds)
    assert pace.eta() == pytest.approx(1000 * 0.5, rel=0.05)


@given(st.lists(st.tuples(st.sampled_from(["a.mp3", "b.ogg", "c"]), st.integers(0, 2**40), st.floats(0, 100))))
def test_eta_is_finite_and_not_negative(files: Files) -> None:
    pace = ThroughputEstimator()
    for path, size, _ in files:
        pace.add_pending(path, size)
    pace.start()
    for path, size, seconds in files:
        pace.record(path, size, seconds)
        eta = pace.eta()
        assert eta is None or eta >= 0
        assert pace.speed >= 0
