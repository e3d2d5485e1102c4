"""The high-water mark: what was once durable, told by something that is not the journal."""

import contextlib
import hashlib
import json
from pathlib import Path

from hallctl import wire
from hallctl.disk import Disk, SystemDisk


class HighWaterMark:
    """What was once durable, in a small file beside the journal; never ahead of it.

    Two slots: what is written goes into one until it is synced, then into the other. So whatever a
    power cut tears, what was synced last is whole. Synced at most once a second.
    """

    SLOT_BYTES = 2048

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self._path = path
        self._disk = disk or SystemDisk()
        self.seq = 0
        self.epoch = ""
        self.day = ""
        self.numbers: dict[str, int] = {}
        self._at = -1  # counts the writes: which slot is newer, even across epochs
        self._slot = 0
        self._written = False
        for slot in (0, 1):
            self._read(slot)

    def _read(self, slot: int) -> None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            raw = self._disk.read(self._path)[slot * self.SLOT_BYTES : (slot + 1) * self.SLOT_BYTES]
            digest, _, body = raw.rstrip(b" \0\n").partition(b" ")
            if hashlib.sha256(body).hexdigest().encode() != digest:
                return
            found = json.loads(body)
            if found["at"] >= self._at:
                self.seq, self.epoch = found["seq"], found["epoch"]
                self.day, self.numbers = found["day"], found["numbers"]
                self._at = found["at"]
                self._slot = 1 - slot

    def advance(self, seq: int, epoch: str, numbers: dict[str, int], day: str) -> None:
        """Move the mark on after a commit (in the file, not yet synced)."""
        if day != self.day:
            self.numbers = {}
        self.seq, self.epoch, self.day = seq, epoch, day
        for queue, number in numbers.items():
            self.numbers[queue] = max(number, self.numbers.get(queue, 0))
        self._at += 1
        body = wire.dumps(
            {"at": self._at, "seq": seq, "epoch": epoch, "day": day, "numbers": self.numbers}
        )
        line = hashlib.sha256(body).hexdigest().encode() + b" " + body
        padded = line.ljust(self.SLOT_BYTES - 1) + b"\n"
        self._disk.write_at(self._path, padded, self._slot * self.SLOT_BYTES)
        self._written = True

    def make_room(self) -> None:
        """Take both slots' room from the disk, so that a full one never hits the mark.

        What a killed process had written becomes durable: only then may the slot that was synced
        before it be written over.
        """
        whole = 2 * self.SLOT_BYTES
        if self._disk.size(self._path) < whole:
            self._disk.fill(self._path, whole)
        else:
            self._disk.truncate(self._path, whole)

    def sync(self) -> None:
        """Make the mark durable, when something was written."""
        if self._written:
            self._disk.sync(self._path)
            self._written = False
            self._slot = 1 - self._slot
