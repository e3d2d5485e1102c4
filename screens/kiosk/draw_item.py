"""Draws the item, the ticket and the states of the kiosk (mock-ups 03, right; 04; 09)."""

from screens.kiosk import pages as p
from screens.kiosk.draw import (
    Plan,
    chips,
    frame,
    helper,
    no_numbers,
    pager_row,
    plain,
    primary,
    round_icon,
)
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

ROOMY, LOW_ROW = 500, 120
FEW_CHIPS = 2
TITLE, ONE_LINE = 84.0, 1.2
PAGER_H = 112
TAKE = Box(48, 1262, 984, 194)
"""Where 取号 stands on the portrait kiosk."""


def item(c: Canvas, plan: Plan, page: p.ItemPage) -> None:
    """What to bring, and 取号."""
    frame(c, plan, page.top)
    if plan.tall:
        c.paragraph(page.title, Box(48, 184, 984, 124), 92, k.INK, bold=True, smallest=46)
        low = chips(c, 48, 322, 984, page.chips)
        top = max(432.0, low + 24)
        _bring(c, Box(48, top, 984, 1237 - top), page)
        _take(c, TAKE, page)
        _others(c, Box(48, 1478, 984, 156), page)
        note = Box(48, 1640, 984, 100)
        c.paragraph(page.note, note, 40 / c.text_scale, k.INK2, align="center", leading=1.15)
    else:
        chips_y = 506 if len(page.chips) <= FEW_CHIPS else 424
        room = Box(40, 150, 500, chips_y - 170)
        wide = c.fonts.width(page.title, TITLE, True)
        size = TITLE  # rather a little smaller on one line than one character on a second
        if wide <= room.w * ONE_LINE:
            size = min(TITLE, TITLE * (room.w - 1) / wide) / c.text_scale
        c.paragraph(page.title, room, size, k.INK, bold=True, smallest=46)
        low = chips(c, 40, chips_y, 500, page.chips, stacked=True)
        note = Box(40, low + 24, 500, 950 - low - 24)
        c.paragraph(page.note, note, 40 / c.text_scale, k.INK2, valign="top", leading=1.2)
        _bring(c, Box(608, 40, 1272, 570), page)
        _take(c, Box(608, 632, 1272, 148), page)
        _others(c, Box(608, 800, 1272, 126), page)


def _take(c: Canvas, box: Box, page: p.ItemPage) -> None:
    if page.shut:
        no_numbers(c, box, page.shut)
        return
    primary(c, "take", box)
    size = min(100.0, box.h * 0.62)
    width = min(box.w - 220, c.fonts.width(page.take, size, True))
    left = box.cx - (width + 116) / 2
    c.icon("ticket", left + 42, box.cy, 92, k.SURFACE)
    room = Box(left + 122, box.y, box.right - left - 140, box.h)
    c.text(page.take, room, size, k.SURFACE, bold=True, fixed=True, smallest=60)


def _others(c: Canvas, box: Box, page: p.ItemPage) -> None:
    choices = [("priority", page.priority, k.PRIMARY), ("materials", page.print_list, k.LINE2)]
    given = [(target, words, edge) for target, words, edge in choices if words]
    for room, (target, words, edge) in zip(box.columns(len(given), 24), given, strict=True):
        plain(c, target, room, edge)
        ink = k.PRIMARY if edge == k.PRIMARY else k.INK
        if page.propose and target == "priority":
            c.card(room.inset(4, 4), k.OK_SOFT, 24, k.OK, 5)
            ink = k.OK
        c.text(
            words[0],
            Box(room.x + 20, room.y + room.h * 0.32 - 32, room.w - 40, 64),
            54,
            ink,
            bold=True,
            align="center",
            fixed=True,
        )
        c.text(
            words[1],
            Box(room.x + 20, room.y + room.h * 0.735 - 28, room.w - 40, 56),
            42,
            k.INK2,
            align="center",
            fixed=True,
        )


def _bring(c: Canvas, card: Box, page: p.ItemPage) -> None:
    c.card(card, k.SURFACE, k.CARD_RADIUS, k.LINE, 2, shadow=True)
    inner = card.inset(40)
    roomy = card.h > ROOMY + 100
    foot = (172.0 if roomy else 146.0) if page.cost else 0.0
    if not page.materials:
        body = Box(inner.x, card.y, inner.w, card.h - foot)
        _open(c, body, page)
    else:
        head = 112.0
        c.text(
            page.heading,
            Box(inner.x, card.y, inner.w * 0.5, head),
            54,
            k.INK,
            bold=True,
            fixed=True,
        )
        c.text(
            page.count,
            Box(inner.x + inner.w * 0.5, card.y, inner.w * 0.5, head),
            44,
            k.INK2,
            align="right",
            fixed=True,
        )
        turn = PAGER_H if page.pager else 0
        body = Box(inner.x, card.y + head, inner.w, card.h - head - foot - turn)
        for row, bring in zip(body.rows(_rows(page), 0), page.materials, strict=False):
            _material(c, row, bring)
        if page.pager:
            pager_row(c, Box(inner.x, body.bottom + 4, inner.w, turn - 20), page.pager)
    if page.cost:
        _foot(c, Box(inner.x, card.bottom - foot, inner.w, foot), page)


def _foot(c: Canvas, box: Box, page: p.ItemPage) -> None:
    """What it costs and how long it takes; on two lines where it must, instead of the advice."""
    c.line(box.x, box.y, box.w, k.LINE)
    x, w = box.x + 80, box.w - 80
    fits = [t for t in (page.cost, page.cost_short) if t and c.fonts.width(t, 40, True) <= w]
    upper = box.y + box.h * 0.31
    c.icon("clock", box.x + 34, upper, 50, k.OK)
    if not fits:
        room = Box(x, box.y + 8, w, box.h - 16)
        c.paragraph(page.cost, room, 42 / c.text_scale, k.OK, bold=True, leading=1.2)
        return
    c.text(fits[0], Box(x, upper - 32, w, 64), 46, k.OK, bold=True, fixed=True)
    lower = Box(x, box.y + box.h * 0.69 - 30, w, 60)
    c.text(page.short, lower, 42, k.INK2, fixed=True)


def _open(c: Canvas, body: Box, page: p.ItemPage) -> None:
    tall = body.h > ROOMY
    cy = body.y + body.h * (0.3 if tall else 0.36)
    if tall:
        round_icon(c, page.open_icon, body.cx, cy, 92)
        top = cy + 120
        c.paragraph(
            page.open_words[0], Box(body.x, top, body.w, 120), 56, k.INK, bold=True, align="center"
        )
        c.paragraph(
            page.open_words[1],
            Box(body.x, top + 130, body.w, body.bottom - top - 140),
            44,
            k.INK2,
            align="center",
            valign="top",
        )
        return
    round_icon(c, page.open_icon, body.x + 92, body.cy, 84)
    x, w = body.x + 220, body.w - 220
    c.paragraph(page.open_words[0], Box(x, body.y + 30, w, body.h * 0.45), 56, k.INK, bold=True)
    c.paragraph(page.open_words[1], Box(x, body.y + body.h * 0.5, w, body.h * 0.45), 44, k.INK2)


def _rows(page: p.ItemPage) -> int:
    return 2 if page.pager else 3


def _material(c: Canvas, row: Box, bring: p.Bring) -> None:
    c.line(row.x, row.y, row.w, k.LINE)
    radius = min(52.0, row.h * 0.36)
    round_icon(c, bring.icon, row.x + radius, row.cy, radius)
    x = row.x + 2 * radius + 28
    room = row.right - x
    if row.h < LOW_ROW:
        left = Box(x, row.y + 3, room * 0.52, row.h - 6)
        right = Box(x + room * 0.55, row.y + 3, room * 0.45, row.h - 6)
        c.paragraph(bring.name, left, 50, k.INK, bold=True, leading=1.2)
        c.paragraph(bring.more, right, 42, k.INK2, leading=1.2)
    elif c.width(bring.name, 50, bold=True) <= room:
        c.text(bring.name, Box(x, row.cy - 68, room, 64), 54, k.INK, bold=True)
        c.text(bring.more, Box(x, row.cy + 2, room, 56), 42, k.INK2)
    else:
        upper = Box(x, row.y + 10, room, row.h - 72)
        c.paragraph(bring.name, upper, 44, k.INK, bold=True, leading=1.2)
        c.text(bring.more, Box(x, row.bottom - 60, room, 50), 40, k.INK2, fixed=True)


def ticket(c: Canvas, plan: Plan, page: p.TicketPage) -> None:
    """The number."""
    frame(c, plan, page.top)
    tone, _ = k.TONES[page.tone]
    if plan.tall:
        c.icon(page.icon, 96, 250, 84, tone)
        c.paragraph(page.title, Box(162, 186, 870, 130), 72, k.INK, bold=True, smallest=48)
        _number(c, Box(48, 339, 984, 560), page)
        _facts(c, Box(48, 929, 984, 178).columns(2, 26), page)
        _steps(c, Box(48, 1140, 984, 318), page)
        primary(c, "ok", Box(48, 1493, 984, 148))
        c.text(page.ok, Box(48, 1493, 984, 148), 66, k.SURFACE, bold=True, align="center")
        again, foot = Box(48, 1663, 984, 112), Box(48, 1794, 984, 70)
        read = again
        if page.reprint:
            read, again = Box(48, 1663, 316, 112), Box(384, 1663, 648, 112)
    else:
        c.icon(page.icon, 88, 252, 92, tone)
        c.paragraph(
            page.title, Box(40, 312, 500, 210), 66, k.INK, bold=True, smallest=46, valign="top"
        )
        _facts(c, Box(32, 540, 504, 372).rows(2, 24), page)
        _number(c, Box(608, 40, 1272, 500), page)
        _steps(c, Box(608, 562, 1272, 300), page)
        foot = Box(608, 1014, 1272, 56)
        three = page.reprint != ""
        read = Box(608, 886, 300, 120)
        ok = Box(932, 886, 380 if three else 948, 120)
        again = Box(1336, 886, 544, 120)
        primary(c, "ok", ok)
        c.text(page.ok, ok, 60, k.SURFACE, bold=True, align="center")
    if page.reprint:
        plain(c, "reprint", again)
        c.paragraph(page.reprint, again.inset(20, 6), 50, k.INK, bold=True, align="center")
    if page.read:
        helper(c, read, page.read, tall=False)
    c.text(page.countdown, foot, 44, k.INK2, align="center", fixed=True)


def _number(c: Canvas, box: Box, page: p.TicketPage) -> None:
    c.card(box, k.DECK, k.TILE_RADIUS, shadow=True)
    c.text(
        page.number_words,
        Box(box.x, box.y + 40, box.w, 76),
        52,
        k.TEXT2,
        align="center",
        fixed=True,
    )
    c.text(
        page.label,
        Box(box.x + 40, box.y + 110, box.w - 80, box.h - 276),
        min(290.0, (box.h - 276) * 1.02),
        k.CALL,
        bold=True,
        align="center",
        smallest=120,
        fixed=True,
    )
    y = box.bottom - 158
    c.line(box.x + 48, y, box.w - 96, k.DARK_LINE)
    c.text(
        page.where,
        Box(box.x + 40, y + 10, box.w - 80, 138),
        66,
        k.TEXT,
        bold=True,
        align="center",
        fixed=True,
    )


def _facts(c: Canvas, boxes: list[Box], page: p.TicketPage) -> None:
    for box, icon, words in zip(boxes, ("person", "clock"), (page.ahead, page.wait), strict=True):
        c.card(box, k.SURFACE, k.CARD_RADIUS, k.LINE)
        c.icon(icon, box.x + 68, box.cy, 66, k.PRIMARY)
        x = box.x + 126
        room = box.right - 20 - x
        if page.top.language == "zh":
            c.text(words[0], Box(x, box.cy - 64, room, 70), 54, k.INK, bold=True, fixed=True)
            c.text(
                words[1],
                Box(x, box.cy + 8, room, 54),
                40,
                k.INK2,
                exempt=True,
                fixed=True,
                smallest=28,
            )
        else:
            c.paragraph(words[0], Box(x, box.y + 10, room, box.h - 20), 50, k.INK, bold=True)


def _steps(c: Canvas, box: Box, page: p.TicketPage) -> None:
    c.card(box, k.PRIMARY_SOFT, k.CARD_RADIUS)
    c.text(
        page.next_words,
        Box(box.x + 42, box.y + 20, box.w - 84, 70),
        50,
        k.PRIMARY,
        bold=True,
        fixed=True,
    )
    area = Box(box.x + 42, box.y + 92, box.w - 84, box.h - 112)
    numbered(c, area, page.steps, k.PRIMARY, 46)


def numbered(c: Canvas, area: Box, steps: tuple[str, ...], colour: str, size: float) -> None:
    """What to do, one numbered line each."""
    for at, (row, words) in enumerate(zip(area.rows(len(steps), 4), steps, strict=True)):
        radius = min(30.0, row.h * 0.36)
        c.disc(row.x + radius, row.cy, radius, colour)
        c.text(
            str(at + 1),
            Box(row.x, row.y, 2 * radius, row.h),
            radius * 1.36,
            k.SURFACE,
            bold=True,
            align="center",
            smallest=20,
            exempt=True,
            fixed=True,
        )
        x = row.x + 2 * radius + 26
        c.text(words, Box(x, row.y, row.right - x, row.h), size, k.INK)


def state(c: Canvas, plan: Plan, page: p.StatePage) -> None:
    """One skeleton for every state: icon, sentence, what one can do."""
    frame(c, plan, page.top)
    ink, soft = k.TONES[page.tone]
    if plan.tall:
        lift = 0 if page.steps or page.button else 180
        if page.button and not page.steps:
            lift = 90
        c.disc(540, 402 + lift, 150, soft)
        c.icon(page.icon, 540, 402 + lift, 184, ink)
        c.paragraph(
            page.title,
            Box(48, 590 + lift, 984, 130),
            100,
            k.INK,
            bold=True,
            align="center",
            smallest=60,
        )
        c.paragraph(page.sub, Box(60, 724 + lift, 960, 150), 54, k.INK2, align="center")
        _do(c, Box(48, 923, 984, 446), page, ink)
        buttons = Box(48, 1422, 984, 178) if page.steps else Box(48, 1130, 984, 200)
        note = Box(48, 1634, 984, 80)
    else:
        c.disc(284, 500, 170, soft)
        c.icon(page.icon, 284, 500, 208, ink)
        lift = 0 if page.steps else 150
        c.text(page.title, Box(608, 50 + lift, 1272, 130), 104, k.INK, bold=True, smallest=60)
        c.paragraph(page.sub, Box(608, 186 + lift, 1272, 130), 54, k.INK2, valign="top")
        _do(c, Box(608, 326, 1272, 370), page, ink)
        buttons = Box(608, 722, 1272, 136) if page.steps else Box(608, 560, 1272, 200)
        note = Box(608, 868, 1272, 66)
    _buttons(c, buttons, page)
    c.text(page.note, note, 44, k.INK2, align="center" if plan.tall else "left", fixed=True)


def _do(c: Canvas, box: Box, page: p.StatePage, ink: str) -> None:
    if not page.steps:
        return
    c.card(box, k.SURFACE, k.CARD_RADIUS, k.LINE)
    c.text(page.do, Box(box.x + 44, box.y + 24, box.w - 88, 70), 52, ink, bold=True, fixed=True)
    area = Box(box.x + 44, box.y + 102, box.w - 88, box.h - 122)
    numbered(c, area, page.steps, ink, 50)


def _buttons(c: Canvas, box: Box, page: p.StatePage) -> None:
    if page.button is None:
        return
    boxes = box.columns(2 if page.second else 1, 24)
    primary(c, page.button[0], boxes[0])
    c.text(page.button[1], boxes[0].inset(24), 72, k.SURFACE, bold=True, align="center")
    if page.second:
        plain(c, page.second[0], boxes[1])
        c.text(page.second[1], boxes[1].inset(24), 72, k.INK, bold=True, align="center")
