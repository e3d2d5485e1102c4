"""Tokens of the HTTP API: shown once, kept as sha256 in STATE/http-tokens.json, each with a role.

A token is 256 bits of chance, so its hash needs no salt and no slowness. Revoked is revoked at
once: the file is looked at before each request.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from hallctl.privately import write_privately
from hallctl.roles import Standing, standing_of

FILE: Final = "http-tokens.json"
MARK: Final = "hallctl_"
"""What a token begins with, so that one that leaked into a file is known for what it is."""
BITS: Final = 256
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_FORM: Final = "hallctl-http-tokens"
_LONGEST: Final = 200


class TokensError(Exception):
    """Tokens cannot be read or changed; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Token:
    """Who may come in, and as what. `revoked_s` is None while it may."""

    name: str
    standing: Standing
    sha256: str = field(repr=False)
    made_s: float
    revoked_s: float | None = None


class Tokens:
    """The tokens in a file, read again whenever it was changed. `wall` is UNIX time."""

    def __init__(self, path: Path, wall: Callable[[], float] = time.time) -> None:
        self._path = path
        self._wall = wall
        self._known: tuple[Token, ...] = ()
        self._seen: tuple[int, int, int] | None = None

    def entries(self) -> tuple[Token, ...]:
        """All tokens ever made, the revoked ones too. Raises TokensError."""
        self.refresh()
        return self._known

    def add(self, name: str, role: str) -> str:
        """A new token for `name`, to be shown once. Raises TokensError."""
        if not _NAME.fullmatch(name):
            raise TokensError(f"'{name}' must be small letters, digits and dashes, at most 32")
        try:
            standing = standing_of(role)
        except ValueError as problem:
            raise TokensError(str(problem)) from problem
        others = [t for t in self.entries() if t.name != name]
        if any(t.name == name and t.revoked_s is None for t in self._known):
            raise TokensError(f"'{name}' has a token: revoke it first, or choose another name")
        text = MARK + secrets.token_urlsafe(BITS // 8)
        self._write((*others, Token(name, standing, _hash(text), self._wall())))
        return text

    def revoke(self, name: str) -> None:
        """From now on the token of `name` opens nothing. Raises TokensError for no such name."""
        found = [t for t in self.entries() if t.name == name and t.revoked_s is None]
        if not found:
            raise TokensError(f"'{name}' has no token; see: hallctl tokens list")
        now_s = self._wall()
        self._write(tuple(replace(t, revoked_s=now_s) if t in found else t for t in self._known))

    def find(self, text: str) -> Token | None:
        """Whose token that is; None for nobody's and for a revoked one. Raises TokensError.

        All are compared, each in constant time, so that the time tells nothing.
        """
        self.refresh()
        asked = _hash(text[:_LONGEST])
        found = None
        for token in self._known:
            same = hmac.compare_digest(token.sha256, asked)
            if same and token.revoked_s is None:
                found = token
        return found

    def refresh(self) -> bool:
        """Read the file when it is another than last time. Raises TokensError; then none is known.

        Without a file there are no tokens.
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            changed, self._seen, self._known = self._seen is not None, None, ()
            return changed
        except OSError as problem:
            self._known, self._seen = (), None
            raise TokensError(f"{self._path}: {problem.strerror}") from problem
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen == self._seen:
            return False
        self._known, self._seen = (), None
        if found.st_mode & 0o077:
            raise TokensError(f"{self._path} can be read by others: chmod 600 {self._path}")
        try:
            self._known = _read(self._path.read_bytes())
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise TokensError(f"{self._path} cannot be read: {problem}") from problem
        self._seen = seen
        return True

    def _write(self, tokens: tuple[Token, ...]) -> None:
        body = {_FORM: 1, "tokens": [_out(t) for t in tokens]}
        try:
            write_privately(self._path, json.dumps(body, indent=1) + "\n")
        except OSError as problem:
            raise TokensError(f"{self._path}: {problem.strerror}") from problem
        self.refresh()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _out(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "role": str(token.standing),
        "sha256": token.sha256,
        "made_s": token.made_s,
        "revoked_s": token.revoked_s,
    }


def _read(raw: bytes) -> tuple[Token, ...]:
    body = json.loads(raw)
    if body[_FORM] != 1:
        raise ValueError("it was written by a newer hallctl")
    return tuple(
        Token(
            name=str(t["name"]),
            standing=standing_of(t["role"]),
            sha256=str(t["sha256"]),
            made_s=float(t["made_s"]),
            revoked_s=None if t["revoked_s"] is None else float(t["revoked_s"]),
        )
        for t in body["tokens"]
    )
