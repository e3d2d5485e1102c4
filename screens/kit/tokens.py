"""Colours, sizes and shapes that all screens share (design notes, ux.md sections 4 to 6).

Colours are `#RRGGBB`, sizes pixels at 1080p.
"""

PAPER, SURFACE, SUNKEN = "#F6F3EE", "#FFFFFF", "#ECE6DC"
INK, INK2, INK3 = "#17242D", "#44525C", "#5F6C75"
LINE, LINE2 = "#D8D0C4", "#857B6D"
PRIMARY, PRIMARY_PRESSED, PRIMARY_SOFT = "#0B4F71", "#083B55", "#E2EDF2"
BRAND, BRAND_SOFT = "#A33A22", "#F8E8E2"
OK, OK_SOFT = "#17694A", "#E0F0E8"
WARN, WARN_SOFT = "#855000", "#FBEED6"
BAD, BAD_SOFT = "#A8133F", "#FBE4EA"
MAINT, MAINT_SOFT = "#5A3E8E", "#ECE7F5"

NIGHT, DECK, RAISE, DARK_LINE = "#071620", "#0E2330", "#16323F", "#2F5263"
TEXT, TEXT2 = "#F5F8FA", "#B7C9D4"
CALL, CALL_INK = "#FFCB45", "#1B1405"
DARK_OK, DARK_INFO, DARK_BAD = "#63D6A6", "#82CBF0", "#FF927E"

TONES: dict[str, tuple[str, str]] = {
    "primary": (PRIMARY, PRIMARY_SOFT),
    "ok": (OK, OK_SOFT),
    "warn": (WARN, WARN_SOFT),
    "bad": (BAD, BAD_SOFT),
    "brand": (BRAND, BRAND_SOFT),
}
"""A state's ink and its soft ground. Colour never speaks alone: an icon and a word go with it."""

CARD_RADIUS, TILE_RADIUS, CHIP_RADIUS = 20, 28, 40
KIOSK_SMALLEST = 40
"""Smallest kiosk text; texts that repeat a Chinese one in English are exempt."""
MM_21_INCH = 0.248
"""Millimetres per pixel of a 21.5-inch 1080p kiosk, the smallest one we lay out for."""
TARGET_MM = 20.0
"""Smallest edge of anything the public touches."""
