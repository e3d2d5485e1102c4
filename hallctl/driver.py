"""The contract between hallctl and a device: a driver is a translator, nothing else.

It never opens, waits, sleeps or asks the time; `now` is handed in (monotonic seconds). So every
driver is tested with hex from the manual, in any fragmentation, without hardware, without waiting.

A file in `drivers/` defines one subclass of `Driver`; its file name is the `driver:` of
devices.yaml, the fields of its `Options` are the keys allowed there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from hallctl.core.effects import Effect, ExerciseDevice
from hallctl.core.reports import Finding, Report, TestEnded


class DriverOptions(BaseModel):
    """Base of a driver's options: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a driver answers: bytes for the wire, reports for the hall, and when to wake it.

    `wake_at` (monotonic seconds) replaces an earlier one; None leaves it as it is. `reopen` says
    why the wire must be closed and opened anew ("" for no such thing): what is at its other end is
    there and does nothing any more. The reports count, `write` does not go out, and `lost` and
    `start` follow as when a wire goes and comes back.
    """

    write: bytes = b""
    reports: tuple[Report, ...] = ()
    wake_at: float | None = None
    reopen: str = ""


class Driver:
    """One device model or family. Override what the device needs; the rest is silent.

    `kind` is printer, strip, keypad, pad, voice or reader; `takes` the effects it understands.
    `example` is a set of options that works, for tests and for the lines `hallctl scan` offers.
    """

    kind: ClassVar[str]
    example: ClassVar[Mapping[str, Any]] = {}
    takes: ClassVar[tuple[type[Effect], ...]] = ()
    private: ClassVar[bool] = False
    """Personal data comes over its wire: the bytes are shown to nobody, not even the last ones."""
    Options: ClassVar[type[DriverOptions]] = DriverOptions

    def __init__(self, options: DriverOptions) -> None:
        self.options = options

    def windows(self) -> tuple[int, ...]:
        """The windows this device belongs to; none for a printer or a voice."""
        return ()

    def start(self, now: float) -> Reply:  # noqa: ARG002 - a silent default
        """The link has opened: greet the device, forget what was half received."""
        return Reply()

    def lost(self, now: float) -> Reply:  # noqa: ARG002
        """The link has gone: report what is in doubt now. Nothing can be written or waited for."""
        return Reply()

    def perform(self, effect: Effect, now: float) -> Reply:  # noqa: ARG002
        """An effect becomes bytes."""
        return Reply()

    def receive(self, data: bytes, now: float) -> Reply:  # noqa: ARG002
        """Bytes as they come, in pieces of any size."""
        return Reply()

    def wake(self, now: float) -> Reply:  # noqa: ARG002
        """What the last `wake_at` was for."""
        return Reply()

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:  # noqa: ARG002
        """The technician asks: exercise the device, report each `Finding`, then `TestEnded`.

        Findings may come later, from `receive` and `wake`; device.py ends a test that never ends.
        A test must not disturb what the device is about to do: keys pressed in an interactive test
        are findings, not presses, and a display shows its text again afterwards.
        """
        finding = Finding(step="answer", result="untested", code="no_question")
        return Reply(reports=(finding, TestEnded()))

    def end_selftest(self, now: float) -> Reply:  # noqa: ARG002
        """The test is broken off: go back to work, report nothing more of it."""
        return Reply()
