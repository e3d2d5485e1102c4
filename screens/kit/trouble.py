"""Why there is no hall to be seen: one page for every screen, in words for whoever set it up."""

from typing import Final

from hallctl.connecting import Trouble
from hallctl.texts import say
from screens.kit import tokens as k
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

LASTING: Final = frozenset(
    {"refused", "server", "foreign", "version", "keyfile", "role", "no_key", "no_role", "address"}
)
"""What no waiting mends: it is shown even over a hall that was seen before."""
KEYS: Final = frozenset({"refused", "server", "keyfile", "role", "no_key", "no_role"})
ICONS: Final = {"version": "swap"} | dict.fromkeys(KEYS, "key")
WIDE, HIGH = 1280, 800
SMALLEST = 40.0


def page(c: Canvas, trouble: Trouble, first: str = "zh") -> None:
    """Fills any screen; nothing on it can be touched. `first` is the large language."""
    c.text_scale = 1.0
    width, height = (edge / c.zoom for edge in c.surface.get_size())
    z = min(width / WIDE, height / HIGH) if width > height else width / HIGH
    other = "en" if first == "zh" else "zh"
    x, room = width / 2 - 560 * z, 1120 * z
    if width <= height:
        x, room = 48 * z, width - 96 * z
    top = height / 2 - 330 * z
    c.fill(k.NIGHT)
    c.icon(ICONS.get(trouble.what, "offline"), width / 2, top + 70 * z, 140 * z, k.DARK_BAD)

    def row(text: str, y: float, high: float, size: float, colour: str, *, bold: bool) -> None:
        box, big = Box(x, top + y * z, room, high * z), max(size * z, SMALLEST)
        c.paragraph(text, box, big, colour, bold=bold, align="center", smallest=SMALLEST)

    row(trouble.words(first), 160, 90, 64, k.TEXT, bold=True)
    row(trouble.remedy(first), 256, 220, 40, k.TEXT2, bold=False)
    row(trouble.words(other), 490, 60, 40, k.TEXT, bold=True)
    row(say(first, "connect.again"), 580, 60, 40, k.TEXT2, bold=False)
