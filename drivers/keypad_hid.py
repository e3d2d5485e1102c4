"""A clerk's keypad that is an ordinary USB numeric keypad: the cheapest, and it needs no driver.

Makes: any. Manual: USB HID Usage Tables, page 07; the kernel's linux/input-event-codes.h.
Wiring: one keypad per window, on a port of its own; name it by that port, since two equal keypads
can be told apart by nothing else: `link: {evdev: /dev/input/by-path/…-event-kbd}`.

One event taken apart, the keypad's Enter going down (struct input_event, little-endian):

    E8 03 00 00 00 00 00 00   seconds
    00 00 00 00 00 00 00 00   microseconds
    01 00                     type 1: a key
    60 00                     code 96: KEY_KPENTER
    01 00 00 00               value 1: down (0 up, 2 held)

What is typed: digits, then one of  Enter + - * / .  What it means stands in `KEYS` and can be
changed by the option `keys`. Half-typed digits are forgotten after five seconds, and when the
kernel has lost events. A keypad cannot beep and shows nothing: a refusal is seen on the screens.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pydantic import Field, field_validator

from hallctl.core.effects import ExerciseDevice
from hallctl.core.reports import Fault, Key, KeyPressed, Report, TestEnded
from hallctl.driver import Driver, DriverOptions, Reply
from hallctl.presses import Presses, Wanted
from hallctl.protocols.input_event import InputEvents

CODES: Mapping[int, str] = MappingProxyType(
    dict(zip(range(2, 12), "1234567890", strict=True))
    | {71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0"}
    | {28: "enter", 96: "enter", 78: "+", 12: "-", 74: "-", 55: "*", 53: "/", 98: "/"}
    | {52: ".", 83: ".", 121: ".", 14: "backspace"}
)
"""Both the keypad's own keys and those of a main keyboard."""

KEYS: Mapping[str, Key] = MappingProxyType({
    "enter": "call", "#enter": "call", "0enter": "start",
    "+": "recall", "#+": "resume", "0+": "resume",
    "-": "no_show", "0-": "finish",
    "*": "transfer", "#*": "transfer", "0*": "hold",
    "/": "pause", "0/": "cancel",
    ".": "rate", "#.": "confirm",
})  # fmt: skip
"""The key alone, after digits (`#`), or after a single 0. What is not here does nothing."""
DIGITS_MOST = 6
FAULT_GAP_S = 10.0
EVIDENCE_BYTES = 32
ASKED = ("enter", "+", "-", "*", "/", ".")


class KeypadHidOptions(DriverOptions):
    """`window`: where the keypad lies.

    `keys`: what a key means, for keys that shall mean something else than usual: `enter`, `+`, `-`,
    `*`, `/`, `.`, each alone, with `#` before it (after digits) or with `0` before it (after a
    single 0); the meanings are those of docs/keys.md. `entry_s`: digits older than that are
    forgotten.
    """

    window: int
    keys: dict[str, Key] = Field(default_factory=dict)
    entry_s: float = 5.0

    @field_validator("keys")
    @classmethod
    def _known(cls, value: dict[str, Key]) -> dict[str, Key]:
        for name in value:
            if name.lstrip("#0") not in ASKED or len(name) - len(name.lstrip("#0")) > 1:
                raise ValueError(f"'{name}' is no key, for example '0-' or '#enter'")
        return value


class KeypadHid(Driver):
    """One keypad. It repeats nothing and hears nothing, so there is nothing to answer."""

    kind = "keypad"
    takes = ()
    example: ClassVar = {"window": 1}
    Options: ClassVar[type[DriverOptions]] = KeypadHidOptions
    options: KeypadHidOptions

    def __init__(self, options: KeypadHidOptions) -> None:
        super().__init__(options)
        self._keys = {**KEYS, **options.keys}
        self._events = InputEvents()
        self._typed = ""
        self._typed_at = 0.0
        self._count = 0
        self._fault_at: float | None = None
        self._trial: Presses | None = None

    def windows(self) -> tuple[int, ...]:
        """The one window it lies at."""
        return (self.options.window,)

    def start(self, now: float) -> Reply:  # noqa: ARG002
        """Forget what was half typed."""
        self._events.clear()
        self._typed, self._trial = "", None
        return Reply()

    def receive(self, data: bytes, now: float) -> Reply:
        """Keys going down, in the order they did."""
        if self._trial:
            self._trial.piece(data)
        reports: list[Report] = []
        wake_at = None
        for kind, code, dirt in self._events.feed(data):
            if kind == "key" and self._trial:
                tried = self._tried(self._trial.pressed(CODES.get(code, f"code {code}"), now))
                reports += tried.reports
                wake_at = tried.wake_at
            elif kind == "key":
                reports += self._key(code, now)
            elif kind == "lost":
                reports += self._lost(now)
            elif self._trial:
                self._trial.dirt(dirt)
            else:
                reports += self._fault("garbage", dirt.hex(" ").upper()[:96], now)
        return Reply(reports=tuple(reports), wake_at=wake_at)

    def _key(self, code: int, now: float) -> list[Report]:
        key = CODES.get(code)
        if now - self._typed_at > self.options.entry_s:
            self._typed = ""
        self._typed_at = now
        if key is None:
            return []  # NumLock, Tab, a multimedia key
        if key == "backspace":
            self._typed = ""
            return []
        if key.isdigit():
            self._typed = (self._typed + key)[: DIGITS_MOST + 1]
            return []
        typed, self._typed = self._typed, ""
        return self._meant(typed, key, now)

    def _meant(self, typed: str, key: str, now: float) -> list[Report]:
        single = f"0{key}" if typed == "0" else ""
        meaning = self._keys.get(single) or self._keys.get(f"#{key}" if typed else key)
        if meaning is None or len(typed) > DIGITS_MOST:
            return self._fault("unknown_key", f"{typed}{key}", now)
        self._count += 1
        digits = "" if single in self._keys else typed
        press = f"{self.options.window}-{self._count}"
        pressed = KeyPressed(window=self.options.window, key=meaning, digits=digits, press=press)
        return [pressed]

    def _lost(self, now: float) -> list[Report]:
        """Part of what was typed may be missing: nothing of it counts."""
        self._typed = ""
        if self._trial:
            self._trial.lost()
            return []
        return self._fault("keys_lost", "SYN_DROPPED", now)

    def _fault(self, code: str, evidence: str, now: float) -> list[Report]:
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return []
        self._fault_at = now
        return [Fault(code=code, evidence=evidence)]

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Each function key, 0 and 5 in turn."""
        keys = [Wanted(f"key:{key}", key) for key in (*ASKED, "0", "5")]
        self._typed = ""
        self._events.clear()  # the dirt of before is not this test's
        self._trial = Presses.at_level(test.level, keys, window=self.options.window)
        return self._tried(self._trial.begin(now))

    def wake(self, now: float) -> Reply:
        """Only a self-test waits for a time."""
        return self._tried(self._trial.wake(now)) if self._trial else Reply()

    def end_selftest(self, now: float) -> Reply:  # noqa: ARG002
        """Back to work."""
        self._typed, self._trial = "", None
        return Reply()

    def _tried(self, reply: Reply) -> Reply:
        if self._trial is None or self._trial.running:
            return reply
        self._trial = None
        return Reply(reply.write, (*reply.reports, TestEnded()), reply.wake_at)
