"""A USB device without a kernel driver of its own, through pyusb: vendor-class printers.

Printers that the kernel knows are better off with `usblp`. What pyusb leaves to its callers is done
here (hardware notes §0 and §6): the endpoints come from the descriptors, a count that is short is
never taken for the whole, and a kernel driver that was taken off is put back on closing.

pyusb blocks, so two threads pump between the device and a socket pair. The other socket is the
link: its buffers are the bounded queues, its descriptor is what device.py waits on.
"""

import contextlib
import errno
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import usb.core
import usb.util

from hallctl.links.base import LinkError, broken, not_open, number_of
from hallctl.texts import say

PIECE_BYTES = 4096
QUEUE_BYTES = 16_384
TRANSFER_MS = 100
"""So long a transfer may block: closing waits for it."""
STUCK_S = 10.0
"""So long a device may take no byte before what is on its way counts as lost."""
JOIN_S = 2.0
PRINTER_CLASS = 7
VENDOR_CLASS = 255

PORT: Final = re.compile(r"\d+-\d+(\.\d+)*", re.ASCII)
"""Bus and ports, as the kernel writes them: `1-1.2` is port 2 of the hub at port 1 of bus 1."""
MODEL: Final = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}", re.ASCII | re.IGNORECASE)

_REMEDIES: Final = {
    errno.EACCES: "remedy.usb_rights",
    errno.EPERM: "remedy.usb_rights",
    errno.EBUSY: "remedy.usb_busy",
    errno.ENODEV: "remedy.unplugged",
    errno.ENOENT: "remedy.unplugged",
    errno.EPIPE: "remedy.usblp_failed",
    errno.EIO: "remedy.usblp_failed",
}


def port_of(device: Any) -> str:  # noqa: ANN401 - pyusb has no types
    """A device's place: `1-1.2`."""
    return f"{device.bus}-{'.'.join(map(str, device.port_numbers or (0,)))}"


class UsbLink:
    """One device, named by its port (`1-1.2`) or, where there is only one, by `vid:pid`.

    `backend` is pyusb's, None for libusb.
    """

    def __init__(self, where: str, *, backend: Any = None, stuck_s: float = STUCK_S) -> None:  # noqa: ANN401
        self.where = where
        self._backend = backend
        self._stuck_s = stuck_s
        self._line: socket.socket | None = None
        self._pumps: _Pumps | None = None
        self._taken = 0

    def open(self) -> int:
        """Find the device, take its kernel driver off, claim it, and start the pumps."""
        self.close()
        try:
            device = self._found()
            claim = _Claim(device)
        except usb.core.NoBackendError as problem:
            raise LinkError(f"{self._at}: {problem}", say("zh", "remedy.usb_library")) from problem
        except (usb.core.USBError, NotImplementedError) as problem:
            raise broken(self._at, problem, _REMEDIES, "remedy.replug") from problem
        self._line, far = socket.socketpair()
        for end in (self._line, far):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, QUEUE_BYTES)
        self._line.setblocking(False)
        self._taken = 0
        self._pumps = _Pumps(claim, far, self._stuck_s)
        return self._line.fileno()

    @property
    def _at(self) -> str:
        return f"usb {self.where}"

    def _found(self) -> Any:  # noqa: ANN401
        there = list(usb.core.find(find_all=True, backend=self._backend))
        if MODEL.fullmatch(self.where):
            vendor, product = (int(part, 16) for part in self.where.split(":"))
            fits = [d for d in there if (d.idVendor, d.idProduct) == (vendor, product)]
        else:
            fits = [d for d in there if port_of(d) == self.where]
        if len(fits) > 1:
            words = f"{self._at}: {len(fits)} devices: {', '.join(sorted(map(port_of, fits)))}"
            raise LinkError(words, say("zh", "remedy.usb_two"))
        if not fits:
            seen = [f"{port_of(d)} {d.idVendor:04x}:{d.idProduct:04x}" for d in there]
            words = f"{self._at}: no such device; there are: {', '.join(seen) or 'none'}"
            raise LinkError(words, say("zh", "remedy.unplugged"))
        return fits[0]

    def _live(self) -> tuple[socket.socket, "_Pumps"]:
        if self._line is None or self._pumps is None:
            raise not_open(self._at)
        return self._line, self._pumps

    def _broken(self, pumps: "_Pumps") -> LinkError:
        self.close()
        problem = pumps.problem or OSError(errno.ENODEV, "ended")
        words = f"{self._at}: {pumps.gone} of {self._taken} bytes written"
        if isinstance(problem, _StuckError):
            return LinkError(words, say("zh", "remedy.usb_stuck"))
        return broken(words, problem, _REMEDIES, "remedy.replug")

    def read(self) -> bytes:
        """What the device has said."""
        line, pumps = self._live()
        try:
            got = line.recv(PIECE_BYTES)
        except BlockingIOError:
            return b""
        except OSError as problem:
            raise self._broken(pumps) from problem
        if not got:
            raise self._broken(pumps)
        return got

    def write(self, payload: bytes) -> int:
        """Queue what there is room for. Bytes that never reach the device break the wire."""
        line, pumps = self._live()
        try:
            taken = line.send(payload)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise self._broken(pumps) from problem
        self._taken += taken
        return taken

    def unsent(self) -> int:
        """What the device has not taken yet."""
        return 0 if self._pumps is None else self._taken - self._pumps.gone

    def close(self) -> None:
        """End the pumps, let go of the device and give it back to its kernel driver."""
        line, self._line = self._line, None
        pumps, self._pumps = self._pumps, None
        if line is not None:
            line.close()
        if pumps is not None:
            pumps.end()


class _StuckError(OSError):
    """A device takes nothing any more."""


class _Claim:
    """An interface that is ours, and its two endpoints; `inward` is None for one without."""

    def __init__(self, device: Any) -> None:  # noqa: ANN401
        self.device = device
        try:
            configuration = device.get_active_configuration()
        except usb.core.USBError as problem:
            if number_of(problem) in _REMEDIES:
                raise
            device.set_configuration()  # never one that is set: that resets the device
            configuration = device.get_active_configuration()
        interface = _printing(configuration)
        if interface is None:
            words = f"usb {port_of(device)}: no interface with a bulk endpoint outward"
            raise LinkError(words, say("zh", "remedy.usb_no_pipe"))
        self._number = interface.bInterfaceNumber
        self.outward, self.inward = _bulk(interface, 0), _bulk(interface, 0x80)
        self._had_driver = False
        try:
            with contextlib.suppress(NotImplementedError):  # other systems have no such drivers
                if device.is_kernel_driver_active(self._number):
                    device.detach_kernel_driver(self._number)
                    self._had_driver = True
            usb.util.claim_interface(device, self._number)
            if interface.bAlternateSetting:
                device.set_interface_altsetting(self._number, interface.bAlternateSetting)
        except BaseException:
            self.give_back()
            raise

    def give_back(self) -> None:
        """Release the interface and let the kernel's driver have it again."""
        gone = contextlib.suppress(usb.core.USBError, NotImplementedError)
        with gone:
            usb.util.release_interface(self.device, self._number)
        with gone:
            if self._had_driver:
                self.device.attach_kernel_driver(self._number)
        with gone:
            usb.util.dispose_resources(self.device)


def _printing(configuration: Any) -> Any:  # noqa: ANN401
    """The interface to write to: a printer's if there is one, else the maker's own, else any."""

    def likely(interface: Any) -> tuple[bool, bool, int]:  # noqa: ANN401
        kind = interface.bInterfaceClass
        return (kind != PRINTER_CLASS, kind != VENDOR_CLASS, _bulk(interface, 0x80) is None)

    return min((i for i in configuration if _bulk(i, 0)), key=likely, default=None)


def _bulk(interface: Any, way: int) -> Any:  # noqa: ANN401
    """The first bulk endpoint of an interface: `way` 0 is outward, 0x80 inward."""
    for endpoint in interface:
        kind = usb.util.endpoint_type(endpoint.bmAttributes)
        if kind == usb.util.ENDPOINT_TYPE_BULK and endpoint.bEndpointAddress & 0x80 == way:
            return endpoint
    return None


class _Pumps:
    """Two threads between a device and a socket. `gone` counts the bytes the device has taken."""

    def __init__(self, claim: _Claim, line: socket.socket, stuck_s: float) -> None:
        self.problem: OSError | None = None
        self.gone = 0
        self._claim = claim
        self._line = line
        self._stuck_s = stuck_s
        self._ending = False
        acts = [self._outward] + ([self._inward] if claim.inward is not None else [])
        self._threads = [
            threading.Thread(target=self._pump, args=(act,), name="usb", daemon=True)
            for act in acts
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop both, then give the device back. Takes a transfer's time."""
        self._ending = True
        self._hang_up()
        for thread in self._threads:
            thread.join(JOIN_S)
        self._line.close()
        self._claim.give_back()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def _pump(self, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError as problem:  # USBError is one
            if not self._ending:
                self.problem = self.problem or problem
                if number_of(problem) == errno.EPIPE:
                    self._clear_halts()
        finally:
            self._hang_up()

    def _clear_halts(self) -> None:
        """A device that has refused a transfer refuses all until it is told to go on."""
        for endpoint in (self._claim.outward, self._claim.inward):
            if endpoint is not None:
                with contextlib.suppress(usb.core.USBError, NotImplementedError):
                    endpoint.clear_halt()

    def _outward(self) -> None:
        while piece := self._line.recv(PIECE_BYTES):
            moved_at = time.monotonic()
            while piece:
                if self._ending:
                    return
                with contextlib.suppress(usb.core.USBTimeoutError):
                    taken = self._claim.outward.write(piece, TRANSFER_MS)
                    piece = piece[taken:]
                    self.gone += taken
                    moved_at = time.monotonic() if taken else moved_at
                if piece and time.monotonic() - moved_at > self._stuck_s:
                    raise _StuckError(errno.ETIMEDOUT, "no byte taken")

    def _inward(self) -> None:
        piece = self._claim.inward.wMaxPacketSize * 8  # whole packets, or libusb overflows
        while not self._ending:
            with contextlib.suppress(usb.core.USBTimeoutError):
                self._line.sendall(self._claim.inward.read(piece, TRANSFER_MS).tobytes())
