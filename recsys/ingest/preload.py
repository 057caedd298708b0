"""Everything that a worker needs, imported once: where processes can be forked, before any of them is.

``import recsys.ingest.preload`` has no other effect. Filter banks and models are made at the first use.
"""

import scipy.fft  # noqa: F401

import recsys.audio.excerpts
import recsys.audio.identity
import recsys.features.analysis
import recsys.features.scaling
import recsys.genre.model
import recsys.ingest.worker  # noqa: F401
