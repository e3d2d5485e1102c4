"""The hall's voice: recorded clips through the sound card and any amplifier with a line input.

Manual: `hallctl/voice/player.py`, the other end of this link. Wiring: line-out to the amplifier;
the link is `sound:`, a child process that owns the sound card. Lines of JSON, to the player:

    {"say": ID, "chime": "full", "volume": 80,
     "sentences": [["mandarin", ["please", "letter-a", "0", "0", "1", "number", "pause:250", …]]]}
    {"stop": ID}                      break it off, for something urgent
    {"look": ID}                      is the sound card there?

and from the player:

    {"ready": true}                   the card is open; also each time it has come back
    {"started": ID, "lasts_s": 7.3}   the first sample is on its way
    {"ended": ID, "took_s": 7.31, "languages": ["mandarin"],
     "left_out": ["cantonese/letter-a: no such clip"]}
    {"failed": ID, "reason": "no_sound", "why": "…"}

`chime` is full, short or none. A language with a hole in it is left out whole and named, the chime
sounds in any case. `reason` is no_sound (the card; ID is "" when nothing was asked), cut, clips
(not even a chime to play) or order (not understood). One order taken apart:
7B 22 6C 6F 6F 6B 22 3A 22 31 22 7D 0A is {"look":"1"} and the end of the line.

One announcement at a time, to its end; only an urgent one cuts in. Each is answered for, whatever
happens: a player that does not answer is closed, and another one started.
"""

import json
from collections import deque
from typing import Any, ClassVar

from pydantic import Field

from hallctl.core.effects import Announce, Effect, ExerciseDevice
from hallctl.core.reports import (
    Announced,
    AnnouncementFailed,
    Condition,
    Fault,
    Finding,
    Report,
    TestEnded,
    VoiceTrouble,
)
from hallctl.core.rules import Spoken
from hallctl.core.trial import Result, Wrong
from hallctl.driver import Driver, DriverOptions, Reply

WAITING_MOST = 64
START_S = 12.0
"""Within so long a sound begins; the player needs a while for its start, and to give up a card."""
CHIME_S = 3.0
CLIP_S = 2.0
"""A clip is rarely longer; only for a player that does not say how long it will take."""
MARGIN_S = 8.0
"""How much later than expected an end may be; the player itself notices a hanging card after 3."""
LONGEST_S = 90.0
"""Nothing is said for longer; with START_S and MARGIN_S within the 120 s the core waits."""
PULSE, PULSE_S = "pulse", 30.0
"""A player that had nothing to say for so long is asked whether it lives: it must not be found out
by a call that nobody hears."""
LINE_MAX = 16_384
FAULT_GAP_S = 10.0
EVIDENCE_MOST = 200
LEFT_OUT_MOST = 20
LANGUAGES: dict[str, Spoken] = {
    "mandarin": "mandarin",
    "cantonese": "cantonese",
    "english": "english",
}


class ClipsOptions(DriverOptions):
    """`windows`: the windows this voice is heard at; left out, it is heard everywhere."""

    windows: tuple[int, ...] = Field(default=(), examples=["[1, 2, 3]"])


class VoiceClips(Driver):
    """The hall's voice, through the sound card."""

    kind = "voice"
    takes = (Announce,)
    Options: ClassVar[type[DriverOptions]] = ClipsOptions
    options: ClipsOptions

    def __init__(self, options: ClipsOptions) -> None:
        super().__init__(options)
        self._calls: deque[Announce] = deque()
        """What is to be said; the first is being said when `_saying` has a name."""
        self._saying = ""
        self._begun_at = 0.0
        self._count = 0
        self._due: float | None = None
        self._open = False
        self._told: dict[str, str] = {}
        """The state of each part as it was reported last."""
        self._holes: dict[str, str] = {}
        """What is missing, by language."""
        self._buffer = b""
        self._fault_at: float | None = None
        self._trial: deque[str] = deque()
        """Steps of a self-test still to come."""
        self._test: ExerciseDevice | None = None
        self._step, self._asked, self._step_due = "", "", 0.0
        self._pulsing = False
        self._pulse_due = 0.0
        """When the player must have answered, or while not `_pulsing` is to be asked."""

    def windows(self) -> tuple[int, ...]:
        """Where it is heard; () everywhere."""
        return self.options.windows

    def start(self, now: float) -> Reply:
        """A new player: it is asked for its sound card, so that one that hangs is found out."""
        self._open, self._buffer = True, b""
        self._told.clear()
        self._holes.clear()
        self._end_test()
        return self._next(now, [], self._pulse(now))

    def lost(self, now: float) -> Reply:  # noqa: ARG002
        """The player has gone, and with it whatever was to be said."""
        self._open = False
        self._end_test()
        gone = tuple(_failed(call, "unplugged", "the player has ended") for call in self._calls)
        self._calls.clear()
        self._saying, self._due = "", None
        return Reply(reports=gone)

    def perform(self, effect: Effect, now: float) -> Reply:
        """Announce: at once, or behind what is being said."""
        if not isinstance(effect, Announce):
            return Reply()
        if effect.urgent:
            return self._cut_in(effect, now)
        if len(self._calls) >= WAITING_MOST:
            return Reply(reports=(_failed(effect, "cut", f"{WAITING_MOST} wait already"),))
        self._calls.append(effect)
        return self._next(now, [])

    def _cut_in(self, urgent: Announce, now: float) -> Reply:
        """Break off whatever sounds, a self-test's sentence too, and answer for it."""
        reports: list[Report] = [_failed(call, "cut", "something urgent") for call in self._calls]
        write = _line(stop=self._saying) if self._saying else b""
        if self._step:
            write += _line(stop=self._asked)
            self._trial.clear()
            reports += self._found("untested", "interrupted", "something urgent")
        self._calls.clear()
        self._saying, self._due = "", None
        self._calls.append(urgent)
        return self._next(now, reports, write)

    def receive(self, data: bytes, now: float) -> Reply:
        """What the player says."""
        reports: list[Report] = []
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._buffer = self._buffer[-LINE_MAX:]
        for line in lines:
            reports += self._line(line, now)
        return self._next(now, reports)

    def wake(self, now: float) -> Reply:
        """The player has not answered in time, or is to be asked whether it lives."""
        reports: list[Report] = []
        if self._step and now >= self._step_due:
            reports += self._found("failed", "silence", "")
        if self._due is not None:
            return self._next(now, reports) if now < self._due else self._hung(now, reports)
        if now < self._pulse_due or self._test is not None:
            return self._next(now, reports)
        if self._pulsing:
            self._begun_at = self._pulse_due - START_S
            return self._hung(now, reports)
        return self._next(now, reports, self._pulse(now))

    def _pulse(self, now: float) -> bytes:
        self._pulsing, self._pulse_due = True, now + START_S
        return _line(look=PULSE)

    def _hung(self, now: float, reports: list[Report]) -> Reply:
        """The player is there and does not answer: for all it had, that means another player."""
        words = f"no answer for {now - self._begun_at:.0f} s"
        reports += [_failed(call, "silence", words) for call in self._calls]
        self._calls.clear()
        self._saying, self._due = "", None
        return Reply(reports=tuple(reports), reopen=f"player: {words}")

    # - the self-test

    def selftest(self, test: ExerciseDevice, now: float) -> Reply:
        """Ask for the sound card; external: chime and sentences to their end. Calls wait meanwhile.

        Bytes on a pipe to our own child are neither slow, dirty nor short, so nothing looks for it.
        """
        self._end_test()
        self._test = test
        self._trial = deque(["answer"] if test.level == "internal" else ["answer", "tone"])
        return self._next(now, [])

    def end_selftest(self, now: float) -> Reply:
        """Say what has waited; a sentence of the test is broken off."""
        write = _line(stop=self._asked) if self._step == "tone" and self._open else b""
        self._end_test()
        return self._next(now, [], write)

    def _end_test(self) -> None:
        self._trial.clear()
        self._test, self._step, self._asked = None, "", ""

    def _found(self, result: Result, code: Wrong, evidence: str) -> list[Report]:
        """The end of a step; the first one that fails ends the test."""
        found = Finding(step=self._step, result=result, code=code, evidence=evidence)
        self._step, self._asked = "", ""
        if result == "failed":
            self._trial.clear()
        if self._trial:
            return [found]
        self._end_test()
        return [found, TestEnded()]

    # - what the player says

    def _line(self, line: bytes, now: float) -> list[Report]:
        try:
            said: Any = json.loads(line[max(0, line.find(b"{")) :])  # dirt may stand before it
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return self._garbage(line, now)
        self._pulsing, self._pulse_due = False, now + PULSE_S
        if said.get("ready") is True:
            return self._sense("state", "ready", "")
        for word in ("started", "ended", "failed"):
            name = said.get(word)
            if isinstance(name, str):
                return self._answer(word, name, said, now)
        return self._garbage(line, now)

    def _answer(self, word: str, name: str, said: dict[str, Any], now: float) -> list[Report]:
        if word == "failed":
            return self._not_heard(name, said, now)
        if name == PULSE:
            return self._sense("state", "ready", "")
        if not name or name not in {self._saying, self._asked}:
            return []  # for what has been answered for already
        if word == "started":
            due = now + _length_s(said, self._order(name)) + MARGIN_S
            if name == self._asked:
                self._step_due = due
            else:
                self._begun_at, self._due = now, due
            return self._sense("state", "ready", "")
        reports = self._sense("state", "ready", "") + self._missing(said)
        if name == self._asked:
            return reports + self._found("passed", "", ", ".join(_spoken(said)))
        call = self._done()
        took_s = _seconds(said.get("took_s"))
        made = Announced(
            announcement=call.announcement,
            languages=_spoken(said),
            took_s=now - self._begun_at if took_s is None else took_s,
            left_out=_words(said.get("left_out")),
        )
        return [*reports, made]

    def _not_heard(self, name: str, said: dict[str, Any], now: float) -> list[Report]:
        reason, why = said.get("reason"), f"{said.get('why', '')}"[:EVIDENCE_MOST]
        reports: list[Report] = []
        if reason == "order":
            reports += self._fault("order", why, now)
        elif reason not in {"cut", "clips"}:
            reports += self._sense("state", "silent", why)
        if name and name == self._asked:
            code: Wrong = "interrupted" if reason == "cut" else "no_sound"
            return reports + self._found("failed", code, why)
        if name and name == self._saying:
            reports.append(_failed(self._done(), "cut" if reason == "cut" else "no_sound", why))
        return reports

    def _done(self) -> Announce:
        self._saying, self._due = "", None
        return self._calls.popleft()

    def _order(self, name: str) -> Announce | ExerciseDevice | None:
        return self._test if name == self._asked else self._calls[0]

    def _sense(self, part: str, state: str, evidence: str) -> list[Report]:
        if self._told.get(part) == state:
            return []
        self._told[part] = state
        return [Condition(part=part, state=state, evidence=evidence)]

    def _missing(self, said: dict[str, Any]) -> list[Report]:
        """Whether clips are missing, over all languages that were tried since the start."""
        spoken, left_out = _spoken(said), _words(said.get("left_out"))
        for language in spoken:
            self._holes.pop(language, None)
        holes = {words.partition("/")[0]: words for words in reversed(left_out)}
        if not any(words.startswith("chime") for words in left_out) and (spoken or left_out):
            self._holes = {k: v for k, v in self._holes.items() if not k.startswith("chime")}
        self._holes |= holes
        if not spoken and not left_out:
            return []
        evidence = "; ".join(self._holes.values())[:EVIDENCE_MOST]
        return self._sense("clips", "missing" if self._holes else "ok", evidence)

    def _garbage(self, line: bytes, now: float) -> list[Report]:
        return self._fault("garbage", line[:32].hex(" ").upper(), now)

    def _fault(self, code: str, evidence: str, now: float) -> list[Report]:
        if self._fault_at is not None and now - self._fault_at < FAULT_GAP_S:
            return []
        self._fault_at = now
        return [Fault(code=code, evidence=evidence)]

    # - what is said next

    def _next(self, now: float, reports: list[Report], write: bytes = b"") -> Reply:
        """Give the player the next order: a self-test's question at once, its sound between calls.

        A call waits for the end of a self-test.
        """
        if self._open and self._trial and not self._step:
            if self._trial[0] == "answer" or not self._saying:
                write += self._next_step(now)
        elif self._open and self._calls and not self._saying and self._test is None:
            self._saying = self._name(self._calls[0].announcement)
            self._begun_at, self._due = now, now + START_S
            write += _say(self._saying, self._calls[0])
        due = [self._step_due] if self._step else []
        due += [] if self._due is None else [self._due]
        if not due and self._open:
            due.append(self._pulse_due)
        return Reply(write, tuple(reports), min(due) if due else None)

    def _next_step(self, now: float) -> bytes:
        assert self._test
        self._step = self._trial.popleft()
        self._asked, self._step_due = self._name(f"test-{self._step}"), now + START_S
        if self._step == "answer":
            return _line(look=self._asked)
        return _say(self._asked, self._test)

    def _name(self, of: str) -> str:
        """A name that no other order has: the same announcement may be tried again."""
        self._count += 1
        return f"{of}.{self._count}"


def _failed(call: Announce, reason: VoiceTrouble, evidence: str) -> AnnouncementFailed:
    return AnnouncementFailed(
        announcement=call.announcement, reason=reason, evidence=evidence[:EVIDENCE_MOST]
    )


def _words(found: object) -> tuple[str, ...]:
    """A list of words as the player gives it, whatever else it may hold."""
    if not isinstance(found, list):
        return ()
    return tuple(x[:EVIDENCE_MOST] for x in found[:LEFT_OUT_MOST] if isinstance(x, str))


def _length_s(said: dict[str, Any], order: Announce | ExerciseDevice | None) -> float:
    """How long it will sound: as the player says, or by the count of its clips."""
    known = _seconds(said.get("lasts_s"))
    if known is not None:
        return known
    clips = sum(len(sentence.clips) for sentence in order.sentences) if order else 0
    return min(CHIME_S + clips * CLIP_S, LONGEST_S)


def _spoken(said: dict[str, Any]) -> tuple[Spoken, ...]:
    return tuple(LANGUAGES[w] for w in _words(said.get("languages")) if w in LANGUAGES)


def _seconds(found: object) -> float | None:
    """A length as the player gives it, within reason; None for anything else."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not found >= 0:
        return None  # a NaN is not >= 0
    return float(min(found, LONGEST_S))


def _say(name: str, order: Announce | ExerciseDevice) -> bytes:
    sentences = [[sentence.language, list(sentence.clips)] for sentence in order.sentences]
    chime = order.chime if isinstance(order, Announce) else "full"
    return _line(say=name, chime=chime, sentences=sentences, volume=order.volume)


def _line(**order: object) -> bytes:
    return json.dumps(order).encode() + b"\n"
