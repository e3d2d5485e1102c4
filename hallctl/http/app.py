"""The HTTP process: puts the pages together, and serves them until it is told to stop."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hallctl.http import models as m
from hallctl.http.api import api
from hallctl.http.asked_in import schemas
from hallctl.http.following import Following
from hallctl.http.house import House, house_for, house_of
from hallctl.http.listening import Patient, Server
from hallctl.http.metrics import figures
from hallctl.http.refusing import Turned, on_http, on_turned, on_unreadable
from hallctl.http.tokens import FILE, Tokens
from hallctl.http.waitpage import nothing_here, pages

log = logging.getLogger("hallctl")

EX_SOFTWARE, EX_UNAVAILABLE = 70, 69
STOP_S: Final = 3
"""How long followers have to go when the process ends."""
DESCRIPTION: Final = """
What a public service hall is like now, and what may be asked of it. `hallctl http` answers, a
client of the hall's bus; docs/http.md tells the rest.
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and where. `public` is the wait page only; `most` connections at once."""

    bus: Path
    state: Path
    host: str
    port: int
    rate: float
    burst: int
    most: int
    public: bool = False


health = APIRouter()


@health.get(
    "/healthz",
    tags=["public"],
    summary="Whether the hall is heard",
    responses={503: {"model": m.Health, "description": "The hall is silent: since when."}},
)
async def healthz(request: Request, response: Response) -> m.Health:
    """For a watchdog: no token, and nothing but yes or no, and since when."""
    following = house_of(request).following
    since_s = following.stale_since_s
    response.headers["Cache-Control"] = "no-store"
    if since_s is None and following.hall.rules is not None:
        return m.Health(ok=True)
    response.status_code = 503
    return m.Health(ok=False, since_s=since_s or None)


def make_app(house: House, *, public: bool = False) -> FastAPI:
    """The pages of one hall; `public` is the wait page and nothing else."""

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(house.following.run())
        task.add_done_callback(_ended(house))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    app = FastAPI(
        title="hallctl",
        version="1",
        description=DESCRIPTION.strip(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=life,
        redirect_slashes=False,
    )
    app.state.house = house
    for router in (pages, health) if public else (pages, health, api, figures):
        app.include_router(router)
    app.add_exception_handler(Turned, on_turned)
    app.add_exception_handler(RequestValidationError, on_unreadable)
    app.add_exception_handler(HTTPException, nothing_here if public else _lost)
    app.add_middleware(Bare)
    app.openapi = _described(app)  # type: ignore[method-assign]
    return app


async def _lost(request: Request, problem: Exception) -> Response:
    """What there is not; below /t/ all that is not a ticket's is the same page."""
    missed = isinstance(problem, HTTPException) and problem.status_code == 404  # noqa: PLR2004
    if missed and request.url.path.startswith("/t/"):
        return await nothing_here(request, problem)
    return await on_http(request, problem)


def _ended(house: House) -> Callable[[asyncio.Task[None]], None]:
    def look(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            log.critical("following the hall ended by a bug", exc_info=task.exception())
            house.failed()

    return look


class Bare:
    """Every answer says that it is what it says it is, and is kept by nobody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                more = [(n, v) for n, v in _MARKS if n not in names]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, marked if scope["type"] == "http" else send)


_MARKS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)


def _described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """OpenAPI as FastAPI makes it, with the bus's commands and without its own 422."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            kept = found.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                kept.pop(name, None)
            kept.update(schemas())
            for path in found["paths"].values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
            app.openapi_schema = found
        return app.openapi_schema

    return openapi


def server_for(serving: Serving) -> Server:
    """The server, ready to run."""
    tokens = Tokens(serving.state / FILE)
    house = house_for(Following(serving.bus), tokens, rate=serving.rate, burst=serving.burst)
    app = make_app(house, public=serving.public)
    server = Server(
        uvicorn.Config(
            app,
            host="" if serving.host == "*" else serving.host.strip("[]"),
            port=serving.port,
            http=Patient,
            ws="none",
            access_log=False,  # an address of a wait page is as good as its ticket
            log_config=None,
            server_header=False,
            forwarded_allow_ips=["127.0.0.1", "::1"],
            limit_concurrency=serving.most,
            timeout_graceful_shutdown=STOP_S,
        ),
        house.leave,
    )
    house.failed = server.fail
    return server


def run(serving: Serving) -> int:
    """Serve in the foreground; gives the exit code."""
    server = server_for(serving)
    what = "the wait page" if serving.public else "API, wait page and metrics"
    log.info("http://%s:%d: %s", serving.host, serving.port, what)
    try:
        server.serve_until_told()
    except SystemExit:  # uvicorn's way to say that it could not listen; it has logged why
        return EX_UNAVAILABLE
    return EX_SOFTWARE if server.failed else 0
