"""`python -m screens SCREEN …`: one screen as a process of its own; also gallery and check.

A screen is any package here with a `screen.py`, which says its words on the command line
(`arguments`), its role on the bus (`role`) and how it is made (`make`).
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from hallctl.client import HallClient
from hallctl.connecting import ConnectError, Remote, Trouble, remote_at
from hallctl.roles import NAMED, NUMBERED

if TYPE_CHECKING:
    from screens.kit.fonts import Fonts
    from screens.kit.nohall import NoHall

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")  # else SDL makes a mouse of every finger
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")  # four times faster without a GPU
EX_OSERR, EX_CONFIG = 71, 78
TOOLS = ("gallery", "check", "golden")


class ScreenModule(Protocol):
    """What a screen package's `screen.py` offers to this file."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the words that only this screen knows; `--window N` also names it `<screen>-N`."""

    def role(self, asked: argparse.Namespace) -> str:
        """Which endpoint of the bus it speaks to."""

    def make(self, asked: argparse.Namespace, client: HallClient) -> object:
        """The screen; `asked.name` is its name."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the screen named on the command line; answers the exit code.

    0 after SIGTERM; 78 when a font is missing (one sentence on stderr says which package), which
    a restart does not mend; 71 without a display and 1 when the display is lost, which it does.
    """
    words = sys.argv[1:] if arguments is None else arguments
    names = sorted(p.parent.name for p in Path(__file__).parent.glob("*/screen.py"))
    # Only the asked screen is imported: one that is broken must not take the others with it.
    parser = argparse.ArgumentParser(prog="hallctl-screen", description=__doc__)
    parser.add_argument("screen", choices=(*names, *TOOLS))
    name = parser.parse_args(words[:1]).screen
    if name in TOOLS or any(w.startswith("--frames") for w in words):
        os.environ["SDL_VIDEODRIVER"] = "dummy"  # before pygame starts
    elif "WAYLAND_DISPLAY" not in os.environ:
        # Without an X server SDL would take any driver it finds, and draw where nobody sees it.
        os.environ.setdefault("SDL_VIDEODRIVER", "x11")
    import pygame  # noqa: PLC0415 - SDL reads its settings from the environment

    from screens.kit.fonts import FontMissing  # noqa: PLC0415

    try:
        return _tool(name, words[1:]) if name in TOOLS else _run(name, words[1:])
    except FontMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return EX_CONFIG
    except pygame.error as error:
        shown = os.environ.get("DISPLAY", "")
        sys.stderr.write(f"no display to draw on (DISPLAY={shown}): {error}\n")
        return EX_OSERR


def _tool(name: str, words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"hallctl-screen {name}")
    if name == "gallery":
        parser.add_argument("out", type=Path, help="a folder for the PNG files")
        parser.add_argument("--only", default="", help="how the scenes' names begin")
        parser.add_argument("--sheet", type=Path, help="also all of them small on one PNG")
    elif name == "check":
        parser.add_argument("--only", default="", help="how the scenes' names begin")
    else:
        parser.add_argument("--renew", action="store_true", help="write the golden images anew")
    tool = cast("Callable[..., int]", importlib.import_module(f"screens.{name}").run)
    return tool(parser.parse_args(words), sys.stdout.write)


def _run(name: str, words: Sequence[str]) -> int:
    from screens.kit.fonts import Fonts  # noqa: PLC0415 - SDL reads the environment first

    fonts = Fonts()
    stopped = False
    while not stopped:  # it begins anew when there is a key where none was
        stopped = _shown(name, words, fonts)
    return 0


def _shown(name: str, words: Sequence[str], fonts: "Fonts") -> bool:
    """Run the screen; False when it only told what is missing, and that is there now."""
    # Imported late: SDL reads its settings from the environment.
    from screens.kit import stage  # noqa: PLC0415
    from screens.kit.frames import DeskWire  # noqa: PLC0415

    module = cast("ScreenModule", importlib.import_module(f"screens.{name}.screen"))
    asked = _asked(name, module, words)
    client, mended = _client(asked, module)
    screen = cast("stage.Screen", module.make(asked, cast("HallClient", client)))
    surface: stage.Surface
    if asked.frames:
        wire = DeskWire(asked.frames, asked.name)
        surface = stage.DeskSurface(screen.size, asked.size, wire)
    else:
        surface = stage.Glass(screen.size, asked.size, full=asked.fullscreen)
    language = getattr(asked, "language", "zh")
    remote = bool(asked.connect)
    shown = stage.Stage(screen, surface, client, fonts, remote, language, mended)
    try:
        shown.run()
    finally:
        surface.close()
        client.close()
    return shown.stopped


def _client(
    asked: argparse.Namespace, module: ScreenModule
) -> "tuple[HallClient | NoHall, Callable[[], bool]]":
    """What the screen hears the hall by, and whether there is another key by now."""
    from screens.kit.nohall import NoHall  # noqa: PLC0415

    role = module.role(asked)
    if not asked.connect:
        return HallClient(asked.bus, role, asked.name), lambda: False
    at = asked.window if role in NUMBERED else asked.name
    wanted = f"{role}:{at}" if role in (*NUMBERED, *NAMED) else role
    first: Remote | None = None

    def mended() -> bool:
        try:
            return _place(asked) != first
        except ConnectError:
            return False

    try:
        first = _place(asked)
        return HallClient(_place(asked, wanted), name=asked.name), mended
    except ConnectError as problem:
        sys.stderr.write(f"{problem}\n")
        return NoHall(problem.trouble), mended


def _asked(name: str, module: ScreenModule, words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"hallctl-screen {name}")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--bus", type=Path, help="the daemon's folder on this machine")
    where.add_argument("--connect", default="", help="a key file, or tcp://host:port with --key")
    parser.add_argument("--key", type=Path, help="NAME.hallkey, with --connect tcp://…")
    parser.add_argument("--name", default="", help="as in devices.yaml")
    parser.add_argument("--frames", type=Path, help="draw for the desk at this socket")
    parser.add_argument("--size", type=_size, help="real pixels, as 1080x1920")
    parser.add_argument("--fullscreen", action="store_true")
    place, _ = parser.parse_known_args(words)
    module.arguments(parser)
    asked = parser.parse_args([*_of_key(place), *words])
    asked.name = asked.name or f"{name}-{getattr(asked, 'window', 1)}"
    return asked


def _of_key(asked: argparse.Namespace) -> list[str]:
    """What the key tells need not be said: the window, or the name. Words behind it overrule it."""
    if not asked.connect:
        return []
    try:
        standing = _place(asked).standing
    except ConnectError:
        return []
    role, at = standing.role, standing.place
    if role in NUMBERED:
        return ["--window", at]
    if role in NAMED:
        return ["--name", at]
    return ["--role", role] if role == "guide" else []


def _place(asked: argparse.Namespace, role: str = "") -> Remote:
    """Where the command line says the hall is. Raises ConnectError."""
    if not asked.connect.startswith("tcp://"):
        return remote_at(Path(asked.connect), role=role)
    if asked.key is None:
        raise ConnectError(Trouble("no_key", (("address", asked.connect),)))
    return remote_at(asked.key, asked.connect, role)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
