"""The twin of one RS-485 bus with LED strips that are Modbus RTU slaves.

Registers (domain.md 3.4): 0 state, 1 count of texts, 2 flash × 10, 3 colour, 4 length, 5 to 36 the
text in GB18030, high byte first. Functions: 03 reads, 16 (hex 10) writes; an answer with the top
bit of its function set says why not. A slave knows a frame by its length; a pause ends it.

Options: `strips` {address: window}, `columns` (ideographs side by side, 8).
"""

from typing import Any

from hallctl.simulator.twins import strips

READ, WRITE, REFUSED = 0x03, 0x10, 0x80
NO_FUNCTION, NO_ADDRESS, CANNOT = 1, 2, 4
REGISTERS, TEXT_FROM = 37, 5
PAUSE_S = 0.1
"""Frames are parted by 3.5 characters of silence, 4 ms at 9600 baud; a line in software is less
exact, and nobody sends the second half of a frame a tenth of a second later."""
EVERYBODY = 0
FRAME_MAX_BYTES = 256


class LedModbusTwin(strips.StripsTwin):
    """Several slaves on one bus."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._buffer = bytearray()
        self._last_at = 0.0
        self._registers = {address: [0] * REGISTERS for address in self.strips}

    def receive(self, data: bytes, now: float) -> bytes:
        """Cut the bytes into frames; the answers of those that were asked."""
        if self._buffer and now - self._last_at > PAUSE_S:
            self._give_up()
        self._last_at = now
        self._buffer += data
        said = bytearray()
        while (size := self._size()) and len(self._buffer) >= size:
            frame = bytes(self._buffer[:size])
            if _crc(frame[:-2]) != frame[-2:]:
                self._give_up()
                break
            del self._buffer[:size]
            said += self._read(frame)
        return bytes(said)

    def _give_up(self) -> None:
        self.spoilt(bytes(self._buffer))
        self._buffer.clear()

    def _size(self) -> int:
        """How long the frame at hand is going to be; 0 while that cannot be said."""
        if len(self._buffer) < 7:  # noqa: PLR2004 - where the number of bytes to write stands
            return 0
        if self._buffer[1] == WRITE:
            return min(9 + self._buffer[6], FRAME_MAX_BYTES)
        return 8

    def _read(self, frame: bytes) -> bytes:
        address, function = frame[:2]
        addresses = list(self.strips) if address == EVERYBODY else [address]
        answer = b""
        for number in addresses:
            strip = self.strip_at(number)
            if strip is None:
                continue
            self.changed += 1
            answer = self._obey(number, strip, function, frame[2:-2])
            strip.asked(frame, known=answer[0] == function or "error" in self.faults)
        if not answer or address == EVERYBODY:
            return b""
        whole = bytes((self.answering_as(address),)) + answer
        check = _crc(whole)
        if "wrong_checksum" in self.faults:
            check = check[::-1] if check[0] != check[1] else bytes((check[0] ^ 1, check[1]))
        return whole + check

    def _obey(self, address: int, strip: strips.Strip, function: int, body: bytes) -> bytes:
        """Function and data of the answer."""
        if "error" in self.faults:
            return bytes((function | REFUSED, CANNOT))
        if function not in {READ, WRITE}:
            return bytes((function | REFUSED, NO_FUNCTION))
        first, number = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
        if not number or first + number > REGISTERS:
            return bytes((function | REFUSED, NO_ADDRESS))
        registers = self._registers[address]
        if function == READ:
            found = b"".join(r.to_bytes(2, "big") for r in registers[first : first + number])
            return bytes((function, len(found))) + found
        values = [int.from_bytes(body[at : at + 2], "big") for at in range(5, len(body), 2)]
        if body[4] != 2 * number or len(values) != number:
            return bytes((function | REFUSED, NO_ADDRESS))
        registers[first : first + number] = values
        self._light(strip, registers)
        return bytes((function,)) + body[:4]

    @staticmethod
    def _light(strip: strips.Strip, registers: list[int]) -> None:
        state, count, flash, colour, length = registers[:TEXT_FROM]
        text = b"".join(register.to_bytes(2, "big") for register in registers[TEXT_FROM:])
        strip.text = text[:length].decode("gb18030", errors="replace")
        strip.lit = state != 0
        strip.own = {"state": state, "seq": count, "flash": flash, "colour": colour}

    def switched_on(self, strip: strips.Strip) -> None:
        """The registers are empty."""
        super().switched_on(strip)
        for address, other in self.strips.items():
            if other is strip:
                self._registers[address] = [0] * REGISTERS


def _crc(data: bytes) -> bytes:
    """CRC-16/MODBUS, low byte first, bit by bit as the specification draws it."""
    check = 0xFFFF
    for byte in data:
        check ^= byte
        for _ in range(8):
            carry = check & 1
            check >>= 1
            if carry:
                check ^= 0xA001
    return bytes((check & 0xFF, check >> 8))
