"""The ID card reader: its vectors, one report a card, and nothing of the card left behind."""

import gc
import hashlib
import hmac
from datetime import date

import pytest

from drivers.idcard_sam import IdCardOptions, IdCardSam
from drivers.idcard_sam.card import age_on
from drivers.idcard_sam.frames import make_frame
from hallctl.core.effects import EndExercise, ExerciseDevice, SetDayKey
from hallctl.core.reports import CardRead, Condition, Fault, TestAsks, TestEnded
from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.twins.idcard_sam import PHOTO, IdCardSamTwin, framed, number_of, text_of
from wired import Wired, codes, named

KEY = bytes(range(32))
TODAY = SetDayKey(device="dut", day="2025-06-15", key=KEY)
BEGIN = "AA AA AA 96 69 "


def person_of(number, key=KEY):
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:32]


def wire(*, keyed=True, late_s=0.0, **options):
    """A reader at rest; with `late_s` all it says takes so long."""
    pair = Wired(IdCardSam(IdCardOptions(**options)), IdCardSamTwin({}))
    if late_s:
        late(pair, late_s)
    if keyed:
        pair.do(TODAY)
    pair.run(1)
    return pair


def late(pair, seconds):
    """From now on all the reader says takes so long; 0 for at once."""
    pair.line.slow_s = seconds or pair.line.slow_s
    pair.fault("slow", on=bool(seconds))


def states(pair):
    return [c.state for c in pair.heard(Condition)]


@pytest.mark.parametrize(
    ("command", "frame"),
    [
        ("20 01", "00 03 20 01 22"),
        ("20 02", "00 03 20 02 21"),
        ("30 01", "00 03 30 01 32"),
        ("12 FF", "00 03 12 FF EE"),
        ("11 FF", "00 03 11 FF ED"),
    ],
)
def test_commands_are_those_of_the_manual(command, frame):
    assert make_frame(bytes.fromhex(command)) == bytes.fromhex(BEGIN + frame)


def test_found_leads_to_select_and_select_to_read():
    driver = IdCardSam(IdCardOptions())
    driver.start(0.0)
    driver.receive(framed(0x90), 0.1)
    driver.perform(TODAY, 0.2)
    assert driver.wake(1.0).write == make_frame(b"\x20\x01")
    found = bytes.fromhex(BEGIN + "00 08 00 00 9F 00 00 00 00 97")
    assert driver.receive(found, 1.1).write == make_frame(b"\x20\x02")
    assert driver.receive(framed(0x90, bytes(8)), 1.2).write == make_frame(b"\x30\x01")


@pytest.mark.parametrize("fingers", [False, True])
def test_a_card_is_a_keyed_hash_and_an_age_once_until_it_was_taken_away(fingers):
    pair = wire()
    pair.press(do="card", birth="19500616", fingers=fingers)
    pair.run(5)
    card = CardRead(person=person_of(number_of("19500616")), age=74)
    assert pair.heard(CardRead) == [card]
    pair.press(do="remove")
    pair.run(1)
    pair.press(do="card", birth="19500616")
    pair.run(2)
    assert pair.heard(CardRead) == [card, card]


class FindsAgain(IdCardSamTwin):
    """A reader that finds the card as long as it lies there."""

    def _find(self):
        if self._card is not None:
            self._stage = ""
        return super()._find()


def test_a_reader_that_finds_the_same_card_again_and_again_reads_it_once():
    pair = Wired(IdCardSam(IdCardOptions()), FindsAgain({}))
    pair.do(TODAY)
    pair.press(do="card")
    pair.run(5)
    assert len(pair.heard(CardRead)) == 1
    pair.press(do="remove")
    pair.run(1)
    pair.press(do="card")
    pair.run(2)
    assert len(pair.heard(CardRead)) == 2


def test_another_days_key_makes_another_person_of_the_same_card():
    pair = wire()
    pair.do(SetDayKey(device="dut", day="2025-06-16", key=b"other"))
    pair.press(do="card", birth="19500616")
    pair.run(1)
    (card,) = pair.heard(CardRead)
    assert card == CardRead(person=person_of(number_of("19500616"), b"other"), age=75)


def test_without_a_key_no_card_is_looked_for():
    pair = wire(keyed=False)
    pair.press(do="card")
    pair.run(30)
    assert pair.heard(CardRead) == []
    assert pair.line.twin.state()["looks"] == 0
    pair.do(TODAY)
    pair.run(1)
    assert len(pair.heard(CardRead)) == 1


def test_the_key_stands_in_no_words_about_it():
    assert KEY.hex() not in repr(TODAY)
    assert str(KEY) not in repr(TODAY)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("20000229", "2025-02-28", 24),
        ("20000229", "2025-03-01", 25),
        ("19500615", "2025-06-15", 75),
        ("19500616", "2025-06-15", 74),
    ],
)
def test_age_is_in_whole_years(birth, day, age):
    assert age_on(birth, date.fromisoformat(day)) == age


def reachable(thing, seen):
    """All text and bytes an object holds, however deep."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, str | bytes | bytearray):
        yield thing
    elif isinstance(thing, dict):
        for pair in thing.items():
            for one in pair:
                yield from reachable(one, seen)
    elif isinstance(thing, list | tuple | set):
        for one in thing:
            yield from reachable(one, seen)
    elif hasattr(thing, "__dict__") and not callable(thing):
        yield from reachable(vars(thing), seen)


def test_nothing_of_a_card_is_left_in_the_driver_or_the_device():
    pair = wire()
    pair.press(do="card", birth="19500616")
    pair.run(1)
    assert len(pair.heard(CardRead)) == 1
    pair.run(1)
    number = number_of("19500616")
    text = text_of(pair.line.twin._card)
    secrets = [text[:6], text[36:52], text[52:62], text[122:158], number.encode(), PHOTO[:16]]
    driver = pair.device.driver
    held = list(reachable(vars(driver), set()))
    held += list(reachable([pair.device.last_in, pair.reports], set()))
    for thing in held:
        plain = thing if isinstance(thing, str) else ""
        raw = thing.encode() if isinstance(thing, str) else bytes(thing)
        assert not [s for s in secrets if s in raw]
        assert number not in plain
        assert "测试员" not in plain
    gc.collect()
    sight = pair.device.sight(pair.now)
    assert sight.last_in == ""
    assert not [x for x in gc.get_referents(driver) if isinstance(x, bytes) and len(x) > 64]


def selected():
    """A reader that has found a card and chosen it, 1.2 s after it was opened."""
    driver = IdCardSam(IdCardOptions())
    driver.start(0.0)
    driver.receive(framed(0x90), 0.1)
    driver.perform(TODAY, 0.2)
    driver.wake(1.0)
    driver.receive(framed(0x9F, bytes(4)), 1.1)
    driver.receive(framed(0x90, bytes(8)), 1.2)
    return driver


def test_half_a_card_is_let_go_when_the_rest_does_not_come():
    driver = selected()
    card = text_of({"number": number_of("19500616"), **dict.fromkeys(
        ("name", "sex", "nation", "birth", "address", "issuer", "from", "to", "reserve"), "x"
    )})  # fmt: skip
    driver.receive(framed(0x90, bytes(4) + card)[:200], 1.3)
    assert len(driver._buffer) > 100
    driver.wake(1.2 + 6.1)
    assert driver._buffer == b""


@pytest.mark.parametrize("broken_off", [False, True], ids=["to its end", "broken off"])
@pytest.mark.parametrize("after_s", [x / 5 for x in range(16)])
def test_a_self_test_that_begins_while_a_card_is_read_does_not_swallow_it(after_s, broken_off):
    """A reader takes its time, and reads a card once for each time it is laid down."""
    pair = wire()
    pair.fault("slow")
    pair.press(do="card")
    pair.run(after_s)
    pair.do(ExerciseDevice(device="dut", level="internal"))
    if broken_off:
        pair.run(0.2)
        pair.do(EndExercise(device="dut"))
    pair.run(15)
    assert len(pair.heard(CardRead)) == 1
    assert len(pair.heard(TestEnded)) == 1


def test_a_card_that_cannot_be_read_is_a_fault_without_data():
    pair = wire()
    pair.fault("card_unread")
    pair.press(do="card")
    pair.run(3)
    assert pair.heard(CardRead) == []
    assert pair.heard(Fault) == [Fault(code="card_unread", evidence="00 00 41")]


def test_dirt_is_counted_and_never_shown():
    driver = IdCardSam(IdCardOptions())
    driver.start(0.0)
    (fault,) = driver.receive(b"secret text of a card", 1.0).reports
    assert fault == Fault(code="garbage", evidence="21 bytes")


def test_a_reader_that_falls_silent_is_offline_and_ready_again():
    pair = wire()
    pair.fault("silence")
    pair.run(5)
    pair.fault("silence", on=False)
    pair.run(3)
    states = [c.state for c in pair.heard(Condition)]
    assert states == ["unknown", "ready", "silent", "ready"]


@pytest.mark.parametrize("late_s", [1.2, 1.9, 2.6, 2.9])
def test_a_reader_that_takes_seconds_for_an_answer_reads_its_cards(late_s):
    pair = wire(late_s=late_s)
    pair.press(do="card")
    pair.run(5 * late_s)
    assert len(pair.heard(CardRead)) == 1
    pair.press(do="remove")
    pair.run(3 * late_s)
    pair.press(do="card", birth="19700101")
    pair.run(5 * late_s)
    assert [card.person for card in pair.heard(CardRead)] == [
        person_of(number_of("19500101")),
        person_of(number_of("19700101")),
    ]
    assert states(pair) == ["unknown", "ready"]
    assert pair.heard(Fault) == []


@pytest.mark.parametrize("late_s", [3.2, 4.5, 5.9, 7.3, 11.0])
def test_a_reader_that_answers_later_than_it_may_is_not_called_ready(late_s):
    pair = wire()
    late(pair, late_s)
    pair.press(do="card")
    pair.run(20)
    before = len(states(pair))
    pair.run(60)
    assert states(pair)[-1] == "late"
    assert "ready" not in states(pair)[before:]
    assert pair.heard(Fault) == [], "no answer is taken for that of another question"
    late(pair, 0)
    pair.press(do="remove")
    pair.run(15 + late_s)
    pair.press(do="card")
    pair.run(3)
    assert states(pair)[-1] == "ready"
    assert len(pair.heard(CardRead)) == 1


def test_a_reader_that_is_late_reads_its_cards_when_it_is_given_the_time():
    pair = wire(late_s=3.2, answer_s=4)
    pair.press(do="card")
    pair.run(20)
    assert len(pair.heard(CardRead)) == 1
    assert states(pair) == ["unknown", "ready"]


@pytest.mark.parametrize("at_s", [x / 5 for x in range(12)])
@pytest.mark.parametrize("late_s", [1.2, 2.6, 3.2, 5.9])
def test_one_answer_that_comes_late_never_passes_for_that_of_another_question(late_s, at_s):
    pair = wire()
    pair.press(do="card")
    pair.run(at_s / 4)
    late(pair, late_s)
    pair.run(at_s)
    late(pair, 0)
    pair.run(4 * late_s + 10)
    assert pair.heard(Fault) == []
    assert len(pair.heard(CardRead)) <= 1
    assert states(pair)[-1] == "ready"
    pair.press(do="remove")
    pair.run(2)
    pair.press(do="card", birth="19700101")
    pair.run(2)
    assert pair.heard(CardRead)[-1].person == person_of(number_of("19700101"))


@pytest.mark.parametrize("stray", [framed(0x90), framed(0x80), framed(0x9F, bytes(4))])
def test_an_answer_out_of_nowhere_is_not_taken_for_a_card(stray):
    driver = selected()
    reply = driver.receive(stray, 1.3)
    assert (reply.write, [type(x) for x in reply.reports]) == (b"", [Condition])
    assert driver.wake(5.0).write == b"", "the card is still waited for"


def test_the_interactive_test_reads_one_card_and_reports_nobody():
    pair = wire(keyed=False)
    found = pair.selftest("interactive", person=lambda asks: pair.press(do="card"))
    assert [(x.step, x.result) for x in found] == [
        ("wire", "passed"), ("answer", "passed"), ("sam", "passed"), ("card", "passed"),
    ]  # fmt: skip
    assert pair.heard(CardRead) == []
    assert [x.step for x in pair.heard(TestAsks)] == ["card"]


def test_without_a_card_the_interactive_test_says_so():
    assert codes(wire().selftest("interactive", person=None)) == {"no_press"}


@pytest.mark.parametrize("fault", [*LINE_FAULTS, "error", "wrong_checksum", "unplug"])
def test_the_internal_test_names_each_fault(fault):
    pair = wire()
    pair.fault(fault)
    pair.run(1)
    assert named(fault, pair.selftest("internal"))


@pytest.mark.parametrize("begun_s", [x / 5 for x in range(12)])
@pytest.mark.parametrize("late_s", [0.6, 1.2, 2.6, 3.2, 3.9])
def test_one_late_answer_before_it_does_not_fail_the_self_test_of_a_sound_reader(late_s, begun_s):
    pair = wire()
    late(pair, late_s)
    pair.run(0.35)  # one look for a card is under way
    late(pair, 0)
    pair.run(begun_s)
    assert {x.result for x in pair.selftest("internal")} == {"passed"}
    pair.run(10)
    assert pair.heard(Fault) == []


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("late_s", [1.2, 2.6, 3.2, 4.9, 7.3])
def test_a_reader_that_is_always_late_fails_its_self_test_by_that_and_nothing_else(late_s, keyed):
    pair = wire(late_s=late_s, keyed=keyed)
    pair.run(30)
    found = codes(pair.selftest("internal"))
    assert found == {"slow" if late_s < 3 else "late"}


def test_a_card_that_cannot_be_read_is_an_error_of_the_interactive_test():
    pair = wire()
    pair.fault("card_unread")
    found = pair.selftest("interactive", person=lambda asks: pair.press(do="card"))
    assert codes(found) == {"error"}
