"""The genre models of a folder: which one is active, and the labels that it was trained on."""

from pathlib import Path
from typing import TYPE_CHECKING

from recsys.errors import ModelError, NotFound
from recsys.genre import DEFAULT_MODEL

if TYPE_CHECKING:
    from recsys.genre.trained_model import TrainedModel

_FILE = "used"


def active_model_path(folder: Path) -> Path:
    """The file that has the name of the active model."""
    return folder / _FILE


def active_model(folder: Path) -> str:
    """The name of the active model; without a file the default model."""
    try:
        return active_model_path(folder).read_text(encoding="utf-8", errors="replace").strip() or DEFAULT_MODEL
    except FileNotFoundError:
        return DEFAULT_MODEL


def load_model(
    folder: Path, name: str, *, with_out_of_fold: bool = True, with_members: bool = True, with_baselines: bool = True
) -> "TrainedModel":
    """The trained model of this name; without its out-of-fold predictions it can only predict, without members not.

    Raises
    ------
    NotFound
        There is no such model.
    ModelError
        Its file is damaged, or it was trained on features of an incompatible version.
    InvalidRequest
        The name is not valid.
    """
    from recsys.features.version import FEATURE_VERSION
    from recsys.genre.model_store import load, model_path

    return load(
        model_path(folder, name), FEATURE_VERSION,
        with_out_of_fold=with_out_of_fold, with_members=with_members, with_baselines=with_baselines,
    )  # fmt: skip


def learned_labels(folder: Path) -> dict[str, str]:
    """The labels by path that the active model was trained on; none for the default model, or one that is damaged."""
    name = active_model(folder)
    if name == DEFAULT_MODEL:
        return {}
    try:
        model = load_model(folder, name, with_members=False, with_baselines=False)
    except (ModelError, NotFound):
        return {}
    learned = model.out_of_fold
    return {path: model.genres[genre] for path, genre in zip(learned.paths, learned.truth, strict=True)}
