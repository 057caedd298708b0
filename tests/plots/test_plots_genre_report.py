"""The page and the pictures of a genre model, from a synthetic scorecard."""

from pathlib import Path
from typing import Any

import pytest

from recsys.plots.genre_messages import context_message, rejection_message
from recsys.plots.genre_page import LabelIssue, page
from recsys.plots.genre_report import write_report

SCORE = {"mean": 0.8, "low": 0.7, "high": 0.9}


def card(**changed: Any) -> dict[str, Any]:
    kinds = {"precision": 0.8, "recall": 0.7, "f1": 0.75}
    scores = {
        "tracks": 20, "accuracy": SCORE, "balanced_accuracy": SCORE, "f1_macro": SCORE, "calibration_error": 0.1,
        "genres": {genre: kinds | {"tracks": 10} for genre in ("演歌", "Rock & Röll")}, "means": {"macro": kinds},
        "confusion": [[10, 0], [4, 6]], "reliability": [{"probability": 0.8, "accuracy": 0.8, "tracks": 20}],
        "coverage": [{"coverage": c, "accuracy": 0.8, "probability": 0.5} for c in (1.0, 0.5)],
        "answered": 0.99, "accuracy_answered": 0.805,
    }  # fmt: skip
    return {
        "name": "mine", "version": 2, "made": "2026-05-31T18:30:00+00:00", "algorithm": "blend", "features": "all",
        "feature_version": 3, "labels": "my <labels>", "fingerprint": "0" * 64, "genres": ["演歌", "Rock & Röll"],
        "same_artist_weight": 0.5, "threshold": 0.0, "scores": scores, "first_fold": {"accuracy": SCORE, "tracks": 4},
        "split": {"by": "artist", "folds": 5, "groups": 9, "tracks": 20}, "baselines": {"majority": scores},
        "trials": [{"name": "knn", "tracks": 20, "log_loss": 0.5, "accuracy": 0.8, "chosen": False}],
    } | changed  # fmt: skip


@pytest.mark.parametrize(
    ("threshold", "rule"),
    [
        (0.0, "no prediction is rejected"),
        (0.3, "no prediction is rejected"),
        (0.6, "a genre below a probability of 0.60 is unknown"),
    ],
)
def test_rejection_message(threshold: float, rule: str) -> None:
    assert rejection_message(card(threshold=threshold)) == (
        f"{rule}; in cross-validation, each fold with the threshold of the others: 99% predicted, 0.805 correct"
    )


def test_context_message() -> None:
    assert context_message(card()) == "predictions use the other tracks of the artist, with a weight of 0.5"


def test_page_has_the_scores_and_messages() -> None:
    issues = [
        LabelIssue(f"/m/{i}.mp3", "A & B" if i else None, f"song {i}", "rock", "pop", 0.1, 0.8) for i in range(30)
    ]
    text = page(card(), [("A picture.", b"png")], issues)
    for expected in (
        "trained on 31 May 2026, 18:30 UTC with 20 tracks", "No prediction is rejected; in cross-validation",
        "my &lt;labels&gt;",
        "no candidate was significantly better", "Label issues", "<td>A &amp; B</td>", "song 19",
        "Accuracy of the first fold: 0.800 (0.700–0.900) of 4 tracks (one of the folds above",
        "<td>50%</td><td>0.800</td><td>0.50</td>", 'name="viewport"',
    ):  # fmt: skip
        assert expected in text
    assert "song 20" not in text
    assert text.count("<table>") == text.count('<div class="wide') == 5  # each scrolls on its own
    assert "no candidate was significantly better" not in page(card(algorithm="tuned"), [], [])


def test_names_in_any_script_are_drawn_without_warnings(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    written = write_report(card(), tmp_path / "report")  # a warning is an error in all tests
    assert [path.name for path in written] == [
        "index.html", "confusion.png", "reliability.png", "genres.png", "coverage.png"
    ]  # fmt: skip
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written[1:])
    assert capfd.readouterr().err == ""
