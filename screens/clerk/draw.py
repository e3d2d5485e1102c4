"""The clerk's pages, drawn: the main page, choices, digits, the evacuation. Canvas only."""

from screens.clerk import pages as p
from screens.clerk.parts import (
    EDGE,
    HEAD_H,
    HIGH,
    WIDE,
    big,
    block,
    button,
    capsule,
    head,
    note,
    put,
    toast,
)
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

FOOT = Box(EDGE, 656, WIDE - 2 * EDGE, 124)
CASE = Box(EDGE, 96, 540, 544)
RIGHT = Box(588, 96, 668, 544)
LEAVE = "#7A120D"
WHITE = "#FFFFFF"
MOST_KEYS = 9


def window(c: Canvas, page: p.WindowPage) -> None:
    """One primary action, eight beside it, the case, the line."""
    head(c, page.top)
    _case(c, page.case)
    big(c, page.primary, Box(RIGHT.x, RIGHT.y, RIGHT.w, 160), 64)
    grid = Box(RIGHT.x, RIGHT.y + 176, RIGHT.w, RIGHT.h - 176)
    for at, row in enumerate(grid.rows(4, 12)):
        for b, box in zip(page.buttons[2 * at : 2 * at + 2], row.columns(2, 16), strict=False):
            button(c, b, box, 32)
    _foot(c, page)


def _foot(c: Canvas, page: p.WindowPage) -> None:
    c.card(FOOT, k.SURFACE, 20, k.LINE)
    sub = page.waiting_sub
    lift = 24 if sub else 0
    put(c, page.waiting, Box(48, FOOT.y - lift, 176, FOOT.h), 38, k.INK, bold=True)
    if sub:
        block(c, sub, Box(48, FOOT.cy - 4, 176, 62), 26, k.INK2)
    room = Box(236, FOOT.y + 14, 756, FOOT.h - 28)
    line = () if page.toast or page.typed else page.line
    for one, box in zip(line, room.columns(4, 12), strict=False):
        soft, edge = (k.WARN_SOFT, k.WARN) if one.priority else (k.PAPER, "none")
        c.card(box, soft, 14, edge)
        place = Box(box.x + 12, box.y + 6, box.w - 18, 46)
        put(c, one.label, place, 38, k.INK, bold=True)
        words = Box(box.x + 12, box.y + 52, box.w - 18, 38)
        put(c, one.wait, words, 26, k.WARN if one.priority else k.INK2)
    button(c, page.help, Box(1008, FOOT.y + 14, 232, FOOT.h - 28), 30)
    if page.typed and not page.toast:
        c.card(room, k.PRIMARY_SOFT, 18, k.PRIMARY, 3)
        put(c, page.typed, room.inset(32, 4), 44, k.PRIMARY, bold=True)
    toast(c, page.toast, room)


def _case(c: Canvas, case: p.Case) -> None:
    c.card(CASE, k.SURFACE, 20, k.LINE, shadow=True)
    x, w = CASE.x + 24, CASE.w - 48
    capsule(c, case.chip, x, CASE.y + 20, w)
    put(c, case.since, Box(x + 200, CASE.y + 20, w - 200, 48), 28, k.INK2, align="right")
    ink = k.INK3 if case.faded else k.INK
    put(c, case.label, Box(x, CASE.y + 74, w, 100), 104, ink, bold=True)
    y = CASE.y + 180
    if case.item:
        short = c.width(case.item, 34, bold=True) <= w - 40
        _item(c, case, Box(x - 12, y, w + 24, 76 if short else 92))
        about = w - 150 if case.before or case.after else w
        put(c, case.about, Box(x, y + 94, about, 36), 28, k.INK2)
        y += 130
    for one in case.notes[:3]:
        note(c, one, Box(x, y + 4, w, 66))
        y += 74
    if case.papers:
        _papers(c, case, Box(x, y, w, CASE.bottom - 8 - y))


def _item(c: Canvas, case: p.Case, box: Box) -> None:
    if case.item_target:
        pressed = c.target(case.item_target, box)
        c.card(box, k.PRIMARY_SOFT if pressed else k.PAPER, 14)
        c.icon("right", box.right - 26, box.cy, 30, k.INK2)
    words = Box(box.x + 12, box.y, box.w - 64, box.h)
    block(c, case.item, words, 34, k.INK, bold=True)


def _papers(c: Canvas, case: p.Case, box: Box) -> None:
    line = Box(box.x, box.y, box.w, 36)
    rows = Box(box.x, box.y + 38, box.w, box.h - 38).rows(3, 4)
    put(c, case.papers_title, line, 28, k.INK2, bold=True)
    for at, target in enumerate((case.before, case.after)):
        place = Box(line.right - 140 + 72 * at, line.y - 30, 68, 62)
        if case.before or case.after:
            icon = ("left", "right")[at]
            if target:
                c.target(target, place)
            c.card(place, k.SURFACE if target else k.SUNKEN, 12, k.LINE2 if target else "none")
            c.icon(icon, place.cx, place.cy, 30, k.PRIMARY if target else k.INK3)
    for paper, row in zip(case.papers, rows, strict=False):
        c.target(paper.target, row)
        tick = Box(row.x, row.cy - 20, 40, 40)
        c.card(tick, k.PRIMARY if paper.ticked else k.SURFACE, 10, k.LINE2)
        if paper.ticked:
            c.icon("tick", tick.cx, tick.cy, 32, WHITE)
        words = Box(row.x + 56, row.y, row.w - 56 - 50, row.h)
        block(c, paper.words, words, 30, k.INK)
        if not paper.ticked:
            put(c, paper.missing, Box(row.right - 44, row.y, 40, row.h), 30, k.WARN, bold=True)


def choices(c: Canvas, page: p.Choices) -> None:
    """Big buttons to choose from."""
    head(c, page.top)
    _title(c, page.title, page.sub, page.back, pager=bool(page.at))
    if page.at:
        for target, icon, x in ((page.before, "left", 736), (page.after, "right", 916)):
            box = Box(x, 92, 96, 88)
            b = p.Button(target, "", "")
            button(c, b, box)
            c.icon(icon, box.cx, box.cy, 36, k.PRIMARY if target else k.INK3)
        put(c, page.at, Box(832, 92, 84, 88), 32, k.INK2, align="center")
    grid = Box(EDGE, 200, WIDE - 2 * EDGE, 576)
    if page.empty:
        put(c, page.empty, grid, 44, k.INK2, align="center")
    rows = grid.rows(4, 16)
    for at, b in enumerate(page.buttons):
        number = page.numbered and b.target
        box = rows[at // page.columns].columns(page.columns, 16)[at % page.columns]
        button(c, b, box, 32, number=at + 1 if number and at < MOST_KEYS else 0)


def _title(c: Canvas, title: str, sub: str, back: p.Button, *, pager: bool = False) -> None:
    room = 690 if pager else 990
    put(c, title, Box(EDGE, 88, room, 58 if sub else 96), 44, k.INK, bold=True)
    put(c, sub, Box(EDGE, 146, room, 40), 28, k.INK2)
    button(c, back, Box(1040, 92, 216, 88))


def digits(c: Canvas, page: p.Digits) -> None:
    """A number by touch."""
    head(c, page.top)
    _title(c, page.title, page.sub, page.back)
    show = Box(EDGE, 200, 580, 132)
    c.card(show, k.SURFACE, 20, k.LINE2)
    put(c, page.shown, show.inset(32, 8), 88, k.INK, bold=True)
    for at, b in enumerate(page.prefixes):
        box = Box(EDGE + (at % 6) * 98, 352 + (at // 6) * 98, 84, 84)
        pressed = c.target(b.target, box)
        chosen = b.tone == "primary" or pressed
        c.card(box, k.PRIMARY if chosen else k.SURFACE, 16, "none" if chosen else k.LINE2, 3)
        put(c, b.words, box, 42, WHITE if chosen else k.INK, bold=True, align="center")
    big(c, page.ok, Box(EDGE, 636, 580, 140), 52)
    toast(c, page.toast, Box(EDGE, 536, 580, 88))
    keys = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase")
    for at, row in enumerate(Box(640, 200, 616, 576).rows(4, 16)):
        for name, box in zip(keys[3 * at : 3 * at + 3], row.columns(3, 16), strict=True):
            if name:
                _key(c, name, box)


def _key(c: Canvas, name: str, box: Box) -> None:
    target = name if name == "erase" else f"digit:{name}"
    pressed = c.target(target, box)
    c.card(box, k.PRIMARY_SOFT if pressed else k.SURFACE, 18, k.LINE2, 3, shadow=not pressed)
    if name == "erase":
        c.icon("left", box.cx, box.cy, 48, k.PRIMARY)
    else:
        put(c, name, box, 60, k.INK, bold=True, align="center")


def leave(c: Canvas, page: p.Leave) -> None:
    """Everybody must leave; what staff says about it stands below. It stands still."""
    c.fill(LEAVE)
    top = 40 if page.areas else 110
    c.icon("run", 150, top + 110, 190, WHITE)
    put(c, page.title, Box(290, top, 950, 120), 104, WHITE, bold=True)
    put(c, page.sub, Box(290, top + 122, 950, 64), 46, WHITE, bold=True)
    put(c, page.more, Box(290, top + 188, 950, 50), 34, WHITE)
    if page.areas:
        put(c, page.areas_title, Box(EDGE, 300, 900, 52), 36, WHITE, bold=True)
        _areas(c, page.areas)
    places = Box(EDGE, 656, WIDE - 2 * EDGE, 124) if page.areas else Box(240, 480, 800, 180)
    for b, box in zip(page.buttons, places.columns(len(page.buttons), 24), strict=True):
        big(c, _light(b), box, 52)
    toast(c, page.toast, Box(290, HIGH - 120 if not page.areas else HEAD_H, 700, 96))


def _light(b: p.Button) -> p.Button:
    """On dark red a button is light."""
    return p.Button(b.target, b.icon, b.words, b.sub, "ok" if b.tone == "ok" else "", b.busy)


def _areas(c: Canvas, areas: tuple[p.Chip, ...]) -> None:
    rows = Box(EDGE, 360, WIDE - 2 * EDGE, 280).rows(-(-len(areas) // 3), 10, 86)
    for at, chip in enumerate(areas):
        box = rows[at // 3].columns(3, 12)[at % 3]
        clear = chip.tone == "ok"
        c.card(box, WHITE if clear else LEAVE, 14, WHITE, 2)
        ink = k.OK if clear else WHITE
        c.icon(chip.icon, box.x + 34, box.cy, 36, ink)
        put(c, chip.words, Box(box.x + 66, box.y, box.w - 78, box.h), 30, ink, bold=True)


def plain(c: Canvas, page: p.Plain) -> None:
    """One sentence."""
    head(c, page.top)
    c.icon(page.icon, WIDE / 2, 280, 150, k.INK2)
    put(c, page.title, Box(EDGE, 380, WIDE - 2 * EDGE, 100), 72, k.INK, bold=True, align="center")
    put(c, page.sub, Box(EDGE, 490, WIDE - 2 * EDGE, 60), 36, k.INK2, align="center")
