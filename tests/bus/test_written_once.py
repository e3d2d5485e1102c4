"""An event is written once: the journal's bytes are what followers are told."""

import json
from dataclasses import replace

import pytest
import zmq

from hallctl import wire
from hallctl.bus.local import AUDIENCES
from hallctl.bus.server import Bus
from hallctl.core import commands as c
from hallctl.core.events import TicketIssued
from sample import Bench


def issued():
    return Bench().ask(c.IssueTicket(queue="A")).recorded[0]


def test_an_event_is_stored_as_it_is_and_written_once():
    recorded = issued()
    first = wire.stored(recorded)
    assert json.loads(first) == json.loads(wire.dumps(wire.recorded_out(recorded)))
    assert wire.stored(recorded) is first
    assert wire.recorded_in(json.loads(first)) == recorded


def test_a_changed_event_is_written_anew():
    recorded = issued()
    wire.stored(recorded)
    other = replace(recorded, seq=recorded.seq + 1)
    assert json.loads(wire.stored(other))["seq"] == recorded.seq + 1


@pytest.mark.parametrize(
    ("person", "code", "told"),
    [
        ("", "", {"public": ("", ""), "staff": ("", "")}),
        ("hash", "", {"public": ("", ""), "staff": ("", "")}),
        ("", "code", {"public": ("", ""), "staff": ("", "code")}),
        ("hash", "code", {"public": ("", ""), "staff": ("", "code")}),
    ],
)
def test_what_is_hidden_is_in_no_message_though_the_journal_has_it(tmp_path, person, code, told):
    recorded = issued()
    assert isinstance(recorded.event, TicketIssued)
    recorded = replace(recorded, event=replace(recorded.event, person=person, code=code))
    assert json.loads(wire.stored(recorded))["event"]["person"] == person
    context = zmq.Context()
    bus = Bus(tmp_path, context)
    sent = {}
    bus._tell = sent.__setitem__
    bus.begin(3)
    bus.publish([recorded])
    bus.close()
    context.term()
    assert set(sent) == set(AUDIENCES)
    for audience, (topic, seq, payload) in sent.items():
        assert (topic, seq) == (b"TicketIssued", str(recorded.seq).encode())
        message = json.loads(payload)
        event = message["recorded"]["event"]
        assert (message["v"], message["prev"]) == (wire.VERSION, 3)
        assert (event["person"], event["code"]) == told[audience]
        assert wire.recorded_in(message["recorded"]).seq == recorded.seq


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_has_not_is_never_written(value):
    with pytest.raises(ValueError, match="JSON"):
        wire.dumps({"took_s": value})
    with pytest.raises(ValueError, match="surrogates"):
        wire.dumps({"half": "\ud800"})
    assert json.loads(wire.dumps({"name": "NaN and Infinity"})) == {"name": "NaN and Infinity"}


@pytest.mark.parametrize(
    "payload",
    [
        b'{"a":1e400}',
        b'{"a":-1e400}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'{"a":"\xed\xa0\x80"}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 5000,
        b"",
    ],
)
def test_what_is_no_json_in_utf_8_is_refused(payload):
    with pytest.raises(wire.WireError):
        wire.loads(payload)


def test_every_character_that_can_be_written_is_read():
    told = {"name": "\U0001f600 综 é \u2028 \x7f", "escaped": "a"}
    assert wire.loads(json.dumps(told).encode()) == told
    assert wire.loads(wire.dumps(told)) == told
