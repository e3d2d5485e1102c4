"""Draws the technician's PIN pad and menu. Plain: who stands here knows what is looked for."""

from screens.kiosk import pages as p
from screens.kiosk.draw import Plan, frame, plain, primary
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "enter")
FACT_ROWS = 6


def pin(c: Canvas, plan: Plan, page: p.PinPage) -> None:
    """Twelve keys; of the digits only how many there are."""
    frame(c, plan, page.top)
    if plan.tall:
        title, sub = Box(48, 196, 984, 100), Box(48, 300, 984, 64)
        dots, words, keys = Box(48, 396, 984, 110), Box(48, 520, 984, 130), Box(48, 680, 984, 800)
        leave = Box(48, 1540, 984, 150)
    else:
        title, sub = Box(40, 156, 500, 120), Box(40, 290, 500, 120)
        dots, words, keys = (
            Box(608, 40, 1272, 110),
            Box(40, 440, 500, 480),
            Box(608, 180, 1272, 600),
        )
        leave = Box(608, 820, 1272, 120)
    c.text(page.title, title, 84, k.INK, bold=True, smallest=48)
    c.paragraph(page.sub, sub, 44, k.INK2, valign="top")
    c.card(dots, k.SURFACE, k.CARD_RADIUS, k.LINE2)
    for at in range(page.digits):
        c.disc(dots.x + 70 + at * 72, dots.cy, 18, k.OK)
    c.paragraph(page.words, words, 44, k.TONES[page.tone][0], valign="top")
    rooms = [box for row in keys.rows(4, 20) for box in row.columns(3, 20)]
    for room, key in zip(rooms, KEYS, strict=True):
        face = {"clear": page.clear, "enter": page.enter}.get(key, key)
        if key == "enter":
            primary(c, "key:enter", room)
        else:
            plain(c, f"key:{key}", room)
        ink = k.SURFACE if key == "enter" else k.INK
        c.text(face, room.inset(16), 64, ink, bold=True, align="center")
    _leave(c, leave, page.leave)


def _leave(c: Canvas, box: Box, words: str) -> None:
    down = c.target("menu:leave", box)
    c.card(box, "#DDD5C7" if down else k.SUNKEN, 26)
    c.text(words, box, 56, k.INK, bold=True, align="center")


def menu(c: Canvas, plan: Plan, page: p.MenuPage) -> None:
    """A device, what is known of it, and what can be done."""
    frame(c, plan, page.top)
    ink, soft = k.TONES[page.tone]
    if plan.tall:
        title, card = Box(48, 190, 984, 100), Box(48, 310, 984, 560)
        words, buttons = Box(48, 894, 984, 190), Box(48, 1112, 984, 560)
        leave = Box(48, 1710, 984, 134)
    else:
        title, card = Box(40, 156, 500, 110), Box(608, 40, 1272, 380)
        words, buttons = Box(40, 290, 500, 640), Box(608, 444, 1272, 440)
        leave = Box(608, 916, 1272, 110)
    c.text(page.title, title, 84, k.INK, bold=True, smallest=48)
    c.card(card, k.SURFACE, k.CARD_RADIUS, k.LINE)
    c.text(page.device, Box(card.x + 36, card.y + 16, card.w - 72, 80), 54, k.INK, bold=True)
    area = Box(card.x + 36, card.y + 104, card.w - 72, card.h - 120)
    columns = 1 if plan.tall else 2
    rows = [box for row in area.rows(FACT_ROWS // columns, 8) for box in row.columns(columns, 24)]
    for row, (icon, fact, tone) in zip(rows, page.facts, strict=False):
        colour = k.TONES[tone][0]
        c.icon(icon, row.x + 28, row.cy, 48, colour)
        c.text(fact, Box(row.x + 72, row.y, row.w - 72, row.h), 44, colour, fixed=True)
    c.card(words, soft, k.CARD_RADIUS)
    c.paragraph(page.words, words.inset(28, 12), 44, ink)
    rooms = [box for row in buttons.rows(3, 20) for box in row.columns(2, 24)]
    for room, (target, icon, face) in zip(rooms, page.buttons, strict=False):
        plain(c, target, room)
        c.icon(icon, room.x + 64, room.cy, 56, k.INK)
        c.text(face, Box(room.x + 116, room.y, room.w - 132, room.h), 52, k.INK, bold=True)
    _leave(c, leave, page.leave)
