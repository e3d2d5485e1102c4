"""`python -m screens check`: every page of every screen measured against its limits.

What is measured: contrast of each text against the pixels under it, text sizes, targets and the
gaps between them, the reach line of an upright kiosk, texts wider than their room, cut off or on
each other, and characters the font has no glyph for. The limits are in `kit/scene.py`.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from screens.kit import tokens as k
from screens.kit.canvas import Canvas, Written
from screens.kit.fonts import Fonts
from screens.kit.scene import Limits, Scene, all_scenes

STATUS = frozenset(
    colour.upper()
    for colour in (
        *(k.OK, k.WARN, k.BAD, k.BRAND, k.INK3, k.OK_SOFT, k.WARN_SOFT, k.BAD_SOFT, k.BRAND_SOFT),
        *(k.DARK_OK, k.DARK_INFO, k.DARK_BAD, k.MAINT, k.MAINT_SOFT),
    )
)
"""Colours of status and brand: a text in one of them, or on one of them, is held to less."""
ROUNDING = 0.05
OVERLAP = 0.16
"""How much of their height two lines may share: the room above and below the characters."""
FACE_EDGE = 2
CAPITALS = frozenset("0123456789ABCDEFGHIJKLMNOPRSTUVWXYZ:–—- ")
CAPITAL_HALF = 0.38


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks a limit. `what` is the rule, `words` say where and by how much."""

    scene: str
    what: str
    words: str


Rule = Callable[[Canvas, Limits], Iterator[str]]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two `#RRGGBB` colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]  # noqa: PLR2004 - WCAG's numbers
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def worst_contrast(line: Written) -> float:
    """The contrast of a text against the worst of the colours under it."""
    return min((contrast(line.colour, ground) for ground in line.grounds), default=21.0)


def too_faint(canvas: Canvas, limits: Limits) -> Iterator[str]:
    """Texts that stand out too little from what is under them."""
    for line in canvas.written:
        status = {line.colour.upper(), *line.grounds} & STATUS
        least, found = limits.status if status else limits.contrast, worst_contrast(line)
        if found < least - ROUNDING:
            yield f"{line.text}: {found:.1f}:1, not {least:g}:1 ({line.colour} on {line.grounds})"


def too_small(canvas: Canvas, limits: Limits) -> Iterator[str]:
    """Texts smaller than the class of screens allows; a seal's few characters are a picture."""
    for line in canvas.written:
        least = limits.second if line.exempt else limits.text
        seal = line.exempt and line.colour == "#FFFFFF" and len(line.text) == 1
        if line.size < least - ROUNDING and not seal:
            yield f"{line.text}: {line.size:.0f} px, not {least:g}"


def too_wide(canvas: Canvas, limits: Limits) -> Iterator[str]:  # noqa: ARG001
    """Texts wider than their room, cut off, or beyond the edge of the screen."""
    width, height = canvas.surface.get_size()
    for line in canvas.written:
        box = line.box
        if box.w > line.room.w + 1:
            yield f"{line.text}: {box.w:.0f} px wide in {line.room.w:.0f}"
        if line.cut:
            yield f"{line.text}: cut off"
        if box.x < 0 or box.y < 0 or box.right > width or box.bottom > height:
            yield f"{line.text}: leaves the screen"


def on_each_other(canvas: Canvas, limits: Limits) -> Iterator[str]:  # noqa: ARG001
    """Texts that lie on each other."""
    lines = [line for line in canvas.written if line.text.strip()]
    for at, one in enumerate(lines):
        for other in lines[at + 1 :]:
            wide = min(one.box.right, other.box.right) - max(one.box.x, other.box.x)
            high = min(one.box.cy + _half(one), other.box.cy + _half(other)) - max(
                one.box.cy - _half(one), other.box.cy - _half(other)
            )
            if wide > FACE_EDGE and high > OVERLAP * min(one.size, other.size):
                yield f"{one.text} / {other.text}: {high:.0f} px"


def _half(line: Written) -> float:
    """How far a line reaches up and down from its middle: digits and capitals are lower."""
    low = all(c in CAPITALS for c in line.text)
    return line.size * (CAPITAL_HALF if low else 0.5)


def hard_to_touch(canvas: Canvas, limits: Limits) -> Iterator[str]:
    """Targets that are too small, too close to each other, out of reach, or not on the screen."""
    width, height = canvas.surface.get_size()
    for at, target in enumerate(canvas.targets):
        box = target.box
        edge_mm = min(box.w, box.h) * limits.mm
        if edge_mm < limits.target_mm - ROUNDING:
            yield f"{target.id}: {edge_mm:.1f} mm, not {limits.target_mm:g}"
        if box.y < limits.reach_y and not target.hold_s:  # held ones are staff's, not residents'
            yield f"{target.id}: at y {box.y:.0f}, above {limits.reach_y:g}"
        if box.x < 0 or box.y < 0 or box.right > width or box.bottom > height:
            yield f"{target.id}: leaves the screen"
        for other in canvas.targets[at + 1 :]:
            dx = max(box.x, other.box.x) - min(box.right, other.box.right)
            dy = max(box.y, other.box.y) - min(box.bottom, other.box.bottom)
            if max(dx, dy) < limits.gap - ROUNDING:
                yield f"{target.id} and {other.id}: {max(dx, dy):.0f} px apart, not {limits.gap:g}"


def no_glyph(canvas: Canvas, limits: Limits) -> Iterator[str]:  # noqa: ARG001
    """Characters that the simplified-Chinese face lacks."""
    for line in canvas.written:
        if missing := canvas.fonts.missing(line.text):
            yield f"{line.text}: no glyph for {missing}"


RULES: dict[str, Rule] = {
    "contrast": too_faint,
    "text size": too_small,
    "overflow": too_wide,
    "overlap": on_each_other,
    "targets": hard_to_touch,
    "glyphs": no_glyph,
}


@dataclass(slots=True)
class Tally:
    """The extremes over all pages of one screen, for the table."""

    pages: int = 0
    contrast: float = 21.0
    text: float = 999.0
    target_mm: float = 999.0
    findings: int = 0

    def add(self, canvas: Canvas, limits: Limits, findings: int) -> None:
        """One page more."""
        self.pages += 1
        self.findings += findings
        texts = [line for line in canvas.written if line.text.strip()]
        self.contrast = min([self.contrast, *map(worst_contrast, texts)])
        self.text = min([self.text, *(line.size for line in texts if not line.exempt)])
        edges = [min(t.box.w, t.box.h) * limits.mm for t in canvas.targets]
        self.target_mm = min([self.target_mm, *edges])


def check(scene: Scene, canvas: Canvas) -> list[Finding]:
    """All that breaks a limit on one drawn page."""
    return [
        Finding(scene.name, what, words)
        for what, rule in RULES.items()
        for words in rule(canvas, scene.limits)
    ]


def run(asked: argparse.Namespace, say: Callable[[str], object]) -> int:
    """`check [--only NAME]`: prints findings and a table; answers 1 when there are findings."""
    fonts, tallies = Fonts(), dict[str, Tally]()
    for scene in all_scenes(asked.only):
        canvas = scene.drawn(fonts, measured=True)
        findings = check(scene, canvas)
        for found in findings:
            say(f"{found.scene}: {found.what}: {found.words}\n")
        kind = " ".join(scene.name.split("-")[: 2 if scene.name.startswith("kiosk") else 1])
        tallies.setdefault(kind, Tally()).add(canvas, scene.limits, len(findings))
    say(f"{'screen':18} {'pages':>5} {'contrast':>8} {'text':>5} {'target':>8} {'findings':>8}\n")
    for kind, tally in tallies.items():
        target = f"{tally.target_mm:.0f} mm" if tally.target_mm < 999 else "–"  # noqa: PLR2004
        say(
            f"{kind:18} {tally.pages:5} {tally.contrast:8.1f} {tally.text:5.0f} {target:>8} "
            f"{tally.findings:8}\n"
        )
    return 1 if any(tally.findings for tally in tallies.values()) else 0
