"""The durations of files that an ingest accepts."""

from recsys.config import Settings


def duration_reason(duration: float, settings: Settings) -> str | None:
    """Why a file of this duration in seconds is left out; None if it is not."""
    minimum, maximum = settings.min_duration, settings.max_duration
    if duration < minimum:
        return f"its duration of {duration:.1f} s is shorter than the minimum duration of {minimum:g} s"
    if duration > maximum:
        return f"its duration of {duration:.0f} s is longer than the maximum duration of {maximum:g} s"
    return None
