"""A machine that asks anything of a hall, in any order, and holds it to its promises.

Numbers are unique per day and queue; a visit is at one window at most and a window has one at
most; every visit ends; automatic calls take virtual times in order; a replay equals life; the
table of visit.py is the whole truth about statuses. Each transition must have happened often.
"""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core import discipline
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.applying import apply
from hallctl.core.hall import Hall
from hallctl.core.rules import Item
from hallctl.core.visit import OPEN, TRANSITIONS
from sample import (
    RULES,
    Bench,
    check_a_snapshot_is_the_hall,
    check_the_lines_are_the_visits,
)

WINDOWS = st.sampled_from([1, 2, 3])
MORE = (Item("MZ01", "x", "A", "civil"), Item("MZ02", "y", "A", "civil"))
HELPING = replace(RULES.windows[2], queues=("B",), helps=(("A", 600.0),))
MACHINE_RULES = replace(
    RULES,
    items=(*RULES.items, *MORE),
    windows=(*RULES.windows[:2], HELPING),
    cut_off=False,
    no_show_after=1,
    recall_gap_s=5.0,
    taking=RULES.sessions,
)

SIMPLE = {
    "next": c.CallNext,
    "recall": c.Recall,
    "start": c.Start,
    "finish": c.Finish,
    "no_show": c.MarkNoShow,
    "hold": c.Hold,
    "back": c.CallBack,
    "undo": c.Undo,
    "walk_up": c.ServeWalkUp,
    "stuck": c.RaiseStuck,
    "pause": c.Pause,
    "resume": c.Resume,
}
SENSIBLE = {
    "idle": ["next", "next", "next", "ticket", "back", "undo", "walk_up", "pause"],
    "called": [
        "start",
        "start",
        "recall",
        "no_show",
        "hold",
        "transfer",
        "finish",
        "undo",
        "pause",
    ],
    "serving": ["finish", "finish", "hold", "transfer", "matter", "matter", "stuck", "next"],
    "paused": ["resume", "next"],
}

ACTS = sorted({act for acts in SENSIBLE.values() for act in acts})

SEEN: Counter[tuple[str, str]] = Counter()
ASKED: Counter[bool] = Counter()
PAPER: Counter[tuple[str, bool]] = Counter()
"""Numbers by how they came, and whether served already."""


class HallMachine(RuleBasedStateMachine):
    @initialize()
    def opened(self):
        self.bench = Bench(MACHINE_RULES)
        self.replayed = Hall()
        self.folded = 0
        self.issued = set()
        self.fold()

    @property
    def hall(self):
        return self.bench.hall

    def ask(self, command):
        before = {v.id: v.status for v in self.hall.visits.values()}
        order = {
            w: [
                v.virtual_s + self.hall.offsets_of(w)[v.queue]
                for v in discipline.candidates(self.hall, w)
            ]
            for w in self.hall.windows
        }
        outcome = self.bench.ask(command)
        ASKED[outcome.answer["ok"]] += 1
        if not outcome.answer["ok"]:
            assert outcome.answer["words"]["zh"]
            assert outcome.answer["words"]["en"]
        self.fold(before, order)
        return outcome

    def fold(self, before=None, order=None):
        statuses = dict(before or {})
        for recorded in self.bench.recorded[self.folded :]:
            event = recorded.event
            if isinstance(event, e.TicketIssued | e.PreprintedEntered):
                number = (self.hall.day, event.queue, event.number)
                assert number not in self.issued, "a number twice"
                self.issued.add(number)
                served = getattr(event, "served_at", 0)
                statuses[event.visit] = "finished" if served else "waiting"
                PAPER[type(event).__name__, bool(served)] += 1
            status = statuses.get(getattr(event, "visit", ""))
            if status and (status, type(event)) in TRANSITIONS:
                SEEN[(status, type(event).__name__)] += 1
                statuses[event.visit] = TRANSITIONS[status, type(event)]
            if isinstance(event, e.CallWithdrawn):
                SEEN["called", "CallWithdrawn"] += 1
            if hasattr(event, "back_to"):
                statuses[event.visit] = event.back_to
            if isinstance(event, e.TicketCalled) and event.automatic and order:
                assert order[event.window][0] == min(order[event.window])
            apply(self.replayed, recorded)
        self.folded = len(self.bench.recorded)

    def pick(self, data, statuses):
        found = [v.id for v in self.hall.visits.values() if v.status in statuses]
        return data.draw(st.sampled_from(found)) if found else "nobody"

    @rule(
        queue=st.sampled_from(["A", "A", "B"]),
        item=st.sampled_from(["", "", "SB01", "MZ01"]),
        klass=st.sampled_from(["ordinary", "ordinary", "priority"]),
        person=st.sampled_from(["", "", "h1"]),
    )
    def issue(self, **more):
        self.ask(c.IssueTicket(kiosk="kiosk-1", **more))

    @rule(
        label=st.sampled_from(["A901", "A902", "A903", "A904", "B901", "A001"]),
        ago_s=st.sampled_from([0, 60, 1200]),
        klass=st.sampled_from(["ordinary", "ordinary", "priority"]),
        served_at=st.sampled_from([0, 0, 3, 9]),
    )
    def paper(self, label, ago_s, klass, served_at):
        """A number on pre-printed paper; of A001 the hall knows that it is none."""
        came = self.bench.now.day_s - ago_s
        times = (came, self.bench.now.day_s) if served_at else (0, 0)
        outcome = self.ask(
            c.EnterPreprinted(
                label=label,
                came_day_s=came,
                klass=klass,
                served_at=served_at,
                started_day_s=times[0],
                finished_day_s=times[1],
            )
        )
        assert not (outcome.answer["ok"] and label == "A001")

    @rule(act=st.sampled_from(ACTS), data=st.data())
    def work(self, act, data):
        """What a clerk may sensibly do now, at a window where it makes sense."""
        fitting = [w.number for w in self.hall.windows.values() if act in SENSIBLE[w.status]]
        if not fitting:
            self.fill(data.draw(WINDOWS), start=act in SENSIBLE["serving"])
            fitting = [w.number for w in self.hall.windows.values() if act in SENSIBLE[w.status]]
        if not fitting:
            return
        window = data.draw(st.sampled_from(fitting))
        if act == "recall":
            self.bench.later(6)
        self.ask(self.command(act, window, self.hall.at_window(window), data))

    def fill(self, window, *, start):
        """Somebody comes and is called."""
        self.ask(c.IssueTicket(queue="B" if window == 3 else "A"))
        if self.hall.windows[window].status == "idle":
            self.ask(c.CallNext(window=window))
            if start:
                self.ask(c.Start(window=window))

    def command(self, act, window, visit, data):
        match act:
            case "transfer":
                queue = data.draw(st.sampled_from(["", "A", "B"]))
                to = data.draw(st.sampled_from([0, 0, 1, 3]))
                return c.Transfer(window=window, queue=queue, to_window=to)
            case "matter":
                item = data.draw(st.sampled_from(["MZ01", "MZ02", "SB01"]))
                return c.AddMatter(visit=visit.id if visit else "x", item=item)
            case "ticket":
                wanted = self.pick(data, ("waiting", "no_show", "held"))
                found = self.hall.visits.get(wanted)
                return c.CallTicket(window=window, label=found.label if found else "A777")
            case _:
                return SIMPLE[act](window=window)

    @rule(
        window=WINDOWS,
        act=st.sampled_from(sorted({"transfer", "ticket", "matter", *SIMPLE})),
        data=st.data(),
    )
    def clumsy(self, window, act, data):
        """Any key at any moment."""
        self.ask(self.command(act, window, self.hall.at_window(window), data))

    @rule(data=st.data(), act=st.sampled_from(["rejoin", "call", "held", "cancel", "class"]))
    def parked(self, data, act):
        """Somebody who was missed or stepped aside comes to the guide desk or a window."""
        free = next((w.number for w in self.hall.windows.values() if w.status == "idle"), 0)
        if free and self.pick(data, ("no_show",)) == "nobody":
            self.fill(free, start=False)
            self.ask(c.MarkNoShow(window=free))
        name = self.pick(data, ("no_show",) if act in ("rejoin", "call") else ("held",))
        visit = self.hall.visits.get(name)
        if visit is None:
            return
        match act:
            case "rejoin":
                self.ask(c.Rejoin(visit=name))
            case "cancel":
                self.ask(c.CancelTicket(visit=name))
            case "class":
                klass = "priority" if visit.klass == "ordinary" else "ordinary"
                self.ask(c.ChangeClass(visit=name, klass=klass))
            case _ if free:
                own = 3 if visit.queue == "B" else data.draw(st.sampled_from([1, 2]))
                self.ask(c.CallTicket(window=own, label=visit.label))

    @rule(window=WINDOWS, undo=st.booleans())
    def nobody_comes(self, window, undo):
        """Call, and give up; sometimes the clerk sees them coming after all."""
        self.fill(window, start=False)
        self.ask(c.MarkNoShow(window=window))
        if undo:
            self.ask(c.Undo(window=window))

    @rule(window=WINDOWS, item=st.sampled_from(["MZ01", "SB01"]))
    def two_matters(self, window, item):
        self.fill(window, start=True)
        visit = self.hall.at_window(window)
        if visit is not None:
            self.ask(c.AddMatter(visit=visit.id, item=item))
            self.ask(c.Finish(window=window))

    @rule(window=WINDOWS, back=st.booleans())
    def aside(self, window, back):
        """Somebody steps aside and is called back, or is sent back to the pool."""
        self.fill(window, start=back)
        self.ask(c.Hold(window=window) if back else c.Transfer(window=window))
        if back:
            self.ask(c.CallBack(window=window))

    @rule(window=WINDOWS, kind=st.sampled_from(["start", "finish", "hold"]))
    def slip_of_the_finger(self, window, kind):
        self.fill(window, start=True)
        if kind != "start":
            self.ask(SIMPLE[kind](window=window))
        self.ask(c.Undo(window=window))

    @rule(window=WINDOWS, on=st.booleans())
    def help(self, window, on):
        self.ask(c.SetHelping(window=3, on=on))

    @rule(window=WINDOWS, grade=st.integers(1, 5))
    def rate(self, window, grade):
        before = {v.id: v.status for v in self.hall.visits.values()}
        self.bench.report("pad", r.Rated(window=window, grade=grade))
        self.fold(before)

    @rule(seconds=st.sampled_from([1, 5, 70, 700]))
    def wait(self, seconds):
        before = {v.id: v.status for v in self.hall.visits.values()}
        self.bench.later(seconds)
        self.fold(before)

    @rule(by_s=st.sampled_from([-600.0, 0.5, 600.0]))
    def clock_is_set(self, by_s):
        order, now = [v.id for v in self.hall.waiting()], self.bench.now
        self.bench.now = replace(now, wall_s=now.wall_s + by_s, day_s=int(now.day_s + by_s))
        self.ask(c.NoteClock(by_s=by_s))
        assert [v.id for v in self.hall.waiting()] == order

    @rule(days=st.sampled_from([0, 0, 0, 1]))
    def tomorrow(self, days):
        if not days or self.bench.now.day >= "2026-11-27":
            return
        before = {v.id: v.status for v in self.hall.visits.values()}
        day = f"2026-11-{int(self.bench.now.day[-2:]) + 1}"
        now = self.bench.now
        self.bench.now = replace(
            now, day=day, day_s=9 * 3600, weekday=now.weekday + 1,
            wall_s=now.wall_s + 86400 - now.day_s + 9 * 3600,
        )  # fmt: skip
        self.bench.ask(c.Tick())
        events = [x.event for x in self.bench.recorded[self.folded :]]
        ended = {x.visit for x in events if isinstance(x, e.TicketVoided | e.RatingClosed)}
        left = {v for v, s in before.items() if s in OPEN or s == "rating"}
        assert left == ended, "every visit ends with its day"
        self.fold(before)

    @rule()
    def restart(self):
        before = {v.id: v.status for v in self.hall.visits.values()}
        self.bench.ask(c.Wake(rules=MACHINE_RULES, digest="d1"))
        self.fold(before)

    @invariant()
    def one_visit_a_window_one_window_a_visit(self):
        if not hasattr(self, "bench"):
            return
        at_windows = [w.visit for w in self.hall.windows.values() if w.visit]
        assert len(at_windows) == len(set(at_windows))
        for visit in self.hall.visits.values():
            assert (visit.status in ("called", "serving")) == (visit.id in at_windows)
        for window in self.hall.windows.values():
            assert (window.status in ("called", "serving")) == bool(window.visit)
            if window.visit:
                assert self.hall.visits[window.visit].status == window.status
            if window.rating:
                assert self.hall.visits[window.rating].status == "rating"

    @invariant()
    def a_replay_equals_life(self):
        if hasattr(self, "bench"):
            assert self.replayed == self.hall

    def teardown(self):
        if not hasattr(self, "bench"):
            return
        read = wire.loads_own(wire.dumps([wire.recorded_out(x) for x in self.bench.recorded]))
        folded = Hall()
        for body in read:
            apply(folded, wire.recorded_in(body))
        assert folded == self.hall
        check_a_snapshot_is_the_hall(self.hall)
        check_the_lines_are_the_visits(self.hall)


WANTED = {(s, ev.__name__) for s, ev in TRANSITIONS} | {("called", "CallWithdrawn")}
ROUNDS_MOST = 12


def test_any_order_of_acts_keeps_every_promise(capsys):
    """Rounds of 500 histories with seeds of their own, until each transition came 100 times."""
    SEEN.clear()
    ASKED.clear()
    PAPER.clear()
    machine = settings(
        max_examples=500,
        stateful_step_count=60,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    for number in range(ROUNDS_MOST):
        run_state_machine_as_test(seed(number)(HallMachine), settings=machine)
        if min(SEEN[pair] for pair in WANTED) >= 100:
            break
    asked = sum(ASKED.values())
    with capsys.disabled():
        print(f"\n{asked} commands, {ASKED[True] / asked:.0%} accepted")
        for pair, count in sorted(SEEN.items(), key=lambda x: x[1]):
            print(f"  {count:6d}  {pair[0]} → {pair[1]}")
        for pair, count in sorted(PAPER.items()):
            print(f"  {count:6d}  {pair[0]}{', served already' if pair[1] else ''}")
    assert min(SEEN[pair] for pair in WANTED) >= 100
    assert ASKED[True] >= ASKED[False]
    assert min(PAPER["PreprintedEntered", served] for served in (False, True)) >= 100


@pytest.mark.parametrize(
    "status", ["waiting", "called", "serving", "rating", "finished", "held", "no_show", "void"]
)
def test_a_visit_can_be_in_each_status_of_the_table(status):
    reached = set(TRANSITIONS.values()) | {"waiting"}
    assert status in reached
