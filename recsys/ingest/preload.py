"""The imports and models of a worker process, loaded once: where processes are forked, before the first fork.

``import recsys.ingest.preload`` has no other effect.
"""

import gc

gc.disable()  # nothing of what is imported is garbage: to search it takes a tenth of the time

import recsys.audio.excerpts
import recsys.audio.identity
import recsys.features.analysis
import recsys.features.mood
import recsys.features.scaling
import recsys.genre.model
import recsys.ingest.worker  # noqa: F401 - for its effect
from recsys.features.embedding import MODELS, network
from recsys.features.filters import stored_filters

stored_filters()
for model in MODELS:
    network(model)
gc.freeze()  # nor in a worker, which would copy the memory that it shares
gc.enable()
