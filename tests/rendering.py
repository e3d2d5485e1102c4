"""A busy half hour of the hall's voice, rendered offline: a crowd from one seed on a virtual clock.

The core's own step, the real device and driver `voice_clips`, the real player in its thread behind
real pipes; only the card is a buffer, and time stands still until everybody has answered.
"""

import hashlib
import heapq
import itertools
import json
import os
import select
import threading
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from drivers.voice_clips import ClipsOptions, VoiceClips
from hallctl.config.load import load
from hallctl.core import commands as c
from hallctl.core.effects import Announce
from hallctl.core.hall import Hall
from hallctl.core.rules import Fitting
from hallctl.core.step import Step
from hallctl.device import Device, driver_class
from hallctl.voice.clips import Library
from hallctl.voice.player import Player
from running import PATIENT_S, ROOT
from sample import at

RATE = 48_000
BEGINS_S = 9 * 3600 + 1800
HALF_HOUR_S = 1800.0
NEVER_STUCK_S = 1e12
"""The virtual clock leaps: the player's watch over its card would take that for one that hangs."""


def rules_of_this_hall(**voice):
    """The repository's own hall with one voice and nothing else fitted."""
    rules = load(ROOT, driver_class=driver_class).rules
    fitted = (Fitting("voice-1", "voice"),)
    return replace(rules, fittings=fitted, voice=replace(rules.voice, **voice))


class Tape:
    """A sound card whose loudspeaker is a list: what was played, from which sample, how much."""

    def __init__(self, clock):
        self._clock = clock
        self.played = []
        self.present = True
        self._until_s = 0.0

    def open(self):
        """It is always there."""

    def close(self):
        self.stop()

    def play(self, pcm):
        self._until_s = self._clock() + len(pcm) / 2 / RATE
        self.played.append([round(self._clock() * RATE), pcm])

    def playing(self):
        return self._clock() < self._until_s

    def stop(self):
        if self.playing():
            begun, pcm = self.played[-1]
            self.played[-1][1] = pcm[: 2 * (round(self._clock() * RATE) - begun)]
            self._until_s = self._clock()

    @property
    def ends_s(self):
        """When what is playing will have sounded; None while nothing is."""
        return self._until_s if self.playing() else None

    def pcm(self):
        """Everything that sounded, with the silence between, as it would have left the card."""
        end = max((begun + len(pcm) // 2 for begun, pcm in self.played), default=0)
        whole = np.zeros(end, np.int16)
        for begun, pcm in self.played:
            whole[begun : begun + len(pcm) // 2] += np.frombuffer(pcm, np.int16)
        return whole


class PlayerLink:
    """The wire to a player in a thread of this process. After each order its answer is awaited."""

    def __init__(self, library, clock):
        self.clock = clock
        self.tape = Tape(clock)
        self._library = library
        self._answers = b""
        self._owed = set()
        self._orders_fd = self._answers_fd = -1
        self.saying = ""

    def open(self):
        to_player, self._orders_fd = os.pipe()
        self._answers_fd, from_player = os.pipe()
        player = Player(
            self._library,
            self.tape,
            to_player,
            from_player,
            stuck_s=NEVER_STUCK_S,
            clock=self.clock,
        )
        self._fds = (to_player, from_player)
        self._thread = threading.Thread(target=player.run)
        self._thread.start()
        return self._answers_fd

    def write(self, payload):
        for line in payload.splitlines():
            order = json.loads(line)
            word = next(w for w in ("say", "stop", "look") if w in order)
            self._owed.add((order[word], "begin" if word == "say" else "end"))
        os.write(self._orders_fd, payload)
        return len(payload)

    def read(self):
        """What the player said, once it owes nothing."""
        self.settle()
        got, self._answers = self._answers, b""
        return got

    def over(self):
        """The sound has come to its end: the player must say so now."""
        self._owed.add((self.saying, "end"))

    def settle(self):
        """Wait until every order has its answer."""
        while self._owed:
            assert select.select([self._answers_fd], [], [], PATIENT_S)[0], self._owed
            got = os.read(self._answers_fd, 65_536)
            assert got.endswith(b"\n")  # a short line is written whole
            for line in got.splitlines():
                self._heard(json.loads(line))
            self._answers += got

    def _heard(self, answer):
        word = next(w for w in ("ready", "started", "ended", "failed") if w in answer)
        name = answer[word]
        if word == "started":
            self.saying = name
            self._owed.discard((name, "begin"))
        elif word != "ready":
            self.saying = "" if name == self.saying else self.saying
            self._owed -= {(name, "begin"), (name, "end")}

    def unsent(self):
        return 0

    def close(self):
        if self._orders_fd >= 0:
            os.close(self._orders_fd)
            self._thread.join(PATIENT_S)
            assert not self._thread.is_alive()
            for fd in (self._answers_fd, *self._fds):
                os.close(fd)
            self._orders_fd = self._answers_fd = -1


class RenderedHall:
    """One hall, one voice and a heap of what happens when; `journal` is everything recorded."""

    def __init__(self, library, rules):
        self.now_s = 0.0
        self.hall = Hall()
        self.step = Step(self.hall, "render")
        self.journal = []
        self.link = PlayerLink(library, lambda: self.now_s)
        self.device = Device("voice-1", VoiceClips(ClipsOptions()), self.link, "render")
        self._order = itertools.count()
        self._due = []
        self._asked = 0
        self.ask(c.Wake(rules=rules, digest="render"))
        self.device.opened(self.link.open(), self.now_s)
        self._settle()

    def close(self):
        self.link.close()

    def at(self, when_s, act):
        """Let something happen then, in seconds from the beginning."""
        heapq.heappush(self._due, (when_s, next(self._order), act))

    def after(self, wait_s, act):
        self.at(self.now_s + wait_s, act)

    def moment(self):
        begun = at(9, 30)
        return replace(
            begun,
            wall_s=begun.wall_s + self.now_s,
            mono_s=begun.mono_s + self.now_s,
            day_s=int(BEGINS_S + self.now_s),
        )

    def ask(self, command):
        """Somebody presses; the answer. The voice has heard of it when this comes back."""
        self._asked += 1
        outcome = self.step(c.Asked(f"{self._asked}", "render", command), self.moment())
        self._take(outcome)
        return outcome.answer

    def _take(self, outcome):
        self.journal += outcome.recorded
        for effect in outcome.effects:
            if isinstance(effect, Announce) and self.device.wants(effect):
                self.device.perform(effect, self.now_s)
        self._settle()

    def _settle(self):
        """Until nobody has anything to say to anybody at this instant."""
        self.device.turn(self.now_s)
        while self.device.outgoing:
            self.device.turn(self.now_s)
        self.device.turn(self.now_s)
        for reported in self.device.reported():
            self._take(self.step(reported, self.moment()))

    def run(self, until_s):
        """Let time pass: ticks, alarms, ends of sounds, and what was put into the heap."""
        while True:
            alarm_s = min(self.device.alarms(), default=None)
            end_s = self.link.tape.ends_s
            then_s = self._due[0][0] if self._due else None
            tick_s = float(int(self.now_s) + 1)
            next_s = min(x for x in (alarm_s, end_s, then_s, tick_s) if x is not None)
            if next_s > until_s:
                break
            self.now_s = max(self.now_s, next_s)
            if end_s == next_s:
                self.link.over()
                self._settle()
            elif then_s == next_s:
                heapq.heappop(self._due)[2]()
            elif alarm_s == next_s:
                self._settle()
            else:
                self.ask(c.Tick())
        self.now_s = until_s

    def settled(self, until_s):
        """Run on until the voice has nothing left to say."""
        while self.now_s < until_s and any(
            v.speaking is not None or v.queue for v in self.hall.voices.values()
        ):
            self.run(self.now_s + 1)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A half hour: the samples, and the journal they are held against."""

    pcm: np.ndarray
    journal: tuple
    sha256: str
    ended_s: float


class Crowd:
    """Residents and clerks of nine windows, drawn from one seed. Most calls come in bunches."""

    def __init__(self, hall, seed):
        self.hall = hall
        self.random = Random(seed)
        rules = hall.hall.rules
        self.queues = [q.id for q in rules.queues]
        self.windows = [w.number for w in rules.windows]
        self.gap_s, self.calls_most = rules.recall_gap_s, rules.no_show_after
        for _ in range(60):
            self.arrive()
        for _ in range(230):
            hall.at(self.random.uniform(0, 1500), self.arrive)
        for window in self.windows:
            hall.at(self.random.uniform(1, 8), lambda n=window: self.call(n))

    def arrive(self):
        queue = self.random.choice(self.queues)
        language = "en" if self.random.random() < 0.1 else "zh"
        klass = "priority" if self.random.random() < 0.15 else "ordinary"
        self.hall.ask(c.IssueTicket(queue=queue, language=language, klass=klass, paper=False))

    def call(self, window):
        if self.hall.now_s > HALF_HOUR_S - 60:
            return
        if not self.hall.ask(c.CallNext(window=window))["ok"]:
            self.hall.after(self.random.uniform(5, 15), lambda: self.call(window))
            return
        drawn = self.random.random()
        if drawn < 0.06:  # a slip of the finger, taken back
            self.hall.after(self.random.uniform(1, 9), lambda: self.undo(window))
        elif drawn < 0.2:
            self.hall.after(self.gap_s + 1, lambda: self.recall(window))
        else:
            self.hall.after(self.random.uniform(8, 35), lambda: self.start(window))

    def undo(self, window):
        self.hall.ask(c.Undo(window=window))
        self.rest(window)

    def recall(self, window):
        """Nobody came: again and again, until the ticket is given up."""
        visit = self.hall.hall.at_window(window)
        if visit is None or visit.status != "called":
            self.rest(window)
        elif visit.calls < self.calls_most:
            answer = self.hall.ask(c.Recall(window=window))
            again_s = self.gap_s + 1 if answer["ok"] else self.random.uniform(2, 5)
            self.hall.after(again_s, lambda: self.recall(window))
        else:
            self.hall.ask(c.MarkNoShow(window=window))
            self.rest(window)

    def start(self, window):
        self.hall.ask(c.Start(window=window))
        self.hall.after(self.random.uniform(20, 110), lambda: self.finish(window))

    def finish(self, window):
        self.hall.ask(c.Finish(window=window))
        self.rest(window)

    def rest(self, window):
        """Until the next call: half of the clerks wait for the next full half minute, and bunch."""
        wait_s = self.random.uniform(3, 15)
        if self.random.random() < 0.5:
            wait_s += -(self.hall.now_s + wait_s) % 30 + self.random.uniform(0, 1)
        self.hall.after(wait_s, lambda: self.call(window))


def half_hour(folders, seed, *, evacuated=False, quieted=False, rules=None, length_s=HALF_HOUR_S):
    """Play a crowd for half an hour; everything that sounded, and the journal of it."""
    hall = RenderedHall(Library(folders), rules or rules_of_this_hall())
    try:
        Crowd(hall, seed)
        if evacuated:
            hall.at(600.5, lambda: hall.ask(c.StartEvacuation(place="guide")))
            hall.at(640.0, lambda: hall.ask(c.EndEvacuation(place="guide")))
        if quieted:
            hall.at(900.0, lambda: hall.ask(c.QuietVoice(minutes=2, place="guide")))
        hall.run(length_s)
        hall.settled(length_s + 600)
        pcm = hall.link.tape.pcm()
        digest = hashlib.sha256(pcm.tobytes()).hexdigest()
        return Rendered(pcm, tuple(hall.journal), digest, hall.now_s)
    finally:
        hall.close()
