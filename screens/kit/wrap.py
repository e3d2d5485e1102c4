"""Breaking text into lines, the Chinese way: 避头尾, and Latin words and numbers stay whole.

Pure: the width of a text is asked of the caller, so no font is needed to test it.
"""

from collections.abc import Callable

NOT_FIRST = "，。、；：？！）》」』】〉”’…—·,.;:?!)%〕"
"""No line begins with one of these."""
NOT_LAST = "（《「『【〈“‘(〔"
"""No line ends with one of these."""
_FULL_WIDTH = str.maketrans(",?:;!", "，？：；！")


def full_width(text: str) -> str:
    """ASCII punctuation after a Chinese character becomes full-width."""
    out: list[str] = []
    for char in text:
        after_chinese = bool(out) and "\u4e00" <= out[-1] <= "\u9fff"
        out.append(char.translate(_FULL_WIDTH) if after_chinese else char)
    return "".join(out)


def pieces(text: str) -> list[str]:
    """The smallest parts that may not be broken: one Chinese character, or one Latin word."""
    out: list[str] = []
    for char in text:
        glued = bool(out) and (
            char in NOT_FIRST or out[-1][-1] in NOT_LAST or (_latin(char) and _latin(out[-1][-1]))
        )
        if glued:
            out[-1] += char
        else:
            out.append(char)
    return out


def _latin(char: str) -> bool:
    return char not in " \u200b" and char < "\u2e80"


def wrap(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """The lines of `text` for `room` pixels; a piece wider than the room is cut by characters."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in pieces(paragraph):
            if not line or width((line + piece).rstrip()) <= room:
                line += piece if line else piece.lstrip()
            else:
                lines.append(line.rstrip())
                line = piece.lstrip()
            while width(line.rstrip()) > room and len(line) > 1:
                fits = _fitting(line, room, width)
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line.rstrip())
    return lines


def _fitting(line: str, room: float, width: Callable[[str], float]) -> int:
    fits = 1
    while fits < len(line) - 1 and width(line[: fits + 1]) <= room:
        fits += 1
    return fits
