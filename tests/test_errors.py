"""The error tree: stable codes, fields as a door writes them, records, and pickles for worker processes."""

import copy
import inspect
import pickle

import pytest

from recsys import errors
from recsys.errors import (
    AmbiguousTrack,
    AudioError,
    Hint,
    InvalidRequest,
    LibraryNotFound,
    NotAnalysed,
    NotFound,
    RecsysError,
    UnreadableAudio,
)

CODES = {
    "RecsysError": "error",
    "InvalidRequest": "invalid_request",
    "NotFound": "not_found",
    "LibraryNotFound": "library_not_found",
    "NoCover": "not_found",
    "NotAnalysed": "not_analysed",
    "AmbiguousTrack": "ambiguous_track",
    "AudioError": "audio_error",
    "UnreadableAudio": "unreadable_audio",
    "UnusableAudio": "unusable_audio",
    "FeatureMismatch": "feature_mismatch",
    "IndexCorrupt": "index_corrupt",
    "IndexOutdated": "index_outdated",
    "ModelError": "model_error",
    "ServerError": "server_error",
    "LibraryError": "library_error",
    "LibraryBusy": "library_busy",
    "LibraryFull": "library_full",
    "PruneRefused": "prune_refused",
    "SchemaMismatch": "schema_mismatch",
}
CLASSES = {
    name: each
    for name, each in vars(errors).items()
    if inspect.isclass(each) and issubclass(each, RecsysError) and each.__module__ == errors.__name__
}


def option(field: str) -> str:
    return "--" + field.replace("_", "-")


def test_codes_are_stable() -> None:
    assert {name: each.code for name, each in CLASSES.items()} == CODES


def test_tree_in_the_docstring_has_every_class_and_code() -> None:
    lines = [line.replace("│", " ").split() for line in (errors.__doc__ or "").splitlines()]
    named = {line[i]: line[i + 1] for line in lines for i, word in enumerate(line[:-1]) if word in CODES}
    assert named == CODES


@pytest.mark.parametrize(
    ("error", "base"),
    [(InvalidRequest("x"), ValueError), (NotFound("x"), LookupError), (AmbiguousTrack("x"), LookupError)],
)
def test_errors_are_also_of_the_builtin_class(error: RecsysError, base: type[Exception]) -> None:
    assert isinstance(error, base)


def test_ambiguous_track_is_not_a_not_found() -> None:
    assert not isinstance(AmbiguousTrack("x"), NotFound)
    assert isinstance(LibraryNotFound("x"), NotFound)
    assert isinstance(NotAnalysed("x"), NotFound)


def test_message_without_a_field_is_unchanged() -> None:
    error = NotFound("no track matches '{n}'")
    assert str(error) == error.describe(option) == "no track matches '{n}'"


@pytest.mark.parametrize(
    ("error", "plain", "at_a_terminal"),
    [
        (
            InvalidRequest("must be at least 0", field="max_per_artist", value=-1),
            "max_per_artist must be at least 0, got -1",
            "--max-per-artist must be at least 0, got -1",
        ),
        (
            InvalidRequest("cannot be combined with {minutes}", field="n", others=["minutes"]),
            "n cannot be combined with minutes",
            "--n cannot be combined with --minutes",
        ),
        (
            InvalidRequest("must not be {odd}", field="n", value="{odd}"),
            "n must not be {odd}, got '{odd}'",
            "--n must not be {odd}, got '{odd}'",
        ),
        (InvalidRequest("give {a_b} or c", others=["a_b"]), "give a_b or c", "give --a-b or c"),
        (InvalidRequest("is missing", field="n", value=None), "n is missing, got None", "--n is missing, got None"),
        (InvalidRequest("is too small", field="n", value=0.5), "n is too small, got 0.5", "--n is too small, got 0.5"),
    ],
)
def test_field_is_named_as_the_door_writes_it(error: RecsysError, plain: str, at_a_terminal: str) -> None:
    assert str(error) == plain
    assert error.describe(option) == at_a_terminal


def test_value_none_differs_from_no_value() -> None:
    assert InvalidRequest("x", field="n", value=None).has_value
    assert not InvalidRequest("x", field="n").has_value


def test_record_has_code_message_field_and_hint() -> None:
    error = InvalidRequest("must be 1", field="n", hint=Hint.INSTALL_EXTRA, hint_values={"extra": "dask"})
    assert error.to_dict() == {
        "code": "invalid_request",
        "message": "n must be 1",
        "field": "n",
        "hint": {"action": "install_extra", "extra": "dask"},
    }
    assert NotFound("x").to_dict() == {"code": "not_found", "message": "x", "field": None, "hint": None}
    assert AmbiguousTrack("x", ["1: a", "2: b"]).to_dict()["candidates"] == ["1: a", "2: b"]


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    "duplicate", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy], ids=["pickle", "copy"]
)
def test_pickled_error_is_complete(name: str, duplicate: object) -> None:
    assert callable(duplicate)
    error = CLASSES[name]("{n} tracks")
    error.field, error.value, error.has_value, error.others = "n", 3, True, ("n",)
    error.hint, error.hint_values = Hint.UNDO_TAG_RUN, {"run": "5"}
    again = duplicate(error)
    assert type(again) is type(error)
    assert str(again) == str(error) == "n n tracks, got 3"
    assert again.to_dict() == error.to_dict()


def test_pickled_error_keeps_its_own_attributes() -> None:
    ambiguous = pickle.loads(pickle.dumps(AmbiguousTrack("x", ["1: a"])))
    assert ambiguous.candidates == ("1: a",)
    assert pickle.loads(pickle.dumps(UnreadableAudio("x", stage="decode"))).stage == "decode"
    assert AudioError("x").stage == "open"
