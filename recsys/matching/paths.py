"""Compare paths across machines: other roots, other separators, another Unicode form of accents.

A *normalised* path has "/" between its names, composed letters (NFC), no "." or "..", and an upper-case drive. A *path
map* maps folders as another program names them to the same folders on this machine.
"""

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os.path import expanduser  # unlike Path.expanduser it returns "~unknown-user" unchanged
from pathlib import Path
from urllib.parse import unquote

from recsys.errors import InvalidRequest

_DRIVE = re.compile(r"[a-zA-Z]:(?=/|$)")
_BACKSLASHES = re.compile(r"^[a-zA-Z]:\\|^\\\\|^[^/]*\\[^/]*$")
_HFS = re.compile(r"[^/\\:]+(?::[^/\\:\s][^/\\:]*){2,}")  # "Macintosh HD:Users:me:a.mp3", as iTunes writes it on Macs
MIN_COMMON_PARTS = 2  # names at the end of two paths that must agree


def normalise_path(path: str) -> str:
    r"""The normalised form of a path.

    >>> normalise_path("d:\\Music\\.\\Jazz\\..\\a.mp3")
    'D:/Music/a.mp3'
    """
    if "\\" in path and _BACKSLASHES.match(path):
        path = path.replace("\\", "/")
    if not path.isascii():
        path = unicodedata.normalize("NFC", path)
    if "//" in path or "/." in path or path.startswith("."):
        path = posixpath.normpath(path)
    return path[0].upper() + path[1:] if _DRIVE.match(path) else path


def is_absolute(path: str) -> bool:
    """Whether a normalised path starts at a root, of any operating system."""
    return path.startswith("/") or bool(_DRIVE.match(path))


def normalise_path_map(path_map: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs of a path map, normalised and without trailing slashes; "~" in a folder of this machine is expanded.

    Raises
    ------
    InvalidRequest
        A folder is an empty string.
    """
    pairs = []
    for theirs, ours in path_map.items():
        if not theirs or not ours:
            raise InvalidRequest("must not map an empty folder, or to one", field="path_map", value={theirs: ours})
        pairs.append((normalise_path(theirs).rstrip("/"), normalise_path(expanduser(ours)).rstrip("/")))  # noqa: PTH111
    return pairs


def candidate_paths(path: str, folder: Path, path_map: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Normalised paths that ``path`` in a file of ``folder`` may stand for.

    Mapped paths come first. The last candidate is the most likely one where no path map applies. ``path_map`` is the
    result of :func:`normalise_path_map`.
    """
    for text in (path, unquote(path)) if "%" in path else (path,):
        normalised = normalise_path(text)
        for theirs, ours in path_map:
            if normalised == theirs or normalised.startswith(f"{theirs}/"):
                yield normalise_path(ours + normalised[len(theirs) :])
        if is_absolute(normalised):
            yield normalised
        else:
            if "\\" in text:  # outside of Windows a backslash may be part of a name
                yield normalise_path(f"{folder.as_posix()}/{text}")
            yield normalise_path(f"{folder.as_posix()}/{normalised}")
            if ":" in text and _HFS.fullmatch(text):
                yield normalise_path("/" + text.partition(":")[2].replace(":", "/"))


def path_names(path: str) -> list[str]:
    """Case-folded names of a normalised path, the last first; the file name without its suffix.

    >>> path_names("/music/Miles Davis/So What.flac")
    ['so what', 'miles davis', 'music']
    """
    parts = [part for part in path.casefold().split("/") if part]
    if parts:
        parts[-1] = posixpath.splitext(parts[-1])[0]
    return parts[::-1]


def depth_of_root(paths: Iterable[str]) -> int:
    """The number of folders that all normalised paths have in common: an upper bound for the depth of their root."""
    common: list[str] | None = None
    for path in paths:
        folders = [part for part in path.casefold().split("/")[:-1] if part]
        common = folders if common is None else common[: common_prefix_length(common, folders)]
    return len(common or ())


def common_prefix_length(one: Sequence[str], other: Sequence[str]) -> int:
    """The number of equal names at the start of two sequences."""
    n = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n += 1
    return n
