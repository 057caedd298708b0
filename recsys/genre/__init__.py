"""From MusiCNN's tags to genres, moods and the tags worth telling.

``model`` the default classifier, shipped as plain arrays; ``discriminant`` how such a classifier is fitted;
``tags`` what is unusual about a track's tags, and its mood. All of it is NumPy only.
"""

DEFAULT_MODEL = "default"
"""Name of the genre model that ships with recsys."""
