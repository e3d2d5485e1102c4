"""The RS-485 rating pad: four keys, a default that is no grade, answers only from the disk."""

import pytest

from drivers.pad_rs485 import PadRs485, PadRs485Options
from hallctl.core.effects import AnswerKey, AskRating, EndRating
from hallctl.core.reports import Condition, Rated
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.twins.pad_rs485 import PadRs485Twin
from wired import Wired, codes, named

RATING_3 = bytes.fromhex("FF 68 03 03 68 01 11 03 15 16")
RATING_3_ACK = bytes.fromhex("FF 68 03 03 68 01 01 03 05 16")
START = bytes.fromhex("FF 68 03 03 68 01 01 0B 0D 16")
BEEP = bytes.fromhex("FF 68 02 02 68 01 03 04 16")
DEFAULT = bytes.fromhex("FF 68 03 03 68 01 11 01 13 16")
ASK = AskRating(window=3, label="A001")


def pad(**options):
    driver = PadRs485(PadRs485Options(windows={1: 3, 2: 4}, **options))
    driver.start(0.0)
    return driver


def asking(**options):
    driver = pad(**options)
    driver.perform(ASK, 1.0)
    return driver


def test_four_keys_are_said_to_be_four():
    driver = PadRs485(PadRs485Options(windows={1: 3}))
    assert driver.start(0.0).reports == (Condition(part="keys", state="four"),)


def test_a_question_lights_the_pad_and_a_grade_is_answered_from_the_disk():
    driver = pad()
    assert driver.perform(ASK, 1.0).write == START
    heard = driver.receive(RATING_3, 2.0)
    (report,) = heard.reports
    assert report == Rated(window=3, grade=5, press=report.press)
    assert heard.write == b""
    answer = AnswerKey(device="d", window=3, press=report.press, accepted=True)
    assert driver.perform(answer, 2.1).write == RATING_3_ACK
    assert driver.receive(RATING_3, 2.5).write == RATING_3_ACK


def test_thanks_are_a_beep_stars_or_nothing():
    for thanks, write in (("beep", BEEP), ("nothing", b"")):
        done = EndRating(window=3, thanks=True)
        assert asking(thanks=thanks).perform(done, 2.0).write == write
    stars = asking(thanks="stars").perform(EndRating(window=3, thanks=True), 2.0).write
    assert stars == bytes.fromhex("FF 68 03 03 68 01 02 05 08 16")
    assert asking().perform(EndRating(window=3, thanks=False), 2.0).write == b""


def test_a_grade_nobody_asked_for_is_answered_and_forgotten():
    reply = pad().receive(RATING_3, 1.0)
    assert (reply.reports, reply.write) == ((), RATING_3_ACK)


def test_only_the_first_grade_counts():
    driver = asking()
    assert len(driver.receive(RATING_3, 2.0).reports) == 1
    other = RATING_3[:7] + bytes.fromhex("02 14 16")
    assert driver.receive(other, 2.3).reports == ()


def test_the_default_is_no_grade_unless_it_is_a_key():
    assert asking().receive(DEFAULT, 2.0).reports == ()
    (report,) = asking(default_is_real=True).receive(DEFAULT, 2.0).reports
    assert report.grade == 3


def test_a_pad_that_was_away_is_asked_again_while_the_question_is_open():
    driver = asking()
    assert driver.start(5.0).write == START
    driver.receive(RATING_3, 6.0)
    assert driver.start(7.0).write == b""


@pytest.mark.parametrize(
    "hexed", ["FF 68 03 03 68 01 11 04 16 16", "FF 68 03 03 68 01 07 03 0B 16"]
)
def test_what_is_no_grade_is_a_fault(hexed):
    (report,) = asking().receive(bytes.fromhex(hexed), 2.0).reports
    assert report.code == "unknown_rating"


def wire():
    return Wired(PadRs485(PadRs485Options(windows={1: 3})), PadRs485Twin({"windows": {1: 3}}))


def by_face(pair):
    return lambda asks: pair.press(window=asks.window, grade=int(asks.step[-1]))


def test_each_face_is_asked_for_and_no_grade_counts():
    pair = wire()
    found = pair.selftest("interactive", person=by_face(pair))
    steps = [x.step for x in found if x.result == "passed"]
    assert steps == ["wire", "face:5", "face:4", "face:2", "repeat", "hears"]
    assert pair.heard(Rated) == []
    assert codes(pair.selftest("external")) == {"no_question"}


@pytest.mark.parametrize("fault", [*LINE_FAULTS, *PadRs485Twin.FAULTS, "unplug"])
def test_the_self_test_names_each_fault(fault):
    pair = wire()
    pair.fault(fault)
    pair.run(1)
    assert named(fault, pair.selftest("interactive", person=by_face(pair)))


@pytest.mark.parametrize("level", ["external", "interactive"])
def test_an_open_question_is_asked_again_after_a_self_test(level):
    pair = Wired(PadRs485(PadRs485Options(windows={1: 3})), PadRs485Twin({"windows": {1: 3}}))
    pair.do(ASK)
    pair.run(1)
    assert pair.line.twin.state()["windows"]["3"]["asking"]
    pair.selftest(level, person=by_face(pair) if level == "interactive" else None)
    pair.run(1)
    assert pair.line.twin.state()["windows"]["3"]["asking"], "the resident still waits to be asked"
