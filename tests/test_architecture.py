"""The house rules: arrows between stages, homes of outside packages, size of modules, instant commands."""

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "recsys"
RANKS = {
    "atomic": 0, "errors": 0,
    "domain": 1,
    "config": 2, "metadata": 2, "tagblocks": 2,
    "artwork": 3, "audio": 3, "database": 3, "export": 3, "features": 3, "importers": 3, "nearest": 3, "plots": 3,
    "genre": 4, "matching": 4, "recommend": 4, "servers": 4, "tagging": 4,
    "evaluate": 5, "ingest": 5,
    "app": 6,
    "beets": 8, "cli": 8, "mpd": 8, "quodlibet": 8, "web": 8,
}  # fmt: skip
"""The public package, ``recsys/__init__.py``, is 7."""
DOORS = {"beets", "cli", "mpd", "quodlibet", "web"}
STARTED_BY = {"blissmixer.py": "recsys.web", "serve.py": "recsys.web", "mpd.py": "recsys.mpd"}
"""Modules of the terminal door that start another door."""
PUBLIC = {"recsys", "recsys.errors"}
HOMES = {
    "beets": {"beets"},
    "gi": {"quodlibet"},
    "quodlibet": {"quodlibet"},
    "sqlalchemy": {"database"},
    "alembic": {"database"},
    "faiss": {"nearest"},
    "librosa": {"audio", "features", "plots"},
    "soundfile": {"audio"},
    "soxr": {"audio", "features"},
    "av": {"audio"},
    "mutagen": {"audio"},
    "PIL": {"artwork"},
    "sklearn": {"features", "genre", "recommend", "evaluate"},
    "matplotlib": {"plots"},
    "umap": {"recommend"},
    "dask": {"ingest"},
    "distributed": {"ingest"},
    "psutil": {"ingest"},
    "watchfiles": {"ingest"},
    "skops": {"genre"},
    "joblib": {"genre"},
    "rapidfuzz": {"matching"},
    "anyio": {"web"},
    "certifi": {"servers"},
    "httpx": {"servers"},
    "fastapi": {"web"},
    "pydantic": {"web"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "typer": {"cli"},
    "rich": {"cli"},
    "click": {"cli"},
}
SLOW = [
    "librosa",
    "sklearn",
    "scipy",
    "numba",
    "av",
    "soundfile",
    "alembic",
    "matplotlib",
    "pandas",
    "PIL",
]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def stage_of(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """The modules that a module imports, at its top or later; of the package's own, submodules by their full names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name for name in below if name in BY_NAME}
            if below - set(BY_NAME):
                names.add(node.module)
    return names


BY_NAME = {name_of(path): path for path in PACKAGE.rglob("*.py")}
MODULES = [
    p for p in sorted(PACKAGE.rglob("*.py")) if p.name not in ("__init__.py", "__main__.py") or p.parent != PACKAGE
]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_point_down_and_packages_stay_at_home(path: Path) -> None:
    stage = stage_of(path)
    assert stage in RANKS, f"{stage} has no rank"
    for name in imports_of(path):
        root, _, rest = name.partition(".")
        if root == "recsys" and stage in DOORS:
            own = name.startswith(f"recsys.{stage}") or name.startswith(STARTED_BY.get(path.name, "-"))
            assert own or name in PUBLIC, f"{path}: a door imports the public package and its errors, not {name}"
        elif root == "recsys":
            target = rest.split(".")[0]
            assert target, f"{path}: only doors import the public package"
            assert target == stage or RANKS[target] < RANKS[stage], f"{path}: {stage} may not import {target}"
        elif root in HOMES:
            assert stage in HOMES[root], f"{path}: {root} is at home in {HOMES[root]}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {name: (imports_of(path) & set(BY_NAME)) - {name} for name, path in BY_NAME.items()}
    while leaves := {name for name, targets in graph.items() if not targets & set(graph)}:
        graph = {name: targets for name, targets in graph.items() if name not in leaves}
    assert graph == {}, f"these modules import each other in a circle: {sorted(graph)}"


def test_importing_the_terminal_door_loads_nothing_slow() -> None:
    slow = [*SLOW, "faiss", "sqlalchemy", "numpy"]
    code = f"import recsys.cli.main, sys; print([m for m in {slow!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_a_command_without_a_library_loads_neither_other_commands_nor_what_a_library_needs(tmp_path: Path) -> None:
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from recsys.__main__ import main; main()"
    command = [sys.executable, "-c", code, "--home", str(tmp_path), "stats"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "there is no library at" in result.stderr
    loaded = set(result.stdout.split())
    commands = {f"recsys.cli.{name}" for name in ("ingest", "genre", "playlist", "ratings", "similar", "tracks")}
    assert "recsys.cli.statistics" in loaded
    assert loaded & {*SLOW, *commands, "faiss", "numpy", "sqlalchemy", "recsys.app.genre_models"} == set()


def test_only_an_import_of_likes_loads_what_it_needs() -> None:
    beginnings = ("recsys.importers", "recsys.matching", "rapidfuzz", "xml.etree")
    code = f"import recsys.app.library, sys; print([m for m in sys.modules if m.startswith({beginnings!r})])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


OPTION = re.compile(r"(?:^|[\s\"'(])--[a-z]")
INSTALL = re.compile(r"\bpip install\b")


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module, docstrings and parts of f-strings among them, and its comments, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def commands() -> list[str]:
    """The names of the program's commands."""
    from typer.core import TyperGroup
    from typer.main import get_command

    from recsys.cli.app import app

    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return sorted(group.commands)


@pytest.mark.parametrize(
    "path", [path for path in MODULES if stage_of(path) not in DOORS], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_no_option_or_command_is_named_below_the_doors(path: Path) -> None:
    command = re.compile(rf"\brecsys (?:{'|'.join(map(re.escape, commands()))})\b")
    found = [
        f"{path.relative_to(PACKAGE)}:{line + text[: match.start()].count(chr(10))}: {match.group().strip()}"
        for line, text in texts_of(path)
        for pattern in (OPTION, INSTALL, command)
        for match in pattern.finditer(text)
    ]
    assert found == [], "a message below the doors has a field or a hint; doors write the option or the command"
