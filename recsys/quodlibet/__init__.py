"""The plugin of Quod Libet, which runs in that program and asks this one by its commands."""
