"""What a genre model is worth, as pictures and as one HTML page that needs no other file."""

import base64
import html
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recsys.render.files import replacing

Card = Mapping[str, Any]  # what recsys.genres.scored says of a model

_DPI = 120
_BLUE, _ORANGE, _GREEN, _GREY = "#3b6fb6", "#d9822b", "#3f9c6b", "#8a8a8a"


def write_report(card: Card, folder: Path) -> list[Path]:
    """Write the pictures as PNG and ``index.html`` with all of them inside; what was written, the page first.

    Raises
    ------
    OSError
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {name: _png(draw(card)) for name, draw in PICTURES.items()}
    page = folder / "index.html"
    with replacing(page) as file:
        file.write(_page(card, pictures).encode())
    written = [page]
    for name, data in pictures.items():
        with replacing(folder / f"{name}.png") as file:
            file.write(data)
        written.append(folder / f"{name}.png")
    return written


def confusion(card: Card) -> Any:
    """The confusion matrix: rows what the label says, columns what the model says, colours the share of the row."""
    import numpy as np

    genres, counts = card["genres"], np.array(card["scores"]["confusion"], float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.2 + 0.55 * len(genres)
    figure, axes = _figure(side + 1, side)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(genres)), genres, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(genres)), genres)
    axes.set_xlabel("what the model says")
    axes.set_ylabel("what the label says")
    for row in range(len(genres)):
        for column in range(len(genres)):
            if counts[row, column]:
                ink = "white" if shares[row, column] > 0.55 else "black"
                axes.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=ink)
    figure.colorbar(image, ax=axes, label="share of the label's tracks", shrink=0.8)
    axes.set_title("Confusion matrix")
    return figure


def reliability(card: Card) -> Any:
    """How often the model was right where it gave its answer this probability; on the diagonal it is honest."""
    bins = card["scores"]["reliability"]
    figure, axes = _figure(5.2, 5)
    axes.plot([0, 1], [0, 1], "--", color=_GREY, label="honest")
    axes.plot(
        [b["probability"] for b in bins],
        [b["accuracy"] for b in bins],
        "o-",
        color=_BLUE,
        clip_on=False,
        label=card["name"],
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability of its answer", ylabel="share of right answers")
    axes.set_aspect("equal")
    axes.legend(loc="upper left")
    axes.set_title(f"Reliability (calibration error {card['scores']['calibration_error']:.3f})")
    return figure


def per_genre(card: Card) -> Any:
    """Precision, recall and F1 of each genre."""
    import numpy as np

    scores = card["scores"]["genres"]
    genres = list(scores)
    figure, axes = _figure(7.5, 1.6 + 0.62 * len(genres))
    places = np.arange(len(genres))
    for i, (kind, colour) in enumerate((("precision", _BLUE), ("recall", _ORANGE), ("f1", _GREEN))):
        values = [scores[genre][kind] for genre in genres]
        axes.barh(places + (i - 1) * 0.26, values, 0.24, color=colour, label={"f1": "F1"}.get(kind, kind))
    axes.set_yticks(places, [f"{genre} ({scores[genre]['tracks']})" for genre in genres])
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="score")
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    axes.set_title("Each genre (number of tracks)")
    return figure


def abstaining(card: Card) -> Any:
    """How accuracy rises where the doubtful are left unanswered."""
    rows = card["scores"]["coverage"]
    figure, axes = _figure(5.6, 4)
    axes.plot([row["coverage"] for row in rows], [row["accuracy"] for row in rows], "o-", color=_BLUE)
    axes.set(xlabel="share of tracks that are answered, surest first", ylabel="accuracy", xlim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.set_title("Accuracy against coverage")
    return figure


PICTURES: dict[str, Callable[[Card], Any]] = {
    "confusion": confusion, "reliability": reliability, "genres": per_genre, "coverage": abstaining,
}  # fmt: skip


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure that belongs to no window and no global state, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.add_subplot()


def _png(figure: Any) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=_DPI, bbox_inches="tight")
    return data.getvalue()


_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th:nth-child(2), td:nth-child(2) { min-width: 8rem; }
th, td { padding: .25rem .8rem; text-align: right; border-bottom: 1px solid #8886; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 2rem 0; } img { max-width: 100%; border-radius: 4px; }
"""


_TRIED = (
    "<h2>What tuning tried</h2><details><summary>every candidate, in folds by the same groups</summary>"
    "<table><tr><th><th>candidate<th>tracks<th>log loss<th>accuracy</tr>{}</table></details>"
)


def _page(card: Card, pictures: Mapping[str, bytes]) -> str:
    split = card["split"]
    name = f"{card['name']} {card['version']}"
    facts = (
        f"{card['algorithm']} on {card['features']}, trained {card['made']} on {split['tracks']} tracks of "
        f"{len(card['genres'])} genres; labels: {card['labels']}. {split['folds']} folds by {split['by']} "
        f"({split['groups']} of them), stratified by genre; 95 % intervals by bootstrap over them."
        + (f" The tracks of one {split['by']} are heard together." if card["company"] else "")
    )
    rows = [(name, card["scores"]), *card["baselines"].items()]
    methods = "".join(
        _cells([who, *(_interval(s[k]) for k in _MAIN), f"{s['calibration_error']:.3f}"]) for who, s in rows
    )
    kinds = [*card["scores"]["genres"].items(), *((f"{k} mean", v) for k, v in card["scores"]["means"].items())]
    genres = "".join(
        _cells([g, str(s.get("tracks", "")), *(f"{s[k]:.3f}" for k in ("precision", "recall", "f1"))]) for g, s in kinds
    )
    tried = "".join(
        _cells(
            ["*" if t["chosen"] else "", t["name"], str(t["tracks"]), f"{t['log_loss']:.3f}", f"{t['accuracy']:.3f}"]
        )
        for t in card["tried"]
    )
    images = "".join(
        f'<figure><img alt="{html.escape(str(PICTURES[key].__doc__))}" '
        f'src="data:image/png;base64,{base64.b64encode(data).decode()}">'
        f"<figcaption>{html.escape(str(PICTURES[key].__doc__))}</figcaption></figure>"
        for key, data in pictures.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(name)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>Genre model {html.escape(name)}</h1><p>{html.escape(facts)}</p>"
        f"<table><tr><th>model<th>accuracy<th>balanced accuracy<th>macro F1<th>calibration error</tr>{methods}</table>"
        f"<table><tr><th>genre<th>tracks<th>precision<th>recall<th>F1</tr>{genres}</table>{images}"
        f"{_TRIED.format(tried) if tried else ''}"
        f"<p>Training set {html.escape(card['fingerprint'][:16])}, features of version {card['feature_version']}.</p>"
        "</body></html>\n"
    )


_MAIN = ("accuracy", "balanced_accuracy", "f1_macro")


def _cells(values: list[str]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(value)}</td>" for value in values) + "</tr>"


def _interval(score: Mapping[str, float]) -> str:
    return f"{score['mean']:.3f} ({score['low']:.3f}–{score['high']:.3f})"
