"""recsys: a local music recommender and playlist engine.

Point it at a folder of music: it listens to every track, knows its genre, finds what sounds alike and makes
playlists from what you like. The terminal door is ``recsys`` (:mod:`recsys.cli`); programs use
:class:`recsys.app.library.Library`.
"""

__version__ = "0.1.0"
