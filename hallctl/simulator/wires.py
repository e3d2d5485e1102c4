"""Real wires with a twin at the far end: a pty for a serial line, a TCP port for the network.

The daemon opens them as it opens a device, by the address a links file gives, and sees what it
would see of a device: bytes in pieces, a line that goes dead, a peer that stops reading.
"""

import asyncio
import os
import select
import socket
import struct
import time
import tty
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from hallctl.simulator.faults import FaultyLine
from hallctl.simulator.twins.base import Twin

WAKE_EVERY_S = 0.05
FRAMES_KEPT = 64
FRAME_SHOWN_BYTES = 256
READ_BYTES = 4096
INBOX_MAX_BYTES = 65536
OUTBOX_MAX_BYTES = 65536


class Wire:
    """What both kinds share. `log` holds the last frames, newest last, `way` seen from hallctl.

    `line` is the twin as the wire meets it: with everything that can be wrong between the two.
    Use: `await wire.start()` … `await wire.close()`, or `async with`.
    """

    WIRE_FAULTS = ("unplug", "stall")

    def __init__(self, twin: Twin, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.twin = twin
        self.line = FaultyLine(twin)
        self.log: deque[dict[str, Any]] = deque(maxlen=FRAMES_KEPT)
        self.unplugged = False
        self.stalled = False
        self._clock = clock
        self._inbox = bytearray()
        self._waking: asyncio.Task[None] | None = None

    @property
    def faults(self) -> tuple[str, ...]:
        """Every fault that `fault` takes: the wire's, the line's and the device's."""
        return self.WIRE_FAULTS + self.line.names

    @property
    def faults_on(self) -> set[str]:
        """What is wrong at present."""
        wrong = {"unplug"} if self.unplugged else set()
        return wrong | ({"stall"} if self.stalled else set()) | self.line.faults

    @property
    def address(self) -> dict[str, str]:
        """The link as devices.yaml and a links file write it."""
        raise NotImplementedError

    async def start(self) -> None:
        """Open the wire and begin to wake the twin. Raises OSError when it cannot."""
        await self._plug()
        self._waking = asyncio.create_task(self._wake())

    async def close(self) -> None:
        """Give everything back: file descriptors, connections, the task, the link."""
        waking, self._waking = self._waking, None
        if waking is not None:
            waking.cancel()
            with suppress(asyncio.CancelledError):
                await waking
        await self._unplug()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def fault(self, name: str, on: bool) -> None:
        """Make something wrong or right again; ValueError for an unknown name.

        `unplug` pulls the cable (what was on its way is lost), `stall` is a device that no longer
        reads; all others are the line's and the twin's own.
        """
        if name == "unplug":
            if on != self.unplugged:
                self.unplugged = on
                self._inbox.clear()
                await (self._unplug() if on else self._plug())
        elif name == "stall":
            self.stalled = on
            self._pump()
        else:
            self.line.fault(name, on)
        self.twin.changed += name in self.WIRE_FAULTS

    def press(self, what: dict[str, Any]) -> None:
        """A person acts on the device; what it says goes out at once. ValueError as the twin's."""
        self._say(self.line.press(what, self._clock()))

    async def _wake(self) -> None:
        while True:
            await asyncio.sleep(WAKE_EVERY_S)
            self._pump()
            self._say(self.line.wake(self._clock()))
            self._tend()

    def _take(self, data: bytes) -> None:
        """Bytes off the wire: the twin gets as many as it has room for, the rest waits."""
        self._inbox += data
        self._pump()

    def _pump(self) -> None:
        while self._inbox and not self.stalled:
            taken = bytes(self._inbox[: max(0, self.twin.room())])
            if not taken:
                break
            del self._inbox[: len(taken)]
            self._note("to", taken)
            self._say(self.line.receive(taken, self._clock()))
        self._reading(on=not self.stalled and len(self._inbox) < INBOX_MAX_BYTES)

    def _note(self, way: str, data: bytes) -> None:
        """`way`: "to" the device or "from" it; long frames are shown by their beginning."""
        shown = data[:FRAME_SHOWN_BYTES].hex(" ")
        self.log.append({"at": self._clock(), "way": way, "hex": shown, "bytes": len(data)})

    def _say(self, data: bytes) -> None:
        """Send what the twin says; on a dead wire it is lost, as it would be."""
        if data and self._send(data):
            self._note("from", data)
            self.twin.changed += 1

    # -- what the two kinds do differently -----------------------------------------------------

    async def _plug(self) -> None:
        raise NotImplementedError

    async def _unplug(self) -> None:
        raise NotImplementedError

    def _reading(self, *, on: bool) -> None:
        raise NotImplementedError

    def _send(self, data: bytes) -> bool:
        raise NotImplementedError

    def _tend(self) -> None:
        """Called 20 times a second."""


class PtyWire(Wire):
    """A serial line: `path` becomes a link to a pty, as by-path links point to a ttyUSB.

    The far side of the pty is not kept open here, so a hung-up line is known, and what a twin
    says then is lost instead of waiting for whoever opens it next.
    """

    def __init__(
        self, twin: Twin, path: str | Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(twin, clock=clock)
        self.path = Path(path)
        self._master = -1
        self._watched = False
        self._present = False
        self._outbox = bytearray()

    @property
    def address(self) -> dict[str, str]:
        """`{"serial": path}`."""
        return {"serial": str(self.path)}

    async def _plug(self) -> None:
        master, slave = os.openpty()
        try:
            tty.setraw(slave)
            os.set_blocking(master, False)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_name(f".{self.path.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.ttyname(slave))
            fresh.replace(self.path)
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)
        self._master = master
        self._pump()

    async def _unplug(self) -> None:
        if self._master < 0:
            return
        self._reading(on=False)
        self._present = False
        self._outbox.clear()
        self.path.unlink(missing_ok=True)
        os.close(self._master)
        self._master = -1

    def _hung_up(self) -> bool:
        """Whether nobody has the line open."""
        poll = select.poll()
        poll.register(self._master, 0)
        return any(event & select.POLLHUP for _, event in poll.poll(0))

    def _reading(self, *, on: bool) -> None:
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        # A hung-up master is always readable (EIO), so it is watched only while somebody is there.
        wanted = on and (self._watched or not self._hung_up())
        if wanted and not self._watched:
            loop.add_reader(self._master, self._ready)
        elif self._watched and not wanted:
            loop.remove_reader(self._master)
        self._watched = wanted
        if wanted and not self._present:
            self._present = True
            self._say(self.line.opened(self._clock()))

    def _ready(self) -> None:
        try:
            data = os.read(self._master, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:  # EIO: the daemon has closed it, and may open it again
            data = b""
        if data:
            self._take(data)
        else:
            asyncio.get_running_loop().remove_reader(self._master)
            self._watched = self._present = False
            self._outbox.clear()

    def _send(self, data: bytes) -> bool:
        if self._master < 0 or self._hung_up() or len(self._outbox) > OUTBOX_MAX_BYTES:
            return False
        self._outbox += data
        self._tend()
        return True

    def _tend(self) -> None:
        if self._master < 0 or not self._outbox:
            return
        try:
            del self._outbox[: os.write(self._master, self._outbox)]
        except BlockingIOError:  # nobody reads at the far end; tried again in a moment
            pass
        except OSError:  # hung up between the question and the write
            self._outbox.clear()


class TcpWire(Wire):
    """A device on the network, listening on 127.0.0.1; `port` 0 takes a free one and keeps it."""

    def __init__(
        self, twin: Twin, port: int = 0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(twin, clock=clock)
        self.port = port
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.BaseTransport, _Connection] = {}

    @property
    def address(self) -> dict[str, str]:
        """`{"tcp": "127.0.0.1:port"}`."""
        return {"tcp": f"127.0.0.1:{self.port}"}

    async def _plug(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), "127.0.0.1", self.port, family=socket.AF_INET
        )
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _unplug(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        # asyncio leaks a connection whose acceptance is under way when its server closes, so the
        # listener first goes deaf, and what is half in comes in (and is cut in `joined`).
        for listener in server.sockets:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        for _ in range(3):
            await asyncio.sleep(0)
        server.close()
        gone = [connection.gone.wait() for connection in self._connections.values()]
        for connection in list(self._connections.values()):
            connection.abort()
        await asyncio.gather(*gone)
        await server.wait_closed()

    def _reading(self, *, on: bool) -> None:
        for connection in self._connections.values():
            connection.reading(on=on)

    def _send(self, data: bytes) -> bool:
        # A device has one output, whoever is connected; in practice that is one.
        sent = [connection.send(data) for connection in list(self._connections.values())]
        return any(sent)

    def joined(self, connection: "_Connection", transport: asyncio.Transport) -> None:
        """A client has connected; one that was half in when the plug was pulled is out again."""
        if self._server is None:
            connection.abort()
            return
        self._connections[transport] = connection
        self._pump()
        self._say(self.line.opened(self._clock()))

    def left(self, transport: asyncio.Transport) -> None:
        """A client is gone."""
        self._connections.pop(transport, None)

    def took(self, data: bytes) -> None:
        """A client has sent something."""
        self._take(data)


class _Connection(asyncio.Protocol):
    """One client of a `TcpWire`."""

    def __init__(self, wire: TcpWire) -> None:
        self._wire = wire
        self._transport: asyncio.Transport | None = None
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._wire.joined(self, transport)

    def data_received(self, data: bytes) -> None:
        self._wire.took(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the base's
        if self._transport is not None:
            self._wire.left(self._transport)
            self._transport = None
        self.gone.set()

    def reading(self, *, on: bool) -> None:
        """Whether to read from the socket; while not, the kernel's buffers fill."""
        if self._transport is None or self._transport.is_closing():
            return
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def send(self, data: bytes) -> bool:
        """Send, unless it is closing or the client has long stopped reading."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > OUTBOX_MAX_BYTES:
            return False
        transport.write(data)
        return True

    def abort(self) -> None:
        """Cut the connection without a farewell: the other end gets a reset."""
        if self._transport is not None:
            line = self._transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
