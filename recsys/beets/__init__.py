"""The plugin of beets."""
