"""What is close? An index of unit vectors that answers by inner product, and its files.

Vocabulary: ``ids`` (n,) int64 name the tracks; ``vectors`` (n, d) are float32 of length one, so that an inner
product is the cosine of the angle between two sounds: 1 the same, 0 nothing in common. Vectors lie in *cells* (Voronoi
cells, the inverted lists of faiss) round their *centres*; a question *probes* the cells nearest to it, and with one
cell, or all of them probed, the answer is exact. The *penalty* of a track is what its similarity loses because it is
near to everything (:mod:`recsys.nearest.hubness`); it is stored as one more number of its vector, so that the search
remains one of inner products.

    hubs      densities and penalties: what holds hubs back
    cells     one immutable set of vectors in cells: built, searched, read
    files     the file of such a set, with its manifest: written as a whole, mapped, believed only when checked
    index     NearestIndex: a large set and a small one beside it for what has come since

An index is never precious: whoever finds it damaged or stale builds it again.
"""

from recsys.nearest.index import NearestIndex, delete_index
from recsys.nearest.ivf import NO_ID

__all__ = ["NO_ID", "NearestIndex", "delete_index"]
