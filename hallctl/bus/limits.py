"""How much one asker may do, and what is told of those who were turned away.

Both tables are bounded: whatever comes in, neither memory nor the journal grows with it.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from hallctl.core.commands import Turned

COSTS: Final = {"snapshot": 10, "replay": 10, "status": 10}
"""What an ask takes of an asker's rate; a command or a hello takes 1."""
ANSWERED_MOST: Final = 20
"""So many refusals a second tell an asker that it is too fast; the rest it is not told."""
DROPS_MOST: Final = 1000
"""After so many that were not even answered, within one second, the asker is cut off."""
REST_S: Final = 10.0
"""For so long it is not let in again."""
ANEW_S: Final = 60.0
"""An asker that is turned away for the same reason again is journalled so often."""
KINDS_MOST: Final = 128
OTHERS: Final = "others"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float
    second: int = 0
    refused: int = 0
    """In that second."""


class Rates:
    """A bucket of `burst` for each key, filled at `rate` a second."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[bytes, _Bucket] = {}
        self._resting: dict[bytes, float] = {}

    def wait_s(self, key: bytes, ask: str, now_s: float) -> float:
        """0 when it may, and then it is taken; else in how many seconds it may."""
        bucket = self._bucket(key, now_s)
        cost = min(COSTS.get(ask, 1), self._burst)
        if bucket.tokens >= cost:
            bucket.tokens -= cost
            return 0.0
        return (cost - bucket.tokens) / self._rate

    def hears(self, key: bytes, now_s: float) -> bool:
        """Whether its next message is read at all: an empty bucket, told often enough, is not."""
        bucket = self._bucket(key, now_s)
        return bucket.tokens >= 1 or bucket.refused < ANSWERED_MOST

    def refused(self, key: bytes, now_s: float) -> bool:
        """Count one that was refused; True when this asker is to be cut off now."""
        bucket = self._bucket(key, now_s)
        bucket.refused += 1
        if bucket.refused < DROPS_MOST:
            return False
        self.rest(key, now_s)
        return True

    def rest(self, key: bytes, now_s: float) -> None:
        """Let a key in again only after a while."""
        self._resting[key] = now_s + REST_S

    def resting(self, key: bytes, now_s: float) -> bool:
        """Whether a key that was cut off may not come back yet."""
        return self._resting.get(key, -math.inf) > now_s

    def forget(self, now_s: float) -> None:
        """Drop what has no effect any more, so that revoked keys leave nothing behind."""
        full_s = self._burst / self._rate + 1
        self._buckets = {k: b for k, b in self._buckets.items() if now_s - b.at_s < full_s}
        self._resting = {k: until_s for k, until_s in self._resting.items() if until_s > now_s}

    def _bucket(self, key: bytes, now_s: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(self._burst, now_s)
        gone_s = max(0.0, now_s - bucket.at_s)
        bucket.tokens = min(float(self._burst), bucket.tokens + gone_s * self._rate)
        bucket.at_s = now_s
        if int(now_s) != bucket.second:
            bucket.second, bucket.refused = int(now_s), 0
        return bucket


@dataclass(slots=True)
class _Kind:
    what: str
    count: int = 0
    told_s: float = -math.inf


@dataclass(slots=True)
class Refusals:
    """Who was turned away, counted by code, and told at once the first time, then once a minute."""

    counted: Counter[str] = field(default_factory=Counter)
    _kinds: dict[tuple[str, str], _Kind] = field(default_factory=dict)

    def note(self, asker: str, code: str, what: str) -> None:
        """Somebody was turned away; of very many askers the later ones are told as `others`."""
        self.counted[code] += 1
        named = (asker, code)
        if named not in self._kinds and len(self._kinds) >= KINDS_MOST:
            named = (OTHERS, code)
        kind = self._kinds.setdefault(named, _Kind(what))
        if not kind.count:
            kind.what = what
        kind.count += 1

    def take(self, now_s: float) -> tuple[Turned, ...]:
        """What is to be journalled now."""
        found = []
        for (asker, code), kind in list(self._kinds.items()):
            if now_s - kind.told_s < ANEW_S:
                continue
            if not kind.count:
                del self._kinds[asker, code]
                continue
            found.append(Turned(asker, code, kind.what, kind.count))
            kind.count, kind.told_s = 0, now_s
        return tuple(found)
