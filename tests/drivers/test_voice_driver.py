"""The chime: one after the other, in order, and only what was heard is reported."""

import json

from drivers.voice_chime import ChimeOptions, VoiceChime
from hallctl.core.effects import Announce, EndExercise, ExerciseDevice
from hallctl.core.reports import Announced, Condition, Fault
from hallctl.simulator.twins.voice_chime import VoiceChimeTwin
from wired import Wired, named


def call(visit, window=3):
    return Announce(visit=visit, label=visit, queue_name="综合", window=window, again=False)


def voice():
    driver = VoiceChime(ChimeOptions())
    driver.start(0.0)
    return driver


def say(**words):
    return json.dumps(words).encode() + b"\n"


def test_a_call_plays_the_chime():
    reply = voice().perform(call("A001"), 1.0)
    assert json.loads(reply.write) == {"play": ["chime"], "id": "1"}
    assert reply.wake_at == 16.0


def test_calls_wait_for_the_one_that_plays():
    driver = voice()
    driver.perform(call("A001"), 1.0)
    assert driver.perform(call("A002"), 1.1).write == b""
    assert driver.receive(say(started="1"), 1.2).write == b""
    reply = driver.receive(say(ended="1"), 1.8)
    assert Announced(visit="A001", window=3) in reply.reports
    assert json.loads(reply.write)["id"] == "2"
    assert driver.receive(say(ended="1"), 1.9).reports == ()
    assert driver.receive(say(ended="2"), 2.5).reports == (Announced(visit="A002", window=3),)


def test_a_call_that_was_not_heard_is_not_announced_and_the_next_goes_on():
    driver = voice()
    driver.perform(call("A001"), 1.0)
    driver.perform(call("A002"), 1.0)
    reply = driver.receive(say(failed="1", why="no sound card"), 1.1)
    assert reply.reports == (Condition(part="state", state="silent", evidence="no sound card"),)
    assert json.loads(reply.write)["id"] == "2"
    heard = driver.receive(say(ended="2"), 2.0).reports
    assert heard[0] == Condition(part="state", state="ready")


def test_a_player_that_does_not_answer_is_silent_after_fifteen_seconds():
    driver = voice()
    driver.perform(call("A001"), 1.0)
    assert driver.wake(15.9).reports == ()
    assert [report.state for report in driver.wake(16.0).reports] == ["silent"]
    assert driver.receive(say(ended="1"), 17.0).reports == ()


def test_the_state_is_said_once_after_every_start():
    driver = voice()
    assert driver.receive(say(ready=True), 0.1).reports == (Condition(part="state", state="ready"),)
    assert driver.receive(say(ready=True), 0.2).reports == ()
    driver.start(1.0)
    silent = driver.receive(say(failed="", why="no card"), 1.1).reports
    assert silent == (Condition(part="state", state="silent", evidence="no card"),)


def test_a_call_cut_off_by_a_dying_player_is_played_again():
    driver = voice()
    driver.perform(call("A001"), 1.0)
    reply = driver.start(2.0)
    assert json.loads(reply.write)["id"] == "2"
    assert driver.receive(say(ended="1"), 2.1).reports == ()
    assert driver.receive(say(ended="2"), 2.5).reports[-1] == Announced(visit="A001", window=3)


def test_calls_before_the_player_stands_wait_for_it():
    driver = VoiceChime(ChimeOptions())
    assert driver.perform(call("A001"), 0.0).write == b""
    assert driver.start(1.0).write


def test_the_queue_is_bounded_and_says_so():
    driver = voice()
    for number in range(64):
        driver.perform(call(f"A{number:03d}"), 1.0)
    assert driver.perform(call("B001"), 1.0).reports == (Fault(code="queue_full", evidence="B001"),)


def test_answers_are_heard_in_single_bytes_between_garbage():
    driver = voice()
    driver.perform(call("A001"), 1.0)
    heard = []
    for byte in b'ALSA lib: nonsense\n[1]\n{"ended": {}}\n' + say(ended="1"):
        heard += driver.receive(bytes((byte,)), 1.5).reports
    assert [type(r) for r in heard] == [Fault, Condition, Announced]


# - the self-test


def wired(**faults):
    line = Wired(VoiceChime(ChimeOptions()), VoiceChimeTwin({}))
    for name, on in faults.items():
        line.fault(name, on)
    return line


def test_internally_the_sound_card_is_asked_and_nothing_sounds():
    line = wired()
    findings = line.selftest("internal")
    assert [(f.step, f.result) for f in findings] == [("wire", "passed"), ("answer", "passed")]
    assert [play["sounds"] for play in line.line.twin.state()["plays"]] == [[]]


def test_externally_the_chime_is_played_to_its_end():
    line = wired()
    assert [f.step for f in line.selftest("external")] == ["wire", "answer", "tone"]
    assert line.line.twin.state()["plays"][-1]["sounds"] == ["chime"]


def test_no_sound_card_and_a_silent_player_are_named():
    assert named("no_sound", wired(no_sound=True).selftest("external"))
    assert named("silence", wired(silence=True).selftest("external"))


def test_calls_wait_for_the_self_test_and_are_heard_behind_it():
    line = wired()
    line.do(call("A001"))
    line.selftest("external")
    line.do(call("A002"))
    line.run(3)
    assert [x.visit for x in line.heard(Announced)] == ["A001", "A002"]


def test_a_self_test_that_is_broken_off_lets_the_calls_go_on():
    line = wired()
    line.do(ExerciseDevice(device="dut", level="external"), call("A003"))
    line.do(EndExercise(device="dut"))
    line.run(5)
    assert [x.visit for x in line.heard(Announced)] == ["A003"]
