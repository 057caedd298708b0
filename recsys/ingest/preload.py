"""The imports of a worker process, done once: where processes are forked, before the first fork.

``import recsys.ingest.preload`` has no other effect. Filter banks and models are created on first use.
"""

import recsys.audio.excerpts
import recsys.audio.identity
import recsys.features.analysis
import recsys.features.scaling
import recsys.genre.model
import recsys.ingest.worker  # noqa: F401
