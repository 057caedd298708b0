"""The report of a genre model: pictures, and one HTML page with the pictures embedded."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from recsys.atomic import atomic_write
from recsys.plots.genre_messages import Card
from recsys.plots.genre_page import LabelIssue, page
from recsys.plots.style import printable_text, write_figure

_MAX_NAME_LENGTH = 24  # characters of a genre
_ZERO_COLOUR = "#b8bec6"
_BLUE, _ORANGE, _GREEN, _GREY = "#3b6fb6", "#d9822b", "#3f9c6b", "#8a8a8a"


def write_report(card: Card, folder: Path, label_issues: Sequence[LabelIssue] = ()) -> list[Path]:
    """Write the pictures as PNG files, and ``index.html`` with all of them embedded.

    Returns
    -------
    list of Path
        The written files, the page first.

    Raises
    ------
    OSError
        If the folder cannot be created or the page cannot be written.
    InvalidRequest
        If a picture cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written, pictures = [folder / "index.html"], []
    for name, draw in PICTURES.items():
        written.append(folder / f"{name}.png")
        write_figure(partial(draw, card), written[-1], dark=False, texts=[*card["genres"], card["name"]])
        pictures.append((str(draw.__doc__), written[-1].read_bytes()))
    with atomic_write(written[0]) as file:
        file.write(page(card, pictures, label_issues).encode(errors="backslashreplace"))
    return written


def confusion(card: Card) -> Any:
    """The confusion matrix: rows are labels, columns are predictions, colours the share of the row."""
    import numpy as np

    genres, counts = (
        [printable_text(g, _MAX_NAME_LENGTH) for g in card["genres"]],
        np.array(card["scores"]["confusion"], float),
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.2 + 0.55 * len(genres)
    figure, axes = _figure(side + 1, side)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(genres)), genres, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(genres)), genres)
    axes.set_xlabel("predicted genre")
    axes.set_ylabel("label")
    for row in range(len(genres)):
        for column in range(len(genres)):
            colour = "white" if shares[row, column] > 0.55 else "black" if counts[row, column] else _ZERO_COLOUR
            axes.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=colour)
    figure.colorbar(image, ax=axes, label="share of the label's tracks", shrink=0.8)
    axes.set_title("Confusion matrix")
    return figure


def reliability(card: Card) -> Any:
    """Accuracy against the predicted probability; on the diagonal the model is calibrated."""
    bins = card["scores"]["reliability"]
    figure, axes = _figure(5.2, 5)
    axes.plot([0, 1], [0, 1], "--", color=_GREY, label="calibrated")
    axes.plot(
        [b["probability"] for b in bins],
        [b["accuracy"] for b in bins],
        "o-",
        color=_BLUE,
        clip_on=False,
        label=card["name"],
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="predicted probability", ylabel="accuracy")
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
    positions = np.arange(len(genres))
    for i, (kind, colour) in enumerate((("precision", _BLUE), ("recall", _ORANGE), ("f1", _GREEN))):
        values = [scores[genre][kind] for genre in genres]
        axes.barh(positions + (i - 1) * 0.26, values, 0.24, color=colour, label={"f1": "F1"}.get(kind, kind))
    axes.set_yticks(
        positions, [f"{printable_text(genre, _MAX_NAME_LENGTH)} ({scores[genre]['tracks']})" for genre in genres]
    )
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="score")
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    axes.set_title("Each genre (number of tracks)")
    return figure


def rejection_curve(card: Card) -> Any:
    """Accuracy if only the most confident predictions are kept."""
    rows = card["scores"]["coverage"]
    figure, axes = _figure(5.6, 4)
    axes.plot([row["coverage"] for row in rows], [row["accuracy"] for row in rows], "o-", color=_BLUE)
    axes.set(xlabel="coverage: share of predictions kept, most confident first", ylabel="accuracy", xlim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.set_title("Accuracy against coverage")
    return figure


PICTURES: dict[str, Callable[[Card], Any]] = {
    "confusion": confusion, "reliability": reliability, "genres": per_genre, "coverage": rejection_curve,
}  # fmt: skip


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure without a window and without pyplot's global state, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.add_subplot()
