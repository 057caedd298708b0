"""The imports and models of a worker process, loaded once: where processes are forked, before the first fork.

``import recsys.ingest.preload`` has no other effect.
"""

import gc

gc.disable()  # nothing of what is imported is garbage: to search it takes a tenth of the time

import recsys.audio.excerpts  # noqa: E402
import recsys.audio.identity  # noqa: E402
import recsys.features.analysis  # noqa: E402
import recsys.features.mood  # noqa: E402
import recsys.features.scaling  # noqa: E402
import recsys.genre.model  # noqa: E402
import recsys.ingest.worker  # noqa: E402, F401
from recsys.features.embedding import MODELS, network  # noqa: E402
from recsys.features.filters import stored_filters  # noqa: E402

stored_filters()
for model in MODELS:
    network(model)
gc.freeze()  # nor in a worker, which would copy the memory that it shares
gc.enable()
