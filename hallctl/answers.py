"""The answers already given, in the journal's database: a command that comes again gets the same.

Nearly every command is new, and looking for it in the database costs more than anything else that
is done with it before the commit. So a small filter (Bloom, 1970) stands in front: it says no only
of what was never answered, and yes of everything that was and of very little else.
"""

from collections.abc import Iterable
from typing import Final

import apsw

from hallctl import schema

BITS: Final = 1 << 21
"""256 KiB: of 100,000 answers' worth of new ids one in 400 is looked up in vain."""
PROBES: Final = (0, 21, 42)

Statement = tuple[str, list[tuple[object, ...]]]


class Answers:
    """The answers in an open database with today's tables. Raises apsw.Error."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self.look()

    def look(self) -> None:
        """Make the filter from what is stored, forgetting what is not any more."""
        self._bits = bytearray(BITS >> 3)
        for (key,) in self._db.execute("SELECT CAST(id AS BLOB) FROM answers"):
            self._note(key)

    def _note(self, key: bytes) -> None:
        for at in _places(key):
            self._bits[at >> 3] |= 1 << (at & 7)

    def _may_hold(self, key: bytes) -> bool:
        return all(self._bits[at >> 3] >> (at & 7) & 1 for at in _places(key))

    def get(self, command_id: str) -> bytes | None:
        """The answer given to a command, if any. Raises ValueError for one that was changed."""
        if not self._may_hold(command_id.encode()):
            return None
        query = "SELECT answer, digest FROM answers WHERE id=?"
        row = self._db.execute(query, (command_id,)).fetchone()
        if row and not schema.is_sound(command_id, *row):
            raise ValueError(f"the answer to {command_id} was changed")
        return row[0] if row else None

    def kept(self, answers: Iterable[tuple[str, bytes]], day: str) -> Statement:
        """What stores answers of a day."""
        rows: list[tuple[object, ...]] = []
        for key, answer in answers:
            self._note(key.encode())
            rows.append((key, day, answer, schema.digest_of(key, answer)))
        return "INSERT INTO answers VALUES(?,?,?,?)", rows

    def forgotten(self, before_day: str) -> Statement:
        """What drops answers of days before `before_day` but the last one of them.

        Who asked in the evening and heard nothing may ask again in the morning; not for days.
        """
        last = "SELECT max(day) FROM answers WHERE day<?"
        return f"DELETE FROM answers WHERE day<({last})", [(before_day,)]  # noqa: S608


def _places(key: bytes) -> list[int]:
    """Which bits stand for a key: three parts of its hash."""
    found = hash(key)
    return [(found >> probe) & (BITS - 1) for probe in PROBES]
