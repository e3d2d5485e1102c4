"""One command from the page to the hall, as the guide desk or a supervisor would send it."""

from pathlib import Path

from hallctl.asked import Answer
from hallctl.client import HallClient
from hallctl.core.commands import Command

ROLES = ("guide", "supervisor")
"""As whom the page may ask; what each may, the bus decides."""
ASK_S = 5.0


def ask_hall(bus: Path, role: str, command: Command) -> Answer | None:
    """The hall's answer; None when nobody answers within 5 s. Blocks: not for an event loop."""
    if not (bus / role).exists():
        return None
    client = HallClient(bus, role, "desk", follow=False)
    try:
        return client.wait(client.ask(command), ASK_S)
    finally:
        client.close()
