"""The technician's PIN: what opens the kiosk's hidden menu. Kept as a salted scrypt hash, 0600.

There is no default: without a PIN set by `hallctl pin set` there is no menu. Wrong ones are slowed
down, since a kiosk stands where everybody can try.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from hallctl.privately import write_privately

SHORTEST, LONGEST = 6, 12
SALT_BYTES = 16
COST = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
TRIES = 5
LOCK_S = 300.0


class PinError(ValueError):
    """A PIN that may not be used; the words say why."""


class Pin:
    """One PIN in one small file. `mono` is a steady clock in seconds."""

    def __init__(self, path: Path, mono: Callable[[], float]) -> None:
        self._path = path
        self._mono = mono
        self._wrong = 0
        self._locked_until_s = 0.0

    @property
    def is_set(self) -> bool:
        """Whether there is a PIN at all."""
        return self._path.is_file()

    def set(self, pin: str) -> None:
        """Keep a new PIN. Raises PinError for one that is too easy, OSError."""
        if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
            raise PinError(f"a PIN has {SHORTEST} to {LONGEST} digits")
        steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
        if len(steps) == 1 and steps <= {0, 1, 9}:
            raise PinError("too easy: not one digit only, not 123456, not 654321")
        salt = secrets.token_bytes(SALT_BYTES)
        write_privately(self._path, f"{salt.hex()} {_hash(pin, salt).hex()}")

    def check(self, pin: str) -> bool:
        """Whether it is the one. After five wrong ones in a row nothing is, for five minutes."""
        if self._mono() < self._locked_until_s:
            return False
        try:
            salt, _, kept = self._path.read_text("ascii").partition(" ")
            right = hmac.compare_digest(_hash(pin, bytes.fromhex(salt)), bytes.fromhex(kept))
        except (OSError, ValueError):
            return False
        self._wrong = 0 if right else self._wrong + 1
        if self._wrong >= TRIES:
            self._wrong, self._locked_until_s = 0, self._mono() + LOCK_S
        return right


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, **COST)
