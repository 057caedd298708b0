"""The terminal door. Importing it costs next to nothing: every command imports the service when it runs."""

from recsys.cli.door import main

__all__ = ["main"]
