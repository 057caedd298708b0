"""From tracks to text that other programs read."""
