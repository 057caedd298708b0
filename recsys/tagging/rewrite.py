"""A file with other tags in the place of the old: all of it or nothing, the sound and all other tags as they were.

:func:`prepare` makes and checks a copy beside the file, :func:`commit` puts it in the place of the file. Whoever is
killed between the two leaves the file as it was and a hidden copy whose name :func:`temporary_path` knows.
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

#: What mutagen lets through on damaged files, beside its own error.
_WRITE_ERRORS = (
    mutagen.MutagenError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, struct.error,
)  # fmt: skip
_NO_TAGS = "its kind of file has no tags that recsys can write"


class TagWriteRefused(Exception):
    """A file is left as it is; the message says why, in words that follow its path."""


class PreparedCopy(NamedTuple):
    """A copy with other tags, and what is known of it and of the file.

    ``fields`` has what stood in each field and what stands there now; ``had_no_tags`` says that the file had no tags at
    all; ``size`` is that of the file in bytes, ``digest_before`` its digest, ``digest_after`` that of the copy.
    """

    fields: dict[str, tuple[Raw, Raw]]
    had_no_tags: bool
    size: int
    digest_before: str
    digest_after: str
    copy: Path
    stat: os.stat_result


def temporary_path(path: str, number: int) -> Path:
    """Where the copy of a file lies while it is written: hidden, beside it, and named by a number of its own."""
    real = _real(path)
    return real.with_name(f".recsys-{number}{real.suffix}")


def file_digest(path: str | os.PathLike[str]) -> str:
    """32 hex digits that name the whole content of a file; empty where there is none."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError:
        return ""


def read_fields(path: str, fields: tuple[str, ...]) -> dict[str, list[str]]:
    """How some fields of a file read.

    Raises
    ------
    Refused
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
    """Copy a file and let its fields stand as ``target``: a text, or exactly what once stood there.

    ``audio_hash`` names the sound that the file must hold. What once was there is put back as it was: a file of
    ``size`` bytes, without any tags if it was ``had_no_tags``.

    Raises
    ------
    Refused
        Nothing is left of the copy.
    """
    real, copy = _real(path), temporary_path(path, number)
    try:
        seen = real.stat()
        if hash_audio(real) != audio_hash:
            raise TagWriteRefused("its sound is not the one that was listened to; run recsys ingest on it")
        _copy(real, copy)
        digest = file_digest(copy)
        before = open_container(copy)
        fields = {field: (before.raw(field), _raw(before, field, value)) for field, value in target.items()}
        rest = before.digest_of_other_tags()
        before.set_fields({field: raw for field, (_, raw) in fields.items()})
        surplus = seen.st_size - size if size is not None else None
        before.save(lambda info: _padding(info, surplus))
        if had_no_tags and not any(raw for _, raw in fields.values()):
            before.delete_tags()
        _check(copy, fields, rest, audio_hash)
        os.utime(copy, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        copy_metadata(copy, real)  # last: a read-only file stays one, and its copy had to be written into
        return PreparedCopy(fields, not before.has_tags, seen.st_size, digest, file_digest(copy), copy, seen)
    except (NoTags, AudioError, OSError, *_WRITE_ERRORS) as error:
        copy.unlink(missing_ok=True)
        raise _write_refused(error) from error
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def commit(path: str, prepared: PreparedCopy) -> None:
    """Put the copy in the place of the file.

    Raises
    ------
    Refused
        Somebody has changed the file in this very moment; nothing is left of the copy.
    """
    real = _real(path)
    try:
        now = real.stat()
        if (now.st_size, now.st_mtime_ns, now.st_ino) != (
            prepared.stat.st_size,
            prepared.stat.st_mtime_ns,
            prepared.stat.st_ino,
        ):
            raise TagWriteRefused("somebody else is changing it")
        prepared.copy.replace(real)
        _flush_folder(real.parent)
    except OSError as error:
        raise _write_refused(error) from error
    finally:
        prepared.copy.unlink(missing_ok=True)


def _real(path: str) -> Path:
    return Path(os.path.realpath(path))  # a link stays one


def _raw(container: Container, field: str, value: str | Raw) -> Raw:
    return container.make(field, value) if isinstance(value, str) else value


def _copy(real: Path, copy: Path) -> None:
    shutil.copyfile(real, copy)
    shutil.copystat(real, copy)
    copy.chmod(copy.stat().st_mode | 0o200)  # a read-only file may be replaced, its copy must be written into


def _padding(info: "mutagen.PaddingInfo", surplus: int | None) -> int:
    """Bytes to leave free behind the tags: as few as moves nothing; what was once added goes, where it is known."""
    free = int(info.padding)
    if surplus is not None:
        return max(0, free - surplus)
    return free if free >= 0 else int(info.get_default_padding())


def _check(copy: Path, fields: Mapping[str, tuple[Raw, Raw]], rest: str, audio_hash: str) -> None:
    written = open_container(copy)
    if written.digest_of_other_tags() != rest:
        raise TagWriteRefused("its other tags could not be kept as they are")
    if not all(written.has_value(field, raw) for field, (_, raw) in fields.items()):
        raise TagWriteRefused("its tags do not hold what was written")
    if hash_audio(copy) != audio_hash:
        raise TagWriteRefused("its sound could not be kept as it is")
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """So that the new name outlives a power cut; not every system has that."""
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
        return TagWriteRefused("it is not there any more")
    if isinstance(error, OSError):
        return TagWriteRefused(f"it cannot be written: {error.strerror}")
    if isinstance(error, AudioError):
        return TagWriteRefused(f"it cannot be read: {error}")
    current = str(error).splitlines()
    return TagWriteRefused(f"its tags are damaged ({current[0] if current else type(error).__name__})")
