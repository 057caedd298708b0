"""What guards the server: pure ASGI middlewares, and what they keep in memory.

A request passes them in the order of :mod:`recsys.web.security.guard`, and reaches a route only if each lets it pass.
"""
