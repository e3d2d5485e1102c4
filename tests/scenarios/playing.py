"""A hall to play scenarios in: the real core and the real files, devices that do as they are told.

Nothing of the core is imitated. Only the devices are: a printer, strips, keypads, pads, a voice.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from hallctl import wire
from hallctl.config.load import load
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.applying import apply
from hallctl.core.hall import Announcement, Hall
from hallctl.core.moment import Moment
from hallctl.core.react import displays
from hallctl.core.rules import Rules
from hallctl.core.step import Outcome, Step
from hallctl.device import driver_class

ROOT = Path(__file__).parents[2]
ZONE = timezone(timedelta(hours=8))
MONDAY = "2026-11-23"
TICK_S = 60.0
MOST_TICKS = 12
"""The daemon ticks every second; a scenario once a minute, in a long wait less often."""


@cache
def rules_of_the_hall() -> Rules:
    """The rules of hall.yaml, catalogue.yaml and devices.yaml."""
    return load(ROOT, driver_class=driver_class).rules


class Play:
    """One hall, its clock and its devices. `spoken` and `papers` are those since the last act."""

    def __init__(self) -> None:
        self.rules = replace(rules_of_the_hall())
        self.day = MONDAY
        self.step: Step | None = None
        self.wall_s = 0.0
        self.mono_s = 1000.0
        self.recorded = []
        self.people: dict[str, str] = {}
        self.asked = 0
        self.fresh = 0
        self.spoken: list[Announcement] = []
        self.papers: list[list[str]] = []
        self.strips: dict[int, f.ShowStrip] = {}
        self.keypads: dict[int, f.ShowKeypad] = {}
        self.pads: dict[int, str] = {}
        self.jobs: dict[str, f.PrintSlip] = {}
        self.printer = "好"

    @property
    def hall(self) -> Hall:
        return self.step.hall

    def now(self) -> Moment:
        local = datetime.fromtimestamp(self.wall_s, ZONE)
        day_s = local.hour * 3600 + local.minute * 60 + local.second
        return Moment(self.wall_s, self.mono_s, local.date().isoformat(), day_s, local.isoweekday())

    def wall_of(self, day: str, clock: str) -> float:
        hour, minute = clock.split(":")[:2]
        second = clock.split(":")[2] if clock.count(":") > 1 else "0"
        midnight = datetime.fromisoformat(day).replace(tzinfo=ZONE)
        passed = timedelta(hours=int(hour), minutes=int(minute), seconds=int(second))
        return (midnight + passed).timestamp()

    def begin(self, clock: str = "9:30") -> None:
        """The hall is switched on, on the first morning."""
        self.wall_s = self.wall_of(self.day, clock)
        self.step = Step(Hall(), "play")
        self.wake()

    def wake(self) -> None:
        self.ask(c.Wake(rules=self.rules, digest="play"))
        self.report("voice-1", r.LinkUp())
        self.report("voice-1", r.Condition(part="state", state="ready"))
        self.ask(c.Tick())

    def power_cut(self) -> None:
        """The process and its devices are gone; the events stored so far are folded anew."""
        before = self.hall
        hall = Hall()
        for recorded in self.recorded:
            stored = wire.dumps(wire.recorded_out(recorded))
            apply(hall, wire.recorded_in(wire.loads_own(stored)))
        assert hall == before, "the journal tells another story than what happened"
        self.step = Step(hall, "play")
        for seen in (self.strips, self.keypads, self.pads, self.jobs):
            seen.clear()
        self.act()
        self.wake()

    def act(self) -> None:
        """A new act begins: what was heard and printed before is old."""
        self.spoken = []
        self.papers = []
        self.fresh = len(self.recorded)

    def ask(self, command: c.Command) -> Outcome:
        self.asked += 1
        outcome = self.step(c.Asked(str(self.asked), "scenario", command), self.now())
        return self._keep(outcome)

    def report(self, device: str, report: r.Report) -> Outcome:
        self.asked += 1
        return self._keep(self.step(r.Reported(str(self.asked), device, report), self.now()))

    def _keep(self, outcome: Outcome) -> Outcome:
        self.recorded += outcome.recorded
        shown = displays(self.hall, [r.event for r in outcome.recorded])
        for effect in [*outcome.effects, *shown]:
            self._felt(effect)
        return outcome

    def later(self, seconds: float) -> None:
        """Let time pass."""
        most = max(TICK_S, math.ceil(seconds / MOST_TICKS))
        while seconds > 0:
            part = min(seconds, most)
            self.wall_s += part
            self.mono_s += part
            seconds -= part
            self.ask(c.Tick())

    def _felt(self, effect: f.Effect) -> None:
        """What the devices do when they are told."""
        match effect:
            case f.ShowStrip():
                self.strips[effect.window] = effect
            case f.ShowKeypad():
                self.keypads[effect.window] = effect
            case f.AskRating():
                self.pads[effect.window] = "请评价"
            case f.EndRating():
                self.pads[effect.window] = "谢谢" if effect.thanks else "熄灭"
            case f.Announce():
                self._speak(effect)
            case f.PrintSlip():
                self.jobs[effect.job] = effect
                self._prepare(effect.job)
            case f.SendSlip():
                self._send(effect.job)
            case f.DropSlip():
                self.jobs.pop(effect.job, None)
            case _:
                pass

    def _speak(self, effect: f.Announce) -> None:
        """The voice says it at once, in all its languages, with the number it was called by."""
        said = self.hall.voices[effect.device].speaking
        assert said.id == effect.announcement
        languages = tuple(sentence.language for sentence in effect.sentences)
        assert languages == ("mandarin", "cantonese")
        assert all(said.label[:1] in x.text for x in effect.sentences)
        if said.visit:
            self.spoken.append(said)
        done = r.Announced(announcement=said.id, languages=languages, took_s=0.0)
        self.report(effect.device, done)

    def _prepare(self, job: str) -> None:
        if self.printer == "缺纸":
            self.report("printer-1", r.SlipHeld(job=job, reason="paper_out"))
        elif self.printer != "关机":
            self.report("printer-1", r.SlipReady(job=job))

    def _send(self, job: str) -> None:
        slip = self.jobs.pop(job).slip
        if self.printer == "没回音":
            return
        self.papers.append([p.text for p in slip.parts if hasattr(p, "text")])
        self.report("printer-1", r.SlipPrinted(job=job))

    def set_printer(self, state: str) -> None:
        """缺纸, 关机, 没回音 or 好; a printer that recovers asks again for what it owes."""
        self.printer = state
        paper = {"缺纸": "out", "好": "ok"}.get(state)
        if paper:
            self.report("printer-1", r.Condition(part="paper", state=paper))
        if state == "好":
            for job in list(self.jobs):
                self._prepare(job)
