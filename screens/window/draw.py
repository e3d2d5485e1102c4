"""Draws the screen over a window. Arrangement and sizes are those of mock-up 06."""

from hallctl.texts import say
from screens.kit import leave
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box
from screens.window.model import Board, Next, Page
from screens.window.model import Leave as LeavePage
from screens.window.words import OTHER, Rest, T

BAND = 600
X, RIGHT = 680.0, 1860.0
WIDE = RIGHT - X
GREY = "#9FB0BA"
"""A number that may be old."""
BLACK = "#000000"
TONES = {"ok": k.DARK_OK, "info": k.DARK_INFO, "bad": k.DARK_BAD, "quiet": k.TEXT2}


def draw(c: Canvas, page: Page) -> None:
    """The whole picture."""
    if isinstance(page, LeavePage):
        leave.page(c)
    elif isinstance(page, Board):
        _board(c, page)
    else:
        c.fill(BLACK)


def _board(c: Canvas, page: Board) -> None:
    c.fill(k.NIGHT)
    c.fill(k.PRIMARY, Box(0, 0, BAND, 1080))
    c.shift = page.shift
    _band(c, page.number)
    _head(c, page)
    if page.rest is not None:
        _rest(c, page.rest)
    else:
        _number(c, page)
    if page.following is not None:
        _next(c, page.following)
    _foot(c, page)


def _band(c: Canvas, number: int) -> None:
    c.text(
        str(number), Box(30, 110, BAND - 60, 560), 600, k.TEXT, bold=True, align="center",
        smallest=300,
    )  # fmt: skip
    c.text(
        say(T, "win.number"), Box(30, 690, BAND - 60, 140), 118, k.TEXT, bold=True, align="center"
    )
    words = say(OTHER, "win.named", window=number)
    c.text(words, Box(30, 834, BAND - 60, 90), 64, k.TEXT, align="center", smallest=44)


def _head(c: Canvas, page: Board) -> None:
    if not page.name:
        return
    c.text(page.name, Box(X, 52, WIDE, 132), 116, k.TEXT, bold=True, smallest=60)
    c.text(page.name_en, Box(X, 180, WIDE, 70), 56, k.TEXT2, smallest=44)
    c.line(X, 270, WIDE, k.DARK_LINE, 3)


STATES = {"called": ("bell", k.CALL), "serving": ("person", k.TEXT), "old": ("offline", GREY)}
"""State → icon, colour of the number. Amber is the number that is being called, nothing else."""


def _number(c: Canvas, page: Board) -> None:
    icon, ink = STATES[page.state]
    words = page.was or say(T, f"win.{page.state}")
    c.icon(icon, X + 36, 346, 72, GREY if page.was else k.TEXT2)
    went = c.text(words, Box(X + 92, 306, 800, 80), 64, k.TEXT, smallest=52)
    if not page.was:
        english = Box(went.right + 32, 310, RIGHT - went.right - 32, 80)
        c.text(say(OTHER, f"win.{page.state}"), english, 52, k.TEXT2, smallest=44)
    c.text(page.label, Box(X - 20, 396, WIDE + 20, 390), 430, ink, bold=True, smallest=200)


def _rest(c: Canvas, rest: Rest) -> None:
    ink = TONES[rest.tone]
    c.icon(rest.icon, X + 90, 400, 180, ink)
    c.text(rest.title, Box(X + 220, 310, WIDE - 220, 180), 150, ink, bold=True, smallest=90)
    y = 510.0
    for at, line in enumerate(rest.lines):
        last = at > 0 and at == len(rest.lines) - 1
        high, size = (84, 60) if last else (104, 84)
        c.text(line, Box(X, y, WIDE, high), size, k.TEXT, bold=not last, smallest=52)
        y += high
    english = ". ".join(rest.english)
    room = Box(X, y + 10, WIDE, 120)
    c.paragraph(english, room, 46, k.TEXT2, smallest=40, valign="top", leading=1.25)


def _next(c: Canvas, following: Next) -> None:
    box = Box(X, 800, WIDE, 132)
    c.card(box, k.RAISE, 24)
    key = "win.soon" if following.shared else "win.next"
    went = c.text(say(T, key), Box(box.x + 40, box.y, 230, box.h), 60, k.TEXT2)
    x = went.right + 40
    labels = "   ".join(following.labels)
    c.text(labels, Box(x, box.y, box.right - 480 - x, box.h), 80, k.TEXT, bold=True, smallest=56)
    words = Box(box.right - 470, box.y + 10, 430, 70)
    c.text(say(T, "win.ready"), words, 60, k.TEXT, align="right", smallest=52)
    english = Box(words.x, box.y + 76, words.w, 44)
    c.text(say(OTHER, "win.ready"), english, 36, k.TEXT2, align="right", smallest=36, exempt=True)


def _foot(c: Canvas, page: Board) -> None:
    y = 960
    if page.staff:
        c.text(page.staff, Box(X, y, 480, 80), 54, k.TEXT2, smallest=44)
    if page.clock:
        c.text(page.clock, Box(RIGHT - 260, y - 4, 260, 88), 76, k.TEXT, bold=True, align="right")
    if page.stale:
        box = Box(RIGHT - 720, y + 2, 440, 76)
        c.card(box, k.DECK, 38, k.DARK_BAD, 3)
        c.icon("offline", box.x + 54, box.cy, 48, k.DARK_BAD)
        words = Box(box.x + 96, box.y, box.w - 120, box.h)
        c.text(page.stale, words, 48, k.DARK_BAD, bold=True, smallest=44)
