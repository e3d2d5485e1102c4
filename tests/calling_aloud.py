"""A bench with a voice: tickets called aloud, what the voice was told, what it answers."""

from dataclasses import replace

from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.rules import VoiceRules
from sample import RULES, VOICED, Bench


def voiced(*, windows=3, **voice):
    """The sample hall with a voice of such rules, and as many windows as are asked for."""
    rules = replace(VOICED, voice=VoiceRules(**voice), recall_gap_s=5.0)
    if windows > 3:
        more = tuple(replace(RULES.windows[0], number=n) for n in range(4, windows + 1))
        all_a = replace(RULES.queues[0], windows=tuple(range(1, windows + 1)))
        rules = replace(rules, windows=(*RULES.windows, *more), queues=(all_a, RULES.queues[1]))
    return rules


class Voice:
    """A bench with one voice, and its words put shortly."""

    def __init__(self, rules=None, *, speaks=True, device="voice"):
        self.bench = Bench(rules or voiced())
        self.device = device
        if speaks:
            self.bench.speak(device)

    @property
    def hall(self):
        return self.bench.hall

    def call(self, window, queue="A", **more):
        """Somebody comes and is called to a window; the label."""
        taken = self.bench.ask(c.IssueTicket(queue=queue, paper=False, **more))
        called = self.bench.ask(c.CallTicket(window=window, label=taken.answer["result"]["label"]))
        assert called.answer["ok"], called.answer
        return called.answer["result"]["label"]

    def told(self, device=None):
        """Everything that was handed to a voice, in order."""
        name = device or self.device
        return [x for x in self.bench.effects if isinstance(x, f.Announce) and x.device == name]

    def last(self):
        return self.told()[-1]

    def ends(self, *, languages=("mandarin",), took_s=6.0, left_out=()):
        """What is being said has been said."""
        return self.bench.report(
            self.device,
            r.Announced(
                announcement=self.last().announcement,
                languages=languages,
                took_s=took_s,
                left_out=left_out,
            ),
        )

    def fails(self, reason="no_sound", evidence="device busy"):
        return self.bench.report(
            self.device,
            r.AnnouncementFailed(
                announcement=self.last().announcement, reason=reason, evidence=evidence
            ),
        )

    def said(self):
        """The first sentence of each announcement, up to its pause."""
        return [x.sentences[0].text.split("，")[0] for x in self.told()]

    def events(self, *kinds):
        return [x.event for x in self.bench.recorded if isinstance(x.event, kinds)]

    def say_everything(self):
        """The voice says what there is to say, one after the other."""
        while self.hall.voices[self.device].speaking is not None:
            self.bench.later(6)
            self.ends()


def languages_of(told):
    return [x.language for x in told.sentences]


class Line:
    """One voice as the journal tells it, kept apart from the core's own reckoning."""

    def __init__(self):
        self.up = self.has_sound = self.tests = False
        self.speaking = ""
        self.open = {}
        """What was queued and has not ended, in the order of queueing."""
        self.given = []
        """Every announcement it was ever handed."""

    @property
    def ready(self):
        return self.up and self.has_sound

    def first(self, urgent):
        """The oldest evacuation, or the oldest that is none; "" where there is none."""
        fitting = (n for n, q in self.open.items() if (q.purpose == "evacuation") is urgent)
        return next(fitting, "")
