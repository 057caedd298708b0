"""From what a library knows to what the files say, and back."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from make_entries import make_entry
from signals import music, write_audio, write_tags

from recsys.app.library import Library, TagWriteOptions
from recsys.audio.identity import identify
from recsys.audio.tags import read_tags
from recsys.config import Settings
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat, GenrePrediction, Identity, IngestRecord
from recsys.errors import InvalidRequest, NotFound
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.tagging.rewrite import file_digest

SAYS = {"one.mp3": "", "two.flac": "Death Metal", "three.ogg": "metal", "four.mp3": "Rock"}


@pytest.fixture
def service(tmp_path: Path) -> Library:
    """Four files, all of them metal (0.75) at 120 BPM in A minor, that say something else or nothing."""
    service = Library(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))
    entries = []
    for seed, (name, genre) in enumerate(SAYS.items()):
        path = write_audio(tmp_path / "music" / name, music(2, 44100, seed), 44100) if genre is not None else Path()
        write_tags(path, **{"title": path.stem, "artist": "An Artist"} | ({"genre": genre} if genre else {}))
        entries.append(entry(path))
    with Catalogue.open(service.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(entries)
        catalogue.add_roots([str(tmp_path / "music")])
    return service


@pytest.fixture(autouse=True)
def _music(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()


def entry(path: Path) -> IngestRecord:
    known = identify(path)
    made = make_entry(str(path), genre="metal", version=FEATURE_VERSION, dimensions=len(DIMENSIONS))
    stat = path.stat()
    identity = Identity(known.audio_hash, known.info, known.tags)
    return IngestRecord(FileStat(str(path), stat.st_size, stat.st_mtime_ns), identity, made.result)


def said(service: Library) -> dict[str, str | None]:
    return {path.name: read_tags(path).genre for path in sorted((service.settings.home / "music").iterdir())}


def contents(service: Library) -> dict[str, str]:
    return {path.name: file_digest(path) for path in sorted((service.settings.home / "music").iterdir())}


BEFORE = {"four.mp3": "Rock", "one.mp3": None, "three.ogg": "metal", "two.flac": "Death Metal"}
AFTER = {"four.mp3": "metal", "one.mp3": "metal", "three.ogg": "metal", "two.flac": "Death Metal"}


def test_a_plan_writes_nothing_and_leaves_alone_what_says_it_already(service: Library) -> None:
    before = contents(service)
    plan = service.tags.plan(None, TagWriteOptions())
    # The library spells it so: one file says "metal", as many as say "Death Metal", which is a kind of it.
    assert {(Path(i.path).name, i.changes[0].old, i.changes[0].new) for i in plan.changes} == {
        ("one.mp3", "", "metal"), ("four.mp3", "Rock", "metal"),
    }  # fmt: skip
    assert (plan.unchanged, plan.below_threshold, plan.skipped) == (2, 0, ())
    assert contents(service) == before
    assert service.tags.history() == []


def test_wishes(service: Library) -> None:
    tagger = service.tags
    assert tagger.plan(None, TagWriteOptions(min_probability=0.8)).below_threshold == 4
    assert [Path(i.path).name for i in tagger.plan(None, TagWriteOptions(skip_non_empty=True)).changes] == ["one.mp3"]
    [intent] = tagger.plan("one", TagWriteOptions(field=None, bpm=True, key=True)).changes
    assert [(c.field, c.new) for c in intent.changes] == [("bpm", "120"), ("key", "Am")]
    [intent] = tagger.plan("four", TagWriteOptions(field="comment")).changes
    assert intent.changes[0].new == "[recsys: metal 75%]"
    assert tagger.plan("four", TagWriteOptions(field="custom")).changes[0].changes[0].new == "metal"
    with pytest.raises(InvalidRequest, match="nothing to write"):
        tagger.plan(None, TagWriteOptions(field=None))
    with pytest.raises(InvalidRequest, match=r"--min-probability must be from 0 to 1, but is 1\.5"):
        tagger.plan(None, TagWriteOptions(min_probability=1.5))
    with pytest.raises(NotFound, match="no track matches 'polka'"):
        tagger.plan("polka", TagWriteOptions())


def test_an_unknown_genre_is_not_written(service: Library) -> None:
    with service._context.open() as catalogue:
        catalogue.set_genres(catalogue.ids().tolist(), [GenrePrediction("unknown", 0.9, {"metal": 0.9}, "m")] * 4)
    plan = service.tags.plan(None, TagWriteOptions(min_probability=0))
    assert (plan.changes, plan.below_threshold) == ((), 4)


def test_written_and_taken_back(service: Library) -> None:
    before = contents(service)
    done = service.tags.apply(service.tags.plan(None, TagWriteOptions()).changes)
    assert (done.run, done.written, done.skipped) == (1, 2, ())
    assert said(service) == AFTER
    assert service.tags.plan(None, TagWriteOptions()).changes == ()
    summary = service.ingest([service.settings.home / "music"])
    assert (summary.scanned, summary.unchanged) == (4, 4)  # the library knows what it has done
    assert {t.title: t.tagged_genre for t in service.tracks()}["four"] == "metal"
    undone = service.tags.undo()
    assert (undone.written, undone.byte_identical, undone.skipped) == (2, 2, ())
    assert said(service) == BEFORE
    assert contents(service) == before
    with pytest.raises(NotFound, match="nothing that was written stands"):
        service.tags.undo()


def test_a_comment_of_its_owner_stays(service: Library) -> None:
    path = service.settings.home / "music" / "four.mp3"
    import mutagen
    from mutagen import id3

    file = mutagen.File(path)
    file.tags.add(id3.COMM(encoding=3, lang="deu", desc="", text=["von Oma [recsys: Jazz 20%]"]))
    file.save()
    with service._context.open() as catalogue:
        catalogue.store([entry(path)])
    plan = service.tags.plan("four", TagWriteOptions(field="comment"))
    service.tags.apply(plan.changes)
    assert id3.ID3(path)["COMM::deu"].text == ["von Oma [recsys: metal 75%]"]


def test_one_run_after_the_other_is_taken_back_in_any_way(service: Library) -> None:
    tagger = service.tags
    tagger.apply(tagger.plan("four", TagWriteOptions()).changes)
    tagger.apply(tagger.plan("four", TagWriteOptions(field=None, bpm=True)).changes)
    refused = tagger.undo("1")
    told = "run 2 has written it since; take that back first: recsys genre undo 2"
    assert (refused.written, [left.reason for left in refused.skipped]) == (0, [told])
    for wrong, why in (("7", "no run 7"), ("2999-01-01", "nothing has been written since")):
        with pytest.raises(NotFound, match=why):
            tagger.undo(wrong)
    with pytest.raises(InvalidRequest, match="'soon' is neither the number of a run nor a time"):
        tagger.undo("soon")
    done = tagger.undo("2000-01-01")
    assert (done.written, done.skipped) == (2, ())
    assert said(service) == BEFORE
    assert [(run.number, run.files, run.still_applied) for run in tagger.history()] == [(2, 1, 0), (1, 1, 0)]
    with pytest.raises(NotFound, match="nothing that was written stands"):
        tagger.undo("1")


def test_undo_goes_to_the_latest_run_of_which_anything_can_be_taken_back(service: Library) -> None:
    tagger, folder = service.tags, service.settings.home / "music"
    tagger.apply(tagger.plan(None, TagWriteOptions()).changes)
    tagger.apply(tagger.plan("one", TagWriteOptions(field=None, bpm=True)).changes)
    write_tags(folder / "one.mp3", title="Another")
    done = tagger.undo()
    assert (done.run, done.written) == (1, 1)  # four.mp3
    assert [(Path(path).name, why) for path, why in done.skipped] == [("one.mp3", "somebody has changed it since")]
    stuck = tagger.undo()
    assert (stuck.written, len(stuck.skipped)) == (0, 1)


def test_files_that_others_changed_moved_or_deleted(service: Library) -> None:
    folder = service.settings.home / "music"
    service.tags.apply(service.tags.plan(None, TagWriteOptions(bpm=True)).changes)
    write_tags(folder / "one.mp3", title="Another")
    (folder / "two.flac").rename(folder / "two, moved.flac")
    (folder / "three.ogg").unlink()
    service.ingest([folder])
    done = service.tags.undo()
    assert {Path(left.path).name: left.reason for left in done.skipped} == {
        "one.mp3": "somebody has changed it since", "three.ogg": "it is not there any more",
    }  # fmt: skip
    assert done.written == 2
    assert said(service) == {"four.mp3": "Rock", "one.mp3": "metal", "two, moved.flac": "Death Metal"}


def test_a_file_with_another_sound_is_left_and_so_is_one_that_is_gone(service: Library) -> None:
    folder = service.settings.home / "music"
    plan = service.tags.plan(None, TagWriteOptions())
    shutil.copy(folder / "one.mp3", folder / "four.mp3")
    (folder / "one.mp3").unlink()
    done = service.tags.apply(plan.changes)
    assert done.written == 0
    assert {Path(left.path).name: left.reason[:30] for left in done.skipped} == {
        "four.mp3": "its sound is not the one that ", "one.mp3": "it is not there any more",
    }  # fmt: skip
    assert service.tags.history() == []


def test_every_copy_of_a_recording_is_written(service: Library) -> None:
    folder = service.settings.home / "music"
    shutil.copy(folder / "four.mp3", folder / "copy.mp3")
    service.ingest([folder])
    service.tags.apply(service.tags.plan("four", TagWriteOptions()).changes)
    assert said(service) == BEFORE | {"copy.mp3": "metal", "four.mp3": "metal"}


def test_no_model_learns_from_what_recsys_wrote(service: Library) -> None:
    from recsys.metadata.labels import labels_from_tags

    service.tags.apply(service.tags.plan(None, TagWriteOptions()).changes)
    tracks = service.tracks()
    with service._context.open() as catalogue:
        ours = catalogue.tag_edits.genres()
    labelled = labels_from_tags(tracks, ours)
    assert dict(zip((t.title for t in tracks), labelled.genres, strict=True)) == {
        "one": None, "two": "Death Metal", "three": "metal", "four": "Rock",
    }  # fmt: skip
    assert labels_from_tags(tracks).genres.count("metal") == 3


def test_killed_in_the_middle_every_file_is_whole_and_the_journal_true() -> None:
    script = Path(__file__).parents[2] / "scripts" / "stress_tagging.py"
    environment = {**os.environ, "PYTHONPATH": str(script.parents[1])}
    command = [sys.executable, str(script), "--files", "40", "--kills", "3"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kills" in done.stdout


def test_interrupted_in_the_middle_the_journal_is_true_at_once(
    service: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    import recsys.tagging.rewrite as rewrite

    def interrupted(path: str, made: object) -> None:
        real(path, made)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    real = rewrite.commit
    monkeypatch.setattr(rewrite, "commit", interrupted)
    done = service.tags.apply(service.tags.plan(None, TagWriteOptions()).changes)
    assert (done.written, done.interrupted) == (1, True)
    monkeypatch.undo()
    [run] = service.tags.history()
    assert (run.files, run.still_applied) == (1, 1)
    monkeypatch.setattr(rewrite, "commit", interrupted)
    undone = service.tags.undo()
    assert (undone.written, undone.interrupted) == (1, True)
    monkeypatch.undo()
    assert said(service) == BEFORE
    service.tags.apply(service.tags.plan("four", TagWriteOptions()).changes)
    assert service.tags.undo().byte_identical == 1
    assert said(service) == BEFORE


def test_where_only_what_is_empty_is_written_the_rest_is_told_apart(service: Library) -> None:
    plan = service.tags.plan(None, TagWriteOptions(skip_non_empty=True))
    assert (len(plan.changes), plan.unchanged, plan.kept_existing) == (1, 2, 1)


def test_a_plan_is_in_the_order_of_paths(service: Library) -> None:
    paths = [intent.path for intent in service.tags.plan(None, TagWriteOptions(bpm=True)).changes]
    assert paths == sorted(paths)


def test_a_spelling_of_its_owner_is_kept(service: Library) -> None:
    with service._context.open() as catalogue:
        said = [
            GenrePrediction(genre, 0.9, {genre: 0.9}, "m") for genre in ("EDM", "Rock & Röll", "hip hop", "tango x")
        ]
        catalogue.set_genres(catalogue.ids().tolist(), said)
    plan = service.tags.plan(None, TagWriteOptions())
    assert {intent.changes[0].new for intent in plan.changes} == {"EDM", "Rock & Röll", "Hip-Hop", "Tango X"}


def test_a_label_of_its_owner_goes_before_the_model(service: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    import recsys.app.tag_writing

    folder = service.settings.home / "music"
    taught = {str(folder / "four.mp3"): "Rock", str(folder / "one.mp3"): "POLKA", str(folder / "three.ogg"): "Metal"}
    monkeypatch.setattr(recsys.app.tag_writing, "learned_labels", lambda _folder: taught)
    plan = service.tags.plan(None, TagWriteOptions())
    [intent] = plan.changes
    assert (Path(intent.path).name, intent.changes[0].new, intent.probability) == ("one.mp3", "POLKA", None)
    assert (plan.unchanged, plan.label_conflicts) == (3, 2)
    plan = service.tags.plan(None, TagWriteOptions(override_labels=True))
    assert {(Path(i.path).name, i.changes[0].new) for i in plan.changes} == {
        ("one.mp3", "metal"),
        ("four.mp3", "metal"),
    }
    assert plan.label_conflicts == 2
    assert service.tags.plan(None, TagWriteOptions(field="custom")).label_conflicts == 0  # that field is recsys's own
