"""From a person's finger to a device: real daemon, real drivers, twins at ptys and sockets."""

import os
import subprocess
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness import Bench, Measures, Result, quantiles, scenario
from load import FLOOR, Clients, checked, clients, floor, hall

from hallctl.simulator.twins.escpos import EscposTwin
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from hallctl.simulator.twins.led_cpower import LedCpowerTwin
from hallctl.simulator.wires import PtyWire, TcpWire
from running import TwinThread, wait_until

WINDOW = 3
DEVICES = f"""\
devices:
  printer-1: {{driver: escpos, link: {{tcp: "127.0.0.1:1"}}, serves: [kiosk-1], paper_mm: 80}}
  keypads: {{driver: keypad_rs485, link: {{serial: /dev/x}}, windows: {{{WINDOW}: {WINDOW}}}}}
  strips: {{driver: led_cpower, link: {{serial: /dev/y}}, strips: {{{WINDOW}: {WINDOW}}}}}
"""
TEXT_FRAME = b"\xa5\x68\x32" + bytes((WINDOW,)) + b"\x7b"
"""How a frame with a text for the window's strip begins."""
SLIP = b"\x1b@"
"""How a slip begins."""
APART_S = 0.1
"""A clerk's presses, and a printer's tickets, come no faster."""
PATIENT_S = 30.0


class Heard:
    """When bytes came in at a twin; `since` waits for those that hold something."""

    def __init__(self) -> None:
        self._came = threading.Condition()
        self._all = bytearray()
        self._at: list[tuple[int, float]] = []

    def note(self, data: bytes) -> None:
        """Bytes have come."""
        now_s = time.perf_counter()
        with self._came:
            self._at.append((len(self._all), now_s))
            self._all += data
            self._came.notify_all()

    def mark(self) -> int:
        """A place to look from."""
        with self._came:
            return len(self._all)

    def since(self, mark: int, sought: bytes) -> float:
        """When the piece came in that `sought` begins in."""
        with self._came:
            found = self._came.wait_for(lambda: self._all.find(sought, mark) >= 0, PATIENT_S)
            assert found, f"{sought.hex(' ')} did not come in {PATIENT_S} s"
            place = self._all.find(sought, mark)
            return max(at_s for begun, at_s in self._at if begun <= place)


class Strip(PtyWire):
    """A line of strips that tells when it hears."""

    def hears(self, heard: Heard) -> "Strip":
        """`heard` is told of what comes in."""
        self._heard = heard
        return self

    def _take(self, data: bytes) -> None:
        self._heard.note(data)
        super()._take(data)


class Printer(TcpWire):
    """A printer that tells when it hears."""

    def hears(self, heard: Heard) -> "Printer":
        """`heard` is told of what comes in."""
        self._heard = heard
        return self

    def _take(self, data: bytes) -> None:
        self._heard.note(data)
        super()._take(data)


class Rig:
    """A hall with a keypad, a strip and a printer."""

    def __init__(self, twins: TwinThread, strip: Heard, printer: Heard, asked: Clients) -> None:
        self.twins, self.strip, self.printer = twins, strip, printer
        self.asked, self.asker = asked, asked.asker()

    def ticket(self) -> float:
        """Take a ticket; gives when it was asked for."""
        begun_s = time.perf_counter()
        self.asker.send(self.asked.next("kiosk-1"))
        checked(self.asker.recv())
        return begun_s

    def press(self, key: str) -> tuple[int, float]:
        """Press a key; gives what the strip had heard before, and when it was pressed."""
        mark, begun_s = self.strip.mark(), time.perf_counter()
        self.twins.press("keypads", {"window": WINDOW, "key": key})
        return mark, begun_s


@contextmanager
def rig() -> Iterator[Rig]:
    """All of it, with every wire up."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        twins, strip, printer = TwinThread(), Heard(), Heard()
        stack.callback(twins.close)
        pads, cards = {"windows": {WINDOW: WINDOW}}, {"strips": {WINDOW: WINDOW}, "columns": 8}
        twins.add("printer-1", Printer(EscposTwin({"paper_mm": 80})).hears(printer))
        twins.add("keypads", PtyWire(KeypadRs485Twin(pads), folder / "keypads"))
        twins.add("strips", Strip(LedCpowerTwin(cards), folder / "strips").hears(strip))
        served = stack.enter_context(hall(DEVICES, links=twins.links()))
        found = Rig(twins, strip, printer, stack.enter_context(clients(served)))
        wait_until(lambda: strip.mark() and printer.mark())
        time.sleep(2)
        yield found


def pressed(found: Rig, count: int) -> Measures:
    """顺呼 → the frame with the ticket's number on the strip's line."""
    waits = []
    for _ in range(count):
        found.ticket()
        time.sleep(APART_S)
        mark, begun_s = found.press("call")
        waits.append(found.strip.since(mark, TEXT_FRAME) - begun_s)
        time.sleep(APART_S)
        mark, _ = found.press("rate")
        found.strip.since(mark, TEXT_FRAME)
        time.sleep(APART_S)
    return quantiles(waits)


def touched(found: Rig, count: int) -> Measures:
    """A ticket is asked for → the first byte of its slip at the printer."""
    waits = []
    for _ in range(count):
        mark = found.printer.mark()
        begun_s = found.ticket()
        waits.append(found.printer.since(mark, SLIP) - begun_s)
        time.sleep(APART_S * 3)
    return quantiles(waits)


@contextmanager
def bare_wires() -> Iterator[Callable[[int], Measures]]:
    """The floor between two ptys: a key's frame comes, is stored, a strip's frame goes out."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        ends = [os.openpty() for _ in range(2)]
        for _, far in ends:
            tty.setraw(far)
        names = [os.ttyname(far) for _, far in ends]
        with subprocess.Popen([sys.executable, FLOOR, folder, "--wire", *names]) as process:
            try:
                yield lambda count: _echoed(ends[0][0], ends[1][0], count)
            finally:
                process.kill()
        for near, far in ends:
            os.close(near)
            os.close(far)


def _echoed(key: int, strip: int, count: int) -> Measures:
    waits = []
    for _ in range(count):
        begun_s = time.perf_counter()
        os.write(key, b"\xff\x68\x03\x01\x00\x00\x6c\xfe")
        assert os.read(strip, 4096)
        waits.append(time.perf_counter() - begun_s)
        time.sleep(APART_S)
    return quantiles(waits)


@contextmanager
def bare_printer() -> Iterator[Callable[[int], Measures]]:
    """The floor with a printer: the ticket is stored, then a slip's bytes go out by TCP."""
    twins, heard = TwinThread(), Heard()
    try:
        twins.add("printer", Printer(EscposTwin({"paper_mm": 80})).hears(heard))
        address = twins.links()["printer"]["tcp"]
        with floor(printer=address) as served, clients(served) as found:
            yield lambda count: _printed(found, heard, count)
    finally:
        twins.close()


def _printed(found: Clients, heard: Heard, count: int) -> Measures:
    asker, waits = found.asker(), []
    for _ in range(count):
        mark, begun_s = heard.mark(), time.perf_counter()
        asker.send(found.next())
        checked(asker.recv())
        waits.append(heard.since(mark, SLIP) - begun_s)
        time.sleep(APART_S * 3)
    return quantiles(waits)


@scenario("key", "A key is pressed → the strip's frame is on its line")
def key(bench: Bench) -> Result:
    """Keypad and strips on a pty each."""
    count = bench.much(20, 5)
    with bare_wires() as bare, rig() as found:
        subjects = {"floor": lambda: bare(count), "hall": lambda: pressed(found, count)}
        return bench.side_by_side(subjects, against="floor", rounds=bench.much(5, 2))


@scenario("touch", "A ticket is asked for → its first byte is at the printer")
def touch(bench: Bench) -> Result:
    """By the bus, to a printer on TCP."""
    count = bench.much(12, 5)
    notes = [
        "The hall asks the printer first whether it can print, and stores that the slip is sent",
        "before its first byte: two commits and a question where the floor has one commit.",
    ]
    with bare_printer() as bare, rig() as found:
        subjects = {"floor": lambda: bare(count), "hall": lambda: touched(found, count)}
        return bench.side_by_side(subjects, against="floor", rounds=bench.much(5, 2), notes=notes)
