"""The page behind the code on a ticket: where this one ticket stands, for whoever holds it.

It is found by `Visit.code` only, which nobody can guess; it says nothing of any other ticket and
links nowhere. A code that never was, one of yesterday and one of a closed day get the same answer.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from hallctl.clock import moment_of
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.refused import clock_text
from hallctl.core.view import next_opening_s, opening
from hallctl.core.visit import Visit
from hallctl.http.following import Following
from hallctl.http.house import address_of, house_of
from hallctl.http.reading import Forecast, ahead, wait_of
from hallctl.texts import say

AGAIN_S: Final = 20
LATER_S: Final = 60
DAY_S: Final = 86400
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_FOLDER: Final = Path(__file__).parent / "templates"
_CSS: Final = (_FOLDER / "wait.css").read_text()
_TEMPLATE: Final = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=False
).get_template("wait.html")
_STYLE: Final = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence in Chinese, and in English when the ticket is. `kind` is how large."""

    kind: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be shown. `status` is HTTP's; `again_s` 0 for a page that stays as it is."""

    lines: tuple[Line, ...]
    status: int = 200
    label: str = ""
    number: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    again_s: int = AGAIN_S
    now: bool = False
    """Whether something is to be done now: black, and large."""


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says everything in the ticket's languages: Chinese, then English when it was taken so."""

    languages: tuple[str, ...] = ("zh",)

    def __call__(self, key: str, **values: object) -> tuple[str, ...]:
        return tuple(say(lang, key, **values) for lang in self.languages)

    def line(self, kind: str, key: str, **values: object) -> Line:
        return Line(kind, self(key, **values))


@dataclass(frozen=True, slots=True)
class _Sight:
    """The hall at one moment, as a page is made from it."""

    hall: Hall
    now: Moment
    forecast: Forecast


def page_of(following: Following, code: str) -> Page:
    """The page for a code."""
    hall, now, since_s = following.hall, following.now(), following.stale_since_s
    if hall.rules is None or now is None:
        return _silent("")
    visit = found(hall, code, now)
    if visit is None:
        return UNKNOWN
    if since_s is not None:
        then = moment_of(since_s, 0.0, ZoneInfo(hall.rules.timezone))
        return _silent(clock_text(then.day_s), visit)
    return _shown(_Sight(hall, now, following.forecast), visit)


def found(hall: Hall, code: str, now: Moment) -> Visit | None:
    """The visit with that code; None when there is none, or the day of the ticket is over.

    Every code is compared, each in constant time: how long it takes tells nothing.
    """
    asked = code.encode() if _CODE.fullmatch(code) else b""
    match = None
    for visit in hall.visits.values():
        if hmac.compare_digest(visit.code.encode(), asked) and visit.code:
            match = visit
    over = hall.closed or hall.day != now.day or now.day_s >= DAY_S - 1
    return None if over else match


def _shown(sight: _Sight, visit: Visit) -> Page:
    words = _speaker(visit)
    lines, urgent, over = _state(sight, visit, words)
    time = clock_text(sight.now.day_s)
    return Page(
        lines=lines,
        label=visit.label,
        number=words("phone.number"),
        foot=words("phone.asof_still" if over else "phone.asof", time=time),
        again_s=0 if over else AGAIN_S,
        now=urgent,
    )


def _speaker(visit: Visit) -> _Speaker:
    return _Speaker(("zh", "en") if visit.language == "en" else ("zh",))


def _state(sight: _Sight, visit: Visit, words: _Speaker) -> tuple[tuple[Line, ...], bool, bool]:
    """The lines; whether something is to be done now; whether nothing more will happen."""
    if sight.hall.evacuation_s:
        return (
            (words.line("main", "phone.leave"), words.line("sub", "phone.leave_sub")),
            True,
            False,
        )
    window = visit.window
    match visit.status:
        case "waiting":
            return _waiting(sight, visit, words), False, False
        case "called":
            go = words.line("main", "phone.go", window=window)
            return (go, words.line("sub", "phone.go_sub")), True, False
        case "serving":
            return (words.line("main", "phone.serving", window=window),), False, False
        case "held":
            back = words.line("sub", "phone.held_sub", window=window)
            return (words.line("main", "phone.held"), back), False, False
        case "no_show":
            again = words.line("sub", "phone.missed_sub")
            return (words.line("main", "phone.missed"), again), False, False
        case "void":
            return (
                (words.line("main", "phone.void"), words.line("sub", "phone.void_sub")),
                False,
                True,
            )
        case "rating" | "finished":
            done = words.line("sub", "phone.finished_sub")
            return (words.line("main", "phone.finished"), done), False, visit.status == "finished"


def _waiting(sight: _Sight, visit: Visit, words: _Speaker) -> tuple[Line, ...]:
    before = ahead(sight.hall, visit) or 0
    lines = [
        words.line("main", "phone.ahead", n=before) if before else words.line("main", "phone.first")
    ]
    wait = wait_of(visit, sight.forecast)
    if wait is not None and wait.high_min:
        lines.append(words.line("main", "phone.minutes", low=wait.low_min, high=wait.high_min))
    elif wait is not None:
        lines.append(words.line("main", "phone.soon"))
    if opening(sight.hall, sight.now) == "lunch":
        at_s = next_opening_s(sight.hall, sight.now)
        lines.append(words.line("sub", "phone.lunch", time=clock_text(at_s or 0)))
    return (*lines, words.line("sub", "phone.listen"))


def _silent(since: str, visit: Visit | None = None) -> Page:
    """The hall is not heard: since when, and no number of people."""
    words = _speaker(visit) if visit else _Speaker(("zh", "en"))
    told = words("phone.stale_since", time=since) if since else words("phone.stale_never")
    return Page(
        lines=(
            words.line("main", "phone.stale"),
            Line("sub", told),
            words.line("sub", "phone.stale_sub"),
        ),
        status=503,
        label=visit.label if visit else "",
        number=words("phone.number"),
    )


_BOTH: Final = _Speaker(("zh", "en"))
UNKNOWN: Final = Page(
    lines=(_BOTH.line("main", "phone.unknown"), _BOTH.line("sub", "phone.unknown_sub")),
    status=404,
    again_s=0,
)
TOO_FAST: Final = Page(
    lines=(_BOTH.line("main", "phone.too_fast"), _BOTH.line("sub", "phone.too_fast_sub")),
    status=429,
    again_s=LATER_S,
)


def drawn(page: Page, hall: str = "") -> HTMLResponse:
    """A page as HTML: no script, nothing from elsewhere, under 10 KB."""
    values: dict[str, Any] = {
        "hall": hall,
        "css": Markup(_CSS),  # noqa: S704 - our own file
        "title": say("zh", "phone.title", label=page.label)
        if page.label
        else page.lines[0].words[0],
        "label": page.label,
        "number": page.number,
        "lines": page.lines,
        "foot": page.foot,
        "again_s": page.again_s,
        "now": page.now,
    }
    headers = dict(HEADERS)
    if page.status in {429, 503}:
        headers["Retry-After"] = str(page.again_s)
    return HTMLResponse(_TEMPLATE.render(values), page.status, headers)


pages = APIRouter()
_HTML: Final = {"text/html": {"schema": {"type": "string"}}}


@pages.get(
    "/t/{code:path}",
    tags=["public"],
    summary="The wait page of one ticket",
    response_class=HTMLResponse,
    responses={
        200: {"description": "Where the ticket stands.", "content": _HTML},
        404: {"description": "No such ticket today: the same for all.", "content": _HTML},
        429: {"description": "Asked for too often from there.", "content": _HTML},
        503: {"description": "The hall is silent: since when.", "content": _HTML},
    },
)
async def wait_page(request: Request, code: str) -> HTMLResponse:
    """For the telephone of who holds the ticket: no token, no script, renewed every 20 s."""
    house = house_of(request)
    address = address_of(request)
    if house.missed.wait_s(address) or house.pages.take(address):
        return drawn(TOO_FAST)
    page = page_of(house.following, code)
    if page is UNKNOWN:
        house.missed.take(address)
        return drawn(page)
    rules = house.following.hall.rules
    return drawn(page, rules.hall if rules else "")


async def nothing_here(request: Request, _: Exception) -> Response:
    """Where only wait pages are served, whatever else is asked for is an unknown page."""
    house_of(request).missed.take(address_of(request))
    return drawn(UNKNOWN)
