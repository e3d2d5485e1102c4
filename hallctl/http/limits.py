"""How often somebody may ask: a bucket for each, which fills with time. Bounded in memory."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000
"""Buckets kept; the one not used for longest is forgotten, which gives it a full bucket."""
LAN_V6 = 64
"""One household's addresses in IPv6: a bucket for all of them."""


class Buckets:
    """`burst` at once, then `rate` a second, for each key. `mono` is a clock that never jumps."""

    def __init__(self, rate: float, burst: int, mono: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._mono = mono
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """How long until one may be taken; 0.0 for now."""
        left = self._filled(key)
        return 0.0 if left >= 1 else (1 - left) / self._rate

    def take(self, key: str) -> float:
        """Take one; gives how long to wait when there is none, 0.0 when it was taken."""
        left = self._filled(key)
        taken = left >= 1
        self._left[key] = (left - 1 if taken else left, self._mono())
        self._left.move_to_end(key)
        while len(self._left) > MOST:
            self._left.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._rate

    def _filled(self, key: str) -> float:
        left, at_s = self._left.get(key, (self._burst, self._mono()))
        return min(self._burst, left + (self._mono() - at_s) * self._rate)


def asker_of(address: str) -> str:
    """An address as a bucket's key: IPv6 by its network, since one asker has all of it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, LAN_V6), strict=False))
