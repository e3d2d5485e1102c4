"""A real daemon, real wires: what happens to slips and key presses when things go wrong."""

import json
import time

import pytest

from hallctl.chain import read_only
from hallctl.simulator.twins.escpos import EscposTwin
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from hallctl.simulator.wires import PtyWire, TcpWire
from running import RawAsker, RunningDaemon, TwinThread, wait_until

DEVICES = """\
devices:
  printer-1: {driver: escpos, link: {tcp: "127.0.0.1:1"}, serves: [kiosk-1], paper_mm: 80}
  keypads: {driver: keypad_rs485, link: {serial: /dev/serial/by-path/x}, windows: {1: 1, 3: 3}}
"""


@pytest.fixture
def rig(tmp_path):
    twins = TwinThread()
    twins.add("printer-1", TcpWire(EscposTwin({"paper_mm": 80})))
    twins.add("keypads", PtyWire(KeypadRs485Twin({"windows": {1: 1, 3: 3}}), tmp_path / "keypads"))
    daemon = RunningDaemon(tmp_path, DEVICES)
    daemon.rewire(twins.links())
    daemon.start()
    asker = RawAsker(daemon.state / "bus", "guide")
    daemon.twins, daemon.asker = twins, asker
    asker.ask("hello", {"type": "AskHelp", "place": "door"})
    wait_until(lambda: "DeviceUp" in str(events(daemon)) and up(daemon) == {"printer-1", "keypads"})
    yield daemon
    daemon.kill()
    asker.close()
    twins.close()


def events(daemon):
    db = read_only(daemon.state)
    found = [json.loads(b)["event"] for (b,) in db.execute("SELECT body FROM events ORDER BY seq")]
    db.close()
    return found


def up(daemon):
    found = set()
    for event in events(daemon):
        if event["type"] == "DeviceUp":
            found.add(event["device"])
        elif event["type"] == "DeviceDown":
            found.discard(event["device"])
    return found


def happened(daemon, name, **fields):
    return [
        e for e in events(daemon) if e["type"] == name and all(e[k] == v for k, v in fields.items())
    ]


def take(daemon, command_id="t1"):
    command = {"type": "IssueTicket", "queue": "A", "kiosk": "kiosk-1"}
    return daemon.asker.ask(command_id, command)["result"]


def slips(daemon):
    return daemon.twins.state("printer-1")["slips"]


def has_line(slip, word):
    return any(word in line for line in slip["text"])


def test_a_slip_comes_out_with_number_and_queue_and_only_then_counts_as_printed(rig):
    found = take(rig)
    wait_until(lambda: happened(rig, "SlipPrinted", job=found["job"], proven=True))
    slip = slips(rig)[0]
    assert has_line(slip, "A001")
    assert has_line(slip, "综合")
    order = [e["type"] for e in events(rig) if e.get("job") == found["job"]]
    assert order == ["SlipQueued", "SlipSending", "SlipPrinted"]


def test_a_slip_of_which_no_byte_was_sent_is_printed_after_kill_9_and_marked(rig):
    rig.twins.fault("printer-1", "paper_out", True)
    found = take(rig)
    wait_until(lambda: happened(rig, "SlipHeld", job=found["job"]))
    rig.kill()
    rig.twins.fault("printer-1", "paper_out", False)
    rig.start()
    wait_until(lambda: happened(rig, "SlipPrinted"))
    time.sleep(2)
    assert len(slips(rig)) == 1
    assert has_line(slips(rig)[0], "补打")
    assert has_line(slips(rig)[0], "A001")


def test_a_doubtful_slip_is_offered_after_kill_9_and_never_repeated_by_itself(rig):
    rig.twins.fault("printer-1", "paper_out_after", True)
    found = take(rig)
    # the paper ends within the slip, so the printer does not answer the fence behind it
    wait_until(lambda: happened(rig, "SlipSending", job=found["job"]), 40)
    rig.kill()
    for fault in ("paper_out_after", "paper_out"):
        rig.twins.fault("printer-1", fault, False)
    rig.start()
    wait_until(lambda: happened(rig, "SlipDoubtful", job=found["job"]))
    time.sleep(3)
    assert len(happened(rig, "SlipQueued")) == 1, "nothing is printed again by itself"
    again = rig.asker.ask("re", {"type": "Reprint", "visit": found["visit"]})
    assert again["ok"]
    wait_until(lambda: any(has_line(s, "补打") for s in slips(rig)))


def test_a_number_is_given_though_the_printer_is_pulled_out(rig):
    rig.twins.fault("printer-1", "unplug", True)
    wait_until(lambda: happened(rig, "DeviceDown", device="printer-1"))
    found = take(rig)
    assert found["label"] == "A001"
    wait_until(lambda: happened(rig, "SlipHeld", job=found["job"], reason="unplugged"))
    rig.twins.fault("printer-1", "unplug", False)
    wait_until(lambda: happened(rig, "SlipPrinted", job=found["job"]), 60)
    assert len(slips(rig)) == 1


def test_a_press_is_acknowledged_after_it_is_on_disk_and_acts_once(rig):
    take(rig)
    rig.twins.press("keypads", {"window": 3, "keys": "call"})
    wait_until(lambda: rig.twins.state("keypads")["windows"]["3"]["acks"] == 1)
    assert len(happened(rig, "TicketCalled", window=3)) == 1
    wait_until(lambda: rig.twins.state("keypads")["windows"]["3"]["ticket"] == "001")


def test_garbage_on_the_keypad_line_presses_no_key_and_hides_none(rig):
    take(rig)
    before = len(events(rig))
    for raw in ("ff 68 03 03 68 03 06 0c 16 16", "00 ff 68", "ff" * 300, "68 68 16 ff 68 ff ff 68"):
        rig.twins.press("keypads", {"window": 3, "raw": raw})
    rig.twins.press("keypads", {"window": 3, "keys": "call"})
    wait_until(lambda: happened(rig, "TicketCalled", window=3))
    assert len(happened(rig, "TicketCalled")) == 1
    assert len(happened(rig, "DeviceFaulted")) <= 2
    assert len(events(rig)) - before < 10


def test_a_press_whose_acknowledgement_was_lost_with_the_daemon_calls_nobody_twice(rig):
    take(rig)
    take(rig, "t2")
    rig.twins.press("keypads", {"window": 1, "keys": "call"})
    wait_until(lambda: happened(rig, "TicketCalled"))
    rig.kill()
    rig.start()
    rig.asker.ask("again", {"type": "AskHelp", "place": "x"})
    wait_until(lambda: len(happened(rig, "DeviceUp", device="keypads")) >= 1 and up(rig))
    time.sleep(3)
    assert len(happened(rig, "TicketCalled")) == 1


def test_a_keypad_that_is_pulled_out_comes_back_with_its_digits(rig):
    take(rig)
    rig.twins.press("keypads", {"window": 3, "keys": "call"})
    wait_until(lambda: rig.twins.state("keypads")["windows"]["3"]["ticket"] == "001")
    rig.twins.fault("keypads", "unplug", True)
    wait_until(lambda: happened(rig, "DeviceDown", device="keypads"))
    rig.twins.fault("keypads", "unplug", False)
    wait_until(lambda: up(rig) == {"printer-1", "keypads"}, 60)
    take(rig, "t2")
    wait_until(lambda: rig.twins.state("keypads")["windows"]["3"]["waiting"] == "001")
