"""How often a client may fail to log in: a bucket of attempts for each address, which fills again slowly."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from recsys.web.security.asgi import OWN_SITES, Scope, header_values
from recsys.web.security.forwarded import plain_address

ATTEMPTS = 10
SECONDS_PER_ATTEMPT = 30.0
MAX_ADDRESSES = 4096
_NETWORK = 64  # bits of an address of IPv6 that belong to one customer of a provider


class LoginLimit:
    """Counts failed logins by client address; those of IPv6 by their network of 64 bits.

    What pages of other sites make a browser send counts apart, so that no site uses up the attempts of who
    visits it. The table has a bounded number of addresses; the one whose last failure is longest ago is dropped first.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, scope: Scope) -> int:
        """Seconds until the client of a request may try again; 0: now.

        >>> limit = LoginLimit(clock=lambda: 0.0)
        >>> for _ in range(ATTEMPTS):
        ...     limit.fail({"client": ("192.0.2.1", 5000)})
        >>> limit.wait({"client": ("192.0.2.1", 6000)}), limit.wait({"client": ("192.0.2.2", 6000)})
        (30, 0)
        """
        missing = 1.0 - self._attempts(_bucket(scope))
        return math.ceil(missing * SECONDS_PER_ATTEMPT) if missing > 0 else 0

    def fail(self, scope: Scope) -> None:
        """Count a failed login."""
        bucket = _bucket(scope)
        self._left[bucket] = max(0.0, self._attempts(bucket) - 1.0), self._clock()
        self._left.move_to_end(bucket)
        if len(self._left) > MAX_ADDRESSES:
            self._left.popitem(last=False)

    def _attempts(self, bucket: str) -> float:
        left, at = self._left.get(bucket, (float(ATTEMPTS), self._clock()))
        return min(float(ATTEMPTS), left + (self._clock() - at) / SECONDS_PER_ATTEMPT)


def _bucket(scope: Scope) -> str:
    sites = header_values(scope, b"sec-fetch-site")
    return f"{address_of(scope)} {'' if all(site in OWN_SITES for site in sites) else 'other sites'}"


def address_of(scope: Scope) -> str:
    """The address of a client, or its network.

    >>> address_of({"client": ("2001:db8::7:1", 1)}), address_of({"client": ("::ffff:192.0.2.1", 1)})
    ('2001:db8::/64', '192.0.2.1')
    """
    client = scope.get("client")
    plain = plain_address(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return plain
    return str(ipaddress.ip_network((address, _NETWORK), strict=False))
