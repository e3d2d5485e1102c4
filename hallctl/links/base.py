"""What every wire is: opened by device.py, read and written without ever waiting."""

import errno
import os
import socket
from collections.abc import Mapping
from typing import Protocol

from hallctl.texts import say

_RESOLVER = {getattr(socket, n): n for n in dir(socket) if n.startswith("EAI_")}


class LinkError(Exception):
    """A wire is gone or will not open. `evidence` is the system's word, `remedy` what to try."""

    def __init__(self, evidence: str, remedy: str) -> None:
        super().__init__(f"{evidence} ({remedy})")
        self.evidence = evidence
        self.remedy = remedy


class Link(Protocol):
    """Bytes in and out. Only one thread uses a link at a time.

    A link that raises has closed itself: a descriptor kept open would take a re-plugged device's
    name from it (it came back as ttyACM1).
    """

    def open(self) -> int:
        """Open the wire and give the descriptor to wait on, or -1 for a wire without one.

        May take up to the link's own deadline (a connect). Raises LinkError.
        """

    def read(self) -> bytes:
        """What has come, b"" for nothing yet. Raises LinkError when the wire is gone."""

    def write(self, payload: bytes) -> int:
        """Send what fits now and say how many bytes were taken. Raises LinkError."""

    def unsent(self) -> int:
        """Bytes taken from us that have not left this computer yet; 0 when nobody can say."""

    def close(self) -> None:
        """Close the wire; closing twice is fine."""


def number_of(problem: BaseException) -> int | None:
    """The error's number, wherever the library that raised it keeps it."""
    number = getattr(problem, "errno", None)
    if number is None and problem.args and type(problem).__module__ == "termios":
        number = problem.args[0]
    return number if isinstance(number, int) else None


def evidence(where: str, problem: BaseException) -> str:
    """The system's word on a failure: `/dev/usb/lp0: ENODEV 19: No such device`."""
    number = number_of(problem)
    if number is not None and number in errno.errorcode:
        return f"{where}: {errno.errorcode[number]} {number}: {os.strerror(number)}"
    if isinstance(problem, socket.gaierror):
        return f"{where}: {_RESOLVER.get(number, 'EAI')} {number}: {problem.strerror}"
    return f"{where}: {problem}"


def broken(
    where: str, problem: BaseException, remedies: Mapping[int, str], other: str
) -> LinkError:
    """A failure as a LinkError. `remedies` are keys of texts by error number, `other` the rest's.

    The remedy is in Chinese: it is for the person in the hall, the evidence for the one they call.
    """
    key = remedies.get(number_of(problem) or 0, other)
    return LinkError(evidence(where, problem), say("zh", key))


def not_open(where: str) -> LinkError:
    """Used before it was opened, or after it broke."""
    return LinkError(f"{where}: not open", say("zh", "remedy.wait"))
