"""How much free memory the allocator of glibc keeps: a program that answers for months has many threads.

Each thread may get an arena of its own, up to eight for each core, and what is free in one is of no use to the others.
The first large array that is freed raises the size from which memory is given back at once, up to 32 MB.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of malloc.h
_ARENAS = 2
_LARGE = 1 << 22  # bytes: as much as a question takes; with a quarter of it, large libraries fault in half more pages


def keep_little_free_memory() -> bool:
    """Let all threads of this process share few arenas, and give large arrays back at once; False: not with glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or Windows
        return False
    limits = ((_ARENA_MAX, _ARENAS), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE))
    return all(mallopt(name, value) for name, value in limits)
