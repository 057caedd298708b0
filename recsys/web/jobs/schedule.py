"""When something is done again: ``hourly``, ``daily@04:00`` or ``weekly@sun@04:00``, in local time.

A time that does not exist, as clocks are put forward, is the same time after the change of the clocks by the old
offset (02:30 is 03:30); one that exists twice counts once, the first time.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Self

from recsys.errors import InvalidRequest

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_SLEEP = 60.0
"""Seconds between two looks at the clock: the timers of the system stand still while the machine sleeps."""

_FORM = re.compile(rf"hourly|(?:daily|weekly@(?P<day>{'|'.join(WEEKDAYS)}))@(?P<hour>\d\d?):(?P<minute>\d\d)")
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every hour; or every day at a time; or on one day of the week, where Monday is 0."""

    at: time | None = None
    weekday: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The schedule of a text.

        Raises
        ------
        InvalidRequest
            The text has another form.

        Examples
        --------
        >>> str(Schedule.parse("weekly@SUN@4:05"))
        'weekly@sun@04:05'
        """
        found = _FORM.fullmatch(text.strip().lower())
        problem = "must be hourly, daily@04:00 or weekly@sun@04:00"
        if not found:
            raise InvalidRequest(problem, field="refresh", value=text)
        if found["hour"] is None:
            return cls()
        hour, minute = int(found["hour"]), int(found["minute"])
        if hour > 23 or minute > 59:
            raise InvalidRequest(problem, field="refresh", value=text)
        return cls(time(hour, minute), WEEKDAYS.index(found["day"]) if found["day"] else None)

    def __str__(self) -> str:
        if self.at is None:
            return "hourly"
        day = "daily" if self.weekday is None else f"weekly@{WEEKDAYS[self.weekday]}"
        return f"{day}@{self.at:%H:%M}"

    def next_after(self, moment: datetime, zone: tzinfo | None = None) -> datetime:
        """The first time after ``moment`` in UTC; ``zone`` is that of the schedule, by default the one of the system.

        >>> Schedule.parse("daily@04:00").next_after(datetime(2026, 1, 1, 12, tzinfo=UTC), UTC).isoformat()
        '2026-01-02T04:00:00+00:00'
        """
        local = moment.astimezone(zone)
        if self.at is None:
            past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            return (moment + _HOUR - past).astimezone(UTC)
        day = local.date() - _DAY  # a time that does not exist may be on the next day
        while True:
            if self.weekday in (None, day.weekday()):
                naive = datetime.combine(day, self.at)
                # Without a zone, astimezone takes the zone of the system with the offset that it has at that time.
                found = (naive if zone is None else naive.replace(tzinfo=zone)).astimezone(UTC)
                if found > moment:
                    return found
            day += _DAY


def parse_sync(text: str) -> tuple[str, Schedule]:
    """The name of a link and its schedule, which is behind the first "@" that one may follow.

    Raises
    ------
    InvalidRequest
        The text has another form.

    Examples
    --------
    >>> name, schedule = parse_sync("home@attic@daily@4:00")
    >>> name, str(schedule)
    ('home@attic', 'daily@04:00')
    """
    for place in (found.start() for found in re.finditer("@", text)):
        with suppress(InvalidRequest):
            schedule = Schedule.parse(text[place + 1 :])
            if name := text[:place].strip():
                return name, schedule
    raise InvalidRequest("must be a link and a time, such as navidrome@daily@04:00", field="sync", value=text)


async def run_on_schedule(
    schedules: Sequence[Schedule],
    run: Callable[[], object],
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[object]],
) -> None:
    """Call ``run`` whenever one of the schedules is due, without an end; times that were slept through count once."""
    while schedules:
        due = min(schedule.next_after(now()) for schedule in schedules)
        while (left := (due - now()).total_seconds()) > 0:
            await sleep(min(left, LONGEST_SLEEP))
        run()
