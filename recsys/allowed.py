"""Which tracks of a library match what is wanted, as their ids."""

from collections.abc import Sequence

import numpy as np

from recsys.errors import UsageError
from recsys.library.catalogue import Catalogue
from recsys.types import IdArray
from recsys.wishes import Only

_TAGGED_AT_A_TIME = 5000  # tracks


def allowed_ids(catalogue: Catalogue, only: Only) -> IdArray | None:
    """Ids (m,) of what matches, missing or not; None for all: a million ids take longer than the search.

    Raises
    ------
    UsageError
        A tag is none.
    """
    if only == Only():
        return None
    matching = catalogue.matching(only)
    return with_tags(catalogue, matching, only.tags) if only.tags else matching


def with_tags(catalogue: Catalogue, ids: IdArray, tags: Sequence[str]) -> IdArray:
    """Those of some tracks that sound like all of the tags.

    Raises
    ------
    UsageError
    """
    from recsys.features.layout import GROUPS
    from recsys.genre.tags import known_tags, tagged

    if unknown := [tag for tag in tags if tag not in known_tags()]:
        raise UsageError(f"--tag {unknown[0]!r} is none that is known; there are: {', '.join(known_tags())}")
    kept = [np.empty(0, np.int64)]
    heard = np.intersect1d(ids, catalogue.vector_ids())
    for start in range(0, len(heard), _TAGGED_AT_A_TIME):
        some = heard[start : start + _TAGGED_AT_A_TIME]
        heard_as = catalogue.vectors_of(some.tolist(), "raw")[:, GROUPS["tags"]]
        kept.append(some[np.all([tagged(heard_as, tag) for tag in tags], axis=0)])
    return np.concatenate(kept)
