"""The examples of all docstrings run; those of the public API on a library of three tracks."""

import doctest
import importlib
import pkgutil
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from signals import music, write_audio
from synthetic_library import make_library, make_song

import recsys

SONGS = (
    ("jazz", "So What", "Miles Davis", "Kind of Blue", 1959, 562.0),
    ("jazz", "Blue in Green", "Miles Davis", "Kind of Blue", 1959, 337.0),
    ("metal", "Smoke on the Water", "Deep Purple", "Machine Head", 1972, 340.0),
)
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(recsys.__path__, "recsys.")
    if module.name not in ("recsys.__main__", "recsys.beets.plugin", "recsys.quodlibet.plugin")
    and ".migrations" not in module.name
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a library of three tracks, of which one is liked, and an audio file."""
    folder = tmp_path_factory.mktemp("documented")
    songs = []
    for number, (kind, title, artist, album, year, duration) in enumerate(SONGS, 1):
        song = make_song(kind, number, title=title, artist=artist, album=album, year=year, genre=kind)
        info = replace(song.identity.info, duration=duration)
        songs.append(replace(song, identity=replace(song.identity, info=info)))
    make_library(folder / "home", songs)
    (folder / "music").mkdir()
    write_audio(folder / "music" / "tone.wav", music(3.0))
    with recsys.Library(folder / "home") as library:
        library.like("So What")
        library.similar("So What")
    return folder


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings_are_true(
    name: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    for number, example in enumerate(doctest.DocTestFinder(exclude_empty=True).find(module)):
        if not example.examples:
            continue
        folder = tmp_path / str(number)  # what an example stores is not seen by the others
        shutil.copytree(template, folder)
        monkeypatch.setenv("RECSYS_HOME", str(folder / "home"))
        monkeypatch.chdir(folder)
        with recsys.Library(folder / "home") as library:
            example.globs |= {"recsys": recsys, "lib": library, "home": folder / "home", "folder": folder}
            runner.run(example)
    assert runner.failures == 0


@pytest.mark.parametrize("name", sorted(set(recsys.__all__) - {"__version__", "errors", "genre_messages"}))
def test_public_functions_and_methods_have_a_docstring(name: str) -> None:
    value = getattr(recsys, name)
    members = [value] if not isinstance(value, type) else [value, *vars(value).values()]
    for member in members:
        named = getattr(member, "__name__", "_")
        if callable(member) and not named.startswith("_"):
            assert member.__doc__, f"{name}: {named} has no docstring"


LIBRARY_METHODS = sorted(
    method for method in dir(recsys.Library) if not method.startswith("_") and callable(getattr(recsys.Library, method))
)


@pytest.mark.parametrize("method", [m for m in LIBRARY_METHODS if m not in ("watch", "upgrade_database", "close")])
def test_public_methods_have_an_example(method: str) -> None:
    assert ">>> " in (getattr(recsys.Library, method).__doc__ or ""), f"Library.{method} has no example"
