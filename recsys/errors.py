"""Every error that recsys raises on purpose.

::

    RecsysError                 exit code 1
    ├── UsageError              2   the request itself makes no sense
    ├── NothingFound            3   nothing matches
    │   └── AmbiguousTrack      3   several do
    ├── AudioError              1   a file cannot be listened to; ``stage`` says where it failed
    │   ├── UnreadableAudio     1     it cannot be opened or decoded
    │   └── UnusableAudio       1     it decodes, but is too short, too long or silent
    ├── FeatureMismatch         1   vectors of two feature versions met
    ├── IndexDamaged            1   the index file is not what its manifest says
    ├── ModelError              1   a model file is missing or not what we expect
    └── LibraryError            1   the catalogue cannot be used
        ├── LibraryBusy         1     another process is writing
        ├── LibraryFull         1     no space is left on the disk
        ├── MostlyMissing       1     so much is missing that it must not be forgotten unasked
        └── SchemaMismatch      1     its schema is newer or damaged

A message says what happened, with the value, and what to do about it, in one line: doors print it as it is.
"""

from collections.abc import Sequence


class RecsysError(Exception):
    """Anything recsys reports to its user; ``exit_code`` is the process status a terminal door ends with."""

    exit_code = 1


class InvalidRequest(RecsysError):
    """The request makes no sense as it stands: a negative count, options that exclude each other."""

    exit_code = 2


class NotFound(RecsysError):
    """No track, like or file matches the request."""

    exit_code = 3


class AmbiguousTrack(NotFound):
    """Several tracks match; ``candidates`` are their one-line descriptions."""

    def __init__(self, message: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


class AudioError(RecsysError):
    """A file cannot be listened to. ``stage`` is where it failed: open, decode, trim, features."""

    def __init__(self, message: str, *, stage: str = "open") -> None:
        super().__init__(message)
        self.stage = stage

    def __reduce__(self) -> tuple[object, ...]:
        # Crosses process boundaries: the default would lose the keyword.
        return (_rebuild_audio_error, (type(self), str(self), self.stage))


def _rebuild_audio_error(kind: type[AudioError], message: str, stage: str) -> AudioError:
    return kind(message, stage=stage)


class UnreadableAudio(AudioError):
    """A file cannot be opened or decoded."""


class UnusableAudio(AudioError):
    """A file decodes, but holds nothing to analyse: silent, too short or too long."""


class FeatureMismatch(RecsysError):
    """Vectors of different feature versions, or of the wrong length, met."""


class IndexCorrupt(RecsysError):
    """An index file does not agree with its manifest or the catalogue."""


class IndexOutdated(IndexCorrupt):
    """The stored search index was written by another version of recsys."""


class ModelError(RecsysError):
    """A model file is missing, damaged, or made for other features."""


class LibraryError(RecsysError):
    """The catalogue cannot be used."""


class LibraryBusy(LibraryError):
    """Another process is writing to the catalogue."""


class LibraryFull(LibraryError):
    """No space is left where the catalogue lies."""


class PruneRefused(LibraryError):
    """More than half of a folder is missing: a drive that is not mounted, rather than a clean-up."""


class SchemaMismatch(LibraryError):
    """The schema of the catalogue is newer than this program, or is not recsys's at all."""
