"""SIGHUP: read the three files again and let new rules in, or change nothing and say why.

Only rules come in. Devices stay as they were wired at the start, and so does the time zone of the
clock; for those the daemon is started anew.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

from hallctl.config.load import HallConfig, load
from hallctl.config.network_file import Network
from hallctl.config.problems import ConfigError
from hallctl.core.hall import Hall
from hallctl.core.rules import Rules
from hallctl.core.visit import OPEN
from hallctl.daemon import Daemon
from hallctl.device import driver_class

log = logging.getLogger("hallctl")


class Reader:
    """Reads the files beside the loop (it takes a while) and hands the rules over to it."""

    def __init__(
        self, folder: Path, network: Network, daemon: Daemon, nudge: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._network = network
        self._daemon = daemon
        self._nudge = nudge
        self._one = threading.Lock()

    def asked(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """The handler of SIGHUP: begins to read, gives at once."""
        threading.Thread(target=self._read, name="reload", daemon=True).start()

    def _read(self) -> None:
        with self._one:  # of two signals the later one reads last, and so has the last word
            try:
                config = load(self._folder, driver_class=driver_class)
            except ConfigError as problem:
                log.error("rules not reloaded, the old ones stay:\n%s", problem)  # noqa: TRY400
                return
            self._daemon.errands.append(lambda: self._hand_over(config))
            self._nudge()

    def _hand_over(self, config: HallConfig) -> None:
        hall = self._daemon.hall
        in_the_way = obstacles(hall, config.rules)
        if in_the_way:
            log.error("rules not reloaded, the old ones stay: %s", "; ".join(in_the_way))
            return
        rules, digest = config.rules, config.digest
        if hall.rules is not None and rules.fittings != hall.rules.fittings:
            log.warning("devices.yaml has changed: devices are wired anew at the next start only")
            # Another digest, so that the next start sets the fittings too.
            rules, digest = replace(rules, fittings=hall.rules.fittings), f"{digest}-running"
        if config.network != self._network:
            log.warning(
                "network.yaml has changed: what listens is bound anew at the next start only"
            )
        if self._daemon.reload(rules, digest):
            log.info("rules reloaded at event %d", hall.seq)
        else:
            log.info("rules read again: nothing has changed")


def obstacles(hall: Hall, rules: Rules) -> list[str]:
    """Why these rules cannot come into force while the day goes on; [] when they can.

    Nobody who has a ticket may lose the queue or the window, and no number may be given twice.
    """
    old = hall.rules
    if old is None:
        return []
    found = []
    if rules.timezone != old.timezone:
        found.append(f"timezone {rules.timezone} needs a start of the daemon")
    for queue in old.queues:
        new = rules.queue(queue.id)
        people = sum(v.queue == queue.id and v.status in OPEN for v in hall.visits.values())
        if new is None and people:
            found.append(f"queue {queue.id} is gone, but {people} tickets of it are open")
        elif new is not None and new.prefix != queue.prefix and hall.numbers.get(queue.id):
            found.append(f"queue {queue.id} has given numbers today, its prefix must stay")
    gave = {q.prefix: q.id for q in old.queues if hall.numbers.get(q.id)}
    found += [
        f"queue {queue.id} takes the prefix of queue {gave[queue.prefix]}, which gave numbers today"
        for queue in rules.queues
        if gave.get(queue.prefix, queue.id) != queue.id
    ]
    for state in hall.windows.values():
        if rules.window(state.number) is None and (state.visit or state.rating):
            found.append(f"window {state.number} is gone, but it is busy")
    return found
