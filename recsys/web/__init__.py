"""The HTTP door: the API, and the page that uses it. ``recsys serve`` alone imports it."""
