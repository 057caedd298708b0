"""The report of a genre model as one self-contained HTML page."""

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from recsys.errors import pluralise
from recsys.plots.genre_messages import (
    FIRST_FOLD,
    NO_IMPROVEMENT,
    Card,
    context_message,
    rejection_message,
    tuning_kept_default,
)

MAX_LABEL_ISSUES = 20

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; }
th, td { padding: .25rem .8rem; text-align: right; border-bottom: 1px solid #8886; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 8rem; }
.words th, .words td { text-align: left; }
figure { margin: 2rem 0; } img { max-width: 100%; border-radius: 4px; }
"""
_SCORES = ("accuracy", "balanced_accuracy", "f1_macro")


class LabelIssue(NamedTuple):
    """A track whose label differs from the prediction, with the probabilities of both genres."""

    path: str
    artist: str | None
    title: str
    label: str
    predicted: str
    label_probability: float
    predicted_probability: float


def page(card: Card, pictures: Iterable[tuple[str, bytes]], label_issues: Sequence[LabelIssue]) -> str:
    """The HTML of the page.

    Parameters
    ----------
    card
        The record of :func:`recsys.genre.scores.scorecard`.
    pictures
        Caption and PNG of each picture.
    label_issues
        Of which the first :data:`MAX_LABEL_ISSUES` are shown.
    """
    name = html.escape(f"{card['name']} {card['version']}")
    parts = [f"<h1>Genre model {name}</h1>", *map(_paragraph, _metadata(card)), _methods(card), _genres(card)]
    parts += [_figure(caption, data) for caption, data in pictures]
    parts += [_coverage(card), _label_issues(label_issues), _trials(card)]
    parts += [_paragraph(f"Training set {card['fingerprint'][:16]}, features of version {card['feature_version']}.")]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _metadata(card: Card) -> list[str]:
    split, test = card["split"], card["first_fold"]
    genres, folds = pluralise(len(card["genres"]), "genre"), pluralise(split["folds"], "fold")
    sentences = [
        f"{card['algorithm']} on {card['features']}, trained on {_day(card['made'])} with "
        f"{pluralise(split['tracks'], 'track')} of {genres}; labels: {card['labels']}.",
        f"{folds} by {split['by']} ({split['groups']} of them), stratified by "
        f"genre; 95 % intervals by bootstrap over them. Accuracy of the first fold: {_interval(test['accuracy'])} of "
        f"{pluralise(test['tracks'], 'track')} ({FIRST_FOLD}).",
        f"{rejection_message(card).capitalize()}.",
    ]
    sentences += [f"{context_message(card).capitalize()}."] if card["same_artist_weight"] else []
    return sentences + ([f"Tuning: {NO_IMPROVEMENT}."] if tuning_kept_default(card) else [])


def _methods(card: Card) -> str:
    rows = [(f"{card['name']} {card['version']}", card["scores"]), *card["baselines"].items()]
    cells = [[name, *(_interval(s[k]) for k in _SCORES), f"{s['calibration_error']:.3f}"] for name, s in rows]
    return _table(("model", "accuracy", "balanced accuracy", "macro F1", "calibration error"), cells)


def _genres(card: Card) -> str:
    scores = card["scores"]
    kinds = [*scores["genres"].items(), *((f"{kind} mean", mean) for kind, mean in scores["means"].items())]
    cells = [
        [genre, str(s.get("tracks", "")), *(f"{s[k]:.3f}" for k in ("precision", "recall", "f1"))] for genre, s in kinds
    ]
    return _table(("genre", "tracks", "precision", "recall", "F1"), cells)


def _coverage(card: Card) -> str:
    cells = [
        [f"{row['coverage']:.0%}", f"{row['accuracy']:.3f}", f"{row['probability']:.2f}"]
        for row in card["scores"]["coverage"]
    ]
    return "<h2>Accuracy of the most confident predictions</h2>" + _table(
        ("coverage", "accuracy", "from a probability of"), cells
    )


def _label_issues(issues: Sequence[LabelIssue]) -> str:
    if not issues:
        return ""
    cells = [
        [
            issue.artist or "–",
            issue.title,
            f"{issue.label} {issue.label_probability:.0%}",
            f"{issue.predicted} {issue.predicted_probability:.0%}",
            issue.path,
        ]
        for issue in issues[:MAX_LABEL_ISSUES]
    ]
    return "<h2>Label issues</h2>" + _table(("artist", "title", "label", "predicted", "file"), cells, kind=" words")


def _trials(card: Card) -> str:
    if not card["trials"]:
        return ""
    cells = [
        [t["name"], str(t["tracks"]), f"{t['log_loss']:.3f}", f"{t['accuracy']:.3f}", "chosen" if t["chosen"] else ""]
        for t in card["trials"]
    ]
    table = _table(("candidate", "tracks", "log loss", "accuracy", ""), cells)
    summary = "every candidate, cross-validated by the same groups"
    return f"<h2>Tuning</h2><details><summary>{summary}</summary>{table}</details>"


def _figure(caption: str, data: bytes) -> str:
    text, source = html.escape(caption), base64.b64encode(data).decode()
    return f'<figure><img alt="{text}" src="data:image/png;base64,{source}"><figcaption>{text}</figcaption></figure>'


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "") -> str:
    head = "".join(f"<th>{html.escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f'<div class="wide{kind}"><table><tr>{head}</tr>{body}</table></div>'


def _interval(score: Mapping[str, Any]) -> str:
    return f"{score['mean']:.3f} ({score['low']:.3f}–{score['high']:.3f})"


def _day(made: str) -> str:
    """An ISO 8601 time as "31 May 2026, 18:30 UTC"."""
    at = datetime.fromisoformat(made)
    return f"{at.day} {at:%B %Y, %H:%M} {at.tzname() or ''}".strip()
