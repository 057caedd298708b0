"""The default genre model: what it knows, what it refuses, how it is stored."""

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
from recsys.genre.tags import _reference

SCRIPTS = Path(__file__).parents[2] / "scripts"


def heard(size: int = 100, **probabilities: float) -> np.ndarray:
    """Tags of a track that is as usual but for a few tags; underscores for spaces and hyphens."""
    mean, _ = _reference()
    tags = np.maximum(np.exp(mean) - FLOOR, 0)[None, :size].astype(np.float32)
    names = [tag.replace(" ", "_").replace("-", "_") for tag in MSD_TAGS]
    for name, probability in probabilities.items():
        tags[0, names.index(name)] = probability
    return tags


@pytest.mark.parametrize(
    ("genre", "tags"),
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
def test_clear_tags_have_a_clear_genre(genre: str, tags: dict[str, float]) -> None:
    assert next(iter(predict(heard(**tags))[0].genres)) == genre


def test_a_prediction_is_a_distribution_most_probable_first() -> None:
    (found,) = predict(heard(jazz=0.5))
    assert set(found.genres) == set(GENRES)
    assert sum(found.genres.values()) == pytest.approx(1)
    assert list(found.genres.values()) == sorted(found.genres.values(), reverse=True)
    assert next(iter(found.genres.values())) == found.probability == max(found.genres.values())
    assert found.model == "default 3"


def test_all_tags_and_those_of_one_network_have_weights_of_their_own() -> None:
    tags, model = heard(pop=0.5, rnb=0.3), default_model()
    plain = tags.astype(float)
    logs = np.log(plain + FLOOR)
    whole = logs @ model.weights[:, :100].T + plain @ model.weights[:, 100:].T + model.bias
    np.testing.assert_allclose(model.probabilities(tags), softmax(whole))
    alone = logs[:, :50] @ model.msd_weights[:, :50].T + plain[:, :50] @ model.msd_weights[:, 50:].T
    alone = softmax(alone + model.msd_bias)
    np.testing.assert_allclose(model.probabilities(tags[:, :50]), alone)


def test_a_doubtful_guess_is_unknown_and_stands_first_of_the_genres() -> None:
    flat = [np.zeros((len(GENRES), *width)) for width in ((200,), (), (100,), ())]
    flat[0][GENRES.index("jazz"), MSD_TAGS.index("jazz")] = 10.0
    flat[1][GENRES.index("jazz")] = 5.0
    model = GenreModel("made", 1, GENRES, *flat, threshold=0.5)
    doubtful, sure = model.predict(np.concatenate([heard(jazz=0.01), heard(jazz=0.9)]))
    assert (doubtful.genre, sure.genre) == (UNKNOWN, "jazz")
    assert doubtful.probability == max(doubtful.genres.values()) == next(iter(doubtful.genres.values())) < 0.5


def test_no_tracks_no_predictions() -> None:
    assert predict(np.empty((0, 100), np.float32)) == []


@given(st.lists(st.floats(0, 1), min_size=50, max_size=50))
def test_any_tags_have_a_finite_answer(row: list[float]) -> None:
    (found,) = predict(np.array([row], np.float32))
    assert 1 / len(GENRES) <= found.probability <= 1


@pytest.mark.parametrize(
    "tags", [np.zeros(100), np.zeros((1, 49)), np.zeros((1, 60)), np.full((1, 50), 1.5), np.full((1, 50), np.nan)]
)
def test_what_are_no_tags_is_refused(tags: np.ndarray) -> None:
    with pytest.raises(ValueError, match="tags must be"):
        predict(tags)


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    save(default_model(), tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    for name in ("weights", "bias", "msd_weights", "msd_bias", "threshold"):
        np.testing.assert_allclose(getattr(again, name), getattr(default_model(), name), rtol=1e-6)
    assert (again.genres, again.trained_on) == (GENRES, default_model().trained_on)


def test_unusable_files_are_model_errors(tmp_path: Path) -> None:
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


def test_models_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    rows = len(GENRES)
    whole, bias, msd = np.zeros((rows, 200)), np.zeros(rows), np.zeros((rows, 100))
    for broken, reason in (
        ((np.zeros((rows, 100)), bias, msd, bias), "weights"),  # of version 2: logarithms alone
        ((whole, bias, np.zeros((rows, 50)), bias), "weights"),
        ((whole, bias, np.full((rows, 100), np.nan), bias), "finite"),
    ):
        save(GenreModel("odd", 1, GENRES, *broken), path)
        with pytest.raises(ModelError, match=reason):
            load(path)
    with np.load(_saved(path)) as file:
        arrays = dict(file)
    np.savez(path, **(arrays | {"tags": arrays["tags"][::-1]}))
    with pytest.raises(ModelError, match="other tags"):
        load(path)


def test_classifying_imports_no_scikit_learn() -> None:
    code = "import sys, recsys.genre.model, recsys.genre.tags; print({'sklearn', 'scipy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["set()"]


def test_scoring_a_taggram_file(tmp_path: Path) -> None:
    metal = heard(50, metal=0.9, heavy_metal=0.5, rock=0.2)
    patches = np.concatenate([heard(50, jazz=0.7), heard(50, jazz=0.9), metal])
    files = ["jazz/jazz.1.au", "jazz/jazz.1.au", "metal/metal.1.au"]
    np.savez(tmp_path / "some.npz", X=patches, Y=np.array([5, 5, 6]), IDS=np.array(files))
    command = [sys.executable, str(SCRIPTS / "score_gtzan.py"), str(tmp_path / "some.npz")]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "0 of its 2 files trained on: unseen by the model" in out
    assert "accuracy 1.000 (2 of 2)" in out


def test_the_training_split_is_named_and_fitted(data_dir: Path) -> None:
    taggrams = data_dir / "gtzan" / "train_taggrams.npz"
    command = [sys.executable, str(SCRIPTS / "score_gtzan.py"), str(taggrams)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "443 of its 443 files trained on: a training split" in out
    assert float(out.split("accuracy ")[1].split()[0]) > 0.85


def _saved(path: Path) -> Path:
    save(default_model(), path)
    return path
