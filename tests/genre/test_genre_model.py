"""The default genre model: predictions, invalid input, its file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.tracks import UNKNOWN
from recsys.errors import ModelError
from recsys.features.tag_names import MSD_TAGS
from recsys.genre.model import FLOOR, GENRES, GenreModel, default_model, load, predict, save, softmax
from recsys.genre.tags import tag_reference

SCRIPTS = Path(__file__).parents[2] / "scripts"


def with_probabilities(probabilities: dict[str, float], size: int = 100) -> np.ndarray:
    """Mean tags of the reference corpus, but for the given ones; underscores for spaces and hyphens."""
    mean, _ = tag_reference()
    tags = np.maximum(np.exp(mean) - FLOOR, 0)[None, :size].astype(np.float32)
    names = [tag.replace(" ", "_").replace("-", "_") for tag in MSD_TAGS]
    for name, probability in probabilities.items():
        tags[0, names.index(name)] = probability
    return tags


def make_tags(**probabilities: float) -> np.ndarray:
    return with_probabilities(probabilities)


def make_msd_tags(**probabilities: float) -> np.ndarray:
    return with_probabilities(probabilities, len(MSD_TAGS))


@pytest.mark.parametrize(
    ("genre", "probabilities"),
    [
        ("jazz", {"jazz": 0.8, "instrumental": 0.1}),
        ("metal", {"metal": 0.8, "heavy_metal": 0.4, "hard_rock": 0.2, "rock": 0.2}),
        ("hip hop", {"Hip_Hop": 0.9}),
        ("country", {"country": 0.8, "acoustic": 0.05}),
        ("electronic", {"electronic": 0.6, "electronica": 0.2, "ambient": 0.3, "House": 0.1}),
        ("rock", {"rock": 0.6, "classic_rock": 0.5, "70s": 0.2, "hard_rock": 0.2}),
        ("folk", {"folk": 0.5, "acoustic": 0.4, "guitar": 0.1, "indie": 0.2}),
        ("blues", {"blues": 0.8, "guitar": 0.2, "classic_rock": 0.1}),
        ("pop", {"pop": 0.6, "female_vocalists": 0.4, "dance": 0.3}),
        ("R&B/soul", {"soul": 0.6, "rnb": 0.3, "funk": 0.2}),
    ],
)
def test_probable_tag_determines_the_genre(genre: str, probabilities: dict[str, float]) -> None:
    assert next(iter(predict(with_probabilities(probabilities))[0].genres)) == genre


def test_genres_are_a_distribution_most_probable_first() -> None:
    (found,) = predict(make_tags(jazz=0.5))
    assert set(found.genres) == set(GENRES)
    assert sum(found.genres.values()) == pytest.approx(1)
    assert list(found.genres.values()) == sorted(found.genres.values(), reverse=True)
    assert next(iter(found.genres.values())) == found.probability == max(found.genres.values())
    assert found.model == "default 3"


def test_all_tags_and_msd_tags_have_separate_weights() -> None:
    tags, model = make_tags(pop=0.5, rnb=0.3), default_model()
    plain = tags.astype(float)
    logs = np.log(plain + FLOOR)
    expected = logs @ model.weights[:, :100].T + plain @ model.weights[:, 100:].T + model.bias
    np.testing.assert_allclose(model.probabilities(tags), softmax(expected))
    msd = logs[:, :50] @ model.msd_weights[:, :50].T + plain[:, :50] @ model.msd_weights[:, 50:].T
    msd = softmax(msd + model.msd_bias)
    np.testing.assert_allclose(model.probabilities(tags[:, :50]), msd)


def test_prediction_below_the_threshold_is_unknown_and_first_of_the_genres() -> None:
    g = len(GENRES)
    weights, bias, msd_weights, msd_bias = np.zeros((g, 200)), np.zeros(g), np.zeros((g, 100)), np.zeros(g)
    weights[GENRES.index("jazz"), MSD_TAGS.index("jazz")] = 10.0
    bias[GENRES.index("jazz")] = 5.0
    model = GenreModel("made", 1, GENRES, weights, bias, msd_weights, msd_bias, threshold=0.5)
    uncertain, certain = model.predict(np.concatenate([make_tags(jazz=0.01), make_tags(jazz=0.9)]))
    assert (uncertain.genre, certain.genre) == (UNKNOWN, "jazz")
    assert uncertain.probability == max(uncertain.genres.values()) == next(iter(uncertain.genres.values())) < 0.5


def test_no_tracks_give_no_predictions() -> None:
    assert predict(np.empty((0, 100), np.float32)) == []


@given(st.lists(st.floats(0, 1), min_size=50, max_size=50))
def test_any_tags_have_a_finite_prediction(row: list[float]) -> None:
    (found,) = predict(np.array([row], np.float32))
    assert 1 / len(GENRES) <= found.probability <= 1


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (np.zeros(100), r"tags must have the shape \(n, 100\) or \(n, 50\), got \(100,\)"),
        (np.zeros((1, 49)), r"got \(1, 49\)"),
        (np.zeros((1, 60)), r"got \(1, 60\)"),
        (np.full((1, 50), 1.5), "tags must be probabilities between 0 and 1"),
        (np.full((1, 50), np.nan), "tags must be probabilities between 0 and 1"),
    ],
)
def test_invalid_tags_are_refused(tags: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        predict(tags)


def test_saved_model_is_loaded_unchanged(tmp_path: Path) -> None:
    save(default_model(), tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    for name in ("weights", "bias", "msd_weights", "msd_bias", "threshold"):
        np.testing.assert_allclose(getattr(again, name), getattr(default_model(), name), rtol=1e-6)
    assert (again.genres, again.trained_on) == (GENRES, default_model().trained_on)


def test_missing_and_damaged_files_are_model_errors(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    with pytest.raises(ModelError, match="no genre model"):
        load(path)
    path.write_bytes(b"not a zip")
    with pytest.raises(ModelError, match="damaged"):
        load(path)
    save(default_model(), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="damaged"):
        load(path)


def test_models_of_other_shapes_or_tags_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    rows = len(GENRES)
    all_tags, bias, msd = np.zeros((rows, 200)), np.zeros(rows), np.zeros((rows, 100))
    for broken, reason in (
        ((np.zeros((rows, 100)), bias, msd, bias), "weights"),  # version 2: logarithms only
        ((all_tags, bias, np.zeros((rows, 50)), bias), "weights"),
        ((all_tags, bias, np.full((rows, 100), np.nan), bias), "finite"),
    ):
        save(GenreModel("odd", 1, GENRES, *broken), path)
        with pytest.raises(ModelError, match=reason):
            load(path)
    with np.load(_saved(path)) as file:
        arrays = dict(file)
    np.savez(path, **(arrays | {"tags": arrays["tags"][::-1]}))
    with pytest.raises(ModelError, match="other tags"):
        load(path)


def test_importing_the_model_does_not_import_scikit_learn() -> None:
    code = "import sys, recsys.genre.model, recsys.genre.tags; print({'sklearn', 'scipy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["set()"]


def test_score_gtzan_scores_a_taggram_file(tmp_path: Path) -> None:
    metal = make_msd_tags(metal=0.9, heavy_metal=0.5, rock=0.2)
    patches = np.concatenate([make_msd_tags(jazz=0.7), make_msd_tags(jazz=0.9), metal])
    files = ["jazz/jazz.1.au", "jazz/jazz.1.au", "metal/metal.1.au"]
    np.savez(tmp_path / "some.npz", X=patches, Y=np.array([5, 5, 6]), IDS=np.array(files))
    command = [sys.executable, str(SCRIPTS / "score_gtzan.py"), str(tmp_path / "some.npz")]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "0 of its 2 files trained on: unseen by the model" in out
    assert "accuracy 1.000 (2 of 2)" in out


def test_score_gtzan_recognises_the_training_split(data_dir: Path) -> None:
    taggrams = data_dir / "gtzan" / "train_taggrams.npz"
    command = [sys.executable, str(SCRIPTS / "score_gtzan.py"), str(taggrams)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "443 of its 443 files trained on: a training split" in out
    assert float(out.split("accuracy ")[1].split()[0]) > 0.85


def _saved(path: Path) -> Path:
    save(default_model(), path)
    return path
