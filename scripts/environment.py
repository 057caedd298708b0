"""Make the virtual environment that ``scripts/demo`` and ``scripts/test`` run in; needs nothing but Python 3.11+."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)


def python_with(extra: str) -> Path:
    """Interpreter of ``.venv`` with recsys and one of its extras installed; made or renewed when needed."""
    if sys.version_info < OLDEST:
        sys.exit(f"recsys needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}")
    folder = ROOT / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / f"installed-{extra}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"recsys: setting up {folder} (once, a few minutes at most)", file=sys.stderr, flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False)
    if made.returncode:
        sys.exit("recsys: cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--editable", f"{ROOT}[{extra}]"], check=False).returncode:
        sys.exit("recsys: pip could not install what recsys needs; its message stands above")
    stamp.write_text(wanted)
    return python


def run(python: Path, *arguments: str) -> int:
    """Run the interpreter with these arguments from the root of the project; its exit code."""
    print(f"$ {' '.join(('python', *arguments))}", file=sys.stderr, flush=True)
    return subprocess.run([str(python), *arguments], cwd=ROOT, check=False).returncode
