"""Draws the kiosk's home page and the list of items (mock-ups 01, 02 and 03, left)."""

from screens.kiosk import pages as p
from screens.kiosk.draw import (
    GAP,
    Plan,
    chips,
    direct_row,
    frame,
    no_numbers,
    pager_row,
    round_icon,
    white_card,
)
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

TILE_MOST, TILE_GAP = 178, 20
PAGER_GAP = 18
ASK_Y = 450
WIDE_MOST = 8
"""So many tiles stand in two columns of the landscape kiosk; more take three."""
UNSURE = Box(48, 588, 984, 168)
"""Where 不清楚办什么 stands on the portrait kiosk."""
TALL_TILE = 160
NAME_LEADING = 1.2
TALL_BANNER = 240
TWO_LINES = 44
"""A tile's name that is too wide for one line of this size is written on two."""


def home(c: Canvas, plan: Plan, page: p.Home) -> None:
    """The home page, which asks what one has come for."""
    frame(c, plan, page.top)
    if plan.tall:
        _head_tall(c, page)
        _first(c, UNSURE, page)
        _tiles(c, plan, page, Box(48, 778, 984, 772))
        _stuck(c, Box(48, 1572, 984, 124), page.stuck)
    else:
        _head_wide(c, page)
        _first(c, Box(608, 40, 1272, 148), page)
        _tiles(c, plan, page, Box(608, 210, 1272, 590))
        _stuck(c, Box(608, 820, 1272, 104), page.stuck)


def _first(c: Canvas, box: Box, page: p.Home) -> None:
    if page.shut:
        no_numbers(c, box, page.shut)
    else:
        direct_row(c, "unsure", box, page.unsure, page.unsure_sub)


def _head_tall(c: Canvas, page: p.Home) -> None:
    c.text(page.ask, Box(48, 196, 984, 112), 100, k.INK, bold=True, fixed=True)
    c.text(page.hint, Box(48, 318, 984, 60), 46, k.INK2)
    strip = Box(48, 404, 984, 152)
    if page.banner:
        _banner(c, strip, page.banner)
        return
    c.card(strip, k.DECK, k.TILE_RADIUS)
    if not page.calls:
        c.text(page.no_calls, strip, 50, k.TEXT2, align="center")
        return
    if page.top.language != "zh":
        c.paragraph(page.calls_words, Box(84, 416, 220, 128), 44, k.TEXT, bold=True)
    else:
        c.text(page.calls_words, Box(84, 430, 220, 54), 44, k.TEXT, bold=True, fixed=True)
        c.text(
            "Now calling", Box(84, 486, 220, 46), 38, k.TEXT2, exempt=True, fixed=True, smallest=30
        )
    for at, call in enumerate(page.calls):
        x = 318 + at * 236
        c.line(x, 438, 2, k.DARK_LINE, 84)
        c.text(
            call.label,
            Box(x + 26, 420, 200, 70),
            62,
            k.CALL if call.fresh else k.TEXT,
            bold=True,
            fixed=True,
        )
        c.text(
            call.where, Box(x + 26, 486, 200, 52), 44, k.TEXT if call.fresh else k.TEXT2, fixed=True
        )


def _banner(c: Canvas, box: Box, words: tuple[str, str]) -> None:
    c.card(box, k.WARN_SOFT, k.TILE_RADIUS, k.WARN, 3)
    c.icon("printer", box.x + 78, box.y + min(box.h / 2, 89), 76, k.WARN)
    x, w = box.x + 148, box.w - 170
    if box.h < TALL_BANNER:
        c.text(words[0], Box(x, box.y + 18, w, 60), 50, k.WARN, bold=True)
        c.text(words[1], Box(x, box.y + 80, w, 54), 42, k.INK)
    else:
        c.paragraph(words[0], Box(x, box.y + 24, w, 130), 48, k.WARN, bold=True)
        c.paragraph(words[1], Box(box.x + 32, box.y + 164, box.w - 64, box.h - 184), 42, k.INK)


def _head_wide(c: Canvas, page: p.Home) -> None:
    for at, line in enumerate(page.ask_two.split("\n")):
        c.text(line, Box(40, 176 + at * 120, 500, 112), 100, k.INK, bold=True, fixed=True)
    c.paragraph(page.hint_two, Box(40, 424, 500, 112), 44, k.INK2)
    deck = Box(32, 556, 504, 364)
    if page.banner:
        _banner(c, deck, page.banner)
        return
    c.card(deck, k.DECK, k.TILE_RADIUS)
    c.text(page.calls_words, Box(64, 572, 240, 64), 44, k.TEXT, bold=True, fixed=True)
    if page.top.language == "zh":
        c.text(
            "Now calling",
            Box(290, 572, 214, 64),
            38,
            k.TEXT2,
            align="right",
            exempt=True,
            fixed=True,
            smallest=30,
        )
    if not page.calls:
        c.line(64, 652, 440, k.DARK_LINE)
        c.text(page.no_calls, Box(64, 660, 440, 250), 50, k.TEXT2, align="center")
    for at, call in enumerate(page.calls):
        y = 652 + at * 88
        c.line(64, y, 440, k.DARK_LINE)
        c.text(
            call.label,
            Box(64, y, 220, 88),
            60,
            k.CALL if call.fresh else k.TEXT,
            bold=True,
            fixed=True,
        )
        c.text(
            call.where,
            Box(284, y, 220, 88),
            44,
            k.TEXT if call.fresh else k.TEXT2,
            align="right",
            fixed=True,
        )


def _tiles(c: Canvas, plan: Plan, page: p.Home, area: Box) -> None:
    if page.pager:
        foot = 104 if plan.tall else 100
        pager_row(c, Box(area.x, area.bottom - foot, area.w, foot), page.pager)
        area = Box(area.x, area.y, area.w, area.h - foot - PAGER_GAP)
    columns = _columns(plan, page)
    fitted = -(-max(1, len(page.tiles)) // columns)
    count = max(fitted, 2 if page.top.big else 3)
    boxes = [
        box
        for row in area.rows(count, PAGER_GAP if page.pager else TILE_GAP, TILE_MOST * c.text_scale)
        for box in row.columns(columns, 24)
    ]
    if len(page.tiles) % columns == 1:  # the last one stands alone: it takes its whole row
        last = boxes[len(page.tiles) - 1]
        boxes[len(page.tiles) - 1] = Box(area.x, last.y, area.w, last.h)
    for box, tile in zip(boxes, page.tiles, strict=False):
        _tile(c, box, tile)


def _columns(plan: Plan, page: p.Home) -> int:
    if plan.tall:
        return 1 if page.top.big else 2
    return 3 if len(page.tiles) > WIDE_MOST else 2


def _tile(c: Canvas, box: Box, tile: p.Tile) -> None:
    white_card(c, tile.target, box)
    radius = min(45.0, box.h * 0.33)
    round_icon(c, tile.icon, box.x + 24 + radius, box.cy, radius)
    x = box.x + 2 * radius + 42
    room = box.right - 14 - x
    name, wait = (26, 37) if c.text_scale == 1 else (31, 36)
    if box.h >= TALL_TILE and c.width(tile.name, TWO_LINES, bold=True) > room:
        upper = Box(x, box.y + 3, room, box.h / 2 + wait - 32)
        c.paragraph(tile.name, upper, TWO_LINES, k.INK, bold=True, leading=NAME_LEADING)
    else:
        c.text(tile.name, Box(x, box.cy - name - 32, room, 64), 57, k.INK, bold=True)
    colour = k.OK if tile.free else k.INK2
    c.text(tile.wait, Box(x, box.cy + wait - 28, room, 56), 42 if c.text_scale == 1 else 38, colour)


def _stuck(c: Canvas, box: Box, words: str) -> None:
    if not words:
        return
    down = c.target("stuck", box)
    c.card(box, "#F0D5CB" if down else k.BRAND_SOFT, k.TILE_RADIUS, k.BRAND, 3)
    c.icon("megaphone", box.x + 74, box.cy, 68, k.BRAND)
    c.text(words, Box(box.x + 157, box.y, box.w - 250, box.h), 52, k.BRAND, bold=True)
    c.icon("right", box.right - 56, box.cy, 60, k.BRAND)


def item_list(c: Canvas, plan: Plan, page: p.ItemList) -> None:
    """The items of a category, one page of them."""
    frame(c, plan, page.top)
    if plan.tall:
        c.text(page.title, Box(48, 190, 984, 110), 92, k.INK, bold=True, smallest=56)
        low = chips(c, 48, 322, 984, page.chips)
        one_row = low < ASK_Y
        ask = Box(48, ASK_Y if one_row else low + 6, 984, 76 if one_row else 60)
        c.text(page.ask, ask, 60 if one_row else 52, k.INK, bold=True)
        area = Box(48, 568, 984, 1060)
    else:
        c.paragraph(page.title, Box(40, 170, 500, 210), 92, k.INK, bold=True, smallest=56)
        low = chips(c, 40, 410, 500, page.chips, stacked=True)
        c.paragraph(page.ask, Box(40, low + 40, 500, 160), 60, k.INK, bold=True)
        area = Box(608, 40, 1272, 880)
    rows = area.rows(6, 22 if plan.tall else GAP, 158)
    shown = rows[:4] if page.pager else rows[:5]
    for box, (target, name) in zip(shown, page.items, strict=False):
        _item_row(c, box, target, page.icon, name)
    if page.pager:
        pager_row(c, rows[4].inset(0, 12 if plan.tall else 4), page.pager)
    last = rows[5] if page.pager else rows[len(page.items)]
    if page.direct:
        direct_row(c, "direct", last, page.direct)


def _item_row(c: Canvas, box: Box, target: str, icon: str, name: str) -> None:
    white_card(c, target, box)
    radius = min(50.0, box.h * 0.34)
    round_icon(c, icon, box.x + 85, box.cy, radius)
    room = Box(box.x + 172, box.y + 10, box.w - 172 - 104, box.h - 20)
    c.paragraph(name, room, 58, k.INK, bold=True, leading=NAME_LEADING)
    c.icon("right", box.right - 56, box.cy, 60, k.PRIMARY)
