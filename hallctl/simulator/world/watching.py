"""What one sees from outside the daemon: what its followers have, and what comes out on paper."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from hallctl import wire
from hallctl.mirror import STALE_S
from hallctl.simulator.twins.escpos import SLIPS_KEPT, EscposTwin
from hallctl.simulator.world.house import House
from hallctl.simulator.world.ledger import Broken
from hallctl.simulator.world.network import LATE_MOST_S
from hallctl.simulator.world.oracle import Oracle
from hallctl.simulator.world.programs import Program
from hallctl.simulator.world.wires import Wire
from hallctl.texts import say

BEHIND_MOST_S = STALE_S + LATE_MOST_S + 2.0


class Watching:
    """Looks at followers and at paper, and tells the oracle."""

    def __init__(self, house: House, wires: Mapping[str, Wire], oracle: Oracle) -> None:
        self._house = house
        self._oracle = oracle
        self._told: deque[tuple[float, dict[str, int]]] = deque()
        """When, and what had been published to each audience by then."""
        self._papers: dict[str, int] = {}
        twins = {name: one.twin for name, one in wires.items()}
        self._printers = {n: t for n, t in twins.items() if isinstance(t, EscposTwin)}
        self._cuts = dict.fromkeys(self._printers, 0)

    def new_day(self) -> None:
        """A night has passed: nothing of the day before is printed any more."""
        self._papers.clear()
        self._told.clear()

    def note(self) -> None:
        """Remember what is published by now."""
        if self._house.running is not None:
            self._told.append((self._house.hours.now_s, dict(self._house.told)))

    def follower(self, program: Program, *, whole: bool) -> None:
        """A follower that thinks itself fresh is not far behind; and what it has is right.

        With `whole` its whole hall is compared. Raises Broken.
        """
        if not program.lives or not program.is_fresh:
            return
        while len(self._told) > 1 and self._told[1][0] < self._house.hours.now_s - BEHIND_MOST_S:
            self._told.popleft()
        if self._told and self._told[0][0] < self._house.hours.now_s - BEHIND_MOST_S:
            must = self._told[0][1][program.audience]
            if program.hall.seq < must:
                words = f"{program.name} has {program.hall.seq} of {must}"
                raise Broken("a follower that is fresh misses nothing", words)
        if self._house.running is None or program.hall.seq < self._house.told[program.audience]:
            return
        self._oracle.followed += 1
        ours, theirs = self._house.hall, program.hall
        same = ours.numbers == theirs.numbers and ours.windows.keys() == theirs.windows.keys()
        same = same and all(
            (w.status, w.visit) == (theirs.windows[n].status, theirs.windows[n].visit)
            for n, w in ours.windows.items()
        )
        if not same:
            raise Broken("a follower equals the hall", f"{program.name} at {theirs.seq}")
        if whole:
            self._compare(program)

    def _compare(self, program: Program) -> None:
        ours = wire.hall_out(self._house.hall, program.audience)
        theirs = wire.hall_out(program.hall, program.audience)
        ours["seq"] = theirs["seq"] = 0
        known = ours["devices"]
        for body in (ours, theirs):
            body["devices"] = _known(body["devices"], known)
        if ours == theirs:
            return
        raise Broken("a follower equals the hall", f"{program.name}: {_parted(ours, theirs)}")

    def paper(self) -> None:
        """Whatever was cut off since the last look. Raises Broken."""
        for name, twin in self._printers.items():
            if twin.cuts == self._cuts[name]:
                continue
            new = min(SLIPS_KEPT, twin.cuts - self._cuts[name])
            self._cuts[name] = twin.cuts
            for slip in twin.last_slips(new):
                labels = [
                    after
                    for line, after in zip(slip.text, slip.text[1:], strict=False)
                    if line in NUMBER and _is_label(after)
                ]
                copy = any(mark in line for line in slip.text for mark in COPY)
                self._oracle.came_out(labels, copy=copy, papers=self._papers)


NUMBER = tuple(say(language, "slip.number") for language in ("zh", "en"))
COPY = tuple(say(language, "slip.copy") for language in ("zh", "en"))


def _known(devices: Any, ours: Any) -> Any:  # noqa: ANN401 - JSON
    """Devices as far as the hall knows them.

    One that was started anew after midnight knows less than who has followed it since yesterday.
    """
    return {
        name: (device["link"], {p: device["parts"].get(p) for p in ours[name]["parts"]})
        for name, device in devices.items()
        if name in ours and ours[name]["link"] != "unknown"
    }


def _parted(ours: Any, theirs: Any, way: str = "hall") -> str:  # noqa: ANN401 - JSON
    """Where two JSON values differ first."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        name = next(n for n in ours if ours[n] != theirs[n])
        return _parted(ours[name], theirs[name], f"{way}.{name}")
    return f"{way}: {ours!s:.300} for {theirs!s:.300}"


def _is_label(words: str) -> bool:
    return 4 <= len(words) <= 5 and words[0].isalpha() and words[1:].isdigit()  # noqa: PLR2004
