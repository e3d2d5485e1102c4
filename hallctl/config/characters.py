"""Characters that a file of a hall may not hold: nobody sees them, and everybody is misled."""

import unicodedata
from typing import Final

BLANKS: Final = str.maketrans("\n\t\u3000", "   ")
"""Not printable for Python, but nothing odd in a text."""
_BIDI: Final = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def forbidden(char: str) -> bool:
    """Whether it may not stand in a value."""
    if char == "\n":
        return False
    if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}:
        return True
    return char in _BIDI or char == "\ufeff"


def named(char: str) -> str:
    """The character as a message names it."""
    return f"U+{ord(char):04X} ({unicodedata.name(char, 'control character')})"
