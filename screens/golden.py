"""`python -m screens golden`: whether every page is still the picture it was.

One word per scene: the sha256 of its pixels. They mean something only with the same pygame, the
same FreeType and the same fonts; with others only the check can speak.
"""

import argparse
import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pygame
import pygame.freetype

from screens.kit.fonts import Fonts, font_path
from screens.kit.frames import picture_hash
from screens.kit.scene import all_scenes

FILE = Path(__file__).parent.parent / "tests" / "screens" / "golden.json"
LETTERS = 16
"""So many hex digits of a hash are kept."""


@lru_cache(maxsize=1)
def drawn_with() -> dict[str, str]:
    """All that decides about pixels besides our own code."""
    found = {
        "pygame-ce": pygame.version.ver,
        "freetype": ".".join(map(str, pygame.freetype.get_version())),
        "sdl": ".".join(map(str, pygame.get_sdl_version())),
    }
    for weight in ("Regular", "Bold"):
        name = f"NotoSansCJK-{weight}.ttc"
        found[name] = hashlib.sha256(font_path(name).read_bytes()).hexdigest()
    return found


def hashes(only: str = "") -> dict[str, str]:
    """The picture of each scene in one word."""
    fonts = Fonts()
    return {one.name: picture_hash(one.drawn(fonts).surface)[:LETTERS] for one in all_scenes(only)}


def kept(path: Path = FILE) -> tuple[dict[str, str], dict[str, str]]:
    """(drawn with, scenes) as written down; both empty when nothing was."""
    if not path.is_file():
        return {}, {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return found["drawn_with"], found["scenes"]


def renew(path: Path = FILE) -> int:
    """Writes the golden images anew; answers how many there are."""
    scenes = hashes()
    body = {"drawn_with": drawn_with(), "scenes": dict(sorted(scenes.items()))}
    path.write_text(json.dumps(body, indent=0) + "\n", encoding="utf-8")
    return len(scenes)


def differences(was: dict[str, str], now: dict[str, str]) -> list[str]:
    """What is new, gone or another picture."""
    words = {
        name: "new" if name not in was else "gone" if name not in now else "another picture"
        for name in sorted(was.keys() | now.keys())
        if was.get(name) != now.get(name)
    }
    return [f"{name}: {word}" for name, word in words.items()]


def run(asked: argparse.Namespace, say: Callable[[str], object]) -> int:
    """`golden [--renew]`; answers 1 when pictures differ. Raises FontMissing."""
    if asked.renew:
        say(f"{renew()} pictures written down in {FILE}\n")
        return 0
    with_what, was = kept()
    if with_what != drawn_with():
        say("Another pygame, FreeType or font than the golden images were drawn with.\n")
        return 0
    found = differences(was, hashes())
    for line in found:
        say(f"{line}\n")
    return 1 if found else 0
