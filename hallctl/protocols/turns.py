"""Whose turn it is on a line that several devices share: one request at a time.

The next request goes out when the last one was answered or its time is over. Who does not answer
waits at the end of the queue, and after three tries is parked: asked now and then whether it is
back, and costing the others no more than that. Who is slower than the others is given more time,
within a bound; who takes longer still is late.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

CHECK = "check"
"""The request that changes nothing."""
TRIES = 3
PARKED_S = 10.0
"""How often one that does not answer is asked whether it is back."""

ROOM, LONGEST, FORGETS = 1.25, 2.0, 0.9
"""A slow one is given so many times what it took, at most so many times what all are given; with
each answer in time a little less, unless it needs it.
"""

SeatState = Literal["unknown", "ready", "silent", "late", "error"]
AWAY = frozenset[SeatState](("silent", "late"))


@dataclass(slots=True)
class Seat:
    """One address. `wants` are the requests that wait for it, `check_at` when it is asked next.

    `refused` is the request that was given up last. `answer_s` is what it needs, if it is slow;
    `late`: it has answered too late since it was last given up.
    """

    state: SeatState = "unknown"
    wants: list[str] = field(default_factory=list)
    tries: int = 0
    check_at: float = math.inf
    refused: str = ""
    answer_s: float = 0.0
    late: bool = False


class Owed:
    """Requests that were given up and whose answers may still come.

    An answer says who gives it and not to what, so a late one would pass for that of the next
    request, of which nobody then knows whether it was heard.
    """

    def __init__(self) -> None:
        self._what: dict[int, deque[tuple[object, float]]] = {}

    def give_up(self, address: int, what: object, asked_at: float) -> None:
        """No answer came in time."""
        self._what.setdefault(address, deque(maxlen=TRIES)).append((what, asked_at))

    def answered(self, address: int) -> tuple[object, float] | None:
        """Somebody answers: the first thing still owed and when it was asked; None for nothing."""
        owed = self._what.get(address)
        return owed.popleft() if owed else None

    def forget(self) -> None:
        """The line was opened anew."""
        self._what.clear()


class Turns:
    """The order of requests. `out` is the one under way: address and request; `due` its end.

    `check_s`: how often one that is well is asked whether it still is; 0 for never. `gap_s`: how
    long the line must be still between an answer and the next request. `optional` requests may be
    given up without giving up the strip.
    """

    def __init__(
        self,
        addresses: Iterable[int],
        *,
        answer_s: float,
        check_s: float,
        gap_s: float = 0.0,
        optional: Sequence[str] = (),
    ) -> None:
        self.seats = {address: Seat() for address in addresses}
        self._queue = deque(self.seats)
        self._answer_s = answer_s
        self._check_s = check_s
        self._gap_s = gap_s
        self._optional = frozenset(optional)
        self.out: tuple[int, str] | None = None
        self.asked_at = self.due = 0.0
        self._not_before = 0.0

    def restart(self) -> None:
        """The line was opened: nobody is known to be there, nothing is under way."""
        self.seats = {address: Seat() for address in self.seats}
        self.out, self._not_before = None, 0.0

    def want(self, address: int, requests: Sequence[str]) -> None:
        """These wait for their turn. A silent one wants nothing: on its return it gets all."""
        seat = self.seats[address]
        if seat.state not in AWAY:
            kept = [request for request in seat.wants if request != CHECK or not requests]
            seat.wants = list(dict.fromkeys((*kept, *requests)))

    def next(self, now: float) -> tuple[int, str] | None:
        """Whose turn it is and with what; it is under way from now on."""
        if self.out is not None or now < self._not_before:
            return None
        found = min(
            ((rank, at) for at, a in enumerate(self._queue) if (rank := self._rank(a, now)) < 3),  # noqa: PLR2004
            default=None,
        )
        if found is None:
            return None
        address = self._queue[found[1]]
        del self._queue[found[1]]
        self._queue.append(address)
        seat = self.seats[address]
        self.out = address, seat.wants.pop(0) if seat.wants else CHECK
        self.asked_at, self.due = now, now + max(self._answer_s, seat.answer_s)
        return self.out

    def _rank(self, address: int, now: float) -> int:
        """0 for something to say, 1 for a check, 2 for a check of one that is parked, 3 nothing."""
        seat = self.seats[address]
        if seat.wants:
            return 1 if seat.wants[0] == CHECK else 0
        if now < seat.check_at:
            return 3
        return 2 if seat.state in {*AWAY, "error"} else 1

    def took(self, address: int, took_s: float) -> None:
        """It needed so long for an answer: next time it is given more, within the bound."""
        seat = self.seats[address]
        seat.answer_s = min(max(seat.answer_s, ROOM * took_s), LONGEST * self._answer_s)

    def late(self, address: int, took_s: float, now: float) -> None:
        """It answers, only too late: it is not to be parked, or at once to be asked again."""
        self.took(address, took_s)
        seat = self.seats[address]
        seat.tries, seat.late = 0, True
        if seat.state in AWAY and took_s < seat.answer_s:
            seat.check_at = now

    def dropped(self) -> None:
        """Nobody answers on this line: the request is done with."""
        self.out = None

    def answered(self, now: float) -> bool:
        """The answer to the request under way. True when it was not ready: draw it anew."""
        address, request = self.out or (-1, "")
        seat = self.seats[address]
        self.out, seat.tries, seat.late = None, 0, False
        seat.answer_s *= FORGETS
        self.took(address, now - self.asked_at)
        self._not_before = now + self._gap_s
        seat.check_at = now + self._check_s if self._check_s else math.inf
        anew = seat.state in AWAY or (seat.state == "error" and request == CHECK)
        if seat.state == "error" and request == CHECK != seat.refused:
            seat.check_at = now + PARKED_S  # it is there, and may refuse its text again
        else:
            seat.state = "ready"
        return anew

    def failed(self, now: float, state: SeatState) -> None:
        """No answer to it in time ("silent"), or a refusal ("error")."""
        address, request = self.out or (-1, "")
        seat = self.seats[address]
        self.out = None
        self._not_before = now + (self._gap_s if state == "error" else 0.0)
        seat.tries += 1
        if seat.tries < TRIES and seat.state in {"unknown", "ready"}:
            if not (request in seat.wants or (request == CHECK and seat.wants)):
                seat.wants.insert(0, request)  # a text that waits is as good as a check
            return
        seat.tries = 0
        if request in self._optional and seat.state not in AWAY:
            return
        if state == "silent" and seat.late:
            state = "late"
        elif state == "silent":
            seat.answer_s = 0.0  # one that is dead is not worth waiting for
        seat.late = False
        seat.state, seat.check_at, seat.refused = state, now + PARKED_S, request
        seat.wants.clear()

    def wait_until(self, moment: float) -> None:
        """Somebody else's request is still under way until then."""
        self._not_before = moment

    def alarm(self, now: float) -> float:
        """When something is due; infinite for never."""
        if self.out is not None:
            return self.due
        if now < self._not_before:
            return self._not_before
        return min((seat.check_at for seat in self.seats.values()), default=math.inf)
