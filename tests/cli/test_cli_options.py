"""The syntax of option values."""

import pytest

from recsys.cli.options import parse_path_map
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
