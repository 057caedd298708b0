"""Edits of the tags of single files, each with an entry in the journal of the database.

An entry is incomplete while its file is replaced. After a crash, the content of the file decides whether the edit has
happened (:func:`complete_interrupted`).
"""

from pathlib import Path
from typing import TYPE_CHECKING

from recsys.domain.audio import FileStat
from recsys.tagging.planning import FileChange

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.database.tag_edits import TagEdit, TagEdits


def complete_interrupted(edits: "TagEdits") -> None:
    """Commit or roll back the edits of a killed or interrupted run, by what the files contain."""
    from recsys.tagging.rewrite import file_digest, temporary_path

    for edit in edits.incomplete():
        temporary_path(edit.path, edit.id).unlink(missing_ok=True)
        if edit.pending_digest and file_digest(edit.path) == edit.pending_digest:
            _commit_edit(edits, edit.id, edit.path)
            _rebase_earlier_edit(edits, edit)
        else:
            edits.roll_back(edit.id)


def _commit_edit(edits: "TagEdits", number: int, path: str) -> None:
    from recsys.audio.identity import read_tags_with_title

    stat = Path(path).stat()
    edits.commit(number, FileStat(path, stat.st_size, stat.st_mtime_ns), read_tags_with_title(path))


def _rebase_earlier_edit(edits: "TagEdits", edit: "TagEdit") -> None:
    """Give the edit before an undone one the digest of the restored file, whose bytes may differ from those before."""
    if edit.state == "undoing" and edit.pending_digest != edit.digest_before:
        edits.rebase_digest(edit.path, edit.digest_before, edit.pending_digest)


def write_edit(edits: "TagEdits", run: int, change: FileChange) -> None:
    """Write the changes of a file as part of a run.

    Raises
    ------
    TagWriteRefused
        The file is not as planned, or its audio or other tags cannot be preserved; it is unchanged.
    """
    from recsys.tagging.rewrite import TagWriteRefused, commit, prepare

    number = edits.begin(run, change.path, change.audio_hash)
    try:
        copy = prepare(change.path, number, change.audio_hash, {field.field: field.new for field in change.changes})
        fields = {
            field.field: dict(zip(("before", "after"), copy.fields[field.field], strict=True))
            | {"was": field.old, "is": field.new}
            for field in change.changes
        }
        edits.stage(
            number,
            copy.digest_after,
            fields=fields,
            had_no_tags=copy.had_no_tags,
            size=copy.size,
            digest_before=copy.digest_before,
        )
        commit(change.path, copy)
    except TagWriteRefused:
        edits.roll_back(number)
        raise
    _commit_edit(edits, number, change.path)


def undo_edit(catalogue: "Catalogue", edits: "TagEdits", edit: "TagEdit") -> bool:
    """Restore the tags of a file; whether it is byte for byte what it was.

    Raises
    ------
    TagWriteRefused
        The file has been changed since or does not exist, or cannot be written; it is unchanged.
    """
    from recsys.tagging.rewrite import TagWriteRefused, commit, prepare

    path = _find_edited_file(catalogue, edits, edit)
    before = {field: values["before"] for field, values in edit.fields.items()}
    edits.begin_undo(edit.id, path)
    try:
        copy = prepare(path, edit.id, edit.audio_hash, before, size=edit.size, had_no_tags=edit.had_no_tags)
        edits.stage(edit.id, copy.digest_after)
        commit(path, copy)
    except TagWriteRefused:
        edits.roll_back(edit.id)
        raise
    _commit_edit(edits, edit.id, path)
    _rebase_earlier_edit(edits, edit._replace(path=path, pending_digest=copy.digest_after, state="undoing"))
    return copy.digest_after == edit.digest_before


def _find_edited_file(catalogue: "Catalogue", edits: "TagEdits", edit: "TagEdit") -> str:
    """Where the file of an edit is now, with the content that the edit has written.

    Raises
    ------
    TagWriteRefused
        No file has this content any more.
    """
    from recsys.tagging.rewrite import TagWriteRefused, file_digest

    known = catalogue.find_by_hash([edit.audio_hash]).get(edit.audio_hash)
    paths = [edit.path, *(location.path for location in known.paths)] if known else [edit.path]
    path_by_digest = {file_digest(path): path for path in reversed(paths)}
    if edit.digest_after in path_by_digest:
        return path_by_digest[edit.digest_after]
    later = next((each.run for each in edits.later_edits(edit) if each.digest_after in path_by_digest), None)
    if later is not None:
        raise TagWriteRefused(f"run {later} has written it since; undo run {later} first")
    exists = Path(edit.path).exists()
    raise TagWriteRefused("another program has changed it since" if exists else "it does not exist any more")
