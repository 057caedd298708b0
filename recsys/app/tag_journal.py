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


def complete_interrupted(edits: "TagEdits") -> list[str]:
    """Commit or roll back the edits of a killed or interrupted run, by what the files contain.

    Returns the paths of files that were restored, but not byte for byte.
    """
    from recsys.tagging.rewrite import copy_path, file_digest

    differing = []
    for edit in edits.incomplete():
        former_name = f".recsys-{edit.id}{Path(edit.path).suffix}"  # of programs that did not store the name
        copy_path(edit.path, edit.copy_name or former_name).unlink(missing_ok=True)
        if edit.pending_digest and file_digest(edit.path) == edit.pending_digest:
            _commit_edit(edits, edit.id, edit.path)
            _rebase_earlier_edit(edits, edit)
            if edit.state == "undoing" and edit.pending_digest != edit.digest_before:
                differing.append(edit.path)
        else:
            edits.roll_back(edit.id)
    return differing


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
    from recsys.tagging.rewrite import TagWriteRefused, commit, new_copy_name, prepare

    name = new_copy_name(change.path)
    number = edits.begin(run, change.path, change.audio_hash, name)
    try:
        copy = prepare(change.path, name, change.audio_hash, {field.field: field.new for field in change.changes})
        edits.stage(
            number,
            copy.digest_after,
            fields={field.field: {"was": field.old, "is": field.new} for field in change.changes},
            size=copy.size,
            digest_before=copy.digest_before,
            undo_patch=copy.undo_patch,
        )
        commit(change.path, copy)
    except TagWriteRefused:
        edits.roll_back(number)
        raise
    _commit_edit(edits, number, change.path)


def undo_edit(catalogue: "Catalogue", edits: "TagEdits", edit: "TagEdit") -> bool:
    """Restore the tags of a file; whether it is byte for byte what it was.

    An edit of an older program has only the former fields: they are restored, but other bytes may remain changed.

    Raises
    ------
    TagWriteRefused
        The file has been changed since or does not exist, or cannot be written; it is unchanged.
    """
    from recsys.tagging.rewrite import TagWriteRefused, commit, new_copy_name, prepare_fields, prepare_restored

    path = _find_edited_file(catalogue, edits, edit)
    name = new_copy_name(path)
    edits.begin_undo(edit.id, path, name)
    try:
        patch = edits.undo_patch(edit.id)
        if patch is not None:
            copy = prepare_restored(path, name, patch, edit.digest_before)
        else:
            before, after = ({f: values[key] for f, values in edit.fields.items()} for key in ("before", "after"))
            bare = edit.digest_before if edit.had_no_tags else ""
            copy = prepare_fields(path, name, edit.audio_hash, before, after, bare_digest=bare)
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
