"""Whether the folder of an ingest is there: a drive may not be mounted, or a folder may be closed to the program."""

import os
from collections.abc import Sequence
from pathlib import Path

from recsys.database.catalogue import Catalogue
from recsys.errors import Hint, NotFound, pluralise


def access_error(path: str | os.PathLike[str]) -> OSError | None:
    """Why a file or the names in a folder cannot be read; None if they can."""
    try:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for a folder that is closed
            os.scandir(path).close()
        else:
            os.stat(path)  # noqa: PTH116 - also for a text that is no path
    except OSError as error:
        return error
    except ValueError as error:
        return OSError(0, str(error))
    return None


def is_absent(error: OSError) -> bool:
    """Whether an error means that there is nothing at the path."""
    return isinstance(error, FileNotFoundError | NotADirectoryError)


def ensure_readable(root: Path, catalogue: Catalogue) -> None:
    """Check a root before an ingest.

    Raises
    ------
    NotFound
        It does not exist, cannot be read, or is a file in the place of a folder of the library.
    """
    error = access_error(root)
    if error is None and os.path.isdir(root):  # noqa: PTH112 - never raises
        return
    known = catalogue.count_present(str(root)) - len(catalogue.present_paths([str(root)]))
    if error is None:
        if known:
            files = pluralise(known, "file")
            raise _not_mounted(f"{root} is a file, but the library has {files} in a folder of this name", root)
        return
    if is_absent(error) and known:
        raise _not_mounted(f"{root} does not exist, but the library has {pluralise(known, 'file')} under it", root)
    if is_absent(error):
        raise NotFound(f"{root} does not exist")
    raise NotFound(f"{root} cannot be read: {error.strerror}; nothing was changed", hint=Hint.OPEN_FOLDER)


def ensure_not_known(root: Path, catalogue: Catalogue) -> None:
    """Check a root in which a scan found no file.

    Raises
    ------
    NotFound
        The library has files under it: it may be where a drive is mounted.
    """
    if known := catalogue.count_present(str(root)):
        raise _not_mounted(f"{root} has no audio files, but the library has {pluralise(known, 'file')} under it", root)


def _not_mounted(problem: str, root: Path) -> NotFound:
    return NotFound(
        f"{problem}; nothing was changed (is a drive not mounted?)",
        hint=Hint.FORGET_FOLDER,
        hint_values={"folder": str(root)},
    )


def list_outermost(roots: Sequence[Path]) -> list[str]:
    """The roots that are not inside another."""
    given = set(roots)
    return [str(root) for root in roots if given.isdisjoint(root.parents)]
