"""Schedules: their form, local time with its changes of clocks, and times that were slept through."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import InvalidRequest
from recsys.web.jobs.schedule import LONGEST_SLEEP, WEEKDAYS, Schedule, run_on_schedule

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca")

schedules = st.builds(
    Schedule, at=st.times().map(lambda t: time(t.hour, t.minute)), weekday=st.none() | st.integers(0, 6)
) | st.just(Schedule())
moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@given(schedules)
def test_a_schedule_is_read_as_it_is_written(schedule: Schedule) -> None:
    assert Schedule.parse(str(schedule)) == schedule
    assert Schedule.parse(f" {str(schedule).upper()}\n") == schedule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "daily@24:00",
        "daily@04:60",
        "daily@4",
        "weekly@04:00",
        "weekly@sun",
        "monthly@04:00",
        "daily@٠٤:٠٠x",
    ],
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="refresh must be hourly, daily@04:00 or weekly@sun@04:00"):
        Schedule.parse(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidRequest):
        assert Schedule.parse(str(Schedule.parse(text))) == Schedule.parse(text)


@pytest.mark.parametrize(
    ("schedule", "moment", "expected"),
    [
        ("daily@04:00", "2026-01-15T03:59:59+01:00", "2026-01-15T04:00+01:00"),
        ("daily@04:00", "2026-01-15T04:00:00+01:00", "2026-01-16T04:00+01:00"),
        ("hourly", "2026-01-15T04:00:00+01:00", "2026-01-15T05:00+01:00"),
        ("hourly", "2026-01-15T04:59:59.9+01:00", "2026-01-15T05:00+01:00"),
        ("weekly@sun@04:00", "2026-01-15T12:00+01:00", "2026-01-18T04:00+01:00"),
        ("weekly@thu@12:00", "2026-01-15T12:00+01:00", "2026-01-22T12:00+01:00"),
        ("daily@04:00", "2026-03-28T12:00+01:00", "2026-03-29T04:00+02:00"),  # clocks are put forward
        ("daily@02:30", "2026-03-28T12:00+01:00", "2026-03-29T03:30+02:00"),  # does not exist on that day
        ("daily@02:30", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"),
        ("daily@02:30", "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),  # exists twice on that day
        ("daily@02:30", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
        ("hourly", "2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00"),
    ],
)
def test_the_next_time_is_in_local_time(schedule: str, moment: str, expected: str) -> None:
    assert Schedule.parse(schedule).next_after(at(moment), BERLIN) == at(expected)


@given(schedules, moments, st.sampled_from(ZONES))
def test_the_next_time_is_later_and_on_schedule(schedule: Schedule, moment: datetime, zone: str) -> None:
    found = schedule.next_after(moment, ZoneInfo(zone))
    assert moment < found <= moment + timedelta(days=8)
    local = found.astimezone(ZoneInfo(zone))
    if schedule.at is None:
        assert found - moment <= timedelta(hours=1)
        return
    naive = local.replace(tzinfo=None)
    exists = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert exists == naive
    if local.time() != schedule.at:  # the clocks were put forward over that time
        wanted = datetime.combine(local.date(), schedule.at).replace(tzinfo=ZoneInfo(zone))
        assert wanted.astimezone(UTC).astimezone(ZoneInfo(zone)).time() != schedule.at
    else:
        assert schedule.weekday in (None, local.weekday()), WEEKDAYS[local.weekday()]


@given(schedules, moments, st.sampled_from(ZONES))
def test_no_time_is_between_a_moment_and_the_next_one(schedule: Schedule, moment: datetime, zone: str) -> None:
    found = schedule.next_after(moment, ZoneInfo(zone))
    between = moment + (found - moment) / 2
    assert schedule.next_after(between, ZoneInfo(zone)) == found


class Clock:
    """A clock that goes on while the program sleeps, and jumps where the machine sleeps."""

    def __init__(self, start: datetime, jumps: dict[int, timedelta]) -> None:
        self.now, self.jumps, self.sleeps = start, jumps, 0

    async def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= LONGEST_SLEEP
        self.now += timedelta(seconds=seconds) + self.jumps.get(self.sleeps, timedelta())
        self.sleeps += 1


class Enough(Exception):
    """The test has seen what it needs."""


def runs(texts: list[str], start: str, n: int, jumps: dict[int, timedelta] | None = None) -> list[str]:
    """The times of the first ``n`` runs."""
    clock = Clock(datetime.fromisoformat(start), jumps or {})
    found: list[str] = []

    def run() -> None:
        found.append(clock.now.strftime("%d %H:%M"))
        if len(found) == n:
            raise Enough

    with pytest.raises(Enough):
        asyncio.run(
            run_on_schedule([Schedule.parse(text) for text in texts], run, now=lambda: clock.now, sleep=clock.sleep)
        )
    return found


def test_it_runs_at_each_time_of_each_schedule() -> None:
    start = datetime(2026, 1, 15, 3, 59, 30, tzinfo=UTC).astimezone()
    minute = f"{start + timedelta(minutes=30):%H:%M}"
    found = runs(["hourly", f"daily@{minute}"], start.astimezone(UTC).isoformat(), 3)
    assert len(set(found)) == 3


def test_times_that_were_slept_through_run_once() -> None:
    found = runs(["hourly"], "2026-01-15T03:30:00+00:00", 2, jumps={3: timedelta(hours=5)})
    assert found == ["15 08:34", "15 09:00"]


def test_without_a_schedule_nothing_runs() -> None:
    asyncio.run(run_on_schedule([], pytest.fail, now=lambda: datetime.now(UTC), sleep=asyncio.sleep))
