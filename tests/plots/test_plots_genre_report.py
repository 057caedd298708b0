"""The page and the pictures of a genre model, from scores that are made up."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from recsys.plots.genre_messages import rejection_message
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
        "company": 0.5, "threshold": 0.0, "scores": scores, "test": {"accuracy": SCORE, "tracks": 4},
        "split": {"by": "artist", "folds": 5, "groups": 9, "tracks": 20}, "baselines": {"majority": scores},
        "tried": [{"name": "knn", "tracks": 20, "log_loss": 0.5, "accuracy": 0.8, "chosen": False}],
    } | changed  # fmt: skip


@pytest.mark.parametrize(
    ("threshold", "said"),
    [(0.0, "it always answers"), (0.3, "it always answers"), (0.6, "probability of 0.60 it says")],
)
def test_when_it_says_unknown(threshold: float, said: str) -> None:
    told = rejection_message(card(threshold=threshold))
    assert said in told
    assert told.endswith("each with the threshold that the others chose: 99% answered, 0.805 of them right")


def test_the_page_says_what_the_terminal_says() -> None:
    doubts = [
        LabelIssue(f"/m/{i}.mp3", "A & B" if i else None, f"song {i}", "rock", "pop", 0.1, 0.8) for i in range(30)
    ]
    text = page(card(), [("A picture.", b"png")], doubts)
    for said in (
        "trained on 31 May 2026, 18:30 UTC with 20 tracks", "It always answers; in the folds", "my &lt;labels&gt;",
        "nothing was surely better", "The labels that the model doubts most", "<td>A &amp; B</td>", "song 19",
        "The first fold reads 0.800 (0.700–0.900) of 4 tracks: one of the folds above by itself",
        "<td>50%</td><td>0.800</td><td>0.50</td>", 'name="viewport"',
    ):  # fmt: skip
        assert said in text
    assert "song 20" not in text
    assert text.count("<table>") == text.count('<div class="wide') == 5  # each scrolls by itself
    assert "nothing was surely better" not in page(card(algorithm="tuned"), [], [])


def test_names_in_any_script_are_drawn_without_a_warning(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        written = write_report(card(), tmp_path / "report")
    assert [path.name for path in written] == [
        "index.html", "confusion.png", "reliability.png", "genres.png", "coverage.png"
    ]  # fmt: skip
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written[1:])
    assert capfd.readouterr().err == ""
