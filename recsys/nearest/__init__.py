"""Nearest-neighbour search: an index of unit vectors by inner product, and its files.

Vocabulary: ``ids`` (n,) int64 identify the tracks; ``vectors`` (n, d) are float32 of length one, so that an inner
product is the cosine of the angle between two tracks: 1 is the same, 0 is unrelated. Vectors are in *cells* (Voronoi
cells, the inverted lists of faiss) around *centroids*; a query *probes* the nearest cells, and with one cell, or all of
them probed, the result is exact. The *hubness penalty* of a track is subtracted from its similarity because it is near
to every track (:mod:`recsys.nearest.hubness`); it is stored as one more dimension of its vector, so that the search
remains one by inner product.

    hubness   densities and penalties, which reduce the rank of hubs
    ivf       one immutable set of vectors in cells: build, search, read
    batches   the search for many queries in a large part of the cells
    filters   what a search may return
    graph     the neighbours of all vectors at once, in cells near to each other
    pairs     the same, exactly: all pairs are compared
    storage   the file of such a set, with a manifest: replaced as a whole, mapped, verified by checksums
    index     NearestIndex: a large set, and a small one with the vectors added since
    former    the files of older versions

The index is a cache: rebuild it when it is corrupt or out of date.
"""

from recsys.nearest.former import delete_former_index
from recsys.nearest.index import NearestIndex, delete_index, index_files
from recsys.nearest.ivf import NO_ID
from recsys.nearest.pairs import exact_neighbours

__all__ = ["NO_ID", "NearestIndex", "delete_former_index", "delete_index", "exact_neighbours", "index_files"]
