"""Run the program without the power of root to read everything, so that tests can close folders."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_OVERRIDE, _READ_SEARCH = 1, 2  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of linux/capability.h
_DROP = 24  # PR_CAPBSET_DROP
_LAUNCH = f"""
import ctypes, os, sys
if os.name == "posix" and os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in ({_OVERRIDE}, {_READ_SEARCH}):
        if libc.prctl({_DROP}, capability, 0, 0, 0):
            sys.exit("cannot drop a capability")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def unprivileged_command(*arguments: str) -> list[str]:
    """The command of a Python process with these arguments whose reads are subject to permissions."""
    return [sys.executable, "-c", _LAUNCH, *arguments]


def require_permissions(folder: Path) -> None:
    """Skip a test where an unprivileged process can read a closed folder: no permissions, or no such process."""
    closed = folder / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        command = unprivileged_command("-c", f"import os; os.listdir({os.fspath(closed)!r})")
        listed = subprocess.run(command, capture_output=True, check=False, text=True)
        if "PermissionError" not in listed.stderr:
            pytest.skip(f"no process without access to closed folders can be started here: {listed.stderr[-200:]}")
    finally:
        closed.chmod(0o700)
        closed.rmdir()
