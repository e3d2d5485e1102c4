"""The mirror against anything a network does to messages: it ends as a snapshot would."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core.applying import apply
from hallctl.core.events import EpochBegun, Recorded
from hallctl.core.hall import Hall
from hallctl.core.step import Step
from hallctl.mirror import ASK_AGAIN_MOST_S, STALE_S, Fresh, Mirror, Snapshot, Stale
from sample import RULES, Bench

ACTS = [
    c.IssueTicket(queue="A", kiosk="kiosk-1"),
    c.IssueTicket(queue="B", kiosk="kiosk-1"),
    c.CallNext(window=1),
    c.CallNext(window=3),
    c.Start(window=1),
    c.Finish(window=1),
    c.MarkNoShow(window=3),
    c.Recall(window=3),
    c.Undo(window=1),
    c.Pause(window=2, reason="lunch"),
    c.Resume(window=2),
    c.AskHelp(place="kiosk-1"),
    c.ReportShown(screen="hall-1", shown=1),
    c.SetNotices(notices=("停电通知",)),
    c.CloseQueue(queue="B", reason="full"),
    c.OpenQueue(queue="B"),
    c.Hold(window=1, reason="papers"),
]


class Daemon:
    """What docs/protocol.md says of the other side, for one audience; a journal that may be cut."""

    def __init__(self, audience):
        self.audience = audience
        self.bench = Bench()
        self.epochs = 1
        self.published = len(self.bench.recorded)
        self.last = self.bench.hall.seq

    @property
    def hall(self):
        return self.bench.hall

    def act(self, command):
        """Let it happen; gives the frames of what is published."""
        self.bench.ask(command)
        return self.publish()

    def told(self, recorded):
        heard = ("public",) if self.audience == "public" else ("public", "staff")
        return [r for r in recorded if r.event.AUDIENCE in heard]

    def publish(self):
        found = []
        for one in self.told(self.bench.recorded[self.published :]):
            body = {"v": 1, "prev": self.last, "recorded": wire.told_out(one, self.audience)}
            found.append([type(one.event).__name__.encode(), b"", wire.dumps(body)])
            self.last = one.seq
        self.published = len(self.bench.recorded)
        return found

    def heartbeat(self):
        body = {"epoch": self.hall.epoch, "seq": self.last, "now": wire.plain(self.bench.now)}
        return [b"heartbeat", b"", wire.dumps({"v": 1, **body})]

    def lose(self, events):
        """The machine lost the end of its journal; another epoch begins, and goes another way."""
        kept = self.bench.recorded[: max(3, len(self.bench.recorded) - events)]
        self.epochs += 1
        self.bench.recorded = list(kept)
        self.bench.hall = Hall()
        for recorded in kept:
            apply(self.bench.hall, recorded)
        self.bench.step = Step(self.bench.hall, f"epoch-{self.epochs}")
        self.published, self.last = len(kept), self.bench.hall.seq
        begun = EpochBegun(reason="loss", numbers={})
        at, epoch = self.bench.now, f"epoch-{self.epochs}"
        fresh = Recorded(self.last + 1, epoch, at.wall_s, at.mono_s, "hallctl", "begin", begun)
        apply(self.bench.hall, fresh)
        self.bench.recorded.append(fresh)
        self.bench.ask(c.Wake(rules=RULES, digest="d1"))
        return self.publish()

    def answer(self, question):
        base = {"v": 1, "id": question["id"], "ok": True}
        since = question.get("since", -1)
        if question["ask"] == "replay" and question["epoch"] == self.hall.epoch:
            missed = [r for r in self.bench.recorded if r.seq > since]
            events = [wire.told_out(r, self.audience) for r in self.told(missed)]
            body = {"replay": events, "seq": self.last}
        else:
            hall = wire.hall_out(self.hall, self.audience)
            body = {"snapshot": hall, "now": wire.plain(self.bench.now)}
        return json.loads(wire.dumps(base | body))


class Network:
    """Carries messages both ways, but in any order, twice, or not at all."""

    def __init__(self, audience):
        self.daemon, self.at_s = Daemon(audience), 100.0
        self.mirror = Mirror(self.at_s)
        self.events, self.questions, self.answers = [], [], []
        self.heard = []

    def ask(self):
        question = self.mirror.question(self.at_s)
        if question is not None:
            self.questions.append(question)

    def deliver(self, at, *, twice):
        """One of the messages under way arrives; with `twice` it will arrive again."""
        ways = [
            (self.events, self._event),
            (self.questions, self._asked),
            (self.answers, self._told),
        ]
        under_way = [(way, arrive) for way, arrive in ways if way]
        if not under_way:
            return
        way, arrive = under_way[at % len(under_way)]
        place = (at // 3) % len(way)
        message = copy.deepcopy(way[place])
        if not twice:
            del way[place]
        arrive(message)

    def _event(self, frames):
        self.heard += self.mirror.followed(frames, self.at_s)

    def _asked(self, question):
        self.answers.append(self.daemon.answer(question))

    def _told(self, message):
        assert self.mirror.mine(message)
        self.heard += self.mirror.answered(message, self.at_s)

    def drop(self, at):
        for way in (self.events, self.questions, self.answers):
            if way:
                del way[at % len(way)]

    def pass_s(self, seconds):
        self.at_s += seconds
        self.heard += self.mirror.passed(self.at_s)

    def calm(self):
        """The network is well again: what is under way arrives late, and nothing is lost more."""
        while self.events or self.answers or self.questions:
            self.deliver(len(self.events) + 2 * len(self.answers), twice=False)
        for _ in range(3 * int(ASK_AGAIN_MOST_S)):
            self._event(self.daemon.heartbeat())
            self.pass_s(1.0)
            self.ask()
            while self.questions:
                self._told(self.daemon.answer(self.questions.pop(0)))
        self._event(self.daemon.heartbeat())


moves = st.one_of(
    st.tuples(st.just("act"), st.sampled_from(ACTS)),
    st.tuples(st.just("told"), st.sampled_from(ACTS)),
    st.tuples(st.just("lost"), st.sampled_from(ACTS)),
    st.tuples(st.just("deliver"), st.integers(0, 60)),
    st.tuples(st.just("deliver"), st.integers(0, 60)),
    st.tuples(st.just("double"), st.integers(0, 60)),
    st.tuples(st.just("drop"), st.integers(0, 60)),
    st.tuples(st.just("ask"), st.none()),
    st.tuples(st.just("beat"), st.booleans()),
    st.tuples(st.just("catch up"), st.none()),
    st.tuples(st.just("pass"), st.sampled_from([0.1, 1.0, 3.1, 8.0])),
    st.tuples(st.just("lose"), st.integers(1, 6)),
)


def moved(net, move, what):
    match move:
        case "act":
            net.events += net.daemon.act(what)
        case "deliver":
            net.deliver(what, twice=False)
        case "double":
            net.deliver(what, twice=True)
        case "drop":
            net.drop(what)
        case "ask":
            net.ask()
        case "told":
            for frames in net.daemon.act(what):
                net._event(frames)
        case "lost":
            net.daemon.act(what)
        case "beat" if what:
            net._event(net.daemon.heartbeat())
        case "beat":
            net.events.append(net.daemon.heartbeat())
        case "catch up":
            net.pass_s(ASK_AGAIN_MOST_S)
            net.ask()
            net.questions and net._told(net.daemon.answer(net.questions.pop()))
        case "pass":
            net.pass_s(what)
        case "lose":
            net.events += net.daemon.lose(what)


def seen(hall, audience):
    body = wire.hall_out(hall, audience)
    del body["seq"]  # a public mirror does not know of the last staff event
    return json.loads(wire.dumps(body))


@pytest.mark.parametrize("audience", ["public", "staff"])
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(known=st.booleans(), script=st.lists(moves, min_size=10, max_size=80))
def test_any_loss_doubling_and_disorder_ends_in_the_hall_of_a_snapshot(audience, known, script):
    net = Network(audience)
    if known:
        net.ask()
        net._told(net.daemon.answer(net.questions.pop()))
    for move, what in script:
        moved(net, move, what)
    net.calm()
    assert net.mirror.hall.epoch == net.daemon.hall.epoch
    assert net.daemon.last <= net.mirror.hall.seq <= net.daemon.hall.seq
    assert seen(net.mirror.hall, audience) == seen(net.daemon.hall, audience)
    assert net.mirror.stale_since_s is None
    told_in_order(net)


def told_in_order(net):
    """A snapshot first, then every event behind it once and in order, staleness by turns."""
    changes = [h for h in net.heard if isinstance(h, Snapshot | Recorded)]
    assert isinstance(changes[0], Snapshot)
    at = max(n for n, h in enumerate(changes) if isinstance(h, Snapshot))
    told = [r.seq for r in changes[at + 1 :]]
    journal = net.daemon.told(net.daemon.bench.recorded)
    assert told == [r.seq for r in journal if r.seq > changes[at].seq]
    turns = [type(h) for h in net.heard if isinstance(h, Stale | Fresh)]
    assert turns == [Stale, Fresh] * (len(turns) // 2)


def followed(audience="staff"):
    net = Network(audience)
    net.calm()
    net.heard.clear()
    return net


def names(heard):
    return [type(getattr(h, "event", h)).__name__ for h in heard]


def test_first_contact_is_a_question_for_a_snapshot_and_one_change():
    mirror, daemon = Mirror(5.0), Daemon("public")
    assert not mirror.complete
    assert mirror.stale_since_s == 0.0
    question = mirror.question(5.0)
    assert question["ask"] == "snapshot"
    assert mirror.question(5.5) is None, "an answer may yet come"
    assert mirror.answered(daemon.answer(question), 5.6) == [Snapshot(daemon.hall.seq)]
    assert mirror.stale_since_s is None
    assert mirror.now(7.6).wall_s == daemon.bench.now.wall_s + 2.0


def test_a_question_without_an_answer_is_asked_again_more_and_more_slowly():
    mirror = Mirror(0.0)
    asked = [tenth / 10 for tenth in range(200) if mirror.question(tenth / 10) is not None]
    assert asked == [0.0, 1.0, 3.0, 7.0, 11.0, 15.0, 19.0]


def test_what_comes_too_early_is_held_and_applied_without_a_replay():
    net = followed()
    first = net.daemon.act(c.IssueTicket(queue="A"))
    second = net.daemon.act(c.CallNext(window=1))
    for frames in [*second, *first]:
        net._event(frames)
    assert names(net.heard)[0] == "TicketIssued"
    assert "TicketCalled" in names(net.heard)
    assert net.mirror.question(net.at_s + 9) is None


def test_events_that_come_while_a_replay_is_under_way_are_not_lost():
    net = followed()
    net.daemon.act(c.IssueTicket(queue="A"))  # lost
    for frames in net.daemon.act(c.IssueTicket(queue="A")):
        net._event(frames)
    net.pass_s(1.1)
    net.ask()
    answer = net.daemon.answer(net.questions.pop())
    for frames in net.daemon.act(c.CallNext(window=1)):  # overtakes the answer
        net._event(frames)
    net._told(answer)
    assert seen(net.mirror.hall, "staff") == seen(net.daemon.hall, "staff")
    assert net.mirror.question(net.at_s + 9) is None, "one replay was enough"


def test_a_late_replay_of_another_epoch_moves_nothing():
    net = followed()
    net.daemon.act(c.IssueTicket(queue="A"))
    net._event(net.daemon.heartbeat())
    net.pass_s(1.1)
    net.ask()
    late = net.daemon.answer(net.questions.pop())
    late["replay"], late["seq"] = [], late["seq"] + 1000
    net.daemon.lose(1)
    net.calm()
    seq = net.mirror.hall.seq
    net._told(late)
    assert net.mirror.hall.seq == seq


def test_silence_of_three_seconds_is_told_once_with_since_when_and_its_end_too():
    net = followed()
    net._event(net.daemon.heartbeat())
    wall_s = net.daemon.bench.now.wall_s
    net.pass_s(STALE_S)
    assert net.heard == []
    net.pass_s(0.1)
    net.pass_s(5.0)
    assert net.heard == [Stale(wall_s)]
    assert net.mirror.stale_since_s == wall_s
    net._event(net.daemon.heartbeat())
    assert net.heard == [Stale(wall_s), Fresh()]


def test_heartbeats_that_tell_of_events_which_never_come_make_it_stale():
    net = followed()
    net.daemon.act(c.IssueTicket(queue="A"))  # lost, and every replay too
    for _ in range(8):
        net.pass_s(0.5)
        net._event(net.daemon.heartbeat())
        net.mirror.question(net.at_s)
    net.pass_s(0)
    assert names(net.heard) == ["Stale"]
    net.calm()
    assert names(net.heard) == ["Stale", "TicketIssued", "Fresh"]


def test_an_event_of_a_newer_hallctl_is_made_good_by_a_snapshot():
    net = followed()
    frames = net.daemon.act(c.IssueTicket(queue="A"))[0]
    frames[2] = frames[2].replace(b'"TicketIssued"', b'"TicketDreamt"')
    net._event(frames)
    net.pass_s(1.1)
    question = net.mirror.question(net.at_s)
    assert question["ask"] == "snapshot"
    net._told(net.daemon.answer(question))
    assert names(net.heard) == ["Snapshot"]
    assert net.mirror.hall.labelled("A001") is not None


def test_a_snapshot_nobody_can_read_is_named_and_not_asked_for_at_once_again():
    mirror, daemon = Mirror(0.0), Daemon("staff")
    answer = daemon.answer(mirror.question(0.0))
    answer["snapshot"]["opening"] = ["of another kind"]
    assert mirror.answered(answer, 0.1) == []
    assert "opening" in mirror.unreadable
    assert mirror.question(0.2) is None
    answer = daemon.answer(mirror.question(1.0))
    assert mirror.answered(answer, 1.1) != []
    assert mirror.unreadable == ""


def test_an_event_that_does_not_fit_is_made_good_by_a_snapshot():
    net = followed()
    recorded = net.daemon.bench.recorded[-1]
    foreign = replace(recorded, seq=recorded.seq + 1)
    body = wire.told_out(foreign, "staff")
    body["event"] = {"type": "ServiceFinished", "window": 1, "visit": "nobody"}
    net._event([b"x", b"", wire.dumps({"v": 1, "prev": recorded.seq, "recorded": body})])
    net.calm()
    assert names(net.heard) in (["Snapshot"], ["Stale", "Snapshot", "Fresh"])
    assert seen(net.mirror.hall, "staff") == seen(net.daemon.hall, "staff")


def test_a_message_of_a_kind_nobody_knows_is_passed_over():
    net = followed()
    net._event([b"weather", b"7", b'{"v":1,"rain":true}'])
    assert net.heard == []
    assert net.mirror.question(net.at_s + 9) is None


def test_events_of_another_version_are_named_and_not_read():
    net = followed()
    net._event([b"heartbeat", b"", b'{"v":2,"beat":"otherwise"}'])
    assert (net.heard, net.mirror.spoken) == ([], "2")
    net._event(net.daemon.heartbeat())
    assert net.mirror.spoken == ""


def test_a_forecast_is_shown_only_while_the_hall_is_fresh():
    net = followed()
    body = {"v": 1, "epoch": net.daemon.hall.epoch, "seq": 3, "queues": {}, "visits": {}}
    net._event([b"forecast", b"3", wire.dumps(body)])
    assert net.mirror.forecast["queues"] == {}
    net.pass_s(STALE_S + 0.1)
    assert net.mirror.forecast is None
    net._event(net.daemon.heartbeat())
    assert net.mirror.forecast is None, "one from before the silence is too old"
