"""The twin of an ID card reader with a SAM_V module (domain notes 3.6), and of the cards.

`AA AA AA 96 69 | LenH LenL | CMD PARA | XOR` in, `… | SW1 SW2 SW3 | data | XOR` out. A card is
found once; it must leave the field before it is found again. The people are made up, with numbers
of a region that does not exist.
"""

import datetime as dt
from typing import Any, ClassVar

from hallctl.simulator.twins.base import Twin

BEGIN = bytes.fromhex("AA AA AA 96 69")
OK, IS_FOUND, BAD_SUM, BAD_COMMAND = 0x90, 0x9F, 0x10, 0x21
READ_FAILED, SELF_TEST, NOT_FOUND, NOT_SELECTED = 0x41, 0x60, 0x80, 0x81
SAM = bytes(range(16))
PHOTO = bytes((n * 7 + 3) & 0xFF for n in range(1024))
FIELDS = (
    ("name", 30), ("sex", 2), ("nation", 4), ("birth", 16), ("address", 70), ("number", 36),
    ("issuer", 30), ("from", 16), ("to", 16), ("reserve", 36),
)  # fmt: skip
"""The text of a card, in bytes of UTF-16LE, filled up with spaces."""
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SOMEBODY = {
    "name": "测试员", "sex": "1", "nation": "01", "birth": "19500101", "address": "测试路1号",
    "issuer": "测试局", "from": "20200101", "to": "长期", "reserve": "",
}  # fmt: skip


def framed(status: int, data: bytes = b"") -> bytes:
    """An answer."""
    body = (len(data) + 4).to_bytes(2, "big") + bytes((0, 0, status)) + data
    check = 0
    for byte in body:
        check ^= byte
    return BEGIN + body + bytes((check,))


def number_of(birth: str, order: int = 1) -> str:
    """An ID number with its check digit (GB 11643), of a region that does not exist."""
    digits = f"990000{birth}{order:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def text_of(card: dict[str, str]) -> bytes:
    """256 bytes of text."""
    return b"".join(
        card[field].ljust(size // 2)[: size // 2].encode("utf-16-le") for field, size in FIELDS
    )


class IdCardSamTwin(Twin):
    """A reader and a field to lay a card on.

    `card_unread`: cards are found and cannot be read. `error`: the module's self-test has failed.
    """

    FAULTS: ClassVar[tuple[str, ...]] = ("error", "card_unread", "wrong_checksum")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._stream = bytearray()
        self._card: dict[str, str] | None = None
        self._stage = ""
        self._fingerprints = False
        self._reads = 0
        self._looks = 0
        self._unknown = 0

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Commands; each is answered at once."""
        self._stream += data
        said = b""
        while True:
            at = self._stream.find(BEGIN)
            if at < 0:
                del self._stream[: max(0, len(self._stream) - len(BEGIN) + 1)]
                return said
            del self._stream[:at]
            if len(self._stream) < 7:  # noqa: PLR2004 - begin and length
                return said
            size = 7 + int.from_bytes(self._stream[5:7], "big")
            if not 10 <= size <= 64:  # noqa: PLR2004 - what a host may send
                del self._stream[:1]
                continue
            if len(self._stream) < size:
                again = self._stream.find(BEGIN, 1)
                if again < 0:
                    return said
                del self._stream[:again]
                continue
            frame = bytes(self._stream[:size])
            del self._stream[:size]
            said += self._spoil(self._told(frame))

    def _spoil(self, answer: bytes) -> bytes:
        if "wrong_checksum" in self.faults:
            return answer[:-1] + bytes((answer[-1] ^ 0x5A,))
        return answer

    def _told(self, frame: bytes) -> bytes:
        self.changed += 1
        check = 0
        for byte in frame[5:]:
            check ^= byte
        if check:
            return framed(BAD_SUM)
        if "error" in self.faults:
            return framed(SELF_TEST)
        match frame[7:-1]:
            case b"\x11\xff" | b"\x10\xff":
                return framed(OK)
            case b"\x12\xff":
                return framed(OK, SAM)
            case b"\x20\x01":
                return self._find()
            case b"\x20\x02":
                if self._stage != "found":
                    return framed(NOT_SELECTED)
                self._stage = "selected"
                return framed(OK, bytes(8))
            case b"\x30\x01":
                return self._read()
        self._unknown += 1
        return framed(BAD_COMMAND)

    def _find(self) -> bytes:
        self._looks += 1
        if self._card is None or self._stage == "read":
            return framed(NOT_FOUND)
        self._stage = "found"
        return framed(IS_FOUND, bytes(4))

    def _read(self) -> bytes:
        if self._stage != "selected" or self._card is None or "card_unread" in self.faults:
            return framed(READ_FAILED)
        self._stage = "read"
        self._reads += 1
        lengths = (256).to_bytes(2, "big") + len(PHOTO).to_bytes(2, "big")
        if self._fingerprints:
            return framed(OK, lengths + b"\x04\x00" + text_of(self._card) + PHOTO + bytes(1024))
        return framed(OK, lengths + text_of(self._card) + PHOTO)

    def press(self, what: dict[str, Any], now: float) -> bytes:  # noqa: ARG002
        """`{"do": "card", "birth": "19500101", "order": 1}` lays a card down, `remove` takes it.

        `fingers` is a card with fingerprints. Raises ValueError for anything else.
        """
        deed = what.get("do")
        if deed == "card":
            birth = str(what.get("birth", SOMEBODY["birth"]))
            dt.date(int(birth[:4]), int(birth[4:6]), int(birth[6:8]))
            number = number_of(birth, int(what.get("order", 1)))
            self._card = SOMEBODY | {"birth": birth, "number": number}
            self._fingerprints = bool(what.get("fingers"))
        elif deed == "remove":
            self._card = None
        else:
            raise ValueError(f"a reader has no keys, only a card to lay on it: {what}")
        self._stage = ""
        self.changed += 1
        return b""

    def state(self) -> dict[str, Any]:
        """Whether a card lies there, and how often one was read."""
        return {
            "card": self._card is not None,
            "stage": self._stage,
            "reads": self._reads,
            "looks": self._looks,
            "unknown": self._unknown,
            "faults": sorted(self.faults),
        }
