"""Draws the hall's board. Arrangement and sizes are those of mock-up 05 (and 09 for its rest)."""

from hallctl.texts import say
from screens.hall.model import SMALL, Board, QueueLine, Rest, Shown, T, WindowCard
from screens.kiosk.draw import seal
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

PANEL = Box(40, 124, 968, 520)
TABLE = Box(1032, 124, 848, 520)
CARDS = Box(40, 664, 1840, 296)
NOTICE = Box(0, 980, 1920, 100)
GREY = "#7F929D"
"""Values that may be old, while the daemon is not heard."""


def _words(key: str) -> str:
    return say(T, key)


def board(c: Canvas, page: Board) -> None:
    """The whole picture."""
    c.fill(k.NIGHT)
    _header(c, page)
    if page.rest is not None:
        _rest(c, page.rest)
    else:
        _panel(c, page)
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


def _panel(c: Canvas, page: Board) -> None:
    if page.big is None and page.gone:
        _withdrawn(c, page.gone[0])
        return
    if page.big is None:
        c.card(PANEL, k.DECK, 28, k.DARK_LINE, 3)
        c.icon("bell", PANEL.cx, PANEL.y + 170, 150, k.DARK_INFO)
        c.text(
            _words("hall.quiet"),
            Box(PANEL.x + 40, PANEL.y + 270, PANEL.w - 80, 100),
            84,
            k.TEXT,
            bold=True,
            align="center",
        )
        c.text(
            _words("hall.quiet_sub"),
            Box(PANEL.x + 40, PANEL.y + 370, PANEL.w - 80, 60),
            46,
            k.TEXT2,
            align="center",
        )
        c.text(
            say("en", "hall.quiet"),
            Box(PANEL.x + 40, PANEL.y + 430, PANEL.w - 80, 50),
            36,
            k.TEXT2,
            align="center",
            exempt=True,
            smallest=30,
        )
        return
    both: list[Shown | str] = [*page.gone[:1], *page.small]
    cells = both[:SMALL]
    low = 158 if cells else 0
    amber = GREY if page.stale else k.CALL
    _big_call(c, Box(PANEL.x, PANEL.y, PANEL.w, PANEL.h - low), page.big, amber)
    row = Box(PANEL.x, PANEL.bottom - 140, PANEL.w, 140)
    for box, cell in zip(row.columns(max(1, len(cells)), 18), cells, strict=False):
        if isinstance(cell, Shown):
            _small_call(c, box, cell, amber)
        else:
            _small_withdrawn(c, box, cell)


def _withdrawn(c: Canvas, label: str) -> None:
    """The call that stood here was taken back: said as large as it was called."""
    c.card(PANEL, k.DECK, 28, k.DARK_LINE, 3)
    x, w = PANEL.x + 40, PANEL.w - 80
    c.text(label, Box(x, PANEL.y + 50, w, 220), 200, GREY, bold=True, align="center", smallest=120)
    words = Box(x, PANEL.y + 290, w, 110)
    c.text(_words("hall.withdrawn"), words, 92, k.TEXT, bold=True, align="center")
    english = Box(x, PANEL.y + 410, w, 60)
    c.text(
        say("en", "hall.withdrawn"), english, 46, k.TEXT2, align="center", exempt=True, smallest=30
    )


def _small_withdrawn(c: Canvas, box: Box, label: str) -> None:
    c.card(box, k.DECK, 20, k.DARK_LINE)
    c.text(label, Box(box.x + 24, box.y, 180, box.h), 66, GREY, bold=True)
    room = Box(box.x + 212, box.y, box.w - 232, box.h)
    c.text(_words("hall.withdrawn"), room, 46, k.TEXT, bold=True, smallest=30)


def _big_call(c: Canvas, box: Box, call: Shown, amber: str) -> None:
    band = min(156.0, box.h * 0.36)
    c.card(box, amber, 28)
    c.card(Box(box.x + 5, box.y + 5, box.w - 10, box.h - band - 5), k.DECK, 23)
    flat = Box(box.x + 5, box.bottom - band - 40, box.w - 10, 40)
    c.fill(k.DECK, flat)
    whole = box.h == PANEL.h
    if whole:
        c.text(_words("hall.please"), Box(box.x + 46, box.y + 20, 60, 66), 54, k.TEXT, bold=True)
        c.text(
            say("en", "home.calls"), Box(box.x + 112, box.y + 24, 400, 62), 42, k.TEXT2, exempt=True
        )
    top = 66 if whole else 8
    c.text(
        call.label,
        Box(box.x + 40, box.y + top, box.w - 80, box.h - band - top),
        290 if whole else 230,
        amber,
        bold=True,
        align="center",
        smallest=120,
    )
    _band(c, Box(box.x, box.bottom - band, box.w, band), call.window)


def _band(c: Canvas, box: Box, window: int) -> None:
    """到 6 号窗口, on amber."""
    ink = k.CALL_INK
    size = min(88.0, box.h * 0.6)
    x = box.x + 46
    c.text(_words("hall.to"), Box(x, box.y, 100, box.h), size, ink, bold=True)
    plate = Box(x + 106, box.y + box.h * 0.1, 132, box.h * 0.8)
    c.card(plate, ink, 18)
    c.text(str(window), plate, box.h * 0.74, k.CALL, bold=True, align="center")
    c.text(_words("hall.window"), Box(plate.right + 24, box.y, 280, box.h), size, ink, bold=True)
    c.text(
        say("en", "home.to_window", window=window),
        Box(plate.right + 316, box.y, 228, box.h),
        44,
        ink,
        bold=True,
        exempt=True,
    )
    c.icon("arrow", box.right - 86, box.cy, min(104.0, box.h * 0.7), ink)


def _small_call(c: Canvas, box: Box, call: Shown, amber: str) -> None:
    c.card(box, k.RAISE, 20, k.DARK_LINE)
    c.text(call.label, Box(box.x + 30, box.y, 210, box.h), 84, amber, bold=True)
    c.icon("arrow", box.x + 268, box.cy, 46, k.TEXT2)
    plate = Box(box.x + 306, box.y, box.w - 326, box.h)
    alone = box.w == PANEL.w
    words = say(T, "home.to_window", window=call.window)
    if alone:
        words = f"{words}   {say('en', 'home.to_window', window=call.window)}"
    c.text(words, plate, 60 if alone else 46, k.TEXT, bold=True, smallest=30)


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
    else:
        c.text(
            _words("hall.free"),
            boxes[2],
            38,
            GREY if stale else k.DARK_OK,
            bold=True,
            align="right",
            smallest=30,
        )


def _cards(c: Canvas, page: Board) -> None:
    count = max(1, len(page.windows))
    for box, card in zip(CARDS.columns(count, 14), page.windows, strict=False):
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
    c.fill(k.DECK, NOTICE)
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
