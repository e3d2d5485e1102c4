"""A screen drawn for the desk: frames go out, touches come in, over one unix stream socket.

Each message is a 4-byte big-endian length, that many bytes of JSON, and the payload, whose
length is `bytes` of the JSON.
"""

import hashlib
import json
import select
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pygame
from PIL import Image

RETRY_S = 1.0
ALIVE_S = 1.0
FRAME_GAP_S = 0.2
SEND_S = 5.0
PREFIX = 4
MOST_BYTES = 1 << 16
"""The longest header a desk may send."""


def pack(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """One message of the desk's socket."""
    text = json.dumps({**header, "bytes": len(payload)}).encode()
    return len(text).to_bytes(PREFIX, "big") + text + payload


def picture_hash(surface: pygame.Surface) -> str:
    """What a picture is, in one word: sha256 of its RGB bytes."""
    return hashlib.sha256(pygame.image.tobytes(surface, "RGB")).hexdigest()


def png(surface: pygame.Surface) -> bytes:
    """The picture as PNG, packed for speed rather than for size."""
    out = BytesIO()
    picture = Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


@dataclass(slots=True)
class DeskWire:
    """The screen's end of the socket. A lost desk is looked for again each second."""

    path: Path
    screen: str
    _socket: socket.socket | None = None
    _came: bytearray = field(default_factory=bytearray)
    _tried_s: float = -1e9
    _alive_s: float = -1e9
    _sent_s: float = -1e9
    _sent_hash: str = ""
    _count: int = 0
    _due: bool = False

    def keep(self, now_s: float) -> None:
        """Connect when there is no desk; say that we live, once a second."""
        if self._socket is None and now_s - self._tried_s >= RETRY_S:
            self._tried_s = now_s
            self._connect()
        if self._socket is not None and now_s - self._alive_s >= ALIVE_S:
            self._alive_s = now_s
            self._send(pack({"kind": "alive", "screen": self.screen}))

    def _connect(self) -> None:
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(SEND_S)
        try:
            found.connect(str(self.path))
        except OSError:
            found.close()
            return
        self._socket, self._sent_hash, self._due = found, "", True
        self._came.clear()

    def show(self, surface: pygame.Surface, now_s: float, *, touched: bool, changed: bool) -> bool:
        """Send the picture if it is another one and it is time; answers whether it is out."""
        self._due = self._due or changed
        if self._socket is None or not self._due:
            return False
        if not touched and now_s - self._sent_s < FRAME_GAP_S:
            return False
        self._due = False
        digest = picture_hash(surface)
        if digest == self._sent_hash:
            return True
        self._count += 1
        width, height = surface.get_size()
        head = {
            "kind": "frame",
            "screen": self.screen,
            "n": self._count,
            "sha256": digest,
            "width": width,
            "height": height,
        }
        self._sent_s, self._sent_hash = now_s, digest
        self._send(pack(head, png(surface)))
        return self._socket is not None

    def touches(self) -> list[dict[str, Any]]:
        """What the desk has sent since the last time."""
        while self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            try:
                chunk = self._socket.recv(MOST_BYTES)
            except OSError:
                chunk = b""
            if not chunk:
                self.close()
                break
            self._came += chunk
        return self._whole()

    def _whole(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(self._came) >= PREFIX:
            length = int.from_bytes(self._came[:PREFIX], "big")
            if length > MOST_BYTES:
                self.close()
                break
            if len(self._came) < PREFIX + length:
                break
            try:
                header = json.loads(bytes(self._came[PREFIX : PREFIX + length]))
                payload = int(header.get("bytes", 0))
            except (ValueError, AttributeError, TypeError):
                self.close()
                break
            if len(self._came) < PREFIX + length + payload:
                break
            del self._came[: PREFIX + length + payload]
            found.append(header)
        return found

    def _send(self, message: bytes) -> None:
        assert self._socket is not None
        try:
            self._socket.sendall(message)
        except OSError:
            self.close()

    def close(self) -> None:
        """Leave the desk."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
        self._socket = None
        self._came.clear()
