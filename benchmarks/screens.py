"""What the screens cost: a full redraw of every page, and what happens when nothing changes.

    python benchmarks/screens.py [--most RATIO]

Times are told as ratios too, against a bare fill and flip of the same surface in the same run, so
that machines can be compared. `--most` ends with 1 when a redraw costs more than RATIO fills.
"""

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import pygame

from screens import sample
from screens.kit.canvas import Canvas
from screens.kit.fonts import Fonts
from screens.kit.scene import Scene, all_scenes
from screens.kit.stage import Glass, Stage

ROUNDS = 5
SECONDS = 60
"""So many seconds of an hour in which nothing happens are played."""


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=float, default=0.0)
    most = parser.parse_args().most
    fonts, by_screen = Fonts(), defaultdict[str, list[float]](list)
    fills = {size: fill_ms(size) for size in ((1920, 1080), (1080, 1920), (1280, 800))}
    slowest, worst = "", 0.0
    scenes = list(all_scenes())
    for scene in scenes:
        ms = redraw_ms(scene, fonts)
        by_screen[scene.name.split("-")[0]].append(ms)
        ratio = ms / fills.get(scene.screen.size, fills[1920, 1080])
        if ratio > worst:
            slowest, worst = scene.name, ratio
    print(f"bare fill and flip: 1920×1080 {fills[1920, 1080]:.2f} ms\n")
    print(f"{'screen':8} {'pages':>5} {'median ms':>9} {'slowest ms':>10} {'× fill':>6}")
    for name, all_ms in by_screen.items():
        middle = statistics.median(all_ms)
        times = max(all_ms) / fills[1920, 1080]
        print(f"{name:8} {len(all_ms):5} {middle:9.1f} {max(all_ms):10.1f} {times:6.1f}")
    print(f"\nslowest: {slowest}, {worst:.1f} fills")
    drawn = sum(idle_redraws(scene, fonts) for scene in _one_of_each(scenes))
    print(f"redraws in {SECONDS} s in which nothing changes, all screens: {drawn}")
    return 1 if drawn or (most and worst > most) else 0


def _one_of_each(scenes: list[Scene]) -> list[Scene]:
    first = {scene.name.split("-")[0]: scene for scene in reversed(scenes)}
    return list(first.values())


def best_ms(what: Callable[[], object]) -> float:
    """The quickest of some rounds: what the machine's other work leaves alone."""
    found = []
    for _ in range(ROUNDS):
        begun_s = time.perf_counter()
        what()
        found.append((time.perf_counter() - begun_s) * 1000)
    return min(found)


def fill_ms(size: tuple[int, int]) -> float:
    """A plain ground and a flip."""
    pygame.display.init()
    window = pygame.display.set_mode(size)

    def once() -> None:
        window.fill("#0E2330")
        pygame.display.flip()

    found = best_ms(once)
    pygame.display.quit()
    return found


def redraw_ms(scene: Scene, fonts: Fonts) -> float:
    """A whole page again, with warm caches, as when a number on it has changed."""
    surface = pygame.Surface(scene.screen.size)
    return best_ms(lambda: scene.screen.draw(Canvas(surface, fonts), scene.page))


class StillHall:
    """A hall in which nothing happens, not even a minute."""

    stale_since_s = None

    def __init__(self) -> None:
        self.hall = sample.morning().hall

    def waits(self) -> dict[str, tuple[int, int]]:
        """No forecast."""
        return {}

    def now(self) -> object:
        """Always the same time."""
        return sample.moment()

    def poll(self, timeout_s: float) -> list[object]:  # noqa: ARG002
        """No news."""
        return []


def idle_redraws(scene: Scene, fonts: Fonts) -> int:
    """How often a screen draws in a minute without news, after it has drawn once."""
    drawn, clock_s = [0], [1000.0]
    screen, draw = scene.screen, scene.screen.draw

    class Counting:
        """The screen, counting; its clock stands, so that no notice is paged."""

        def __getattr__(self, name: str) -> object:
            return getattr(screen, name)

        def draw(self, canvas: Canvas, page: object) -> None:
            drawn[0] += 1
            draw(canvas, page)

        def show(self, sight: object) -> object:  # noqa: ARG002
            return screen.show(sample.sight_of(sample.morning()))

    glass = Glass(screen.size, (640, 640), full=False)
    stage = Stage(Counting(), glass, StillHall(), fonts, clock=lambda: clock_s[0])
    for _ in range(SECONDS * 30):
        clock_s[0] += 1 / 30
        stage.turn(0)
    glass.close()
    return drawn[0] - 1


if __name__ == "__main__":
    sys.exit(main())
