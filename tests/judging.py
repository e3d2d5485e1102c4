"""Holds what an ear has heard against the journal: every complaint in words, none when all is well.

What ought to have been said is told from the calls of the journal; the voice's own word
(AnnouncementMade) is only used to see whether it said what it claims.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from hallctl.core import events as e

RATE = 48_000
LEVEL_LU = 1.0
"""Any two sentences at one volume are within it."""
GAIN_OFF = 0.01
FULL_SCALE = 32_767
PAUSES_S = (0.25, 0.5)
"""Behind the chime, and between two sentences."""
PAUSE_OFF_S = 0.001
GAPS_MS = (30, 60, 150, 250)
"""Between two clips of a sentence: two digits, two words, the commas of the short and long form."""
BETWEEN_S = (0.4, 0.5)
"""From the end of an announcement to the next one that waits."""
PROMPT_S = 0.05
"""From the journal's word that it has begun to its first sample."""
WHOLE_S, SHORT_S = 9.0, 3.5
"""How long a call in the hall's own two languages, and the short form, may sound (ux.md 6)."""
BROKEN = ("broken off",)


@dataclass(slots=True)
class Told:
    """An announcement as the journal tells it."""

    purpose: str
    call: int
    label: str
    window: int
    visit: str
    queued_at: int
    begun: list = field(default_factory=list)
    ends: list = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Due:
    """One sounding that the journal says there was."""

    key: tuple
    told: Told
    begun: e.Recorded
    volume: int
    short: bool


def told_in(journal):
    """Every announcement of a journal, by its id, in the order they were queued."""
    found = {}
    for at, recorded in enumerate(journal):
        match recorded.event:
            case e.AnnouncementQueued() as x:
                found[x.announcement] = Told(x.purpose, x.call, x.label, x.window, x.visit, at)
            case e.AnnouncementBegun() as x:
                found[x.announcement].begun.append(recorded)
            case (e.AnnouncementMade() | e.AnnouncementFailed() | e.AnnouncementSkipped()) as x:
                found[x.announcement].ends.append(recorded)
    return found


def due_in(journal):
    """What must be heard, in order."""
    dues = []
    for told in told_in(journal).values():
        failures = [x for x in told.ends if isinstance(x.event, e.AnnouncementFailed)]
        for at, begun in enumerate(told.begun):
            form = "short" if begun.event.short else told.purpose
            key = (form, told.label, told.window, begun.event.languages)
            cut = at < len(failures) and failures[at].event.reason == "cut"
            dues.append(
                Due(BROKEN if cut else key, told, begun, begun.event.volume, begun.event.short)
            )
    return sorted(dues, key=lambda due: due.begun.seq)


def complaints(pcm, heard, journal):
    """Everything that is not as it must be."""
    dues = due_in(journal)
    return [
        *unaccounted(journal),
        *wrongly_chosen(journal),
        *missing_or_doubled(heard, dues),
        *damaged(heard, dues),
        *badly_timed(heard, dues, journal),
        *badly_levelled(pcm, heard, dues),
    ]


def unaccounted(journal):
    """Calls without an announcement, and announcements without one end."""
    told = told_in(journal)
    queued = Counter((x.call, x.label, x.window) for x in told.values() if x.label)
    called = {
        (x.seq, x.event.label, x.event.window)
        for x in journal
        if isinstance(x.event, e.TicketRecalled)
        or (isinstance(x.event, e.TicketCalled) and not x.event.quiet)
    }
    found = [f"{call}: queued {queued[call]} times" for call in called if queued[call] != 1]
    found += [f"{call}: queued, and no such call" for call in set(queued) - called]
    for name, one in told.items():
        last = [x for x in one.ends if not isinstance(x.event, e.AnnouncementFailed)]
        if len(last) != 1:
            found.append(f"{name} {one.label}: {len(last)} ends")
    return found


def wrongly_chosen(journal):
    """Skipped while it was still called; shortened with nobody waiting, or not shortened."""
    found, waiting, standing = [], {}, {}
    rules = next(x.event.rules for x in journal if isinstance(x.event, e.RulesSet))
    for recorded in journal:
        match recorded.event:
            case e.TicketCalled() | e.TicketRecalled() as x:
                standing[x.visit] = x.window
            case (
                e.ServiceStarted() | e.ServiceFinished() | e.CallWithdrawn() | e.TicketMissed()
            ) as x:
                standing.pop(x.visit, None)
            case e.AnnouncementQueued() as x:
                waiting[x.announcement] = x
            case e.AnnouncementSkipped() as x:
                waiting.pop(x.announcement, None)
                if x.reason == "moved_on" and standing.get(x.visit) == x.window:
                    found.append(f"{x.announcement}: skipped, though still called")
            case e.AnnouncementBegun() as x:
                said = waiting.pop(x.announcement, None)
                crowded = len(waiting) >= rules.voice.pile_up
                called = said is not None and said.purpose in {"call", "recall"}
                if called and x.short != crowded:
                    found.append(f"{x.announcement}: short {x.short}, {len(waiting)} wait")
                if called and standing.get(said.visit) != said.window:
                    found.append(f"{x.announcement}: said, though no longer called")
    return found


def heard_as(one):
    """An announcement as the ear has it, comparable to what is due."""
    if not one.whole:
        return BROKEN
    (form, label, window), *_ = one.reads
    return (form, label, window, one.languages)


def missing_or_doubled(heard, dues):
    """Not said, said twice, said by nobody's order, out of order."""
    said, wanted = [heard_as(x) for x in heard], [x.key for x in dues]
    if said == wanted:
        return []
    counts, due = Counter(said), Counter(wanted)
    found = [f"not said: {key}" for key in due - counts]
    found += [f"said too often: {key}" for key in counts - due]
    return found or ["said out of order"]


def damaged(heard, dues):
    """Flaws of what had to be whole."""
    cuts = sum(due.key == BROKEN for due in dues)
    flawed = [x for x in heard if not x.whole]
    found = [f"{x.start / RATE:.2f} s: {flaw}" for x in flawed for flaw in x.flaws]
    return found if len(flawed) > cuts else []


def badly_timed(heard, dues, journal):
    """Too late, too long, with a pause or a gap that is none of the known ones."""
    found = []
    for one in heard:
        at = f"{one.start / RATE:.2f} s"
        for nth, pause_s in enumerate(one.pauses_s if one.whole else ()):
            due_s = PAUSES_S[min(nth, 1)]
            if abs(pause_s - due_s) > PAUSE_OFF_S:
                found.append(f"{at}: a pause of {1000 * pause_s:.0f} ms before a sentence")
        found += [
            f"{at}: a gap of {gap / 48:.0f} ms between two words"
            for sentence in one.sentences
            for gap in sentence.gaps
            if min(abs(gap / 48 - known) for known in GAPS_MS) > 1
        ]
    begins_s = journal[0].mono_s
    for one, due in zip(heard, dues, strict=False):
        late_s = one.start / RATE - (due.begun.mono_s - begins_s)
        if not 0 <= late_s + PROMPT_S <= 2 * PROMPT_S:
            found.append(f"{one.start / RATE:.2f} s: begun {late_s:.2f} s late")
    for (before, due), (after, next_due) in pairwise(zip(heard, dues, strict=False)):
        between_s = (after.start - before.end) / RATE
        waited = journal[next_due.told.queued_at].mono_s - begins_s < before.end / RATE
        if due.key == BROKEN or next_due.told.purpose == "evacuation" != due.told.purpose:
            continue
        if between_s < BETWEEN_S[0] - PAUSE_OFF_S:
            found.append(f"{after.start / RATE:.2f} s: only {between_s:.2f} s after the last")
        if waited and between_s > BETWEEN_S[1] and next_due.told.purpose != "evacuation":
            found.append(f"{after.start / RATE:.2f} s: {between_s:.2f} s after the last")
    return found


def badly_levelled(pcm, heard, dues):
    """Sentences louder or softer than the others of their volume; clipped samples."""
    found = []
    loudest = int(max(pcm.max(), -int(pcm.min()))) if len(pcm) else 0
    if loudest >= FULL_SCALE:
        found.append(f"clipped: a sample of {loudest}")
    levels = {}
    for one, due in zip(heard, dues, strict=False):
        for sentence in one.sentences if one.whole else ():
            low, high = sentence.gains
            if high / low - 1 > GAIN_OFF:
                found.append(f"{one.start / RATE:.2f} s: a word louder than another")
            levels.setdefault(due.volume, []).append((sentence.lufs, one.start / RATE))
    for volume, at in levels.items():
        low, high = min(at), max(at)
        if high[0] - low[0] > LEVEL_LU and len(at) > 1:
            found.append(
                f"at {volume} %: {low[0]:.1f} LUFS at {low[1]:.1f} s, "
                f"{high[0]:.1f} at {high[1]:.1f} s"
            )
    return found
