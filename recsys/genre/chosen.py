"""Which of the models in a folder is in use, and what its owner has taught it."""

from pathlib import Path

from recsys.errors import ModelError, NothingFound

DEFAULT = "default"  # the one that ships
_FILE = "used"


def place(folder: Path) -> Path:
    """The file that names the model in use."""
    return folder / _FILE


def used(folder: Path) -> str:
    """The name of the model in use."""
    try:
        return place(folder).read_text(encoding="utf-8", errors="replace").strip() or DEFAULT
    except FileNotFoundError:
        return DEFAULT


def labels_learned(folder: Path) -> dict[str, str]:
    """By path, the labels that the model in use has learned from: none if it ships, or cannot be read."""
    name = used(folder)
    if name == DEFAULT:
        return {}
    from recsys.features.version import FEATURE_VERSION
    from recsys.genre.registry import load, path_of

    try:
        model = load(path_of(folder, name), FEATURE_VERSION)
    except (ModelError, NothingFound):
        return {}
    answers = model.answers
    return {path: model.genres[genre] for path, genre in zip(answers.paths, answers.truth, strict=True)}
