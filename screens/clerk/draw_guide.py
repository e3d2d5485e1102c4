"""The guide's pages, drawn. Canvas only."""

from screens.clerk import pages as p
from screens.clerk.draw import FOOT
from screens.clerk.parts import EDGE, big, block, button, capsule, head, put, toast
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

TABLE = Box(EDGE, 96, 680, 544)
RIGHT = Box(728, 96, 528, 544)
COLUMNS = ((24, 236, "left"), (262, 104, "right"), (376, 110, "right"), (494, 164, "right"))
ROW_MOST = 92.0


def home(c: Canvas, page: p.GuidePage) -> None:
    """All queues, what a guide does, who calls."""
    head(c, page.top)
    c.card(TABLE, k.SURFACE, 20, k.LINE, shadow=True)
    for (x, w, align), words in zip(COLUMNS, page.heads, strict=True):
        put(c, words, Box(TABLE.x + x, TABLE.y + 8, w, 44), 26, k.INK2, align=align)
    said = 108 if page.toast else 0
    body = Box(TABLE.x, TABLE.y + 54, TABLE.w, TABLE.h - 62 - said)
    if page.empty:
        block(c, page.empty, body.inset(40), 34, k.INK2, align="center")
    for row, box in zip(page.rows, body.rows(max(1, len(page.rows)), 0, ROW_MOST), strict=False):
        _row(c, row, box)
    big(c, page.primary, Box(RIGHT.x, RIGHT.y, RIGHT.w, 160), 64)
    rows = Box(RIGHT.x, RIGHT.y + 176, RIGHT.w, 368).rows(4, 12)
    boxes = (*rows[:2], *rows[2].columns(2, 12), rows[3])
    for b, box in zip(page.buttons, boxes, strict=True):
        button(c, b, box, 34)
    _helps(c, page)
    toast(c, page.toast, Box(TABLE.x + 16, TABLE.bottom - 110, TABLE.w - 32, 98))


def _row(c: Canvas, row: p.Row, box: Box) -> None:
    c.line(box.x + 24, box.y, box.w - 48, k.LINE)
    at = [Box(box.x + x, box.y, w, box.h) for x, w, _ in COLUMNS]
    half = box.h / 2
    put(c, row.name, Box(at[0].x, box.y + 2, at[0].w, half), 30, k.INK, bold=True)
    put(c, row.where, Box(at[0].x, box.y + half - 2, at[0].w, half), 26, k.INK2)
    put(c, row.waiting, at[1], 32, k.INK, bold=True, align="right")
    put(c, row.next, at[2], 32, k.INK, bold=True, align="right")
    ink = k.TONES[row.tone][0] if row.tone else k.INK2
    if row.tone:
        c.icon("triangle", at[1].x + 8, box.cy, 28, ink)
    block(c, row.wait, at[3], 28, ink, bold=bool(row.tone), align="right")


def _helps(c: Canvas, page: p.GuidePage) -> None:
    c.card(FOOT, k.SURFACE, 20, k.LINE)
    lift = 24 if page.help_sub else 0
    put(c, page.help_title, Box(48, FOOT.y - lift, 190, FOOT.h), 34, k.INK, bold=True)
    put(c, page.help_sub, Box(48, FOOT.cy, 190, 44), 28, k.INK2)
    room = Box(250, FOOT.y + 14, 990, FOOT.h - 28)
    for b, box in zip(page.helps, room.columns(3, 14), strict=False):
        button(c, b, box, 32)


def ticket(c: Canvas, page: p.TicketPage) -> None:
    """One ticket, and what can be done with it."""
    head(c, page.top)
    card = Box(EDGE, 96, 680, 684)
    c.card(card, k.SURFACE, 20, k.LINE, shadow=True)
    x, w = card.x + 28, card.w - 56
    capsule(c, page.chip, x, card.y + 24)
    put(c, page.label, Box(x, card.y + 84, w, 140), 132, k.INK, bold=True)
    y = card.y + 240
    for name, words in page.lines[: 5 if page.toast else None]:
        put(c, name, Box(x, y, 120, 60), 28, k.INK2)
        put(c, words, Box(x + 124, y, w - 124, 60), 32, k.INK, bold=True)
        c.line(x, y + 62, w, k.LINE)
        y += 64
    rows = Box(RIGHT.x, 96, RIGHT.w, 684).rows(5, 16)
    for b, box in zip((*page.buttons, page.back), rows, strict=True):
        button(c, b, box, 36)
    toast(c, page.toast, Box(card.x + 20, card.bottom - 116, card.w - 40, 96))
