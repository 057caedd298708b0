"""Make the virtual environments that ``scripts/demo`` and ``scripts/test`` run in; needs nothing but Python 3.11+."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
Version = tuple[int, ...]


def python_with(extra: str, *, interpreter: str = sys.executable, folder: str = ".venv", lowest: bool = False) -> Path:
    """Interpreter of ``folder`` with recsys and one of its extras installed; made or updated when needed.

    With ``lowest`` the dependencies that pyproject.toml names have the versions of their lower bounds.
    """
    if sys.version_info < OLDEST:
        sys.exit(f"recsys needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}")
    home = ROOT / folder
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / f"installed-{extra}"
    version = sys.version if interpreter == sys.executable else f"{interpreter} {version_of(interpreter)}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"recsys: setting up {home} (once, a few minutes at most)", file=sys.stderr, flush=True)
    made = subprocess.run([interpreter, "-m", "venv", str(home)], check=False)
    if made.returncode:
        sys.exit("recsys: cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if lowest:
        constraints = home / "constraints.txt"
        constraints.write_text("\n".join(lower_bounds()), encoding="utf-8")
        pip += ["--constraint", str(constraints)]
    if subprocess.run([*pip, "--editable", f"{ROOT}[{extra}]"], check=False).returncode:
        sys.exit("recsys: pip could not install what recsys needs; see its message above")
    stamp.write_text(wanted)
    return python


def project() -> dict[str, Any]:
    """The table ``project`` of pyproject.toml."""
    import tomllib

    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def lower_bounds() -> list[str]:
    """The dependencies of users, with their extras, as pip constraints at exactly their lower bounds."""
    extras = project()["optional-dependencies"]
    requirements = [*project()["dependencies"], *extras["dask"], *extras["postgres"], *extras["umap"]]
    found = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?>=([\w.]+)", requirement) for requirement in requirements]
    return [f"{match[1]}=={match[2]}" for match in found if match]


def interpreters() -> dict[Version, str]:
    """The supported versions of Python that are installed and can make a virtual environment: (3, 11) and so on."""
    supported = re.findall(r"Python :: (\d+)\.(\d+)", "\n".join(project()["classifiers"]))
    found = {}
    for version in sorted(tuple(map(int, match)) for match in supported):
        for candidate in _candidates(version):
            if version_of(candidate)[:2] == version:
                found[version] = candidate
                break
    return found


def version_of(interpreter: str) -> Version:
    """The version of an interpreter; () if it does not run or cannot make a virtual environment."""
    question = "import ensurepip, sys, venv; print(*sys.version_info[:3])"
    try:
        answer = subprocess.run([interpreter, "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return ()
    return tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else ()


def _candidates(version: Version) -> Iterator[str]:
    """The running interpreter, those on the PATH, and those that pyenv and uv installed, newest first."""
    name = ".".join(map(str, version))
    if sys.version_info[:2] == version:
        yield sys.executable
    for folder in os.get_exec_path():
        if (path := Path(folder) / f"python{name}").is_file():
            yield str(path)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local" / "share" / "uv" / "python")
    managed = [*pyenv.glob(f"versions/{name}.*/bin/python"), *uv.glob(f"cpython-{name}.*/bin/python")]
    yield from map(str, sorted(managed, key=lambda path: version_of(str(path)), reverse=True))


def run(python: Path, *arguments: str) -> int:
    """Run the interpreter with these arguments from the root of the project; its exit code."""
    print(f"$ {' '.join((python.relative_to(ROOT).as_posix(), *arguments))}", file=sys.stderr, flush=True)
    return subprocess.run([str(python), *arguments], cwd=ROOT, check=False).returncode
