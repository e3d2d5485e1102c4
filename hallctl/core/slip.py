"""A slip of paper as the core describes it: lines, sizes, a code, a cut.

No driver holds Chinese text; no core function holds a printer's byte. `Slip` stands between.
"""

from typing import Literal

from hallctl.core.late import dataclass

Align = Literal["left", "center", "right"]
Unended = Literal["doubtful", "unproven"]
"""Why a slip may hang in its printer: something went wrong, or the printer has said nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text.

    `scale` is the whole-number enlargement of the 24-dot body (1 to 8), `bold` heavier strokes,
    `inverse` white on black. A line too long for the paper is broken by the driver, never lost.
    """

    text: str
    scale: int = 1
    align: Align = "left"
    bold: bool = False
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal rule, solid or dashed, across the paper."""

    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Blank paper, in body lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with its payload."""

    payload: str


Part = Line | Rule | Gap | Code


@dataclass(frozen=True, slots=True)
class Slip:
    """What one print job puts on paper, from top to bottom; it ends with a cut."""

    parts: tuple[Part, ...]


BLANK = Slip(())
"""Nothing to print."""
