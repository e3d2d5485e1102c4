"""The frames socket: screens hand their own surfaces out here and take touches in.

One message, both ways: four bytes with the header's length (big-endian), the header as JSON, then
`header["bytes"]` bytes of payload. A screen sends

    {"kind": "frame", "screen": "kiosk-1", "n": 7, "sha256": "…", "width": …, "height": …,
     "bytes": …} + PNG          (sha256 is that of the raw RGB pixels)
    {"kind": "alive", "screen": "kiosk-1"}                                     once a second

and is sent `{"kind": "touch", "phase": "down" | "up", "x": 0…1, "y": 0…1}` and, when it has a
keyboard, `{"kind": "key", "key": "space"}` (keys as SDL names them).
"""

import asyncio
import contextlib
import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STALE_AFTER_S = 3.0
"""A screen that said nothing for so long is shown as stopped."""

_HEADER_MOST = 256 * 1024
_PAYLOAD_MOST = 32 * 1024 * 1024
_LENGTH = struct.Struct(">I")

Header = dict[str, Any]


class FrameError(Exception):
    """A message on the frames socket that nobody can read, or a screen that is not there."""


@dataclass(slots=True)
class Tile:
    """What is known of one screen: its newest frame and when it was last heard.

    `heard_mono_s` is monotonic, `heard_wall_s` hall time; both count any message.
    """

    screen: str
    header: Header = field(default_factory=dict)
    png: bytes = b""
    heard_mono_s: float = 0.0
    heard_wall_s: float = 0.0

    def stale(self, mono_s: float) -> bool:
        """Whether the screen has been silent too long to be believed."""
        return mono_s - self.heard_mono_s > STALE_AFTER_S


def pack(header: Header, payload: bytes = b"") -> bytes:
    """One message as it goes over the socket."""
    head = json.dumps({**header, "bytes": len(payload)}, ensure_ascii=False).encode()
    return _LENGTH.pack(len(head)) + head + payload


async def read_message(reader: asyncio.StreamReader) -> tuple[Header, bytes]:
    """The next message. Raises FrameError on nonsense, IncompleteReadError at the end."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > _HEADER_MOST:
        raise FrameError(f"a header of {length} bytes")
    try:
        header = json.loads(await reader.readexactly(length))
    except ValueError as error:
        raise FrameError(f"a header that is no JSON: {error}") from error
    if not isinstance(header, dict) or not isinstance(header.get("screen", ""), str):
        raise FrameError("a header without a screen's name")
    size = header.get("bytes", 0)
    if not isinstance(size, int) or not 0 <= size <= _PAYLOAD_MOST:
        raise FrameError(f"a payload of {size} bytes")
    return header, await reader.readexactly(size)


class Frames:
    """The server end. `changed` is told after each new frame; `wall_s` is hall time."""

    def __init__(
        self,
        path: Path,
        changed: Callable[[Tile], None],
        wall_s: Callable[[], float],
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.tiles: dict[str, Tile] = {}
        self.mono_s = mono_s
        self._changed = changed
        self._wall_s = wall_s
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when the path cannot be bound (a path over 107 bytes, say)."""
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path)
        self.path.chmod(0o600)

    async def close(self) -> None:
        """Hang up on every screen and stop listening."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        if self._server is not None:
            await self._server.wait_closed()
        self.path.unlink(missing_ok=True)

    async def touch(self, screen: str, phase: str, x: float, y: float) -> None:
        """Hand a touch in. Raises FrameError when the screen is not connected."""
        await self._send(screen, {"kind": "touch", "phase": phase, "x": x, "y": y})

    async def key(self, screen: str, key: str) -> None:
        """Hand a key in, by SDL's name. Raises FrameError when the screen is not connected."""
        await self._send(screen, {"kind": "key", "key": key})

    async def _send(self, screen: str, message: Header) -> None:
        writer = self._writers.get(screen)
        if writer is None:
            raise FrameError(f"{screen} 现在没有运行，点不到。")
        try:
            writer.write(pack(message))
            await writer.drain()
        except OSError as error:
            raise FrameError(f"{screen} 刚刚断开，点不到。") from error

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                header, payload = await read_message(reader)
                self._take(header, payload, writer)
        except (asyncio.IncompleteReadError, FrameError, OSError):
            pass  # the screen ended, or speaks another protocol: its tile turns stale by itself
        finally:
            self._open.discard(writer)
            for screen in [s for s, w in self._writers.items() if w is writer]:
                del self._writers[screen]
            writer.close()

    def _take(self, header: Header, payload: bytes, writer: asyncio.StreamWriter) -> None:
        screen = header.get("screen")
        if not screen:
            raise FrameError("a message of no screen")
        tile = self.tiles.setdefault(screen, Tile(screen))
        self._writers[screen] = writer
        tile.heard_mono_s, tile.heard_wall_s = self.mono_s(), self._wall_s()
        if header.get("kind") == "frame":
            tile.header, tile.png = header, payload
            self._changed(tile)
