"""The plugin of beets in a real beets, which imports synthesised songs."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import mutagen
import pytest
from signals import music, write_audio
from synthetic_library import make_library

from recsys import Library

pytestmark = pytest.mark.skipif(importlib.util.find_spec("beets") is None, reason="beets is not installed")
ROOT = Path(__file__).parents[2]


class Beets:
    """beets with a library, a music folder and the plugins "recsys" and "types" below a folder."""

    def __init__(self, folder: Path, *, auto: bool = True) -> None:
        self.folder, self.home = folder, folder / "home"
        (folder / "config.yaml").write_text(
            f"directory: {folder / 'Music'}\nlibrary: {folder / 'beets.db'}\nplugins: recsys types\n"
            f"import: {{copy: yes, autotag: no, quiet: yes}}\n"
            f"recsys: {{home: '{self.home}', auto: {'yes' if auto else 'no'}}}\n",
            encoding="utf-8",
        )

    def run(self, *words: str, status: int = 0) -> tuple[list[str], str]:
        """The lines that a command prints, and its messages."""
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        environment = os.environ | {"BEETSDIR": str(self.folder), "PYTHONPATH": path}
        done = subprocess.run(
            [sys.executable, "-m", "beets", *words], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == status, done.stderr
        return done.stdout.splitlines(), done.stderr


def make_songs(folder: Path, n: int) -> Path:
    """Songs of an album, "title 0" …, as FLAC with tags."""
    folder.mkdir()
    for number in range(n):
        path = write_audio(folder / f"{number}.flac", music(3.0, seed=number))
        tags = mutagen.File(path)
        assert tags is not None
        tags.update({"artist": [f"artist {number}"], "title": [f"title {number}"], "album": ["one album"]})
        tags.save()
    return folder


def test_what_is_imported_is_analysed_and_has_similar_items(tmp_path: Path) -> None:
    beets = Beets(tmp_path)
    _, messages = beets.run("-v", "import", "-q", str(make_songs(tmp_path / "new", 3)))
    assert "recsys: 3 new of 3 items analysed" in messages
    assert len(Library(beets.home).tracks()) == 3
    assert beets.run("recsys", "analyse", "title 0")[0] == ["recsys: 0 new of 1 item analysed"]
    similar, _ = beets.run("similar", "-n", "2", "-f", "$title in $path", "title:title 0")
    assert sorted(each.partition(" in ")[0] for each in similar) == ["title 1", "title 2"]
    assert all(Path(each.partition(" in ")[2]).is_relative_to(tmp_path / "Music") for each in similar)
    file = tmp_path / "list.m3u8"
    playlist, _ = beets.run("recsys", "playlist", "-n", "2", "-o", str(file), "-f", "$title", "title:title 1")
    assert sorted(playlist) == ["title 0", "title 2"]
    assert file.read_text(encoding="utf-8").count("Music") == 2
    assert beets.run("version")[0][-1] == "plugins: recsys, types"  # those of beets are found beside it


def test_paths_may_have_what_queries_have(tmp_path: Path) -> None:
    """A comma at the end of a part of a query is an alternative, and ``::`` begins a regular expression."""
    beets = Beets(tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text().replace("copy: yes", "copy: no").replace("Music", "new"), encoding="utf-8")
    folder = make_songs(tmp_path / "new", 3)
    for number, name in enumerate(("a::.*,", "- ^b,", "ö ")):
        (folder / f"{number}.flac").rename(folder / name)
    beets.run("import", "-q", str(folder))
    similar, _ = beets.run("similar", "-f", "$title", "title:title 1")
    assert sorted(similar) == ["title 0", "title 2"]


def test_without_auto_nothing_is_analysed_by_an_import(tmp_path: Path) -> None:
    beets = Beets(tmp_path, auto=False)
    beets.run("import", "-q", str(make_songs(tmp_path / "new", 1)))
    assert not beets.home.exists()
    make_library(beets.home, [])
    refused = beets.run("similar", "title:title 0", status=1)[1]
    assert refused == "error: recsys: none of the items is analysed; run: beet recsys analyse\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["similar", "nothing"], "no item matches the query"),
        (["recsys"], "recsys needs one of: analyse, playlist"),
        (["recsys", "playlist"], "recsys: there is no library at"),
    ],
)
def test_wrong_usage_is_one_line(tmp_path: Path, words: list[str], message: str) -> None:
    assert f"error: {message}" in Beets(tmp_path).run(*words, status=1)[1]
