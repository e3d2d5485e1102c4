"""Where one ESC/POS command ends and the next begins."""

from dataclasses import dataclass

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10
ENQ, EOT, DC4 = 0x05, 0x04, 0x14

FIXED = {
    # how many bytes follow the two of the command
    "ESC @": 0, "ESC !": 1, "ESC a": 1, "ESC E": 1, "ESC G": 1, "ESC -": 1, "ESC d": 1,
    "ESC J": 1, "ESC t": 1, "ESC R": 1, "ESC 2": 0, "ESC 3": 1, "ESC SP": 1, "ESC M": 1,
    "ESC {": 1, "ESC V": 1, "ESC p": 3, "ESC =": 1, "ESC \\": 2, "ESC $": 2, "ESC i": 0,
    "ESC m": 0, "ESC r": 1, "ESC B": 2, "ESC U": 1, "ESC c": 2, "ESC e": 1, "ESC T": 1,
    "ESC L": 0, "ESC S": 0, "ESC u": 1, "ESC v": 0, "ESC C": 3,
    "GS !": 1, "GS B": 1, "GS a": 1, "GS r": 1, "GS L": 2, "GS W": 2, "GS H": 1, "GS h": 1,
    "GS w": 1, "GS f": 1, "GS b": 1, "GS I": 1, "GS P": 2, "GS /": 1, "GS $": 2, "GS \\": 2,
    "GS E": 1, "GS T": 1,
    "FS &": 0, "FS .": 0, "FS !": 1, "FS -": 1, "FS S": 2, "FS W": 1, "FS C": 1, "FS p": 2,
    "FS r": 1,
}  # fmt: skip

PRINTING = {
    "LF": "line", "ESC d": "feed_lines", "ESC J": "feed_dots", "GS V": "cut", "ESC i": "cut",
    "ESC m": "cut", "GS v": "raster", "GS ( k": "symbol", "GS r": "tell", "GS I": "name",
    "GS ( H": "process", "FS p": "logo", "GS ( L": "logo",
}  # fmt: skip
"""Commands that move paper or speak, and the word for what they do."""

WITHOUT_EFFECT = {"DLE", "ESC =", "ESC p", "NUL", "CR", "ESC U", "FS C"}
"""Nothing of it is on paper: a drawer, the way of the head, a DLE answered when it came."""

ONLY_ZERO = {"ESC R", "ESC M", "ESC SP", "ESC {", "ESC V", "FS S", "GS L", "GS b"}
"""Known with the value 0: the twin has one font, no national set, no margins, prints upright."""

CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252"} | {
    17: "cp866", 18: "cp852", 19: "cp858"
}  # fmt: skip
"""ESC t n, by the names of Python."""

CONTROL = {0x00: "NUL", 0x0A: "LF", 0x0D: "CR", 0x09: "HT", 0x0C: "FF", 0x18: "CAN"}
PREFIX = {ESC: "ESC", FS: "FS", GS: "GS"}
GBK_LEAD = range(0x81, 0xFF)
GBK_TRAIL = range(0x40, 0xFF)
DIGITS = range(0x30, 0x3A)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, all its bytes, and the parameters among them."""

    name: str
    raw: bytes
    data: bytes = b""

    @property
    def length(self) -> int:
        """How many bytes of the stream it is."""
        return len(self.raw)


def next_command(stream: bytes | bytearray, text: str) -> Command | None:
    """The first command of the stream, or None when more bytes must come.

    `text` says how characters are cut: "single" bytes, "double" (GBK and its kin), or "utf-8".
    """
    first = stream[0]
    if first in CONTROL:
        return Command(CONTROL[first], bytes(stream[:1]))
    if first == DLE:
        return _realtime(stream)
    if first in PREFIX:
        return _prefixed(stream) if len(stream) > 1 else None
    if first < 0x20:  # noqa: PLR2004
        return Command("control", bytes(stream[:1]), bytes(stream[:1]))
    size = _character_bytes(stream, text)
    if size is None or len(stream) < size:
        return None
    return Command("text", bytes(stream[:size]), bytes(stream[:size]))


def _character_bytes(stream: bytes | bytearray, text: str) -> int | None:
    first = stream[0]
    if text == "utf-8" and first >= 0xC0:  # noqa: PLR2004
        return 2 + (first >= 0xE0) + (first >= 0xF0)  # noqa: PLR2004
    if text == "double" and first in GBK_LEAD:
        if len(stream) == 1:
            return None
        if stream[1] in DIGITS:
            return 4
        return 2 if stream[1] in GBK_TRAIL else 1
    return 1


def _realtime(stream: bytes | bytearray) -> Command | None:
    """DLE …: the receiver has acted on it already; here it is only stepped over."""
    if len(stream) < 2:  # noqa: PLR2004
        return None
    size = {EOT: 3, ENQ: 3, DC4: 5}.get(stream[1])
    if size is None:
        return Command("DLE ?", bytes(stream[:2]))
    return Command("DLE", bytes(stream[:size])) if len(stream) >= size else None


def _prefixed(stream: bytes | bytearray) -> Command | None:
    letter = "SP" if stream[1] == 0x20 else chr(stream[1])  # noqa: PLR2004
    name = f"{PREFIX[stream[0]]} {letter}"
    if name in {"GS (", "FS ("}:
        return _counted(name, stream)
    size: int | None = 2 + FIXED[name] if name in FIXED else _varying(name, stream)
    if size is None or len(stream) < size:
        return None
    raw = bytes(stream[:size])
    # "GS v" is followed by the digit 0, which belongs to its name.
    return Command(name, raw, raw[3:] if name == "GS v" else raw[2:])


def _counted(name: str, stream: bytes | bytearray) -> Command | None:
    """GS ( x pL pH …: the length is in the command."""
    if len(stream) < 5:  # noqa: PLR2004
        return None
    size = 5 + (stream[3] | stream[4] << 8)
    if len(stream) < size:
        return None
    raw = bytes(stream[:size])
    return Command(f"{name} {chr(stream[2])}", raw, raw[5:])


def _varying(name: str, stream: bytes | bytearray) -> int | None:
    """The length of a command whose own bytes decide it; 2 for an unknown one."""
    have = len(stream)
    match name:
        case "GS V":
            return None if have < 3 else 4 if stream[2] in {65, 66, 97, 98, 103, 104} else 3  # noqa: PLR2004
        case "GS v":
            return None if have < 8 else 8 + _u16(stream, 4) * _u16(stream, 6)  # noqa: PLR2004
        case "ESC *":
            return None if have < 5 else 5 + _u16(stream, 3) * (3 if stream[2] >= 32 else 1)  # noqa: PLR2004
        case "GS k" if have < 4:  # noqa: PLR2004
            return None
        case "GS k" if stream[2] >= 65:  # noqa: PLR2004
            return 4 + stream[3]
        case "GS k" | "ESC D":
            end = stream.find(0, 2 if name == "ESC D" else 3)
            return None if end < 0 else end + 1
        case _:
            return 2


def _u16(stream: bytes | bytearray, at: int) -> int:
    return stream[at] | stream[at + 1] << 8
