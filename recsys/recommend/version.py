"""The version of the similarity vector; importing it costs nothing."""

#: Raised whenever a vector would come out differently; indexes of another version are rebuilt.
SIMILARITY_VERSION = 3
