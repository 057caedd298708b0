"""Replace a file by a copy with other tags, atomically; audio and everything else in the file stay the same.

:func:`prepare` writes and verifies a copy beside the file, and :func:`commit` replaces the file by it. A process that
is killed between the two leaves the file unchanged, and a hidden copy with the name that it was given.
"""

import hashlib
import os
import secrets
import shutil
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from recsys.atomic import CREATE, copy_metadata
from recsys.audio.content_hash import hash_audio
from recsys.errors import AudioError
from recsys.tagging.blocks import Raw, TagsNotWritable
from recsys.tagging.containers import NoTags, find_layout
from recsys.tagging.splices import Splice, apply_splices, decode_splices, encode_splices, inverse
from recsys.tagging.verification import verify

#: What the parsers raise on damaged files, in addition to TagsNotWritable.
_PARSER_ERRORS = (ValueError, LookupError, TypeError, ArithmeticError, struct.error)
_NO_TAGS = "its format has no tags that recsys can write"
_MAX_UNDO_SIZE = 1 << 24  # bytes in the journal for one file


class TagWriteRefused(Exception):
    """A file stays unchanged. The message is the reason: a sentence about the file, whose path precedes it."""


class PreparedCopy(NamedTuple):
    """A verified copy with other tags.

    Attributes
    ----------
    size
        Size of the file, bytes.
    digest_before, digest_after
        Digest of the file, and of the copy.
    undo_patch
        What turns the copy into the file again, byte for byte.
    copy
        Path of the copy.
    stat
        Status of the file when it was read.
    """

    size: int
    digest_before: str
    digest_after: str
    undo_patch: bytes
    copy: Path
    stat: os.stat_result


def new_copy_name(path: str) -> str:
    """A name for the copy of a file, which cannot be predicted."""
    return f".recsys-{secrets.token_hex(8)}{_real(path).suffix}"


def copy_path(path: str, name: str) -> Path:
    """The path of the copy of a file: hidden, in the same folder."""
    return _real(path).with_name(Path(name).name)


def file_digest(path: str | os.PathLike[str]) -> str:
    """BLAKE2b digest of the content of a file, 32 hex digits; "" if the file cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return _digest(file)
    except OSError:
        return ""


def read_fields(path: str, fields: tuple[str, ...]) -> dict[str, list[str]]:
    """The texts of some fields of a file.

    Raises
    ------
    TagWriteRefused
        The tags cannot be read, or the format has none that recsys can write.
    """
    with _refusing(), open(path, "rb") as file:  # noqa: PTH123 - to make a Path takes longer than to open the file
        layout = find_layout(file)
        return {field: layout.texts(field) for field in fields}


def prepare(path: str, name: str, audio_hash: str, target: Mapping[str, str]) -> PreparedCopy:
    """Copy a file, and give fields of the copy other texts.

    Parameters
    ----------
    path
        The file.
    name
        Name of the copy, from :func:`new_copy_name`.
    audio_hash
        The audio that the file must have.
    target
        The text of each field.

    Raises
    ------
    TagWriteRefused
        The file has other audio, cannot be read or written, or a copy with the same audio and other tags is not
        possible. The copy is deleted.
    """
    with _refusing():
        _real(path).stat()
        if hash_audio(_real(path)) != audio_hash:
            raise TagWriteRefused("its audio has changed since the analysis; ingest it again")
    with _copying(path, name, lambda file: find_layout(file).change(target)) as prepared:
        verify(_real(path), prepared.copy, target, audio_hash)
    return prepared


def prepare_fields(
    path: str,
    name: str,
    audio_hash: str,
    before: Mapping[str, Raw],
    after: Mapping[str, Raw],
    *,
    bare_digest: str = "",
) -> PreparedCopy:
    """Copy a file, and restore fields of the copy, whose items ``after`` were written in place of ``before``.

    Parameters
    ----------
    path, name, audio_hash
        As for :func:`prepare`.
    before, after
        The items of each field.
    bare_digest
        Digest of the file when it had no tags, if it had none: an empty tag is removed if the file gets it.

    Raises
    ------
    TagWriteRefused
        As :func:`prepare`.
    """
    if bare_digest:
        with suppress(TagWriteRefused):
            removing = partial(_restored, before=before, after=after, remove_empty=True)
            with _copying(path, name, removing) as prepared:
                _check_digest(prepared, bare_digest)
            return prepared
    with _copying(path, name, partial(_restored, before=before, after=after, remove_empty=False)) as prepared:
        verify(_real(path), prepared.copy, dict.fromkeys(before), audio_hash)
    return prepared


def _restored(
    file: BinaryIO, before: Mapping[str, Raw], after: Mapping[str, Raw], *, remove_empty: bool
) -> list[Splice]:
    return find_layout(file).restore(before, after, remove_empty=remove_empty)


def _check_digest(prepared: PreparedCopy, digest: str) -> None:
    if prepared.digest_after != digest:
        raise TagWriteRefused("its former content cannot be restored")


def prepare_restored(path: str, name: str, undo_patch: bytes, digest: str) -> PreparedCopy:
    """Copy a file, and undo a change of the copy byte for byte.

    Raises
    ------
    TagWriteRefused
        The file cannot be read or written, or would not get the content with this digest. The copy is deleted.
    """
    with _copying(path, name, lambda _: decode_splices(undo_patch)) as prepared:
        _check_digest(prepared, digest)
    return prepared


def commit(path: str, prepared: PreparedCopy) -> None:
    """Replace the file by the copy.

    Raises
    ------
    TagWriteRefused
        The file has changed since :func:`prepare`, or cannot be replaced. The copy is deleted.
    """
    real = _real(path)
    try:
        with _refusing():
            now = real.stat()
            then = prepared.stat
            if (now.st_size, now.st_mtime_ns, now.st_ino) != (then.st_size, then.st_mtime_ns, then.st_ino):
                raise TagWriteRefused("another program is changing it")
            prepared.copy.replace(real)
            _flush_folder(real.parent)
    finally:
        prepared.copy.unlink(missing_ok=True)


@contextmanager
def _copying(path: str, name: str, find_splices: Callable[[BinaryIO], list[Splice]]) -> Iterator[PreparedCopy]:
    """Write a copy with splices; it is deleted if it, or the block, raises."""
    real, copy = _real(path), copy_path(path, name)
    with _refusing():
        status = real.stat()
        with real.open("rb") as file:
            digest_before = _digest(file)
            splices = find_splices(file)
            undo = inverse(file, splices)
            undo_patch = encode_splices(undo)
            if len(undo_patch) > _MAX_UNDO_SIZE:
                raise TagWriteRefused(f"the undo of its change would take {len(undo_patch) >> 20} MB of the library")
            with os.fdopen(os.open(copy, CREATE, 0o600), "w+b") as target, _deleting(copy):
                apply_splices(file, target.write, splices)
                target.flush()
                os.fsync(target.fileno())
                digest_after = _digest(target)
                if _digest_with_splices(target, undo) != digest_before:
                    raise TagWriteRefused("its change could not be undone")
        with _deleting(copy):
            yield PreparedCopy(status.st_size, digest_before, digest_after, undo_patch, copy, status)
            shutil.copystat(real, copy)
            os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
            copy_metadata(copy, real)  # last, because it may make the copy read-only


@contextmanager
def _deleting(copy: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _real(path: str) -> Path:
    return Path(os.path.realpath(path))  # replaces the target of a link, not the link


def _digest(file: BinaryIO) -> str:
    return _digest_with_splices(file, ())


def _digest_with_splices(file: BinaryIO, splices: Sequence[Splice]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    apply_splices(file, digest.update, splices)
    return digest.hexdigest()


def _flush_folder(folder: Path) -> None:
    """Make the new name survive a power failure, on systems that can flush a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn errors into the reason for which a file stays unchanged."""
    try:
        yield
    except NoTags as error:
        raise TagWriteRefused(_NO_TAGS) from error
    except TagsNotWritable as error:
        raise TagWriteRefused(str(error)) from error
    except FileNotFoundError as error:
        raise TagWriteRefused("it does not exist any more") from error
    except OSError as error:
        raise TagWriteRefused(f"it cannot be written: {error.strerror}") from error
    except AudioError as error:
        raise TagWriteRefused(f"it cannot be read: {error}") from error
    except _PARSER_ERRORS as error:
        lines = str(error).splitlines()
        raise TagWriteRefused(f"its tags are damaged ({lines[0] if lines else type(error).__name__})") from error
