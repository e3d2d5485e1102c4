"""The speaking module: its frames, that it is never cut, and that nothing unsaid is called said."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.voice_syn6288 import VoiceSyn6288
from drivers.voice_syn6288.words import Syn6288Options, encoded, make_frame, speakable, split
from hallctl.core.effects import Announce, EndExercise, ExerciseDevice
from hallctl.core.reports import Announced, AnnouncementFailed, Condition, Fault, TestEnded
from hallctl.core.speech import Sentence
from hallctl.simulator.faults import FaultyLine
from hallctl.simulator.twins.voice_syn6288 import VoiceSyn6288Twin
from wired import Wired, codes

STOP, STATE = bytes.fromhex("FD 00 02 02 FD"), bytes.fromhex("FD 00 02 21 DE")
VECTOR = "请A001号到3号窗口办理"
VECTOR_FRAME = bytes.fromhex(
    "FD 00 18 01 01 C7 EB 41 30 30 31 BA C5 B5 BD 33 BA C5 B4 B0 BF DA B0 EC C0 ED 92"
)
CALL = "请A零零一号，到三号窗口办理"
EVACUATION = "请马上离开大厅，请听从工作人员指引"


def said(text, language="mandarin"):
    return Sentence(language, ("please",), text)


def order(name="a1", *texts, chime="none", volume=80, urgent=False, sentences=None):
    words = tuple(said(text) for text in texts or (CALL,)) if sentences is None else sentences
    return Announce(
        device="dut",
        announcement=name,
        window=3,
        chime=chime,
        sentences=words,
        volume=volume,
        urgent=urgent,
    )


class Hall(Wired):
    """A module with its twin, asked and ready."""

    def __init__(self, **options):
        driver = VoiceSyn6288(Syn6288Options(**options))
        super().__init__(driver, VoiceSyn6288Twin(driver.options.model_dump(mode="json")))
        self.twin = self.line.twin
        self.run(1)

    def answers(self):
        """Everything announcements were answered with, in order."""
        kinds = Announced | AnnouncementFailed
        return [report for report in self.reports if isinstance(report, kinds)]

    def say(self, what):
        """Have it said; the answer."""
        before = len(self.answers())
        self.do(what)
        self.until(lambda: len(self.answers()) > before)
        return self.answers()[-1]

    def texts(self, where="spoken"):
        return [speech["text"] for speech in self.twin.state()[where]]

    def states(self):
        return [report.state for report in self.heard(Condition)]


def late(seconds, **options):
    """A hall whose module takes so long for all it says, and has been asked since."""
    hall = Hall(**options)
    hall.line.slow_s = seconds
    hall.fault("slow")
    hall.run(15)
    return hall


def begun():
    hall = Hall()
    hall.do(order())
    hall.until(lambda: hall.twin.state()["saying"])
    hall.run(0.5)
    return hall


# - the frames


def test_the_text_of_the_description_becomes_its_frame():
    assert make_frame(encoded(VECTOR)) == VECTOR_FRAME


def test_it_is_asked_when_the_line_opens_and_ready_when_it_answers():
    driver = VoiceSyn6288(Syn6288Options())
    reply = driver.start(0.0)
    assert (reply.write, reply.wake_at) == (STATE, 2.0)
    assert driver.receive(b"\x41\x4f", 0.1).reports == (Condition(part="state", state="ready"),)


def test_a_frame_goes_out_only_after_idle_was_said_twice():
    driver = VoiceSyn6288(Syn6288Options())
    driver.start(0.0)
    driver.receive(b"\x4f", 0.1)
    assert driver.perform(order(), 1.0).write == STATE
    assert driver.receive(b"\x4e", 1.05).write == b""
    for at in (1.2, 1.4):
        assert driver.wake(at).write == STATE
        out = driver.receive(b"\x41\x4f", at + 0.05).write
    assert out == make_frame(b"[v13]" + CALL.encode("gbk"))


@pytest.mark.parametrize(
    ("volume", "tag"), [(0, "[v0]"), (1, "[v1]"), (50, "[v8]"), (80, "[v13]"), (100, "[v16]")]
)
def test_the_volume_in_percent_becomes_one_of_its_sixteen_steps(volume, tag):
    hall = Hall()
    hall.say(order("a", CALL, volume=volume))
    assert hall.twin.state()["spoken"][0]["volume"] == int(tag[2:-1])


@pytest.mark.parametrize(
    ("text", "clean", "lacking"),
    [
        ("请到\n3号\x00窗口", "请到 3号 窗口", ""),
        ("[v0]请[x1]到", "v0 请 x1 到", ""),
        ("请王𬭎到", "请王到", "𬭎"),
        ("  ", "", ""),
    ],
)
def test_a_text_loses_what_the_module_would_stumble_over(text, clean, lacking):
    assert speakable(text) == (clean, lacking)


@given(st.text(alphabet="请到号窗口办理零一二，。A1 ", max_size=400), st.integers(2, 200))
@settings(deadline=None)
def test_a_long_text_is_cut_between_hanzi_and_nothing_of_it_is_lost(text, most_bytes):
    parts = list(split(text, most_bytes))
    assert "".join(parts) == text
    assert all(0 < len(part.encode("gbk")) <= most_bytes for part in parts)


def test_a_long_text_is_cut_at_a_pause_and_said_to_its_end():
    hall = Hall()
    text = "，".join(["请带好您的身份证和号票到窗口办理"] * 8)
    assert isinstance(hall.say(order("a", text)), Announced)
    assert "".join(hall.texts()) == text
    assert len(hall.texts()) == 2
    assert all(part.endswith("，") for part in hall.texts()[:-1])
    assert hall.texts("cut") == []


def test_a_tone_of_the_module_sounds_before_the_words_when_one_is_set():
    hall = Hall(chime="sounda", tags="[t5]")
    assert hall.say(order(chime="short")).languages == ("mandarin",)
    assert hall.texts() == ["sounda", CALL]
    hall.say(order("a2", chime="none"))
    assert hall.texts() == ["sounda", CALL, CALL]


# - what is said, and what is called said


def test_fifty_calls_are_said_whole_and_once_each_in_their_order():
    hall = Hall()
    wanted = [f"请A{number:03}号，到{number % 9 + 1}号窗口办理" for number in range(50)]
    for number, text in enumerate(wanted):
        hall.do(order(f"a{number}", text))  # as many at once as it will take
        if number % 3 == 2:
            hall.run(7)
    hall.until(lambda: len(hall.answers()) == len(wanted))
    assert [answer.announcement for answer in hall.answers()] == [f"a{n}" for n in range(50)]
    assert {type(answer) for answer in hall.answers()} == {Announced}
    state = hall.twin.state()
    assert hall.texts() == wanted
    assert (state["cut"], state["stopped"], state["bad"]) == ([], [], [])
    assert hall.heard(Fault) == []


def test_the_time_it_took_is_told():
    hall = Hall()
    answer = hall.say(order())
    lasted_s = hall.twin.state()["spoken"][0]["lasts_s"]
    assert lasted_s <= answer.took_s <= lasted_s + 0.2


def test_only_mandarin_is_said_as_often_as_it_is_there():
    hall = Hall()
    sentences = (said("first"), said("請A001號", "cantonese"), said("second"), said("x", "english"))
    answer = hall.say(order(sentences=sentences))
    assert (answer.languages, answer.left_out) == (("mandarin",), ())
    assert hall.texts() == ["first", "second"]
    gap_s = hall.twin.state()["spoken"][1]["began_at"] - sum(
        hall.twin.state()["spoken"][0][key] for key in ("began_at", "lasts_s")
    )
    assert 0.8 <= gap_s <= 0.9


def test_a_hanzi_that_gbk_lacks_is_named():
    assert Hall().say(order("a", "请王𬭎到窗口")).left_out == ("mandarin/𬭎: not in GBK",)


@pytest.mark.parametrize(
    ("chime", "asked", "languages"),
    [("sounda", "full", ()), ("sounda", "none", None), ("", "full", None)],
)
def test_without_mandarin_the_tone_alone_sounds_and_nothing_is_never_called_said(
    chime, asked, languages
):
    hall = Hall(chime=chime)
    answer = hall.say(order(chime=asked, sentences=(said("請A001號", "cantonese"),)))
    if languages is None:
        assert (type(answer), answer.reason) == (AnnouncementFailed, "no_sound")
        assert hall.texts() == []
    else:
        assert (answer.languages, hall.texts()) == ((), ["sounda"])


def test_something_of_its_own_is_waited_for():
    hall = Hall()
    hall.press(do="music")
    answer = hall.say(order())
    assert isinstance(answer, Announced)
    assert hall.twin.state()["spoken"][0]["began_at"] >= 1000 + 1.5 + 5


def test_something_urgent_cuts_in_and_what_waited_is_said_after_it():
    hall = begun()
    hall.do(order("a2", "第二个"), order("fire", EVACUATION, urgent=True))
    hall.until(lambda: len(hall.answers()) == 3)
    first, fire, second = hall.answers()
    assert (first.announcement, first.reason) == ("a1", "cut")
    assert (fire.announcement, second.announcement) == ("fire", "a2")
    assert (hall.texts("stopped"), hall.texts("cut")) == ([CALL], [])
    assert hall.texts() == [EVACUATION, "第二个"]


# - what goes wrong


@pytest.mark.parametrize("check_s", [0, 10])
def test_busy_for_ever_is_a_failure_in_time_and_nothing_is_handed_over_until_it_is_idle(check_s):
    hall = Hall(check_s=check_s)
    hall.fault("busy_forever")
    answer = hall.say(order())
    assert (answer.reason, answer.evidence[:2]) == ("no_sound", "4E")
    assert hall.now < 1000 + 25
    assert hall.texts() == []
    hall.run(60)
    assert hall.states() == ["unknown", "ready", "silent"]
    hall.fault("busy_forever", on=False)
    hall.run(12)
    assert hall.states()[-1] == "ready"
    assert isinstance(hall.say(order("a2")), Announced)


def test_busy_without_end_after_a_frame_is_stopped_and_told():
    hall = begun()
    hall.fault("busy_forever")
    hall.until(hall.answers)
    assert hall.answers()[0].reason == "no_sound"
    assert hall.states()[-1] == "silent"
    hall.turn()
    assert STOP in hall.device.last_out


def test_power_lost_in_mid_speech_is_silence_and_it_comes_back_by_itself():
    hall = begun()
    hall.press(do="off")
    hall.until(hall.answers)
    assert hall.answers()[0].reason == "silence"
    hall.run(30)
    assert hall.states()[-1] == "silent"
    hall.press(do="on")
    hall.run(5)
    assert hall.states()[-1] == "ready"
    hall.say(order("a2"))
    assert hall.texts() == [CALL]


@pytest.mark.parametrize("after_s", [0.0, 1.5, 2.0])
def test_a_short_loss_of_power_is_never_taken_for_the_end(after_s):
    hall = begun()
    hall.run(after_s)
    hall.press(do="restart")
    hall.until(hall.answers)
    assert (hall.answers()[0].reason, hall.texts()) == ("no_sound", [])


def test_an_end_that_nobody_saw_counts_from_when_it_was_last_seen_busy():
    hall = begun()
    hall.fault("silence")
    hall.run(0.3)
    hall.press(do="restart")
    hall.run(1.2)
    hall.fault("silence", on=False)
    hall.until(hall.answers)
    assert hall.answers()[0].reason == "too_short"


def test_a_module_that_greets_when_it_gets_power_has_not_said_the_call():
    hall = begun()
    hall.press(do="restart")
    hall.press(do="music")
    hall.until(hall.answers)
    assert (hall.answers()[0].reason, hall.texts()) == ("no_sound", [])


def test_a_frame_that_was_lost_is_no_announcement():
    hall = Hall()
    heard = hall.line.receive
    hall.line.receive = lambda sent, now: b"" if sent[3:4] == b"\x01" else heard(sent, now)
    answer = hall.say(order())
    assert (answer.reason, hall.texts()) == ("silence", [])
    hall.line.receive = heard
    assert isinstance(hall.say(order("a2")), Announced)


@pytest.mark.parametrize(("fault", "reason"), [("error", "no_sound"), ("no_sound", "too_short")])
def test_a_refusal_and_an_end_too_soon_are_told_apart(fault, reason):
    hall = Hall()
    hall.fault(fault)
    assert hall.say(order()).reason == reason
    hall.fault(fault, on=False)
    assert isinstance(hall.say(order("a2")), Announced)
    assert hall.states() == ["unknown", "ready"]


def test_a_deaf_module_is_silence_and_ready_when_it_hears_again():
    hall = Hall()
    hall.fault("deaf")
    assert hall.say(order()).reason == "silence"
    assert hall.states()[-1] == "silent"
    hall.fault("deaf", on=False)
    hall.run(5)
    assert hall.states()[-1] == "ready"


def test_without_an_order_too_it_is_noticed_that_the_module_has_gone():
    hall = Hall()
    hall.fault("deaf")
    hall.run(20)
    assert hall.states()[-1] == "silent"


def test_a_wire_pulled_out_answers_for_everything_that_was_to_be_said():
    hall = begun()
    hall.do(order("a2"))
    hall.fault("unplug")
    hall.run(1)
    assert [(x.announcement, x.reason) for x in hall.answers()] == [
        ("a1", "unplugged"),
        ("a2", "unplugged"),
    ]
    hall.fault("unplug", on=False)
    hall.run(40)
    assert isinstance(hall.say(order("a3")), Announced)
    assert hall.texts("cut") == []


@pytest.mark.parametrize("fault", ["noise", "stale_byte", "byte_by_byte", "slow"])
def test_a_bad_line_neither_cuts_nor_hides_a_call(fault):
    hall = Hall()
    hall.fault(fault)
    for number in range(5):
        assert isinstance(hall.say(order(f"a{number}")), Announced)
    assert hall.texts() == [CALL] * 5
    assert hall.texts("cut") == []


LONG = "请A零零一号，到三号窗口办理" * 3


@pytest.mark.parametrize("text", [CALL, LONG], ids=["a call", "a long one"])
@pytest.mark.parametrize("late_s", [x / 10 for x in range(1, 20)])
def test_calls_of_a_module_that_answers_late_are_said_once_each_and_never_called_failed(
    late_s, text
):
    hall = late(late_s)
    for number in range(4):
        hall.do(order(f"a{number}", text), order(f"b{number}", text))
        hall.run(number * 0.7)
    hall.until(lambda: len(hall.answers()) == 8)
    assert {type(answer) for answer in hall.answers()} == {Announced}
    assert hall.texts() == [text] * 8
    assert hall.texts("cut") == []
    assert hall.states() == ["unknown", "ready"]
    assert {answer.proven for answer in hall.answers()} == {True}


class Jittering(FaultyLine):
    """A line that takes another time for each piece, up to `most_s`; nothing overtakes."""

    def __init__(self, twin, seed, most_s):
        super().__init__(twin, seed=seed)
        self.most_s = most_s
        self.fault("slow", True)

    def _out(self, said, now):
        self.slow_s = self._random.uniform(0, self.most_s)
        return super()._out(said, now)


@given(seed=st.integers(0, 10**6), most_s=st.sampled_from([0.4, 1.2, 1.9]))
@settings(deadline=None, max_examples=60)
def test_whatever_time_each_answer_takes_no_call_is_cut_or_called_failed(seed, most_s):
    hall = Hall(chime="sounda")
    hall.line = Jittering(hall.twin, seed, most_s)
    wanted = [CALL, "三号窗口", LONG, "请到一号"]
    for number, text in enumerate(wanted):
        hall.do(order(f"a{number}", text, chime="short"))
        hall.run(seed % 5)
    hall.until(lambda: len(hall.answers()) == len(wanted))
    assert {type(answer) for answer in hall.answers()} == {Announced}
    assert [text for text in hall.texts() if text != "sounda"] == wanted
    assert hall.texts("cut") == []


@pytest.mark.parametrize("late_s", [1.2, 1.6, 1.9])
def test_what_may_have_been_said_between_two_late_answers_is_said_and_not_proven(late_s):
    hall = late(late_s)
    answer = hall.say(order("a", "三号窗口"))
    assert hall.texts() == ["三号窗口"]
    assert (type(answer), answer.proven) == (Announced, False)


@pytest.mark.parametrize("late_s", [0.0, 1.2, 1.6, 1.9])
def test_a_module_that_answers_late_and_says_nothing_is_still_found_out_by_a_long_text(late_s):
    hall = late(late_s) if late_s else Hall()
    hall.fault("no_sound")
    assert hall.say(order("a", LONG)).reason == "too_short"
    assert hall.texts() == []


@pytest.mark.parametrize("late_s", [1.2, 1.9])
def test_a_frame_that_was_lost_is_no_announcement_however_late_the_answers(late_s):
    hall = late(late_s)
    heard = hall.line.receive
    hall.line.receive = lambda sent, now: b"" if sent[3:4] == b"\x01" else heard(sent, now)
    assert (hall.say(order()).reason, hall.texts()) == ("silence", [])


@pytest.mark.parametrize("late_s", [2.3, 3.1, 4.5, 6.5, 9.0])
def test_a_module_that_answers_later_than_it_may_is_given_nothing_and_said_to_be_late(late_s):
    hall = late(late_s)
    hall.run(60)
    before = len(hall.states())
    hall.run(60)
    assert hall.states()[-1] == "late"
    assert "ready" not in hall.states()[before:]
    answer = hall.say(order())
    assert (answer.reason, hall.texts()) == ("silence", [])
    hall.fault("slow", on=False)
    hall.run(30)
    assert hall.states()[-1] == "ready"
    assert isinstance(hall.say(order("a2")), Announced)


def test_a_module_that_is_late_says_its_calls_when_it_is_given_the_time():
    hall = late(3.1, answer_s=5)
    assert isinstance(hall.say(order("a", LONG)), Announced)
    assert (hall.texts(), hall.states()) == ([LONG], ["unknown", "ready"])


@pytest.mark.parametrize("at_s", [x / 4 for x in range(18)])
@pytest.mark.parametrize("late_s", [1.2, 1.9, 2.6, 3.5])
def test_answers_that_begin_to_be_late_while_it_speaks_do_not_make_a_heard_call_a_failed_one(
    late_s, at_s
):
    hall = Hall()
    hall.do(order("a", LONG))
    hall.run(at_s)
    hall.line.slow_s = late_s
    hall.fault("slow")
    hall.until(hall.answers)
    if hall.texts() or hall.texts("cut"):
        assert isinstance(hall.answers()[0], Announced)
    assert hall.texts("cut") == []


class Doubling(FaultyLine):
    """A line on which all that comes back comes twice, the second time a little later."""

    def __init__(self, twin):
        super().__init__(twin)
        self.again = b""

    def _out(self, said, now):
        self.again += said
        return said

    def wake(self, now):
        late, self.again = self.again, b""
        return late + super().wake(now)


def test_doubled_answers_cut_nothing_and_lose_nothing():
    hall = Hall()
    hall.line = Doubling(hall.twin)
    for number in range(10):
        assert isinstance(hall.say(order(f"a{number}")), Announced)
    assert hall.texts() == [CALL] * 10
    assert hall.texts("cut") == []


@given(
    dirt=st.lists(st.sampled_from([b"\x4f", b"\x41", b"\x45", b"\x4a", b"\x00\x81"]), max_size=40)
)
@settings(deadline=None, max_examples=60)
def test_answers_out_of_nowhere_never_make_it_cut_a_call(dirt):
    hall = Hall()
    hall.do(order("a0", CALL), order("a1", CALL))
    for piece in dirt:
        hall.link.arrive(piece)
        hall.run(0.2)
    hall.until(lambda: len(hall.answers()) == 2)
    assert hall.texts("cut") == []
    assert len(hall.texts()) >= sum(isinstance(x, Announced) for x in hall.answers())


# - the self-test


def test_the_self_test_says_its_words_and_times_them():
    hall = Hall()
    answer, tone = hall.selftest("external", texts=("声音测试一二三",))[1:]
    assert (answer.step, answer.result) == ("answer", "passed")
    assert (tone.step, tone.result) == ("tone", "passed")
    assert hall.texts() == ["声音测试一二三"]


def test_the_self_test_says_the_mandarin_sentence_it_was_given():
    hall = Hall()
    sentences = (said("聲音測試", "cantonese"), said("声音测试"))
    hall.do(ExerciseDevice(device="dut", level="external", sentences=sentences, texts=("x",)))
    hall.until(lambda: hall.heard(TestEnded))
    assert hall.texts() == ["声音测试"]


def test_the_internal_self_test_says_nothing():
    hall = Hall()
    assert [x.step for x in hall.selftest("internal")] == ["wire", "answer"]
    assert hall.texts() == []


def test_a_self_test_waits_for_the_call_and_the_next_call_for_the_self_test():
    hall = begun()
    hall.do(ExerciseDevice(device="dut", level="external", texts=("声音测试",)), order("a2"))
    hall.until(lambda: len(hall.answers()) == 2)
    assert hall.texts() == [CALL, "声音测试", CALL]
    assert hall.texts("cut") == hall.texts("stopped") == []


def test_something_urgent_does_not_wait_for_a_self_test():
    hall = Hall()
    hall.do(ExerciseDevice(device="dut", level="external", texts=("声音测试" * 10,)))
    hall.run(2)
    assert isinstance(hall.say(order("fire", EVACUATION, urgent=True)), Announced)
    assert hall.heard(TestEnded)
    assert hall.texts("stopped") == ["声音测试" * 10]


def test_a_self_test_broken_off_falls_silent():
    hall = Hall()
    hall.do(ExerciseDevice(device="dut", level="external", texts=("声音测试" * 10,)))
    hall.run(2)
    hall.do(EndExercise(device="dut"))
    hall.run(0.5)
    assert hall.twin.state()["saying"] == ""
    assert isinstance(hall.say(order()), Announced)


@pytest.mark.parametrize("fault", ["deaf", "error", "no_sound", "busy_forever"])
def test_the_self_test_names_what_is_wrong(fault):
    hall = Hall()
    hall.fault(fault)
    named = {"deaf": "silence", "busy_forever": "no_sound"}.get(fault, fault)
    assert codes(hall.selftest("external")) == {named}


@pytest.mark.parametrize("sizes", [[1], [2], [3, 1]])
def test_answers_in_pieces_of_any_size_are_the_same(sizes):
    driver, size, told = VoiceSyn6288(Syn6288Options()), itertools.cycle(sizes), []
    driver.start(0.0)
    wire = b"\x81\x41\x4f\x00\x4a\x41\x4f"
    while wire:
        step = next(size)
        told += driver.receive(wire[:step], 0.1).reports
        wire = wire[step:]
    assert [type(report) for report in told] == [Fault, Condition]
