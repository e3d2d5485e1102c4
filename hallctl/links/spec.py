"""How devices.yaml names a wire: `link: {tcp: 192.168.1.50:9100}` and its kin."""

import re
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

USB_NAME: Final = re.compile(r"\d+-\d+(\.\d+)*|[0-9a-fA-F]{4}:[0-9a-fA-F]{4}", re.ASCII)


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _node(value: str, example: str) -> str:
    if not value.startswith("/"):
        raise ValueError(f"'{value}' is no port path, for example {example}")
    return value


class TcpSpec(_Spec):
    """A device on the network, `host:port`."""

    tcp: str

    @field_validator("tcp")
    @classmethod
    def _has_port(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if not (host and colon and port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004
            raise ValueError(f"'{value}' must be host:port, for example 192.168.1.50:9100")
        return value


class SerialSpec(_Spec):
    """A serial line, named by its port path (`/dev/serial/by-path/…`), 8 data bits, 1 stop bit."""

    serial: str
    baud: int = Field(default=9600, examples=[9600])
    parity: Literal["none", "even", "odd"] = Field(default="none", examples=["none"])
    rtscts: bool = Field(default=False, strict=True, examples=["true"])

    @field_validator("serial")
    @classmethod
    def _is_node(cls, value: str) -> str:
        return _node(value, "/dev/serial/by-path/pci-…-port0")


class UsblpSpec(_Spec):
    """A USB printer the kernel knows, by the link systemd/60-hallctl.rules makes."""

    usblp: str

    @field_validator("usblp")
    @classmethod
    def _is_node(cls, value: str) -> str:
        return _node(value, "/dev/hall/printer/by-path/pci-…")


class UsbSpec(_Spec):
    """A USB device without a kernel driver, by bus and port (`1-1.2`) or, if single, `vid:pid`."""

    usb: str

    @field_validator("usb")
    @classmethod
    def _is_place(cls, value: str) -> str:
        if not USB_NAME.fullmatch(value):
            words = "must be bus and port such as 1-1.2, or vendor and product such as 0483:5743"
            raise ValueError(f"'{value}' {words}")
        return value


class EvdevSpec(_Spec):
    """A keypad or pad that is a USB keyboard, by its port path."""

    evdev: str

    @field_validator("evdev")
    @classmethod
    def _is_node(cls, value: str) -> str:
        return _node(value, "/dev/input/by-path/pci-…-event-kbd")


class SoundSpec(_Spec):
    """The sound card, through a player process of its own; `default` or an ALSA device."""

    sound: str = "default"

    @field_validator("sound")
    @classmethod
    def _can_be_heard(cls, value: str) -> str:
        if value.startswith("capture:"):
            raise ValueError("capture: writes the sound into a file, where nobody hears it")
        return value


class MemorySpec(_Spec):
    """Both ends in one process: for simulations."""

    memory: str


LinkSpec = TcpSpec | SerialSpec | UsblpSpec | UsbSpec | EvdevSpec | SoundSpec | MemorySpec


def named_by_port(spec: LinkSpec) -> bool:
    """Whether the name stays the device's own after the next plug.

    /dev/ttyUSB0, /dev/usb/lp0 and /dev/input/event3 are numbers in the order of plugging, and two
    equal devices share one by-id name. Links elsewhere are somebody's own udev rule.
    """
    match spec:
        case SerialSpec(serial=path) | UsblpSpec(usblp=path) | EvdevSpec(evdev=path):
            numbered = re.fullmatch(r"/dev/(usb/|input/)?[A-Za-z]+\d+", path, re.ASCII)
            onboard = re.fullmatch(r"/dev/ttyS\d+", path, re.ASCII)
            return onboard is not None or (numbered is None and "/by-id/" not in path)
        case UsbSpec(usb=place):
            return ":" not in place
        case _:
            return True
