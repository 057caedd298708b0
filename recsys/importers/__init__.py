"""Read playlists, libraries and listening histories of other programs.

:mod:`~recsys.importers.formats` detects the format of a file by its content, one module for each family of formats
reads the entries, and :mod:`~recsys.importers.parsing` converts their values. The result is an
:class:`~recsys.importers.entries.ImportedFile` of :class:`~recsys.importers.entries.ExternalTrack` values.
"""
