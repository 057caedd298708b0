"""Replace a file by a copy with other tags, atomically; audio and all other tags stay the same.

:func:`prepare` writes and verifies a copy beside the file, and :func:`commit` replaces the file by it. A process that
is killed between the two leaves the file unchanged, and a hidden copy at :func:`temporary_path`.
"""

import hashlib
import os
import shutil
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import mutagen

from recsys.atomic import copy_metadata
from recsys.audio.content_hash import hash_audio
from recsys.errors import AudioError
from recsys.tagging.containers import Container, NoTags, Raw, open_container

#: What mutagen raises on damaged files, in addition to its own error.
_WRITE_ERRORS = (
    mutagen.MutagenError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, struct.error,
)  # fmt: skip
_NO_TAGS = "its format has no tags that recsys can write"


class TagWriteRefused(Exception):
    """A file stays unchanged. The message is the reason: a sentence about the file, whose path precedes it."""


class PreparedCopy(NamedTuple):
    """A verified copy with other tags.

    Attributes
    ----------
    fields
        The raw values of each field: in the file, in the copy.
    had_no_tags
        Whether the file had no tags at all.
    size
        Size of the file, bytes.
    digest_before, digest_after
        Digest of the file, and of the copy.
    copy
        Path of the copy.
    stat
        Status of the file when it was read.
    """

    fields: dict[str, tuple[Raw, Raw]]
    had_no_tags: bool
    size: int
    digest_before: str
    digest_after: str
    copy: Path
    stat: os.stat_result


def temporary_path(path: str, number: int) -> Path:
    """The path of the copy of a file: hidden, in the same folder, with a number that is unique to the edit."""
    real = _real(path)
    return real.with_name(f".recsys-{number}{real.suffix}")


def file_digest(path: str | os.PathLike[str]) -> str:
    """BLAKE2b digest of the content of a file, 32 hex digits; "" if the file cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError:
        return ""


def read_fields(path: str, fields: tuple[str, ...]) -> dict[str, list[str]]:
    """The texts of some fields of a file.

    Raises
    ------
    TagWriteRefused
        The tags cannot be read, or the format has none that recsys can write.
    """
    try:
        container = open_container(Path(path))
        return {field: container.display(field) for field in fields}
    except (NoTags, OSError, *_WRITE_ERRORS) as error:
        raise _write_refused(error) from error


def prepare(
    path: str,
    number: int,
    audio_hash: str,
    target: Mapping[str, str | Raw],
    *,
    size: int | None = None,
    had_no_tags: bool = False,
) -> PreparedCopy:
    """Copy a file and set the fields of the copy.

    Parameters
    ----------
    path
        The file.
    number
        Number of the edit, for :func:`temporary_path`.
    audio_hash
        The audio that the file must have.
    target
        For each field a text, or raw values that are restored exactly.
    size
        The size to restore, bytes; None keeps the free space after the tags.
    had_no_tags
        Whether to delete the tags if no field has a value.

    Raises
    ------
    TagWriteRefused
        The file has other audio, cannot be read or written, or a copy with the same audio and other tags is not
        possible. The copy is deleted.
    """
    real, copy = _real(path), temporary_path(path, number)
    try:
        status = real.stat()
        if hash_audio(real) != audio_hash:
            raise TagWriteRefused("its audio has changed since the analysis; ingest it again")
        _copy(real, copy)
        digest = file_digest(copy)
        container = open_container(copy)
        fields = {field: (container.raw(field), _raw(container, field, value)) for field, value in target.items()}
        other_tags = container.digest_of_other_tags()
        container.set_fields({field: raw for field, (_, raw) in fields.items()})
        surplus = status.st_size - size if size is not None else None
        container.save(lambda info: _padding(info, surplus))
        if had_no_tags and not any(raw for _, raw in fields.values()):
            container.delete_tags()
        _verify(copy, fields, other_tags, audio_hash)
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
        copy_metadata(copy, real)  # last, because it may make the copy read-only
        return PreparedCopy(fields, not container.has_tags, status.st_size, digest, file_digest(copy), copy, status)
    except (NoTags, AudioError, OSError, *_WRITE_ERRORS) as error:
        copy.unlink(missing_ok=True)
        raise _write_refused(error) from error
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def commit(path: str, prepared: PreparedCopy) -> None:
    """Replace the file by the copy.

    Raises
    ------
    TagWriteRefused
        The file has changed since :func:`prepare`, or cannot be replaced. The copy is deleted.
    """
    real = _real(path)
    try:
        now = real.stat()
        if (now.st_size, now.st_mtime_ns, now.st_ino) != (
            prepared.stat.st_size,
            prepared.stat.st_mtime_ns,
            prepared.stat.st_ino,
        ):
            raise TagWriteRefused("another program is changing it")
        prepared.copy.replace(real)
        _flush_folder(real.parent)
    except OSError as error:
        raise _write_refused(error) from error
    finally:
        prepared.copy.unlink(missing_ok=True)


def _real(path: str) -> Path:
    return Path(os.path.realpath(path))  # replaces the target of a link, not the link


def _raw(container: Container, field: str, value: str | Raw) -> Raw:
    return container.make(field, value) if isinstance(value, str) else value


def _copy(real: Path, copy: Path) -> None:
    shutil.copyfile(real, copy)
    shutil.copystat(real, copy)
    copy.chmod(copy.stat().st_mode | 0o200)  # the copy of a read-only file must be writable


def _padding(info: "mutagen.PaddingInfo", surplus: int | None) -> int:
    """Free bytes after the tags: what keeps the audio in place, less the known ``surplus`` of an earlier edit."""
    free = int(info.padding)
    if surplus is not None:
        return max(0, free - surplus)
    return free if free >= 0 else int(info.get_default_padding())


def _verify(copy: Path, fields: Mapping[str, tuple[Raw, Raw]], other_tags: str, audio_hash: str) -> None:
    written = open_container(copy)
    if written.digest_of_other_tags() != other_tags:
        raise TagWriteRefused("its other tags cannot be preserved")
    if not all(written.has_value(field, raw) for field, (_, raw) in fields.items()):
        raise TagWriteRefused("its tags cannot be read back as they were written")
    if hash_audio(copy) != audio_hash:
        raise TagWriteRefused("its audio cannot be preserved")
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name survive a power failure, on systems that can flush a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_refused(error: BaseException) -> TagWriteRefused:
    if isinstance(error, NoTags):
        return TagWriteRefused(_NO_TAGS)
    if isinstance(error, FileNotFoundError):
        return TagWriteRefused("it does not exist any more")
    if isinstance(error, OSError):
        return TagWriteRefused(f"it cannot be written: {error.strerror}")
    if isinstance(error, AudioError):
        return TagWriteRefused(f"it cannot be read: {error}")
    lines = str(error).splitlines()
    return TagWriteRefused(f"its tags are damaged ({lines[0] if lines else type(error).__name__})")
