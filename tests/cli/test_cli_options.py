"""The syntax of option values."""

from pathlib import Path

import pytest

from recsys import Quota
from recsys.cli.options import track_filter
from recsys.cli.syntax import (
    parse_interval,
    parse_path_map,
    parse_quota,
    parse_share_interval,
    parse_time,
)
from recsys.errors import InvalidRequest


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        ("/music=/data", ("/music", "/data")),
        ("/a=b=/c", ("/a=b", "/c")),
        ("/a=/b=/c", ("/a", "/b=/c")),
        ("E:\\Tunes=/old", ("E:\\Tunes", "/old")),
        ("/music=D:\\Music", ("/music", "D:\\Music")),
        ("/music=d:/", ("/music", "d:/")),
        ("/music=\\\\nas\\music", ("/music", "\\\\nas\\music")),
        ("/a=b=/c=d", ("/a=b", "/c=d")),
        ("D:\\x=\\\\nas\\y", ("D:\\x", "\\\\nas\\y")),
        ("~/Music=d:/m", ("~/Music", "d:/m")),
        ("/one\nline=/x", ("/one\nline", "/x")),
    ],
)
def test_path_map_is_split_before_an_absolute_path(text: str, folders: tuple[str, str]) -> None:
    assert parse_path_map("path_map", text) == folders


@pytest.mark.parametrize("text", ["", "/a", "=/a", "/a=", "/a=b", "/a=./b", "/a=D:", "/a=~/b"])
def test_path_map_without_two_folders_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="path_map must be OLD=NEW, where NEW is an absolute path") as refused:
        parse_path_map("path_map", text)
    assert (refused.value.field, refused.value.value) == ("path_map", text)


def test_path_map_to_the_home_folder_needs_permission() -> None:
    assert parse_path_map("path_map", "/a=~/b", allow_home=True) == ("/a", "~/b")


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1:30", 90), ("1:02:03", 3723), (" 0 ", 0), ("0:7.5", 7.5)])
def test_time_is_seconds_or_minutes_or_hours(text: str, seconds: float) -> None:
    assert parse_time("min_duration", text) == seconds


@pytest.mark.parametrize("text", ["x", "1:2:3:4", "-5", "", "nan", "inf", "1:-2"])
def test_invalid_time_names_its_field(text: str) -> None:
    with pytest.raises(InvalidRequest, match="must be seconds, or minutes and seconds such as 1:30") as refused:
        parse_time("max_duration", text)
    assert (refused.value.field, refused.value.value) == ("max_duration", text)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "1990-nan", "nan-nan", "x", "", "-"])
def test_interval_of_what_is_no_number_names_its_field(text: str) -> None:
    with pytest.raises(InvalidRequest, match="must be a number, or two numbers such as 120-128") as refused:
        parse_interval("year_range", text)
    assert (refused.value.field, refused.value.value) == ("year_range", text)


@pytest.mark.parametrize("text", ["10000", "1990-99999999999999999999", "1e300"])
def test_year_after_9999_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="must go from a lower to a higher number between 0 and 9999"):
        track_filter([], text, None)


def test_folder_of_an_unknown_user_is_a_name() -> None:
    """As in a shell, which does not expand it either."""
    folder = Path("~no-such-user/music").absolute()
    assert track_filter([], None, None, folder=["~no-such-user/music"]).folders == (str(folder),)


def test_interval_may_be_open() -> None:
    assert parse_interval("year_range", "1990-1999") == (1990, 1999)
    assert parse_interval("year_range", "1990") == (1990, 1990)
    assert parse_interval("year_range", "-1999") == (0, 1999)
    low, high = parse_interval("year_range", "1990-") or (0, 0)
    assert low == 1990
    assert high > 3000
    assert parse_interval("year_range", None) is None
    assert parse_share_interval("valence_range", "-0.4") == (0, 0.4)
    assert parse_share_interval("valence_range", "0.6-") == (0.6, 1)


@pytest.mark.parametrize("text", ["fast", "-", "1-2-3", ""])
def test_invalid_interval_names_its_field(text: str) -> None:
    with pytest.raises(InvalidRequest, match="must be a number, or two numbers such as 120-128") as refused:
        parse_interval("bpm_range", text)
    assert refused.value.field == "bpm_range"
    with pytest.raises(InvalidRequest, match="must be two numbers such as") as refused:
        parse_share_interval("arousal_range", "0.5")
    assert refused.value.field == "arousal_range"


def test_quota_is_a_share_or_a_count() -> None:
    assert parse_quota("hip hop = 30 %") == Quota("hip hop", share=0.3)
    assert parse_quota("a=b=5") == Quota("a=b", count=5)


@pytest.mark.parametrize("text", ["jazz", "jazz=x", "jazz=101%", "jazz=1.5", "=3"])
def test_invalid_quota_names_its_field(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_quota(text)
    assert refused.value.field == "quotas"


def test_filter_has_compatible_keys_and_lower_case_words() -> None:
    made = track_filter([], "1990", None, key="8A", tag=[" Piano"], mood=["Calm "])
    assert made.keys == ("A minor", "C major", "E minor", "G major", "D minor", "F major")
    assert (made.year_range, made.tags, made.moods) == ((1990, 1990), ("piano",), ("calm",))
