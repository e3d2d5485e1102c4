"""A machine that calls, recalls, pulls plugs and answers late, and holds the voices to their word.

A voice says one thing at a time and only when it is ready; each announcement is begun in the order
of the line and ends once, made or skipped with a true reason; a replay through the wire is the
same hall; and at the end of every history all that still waits is said.
"""

from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from calling_aloud import Line
from hallctl import wire
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.rules import Fitting, Span, VoiceRules
from sample import RULES, Bench, check_a_snapshot_is_the_hall

DEVICES = ("front", "back")
BOTH = tuple(Fitting(name, "voice", (1, 2, 3) if name == "front" else (3,)) for name in DEVICES)
SPOKEN = replace(
    RULES,
    fittings=BOTH,
    cut_off=False,
    recall_gap_s=2.0,
    no_show_after=1,
    voice=VoiceRules(repeats=2, pile_up=2, say_missed=True, quiet=(Span(44700, 46800),)),
)
"""Lunch is announced; the last part of it is quiet."""
ALONE = replace(SPOKEN, fittings=BOTH[:1])

WINDOWS = st.sampled_from([1, 2, 3, 3])
SOUNDING = st.sampled_from(DEVICES)
ACTS = (c.Start, c.Finish, c.MarkNoShow, c.Hold, c.CallBack, c.Undo, c.Transfer)
CALLS = ("call", "recall")
SEEN: Counter[str] = Counter()


class VoicesMachine(RuleBasedStateMachine):
    @initialize()
    def opened(self):
        self.bench = Bench(SPOKEN)
        self.lines = {name: Line() for name in DEVICES}
        self.ended = set()
        self.quiet_until_s = 0.0
        self.leaving = False
        self.replayed = Hall()
        self.folded = self.handed = 0
        self.fold()
        for name in DEVICES:
            self.tell(name, r.LinkUp())
            self.tell(name, r.Condition(part="state", state="ready"))

    @property
    def hall(self):
        return self.bench.hall

    def ask(self, command):
        outcome = self.bench.ask(command)
        self.fold()
        return outcome.answer

    def tell(self, device, report):
        self.bench.report(device, report)
        self.fold()

    # - what the journal says is held against the promises

    def fold(self):
        begun = []
        for recorded in self.bench.recorded[self.folded :]:
            apply(self.replayed, recorded)
            event = recorded.event
            match event:
                case e.AnnouncementQueued():
                    self.queued(event)
                case e.AnnouncementBegun():
                    self.begun(event, recorded)
                    begun.append(event.announcement)
                case e.AnnouncementFailed():
                    line = self.lines[event.device]
                    assert line.speaking == event.announcement
                    line.speaking = ""
                    SEEN[f"failed {event.reason}"] += 1
                case e.AnnouncementMade() | e.AnnouncementSkipped():
                    self.over(event)
                case _:
                    self.around(event)
        self.folded = len(self.bench.recorded)
        told = [x for x in self.bench.effects[self.handed :] if isinstance(x, f.Announce)]
        assert [x.announcement for x in told] == begun, "each is handed over once"
        self.handed = len(self.bench.effects)

    def queued(self, event):
        assert event.announcement not in self.ended
        line = self.lines[event.device]
        assert event.announcement not in line.open
        line.open[event.announcement] = event
        SEEN[f"queued {event.purpose}"] += 1

    def begun(self, event, recorded):
        line = self.lines[event.device]
        assert not line.speaking, "two at once"
        assert line.ready, "a voice that is not ready was given something"
        urgent = line.open[event.announcement].purpose == "evacuation"
        assert urgent is self.leaving
        assert event.announcement == line.first(urgent), "out of order"
        if not urgent:
            assert not line.tests
            assert recorded.wall_s >= self.quiet_until_s
            assert not SPOKEN.voice.quiet[0].holds(self.bench.now.day_s)
        SEEN["again" if event.announcement in line.given else "begun"] += 1
        SEEN["short"] += event.short
        line.speaking = event.announcement
        line.given.append(event.announcement)

    def over(self, event):
        line = self.lines[event.device]
        assert event.announcement not in self.ended, "ended twice"
        self.ended.add(event.announcement)
        queued = line.open.pop(event.announcement)
        assert (event.call, event.visit, event.window) == (
            queued.call, queued.visit, queued.window,
        )  # fmt: skip
        if isinstance(event, e.AnnouncementMade):
            assert line.speaking == event.announcement
            line.speaking = ""
            SEEN["made"] += 1
            return
        SEEN[f"skipped {event.reason}"] += 1
        if line.speaking == event.announcement:
            assert event.reason in ("gone", "over"), "cut short"
            line.speaking = ""
        visit = self.replayed.visits.get(event.visit)
        if event.reason == "merged":
            same = [
                n for n, q in line.open.items()
                if (q.visit, q.window) == (event.visit, event.window) and q.purpose in CALLS
            ]  # fmt: skip
            assert [n for n in same if n != line.speaking]
        elif queued.purpose in CALLS and event.reason == "moved_on":
            assert (visit.status, visit.window) != ("called", event.window)

    def around(self, event):
        match event:
            case e.DeviceUp():
                self.lines[event.device].up = True
            case e.DeviceDown():
                line = self.lines[event.device]
                line.up = line.has_sound = False
            case e.DeviceSensed() if event.part == "state":
                self.lines[event.device].has_sound = event.state == "ready"
            case e.DeviceTestBegun():
                self.lines[event.device].tests = True
            case e.DeviceTestEnded():
                self.lines[event.device].tests = False
            case e.VoiceQuieted():
                self.quiet_until_s = event.until_s
            case e.EvacuationStarted() | e.EvacuationEnded():
                self.leaving = isinstance(event, e.EvacuationStarted)
            case e.DayOpened():
                for line in self.lines.values():
                    line.tests = False

    # - what people do

    @rule(window=WINDOWS, language=st.sampled_from(["zh", "zh", "en"]))
    def call(self, window, language):
        """Somebody comes and is called; whoever stood at the window is done."""
        if self.hall.windows[window].status == "called":
            self.ask(c.Start(window=window))
        self.ask(c.IssueTicket(queue="B" if window == 3 else "A", paper=False, language=language))
        self.ask(c.CallNext(window=window))

    @rule()
    def rush(self):
        _ = [self.call(window, "zh") for window in (1, 2, 3)]

    @rule(window=WINDOWS, wait_s=st.sampled_from([0, 3]))
    def recall(self, window, wait_s):
        self.bench.later(wait_s)
        self.fold()
        answer = self.ask(c.Recall(window=window))
        SEEN[f"recall {answer.get('code', 'ok')}"] += 1

    @rule(
        window=WINDOWS,
        act=st.sampled_from(
            [c.Start, c.Finish, c.MarkNoShow, c.Hold, c.CallBack, c.Undo, c.Transfer]
        ),
    )
    def work(self, window, act):
        self.ask(act(window=window))

    @rule(window=WINDOWS)
    def rehearse(self, window):
        self.ask(c.RehearseVisit(window=window))

    @rule(minutes=st.sampled_from([0, 0, 1]))
    def quiet(self, minutes):
        self.ask(c.QuietVoice(minutes=minutes))

    @rule(on=st.sampled_from([True, False, False]))
    def evacuate(self, on):
        self.ask(c.StartEvacuation(place="x") if on else c.EndEvacuation(place="x"))

    # - what the voices do

    @rule(device=SOUNDING, took_s=st.floats(0, 30))
    def says_it(self, device, took_s):
        line = self.lines[device]
        self.bench.later(took_s)
        self.fold()
        name = line.speaking or "nothing"
        self.tell(device, r.Announced(announcement=name, languages=(), took_s=took_s))
        assert not line.speaking or line.speaking != name

    @rule(device=SOUNDING)
    def says_it_all(self, device):
        for _ in range(4):
            self.says_it(device, 4.0)

    @rule(device=SOUNDING, reason=st.sampled_from(["no_sound", "unplugged", "silence", "cut"]))
    def fails(self, device, reason):
        name = self.lines[device].speaking or "nothing"
        self.tell(device, r.AnnouncementFailed(announcement=name, reason=reason))

    @rule(device=SOUNDING, data=st.data(), fails=st.booleans(), swapped=st.booleans())
    def answers_late_or_twice(self, device, data, fails, swapped):
        """Words about anything it was ever given, or about what the other one was."""
        of = self.lines[DEVICES[1 - DEVICES.index(device)] if swapped else device]
        if not of.given:
            return
        name = data.draw(st.sampled_from(of.given[-6:]))
        before = len(self.bench.recorded)
        live = self.lines[device].speaking == name
        report = r.Announced(announcement=name, languages=(), took_s=1.0)
        if fails:
            report = r.AnnouncementFailed(announcement=name, reason="no_sound")
        self.tell(device, report)
        kinds = (e.AnnouncementMade, e.AnnouncementFailed)
        said = [x for x in self.bench.recorded[before:] if isinstance(x.event, kinds)]
        assert len(said) == live
        SEEN["answer in time" if live else "answer too late"] += 1

    @rule(device=SOUNDING, up=st.booleans())
    def plug(self, device, up):
        self.tell(device, r.LinkUp() if up else r.LinkDown(evidence="x", remedy=""))
        if up:
            self.tell(device, r.Condition(part="state", state="ready"))

    @rule(device=SOUNDING, state=st.sampled_from(["ready", "ready", "silent"]))
    def card(self, device, state):
        self.tell(device, r.Condition(part="state", state=state))

    @rule(device=SOUNDING)
    def tests_itself(self, device):
        if self.lines[device].tests:
            self.tell(device, r.TestEnded())
        else:
            self.ask(c.TestDevice(device=device, level="internal"))

    # - what time and the machine do

    @rule(seconds=st.sampled_from([0.2, 1, 2, 5, 11, 60, 130]))
    def wait(self, seconds):
        self.bench.later(seconds)
        self.fold()

    @rule(to=st.sampled_from([12 * 3600, 12 * 3600 + 1500, 13 * 3600]))
    def noon(self, to):
        seconds = to - self.bench.now.day_s
        if seconds > 0:
            self.bench.later(seconds)
            self.fold()

    @rule(by_s=st.sampled_from([-400.0, 400.0]))
    def wall_clock_is_set(self, by_s):
        self.bench.now = replace(self.bench.now, wall_s=self.bench.now.wall_s + by_s)
        self.ask(c.Tick())

    @rule()
    def tomorrow(self):
        now = self.bench.now
        if now.day >= "2026-11-27":
            return
        passed_s = 86400 - now.day_s + 9 * 3600
        self.bench.now = replace(
            now, day=f"2026-11-{int(now.day[-2:]) + 1}", day_s=9 * 3600, weekday=now.weekday + 1,
            wall_s=now.wall_s + passed_s, mono_s=now.mono_s + passed_s,
        )  # fmt: skip
        self.ask(c.Tick())
        assert not any(line.open for line in self.lines.values()), "nothing is carried over"

    @rule(machine=st.booleans())
    def restart(self, machine):
        """hallctl alone, or the machine with its steady clock."""
        if machine:
            self.bench.now = replace(self.bench.now, mono_s=30.0)
        self.ask(c.Wake(rules=self.hall.rules, digest=self.hall.digest))

    @rule(fitted=st.booleans())
    def refit(self, fitted):
        self.ask(c.Wake(rules=SPOKEN if fitted else ALONE, digest=f"d{fitted}", running=True))

    # - what holds after each step

    @invariant()
    def the_hall_holds_what_the_journal_says(self):
        if not hasattr(self, "bench"):
            return
        assert self.replayed == self.hall
        for name, line in self.lines.items():
            voice = self.hall.voices.get(name)
            waiting = [a.id for a in voice.queue] if voice else []
            speaking = voice.speaking.id if voice and voice.speaking else ""
            assert speaking == line.speaking
            assert sorted([*waiting, *([speaking] if speaking else [])]) == sorted(line.open)

    @invariant()
    def no_voice_that_could_speak_is_idle(self):
        if not hasattr(self, "bench") or self.leaving:
            return
        for name, line in self.lines.items():
            voice = self.hall.voices.get(name)
            if voice and voice.queue and not voice.queue[0].tries and not line.tests:
                assert line.speaking or not line.ready

    def teardown(self):
        if not hasattr(self, "bench"):
            return
        self.say_what_is_left()
        read = wire.loads_own(wire.dumps([wire.recorded_out(x) for x in self.bench.recorded]))
        folded = Hall()
        for body in read:
            apply(folded, wire.recorded_in(body))
        assert folded == self.hall
        check_a_snapshot_is_the_hall(self.hall)

    def say_what_is_left(self):
        """Everything is well again: within a few sentences the line is empty."""
        if self.leaving:
            self.ask(c.EndEvacuation(place="x"))
        for name, line in self.lines.items():
            if line.tests:
                self.tell(name, r.TestEnded())
            self.tell(name, r.LinkUp())
            self.tell(name, r.Condition(part="state", state="ready"))
        left = sum(len(line.open) for line in self.lines.values())
        for _ in range(left + 1):
            self.bench.later(11)
            self.fold()
            for name, line in self.lines.items():
                if line.speaking:
                    done = r.Announced(announcement=line.speaking, languages=(), took_s=4.0)
                    self.tell(name, done)
        assert not any(line.open for line in self.lines.values()), "something was never said"


WANTED = (
    *(f"queued {x}" for x in ("call", "recall", "missed", "lunch", "rehearsal", "evacuation")),
    *(f"skipped {x}" for x in ("moved_on", "merged", "quiet", "over", "gone")),
    *(f"failed {x}" for x in ("no_sound", "unplugged", "silence", "cut", "restart")),
    "begun", "again", "short", "made", "answer in time", "answer too late",
    "recall ok", "recall not_said_yet",
)  # fmt: skip
ROUNDS_MOST, ENOUGH = 10, 20


def test_whatever_happens_every_announcement_is_said_in_order_or_skipped_with_a_reason(capsys):
    """Rounds of 80 histories, each with its own seed, until everything has come often."""
    SEEN.clear()
    machine = settings(
        max_examples=80,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    for number in range(ROUNDS_MOST):
        run_state_machine_as_test(seed(number)(VoicesMachine), settings=machine)
        if min(SEEN[x] for x in WANTED) >= ENOUGH:
            break
    with capsys.disabled():
        for what, count in sorted(SEEN.items(), key=lambda x: x[1]):
            print(f"  {count:6d}  {what}")
    assert min(SEEN[x] for x in WANTED) >= ENOUGH
