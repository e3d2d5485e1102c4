"""Where a hall lies, and how a command ends. What every command needs, so it imports nothing."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EX_IOERR: Final = 74
EX_INUSE: Final = 75
EX_JOURNAL: Final = 76
EX_CONFIG: Final = 78


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hall's files lie: `hall` its configuration, `state` its journal and sockets."""

    hall: Path
    state: Path

    @property
    def bus(self) -> Path:
        """The folder of the endpoints."""
        return self.state / "bus"

    @property
    def keys(self) -> Path:
        """The folder of the keyring."""
        return self.state / "keys"

    @property
    def sounds(self) -> tuple[Path, ...]:
        """Where clips lie, the first choice first: recorded, made by hallctl, packaged."""
        return (self.hall / "sounds", self.state / "sounds", sounds_folder())


def sounds_folder() -> Path:
    """Where the sounds lie: beside the packages, or where the wheel puts shared files."""
    beside = Path(__file__).parent.parent / "sounds"
    return beside if beside.is_dir() else Path(sys.prefix) / "share/hallctl/sounds"
