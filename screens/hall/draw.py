"""Draws the hall's board. Arrangement and sizes are those of mock-up 05 (and 09 for its rest)."""

from dataclasses import replace

from hallctl.texts import say
from screens.hall.draw_calls import GREY, calls_only, panel
from screens.hall.model import Board, Page, QueueLine, Rest, T, WindowCard
from screens.hall.model import Leave as LeavePage
from screens.kiosk.draw import seal
from screens.kit import leave
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

TABLE = Box(1032, 124, 848, 520)
CARDS = Box(40, 664, 1840, 296)
NOTICE = Box(0, 980, 1920, 100)
CARD_LARGEST = 300.0
"""A hall with few windows has cards of this width, in the middle."""
BLACK = "#000000"


def _words(key: str) -> str:
    return say(T, key)


def draw(c: Canvas, page: Page, *, calls: bool = False) -> None:
    """The whole picture; `calls` for the layout that shows nothing but calls."""
    if isinstance(page, LeavePage):
        leave.page(c)
    elif isinstance(page, Board):
        _board(c, page, calls=calls)
    else:
        c.fill(BLACK)


def _board(c: Canvas, page: Board, *, calls: bool) -> None:
    c.fill(k.NIGHT)
    c.shift = page.shift
    _header(c, page)
    if page.rest is not None:
        _rest(c, page.rest)
    elif calls:
        calls_only(c, page)
    else:
        panel(c, page)
        _table(c, page)
        _cards(c, page)
    _notice(c, page)


def _header(c: Canvas, page: Board) -> None:
    if not page.hall:
        return
    seal(c, Box(40, 20, 76, 76), page.seal)
    c.text(page.hall, Box(137, 18, 800, 56), 46, k.TEXT, bold=True)
    c.text(page.hall_en, Box(137, 66, 800, 38), 30, k.TEXT2, exempt=True, smallest=24)
    c.text(page.clock, Box(1700, 14, 180, 80), 76, k.TEXT, bold=True, align="right")
    c.text(page.date, Box(1180, 20, 500, 44), 36, k.TEXT2, align="right", exempt=True, smallest=30)
    c.text(page.hours, Box(1180, 64, 500, 44), 34, k.TEXT2, align="right", exempt=True, smallest=28)
    if page.stale:
        box = Box(860, 26, 330, 64)
        c.card(box, k.DECK, 32, k.DARK_BAD, 3)
        c.icon("offline", box.x + 46, box.cy, 42, k.DARK_BAD)
        c.text(
            page.stale,
            Box(box.x + 82, box.y, box.w - 100, box.h),
            36,
            k.DARK_BAD,
            bold=True,
            smallest=30,
        )


def _table(c: Canvas, page: Board) -> None:
    c.card(TABLE, k.DECK, 28)
    x, right = TABLE.x + 36, TABLE.right - 36
    columns = ((1300.0, 190.0), (1510.0, 120.0), (1650.0, right - 1650.0))
    c.text(_words("hall.wait"), Box(x, 146, 280, 56), 44, k.TEXT, bold=True)
    heads = (
        (_words("hall.next"), say("en", "hall.next")),
        (_words("hall.waiting"), say("en", "hall.waiting")),
        (_words("hall.minutes"), say("en", "hall.minutes")),
    )
    for (left, width), (zh, en) in zip(columns, heads, strict=True):
        c.text(zh, Box(left, 136, width, 48), 36, k.TEXT2, align="right", smallest=30)
        c.text(en, Box(left, 178, width, 36), 28, k.TEXT2, align="right", exempt=True, smallest=24)
    lines = page.queues
    body = Box(x, 222, right - x, TABLE.bottom - 232)
    for row, line in zip(body.rows(max(1, len(lines)), 0, 83), lines, strict=True):
        c.line(x, row.y, right - x, k.DARK_LINE)
        _queue(c, row, line, columns, stale=bool(page.stale))


def _queue(
    c: Canvas, row: Box, line: QueueLine, columns: tuple[tuple[float, float], ...], *, stale: bool
) -> None:
    ink = GREY if stale else (k.TEXT if line.waiting else k.TEXT2)
    digits = min(58.0, row.h * 0.72)
    boxes = [Box(left, row.y, width, row.h) for left, width in columns]
    c.text(line.name, Box(row.x, row.y, 250, row.h), 46, ink, bold=True, smallest=34)
    c.text(line.next_label or "—", boxes[0], digits * 0.94, ink, bold=True, align="right")
    c.text(str(line.waiting), boxes[1], digits, ink, bold=True, align="right")
    if line.minutes:
        c.text(line.minutes, boxes[2], digits, ink, bold=True, align="right", smallest=34)
        return
    words, icon, tone = ("hall.free", "tickcircle", k.DARK_OK)
    if line.shut:
        words, icon, tone = ("hall.no_numbers", "pause", k.DARK_INFO)
    tone = GREY if stale else tone
    went = c.text(_words(words), boxes[2], 38, tone, bold=True, align="right", smallest=34)
    c.icon(icon, went.x - 28, row.cy, 34, tone)


def _cards(c: Canvas, page: Board) -> None:
    count = max(1, len(page.windows))
    wide = min(CARDS.w, count * CARD_LARGEST + (count - 1) * 14)
    middle = replace(CARDS, x=CARDS.cx - wide / 2, w=wide)
    for box, card in zip(middle.columns(count, 14), page.windows, strict=False):
        _card(c, box, card, stale=bool(page.stale))


LOOKS = {
    "serving": ("person", k.TEXT2, k.TEXT),
    "called": ("bell", k.CALL, k.CALL),
    "go": ("up", k.CALL_INK, k.CALL_INK),
    "pause": ("pause", k.DARK_INFO, k.DARK_INFO),
    "idle": ("tickcircle", k.DARK_OK, k.DARK_OK),
    "off": ("moon", k.TEXT2, k.TEXT2),
}
"""State → icon, its colour, the colour of its word."""


def _card(c: Canvas, box: Box, card: WindowCard, *, stale: bool) -> None:
    icon, icon_ink, word_ink = LOOKS[card.state]
    go, busy = card.state == "go", card.state in ("serving", "called")
    ink, second = (k.CALL_INK, k.CALL_INK) if go else (k.TEXT, k.TEXT2)
    if stale:
        ink = second = icon_ink = word_ink = k.CALL_INK if go else GREY
    if go:
        c.card(box, GREY if stale else k.CALL, 20)
    else:
        c.card(box, k.RAISE if busy else k.DECK, 20, "none" if busy else k.DARK_LINE)
    number = str(card.number)
    went = c.text(number, Box(box.x + 24, box.y + 8, box.w - 80, 88), 84, ink, bold=True)
    c.text(_words("hall.number"), Box(went.right + 8, box.y + 44, 40, 48), 34, second, smallest=28)
    c.text(card.name, Box(box.x + 22, box.y + 94, box.w - 36, 52), 38, second, smallest=30)
    label = Box(box.x + 12, box.y + 160, box.w - 24, 66)
    c.text(card.label or "—", label, 58, ink if card.label else second, bold=True, align="center")
    width = c.width(card.words, 36, bold=True)
    left = box.cx - (width + 46) / 2
    c.icon(icon, left + 18, box.bottom - 40, 38, icon_ink)
    c.text(
        card.words,
        Box(left + 46, box.bottom - 66, width + 4, 52),
        36,
        word_ink,
        bold=True,
        smallest=28,
    )


def _notice(c: Canvas, page: Board) -> None:
    c.fill(k.DECK, NOTICE.inset(-8))
    if not page.notice:
        return
    chip = Box(40, NOTICE.y + 24, 104, 52)
    c.card(chip, k.DARK_INFO, 12)
    c.text(_words("hall.notice"), chip, 36, k.CALL_INK, bold=True, align="center", smallest=30)
    c.text(page.notice, Box(172, NOTICE.y, 1580, NOTICE.h), 44, k.TEXT, smallest=30)
    if page.notices > 1:
        place = f"{page.notice_at + 1}/{page.notices}"
        c.text(place, Box(1780, NOTICE.y, 100, NOTICE.h), 34, k.TEXT2, align="right", smallest=30)


def _rest(c: Canvas, rest: Rest) -> None:
    c.icon(rest.icon, 440, 540, 320, k.DARK_INFO)
    x, w = 720, 1120
    c.text(rest.title, Box(x, 330, w, 150), 132, k.TEXT, bold=True)
    c.text(rest.sub, Box(x, 490, w, 100), 72, k.TEXT, bold=True)
    c.text(rest.more, Box(x, 596, w, 76), 52, k.TEXT2)
    c.text(
        rest.english,
        Box(x, 680 if rest.more else 490, w, 64),
        44,
        k.TEXT2,
        exempt=True,
        smallest=30,
    )
