"""The loop: take → step → journal → publish → perform. The only file that knows them all.

One thread owns hall, journal and bus. It takes everything that waits, steps each, stores all
their events in one transaction, and only then lets anybody see them.
"""

import logging
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import zmq

from hallctl import notify, wire
from hallctl.answering import Answering
from hallctl.bus.messages import Answer, Ready, Request, refused
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.applying import apply
from hallctl.core.events import DayOpened, Recorded, RulesSet
from hallctl.core.forecast import Forecast, foretelling
from hallctl.core.habits import Uniform
from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.core.react import displays
from hallctl.core.rules import Rules
from hallctl.core.step import Outcome, Step
from hallctl.inbox import Inbox
from hallctl.journal import Journal
from hallctl.roles import another_windows

log = logging.getLogger("hallctl")

BATCH = 64
"""How many requests of each endpoint one turn takes."""
TICK_S = 1.0
FORECAST_S = 1.0
"""Forecasts are made at most so often, when something has happened."""
FORECAST_SHARE = 0.05
"""Of the loop's time, at most so much."""
FORECAST_QUIET_MS = 2
"""After whoever came, a slice of it waits for so long: who comes next is seldom far."""
FORECAST_LATEST_S = 0.01
"""But a slice is made at least so often, however many come."""
FORECAST_ANEW_S = 10.0
"""And so often anyway: time goes on, and a follower that has just come needs one."""


class Speaker(Protocol):
    """The bus as the daemon uses it; a simulation has one without sockets."""

    last: dict[str, int]

    @property
    def refused(self) -> int:
        """How often somebody was turned away."""

    def condition(self) -> dict[str, Any]:
        """What `status` tells of it."""

    def tick(self, now: Moment) -> None:
        """A turn begins: who came and went."""

    def notes(self, now: Moment, /) -> c.NoteBus | None:
        """What of its own is to be journalled."""

    def begin(self, seq: int) -> None:
        """Let the sequences go on after the journal's last event."""

    def receive(self, most: int, ready: Ready = None) -> list[Request]:
        """What waits, at most `most` of each endpoint; at those of `ready`, None for all."""

    def reply(self, request: Request, body: Answer) -> None:
        """Answer a request."""

    def publish(self, recorded: Sequence[Recorded]) -> None:
        """Tell the followers."""

    def heartbeat(self, epoch: str, now: Moment) -> None:
        """Tell that the hall lives."""

    def forecast(self, body: dict[str, Any]) -> None:
        """Tell what may be expected."""

    def wait_on(self) -> list[Any]:
        """What a poller can wait on."""


class Performer(Protocol):
    """Whoever carries effects to the devices."""

    def takes(self, kind: type[f.Effect]) -> bool:
        """Whether a device here does anything with such effects."""

    def post(self, effects: Sequence[f.Effect]) -> bool:
        """Hand over; False when there is no room."""


@dataclass
class Turn:
    """What one turn gathers before the commit."""

    recorded: list[Recorded] = field(default_factory=list)
    effects: list[f.Effect] = field(default_factory=list)
    answers: dict[str, wire.Written] = field(default_factory=dict)
    replies: list[tuple[Request, Answer]] = field(default_factory=list)


class Daemon:
    """Owns the hall. `now` is the clock; `reports` comes from the devices' thread.

    `mono` is the steady half of the clock alone. `uniform` is the chance that forecasts are drawn
    from; None makes none. `sights` gives each device's wire as the technician sees it. `day_key`
    gives the key that card readers hash with on a day; without it no card is read. `new_code` draws
    what the wait page finds a ticket by. `set_by_s` tells by how much the wall clock was set since
    it was last asked.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        bus: Speaker,
        devices: Performer,
        reports: Inbox[r.Reported],
        now: Callable[[], Moment],
        mono: Callable[[], float],
        new_epoch: Callable[[], str],
        uniform: Uniform | None = random.random,
        sights: Callable[[], Mapping[str, object]] = dict,
        day_key: Callable[[str], bytes] | None = None,
        new_code: Callable[[], str] | None = None,
        set_by_s: Callable[[], float] = float,
    ) -> None:
        self.journal = journal
        self.bus = bus
        self._devices = devices
        self._reports = reports
        self._now = now
        self._mono = mono
        self.hall = Hall()
        for recorded in journal.today():
            apply(self.hall, recorded)
        self._step = Step(self.hall, self.hall.epoch or new_epoch(), new_code)
        self._next_tick_s = 0.0
        self._uniform = uniform
        self._day_key = day_key
        self._set_by_s = set_by_s
        self._foretold_s = -math.inf
        self._foretold_seq = -1
        self._foretelling: Iterator[Forecast | None] | None = None
        self._foretelling_s = self._sliced_s = 0.0
        self._answer = Answering(self.hall, journal, bus, now, sights, now())
        self.stopping = False
        self.errands: list[Callable[[], None]] = []
        """What others (a signal, a thread) want done in the loop's thread; after it, nudge."""

    def begin(self, rules: Rules, digest: str) -> None:
        """Start the day's work: rules in force, what the last run left behind, all displays."""
        self.bus.begin(self.hall.seq)
        turn = Turn()
        now = self._now()
        self._took(
            turn, self._step(c.Asked("wake", "hallctl", c.Wake(rules=rules, digest=digest)), now)
        )
        self._took(turn, self._step(c.Asked("tick", "hallctl", c.Tick()), now))
        self._settle(turn, now)
        self._hand_key()
        self._next_tick_s = now.mono_s + TICK_S

    def reload(self, rules: Rules, digest: str) -> bool:
        """New rules during the day, from the loop's thread; False when these are in force already.

        Devices are not wired anew.
        """
        turn = Turn()
        now = self._now()
        wake = c.Wake(rules=rules, digest=digest, running=True)
        self._took(turn, self._step(c.Asked("reload", "hallctl", wake), now))
        self._settle(turn, now)
        return any(isinstance(r.event, RulesSet) for r in turn.recorded)

    def turn(self) -> None:
        """Take what waits, let it happen, make it durable, show it; a forecast to its end."""
        self._turn()
        while self._foretelling is not None:
            self._foretell_on()

    def _turn(self, ready: Ready = None) -> None:
        now = self._now()
        turn = Turn()
        by_s = self._set_by_s()
        if by_s:
            now = self._now()
            log.warning("the computer's clock was set by %+.1f s; waiting times stay", by_s)
            self._took(turn, self._step(c.Asked("clock", "hallctl", c.NoteClock(by_s=by_s)), now))
        self.bus.tick(now)
        if ready is None or self._reports.fileno() in ready:
            for reported in self._reports.take(BATCH * 16):
                self._took(turn, self._step(reported, now))
        questions = []
        for request in self.bus.receive(BATCH, ready):
            if request.command is None:
                questions.append(request)
            else:
                self._command(turn, request, now)
        noted = self.bus.notes(now)
        if noted is not None:
            self._took(turn, self._step(c.Asked("bus", "hallctl", noted), now))
        ticked = now.mono_s >= self._next_tick_s
        if ticked:
            self._tick(turn, now)
        self._settle(turn, now)
        for request in questions:
            self.bus.reply(request, self._answer(request))
        if ticked:
            self._next_tick_s = now.mono_s + TICK_S
            self.bus.heartbeat(self.hall.epoch, now)
            self.journal.each_second()
            notify.watchdog()
        if self._foretelling is None:
            self._foretell(now)

    def _tick(self, turn: Turn, now: Moment) -> None:
        """What the passing of a second brings, damage met, now and then the disk's room."""
        self._took(turn, self._step(c.Asked("tick", "hallctl", c.Tick()), now))
        if self._answer.damage:
            damaged = c.NoteDamage(path=str(self.journal.path))
            self._took(turn, self._step(c.Asked("damage", "hallctl", damaged), now))
        room = self.journal.reserve.tend(now.mono_s)
        if room is not None:
            noted = c.NoteRoom(
                folder=str(self.journal.reserve.folder),
                free_bytes=room.free_bytes,
                reserve_bytes=room.reserve_bytes,
                whole_bytes=room.whole_bytes,
            )
            self._took(turn, self._step(c.Asked("room", "hallctl", noted), now))

    def _foretell(self, now: Moment) -> None:
        """The forecast, beside the loop: last in a turn, told to followers, never journalled.

        It is made in slices, each shorter than a commit, with turns in between, and takes a
        twentieth of the time at most: a long queue makes it rarer, not the hall slower.
        """
        if self._uniform is None:
            return
        gone_s = now.mono_s - self._foretold_s
        happened = self.hall.seq != self._foretold_seq
        rest_s = max(FORECAST_S, self._foretelling_s / FORECAST_SHARE)
        if gone_s < rest_s or not (happened or gone_s >= FORECAST_ANEW_S):
            return
        self._foretold_s, self._foretold_seq = now.mono_s, self.hall.seq
        self._foretelling = foretelling(self.hall, now, self._uniform)
        self._foretelling_s = 0.0

    def _foretell_on(self) -> None:
        """One slice more of the forecast that is being made."""
        assert self._foretelling is not None
        begun_s = self._mono()
        found = next(self._foretelling)
        self._sliced_s = self._mono()
        self._foretelling_s += self._sliced_s - begun_s
        if found is None:
            return
        self._foretelling = None
        self._step.waits = {
            queue: (wait.low_min, wait.high_min)
            for queue, wait in found.queues.items()
            if wait.low_min is not None and wait.high_min is not None
        }
        self.bus.forecast({"epoch": self.hall.epoch, "seq": self._foretold_seq, **found.out()})

    def _slice_is_late(self) -> bool:
        return self._mono() - self._sliced_s >= FORECAST_LATEST_S

    def _command(self, turn: Turn, request: Request, now: Moment) -> None:
        assert request.command is not None
        if another_windows(request.standing, request.command, self.hall):
            name = type(request.command).__name__
            turn.replies.append(
                (request, refused("not_yours", command=name, place=str(request.standing)))
            )
            return
        key = request.key
        answer = turn.answers.get(key) or self.journal.answer(key)
        if answer is None:
            outcome = self._step(c.Asked(key, request.actor, request.command), now)
            self._took(turn, outcome)
            answer = turn.answers[key] = wire.Written(wire.dumps(outcome.answer))
        turn.replies.append((request, wire.Written(answer)))

    @staticmethod
    def _took(turn: Turn, outcome: Outcome) -> None:
        turn.recorded += outcome.recorded
        turn.effects += outcome.effects

    def _settle(self, turn: Turn, now: Moment) -> None:
        """Make it durable; then, and only then, let it be seen."""
        if turn.recorded or turn.answers:
            answers = list(turn.answers.items())
            day = self.hall.day or now.day
            self.journal.append(turn.recorded, answers, day, lambda: self._show(turn))
        else:
            self._show(turn)
        for recorded in turn.recorded:
            if isinstance(recorded.event, DayOpened):
                self.journal.forget_answers(recorded.event.day)
                self._hand_key()

    def _show(self, turn: Turn) -> None:
        """What is durable goes out: to followers, to who asked, to devices."""
        self.bus.publish(turn.recorded)
        for request, answer in turn.replies:
            self.bus.reply(request, answer)
        effects = turn.effects
        if turn.recorded and (
            self._devices.takes(f.ShowStrip) or self._devices.takes(f.ShowKeypad)
        ):
            effects += displays(self.hall, [r.event for r in turn.recorded])
        if effects and not self._devices.post(effects):
            log.error("devices are %d effects behind; displays may be stale", len(effects))

    def _hand_key(self) -> None:
        """Give the day's key to the card readers; never to the journal, never to a log."""
        fittings = self.hall.rules.fittings if self.hall.rules else ()
        readers = [fitting.device for fitting in fittings if fitting.kind == "reader"]
        if not readers or self._day_key is None:
            return
        try:
            key = self._day_key(self.hall.day)
        except OSError as problem:
            log.error("no ID card is read today: %s", problem)  # noqa: TRY400
            return
        self._devices.post([f.SetDayKey(device=d, day=self.hall.day, key=key) for d in readers])

    def status(self) -> dict[str, Any]:
        """The daemon's own condition, for `hallctl status` and monitors."""
        return self._answer.status()

    def run(self) -> None:
        """Turn until `stopping`; sleeps only while nothing waits."""
        poller = zmq.Poller()
        poller.register(self._reports.fileno(), zmq.POLLIN)
        for socket in self.bus.wait_on():
            poller.register(socket, zmq.POLLIN)
        found: list[Any] = []
        while not self.stopping:
            left_ms = max(0, int((self._next_tick_s - self._mono()) * 1000))
            if self._foretelling is not None:
                waits = found and not self._slice_is_late()
                left_ms = min(left_ms, FORECAST_QUIET_MS if waits else 0)
            found = poller.poll(left_ms)
            self._turn([which for which, _ in found])
            if self._foretelling is not None and (not found or self._slice_is_late()):
                self._foretell_on()
            while self.errands:
                self.errands.pop(0)()
