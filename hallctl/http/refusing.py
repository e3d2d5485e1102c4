"""A no over HTTP: status, code and words for people, the same codes as on the bus."""

import math
from typing import Any, Final

from fastapi import Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from hallctl.texts import say

STATUS: Final = {
    "unreadable": status.HTTP_400_BAD_REQUEST,
    "no_token": status.HTTP_401_UNAUTHORIZED,
    "not_allowed": status.HTTP_403_FORBIDDEN,
    "not_yours": status.HTTP_403_FORBIDDEN,
    "not_here": status.HTTP_403_FORBIDDEN,
    "unknown_visit": status.HTTP_404_NOT_FOUND,
    "not_found": status.HTTP_404_NOT_FOUND,
    "wrong_method": status.HTTP_405_METHOD_NOT_ALLOWED,
    "too_fast": status.HTTP_429_TOO_MANY_REQUESTS,
    "too_many": status.HTTP_429_TOO_MANY_REQUESTS,
    "stale": status.HTTP_503_SERVICE_UNAVAILABLE,
    "no_answer": status.HTTP_503_SERVICE_UNAVAILABLE,
    "no_tokens": status.HTTP_503_SERVICE_UNAVAILABLE,
}
"""By code of this process."""
BUS: Final = {
    "unreadable": status.HTTP_400_BAD_REQUEST,
    "not_allowed": status.HTTP_403_FORBIDDEN,
    "not_yours": status.HTTP_403_FORBIDDEN,
    "too_fast": status.HTTP_429_TOO_MANY_REQUESTS,
}
"""By code of the bus; any other is the hall's own no: 409."""


class Turned(Exception):  # noqa: N818 - an answer, not an error of ours
    """Somebody is turned away. `values` fill the words; `more` stands beside the code."""

    def __init__(self, code: str, *, more: dict[str, Any] | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.more = more or {}
        self.words = words_of(code, **values)


def words_of(code: str, **values: object) -> dict[str, str]:
    """The words for a code of this process, by language."""
    return {lang: say(lang, f"web.{code}", **values) for lang in ("zh", "en")}


def too_fast(wait_s: float) -> Turned:
    """The asker must wait."""
    whole_s = math.ceil(wait_s)
    return Turned("too_fast", more={"wait_s": whole_s}, wait_s=whole_s)


def refused(code: str, words: dict[str, str], command_id: str) -> JSONResponse:
    """What the bus refused."""
    return _answer(BUS.get(code, status.HTTP_409_CONFLICT), code, words, {"id": command_id})


def refusal(code: str, words: dict[str, str], more: dict[str, Any]) -> JSONResponse:
    """The answer that refuses, for a code of this process."""
    return _answer(STATUS[code], code, words, more)


def _answer(found: int, code: str, words: dict[str, str], more: dict[str, Any]) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    if found == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if found in {status.HTTP_429_TOO_MANY_REQUESTS, status.HTTP_503_SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = str(more.get("wait_s", 1))
    body = {**more, "ok": False, "code": code, "words": words}
    return JSONResponse(body, found, headers)


async def on_turned(_: Request, problem: Exception) -> Response:
    """For `Turned`."""
    assert isinstance(problem, Turned)
    return refusal(problem.code, problem.words, problem.more)


async def on_unreadable(_: Request, problem: Exception) -> Response:
    """For a path or a parameter that nobody can read."""
    assert isinstance(problem, RequestValidationError)
    first = problem.errors()[0]
    place = ".".join(str(p) for p in first["loc"])
    return refusal("unreadable", words_of("unreadable", problem=f"{place}: {first['msg']}"), {})


async def on_http(_: Request, problem: Exception) -> Response:
    """For what Starlette refuses: no such page, another method, a broken body."""
    assert isinstance(problem, HTTPException)
    code = {404: "not_found", 405: "wrong_method"}.get(problem.status_code, "unreadable")
    words = words_of(code, problem=problem.detail) if code == "unreadable" else words_of(code)
    answer = refusal(code, words, {})
    answer.headers.update(problem.headers or {})
    return answer
