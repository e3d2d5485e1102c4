"""A USB bus where pyusb's backend ends: descriptors, claims and transfers, by the USB rules.

pyusb runs for real above it. What libusb and the kernel really do is in tests/vm.
"""

import array
import errno
import threading
from types import SimpleNamespace

import usb.backend
import usb.core


def timed_out():
    return usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)


def failed(number):
    return usb.core.USBError("failed", -1, number)


class Printer:
    """One device. `eats` is how many bytes it still takes (None: all), `trouble` an errno."""

    def __init__(self, place, *, model=(0x0483, 0x5743), interfaces=None, configured=True):
        self.bus, *self.ports = (int(n) for n in place.replace("-", ".").split("."))
        self.model = model
        self.interfaces = interfaces or [Interface(7, [(0x02, 2), (0x81, 2)])]
        self.configured = configured
        self.got = bytearray()
        self.says = bytearray()
        self.eats = None
        self.trouble = {}
        self.driver = "usblp"
        self.log = []
        self.spoke = threading.Event()

    def speak(self, data):
        self.says += data
        self.spoke.set()


class Interface:
    """Its class and endpoints: address and type (2 is bulk, 3 interrupt)."""

    def __init__(self, kind, endpoints, alternate=0):
        self.kind = kind
        self.endpoints = endpoints
        self.alternate = alternate


class Bus(usb.backend.IBackend):
    def __init__(self, *printers):
        self.printers = list(printers)

    def enumerate_devices(self):
        return iter(self.printers)

    def get_parent(self, dev):
        return None

    def get_device_descriptor(self, dev):
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=dev.model[0], idProduct=dev.model[1],
            bcdDevice=0x100, iManufacturer=0, iProduct=0, iSerialNumber=0, bNumConfigurations=1,
            address=5, bus=dev.bus, port_number=dev.ports[-1], port_numbers=tuple(dev.ports),
            speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev, config):
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=len(dev.interfaces),
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0xC0, bMaxPower=1,
            extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev, intf, alt, config):
        if config or intf >= len(dev.interfaces) or alt:
            raise IndexError
        found = dev.interfaces[intf]
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf,
            bAlternateSetting=found.alternate, bNumEndpoints=len(found.endpoints),
            bInterfaceClass=found.kind, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev, ep, intf, alt, config):
        endpoints = dev.interfaces[intf].endpoints
        if ep >= len(endpoints):
            raise IndexError
        address, kind = endpoints[ep]
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=address, bmAttributes=kind,
            wMaxPacketSize=64, bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def _fails(self, dev, act):
        dev.log.append(act)
        number = dev.trouble.get(act)
        if number:
            raise failed(number)

    def open_device(self, dev):
        self._fails(dev, "open")
        return dev

    def close_device(self, dev):
        dev.log.append("close")

    def get_configuration(self, dev):
        return int(dev.configured)

    def set_configuration(self, dev, config_value):
        self._fails(dev, "configure")
        dev.configured = True

    def set_interface_altsetting(self, dev, intf, altsetting):
        self._fails(dev, f"alternate {altsetting}")

    def claim_interface(self, dev, intf):
        if dev.driver:
            raise failed(errno.EBUSY)
        self._fails(dev, "claim")

    def release_interface(self, dev, intf):
        self._fails(dev, "release")

    def is_kernel_driver_active(self, dev, intf):
        return bool(dev.driver)

    def detach_kernel_driver(self, dev, intf):
        self._fails(dev, "detach")
        dev.driver = ""

    def attach_kernel_driver(self, dev, intf):
        self._fails(dev, "attach")
        dev.driver = "usblp"

    def clear_halt(self, dev, ep):
        dev.log.append(f"clear {ep:02x}")

    def bulk_write(self, dev, ep, intf, data, timeout):
        assert ep in (0x01, 0x02)
        if dev.trouble.get("write"):
            raise failed(dev.trouble["write"])
        room = len(data) if dev.eats is None else min(dev.eats, len(data))
        if not room:
            threading.Event().wait(timeout / 1000)
            raise timed_out()
        if dev.eats is not None:
            dev.eats -= room
        dev.got += bytes(data[:room])
        return room  # a count that is short, and no exception: as libusb after a time-out

    def bulk_read(self, dev, ep, intf, buff, timeout):
        assert ep & 0x80
        if dev.trouble.get("read"):
            raise failed(dev.trouble["read"])
        if not dev.spoke.wait(timeout / 1000):
            raise timed_out()
        said = bytes(dev.says[: len(buff)])
        del dev.says[: len(said)]
        if not dev.says:
            dev.spoke.clear()
        buff[: len(said)] = array.array("B", said)
        return len(said)
