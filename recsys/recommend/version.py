"""The version of the similarity vector, in a module without other imports."""

#: Raised with every change of the vectors; indexes of another version are rebuilt.
SIMILARITY_VERSION = 3
