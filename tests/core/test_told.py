"""What followers are told of what happened, and what they are not."""

from dataclasses import replace

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.hall import Hall
from hallctl.core.rules import Fitting
from sample import RULES, Bench

WITH_READER = replace(
    RULES,
    public_url="http://hall.example",
    fittings=(*RULES.fittings, Fitting("reader-1", "reader", (), ("kiosk-1",))),
)


def bench_with_a_ticket():
    bench = Bench(WITH_READER)
    bench.step._new_code = lambda: "c0de"
    bench.report("reader-1", r.CardRead(person="a-hash", age=72))
    bench.ask(c.IssueTicket(item="SB01", kiosk="kiosk-1", card=True))
    return bench


def of(bench, kind):
    return [x for x in bench.recorded if isinstance(x.event, kind)]


def test_a_ticket_taken_with_a_card_belongs_to_whoever_the_card_named():
    bench = bench_with_a_ticket()
    (issued,) = of(bench, e.TicketIssued)
    assert issued.event.person == "a-hash"
    again = bench.report("reader-1", r.CardRead(person="a-hash", age=72))
    assert again.recorded
    asked = c.IssueTicket(item="SB01", kiosk="kiosk-1", card=True, paper=False)
    answer = bench.ask(asked).answer
    assert answer["result"]["again"]
    assert answer["result"]["label"] == issued.event.label


def test_nobody_on_the_bus_is_told_who_took_a_ticket():
    bench = bench_with_a_ticket()
    for audience in ("public", "staff"):
        told = [wire.dumps(wire.told_out(x, audience)) for x in bench.recorded]
        snapshot = wire.dumps(wire.hall_out(bench.hall, audience))
        assert not any(b"a-hash" in x for x in (*told, snapshot))
    stored = b"".join(wire.dumps(wire.recorded_out(x)) for x in bench.recorded)
    assert b"a-hash" in stored, "the journal keeps it, for one ticket a person"


def test_the_wait_pages_code_is_told_to_staff_only():
    bench = bench_with_a_ticket()
    (issued,) = of(bench, e.TicketIssued)
    assert wire.told_out(issued, "public")["event"]["code"] == ""
    assert wire.told_out(issued, "staff")["event"]["code"] == "c0de"
    assert b"c0de" not in wire.dumps(wire.hall_out(bench.hall, "public"))
    assert b"c0de" in wire.dumps(wire.hall_out(bench.hall, "staff"))


def test_a_public_snapshot_holds_nothing_that_came_from_staffs_events():
    bench = Bench(replace(RULES, fittings=(*RULES.fittings, Fitting("voice", "voice"))))
    bench.speak()
    bench.ask(c.TestDevice(device="printer-1"))
    bench.ask(c.RehearseVisit(window=1))
    staff = wire.hall_in(wire.hall_out(bench.hall, "staff"))
    assert staff.tests
    assert staff.rehearsals
    assert staff.voices
    public = wire.hall_in(wire.hall_out(bench.hall, "public"))
    empty = Hall()
    for name in wire.STAFF_ONLY:
        assert getattr(public, name) == getattr(empty, name)


def test_what_the_bus_saw_goes_into_the_journal_and_to_no_follower():
    bench = Bench()
    noted = c.NoteBus(
        turned=(c.Turned("192.0.2.7", "unknown_key", "handshake", 3),),
        enrolled=(c.Key("window-3", "window:3", "ab12"),),
        revoked=(c.Key("window-2", "window:2", "cd34"),),
    )
    outcome = bench.ask(noted)
    events = [x.event for x in outcome.recorded]
    assert events == [
        e.AskerTurned(asker="192.0.2.7", code="unknown_key", what="handshake", count=3),
        e.KeyEnrolled(name="window-3", role="window:3", fingerprint="ab12"),
        e.KeyRevoked(name="window-2", role="window:2", fingerprint="cd34"),
    ]
    assert {x.AUDIENCE for x in events} == {"private"}


def test_a_journal_of_before_the_voice_had_a_queue_can_be_read():
    bench = Bench()
    body = wire.recorded_out(bench.recorded[-1])
    body["event"] = {"type": "CallAnnounced", "device": "voice-1", "visit": "v", "window": 3}
    old = wire.recorded_in(body).event
    assert old == e.AnnouncementMade(device="voice-1", visit="v", window=3)
