"""Lists, libraries and histories of other programs, read as plain :class:`~recsys.importers.entries.ExternalTrack`
values.
"""
