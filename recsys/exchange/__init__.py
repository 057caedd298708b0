"""Lists, libraries and histories of other programs, read as plain :class:`~recsys.exchange.mention.Mention` values."""
