"""Each driver joined to the twin of its device, byte by byte: two readings of one manual agree."""

import pytest

from drivers.escpos import EscposOptions, EscposPrinter
from drivers.keypad_rs485 import KeypadOptions, KeypadRs485
from drivers.led_cpower import LedCpower, LedOptions
from drivers.pad_serial import PadOptions, PadSerial
from drivers.voice_clips import ClipsOptions, VoiceClips
from every_driver import TWINNED, wired, working_day
from hallctl.core.effects import (
    Announce,
    AnswerKey,
    AskRating,
    EndRating,
    PrintSlip,
    SendSlip,
    ShowKeypad,
    ShowStrip,
)
from hallctl.core.reports import (
    Announced,
    AnnouncementFailed,
    CardRead,
    Condition,
    Fault,
    KeyPressed,
    Rated,
    SlipDoubtful,
    SlipHeld,
    SlipPrinted,
    SlipReady,
)
from hallctl.core.slip import Code, Gap, Line, Rule, Slip
from hallctl.core.speech import Sentence
from hallctl.device import driver_class
from hallctl.simulator.faults import FaultyLine
from hallctl.simulator.twins.escpos import EscposTwin
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from hallctl.simulator.twins.led_cpower import LedCpowerTwin
from hallctl.simulator.twins.pad_serial import PadSerialTwin
from hallctl.simulator.twins.voice_clips import VoiceClipsTwin

STEP_S = 0.05
SLIP = Slip(
    parts=(
        Line("您的号码", align="center"),
        Line("A001", scale=4, bold=True, align="center"),
        Rule(),
        Line("到1号窗口办理，王𬭎"),
        Gap(1),
        Code("HALL:A001"),
        Line("过号请重新排队。", inverse=True),
    )
)


class Pair:
    """Driver and twin on one wire, one byte at a time; `answer` is what the core would do."""

    def __init__(self, driver, twin, answer=None):
        self.driver, self.twin, self.answer = driver, twin, answer
        self.line = FaultyLine(twin)
        self.now, self.wake_at, self.reports, self.wire = 10.0, None, [], b""
        said = self.line.opened(self.now)
        self.take(driver.start(self.now))
        self.hear(said)

    def take(self, reply):
        self.wake_at = self.wake_at if reply.wake_at is None else reply.wake_at
        self.wire += reply.write
        for at in range(len(reply.write)):
            self.hear(self.line.receive(reply.write[at : at + 1], self.now))
        for report in reply.reports:
            self.reports.append(report)
            effect = self.answer(report) if self.answer else None
            if effect:
                self.do(effect)

    def hear(self, data):
        for at in range(len(data)):
            self.take(self.driver.receive(data[at : at + 1], self.now))

    def do(self, effect):
        self.take(self.driver.perform(effect, self.now))

    def press(self, **what):
        self.hear(self.line.press(what, self.now))

    def run(self, seconds):
        until = self.now + seconds
        while self.now < until:
            self.now += STEP_S
            self.hear(self.line.wake(self.now))
            if self.wake_at is not None and self.now >= self.wake_at:
                self.wake_at = None
                self.take(self.driver.wake(self.now))
        return self

    def about(self, *kinds):
        return [report for report in self.reports if isinstance(report, kinds)]


def send(report):
    return SendSlip(printer="p", job=report.job) if isinstance(report, SlipReady) else None


def printer(driver=None, **twin):
    pair = Pair(EscposPrinter(EscposOptions(**(driver or {}))), EscposTwin(twin), send)
    return pair.run(2)


def printed(pair):
    return [(report.job, report.proven) for report in pair.about(SlipPrinted)]


def ask(pair, job="j1"):
    pair.do(PrintSlip(printer="p", job=job, slip=SLIP))


@pytest.mark.parametrize("options", [{}, {"paper_mm": 58}, {"qr": "raster"}, {"encoding": "gbk"}])
def test_a_slip_comes_out_whole_and_every_byte_of_it_is_understood(options):
    pair = printer(options, **options)
    ask(pair)
    pair.run(3)
    assert printed(pair) == [("j1", True)]
    state = pair.twin.state()
    assert state["unknown"] == []
    assert state["cuts"] == 1
    text = str(state["slips"][0])
    assert "您的号码" in text
    assert "A001" in text
    assert "过号请重新排队。" in text


def test_a_slow_printer_proves_the_slip_when_it_has_come_out():
    pair = printer(lines_s=3)
    ask(pair)
    pair.run(1)
    assert pair.about(SlipPrinted) == []
    pair.run(10)
    assert printed(pair) == [("j1", True)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("paper_out", "paper_out"), ("cover_open", "cover_open"), ("cutter_error", "cutter_error")],
)
def test_a_printer_in_trouble_gets_no_byte_of_the_slip_until_it_is_well(fault, reason):
    pair = printer()
    pair.twin.fault(fault, True)
    ask(pair)
    pair.run(5)
    assert pair.about(SlipHeld) == [SlipHeld(job="j1", reason=reason)]
    assert set(pair.wire) <= set(b"\x10\x01\x02\x03\x04")
    pair.twin.fault(fault, False)
    pair.run(5)
    assert printed(pair) == [("j1", True)]


def test_paper_that_ends_in_the_midst_of_a_slip_makes_it_doubtful():
    pair = printer(lines_s=10, paper_out_after_lines=2)
    pair.twin.fault("paper_out_after", True)
    ask(pair)
    pair.run(12)
    assert pair.about(SlipDoubtful) == [SlipDoubtful(job="j1", reason="paper_out")]
    assert pair.about(SlipPrinted) == []


def test_a_mute_printer_prints_unproven():
    pair = printer(silent=True)
    ask(pair)
    pair.run(12)
    assert printed(pair) == [("j1", False)]
    assert pair.twin.state()["cuts"] == 1


def test_paper_low_is_seen_whichever_way_round_the_maker_says_it():
    for inverted in (False, True):
        options = {"near_end_inverted": inverted}
        pair = printer(options, **options)
        pair.twin.fault("paper_low", True)
        pair.run(5)
        said = [report.state for report in pair.about(Condition) if report.part == "paper"]
        assert said == ["ok", "low"]


def accept(report):
    if not isinstance(report, KeyPressed | Rated):
        return None
    accepted = not isinstance(report, KeyPressed) or report.key != "cancel"
    return AnswerKey(device="d", window=report.window, press=report.press, accepted=accepted)


@pytest.mark.parametrize("fault", ["", "noise"])
def test_keys_arrive_once_and_are_answered(fault):
    pair = Pair(
        KeypadRs485(KeypadOptions(windows={1: 3, 2: 4})),
        KeypadRs485Twin({"windows": {1: 3, 2: 4}}),
        accept,
    )
    if fault:
        pair.line.fault(fault, True)
    keys = ["call", "recall", "no_show", "hold", "resume", "pause", "transfer", "confirm", "cancel"]
    for key in keys:
        pair.press(window=3, key=key)
        pair.run(1)
    pair.press(window=4, key="call", digits="012")
    pair.press(window=4, grade=5)
    pair.run(1)
    pressed = [(p.window, p.key, p.digits) for p in pair.about(KeyPressed)]
    assert pressed == [*((3, key, "") for key in keys), (4, "call", "012")]
    assert [(rated.window, rated.grade) for rated in pair.about(Rated)] == [(4, 5)]
    pair.do(ShowKeypad(window=3, waiting=7, ticket="A012"))
    state = pair.twin.state()
    assert state["bad"] == []
    assert state["windows"]["3"]["resent"] == 0


@pytest.mark.parametrize("text", ["请A001到3号窗口", "暂停服务", "ギいイ"])
def test_a_strip_shows_the_text_and_its_answer_makes_it_ready(text):
    pair = Pair(LedCpower(LedOptions(strips={1: 3, 2: 4})), LedCpowerTwin({"strips": {1: 3, 2: 4}}))
    pair.do(ShowStrip(window=3, state="call", texts=(text,)))
    state = pair.twin.state()
    assert state["windows"]["3"]["text"] == text
    assert state["windows"]["4"]["text"] == ""
    assert (state["bad"], state["windows"]["3"]["unknown"]) == ([], [])
    said = {(report.part, report.state) for report in pair.about(Condition)}
    assert {("state", "unknown"), ("state", "ready"), ("strip:1", "ready")} <= said


@pytest.mark.parametrize("fault", ["", "noise"])
def test_a_pad_asks_takes_the_grade_and_thanks(fault):
    pair = Pair(PadSerial(PadOptions(window=3)), PadSerialTwin({"window": 3}))
    if fault:
        pair.line.fault(fault, True)
    pair.press(grade=1)
    pair.do(AskRating(window=3, label="综015"))
    assert (pair.twin.state()["asking"], pair.twin.state()["label"]) == (True, "综015")
    pair.press(grade=4)
    assert pair.about(Rated) == [Rated(window=3, grade=4)]
    pair.do(EndRating(window=3, thanks=True))
    assert pair.twin.state()["thanks"]
    assert pair.twin.state()["unknown"] == []


def call(number, **how):
    return Announce(
        device="voice-1",
        announcement=f"voice-1:{number}",
        window=number,
        chime="full",
        sentences=(Sentence("mandarin", ("please", "letter-a", str(number)), ""),),
        volume=80,
        **how,
    )


def test_announcements_sound_one_after_the_other_and_a_dead_card_is_said():
    pair = Pair(VoiceClips(ClipsOptions()), VoiceClipsTwin({}))
    for number in (1, 2):
        pair.do(call(number))
    pair.run(6)
    assert [report.announcement for report in pair.about(Announced)] == ["voice-1:1", "voice-1:2"]
    pair.twin.fault("no_sound", True)
    pair.do(call(3))
    pair.run(1)
    states = [report.state for report in pair.about(Condition) if report.part == "state"]
    assert states == ["ready", "silent"]
    (failed,) = pair.about(AnnouncementFailed)
    assert (failed.announcement, failed.reason) == ("voice-1:3", "no_sound")
    assert len(pair.about(Announced)) == 2


def test_something_urgent_cuts_in_and_what_it_cut_is_answered_for():
    pair = Pair(VoiceClips(ClipsOptions()), VoiceClipsTwin({}))
    pair.do(call(1))
    pair.run(0.5)
    pair.do(call(2, urgent=True))
    pair.run(4)
    assert [(x.announcement, x.reason) for x in pair.about(AnnouncementFailed)] == [
        ("voice-1:1", "cut")
    ]
    assert [x.announcement for x in pair.about(Announced)] == ["voice-1:2"]
    first, second = pair.twin.state()["plays"]
    assert (first["failed"], first["ended_at"]) == ("cut", None)
    assert second["started_at"] - first["started_at"] < 1


def misread(state):
    """What a twin did not understand, wherever it stands in its state."""
    found = []
    if isinstance(state, dict):
        for key, value in state.items():
            found += [(key, value)] if key in {"bad", "unknown", "foreign"} else misread(value)
    return [(key, value) for key, value in found if value]


DEEDS = {
    "keypad": [KeyPressed(window=1, key="call"), KeyPressed(window=1, key="recall")],
    "pad": [Rated(window=1, grade=4)],
    "voice": [Announced(announcement="dut:0", languages=("mandarin",), took_s=0.0)],
    "strip": [],
}
"""What comes of one of each order and of each press, by the kind of device."""


@pytest.mark.parametrize("name", TWINNED)
def test_a_working_day_leaves_nothing_that_the_other_side_misread(name):
    pair = wired(name)
    done = working_day(pair)
    state = pair.line.twin.state()
    assert misread(state) == []
    assert pair.heard(Fault) == []
    kind = driver_class(name).kind
    if kind == "reader":
        assert [(type(deed), deed.age) for deed in done] == [(CardRead, 76)]
    elif kind == "printer":
        assert [deed.job for deed in done] == ["job-0"]
    else:
        assert done[: len(DEEDS[kind])] == DEEDS[kind]
    if kind == "strip":
        text = state["windows"]["1"]["text"]
        assert "A010" in text or text == "10"  # a board may have figures only
