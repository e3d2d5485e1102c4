"""A hall in a folder of the test's own, and drivers that exist nowhere else."""

import shutil
from pathlib import Path
from typing import ClassVar

import pytest

from hallctl.config.devices_file import UnknownDriverError
from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.driver import Driver, DriverOptions

REPO = Path(__file__).parents[2]

CATALOGUE = """\
common_note: ""
items:
  SB01:
    name: 城乡居民养老保险参保登记
    queue: B
    category: social
    checked: false
    source: memory
    basis: 国发〔2014〕8号
    conditions: ""
    procedure: ""
    limit: 即时办结
    fee: ""
    notes: ""
    materials:
      - {name: 身份证, form: 原件核验, icon: idcard}
"""

DEVICES = """\
devices:
  printer-1:
    driver: escpos
    link: {tcp: 192.168.10.21:9100}
    serves: [kiosk-1]
    paper_mm: 80
  keypads:
    driver: keypad_rs485
    link: {serial: /dev/serial/by-path/one, baud: 9600}
    windows: {1: 1, 2: 2}
  pad-1:
    driver: pad_serial
    link: {serial: /dev/serial/by-path/two}
    window: 1
"""


class PrinterOptions(DriverOptions):
    paper_mm: int = 80
    encoding: str = "gb18030"


class Printer(Driver):
    kind = "printer"
    Options = PrinterOptions


class KeypadOptions(DriverOptions):
    windows: dict[int, int]


class Keypads(Driver):
    kind = "keypad"
    Options = KeypadOptions

    def windows(self):
        return tuple(self.options.windows.values())


class StripOptions(DriverOptions):
    strips: dict[int, int]
    columns: int = 64


class Strips(Driver):
    kind = "strip"
    Options = StripOptions

    def windows(self):
        return tuple(self.options.strips.values())


class PadOptions(DriverOptions):
    window: int


class Pad(Driver):
    kind = "pad"
    Options = PadOptions

    def windows(self):
        return (self.options.window,)


class Voice(Driver):
    kind = "voice"


class Hall:
    """The three files in a folder, and what loading them says."""

    drivers: ClassVar = {
        "escpos": Printer,
        "keypad_rs485": Keypads,
        "led_cpower": Strips,
        "pad_serial": Pad,
        "voice_clips": Voice,
    }

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(REPO / "hall.yaml", folder)
        self.write("catalogue.yaml", CATALOGUE)
        self.write("devices.yaml", DEVICES)

    def driver_class(self, name):
        try:
            return self.drivers[name]
        except KeyError:
            raise UnknownDriverError(name, tuple(self.drivers)) from None

    def load(self):
        return load(self.folder, driver_class=self.driver_class)

    def problems(self):
        try:
            self.load()
        except ConfigError as error:
            return error.problems
        return ()

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def write(self, name, text):
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def change(self, name, old, new):
        text = self.read(name)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1


@pytest.fixture
def hall(tmp_path):
    return Hall(tmp_path)


@pytest.fixture(scope="session")
def shared_hall(tmp_path_factory):
    """For tests that write whole files before they load: hypothesis and mutations."""
    return Hall(tmp_path_factory.mktemp("hall"))
