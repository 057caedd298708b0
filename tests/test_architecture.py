"""The house rules: arrows between stages, homes of outside packages, size of modules, instant commands."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "recsys"
RANKS = {
    "errors": 0, "types": 0, "wishes": 0,
    "config": 1,
    "audio": 2, "exchange": 2, "features": 2, "library": 2, "nearest": 2, "render": 2,
    "genre": 3, "matching": 3, "recommend": 3, "tagging": 3,
    "ingest": 4, "evaluate": 4, "doctor": 4, "moods": 4, "reasons": 4,
    "allowed": 5, "lessons": 5, "opened": 5, "seeds": 5,
    "likes": 6, "listening": 6, "naming": 6, "pictures": 6, "questions": 6, "tagger": 6, "walks": 6,
    "genres": 7, "playlists": 7,
    "lists": 8,
    "shelf": 9,
    "service": 10,
    "cli": 11, "web": 11,
}  # fmt: skip
DOORS = {"cli", "web"}
DOOR_MAY = {"service", "config", "errors", "types", "wishes"}
HOMES = {
    "sqlalchemy": {"library"},
    "alembic": {"library"},
    "faiss": {"nearest"},
    "librosa": {"audio", "features", "render"},
    "soundfile": {"audio"},
    "soxr": {"audio", "features"},
    "av": {"audio"},
    "mutagen": {"audio", "tagging"},
    "onnxruntime": {"features"},
    "sklearn": {"features", "genre", "recommend", "evaluate"},
    "matplotlib": {"render"},
    "umap": {"recommend"},
    "dask": {"ingest"},
    "distributed": {"ingest"},
    "psutil": {"ingest"},
    "watchfiles": {"ingest"},
    "skops": {"genre"},
    "joblib": {"genre"},
    "rapidfuzz": {"matching"},
    "typer": {"cli"},
    "rich": {"cli"},
    "click": {"cli"},
}
SLOW = [
    "librosa",
    "sklearn",
    "scipy",
    "numba",
    "onnxruntime",
    "av",
    "soundfile",
    "alembic",
    "matplotlib",
    "pandas",
]


def stage_of(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names.add(node.module)
            if node.module == "recsys":
                names.update(f"recsys.{alias.name}" for alias in node.names)
    return names


MODULES = [
    p for p in sorted(PACKAGE.rglob("*.py")) if p.name not in ("__init__.py", "__main__.py") or p.parent != PACKAGE
]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_point_down_and_packages_stay_at_home(path: Path) -> None:
    stage = stage_of(path)
    assert stage in RANKS, f"{stage} has no rank"
    for name in imports_of(path):
        root, _, rest = name.partition(".")
        if root == "recsys" and rest:
            target = rest.split(".")[0]
            if target == "__version__" or target == stage:
                continue
            assert RANKS[target] < RANKS[stage], f"{path}: {stage} may not import {target}"
            if stage in DOORS:
                assert target in DOOR_MAY, f"{path}: a door may not import {target}"
        elif root in HOMES:
            assert stage in HOMES[root], f"{path}: {root} is at home in {HOMES[root]}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_importing_the_terminal_door_loads_nothing_slow() -> None:
    code = (
        f"import recsys.cli, sys; print([m for m in {[*SLOW, 'faiss', 'sqlalchemy', 'numpy']!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_only_an_import_of_likes_loads_what_it_needs() -> None:
    beginnings = ("recsys.exchange", "recsys.matching", "rapidfuzz", "xml.etree")
    code = f"import recsys.service, sys; print([m for m in sys.modules if m.startswith({beginnings!r})])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
