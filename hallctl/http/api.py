"""The API, version 1: what the hall is like, and what may be asked of it. docs/http.md tells it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from hallctl import wire
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.visit import Visit
from hallctl.http import models as m
from hallctl.http import reading
from hallctl.http.asked_in import EXAMPLES, REF, command_in
from hallctl.http.house import Fresh, Holder, fresh, holder, house_of
from hallctl.http.refusing import Turned, refused
from hallctl.http.stream import EVENT, MOST, stream
from hallctl.roles import refusal as roles_refusal

ANSWER_S: Final = 5.0
"""How long a command waits for the hall; then the asker may ask again with the same id."""
SEQ_MOST: Final = 10**15


def _refusals(**reasons: str) -> dict[int | str, dict[str, Any]]:
    """Error answers for OpenAPI: `s404="why"`."""
    return {
        int(status[1:]): {"model": m.Refusal, "description": why} for status, why in reasons.items()
    }


ANYWHERE: Final = _refusals(
    s400="The request cannot be read (`unreadable`).",
    s401="No token, a wrong one, or a revoked one (`no_token`).",
    s429="Too fast, or too many followers (`too_fast`, `too_many`); Retry-After says when.",
    s503="The hall is silent (`stale`, with since when) or gave no answer (`no_answer`).",
)
HALL_SAYS_NO: Final = _refusals(
    s403="The token's role may not (`not_allowed`), or not at this place (`not_yours`).",
    s409="The hall refuses, with its code and words, as on the bus.",
)
api = APIRouter(prefix="/api/v1", dependencies=[Depends(holder)], responses=ANYWHERE)


def _now(request: Request) -> Moment:
    now = house_of(request).following.now()
    assert now is not None
    return now


@api.get("/hall", tags=["read"], summary="The hall: name, hours, opening")
async def hall(request: Request, hall: Fresh) -> m.HallNow:
    """The hall's name, its hours today, whether it is open and whether numbers are given."""
    return reading.hall_now(hall, _now(request))


@api.get("/queues", tags=["read"], summary="Who waits, and for how long")
async def queues(request: Request, hall: Fresh) -> m.Queues:
    """Each queue: how many wait, who is next, what somebody who comes now may expect."""
    return reading.queues(hall, _now(request), house_of(request).following.forecast)


@api.get("/windows", tags=["read"], summary="How each window stands")
async def windows(request: Request, hall: Fresh) -> m.Windows:
    """Each window: off, idle, called, serving or paused, and the ticket at it."""
    return reading.windows(hall, _now(request))


@api.get(
    "/visits/{name}",
    tags=["read"],
    summary="One visit of today",
    responses=_refusals(s404="There is no such visit today (`unknown_visit`)."),
)
async def visit(
    request: Request,
    hall: Fresh,
    name: Annotated[
        str,
        Path(
            description="Its id or its label.",
            min_length=1,
            max_length=64,
            openapi_examples={"label": {"value": "A001"}, "id": {"value": "2026-11-23-A001"}},
        ),
    ],
) -> m.VisitNow:
    """Where a visit stands; neither whose it is nor the code of its wait page."""
    found = _named(hall, name)
    if found is None:
        raise Turned("unknown_visit")
    forecast = house_of(request).following.forecast
    return reading.visit_now(hall, found, _now(request), forecast)


def _named(hall: Hall, name: str) -> Visit | None:
    return hall.visits.get(name) or hall.labelled(name.strip().upper())


@api.get("/devices", tags=["read"], summary="How each device is")
async def devices(request: Request, hall: Fresh) -> m.Devices:
    """Each device that was heard of: whether its wire is up, what its parts say."""
    return reading.devices(hall, _now(request))


@api.get(
    "/alerts",
    tags=["read"],
    summary="What wants a supervisor's eye",
    responses=_refusals(s403="Staff's matter: not for a kiosk, a screen or a pad (`not_here`)."),
)
async def alerts(request: Request, hall: Fresh, token: Holder) -> m.Alerts:
    """The alerts that stand now; for staff only."""
    if token.standing.audience != "staff":
        raise Turned("not_here", role=str(token.standing))
    return reading.alerts(hall, _now(request))


@api.get("/calls", tags=["read"], summary="The latest calls")
async def calls(
    request: Request,
    hall: Fresh,
    since: Annotated[
        int, Query(description="Only those behind this sequence.", ge=0, le=SEQ_MOST)
    ] = 0,
) -> m.Calls:
    """The last two dozen calls, oldest first."""
    return reading.calls(hall, _now(request), since)


_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "At most 65,536 bytes of JSON.",
        "content": {
            "application/json": {
                "schema": {"$ref": REF.format(model="CommandIn")},
                "examples": {name: {"value": value} for name, value in EXAMPLES.items()},
            }
        },
    }
}


@api.post(
    "/commands",
    tags=["act"],
    summary="Let something happen",
    response_model=m.Done,
    dependencies=[Depends(fresh)],
    responses=HALL_SAYS_NO,
    openapi_extra=_BODY,
)
async def commands(request: Request, token: Holder) -> JSONResponse:
    """A command of the bus, with an id chosen by the asker; it happens once.

    The same id again gives the same answer, a refusal too, whatever the command then says. After
    a 503 ask again with the same id: that tells what became of it.
    """
    try:
        asked = command_in(await _body(request))
    except wire.WireError as problem:
        raise Turned("unreadable", problem=str(problem)) from problem
    house = house_of(request)
    kind = type(asked.command).__name__
    code = roles_refusal(token.standing, asked.command)
    if code:
        house.commands[token.standing.role, code] += 1
        place = str(token.standing)
        raise Turned(code, more={"id": asked.id}, command=kind, place=place)
    name = f"http-{token.name}"
    role = token.standing.role
    answer = await house.following.askers.ask(role, name, asked.command, asked.id, ANSWER_S)
    if answer is None:
        house.commands[role, "no_answer"] += 1
        raise Turned("no_answer", more={"id": asked.id})
    house.commands[role, "ok" if answer.ok else answer.code] += 1
    if not answer.ok:
        return refused(answer.code, answer.words, asked.id)
    body = m.Done(id=asked.id, result=answer.result).model_dump()
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    """The request's body. Raises WireError as soon as it is too long."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > wire.MAX_BYTES:
            raise wire.WireError(f"at most {wire.MAX_BYTES} bytes are taken")
    return found


@api.get(
    "/events",
    tags=["read"],
    summary="What happens, as it happens",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: snapshot, event, heartbeat (each second), stale.",
            "content": {"text/event-stream": {"schema": EVENT}},
        }
    },
)
async def events(
    request: Request,
    token: Holder,
    last_event_id: Annotated[
        str,
        Header(description="`42-9f3c0a11` or `42`: go on behind that event.", max_length=64),
    ] = "",
) -> StreamingResponse:
    """A snapshot, or with Last-Event-ID what was missed; then every event the role may see."""
    house = house_of(request)
    if house.streams >= MOST:
        raise Turned("too_many", more={"wait_s": 5})
    return StreamingResponse(
        stream(house, token, last_event_id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@api.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, _: Holder) -> JSONResponse:
    """The description of this API."""
    return JSONResponse(request.app.openapi())
