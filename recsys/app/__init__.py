"""The use cases, one module each; :class:`recsys.app.library.LibraryContext` has them all."""
