"""The bytes of an FF 68 bus as its devices read them: `FF 68 | L | L | 68 | ADDR … DATA | CS | 16`.

By the twins' own code; CS is the sum of ADDR to DATA (domain notes 3.2).
"""

from collections import deque

BAD_KEPT = 20


def framed(body: bytes) -> bytes:
    """ADDR, CMD and DATA as they go over the bus."""
    head = bytes((0xFF, 0x68, len(body), len(body), 0x68))
    return head + body + bytes((sum(body) & 0xFF, 0x16))


class FrameReader:
    """Sound frames' ADDR to DATA out of a stream; what is no frame is kept as `bad`, in hex."""

    def __init__(self) -> None:
        self._stream = bytearray()
        self.bad: deque[str] = deque(maxlen=BAD_KEPT)

    def take(self, data: bytes) -> list[bytes]:
        """The frames that are whole now."""
        self._stream += data
        bodies = []
        while (body := self._next()) is not None:
            bodies.append(body)
        return bodies

    def _next(self) -> bytes | None:
        stream, junk, body = self._stream, bytearray(), None
        while stream and body is None:
            if stream[0] != 0xFF or (len(stream) > 1 and stream[1] != 0x68):  # noqa: PLR2004
                junk.append(stream.pop(0))
                continue
            if len(stream) < 5 or len(stream) < stream[2] + 7:  # noqa: PLR2004
                if len(stream) >= 5 and not self._head_is_sound():  # noqa: PLR2004
                    junk.append(stream.pop(0))
                    continue
                break
            size = stream[2] + 7
            found = bytes(stream[5 : size - 2])
            if self._head_is_sound() and framed(found) == stream[:size]:
                body = found
                del stream[:size]
            else:
                junk.append(stream.pop(0))
        if junk:
            self.bad.append(junk[:64].hex(" "))
        return body

    def _head_is_sound(self) -> bool:
        head = self._stream
        return head[2] == head[3] and 2 <= head[2] <= 16 and head[4] == 0x68  # noqa: PLR2004
