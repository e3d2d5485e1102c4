"""The voice of clips: one at a time, whole, each answered for, whatever the player does."""

import json
from collections import deque

import pytest

from drivers.voice_clips import ClipsOptions, VoiceClips
from hallctl.core.effects import Announce, EndExercise, ExerciseDevice
from hallctl.core.reports import (
    Announced,
    AnnouncementFailed,
    Condition,
    Fault,
    Finding,
    LinkDown,
    TestEnded,
)
from hallctl.core.speech import Sentence
from hallctl.simulator.twins.voice_clips import VoiceClipsTwin
from wired import Wired, named

CLIPS = ("please", "letter-a", "0", "pause:250", "window")
MANDARIN = Sentence("mandarin", CLIPS, "请A零，号窗口")
CANTONESE = Sentence("cantonese", CLIPS, "請A零，號窗口")


def call(number, **how):
    about = {
        "device": "dut", "announcement": f"dut:{number}", "window": 3, "chime": "full",
        "sentences": (MANDARIN, CANTONESE), "volume": 80,
    }  # fmt: skip
    return Announce(**{**about, **how})


def voice(**options):
    driver = VoiceClips(ClipsOptions(**options))
    assert orders(driver.start(0.0)) == [{"look": "pulse"}]
    return driver


def say(**words):
    return json.dumps(words).encode() + b"\n"


def orders(reply):
    return [json.loads(line) for line in reply.write.splitlines()]


def failed(number, reason, evidence=""):
    return AnnouncementFailed(announcement=f"dut:{number}", reason=reason, evidence=evidence)


def test_an_announcement_is_handed_to_the_player_whole():
    (order,) = orders(voice().perform(call(1), 1.0))
    assert order == {
        "say": "dut:1.1", "chime": "full", "volume": 80,
        "sentences": [["mandarin", list(CLIPS)], ["cantonese", list(CLIPS)]],
    }  # fmt: skip


def test_what_was_heard_is_reported_with_its_languages_and_its_time():
    driver = voice()
    driver.perform(call(1), 1.0)
    started = driver.receive(say(started="dut:1.1", lasts_s=7.3), 1.2)
    assert started.reports == (Condition(part="state", state="ready"),)
    assert driver.receive(say(ready=True), 1.3).reports == ()
    ended = driver.receive(
        say(ended="dut:1.1", took_s=7.31, languages=["mandarin", "cantonese"], left_out=[]), 8.6
    )
    made = Announced(announcement="dut:1", languages=("mandarin", "cantonese"), took_s=7.31)
    assert ended.reports == (Condition(part="clips", state="ok"), made)
    assert driver.receive(say(ended="dut:1.1"), 8.7).reports == ()


def test_one_at_a_time_and_never_cut():
    driver = voice()
    driver.perform(call(1), 1.0)
    assert driver.perform(call(2), 1.1).write == b""
    assert driver.receive(say(started="dut:1.1", lasts_s=1), 1.2).write == b""
    (order,) = orders(driver.receive(say(ended="dut:1.1"), 2.2))
    assert order["say"] == "dut:2.2"


def test_something_urgent_cuts_in_and_all_before_it_is_answered_for():
    driver = voice()
    driver.perform(call(1), 1.0)
    driver.perform(call(2), 1.0)
    reply = driver.perform(call(9, urgent=True, volume=100), 2.0)
    assert [next(iter(order.items())) for order in orders(reply)] == [
        ("stop", "dut:1.1"), ("say", "dut:9.2"),
    ]  # fmt: skip
    assert [(x.announcement, x.reason) for x in reply.reports] == [
        ("dut:1", "cut"), ("dut:2", "cut"),
    ]  # fmt: skip
    assert driver.receive(say(failed="dut:1.1", reason="cut", why=""), 2.1).reports == ()


@pytest.mark.parametrize(
    ("told", "reason", "states"),
    [
        ({"reason": "no_sound", "why": "no card"}, "no_sound", ["silent"]),
        ({"why": "no card"}, "no_sound", ["silent"]),
        ({"reason": "clips", "why": "chime: no such clip"}, "no_sound", []),
        ({"reason": "cut", "why": ""}, "cut", []),
    ],
)
def test_what_was_not_heard_is_answered_with_the_reason(told, reason, states):
    driver = voice()
    driver.perform(call(1), 1.0)
    reports = driver.receive(say(failed="dut:1.1", **told), 1.1).reports
    assert reports[-1] == failed(1, reason, told["why"])
    assert [x.state for x in reports[:-1]] == states
    assert driver.perform(call(1), 5.0).write, "the same may be tried again"


def test_an_order_the_player_did_not_understand_is_a_fault_and_the_card_is_not_blamed():
    driver = voice()
    driver.perform(call(1), 1.0)
    told = say(failed="dut:1.1", reason="order", why="volume is no whole number")
    fault, answer = driver.receive(told, 1.1).reports
    assert fault == Fault(code="order", evidence="volume is no whole number")
    assert answer.reason == "no_sound"


def test_the_state_is_said_once_after_every_start():
    driver = voice()
    assert driver.receive(say(ready=True), 0.1).reports == (Condition(part="state", state="ready"),)
    assert driver.receive(say(ready=True), 0.2).reports == ()
    driver.start(1.0)
    silent = driver.receive(say(failed="", reason="no_sound", why="no card"), 1.1).reports
    assert silent == (Condition(part="state", state="silent", evidence="no card"),)
    back = driver.receive(say(ready=True), 20.0).reports
    assert back == (Condition(part="state", state="ready"),)


def test_missing_clips_are_named_until_their_language_is_whole_again():
    driver = voice()

    def heard(languages, left_out):
        driver.perform(call(1), 1.0)
        told = say(ended=driver._saying, took_s=2, languages=languages, left_out=left_out)
        reports = driver.receive(told, 3.0).reports
        assert reports[-1].left_out == tuple(left_out)
        return [(x.state, x.evidence) for x in reports if getattr(x, "part", "") == "clips"]

    hole = "cantonese/letter-a: no such clip"
    assert heard(["mandarin"], [hole]) == [("missing", hole)]
    assert heard(["mandarin"], []) == [], "it was not tried"
    assert heard(["mandarin", "cantonese"], ["chime: corrupt"]) == []
    assert heard(["mandarin"], []) == [("ok", "")]


def test_a_player_that_does_not_begin_is_replaced():
    driver = voice()
    assert driver.perform(call(1), 1.0).wake_at == 13.0
    assert driver.wake(12.9).reopen == ""
    reply = driver.wake(13.0)
    assert reply.reports == (failed(1, "silence", "no answer for 12 s"),)
    assert "no answer" in reply.reopen
    assert driver.lost(13.0).reports == (), "it has been answered for"
    assert driver.receive(say(ended="dut:1.1"), 13.1).reports == ()


@pytest.mark.parametrize(
    ("lasts", "due"), [({"lasts_s": 7.5}, 17.5), ({}, 33.0), ({"lasts_s": "x"}, 33.0),
                       ({"lasts_s": -1}, 33.0), ({"lasts_s": 1e9}, 100.0),
                       ({"lasts_s": float("nan")}, 33.0)]
)  # fmt: skip
def test_a_player_that_does_not_end_in_time_is_replaced(lasts, due):
    driver = voice()
    driver.perform(call(1), 1.0)
    assert driver.receive(say(started="dut:1.1", **lasts), 2.0).wake_at == due
    assert driver.wake(due - 0.1).reopen == ""
    reply = driver.wake(due)
    assert [x.reason for x in reply.reports] == ["silence"]
    assert reply.reopen


def test_a_player_that_never_says_whether_it_has_a_card_is_replaced():
    driver = VoiceClips(ClipsOptions())
    assert driver.start(5.0).wake_at == 17.0
    reply = driver.wake(17.0)
    assert (reply.reports, reply.reopen) == ((), "player: no answer for 12 s")


def test_a_player_at_rest_is_asked_now_and_then_and_replaced_when_it_is_silent():
    driver = voice()
    there = driver.receive(say(ended="pulse", took_s=0.0), 1.0)
    assert there.reports == (Condition(part="state", state="ready"),)
    assert there.wake_at == 31.0
    asked = driver.wake(31.0)
    assert (orders(asked), asked.wake_at) == ([{"look": "pulse"}], 43.0)
    assert driver.receive(say(ended="pulse"), 31.1).wake_at == pytest.approx(61.1)
    driver.wake(61.1)
    gone = driver.receive(say(failed="pulse", reason="no_sound", why="no card"), 61.2).reports
    assert gone == (Condition(part="state", state="silent", evidence="no card"),)
    driver.wake(91.2)
    assert "no answer" in driver.wake(103.2).reopen


def test_when_the_player_goes_everything_it_had_is_answered_for():
    driver = voice()
    driver.perform(call(1), 1.0)
    driver.perform(call(2), 1.0)
    gone = driver.lost(2.0).reports
    assert [(x.announcement, x.reason) for x in gone] == [
        ("dut:1", "unplugged"), ("dut:2", "unplugged"),
    ]  # fmt: skip
    assert orders(driver.start(3.0)) == [{"look": "pulse"}], "they are the core's again"


def test_a_heap_of_calls_is_bounded_and_each_is_answered_for():
    driver = voice()
    refused = [x for n in range(70) for x in driver.perform(call(n), 1.0).reports]
    assert [x.announcement for x in refused] == [f"dut:{n}" for n in range(64, 70)]


def test_answers_are_heard_in_single_bytes_between_garbage():
    driver = voice()
    driver.perform(call(1), 1.0)
    heard = []
    dirt = b'ALSA lib: nonsense\n[1]\n{"ended": {}}\n' + b"[" * 9000 + b"\n\xff"
    for byte in dirt + say(ended="dut:1.1", took_s="long", languages=[1, "klingon"], left_out=3):
        heard += driver.receive(bytes((byte,)), 3.5).reports
    assert [type(x) for x in heard] == [Fault, Condition, Announced]
    assert heard[-1] == Announced(announcement="dut:1", languages=(), took_s=2.5)


def test_a_voice_is_heard_at_its_windows_or_everywhere():
    assert voice().windows() == ()
    assert voice(windows=(4, 5)).windows() == (4, 5)


# - with the twin, and device.py in between


def wired(**faults):
    line = Wired(VoiceClips(ClipsOptions()), VoiceClipsTwin({}))
    for name, on in faults.items():
        line.fault(name, on)
    return line


class Core:
    """Hands announcements over as the core does: one at a time, to a voice that is ready."""

    def __init__(self, line, count):
        self.line, self.left = line, deque(call(n) for n in range(count))
        self.out, self.read, self.made, self.lost, self.ready = None, 0, [], [], False

    def step(self):
        for report in self.line.reports[self.read :]:
            match report:
                case Condition(part="state"):
                    self.ready = report.state == "ready"
                case LinkDown():
                    self.ready = False
                case Announced() | AnnouncementFailed():
                    assert self.out is not None
                    assert report.announcement == self.out.announcement, "answered twice"
                    if isinstance(report, Announced):
                        self.made.append(report.announcement)
                    else:
                        self.lost.append(report.reason)
                        self.left.appendleft(self.out)
                    self.out = None
        self.read = len(self.line.reports)
        if self.out is None and self.ready and self.left:
            self.out = self.left.popleft()
            self.line.do(self.out)
        else:
            self.line.turn()

    def run(self, seconds):
        until = self.line.now + seconds
        while self.line.now < until:
            self.step()


def test_two_hundred_calls_are_all_heard_in_order_and_whole():
    line = wired()
    core = Core(line, 200)
    core.run(200 * 5.0)
    assert core.made == [f"dut:{n}" for n in range(200)]
    assert core.lost == []
    assert line.device.driver._calls == deque()
    ended = [play["ended_at"] for play in line.line.twin.state()["plays"]]
    assert all(ended)


def test_an_hour_without_a_card_loses_nothing():
    line = wired()
    core = Core(line, 20)
    core.run(10)
    before = len(core.made)
    assert before
    line.fault("no_sound")
    core.run(3600)
    assert len(core.made) == before
    assert core.lost == ["no_sound"], "what was being said then; nothing is tried in vain"
    line.fault("no_sound", on=False)
    core.run(20 * 5.0 + 10)
    assert core.made == [f"dut:{n}" for n in range(20)]
    states = [x.state for x in line.heard(Condition) if x.part == "state"]
    assert states == ["ready", "silent", "ready"]


@pytest.mark.parametrize("fault", ["unplug", "stall", "hangs", "silence", "garbage"])
def test_nothing_is_lost_over_a_minute_of_any_trouble_and_it_ends_by_itself(fault):
    line = wired()
    core = Core(line, 10)
    core.run(8)
    line.fault(fault)
    core.run(60)
    assert core.lost or fault == "unplug"
    line.fault(fault, on=False)
    core.run(40 + 10 * 5.0)
    assert core.made == [f"dut:{n}" for n in range(10)]


def test_a_player_that_hangs_is_replaced():
    line = wired(hangs=True)
    core = Core(line, 1)
    core.run(20)
    assert "silence" in core.lost
    assert [x for x in line.heard(LinkDown) if "no answer" in x.evidence]


# - the self-test


def plays(line):
    return line.line.twin.state()["plays"]


def test_internally_the_sound_card_is_asked_and_nothing_sounds():
    line = wired()
    findings = line.selftest("internal")
    assert [(f.step, f.result) for f in findings] == [("wire", "passed"), ("answer", "passed")]
    assert plays(line) == []


def test_internally_a_call_that_is_being_said_is_not_disturbed():
    line = wired()
    line.do(call(1))
    assert [f.result for f in line.selftest("internal")] == ["passed", "passed"]
    assert not line.heard(Announced)
    line.run(5)
    assert [x.announcement for x in line.heard(Announced)] == ["dut:1"]


def test_externally_the_chime_and_a_sentence_of_each_language_are_heard_to_their_end():
    line = wired()
    test = ExerciseDevice(
        device="dut", level="external", sentences=(MANDARIN, CANTONESE), volume=60
    )
    line.do(test)
    line.until(lambda: line.heard(TestEnded))
    steps = [(f.step, f.result, f.evidence) for f in line.heard(Finding)[1:]]
    assert steps == [("answer", "passed", ""), ("tone", "passed", "mandarin, cantonese")]
    assert [x[0] for x in plays(line)[-1]["sentences"]] == ["mandarin", "cantonese"]


def test_no_sound_card_a_silent_player_and_a_hanging_one_are_named():
    assert named("no_sound", wired(no_sound=True).selftest("external"))
    assert named("silence", wired(silence=True).selftest("external"))
    assert named("silence", wired(hangs=True).selftest("external"))


def test_calls_wait_for_the_self_test_and_are_heard_behind_it():
    line = wired()
    line.do(call(1))
    line.selftest("external")
    line.do(call(2))
    line.run(5)
    assert [x.announcement for x in line.heard(Announced)] == ["dut:1", "dut:2"]


def test_something_urgent_does_not_wait_for_a_self_test():
    line = wired()
    line.do(ExerciseDevice(device="dut", level="external", sentences=(MANDARIN,) * 9))
    line.run(2)
    line.do(call(9, urgent=True))
    assert line.heard(TestEnded)
    assert named("interrupted", line.heard(Finding))
    line.run(5)
    assert [x.announcement for x in line.heard(Announced)] == ["dut:9"]
    assert [bool(play["failed"]) for play in plays(line)] == [True, False]


def test_a_self_test_that_is_broken_off_falls_silent_and_the_calls_go_on():
    line = wired()
    line.do(ExerciseDevice(device="dut", level="external", sentences=(MANDARIN,) * 9))
    line.run(1)
    line.do(call(3), EndExercise(device="dut"))
    line.run(5)
    assert [x.announcement for x in line.heard(Announced)] == ["dut:3"]
    assert plays(line)[0]["failed"] == "cut"
