"""USB devices to plug and unplug, made by the kernel's gadget drivers (hardware notes §4).

dummy_hcd is a USB controller joined to a device controller inside the kernel: what hangs on
`dummy_udc.N` is seen by the host drivers (usbhid, cdc_acm, usblp) at a port of its own.
"""

import fcntl
import os
import subprocess
import tty
from contextlib import contextmanager
from pathlib import Path

from links.waiting import until

GADGETS = Path("/sys/kernel/config/usb_gadget")
GADGET_SET_PRINTER_STATUS = (3 << 30) | (1 << 16) | (ord("g") << 8) | 0x22
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503"
    "910395067508150025650507190029658100c0"
)
"""The report descriptor of a boot keyboard (HID 1.11, appendix B.1)."""


def settle():
    """Wait until udev has named what came and went."""
    subprocess.run(["udevadm", "settle"], check=True)


class Gadget:
    """One device at one port. All of a class are equal: same numbers, no serial number."""

    function = ""
    model = ("0x1d6b", "0x0104")

    def __init__(self, port):
        self.port = port
        self.name = f"{self.function}{port}"
        self.folder = GADGETS / self.name
        self.part = self.folder / f"functions/{self.function}.{self.name}"
        self.folder.mkdir()
        self._set("idVendor", self.model[0])
        self._set("idProduct", self.model[1])
        (self.folder / "strings/0x409").mkdir()
        self._set("strings/0x409/manufacturer", "Hall")
        self._set("strings/0x409/product", "Twin")
        self.part.mkdir()
        self.describe()
        (self.folder / "configs/c.1").mkdir()
        (self.folder / "configs/c.1" / self.part.name).symlink_to(self.part)

    def _set(self, name, value):
        (self.folder / name).write_bytes(value if isinstance(value, bytes) else value.encode())

    def describe(self):
        """Set what the function wants set."""

    def plug(self):
        """Put it into its port and wait for its name."""
        self._set("UDC", f"dummy_udc.{self.port}")
        until(self.host.exists)
        settle()

    def pull(self):
        """Pull it out, if it is in, and wait for nothing."""
        if (self.folder / "UDC").read_text().strip():
            self._set("UDC", "\n")

    def unplug(self):
        """Pull it out and wait until its name is gone."""
        self.pull()
        until(lambda: not self.host.exists())
        settle()

    @property
    def number(self):
        """The name by the order of plugging that the port path leads to now: `ttyACM1`."""
        return self.host.resolve().name

    @property
    def path(self):
        return f"platform-dummy_hcd.{self.port}-usb-0:1:1.0"


class Keypad(Gadget):
    """A USB keyboard."""

    function = "hid"

    def describe(self):
        for name, value in (("protocol", "1"), ("subclass", "1"), ("report_length", "8")):
            (self.part / name).write_text(value)
        (self.part / "report_desc").write_bytes(KEYBOARD)

    @property
    def host(self):
        return Path(f"/dev/input/by-path/{self.path}-event-kbd")

    def open(self):
        minor = (self.part / "dev").read_text().strip().partition(":")[2]
        return os.open(f"/dev/hidg{minor}", os.O_RDWR)

    def speak(self, usage):
        """Press and release a key, by its number in the HID usage table."""
        with opened(self) as fd:
            os.write(fd, bytes((0, 0, usage, 0, 0, 0, 0, 0)))
            os.write(fd, bytes(8))


class Serial(Gadget):
    """A USB serial adapter."""

    function = "acm"

    @property
    def host(self):
        return Path(f"/dev/serial/by-path/{self.path}")

    def open(self):
        number = (self.part / "port_num").read_text().strip()
        fd = os.open(f"/dev/ttyGS{number}", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(fd)
        return fd

    def speak(self, letter):
        """Send a byte."""
        with opened(self) as fd:
            os.write(fd, bytes((letter,)))


class Printer(Gadget):
    """A USB printer."""

    function = "printer"
    made = 0

    def __init__(self, port):
        self.minor, Printer.made = Printer.made, Printer.made + 1
        super().__init__(port)

    def describe(self):
        # The two dots make up for the length, in which the gadget forgets its own two bytes.
        (self.part / "pnp_string").write_text("MFG:Hall;MDL:Twin-80;CLS:PRINTER;..")
        (self.part / "q_len").write_text("10")

    @property
    def host(self):
        return Path(f"/dev/hall/printer/by-path/{self.path}")

    def open(self):
        return os.open(f"/dev/g_printer{self.minor}", os.O_RDWR | os.O_NONBLOCK)

    def speak(self, letter):
        """Send a byte."""
        with opened(self) as fd:
            os.write(fd, bytes((letter,)))

    @staticmethod
    def status(fd, value):
        """Set the port's status byte; it is off line whenever nobody has its own end open."""
        fcntl.ioctl(fd, GADGET_SET_PRINTER_STATUS, value)


@contextmanager
def opened(gadget):
    """The device's own end of its wire."""
    fd = gadget.open()
    try:
        yield fd
    finally:
        os.close(fd)
