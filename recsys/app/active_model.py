"""Which genre model of a folder is active, and the labels that it has learned from."""

from pathlib import Path

from recsys.errors import ModelError, NothingFound
from recsys.genre import DEFAULT_MODEL

_FILE = "used"


def place(folder: Path) -> Path:
    """The file that names the model in use."""
    return folder / _FILE


def used(folder: Path) -> str:
    """The name of the model in use."""
    try:
        return place(folder).read_text(encoding="utf-8", errors="replace").strip() or DEFAULT_MODEL
    except FileNotFoundError:
        return DEFAULT_MODEL


def labels_learned(folder: Path) -> dict[str, str]:
    """By path, the labels that the model in use has learned from: none if it ships, or cannot be read."""
    name = used(folder)
    if name == DEFAULT_MODEL:
        return {}
    from recsys.features.version import FEATURE_VERSION
    from recsys.genre.model_store import load, path_of

    try:
        model = load(path_of(folder, name), FEATURE_VERSION)
    except (ModelError, NothingFound):
        return {}
    answers = model.answers
    return {path: model.genres[genre] for path, genre in zip(answers.paths, answers.truth, strict=True)}
