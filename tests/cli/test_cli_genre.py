import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make_entries import make_entry

from recsys.cli.main import main
from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import GenrePrediction, Tags
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library of 30 tracks by 10 artists in folders named jazz and metal; their tags have no genre."""
    from dataclasses import replace

    settings = load_settings({}, home=tmp_path)
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((2, len(DIMENSIONS)))
    entries = []
    for i in range(30):
        folder = ("jazz", "metal")[i % 2]
        path = f"/music/{folder}/artist {i % 10}/{i}.mp3"
        entry = make_entry(path, tags=Tags(artists=(f"artist {i % 10}",), title=f"title {i}"), version=FEATURE_VERSION,
                           dimensions=len(DIMENSIONS))  # fmt: skip
        assert entry.result is not None
        vector = (centres[i % 2] + rng.standard_normal(len(DIMENSIONS))).astype(np.float32)
        raw = np.clip(np.abs(vector), 0, 1).astype(np.float32)
        outcome = replace(entry.result, analysis=replace(entry.result.analysis, vector=raw), normalised=vector)
        entries.append(replace(entry, result=outcome))
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION, create=True) as catalogue:
        catalogue.store(entries)
        catalogue.add_roots(["/music"])
    return tmp_path


def run(home: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["--home", str(home), *arguments])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def test_model_of_folders_predicts_the_genres_of_a_library(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "svm", capsys=capsys)
    assert code == 0, err
    assert "mine 1: svm on embedding; 30 tracks, 2 genres, 10 artists; labels: names of folders" in out
    assert "majority" in out
    assert "the model that ships, as it is" in out
    assert run(home, "genre", "use", "mine", capsys=capsys)[0] == 0
    assert "genre of 30 tracks predicted" in run(home, "genre", "predict", capsys=capsys)[2]
    assert "the genres of all tracks are up to date" in run(home, "genre", "predict", capsys=capsys)[2]
    tracks = json.loads(run(home, "tracks", "--json", capsys=capsys)[1])
    assert {track["genre"] == track["path"].split("/")[2] for track in tracks} == {True}
    models = json.loads(run(home, "genre", "models", "--json", capsys=capsys)[1])
    assert [(m["name"], m["active"], m["accuracy"]) for m in models] == [("default", False, None), ("mine", True, 1.0)]
    card = json.loads(run(home, "genre", "evaluate", "--json", capsys=capsys)[1])
    split = {"by": "artist", "folds": 5, "groups": 10, "groups_by_kind": {"artist": 30}, "tracks": 30, "test": 6}
    assert card["split"] == split
    code, _, err = run(home, "genre", "evaluate", "--report", str(home / "report"), capsys=capsys)
    assert (code, err.strip()) == (0, f"report written to {home / 'report' / 'index.html'}")
    assert {path.suffix for path in (home / "report").iterdir()} == {".html", ".png"}
    page = (home / "report" / "index.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 4
    assert 'src="http' not in page
    assert json.loads(run(home, "genre", "suspects", "--json", capsys=capsys)[1]) == []
    assert run(home, "genre", "use", "default", capsys=capsys)[0] == 0
    assert "genre of 30 tracks predicted" in run(home, "genre", "predict", capsys=capsys)[2]


def test_tuning_stores_trials_and_labels(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from recsys.genre import tuning

    monkeypatch.setattr(tuning, "CANDIDATES", 3)
    assert (
        run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "linear-svm", capsys=capsys)[0] == 0
    )
    code, out, err = run(home, "genre", "tune", "mine", "--minutes", "9", "--jobs", "1", capsys=capsys)
    assert code == 0, err
    assert "mine 2:" in out
    assert "labels: names of folders" in out  # those of mine 1
    assert "trials: 4 candidates" in out
    card = json.loads(run(home, "genre", "evaluate", "mine", "--json", capsys=capsys)[1])
    assert any(one["chosen"] for one in card["trials"])
    assert "trials: 4 candidates" in run(home, "genre", "evaluate", "mine", capsys=capsys)[1]
    assert run(home, "genre", "tune", "mine", "--minutes", "0", capsys=capsys)[0] == 2


def test_interrupted_training_keeps_the_present_model(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from recsys.genre import training

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    arguments = ("mine", "--labels", "folders")
    with monkeypatch.context() as patched:
        patched.setattr(training, "tune", interrupted)
        code, _, err = run(home, "genre", "tune", *arguments, capsys=capsys)
        assert (code, err.splitlines()) == (130, ["no model was stored", "recsys: interrupted"])
        run(home, "genre", "train", *arguments, "--algorithm", "logistic", capsys=capsys)
        code, _, err = run(home, "genre", "tune", *arguments, capsys=capsys)
        assert (code, err.splitlines()[0]) == (130, "no model was stored; mine 1 is unchanged")


def test_replacing_and_deleting_a_model_is_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic")
    assert "replaces" not in run(home, *arguments, capsys=capsys)[2]
    assert "the new model replaces mine 1" in run(home, *arguments, capsys=capsys)[2]
    run(home, "genre", "use", "mine", capsys=capsys)
    code, _, err = run(home, "genre", "delete", "mine", capsys=capsys)
    assert code == 2
    assert "'mine' is active and cannot be deleted; activate another model first with: recsys genre use default" in err
    run(home, "genre", "use", "default", capsys=capsys)
    assert run(home, "genre", "delete", "mine", capsys=capsys)[0] == 0
    assert run(home, "genre", "delete", "mine", capsys=capsys)[0] == 3
    assert run(home, "genre", "delete", "default", capsys=capsys)[0] == 2
    assert not list((home / "models").glob("*.zip"))


def test_more_accurate_active_model_is_kept_without_replace(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from recsys.genre import model_store

    arguments = ("genre", "train", "mine", "--labels", "folders", "--algorithm")
    run(home, *arguments, "svm", capsys=capsys)
    run(home, "genre", "use", "mine", capsys=capsys)
    path = home / "models" / "mine.zip"
    before, turned = path.read_bytes(), model_store.load(path, FEATURE_VERSION)
    code, _, err = run(home, *arguments, "logistic", capsys=capsys)
    assert (code, "the new model replaces mine 1 (accuracy 1.000 before, 1.000 now, on the same 30 tracks)" in err) == (
        0,
        True,
    )

    worse = turned.out_of_fold.probabilities[:, ::-1]
    model_store.save(replace(turned, out_of_fold=replace(turned.out_of_fold, probabilities=worse)), home / "models")
    assert "(accuracy 0.000 before, 1.000 now" in run(home, *arguments, "svm", capsys=capsys)[2]

    path.write_bytes(before)
    run(home, "genre", "train", "other", "--labels", "folders", "--algorithm", "svm", capsys=capsys)
    other = model_store.load(home / "models" / "other.zip", FEATURE_VERSION)
    turned_answers = replace(other.out_of_fold, probabilities=other.out_of_fold.probabilities[:, ::-1])
    low = replace(other, name="mine", out_of_fold=turned_answers)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("recsys.genre.training.train", lambda **_: low)
        code, _, err = run(home, *arguments, "svm", capsys=capsys)
        assert code == 0
        assert (
            "mine 1 is active and more accurate, and is kept (accuracy 1.000 before, 0.000 now, on the same 30 tracks)"
            in err
        )
        assert path.read_bytes() == before
        card = json.loads(run(home, *arguments, "svm", "--json", capsys=capsys)[1])
        assert (card["kept"], card["replaced_version"]) == ("mine 1", None)
        assert card["compared"] == {"tracks": 30, "before": 1.0, "since": 0.0}
        assert "the new model replaces mine 1" in run(home, *arguments, "svm", "--replace", capsys=capsys)[2]
    assert path.read_bytes() != before


def test_tracks_of_one_artist_are_predicted_together(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace as changed

    from recsys.genre import model_store
    from recsys.genre.collective import Collective

    run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic", capsys=capsys)
    model = model_store.load(home / "models" / "mine.zip", FEATURE_VERSION)
    fusion = model.fusion._replace(temperature=200.0, collective=Collective(1.5, 1.0))
    model = changed(model, fusion=fusion)
    model_store.save(model, home / "models")
    run(home, "genre", "predict", "mine", capsys=capsys)
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION) as catalogue:
        theirs = [track for track in catalogue.tracks() if track.artist == "artist 0"]
        vectors = catalogue.vectors_by_id([track.id for track in theirs])
    together = model.probabilities(vectors, np.zeros(3, np.int64)).max(axis=1)
    assert [track.genre_probability for track in theirs] == pytest.approx(together.tolist(), abs=1e-5)
    assert together != pytest.approx(model.probabilities(vectors).max(axis=1), abs=1e-3)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION) as catalogue:
        one = catalogue.tracks()[0].id
        catalogue.set_genres([one], [GenrePrediction("jazz", 1.0, {"jazz": 1.0}, "default 2")])
    assert "genre of 1 track predicted" in run(home, "genre", "predict", capsys=capsys)[2]  # two more were named again


def test_guess_of_an_unknown_genre_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace as changed

    from recsys.genre import model_store

    run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic", capsys=capsys)
    model = model_store.load(home / "models" / "mine.zip", FEATURE_VERSION)
    model_store.save(changed(model, fusion=model.fusion._replace(temperature=500.0, threshold=0.99)), home / "models")
    run(home, "genre", "predict", "mine", capsys=capsys)
    for track in json.loads(run(home, "tracks", "--json", capsys=capsys)[1]):
        assert (track["genre"], track["genre_guess"]) == ("unknown", track["path"].split("/")[2])
        assert 0.5 < track["genre_probability"] < 0.99
    assert "unknown (jazz " in run(home, "tracks", capsys=capsys)[1]


def test_genre_errors_are_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code, result in (
        (("genre", "use", "nope"), 3, "no genre model 'nope'"),
        (("genre", "evaluate"), 3, "choose a trained one; list them with: recsys genre models"),
        (("genre", "evaluate", "default"), 3, "the default model was not trained on labels of this library"),
        (("genre", "suspects", "default"), 3, "the default model was not trained on labels of this library"),
        (("genre", "train", "default"), 2, "choose another name"),
        (("genre", "train", "mine"), 3, "no track of the library has a genre by the genre tags of the files"),
        (("genre", "train", "mine", "--labels", "/no/such.csv"), 3, "/no/such.csv does not exist"),
        (("genre", "evaluate", "nope", "--report", "x"), 3, "no genre model 'nope'"),
        (("genre", "predict", "../x"), 2, "letters, digits"),
        (("classify", "no/where.mp3"), 3, "there is no file no/where.mp3"),
        (("plot", "no/where.mp3"), 3, "no/where.mp3 is neither a file nor a track of the library"),
        (("plot", "title 1", "-o", "/no folder/x.png"), 2, "there is no folder /no folder"),
        (("plot", "title 1", "-o", "x.jpg"), 2, "a picture must be a .png, .svg or .pdf file"),
        (("plot", "title 11"), 3, "there is no file /music/metal/artist 1/11.mp3"),
        (("classify", "x.mp3", "--model", "nope"), 3, "no genre model 'nope'"),
    ):
        found, _, err = run(home, *arguments, capsys=capsys)
        assert found == code, arguments
        assert result in err
        assert len(err.splitlines()) == 1


def test_new_tracks_are_predicted_by_the_active_model_and_kept_if_it_is_missing(
    home: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    from recsys.app.library import Library

    run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic", capsys=capsys)
    run(home, "genre", "use", "mine", capsys=capsys)
    service = Library(load_settings({}, home=home))
    with Catalogue.open(service.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        service.genre_models.predict_new(catalogue)
        assert len(catalogue.ids_without_prediction_from("mine 1")) == 0
        (home / "models" / "mine.zip").unlink()
        service.genre_models.predict_new(catalogue)
    assert "there is no genre model 'mine'" in caplog.text


def test_label_issue_has_its_track(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace as changed

    from recsys.genre import model_store

    run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic", capsys=capsys)
    model = model_store.load(home / "models" / "mine.zip", FEATURE_VERSION)
    truth = model.out_of_fold.truth.copy()
    truth[0] = 1 - truth[0]
    paths = (*model.out_of_fold.paths[:-1], "/music/gone.mp3")
    truth[-1] = 1 - truth[-1]
    answers = changed(model.out_of_fold, truth=truth, paths=paths)
    model_store.save(changed(model, out_of_fold=answers), home / "models")
    doubted = json.loads(run(home, "genre", "suspects", "mine", "--json", capsys=capsys)[1])
    known = {row["path"]: (row["id"], row["artist"], row["title"]) for row in doubted}
    assert known.pop("/music/gone.mp3") == (None, None, None)
    [(path, (number, artist, title))] = known.items()
    assert artist == path.split("/")[3]
    assert (title, number) == ("title 0", 1)
    assert "artist 0  title 0" in run(home, "genre", "suspects", "mine", capsys=capsys)[1]
    run(home, "genre", "evaluate", "mine", "--report", str(home / "report"), capsys=capsys)
    page = (home / "report" / "index.html").read_text(encoding="utf-8")
    assert "Label issues" in page
    assert "<td>gone.mp3</td>" in page


def test_labels_of_the_active_model_are_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from recsys.app.active_model import learned_labels

    run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic", capsys=capsys)
    assert learned_labels(home / "models") == {}
    run(home, "genre", "use", "mine", capsys=capsys)
    labels = learned_labels(home / "models")
    assert len(labels) == 30
    assert {path.split("/")[2] == genre for path, genre in labels.items()} == {True}
    (home / "models" / "mine.zip").write_bytes(b"broken")
    assert learned_labels(home / "models") == {}


def test_failing_model_does_not_prevent_an_ingest(
    home: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from recsys.app.library import Library
    from recsys.genre.trained_model import TrainedModel

    run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic", capsys=capsys)
    run(home, "genre", "use", "mine", capsys=capsys)
    real = TrainedModel.probabilities

    def chokes(self: TrainedModel, vectors: np.ndarray, groups: object = None) -> np.ndarray:
        return real(self, vectors) if len(vectors) == 1 else vectors[:, :, None, None]["x"]

    def silent(self: TrainedModel, vectors: np.ndarray, groups: object = None) -> np.ndarray:
        return real(self, vectors) * (1 if len(vectors) == 1 else np.nan)

    service = Library(load_settings({}, home=home))
    with Catalogue.open(service.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        for broken, result in (
            (chokes, "the genre model mine fails (IndexError"),
            (silent, "predicts probabilities that are not finite"),
        ):
            monkeypatch.setattr(TrainedModel, "probabilities", broken)
            service.genre_models.predict_new(catalogue)
            assert result in caplog.text
        (home / "models" / "used").write_bytes(b"\xff\xfe")
        service.genre_models.predict_new(catalogue)
        assert len(catalogue.ids_without_prediction_from("mine 1")) == 30


def test_control_characters_of_model_metadata_are_escaped(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace as changed

    from recsys.genre import model_store

    run(home, "genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic", capsys=capsys)
    model = model_store.load(home / "models" / "mine.zip", FEATURE_VERSION)
    strange = changed(model, source="\x1b[31mred\x07", algorithm="\x1b]0;x\x07", genres=("a\x1b[2J", "b"))
    model_store.save(strange, home / "models")
    for arguments in (("evaluate", "mine"), ("models",)):
        code, out, err = run(home, "genre", *arguments, capsys=capsys)
        assert code == 0, err
        assert "\x1b" not in out + err
        assert "\x07" not in out + err


def test_model_versions_are_unique(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = ("genre", "train", "mine", "--labels", "folders", "--algorithm", "logistic")
    run(home, *train, capsys=capsys)
    assert "mine 2:" in run(home, *train, capsys=capsys)[1]
    run(home, "genre", "predict", "mine", capsys=capsys)
    (home / "models" / "mine.zip").write_bytes(b"damaged")
    assert "mine 3:" in run(home, *train, capsys=capsys)[1]
    assert "genre of 30 tracks predicted" in run(home, "genre", "predict", capsys=capsys)[2]
    (home / "models" / "mine.zip").unlink()
    assert "mine 4:" in run(home, *train, capsys=capsys)[1]
    assert "min 1:" in run(home, "genre", "train", "min", *train[3:], capsys=capsys)[1]
