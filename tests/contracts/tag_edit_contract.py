"""The journal of tag edits: an entry is complete, undone, or as it was, whatever the database."""

from catalogue_fixtures import CatalogueFixtures
from make_entries import make_entry

from recsys.database.catalogue import Catalogue
from recsys.database.tag_edits import TagEdit, TagEdits
from recsys.domain.audio import FileStat, Tags

BLUES, ROCK = Tags(title="One", genres=("Blues",)), Tags(title="One", genres=("Rock",))


def written(catalogue: Catalogue, path: str = "/m/one.mp3", *, before: str = "d0", after: str = "d1") -> TagEdit:
    """An edit of a file that is complete."""
    edits = catalogue.tag_edits
    number = edits.begin(edits.next_run(), path, "hash", "copy")
    edits.stage(number, after, fields={"genre": {"was": "Rock", "is": "Blues"}}, size=9, digest_before=before,
                undo_patch=b"patch")  # fmt: skip
    edits.commit(number, FileStat(path, 9, 1), BLUES)
    return next(edit for edit in edits.applied() if edit.id == number)


def state(edits: TagEdits, number: int) -> tuple[str, str, str, str | None]:
    """Path, digest of the file, and what is pending."""
    [edit] = [edit for edit in [*edits.applied(), *edits.incomplete()] if edit.id == number]
    return edit.path, edit.digest_after, edit.pending_digest, edit.copy_name


class TagEditContract(CatalogueFixtures):
    """See recsys.database.tag_edits."""

    def test_edit_that_failed_leaves_no_entry(self, catalogue: Catalogue) -> None:
        edits = catalogue.tag_edits
        number = edits.begin(edits.next_run(), "/m/one.mp3", "hash", "copy")
        assert [edit.id for edit in edits.incomplete()] == [number]
        edits.roll_back(number)
        assert [*edits.applied(), *edits.incomplete()] == []

    def test_failed_undo_leaves_the_edit_applied(self, catalogue: Catalogue) -> None:
        edit, edits = written(catalogue), catalogue.tag_edits
        edits.begin_undo(edit.id, edit.path, "another copy")
        assert [entry.state for entry in edits.incomplete()] == ["undoing"]
        edits.stage(edit.id, "d0")
        edits.roll_back(edit.id)
        assert list(edits.applied()) == [edit]
        assert edits.incomplete() == []
        assert edits.undo_patch(edit.id) == b"patch"
        assert [(run.number, run.still_applied) for run in edits.runs()] == [(edit.run, 1)]

    def test_undone_edit_is_not_applied_any_more(self, catalogue: Catalogue) -> None:
        edit, edits = written(catalogue), catalogue.tag_edits
        edits.begin_undo(edit.id, edit.path, "another copy")
        edits.stage(edit.id, "d0")
        edits.commit(edit.id, FileStat(edit.path, 9, 2), ROCK)
        assert [*edits.applied(), *edits.incomplete()] == []
        assert edits.undo_patch(edit.id) is None
        assert [(run.number, run.still_applied) for run in edits.runs()] == [(edit.run, 0)]

    def test_undo_of_a_moved_file_follows_it(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/new place.mp3")])
        edit, edits = written(catalogue), catalogue.tag_edits
        edits.begin_undo(edit.id, "/m/new place.mp3", "another copy")
        assert state(edits, edit.id) == ("/m/new place.mp3", "d1", "", "another copy")
        edits.stage(edit.id, "d0")
        assert state(edits, edit.id) == ("/m/new place.mp3", "d1", "d0", "another copy")
        edits.roll_back(edit.id)
        assert state(edits, edit.id) == ("/m/new place.mp3", "d1", "", None)

    def test_digest_is_replaced_where_the_bytes_are_those_of_the_edit(self, catalogue: Catalogue) -> None:
        first, other = written(catalogue), written(catalogue, "/m/two.mp3")
        later, edits = written(catalogue, before="d1", after="d2"), catalogue.tag_edits
        edits.rebase_digest("/m/one.mp3", "d1", "d9")
        found = {edit.id: edit.digest_after for edit in edits.applied()}
        assert found == {first.id: "d9", other.id: "d1", later.id: "d2"}
