"""What all twins share: the other end of a device, which reads its bytes by code of its own.

A twin is pure, like a driver: it opens nothing, waits for nothing, and is told the time. So a
driver and a twin are joined byte by byte in a test, or over a real pty or socket on the desk
(`hallctl.simulator.wires`), and the twin does not know the difference.
"""

from typing import Any, ClassVar

RECEIVE_ROOM_BYTES = 1 << 20
"""What a twin takes at once unless it has a receive buffer to fill."""


class Twin:
    """One device. Override what it does; the rest is silent.

    `options` is the device's `options` of devices.yaml as a plain dict. `changed` counts up
    whenever `state()` or `picture()` may read differently.
    """

    FAULTS: ClassVar[tuple[str, ...]] = ()
    """What can be wrong with the device itself; a dead or stalled wire is the wire's own."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.changed = 0
        self.faults: set[str] = set()

    def opened(self, now: float) -> bytes:  # noqa: ARG002 - a silent default
        """Somebody has opened the line; what the device says to that."""
        return b""

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Bytes as they come, in pieces of any size; what the device answers at once."""
        return b""

    def wake(self, now: float) -> bytes:  # noqa: ARG002
        """Called about 20 times a second; what the device says of its own accord."""
        return b""

    def press(self, what: dict[str, Any], now: float) -> bytes:  # noqa: ARG002
        """A person acts on the device. Raises ValueError for what it does not have."""
        raise ValueError(f"{type(self).__name__} has nothing to press: {what}")

    def fault(self, name: str, on: bool) -> None:
        """Make something wrong, or right again. Raises ValueError for an unknown name."""
        if name not in self.FAULTS:
            raise ValueError(f"'{name}' is none of {', '.join(self.FAULTS) or 'no faults'}")
        (self.faults.add if on else self.faults.discard)(name)
        self.changed += 1

    def room(self) -> int:
        """How many bytes the device can take now; a wire gives it no more than that."""
        return RECEIVE_ROOM_BYTES

    def picture(self) -> dict[str, bytes]:
        """What one would see, as PNG by name."""
        return {}

    def state(self) -> dict[str, Any]:
        """What one would read off the device: plain JSON."""
        return {}


def by_address(table: dict[Any, Any]) -> dict[int, int]:
    """`{address: window}` with whole numbers, whatever YAML or JSON made of the keys."""
    return {int(address): int(window) for address, window in table.items()}
