"""Draws the calls of the hall's board, and the layout that shows nothing else."""

from hallctl.texts import say
from screens.hall.model import Board, T
from screens.hall.panel import Shown
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

PANEL = Box(40, 124, 968, 520)
WHOLE = Box(40, 124, 1840, 836)
"""The calls of the layout that shows nothing else."""
GREY = "#B0BEC6"
"""Values that may be old, while the daemon is not heard."""
LARGEST = 420.0
LOW = 140.0


def _words(key: str) -> str:
    return say(T, key)


def panel(c: Canvas, page: Board) -> None:
    """The calls on the board."""
    amber = GREY if page.stale else k.CALL
    if page.big is None:
        _nobody(c, PANEL, page)
    elif page.level:
        rows(c, PANEL, (page.big, *page.small), amber)
    else:
        cells = _cells(page)
        low = LOW + 18 if cells else 0
        _big_call(c, Box(PANEL.x, PANEL.y, PANEL.w, PANEL.h - low), page.big, amber)
        _below(c, Box(PANEL.x, PANEL.bottom - LOW, PANEL.w, LOW), cells, amber)


def calls_only(c: Canvas, page: Board) -> None:
    """Number and window as large as they go, for a second screen at the back of the hall."""
    amber = GREY if page.stale else k.CALL
    if page.big is None:
        _nobody(c, WHOLE, page)
    elif page.level:
        rows(c, WHOLE, (page.big, *page.small), amber)
    else:
        cells = _cells(page)
        low = 220.0 if cells else 0.0
        top = Box(WHOLE.x, WHOLE.y, WHOLE.w, WHOLE.h - low - (18 if cells else 0))
        row(c, top, page.big, amber)
        _below(c, Box(WHOLE.x, WHOLE.bottom - low, WHOLE.w, low), cells, amber)


def _cells(page: Board) -> list[Shown | str]:
    both: list[Shown | str] = [*page.gone[:1], *page.small]
    return both[:2]


def _nobody(c: Canvas, box: Box, page: Board) -> None:
    if page.gone:
        _withdrawn(c, box, page.gone[0])
        return
    c.card(box, k.DECK, 28, k.DARK_LINE, 3)
    x, w, top = box.x + 40, box.w - 80, box.cy - 260
    c.icon("bell", box.cx, top + 170, 150, k.DARK_INFO)
    c.text(_words("hall.quiet"), Box(x, top + 270, w, 100), 84, k.TEXT, bold=True, align="center")
    c.text(_words("hall.quiet_sub"), Box(x, top + 370, w, 60), 46, k.TEXT2, align="center")
    english = Box(x, top + 430, w, 50)
    c.text(say("en", "hall.quiet"), english, 36, k.TEXT2, align="center", exempt=True, smallest=30)


def _withdrawn(c: Canvas, box: Box, label: str) -> None:
    """The call that stood here was taken back: said as large as it was called."""
    c.card(box, k.DECK, 28, k.DARK_LINE, 3)
    x, w, y = box.x + 40, box.w - 80, box.cy - 260
    c.text(label, Box(x, y + 50, w, 220), 200, GREY, bold=True, align="center", smallest=120)
    words = Box(x, y + 290, w, 110)
    c.text(_words("hall.withdrawn"), words, 92, k.TEXT, bold=True, align="center")
    english = Box(x, y + 410, w, 60)
    c.text(
        say("en", "hall.withdrawn"), english, 46, k.TEXT2, align="center", exempt=True, smallest=30
    )


def rows(c: Canvas, box: Box, calls: tuple[Shown, ...], amber: str) -> None:
    """Several calls, equally large, the newest on top."""
    for place, call in zip(box.rows(len(calls), 14), calls, strict=True):
        row(c, place, call, amber)


def row(c: Canvas, box: Box, call: Shown, amber: str) -> None:
    """A call in one line: number, arrow, window."""
    c.card(box, k.DECK, 28, amber, 5)
    plate = min(box.h * 1.05, box.w * 0.27)
    place = Box(box.right - plate, box.y, plate, box.h)
    c.card(place, amber, 28)
    c.fill(amber, Box(place.x, place.y, 40, place.h))
    arrow = min(150.0, box.w * 0.09)
    number = Box(box.x + 36, box.y, place.x - box.x - arrow - 64, box.h)
    size = min(LARGEST, box.h * 0.86)
    c.text(call.label, number, size, amber, bold=True, align="center", smallest=100)
    c.icon("arrow", place.x - arrow / 2 - 14, box.cy, arrow, amber)
    _plate(c, place, call.window, size)


def _plate(c: Canvas, place: Box, window: int, size: float) -> None:
    """The window's number with 号窗口 close below it, together in the middle of the plate."""
    caption = min(64.0, max(40.0, place.h * 0.16))
    large = min(size, (place.h - caption) * 0.98)
    high = large * 0.78
    top = place.cy - (high + caption * 1.3) / 2
    digits = place.inset(min(40.0, place.w * 0.08))
    digits = Box(digits.x, top, digits.w, high)
    words = Box(place.x + 8, top + high + caption * 0.2, place.w - 16, caption)
    ink = k.CALL_INK
    c.text(str(window), digits, large, ink, bold=True, align="center", smallest=90)
    c.text(_words("hall.window"), words, caption, ink, bold=True, align="center", smallest=34)


def _below(c: Canvas, box: Box, cells: list[Shown | str], amber: str) -> None:
    for place, cell in zip(box.columns(max(1, len(cells)), 18), cells, strict=False):
        if isinstance(cell, Shown):
            _small_call(c, place, cell, amber)
        else:
            _small_withdrawn(c, place, cell)


def _small_withdrawn(c: Canvas, box: Box, label: str) -> None:
    c.card(box, k.DECK, 20, k.DARK_LINE)
    c.text(label, Box(box.x + 24, box.y, 180, box.h), 66, GREY, bold=True)
    room = Box(box.x + 212, box.y, box.w - 232, box.h)
    c.text(_words("hall.withdrawn"), room, 46, k.TEXT, bold=True, smallest=30)


def _small_call(c: Canvas, box: Box, call: Shown, amber: str) -> None:
    c.card(box, k.RAISE, 20, k.DARK_LINE)
    z = box.h / LOW
    zh, en = (say(t, "home.to_window", window=call.window) for t in (T, "en"))
    alone = box.w > PANEL.w * 0.9
    left = 30 if alone else 20
    went = c.text(
        call.label,
        Box(box.x + left, box.y, (220 if alone else 190) * z, box.h),
        (84 if alone else 76) * z,
        amber,
        bold=True,
    )
    arrow = (46 if alone else 34) * z
    c.icon("arrow", went.right + 14 + arrow / 2, box.cy, arrow, k.TEXT2)
    x = went.right + arrow + 28
    words = (f"{zh}   {en}", zh) if alone or z > 1 else (zh,)
    room = Box(x, box.y, box.right - x - 14, box.h)
    c.text(words, room, (60 if alone else 46) * z, k.TEXT, bold=True, smallest=38)


def _big_call(c: Canvas, box: Box, call: Shown, amber: str) -> None:
    band = min(156.0, box.h * 0.36)
    c.card(box, amber, 28)
    c.card(Box(box.x + 5, box.y + 5, box.w - 10, box.h - band - 5), k.DECK, 23)
    c.fill(k.DECK, Box(box.x + 5, box.bottom - band - 40, box.w - 10, 40))
    whole = box.h == PANEL.h
    if whole:
        c.text(_words("hall.please"), Box(box.x + 46, box.y + 20, 60, 66), 54, k.TEXT, bold=True)
        english = Box(box.x + 112, box.y + 24, 400, 62)
        c.text(say("en", "home.calls"), english, 42, k.TEXT2, exempt=True)
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
    _band(c, Box(box.x, box.bottom - band, box.w, band), call.window, amber)


def _band(c: Canvas, box: Box, window: int, amber: str) -> None:
    """到 6 号窗口, on amber."""
    ink = k.CALL_INK
    size = min(88.0, box.h * 0.6)
    x = box.x + 46
    c.text(_words("hall.to"), Box(x, box.y, 100, box.h), size, ink, bold=True)
    plate = Box(x + 106, box.y + box.h * 0.1, 132, box.h * 0.8)
    c.card(plate, ink, 18)
    c.text(str(window), plate, box.h * 0.74, amber, bold=True, align="center")
    c.text(_words("hall.window"), Box(plate.right + 24, box.y, 280, box.h), size, ink, bold=True)
    english = Box(plate.right + 310, box.y, 206, box.h)
    c.text(
        say("en", "home.to_window", window=window),
        english,
        44,
        ink,
        bold=True,
        exempt=True,
        smallest=36,
    )
    c.icon("arrow", box.right - 86, box.cy, min(104.0, box.h * 0.7), ink)
