"""Plays a world from its beginning to its end and tells what became of it."""

import logging
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hallctl.config.load import HallConfig
from hallctl.simulator.world.ledger import Broken
from hallctl.simulator.world.troubles import KINDS
from hallctl.simulator.world.world import Story, World, last_words

FAST_DISK = Path("/dev/shm")  # noqa: S108 - a power cut is played, not waited for
LAST_EVENTS = 12
VISITS_H = 120.0


@dataclass(frozen=True, slots=True)
class Played:
    """A world that was played: `broken` names the promise that was not kept, "" for none."""

    story: Story
    broken: str = ""
    evidence: str = ""
    last: tuple[str, ...] = ()


def play(
    config: HallConfig,
    seed: int,
    hours: float,
    kinds: tuple[str, ...] = tuple(KINDS),
    visits_h: float = VISITS_H,
) -> Played:
    """Play one world. Its files lie in memory where there is such a folder, and are taken away."""
    folder = FAST_DISK if FAST_DISK.is_dir() else None
    state = Path(tempfile.mkdtemp(prefix="hallctl-world-", dir=folder))
    world = World(config, state, seed, kinds, visits_h)
    was_off = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # a disk that fails is said often, and is meant here
    try:
        return Played(world.run(hours))
    except Broken as broken:
        last = tuple(last_words(world.oracle.last, LAST_EVENTS))
        at = f"{world.lived_s / 3600:.3f} h after the beginning: "
        return Played(world.story(), broken.promise, at + str(broken), last)
    finally:
        logging.disable(was_off)
        world.close()
        shutil.rmtree(state)


def again(seed: int, hours: float, kinds: tuple[str, ...], visits_h: float, hall: Path) -> str:
    """The command that plays exactly this world."""
    words = ["hallctl", "simulate", f"--seed {seed}", f"--hours {hours:g}"]
    if kinds != tuple(KINDS):
        words += [f"--faults {kind}" for kind in kinds] or ["--faults none"]
    if visits_h != VISITS_H:
        words.append(f"--visits {visits_h:g}")
    return " ".join([*words, f"--hall {hall}"])
