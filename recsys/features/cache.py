"""Remembering, spectrum by spectrum, what several descriptors need.

A window is described twice: alone, and together with the other windows of its track. What is computed from one
window only is therefore kept for as long as its spectrum lives.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from recsys.features.spectrum import Spectrum

T = TypeVar("T")


def cache_per_spectrum(function: Callable[[Spectrum], T]) -> Callable[[Spectrum], T]:
    """Decorator: the result is computed on the first call and kept until the spectrum is collected."""
    kept: WeakKeyDictionary[Spectrum, T] = WeakKeyDictionary()

    @wraps(function)
    def remembered(spectrum: Spectrum) -> T:
        if spectrum not in kept:
            kept[spectrum] = function(spectrum)
        return kept[spectrum]

    return remembered
