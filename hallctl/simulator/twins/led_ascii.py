r"""The twin of LED strips that take lines of text (domain.md 3.4, b).

`@03|W|text*CCCC\r\n` writes, `@03|Q*CCCC\r\n` asks; CCCC is CRC-16/MODBUS of what stands between @
and *, in hex. The answer is `@03|OK|n*CCCC\r\n`, n the texts taken since power came on, or
`@03|ER|reason*CCCC\r\n`. Address 00 is everybody, and nobody answers it.

Options: `strips` {address: window}, `columns` (ideographs side by side, 8).
"""

from typing import Any

from hallctl.simulator.twins import strips

LINE_MAX_BYTES = 512
NOBODY = b"00"


class LedAsciiTwin(strips.StripsTwin):
    """Several strips on one line."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._line = bytearray()
        self._taken = dict.fromkeys(self.strips, 0)

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Cut the bytes into lines; the answers of those that were asked."""
        said = bytearray()
        for byte in data:
            self._line.append(byte)
            if byte == ord("\n"):
                line, self._line = bytes(self._line), bytearray()
                said += self._read(line)
            elif len(self._line) > LINE_MAX_BYTES:
                self.spoilt(bytes(self._line))
                self._line.clear()
        return bytes(said)

    def _read(self, line: bytes) -> bytes:
        dirt, _, whole = line.partition(b"@")
        checked, star, check = whole.rstrip(b"\r\n").rpartition(b"*")
        self.spoilt(dirt)
        if not star or check != _check(checked):
            self.spoilt(whole)
            return b""
        to, _, order = checked.partition(b"|")
        if not to.isdigit():
            self.spoilt(whole)
            return b""
        answer = b""
        for address in list(self.strips) if to == NOBODY else [int(to)]:
            strip = self.strip_at(address)
            if strip is None:
                continue
            self.changed += 1
            answer = b"ER|busy" if "error" in self.faults else self._obey(address, strip, order)
            strip.asked(line, known=not answer.startswith(b"ER") or "error" in self.faults)
            answer = b"%02d|" % self.answering_as(address) + answer
        if not answer or to == NOBODY:
            return b""
        check = _check(answer)
        if "wrong_checksum" in self.faults:
            check = b"%04X" % (int(check, 16) ^ 0x0100)
        return b"@" + answer + b"*" + check + b"\r\n"

    def _obey(self, address: int, strip: strips.Strip, order: bytes) -> bytes:
        word, _, text = order.partition(b"|")
        if word == b"W":
            try:
                strip.text = text.decode("gb18030")
            except UnicodeDecodeError:
                return b"ER|text"
            self._taken[address] += 1
        elif word != b"Q":
            return b"ER|order"
        return b"OK|%d" % self._taken[address]

    def switched_on(self, strip: strips.Strip) -> None:
        """It begins to count anew."""
        super().switched_on(strip)
        for address, other in self.strips.items():
            if other is strip:
                self._taken[address] = 0


def _check(checked: bytes) -> bytes:
    """CRC-16/MODBUS as four hex figures."""
    check = 0xFFFF
    for byte in checked:
        check ^= byte
        for _ in range(8):
            check = (check >> 1) ^ (0xA001 if check & 1 else 0)
    return b"%04X" % check
