"""`python -m screens kiosk|hall|gallery`: one screen, as a process of its own."""

import argparse
import os
import sys
from pathlib import Path

from hallctl.client import HallClient

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")  # else SDL makes a mouse of every finger
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")  # four times faster without a GPU
EX_CONFIG = 78


def main(arguments: list[str] | None = None) -> int:
    """Runs the screen named on the command line; answers the exit code.

    0 after SIGTERM, 78 when a font is missing (one sentence on stderr says which package).
    """
    asked = _parser().parse_args(arguments)
    if asked.screen == "gallery" or asked.frames:
        os.environ["SDL_VIDEODRIVER"] = "dummy"  # before pygame is imported
    from screens.kit.fonts import FontMissing  # noqa: PLC0415 - it imports pygame

    try:
        if asked.screen == "gallery":
            from screens.gallery import save_all  # noqa: PLC0415

            save_all(asked.out, sys.stdout.write)
        else:
            _run(asked)
    except FontMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return EX_CONFIG
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hallctl-screen", description=__doc__)
    kinds = parser.add_subparsers(dest="screen", required=True)
    for kind in ("kiosk", "hall"):
        screen = kinds.add_parser(kind)
        screen.add_argument("--bus", type=Path, required=True, help="the daemon's folder")
        screen.add_argument("--name", default=f"{kind}-1", help="as in devices.yaml")
        screen.add_argument("--frames", type=Path, help="draw for the desk at this socket")
        screen.add_argument("--size", type=_size, help="real pixels, as 1080x1920")
        screen.add_argument("--fullscreen", action="store_true")
        if kind == "kiosk":
            screen.add_argument("--landscape", action="store_true")
    gallery = kinds.add_parser("gallery", help="every page as a PNG")
    gallery.add_argument("out", type=Path)
    gallery.set_defaults(frames=None)
    return parser


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _run(asked: argparse.Namespace) -> None:
    # Imported late: pygame reads its settings from the environment when it is imported.
    from screens.hall.screen import HallScreen  # noqa: PLC0415
    from screens.kiosk.screen import KioskScreen  # noqa: PLC0415
    from screens.kit import stage  # noqa: PLC0415
    from screens.kit.fonts import Fonts  # noqa: PLC0415
    from screens.kit.frames import DeskWire  # noqa: PLC0415

    fonts = Fonts()
    role = "kiosk" if asked.screen == "kiosk" else "screen"
    client = HallClient(asked.bus, role, asked.name)
    screen: stage.Screen
    if asked.screen == "kiosk":
        screen = KioskScreen(asked.name, client.ask, landscape=asked.landscape)
    else:
        screen = HallScreen(asked.name, client.ask)
    surface: stage.Surface
    if asked.frames:
        wire = DeskWire(asked.frames, asked.name)
        surface = stage.DeskSurface(screen.size, asked.size, wire)
    else:
        surface = stage.Glass(screen.size, asked.size, full=asked.fullscreen)
    try:
        stage.Stage(screen, surface, client, fonts).run()
    finally:
        surface.close()
        client.close()


if __name__ == "__main__":
    sys.exit(main())
