"""Events as they happen, over HTTP (server-sent events): a snapshot or a replay, then each once.

An event's id is its sequence and the journal's epoch, `42-9f3c0a11`; a follower that comes back
with it as Last-Event-ID goes on behind it. Nothing is kept for a follower but its place, so a slow
one costs nothing; one that has fallen too far behind is given a snapshot.
"""

import json
import re
from collections.abc import AsyncIterator
from typing import Any, Final

from hallctl import wire
from hallctl.core.events import Recorded
from hallctl.http.house import House
from hallctl.http.tokens import Token, TokensError

BEAT_S: Final = 1.0
MOST: Final = 50
"""Followers at once."""
EVENT: Final = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "id": {"type": "string", "examples": ["42-9f3c0a11"]},
        "event": {"enum": ["snapshot", "event", "heartbeat", "stale"]},
        "data": {"type": "string", "description": "JSON, as docs/http.md tells."},
    },
}
"""What one of them looks like, for OpenAPI."""
_ID: Final = re.compile(r"(\d{1,15})(?:-([0-9a-zA-Z]{1,32}))?", re.ASCII)


def place_of(last_id: str) -> tuple[int, str] | None:
    """Sequence and epoch of a Last-Event-ID, "" when it names no epoch; None for no such id."""
    found = _ID.fullmatch(last_id)
    return (int(found[1]), found[2] or "") if found else None


async def stream(house: House, token: Token, last_id: str) -> AsyncIterator[bytes]:
    """What one follower is sent, until it goes or its token is revoked."""
    following = house.following
    place = place_of(last_id)
    house.streams += 1
    try:
        while not house.closing and _holds(house, token):
            since_s = following.stale_since_s
            if since_s is not None or following.hall.rules is None:
                yield _line("stale", {"since_s": since_s or None})
                await following.turned(BEAT_S)
                continue
            missed = following.since(*place) if place is not None else None
            hall = following.hall
            place = hall.seq, hall.epoch
            if missed is None:
                body = _without_codes(wire.hall_out(hall, token.standing.audience))
                yield _line("snapshot", {"snapshot": body}, place)
            for recorded in missed or ():
                if _may_see(token, recorded):
                    at = recorded.seq, recorded.epoch
                    yield _line("event", _told(recorded, token), at)
            if not missed:
                yield _line("heartbeat", _beat(house))
                await following.turned(BEAT_S)
    finally:
        house.streams -= 1


def _holds(house: House, token: Token) -> bool:
    """Whether the token still opens: revoked is revoked for those who follow already."""
    try:
        return token in house.tokens.entries()
    except TokensError:
        return False


def _may_see(token: Token, recorded: Recorded) -> bool:
    audiences = ("public",) if token.standing.audience == "public" else ("public", "staff")
    return recorded.event.AUDIENCE in audiences


def _told(recorded: Recorded, token: Token) -> Any:  # noqa: ANN401 - JSON is anything
    body = wire.told_out(recorded, token.standing.audience)
    if "code" in type(recorded.event).HIDDEN_PUBLIC:
        body["event"]["code"] = ""  # a wait page's code belongs to who holds the ticket
    return body


def _without_codes(snapshot: Any) -> Any:  # noqa: ANN401 - JSON is anything
    for visit in snapshot["visits"].values():
        visit["code"] = ""
    return snapshot


def _beat(house: House) -> dict[str, Any]:
    now = house.following.now()
    assert now is not None
    hall = house.following.hall
    return {"seq": hall.seq, "epoch": hall.epoch, "now": wire.plain(now)}


def _line(kind: str, body: object, place: tuple[int, str] | None = None) -> bytes:
    head = f"id: {place[0]}-{place[1]}\n" if place else ""
    text = json.dumps(wire.plain(body), ensure_ascii=False, separators=(",", ":"))
    return f"{head}event: {kind}\ndata: {text}\n\n".encode()
