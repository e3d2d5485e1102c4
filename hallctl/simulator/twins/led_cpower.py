"""The twin of one RS-485 bus with C-Power (流明 CP5200) cards, each with an amber LED strip.

Frames (domain.md 3.4): `A5 | 68 32 ID 7B ACK | LL LH | PO TP | CC… | sumL sumH | AE`, the sum over
all bytes from 68 on, taken before A5, AE and AA inside were escaped as AA 05, AA 0E, AA 0A. In the
network form the bytes from 68 to the sum stand unescaped behind FF FF FF FF, their number, 00 00.
Basic commands have no LL, PO and TP: 76 screen, 46 brightness.

Options: `strips` {card id: window}, `columns` (ideographs side by side, 8), `tcp_prefix`.
"""

from typing import Any

from hallctl.simulator.twins import strips

BEGIN, END, ESCAPE = 0xA5, 0xAE, 0xAA
ESCAPED = {0x05: BEGIN, 0x0E: END, 0x0A: ESCAPE}
REQUEST, CARD, EVERY_CARD, ANSWER = 0x68, 0x32, 0xFF, 0xE8
CC_FRAME, TEXT, CLEAR = 0x7B, 0x85, 0x07
SCREEN, BRIGHTNESS, HOURS = 0x76, 0x46, 24
FRAME_MAX_BYTES = 2048
NET_MARK, NET_HEAD = b"\xff\xff\xff\xff", 8


class LedCpowerTwin(strips.StripsTwin):
    """Several cards on one bus. `error` is a card without its template: it refuses texts only."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._net = bool(options.get("tcp_prefix"))
        self._frame: bytearray | None = None
        self._outside = bytearray()

    def receive(self, data: bytes, now: float) -> bytes:  # noqa: ARG002
        """Collect frames; the answers of cards that were asked for one."""
        return self._from_network(data) if self._net else self._from_line(data)

    def _from_line(self, data: bytes) -> bytes:
        said = bytearray()
        for byte in data:
            if byte == BEGIN:
                self.spoilt(bytes(self._outside) + bytes(self._frame or b""))
                self._outside.clear()
                self._frame = bytearray((byte,))
            elif self._frame is None:
                self._outside.append(byte)
            else:
                self._frame.append(byte)
                if byte == END:
                    frame, self._frame = bytes(self._frame), None
                    said += self._read(frame, _unescaped(frame[1:-1]))
                elif len(self._frame) > FRAME_MAX_BYTES:
                    self.spoilt(bytes(self._frame))
                    self._frame = None
        self.spoilt(bytes(self._outside))
        self._outside.clear()
        return bytes(said)

    def _from_network(self, data: bytes) -> bytes:
        said = bytearray()
        self._outside += data
        while len(self._outside) >= NET_HEAD:
            size = NET_HEAD + int.from_bytes(self._outside[4:6], "little")
            if not self._outside.startswith(NET_MARK) or size > FRAME_MAX_BYTES:
                self.spoilt(bytes(self._outside[:1]))
                del self._outside[:1]
            elif len(self._outside) < size:
                break
            else:
                frame = bytes(self._outside[:size])
                del self._outside[:size]
                said += self._read(frame, frame[NET_HEAD:])
        return bytes(said)

    def _read(self, frame: bytes, inner: bytes | None) -> bytes:
        """A frame: check it, do it, and answer if asked. `inner` is its body with the sum."""
        if inner is None or len(inner) < 7 or _sum16(inner[:-2]) != inner[-2:]:  # noqa: PLR2004
            self.spoilt(frame)
            return b""
        kind, card, number, command, ack = inner[:5]
        if (kind, card) != (REQUEST, CARD):
            self.spoilt(frame)
            return b""
        numbers = list(self.strips) if number == EVERY_CARD else [number]
        answer = b""
        for strip in filter(None, map(self.strip_at, numbers)):
            self.changed += 1
            spoilt = "error" in self.faults and command == CC_FRAME
            done = b"" if spoilt else self._obey(strip, command, inner[5:-2])
            strip.asked(frame, known=spoilt or bool(done))
            answer = done or self._cannot(command, inner[5:-2])
        if not answer or not ack or number == EVERY_CARD:
            return b""
        return self._enclosed(bytes((ANSWER, CARD, self.answering_as(number), command)) + answer)

    def _obey(self, strip: strips.Strip, command: int, packet: bytes) -> bytes:
        """Do it. What the answer holds behind the command; nothing when the card does not know."""
        if command == CC_FRAME:
            return self._call(strip, packet)
        if command == SCREEN and packet[:1] == b"\x01":
            return bytes((1, strip.lit, *bytes(7)))
        if command == SCREEN and len(packet) == 9 and packet[0] == 0:  # noqa: PLR2004
            strip.lit = bool(packet[1])
            strip.clears += 1
            return bytes((0, strip.lit))
        if command == BRIGHTNESS and len(packet) == 1 + HOURS and packet[0] == 0:
            strip.own = {"brightness": list(packet[1:])}
            return b"\x01"
        return b""

    @staticmethod
    def _call(strip: strips.Strip, packet: bytes) -> bytes:
        """LL LH PO TP CC…; a strip's text fits in one packet."""
        if len(packet) < 5 or packet[0] | packet[1] << 8 != len(packet) - 4:  # noqa: PLR2004
            return b""
        packet_number, last_packet, cc = packet[2], packet[3], packet[4:]
        if packet_number or last_packet:
            return b""
        if cc[0] == CLEAR:
            strip.text, strip.clears = "", strip.clears + 1
        elif cc[0] == TEXT and len(cc) >= 9 and cc[-1] == 0:  # noqa: PLR2004
            # 85, user code (4), program, window, attribute, text, 00
            try:
                strip.text = cc[8:-1].decode("gb18030")
            except UnicodeDecodeError:
                return b""
        else:
            return b""
        return bytes((0, 1, 0, 0, 0, cc[0]))

    @staticmethod
    def _cannot(command: int, packet: bytes) -> bytes:
        """The answer that says it was not done: a result that is not 0."""
        return bytes((1, 1, 0, 0, 0, packet[4])) if command == CC_FRAME and packet[4:] else b""

    def _enclosed(self, answer: bytes) -> bytes:
        whole = answer + _sum16(answer)
        if "wrong_checksum" in self.faults:
            whole = whole[:-1] + bytes((whole[-1] ^ 0x01,))
        if self._net:
            return NET_MARK + len(whole).to_bytes(2, "little") + b"\x00\x00" + whole
        return bytes((BEGIN,)) + _escaped(whole) + bytes((END,))


def _sum16(data: bytes) -> bytes:
    return (sum(data) & 0xFFFF).to_bytes(2, "little")


def _unescaped(data: bytes) -> bytes | None:
    """The bytes as they were summed; None when an escape stands for nothing."""
    out, rest = bytearray(), iter(data)
    for byte in rest:
        plain = ESCAPED.get(next(rest, -1)) if byte == ESCAPE else byte
        if plain is None:
            return None
        out.append(plain)
    return bytes(out)


def _escaped(data: bytes) -> bytes:
    marks = {plain: bytes((ESCAPE, mark)) for mark, plain in ESCAPED.items()}
    return b"".join(marks.get(byte, bytes((byte,))) for byte in data)
