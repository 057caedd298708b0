"""Which songs count as plays and as skips."""

from datetime import UTC, datetime

import pytest

from recsys.mpd.now_playing import NowPlaying

NOW = datetime(2026, 5, 1, 20, 15, tzinfo=UTC)


class Player:
    """What a server reports, at times that a test sets."""

    def __init__(self) -> None:
        self.time = 0.0
        self.playing = NowPlaying(lambda: self.time, lambda: NOW)

    def report(
        self,
        file: str | None,
        elapsed: float = 0.0,
        *,
        state: str = "play",
        id: str = "",
        duration: float = 200.0,
        error: str = "",
    ) -> str | None:
        """The kind of the song that ends with a report."""
        song = {} if file is None else {"file": file}
        status = {"state": "stop" if file is None else state, "songid": id or str(file), "elapsed": str(elapsed)}
        status |= {"duration": str(duration)} if duration else {}
        status |= {"error": error} if error else {}
        ended = self.playing.update(status, song)
        return None if ended is None else ended.kind


@pytest.mark.parametrize(
    ("seconds", "duration", "following", "expected"),
    [
        (200.0, 200.0, "b", "played"),
        (100.0, 200.0, "b", "played"),
        (99.0, 200.0, "b", "skipped"),
        (99.0, 200.0, None, None),
        (200.0, 200.0, None, "played"),
        (239.0, 6000.0, "b", "skipped"),
        (240.0, 6000.0, "b", "played"),
        (239.0, 0.0, "b", "skipped"),
        (0.0, 200.0, "b", "skipped"),
    ],
)
def test_half_a_song_or_four_minutes_are_a_play(
    seconds: float, duration: float, following: str | None, expected: str | None
) -> None:
    player = Player()
    assert player.report("a", duration=duration) is None
    player.time = seconds
    assert player.report(following) == expected


def test_a_pause_is_not_played() -> None:
    player = Player()
    player.report("a")
    player.time = 50.0
    player.report("a", 50.0, state="pause")
    player.time = 500.0
    assert player.report("b") == "skipped"


def test_a_seek_counts_from_its_end() -> None:
    player = Player()
    player.report("a")
    player.report("a", 150.0)
    assert player.report("b") == "played"


def test_a_song_that_cannot_be_decoded_is_no_skip() -> None:
    player = Player()
    player.report("a")
    assert player.report("b", error="Failed to decode a") is None


def test_a_song_that_is_repeated_is_played_each_time() -> None:
    player = Player()
    player.report("a")
    player.time = 200.0
    assert player.report("a") == "played"
    player.time = 300.0
    player.report("a", 10.0)  # back by 90 seconds
    player.time = 490.0
    assert player.report("b") == "played"


def test_the_same_song_twice_in_a_queue_is_two_plays() -> None:
    player = Player()
    player.report("a", id="1")
    player.time = 120.0
    assert player.report("a", id="2") == "played"


def test_a_song_goes_on_after_a_restart_of_the_server() -> None:
    player = Player()
    player.report("a", id="1")
    player.time = 90.0
    player.playing.disconnected()
    player.time = 500.0
    assert player.report("a", 89.0, id="7") is None
    player.time = 530.0
    assert player.report("b") == "played"


def test_another_song_after_a_restart_is_judged_by_what_was_seen() -> None:
    player = Player()
    player.report("a")
    player.time = 50.0
    player.playing.disconnected()
    player.time = 500.0
    assert player.report(None) is None


def test_the_end_of_the_program_is_a_play_or_nothing() -> None:
    player = Player()
    player.report("a")
    player.time = 100.0
    ended = player.playing.stop()
    assert ended is not None
    assert (ended.file, ended.kind, ended.started_at) == ("a", "played", NOW)
    assert player.playing.stop() is None
