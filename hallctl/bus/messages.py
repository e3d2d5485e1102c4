"""One message: what its frame holds, who sent it, and the refusals that need no hall."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hallctl import wire
from hallctl.core import commands as c
from hallctl.roles import Standing
from hallctl.texts import say

ASKS: Final = ("command", "snapshot", "replay", "status", "hello")
VERSIONS: Final = (wire.VERSION,)
"""What this daemon speaks; a message says which of them it is in."""
LONGEST_ID: Final = 64
LAN: Final = "lan"
"""The way of everybody who comes over the network; locally it is the role's own socket."""


Answer = Mapping[str, Any] | wire.Written
"""An answer, or one that is JSON already; its id is put in when it is sent."""
Ready = Sequence[object] | None
"""What a poller has found something at: sockets and descriptors. None for what nobody looked at."""


class Unreadable(wire.WireError):
    """A message that cannot be acted upon; `asked` is its id where it has one, to answer it."""

    code = "unreadable"

    def __init__(self, problem: object, asked: str = "") -> None:
        super().__init__(str(problem))
        self.asked = asked

    def body(self) -> dict[str, Any]:
        """The answer to it."""
        return {"id": self.asked, **refused(self.code, problem=self)}


class OtherVersion(Unreadable):
    """A message in a version that this daemon does not speak."""

    code = "version"

    def body(self) -> dict[str, Any]:
        """Which versions there are, so that the asker can choose another."""
        known = ", ".join(map(str, VERSIONS))
        body = refused(self.code, version=self, versions=known)
        return {"id": self.asked, **body, "versions": list(VERSIONS)}


@dataclass(frozen=True, slots=True)
class Request:
    """A message that was read and is allowed; `command` is None for a question.

    `name` is what the asker says of itself at a local socket, and the key's name over TCP. `way`
    and `identity` are where its answer goes.
    """

    standing: Standing
    name: str
    way: str
    identity: bytes
    message: dict[str, Any]
    command: c.Command | None

    @property
    def actor(self) -> str:
        """Who asks, as the journal names it."""
        return f"{self.standing}:{self.name}"

    @property
    def key(self) -> str:
        """The asker's id for the command, apart from other askers' ids."""
        return f"{self.actor}:{self.message['id']}"


def refused(code: str, **values: object) -> dict[str, Any]:
    """A refusal with its words in both languages."""
    words = {language: say(language, f"refused.{code}", **values) for language in ("zh", "en")}
    return {"ok": False, "code": code, "words": words}


def read(frames: list[bytes], *, named: bool) -> tuple[dict[str, Any], c.Command | None]:
    """A message and the command in it. `named`: it has to say from whom it is.

    Raises Unreadable, which holds the answer.
    """
    if len(frames) != 1:
        raise Unreadable(f"{len(frames)} frames; a message is one frame of JSON")
    try:
        message = wire.loads(frames[0])
    except wire.WireError as problem:
        raise Unreadable(problem) from problem
    if not isinstance(message, dict):
        raise Unreadable("a message is a JSON object")
    asked = message.get("id")
    asked = str(asked) if _is_name(asked) else ""
    version = message.get("v")
    if type(version) is int and version not in VERSIONS:
        raise OtherVersion(f"{version!r:.20}", asked)
    try:
        _check(message, named=named)
        command = message["ask"] == "command"
        return message, wire.command_in(message.get("command")) if command else None
    except wire.WireError as problem:
        raise Unreadable(problem, asked) from problem


def _check(message: dict[str, Any], *, named: bool) -> None:
    if type(message.get("v")) is not int:
        raise wire.WireError(f"v: {message.get('v')!r:.20}; this daemon speaks {wire.VERSION}")
    if message.get("ask") not in ASKS:
        raise wire.WireError(f"ask: must be one of {', '.join(ASKS)}")
    for key in ("id", "from") if named else ("id",):
        if not _is_name(message.get(key)):
            raise wire.WireError(f"{key}: at most {LONGEST_ID} printable characters")
    if named and ":" in message["from"]:
        raise wire.WireError("from: a name has no colon")
    if message["ask"] == "command" and not message["id"]:
        raise wire.WireError("id: a command needs one, so that it acts once")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable()
