"""Which enrolled and revoked keys the journal has to be told of, each once.

`hallctl keys` changes the keyring whether the daemon runs or not, so what is journalled already is
kept beside it, in a small file. Without that file keys are journalled once more, never lost.
"""

import contextlib
import json
import logging
from collections.abc import Iterable
from typing import Final

from hallctl.core.commands import Key
from hallctl.keyring import Enrolled, Keyring
from hallctl.privately import write_privately

log = logging.getLogger("hallctl")

FILE: Final = "journalled.json"

Keys = tuple[Key, ...]


class KeyNotes:
    """Compares the keyring with what was journalled of it."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._path = keyring.folder / FILE
        self._kept = self._read()
        self._told = self._kept
        self._seen: object = None

    def take(self) -> tuple[Keys, Keys]:
        """Keys enrolled, keys revoked, to be journalled now.

        What was given the last time counts as journalled: the daemon stores it, or ends.
        """
        self.keep()
        if self._seen == self._keyring.digest or self._keyring.problem is not None:
            return (), ()
        self._seen = self._keyring.digest
        entries = self._keyring.entries()
        gone = [e for e in entries if e.revoked_s is not None]
        enrolled = [e for e in entries if _name("enrolled", e) not in self._kept]
        revoked = [e for e in gone if _name("revoked", e) not in self._kept]
        self._told = _names("enrolled", entries) | _names("revoked", gone)
        return _keys(enrolled), _keys(revoked)

    def keep(self) -> None:
        """Remember what was given as journalled."""
        if self._told == self._kept:
            return
        self._kept = self._told
        try:
            write_privately(self._path, json.dumps(sorted(self._kept), indent=0))
        except OSError as problem:
            log.error("%s: %s; keys are journalled once more", self._path, problem)  # noqa: TRY400

    def _read(self) -> frozenset[str]:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self._path.read_text("ascii"))
            if isinstance(found, list):
                return frozenset(map(str, found))
        return frozenset()


def _name(what: str, entry: Enrolled) -> str:
    return f"{what} {entry.name} {entry.fingerprint}"


def _names(what: str, entries: Iterable[Enrolled]) -> frozenset[str]:
    return frozenset(_name(what, entry) for entry in entries)


def _keys(entries: Iterable[Enrolled]) -> Keys:
    return tuple(Key(e.name, str(e.standing), e.fingerprint) for e in entries)
