"""The functions that process one file in a worker process.

A file that cannot be analysed is a result here, not an exception: an :class:`AnalysisFailure` has the stage and the
reason, and is stored as a row.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from recsys.audio.files import open_file
from recsys.domain.audio import Analysis, AnalysisResult, GenrePrediction, Identity, Reread
from recsys.domain.catalogue import ACCESS_STAGE
from recsys.errors import AudioError, RecsysError

_BLOCK = 1 << 20  # bytes

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnalysisFailure:
    """Why a file could not be analysed; ``stage`` is access, open, decode, trim, features or worker."""

    stage: str
    reason: str


def capture_failure(function: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T | AnalysisFailure]:
    """Return an AnalysisFailure for every exception that a file causes; errors of the installation are raised."""

    @wraps(function)
    def guarded(path: str, /, *args: P.args, **options: P.kwargs) -> T | AnalysisFailure:
        try:
            return function(path, *args, **options)
        except AudioError as error:
            return _access_failure(path) or AnalysisFailure(error.stage, str(error))
        except RecsysError:
            raise
        except MemoryError:
            return AnalysisFailure("worker", "not enough memory to analyse it")
        except Exception as error:  # noqa: BLE001 - a decoder may raise any exception
            if failure := _access_failure(path):
                return failure
            return AnalysisFailure("worker", f"{type(error).__name__}: {error} (process {os.getpid()})")

    return guarded


def _access_failure(path: str) -> AnalysisFailure | None:
    """Why a file that could not be analysed cannot be read to its end; None if it can.

    Decoders take an error of the disk for the end of the file, or for damage.
    """
    try:
        with open_file(path) as file:
            buffer = bytearray(_BLOCK)
            while file.readinto(buffer):
                pass
    except OSError as error:
        return AnalysisFailure(ACCESS_STAGE, f"cannot read it: {error.strerror}")
    except AudioError as error:
        return AnalysisFailure(ACCESS_STAGE, str(error)) if error.stage == ACCESS_STAGE else None
    return None


@capture_failure
def identify_file(path: str) -> Identity:
    """Hash and tags of the file at ``path``."""
    from recsys.audio.identity import identify

    return identify(path)


@capture_failure
def reread_file(path: str) -> Reread:
    """Tags and header of a known file at ``path``."""
    from recsys.audio.identity import reread

    return reread(path)


@capture_failure
def hash_file_formerly(path: str) -> str:
    """The audio hash by which development versions identified the file at ``path``."""
    from recsys.audio.former_hash import former_hash

    return former_hash(path)


@capture_failure
def analyse_file(path: str) -> AnalysisResult:
    """Analyse the recording at ``path``; predict its genre and mood."""
    from recsys.audio.excerpts import read_excerpts
    from recsys.features.analysis import analyse
    from recsys.features.mood import predict_mood
    from recsys.features.scaling import normalise

    analysis = analyse(read_excerpts(path))
    mood = predict_mood(analysis.vector[None])[0]
    return AnalysisResult(analysis, normalise(analysis.vector), predict_genre(analysis), mood)


def predict_genre(analysis: Analysis) -> GenrePrediction:
    """The genre of an analysed track, predicted by the default model."""
    from recsys.features.schema import GROUPS
    from recsys.genre.model import predict

    return predict(analysis.vector[None, GROUPS["tags"]])[0]
