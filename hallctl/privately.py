"""A small file that only its owner may read, replaced as a whole."""

import os
from pathlib import Path


def write_privately(path: Path, text: str) -> None:
    """Write ASCII text, 0600 from its first byte on, durable before it takes the old one's place.

    Raises OSError.
    """
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, text.encode("ascii"))
        os.fsync(file)
    finally:
        os.close(file)
    fresh.replace(path)
