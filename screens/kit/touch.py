"""From fingers to touched targets. Pure: no pygame, no clock.

A target acts when the finger that came down on it goes up on it; a second finger is ignored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

SLOP_PX = 32
"""How far outside its target a finger may be lifted: 8 mm of a 21.5-inch kiosk."""

LOST_S = 5.0
"""A finger that has been down so long was lifted unseen: another one may act."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in layout pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.h

    @property
    def cx(self) -> float:
        """The x of the middle."""
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        """The y of the middle."""
        return self.y + self.h / 2

    def holds(self, x: float, y: float, slop: float = 0.0) -> bool:
        """Whether the point lies within, or within `slop` pixels of it."""
        inside = self.x - slop <= x < self.right + slop
        return inside and self.y - slop <= y < self.bottom + slop

    def inset(self, dx: float, dy: float = 0.0) -> "Box":
        """The box made smaller by `dx` left and right, `dy` above and below."""
        return Box(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)

    def columns(self, count: int, gap: float) -> list["Box"]:
        """The box divided into equal columns."""
        w = (self.w - gap * (count - 1)) / count
        return [Box(self.x + at * (w + gap), self.y, w, self.h) for at in range(count)]

    def rows(self, count: int, gap: float, most: float = 1e9) -> list["Box"]:
        """The box divided into equal rows, none higher than `most`."""
        h = min(most, (self.h - gap * (count - 1)) / count)
        return [Box(self.x, self.y + at * (h + gap), self.w, h) for at in range(count)]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be touched; with `hold_s` only by a finger that stays so long."""

    id: str
    box: Box
    hold_s: float = 0.0


@dataclass(slots=True)
class Touch:
    """Follows one finger (or the mouse) over the targets of the picture now shown."""

    targets: Sequence[Target] = ()
    pressed: str = ""
    """The target under the finger, for drawing."""
    _finger: object = field(default=None)
    _down_s: float = 0.0

    def down(self, finger: object, x: float, y: float, now_s: float) -> None:
        """A finger comes down at layout pixels x, y."""
        lost = finger == self._finger or now_s - self._down_s > LOST_S
        if self._finger is not None and not lost:
            return
        self._finger, self._down_s = finger, now_s
        self.pressed = next((t.id for t in self.targets if t.box.holds(x, y)), "")

    def up(self, finger: object, x: float, y: float) -> str:
        """A finger goes up; answers the target to act on, "" for none."""
        if self._finger != finger or finger is None:
            return ""
        pressed, self.pressed, self._finger = self.pressed, "", None
        touched = (t for t in self.targets if t.id == pressed and not t.hold_s)
        return pressed if any(t.box.holds(x, y, SLOP_PX) for t in touched) else ""

    def held_s(self, now_s: float) -> float:
        """How long the finger has been down on a target that must be held; else 0."""
        must = any(t.id == self.pressed and t.hold_s for t in self.targets)
        return now_s - self._down_s if must else 0.0

    def held(self, now_s: float) -> str:
        """The target that has been held long enough just now; it acts once, "" for none."""
        held_s = self.held_s(now_s)
        done = any(t.id == self.pressed and 0 < t.hold_s <= held_s for t in self.targets)
        if not done:
            return ""
        pressed, self.pressed = self.pressed, ""
        return pressed
