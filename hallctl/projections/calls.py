"""The calls of a day: which screens showed and which voices said them, when, and why not.

A voice's work is folded from the events of its announcements; each names its call by `seq`.
"""

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from hallctl.core import events as e


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A voice tried and was not heard to the end; `reason` as in `reports.AnnouncementFailed`."""

    at_s: float
    reason: str
    evidence: str


@dataclass(slots=True)
class SaidRow:
    """What one voice made of one call. `began_s` 0: it never said it to the end.

    `skipped` is why it will not say it any more (`events.AnnouncementSkipped`); "merged" while the
    same call stands before it in line, afterwards as that one ended. `left_out`: what was missing.
    `proven` False: it was taken, and nobody saw it said.
    """

    device: str
    began_s: float = 0.0
    took_s: float = 0.0
    languages: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    proven: bool = True
    failures: list[FailureRow] = field(default_factory=list)
    skipped: str = ""


@dataclass(slots=True)
class CallRow:
    """One call as it went out; `shown` by a screen, `heard` as chime or voice. `seq` names it.

    `heard_after_s` is the time from the call to the end of the first speech that said it.
    """

    seq: int
    at_s: float
    visit: str
    label: str
    window: int
    times: int
    shown: bool = False
    heard: bool = False
    heard_after_s: float = 0.0
    said: list[SaidRow] = field(default_factory=list)
    """By each voice it was for; [] where no voice is heard at its window."""

    def why_unheard(self) -> str:
        """In one word, why nobody heard it: `skipped`'s or the last failure's, `no_voice`, ..."""
        if self.heard:
            return ""
        if not self.said:
            return "no_voice"
        skipped = next((x.skipped for x in self.said if x.skipped), "")
        failures = [x for said in self.said for x in said.failures]
        if failures and skipped in {"", "moved_on", "over"}:
            return max(failures, key=lambda x: x.at_s).reason
        return skipped or "waits"


@dataclass(frozen=True, slots=True)
class Announced:
    """How well a day's calls were heard. Durations from the call to the end of speech, seconds."""

    calls: int
    heard: int
    median_s: float
    longest_s: float
    languages: dict[str, int]
    """How many calls were said in each; `chime` counts those without a word."""
    unproven: int
    """How many were taken by a voice that nobody saw say it."""
    failures: dict[str, int]
    skips: dict[str, int]
    unheard: dict[str, int]
    """Why, for the calls nobody heard."""


def announced(calls: list[CallRow]) -> Announced:
    """The figures of a list of calls."""
    waits_s = [call.heard_after_s for call in calls if call.heard]
    said = [x for call in calls for x in call.said]
    languages = Counter(
        word for x in said if x.began_s for word in dict.fromkeys(x.languages or ("chime",))
    )
    return Announced(
        calls=len(calls),
        heard=len(waits_s),
        median_s=median(waits_s) if waits_s else 0.0,
        longest_s=max(waits_s, default=0.0),
        languages=_sorted(languages),
        unproven=sum(not x.proven for x in said),
        failures=_sorted(Counter(f.reason for x in said for f in x.failures)),
        skips=_sorted(Counter(x.skipped for x in said if x.skipped)),
        unheard=_sorted(Counter(call.why_unheard() for call in calls if not call.heard)),
    )


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items()))


class Calls:
    """Folds the calls of a day into `rows`. `ran_s` is the hall's running time so far."""

    def __init__(self, rows: list[CallRow]) -> None:
        self.rows = rows
        self._by_seq: dict[int, tuple[CallRow, float]] = {}
        self._said: dict[str, SaidRow] = {}
        """By announcement."""
        self._merged: dict[str, list[str]] = {}
        """By announcement: those that were merged with it."""
        self._open: dict[tuple[str, str, int], list[str]] = {}
        """By device, visit and window: the announcements that wait or are being said, in order."""
        self._seqs: dict[str, int] = {}

    def called(self, row: CallRow, ran_s: float) -> None:
        """A call went out."""
        self.rows.append(row)
        self._by_seq[row.seq] = (row, ran_s)

    def shown(self, seq: int) -> None:
        """A screen has shown it."""
        if seq in self._by_seq:
            self._by_seq[seq][0].shown = True

    def voice(self, event: e.Event, at_s: float, ran_s: float) -> None:
        """What a voice did, if it is about a call."""
        match event:
            case e.AnnouncementQueued() if event.call in self._by_seq:
                row = SaidRow(event.device)
                self._by_seq[event.call][0].said.append(row)
                self._said[event.announcement] = row
                self._seqs[event.announcement] = event.call
                self._open.setdefault(_place(event), []).append(event.announcement)
            case e.AnnouncementFailed() if event.announcement in self._said:
                failure = FailureRow(at_s, event.reason, event.evidence)
                for name in self._ones(event.announcement):
                    self._said[name].failures.append(failure)
            case e.AnnouncementSkipped() if event.announcement in self._said:
                self._skipped(event)
            case e.AnnouncementMade() if event.announcement in self._said:
                for name in self._ones(event.announcement):
                    row = self._said[name]
                    row.began_s, row.took_s, row.skipped = at_s - event.took_s, event.took_s, ""
                    row.languages, row.left_out = event.languages, event.left_out
                    row.proven = event.proven
                    self._heard(self._seqs[name], ran_s)
                self._open[_place(event)].remove(event.announcement)
            case e.AnnouncementMade() if not event.announcement:
                self._older(event, ran_s)
            case _:
                return

    def _ones(self, announcement: str) -> list[str]:
        return [announcement, *self._merged.get(announcement, [])]

    def _skipped(self, event: e.AnnouncementSkipped) -> None:
        stand = self._open[_place(event)]
        stand.remove(event.announcement)
        if event.reason == "merged" and stand:
            self._merged.setdefault(stand[-1], []).append(event.announcement)
        for name in self._ones(event.announcement):
            self._said[name].skipped = event.reason

    def _heard(self, seq: int, ran_s: float) -> None:
        row, called_s = self._by_seq[seq]
        if not row.heard:
            row.heard, row.heard_after_s = True, ran_s - called_s

    def _older(self, event: e.AnnouncementMade, ran_s: float) -> None:
        """Older journals name visit and window only: it was the latest call not heard yet."""
        for row in reversed(self.rows):
            if (row.visit, row.window) == (event.visit, event.window) and not row.heard:
                self._heard(row.seq, ran_s)
                return


_About = e.AnnouncementQueued | e.AnnouncementSkipped | e.AnnouncementMade


def _place(event: _About) -> tuple[str, str, int]:
    return event.device, event.visit, event.window
