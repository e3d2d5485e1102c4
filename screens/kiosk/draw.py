"""Draws the kiosk's pages. Arrangement and sizes are those of the mock-ups 01 to 04 and 09."""

from dataclasses import dataclass
from itertools import product

from screens.kiosk import pages as p
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

EDGE = 48
GAP = 20
CHIP_H, CHIP_GAP = 80.0, 18.0
ROOMY_HELPER = 260
ROW = 2
"""So many capsules stand in a row; of more the shortest wordings are taken."""
SEAL_HOLD_S = 5.0
"""So long the seal is held for the technician's menu; no resident does that by chance."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where things are: `side` is the left column of the landscape kiosk, or None."""

    width: int
    height: int
    main: Box
    """What is touched."""
    helpers: Box
    side: Box | None = None

    @property
    def tall(self) -> bool:
        """Whether this is the portrait kiosk."""
        return self.side is None


PORTRAIT = Plan(1080, 1920, Box(48, 185, 984, 1530), Box(48, 1746, 984, 134))
LANDSCAPE = Plan(1920, 1080, Box(608, 40, 1272, 882), Box(608, 948, 1272, 96), Box(0, 0, 568, 1080))


def frame(c: Canvas, plan: Plan, top: p.Top) -> None:
    """The ground, whose hall it is, the clock, the helpers."""
    c.fill(k.PAPER)
    if plan.side is not None:
        c.fill(k.SURFACE, plan.side)
        c.line(plan.side.right, 0, 2, k.LINE, plan.height)
        _names(c, top, Box(40, 40, 84, 84), Box(147, 40, 400, 46), Box(147, 88, 400, 40))
        c.text(top.clock, Box(40, 968, 240, 84), 80, k.INK, bold=True, fixed=True)
        c.text(
            top.date,
            Box(250, 990, 286, 44),
            36,
            k.INK2,
            align="right",
            exempt=True,
            fixed=True,
            smallest=28,
        )
    else:
        _names(c, top, Box(48, 44, 88, 88), Box(161, 46, 560, 52), Box(161, 96, 560, 40))
        c.text(top.clock, Box(732, 38, 300, 64), 64, k.INK, bold=True, align="right", fixed=True)
        c.text(top.date, Box(632, 100, 400, 42), 36, k.INK2, align="right", exempt=True, fixed=True)
        c.line(48, 164, 984, k.LINE)
    if top.helpers:
        _helpers(c, plan, top.helpers)


def _names(c: Canvas, top: p.Top, mark: Box, first: Box, second: Box) -> None:
    if not top.hall:
        return
    c.target("seal", mark, SEAL_HOLD_S)
    seal(c, mark, top.seal)
    c.text(top.hall, first, 44, k.INK, bold=True, fixed=True)
    c.text(top.hall_en, second, 33, k.INK2, exempt=True, fixed=True, smallest=24)


def seal(c: Canvas, box: Box, words: str) -> None:
    """The hall's seal: up to four characters, written downwards, in a double frame."""
    c.card(box, k.BRAND, box.w * 0.17)
    c.card(box.inset(6, 6), "none", box.w * 0.12, "#F8E8E2", 2.5)
    letters = words[:4]
    tall = box.h * 0.72
    columns = [letters[:2], letters[2:]] if letters[2:] else [letters]
    wide = box.w * 0.72 / len(columns)
    for at, column in enumerate(columns):
        x = box.cx + ((len(columns) - 1) / 2 - at) * wide - wide / 2
        for row, letter in enumerate(column):
            step = tall / max(1, len(column))
            y = box.cy - tall / 2 + row * step
            size = min(step * 1.02, wide * 1.02, box.w * 0.5)
            c.text(
                letter,
                Box(x, y, wide, step),
                size,
                "#FFFFFF",
                bold=True,
                align="center",
                smallest=10,
                exempt=True,
                fixed=True,
            )


def _helpers(c: Canvas, plan: Plan, helpers: tuple[p.Helper, ...]) -> None:
    boxes = plan.helpers.columns(len(helpers), 18)
    for box, one in zip(boxes, helpers, strict=True):
        helper(c, box, one, tall=plan.tall)


def helper(c: Canvas, box: Box, one: p.Helper, *, tall: bool) -> None:
    """One helper: its icon above its words, or before them."""
    down = c.target(one.target, box)
    fill, ink, edge = {
        "brand": ("#8A2F1A" if down else k.BRAND, k.SURFACE, "none"),
        "coming": (k.OK_SOFT, k.OK, k.OK),
        "on": (k.PRIMARY_SOFT, k.PRIMARY, k.PRIMARY),
        "quiet": ("#DDD5C7" if down else k.SUNKEN, k.INK, "none"),
    }.get(one.tone, (k.SUNKEN if down else k.SURFACE, k.INK, k.LINE2))
    c.card(box, fill, 26, edge)
    texts = (one.words, one.short) if one.short else (one.words,)
    if tall:
        c.icon(one.icon, box.cx, box.y + 43, 52, ink)
        room = Box(box.x + 5, box.y + 70, box.w - 10, 56)
        c.text(texts, room, 42, ink, bold=True, align="center", fixed=True)
        return
    side, gap, edge_px = (46, 16, 22) if box.w > ROOMY_HELPER else (40, 10, 10)
    most = box.w - side - gap - 2 * edge_px
    widths = [c.fonts.width(words, 40, True) for words in texts]
    words = next((w for w, wide in zip(texts, widths, strict=True) if wide <= most), texts[-1])
    width = min(most, c.fonts.width(words, 42, True))
    left = box.cx - (width + side + gap) / 2
    c.icon(one.icon, left + side / 2, box.cy, side, ink)
    room = Box(left + side + gap, box.y, width + 4, box.h)
    c.text(words, room, 42, ink, bold=True, fixed=True)


def primary(c: Canvas, target: str, box: Box, radius: float = 26) -> None:
    """The ground of the one main action."""
    down = c.target(target, box)
    c.card(box, k.PRIMARY_PRESSED if down else k.PRIMARY, radius, shadow=True)


def plain(c: Canvas, target: str, box: Box, edge: str = k.LINE2, radius: float = 26) -> None:
    """The ground of another action."""
    down = c.target(target, box)
    c.card(box, k.SUNKEN if down else k.SURFACE, radius, edge, 2.5)


def white_card(c: Canvas, target: str, box: Box) -> None:
    """The ground of something to choose."""
    down = c.target(target, box)
    c.card(box, k.PRIMARY_SOFT if down else k.SURFACE, k.TILE_RADIUS, k.LINE, 2, shadow=True)


def round_icon(c: Canvas, name: str, cx: float, cy: float, radius: float) -> None:
    """An icon on a soft disc."""
    c.disc(cx, cy, radius, k.PRIMARY_SOFT)
    c.icon(name, cx, cy, radius * 1.3, k.PRIMARY)


def direct_row(c: Canvas, target: str, box: Box, title: str, sub: p.Words = ()) -> None:
    """直接取号: the broad primary row with the question mark."""
    primary(c, target, box, k.TILE_RADIUS)
    radius = min(52.0, box.h * 0.31)
    cx = box.x + (80 if sub else 85)
    c.disc(cx, box.cy, radius, k.SURFACE)
    c.icon("question", cx, box.cy, radius * 1.3, k.PRIMARY)
    x = box.x + (157 if sub else 172)
    room = Box(x, box.y, box.right - 90 - x, box.h)
    if sub:
        large = c.text_scale > 1
        split = box.h * (0.29 if large else 0.33)
        size = min(60.0, box.h * 0.36) if large else 60.0
        c.text(title, Box(x, box.y + split - 30, room.w, 60), size, k.SURFACE, bold=True)
        c.text(
            sub, Box(x, box.y + box.h * (0.745 if large else 0.725) - 26, room.w, 52), 44, k.SURFACE
        )
    else:
        c.text(title, room, 60, k.SURFACE, bold=True)
    c.icon("right", box.right - 56, box.cy, 60, k.SURFACE)


def no_numbers(c: Canvas, box: Box, words: tuple[str, p.Words]) -> None:
    """That no numbers are given now, and when: a notice where a button stands otherwise."""
    c.card(box, k.WARN_SOFT, k.TILE_RADIUS, k.WARN, 3)
    radius = min(52.0, box.h * 0.31)
    c.icon("clock", box.x + 44 + radius * 0.7, box.cy, radius * 1.4, k.WARN)
    x = box.x + 74 + radius * 1.4
    room = box.right - 24 - x
    half = box.h / 2
    c.text(words[0], Box(x, box.y + half * 0.1, room, half), 56, k.WARN, bold=True, fixed=True)
    c.text(words[1], Box(x, box.y + half * 0.95, room, half * 0.9), 46, k.INK, fixed=True)


def pager_row(c: Canvas, box: Box, pager: p.Pager) -> None:
    """上一页 · 2 / 3 · 下一页."""
    before, middle, after = box.columns(3, GAP)
    for target, room, words, icon, left in (
        ("page:-1", before, pager.before, "left", True),
        ("page:1", after, pager.after, "right", False),
    ):
        plain(c, target, room)
        x = room.x + 50 if left else room.right - 50
        c.icon(icon, x, room.cy, 52, k.INK)
        words_room = Box(room.x + (84 if left else 16), room.y, room.w - 100, room.h)
        c.text(words, words_room, 44, k.INK, bold=True, align="center", fixed=True)
    c.text(f"{pager.at + 1} / {pager.of}", middle, 48, k.INK2, align="center", fixed=True)


def chips(
    c: Canvas,
    x: float,
    y: float,
    room: float,
    found: tuple[tuple[str, p.Words], ...],
    *,
    stacked: bool = False,
) -> float:
    """What one should know before, in soft capsules; answers the lower edge of them.

    In a row the wordings are chosen so that all fit beside each other, if any do; they wrap else.
    """
    left, chosen = x, _chip_words(c, room, found, stacked=stacked)
    for (icon, _), words in zip(found, chosen, strict=True):
        width = min(room, _chip_width(c, words))
        if left > x and (stacked or left + width > x + room):
            left, y = x, y + CHIP_H + 14
        box = Box(left, y, width, CHIP_H)
        c.card(box, k.PRIMARY_SOFT, k.CHIP_RADIUS)
        c.icon(icon, box.x + 52, box.cy, 44, k.PRIMARY)
        c.text(words, Box(box.x + 86, box.y, width - 110, CHIP_H), 44, k.PRIMARY, fixed=True)
        left += width + CHIP_GAP
    return y + CHIP_H


def _chip_width(c: Canvas, words: str) -> float:
    return c.fonts.width(words, 44, False) + 116


def _chip_words(
    c: Canvas, room: float, found: tuple[tuple[str, p.Words], ...], *, stacked: bool
) -> tuple[str, ...]:
    choices = [words for _, words in found]
    if not stacked:
        for chosen in sorted(product(*choices), key=lambda one: -sum(map(len, one))):
            widths = [_chip_width(c, words) for words in chosen]
            if sum(widths) + CHIP_GAP * (len(widths) - 1) <= room:
                return chosen
    if len(choices) > ROW and not stacked:
        return tuple(words[-1] for words in choices)
    fits = [[w for w in words if _chip_width(c, w) <= room] for words in choices]
    return tuple((ok or [words[-1]])[0] for ok, words in zip(fits, choices, strict=True))
