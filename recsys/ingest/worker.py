"""What happens to one file in a worker process.

A file that cannot be listened to is no accident here but a result: a :class:`Refusal` says at which stage and why,
and becomes a row.
"""

import os
from dataclasses import dataclass

from recsys.errors import AudioError, RecsysError
from recsys.types import Analysis, FloatArray, GenrePrediction, Identity, Outcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file could not be listened to; ``stage`` is open, decode, trim, features or worker."""

    stage: str
    reason: str


def identify_file(path: str) -> Identity | Refusal:
    """Which recording lies at ``path``."""
    from recsys.audio.identity import identify

    try:
        return identify(path)
    except AudioError as error:
        return Refusal(error.stage, str(error))
    except RecsysError:  # the installation is broken, not the file
        raise
    except Exception as error:  # noqa: BLE001 - the worker's edge: whatever a broken file does must become a row
        return _unexpected(error, path)


def analyse_file(path: str) -> Outcome | Refusal:
    """Listen to the recording at ``path``."""
    from recsys.audio.excerpts import read_excerpts
    from recsys.features.analysis import analyse
    from recsys.features.scaling import normalise

    try:
        analysis = analyse(read_excerpts(path))
        return Outcome(analysis, normalise(analysis.vector), predict_genre(analysis))
    except AudioError as error:
        return Refusal(error.stage, str(error))
    except RecsysError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        return _unexpected(error, path)


def classify_file(path: str) -> tuple[GenrePrediction, FloatArray] | Refusal:
    """Genre and tag probabilities (100,) of the recording at ``path``, as ingest would find them."""
    from recsys.audio.excerpts import read_excerpts
    from recsys.features.analysis import PATCHES_PER_WINDOW
    from recsys.features.embedding import embed
    from recsys.genre.model import predict

    try:
        excerpts = read_excerpts(path)
        samples = [window.y for window in excerpts.windows]
        tags = embed(samples, excerpts.sr, patches_per_window=PATCHES_PER_WINDOW).tags.mean(axis=0)
        return predict(tags[None])[0], tags
    except AudioError as error:
        return Refusal(error.stage, str(error))
    except RecsysError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        return _unexpected(error, path)


def predict_genre(analysis: Analysis) -> GenrePrediction:
    """Genre of an analysed track by the default model."""
    from recsys.features.layout import GROUPS
    from recsys.genre.model import predict

    return predict(analysis.vector[None, GROUPS["tags"]])[0]


def _unexpected(error: Exception, path: str) -> Refusal:
    if isinstance(error, OSError) and error.strerror and error.filename == path:
        return Refusal("open", f"cannot read it: {error.strerror}")
    return Refusal("worker", f"{type(error).__name__}: {error} (process {os.getpid()})")
