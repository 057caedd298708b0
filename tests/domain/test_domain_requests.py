"""Requests check themselves when they are made, name the field, and become plain JSON values and back."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys import PathOptions, PlaylistRequest, Quota, TrackFilter
from recsys.domain.audio import Key
from recsys.domain.requests import ENERGY_CURVES
from recsys.errors import InvalidRequest

NAN, INF = math.nan, math.inf
RANGES = ("year_range", "bpm_range", "valence_range", "arousal_range")
NAMES = ("genres", "excluded_genres", "keys", "tags", "moods", "folders", "excluded_folders")


def filter_with(field: str, value: Any) -> TrackFilter:
    return TrackFilter(**{field: value})


def request_with(field: str, value: Any) -> PlaylistRequest:
    return PlaylistRequest(**{field: value})


def error_of(kind: type, fields: dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as raised:
        kind(**fields)
    return raised.value


@pytest.mark.parametrize("field", RANGES)
@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((2, 1), "must go from a lower to a higher number"),
        ((-1, 1), "must go from a lower to a higher number"),
        ((0, INF), "must go from a lower to a higher number"),
        ((NAN, 1), "must go from a lower to a higher number"),
        ((0, NAN), "must go from a lower to a higher number"),
        ((1,), "must be two numbers, the lower one first"),
        ((1, 2, 3), "must be two numbers, the lower one first"),
        ("12", "must be two numbers, the lower one first"),
        (1, "must be two numbers, the lower one first"),
        (("0", "1"), "must be a number"),
        ((False, True), "must be a number"),
    ],
)
def test_invalid_range_names_the_field(field: str, ends: Any, message: str) -> None:
    error = error_of(TrackFilter, {field: ends})
    assert error.field == field
    assert str(error).startswith(f"{field} {message}")


@pytest.mark.parametrize("field", ["valence_range", "arousal_range"])
def test_moods_are_between_0_and_1(field: str) -> None:
    assert str(error_of(TrackFilter, {field: (0.6, 60)})) == (
        f"{field} must go from a lower to a higher number between 0 and 1, got 0.6-60"
    )


@pytest.mark.parametrize("field", RANGES)
def test_range_of_one_value_and_list_are_valid(field: str) -> None:
    assert getattr(filter_with(field, [1, 1]), field) == (1, 1)


@pytest.mark.parametrize("field", [name for name in NAMES if name != "keys"])
def test_names_become_a_tuple(field: str) -> None:
    assert getattr(filter_with(field, ["a", "b"]), field) == ("a", "b")
    assert getattr(filter_with(field, "ab"), field) == ("ab",)
    assert filter_with(field, ["a"]) == filter_with(field, ("a",))
    assert hash(filter_with(field, ["a"])) == hash(filter_with(field, ("a",)))


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize(
    ("names", "message"), [([1], "must hold strings, got 1"), (5, "must be a sequence of strings, got 5")]
)
def test_names_that_are_no_strings_are_invalid(field: str, names: Any, message: str) -> None:
    error = error_of(TrackFilter, {field: names})
    assert (str(error), error.field) == (f"{field} {message}", field)


def test_unknown_key_names_the_field() -> None:
    error = error_of(TrackFilter, {"keys": ["A minor", "H major"]})
    assert str(error) == "keys must be a musical key such as Am, C major, F#, 8A or 1m, got 'H major'"


def test_filter_with_a_genre_keeps_the_other_fields() -> None:
    assert TrackFilter(["jazz", "rock"], year_range=(1950, 1960)).with_genre("folk") == TrackFilter(
        "folk", year_range=(1950, 1960)
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"genre": "jazz"}, "quotas need a genre and either a share or a count, got 'jazz'"),
        ({"genre": "jazz", "share": 0.5, "count": 3}, "quotas need a genre and either a share or a count, got 'jazz'"),
        ({"genre": " ", "share": 0.5}, "quotas need a genre and either a share or a count, got ' '"),
        ({"genre": 5, "share": 0.5}, "quotas need a genre and either a share or a count, got 5"),
        ({"genre": "jazz", "share": 1.1}, "quotas need shares from 0 to 1, got 1.1"),
        ({"genre": "jazz", "share": -0.1}, "quotas need shares from 0 to 1, got -0.1"),
        ({"genre": "jazz", "share": NAN}, "quotas need shares from 0 to 1, got nan"),
        ({"genre": "jazz", "share": "30%"}, "quotas need shares from 0 to 1, got '30%'"),
        ({"genre": "jazz", "count": -1}, "quotas need counts that are whole numbers, at least 0, got -1"),
        ({"genre": "jazz", "count": 1.5}, "quotas need counts that are whole numbers, at least 0, got 1.5"),
    ],
)
def test_invalid_quota_names_the_field(fields: dict[str, Any], message: str) -> None:
    error = error_of(Quota, fields)
    assert (str(error), error.field) == (message, "quotas")


WHOLE = {"n": 1, "max_per_artist": 0, "max_per_album": 0, "min_artist_gap": 0, "seed": 0}


@pytest.mark.parametrize(("field", "minimum"), WHOLE.items())
def test_invalid_count_names_the_field(field: str, minimum: int) -> None:
    for value, message in (
        (minimum - 1, f"{field} must be at least {minimum}, got {minimum - 1}"),
        (minimum + 0.5, f"{field} must be a whole number, got {minimum + 0.5:g}"),
        ("5", f"{field} must be a number, got '5'"),
        (True, f"{field} must be a number, got True"),
    ):
        error = error_of(PlaylistRequest, {field: value})
        assert (str(error), error.field) == (message, field)
    assert getattr(request_with(field, minimum), field) == minimum


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"n": 20, "minutes": 60}, "n cannot be combined with minutes"),
        ({"minutes": 0.5}, "minutes must be at least 1, got 0.5"),
        ({"minutes": INF}, "minutes must be at least 1, got inf"),
        ({"minutes": NAN}, "minutes must be at least 1, got nan"),
        ({"min_duration": -1}, "min_duration must be at least 0, got -1"),
        ({"max_duration": NAN}, "max_duration must be at least 0, got nan"),
        ({"min_duration": 60, "max_duration": 30}, "min_duration must not be more than max_duration (30 s), got 60"),
        ({"diversity": 11}, "diversity must be from 0 to 10, got 11"),
        ({"diversity": NAN}, "diversity must be from 0 to 10, got nan"),
        ({"exploration": -0.5}, "exploration must be from 0 to 10, got -0.5"),
        ({"exploration": "much"}, "exploration must be a number, got 'much'"),
        ({"energy_curve": "up"}, "energy_curve must be one of rising, falling, arc, flat, got 'up'"),
        ({"include_seeds": True}, "include_seeds needs seeds"),
        ({"seeds": [1]}, "seeds must hold strings, got 1"),
        ({"filter": {"genres": ["jazz"]}}, "filter must be a TrackFilter, got {'genres': ['jazz']}"),
        ({"quotas": ["jazz=30%"]}, "quotas must hold values of Quota, got 'jazz=30%'"),
        ({"quotas": [Quota("jazz", count=1), Quota("Jazz", count=2)]}, "quotas name a genre twice"),
        (
            {"quotas": [Quota("jazz", share=0.6), Quota("rock", share=0.6)]},
            "quotas add up to 120%, which is more than 100%",
        ),
    ],
)
def test_invalid_playlist_request_names_the_field(fields: dict[str, Any], message: str) -> None:
    error = error_of(PlaylistRequest, fields)
    assert (str(error), error.field) == (message, message.split()[0])


def test_playlist_request_stores_tuples_and_plain_numbers() -> None:
    fields: dict[str, Any] = {"n": np.int64(5), "seeds": ["a"], "quotas": Quota("jazz", count=1)}
    request = PlaylistRequest(**fields)
    assert (request.seeds, request.quotas) == (("a",), (Quota("jazz", count=1),))
    assert type(request.n) is int
    assert PlaylistRequest(seeds="a").seeds == ("a",)
    assert hash(request) == hash(replace(request))


def test_shares_of_exactly_one_are_valid() -> None:
    shares = [Quota(name, share=0.1) for name in "abcdefghij"]  # their sum is 0.9999999999999999
    assert len(PlaylistRequest(quotas=shares).quotas) == 10


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"absolute": True, "relative_to": "/x"}, "absolute cannot be combined with relative_to"),
        ({"path_map": "a=b"}, "path_map must map folders to folders, got 'a=b'"),
        ({"path_map": [("a", "b")]}, "path_map must map folders to folders, got [('a', 'b')]"),
        ({"path_map": {"": "b"}}, "path_map must map folders to folders, got {'': 'b'}"),
        ({"path_map": {"a": 1}}, "path_map must map folders to folders, got {'a': 1}"),
    ],
)
def test_invalid_path_options_name_the_field(fields: dict[str, Any], message: str) -> None:
    error = error_of(PathOptions, fields)
    assert (str(error), error.field) == (message, message.split()[0])


def test_path_options_copy_the_map() -> None:
    folders = {"/music": "/data"}
    options = PathOptions(path_map=folders)
    folders["/other"] = "/x"
    assert options.path_map == {"/music": "/data"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"n": 5, "mood_curve": "up"}, "mood_curve"),
        ({"filter": {"genres": ["jazz"], "loudness_range": [1, 2]}}, "loudness_range"),
        ({"quotas": [{"genre": "jazz", "share": 0.5, "minutes": 3}]}, "minutes"),
    ],
)
def test_field_of_a_newer_version_is_invalid(values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest, match="is unknown to this version") as raised:
        PlaylistRequest.from_dict(values)
    assert raised.value.field == field


def test_path_option_of_a_newer_version_is_invalid() -> None:
    with pytest.raises(InvalidRequest, match="drive is unknown to this version"):
        PathOptions.from_dict({"drive": "D:"})


TEXTS = st.lists(st.text(max_size=8), max_size=3)
KEYS = st.lists(st.sampled_from([f"{tonic} {mode}" for tonic in Key.NAMES for mode in ("major", "minor")]), max_size=3)


def ranges(number: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.tuples(number, number).map(sorted)


FILTERS = st.builds(
    TrackFilter,
    genres=TEXTS, excluded_genres=TEXTS, keys=KEYS, tags=TEXTS, moods=TEXTS, folders=TEXTS, excluded_folders=TEXTS,
    year_range=ranges(st.integers(0, 3000)), bpm_range=ranges(st.floats(0, 400)),
    valence_range=ranges(st.floats(0, 1)), arousal_range=ranges(st.floats(0, 1)),
)  # fmt: skip
QUOTAS = st.lists(
    st.builds(Quota, st.sampled_from(["jazz", "rock", "folk"]), share=st.floats(0, 0.3))
    | st.builds(Quota, st.sampled_from(["metal", "techno"]), count=st.integers(0, 50)),
    max_size=5, unique_by=lambda quota: quota.genre,
)  # fmt: skip
LENGTHS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"n": 3}, {"n": 1000}, {"minutes": 1}, {"minutes": 61.5}]
)
DURATIONS = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(sorted)


@st.composite
def requests(draw: st.DrawFn) -> PlaylistRequest:
    shortest, longest = draw(DURATIONS)
    seeds = draw(TEXTS)
    return PlaylistRequest(
        **draw(LENGTHS), seeds=seeds, include_seeds=bool(seeds) and draw(st.booleans()), filter=draw(FILTERS),
        min_duration=shortest, max_duration=longest, max_per_artist=draw(st.integers(0, 99)),
        max_per_album=draw(st.integers(0, 99)), min_artist_gap=draw(st.integers(0, 99)),
        diversity=draw(st.floats(0, 10)), exploration=draw(st.floats(0, 10)), quotas=draw(QUOTAS),
        energy_curve=draw(st.none() | st.sampled_from(ENERGY_CURVES)), exclude_recent=draw(st.booleans()),
        seed=draw(st.integers(0, 2**40)),
    )  # fmt: skip


@given(requests())
def test_playlist_request_survives_json(request: PlaylistRequest) -> None:
    text = json.dumps(request.to_dict(), allow_nan=False)
    assert PlaylistRequest.from_dict(json.loads(text)) == request
    assert PlaylistRequest.from_dict(request.to_dict()) == request


@given(
    st.builds(
        PathOptions,
        relative_to=st.none() | st.text(),
        path_map=st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=3),
    )
    | st.builds(PathOptions, absolute=st.booleans())
)
def test_path_options_survive_json(options: PathOptions) -> None:
    assert PathOptions.from_dict(json.loads(json.dumps(options.to_dict()))) == options


def test_default_request_has_a_record_of_every_field() -> None:
    record = PlaylistRequest().to_dict()
    assert set(record) == set(PlaylistRequest.__dataclass_fields__)
    assert set(record["filter"]) == set(TrackFilter.__dataclass_fields__)
    assert PlaylistRequest.from_dict({}) == PlaylistRequest()
