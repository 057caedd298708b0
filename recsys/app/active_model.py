"""Which genre model of a folder is active, and the labels that it has learned from."""

from pathlib import Path

from recsys.errors import ModelError, NotFound
from recsys.genre import DEFAULT_MODEL

_FILE = "used"


def active_model_path(folder: Path) -> Path:
    """The file that names the model in use."""
    return folder / _FILE


def active_model(folder: Path) -> str:
    """The name of the model in use."""
    try:
        return active_model_path(folder).read_text(encoding="utf-8", errors="replace").strip() or DEFAULT_MODEL
    except FileNotFoundError:
        return DEFAULT_MODEL


def learned_labels(folder: Path) -> dict[str, str]:
    """By path, the labels that the model in use has learned from: none if it ships, or cannot be read."""
    name = active_model(folder)
    if name == DEFAULT_MODEL:
        return {}
    from recsys.features.version import FEATURE_VERSION
    from recsys.genre.model_store import load, model_path

    try:
        model = load(model_path(folder, name), FEATURE_VERSION)
    except (ModelError, NotFound):
        return {}
    learned = model.out_of_fold
    return {path: model.genres[genre] for path, genre in zip(learned.paths, learned.truth, strict=True)}
