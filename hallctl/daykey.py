"""The key that ID numbers are hashed with: drawn at random for a day, and thrown away after it."""

import contextlib
import secrets
from pathlib import Path

from hallctl.privately import write_privately

KEY_BYTES = 32


class DayKey:
    """One small file, readable by its owner alone. A restart within the day finds the same key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, day: str) -> bytes:
        """The key of a business day; another day's key is overwritten. Raises OSError."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            kept_day, _, kept = self._path.read_text("ascii").partition(" ")
            key = bytes.fromhex(kept)
            if kept_day == day and len(key) == KEY_BYTES:
                return key
        key = secrets.token_bytes(KEY_BYTES)
        write_privately(self._path, f"{day} {key.hex()}")
        return key
