import numpy as np
import pytest
from labelled import GENRES, make_examples

from recsys.genre import registry, tuning
from recsys.genre.folds import folds_of
from recsys.genre.training import TUNED, tune
from recsys.genre.tuning import EVERYONE, draw, search


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "CANDIDATES", 6)


def lesson(**options: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    examples = make_examples(**options)
    return examples.vectors, np.searchsorted(GENRES, examples.genres), folds_of(examples)


def test_every_candidate_that_can_be_drawn_can_be_trained() -> None:
    vectors, truth, _ = lesson()
    rng = np.random.default_rng(0)
    kinds = set()
    for _ in range(200):
        candidate = draw(rng)
        kind = candidate.name.partition(":")[0].partition(" on ")[0]
        if kind not in kinds:
            (member,) = candidate.members
            assert member.fitted(vectors, truth).logits(vectors).shape == (len(truth), 3)
        kinds.add(kind)
    assert kinds == {"logistic", "svm (RBF)", "svm (linear)", "forest", "boosting", "knn"}


def test_the_same_seed_finds_the_same_and_what_everyone_gets_is_always_among_it() -> None:
    shares: list[float] = []
    found = search(*lesson(), seed=3, progress=shares.append)
    again = search(*lesson(), seed=3)
    assert [one._replace(seconds=0) for one in found.tried] == [one._replace(seconds=0) for one in again.tried]
    assert found.tried[0].tracks == 60
    assert EVERYONE in {one.name for one in found.tried if one.chosen}
    assert len({one.name for one in found.tried}) == len(found.tried)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_no_time_at_all_leaves_what_everyone_gets() -> None:
    found = search(*lesson(), seconds=0.0)
    assert [one.name for one in found.tried] == [EVERYONE]
    assert [said.shape for said in found.logits] == [(60, 3)] * len(found.members)


def test_many_tracks_are_first_tried_on_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "_FEWEST", 20)
    monkeypatch.setattr(tuning, "_FEWEST_EACH", 5)
    found = search(*lesson(artists=10, tracks=6), seed=1)
    sizes = sorted({one.tracks for one in found.tried})
    first, second, last = ({one.name for one in found.tried if one.tracks == size} for size in sizes)
    assert sizes[-1] == 180
    assert len(first) == 7
    assert last <= second < first
    assert EVERYONE in last


def test_a_tuned_model_is_judged_by_searches_that_have_not_heard_the_artist(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    heard: list[int] = []
    real = search

    def watched(vectors, truth, folds, **options):  # type: ignore[no-untyped-def]
        heard.append(len(vectors))
        assert len(set(folds.tolist())) == (4 if len(vectors) < 60 else 5)
        return real(vectors, truth, folds, **options)

    monkeypatch.setattr("recsys.genre.training.search", watched)
    examples = make_examples(spread=6.0)
    model = tune("mine", examples, feature_version=1)
    assert len(heard) == 6
    assert sum(heard) == 5 * 60
    assert model.tried
    assert (model.algorithm == TUNED) == (len({t.name for t in model.tried if t.chosen}) > 1)
    again = registry.load(registry.save(model, tmp_path), 1)
    assert again.tried == model.tried
    np.testing.assert_allclose(again.probabilities(examples.vectors), model.probabilities(examples.vectors), atol=1e-6)
