"""What happens to one file in a worker process.

A file that cannot be listened to is no accident here but a result: a :class:`Refusal` says at which stage and why,
and becomes a row.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from recsys.domain.audio import Analysis, GenrePrediction, Identity, Outcome
from recsys.errors import AudioError, RecsysError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file could not be listened to; ``stage`` is open, decode, trim, features or worker."""

    stage: str
    reason: str


def or_refusal(function: Callable[[str], T]) -> Callable[[str], T | Refusal]:
    """The worker's edge: whatever a broken file does becomes a Refusal; a broken installation stays an error."""

    @wraps(function)
    def guarded(path: str) -> T | Refusal:
        try:
            return function(path)
        except AudioError as error:
            return Refusal(error.stage, str(error))
        except RecsysError:
            raise
        except MemoryError:
            return Refusal("worker", "memory did not suffice to listen to it")
        except Exception as error:  # noqa: BLE001 - see above; a decoder may raise anything
            if isinstance(error, OSError) and error.strerror and error.filename == path:
                return Refusal("open", f"cannot read it: {error.strerror}")
            return Refusal("worker", f"{type(error).__name__}: {error} (process {os.getpid()})")

    return guarded


@or_refusal
def identify_file(path: str) -> Identity:
    """Which recording lies at ``path``."""
    from recsys.audio.identity import identify

    return identify(path)


@or_refusal
def analyse_file(path: str) -> Outcome:
    """Listen to the recording at ``path``."""
    from recsys.audio.excerpts import read_excerpts
    from recsys.features.analysis import analyse
    from recsys.features.mood import predict_mood
    from recsys.features.scaling import normalise

    analysis = analyse(read_excerpts(path))
    mood = predict_mood(analysis.vector[None])[0]
    return Outcome(analysis, normalise(analysis.vector), predict_genre(analysis), mood)


def predict_genre(analysis: Analysis) -> GenrePrediction:
    """Genre of an analysed track by the default model."""
    from recsys.features.schema import GROUPS
    from recsys.genre.model import predict

    return predict(analysis.vector[None, GROUPS["tags"]])[0]
