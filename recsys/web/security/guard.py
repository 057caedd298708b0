"""The middlewares in their order, around the routes."""

from recsys.web.options import ServeOptions
from recsys.web.security.access import Access
from recsys.web.security.asgi import ASGIApp, Receive, Scope, Send
from recsys.web.security.authentication import Authentication
from recsys.web.security.bodies import BoundedBody, BoundedHead
from recsys.web.security.forwarded import Forwarded
from recsys.web.security.headers import SecurityHeaders
from recsys.web.security.hosts import AllowedHosts
from recsys.web.security.origin import SameOrigin


def guard(app: ASGIApp, options: ServeOptions, access: Access) -> ASGIApp:
    """The application behind all checks; a body is read only of those who may send one."""
    app = BoundedBody(app)
    app = Authentication(app, access)
    app = SameOrigin(app)
    app = AllowedHosts(app, options)
    app = BoundedHead(app)
    app = Forwarded(app, options.trusted_proxies)
    checked = SecurityHeaders(app)

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        scope["root_path"] = options.base_path
        await checked(scope, receive, send)

    return guarded
