"""Cache of values that several descriptors compute from the same spectrum.

A window is described twice: alone, and together with the other windows of its track. Values that depend on one window
only are therefore cached as long as its spectrum exists.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from recsys.features.spectrum import Spectrum

T = TypeVar("T")


def cache_per_spectrum(function: Callable[[Spectrum], T]) -> Callable[[Spectrum], T]:
    """Decorator: cache the result of ``function`` until the spectrum is garbage-collected.

    >>> import numpy as np
    >>> @cache_per_spectrum
    ... def peak(spectrum):
    ...     print("computed")
    ...     return float(spectrum.y.max())
    >>> spectrum = Spectrum(np.ones(3))
    >>> peak(spectrum), peak(spectrum)
    computed
    (1.0, 1.0)
    """
    results: WeakKeyDictionary[Spectrum, T] = WeakKeyDictionary()

    @wraps(function)
    def cached(spectrum: Spectrum) -> T:
        if spectrum not in results:
            results[spectrum] = function(spectrum)
        return results[spectrum]

    return cached
