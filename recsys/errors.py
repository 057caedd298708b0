"""Every error that recsys raises on purpose, with its stable code.

::

    RecsysError                 error
    ├── InvalidRequest          invalid_request     a value is out of range, or two exclude each other (a ValueError)
    ├── NotFound                not_found           nothing matches (a LookupError)
    │   ├── LibraryNotFound     library_not_found   there is no database yet
    │   ├── NoCover             not_found           what was asked for is there, without a cover
    │   └── NotAnalysed         not_analysed        there are no features of this version
    ├── AmbiguousTrack          ambiguous_track     several tracks match; ``candidates`` has them (a LookupError)
    ├── AudioError              audio_error         a file cannot be analysed; ``stage`` is where it failed
    │   ├── UnreadableAudio     unreadable_audio    it cannot be opened or decoded
    │   └── UnusableAudio       unusable_audio      it decodes, but is too short, too long or silent
    ├── FeatureMismatch         feature_mismatch    vectors of two feature versions met
    ├── IndexCorrupt            index_corrupt       the index file does not match its manifest
    │   └── IndexOutdated       index_outdated      the index file is of another version
    ├── ModelError              model_error         a model file is missing or invalid
    ├── ServerError             server_error        a music server fails, refuses, or cannot be reached
    └── LibraryError            library_error       the database cannot be used
        ├── LibraryBusy         library_busy        another process is writing
        ├── LibraryFull         library_full        no space is left on the disk
        ├── PruneRefused        prune_refused       more than half of a folder is missing
        └── SchemaMismatch      schema_mismatch     the schema is newer than this program, or not of recsys

``str(error)`` is one line: what happened, with the value. ``field`` names the parameter that is wrong, and ``hint``
what helps. Neither is written in the words of a terminal: each door has tables that turn a code into an exit or HTTP
status, a field into an option or a JSON pointer, and a hint into a command or a link.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final


class Hint(StrEnum):
    """What helps against an error or a finding; in brackets the ``hint_values`` that a door may write with it."""

    INGEST = "ingest"
    SEARCH_TRACKS = "search_tracks"
    LIST_TRACKS = "list_tracks"
    LIKE_TRACKS = "like_tracks"
    SAVE_PLAYLIST = "save_playlist"
    LIST_FAILURES = "list_failures"
    PRUNE = "prune"
    FORCE_PRUNE = "force_prune"
    OPEN_FOLDER = "open_folder"
    INGEST_FOLDER = "ingest_folder"  # [folder]
    FORGET_FOLDER = "forget_folder"  # [folder]
    REPAIR = "repair"
    RESTORE_DATABASE = "restore_database"
    CHOOSE_DATABASE = "choose_database"
    UPGRADE_DATABASE = "upgrade_database"
    UPGRADE_PROGRAM = "upgrade_program"
    REINSTALL = "reinstall"
    INSTALL_EXTRA = "install_extra"  # [extra]
    MOVE_LIBRARY = "move_library"
    MAKE_WRITABLE = "make_writable"
    MAKE_SCORECARD = "make_scorecard"  # [file]
    GIVE_LABELS = "give_labels"
    LIST_GENRE_MODELS = "list_genre_models"
    TRAIN_GENRE_MODEL = "train_genre_model"  # [name]
    ACTIVATE_DEFAULT_MODEL = "activate_default_model"
    LIST_TAG_RUNS = "list_tag_runs"
    UNDO_TAG_RUN = "undo_tag_run"  # [run]
    CHOOSE_FORMAT = "choose_format"
    CHOOSE_PLAYLIST = "choose_playlist"
    MAP_INPUT_PATHS = "map_input_paths"
    POLL = "poll"
    SEND_FILES = "send_files"
    NAME_SCHEDULER = "name_scheduler"
    ADD_LISTENER = "add_listener"  # [name]
    ADD_KEY = "add_key"
    LIST_KEYS = "list_keys"
    LIST_LINKS = "list_links"
    LINK_AGAIN = "link_again"
    CHECK_SERVER = "check_server"
    USE_OTHER_URL = "use_other_url"
    TRUST_CERTIFICATE = "trust_certificate"
    REPLACE_PLAYLIST = "replace_playlist"
    NAME_PLAYLIST = "name_playlist"
    REFRESH_LINK = "refresh_link"  # [name]


MISSING: Final[Any] = object()
"""Stands for a value that is not part of an error, where None is a value."""


class RecsysError(Exception):
    """Base of all errors that recsys raises on purpose.

    Parameters
    ----------
    message
        What happened, in one line. With a ``field`` the predicate of a sentence about it: "must be at least 1".
    field
        The parameter or attribute of a request that is wrong, by its name in the Python API.
    value
        Its value, where the message does not have it.
    others
        Names of other fields, which stand in braces in the message: "cannot be combined with {minutes}".
    hint, hint_values
        What helps, and the names that belong to it.
    """

    code = "error"

    def __init__(
        self,
        message: str = "",
        *,
        field: str | None = None,
        value: Any = MISSING,
        others: Sequence[str] = (),
        hint: Hint | None = None,
        hint_values: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.value = None if value is MISSING else value
        self.has_value = value is not MISSING
        self.others = tuple(others)
        self.hint = hint
        self.hint_values = dict(hint_values or {})

    def describe(self, label: Callable[[str], str] = str) -> str:
        """The message, with every name of a field as ``label`` writes it.

        >>> error = InvalidRequest("must be at least 0", field="max_per_artist", value=-1)
        >>> str(error)
        'max_per_artist must be at least 0, got -1'
        >>> error.describe(lambda field: field.replace("_", " "))
        'max per artist must be at least 0, got -1'
        """
        text = self.message
        for name in self.others:
            text = text.replace("{" + name + "}", label(name))
        if self.field is None:
            return text
        got = f", got {_short(self.value)}" if self.has_value else ""
        return f"{label(self.field)} {text}{got}"

    def __str__(self) -> str:
        return self.describe()

    def to_dict(self) -> dict[str, Any]:
        """The record of the error: code, message, field and hint."""
        return {
            "code": self.code,
            "message": str(self),
            "field": self.field,
            "hint": None if self.hint is None else {"action": self.hint.value, **self.hint_values},
        }


def pluralise(n: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun, and a verb if it has one; the default plural has an s. Every message counts with it.

    >>> pluralise(1, "track"), pluralise(2, "track"), pluralise(0, "entry", "entries")
    ('1 track', '2 tracks', '0 entries')
    >>> pluralise(1, "file is", "files are")
    '1 file is'
    """
    return f"{n} {singular if n == 1 else plural or f'{singular}s'}"


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


class InvalidRequest(RecsysError, ValueError):
    """A value is out of range, an input file has the wrong form, or two values exclude each other."""

    code = "invalid_request"


class NotFound(RecsysError, LookupError):
    """No track, rating, model or file matches the request."""

    code = "not_found"


class NoCover(NotFound):
    """What was asked for is there, and has no cover."""


class LibraryNotFound(NotFound):
    """There is no database at the given place."""

    code = "library_not_found"


class NotAnalysed(NotFound):
    """A track, or the whole library, has no features of this version."""

    code = "not_analysed"


class AmbiguousTrack(RecsysError, LookupError):
    """Several tracks match; ``candidates`` are their one-line descriptions."""

    code = "ambiguous_track"

    def __init__(self, message: str = "", candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)

    def to_dict(self) -> dict[str, Any]:
        """The record of the error, with the candidates."""
        return {**super().to_dict(), "candidates": list(self.candidates)}


class AudioError(RecsysError):
    """A file cannot be analysed. ``stage`` is where it failed: access, open, decode, trim, features."""

    code = "audio_error"

    def __init__(self, message: str = "", *, stage: str = "open") -> None:
        super().__init__(message)
        self.stage = stage


class UnreadableAudio(AudioError):
    """A file cannot be opened or decoded."""

    code = "unreadable_audio"


class UnusableAudio(AudioError):
    """A file decodes, but has nothing to analyse: silent, too short or too long."""

    code = "unusable_audio"


class FeatureMismatch(RecsysError):
    """Vectors of different feature versions, or of the wrong length, met."""

    code = "feature_mismatch"


class IndexCorrupt(RecsysError):
    """An index file does not match its manifest or the catalogue."""

    code = "index_corrupt"


class IndexOutdated(IndexCorrupt):
    """The index file was written by another version of recsys."""

    code = "index_outdated"


class ModelError(RecsysError):
    """A model file is missing, damaged, or made for other features."""

    code = "model_error"


class ServerError(RecsysError):
    """A music server cannot be reached, refuses a login or a request, or answers with something unexpected."""

    code = "server_error"


class LibraryError(RecsysError):
    """The database cannot be used."""

    code = "library_error"


class LibraryBusy(LibraryError):
    """Another process is writing to the database."""

    code = "library_busy"


class LibraryFull(LibraryError):
    """No space is left where the database is stored."""

    code = "library_full"


class PruneRefused(LibraryError):
    """More than half of a folder is missing, or all of it: a drive that is not mounted, rather than a clean-up."""

    code = "prune_refused"


class SchemaMismatch(LibraryError):
    """The schema of the database is newer than this program, or is not of recsys."""

    code = "schema_mismatch"
