"""Plan, write and undo tags of the files of a library."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mutagen
import pytest
from make_entries import make_entry
from mutagen import id3
from signals import music, write_audio, write_tags
from synthetic_library import open_catalogue

from recsys import Library, TagWriteOptions, TrackFilter
from recsys.app.tag_journal import _find_edited_file, complete_interrupted, write_edit
from recsys.audio.identity import identify
from recsys.audio.tags import read_tags
from recsys.config import Settings
from recsys.database.tag_edits import TagEdits
from recsys.domain.audio import FileStat, GenrePrediction, Identity, IngestRecord, Tags
from recsys.errors import InvalidRequest, NotFound
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.tagging.planning import FieldChange
from recsys.tagging.rewrite import PreparedCopy, TagWriteRefused, file_digest

REPLACE = TagWriteOptions(overwrite=True)
GENRES = {"one.mp3": "", "two.flac": "Death Metal", "three.ogg": "metal", "four.mp3": "Rock"}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Four files with the predicted genre metal (0.75), 120 BPM, A minor, and the genres above in their tags."""
    library = Library(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))
    entries = []
    for seed, (name, genre) in enumerate(GENRES.items()):
        path = write_audio(tmp_path / "music" / name, music(2, 44100, seed), 44100)
        write_tags(path, **{"title": path.stem, "artist": "An Artist"} | ({"genre": genre} if genre else {}))
        entries.append(make_record(path))
    with open_catalogue(library) as catalogue:
        catalogue.store(entries)
        catalogue.add_roots([str(tmp_path / "music")])
    return library


@pytest.fixture(autouse=True)
def _music(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()


def make_record(path: Path) -> IngestRecord:
    found = identify(path)
    entry = make_entry(str(path), genre="metal", version=FEATURE_VERSION, dimensions=len(DIMENSIONS))
    stat = path.stat()
    identity = Identity(found.audio_hash, found.info, found.tags)
    return IngestRecord(FileStat(str(path), stat.st_size, stat.st_mtime_ns), identity, entry.result)


def genres_of_files(library: Library) -> dict[str, str | None]:
    return {path.name: read_tags(path).genre for path in sorted((library.settings.home / "music").iterdir())}


def digests(library: Library) -> dict[str, str]:
    return {path.name: file_digest(path) for path in sorted((library.settings.home / "music").iterdir())}


BEFORE = {"four.mp3": "Rock", "one.mp3": None, "three.ogg": "metal", "two.flac": "Death Metal"}
AFTER = {"four.mp3": "metal", "one.mp3": "metal", "three.ogg": "metal", "two.flac": "Death Metal"}


def test_plan_writes_nothing_and_skips_equivalent_genres(library: Library) -> None:
    before = digests(library)
    plan = library.tags.plan(None, REPLACE)
    # "metal" is spelled as in the library: one file has "metal". "Death Metal" is a subgenre and stays.
    assert {(Path(change.path).name, change.changes[0].old, change.changes[0].new) for change in plan.changes} == {
        ("one.mp3", "", "metal"), ("four.mp3", "Rock", "metal"),
    }  # fmt: skip
    assert (plan.unchanged, plan.below_threshold, plan.skipped) == (2, 0, ())
    assert digests(library) == before
    assert library.tags.history() == []


def test_plan_follows_the_options(library: Library) -> None:
    tagger = library.tags
    assert tagger.plan(None, TagWriteOptions(min_probability=0.8)).below_threshold == 4
    [change] = tagger.plan(None, TagWriteOptions(skip_non_empty=True)).changes
    assert Path(change.path).name == "one.mp3"
    [change] = tagger.plan("one", TagWriteOptions(field=None, bpm=True, key=True)).changes
    assert [(c.field, c.new) for c in change.changes] == [("bpm", "120"), ("key", "Am")]
    [change] = tagger.plan("four", TagWriteOptions(field="comment")).changes
    assert change.changes[0].new == "[recsys: metal 75%]"
    assert tagger.plan("four", TagWriteOptions(field="custom")).changes[0].changes[0].new == "metal"
    with pytest.raises(InvalidRequest, match="nothing to write"):
        tagger.plan(None, TagWriteOptions(field=None))
    with pytest.raises(InvalidRequest, match=r"^min_probability must be from 0 to 1, got 1\.5$"):
        tagger.plan(None, TagWriteOptions(min_probability=1.5))
    with pytest.raises(NotFound, match="no track matches 'polka'"):
        tagger.plan("polka", REPLACE)


def test_unknown_genre_is_not_written(library: Library) -> None:
    with open_catalogue(library) as catalogue:
        catalogue.set_genres(catalogue.ids().tolist(), [GenrePrediction("unknown", 0.9, {"metal": 0.9}, "m")] * 4)
    plan = library.tags.plan(None, TagWriteOptions(min_probability=0))
    assert (plan.changes, plan.below_threshold) == ((), 4)


def test_tags_are_written_and_undone(library: Library) -> None:
    before = digests(library)
    done = library.tags.apply(library.tags.plan(None, REPLACE).changes)
    assert (done.run, done.written, done.skipped) == (1, 2, ())
    assert genres_of_files(library) == AFTER
    assert library.tags.plan(None, REPLACE).changes == ()
    summary = library.ingest([library.settings.home / "music"])
    assert (summary.scanned, summary.unchanged) == (4, 4)  # the library records its own edits
    assert {t.title: t.tagged_genre for t in library.tracks()}["four"] == "metal"
    undone = library.tags.undo()
    assert (undone.written, undone.byte_identical, undone.skipped) == (2, 2, ())
    assert genres_of_files(library) == BEFORE
    assert digests(library) == before
    with pytest.raises(NotFound, match=r"no edit .*is still applied to any file"):
        library.tags.undo()


def test_rest_of_a_comment_is_kept(library: Library) -> None:
    path = library.settings.home / "music" / "four.mp3"
    file = mutagen.File(path)
    file.tags.add(id3.COMM(encoding=3, lang="deu", desc="", text=["von Oma [recsys: Jazz 20%]"]))
    file.save()
    with open_catalogue(library) as catalogue:
        catalogue.store([make_record(path)])
    plan = library.tags.plan("four", TagWriteOptions(field="comment"))
    library.tags.apply(plan.changes)
    assert id3.ID3(path)["COMM::deu"].text == ["von Oma [recsys: metal 75%]"]


def test_runs_are_undone_by_number_and_by_time(library: Library) -> None:
    tagger = library.tags
    tagger.apply(tagger.plan("four", REPLACE).changes)
    tagger.apply(tagger.plan("four", TagWriteOptions(field=None, bpm=True)).changes)
    refused = tagger.undo("1")
    reason = "run 2 has written it since; undo run 2 first"
    assert (refused.written, [skipped.reason for skipped in refused.skipped]) == (0, [reason])
    for when, message in (("7", "no run 7"), ("2999-01-01", "no edit since 2999-01-01 is still")):
        with pytest.raises(NotFound, match=message):
            tagger.undo(when)
    with pytest.raises(InvalidRequest, match=r"^when must be the number of a run, or a time such as .*, got 'soon'"):
        tagger.undo("soon")
    done = tagger.undo("2000-01-01")
    assert (done.written, done.skipped) == (2, ())
    assert genres_of_files(library) == BEFORE
    assert [(run.number, run.files, run.still_applied) for run in tagger.history()] == [(2, 1, 0), (1, 1, 0)]
    with pytest.raises(NotFound, match=r"no edit .*is still applied to any file"):
        tagger.undo("1")


def test_runs_are_undone_one_after_the_other_byte_for_byte(library: Library) -> None:
    states = [digests(library)]
    for options in (
        REPLACE,
        TagWriteOptions(field="custom", key=True),
        TagWriteOptions(field=None, bpm=True),
    ):
        library.tags.apply(library.tags.plan(None, options).changes)
        states.append(digests(library))
    for run in (3, 2, 1):
        assert digests(library) == states[run]
        undone = library.tags.undo()
        assert (undone.run, undone.byte_identical, undone.fields_only) == (run, undone.written, ())
    assert digests(library) == states[0]


def test_patch_of_an_undone_edit_is_removed(library: Library) -> None:
    library.tags.apply(library.tags.plan("four", REPLACE).changes)
    with open_catalogue(library) as catalogue:
        [edit] = catalogue.tag_edits.applied()
        patch = catalogue.tag_edits.undo_patch(edit.id)
        assert patch is not None
        assert len(patch) < 200
    library.tags.undo()
    with open_catalogue(library) as catalogue:
        assert catalogue.tag_edits.undo_patch(edit.id) is None


def test_edit_of_an_older_program_is_undone_in_its_fields(library: Library) -> None:
    library.tags.apply(library.tags.plan("four", REPLACE).changes)
    after = [{"encoding": 0, "text": ["metal"]}]
    genre = {"before": [{"encoding": 0, "text": ["Rock"]}], "after": after, "was": "Rock", "is": "metal"}
    with open_catalogue(library) as catalogue:
        [edit] = catalogue.tag_edits.applied()
        catalogue.tag_edits.stage(edit.id, edit.digest_after, undo_patch=None, fields={"genre": genre})
    undone = library.tags.undo()
    [(path, reason)] = undone.fields_only
    assert (undone.written, undone.byte_identical, Path(path).name) == (1, 0, "four.mp3")
    assert reason == "the run that wrote it stored its former fields, but not its former bytes"
    assert genres_of_files(library) == BEFORE


@pytest.mark.parametrize("was_bare", [True, False])
def test_tag_that_an_older_program_added_is_removed_with_its_fields(library: Library, was_bare: bool) -> None:
    path = write_audio(library.settings.home / "music" / "bare.mp3", music(1, 44100, 9), 44100)
    with open_catalogue(library) as catalogue:
        catalogue.store([make_record(path)])
    digest = file_digest(path)
    library.tags.apply(library.tags.plan("bare", REPLACE).changes)
    genre = {"before": [], "after": [{"encoding": 0, "text": ["metal"]}], "was": "", "is": "metal"}
    with open_catalogue(library) as catalogue:
        [edit] = catalogue.tag_edits.applied()
        older = {"undo_patch": None, "fields": {"genre": genre}, "had_no_tags": was_bare}
        catalogue.tag_edits.stage(edit.id, edit.digest_after, **older)
    undone = library.tags.undo()
    assert (undone.written, undone.byte_identical, len(undone.fields_only)) == (1, int(was_bare), int(not was_bare))
    assert (file_digest(path) == digest) == was_bare
    assert read_tags(path).genre is None


def test_edit_before_one_that_is_undone_in_its_fields_has_the_bytes_of_the_file(library: Library) -> None:
    path = library.settings.home / "music" / "four.mp3"
    for options in (REPLACE, TagWriteOptions(field=None, bpm=True)):
        library.tags.apply(library.tags.plan("four", options).changes)
    tempo = {"before": [], "after": [{"encoding": 0, "text": ["120"]}], "was": "", "is": "120"}
    with open_catalogue(library) as catalogue:
        second, first = catalogue.tag_edits.applied()
        other = "bytes that the older program has not stored"
        catalogue.tag_edits.stage(
            second.id, second.digest_after, undo_patch=None, fields={"bpm": tempo}, digest_before=other
        )
        catalogue.tag_edits.rebase_digest(first.path, first.digest_after, other)
    assert [Path(file.path).name for file in library.tags.undo().fields_only] == ["four.mp3"]
    with open_catalogue(library) as catalogue:
        assert [(edit.id, edit.digest_after) for edit in catalogue.tag_edits.applied()] == [
            (first.id, file_digest(path))
        ]


def test_copy_of_a_killed_process_is_removed(library: Library) -> None:
    folder = library.settings.home / "music"
    with open_catalogue(library) as catalogue:
        edits = catalogue.tag_edits
        edits.begin(1, str(folder / "four.mp3"), "hash", ".recsys-0123456789abcdef.mp3")
        old = edits.begin(1, str(folder / "one.mp3"), "hash", "")
    for name in (".recsys-0123456789abcdef.mp3", f".recsys-{old}.mp3", ".recsys-other.mp3"):
        (folder / name).write_bytes(b"a copy")
    assert library.tags.history() == []
    assert [path.name for path in sorted(folder.glob(".*"))] == [".recsys-other.mp3"]


def test_edit_is_still_applied_after_an_undo_that_fails(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digests(library)
    library.tags.apply(library.tags.plan("four", REPLACE).changes)

    def refuse(_: str, copy: PreparedCopy) -> None:
        copy.copy.unlink()
        raise TagWriteRefused("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("recsys.tagging.rewrite.commit", refuse)
        failed = library.tags.undo()
    assert (failed.written, [skipped.reason for skipped in failed.skipped]) == (0, ["the disk is full"])
    assert [run.still_applied for run in library.tags.history()] == [1]
    assert library.tags.undo().byte_identical == 1
    assert digests(library) == before


def test_interrupted_undo_of_a_moved_file_is_completed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = library.settings.home / "music"
    library.tags.apply(library.tags.plan("four", REPLACE).changes)
    (folder / "four.mp3").rename(folder / "moved.mp3")
    library.ingest([folder])

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # the file is restored, but the journal does not have it yet
        patch.setattr("recsys.app.tag_journal._commit_edit", interrupt)
        with pytest.raises(KeyboardInterrupt):
            library.tags.undo()
    assert [run.still_applied for run in library.tags.history()] == [0]
    assert genres_of_files(library)["moved.mp3"] == BEFORE["four.mp3"]


def test_undo_takes_the_latest_run_with_a_file_that_can_be_undone(library: Library) -> None:
    tagger, folder = library.tags, library.settings.home / "music"
    tagger.apply(tagger.plan(None, REPLACE).changes)
    tagger.apply(tagger.plan("one", TagWriteOptions(field=None, bpm=True)).changes)
    write_tags(folder / "one.mp3", title="Another")
    done = tagger.undo()
    assert (done.run, done.written) == (1, 1)  # four.mp3
    assert [(Path(path).name, reason) for path, reason in done.skipped] == [
        ("one.mp3", "another program has changed it since")
    ]
    again = tagger.undo()
    assert (again.written, len(again.skipped)) == (0, 1)


def test_undo_skips_changed_and_deleted_files_and_finds_moved_ones(library: Library) -> None:
    folder = library.settings.home / "music"
    library.tags.apply(library.tags.plan(None, TagWriteOptions(bpm=True)).changes)
    write_tags(folder / "one.mp3", title="Another")
    (folder / "two.flac").rename(folder / "two, moved.flac")
    (folder / "three.ogg").unlink()
    library.ingest([folder])
    done = library.tags.undo()
    assert {Path(skipped.path).name: skipped.reason for skipped in done.skipped} == {
        "one.mp3": "another program has changed it since", "three.ogg": "it does not exist any more",
    }  # fmt: skip
    assert done.written == 2
    assert genres_of_files(library) == {"four.mp3": "Rock", "one.mp3": "metal", "two, moved.flac": "Death Metal"}


def test_apply_skips_files_with_other_audio_and_missing_files(library: Library) -> None:
    folder = library.settings.home / "music"
    plan = library.tags.plan(None, REPLACE)
    shutil.copy(folder / "one.mp3", folder / "four.mp3")
    (folder / "one.mp3").unlink()
    done = library.tags.apply(plan.changes)
    assert done.written == 0
    assert {Path(skipped.path).name: skipped.reason for skipped in done.skipped} == {
        "four.mp3": "its audio has changed since the analysis; ingest it again",
        "one.mp3": "it does not exist any more",
    }  # fmt: skip
    assert library.tags.history() == []


def test_every_file_of_a_track_is_written(library: Library) -> None:
    folder = library.settings.home / "music"
    shutil.copy(folder / "four.mp3", folder / "copy.mp3")
    library.ingest([folder])
    library.tags.apply(library.tags.plan("four", REPLACE).changes)
    assert genres_of_files(library) == BEFORE | {"copy.mp3": "metal", "four.mp3": "metal"}


def test_written_genres_are_not_used_as_labels(library: Library) -> None:
    from recsys.metadata.labels import labels_from_tags

    library.tags.apply(library.tags.plan(None, REPLACE).changes)
    tracks = library.tracks()
    with open_catalogue(library) as catalogue:
        written = catalogue.tag_edits.genres()
    labelled = labels_from_tags(tracks, written)
    assert dict(zip((t.title for t in tracks), labelled.genres, strict=True)) == {
        "one": None, "two": "Death Metal", "three": "metal", "four": "Rock",
    }  # fmt: skip
    assert labels_from_tags(tracks).genres.count("metal") == 3


def test_killed_process_leaves_complete_files_and_a_correct_journal() -> None:
    script = Path(__file__).parents[2] / "scripts" / "stress_tagging.py"
    environment = {**os.environ, "PYTHONPATH": str(script.parents[1])}
    command = [sys.executable, str(script), "--files", "40", "--kills", "3"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kills" in done.stdout


def test_interrupted_run_leaves_a_correct_journal(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    import recsys.tagging.rewrite as rewrite

    def commit_and_interrupt(path: str, copy: PreparedCopy) -> None:
        real(path, copy)
        raise KeyboardInterrupt

    real = rewrite.commit
    monkeypatch.setattr(rewrite, "commit", commit_and_interrupt)
    done = library.tags.apply(library.tags.plan(None, REPLACE).changes)
    assert (done.written, done.interrupted) == (1, True)
    monkeypatch.undo()
    [run] = library.tags.history()
    assert (run.files, run.still_applied) == (1, 1)
    monkeypatch.setattr(rewrite, "commit", commit_and_interrupt)
    undone = library.tags.undo()
    assert (undone.written, undone.interrupted) == (1, True)
    monkeypatch.undo()
    assert genres_of_files(library) == BEFORE
    library.tags.apply(library.tags.plan("four", REPLACE).changes)
    assert library.tags.undo().byte_identical == 1
    assert genres_of_files(library) == BEFORE


def test_skip_non_empty_counts_unchanged_and_kept_files(library: Library) -> None:
    plan = library.tags.plan(None, TagWriteOptions(skip_non_empty=True))
    assert (len(plan.changes), plan.unchanged, plan.kept_existing) == (1, 2, 1)


def test_genre_of_the_user_is_kept_by_default(library: Library) -> None:
    plan = library.tags.plan()
    assert [Path(change.path).name for change in plan.changes] == ["one.mp3"]
    [kept] = plan.kept
    assert (Path(kept.path).name, kept.changes, kept.probability) == (
        "four.mp3", (FieldChange("genre", "Rock", "metal"),), 0.75,
    )  # fmt: skip
    assert (plan.unchanged, plan.kept_existing, plan.agreeing, plan.folders) == (2, 1, 2, 1)
    library.tags.apply(plan.changes)
    assert genres_of_files(library) == BEFORE | {"one.mp3": "metal"}


def test_tempo_and_key_of_the_user_are_kept_by_default(library: Library) -> None:
    path = library.settings.home / "music" / "one.mp3"
    tags = id3.ID3(path)
    tags.add(id3.TBPM(encoding=3, text=["174"]))
    tags.save()
    with open_catalogue(library) as catalogue:
        catalogue.store([make_record(path)])
    fields = TagWriteOptions(field=None, bpm=True, key=True)
    plan = library.tags.plan("one", fields)
    assert [change.field for file in plan.changes for change in file.changes] == ["key"]
    assert [change.old for file in plan.kept for change in file.changes] == ["174"]
    assert plan.kept_existing == 0  # something else changes in this file
    [file] = library.tags.plan("one", fields._replace(overwrite=True)).changes
    assert [change.field for change in file.changes] == ["bpm", "key"]


def test_own_genre_is_replaced_also_after_a_move_and_one_of_the_user_since_is_kept(library: Library) -> None:
    folder = library.settings.home / "music"
    library.tags.apply(library.tags.plan("one").changes)
    (folder / "one.mp3").rename(folder / "moved.mp3")
    library.ingest([folder])
    with open_catalogue(library) as catalogue:
        ids = catalogue.ids().tolist()
        catalogue.set_genres(ids, [GenrePrediction("jazz", 0.9, {"jazz": 0.9}, "m")] * len(ids))
    plan = library.tags.plan()
    assert [(Path(file.path).name, file.changes[0].new) for file in plan.changes] == [("moved.mp3", "Jazz")]
    assert len(plan.kept) == 3
    write_tags(folder / "moved.mp3", genre="Polka")
    library.ingest([folder])
    assert library.tags.plan().changes == ()
    assert library.tags.plan("moved").kept[0].changes[0].old == "Polka"


def test_only_files_in_the_folders_are_planned(library: Library) -> None:
    music = library.settings.home / "music"
    inside = music / "in side"
    inside.mkdir()
    (music / "one.mp3").rename(inside / "one.mp3")
    shutil.copy(inside / "one.mp3", music / "copy of one.mp3")  # another file of the same track
    library.ingest([music])
    plan = library.tags.plan(None, REPLACE, filter=TrackFilter(folders=[str(inside)]))
    assert [change.path for change in plan.changes] == [str(inside / "one.mp3")]
    plan = library.tags.plan("one", REPLACE, filter=TrackFilter(excluded_folders=[str(inside)]))
    assert [change.path for change in plan.changes] == [str(music / "copy of one.mp3")]
    assert library.tags.plan(None, REPLACE).folders == 2
    with pytest.raises(NotFound, match="the library has no files at or under /nowhere"):
        library.tags.plan("one", filter=TrackFilter(folders=["/nowhere"]))


@pytest.mark.parametrize("name", ["music/../music/inside", "music//inside/.", "link/inside", "music/link"])
def test_folder_is_found_by_its_other_names(library: Library, tmp_path: Path, name: str) -> None:
    inside = tmp_path / "music" / "inside"
    inside.mkdir()
    (tmp_path / "music" / "one.mp3").rename(inside / "one.mp3")
    library.ingest([tmp_path / "music"])
    (tmp_path / "link").symlink_to(tmp_path / "music")
    (tmp_path / "music" / "link").symlink_to(inside)
    folder = f"{tmp_path}/{name}"
    wanted, excluded = TrackFilter(folders=[folder]), TrackFilter(excluded_folders=[folder])
    assert [Path(each.path).name for each in library.tags.plan(None, REPLACE, filter=wanted).changes] == ["one.mp3"]
    others = {Path(each.path).name for each in library.tags.plan(None, REPLACE, filter=excluded).changes}
    assert others == {"four.mp3"}
    assert library.statistics(filter=wanted).tracks == 1


def test_other_names_of_a_file_are_in_the_plan(library: Library, tmp_path: Path) -> None:
    """They keep the former tags, as the file is replaced; a link among the planned files is written as well."""
    one = tmp_path / "music" / "one.mp3"
    (tmp_path / "seeding.mp3").hardlink_to(one)
    (tmp_path / "music" / "link.mp3").symlink_to(tmp_path / "music" / "four.mp3")
    before = file_digest(one)
    plan = library.tags.plan(None, REPLACE)
    assert plan.hard_links == (str(one),)
    library.tags.apply(plan.changes)
    assert file_digest(tmp_path / "seeding.mp3") == before != file_digest(one)
    assert (tmp_path / "music" / "link.mp3").is_symlink()


def test_plan_has_the_order_of_paths(library: Library) -> None:
    paths = [change.path for change in library.tags.plan(None, TagWriteOptions(bpm=True)).changes]
    assert paths == sorted(paths)


def test_spelling_of_the_user_is_kept(library: Library) -> None:
    with open_catalogue(library) as catalogue:
        predictions = [
            GenrePrediction(genre, 0.9, {genre: 0.9}, "m") for genre in ("EDM", "Rock & Röll", "hip hop", "tango x")
        ]
        catalogue.set_genres(catalogue.ids().tolist(), predictions)
    plan = library.tags.plan(None, REPLACE)
    assert {change.changes[0].new for change in plan.changes} == {"EDM", "Rock & Röll", "Hip-Hop", "Tango X"}


def test_genre_label_takes_precedence_over_the_prediction(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    import recsys.app.tag_writing

    folder = library.settings.home / "music"
    labels = {str(folder / "four.mp3"): "Rock", str(folder / "one.mp3"): "POLKA", str(folder / "three.ogg"): "Metal"}
    monkeypatch.setattr(recsys.app.tag_writing, "learned_labels", lambda _folder: labels)
    plan = library.tags.plan(None, REPLACE)
    [change] = plan.changes
    assert (Path(change.path).name, change.changes[0].new, change.probability) == ("one.mp3", "POLKA", None)
    assert (plan.unchanged, plan.label_conflicts) == (3, 2)
    plan = library.tags.plan(None, TagWriteOptions(override_labels=True, overwrite=True))
    assert {(Path(change.path).name, change.changes[0].new) for change in plan.changes} == {
        ("one.mp3", "metal"),
        ("four.mp3", "metal"),
    }
    assert plan.label_conflicts == 2
    assert (
        library.tags.plan(None, TagWriteOptions(field="custom")).label_conflicts == 0
    )  # only the genre field is compared with labels


def stage_edit(edits: TagEdits, path: Path, before: str, after: str, *, audio: str = "hash") -> int:
    """An edit that is complete in the journal; the file is as it is."""
    number = edits.begin(edits.next_run(), str(path), audio, "")
    edits.stage(number, after, fields={"genre": {"was": "", "is": "x"}}, size=1, digest_before=before, undo_patch=b"")
    edits.commit(number, FileStat(str(path), 1, 1), Tags())
    return number


@pytest.mark.parametrize("exact", [True, False])
def test_interrupted_undo_reports_whether_the_file_is_what_it_was(library: Library, exact: bool) -> None:
    """The edit before it then has the content that the file got."""
    path = library.settings.home / "music" / "four.mp3"
    now = file_digest(path)
    before = now if exact else "other bytes with the same tags"
    with open_catalogue(library) as catalogue:
        edits = catalogue.tag_edits
        first, second = stage_edit(edits, path, "nothing", before), stage_edit(edits, path, before, "edited")
        edits.begin_undo(second, str(path), ".recsys-copy.mp3")
        edits.stage(second, now)
        assert complete_interrupted(edits) == ([] if exact else [str(path)])
        assert [(edit.id, edit.digest_after) for edit in edits.applied()] == [(first, now)]
        assert edits.incomplete() == []
        # An edit that has just been written is what the run wanted.
        third = edits.begin(3, str(path), "hash", ".recsys-copy.mp3")
        edits.stage(third, now, digest_before=now if exact else "former content")
        assert complete_interrupted(edits) == []
        assert [(edit.id, edit.digest_after) for edit in edits.applied()] == [(third, now), (first, now)]


def test_interrupted_edit_that_has_not_changed_its_file_is_rolled_back(library: Library) -> None:
    folder = library.settings.home / "music"
    with open_catalogue(library) as catalogue:
        edits = catalogue.tag_edits
        edits.begin(1, str(folder / "gone.mp3"), "hash", ".recsys-1.mp3")
        staged = edits.begin(1, str(folder / "four.mp3"), "hash", ".recsys-2.mp3")
        edits.stage(staged, "the content of the copy", digest_before=file_digest(folder / "four.mp3"))
        (folder / ".recsys-2.mp3").write_bytes(b"the copy")
        edits.begin(1, str(folder / "one.mp3"), "hash", ".recsys-3.mp3")
        assert complete_interrupted(edits) == []
        assert [*edits.incomplete(), *edits.applied()] == []
    assert not (folder / ".recsys-2.mp3").exists()


def test_journal_has_what_an_edit_changed(library: Library) -> None:
    path = library.settings.home / "music" / "four.mp3"
    digest, size = file_digest(path), path.stat().st_size
    library.tags.apply(library.tags.plan("four", TagWriteOptions(bpm=True, overwrite=True)).changes)
    with open_catalogue(library) as catalogue:
        [edit] = catalogue.tag_edits.applied()
    assert edit.fields == {"genre": {"was": "Rock", "is": "metal"}, "bpm": {"was": "", "is": "120"}}
    assert (edit.run, edit.path, edit.size, edit.digest_before) == (1, str(path), size, digest)
    assert (edit.digest_after, edit.state, edit.copy_name) == (file_digest(path), "written", None)
    assert edit.audio_hash == identify(path).audio_hash


def test_undo_prefers_the_file_at_the_place_of_the_edit_to_its_copies(library: Library) -> None:
    folder = library.settings.home / "music"
    library.tags.apply(library.tags.plan("four", REPLACE).changes)
    for name in ("a copy.mp3", "the copy.mp3"):
        shutil.copy(folder / "four.mp3", folder / name)
    library.ingest([folder])
    assert library.tags.undo().written == 1
    assert genres_of_files(library) == BEFORE | {"a copy.mp3": "metal", "the copy.mp3": "metal"}


def test_undo_finds_a_file_that_the_library_does_not_know(library: Library) -> None:
    path = library.settings.home / "music" / "four.mp3"
    with open_catalogue(library) as catalogue:
        edits = catalogue.tag_edits
        stage_edit(edits, path, "before", file_digest(path))
        [edit] = edits.applied()
        assert _find_edited_file(catalogue, edits, edit) == str(path)
        later = [stage_edit(edits, path, "a", after) for after in ("changed since", file_digest(path), "changed again")]
        runs = {each.id: each.run for each in edits.applied()}
        with pytest.raises(TagWriteRefused, match=f"^run {runs[later[1]]} has written it since; undo run"):
            _find_edited_file(catalogue, edits, edit._replace(digest_after="other content"))
        for gone, reason in (
            (path, "another program has changed it since"),
            (path.parent / "x", "it does not exist any"),
        ):
            unknown = edit._replace(path=str(gone), digest_after="other content", audio_hash="unknown")
            with pytest.raises(TagWriteRefused, match=f"^{reason}"):
                _find_edited_file(catalogue, edits, unknown)


def test_refused_edit_leaves_no_entry_and_is_reported(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    [change] = library.tags.plan("four", REPLACE).changes

    def refuse(_: str, copy: PreparedCopy) -> None:
        copy.copy.unlink()
        raise TagWriteRefused("the disk is full")

    monkeypatch.setattr("recsys.tagging.rewrite.commit", refuse)
    with open_catalogue(library) as catalogue:
        with pytest.raises(TagWriteRefused, match="the disk is full"):
            write_edit(catalogue.tag_edits, 1, change)
        assert [*catalogue.tag_edits.incomplete(), *catalogue.tag_edits.applied()] == []
    assert genres_of_files(library) == BEFORE
