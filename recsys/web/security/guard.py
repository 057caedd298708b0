"""The middlewares in their order, around the routes."""

import re

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

    call = re.compile(f"{re.escape(options.base_path)}/+rest/+([^/]+)/*")

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        scope["root_path"] = options.base_path
        if "path" in scope and (found := call.fullmatch(scope["path"])):
            scope["path"] = f"{options.base_path}/rest/{found[1]}"  # players join addresses that end with a slash
        await checked(scope, receive, send)

    return guarded
