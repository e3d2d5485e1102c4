"""What every wire is: opened by device.py, read and written without ever waiting."""

from typing import Protocol


class LinkError(Exception):
    """A wire is gone or will not open. `evidence` is the system's word, `remedy` what to try."""

    def __init__(self, evidence: str, remedy: str) -> None:
        super().__init__(f"{evidence} ({remedy})")
        self.evidence = evidence
        self.remedy = remedy


class Link(Protocol):
    """Bytes in and out. Only one thread uses a link at a time."""

    def open(self) -> int:
        """Open the wire and give the descriptor to wait on, or -1 for a wire without one.

        May take up to the link's own deadline (a connect). Raises LinkError.
        """

    def read(self) -> bytes:
        """What has come, b"" for nothing yet. Raises LinkError when the wire is gone."""

    def write(self, payload: bytes) -> int:
        """Send what fits now and say how many bytes were taken. Raises LinkError."""

    def close(self) -> None:
        """Close the wire; closing twice is fine."""
