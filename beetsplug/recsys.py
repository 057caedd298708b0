"""The plugin "recsys" of beets, at the place where beets looks for it; ``beetsplug`` is a namespace package."""

from recsys.beets import plugin


class RecsysPlugin(plugin.Plugin):
    """Similar tracks and playlists of items, and analysis of what is imported."""
