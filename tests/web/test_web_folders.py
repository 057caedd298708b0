"""The folders that a page shows: names of folders alone."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from unprivileged import require_permissions, unprivileged_command

from recsys.errors import InvalidRequest, NotFound
from recsys.web import folders
from recsys.web.folders import is_inside, list_folders


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    for name in ("b", "A", "ä", "日本", ".hidden", "<script>", "100%"):
        (tmp_path / name).mkdir()
    (tmp_path / "song.mp3").write_bytes(b"")
    (tmp_path / "link").symlink_to("b")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "to a file").symlink_to("song.mp3")
    (tmp_path / os.fsdecode(b"\xff")).mkdir()
    return tmp_path


def test_only_names_of_shown_folders_are_listed(disk: Path) -> None:
    found = list_folders(str(disk))
    assert [each["name"] for each in found["items"]] == ["100%", "<script>", "A", "b", "link", "ä", "日本"]
    assert found["items"][0]["path"] == str(disk / "100%")
    assert (found["path"], found["parent"], found["truncated"]) == (str(disk), str(disk.parent), False)
    assert list_folders(found["items"][2]["path"])["items"] == []


def test_the_root_has_no_folder_above() -> None:
    found = list_folders("/")
    assert found["parent"] is None
    assert "/" in found["places"]


def test_the_first_folder_is_the_home_of_the_user(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(disk))
    found = list_folders(None, ["/music", str(disk), "/\udcff"])
    assert (found["path"], found["places"]) == (str(disk), ["/music", str(disk), "/"])
    monkeypatch.setenv("HOME", "/nowhere")
    assert list_folders(None)["path"] == "/"


def test_many_folders_are_cut_off(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_FOLDERS", 2)
    found = list_folders(str(disk))
    assert ([each["name"] for each in found["items"]], found["truncated"]) == (["100%", "<script>"], True)


@pytest.mark.parametrize("path", ["music", "", ".", "../..", "~", "/a\0b"])
def test_a_path_that_is_not_absolute_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest, match="path must be an absolute path"):
        list_folders(path)


def test_a_file_and_an_absent_folder_have_the_same_answer(disk: Path) -> None:
    for name in ("song.mp3", "nowhere", "circle", "x" * 300):
        with pytest.raises(NotFound, match=f"there is no folder {disk / name}"):
            list_folders(str(disk / name))


def test_a_closed_folder_is_a_problem(tmp_path: Path) -> None:
    require_permissions(tmp_path)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    code = (
        "import json, sys\nfrom recsys.errors import RecsysError\nfrom recsys.web.folders import list_folders\n"
        "try:\n    list_folders(sys.argv[1])\nexcept RecsysError as error:\n    print(json.dumps(error.to_dict()))"
    )
    done = subprocess.run(unprivileged_command("-c", code, str(closed)), capture_output=True, text=True, check=True)
    closed.chmod(0o700)
    assert json.loads(done.stdout) == {
        "code": folders.FolderUnreadable.code, "message": f"the server may not read the folder {closed}",
        "field": None, "hint": {"action": "open_folder"},
    }  # fmt: skip


def test_links_out_of_a_folder_are_not_inside(disk: Path) -> None:
    (disk / "b" / "out").symlink_to(disk)
    inside = [str(disk / "b")]
    assert is_inside(str(disk / "b"), inside)
    assert is_inside(str(disk / "link" / "c"), inside)
    assert not is_inside(str(disk / "b" / "out"), inside)
    assert not is_inside(str(disk / "b" / ".."), inside)
    assert not is_inside(str(disk / "bb"), inside)
