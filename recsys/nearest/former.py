"""Indexes of older versions, which have other names than today and may belong to another database."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recsys.errors import IndexCorrupt
from recsys.nearest import storage


def delete_former_index(path: Path, is_own: Callable[[Mapping[str, object]], bool]) -> bool:
    """Delete the index at ``path`` and its second file, if its stamp ``is_own``; return whether it did."""
    manifest = _manifest(path)
    if manifest is None or not is_own(manifest["stamp"]):
        return False
    recent = path.with_name(f"{path.stem}-recent{path.suffix}")
    if (_manifest(recent) or {}).get("base") == manifest["checksum"]:
        recent.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    return True


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        return storage.read(path)[1]
    except (FileNotFoundError, IndexCorrupt):
        return None
