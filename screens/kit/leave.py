"""请马上离开: the page of an evacuation, the same on every screen of the hall. It stands still."""

from hallctl.texts import say
from screens.kit.canvas import Canvas
from screens.kit.touch import Box

GROUND, INK = "#7A120D", "#FFFFFF"
WIDE, HIGH = 1920, 1080
SMALLEST, SECOND = 40.0, 36.0
"""The last line repeats another one."""


def page(c: Canvas, first: str = "zh") -> None:
    """Fills any screen. Both languages stand there; `first` is the large one.

    An evacuation is no time to look for a button: there is nothing to touch on it.
    """
    c.text_scale = 1.0
    width, height = (edge / c.zoom for edge in c.surface.get_size())
    c.fill(GROUND)
    words = [say(first, f"leave.{key}") for key in ("title", "sub", "more")]
    other = "en" if first == "zh" else "zh"
    words += [say(other, f"leave.{key}") for key in ("title", "sub")]
    if width > height:
        _lying(c, width, height, words)
    else:
        _upright(c, width, height, words)


def _lying(c: Canvas, width: float, height: float, words: list[str]) -> None:
    z = min(width / WIDE, height / HIGH)
    top = height / 2 - 250 * z
    c.icon("run", 0.22 * width, height / 2, 400 * z, INK)
    x, room = 0.38 * width, 0.58 * width
    rows = ((0, 170, 150), (190, 100, 76), (300, 80, 56), (410, 70, 60), (480, 60, 48))
    _rows(c, words, rows, (x, room, top, z), "left")


def _upright(c: Canvas, width: float, height: float, words: list[str]) -> None:
    z = width / HIGH
    c.icon("run", width / 2, height * 0.27, 440 * z, INK)
    rows = ((0, 180, 170), (200, 110, 64), (310, 90, 56), (460, 80, 64), (540, 70, 46))
    _rows(c, words, rows, (40 * z, width - 80 * z, height * 0.45, z), "center")


def _rows(
    c: Canvas,
    words: list[str],
    rows: tuple[tuple[int, int, int], ...],
    place: tuple[float, float, float, float],
    align: str,
) -> None:
    x, room, top, z = place
    for at, (text, (y, high, size)) in enumerate(zip(words, rows, strict=True)):
        box = Box(x, top + y * z, room, max(high * z, SMALLEST))
        big = max(SMALLEST, size * z)
        last = at == len(rows) - 1
        least = SECOND if last else SMALLEST
        bold = at in (0, 1, 3)
        c.text(text, box, big, INK, bold=bold, align=align, smallest=least, exempt=last)
