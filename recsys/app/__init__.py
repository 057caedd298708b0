"""The use cases, one module each; :class:`recsys.app.library.Library` has them all."""
