"""Pictures of recordings, libraries and genre models; home of matplotlib."""
