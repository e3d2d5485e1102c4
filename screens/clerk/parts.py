"""What the terminal's pages are drawn of: head, buttons, capsules, toasts. Canvas only."""

from screens.clerk.pages import Button, Chip, Toast, Top
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

WIDE, HIGH, EDGE = 1280.0, 800.0, 24.0
HEAD_H = 76.0
SMALLEST = 26.0
FILLED = {"primary": k.PRIMARY, "brand": k.BRAND, "bad": k.BAD}
EDGED = {"warn": (k.WARN, k.WARN_SOFT), "ok": (k.OK, k.OK_SOFT)}
DARK = {"ok": k.DARK_OK, "bad": k.DARK_BAD, "warn": k.CALL}


def put(
    c: Canvas,
    words: str,
    box: Box,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    align: str = "left",
) -> Box:
    """One line of the terminal's text."""
    return c.text(words, box, size, colour, bold=bold, align=align, smallest=SMALLEST)


def block(
    c: Canvas,
    words: str,
    box: Box,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    align: str = "left",
) -> float:
    """A few lines of it."""
    return c.paragraph(
        words, box, size, colour, bold=bold, align=align, smallest=SMALLEST, leading=1.2
    )


def head(c: Canvas, top: Top) -> None:
    """Which window, who sits there, its devices, the time."""
    c.fill(k.PAPER)
    c.fill(k.DECK, Box(0, 0, WIDE, HEAD_H))
    x = EDGE
    if top.badge:
        c.card(Box(20, 12, 52, 52), k.CALL, 10)
        put(c, top.badge, Box(20, 12, 52, 52), 42, k.CALL_INK, bold=True, align="center")
        x = 88
    title = put(c, top.title, Box(x, 0, 330, HEAD_H), 34, k.TEXT, bold=True)
    x = title.right + 28
    if top.staff:
        x = put(c, top.staff, Box(x, 0, 200, HEAD_H), 28, k.TEXT2).right + 28
    put(c, top.clock, Box(1136, 0, 120, HEAD_H), 40, k.TEXT, bold=True, align="right")
    chips = (Chip("offline", top.stale, "bad"),) if top.stale else top.chips
    _chips(c, chips, x, 1116)


def _chips(c: Canvas, chips: tuple[Chip, ...], left: float, right: float) -> None:
    """As many as fit, the first ones first, standing to the right."""
    widths = [c.width(chip.words, 28) + 34 + 24 for chip in chips]
    while widths and sum(widths) > right - left:
        widths.pop()
    x = right - sum(widths)
    for chip, width in zip(chips, widths, strict=False):
        colour = DARK.get(chip.tone, k.TEXT2)
        c.icon(chip.icon, x + 13, HEAD_H / 2, 26, colour)
        words = k.TEXT if chip.tone in ("ok", "") else colour
        put(c, chip.words, Box(x + 34, 0, width - 34, HEAD_H), 28, words)
        x += width


def capsule(c: Canvas, chip: Chip, x: float, y: float, room: float = 520) -> None:
    """A state in a soft capsule."""
    ink, soft = k.TONES.get(chip.tone, (k.INK2, k.SUNKEN))
    width = min(room, c.width(chip.words, 28, bold=True) + 76)
    c.card(Box(x, y, width, 48), soft, 24)
    c.icon(chip.icon, x + 30, y + 24, 28, ink)
    put(c, chip.words, Box(x + 54, y, width - 66, 48), 28, ink, bold=True)


def note(c: Canvas, chip: Chip, box: Box) -> None:
    """A state as a line in the case card."""
    ink, soft = k.TONES.get(chip.tone, (k.INK2, k.PAPER))
    c.card(box, soft, 14)
    c.icon(chip.icon, box.x + 32, box.cy, 32, ink)
    block(c, chip.words, Box(box.x + 62, box.y, box.w - 76, box.h), 28, ink, bold=bool(chip.tone))


def _look(button: Button, *, pressed: bool) -> tuple[str, str, str, str]:
    """Fill, edge, ink, the icon's ink."""
    if not button.target and button.tone in ("warn", "bad"):  # it tells, and leads nowhere
        ink, soft = k.TONES[button.tone]
        return soft, "none", ink, ink
    if not button.target:
        return k.SUNKEN, "none", k.INK2, k.INK3
    if button.tone in FILLED:
        dark = k.PRIMARY_PRESSED if button.tone == "primary" else k.INK
        fill = dark if pressed else FILLED[button.tone]
        return fill, "none", k.SURFACE, k.SURFACE
    ink, soft = EDGED.get(button.tone, (k.INK, k.PRIMARY_SOFT))
    edge = ink if button.tone in EDGED else k.LINE2
    icon = ink if button.tone in EDGED else k.PRIMARY
    return (soft if pressed else k.SURFACE), edge, ink, icon


def button(c: Canvas, b: Button, box: Box, size: float = 32, *, number: int = 0) -> None:
    """A button with its icon at the left; `number` is the digit key that means it."""
    pressed = bool(b.target) and c.target(b.target, box, b.hold_s)
    fill, edge, ink, icon = _look(b, pressed=pressed)
    c.card(box, fill, 18, edge, 3, shadow=bool(b.target) and not pressed)
    name = "hourglass" if b.busy else b.icon
    x = box.x + 24
    if name:
        c.icon(name, box.x + 46, box.cy, 40, icon)
        x = box.x + 84
    room = box.right - x - (44 if number else 14)
    if number:
        place = Box(box.right - 44, box.y, 34, box.h)
        put(c, str(number), place, 26, k.INK2 if b.tone not in FILLED else ink, align="center")
    size = _whole_words(c, b.words, size, room)
    sub = b.holding[min(c.held_s, len(b.holding) - 1)] if b.holding and pressed else b.sub
    if sub:
        two = min(34.0, box.h / 2 - 6)
        # One line of words stands close above what explains it, in a high button too.
        short = c.width(b.words, size, bold=True) <= room
        pad = max(4.0, (box.h - 88) / 2) if short else 4.0
        words = Box(x, box.y + pad, room, box.h - two - pad * 2)
        block(c, b.words, words, size, ink, bold=True)
        line = Box(x, box.bottom - two - pad - 2, box.right - x - 16, two)
        put(c, sub, line, 26, ink if b.tone else k.INK2)
    else:
        block(c, b.words, box_of(box, x, room), size, ink, bold=True)
    if b.holding and pressed:
        _progress(c, box, c.held_s / len(b.holding))


def _whole_words(c: Canvas, words: str, size: float, room: float) -> float:
    """The size at which no English word is broken."""
    latin = [word for word in words.split() if word.isascii()]
    while size > SMALLEST and any(c.width(word, size, bold=True) > room for word in latin):
        size -= 1
    return size


def box_of(box: Box, x: float, room: float) -> Box:
    """The part of a box where its words go."""
    return Box(x, box.y + 4, room, box.h - 8)


def _progress(c: Canvas, box: Box, part: float) -> None:
    bar = Box(box.right - 204, box.y + 20, 180, 16)
    c.card(bar, k.BAD_SOFT, 8)
    c.card(Box(bar.x, bar.y, max(16.0, bar.w * part), bar.h), k.CALL, 8)


def big(c: Canvas, b: Button, box: Box, size: float) -> None:
    """The primary button: icon and words together in the middle."""
    pressed = bool(b.target) and c.target(b.target, box, b.hold_s)
    fill, edge, ink, icon = _look(b, pressed=pressed)
    c.card(box, fill, 22, edge, 3, shadow=bool(b.target) and not pressed)
    side = size * 1.05
    room = box.w - side - 24 - 48
    while size > SMALLEST and c.width(b.words, size, bold=True) > room:
        size -= 2
    width = min(room, c.width(b.words, size, bold=True))
    x = box.cx - (side + 24 + width) / 2
    lift = box.h * 0.14 if b.sub else 0.0
    c.icon("hourglass" if b.busy else b.icon, x + side / 2, box.cy - lift, side, icon)
    words = Box(x + side + 24, box.y - lift, room, box.h)
    put(c, b.words, words, size, ink, bold=True)
    if b.sub:
        sub = Box(box.x + 24, box.cy + box.h * 0.16, box.w - 48, 44)
        put(c, b.sub, sub, 30, ink, align="center")


def toast(c: Canvas, said: Toast | None, box: Box) -> None:
    """What was said to a press, over whatever stands there."""
    if said is None:
        return
    ink, soft = k.TONES["ok" if said.tone == "ok" else "warn"]
    c.card(box, soft, 18, ink, 3)
    c.icon("tickcircle" if said.tone == "ok" else "triangle", box.x + 46, box.cy, 44, ink)
    words = Box(box.x + 86, box.y + 6, box.w - 104, box.h - 12)
    block(c, said.words, words, 32, ink, bold=True)
