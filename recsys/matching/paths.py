"""Paths as they are compared across machines: other roots, other separators, another way to write accents."""

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from os.path import expanduser  # which leaves "~nobody" as it is
from pathlib import Path
from urllib.parse import unquote

from recsys.errors import InvalidRequest

_DRIVE = re.compile(r"[a-zA-Z]:(?=/|$)")
_BACKSLASHES = re.compile(r"^[a-zA-Z]:\\|^\\\\|^[^/]*\\[^/]*$")
MIN_COMMON_PARTS = 2  # names at the end of two paths that must agree


def normalise_path(path: str) -> str:
    """A path with "/", composed letters, and neither "." nor ".."; drives in capitals."""
    if "\\" in path and _BACKSLASHES.match(path):
        path = path.replace("\\", "/")
    if not path.isascii():
        path = unicodedata.normalize("NFC", path)
    if "//" in path or "/." in path or path.startswith("."):
        path = posixpath.normpath(path)
    return path[0].upper() + path[1:] if _DRIVE.match(path) else path


def is_absolute(path: str) -> bool:
    """Whether a canonical path begins at a root, of whatever system."""
    return path.startswith("/") or bool(_DRIVE.match(path))


def parse_path_map(path_map: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs out of "FROM=TO".

    Raises
    ------
    InvalidRequest
    """
    pairs = []
    for text in path_map:
        begin, equals, instead = text.partition("=")
        if not equals or not begin or not instead:
            raise InvalidRequest(f"--map-path must read FROM=TO, like /music=/data/music, but is {text!r}")
        pairs.append((normalise_path(begin).rstrip("/"), normalise_path(expanduser(instead)).rstrip("/")))  # noqa: PTH111
    return pairs


def candidate_paths(path: str, folder: Path, path_map: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Canonical paths that a path in a list of this folder may mean, what was mapped first, the likeliest last."""
    for text in (path, unquote(path)) if "%" in path else (path,):
        place = normalise_path(text)
        for begin, instead in path_map:
            if place == begin or place.startswith(f"{begin}/"):
                yield normalise_path(instead + place[len(begin) :])
        if is_absolute(place):
            yield place
        else:
            if "\\" in text:  # a letter like others, where a name is not of Windows
                yield normalise_path(f"{folder.as_posix()}/{text}")
            yield normalise_path(f"{folder.as_posix()}/{place}")


def path_names(path: str) -> list[str]:
    """Folders and file of a canonical path, last first, without case; the file without its suffix."""
    parts = [part for part in path.casefold().split("/") if part]
    if parts:
        parts[-1] = posixpath.splitext(parts[-1])[0]
    return parts[::-1]


def depth_of_root(paths: Iterable[str]) -> int:
    """How many folders all canonical paths have in common: no more than where a library lies."""
    common: list[str] | None = None
    for path in paths:
        folders = [part for part in path.casefold().split("/")[:-1] if part]
        common = folders if common is None else common[: common_suffix_length(common, folders)]
    return len(common or ())


def common_suffix_length(one: Sequence[str], other: Sequence[str]) -> int:
    """How many names agree, from the first on."""
    n = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n += 1
    return n
