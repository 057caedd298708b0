"""The journal of tag edits: an entry is complete, undone, or as it was, whatever the database."""

import pytest
from catalogue_fixtures import CatalogueFixtures
from make_entries import make_entry

from recsys.database.catalogue import Catalogue
from recsys.database.tag_edits import TagEdit, TagEdits
from recsys.domain.audio import FileStat, Tags

BLUES, ROCK = Tags(title="One", genres=("Blues",)), Tags(title="One", genres=("Rock",))


def written(
    catalogue: Catalogue, path: str = "/m/one.mp3", *, before: str = "d0", after: str = "d1", run: int | None = None,
    audio: str = "hash", was: str = "Rock", new: str = "Blues", field: str = "genre",
) -> TagEdit:  # fmt: skip
    """An edit of a file that is complete."""
    edits = catalogue.tag_edits
    number = edits.begin(run or edits.next_run(), path, audio, "copy")
    edits.stage(number, after, fields={field: {"was": was, "is": new}}, size=9, digest_before=before,
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

    def test_entry_has_what_is_known_at_each_step(self, catalogue: Catalogue) -> None:
        edits = catalogue.tag_edits
        number = edits.begin(7, "/m/one.mp3", "hash", "copy")
        [begun] = edits.incomplete()
        assert tuple(begun) == (
            number,
            7,
            begun.started_at,
            "/m/one.mp3",
            "hash",
            {},
            False,
            0,
            "",
            "",
            "",
            "writing",
            "copy",
        )
        fields = {"genre": {"was": "Rock", "is": "Blues"}}
        edits.stage(number, "d1", fields=fields, size=9, digest_before="d0", undo_patch=b"patch")
        staged = begun._replace(fields=fields, size=9, digest_before="d0", pending_digest="d1")
        assert (edits.incomplete(), list(edits.applied())) == ([staged], [])
        edits.commit(number, FileStat("/m/one.mp3", 9, 1), BLUES)
        done = staged._replace(pending_digest="", digest_after="d1", state="written", copy_name=None)
        assert (edits.incomplete(), list(edits.applied())) == ([], [done])
        assert edits.undo_patch(number) == b"patch"
        edits.begin_undo(number, "/m/two.mp3", "another copy")
        assert edits.incomplete() == [done._replace(state="undoing", path="/m/two.mp3", copy_name="another copy")]

    def test_file_of_a_completed_edit_has_its_tags(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/m/one.mp3", "p1"), make_entry("/m/two.mp3", "p2")])
        written(catalogue)
        assert catalogue.tag_edits.tagged_genres() == {"Blues": 1}
        written(catalogue, "/m/two.mp3", audio="another")
        assert catalogue.tag_edits.tagged_genres() == {"Blues": 2}

    def test_next_run_follows_the_last_one(self, catalogue: Catalogue) -> None:
        edits = catalogue.tag_edits
        assert edits.next_run() == 1
        edits.begin(1, "/m/one.mp3", "hash", "copy")
        edits.begin(5, "/m/one.mp3", "hash", "copy")
        edits.begin(2, "/m/one.mp3", "hash", "copy")
        assert edits.next_run() == 6

    def test_one_entry_changes_and_no_other(self, catalogue: Catalogue) -> None:
        one, two, edits = written(catalogue), written(catalogue, "/m/two.mp3"), catalogue.tag_edits
        begun = edits.begin(3, "/m/three.mp3", "hash", "copy")
        before = edits.incomplete()
        edits.begin_undo(two.id, two.path, "another copy")
        assert [entry.id for entry in edits.incomplete()] == [two.id, begun]
        edits.stage(two.id, "d0")
        edits.commit(two.id, FileStat(two.path, 9, 2), ROCK)
        assert (edits.incomplete(), list(edits.applied())) == (before, [one])
        assert edits.undo_patch(one.id) == b"patch"
        edits.roll_back(one.id)  # of an entry that is complete nothing is to be undone
        assert (edits.incomplete(), list(edits.applied())) == (before, [one])
        edits.roll_back(begun)
        assert (edits.incomplete(), list(edits.applied())) == ([], [one])
        assert [(run.number, run.files, run.still_applied) for run in edits.runs()] == [(2, 1, 0), (1, 1, 1)]

    def test_commit_of_a_complete_entry_keeps_its_state(self, catalogue: Catalogue) -> None:
        edit, edits = written(catalogue), catalogue.tag_edits
        edits.stage(edit.id, "d5")
        edits.commit(edit.id, FileStat(edit.path, 9, 2), ROCK)
        assert list(edits.applied()) == [edit._replace(digest_after="d5")]
        assert edits.undo_patch(edit.id) == b"patch"

    def test_applied_edits_are_read_in_pages_newest_first(
        self, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("recsys.database.tag_edits._PAGE", 2)
        edits = catalogue.tag_edits
        for count in range(1, 6):
            newest = written(catalogue, f"/m/{count}.mp3", run=1 + count % 2)
            assert [edit.path for edit in edits.applied()] == [f"/m/{n}.mp3" for n in range(count, 0, -1)]
        assert [edit.path for edit in edits.applied(run=1)] == ["/m/4.mp3", "/m/2.mp3"]
        assert [edit.path for edit in edits.applied(run=2)] == ["/m/5.mp3", "/m/3.mp3", "/m/1.mp3"]
        assert list(edits.applied(run=3)) == []
        assert newest in list(edits.applied(since=newest.started_at))
        assert len(list(edits.applied(since="2000-01-01"))) == 5
        assert len(list(edits.applied(run=1, since="2000-01-01"))) == 2
        assert list(edits.applied(since="2999-01-01")) == []
        edits.begin_undo(newest.id, newest.path, "copy")
        assert len(list(edits.applied())) == 4

    def test_later_edits_are_the_applied_ones_of_the_same_audio(self, catalogue: Catalogue) -> None:
        edits = catalogue.tag_edits
        first = written(catalogue)
        moved = written(catalogue, "/m/moved.mp3")
        other = written(catalogue, audio="another")
        last = written(catalogue)
        edits.begin(9, "/m/one.mp3", "hash", "copy")
        assert edits.later_edits(first) == [last, moved]
        assert edits.later_edits(moved) == [last]
        assert edits.later_edits(last) == edits.later_edits(other) == []

    def test_genres_are_those_before_the_first_and_after_the_last_edit(self, catalogue: Catalogue) -> None:
        edits = catalogue.tag_edits
        written(catalogue, was="", new="Rock")
        written(catalogue, was="Rock", new="Blues")
        written(catalogue, was="90", new="120", field="bpm")
        written(catalogue, was="Blues", new="Jazz")
        written(catalogue, "/m/two.mp3", was="Polka", new="Folk", audio="another")
        assert edits.genres() == {"/m/one.mp3": ("", "Jazz"), "/m/two.mp3": ("Polka", "Folk")}
        assert edits.written() == {
            "hash": {"genre": {"Rock", "Blues", "Jazz"}, "bpm": {"120"}}, "another": {"genre": {"Folk"}},
        }  # fmt: skip

    def test_runs_count_their_files(self, catalogue: Catalogue) -> None:
        edits = catalogue.tag_edits
        assert edits.runs() == []
        first = written(catalogue, run=1)
        written(catalogue, "/m/two.mp3", run=1)
        written(catalogue, "/m/three.mp3", run=2)
        edits.begin_undo(first.id, first.path, "copy")
        later, earlier = edits.runs()
        assert later == (2, later.at, 1, 1)
        assert earlier == (1, first.started_at, 2, 1)
        assert earlier.to_dict() == {"number": 1, "at": first.started_at, "files": 2, "still_applied": 1}

    def test_digest_is_replaced_in_applied_edits_alone(self, catalogue: Catalogue) -> None:
        edit, edits = written(catalogue), catalogue.tag_edits
        edits.begin_undo(edit.id, edit.path, "copy")
        edits.rebase_digest(edit.path, "d1", "d9")
        assert [entry.digest_after for entry in edits.incomplete()] == ["d1"]
