"""Bugs as people make them, each put into the product by its name: some seed must find each."""

import functools
import itertools

from hallctl import wire
from hallctl.answering import Answering
from hallctl.asked import Asking
from hallctl.bus.server import Bus
from hallctl.core import events as e
from hallctl.core.acts import passing
from hallctl.daemon import Daemon
from hallctl.journal import Journal
from hallctl.mirror import Mirror
from hallctl.protocols.ff68 import Repeats
from hallctl.reserve import Reserve

COPIED = ("printer", "purpose", "visit", "item", "kiosk", "language", "missing", "tests")


def around(monkeypatch, owner, name, bug):
    """Replace a method by `bug(original, self, …)`."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def replaced(*args, **words):
        return bug(original, *args, **words)

    monkeypatch.setattr(owner, name, replaced)


def publish_before_append(monkeypatch):
    def bug(settle, self, turn, now):
        self.bus.publish(turn.recorded)
        settle(self, turn, now)

    around(monkeypatch, Daemon, "_settle", bug)


def answer_before_append(monkeypatch):
    def bug(settle, self, turn, now):
        for request, answer in turn.replies:
            self.bus.reply(request, answer)
        settle(self, turn, now)

    around(monkeypatch, Daemon, "_settle", bug)


def answers_not_stored(monkeypatch):
    around(monkeypatch, Journal, "append", lambda do, self, rec, _ans, day: do(self, rec, [], day))


def same_id_acts_again(monkeypatch):
    """The daemon looks at no stored answer: a command that came twice is stepped twice."""

    def bug(command, self, turn, request, now):
        journal, self.journal = self.journal, Forgetful(self.journal)
        try:
            command(self, turn, request, now)
        finally:
            self.journal = journal

    around(monkeypatch, Daemon, "_command", bug)


class Forgetful:
    """A journal that knows no answer."""

    def __init__(self, journal):
        self._journal = journal

    def answer(self, _command_id):
        return None

    def __getattr__(self, name):
        return getattr(self._journal, name)


def not_synced(monkeypatch):
    """COMMIT with synchronous=NORMAL: quick, and lost when the current goes."""

    def bug(init, self, *args, **words):
        init(self, *args, **words)
        self._db.execute("PRAGMA synchronous=NORMAL")

    around(monkeypatch, Journal, "__init__", bug)


def sync_tried_again(monkeypatch):
    """After an EIO the same process tries once more (fsyncgate)."""

    def bug(through, self, act):
        try:
            return through(self, act)
        except OSError:
            return through(self, act)
        except Exception as problem:
            if "fsync" in str(problem).lower() or "Input/output" in str(problem):
                return through(self, act)
            raise

    around(monkeypatch, Reserve, "through", bug)


def answers_forgotten(monkeypatch):
    """A new day forgets this day's answers too."""
    around(
        monkeypatch, Journal, "forget_answers", lambda do, self, day: (do(self, day), _all(self))
    )


def _all(journal):
    journal._db.execute("DELETE FROM answers")


def last_event_not_folded(monkeypatch):
    def bug(today, self):
        events = list(today(self))
        return iter(events[:-1] if len(events) > 20 else events)

    around(monkeypatch, Journal, "today", bug)


def retry_with_new_id(monkeypatch):
    count = itertools.count()

    def bug(due, self, at_s):
        found = []
        for message in due(self, at_s):
            body = wire.loads_own(message)
            if body["ask"] == "command":
                body["id"] += f"-{next(count)}"
            found.append(wire.dumps(body))
        return found

    around(monkeypatch, Asking, "due", bug)


def gap_ignored(monkeypatch):
    """A follower applies what comes, and takes every heartbeat for proof."""

    def bug(_beaten, self, message, at_s):
        self._tell_time(message["now"], at_s)
        return self._whole(at_s) if self.complete else _beaten(self, message, at_s)

    around(monkeypatch, Mirror, "_beaten", bug)


def gap_not_told(monkeypatch):
    """The bus says of each event that the one before it was the last a follower has."""

    def bug(publish, self, recorded):
        last, self.last = self.last, dict.fromkeys(self.last, 0)
        publish(self, recorded)
        self.last = {a: max(last[a], self.last[a]) for a in last}

    around(monkeypatch, Bus, "publish", bug)


def replay_too_short(monkeypatch):
    def bug(replay, self, request):
        answer = replay(self, request)
        if len(answer.get("replay", ())) > 1:
            answer["replay"] = answer["replay"][1:]
        return answer

    around(monkeypatch, Answering, "_replay", bug)


def every_frame_is_a_press(monkeypatch):
    """A keypad that repeats itself is taken at its word each time."""

    def bug(fate, self, frame, now):
        fate(self, frame, now)
        return "new"

    around(monkeypatch, Repeats, "fate", bug)


def doubtful_slip_printed_again(monkeypatch):
    """What may be on paper is printed once more, and without a mark."""

    def bug(left_behind, hall, now):
        events = left_behind(hall, now)
        for event in [x for x in events if isinstance(x, e.SlipDoubtful)]:
            job = hall.jobs[event.job]
            kept = {name: getattr(job, name) for name in COPIED}
            events.append(e.SlipQueued(job=f"{job.id}r", reprint=False, **kept))
        return events

    around(monkeypatch, passing, "_left_behind", bug)


BUGS = {
    publish_before_append: ("none",),
    answer_before_append: ("none",),
    answers_not_stored: ("none",),
    same_id_acts_again: ("network",),
    retry_with_new_id: ("none",),
    last_event_not_folded: ("kill",),
    not_synced: ("power", "kill"),
    sync_tried_again: ("disk",),
    answers_forgotten: ("clock", "kill"),
    gap_ignored: ("network",),
    gap_not_told: ("network",),
    replay_too_short: ("network",),
    every_frame_is_a_press: ("lines",),
    doubtful_slip_printed_again: ("kill",),
}
"""Each bug, and the troubles in which it shows."""
QUICK = (publish_before_append, same_id_acts_again, not_synced, gap_not_told)
