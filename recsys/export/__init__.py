"""Write playlists, neighbour lists and JSON records for other programs.

:mod:`~recsys.export.playlist_formats` has the table of playlist formats, :mod:`~recsys.export.locations` the paths and
URIs in them, :mod:`~recsys.export.records` the JSON records.
"""
