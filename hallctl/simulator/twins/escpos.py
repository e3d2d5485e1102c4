"""The twin of an ESC/POS receipt printer: it reads the stream and prints on paper one can see.

Written from the makers' command descriptions, not from any driver. What it does not know is kept
in `state()["unknown"]` as hex, never passed over in silence.

Options: `paper_mm` (80 or 58; or `dots`), `encoding` (gb18030, gbk, gb2312 or utf-8), `silent`
(it never answers), `near_end_inverted` (as SNBC says it), `qr` ("raster": it has no GS ( k),
`logo` (the number of the one picture in its memory), `lines_s` (lines a second; 0 prints at
once), `buffer_bytes`, `paper_out_after_lines`.
"""

from collections import deque
from typing import Any, ClassVar

from PIL import Image

from hallctl.simulator.twins import escpos_status as status
from hallctl.simulator.twins import escpos_stream as stream
from hallctl.simulator.twins.base import RECEIVE_ROOM_BYTES, Twin
from hallctl.simulator.twins.escpos_letters import Letters
from hallctl.simulator.twins.paper import (
    LINE_DOTS,
    Cell,
    CutSlip,
    Paper,
    logo_dots,
    photograph,
    qr_dots,
)

SLIPS_KEPT = 12
UNKNOWN_KEPT = 100
FULL_CUTS = {0, 48, 65, 97}
NAMES = {65: "2.1", 66: "hallctl", 67: "TWIN-80", 68: "0001"}
"""What GS I answers: firmware, maker, model, serial number."""


class EscposTwin(Twin):
    """A printer with paper, a cover, a cutter, a receive buffer and (unless silent) an answer."""

    FAULTS: ClassVar[tuple[str, ...]] = (
        "paper_out", "paper_low", "cover_open", "cutter_error", "error", "offline",
        "paper_out_after",
    )  # fmt: skip

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._width = int(options.get("dots") or (384 if options.get("paper_mm") == 58 else 576))  # noqa: PLR2004
        self._encoding = str(options.get("encoding", "gb18030")).lower()
        self._line_s = 1 / float(options["lines_s"]) if options.get("lines_s") else 0.0
        self._near_end_inverted = bool(options.get("near_end_inverted"))
        self._buffer_bytes = int(options.get("buffer_bytes", 4096))
        self._buffer = bytearray()
        self._realtime = bytearray()
        self._out = bytearray()
        self._paper = Paper(self._width)
        self._slips: deque[CutSlip] = deque(maxlen=SLIPS_KEPT)
        self._photos: dict[int, bytes] = {}
        self._cuts = 0
        self._lost_bytes = 0
        self._free_at = 0.0
        self._lines_left = 0
        self._unknown: deque[str] = deque(maxlen=UNKNOWN_KEPT)
        self._scanned = 0
        """So many bytes of the buffer are whole commands that wait for their turn."""
        self._scanned_as = ""
        self._drawing = False
        self._reset()

    def _reset(self) -> None:
        """ESC @: the settings, not the buffer and not the paper."""
        self._line: list[Cell] = []
        self._letters = Letters(self._encoding)
        self._qr_size, self._qr_level, self._qr_stored = 3, 48, b""
        self._asb = 0
        self._asb_sent = b""

    # -- the wire ------------------------------------------------------------------------------

    def receive(self, data: bytes, now: float) -> bytes:
        """Take bytes: real-time requests are answered at once, the rest waits its turn."""
        self.changed += 1
        for start in range(0, len(data), 256):
            piece = data[start : start + 256]
            for byte in piece:
                self._watch(byte)
            if not self._buffer and now > self._free_at:
                self._free_at = now
            taken = piece[: max(0, self.room())]
            self._lost_bytes += len(piece) - len(taken)
            self._buffer += taken
            self._work(now)
            self._drop_obeyed()
        return self._say()

    def wake(self, now: float) -> bytes:
        """Go on printing what waits, and say what has changed if ASB asks for it."""
        self._work(now)
        if self._asb and self._asb_sent != status.report(self.faults):
            self._asb_sent = status.report(self.faults)
            self._out += self._asb_sent
        return self._say()

    def room(self) -> int:
        """What is free in the receive buffer; a picture goes past it, straight to the head."""
        return RECEIVE_ROOM_BYTES if self._drawing else self._buffer_bytes - len(self._buffer)

    def _say(self) -> bytes:
        said = b"" if self.options.get("silent") else bytes(self._out)
        self._out.clear()
        return said

    def _watch(self, byte: int) -> None:
        """The receiver looks for DLE sequences in every byte, in the midst of images too."""
        self._realtime.append(byte)
        del self._realtime[:-3]
        if len(self._realtime) == 3 and self._realtime[0] == stream.DLE:  # noqa: PLR2004
            self._act_now(self._realtime[1], self._realtime[2])

    def _act_now(self, what: int, n: int) -> None:
        if what == stream.EOT and n in {1, 2, 3, 4}:
            inverted = self._near_end_inverted
            self._out.append(status.realtime(n, self.faults, near_end_inverted=inverted))
        elif what == stream.ENQ and n == 2:  # noqa: PLR2004
            self._forget()
            self.faults.discard("cutter_error")

    def _forget(self) -> None:
        """Everything received and not yet printed is gone."""
        self._buffer.clear()
        self._line.clear()
        self._scanned = 0

    def _drop_obeyed(self) -> None:
        """A DLE request that was answered when it came takes no room while the rest waits."""
        if self._scanned == 0:
            self._scanned_as = self._letters.lead_bytes
        while self._scanned < len(self._buffer):
            ahead = self._buffer[self._scanned :]
            command = stream.next_command(ahead, self._scanned_as)
            if command is None:
                return
            if command.name == "DLE":
                del self._buffer[self._scanned : self._scanned + command.length]
                continue
            if command.name in {"FS &", "FS .", "ESC @"}:
                self._scanned_as = "single" if command.name == "FS ." else self._letters.hanzi_as
            self._scanned += command.length

    # -- the work ------------------------------------------------------------------------------

    def _work(self, now: float) -> None:
        """Execute the buffer as far as paper, cover and time allow."""
        # A printer that stood still does not make up for it, beyond one round of waking.
        self._free_at = max(self._free_at, now - 0.1)
        self._drawing = False
        while self._buffer and not status.stopped(self.faults) and now >= self._free_at:
            command = stream.next_command(self._buffer, self._letters.lead_bytes)
            if command is None:
                self._drawing = self._buffer.startswith(b"\x1dv")
                break
            del self._buffer[: command.length]
            self._scanned = max(0, self._scanned - command.length)
            self._execute(command, now)
            self.changed += 1

    def _execute(self, command: stream.Command, now: float) -> None:
        if command.name == "text":
            self._character(command.data)
        elif command.name in stream.PRINTING:
            getattr(self, f"_do_{stream.PRINTING[command.name]}")(command.data, now)
        elif command.name == "ESC @":
            self._reset()
        elif command.name == "GS a":
            self._asb, self._asb_sent = command.data[0], b""
        elif not self._letters.set(command.name, command.data):
            self._note(command)

    def _note(self, command: stream.Command) -> None:
        self._unknown.append(f"{command.name}: {command.raw.hex(' ')}"[:200])

    def _character(self, raw: bytes) -> None:
        try:
            char = self._letters.decode(raw)
        except UnicodeDecodeError:
            self._unknown.append(f"text: {raw.hex(' ')}")
            char = "?"
        cell = self._letters.cell(char, len(raw))
        if sum(c.width for c in self._line) + cell.width > self._width:
            self._flush()
        self._line.append(cell)

    # -- what moves the paper ------------------------------------------------------------------

    def _flush(self, spacing: int | None = None) -> None:
        """Print the line in hand."""
        spacing = self._letters.spacing if spacing is None else spacing
        self._moved(self._paper.line(self._line, self._letters.align, spacing))
        self._line = []

    def _moved(self, dots: int) -> None:
        self._free_at += self._line_s * dots / LINE_DOTS
        if "paper_out_after" in self.faults:
            self._lines_left -= 1
            if self._lines_left <= 0:
                self.faults.discard("paper_out_after")
                self.faults.add("paper_out")

    def _do_line(self, _data: bytes, _now: float) -> None:
        self._flush()

    def _do_feed_lines(self, data: bytes, _now: float) -> None:
        if self._line:
            self._flush()
            self._paper.feed(self._letters.spacing * max(0, data[0] - 1))
        else:
            self._paper.feed(self._letters.spacing * data[0])

    def _do_feed_dots(self, data: bytes, _now: float) -> None:
        if self._line:
            self._flush(data[0])
        else:
            self._paper.feed(data[0])

    def _do_cut(self, data: bytes, now: float) -> None:
        if self._line:
            self._flush()
        if len(data) > 1:
            self._paper.feed(data[1])
        paper, self._paper = self._paper, Paper(self._width)
        self._cuts += 1
        words = (tuple(paper.text), tuple(paper.codes), tuple(paper.images))
        kind = "full" if data and data[0] in FULL_CUTS else "partial"
        self._slips.append(CutSlip(self._cuts, now, *words, paper.dots(), kind))

    def _do_raster(self, data: bytes, _now: float) -> None:
        """GS v 0 m xL xH yL yH d…: x in bytes, y in dots; m doubles the width and the height."""
        if self._line:
            self._flush()
        mode, across, down = data[0] & 3, data[1] | data[2] << 8, data[3] | data[4] << 8
        if not across or not down:
            return
        dots = Image.frombytes("1", (across * 8, down), data[5:])
        size = (dots.width << (mode & 1), dots.height << (mode >> 1))
        dots = dots.resize(size, Image.Resampling.NEAREST)
        if dots.getbbox():
            self._paper.images.append(dots.size)
        self._moved(self._paper.block(dots, self._letters.align))

    def _do_logo(self, data: bytes, _now: float) -> None:
        """FS p n m, or GS ( L function 69 with two key characters: a picture of its memory."""
        number = data[0] if len(data) == 2 else int(data[2:4]) if data[2:4].isdigit() else -1  # noqa: PLR2004
        if not self.options.get("logo") or number != self.options["logo"]:
            self._unknown.append(f"logo: {data.hex(' ')}")
            return
        if self._line:
            self._flush()
        dots = logo_dots(number)
        self._paper.images.append(dots.size)
        self._moved(self._paper.block(dots, self._letters.align))

    def _do_symbol(self, data: bytes, _now: float) -> None:
        """GS ( k: a two-dimensional code; QR is cn 49."""
        (cn, fn), rest = (data + bytes(2))[:2], data[2:]
        if self.options.get("qr") == "raster":
            cn = 0  # a printer that has no codes of its own
        match (cn, fn):
            case (49, 65):
                pass
            case (49, 67) if rest:
                self._qr_size = rest[0]
            case (49, 69) if rest:
                self._qr_level = rest[0]
            case (49, 80):
                self._qr_stored = rest[1:]
            case (49, 81) if self._qr_stored:
                self._print_qr()
            case _:
                self._unknown.append(f"GS ( k: {data.hex(' ')}"[:200])

    def _print_qr(self) -> None:
        if self._line:
            self._flush()
        self._paper.codes.append(self._qr_stored.decode("utf-8", "backslashreplace"))
        dots = qr_dots(self._qr_stored, self._qr_size, self._qr_level)
        self._moved(self._paper.block(dots, self._letters.align))

    def _do_tell(self, data: bytes, _now: float) -> None:
        """GS r n, executed in its turn: so the answer proves what came before it."""
        if data[0] & 0x0F in {1, 2}:
            self._out.append(status.paper(self.faults) if data[0] & 0x0F == 1 else 0)

    def _do_name(self, data: bytes, _now: float) -> None:
        name = NAMES.get(data[0])
        self._out += b"\x02" if name is None else b"\x5f" + name.encode() + b"\0"

    def _do_process(self, data: bytes, _now: float) -> None:
        """GS ( H fn 48: answer the four bytes of the process id, in turn."""
        self._out += b"\x37\x22" + data[2:6] + b"\0"

    # -- people --------------------------------------------------------------------------------

    def press(self, what: dict[str, Any], now: float) -> bytes:
        """`{"do": "feed"}`, `"new_roll"`, `"open"`, `"close"` (the cover), `"power"` (off, on)."""
        match what.get("do"):
            case "feed":
                self._paper.feed(LINE_DOTS)
            case "new_roll":
                self.faults -= {"paper_out", "paper_low"}
            case "open":
                self.faults.add("cover_open")
            case "close":
                self.faults.discard("cover_open")
            case "power":
                self._forget()
                self._realtime.clear()
                self._out.clear()
                self._reset()
            case _:
                return super().press(what, now)
        self.changed += 1
        return self.wake(now)

    def fault(self, name: str, on: bool) -> None:
        """As `Twin.fault`; `paper_out_after` runs out after so many printed lines from now."""
        super().fault(name, on)
        if name == "paper_out_after" and on:
            self._lines_left = int(self.options.get("paper_out_after_lines", 2))

    @property
    def cuts(self) -> int:
        """How many slips have been cut off."""
        return self._cuts

    def last_slips(self, most: int) -> list[CutSlip]:
        """The last slips, the newest last; `SLIPS_KEPT` are kept."""
        return list(self._slips)[-most:] if most else []

    def picture(self) -> dict[str, bytes]:
        """`slip-7`… for the last slips, `paper` for what is printed and not yet cut."""
        for slip in self._slips:
            if slip.n not in self._photos:
                self._photos[slip.n] = photograph(slip.dots, torn=True)
        self._photos = {s.n: self._photos[s.n] for s in self._slips}
        pictures = {f"slip-{n}": photo for n, photo in self._photos.items()}
        if not self._paper.blank:
            pictures["paper"] = photograph(self._paper.dots(), torn=False)
        return pictures

    def state(self) -> dict[str, Any]:
        """The slips cut, the paper in the printer, the faults, and what was not understood."""
        out, low = "paper_out" in self.faults, "paper_low" in self.faults
        return {
            "slips": [slip.state() for slip in self._slips],
            "cuts": self._cuts,
            "uncut": list(self._paper.text),
            "pending": "".join(c.char for c in self._line),
            "paper": "out" if out else "low" if low else "ok",
            "cover": "open" if "cover_open" in self.faults else "closed",
            "offline": status.stopped(self.faults),
            "buffered": len(self._buffer),
            "lost_bytes": self._lost_bytes,
            "unknown": list(self._unknown),
            "faults": sorted(self.faults),
        }
