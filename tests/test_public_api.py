"""``import recsys`` loads next to nothing, and every public name is there when it is used."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from signals import music, write_audio

import recsys


def run(code: str) -> object:
    """The JSON value that some code prints, in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_import_loads_only_the_version() -> None:
    loaded = "sorted(set(sys.modules) - before)"
    code = f"import json, sys; before = set(sys.modules); import recsys; print(json.dumps({loaded}))"
    assert run(code) == ["recsys", "recsys.domain", "recsys.domain.version"]


@pytest.mark.parametrize(
    ("names", "unwanted"),
    [
        (
            "TrackFilter PlaylistRequest Quota PathOptions errors",
            ["sqlalchemy", "faiss", "recsys.app", "recsys.features"],
        ),
        ("Settings load_settings Track Playlist UnmetConstraint", ["sqlalchemy", "faiss", "recsys.app"]),
        ("Library", ["sqlalchemy", "faiss", "scipy", "librosa", "recsys.importers"]),
    ],
)
def test_name_loads_only_its_own_modules(names: str, unwanted: list[str]) -> None:
    code = (
        f"import json, sys, recsys; [getattr(recsys, name) for name in {names!r}.split()]; "
        f"print(json.dumps([name for name in {unwanted!r} if name in sys.modules]))"
    )
    assert run(code) == []


@pytest.mark.parametrize("name", recsys.__all__)
def test_public_name_resolves(name: str) -> None:
    value = getattr(recsys, name)
    assert value is getattr(recsys, name)
    if isinstance(value, type):
        assert value.__name__ == name
        assert getattr(importlib.import_module(value.__module__), name) is value


def test_public_names_are_sorted_and_listed_once() -> None:
    assert recsys.__all__ == sorted(set(recsys.__all__))


def test_dir_lists_all_public_names_before_they_are_used() -> None:
    listed = run("import json, recsys; print(json.dumps(dir(recsys)))")
    assert isinstance(listed, list)
    assert set(recsys.__all__) <= set(listed)


def test_star_import_has_all_public_names() -> None:
    assert run("import json; from recsys import *; print(json.dumps([Library.__name__, errors.__name__]))") == [
        "Library",
        "recsys.errors",
    ]


def test_unknown_name_is_an_attribute_error() -> None:
    unknown = "Librarian"
    with pytest.raises(AttributeError, match="module 'recsys' has no attribute 'Librarian'"):
        getattr(recsys, unknown)


def test_type_checkers_see_the_public_names() -> None:
    """Names that are imported for type checkers and names that are loaded when they are used are the same."""
    import ast
    from pathlib import Path

    tree = ast.parse(Path(recsys.__file__).read_text(encoding="utf-8"))
    [guarded] = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in guarded.body if isinstance(node, ast.ImportFrom)]
    static = {alias.asname or alias.name for node in imports for alias in node.names}
    assert static | {"__version__"} == set(recsys.__all__)


def test_a_script_without_a_main_guard_ingests_a_folder(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    write_audio(tmp_path / "music" / "tone.wav", music(3.0))
    script = tmp_path / "script.py"
    script.write_text(
        "import recsys\n\n"
        'print("started")\n'
        f"with recsys.Library({str(tmp_path / 'home')!r}) as library:\n"
        f"    print(library.ingest({str(tmp_path / 'music')!r}).new)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["started", "1"]
