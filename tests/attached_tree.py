"""A make-believe /dev, /sys and /proc, with the links udev makes."""

from pathlib import Path

PORT = "pci-0000:00:14.0-usb-0:{port}:1.0"


class Tree:
    """Plug things in; `root` is where they are."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, path: str, text: str = "") -> Path:
        found = self.root / path
        found.parent.mkdir(parents=True, exist_ok=True)
        found.write_text(text)
        return found

    def link(self, path: str, target: Path) -> None:
        found = self.root / path
        found.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * (len(Path(path).parts) - 1)
        found.symlink_to(f"{up}{target.relative_to(self.root)}")

    def usb(self, port: str, model: str, name: str) -> Path:
        """A USB device at a port, as sysfs shows it; its first interface is given."""
        about = self.root / f"sys/devices/pci/usb1/1-{port}"
        vendor, product = model.split(":")
        where = about.relative_to(self.root)
        self.file(f"{where}/idVendor", f"{vendor}\n")
        self.file(f"{where}/idProduct", f"{product}\n")
        self.file(f"{where}/product", f"{name}\n")
        interface = about / f"1-{port}:1.0"
        interface.mkdir()
        self.link(f"sys/bus/usb/devices/1-{port}", about)
        self.link(f"sys/bus/usb/devices/1-{port}:1.0", interface)
        return interface

    def serial(self, number: int, port: str, model="1a86:7523", name="USB Serial", by_path=True):
        node = self.file(f"dev/ttyUSB{number}")
        interface = self.usb(port, model, name)
        (interface / f"ttyUSB{number}").mkdir()
        self.link(f"sys/class/tty/ttyUSB{number}/device", interface / f"ttyUSB{number}")
        if by_path:
            self.link(f"dev/serial/by-path/{PORT.format(port=port)}-port0", node)
            newer = PORT.format(port=port).replace("-usb-", "-usbv2-")
            self.link(f"dev/serial/by-path/{newer}-port0", node)
        return f"/dev/serial/by-path/{PORT.format(port=port)}-port0"

    def keypad(self, number: int, port: str, model="1c4f:0026", name="USB Keypad"):
        node = self.file(f"dev/input/event{number}")
        vendor, product = model.split(":")
        self.file(f"sys/class/input/event{number}/device/name", f"{name}\n")
        self.file(f"sys/class/input/event{number}/device/id/vendor", f"{vendor}\n")
        self.file(f"sys/class/input/event{number}/device/id/product", f"{product}\n")
        path = f"dev/input/by-path/{PORT.format(port=port)}-event-kbd"
        self.link(path, node)
        return f"/{path}"

    def printer(self, port: str, number: int | None = 0, *, rule: bool = True):
        """A USB printer; `number` None for one no kernel driver has, `rule` for our udev rule."""
        interface = self.usb(port, "0483:5743", "POS Printer")
        (interface / "bInterfaceClass").write_text("07\n")
        if number is None:
            return f"1-{port}"
        node = self.file(f"dev/usb/lp{number}")
        (interface / "usbmisc" / f"lp{number}").mkdir(parents=True)
        self.link(f"sys/class/usbmisc/lp{number}/device", interface)
        path = f"dev/hall/printer/by-path/{PORT.format(port=port)}"
        if rule:
            self.link(path, node)
        return f"/{path}"

    def sound(self) -> None:
        self.file(
            "proc/asound/cards",
            " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
            "                      HDA Intel PCH at 0xf7c10000 irq 30\n"
            " 1 [HDMI           ]: HDA-Intel - HDA NVidia\n"
            "                      HDA NVidia at 0xf7080000 irq 17\n",
        )
        (self.root / "proc/asound/card0/pcm0p").mkdir(parents=True)
        (self.root / "proc/asound/card1/pcm3c").mkdir(parents=True)
