"""Write genre, tempo and key into the tags of audio files, and restore the previous tags.

:mod:`~recsys.tagging.planning` compares the tags with the library, :mod:`~recsys.tagging.rewrite` replaces a file by a
copy with other tags, and :mod:`~recsys.tagging.containers` has the tags of each container.
"""
