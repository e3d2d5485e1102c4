"""A snapshot is written at once, says what it may, and leaves the hall as it was."""

import copy
import json
from dataclasses import replace

import pytest

from hallctl import wire
from hallctl.core import commands as c
from hallctl.core.hall import Card
from sample import RULES, Bench


@pytest.fixture
def hall():
    bench = Bench(replace(RULES, public_url="https://hall.test"))
    bench.step._new_code = iter(["code-1", "code-2", "code-3"]).__next__
    bench.ask(c.IssueTicket(queue="A", person="hash-1"))
    bench.ask(c.IssueTicket(queue="A"))
    bench.ask(c.IssueTicket(queue="B"))
    bench.ask(c.CallNext(window=1))
    bench.hall.cards["kiosk-1"] = Card("hash-2", 70, 1.0)
    bench.hall.alerts["x"] = None
    return bench.hall


@pytest.mark.parametrize("audience", ["public", "staff"])
def test_nobody_is_told_a_person_and_the_public_no_code(hall, audience):
    hall.alerts.clear()
    before = copy.deepcopy(hall)
    written = wire.hall_written(hall, audience)
    assert b"hash-" not in written
    assert (b"code-1" in written) == (audience == "staff")
    assert hall == before, "the daemon's own hall keeps what it knows"
    body = json.loads(written)
    assert [v["label"] for v in body["visits"].values()] == [v.label for v in hall.visits.values()]
    assert body["cards"]["kiosk-1"]["age"] == 70


def test_the_public_is_not_told_what_is_staffs(hall):
    for audience, told in (("public", False), ("staff", True)):
        body = json.loads(wire.hall_written(hall, audience))
        assert bool(body["alerts"]) == told


def test_what_is_written_already_stands_in_a_message_as_it_is():
    body = {"id": "7", "snapshot": wire.Written(b'{"a":[1]}'), "ok": True}
    told = json.loads(wire.message(body))
    assert told == {"v": wire.VERSION, "id": "7", "ok": True, "snapshot": {"a": [1]}}
    assert json.loads(wire.message({"id": ""})) == {"v": wire.VERSION, "id": ""}
