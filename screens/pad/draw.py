"""Draws the rating pad, 1280 by 800. Arrangement and sizes are those of mock-up 07."""

from hallctl.texts import say
from screens.kiosk.draw import seal
from screens.kit import leave
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box
from screens.pad import pages as p
from screens.window.words import OTHER, T

EDGE, WIDE, HIGH = 40, 1280, 800
ROOM = WIDE - 2 * EDGE
FACES = Box(EDGE, 312, ROOM, 348)
REASONS = Box(EDGE, 208, ROOM, 330)
GAP = 22
BLACK = "#000000"
TONES = {name: ink for name, (ink, _) in k.TONES.items()} | {"info": k.PRIMARY, "quiet": k.INK2}


def draw(c: Canvas, page: p.Page) -> None:
    """The whole picture."""
    c.fill(k.PAPER)
    match page:
        case p.Note():
            _note(c, page)
        case p.Ask():
            _ask(c, page)
        case p.Why():
            _why(c, page)
        case p.Leave():
            leave.page(c)
        case p.Dark():
            c.fill(BLACK)


def _top(c: Canvas, top: p.Top) -> None:
    x = float(EDGE)
    if top.seal:
        seal(c, Box(x, 32, 76, 76), top.seal)
        x += 96
    words = say(T, "pad.window", window=top.number)
    went = c.text(words, Box(x, 36, 400, 68), 48, k.INK, bold=True)
    x = went.right
    if top.label:
        went = c.text(top.label, Box(x + 28, 36, 260, 68), 48, k.INK, bold=True)
        x = went.right
    c.text(top.right, Box(x + 40, 36, WIDE - EDGE - x - 40, 68), 44, k.INK2, align="right")


def _note(c: Canvas, page: p.Note) -> None:
    _top(c, page.top)
    ink = TONES[page.rest.tone]
    c.icon(page.rest.icon, WIDE / 2, 240, 168, ink)
    c.text(
        page.rest.title,
        Box(EDGE, 346, ROOM, 110),
        88,
        k.INK,
        bold=True,
        align="center",
        smallest=56,
    )
    y = 462.0
    for line in page.rest.lines[:3]:
        c.text(line, Box(EDGE, y, ROOM, 64), 48, k.INK2, align="center")
        y += 64
    english = ". ".join(x.rstrip(".") for x in page.rest.english)
    room = Box(EDGE + 60, y + 8, ROOM - 120, 96)
    c.paragraph(
        english, room, 36, k.INK2, align="center", valign="top", smallest=36, exempt=True,
        leading=1.25,
    )  # fmt: skip
    c.text(page.clock, Box(WIDE - EDGE - 200, 724, 200, 56), 48, k.INK, bold=True, align="right")


def _ask(c: Canvas, page: p.Ask) -> None:
    _top(c, page.top)
    c.text(say(T, "pad.ask"), Box(EDGE, 122, ROOM, 104), 88, k.INK, bold=True, align="center")
    english = Box(EDGE, 232, ROOM, 56)
    c.text(say(OTHER, "pad.ask"), english, 44, k.INK2, align="center")
    for grade, box in zip(p.GRADES, FACES.columns(len(p.GRADES), GAP), strict=True):
        _face(c, box, grade)
    c.text(say(T, "pad.note"), Box(EDGE, 676, ROOM, 52), 40, k.INK2, align="center")
    note = Box(EDGE, 730, ROOM, 44)
    c.text(say(OTHER, "pad.note"), note, 36, k.INK2, align="center", smallest=36, exempt=True)


def _face(c: Canvas, box: Box, grade: int) -> None:
    """All five alike but for the mouth: nothing leads the finger to one of them."""
    pressed = c.target(f"grade:{grade}", box)
    fill, edge = (k.PRIMARY_SOFT, k.PRIMARY) if pressed else (k.SURFACE, k.LINE2)
    c.card(box, fill, 26, edge, 3, shadow=not pressed)
    c.icon(f"face{grade}", box.cx, box.y + 88, 116, k.PRIMARY)
    c.paragraph(
        say(T, f"pad.{grade}"), Box(box.x + 8, box.y + 162, box.w - 16, 126), 54, k.INK,
        bold=True, align="center", leading=1.1,
    )  # fmt: skip
    english = Box(box.x + 8, box.bottom - 62, box.w - 16, 48)
    words = say(OTHER, f"pad.{grade}")
    c.text(words, english, 38, k.INK2, align="center", smallest=36, exempt=True)


def _why(c: Canvas, page: p.Why) -> None:
    c.text(say(T, "pad.why"), Box(EDGE, 30, ROOM, 92), 68, k.INK, bold=True, align="center")
    sub = f"{say(T, 'pad.why_sub')}  {say(OTHER, 'pad.why_sub')}"
    c.text(sub, Box(EDGE, 130, ROOM, 56), 42, k.INK2, align="center")
    columns = 3
    lines = max(1, -(-len(page.reasons) // columns))
    rows = REASONS.rows(lines, 20)
    for at, reason in enumerate(page.reasons):
        _reason(c, rows[at // columns].columns(columns, 20)[at % columns], reason)
    _end(c, page)
    c.text(say(T, "pad.left"), Box(EDGE, 736, ROOM, 52), 40, k.INK2, align="center")


def _reason(c: Canvas, box: Box, reason: p.Reason) -> None:
    pressed = c.target(f"reason:{reason.key}", box)
    lit = reason.chosen or pressed
    fill, edge = (k.PRIMARY_SOFT, k.PRIMARY) if lit else (k.SURFACE, k.LINE2)
    c.card(box, fill, 26, edge, 6 if reason.chosen else 3)
    tick = Box(box.x + 30, box.cy - 28, 56, 56)
    c.card(tick, k.PRIMARY if reason.chosen else k.SURFACE, 14, edge, 4)
    if reason.chosen:
        c.icon("tick", tick.cx, tick.cy, 46, k.SURFACE)
    x, w = tick.right + 24, box.right - tick.right - 36
    ink = k.PRIMARY if reason.chosen else k.INK
    c.text(reason.words, Box(x, box.cy - 54, w, 64), 50, ink, bold=True)
    english = Box(x, box.cy + 10, w, 44)
    second = k.PRIMARY if reason.chosen else k.INK2
    c.text(reason.english, english, 36, second, smallest=36, exempt=True)


def _end(c: Canvas, page: p.Why) -> None:
    y, h, gap, side = 566, 150, 20, 420
    if page.stuck:
        room = Box(EDGE, y, ROOM - side - gap, h)
        # A sentence, not a button: without an edge and a shadow nobody presses it in vain.
        c.card(room, k.BRAND_SOFT, 26)
        c.icon("megaphone", room.x + 66, room.cy, 64, k.BRAND)
        c.paragraph(page.stuck, Box(room.x + 122, room.y, room.w - 150, h), 48, k.BRAND, bold=True)
    box = Box(WIDE - EDGE - side, y, side, h)
    pressed = c.target("send", box)
    c.card(box, k.PRIMARY_PRESSED if pressed else k.PRIMARY, 26, shadow=not pressed)
    c.text(page.send, Box(box.x, box.y + 18, box.w, 70), 58, k.SURFACE, bold=True, align="center")
    english = Box(box.x, box.y + 92, box.w, 42)
    c.text(page.send_en, english, 36, k.SURFACE, align="center", smallest=36, exempt=True)
