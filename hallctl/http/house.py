"""What all pages share, and the door: who asks, whether they may, and how often."""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from hallctl.core.hall import Hall
from hallctl.http.following import Following
from hallctl.http.limits import Buckets, asker_of
from hallctl.http.refusing import Turned, too_fast
from hallctl.http.tokens import Token, Tokens, TokensError

MISS_RATE, MISS_BURST = 1.0, 30
"""Wrong tokens and unknown wait pages, for each address: after 30, one a second."""
PAGE_RATE, PAGE_BURST = 20.0, 200
"""Wait pages, for each address: a hall's whole Wi-Fi may stand behind one."""
LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def _nobody() -> None:
    """Nobody serves yet."""


@dataclass(slots=True)
class House:
    """One hall as it is served. `rate` and `burst` are of each token."""

    following: Following
    tokens: Tokens
    requests: Buckets
    wrong: Buckets
    missed: Buckets
    pages: Buckets
    streams: int = 0
    """Followers of events now."""
    commands: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What became of commands, by role and code (`ok`)."""
    closing: bool = False
    """Whether the process is about to end: followers go."""
    failed: Callable[[], None] = _nobody
    """What to do when the hall can be followed no more."""

    def leave(self) -> None:
        """The process is about to end."""
        self.closing = True


def house_for(
    following: Following,
    tokens: Tokens,
    *,
    rate: float,
    burst: int,
    mono: Callable[[], float] = time.monotonic,
) -> House:
    """A house with the usual limits."""
    return House(
        following=following,
        tokens=tokens,
        requests=Buckets(rate, burst, mono),
        wrong=Buckets(MISS_RATE, MISS_BURST, mono),
        missed=Buckets(MISS_RATE, MISS_BURST, mono),
        pages=Buckets(PAGE_RATE, PAGE_BURST, mono),
    )


def house_of(request: HTTPConnection) -> House:
    """The house that serves a request."""
    house: House = request.app.state.house
    return house


def address_of(request: HTTPConnection) -> str:
    """Who asks, as a key for limits."""
    return asker_of(request.client.host if request.client else "")


_bearer = HTTPBearer(auto_error=False, description="A token of `hallctl tokens add`.")


async def holder(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Token:
    """Whose request it is. Raises Turned: without a good token nobody comes in."""
    house = house_of(request)
    token = _known(house, credentials.credentials if credentials else "")
    if token is None:
        address = address_of(request)
        wait_s = house.wrong.take(address)
        raise too_fast(wait_s) if wait_s else Turned("no_token")
    wait_s = house.requests.take(token.name)
    if wait_s:
        raise too_fast(wait_s)
    return token


Holder = Annotated[Token, Depends(holder)]


def _known(house: House, text: str) -> Token | None:
    try:
        return house.tokens.find(text)
    except TokensError:
        raise Turned("no_tokens") from None


async def fresh(request: Request) -> Hall:
    """The hall as it is now. Raises Turned while it is silent: an old number is never told."""
    following = house_of(request).following
    since_s = following.stale_since_s
    if since_s is not None or following.hall.rules is None:
        raise Turned("stale", more={"since_s": since_s or None})
    return following.hall


Fresh = Annotated[Hall, Depends(fresh)]


def from_here(request: HTTPConnection) -> bool:
    """Whether a program of this machine asks: not a proxy for others, not a page in a browser.

    A page of another site can make a browser here ask (DNS rebinding); then Host is not ours.
    """
    try:
        near = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
    host = request.headers.get("host", "")
    name = host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
    forwarded = any(header in request.headers for header in _FORWARDED)
    return near and name in LOOPBACK_HOSTS and not forwarded
