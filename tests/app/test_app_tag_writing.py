"""From what a library knows to what the files say, and back."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from make_entries import make_entry
from signals import music, write_audio, write_tags

from recsys.app.library import Service, Wish
from recsys.audio.identity import identify
from recsys.audio.tags import read_tags
from recsys.config import Settings
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import Entry, FileStat, GenrePrediction, Identity
from recsys.errors import NothingFound, UsageError
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.tagging.rewrite import digest_of

SAYS = {"one.mp3": "", "two.flac": "Death Metal", "three.ogg": "metal", "four.mp3": "Rock"}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Four files, all of them metal (0.75) at 120 BPM in A minor, that say something else or nothing."""
    service = Service(Settings(home=tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}"))
    entries = []
    for seed, (name, genre) in enumerate(SAYS.items()):
        path = write_audio(tmp_path / "music" / name, music(2, 44100, seed), 44100) if genre is not None else Path()
        write_tags(path, **{"title": path.stem, "artist": "An Artist"} | ({"genre": genre} if genre else {}))
        entries.append(entry(path))
    with Catalogue.open(service.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(entries)
        catalogue.note_roots([str(tmp_path / "music")])
    return service


@pytest.fixture(autouse=True)
def _music(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()


def entry(path: Path) -> Entry:
    known = identify(path)
    made = make_entry(str(path), genre="metal", version=FEATURE_VERSION, dimensions=len(DIMENSIONS))
    stat = path.stat()
    identity = Identity(known.payload, known.info, known.tags)
    return Entry(FileStat(str(path), stat.st_size, stat.st_mtime_ns), identity, made.outcome)


def said(service: Service) -> dict[str, str | None]:
    return {path.name: read_tags(path).genre for path in sorted((service.settings.home / "music").iterdir())}


def contents(service: Service) -> dict[str, str]:
    return {path.name: digest_of(path) for path in sorted((service.settings.home / "music").iterdir())}


BEFORE = {"four.mp3": "Rock", "one.mp3": None, "three.ogg": "metal", "two.flac": "Death Metal"}
AFTER = {"four.mp3": "metal", "one.mp3": "metal", "three.ogg": "metal", "two.flac": "Death Metal"}


def test_a_plan_writes_nothing_and_leaves_alone_what_says_it_already(service: Service) -> None:
    before = contents(service)
    plan = service.tagger.plan(None, Wish())
    # The library spells it so: one file says "metal", as many as say "Death Metal", which is a kind of it.
    assert {(Path(i.path).name, i.changes[0].was, i.changes[0].now) for i in plan.intents} == {
        ("one.mp3", "", "metal"), ("four.mp3", "Rock", "metal"),
    }  # fmt: skip
    assert (plan.alike, plan.unsure, plan.left) == (2, 0, ())
    assert contents(service) == before
    assert service.tagger.runs() == []


def test_wishes(service: Service) -> None:
    tagger = service.tagger
    assert tagger.plan(None, Wish(min_probability=0.8)).unsure == 4
    assert [Path(i.path).name for i in tagger.plan(None, Wish(only_if_empty=True)).intents] == ["one.mp3"]
    [intent] = tagger.plan("one", Wish(field=None, bpm=True, key=True)).intents
    assert [(c.field, c.now) for c in intent.changes] == [("bpm", "120"), ("key", "Am")]
    [intent] = tagger.plan("four", Wish(field="comment")).intents
    assert intent.changes[0].now == "[recsys: metal 75%]"
    assert tagger.plan("four", Wish(field="custom")).intents[0].changes[0].now == "metal"
    with pytest.raises(UsageError, match="nothing to write"):
        tagger.plan(None, Wish(field=None))
    with pytest.raises(UsageError, match=r"--min-probability must be from 0 to 1, but is 1\.5"):
        tagger.plan(None, Wish(min_probability=1.5))
    with pytest.raises(NothingFound, match="no track matches 'polka'"):
        tagger.plan("polka", Wish())


def test_an_unknown_genre_is_not_written(service: Service) -> None:
    with service._library.open() as catalogue:
        catalogue.set_genres(catalogue.ids(), [GenrePrediction("unknown", 0.9, {"metal": 0.9}, "m")] * 4)
    plan = service.tagger.plan(None, Wish(min_probability=0))
    assert (plan.intents, plan.unsure) == ((), 4)


def test_written_and_taken_back(service: Service) -> None:
    before = contents(service)
    done = service.tagger.write(service.tagger.plan(None, Wish()).intents)
    assert (done.run, done.files, done.left) == (1, 2, ())
    assert said(service) == AFTER
    assert service.tagger.plan(None, Wish()).intents == ()
    summary = service.ingest([service.settings.home / "music"])
    assert (summary.seen, summary.unchanged) == (4, 4)  # the library knows what it has done
    assert {t.title: t.tagged_genre for t in service.tracks()}["four"] == "metal"
    undone = service.tagger.undo()
    assert (undone.files, undone.exact, undone.left) == (2, 2, ())
    assert said(service) == BEFORE
    assert contents(service) == before
    with pytest.raises(NothingFound, match="nothing that was written stands"):
        service.tagger.undo()


def test_a_comment_of_its_owner_stays(service: Service) -> None:
    path = service.settings.home / "music" / "four.mp3"
    import mutagen
    from mutagen import id3

    file = mutagen.File(path)
    file.tags.add(id3.COMM(encoding=3, lang="deu", desc="", text=["von Oma [recsys: Jazz 20%]"]))
    file.save()
    with service._library.open() as catalogue:
        catalogue.store([entry(path)])
    plan = service.tagger.plan("four", Wish(field="comment"))
    service.tagger.write(plan.intents)
    assert id3.ID3(path)["COMM::deu"].text == ["von Oma [recsys: metal 75%]"]


def test_one_run_after_the_other_is_taken_back_in_any_way(service: Service) -> None:
    tagger = service.tagger
    tagger.write(tagger.plan("four", Wish()).intents)
    tagger.write(tagger.plan("four", Wish(field=None, bpm=True)).intents)
    refused = tagger.undo("1")
    told = "run 2 has written it since; take that back first: recsys genre undo 2"
    assert (refused.files, [left.reason for left in refused.left]) == (0, [told])
    for wrong, why in (("7", "no run 7"), ("2999-01-01", "nothing has been written since")):
        with pytest.raises(NothingFound, match=why):
            tagger.undo(wrong)
    with pytest.raises(UsageError, match="'soon' is neither the number of a run nor a time"):
        tagger.undo("soon")
    done = tagger.undo("2000-01-01")
    assert (done.files, done.left) == (2, ())
    assert said(service) == BEFORE
    assert [(run.number, run.files, run.standing) for run in tagger.runs()] == [(2, 1, 0), (1, 1, 0)]
    with pytest.raises(NothingFound, match="nothing that was written stands"):
        tagger.undo("1")


def test_undo_goes_to_the_latest_run_of_which_anything_can_be_taken_back(service: Service) -> None:
    tagger, folder = service.tagger, service.settings.home / "music"
    tagger.write(tagger.plan(None, Wish()).intents)
    tagger.write(tagger.plan("one", Wish(field=None, bpm=True)).intents)
    write_tags(folder / "one.mp3", title="Another")
    done = tagger.undo()
    assert (done.run, done.files) == (1, 1)  # four.mp3
    assert [(Path(path).name, why) for path, why in done.left] == [("one.mp3", "somebody has changed it since")]
    stuck = tagger.undo()
    assert (stuck.files, len(stuck.left)) == (0, 1)


def test_files_that_others_changed_moved_or_deleted(service: Service) -> None:
    folder = service.settings.home / "music"
    service.tagger.write(service.tagger.plan(None, Wish(bpm=True)).intents)
    write_tags(folder / "one.mp3", title="Another")
    (folder / "two.flac").rename(folder / "two, moved.flac")
    (folder / "three.ogg").unlink()
    service.ingest([folder])
    done = service.tagger.undo()
    assert {Path(left.path).name: left.reason for left in done.left} == {
        "one.mp3": "somebody has changed it since", "three.ogg": "it is not there any more",
    }  # fmt: skip
    assert done.files == 2
    assert said(service) == {"four.mp3": "Rock", "one.mp3": "metal", "two, moved.flac": "Death Metal"}


def test_a_file_with_another_sound_is_left_and_so_is_one_that_is_gone(service: Service) -> None:
    folder = service.settings.home / "music"
    plan = service.tagger.plan(None, Wish())
    shutil.copy(folder / "one.mp3", folder / "four.mp3")
    (folder / "one.mp3").unlink()
    done = service.tagger.write(plan.intents)
    assert done.files == 0
    assert {Path(left.path).name: left.reason[:30] for left in done.left} == {
        "four.mp3": "its sound is not the one that ", "one.mp3": "it is not there any more",
    }  # fmt: skip
    assert service.tagger.runs() == []


def test_every_copy_of_a_recording_is_written(service: Service) -> None:
    folder = service.settings.home / "music"
    shutil.copy(folder / "four.mp3", folder / "copy.mp3")
    service.ingest([folder])
    service.tagger.write(service.tagger.plan("four", Wish()).intents)
    assert said(service) == BEFORE | {"copy.mp3": "metal", "four.mp3": "metal"}


def test_no_model_learns_from_what_recsys_wrote(service: Service) -> None:
    from recsys.metadata.labels import labels_from_tags

    service.tagger.write(service.tagger.plan(None, Wish()).intents)
    tracks = service.tracks()
    with service._library.open() as catalogue:
        ours = catalogue.journal.genres()
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
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    import recsys.tagging.rewrite as rewrite

    def interrupted(path: str, made: object) -> None:
        real(path, made)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    real = rewrite.commit
    monkeypatch.setattr(rewrite, "commit", interrupted)
    done = service.tagger.write(service.tagger.plan(None, Wish()).intents)
    assert (done.files, done.interrupted) == (1, True)
    monkeypatch.undo()
    [run] = service.tagger.runs()
    assert (run.files, run.standing) == (1, 1)
    monkeypatch.setattr(rewrite, "commit", interrupted)
    undone = service.tagger.undo()
    assert (undone.files, undone.interrupted) == (1, True)
    monkeypatch.undo()
    assert said(service) == BEFORE
    service.tagger.write(service.tagger.plan("four", Wish()).intents)
    assert service.tagger.undo().exact == 1
    assert said(service) == BEFORE


def test_where_only_what_is_empty_is_written_the_rest_is_told_apart(service: Service) -> None:
    plan = service.tagger.plan(None, Wish(only_if_empty=True))
    assert (len(plan.intents), plan.alike, plan.other) == (1, 2, 1)


def test_a_plan_is_in_the_order_of_paths(service: Service) -> None:
    paths = [intent.path for intent in service.tagger.plan(None, Wish(bpm=True)).intents]
    assert paths == sorted(paths)


def test_a_spelling_of_its_owner_is_kept(service: Service) -> None:
    with service._library.open() as catalogue:
        said = [
            GenrePrediction(genre, 0.9, {genre: 0.9}, "m") for genre in ("EDM", "Rock & Röll", "hip hop", "tango x")
        ]
        catalogue.set_genres(catalogue.ids(), said)
    plan = service.tagger.plan(None, Wish())
    assert {intent.changes[0].now for intent in plan.intents} == {"EDM", "Rock & Röll", "Hip-Hop", "Tango X"}


def test_a_label_of_its_owner_goes_before_the_model(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    import recsys.app.tag_writing

    folder = service.settings.home / "music"
    taught = {str(folder / "four.mp3"): "Rock", str(folder / "one.mp3"): "POLKA", str(folder / "three.ogg"): "Metal"}
    monkeypatch.setattr(recsys.app.tag_writing, "labels_learned", lambda _folder: taught)
    plan = service.tagger.plan(None, Wish())
    [intent] = plan.intents
    assert (Path(intent.path).name, intent.changes[0].now, intent.probability) == ("one.mp3", "POLKA", None)
    assert (plan.alike, plan.contradicted) == (3, 2)
    plan = service.tagger.plan(None, Wish(relabel=True))
    assert {(Path(i.path).name, i.changes[0].now) for i in plan.intents} == {
        ("one.mp3", "metal"),
        ("four.mp3", "metal"),
    }
    assert plan.contradicted == 2
    assert service.tagger.plan(None, Wish(field="custom")).contradicted == 0  # that field is recsys's own
