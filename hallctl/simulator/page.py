"""The page that is the hall: HTTP and a websocket on 127.0.0.1, for this machine's browser only.

Every request must name 127.0.0.1 or localhost as its host and, when a browser says where it comes
from, come from this page: so no other site can press keys here (DNS rebinding, cross-site posts).
What is asked wrongly is answered 4xx with `{"error": a sentence}`.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from hallctl.simulator.bench import Bench, Unable, Viewer
from hallctl.simulator.frames import pack

_HERE = Path(__file__).parent
_OURS = ("127.0.0.1", "localhost")
_BODY_MOST = 64 * 1024
_KEY_MOST = 20
_PUSH_GAP_S = 0.08
"""At most twelve pushes a second to a browser, however much happens."""
_HEADERS = [
    (b"content-security-policy", b"default-src 'self'; img-src 'self' blob: data:"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]

Act = Callable[[Bench, Request, dict[str, Any]], Awaitable[dict[str, Any] | None]]
"""What an endpoint does; its result, if there is one, is in the answer."""


def make_app(bench: Bench) -> Starlette:
    """The page for one desk."""
    templates = Jinja2Templates(_HERE / "templates")

    async def home(request: Request) -> Response:
        rules = bench.rules
        words = {
            "hall": rules.hall,
            "hall_en": rules.hall_en,
            "seal": rules.seal,
            "items": rules.items,
        }
        return templates.TemplateResponse(request, "desk.html", words)

    async def alone(request: Request) -> Response:
        name = request.path_params["screen"]
        if name not in bench.more and name not in bench.children:
            return _error(f"没有叫 {name} 的屏幕。", 404)
        words = {
            "hall": bench.rules.hall,
            "screen": name,
            "title": bench.more.get(name, (name,))[0],
        }
        return templates.TemplateResponse(request, "screen.html", words)

    app = Starlette(
        routes=[
            Route("/", home),
            Route("/screen/{screen}", alone),
            Route("/api/state", _state),
            Route("/api/picture/{device}/{name}.png", _picture),
            Route("/api/frame/{screen}.png", _frame),
            Route("/api/touch/{screen}", _acting(_touch), methods=["POST"]),
            Route("/api/key/{screen}", _acting(_key), methods=["POST"]),
            Route("/api/open/{screen}", _acting(_open), methods=["POST"]),
            Route("/api/press/{device}", _acting(_press), methods=["POST"]),
            Route("/api/fault/{device}", _acting(_fault), methods=["POST"]),
            Route("/api/ask", _acting(_ask), methods=["POST"]),
            Route("/api/clock", _acting(_clock), methods=["POST"]),
            Route("/api/child/{name}", _acting(_child), methods=["POST"]),
            Route("/sound/{device}/{play}.wav", _sound),
            WebSocketRoute("/ws", _socket),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        middleware=[Middleware(OwnOriginOnly)],
        exception_handlers={404: _missing, 405: _missing},
    )
    app.state.bench = bench
    return app


class OwnOriginOnly:
    """Refuse requests with a foreign Host or Origin, websockets too, and mark all answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if not _from_here(dict(scope["headers"])):
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})
                return
            words = "这个页面只给本机的浏览器用（127.0.0.1）。"
            await JSONResponse({"error": words}, 403)(scope, receive, send)
            return

        async def marked(message: Any) -> None:  # noqa: ANN401 - an ASGI message is anything
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await self._app(scope, receive, marked)


def _from_here(headers: dict[bytes, bytes]) -> bool:
    host = headers.get(b"host", b"").decode("latin-1")
    if urlsplit(f"//{host}").hostname not in _OURS:
        return False
    origin = headers.get(b"origin")
    return origin is None or origin.decode("latin-1") == f"http://{host}"


def _bench(request: Request | WebSocket) -> Bench:
    bench: Bench = request.app.state.bench
    return bench


def _error(words: str, status: int) -> Response:
    return JSONResponse({"error": words}, status)


async def _missing(request: Request, _: Exception) -> Response:
    return _error(f"{request.method} {request.url.path}：这里没有这个。", 404)


async def _state(request: Request) -> Response:
    return JSONResponse(_bench(request).state())


async def _picture(request: Request) -> Response:
    device, name = request.path_params["device"], request.path_params["name"]
    png = _bench(request).picture(device, name)
    if png is None:
        return _error(f"{device} 没有叫 {name} 的画面。", 404)
    return Response(png, media_type="image/png")


async def _frame(request: Request) -> Response:
    tile = _bench(request).frames.tiles.get(request.path_params["screen"])
    if tile is None or not tile.png:
        return _error("这块屏幕还没有画面。", 404)
    headers = {"X-Frame-Sha256": str(tile.header.get("sha256", ""))}
    return Response(tile.png, media_type="image/png", headers=headers)


async def _sound(request: Request) -> Response:
    """What a voice says, WAV; in part when the browser asks so, or it could not start midway."""
    device, play = request.path_params["device"], request.path_params["play"]
    whole = _bench(request).sound(device, play)
    if whole is None:
        return _error(f"{device} 没有叫 {play} 的播报。", 404)
    headers = {"Accept-Ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if asked is None:
        return Response(whole, media_type="audio/wav", headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(whole)), len(whole) - 1)
    if first > last:
        headers["Content-Range"] = f"bytes */{len(whole)}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(whole)}"
    return Response(whole[first : last + 1], 206, headers, media_type="audio/wav")


def _acting(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that takes a JSON object and does something with it."""

    async def endpoint(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _BODY_MOST:
                return _error("请求太长。", 413)
        try:
            asked = json.loads(body or b"{}")
        except ValueError:
            return _error("请求不是 JSON。", 400)
        if not isinstance(asked, dict):
            return _error("请求要是一个 JSON 对象。", 400)
        try:
            result = await act(_bench(request), request, asked)
        except Unable as error:
            return _error(str(error), error.status)
        return JSONResponse({"ok": True} if result is None else {"ok": True, "result": result})

    return endpoint


async def _touch(bench: Bench, request: Request, asked: dict[str, Any]) -> None:
    x, y, phase = asked.get("x"), asked.get("y"), asked.get("phase", "tap")
    if not all(isinstance(v, int | float) and 0 <= v <= 1 for v in (x, y)):
        raise Unable("x 和 y 要在 0 到 1 之间。")
    if phase not in ("down", "up", "tap"):
        raise Unable("phase 只能是 down、up 或 tap。")
    for step in ("down", "up") if phase == "tap" else (phase,):
        await bench.touch(request.path_params["screen"], step, float(x or 0), float(y or 0))


async def _key(bench: Bench, request: Request, asked: dict[str, Any]) -> None:
    key = asked.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= _KEY_MOST:
        raise Unable('要写 {"key": "space"}。')
    await bench.key(request.path_params["screen"], key)


async def _open(bench: Bench, request: Request, asked: dict[str, Any]) -> None:  # noqa: ARG001
    bench.open_screen(request.path_params["screen"])


async def _press(bench: Bench, request: Request, asked: dict[str, Any]) -> None:
    bench.press(request.path_params["device"], asked)


async def _fault(bench: Bench, request: Request, asked: dict[str, Any]) -> None:
    name, on = asked.get("fault"), asked.get("on")
    if not isinstance(name, str) or not isinstance(on, bool):
        raise Unable('要写 {"fault": 名称, "on": true 或 false}。')
    await bench.fault(request.path_params["device"], name, on)


async def _clock(bench: Bench, request: Request, asked: dict[str, Any]) -> None:  # noqa: ARG001
    bench.set_clock(asked)


async def _child(bench: Bench, request: Request, asked: dict[str, Any]) -> None:
    await bench.child(request.path_params["name"], str(asked.get("do", "")))


async def _ask(bench: Bench, request: Request, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """`{"command": {"type": …}}`, and `"role": "guide"` or `"supervisor"` (the default)."""
    return await bench.ask(str(asked.get("role", "supervisor")), asked.get("command"))


async def _socket(websocket: WebSocket) -> None:
    """Push states as text and frames as binary (the frames socket's own form) as they change."""
    bench = _bench(websocket)
    await websocket.accept()
    viewer = bench.watch()
    pushing = asyncio.create_task(_push(websocket, bench, viewer))
    try:
        while True:
            await websocket.receive_text()  # nothing is asked here; this only notices the end
    except (WebSocketDisconnect, KeyError, RuntimeError):
        pass
    finally:
        bench.unwatch(viewer)
        pushing.cancel()
        await asyncio.gather(pushing, return_exceptions=True)


async def _push(websocket: WebSocket, bench: Bench, viewer: Viewer) -> None:
    while True:
        for what in await viewer.take():
            if what == "end":
                await websocket.close(1001)
                return
            if what == "state":
                state = await asyncio.to_thread(json.dumps, bench.state(), ensure_ascii=False)
                await websocket.send_text(state)
            elif tile := bench.frames.tiles.get(what):
                await websocket.send_bytes(pack(tile.header, tile.png))
        await asyncio.sleep(_PUSH_GAP_S)
