"""In the place of a client while there is nothing to connect with: no key, or not the right one."""

import time

from hallctl.connecting import Trouble
from hallctl.core.commands import Command
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.talking import Heard


class NoHall:
    """Hears nothing; the stage shows its trouble."""

    clock_off_s = 0.0
    stale_since_s: float | None = 0.0

    def __init__(self, trouble: Trouble) -> None:
        self.hall = Hall()
        self.trouble = trouble

    def now(self) -> Moment | None:
        """Nobody tells the time."""
        return None

    def waits(self) -> dict[str, tuple[int, int]]:
        """Nobody forecasts."""
        return {}

    def poll(self, timeout_s: float) -> list[Heard]:
        """Wait; nothing comes."""
        time.sleep(timeout_s)
        return []

    def ask(self, command: Command, command_id: str = "", *, pin: str = "") -> str:
        """Nobody can be asked: the screen shows nothing that could be touched."""
        raise RuntimeError(f"{type(command).__name__} {command_id}{pin and ' with a PIN'}: no hall")

    def close(self) -> None:
        """Nothing is open."""
